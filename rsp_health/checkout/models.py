"""What the checkout feature tells the outside world."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..wire import ErrorBody, Timestamp, WireModel

__all__ = [
    "LOOKING",
    "STARTING",
    "Backup",
    "BackupList",
    "ChangeKind",
    "CheckoutRequest",
    "FileChange",
    "FileDifference",
    "GitHistory",
    "InspectRequest",
    "Inspection",
    "LocalCommit",
    "LockOwner",
    "Operation",
    "OperationKind",
    "OperationState",
    "Provenance",
    "PruneRequest",
    "Ref",
    "RefList",
    "Repository",
    "RepositoryConfig",
    "RepositoryList",
    "ResetRequest",
    "RestoreRequest",
    "UpdateStatus",
]

ChangeKind = Literal["modified", "added", "deleted", "ignored"]
OperationKind = Literal["checkout", "restore", "remove", "reset"]
OperationState = Literal["running", "done", "failed", "cancelled"]

#: What an operation is at until it has its lock, and then until it knows that
#: what it is asked for can be done. Till then it has changed nothing.
STARTING = "Starting"
LOOKING = "Looking at what is there"


class RepositoryConfig(WireModel):
    """One entry of ``c.HealthApp.repositories``."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str
    url: str
    ref: str = "main"
    directory: str | None = Field(
        default=None,
        description="Relative to the root; notebooks/rsp-health/<id> if unset.",
    )
    subset: list[str] | None = Field(
        default=None, description="Only these paths of the repository."
    )
    environments: list[str] | None = Field(
        default=None,
        description="Offer only in the environments with these host names.",
    )
    lfs: bool = Field(
        default=False,
        description="Download the content of Git LFS files, too.",
    )


class Provenance(WireModel):
    """Where a checkout came from."""

    url: str
    ref: str
    commit: str
    checked_out_at: Timestamp
    by: str | None = None


class LockOwner(WireModel):
    """Who is working on a checkout right now."""

    host: str
    pid: int
    since: Timestamp
    action: OperationKind


class Operation(WireModel):
    """A long change to a checkout, under way or ended."""

    schema_: Literal["rsp-health.operation/1"] = Field(
        default="rsp-health.operation/1", alias="schema"
    )
    id: str
    kind: OperationKind
    repository: str
    state: OperationState
    phase: str = Field(default="", description="What git is doing, in words.")
    percent: float | None = Field(default=None, ge=0, le=100)
    directory: str = Field(description="Relative to the root.")
    backup: str | None = Field(
        default=None, description="Id of the backup that was made."
    )
    commit: str | None = None
    path: str | None = Field(
        default=None, description="The file that is reset, if one is."
    )
    up_to_date: bool = Field(
        default=False, description="Nothing had to be changed."
    )
    warning: ErrorBody | None = Field(
        default=None, description="What did not work, though it is done."
    )
    error: ErrorBody | None = None


class Repository(WireModel):
    """A configured repository and the state of its checkout here."""

    id: str
    title: str
    url: str
    ref: str
    suggested_ref: str | None = Field(
        default=None,
        description="What AUTO_REPO_SPECS names for the same URL.",
    )
    directory: str = Field(description="Relative to the root.")
    state: Literal["absent", "present", "foreign"] = Field(
        description="foreign: something not made by us stands there."
    )
    writable: bool = True
    provenance: Provenance | None = None
    output_filter: bool | None = Field(
        default=None,
        description="Whether our filter keeps outputs out of its commits; "
        "null without a checkout of ours.",
    )
    backups: int = 0
    locked_by: LockOwner | None = None
    operation: Operation | None = None


class RepositoryList(WireModel):
    """Answer of ``GET repositories``."""

    schema_: Literal["rsp-health.repositories/1"] = Field(
        default="rsp-health.repositories/1", alias="schema"
    )
    root: str
    repositories: list[Repository]
    problems: list[str] = Field(
        default_factory=list,
        description="Entries of the configuration that are not offered, "
        "and why.",
    )


class InspectRequest(WireModel):
    """Body of ``POST repositories/{id}/inspect``."""

    ref: str | None = None


class FileChange(WireModel):
    """A file that differs from what was checked out."""

    path: str
    kind: ChangeKind
    size_bytes: int | None = None
    only_saved: bool = Field(
        default=False,
        description="A notebook that was run or saved, and says the same.",
    )


class FileDifference(WireModel):
    """Answer of ``GET repositories/{id}/difference?path=``."""

    schema_: Literal["rsp-health.difference/1"] = Field(
        default="rsp-health.difference/1", alias="schema"
    )
    repository: str
    path: str = Field(description="Below the checkout.")
    kind: Literal["text", "notebook"] = Field(
        description="A notebook is compared by cell, without its outputs."
    )
    text: str = Field(description="In git's form; empty if nothing differs.")
    truncated: bool = Field(default=False, description="There is more of it.")


class LocalCommit(WireModel):
    """A commit that exists only in this checkout."""

    commit: str
    subject: str
    branch: str | None = None


