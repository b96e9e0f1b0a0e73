"""Installs, tells of and removes the git filter of one repository.

The filter is two things: a section of the repository's own configuration that
says how to run it, and a line in ``$GIT_DIR/info/attributes`` that binds it to
notebooks. Neither is committed, so nobody who clones runs anything of ours.
"""

from __future__ import annotations

import os
import shlex
import site
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import (
    BadInputError,
    EnvironmentFailureError,
)
from ...git.once import run_git
from .attribute_lookup import (
    NEW_NOTEBOOKS,
    bind_and_check,
    of_others,
    refuse_others,
)
from .binding import (
    FILTER,
    is_bound,
    read_attributes,
    unbind,
    write_attributes,
)

__all__ = [
    "FILTER",
    "FilterState",
    "begin_trial",
    "command",
    "install",
    "remove",
    "status",
    "working_command",
]

_MODULE = "rsp_health.cleaning.gitfilter"
_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
#: What a client says first, and what the filter then answers.
_HELLO = b"0016git-filter-client\n000eversion=2\n0000"
_HELLO += b"0015capability=clean\n0000"
_ANSWER = b"0016git-filter-server\n000eversion=2\n0000"
_ANSWER += b"0015capability=clean\n0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterState:
    """The filter of one repository.

    Parameters
    ----------
    repository
        Top of the work tree.
    installed
        Whether it is configured, required, and bound to notebooks.
    works
        Whether the configured program is this installation's, and answers.
    command
        The configured program.
    bound
        Filters of others that notebooks are bound to, by name, with one of
        their notebooks.
    left_alone
        Notebooks that no filter touches: those that the repository exempts,
        and those that came with outputs.
    problem
        What is wrong, in one sentence; empty if nothing is.
    """

    repository: str
    installed: bool
    works: bool
    command: str
    bound: dict[str, str]
    left_alone: list[str]
    problem: str

    def document(self) -> dict[str, Any]:
        """Return the ``rsp-health.filter/1`` document."""
        return {"schema": "rsp-health.filter/1", **asdict(self)}


def command() -> str:
    """Return the shell command of the filter, by this interpreter's path.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if this interpreter cannot be named, or nb-clean is missing.
    """
    from ..splice.engine import find_program

    find_program()
    if not sys.executable:
        raise EnvironmentFailureError(
            "The path of this Python is not known, so git cannot run it.",
            hint="Install rsp-health in an ordinary virtual environment.",
            code="no_interpreter",
        )
    # Isolated: the folder that git runs it in, and PYTHONPATH, may hold
    # anybody's modules. Only who installed with --user needs his own folder.
    package = Path(__file__).resolve()
    mine = Path(site.getusersitepackages()).resolve()
    isolation = ["-E", "-P"] if package.is_relative_to(mine) else ["-I"]
    return shlex.join([sys.executable, *isolation, "-m", _MODULE])


def working_command() -> str:
    """Return the filter's command, after a trial.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if it does not run.
    """
    program = command()
    if not _answers(program):
        raise EnvironmentFailureError(
            "The filter does not run: " + program,
            hint="Nothing was installed. Reinstall rsp-health in its own "
            "virtual environment, then try again.",
            code="filter_broken",
        )
    return program


def begin_trial() -> Future[str]:
    """Begin what `working_command` does, in a thread.

    The start of a Python takes as long as the clone of a small repository.
    """
    with_one = ThreadPoolExecutor(1, "filter-trial")
    trial = with_one.submit(working_command)
    with_one.shutdown(wait=False)
    return trial


def install(directory: Path, *, replace: bool = False) -> FilterState:
    """Install the filter into the repository of a folder.

    Parameters
    ----------
    directory
        The work tree, or a folder within.
    replace
        Whether to take over notebooks that another filter is bound to. That
        filter's own settings stay, and return with `remove`.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``filter_bound`` if notebooks have another filter,
        with code ``attributes_unclear`` if the repository's attributes are
        beyond us. Nothing is changed then.
    rsp_health.errors.EnvironmentFailureError
        Raised if the filter does not run, or git fails.
    """
    root = _root(directory)
    if not replace:
        refuse_others(_filters(root), root)
    program = working_command()
    lines = bind_and_check(
        partial(_git, root, *_attributes_setting(root)),
        root,
        read_attributes(_attributes_path(root)),
        _notebooks(root),
    )
    # First what it does, then where it is bound: a crash in between leaves
    # a section that nothing uses.
    _git(root, "config", "--local", f"filter.{FILTER}.process", program)
    _git(root, "config", "--local", f"filter.{FILTER}.required", "true")
    write_attributes(_attributes_path(root), lines)
    return status(root)


def remove(directory: Path) -> FilterState:
    """Remove the filter; what it replaced is bound again."""
    root = _root(directory)
    lines = read_attributes(_attributes_path(root))
    kept = unbind(lines)
    if kept != lines:
        write_attributes(_attributes_path(root), kept)
    if _git(root, "config", "--local", "--get-regexp", f"^filter.{FILTER}[.]"):
        _git(root, "config", "--local", "--remove-section", f"filter.{FILTER}")
    return status(root)


