"""Perform an operation under the checkout's lock, and report how it goes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from ..files import to_user_error
from .models import STARTING, Operation
from .progress import error_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .models import OperationKind
    from .operations import CheckoutOperation
    from .repository_checkout import RepositoryCheckout

__all__ = ["perform"]


def perform(
    checkout: RepositoryCheckout,
    kind: OperationKind,
    change: CheckoutOperation,
    on_progress: Callable[[Operation], None] | None,
    operation_id: str | None,
) -> Operation:
    """Run a change under the checkout's lock, and tell how it goes.

    Returns
    -------
    Operation
        In state ``done`` or ``cancelled``.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised by kind if it failed; ``on_progress`` has been told.
    """
    operation = Operation(
        id=operation_id or secrets.token_hex(8),
        kind=kind,
        repository=checkout.repository.id,
        state="running",
        phase=STARTING,
        directory=checkout.repository.relative,
    )

    def report_progress(**update: object) -> None:
        nonlocal operation
        operation = operation.model_copy(update=update)
        if on_progress is not None:
            on_progress(operation)

    verb = "check out" if kind == "checkout" else kind
    doing = f"{verb} {checkout.title}"
    report_progress()
    try:
        try:
            checkout.check_slot()
            with checkout.slot.lock(kind) as lock:
                change.run(lock, report_progress)
        except OSError as exc:
            raise to_user_error(exc, doing) from exc
    except RSPHealthError as exc:
        if exc.code == "cancelled":
            report_progress(state="cancelled", phase="Cancelled", percent=None)
            return operation
        report_progress(state="failed", phase="Failed", error=error_body(exc))
        raise
    except BaseException:
        report_progress(state="failed", phase="Failed")
        raise
    report_progress(state="done", phase="Done", percent=100.0)
    return operation
