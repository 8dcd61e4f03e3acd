# Two commands do everything: `make demo` and `make test`. Each sets up what it needs, says so, and
# is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lab release pages lint format setup chromium bubblewrap wheel diffs clean

demo: $(READY) bubblewrap ## release an assignment, grade a small class, show marks, diagnoses and feedback
	@autograder demo

test: $(READY) chromium bubblewrap ## every test, the browser's included
	@OMP_NUM_THREADS=1 pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lab: $(READY) ## JupyterLab on the course; ARGS go to it, such as ARGS=--no-browser
	@jupyter lab --ServerApp.root_dir="$(CURDIR)" $(AS_ROOT) $(ARGS) course/00_start_here.ipynb

release: $(READY) ## make release/ from source/
	@autograder release

pages: $(READY) chromium ## every lecture as JupyterLab shows it, as pictures in test-artifacts/
	@PAGES=1 pytest -n 0 tests/browser/test_lectures.py $(ARGS)

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
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
		-c constraints.txt -e ".[dev]"
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true # some files are for other Pythons
	@touch $@
	@echo "Set up."

chromium: ## the browser the tests drive
	@tests/browser/install_chromium.sh

bubblewrap: ## what walls in student code while it is graded
	@autograder/installation/install_bubblewrap.sh

wheel: $(READY) ## what students install: no solutions, no tests
	@python -m build --no-isolation --wheel >/dev/null && ls dist/*.whl

diffs: $(READY) ## let git show this clone's notebooks as text
	@git config diff.jupytext.textconv "$(CURDIR)/$(BIN)/jupytext --to py:percent --output - "
	@git config diff.jupytext.cachetextconv true

clean: ## remove what can be made again; students' work and marks stay
	rm -rf $(VENV) test-artifacts dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
