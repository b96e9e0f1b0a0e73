"""The HTML report: what it says first, that it is valid, and how large."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from rsp_health.runner.models import CellError
from rsp_health.runner.reports import render

from .runs import EVERY_END, cell, failed, notebook, run

if TYPE_CHECKING:
    from rsp_health.runner.models import RunDocument

#: What may stand within what, as far as it is used here.
_FLOW = {
    *("h1", "h2", "h3", "p", "div", "ul", "dl", "table", "details", "pre"),
    *("span", "code", "strong", "wbr"),
}
_PHRASING = {"span", "code", "strong", "wbr"}
_CONTENT = {
    "html": {"head", "body"},
    "head": {"meta", "title", "style"},
    "body": {"main"},
    "main": _FLOW,
    "div": _FLOW,
    "details": _FLOW | {"summary"},
    "ul": {"li"},
    "li": _FLOW,
    "dl": {"dt", "dd"},
    "table": {"thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "td": _FLOW,
    **dict.fromkeys(
        ("h1", "h2", "h3", "p", "pre", "span", "code", "dt", "dd"),
        _PHRASING,
    ),
    **dict.fromkeys(("th", "summary", "strong"), _PHRASING),
    **{name: set[str]() for name in ("meta", "title", "style", "wbr")},
}


def _text(document: RunDocument) -> str:
    kind, data = render(document, "html")
    assert kind == "text/html; charset=utf-8"
    return data.decode()


def _parsed(document: RunDocument) -> ET.Element:
    """Parse it as XML, which it is as well: all is closed and quoted."""
    doctype, _, rest = _text(document).partition("\n")
    assert doctype == "<!DOCTYPE html>"
    return ET.fromstring(rest)  # noqa: S314 - our own


def _check(element: ET.Element) -> None:
    for child in element:
        assert child.tag in _CONTENT[element.tag], (element.tag, child.tag)
        _check(child)


def _words(element: ET.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _headings(root: ET.Element) -> list[str]:
    found = [x for x in root.iter() if x.tag in {"h1", "h2"}]
    return [_words(heading) for heading in found]


@pytest.mark.parametrize(
    "document",
    [EVERY_END, run(), run(notebook("a.ipynb"), state="passed")],
    ids=["every end", "empty", "passed"],
)
def test_it_is_valid_and_stands_alone(document: RunDocument) -> None:
    root = _parsed(document)
    _check(root)
    (title,) = root.iter("title")
    assert title.text
    assert len(list(root.iter("h1"))) == 1
    assert not [x for x in root.iter() if x.tag in {"script", "a", "img"}]
    assert not [k for x in root.iter() for k in x.attrib if k[:2] == "on"]
    for element in root.iter("th"):
        assert element.attrib["scope"] in {"col", "row"}
    for outside in ("http://", "https://", "url(", "@import"):
        assert outside not in _text(document)


def test_the_verdict_and_the_totals_come_first() -> None:
    root = _parsed(EVERY_END)
    assert _headings(root) == [
        "✕ 6 of 8 notebooks failed",
        "What failed",
        "Notebooks",
        "Slowest cells",
        "Skipped",
        "Where and how",
    ]
    (main,) = root.iter("main")
    assert _words(main[1]) == (
        "1 interrupted, 1 error, 1 died, 1 timed out, 1 failed, 1 invalid, "
        "1 stopped, 1 passed, 1 skipped"
    )


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        (run(notebook("a.ipynb"), state="passed"), "✓ 1 notebook passed"),
        (
            run(notebook("a.ipynb"), notebook("b.ipynb"), state="passed"),
            "✓ All 2 notebooks passed",
        ),
        (run(state="skipped"), "\N{EN DASH} Nothing was run"),
        (
            run(notebook("a.ipynb", "stopped"), state="stopped"),
            "■ The run is stopped",
        ),
        (
            run(notebook("a.ipynb", "running"), state="running"),
            "▷ The run is running",
        ),
    ],
)
def test_the_verdict(document: RunDocument, verdict: str) -> None:
    assert _headings(_parsed(document))[0] == verdict


def test_what_failed_is_told_with_its_error_and_its_cell() -> None:
    root = _parsed(run(notebook("good.ipynb"), failed("bad.ipynb")))
    (fault,) = (x for x in root.iter("div") if x.get("class") == "fault")
    text = _words(fault)
    assert text.startswith("bad.ipynb DALServiceError : 302 to login")
    assert "Cell 2: query(2) # <&>" in text
    assert "Traceback" in text


def test_what_failed_alike_is_told_once() -> None:
    others = [
        CellError(
            ename="DALServiceError",
            evalue=f"302 to login, request 5f3c9a1e-0000-4000-8000-{n:012}",
            traceback="",
        )
        for n in range(5)
    ]
    root = _parsed(
        run(
            failed("bad.ipynb", CellError(ename="A", evalue="", traceback="")),
            *(failed(f"n{n}.ipynb", x) for n, x in enumerate(others)),
        )
    )
    faults = [x for x in root.iter("div") if x.get("class") == "fault"]
    assert len(faults) == 2
    text = _words(faults[0])
    assert text.startswith(
        "5 notebooks failed in the same way DALServiceError"
    )
    assert "n4.ipynb, cell 2" in text


def test_a_name_is_broken_between_its_words() -> None:
    """At its slashes, and within long names: each break costs 6 bytes."""
    name = "a/of__many_light_curves<1>.ipynb"
    data = render(run(failed(name), notebook(name, "skipped")), "html")[1]
    broken = "a/of__many_<wbr/>light_<wbr/>curves&lt;1&gt;.ipynb"
    text = data.decode()
    # In what failed, the notebooks, the slowest cells, and what was skipped.
    assert text.count(broken) == text.count("curves&lt;1&gt;") >= 4


def test_a_path_in_an_error_is_broken_between_its_words() -> None:
    value = "No such file: '/home/me/light_curves<1>.parquet'"
    error = CellError(ename="FileNotFoundError", evalue=value, traceback="")
    text = _text(run(failed("a.ipynb", error)))
    assert "/<wbr/>home/me/<wbr/>light_<wbr/>curves&lt;1&gt;" in text


def test_its_bars_are_seen_where_colours_are_forced() -> None:
    """Else they would be empty boxes in a theme of high contrast."""
    text = _text(run(notebook("a.ipynb")))
    assert ".shares,.run [style]{forced-color-adjust:none}" in text
    assert '<table class="run">' in text


def test_a_narrow_page_has_signs_and_no_words_of_states() -> None:
    """Else the head of their column would stand one letter a line."""
    text = _text(run(notebook("a.ipynb")))
    assert '<th scope="col"><span>State</span></th>' in text
    assert ".run th span,.run td:first-child span span{position:abs" in text


def _many(errors: list[CellError]) -> RunDocument:
    """Return 200 notebooks of 20 cells, of which some fail."""
    passed = [
        notebook(
            f"DP1/200_Data_Products/20{n % 10}_Catalogs/"
            f"20{n % 10}_{n}_Object_table_light_curves_and_cutouts.ipynb",
            cells=[cell(k) for k in range(1, 21)],
        )
        for n in range(200 - len(errors))
    ]
    bad = [
        failed(f"mobu/tests/folder_{n % 4}/notebook_{n}_fails.ipynb", error)
        for n, error in enumerate(errors)
    ]
    return run(*passed, *bad)


def _traced(number: int, lines: int) -> CellError:
    """Return an error that is like no other."""
    return CellError(
        ename=f"Error{'x' * number}",
        evalue="what it says " * 20,
        traceback="Cell In[2], line 7\n----> 7 query(<here>)\n"
        + "File /opt/lib/python3.12/site-packages/<frozen>.py\n" * lines
        + f"Error{'x' * number}: the end of it",
    )


@pytest.mark.parametrize("bad", [30, 40])
def test_a_large_run_with_its_errors_fits_into_a_mail(bad: int) -> None:
    """Each error has its traceback: both ends, and what is left out."""
    document = _many([_traced(n, 400) for n in range(bad)])
    assert len(render(document, "html")[1]) < 100_000
    traces = list(_parsed(document).iter("pre"))
    assert len(traces) == bad
    for trace in traces:
        text = "".join(trace.itertext())
        assert text.startswith("Cell In[2], line 7\n----> 7 query(<here>)")
        assert re.search(r"\n\[\d+ lines left out\]\n", text)
        assert text.endswith(": the end of it")
    assert f"rsp-health runs report {document.run_id} --format json" in _words(
        _parsed(document)
    )


def test_it_fits_even_if_there_is_no_room_for_tracebacks() -> None:
    document = _many([_traced(n, 400) for n in range(80)])
    data = render(document, "html")[1]
    assert len(data) < 100_000
    assert b"--format json" in data


def test_a_short_traceback_is_told_as_it_is() -> None:
    error = _traced(1, 3)
    (trace,) = _parsed(run(failed("a.ipynb", error))).iter("pre")
    assert "".join(trace.itertext()) == error.traceback
    assert "left out" not in _text(run(failed("a.ipynb", error)))


def test_a_traceback_of_one_line_keeps_its_end() -> None:
    error = CellError(
        ename="A", evalue="", traceback="a <&> é" * 9000 + " its end"
    )
    document = run(failed("a.ipynb", error))
    (trace,) = _parsed(document).iter("pre")
    assert "".join(trace.itertext()).endswith(" its end")
    assert len(render(document, "html")[1]) < 20_000
