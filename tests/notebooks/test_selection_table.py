"""Our selection is mobu's: 200 rule sets on 30 trees, against an oracle.

All 6,000 pairs, in 20 s:
``RSP_HEALTH_EXAMPLES=6000 pytest tests/notebooks/test_selection_table.py``
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.notebooks.mobu_yaml import parse_mobu_yaml
from rsp_health.runner.planning.selection import find_notebooks, select
from tests.notebooks.mobu_oracle import mobu_selects
from tests.notebooks.selection_table import (
    APPLICATIONS,
    RULE_SETS,
    TREES,
    make_tree,
)

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = len(RULE_SETS) * len(TREES)
EXAMPLES = int(os.environ.get("RSP_HEALTH_EXAMPLES", "600"))


@pytest.mark.skipif(
    sys.version_info < (3, 13), reason="mobu runs on Python 3.13 or newer"
)
def test_the_selection_is_mobus(tmp_path: Path) -> None:
    assert (len(RULE_SETS), len(TREES)) == (200, 30)
    step = max(1, PAIRS // EXAMPLES)
    different = []
    compared = left_out = 0
    for number, entries in enumerate(TREES):
        tree = tmp_path / str(number)
        make_tree(tree, entries)
        notebooks = find_notebooks(tree)
        for which, config in enumerate(RULE_SETS):
            if (number + which) % step:
                continue
            compared += 1
            applications = APPLICATIONS[which % len(APPLICATIONS)]
            rules = parse_mobu_yaml(json.dumps(config).encode())
            assert rules.problems == []
            candidates = select(
                notebooks, rules=rules, applications=frozenset(applications)
            )
            ours = {str(x.relative) for x in candidates if x.selected}
            left_out += len(candidates) - len(ours)
            mobus = mobu_selects(tree, config, applications)
            if ours != mobus:
                different.append((config, ours ^ mobus))
    assert different == []
    assert compared * step == PAIRS
    assert left_out > compared
