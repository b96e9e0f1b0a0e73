"""Runs one check, and makes findings of whatever comes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from ..redaction import Redactor
from .checks import load, registered
from .checks.base import Family
from .models import Finding, cannot_tell, not_applicable

if TYPE_CHECKING:
    from .context import Context

__all__ = ["find", "find_all", "found_by"]


def find(id: str, context: Context) -> Finding:
    """Run a check, and return the first thing that it finds; never raise.

    Parameters
    ----------
    id
        The check.
    context
        The lab.
    """
    return find_all(id, context)[0]


def find_all(id: str, context: Context) -> list[Finding]:
    """Run a check; never raise.

    A check that fails is told as one that cannot tell. What leaves here holds
    no secret of the lab.

    Parameters
    ----------
    id
        The check.
    context
        The lab.
    """
    try:
        found = _looked(id, context)
    except RSPHealthError as exc:
        found = [cannot_tell(exc.message, next_step=exc.hint)]
    except OSError as exc:
        name = os.fsdecode(exc.filename) if _is_named(exc) else "A file"
        why = os.strerror(exc.errno or 0).lower()
        found = [cannot_tell(f"{name} cannot be used: {why}.")]
    except Exception as exc:  # noqa: BLE001 - a check is no reason to fail
        # Its text may hold anything.
        found = [cannot_tell(f"The check failed ({type(exc).__name__}).")]
    return [
        _redacted(found_by(finding.check or id, finding), context)
        for finding in found
    ]


def _looked(id: str, context: Context) -> list[Finding]:
    check = load(id)
    if not check.applies(context):
        return [not_applicable(check.otherwise)]
    if isinstance(check, Family):
        return check.look_at(context, registered(id)[1])
    return [check.look(context)]


def _is_named(exc: OSError) -> bool:
    return isinstance(exc.filename, str | bytes)


def found_by(id: str, finding: Finding) -> Finding:
    """Return a finding that says which check it is of."""
    try:
        title, part = load(id).title, registered(id)[1]
    except Exception:  # noqa: BLE001 - a check that cannot even be imported
        title, part = id, ""
    if part:
        title = f"{title}: {part}"
    title = finding.title or title
    return finding.model_copy(update={"check": id, "title": title})


def _redacted(finding: Finding, context: Context) -> Finding:
    line = Redactor(context.environment.secrets()).one_line
    return finding.model_copy(
        update={
            "title": line(finding.title),
            "sentence": line(finding.sentence),
            "next_step": line(finding.next_step),
            "evidence": [
                seen.model_copy(
                    update={
                        "source": line(seen.source),
                        "value": line(seen.value),
                    }
                )
                for seen in finding.evidence
            ],
        }
    )
