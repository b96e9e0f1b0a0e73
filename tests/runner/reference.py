"""What may differ between two executions of the same notebook, taken out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Any

__all__ = ["RECORDED", "normal"]

#: What nbclient made of each notebook; see ``record_reference``.
RECORDED = Path(__file__).with_name("reference.json")

#: Longer texts are compared by their hashes.
_LONG = 2000

_VARIABLE = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS"),
    (re.compile(r"ipykernel_\d+/\d+\.py"), "ipykernel_FILE"),
    (re.compile(r"/[^\s\"']*/site-packages/"), "SITE-PACKAGES/"),
    (re.compile(r"(?<=SITE-PACKAGES/IPython/)(\S+py):\d+"), r"\1:LINE"),
    (re.compile(r"<Figure size [^>]*>"), "<Figure>"),
    (re.compile(r'(?<="version": ")3\.\d+\.\d+\w*(?=")'), "VERSION"),
)


def normal(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out what may differ: times, addresses, and how texts are cut."""
    for cell in content["cells"]:
        cell.pop("id", None)
        timing = cell["metadata"].get("execution")
        if timing is not None:
            cell["metadata"]["execution"] = sorted(timing)
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"] = _joined(cell["outputs"])
    text = json.dumps(content, sort_keys=True)
    for pattern, replacement in _VARIABLE:
        text = pattern.sub(replacement, text)
    found: dict[str, Any] = _short(json.loads(text))
    return found


def _short(value: Any) -> Any:
    """Keep of a long text its start, its length and its hash."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG:
        digest = hashlib.sha256(value.encode()).hexdigest()
        return f"{value[:80]}... ({len(value)} characters, {digest})"
    return value


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join texts of a stream that follow one another, as the lab does."""
    result: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream":
            output["text"] = "".join(output["text"])
            last = result[-1] if result else {}
            if (
                last.get("output_type") == "stream"
                and last["name"] == output["name"]
            ):
                last["text"] += output["text"]
                continue
        image = output.get("data", {}).get("image/png")
        if image is not None:
            output["data"]["image/png"] = _size(image)
        result.append(output)
    # stdout and stderr are two pipes: which of them is read first varies.
    if {o["output_type"] for o in result} == {"stream"}:
        result.sort(key=lambda output: str(output["name"]))
    return result


def _size(image: str | list[str]) -> str:
    """Return a PNG's size: its bytes depend on the machine's fonts."""
    data = base64.b64decode("".join(image))
    width, height = struct.unpack(">II", data[16:24])
    return (
        f"PNG of {width} x {height}, {'' if len(data) > 100 else data.hex()}"
    )
