"""What `rsp-health init-repo` writes into a repository, and the difference.

Nothing here writes by itself: a plan is made, shown, and then applied.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ...errors import (
    BadDocumentError,
    BadInputError,
    ConflictError,
    RSPHealthError,
    UnreadableFileError,
)
from ...files import parse_toml, read_if_there, safe_read
from ..policy import SETTINGS_FILES, load_applications, load_policy
from .hook_config import HookConfig, UnclearConfigError
from .nbstripout import Wishes, understood, without_filter
from .templates import HOOKS, SETTINGS, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "URL",
    "Choice",
    "FileEdit",
    "apply",
    "notes",
    "plan",
    "uses_nbstripout",
]

type Choice = Literal["replace", "keep"]
"""What is to become of nbstripout."""

_HOOKS_FILE = ".pre-commit-config.yaml"
_ATTRIBUTES = ".gitattributes"
_BY_HAND = "Write one repo a line, or add the hooks yourself; see the docs."

URL = "https://github.com/lsst-sqre/rsp-health"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """One file that would be made or changed.

    Parameters
    ----------
    path
        Relative to the repository's top, with slashes.
    before, after
        Its text; ``before`` is `None` if there is no such file.
    """

    path: str
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old = "/dev/null" if self.before is None else f"a/{self.path}"
        lines = difflib.unified_diff(
            _lines(self.before or ""),
            _lines(self.after),
            fromfile=old,
            tofile=f"b/{self.path}",
        )
        return "".join(
            line
            if line.endswith("\n")
            else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )


def _lines(text: str) -> list[str]:
    # As git counts them: other characters end no line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def plan(
    root: Path,
    *,
    rev: str,
    url: str = URL,
    workflow: bool = True,
    nbstripout: Choice = "replace",
) -> list[FileEdit]:
    """Return what is missing in a repository; empty if nothing is.

    Parameters
    ----------
    root
        Top of the work tree.
    rev
        Version tag of rsp-health to pin.
    url
        Where rsp-health comes from, for sites with a mirror.
    workflow
        Whether to add a GitHub workflow.
    nbstripout
        Whether hooks of nbstripout are replaced. If they stay, only our lint
        is added.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a file to extend is not what it should be, or the settings
        are wrong.
    """
    for word in (rev, url):
        if not re.fullmatch(r"[\w.+:/@~-]+", word, re.ASCII):
            raise BadInputError(
                f"{word[:100]!r} cannot stand in a hook's settings.",
                hint="Give a tag for --rev, and for --url an URL.",
            )
    config = _config(root)
    goes = nbstripout == "replace"
    wishes = understood(config.nbstripout) if goes else Wishes()
    changes = [
        _hooks(root, config, HOOKS.format(url=url, rev=rev), goes=goes),
        _settings(root, wishes),
        _attributes(root) if goes else None,
    ]
    if workflow:
        changes.append(_workflow(root, url, rev))
    return [change for change in changes if change is not None]


def uses_nbstripout(root: Path) -> bool:
    """Whether nbstripout is set up for all who work on a repository."""
    return bool(_config(root).nbstripout) or _attributes(root) is not None


def notes(root: Path, *, nbstripout: Choice = "replace") -> list[str]:
    """Return what a user should know beside the difference, in sentences.

    Parameters
    ----------
    root
        Top of the work tree.
    nbstripout
        As for `plan`.
    """
    own, other = (_tables(root, name) or {} for name in SETTINGS_FILES)
    return [
        *_notes_on_nbstripout(root, nbstripout),
        *(
            f"[tool.rsp-health.{name}] in {SETTINGS_FILES[1]} has no effect: "
            f"[{name}] in {SETTINGS_FILES[0]} wins."
            for name in sorted(set(own) & set(other))
        ),
    ]


def _notes_on_nbstripout(root: Path, choice: Choice) -> list[str]:
    found: list[str] = []
    hooks = _config(root).nbstripout
    if choice == "keep":
        if hooks and not all(hook.keeps_ids for hook in hooks):
            found.append(
                "The hook of nbstripout stays. It numbers cell ids anew, "
                "which lint reports as changed cells: give it "
                "args: [--keep-id]."
            )
    elif uses_nbstripout(root):
        found.append(
            "nbstripout is replaced in this difference. Side by side, both "
            "would clean the same notebooks, and nbstripout numbers cell ids "
            "anew, which lint reports as changed cells. To keep it: "
            "--nbstripout keep"
        )
        wishes = understood(hooks)
        lost = list(wishes.others)
        if wishes.settings and _settings(root, wishes) is None:
            # Settings that are there stay as they are.
            lost += [
                f"{key} = {json.dumps(value)}"
                for key, value in wishes.settings.items()
            ]
        if lost:
            found.append(
                "These settings of nbstripout's hook are not taken over: "
                f"{', '.join(lost)}."
            )
    if "nbstripout" in _filters(root):
        found.append(
            "Your git has nbstripout as a filter for these notebooks. To "
            "replace it, for you alone: rsp-health filter install --replace"
        )
    found += [
        f".github/workflows/{name} calls nbstripout; look whether it still "
        "should."
        for name, text in _workflows(root)
        if re.search(r"^[^#\n]*\bnbstripout\b", text, re.MULTILINE)
    ]
    return found


def _filters(root: Path) -> dict[str, str]:
    from ..filter.setup import status

    try:
        return status(root).bound
    except RSPHealthError:
        return {}  # no git, or no work tree of it


def apply(root: Path, changes: list[FileEdit]) -> None:
    """Write the files of a plan.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``changed`` if a file is not as it was when the plan
        was made; none is written.
    rsp_health.errors.EnvironmentFailureError
        Raised if a file cannot be written; then none is.
    """
    from ...files import to_user_error, write_together

    for change in changes:
        if _read(root, change.path) != change.before:
            raise ConflictError(
                f"{root / change.path} changed meanwhile; nothing was "
                "written.",
                hint="Call it again, and look at the new difference.",
                code="changed",
            )
    contents = {root / each.path: each.after.encode() for each in changes}
    expected = {
        root / each.path: None if each.before is None else each.before.encode()
        for each in changes
    }
    try:
        write_together(contents, expected=expected)
    except OSError as exc:
        error = to_user_error(exc, f"set up {root}")
        error.hint = f"Nothing was written. {error.hint}"
        raise error from exc


def _read(root: Path, name: str) -> str | None:
    """Return a file's text; `None` if there is none and one can be made."""
    path = root / name
    for folder in path.relative_to(root).parents:
        here = root / folder
        if os.path.lexists(here) and not here.is_dir():
            raise _bad(here, "is no folder")
    if not path.resolve().is_relative_to(root.resolve()):
        raise _bad(path, "is, through a link, outside of the repository")
    try:
        data = read_if_there(path, inside=root)
        if data is None and path.is_symlink():
            raise _bad(path, "is a link to nothing")
        return None if data is None else data.decode()
    except UnicodeDecodeError as exc:
        raise _bad(path, "cannot be read as text: it is not UTF-8") from exc
    except UnreadableFileError as exc:
        raise _bad(path, f"cannot be read: {exc.reason}") from exc


