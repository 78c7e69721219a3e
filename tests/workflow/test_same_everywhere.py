"""The same study in another folder, on other cores, in another place and language: the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from crashes import STUDIES
from final_results import differences, final_results
from project import Project


def turkish(folder: Path) -> dict[str, str]:
    """An environment with numbers like 0,5 and a lower case of I that is no i, where that can be made."""
    command = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")]
    if shutil.which("localedef") and subprocess.run(command, capture_output=True).returncode == 0:
        return {"LOCPATH": str(folder), "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    return {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def test_two_copies_give_the_same_bytes_whatever_is_around_them(small, tmp_path):
    there = Project(tmp_path / "another folder, with a longer name" / "of the project")
    there.edit_config(STUDIES["small"].edit)
    # A date of its own for every file, and only the owner may read them.
    around = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711", "HOME": str(tmp_path), "COLUMNS": "40"}
    done = subprocess.run(
        there.command("--cores", "1"),
        cwd=there.folder,
        env=there.environment() | around | turkish(tmp_path),
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    one, other = (final_results(project.folder / "results/small") for project in (small, there))
    assert len(one) > 40 and differences(one, other) == []


TRAIN = """
import os, sys
os.sched_setaffinity(0, [int(core) for core in sys.argv[3].split(",")])
from pathlib import Path
from parity.config import method_block
from parity.training_process import Request
import yaml
from parity import config as study
config = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8"))
study.check_config(config, "config.yaml")
config["train"]["max_steps"] = 2
block = method_block(config, "full")
checkpoints = {"folder": sys.argv[1] + "-checkpoints", "study": "s", "method": "full", "seed": 1, "key": "k"}
model = config["model"]["name_or_path"]
record = Request("full", 1, block, model, "results/small/data/tokens", sys.argv[1], checkpoints, 0, int(sys.argv[2])).train()
print("threads", record["cpu_threads"])
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="with one core there is nothing to choose from")
def test_the_threads_that_the_config_names_decide_and_not_the_cores_that_there_are(small, tmp_path):
    cores = sorted(os.sched_getaffinity(0))[:2]
    weights = {}
    for threads, where in ((2, cores[:1]), (2, cores)):
        out = tmp_path / f"{threads}-threads-on-{len(where)}"
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, str(out), str(threads), ",".join(map(str, where))],
            cwd=small.folder,
            env=small.environment() | {"PYTHONPATH": "workflow/scripts"},
            capture_output=True,
            text=True,
        )
        assert f"threads {threads}\n" in done.stdout, done.stderr
        weights[out.name] = (out / "model.safetensors").read_bytes()
    assert weights["2-threads-on-1"] == weights["2-threads-on-2"]
