from __future__ import annotations

import logging
import types
from typing import TYPE_CHECKING

from rsp_health.redaction import logs

if TYPE_CHECKING:
    import pytest

SECRET = "gt-8Bqf7mEzEUCxPLrWmS4YUQ.h1iKLM2o3p4q5r6s7tABCQ"


def test_what_we_log_has_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("rsp_health.test")
    log.addFilter(logs.RedactingFilter(lambda: [SECRET]))
    code = (
        "def fail(log, secret):\n"
        "    try:\n        raise ValueError(secret)\n"
        "    except ValueError:\n        log.exception('It: %s', secret)\n"
    )
    ours = types.ModuleType("ours")
    exec(compile(code, logs.__file__, "exec"), vars(ours))  # noqa: S102 - as if it were our file
    ours.fail(log, SECRET)
    assert "It: [secret]" in caplog.text
    assert "ValueError: [secret]" in caplog.text
    assert SECRET[:12] not in caplog.text


def test_what_others_log_is_theirs(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("others.test")
    log.addFilter(logs.RedactingFilter(lambda: [SECRET]))
    log.error("http://127.0.0.1:8888/lab?token=%s", "abc123def456")
    assert "token=abc123def456" in caplog.text
