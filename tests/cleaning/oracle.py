"""nb-clean itself, asked directly, and a second opinion on the policy."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["by_nb_clean", "by_the_book"]

PROGRAM = Path(sys.executable).parent / "nb-clean"

_CELL = {
    "execution",
    "ExecuteTime",
    "executionInfo",
    "papermill",
    "collapsed",
    "scrolled",
    "outputId",
    "trusted",
}


def by_nb_clean(data: bytes) -> Any:
    """Return the document as nb-clean cleans it; `None` if it refuses."""
    result = subprocess.run(
        [
            PROGRAM,
            "clean",
            "--preserve-cell-metadata",
            "--preserve-notebook-metadata",
        ],
        input=data,
        capture_output=True,
        check=False,
    )
    if result.returncode == 65:
        return None
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def by_the_book(document: Any) -> Any:
    """Return what the policy makes of a document, the plain way.

    This is the text of `CleanPolicy` once more, on decoded JSON.
    """
    document = copy.deepcopy(document)
    for cell in document["cells"]:
        tags = cell["metadata"].get("tags")
        keep = isinstance(tags, list) and "keep_output" in tags
        if "outputs" in cell:
            if not keep or _size(cell["outputs"]) > 1_048_576:
                cell["outputs"] = []
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = None
        if "execution_count" in cell:
            cell["execution_count"] = None
        if cell["cell_type"] == "code":
            cell.pop("attachments", None)
        _show(cell["metadata"])
        for key in _CELL & cell["metadata"].keys():
            del cell["metadata"][key]
    for key in ("widgets", "signature", "papermill"):
        document["metadata"].pop(key, None)
    return document


def _show(metadata: Any) -> None:
    jupyter = metadata.get("jupyter")
    if isinstance(jupyter, dict) and "outputs_hidden" in jupyter:
        del jupyter["outputs_hidden"]
        if not jupyter:
            del metadata["jupyter"]


def _size(outputs: Any) -> int:
    def joined(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: joined(item) for key, item in value.items()}
        if isinstance(value, list):
            if value and all(isinstance(item, str) for item in value):
                return "".join(value)
            return [joined(item) for item in value]
        return value

    text = json.dumps(
        joined(outputs), separators=(",", ":"), ensure_ascii=False
    )
    return len(text.encode("utf-8", "surrogatepass"))
