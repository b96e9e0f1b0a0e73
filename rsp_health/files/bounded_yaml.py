"""YAML as a safe loader reads it, within bounds, with its lines.

Nothing is made before it is known to be small: aliases and merges (``<<``)
may repeat a few lines a billion times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from ..printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadYAMLError", "read"]

_MERGE = "tag:yaml.org,2002:merge"
_NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
#: Values, lists and mappings that a file may write.
_MOST_NODES = 5_000
#: Those that it may have with what aliases and merges repeat.
_MOST_REPEATED = 20_000

#: What PyYAML lets through when a scalar is not what its tag says.
_SLIPS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class BadYAMLError(Exception):
    """It is not to be read; says why in one line, and in which line."""

    def __init__(
        self, message: str, line: int = 1, *, excessive: bool = False
    ) -> None:
        super().__init__(message)
        self.line = line
        self.excessive = excessive


def read(
    text: str, *, depth: int, digits: int
) -> tuple[yaml.Node | None, Any]:
    """Return the document's node, its merges carried out, and its value.

    Parameters
    ----------
    text
        The file's text.
    depth
        Levels that it may have.
    digits
        Characters that a number may have.

    Raises
    ------
    BadYAMLError
        Raised if a safe loader would not read it, or should not.
    """
    loader = None
    try:
        loader = _Loader(text, depth)
        node = loader.get_single_node()
        if node is None:
            return None, None
        _Repeats(digits).check(node)
        # Carries out the merges, in the nodes themselves.
        return node, loader.construct_document(node)
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise BadYAMLError(f"it is not YAML: {exc.reason}", line) from None
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        said = printable(str(exc.problem or exc.context))[:200]
        raise BadYAMLError(
            f"it is not YAML: {said}", 1 if mark is None else mark.line + 1
        ) from None
    except RecursionError:
        raise BadYAMLError("it is nested too deeply", excessive=True) from None
    except _SLIPS:
        raise BadYAMLError(
            "it is not YAML: a value is not what its tag or form says"
        ) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Loader(yaml.SafeLoader):
    """Stops before a document becomes too deep or too large."""

    def __init__(self, text: str, depth: int) -> None:
        super().__init__(text)
        self._left = self._depth = depth
        self._nodes = 0

    def fetch_flow_collection_start(self, kind: Any) -> None:
        # The scanner looks far ahead of the composer, in a time that grows
        # with the square of the depth.
        if self.flow_level > self._depth:
            raise BadYAMLError(
                "it is nested too deeply", self.line + 1, excessive=True
            )
        super().fetch_flow_collection_start(kind)

    def compose_node(
        self, parent: yaml.Node | None, index: Any
    ) -> yaml.Node | None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise BadYAMLError(
                "it holds too many values", self.line + 1, excessive=True
            )
        if self._left < 0:
            raise BadYAMLError(
                "it is nested too deeply", self.line + 1, excessive=True
            )
        self._left -= 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._left += 1


class _Repeats:
    """Counts what aliases and merges would make, before it is made."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._counts: dict[int, int] = {}

    def check(self, top: yaml.Node) -> None:
        self._count(top)

    def _count(self, node: yaml.Node) -> int:
        """Return how many nodes there are in a node, itself among them."""
        if isinstance(node, yaml.ScalarNode):
            if node.tag in _NUMBERS and len(node.value) > self._digits:
                raise BadYAMLError(
                    "a number is too long", _line(node), excessive=True
                )
            return 1
        if id(node) in self._counts:
            if self._counts[id(node)] < 0:
                raise BadYAMLError(
                    "a list or mapping holds itself",
                    _line(node),
                    excessive=True,
                )
            return self._counts[id(node)]
        self._counts[id(node)] = -1
        count = 1 + sum(map(self._count, _parts(node)))
        if count > _MOST_REPEATED:
            raise BadYAMLError(
                "aliases and merges repeat too much",
                _line(node),
                excessive=True,
            )
        self._counts[id(node)] = count
        return count


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    else:
        yield from node.value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
