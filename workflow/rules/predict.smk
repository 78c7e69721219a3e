rule generate:
    input:
        model=model_files(),
        tokens=rules.prepare.output.tokens,
        trained=trained_model,
        checked=checked("generate"),
    output:
        predictions=ensure(f"{RUN}/predictions.jsonl", non_empty=True),
        record=f"{RUN}/generate.json",
    log:
        f"{RESULTS}/logs/generate/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/generate/{{method}}/seed-{{seed}}.tsv"
    wildcard_constraints:
        method=method_pattern(*study.GENERATING_KINDS),
    priority: 1
    conda:
        "../envs/parity.yaml"
    threads: config["cpu_threads"]
    resources:
        gpu=1,
        # Who says which ones: "slots", Parity itself, among all runs on the machine; "scheduler", a cluster's.
        gpus_from="slots",
        runs_per_gpu=1,
        mem_mb=memory("generate", memory_request.host_mb),
        gpu_mem_mb=memory("generate", memory_request.device_mb),
        least_gpu_mem_mb=memory("generate", memory_request.least_device_mb),
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        method=settings("quantization", "generation"),
        model=model_folder,
        cpu_threads=config["cpu_threads"],
        code=code_of("generate"),
    script:
        "../scripts/generate.py"


rule baseline:
    input:
        test=rules.prepare.output.test,
        checked=rules.check.output,
    output:
        predictions=ensure(f"{RUN}/predictions.jsonl", non_empty=True),
    log:
        f"{RESULTS}/logs/baseline/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/baseline/{{method}}/seed-{{seed}}.tsv"
    wildcard_constraints:
        method=method_pattern("baseline"),
    conda:
        "../envs/parity.yaml"
    params:
        method=settings("baseline", "n"),
        code=code_of("baseline"),
    script:
        "../scripts/baseline.py"


rule predictions:
    input:
        outside=outside_file,
        test=rules.prepare.output.test,
        checked=rules.check.output,
    output:
        predictions=ensure(f"{RUN}/predictions.jsonl", non_empty=True),
    log:
        f"{RESULTS}/logs/predictions/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/predictions/{{method}}/seed-{{seed}}.tsv"
    wildcard_constraints:
        method=method_pattern("predictions"),
    conda:
        "../envs/parity.yaml"
    params:
        code=code_of("predictions"),
    script:
        "../scripts/predictions.py"
