"""Tell how old this lab's image is, and whether it fits the platform's hub."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ....wire import utc_now
from ...evidence.hub import hub_versions
from ...evidence.words import duration
from ...models import Evidence, attention, cannot_tell, ok
from ..base import Check

if TYPE_CHECKING:
    from ...context import Context
    from ...models import Finding

__all__ = ["ImageAge"]

#: Sites keep some weekly and daily images; what is older was pinned.
_OLD = {
    "weekly": timedelta(days=120),
    "daily": timedelta(days=30),
}
_WEEKLY = re.compile(r"w_(\d{4})_(\d{1,2})")
_DAILY = re.compile(r"d_(\d{4})_(\d{1,2})_(\d{1,2})")
_RELEASE = re.compile(r"r\d+(?:_\d+)*(?:_rc\d+)?")
_STEP = (
    "Save your work, stop this lab, and start it again with the image that "
    "is called Recommended."
)


class ImageAge(Check):
    """Reads the tag of the image, and asks the hub for its version.

    That a page of an older front end is open, the front end tells itself.
    """

    id = "image.age"
    title = "Image of this lab"
    otherwise = "This lab does not say which image it is."

    def applies(self, context: Context) -> bool:
        """Return whether the image is known."""
        return context.environment.image is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        hub = hub_versions(context)
        if hub is not None and not hub.fit:
            return attention(
                f"This lab's image speaks to JupyterHub {hub.lab}, and the "
                f"platform runs {hub.hub}: the lab may lose its connection to "
                "the hub.",
                Evidence(source="the hub", value=f"version {hub.hub}"),
                Evidence(source="the package jupyterhub", value=hub.lab),
                whose="your_lab",
                next_step=_STEP,
            )
        return self._age(context)

    def _age(self, context: Context) -> Finding:
        image = context.environment.image or ""
        described = context.environment.image_description or ""
        tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
        seen = [Evidence(source="JUPYTER_IMAGE", value=image)]
        if described:
            seen.append(Evidence(source="IMAGE_DESCRIPTION", value=described))
        name = described or tag
        if described.lower().startswith("recommended"):
            return ok(
                f"This lab started from the recommended image ({name}).", *seen
            )
        if tag.startswith("exp_"):
            return attention(
                f"This lab runs an experimental image ({tag}): what fails in "
                "it may be well in others.",
                *seen,
                whose="your_lab",
                next_step=_STEP,
            )
        if _RELEASE.match(tag):
            return ok(f"This lab runs a release ({name}).", *seen)
        kind, made = _made(tag)
        if made is None:
            return cannot_tell(
                f"How old the image is does not show in its tag ({tag}).",
                *seen,
            )
        age = utc_now() - datetime(made.year, made.month, made.day, tzinfo=UTC)
        words = duration(max(0.0, age.total_seconds()))
        if age > _OLD[kind]:
            return attention(
                f"The image of this lab is {words} old ({name}).",
                *seen,
                whose="your_lab",
                next_step=_STEP,
            )
        return ok(f"The image of this lab is {words} old ({name}).", *seen)


def _made(tag: str) -> tuple[str, date | None]:
    try:
        if weekly := _WEEKLY.match(tag):
            return "weekly", date.fromisocalendar(
                int(weekly[1]), int(weekly[2]), 4
            )
        if daily := _DAILY.match(tag):
            return "daily", date(int(daily[1]), int(daily[2]), int(daily[3]))
    except ValueError:
        pass
    return "", None
