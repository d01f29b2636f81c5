# make demo | make test | make check | make cases | make wheels -- each makes its own environment in .venv the first time.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := $(shell grep '^torch==' constraints.txt)
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
JOBS ?= 2

.PHONY: demo test check cases wheels clean

demo: $(STAMP)
	$(BIN)/boli demo

test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/boli tables check
	$(BIN)/python scripts/check_links.py
	$(BIN)/python scripts/support_table.py --check

# For whoever corrects a table: fill in the names, check, try the cases; LANGUAGE=sd tries those of one language.
cases: $(STAMP)
	$(BIN)/boli tables fmt
	$(BIN)/boli tables check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/test_cases.py $(if $(LANGUAGE),-k "$(LANGUAGE)/")

wheels: $(STAMP)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# Torch first, by its exact pin: a bare "torch" would bring gigabytes of CUDA to a machine without a GPU.
# The stamp is written last, so an installation that was cut off is done again and a finished one is not.
$(STAMP): pyproject.toml constraints.txt
	@$(BIN)/python -c 'import pip' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "no Python >= 3.11 here; install one, or name it: make PYTHON=/path/to/python3"; exit 2; }; \
		echo "making $(VENV); the first time takes some minutes and about 2 GB"; "$(PYTHON)" -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	@touch $(STAMP)

clean:
	rm -rf $(VENV) dist build
