"""The notebooks of the policy table: every shape that a file may have.

Each case is written as bytes, with what must come out written beside it as a
document, so that the expectation does not depend on the code under test.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

__all__ = ["BROKEN", "CASES", "Case", "canonical", "code_cell", "document"]

STREAM = {"name": "stdout", "output_type": "stream", "text": ["secret\n"]}
RESULT = {
    "data": {"text/plain": ["42"]},
    "execution_count": 7,
    "metadata": {},
    "output_type": "execute_result",
}
ERROR = {
    "ename": "ValueError",
    "evalue": "no",
    "output_type": "error",
    "traceback": ["\u001b[31mno"],
}
FIGURE = {
    "data": {"image/png": "iVBORw0KGgo" * 40, "text/plain": ["<Figure>"]},
    "metadata": {"needs_background": "light"},
    "output_type": "display_data",
}
WIDGET = {
    "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "f0"}},
    "metadata": {},
    "output_type": "display_data",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the table.

    Parameters
    ----------
    name
        Its name.
    before, after
        The file, and what must become of it, byte by byte.
    """

    name: str
    before: bytes
    after: bytes

    @property
    def is_clean(self) -> bool:
        return self.before == self.after


def code_cell(
    *outputs: Any, count: Any = None, id: str | None = "c0", **metadata: Any
) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": count}
    if id is not None:
        cell["id"] = id
    cell["metadata"] = metadata
    cell["outputs"] = list(outputs)
    cell["source"] = ["print('é')\n", "1 + 1"]
    return cell


def document(*cells: Any, minor: int = 5, **metadata: Any) -> dict[str, Any]:
    return {
        "cells": list(cells),
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": minor,
    }


