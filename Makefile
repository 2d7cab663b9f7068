# make run starts FlowForge; make test tests it. The rest is for development.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

# The virtual environment first: it may hold a Node of its own.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Node 20.19 or later, with npm.
NODE_FOUND = node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
  process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1

FRONTEND_SOURCES := $(shell find frontend/src frontend/public) frontend/index.html \
  frontend/vite.config.ts frontend/tsconfig.json frontend/package-lock.json

# What expressions can name: luxon and jmespath.
LIBRARIES = apps/expressions/vendor/node_modules/.installed

# The tests that start FlowForge. Those of a file share what they have started: `--dist loadfile`.
WITH_PROCESSES = tests/integration tests/browser
# Tests that know no database: they need not run on both.
WITHOUT_DATABASE = $(addprefix tests/,engine expressions nodes protocol \
  $(addprefix conformance/test_,expressions.py filters.py hostile_graphs.py js.py n8n_engine.py types.py) \
  $(addprefix flowforge/test_,celery.py docker.py log.py settings.py))

# Where Python is told to keep nothing compiled, each process of a test would compile all of it.
test check faults: export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup run test test-frontend lint types check bench conformance docs reference lock libraries faults pictures

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: .venv/.dev frontend/node_modules/.installed $(LIBRARIES) ## Make .venv and install the frontend's packages

run: .venv/.base frontend/dist/index.html $(LIBRARIES) ## Start FlowForge at http://127.0.0.1:8000 (HOST, PORT)
	@EGRESS_ALLOW="$${EGRESS_ALLOW:+$$EGRESS_ALLOW,}OWN_URL" exec python -m flowforge.serve

test: setup test-frontend frontend/dist/index.html ## Vitest, then pytest on SQLite, on PostgreSQL, integration and browser
	pytest -n 2 $(WITH_PROCESSES:%=--ignore=%)
	pytest -n 2 $(WITH_PROCESSES:%=--ignore=%) $(WITHOUT_DATABASE:%=--ignore=%) --database=postgres
	pytest -n 2 --dist loadfile $(WITH_PROCESSES)

test-frontend: frontend/node_modules/.installed ## Vitest
	cd frontend && npm test

lint: setup ## Format, lint and imports
	ruff format --check .
	ruff check .
	lint-imports
	cd frontend && npm run --silent lint

types: setup ## mypy and tsc; also that the frontend knows the API as it is
	mypy apps flowforge
	cd frontend && npm run --silent schema:check && npm run --silent types

check: lint types ## All but the tests
	python manage.py check
	python manage.py makemigrations --check --dry-run
	python manage.py node_reference --check

faults: setup ## Break a cluster in every way, in full size (most of an hour)
	FULL=1 pytest tests/integration/test_*_faults.py tests/integration/test_kill_storm.py tests/integration/test_recovery.py

bench: setup frontend/dist/index.html ## Measure, and print a table
	python -m tests.bench

pictures: setup frontend/dist/index.html ## Take pictures of all pages into docs/pictures
	python -m tests.browser.pictures

conformance: setup ## The cases in CONFORMANCE_DIR
	pytest tests/conformance

reference: setup ## Write the reference of the node types into docs/nodes
	python manage.py node_reference

docs: setup ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict

libraries: $(LIBRARIES) ## Install luxon and jmespath, which expressions can name

lock: .venv/.dev ## Compile requirements/*.in to what is installed
	for name in base dev node; do \
	  uv pip compile --quiet --generate-hashes --python-version 3.11 --universal \
	    requirements/$$name.in --output-file requirements/$$name.txt; \
	done

.venv/bin/python:
	@for python in "$${PYTHON:-python3}" python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -m venv .venv && exit; \
	  fi; \
	done; \
	echo "FlowForge needs Python 3.11 or later." >&2; exit 1

# What is installed for development contains what is needed to run.
.venv/.base: requirements/base.txt | .venv/bin/python
	@echo "Installing Python packages into .venv: about two minutes."
	@pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/bin/python
	@echo "Installing Python packages into .venv, those for development too: some minutes."
	@pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch .venv/.base $@

.venv/.node: requirements/node.txt | .venv/bin/python
	@$(NODE_FOUND) || pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json | .venv/.node
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

$(LIBRARIES): apps/expressions/vendor/package-lock.json | .venv/.node
	cd apps/expressions/vendor && npm ci --no-audit --no-fund
	@touch $@

frontend/dist/index.html: $(FRONTEND_SOURCES) | frontend/node_modules/.installed
	cd frontend && npm run --silent build
	@touch $@
