"""A call of ``rsp-health run`` as one document, whoever makes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ...effects import Allowance
from ...errors import BadInputError
from ...notebooks.names import from_text, to_text
from ..options import Limits, RunOptions
from ..run_ids import valid_run_id

__all__ = ["RunCall"]

_HINT = "Leave --ready-fd out: it is for the server alone."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCall:
    """What is to be run, and how.

    The command line makes it of its options, the server of a request. It is
    written once, and passed on to the process that runs it.

    Parameters
    ----------
    paths
        Notebooks and folders.
    folder
        What the paths in the record are relative to; `None`: what all paths
        have in common.
    everything
        Whether the rules of repositories are ignored.
    applications
        What is deployed; `None` if that is not known.
    ask_discovery
        Whether to ask discovery for that where it is not known.
    changed_since
        The git revision since which a notebook must have changed.
    options
        How they are run.
    output
        Folder of executed copies; `None`: in the run's folder.
    scratch
        Whether to run in a copy of the folder, removed at the end.
    run_id
        The run's id; `None` for a new one.
    server_pid
        The server that the run ends with; `None` if no server starts it.
    """

    paths: tuple[Path, ...]
    folder: Path | None = None
    everything: bool = False
    applications: frozenset[str] | None = None
    ask_discovery: bool = True
    changed_since: str | None = None
    options: RunOptions = field(default_factory=RunOptions)
    output: Path | None = None
    scratch: bool = False
    run_id: str | None = None
    server_pid: int | None = None

    def to_json(self) -> bytes:
        """Return it as JSON, for the process that runs it."""
        return json.dumps(asdict(self), default=_plain).encode()

    @classmethod
    def from_json(cls, data: bytes) -> RunCall:
        """Return what `to_json` wrote.

        Parameters
        ----------
        data
            The JSON.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if it is not what `to_json` writes.
        """
        try:
            found = json.loads(data)
            call = cls(**_known(cls, found) | _rebuilt(found))
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise BadInputError(
                f"What the server sent is not a call of a run: {exc}.",
                hint=_HINT,
            ) from exc
        if call.run_id is not None and not valid_run_id(call.run_id):
            raise BadInputError(
                f"{call.run_id[:60]!r} cannot be a run's id.", hint=_HINT
            )
        return call


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return to_text(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def _rebuilt(found: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that JSON has no form for."""
    options = _known(RunOptions, found["options"])
    options["limits"] = Limits(**_known(Limits, options["limits"]))
    options["allowance"] = Allowance(**options["allowance"])
    applications = found["applications"]
    return {
        "paths": tuple(Path(from_text(text)) for text in found["paths"]),
        "folder": _path(found["folder"]),
        "output": _path(found["output"]),
        "applications": None
        if applications is None
        else frozenset(applications),
        "options": RunOptions(**options),
    }


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(from_text(text))


def _known(kind: type[Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what a class takes; a newer server may say more."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in found.items() if name in names}
