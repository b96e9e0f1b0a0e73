"""Notebooks that really fail, as who knows the rules would make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import kind

if TYPE_CHECKING:
    from tests.faults.doctor.verdicts.case import Case

__all__ = ["NOTEBOOKS"]

_TAP = """\
import os, requests, pyvo
session = requests.Session()
session.headers["Authorization"] = "Bearer " + {token}
service = pyvo.dal.TAPService(
    os.environ["EXTERNAL_INSTANCE_URL"] + "/api/tap", session=session)"""


def _cell(case: Case, bad: str, good: str = "1") -> None:
    case.notebook("first = 1", bad if case.broken else good)


@kind(r"not run|misspelt|named", "your_code")
def _a_name_that_nothing_defines(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["butler", "catalog", "visits", "wcs"])
    _cell(case, f"{name}.query()", f"{name} = 1")


@kind(r"not valid Python", "your_code")
def _code_that_is_no_python(case: Case) -> None:
    case.lab()
    _cell(case, case.chance.choice(["for x in :", "a = (1,", "print 'x'"]))


@kind(r"no kernel|not have|kernel", "your_environment")
def _a_kernel_that_is_not_installed(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["ir", "julia-1.10", "desc-stack", "tf2"])
    case.notebook("1", kernel=name if case.broken else "python3")


@kind(r"no module", "your_environment")
def _a_package_that_nobody_has(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["sncosmo", "healsparse", "lsdb", "galsim"])
    _cell(case, f"import {name}", "import json")


@kind(r"crashed", "your_environment", "your_code")
def _a_crash_in_compiled_code(case: Case) -> None:
    case.lab()
    _cell(
        case,
        case.chance.choice(
            ["import ctypes; ctypes.string_at(0)", "import os; os.abort()"]
        ),
    )


@kind(r"exit", "your_code", "your_environment")
def _a_kernel_that_ends_itself(case: Case) -> None:
    case.lab()
    _cell(case, f"import os; os._exit({case.chance.randint(0, 4)})")


@kind(r"files open", "your_code")
def _too_many_files_open(case: Case) -> None:
    case.lab()
    _cell(
        case,
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ("
        f"{case.chance.randint(200, 400)},) * 2)\n"
        "files = [open('/dev/null') for _ in range(500)]",
    )


@kind(r"memory", "your_lab", "your_code")
def _memory_that_is_refused(case: Case) -> None:
    case.lab()
    _cell(
        case,
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3,) * 2)\n"
        f"data = bytearray({case.chance.randint(8, 60)} * 1024**3)",
    )


@kind(r"query", "your_code", needs_libraries=True)
def _a_table_that_is_not_there(case: Case) -> None:
    case.lab()
    case.kernel()
    wrong = case.chance.choice(["CcdVisit", "Objekt", "ForcedSource2"])
    table = wrong if case.broken else "Object"
    case.notebook(
        _TAP.format(token="os.environ['ACCESS_TOKEN']"),
        f"service.search('SELECT * FROM dp1.{table}')",  # noqa: S608 - as users
        kernel="lsst",
    )


@kind(r"without it|another one", "your_code", needs_libraries=True)
def _a_token_that_the_notebook_brings(case: Case) -> None:
    case.lab()
    case.kernel()
    token = repr(f"gt-{case.chance.randint(10**21, 10**22)}.{10**21}")
    case.notebook(
        "import os, httpx\n"
        f"token = {token if case.broken else "os.environ['ACCESS_TOKEN']"}",
        "httpx.get(os.environ['EXTERNAL_INSTANCE_URL'] + '/api/tap/tables',\n"
        "    headers={'Authorization': 'Bearer ' + token}).raise_for_status()",
        kernel="lsst",
    )


@kind(r"no host|look", "your_code", "network", needs_libraries=True)
def _a_host_that_is_misspelt(case: Case) -> None:
    case.lab()
    case.kernel()
    host = case.chance.choice(["data.lsst.invalid", "gaia.esa.invalid"])
    case.notebook(
        "import os, httpx",
        f"httpx.get('https://{host}/tap')" if case.broken else "1",
        kernel="lsst",
    )


@kind(r"Nothing listens", "your_code", needs_libraries=True)
def _a_port_without_a_server(case: Case) -> None:
    case.lab()
    case.kernel()
    case.notebook(
        "import requests",
        f"requests.get('http://localhost:{case.chance.randint(1, 9)}/')"
        if case.broken
        else "1",
        kernel="lsst",
    )


@kind(r"limit", "your_code")
def _a_cell_beyond_its_limit(case: Case) -> None:
    case.lab()
    case.run_options = ("--cell-timeout", "3")
    _cell(case, f"import time; time.sleep({case.chance.randint(60, 90)})")


@kind(r"history|another process|locked", "your_environment")
def _a_database_that_is_locked(case: Case) -> None:
    case.lab()
    _cell(
        case,
        "import sqlite3, os\n"
        "p = os.path.expanduser('~/.ipython/profile_default/history.sqlite')\n"
        "os.makedirs(os.path.dirname(p), exist_ok=True)\n"
        "a = sqlite3.connect(p); a.execute('BEGIN EXCLUSIVE')\n"
        "b = sqlite3.connect(p, timeout=0.1)\n"
        "b.execute('CREATE TABLE more (x)')",
    )


@kind(r"imports itself|name of a package", "your_code")
def _a_file_named_like_a_package(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["tornado", "traitlets", "dateutil"])
    if case.broken:
        case.write(
            "notebooks/fits.py",
            f"import {name}\nimport fits\nfits.read()\n",
        )
    _cell(case, "import fits", "import json")


NOTEBOOKS = [
    _a_name_that_nothing_defines,
    _code_that_is_no_python,
    _a_kernel_that_is_not_installed,
    _a_package_that_nobody_has,
    _a_crash_in_compiled_code,
    _a_kernel_that_ends_itself,
    _too_many_files_open,
    _memory_that_is_refused,
    _a_table_that_is_not_there,
    _a_token_that_the_notebook_brings,
    _a_host_that_is_misspelt,
    _a_port_without_a_server,
    _a_cell_beyond_its_limit,
    _a_database_that_is_locked,
    _a_file_named_like_a_package,
]
"""Kinds that are run, and asked of ``rsp-health doctor --run last``."""
