"""Kills servers while they work, and lets two of them compete.

``python -m tests.faults.server --kills 200`` for the long version.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from tests.support.servers import ServerProcess

__all__ = ["compete", "main", "write_upstream"]

_REPOSITORY = "rsp-health/repositories/fault"
_CELLS = 20
_FILES = 24
#: How a refusal names who has the place: process, machine, and since when.
_OWNER = re.compile(r"rocess \d+ on \S+ .*since \d\d:\d\d:\d\d UTC")

type Problems = list[str]


def write_upstream(folder: Path) -> None:
    folder.mkdir()
    for number in range(_FILES):
        data = random.Random(number).randbytes(1 << 18)  # noqa: S311 - content
        (folder / f"{number}.bin").write_bytes(data)
    who = ["-c", "user.name=f", "-c", "user.email=f@example.org"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        [*who, "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)


def _write_notebook(path: Path) -> None:
    cell = "import time; time.sleep(0.05)"
    cells = [nbformat.v4.new_code_cell(cell) for _ in range(_CELLS)]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def _server(scratch: Path) -> ServerProcess:
    repository = {
        "id": "fault",
        "title": "Fault",
        "url": (scratch / "upstream").as_uri(),
        "directory": "checkouts/fault",
    }
    config = {
        "allowed_git_protocols": ["file"],
        "repositories": [repository],
        "data_dir": str(scratch / "data"),
    }
    return ServerProcess(scratch, config=config)


async def _check_out(server: ServerProcess) -> tuple[int, Any]:
    _, inspection = await server.call("POST", f"{_REPOSITORY}/inspect")
    body = {"fingerprint": inspection.get("fingerprint", "")}
    return await server.call("POST", f"{_REPOSITORY}/checkout", body)


async def _until(
    server: ServerProcess, path: str, field: str, values: set[Any]
) -> Any:
    """Ask until a field has one of the values; return the last answer."""
    document: Any = None
    async with asyncio.timeout(60):
        while True:
            _, document = await server.call("GET", path)
            if document.get(field) in values:
                return document
            await asyncio.sleep(0.1)


async def _operation(server: ServerProcess) -> Any:
    ends = {"done", "failed", "cancelled"}
    return await _until(server, f"{_REPOSITORY}/operation", "state", ends)


def _whole(folder: Path, upstream: Path) -> bool:
    """Whether a tree has every file of upstream, byte for byte."""
    return all(
        (folder / source.name).is_file()
        and (folder / source.name).read_bytes() == source.read_bytes()
        for source in upstream.glob("*.bin")
    )


async def _check_out_after_all(server: ServerProcess) -> Problems:
    """Check out once the lock of the dead is freed: within ten seconds."""
    async with asyncio.timeout(10):
        while True:
            code, answer = await _check_out(server)
            if code == 202:
                break
            if answer["error"] not in {"locked", "changed"}:
                return [f"after the kill: {answer['error']}"]
            await asyncio.sleep(0.2)
    end = await _operation(server)
    return [] if end["state"] == "done" else [f"then: {end['error']}"]


async def _kill_once(
    scratch: Path, trial: int, chance: random.Random
) -> Problems:
    """Kill a server that checks out and runs; see what the next one says."""
    problems: Problems = []
    server = _server(scratch)
    tree = server.root / "checkouts" / "fault"
    mine = f"mine-{trial}.txt"
    await server.start()
    try:
        if not tree.is_dir():
            await _check_out(server)
            await _operation(server)
        (tree / mine).write_text(mine)
        _write_notebook(server.root / f"n{trial}.ipynb")
        code, run = await server.call(
            "POST", "rsp-health/runs", {"paths": [f"n{trial}.ipynb"]}
        )
        if code != 201:
            return [f"run refused: {run}"]
        code, answer = await _check_out(server)
        if code != 202:
            problems.append(f"checkout refused: {answer}")
        await asyncio.sleep(chance.uniform(0.0, 0.8))
        server.kill()

        await server.start()
        problems += await _check_out_after_all(server)
        document = await _until(
            server,
            f"rsp-health/runs/{run['run_id']}",
            "state",
            {"passed", "failed", "died", "error", "interrupted", "stopped"},
        )
        cells = document["notebooks"][0]["cells"]
        passed = sum(cell["state"] == "passed" for cell in cells)
        # A run ends with its server, unless it had ended before.
        if document["state"] != (
            "passed" if passed == _CELLS else "interrupted"
        ):
            problems.append(f"run {document['state']}, {passed} cells")
    finally:
        server.stop()
    if not _whole(tree, scratch / "upstream"):
        problems.append("the tree is not whole")
    kept = list(tree.parent.rglob(mine))
    if not any(path.read_text() == mine for path in kept):
        problems.append(f"{mine} is LOST")
    return problems


async def compete(scratch: Path, clients: int) -> Problems:
    """Let two servers of one home check out at once: one may win."""
    servers = [_server(scratch), _server(scratch)]
    await servers[0].start()
    await servers[1].start()
    try:
        tree = servers[0].root / "checkouts" / "fault"
        shutil.rmtree(tree.parent, ignore_errors=True)
        _, inspection = await servers[0].call("POST", f"{_REPOSITORY}/inspect")
        body = {"fingerprint": inspection["fingerprint"]}
        asked = servers * (clients // 2)
        answered = await asyncio.gather(
            *(s.call("POST", f"{_REPOSITORY}/checkout", body) for s in asked)
        )
        answers = list(zip(asked, answered, strict=True))
        begun = [server for server, (code, _) in answers if code == 202]
        refused = [body for _, (code, body) in answers if code == 409]
        ends = [await _operation(server) for server in begun]
    finally:
        for server in servers:
            server.stop()
    problems: Problems = []
    if len(begun) != 1 or [end["state"] for end in ends] != ["done"]:
        problems.append(f"{len(begun)} began: {ends}")
    if len(refused) != clients - 1:
        problems.append(f"{len(refused)} of {clients - 1} got 409")
    for body in refused:
        # Who comes after the winner's end finds a changed tree instead.
        named = body["error"] == "changed" or _OWNER.search(body["message"])
        if not named:
            problems.append(f"the owner is not named: {body}")
    if not _whole(tree, scratch / "upstream"):
        problems.append("the tree is not whole")
    return problems


async def _suite(kills: int, rounds: int, seed: int) -> int:
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    bad = 0
    with tempfile.TemporaryDirectory(prefix="rsp-health-faults-") as name:
        scratch = Path(name)
        await asyncio.to_thread(write_upstream, scratch / "upstream")
        for trial in range(kills):
            problems = await _kill_once(scratch, trial, chance)
            bad += bool(problems)
            for problem in problems:
                print(f"  kill {trial} (seed {seed}): {problem}")
        for number in range(rounds):
            problems = await compete(scratch, clients=50)
            bad += bool(problems)
            for problem in problems:
                print(f"  round {number}: {problem}")
    print(
        f"  {kills} servers killed while they checked out and ran, {rounds} "
        f"rounds of 50 checkouts on two servers: {bad} went wrong"
    )
    return 1 if bad else 0


def main(argv: list[str]) -> int:
    """Run the suite; 0 if nothing was lost or told wrongly."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(argv)
    return asyncio.run(_suite(options.kills, options.rounds, options.seed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
