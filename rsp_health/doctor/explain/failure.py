"""What is known of a failure, taken from its error in whatever shape."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...printable import printable
from ...redaction.terminal import one_line, without_ansi
from .cell_words import files_in, files_of_error

if TYPE_CHECKING:
    from datetime import datetime

    from .models import Recurrence

__all__ = ["Failure", "Thrown", "read_failure"]

#: Characters of a traceback that are looked at: its begin names the chain's
#: first exception, its end the last one.
_HEAD, _TAIL = 16_000, 48_000
_MESSAGE = 2000
_SOURCE = 16_000
_MOST = 50

#: ``SomeError    Traceback (most recent call last)``, as IPython begins each.
_CHAINED = re.compile(
    r"^([A-Za-z_][\w.]{0,120})[ \t]{1,200}Traceback \(most recent",
    re.MULTILINE,
)
#: ``package.SomeError: why``, as each ends.
_DOTTED = r"(?:[A-Za-z_]\w{0,60}\.)"
_THROWN = re.compile(
    rf"^({_DOTTED}{{0,8}}[A-Z_]\w{{0,60}}(?:Error|Exception|Exit|Interrupt|"
    rf"Iteration|Warning|Timeout|NotFound|Fault)|{_DOTTED}{{1,8}}[A-Z]\w{{0,60}}"
    rf"|{_DOTTED}{{0,8}}(?:gaierror|herror|timeout))"
    r"(?::[ \t]([^\n]{0,2000})|[ \t]*$)",
    re.MULTILINE,
)
_FRAME = re.compile(
    r'^[ \t]{0,8}File "?([^\n"]{1,300}?)"?(?::(\d{1,9})\b|, line (\d{1,9})\b)',
    re.MULTILINE,
)
#: The file of the module that has not the name, as Python tells it.
_HAS_NOT = (
    re.compile(
        r"cannot import name '[^'\n]{1,200}' from (?:partially initialized "
        r"module )?'[^'\n]{1,200}'[^/\n]{0,60} \((/[^\n)]{1,300})\)"
    ),
    re.compile(
        r"partially initialized module '[^'\n]{1,200}' from "
        r"'(/[^'\n]{1,300})'"
    ),
    re.compile(r"consider renaming '(/[^'\n]{1,300})'"),
)
_CELL_FRAME = re.compile(
    r"^[ \t]{0,8}(?:Cell In ?\[|Input In ?\[|<ipython-input|"
    r'File "?[^\n"]{0,200}ipykernel_\d)',
    re.MULTILINE,
)
_STATUS = re.compile(
    r"\b([345]\d\d) (?:Server|Client) Error"
    r"|(?:Client|Server) error '([345]\d\d)\b"
    r"|Redirect response '(3\d\d)\b"
    r"|\bstatus(?:[_ ]?code)?\W{1,4}([345]\d\d)\b"
    r"|\bHTTP(?:/\d(?:\.\d)?)?(?:[ -]?(?:Status|Error|code))?:?[ -]([345]\d\d)\b"
    r"|\b([345]\d\d) (?:Unauthorized|Forbidden|Not Found|Too Many|Bad Gateway"
    r"|Service (?:Temporarily )?Unavailable|Gateway Time|Internal Server"
    r"|Found\b|See Other|Temporary Redirect)",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(r"\bToo Many Requests\b|\bDALRateLimitError\b")
_URL = re.compile(
    r"\bhttps?://([\w.-]{1,253})(?::\d{1,5})?(/[^\s'\"<>)?#]{0,300})?"
)
_HOST = re.compile(r"\bhost='([\w.-]{1,253})'")
_WITH_URL = re.compile(r"\bwith url: (/[^\s'\"<>)?#]{0,300})")
_ERRNO = re.compile(r"\[Errno (-?\d{1,4})\]")
_WORDS_OF_ERRNO = {
    "no space left on device": "ENOSPC",
    "disk quota exceeded": "EDQUOT",
    # A database, or a server of keys, means other rights than those of files.
    r"permission denied(?! for | \()": "EACCES",
    "read-only file system": "EROFS",
    "too many open files": "EMFILE",
    "stale file handle": "ESTALE",
    "input/output error": "EIO",
}
#: Those that are of a file and its disk.
_OF_FILES = frozenset({"ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"})
_SIGNAL = re.compile(r"\(SIG([A-Z]{2,8})\)|\bSIG([A-Z]{2,8})\b")
#: Classes of what calls over a network raise.
_REMOTE = re.compile(
    r"DAL\w*|HTTP\w*|Connect\w*|\w*Timeout\w*|Request\w*|Client\w*Error"
    r"|SSL\w*|URLError|gaierror|MaxRetryError|NewConnectionError|ReadError"
    r"|Remote\w*|ProtocolError|\w*ServerError|ProxyError|NameResolutionError"
    r"|InfluxDB\w*|BrokenPipeError"
)
#: Of them, those that tell what another machine answered.
_ANSWER = re.compile(r"DAL\w*|HTTP\w*|\w*ServerError|InfluxDB\w*")
_OUT_OF_MEMORY = re.compile(
    r"ran out of memory|killed for (?:want|lack) of memory"
)
_PROBABLY = re.compile(r"probably for (?:lack|want) of memory")


@dataclass(frozen=True, slots=True)
class Thrown:
    """One exception of a chain."""

    name: str
    message: str

    @property
    def short(self) -> str:
        """The class's name without its module."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What rules look at.

    Parameters
    ----------
    thrown
        The exceptions of the whole chain, the one that was seen last.
    reason
        How the runner told the end, in words; it is ours.
    state
        How the cell, or else the notebook, ended.
    files
        The frames' files, with ``~`` for the home; the innermost last.
    ends_in_notebook
        Whether the innermost frame is a cell's; `None` if not known.
    statuses, hosts, paths
        Of HTTP, in the order in which the error names them.
    errnos
        By name.
    files_denied, files_named
        The files that could not be used, by the error; or else by the cell.
    signal
        Such as ``SIGKILL``; `None` if none is known.
    made_for
        The kernelspec that the notebook names, however it was run.
    out_of_memory
        Whether the lab killed for lack of memory; `None` if not known.
    peak_bytes, memory_bytes
        The most that the kernel used, and what its lab has.
    at
        When; `None` if not known.
    recurrence
        What earlier runs tell of it.
    """

    thrown: tuple[Thrown, ...] = ()
    reason: str = ""
    state: str = "failed"
    files: tuple[str, ...] = ()
    ends_in_notebook: bool | None = None
    statuses: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    errnos: frozenset[str] = frozenset()
    files_denied: tuple[str, ...] = ()
    files_named: tuple[str, ...] = ()
    signal: str | None = None
    out_of_memory: bool | None = None
    peak_bytes: int | None = None
    memory_bytes: int | None = None
    source: str = ""
    kernel: str | None = None
    made_for: str | None = None
    application: str | None = None
    notebook: str | None = None
    cell_index: int | None = None
    cell_id: str | None = None
    at: datetime | None = None
    recurrence: Recurrence | None = None
    text: str = field(default="", repr=False)

    @property
    def has_other_kernel(self) -> bool | None:
        """Whether it was run with another kernel than it was made for."""
        if self.kernel is None or self.made_for is None:
            return None
        return self.kernel.lower() != self.made_for.lower()

    @property
    def is_small(self) -> bool | None:
        """Whether the kernel used less than half of its lab's memory."""
        if not self.peak_bytes or not self.memory_bytes:
            return None
        return 2 * self.peak_bytes < self.memory_bytes

    @property
    def is_remote(self) -> bool:
        """Whether a call over a network failed."""
        return bool(self.statuses or self.hosts) or any(
            _REMOTE.fullmatch(thrown.short) for thrown in self.thrown
        )

    @property
    def sentence(self) -> str:
        """The error in one line."""
        if self.state == "timed_out" and self.reason:
            # What was thrown is only how it was interrupted.
            return _shown_text(self.reason)
        if self.thrown:
            last = self.thrown[-1]
            said = _shown_text(last.message)
            name = _shown_text(last.name)
            return f"{name}: {said}" if said else name
        return _shown_text(self.reason) or f"It ended as “{self.state}”."


