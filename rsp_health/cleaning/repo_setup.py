"""What `rsp-health init-repo` writes into a repository, and the difference.

Nothing here writes by itself: a plan is made, shown, and then applied.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Change", "apply", "plan"]

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
# hooks and CI. These are the defaults; change what you need.
[clean]
# keep-output-tags = ["keep_output"]
# keep-output-max-bytes = 1048576
# extend-drop-cell-metadata = []
# extend-drop-notebook-metadata = []
# drop-language-version = true

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
        return "".join(
            difflib.unified_diff(
                (self.before or "").splitlines(keepends=True),
                self.after.splitlines(keepends=True),
                fromfile=old,
                tofile=f"b/{self.path}",
            )
        )


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
        Raised if a file to extend is not what it should be.
    """
    changes = [
        _hooks(root, url, rev),
        _new(root, ".rsp-health.toml", _SETTINGS, unless="pyproject.toml"),
    ]
    if workflow:
        text = _WORKFLOW.format(url=url, rev=rev)
        changes.append(_new(root, ".github/workflows/notebooks.yaml", text))
    return [change for change in changes if change is not None]


def apply(root: Path, changes: list[Change]) -> None:
    """Write the files of a plan.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if a file cannot be written; those before it are.
    """
    from ..files import failure, write_atomic

    for change in changes:
        path = root / change.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, change.after.encode())
        except OSError as exc:
            raise failure(exc, f"write {path}") from exc


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise BadInputError(
            f"{path} cannot be read as text.",
            hint="Mend or move it, then try again.",
            code="bad_file",
        ) from exc


def _new(
    root: Path, name: str, text: str, *, unless: str | None = None
) -> Change | None:
    if _read(root / name) is not None:
        return None
    if unless and "[tool.rsp-health" in (_read(root / unless) or ""):
        return None
    return Change(path=name, before=None, after=text)


def _hooks(root: Path, url: str, rev: str) -> Change | None:
    """Add our hooks to the end of ``repos``, and leave the rest as it is."""
    import yaml

    name = ".pre-commit-config.yaml"
    entry = _HOOKS.format(url=url, rev=rev)
    before = _read(root / name)
    if before is None or not before.strip():
        return Change(path=name, before=before, after="repos:\n" + entry)
    try:
        top = yaml.compose(before, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        top = None
    pairs = top.value if isinstance(top, yaml.MappingNode) else []
    repos = {key.value: value for key, value in pairs}.get("repos")
    if not isinstance(repos, yaml.SequenceNode):
        raise BadInputError(
            f"{root / name} has no list of repos.",
            hint="Mend it, or add the hooks yourself; see the documentation.",
            code="bad_file",
        )
    if "id: rsp-health-" in before:
        return None
    if repos.flow_style and not repos.value:
        # "repos: []" becomes a list in block style.
        start, end = repos.start_mark.index, repos.end_mark.index
        head = before[:start].rstrip(" ")
        after = f"{head}\n{entry.rstrip()}{before[end:]}"
        return Change(path=name, before=before, after=after)
    if repos.flow_style:
        raise BadInputError(
            f"{root / name} has its repos in brackets.",
            hint="Write one repo a line, or add the hooks yourself.",
            code="bad_file",
        )
    # A block's own end mark lies behind the comments that follow it.
    last = before[: repos.value[-1].end_mark.index].rstrip()
    indent = " " * repos.start_mark.column
    lines = [indent + line[2:] for line in entry.splitlines()]
    rest = before[len(last) :].lstrip("\n")
    after = f"{last}\n" + "\n".join(lines) + "\n" + rest
    return Change(path=name, before=before, after=after)
