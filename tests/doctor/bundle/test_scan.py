from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from rsp_health.doctor.bundle.scan import leak_in

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = 'aB3$dE/fG+hI<jK&lM"nO9'
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": json.dumps,
    "in JSON in JSON": lambda s: json.dumps(json.dumps(s)),
    "in a URL": lambda s: f"https://x.example/?q={quote(s, safe='')}",
    "in HTML": html.escape,
    "in hexadecimal": lambda s: s.encode().hex(),
    "in base64": lambda s: base64.b64encode(s.encode()).decode(),
    "in base64 behind one": lambda s: base64.b64encode(
        f"a{s}".encode()
    ).decode(),
    "in base64 behind two": lambda s: base64.b64encode(
        f"ab{s}z".encode()
    ).decode(),
    "in base64 for URLs": lambda s: base64.urlsafe_b64encode(
        s.encode()
    ).decode(),
    "with colours in it": lambda s: f"{s[:5]}\x1b[31m{s[5:]}\x1b[0m",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_each_form(form: str) -> None:
    text = f'{{"log": "before {FORMS[form](SECRET)} after"}}'

    assert leak_in(text.encode(), {SECRET})


def test_one_that_nobody_knows_is_found_by_its_looks() -> None:
    assert leak_in(b"token ghp_Ab3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5", ())


def test_a_plain_text_passes() -> None:
    text = "The kernel lsst cannot start: sha256 " + "0f" * 32

    assert leak_in(text.encode(), {SECRET, "short"}) == ""
