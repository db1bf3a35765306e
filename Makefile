# Every target that needs the environment makes it; a warm run reinstalls nothing.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
CLIENT := $(VENV)/client/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
CODE := domain application projections adapters tests $(wildcard bench)
PARALLEL := -n auto --dist worksteal
UV ?= uv
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# Compiled modules start commands in half the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install dev client run demo test test-fast check format bench drills drill-destruction drill-sealer search fuzz rules mutation lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@scripts/venv $(VENV) $(PYTHON)

$(RUNTIME): requirements.lock pyproject.toml scripts/venv | $(BIN)/python
	@echo "Installing the register into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock | $(RUNTIME)
	@echo "Installing the development tools into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(CLIENT): requirements-client.lock scripts/venv | $(BIN)/python
	@echo "Installing the generator of API clients into $(VENV)/client"
	@$(BIN)/python -m venv --clear $(VENV)/client
	@$(VENV)/client/bin/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes -r requirements-client.lock
	@touch $@

install: $(RUNTIME) ## Make .venv with the register and its command, alliance

dev: $(DEV) ## Make .venv with the development tools as well

client: $(CLIENT) ## Make .venv/client, with the generator of API clients that a test uses

run: $(RUNTIME) ## Record December 2001 into a fresh embedded register, show and serve it
	@scripts/demo --serve

demo: $(RUNTIME) ## The same without serving it
	@scripts/demo

test: $(DEV) $(CLIENT) ## Run all tests in parallel processes, and say what was skipped (PYTEST=...)
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST)

test-fast: $(DEV) ## Run the tests that need no server and no waiting
	@$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not drill and not server" $(PYTEST)

check: $(DEV) ## Everything that CI checks before the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(CODE)
	@$(BIN)/basedpyright --level error $(CODE)
	@$(BIN)/lint-imports --no-logo
	@# Generated documents and schemas, and the documents' examples, are compared here:
	@for script in $(wildcard scripts/check-*); do echo "$$script"; $(BIN)/python "$$script" || exit 1; done

format: $(DEV) ## Format the code and sort imports
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

bench: $(DEV) ## Measure against a raw floor and the plain library
	@$(BIN)/python -m bench $(BENCH)

drills: $(DEV) ## Run the tests that inject faults, with their counts printed
	@$(BIN)/python -m pytest -m drill -s $(PYTEST)

drill-destruction: $(DEV) ## Destroy 1,000 subjects (SUBJECTS=…) on either database, and look for what is left
	@DESTRUCTION_SUBJECTS=$(or $(SUBJECTS),1000) $(BIN)/python -m pytest -q tests/drills/test_destruction.py -k nothing_is_left

drill-sealer: $(DEV) ## Kill the sealer at 200 points (KILLS=…) over either store, and compare the trees
	@SEALER_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -q tests/drills/test_sealer.py -k killed

search: export EXAMPLES ?= 5000
search: export SEED ?= 1
search: $(DEV) ## Draw more meetings against the record on paper (EXAMPLES=20000 SEED=7)
	@$(BIN)/python -m pytest -q tests/application/test_record_against_a_model.py

fuzz: export EXAMPLES ?= 200
fuzz: export SEED ?= 1
fuzz: $(DEV) ## Send the API requests made of its own description (EXAMPLES=200 SEED=1)
	@$(BIN)/python -m pytest -q --timeout 7200 tests/adapters/web/test_described.py

rules: $(DEV) ## Disable each rule of the domain in turn, and see the tests that name it fail
	@$(BIN)/python -m tests.rules $(RULES)

mutation: $(DEV) ## Change the rules in small ways, see the tests notice (long; CONTEXTS=...)
	@$(BIN)/python -m tests.mutation $(CONTEXTS)

lock: ## Compile the two lock files again (UPGRADE=1 takes newer versions); needs uv
	@$(UV) $(LOCK) --group build --output-file requirements.lock pyproject.toml
	@$(UV) $(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(UV) $(LOCK) --output-file requirements-client.lock tests/support/client/requirements.in

clean: ## Remove the environment, caches and demo data
	rm -rf $(VENV) var build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
