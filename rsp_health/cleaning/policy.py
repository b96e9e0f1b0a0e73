"""What is stripped and what stays, read from the repository's own settings.

Imports nothing heavy: the git filter and the hooks start with it. What the
settings mean, field by field, is written in `rsp_health.cleaning.models`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInputError, UnreadableFileError
from ..files.documents import parse_toml
from ..files.reading import read_if_there

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DEFAULT_POLICY",
    "MOST_FOLDERS",
    "SETTINGS_FILES",
    "Policy",
    "PolicyFinder",
    "load_applications",
    "load_policy",
    "repository_root",
]

#: Where the settings may stand, best first.
SETTINGS_FILES = (".rsp-health.toml", "pyproject.toml")

MOST_FOLDERS = 100
"""Folders that may be chosen to be stripped on save."""

#: Bytes of TOML that are parsed for settings, in both files together: a save
#: waits for it, and with it the whole server.
_SETTINGS_BYTES = 32 * 1024

_PROTECTED = {
    "drop_cell_metadata": {"mobu", "rsp_health", "tags"},
    "drop_notebook_metadata": {
        "kernelspec",
        "language_info",
        "mobu",
        "rsp_health",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy as the engine uses it; see `CleanPolicy` for its meaning.

    Parameters
    ----------
    keep_output_tags
        Cells with one of these tags keep their outputs.
    keep_output_max_bytes
        Outputs of such a cell beyond this size are dropped all the same.
    drop_cell_metadata, drop_notebook_metadata
        Metadata fields that go.
    strip_language_version
        Whether ``language_info.version`` goes.
    """

    keep_output_tags: tuple[str, ...] = ("keep_output",)
    keep_output_max_bytes: int = 1_048_576
    drop_cell_metadata: tuple[str, ...] = (
        "execution",
        "ExecuteTime",
        "executionInfo",
        "papermill",
        "collapsed",
        "scrolled",
        "outputId",
        "trusted",
    )
    drop_notebook_metadata: tuple[str, ...] = (
        "widgets",
        "signature",
        "papermill",
    )
    strip_language_version: bool = False

    def is_keeping(self, tags: object) -> bool:
        """Whether a cell with these tags keeps outputs that are not large."""
        return isinstance(tags, list) and any(
            tag in tags for tag in self.keep_output_tags
        )


DEFAULT_POLICY = Policy()


def _kebab(name: str) -> str:
    return name.replace("_", "-")


_FIELDS = {_kebab(field.name): field.name for field in fields(Policy)}

#: Names that settings had before.
_FORMER = {"drop-language-version": "strip-language-version"}
_EXTENDING = {
    f"extend-{_kebab(name)}": name
    for name in ("keep_output_tags", *_PROTECTED)
}


def repository_root(folder: Path) -> Path | None:
    """Return the nearest folder upwards that holds ``.git``, or `None`."""
    for candidate in (folder, *folder.parents):
        # Raises nothing where a folder may not be searched.
        if os.access(candidate / ".git", os.F_OK):
            return candidate
    return None


def load_policy(root: Path) -> Policy:
    """Read the policy of the repository at ``root``.

    ``.rsp-health.toml`` (table ``clean``) wins over ``pyproject.toml`` (table
    ``tool.rsp-health.clean``); without either the default holds.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a settings file is no TOML, or holds an unknown or wrong
        setting.
    """
    found = _find(root, "clean")
    return DEFAULT_POLICY if found is None else _policy(*found)


def load_applications(root: Path) -> frozenset[str] | None:
    """Read the names of the applications that notebooks may require.

    It is ``applications`` in the table ``lint`` of the same settings; `None`
    where none are named.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if the settings are wrong.
    """
    found = _find(root, "lint")
    if found is None:
        return None
    path, table = found
    unknown = sorted(set(table) - {"applications"})
    if unknown:
        raise _bad(path, f"unknown key {unknown[0]!r}", "applications")
    names = table.get("applications")
    if names is None:
        return None
    return frozenset(_value(path, "applications", (), names))


