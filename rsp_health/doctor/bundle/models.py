"""What a bundle holds, as it is told before and after it is made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...wire import Timestamp, WireModel

__all__ = ["BundleDocument", "BundleEntry", "Flavour", "Manifest", "Omission"]

Flavour = Literal["public", "staff"]
"""For a public forum, or for the staff of the site."""


class BundleEntry(WireModel):
    """One file of a bundle."""

    name: str
    about: str = Field(description="What it is, as a clause.")
    size_bytes: int
    sha256: str
    redactions: int = Field(
        description="Places where a secret or a name was taken out."
    )


class Omission(WireModel):
    """What is not in a bundle, and why."""

    name: str
    reason: str


class Manifest(WireModel):
    """``manifest.json`` of a bundle."""

    schema_: Literal["rsp-health.bundle-manifest/1"] = Field(
        default="rsp-health.bundle-manifest/1", alias="schema"
    )
    made_at: Timestamp
    made_by: str = Field(description="rsp-health and its version.")
    flavour: Flavour
    files: list[BundleEntry]
    omissions: list[Omission]


class BundleDocument(WireModel):
    """Answer of ``POST doctor/bundle``: what is in it, or would be."""

    schema_: Literal["rsp-health.bundle/1"] = Field(
        default="rsp-health.bundle/1", alias="schema"
    )
    flavour: Flavour
    path: str | None = Field(
        default=None, description="Where it is; null: this is a preview."
    )
    size_bytes: int = Field(description="Of the whole file.")
    files: list[BundleEntry] = Field(description="All of them, by name.")
    omissions: list[Omission]
    summary: str = Field(description="summary.md, for a forum or an issue.")
    forum: str | None = Field(
        default=None, description="Page of the site's public forum."
    )
    support: str | None = Field(
        default=None, description="Where the site's staff is asked."
    )
    texts: dict[str, str] = Field(
        default_factory=dict,
        description="Of a preview: each file as it will be, by name.",
    )
