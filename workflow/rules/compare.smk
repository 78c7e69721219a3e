localrules:
    aggregate,


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


rule aggregate:
    input:
        collect(
            f"{RESULTS}/{{run.method}}/seed-{{run.seed}}/rouge.json",
            run=RUNS,
        ),
    output:
        results=f"{RESULTS}/results.csv",
        summary=f"{RESULTS}/summary.csv",
        page=f"{RESULTS}/summary.md",
    log:
        f"{RESULTS}/logs/aggregate.log",
    benchmark:
        f"{RESULTS}/benchmarks/aggregate.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        config=lambda wildcards: {
            key: config[key]
            for key in ("name", "model", "data", "compare", "methods", "published")
            if key in config
        },
        code=code_of("aggregate"),
    script:
        "../scripts/aggregate.py"
