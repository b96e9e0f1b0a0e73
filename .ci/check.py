"""Check what changed since main: lint, types, imports, and its unit tests.

``make check`` runs it in under a minute; ``make test`` runs everything. Which
tests belong to a change follows from the rooms: ``rsp_health/runner`` is
tested by ``tests/runner``, and a file of the front end by the specs that
import it (Jest knows). The tests of the documentation belong to every page.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

#: Compared with, the first that exists.
BASES = ("origin/main", "main", "HEAD")


def changed(base: str) -> list[Path]:
    """Return the files that differ from where this branch left the base."""
    fork = _git("merge-base", "HEAD", base) or [base]
    names = [
        *_git("diff", "--name-only", "--diff-filter=d", fork[0]),
        *_git("ls-files", "--others", "--exclude-standard"),
    ]
    return sorted({Path(name) for name in names})


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", *arguments], check=False, capture_output=True, text=True
    )
    return done.stdout.splitlines() if done.returncode == 0 else []


def python_tests(files: list[Path]) -> list[str]:
    """Return the test files and folders of the rooms that changed."""
    found = set()
    for path in files:
        if path.suffix == ".md":
            found.add("tests/test_docs.py")
        elif path.parts[0] == "tests" and path.match("test_*.py"):
            found.add(str(path))
        elif path.parts[0] == "rsp_health" and len(path.parts) > 2:
            near = Path("tests", *path.parts[1:-1], f"test_{path.stem}.py")
            if near.exists():
                found.add(str(near))
            elif path.suffix == ".py":
                package = path.with_name("__init__.py")
                found |= _naming(path) or _naming(package)
    return sorted(found)


def _naming(path: Path) -> set[str]:
    """Return the tests of a module's room that name the module."""
    is_package = path.stem == "__init__"
    named = ".".join(
        (path.parent if is_package else path.with_suffix("")).parts
    )
    # A package is named also by each of its modules; they are not meant.
    end = r"(?![\w.])" if is_package else r"(?!\w)"
    module = re.compile(re.escape(named) + end)
    return {
        str(test)
        for test in Path("tests", path.parts[1]).rglob("test_*.py")
        if module.search(test.read_text(encoding="utf-8"))
    }


def steps(files: list[Path]) -> dict[str, list[str]]:
    """Return the commands to run, by the name of their verdict."""
    python = [str(path) for path in files if path.suffix == ".py"]
    front = [
        str(path)
        for path in files
        if path.parts[0] in {"labextension", "ui-tests"}
        and path.suffix in {".ts", ".tsx", ".css", ".mjs"}
    ]
    scripts = [name for name in front if name.endswith((".ts", ".tsx"))]
    sources = [name for name in scripts if name.startswith("labextension/src")]
    tests = python_tests(files)
    found: dict[str, list[str]] = {}
    if python:
        found["lint"] = ["ruff", "check", *python]
        found["format"] = ["ruff", "format", "--check", *python]
        found["imports"] = ["lint-imports"]
        found["types"] = ["mypy"]
    if front:
        found["prettier"] = ["jlpm", "prettier", "--check", *front]
        found["typecheck"] = ["jlpm", "typecheck"]
        found["front end"] = ["jlpm", "imports:check"]
    if scripts:
        found["eslint"] = ["jlpm", "eslint", "--max-warnings", "0", *scripts]
    if sources:
        found["jest"] = [
            *("jlpm", "jest", "--passWithNoTests", "--findRelatedTests"),
            *sources,
        ]
    if tests:
        found["pytest"] = [
            *("pytest", "-q", "-n", "2", "--dist", "loadfile"),
            *("-m", "not slow", *tests),
        ]
    return found


def main() -> int:
    """Run the steps and give a verdict each."""
    wanted = sys.argv[1:] or [
        base for base in BASES if _git("rev-parse", "--verify", base)
    ]
    files = changed(wanted[0])
    failed = []
    began = time.monotonic()
    for name, command in steps(files).items():
        start = time.monotonic()
        done = subprocess.run(
            command,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        took = time.monotonic() - start
        # 5: pytest found no test to run, all of them being slow.
        well = done.returncode == 0 or (
            name == "pytest" and done.returncode == 5
        )
        print(f"{'ok' if well else 'FAILED':7} {name:10} {took:5.1f} s")
        if not well:
            failed.append(name)
            print(done.stdout)
    took = time.monotonic() - began
    verdict = f"FAILED: {', '.join(failed)}" if failed else "ALL WELL"
    print(f"{verdict} ({len(files)} files since {wanted[0]}, {took:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
