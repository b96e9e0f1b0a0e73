"""YAML as a safe loader reads it, with the lines of what it read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadYAMLError", "load"]

_MERGE = "tag:yaml.org,2002:merge"
#: Keys that merges (``<<``) may make of one mapping. Nested, they grow with
#: every level by a factor.
_MOST_KEYS = 10_000

#: What PyYAML lets through when a scalar is not what its tag says.
_SLIPS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class BadYAMLError(Exception):
    """A safe loader would refuse it; says why, in one line."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def load(data: bytes) -> yaml.Node | None:
    """Return the document's node, its merges carried out.

    Raises
    ------
    BadYAMLError
        Raised if a safe loader would not read it.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadYAMLError("it is not UTF-8") from None
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is not None:
            _Merges().check(node)
            # Carries out the merges, in the nodes themselves.
            loader.construct_document(node)
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise BadYAMLError(f"not YAML: {exc.reason}", line) from None
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise BadYAMLError(
            f"not YAML: {exc.problem or exc.context}",
            1 if mark is None else mark.line + 1,
        ) from None
    except RecursionError:
        raise BadYAMLError("it is nested too deeply") from None
    except _SLIPS:
        raise BadYAMLError(
            "not YAML: a value is not what its tag or form says"
        ) from None
    finally:
        if loader is not None:
            loader.dispose()
    return node


class _Merges:
    """Counts what merges would make, before anything is made."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def check(self, top: yaml.Node) -> None:
        seen: set[int] = set()
        waiting = [top]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                self._count(node)
                waiting += (part for pair in node.value for part in pair)
            elif isinstance(node, yaml.SequenceNode):
                waiting += node.value

    def _count(self, node: yaml.MappingNode) -> int:
        """Return how many keys a mapping has with what is merged into it."""
        if id(node) in self._counts:
            if self._counts[id(node)] < 0:
                raise BadYAMLError("a mapping merges itself", _line(node))
            return self._counts[id(node)]
        self._counts[id(node)] = -1
        keys = len(node.value) + sum(map(self._count, _merged(node)))
        if keys > _MOST_KEYS and keys > len(node.value):
            raise BadYAMLError("merges make too many keys", _line(node))
        self._counts[id(node)] = keys
        return keys


def _merged(node: yaml.MappingNode) -> Iterator[yaml.MappingNode]:
    for key, value in node.value:
        if key.tag != _MERGE:
            continue
        sources = value.value if value.id == "sequence" else [value]
        for source in sources:
            if isinstance(source, yaml.MappingNode):
                yield source


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
