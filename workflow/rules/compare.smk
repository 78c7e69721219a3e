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
        seeded=lambda wildcards: study.is_seeded(block_of(wildcards.method)),
        method=lambda wildcards: block_of(wildcards.method),
        scoring=config["scoring"],
        task=study.task_of(config),
        code_digests=stage_digests,
    script:
        "../scripts/score.py"


# Only where seeds are added until the questions are settled.
checkpoint look:
    input:
        scores=lambda wildcards: files_of(runs_of_look(wildcards), "scores.csv"),
    output:
        f"{RESULTS}/looks/look-{{look}}.json",
    log:
        f"{RESULTS}/logs/look/{{look}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/look/{{look}}.tsv"
    wildcard_constraints:
        look=r"[1-9]\d*",
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        config=compared.comparison_config(config, "seeds"),
        with_seeds=study.methods_with_seeds(config),
        deterministic=DETERMINISTIC,
        code=code_of("look"),
    script:
        "../scripts/look.py"


rule compare:
    input:
        scores=of_runs("scores.csv"),
        look=final_look,
    output:
        estimates=f"{RESULTS}/estimates.csv",
        contrasts=report(
            f"{RESULTS}/contrasts.csv",
            caption="../report/contrasts.rst",
            category="Tables",
            labels={"table": "every pair of methods"},
        ),
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        methods=told_of_runs(lambda run: run.method),
        deterministic=DETERMINISTIC,
        config=compared.comparison_config(config),
        code=code_of("compare"),
    script:
        "../scripts/compare.py"


rule aggregate:
    input:
        records=of_runs("rouge.json"),
        look=final_look,
        estimates=rules.compare.output.estimates,
        contrasts=rules.compare.output.contrasts,
        human=human_summary,
    output:
        results=report(
            f"{RESULTS}/results.csv",
            caption="../report/results.rst",
            category="Tables",
            labels={"table": "every run"},
        ),
        summary=report(
            f"{RESULTS}/summary.csv",
            caption="../report/summary.rst",
            category="Tables",
            labels={"table": "every method"},
        ),
        page=f"{RESULTS}/summary.md",
        verdict=report(
            f"{RESULTS}/verdict.md",
            caption="../report/verdict.rst",
            category="Report",
            labels={"page": "the verdict as text"},
        ),
        latex=report(
            f"{RESULTS}/table.tex",
            caption="../report/latex.rst",
            category="Tables",
            labels={"table": "every method, for a paper"},
        ),
    log:
        f"{RESULTS}/logs/aggregate.log",
    benchmark:
        f"{RESULTS}/benchmarks/aggregate.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        config=compared.comparison_config(config, "name", "model", "data", "published"),
        code=code_of("aggregate"),
    script:
        "../scripts/aggregate.py"


rule failures:
    input:
        predictions=of_runs("predictions.jsonl"),
        test=rules.prepare.output.test,
    output:
        f"{RESULTS}/failures.csv",
    log:
        f"{RESULTS}/logs/failures.log",
    benchmark:
        f"{RESULTS}/benchmarks/failures.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        methods=told_of_runs(lambda run: run.method),
        seeds=told_of_runs(lambda run: run.seed),
        code=code_of("failures"),
    script:
        "../scripts/failures.py"


rule plan:
    input:
        # Where seeds are added until the questions are settled, of two seeds alone: before the first look.
        contrasts=[] if ADAPTIVE else rules.compare.output.contrasts,
        scores=files_of(pilot_runs(), "scores.csv") if ADAPTIVE else [],
        records=files_of(pilot_runs(), "rouge.json"),
    output:
        page=f"{RESULTS}/plan.md",
        table=f"{RESULTS}/plan.csv",
        png=f"{RESULTS}/plan.png",
        svg=f"{RESULTS}/plan.svg",
    log:
        f"{RESULTS}/logs/plan.log",
    benchmark:
        f"{RESULTS}/benchmarks/plan.tsv"
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        config=compared.comparison_config(config, "name", "seeds"),
        deterministic=DETERMINISTIC,
        code=code_of("plan"),
    script:
        "../scripts/plan.py"
