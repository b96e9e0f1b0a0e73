"""Record what this machine's git says when a server does not deliver.

``python -m tests.git.record_answers`` writes ``answers/<version>.json``. Git's
sentences change between versions, and `rsp_health.git.errors` reads them: run
this with a new git, look at the difference, and commit it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from rsp_health.errors import RSPHealthError
from rsp_health.git import runner
from tests.faults.checkout.homes import make_upstream
from tests.support.git_servers import REFUSALS, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = Path(__file__).with_name("answers")


def _said(*arguments: str) -> str:
    """Return what git wrote to standard error while it failed."""
    git = runner.Git(allowed_protocols=["http", "https", "file"])
    with (
        mock.patch.object(runner, "explain") as explain,
        tempfile.TemporaryDirectory() as target,
    ):
        explain.side_effect = RSPHealthError("noted", hint="", code="noted")
        filled = [part.replace("TARGET", f"{target}/x") for part in arguments]
        try:
            git.run(filled, doing="record", time_limit=20)
        except RSPHealthError as exc:
            if exc.code != "noted":
                raise
            text: str = explain.call_args.args[0]
            return text.replace(target, "/scratch")
    raise AssertionError(f"git {arguments} did not fail")


def _commands(url: str) -> Iterator[list[str]]:
    yield ["ls-remote", "--", url, "refs/heads/main"]
    yield ["clone", "--progress", "--no-checkout", "--", url, "TARGET"]


def _all() -> Iterator[dict[str, str]]:
    for name, (behaviour, code) in REFUSALS.items():
        if name == "text":
            # Git takes it for an empty repository, and does not fail.
            continue
        with serving() as server:
            server.behaviour = behaviour
            port = server.server_port
            for command in _commands(f"http://127.0.0.1:{port}/x.git"):
                text = _said(*command).replace(str(port), "PORT")
                yield {"case": name, "code": code, "message": text}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        text = _said("ls-remote", "--", f"http://127.0.0.1:{port}/x.git")
        yield {
            "case": "nobody listens",
            "code": "offline",
            "message": text.replace(str(port), "PORT"),
        }
    text = _said("ls-remote", "--", "https://nowhere.invalid/x.git")
    yield {"case": "no such host", "code": "offline", "message": text}
    with tempfile.TemporaryDirectory() as scratch:
        upstream = Path(scratch, "upstream")
        make_upstream(upstream)
        url = f"file://{upstream}"
        cases = (
            (
                "no such branch",
                "no_such_ref",
                "clone --branch nope -- {} TARGET",
            ),
            ("not allowed", "protocol_not_allowed", "ls-remote -- ftp://x/y"),
            ("no repository", "no_such_repository", "ls-remote -- {}/none"),
        )
        for name, code, words in cases:
            text = _said(*words.format(url).split())
            yield {
                "case": name,
                "code": code,
                "message": text.replace(scratch, "/scratch"),
            }


def main() -> int:
    """Write the file and say what is in it."""
    said = subprocess.run(
        ["git", "version"], check=True, capture_output=True, text=True
    ).stdout
    ANSWERS.mkdir(exist_ok=True)
    path = ANSWERS / f"{said.split()[2]}.json"
    answers = list(_all())
    path.write_text(json.dumps(answers, indent=1) + "\n")
    print(f"{len(answers)} answers in {path}")  # noqa: T201 - a program
    return 0


if __name__ == "__main__":
    sys.exit(main())
