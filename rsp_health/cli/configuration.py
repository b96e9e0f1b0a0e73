"""Reads the operator's settings as a Jupyter server would."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInputError
from ..printable import printable
from ..settings import HealthSettings

if TYPE_CHECKING:
    from traitlets.config import Config


__all__ = ["HealthApp", "load_settings"]


class HealthApp(HealthSettings):
    """Reads the section ``HealthApp``, as the server extension does."""


def load_settings(path: Path | None) -> HealthSettings:
    """Read the operator's settings.

    Parameters
    ----------
    path
        A Jupyter configuration file; it wins over Jupyter's own paths, where
        ``jupyter_rsp_health_config``, ``jupyter_server_config`` and
        ``jupyter_config`` are read, in JSON or Python.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if a file cannot be read or a value is not valid.
    """
    from jupyter_core.paths import jupyter_config_path
    from traitlets import TraitError
    from traitlets.config import Config

    config = Config()
    names = (
        "jupyter_config",
        "jupyter_server_config",
        "jupyter_rsp_health_config",  # what jupyter_server reads for us
    )
    for folder in reversed(jupyter_config_path()):
        for name in names:
            for suffix in (".json", ".py"):
                file = Path(folder, name + suffix)
                if file.is_file():
                    config.merge(_read(file))
    if path is not None:
        config.merge(_read(path))
    _tell_unknown(config)
    try:
        with warnings.catch_warnings():
            # What nobody knows has been told in our own words.
            warnings.filterwarnings("ignore", message="Config option")
            return HealthApp(config=config)
    except TraitError as exc:
        raise BadInputError(
            f"The configuration of HealthApp is not valid: {exc}",
            hint="rsp-health --help-config tells the settings and their types.",
            code="bad_config",
        ) from exc


def _tell_unknown(config: Config) -> None:
    """Warn of settings that do not exist, most often misspelt ones."""
    from traitlets.config import Application

    known = {*HealthApp.class_traits(), *Application.class_traits()}
    for name in sorted(set(config.get("HealthApp", {})) - known):
        click.echo(
            f"Warning: there is no setting HealthApp.{printable(name)};"
            " see rsp-health --help-config.",
            err=True,
        )


def _read(path: Path) -> Config:
    from traitlets.config.loader import (
        JSONFileConfigLoader,
        PyFileConfigLoader,
    )

    loader = (
        JSONFileConfigLoader if path.suffix == ".json" else PyFileConfigLoader
    )
    try:
        return loader(path.name, str(path.parent)).load_config()
    except Exception as exc:
        reason = str(exc) or type(exc).__name__
        if not isinstance(exc, OSError | ValueError | SyntaxError):
            reason = f"{type(exc).__name__}: {exc}"
        raise BadInputError(
            f"The configuration file {path} cannot be read: {reason}",
            hint="Correct the file, or name another one with --config.",
            code="bad_config",
        ) from exc
