# Two commands for a newcomer: `make demo` and `make test`. Nothing is needed but Python >= 3.11 and a package index.

VENV := .venv
RUN := $(VENV)/bin/python
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
INSTALL = $(RUN) -m pip install --quiet --disable-pip-version-check
JOBS ?= 2

.PHONY: help demo test check cases wheels

help:
	@echo "make demo    train, compare and load a model from end to end on shipped data (a few minutes)"
	@echo "make test    run the tests"
	@echo "make check   style, types, tables, links, support table"
	@echo "make cases   format the rule tables and run their cases; LANGUAGE=sd for one language"
	@echo "make wheels  build the wheel into dist/"

demo: $(VENV)/has-train
	$(VENV)/bin/boli demo

test: $(VENV)/has-dev
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n $(JOBS)

check: $(VENV)/has-dev
	$(RUN) -m ruff check .
	$(RUN) -m mypy --strict
	$(VENV)/bin/boli tables check
	$(RUN) scripts/check_links.py
	$(RUN) scripts/support_table.py --check

cases: $(VENV)/has-dev
	$(VENV)/bin/boli tables fmt
	$(VENV)/bin/boli tables check
	$(RUN) -m pytest tests/test_cases.py $(if $(LANGUAGE),-k "$(LANGUAGE)/")

wheels: $(VENV)/has-dev
	$(RUN) -m hatchling build -t wheel -d dist

# A file has-NAME is written last, so an installation that was cut off is done again and a finished one is not.
# torch goes first, by its pin: left to itself pip may choose another build of it.
$(VENV)/has-train $(VENV)/has-dev: $(VENV)/has-%: pyproject.toml constraints.txt
	@test -x $(RUN) && $(RUN) -c 'import pip' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "no Python >= 3.11 found; install one, or say: make PYTHON=/path/to/python3"; exit 2; }; \
		echo "creating $(VENV)"; "$(PYTHON)" -m venv --clear $(VENV); }
	@echo "installing boli[$*] into $(VENV); the first time takes some minutes"
	@$(INSTALL) -c constraints.txt "$$(grep '^torch==' constraints.txt)"
	@$(INSTALL) -c constraints.txt -e '.[$*]'
	@touch $@
