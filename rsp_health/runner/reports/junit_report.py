"""JUnit XML, as the usual viewers of CI systems read it.

Valid by the schema that Jenkins publishes (``junit-10.xsd`` of its plugin
xunit), which is the strictest of those in use.

One ``testsuite`` a notebook, one ``testcase`` a code cell. What is wrong
with a notebook as a whole (no kernel, not a notebook) is a test case of its
own, so that no viewer overlooks it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from ...printable import printable
from ...states import FAILED, RUN_STATES

if TYPE_CHECKING:
    from ..models import CellResult, NotebookResult, RunDocument

__all__ = ["render"]

#: Not allowed in XML 1.0, whatever way they are written.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_ERRORS = FAILED - {"failed"} | {"interrupted"}


def render(document: RunDocument) -> bytes:
    """Return the report."""
    suites = [_Suite(notebook, document) for notebook in document.notebooks]
    head = _attributes(
        name="rsp-health",
        **_sum(suites),
        time=_seconds(document.duration_s),
    )
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f"<testsuites{head}>\n",
        *(suite.render() for suite in suites),
        "</testsuites>\n",
    ]
    return "".join(parts).encode("utf-8")


class _Suite:
    """One notebook."""

    def __init__(self, notebook: NotebookResult, run: RunDocument) -> None:
        self._notebook = notebook
        self._run = run
        self.counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        self._cases = [self._cell(cell) for cell in notebook.cells]
        told = any("<failure" in c or "<error" in c for c in self._cases)
        if not told and notebook.state != "passed":
            self._cases.append(self._whole())

    def _case(self, name: str, time: float | None, body: str) -> str:
        self.counts["tests"] += 1
        path = printable(self._notebook.path)
        classname = re.sub(r"\.ipynb$", "", path)
        head = _attributes(
            classname=classname.replace("/", "."),
            name=name,
            time=_seconds(time),
        )
        return f"    <testcase{head}>{body}</testcase>\n"

    def _problem(self, tag: str, message: str, kind: str, text: str) -> str:
        key = {"failure": "failures", "error": "errors"}.get(tag, tag)
        self.counts[key] += 1
        head = _attributes(message=message, type=kind)
        return f"<{tag}{head}>{escape(_clean(text))}</{tag}>"

    def _cell(self, cell: CellResult) -> str:
        name = f"[{cell.index}] {cell.source or cell.id or 'cell'}"
        body = ""
        reason = self._notebook.reason or cell.state
        match cell.state:
            case "failed" if cell.error is not None:
                error = cell.error
                body = self._problem(
                    "failure",
                    f"{error.ename}: {error.evalue}",
                    error.ename,
                    error.traceback,
                )
            case "failed":
                body = self._problem("failure", reason, "failed", reason)
            case "timed_out" | "died":
                body = self._problem("error", reason, cell.state, reason)
            case "skipped" | "not_run" | "stopped" | "queued" | "running":
                text = RUN_STATES[cell.state].word
                self.counts["skipped"] += 1
                body = f"<skipped{_attributes(message=text)}/>"
            case "passed":
                pass
        return self._case(name, cell.duration_s, body)

    def _whole(self) -> str:
        state = self._notebook.state
        reason = self._notebook.reason or state
        if state in _ERRORS:
            body = self._problem("error", reason, state, reason)
        elif state == "failed":
            body = self._problem("failure", reason, state, reason)
        else:
            self.counts["skipped"] += 1
            body = f"<skipped{_attributes(message=reason)}/>"
        return self._case("notebook", self._notebook.duration_s, body)

    def render(self) -> str:
        """Return the suite's element."""
        started = self._notebook.started_at or self._run.started_at
        path = printable(self._notebook.path)
        head = _attributes(
            name=path,
            file=path,
            **self.counts,
            time=_seconds(self._notebook.duration_s),
            timestamp=started.strftime("%Y-%m-%dT%H:%M:%S"),
        )
        return f"  <testsuite{head}>\n{''.join(self._cases)}  </testsuite>\n"


def _sum(suites: list[_Suite]) -> dict[str, int]:
    keys = ("tests", "failures", "errors")
    return {key: sum(s.counts[key] for s in suites) for key in keys}


def _attributes(**values: object) -> str:
    return "".join(
        f" {name}={quoteattr(_clean(str(value)))}"
        for name, value in values.items()
    )


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _seconds(value: float | None) -> str:
    return f"{value or 0.0:.3f}"
