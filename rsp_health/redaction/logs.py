"""Secrets stay out of logs, whatever an exception says."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from .redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["RedactingFilter"]

_PACKAGE = str(Path(__file__).parents[1])


class RedactingFilter(logging.Filter):
    """Takes secrets out of what rsp-health logs, and leaves others' be.

    The server's own log tells the user a URL with a token, to be opened.

    Parameters
    ----------
    secrets
        Returns the literal secrets; asked at the first message.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._secrets = secrets
        self._redactor: Redactor | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record of ours; let every record pass."""
        if not record.pathname.startswith(_PACKAGE):
            return True
        if self._redactor is None:
            self._redactor = Redactor(self._secrets())
        record.msg = self._redactor.text(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text = self._redactor.text(text)
        return True
