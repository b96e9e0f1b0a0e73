"""Runs a measurement in a real JupyterLab, in Chromium."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["measure_in_browser"]

_ROOT = Path(__file__).parents[2]


def measure_in_browser(
    name: str,
) -> subprocess.CompletedProcess[str] | None:
    """Run ``ui-tests/tests/<name>.measure.ts``.

    Parameters
    ----------
    name
        The measurement.

    Returns
    -------
    subprocess.CompletedProcess or None
        How it ended, and what it printed; `None` if there is no Chromium.
    """
    browser = subprocess.run(
        [_ROOT / ".ci" / "system", "browser"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if browser.returncode:
        return None
    return subprocess.run(
        # What follows --project would be taken for further projects.
        ["jlpm", "playwright", "test", name, "--project", "bench"],
        cwd=_ROOT / "ui-tests",
        env={
            **os.environ,
            "CHROMIUM": browser.stdout.strip(),
            "RSP_HEALTH_UI_BENCH": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
