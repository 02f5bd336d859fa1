.DEFAULT_GOAL := help
.PHONY: help run reset test check both faults api bench clean setup setup-test messages
PYTHON := .venv/bin/python
DEMO := var/demo
# tests/conftest.py says how many at once and in which order; a file's tests stay together, so that what they share is made once
TESTS := $(PYTHON) -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## start a center and a kiosk with sample data; prints their addresses, accounts and the PIN
	@$(PYTHON) -m cli demo --dir $(DEMO)

reset: ## throw the sample data away; the next run begins anew
	@rm -rf $(DEMO) && echo "  sample data removed; 'make run' begins anew"

test: setup-test ## everything that can fail: rules, apps, journeys in a real browser
	@$(TESTS)

check: setup-test ## lint, types, then all tests
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@$(TESTS)

faults: setup-test ## kill it, cut it, flip its bits; FULL=1 for the counts of the plan, SEED=n, ONLY="D-1 D-4", PART=1/5
	@$(PYTHON) -m tests.faults $(if $(FULL),--full) $(if $(SEED),--seed $(SEED)) $(if $(PART),--part $(PART)) $(ONLY)

both: setup-test ## the center's tests, those of its pages on PostgreSQL too
	@STORES=both $(TESTS) tests/center

api: setup-test ## the API against its own document, many more requests than 'make test' tries; API_EXAMPLES=n
	@API_EXAMPLES=$(or $(API_EXAMPLES),150) $(PYTHON) -m pytest -q tests/center/test_api_document.py

bench: setup-test ## measure, print the tables; SIZE=full at full size, ONLY="sync.feed", BENCH_DATA a folder of photographs
	@$(if $(SIZE),SIZE=$(SIZE)) $(PYTHON) -m bench $(ONLY)

clean: ## remove what was made here (environment, caches, sample data)
	@rm -rf .venv node_modules static/vendor build dist $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: ## only install what 'make run' needs
	@deploy/setup.sh run

setup-test: ## only install what 'make test' needs
	@deploy/setup.sh test

messages: setup ## list sentences that still lack their English
	@$(PYTHON) -m commands.messages
