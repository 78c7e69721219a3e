"""What a model card says of a run, part by part."""

from __future__ import annotations

from pathlib import Path

from .config import Run
from .finished_study import FinishedStudy
from .results import METRICS
from .sources import hub_source
from .wording import counted, integer, markdown, metric_name, number

EMBEDDED_MODEL = "resources/quickstart/model"
# The exported folder, in the lines of Python that use it.
FOLDER = "this-folder"


def what_it_is(study: FinishedStudy, run: Run) -> str:
    record, base = study.records[run], _base(study)
    if record["kind"] == "full":
        return f"All weights of {base}, fine-tuned"
    training = record["training"]
    return (
        f"An adapter ({record['settings']['peft']['peft_type']}, {integer(training['trainable'])} parameters,"
        f" {training['trainable_percent']:.3g} % of the base model's) over {base}"
    )


def usage_of(study: FinishedStudy, run: Run) -> dict[str, str]:
    """Lines of Python that write a summary as the study did, and what to know of them."""
    record, model = study.records[run], hub_source(study.config, "model")
    adapter, task = record["kind"] == "peft", record["task"]
    name, revision = (repr(model.repo_id), f", revision={model.commit!r}") if model else ('"<folder of the base model>"', "")
    settings = record["settings"]["generation"]
    decoding = {
        key: value for key, value in settings.items() if key not in ("backend", "batch_size", "compute_type", "precision")
    }
    load = (
        f"model = AutoModelForSeq2SeqLM.from_pretrained({name}{revision})"
        if adapter
        else f"model = AutoModelForSeq2SeqLM.from_pretrained({FOLDER!r})"
    )
    lines = [
        *(["from peft import PeftModel"] if adapter else []),
        "from transformers import AutoModelForSeq2SeqLM, AutoTokenizer",
        "",
        f"tokenizer = AutoTokenizer.from_pretrained({FOLDER!r})",
        load,
        *([f"model = PeftModel.from_pretrained(model, {FOLDER!r})"] if adapter else []),
        "model.eval()",
        f"prompt = {task['prompt']!r}",
        'text = prompt.replace("{dialogue}", dialogue)',
        f'inputs = tokenizer(text, truncation=True, max_length={task["max_source_length"]}, return_tensors="pt")',
        f"ids = model.generate(**inputs, {', '.join(f'{key}={value!r}' for key, value in decoding.items())})",
        "print(tokenizer.decode(ids[0], skip_special_tokens=True))",
    ]
    note = f"`{FOLDER}` is this folder, or its id on the hub; `dialogue` a text, an utterance a line."
    if adapter and record["settings"].get("quantization"):
        note += f" The adapter was trained over base weights in few bits: `{record['settings']['quantization']}`."
    return {"usage": "\n".join(lines), "usage_note": note}


def scores_of(study: FinishedStudy, run: Run, own: dict[str, tuple[float, float, float]]) -> dict[str, str]:
    """The table of this run's scores beside its method's, and what the method's column says."""
    seeds = len(study.runs_of(run.method))
    rows = []
    for metric in METRICS:
        row = {"Metric": metric_name(metric), "This run": _with_bounds(*own[metric])}
        if seeds > 1:
            found = study.estimates.loc[(run.method, metric)]
            row[f"`{run.method}` over {seeds} seeds"] = _with_bounds(found["mean"], found["low"], found["high"])
        rows.append(row)
    if seeds > 1:
        text = f"The last column is what `{run.method}` scores on average when it is trained again with new seeds: what to expect of the recipe."
    else:
        text = f"`{run.method}` was trained with one seed: nothing is known of what another one would give."
    return {"scores": markdown(rows), "method_column": text}


def choice_of(study: FinishedStudy, run: Run) -> str:
    runs = study.runs_of(run.method)
    losses = {one.seed: study.records[one]["training"]["eval_loss"] for one in runs}
    kind = study.records[run]["kind"]
    rivals = [name for name in study.trained_methods if name != run.method and study.config["methods"][name]["kind"] == kind]
    if len(runs) == 1:
        text = f"`{run.method}` was trained with the seed {run.seed} alone; its evaluation loss on the validation split is {losses[run.seed]:.4f}."
    else:
        listed = ", ".join(f"{loss:.4f} (seed {seed})" for seed, loss in losses.items())
        text = f"Of the {len(runs)} seeds of `{run.method}`, this one has the lowest evaluation loss on the validation split: {listed}."
    if rivals:
        best = {name: min(study.records[one]["training"]["eval_loss"] for one in study.runs_of(name)) for name in rivals}
        listed = ", ".join(f"{loss:.4f} (`{name}`)" for name, loss in best.items())
        text += f" The lowest ones of the study's other methods of this kind: {listed}."
    return text


