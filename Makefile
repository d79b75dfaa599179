# Caravan's targets; 'make help' lists them.

PYTHON ?= python3
TORCH_VERSION ?= 2.15.0
LIBTORCH := .libtorch

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

quickstart: setup ## Build, then show the whole recipe in miniature (a few minutes)
	swift build -c release --product caravan
	rm -rf quickstart-run
	.build/release/caravan quickstart --output quickstart-run

build: setup ## Build the command line in release mode: .build/release/caravan
	swift build -c release --product caravan

test: setup ## Run every test
	swift test --disable-xctest

bench: bench-setup ## Compare with TRL side by side, in float32 (40 minutes on two cores)
	$(BENCH_PYTHON) Benchmarks/compare.py

bench-quick: bench-setup ## The same on a small model, in two minutes
	$(BENCH_PYTHON) Benchmarks/compare.py --cases 12M:short:32 --epochs 1

bench-lengths: bench-setup ## A step's time and memory at lengths up to 4096 tokens
	$(BENCH_PYTHON) Benchmarks/lengths.py

bench-decode: bench-setup ## Compare decoding with transformers' generate, in a few minutes
	swift build -c release --product DecodeBenchmark
	$(BENCH_PYTHON) Benchmarks/decode.py

# TRL and what it needs, in a folder that git ignores.
BENCH_PYTHON := Benchmarks/work/venv/bin/python
bench-setup: build
	@test -x $(BENCH_PYTHON) || { \
	  echo "fetching TRL" && $(PYTHON) -m venv Benchmarks/work/venv && \
	  $(BENCH_PYTHON) -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION) transformers trl; }

format: ## Format the sources
	swift format -i -r --configuration .swift-format Sources Tests Benchmarks/Decode Package.swift

lint: ## Check the format of the sources
	swift format lint -s -r --configuration .swift-format Sources Tests Benchmarks/Decode Package.swift

setup: libtorch zlib zstd utf8proc

# libtorch's CPU part, as PyPI has it. A folder of your own is used instead where CARAVAN_LIBTORCH names one.
libtorch: ## Fetch libtorch into .libtorch
ifeq ($(CARAVAN_LIBTORCH),)
	@test -e $(LIBTORCH)/torch/lib || { \
	  echo "fetching libtorch $(TORCH_VERSION) into $(LIBTORCH)" && rm -rf $(LIBTORCH).partial && \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
	    --target $(LIBTORCH).partial torch==$(TORCH_VERSION) nvidia-cuda-runtime nvidia-cuda-cupti && \
	  rm -f $(LIBTORCH).partial/torch/lib/libtorch_cuda*.so && \
	  mv $(LIBTORCH).partial $(LIBTORCH); }
endif

# gzip files are read with the system's zlib, whose header is a package of its own on Debian and its kin.
zlib:
	@printf '#include <zlib.h>\n' | cc -E -x c - >/dev/null 2>&1 || { \
	  echo "installing zlib's header" && \
	  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq zlib1g-dev >/dev/null; } || \
	  { echo "zlib.h is missing; install your system's zlib development package (zlib1g-dev, zlib-devel)" >&2; exit 1; }; }

# Parquet files may be packed with Zstandard.
zstd:
	@printf '#include <zstd.h>\n' | cc -E -x c - >/dev/null 2>&1 || { \
	  echo "installing Zstandard's header" && \
	  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq libzstd-dev >/dev/null; } || \
	  { echo "zstd.h is missing; install your system's Zstandard development package (libzstd-dev, libzstd-devel)" >&2; exit 1; }; }

# Tokenizers bring Unicode text into normal form.
utf8proc:
	@printf '#include <utf8proc.h>\n' | cc -E -x c - >/dev/null 2>&1 || { \
	  echo "installing utf8proc's header" && \
	  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq libutf8proc-dev >/dev/null; } || \
	  { echo "utf8proc.h is missing; install your system's utf8proc development package (libutf8proc-dev, utf8proc-devel)" >&2; exit 1; }; }

.PHONY: help quickstart build test format lint setup libtorch zlib zstd utf8proc bench bench-quick bench-lengths bench-decode bench-setup
