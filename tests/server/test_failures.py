"""Bodies that come in, and errors that go out."""

from __future__ import annotations

import pytest

from rsp_health.errors import BadInputError
from rsp_health.runner.models import RunRequest
from rsp_health.server.failures import (
    BodyTooLargeError,
    describe,
    error_body,
    parse_body,
)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"jobs": 0}', "jobs"),
        (b'{"paths": [1]}', "paths.0"),
        (b'{"unheard": 1}', "unheard"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 30_000, "body"),
        (b'{"paths":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "body"),
        (b'{"repository": "\\ud800"}', "body"),
    ],
)
def test_bad_bodies_are_named(body: bytes, field: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_body(body, RunRequest)
    assert field in caught.value.message
    assert caught.value.status_code == 422


def test_largest_body() -> None:
    body = b'{"paths": []}'
    assert parse_body(body.ljust(65_536), RunRequest).paths == []
    with pytest.raises(BodyTooLargeError):
        parse_body(body.ljust(65_537), RunRequest)


def test_empty_body_is_an_empty_object() -> None:
    assert parse_body(b" ", RunRequest) == RunRequest()


def test_foreign_exceptions_are_not_quoted() -> None:
    def fail() -> None:
        raise ValueError("token gt-s3cret")

    with pytest.raises(ValueError, match="s3cret") as caught:
        fail()
    assert "s3cret" not in describe(caught.value)
    assert "in fail" in describe(caught.value)
    assert error_body(caught.value).error == "internal"
