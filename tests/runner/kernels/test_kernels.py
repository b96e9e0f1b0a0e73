"""Kernelspecs, and what a kernel's process is given."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import EnvironmentFailureError
from rsp_health.runner.kernels.client import Kernel
from rsp_health.runner.kernels.exit import KernelExit
from rsp_health.runner.kernels.factory import KernelFactory
from rsp_health.runner.kernels.spec import find_kernelspec
from rsp_health.runner.options import Limits
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from rsp_health.runner.models import RunDocument

type MakeSpec = Callable[..., None]


@pytest.fixture
def make_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSpec:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def make_spec(name: str, *argv: str, **more: Any) -> None:
        place = tmp_path / "jupyter" / "kernels" / name
        place.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, **more}
        (place / "kernel.json").write_text(json.dumps(spec))

    return make_spec


@pytest.mark.parametrize(
    ("argv", "launcher"),
    [
        (
            ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            (sys.executable,),
        ),
        (
            ["/x/python3.12", "-Xfrozen_modules=off", "-m", "ipykernel", "-f"],
            ("/x/python3.12", "-Xfrozen_modules=off"),
        ),
        (["/opt/lsst/launch.bash", "-f", "{connection_file}"], None),
        (["/x/python3", "-c", "import x", "-m", "ipykernel"], None),
        (["/x/conda", "run", "python", "-m", "ipykernel_launcher"], None),
        (["/x/xpython", "-f", "{connection_file}"], None),
        (["/x/python", "-m"], None),
        (["/x/python"], None),
    ],
)
def test_which_kernels_can_be_forked(
    make_spec: MakeSpec, argv: list[str], launcher: tuple[str, ...] | None
) -> None:
    make_spec("mine", *argv)
    assert find_kernelspec("mine").launcher == launcher


def test_kernelspecs_are_found_as_jupyter_finds_them(
    make_spec: MakeSpec,
) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    make_spec(
        "Mine", "python", "{prefix}", "{resource_dir}", "{connection_file}"
    )
    theirs = KernelSpecManager().get_kernel_spec("mine")
    ours = find_kernelspec("MINE")
    assert ours.resource_dir.lower() == theirs.resource_dir.lower()
    assert ours.command("/c.json") == [
        sys.executable,
        sys.prefix,
        ours.resource_dir,
        "/c.json",
    ]


@pytest.mark.parametrize(
    "name", ["no-such", "../../x", "", "a/b", "a\0b", "x" * 500]
)
def test_no_such_kernel(name: str) -> None:
    with pytest.raises(EnvironmentFailureError) as caught:
        find_kernelspec(name)
    assert caught.value.code == "no_such_kernel"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"argv": []}', "\xff"])
def test_a_broken_kernelspec_is_told(
    make_spec: MakeSpec, tmp_path: Path, text: str
) -> None:
    make_spec("mine", "x")
    path = tmp_path / "jupyter" / "kernels" / "mine" / "kernel.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EnvironmentFailureError) as caught:
        find_kernelspec("mine")
    assert caught.value.code == "bad_kernelspec"


def test_a_kernel_inherits_no_descriptor(
    make_spec: MakeSpec, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    code = (
        "import os, sys\n"
        "found = []\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    try: found.append(os.readlink('/proc/self/fd/' + name))\n"
        "    except OSError: pass\n"
        f"open({str(told)!r}, 'w').write('\\n'.join(found))\n"
    )
    make_spec("mine", sys.executable, "-c", code)
    factory = KernelFactory(environment=dict(os.environ))
    kernel = factory.start(find_kernelspec("mine"), folder=tmp_path)
    reader, writer = os.pipe()
    while kernel.alive:
        kernel.poll(10, reader)
    kernel.end(grace_s=0)
    factory.close()
    os.close(reader)
    os.close(writer)
    found = told.read_text().splitlines()
    kinds = sorted(name.partition(":")[0] for name in found)
    # The standard three; the listing's own has gone by then.
    assert kinds == ["/dev/null", "pipe", "pipe"]


def test_the_folder_of_sockets_is_private_and_goes(tmp_path: Path) -> None:
    factory = KernelFactory(environment=dict(os.environ), warm=False)
    assert factory.folder.stat().st_mode & 0o77 == 0
    kernel = factory.start(find_kernelspec("python3"), folder=tmp_path)
    for file in factory.folder.glob("*.json"):
        assert file.stat().st_mode & 0o77 == 0
    kernel.end(grace_s=0)
    made = factory.folder
    factory.close()
    assert not made.exists()


def test_a_long_temporary_folder_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    factory = KernelFactory(environment={})
    assert len(str(factory.folder)) < 90
    assert list(long.iterdir()) == []
    factory.close()


def test_a_broken_warm_parent_costs_no_notebook(
    tmp_path: Path,
    run: Callable[..., RunDocument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parent dies at once; kernels are started the ordinary way."""
    broken = tmp_path / "host.py"
    real = Path(KernelFactory.start.__code__.co_filename).parents[1] / (
        "kernel_host/host.py"
    )
    broken.write_text(
        "import sys\n"
        "if sys.argv[3] == 'warm': sys.exit(1)\n"
        f"__file__ = {str(real)!r}\n"
        "exec(compile(open(__file__).read(), __file__, 'exec'))\n"
    )
    monkeypatch.setattr("rsp_health.runner.kernels.hosts._HOST", broken)
    for name in "ab":
        (tmp_path / f"{name}.ipynb").write_bytes(notebook("1"))
    document = run(tmp_path / "a.ipynb", tmp_path / "b.ipynb")
    assert document.state == "passed", document.notebooks[0].reason


