"""What mobu would select, by the glob of the Python that runs this.

Written from the description of mobu's finder, with `pathlib` on real files
as mobu uses it, and with nothing of ours. mobu runs on Python 3.13 or newer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["mobu_selects"]


def mobu_selects(
    repository: Path, config: dict[str, Any], applications: Collection[str]
) -> set[str]:
    """Return the notebooks that mobu would run.

    Parameters
    ----------
    repository
        The repository's root.
    config
        The content of its ``mobu.yaml``.
    applications
        What is deployed.
    """
    everything = set(repository.glob("**/*.ipynb"))
    left = set(everything)
    steps = [
        (rule["type"], set(rule["patterns"]))
        for rule in config.get("collection_rules", [])
    ]
    folders = {Path(name) for name in config.get("exclude_dirs", [])}
    if folders:
        steps.append(
            ("exclude_union_of", {str(folder / "**") for folder in folders})
        )
    for kind, patterns in steps:
        union: set[Path] = set()
        for pattern in patterns:
            union.update(repository.glob(pattern))
        left = left & union if kind == "intersect_union_of" else left - union
    for path in everything:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        wanted = metadata.get("mobu", {}).get("required_applications", [])
        if not set(wanted) <= set(applications):
            left.discard(path)
    return {path.relative_to(repository).as_posix() for path in left}
