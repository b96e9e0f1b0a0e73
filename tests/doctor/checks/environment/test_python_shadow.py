"""Packages of the user's own: metadata as pip writes it, in a fake image."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rsp_health.doctor.models import Finding

    from ...conftest import Lab

USER = ".local/lib/python3.12/site-packages"


class Image:
    """A lab whose image has a stack, and a user who installs packages."""

    def __init__(self, lab: Lab, stack: Path) -> None:
        self.lab = lab
        self.stack = stack
        env = stack / "conda" / "envs" / "lsst-scipipe-10.1.0"
        self.packages = env / "lib" / "python3.12" / "site-packages"
        install(self.packages, "numpy", "2.1.3")
        install(self.packages, "astropy", "7.0.0", "numpy>=1.23")
        install(self.packages, "Pandas", "2.2.3", "numpy>=1.26.0")

    def look(self) -> Finding:
        return self.lab.look("python.shadow", stack=self.stack)

    def user_installs(self, name: str, version: str, *needs: str) -> None:
        install(self.lab.home / USER, name, version, *needs)


def install(folder: Path, name: str, version: str, *needs: str) -> None:
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {need}" for need in needs]
    text = "\n".join([*lines, "", "Requires-Dist: nothing-of-this>=9", ""])
    (metadata / "METADATA").write_text(text)


@pytest.fixture
def image(lab: Lab, tmp_path: Path) -> Image:
    return Image(lab, tmp_path / "stack")


def test_no_packages_of_ones_own_hide_nothing(image: Image) -> None:
    found = image.look()

    assert found.state == "ok"
    assert found.evidence[0].source == f"~/{USER}"
    assert found.evidence[0].value == "no packages"


def test_packages_that_the_image_has_not_hide_nothing(image: Image) -> None:
    image.user_installs("lightkurve", "2.5.0", "numpy>=1.20")
    image.user_installs("numpy", "2.1.3")

    found = image.look()

    assert found.state == "ok"
    assert found.evidence[0].value.startswith("2 packages, none of another ")


def test_another_version_hides_the_images(image: Image) -> None:
    image.user_installs("numpy", "2.2.0")

    found = image.look()

    assert (found.state, found.whose) == ("attention", "your_environment")
    assert found.sentence == "A package of your own hides the image's: numpy."
    assert found.evidence[0].value == (
        "numpy 2.2.0 hides numpy 2.1.3 of Python 3.12"
    )
    assert found.fix is not None
    assert found.fix.title.startswith("Move ~/.local/lib/python3.12 aside")


def test_a_version_that_the_image_cannot_use_is_a_fault(image: Image) -> None:
    image.user_installs("numpy", "1.24.0")

    found = image.look()

    assert found.state == "fault"
    assert found.sentence.endswith(
        "It does not fit: Pandas 2.2.3 needs numpy>=1.26.0, and gets "
        "numpy 1.24.0."
    )
    # astropy can use it, and is not told of.
    assert not any("astropy" in e.value for e in found.evidence)


def test_what_needs_more_than_the_image_has_is_a_fault(image: Image) -> None:
    image.user_installs("pandas", "3.0.0", "numpy>=2.3")

    found = image.look()

    assert found.state == "fault"
    assert "pandas 3.0.0 needs numpy>=2.3, and gets numpy 2.1.3" in (
        found.sentence
    )


@pytest.mark.parametrize(
    "need",
    ["numpy<2; extra == 'old'", "numpy<2; python_version < '3'", "numpy ~~ x"],
)
def test_what_is_not_needed_here_is_no_conflict(
    image: Image, need: str
) -> None:
    install(image.packages, "scipy", "1.14.0", need)
    image.user_installs("numpy", "2.2.0")

    assert image.look().state == "attention"


def test_what_did_not_fit_before_is_not_the_users(image: Image) -> None:
    install(image.packages, "old", "1.0", "numpy<2")
    image.user_installs("numpy", "2.2.0")

    assert image.look().state == "attention"


def test_packages_of_another_python_hide_nothing(image: Image) -> None:
    folder = image.lab.home / ".local/lib/python3.11/site-packages"
    install(folder, "numpy", "1.24.0")

    assert image.look().state == "ok"


def test_a_python_that_is_told_not_to_does_not_read_them(
    image: Image,
) -> None:
    image.user_installs("numpy", "1.24.0")
    image.lab.variables["PYTHONNOUSERSITE"] = "1"

    assert image.look().state == "ok"


@pytest.mark.parametrize(
    ("setting", "state"), [("false", "ok"), ("true", "fault")]
)
def test_a_virtual_environment_reads_them_only_if_it_says_so(
    image: Image, setting: str, state: str
) -> None:
    image.user_installs("numpy", "1.24.0")
    (image.packages.parents[2] / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = {setting}\n"
    )

    assert image.look().state == state


def test_a_folder_in_pythonpath_is_told_as_that(image: Image) -> None:
    folder = image.lab.home / "mine"
    install(folder, "numpy", "1.24.0")
    image.lab.variables["PYTHONPATH"] = f"/opt/lsst/python:{folder}"

    found = image.look()

    assert found.state == "fault"
    assert found.next_step.startswith("Take ~/mine out of PYTHONPATH")
    assert found.fix is None


def test_it_is_what_python_itself_would_do(tmp_path: Path) -> None:
    """The order of the path, asked of a real Python."""
    real = Path(sys.base_prefix, "bin", "python3")
    if not real.exists():
        pytest.skip("no Python outside of a virtual environment")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    site = tmp_path / f".local/lib/python{version}/site-packages"
    site.mkdir(parents=True)
    done = subprocess.run(
        [real, "-c", "import sys; print(*sys.path, sep='\\n')"],
        env={"HOME": str(tmp_path), "PYTHONPATH": "/first"},
        capture_output=True,
        text=True,
        check=True,
    )
    path = done.stdout.splitlines()
    own = next(p for p in path if p.endswith(("site-packages", "t-packages")))

    assert path.index("/first") < path.index(str(site))
    assert own == str(site)


def test_the_python_of_a_kernel_is_looked_at(
    image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    install(env / "lib" / "python3.12" / "site-packages", "sncosmo", "2.11")
    (env / "bin").mkdir()
    (env / "bin" / "python").touch(mode=0o755)
    spec = tmp_path / "jupyter" / "kernels" / "mine" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(env / "bin" / "python"), "-m", "ipykernel_launcher", "-f"]
    spec.write_text(
        json.dumps(
            {
                "argv": [*argv, "{connection_file}"],
                "display_name": "Mine",
                "language": "python",
            }
        )
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    image.user_installs("sncosmo", "1.0")

    found = image.look()

    assert found.state == "attention"
    assert "sncosmo" in found.sentence
