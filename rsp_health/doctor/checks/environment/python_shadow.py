"""Look for packages of the user's that hide packages of the image."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...evidence.distributions import Distribution, conflicts, installed
from ...evidence.pythons import pythons, user_site
from ...evidence.words import counted, listed
from ...models import Evidence, Fix, attention, cannot_tell, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...context import Context
    from ...evidence.pythons import Python
    from ...models import Finding

__all__ = ["PythonShadow"]

_TOLD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shadow:
    """Packages in one folder that a Python reads before its own."""

    folder: Path
    python: Python
    hiding: Mapping[str, Distribution]
    hidden: Mapping[str, Distribution]
    broken: tuple[str, ...]


class PythonShadow(Check):
    """Compares metadata, and imports nothing."""

    id = "python.shadow"
    title = "Your own Python packages"

    def aside(self, context: Context) -> dict[Path, str]:
        """Return the user's folder of that Python, as the platform would."""
        return {
            shadow.folder.parent: f"local/lib/{shadow.folder.parent.name}"
            for shadow in _shadows(context, pythons(context))
            if _is_movable(context, shadow)
        }

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        found = pythons(context)
        if not found:
            return cannot_tell("No Python with packages of its own was found.")
        shadows = _shadows(context, found)
        if not shadows:
            return ok(
                "None of the packages in your own folders (~/.local, "
                "PYTHONPATH) hides one of the image's; files beside a "
                "notebook were not looked at.",
                *_looked_at(context, found),
            )
        return _tell(context, shadows)


def _shadows(context: Context, found: list[Python]) -> list[_Shadow]:
    return [
        shadow
        for python in found
        for folder in _earlier(context, python)
        if (shadow := _compare(folder, python)) is not None
    ]


def _is_movable(context: Context, shadow: _Shadow) -> bool:
    usual = context.home / ".local" / "lib"
    return shadow.folder.parent.parent == usual


def _earlier(context: Context, python: Python) -> list[Path]:
    """Return the user's folders that a Python looks into first."""
    listed = context.environment.get("PYTHONPATH") or ""
    folders = [
        Path(entry)
        for entry in listed.split(os.pathsep)
        # What the image itself set is its own affair.
        if entry and Path(entry).is_relative_to(context.home)
    ]
    if python.reads_user_site:
        folders.append(user_site(context, python.version))
    return folders


def _compare(folder: Path, python: Python) -> _Shadow | None:
    own = installed(folder)
    if not own:
        return None
    image = installed(python.packages)
    hiding = {
        name: package
        for name, package in own.items()
        if name in image and image[name].version != package.version
    }
    if not hiding:
        return None
    broken = tuple(
        f"{who} needs {need}, and gets {got}"
        for who, need, got in conflicts(hiding, image)
    )
    return _Shadow(
        folder=folder,
        python=python,
        hiding=hiding,
        hidden={name: image[name] for name in hiding},
        broken=broken,
    )


def _looked_at(context: Context, found: list[Python]) -> list[Evidence]:
    seen: dict[Path, Evidence] = {}
    for python in found:
        for folder in _earlier(context, python):
            count = len(installed(folder))
            seen[folder] = Evidence(
                source=context.shown(folder),
                value=f"{counted(count, 'package')}, none of another version "
                "than the image's"
                if count
                else "no packages",
            )
    return list(seen.values()) or [
        Evidence(
            source=", ".join(str(python.packages) for python in found),
            value="read no folder of yours first",
        )
    ]


def _tell(context: Context, shadows: list[_Shadow]) -> Finding:
    # What does not fit comes first, then what hides most.
    shadows.sort(key=lambda s: (not s.broken, -len(s.hiding)))
    first = shadows[0]
    names = sorted(package.name for package in first.hiding.values())
    one = len(names) == 1
    sentence = (
        f"{'A package' if one else f'{len(names)} packages'} of your own "
        f"{'hides' if one else 'hide'} the image's: {listed(names)}."
    )
    seen = []
    for shadow in shadows:
        where = context.shown(shadow.folder)
        seen += [Evidence(source=where, value=what) for what in shadow.broken]
        seen += [
            Evidence(
                source=where,
                value=f"{package} hides {shadow.hidden[name]} of Python "
                f"{shadow.python.version}",
            )
            for name, package in shadow.hiding.items()
        ]
    more = len(seen) - _TOLD
    seen = seen[:_TOLD]
    if more > 0:
        seen.append(Evidence(source="the same", value=f"{more} more"))
    make = attention
    if first.broken:
        make = fault
        sentence = f"{sentence} They do not fit: {first.broken[0]}."
        if one:
            sentence = sentence.replace("They do not", "It does not")
    return make(
        sentence,
        *seen,
        whose="your_environment",
        next_step=_next_step(context, first),
        fix=_fix(context, first),
    )


def _fix(context: Context, shadow: _Shadow) -> Fix | None:
    if not _is_movable(context, shadow):
        return None
    return Fix(
        title=f"Move {context.shown(shadow.folder.parent)} aside, so that the "
        "image's packages are used."
    )


def _next_step(context: Context, shadow: _Shadow) -> str:
    where = context.shown(shadow.folder)
    if shadow.folder != user_site(context, shadow.python.version):
        return (
            f"Take {where} out of PYTHONPATH where you set it, and restart "
            "the kernel."
        )
    if not _is_movable(context, shadow):
        return f"Rename {where}, and restart the kernel."
    return (
        "Move them aside with `rsp-health doctor fix python.shadow`, and "
        "restart the kernel."
    )
