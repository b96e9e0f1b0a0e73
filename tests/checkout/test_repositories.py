"""Which repositories are offered, and what is wrong with an entry."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.checkout.repositories import check_ref, load_repositories
from rsp_health.checkout.service import CheckoutService
from rsp_health.errors import BadInputError
from rsp_health.platform.environment import LabEnvironment
from rsp_health.settings import DEFAULT_REPOSITORIES

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"id": "a", "title": "A", "url": "https://example.org/a"}


def load(
    root: Path,
    *entries: Any,
    allowed: tuple[str, ...] = ("https",),
    **variables: str,
) -> Any:
    offer = load_repositories(
        entries,
        root=root,
        data_dir=root / ".rsp-health",
        environment=LabEnvironment(variables=variables),
        allowed_protocols=allowed,
    )
    for refused in offer.refused.values():
        raise refused
    return offer.found


def test_the_defaults(tmp_path: Path) -> None:
    found = load(tmp_path, *DEFAULT_REPOSITORIES)
    assert list(found) == ["system-test", "phalanx-test"]
    one = found["system-test"]
    assert one.relative == "notebooks/rsp-health/system-test"
    assert one.path == tmp_path / "notebooks/rsp-health/system-test"
    assert one.work_area == tmp_path / "notebooks/rsp-health/.rsp-health"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("text", "the entry is not a dictionary"),
        ({"id": None}, "id"),
        ({"id": "Bad Id"}, "id"),
        ({"id": "../x"}, "id"),
        ({"url": ""}, "url"),
        ({"url": None}, "url"),
        ({"url": "git@github.com:x/y"}, "url"),
        ({"url": "ssh://host/x"}, "url"),
        ({"url": "ext::sh -c id"}, "url"),
        ({"url": "--upload-pack=id"}, "url"),
        ({"url": "-oProxyCommand=id"}, "url"),
        ({"url": "http://example.org/a"}, "http"),
        ({"url": "file:///tmp/a"}, "file"),
        ({"url": "/tmp/a"}, "file"),
        ({"url": "https://user:secret@example.org/a"}, "password"),
        ({"url": "https://token@example.org/a"}, "user name"),
        ({"url": "https:///a"}, "host"),
        ({"url": "https://example.org/a\nb"}, "url"),
        ({"url": "https://[::1/a"}, "url"),
        ({"ref": "--upload-pack=id"}, "ref"),
        ({"ref": "a..b"}, "ref"),
        ({"ref": ""}, "ref"),
        ({"ref": "a b"}, "ref"),
        ({"ref": "x.lock"}, "ref"),
        ({"directory": "/etc"}, "directory"),
        ({"directory": "../x"}, "directory"),
        ({"directory": ""}, "directory"),
        ({"directory": "."}, "directory"),
        ({"directory": "a/.git/b"}, "directory"),
        ({"directory": ".rsp-health"}, "directory"),
        ({"directory": "x/.rsp-health/y"}, "directory"),
        ({"directory": "n" * 200}, "directory"),
        ({"directory": "a\nb"}, "directory"),
        ({"branch": "main"}, "branch"),
        ({"subset": "x"}, "subset"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, change: Any, key: str) -> None:
    entry = GOOD | change if isinstance(change, dict) else change
    with pytest.raises(BadInputError) as caught:
        load(tmp_path, GOOD | {"id": "first"}, entry)
    assert caught.value.code == "bad_config"
    assert caught.value.exit_code == 2
    assert "repositories[1]" in caught.value.message
    assert key in caught.value.message
    assert caught.value.hint
    assert "secret" not in caught.value.message
    assert "token" not in caught.value.message


def test_a_folder_that_is_a_link_out_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    # The user's own doing: it costs neither them nor the operator the others.
    found = load(root, GOOD | {"directory": "out/a"}, GOOD | {"id": "b"})
    assert found[GOOD["id"]].path == root / "out/a"
    assert len(found) == 2


def test_a_bundle_by_its_url(tmp_path: Path) -> None:
    bundle = tmp_path / "mirror.bundle"
    bundle.write_bytes(b"# v2 git bundle")
    url = bundle.as_uri()
    found = load_repositories(
        [GOOD | {"url": url}],
        root=tmp_path,
        data_dir=tmp_path / "data",
        environment=LabEnvironment(),
        allowed_protocols=["file"],
    ).found
    assert found[GOOD["id"]].config.url == str(bundle)


def test_two_that_overlap(tmp_path: Path) -> None:
    first = GOOD | {"directory": "x/a"}
    with pytest.raises(BadInputError, match=r"repositories\[1\].*id"):
        load(tmp_path, first, first | {"directory": "x/b"})
    for directory in ("x/a", "x/a/b", "x"):
        with pytest.raises(BadInputError, match="overlaps"):
            load(tmp_path, first, GOOD | {"id": "b", "directory": directory})


def test_a_checkout_cannot_replace_our_records(tmp_path: Path) -> None:
    offer = load_repositories(
        [GOOD | {"directory": "data"}],
        root=tmp_path,
        data_dir=tmp_path / "data/health",
        environment=LabEnvironment(),
        allowed_protocols=["https"],
    )
    assert "own records" in offer.refused["a"].message


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        {"id": ["x"]},
        {"id": "b", "url": "https://example.org/a b"},
        {"id": "b", "url": "/nowhere", "ref": "-x"},
        {"id": "a", "url": "https://example.org/other"},
    ],
)
def test_an_entry_that_is_wrong_spoils_only_itself(
    tmp_path: Path, wrong: Any
) -> None:
    last = GOOD | {"id": "c"}
    service = CheckoutService(
        repositories=[GOOD, wrong, last],
        root=tmp_path,
        data_dir=tmp_path / ".rsp-health",
        environment=LabEnvironment(),
        allowed_protocols=("https", "file"),
    )
    found = service.list()
    assert [item.id for item in found.repositories] == ["a", "c"]
    [problem] = found.problems
    assert problem.startswith("repositories[1]")
    assert service.repository("c").id == "c"
    if isinstance(wrong, dict) and wrong["id"] == "b":
        with pytest.raises(BadInputError, match=r"repositories\[1\] \(b\)"):
            service.repository("b")


def test_a_folder_with_spaces(tmp_path: Path) -> None:
    found = load(
        tmp_path, GOOD | {"url": "/data/my mirror"}, allowed=("file",)
    )
    assert found["a"].config.url == "/data/my mirror"


@pytest.mark.parametrize(
    ("url", "offered"),
    [
        (None, False),
        ("https://base-lsp.lsst.codes", True),
        ("https://BASE-lsp.lsst.codes", True),
        ("https://data.lsst.cloud", False),
    ],
)
def test_environments(tmp_path: Path, url: str | None, offered: bool) -> None:
    variables: dict[str, Any] = {"EXTERNAL_INSTANCE_URL": url} if url else {}
    entry = GOOD | {"environments": ["Base-lsp.lsst.codes"]}
    found = load(tmp_path, entry, **variables)
    assert bool(found) is offered


@pytest.mark.parametrize(
    ("specs", "suggested"),
    [
        ("https://example.org/a@prod", "prod"),
        ("https://example.org/A.git@prod", "prod"),
        ("https://x.org/b@v1,https://example.org/a/@prod", "prod"),
        ("https://example.org/a@main", None),
        ("https://example.org/a", None),
        ("https://example.org/a@--upload-pack=x", None),
        ("https://example.org/other@prod", None),
    ],
)
def test_the_platforms_suggestion(
    tmp_path: Path, specs: str, suggested: str | None
) -> None:
    found = load(tmp_path, GOOD, AUTO_REPO_SPECS=specs)
    assert found["a"].suggested_ref == suggested
    assert found["a"].config.ref == "main"


@pytest.mark.parametrize(
    "ref", ["main", "v1.2.3", "users/x/y_z", "u/a+b", "2026_45", "a" * 40]
)
def test_good_refs(ref: str) -> None:
    assert check_ref(ref) == ref


@given(st.text(max_size=30))
def test_what_passes_is_no_option_and_no_range(ref: str) -> None:
    with contextlib.suppress(BadInputError):
        assert check_ref(ref) == ref
        assert ref[0].isascii()
        assert ref[0].isalnum()
        assert ".." not in ref
        assert not set(ref) & set(" \t\n~^:?*[\\@{")
