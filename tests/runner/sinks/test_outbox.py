"""What arrives is what the guide says, field by field, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import BadInputError, UnreadableFileError
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.models import RunEnvironment, RunRepository
from rsp_health.runner.sinks.outbox import Outbox
from rsp_health.runner.sinks.sasquatch import KINDS, schema
from rsp_health.runner.sinks.spool import Spool
from tests.runner.reports.runs import EVERY_END, cell, failed, notebook, run
from tests.support.receivers import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rsp_health.runner.models import RunDocument

TOPICS = "lsst.example"
TOKEN = "gt-" + "a" * 22 + "." + "b" * 22
BEGAN = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def outbox(folder: Path, receiver: Receiver, **more: str) -> Outbox:
    environment = LabEnvironment(
        variables={
            "EXTERNAL_INSTANCE_URL": receiver.url,
            "ACCESS_TOKEN": TOKEN,
            "USER": "rachel",
            "HOME": str(folder),
        }
    )
    dsn = receiver.url.replace("//", "//key@") + "/7"
    settings = {"sasquatch_topics": TOPICS, "sentry_dsn": dsn, **more}
    return Outbox(data_dir=folder, environment=environment, **settings)


def deliver(box: Outbox, limit_s: float = 20.0) -> None:
    asyncio.run(box.deliver(limit_s=limit_s))


def told(**more: Any) -> RunDocument:
    ran = notebook(
        "tap.ipynb",
        started_at=BEGAN,
        cells=[cell(1, id=None), cell(2)],
        duration_s=1.5,
    )
    fields: dict[str, Any] = {
        "started_at": BEGAN,
        "repository": RunRepository(
            url="https://example.com/x.git", ref="main", commit="abc"
        ),
        "environment": RunEnvironment(
            instance="rsp.example", image="reg/x:1", image_description="Week 1"
        ),
    }
    return run(ran, failed("sia.ipynb"), **{**fields, **more})


def test_what_sasquatch_gets(tmp_path: Path, receiver: Receiver) -> None:
    box = outbox(tmp_path, receiver)
    box.put(told())
    deliver(box)
    assert receiver.refused == []
    kinds = {x.rpartition(".")[2] for x in receiver.taken} - {"sentry"}
    assert kinds == set(KINDS)
    first = receiver.taken[f"{TOPICS}.notebook_execution"][0]
    assert len(str(first.pop("id"))) == 36
    end = BEGAN + timedelta(seconds=1.5)
    assert first.pop("timestamp") == end
    assert first == {
        "flock": None,
        "business": "RSPHealth",
        "username": "rachel",
        "notebook": "tap.ipynb",
        "repo": "https://example.com/x.git",
        "repo_ref": "main",
        "repo_hash": "abc",
        "duration": 1.5,
        "success": True,
        "application": "rsp_health",
        "timestamp_ns": int(end.timestamp()) * 10**9 + 5 * 10**8,
    }
    cells = receiver.taken[f"{TOPICS}.notebook_cell_execution"]
    assert [(c["notebook"], c["cell_id"], c["success"]) for c in cells] == [
        ("tap.ipynb", "1", True),
        ("tap.ipynb", "cell-2", True),
        ("sia.ipynb", "cell-1", True),
        ("sia.ipynb", "cell-2", False),
        ("sia.ipynb", "cell-3", False),
    ]
    accepted = {x["Accept"] for x in receiver.headers}
    assert "application/vnd.kafka.v2+json" in accepted
    sent = [x.get("Authorization") for x in receiver.headers]
    assert sent.count(f"Bearer {TOKEN}") == 2  # Sentry gets no token
    assert box.describe().sinks[0].waiting == 0


def test_what_sentry_gets(tmp_path: Path, receiver: Receiver) -> None:
    box = outbox(tmp_path, receiver, sasquatch_topics="")
    box.put(told())
    deliver(box)
    assert list(receiver.taken) == ["sentry"]
    (event,) = receiver.taken["sentry"]
    assert len(event.pop("event_id")) == 32
    assert event.pop("timestamp") > 0
    assert event == {
        "platform": "python",
        "level": "error",
        "environment": "rsp.example",
        "transaction": "RSPHealth - Execute notebook",
        "fingerprint": [
            "",
            "RSPHealth",
            "sia.ipynb",
            "cell-2",
            "DALServiceError",
        ],
        "tags": {
            "business": "RSPHealth",
            "cell": "cell-2",
            "image_description": "Week 1",
            "image_reference": "reg/x:1",
            "notebook": "sia.ipynb",
            "phase": "execute_cell",
        },
        "user": {"username": "rachel"},
        "contexts": {
            "repo_info": {
                "repo_url": "https://example.com/x.git",
                "repo_ref": "main",
                "repo_hash": "abc",
            },
            "notebook_info": {"notebook": "sia.ipynb"},
            "cell_info": {"cell_id": "cell-2", "cell_number": "#2"},
        },
        "exception": {
            "values": [
                {
                    "type": "DALServiceError",
                    "value": "302 to login, request "
                    "5f3c9a1e-0000-4000-8000-000000000001",
                }
            ]
        },
    }


def test_the_schema_is_safir_s() -> None:
    """Against schemas that safir made of mobu's payloads (9.3.0)."""
    path = Path(__file__).with_name("safir_events.json")
    for theirs in json.loads(path.read_text()):
        ours = schema(theirs["name"], theirs["namespace"])
        assert _types(ours) == _types(theirs)
        assert ours["name"] == theirs["name"]


