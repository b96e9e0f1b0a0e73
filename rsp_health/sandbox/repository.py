"""Builds the git repositories that the sandbox serves.

They are made at start from ``content/``, always with the same authors, dates
and therefore commits, so that tests and documents may name a commit.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "REPOSITORIES",
    "Commit",
    "add_commit",
    "build_repository",
    "git_variables",
]

_CONTENT = Path(__file__).parent / "content"
_AUTHOR = ("Sandbox Engineer", "sandbox@example.org")
_FIRST = 1_788_000_000  # 2026-08-29, in seconds since the epoch.
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One step of a repository's history.

    Parameters
    ----------
    subject
        The commit's message.
    add
        Glob patterns of the content that appears with it.
    write
        Files whose text it sets, instead of the content's own.
    branch
        Branch it lies on; a new one starts where ``main`` is by then.
    tag
        Tag on it.
    """

    subject: str
    add: tuple[str, ...] = ()
    write: dict[str, str] = field(default_factory=dict)
    branch: str = "main"
    tag: str | None = None


REPOSITORIES: dict[str, tuple[Commit, ...]] = {
    "system-test": (
        Commit(
            subject="Start a set of system tests",
            add=("README.md", "gafaelfawr.ipynb"),
            write={
                ".gitignore": ".ipynb_checkpoints/\n",
                "mobu.yaml": "collection_rules: []\n",
            },
        ),
        Commit(
            subject="Check TAP and SIA",
            add=("tap.ipynb", "sia.ipynb"),
        ),
        Commit(
            subject="Check the Portal and broadcasts",
            add=("portal.ipynb", "semaphore.ipynb"),
            tag="2026.9",
        ),
        Commit(
            subject="Say that production follows main by hand",
            write={
                "README.md": (
                    "# System tests\n\n"
                    "Notebooks that check a Rubin Science Platform from a"
                    " lab. This branch is what production runs; it follows"
                    " `main` by hand.\n"
                )
            },
            branch="prod",
        ),
        Commit(
            subject="Check discovery, cutouts and figures",
            add=(
                "repertoire.ipynb",
                "vo-cutouts.ipynb",
                "nublado_figures.ipynb",
            ),
        ),
        Commit(
            subject="Add experiments, and keep them out of mobu",
            add=("experiments/*", "mobu.yaml"),
        ),
        Commit(
            subject="Check PPDB TAP where it is deployed",
            add=("ppdbtap.ipynb",),
            tag="2026.11",
        ),
        Commit(
            subject="Show what a failed check looks like",
            add=("squareone_broken.ipynb",),
        ),
    ),
    "phalanx-test": (
        Commit(
            subject="Start one notebook per application",
            add=("README.md", "butler.ipynb"),
        ),
        Commit(
            subject="Check HiPS lists",
            add=("hips.ipynb",),
            tag="1.0.0",
        ),
    ),
}
"""History of each repository, oldest commit first."""


def git_variables(home: Path, path: str) -> dict[str, str]:
    """Return an environment in which no one's git configuration matters.

    Parameters
    ----------
    home
        Folder that git may take for home.
    path
        Value of ``PATH``.
    """
    return {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": path,
    }


def build_repository(
    name: str, folder: Path, *, variables: dict[str, str]
) -> Path:
    """Build one repository, and return where its bare copy is.

    Parameters
    ----------
    name
        One of `REPOSITORIES`.
    folder
        Where to put ``<name>.git``.
    variables
        Environment for git, from `git_variables`.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if git is missing or fails.
    """
    work = folder / f"{name}.work"
    bare = folder / f"{name}.git"
    work.mkdir(parents=True)
    _git(work, variables, "init", "--quiet", "--initial-branch=main")
    branches: set[str] = set()
    for number, commit in enumerate(REPOSITORIES[name]):
        if commit.branch != "main":
            new = () if commit.branch in branches else ("-b",)
            _git(work, variables, "checkout", "--quiet", *new, commit.branch)
            branches.add(commit.branch)
        _change(work, _CONTENT / name, commit)
        _commit(work, variables, commit, _FIRST + number * 7 * _DAY)
        if commit.branch != "main":
            _git(work, variables, "checkout", "--quiet", "main")
    _git(folder, variables, "clone", "--quiet", "--bare", str(work), str(bare))
    # As GitHub: any commit may be asked for, and partial clones work.
    for key in ("allowAnySHA1InWant", "allowFilter"):
        _git(bare, variables, "config", f"uploadpack.{key}", "true")
    _git(bare, variables, "remote", "remove", "origin")
    _git(bare, variables, "update-server-info")
    shutil.rmtree(work)
    return bare


