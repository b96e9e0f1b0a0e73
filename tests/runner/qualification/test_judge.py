"""The verdict on an environment."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import EnvironmentFailureError, NotFoundError
from rsp_health.runner.comparison.compare import compare
from rsp_health.runner.comparison.sample import sample_of
from rsp_health.runner.models import NotebookResult, RunEnvironment
from rsp_health.runner.qualification.baseline import find_baseline
from rsp_health.runner.qualification.judge import is_noisy, judge
from rsp_health.runner.qualification.page import render
from rsp_health.runner.qualification.qualify import qualify, run_checks
from rsp_health.runner.qualification.versions import changes, keep_packages
from rsp_health.runner.record.history import History
from tests.runner.timings.runs import book, keep, make_run

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

OLD, NEW = "r/lab:w_2026_44", "r/lab:w_2026_45"


def _run(
    number: int, image: str | None, *notebooks: NotebookResult, words: str = ""
) -> RunDocument:
    place = RunEnvironment(
        kernel="python3", image=image, image_description=words or None
    )
    run = make_run(number, *notebooks, environment=place)
    run.totals.passed = sum(x.state == "passed" for x in notebooks)
    return run


def _side(
    image: str, first: int, *notebooks: NotebookResult
) -> list[RunDocument]:
    return [_run(first + n, image, *notebooks) for n in range(4)]


@pytest.mark.parametrize(
    ("after", "verdict", "words"),
    [
        (book(1.0, 1.0), "fit", "1 notebook is as on the baseline"),
        (book(0.4, 1.0), "fit", "as on the baseline."),
        (book(2.1, 1.0), "not_fit", "1 slower"),
        (book(1.0, 1.0, state="failed"), "not_fit", "1 newly failing"),
        (book(1.0, 1.0, source="b"), "not_judged", "1 of 1"),
        (book(1.0, path="other.ipynb"), "not_judged", "no notebook ran"),
    ],
)
def test_the_verdict(after: NotebookResult, verdict: str, words: str) -> None:
    found = judge(
        compare(
            sample_of(_side(OLD, 0, book(1.0, 1.0))),
            sample_of(_side(NEW, 10, after)),
        )
    )
    assert found[0] == verdict
    assert words in found[1]


def test_noise_asks_for_more_runs() -> None:
    before = sample_of(_side(OLD, 0, book(1.0)))
    quiet = [_run(n, NEW, book(1.0 + 0.01 * n)) for n in range(3)]
    noisy = [_run(n, NEW, book(x)) for n, x in enumerate((1.0, 1.5, 2.2))]
    assert not is_noisy(before, sample_of(quiet))
    assert is_noisy(before, sample_of(noisy))


@pytest.mark.parametrize(
    ("times", "repeat", "runs"),
    [((1.0, 1.0), None, 3), ((1.0, 2.0), None, 8), ((1.0, 2.0), 2, 2)],
)
def test_as_many_runs_as_the_noise_asks(
    tmp_path: Path, times: tuple[float, ...], repeat: int | None, runs: int
) -> None:
    made: list[RunDocument] = []

    def run() -> RunDocument:
        number = len(made)
        made.append(_run(50 + number, NEW, book(times[number % 2])))
        return made[-1]

    baseline = _side(OLD, 0, book(1.0))
    for one in baseline:
        keep(tmp_path, one, record=True)
    found = run_checks(
        run, repeat=repeat, baseline=baseline, history=History(tmp_path)
    )
    assert len(found) == len(made) == runs


def test_a_stopped_run_is_the_last() -> None:
    stopped = _run(1, NEW, book(1.0, state="stopped"))
    assert len(run_checks(lambda: stopped, repeat=5)) == 1


def _kept(data: Path) -> list[str]:
    runs = [
        _run(1, OLD, book(1.0)),
        _run(2, "r/lab:recommended", book(1.0)),
        _run(3, OLD, book(1.0), words="Recommended (Weekly 2026_44)"),
        _run(4, OLD, book(1.0)),
        _run(5, OLD, book(1.0, state="failed")),
        _run(6, None, book(1.0)),
        _run(7, NEW, book(1.0)),
    ]
    for run in runs:
        keep(data, run, record=True)
    return [run.run_id for run in runs]


@pytest.mark.parametrize(
    ("against", "image", "wanted"),
    [
        (None, NEW, [1, 3, 4]),
        (None, OLD, [7]),
        ("recommended", NEW, [1, 3]),
        ("recommended", OLD, [2]),
        (6, NEW, [6]),
    ],
)
def test_the_baseline(
    tmp_path: Path, against: str | int | None, image: str, wanted: list[int]
) -> None:
    runs = _kept(tmp_path)
    if isinstance(against, int):
        against = runs[against - 1]
    found = find_baseline(History(tmp_path), against, image=image)
    assert [runs.index(one.run_id) + 1 for one in found] == wanted


def test_no_baseline_is_said_before_anything_is_run(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailureError, match="no run on another"):
        _ = find_baseline(History(tmp_path), None, image=NEW)
    with pytest.raises(EnvironmentFailureError, match="the recommended"):
        _ = find_baseline(History(tmp_path), "recommended", image=NEW)
    with pytest.raises(NotFoundError):
        _ = find_baseline(History(tmp_path), "nothing", image=NEW)


def test_versions_that_changed() -> None:
    found = changes({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2"})
    assert [(x.package, x.before, x.after) for x in found] == [
        ("b", "1", "2"),
        ("c", "1", None),
    ]


def test_the_page_names_what_changed_and_what_is_not_known(
    tmp_path: Path,
) -> None:
    sides = [
        _side(OLD, 0, book(1.0, 1.0)),
        _side(NEW, 10, book(2.0, 1.0)),
    ]
    for run in [*sides[0], *sides[1]]:
        keep(tmp_path, run, record=True)
    history = History(tmp_path)
    found = qualify(sides[0], sides[1], history)
    assert found.versions_problem is not None
    assert "baseline" in found.versions_problem
    for side, version in zip(sides, ("1.0", "2.0"), strict=True):
        folder = history.folder(side[-1].run_id)
        keep_packages(folder, {"<b>astropy": version})
    found = qualify(sides[0], sides[1], history)
    page = render(found).decode()
    assert "Not fit: 1 slower" in page
    assert "&lt;b&gt;astropy" in page
    assert found.versions_problem is None
    assert json.loads(found.model_dump_json())["verdict"] == "not_fit"


def test_the_packages_of_a_kernel_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from rsp_health.runner.qualification.versions import packages_of

    launcher = tmp_path / "launch.sh"
    launcher.write_text('#!/bin/sh\necho hello\nexec "$@"\n')
    launcher.chmod(0o755)
    specs = tmp_path / "kernels"
    for name, argv in {
        "stack": [str(launcher), sys.executable, "-m", "ipykernel", "-f", "x"],
        "r": ["R", "--slave"],
    }.items():
        (specs / name).mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "x"}
        (specs / name / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = packages_of({"stack"}, os.environ, tmp_path)
    assert found is not None
    assert found["python"] == sys.version.split()[0]
    assert "pydantic" in found
    assert packages_of({"r"}, os.environ, tmp_path) is None
    assert packages_of({"none"}, os.environ, tmp_path) is None


def test_of_two_copies_of_a_package_the_first_on_the_path_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from rsp_health.runner.qualification.versions import packages_of

    for folder, names in {"a": "1.0", "b": "2.0"}.items():
        for name in ("Some_Package", f"only.{folder}"):
            info = tmp_path / folder / f"{name}-{names}.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {names}\n"
            )
    for name, order in {"ab": "a:b", "ba": "b:a"}.items():
        folders = [str(tmp_path / one) for one in order.split(":")]
        spec = {
            "argv": [sys.executable, "-m", "ipykernel", "-f", "x"],
            "display_name": name,
            "language": "python",
            "env": {"PYTHONPATH": os.pathsep.join(folders)},
        }
        kernel = tmp_path / "kernels" / name
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    ab = packages_of({"ab"}, os.environ, tmp_path)
    both = packages_of({"ab", "ba"}, os.environ, tmp_path)

    assert ab is not None
    assert both is not None
    assert (ab["some-package"], ab["only-b"]) == ("1.0", "2.0")
    assert both["some-package"] == "1.0 and 2.0"
    assert both["only-b"] == "2.0"
