"""The Prometheus text file, read back by Prometheus' own parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from rsp_health.cli.context import CliContext
from rsp_health.cli.output.run_reports import write_reports
from rsp_health.runner.reports import render

from .runs import EVERY_END, notebook, run

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import RunDocument


def samples(document: RunDocument) -> dict[str, dict[str, float]]:
    """Return the values of each metric, by the labels of each."""
    found: dict[str, dict[str, float]] = {}
    text = render(document, "metrics")[1].decode()
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        for sample in family.samples:
            label = sample.labels.get("notebook", "")
            label += sample.labels.get("state", "")
            values = found.setdefault(sample.name, {})
            assert label not in values
            values[label] = sample.value
    return found


def test_every_end() -> None:
    document = EVERY_END
    found = samples(document)
    assert found["rsp_health_run_success"] == {"": 0.0}
    totals = document.totals
    assert found["rsp_health_run_notebooks"] == {
        "passed": totals.passed,
        "failed": totals.failed,
        "skipped": totals.skipped,
        "other": totals.other,
    }
    assert found["rsp_health_notebook_success"] == {
        one.path: float(one.state == "passed")
        for one in document.notebooks
        if one.state != "skipped"
    }


def test_a_name_that_no_one_should_give() -> None:
    name = 'a "b"\n\\c {d="1"} é.ipynb'
    document = run(notebook(name), state="passed")
    found = samples(document)
    assert found["rsp_health_notebook_success"] == {name: 1.0}
    assert found["rsp_health_run_success"] == {"": 1.0}
    cells = document.notebooks[0].cells
    times = [c.duration_s for c in cells if c.duration_s is not None]
    if times:
        assert found["rsp_health_notebook_cells_seconds"] == {name: sum(times)}


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.prom"
    document = run(notebook("a.ipynb"))
    for _ in range(2):
        write_reports(CliContext(), document, {"metrics": path, "html": None})
        assert path.read_bytes() == render(document, "metrics")[1]
        assert [x.name for x in path.parent.iterdir()] == ["run.prom"]
