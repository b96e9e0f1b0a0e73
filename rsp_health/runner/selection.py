"""Which notebooks of a folder are run here, and why the others are not.

The rules are mobu's (``services/notebook_finder.py``): start from all
notebooks below the repository's root; apply ``collection_rules`` in order,
where ``intersect_union_of`` keeps and ``exclude_union_of`` removes what any
of its patterns matches, and nothing comes back; then ``exclude_dirs``, as one
last ``exclude_union_of`` of ``<dir>/**``; last remove notebooks whose
``required_applications`` are not all deployed. Unlike mobu, a file or key
that cannot be read spoils only itself and is reported.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from .globs import InvalidPatternError, matches

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Candidate",
    "Rule",
    "Rules",
    "attribute",
    "find_notebooks",
    "read_rules",
    "required_applications",
    "select",
]

_RULE_TYPES = {"intersect_union_of", "exclude_union_of"}
_MAX_METADATA_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """One collection rule."""

    kind: str
    patterns: tuple[str, ...]
    source: str

    def describe(self) -> str:
        """Quote the rule."""
        return f"{self.source}: {self.kind} {list(self.patterns)}"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a repository, and what of them could not be applied."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Candidate:
    """A notebook, and whether the rules select it here."""

    path: Path
    relative: PurePosixPath
    application: str | None = None
    required: list[str] = field(default_factory=list)
    selected: bool = True
    reason: str | None = None

    def exclude(self, reason: str) -> None:
        """Take it out; the first reason stays."""
        if self.selected:
            self.selected = False
            self.reason = reason


def read_rules(root: Path) -> Rules:
    """Read ``mobu.yaml`` at a repository's root, if it is there."""
    path = root / "mobu.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Rules()
    except (OSError, UnicodeDecodeError):
        return Rules(problems=("mobu.yaml cannot be read.",))
    import yaml

    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        return Rules(problems=("mobu.yaml is not YAML: no rule was applied.",))
    if content is None:
        return Rules()
    if not isinstance(content, dict):
        return Rules(problems=("mobu.yaml is no mapping.",))
    rules: list[Rule] = []
    problems = [
        f"mobu.yaml: the key {key!r} is not known."
        for key in content
        if key not in {"collection_rules", "exclude_dirs"}
    ]
    _collection_rules(content.get("collection_rules"), rules, problems)
    _exclude_dirs(content.get("exclude_dirs"), rules, problems)
    return Rules(tuple(rules), tuple(problems))


def _collection_rules(
    found: Any, rules: list[Rule], problems: list[str]
) -> None:
    if found is None:
        return
    if not isinstance(found, list):
        problems.append("mobu.yaml: collection_rules is no list.")
        return
    for number, entry in enumerate(found, start=1):
        where = f"mobu.yaml: rule {number}"
        if not isinstance(entry, dict):
            problems.append(f"{where} is no mapping.")
            continue
        kind = entry.get("type")
        patterns = entry.get("patterns")
        if kind not in _RULE_TYPES:
            problems.append(
                f"{where} has the type {kind!r}; known are "
                "intersect_union_of and exclude_union_of."
            )
            continue
        if patterns is None or not _is_list_of_text(patterns):
            problems.append(f"{where} has no list of patterns.")
            continue
        extra = sorted(
            str(key) for key in entry if key not in {"type", "patterns"}
        )
        if extra:
            problems.append(f"{where} has the unknown key {extra[0]!r}.")
        good = _valid_patterns(patterns, where, problems)
        if good or not patterns:
            rules.append(Rule(str(kind), good, f"mobu.yaml rule {number}"))


def _exclude_dirs(found: Any, rules: list[Rule], problems: list[str]) -> None:
    if not found:
        return
    if not _is_list_of_text(found):
        problems.append("mobu.yaml: exclude_dirs is no list of folders.")
        return
    patterns = [f"{PurePosixPath(folder)!s}/**" for folder in found]
    good = _valid_patterns(patterns, "mobu.yaml: exclude_dirs", problems)
    rules.append(Rule("exclude_union_of", good, "mobu.yaml exclude_dirs"))


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(x, str) for x in value)


