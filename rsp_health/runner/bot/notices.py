"""What to say of the bot beside a list of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UnreadableFileError
from ...moments import moment
from .store import BotStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bot_notices"]


def bot_notices(data_dir: Path) -> list[str]:
    """Return a sentence if a bot is at work, or is to pause.

    Parameters
    ----------
    data_dir
        Our own folder.
    """
    store = BotStore(data_dir)
    since = store.paused_since()
    if since is not None:
        text = f"Your test bot is paused since {moment(since)}."
        return [f"{text} To go on: rsp-health bot resume."]
    try:
        state = store.read() if store.is_alive else None
    except UnreadableFileError as exc:
        return [f"Your test bot is at work. {exc.message}"]
    if state is None:
        return []
    if state.phase == "quiet":
        return [f"Your test bot waits. {state.reason}"]
    when = state.next_at
    at = f" Its next run is at {when:%H:%M} UTC." if when else ""
    return [f"Your test bot is at work.{at}"]
