# The verbs of the house; `make help` lists them. Python and make are all that has to be there: the environment is made where it is missing.

YEAR = 2023
UNIT = 30
LANGUAGES = vi,en
ARGS =

# Python 3.11 is what the lock is tried with; a later one will do. `make PYTHON=/path/to/python3.12` chooses.
ifeq ($(strip $(PYTHON)),)
PYTHON := $(shell for python in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$python" && break; done)
endif
UV = uv==0.13.9

# Two stamps with fingerprints in their names say what .venv was made from: the lock (and where the folder lies), and pyproject.toml.
# They are the last step of their recipes, so an interrupted run leaves none and starts over.
BIN := .venv/bin
PACKAGES := .venv/packages-$(shell test -x .venv/bin/python || rm -f .venv/packages-* .venv/checkout-*; { pwd; cat requirements.lock; } | cksum | tr -c '0-9\n' -)
CHECKOUT := .venv/checkout-$(shell cat pyproject.toml requirements.lock | cksum | tr -c '0-9\n' -)

# Nothing is written outside of this folder (but pip's cache), nothing of the surroundings leaks in; a home that cannot be written to is not needed.
# Python may keep what it has compiled: the tests start it some hundred times.
unexport PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE PIP_PREFIX PIP_TARGET PIP_USER
export MPLCONFIGDIR := $(CURDIR)/.venv/var/matplotlib
export IPYTHONDIR := $(CURDIR)/.venv/var/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/var/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/.venv/var/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/.venv/var/jupyter/runtime
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
export HOME := $(CURDIR)/.venv/var/home
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help environment report test lint bench lab notebooks messages codebook lock clean distclean

help:  ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

environment: $(CHECKOUT)  ## make .venv from requirements.lock (every verb does, where it is missing or out of date)

report: $(CHECKOUT)  ## the reports of a province and of the country; UNIT=30 YEAR=2023 LANGUAGES=vi,en
	$(BIN)/par build province --unit $(UNIT) --year $(YEAR) --lang $(LANGUAGES)
	$(BIN)/par build national --year $(YEAR) --lang $(LANGUAGES)

test: $(CHECKOUT)  ## every test, in random order, on all cores; ARGS="-k rank" chooses
	$(BIN)/python -m pytest -n auto --dist worksteal -rs $(ARGS)

lint: $(CHECKOUT)  ## ruff, mypy, and what git may see of a notebook
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tools.notebooks --check notebooks

bench: $(CHECKOUT)  ## time whole batches against other ways to make them, into benchmarks/RESULTS.md; ARGS="--only d,e"
	$(BIN)/python -m benchmarks --growth $(ARGS)

lab: $(CHECKOUT)  ## JupyterLab on the notebooks; ARGS=--no-browser
	$(BIN)/jupyter lab notebooks $(ARGS)

notebooks: $(CHECKOUT)  ## strip outputs and clutter from the notebooks
	$(BIN)/python -m tools.notebooks notebooks

messages: $(CHECKOUT)  ## messages without a translation, and translations without a message
	$(BIN)/python -m tools.messages

codebook: $(CHECKOUT)  ## write data/README.md from the data's own records
	$(BIN)/python -m tools.codebook

lock:  ## resolve requirements.lock and environment.yml anew from pyproject.toml; ARGS=--upgrade for the latest versions
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	"$(PYTHON)" -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet --disable-pip-version-check $(UV) packaging; \
	"$$folder/bin/python" -m tools.lock $(ARGS)

clean:  ## delete what can be made again, except .venv and the reports
	rm -rf reports/.work data/tidy dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name .venv -prune -o -type d '(' -name __pycache__ -o -name .ipynb_checkpoints ')' -prune -exec rm -rf '{}' +

distclean: clean  ## clean, and .venv too
	rm -rf .venv

$(PACKAGES):
	@set -e; \
	if [ -z "$(PYTHON)" ]; then echo 'No Python 3.11 or later was found: install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; fi; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; $(PYTHON) is " + sys.version.split()[0])'; \
	echo 'Making the environment in .venv: once, some minutes on a slow line'; \
	if "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then "$(PYTHON)" -m venv --clear .venv; \
	elif command -v virtualenv >/dev/null; then virtualenv --quiet --clear --python "$(PYTHON)" .venv; \
	elif command -v uv >/dev/null; then uv venv --quiet --clear --seed --python "$(PYTHON)" .venv; \
	else echo '$(PYTHON) has no venv or no ensurepip, and neither virtualenv nor uv is on the PATH. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; fi; \
	mkdir -p .venv/var/home; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: --requirement requirements.lock; \
	touch $@

$(CHECKOUT): $(PACKAGES)
	@rm -f .venv/checkout-*
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@touch $@
