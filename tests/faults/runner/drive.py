"""A run with the limits of the fault cases, as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.options import Limits, RunOptions
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.run_here import run_here


def main(folder: str, data: str, jobs: str, warm: str, *limits: str) -> None:
    """Run all notebooks of a folder; print the document."""
    cell_s, notebook_s, start_s = map(float, limits)
    document = run_here(
        make_plan([Path(folder)]),
        RunCall(
            paths=(Path(folder),),
            options=RunOptions(
                jobs=int(jobs),
                warm=warm == "warm",
                limits=Limits(
                    cell_timeout_s=cell_s,
                    notebook_timeout_s=notebook_s,
                    start_timeout_s=start_s,
                ),
            ),
        ),
        data_dir=Path(data),
        root=Path(data),
        environment=LabEnvironment.from_process(),
    )
    print(document.model_dump_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
