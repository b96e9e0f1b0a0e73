"""Git's long-running filter process: one Python for all notebooks of a call.

Git starts ``python -I -m rsp_health.cleaning.gitfilter`` once for an ``add``,
a ``status`` or a ``checkout`` and hands it one file after another (protocol
version 2, gitattributes(5), "Long Running Filter Process"). What goes into
the repository is cleaned, unless it is what the repository has already; what
comes out of it is passed on as it is.

It fails closed: a notebook that cannot be judged is an error, and because the
filter is ``required`` git then stages nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from .core import Cleaner
from .filter.binding import FILTER
from .filter.committed_content import CommittedContent
from .policy import Policy, load_policy
from .splice.notebook_text import BrokenNotebookError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["FilterProcess", "ProtocolError", "main"]

#: Longest content of one packet (the whole packet: 65520).
_LONGEST = 65516

_HANDSHAKE = b"git-filter-client"
_ANSWER = b"git-filter-server"
_VERSION = b"version=2"
_CAPABILITIES = (b"capability=clean", b"capability=smudge")


class ProtocolError(Exception):
    """What came is not git's filter protocol, version 2."""


class FilterProcess:
    """Answers git's requests until git closes the pipe.

    Parameters
    ----------
    source, target
        Git's end of the pipes.
    root
        Top of the work tree, where the settings are.
    cleaner
        The engine.
    """

    def __init__(
        self,
        *,
        source: BinaryIO,
        target: BinaryIO,
        root: Path,
        cleaner: Cleaner | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._root = root
        self._cleaner = cleaner or Cleaner()
        self._committed = CommittedContent(root)
        self._policy: Policy | None = None
        self._hinted = False

    def run(self) -> None:
        """Shake hands, then serve.

        Raises
        ------
        ProtocolError
            Raised if the other end is not git, or cannot do version 2.
        """
        hello = self._list() or []
        if not hello or hello[0] != _HANDSHAKE:
            raise ProtocolError("this program is started by git, not by hand")
        if _VERSION not in hello:
            raise ProtocolError("this git does not support version 2")
        self._send(_ANSWER, _VERSION)
        offered = self._list() or []
        self._send(*(name for name in _CAPABILITIES if name in offered))
        try:
            while (lines := self._list()) is not None:
                pairs = (line.partition(b"=") for line in lines)
                self._serve({key: text for key, _, text in pairs})
        finally:
            self._committed.close()

    def _serve(self, request: dict[bytes, bytes]) -> None:
        data = b"".join(self._packets())
        if request.get(b"command") == b"smudge":
            self._answer(data)
            return
        name = request.get(b"pathname", b"?")
        path = name.decode(errors="replace")
        try:
            cleaned = self._clean(name, data)
        except BrokenNotebookError as exc:
            self._refuse(path, str(exc))
        except RSPHealthError as exc:
            self._refuse(path, f"{exc.message} {exc.hint}")
        except Exception as exc:  # noqa: BLE001 - nothing uncleaned gets by
            self._refuse(path, f"internal error ({type(exc).__name__})")
        else:
            self._answer(cleaned)

    def _clean(self, name: bytes, data: bytes) -> bytes:
        if not data.strip():
            # As `touch` makes it: no notebook yet, and nothing to leak.
            return data
        if self._committed.holds(name, data):
            return data
        if self._policy is None:
            self._policy = load_policy(self._root)
        return self._cleaner.clean_bytes(data, self._policy).data

    def _answer(self, data: bytes) -> None:
        self._send(b"status=success")
        view = memoryview(data)
        for start in range(0, len(view), _LONGEST):
            self._packet(view[start : start + _LONGEST])
        self._flush()
        # An empty list: the status stays what it was.
        self._flush()
        self._target.flush()

    def _refuse(self, path: str, why: str) -> None:
        _tell(f"{path}: {why}")
        if not self._hinted:
            # `git diff` asks for the clean content, too, and stops without.
            _tell(
                "To look at such files all the same: git -c "
                f"filter.{FILTER}.required=false diff"
            )
            self._hinted = True
        self._send(b"status=error")

    def _send(self, *lines: bytes) -> None:
        for line in lines:
            self._packet(line + b"\n")
        self._flush()
        self._target.flush()

    def _packet(self, data: bytes | memoryview) -> None:
        self._target.write(b"%04x" % (len(data) + 4))
        self._target.write(data)

    def _flush(self) -> None:
        self._target.write(b"0000")

    def _list(self) -> list[bytes] | None:
        """Read lines up to a flush; `None` if git is done with us."""
        try:
            return [data.removesuffix(b"\n") for data in self._packets()]
        except EOFError:
            return None

    def _packets(self) -> Iterator[bytes]:
        """Yield packets up to a flush.

        Raises
        ------
        EOFError
            Raised if the pipe ends instead of a packet.
        ProtocolError
            Raised if it ends within one.
        """
        while True:
            head = self._source.read(4)
            if not head:
                raise EOFError
            if head == b"0000":
                return
            try:
                size = int(head, 16) - 4
            except ValueError:
                raise ProtocolError("not a packet") from None
            data = self._source.read(size) if size > 0 else b""
            if size < 0 or len(data) != size:
                raise ProtocolError("half a packet")
            yield data


def _tell(message: str) -> None:
    """Say something to the user; git passes stderr on."""
    sys.stderr.write(f"rsp-health: {message}\n")
    sys.stderr.flush()


def main() -> int:
    """Serve the git that started this process."""
    try:
        FilterProcess(
            source=sys.stdin.buffer,
            target=sys.stdout.buffer,
            # Git runs filters at the top of the work tree.
            root=Path.cwd(),
        ).run()
    except (ProtocolError, EOFError) as exc:
        _tell(str(exc))
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        # Git was interrupted; it tells its user itself.
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
