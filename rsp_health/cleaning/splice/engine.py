"""nb-clean 5, the engine: a program beside our interpreter, not a library.

It only ever sees copies, because it re-formats what it changes and does not
flush what it writes. What it finds is carried over to the original text by
`rsp_health.cleaning.splice.removals`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...errors import EnvironmentFailureError
from ...files.reading import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..policy import Policy

__all__ = ["NbClean", "Verdict", "find_program"]

#: nb-clean's own exit code for an input that it refuses (EX_DATAERR).
_REFUSED = 65

_TIMEOUT_S = 600.0

#: Seconds after which copies are nobody's: six times what a call may take.
_LEFT_S = 3600.0
_PREFIX = "rsp-health-clean-"
_MEMORY = "/dev/shm"  # noqa: S108 - a fresh folder of ours within it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What nb-clean says of one notebook.

    Parameters
    ----------
    state
        Whether it would leave, change or not even read it.
    output
        What it would write; empty unless ``changed``.
    message
        Why it refused.
    """

    state: Literal["unchanged", "changed", "refused"]
    output: bytes = b""
    message: str = ""


@cache
def find_program() -> Path:
    """Return nb-clean's absolute path.

    It is the one installed with this interpreter: whatever ``PATH`` finds may
    be another version, with other rules.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised with code ``no_engine`` if it is not installed.
    """
    beside = Path(sys.executable).parent / "nb-clean"
    if os.access(beside, os.X_OK):
        return beside.absolute()
    from importlib import metadata

    try:
        files = metadata.files("nb-clean") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.name == "nb-clean" and os.access(path, os.X_OK):
            return Path(os.path.normpath(path.absolute()))
    raise EnvironmentFailureError(
        "nb-clean, the program that cleans notebooks, is not installed "
        f"for {sys.executable}.",
        hint="Install it with: python -m pip install 'nb-clean>=5,<6'",
        code="no_engine",
    )


def _nothing() -> None:
    """Do nothing meanwhile."""


class NbClean:
    """Asks nb-clean for its judgement on notebooks.

    Parameters
    ----------
    program
        The program; by default the one of this interpreter.
    """

    def __init__(self, program: Path | None = None) -> None:
        self._program = program

    def judge(self, data: bytes, policy: Policy) -> Verdict:
        """Judge one notebook, without touching the disk.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if nb-clean cannot be run.
        """
        code, output, errors = self._run(["clean", *_flags(policy)], data=data)
        if code == 0:
            return _compared(data, output)
        if code == _REFUSED:
            return _refusal(errors.strip(), "stdin")
        raise _failed(code, errors)

    def judge_all(
        self,
        contents: Sequence[bytes],
        policy: Policy,
        *,
        meanwhile: Callable[[], None] = _nothing,
    ) -> list[Verdict]:
        """Judge many notebooks with one call of the program.

        Parameters
        ----------
        contents
            The notebooks.
        policy
            The policy.
        meanwhile
            Is called once, while the program works.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if nb-clean cannot be run, or copies cannot be made.
        """
        if len(contents) == 1:
            meanwhile()
            return [self.judge(contents[0], policy)]
        base = _scratch(sum(map(len, contents)))
        try:
            _sweep(base)
            with tempfile.TemporaryDirectory(
                prefix=_PREFIX, dir=base
            ) as folder:
                return self._judge_copies(
                    Path(folder), contents, policy, meanwhile
                )
        except OSError as exc:
            from ...files import to_user_error

            raise to_user_error(
                exc, f"make copies for cleaning in {base}"
            ) from exc

    def _judge_copies(
        self,
        folder: Path,
        contents: Sequence[bytes],
        policy: Policy,
        meanwhile: Callable[[], None],
    ) -> list[Verdict]:
        names = [f"{index}.ipynb" for index in range(len(contents))]
        before = []
        for name, data in zip(names, contents, strict=True):
            with (folder / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                before.append(identity(os.fstat(stream.fileno())))
        code, _, errors = self._run(
            ["clean", *_flags(policy), *names],
            folder=folder,
            meanwhile=meanwhile,
        )
        refusals = {}
        for line in errors.splitlines():
            name = line.removeprefix("nb-clean: error: ").partition(":")[0]
            refusals[name] = _refusal(line, name)
        if code not in (0, _REFUSED) or (code and not refusals.keys() & names):
            raise _failed(code, errors)
        verdicts = []
        for name, data, old in zip(names, contents, before, strict=True):
            path = folder / name
            if name in refusals:
                verdicts.append(refusals[name])
            # nb-clean replaces what it changes and leaves the others.
            elif identity(path.stat()) == old:
                verdicts.append(Verdict(state="unchanged"))
            else:
                output = path.read_bytes()
                verdicts.append(_compared(data, output))
        return verdicts

    def _run(
        self,
        arguments: list[str],
        *,
        data: bytes = b"",
        folder: Path | None = None,
        meanwhile: Callable[[], None] = _nothing,
    ) -> tuple[int, bytes, str]:
        program = self._program or find_program()
        try:
            with subprocess.Popen(
                [program, *arguments],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process:
                try:
                    meanwhile()
                    output, said = process.communicate(data, _TIMEOUT_S)
                except BaseException:
                    process.kill()
                    raise
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise EnvironmentFailureError(
                f"nb-clean could not be run ({program}).",
                hint="Reinstall it with: python -m pip install "
                "--force-reinstall 'nb-clean>=5,<6'",
                code="no_engine",
            ) from exc
        return process.returncode, output, said.decode(errors="replace")


def _scratch(size: int) -> str:
    """Return a folder in memory, if there is room; making copies is the cost.

    A container's ``/dev/shm`` may be missing or have only 64 MB.
    """
    try:
        status = os.statvfs(_MEMORY)
    except OSError:
        return tempfile.gettempdir()
    free = status.f_bavail * status.f_frsize
    writable = os.access(_MEMORY, os.W_OK | os.X_OK)
    if writable and free > 3 * size:
        return _MEMORY
    return tempfile.gettempdir()


def _sweep(base: str) -> None:
    """Remove copies that a killed process left: they hold memory."""
    limit = time.time() - _LEFT_S
    # Another process may be removing the same.
    with contextlib.suppress(OSError), os.scandir(base) as entries:
        for entry in entries:
            if not entry.name.startswith(_PREFIX):
                continue
            status = entry.stat(follow_symlinks=False)
            mine = status.st_uid == os.geteuid()
            if (
                mine
                and stat.S_ISDIR(status.st_mode)
                and status.st_mtime < limit
            ):
                shutil.rmtree(entry.path, ignore_errors=True)


def _compared(data: bytes, output: bytes) -> Verdict:
    if output == data:
        return Verdict(state="unchanged")
    return Verdict(state="changed", output=output)


def _flags(policy: Policy) -> list[str]:
    # Cell metadata is the policy's business; only what nb-clean itself calls
    # transient goes. Its default would wipe tags, mobu's keys, everything.
    flags = ["--preserve-cell-metadata"]
    if not policy.strip_language_version:
        flags.append("--preserve-notebook-metadata")
    return flags


def _refusal(line: str, name: str) -> Verdict:
    message = line.removeprefix("nb-clean: error: ").removeprefix(f"{name}: ")
    return Verdict(state="refused", message=message)


def _failed(code: int, errors: str) -> EnvironmentFailureError:
    last = errors.strip().rpartition("\n")[2][:200]
    return EnvironmentFailureError(
        f"nb-clean failed with exit code {code}: {last or 'it said nothing'}",
        hint="Nothing was changed. Report it, with the notebook if you can.",
        code="engine_failed",
    )
