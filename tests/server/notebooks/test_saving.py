"""Strip on save, through the contents API of a real server."""

from __future__ import annotations

import copy
import errno
import json
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.contents.largefilemanager import (
    AsyncLargeFileManager,
    LargeFileManager,
)
from jupyter_server.services.contents.manager import ContentsManager
from tornado.httpclient import HTTPClientError

import rsp_health.files
from rsp_health.errors import BadInputError
from rsp_health.files import reading, remembered
from rsp_health.server.notebooks.saving import StripOnSave
from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp
    from traitlets.config import Config

    type Call = Callable[..., Awaitable[tuple[int, Any]]]
    type Save = Callable[..., Awaitable[dict[str, Any]]]

HTML = {
    "output_type": "display_data",
    "data": {"text/html": "<b>x</b>"},
    "metadata": {},
}


def notebook(**fields: Any) -> dict[str, Any]:
    """What a browser sends of a notebook that was executed."""
    code = {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {"trusted": True, "execution": {}},
        "outputs": [HTML],
        "source": "show()",
    }
    kept = {**code, "metadata": {"trusted": True, "tags": ["keep_output"]}}
    return {
        "cells": [{**code, "id": "a"}, {**kept, "id": "b"}],
        "metadata": {"language_info": {"name": "python", "version": "3.13"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        **fields,
    }


@pytest.fixture
def save(jp_fetch: Callable[..., Awaitable[Any]]) -> Save:
    """Return a function that saves a notebook as Lab does."""

    async def save(path: str, content: Any, **model: Any) -> dict[str, Any]:
        body = {"type": "notebook", "format": "json", "content": content}
        response = await jp_fetch(
            "api",
            "contents",
            *path.split("/"),
            method="PUT",
            body=json.dumps({**body, **model}),
        )
        found: dict[str, Any] = json.loads(response.body)
        return found

    return save


@pytest.fixture
def chosen(jp_root_dir: Path) -> Path:
    folder = jp_root_dir / "clean me"
    (folder / "sub").mkdir(parents=True)
    return folder


async def choose(call: Call, *folders: str) -> Any:
    status, answer = await call(
        "POST", "clean/on-save", {"folders": list(folders)}
    )
    assert status == 200
    return answer


def outputs(path: Path) -> list[int]:
    cells = json.loads(path.read_text())["cells"]
    return [len(cell["outputs"]) for cell in cells]


async def test_only_chosen_folders_are_stripped(
    call: Call, save: Save, jp_root_dir: Path, chosen: Path
) -> None:
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [1, 1]

    answer = await choose(call, "/clean me/", "nowhere")
    assert answer == {
        "folders": ["clean me", "nowhere"],
        "missing": ["nowhere"],
        "supported": True,
    }
    assert (await call("GET", "clean/on-save"))[1] == answer
    for path in ("clean me/a.ipynb", "clean me/sub/b.ipynb", "c.ipynb"):
        await save(path, notebook())
    assert outputs(chosen / "a.ipynb") == [0, 1]
    assert outputs(chosen / "sub" / "b.ipynb") == [0, 1]
    assert outputs(jp_root_dir / "c.ipynb") == [1, 1]

    await choose(call)
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [1, 1]


async def test_the_root_can_be_chosen(
    call: Call, save: Save, jp_root_dir: Path
) -> None:
    assert (await choose(call, "/"))["folders"] == ["/"]
    await save("c.ipynb", notebook())
    assert outputs(jp_root_dir / "c.ipynb") == [0, 1]


async def test_a_link_into_a_chosen_folder(
    call: Call, save: Save, jp_root_dir: Path, chosen: Path
) -> None:
    (chosen / "a.ipynb").write_text(json.dumps(notebook()))
    (jp_root_dir / "link.ipynb").symlink_to(chosen / "a.ipynb")
    await choose(call, "clean me")
    await save("link.ipynb", notebook())
    assert (jp_root_dir / "link.ipynb").is_symlink()
    assert outputs(chosen / "a.ipynb") == [0, 1]


async def test_a_link_out_has_the_policy_of_where_the_file_lies(
    call: Call, save: Save, jp_root_dir: Path, chosen: Path
) -> None:
    (chosen / ".git").mkdir()
    (chosen / ".rsp-health.toml").write_text(
        "[clean]\nkeep-output-max-bytes = 0\n"
    )
    (chosen / "a.ipynb").write_text(json.dumps(notebook()))
    (jp_root_dir / "links").mkdir()
    (jp_root_dir / "links/a.ipynb").symlink_to(chosen / "a.ipynb")
    await choose(call, "links")
    await save("links/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [0, 0]


async def test_the_second_name_of_a_file_stays_one(
    call: Call, save: Save, jp_root_dir: Path, chosen: Path
) -> None:
    (chosen / "a.ipynb").write_text(json.dumps(notebook()))
    (jp_root_dir / "b.ipynb").hardlink_to(chosen / "a.ipynb")
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook())
    assert outputs(jp_root_dir / "b.ipynb") == [0, 1]
    assert (jp_root_dir / "b.ipynb").stat().st_nlink == 2


async def test_what_is_written_is_exactly_the_rest(
    call: Call, save: Save, chosen: Path
) -> None:
    await save("clean me/a.ipynb", notebook())
    whole = json.loads((chosen / "a.ipynb").read_text())
    (chosen / "a.ipynb").chmod(0o640)
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook())
    expected = copy.deepcopy(whole)
    for cell in expected["cells"]:
        cell["execution_count"] = None
        cell["metadata"].pop("execution", None)
    expected["cells"][0]["outputs"] = []
    assert json.loads((chosen / "a.ipynb").read_text()) == expected
    assert stat.S_IMODE((chosen / "a.ipynb").stat().st_mode) == 0o640
    assert [p.name for p in chosen.iterdir() if p.suffix == ".tmp"] == []


async def test_the_answer_is_of_the_file_as_it_is_now(
    call: Call,
    save: Save,
    jp_fetch: Callable[..., Awaitable[Any]],
    chosen: Path,
) -> None:
    await choose(call, "clean me")
    answer = await save("clean me/a.ipynb", notebook())
    response = await jp_fetch(
        "api", "contents", "clean me", "a.ipynb", params={"content": "0"}
    )
    now = json.loads(response.body)
    # Lab compares these before the next save.
    assert answer["last_modified"] == now["last_modified"]
    assert answer["size"] == (chosen / "a.ipynb").stat().st_size


async def test_outputs_that_stay_are_still_trusted(
    call: Call,
    save: Save,
    jp_fetch: Callable[..., Awaitable[Any]],
    chosen: Path,
) -> None:
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [0, 1]
    response = await jp_fetch("api", "contents", "clean me", "a.ipynb")
    cells = json.loads(response.body)["content"]["cells"]
    assert [cell["metadata"]["trusted"] for cell in cells] == [True, True]


async def test_the_choice_outlives_the_server(
    call: Call, features: Any, chosen: Path, tmp_path: Path
) -> None:
    await choose(call, "clean me")
    store = tmp_path / "rsp-health" / "cleaning" / "on-save.json"
    assert json.loads(store.read_text()) == {"folders": ["clean me"]}
    store.write_text('{"folders": []}')
    # Another lab on the same home has chosen.
    assert (await call("GET", "clean/on-save"))[1]["folders"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"folders": ["../other"]}, "outside_root"),
        ({"folders": ["a\0b"]}, "outside_root"),
        ({"folders": [""]}, "invalid_request"),
        ({"folders": ["x" * 1001]}, "invalid_request"),
        ({"folders": ["x"] * 101}, "invalid_request"),
        ({}, "invalid_request"),
    ],
)
async def test_refusals(call: Call, body: Any, code: str) -> None:
    status, answer = await call("POST", "clean/on-save", body)
    assert (status, answer["error"]) == (422, code)
    assert (await call("GET", "clean/on-save"))[1]["folders"] == []


