"""Make a complete, verified, durable clone beside its final place."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError, NotFoundError, RSPHealthError
from ...files import free_space, sync_filesystem
from ...git.refs import read_refs
from ...sizes import disk_size
from ...wire import utc_now
from ..inspect.expected_changes import describe
from ..inspect.provenance import (
    CheckoutRecord,
    admin_files,
    store_files,
    write_record,
)
from ..models import Provenance
from .lfs import pull

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from ...git.runner import Git, Progress
    from ..inspect.provenance import KnownFile
    from ..models import RepositoryConfig
    from ..repositories import ConfiguredRepository

__all__ = [
    "REMOTE_LIMIT",
    "check_space",
    "clone",
    "is_commit",
    "may_be_commit",
]

CLONE_LIMIT = 1800.0
"""Seconds that a clone may take."""

REMOTE_LIMIT = 20.0
"""Seconds that the question for a remote's commit may take."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT = re.compile(r"[0-9a-f]{4,63}")
_MIN_BYTES = 16 * 1024 * 1024
_MIN_INODES = 500
_MAX_LISTING = 64 * 1024 * 1024  # bytes: about half a million files


def is_commit(ref: str) -> bool:
    """Whether a ref is the full name of a commit."""
    return _COMMIT.fullmatch(ref) is not None


def may_be_commit(ref: str) -> bool:
    """Whether a ref may be the begin of a commit's name, as it is printed."""
    return _SHORT.fullmatch(ref) is not None


def check_space(parent: Path, size_bytes: int, files: int) -> None:
    """Refuse early what would fill the disk.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised with code ``disk_full`` unless twice the size fits.
    """
    space = free_space(parent)
    need_bytes = max(2 * size_bytes, _MIN_BYTES)
    need_inodes = max(2 * files, _MIN_INODES)
    if space.free_bytes < need_bytes:
        raise EnvironmentFailureError(
            f"Only {disk_size(space.free_bytes)} are free in {parent}; the"
            f" checkout may need {disk_size(need_bytes)}.",
            hint="Free some space, for example old backups, and try again.",
            code="disk_full",
        )
    if space.free_inodes is not None and space.free_inodes < need_inodes:
        raise EnvironmentFailureError(
            f"Only {space.free_inodes} more files can be made in {parent};"
            f" the checkout may need {need_inodes}.",
            hint="Delete files that you no longer need, and try again.",
            code="disk_full",
        )


