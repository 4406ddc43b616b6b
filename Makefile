# What can be done here; `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON  ?= python3
# One profile for tests, lint and demo, so that nothing is compiled twice. For full speed: make demo PROFILE=release
PROFILE ?= dev
# How long `make torture` takes: long or short. TORTURE_PARTS="..." runs some of it.
TORTURE ?= long

BIN    := .venv/bin
STRICT := $(filter true 1 yes,$(CI))
LOCKED := $(if $(STRICT),--locked)
PYTHON_FILES := python/atdata python/tests python/compat python/torture python/benches examples/python scripts

export VIRTUAL_ENV := $(CURDIR)/.venv
# The interpreter that the extension is built for, for clippy and cargo doc too.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

.PHONY: help deps build demo test docs-test atproto-up compat torture bench lint lint-rust lint-python wheel fmt clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install what is missing (virtual environment, test tools), or say how to
	@scripts/deps.sh $(PYTHON)

build: deps ## Build the Python extension into .venv
	@PIP_QUIET=1 $(BIN)/maturin develop $(LOCKED) --profile $(PROFILE) --manifest-path python/Cargo.toml

demo: build ## Write, read and learn from 70,000 real images
	@scripts/fetch_fashion_mnist.sh data/fashion-mnist-idx
	@$(BIN)/python examples/python/fashion_mnist.py data/fashion-mnist-idx data/fashion-mnist
	@$(if $(filter dev,$(PROFILE)),echo; echo "That was the development build. For full speed: make demo PROFILE=release")

test: build ## Run every test, Rust and Python (with CI=true nothing may be skipped)
	cargo test $(LOCKED) $(if $(STRICT),-- --include-ignored)
	$(BIN)/pytest python

docs-test: build ## Run the Python code of the documentation pages
	$(BIN)/pytest python/tests/test_pages.py

atproto-up: deps ## Start an AT Protocol network on loopback; ATPROTO="--account mine.test:secret" adds to it
	@exec $(BIN)/python scripts/serve_atproto.py --foreground $(ATPROTO)

compat: build ## Have the original package read what we write, and share an index with it
	@COMPAT_PYTHON="$(COMPAT_PYTHON)" scripts/compat.sh

torture: build ## Kill writers, crowd an index, restart servers; TORTURE=short takes 2 minutes, long 20
	@PYTHONPATH=scripts nice $(BIN)/python python/torture/run.py $(TORTURE) $(TORTURE_PARTS)

bench: ## Measure speed; beside others too: PEERS=folder PEERS_PYTHON=python PEERS_ARGS=...
	@scripts/bench.sh "$(PEERS)" "$(PEERS_PYTHON)" $(PEERS_ARGS)

lint: lint-rust lint-python ## Check format, lints, types, documentation, dependencies

lint-rust: deps
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(LOCKED) --workspace --no-deps --lib
	cargo check $(LOCKED) --quiet --no-default-features --manifest-path fuzz/Cargo.toml --target-dir target/fuzz
	scripts/check_dependencies.sh
	scripts/deny.sh

lint-python: build
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/mypy --config-file python/pyproject.toml python/atdata
	$(BIN)/stubtest --mypy-config-file python/pyproject.toml atdata._atdata

wheel: deps ## Build the release wheel into dist/
	$(BIN)/maturin build --release $(LOCKED) --manifest-path python/Cargo.toml --out dist

fmt: deps ## Put the code in its form
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/ruff format $(PYTHON_FILES)

clean: ## Remove what was built (not data/)
	rm -rf target fuzz/target dist .venv .venv-compat python/atdata/*.so scripts/atproto/node_modules
	find python examples scripts -name '__pycache__' -prune -exec rm -rf {} +
	rm -rf .ruff_cache .mypy_cache .pytest_cache python/.ruff_cache python/.mypy_cache python/.pytest_cache .hypothesis python/.hypothesis
