"""What the start of every lab pays for us, counted in modules.

Milliseconds are measured by tests/benchmarks/bench_server.py.
"""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import json, sys
import jupyter_server.extension.application, jupyter_server.serverapp
import jupyter_server.services.contents.largefilemanager
before = set(sys.modules)
import rsp_health
rsp_health._jupyter_server_extension_points()
points = set(sys.modules)
import rsp_health.server.bus
import rsp_health.server.handlers
import rsp_health.server.wiring
from rsp_health.platform import environment
routes = set(sys.modules)
print(json.dumps([sorted(points - before), sorted(routes - points)]))
"""

HEAVY = {
    "click",
    "git",
    "httpx",
    "nb_clean",
    "nbconvert",
    "pydantic",
    "rich",
    "rubin",
}


def test_start_imports_next_to_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
    )
    points, routes = json.loads(done.stdout)
    assert points == [
        "rsp_health",
        "rsp_health._version",
        "rsp_health.effects",
        "rsp_health.server",
        "rsp_health.server.extension",
        "rsp_health.settings",
    ]
    foreign = {name.partition(".")[0] for name in routes} - {"rsp_health"}
    assert not foreign & HEAVY
    # They are small; what may not be among them stands above.
    assert len(routes) <= 40
