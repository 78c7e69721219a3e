"""Score one run's predictions. Writes rouge.json and the scores of every dialogue."""

from pathlib import Path

from parity.costs import Meter
from parity.data import read_records
from parity.files import file_digest, read_json, read_json_lines, whole, write_json
from parity.job import run_logged
from parity.provenance import describe_code, describe_machine, describe_packages, now


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.results import result_record
    from parity.rouge import mean_scores, score_dialogues

    meter = Meter()
    rows = read_json_lines(Path(job.input.predictions))
    records = read_records(job.input.test)
    meter.begin("score")
    scores = score_dialogues(rows, records, job.params.scoring["backend"])
    scoring = job.params.scoring | meter.costs()
    provenance = {
        "finished": now(),
        "code": describe_code(Path(__file__).parent),
        "packages": describe_packages(),
        "machine": describe_machine(),
        "digests": read_json(job.input.audit)["digests"]
        | {"code": job.params.code_digests, "predictions": file_digest(job.input.predictions)},
    }
    record = result_record(
        job.params.study,
        job.wildcards.method,
        int(job.wildcards.seed) if job.params.seeded else None,
        job.params.method,
        mean_scores(scores),
        {
            "dialogues": len(records),
            "references": sum(len(record.references) for record in records),
            "predictions": len(rows),
            "empty_predictions": sum(not row["prediction"] for row in rows),
        },
        _read_if_there(job.input.get("training")),
        _read_if_there(job.input.get("generation")),
        scoring,
        provenance,
        job.params.task,
    )
    with whole(Path(job.output.scores)) as place:
        scores.to_csv(place, index=False)
    write_json(job.output.record, record)


def _read_if_there(path):
    return read_json(path) if path else None


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
