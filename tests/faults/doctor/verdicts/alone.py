"""Kinds written from the notes on what goes wrong in labs, and nothing else.

They, and what must be told of each, were written before their author had read
a rule or a check of the doctor; no rule is changed for the sake of one of
them. What they show is what the doctor knows of faults that it was not made
for.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import kind
from tests.faults.doctor.verdicts.pythons import libraries, user_site
from tests.support.memory_group import small_memory_group

if TYPE_CHECKING:
    from tests.faults.doctor.verdicts.case import Case

__all__ = ["ALONE"]

_SERVICE = """\
import os, requests, pyvo
session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["ACCESS_TOKEN"]
service = pyvo.dal.TAPService(
    os.environ["EXTERNAL_INSTANCE_URL"] + "/api/tap", session=session)"""
_QUERY = "service.search('SELECT TOP {} * FROM dp1.{}')"
_TABLES = ("Object", "Visit")


def _query(case: Case) -> None:
    case.kernel()
    case.notebook(
        "print('hello')",
        _SERVICE,
        _QUERY.format(case.chance.randint(1, 90), case.chance.choice(_TABLES)),
        kernel="lsst",
    )


@kind(r"full|space|room", "your_lab", "your_environment")
def _home_with_less_than_a_megabyte(case: Case) -> None:
    size = case.chance.randint(200, 900) if case.broken else 80_000
    case.script = (
        f"mount -t tmpfs -o size={size}k none {case.home}; "
        f"mkdir {case.home}/notebooks; "
        f"head -c {size * 1024 // 3} /dev/zero > {case.home}/big.fits"
    )


@kind(
    r"abnormal|temporary|not (be )?kept|lost", "your_lab", "your_environment"
)
def _abnormal_start(case: Case) -> None:
    case.lab()
    if not case.broken:
        return
    code, words = case.chance.choice(
        [
            ("EDQUOT", "Disk quota exceeded"),
            ("ENOSPC", "No space left on device"),
            ("EROFS", "Read-only file system"),
            ("EACCES", "Permission denied"),
        ]
    )
    case.variables |= {
        "ABNORMAL_STARTUP": "TRUE",
        "ABNORMAL_STARTUP_ERRORCODE": code,
        "ABNORMAL_STARTUP_STRERROR": words,
        "ABNORMAL_STARTUP_MESSAGE": f"{words}: ~/.cache/1mb.txt",
    }


@kind(r"\.user_setups", "your_environment")
def _user_setups_with_a_syntax_error(case: Case) -> None:
    case.lab()
    case.kernel()
    good = f"export MY_DATA=/scratch/{case.chance.randint(1, 99)}\n"
    bad = case.chance.choice(
        [
            "if [ -d /tmp ]; then\n",
            "foo() {\n",
            "echo 'it is\n",
            "for i in 1\n",
        ]
    )
    case.write(
        "notebooks/.user_setups", good + (bad if case.broken else "") + good
    )


@kind(r"\.user_setups", "your_environment")
def _user_setups_that_exits(case: Case) -> None:
    case.lab()
    case.kernel()
    status = case.chance.randint(1, 3)
    case.write(
        "notebooks/.user_setups",
        "export A=1\n" + (f"exit {status}\n" if case.broken else ""),
    )
    case.notebook("1 + 1", kernel="lsst")


@kind(r"\.local|user site|hides", "your_environment", needs_libraries=True)
def _local_package_hides_one_of_the_image(case: Case) -> None:
    case.lab()
    image = libraries()
    assert image is not None
    # Where the image of a lab has its stack.
    stack = "/opt/lsst/software/stack/conda/envs/lsst-scipipe-10.1.0"
    case.script = (
        f"mount -t tmpfs none /opt; mkdir -p {stack}; "
        f"mount --bind {image.parents[1]} {stack}"
    )
    case.kernel(f"{stack}/bin/python3")
    package, name, version = case.chance.choice(
        [
            ("httpx", "AsyncClient", "0.1.0"),
            ("pyvo", "dal", "0.0.9"),
            ("requests", "Session", "1.2.3"),
            ("certifi", "where", "2001.1"),
        ]
    )
    case.notebook(f"from {package} import {name}", kernel="lsst")
    if not case.broken:
        return
    site = user_site()
    case.write(f"{site}/{package}/__init__.py", f"__version__ = '{version}'\n")
    case.write(
        f"{site}/{package}-{version}.dist-info/METADATA",
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
    )
    case.write(
        f"{site}/{package}-{version}.dist-info/RECORD",
        f"{package}/__init__.py,,\n{package}-{version}.dist-info/METADATA,,\n",
    )


def _in_a_small_group(case: Case, megabytes: int) -> None:
    """Run all in a control group of so much memory."""
    made = case.ends.enter_context(small_memory_group())
    if made is None:
        raise RuntimeError("no control group can be made here")
    folder = made[1]
    for file in ("memory.limit_in_bytes", "memory.max"):
        if (folder / file).exists():
            (folder / file).write_text(str(megabytes * 1024**2))
    case.script = f"echo $$ > {folder}/cgroup.procs"


@kind(r"memory", "your_code", "your_lab")
def _out_of_memory(case: Case) -> None:
    case.lab()
    _in_a_small_group(case, 700)
    megabytes = case.chance.randint(900, 4000) if case.broken else 5
    how = case.chance.choice(
        [
            "data = bytearray(b'x') * ({} * 1024**2)",
            "data = [bytes([1]) * 1024**2 for _ in range({})]",
            "data = b'ab' * ({} * 1024**2 // 2)",
        ]
    )
    case.notebook("a = 1", how.format(megabytes))


@kind(
    r"kill|SIG",
    "unknown",
    "your_code",
    "your_lab",
    never=r"(?<!not for lack of )memory",
    may_abstain=True,
)
def _killed_and_nobody_knows_why(case: Case) -> None:
    case.lab()
    case.notebook(
        "import os, signal",
        "os.kill(os.getpid(), signal.SIGKILL)" if case.broken else "1",
    )


@kind(r"kernel", "your_environment", "your_code")
def _made_for_lsst_run_on_python3(case: Case) -> None:
    case.lab()
    case.kernel()
    modules = ["daf.butler", "afw.image", "geom", "afw.display", "rsp"]
    for number in range(case.chance.randint(2, 4)):
        module = case.chance.choice(modules)
        case.notebook(
            f"import lsst.{module}" if case.broken else "import json",
            name=f"notebooks/tutorial-{number}.ipynb",
            kernel="lsst",
        )
    case.run_options = ("--kernel", "python3")


@kind(
    r"token|log in|logged|login",
    "your_lab",
    "your_environment",
    needs_libraries=True,
)
def _pyvo_gets_a_login_page(case: Case) -> None:
    case.lab("login-page")
    _query(case)


@kind(
    r"token|log in|logged|login",
    "your_lab",
    "your_environment",
    needs_libraries=True,
)
def _pyvo_with_an_expired_token(case: Case) -> None:
    case.lab("expired-token")
    _query(case)


@kind(r"connect|network|reach", "network", "platform", needs_libraries=True)
def _pyvo_and_a_cut_connection(case: Case) -> None:
    case.lab("unreachable")
    _query(case)


@kind(r"TAP", "platform", "application", needs_libraries=True)
def _pyvo_in_an_outage(case: Case) -> None:
    case.lab("tap-down")
    _query(case)


@kind(r"announce|maintenance", "announced", needs_libraries=True)
def _pyvo_in_an_announced_outage(case: Case) -> None:
    case.lab("maintenance")
    _query(case)


@kind(
    r"quota|too many|limit|per minute",
    "your_code",
    "your_lab",
    "your_environment",
    needs_libraries=True,
)
def _pyvo_beyond_its_quota(case: Case) -> None:
    case.lab("throttled")
    _query(case)


@kind(r"log ?in|authenti|Gafaelfawr", "platform", needs_libraries=True)
def _a_login_outage_spreads(case: Case) -> None:
    case.lab("gafaelfawr-down")
    case.kernel()
    path = case.chance.choice(["/api/tap/tables", "/api/sia/capabilities"])
    case.notebook(
        "import os, httpx",
        "headers = {'Authorization': 'Bearer ' + os.environ['ACCESS_TOKEN']}\n"
        f"httpx.get(os.environ['EXTERNAL_INSTANCE_URL'] + '{path}',\n"
        "          headers=headers).raise_for_status()",
        kernel="lsst",
    )


@kind(r"data ?set", "your_code")
def _a_dataset_that_is_not_here(case: Case) -> None:
    case.lab()
    name = case.chance.choice(["dp03", "dp2", "drp", "prompt", "dr1"])
    case.notebook(
        "class UnknownDatasetError(Exception):\n    pass",
        f'raise UnknownDatasetError("Dataset {name} is not present in this '
        'environment")'
        if case.broken
        else "1",
    )


@kind(r"token", "your_lab", "your_environment")
def _no_token_in_the_lab(case: Case) -> None:
    sandbox = case.lab()
    if case.broken:
        for name in ("ACCESS_TOKEN", "NUBLADO_TOKEN"):
            case.variables.pop(name, None)
        for path in sandbox_tokens(case):
            path.unlink()
    case.notebook(
        "import os\nclass TokenNotAvailableError(Exception):\n    pass",
        "if 'ACCESS_TOKEN' not in os.environ:\n"
        "    raise TokenNotAvailableError('No token found in the lab')",
    )
    assert sandbox.url


def sandbox_tokens(case: Case) -> list[Path]:
    """Return the mounted files that hold a token."""
    return list(
        Path(case.variables["NUBLADO_RUNTIME_MOUNTS_DIR"]).rglob("token")
    )


def _save(case: Case, folder: str) -> None:
    kib = case.chance.randint(2000, 5000)
    name = case.chance.choice(["out.fits", "table.parquet", "fig.png"])
    case.notebook(
        "from pathlib import Path",
        f"Path('{folder}/{name}').write_bytes(b'x' * ({kib} * 1024))",
    )


@kind(r"full|space|room", "your_lab", "your_environment")
def _no_space_for_a_save(case: Case) -> None:
    case.lab()
    results = case.home / "results"
    results.mkdir()
    size = "1m" if case.broken else "30m"
    case.script = f"mount -t tmpfs -o size={size} none {results}"
    _save(case, str(results))


@kind(r"read.only|not (be )?writ", "your_lab", "your_environment", "platform")
def _a_read_only_folder(case: Case) -> None:
    case.lab()
    results = case.home / "results"
    results.mkdir()
    mode = "ro" if case.broken else "rw"
    case.script = f"mount -t tmpfs -o {mode},size=30m none {results}"
    _save(case, str(results))


@kind(
    r"permission|belong|owner|may not|not yours",
    "your_lab",
    "your_environment",
    "your_code",
)
def _a_folder_of_somebody_else(case: Case) -> None:
    case.lab()
    results = case.home / "results"
    results.mkdir(mode=0o755)
    if case.broken:
        os.chown(results, 4242, 4242)
    # Root may write everywhere, unless it gives that up.
    drop = shutil.which("setpriv")
    if drop is None:
        raise RuntimeError("there is no setpriv")
    caps = "-dac_override,-dac_read_search,-fowner"
    case.script = f'set -- {drop} --inh-caps {caps} --bounding-set {caps} "$@"'
    _save(case, str(results))


ALONE = [
    _home_with_less_than_a_megabyte,
    _abnormal_start,
    _user_setups_with_a_syntax_error,
    _user_setups_that_exits,
    _local_package_hides_one_of_the_image,
    _out_of_memory,
    _killed_and_nobody_knows_why,
    _made_for_lsst_run_on_python3,
    _pyvo_gets_a_login_page,
    _pyvo_with_an_expired_token,
    _pyvo_and_a_cut_connection,
    _pyvo_in_an_outage,
    _pyvo_in_an_announced_outage,
    _pyvo_beyond_its_quota,
    _a_login_outage_spreads,
    _a_dataset_that_is_not_here,
    _no_token_in_the_lab,
    _no_space_for_a_save,
    _a_read_only_folder,
    _a_folder_of_somebody_else,
]
"""Kinds of which no rule was known to their author."""