class GitHistory(WireModel):
    """A git repository that somebody else made or cloned."""

    commits: int = Field(description="Those that its HEAD reaches.")
    branch: str | None = Field(
        default=None, description="Checked out; null if HEAD is detached."
    )
    shallow: bool = Field(
        default=False, description="Not all of its history was fetched."
    )


class Inspection(WireModel):
    """What a checkout would replace, exactly."""

    schema_: Literal["rsp-health.inspection/1"] = Field(
        default="rsp-health.inspection/1", alias="schema"
    )
    repository: str
    title: str
    ref: str
    directory: str
    state: Literal["absent", "present", "foreign"]
    at_risk: bool = Field(
        description="Something of the user's stands there; it is backed up."
    )
    changes: list[FileChange]
    changes_omitted: int = Field(
        default=0, description="Changes beyond the listed ones."
    )
    commits: list[LocalCommit]
    stashes: int = 0
    objects: int = Field(
        default=0,
        description="Other objects in git's store that upstream has not, "
        "such as a version of a file that was staged once.",
    )
    history: GitHistory | None = Field(
        default=None,
        description="Of a git repository that is no checkout of ours.",
    )
    branches: list[str] = Field(
        default_factory=list, description="Local branches not upstream."
    )
    kernels: list[str] = Field(
        default_factory=list,
        description="Notebooks inside with a running kernel.",
    )
    size_bytes: int | None = None
    free_bytes: int | None = None
    quota_bytes: int | None = Field(
        default=None,
        description="Disk quota of the user's home, if the platform tells.",
    )
    ignored_files: int = Field(
        default=0, description="Files that .gitignore hides."
    )
    ignored_bytes: int = 0
    backup: str | None = Field(
        default=None,
        description="Where the present tree would move to now; the time counts.",
    )
    commit: str | None = Field(default=None, description="Checked out now.")
    base_commit: str | None = Field(
        default=None, description="The upstream commit that it was made of."
    )
    upstream_commit: str | None = None
    upstream_error: ErrorBody | None = Field(
        default=None, description="Why the upstream commit is not known."
    )
    worktrees: list[str] = Field(
        default_factory=list,
        description="Linked work trees elsewhere that lose this repository.",
    )
    processes: list[str] = Field(
        default_factory=list,
        description="Processes at work in the folder, such as kernel (42).",
    )
    behind: int | None = Field(
        default=None,
        description="Upstream's commits since base_commit, if countable.",
    )
    output_filter: bool | None = Field(
        default=None,
        description="Whether our filter is on now; null without a checkout.",
    )
    fingerprint: str


class CheckoutRequest(WireModel):
    """Body of ``POST repositories/{id}/checkout``."""

    fingerprint: str
    ref: str | None = None
    output_filter: bool = Field(
        default=True,
        description="Keep outputs out of what is committed there.",
    )


class RestoreRequest(WireModel):
    """Body of ``POST repositories/{id}/restore``."""

    backup: str


class PruneRequest(WireModel):
    """Body of ``POST repositories/{id}/backups/prune``."""

    backups: list[str] = Field(
        max_length=1000,
        description="Those that the user agreed to; only expired ones go.",
    )


class ResetRequest(WireModel):
    """Body of ``POST repositories/{id}/reset``."""

    path: str = Field(description="Of the file, below the checkout.")


class Ref(WireModel):
    """A branch or tag of a repository."""

    name: str
    commit: str


class RefList(WireModel):
    """Answer of ``GET repositories/{id}/refs``."""

    schema_: Literal["rsp-health.refs/1"] = Field(
        default="rsp-health.refs/1", alias="schema"
    )
    repository: str
    default: str
    suggested: str | None = None
    branches: list[Ref] = Field(description="The default one first.")
    tags: list[Ref] = Field(description="By name, backwards.")
    omitted: int = Field(
        default=0, description="Refs whose names cannot be chosen here."
    )


class UpdateStatus(WireModel):
    """Answer of ``GET repositories/{id}/updates``."""

    schema_: Literal["rsp-health.updates/1"] = Field(
        default="rsp-health.updates/1", alias="schema"
    )
    repository: str
    url: str
    ref: str
    commit: str = Field(description="What was checked out.")
    upstream_commit: str | None = None
    available: bool
    behind: int | None = Field(
        default=None, description="New commits upstream, if countable."
    )
    checked_at: Timestamp
    message: str
    error: ErrorBody | None = None


class Backup(WireModel):
    """A tree, or some files, that were moved aside."""

    id: str
    kind: Literal["tree", "files"] = Field(
        default="tree", description="files: of notebooks that were reset."
    )
    expired: bool = Field(
        default=False,
        description="Older than 30 days, and not among the last three.",
    )
    directory: str = Field(description="Relative to the root.")
    created_at: Timestamp
    size_bytes: int | None = None
    commit: str | None = None
    changes: list[FileChange] = Field(default_factory=list)
    changes_omitted: int = 0


class BackupList(WireModel):
    """Answer of ``GET repositories/{id}/backups``."""

    schema_: Literal["rsp-health.backups/1"] = Field(
        default="rsp-health.backups/1", alias="schema"
    )
    repository: str
    backups: list[Backup]
    size_bytes: int = Field(default=0, description="Of all of them.")
