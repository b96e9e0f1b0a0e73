"""Which rows the panel has, and which address each is probed at.

Addresses come from discovery, or are paths below the platform's own address;
never from anywhere else. Every deployed application has a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .catalogue import CatalogueEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...platform.models import Discovery, ServiceEntry
    from .catalogue import Catalogue

__all__ = ["Target", "resolve"]

#: Data services that are a part of something else.
_PARTS = frozenset({"gms"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row: an application, or one of its data services.

    What discovery says of scopes and quotas wins over the catalogue.
    """

    id: str
    application: str
    title: str
    dataset: str | None = None
    datasets: tuple[str, ...] = ()
    url: str | None = None
    reason: str = ""
    deployed: bool = True
    open_url: str | None = None
    docs: str | None = None
    required_scopes: tuple[str, ...] = ()
    quota_labels: tuple[str, ...] = ()
    entry: CatalogueEntry = field(default_factory=CatalogueEntry)

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that a token needs to use it."""
        if self.required_scopes or self.entry.scope is None:
            return self.required_scopes
        return (self.entry.scope,)

    @property
    def quota(self) -> str | None:
        """Gafaelfawr's name of it, by which quotas are counted."""
        return next(iter(self.quota_labels), self.entry.quota)

    @property
    def service_url(self) -> str | None:
        """The service's own address, where its probe has one of its own."""
        if self.url is None:
            return None
        return self.url.removesuffix(self.entry.suffix or "")

    @property
    def queried(self) -> bool:
        """Whether a row of its data can be read when the user asks."""
        return self.url is not None and self.entry.query is not None

    @property
    def probed(self) -> bool:
        """Whether it is probed by timer: at no cost to the user's quota."""
        return self.url is not None and self.entry.access == "anonymous"

    @property
    def on_request(self) -> bool:
        """Whether it is probed when the user asks for it."""
        return self.url is not None and self.entry.access == "token"


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    dataset: str | None = None
    docs: str | None = None
    scopes: tuple[str, ...] = ()
    quota_labels: tuple[str, ...] = ()


def _of(service: ServiceEntry, dataset: str | None = None) -> _Address:
    return _Address(
        service.url,
        dataset,
        service.docs_url,
        service.required_scopes,
        service.quota_labels,
    )


def resolve(
    discovery: Discovery, catalogue: Catalogue, base_url: str | None
) -> list[Target]:
    """Return the rows of this site, in the order of the catalogue.

    Parameters
    ----------
    discovery
        What is deployed.
    catalogue
        What is known about applications.
    base_url
        The platform's own address, without a trailing slash.
    """
    names = discovery.applications
    deployed = set(names or ())
    targets: list[Target] = []
    covered: set[str] = set()
    for application, entry in catalogue.entries.items():
        addresses = list(_addresses(entry, discovery, catalogue, base_url))
        known = application in deployed or bool(addresses)
        if not names and base_url is not None:
            # A lab without a login and a controller cannot be.
            known = known or entry.core
        if not known and not entry.declared:
            continue
        covered.add(application)
        targets += _rows(
            application,
            entry,
            addresses,
            discovery,
            base_url,
            deployed=known or entry.link is not None,
        )
    for application in sorted(deployed - covered):
        targets.append(
            Target(
                id=application,
                application=application,
                title=application,
                reason="nothing is known about how to probe it",
            )
        )
    targets += _unknown_services(discovery, catalogue, covered)
    return targets


