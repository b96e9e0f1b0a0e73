"""``mobu.yaml``, as mobu's own model reads it: its rules and its faults.

Sources: mobu ``models/repo.py``, whose model forbids extra keys, so that one
typo stops the whole repository, and ``services/notebook_finder.py``. Here a
fault spoils only what it is in, and is told with its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from ..errors import BadDocumentError, UnreadableFileError
from ..files import compose_yaml, read_if_there
from ..printable import printable
from .globs import Glob, InvalidPatternError, parse_glob

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

__all__ = [
    "FILE_NAME",
    "RULE_TYPES",
    "Fault",
    "MobuYaml",
    "Rule",
    "parse_mobu_yaml",
    "read_mobu_yaml",
]

FILE_NAME = "mobu.yaml"
RULE_TYPES = ("intersect_union_of", "exclude_union_of")
_KEYS = ("collection_rules", "exclude_dirs")
_RULE_KEYS = ("type", "patterns")
#: Patterns with wildcards that are worth the time to match them.
_MOST_WILD = 500

type _Pairs = dict[str, tuple[yaml.Node, yaml.Node]]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """What is wrong with a ``mobu.yaml``.

    Parameters
    ----------
    line
        Where, from 1.
    kind
        What sort of fault it is.
    message
        What it is, as part of a sentence.
    """

    line: int
    kind: Literal[
        "invalid", "unknown-key", "deprecated", "rule-type", "pattern"
    ]
    message: str
    is_warning: bool = False


@dataclass(frozen=True)
class Rule:
    """One collection rule."""

    kind: str
    patterns: tuple[str, ...]
    source: str

    @cached_property
    def _names(self) -> dict[str, Glob]:
        """The patterns that are paths: they are not tried one by one."""
        globs = map(parse_glob, self.patterns)
        return {glob.name: glob for glob in globs if glob.name is not None}

    @cached_property
    def _wild(self) -> list[Glob]:
        globs = map(parse_glob, self.patterns)
        return [glob for glob in globs if glob.name is None]

    def keeps(self, path: PurePosixPath) -> bool:
        """Tell whether a notebook is left, by its path in the repository."""
        named = self._names.get(str(path))
        found = (named is not None and named.matches(path)) or any(
            glob.matches(path) for glob in self._wild
        )
        return found == (self.kind == "intersect_union_of")

    def describe(self) -> str:
        """Quote the rule."""
        return f"{self.source}: {self.kind} {list(self.patterns)}"


@dataclass(frozen=True, slots=True)
class MobuYaml:
    """The rules of a repository, in order, and what is wrong with them."""

    rules: tuple[Rule, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def problems(self) -> list[str]:
        """What of it could not be applied, in sentences."""
        return [
            f"{FILE_NAME}, line {fault.line}: {fault.message}."
            for fault in self.faults
            if not fault.is_warning
        ]

    def excluding(self, path: PurePosixPath) -> Rule | None:
        """Return the first rule that takes a notebook out, if one does."""
        return next((x for x in self.rules if not x.keeps(path)), None)


def read_mobu_yaml(root: Path) -> MobuYaml:
    """Read the ``mobu.yaml`` of a repository; without one it has no rules.

    Parameters
    ----------
    root
        The repository's root.
    """
    try:
        data = read_if_there(root / FILE_NAME, inside=root)
    except UnreadableFileError as exc:
        fault = Fault(line=exc.line or 1, kind="invalid", message=exc.reason)
        return MobuYaml(faults=(fault,))
    return MobuYaml() if data is None else parse_mobu_yaml(data)


def parse_mobu_yaml(data: bytes) -> MobuYaml:
    """Parse the content of a ``mobu.yaml``."""
    parser = _Parser()
    try:
        node = compose_yaml(data, FILE_NAME)
    except BadDocumentError as exc:
        fault = Fault(line=exc.line or 1, kind="invalid", message=exc.reason)
        return MobuYaml(faults=(fault,))
    parser.read(node)
    # What an alias repeats is one fault.
    return MobuYaml(tuple(parser.rules), tuple(sorted(set(parser.faults))))


class _Parser:
    """Takes the rules from a document's nodes, which know their lines."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.faults: list[Fault] = []
        self._wild = 0

    def read(self, node: yaml.Node | None) -> None:
        """Take what the document holds."""
        if node is None:
            self._fault(
                None, "invalid", "it is empty, and mobu refuses an empty file"
            )
            return
        if not _is_mapping(node):
            self._fault(node, "invalid", "it is not a mapping of keys")
            return
        given = self._known(node, _KEYS)
        if "collection_rules" in given:
            self._rules(given["collection_rules"][1])
        if "exclude_dirs" in given:
            self._exclude_dirs(*given["exclude_dirs"])

    def _known(self, node: yaml.Node, known: tuple[str, ...]) -> _Pairs:
        """Return the keys that mobu knows, and their values.

        Of several keys of one name the last counts, as for mobu.
        """
        given: _Pairs = {}
        for key, value in node.value:
            if _is_text(key) and key.value in known:
                given[key.value] = (key, value)
            else:
                self._fault(
                    key,
                    "unknown-key",
                    f"unknown key {_said(key)}; mobu knows "
                    f"{', '.join(known)} here, and refuses the repository "
                    "for others",
                )
        return given

    def _rules(self, value: yaml.Node) -> None:
        if not _is_list(value):
            self._fault(value, "invalid", "collection_rules is not a list")
            return
        for number, node in enumerate(value.value, start=1):
            if _is_mapping(node):
                self._rule(node, f"{FILE_NAME} rule {number}")
            else:
                self._fault(
                    node,
                    "invalid",
                    "a collection rule is not a mapping of keys",
                )

    def _rule(self, node: yaml.Node, source: str) -> None:
        given = self._known(node, _RULE_KEYS)
        for name in _RULE_KEYS:
            if name not in given:
                self._fault(
                    node, "invalid", f"a collection rule has no {name!r}"
                )
        kind = self._type(given["type"][1]) if "type" in given else None
        if "patterns" not in given:
            return
        _, value = given["patterns"]
        names = self._strings(value, "patterns")
        patterns = [(node, node.value) for node in names or ()]
        if kind is not None and names is not None:
            self._add(kind, patterns, source, empty=not value.value)

    def _type(self, node: yaml.Node) -> str | None:
        if _is_text(node) and node.value in RULE_TYPES:
            return str(node.value)
        self._fault(
            node,
            "rule-type",
            f"the rule type {_said(node)} is not one of "
            f"{', '.join(RULE_TYPES)}",
        )
        return None

    def _exclude_dirs(self, key: yaml.Node, value: yaml.Node) -> None:
        self._fault(
            key,
            "deprecated",
            "exclude_dirs is deprecated; write a collection rule of type "
            "exclude_union_of with the pattern 'folder/**'",
            is_warning=True,
        )
        names = self._strings(value, "exclude_dirs") or []
        for node in names:
            if set(node.value) & set("*?["):
                self._fault(
                    node,
                    "pattern",
                    f"{_said(node)} is read as a pattern, so a folder of "
                    "exactly this name is not excluded",
                    is_warning=True,
                )
        patterns = [(x, str(PurePosixPath(x.value) / "**")) for x in names]
        self._add(
            "exclude_union_of",
            patterns,
            f"{FILE_NAME} exclude_dirs",
            empty=False,
        )

    def _add(
        self,
        kind: str,
        patterns: list[tuple[yaml.Node, str]],
        source: str,
        *,
        empty: bool,
    ) -> None:
        """Add a rule with those of its patterns that can be applied."""
        good = tuple(x for node, x in patterns if self._is_valid(node, x))
        # Of an empty union nothing is kept; but not of one that is wrong.
        if good or empty:
            self.rules.append(Rule(kind, good, source))

    def _is_valid(self, node: yaml.Node, pattern: str) -> bool:
        said = f"the pattern {_said(node)} is not used"
        try:
            is_wild = parse_glob(pattern).name is None
        except InvalidPatternError as exc:
            self._fault(node, "invalid", f"{said}: {exc}")
            return False
        self._wild += is_wild
        if is_wild and self._wild > _MOST_WILD:
            most = f"there are more than {_MOST_WILD:,} with wildcards"
            self._fault(node, "pattern", f"{said}: {most}")
            return False
        return True

    def _strings(self, value: yaml.Node, name: str) -> list[yaml.Node] | None:
        """Return the nodes of a list's strings; `None` if it is no list."""
        if not _is_list(value):
            self._fault(value, "invalid", f"{name} is not a list")
            return None
        found = []
        for node in value.value:
            if _is_text(node):
                found.append(node)
            else:
                self._fault(
                    node, "invalid", f"{name} holds what is not a name"
                )
        return found

    def _fault(
        self,
        node: yaml.Node | None,
        kind: Literal[
            "invalid", "unknown-key", "deprecated", "rule-type", "pattern"
        ],
        message: str,
        *,
        is_warning: bool = False,
    ) -> None:
        line = 1 if node is None else int(node.start_mark.line) + 1
        self.faults.append(
            Fault(
                line=line,
                kind=kind,
                message=printable(message),
                is_warning=is_warning,
            )
        )


def _is_text(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:str")


def _form(node: yaml.Node) -> str:
    # Not by its class: yaml is imported by who parses, and only then.
    return str(getattr(node, "id", ""))


def _is_list(node: yaml.Node) -> bool:
    return _form(node) == "sequence"


def _is_mapping(node: yaml.Node) -> bool:
    return _form(node) == "mapping"


def _said(node: yaml.Node) -> str:
    """Return what a node says, for a message."""
    if _form(node) == "scalar":
        return repr(node.value[:60])
    return "a list" if _is_list(node) else "a mapping"
