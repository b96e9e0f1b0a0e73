"""Edits ``.pre-commit-config.yaml`` as text, and leaves the rest as it is.

What an edit comes to is decoded again and compared with what it should be; a
file in a form that cannot be edited so is left to its author.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from ...errors import BadDocumentError
from ...files import compose_yaml, parse_yaml
from .nbstripout import Hook, hooks_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["HookConfig", "UnclearConfigError"]

_EMPTY = "\ufeff \t\r\n"


class UnclearConfigError(ValueError):
    """The file cannot be edited; says why, after its name."""


class HookConfig:
    """The hooks of a repository.

    Parameters
    ----------
    text
        The file; empty if there is none.
    path
        Where it stands, for messages.

    Attributes
    ----------
    has_ours
        Whether one of our hooks is among them: not only named there.
    nbstripout
        The hooks of nbstripout.

    Raises
    ------
    UnclearConfigError
        Raised if it is no configuration of hooks.
    rsp_health.errors.BadDocumentError
        Raised if it is not YAML, or too deep or large.
    """

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._text = text
        self._is_empty = not text.strip(_EMPTY)
        self._document: Any = {"repos": []}
        if not self._is_empty:
            self._document, self._repos = _read(text, path)
        repos = self._document["repos"]
        self.has_ours = any(
            str(hook.get("id", "")).startswith("rsp-health-")
            for hook in _hooks(repos)
        )
        self.nbstripout: list[Hook] = hooks_in(repos)

    def edited(self, entry: str, *, without: list[Hook]) -> str:
        """Return the text with an entry more, and without some hooks.

        Parameters
        ----------
        entry
            A repo with its hooks, in YAML, as an item of a list that is
            indented by two; empty for none. It takes the place of a repo
            that goes, or comes last.
        without
            Hooks that go.

        Raises
        ------
        UnclearConfigError
            Raised if the text cannot be edited.
        """
        if self._is_empty:
            return f"repos:\n{entry}"
        wanted = self._wanted(entry, without)
        text = self._text
        place = next((hook for hook in without if hook.is_alone), None)
        # From the last to the first, so that places stay.
        for hook in reversed(without):
            node = self._repos.value[hook.repo]
            if not hook.is_alone:
                node = _value(node, "hooks").value[hook.hook]
            start, stop = _lines_of(self._text, node)
            new = ""
            if hook is place and entry:
                new = self._as_item(entry) + self._line_end
            text = text[:start] + new + text[stop:]
        if place is None and entry:
            text = self._with_last(text, entry)
        try:
            result = _read(text, self._path)[0]
        except (UnclearConfigError, BadDocumentError):
            result = None
        if result != wanted:
            raise UnclearConfigError(
                "has its repos in a form that cannot be edited"
            )
        return text

    def _wanted(self, entry: str, without: list[Hook]) -> Any:
        wanted = copy.deepcopy(self._document)
        repos = wanted["repos"]
        ours: list[Any] = (
            parse_yaml(entry.encode(), self._path) if entry else []
        )
        for hook in reversed(without):
            if not hook.is_alone:
                del repos[hook.repo]["hooks"][hook.hook]
        alone = [hook.repo for hook in without if hook.is_alone]
        for repo in reversed(alone[1:]):
            del repos[repo]
        if alone:
            repos[alone[0] : alone[0] + 1] = ours
        else:
            repos += ours
        return wanted

    @property
    def _line_end(self) -> str:
        return "\r\n" if re.match(r"[^\n]*\r\n", self._text) else "\n"

    def _as_item(self, entry: str) -> str:
        indent = " " * self._repos.start_mark.column
        lines = entry.splitlines()
        return self._line_end.join(indent + line[2:] for line in lines)

    def _with_last(self, text: str, entry: str) -> str:
        """Return the text with an entry at the end of its list."""
        if text != self._text:
            return HookConfig(text, self._path).edited(entry, without=[])
        repos, end = self._repos, self._line_end
        if not repos.value:
            # "repos: []" becomes a list in block style.
            head = text[: repos.start_mark.index].rstrip(" ")
            lines = end.join(entry.splitlines())
            return f"{head}{end}{lines}{text[repos.end_mark.index :]}"
        if repos.flow_style:
            raise UnclearConfigError(
                "has its repos in a form that cannot be edited"
            )
        # A block's own end mark lies behind the comments that follow it.
        last = text[: repos.value[-1].end_mark.index].rstrip()
        rest = text[len(last) :].lstrip("\r\n")
        return f"{last}{end}{self._as_item(entry)}{end}{rest}"


def _read(text: str, path: Path) -> tuple[Any, Any]:
    """Return the document, and the node of its repos."""
    import yaml

    data = text.encode()
    document = parse_yaml(data, path)
    repos = _value(compose_yaml(data, path), "repos")
    if not isinstance(repos, yaml.SequenceNode):
        raise UnclearConfigError("has no list of repos")
    return document, repos


def _hooks(repos: Any) -> Iterator[dict[str, Any]]:
    for repo in repos:
        hooks = repo.get("hooks") if isinstance(repo, dict) else None
        for hook in hooks if isinstance(hooks, list) else []:
            if isinstance(hook, dict):
                yield hook


def _value(node: Any, key: str) -> Any:
    """Return the value of a mapping's key, of several the last."""
    import yaml

    found = None
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                found = value
    return found


def _lines_of(text: str, node: Any) -> tuple[int, int]:
    """Return where the lines of a list's item begin and end.

    Raises
    ------
    UnclearConfigError
        Raised if it shares a line with something else.
    """
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    head = text[start : node.start_mark.index]
    match = re.compile(r"[^\n]*(?:\n|$)").match(text, _last(node))
    if not re.fullmatch(r"[ \t]*-[ \t]+", head) or match is None:
        raise UnclearConfigError(
            "has its repos in a form that cannot be edited"
        )
    return start, match.end()


def _last(node: Any) -> int:
    """Return where a node's last word ends, before comments that follow."""
    import yaml

    while not getattr(node, "flow_style", True) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    position: int = node.end_mark.index
    return position
