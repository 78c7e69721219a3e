# Names and labels of the pictures, in the order of the page.
PICTURES = {
    "means": "means, floors and ceiling",
    "contrasts": "differences between methods",
    "seeds": "every seed",
    "scores": "scores of all dialogues",
    "cost": "quality against cost",
    "length": "quality against dialogue length",
    "curves": "learning curves",
}


rule report:
    input:
        rules.compare.output,
        rules.aggregate.output.results,
        of_runs("scores.csv"),
        of_runs("predictions.jsonl"),
        of_runs("train.json", has_training),
        rules.prepare.output.test,
        human=human_summary,
        look=final_look,
    output:
        collect(f"{RESULTS}/figures/{{name}}.png", name=PICTURES),
        [
            report(
                f"{RESULTS}/figures/{name}.svg",
                caption=f"../report/{name}.rst",
                category="Pictures",
                labels={"picture": label},
            )
            for name, label in PICTURES.items()
        ],
        page=report(
            f"{RESULTS}/report.html",
            caption="../report/page.rst",
            category="Report",
            labels={"page": "the whole report, with all pictures"},
        ),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        runs=told_of_runs(lambda run: [run.method, run.seed]),
        deterministic=DETERMINISTIC,
        config=compared.report_config(config),
        code=code_of("report"),
        pages=code_of_pages(),
    script:
        "../scripts/report.py"