def canonical(value: Any, indent: Any = 1) -> bytes:
    """Write JSON as Jupyter does."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "surrogatepass")


CASES: list[Case] = []
BROKEN: dict[str, bytes] = {}


def add(name: str, before: Any, after: Any = None, **options: Any) -> None:
    """Add a case; documents are written as Jupyter writes them."""
    if not isinstance(before, bytes):
        before = canonical(before, **options)
    if after is None:
        after = before
    elif not isinstance(after, bytes):
        after = canonical(after, **options)
    CASES.append(Case(name=name, before=before, after=after))


DIRTY = document(code_cell(STREAM, count=3, tags=["a"], execution={"x": 1}))
CLEAN = document(code_cell(tags=["a"]))

# Every minor version of nbformat 4, with ids where they belong.
for number in range(6):
    identifier = "c0" if number >= 5 else None
    add(
        f"nbformat 4.{number}",
        document(code_cell(STREAM, count=1, id=identifier), minor=number),
        document(code_cell(id=identifier), minor=number),
    )
    add(
        f"nbformat 4.{number}, clean",
        document(code_cell(id=identifier), minor=number),
    )
add(
    "nbformat 4.99, from the future",
    {**DIRTY, "nbformat_minor": 99},
    {**CLEAN, "nbformat_minor": 99},
)
add(
    "4.5 without ids gets none",
    document(code_cell(STREAM, count=1, id=None)),
    document(code_cell(id=None)),
)
add(
    "duplicate ids stay",
    document(code_cell(STREAM), code_cell(count=1)),
    document(code_cell(), code_cell()),
)


def _old(
    outputs: list[Any], number: Any, *, version: int, minor: int
) -> dict[str, Any]:
    cell = {
        "cell_type": "code",
        "collapsed": False,
        "input": ["print 1"],
        "language": "python",
        "metadata": {},
        "outputs": outputs,
        "prompt_number": number,
    }
    heading = {"cell_type": "heading", "level": 1, "source": ["T"]}
    return {
        "metadata": {"name": "old"},
        "nbformat": version,
        "nbformat_minor": minor,
        "worksheets": [{"cells": [heading, cell], "metadata": {}}],
    }


PYOUT = {
    "metadata": {},
    "output_type": "pyout",
    "prompt_number": 1,
    "text": ["1"],
}
for number in (0, 1, 2):
    add(
        f"nbformat 3.{number}",
        _old([PYOUT], 1, version=3, minor=number),
        _old([], None, version=3, minor=number),
    )
add("nbformat 3, clean", _old([], None, version=3, minor=0))
add(
    "nbformat 2",
    _old([PYOUT], 1, version=2, minor=0),
    _old([], None, version=2, minor=0),
)
_signed = _old([], None, version=3, minor=0)
_signed["metadata"]["signature"] = "sha256:0"
add("nbformat 3 signature", _signed, _old([], None, version=3, minor=0))

# Outputs.
for label, output in {
    "stream": STREAM,
    "result": RESULT,
    "error": ERROR,
    "figure": FIGURE,
    "widget": WIDGET,
}.items():
    add(
        f"output: {label}",
        document(code_cell(output)),
        document(code_cell()),
    )
add(
    "many outputs of one cell",
    document(code_cell(STREAM, RESULT, FIGURE, ERROR, count=9)),
    document(code_cell()),
)
add(
    "huge output",
    document(code_cell({**FIGURE, "data": {"image/png": "A" * 3_000_000}})),
    document(code_cell()),
)
add(
    "many cells",
    document(*(code_cell(STREAM, count=i, id=f"c{i}") for i in range(300))),
    document(*(code_cell(id=f"c{i}") for i in range(300))),
)
add("count only", document(code_cell(count=12)), document(code_cell()))
add("count zero", document(code_cell(count=0)), document(code_cell()))
add(
    "deeply nested output",
    document(code_cell({**RESULT, "data": json.loads("[" * 200 + "]" * 200)})),
    document(code_cell()),
)

# Tags that keep outputs.
KEPT = {**RESULT, "execution_count": None}
add(
    "keep_output",
    document(code_cell(STREAM, RESULT, count=2, tags=["keep_output"])),
    document(code_cell(STREAM, KEPT, tags=["keep_output"])),
)
add(
    "keep_output, clean",
    document(code_cell(STREAM, KEPT, tags=["x", "keep_output"])),
)
_large = {**FIGURE, "data": {"image/png": "A" * 1_100_000}}
add(
    "keep_output beyond the cap",
    document(code_cell(_large, tags=["keep_output"])),
    document(code_cell(tags=["keep_output"])),
)
_lines = {**STREAM, "text": ["0123456789\n"] * 80_000}
add(
    "keep_output below the cap, though its lines are indented",
    document(code_cell(_lines, tags=["keep_output"])),
)
add(
    "a tag that only looks like it",
    document(code_cell(STREAM, tags=["keep_outputs"])),
    document(code_cell(tags=["keep_outputs"])),
)
add(
    "tags that are no list",
    document(code_cell(STREAM, tags="keep_output")),
    document(code_cell(tags="keep_output")),
)
_kept3 = _old([PYOUT], None, version=3, minor=0)
_kept3["worksheets"][0]["cells"][1]["metadata"] = {"tags": ["keep_output"]}
_after3 = copy.deepcopy(_kept3)
_after3["worksheets"][0]["cells"][1]["outputs"][0]["prompt_number"] = 0
add("nbformat 3 keep_output", _kept3, _after3)

# Cell metadata.
_cell_metadata: dict[str, Any] = {
    "execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"},
    "ExecuteTime": {"start_time": "2026-01-01"},
    "executionInfo": {"user": {"displayName": "me"}},
    "papermill": {"duration": 1.5},
    "collapsed": True,
    "scrolled": "auto",
    "outputId": "4f",
    "trusted": True,
}
for key, value in _cell_metadata.items():
    add(
        f"cell metadata: {key}",
        document(code_cell(tags=["a"], **{key: value}, zz=1)),
        document(code_cell(tags=["a"], zz=1)),
    )
add(
    "first, middle and last of the cell metadata",
    document(
        code_cell(
            execution={}, a=1, collapsed=True, scrolled=1, b=2, trusted=True
        )
    ),
    document(code_cell(a=1, b=2)),
)
add(
    "cell metadata that stays",
    document(
        code_cell(
            tags=["raises-exception", "parameters", "skip-execution"],
            mobu={"required_applications": ["tap"]},
            rsp_health={"skip": "why"},
            jupyter={"source_hidden": True},
            slideshow={"slide_type": "slide"},
            editable=False,
            deletable=False,
            name="n",
        )
    ),
)
add(
    "collapsed by its other name",
    document(code_cell(a=1, jupyter={"outputs_hidden": True})),
    document(code_cell(a=1)),
)
add(
    "collapsed by both names, beside a hidden source",
    document(
        code_cell(
            collapsed=True,
            jupyter={"outputs_hidden": True, "source_hidden": True},
        )
    ),
    document(code_cell(jupyter={"source_hidden": True})),
)
add("an empty jupyter", document(code_cell(jupyter={})))
add(
    "all of a cell's metadata goes",
    document(code_cell(execution={}, collapsed=False)),
    document(code_cell()),
)

# Notebook metadata.
SPEC = {"display_name": "LSST", "language": "python", "name": "lsst"}
add(
    "language version",
    document(language_info={"name": "python", "version": "3.13.0"}),
)
add(
    "only a language version",
    document(language_info={"version": "3.13.0"}, kernelspec=SPEC),
)
add(
    "widget state",
    document(
        kernelspec=SPEC,
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {}}},
    ),
    document(kernelspec=SPEC),
)
add(
    "signature",
    document(signature="sha256:0", kernelspec=SPEC),
    document(kernelspec=SPEC),
)
add(
    "papermill's record",
    document(kernelspec=SPEC, papermill={"duration": 2}),
    document(kernelspec=SPEC),
)
add(
    "notebook metadata that stays, in its order",
    document(
        mobu={"required_applications": ["tap", "sia"]},
        kernelspec=SPEC,
        rsp_health={"profile": "quick"},
        language_info={"name": "python", "file_extension": ".py"},
        authors=[{"name": "É"}],
        toc={"base_numbering": 1},
    ),
)

# Other cells.
MARKDOWN = {
    "attachments": {"a.png": {"image/png": "iVBORw0KGgo="}},
    "cell_type": "markdown",
    "id": "m0",
    "metadata": {},
    "source": ["![a](attachment:a.png)"],
}
RAW = {
    "cell_type": "raw",
    "id": "r0",
    "metadata": {"raw_mimetype": "text/restructuredtext"},
    "source": ["---"],
}
add("attachments", document(MARKDOWN))
_ATTACHED = {"attachments": MARKDOWN["attachments"]}
add(
    "attachments of a code cell",
    document({**_ATTACHED, **code_cell(STREAM, count=1)}),
    document(code_cell()),
)
add(
    "attachments of a code cell, last",
    document({**code_cell(STREAM, count=1), **_ATTACHED}),
    document(code_cell()),
)
add("raw cell", document(RAW))
add(
    "between others",
    document(MARKDOWN, code_cell(STREAM, count=1), RAW),
    document(MARKDOWN, code_cell(), RAW),
)
add(
    "view state of a Markdown cell",
    document({**MARKDOWN, "metadata": {"collapsed": True}}),
    document(MARKDOWN),
)
add(
    "outputs where none may be",
    document({**MARKDOWN, "outputs": [STREAM], "execution_count": 2}),
    document({**MARKDOWN, "outputs": [], "execution_count": None}),
)
add(
    "a type of cell from the future",
    document({**MARKDOWN, "cell_type": "sql", "outputs": [STREAM]}),
    document({**MARKDOWN, "cell_type": "sql", "outputs": []}),
)
add("no cells", document())
add(
    "source as one string",
    document({**code_cell(STREAM), "source": "a\r\nb\u2028"}),
    document({**code_cell(), "source": "a\r\nb\u2028"}),
)
add(
    "source that looks like outputs",
    document({**code_cell(STREAM), "source": ['"outputs": [1], "id": {']}),
    document({**code_cell(), "source": ['"outputs": [1], "id": {']}),
)
add("unknown keys", {**DIRTY, "zz": [1]}, {**CLEAN, "zz": [1]})

# The text itself.
_text, _clean = canonical(DIRTY), canonical(CLEAN)
add("CRLF", _text.replace(b"\n", b"\r\n"), _clean.replace(b"\n", b"\r\n"))
add("CRLF, clean", _clean.replace(b"\n", b"\r\n"))
add("BOM", b"\xef\xbb\xbf" + _text, b"\xef\xbb\xbf" + _clean)
add("BOM, clean", b"\xef\xbb\xbf" + _clean)
add("no newline at the end", _text.rstrip(), _clean.rstrip())
add("many newlines at the end", _text + b"\n\n", _clean + b"\n\n")
add("space before", b"\n  " + _text, b"\n  " + _clean)
for label, indent in {"tabs": "\t", "two": 2, "four": 4, "none": None}.items():
    add(f"indent: {label}", DIRTY, CLEAN, indent=indent)
    add(f"indent: {label}, clean", CLEAN, indent=indent)
add(
    "no space at all",
    json.dumps(DIRTY, separators=(",", ":")).encode(),
    json.dumps(CLEAN, separators=(",", ":")).encode(),
)
add(
    "escapes of letters",
    json.dumps(DIRTY).encode().replace(b"1 + 1", b"\\/ \\u00E9 \\u20ac"),
    json.dumps(CLEAN).encode().replace(b"1 + 1", b"\\/ \\u00E9 \\u20ac"),
)
add(
    "unicode",
    document({**code_cell(STREAM), "source": ["π = '🔭 مرحبا 漢字 e\u0301'"]}),
    document({**code_cell(), "source": ["π = '🔭 مرحبا 漢字 e\u0301'"]}),
)
_odd = b'{"metadata": {"z": 1.10, "y": 1E5, "x": -0, "w": 12345678901234567890'
_odd += b', "v": 1e400}, "nbformat_minor": 4, "nbformat": 4, "cells": [%s]}'
_cell = b'{"source": "", "outputs": %s, "metadata": {}, "cell_type": "code",'
_cell += b' "execution_count" : %s}'
add(
    "numbers and order as they were",
    _odd % (_cell % (b'[ {"output_type": "x"} ]', b"4")),
    _odd % (_cell % (b"[]", b"null")),
)
add("an empty list with space in it", _odd % (_cell % (b"[ \n]", b"null")))

# What is not quite JSON, or not quite a notebook.
_pair = b'{"cells": [{"cell_type": "code", "metadata": {%s}, "outputs": %s,'
_pair += b' "execution_count": null, "source": ["%s"]}], "metadata": {%s},'
_pair += b' "nbformat": 4, "nbformat_minor": 4}'
_out = b'[{"output_type": "x"}]'
add(
    "NaN in an output",
    _pair % (b"", b'[{"output_type": "x", "data": NaN}]', b"1", b""),
    _pair % (b"", b"[]", b"1", b""),
)
add(
    "NaN and infinities in metadata stay",
    _pair % (b'"a": NaN, "trusted": 1', _out, b"1", b'"b": -Infinity'),
    _pair % (b'"a": NaN', b"[]", b"1", b'"b": -Infinity'),
)
add("NaN, clean", _pair % (b'"a": [NaN, Infinity]', b"[]", b"1", b""))
add(
    "the word NaN in a source",
    _pair % (b"", b'[{"output_type": "x", "d": NaN}]', b"NaN", b'"b": NaN'),
    _pair % (b"", b"[]", b"NaN", b'"b": NaN'),
)
for label, escape in {
    "high": b"\\ud800",
    "low": b"\\uDFFF",
    "turned round": b"\\udc00\\ud800",
    "beside a pair": b"\\ud83d\\ude00\\ud83d \\\\ud800",
}.items():
    add(
        f"lone surrogate, {label}",
        _pair % (b'"trusted": 0', _out, escape, b'"s": "%s"' % escape),
        _pair % (b"", b"[]", escape, b'"s": "%s"' % escape),
    )
    add(
        f"lone surrogate, {label}, clean",
        _pair % (b"", b"[]", escape, b""),
    )
add(
    "duplicate keys",
    b'{"cells": [{"cell_type": "code", "outputs": [{"output_type": "x"}], '
    b'"metadata": {"trusted": 1}, "outputs": [{"output_type": "y"}], '
    b'"metadata": {"a": 1, "execution": {}, "a": 2}, "execution_count": 1, '
    b'"execution_count": 2, "source": "a", "source": "b"}], '
    b'"metadata": {"widgets": 1, "x": 1, "widgets": 2}, "metadata": '
    b'{"language_info": {"version": 1, "version": 2}, "language_info": '
    b'{"name": "p", "version": 3}}, "nbformat": 4, "nbformat_minor": 4}',
    b'{"cells": [{"cell_type": "code", "outputs": [], '
    b'"metadata": {}, "outputs": [], '
    b'"metadata": {"a": 1, "a": 2}, "execution_count": null, '
    b'"execution_count": null, "source": "a", "source": "b"}], '
    b'"metadata": {"x": 1}, "metadata": '
    b'{"language_info": {"version": 1, "version": 2}, "language_info": '
    b'{"name": "p", "version": 3}}, "nbformat": 4, "nbformat_minor": 4}',
)
add(
    "duplicate keys, clean",
    b'{"cells": [], "metadata": {"a": 1, "a": 2}, "nbformat": 3, '
    b'"nbformat": 4, "nbformat_minor": 4}',
)
add(
    "keys written with escapes",
    _pair % (b'"trust\\u0065d": 1', _out, b"1", b'"sign\\u0061ture": 1'),
    _pair % (b"", b"[]", b"1", b""),
)

BROKEN = {
    "empty": b"",
    "only space": b" \n",
    "not JSON": b"{",
    "merge conflict": b"<<<<<<< HEAD\n" + _text,
    "cut off": _text[:-20],
    "two documents": _text + _text,
    "a list": b"[]",
    "an empty object": b"{}",
    "nbformat is text": b'{"nbformat": "4", "cells": []}',
    "nbformat 1": b'{"nbformat": 1, "cells": []}',
    "nbformat 5": b'{"nbformat": 5, "cells": [], "metadata": {}}',
    "no cells": b'{"nbformat": 4, "nbformat_minor": 4, "metadata": {}}',
    "cells of another version": (
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, '
        b'"worksheets": [], "cells": [{"outputs": ["secret"]}]}'
    ),
    "worksheets of another version": (
        b'{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [], '
        b'"worksheets": [{"cells": []}], "worksheets": []}'
    ),
    "cells are no list": _text.replace(b'"cells": [', b'"cells": 1, "x": ['),
    "no metadata": b'{"nbformat": 4, "nbformat_minor": 4, "cells": []}',
    "a cell without metadata": canonical(
        document({"cell_type": "code", "source": ""})
    ),
    "a cell that is a number": canonical(document(1)),
    "not UTF-8": _text.replace(b"secret", b"\xff"),
    "UTF-16": _text.decode().encode("utf-16"),
    "a raw surrogate": _text.replace(b"secret", b"\xed\xa0\x80"),
    "a control character": _text.replace(b"secret", b"\x01"),
    "nested beyond reason": b'{"nbformat": 4, "cells": ' + b"[" * 200_000,
    "single quotes": b"{'cells': []}",
    "a trailing comma": _text.replace(b'"nbformat_minor": 5', b'"a": 5,'),
}
