"""The limit: notebooks through forked kernels, and nothing else.

``python bare_kernels.py JOBS NOTEBOOK ...``: no record, no copies, no limits,
no measures, no judgement. As many kernels as notebooks run at once are made
ahead, and kernels end while others run.
"""

from __future__ import annotations

import collections
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.runner.kernels.factory import KernelFactory
from rsp_health.runner.kernels.spec import find_kernelspec

if TYPE_CHECKING:
    from rsp_health.runner.kernels.client import Kernel

_GRACE_S = 5.0


def execute(kernel: Kernel, code: str, never: int) -> None:
    """Run a cell until both halves of its end are there."""
    wanted = kernel.send(
        "shell",
        "execute_request",
        {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
    )
    idle = replied = False
    while not (idle and replied):
        kernel.poll(None, never)
        for message in kernel.receive("iopub"):
            if message.parent_id == wanted and message.kind == "status":
                idle = message.content["execution_state"] == "idle"
        for message in kernel.receive("shell"):
            replied = replied or message.parent_id == wanted


def main(jobs: int, paths: list[Path]) -> None:
    """Run the notebooks."""
    never, writer = os.pipe()
    factory = KernelFactory(environment=dict(os.environ))
    spec = find_kernelspec("python3")
    left = collections.deque(paths)
    ahead: collections.deque[Kernel] = collections.deque()
    lock = threading.Lock()
    endings: list[threading.Thread] = []

    def work() -> None:
        while True:
            with lock:
                if not left:
                    return
                path = left.popleft()
                while len(ahead) < min(jobs, len(left)) + 1:
                    ahead.append(factory.start(spec, folder=path.parent))
                kernel = ahead.popleft()
            kernel.wait_until_ready(timeout_s=60, wake=never)
            for cell in json.loads(path.read_text())["cells"]:
                execute(kernel, cell["source"], never)
            ending = threading.Thread(
                target=kernel.end, kwargs={"grace_s": _GRACE_S}
            )
            ending.start()
            endings.append(ending)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for ending in endings:
        ending.join()
    for kernel in ahead:
        kernel.end(grace_s=0)
    factory.close()
    os.close(never)
    os.close(writer)


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
