"""A forked kernel starts as an ordinary one does; nothing leaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.runner.options import Limits
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

type Run = Callable[..., RunDocument]
type Executed = Callable[[RunDocument, str], dict[str, Any]]

#: What a notebook can see of how its kernel was started.
LOOK = """
import sys as _s
_modules = sorted(_s.modules)
import os, signal, json, resource, locale, threading, gc, warnings
def _limits():
    names = [n for n in dir(resource) if n.startswith("RLIMIT_")]
    return {n: resource.getrlimit(getattr(resource, n)) for n in names}
def _umask():
    old = os.umask(0); os.umask(old); return old
def _fds():
    return sorted(
        f for f in map(int, os.listdir("/proc/self/fd")) if f <= 2
    )
def _status(name):
    for line in open("/proc/self/status"):
        if line.startswith(name): return line.split()[1:]
_env = {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"}
print(json.dumps({
    "modules": _modules,
    "env": _env,
    "has_parent": os.environ["JPY_PARENT_PID"] == str(os.getppid()),
    "cwd": os.getcwd(),
    "path": _s.path,
    "argv0": _s.argv[0],
    "flags": list(_s.flags),
    "executable": _s.executable,
    "prefix": _s.prefix,
    "signals": {
        str(n): str(signal.getsignal(n)).split(" at 0x")[0]
        for n in signal.valid_signals()
    },
    "blocked": _status("SigBlk"),
    "ignored": _status("SigIgn"),
    "limits": _limits(),
    "umask": _umask(),
    "fds": _fds(),
    "session": os.getsid(0) == os.getpid(),
    "nice": os.nice(0),
    "oom": open("/proc/self/oom_score_adj").read(),
    "threads": sorted(t.name.split("-")[0] for t in threading.enumerate()),
    "locale": locale.setlocale(locale.LC_ALL),
    "recursion": _s.getrecursionlimit(),
    "switch": _s.getswitchinterval(),
    "gc": [gc.isenabled(), gc.get_threshold()],
    "warnings": [str(f) for f in warnings.filters],
    "names": sorted(n for n in globals() if not n.startswith("_")),
    "main": _s.modules["__main__"].__dict__ is globals(),
    "count": get_ipython().execution_count,
    "history": str(get_ipython().history_manager.hist_file),
}, sort_keys=True))
"""
RANDOM = "import random, uuid, os\nprint(random.random(), uuid.uuid4())"
LEAK = """
import os, random, signal, sys, resource
os.environ["LEAKED"] = "1"
os.chdir("/")
os.umask(0o011)
sys.path.insert(0, "/leaked")
sys.modules["leaked"] = sys
random.seed(1)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
"""


def _printed(content: dict[str, Any], cell: int = 0) -> str:
    outputs = content["cells"][cell]["outputs"]
    return "".join("".join(output["text"]) for output in outputs)


@pytest.fixture(params=[True, False], ids=["warm", "cold"])
def warm(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_starts_are_equal(
    tmp_path: Path, run: Run, executed: Executed
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "look.ipynb").write_bytes(notebook(LOOK))
    found = {}
    for warm in (True, False):
        document = run(folder, warm=warm, variables={"OF_THE_LAB": "1"})
        assert document.state == "passed", document.notebooks[0].reason
        printed = _printed(executed(document, "look.ipynb"))
        found[warm] = json.loads(printed)
    assert found[True]["env"]["OF_THE_LAB"] == "1"
    warm_, cold = found[True], found[False]
    modules = set(warm_.pop("modules")), set(cold.pop("modules"))
    assert modules[0] - modules[1] == set()
    assert modules[1] - modules[0] == set()
    assert warm_ == cold


@pytest.mark.slow
def test_nothing_leaks_to_the_next_notebook(
    tmp_path: Path, run: Run, executed: Executed, warm: bool
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "a-look.ipynb").write_bytes(notebook(LOOK))
    (folder / "b-leak.ipynb").write_bytes(notebook(LEAK))
    (folder / "c-look.ipynb").write_bytes(notebook(LOOK))
    document = run(folder, warm=warm)
    assert document.state == "passed"
    before = json.loads(_printed(executed(document, "a-look.ipynb")))
    after = json.loads(_printed(executed(document, "c-look.ipynb")))
    assert before == after


def test_random_numbers_differ(
    tmp_path: Path, run: Run, executed: Executed
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.ipynb").write_bytes(notebook(RANDOM))
    document = run(folder)
    printed = {_printed(executed(document, f"{n}.ipynb")) for n in "abcd"}
    assert len(printed) == 4


def test_a_kernelspec_that_cannot_be_forked_starts_all_the_same(
    tmp_path: Path,
    run: Run,
    executed: Executed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "jupyter" / "kernels" / "launcher"
    place.mkdir(parents=True)
    script = place / "launch.sh"
    script.write_text(
        "#!/bin/sh\nexport PREPARED=yes\n"
        f'exec {sys.executable} -m ipykernel_launcher "$@"\n'
    )
    script.chmod(0o755)
    spec = {
        "argv": [str(script), "-f", "{connection_file}"],
        "display_name": "LSST",
        "language": "python",
        "env": {"FROM_SPEC": "${OF_THE_LAB}-x"},
    }
    (place / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    path = tmp_path / "n.ipynb"
    code = (
        "import os\nprint(os.environ['PREPARED'], os.environ['FROM_SPEC'])\n"
        "print(get_ipython().kernel.iopub_thread.socket.sndhwm)"
    )
    path.write_bytes(notebook(code, kernel="launcher"))
    document = run(path, variables={"OF_THE_LAB": "1"})
    assert document.state == "passed", document.notebooks[0].reason
    # Its output is as unlimited as that of a kernel that we know.
    assert _printed(executed(document, "n.ipynb")) == "yes 1-x\n0\n"


CLEAN_UP = """
import atexit, logging, logging.handlers, tempfile, threading, time, weakref
from pathlib import Path
here = Path.cwd()
atexit.register(lambda: (here / "atexit").write_text("done"))
file = open(here / "unflushed", "w")
file.write("text")
folder = tempfile.TemporaryDirectory(dir=here, prefix="scratch-")
target = logging.FileHandler(here / "log")
memory = logging.handlers.MemoryHandler(100, target=target)
logging.getLogger("mine").addHandler(memory)
logging.getLogger("mine").warning("logged")
class Thing: pass
thing = Thing()
weakref.finalize(thing, (here / "finalized").touch)
def late():
    time.sleep(0.1)
    (here / "thread").touch()
threading.Thread(target=late).start()
"""


def test_the_notebook_may_clean_up(
    tmp_path: Path, run: Run, warm: bool
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "n.ipynb").write_bytes(notebook(CLEAN_UP))
    document = run(folder, warm=warm, cleanup_s=20.0)
    assert document.state == "passed", document.notebooks[0].reason
    assert {path.name for path in folder.iterdir()} == {
        "n.ipynb",
        "atexit",
        "finalized",
        "log",
        "thread",
        "unflushed",
    }
    assert (folder / "unflushed").read_text() == "text"
    assert (folder / "log").read_text() == "logged\n"


FLUSHES = """
import collections, sys, threading
class Counting(collections.deque):
    count = 0
    def append(self, function):
        Counting.count += threading.current_thread() is threading.main_thread()
        super().append(function)
thread = sys.stdout.pub_thread
theirs, thread._events = thread._events, Counting()
for number in range(50):
    print(number, flush=True)
thread._events = theirs
print(50 <= Counting.count <= 100)
"""


def test_a_flush_of_a_forked_kernel_costs_one_event(
    tmp_path: Path, run: Run, executed: Executed
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(FLUSHES))
    document = run(path)
    assert document.state == "passed", document.notebooks[0].reason
    lines = "".join(f"{number}\n" for number in range(50))
    # One for a flush, and one each 0.2 s for a timer; ipykernel has three
    # for a line.
    assert _printed(executed(document, "n.ipynb")) == f"{lines}True\n"


UNFLUSHED = """
import sys, time
# A line without flush after flushed ones comes out in its 0.2 s, too.
for number in range(5):
    print(number, flush=True)
print("unflushed")
while sys.stdout._buffers:
    time.sleep(0.01)
print("sent")
"""


def test_text_that_nobody_flushes_is_sent_while_the_cell_runs(
    tmp_path: Path, run: Run, executed: Executed
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(UNFLUSHED))
    document = run(path, limits=Limits(cell_timeout_s=30.0))
    assert document.state == "passed", document.notebooks[0].reason
    printed = _printed(executed(document, "n.ipynb"))
    assert printed == "0\n1\n2\n3\n4\nunflushed\nsent\n"
