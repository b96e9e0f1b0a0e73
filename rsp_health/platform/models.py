"""What the platform sends, parsed tolerantly.

Sites run different versions, so unknown fields are ignored and a broken entry
is dropped instead of spoiling the document. Shape of discovery: Repertoire
``client/src/rubin/repertoire/_models.py``; on the wire, empty keys are absent
and a minimal site answers ``{}``.
"""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

__all__ = [
    "DataServiceEntry",
    "DatasetEntry",
    "Discovery",
    "DiscoveryDocument",
    "InfluxEntry",
    "ServiceEntry",
    "ServiceGroups",
]


_MAX_ENTRIES = 300
"""More than three times what any site has of anything: each may be a row."""


class _Incoming(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _url(value: str) -> str:
    parts = urlsplit(value)
    plain = value.isprintable() and " " not in value and len(value) <= 2048
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not a web address")
    if not plain or parts.username or parts.password:
        raise ValueError("not a plain web address")
    return value


Url = Annotated[str, AfterValidator(_url)]


def _url_or_none(value: Any) -> str | None:
    try:
        return _url(value) if isinstance(value, str) else None
    except ValueError:
        return None


OptionalUrl = Annotated[str | None, BeforeValidator(_url_or_none)]


def _is_name(value: Any) -> bool:
    """Whether it may be shown: no control or direction characters."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 100
        and value.isprintable()
    )


def _text_or_none(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return "".join(c for c in value[:500] if c.isprintable()) or None


OptionalText = Annotated[str | None, BeforeValidator(_text_or_none)]


def _names(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [v for v in value[:_MAX_ENTRIES] if _is_name(v)]


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


def _entries(model: type[BaseModel]) -> BeforeValidator:
    """Keep the entries of a mapping that are valid."""

    def keep(value: Any) -> dict[str, BaseModel]:
        kept: dict[str, BaseModel] = {}
        if isinstance(value, dict):
            for name, entry in islice(value.items(), _MAX_ENTRIES):
                if not _is_name(name):
                    continue
                try:
                    kept[name] = model.model_validate(entry)
                except ValidationError:
                    continue
        return kept

    return BeforeValidator(keep)


def _public_labels(value: Any) -> list[str]:
    """Read Repertoire's quota labels: Gafaelfawr's names of a service.

    Internal ones are those that a user need not know.
    """
    if not isinstance(value, dict):
        return []
    return [
        name
        for name, label in islice(value.items(), _MAX_ENTRIES)
        if _is_name(name)
        and not (isinstance(label, dict) and label.get("internal") is True)
    ]


Labels = Annotated[tuple[str, ...], BeforeValidator(_public_labels)]


class VersionEntry(_Incoming):
    """One version of an API."""

    url: Url


class ServiceEntry(_Incoming):
    """A service that discovery names."""

    url: Url
    title: OptionalText = None
    docs_url: OptionalUrl = None
    openapi: OptionalUrl = None
    required_scopes: Names = ()
    quota_labels: Labels = ()
    versions: Annotated[dict[str, VersionEntry], _entries(VersionEntry)] = (
        Field(default_factory=dict)
    )


class DataServiceEntry(ServiceEntry):
    """A data service of one dataset."""


class DatasetEntry(_Incoming):
    """A dataset and the services that give access to it."""

    butler_config: OptionalUrl = None
    description: OptionalText = None
    docs_url: OptionalUrl = None
    services: Annotated[
        dict[str, DataServiceEntry], _entries(DataServiceEntry)
    ] = Field(default_factory=dict)


class InfluxEntry(_Incoming):
    """An InfluxDB database.

    ``local`` says that it is at this site; its login is at
    ``credentials_url``, for who may read it.
    """

    url: Url
    database: OptionalText = None
    credentials_url: OptionalUrl = None
    local: Annotated[bool, BeforeValidator(lambda v: v is True)] = False


class EnvironmentEntry(_Incoming):
    """What the site calls itself, from Repertoire 3.1 on."""

    name: OptionalText = None
    label: OptionalText = None
    title: OptionalText = None


def _environment(value: Any) -> Any:
    return value if isinstance(value, dict | EnvironmentEntry) else {}


class ServiceGroups(_Incoming):
    """Services that belong to no dataset."""

    internal: Annotated[dict[str, ServiceEntry], _entries(ServiceEntry)] = (
        Field(default_factory=dict)
    )
    ui: Annotated[dict[str, ServiceEntry], _entries(ServiceEntry)] = Field(
        default_factory=dict
    )


def _groups(value: Any) -> Any:
    return value if isinstance(value, dict | ServiceGroups) else {}


class DiscoveryDocument(_Incoming):
    """The discovery document as the platform sent it."""

    applications: Names = ()
    datasets: Annotated[dict[str, DatasetEntry], _entries(DatasetEntry)] = (
        Field(default_factory=dict)
    )
    environment: Annotated[EnvironmentEntry, BeforeValidator(_environment)] = (
        Field(default_factory=EnvironmentEntry)
    )
    environment_name: OptionalText = None
    influxdb_databases: Annotated[
        dict[str, InfluxEntry], _entries(InfluxEntry)
    ] = Field(default_factory=dict)
    services: Annotated[ServiceGroups, BeforeValidator(_groups)] = Field(
        default_factory=ServiceGroups
    )

    @property
    def site(self) -> str | None:
        """The site's name, for display."""
        return self.environment_name or self.environment.name


class Discovery(_Incoming):
    """What is known about this site, and how well it is known.

    ``applications`` is `None` when the list is not known at all, as with the
    lab's static file, which does not carry it.
    """

    state: Literal["fresh", "stale", "file", "none"]
    age_s: float | None = None
    message: str = ""
    environment_name: str | None = None
    applications: tuple[str, ...] | None = None
    datasets: dict[str, DatasetEntry] = Field(default_factory=dict)
    influxdb_databases: dict[str, InfluxEntry] = Field(default_factory=dict)
    services: ServiceGroups = Field(default_factory=ServiceGroups)
