"""What the linter finds, and how it is told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..annotations import one_line, table, workflow_command

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BROKEN",
    "RULES",
    "Finding",
    "document",
    "github",
    "sarif",
    "step_summary",
    "summary",
    "text",
]

#: Every rule, and what it says in general.
RULES = {
    "unreadable-file": "The file is missing, or cannot be read.",
    "broken-notebook": "The notebook cannot be read; one such file stops "
    "mobu from running any notebook of the repository.",
    "mobu-yaml-invalid": "mobu.yaml is not what mobu can read.",
    "mobu-yaml-unknown-key": "mobu refuses the whole repository for a key "
    "that it does not know.",
    "mobu-yaml-deprecated": "exclude_dirs is deprecated.",
    "mobu-yaml-rule-type": "A collection rule's type is not one of mobu's.",
    "mobu-yaml-pattern": "A pattern that is not used, or a name "
    "with * ? or [, which is a pattern.",
    "mobu-yaml-place": "mobu reads mobu.yaml only at the repository's top.",
    "required-services": "mobu ignores required_services since version 18.",
    "required-applications": "required_applications is not a list of names.",
    "unknown-application": "No application of that name is deployed.",
    "effects-unknown": "rsp_health.effects or rsp_health.load is no known "
    "word, and taken for the worst one.",
    "hardware-command": "A cell commands hardware, and the notebook does not "
    "say so.",
    "cell-id-missing": "Without ids, a cell's timings are lost when another "
    "is put before it.",
    "cell-id-duplicate": "Two cells have one id; their timings are mixed up.",
    "cell-id-changed": "The id was changed, and with it the cell's series of "
    "timings ends.",
    "secret-token": "A Gafaelfawr token is in the notebook.",
    "secret-header": "An Authorization header with its credentials is in the "
    "notebook.",
}

#: Rules of files that could not be judged at all.
BROKEN = frozenset({"broken-notebook", "unreadable-file"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One fault, and where.

    Parameters
    ----------
    path
        The file, as the caller named it.
    line
        From 1.
    rule
        A key of `RULES`.
    level
        Warnings alone do not fail a check.
    message
        What is wrong, in one sentence; never holds a secret.
    """

    path: str
    line: int
    rule: str
    level: Literal["error", "warning"]
    message: str


def text(finding: Finding) -> str:
    """Return one line, which editors and terminals make a link of."""
    return one_line(
        finding.path,
        f":{finding.line}: {finding.level}: {finding.message} "
        f"[{finding.rule}]",
    )


def github(finding: Finding, *, warn_only: bool = False) -> str:
    """Return one workflow command, which GitHub shows beside the line."""
    return workflow_command(
        "warning" if warn_only else finding.level,
        path=finding.path,
        line=finding.line,
        title=finding.rule,
        message=finding.message,
    )


def summary(findings: Sequence[Finding], files: int) -> str:
    """Return the last line: how many of what."""
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    counts = ((files, "file"), (errors, "error"), (warnings, "warning"))
    some, bad, odd = (
        f"{number} {thing}{'' if number == 1 else 's'}"
        for number, thing in counts
    )
    return f"{some}: {bad}, {odd}"


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the ``rsp-health.lint/1`` document."""
    return {
        "schema": "rsp-health.lint/1",
        "findings": [asdict(finding) for finding in findings],
    }


def step_summary(findings: Sequence[Finding], files: int) -> str:
    """Return Markdown for ``$GITHUB_STEP_SUMMARY``: every finding."""
    lines = [f"### Notebook lint: {summary(findings, files)}", ""]
    rows = [
        (f"{finding.path}:{finding.line}", finding.message, finding.rule)
        for finding in findings
    ]
    if rows:
        lines += table(("where", "what", "rule"), rows)
    return "\n".join(lines) + "\n"


def sarif(
    findings: Sequence[Finding], *, version: str, warn_only: bool = False
) -> str:
    """Return a SARIF 2.1.0 log, for code scanning."""
    from ..annotations import sarif_log

    return sarif_log(
        version=version,
        rules=RULES,
        results=[
            (
                finding.rule,
                "warning" if warn_only else finding.level,
                finding.message,
                finding.path,
                finding.line,
            )
            for finding in findings
        ],
    )


def to_json(findings: Sequence[Finding]) -> str:
    """Return the document as text."""
    return json.dumps(document(findings), indent=1)
