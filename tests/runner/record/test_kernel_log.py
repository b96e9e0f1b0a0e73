"""What kernels wrote past their notebooks is kept with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rsp_health.redaction import Redactor
from rsp_health.runner.record.kernel_log import keep_kernel_log
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

SECRET = "gt-abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuv"


def kept(path: Path, text: str) -> str:
    keep_kernel_log(path, "a.ipynb", text, Redactor([SECRET]))
    return path.read_text() if path.exists() else ""


def test_secrets_are_taken_out_also_where_one_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "kernels.log"
    said = kept(path, f"a token: {SECRET}")

    assert said.startswith("== a.ipynb\na token: ")
    assert path.stat().st_mode & 0o777 == 0o600

    half = kept(path, f"{SECRET[20:]}\n" + "x" * 16_000)
    other = kept(path, "y" * 8_192 + f" {SECRET[:20]}")

    assert not any(part in said + half + other for part in _parts(SECRET))


def _parts(secret: str) -> list[str]:
    return [secret[at : at + 12] for at in range(4, len(secret) - 12)]


def test_nothing_is_kept_of_silence_or_beyond_its_limit(
    tmp_path: Path,
) -> None:
    assert kept(tmp_path / "none.log", " \x1b[0m\n") == ""
    full = tmp_path / "full.log"
    full.write_bytes(b"x" * 4 * 1024**2)
    assert len(kept(full, "more")) == 4 * 1024**2


def test_a_disk_that_refuses_it_ends_no_run(tmp_path: Path) -> None:
    assert kept(tmp_path / "no" / "kernels.log", "text") == ""


def test_it_is_kept_of_what_did_not_pass(
    tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    says = "import os; os.write(2, b'{}\\n'); {}"
    for name, ends in (("dead", "os._exit(3)"), ("bad", "1/0"), ("good", "1")):
        book = notebook(says.format(f"words of {name}", ends))
        (tmp_path / f"{name}.ipynb").write_bytes(book)

    command("run", str(tmp_path))

    (log,) = tmp_path.rglob("runs/*/kernels.log")
    text = log.read_text()
    assert "== dead.ipynb\nwords of dead" in text
    assert "== bad.ipynb\nwords of bad" in text
    assert "good" not in text
