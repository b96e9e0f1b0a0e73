"""Thirty notebooks of the science pipelines, run on plain Python.

They have the shapes that notebooks of a science platform have; none of them is
one. All are really run, once as they were made (for the kernel LSST, with
``--kernel python3``), and once as if they had been saved with python3.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.faults.doctor.verdicts.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SHAPES", "explained"]

_PLOTS = "%matplotlib widget\nimport matplotlib.pyplot as plt"
SHAPES = (
    "from lsst.daf.butler import Butler\nbutler = Butler('dp1')",
    "import lsst.daf.butler as dafButler",
    "import lsst.afw.display as afwDisplay; afwDisplay.getDisplay(frame=1)",
    "from lsst.rsp import get_tap_service\nservice = get_tap_service('tap')",
    "from lsst.rsp.service import get_siav2_service",
    "from lsst.utils.plotting import get_multiband_plot_colors",
    "import lsst.geom as geom\npoint = geom.SpherePoint(0, 0, geom.degrees)",
    "from lsst.summit.utils.efdUtils import makeEfdClient",
    f"{_PLOTS}\nimport lsst.afw.image as afwImage",
    "%matplotlib inline\nimport matplotlib.pyplot as plt",
    f"{_PLOTS}\nplt.figure()",
    "import numpy as np\nimport lsst.afw.table",
    "import pandas as pd\nfrom lsst.rsp import RSPClient",
    "from astropy.coordinates import SkyCoord\nimport lsst.skymap",
    "%load_ext autoreload\n%autoreload 2\nfrom lsst.ts.xml import utils",
    "from IPython.display import Markdown\nimport lsst.pipe.base",
    "import warnings; warnings.filterwarnings('ignore')\nimport lsst.obs.lsst",
    "import os, sys, time\nfrom lsst.meas.algorithms import detection",
    "from lsst.source.injection import VisitInjectTask",
    "import lsst.scarlet.lite as scl",
    "from lsst.ip.isr import IsrTask",
    "from lsst.analysis.tools.actions.plot import HistPlot",
    "import galsim",
    "import healsparse, skyproj",
    "from firefly_client import FireflyClient",
    "import bokeh, holoviews",
    "!eups list -s lsst_distrib\nimport lsst.daf.butler",
    "%%bash\neups list -s lsst_distrib",
    "import os\nindex = os.environ['DAF_BUTLER_REPOSITORY_INDEX']",
    """try:
    import lsst.daf.butler
except ImportError as exc:
    raise RuntimeError('This needs the science pipelines') from exc""",
)
"""The first cells of notebooks."""


def explained(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run all, and yield what is told of them, for each way to run them."""
    for title, kernel, options in (
        ("made for lsst, run with --kernel python3", "lsst", ("python3",)),
        ("saved with python3", "python3", ()),
    ):
        case = Case(
            folder=folder / kernel,
            chance=random.Random(0),  # noqa: S311 - nothing varies
            broken=True,
        )
        try:
            case.lab()
            for number, source in enumerate(SHAPES, 1):
                case.notebook(
                    "from pathlib import Path",
                    source,
                    name=f"notebooks/tutorial_{number:02}.ipynb",
                    kernel=kernel,
                )
            case.run_options = ("--jobs", "2")
            if options:
                case.run_options += ("--kernel", *options)
            yield title, case.report()["explanations"]
        finally:
            case.end()
