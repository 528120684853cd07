# `make run` shows uptimed at work; `make test` says whether it is well; `make help` lists the rest.
#
# Needs make and Python 3.11 or newer with venv. uv is used when it is there; without it pip installs the same versions, by hash.

VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
# The first Python that is new enough. A version manager's stand-ins are on the path without working, so each is asked.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)
PYTEST := $(BIN)/python -m pytest

export UV_PROJECT_ENVIRONMENT := $(VENV)
# Whatever environment the caller is in, this project has its own.
unexport VIRTUAL_ENV

.PHONY: help run test test-all soak bench bench-availability lint format lock audit wheel clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 27

run: $(VENV)/.run  ## set up and start the demo: three products to break, the status page, the alerts
	@exec $(BIN)/uptimed demo

test: $(VENV)/.dev  ## the tests this machine can run; the last lines name what it lacked
	$(PYTEST)

test-all: $(VENV)/.dev  ## install what is missing (Debian packages) and run every test; an absence is a failure
	@.ci/packages
	UPTIMED_TEST_ALL=1 $(PYTEST)

soak: $(VENV)/.dev  ## the long runs, and the rules of the arithmetic on fifty times as many stories
	$(PYTEST) -m soak --timeout=0
	UPTIMED_EXAMPLES=$${UPTIMED_EXAMPLES:-50} $(PYTEST) tests/domain --timeout=0

bench: $(VENV)/.dev  ## what a check, a page and a scrape cost here, beside a bare loop measured in the same run
	$(BIN)/python -m tests.benchmarks

bench-availability: $(VENV)/.dev  ## what is said about simulated years, and what was true; beside those who count samples
	$(BIN)/python -m tests.benchmarks.availability_year

lint: $(VENV)/.dev  ## style, types, and which floor may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite the style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock:  ## (uv) renew uv.lock and the two files that pip reads
	uv lock
	.ci/export-locks

audit: $(VENV)/.dev  ## known vulnerabilities in what is locked; asks the network
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock

wheel: $(VENV)/.dev  ## build the wheel and try it in an environment of its own
	.ci/check-wheel $(BIN)/python

clean:  ## remove what was built here; data stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find probes statuspage uptimed tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.run: pyproject.toml uv.lock requirements.lock
	$(call install,standard,requirements.lock)

$(VENV)/.dev: pyproject.toml uv.lock requirements-dev.lock
	$(call install,dev,requirements-dev.lock)

# $(call install,EXTRA,LOCK): --inexact, so that `make run` does not take away what `make test` has put there.
define install
	$(if $(PYTHON),,@echo "No Python 3.11 or newer was found. Install one (Debian: apt-get install python3 python3-venv), then try again." >&2; exit 1)
	$(if $(UV),UV_PYTHON_DOWNLOADS=never uv sync --quiet --frozen --inexact --python $(PYTHON) --extra $(1),\
	$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --require-hashes --requirement $(2) \
	&& $(BIN)/python -m pip install --quiet --no-deps --editable .)
	@touch $@
endef
