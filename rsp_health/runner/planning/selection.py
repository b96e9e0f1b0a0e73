"""Which notebooks of a folder are run here, and why the others are not.

The rules are mobu's (``services/notebook_finder.py``): start from all
notebooks below the repository's root; apply ``collection_rules`` in order,
where ``intersect_union_of`` keeps and ``exclude_union_of`` removes what any
of its patterns matches, and nothing comes back; then ``exclude_dirs``, as one
last ``exclude_union_of`` of ``<dir>/**``; last remove notebooks whose
``required_applications`` are not all deployed. Unlike mobu, a file or key
that cannot be read spoils only itself and is reported. What a run must be
asked for, because of what it does, is no rule of a repository: see
`Candidate.refuse`.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeGuard

from ...effects import Declared, read_declared
from ...errors import UnreadableFileError
from ...files import safe_read
from ...notebooks.document import MAX_BYTES
from ...notebooks.finder import walk
from ...notebooks.names import to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ...effects import Allowance
    from ...notebooks.mobu_yaml import MobuYaml

__all__ = [
    "Candidate",
    "Required",
    "attribute",
    "find_notebooks",
    "required_applications",
    "select",
]


@dataclass(frozen=True, slots=True)
class Required:
    """The applications that a notebook says it needs, and what it does.

    Parameters
    ----------
    applications
        Their names.
    problem
        What of its metadata for mobu is not used, and why.
    declared
        What it does.
    """

    applications: tuple[str, ...] = ()
    problem: str | None = None
    declared: Declared = field(default_factory=Declared)


@dataclass(slots=True)
class Candidate:
    """A notebook, and whether the rules select it here."""

    path: Path
    relative: PurePosixPath
    application: str | None = None
    required: list[str] = field(default_factory=list)
    declared: Declared = field(default_factory=Declared)
    problems: list[str] = field(default_factory=list)
    selected: bool = True
    reason: str | None = None

    def exclude(self, reason: str) -> None:
        """Take it out; the first reason stays."""
        if self.selected:
            self.selected = False
            self.reason = reason

    def refuse(self, allowance: Allowance) -> None:
        """Take it out if it does more than a run may do."""
        reason = allowance.refusal(self.declared)
        if reason is not None:
            self.exclude(reason)


def find_notebooks(
    root: Path,
    *,
    below: Path | None = None,
    leave_out: Collection[Path] = (),
    problems: list[str] | None = None,
) -> list[tuple[Path, PurePosixPath]]:
    """Return all notebooks below a root, sorted, as mobu finds them.

    Parameters
    ----------
    root
        What the returned relative paths are relative to.
    below
        Search only this folder of it.
    leave_out
        Folders not to search, such as that of earlier runs.
    problems
        Takes which folders could not be searched.
    """

    def tell(exc: OSError) -> None:
        if problems is not None:
            folder = os.fsdecode(exc.filename or root)
            why = exc.strerror or "no reason given"
            problems.append(f"{to_text(folder)} was not searched: {why}.")

    found = walk(
        below or root, as_mobu=True, leave_out=leave_out, on_error=tell
    )
    pairs = [
        (path, PurePosixPath(path.relative_to(root).as_posix()))
        for path in found
    ]
    return sorted(pairs, key=lambda pair: pair[1].parts)


def select(
    notebooks: Iterable[tuple[Path, PurePosixPath]],
    *,
    rules: MobuYaml,
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
        required = required_applications(path)
        names = list(required.applications)
        candidate = Candidate(
            path=path,
            relative=relative,
            application=attribute(relative.stem, names, applications),
            required=names,
            declared=required.declared,
        )
        found = [required.problem] if required.problem is not None else []
        candidate.problems = [
            f"{to_text(relative)}: {problem}"
            for problem in (*found, *required.declared.problems)
        ]
        rule = rules.excluding(relative)
        if rule is not None:
            candidate.exclude(f"Excluded by {rule.describe()}.")
        missing = [
            name
            for name in names
            if applications is not None and name not in applications
        ]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            candidate.exclude(
                f"{', '.join(missing)} {verb} not deployed here."
            )
        candidates.append(candidate)
    return candidates


def required_applications(path: Path) -> Required:
    """Return what a notebook's metadata says that it needs.

    That is ``metadata.mobu.required_applications``. A notebook that cannot
    be read needs nothing: the run will say what is wrong with it.
    """
    try:
        data = safe_read(path, limit=MAX_BYTES)
        if b'"mobu"' not in data and b'"rsp_health"' not in data:
            return Required()
        metadata = json.loads(data)["metadata"]
    except (
        UnreadableFileError,
        ValueError,
        LookupError,
        TypeError,
        RecursionError,
    ):
        return Required()
    declared = read_declared(metadata)
    mobu: Any = metadata.get("mobu") if _is_object(metadata) else None
    found = mobu.get("required_applications") if _is_object(mobu) else None
    problem = None
    if _is_list_of_text(found):
        return Required(tuple(found), declared=declared)
    if found is not None:
        problem = "required_applications is not a list of names, and not used."
    elif _is_object(mobu) and "required_services" in mobu:
        problem = (
            "required_services is not used, as mobu does not use it "
            "any more: it is called required_applications now."
        )
    return Required(problem=problem, declared=declared)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list_of_text(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(x, str) for x in value)


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
