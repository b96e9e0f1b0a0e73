"""The catalogue: what is known about each application, and the site's words.

The shipped catalogue knows Phalanx; an overlay of the same form adds what
only the site knows. The overlay wins field by field.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic import ValidationError as PydanticError

from ...errors import BadDocumentError, BadInputError, UnreadableFileError
from ...files import load_toml
from ..probes import PROBES
from ..probes.votable import TABLE
from .site_words import SiteWords
from .windows import MaintenanceWindow, RecurringWindow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["Catalogue", "CatalogueEntry", "MaintenanceWindow", "load"]


_OF_SITE = ("maintenance", "recurring", "site")


def _known_probe(value: str | None) -> str | None:
    if value is not None and value not in PROBES:
        raise ValueError(f"no such probe; choose one of {', '.join(PROBES)}")
    return value


def _pattern(value: str | None) -> str | None:
    try:
        re.compile(value or "")
    except re.error as exc:
        raise ValueError("not a regular expression") from exc
    return value


def _link(value: str | None) -> str | None:
    if value is not None and not value.startswith("https://"):
        raise ValueError("only https:// links are shown")
    return value


def _path(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"/[!-~]*", value):
        raise ValueError("a path begins with / and has no spaces")
    if value is not None and value.startswith("//"):
        raise ValueError("a path names no other host")
    return value


Link = Annotated[str | None, AfterValidator(_link)]
Path_ = Annotated[str | None, AfterValidator(_path)]


class CatalogueEntry(BaseModel):
    """One application; see the head of ``catalogue.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = None
    category: str = "other"
    where: Annotated[
        str | None,
        Field(pattern=r"^(butler|influxdb|(data|internal|ui):[\w.-]+)$"),
    ] = None
    match: Path_ = None
    path: Path_ = None
    suffix: Path_ = None
    per_dataset: bool = False
    probe: Annotated[str | None, AfterValidator(_known_probe)] = None
    marker: Annotated[str | None, AfterValidator(_pattern)] = None
    depth: Literal["frontend", "backend"] | None = None
    looks_at: str | None = None
    query: Literal["tap"] | None = None
    query_table: Annotated[
        str | None, Field(pattern=rf"^{TABLE}$", max_length=200)
    ] = None
    slow_s: Annotated[float | None, Field(gt=0, le=10)] = None
    access: Literal["anonymous", "token"] = "anonymous"
    scope: str | None = None
    quota: str | None = None
    unmonitored: str | None = None
    opens: Annotated[str | None, Field(pattern=r"^(ui|internal):[\w.-]+$")] = (
        None
    )
    core: bool = False
    depends_on: tuple[str, ...] = ()
    docs: Link = None
    runbook: Link = None
    logs: Link = None
    link: Link = None
    owner: str | None = None
    contact: str | None = None
    facility: str | None = None
    declared: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    services: dict[str, CatalogueEntry] = Field(default_factory=dict)
    maintenance: list[MaintenanceWindow] = Field(default_factory=list)
    recurring: list[RecurringWindow] = Field(default_factory=list)
    site: SiteWords = Field(default_factory=SiteWords)


_NO_WORDS = SiteWords()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Entries by application, announced maintenance, and what is wrong."""

    entries: dict[str, CatalogueEntry]
    windows: tuple[MaintenanceWindow, ...] = ()
    recurring: tuple[RecurringWindow, ...] = ()
    site: SiteWords = _NO_WORDS
    problem: str = ""

    def window(self, service: str, now: datetime) -> MaintenanceWindow | None:
        """Return the window that a row is in, the last to end first."""
        found = [w for w in self.around(now) if w.covers(service, now)]
        return max(found, key=lambda w: w.end) if found else None

    def around(
        self, now: datetime, *, hours: float = 0.0
    ) -> Iterator[MaintenanceWindow]:
        """Yield the windows that go on now, or begin soon.

        Parameters
        ----------
        now
            The present time.
        hours
            How soon.
        """
        after = timedelta(hours=hours)
        for window in self.windows:
            if window.end > now and window.start <= now + after:
                yield window
        for weekly in self.recurring:
            yield from weekly.around(now, after)


@cache
def _shipped() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("catalogue.toml").read_text()
    return tomllib.loads(text)


def load(overlay: Path | None = None) -> Catalogue:
    """Read the shipped catalogue and the site's overlay.

    Parameters
    ----------
    overlay
        The site's TOML file.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if the overlay cannot be read, naming the place.
    """
    services: dict[str, dict[str, Any]] = {
        k: dict(v) for k, v in _shipped()["services"].items()
    }
    extra: dict[str, Any] = {}
    if overlay is not None:
        extra = _read(overlay)
        for name, entry in extra.get("services", {}).items():
            services.setdefault(name, {"declared": True}).update(entry)
    document = {
        "services": services,
        **{name: extra[name] for name in _OF_SITE if name in extra},
    }
    try:
        parsed = _File.model_validate(document)
    except PydanticError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(p) for p in first["loc"])
        raise BadInputError(
            f"The service catalogue {overlay} is not valid at {place}: "
            f"{first['msg']}.",
            hint="docs/operators/services.md lists the fields.",
            code="bad_catalogue",
        ) from exc
    return Catalogue(
        entries=parsed.services,
        windows=tuple(parsed.maintenance),
        recurring=tuple(parsed.recurring),
        site=parsed.site,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = load_toml(path)
    except BadDocumentError as exc:
        # The parser names the place, and quotes nothing of the file.
        raise BadInputError(
            f"The service catalogue {exc.message}",
            hint="Correct it; docs/operators/services.md has an example.",
            code="bad_catalogue",
        ) from exc
    except UnreadableFileError as exc:
        raise BadInputError(
            f"The service catalogue {exc.message}",
            hint="c.HealthApp.catalogue names it.",
            code="bad_catalogue",
        ) from exc
    unknown = set(document) - {"services", *_OF_SITE}
    services = document.get("services", {})
    if unknown or not isinstance(services, dict):
        named = ", ".join(sorted(unknown)) or "services"
        raise BadInputError(
            f"The service catalogue {path} has a wrong part: {named}.",
            hint="It has tables [services.NAME], [[maintenance]], "
            "[[recurring]] and [site].",
            code="bad_catalogue",
        )
    if not all(isinstance(e, dict) for e in services.values()):
        raise BadInputError(
            f"The service catalogue {path} has an entry that is not a table.",
            hint="Write [services.NAME] and its fields below.",
            code="bad_catalogue",
        )
    return document
