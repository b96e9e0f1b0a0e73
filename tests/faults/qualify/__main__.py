"""Qualify a real environment: another version of a package, or only noise.

Two virtual environments have different versions of one package, installed
from wheels. The newer one makes a cell of one notebook take twice as long,
and breaks a cell of another; two more notebooks do not use what changed.
``python -m tests.faults.qualify 20`` compares the environments so often, and
as often the older one with itself: the page must name both changes and
nothing else each time, and noise alone must be *fit* in 19 of 20. Both are
kernels of one lab and are run in turns; with ``--apart`` they are the kernel
of two images, and the older one is run first, once for all: that needs a
machine that is as quiet all the time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

#: The work of a cell: it takes the same time in both environments.
_WORK = "sum(i * i for i in range(4_000_000))"
_MODULES = {
    "1.0": f"""
def work():
    {_WORK}

def answer():
    return 42
""",
    "2.0": f"""
def work():
    {_WORK}
    {_WORK}
""",
}
_BOOKS = {
    "slow.ipynb": ("import checkpkg", "checkpkg.work()", "1"),
    "breaks.ipynb": ("import checkpkg", "checkpkg.answer()", "1"),
    "works.ipynb": (_WORK, "1"),
    "waits.ipynb": ("import time", "time.sleep(0.3)", "1"),
}
_IMAGES = {"1.0": "registry/lab:w_2026_44", "2.0": "registry/lab:w_2026_45"}
_SAME = "registry/lab:w_2026_43"
_WANTED = {
    ("newly_failing", "breaks.ipynb", 2),
    ("slower", "slow.ipynb", 2),
}


class Site:
    """Two environments, the notebooks, and a history of their own.

    Parameters
    ----------
    place
        An empty folder.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._books = place / "checks"
        self._books.mkdir()
        for name, cells in _BOOKS.items():
            (self._books / name).write_bytes(notebook(*cells))
        for version in _MODULES:
            self._make_environment(version)

    def _make_environment(self, version: str) -> None:
        """Make a virtual environment with one version of the package."""
        home = self._place / f"venv-{version}"
        _ = subprocess.run([sys.executable, "-m", "venv", home], check=True)
        wheel = self._place / f"checkpkg-{version}-py3-none-any.whl"
        _write_wheel(wheel, version)
        python = str(home / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--no-index"]
        _ = subprocess.run([*pip, str(wheel)], check=True)
        # ipykernel comes from ours: it is not what is compared.
        paths = subprocess.run(
            [python, "-c", "import site; print(site.getsitepackages()[0])"],
            check=True,
            capture_output=True,
            text=True,
        )
        ours = Path(paths.stdout.strip(), "ours.pth")
        ours.write_text(sysconfig.get_path("purelib") + "\n")
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        names = {f"jupyter-{version}": ["python3"]}
        names["jupyter"] = [version] + ["again"] * (version == "1.0")
        for place, kernels in names.items():
            for name in kernels:
                folder = self._place / place / "kernels" / name
                folder.mkdir(parents=True)
                spec = {
                    "argv": argv,
                    "display_name": name,
                    "language": "python",
                }
                (folder / "kernel.json").write_text(json.dumps(spec))

    def in_turns(self, kernel: str) -> tuple[int, dict[str, Any]]:
        """Compare a kernel with that of the older environment."""
        words = ("--kernel", kernel, "--against-kernel", "1.0")
        return self._call("jupyter", _SAME, str(self._books), *words)

    def qualify(
        self, version: str, image: str, *words: str
    ) -> tuple[int, dict[str, Any]]:
        """Call ``rsp-health qualify`` in an environment."""
        return self._call(f"jupyter-{version}", image, *words)

    def _call(
        self, kernels: str, image: str, *words: str
    ) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("rsp-health")),
                "qualify",
                *words,
                "--json",
                "--data-dir",
                str(self._place / "data"),
                "--root",
                str(self._place),
            ],
            env={
                **os.environ,
                "HOME": str(self._place),
                "JUPYTER_PATH": str(self._place / kernels),
                "JUPYTER_IMAGE": image,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            print(done.stdout, done.stderr)
            raise

    def baseline(self) -> str:
        """Run the older environment; return the id of its last run."""
        _, document = self.qualify(
            "1.0", _IMAGES["1.0"], "--baseline", str(self._books)
        )
        run_id: str = document["run_id"]
        return run_id


def _write_wheel(path: Path, version: str) -> None:
    info = f"checkpkg-{version}.dist-info"
    files = {
        "checkpkg.py": _MODULES[version],
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: checkpkg\nVersion: {version}\n"
        ),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)


def _told(document: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    return {
        (one["kind"], one["notebook"], one["cell_index"])
        for one in document["comparison"]["differences"]
    }


def main(argv: Sequence[str]) -> int:
    """Compare so often; return whether the page was ever wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tries", type=int, nargs="?", default=2)
    parser.add_argument("--apart", action="store_true")
    options = parser.parse_args(argv)
    tries: int = options.tries
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="rsp-qualify-") as scratch:
        site = Site(Path(scratch))
        baseline = site.baseline() if options.apart else ""
        for number in range(tries):
            code, document = (
                site.qualify("2.0", _IMAGES["2.0"], "--against", baseline)
                if options.apart
                else site.in_turns("2.0")
            )
            changed = {
                (one["package"], one["before"], one["after"])
                for one in document["versions"]
            }
            found = _told(document)
            right = (
                code == 1
                and found == _WANTED
                and changed == {("checkpkg", "1.0", "2.0")}
            )
            counts["changed"] += right
            counts["runs"] += len(document["runs"])
            if not right:
                print(f"  {number}: {code} {found} {changed}", flush=True)
            code, document = (
                site.qualify("1.0", _SAME, "--against", baseline)
                if options.apart
                else site.in_turns("again")
            )
            counts["noise"] += code == 0
            counts["runs"] += len(document["runs"])
            if code != 0:
                print(
                    f"  {number}: noise: {code} {_told(document)}", flush=True
                )
    print(f"  both changes named, nothing else: {counts['changed']}/{tries}")
    print(
        f"  noise alone is fit: {counts['noise']}/{tries} "
        f"({counts['runs'] / tries / 2:.1f} runs each)"
    )
    return int(counts["changed"] < tries or counts["noise"] < 0.95 * tries)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
