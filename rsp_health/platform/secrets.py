"""Which values of the lab's surroundings are secrets.

A value is known by the name of its variable, by the file that it was mounted
in, or by what it looks like. A URL is none, but the password in it is.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..errors import RSPHealthError
from ..files.reading import safe_read
from ..redaction.judges import looks_drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["in_files", "in_variables"]

#: Whatever has such a name is a secret.
_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|(?:^|_)PWD$"
    r"|(?:API|ACCESS|PRIVATE|SIGNING|CRYPT|ENCRYPTION)_?KEY",
    re.IGNORECASE,
)
#: What has such a name may be a word (``SORT_KEY``, ``PANDA_AUTH``).
_WEAK_NAME = re.compile(
    r"CREDENTIAL|COOKIE|SIGNATURE|_KEY$|(?:^|_)(?:AUTH|PAT)$", re.IGNORECASE
)
#: Names that say where a secret is or whose, and not what.
_ABOUT = re.compile(
    r"_(?:URL|URI|NAME|PATH|FILE|DIR|HOST|PORT|TYPE|SCOPES?|USER|TTL|EXPIRY"
    r"|EXPIRES|LIFETIME|HEADER|ID)$|^(?:OLD)?PWD$",
    re.IGNORECASE,
)
#: A password in a file of settings (``password: x``), or of ``~/.pgpass``.
_FIELD = re.compile(
    r"(?i:passw(?:or)?d|secret|token|key)\w{0,20}[\"']?\s{0,5}[:=]\s{0,5}"
    r"[\"']?([^\s\"',]{6,4096})"
)
_PGPASS = re.compile(r"^(?:[^:\s]+:){4}(\S{6,})$", re.MULTILINE)
_FILES = 100
_FILE_BYTES = 64 * 1024


def in_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets in the variables of a process."""
    for name, value in variables.items():
        password = _password(value)
        if password is not None:
            yield password
        elif _ABOUT.search(name):
            continue
        elif _NAME.search(name):
            yield from _parts(value)
        elif _WEAK_NAME.search(name):
            yield from filter(looks_drawn, _parts(value))


def in_files(folders: Iterable[Path], files: Iterable[Path]) -> Iterator[str]:
    """Yield the secrets in files that the platform mounted.

    Parameters
    ----------
    folders
        Folders of secrets: each file of one is a secret.
    files
        Files that hold some among other things.
    """
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in sorted(folder.iterdir())[:_FILES]:
                yield from _parts(_read(path))
    for path in files:
        text = _read(path)
        yield from _FIELD.findall(text)
        yield from _PGPASS.findall(text)


def _parts(text: str) -> Iterator[str]:
    """Yield the secret, or those that stand among other things."""
    text = text.strip()
    if not _is_path(text) and "://" not in text and len(text.split()) == 1:
        yield text
        return
    yield from _FIELD.findall(text)
    yield from _PGPASS.findall(text)
    for line in text.splitlines():
        # What is no sentence, such as a line of a private key.
        word = line.strip()
        if len(word) >= 40 and len(word.split()) == 1 and ":" not in word:
            yield word


def _is_path(text: str) -> bool:
    return text.startswith(("/", "~/", "./")) and os.path.exists(  # noqa: PTH110 - may be no path at all
        os.path.dirname(text)  # noqa: PTH120
    )


def _password(value: str) -> str | None:
    """Return the password in a URL."""
    if "://" not in value or "@" not in value:
        return None
    with contextlib.suppress(ValueError):
        password = urlsplit(value).password
        return unquote(password) if password else None
    return None


def _read(path: Path) -> str:
    with contextlib.suppress(RSPHealthError, OSError):
        data = safe_read(path, limit=_FILE_BYTES)
        return data.decode("utf-8", "replace")
    return ""
