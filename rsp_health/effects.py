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
    "options",
    "read_declared",
]

Effects = Literal["passive", "writes", "hardware"]
Load = Literal["light", "moderate", "heavy"]

#: The least first.
EFFECTS: tuple[Effects, ...] = get_args(Effects)
LOADS: tuple[Load, ...] = get_args(Load)

#: What a notebook does, as a sentence about it goes on.
_DOES = {
    "passive": "only looks",
    "writes": "writes to services",
    "hardware": "sends commands to hardware",
    "light": "is a light load",
    "moderate": "is a moderate load",
    "heavy": "is a heavy load",
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

    def missing(self, declared: Declared) -> dict[str, str]:
        """Return what a notebook does beyond this: keys, as it says it."""
        return {
            key: wanted
            for key, order, wanted, given in (
                ("effects", EFFECTS, declared.effects, self.effects),
                ("load", LOADS, declared.load, self.load),
            )
            if _is_beyond(order, wanted, given)
        }

    def beyond(self, declared: Declared) -> str:
        """Say what a notebook does beyond this; empty if nothing."""
        missing = self.missing(declared)
        return " and ".join(_DOES[word] for word in missing.values())

    def refusal(self, declared: Declared) -> str | None:
        """Say why a run does not take a notebook; `None` if it does."""
        missing = self.missing(declared)
        if not missing:
            return None
        return (
            f"It {self.beyond(declared)}. To run it: {options(missing)}, or "
            "in the lab run it by itself."
        )

    def with_(self, declared: Declared) -> Allowance:
        """Return what a run needs that takes this notebook as well."""
        return Allowance(
            effects=max(self.effects, declared.effects, key=EFFECTS.index),
            load=max(self.load, declared.load, key=LOADS.index),
        )


def options(missing: dict[str, str]) -> str:
    """Return the options of ``rsp-health run`` that ask for something.

    Parameters
    ----------
    missing
        What, by key, as `Allowance.missing` returns it.
    """
    return " ".join(f"--{key} {word}" for key, word in missing.items())


#: Where nobody says otherwise.
BY_DEFAULT = Allowance()


def _is_beyond(order: Sequence[str], wanted: str, given: str) -> bool:
    return order.index(wanted) > order.index(given)


def read_declared(metadata: Any) -> Declared:
    """Return what a notebook's metadata says that it does.

    A word that is not known may be the worst one, misspelt: it is taken for
    that. So is a form that is not known.

    Parameters
    ----------
    metadata
        Of the notebook; it need not be a mapping.
    """
    if not isinstance(metadata, dict) or "rsp_health" not in metadata:
        return Declared()
    own = metadata["rsp_health"]
    if not isinstance(own, dict):
        problem = (
            f"rsp_health is not an object; it is taken for {EFFECTS[-1]} and "
            f"{LOADS[-1]}."
        )
        return Declared(
            effects=EFFECTS[-1], load=LOADS[-1], problems=(problem,)
        )
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
