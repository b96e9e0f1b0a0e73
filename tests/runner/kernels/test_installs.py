"""A kernel starts as one in its folder would, after what came before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.runner.kernel_host import sites as kernel_sites
from rsp_health.runner.kernels.hosts import Host
from tests.faults.runner.cases import notebook
from tests.faults.warmth.installed import make_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from rsp_health.runner.models import RunDocument

    type Run = Callable[..., RunDocument]


@pytest.fixture
def own_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernelspec ``own`` with site packages of its own; their folder."""
    packages = make_python(tmp_path / "own", tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return packages


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> list[Host]:
    """The host processes that are started."""
    made: list[Host] = []
    start = Host.__init__

    def note(host: Host, **options: Any) -> None:
        made.append(host)
        start(host, **options)

    monkeypatch.setattr(Host, "__init__", note)
    return made


def _watch_open(
    hosts: list[Host], monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Return a list that gets the number of open hosts at each close."""
    most = [0]
    close = Host.close

    def note(host: Host) -> None:
        most.append(sum(h.control.fileno() >= 0 for h in hosts))
        close(host)

    monkeypatch.setattr(Host, "close", note)
    return most


def _states(document: RunDocument) -> list[tuple[str, str | None]]:
    return [(n.state, n.reason) for n in document.notebooks]


@pytest.mark.parametrize("entries", ["lib", ":/nowhere"])
def test_relative_search_paths_mean_the_notebooks_folder(
    tmp_path: Path, run: Run, entries: str
) -> None:
    folder = tmp_path / "notebooks"
    (folder / "lib").mkdir(parents=True)
    name = "lib" if "lib" in entries else "."
    (folder / name / "mine.py").write_text("WHERE = __file__\n")
    code = (
        "import os, sys\nprint(sys.path)\n"
        "expected = os.path.abspath("
        f"{name!r})\nassert expected in sys.path[:3], sys.path\n"
        "os.chdir('/')\nimport mine\nassert mine.WHERE.startswith(expected)"
    )
    (folder / "n.ipynb").write_bytes(notebook(code))
    document = run(folder / "n.ipynb", variables={"PYTHONPATH": entries})
    assert _states(document) == [("passed", None)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sitecustomize", "usercustomize", "pth"])
def test_what_runs_at_each_start_runs_in_each_notebooks_folder(
    own_python: Path, tmp_path: Path, run: Run, kind: str
) -> None:
    code = "open('started', 'a').write('once\\n')"
    if kind == "pth":
        (own_python / "mine.pth").write_text(f"import os; {code}\n")
    else:
        (own_python / f"{kind}.py").write_text(f"{code}\n")
    folder = tmp_path / "notebooks"
    python = own_python.parents[2] / "bin" / "python"
    subprocess.run([python, "-c", ""], cwd=tmp_path, check=True)
    # A virtual environment reads path files twice.
    started = tmp_path / "started"
    expected = started.read_text() if started.exists() else None
    look = f"assert open('started').read() == {expected!r}"
    if kind == "usercustomize":
        # Not in an environment that has no user site.
        look = "import site\nassert site.ENABLE_USER_SITE is False"
    for name in "ab":
        (folder / name).mkdir(parents=True)
        book = notebook(look, kernel="own")
        (folder / name / "n.ipynb").write_bytes(book)
    assert _states(run(folder)) == [("passed", None)] * 2


@pytest.mark.slow
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_what_a_notebook_installs_the_next_one_finds(
    own_python: Path,
    tmp_path: Path,
    run: Run,
    hosts: list[Host],
    warm: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An editable installation is a path file, or one that runs a finder."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "mine.py").write_text("X = 1\n")
    packages = str(own_python)
    install = (
        "from pathlib import Path\n"
        f"Path({packages!r}, 'mine.pth').write_text({f'{source}\n'!r})\n"
    )
    customize = (
        "from pathlib import Path\n"
        f"Path({packages!r}, 'sitecustomize.py').write_text('import mine')"
    )
    books = {
        "a": "1",
        "b": install,
        "c": "import mine\nassert mine.X",
        "d": customize,
        "e": "import sys\nassert 'mine' in sys.modules",
        "f": "import sys\nassert 'mine' in sys.modules",
    }
    for name, code in books.items():
        path = tmp_path / f"{name}.ipynb"
        path.write_bytes(notebook(code, kernel="own"))
    paths = [tmp_path / f"{name}.ipynb" for name in books]
    most = _watch_open(hosts, monkeypatch)
    document = run(*paths, warm=warm)
    assert _states(document) == [("passed", None)] * 6
    # One that was replaced ends with its last kernel, not with the run.
    assert max(most) < 4
    # A new parent for each change, and at last none.
    modes = ["warm", "warm", "warm", "cold"] if warm else ["cold"]
    assert [host.mode for host in hosts] == modes


def test_ordinary_notebooks_share_one_parent(
    own_python: Path, tmp_path: Path, run: Run, hosts: list[Host]
) -> None:
    assert own_python.exists()
    for name in "abc":
        book = notebook("open('made.py', 'w').write('1')", kernel="own")
        (tmp_path / f"{name}.ipynb").write_bytes(book)
    paths = [tmp_path / f"{name}.ipynb" for name in "abc"]
    variables = {"PYTHONPATH": str(tmp_path)}
    assert _states(run(*paths, variables=variables)) == [("passed", None)] * 3
    assert [host.mode for host in hosts] == ["warm"]


def test_what_the_tests_themselves_install_starts_the_same_everywhere() -> (
    None
):
    """Coverage's file is one of them; its line changes with its version."""
    assert list(Path(pytest.__file__).parents[1].glob("*coverage.pth"))
    assert kernel_sites.why_each_start_differs() is None


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("import _virtualenv", True),
        (
            (
                "import __editable___x_1_0_finder; "
                "__editable___x_1_0_finder.install()"
            ),
            True,
        ),
        ("import _editable_impl_mine", True),
        (
            (
                "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = "
                "os.environ.get(var, 'local') == 'local'; enabled and "
                "__import__('_distutils_hack')"
            ),
            True,
        ),
        (
            "import sys; exec('import coverage; coverage.process_startup()')",
            True,
        ),
        ("/some/folder", True),
        ("import os; os.mkdir('x')", False),
        ("import\tmine", False),
        ("import _virtualenv; import mine", False),
    ],
)
def test_which_path_files_run_the_same_everywhere(
    line: str, known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_sites, "folders", lambda: [str(tmp_path)])
    monkeypatch.setattr(kernel_sites, "CUSTOM", ())
    for name in list(os.environ):
        if name.startswith("COVERAGE"):
            monkeypatch.delenv(name)
    (tmp_path / "mine.pth").write_text(f"# comment\n{line}\n")
    assert (kernel_sites.why_each_start_differs() is None) is known