def test_kernelspecs_of_one_python_keep_their_variables(
    make_spec: MakeSpec, tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    argv = (sys.executable, "-m", "ipykernel_launcher", "-f")
    for name in "abc":
        variables = {"ONLY_A": "1"} if name == "a" else {}
        make_spec(
            name,
            *argv,
            "{connection_file}",
            language="python",
            env={**variables, "NAME": f"<${{NAME_BEFORE}}{name}>"},
        )
        code = (
            "import os\n"
            f"assert os.environ['NAME'] == '<it:{name}>', os.environ['NAME']\n"
            f"assert os.environ.get('ONLY_A') == {variables.get('ONLY_A')!r}"
        )
        path = tmp_path / f"{name}.ipynb"
        path.write_bytes(notebook(code, kernel=name))
    paths = [tmp_path / f"{name}.ipynb" for name in "abc"]
    document = run(*paths, variables={"NAME_BEFORE": "it:"})
    assert [(n.state, n.reason) for n in document.notebooks] == [
        ("passed", None)
    ] * 3


@pytest.mark.parametrize("warm", [True, False])
def test_what_dies_while_it_waits_costs_no_notebook(
    tmp_path: Path, run: Callable[..., RunDocument], warm: bool
) -> None:
    """Kernels that were started ahead are killed, by the system perhaps."""
    code = (
        "import os, signal, time\n"
        "def words(pid):\n"
        "    text = open(f'/proc/{pid}/stat').read()\n"
        "    return text.rpartition(')')[2].split()\n"
        "host = words(os.getppid())[1]\n"
        "killed = set()\n"
        "while len(killed) < 1:\n"
        "    for name in filter(str.isdigit, os.listdir('/proc')):\n"
        "        try: keeper, top = words(name)[1], words(words(name)[1])[1]\n"
        "        except OSError: continue\n"
        "        if top == host and int(name) != os.getpid():\n"
        "            os.kill(int(name), signal.SIGKILL)\n"
        "            killed.add(name)\n"
        "    time.sleep(0.05)\n"
    )
    for name in "abc":
        path = tmp_path / f"{name}.ipynb"
        path.write_bytes(notebook(code if name == "a" else "1"))
    paths = [tmp_path / f"{name}.ipynb" for name in "abc"]
    document = run(*paths, warm=warm)
    assert [(n.state, n.reason) for n in document.notebooks] == [
        ("passed", None)
    ] * 3


@pytest.mark.parametrize("implementation", ["ipython", "another"])
def test_only_ipykernel_is_held_back(
    make_spec: MakeSpec,
    tmp_path: Path,
    run: Callable[..., RunDocument],
    monkeypatch: pytest.MonkeyPatch,
    implementation: str,
) -> None:
    """Another kernel drops what its reader does not take at once."""
    code = (
        "from ipykernel.ipkernel import IPythonKernel\n"
        "from ipykernel.kernelapp import IPKernelApp\n"
        "class Kernel(IPythonKernel):\n"
        f"    implementation = {implementation!r}\n"
        "IPKernelApp.launch_instance(kernel_class=Kernel)\n"
    )
    argv = (sys.executable, "-c", code, "-f", "{connection_file}")
    make_spec("mine", *argv, language="python")
    limits = []
    ready = Kernel.wait_until_ready

    def wait_until_ready(kernel: Kernel, **options: Any) -> None:
        ready(kernel, **options)
        limits.append(kernel._sockets["iopub"].rcvhwm)

    monkeypatch.setattr(Kernel, "wait_until_ready", wait_until_ready)
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("print(1)", "2", kernel="mine"))
    found = run(path).notebooks[0]
    assert (found.state, found.reason) == ("passed", None)
    assert limits == [16 if implementation == "ipython" else 0]


def test_a_late_kernel_uses_up_the_notebooks_time(
    make_spec: MakeSpec, tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    make_spec("mute", sys.executable, "-c", "import time; time.sleep(1000)")
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1", kernel="mute"))
    found = run(path, limits=Limits(notebook_timeout_s=0.5)).notebooks[0]
    assert (found.state, found.reason) == (
        "timed_out",
        "The notebook ran longer than 0.5 s, before its first cell.",
    )


@pytest.mark.parametrize(
    ("status", "out_of_memory", "expected"),
    [
        (9, None, "signal 9 (SIGKILL), probably for lack of memory."),
        (9, True, "signal 9 (SIGKILL): the lab ran out of memory."),
        (9, False, "signal 9 (SIGKILL)."),
        (11, True, "signal 11 (SIGSEGV)."),
        (4 << 8, None, "exited with code 4."),
        (None, None, "The kernel and its keeper were killed."),
    ],
)
def test_a_death_is_told_with_its_reason(
    status: int | None, out_of_memory: bool | None, expected: str
) -> None:
    text = KernelExit(status).describe(out_of_memory=out_of_memory)
    assert text.endswith(expected)