def clone(
    repository: ConfiguredRepository,
    ref: str,
    tree: Path,
    *,
    git: Git,
    by: str | None,
    fixed: bool,
    cancel: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> CheckoutRecord:
    """Clone into ``tree``, verify it, and write it out.

    Parameters
    ----------
    repository
        What is cloned.
    ref
        A branch or tag, or a commit.
    tree
        Where; it must not exist.
    git
        Runs git.
    by
        Who asked for it.
    fixed
        Whether ``ref`` is a commit, by its full name or by the begin of it.
    cancel, on_progress
        As `rsp_health.git.runner.Git.run` has them.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised by kind; ``tree`` is then rubbish.
    OSError
        Raised if the file system failed.
    """
    config = repository.config
    doing = f"check out {config.title}"
    run = partial(
        git.run,
        doing=doing,
        time_limit=CLONE_LIMIT,
        cancel=cancel,
        on_progress=on_progress,
    )
    run(_clone_command(config, tree, branch=None if fixed else ref))
    if config.subset is not None:
        _write_sparse(tree, config.subset)
    if fixed:
        ref = _full_name(tree, ref, git, doing)
    names = _scan(tree, ref if fixed else "HEAD", git, doing)
    _check_subset(config.subset, names, doing)
    run(
        ["checkout", "--progress", *(["--detach", ref] if fixed else [])],
        git_dir=tree / ".git",
        work_tree=tree,
    )
    refs = read_refs(tree / ".git")
    if refs.head is None:
        raise EnvironmentFailureError(
            f"Cannot {doing}: the repository has no commit there.",
            hint="Choose another ref.",
            code="empty_repository",
        )
    converted = _sync_and_verify(tree, names, git, doing)
    lfs: dict[str, KnownFile] = {}
    if config.lfs:
        lfs = pull(
            tree, config.url, names, git=git, doing=doing, cancel=cancel
        )
        sync_filesystem(tree)
    _make_writable(tree)
    record = CheckoutRecord(
        repository=repository.id,
        provenance=Provenance(
            url=config.url,
            ref=ref,
            commit=refs.head,
            checked_out_at=utc_now(),
            by=by,
        ),
        refs=refs.names,
        admin=admin_files(tree / ".git"),
        subset=_as_tuple(config.subset),
        lfs=lfs,
        converted={name: describe(tree / name) for name in converted},
        store=store_files(tree / ".git"),
    )
    write_record(tree, record)
    return record


def _sync_and_verify(
    tree: Path, names: list[str], git: Git, doing: str
) -> list[str]:
    """Let the disk write while git reads; see `_verify`."""
    with ThreadPoolExecutor(1, "sync") as pool:
        synced = pool.submit(sync_filesystem, tree)
        # Line-end rules can make git see a fresh file as modified.
        converts = any(name.endswith(".gitattributes") for name in names)
        converted = _verify(tree, git, doing, converts=converts)
        synced.result()
    return converted


def _clone_command(
    config: RepositoryConfig, tree: Path, *, branch: str | None
) -> list[str]:
    """Return the arguments of a clone that makes no files yet."""
    return [
        "clone",
        "--progress",
        # Names and sizes are looked at before any file is made.
        "--no-checkout",
        # A path of the file system is read like any remote: no links
        # into the mirror, no surprises from symlinks in its .git.
        "--no-local",
        "--no-recurse-submodules",
        "--no-tags",
        "--template=",
        # Stored in the clone: links of the repository become text files.
        "-c",
        "core.symlinks=false",
        *_sparse_options(config.subset),
        *([] if branch is None else ["--single-branch", f"--branch={branch}"]),
        "--",
        config.url,
        os.fspath(tree),
    ]


def _full_name(tree: Path, ref: str, git: Git, doing: str) -> str:
    """Return the full name of a commit of a fresh clone."""
    try:
        output = git.run(
            ["rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"],
            doing=doing,
            git_dir=tree / ".git",
        )
    except RSPHealthError:
        raise NotFoundError(
            f"Cannot {doing}: there is no commit {ref}, or more than one"
            " begins so.",
            hint="Give more digits of it, or a branch or tag.",
            code="no_such_ref",
        ) from None
    return output.decode("ascii").strip()


def _as_tuple(subset: list[str] | None) -> tuple[str, ...] | None:
    return None if subset is None else tuple(subset)


def _sparse_options(subset: list[str] | None) -> list[str]:
    if subset is None:
        return []
    return [
        "-c",
        "core.sparseCheckout=true",
        "-c",
        "core.sparseCheckoutCone=false",
    ]


def _write_sparse(tree: Path, subset: list[str]) -> None:
    """Tell git which paths to make; they are names, not patterns."""
    lines = [
        "/" + re.sub(r"([\\*?\[ ])", r"\\\1", path.strip("/")) + "\n"
        for path in subset
    ]
    folder = tree / ".git/info"
    folder.mkdir(exist_ok=True)
    (folder / "sparse-checkout").write_text("".join(lines), "utf-8")


def _scan(tree: Path, commit: str, git: Git, doing: str) -> list[str]:
    """Look at what will be made, and return its names.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised if it does not fit, or two names cannot stand side by side.
    """
    output = git.run(
        ["ls-tree", "-r", "-z", "-l", "--full-tree", commit],
        doing=doing,
        git_dir=tree / ".git",
        max_output=_MAX_LISTING,
    )
    names, size = [], 0
    for entry in output.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        length = about.split()[3]
        size += int(length) if length.isdigit() else 0
        names.append(name.decode("utf-8", "surrogateescape"))
    clash = _find_clash(names)
    if clash is not None:
        raise EnvironmentFailureError(
            f"Cannot {doing}: the repository holds names that differ only by"
            f" case or accents, such as {clash!r}.",
            hint="Ask the owners of the repository to rename one of them.",
            code="name_clash",
        )
    check_space(tree.parent, size, len(names))
    return names


def _check_subset(
    subset: list[str] | None, names: list[str], doing: str
) -> None:
    wanted = [path.strip("/") for path in subset or ()]
    if wanted and not any(
        name == path or name.startswith(f"{path}/")
        for name in names
        for path in wanted
    ):
        raise EnvironmentFailureError(
            f"Cannot {doing}: the repository has none of the paths of its"
            " subset.",
            hint="Correct subset in c.HealthApp.repositories.",
            code="empty_subset",
        )


def _verify(tree: Path, git: Git, doing: str, *, converts: bool) -> list[str]:
    """Make sure that each file of the commit is there, and nothing else.

    git does not look at the result of ``close``, where a file server tells
    that the quota was exceeded.

    Returns
    -------
    list of str
        The files that git calls modified, though it has just made them.
    """
    output = git.run(
        ["status", "--porcelain=v1", "-z", "-uall", "--ignore-submodules=all"],
        doing=doing,
        git_dir=tree / ".git",
        work_tree=tree,
        # Lets git store in the index which files it has compared.
        environment={"GIT_OPTIONAL_LOCKS": "1"},
        time_limit=300.0,
    )
    converted = []
    for entry in output.split(b"\0")[:-1]:
        if entry[:2] == b" M" and converts:
            converted.append(entry[3:].decode("utf-8", "surrogateescape"))
            continue
        raise EnvironmentFailureError(
            f"Cannot {doing}: the clone is not complete on disk.",
            hint="Check the free space and your quota, and try again.",
            code="incomplete",
        )
    return converted


def _find_clash(names: list[str]) -> str | None:
    """Return a name that another one equals on case-blind file systems."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for name in (*names, *folders):
        key = unicodedata.normalize("NFC", name).casefold()
        if seen.setdefault(key, name) != name:
            return name.encode("utf-8", "replace").decode()
    return None


def _make_writable(tree: Path) -> None:
    """Let the user write, also where the umask would not."""
    if (tree / ".git/HEAD").stat().st_mode & stat.S_IWUSR:
        return
    for parent, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name != "objects"]
        for name in (*files, "."):
            path = Path(parent, name)
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
