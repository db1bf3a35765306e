# Every target that needs the environment makes it; a warm run reinstalls nothing.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
CODE := domain application projections adapters tests $(wildcard bench)
UV ?= uv
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.PHONY: help install dev run test check format bench drills rules mutation lock clean

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

install: $(RUNTIME) ## Make .venv with the register and its command, alliance

dev: $(DEV) ## Make .venv with the development tools as well

run: $(RUNTIME) ## Record December 2001 into a fresh embedded register and show it
	@scripts/demo

test: $(DEV) ## Run the tests, and say what was skipped
	@$(BIN)/python -m pytest $(PYTEST)

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

rules: $(DEV) ## Disable each rule of the domain in turn, and see the tests that name it fail
	@$(BIN)/python -m tests.rules $(RULES)

mutation: $(DEV) ## Change the rules in small ways, see the tests notice (long; MODULES=...)
	@$(BIN)/python -m tests.mutation $(MODULES)

lock: ## Compile the two lock files again (UPGRADE=1 takes newer versions); needs uv
	@$(UV) $(LOCK) --group build --output-file requirements.lock pyproject.toml
	@$(UV) $(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean: ## Remove the environment, caches and demo data
	rm -rf $(VENV) var build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
