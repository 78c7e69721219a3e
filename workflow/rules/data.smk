rule fetch:
    output:
        local(directory("resources/hub/{kind}s--{repository}/{revision}")),
    log:
        "resources/hub/logs/fetch/{kind}s--{repository}--{revision}.log",
    wildcard_constraints:
        kind="model|dataset",
        repository=hub_pattern("repository"),
        revision=hub_pattern("revision"),
    # The only rule that needs the internet: run it where there is some (--until fetch).
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        kind="{kind}",
        repo_id=lambda wildcards: wildcards.repository.replace("--", "/"),
        revision="{revision}",
        patterns=lambda wildcards: (
            list(MODEL_FILES) if wildcards.kind == "model" else sorted(config["data"]["splits"].values())
        ),
    script:
        "../scripts/fetch.py"


rule prepare:
    input:
        model=model_files(),
        data=data_files(),
    output:
        train=ensure(f"{DATA}/train.jsonl", non_empty=True),
        validation=ensure(f"{DATA}/validation.jsonl", non_empty=True),
        test=ensure(f"{DATA}/test.jsonl", non_empty=True),
        tokens=directory(f"{DATA}/tokens"),
        audit=f"{DATA}/audit.json",
    log:
        f"{RESULTS}/logs/prepare.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepare.tsv"
    conda:
        "../envs/parity.yaml"
    params:
        data={key: value for key, value in config["data"].items() if key != "revision"},
        data_folder=data_folder,
        model=model_folder,
        model_digest=config["model"]["digest"],
        prompt=lambda wildcards: config["prompt"],
        max_source_length=config["max_source_length"],
        max_target_length=config["max_target_length"],
        code=code_of("prepare"),
    script:
        "../scripts/prepare.py"


rule check:
    # Everything that costs time waits for this rule, so it must not run again where that need not: it has no params, and
    # reads the config itself. A method that is added or edited later is checked alone, by check_method.
    # (ancient() in the others would not do: Snakemake 9.27 skips a job whose params changed if such an input is redone.)
    input:
        model=model_files(),
        test=rules.prepare.output.test,
        tokens=rules.prepare.output.tokens,
    output:
        f"{DATA}/check.json",
    log:
        f"{RESULTS}/logs/check.log",
    benchmark:
        f"{RESULTS}/benchmarks/check.tsv"
    conda:
        "../envs/parity.yaml"
    script:
        "../scripts/check.py"


rule check_method:
    input:
        model=model_files(),
        tokens=rules.prepare.output.tokens,
    output:
        f"{DATA}/check/{{method}}-{{stage}}-{{settings}}.json",
    log:
        f"{RESULTS}/logs/check_method/{{method}}-{{stage}}-{{settings}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/check_method/{{method}}-{{stage}}-{{settings}}.tsv"
    wildcard_constraints:
        stage="train|generate",
        settings="[0-9a-f]{16}",
    conda:
        "../envs/parity.yaml"
    script:
        "../scripts/check_method.py"
