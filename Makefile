# Caravan's targets; 'make help' lists them.

PYTHON ?= python3
TORCH_VERSION ?= 2.15.0
LIBTORCH := .libtorch
NCCL := .nccl
LANGDETECT := .langdetect

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

quickstart: setup ## Build, then show the whole recipe in miniature (a few minutes)
	swift build -c release --product caravan
	rm -rf quickstart-run
	.build/release/caravan quickstart --output quickstart-run

build: setup ## Build the command line in release mode: .build/release/caravan
	swift build -c release --product caravan

# As many tests at a time as there are cores, each of which is a thread for tasks: where all tests start at once, those that compute
# keep those that time a server from their turn for a minute. Tests train on the same few batches for long: within their process
# libtorch remembers the products of all of them, and not of one micro-batch.
test: setup node mpi ## Run every test
	@$(MAKE) --no-print-directory langdetect || echo "langdetect was not fetched: the tests with it are skipped"
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$$(getconf _NPROCESSORS_ONLN) \
	  LRU_CACHE_CAPACITY=128 ONEDNN_PRIMITIVE_CACHE_CAPACITY=128 swift test --disable-xctest

# They run in this order in a folder with a tiny model and its data: some ask the model that the first one trains. They are built
# where the tests are, which has the libraries as a rule.
EXAMPLES := TrainAndAsk Ask AskMany Stream Evaluate TrainingLoop OwnLoss TokensAndTemplates ReadPairs WeightsAsBFloat16
examples: setup ## Build and run the programs in Examples, which use Caravan as a library
	swift build --package-path Examples --scratch-path .build
	rm -rf .build/examples && mkdir -p .build/examples
	cp -r Tests/TrainingTests/Fixtures/model .build/examples/tiny
	cp Tests/TrainingTests/Fixtures/conversations.jsonl Tests/TrainingTests/Fixtures/pairs.jsonl .build/examples
	cd .build/examples && for example in $(EXAMPLES); do \
	  echo "$$example:" && ../debug/$$example || exit 1; done

# Each module stands behind those that its page links to.
DOCUMENTED := Text ModelFiles Datasets Objectives Llama Alignment Training Inference Evaluation Recipes
docs: setup ## Build the libraries' pages into .build/docs, and check their links
	Scripts/build_docs.sh $(DOCUMENTED)

check: lint test ## Check the format, the dependencies between modules, and every test

fuzz: setup ## Try every reader on changed bytes, ten minutes each; FUZZ_SEED=N for other changes
	CARAVAN_FUZZ_SECONDS=600 CARAVAN_FUZZ_SEED=$(or $(FUZZ_SEED),1) swift test --disable-xctest --filter '^FuzzTests\.'

bench: bench-setup ## Compare with TRL side by side, in float32 (40 minutes on two cores)
	$(BENCH_PYTHON) Benchmarks/compare.py

bench-quick: bench-setup ## The same on a small model, in two minutes
	$(BENCH_PYTHON) Benchmarks/compare.py --cases 12M:short:32 --epochs 1

bench-lora: bench-setup ## Compare the training of an adapter with TRL and PEFT, in a few minutes
	$(BENCH_PYTHON) Benchmarks/compare.py --cases 58M:long-answers:16 --epochs 1 --batch 8 --lora-rank 16
	$(BENCH_PYTHON) Benchmarks/compare.py --cases 58M:long-answers:16 --epochs 1 --batch 8 --lora-rank 16 \
	  --trainers caravan --caravan-options '--base-type bfloat16 --dtype bfloat16'

bench-ranks: bench-setup mpi ## Compare two ranks with one process, and with PyTorch's DDP
	$(BENCH_PYTHON) Benchmarks/ranks.py

bench-eval: bench-setup ## Compare eval with lm-evaluation-harness, item by item; MODEL names a folder
	$(BENCH_PYTHON) Benchmarks/evaluate.py --model $(MODEL)

bench-eval-answers: bench-setup ## The same for answers that models write
	$(BENCH_PYTHON) Benchmarks/evaluate_answers.py --model $(MODEL)

bench-grpo: bench-setup ## Compare a step of GRPO with TRL's, in a few minutes
	swift build -c release --product caravan
	$(BENCH_PYTHON) Benchmarks/grpo.py
	$(BENCH_PYTHON) Benchmarks/grpo.py --length 1024 --tokens 64

bench-memory: build ## Compare the estimate of memory with what runs take, from 1M parameters to 58M
	$(PYTHON) Benchmarks/memory.py

bench-plan: build ## Compare the times that plan prints with those of real steps
	$(PYTHON) Benchmarks/plan.py

check-hosts: build mpi ## Train on two network namespaces as on two hosts, and cut the link between them (as root)
	Scripts/check_hosts.sh .build/release/caravan

check-kills: build mpi ## Kill ranks at twenty random moments, and compare what is resumed with what never stopped
	$(PYTHON) Scripts/check_kills.py .build/release/caravan

bench-rounding: build ## What bfloat16 sees of a step of DPO; MODEL and PAIRS name an assistant and its data
	$(PYTHON) Benchmarks/rounding.py $(MODEL) $(PAIRS)

bench-lengths: bench-setup ## A step's time and memory at lengths up to 4096 tokens
	$(BENCH_PYTHON) Benchmarks/lengths.py

bench-decode: bench-setup ## Compare decoding with transformers' generate, in a few minutes
	swift build -c release --product DecodeBenchmark
	$(BENCH_PYTHON) Benchmarks/decode.py

bench-serve: bench-setup ## Compare the rates of generate, chat and serve (and of LLAMA_SERVER, with MODEL)
	swift build -c release --product DecodeBenchmark
	$(BENCH_PYTHON) Benchmarks/serve.py --dtype int8 $(if $(MODEL),--model $(MODEL)) \
	  $(if $(LLAMA_SERVER),--llama-server $(LLAMA_SERVER))

