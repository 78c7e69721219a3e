"""Load, audit, drop, subsample and tokenise the data: once, for all runs.

Writes a .jsonl a split (id, dialogue, references), the token ids as a DatasetDict, and the audit.
"""

from pathlib import Path

from parity.audit import empty_fields, leaked_ids, near_duplicates, without_empty
from parity.data import SPLITS, canonical_digest, check_digest, load_split, record_rows, subsample
from parity.files import whole, write_json, write_json_lines
from parity.hub import check_fetched
from parity.job import run_logged


def main(job):
    # Here, since run_logged has switched the hub off by now.
    from parity.models import check_model_digest, check_model_folder
    from parity.positions import check_lengths

    data = job.params.data
    model = check_model_folder(job.params.model)
    check_lengths(model, job.params.max_source_length, job.params.max_target_length)
    folder = Path(job.params.data_folder)
    for fetched in (job.params.model, folder):
        check_fetched(fetched)
    model_is = check_model_digest(job.params.model, job.params.model_digest)
    loaded = {split: load_split(folder / data["splits"][split], split, data["columns"]) for split in SPLITS}
    digest = check_digest(loaded, data["digest"], data["name_or_path"])
    used = without_empty(loaded, data["name_or_path"])
    leaked = leaked_ids(used)
    if data["drop_leaked"]:
        used["train"] = [record for record in used["train"] if record.id not in leaked]
    used = {split: subsample(used[split], data[f"max_{split}_samples"], data["sample_seed"]) for split in SPLITS}
    tokens, truncation = tokens_of(used, model, job.params)
    audit = {
        "digests": {"data": digest, "data_used": canonical_digest(used), "model": model_is},
        "splits": {
            split: {
                "loaded": len(loaded[split]),
                "used": len(used[split]),
                "references": sum(len(record.references) for record in used[split]),
                "empty": empty_fields(loaded[split]),
                "truncation": truncation[split],
            }
            for split in SPLITS
        },
        "near_duplicates": near_duplicates(loaded),
        "leaked": {"found": len(leaked), "dropped": len(leaked) if data["drop_leaked"] else 0},
    }
    for split in SPLITS:
        write_json_lines(job.output[split], record_rows(used[split]))
    with whole(Path(job.output.tokens)) as place:
        tokens.save_to_disk(place)
    write_json(job.output.audit, audit)
    print(f"{audit['leaked']['found']} training dialogues also stand in validation or test; {audit['leaked']['dropped']} dropped")


def tokens_of(used, model, params):
    """The datasets and truncation of `tokenise`, once model and tokenizer are seen to belong together."""
    from parity.fit import check_special_tokens, check_tokens
    from parity.tokens import load_tokenizer, tokenise

    tokenizer = load_tokenizer(params.model)
    check_special_tokens(model, tokenizer, params.model)
    tokens, truncation = tokenise(used, tokenizer, params.prompt, params.max_source_length, params.max_target_length)
    check_tokens(tokens, model, tokenizer, params.model)
    return tokens, truncation


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