def _rows(
    application: str,
    entry: CatalogueEntry,
    addresses: list[_Address],
    discovery: Discovery,
    base_url: str | None,
    *,
    deployed: bool,
) -> Iterator[Target]:
    title = entry.title or application
    opens = entry.link or _opens(entry, discovery)
    if not deployed:
        yield Target(
            id=application,
            application=application,
            title=title,
            deployed=False,
            reason="it is not deployed here",
            entry=entry,
        )
        return
    if not addresses and entry.path is not None and base_url is not None:
        addresses = [_Address(f"{base_url}{entry.path}")]
    if entry.probe is None or not addresses:
        reason = entry.unmonitored or (
            "service discovery does not say where it is"
            if entry.probe is not None
            else "nothing is known about how to probe it"
        )
        yield Target(
            id=application,
            application=application,
            title=title,
            reason=reason,
            open_url=opens,
            entry=entry,
        )
        return
    urls: dict[str, list[_Address]] = {}
    for address in addresses:
        urls.setdefault(_join(address.url, entry.suffix), []).append(address)
    for url, group in urls.items():
        first = group[0]
        single = len(urls) == 1 and not entry.per_dataset
        dataset = None if single else first.dataset
        yield Target(
            id=application if dataset is None else f"{application}:{dataset}",
            application=application,
            title=title if dataset is None else f"{title} {dataset}",
            dataset=dataset,
            datasets=tuple(a.dataset for a in group if a.dataset is not None),
            url=url,
            open_url=opens,
            docs=first.docs,
            required_scopes=first.scopes,
            quota_labels=first.quota_labels,
            entry=entry,
        )


def _join(url: str, suffix: str | None) -> str:
    return url if suffix is None else url.rstrip("/") + suffix


def _addresses(
    entry: CatalogueEntry,
    discovery: Discovery,
    catalogue: Catalogue,
    base_url: str | None,
) -> Iterator[_Address]:
    kind, _, name = (entry.where or "").partition(":")
    if kind == "butler":
        for dataset, found in sorted(discovery.datasets.items()):
            if found.butler_config is not None:
                yield _Address(found.butler_config, dataset, found.docs_url)
    elif kind == "data":
        yield from _data_addresses(name, entry, discovery, catalogue)
    elif kind == "influxdb":
        # Those of other sites are not this site's application.
        mine = {
            database.url: label
            for label, database in sorted(discovery.influxdb_databases.items())
            if database.local or _same_host(database.url, base_url)
        }
        for url, label in mine.items():
            yield _Address(url, label if len(mine) > 1 else None)
    elif kind in {"internal", "ui"}:
        service = _service(discovery, kind, name)
        if service is not None:
            yield _of(service)


def _data_addresses(
    name: str,
    entry: CatalogueEntry,
    discovery: Discovery,
    catalogue: Catalogue,
) -> Iterator[_Address]:
    """Several applications may serve one kind of data: the path tells."""
    others = [
        e.match
        for e in catalogue.entries.values()
        if e.where == entry.where and e.match is not None
    ]
    for dataset, found in sorted(discovery.datasets.items()):
        service = found.services.get(name)
        if service is None:
            continue
        if entry.match is not None:
            mine = _below(service.url, entry.match)
        else:
            mine = not any(_below(service.url, m) for m in others)
        if mine:
            yield _of(service, dataset)


def _same_host(url: str, base_url: str | None) -> bool:
    return (
        base_url is not None
        and urlsplit(url).hostname == urlsplit(base_url).hostname
    )


def _below(url: str, path: str) -> bool:
    actual = urlsplit(url).path.rstrip("/")
    return actual == path or actual.startswith(f"{path}/")


def _service(
    discovery: Discovery, kind: str, name: str
) -> ServiceEntry | None:
    group = discovery.services.ui if kind == "ui" else None
    return (discovery.services.internal if group is None else group).get(name)


def _opens(entry: CatalogueEntry, discovery: Discovery) -> str | None:
    if entry.opens is None:
        return None
    kind, _, name = entry.opens.partition(":")
    service = _service(discovery, kind, name)
    return None if service is None else service.url


def _unknown_services(
    discovery: Discovery, catalogue: Catalogue, covered: set[str]
) -> Iterator[Target]:
    # Drift: what has a row as an application is no second one.
    known = covered | {
        e.where.partition(":")[2]
        for e in catalogue.entries.values()
        if e.where is not None and e.where.startswith("data:")
    }
    found: dict[str, list[str]] = {}
    for dataset, entry in sorted(discovery.datasets.items()):
        for name in entry.services:
            if name not in known and name not in _PARTS:
                found.setdefault(name, []).append(dataset)
    for name, datasets in sorted(found.items()):
        yield Target(
            id=f"data:{name}",
            application=name,
            title=name,
            datasets=tuple(datasets),
            reason="nothing is known about how to probe this data service",
            entry=CatalogueEntry(category="data"),
        )
