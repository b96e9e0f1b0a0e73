"""The documentation names what exists, and its links lead somewhere."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import tomllib
from pathlib import Path

import click
import pytest

from rsp_health.cli.main import cli
from rsp_health.server.handlers import ROUTES
from rsp_health.settings import HealthTraits
from rsp_health.status.probes import PROBES

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / ".github").rglob("*.md")),
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        # Made from the code; see docs/reference.py.
        if "reference" not in page.parts
    ),
]
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


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize(
    "part",
    ["checkout", "cleaning", "doctor", "runner", "sandbox", "status"],
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
        for path in (ROOT / "rsp_health" / part).rglob("*.py")
        # A folder that is named as a whole stands for what is in it.
        if not named & set(path.relative_to(ROOT).parts[2:-1])
        and "content" not in path.parts
    }
    assert modules - {"__init__"} - named == set()


def test_the_front_end_s_page_names_each_of_its_modules() -> None:
    page = ROOT / "docs" / "developers" / "frontend.md"
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+\.tsx?)`", text))
    # A folder that is named as a whole; the head of a room is none.
    whole = tuple(re.findall(r"(?<!\*)`([\w/]+/)`", text))
    source = ROOT / "labextension" / "src"
    modules = {
        path.name
        for path in source.rglob("*.ts*")
        if not path.relative_to(source).as_posix().startswith(whole)
        and "__tests__" not in path.parts
        and not path.name.endswith(".d.ts")
    }
    assert modules - {"index.ts"} - named == set()


def test_every_file_of_causes_is_on_the_doctor_s_page() -> None:
    page = ROOT / "docs" / "developers" / "doctor.md"
    text = page.read_text(encoding="utf-8")
    folder = ROOT / "rsp_health" / "doctor" / "explain" / "explanations"
    files = {path.name for path in folder.glob("*.toml")}
    assert {name for name in files if f"| `{name}` |" not in text} == set()


def test_operators_are_told_of_every_resource() -> None:
    """An authorizer that refuses by name must know them all."""
    names = re.compile(r"rsp_health:\w+")
    asked = {
        name
        for path in (ROOT / "rsp_health/server").rglob("*.py")
        for name in names.findall(path.read_text(encoding="utf-8"))
    }
    page = ROOT / "docs/operators/configuration.md"
    section = page.read_text(encoding="utf-8").partition("## Security")[2]
    assert set(names.findall(section)) == asked


def test_operators_are_told_of_every_probe() -> None:
    page = ROOT / "docs" / "operators" / "services.md"
    row = re.search(
        r"^\| `probe` \|.*$", page.read_text("utf-8"), re.MULTILINE
    )
    assert row is not None
    assert {name for name in PROBES if f"`{name}`" not in row[0]} == set()


def test_every_room_of_the_front_end_is_in_the_architecture() -> None:
    page = ROOT / "docs" / "architecture.md"
    text = page.read_text(encoding="utf-8")
    folders = {
        path.name
        for path in (ROOT / "labextension" / "src").iterdir()
        # An empty one is what an earlier layout left in this clone.
        if path.is_dir() and path.name != "__tests__" and any(path.iterdir())
    }
    assert {name for name in folders if f"    {name}/ " not in text} == set()


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


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages of the reference, by name."""
    folder = tmp_path_factory.mktemp("reference")
    spec = importlib.util.spec_from_file_location(
        "reference", ROOT / "docs" / "reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(folder / "pages")
    return {
        str(page.relative_to(folder / "pages")): page.read_text("utf-8")
        for page in (folder / "pages").rglob("*.md")
    }


def test_every_command_is_in_the_reference(reference: dict[str, str]) -> None:
    for name in cli.list_commands(click.Context(cli)):
        assert f":prog: rsp-health {name}\n" in reference["commands.md"]


def test_every_route_is_in_the_reference(reference: dict[str, str]) -> None:
    rows = [
        row.split("|")
        for row in reference["http.md"].splitlines()
        if row.startswith("| `")
    ]
    assert len(rows) == len(ROUTES)
    for _, path, verbs, said, _ in rows:
        assert verbs.strip() or "…" in path, path
        assert said.strip(), path


def test_every_setting_is_in_the_reference(reference: dict[str, str]) -> None:
    for name in HealthTraits.class_trait_names(config=True):
        assert f"## `{name}`\n" in reference["settings.md"]


def test_every_module_has_its_page(reference: dict[str, str]) -> None:
    package = ROOT / "rsp_health"
    for path in package.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "content" in parts or parts[-1] in {"__init__", "_version"}:
            continue
        assert f"python/{'.'.join(parts)}.md" in reference


def test_every_public_name_has_a_docstring(reference: dict[str, str]) -> None:
    missing = []
    for page in reference:
        name = page.removeprefix("python/").removesuffix(".md")
        if not name.startswith("rsp_health."):
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            value = getattr(module, public)
            documented = inspect.isclass(value) or inspect.isroutine(value)
            if documented and not inspect.getdoc(value):
                missing.append(f"{name}.{public}")
    assert missing == []


def test_fragments_of_the_changelog_have_its_categories() -> None:
    """Else `scriv collect` makes sections of its own at a release."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    known = set(settings["tool"]["scriv"]["categories"])
    folder = ROOT / settings["tool"]["scriv"]["fragment_directory"]
    fragments = set(folder.glob("*.md")) - {folder / "README.md"}
    for path in fragments:
        found = re.findall(r"^### (.*)$", path.read_text(), re.MULTILINE)
        assert found, path.name
        assert set(found) <= known, path.name
