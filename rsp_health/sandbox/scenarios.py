"""What the sandbox can be told to suffer from.

A scenario is a fixed description; handlers ask it what to do at each request,
so that a switch takes effect with the next one. *Closed* below means that the
connection ends without an answer; *503* is the ingress speaking, because
nothing stands behind it.

================  ============================================================
scenario          what a client in the lab meets
================  ============================================================
healthy           Every application answers, quickly.
tap-down          503 on everything under ``/api/tap``, availability included.
                  ``ssotap`` and the rest are well.
tap-says-no       ``/api/tap/availability`` answers 200 with
                  ``available=false`` and a note; queries answer 400 with a
                  VOTable whose QUERY_STATUS is ERROR.
tap-queries-fail  ``/api/tap/availability`` says that TAP is available, and
                  TAP_SCHEMA can be read; queries of data answer 400 with a
                  VOTable whose QUERY_STATUS is ERROR.
tap-jobs-hang     Asynchronous queries of TAP wait in its queue for ever. The
                  user has one that runs since three hours, and one that
                  ended with an error.
clock-skew        The platform's clock is ten minutes ahead of this machine's.
slow              TAP and SIA take 4 s longer than usual, all others 0.3 s;
                  git sends 16 KiB/s.
throttled         The user's API quotas of this minute are used up: every
                  route with a quota answers 429 with ``Retry-After``.
                  Anonymous routes are well.
blocked           A quota override sets ``vo-cutouts`` to 0 for everybody:
                  403 there; the override can be read.
expired-token     The lab's token is no longer valid: 401 with a challenge;
                  302 to the login page where the ingress redirects.
login-page        Every route that needs a login, with or without a valid
                  token, redirects to the login page, which is a 200 in HTML.
maintenance       Broadcasts announce an outage of TAP and SIA, which answer
                  503.
discovery-down    503 on everything under ``/repertoire``. The lab's mounted
                  discovery file is still there.
everything-down   503 on everything but the sandbox's own control and git.
minimal           A summit-like site: no Semaphore, TAP, SIA or other data
                  services, neither in discovery nor behind the ingress (404).
unreachable       The platform's host does not speak: every connection is
                  closed, except to the sandbox's own control and git.
gafaelfawr-down   503 on ``/auth``; the ingress, which asks Gafaelfawr about
                  anonymous routes too, answers 500 on all of them and on
                  those that need a login: TAP's availability, Butler's
                  configuration and service discovery with them. Only plain
                  ingresses are well: Squareone, Semaphore's announcements,
                  InfluxDB, Argo CD. The lab's mounted discovery file is
                  still there.
semaphore-down    503 on everything under ``/semaphore``.
sia-says-no       ``available=false`` from SIA with the note that Butler
                  cannot be reached; SIA queries answer 500.
drift             Discovery names ``livetap`` at an address where nothing is
                  served (404), as was seen on the platform.
empty-discovery   Discovery answers ``{}``, as on a site that configured
                  nothing. Every application is well.
usdf              A USDF-like site: two TAP services (``tap``, ``consdbtap``)
                  and the Portal, but no images, Butler or Sasquatch.
hostile           Names, notes, announcements and messages try to be more
                  than text: markup, scripts, terminal escapes, characters
                  that reverse or hide what follows.
================  ============================================================
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import BadInputError
from .scenario import EVERY, Announcement, OldJob, Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "HOSTILE_MARKUP",
    "SCENARIOS",
    "get_scenario",
]

_SUMMIT_HAS_NOT = frozenset(
    {
        "butler",
        "datalinker",
        "ghostwriter",
        "herald",
        "hips",
        "noteburst",
        "semaphore",
        "sia",
        "ssotap",
        "tap",
        "times-square",
        "vo-cutouts",
        "wobbly",
    }
)

_USDF_HAS_NOT = (_SUMMIT_HAS_NOT | {"argocd", "sasquatch"}) - {
    "semaphore",
    "tap",
}

HOSTILE_MARKUP = "<img src=x onerror=window.hostile=1>"
"""A name that a page must show, and never obey."""

_SCRIPT = "<script>window.hostile=1</script>"
_REVERSED = "\u202egpj.exe\u202c"
_TERMINAL = "\x1b[2J\x1b]0;pwned\x07\x1b[31m"


_ALL = (
    Scenario(name="healthy", summary="Every application answers, quickly."),
    Scenario(
        name="tap-down",
        summary="TAP does not answer: the ingress says 503.",
        down=frozenset({"tap"}),
    ),
    Scenario(
        name="tap-says-no",
        summary="TAP answers, and says that it is not available.",
        says_no={"tap": "Qserv czar is not reachable"},
    ),
    Scenario(
        name="tap-queries-fail",
        summary="TAP says that it is available, and its queries fail.",
        queries_fail={"tap": "No Qserv worker answers"},
    ),
    Scenario(
        name="tap-jobs-hang",
        summary="Asynchronous queries of TAP wait in its queue for ever.",
        jobs=(
            OldJob(
                query="SELECT * FROM dp1.Object",
                age_s=3 * 3600.0,
                stalls="executing",
            ),
            OldJob(
                query="SELECT objectid FROM dp1.Objects",
                age_s=1800.0,
                error="Table [dp1.Objects] not found in TapSchema",
            ),
        ),
        jobs_stall="queued",
    ),
    Scenario(
        name="clock-skew",
        summary="The platform's clock is ten minutes ahead.",
        clock_skew_s=600.0,
    ),
    Scenario(
        name="slow",
        summary="TAP and SIA take 4 s longer, git sends 16 KiB/s.",
        delays={"tap": 4.0, "ssotap": 4.0, "sia": 4.0, EVERY: 0.3},
        git_bytes_per_second=16 * 1024,
    ),
    Scenario(
        name="throttled",
        summary="The API quotas of this minute are used up (429).",
        exhausted=True,
    ),
    Scenario(
        name="blocked",
        summary="An administrator set the quota of vo-cutouts to 0 (403).",
        overrides={"vo-cutouts": 0},
    ),
    Scenario(
        name="expired-token",
        summary="The lab's token is no longer valid (401).",
        token_valid=False,
    ),
    Scenario(
        name="login-page",
        summary="Routes that need a login redirect to the login page.",
        always_login=True,
    ),
    Scenario(
        name="maintenance",
        summary="An announced outage of TAP and SIA.",
        down=frozenset({"tap", "ssotap", "sia"}),
        broadcasts=(
            Announcement(
                "outage",
                "**TAP and SIA are down for maintenance** until 17:00 UTC."
                " Queries will fail until then.",
            ),
            Announcement(
                "notice",
                "Weekly images are rebuilt after the maintenance;"
                " restart your lab to get the new one.",
            ),
        ),
        messages=("Your query job **1234** was ended by the maintenance.",),
    ),
    Scenario(
        name="discovery-down",
        summary="Repertoire does not answer (503).",
        down=frozenset({"repertoire"}),
    ),
    Scenario(
        name="everything-down",
        summary="No application answers (503 everywhere).",
        down=frozenset({EVERY}),
    ),
    Scenario(
        name="minimal",
        summary="A summit-like site: no Semaphore, TAP or SIA.",
        absent=_SUMMIT_HAS_NOT,
    ),
    Scenario(
        name="unreachable",
        summary="The platform's host closes every connection.",
        closes=True,
    ),
    Scenario(
        name="gafaelfawr-down",
        summary="Authentication is down: 500 on nearly every route.",
        down=frozenset({"gafaelfawr"}),
    ),
    Scenario(
        name="semaphore-down",
        summary="Semaphore does not answer (503).",
        down=frozenset({"semaphore"}),
    ),
    Scenario(
        name="sia-says-no",
        summary="SIA answers, and says that Butler is unreachable.",
        says_no={"sia": "Butler server is not reachable"},
    ),
    Scenario(
        name="drift",
        summary="Discovery names an address where nothing is served.",
        discovery="drift",
    ),
    Scenario(
        name="empty-discovery",
        summary="Discovery answers {}, as where nothing is configured.",
        discovery="empty",
    ),
    Scenario(
        name="usdf",
        summary="A USDF-like site: two TAP services, no images or Butler.",
        absent=_USDF_HAS_NOT,
        rare=frozenset({"consdbtap"}),
    ),
    Scenario(
        name="hostile",
        summary="Names, notes and announcements that try to be more than text.",
        says_no={"tap": f"{_SCRIPT}{HOSTILE_MARKUP} is not {_REVERSED}"},
        broadcasts=(
            Announcement(
                "outage",
                f"{_SCRIPT}**Careful** {HOSTILE_MARKUP}with "
                f"[this](javascript:window.hostile=1) {_REVERSED}",
                f"<svg onload=window.hostile=1>{_TERMINAL}Details: "
                "<iframe srcdoc='<script>parent.hostile=1</script>'>none",
            ),
            Announcement("info", f"{_TERMINAL}1 < 2 &amp; 3 > 2 [red]x[/]"),
        ),
        messages=(f"{HOSTILE_MARKUP}For **you** only{_REVERSED}",),
        discovery="hostile",
    ),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({s.name: s for s in _ALL})
"""All scenarios by name, the healthy one first."""


def get_scenario(name: str) -> Scenario:
    """Return a scenario by its name.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no such scenario.
    """
    try:
        return SCENARIOS[name]
    except KeyError:
        raise BadInputError(
            f"There is no scenario named {name!r}.",
            hint=f"Choose one of: {', '.join(SCENARIOS)}.",
            code="no_such_scenario",
        ) from None
