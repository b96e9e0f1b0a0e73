"""Kernelspecs in folders of the test's own, which Jupyter is told of."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rsp_health.doctor.models import Finding

    from ...conftest import Lab

PLAIN = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


class Kernels:
    """The kernels of an image, and those of its user."""

    def __init__(self, lab: Lab, image: Path) -> None:
        self.lab = lab
        self.image = image
        python = image / "env" / "bin" / "python3"
        (image / "env" / "lib" / "python3.13" / "site-packages").mkdir(
            parents=True
        )
        python.parent.mkdir()
        python.symlink_to(sys.executable)
        self.python = str(python)
        self.add("python3", self.python, *PLAIN)
        launcher = image / "launch.bash"
        launcher.write_text("#!/bin/bash\n")
        launcher.chmod(0o755)
        self.add("LSST", str(launcher), "{connection_file}")

    def add(self, name: str, *argv: str, user: bool = False) -> Path:
        top = self.lab.home / ".local/share" if user else self.image
        folder = top / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": name})
        )
        return folder

    def look(self, notebook: Path | None = None) -> Finding:
        return self.lab.look("kernel.spec", notebook=notebook)

    def notebook(self, kernel: str | None, source: str = "1") -> Path:
        metadata: dict[str, Any] = {}
        if kernel is not None:
            metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        content = {
            "cells": [cell],
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": 4,
        }
        return self.lab.write("a.ipynb", json.dumps(content))


@pytest.fixture
def kernels(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Kernels:
    image = tmp_path / "image"
    monkeypatch.setattr(
        "jupyter_core.paths.jupyter_path",
        lambda *parts: [
            str(Path(top, "jupyter", *parts))
            for top in (lab.home / ".local/share", image)
        ],
    )
    return Kernels(lab, image)


def test_kernels_whose_programs_are_there_are_well(kernels: Kernels) -> None:
    found = kernels.look()

    assert found.state == "ok"
    assert found.sentence.endswith(
        "start of 2 kernels: lsst, python3. None was started."
    )


def test_a_kernel_of_a_deleted_environment_is_told(kernels: Kernels) -> None:
    gone = str(kernels.lab.home / "gone/bin/python")
    kernels.add("mine", gone, *PLAIN, user=True)

    found = kernels.look()

    assert (found.state, found.whose) == ("attention", "your_environment")
    assert found.sentence == "1 kernel of 3 cannot start: mine."
    assert found.evidence[0].value == f"its program {gone} is not there"
    assert found.next_step.endswith("jupyter kernelspec remove mine")


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "JSON"), ('{"argv": []}', "it is not what Jupyter wants")],
)
def test_a_kernelspec_that_cannot_be_read_is_told(
    kernels: Kernels, content: str, told: str
) -> None:
    folder = kernels.add("mine", "python", user=True)
    (folder / "kernel.json").write_text(content)

    found = kernels.look()

    assert found.state == "attention"
    assert told in found.evidence[0].value


def test_a_kernel_that_takes_the_images_place_is_told(
    kernels: Kernels,
) -> None:
    kernels.add("python3", kernels.python, *PLAIN, user=True)

    found = kernels.look()

    assert found.state == "attention"
    assert found.sentence == (
        "Your kernel python3 takes the place of the image's."
    )


def test_no_kernel_that_can_start_is_a_fault(kernels: Kernels) -> None:
    Path(kernels.python).unlink()
    (kernels.image / "launch.bash").chmod(0o644)

    found = kernels.look()

    assert (found.state, found.whose) == ("fault", "platform")


def test_a_notebook_with_its_kernel_is_well(kernels: Kernels) -> None:
    assert kernels.look(kernels.notebook("python3")).state == "ok"
    assert kernels.look(kernels.notebook("lsst")).state == "ok"
    assert kernels.look(kernels.notebook(None)).state == "ok"


def test_a_notebook_whose_kernel_is_not_here_is_a_fault(
    kernels: Kernels,
) -> None:
    found = kernels.look(kernels.notebook("conda-env-old-py"))

    assert (found.state, found.whose) == ("fault", "your_environment")
    assert "asks for the kernel conda-env-old-py, which is not here" in (
        found.sentence
    )
    assert "lsst, python3" in found.next_step


def test_a_notebook_whose_kernel_cannot_start_is_a_fault(
    kernels: Kernels,
) -> None:
    kernels.add("mine", "no-such-program", user=True)

    found = kernels.look(kernels.notebook("mine"))

    assert (found.state, found.whose) == ("fault", "your_environment")


def test_a_notebook_of_the_stack_on_plain_python_is_a_fault(
    kernels: Kernels,
) -> None:
    """27 of 29 failures of a real repository had this one cause."""
    source = "import os\nfrom lsst.daf.butler import Butler"
    notebook = kernels.notebook("python3", source)

    found = kernels.look(notebook)

    # As Why? says of the error that comes of it.
    assert (found.state, found.whose) == ("fault", "your_environment")
    assert found.evidence[1].source == "cell 1"
    assert "Change its kernel to LSST" in found.next_step

    packages = Path(kernels.image, "env/lib/python3.13/site-packages")
    (packages / "lsst").mkdir()
    assert kernels.look(notebook).state == "ok"


def test_no_such_notebook_is_not_known(kernels: Kernels) -> None:
    found = kernels.look(kernels.lab.home / "none.ipynb")

    assert found.state == "cannot_tell"
    assert "none.ipynb cannot be used: no such file" in found.sentence
