"""The lab that the browser tests drive: a real JupyterLab on the sandbox RSP.

It differs from ``rsp-health demo`` in two things: Galata's server
configuration, which takes the login away and shows the application object to
the tests; and pages do not ask for Lab's own build. Ports, the scratch home and the lab's token come from
``playwright.config.ts``. What the server logs is kept in the home, so that the
last check can look for the token there, too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import IO

from rsp_health.sandbox.app import SandboxServer

CONFIG = """
from jupyterlab.galata import configure_jupyter_server

c = get_config()
configure_jupyter_server(c)
# Each page would ask whether Lab must be built again, which starts Node twice.
c.ServerApp.tornado_settings = {{
    "page_config_data": {{"buildAvailable": False, "buildCheck": False}}
}}
c.ServerApp.port = {port}
c.ServerApp.root_dir = {root!r}
c.ServerApp.allow_root = True
c.ContentsManager.allow_hidden = True
c.HealthApp.data_dir = {data!r}
c.HealthApp.allowed_git_protocols = ["http", "file"]
c.HealthApp.repositories = [
    {{
        "id": "system-test",
        "title": "System test",
        "url": {git!r},
        "ref": "main",
    }},
    {{
        "id": "hostile",
        "title": "Hostile <img src=x onerror=window.hostile=1>",
        "url": {hostile!r},
    }},
    {{
        "id": "unreachable",
        "title": "Unreachable",
        # Nothing listens on the port named discard.
        "url": "http://127.0.0.1:9/unreachable.git",
    }},
]
"""


def keep(stream: IO[bytes], log: Path) -> None:
    """Write what is logged to a file as well as to our own log."""
    with log.open("wb", buffering=0) as file:
        for line in stream:
            file.write(line)
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()


def main() -> int:
    """Serve until told to stop."""
    home = Path(os.environ["RSP_HEALTH_UI_HOME"])
    sandbox = SandboxServer(
        port=int(os.environ["RSP_HEALTH_UI_SANDBOX_PORT"]),
        # Not as such in the environment of the lab: there, it is ACCESS_TOKEN.
        token=os.environ.pop("RSP_HEALTH_UI_CANARY", None),
    )
    sandbox.start()
    config = home / "jupyter_server_config.py"
    config.write_text(
        CONFIG.format(
            port=int(os.environ["RSP_HEALTH_UI_PORT"]),
            root=str(home),
            data=str(home / ".rsp-health"),
            git=f"{sandbox.url}/git/system-test.git",
            hostile=str(home / "upstreams" / "hostile"),
        )
    )
    environment = {
        **os.environ,
        # Kernels and Jupyter's own data come from this interpreter's prefix,
        # also where another environment comes first in PATH.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_PREFER_ENV_PATH": "1",
        # What this machine's git is set up to do is none of the lab's.
        "GIT_CONFIG_NOSYSTEM": "1",
        **sandbox.lab_environment(home),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / ".local" / "share" / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / ".runtime"),
        "IPYTHONDIR": str(home / ".ipython"),
    }
    log = home / ".log" / "jupyterlab.log"
    log.parent.mkdir(exist_ok=True)
    lab = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--config", str(config)],
        env=environment,
        cwd=home,
        stderr=subprocess.PIPE,
    )
    Thread(target=keep, args=(lab.stderr, log), daemon=True).start()

    def stop(*_: object) -> None:
        lab.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        return lab.wait()
    finally:
        sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