def read_failure(
    *,
    ename: str = "",
    evalue: str = "",
    traceback: str = "",
    reason: str = "",
    source: str = "",
    home: str = "",
    folder: str | None = None,
    kernel: str | None = None,
    **known: Any,
) -> Failure:
    """Return what an error tells; nothing that it holds is trusted.

    Parameters
    ----------
    ename, evalue, traceback
        As a kernel sends them: with terminal codes, or without.
    reason
        How the runner told the end.
    source
        The cell's.
    home
        The home folder, which frames are told by ``~`` in.
    folder
        The notebook's, which its code writes to.
    kernel
        The kernelspec's name.
    known
        Further fields of `Failure`.
    """
    said = _clean(evalue, _MESSAGE, _MESSAGE)
    text = _clean(traceback, _HEAD, _TAIL)
    thrown = _chain(text, _clean(ename, 200, 0).strip(), said)
    messages = "\n".join(f"{t.name}: {t.message}" for t in thrown)
    reason = _clean(reason, _MESSAGE, 0)
    # Lines of code that a traceback shows are no words of the error.
    told = f"{messages}\n{said}\n{reason}"[: 4 * _MESSAGE]
    files, in_notebook = _frames(text, home)
    has_not = [f for pattern in _HAS_NOT for f in pattern.findall(told)]
    files += tuple(_shown(f, home) for f in has_not[:_MOST])
    hosts, paths = _addresses(told)
    signal = _SIGNAL.search(reason)
    source = _clean(source, _SOURCE, 0)
    errnos = _errnos(thrown, reason)
    denied: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    if errnos & _OF_FILES:
        denied = files_of_error(told, folder)
        named = () if denied else files_in(source)
    return Failure(
        thrown=thrown,
        reason=reason,
        files=files,
        ends_in_notebook=in_notebook,
        statuses=_statuses(told),
        hosts=hosts,
        paths=paths,
        errnos=errnos,
        files_denied=tuple(_shown(file, home) for file in denied),
        files_named=tuple(_shown(file, home) for file in named),
        signal=None
        if signal is None
        else f"SIG{signal.group(1) or signal.group(2)}",
        out_of_memory=_memory(reason, signal is not None),
        source=source,
        kernel=None if kernel is None else _clean(kernel, 100, 0) or None,
        text=told,
        **known,
    )


