localrules:
    compare,
    aggregate,
    plan,


rule score:
    input:
        unpack(score_inputs),
        predictions=f"{RUN}/predictions.jsonl",
        test=rules.prepare.output.test,
        audit=rules.prepare.output.audit,
    output:
        record=f"{RUN}/rouge.json",
        scores=ensure(f"{RUN}/scores.csv", non_empty=True),
    log:
        f"{RESULTS}/logs/score/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score/{{method}}/seed-{{seed}}.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        study=config["name"],
        seeded=lambda wildcards: study.is_seeded(study.method_block(config, wildcards.method)),
        method=lambda wildcards: study.method_block(config, wildcards.method),
        code_digests=stage_digests,
    script:
        "../scripts/score.py"


rule compare:
    input:
        collect(f"{RESULTS}/{{run.method}}/seed-{{run.seed}}/scores.csv", run=RUNS),
    output:
        estimates=f"{RESULTS}/estimates.csv",
        contrasts=f"{RESULTS}/contrasts.csv",
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        methods=[run.method for run in RUNS],
        deterministic=[name for name in config["compare"] if is_deterministic(name)],
        config=comparison_config(),
        code=code_of("compare"),
    script:
        "../scripts/compare.py"


rule aggregate:
    input:
        records=collect(
            f"{RESULTS}/{{run.method}}/seed-{{run.seed}}/rouge.json",
            run=RUNS,
        ),
        estimates=rules.compare.output.estimates,
        contrasts=rules.compare.output.contrasts,
    output:
        results=f"{RESULTS}/results.csv",
        summary=f"{RESULTS}/summary.csv",
        page=f"{RESULTS}/summary.md",
        verdict=f"{RESULTS}/verdict.md",
        latex=f"{RESULTS}/table.tex",
    log:
        f"{RESULTS}/logs/aggregate.log",
    benchmark:
        f"{RESULTS}/benchmarks/aggregate.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        config=comparison_config("name", "model", "data", "published"),
        code=code_of("aggregate"),
    script:
        "../scripts/aggregate.py"


rule plan:
    input:
        contrasts=rules.compare.output.contrasts,
    output:
        page=f"{RESULTS}/plan.md",
        table=f"{RESULTS}/plan.csv",
        png=f"{RESULTS}/plan.png",
        svg=f"{RESULTS}/plan.svg",
    log:
        f"{RESULTS}/logs/plan.log",
    benchmark:
        f"{RESULTS}/benchmarks/plan.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        config=comparison_config("name"),
        code=code_of("plan"),
    script:
        "../scripts/plan.py"