# TRL and what it needs, in a folder that git ignores.
BENCH_PYTHON := Benchmarks/work/venv/bin/python
bench-setup: build
	@test -x $(BENCH_PYTHON) || { \
	  echo "fetching TRL" && $(PYTHON) -m venv Benchmarks/work/venv && \
	  $(BENCH_PYTHON) -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION) transformers trl peft 'lm-eval[ifeval]'; }

check-clients: build ## Check curl, ab and OpenAI's client packages against a served MODEL
	@test -x $(CLIENTS_PYTHON) || { \
	  echo "fetching openai, langchain-openai, litellm and lm-eval" && $(PYTHON) -m venv $(dir $(CLIENTS_PYTHON)).. && \
	  $(CLIENTS_PYTHON) -m pip install --quiet --disable-pip-version-check openai langchain-openai litellm \
	    'lm-eval[api]' transformers; }
	@command -v ab >/dev/null || { apt-get update -qq && apt-get install -y -qq apache2-utils >/dev/null; }
	$(CLIENTS_PYTHON) Scripts/check_clients.py .build/release/caravan $(MODEL)

check-attackers: build ## Measure what a served MODEL has left for others under attack
	$(PYTHON) Scripts/check_attackers.py .build/release/caravan $(MODEL)

CLIENTS_PYTHON := Benchmarks/work/clients/bin/python

format: ## Format the sources
	swift format -i -r --configuration .swift-format Sources Tests Benchmarks/Decode Examples/Sources Package.swift

lint: ## Check the format of the sources
	swift format lint -s -r --configuration .swift-format Sources Tests Benchmarks/Decode Examples/Sources Package.swift

setup: libtorch zlib zstd brotli bzip2 xz utf8proc oniguruma readline curl openssl

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

# By which IFEval's authors tell languages. A folder of your own is used instead where CARAVAN_LANGDETECT names one.
langdetect: ## Fetch langdetect into .langdetect: languages are then told as IFEval's authors do (1 MB)
ifeq ($(CARAVAN_LANGDETECT),)
	@test -e $(LANGDETECT)/langdetect || { \
	  echo "fetching langdetect into $(LANGDETECT)" && rm -rf $(LANGDETECT).partial && \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
	    --target $(LANGDETECT).partial langdetect==1.0.9 && mv $(LANGDETECT).partial $(LANGDETECT); }
endif

# What unpacks files is the system's. Its headers are packages of their own on Debian and its kin.
zlib:
	$(call header,zlib.h,zlib,zlib1g-dev,zlib-devel)
zstd:
	$(call header,zstd.h,Zstandard,libzstd-dev,libzstd-devel)
brotli:
	$(call header,brotli/decode.h,Brotli,libbrotli-dev,brotli-devel)
bzip2:
	$(call header,bzlib.h,bzip2,libbz2-dev,bzip2-devel)
xz:
	$(call header,lzma.h,xz,liblzma-dev,xz-devel)

# Tokenizers bring Unicode text into normal form.
utf8proc:
	$(call header,utf8proc.h,utf8proc,libutf8proc-dev,utf8proc-devel)

# They split it by regular expressions.
oniguruma:
	$(call header,oniguruma.h,Oniguruma,libonig-dev,oniguruma-devel)

# Lines that people type are edited by it.
readline:
	$(call header,readline/readline.h,readline,libreadline-dev,readline-devel)

# Files come over the network by libcurl, and are hashed by OpenSSL's libcrypto.
curl:
	$(call header,curl/curl.h,libcurl,libcurl4-openssl-dev,libcurl-devel)
openssl:
	$(call header,openssl/evp.h,OpenSSL,libssl-dev,openssl-devel)

# Tests run the page's Markdown without a browser.
node:
	@command -v node >/dev/null || { \
	  echo "installing Node" && \
	  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq nodejs >/dev/null; } || \
	  { echo "node is missing; install your system's nodejs" >&2; exit 1; }; }

# Tests train with several ranks by both, where they can be had.
mpi:
	@{ command -v mpirun.openmpi && command -v mpirun.mpich; } >/dev/null || { \
	  echo "installing Open MPI and MPICH" && \
	  { command -v apt-get >/dev/null && apt-get update -qq && \
	    apt-get install -y -qq openmpi-bin libopenmpi3 mpich libmpich12 >/dev/null; } || \
	  echo "Open MPI or MPICH is missing: the tests with it are skipped"; }

nccl: ## Fetch NCCL into .nccl: tests then compare what is called with it (250 MB)
	@test -e $(NCCL)/nvidia || { \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
	    --target $(NCCL).partial nvidia-nccl-cu13 && mv $(NCCL).partial $(NCCL); }

# A header, whose it is, and the packages that have it on Debian and on Red Hat.
define header
@printf '#include <stdio.h>\n#include <$(1)>\n' | cc -E -x c - >/dev/null 2>&1 || { \
  echo "installing the header of $(2)" && \
  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq $(3) >/dev/null; } || \
  { echo "$(1) is missing; install your system's development package of $(2) ($(3), $(4))" >&2; exit 1; }; }
endef

.PHONY: help quickstart build test check examples docs check-attackers check-clients fuzz format lint setup libtorch langdetect zlib zstd brotli bzip2 xz utf8proc oniguruma readline node mpi curl openssl bench bench-quick bench-lora bench-ranks bench-eval bench-eval-answers bench-grpo bench-memory bench-rounding bench-lengths bench-decode bench-serve bench-setup bench-plan check-hosts check-kills nccl
