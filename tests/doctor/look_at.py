"""Prints what a check finds, with the variables of its process.

``python -m tests.doctor.look_at CHECK HOME [NOTEBOOK [FILE…]]``
"""

from __future__ import annotations

import sys
from pathlib import Path

from rsp_health.doctor.context import Context
from rsp_health.doctor.one_check import find
from rsp_health.platform.environment import LabEnvironment

__all__: list[str] = []


def main(check: str, home: str, notebook: str = "", *places: str) -> None:
    """Run the check with the variables of this process."""
    real = LabEnvironment.from_process()
    context = Context(
        environment=LabEnvironment(variables=real.variables, mounts=()),
        find_data_dir=lambda: Path(home, ".rsp-health"),
        account_home=Path(home),
        notebook=Path(notebook) if notebook else None,
        places=places,
    )
    print(find(check, context).model_dump_json())  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
