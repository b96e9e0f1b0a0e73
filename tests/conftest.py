"""What all tests share."""

from __future__ import annotations

import logging
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine is no failure; and examples that fail are shown whole.
_COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "print_blob": True,
}
settings.register_profile("default", settings(), **_COMMON, max_examples=100)
settings.register_profile("deep", settings(), **_COMMON, max_examples=10_000)
settings.load_profile("default")

#: A token as Gafaelfawr, and our sandbox, issue them.
_TOKEN = re.compile(r"gt-[A-Za-z0-9_-]{22,}\.[A-Za-z0-9_-]{22,}")


# What is started in the background of a shell ignores Ctrl-C, and so would all
# that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


#: Rooms whose files take a second or so: what workers that end early take.
_SMALL = {"files", "git", "notebooks", "platform", "redaction"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first and small ones last: workers end together."""
    slow = {i.path for i in items if i.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> int:
        if item.path in slow:
            return 0
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        return 2 if room in _SMALL else 1

    items.sort(key=turn)


class _TokenWatch(logging.Handler):
    """Notes where a whole token is logged, by whichever library."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record as it would be written, traceback and all."""
        if _TOKEN.search(self.format(record)):
            self.places.add(f"{record.pathname}:{record.lineno}")


@pytest.fixture(scope="session", autouse=True)
def no_token_is_logged() -> Iterator[None]:
    """Fail if any test of the suite made somebody log a token."""
    watch = _TokenWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    yield
    root.removeHandler(watch)
    assert watch.places == set()
