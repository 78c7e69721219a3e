# Each target is a line or two over public tools; see README.md.
PYTHON ?= python3
BIN := .venv/bin
# Plain English for the embedded model's pretraining, a folder of .txt files; see resources/quickstart/README.md.
ENGLISH ?= ../shared/data/english
SLOWEST = --durations=12 --durations-min=30
OFFLINE_RUNS = $(sort $(wildcard results/*/tracking/wandb/offline-run-*/))

.PHONY: quickstart help plan report human-sheets human-results export export-peft ro-crate fetch safetensors resume status wandb-sync site-check gpu-check bench test unit-test fuzz slurm-test crash-test verify repair audit lint format hooks embedded-dialogues embedded-model clean

quickstart: .venv/installed ## the whole chain with the embedded model, offline, in minutes
	$(BIN)/snakemake --cores 4
	@cat results/quickstart/summary.md results/quickstart/verdict.md
	@echo "With pictures: results/quickstart/report.html. These pages: results/quickstart/summary.md and verdict.md. What each column and file is: docs/OUTPUTS.md."

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# Of another study: make plan CONFIG=config/dialogsum.yaml
plan: .venv/installed ## how many seeds and dialogues an answer needs: CONFIG=
	$(BIN)/snakemake plan --cores 4 $(if $(CONFIG),--configfile "$$CONFIG")
	@echo "Read results/<name>/plan.md, <name> from the config; plan.svg is its picture."

# The pages of a study, and of one that is not finished what there is: make report CONFIG=config/dialogsum.yaml
report: .venv/installed ## the pages of a study, and of an unfinished one what there is: CONFIG=
	PYTHONPATH=workflow/scripts $(BIN)/python -m parity.make_report $(if $(CONFIG),--configfile "$$CONFIG")

human-sheets: .venv/installed ## rating sheets for people, one page a rater: CONFIG=
	$(BIN)/snakemake human_sheets --cores 4 $(if $(CONFIG),--configfile "$$CONFIG")
	@echo "A page a rater: results/<name>/human-evaluation/sheets/, <name> from the config. What they save goes into ratings/ beside it."

human-results: .venv/installed ## what raters saved, checked, and put into tables, report and verdict: CONFIG=
	$(BIN)/snakemake human_results aggregate report --cores 4 $(if $(CONFIG),--configfile "$$CONFIG")

# Of another study: make export CONFIG=config/dialogsum.yaml, and of one method: METHOD=lora
export: .venv/installed ## the best model and adapter of a study for the Hugging Face hub: CONFIG= METHOD=
	$(BIN)/python -m parity export $(if $(CONFIG),--configfile "$$CONFIG") $(if $(METHOD),--method "$$METHOD")

export-peft: .venv/installed ## a study's runs in the format of PEFT's method comparison: CONFIG=
	$(BIN)/python -m parity export-peft $(if $(CONFIG),--configfile "$$CONFIG")

ro-crate: .venv/installed-ro-crate ## a finished study as an RO-Crate: CONFIG=
	$(BIN)/python -m parity ro-crate $(if $(CONFIG),--configfile "$$CONFIG")

# On the login node, where there is internet: what the study needs of the hub.
fetch: .venv/installed ## model and data from the hub, where there is internet: CONFIG=
	$(BIN)/snakemake --until fetch --cores 1 $(if $(CONFIG),--configfile "$$CONFIG",--configfile config/dialogsum.yaml)

# After a snakemake was killed: make resume PROFILE=profiles/slurm
resume: .venv/installed ## carry on after a snakemake was killed: PROFILE= CONFIG=
	PYTHONPATH=workflow/scripts $(BIN)/python -m parity.resume $(if $(PROFILE),--profile "$$PROFILE") $(if $(CONFIG),--configfile "$$CONFIG")

# From any shell that sees this folder: make status, make status CONFIG=config/dialogsum.yaml, make status WATCH=5 (seconds)
status: .venv/installed ## every run's state, from any shell and node: CONFIG= WATCH=seconds
	@PYTHONPATH=workflow/scripts $(BIN)/python -m parity.status $(if $(CONFIG),--configfile "$$CONFIG") $(if $(WATCH),--watch $(WATCH))

# On the login node: what trainings with `tracking: wandb` kept on nodes without internet. Twice does no harm.
wandb-sync: .venv/installed ## send what runs tracked by wandb without internet, from a node that has it
	$(if $(OFFLINE_RUNS),$(BIN)/wandb sync $(OFFLINE_RUNS),@echo "No runs of wandb in results/*/tracking")

# Of a model whose weights are only a pickle, which Parity does not read: make safetensors MODEL=models/mt5 TO=models/mt5-safe
safetensors: .venv/installed ## a copy of a model's folder with its weights in safetensors: MODEL= TO=
	PYTHONPATH=workflow/scripts $(BIN)/python -m parity.safetensors_copy "$$MODEL" "$$TO"

