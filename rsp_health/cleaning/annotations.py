"""How a judgement is told: to people, to programs, to GitHub.

Pure functions of outcomes; whoever calls decides where the text goes.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .core import Outcome
    from .policy import Policy

__all__ = [
    "describe",
    "document",
    "github",
    "one_line",
    "sarif",
    "sarif_log",
    "step_summary",
    "summary",
    "table",
    "text",
    "workflow_command",
]

_SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/"
    "sarif-schema-2.1.0.json"
)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _size(number: int) -> str:
    return f"{number} B" if number < 1000 else f"{number / 1000:.1f} kB"


def describe(outcome: Outcome) -> str:
    """Return what goes, or what is wrong, without the path."""
    if outcome.state == "error":
        return outcome.message
    parts = [
        _count(number, thing)
        for number, thing in (
            (outcome.outputs, "output"),
            (outcome.execution_counts, "execution count"),
            (outcome.metadata, "metadata field"),
        )
        if number
    ]
    if not parts:
        return "clean"
    said = f"{', '.join(parts)} ({_size(outcome.removed_bytes)})"
    if outcome.oversized:
        said += (
            f"; {_count(outcome.oversized, 'cell')} tagged to keep outputs "
            "exceeded keep-output-max-bytes"
        )
    return said


def one_line(path: str, rest: str) -> str:
    """Return a line that begins with the name of a file.

    Also in the log of a workflow, which takes some lines as commands, it is
    no more than that.
    """
    line = printable(f"{path}{rest}").replace("##[", "#\\x23[")
    return f"./{line}" if line.lstrip().startswith("::") else line


def text(outcome: Outcome) -> str:
    """Return one line, which editors and terminals make a link of."""
    place = "" if outcome.line is None else f":{outcome.line}"
    word = {"cleaned": "removed ", "dirty": "has "}.get(outcome.state, "")
    return one_line(outcome.path, f"{place}: {word}{describe(outcome)}")


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the last line: how many of what."""
    states: list[str] = [outcome.state for outcome in outcomes]
    parts = [
        f"{states.count(state)} {word}"
        for state, word in (
            ("cleaned", "cleaned"),
            ("dirty", "to clean"),
            ("clean", "clean"),
            ("error", "failed"),
        )
        if states.count(state)
    ]
    return f"{_count(len(states), 'notebook')}: {', '.join(parts) or 'none'}"


def document(
    outcomes: Sequence[Outcome], policy: Policy, *, dry_run: bool
) -> dict[str, Any]:
    """Return the ``rsp-health.clean/1`` document (`models.CleanReport`)."""
    files = []
    for outcome in outcomes:
        file = asdict(outcome)
        del file["exit_code"]
        file["read_only"] = False
        files.append(file)
    return {
        "schema": "rsp-health.clean/1",
        "dry_run": dry_run,
        "policy": asdict(policy),
        # The server alone looks ahead and keeps what it replaces.
        "fingerprint": None,
        "undo": None,
        "files": files,
    }


def _escape(value: str, *, in_property: bool = False) -> str:
    # GitHub's workflow commands end at a line's end, their properties at a
    # colon or comma. It puts back what is escaped so, and nothing else.
    for mark, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        value = value.replace(mark, code)
    if in_property:
        value = value.replace(":", "%3A").replace(",", "%2C")
    return printable(value)


def workflow_command(
    level: str, *, path: str, line: int, title: str, message: str
) -> str:
    """Return a workflow command that GitHub shows beside a file's line."""
    file = _escape(path, in_property=True)
    title = _escape(title, in_property=True)
    return (
        f"::{level} file={file},line={line},title={title}::{_escape(message)}"
    )


def github(outcome: Outcome, *, warn_only: bool = False) -> str:
    """Return one workflow command, which GitHub shows beside the line.

    One a notebook, because GitHub shows only the first ten of a step.
    """
    title = "Notebook has outputs or other traces of a run"
    if outcome.state == "error":
        title = "Notebook cannot be checked"
    return workflow_command(
        "warning" if warn_only else "error",
        path=outcome.path,
        line=outcome.line or 1,
        title=title,
        message=describe(outcome),
    )


def step_summary(outcomes: Sequence[Outcome]) -> str:
    """Return Markdown for ``$GITHUB_STEP_SUMMARY``: every notebook."""
    lines = [f"### Notebook cleaning: {summary(outcomes)}", ""]
    rows = [
        (outcome.path, str(outcome.line or ""), describe(outcome))
        for outcome in outcomes
        if outcome.state in ("dirty", "error")
    ]
    if rows:
        lines += [*table(("notebook", "line", "to clean"), rows), ""]
        lines += ["Clean them with `rsp-health clean PATH`."]
    return "\n".join(lines) + "\n"


#: GitHub drops a summary of more than a mebibyte, that of all steps' tools
#: together; so long may one of our tables be, in bytes.
_MOST = 400_000
_markup = re.compile(r"[\\`*_\[\]<>|~&#@$]").sub


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; of a very long one the first.

    What is in the cells is shown as it is, and is no markup.
    """
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    left_out, size = 0, 0
    for row in rows:
        cells = (_markup(r"\\\g<0>", printable(cell)) for cell in row)
        line = f"| {' | '.join(cells)} |"
        size += len(line.encode())
        if size > _MOST:
            left_out += 1
        else:
            lines.append(line)
    if left_out:
        lines += ["", f"… and {left_out} more; the log has them all."]
    return lines


def sarif(
    outcomes: Sequence[Outcome], *, version: str, warn_only: bool = False
) -> str:
    """Return a SARIF 2.1.0 log, for code scanning."""
    level = "warning" if warn_only else "error"
    return sarif_log(
        version=version,
        rules={
            "dirty": "The notebook holds outputs or traces of a run.",
            "broken": "The notebook cannot be read.",
        },
        results=[
            (
                "broken" if outcome.state == "error" else "dirty",
                level,
                describe(outcome),
                outcome.path,
                outcome.line or 1,
            )
            for outcome in outcomes
            if outcome.state in ("dirty", "error")
        ],
    )


def sarif_log(
    *,
    version: str,
    rules: Mapping[str, str],
    results: Sequence[tuple[str, str, str, str, int]],
) -> str:
    """Return a SARIF 2.1.0 log.

    Parameters
    ----------
    version
        Version of rsp-health.
    rules
        What each rule says in general, by its id.
    results
        Rule, level, message, path and line of each finding. An absolute
        path is that of a file outside of what is analysed.
    """
    driver = {
        "name": "rsp-health",
        "version": version,
        "rules": [
            {"id": id_, "shortDescription": {"text": said}}
            for id_, said in rules.items()
        ],
    }
    found = [
        {
            "ruleId": rule,
            "level": level,
            "message": {"text": printable(message)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(path)},
                        "region": {"startLine": line},
                    }
                }
            ],
        }
        for rule, level, message, path, line in results
    ]
    log = {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": found}],
    }
    return json.dumps(log, indent=1) + "\n"


def _uri(path: str) -> str:
    # By its bytes: a name need not be UTF-8.
    quoted = quote(os.fsencode(path))
    return f"file://{quoted}" if quoted.startswith("/") else quoted
