"""``rsp-health run --plan``: what would be run, what not, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from rsp_health.cli.main import cli
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository of three notebooks, one left out by a rule."""
    folder = tmp_path / "nb"
    (folder / "x").mkdir(parents=True)
    (folder / "a.ipynb").write_bytes(notebook("1", "2"))
    content = json.loads(notebook("1"))
    content["metadata"]["mobu"] = {"required_applications": ["tap"]}
    (folder / "t.ipynb").write_text(json.dumps(content))
    content["metadata"]["mobu"] = {"required_services": ["tap"]}
    (folder / "old.ipynb").write_text(json.dumps(content))
    (folder / "bad.ipynb").write_text("{")
    (folder / "x" / "b.ipynb").write_bytes(notebook("1/0"))
    (folder / "mobu.yaml").write_text(
        "collection_rules:\n"
        "  - type: exclude_union_of\n    patterns: [x/**]\n"
        "  - type: exclude\n    patterns: [a]\n"
    )
    return folder


def plan(folder: Path, *words: str) -> Result:
    data = str(folder.parent / "data")
    return CliRunner().invoke(
        cli,
        ["run", str(folder), "--plan", *words, "--data-dir", data],
        env={"HOME": str(folder.parent)},
    )


def planned(folder: Path, *words: str) -> dict[str, Any]:
    done = plan(folder, *words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_plan_as_json(folder: Path) -> None:
    document = planned(folder, "--applications", "sia")
    assert document["schema"] == "rsp-health.plan/1"
    assert document["folder"] == str(folder)
    assert document["problems"] == [
        (
            "mobu.yaml, line 4: the rule type 'exclude' is not one of "
            "intersect_union_of, exclude_union_of."
        ),
        (
            "old.ipynb: required_services is not used, as mobu does not use "
            "it any more: it is called required_applications now."
        ),
    ]
    assert {
        x["path"]: (x["selected"], x["reason"]) for x in document["notebooks"]
    } == {
        "a.ipynb": (True, None),
        "bad.ipynb": (True, None),
        "old.ipynb": (True, None),
        "t.ipynb": (False, "tap is not deployed here."),
        "x/b.ipynb": (
            False,
            "Excluded by mobu.yaml rule 1: exclude_union_of ['x/**'].",
        ),
    }
    by_path = {x["path"]: x for x in document["notebooks"]}
    assert by_path["a.ipynb"]["code_cells"] == 2
    assert by_path["t.ipynb"]["required_applications"] == ["tap"]
    assert by_path["bad.ipynb"]["problem"].startswith("It is not JSON")


def test_the_plan_in_words(folder: Path) -> None:
    done = plan(folder, "--applications", "sia")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert "  run      a.ipynb  2 code cells" in lines
    assert "  run      bad.ipynb  It is not JSON (line 1)." in lines
    assert (
        "  not run  x/b.ipynb  Excluded by mobu.yaml rule 1: "
        "exclude_union_of ['x/**']."
    ) in lines
    assert lines[-1] == "3 notebooks would be run, 2 would not."
    assert any(line.startswith("Note: mobu.yaml, line 4: ") for line in lines)


def test_a_plan_runs_and_writes_nothing(folder: Path) -> None:
    plan(folder)
    assert not (folder.parent / "data").exists()


def test_a_plan_takes_the_options_of_a_run(folder: Path) -> None:
    everything = planned(folder, "--all")
    assert all(x["selected"] for x in everything["notebooks"])
    named = planned(folder / "x" / "b.ipynb")
    assert [x["selected"] for x in named["notebooks"]] == [True]


def test_a_plan_of_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = plan(empty)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "Nothing would be run."


@pytest.mark.parametrize(
    "place",
    ["x/data", ".", "x", "deep/er/data"],
)
def test_executed_copies_are_not_run(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "nb"
    data = folder / place
    copies = data / "runs" / "20260101T000000Z-0000" / "executed"
    copies.mkdir(parents=True)
    (copies / "a.ipynb").write_bytes(notebook("1"))
    (folder / "a.ipynb").write_bytes(notebook("1"))
    (folder / "rsp-health-runs" / "r").mkdir(parents=True)
    (folder / "rsp-health-runs" / "r" / "a.ipynb").write_bytes(notebook("1"))
    words = ["run", str(folder), "--plan", "--json", "--root", str(folder)]
    words += ["--data-dir", str(data)]
    done = CliRunner().invoke(cli, words)
    document = json.loads(done.stdout)
    assert [x["path"] for x in document["notebooks"]] == ["a.ipynb"]
    # What is left out is told.
    told = f"{folder}/rsp-health-runs was not searched: executed"
    assert told in str(document["problems"])
    # One that is named is run.
    words[1] = str(copies / "a.ipynb")
    done = CliRunner().invoke(cli, words)
    paths = [x["path"] for x in json.loads(done.stdout)["notebooks"]]
    assert paths == ["a.ipynb"]


def test_a_mobu_yaml_below_the_top_has_no_effect_and_is_told(
    folder: Path,
) -> None:
    (folder / ".git").mkdir()
    (folder / "x" / "mobu.yaml").write_text("exclude_dirs: [.]\n")
    document = planned(folder / "x", "--all")
    assert document["problems"][-1] == (
        f"{folder}/x/mobu.yaml is not used: mobu reads the one at the "
        "repository's top only."
    )


def test_what_a_run_must_be_asked_for(folder: Path) -> None:
    content = json.loads(notebook("1"))
    content["metadata"]["rsp_health"] = {"effects": "hardware"}
    (folder / "t.ipynb").write_text(json.dumps(content))
    told = plan(folder)
    assert "  not run  t.ipynb  It sends commands to hardware" in told.stdout
    assert told.stderr == (
        "1 notebook does more than this run may: left out. To run it, add "
        "--effects hardware.\n"
    )
    entry = planned(folder, "--effects", "hardware")["notebooks"][-2]
    assert (entry["path"], entry["effects"]) == ("t.ipynb", "hardware")
    assert entry["selected"]
    assert plan(folder, "--effects", "hardware").stderr == ""


def test_a_site_that_only_looks(folder: Path) -> None:
    content = json.loads(notebook("1"))
    content["metadata"]["rsp_health"] = {"effects": "writes"}
    (folder / "t.ipynb").write_text(json.dumps(content))
    site = folder.parent / "site.py"
    site.write_text("c.HealthApp.run_effects = 'passive'\n")
    where = ("--config", str(site))
    assert "  run      t.ipynb" in plan(folder).stdout
    assert "  not run  t.ipynb  It writes" in plan(folder, *where).stdout
    asked = plan(folder, *where, "--effects", "writes")
    assert "  run      t.ipynb" in asked.stdout
