"""What a run is to do: its notebooks, found and judged before it starts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ...effects import BY_DEFAULT, Allowance, Declared, read_declared
from ...errors import BadInputError
from ...notebooks.content import content_sha256
from ...notebooks.document import (
    CodeCell,
    InvalidNotebookError,
    NotebookDocument,
    read_notebook,
)
from ...notebooks.mobu_yaml import FILE_NAME, MobuYaml, read_mobu_yaml
from ...notebooks.names import to_text
from ..record_lines import ToldCell
from .selection import Candidate, find_notebooks, select

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..models import UsualTime

__all__ = [
    "PlannedNotebook",
    "RunPlan",
    "describe_again",
    "describe_cells",
    "make_plan",
    "tell_cells",
]

#: Bytes of notebooks kept in memory between the plan and the run; what is
#: beyond is read again when its turn comes.
_KEEP_BYTES = 16 * 1024 * 1024
#: Cells, and marks of JSON, that one line of the record may have: what reads
#: it takes 500,000 of these, in 16 MiB.
_TOLD_CELLS = 20_000
_TOLD_MARKS = 300_000
_MARKS_OF_A_CELL = 10
_MARKS_OF_USUAL = 10


@dataclass(slots=True)
class PlannedNotebook:
    """A notebook of a run.

    Parameters
    ----------
    path
        The file.
    relative
        The text of its path relative to the run's folder.
    problem
        Why it cannot be run, if it is not a notebook.
    cwd
        The kernel's working directory, if not the notebook's folder.
    content_sha256
        Digest of what it says, to know later whether it was changed.
    expected_s
        Seconds that it took last time.
    usual
        What its cells usually take together, as the record tells it.
    cells_told
        Whether the first line of the record tells its cells; if not, they
        are told when it starts.
    notes
        What its user should know, whatever its end.
    declared
        What it says that it does.
    """

    path: Path
    relative: str
    application: str | None = None
    required: list[str] = field(default_factory=list)
    declared: Declared = field(default_factory=Declared)
    selected: bool = True
    reason: str | None = None
    cells: list[ToldCell] = field(default_factory=list)
    cells_told: bool = True
    kernel_name: str | None = None
    content_sha256: str | None = None
    document: NotebookDocument | None = None
    problem: str | None = None
    cwd: Path | None = None
    expected_s: float | None = None
    usual: UsualTime | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RunPlan:
    """All notebooks of a run, in the order in which they are run."""

    folder: Path
    notebooks: list[PlannedNotebook]
    problems: list[str] = field(default_factory=list)
    allowance: Allowance = BY_DEFAULT
    applications: frozenset[str] | None = None

    @property
    def selected(self) -> list[PlannedNotebook]:
        """The notebooks to run."""
        return [notebook for notebook in self.notebooks if notebook.selected]


def describe_cells(cells: list[CodeCell]) -> list[ToldCell]:
    """Return what the record tells about cells before they run."""
    return [
        ToldCell(
            index=cell.index,
            id=cell.id,
            source=cell.first_line,
            source_sha256=cell.sha256,
        )
        for cell in cells
    ]


def describe_again(
    notebook: PlannedNotebook, cells: list[CodeCell]
) -> list[ToldCell]:
    """Describe cells that were read again; what was noted of them stays."""
    known = {cell.index: cell for cell in notebook.cells}
    found = []
    for cell in describe_cells(cells):
        before = known.get(cell.index)
        usual = None if before is None else before.usual
        noted = cell.model_copy(update={"usual": usual})
        found.append(noted if noted == before else cell)
    return found


def make_plan(
    paths: Sequence[Path],
    *,
    folder: Path | None = None,
    everything: bool = False,
    applications: frozenset[str] | None = None,
    only: frozenset[Path] | None = None,
    leave_out: Collection[Path] = (),
    allowance: Allowance = BY_DEFAULT,
) -> RunPlan:
    """Find the notebooks to run, and why others are not run.

    A file that is named is run whatever ``mobu.yaml`` says, but not if an
    application that it requires is not deployed. In a folder the rules of
    the repository that it is in decide.

    Parameters
    ----------
    paths
        Notebooks and folders.
    folder
        What the paths in the record are relative to; default: what all paths
        have in common.
    everything
        Whether to ignore all rules.
    applications
        What is deployed here; `None` if not known.
    only
        If given, notebooks that are not among these are skipped, as not
        changed.
    leave_out
        Folders whose notebooks are not run unless one is named, or a folder
        in there: those of earlier runs.
    allowance
        The most that the notebooks may do. It is no rule of a repository:
        it holds for what is named, and for everything, too.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a path does not exist.
    """
    absolute = [_existing(path) for path in paths]
    base = folder.resolve() if folder is not None else _common(absolute)
    plan = RunPlan(
        folder=base,
        notebooks=[],
        allowance=allowance,
        applications=applications,
    )
    seen: set[Path] = set()
    for path in absolute:
        found = _candidates(path, applications, plan.problems, leave_out)
        for candidate in found:
            if candidate.path in seen:
                continue
            seen.add(candidate.path)
            if everything:
                candidate.selected, candidate.reason = True, None
            candidate.refuse(allowance)
            if only is not None and candidate.path.resolve() not in only:
                candidate.exclude("It did not change.")
            plan.notebooks.append(_planned(candidate, base))
    _read_all(plan)
    return plan


def tell_cells(plan: RunPlan) -> None:
    """Decide whose cells the first line of the record tells.

    One line with those of thousands of notebooks could not be read again.
    """
    cells = marks = 0
    for notebook in plan.notebooks:
        cells += len(notebook.cells)
        marks += sum(map(_marks, notebook.cells))
        notebook.cells_told = cells <= _TOLD_CELLS and marks <= _TOLD_MARKS


def _marks(cell: ToldCell) -> int:
    text = f"{cell.id}{cell.source}"
    usual = _MARKS_OF_USUAL if cell.usual is not None else 0
    return _MARKS_OF_A_CELL + usual + sum(map(text.count, "[{,:"))


def _existing(path: Path) -> Path:
    # Not resolved: the kernel's folder is the one that the user named.
    path = Path(os.path.normpath(path.expanduser().absolute()))
    # A path's own methods raise where a folder may not be searched.
    if not os.path.exists(path):  # noqa: PTH110 - see above
        raise BadInputError(
            f"{path} does not exist.",
            hint="Name a notebook or a folder.",
            code="no_such_path",
        )
    return path


def _common(paths: list[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders)).resolve()


def _root_of(folder: Path) -> Path:
    """Return the repository that a folder is in, else the folder.

    Outside of git, a repository is what a ``mobu.yaml`` lies at the top of.
    """
    places = (folder, *folder.parents)
    for name in (".git", FILE_NAME):
        for place in places:
            if os.path.lexists(place / name):
                return place
    return folder


def _candidates(
    path: Path,
    applications: frozenset[str] | None,
    problems: list[str],
    leave_out: Collection[Path],
) -> list[Candidate]:
    found: list[str] = []
    root = _root_of(path if path.is_dir() else path.parent)
    if path.is_dir():
        rules = read_mobu_yaml(root)
        found += rules.problems
        found += _misplaced(path, root)
        found += _left_out(path, leave_out)
        notebooks = find_notebooks(
            root, below=path, leave_out=leave_out, problems=found
        )
    else:
        rules = MobuYaml()
        notebooks = [(path, PurePosixPath(path.relative_to(root)))]
    candidates = select(notebooks, rules=rules, applications=applications)
    found += [problem for x in candidates for problem in x.problems]
    problems += [x for x in dict.fromkeys(found) if x not in problems]
    return candidates


def _misplaced(folder: Path, root: Path) -> list[str]:
    """Say which ``mobu.yaml`` on the way to a folder has no effect."""
    return [
        f"{to_text(place / FILE_NAME)} is not used: mobu reads the one at "
        "the repository's top only."
        for place in (folder, *folder.parents)
        if place.is_relative_to(root)
        and place != root
        and os.path.lexists(place / FILE_NAME)
    ]


def _left_out(folder: Path, leave_out: Collection[Path]) -> list[str]:
    """Say which folders in a folder are not searched."""
    here = folder.resolve()
    inside = {
        place.resolve(): place
        for place in leave_out
        if os.path.isdir(place)  # noqa: PTH112 - as above
        and here in place.resolve().parents
    }
    return [
        f"{to_text(place)} was not searched: executed copies are kept there."
        for real, place in inside.items()
        if not inside.keys() & set(real.parents)
    ]


def _planned(candidate: Candidate, base: Path) -> PlannedNotebook:
    # A link stays itself: it is a notebook with a place and a name of its own.
    place = candidate.path.parent.resolve() / candidate.path.name
    try:
        relative = to_text(place.relative_to(base))
    except ValueError:
        relative = to_text(candidate.path)
    return PlannedNotebook(
        path=candidate.path,
        relative=relative,
        application=candidate.application,
        required=candidate.required,
        declared=candidate.declared,
        selected=candidate.selected,
        reason=candidate.reason,
    )


def _read_all(plan: RunPlan) -> None:
    """Read the cells of the notebooks to run; keep the small documents."""
    kept = 0
    for notebook in plan.notebooks:
        if not notebook.selected:
            continue
        try:
            size = notebook.path.stat().st_size
            document = read_notebook(notebook.path)
        except InvalidNotebookError as exc:
            notebook.problem = str(exc)
            continue
        except OSError as exc:
            notebook.problem = f"It cannot be read: {exc.strerror}."
            continue
        # What runs is what is read here, whatever was read of it before.
        notebook.declared = read_declared(document.metadata)
        reason = plan.allowance.refusal(notebook.declared)
        if reason is not None:
            notebook.selected, notebook.reason = False, reason
            continue
        notebook.cells = describe_cells(document.cells)
        notebook.kernel_name = document.kernel_name
        notebook.content_sha256 = content_sha256(document.content)
        if kept + size <= _KEEP_BYTES:
            kept += size
            notebook.document = document
