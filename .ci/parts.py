"""Run the parts of ``make test`` one after another and give the verdicts.

A part that passed is not run again until something that it reads has
changed (its inputs are hashed); ``--force`` runs it all the same. The output
of each part goes to ``.make/log/<part>.log`` and is shown when it fails.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

STAMPS = Path(".make/passed")
LOGS = Path(".make/log")

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
    "lint": (*PYTHON, "ui-tests/*.py"),
    "imports": ("rsp_health", *FRONT, ".dependency-cruiser.cjs"),
    "types": ("rsp_health",),
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


def run(part: str) -> bool:
    """Run one part and return whether it passed."""
    log = LOGS / f"{part}.log"
    live = sys.stdout.isatty()
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
    """Return the test runner's own last count, if the log has one."""
    log = (LOGS / f"{part}.log").read_text(errors="replace").splitlines()
    for line in reversed(log):
        text = line.strip(" =")
        if text.startswith("Tests:") or (
            " passed" in text and text[:1].isdigit()
        ):
            return f" ({text})"
    return ""


def main() -> int:
    """Run the parts named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true")
    parser.add_argument("parts", nargs="+", choices=sorted(INPUTS))
    arguments = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    STAMPS.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    failed = []
    print(f"make test: {len(arguments.parts)} parts", flush=True)
    for part in arguments.parts:
        stamp = STAMPS / part
        before = digest(part)
        unchanged = stamp.is_file() and stamp.read_text() == before
        if unchanged and not arguments.force:
            print(f"  PASS  {part:<14} unchanged since it passed", flush=True)
            continue
        stamp.unlink(missing_ok=True)
        print(f"  ....  {part}", flush=True)
        start = time.monotonic()
        passed = run(part)
        seconds = time.monotonic() - start
        if passed:
            stamp.write_text(before)
            word = "PASS"
        else:
            failed.append(part)
            word = "FAIL"
        print(
            f"  {word}  {part:<14} {seconds:6.1f} s{summary(part)}", flush=True
        )
        if not passed:
            log = LOGS / f"{part}.log"
            tail = log.read_text(errors="replace").splitlines()[-60:]
            print("\n".join(f"      | {line}" for line in tail))
            print(f"      whole log: {log}", flush=True)
    total = time.monotonic() - begun
    count = len(arguments.parts)
    if failed:
        print(f"\nFAILED in {total:.0f} s: {', '.join(failed)}")
    else:
        print(f"\nALL {count} PARTS PASSED in {total:.0f} s")
    print(f"{count - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
