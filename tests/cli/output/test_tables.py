"""Tables at every width: no line too long, no word broken that need not be."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from rsp_health.cli.output.tables import FittingTable

_ROWS = [
    (
        "system-test",
        "present",
        "prod",
        "3f9c0aa",
        "12",
        "/home/somebody/notebooks/rsp-health/system-test",
    ),
    (
        "tutorial-notebooks",
        "in use",
        "tickets/DM-50260",
        "",
        "",
        "/home/somebody/notebooks/rsp-health/tutorial notebooks 星 of 2026",
    ),
]


def shown(width: int, *, header: bool = True) -> list[str]:
    table = FittingTable(
        "repository", "state", "ref", "commit", ">backups", "folder",
        header=header,
    )  # fmt: skip
    for row in _ROWS:
        table.add_row(*row[:1], Text(row[1], style="red"), *row[2:])
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(table)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", range(40, 201))
def test_it_fits_and_words_stay_whole(width: int) -> None:
    lines = shown(width)
    for line in lines:
        assert Text(line).cell_len <= width, line
    text = "\n".join(lines)
    words = [
        word
        for row in _ROWS
        for cell in row
        for word in cell.replace("/", "/ ").split()
    ]
    for word in words:
        assert word in text, word


def test_each_form() -> None:
    assert shown(200)[0].split() == [
        *("repository", "state", "ref", "commit", "backups", "folder")
    ]
    assert len(shown(200)) == 3
    assert shown(80)[1:3] == [
        "system-test         present  prod              3f9c0aa       12",
        "    /home/somebody/notebooks/rsp-health/system-test",
    ]
    assert shown(40)[:6] == [
        "system-test",
        "  state       present",
        "  ref         prod",
        "  commit      3f9c0aa",
        "  backups     12",
        "  folder      /home/somebody/notebooks/",
    ] or shown(40)[:2] == ["system-test", "  state    present"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    table = FittingTable("a", "b")
    table.add_row("x" * 95, "yes")
    out = io.StringIO()
    Console(file=out, width=40, color_system=None).print(table)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert sum(line.count("x") for line in lines) == 95
