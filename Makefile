# Two commands do everything: `make demo` and `make test`. Each sets up what it needs, says so, and
# is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lab release lint format setup chromium diffs clean

demo: $(READY) ## release an assignment, grade a small class, show marks, diagnoses and feedback
	@autograder demo

test: $(READY) chromium ## every test, the browser's included
	@pytest -n 2 --dist loadgroup $(ARGS)

lab: $(READY) ## JupyterLab on the course
	@jupyter lab course/00_start_here.ipynb

release: $(READY) ## make release/ from source/
	@for folder in source/*/; do \
	  nbgrader generate_assignment --force --assignment="$$(basename $$folder)" || exit 1; \
	done

lint: $(READY) ## what every change must pass
	@ruff check . && ruff format --check . && mypy

format: $(READY)
	@ruff check --fix . && ruff format .

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): a few minutes the first time (PyTorch is large)."
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "This course needs Python 3.11 or newer. Give another one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
	@echo "Set up."

chromium: ## the browser the tests drive
	@tests/browser/install_chromium.sh

diffs: $(READY) ## let git show this clone's notebooks as text
	@git config diff.jupytext.textconv "$(CURDIR)/$(BIN)/jupytext --to py:percent --output - "
	@git config diff.jupytext.cachetextconv true

clean: ## remove what the commands above made
	rm -rf $(VENV) test-artifacts gradebook.db submitted autograded feedback
