"""Runs one check, and makes a finding of whatever comes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from ..redaction import Redactor
from .checks import load
from .models import Finding, cannot_tell, not_applicable

if TYPE_CHECKING:
    from .context import Context

__all__ = ["find", "found_by"]


def find(id: str, context: Context) -> Finding:
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
        check = load(id)
        if check.applies(context):
            found = check.look(context)
        else:
            found = not_applicable(check.otherwise)
    except RSPHealthError as exc:
        found = cannot_tell(exc.message, next_step=exc.hint)
    except OSError as exc:
        name = os.fsdecode(exc.filename) if _is_named(exc) else "A file"
        why = os.strerror(exc.errno or 0).lower()
        found = cannot_tell(f"{name} cannot be used: {why}.")
    except Exception as exc:  # noqa: BLE001 - a check is no reason to fail
        # Its text may hold anything.
        found = cannot_tell(f"The check failed ({type(exc).__name__}).")
    return _redacted(found_by(id, found), context)


def _is_named(exc: OSError) -> bool:
    return isinstance(exc.filename, str | bytes)


def found_by(id: str, finding: Finding) -> Finding:
    """Return a finding that says which check it is of."""
    try:
        title = load(id).title
    except Exception:  # noqa: BLE001 - a check that cannot even be imported
        title = id
    return finding.model_copy(update={"check": id, "title": title})


def _redacted(finding: Finding, context: Context) -> Finding:
    line = Redactor(context.environment.secrets()).one_line
    return finding.model_copy(
        update={
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
