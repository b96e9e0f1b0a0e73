"""Notebooks whose outputs jupyter-server-documents keeps beside the document.

That extension (the RSP image has it) keeps each output in a file of its own;
the document, which the browsers share, has an address in its place. At each
save it writes whatever its files hold for a cell, also where the document
shows nothing any more: outputs that were stripped from the open notebook, and
can be put back there, come back in the file. Deleting its files, as Lab's own
*Clear Outputs of All Cells* does, leaves nothing to put back.

So what is written is made what the document shows: for each address the
output that it stands for, for a whole output that one, and nothing else.
An address that leads nowhere, because somebody removed the file, is left out,
and the log says so.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..failures import report

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    type Shown = Mapping[str, list[dict[str, Any]]]

__all__ = ["save_as_shown"]

_ADDRESS = re.compile(
    r"/api/outputs/(?P<file>[\w-]+)/(?P<cell>[\w-]+)/(?P<index>\d+)\.output",
    re.ASCII,
)


def save_as_shown(manager: object, log: logging.Logger) -> bool:
    """Have a manager of stored outputs write what the document shows.

    Parameters
    ----------
    manager
        The outputs manager that jupyter-server-documents has put into the
        web application's settings; None if there is none.
    log
        The server's log.

    Returns
    -------
    bool
        Whether it is one that we know how to tell.
    """
    names = ("process_saving_notebook", "get_outputs", "get_output")
    if not all(callable(getattr(manager, name, None)) for name in names):
        return False
    # On the one object, not its class: an operator may have another class.
    _AsShown(manager, log).attach()
    return True


class _AsShown:
    """Stands between a save and the stored outputs that it asks for."""

    def __init__(self, manager: Any, log: logging.Logger) -> None:
        self._manager = manager
        self._log = log
        self._process: Callable[..., Any] = manager.process_saving_notebook
        self._stored: Callable[..., list[str]] = manager.get_outputs
        # Only while a notebook is being saved; that is never interrupted.
        self._shown: Shown | None = None
        # Addresses that lead nowhere, as the log says already.
        self._lost: set[str] = set()

    def attach(self) -> None:
        """Take the place of the two methods."""
        self._manager.process_saving_notebook = self._process_saving_notebook
        self._manager.get_outputs = self._get_outputs

    def _process_saving_notebook(
        self, nb: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        try:
            self._shown = {
                str(cell["id"]): list(cell.get("outputs") or [])
                for cell in nb.get("cells", [])
                if cell.get("cell_type") == "code" and cell.get("id")
            }
        except Exception as exc:  # noqa: BLE001 - a save must go on
            report(self._log, "looking at a notebook that is saved", exc)
        try:
            return self._process(nb, *args, **kwargs)
        finally:
            self._shown = None

    def _get_outputs(self, file_id: str, cell_id: str) -> list[str]:
        shown = None if self._shown is None else self._shown.get(cell_id)
        if shown is None:
            return self._stored(file_id, cell_id)
        if not shown:
            return []
        try:
            if not self._is_all(shown, file_id, cell_id):
                return self._chosen(shown, cell_id)
        except Exception as exc:  # noqa: BLE001 - a save must go on
            report(self._log, "choosing the outputs that are saved", exc)
            # Rather too much than that an output is lost.
            whole = [output for output in shown if not _address(output)]
            return self._stored(file_id, cell_id) + list(map(_text, whole))
        return self._stored(file_id, cell_id)

    def _is_all(
        self, shown: list[dict[str, Any]], file_id: str, cell_id: str
    ) -> bool:
        """Whether the shown outputs are exactly those that are stored.

        As nearly always; then no output need be parsed. Where the manager
        keeps them elsewhere, or in another way, the answer is no.
        """
        root = getattr(self._manager, "outputs_path", None)
        if root is None:
            return False
        addresses = map(_address, shown)
        indexes = [
            int(address["index"])
            for address in addresses
            if address
            and (address["file"], address["cell"]) == (file_id, cell_id)
        ]
        if len(indexes) < len(shown):
            return False
        paths = Path(root, file_id, cell_id).glob("*.output")
        return indexes == sorted(int(path.stem) for path in paths)

    def _chosen(self, shown: list[dict[str, Any]], cell_id: str) -> list[str]:
        chosen = []
        lost = []
        for output in shown:
            address = _address(output)
            if address is None:
                chosen.append(_text(output))
                continue
            try:
                found = self._manager.get_output(
                    address["file"], address["cell"], int(address["index"])
                )
            except FileNotFoundError:
                lost.append(address.group())
            else:
                chosen.append(_text(found))
        self._tell_lost(lost, cell_id)
        return chosen

    def _tell_lost(self, lost: list[str], cell_id: str) -> None:
        """Log that addresses lead nowhere, once: labs save again and again."""
        new = set(lost) - self._lost
        if new:
            self._lost |= new
            self._log.warning(
                "rsp-health: %d output%s of the cell %s in a notebook that is"
                " saved cannot be written: jupyter-server-documents no longer"
                " has the file. Run the cell again.",
                len(new),
                "" if len(new) == 1 else "s",
                cell_id,
            )


def _address(output: Mapping[str, Any]) -> re.Match[str] | None:
    """Return the address that stands in place of an output, if one does."""
    url = (output.get("metadata") or {}).get("url")
    return _ADDRESS.fullmatch(url) if isinstance(url, str) else None


def _text(output: Mapping[str, Any]) -> str:
    return json.dumps(output, ensure_ascii=False)