def _types(record: dict[str, Any]) -> dict[str, Any]:
    """Return the fields' types, as Avro compares them: names count."""

    def bare(kind: Any) -> Any:
        if isinstance(kind, list):
            return [bare(one) for one in kind]
        if isinstance(kind, dict):
            logical = kind.get("logicalType")
            known = logical in {"uuid", "timestamp-millis"}
            return (kind["type"], logical) if known else kind["type"]
        return kind

    return {field["name"]: bare(field["type"]) for field in record["fields"]}


def test_nothing_is_sent_unless_a_setting_says_so(
    tmp_path: Path, receiver: Receiver
) -> None:
    box = outbox(tmp_path, receiver, sasquatch_topics="", sentry_dsn="")
    box.put(told())
    deliver(box)
    assert (box.names, box.is_waiting) == ([], False)
    assert receiver.headers == []
    assert not (tmp_path / "sinks").exists() or not list(
        (tmp_path / "sinks").iterdir()
    )


def test_secrets_stay_here(tmp_path: Path, receiver: Receiver) -> None:
    box = outbox(tmp_path, receiver)
    error = failed("x.ipynb").cells[1].error
    assert error is not None
    leaky = error.model_copy(update={"evalue": f"401 for {TOKEN}"})
    box.put(run(failed("x.ipynb", leaky), notebook(f"{TOKEN}.ipynb")))
    for path in (tmp_path / "sinks").rglob("*.json"):
        assert TOKEN not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0 or path.name == "seen.json"
    deliver(box)
    assert TOKEN not in json.dumps(receiver.taken, default=str)


def test_a_failure_is_news_once(tmp_path: Path, receiver: Receiver) -> None:
    box = outbox(tmp_path, receiver, sasquatch_topics="")

    def at(hours: float, *, works: bool = False) -> int:
        when = BEGAN + timedelta(hours=hours)
        one = notebook("a.ipynb") if works else failed("a.ipynb")
        box.put(run(one, started_at=when, run_id=f"r{hours}"))
        deliver(box)
        return len(receiver.taken.get("sentry", []))

    assert [at(0), at(1), at(23)] == [1, 1, 1]
    assert [at(25), at(26)] == [2, 2]
    assert [at(27, works=True), at(28)] == [2, 3]


@pytest.mark.parametrize("mood", ["refusing", "login", "half", "cut", "slow"])
def test_what_is_not_taken_waits(
    tmp_path: Path, receiver: Receiver, mood: str
) -> None:
    box = outbox(tmp_path, receiver, sentry_dsn="")
    box.put(EVERY_END)
    (before,) = box.describe().sinks
    assert before.waiting > 5
    receiver.mood = mood
    deliver(box, limit_s=1.0)
    (after,) = box.describe().sinks
    assert (after.waiting, after.dropped) == (before.waiting, 0)
    assert after.problem
    receiver.mood = "well"
    deliver(box)
    (last,) = box.describe().sinks
    assert (last.waiting, last.problem) == (0, "")
    ids = {str(x["id"]) for topic in receiver.taken.values() for x in topic}
    assert len(ids) == before.waiting


