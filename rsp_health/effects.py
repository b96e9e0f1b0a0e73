"""What a notebook may do to the platform, and how much of it it takes.

A notebook says so in its metadata, ``rsp_health.effects`` and
``rsp_health.load``. A run takes what its site lets every run do; for more it
has to be asked, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BY_DEFAULT",
    "EFFECTS",
    "LOADS",
    "Allowance",
    "Declared",
    "Effects",
    "Load",
    "read_declared",
]

Effects = Literal["passive", "writes", "hardware"]
Load = Literal["light", "moderate", "heavy"]

#: The least first.
EFFECTS: tuple[Effects, ...] = get_args(Effects)
LOADS: tuple[Load, ...] = get_args(Load)

#: What a notebook does, as a sentence about it goes on.
_DOES = {
    "passive": "it only looks",
    "writes": "it writes to services",
    "hardware": "it sends commands to hardware",
    "light": "it is a light load",
    "moderate": "it is a moderate load",
    "heavy": "it is a heavy load",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a notebook says that it does.

    Parameters
    ----------
    effects
        What it changes outside the lab.
    load
        How much of the platform it takes.
    problems
        What of its metadata is not used, and why.
    """

    effects: Effects = "passive"
    load: Load = "light"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The most that the notebooks of a run may do.

    Parameters
    ----------
    effects, load
        As a notebook says them.
    """

    effects: Effects = "writes"
    load: Load = "moderate"

    def missing(self, declared: Declared) -> list[str]:
        """Return what a notebook does beyond this, as it says it."""
        return [
            wanted
            for order, wanted, given in (
                (EFFECTS, declared.effects, self.effects),
                (LOADS, declared.load, self.load),
            )
            if _is_beyond(order, wanted, given)
        ]

    def refusal(self, declared: Declared) -> str | None:
        """Say why a run does not take a notebook; `None` if it does."""
        beyond = [_DOES[name] for name in self.missing(declared)]
        if not beyond:
            return None
        does = " and ".join(beyond)
        return f"{does[0].upper()}{does[1:]}; a run must be asked for that."

    def with_(self, declared: Declared) -> Allowance:
        """Return what a run needs that takes this notebook as well."""
        return Allowance(
            effects=max(self.effects, declared.effects, key=EFFECTS.index),
            load=max(self.load, declared.load, key=LOADS.index),
        )


#: Where nobody says otherwise.
BY_DEFAULT = Allowance()


def _is_beyond(order: Sequence[str], wanted: str, given: str) -> bool:
    return order.index(wanted) > order.index(given)


def read_declared(metadata: Any) -> Declared:
    """Return what a notebook's metadata says that it does.

    A word that is not known may be the worst one, misspelt: it is taken for
    that.

    Parameters
    ----------
    metadata
        Of the notebook; it need not be a mapping.
    """
    own = metadata.get("rsp_health") if isinstance(metadata, dict) else None
    if not isinstance(own, dict):
        return Declared()
    problems: list[str] = []
    effects = _word(own, "effects", EFFECTS, problems)
    load = _word(own, "load", LOADS, problems)
    return Declared(effects=effects, load=load, problems=tuple(problems))


def _word[T: str](
    own: dict[str, Any], key: str, known: tuple[T, ...], problems: list[str]
) -> T:
    said = own.get(key, known[0])
    for word in known:
        if said == word:
            return word
    problems.append(
        f"rsp_health.{key} is not {', '.join(known[:-1])} or {known[-1]}; "
        f"it is taken for {known[-1]}."
    )
    return known[-1]
