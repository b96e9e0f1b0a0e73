from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.status.announcements.plaintext import plain_text, text_of


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("plain", "plain"),
        ("# Head\n\nText", "Head\n\nText"),
        ("**bold** and *slanted* and `code`", "bold and slanted and code"),
        ('see [docs](https://a.org/x "t")', "see docs (https://a.org/x)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,1)", "x"),
        ("![pic](https://a.org/x.png)", "pic"),
        ("<script>alert(1)</script>after", "after"),
        ("<b onclick='x'>bold</b>", "bold"),
        ("<img src=x onerror=alert(1)>", ""),
        ("a<!-- hidden -->b", "ab"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("\u202egnp.exe\u200b", "gnp.exe"),
        ("a\x00b\x1b[31mc\x1b[0m", "abc"),
        ("\x1b]0;title\x07a\x1b]8;;https://a.org\x1b\\b\x1b", "ab"),
        ("a &lt;b&gt; &amp;amp; c &#x202e;d", "a <b> &amp; c d"),
        ("a\r\nb\n\n\n\n\nc", "a\nb\n\nc"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_markdown_becomes_the_text_a_reader_sees(
    markdown: str, text: str
) -> None:
    assert plain_text(markdown, 500) == text


@given(
    st.text(
        alphabet=st.sampled_from("<>/!-[]()*_`#&ab \n\u202e\x00"), max_size=200
    )
)
def test_no_markup_is_left_whatever_comes(markdown: str) -> None:
    text = plain_text(markdown, 100)

    assert len(text) <= 100
    assert "\u202e" not in text
    assert all(c in "\n\t" or c.isprintable() for c in text)


@pytest.mark.timeout(20)  # 0.1 s; a pattern that backtracks takes minutes.
@pytest.mark.parametrize(
    "hostile",
    ["<a" * 50_000, "[" * 50_000, "**a" * 30_000, "<!--" * 30_000, "`" * 9999],
)
def test_no_text_keeps_the_server_busy(hostile: str) -> None:
    assert len(plain_text(hostile, 5000)) <= 5000


@pytest.mark.parametrize("odd", [None, "text", [], {}, {"gfm": None}])
def test_what_has_no_markdown_has_no_text(odd: object) -> None:
    assert text_of(odd, 10) == ""
