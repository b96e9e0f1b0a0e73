"""Runs commands in one process, as many as are asked for, and answers."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import traceback

from rsp_health.cli.main import main

__all__: list[str] = []


def _call(words: list[str]) -> dict[str, object]:
    out = io.TextIOWrapper(io.BytesIO(), write_through=True)
    said = ""
    began = time.monotonic()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main(words)
        code: object = 0
    except SystemExit as exc:
        code = exc.code
    except BaseException:  # noqa: BLE001 - that is what is looked for
        code, said = 70, traceback.format_exc()
    seconds = time.monotonic() - began
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    text = buffer.getvalue().decode(errors="replace") + said
    return {"code": code, "seconds": seconds, "said": text[-4000:]}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_call(json.loads(line))), flush=True)
