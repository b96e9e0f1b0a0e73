"""VOTables, as small as data services may make them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Column", "error_votable", "votable"]

Column = tuple[str, str, str]
"""Name, VOTable datatype and unit of a column; the unit may be empty."""

_OPEN = (
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n'
    '  <RESOURCE type="results">\n'
)
_CLOSE = "  </RESOURCE>\n</VOTABLE>\n"


def votable(
    columns: Sequence[Column], rows: Sequence[Sequence[object]]
) -> str:
    """Return a table in TABLEDATA, without the XML declaration."""
    lines = [
        _OPEN,
        '    <INFO name="QUERY_STATUS" value="OK"/>\n    <TABLE>\n',
    ]
    for name, datatype, unit in columns:
        size = ' arraysize="*"' if datatype == "char" else ""
        unit_text = f" unit={quoteattr(unit)}" if unit else ""
        lines.append(
            f"      <FIELD name={quoteattr(name)}"
            f' datatype="{datatype}"{size}{unit_text}/>\n'
        )
    lines.append("      <DATA>\n        <TABLEDATA>\n")
    for row in rows:
        cells = "".join(f"<TD>{escape(str(v))}</TD>" for v in row)
        lines.append(f"          <TR>{cells}</TR>\n")
    lines.append("        </TABLEDATA>\n      </DATA>\n    </TABLE>\n")
    return "".join((*lines, _CLOSE))


def error_votable(message: str) -> str:
    """Return the document with which DALI services report an error."""
    return (
        f'{_OPEN}    <INFO name="QUERY_STATUS" value="ERROR">'
        f"{escape(message)}</INFO>\n{_CLOSE}"
    )
