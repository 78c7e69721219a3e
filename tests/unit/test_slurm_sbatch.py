"""Submission waits for a controller that is away, and never submits twice."""

import io
import os
import stat

import pytest

from snakemake_executor_plugin_parity_slurm import sbatch

AWAY = "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)"
WRONG = "sbatch: error: invalid partition specified: nope"
ARGUMENTS = ["--parsable", "--job-name", "parity-x_1", "--wrap=python -m snakemake train"]


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """An sbatch that says `errors` one after another, then submits; what it accepted, squeue and scontrol know.

    Stands in for Slurm: an answer that is lost on its way cannot be had from a real one at will.
    """

    def stand_in(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def make(errors: list[str], accepted: dict[str, str]) -> None:
        (tmp_path / "errors").write_text("".join(f"{error}\n" for error in errors))
        for job, script in accepted.items():
            (tmp_path / f"script-{job}").write_text(script)
        stand_in(
            "sbatch",
            f"cd {tmp_path}; echo called >> calls; cat > stdin; error=$(head -n1 errors); sed -i 1d errors\n"
            '[ -z "$error" ] && echo 41 && exit 0; echo "$error" >&2; exit 1\n',
        )
        stand_in("squeue", f"printf '%s\\n' {' '.join(accepted)}")
        stand_in("scontrol", f"cat {tmp_path}/script-$3")

    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(sbatch, "SECONDS_BETWEEN_ATTEMPTS", 0)
    make.calls = lambda: len((tmp_path / "calls").read_text().splitlines())
    make.stdin = lambda: (tmp_path / "stdin").read_text()
    return make


def test_a_job_is_submitted_once_the_controller_is_back(slurm, capfd):
    slurm([AWAY, AWAY], {})
    assert sbatch.submit(ARGUMENTS, patience=60) == 0
    assert slurm.calls() == 3
    assert capfd.readouterr().out == "41\n"


def test_what_waiting_cannot_mend_fails_at_once_with_slurms_words(slurm, capfd):
    slurm([WRONG], {})
    assert sbatch.submit(ARGUMENTS, patience=60) == 1
    assert slurm.calls() == 1
    assert WRONG in capfd.readouterr().err


def test_the_patience_ends(slurm, capfd):
    slurm([AWAY] * 50, {})
    assert sbatch.submit(ARGUMENTS, patience=0) == 1
    assert "Unable to contact slurm controller" in capfd.readouterr().err


def test_a_job_whose_answer_was_lost_is_not_submitted_again(slurm, capfd):
    slurm([AWAY], {"39": "#!/bin/sh\npython -m snakemake generate\n", "40": "#!/bin/sh\npython -m snakemake train\n"})
    assert sbatch.submit(ARGUMENTS, patience=60) == 0
    assert slurm.calls() == 1
    assert capfd.readouterr().out == "40\n"


def test_another_job_of_the_run_is_not_taken_for_this_one(slurm, capfd):
    slurm([AWAY], {"39": "#!/bin/sh\npython -m snakemake train 11\n"})
    assert sbatch.submit(ARGUMENTS, patience=60) == 0
    assert capfd.readouterr().out == "41\n"


def test_a_script_on_standard_input_reaches_every_attempt(slurm, monkeypatch):
    slurm([AWAY], {})
    monkeypatch.setattr("sys.stdin", io.StringIO("#!/bin/sh\necho hello\n"))
    assert sbatch.submit([*ARGUMENTS[:3], "/dev/stdin"], patience=60) == 0
    assert slurm.calls() == 2
    assert slurm.stdin() == "#!/bin/sh\necho hello\n"
