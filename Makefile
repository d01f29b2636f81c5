# make demo | make test | make check | make wheels -- each makes its own environment in .venv the first time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := $(shell grep '^torch==' constraints.txt)

.PHONY: demo test check wheels clean

demo: $(STAMP)
	$(BIN)/boli demo

test: $(STAMP)
	$(BIN)/python -m pytest -n 2

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/boli tables check
	$(BIN)/python scripts/check_links.py

wheels: $(STAMP)
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

# Torch first, by its exact pin: a bare "torch" would bring gigabytes of CUDA to a machine without a GPU.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) dist build
