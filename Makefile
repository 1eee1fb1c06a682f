# Everything one types here. `make` prints the menu; nothing is installed outside .venv, .devstack and the cache folder.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := menu
.PHONY: menu venv demo up test check unit faults sabotage bench docs lock clean

PY := .venv/bin/python
LAW := tests/unit tests/property tests/architecture tests/contract/schemas clients/python/tests
REAL := tests/fault tests/e2e tests/contract/subscriber tests/contract tests/integration
LAW_CODE := libs/foundation/*,services/*/domain/*,services/*/domain.py,services/*/rules/*,services/*/rules.py
LAW_COVERED := 95
STAMP := .venv/.installed

menu: ## this menu
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(STAMP) ## the environment: .venv with every dependency at its pinned hash

demo: $(STAMP) ## the bureau's main job on real Kafka and MongoDB, start to proof (STORY=…, KEEP=1, COMPOSE=1)
	@$(PY) -m devstack demo $(if $(STORY),--story $(STORY)) $(if $(KEEP),--keep) $(if $(COMPOSE),--compose)

up: $(STAMP) ## broker, database and the six services for development, until Ctrl-C
	@$(PY) -m devstack up --keep --services --run dev

test: check ## everything: make check, then all tests that need the real broker, database and browser
	@$(PY) -m pytest -n 2 --dist loadfile $(REAL)

check: $(STAMP) ## formatting, lint, types, walls, generated documents, and the law's tests with their coverage
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy libs services devstack tests bench sabotage clients/python
	@.venv/bin/lint-imports --no-logo
	@$(PY) -m devstack docs --check
	@.venv/bin/coverage run -m pytest -q $(LAW)
	@.venv/bin/coverage report --skip-covered --sort=cover --include='$(LAW_CODE)' --fail-under=$(LAW_COVERED)

unit: $(STAMP) ## the law's tests: no network, no broker, seconds
	@$(PY) -m pytest $(LAW)

faults: $(STAMP) ## the whole fault campaign: a hundred seeded kills and more, counted from outside (SEED=n; 45 minutes)
	@CAMPAIGN=1 $(if $(SEED),SEED=$(SEED)) $(PY) -m pytest -s tests/fault

sabotage: $(STAMP) ## break promises one by one on a copy of the tree: each must turn its test red (NAMES="fencing key")
	@$(PY) -m sabotage $(NAMES)

bench: $(STAMP) ## benchmarks: ratios against rivals, raw counts, conditions (LETTERS=cd for some of them)
	@$(PY) -m bench $(LETTERS)

docs: $(STAMP) ## write the generated documents anew (events, api, errors, rules)
	@$(PY) -m devstack docs

lock: $(STAMP) ## resolve requirements.lock anew from pyproject.toml
	@$(PY) -m devstack lock

clean: ## remove what runs and tests left (not .venv, not the download cache)
	@if [ -x $(PY) ]; then $(PY) -m devstack clean; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov build dist

$(STAMP): requirements.lock pyproject.toml
	@./devstack/install.sh
	@touch $@
