"""The JUnit report against the schema that Jenkins publishes.

Written down from ``junit-10.xsd`` of its plugin xunit: which elements and
attributes there are, which are required, and how a time looks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from rsp_health.runner.reports import render

from .runs import EVERY_END, failed, notebook, run

if TYPE_CHECKING:
    from rsp_health.runner.models import RunDocument

_RESULT = {"failure", "error", "skipped"}
_OUT = {"system-out", "system-err"}
_CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", *_OUT},
    "testcase": _RESULT | _OUT,
    **{name: set() for name in _RESULT},
}
_REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
}
_OPTIONAL = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        "group",
        "time",
        "skipped",
        "timestamp",
        "hostname",
        "id",
        "package",
        "file",
        "log",
        "url",
    },
    "testcase": {"time", "classname", "group"},
    **{name: {"type", "message"} for name in _RESULT},
}
_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
#: Elements that may hold text.
_MIXED = _RESULT | _OUT


def check(element: ET.Element) -> None:
    """Check an element, and all below it, against the schema."""
    required = _REQUIRED.get(element.tag, set())
    names = set(element.attrib)
    assert required <= names, element.tag
    assert names <= required | _OPTIONAL[element.tag], element.tag
    if "time" in names:
        assert _TIME.fullmatch(element.attrib["time"]), element.attrib
    if element.tag not in _MIXED:
        assert not (element.text or "").strip()
    for child in element:
        assert child.tag in _CHILDREN[element.tag]
        assert not (child.tail or "").strip()
        check(child)


def _parsed(document: RunDocument) -> ET.Element:
    kind, data = render(document, "junit")
    assert kind == "application/xml"
    return ET.fromstring(data)  # noqa: S314 - our own


@pytest.mark.parametrize(
    "document",
    [
        EVERY_END,
        run(),
        run(notebook("a/b c.ipynb"), state="passed", duration_s=None),
        run(notebook("x.ipynb", duration_s=123456.7890123)),
        run(failed("odd\x1b]\ud83d.ipynb")),
    ],
    ids=["every end", "empty", "passed", "long", "odd"],
)
def test_it_is_valid(document: RunDocument) -> None:
    root = _parsed(document)
    assert root.tag == "testsuites"
    check(root)


def test_the_numbers_add_up() -> None:
    root = _parsed(EVERY_END)
    for suite in root:
        for tag, name in (
            ("testcase", "tests"),
            ("testcase/failure", "failures"),
            ("testcase/error", "errors"),
            ("testcase/skipped", "skipped"),
        ):
            assert int(suite.attrib[name]) == len(suite.findall(tag))
    for name in ("tests", "failures", "errors"):
        total = sum(int(suite.attrib[name]) for suite in root)
        assert int(root.attrib[name]) == total


def test_no_viewer_overlooks_a_notebook_that_did_not_pass() -> None:
    well = {"good.ipynb", "skip.ipynb", "stop.ipynb"}
    for suite in _parsed(EVERY_END):
        wrong = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        assert (suite.attrib["file"] in well) == (wrong == 0)
