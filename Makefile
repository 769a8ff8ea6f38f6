# Tasks of a developer; CI runs the same ones. `make PYTHON=python3.12 VENV=/tmp/env install` chooses other places.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)

# The tests of the lower floors, whose coverage pyproject.toml bounds below. One test counts CPU time, and tracing adds
# to it.
LOWER_FLOORS := tests/system tests/images tests/protocols tests/model tests/sparse tests/reporting tests/reader \
	tests/test_recipes.py tests/test_docstrings.py
UNTRACED := an_epoch_costs_little

.PHONY: help install test lint coverage docs package bench check

help:  ## list the tasks
	@grep -E '^[a-z]+: .*##' Makefile | sed -E 's/: .*## /\t/'

install:  ## make the environment with all that a developer needs
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -e '.[cpu,dev]'

test:  ## run all tests
	$(BIN)/python -m pytest

lint:  ## check style, types and spelling
	$(BIN)/python -m pre_commit run --all-files

coverage:  ## measure the coverage of the lower floors by their tests
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -q -k 'not $(UNTRACED)' $(LOWER_FLOORS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

docs:  ## build the site in site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

package:  ## build the wheel and the sdist in dist/, and run the wheel's command in an environment outside the clone
	rm -rf build dist
	$(BIN)/python -c "from setuptools import build_meta as build; build.build_sdist('dist'); build.build_wheel('dist')"
	$(BIN)/python -m pytest -q tests/test_package.py

bench:  ## measure the speed of training and inference anew; needs the extra bench
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.inference

check: lint docs coverage  ## all that CI checks beside the test command
