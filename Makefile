# Every command works from nothing: it builds .venv first (see deploy/bootstrap.py).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
ARGS ?=
VENV_PYTHON := .venv/bin/python
# `exec`: signals reach the launcher itself. `--stop-with-parent`: it also ends when make is killed hard.
EMBEDDED := $(VENV_PYTHON) -m deploy.embedded --stop-with-parent

.DEFAULT_GOAL := help
.PHONY: help run engines test stress conformance bench screenshots lint venv

help: ## Show the commands
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 13
	@echo 'Environment of run: PORT (8000), DATA_DIR (var), DATABASE_URL, REDIS_URL'

run: ## Run everything: engines, migrations, demo, web, worker, beat; Ctrl-C stops it
	@$(PYTHON) deploy/bootstrap.py run && exec $(EMBEDDED) run

engines: ## Run only PostgreSQL and Valkey, for servers started by hand
	@$(PYTHON) deploy/bootstrap.py run && exec $(EMBEDDED) engines

test: ## Run the tests on engines of their own; ARGS="…" goes to pytest
	@$(PYTHON) deploy/bootstrap.py dev && exec $(EMBEDDED) test $(ARGS)

stress: ## Run the tests with long random runs; ARGS="…" goes to pytest
	@$(PYTHON) deploy/bootstrap.py dev && STRESS=1 exec $(EMBEDDED) test $(ARGS)

conformance: ## Let the twelve packages walk from request to paid; a line each, 1 when one fails
	@$(PYTHON) deploy/bootstrap.py dev >&2 && exec $(EMBEDDED) exec -- $(VENV_PYTHON) -m tests.conformance

bench: ## Measure on engines of its own; ARGS=group runs one group
	@$(PYTHON) deploy/bootstrap.py dev && exec $(EMBEDDED) exec -- $(VENV_PYTHON) -m bench $(ARGS)

screenshots: ## Picture every page and mail into var/screenshots; ARGS="…" names some
	@$(PYTHON) deploy/bootstrap.py dev && exec $(EMBEDDED) exec -- $(VENV_PYTHON) -m tests.browser.screenshots $(ARGS)

lint: ## Check format, style, types, import contracts, translations, migrations
	@$(PYTHON) deploy/bootstrap.py dev && exec $(VENV_PYTHON) -m deploy.lint

venv: ## Build .venv with everything needed to work on the code
	@$(PYTHON) deploy/bootstrap.py dev
