"""A TAP service that knows four tables and one form of query.

``SELECT [TOP n] columns FROM table`` is all it reads; anything else is the
error that a TAP service would give. Rows are computed, the same ones always;
a condition changes nothing.
"""

from __future__ import annotations

import re

from ..ingress import PlatformHandler
from .votable import Column, error_votable, votable

__all__ = [
    "VOTABLE",
    "TapCapabilitiesHandler",
    "TapSyncHandler",
    "is_about_data",
    "query",
]

VOTABLE = "application/x-votable+xml"
_ROWS = 1000
_QUERY = re.compile(
    r"\s*SELECT\s+(?:TOP\s+(?P<top>\d+)\s+)?(?P<columns>[\w\s,*.]+?)"
    r"\s+FROM\s+(?P<table>[\w.]+)(?:\s+WHERE\s+.*)?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)

_TABLES: dict[str, tuple[Column, ...]] = {
    "dp1.object": (
        ("objectId", "long", ""),
        ("coord_ra", "double", "deg"),
        ("coord_dec", "double", "deg"),
        ("i_psfFlux", "double", "nJy"),
    ),
    "dp1.visit": (
        ("visit", "long", ""),
        ("ra", "double", "deg"),
        ("dec", "double", "deg"),
        ("band", "char", ""),
    ),
    "tap_schema.schemas": (
        ("schema_name", "char", ""),
        ("description", "char", ""),
    ),
    "tap_schema.tables": (
        ("schema_name", "char", ""),
        ("table_name", "char", ""),
    ),
}

#: Rows of the tables that describe the others.
_SCHEMA_ROWS: dict[str, list[dict[str, str]]] = {
    "tap_schema.schemas": [
        {"schema_name": "dp1", "description": "Data Preview 1 (sandbox)"},
        {"schema_name": "tap_schema", "description": "TAP schema"},
    ],
    "tap_schema.tables": [
        {"schema_name": schema, "table_name": f"{schema}.{table}"}
        for schema, table in (
            ("dp1", "Object"),
            ("dp1", "Visit"),
            ("tap_schema", "schemas"),
            ("tap_schema", "tables"),
        )
    ],
}


def query(adql: str, *, maxrec: int | None = None) -> str:
    """Answer a query.

    Parameters
    ----------
    adql
        The query.
    maxrec
        Most rows to return.

    Raises
    ------
    ValueError
        Raised if the query is not understood; the message is for the user.
    """
    match = _QUERY.fullmatch(adql)
    if match is None:
        raise ValueError("Cannot parse the query")
    table = match["table"].lower()
    if table not in _TABLES:
        raise ValueError(f"Table [{match['table']}] not found in TapSchema")
    known = {name.lower(): c for c in _TABLES[table] for name in [c[0]]}
    names = [n.strip().lower() for n in match["columns"].split(",")]
    if names == ["*"]:
        names = list(known)
    unknown = [n for n in names if n not in known]
    if unknown:
        raise ValueError(f"Column [{unknown[0]}] does not exist")
    described = _SCHEMA_ROWS.get(table)
    count = _ROWS if described is None else len(described)
    limits = [int(match["top"])] if match["top"] else []
    if maxrec is not None:
        limits.append(maxrec)
    count = min([count, *limits])
    rows: list[list[object]] = [
        [
            _value(name, i) if described is None else described[i][name]
            for name in names
        ]
        for i in range(count)
    ]
    return votable([known[n] for n in names], rows)


def is_about_data(adql: str) -> bool:
    """Whether a query asks a table of data, not one that describes them.

    Parameters
    ----------
    adql
        The query.
    """
    match = _QUERY.fullmatch(adql)
    return match is None or match["table"].lower() not in _SCHEMA_ROWS


def _value(column: str, row: int) -> object:
    # A low-discrepancy sequence: spread over the field, always the same.
    first, second = (row * 0.754877) % 1.0, (row * 0.569840) % 1.0
    ra = round(53.13 + 0.5 * (first - 0.5), 6)
    dec = round(-28.10 + 0.5 * (second - 0.5), 6)
    values: dict[str, object] = {
        "objectid": 611_255_003_000_000_000 + row,
        "visit": 2_024_110_800_000 + row,
        "coord_ra": ra,
        "coord_dec": dec,
        "ra": ra,
        "dec": dec,
        "i_psfflux": round(120.0 + 9000.0 * first * second, 3),
        "band": "ugrizy"[row % 6],
    }
    return values[column]


class TapSyncHandler(PlatformHandler):
    """``/api/tap/sync``, by GET and POST."""

    def get(self) -> None:
        """Answer a synchronous query."""
        scenario = self.state.scenario
        adql = self.get_argument("QUERY", "")
        note = scenario.says_no.get(self.app)
        if note is None and is_about_data(adql):
            note = scenario.queries_fail.get(self.app)
        if note is not None:
            self._error(note)
            return
        if self.get_argument("LANG", "ADQL").partition("-")[0] != "ADQL":
            self._error("Only LANG=ADQL is supported")
            return
        maxrec = self.get_argument("MAXREC", "")
        try:
            table = query(
                adql,
                maxrec=int(maxrec) if maxrec else None,
            )
        except ValueError as exc:
            self._error(str(exc))
            return
        self.send_xml(table, kind=VOTABLE)

    def post(self) -> None:
        """Answer a synchronous query."""
        self.get()

    def _error(self, message: str) -> None:
        self.set_status(400)
        self.send_xml(error_votable(message), kind=VOTABLE)


class TapCapabilitiesHandler(PlatformHandler):
    """``/api/tap/capabilities`` (anonymous)."""

    def get(self) -> None:
        """Tell where queries and availability are."""
        base = f"{self.state.base_url}{self.request.path}".removesuffix(
            "/capabilities"
        )
        rows = (
            ("ivo://ivoa.net/std/TAP", base, "base"),
            (
                "ivo://ivoa.net/std/VOSI#availability",
                f"{base}/availability",
                "full",
            ),
            (
                "ivo://ivoa.net/std/VOSI#capabilities",
                f"{base}/capabilities",
                "full",
            ),
        )
        body = "".join(
            f'  <capability standardID="{standard}">\n'
            '    <interface xsi:type="vs:ParamHTTP" role="std">\n'
            f'      <accessURL use="{use}">{url}</accessURL>\n'
            "    </interface>\n  </capability>\n"
            for standard, url, use in rows
        )
        self.send_xml(
            "<vosi:capabilities"
            ' xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0"'
            ' xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
            f"{body}</vosi:capabilities>\n"
        )
