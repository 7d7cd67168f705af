# Everything a person needs starts here, on a machine that has Python 3.11 or newer and make. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
PORT ?=
DATA_DIR ?= $(if $(ONCE),var/demo)
TESTS ?= tests
WORKERS ?= 2
TARGET ?= all
MODULE ?=
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test check check-static format lock bench fuzz mutation interop clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: $(VENV)/.product ## the exercise scheme on this machine until Ctrl-C; ONCE=1 plays it once; PORT=8000 DATA_DIR=folder
	@$(BIN)/blauweknop demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT)) $(if $(DATA_DIR),--data-dir "$(DATA_DIR)")

# Tests start our programs some hundred times. Where the environment forbids to keep bytecode, each start compiles every module anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.test ## every test whose programs are here; TESTS=tests/unit for a part, WORKERS=2
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: check-static ## format, lint, types, import rules, then every test
	@$(MAKE) --no-print-directory test

check-static: $(VENV)/.test ## what can be checked without running: format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.test ## put the code in the common form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench ## the published benchmarks
	@$(BIN)/blauweknop bench seal
	@$(BIN)/blauweknop bench issue
	@$(BIN)/blauweknop bench verify
	@$(BIN)/blauweknop bench present

fuzz: $(VENV)/.test ## attack our own parsers; TARGET=document MINUTES=10, see docs/fuzzing.md
	@nice $(BIN)/python -m fuzz $(TARGET) --minutes $(MINUTES)

mutation: $(VENV)/.test ## do tests notice a changed rule? MODULE=standards/x509 TESTS=tests/unit/standards/test_x509.py
	@WORKERS=$(WORKERS) bash .ci/mutate $(MODULE) $(TESTS)

interop: $(VENV)/.test ## software that is not ours fetches, presents and reads credentials; writes docs/interop.md
	@$(BIN)/python -m tests.interop.matrix -q

lock: ## compile requirements/*.txt anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it with 'pip install uv' in an environment of its own" >&2; exit 1; }
	uv pip compile $(LOCK) -o requirements/product.txt --group build
	uv pip compile $(LOCK) -o requirements/test.txt -c requirements/product.txt --group build --group test
	uv pip compile $(LOCK) -o requirements/bench.txt -c requirements/test.txt --group build --group test --group bench
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra all

clean: ## remove what make made: .venv, var, caches
	rm -rf $(VENV) var dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests bench fuzz -name __pycache__ -type d -prune -exec rm -rf {} +

# The first python that starts and is new enough; some machines have names on the path that do not start.
FIND_PYTHON = for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python3.14 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done

$(BIN)/python:
	@python=$$($(FIND_PYTHON)); \
	[ -n "$$python" ] || { echo "Blauwe Knop needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$python misses its venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	echo "Making $(VENV) with $$("$$python" -V)"; \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Each lock holds the one before it, so a bigger set also satisfies the smaller stamp.
$(VENV)/.product: requirements/product.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/product.txt (a minute, the first time only)"
	@$(PIP) install --require-hashes -r requirements/product.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/test.txt (two minutes, the first time only)"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.product $@

$(VENV)/.bench: requirements/bench.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/bench.txt (two minutes, the first time only)"
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.product $(VENV)/.test $@
