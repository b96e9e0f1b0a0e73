"""The rules: packaged ones, and those that a repository adds."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as PydanticError

from ...errors import RSPHealthError, UnreadableFileError
from ...files import load_toml
from ...files.documents import parse_toml
from ...printable import printable
from ..checks import CHECKS
from ..models import Whose
from .patterns import compile_pattern, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "FACTS",
    "Conditions",
    "Rank",
    "Rule",
    "own_rules",
    "packaged",
    "repository_of",
]

Rank = Literal[
    "announced",
    "network",
    "token",
    "quota",
    "root",
    "environment",
    "lab",
    "code",
]
"""Kinds of causes: what explains more stands first."""

RANKS: tuple[Rank, ...] = get_args(Rank)

#: What sentences may name beside what their patterns found, and what stands
#: there if it is not known.
FACTS = {
    "ename": "the error",
    "status": "an error",
    "host": "the other side",
    "kernel": "this kernel",
    "made_for": "another kernel",
    "file": "a file of yours",
    "place": "a file that the error does not name",
    "signal": "a signal",
    "service": "the service",
    "seen": "",
    "found": "",
    "advice": "",
}
_FOLDER = "troubleshooting"
#: Files of a repository that are read, and rules that each may have.
_FILES = 20
_RULES = 200

_Pattern = Annotated[str, Field(max_length=200)]
_Patterns = Annotated[tuple[_Pattern, ...], Field(max_length=50)]
_Words = Annotated[tuple[str, ...], Field(max_length=20)]
_Sentence = Annotated[str, Field(min_length=1, max_length=500)]

_SIGHTS = {"failure", "service", "verdict", "check"}
_STATES = {
    "service": {
        "up",
        "down",
        "maintenance",
        "throttled",
        "blocked",
        "restricted",
    },
    "verdict": {
        "announced",
        "login",
        "quota",
        "root_service",
        "network",
        "service",
        "well",
    },
}
_CHECK_STATES = {"fault", "ok", "problem"}


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditions(_Data):
    """What a failure must be like: each that is given, by any in its list."""

    exception: _Patterns = ()
    message: _Patterns = ()
    file: _Patterns = ()
    last_file: _Patterns = ()
    ends_in_notebook: bool | None = None
    status: _Words = ()
    remote: bool | None = None
    on_platform: bool | None = None
    elsewhere: bool | None = None
    errno: _Words = ()
    signal: _Words = ()
    out_of_memory: bool | None = None
    small: bool | None = None
    state: _Words = ()
    kernel: _Patterns = ()
    other_kernel: bool | None = None
    source: _Patterns = ()
    reason: _Patterns = ()

    @property
    def patterns(self) -> Iterable[str]:
        """All patterns."""
        return (
            *self.message,
            *self.file,
            *self.last_file,
            *self.source,
            *self.reason,
        )

    @model_validator(mode="after")
    def _is_one(self) -> Conditions:
        if not self.model_fields_set:
            raise ValueError("a rule without a condition fits everything")
        for pattern in (*self.patterns, *self.exception, *self.kernel):
            compile_pattern(pattern)
        return self


class Rule(_Data):
    """When it applies, what it supposes, and what makes that sure."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,60}$")]
    rank: Rank
    whose: Whose
    hypothesis: _Sentence
    next_step: _Sentence
    confirm: _Words = ()
    refute: _Words = ()
    beside: _Words = ()
    services: _Words = ()
    general: bool = False
    only_if_seen: bool = False
    when: Conditions
    unless: Conditions | None = None

    @model_validator(mode="after")
    def _is_sound(self) -> Rule:
        for sight in (*self.confirm, *self.refute):
            _require_sight(sight)
        for name in self.beside:
            if name != "memory" and name not in CHECKS:
                raise ValueError(f"there is no check named {name[:60]!r}")
        known = {*FACTS}
        for pattern in self.when.patterns:
            known |= names_in(pattern)
        for text in (self.hypothesis, self.next_step):
            unknown = names_in(text) - known
            if unknown:
                raise ValueError(
                    f"no pattern and no fact is named {min(unknown)!r}"
                )
        return self

    @property
    def checks(self) -> list[str]:
        """The checks that it wants to be run."""
        sights = (sight.split(":") for sight in (*self.confirm, *self.refute))
        told = [name for name in self.beside if name in CHECKS]
        return list(
            dict.fromkeys([*(p[1] for p in sights if p[0] == "check"), *told])
        )


