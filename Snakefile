"""Parity: how close does a cheap way of fine-tuning come to full fine-tuning? See README.md.

The rules, and what is made by default, stand in workflow/Snakefile, where other workflows and snakedeploy look for them.
"""


include: "workflow/Snakefile"


# Snakemake forgets the default target of an included file.
workflow.default_target = "all"
