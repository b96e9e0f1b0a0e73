"""What a Python reads at its start, besides its own library.

Used by `rsp_health.runner.kernel_host`, and like it under the *kernel's*
Python: standard library only, no syntax newer than Python 3.8. The supervisor
uses `state` as well.
"""

# Nothing newer than Python 3.8, plain calls:
# ruff: noqa: PTH112, PTH116, PTH117, PTH118, PTH119, PTH123, PTH208, UP031

from __future__ import annotations

import os
import re
import sys

#: Modules of the user or the operator that run at each start.
CUSTOM = ("sitecustomize", "usercustomize")
#: Lines of ``.pth`` files, written by packaging tools, whose effect does not
#: depend on the process, its folder or the time.
_USUAL = re.compile(
    r"import _virtualenv"
    r"|import _(_editables?|editable_impl)_\w+"
    r"|import os; ?var = 'SETUPTOOLS_USE_DISTUTILS'; ?.*_distutils_hack.*"
    r"|import (__editable__\w+_finder); ?\2\.install\(\)"
    r"|import sys, ?types, ?os; ?has_mfs = .*"
)
#: Coverage's own line, of all its versions: it looks at the variables first.
_COVERAGE = re.compile(
    r'import .*\bcoverage\.process_startup\((slug="pth")?\).*'
)


def folders() -> list[str]:
    """Return the folders that are searched for modules, or could be."""
    found = list(sys.path)
    site = sys.modules.get("site")
    if site is not None:
        found += site.getsitepackages()
        if site.ENABLE_USER_SITE:
            found.append(site.getusersitepackages())
    return [f for f in dict.fromkeys(found) if os.path.isabs(f)]


def why_each_start_differs() -> str | None:
    """Say what a fork of this process would not have as an ordinary start.

    Returns
    -------
    str or None
        The reason why each kernel has to be started by itself, if any.
    """
    for name in CUSTOM:
        if name in sys.modules:
            return "%s runs at each start" % name
    for folder in folders():
        for name in _path_files(folder):
            for line in _lines(os.path.join(folder, name)):
                if _has_effect(line):
                    return "%s in %s runs code" % (name, folder)
    return None


def _path_files(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder) if n.endswith(".pth"))
    except OSError:
        return []


def _lines(file: str) -> list[str]:
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return stream.read(1000000).splitlines()
    except OSError:
        return []


def _has_effect(line: str) -> bool:
    """Whether a line of a ``.pth`` file does what we do not know."""
    if not line.startswith(("import ", "import\t")):
        return False
    line = line.strip()
    if _COVERAGE.fullmatch(line):
        return any(name.startswith("COVERAGE_PROCESS") for name in os.environ)
    return not _USUAL.fullmatch(line)


def state(places: list[str]) -> list[list[object]]:
    """Return what changes when something is installed there.

    Parameters
    ----------
    places
        Folders, as `folders` returns them.
    """
    found = []
    for folder in places:
        files = [name + ".py" for name in CUSTOM]
        if os.path.basename(folder) in {"site-packages", "dist-packages"}:
            found.append(_mark(folder))
            files += _path_files(folder)
        found += [_mark(os.path.join(folder, name)) for name in files]
    return found


def _mark(path: str) -> list[object]:
    try:
        found = os.stat(path)
    except OSError:
        return [path]
    size = 0 if os.path.isdir(path) else found.st_size
    return [path, found.st_ino, found.st_mtime_ns, size]
