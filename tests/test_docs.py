"""The documentation names what exists, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from rsp_health.cli.main import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"```\w*\n(.*?)```|`([^`]+)`", re.DOTALL)
CALL = re.compile(r"\brsp-health +([a-z-][^#;|>`\n]+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchors(page: Path) -> set[str]:
    """The ids that GitHub gives to a page's headings."""
    text = page.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-")
        for head in heads
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize(
    "part", ["checkout", "cleaning", "runner", "sandbox", "status"]
)
def test_a_part_s_page_names_each_of_its_modules(part: str) -> None:
    page = ROOT / "docs" / "developers" / f"{part}.md"
    text = page.read_text(encoding="utf-8")
    named = {
        Path(word).name.removesuffix(".py")
        for word in re.findall(r"`([\w./]+)`", text)
    }
    modules = {
        path.stem
        for path in (ROOT / "rsp_health" / part).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert modules - {"__init__"} - named == set()


def test_the_architecture_names_every_folder() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {
        path.name
        for path in (ROOT / "rsp_health").iterdir()
        if path.name.removesuffix(".py") == path.name
        and not path.name.startswith("__")
    }
    assert {name for name in folders if f"  {name}/ " not in text} == set()


def test_the_parts_of_the_front_end_are_those_that_exist() -> None:
    folder = ROOT / "labextension" / "src" / "plugins"
    ids = {
        name
        for path in folder.glob("*.ts")
        for name in re.findall(r"id: 'rsp-health:([\w-]+)'", path.read_text())
    }
    page = ROOT / "docs" / "operators" / "configuration.md"
    table = page.read_text(encoding="utf-8").partition("| part |")[2]
    named = re.findall(r"^\| `([\w-]+)` \|", table, flags=re.MULTILINE)
    assert named == sorted(ids)


def _calls() -> set[tuple[str, str]]:
    """Each call in a block or a span of code, without what follows it."""
    return {
        (page.name, " ".join(call.split()))
        for page in PAGES
        for block, span in CODE.findall(page.read_text(encoding="utf-8"))
        for call in CALL.findall(re.sub("#.*", "", block) or span)
    }


@pytest.mark.parametrize(("page", "call"), sorted(_calls()))
def test_calls_that_are_shown_exist(page: str, call: str) -> None:
    context = click.Context(cli)
    command: click.Command = cli
    words = call.split()
    while isinstance(command, click.Group) and words:
        if words[0].startswith("-") or "…" in words[0]:
            break
        found = command.get_command(context, words.pop(0))
        assert found is not None, page
        command = found
    known = {name for param in command.params for name in param.opts}
    known |= {name for param in cli.params for name in param.opts}
    known |= {x for param in command.params for x in param.secondary_opts}
    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used - known - {"--help", "--version", "--"} == set()