def _bad(
    path: Path, what: str, hint: str = "Correct or move it, then try again."
) -> BadInputError:
    return BadInputError(f"{path} {what}.", hint=hint, code="bad_file")


def _new(root: Path, name: str, text: str) -> FileEdit | None:
    if _read(root, name) is not None:
        return None
    return FileEdit(path=name, before=None, after=text)


def _settings(root: Path, wishes: Wishes) -> FileEdit | None:
    """Add our settings, unless there are some that they would overrule."""
    load_policy(root)
    load_applications(root)
    own, other = SETTINGS_FILES
    if _tables(root, other) is not None:
        return None
    text = SETTINGS
    for key, value in wishes.settings.items():
        # TOML writes what can stand there as JSON does.
        line = f"{key} = {json.dumps(value)}"
        text = re.sub(rf"^# {key} = .*$", line, text, flags=re.MULTILINE)
    return _new(root, own, text)


def _tables(root: Path, name: str) -> dict[str, Any] | None:
    """Return the tables of our settings in a file; `None` if it has none."""
    text = _read(root, name)
    if text is None or (name == "pyproject.toml" and "rsp-health" not in text):
        return None
    try:
        found: Any = parse_toml(text.encode(), root / name)
    except BadDocumentError:
        return None  # told by whoever reads the settings
    if name == "pyproject.toml":
        for key in ("tool", "rsp-health"):
            found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _workflow(root: Path, url: str, rev: str) -> FileEdit | None:
    """Add our workflow, unless one calls us already."""
    for _, text in _workflows(root):
        if re.search(
            r"^[^#\n]*\brsp-health (?:check|lint)\b", text, re.MULTILINE
        ):
            return None
    text = WORKFLOW.format(url=url, rev=rev)
    return _new(root, ".github/workflows/notebooks.yaml", text)


def _workflows(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the GitHub workflows."""
    folder = root / ".github" / "workflows"
    for path in sorted(folder.glob("*.y*ml")):
        try:
            text = safe_read(path, inside=root).decode(errors="replace")
        except UnreadableFileError:
            continue  # GitHub will not run it either
        yield path.name, text


def _attributes(root: Path) -> FileEdit | None:
    """Take nbstripout's filter out of what binds everybody's git to it."""
    before = _read(root, _ATTRIBUTES)
    after = without_filter(before or "")
    if before is None or after == before:
        return None
    return FileEdit(path=_ATTRIBUTES, before=before, after=after)


def _config(root: Path) -> HookConfig:
    try:
        return HookConfig(_read(root, _HOOKS_FILE) or "", root / _HOOKS_FILE)
    except BadDocumentError as exc:
        raise BadInputError(
            exc.message, hint=_BY_HAND, code="bad_file"
        ) from None
    except UnclearConfigError as exc:
        raise _bad(root / _HOOKS_FILE, str(exc), _BY_HAND) from None


def _hooks(
    root: Path, config: HookConfig, head: str, *, goes: bool
) -> FileEdit | None:
    """Add our hooks, in the place of those that they replace."""
    theirs = config.nbstripout
    without = theirs if goes else []
    entry = ""
    if not config.has_ours:
        # Where theirs stays, it is the one that cleans.
        ours = ["rsp-health-lint"]
        ours[:0] = ["rsp-health-clean"] if goes or not theirs else []
        fields = theirs[0].of_files if len(without) == 1 else {}
        entry = head
        for name in ours:
            entry += f"      - id: {name}\n"
            for key, value in fields.items():
                entry += f"        {key}: {json.dumps(value)}\n"
    if not entry and not without:
        return None
    try:
        after = config.edited(entry, without=without)
    except UnclearConfigError as exc:
        raise _bad(root / _HOOKS_FILE, str(exc), _BY_HAND) from None
    before = _read(root, _HOOKS_FILE)
    return FileEdit(path=_HOOKS_FILE, before=before, after=after)
