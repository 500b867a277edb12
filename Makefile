# Needs Python 3.11 or newer and make. `make` alone lists the targets.
# Versions come from requirements.lock; index settings from your own pip configuration.

PYTHONS = python3.11 python3 python3.12 python3.13 python3.14
PYTHON ?= $(shell for p in $(PYTHONS); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && exit; done; echo python3)
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

# Extra arguments, for example: make test ARGS="-k tracking" or make lock ARGS=--upgrade
ARGS ?=
COMMA := ,

VENV := .venv
CLEAN_VENV := .venv-wheel
BIN := $(VENV)/bin
# Present when $(VENV) holds what the lock file and pyproject.toml ask for; says where it was made.
INSTALLED := $(VENV)/.installed
# An environment whose Python is gone, or that was moved, cannot be mended: drop it.
$(shell [ ! -e $(INSTALLED) ] || { [ -x $(BIN)/python ] && [ "$$(cat $(INSTALLED))" = "$(CURDIR)" ]; } || rm -rf $(VENV))
# Errors only: warnings here are about the index in use, not about this project.
PIP_INSTALL := -m pip --disable-pip-version-check install -qq

.DEFAULT_GOAL := help
.PHONY: help check report test browser lint types contracts wheel bench figures lock clean

# Nothing outside the environment may be imported in place of what it holds.
unexport PYTHONPATH PYTHONHOME
# Matrices here are small: threads inside the linear algebra only compete with the workers.
test bench: export OMP_NUM_THREADS = 1

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

check: $(INSTALLED) ## judge the claims: a table of verdicts, exit 0 when all are as recorded
	@$(BIN)/spiritlevel check $(ARGS)

report: $(INSTALLED) ## judge the claims and write a page, build/report/index.html
	@$(BIN)/spiritlevel report --out build/report $(ARGS)

test: $(INSTALLED) ## run the whole test suite
	@$(BIN)/python -m pytest --numprocesses auto --benchmark-disable $(ARGS)

browser: $(INSTALLED) ## look at the page of `make report` in a headless Chromium
	@SPIRITLEVEL_PAGE=$(CURDIR)/build/report/index.html $(BIN)/python -m pytest -p no:xdist \
	    property_tests/test_browser.py $(ARGS)

lint: $(INSTALLED) ## style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(INSTALLED) ## static types, strict
	@$(BIN)/mypy

contracts: $(INSTALLED) ## which layer may import which
	@$(BIN)/lint-imports

bench: $(INSTALLED) ## benchmarks, one process
	@$(BIN)/python -m pytest -p no:xdist property_tests/bench_*.py $(ARGS)

# The README's figures: three methods, one quadratic problem, one ring; and some that the report makes.
GALLERY = dsbo/thm5.1-speedup interact/conservatism argus/cut-validity
RUN = $(CURDIR)/$(BIN)/spiritlevel run $(1) --problem quadratic:p=2,q=2,seed=1 --network ring:8 --weights laplacian \
    --steps 1200 --record 5 --set beta=0.1,alpha=0.02$(2) --out $(3) >/dev/null
figures: $(INSTALLED) ## draw the README's figures again
	@mkdir -p build/figures docs/gallery
	@cd build/figures && $(call RUN,interact,,INTERACT.npz) && $(call RUN,dsgd,,D-SGD.npz)
	@cd build/figures && $(call RUN,interact,$(COMMA)own=false,"INTERACT with the printed sums.npz")
	@cd build/figures && $(CURDIR)/$(BIN)/spiritlevel plot INTERACT.npz D-SGD.npz "INTERACT with the printed sums.npz" \
	    --out $(CURDIR)/docs/three-methods.svg
	@$(BIN)/spiritlevel report $(GALLERY) --out build/gallery --figures docs/gallery --figure-format svg

# The wheel is built from the source distribution, so what the latter lacks is missed here. The wheel is installed with the
# declared requirements only, none of the extras, and used from outside the checkout's root; then the source
# distribution in its place.
CLEAN_PIP = $(CLEAN_VENV)/bin/python $(PIP_INSTALL)
USE = (cd $(CLEAN_VENV) && bin/spiritlevel check 'interact/m*' 'slam/m*')
wheel: $(INSTALLED) ## build wheel and sdist, use each in a second, clean environment
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation . >$(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }
	@$(BIN)/python -m venv --clear $(CLEAN_VENV)
	@echo "Installing the wheel into $(CLEAN_VENV)"
	@$(CLEAN_PIP) --constraint requirements.lock dist/*.whl
	@$(CLEAN_VENV)/bin/python -m pip --disable-pip-version-check check
	@$(USE)
	@echo "Installing the source distribution instead"
	@$(CLEAN_PIP) --no-deps --force-reinstall dist/*.tar.gz
	@$(USE)

# The only target that needs more than the lock file holds: uv resolves for every Python and platform at once.
lock: $(BIN)/python ## pin all versions anew in requirements.lock (ARGS=--upgrade for newer ones)
	@$(BIN)/python $(PIP_INSTALL) uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --universal --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    --output-file requirements.lock $(ARGS)

clean: ## remove environments, builds and caches
	@rm -rf $(VENV) $(CLEAN_VENV) build dist *.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV) (takes a minute the first time)"
	@rm -f $@
	@$(BIN)/python $(PIP_INSTALL) --requirement requirements.lock
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" >$@

$(BIN)/python:
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
	    echo "spiritlevel needs Python 3.11 or newer, but '$(PYTHON)' is not (name another: make check PYTHON=python3.12)." >&2; \
	    exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
