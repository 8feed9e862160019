# `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup up down check test lint unit oldest dist sdks docs soak situations bench acceptance clean

SHELL := bash
# Packages come without bytecode (tools/setup): what is imported keeps it.
unexport PYTHONDONTWRITEBYTECODE
# What docs/snippets use beside this package.
aws_packages = pulumi-aws==7.51.1 pulumi-aws-native==1.84.0
python_code = provider tests tools bench acceptance docs/snippets __main__.py

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv, and find or build the Pulumi CLI (what is there already is kept)
	@tools/setup

up: setup ## Run `pulumi up` against a local Personalize endpoint, no AWS account needed
	@tools/up

down: setup ## Undo `make up`: destroy the stack, stop the endpoint, remove its files (other stacks are kept)
	@tools/down

check: lint ## What to run while working: linters, types, unit and provider tests
	@source tools/path.sh; pytest -n 2 --dist worksteal -q tests/unit tests/provider

test: lint unit oldest ## Everything that has to pass: linters, types, tests

lint: setup ## Only the linters and the type checker
	@source tools/path.sh; ruff check .
	@source tools/path.sh; ruff format --check .
	@source tools/path.sh; mypy $(python_code)
	@# Each by itself: they are programs, with a __main__ and modules of their own.
	@source tools/path.sh; for example in $(sort $(dir $(wildcard examples/*/*.py))); do MYPYPATH=$$example mypy $$example || exit; done

unit: setup ## Only the tests
	@# Where it cannot be had, and says so with 77, the tests that need it are skipped.
	@tools/cli/yaml-host >/dev/null || [ $$? = 77 ]
	@source tools/path.sh; pytest -n 6 --dist worksteal

oldest: setup ## Only a few of them, with the oldest pulumi and boto3 allowed
	@tools/oldest

dist: setup ## Build dist/ (sdist, wheel), build/plugins/ and build/registry/, run programs with them (REPOSITORY=URL: links)
	@tools/dist "$(REPOSITORY)"

sdks: setup ## Generate the SDKs for TypeScript and Go from the schema, and compile them (REPOSITORY=URL)
	@tools/sdks/run "$(REPOSITORY)"

docs: setup ## Build the documentation site (LINKS=external: ask the other sites it links to, too)
	@tools/docs $(LINKS)

soak: setup ## Random operations under random faults, long (OPERATIONS=300, SEED=…)
	@source tools/path.sh; python tests/soak.py --operations $(or $(OPERATIONS),300) $(if $(SEED),--seed $(SEED))

situations: setup ## What `make test` runs a sample of, and the documentation's programs
	@source tools/path.sh; [[ -d .cache/snippets ]] || pip install -q --target .cache/snippets $(aws_packages)
	@source tools/path.sh; pytest -n 6 --dist worksteal -q -m rest

bench: setup ## Measure all that is to be fast, in about 20 minutes (ONLY="waits growth": parts of it)
	@bench/run $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

acceptance: $(if $(PRODUCT),setup) ## Ask AWS what is assumed of it, see docs/howto/acceptance.md (ACCOUNT=, YES=1, QUOTA=, CLEAN=, PRODUCT=1)
	@acceptance/run $(if $(ACCOUNT),--account "$(ACCOUNT)") $(if $(QUOTA),--quota "$(QUOTA)") $(if $(CLEAN),--clean "$(CLEAN)") $(if $(YES),--yes) $(if $(PRODUCT),--product)

clean: ## Remove .venv and the caches inside the project
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache build dist provider/*.egg-info
	find provider tests tools bench acceptance examples -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf __pycache__