async def test_nothing_keeps_a_user_from_saving(
    call: Call,
    save: Save,
    jp_serverapp: ServerApp,
    chosen: Path,
    tmp_path: Path,
) -> None:
    await choose(call, "clean me")
    events = EventRecorder(jp_serverapp.event_logger)
    (chosen / ".git").mkdir()
    settings = chosen / ".rsp-health.toml"
    settings.write_text("[clean]\nkeep = 1\n")
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [1, 1]
    settings.unlink()

    store = tmp_path / "rsp-health" / "cleaning" / "on-save.json"
    store.write_text("{")
    await save("clean me/b.ipynb", notebook())
    assert outputs(chosen / "b.ipynb") == [1, 1]
    # What perhaps concerns nobody is told once, not at each save.
    await save("c.ipynb", notebook())
    store.write_text('{"folders": ["clean me"]}')
    settings.write_text("[clean]\nkeep = 1\n")
    await save("clean me/d.ipynb", notebook())

    await events.until("cleaning", lambda event: "d.ipynb" in event["path"])
    found = events.of("cleaning")
    assert [(event["path"], event["code"]) for event in found] == [
        ("clean me/a.ipynb", "bad_settings"),
        ("clean me/b.ipynb", "bad_choice"),
        ("clean me/d.ipynb", "bad_settings"),
    ]
    assert "unknown key 'keep'" in found[0]["message"]


