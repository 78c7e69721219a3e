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
        method=methods_in_gangs(False),
    # The longest jobs first, with summaries and scores still to come after them: none of them is left for the end.
    priority: 2
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
        checkpoint_folder=placed("results/checkpoints"),
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


# All seeds of a method at a time, adapters over one copy of the frozen base: train.gang.
rule gang:
    input:
        model=model_files(),
        tokens=rules.prepare.output.tokens,
        checked=checked("train"),
    output:
        temp(directory(f"{RESULTS}/{{method}}/gang-{{first}}")),
    log:
        f"{RESULTS}/logs/train/{{method}}/gang-{{first}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/gang/{{method}}/{{first}}.tsv"
    wildcard_constraints:
        method=methods_in_gangs(True),
        first=r"\d+",
    priority: 2
    conda:
        "../envs/parity.yaml"
    threads: config["cpu_threads"]
    resources:
        gpu=1,
        gpus_from="slots",
        runs_per_gpu=1,
        mem_mb=gang_memory(memory_request.gang_host_mb),
        gpu_mem_mb=gang_memory(memory_request.gang_device_mb),
        runtime=lambda wildcards, attempt: 240 * attempt * len(gang_of(wildcards)),
        checkpoint_folder=placed("results/checkpoints"),
        checkpoint_seconds=600,
    params:
        study=config["name"],
        seeds=gang_of,
        method=settings("peft", "train"),
        model=model_folder,
        cpu_threads=config["cpu_threads"],
        code=code_of("gang"),
    script:
        "../scripts/gang.py"


rule take_from_gang:
    input:
        gang=gang_folder,
    output:
        model=directory(f"{RUN}/model"),
        record=f"{RUN}/train.json",
    log:
        f"{RESULTS}/logs/train/{{method}}/seed-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train/{{method}}/seed-{{seed}}.tsv"
    wildcard_constraints:
        method=methods_in_gangs(True),
    priority: 2
    localrule: True
    conda:
        "../envs/parity.yaml"
    params:
        # As of the rule gang: what another setting or code makes of the gang is to be taken.
        method=settings("peft", "train"),
        model=model_folder,
        cpu_threads=config["cpu_threads"],
        code=code_of("gang"),
    script:
        "../scripts/take_from_gang.py"
