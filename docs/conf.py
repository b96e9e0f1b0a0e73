"""Sphinx's configuration: ``make docs`` builds the site into dist/docs."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference  # type: ignore[import-not-found] # noqa: E402 - beside this file

from rsp_health import __version__  # noqa: E402

project = "rsp-health"
author = "The rsp-health developers"
release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["changelog.d/*"]
html_theme = "pydata_sphinx_theme"
html_title = "rsp-health"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
html_copy_source = False

myst_enable_extensions = ["colon_fence", "fieldlist"]
# The ids that GitHub gives to headings, so that links hold in both places.
myst_heading_anchors = 4

# Docstrings are in the NumPy style; types stand in the signatures.
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
# Notebooks import these on a worker of Dask, which need not be installed here.
autodoc_mock_imports = ["distributed", "dask"]
# Highlighting that fails for pseudo-code says nothing of the page.
suppress_warnings = [
    "misc.highlighting_failure",
    # A name that a package exports again is documented in both places.
    "ref.python",
]

# The reference is made from the code each time: it cannot be out of date.
reference.write(HERE / "reference")
