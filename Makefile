# Callfloor. `make help` lists what is supported.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DEMO_ONCE

.PHONY: help setup setup-test setup-vm demo test test-vm vm-shell check bench soak soak-gsm screenshots clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

bootstrap:
	@command -v $(PYTHON) >/dev/null || { $$([ "$$(id -u)" = 0 ] || echo sudo) apt-get update && \
	  $$([ "$$(id -u)" = 0 ] || echo sudo) apt-get install -y --no-install-recommends python3; }

setup: bootstrap ## Install all that the demo needs (Debian packages, virtual environment, pjsua2, prompts)
	@$(PYTHON) image/setup.py --for demo --python $(PYTHON)

setup-test: bootstrap ## Install all that the tests need besides
	@$(PYTHON) image/setup.py --for test --python $(PYTHON)

setup-vm: bootstrap
	@$(PYTHON) image/setup.py --for vm --python $(PYTHON)

demo: setup ## A call on a simulated GSM line reaches an agent, is recorded and reported; DEMO_ONCE=1 ends after it
	@$(BIN)/python -m tests.demo

test: setup-test ## Run the test suite
	@$(BIN)/python -m pytest

test-vm: setup-vm ## In a virtual machine with Debian 13: modems behind Linux's own drivers, DAHDI, a call; ten minutes
	@$(BIN)/python -m tests.vm

vm-shell: setup-vm ## Keep that machine up to work in; python -m tests.vm --exec 'COMMAND' runs something in it
	@$(BIN)/python -m tests.vm --shell

check: setup-test ## Linters and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: setup-vm ## Measure speed and memory, PRI channels in a virtual machine; prints JSON lines
	@$(BIN)/python -m tests.load.bench && $(BIN)/python -m tests.vm --bench

soak: setup-test ## Calls for MINUTES minutes (default 30), one every 5 s; prints rows, recordings, memory and descriptors
	@$(BIN)/python -m tests.load.soak --minutes $(or $(MINUTES),30)

soak-gsm: setup-test ## 32 mixed modems under random faults for MINUTES minutes (default 60): calls, messages, USSD
	@$(BIN)/python -m tests.load.gsm_soak --minutes $(or $(MINUTES),60)

screenshots: setup-test ## Draw the pictures of the panel in docs/images anew
	@$(BIN)/python -m tests.panel.screenshots docs/images

clean: ## Remove what was made in the checkout; the wheel cache in ~/.cache/callfloor stays
	rm -rf $(VENV) .state .pytest_cache .mypy_cache .ruff_cache build *.egg-info
