# Every target but `clean` builds `.venv` first, and again when pyproject.toml or constraints.txt changes.
PYTHON ?= python3
BIN := .venv/bin
CORPUS ?= ../shared/corpus
SITES ?=
JOBS ?= 2
FUZZ_SECONDS ?= 60
TARGET ?=

.DEFAULT_GOAL := help
.PHONY: help demo crawl test test-all lint format floors train ablation bench fuzz constraints clean

help:
	@echo "make demo         crawl a small made-up news site on this machine and show a record"
	@echo "make crawl        crawl every site with a profile, or SITES=heise.de,wired.com, into data/"
	@echo "make test         linters, types, layers, tests"
	@echo "make test-all     the same with the slow tests"
	@echo "make lint         ruff, mypy, import-linter"
	@echo "make format       format and fix the code with ruff"
	@echo "make floors       raise the quality floors to what is measured now"
	@echo "make train        train the models on CORPUS (default ../shared/corpus)"
	@echo "make ablation     measure what each mechanism of the cleaners contributes"
	@echo "make bench        time cleaning, crawling and the state, next to peers"
	@echo "make fuzz         fuzz what reads outlets' bytes, or TARGET=feed alone, for FUZZ_SECONDS (60) each"
	@echo "make constraints  pin the versions that a fresh environment resolves to"
	@echo "make clean        remove .venv, caches and build output; data/ stays"

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.installed-test: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch .venv/.installed $@

.venv/.installed-train: .venv/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'
	@touch $@

.venv/.installed-bench: .venv/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

.venv/.installed-fuzz: .venv/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@touch $@

demo: .venv/.installed
	$(BIN)/scrapy demo

crawl: .venv/.installed
	$(BIN)/scrapy crawl news $(if $(SITES),-a sites=$(SITES))

test: lint
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m 'not slow'

test-all: lint
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

floors: .venv/.installed-test
	$(BIN)/python -m tests.support.gate $(if $(LOWER),--lower)

train: .venv/.installed-train
	$(BIN)/python -m cleaners.training $(CORPUS) --date $$(date -u +%F) --jobs $(JOBS)

ablation: .venv/.installed-train
	$(BIN)/python -m cleaners.training.ablation $(CORPUS) --jobs $(JOBS)

bench: .venv/.installed-bench
	$(BIN)/python -m tests.benchmarks --corpus $(CORPUS)
	$(BIN)/python -m tests.benchmarks.state

fuzz: .venv/.installed-fuzz
	$(BIN)/python -m tests.fuzz $(TARGET) --seconds $(FUZZ_SECONDS)

constraints:
	rm -rf build/pin
	$(PYTHON) -m venv build/pin
	build/pin/bin/python -m pip install --quiet --disable-pip-version-check '.[test,train,postgres,fuzz]'
	build/pin/bin/python -m pip install --quiet --disable-pip-version-check newspaper4k readability-lxml resiliparse py-spy
	build/pin/bin/python -m pip freeze --exclude winnow-news > constraints.txt
	rm -rf build/pin

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .scrapy
