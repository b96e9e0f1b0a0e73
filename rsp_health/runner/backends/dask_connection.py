"""The way to a Dask scheduler."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from ...errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connect"]

_CONNECT_S = 15.0


def connect(address: str | None) -> Client:
    """Connect to a Dask scheduler.

    Parameters
    ----------
    address
        Such as ``tcp://scheduler:8786``.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no address.
    rsp_health.errors.EnvironmentFailureError
        Raised if distributed is not installed, or nobody answers.
    """
    if not address:
        raise BadInputError(
            "The Dask backend needs the address of a scheduler.",
            hint="Give --scheduler ADDRESS, such as tcp://localhost:8786, or "
            "set DASK_SCHEDULER_ADDRESS.",
            code="no_scheduler",
        )
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError as exc:
        raise EnvironmentFailureError(
            "The Dask backend needs the package distributed.",
            hint="Install it with: python -m pip install 'rsp_health[dask]'",
            code="no_dask",
        ) from exc
    try:
        place = get_address_host_port(address)
    except (ValueError, KeyError) as exc:
        raise BadInputError(
            f"{address[:200]} is not the address of a Dask scheduler.",
            hint="It looks like tcp://localhost:8786.",
            code="no_scheduler",
        ) from exc
    try:
        # Distributed tries for the whole time what is refused at once.
        with socket.create_connection(place, timeout=_CONNECT_S):
            pass
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as exc:
        raise EnvironmentFailureError(
            f"No Dask scheduler answers at {address}.",
            hint="Check the address, and that the cluster is running.",
            code="no_scheduler",
        ) from exc
    return client
