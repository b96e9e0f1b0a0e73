"""Homes full of a user's work, made once and copied for each fault."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rsp_health.checkout.service import CheckoutService
from rsp_health.cleaning.filter import tree as tree_filter
from rsp_health.files import renames
from rsp_health.platform.environment import LabEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACE = "notebooks/rsp-health/system-test"
FILE = "tap.ipynb"


def git(folder: Path, *arguments: str) -> str:
    """Run the user's git: with a name, and no configuration but that."""
    done = subprocess.run(
        ["git", "-c", "user.name=u", "-c", "user.email=u@e.org", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    )
    return done.stdout.strip()


def notebook(text: str) -> str:
    """Return a small notebook."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": text,
    }
    return json.dumps(
        {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )


def make_upstream(folder: Path) -> None:
    """Make a repository with eight files in two folders."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "sub dir").mkdir()
    for index in range(5):
        (folder / f"nb{index}.ipynb").write_text(notebook(f"print({index})"))
    (folder / FILE).write_text(notebook("tap"))
    (folder / "sub dir/é ñ.ipynb").write_text(notebook("names"))
    (folder / ".gitignore").write_text("*.log\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")


def kind_of(name: str) -> str:
    """Return a scenario's name without the file system."""
    return name.removesuffix(ON_NFS)


def use_file_system_of(name: str) -> None:
    """Make this process's file system that of a scenario."""
    if SCENARIOS[name].nfs:
        renames._rename = lambda *_: False


def make_service(home: Path, upstream: Path) -> CheckoutService:
    """Build the service of a lab with this home."""
    return CheckoutService(
        repositories=[
            {
                "id": "system-test",
                "title": "System test",
                "url": str(upstream),
                "directory": PLACE,
            }
        ],
        root=home,
        data_dir=home / ".rsp-health",
        environment=LabEnvironment(variables={"USER": "u"}),
        allowed_protocols=["file"],
        outputs=tree_filter,
    )


def work_in(tree: Path) -> None:
    """Leave every kind of work in a checkout."""
    (tree / FILE).write_text(notebook("mine"))
    (tree / "nb0.ipynb").unlink()
    (tree / "my notes.txt").write_text("notes\n" * 100)
    (tree / "huge.log").write_bytes(b"log" * 20_000)
    (tree / "sub dir/new").mkdir()
    (tree / "sub dir/new/deep.txt").write_text("deep")
    (tree / "nb1.ipynb").write_text(notebook("committed"))
    git(tree, "commit", "-q", "-m", "mine", "nb1.ipynb")
    (tree / "nb2.ipynb").write_text(notebook("stashed"))
    git(tree, "stash", "push", "-q", "nb2.ipynb")
    # A history of its own, in a folder that upstream has too.
    git(tree / "sub dir", "init", "-q")
    git(tree / "sub dir", "commit", "-q", "--allow-empty", "-m", "thesis")


ON_NFS = " on NFS"
"""What the names of some scenarios end with."""


@dataclass(frozen=True)
class Scenario:
    """A home, and a change to it.

    Parameters
    ----------
    prepare
        Fills a fresh home.
    change
        Does what is tested.
    is_work
        Whether the target holds a user's work, rather than what upstream
        has, too.
    nfs
        Whether names are changed as NFS can: without ``renameat2``.
    """

    prepare: Callable[[Path, Path], None]
    change: Callable[[CheckoutService], object]
    is_work: bool = True
    nfs: bool = False


def _empty(home: Path, upstream: Path) -> None:
    """Nothing was ever checked out."""


def _checked_out(home: Path, upstream: Path) -> None:
    make_service(home, upstream).checkout("system-test", fingerprint=None)


def _dirty(home: Path, upstream: Path) -> None:
    _checked_out(home, upstream)
    work_in(home / PLACE)


def _behind(home: Path, upstream: Path) -> None:
    """Check out what was, unchanged; upstream has moved on since."""
    service = make_service(home, upstream)
    old = git(upstream, "rev-parse", "HEAD")
    service.checkout("system-test", fingerprint=None, ref=old)


def _with_backup(home: Path, upstream: Path) -> None:
    _dirty(home, upstream)
    _checked_out(home, upstream)
    (home / PLACE / "later.txt").write_text("later work")


def _with_file_backup(home: Path, upstream: Path) -> None:
    _dirty(home, upstream)
    make_service(home, upstream).reset("system-test", FILE)
    (home / PLACE / FILE).write_text(notebook("mine again"))


def _foreign(home: Path, upstream: Path) -> None:
    del upstream
    tree = home / PLACE
    (tree / "deep").mkdir(parents=True)
    (tree / "a.txt").write_text("somebody's")
    (tree / "deep/b.txt").write_text("work")


def _interrupted(home: Path, upstream: Path) -> None:
    """Stop between the two renames of an exchange."""
    _dirty(home, upstream)
    tree = home / PLACE
    area = tree.parent / ".rsp-health"
    other = home / "other"
    _checked_out(other, upstream)
    temporary = area / "tmp-system-test-0123456789ab"
    temporary.mkdir()
    shutil.move(other / PLACE, temporary / "tree")
    shutil.rmtree(other)
    backup = "system-test.backup-20260101T000000Z"
    (area / "journal").mkdir(exist_ok=True)
    (area / "journal/system-test.json").write_text(
        json.dumps(
            {
                "kind": "checkout",
                "source": f".rsp-health/{temporary.name}/tree",
                "backup": backup,
                "schema": "rsp-health.journal/1",
            }
        )
    )
    tree.rename(tree.with_name(backup))


def _create(service: CheckoutService) -> object:
    return service.checkout("system-test", fingerprint=None)


def _restore(service: CheckoutService) -> object:
    # The oldest: a retry must not pick what the first try made.
    backup = service.backups("system-test").backups[-1]
    return service.restore("system-test", backup.id)


def _remove(service: CheckoutService) -> object:
    return service.remove("system-test")


def _reset(service: CheckoutService) -> object:
    return service.reset("system-test", FILE)


SCENARIOS = {
    "create over work": Scenario(_dirty, _create),
    "create over an unchanged tree": Scenario(_behind, _create, is_work=False),
    "create": Scenario(_empty, _create),
    "create over a foreign folder": Scenario(_foreign, _create),
    "restore": Scenario(_with_backup, _restore),
    "restore one file": Scenario(_with_file_backup, _restore),
    "remove": Scenario(_dirty, _remove),
    "reset": Scenario(_dirty, _reset),
    "recover": Scenario(_interrupted, _create),
}
SCENARIOS |= {
    f"{name}{ON_NFS}": replace(SCENARIOS[name], nfs=True)
    for name in ("create over work", "restore one file", "remove", "reset")
}