def _find(root: Path, wanted: str) -> tuple[Path, dict[str, Any]] | None:
    """Return the first settings file that has a table, and the table."""
    left = _SETTINGS_BYTES
    for name in SETTINGS_FILES:
        path = root / name
        try:
            data = read_if_there(path, inside=root)
            # TOML is parsed only where it can matter.
            if data is None or (
                name == "pyproject.toml" and b"rsp-health" not in data
            ):
                continue
            document = parse_toml(data, path, limit=left)
            left -= len(data)
        except UnreadableFileError as exc:
            raise BadInputError(
                f"The settings in {exc.message}",
                hint=f"{exc.hint} Nothing was cleaned.",
                code="bad_settings",
            ) from exc
        table = _table(path, document, wanted)
        if table is not None:
            return path, table
    return None


class PolicyFinder:
    """Finds the policy of a notebook; reads each repository once.

    Parameters
    ----------
    load
        Returns the policy of the repository at a folder.
    """

    def __init__(self, load: Callable[[Path], Policy] | None = None) -> None:
        self._load = load or load_policy
        self._by_folder: dict[Path, Policy] = {}
        self._by_root: dict[Path, Policy] = {}

    def __call__(self, path: Path) -> Policy:
        """Return the policy for a file or folder at an absolute path."""
        # As in `folders.notebooks`, nothing is raised here.
        is_folder = os.path.isdir(path)  # noqa: PTH112 - see above
        return self.of_folder(path) if is_folder else self.of_file(path)

    def of_file(self, path: Path) -> Policy:
        """Return the policy for a file: that of where it really lies."""
        return self.of_folder(
            Path(os.path.realpath(path)).parent
            if os.path.islink(path)  # noqa: PTH114 - as above
            else path.parent
        )

    def of_folder(self, folder: Path) -> Policy:
        """Return the policy for the files in a folder."""
        found = self._by_folder.get(folder)
        if found is None:
            root = repository_root(Path(os.path.realpath(folder)))
            found = DEFAULT_POLICY if root is None else self._of_root(root)
            self._by_folder[folder] = found
        return found

    def _of_root(self, root: Path) -> Policy:
        if root not in self._by_root:
            self._by_root[root] = self._load(root)
        return self._by_root[root]


def _table(
    path: Path, document: dict[str, Any], name: str
) -> dict[str, Any] | None:
    if path.name == "pyproject.toml":
        for key in ("tool", "rsp-health"):
            document = document.get(key, {})
            if not isinstance(document, dict):
                raise _bad(path, f"{key!r} is not a table", "clean, lint")
    unknown = sorted(set(document) - {"clean", "lint"})
    if unknown:
        raise _bad(path, f"unknown table or key {unknown[0]!r}", "clean, lint")
    table = document.get(name)
    if table is not None and not isinstance(table, dict):
        raise _bad(path, f"{name!r} is not a table", "clean, lint")
    return table


def _bad(path: Path, what: str, known: str) -> BadInputError:
    return BadInputError(
        f"{path}: {what} in the settings of rsp-health.",
        hint=f"Known: {known}.",
        code="bad_settings",
    )


def _policy(path: Path, table: dict[str, Any]) -> Policy:
    known = ", ".join([*_FIELDS, *_EXTENDING])
    changes: dict[str, Any] = {}
    extensions: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        name = _FORMER.get(_kebab(key), _kebab(key))
        if name in _EXTENDING:
            extensions[_EXTENDING[name]] = _value(path, key, (), value)
        elif name in _FIELDS:
            field = _FIELDS[name]
            default = getattr(DEFAULT_POLICY, field)
            changes[field] = _value(path, key, default, value)
        else:
            raise _bad(path, f"unknown key {key!r}", known)
    policy = replace(DEFAULT_POLICY, **changes)
    if extensions:
        policy = replace(
            policy,
            **{
                field: getattr(policy, field) + more
                for field, more in extensions.items()
            },
        )
    for field, protected in _PROTECTED.items():
        wrong = sorted(protected.intersection(getattr(policy, field)))
        if wrong:
            raise _bad(
                path,
                f"{_kebab(field)} names {wrong[0]!r}, which is always kept,",
                known,
            )
    return policy


def _value(path: Path, key: str, default: Any, value: Any) -> Any:
    """Check a setting against the type of its default."""
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return tuple(value)
        wanted = "a list of strings"
    elif isinstance(default, bool):
        if isinstance(value, bool):
            return value
        wanted = "true or false"
    else:
        if type(value) is int and value >= 0:
            return value
        wanted = "a number of bytes, 0 or more"
    raise _bad(path, f"{key!r} is not {wanted}", ", ".join(_FIELDS))
