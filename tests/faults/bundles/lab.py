"""A lab that tells its secrets everywhere, and a bundle of it."""

from __future__ import annotations

import base64
import io
import json
import urllib.parse
import zipfile
from contextlib import ExitStack
from typing import TYPE_CHECKING
from unittest import mock

from rsp_health.doctor.bundle.making import make_bundle
from rsp_health.doctor.bundle.material import Material
from rsp_health.doctor.context import Context
from rsp_health.doctor.models import Evidence, fault
from rsp_health.doctor.report import make_report
from rsp_health.doctor.seen import Seen
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.models import (
    CellError,
    CellResult,
    NotebookResult,
    RunDocument,
)
from rsp_health.status.models import (
    DiscoveryStatus,
    PlatformVerdict,
    ServiceStatus,
    StatusDocument,
)
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rsp_health.doctor.bundle.models import BundleDocument, Flavour
    from rsp_health.doctor.models import Report
    from tests.faults.secrets.kinds import Kind

__all__ = ["ENCODINGS", "FILES", "bundle_of", "inside"]

#: How a secret is written.
ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": lambda s: json.dumps({"value": s}),
    "in a URL": lambda s: urllib.parse.quote(s, safe=""),
    "in base64": lambda s: base64.b64encode(f"at {s} so".encode()).decode(),
    "in hexadecimal": lambda s: s.encode().hex(),
    "with colours": lambda s: f"\x1b[31m{s[:6]}\x1b[1m{s[6:]}\x1b[0m",
}

#: All files that a bundle may have.
FILES = (
    "environment.json",
    "findings.json",
    "logs.txt",
    "packages.txt",
    "repositories.json",
    "runs.json",
    "services.json",
    "summary.md",
    "why.json",
)


def bundle_of(
    home: Path,
    kinds: Sequence[Kind],
    encodings: Sequence[str],
    flavour: Flavour,
    *,
    only: str = "",
) -> tuple[BundleDocument, bytes]:
    """Return a bundle of a lab that tells all its secrets.

    Parameters
    ----------
    home
        An empty folder.
    kinds
        The secrets.
    encodings
        How they are written.
    flavour
        For whom the bundle is.
    only
        The file that tells them; empty: all files do.
    """
    told = [
        ENCODINGS[encoding](kind.printed)
        for kind in kinds
        for encoding in encodings
    ]
    context = _context(home, kinds)
    says = {name: told if only in {"", name} else [] for name in FILES}
    _write(home, says)
    with ExitStack() as stack:
        material = "rsp_health.doctor.bundle.material."
        run = _run(
            [*says["runs.json"], *says["summary.md"], *says["why.json"]]
        )
        stack.enter_context(mock.patch(f"{material}_runs", return_value=[run]))
        for name, function in (
            ("repositories.json", "_repositories"),
            ("packages.txt", "_packages"),
            ("environment.json", "_environment"),
        ):
            made = _replaced(name, says[name])
            stack.enter_context(mock.patch(f"{material}{function}", made))
        seen = Seen(status=_status(says["services.json"]))
        bundle = make_bundle(
            Material(
                context=_with(context, seen),
                report=_report([*says["findings.json"], *says["summary.md"]]),
                with_tracebacks=True,
            ),
            flavour,
        )
    return bundle.told(), bundle.data


def inside(data: bytes) -> dict[str, str]:
    """Return the files of a bundle."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name: archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
        }


def _context(home: Path, kinds: Sequence[Kind]) -> Context:
    mounts = home / "mounts"
    (mounts / "secrets").mkdir(parents=True)
    variables = {"HOME": str(home), "USER": "vrubin"}
    for kind in kinds:
        if kind.variable is not None:
            variables[kind.variable] = kind.secret
        if kind.file is not None:
            (mounts / "secrets" / kind.file).write_text(kind.secret)
    return Context(
        environment=LabEnvironment(variables=variables, mounts=(mounts,)),
        find_data_dir=lambda: home / ".rsp-health",
        account_home=home,
    )


def _with(context: Context, seen: Seen) -> Context:
    return Context(
        environment=context.environment,
        find_data_dir=context.find_data_dir,
        account_home=context.account_home,
        seen=seen,
    )


def _write(home: Path, says: dict[str, list[str]]) -> None:
    logs = home / ".jupyter"
    logs.mkdir()
    lines = "".join(f"A line says: {text}\n" for text in says["logs.txt"])
    (logs / "server.log").write_text(f"It began.\n{lines}It ended.\n")


def _replaced(name: str, told: list[str]) -> Callable[..., object]:
    """Return what makes a file that tells something beside what is usual."""
    if name == "packages.txt":
        return lambda _: "numpy==2.3\n" + "".join(f"{t}==1\n" for t in told)
    if name == "repositories.json":
        return lambda _: [{"folder": "~/x", "origin": t} for t in ["y", *told]]
    return lambda _: {"python": "3.13", "variables": told}


def _report(told: list[str]) -> Report:
    seen = [Evidence(source="a log", value=t) for t in told]
    first = fault(
        "It broke.",
        *(seen or [Evidence(source="a log", value="a line")]),
        whose="platform",
        next_step="Wait.",
    )
    others = [fault(t, *seen[:1], whose="your_lab", next_step=t) for t in told]
    found = [
        f.model_copy(update={"check": "home.space", "title": "Home"})
        for f in (first, *others)
    ]
    return make_report(found, "data.example.org")


def _run(told: list[str]) -> RunDocument:
    cells = [
        CellResult.model_validate(
            {
                "index": number,
                "id": None,
                "source_sha256": "00",
                "state": "failed",
                "error": CellError(ename="E", evalue=t, traceback=f"at {t}"),
            }
        )
        for number, t in enumerate(told, start=1)
    ]
    return RunDocument(
        run_id="20261122T000000Z-abcd",
        state="failed",
        started_at=utc_now(),
        finished_at=utc_now(),
        notebooks=[
            NotebookResult(path="a.ipynb", state="failed", cells=cells)
        ],
    )


def _status(told: list[str]) -> StatusDocument:
    return StatusDocument(
        instance="data.example.org",
        observed_at=utc_now(),
        discovery=DiscoveryStatus(state="fresh"),
        verdict=PlatformVerdict(state="well", word="", sentence=""),
        services=[
            ServiceStatus(id="tap", title="TAP", state="down", evidence=t)
            for t in ["It is.", *told]
        ],
    )
