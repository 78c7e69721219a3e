"""Parity: how close does a cheap way of fine-tuning come to full fine-tuning? See README.md."""

from snakemake.utils import min_version

min_version("9.27")

# A config file named on the command line or by a profile stands alone: merged over the quick start's, as Snakemake does
# by itself, a key that it leaves out would silently take a value made for a model twenty times smaller.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/compare.smk"


rule all:
    default_target: True
    input:
        # Runs and comparison by name too: Snakemake lets a deleted file pass that it takes for a step on the way.
        collect(rules.score.output, zip, method=[run.method for run in RUNS], seed=[run.seed for run in RUNS]),
        rules.compare.output,
        rules.aggregate.output,
