"""A run as a Prometheus text file, for a node exporter's textfile collector.

No message, output or source is in it: names of notebooks, states and numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from ...states import PASSING

if TYPE_CHECKING:
    from ..models import NotebookResult, RunDocument

__all__ = ["render"]

_ABOUT = {
    "rsp_health_run_success": "1 if all that was run passed, else 0.",
    "rsp_health_run_finished_timestamp_seconds": "When the run ended.",
    "rsp_health_run_duration_seconds": "Seconds that the run took.",
    "rsp_health_run_notebooks": "Notebooks of the run, by how they ended.",
    "rsp_health_notebook_success": "1 if the notebook passed, else 0.",
    "rsp_health_notebook_cells_seconds": (
        "Seconds of all cells of the notebook, without its kernel's start."
    ),
    "rsp_health_notebook_cell_max_seconds": "Seconds of its slowest cell.",
    "rsp_health_notebook_peak_memory_bytes": "Most memory of its kernel.",
}
_GROUPS = ("passed", "failed", "skipped", "other")


def render(document: RunDocument) -> bytes:
    """Return the run's metrics."""
    registry = CollectorRegistry()

    def gauge(name: str, *labels: str) -> Gauge:
        return Gauge(name, _ABOUT[name], labels, registry=registry)

    gauge("rsp_health_run_success").set(document.state == "passed")
    if document.finished_at is not None:
        gauge("rsp_health_run_finished_timestamp_seconds").set(
            document.finished_at.timestamp()
        )
    if document.duration_s is not None:
        gauge("rsp_health_run_duration_seconds").set(document.duration_s)
    counts = gauge("rsp_health_run_notebooks", "state")
    for group in _GROUPS:
        counts.labels(group).set(getattr(document.totals, group))
    names = ("notebook", "application")
    success = gauge("rsp_health_notebook_success", *names)
    seconds = gauge("rsp_health_notebook_cells_seconds", *names)
    slowest = gauge("rsp_health_notebook_cell_max_seconds", *names)
    memory = gauge("rsp_health_notebook_peak_memory_bytes", *names)
    for notebook in document.notebooks:
        if notebook.state == "skipped":
            continue  # it says nothing of how it would have ended
        labels = notebook.path, notebook.application or ""
        success.labels(*labels).set(notebook.state in PASSING)
        times = _times(notebook)
        if times:
            seconds.labels(*labels).set(sum(times))
            slowest.labels(*labels).set(max(times))
        peaks = [c.peak_memory_bytes for c in notebook.cells]
        known = [peak for peak in peaks if peak is not None]
        if known:
            memory.labels(*labels).set(max(known))
    data: bytes = generate_latest(registry)
    return data


def _times(notebook: NotebookResult) -> list[float]:
    return [c.duration_s for c in notebook.cells if c.duration_s is not None]
