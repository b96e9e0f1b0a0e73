"""Draws findings against false alarms, as SVG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.benchmarks.noise import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["draw"]

type Point = tuple[float, float]

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 44, 150
#: False alarms are drawn from 0.05 % to 100 %, as logarithm.
_LEAST = 0.0005
_COLOURS = ["#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#000000"]
_DASHES = ["", "8 3", "3 3", "10 3 2 3", "1 3", ""]


def _x(share: float) -> float:
    part = math.log(max(share, _LEAST) / _LEAST) / math.log(1 / _LEAST)
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def draw(
    curves: Mapping[str, Sequence[Point]], chosen: Mapping[str, Point]
) -> str:
    """Return the picture.

    Parameters
    ----------
    curves
        For each kind of noise, the shares of false alarms and of findings.
    chosen
        The two shares of the rule as it is.
    """
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} '
            f'{_HEIGHT}" font-family="sans-serif" font-size="12" role="img">'
        ),
        "<title>Slowdowns found against false alarms, by noise</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        (
            f'<text x="{_LEFT}" y="22" font-size="14">A notebook that takes twice '
            "as long: found in one run (dot: the rule as it is)</text>"
        ),
        *_axes(),
    ]
    for number, (kind, points) in enumerate(curves.items()):
        colour, dash = _COLOURS[number], _DASHES[number]
        line = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        x, y = chosen[kind]
        parts.append(
            f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="5" '
            f'fill="{colour}"/>'
        )
        parts += _legend(number, kind, (x, y))
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 0.95, 1):
        y = _y(share)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" '
            f'y2="{y:.1f}" stroke="#cccccc"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{share:.0%}</text>"
        )
    for share in (0.0005, 0.001, 0.01, 0.1, 1):
        x = _x(share)
        text = f"{share:.0%}" if share >= 0.01 else f"{share * 100:g}%"
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" '
            f'y2="{_HEIGHT - _BOTTOM}" stroke="#cccccc"/>'
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" '
            f'text-anchor="middle">{text}</text>'
        )
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - _BOTTOM + 34}" '
        'text-anchor="middle">false alarms: healthy runs that are called '
        "slower</text>"
    )
    return parts


def _legend(number: int, kind: str, point: Point) -> list[str]:
    y = _HEIGHT - _BOTTOM + 56 + 15 * number
    return [
        (
            f'<line x1="{_LEFT}" x2="{_LEFT + 30}" y1="{y}" y2="{y}" '
            f'stroke="{_COLOURS[number]}" stroke-width="2" '
            f'stroke-dasharray="{_DASHES[number]}"/>'
        ),
        (
            f'<text x="{_LEFT + 38}" y="{y + 4}">{kind}: {KINDS[kind]} '
            f"({point[0]:.2%} false, {point[1]:.1%} found)</text>"
        ),
    ]
