"""Labs that are broken, as who knows the checks would break them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import kind
from tests.faults.doctor.verdicts.pythons import user_site

if TYPE_CHECKING:
    from tests.faults.doctor.verdicts.case import Case

__all__ = ["LABS"]


@kind(r"full|files", "your_environment", "your_lab")
def _home_without_inodes(case: Case) -> None:
    inodes = case.chance.randint(8, 60) if case.broken else 4000
    case.script = (
        f"mount -t tmpfs -o size=60m,nr_inodes={inodes} none {case.home}; "
        f"mkdir {case.home}/notebooks {case.home}/many; "
        f"(for n in $(seq 70); do touch {case.home}/many/$n; done) "
        "2>/dev/null || true"
    )


@kind(r"read-only|written", "platform")
def _read_only_home(case: Case) -> None:
    mode = "ro" if case.broken else "rw"
    case.script = f"mount -t tmpfs -o {mode},size=60m none {case.home}"


@kind(r"home is slow", "unknown")
def _home_that_is_slow(case: Case) -> None:
    case.lab()
    if case.broken:
        delay = case.chance.randint(600, 950)
        case.script = (
            "set -- strace -f -qq -o /dev/null -e trace=fsync "
            f'-e inject=fsync:delay_enter={delay}000 "$@"'
        )


@kind(r"may not be used by you|somebody else", "platform", "your_lab")
def _home_of_another_account(case: Case) -> None:
    case.lab()
    if case.broken:
        os.chown(case.home, case.chance.randint(2000, 60000), 3000)
    caps = "-dac_override,-dac_read_search,-fowner"
    case.script = (
        f'set -- setpriv --inh-caps {caps} --bounding-set {caps} "$@"'
    )


@kind(r"token|log", "your_lab")
def _lab_with_an_expired_token(case: Case) -> None:
    case.lab("expired-token")


@kind(r"log ?in|authenti|Gafaelfawr", "platform", "application")
def _lab_in_a_login_outage(case: Case) -> None:
    case.lab("gafaelfawr-down")


@kind(r"connect|reach|network", "network", "platform")
def _lab_whose_platform_closes_all_connections(case: Case) -> None:
    case.lab("unreachable")


@kind(r"network|reach|connect", "network")
def _lab_in_an_empty_network(case: Case) -> None:
    case.lab()
    case.variables["EXTERNAL_INSTANCE_URL"] = (
        f"https://192.0.2.{case.chance.randint(1, 250)}"
        if case.broken
        else case.variables["EXTERNAL_INSTANCE_URL"]
    )
    if case.broken:
        case.script = 'set -- unshare -n "$@"'


@kind(r"clock", "platform", "your_lab", "network")
def _lab_with_another_clock(case: Case) -> None:
    case.lab("clock-skew")


@kind(r"quota", "platform", "your_code")
def _lab_with_a_quota_of_nothing(case: Case) -> None:
    case.lab("blocked")


@kind(r"hide|~/.local", "your_environment")
def _lab_with_an_old_package_in_local(case: Case) -> None:
    case.lab()
    if not case.broken:
        return
    # The kernel python3 is a virtual environment: PYTHONPATH reaches it.
    site = case.home / user_site()
    name, version = case.chance.choice(
        [("traitlets", "4.0.1"), ("tornado", "5.1"), ("jinja2", "2.0")]
    )
    case.write(f"{site}/{name}/__init__.py", "")
    case.write(
        f"{site}/{name}-{version}.dist-info/METADATA",
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    )
    case.kernel("/usr/bin/env python3")
    case.variables["PYTHONPATH"] = str(site)


@kind(r"kernel", "your_environment")
def _kernel_of_a_deleted_environment(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["mine", "dp1-env", "photoz"])
    program = f"{case.home}/envs/{name}/bin/python"
    case.write(
        f".local/share/jupyter/kernels/{name}/kernel.json",
        json.dumps(
            {
                "argv": [
                    *(program, "-m", "ipykernel_launcher"),
                    *("-f", "{connection_file}"),
                ],
                "display_name": name,
                "language": "python",
            }
        ),
    )
    if not case.broken:
        target = case.write(f"envs/{name}/bin/python", "#!/bin/sh\n")
        target.chmod(0o755)
    path = case.notebook("1", kernel=name)
    case.notebooks.clear()
    case.doctor_options = ("--notebook", str(path))


@kind(r"kernel", "your_environment")
def _notebook_for_a_kernel_that_is_not_here(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["ir", "julia-1.10", "desc-stack", "tf2"])
    path = case.notebook("1", kernel=name if case.broken else "python3")
    case.notebooks.clear()
    case.doctor_options = ("--notebook", str(path))


@kind(r"lock", "your_environment")
def _git_lock_that_was_left(case: Case) -> None:
    case.lab()
    tree = case.home / "notebooks" / case.chance.choice(["mine", "tutorials"])
    subprocess.run(["git", "init", "-q", tree], check=True)
    if case.broken:
        lock = tree / ".git" / "index.lock"
        lock.write_text("")
        old = time.time() - case.chance.randint(4000, 90000)
        os.utime(lock, (old, old))


@kind(r"conflict", "your_code")
def _notebook_with_marks_of_a_conflict(case: Case) -> None:
    case.lab()
    path = case.notebook("a = 1", "b = 2")
    case.notebooks.clear()
    if case.broken:
        text = path.read_text()
        at = text.index("cell-2")
        ours = f"\n<<<<<<< HEAD\n{case.chance.randint(1, 9)}\n=======\n"
        path.write_text(text[:at] + ours + ">>>>>>> main\n" + text[at:])
    case.doctor_options = ("--notebook", str(path))


@kind(r"Dask", "your_lab", "your_environment")
def _dask_scheduler_that_has_ended(case: Case) -> None:
    case.lab()
    if case.broken:
        port = case.chance.randint(1, 9)
        case.variables["DASK_SCHEDULER_ADDRESS"] = f"tcp://127.0.0.1:{port}"


LABS = [
    _home_without_inodes,
    _read_only_home,
    _home_that_is_slow,
    _home_of_another_account,
    _lab_with_an_expired_token,
    _lab_in_a_login_outage,
    _lab_whose_platform_closes_all_connections,
    _lab_in_an_empty_network,
    _lab_with_another_clock,
    _lab_with_a_quota_of_nothing,
    _lab_with_an_old_package_in_local,
    _kernel_of_a_deleted_environment,
    _notebook_for_a_kernel_that_is_not_here,
    _git_lock_that_was_left,
    _notebook_with_marks_of_a_conflict,
    _dask_scheduler_that_has_ended,
]
"""Kinds that are asked of ``rsp-health doctor``."""
