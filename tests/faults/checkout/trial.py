"""One fault: break a change to a copied home, then look three times."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import cache, partial
from pathlib import Path

from tests.faults.checkout.homes import (
    PLACE,
    SCENARIOS,
    git,
    kind_of,
    make_service,
    make_upstream,
    notebook,
    use_file_system_of,
)
from tests.faults.checkout.injection import (
    BUG,
    DONE,
    REFUSED,
    Fault,
    adopt_orphans,
    count,
    run,
)
from tests.faults.checkout.oracle import (
    State,
    expected,
    find_lost,
    is_fresh,
    read_tree,
    whole,
)

__all__ = ["list_faults", "prepare", "try_fault"]


def prepare(base: Path) -> None:
    """Make upstream, and one home per scenario."""
    upstream = base / "upstream"
    make_upstream(upstream)
    for name, scenario in SCENARIOS.items():
        home = base / "homes" / name
        home.mkdir(parents=True)
        scenario.prepare(home, upstream)
    # One more commit, so that no checkout is up to date.
    (upstream / "nb4.ipynb").write_text(notebook("newer"))
    git(upstream, "commit", "-q", "-a", "-m", "second")


def change(name: str, home: Path, upstream: Path) -> None:
    """Do what a scenario tests, as one command would."""
    use_file_system_of(name)
    service = make_service(home, upstream)
    service.recover()
    SCENARIOS[name].change(service)


@cache
def warm(base: Path) -> None:
    """Import what is imported late, so that no fault hits an import."""
    adopt_orphans()
    home = base / "warm" / str(time.monotonic_ns())
    home.mkdir(parents=True)
    service = make_service(home, base / "upstream")
    service.checkout("system-test", fingerprint=None)
    (home / PLACE / "x").write_text("x")
    service.checkout("system-test", fingerprint=None)
    service.backups("system-test")
    shutil.rmtree(home)


def list_faults(base: Path, name: str) -> list[tuple[str, Fault]]:
    """List every fault of a scenario."""
    warm(base)
    home = Path(tempfile.mkdtemp(dir=base)) / "home"
    shutil.copytree(base / "homes" / name, home, symlinks=True)
    found = count(partial(change, name, home, base / "upstream"), home.parent)
    shutil.rmtree(home.parent)
    return [(name, fault) for fault in found]


def try_fault(
    base: Path, name: str, fault: Fault, kill: bool
) -> tuple[str, int, list[str]]:
    """Inject one fault; return its name, how it ended, what was wrong."""
    warm(base)
    upstream = base / "upstream"
    scratch = Path(tempfile.mkdtemp(dir=base))
    home, log = scratch / "home", scratch / "log"
    shutil.copytree(base / "homes" / name, home, symlinks=True)
    before = State.of(home)
    work = before if SCENARIOS[name].is_work else State(target=None)
    wrong = []
    code = run(
        partial(change, name, home, upstream),
        options=["-o", "/dev/null", *fault.options()],
        kill_orphans=kill,
        log=log,
    )
    if code == BUG:
        told = log.read_text() if log.exists() else "?"
        wrong.append(f"not one of our errors: {told[-600:]}")
    elif code not in (DONE, REFUSED, -9):
        wrong.append(f"ended with {code}")
    wrong += [f"lost at once: {path}" for path in find_lost_now(work, home)]
    # Only what the next start of a server does.
    run(partial(start_server, name, home, upstream))
    after = State.of(home)
    wrong += [f"lost after recovery: {x}" for x in find_lost(work, after)]
    if not may_stand(name, before, after, home, upstream):
        kind = "missing" if after.target is None else "partial"
        wrong.append(f"target {kind} after recovery")
    # The user tries again, if the first try did not go through.
    again = code
    if code != DONE:
        again = run(partial(retry, name, home, upstream), log=log)
    if again != DONE:
        told = log.read_text() if log.exists() else "?"
        wrong.append(f"the next command failed ({again}): {told[-600:]}")
    else:
        problem = expected(name, before, home, upstream)
        if problem:
            wrong.append(f"target {problem} at the end")
        lost = find_lost(work, State.of(home))
        wrong += [f"lost at the end: {path}" for path in lost]
    shutil.rmtree(scratch, ignore_errors=True)
    return f"{name}: {fault}", code, wrong


def start_server(name: str, home: Path, upstream: Path) -> None:
    """Do what the start of a server does."""
    use_file_system_of(name)
    make_service(home, upstream).recover()


def find_lost_now(before: State, home: Path) -> list[str]:
    """List work whose content is nowhere in the home, whatever its name."""
    held = set(read_tree(home).values())
    return [
        path
        for tree in before.trees()
        for path, value in tree.items()
        if value not in held
    ]


def retry(name: str, home: Path, upstream: Path) -> None:
    """Run the next command; a removal that went through needs none."""
    if kind_of(name) == "remove" and not (home / PLACE).exists():
        start_server(name, home, upstream)
        return
    change(name, home, upstream)


def may_stand(
    name: str, before: State, after: State, home: Path, upstream: Path
) -> bool:
    """Whether the target is the old tree or the new one, whole."""
    target = after.target
    if target is None:
        return before.target is None or kind_of(name) == "remove"
    olds = [] if before.target is None else [before.target]
    known = [*olds, *before.backups.values(), *before.pending]
    if whole(target, known):
        return True
    if kind_of(name) in ("reset", "restore one file"):
        return not expected(name, before, home, upstream)
    return is_fresh(home, upstream)
