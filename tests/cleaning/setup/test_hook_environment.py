"""The small wheel that pre-commit and prek install, without the rest."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
import yaml

from ..notebooks import CLEAN, DIRTY, canonical

ROOT = Path(__file__).parents[3]
BUILD = """
import sys
sys.path.insert(0, ".hooks")
import backend
print(backend.build_wheel(sys.argv[1], {"rsp-health": "hooks"}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and its three dependencies only."""
    folder = tmp_path_factory.mktemp("hooks")
    name = subprocess.run(
        [sys.executable, "-c", BUILD, folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    assert name.endswith("+hooks-py3-none-any.whl")
    packages = folder / "packages"
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(packages)
    for module in (click, yaml):
        source = Path(module.__file__ or "").parent
        (packages / source.name).symlink_to(source)
    return packages


def run(
    packages: Path, *arguments: str, cwd: Path
) -> subprocess.CompletedProcess[str]:
    # Without site: nothing but the standard library and that folder.
    code = (
        f"import sys; sys.path.append({str(packages)!r}); "
        "from rsp_health.cli.main import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *arguments],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_environment_is_small_and_has_every_hook(
    environment: Path, tmp_path: Path
) -> None:
    files = [p for p in (environment / "rsp_health").rglob("*") if p.is_file()]
    assert sum(path.stat().st_size for path in files) < 500_000
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in manifest] == [
        "rsp-health-clean",
        "rsp-health-check",
        "rsp-health-lint",
    ]
    for hook in manifest:
        program, *arguments = hook["entry"].split()
        assert program == "rsp-health"
        result = run(environment, *arguments, "--help", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    # Commands of the whole program are not there, and not listed.
    shown = run(environment, "--help", cwd=tmp_path)
    assert "\n  clean " in shown.stdout
    assert "\n  run " not in shown.stdout
    assert run(environment, "run", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("name", ["-x.ipynb", "--help.ipynb", "--json"])
def test_a_file_is_no_option(
    environment: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(canonical(DIRTY))
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    codes = {}
    for hook in reversed(manifest):
        # As pre-commit and prek call it.
        call = [*hook["entry"].split()[1:], *hook["args"], name]
        result = run(environment, *call, cwd=tmp_path)
        codes[hook["id"]] = result.returncode
        assert "Usage" not in result.stdout + result.stderr
    assert codes == {
        "rsp-health-lint": 0,
        "rsp-health-check": 1,
        "rsp-health-clean": 0,
    }
    assert (tmp_path / name).read_bytes() == canonical(CLEAN)


def test_every_hook_works_in_it(environment: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(canonical(DIRTY))
    result = run(environment, "check", "a.ipynb", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    result = run(environment, "clean", "a.ipynb", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert path.read_bytes() == canonical(CLEAN)
    (tmp_path / "mobu.yaml").write_text("exclude: [a]\n")
    result = run(environment, "lint", "mobu.yaml", cwd=tmp_path)
    assert result.returncode == 1
    assert "mobu-yaml-unknown-key" in result.stdout
    result = run(environment, "lint", "--discover", ".", cwd=tmp_path)
    assert result.returncode == 3
    assert "cannot ask a platform" in result.stderr
    for command in ("clean", "check", "lint"):
        result = run(environment, "--json", command, ".", cwd=tmp_path)
        assert result.stdout.startswith('{\n "schema": "rsp-health.')
