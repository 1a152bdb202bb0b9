# Builds, tests and runs Instill. Every target first has scripts/bootstrap fetch what it lacks.
#
#   LIBTORCH=/path      a libtorch 2.11, or an installed Python torch 2.11, to be used instead of a download
#   DOCUMENTS=folder    make demo: your documents instead of Examples/
#   MODEL=path          make demo: a GGUF file or a Hugging Face folder instead of the default model
#   OUTPUT=folder       make demo: where the run is kept
#   PYTHON=path         make bench-gpu: a Python with torch 2.11 and CUDA, transformers and peft
#   SCALE=full|reduced  make test (reduced) and make conformance (full): every kill and string, or a sample of them
#   CHECKS=names        make conformance: these folders of Tests/Conformance alone

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help build demo test conformance experiments likelihood bench bench-scale bench-gpu build-bench dist docs format lint clean

# Every target builds with the same flags, so that none compiles again what another has: the program without its tests, then
# the tests on top of it. In release mode, since a numeric bug that only the optimiser brings must show.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
BUILD := scripts/bootstrap system libtorch && swift build $(SWIFT_FLAGS)
SWIFT_FILES := Package.swift Sources Tests Benchmarks
SHELL_SCRIPTS := $(addprefix scripts/,bootstrap instill dist document experiments) .ci/run Tests/Conformance/run

export PKG_CONFIG_PATH := $(CURDIR)/.deps/pkgconfig$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
export INSTILL_TEST_SCALE := $(or $(SCALE),$(INSTILL_TEST_SCALE),reduced)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22
	@sed -n 's/^#   \([A-Z]*=.*\)/  \1/p' $(firstword $(MAKEFILE_LIST))

build: ## the command line: scripts/instill
	$(BUILD) --product instill

demo: build ## documents in, adapter out, knowledge proven: the whole of it, on Examples/
	@scripts/bootstrap charts $(if $(MODEL),,model)
	scripts/instill run Examples/demo.yaml \
	  --output "$(or $(OUTPUT),runs/$(if $(DOCUMENTS),$$(basename "$(DOCUMENTS)"),demo))" \
	  $(if $(DOCUMENTS),--documents "$(DOCUMENTS)") $(if $(MODEL),--model "$(MODEL)")

test: ## unit tests, then a sample of the slow ones; a summary at the end
	$(BUILD) --build-tests
	@scripts/bootstrap model charts
	python3 -m unittest discover --start-directory Tests/Bootstrap
	@rm -f .build/tests-swift-testing.xml
	LD_LIBRARY_PATH="$(CURDIR)/.deps/libtorch/lib" swift test $(SWIFT_FLAGS) --skip-build --xunit-output .build/tests.xml 2>&1 | \
	  tee .build/test.log; \
	  status=$${PIPESTATUS[0]}; scripts/test-summary .build/test.log .build/tests-swift-testing.xml; exit $$status

conformance: ## against transformers, sentence-transformers, tokenizers, gguf, peft, rank-bm25, TensorBoard and others
	$(BUILD) --product Probe
	@scripts/bootstrap model embedder peers gemma
	@Tests/Conformance/run --scale $(or $(SCALE),full) $(CHECKS)

experiments: build ## docs/results.md's tables from nothing; DATA=folder of Squadshifts for the second
	@scripts/bootstrap model embedder charts
	@DATA="$(DATA)" DOCUMENTS="$(DOCUMENTS)" scripts/experiments

likelihood: ## how likely right replies are to each adapter of a comparison, by transformers and peft: RUN=its folder
	@scripts/bootstrap libtorch model peers
	@PYTHONPATH=.deps/peers LD_LIBRARY_PATH=.deps/libtorch/lib HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error \
	  TQDM_DISABLE=1 PYTHONWARNINGS=ignore::UserWarning $(or $(PYTHON),python3) scripts/likelihood "$(RUN)"

build-bench:
	$(BUILD) --product Bench

bench: build-bench ## speed and memory beside those of the peers, in one run; see Benchmarks/README.md
	@scripts/bootstrap model peers
	@# llama.cpp is built here, which not every machine can: the other peers are measured without it.
	@scripts/bootstrap llama || [ $$? -eq 1 ]
	@Benchmarks/bench $(ARGUMENTS)

bench-scale: build-bench ## time, memory and disk at 10 to 10,000 documents; see Benchmarks/README.md
	@Benchmarks/scale $(ARGUMENTS)

bench-gpu: build-bench ## training on a graphics card in known models' shapes, beside the peers; see Benchmarks/README.md
	@$(or $(PYTHON),python3) Benchmarks/bench-gpu $(ARGUMENTS)

dist: ## dist/instill: one file that runs on a torch 2.11 that Python already has
	@scripts/bootstrap system libtorch charts
	@scripts/dist

docs: ## the API documentation, in .build/docs
	@scripts/bootstrap system libtorch
	@scripts/document

format: ## formats the Swift files
	swift format --in-place --parallel --recursive $(SWIFT_FILES)

lint: ## checks the format of the Swift files, and the scripts
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)
	@if command -v shellcheck >/dev/null; then shellcheck $(SHELL_SCRIPTS); else echo "shellcheck is not installed: the scripts were not checked."; fi

clean: ## removes what was built; the cache and the runs stay
	rm -rf .build dist