async def test_an_invalid_notebook_is_saved_as_it_is(
    call: Call, save: Save, chosen: Path
) -> None:
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook(cells=[]))
    invalid = notebook()
    invalid["cells"][0]["outputs"] = [{"output_type": "nothing"}]
    invalid["cells"][1]["metadata"] = {"tags": "keep_output"}
    answer = await save("clean me/a.ipynb", invalid)
    assert outputs(chosen / "a.ipynb") == [0, 0]
    assert answer["type"] == "notebook"


async def test_settings_are_not_read_again_for_each_save(
    call: Call, save: Save, chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "_SETTLED_NS", -(10**18))
    (chosen / ".git").mkdir()
    (chosen / ".rsp-health.toml").write_text("[clean]\n")
    await choose(call, "clean me")
    read = []
    safe_open = reading.safe_open

    def spy(path: Path, **options: Any) -> int:
        read.append(path.name)
        return safe_open(path, **options)

    monkeypatch.setattr(reading, "safe_open", spy)
    for name in ("a", "b", "a"):
        await save(f"clean me/{name}.ipynb", notebook())
        assert outputs(chosen / f"{name}.ipynb") == [0, 1]
    assert read == [".rsp-health.toml"]

    (chosen / ".rsp-health.toml").write_text(
        "[clean]\nkeep-output-max-bytes = 0\n"
    )
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [0, 0]


async def test_no_list_of_folders_keeps_a_save_waiting(
    call: Call, jp_serverapp: ServerApp, tmp_path: Path
) -> None:
    await choose(call, "clean me")
    store = tmp_path / "rsp-health" / "cleaning" / "on-save.json"
    store.write_text(json.dumps({"folders": [str(n) for n in range(101)]}))
    status, answer = await call("GET", "clean/on-save")
    assert (status, answer["error"]) == (422, "bad_choice")
    # Each name is well; the list could not be read again.
    saving = StripOnSave(
        contents=jp_serverapp.contents_manager,
        store=store,
        publish=lambda _: None,
        log=logging.getLogger(),
    )
    before = store.read_bytes()
    with pytest.raises(BadInputError, match="too long"):
        saving.choose([f"{number}/{'é' * 120}" for number in range(100)])
    assert store.read_bytes() == before
    assert (await choose(call, "clean me"))["folders"] == ["clean me"]


