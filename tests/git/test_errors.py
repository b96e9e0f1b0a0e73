"""What git's own words mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsp_health.git.errors import explain


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            "fatal: unable to access 'https://x/': Could not resolve host: x",
            "offline",
        ),
        (
            (
                "fatal: unable to access 'https://x/': SSL certificate problem:"
                " self-signed certificate"
            ),
            "tls",
        ),
        (
            (
                "fatal: unable to access 'https://x/': server certificate"
                " verification failed. CAfile: none CRLfile: none"
            ),
            "tls",
        ),
        (
            (
                "fatal: unable to access 'https://x/': Received HTTP code 407"
                " from proxy after CONNECT"
            ),
            "proxy",
        ),
        (
            (
                "fatal: unable to access 'https://x/': CONNECT tunnel failed,"
                " response 403"
            ),
            "proxy",
        ),
        ("fatal: Authentication failed for 'https://x/'", "auth"),
        (
            (
                "fatal: could not read Username for 'https://github.com':"
                " terminal prompts disabled"
            ),
            "auth",
        ),
        (
            (
                "fatal: unable to access 'https://x/': The requested URL returned"
                " error: 403"
            ),
            "auth",
        ),
        ("fatal: repository 'https://x/' not found", "no_such_repository"),
        (
            "fatal: Remote branch nope not found in upstream origin",
            "no_such_ref",
        ),
        ("fatal: couldn't find remote ref nope", "no_such_ref"),
        ("error: pathspec 'x' did not match any file(s)", "no_such_ref"),
        ("fatal: write error: No space left on device", "disk_full"),
        ("error: file write error: Disk quota exceeded", "quota_exceeded"),
        ("fatal: could not create work tree: Permission denied", None),
        ("fatal: read error: Input/output error", "io_error"),
        ("fatal: unable to write: Read-only file system", "read_only"),
        ("fatal: early EOF\nfatal: fetch-pack: invalid output", None),
        (
            (
                "error: object 1: gitmodulesUrl: disallowed\nfatal: fsck error in"
                " packed object"
            ),
            "damaged",
        ),
        ("fatal: detected dubious ownership in repository at '/x'", None),
        ("fatal: something new in git 9.0: https://u:secret@host", None),
    ],
)
def test_words_of_git(message: str, code: str | None) -> None:
    error = explain(message, doing="check out System test")
    known = {
        "Permission denied": "permission_denied",
        "early EOF": "interrupted_transfer",
        "dubious": "not_yours",
        "something new": "git_failed",
    }
    expected = code or next(
        value for key, value in known.items() if key in message
    )
    assert error.code == expected
    assert error.message.startswith("Cannot check out System test: ")
    assert error.hint
    assert "https://" not in error.message
    assert "secret" not in error.message + error.hint


ANSWERS = [
    pytest.param(answer, id=f"{path.stem}-{number}-{answer['case']}")
    for path in sorted(Path(__file__).with_name("answers").glob("*.json"))
    for number, answer in enumerate(json.loads(path.read_text()))
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_versions_of_git_say_is_known(answer: dict[str, str]) -> None:
    # To record those of another git: python -m tests.git.record_answers
    assert explain(answer["message"], doing="x").code == answer["code"]


def test_several_versions_are_recorded() -> None:
    assert len({str(param.id).split("-")[0] for param in ANSWERS}) >= 3


def test_an_unknown_sentence_is_shown_but_nothing_of_the_servers() -> None:
    error = explain(
        "remote: send me your password\nerror: first\n"
        "fatal: new at 'https://me:secret@x/': \x1b[31mthis is new"
        + "!"
        * 500,
        doing="check out System test",
    )
    assert error.code == "git_failed"
    assert "this is new!" in error.message
    assert "\x1b" not in error.message
    assert "secret" not in error.message
    assert "password" not in error.message
    assert len(error.message) < 300


def test_a_failure_without_a_word_is_told() -> None:
    assert explain("", doing="x").message == "Cannot x: git failed."
