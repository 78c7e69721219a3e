rule human_sheets:
    input:
        test=rules.prepare.output.test,
        predictions=of_runs("predictions.jsonl", is_rated),
        scores=of_runs("scores.csv", is_rated),
    output:
        key=HUMAN_KEY,
        sheets=collect(f"{HUMAN}/sheets/{{rater}}.html", rater=config["human_evaluation"]["raters"]),
    log:
        f"{RESULTS}/logs/human_sheets.log",
    benchmark:
        f"{RESULTS}/benchmarks/human_sheets.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        runs=told_of_runs(lambda run: (run.method, run.seed), is_rated),
        settings={key: config["human_evaluation"][key] for key in human_rules.DRAWING_KEYS},
        metric=config["comparison"]["primary_metric"],
        ceilings=human_rules.ceilings(config),
        code=code_of("human_sheets"),
        page=folder_digest(SCRIPTS.parent / "report", ("human_sheet.*", "page.*")),
    script:
        "../scripts/human_sheets.py"


rule human_results:
    input:
        exports=needed_ratings,
        contrasts=rules.compare.output.contrasts,
        predictions=of_runs("predictions.jsonl", is_rated),
    output:
        ratings=f"{HUMAN}/ratings.csv",
        preferences=f"{HUMAN}/preferences.csv",
        estimates=f"{HUMAN}/estimates.csv",
        summary=f"{HUMAN}/summary.json",
        page=f"{HUMAN}/human.md",
    log:
        f"{RESULTS}/logs/human_results.log",
    benchmark:
        f"{RESULTS}/benchmarks/human_results.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        study=config["name"],
        runs=told_of_runs(lambda run: f"{run.method}/seed-{run.seed}", is_rated),
        # No input: once there are ratings, the key must stay what it was, whatever else of the study runs again.
        key=placed(HUMAN_KEY),
        key_content=file_digest(placed(HUMAN_KEY)) if Path(placed(HUMAN_KEY)).is_file() else None,
        settings={key: config["human_evaluation"][key] for key in ("allow_partial", "n_bootstrap")},
        code=code_of("human_results"),
    script:
        "../scripts/human_results.py"
