# Two commands for a stranger: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
DEMO_PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test tests check evals lint types contracts clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@exec $(BIN)/lealup demo --port $(DEMO_PORT)

test: setup
	@$(MAKE) --no-print-directory --jobs=2 tests evals

# Beside the evals, which are one process; each worker has a core, which more threads of BLAS would only take from the others.
tests: check
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

check: lint types contracts

evals: setup
	OPENBLAS_NUM_THREADS=1 $(BIN)/lealup eval

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) demo-home
