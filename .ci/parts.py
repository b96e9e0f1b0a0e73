"""Run the parts of ``make test`` and give the verdicts.

Most tools use one core, so two of them run at a time, the first beside the
rest of the set-up. The test runners at the end use all cores themselves, and
run one after another. A part that passed is not run again until something that it reads has
changed (its inputs are hashed); ``--force`` runs it all the same. The output
of each part goes to ``.make/log/<part>.log`` and is shown when it fails.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STAMPS = Path(".make/passed")
LOGS = Path(".make/log")

#: Parts that need nothing of the front end: they do not wait for it.
EARLY = {"lint", "types"}
#: Parts that use all cores.
WIDE = {"pytest", "packaging", "browser"}

#: Parts with a set-up that mostly waits, `make prepare-<part>`: it is made
#: beside the parts before them.
PREPARED = ("packaging",)

#: What a part reads, as git path specifications. Everything reads the tools'
#: configuration too.
COMMON = ("Makefile", ".ci", ".hooks", "pyproject.toml", ".constraints.txt")
PYTHON = ("rsp_health", "tests")
FRONT = (
    "labextension",
    "package.json",
    "yarn.lock",
    "tsconfig.json",
    "*.js",
    "*.mjs",
)
INPUTS = {
    "lint": (*PYTHON, "docs/*.py", "labextension/*.py", "ui-tests/*.py"),
    "imports": ("rsp_health", *FRONT, ".dependency-cruiser.cjs"),
    "types": (*PYTHON, "docs/*.py"),
    "generated": ("rsp_health", *FRONT),
    "frontend-lint": (*FRONT, "ui-tests"),
    "jest": FRONT,
    "pytest": (*PYTHON, "docs", "README.md", ".pre-commit-hooks.yaml"),
    "latest": (*PYTHON, *FRONT),
    "packaging": (*PYTHON, *FRONT, "README.md", "install.json", "ui-tests"),
    "browser": ("rsp_health", *FRONT, "ui-tests"),
}


def digest(part: str) -> str:
    """Return a hash of everything that the part reads."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            *COMMON,
            *INPUTS[part],
        ],
        check=True,
        capture_output=True,
    ).stdout
    total = hashlib.sha256(sys.version.encode())
    for name in sorted(set(listed.split(b"\0")) - {b""}):
        path = Path(os.fsdecode(name))
        if path.is_file():
            total.update(name + b"\0" + path.read_bytes())
    return total.hexdigest()


def run(part: str, *, live: bool) -> bool:
    """Run one part and return whether it passed; show its lines if live."""
    log = LOGS / f"{part}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["make", f"test-{part}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        if process.stdout is None:
            raise RuntimeError("make has no output")
        for line in process.stdout:
            file.write(line)
            if live:
                text = line.decode(errors="replace").strip()[:90]
                print(f"\r\033[K    {text}", end="", flush=True)
        if live:
            print("\r\033[K", end="")
    return process.wait() == 0


def summary(part: str) -> str:
    """Return the test runner's own last count and coverage, if it told any."""
    log = (LOGS / f"{part}.log").read_text(errors="replace")
    counts = re.findall(
        r"^[ =]*(Tests: .*|\d.* passed.*?)[ =]*$", log, re.MULTILINE
    )
    covered = re.findall(r"^(?:TOTAL|Lines) .*?([\d.]+%)", log, re.MULTILINE)
    told = [*counts[-1:], *(f"{share} of the lines" for share in covered[-1:])]
    return f" ({'; '.join(told)})" if told else ""


def end_of(log: Path) -> list[str]:
    """Return what tells why a part failed: its failed tests, its last lines.

    Whoever reads it may have these lines only. The servers of the browser
    tests end after the tests, with many lines of their own.
    """
    lines = log.read_text(errors="replace").splitlines()
    kept = [line for line in lines if not line.startswith("[WebServer]")]
    failed = [line for line in kept if re.match(r" *✘ *\d+ ", line)]
    return [*failed, *kept[-60:]]


class Parts:
    """Runs parts, says how each ended, and keeps which failed.

    Parameters
    ----------
    force
        Run also what passed with the same inputs.
    """

    def __init__(self, *, force: bool) -> None:
        self.failed: list[str] = []
        self._force = force
        self._saying = threading.Lock()

    def is_settled(self, part: str, before: str) -> bool:
        """Whether a part passed with these inputs, and is not forced."""
        stamp = STAMPS / part
        unchanged = stamp.is_file() and stamp.read_text() == before
        return unchanged and not self._force

    def prepare(self, part: str) -> None:
        """Make what a part needs; should it fail, the part tries again."""
        if self.is_settled(part, digest(part)):
            return
        with (LOGS / f"{part}-set-up.log").open("wb") as log:
            subprocess.run(
                ["make", f"prepare-{part}"],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def look(self, part: str, *, live: bool = False) -> None:
        """Run a part, unless it passed and nothing has changed since."""
        stamp = STAMPS / part
        before = digest(part)
        if self.is_settled(part, before):
            self._say(f"  PASS  {part:<14} unchanged since it passed")
            return
        stamp.unlink(missing_ok=True)
        self._say(f"  ....  {part}")
        start = time.monotonic()
        passed = run(part, live=live)
        took = f"{time.monotonic() - start:6.1f} s{summary(part)}"
        if passed:
            stamp.write_text(before)
            self._say(f"  PASS  {part:<14} {took}")
            return
        self.failed.append(part)
        log = LOGS / f"{part}.log"
        self._say(
            f"  FAIL  {part:<14} {took}",
            *(f"      | {line}" for line in end_of(log)),
            f"      whole log: {log}",
        )

    def _say(self, *lines: str) -> None:
        with self._saying:
            print("\n".join(lines), flush=True)


def main() -> int:
    """Run the parts named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true")
    parser.add_argument("parts", nargs="+", choices=sorted(INPUTS))
    arguments = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    STAMPS.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    wanted = arguments.parts
    count = len(wanted)
    print(f"make test: {count} parts", flush=True)
    parts = Parts(force=arguments.force)
    with ThreadPoolExecutor(2) as lanes:
        setup = lanes.submit(
            subprocess.run, ["make", "setup"], check=False, stdin=None
        )
        early = [p for p in wanted if p in EARLY]
        list(lanes.map(parts.look, early))
        if setup.result().returncode != 0:
            print("\nFAILED: make setup", flush=True)
            return 1
        narrow = [p for p in wanted if p not in EARLY | WIDE]
        list(lanes.map(parts.look, narrow))
    wide = [p for p in wanted if p in WIDE]
    with ThreadPoolExecutor() as beside:
        coming = {
            part: beside.submit(parts.prepare, part)
            for part in PREPARED
            if part in wide
        }
        for part in wide:
            if part in coming:
                coming[part].result()
            parts.look(part, live=sys.stdout.isatty())
    total = time.monotonic() - begun
    if parts.failed:
        print(f"\nFAILED in {total:.0f} s: {', '.join(parts.failed)}")
    else:
        print(f"\nALL {count} PARTS PASSED in {total:.0f} s")
    print(f"{count - len(parts.failed)} passed, {len(parts.failed)} failed")
    return 1 if parts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
