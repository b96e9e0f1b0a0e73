"""``mobu.yaml``, as mobu's own model reads it.

Source: mobu ``models/repo.py`` (extra keys are forbidden, so one typo stops
the whole repository) and its collection rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from ...errors import BadDocumentError
from ...files import compose_yaml
from .findings import Finding

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["RULE_TYPES", "lint_mobu_yaml"]

RULE_TYPES = ("intersect_union_of", "exclude_union_of")
_KEYS = ("collection_rules", "exclude_dirs")
_RULE_KEYS = ("type", "patterns")


def lint_mobu_yaml(path: str, data: bytes) -> list[Finding]:
    """Return what is wrong with a ``mobu.yaml``."""
    # What an alias repeats is one fault.
    return sorted(set(_Document(path).lint(data)))


class _Document:
    def __init__(self, path: str) -> None:
        self._path = path

    def lint(self, data: bytes) -> Iterator[Finding]:
        try:
            node = compose_yaml(data, self._path)
        except BadDocumentError as exc:
            yield self._find(exc.line or 1, "mobu-yaml-invalid", exc.reason)
            return
        if node is None:
            return  # an empty file, which mobu takes as no rules
        if not isinstance(node, yaml.MappingNode):
            yield self._invalid(node, "it is not a mapping of keys")
            return
        given = yield from self._known(node, _KEYS)
        if "exclude_dirs" in given:
            yield from self._exclude_dirs(*given["exclude_dirs"])
        if "collection_rules" in given:
            yield from self._rules(given["collection_rules"][1])

    def _known(
        self, node: yaml.MappingNode, known: tuple[str, ...]
    ) -> Generator[Finding, None, dict[str, tuple[yaml.Node, yaml.Node]]]:
        """Find unknown keys; return the known ones and their values.

        Of several keys of one name the last counts, as for mobu.
        """
        given: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if _is_text(key) and key.value in known:
                given[key.value] = (key, value)
            else:
                yield self._unknown(key, known)
        return given

    def _exclude_dirs(
        self, key: yaml.Node, value: yaml.Node
    ) -> Iterator[Finding]:
        yield self._find(
            _line(key),
            "mobu-yaml-deprecated",
            "exclude_dirs is deprecated; write a collection rule of type "
            "exclude_union_of with the pattern 'folder/**'",
            warning=True,
        )
        names = yield from self._strings(value, "exclude_dirs")
        for node in names:
            if set(node.value) & set("*?["):
                yield self._find(
                    _line(node),
                    "mobu-yaml-pattern",
                    f"{_said(node)} is read as a pattern, so a folder of "
                    "exactly this name is not excluded",
                    warning=True,
                )

    def _rules(self, value: yaml.Node) -> Iterator[Finding]:
        if not isinstance(value, yaml.SequenceNode):
            yield self._invalid(value, "collection_rules is not a list")
            return
        for rule in value.value:
            if not isinstance(rule, yaml.MappingNode):
                yield self._invalid(
                    rule, "a collection rule is not a mapping of keys"
                )
                continue
            given = yield from self._known(rule, _RULE_KEYS)
            for name in _RULE_KEYS:
                if name not in given:
                    yield self._invalid(
                        rule, f"a collection rule has no {name!r}"
                    )
            if "type" in given:
                yield from self._type(given["type"][1])
            if "patterns" in given:
                yield from self._strings(given["patterns"][1], "patterns")

    def _type(self, node: yaml.Node) -> Iterator[Finding]:
        if not (_is_text(node) and node.value in RULE_TYPES):
            yield self._find(
                _line(node),
                "mobu-yaml-rule-type",
                f"the rule type {_said(node)} is not one of "
                f"{', '.join(RULE_TYPES)}",
            )

    def _strings(
        self, value: yaml.Node, name: str
    ) -> Generator[Finding, None, list[yaml.Node]]:
        """Find what is no list of strings; return the strings' nodes."""
        if not isinstance(value, yaml.SequenceNode):
            yield self._invalid(value, f"{name} is not a list")
            return []
        found = []
        for node in value.value:
            if _is_text(node) and node.value:
                found.append(node)
            else:
                yield self._invalid(node, f"{name} holds what is no name")
        return found

    def _unknown(self, key: yaml.Node, known: tuple[str, ...]) -> Finding:
        return self._find(
            _line(key),
            "mobu-yaml-unknown-key",
            f"unknown key {_said(key)}; mobu knows "
            f"{', '.join(known)} here, and refuses the repository for others",
        )

    def _invalid(self, node: yaml.Node, message: str) -> Finding:
        return self._find(_line(node), "mobu-yaml-invalid", message)

    def _find(
        self, line: int, rule: str, message: str, *, warning: bool = False
    ) -> Finding:
        return Finding(
            path=self._path,
            line=line,
            rule=rule,
            level="warning" if warning else "error",
            message=message,
        )


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _is_text(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:str")


def _said(node: yaml.Node) -> str:
    """Return what a node says, for a message."""
    if isinstance(node, yaml.ScalarNode):
        return repr(node.value[:60])
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
