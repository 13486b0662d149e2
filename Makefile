# Everything a contributor runs. `make` alone lists it. Needs GNU make and Python 3.11 or newer, nothing else.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run demo test check lint format sbom audit bench faults

# Which Python makes .venv: the first one that is new enough, or `make setup PYTHON=/path/to/python`.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON = $(shell for p in $(PYTHONS); do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

BIN := .venv/bin
UI := $(BIN)/python scripts/ui.py

# More for pytest, as in `make test ARGS="tests/accounts -k password"`; WORKERS=0 runs it in one process.
ARGS ?=
# Tests wait for databases, processes and beats about as long as they compute: three keep two cores busy.
WORKERS ?= 3

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## .venv with the locked packages, and the built web pages (again only what changed)
	@python='$(PYTHON)'; \
	test -n "$$python" || { echo "Tidings needs Python 3.11 or newer; none of these is: $(PYTHONS)." >&2; \
	echo "Install one, or name it: make setup PYTHON=/path/to/python" >&2; exit 1; }; \
	"$$python" scripts/setup.py

run: setup ## the server with demo data, on this machine
	@$(BIN)/tidings serve --demo

demo: setup ## fill the small demo world and send a believable day of notifications
	@$(BIN)/tidings demo

test: setup ## every test: web pages, then Python
	@$(UI) npm test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: lint test ## what CI runs: style, types, layers, every test

lint: setup ## style, types and layers
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(UI) npm run check

format: setup ## put every Python file in its usual shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

sbom: setup ## write tidings.cdx.json anew, the packages that Tidings runs with
	@$(BIN)/python scripts/sbom.py

audit: setup ## ask whether a locked package has a known vulnerability; needs the network (ARGS go to pip-audit)
	@$(BIN)/python scripts/audit.py $(ARGS)

bench: setup ## the measurements behind docs (ARGS go to them)
	@$(BIN)/python -m benchmarks $(ARGS)

faults: setup ## workers killed at random, with many more mails than in `make test`; prints what came of it
	@TIDINGS_FAULTS_DELIVERIES=20000 $(BIN)/python -m pytest -s -o faulthandler_timeout=0 tests/faults \
	tests/notifications/test_hostile_servers.py $(ARGS)
