"""Answers in text: Butler's configuration, HiPS lists and web pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...platform.http.answers import FetchError
from .base import Subject, Verdict, malformed, wrong_type

if TYPE_CHECKING:
    from ...platform.http.answers import HttpResponse

__all__ = ["ButlerProbe", "HipsProbe", "PageProbe"]

_YAML = {
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "text/plain",
    "application/octet-stream",
}
# Not parsed as YAML: an alias bomb fits into a few hundred bytes.
_BUTLER = re.compile(
    r"^(cls:\s*lsst\.daf\.butler|remote_butler:|datastore:|registry:)",
    re.MULTILINE,
)
# No pattern here may look further than its line: what comes is not ours, and
# the event loop waits. (Empty lines alone once took minutes.)
_HIPS = re.compile(
    r"^[ \t]*(creator_did|hips_[a-z_]{1,60}|obs_[a-z_]{1,60})[ \t]*=",
    re.MULTILINE,
)
#: A login page asks for a password, or says in its title what it is.
_LOGIN = re.compile(
    r"<input[^>]{1,500}type\s*=\s*[\"']?password"
    r"|<title\b[^>]{0,200}>[^<]{0,200}\b(log|sign)[ -]?in\b",
    re.IGNORECASE,
)


class ButlerProbe:
    """``butler.yaml``: how clients find the Butler server.

    The Butler server gives JSON under that name (all JSON is YAML); a
    repository behind a plain web server gives YAML.
    """

    accept = "application/yaml, application/json, text/plain, */*"
    truncate = False

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if it is a Butler configuration."""
        del subject
        if response.content_type == "application/json":
            good = _is_butler(response)
        elif response.content_type in _YAML:
            good = _BUTLER.search(response.text) is not None
        else:
            return wrong_type(response, "a Butler configuration")
        if not good:
            return malformed(
                response, "text that is not a Butler configuration"
            )
        return Verdict(
            state="up",
            evidence="its frontend gives the Butler configuration",
            latency_s=response.elapsed_s,
        )


def _is_butler(response: HttpResponse) -> bool:
    try:
        document = response.json()
    except FetchError:
        return False
    return isinstance(document, dict) and (
        str(document.get("cls")).startswith("lsst.daf.butler.")
        or isinstance(document.get("remote_butler"), dict)
    )


class HipsProbe:
    """A HiPS list (IVOA HiPS 1.0, section 4.4.2)."""

    accept = "text/plain, */*"
    truncate = True

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if it lists at least one survey."""
        del subject
        if response.content_type != "text/plain":
            return wrong_type(response, "a HiPS list")
        if _HIPS.search(response.text) is None:
            return malformed(response, "text that is not a HiPS list")
        return Verdict(
            state="up",
            evidence="its HiPS list is served",
            latency_s=response.elapsed_s,
        )


class PageProbe:
    """A web page with words that only the right page has."""

    accept = "text/html"
    truncate = True

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if the catalogue's marker is on the page."""
        if response.content_type != "text/html":
            return wrong_type(response, "its page")
        text = response.text
        if _LOGIN.search(text):
            return Verdict(
                state="restricted",
                evidence="answered with a login page; can't tell its state",
                latency_s=response.elapsed_s,
            )
        if subject.marker is None or not re.search(subject.marker, text):
            return malformed(response, "a page that is not the expected one")
        return Verdict(
            state="up",
            evidence="its page is served",
            latency_s=response.elapsed_s,
        )