def _valid_patterns(
    patterns: Iterable[str], where: str, problems: list[str]
) -> tuple[str, ...]:
    good = []
    for pattern in patterns:
        try:
            matches(PurePosixPath("x.ipynb"), pattern)
        except InvalidPatternError as exc:
            problems.append(
                f"{where}: the pattern {pattern!r} is not valid: {exc}."
            )
        else:
            good.append(pattern)
    return tuple(good)


def find_notebooks(
    root: Path, *, below: Path | None = None
) -> list[tuple[Path, PurePosixPath]]:
    """Return all notebooks below a root, sorted, as ``**/*.ipynb`` would.

    Folders of git and of Jupyter's checkpoints are left out: they are not
    part of what mobu clones. Symbolic links to folders are not followed.

    Parameters
    ----------
    root
        What the returned relative paths are relative to.
    below
        Search only this folder of it.
    """
    found = []
    for folder, folders, files in os.walk(below or root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in {".git", ".ipynb_checkpoints"}
        )
        for name in files:
            if name.endswith(".ipynb"):
                path = Path(folder, name)
                relative = PurePosixPath(path.relative_to(root).as_posix())
                found.append((path, relative))
    return sorted(found, key=lambda pair: pair[1].parts)


def select(
    notebooks: Iterable[tuple[Path, PurePosixPath]],
    *,
    rules: Rules,
    applications: frozenset[str] | None,
) -> list[Candidate]:
    """Apply the rules to notebooks.

    Parameters
    ----------
    notebooks
        Absolute paths, with paths relative to the repository's root.
    rules
        The repository's rules.
    applications
        What is deployed here; `None` if that is not known: then no notebook
        is left out for want of an application.
    """
    candidates = []
    for path, relative in notebooks:
        candidate = Candidate(path=path, relative=relative)
        candidate.required = required_applications(path)
        candidate.application = attribute(
            relative.stem, candidate.required, applications
        )
        _apply(rules, candidate)
        missing = [
            name
            for name in candidate.required
            if applications is not None and name not in applications
        ]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            names = ", ".join(missing)
            candidate.exclude(f"{names} {verb} not deployed here.")
        candidates.append(candidate)
    return candidates


def _apply(rules: Rules, candidate: Candidate) -> None:
    for rule in rules.rules:
        matched = any(
            matches(candidate.relative, pattern) for pattern in rule.patterns
        )
        if matched != (rule.kind == "intersect_union_of"):
            candidate.exclude(f"Excluded by {rule.describe()}.")


def required_applications(path: Path) -> list[str]:
    """Return what a notebook's metadata says that it needs.

    ``metadata.mobu.required_applications``; in older notebooks
    ``required_services``. A notebook that cannot be read needs nothing: the
    run will say what is wrong with it.
    """
    try:
        if path.stat().st_size > _MAX_METADATA_BYTES or not path.is_file():
            return []
        data = path.read_bytes()
        if b'"mobu"' not in data:
            return []
        content = json.loads(data)
        mobu = content["metadata"]["mobu"]
        found = mobu.get(
            "required_applications", mobu.get("required_services")
        )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        return []
    return list(found) if _is_list_of_text(found) else []


def attribute(
    stem: str, required: list[str], applications: frozenset[str] | None
) -> str | None:
    """Return the application that a notebook checks, or `None`.

    The longest deployed name that begins the file's stem at a word's end
    (``vo-cutouts-async`` is about ``vo-cutouts``); else the first that the
    notebook requires.
    """
    name = _normal(stem)
    best = ""
    for application in sorted(applications or ()):
        normal = _normal(application)
        begins = name == normal or name.startswith(normal + "-")
        if begins and len(normal) > len(_normal(best)):
            best = application
    if best and (not required or best in required):
        return best
    return required[0] if required else best or None


def _normal(name: str) -> str:
    return re.sub(r"[\s_.\-]+", "-", name.lower())