def _require_sight(sight: str) -> None:
    """Refuse what is no way to confirm or refute something."""
    kind, *words = sight.split(":")
    if kind == "failure" and not words:
        return
    if kind == "check" and len(words) == 2 and words[1] in _CHECK_STATES:
        if words[0] in CHECKS:
            return
        raise ValueError(f"there is no check named {words[0][:60]!r}")
    if kind in _STATES and len(words) == 1 and words[0] in _STATES[kind]:
        return
    raise ValueError(
        f"{sight[:60]!r} is not 'failure', 'check:ID:fault', "
        "'check:ID:problem', 'check:ID:ok', 'service:STATE' or "
        "'verdict:STATE'"
    )


class _File(_Data):
    rule: Annotated[tuple[Rule, ...], Field(max_length=_RULES)] = ()


@cache
def packaged() -> tuple[Rule, ...]:
    """Return the rules of rsp-health, those for special cases first."""
    folder = files(__package__) / "explanations"
    found = [
        rule
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".toml")
        for rule in _File.model_validate(
            parse_toml(file.read_bytes(), file.name)
        ).rule
    ]
    return tuple(found)


def repository_of(folder: Path) -> Path:
    """Return the repository that a folder is in, or the folder."""
    for place in (folder, *folder.parents):
        if (place / ".git").exists():
            return place
    return folder


def own_rules(*folders: Path) -> tuple[list[Rule], list[str]]:
    """Return the rules in ``troubleshooting/*.toml``, and what is wrong there.

    Parameters
    ----------
    folders
        The repository, and where the site has its own.

    Returns
    -------
    tuple
        The rules; for each file or rule that cannot be used, a sentence.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    taken = {rule.id for rule in packaged()}
    for folder in folders:
        found, wrong = _of_folder(folder, taken)
        rules += found
        problems += wrong
    return rules, problems


def _of_folder(folder: Path, taken: set[str]) -> tuple[list[Rule], list[str]]:
    rules: list[Rule] = []
    problems: list[str] = []
    try:
        names = sorted((folder / _FOLDER).glob("*.toml"))
    except OSError as exc:
        return [], [f"{_FOLDER} cannot be read: {exc.strerror}."]
    for path in names[:_FILES]:
        shown = printable(f"{_FOLDER}/{path.name}")
        try:
            document = load_toml(path, inside=folder)
        except UnreadableFileError as exc:
            problems.append(f"{shown} cannot be read: {exc.reason}.")
            continue
        except RSPHealthError as exc:
            problems.append(f"{shown}: {exc.message}")
            continue
        found, wrong = _valid(document, shown)
        problems += wrong
        for rule in found:
            if rule.id in taken:
                problems.append(
                    f"{shown}: there is a rule {rule.id} already; this one "
                    "is not used."
                )
                continue
            taken.add(rule.id)
            rules.append(rule)
    if len(names) > _FILES:
        problems.append(
            f"{_FOLDER} has more than {_FILES} files; the others are not read."
        )
    return rules, problems


def _valid(
    document: dict[str, object], shown: str
) -> tuple[list[Rule], list[str]]:
    entries = document.get("rule")
    if not isinstance(entries, list) or set(document) != {"rule"}:
        return [], [f"{shown} is not a list of [[rule]]."]
    rules: list[Rule] = []
    problems: list[str] = []
    for number, entry in enumerate(entries[:_RULES], start=1):
        try:
            rules.append(Rule.model_validate(entry))
        except PydanticError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            said = first["msg"].removeprefix("Value error, ")
            problems.append(
                printable(
                    f"{shown}, rule {number}: {where + ': ' if where else ''}"
                    f"{said}."
                )
            )
    if len(entries) > _RULES:
        problems.append(f"{shown} has more than {_RULES} rules.")
    return rules, problems