def data_of(study: FinishedStudy) -> str:
    source, digests = hub_source(study.config, "data"), study.audit["digests"]
    name = (
        f"`{source.repo_id}` at `{source.commit}` on the hub"
        if source
        else f"Files of whoever trained this (`{place_of(study, 'data')}`)"
    )
    return f"{name}. SHA-256 over all records: `{digests['data']}`; over those that were used: `{digests['data_used']}`."


def splits_of(study: FinishedStudy) -> str:
    return markdown(
        [
            {
                "Split": name,
                "Dialogues in the file": integer(split["loaded"]),
                "Used": integer(split["used"]),
                "References": integer(split["references"]),
                "Inputs cut": integer(split["truncation"]["sources"]["truncated"]),
                "Targets cut": integer(split["truncation"]["targets"]["truncated"]),
            }
            for name, split in study.audit["splits"].items()
        ]
    )


def recipe_of(study: FinishedStudy, run: Run) -> str:
    training, task = study.records[run]["training"], study.records[run]["task"]
    minutes = training["seconds_by_phase"]["train"] / 60
    interrupted = f", going on after {counted(len(training['resumed']), 'interruption')}" if training["resumed"] else ""
    return (
        f"{counted(training['steps'], 'step')} in {training['precision']}, {number(minutes, 1)} minutes of training{interrupted}, on"
        f" {_device(training)}. The seed {run.seed} drew the order of examples, the dropout and what an adapter begins with."
        f" Inputs have at most {task['max_source_length']} tokens, targets {task['max_target_length']}. Every setting, resolved:"
    )


def limitations_of(study: FinishedStudy, run: Run) -> list[str]:
    record, splits = study.records[run], study.audit["splits"]
    task, generation, leaked = record["task"], record["generation"], study.audit["leaked"]
    cut, length = splits["test"]["truncation"]["sources"]["truncated"], task["max_source_length"]
    found = [
        "ROUGE counts words that a summary shares with a reference. It says nothing of whether the summary is true: nobody has read"
        " these summaries for facts that are not in the dialogue.",
        "The scores are for dialogues like the test split's. Other lengths, topics or languages were not tried.",
        f"Inputs beyond {length} tokens are cut at the end, and the end is not summarised: {cut} of {counted(splits['test']['used'], 'test dialogue')}.",
        f"Of the test summaries, {generation['empty']} are empty and {generation['cut_off']} ended at {record['settings']['generation']['max_new_tokens']} tokens.",
    ]
    if leaked["found"]:
        kept = "were left out of training" if leaked["dropped"] else "stayed in training, so that the scores flatter"
        found.append(f"{counted(leaked['found'], 'training dialogue')} had a near-duplicate in validation or test and {kept}.")
    if len(study.runs_of(run.method)) == 1:
        found.append("One seed: the spread over seeds is not known.")
    if hub_source(study.config, "model") is None:
        digest = record["provenance"]["digests"]["model"]
        needed = " Without that model the adapter is of no use." if record["kind"] == "peft" else ""
        found.append(
            f"The base model is no repository of the hub, but a folder of whoever trained this, SHA-256 `{digest}`.{needed}"
        )
    if study.config["model"]["name_or_path"] == EMBEDDED_MODEL:
        found.append("The base model is the small stand-in that ships with Parity: its scores say nothing of any other model.")
    found.append(
        "No licence is named here. The terms of the base model and of the data hold for what was learned from them: set `license`"
        " above before you publish."
    )
    return found


def origin_of(study: FinishedStudy, run: Run) -> str:
    provenance = study.records[run]["provenance"]
    code, packages = provenance["code"], provenance["packages"]
    commit = (
        f"at commit `{code['commit']}`" + (" with uncommitted changes" if code["dirty"] else "")
        if code["commit"]
        else "outside a git checkout"
    )
    versions = ", ".join(
        f"{name} {packages[name]}" for name in ("torch", "transformers", "peft", "datasets") if packages.get(name)
    )
    return (
        f"Parity {commit}; {versions}. `records/` holds the run's settings, digests, costs, summaries and scores of every dialogue,"
        " and the study's config, tables and verdict."
    )


def _base(study: FinishedStudy) -> str:
    source = hub_source(study.config, "model")
    return f"`{source.repo_id}` at `{source.commit}`" if source else f"the model in the folder `{place_of(study, 'model')}`"


def place_of(study: FinishedStudy, key: str) -> str:
    """The folder of the study's own model or data, but of an absolute path, which is nobody's business, the last name."""
    path = Path(study.config[key]["name_or_path"])
    return path.name if path.is_absolute() else str(path)


def _device(training: dict) -> str:
    if training["device"] == "cpu":
        return f"a CPU ({training['machine']['processor']}, {counted(training['machine']['cores'], 'core')})"
    return f"{counted(training['processes'], 'GPU')} ({training['device']})"


def _with_bounds(value: float, low: float, high: float) -> str:
    return f"{number(value, 2)} [{number(low, 2)}, {number(high, 2)}]"
