"""What git's own words mean, and what to do about each."""

from __future__ import annotations

import re

from ..errors import EnvironmentFailureError, NotFoundError, RSPHealthError
from ..printable import printable

__all__ = ["explain"]

#: Characters of an unknown sentence that are shown.
_LONGEST = 200
#: Who runs the command knows its URL, and it may hold a password.
_URL = re.compile(r"\b[a-z][a-z+.-]*://[^\s']*")

_TRY_LATER = "Check the network, and try again; your files are untouched."

#: Pattern in git's (English) messages, code, what it means, what to do. The
#: first that matches wins, so the more specific stand first.
_KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"No space left on device|File too large",
        "disk_full",
        "the disk is full",
        "Free some space, for example old backups, and try again.",
    ),
    (
        r"Disk quota exceeded",
        "quota_exceeded",
        "your disk quota is used up",
        "Delete what you no longer need, and try again.",
    ),
    (
        r"Input/output error",
        "io_error",
        "the storage reported an error",
        "Try again; if it lasts, report it to the platform's operators.",
    ),
    (
        r"Read-only file system",
        "read_only",
        "the file system is read-only",
        "Use a folder that you may write to.",
    ),
    (
        r"from proxy|resolve proxy|CONNECT tunnel|via proxy",
        "proxy",
        "the proxy refused or cannot be reached",
        "Check the variables https_proxy and no_proxy of this lab.",
    ),
    (
        r"SSL|TLS|certificate|gnutls",
        "tls",
        "the server's certificate or encryption was not accepted",
        "Check the lab's clock and certificates, or tell its operators.",
    ),
    (
        (
            r"Authentication failed|could not read Username|terminal prompts "
            r"disabled|returned error: 40[13]|Access denied"
        ),
        "auth",
        "the server asks for a login or refuses access",
        "Only public repositories can be checked out; check the URL.",
    ),
    (
        r"update url base from redirection",
        "redirected",
        "the server sends us elsewhere, perhaps to a login page",
        "Only public repositories can be checked out; check the URL.",
    ),
    (
        (
            r"transport '[^']*' not allowed|unsupported protocol|Protocol .* "
            r"(not supported|disabled)"
        ),
        "protocol_not_allowed",
        "its transport is not allowed here",
        "Ask the operators to extend c.HealthApp.allowed_git_protocols.",
    ),
    (
        (
            r"Could not resolve host|Failed to connect|Connection refused|"
            r"Network is unreachable|No route to host|Connection timed out|"
            r"Could ?n[o']t connect|Connection reset|Temporary failure in name"
        ),
        "offline",
        "the server cannot be reached from here",
        _TRY_LATER,
    ),
    (
        r"returned error: 5\d\d",
        "server_error",
        "the server reported an error of its own",
        _TRY_LATER,
    ),
    (
        (
            r"Operation too slow|timed out|Empty reply|early EOF|RPC failed|"
            r"hung up unexpectedly|transfer closed|unexpected disconnect|"
            r"end of response with \d+ bytes missing"
        ),
        "interrupted_transfer",
        "the connection broke or was too slow",
        _TRY_LATER,
    ),
    (
        (
            r"fsck error|bad object|inflate|pack .* corrupt|index-pack failed|"
            r"did not send all necessary|invalid sha1|object file .* is empty"
        ),
        "damaged",
        "the repository holds damaged or unsafe objects",
        "Tell the owners of the repository; nothing was changed here.",
    ),
    (
        r"Permission denied|Operation not permitted|could not create",
        "permission_denied",
        "permission is denied",
        "Check the permissions of the folder, and who owns it.",
    ),
    (
        r"is not a git command",
        "no_command",
        "this git lacks a command",
        "Ask the operators of the lab image to install it.",
    ),
    (
        r"dubious ownership",
        "not_yours",
        "another user owns the folder",
        "Move that folder away, or ask its owner.",
    ),
)

_NO_REF = re.compile(
    r"Remote branch .* not found|couldn't find remote ref|pathspec '|"
    r"unknown revision|not a valid ref|did not match any|is not in the cache|"
    r"reference is not a tree|not a tree object"
)
_NO_REPOSITORY = re.compile(
    r"repository .* (not found|does not exist)|"
    r"does not appear to be a git repository|returned error: 404|"
    r"not a bundle|not valid: is this a git repository"
)


def explain(message: str, *, doing: str) -> RSPHealthError:
    """Turn what git wrote into an error by kind.

    Git's sentences differ from version to version; what versions 2.39 to 2.55
    say is recorded in ``tests/git/answers``. A sentence that is in no table is
    shown as it is: git's own last line, never a line of the server's
    (``remote: ...``), on one line and without URLs.

    Parameters
    ----------
    message
        Standard error, in English.
    doing
        What was being done, for "Cannot <doing>: ...".
    """
    for pattern, code, what, hint in _KINDS:
        if re.search(pattern, message):
            return EnvironmentFailureError(
                f"Cannot {doing}: {what}.", hint=hint, code=code
            )
    if _NO_REF.search(message):
        return NotFoundError(
            f"Cannot {doing}: there is no such branch, tag or commit.",
            hint="Choose another ref.",
            code="no_such_ref",
        )
    if _NO_REPOSITORY.search(message):
        return NotFoundError(
            f"Cannot {doing}: there is no repository at its URL.",
            hint="Check the URL in c.HealthApp.repositories.",
            code="no_such_repository",
        )
    own = _last_line(message)
    return EnvironmentFailureError(
        f"Cannot {doing}: git failed" + (f": {own}" if own else "."),
        hint="Try again; the log of the server (debug level) has git's own message.",
        code="git_failed",
    )


def _last_line(message: str) -> str:
    """Return the last line of an error that git itself wrote; may be empty."""
    lines = [
        line.partition(": ")[2]
        for line in message.splitlines()
        if line.startswith(("fatal: ", "error: "))
    ]
    if not lines:
        return ""
    shown = printable(_URL.sub("(URL)", lines[-1]))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
