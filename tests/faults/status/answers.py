"""What healthy services answer, and what they answer when they say no."""

from __future__ import annotations

import json

from .server import http_answer

__all__ = [
    "HEALTHY",
    "SAYS_NO",
    "TYPES",
    "healthy",
    "says_no",
    "vosi",
    "votable",
]

NAMESPACE = "http://www.ivoa.net/xml/VOSIAvailability/v1.0"


def vosi(
    available: str = "true", *, namespace: str = NAMESPACE, note: str = ""
) -> bytes:
    """Return a VOSI availability document."""
    extra = f"<v:note>{note}</v:note>" if note else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<v:availability xmlns:v="{namespace}">'
        f"<v:available>{available}</v:available>{extra}"
        "</v:availability>"
    ).encode()


def votable(
    *rows: str, status: str = "OK", said: str = "", behind: str = ""
) -> bytes:
    """Return a VOTable with one cell a row, and perhaps INFO behind it."""
    cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        '<RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="{status}">{said}</INFO>'
        f"<TABLE><FIELD name='x' datatype='char' arraysize='*'/>"
        f"<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE>{behind}"
        "</RESOURCE></VOTABLE>"
    ).encode()


HEALTHY: dict[str, bytes] = {
    # What a query answers; it is no probe.
    "votable": votable("1"),
    "vosi": vosi(),
    "metadata": json.dumps(
        {"metadata": {"name": "semaphore", "version": "2.0.0"}}
    ).encode(),
    "openapi": json.dumps(
        {"openapi": "3.1.0", "info": {"title": "x"}, "paths": {}}
    ).encode(),
    "influx": json.dumps(
        {
            "name": "influxdb",
            "message": "ready for queries and writes",
            "status": "pass",
            "version": "1.8.10",
        }
    ).encode(),
    "brokers": json.dumps({"brokers": [6, 7, 8]}).encode(),
    "actuator": json.dumps({"status": "UP"}).encode(),
    "tree": json.dumps({"contents": []}).encode(),
    "butler": (
        b"cls: lsst.daf.butler.remote_butler.RemoteButler\n"
        b"remote_butler:\n  url: https://data.example.com/api/butler\n"
    ),
    "hips": b"creator_did = ivo://lsst.rubin/dp1\nhips_order = 9\n",
    "page": (
        b"<!DOCTYPE html><html><head><title>Rubin Science Platform</title>"
        b"</head><body>Portal, Notebooks, APIs</body></html>"
    ),
}

TYPES: dict[str, str] = {
    "votable": "application/x-votable+xml",
    "vosi": "application/xml",
    "butler": "application/yaml",
    "hips": "text/plain; charset=utf-8",
    "page": "text/html; charset=utf-8",
}

SAYS_NO: dict[str, bytes] = {
    "votable": votable(status="ERROR", said="No Qserv worker answers"),
    "vosi": vosi("false", note="Butler is unreachable"),
    "influx": json.dumps(
        {"name": "influxdb", "status": "fail", "message": "no disk"}
    ).encode(),
    "brokers": json.dumps({"brokers": []}).encode(),
    "actuator": json.dumps({"status": "DOWN"}).encode(),
    # These have no way to say no: an error document in their form.
    "metadata": b'{"detail": [{"msg": "no database", "type": "error"}]}',
    "openapi": b'{"detail": "no"}',
    "tree": b'{"detail": "no"}',
    "butler": b"error: no such repository\n",
    "hips": b"# no surveys\n",
    "page": b"<html><title>Maintenance</title><body>Come back</body></html>",
}


def healthy(probe: str) -> bytes:
    """Return the answer of a healthy service."""
    return http_answer(
        HEALTHY[probe], kind=TYPES.get(probe, "application/json")
    )


def says_no(probe: str) -> bytes:
    """Return the answer of a service that says that it does not work."""
    return http_answer(
        SAYS_NO[probe], kind=TYPES.get(probe, "application/json")
    )
