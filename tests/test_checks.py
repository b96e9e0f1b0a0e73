"""Where services and notebooks meet, with features that the test controls."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.models import Repository, RepositoryList
from rsp_health.checks import CheckIndex
from rsp_health.errors import EnvironmentFailureError
from rsp_health.runner.models import (
    NotebookResult,
    RunDocument,
    RunList,
    RunSummary,
    RunTotals,
)
from rsp_health.runner.planning.models import NotebookEntry, NotebookList
from rsp_health.status.models import (
    DiscoveryStatus,
    PlatformVerdict,
    ServiceStatus,
    StatusDocument,
)

if TYPE_CHECKING:
    from pathlib import Path

STARTED = datetime(2026, 11, 20, 21, 33, 41, tzinfo=UTC)


class Features:
    """Checkout, runner and discovery in one, with what the test puts in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reads = 0
        self.got: list[str] = []
        self.notebook_lists: dict[str, list[NotebookEntry] | Exception] = {}
        self.runs: list[RunDocument] = []
        self.failures: list[Exception] = []

    def list(self, *, limit: int | None = None) -> Any:
        if limit is not None:
            return RunList(runs=[_summary(run) for run in self.runs[:limit]])
        self.reads += 1
        return RepositoryList(
            root=str(self.root),
            repositories=[
                Repository(
                    id=name,
                    title=name,
                    url="https://example.org/r",
                    ref="main",
                    directory=f"notebooks/{name}",
                    state="present" if name != "absent" else "absent",
                )
                for name in [*self.notebook_lists, "absent"]
            ],
        )

    def notebooks(
        self,
        directory: Path,
        *,
        repository: str,
        applications: frozenset[str] | None,
    ) -> NotebookList:
        assert applications == frozenset({"tap"})
        found = self.notebook_lists[repository]
        if isinstance(found, Exception):
            raise found
        return NotebookList(
            repository=repository,
            directory=str(directory.relative_to(self.root)),
            notebooks=found,
        )

    def applications(self, *, ask: bool) -> frozenset[str]:
        assert not ask, "the table must not wait for the platform"
        return frozenset({"tap"})

    def get(self, run_id: str) -> RunDocument:
        self.got.append(run_id)
        return next(run for run in self.runs if run.run_id == run_id)


def _summary(run: RunDocument) -> RunSummary:
    return RunSummary(
        run_id=run.run_id,
        state=run.state,
        mode=run.mode,
        started_at=run.started_at,
        totals=RunTotals(),
        notebooks=len(run.notebooks),
    )


@pytest.fixture
def features(tmp_path: Path) -> Features:
    return Features(tmp_path)


@pytest.fixture
def index(features: Features) -> CheckIndex:
    build: Any = lambda: features  # noqa: E731 - of three types at once
    return CheckIndex(
        checkout=build,
        runner=build,
        discovery=build,
        root=features.root,
        log=logging.getLogger("test"),
        on_failure=features.failures.append,
    )


def fill(index: CheckIndex, document: StatusDocument) -> StatusDocument:
    return asyncio.run(index.fill(document))


def entry(path: str, *required: str, application: str | None) -> NotebookEntry:
    return NotebookEntry(
        path=path,
        application=application,
        required_applications=list(required),
        selected=True,
    )


def run(run_id: str, folder: Path, **states: str) -> RunDocument:
    return RunDocument(
        run_id=run_id,
        state="running" if "running" in states.values() else "failed",
        started_at=STARTED,
        finished_at=STARTED + timedelta(minutes=5),
        folder=str(folder),
        notebooks=[
            NotebookResult.model_validate(
                {
                    "path": f"{name}.ipynb",
                    "state": state,
                    "started_at": STARTED,
                    "duration_s": 2.5,
                }
            )
            for name, state in states.items()
        ],
    )


def table(*ids: str) -> StatusDocument:
    return StatusDocument(
        instance=None,
        observed_at=STARTED,
        discovery=DiscoveryStatus(state="fresh"),
        verdict=PlatformVerdict(state="well", word="up", sentence="All up."),
        services=[
            ServiceStatus(id=i, title=i, state="up", evidence="") for i in ids
        ],
    )


def test_rows_get_their_notebooks_and_the_newest_result(
    features: Features, index: CheckIndex, tmp_path: Path
) -> None:
    features.notebook_lists = {
        "system-test": [
            entry("tap.ipynb", "tap", application="tap"),
            entry("portal.ipynb", "portal", "tap", application="portal"),
            entry("sia.ipynb", application="sia"),
        ],
        "broken": EnvironmentFailureError(
            "mobu.yaml is not readable.", hint="Do."
        ),
    }
    folder = tmp_path / "notebooks" / "system-test"
    features.runs = [
        run("r3", folder, tap="running", portal="passed", sia="skipped"),
        run("r2", folder, tap="failed"),
        run("r1", folder, tap="passed", sia="timed_out"),
        run("r0", tmp_path.parent, tap="died"),
    ]
    filled = fill(index, table("tap", "sia:dp1", "sia:dp2", "hips"))
    result = {row.id: (row.notebooks, row.last_run) for row in filled.services}
    tap, sia = result["tap"], result["sia:dp1"]
    assert tap[0] == [
        "notebooks/system-test/tap.ipynb",
        "notebooks/system-test/portal.ipynb",
    ]
    assert tap[1] is not None
    assert tap[1].model_dump(mode="json") == {
        "run_id": "r2",
        "notebook": "notebooks/system-test/tap.ipynb",
        "state": "failed",
        "finished_at": "2026-11-20T21:33:43.500Z",
    }
    assert sia == result["sia:dp2"]
    assert sia[1] is not None
    assert (sia[1].run_id, sia[1].state) == ("r1", "timed_out")
    assert result["hips"] == ([], None)


def test_a_notebook_that_a_stopped_run_never_began_keeps_its_result(
    features: Features, index: CheckIndex, tmp_path: Path
) -> None:
    features.notebook_lists = {
        "system-test": [
            entry("tap.ipynb", "tap", application="tap"),
            entry("sia.ipynb", application="sia"),
        ],
    }
    folder = tmp_path / "notebooks" / "system-test"
    stopped = run("r2", folder, tap="stopped", sia="stopped")
    stopped.notebooks[0].started_at = None
    features.runs = [stopped, run("r1", folder, tap="failed", sia="failed")]

    filled = fill(index, table("tap", "sia"))

    states = [row.last_run and row.last_run.state for row in filled.services]
    assert states == ["failed", "stopped"]
    assert filled.verdict.checks == ["notebooks/system-test/tap.ipynb"]


def test_the_disk_is_read_again_only_after_a_change(
    features: Features, index: CheckIndex, tmp_path: Path
) -> None:
    features.notebook_lists = {"system-test": []}
    features.runs = [
        run("r2", tmp_path, a="running"),
        run("r1", tmp_path, a="passed"),
    ]
    for _ in range(20):
        fill(index, table("tap"))
    assert features.reads == 1
    index.invalidate()
    fill(index, table("tap"))
    assert features.reads == 2
    # A run that has ended does not change any more: it is read once.
    assert features.got == ["r2", "r1", "r2"]


def test_a_failure_costs_no_rows(
    features: Features,
    index: CheckIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = RuntimeError("s3cret")

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(features, "applications", fail)
    assert fill(index, table("tap")) == table("tap")
    assert features.failures == [error]
