"""Look at a study whose seeds are added until its questions are settled: what is answered by now, and who gets more seeds."""

from pathlib import Path

from parity.files import file_digest, write_json
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.comparison import read_study
    from parity.looks import take_look

    config = job.params.config
    runs = [(path.parents[1].name, path) for path in map(Path, job.input.scores)]
    study = read_study(runs, set(job.params.deterministic))
    digests = {f"{path.parents[1].name}/{path.parent.name}": file_digest(path) for _, path in runs}
    of_metric = study.scores[config["comparison"]["primary_metric"]]
    number, folder = int(job.wildcards.look), Path(job.output[0]).parents[1]
    record = take_look(number, of_metric, job.params.with_seeds, digests, config, folder)
    write_json(job.output[0], record)
    for question in record["questions"]:
        pair = " against ".join(question["contrast"])
        p = f"p = {question['p']:.4g}, over all looks {question['p_looks']:.4g}"
        print(f"{question['question']}, {pair}: {question['answer'] or 'open'} ({p})", flush=True)
    further = ", ".join(f"{name} {count}" for name, count in (record["next"] or {}).items())
    now = f"Look {number} of at most {record['planned_looks']}"
    print(f"{now}: {record['stopped'] or f'seeds now {further}'}", flush=True)


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
