"""nb-clean as a program: missing, failing, or of another mind."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.policy import DEFAULT_POLICY
from rsp_health.cleaning.splice.engine import NbClean, find_program
from rsp_health.cleaning.splice.notebook_text import BrokenNotebookError
from rsp_health.errors import EnvironmentFailureError

from ..notebooks import CLEAN, DIRTY, canonical, code_cell, document

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)

#: A program in nb-clean's place: it does what a later nb-clean might.
PROGRAM = """#!{python}
import json, subprocess, sys
from pathlib import Path
names = [name for name in sys.argv[1:] if name.endswith(".ipynb")]
files = [Path(name) for name in names]
for data in [f.read_bytes() for f in files] or [sys.stdin.buffer.read()]:
    out = subprocess.run(["{engine}", "clean", "-m"], input=data,
                         capture_output=True).stdout
    d = json.loads(out)
    cell = d["cells"][0]
    {change}
    text = json.dumps(d).encode()
    files.pop(0).write_bytes(text) if files else sys.stdout.buffer.write(text)
"""


def other(tmp_path: Path, change: str) -> Cleaner:
    program = tmp_path / "nb-clean"
    program.write_text(
        PROGRAM.format(
            python=sys.executable, engine=find_program(), change=change
        )
    )
    program.chmod(0o755)
    return Cleaner(engine=NbClean(program))


def test_what_nb_clean_removes_of_metadata_is_removed(tmp_path: Path) -> None:
    before = document(
        code_cell(tags=["a"], vscode={"id": 1}, deep={"a": {"b": 1, "c": 2}}),
        language_info={"name": "p", "version": "3", "more": 1},
        toc=1,
    )
    after = document(
        code_cell(tags=["a"], deep={"a": {"c": 2}}),
        language_info={"name": "p"},
    )
    cleaner = other(
        tmp_path,
        "del cell['metadata']['vscode'], d['metadata']['toc'], "
        "cell['metadata']['deep']['a']['b'], "
        "d['metadata']['language_info']['more']",
    )
    assert cleaner.clean_bytes(canonical(before)).data == canonical(after)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("cell['source'] = 'x'", "cell 1: source"),
        ("cell['id'] = 'x'", "cell 1: id"),
        ("cell['new'] = 1", "cell 1: new"),
        ("d['cells'].pop()", "the number of cells"),
        ("cell['metadata']['new'] = 1", "metadata that is not there"),
        ("cell['metadata']['tags'] = ['b']", "metadata 'tags'"),
        ("d['nbformat_minor'] = 4", "the notebook: nbformat_minor"),
    ],
)
def test_what_is_not_ours_to_change_is_never_changed(
    tmp_path: Path, change: str, what: str
) -> None:
    cleaner = other(tmp_path, change)
    with pytest.raises(BrokenNotebookError) as caught:
        cleaner.clean_bytes(BEFORE)
    assert f"nb-clean would change {what}" in str(caught.value)
    # Nor in a file, of one or of many.
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path in paths:
        path.write_bytes(BEFORE)
    outcomes = list(cleaner.run(paths, write=True))
    assert [outcome.state for outcome in outcomes] == ["error", "error"]
    assert [path.read_bytes() for path in paths] == [BEFORE, BEFORE]


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\necho broken >&2\nexit 1\n",
        "#!/bin/sh\nkill -SEGV $$\n",
        "#!/bin/sh\nexit 65\n",
        "#!/nonexistent\n",
    ],
)
def test_an_engine_that_fails_changes_nothing(
    tmp_path: Path, script: str
) -> None:
    program = tmp_path / "nb-clean"
    program.write_text(script)
    program.chmod(0o755)
    cleaner = Cleaner(engine=NbClean(program))
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path in paths:
        path.write_bytes(BEFORE)
    with pytest.raises(EnvironmentFailureError) as caught:
        list(cleaner.run(paths, write=True))
    assert caught.value.code in ("engine_failed", "no_engine")
    assert "\n" not in caught.value.message
    assert [path.read_bytes() for path in paths] == [BEFORE, BEFORE]


def test_the_engine_is_that_of_this_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_program.cache_clear()
    decoy = tmp_path / "bin" / "nb-clean"
    decoy.parent.mkdir()
    decoy.write_text("#!/bin/sh\n")
    decoy.chmod(0o755)
    monkeypatch.setenv("PATH", str(decoy.parent))
    beside = find_program()
    assert beside == Path(sys.executable).parent / "nb-clean"
    # Elsewhere, its own record says where it is.
    find_program.cache_clear()
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert find_program().samefile(beside)
    find_program.cache_clear()
    monkeypatch.setattr("importlib.metadata.files", lambda _name: None)
    with pytest.raises(EnvironmentFailureError) as caught:
        find_program()
    assert caught.value.code == "no_engine"
    assert "pip install" in caught.value.hint
    find_program.cache_clear()


def test_copies_that_a_killed_process_left_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rsp_health.cleaning.splice.engine._MEMORY", str(tmp_path)
    )
    old, new, other = (
        tmp_path / name
        for name in ("rsp-health-clean-a", "rsp-health-clean-b", "else")
    )
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "0.ipynb").write_bytes(BEFORE)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    NbClean().judge_all([BEFORE, AFTER], DEFAULT_POLICY)
    assert sorted(tmp_path.iterdir()) == [other, new]


def test_copies_go_elsewhere_when_memory_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rsp_health.cleaning.splice.engine._MEMORY", str(tmp_path / "none")
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    verdicts = NbClean().judge_all([BEFORE, AFTER], DEFAULT_POLICY)
    assert [verdict.state for verdict in verdicts] == ["changed", "unchanged"]
    assert json.loads(verdicts[0].output)["cells"][0]["outputs"] == []
    assert list(tmp_path.iterdir()) == []
