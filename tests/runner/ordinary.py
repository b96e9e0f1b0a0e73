"""Ordinary notebooks of all kinds, to compare our executed copies with."""

from __future__ import annotations

import json
from typing import Any

from tests.faults.runner.cases import notebook

__all__ = ["NOTEBOOKS"]

_DISPLAY = (
    "from IPython.display import display, update_display, clear_output\n"
)
_WIDGET = """
from comm import create_comm
c = create_comm(target_name="jupyter.widget", data={
    "state": {"_model_name": "IntSliderModel", "_model_module": "@jupyter-widgets/controls",
              "_model_module_version": "2.0.0", "value": 3}, "buffer_paths": []},
    metadata={"version": "2.1.0"}, comm_id="abc123")
c.send({"method": "update", "state": {"value": 7}, "buffer_paths": []})
c.send({"method": "custom", "content": {"event": "x"}})
"""
_BUFFERS = """
from comm import create_comm
c = create_comm(target_name="jupyter.widget", data={
    "state": {"_model_name": "ImageModel", "_model_module": "m", "_model_module_version": "1"},
    "buffer_paths": [["value"]]}, buffers=[b"\\x00\\x01binary"],
    metadata={"version": "2.1.0"}, comm_id="img")
"""
_OUTPUT_WIDGET = """
from comm import create_comm
from IPython.display import clear_output, display
seen = []
def hear(message): seen.append(message["content"]["data"]["state"]["outputs"])
c = create_comm(target_name="jupyter.widget", data={
    "state": {"_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output",
              "_model_module_version": "1.0.0", "msg_id": "", "outputs": []},
    "buffer_paths": []}, metadata={"version": "2.1.0"}, comm_id="out")
c.on_msg(hear)
class Capture:
    def __enter__(self):
        parent = get_ipython().kernel.get_parent()
        self.to(parent["header"]["msg_id"])
    def __exit__(self, kind, *rest):
        if kind: get_ipython().showtraceback((kind, *rest))
        self.to("")
        return True
    def to(self, message_id):
        import sys
        sys.stdout.flush(); sys.stderr.flush()
        c.send({"method": "update", "state": {"msg_id": message_id}, "buffer_paths": []})
"""

