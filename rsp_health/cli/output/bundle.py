"""What a bundle holds, and where the logs are, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...printable import printable

if TYPE_CHECKING:
    from ...doctor.bundle.models import BundleDocument
    from ...doctor.log_places import LogPlaces
    from ..context import CliContext

__all__ = ["show_bundle", "show_logs"]

_STATES = {
    "here": "here",
    "not_here": "not here",
    "elsewhere": "not to be read from a lab",
}


def show_bundle(context: CliContext, document: BundleDocument) -> None:
    """Print what is in a bundle, or would be."""
    if context.as_json:
        click.echo(document.model_dump_json(indent=2))
        return
    for name in sorted(document.texts):
        click.echo(f"==== {printable(name)}")
        for line in document.texts[name].splitlines():
            click.echo(printable(line))
    for entry in document.files:
        taken = f", {entry.redactions} taken out" if entry.redactions else ""
        click.echo(
            f"{entry.name}: {entry.about} ({entry.size_bytes} bytes{taken})"
        )
    for omission in document.omissions:
        click.echo(f"Not in it: {omission.name}: {omission.reason}")
    if document.path is None:
        click.echo("This is a preview: nothing was written, nothing is sent.")
    else:
        click.echo(
            f"Made {printable(document.path)} ({document.size_bytes} bytes). "
            "Nothing was sent: read it, then attach it yourself."
        )
    if document.flavour == "public" and document.forum:
        click.echo(f"The site's forum: {printable(document.forum)}")
    if document.flavour == "staff" and document.support:
        click.echo(f"The site's staff: {printable(document.support)}")


def show_logs(context: CliContext, found: LogPlaces) -> None:
    """Print where the logs are, the likeliest first."""
    if context.as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    for number, place in enumerate(found.places, start=1):
        where = f": {printable(place.place)}" if place.place else ""
        click.echo(f"{number}. {printable(place.title)}{where}")
        click.echo(f"   {_STATES[place.state]}. {printable(place.reason)}")
