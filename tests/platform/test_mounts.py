"""Where the token is read: in the order of lsst.rsp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.platform import environment
from rsp_health.platform.environment import LabEnvironment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Mount a token where Nublado does, and another where a variable says."""
    for name in ("nublado", "configured"):
        (tmp_path / name / "secrets").mkdir(parents=True)
        (tmp_path / name / "secrets" / "token").write_text(f"gt-{name}")
    monkeypatch.setattr(environment, "_MOUNTS", (tmp_path / "nublado",))
    monkeypatch.setenv(
        "NUBLADO_RUNTIME_MOUNTS_DIR", str(tmp_path / "configured")
    )
    return tmp_path


@pytest.mark.usefixtures("mounts")
def test_the_usual_place_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.org")

    assert LabEnvironment.from_process().read_token() == "gt-nublado"


def test_the_configured_place_is_next(
    mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.org")
    (mounts / "nublado" / "secrets" / "token").unlink()

    assert LabEnvironment.from_process().read_token() == "gt-configured"


@pytest.mark.usefixtures("mounts")
def test_a_stand_in_never_gets_the_real_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sandbox is also started in real labs, where both are mounted."""
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "http://127.0.0.1:8123")

    assert LabEnvironment.from_process().read_token() == "gt-configured"


def test_a_mount_that_cannot_be_read_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the checkout's faults found it: a stat that fails with EIO."""
    monkeypatch.setenv("NUBLADO_RUNTIME_MOUNTS_DIR", "/" + 300 * "x")
    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("NUBLADO_TOKEN", raising=False)

    assert not LabEnvironment.from_process().read_token()
