"""Where progress and messages are printed; imported when first needed."""

from __future__ import annotations

from rich.console import Console

__all__ = ["MessageConsole", "ResultConsole"]


class ResultConsole(Console):
    """A console for results, which ends the command as click's echo does."""

    def on_broken_pipe(self) -> None:
        """Tell `main` that the reader has gone; rich would end with 1."""
        raise BrokenPipeError


class MessageConsole(Console):
    """A console that falls silent when nobody reads it any more.

    rich would end the process, and stdout with it: but what is reported on
    goes on, and its result is for stdout.
    """

    def on_broken_pipe(self) -> None:
        """Print nothing from now on."""
        self.quiet = True
