"""Record how the times of four ordinary cells scatter on this machine.

``python -m tests.benchmarks.record_noise 60`` runs a small notebook so often
and writes ``noise.json`` beside this file: each cell's times, as factors of
their median. What `bench_usual` calls *recorded* was made so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from rsp_health.runner.record.history import History
from tests.benchmarks.bench_runner import book
from tests.benchmarks.noise import RECORDED

_CELLS = [
    "import json, random, pathlib, tempfile, urllib.request, sqlite3",
    "n = sum(i * i for i in range(3_000_000))",
    "rows = sorted(random.random() for _ in range(300_000))",
    "text = json.dumps(rows); back = json.loads(text)",
    """
with tempfile.TemporaryDirectory() as place:
    for i in range(400):
        pathlib.Path(place, str(i)).write_text(text[:20_000])
""",
    "import time; time.sleep(0.2)",
]


def main() -> None:
    """Run the notebook, and write what it took."""
    times: list[list[float]] = [[] for _ in _CELLS]
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as scratch:
        data, path = Path(scratch, "data"), Path(scratch, "n.ipynb")
        path.write_text(book(_CELLS))
        for _ in range(int(sys.argv[1])):
            _ = subprocess.run(
                ["rsp-health", "run", path, "--data-dir", data],
                check=True,
                capture_output=True,
            )
        for run_id in reversed(History(data).ids()):
            document = History(data).document(run_id)
            assert document is not None
            for cell in document.notebooks[0].cells:
                assert cell.duration_s is not None
                times[cell.index - 1].append(cell.duration_s)
    found = {
        "cores": os.cpu_count(),
        "factors": [
            [round(x / median(series), 4) for x in series]
            for series in times[1:]
        ],
    }
    RECORDED.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
