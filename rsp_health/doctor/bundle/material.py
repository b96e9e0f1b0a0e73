"""What a bundle is made of: one function a file, none of them redacted yet."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from itertools import islice
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...git.origin import read_origin
from ...git.refs import find_git_folders
from ...runner.record.history import History
from ...states import is_problem
from ..log_places import read_tails
from .summary import summary
from .why import explain_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ...runner.models import RunDocument
    from ..context import Context
    from ..explain.models import ExplanationReport
    from ..models import Report

__all__ = ["Material", "Piece", "pieces"]

_RUNS = 5
_REPOSITORIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What was found.

    Parameters
    ----------
    context
        The lab.
    report
        What the doctor found.
    run_id
        The run that is asked about; `None`: the last ones.
    with_tracebacks
        Whether tracebacks of failed cells are told: they hold lines of code.
    """

    context: Context
    report: Report
    run_id: str | None = None
    with_tracebacks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file to be.

    Parameters
    ----------
    name
        Its name.
    about
        What it is, as a clause.
    make
        Returns its text; empty if there is nothing to tell.
    """

    name: str
    about: str
    make: Callable[[], str]


def pieces(material: Material) -> Iterator[Piece]:
    """Yield all files of a bundle but its manifest."""
    context, report = material.context, material.report
    # Both are asked for more than once, and records are large.
    runs = cache(lambda: _runs(material))
    why = cache(lambda: _why(material, runs()))
    yield Piece(
        name="summary.md",
        about="what was found, for a forum or an issue",
        make=lambda: summary(report, context, runs()[:1], why()),
    )
    yield Piece(
        name="why.json",
        about="why the notebooks of the run failed, and what shows it",
        make=lambda: _json(
            found.model_dump(mode="json", by_alias=True, exclude={"services"})
            if (found := why()) is not None
            else None
        ),
    )
    yield Piece(
        name="findings.json",
        about="what each check found, and its evidence",
        make=lambda: _json(report.model_dump(mode="json", by_alias=True)),
    )
    yield Piece(
        name="services.json",
        about="the platform's services as they are now",
        make=lambda: _services(context),
    )
    yield Piece(
        name="environment.json",
        about="versions, limits, and the names of variables without values",
        make=lambda: _json(_environment(context)),
    )
    yield Piece(
        name="packages.txt",
        about="packages of the server's Python, with versions",
        make=lambda: _packages(context),
    )
    yield Piece(
        name="runs.json",
        about=_about_runs(material),
        make=lambda: _json([_told(r, material) for r in runs()]),
    )
    yield Piece(
        name="repositories.json",
        about="your checkouts: where they come from, and their commits",
        make=lambda: _json(list(_repositories(context))),
    )
    yield Piece(
        name="logs.txt",
        about="the ends of the logs that this lab can read",
        make=lambda: read_tails(context, material.run_id),
    )


def _json(document: Any) -> str:
    if not document:
        return ""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _services(context: Context) -> str:
    seen = context.seen
    if seen is None or seen.status is None:
        return ""
    return _json(seen.status.model_dump(mode="json", by_alias=True))


def _environment(context: Context) -> dict[str, Any]:
    environment = context.environment
    return {
        "rsp_health": __version__,
        "python": sys.version,
        "system": platform.platform(),
        "instance": environment.instance,
        "image": environment.image,
        "image_description": environment.image_description,
        "size": environment.container_size,
        "cpu_limit": environment.cpu_limit,
        "memory_limit_bytes": environment.memory_limit_bytes,
        "node": environment.get("KUBERNETES_NODE_NAME"),
        "variables": sorted(environment.variables),
    }


def _packages(context: Context) -> str:
    lines = {
        f"{found.name}=={found.version}"
        for found in distributions(path=context.package_folders())
        if found.name
    }
    return "".join(f"{line}\n" for line in sorted(lines, key=str.lower))


def _runs(material: Material) -> list[RunDocument]:
    history = History(material.context.find_data_dir())
    ids = (
        [material.run_id]
        if material.run_id is not None
        else [run.run_id for run in islice(history.summaries(), _RUNS)]
    )
    found = map(history.document, ids)
    return [document for document in found if document is not None]


def _why(
    material: Material, runs: list[RunDocument]
) -> ExplanationReport | None:
    return (
        explain_run(runs[0], material.report, material.context)
        if runs
        else None
    )


def _about_runs(material: Material) -> str:
    if material.with_tracebacks:
        return (
            "the last runs of notebooks, with the first line of each cell "
            "that failed and its traceback, which holds lines of code; no "
            "outputs"
        )
    return (
        "the last runs of notebooks, with the first line of each cell that "
        "failed; no other code and no outputs"
    )


def _told(run: RunDocument, material: Material) -> dict[str, Any]:
    told = run.model_dump(mode="json", by_alias=True)
    for notebook in told["notebooks"]:
        for cell in notebook["cells"]:
            cell["output_tail"] = None
            if not is_problem(cell["state"]):
                cell["source"] = ""
            error = cell.get("error")
            if error and not material.with_tracebacks:
                error["traceback"] = ""
    return told


def _repositories(context: Context) -> Iterator[dict[str, Any]]:
    top = context.home / "notebooks"
    places = [*_folders(top), *_folders(top / "rsp-health")]
    for place in places[:_REPOSITORIES]:
        folders = find_git_folders(place)
        if folders is None:
            continue
        origin = read_origin(folders)
        yield {
            "folder": context.shown(place),
            "origin": origin.url,
            "ref": origin.ref,
            "commit": origin.commit,
        }


def _folders(top: Path) -> list[Path]:
    if not top.is_dir():
        return []
    return sorted(path for path in top.iterdir() if path.is_dir())