def status(directory: Path) -> FilterState:
    """Tell whether the filter is installed, and whether it runs."""
    root = _root(directory)
    program = _git(root, "config", f"filter.{FILTER}.process").strip()
    required = _git(
        root, "config", "--type=bool", f"filter.{FILTER}.required"
    ).strip()
    filters = _filters(root)
    ours = FILTER in filters.values() or is_bound(
        read_attributes(_attributes_path(root))
    )
    # Only our own command is run: a repository that somebody else made may
    # have anything in its configuration.
    other = (
        "The filter belongs to another installation; install it again to use "
        "this one."
    )
    try:
        mine = program == command()
    except EnvironmentFailureError as exc:
        mine, other = False, exc.message
    works = mine and _answers(program)
    bound = of_others(filters)
    problem = ""
    if not program and not ours:
        problem = "The filter is not installed."
    elif not program or not ours or required != "true":
        problem = "The filter is installed only in part."
    elif not mine:
        problem = other
    elif not works:
        problem = "The filter's program does not run, so git add will fail."
    elif bound:
        problem = f"Some notebooks have another filter: {', '.join(bound)}."
    return FilterState(
        repository=str(root),
        installed=bool(program) and ours and required == "true",
        works=works,
        command=program,
        bound=bound,
        left_alone=[
            path for path, found in filters.items() if found == "unset"
        ],
        problem=problem,
    )


def _answers(program: str) -> bool:
    """Whether the program shakes hands as git would have it."""
    try:
        result = subprocess.run(
            shlex.split(program),
            cwd="/",
            input=_HELLO,
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and result.stdout == _ANSWER


def _root(directory: Path) -> Path:
    if not directory.is_dir():
        raise BadInputError(
            f"There is no folder {directory}.",
            hint="Name the repository with --repo.",
            code="no_such_folder",
        )
    top = _git(directory, "rev-parse", "--show-toplevel").rstrip("\n")
    if not top:
        raise BadInputError(
            f"{directory} is not in the work tree of a git repository.",
            hint="Name the repository with --repo.",
            code="no_repository",
        )
    return Path(top)


def _notebooks(root: Path) -> list[str]:
    """Return the notebooks that are tracked or might be, and one to come."""
    listed = _git(
        root,
        "ls-files",
        "-zco",
        "--exclude-standard",
        "--",
        ":(icase)*.ipynb",
    )
    paths = [*NEW_NOTEBOOKS, *listed.split("\0")]
    return [path for path in dict.fromkeys(paths) if path]


def _filters(root: Path) -> dict[str, str]:
    """Return the filter of each notebook."""
    answer = _git(
        root,
        "check-attr",
        "-z",
        "--stdin",
        "filter",
        stdin="".join(f"{path}\0" for path in _notebooks(root)),
    ).split("\0")
    return dict(zip(answer[::3], answer[2::3], strict=False))


def _attributes_setting(root: Path) -> list[str]:
    """Return the option for an attributes file that the repository names."""
    named = _git(root, "config", "--type=path", "core.attributesFile")
    return ["-c", f"core.attributesFile={named.rstrip()}"] if named else []


def _attributes_path(root: Path) -> Path:
    name = _git(root, "rev-parse", "--git-path", "info/attributes")
    return root / name.rstrip("\n")


def _environment() -> dict[str, str]:
    """Return the environment without another repository's whereabouts.

    git's hooks, and ``rebase --exec``, set them for whatever they run. The
    names are those of ``git rev-parse --local-env-vars``.
    """
    from ...platform.environment import LabEnvironment

    variables = dict(LabEnvironment.from_process().variables)
    for name in _LOCAL:
        variables.pop(name, None)
    return variables


def _git(root: Path, *arguments: str, stdin: str = "") -> str:
    """Run a command of git that reads or sets, never one that runs hooks.

    Returns its output; empty if git says no (code 1, or 128 outside a
    repository).
    """
    result = run_git(
        ["-c", "core.fsmonitor=false", *arguments],
        folder=root,
        stdin=stdin,
        environment=_environment(),
    )
    if b"dubious ownership" in result.stderr:
        raise EnvironmentFailureError(
            f"git does not trust {root}, because it belongs to another user.",
            hint="If you do: git config --global --add safe.directory "
            f"{shlex.quote(str(root))}",
            code="not_yours",
        )
    if result.returncode and arguments[0] == "config" and len(arguments) > 3:
        said = result.stderr.decode(errors="replace").strip()
        if said:
            raise EnvironmentFailureError(
                f"The configuration of {root} could not be changed: {said}",
                hint="Check whether you may write to its .git folder, and whether "
                "another git is at work there.",
                code="git_failed",
            )
    if result.returncode not in (0, 1, 128):
        raise EnvironmentFailureError(
            f"git {arguments[0]} failed in {root}.",
            hint="Check the repository with: git fsck",
            code="git_failed",
        )
    return os.fsdecode(result.stdout)
