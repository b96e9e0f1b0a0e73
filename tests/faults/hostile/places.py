"""The home that hostile files are put in, and who reads them there."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CASES", "GOOD", "PLACES", "Home"]

GOOD = "20261120T120000Z-0001"
BAD = "20261120T130000Z-0002"
_UNDO = "20261120T120000000000Z-abcdef"

_TREE = ("mobu.yaml", ".rsp-health.toml", "pyproject.toml")
_FILES = ("pipe", "zero", "tty", "loop", "folder", "endless")
_YAML = (
    *("merges", "aliases", "itself", "deep", "deep yaml", "wide yaml"),
    *("digits", "tag", "python", "date", "utf-16", "bytes", "nul", "kmsg"),
)
_TOML = (
    *("deep toml", "deep tables", "dotted", "digits toml", "hex"),
    *("date toml", "quotes", "outside", "bytes"),
)
_RECORD = (
    *("line deep", "line digits", "line wide", "lines", "starts", "passwd"),
    *("state", "year", "infinity", "nan", "half", "nothing", "deep", "wide"),
)

#: Name of a place -> the kinds of files that are put there.
PLACES: dict[str, tuple[str, ...]] = {
    "mobu.yaml": (*_FILES, "outside", *_YAML),
    ".rsp-health.toml": (*_FILES, *_TOML),
    "pyproject.toml": ("pipe", "zero", *_TOML[:5]),
    ".pre-commit-config.yaml": ("pipe", "zero", *_YAML[:9]),
    "notebook": (*_FILES, "deep", "wide", "bytes", "nul", "digits"),
    "record": (*_FILES, *_RECORD),
    "ledger": (
        *_FILES,
        "passed",
        "lines",
        "signed deep",
        "signed digits",
        "signed bytes",
    ),
    "summary": ("pipe", "zero", "passed", "deep", "digits"),
    "active": ("pipe", "folder"),
    "undo": ("pipe", "zero", "deep", "lines"),
    "on-save": (*_FILES, "deep", "wide", "digits"),
    "discovery": ("pipe", "zero", "deep", "wide"),
    "checkout": ("pipe", "zero", "deep", "wide", "digits"),
    "lock": ("pipe", "deep", "folder"),
}
CASES = [(place, kind) for place, kinds in PLACES.items() for kind in kinds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A root with a checkout, and records of a run.

    Parameters
    ----------
    scratch
        Folder of all.
    """

    scratch: Path

    @property
    def root(self) -> Path:
        """What the lab shows."""
        return self.scratch / "root"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.scratch / "data"

    @property
    def tree(self) -> Path:
        """The checkout."""
        return self.root / "checkouts" / "h"

    @property
    def config(self) -> dict[str, object]:
        """Traits of ``HealthApp``."""
        return {
            "allowed_git_protocols": ["file"],
            "data_dir": str(self.data),
            "repositories": [
                {
                    "id": "h",
                    "title": "H",
                    "url": (self.scratch / "upstream").as_uri(),
                    "directory": "checkouts/h",
                }
            ],
        }

    def path(self, place: str) -> Path:
        """Return the file that a place names."""
        runs = self.data / "runs"
        return {
            "notebook": self.tree / "b.ipynb",
            "record": runs / BAD / "record.jsonl",
            "ledger": runs / ".ledger.jsonl",
            "summary": runs / BAD / "summary.json",
            "active": runs / ".active" / BAD,
            "undo": self.data / "cleaning" / "undo" / _UNDO / "index.jsonl",
            "on-save": self.data / "cleaning" / "on-save.json",
            "discovery": self.data / "cache" / "discovery.json",
            "checkout": self.tree / ".git" / "rsp-health.json",
            "lock": self.root / "checkouts" / ".rsp-health" / "locks" / "h",
        }.get(place, self.tree / place)

    def make(self) -> None:
        """Make upstream and the records; the checkout is for the caller."""
        upstream = self.scratch / "upstream"
        upstream.mkdir(parents=True)
        for name in ("a.ipynb", "b.ipynb"):
            (upstream / name).write_text(json.dumps(_NOTEBOOK))
        (upstream / "mobu.yaml").write_text("collection_rules: []\n")
        who = ["-c", "user.name=h", "-c", "user.email=h@example.org"]
        for words in (
            ["init", "--quiet", "--initial-branch=main"],
            ["add", "."],
            [*who, "commit", "--quiet", "-m", "x"],
        ):
            subprocess.run(["git", *words], cwd=upstream, check=True)
        self.root.mkdir(parents=True, exist_ok=True)
        # So that a save reads the settings of the checkout.
        chosen = self.path("on-save")
        chosen.parent.mkdir(parents=True)
        chosen.write_text('{"folders": ["/"]}')
        for run_id in (GOOD, BAD):
            path = self.data / "runs" / run_id / "record.jsonl"
            path.parent.mkdir(parents=True)
            text = "".join(json.dumps(x) + "\n" for x in _lines(run_id))
            path.write_text(text)

    def commands(self) -> list[list[str]]:
        """Return the commands that read these files."""
        tree = str(self.tree)
        return [
            ["run", "--plan", "--no-discovery", tree],
            ["check", tree],
            ["clean", "--dry-run", tree],
            ["lint", tree],
            ["init-repo", "--dry-run", "--repo", tree],
            ["filter", "status", "--repo", tree],
            ["runs"],
            ["runs", "show", BAD],
            ["runs", "report", BAD, "--format", "html"],
            ["runs", "report", BAD, "--format", "json"],
            ["runs", "stop", BAD],
            ["runs", "prune", "--keep", "5"],
            ["checkout", "list"],
            ["checkout", "inspect", "h"],
            ["checkout", "backups", "h"],
        ]

    def routes(self) -> list[tuple[str, str, object]]:
        """Return the requests whose answers need these files."""
        ours = "rsp-health"
        repository = f"{ours}/repositories/h"
        notebook = {
            "type": "notebook",
            "format": "json",
            "content": _NOTEBOOK,
        }
        return [
            ("GET", f"{ours}/info", None),
            ("GET", f"{ours}/services", None),
            ("GET", f"{ours}/repositories", None),
            ("POST", f"{repository}/inspect", {}),
            ("GET", f"{repository}/backups", None),
            ("GET", f"{repository}/operation", None),
            ("GET", f"{ours}/notebooks?repository=h", None),
            ("GET", f"{ours}/runs", None),
            ("GET", f"{ours}/runs/{BAD}", None),
            ("GET", f"{ours}/runs/{BAD}/report?format=html", None),
            ("GET", f"{ours}/runs/{BAD}/report?format=json", None),
            ("POST", f"{ours}/runs/{BAD}/stop", {}),
            (
                "POST",
                f"{ours}/runs/{BAD}/copies",
                {"notebook": "a.ipynb", "purpose": "read"},
            ),
            (
                "POST",
                f"{ours}/clean",
                {"paths": ["checkouts/h"], "dry_run": True},
            ),
            ("POST", f"{ours}/clean/undo", {"undo": _UNDO}),
            ("GET", f"{ours}/clean/on-save", None),
            ("PUT", "api/contents/checkouts/h/a.ipynb", notebook),
        ]


_NOTEBOOK: dict[str, object] = {
    "cells": [],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def _lines(run_id: str) -> list[dict[str, object]]:
    at = "2026-11-20T12:00:00.000Z"
    cell = {"index": 1, "id": "x", "source": "1", "source_sha256": "0"}
    first = {"path": "a.ipynb", "selected": True, "cells": [cell]}
    end = {"at": at, "notebook": "a.ipynb", "state": "failed"}
    return [
        {
            "kind": "run_started",
            "at": at,
            "run_id": run_id,
            "notebooks": [first],
        },
        {
            "kind": "notebook_finished",
            "duration_s": 2.5,
            "executed_path": None,
            **end,
        },
        {"kind": "run_finished", "duration_s": 2.5, **end},
    ]
