"""Write one summary a test dialogue with the pretrained, the fine-tuned or the adapted model."""

from parity.files import write_json, write_json_lines
from parity.gpu_slots import take_gpus
from parity.job import run_logged


def main(job):
    take_gpus(job, 1)
    # Here, since bitsandbytes, which PEFT imports where it is installed, asks CUDA for its GPUs at once.
    import torch
    from datasets import load_from_disk

    from parity.generation import generate_summaries
    from parity.memory_limits import refuse_what_cannot_fit
    from parity.methods import load_trained
    from parity.positions import check_method_lengths
    from parity.tokens import load_tokenizer

    torch.set_num_threads(job.params.cpu_threads)
    method, seed = job.params.method, int(job.wildcards.seed)
    refuse_what_cannot_fit(job.input.get("checked"), job.wildcards.method, "generate")
    data = load_from_disk(job.input.tokens)
    rows = data["test"]
    model = load_trained(job.params.model, job.input.get("trained"), method["kind"], method.get("quantization"))
    adapter = getattr(model, "active_peft_config", None)
    check_method_lengths(job.wildcards.method, model.config, adapter, data, method["generation"]["max_new_tokens"])
    title = f"{job.wildcards.method} seed {seed}"
    summaries, record = generate_summaries(model, load_tokenizer(job.params.model), rows, method["generation"], seed, title)
    predictions = ({"id": record_id, "prediction": text} for record_id, text in zip(rows["id"], summaries, strict=True))
    write_json_lines(job.output.predictions, predictions)
    write_json(job.output.record, record)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
