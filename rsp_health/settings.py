"""What an operator can set: the traits of ``HealthApp``.

The traits live in a class of their own because two programs read them from
the same Jupyter configuration: the server extension (an ``ExtensionApp``) and
the terminal, which must not import jupyter_server to do so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from traitlets import (
    Bool,
    Dict,
    Enum,
    Float,
    HasTraits,
    List,
    Unicode,
    default,
)
from traitlets.config import Configurable

from .effects import BY_DEFAULT, EFFECTS, LOADS, Allowance

__all__ = [
    "CELL_TIMEOUT_S",
    "DEFAULT_REPOSITORIES",
    "HealthSettings",
    "HealthTraits",
]

#: Seconds that a cell may run where neither the caller nor the site says it.
CELL_TIMEOUT_S = 1000.0

DEFAULT_REPOSITORIES: list[dict[str, Any]] = [
    {
        "id": "system-test",
        "title": "System test",
        "url": "https://github.com/lsst-sqre/system-test",
        "ref": "main",
    },
    {
        "id": "phalanx-test",
        "title": "Phalanx test",
        "url": "https://github.com/lsst-sqre/phalanx-test",
        "ref": "main",
    },
]


class HealthTraits(HasTraits):
    """The settings themselves, mixed into whatever reads the configuration."""

    data_dir = Unicode(
        help="""
        Folder for run records, locks and cached platform documents.
        Default: ``~/.rsp-health``. It must survive a lab restart: the platform
        moves or deletes ``~/.cache`` and ``~/.local``.
        """,
    ).tag(config=True)

    repositories = List(
        Dict(),
        default_value=DEFAULT_REPOSITORIES,
        help="""
        Notebook repositories offered under *RSP Health > Check out*. Each is
        a dictionary with ``id``, ``title``, ``url`` and optionally ``ref``,
        ``directory`` (relative to the root), ``subset``, ``environments`` and
        ``lfs``.
        """,
    ).tag(config=True)

    allowed_git_protocols = List(
        Unicode(),
        default_value=["https"],
        help="""
        Transports that git may use. ``http`` and ``file`` are for mirrors
        that an operator trusts.
        """,
    ).tag(config=True)

    catalogue = Unicode(
        help="""
        Path of a TOML file that adds to the shipped service catalogue: owner,
        runbook, contact, maintenance windows. Default: none.
        """,
    ).tag(config=True)

    poll_interval = Float(
        60.0,
        help="""
        Seconds between two rounds of anonymous probes while a panel is
        visible. Values under 30 are raised to 30.
        """,
    ).tag(config=True)

    probe_timeout = Float(
        10.0, min=0.1, help="Total seconds that one probe may take."
    ).tag(config=True)

    cell_timeout = Float(
        CELL_TIMEOUT_S,
        min=0.1,
        help="""
        Seconds that one cell of a check may run when the caller does not say.
        """,
    ).tag(config=True)

    warm_kernels = Bool(
        True,  # noqa: FBT003 - the signature of a trait
        help="""
        Fork kernels from a warm parent where the kernelspec runs ipykernel.
        """,
    ).tag(config=True)

    run_effects = Enum(
        EFFECTS,
        default_value=BY_DEFAULT.effects,
        help="""
        The most that notebooks may do which a run takes without being asked:
        ``passive``, ``writes`` or ``hardware``, as a notebook says it in
        ``metadata.rsp_health.effects``. A summit sets ``passive``.
        """,
    ).tag(config=True)

    run_load = Enum(
        LOADS,
        default_value=BY_DEFAULT.load,
        help="""
        The heaviest notebooks that a run takes without being asked:
        ``light``, ``moderate`` or ``heavy``, as a notebook says it in
        ``metadata.rsp_health.load``.
        """,
    ).tag(config=True)

    sasquatch_topics = Unicode(
        help="""
        Prefix of the topics to which each run's timings are sent, through
        Sasquatch's REST proxy, such as ``lsst.example``. Default: none, and
        nothing is sent.
        """,
    ).tag(config=True)

    sasquatch_url = Unicode(
        help="""
        Address of that REST proxy. Default: ``/sasquatch-rest-proxy`` of the
        platform.
        """,
    ).tag(config=True)

    sentry_dsn = Unicode(
        help="""
        DSN of the Sentry project to which failures are sent. Default: none,
        and nothing is sent. It needs ``rsp-health[sentry]``.
        """,
    ).tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path.home() / ".rsp-health")

    @property
    def allowance(self) -> Allowance:
        """What a run may take without being asked."""
        return Allowance(effects=self.run_effects, load=self.run_load)


class HealthSettings(HealthTraits, Configurable):
    """The settings for programs that are not a Jupyter server."""
