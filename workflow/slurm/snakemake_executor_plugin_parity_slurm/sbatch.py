"""sbatch that waits for a controller that is away, and never submits a job twice.

Called in place of sbatch: python -m snakemake_executor_plugin_parity_slurm.sbatch SECONDS --parsable --job-name ...
"""

from __future__ import annotations

import subprocess
import sys
import time

# What sbatch says when the controller, or the way to it, is away: waiting helps. Anything else is final.
AWAY = (
    "Unable to contact slurm controller",
    "Unable to establish controller machine",
    "Slurm backup controller in standby mode",
    "Slurm temporarily unable to accept job",
    "Zero Bytes were transmitted or received",
    "Transport endpoint is not connected",
    "Resource temporarily unavailable",
    "Socket timed out",
    "Connection refused",
    "Connection reset",
    "Connection timed out",
)
SECONDS_BETWEEN_ATTEMPTS = 5


def submit(arguments: list[str], patience: float) -> int:
    """Run sbatch with `arguments`, again and again while the controller is away, for `patience` seconds.

    Its answer may get lost although the job was accepted: before each new attempt the queue is asked for a job of this
    name with this very script, and its id is printed as sbatch would have.

    Returns:
        sbatch's exit status; what it says goes to stdout and stderr.
    """
    wrapped = "--wrap" in arguments or any(argument.startswith("--wrap=") for argument in arguments)
    script = "" if wrapped else sys.stdin.read()
    until = time.monotonic() + patience
    while True:
        done = subprocess.run(["sbatch", *arguments], input=script, capture_output=True, text=True)
        if done.returncode == 0 or not is_away(done.stderr) or time.monotonic() > until:
            sys.stdout.write(done.stdout)
            sys.stderr.write(done.stderr)
            return done.returncode
        time.sleep(SECONDS_BETWEEN_ATTEMPTS)
        name = arguments[arguments.index("--job-name") + 1]
        content = next((argument.removeprefix("--wrap=") for argument in arguments if argument.startswith("--wrap=")), script)
        if job := find_submitted(name, content):
            print(job)
            return 0


def is_away(message: str) -> bool:
    return any(text in message for text in AWAY)


def find_submitted(name: str, content: str) -> str | None:
    """The id of the waiting or running job of that name whose script is `content`, if there is one."""
    listed = subprocess.run(["squeue", "--me", "--noheader", "--name", name, "--format=%i"], capture_output=True, text=True)
    for job in listed.stdout.split():
        script = subprocess.run(["scontrol", "write", "batch_script", job, "-"], capture_output=True, text=True)
        # sbatch puts a first line of its own before a wrapped command.
        if script.stdout.strip("\0\n ").endswith(content.strip()) and content.strip():
            return job
    return None


if __name__ == "__main__":
    sys.exit(submit(sys.argv[2:], float(sys.argv[1])))