def test_beyond_the_bound_the_oldest_go(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", most_events=450)
    for number in range(6):
        spool.put([{"id": f"{number}-{i}"} for i in range(150)])
    state = spool.state
    assert (state.waiting, state.dropped) == (450, 450)
    (first, *_) = spool.read(spool.batches()[0])
    assert first["id"] == "3-0"


def test_damage_stops_nothing(tmp_path: Path, receiver: Receiver) -> None:
    box = outbox(tmp_path, receiver)
    box.put(told())
    folder = tmp_path / "sinks" / "sasquatch"
    (folder / f"{1:020d}-0000-3.json").write_text("[{")
    (folder / f"{2:020d}-0000-1.json").write_text('[{"kind": "cell"}, 7]')
    (folder / f"{3:020d}-0000-2.json").write_text('{"a": 1}')
    kind = {"kind": "notebook_execution"}
    (folder / f"{4:020d}-0000-4.json").write_text(json.dumps([kind] * 4))
    (folder / "notes.json").write_text("[]")
    (tmp_path / "sinks" / "sentry" / "seen.json").write_text('{"x": 1}')
    box.put(told(run_id="another"))
    deliver(box)
    assert [sink.waiting for sink in box.describe().sinks] == [0, 0]
    sasquatch, sentry = box.describe().sinks
    assert (sasquatch.damaged, sentry.damaged) == (10, 0)
    (notice,) = box.notices()
    assert "Lost in damaged files: 10 events." in notice


def test_what_cannot_be_read_now_stays(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails for a moment costs nothing."""
    box = outbox(tmp_path, receiver, sentry_dsn="")
    box.put(told())
    (before,) = box.describe().sinks

    def fail(path: Path) -> None:
        name = path.name
        raise UnreadableFileError(name, "input/output error", hint="", errno=5)

    with monkeypatch.context() as patch:
        patch.setattr("rsp_health.runner.sinks.spool.load_json", fail)
        deliver(box)
    (after,) = box.describe().sinks
    assert (after.waiting, after.damaged) == (before.waiting, 0)
    assert "input/output error" in after.problem
    deliver(box)
    assert box.describe().sinks[0].waiting == 0


def test_a_wrong_setting_of_one_sink_stops_no_other(
    tmp_path: Path, receiver: Receiver
) -> None:
    box = outbox(tmp_path, receiver, sentry_dsn="nonsense")
    box.put(told())
    with pytest.raises(BadInputError, match="sentry_dsn"):
        deliver(box)
    assert f"{TOPICS}.notebook_execution" in receiver.taken
    sasquatch, sentry = box.describe().sinks
    assert (sasquatch.waiting, sasquatch.problem) == (0, "")
    assert sentry.waiting == 1
    (notice,) = box.notices()
    assert notice == (
        "1 event waits for sentry: The setting sentry_dsn is not a DSN. "
        "Copy it from the project's settings in Sentry."
    )
    right = outbox(tmp_path, receiver)
    deliver(right)
    assert right.notices() == []


def test_a_wrong_setting_is_told_with_nothing_to_send(
    tmp_path: Path, receiver: Receiver
) -> None:
    box = outbox(tmp_path, receiver, sentry_dsn="nonsense")
    with pytest.raises(BadInputError, match="sentry_dsn"):
        deliver(box)
    (notice,) = box.notices()
    assert notice.startswith("Nothing waits for sentry, but nothing can be")
    assert box.is_waiting  # for a look whether it is right now


def test_a_fault_of_ours_stops_no_other_sink(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = outbox(tmp_path, receiver)
    box.put(told())

    async def fail(*_: object) -> None:
        raise AttributeError("x")

    target = "rsp_health.runner.sinks.sasquatch.SasquatchSink.send"
    monkeypatch.setattr(target, fail)
    deliver(box)
    assert list(receiver.taken) == ["sentry"]
    sasquatch, _ = box.describe().sinks
    assert sasquatch.waiting
    assert sasquatch.problem == "rsp-health has a bug: AttributeError"


def test_what_one_request_is_refused_for_holds_up_no_other(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = outbox(tmp_path, receiver, sentry_dsn="")
    box.put(told())
    box.put(told(run_id="another"))
    answers = iter([(422, {"error_code": 422})])
    take = receiver.take
    monkeypatch.setattr(
        receiver, "take", lambda *args: next(answers, None) or take(*args)
    )
    (before,) = box.describe().sinks
    deliver(box)
    (after,) = box.describe().sinks
    assert after.waiting == before.waiting / 2
    assert after.problem == "Sasquatch answered HTTP 422"


def test_sentry_is_told_each_failure_once(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it breaks off after some of a run."""
    box = outbox(tmp_path, receiver, sasquatch_topics="")
    box.put(run(*(failed(f"{name}.ipynb") for name in "abcd")))
    asked: list[str] = []
    take = receiver.take

    def moody(*args: Any) -> Any:
        asked.append("")
        return (503, {}) if len(asked) == 3 else take(*args)

    monkeypatch.setattr(receiver, "take", moody)
    deliver(box)
    assert box.describe().sinks[0].waiting == 2
    deliver(box)
    assert box.describe().sinks[0].waiting == 0
    found = [x["event_id"] for x in receiver.taken["sentry"]]
    assert (len(found), len(set(found))) == (4, 4)


def test_what_was_not_kept_is_news_still(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = outbox(tmp_path, receiver, sasquatch_topics="")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "put", full)
        with pytest.raises(OSError, match="space"):
            box.put(run(failed("a.ipynb")))
    box.put(run(failed("a.ipynb"), run_id="next"))
    assert box.describe().sinks[0].waiting == 1
