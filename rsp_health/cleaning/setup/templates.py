"""The texts that `rsp-health init-repo` writes into a repository."""

from __future__ import annotations

__all__ = ["HOOKS", "SETTINGS", "WORKFLOW"]

HOOKS = """\
  - repo: {url}
    rev: {rev}
    hooks:
"""

WORKFLOW = """\
name: Notebooks

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  notebooks:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
          fetch-depth: 2
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - name: Install rsp-health
        run: >-
          python -m pip install
          --config-settings=rsp-health=hooks
          "rsp-health @ git+{url}@{rev}"
      - name: No outputs
        run: rsp-health check --format github .
      - name: No faults
        if: always()
        # What is checked out is the merge; its first parent, the target.
        run: >-
          rsp-health lint --format github
          ${{{{ github.event_name == 'pull_request' && '--against HEAD^1' || '' }}}}
          .
"""

SETTINGS = """\
# What rsp-health strips from notebooks, everywhere: lab, terminal, git filter,
# hooks and CI. These are the defaults; change what you need. What stands in this
# file wins over [tool.rsp-health] in pyproject.toml, table by table.
[clean]
# keep-output-tags = ["keep_output"]
# keep-output-max-bytes = 1048576
# extend-drop-cell-metadata = []
# extend-drop-notebook-metadata = []
# strip-language-version = false

[lint]
# Applications that notebooks may require; without it, any.
# applications = ["tap", "sia", "portal"]
"""
