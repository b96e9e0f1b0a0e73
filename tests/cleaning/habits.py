"""A repository with the habits of the RSP's real notebook repositories.

Seen in them: the whole ``language_info`` with its version, the hook of
nbstripout, cells without ids (nbformat 4.4), notebooks that keep their
outputs, a branch apart, an empty notebook, and names with spaces and letters
that are not ASCII.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.faults.checkout.homes import git

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KEPT", "NAMES", "make_repository", "make_states", "notebook"]

#: Notebooks that upstream keeps with their outputs.
KEPT = ["golden/figure é.ipynb", "golden/[1] & more.ipynb"]

#: All notebooks of the branch that is checked out.
NAMES = [
    "01 Introduction.ipynb",
    "DP1/TAP/async query.ipynb",
    "UPPER.IPYNB",
    "empty.ipynb",
    "old.ipynb",
    "tap.ipynb",
    "Überblick über alles.ipynb",
    *KEPT,
]

_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.11.4",
}
_OUTPUT = {"name": "stdout", "output_type": "stream", "text": ["secret\n"]}

_HOOK = """\
repos:
  - repo: https://github.com/kynan/nbstripout
    rev: 0.6.1
    hooks:
      - id: nbstripout
"""


def notebook(
    text: str, *, minor: int = 5, with_output: bool = False, **fields: Any
) -> str:
    """Return a notebook as JupyterLab writes it.

    Parameters
    ----------
    text
        The source of its second cell.
    minor
        Before 5 the cells have no ids.
    with_output
        Whether the second cell was run.
    fields
        More fields of that cell's metadata.
    """
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Größe\n"]},
        {
            "cell_type": "code",
            "execution_count": 3 if with_output else None,
            "metadata": {"tags": ["tap"], **fields},
            "outputs": [_OUTPUT] if with_output else [],
            "source": [text],
        },
    ]
    if minor >= 5:
        cells = [
            # As nbstripout numbers them.
            {**cell, "id": str(at)}
            for at, cell in enumerate(cells)
        ]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "LSST",
                "language": "python",
                "name": "lsst",
            },
            "language_info": _LANGUAGE,
        },
        "nbformat": 4,
        "nbformat_minor": minor,
    }
    return _written(document)


def _written(document: dict[str, Any]) -> str:
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n"


def make_repository(folder: Path, settings: str | None = None) -> None:
    """Make it, with a branch ``topic`` that has more outputs than ``main``.

    Parameters
    ----------
    folder
        Where; it does not exist yet.
    settings
        Content of its ``.rsp-health.toml``.
    """
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "README.md").write_text("# Notebooks\n")
    (folder / ".pre-commit-config.yaml").write_text(_HOOK)
    (folder / "mobu.yaml").write_text("exclude_dirs: [golden]\n")
    if settings is not None:
        (folder / ".rsp-health.toml").write_text(settings)
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            ""
            if name == "empty.ipynb"
            else notebook(
                f"print({name!r})",
                minor=4 if name == "old.ipynb" else 5,
                with_output=name in KEPT,
            )
        )
    _commit(folder, "all")
    git(folder, "checkout", "-q", "-b", "topic")
    (folder / "topic only.ipynb").write_text(notebook("1", with_output=True))
    (folder / "tap.ipynb").write_text(notebook("topic", with_output=True))
    _commit(folder, "a branch whose outputs nobody stripped")
    git(folder, "checkout", "-q", "main")


def _commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", message)


def make_states() -> dict[str, str]:
    """Return notebooks in the states in which an author commits them."""
    cells: dict[str, dict[str, Any]] = {
        "as upstream has it": {},
        "run": {"with_output": True},
        "timed": {"execution": {"iopub.status.busy": "2026"}},
        "timed by an older extension": {"ExecuteTime": {"end_time": "x"}},
        "folded": {"collapsed": True},
        "scrolled": {"scrolled": True},
        "a slide": {"slideshow": {"slide_type": "slide"}},
        "with a note": {"note": {"by": "é"}},
    }
    states = {
        f"{name}, nbformat 4.{minor}": notebook("1", minor=minor, **fields)
        for minor in (4, 5)
        for name, fields in cells.items()
    }
    more: dict[str, dict[str, Any]] = {
        "widgets": {"widgets": {"state": {}}},
        "signed": {"signature": "sha256:0"},
        "asked of mobu": {"mobu": {"required_applications": ["tap"]}},
        "another kernel": {"kernelspec": {"name": "x", "display_name": "X"}},
        "saved by another Python": {
            "language_info": {**_LANGUAGE, "version": "3.13.5"}
        },
        "without language_info": {"language_info": None},
    }
    for name, fields in more.items():
        document = json.loads(notebook("1"))
        document["metadata"].update(fields)
        document["metadata"] = {
            key: value
            for key, value in document["metadata"].items()
            if value is not None
        }
        states[name] = _written(document)
    return states
