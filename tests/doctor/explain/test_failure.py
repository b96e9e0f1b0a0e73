"""What is read from an error, in whatever shape it comes."""

from __future__ import annotations

import pytest

from rsp_health.doctor.explain.failure import read_failure

CHAIN = """\
---------------------------------------------------------------------------
gaierror                                  Traceback (most recent call last)
File ~/.local/lib/python3.13/site-packages/urllib3/connection.py:198, in x(self)
    197 try:
--> 198     sock = connect()

File /usr/lib/python3.13/socket.py:977, in getaddrinfo(host)
    976 addrlist = []

gaierror: [Errno -2] Name or service not known

The above exception was the direct cause of the following exception:

ConnectionError                           Traceback (most recent call last)
Cell In[3], line 1
----> 1 service.search("SELECT 1")

File /opt/lsst/pyvo/dal/query.py:12, in search(self)
     11 KeyError: this is a line of code

pyvo.dal.exceptions.DALServiceError: 503 Server Error: Service Unavailable for url: https://data.example.com/api/tap/sync
"""


def test_the_whole_chain_is_read_and_no_line_of_code() -> None:
    found = read_failure(
        ename="DALServiceError", evalue="503 …", traceback=CHAIN
    )

    assert [t.short for t in found.thrown] == [
        "ConnectionError",
        "gaierror",
        "DALServiceError",
    ]
    assert found.statuses == (503,)
    assert found.hosts == ("data.example.com",)
    assert found.paths == ("/api/tap/sync",)
    assert found.files[0].startswith("~/.local/")
    assert found.files[-1] == "/opt/lsst/pyvo/dal/query.py"
    assert found.ends_in_notebook is False


def test_the_home_is_told_by_its_sign() -> None:
    text = '  File "/home/u/.local/lib/x.py", line 3, in f\nE: no\n'

    found = read_failure(traceback=text, home="/home/u")

    assert found.files == ("~/.local/lib/x.py",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[Errno 28] No space left on device: '/x'", "ENOSPC"),
        ("[Errno 122] whatever", "EDQUOT"),
        ("OSError: Disk quota exceeded", "EDQUOT"),
        ("[Errno 13] Permission denied", "EACCES"),
        ("[Errno 99999] odd", None),
    ],
)
def test_errnos_have_names(text: str, name: str | None) -> None:
    found = read_failure(ename="OSError", evalue=text)

    assert found.errnos == (frozenset() if name is None else {name})


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("403 Client Error: Forbidden for url: https://x/y", 403),
        ("Client error '401 Unauthorized' for url 'https://x'", 401),
        ("Redirect response '302 Found' for url 'https://x'", 302),
        ("HTTP Error 502: Bad Gateway", 502),
        ("503, message='Service Unavailable'", None),
        ("status_code=504", 504),
        ("Too Many Requests, try later", 429),
        ("shape (404, 3) is not 503", None),
    ],
)
def test_a_status_is_one_only_where_http_is_spoken_of(
    text: str, status: int | None
) -> None:
    found = read_failure(ename="Error", evalue=text)

    assert found.statuses == (() if status is None else (status,))


@pytest.mark.parametrize(
    ("reason", "signal", "memory"),
    [
        (
            (
                "The kernel was killed by signal 9 (SIGKILL): the lab ran out of "
                "memory."
            ),
            "SIGKILL",
            True,
        ),
        (
            (
                "The kernel was killed by signal 9 (SIGKILL), probably for want "
                "of memory."
            ),
            "SIGKILL",
            None,
        ),
        ("The kernel was killed by signal 9 (SIGKILL).", "SIGKILL", False),
        ("The kernel process exited with code 1.", None, None),
    ],
)
def test_the_runner_s_words_are_understood(
    reason: str, signal: str | None, memory: bool | None
) -> None:
    found = read_failure(reason=reason, state="died")

    assert (found.signal, found.out_of_memory) == (signal, memory)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mE\x1b[0m" * 100_000,
        "A" * 1_000_000,
        "Error: " * 150_000,
        ("a." * 100_000) + "Error: x",
        "\x00\x07\ud800\u202e" * 50_000,
        "\n" * 1_000_000,
        "File " * 200_000,
        "http://" * 150_000,
        "(SIG" * 200_000,
        "\x1b]" * 500_000,
    ],
)
def test_a_hostile_error_is_read_all_the_same(text: str) -> None:
    found = read_failure(
        ename=text, evalue=text, traceback=text, source=text, reason=text
    )

    assert len(found.sentence) < 4000
    assert found.sentence.isprintable()


def test_colours_do_not_hide_what_is_said() -> None:
    traceback = (
        "\x1b[31m------\x1b[39m\n"
        "\x1b[31mModuleNotFoundError\x1b[39m    Traceback (most recent call"
        " last)\n\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[1]\x1b[39m"
        "\n\x1b[31mModuleNotFoundError\x1b[39m: No module named 'lsst'"
    )

    found = read_failure(traceback=traceback)

    assert found.sentence == "ModuleNotFoundError: No module named 'lsst'"
    assert found.ends_in_notebook is True


@pytest.mark.parametrize(
    ("error", "source", "denied", "named"),
    [
        (
            "[Errno 13] Permission denied: '/home/vrubin/results/out.fits'",
            "open('/elsewhere/x')",
            ("~/results/out.fits",),
            (),
        ),
        (
            "[Errno 28] No space left on device",
            "Path('/data/t.parquet').write_bytes(x); open(\"~/a b.txt\")",
            (),
            ("/data/t.parquet", "~/a b.txt"),
        ),
        (
            "[Errno 30] Read-only file system: 'out.fits'",
            "",
            ("~/notebooks/out.fits",),
            (),
        ),
        ("[Errno 28] No space left on device", "table.write(name)", (), ()),
        ("[Errno 2] No such file or directory: '/x'", "open('/x')", (), ()),
    ],
)
def test_the_files_of_a_failure_are_found(
    error: str, source: str, denied: tuple[str, ...], named: tuple[str, ...]
) -> None:
    found = read_failure(
        ename="OSError",
        evalue=error,
        source=source,
        home="/home/vrubin",
        folder="/home/vrubin/notebooks",
    )

    assert (found.files_denied, found.files_named) == (denied, named)
