# Every target that needs the environment makes it; a warm run reinstalls nothing.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
UV ?= uv
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.PHONY: help install dev run test check format types contracts bench drills mutation lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@scripts/venv $(VENV) $(PYTHON)

$(RUNTIME): requirements.lock pyproject.toml scripts/venv | $(BIN)/python
	@echo "Installing the register into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing the development tools into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

install: $(RUNTIME) ## Make .venv with the register and its command, alliance

dev: $(DEV) ## Make .venv with the development tools as well

run: $(RUNTIME) ## Record December 2001 into a fresh embedded register and show it
	@scripts/demo

lock: ## Compile the two lock files again (UPGRADE=1 takes newer versions); needs uv
	@$(UV) $(LOCK) --group build --output-file requirements.lock pyproject.toml
	@$(UV) $(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean: ## Remove the environment, caches and demo data
	rm -rf $(VENV) var build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