_CELLS: dict[str, list[Any]] = {
    "arithmetic": ["1 + 1", "_ * 2", "x = 3", "x"],
    "streams": [
        "print('one')\nprint('two')",
        "import sys\nprint('err', file=sys.stderr)",
        "print('no newline', end='')",
    ],
    "flushed": ["for n in range(50): print(n, flush=True)"],
    "unicode": ["print('η Carinae ☄ 星')", "'\\u2603' * 3"],
    "carriage-return": ["print('10%\\r20%\\r30%')"],
    "rich": [
        _DISPLAY + "from IPython.display import HTML, Markdown, Latex, JSON",
        "HTML('<b>bold</b>\\n<i>x</i>')",
        "display(Markdown('# title\\ntext'), Latex('$x$'))",
        "JSON({'a': [1, 2, {'b': None}]})",
    ],
    "svg": ["from IPython.display import SVG\nSVG('<svg>\\n<g/>\\n</svg>')"],
    "image": [
        (
            "from IPython.display import Image\n"
            "Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + bytes(64), format='png')"
        )
    ],
    "javascript": [
        "from IPython.display import Javascript\nJavascript('1;\\n2;')"
    ],
    "metadata": [
        _DISPLAY + "display({'text/plain': 'x'}, raw=True, metadata={'a': 1})"
    ],
    "repr-html": [
        (
            "class Table:\n"
            "    def _repr_html_(self): return '<table>\\n</table>'\n"
            "    def __repr__(self): return 'Table()'\n"
            "Table()"
        )
    ],
    "display-id": [
        _DISPLAY + "h = display('first', display_id='one')",
        "update_display('second', display_id='one')",
        "display('again', display_id='one'); 5",
        "h.update('third')",
        "update_display('nobody', display_id='unknown')",
    ],
    "display-id-cleared": [
        _DISPLAY + "display('a', display_id='k')\nclear_output()\nprint('b')",
        "update_display('c', display_id='k')",
    ],
    "clear-output": [
        _DISPLAY + "print('gone')\nclear_output()\nprint('stays')",
        "print('gone')\nclear_output(wait=True)\nprint('stays')",
        "print('stays')\nclear_output(wait=True)",
    ],
    "error": ["print('before')", "1 / 0", "print('after')"],
    "error-tagged": [("1 / 0", ["raises-exception"]), "print('after')"],
    "error-chained": [
        (
            "try:\n    {}['key']\nexcept KeyError as e:\n"
            "    raise ValueError('two\\nlines') from e"
        )
    ],
    "syntax-error": ["def f(:\n  pass"],
    "skip-tag": [("1 / 0", ["skip-execution"]), "2"],
    "await": [
        (
            "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n"
            "    return 4\nawait f()"
        ),
        "await asyncio.gather(f(), f())",
    ],
    "widget": [_WIDGET],
    "widget-buffers": [_BUFFERS],
    "widget-output": [
        _OUTPUT_WIDGET,
        (
            "print('before')\n"
            "with Capture():\n"
            "    print('one'); print('two')\n"
            "    display({'text/plain': 'x'}, raw=True)\n"
            "print('after')"
        ),
        "import json\njson.dumps(seen[-1], sort_keys=True)",
        "with Capture():\n    clear_output(wait=True)\n    print('anew')\n    1/0",
        "with Capture(): clear_output()\n'end'",
    ],
    "other-comm": [
        (
            "from comm import create_comm\n"
            "create_comm(target_name='mine', data={'x': 1}, comm_id='own')\n1"
        )
    ],
    "matplotlib": [
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "plt.plot([1, 2, 3]);",
    ],
    "bash": ["%%bash\necho out\necho err >&2", "!echo shell"],
    "magics": [
        "%config InlineBackend.figure_format = 'png'",
        "%%capture captured\nprint('captured')",
        "captured.stdout",
        "%pwd\n1",
        "%who_ls int",
    ],
    "writefile": ["%%writefile made.txt\ntext", "open('made.txt').read()"],
    "help": ["len?", "%pinfo2 len"],
    "large": [
        "for _ in range(2000): print('y' * 200)",
        "list(range(3000))",
    ],
    "blank": ["", "   ", "7"],
    "semicolon": ["8;", "x = 9; x"],
    "threads": [
        (
            "import threading\nt = threading.Thread(target=print, args=('in thread',))\n"
            "t.start(); t.join()"
        )
    ],
    "subprocess": [
        (
            "import subprocess\nprint(subprocess.run(['echo', 'x'], "
            "capture_output=True).stdout)"
        )
    ],
    "warning": ["import warnings\nwarnings.warn('careful', stacklevel=1)"],
    "logging": ["import logging\nlogging.getLogger('x').warning('noted')"],
    "attribute-error": ["object().nothing"],
    "sys-exit": ["import sys\nsys.exit('bye')"],
    "store-names": ["Out", "In[1]", "get_ipython().execution_count"],
}


def _old(minor: int) -> bytes:
    content = json.loads(notebook("1 + 1", "print('x\\ny')", minor=minor))
    content["cells"].insert(
        0,
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["# title\n", "text"],
            "attachments": {"a.png": {"image/png": "AAAA"}},
        },
    )
    content["cells"].append(
        {"cell_type": "raw", "metadata": {}, "source": "raw\ntext"}
    )
    return json.dumps(content).encode()


_FORMAT_3 = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "old"},
    "worksheets": [
        {
            "metadata": {},
            "cells": [
                {
                    "cell_type": "heading",
                    "level": 2,
                    "metadata": {},
                    "source": "Heading",
                },
                {
                    "cell_type": "code",
                    "language": "python",
                    "metadata": {},
                    "collapsed": False,
                    "input": ["a = 1\n", "a + 1"],
                    "outputs": [
                        {
                            "output_type": "stream",
                            "stream": "stdout",
                            "text": "old",
                        }
                    ],
                },
            ],
        }
    ],
}

NOTEBOOKS: dict[str, bytes] = {
    **{name: notebook(*cells) for name, cells in _CELLS.items()},
    "format-4.0": _old(0),
    "format-4.4": _old(4),
    "format-3": json.dumps(_FORMAT_3).encode(),
}
