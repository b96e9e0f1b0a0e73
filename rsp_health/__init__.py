"""rsp-health: health checks for a Rubin Science Platform lab.

This module is imported by every Jupyter server that has the extension
installed, so it imports nothing of its own weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server.extension import HealthApp

__all__ = [
    "__version__",
    "_jupyter_labextension_paths",
    "_jupyter_server_extension_points",
]

try:
    from ._version import __version__
except ImportError:  # A source tree that was never built or installed.
    __version__ = "0.0.0.dev0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the prebuilt front end is."""
    return [{"src": "_labextension", "dest": "rsp-health"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter Server which application to load."""
    from .server.extension import HealthApp

    app: type[HealthApp] = HealthApp
    return [{"module": "rsp_health", "app": app}]


def __getattr__(name: str) -> Any:
    """Give notebooks ``from rsp_health import require, skip``."""
    if name in {"SkipNotebook", "require", "skip"}:
        from .runner import skip as skipping

        return getattr(skipping, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
