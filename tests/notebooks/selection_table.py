"""200 rule sets and 30 trees, the same in every run of the tests."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["APPLICATIONS", "RULE_SETS", "TREES", "make_tree"]

#: What is deployed, changing from one rule set to the next.
APPLICATIONS = ((), ("tap",), ("sia", "tap"), ("portal", "sia", "tap"))

#: Names of files and folders; "=x" after a file's name: it requires x,
#: "@x": it is a link to x.
_HAND_MADE = (
    (),
    ("top.ipynb",),
    ("a.ipynb=tap", "b.ipynb=sia,tap", "c.ipynb=none", "d.ipynb"),
    ("x/d.ipynb", "x/e.ipynb", "x/d/f.ipynb", "d.ipynb"),
    ("1a.ipynb", "1/a.ipynb", "1b/1c/1d.ipynb", "2/1/3.ipynb"),
    (".hidden.ipynb", ".h/a.ipynb", "a/.h/b.ipynb", "a/.b.ipynb"),
    ("A.ipynb", "a/A.ipynb", "A/a.ipynb", "a.ipynb", "b.IPYNB"),
    ("a b.ipynb", "a b/c d.ipynb", "caf\xe9/\u03b1.ipynb", "\u661f.ipynb"),
    ("[a].ipynb", "a[1]/b.ipynb", "*.ipynb", "a?b/**.ipynb", "a1/b.ipynb"),
    ("a/b/c/d/e/f.ipynb", "a/b/c/x.txt", "a/b/n.ipynb", "a/b.ipynb"),
    ("real/a.ipynb", "link@real", "l.ipynb@real/a.ipynb", "z/l@../real"),
    ("a.ipynb.bak", "ipynb", "a/ipynb/b.ipynb", "x.ipynbx", ".ipynb"),
    ("a\nb.ipynb", "a\\b.ipynb", "a/c\td.ipynb", "~/a.ipynb", "-a.ipynb"),
)
_FOLDERS = ("a", "b", "1", "1a", "deep er", ".h", "x", "tutorials")
_FILES = (
    "a.ipynb",
    "b.ipynb=tap",
    "1.ipynb",
    "1a.ipynb=sia",
    "these-one.ipynb",
    "tap sync.ipynb=tap,portal",
    "d.ipynb=unheard-of",
    "read.me",
)
#: Patterns that were, or may be, judged differently.
_PATTERNS = (
    "**",
    "**/*",
    "**/**",
    "*",
    "*/**",
    "*/*",
    "**/*/**",
    "1*/**",
    "**/1*/**",
    "x/d.ipynb/**",
    "x/d.ipynb",
    "*.ipynb/**",
    "**/*.ipynb/**",
    "a/**",
    "a/**/*",
    "a/*/**",
    "**/a/**",
    "a/**/b.ipynb",
    "**/a",
    "a",
    "**/b.ipynb",
    "**/these-*",
    "these**",
    "a**/*.ipynb",
    "**b.ipynb",
    "?/**",
    "[ab]/**",
    "[!a]*/**",
    "[a].ipynb",
    "[[]a].ipynb",
    "a[[]1]/**",
    "a[1]/*",
    ".*/**",
    ".h/**",
    "**/.h/**",
    "./a/**",
    "a//b.ipynb",
    "a/./**",
    "a/**/.",
    "a/../a.ipynb",
    "../**",
    "**/..",
    "a/",
    "a.ipynb/",
    "**/",
    "*/",
    "deep er/**",
    "*er/**",
    "link/**",
    "link/*",
    "*/a.ipynb",
    "**/l.ipynb",
    "caf\xe9/*",
    "\u661f*",
    "A*",
    "**/A/**",
    "*.IPYNB",
    "*.[iI]*",
    "a\nb*",
    "~/**",
    "no such/**",
    "**/a/**/b.ipynb",
    "**/*/**/*.ipynb",
    "*/*/*/**",
    "a[",
    "[",
    "[]",
    "[!]a]*",
    "a-[0-9].ipynb",
)


def _rule(kind: str, *patterns: str) -> dict[str, Any]:
    return {"type": f"{kind}_union_of", "patterns": list(patterns)}


def _rule_sets() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {},
        {"collection_rules": []},
        {"exclude_dirs": []},
        {"collection_rules": [_rule("intersect")]},
        {"collection_rules": [_rule("exclude")]},
        {"exclude_dirs": ["."]},
        {"exclude_dirs": [""]},
        {"exclude_dirs": ["a/"]},
        {"exclude_dirs": ["a", "x/d", "1*"]},
        {"exclude_dirs": ["x/d.ipynb"]},
        {"exclude_dirs": ["**"]},
        {"exclude_dirs": ["a/../x"]},
    ]
    for number, pattern in enumerate(_PATTERNS):
        kinds = ("intersect", "exclude")
        kind = kinds[number % 2]
        found.append({"collection_rules": [_rule(kind, pattern)]})
        if "**" in pattern:
            other = kinds[(number + 1) % 2]
            found.append({"collection_rules": [_rule(other, pattern)]})
    chance = random.Random(11)  # noqa: S311 - the same every time
    while len(found) < 200:
        rules = [
            _rule(
                chance.choice(("intersect", "exclude", "exclude")),
                *chance.sample(_PATTERNS, chance.randint(1, 4)),
            )
            for _ in range(chance.randint(1, 3))
        ]
        config: dict[str, Any] = {"collection_rules": rules}
        if chance.random() < 0.3:
            config["exclude_dirs"] = chance.sample(_FOLDERS, 2)
        found.append(config)
    return found


def _trees() -> list[tuple[str, ...]]:
    found = list(_HAND_MADE)
    chance = random.Random(12)  # noqa: S311 - the same every time
    while len(found) < 30:
        folders = [""]
        for _ in range(chance.randint(1, 8)):
            above = chance.choice(folders)
            folders.append(f"{above}{chance.choice(_FOLDERS)}/")
        files = itertools.product(dict.fromkeys(folders), _FILES)
        found.append(
            tuple(
                f"{folder}{file}"
                for folder, file in files
                if chance.random() < 0.4
            )
        )
    return found


RULE_SETS = _rule_sets()
TREES = _trees()


def make_tree(root: Path, entries: tuple[str, ...]) -> None:
    """Write the files of a tree."""
    root.mkdir()
    for entry in entries:
        name, _, target = entry.partition("@")
        name, _, required = name.partition("=")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if target:
            path.symlink_to(target)
            continue
        mobu = {"required_applications": required.split(",")}
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"mobu": mobu} if required else {},
            "cells": [],
        }
        path.write_text(json.dumps(content), encoding="utf-8")