def add_commit(
    bare: Path,
    files: Mapping[str, str],
    *,
    subject: str,
    variables: dict[str, str],
) -> str:
    """Add a commit to ``main``, as when a colleague pushes.

    Parameters
    ----------
    bare
        The repository, from `build_repository`.
    files
        Path to text of the files to write.
    subject
        The commit's message.
    variables
        Environment for git, from `git_variables`.

    Returns
    -------
    str
        The commit's hash.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a path leaves the repository.
    rsp_health.errors.EnvironmentFailureError
        Raised if git fails, as when nothing changed.
    """
    for file in files:
        parts = PurePosixPath(file).parts
        if not parts or {"/", "..", ".git"} & set(parts):
            raise BadInputError(
                f"The path {file!r} is not one inside the repository.",
                hint="Give relative paths, such as checks/new.ipynb.",
                code="bad_path",
            )
    with tempfile.TemporaryDirectory(dir=bare.parent) as folder:
        work = Path(folder) / "work"
        clone = ("clone", "--quiet", "--branch=main", str(bare), str(work))
        _git(bare, variables, *clone)
        latest = _git(work, variables, "log", "-1", "--format=%ct")
        for file, text in files.items():
            target = work / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        commit = Commit(subject=subject)
        _commit(work, variables, commit, int(latest) + _DAY)
        _git(work, variables, "push", "--quiet", "origin", "main")
        head = _git(work, variables, "rev-parse", "HEAD")
    _git(bare, variables, "update-server-info")
    return head.strip()


def _change(work: Path, content: Path, commit: Commit) -> None:
    for pattern in commit.add:
        found = [p for p in content.glob(pattern) if p.is_file()]
        if not found:
            raise EnvironmentFailureError(
                f"The sandbox's content lacks {content.name}/{pattern}.",
                hint="Install rsp-health again.",
                code="incomplete_installation",
            )
        for path in found:
            target = work / path.relative_to(content)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for file, text in commit.write.items():
        (work / file).write_text(text, encoding="utf-8")


def _commit(
    work: Path, variables: dict[str, str], commit: Commit, when: int
) -> None:
    name, email = _AUTHOR
    identity = {
        "GIT_AUTHOR_DATE": f"{when} +0000",
        "GIT_AUTHOR_EMAIL": email,
        "GIT_AUTHOR_NAME": name,
        "GIT_COMMITTER_DATE": f"{when} +0000",
        "GIT_COMMITTER_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
    }
    _git(work, variables, "add", "--all")
    environment = variables | identity
    _git(work, environment, "commit", "--quiet", "-m", commit.subject)
    if commit.tag is not None:
        _git(
            work,
            environment,
            "tag",
            "--annotate",
            commit.tag,
            "-m",
            commit.tag,
        )


def _git(folder: Path, variables: dict[str, str], *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        raise EnvironmentFailureError(
            "The sandbox needs git, which is not installed.",
            hint="Install git, then start the sandbox again.",
            code="no_git",
        ) from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise EnvironmentFailureError(
            f"git {arguments[0]} failed in the sandbox's repositories:"
            f" {said[-1] if said else 'no message'}",
            hint="Check that the temporary folder is writable and not full.",
            code="git_failed",
        )
    return done.stdout
