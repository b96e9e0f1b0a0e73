"""Finds the kernelspec of a notebook, by Jupyter's rules.

jupyter_client's ``KernelSpecManager`` is asked only when the folders that
Jupyter searches do not hold the name: importing it costs 0.2 s, most of what
a short run takes.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import EnvironmentFailureError, UnreadableFileError
from ...files import load_json

__all__ = ["KernelSpec", "find_kernelspec"]

_NAME = re.compile(r"^[a-z0-9._\-]+$", re.IGNORECASE)
_PYTHONS = {
    "python",
    f"python{sys.version_info[0]}",
    f"python{sys.version_info[0]}.{sys.version_info[1]}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSpec:
    """How a kernel is started.

    Parameters
    ----------
    name
        Name of the kernelspec.
    argv
        Command, with ``{connection_file}`` still in it.
    env
        Variables to set.
    resource_dir
        Folder of the kernelspec, for ``{resource_dir}``.
    interrupt_mode
        ``signal`` or ``message``.
    """

    name: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    resource_dir: str = ""
    interrupt_mode: str = "signal"
    language: str = ""

    @property
    def is_ipykernel(self) -> bool:
        """Whether a plain Python runs ipykernel here."""
        return self.launcher is not None

    @property
    def launcher(self) -> tuple[str, ...] | None:
        """The Python and its flags before ``-m ipykernel_launcher``.

        `None` where the kernel cannot be forked: another language, or a
        script that prepares an environment first, as on the RSP.
        """
        argv = list(self.argv)
        if "/" in argv[0] and not argv[0].startswith("/"):
            return None  # In the notebook's folder.
        for module in ("ipykernel_launcher", "ipykernel"):
            if module in argv[2:]:
                at = argv.index(module, 2)
                flags = argv[1 : at - 1]
                plain = all(
                    re.fullmatch(r"-[BEIOPRsSuqX].*", flag) for flag in flags
                )
                name = Path(argv[0]).name
                python = re.fullmatch(r"python(\d(\.\d+)?)?", name)
                if argv[at - 1] == "-m" and plain and python:
                    return (argv[0], *flags)
        return None

    def command(self, connection_file: str) -> list[str]:
        """Return the command for one kernel."""
        names = {
            "connection_file": connection_file,
            "resource_dir": self.resource_dir,
            "prefix": sys.prefix,
        }

        def replace(match: re.Match[str]) -> str:
            return names.get(match.group(1), match.group())

        return [
            re.sub(r"\{([A-Za-z0-9_]+)\}", replace, word) for word in self.argv
        ]


def find_kernelspec(name: str) -> KernelSpec:
    """Return the kernelspec of this name.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if there is none, or it cannot be read.
    """
    if not _NAME.match(name):
        raise _missing(name)
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("kernels"):
        try:
            entries = sorted(Path(folder).iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.name.lower() == name.lower():
                file = entry / "kernel.json"
                if file.is_file():
                    return _read(name, file)
    return _ask_jupyter(name)


def _ask_jupyter(name: str) -> KernelSpec:
    """Ask jupyter_client: IPython's own kernel needs no kernelspec file."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel as exc:
        raise _missing(name) from exc
    return _build(name, spec.to_dict(), str(spec.resource_dir))


def _read(name: str, file: Path) -> KernelSpec:
    try:
        content = load_json(file)
        return _build(name, content, str(file.parent))
    except (
        UnreadableFileError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as exc:
        why = getattr(exc, "reason", "it is not what Jupyter wants")
        raise EnvironmentFailureError(
            f"The kernelspec {file} cannot be read: {why}.",
            hint="Correct it, or choose another kernel with --kernel.",
            code="bad_kernelspec",
        ) from exc


def _build(name: str, content: dict[str, Any], folder: str) -> KernelSpec:
    argv = [str(word) for word in content["argv"]]
    if not argv:
        raise ValueError(name)
    if argv[0] in _PYTHONS:
        # As jupyter_client: an environment that was not activated.
        argv[0] = sys.executable
    return KernelSpec(
        name=name,
        argv=tuple(argv),
        env={k: str(v) for k, v in (content.get("env") or {}).items()},
        resource_dir=folder,
        interrupt_mode=content.get("interrupt_mode") or "signal",
        language=str(content.get("language") or ""),
    )


def _missing(name: str) -> EnvironmentFailureError:
    shown = name if _NAME.match(name) else repr(name)[:80]
    return EnvironmentFailureError(
        f"There is no kernel named {shown} here.",
        hint="See `jupyter kernelspec list`, or choose one with --kernel.",
        code="no_such_kernel",
    )
