"""Run a command and stay until it and everything it left behind has ended: `keeper.py TAG COMMAND ...`.

A daemon's orphans (the jobs of a killed slurmd) become children of its keeper instead of process 1, so a node's processes
are its keepers' descendants, however they detached themselves. TAG is only there to be seen in the command line.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    subprocess.Popen(sys.argv[2:])
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
