"""Credentials that the linter finds, and what only looks like one."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import ANY

import pytest

from rsp_health.cleaning.lint import secrets
from rsp_health.cleaning.lint.notebook import lint_notebook
from rsp_health.cleaning.lint.secrets import find_secrets

from ..notebooks import canonical, code_cell, document

TOKEN = "gt-" + "A" * 22 + "." + "b" * 22
CUT = "gt-" + "A" * 22
VALUE = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln"


def rules(notebook: dict[str, Any]) -> list[str]:
    return [f.rule for f in lint_notebook("n", canonical(notebook))]


def in_source(source: str) -> list[str]:
    lines = source.splitlines(keepends=True)
    return rules(document({**code_cell(), "source": lines}))


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (f"token = '{TOKEN}'", "secret-token"),
        (f"headers={{'Authorization': 'Bearer {TOKEN}'}}", "secret-token"),
        (
            'h = {"Authorization": "Bearer abcdef0123456789"}',
            "secret-header",
        ),
        ("curl -H 'authorization: Basic dXNlcjpwYXNz'", "secret-header"),
        ("h['Authorization'] = 'token 0123456789'", "secret-header"),
        ("h = {'Authorization': f'Bearer {token}'}", None),
        ("h = {'Authorization': 'Bearer <token>'}", None),
        ("curl -H 'Authorization: Bearer $TOKEN'", None),
        ("curl -H 'Authorization: Bearer xxxxxxxxxxxx'", None),
        ("Authorization: Bearer ...", None),
        ("weight-gt-" + "A" * 22, None),
        ("gt-short", None),
    ],
)
def test_secrets_in_a_source(source: str, rule: str | None) -> None:
    findings = lint_notebook(
        "n", canonical(document({**code_cell(), "source": ["x\n", source]}))
    )
    expected = [] if rule is None else [rule]
    assert [finding.rule for finding in findings] == expected
    for finding in findings:
        assert "the source of cell 1" in finding.message
        assert "A" * 22 not in finding.message
        assert "0123456789" not in finding.message


def test_secrets_in_outputs_and_metadata() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": [TOKEN]}
    bad = document(code_cell(), code_cell(output, id="c1"), note=TOKEN)
    findings = lint_notebook("n", canonical(bad))
    assert [f.message for f in findings] == [
        "a Gafaelfawr token is in the outputs of cell 2",
        "a Gafaelfawr token is in the notebook's metadata",
    ]


@pytest.mark.parametrize("token", [TOKEN, CUT])
@pytest.mark.parametrize(
    "before",
    [
        "a line\n",
        "name\t",
        "\x1b[32m",
        "\x1b[1;38;5;208m",
        "\u2028",
        "\x00",
        "X_",
        # What repr() or JSON made of these, and what JSON made of that.
        "a line\\n",
        "\\x1b[32m",
        "\\u001b[0m",
        "\\033[0m",
        "\\\\n",
        "&quot;",
    ],
)
def test_a_word_begins_behind_an_escape(before: str, token: str) -> None:
    assert in_source(f"{before}{token}\x1b[0m\n") == ["secret-token"]
    output = {
        "output_type": "stream",
        "name": "stdout",
        "text": f"{before}{token}\\n",
    }
    for escaped in (True, False):
        text = json.dumps(document(code_cell(output)), ensure_ascii=escaped)
        found = lint_notebook("n", text.encode())
        assert [f.rule for f in found] == ["secret-token"]


def test_letters_that_json_escapes() -> None:
    text = canonical(document(note=TOKEN)).replace(b"gt-", b"\\u0067t\\u002d")
    assert [f.rule for f in lint_notebook("n", text)] == ["secret-token"]


@pytest.mark.parametrize(
    "source",
    [
        f"h = {{'Authorization': f'Bearer {VALUE}'}}",
        f"h = {{b'Authorization': b'Bearer {VALUE}'}}",
        f"h.update(Authorization=('Bearer {VALUE}'))",
        f"h['Authorization'] = rb\"Bearer {VALUE}\"",
        f"request.add_header('Authorization', 'Bearer {VALUE}')",
        f"h = [('Authorization', ['Bearer {VALUE}'])]",
        f"AUTHORIZATION_HEADER = 'Bearer {VALUE}'",
        f"h = {{'Authorization': 'Bearer ' + '{VALUE}'}}",
        f"h = {{'Authorization':\n     'Bearer '\n     f'{VALUE}'}}",
        f"h = {{'authorization': str('bearer {VALUE}')}}",
        json.dumps({"Authorization": f"Bearer {VALUE}"}),
        json.dumps(json.dumps({"Authorization": f"Bearer {VALUE}"})),
        json.dumps(
            json.dumps(json.dumps({"Authorization": f"Basic {VALUE}"}))
        ),
        f"&quot;Authorization&quot;: &quot;Bearer {VALUE}&quot;",
        f"\x1b[34mAuthorization\x1b[0m: \x1b[32mBearer {VALUE}\x1b[0m",
        f"> Proxy-Authorization: Basic {VALUE}",
        f"Accept           */*\nAuthorization    Bearer {VALUE}",
        f"<tr><th>Authorization</th>\n  <td>Bearer {VALUE}</td></tr>",
        f'<span class="s1">Authorization</span>: <span>Bearer {VALUE}</span>',
    ],
)
def test_headers_however_they_are_written(source: str) -> None:
    assert in_source(source) == ["secret-header"]


def test_a_header_in_the_data_of_an_output() -> None:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/json": {"Authorization": f"Bearer {VALUE}"}},
    }
    assert rules(document(code_cell(output))) == ["secret-header"]


@pytest.mark.parametrize(
    "source",
    [
        # Prose.
        "A token looks like gt-<key>.<secret>; never show it.",
        "Gafaelfawr's tokens begin with gt- and are 48 characters long.",
        "see the page gt-based-selection-of-galaxies-by-size",
        "weight-" + CUT,
        CUT + "abc",
        "Set the Authorization: Bearer authentication header",
        "# authorization: token credentials are explained below",
        "Authorization, basic understanding of it",
        "The authorization bearer needs schema1 and schema2",
        "<th>Authorization</th><td>Bearer <token> of user 12345678</td>",
        # What stands in for one.
        "gt-" + "x" * 22 + "." + "x" * 22,
        "gt-" + "X" * 22 + "." + "X" * 22,
        "gt-" + "0" * 22,
        "gt-YOUR_GAFAELFAWR_TOKENS.YOUR_GAFAELFAWR_TOKENS",
        "h = {'Authorization': 'Bearer YOUR_TOKEN_HERE'}",
        "h = {'Authorization': 'Bearer your-access-token'}",
        "h = {'Authorization': 'Bearer myAccessToken'}",
        "h = {'Authorization': 'Bearer gt-xxxxxxxx.xxxxxxxx'}",
        "h = {'Authorization': 'Bearer XXXXXXXX-XXXX-XXXX'}",
        "h = {'Authorization': 'Bearer ************'}",
        "h = {'Authorization': 'Bearer %s' % token_of_user_1}",
        "h = {'Authorization': 'Bearer {}'.format(token1234567)}",
        # What is not in the notebook.
        "h = {'Authorization': 'Bearer ' + token_0123456789}",
        "h = {'Authorization': 'Bearer ' + get_token('0123456789')}",
        "h = {'Authorization': f'Bearer {get_token(0)}'}",
        'curl -H "Authorization: Bearer ${TOKEN_0123456789}"',
        'curl -H "Authorization: Bearer $(cat token01234)"',
        'curl -H "Authorization: Bearer `cat token01234`"',
    ],
)
def test_what_is_no_secret(source: str) -> None:
    assert in_source(source) == []


def test_one_finding_for_each_rule_and_cell() -> None:
    header = f"h = {{'Authorization': 'Bearer {VALUE}'}}\n"
    many = {
        **code_cell(id="c0"),
        "source": ["\n", f"{TOKEN}\n", header, f"{TOKEN} {TOKEN}\n"],
    }
    other = {**code_cell(id="c1"), "source": [f"{TOKEN}\n", header]}
    findings = lint_notebook("n", canonical(document(many, other)))
    assert [(f.line, f.message) for f in findings] == [
        (
            11,
            (
                "a Gafaelfawr token is in the source of cell 1, and 2 more "
                "beside it"
            ),
        ),
        (12, "an Authorization header is in the source of cell 1"),
        (23, "a Gafaelfawr token is in the source of cell 2"),
        (24, "an Authorization header is in the source of cell 2"),
    ]


@pytest.mark.parametrize(
    "run",
    [
        "\\",
        "\x1b[",
        "authorization",
        "authorization: bearer ",
        "authorization=\\",
        'authorization"',
        "a.",
        "gt-",
        "<b ",
        "authorization</b>",
        " ",
        "token",
    ],
)
def test_no_run_is_tried_again_and_again(run: str) -> None:
    # Where the time grew with the square, this would take hours.
    text = json.dumps("authorization: bearer " + run * 300_000 + " gt-")
    assert list(find_secrets(text)) in ([], [(0, "secret-header", ANY)])


def test_no_message_shows_a_token_wherever_it_stands() -> None:
    odd = {**code_cell(id=TOKEN), TOKEN: 1, "x": {TOKEN: TOKEN}}
    data = document(odd, mobu={"required_applications": [TOKEN]})
    old = document({**odd, "id": CUT})
    findings = lint_notebook(
        "n", canonical(data), old=canonical(old), applications=frozenset()
    )
    assert {finding.rule for finding in findings} == {
        "cell-id-changed",
        "secret-token",
        "unknown-application",
    }
    assert not any("gt-A" in finding.message for finding in findings)
    said = [f.message for f in findings if f.rule == "secret-token"]
    assert said == [
        "a Gafaelfawr token is in cell 1, and 3 more beside it",
        "a Gafaelfawr token is in the notebook's metadata",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a settings-page, https://example.org/go-there and the logs-",
        "gs-short gt-0123456789012345678",
        "the authorization of users",
        "\\u003cdiv\\u003e bearer basic token",
    ],
)
def test_ordinary_words_cost_nothing(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    # Reading strings one by one is most of the time of a lint.
    def read(_: str) -> None:
        raise AssertionError(text)

    monkeypatch.setattr(secrets, "read", read)
    assert list(secrets.find_secrets(f'["{text}"]')) == []
