"""Files in ``.git`` that git did not make: the user keeps them there.

Everything that a fresh clone has not is looked at by its name, and by its form
where git gives it one: a note between the objects is a note, and no object.
What the objects hold is compared with upstream's in `.known_history`.
"""

from __future__ import annotations

import filecmp
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .expected_changes import is_unchanged
from .provenance import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .provenance import CheckoutRecord

__all__ = ["is_template", "strays"]

_OBJECT = re.compile(
    r"[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?"
    r"|pack/pack-[0-9a-f]+\.(?:pack|idx|rev|bitmap|mtimes|keep|promisor)"
    r"|pack/multi-pack-index(?:-[0-9a-f]+\.(?:rev|bitmap))?"
    r"|info/(?:packs|commit-graph)"
    r"|info/commit-graphs/(?:commit-graph-chain|graph-[0-9a-f]+\.graph)"
)
_LFS_OBJECT = re.compile(r"objects/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})")


def strays(
    git_dir: Path, record: CheckoutRecord, *, thorough: bool
) -> Iterator[str]:
    """List the files below ``objects`` and ``lfs`` that are the user's.

    Parameters
    ----------
    git_dir
        The checkout's ``.git``.
    record
        Of the checkout.
    thorough
        Read large files of git-lfs again.

    Returns
    -------
    Iterator
        Their paths below ``git_dir``.
    """
    objects = git_dir / "objects"
    for path in walk(objects):
        name = str(path.relative_to(objects))
        if path.is_symlink() or not _OBJECT.fullmatch(name):
            yield f"objects/{name}"
    lfs = git_dir / "lfs"
    downloaded = {known["sha256"]: known for known in record.lfs.values()}
    for path in walk(lfs):
        name = str(path.relative_to(lfs))
        match = _LFS_OBJECT.fullmatch(name)
        known = downloaded.get(match[1]) if match else None
        if known is None:
            is_ours = f"lfs/{name}" in record.store
        elif thorough:
            is_ours = is_unchanged(path, known, thorough=True)
        else:
            is_ours = path.lstat().st_size == known["size"]
        if not is_ours:
            yield f"lfs/{name}"


def is_template(git_dir: Path, name: str) -> bool:
    """Whether a file is one that this git puts into every new repository.

    ``git init`` adds them to a checkout, too: samples of hooks, and a
    description.
    """
    program = shutil.which("git")
    if program is None:
        return False
    prefix = Path(program).resolve().parents[1]
    template = prefix / "share/git-core/templates" / name
    place = git_dir / name
    try:
        return (
            template.is_file()
            and place.is_file()
            and not place.is_symlink()
            and filecmp.cmp(template, place, shallow=False)
        )
    except OSError:
        return False
