"""The command line of an sbatch call: paths and names of a study reach sbatch as they are, whatever they hold."""

import shlex
import subprocess

import pytest
from hostile import CHARACTERS, LATEX, SHELL, TEMPLATES
from snakemake_executor_plugin_slurm.submit_string import get_submit_command
from test_slurm_gpu_request import job

from snakemake_executor_plugin_parity_slurm import memory


@pytest.mark.parametrize("text", [text for text in (*SHELL, *LATEX, *TEMPLATES, *CHARACTERS) if "\0" not in text])
def test_no_path_or_name_is_run_by_the_shell_that_calls_sbatch(tmp_path, text):
    (tmp_path / "sbatch").write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    (tmp_path / "sbatch").chmod(0o755)
    params = {
        "run_uuid": f"parity-{text}",
        "slurm_logfile": f"/a folder/{text}.log",
        "comment_str": f"rule_train_wildcards_{text}",
        "account": f" -A {shlex.quote(text)}",
        "partition": f" -p {shlex.quote(text)}",
        "workdir": f"/a folder/{text}",
    }
    call = memory.within_limit(get_submit_command(job(mem_mb=1000, runtime=5), params), 500)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    said = subprocess.run(call, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    arguments = said.split("\0")
    for value in params.values():
        assert (shlex.split(value)[1] if value.startswith(" -") else value) in arguments
    assert "--mem" in arguments and arguments[arguments.index("--mem") + 1] == "500"
    assert [path.name for path in tmp_path.iterdir()] == ["sbatch"]
