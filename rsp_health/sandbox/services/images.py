"""Image services: SIA, DataLink, cutouts (SODA), Butler and HiPS.

Each answers one real kind of request, with data that is computed here.
"""

from __future__ import annotations

import math
import re
import struct

from ..ingress import PlatformHandler
from .votable import error_votable, votable

__all__ = [
    "ButlerConfigHandler",
    "CutoutSyncHandler",
    "DatalinkLinksHandler",
    "HipsListHandler",
    "SiaQueryHandler",
    "fits_image",
]

_VOTABLE = "application/x-votable+xml"
_CIRCLE = re.compile(r"(?:CIRCLE\s+)?(-?[\d.]+)\s+(-?[\d.]+)\s+([\d.]+)")
_FITS_BLOCK = 2880


class SiaQueryHandler(PlatformHandler):
    """``/api/sia/{dataset}/query``: Simple Image Access 2."""

    def get(self, dataset: str) -> None:
        """List the images that a circle meets."""
        note = self.state.scenario.says_no.get(self.app)
        if note is not None:
            self.set_status(500)
            self.send_xml(error_votable(note), kind=_VOTABLE)
            return
        circle = _CIRCLE.fullmatch(self.get_argument("POS", "").strip())
        if circle is None:
            self.set_status(400)
            self.send_xml(
                error_votable("UsageFault: POS must be CIRCLE ra dec radius"),
                kind=_VOTABLE,
            )
            return
        ra, dec = float(circle[1]), float(circle[2])
        maxrec = int(self.get_argument("MAXREC", "6"))
        links = f"{self.state.base_url}/api/datalink/links"
        rows = [
            (
                f"ivo://org.rubinobs/usdac/{dataset}?visit={number}",
                f"{links}?ID=butler://{dataset}/visit_image-{number}",
                round(ra + 0.01 * number, 4),
                round(dec - 0.01 * number, 4),
                "ugrizy"[number % 6],
            )
            for number in range(min(maxrec, 6))
        ]
        columns = (
            ("obs_publisher_did", "char", ""),
            ("access_url", "char", ""),
            ("s_ra", "double", "deg"),
            ("s_dec", "double", "deg"),
            ("lsst_band", "char", ""),
        )
        self.send_xml(votable(columns, rows), kind=_VOTABLE)

    def post(self, dataset: str) -> None:
        """List the images that a circle meets."""
        self.get(dataset)


class DatalinkLinksHandler(PlatformHandler):
    """``/api/datalink/links``: what can be done with one image."""

    def get(self) -> None:
        """Name the cutout service for an image."""
        identifier = self.get_argument("ID", "")
        columns = (
            ("ID", "char", ""),
            ("access_url", "char", ""),
            ("semantics", "char", ""),
        )
        cutout = f"{self.state.base_url}/api/cutout/dp1/sync"
        rows = [(identifier, cutout, "#cutout")] if identifier else []
        self.send_xml(votable(columns, rows), kind=_VOTABLE)


class CutoutSyncHandler(PlatformHandler):
    """``/api/cutout/{dataset}/sync``: one circle out of one image."""

    def get(self, dataset: str) -> None:
        """Return the cutout as FITS."""
        del dataset
        circle = _CIRCLE.fullmatch(self.get_argument("CIRCLE", "").strip())
        if circle is None or not self.get_argument("ID", ""):
            self.set_status(400)
            self.set_header("Content-Type", "text/plain")
            self.write("UsageError ID and CIRCLE (ra dec radius) are needed")
            return
        ra, dec = float(circle[1]), float(circle[2])
        self.set_header("Content-Type", "application/fits")
        self.write(fits_image(ra=ra, dec=dec))

    def post(self, dataset: str) -> None:
        """Return the cutout as FITS."""
        self.get(dataset)


class ButlerConfigHandler(PlatformHandler):
    """``/api/butler/repo/{label}/butler.yaml``: the frontend only."""

    def get(self, label: str) -> None:
        """Return the configuration of a remote Butler."""
        if label not in {"dp1", "dp02"}:
            self.refuse_json(
                404, "not_found", f"Unknown repository label {label}"
            )
        url = f"{self.state.base_url}/api/butler/repo/{label}/"
        self.set_header("Content-Type", "application/x-yaml")
        self.write(
            "cls: lsst.daf.butler.remote_butler.RemoteButler\n"
            f"remote_butler:\n  url: {url}\n"
        )


class HipsListHandler(PlatformHandler):
    """``/api/hips/v2/{dataset}/list``, which Repertoire serves."""

    def get(self, dataset: str) -> None:
        """List the surveys of a dataset."""
        if not self.state.scenario.has("hips"):
            self.refuse(404)  # Repertoire is there, but has nothing to list.
        service = f"{self.state.base_url}/api/hips/v2/{dataset}/color_gri"
        self.set_header("Content-Type", "text/plain")
        self.write(
            f"creator_did          = ivo://rubin/{dataset}/color_gri\n"
            "hips_status          = private master clonableOnce\n"
            f"hips_service_url     = {service}\n"
        )


def fits_image(*, ra: float, dec: float, size: int = 64) -> bytes:
    """Return a FITS image of one star, ``size`` pixels wide.

    Parameters
    ----------
    ra, dec
        The centre, in degrees.
    size
        Width and height in pixels.
    """
    cards = (
        "SIMPLE  =                    T",
        "BITPIX  =                  -32",
        "NAXIS   =                    2",
        f"NAXIS1  = {size:20d}",
        f"NAXIS2  = {size:20d}",
        "CTYPE1  = 'RA---TAN'",
        "CTYPE2  = 'DEC--TAN'",
        f"CRVAL1  = {ra:20.6f}",
        f"CRVAL2  = {dec:20.6f}",
        f"CRPIX1  = {size / 2:20.1f}",
        f"CRPIX2  = {size / 2:20.1f}",
        "BUNIT   = 'nJy     '",
        "ORIGIN  = 'rsp-health sandbox'",
        "END",
    )
    header = "".join(c.ljust(80) for c in cards).encode("ascii")
    header = header.ljust(-(-len(header) // _FITS_BLOCK) * _FITS_BLOCK, b" ")
    middle = size / 2
    pixels = [
        900.0 * math.exp(-((x - middle) ** 2 + (y - middle) ** 2) / 18.0)
        + (x * 31 + y * 17) % 7
        for y in range(size)
        for x in range(size)
    ]
    data = struct.pack(f">{len(pixels)}f", *pixels)
    padded = -(-len(data) // _FITS_BLOCK) * _FITS_BLOCK
    return header + data.ljust(padded, b"\0")