def _shown_text(text: str) -> str:
    return printable(one_line(text[:_MESSAGE])[:300])


def _clean(text: str, head: int, tail: int) -> str:
    if len(text) > 2 * (head + tail):
        # Terminal codes may be half of it, and cost time.
        text = f"{text[: 2 * head]}\n{text[len(text) - 2 * tail :]}"
    # Half a character is none that anybody could be told.
    text = text.encode("utf-16-le", "surrogatepass").decode(
        "utf-16-le", "replace"
    )
    text = without_ansi(text).replace("\r\n", "\n").replace("\0", "")
    if len(text) > head + tail:
        return (
            f"{text[:head]}\n{text[len(text) - tail :]}"
            if tail
            else text[:head]
        )
    return text


def _chain(text: str, ename: str, evalue: str) -> tuple[Thrown, ...]:
    found: list[Thrown] = []
    for match in _THROWN.finditer(text):
        thrown = Thrown(match.group(1), (match.group(2) or "").strip())
        if thrown not in found:
            found.append(thrown)
    if found:
        last = found[-1]
        if last.short == ename.rpartition(".")[2]:
            # Its message may have several lines.
            found[-1] = Thrown(last.name, max(evalue, last.message, key=len))
        elif ename:
            found.append(Thrown(ename, evalue))
    elif ename:
        found.append(Thrown(ename, evalue))
    known = {t.short for t in found}
    first = [
        Thrown(name, "")
        for name in dict.fromkeys(_CHAINED.findall(text))
        if name.rpartition(".")[2] not in known
    ]
    return tuple((first + found)[-_MOST:])


def _frames(text: str, home: str) -> tuple[tuple[str, ...], bool | None]:
    files = [
        (match.start(), _shown(match.group(1), home))
        for match in _FRAME.finditer(text)
    ]
    cells = [match.start() for match in _CELL_FRAME.finditer(text)]
    if not files and not cells:
        return (), None
    last_file = max((at for at, _ in files), default=-1)
    last_cell = max(cells, default=-1)
    ours = [name for _, name in files if "ipykernel_" not in name]
    return tuple(ours[-_MOST:]), last_cell >= last_file


def _shown(name: str, home: str) -> str:
    if len(home) > 1 and name.startswith(home.rstrip("/") + "/"):
        return "~" + name[len(home.rstrip("/")) :]
    return name


def _statuses(text: str) -> tuple[int, ...]:
    found = (
        int(next(group for group in match.groups() if group))
        for match in _STATUS.finditer(text)
    )
    # pyvo's own class tells it in other words.
    more = [429] if _TOO_MANY.search(text) else []
    return tuple(dict.fromkeys([*found, *more]))[:_MOST]


def _addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hosts: list[str] = []
    paths: list[str] = []
    for match in _URL.finditer(text):
        hosts.append(match.group(1).lower())
        if match.group(2):
            paths.append(match.group(2))
    hosts += [name.lower() for name in _HOST.findall(text)]
    paths += _WITH_URL.findall(text)
    return tuple(dict.fromkeys(hosts))[:_MOST], tuple(dict.fromkeys(paths))[
        :_MOST
    ]


def _errnos(thrown: tuple[Thrown, ...], reason: str) -> frozenset[str]:
    # The words of an answer speak of the machine that answered.
    said = [t.message for t in thrown if not _ANSWER.fullmatch(t.short)]
    text = "\n".join([*said, reason])
    found = {errno.errorcode.get(int(n), "") for n in _ERRNO.findall(text)}
    for words, name in _WORDS_OF_ERRNO.items():
        if re.search(words, text, re.IGNORECASE):
            found.add(name)
    return frozenset(found - {""})


def _memory(reason: str, killed: bool) -> bool | None:
    if _OUT_OF_MEMORY.search(reason):
        return True
    if not killed or _PROBABLY.search(reason):
        return None
    return False
