# Each target is a line or two over public tools; see README.md.
PYTHON ?= python3
BIN := .venv/bin
# Plain English for the embedded model's pretraining, a folder of .txt files; see resources/quickstart/README.md.
ENGLISH ?= ../shared/data/english

.PHONY: quickstart plan fetch resume site-check gpu-check test unit-test slurm-test lint format embedded-dialogues embedded-model clean

quickstart: .venv/installed
	$(BIN)/snakemake --cores 4
	@cat results/quickstart/summary.md results/quickstart/verdict.md
	@echo "These pages: results/quickstart/summary.md and verdict.md. Every run: results/quickstart/results.csv and results/quickstart/<method>/seed-<seed>/."

# Of another study: make plan CONFIG=config/dialogsum.yaml
plan: .venv/installed
	$(BIN)/snakemake plan --cores 4 $(if $(CONFIG),--configfile $(CONFIG))

# On the login node, where there is internet: what the study needs of the hub.
fetch: .venv/installed
	$(BIN)/snakemake --until fetch --cores 1 $(if $(CONFIG),--configfile $(CONFIG),--configfile config/dialogsum.yaml)

# After a snakemake was killed: make resume PROFILE=profiles/slurm
resume: .venv/installed
	PYTHONPATH=workflow/scripts $(BIN)/python -m parity.resume $(if $(PROFILE),--profile $(PROFILE)) $(if $(CONFIG),--configfile $(CONFIG))

site-check: .venv/installed
	PYTHONPATH=workflow/scripts $(BIN)/python -m snakemake_executor_plugin_parity_slurm.site_check $(or $(PROFILE),profiles/slurm) $(CONFIG)

# On a machine with a GPU, minutes: whether all that docs/GPU.md promises holds there, and how fast it is. make gpu-check ONLY=Memory
gpu-check: .venv/installed
	$(BIN)/python -m benchmarks.gpu_check $(if $(ONLY),--only "$(ONLY)")

# Both halves at a time, since the cluster's tests mostly wait.
test: .venv/installed-dev lint
	$(MAKE) --no-print-directory -j 2 -O unit-test slurm-test

unit-test: .venv/installed-dev
	$(BIN)/python -m pytest tests/unit tests/workflow

# A real Slurm cluster on this machine: Debian, as root. Elsewhere its tests are skipped.
slurm-test: .venv/installed-dev
	$(BIN)/python -m pytest -rs tests/slurm

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

embedded-dialogues: .venv/installed
	$(BIN)/python resources/quickstart/make_dialogues.py

# glibc gives memory back to the system after every step unless told not to: a quarter of the time on a CPU.
embedded-model: .venv/installed
	MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456 \
	$(BIN)/python resources/quickstart/pretrain.py $(if $(wildcard $(ENGLISH)/*.txt),--english $(ENGLISH))

clean:
	rm -rf results .snakemake

.venv/installed: requirements.txt requirements-slurm.txt workflow/slurm/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Parity needs Python 3.11 or newer: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt -r requirements-slurm.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt requirements-quantization.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@
