"""What a repository says of nbstripout, and what of that our policy can take.

Both clean the same notebooks. Side by side they quarrel: nbstripout numbers
the ids of cells anew, unless told not to, and lint then calls every cell
changed.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Hook", "Wishes", "hooks_in", "understood", "without_filter"]

_ID = "nbstripout"

#: What a hook may say of the files that it is for.
_OF_FILES = ("files", "exclude", "stages")

#: Options that say nothing that ours does not do anyhow.
_MOOT = {"--keep-id", "--drop-empty-cells", "--verify"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A hook of nbstripout in ``.pre-commit-config.yaml``.

    Parameters
    ----------
    repo, hook
        Its place in the list of repos, and in that repo's list of hooks.
    is_alone
        Whether its repo has no other hook.
    settings
        The hook's own mapping.
    """

    repo: int
    hook: int
    is_alone: bool
    settings: dict[str, Any]

    @property
    def keeps_ids(self) -> bool:
        """Whether it leaves the ids of cells alone."""
        return "--keep-id" in _arguments(self.settings)

    @property
    def of_files(self) -> dict[str, Any]:
        """What it says of the files that it is for."""
        return {
            key: self.settings[key]
            for key in _OF_FILES
            if key in self.settings
        }


@dataclass(slots=True, kw_only=True)
class Wishes:
    """What arguments of nbstripout come to in our settings.

    Parameters
    ----------
    settings
        Keys and values of the table ``clean``.
    others
        Arguments that have no counterpart.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def hooks_in(repos: Any) -> list[Hook]:
    """Return nbstripout's hooks among the repos of a configuration."""
    found = []
    for at, repo in enumerate(repos):
        hooks = repo.get("hooks") if isinstance(repo, dict) else None
        if not isinstance(hooks, list):
            continue
        found += [
            Hook(
                repo=at,
                hook=number,
                is_alone=len(hooks) == 1,
                settings=hook,
            )
            for number, hook in enumerate(hooks)
            if isinstance(hook, dict) and _is_nbstripout(hook)
        ]
    return found


def _is_nbstripout(hook: dict[str, Any]) -> bool:
    entry = str(hook.get("entry", ""))
    return hook.get("id") == _ID or bool(
        re.search(rf"(?:^|[\s/]){_ID}(?:\s|$)", entry)
    )


def understood(hooks: list[Hook]) -> Wishes:
    """Translate the arguments of hooks into our settings."""
    wishes = Wishes()
    for hook in hooks:
        arguments = iter(_arguments(hook.settings))
        for argument in arguments:
            name, equals, value = argument.partition("=")
            if name == "--extra-keys":
                _extra(value if equals else next(arguments, ""), wishes)
            elif name not in _MOOT and name.startswith("-"):
                wishes.others.append(argument)
    return wishes


def _arguments(hook: dict[str, Any]) -> Iterator[str]:
    args = hook.get("args")
    if isinstance(args, list):
        yield from map(str, args)
    try:
        yield from shlex.split(str(hook.get("entry", "")))[1:]
    except ValueError:
        return


def _extra(keys: str, wishes: Wishes) -> None:
    for key in keys.split():
        if key == "metadata.language_info.version":
            wishes.settings["strip-language-version"] = True
            continue
        match = re.fullmatch(r"(cell\.)?metadata\.([^.]+)", key)
        kept = {"kernelspec", "language_info", "mobu", "rsp_health", "tags"}
        if match is None or match[2] in kept:
            wishes.others.append(f"--extra-keys={key}")
            continue
        what = "cell" if match[1] else "notebook"
        name = f"extend-drop-{what}-metadata"
        wishes.settings.setdefault(name, []).append(match[2])


def without_filter(attributes: str) -> str:
    """Return the text of ``.gitattributes`` without nbstripout's filter."""
    kept = []
    for line in attributes.splitlines(keepends=True):
        words = line.split()
        if f"filter={_ID}" in words and not line.lstrip().startswith("#"):
            if len(words) > 2:
                other = re.sub(rf"[ \t]+filter={_ID}(?=\s|$)", "", line)
                kept.append(other)
            continue
        kept.append(line)
    return "".join(kept)
