"""What `rsp-health init-repo` writes into a repository, and the difference.

Nothing here writes by itself: a plan is made, shown, and then applied.
"""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import (
    BadDocumentError,
    BadInputError,
    ConflictError,
    UnreadableFileError,
)
from ..files import (
    compose_yaml,
    parse_toml,
    parse_yaml,
    read_if_there,
    safe_read,
)
from .policy import SETTINGS_FILES, load_applications, load_policy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Change", "apply", "notes", "plan"]

_URL = "https://github.com/lsst-sqre/rsp-health"

_HOOKS = """\
  - repo: {url}
    rev: {rev}
    hooks:
      - id: rsp-health-clean
      - id: rsp-health-lint
"""

_WORKFLOW = """\
name: Notebooks

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  notebooks:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
          fetch-depth: 2
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - name: Install rsp-health
        run: >-
          python -m pip install
          --config-settings=rsp-health=hooks
          "rsp-health @ git+{url}@{rev}"
      - name: No outputs
        run: rsp-health check --format github .
      - name: No faults
        if: always()
        # What is checked out is the merge; its first parent, the target.
        run: >-
          rsp-health lint --format github
          ${{{{ github.event_name == 'pull_request' && '--against HEAD^1' || '' }}}}
          .
"""

_SETTINGS = """\
# What rsp-health strips from notebooks, everywhere: lab, terminal, git filter,
# hooks and CI. These are the defaults; change what you need. What stands in this
# file wins over [tool.rsp-health] in pyproject.toml, table by table.
[clean]
# keep-output-tags = ["keep_output"]
# keep-output-max-bytes = 1048576
# extend-drop-cell-metadata = []
# extend-drop-notebook-metadata = []
# strip-language-version = false

[lint]
# Applications that notebooks may require; without it, any.
# applications = ["tap", "sia", "portal"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
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
    root: Path, *, rev: str, url: str = _URL, workflow: bool = True
) -> list[Change]:
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
    changes = [_hooks(root, url, rev), _settings(root)]
    if workflow:
        changes.append(_workflow(root, url, rev))
    return [change for change in changes if change is not None]


def notes(root: Path) -> list[str]:
    """Return what of the settings has no effect, and why, in sentences."""
    own, other = (_tables(root, name) or {} for name in SETTINGS_FILES)
    return [
        f"[tool.rsp-health.{name}] in {SETTINGS_FILES[1]} has no effect: "
        f"[{name}] in {SETTINGS_FILES[0]} wins."
        for name in sorted(set(own) & set(other))
    ]


def apply(root: Path, changes: list[Change]) -> None:
    """Write the files of a plan.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``changed`` if a file is not as it was when the plan
        was made; none is written.
    rsp_health.errors.EnvironmentFailureError
        Raised if a file cannot be written; those before it are.
    """
    from ..files import failure, write_atomic

    for change in changes:
        if _read(root, change.path) != change.before:
            raise ConflictError(
                f"{root / change.path} changed meanwhile; nothing was "
                "written.",
                hint="Call it again, and look at the new difference.",
                code="changed",
            )
    for change in changes:
        path = root / change.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, change.after.encode())
        except OSError as exc:
            raise failure(exc, f"write {path}") from exc


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
    path: Path, what: str, hint: str = "Mend or move it, then try again."
) -> BadInputError:
    return BadInputError(f"{path} {what}.", hint=hint, code="bad_file")


def _new(root: Path, name: str, text: str) -> Change | None:
    if _read(root, name) is not None:
        return None
    return Change(path=name, before=None, after=text)


def _settings(root: Path) -> Change | None:
    """Add our settings, unless there are some that they would overrule."""
    load_policy(root)
    load_applications(root)
    own, other = SETTINGS_FILES
    if _tables(root, other) is not None:
        return None
    return _new(root, own, _SETTINGS)


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


def _workflow(root: Path, url: str, rev: str) -> Change | None:
    """Add our workflow, unless one calls us already."""
    folder = root / ".github" / "workflows"
    for path in sorted(folder.glob("*.y*ml")):
        try:
            text = safe_read(path, inside=root).decode(errors="replace")
        except UnreadableFileError:
            continue  # GitHub will not run it either
        if re.search(
            r"^[^#\n]*\brsp-health (?:check|lint)\b", text, re.MULTILINE
        ):
            return None
    text = _WORKFLOW.format(url=url, rev=rev)
    return _new(root, ".github/workflows/notebooks.yaml", text)


def _hooks(root: Path, url: str, rev: str) -> Change | None:
    """Add our hooks to the end of ``repos``, and leave the rest as it is."""
    import yaml

    name = ".pre-commit-config.yaml"
    entry = _HOOKS.format(url=url, rev=rev)
    before = _read(root, name)
    if before is None or not before.strip("\ufeff \t\r\n"):
        return Change(path=name, before=before, after="repos:\n" + entry)
    by_hand = "Mend it, or add the hooks yourself; see the documentation."
    try:
        data = before.encode()
        top = compose_yaml(data, root / name)
        old = parse_yaml(data, root / name)
        repos = _value(top, "repos")
        if not isinstance(repos, yaml.SequenceNode):
            raise _bad(root / name, "has no list of repos", by_hand)
        if _is_set_up(old["repos"]):
            return None
        after = _with_entry(before, repos, entry)
        if after is not None:
            new = parse_yaml(after.encode(), root / name)
            ours = yaml.safe_load(entry)
            if new == {**old, "repos": [*old["repos"], *ours]}:
                return Change(path=name, before=before, after=after)
    except BadDocumentError as exc:
        raise BadInputError(
            exc.message, hint=by_hand, code="bad_file"
        ) from None
    raise _bad(
        root / name,
        "has its repos in a form that cannot be added to",
        "Write one repo a line, or add the hooks yourself.",
    )


def _value(node: Any, key: str) -> Any:
    """Return the value of a mapping's key, of several the last."""
    import yaml

    found = None
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                found = value
    return found


def _is_set_up(repos: Any) -> bool:
    """Tell whether one of our hooks is among them: not only named there."""
    return any(
        isinstance(hook, dict)
        and str(hook.get("id", "")).startswith("rsp-health-")
        for repo in repos
        if isinstance(repo, dict) and isinstance(repo.get("hooks"), list)
        for hook in repo["hooks"]
    )


def _with_entry(before: str, repos: Any, entry: str) -> str | None:
    """Return the text with our repo at the end of the list; `None` if not."""
    end = "\r\n" if re.match(r"[^\n]*\r\n", before) else "\n"
    lines = entry.splitlines()
    if not repos.value:
        # "repos: []" becomes a list in block style.
        start, stop = repos.start_mark.index, repos.end_mark.index
        head = before[:start].rstrip(" ")
        return f"{head}{end}{end.join(lines)}{before[stop:]}"
    if repos.flow_style:
        return None
    # A block's own end mark lies behind the comments that follow it.
    last = before[: repos.value[-1].end_mark.index].rstrip()
    indent = " " * repos.start_mark.column
    added = end.join(indent + line[2:] for line in lines)
    rest = before[len(last) :].lstrip("\r\n")
    return f"{last}{end}{added}{end}{rest}"