# Whether every finished file of a study is as it was written; what is not is set aside. make verify CONFIG=config/mine.yaml
verify: .venv/installed ## whether every finished file is as it was written: CONFIG= LOOK=1
	@PYTHONPATH=workflow/scripts $(BIN)/python -m parity.verify $(if $(CONFIG),--configfile "$$CONFIG") $(if $(LOOK),--look)

# Make again what is damaged, and no more than has to be.
repair: .venv/installed ## make again what is damaged, and no more: CONFIG= PROFILE=
	PYTHONPATH=workflow/scripts $(BIN)/python -m parity.repair $(if $(PROFILE),--profile "$$PROFILE") $(if $(CONFIG),--configfile "$$CONFIG")

site-check: .venv/installed ## what of profiles/site.yaml does not fit this cluster
	PYTHONPATH=workflow/scripts $(BIN)/python -m snakemake_executor_plugin_parity_slurm.site_check $(if $(PROFILE),"$$PROFILE",profiles/slurm) $(if $(CONFIG),"$$CONFIG")

# On a machine with a GPU, minutes: whether all that docs/GPU.md promises holds there, and how fast it is. make gpu-check ONLY=Memory
gpu-check: .venv/installed ## whether what docs/GPU.md promises holds on this GPU: ONLY=
	$(BIN)/python -m benchmarks.gpu_check $(if $(ONLY),--only "$(ONLY)")

# How fast it is beside what a user would run instead: writes benchmarks/RESULTS.md. make bench ONLY="training generation"
bench: .venv/installed-dev ## how fast it is beside what a user would run instead: ONLY=
	$(BIN)/python -m benchmarks.speed $(if $(ONLY),--only $(ONLY))

# Both halves at a time, since the cluster's tests mostly wait.
test: .venv/installed-dev lint ## lint, and every test
	$(MAKE) --no-print-directory -j 2 -O unit-test slurm-test

unit-test: .venv/installed-dev ## the tests that need no cluster
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(SLOWEST) tests/workflow tests/browser tests/properties tests/unit

# Other cases at every call, so that the more it is called the more it has tried.
fuzz: .venv/installed-dev ## at least 10,000 generated cases of bad input and odd scores: CASES=
	CASES=$(if $(CASES),$(CASES),10000) $(BIN)/python -m pytest -p no:xdist tests/properties

# A real Slurm cluster on this machine: Debian, as root. Elsewhere its tests are skipped.
slurm-test: .venv/installed-dev ## the cluster's tests, on a real Slurm (Debian, as root)
	$(BIN)/python -m pytest -rs $(SLOWEST) tests/slurm

# Known vulnerabilities of what is installed, as PyPI knows them, and licences: docs/DEPENDENCIES.md
audit: .venv/installed-dev ## known vulnerabilities and licences of what is installed: WRITE=1 for the docs
	$(BIN)/python -m tools.audit $(if $(WRITE),--write)

# Kill -9 where chance has it, again and again: make crash-test KILLS=100 SEED=7 STUDY=quickstart
crash-test: .venv/installed-dev ## kill -9 at random, start again, compare: KILLS= MINUTES= SEED= STUDY=quickstart
	PYTHONPATH=tests:workflow/scripts $(BIN)/python -m crashes $(if $(KILLS),--kills $(KILLS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(STUDY),--study $(STUDY))

lint: .venv/installed-dev ## ruff, snakefmt and snakemake --lint, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/snakemake --lint

format: .venv/installed-dev ## ruff and snakefmt, changing files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/Snakefile workflow/rules

hooks: .venv/installed-dev ## checks before every commit
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-pre-commit.txt
	$(BIN)/pre-commit install

embedded-dialogues: .venv/installed ## make the quick start's dialogues anew
	$(BIN)/python resources/quickstart/make_dialogues.py

# glibc gives memory back to the system after every step unless told not to: a quarter of the time on a CPU.
embedded-model: .venv/installed ## pretrain the quick start's model anew: ENGLISH=
	MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456 \
	$(BIN)/python resources/quickstart/pretrain.py $(if $(wildcard $(ENGLISH)/*.txt),--english $(ENGLISH))

clean: ## remove all results and Snakemake's own records
	rm -rf results .snakemake

.venv/installed: requirements.txt requirements-slurm.txt workflow/slurm/pyproject.toml workflow/terminal/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Parity needs Python 3.11 or newer: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt -r requirements-slurm.txt -e ./workflow/terminal
	touch $@

.venv/installed-ro-crate: .venv/installed requirements-ro-crate.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-ro-crate.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt requirements-quantization.txt requirements-ctranslate2.txt requirements-energy.txt requirements-scoring.txt requirements-ro-crate.txt requirements-tracking.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@
