"""Write one summary a test dialogue with the pretrained, the fine-tuned or the adapted model."""

from functools import partial

from parity.files import write_json, write_json_lines
from parity.gpu_slots import take_gpus
from parity.job import run_logged


def main(job):
    take_gpus(job, 1)
    # Here, since bitsandbytes, which PEFT imports where it is installed, asks CUDA for its GPUs at once.
    import torch
    from datasets import load_from_disk

    from parity.allocator import keep_freed_memory
    from parity.costs import Meter
    from parity.ctranslate2_generation import generate_with_ctranslate2
    from parity.ctranslate2_rules import uses_ctranslate2
    from parity.generation import generate_summaries
    from parity.memory_limits import refuse_what_cannot_fit
    from parity.methods import load_trained
    from parity.positions import check_method_lengths
    from parity.speed import speed_of
    from parity.tokens import load_tokenizer

    keep_freed_memory()
    meter = Meter(torch.cuda.is_available())
    torch.set_num_threads(job.params.cpu_threads)
    method, seed = job.params.method, int(job.wildcards.seed)
    refuse_what_cannot_fit(job.input.get("checked"), job.wildcards.method, "generate")
    data = load_from_disk(job.input.tokens)
    rows = data["test"]
    settings, title = method["generation"], f"{job.wildcards.method} seed {seed}"

    def load():
        model = load_trained(job.params.model, job.input.get("trained"), method["kind"], method.get("quantization"))
        adapter = getattr(model, "active_peft_config", None)
        check_method_lengths(job.wildcards.method, model.config, adapter, data, settings["max_new_tokens"])
        return model

    how = load_tokenizer(job.params.model), rows, settings, seed, title
    if uses_ctranslate2(settings):
        threads, loaded = job.params.cpu_threads, partial(meter.begin, "generate")
        summaries, record, cut_off = generate_with_ctranslate2(load, *how, threads, loaded)
    else:
        model = load()
        meter.begin("generate")
        summaries, record, cut_off = generate_summaries(model, *how)
    record |= meter.costs()
    record |= speed_of(record, "generate", job.input.get("checked"), job.wildcards.method, settings["num_beams"])
    keys = ("id", "prediction", "cut_off")
    predictions = (dict(zip(keys, row, strict=True)) for row in zip(rows["id"], summaries, cut_off, strict=True))
    write_json_lines(job.output.predictions, predictions)
    write_json(job.output.record, record)


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
