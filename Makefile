# Every verb is one line of installer/bootstrap.py, which does the same without make (README, Windows).
# PYTHON chooses the interpreter that .venv is made with; ARGS is handed on to the command.
PYTHON ?= python3
ARGS ?=
RUN = $(PYTHON) installer/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help demo test test-learned run check screenshots bench constraints hooks format clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## install into .venv and do the main job on the sample office (no Qt needed)
	@$(RUN) demo $(ARGS)

test: ## lint, types, import contracts, all tests, coverage
	@$(RUN) test $(ARGS)

test-learned: ## install the optional extra (PyTorch) as well and run its tests
	@$(RUN) test-learned $(ARGS)

run: ## open the window
	@$(RUN) run $(ARGS)

check: ## lint, types and import contracts, without the tests
	@$(RUN) check

screenshots: ## make docs/screenshots anew
	@$(RUN) screenshots $(ARGS)

bench: ## time the optimiser and the ledger
	@$(RUN) bench $(ARGS)

constraints: ## pin the newest versions and hashes that pyproject.toml allows
	@$(RUN) constraints

hooks: ## have git check each commit
	@$(RUN) hooks

format: ## format the code
	@$(RUN) format

clean: ## remove .venv, caches and build products
	@$(RUN) clean
