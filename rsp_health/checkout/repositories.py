"""Which repositories are offered here, from the operator's configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from ..errors import BadInputError
from ..files import resolve_inside
from ..git.mirrors import bundle_path
from .models import RepositoryConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..platform.environment import LabEnvironment

__all__ = [
    "WORK_AREA",
    "ConfiguredRepository",
    "Offer",
    "check_ref",
    "check_url",
    "is_ref",
    "load_repositories",
    "same_url",
]

WORK_AREA = ".rsp-health"
"""Folder beside a checkout: locks, journals and clones under way."""

_TRANSPORTS = ("https", "http", "file")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
_NOT_IN_REF = re.compile(r"\.\.|//|/\.|\.$|/$|\.lock(/|$)")
_CONTROL_IN_PATH = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredRepository:
    """A repository that is offered here.

    Parameters
    ----------
    config
        The operator's entry, checked.
    root
        What JupyterLab shows as ``/``.
    path
        The checkout's absolute path. Its parents are resolved; it is not,
        so that a symlink in its place is seen.
    relative
        The path below the root, as users see it.
    suggested_ref
        The ref that ``AUTO_REPO_SPECS`` names for this URL, if another.
    """

    config: RepositoryConfig
    root: Path
    path: Path
    relative: str
    suggested_ref: str | None = None

    @property
    def id(self) -> str:
        """The repository's id."""
        return self.config.id

    @property
    def work_area(self) -> Path:
        """Where clones are prepared: on the checkout's own file system."""
        return self.path.parent / WORK_AREA


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the configuration offers.

    Parameters
    ----------
    found
        The repositories that are offered here, by id.
    refused
        What is wrong with the other entries, with code ``bad_config``,
        naming the entry and the key.
    """

    found: dict[str, ConfiguredRepository]
    refused: dict[str, BadInputError]


def is_ref(ref: str) -> bool:
    """Whether a name can be handed to git as a branch, tag or commit."""
    return bool(_REF.fullmatch(ref)) and not _NOT_IN_REF.search(ref)


def check_ref(ref: str) -> str:
    """Return a branch, tag or commit that is safe to hand to git.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``bad_ref``.
    """
    if not is_ref(ref):
        raise BadInputError(
            f"{ref[:100]!r} is not a branch, tag or commit.",
            hint="Use letters, digits and . _ / + - and begin with a letter"
            " or a digit.",
            code="bad_ref",
        )
    return ref


def check_url(url: str, allowed: Sequence[str], *, where: str) -> str:
    """Return a URL that git may clone from.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``bad_config``; the URL is not repeated when it
        holds credentials.
    """

    def bad(what: str, hint: str) -> BadInputError:
        return BadInputError(f"{where} {what}.", hint=hint, code="bad_config")

    # A folder's name may hold spaces; a URL says %20.
    odd = _CONTROL_IN_PATH if url.startswith("/") else _CONTROL
    if not url or odd.search(url) or url.startswith("-"):
        raise bad("is not a URL", "Give a URL such as https://host/path.")
    try:
        parts = urlsplit(url)
        host, port_is_valid = parts.hostname, parts.port != 0
    except ValueError:
        raise bad("is not a URL", "Give one such as https://host/path.") from (
            None
        )
    scheme = "file" if url.startswith("/") else parts.scheme.lower()
    if scheme not in _TRANSPORTS or "::" in url.partition("/")[0]:
        raise bad(
            "uses a transport that rsp-health does not know",
            "Use https, or http or file where the operator allows them.",
        )
    if scheme not in allowed:
        raise bad(
            f"uses {scheme}, which is not allowed here",
            f"Add {scheme!r} to c.HealthApp.allowed_git_protocols, if you"
            " trust that mirror.",
        )
    if parts.username is not None or parts.password is not None:
        raise bad(
            "holds a user name or a password",
            "Remove what stands before the @.",
        )
    if scheme != "file" and not (host and port_is_valid):
        raise bad("names no host", "Give a URL such as https://host/path.")
    if scheme == "file" and not parts.path.startswith("/"):
        raise bad("is not an absolute path", "Begin with file:///.")
    return url


def load_repositories(
    entries: Iterable[dict[str, Any]],
    *,
    root: Path,
    data_dir: Path,
    environment: LabEnvironment,
    allowed_protocols: Sequence[str],
) -> Offer:
    """Check the configuration and return what is offered here.

    An entry that is wrong spoils only itself.

    ``AUTO_REPO_SPECS`` only suggests: where it names the URL of a configured
    repository with another ref, that ref is shown beside the default one. It
    never adds a repository nor changes what a click checks out, since nothing
    on the platform keeps that variable up to date any more.

    Parameters
    ----------
    entries
        ``c.HealthApp.repositories``.
    root
        No checkout leaves this folder.
    data_dir
        Our own records; a checkout may not replace them.
    environment
        The lab, for its host name, which an entry's ``environments`` may
        name, and ``AUTO_REPO_SPECS``.
    allowed_protocols
        ``c.HealthApp.allowed_git_protocols``.
    """
    here = (environment.instance or "").lower()
    suggestions = _suggestions(environment.auto_repo_specs)
    found: dict[str, ConfiguredRepository] = {}
    refused: dict[str, BadInputError] = {}
    for index, entry in enumerate(entries):
        try:
            config = _parse(index, entry)
            where = f"repositories[{index}] ({config.id})"
            check_url(config.url, allowed_protocols, where=f"{where}: url")
            _check_config_ref(config.ref, where)
            _check_subset(config.subset, where)
            path, relative = _locate(config, root, data_dir, where)
            if config.id in found:
                raise _bad(where, "id", "is used twice")
            _check_apart(path, found.values(), where)
        except BadInputError as exc:
            refused[_name(index, entry)] = exc
            continue
        if config.environments is not None and here not in {
            name.lower() for name in config.environments
        }:
            continue
        suggested = suggestions.get(_normal(config.url))
        found[config.id] = ConfiguredRepository(
            config=config,
            root=root.resolve(),
            path=path,
            relative=relative,
            suggested_ref=None if suggested == config.ref else suggested,
        )
    return Offer(found=found, refused=refused)


def _name(index: int, entry: Any) -> str:
    """Return the name of an entry that may be anything."""
    name = entry.get("id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else f"repositories[{index}]"


def _bad(where: str, key: str, what: str) -> BadInputError:
    return BadInputError(
        f"{where}: {key} {what}.",
        hint="Correct c.HealthApp.repositories; docs/operators has examples.",
        code="bad_config",
    )


def _parse(index: int, entry: Any) -> RepositoryConfig:
    where = f"repositories[{index}]"
    if not isinstance(entry, dict):
        raise _bad(where, "the entry", "is not a dictionary")
    filled = dict(entry)
    filled.setdefault("title", filled.get("id"))
    filled["url"] = bundle_path(filled.get("url"))
    try:
        return RepositoryConfig.model_validate(filled)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the entry"
        name = entry.get("id")
        if isinstance(name, str):
            where = f"{where} ({name[:80]})"
        raise _bad(where, key, f"is wrong: {first['msg'].lower()}") from None


def _check_config_ref(ref: str, where: str) -> None:
    try:
        check_ref(ref)
    except BadInputError:
        raise _bad(
            where, "ref", f"{ref[:100]!r} is not a branch, tag or commit"
        ) from None


def _check_subset(subset: list[str] | None, where: str) -> None:
    if subset is not None and not subset:
        raise _bad(where, "subset", "is empty")
    for path in subset or ():
        parts = PurePosixPath(path).parts
        unsafe = ".." in parts or ".git" in parts or path.startswith("/")
        if not parts or unsafe or _CONTROL_IN_PATH.search(path):
            raise _bad(where, "subset", f"holds {path[:100]!r}, no path in it")


def _locate(
    config: RepositoryConfig, root: Path, data_dir: Path, where: str
) -> tuple[Path, str]:
    relative = config.directory
    if relative is None:
        relative = f"notebooks/rsp-health/{config.id}"
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or not pure.name:
        raise _bad(where, "directory", "is not a path below the root")
    if "\n" in relative or "\0" in relative or len(pure.name.encode()) > 180:
        raise _bad(where, "directory", "has a name that cannot be used")
    if WORK_AREA in pure.parts or ".git" in pure.parts:
        raise _bad(where, "directory", "lies in a folder that git or we own")
    try:
        parent = resolve_inside(root, str(pure.parent))
    except BadInputError:
        # Behind a link of the user's: their business, and no reason to offer
        # no repository at all. `RepositoryCheckout.check_slot` tells it when
        # it is used.
        parent = root.resolve() / pure.parent
    path = parent / pure.name
    if data_dir.resolve().is_relative_to(path):
        raise _bad(where, "directory", "holds rsp-health's own records")
    return path, str(pure)


def _check_apart(
    path: Path, others: Iterable[ConfiguredRepository], where: str
) -> None:
    for other in others:
        if path.is_relative_to(other.path) or other.path.is_relative_to(path):
            raise _bad(where, "directory", f"overlaps that of {other.id}")


def _suggestions(specs: Iterable[str]) -> dict[str, str]:
    found = {}
    for spec in specs:
        url, separator, ref = spec.rpartition("@")
        if separator and is_ref(ref):
            found[_normal(url)] = ref
    return found


def same_url(first: str, second: str) -> bool:
    """Whether two URLs name one repository, as git shortens them."""
    return _normal(first) == _normal(second)


def _normal(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
