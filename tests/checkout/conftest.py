"""A real upstream, a real home, and the service between them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.service import CheckoutService
from rsp_health.platform.environment import LabEnvironment
from tests.faults.checkout.homes import make_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder in memory where there is room: each checkout syncs its disk.

    On a disk that other tests write to, that would wait for them all.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    if not roomy:
        yield request.getfixturevalue("_disk_path")
        return
    with tempfile.TemporaryDirectory(
        dir=memory,
        prefix="rsp-health-checkout-tests-",
        ignore_cleanup_errors=True,
    ) as name:
        yield Path(name)


@pytest.fixture
def _disk_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkout")


@pytest.fixture(scope="session")
def upstream_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "upstream"
    make_upstream(folder)
    return folder


@pytest.fixture
def upstream(upstream_template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    shutil.copytree(upstream_template, folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def make(
    home: Path, tmp_path: Path, upstream: Path
) -> Callable[..., CheckoutService]:
    """Build a service; keyword arguments change the repository's entry."""

    def build(
        *,
        variables: dict[str, str] | None = None,
        allowed: list[str] | None = None,
        **entry: Any,
    ) -> CheckoutService:
        return CheckoutService(
            repositories=[
                {
                    "id": "system-test",
                    "title": "System test",
                    "url": str(upstream),
                    **entry,
                }
            ],
            root=home,
            data_dir=tmp_path / "data",
            environment=LabEnvironment(variables=variables or {"USER": "u"}),
            allowed_protocols=["file"] if allowed is None else allowed,
        )

    return build


@pytest.fixture
def service(make: Callable[..., CheckoutService]) -> CheckoutService:
    return make()


@pytest.fixture
def tree(service: CheckoutService) -> Path:
    """Check out, and return the folder."""
    service.checkout("system-test", fingerprint=None)
    return service.directory("system-test")
