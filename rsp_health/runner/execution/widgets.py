"""Widgets: their state, so that a copy can show them, and what they capture.

An Output widget shows what is put out while it captures, instead of the
cell. Who does so is the front end, which a run has not: ipywidgets only says
in the widget's state of which message the output is meant.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..kernels.wire import Buffer

__all__ = ["OutputWidget", "Widgets"]

_MIME = "application/vnd.jupyter.widget-state+json"


class OutputWidget:
    """What one Output widget shows.

    Parameters
    ----------
    state
        The widget's state; its outputs are kept there.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state
        found = state.get("outputs")
        self.outputs: list[dict[str, Any]] = (
            [x for x in found if isinstance(x, dict)]
            if isinstance(found, list)
            else []
        )
        self._clear_next = False
        self.changed = False

    def take(
        self, kind: str, content: dict[str, Any], output: dict[str, Any]
    ) -> None:
        """Take a message while it captures.

        Parameters
        ----------
        kind, content
            The message.
        output
            What it puts out, as a notebook keeps it.
        """
        if kind == "clear_output" and content.get("wait"):
            self._clear_next = True
            return
        if kind == "clear_output" or self._clear_next:
            self.outputs = []
            self._clear_next = False
        if kind != "clear_output":
            self._add(output)
        self._state["outputs"] = self.outputs
        self.changed = True

    def _add(self, output: dict[str, Any]) -> None:
        last = self.outputs[-1] if self.outputs else {}
        if (
            output["output_type"] == last.get("output_type") == "stream"
            and output["name"] == last["name"]
        ):
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


class Widgets:
    """The widgets of one notebook, by the ids of their comms."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, Any]] = {}
        self._buffers: dict[str, dict[tuple[str, ...], Any]] = {}
        self._outputs: dict[str, OutputWidget] = {}
        #: Message id -> widgets that capture its output, the last one first.
        self._capturing: dict[str, list[OutputWidget]] = {}

    def capturing(self, message_id: str) -> OutputWidget | None:
        """Return the widget that shows the output of a request, if any."""
        widgets = self._capturing.get(message_id)
        return widgets[-1] if widgets else None

    def changes(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Return the outputs of those that captured since the last call."""
        changed = [
            (comm_id, widget.outputs)
            for comm_id, widget in self._outputs.items()
            if widget.changed
        ]
        for widget in self._outputs.values():
            widget.changed = False
        return changed

    def take(
        self, kind: str, content: dict[str, Any], buffers: list[Buffer]
    ) -> None:
        """Take a ``comm_open`` or ``comm_msg``."""
        data = content.get("data")
        comm_id = content.get("comm_id")
        if not isinstance(data, dict) or not isinstance(comm_id, str):
            return
        state = data.get("state")
        if not isinstance(state, dict):
            return
        known = self._states.setdefault(comm_id, {})
        known.update(state)
        self._take_buffers(comm_id, data.get("buffer_paths"), buffers)
        if kind == "comm_open":
            if known.get("_model_name") == "OutputModel":
                self._outputs[comm_id] = OutputWidget(known)
        elif comm_id in self._outputs and "msg_id" in state:
            self._capture(self._outputs[comm_id], state["msg_id"])

    def _capture(self, widget: OutputWidget, message_id: Any) -> None:
        for widgets in self._capturing.values():
            if widget in widgets:
                widgets.remove(widget)
        if message_id:
            self._capturing.setdefault(str(message_id), []).append(widget)

    def _take_buffers(
        self, comm_id: str, paths: Any, buffers: list[Buffer]
    ) -> None:
        if isinstance(paths, list) and paths:
            known = self._buffers.setdefault(comm_id, {})
            for path, buffer in zip(paths, buffers, strict=False):
                known[tuple(path)] = {
                    "data": base64.b64encode(buffer).decode("ascii"),
                    "encoding": "base64",
                    "path": path,
                }

    def metadata(self) -> dict[str, Any] | None:
        """Return ``metadata.widgets`` of the notebook, if it used any."""
        states: dict[str, Any] = {}
        for comm_id, state in self._states.items():
            if "_model_name" not in state:
                continue
            states[comm_id] = {
                "model_name": state.get("_model_name"),
                "model_module": state.get("_model_module"),
                "model_module_version": state.get("_model_module_version"),
                "state": state,
            }
            buffers = self._buffers.get(comm_id)
            if buffers:
                states[comm_id]["buffers"] = list(buffers.values())
        if not self._states:
            return None
        return {
            _MIME: {"state": states, "version_major": 2, "version_minor": 0}
        }
