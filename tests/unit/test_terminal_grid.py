"""The logger plugin: Snakemake's messages about jobs in a line each, and a grid that wipes nothing out."""

from __future__ import annotations

import logging
import os
import sys

import pytest
import yaml
from on_terminal import on_terminal
from project import ROOT
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_parity.messages import short

PATH = os.pathsep.join(str(ROOT / folder) for folder in ("workflow/scripts", "workflow/terminal"))
# As Snakemake makes it, and the Snakefile begins it.
SCRIPT = """
import logging, os, subprocess, sys, types, yaml
import snakemake_logger_plugin_parity as plugin
from parity.config import check_config

settings = types.SimpleNamespace(nocolor=False, stdout=False, dryrun={dryrun})
handler = plugin.LogHandler(settings, None)
handler.setFormatter(logging.Formatter("%(message)s"))
log = logging.getLogger("study")
log.addHandler(handler)
log.warning("before the study")
config = yaml.safe_load(open("config.yaml"))
check_config(config, "config.yaml")
plugin.begin(config)
log.warning("while it runs")
os.write(2, b"an error of a job\\n")
print("terminal of a job:", os.isatty(1), os.isatty(2), flush=True)
subprocess.run(["sh", "-c", "echo from a child; printf 'no line end' >&2"])
handler.close()
print("afterwards", os.isatty(1), os.isatty(2), flush=True)
"""


def record(event: LogEvent | None, message: str = "", **values) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", logging.INFO, __file__, 1, message, None, None)
    made.__dict__.update({"event": event} | values)
    return made


def test_a_jobs_messages_are_a_line_each_and_what_the_grid_shows_is_not_said():
    jobs: dict[int, str] = {}
    begins = record(
        LogEvent.JOB_INFO, jobid=7, rule_name="train", wildcards={"method": "full", "seed": "1"}, reason="Missing output files: x"
    )
    assert short(begins, jobs).endswith("  begins  train full seed 1")
    assert short(record(LogEvent.JOB_FINISHED, job_id=7), jobs).endswith("  done    train full seed 1")
    changed = record(LogEvent.JOB_INFO, jobid=8, rule_name="prepare", wildcards={}, reason="Params have changed")
    assert short(changed, jobs).endswith("  begins  prepare  (Params have changed)")
    for silent in (record(LogEvent.PROGRESS, done=1, total=2), record(None, "Select jobs to execute...")):
        assert short(silent, jobs) == ""


@pytest.mark.parametrize("event", [None, LogEvent.JOB_ERROR, LogEvent.ERROR, LogEvent.RUN_INFO, LogEvent.SHELLCMD])
def test_errors_and_all_else_are_left_as_snakemake_says_them(event):
    assert short(record(event, "what went wrong"), {}) is None


@pytest.fixture
def folder(tmp_path):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return tmp_path


def run(folder, dryrun: bool = False) -> tuple[int, str]:
    script = SCRIPT.format(dryrun=dryrun)
    return on_terminal([sys.executable, "-c", script], folder, os.environ | {"PYTHONPATH": PATH})


def test_all_that_is_said_stands_above_the_grid_and_the_terminal_is_given_back(folder):
    status, text = run(folder)
    lines = text.splitlines()
    assert status == 0
    for said in ("before the study", "while it runs", "an error of a job", "from a child", "no line end"):
        assert said in lines, text
    # A job must not draw there what the grid would wipe out.
    assert "terminal of a job: False False" in lines
    assert "quickstart: 0 of 10 runs scored, 10 waiting" in lines
    assert lines[-1] == "afterwards True True"
    last_grid = len(lines) - 1 - lines[::-1].index("quickstart: 0 of 10 runs scored, 10 waiting")
    assert last_grid > max(lines.index(said) for said in ("no line end", "terminal of a job: False False"))


def test_a_dry_run_has_no_grid(folder):
    status, text = run(folder, dryrun=True)
    assert status == 0 and "terminal of a job: True True" in text and "10 waiting" not in text
