# Each verb is one command; CI runs `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Real data, when the machine has it: GEMINGA_DATA from the environment, or the shared folder beside the checkout.
ifndef GEMINGA_DATA
ifneq ($(wildcard ../shared/data/gammapy-data),)
export GEMINGA_DATA := $(abspath ../shared/data/gammapy-data)
endif
endif
export MPLBACKEND := Agg
# The tests use one process per core; threads inside each would only get in each other's way.
TEST_ENV := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: install demo test test-long check format lint layers types doctest fix bench peer peer-test clean help

help:
	@echo "make demo | test | test-long | check | fix | bench | peer | peer-test | clean"

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	@touch $@

install: $(STAMP)

demo: install
	$(BIN)/geminga demo --out demo-output --overwrite

test: check doctest
	$(TEST_ENV) $(BIN)/python -m pytest -q -n 2 -m "not long and not peer"

test-long: install
	$(TEST_ENV) $(BIN)/python -m pytest -q -n 2 -m "long"

check: lint layers types

lint: install
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

layers: install
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy

doctest: install
	$(TEST_ENV) $(BIN)/python -m pytest -q -n 2 --doctest-modules --pyargs src/geminga

fix: install
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

# The peer lives in an environment of its own: black-box oracle and benchmark partner, never a dependency.
PEER := .venv-peer
$(PEER)/.installed:
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet "gammapy==2.1" "regions<0.12" healpy
	@touch $@

peer: $(PEER)/.installed

peer-test: install peer
	PEER_PYTHON=$(CURDIR)/$(PEER)/bin/python $(BIN)/python -m pytest -q -m peer

bench: install peer
	PEER_PYTHON=$(CURDIR)/$(PEER)/bin/python $(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(PEER) demo-output .pytest_cache .mypy_cache .ruff_cache build dist