async def test_our_own_faults_do_not_keep_a_user_from_saving(
    call: Call,
    save: Save,
    jp_serverapp: ServerApp,
    chosen: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("secret")

    await choose(call, "clean me")
    monkeypatch.setattr(
        "rsp_health.cleaning.splice.content.strip_content", fault
    )
    events = EventRecorder(jp_serverapp.event_logger)
    await save("clean me/a.ipynb", notebook())
    assert outputs(chosen / "a.ipynb") == [1, 1]
    event = await events.until(
        "cleaning", lambda event: event["code"] == "internal"
    )
    assert "secret" not in event["message"]


async def test_a_full_disk_leaves_the_old_file(
    call: Call, save: Save, chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook())
    before = (chosen / "a.ipynb").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(rsp_health.files, "write_atomic", full)
    with pytest.raises(HTTPClientError) as caught:
        await save("clean me/a.ipynb", notebook(cells=[]))
    assert caught.value.code == 500
    assert (chosen / "a.ipynb").read_bytes() == before


async def test_a_read_only_file_is_refused_as_by_jupyter(
    call: Call, save: Save, chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(call, "clean me")
    await save("clean me/a.ipynb", notebook())
    before = (chosen / "a.ipynb").read_bytes()
    access = os.access

    def read_only(path: Any, mode: int) -> bool:
        # For root every file is writable.
        return access(path, mode) and not (
            mode == os.W_OK and str(path).endswith("a.ipynb")
        )

    monkeypatch.setattr(os, "access", read_only)
    with pytest.raises(HTTPClientError) as caught:
        await save("clean me/a.ipynb", notebook(cells=[]))
    assert caught.value.code == 403
    assert (chosen / "a.ipynb").read_bytes() == before


async def test_other_files_are_jupyters_own(
    call: Call, save: Save, chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(call, "clean me")

    def never(*_: object, **__: object) -> None:
        pytest.fail("that was not ours to write")

    monkeypatch.setattr(rsp_health.files, "write_atomic", never)
    text = json.dumps(notebook())
    for name in ("a.txt", "a.ipynb"):
        await save(f"clean me/{name}", text, type="file", format="text")
        assert (chosen / name).read_text() == text
    assert outputs(chosen / "a.ipynb") == [1, 1]


def test_notebooks_that_are_no_files_are_left_alone(tmp_path: Path) -> None:
    contents = ContentsManager(root_dir=str(tmp_path))
    saving = StripOnSave(
        contents=contents,
        store=tmp_path / "on-save.json",
        publish=lambda data: pytest.fail(str(data)),
        log=logging.getLogger(__name__),
    )
    saving.attach()
    assert not saving.choose(["a"]).supported
    model = {"type": "notebook", "content": notebook()}
    contents.run_pre_save_hooks(model=model, path="a/b.ipynb")
    assert model["content"] == notebook()


class ManagerOfAnOperator(LargeFileManager):
    """Has a hook and a way of writing of its own."""

    seen: list[str] = []  # noqa: RUF012 - read by the test

    def _save_notebook(self, os_path: str, nb: Any, **kwargs: Any) -> None:  # type: ignore[override] # as its own contents manager says
        self.seen.append(f"write {Path(os_path).name}")
        super()._save_notebook(os_path, nb, **kwargs)


def hook(path: str, model: dict[str, Any], **_: Any) -> None:
    """Mark what it saw."""
    ManagerOfAnOperator.seen.append(f"hook {path}")
    model["content"]["metadata"]["hooked"] = True


# An operator's server may have a deprecated class, and Jupyter sets a hook
# twice when it is configured.
@pytest.mark.filterwarnings(
    "ignore:The synchronous ContentsManager",
    "ignore:Overriding existing pre_save_hook",
)
class TestOtherManagers:
    """Whatever class and hook the operator has chosen."""

    @pytest.fixture(
        params=[
            AsyncLargeFileManager,
            FileContentsManager,
            ManagerOfAnOperator,
        ]
    )
    def jp_server_config(
        self, jp_server_config: Config, request: pytest.FixtureRequest
    ) -> Config:
        config = copy.deepcopy(jp_server_config)
        config.ServerApp.contents_manager_class = request.param
        config.ContentsManager.pre_save_hook = hook
        return config

    async def test_class_and_hook_stay(
        self,
        call: Call,
        save: Save,
        jp_serverapp: ServerApp,
        chosen: Path,
    ) -> None:
        await choose(call, "clean me")
        manager = jp_serverapp.contents_manager
        ManagerOfAnOperator.seen.clear()
        await save("clean me/a.ipynb", notebook())
        assert outputs(chosen / "a.ipynb") == [0, 1]
        found = json.loads((chosen / "a.ipynb").read_text())
        assert found["metadata"]["hooked"] is True
        expected = ["hook clean me/a.ipynb"]
        if isinstance(manager, ManagerOfAnOperator):
            expected.append("write a.ipynb")
        assert ManagerOfAnOperator.seen == expected
