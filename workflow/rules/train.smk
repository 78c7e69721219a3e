rule train:
    input:
        model=model_files(),
        tokens=rules.prepare.output.tokens,
        checked=checked("train"),
    output:
        model=directory(f"{RUN}/model"),
        record=f"{RUN}/train.json",
    log:
        f"{RESULTS}/logs/train/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{method}}/seed-{{seed}}.tsv"
    wildcard_constraints:
        method=method_pattern(*study.TRAINED_KINDS),
    conda:
        "../envs/parity.yaml"
    # Each of its processes computes with so many.
    threads: lambda wildcards: config["cpu_threads"] * gpus_per_run(wildcards)
    resources:
        gpu=gpus_per_run,
        # Who says which ones: "slots", Parity itself, among all runs on the machine; "scheduler", a cluster's.
        gpus_from="slots",
        runs_per_gpu=1,
        mem_mb=memory("train", memory_request.host_mb),
        gpu_mem_mb=memory("train", memory_request.device_mb),
        least_gpu_mem_mb=memory("train", memory_request.least_device_mb),
        runtime=lambda wildcards, attempt: 240 * attempt,
        # Outside the outputs, which Snakemake deletes when a job fails. A profile may name a faster or a shared disk.
        checkpoint_folder="results/checkpoints",
        # From one checkpoint to the next; 0: only when the job is told to end. Snakemake rounds numbers here: no minutes.
        checkpoint_seconds=600,
    params:
        study=config["name"],
        method=settings("peft", "quantization", "train"),
        model=model_folder,
        cpu_threads=config["cpu_threads"],
        code=code_of("train"),
    script:
        "../scripts/train.py"
