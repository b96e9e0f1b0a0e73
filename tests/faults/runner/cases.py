"""Notebooks that go wrong, each with the end that must be told."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CASES",
    "GENEROUS",
    "TIGHT",
    "TIGHT_IN_ALL",
    "TIGHT_START",
    "Case",
    "survivors",
    "write_cases",
]

#: Limits in seconds for a cell, a notebook, and a kernel's start: one is
#: tight for the cases that run into it, and none else, on a busy machine.
GENEROUS = (60.0, 90.0, 60.0)
TIGHT = (3.0, 90.0, 60.0)
TIGHT_IN_ALL = (60.0, 9.0, 60.0)
TIGHT_START = (60.0, 90.0, 8.0)


def notebook(
    *cells: str | tuple[str, list[str]],
    kernel: str = "python3",
    minor: int = 5,
) -> bytes:
    """Return a notebook with these code cells: a source, or source and tags."""
    content: dict[str, Any] = {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel}},
        "cells": [],
    }
    for number, cell in enumerate(cells):
        source, tags = (cell, []) if isinstance(cell, str) else cell
        entry: dict[str, Any] = {
            "cell_type": "code",
            "metadata": {"tags": tags} if tags else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        if minor >= 5:
            entry["id"] = f"cell-{number}"
        content["cells"].append(entry)
    return json.dumps(content).encode()


@dataclass(frozen=True)
class Case:
    """A notebook and its truth."""

    name: str
    data: bytes
    state: str
    cells: tuple[str, ...] | None = None
    reason: str = ""
    slow: bool = field(default=False)

    @property
    def limits(self) -> tuple[float, float, float]:
        """Its limits in seconds."""
        if self.name == "mute":
            return TIGHT_START
        if self.name == "too-long-in-all":
            return TIGHT_IN_ALL
        return TIGHT if self.state == "timed_out" else GENEROUS


def _case(
    name: str,
    state: str,
    *cells: str | tuple[str, list[str]],
    ends: tuple[str, ...] | None = None,
    reason: str = "",
    slow: bool = False,
    **options: Any,
) -> Case:
    data = notebook(*cells, **options)
    return Case(name, data, state, ends, reason, slow)


P, F, N, T, D, S = (
    "passed",
    "failed",
    "not_run",
    "timed_out",
    "died",
    "skipped",
)

_PASS = [
    _case("plain", P, "x = 1", "assert x == 1", ends=(P, P)),
    _case("no-cells", S, ends=(), reason="no code cell"),
    _case("blank", P, "  \n", "1", ends=(S, P)),
    _case("tag-error", P, ("1/0", ["raises-exception"]), "1", ends=(P, P)),
    _case("tag-skip", P, ("1/0", ["skip-execution"]), "1", ends=(S, P)),
    _case("await", P, "import asyncio\nawait asyncio.sleep(0.01)"),
    _case("much-output", P, "for _ in range(400): print('x' * 10000)"),
    _case("surrogate", P, r"print('\ud800')"),
    _case(
        "child-left",
        P,
        "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
    ),
    _case(
        "setsid-left",
        P,
        "import subprocess\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    ),
    _case(
        "daemon-left",
        P,
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(1000)\n"
        "    os._exit(0)",
    ),
    _case(
        "deaf-child-left",
        P,
        "import subprocess\n"
        "subprocess.Popen(['sh', '-c', \"trap '' TERM INT HUP; "
        'while :; do sleep 1; done"], start_new_session=True)',
    ),
    _case(
        "endless-thread",
        P,
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,)).start()",
    ),
    _case(
        "hanging-atexit",
        P,
        "import atexit, time\natexit.register(time.sleep, 1000)",
    ),
    _case("output-closed", P, "import os\nos.close(1)\nos.close(2)", "1"),
    _case("old-minor", P, "1", "2", minor=0),
    Case(
        "format-3",
        json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {"name": ""},
                "worksheets": [
                    {
                        "metadata": {},
                        "cells": [
                            {
                                "cell_type": "code",
                                "language": "python",
                                "metadata": {},
                                "collapsed": False,
                                "input": "print(3)",
                                "outputs": [],
                            }
                        ],
                    }
                ],
            }
        ).encode(),
        P,
        (P,),
    ),
    Case("byte-order-mark", b"\xef\xbb\xbf" + notebook("1"), P, (P,)),
]
_FAIL = [
    _case("raises", F, "1", "1/0", "2", ends=(P, F, N), reason="ZeroDiv"),
    _case("syntax", F, "x = = 1", ends=(F,), reason="SyntaxError"),
    _case("sys-exit", F, "import sys\nsys.exit(3)", "1", ends=(F, N)),
    _case("input", F, "input('name?')", ends=(F,), reason="Stdin"),
    _case("getpass", F, "import getpass\ngetpass.getpass()", ends=(F,)),
    _case("own-interrupt", F, "raise KeyboardInterrupt", ends=(F,)),
    _case(
        "no-json",
        P,
        "from IPython.display import display\n"
        "display({'text/plain': 'x', 'application/json': float('nan')}, raw=True)",
    ),
    _case(
        "huge-number",
        P,
        "import sys\n"
        "from IPython.display import display\n"
        "sys.set_int_max_str_digits(0)\n"
        "display({'application/json': 10**6000}, raw=True)",
        "1",
        ends=(P, P),
    ),
    _case(
        "deep-json",
        P,
        "from IPython.display import display\n"
        "x = []\n"
        "for _ in range(3000): x = [x]\n"
        "display({'application/json': x}, raw=True)",
        "1",
        ends=(P, P),
    ),
    _case(
        "coloured",
        F,
        r"raise ValueError('\x1b[31mred\x1b[0m alert')",
        reason="Cell 1: ValueError: red alert",
    ),
    _case(
        "bad-repr",
        F,
        "class E:\n"
        "    def _repr_html_(self): raise RuntimeError('worse')\n"
        "E()",
        reason="Cell 1: RuntimeError: worse",
    ),
    _case("recursion", F, "def f(): f()\nf()", reason="RecursionError"),
    _case(
        "bad-str",
        F,
        "class E(Exception):\n"
        "    def __str__(self): raise RuntimeError('worse')\n"
        "raise E",
        ends=(F,),
    ),
    _case("long-message", F, "raise ValueError('x' * 3_000_000)", ends=(F,)),
    _case(
        "memory-error",
        F,
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 33, 1 << 33))\n"
        "x = bytearray(1 << 34)",
        reason="MemoryError",
    ),
    _case(
        "skip-exception",
        S,
        "class SkipNotebook(Exception): pass",
        "raise SkipNotebook('no dataset dp1 here')",
        "1/0",
        ends=(P, S, N),
        reason="no dataset dp1 here",
    ),
    _case(
        "skip-unittest",
        S,
        "import unittest\nraise unittest.SkipTest('not today')",
        reason="not today",
    ),
]
_DIE = [
    _case("exit-0", D, "import os\nos._exit(0)", "1", ends=(D, N)),
    _case("exit-4", D, "import os\nos._exit(4)", reason="code 4"),
    _case(
        "sigkill",
        D,
        "import os\nos.kill(os.getpid(), 9)",
        reason="signal 9",
    ),
    _case(
        "segfault",
        D,
        "print('before', flush=True)\nimport ctypes\nctypes.string_at(0)",
        ends=(D,),
        reason="SIGSEGV",
    ),
    _case("abort", D, "import os\nos.abort()", reason="SIGABRT"),
    _case("exit-call", D, "exit()", "1", "2", ends=(P, N, N), reason="exit()"),
    _case("quit-call", D, "quit()", "1", ends=(P, N), reason="exit()"),
    _case("exit-last", P, "1", "exit()", ends=(P, P)),
    _case("exit-blank", P, "1", "exit()", "  ", ends=(P, P, S)),
    _case("exit-keep", P, "exit(keep_kernel=True)", "1", ends=(P, P)),
    _case("exec", D, "import os\nos.execv('/bin/true', ['true'])"),
    _case(
        "keeper-killed",
        "error",
        "import os, subprocess\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "os.kill(os.getppid(), 9)\n"
        "import time; time.sleep(100)",
        ends=(D,),
        reason="cannot be trusted",
    ),
    _case(
        "keeper-stopped",
        "error",
        "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)",
        reason="cannot be trusted",
    ),
    _case(
        "dies-later",
        D,
        "import threading, os\nthreading.Timer(0.3, os._exit, (7,)).start()",
        "import time; time.sleep(100)",
        ends=(P, D),
        reason="code 7",
    ),
]
_LATE = [
    _case("sleeps", T, "import time\ntime.sleep(1000)", "1", ends=(T, N)),
    _case("busy", T, "while True: pass", ends=(T,)),
    _case(
        "deaf",
        T,
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True: time.sleep(1)",
        ends=(T,),
        slow=True,
    ),
    _case(
        "deafer",
        T,
        "import signal, time\n"
        "for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
        "    signal.signal(n, signal.SIG_IGN)\n"
        "while True: time.sleep(1)",
        ends=(T,),
        slow=True,
    ),
    _case(
        "swallows",
        T,
        "import time\n"
        "try: time.sleep(1000)\n"
        "except KeyboardInterrupt: print('never mind')",
        "1",
        ends=(T, N),
    ),
    _case(
        "swallows-for-ever",
        T,
        "import time\n"
        "while True:\n"
        "    try: time.sleep(1000)\n"
        "    except BaseException: pass",
        slow=True,
    ),
    _case(
        "holds-the-gil",
        T,
        "import ctypes\n"
        "libc = ctypes.PyDLL(None)\n"
        "mutex = ctypes.create_string_buffer(256)\n"
        "libc.pthread_mutex_lock(mutex)\n"
        "libc.pthread_mutex_lock(mutex)",
        slow=True,
    ),
    _case("endless-print", T, "while True: print('x' * 100)", ends=(T,)),
    _case(
        "endless-write",
        T,
        "import os\nwhile True: os.write(1, b'y' * 1000)",
        ends=(T,),
    ),
    _case(
        "endless-display",
        T,
        "from IPython.display import HTML, display\n"
        "while True: display(HTML('z' * 1000))",
        ends=(T,),
    ),
    _case(
        "waits-for-child",
        T,
        "import subprocess\nsubprocess.run(['sleep', '1000'])",
    ),
    _case("shell", T, "!sleep 1000"),
    _case(
        "frozen",
        T,
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        slow=True,
    ),
    _case(
        "replaced",
        T,
        "import os\nos.execvp('sleep', ['sleep', '1000'])",
        slow=False,
    ),
    _case(
        "too-long-in-all",
        T,
        *(["import time\ntime.sleep(2.4)"] * 5),
        reason="The notebook ran longer",
        slow=True,
    ),
    _case("await-for-ever", T, "import asyncio\nawait asyncio.sleep(1000)"),
]


def _bad(name: str, data: bytes, reason: str = "") -> Case:
    return Case(name, data, "invalid", (), reason)


_INVALID = [
    _bad("empty", b"", "empty"),
    _bad("list", b"[]"),
    _bad("null", b"null"),
    _bad("object", b"{}"),
    _bad("cells-null", b'{"nbformat": 4, "cells": null}'),
    _bad("cells-numbers", b'{"nbformat": 4, "cells": [1, 2]}'),
    _bad("no-source", b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}'),
    _bad("truncated", notebook("1")[:-20], "not JSON"),
    _bad(
        "conflict",
        b"<<<<<<< HEAD\n" + notebook("1") + b"\n=======\n>>>>>>> x\n",
        "conflict",
    ),
    _bad("latin-1", notebook("1").replace(b"cell-0", b"caf\xe9"), "UTF-8"),
    _bad("nested", b"[" * 200_000, "deep"),
    _bad("version-99", b'{"nbformat": 99, "cells": []}', "99"),
    _bad("version-text", b'{"nbformat": "4", "cells": []}'),
    _bad("bad-3", b'{"nbformat": 3, "worksheets": 5}', "3"),
]
_ERROR = [
    _case("no-kernel", "error", "1", kernel="no-such", reason="no kernel"),
    _case("escaping-kernel", "error", "1", kernel="../../x"),
    _case("no-program", "error", "1", kernel="no-program"),
    _case("dies-at-start", "error", "1", kernel="dies", reason="flux"),
    _case("mute", "error", "1", kernel="mute", reason="did not answer"),
]

CASES: tuple[Case, ...] = (
    *_PASS,
    *_FAIL,
    *_DIE,
    *_LATE,
    *_INVALID,
    *_ERROR,
)


def write_cases(
    folder: Path, kernels: Path, cases: Sequence[Case] = CASES
) -> None:
    """Write the notebooks, and the kernelspecs that they need.

    Parameters
    ----------
    folder
        For the notebooks.
    kernels
        To be on ``JUPYTER_PATH``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        (folder / f"{case.name}.ipynb").write_bytes(case.data)
    specs = {
        "no-program": ["/no/such/program", "{connection_file}"],
        "dies": [
            sys.executable,
            "-c",
            "import sys; sys.exit('no flux capacitor')",
        ],
        "mute": [sys.executable, "-c", "import time; time.sleep(1000)"],
    }
    for name, argv in specs.items():
        place = kernels / "kernels" / name
        place.mkdir(parents=True, exist_ok=True)
        spec = {"argv": argv, "display_name": name, "language": "python"}
        (place / "kernel.json").write_text(json.dumps(spec))


def survivors(mark: str) -> list[str]:
    """Return the processes that carry a mark in their environment."""
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark.encode() in Path(entry.path, "environ").read_bytes():
                command = Path(entry.path, "cmdline").read_bytes()
                words = command.replace(b"\0", b" ").decode(errors="replace")
                found.append(f"{entry.name} {words.strip()}")
        except OSError:
            continue
    return found
