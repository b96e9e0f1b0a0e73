"""Ten thousand lines of astronomy in which no word may change."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from uuid import UUID

from rsp_health.redaction import Redactor
from tests.faults.secrets.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["count_changed", "lines"]

_NOUNS = [
    "galaxy",
    "cluster",
    "redshift",
    "magnitude",
    "photometry",
    "spectrum",
    "detector",
    "exposure",
    "visit",
    "tract",
    "patch",
    "butler",
    "calibration",
    "characterization",
    "quasar",
    "supernova",
    "lightcurve",
    "forced-source",
    "coadd",
    "difference-image",
    "token",
    "secret",
    "password",
    "authentication",
    "authorization",
    "key",
    "signature",
]
_BANDS = "ugrizy"
#: Each ends like the beginning of a key of a service.
_TASKS = ["task", "mask", "disk", "risk", "desk", "dask", "getitem-task"]
_FIXED = [
    "Basic characterization of the Stetson J index",
    "Basic authentication is explained in the guide; bearer tokens as well",
    "gr-color-magnitude-diagram.fits",
    "gi-color-color-diagram-of-the-stars.fits.fz",
    "gt-based-selection-of-galaxies-by-size",
    "get-something-done go-to-the-next-cell algo-rithm.py",
    "A token looks like gt-<key>.<secret>; never show it.",
    "token = get_token()  # the token of the lab",
    "password = getpass.getpass()",
    "password=None, secret: str | None = None, api_key=os.environ['KEY']",
    "service = TAPService(url, session=session, auth=auth)",
    "headers = {'Authorization': f'Bearer {token}'}",
    "Authorization: Bearer <token>",
    "https://data.lsst.cloud/api/tap/sync?QUERY=SELECT+TOP+10&LANG=ADQL",
    "https://usdf-rsp.slac.stanford.edu/nb/user/ann/lab/tree/a.ipynb?reset",
    "git@github.com:lsst/tutorial-notebooks.git",
    "https://github.com/lsst-sqre/system-test.git@prod",
    "ghcr.io/lsst-sqre/sciplat-lab:w_2026_45@sha256:" + "0123456789abcdef" * 4,
    "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12  tutorial.ipynb",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "LSSTComCam/runs/DRP/DP1/v29_0_0/DM-50260/20250419T073356Z",
    "deepCoadd_calexp_lsst_cells_v1_5063_34_r_DM-50260.fits",
    "import numpy as np; cov = A @ B.T; x = M@v",
    "sk-learn and scikit-learn: sklearn.ensemble.RandomForestClassifier",
    "key: 0.123456789012345  secret key of the cipher: words",
    "passwords: 5 of 10 were too short",
    "SELECT objectId, coord_ra FROM dp1.Object WHERE detect_isPrimary = 1",
    "cookie cutter; a credential is a claim; the signature of a merger",
    "AKIA is not a key, nor is ASIA; EYJAFJALLAJOKULL erupted in 2010",
    "<Table length=3>  <table id='table140234567890123'>",
    "\x1b[0;31mZeroDivisionError\x1b[0m: division by zero",
    "C:\\users\\new\\table\\x41 50% of 20%de the flux &amp; more",
    "TARGET 05:34:31.94 +22:00:52.2 J2000 (M1) gs-mosaic-2019",
    "the date of the basic 2x2 binning; Basic 8-bit; token 1234567",
    "bad_mask-LSSTCam_2025042000123_R22_S11_det094.fits",
    "disk-usage_20250420_nodes_0123456789_report.txt",
    "desk-dr9_0123456_targets_20250420_nside64.fits",
    "task-1234567890-calexp-R22-S11-20250420.log",
    "Key('getitem-task-f3b1c2d4e5f60718293a4b5c6d7e8f90', 0)",
    "('sk-1f8e2a7c-0b0c-4d1e-9f00-aabbccddeeff', 3)",
    "highs_0f3b1c2d4e5f60718293a4b5c6d7e8f90a1b2c3d lengths",
    "shelf_hf_0f3b1c2d4e5f60718293a4b5c6d7e8f90a1b2c3d.parquet",
    "pypi-mirror_2025042000123_of_lsst_w_2025_18_packages.txt",
    "catalogs-LSSTCam_2025042000_R22.deepCoadd_calexp_lsst_v1",
    "keyJoinColumns.of_all_tables.x  monkeyJumping.one_two_three.y",
    "draws.key = 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    "forbearer 2025042000123_R22_S11_det094 of the overbasic bm9uZTpub25l",
    "PWD=/home/jdoe/DM-49865 OLDPWD=~/u_2025abc pwd: /repo/dp1/w_2025_18",
    "{'PWD': '/home/jdoe/DM-49865', 'OLDPWD': 'C:\\\\Users\\\\j2025'}",
    "y = A.T@B.us + a1@b2.id - cov@self.mu + key@bucket.int + N.T@fit.it",
    "x@A.inv W = X@W.in u@v.de 2.5@J.y M31@DSS.fits foo@2x.png cov@C.it",
    "chi2 = res@cov.de[0] + res@fit.is.real + weights@model.cl(3)",
]


def lines() -> Iterator[str]:
    """Yield the lines, the same in every run."""
    drawn = random.Random(7)  # noqa: S311 - the same in every run
    yield from _FIXED
    for number in range(10_000 - len(_FIXED)):
        one, two, three = (drawn.choice(_NOUNS) for _ in range(3))
        band, other = drawn.choice(_BANDS), drawn.choice(_BANDS)
        value, task = drawn.uniform(-90, 90), drawn.choice(_TASKS)
        yield drawn.choice(
            [
                f"The {one} of the {two} needs a {three}: {value:.7f} deg.",
                f"{band}{other}-{one}-{two}-{three}-{number}.fits",
                f"{one.title()} {two}, basic {three}, bearer of {one}",
                f"| {one:<22} | {value:12.6e} | {number:>20d} | {band} |",
                f"{one}: {two}; {two} = {three}",
                f"{drawn.getrandbits(63)}  {value:.15f}  {-value:.15e}",
                f"/repo/dp1/{one}/{two}_{band}_{number:08d}.parquet",
                f"{one}={number} {two}={value:.3f} {three}='{band}'",
                f"{drawn.getrandbits(160):040x}  {one}/{two}.py",
                f"DM-{number} {one} ({two} et al. {1990 + number % 36})",
                f"df['{one}_{band}'] = cat.{two}.{three}[{number}:]",
                f"dp1.{one.title()}.{band}_psfFlux {value:+.4f} nJy {two}",
                f"('{task}-{drawn.getrandbits(128):032x}', {number})",
                f"{task}-{UUID(int=drawn.getrandbits(128))} {one}.{two}.log",
                f"{task}-LSSTCam_{drawn.getrandbits(43)}_R22_S11_{band}.fits",
            ]
        )


def count_changed() -> int:
    """Redact all lines; return how many are not what they were."""
    redactor = Redactor([kind.secret for kind in KINDS if kind.variable])
    given = list(lines())
    changed = [
        (line, found)
        for line in given
        for found in (redactor.text(line), redactor.source(line))
        if found != line
    ]
    for before, after in changed:
        print(f"    {before!r} became {after!r}")
    whole = "\n".join(given)
    if not changed and redactor.text(whole) != whole:
        changed.append(("all lines together", ""))
    print(f"  {len(given)} lines: {len(changed)} changed", flush=True)
    return len(changed)
