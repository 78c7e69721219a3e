"""Less memory than there is: of the GPU by torch's allocator, without one of the process by the kernel."""

from __future__ import annotations

import gc
import io
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass
class Most:
    """The most bytes that were held meanwhile; on a CPU beside those held before."""

    bytes: float = 0


@contextmanager
def most_memory() -> Iterator[Most]:
    most = Most()
    if not torch.cuda.is_available():
        before = _of_process("VmSize")
        yield most
        most.bytes = _of_process("VmPeak") - before
        return
    _forget()
    torch.cuda.reset_peak_memory_stats()
    yield most
    most.bytes = torch.cuda.max_memory_reserved()


@contextmanager
def limit_memory(size: float) -> Iterator[None]:
    """Let what is inside hold so many bytes of the GPU, or of the machine beside those that the process holds."""
    _forget()
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(size / torch.cuda.get_device_properties(0).total_memory)
        yield
        torch.cuda.set_per_process_memory_fraction(1.0)
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (int(_of_process("VmData") + size), hard))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


@contextmanager
def said_by() -> Iterator[io.StringIO]:
    """What is printed inside, which goes to the log as well."""
    said = io.StringIO()
    with redirect_stdout(said):
        yield said
    sys.stdout.write(said.getvalue())


def _forget() -> None:
    gc.collect()
    torch.cuda.empty_cache()


def _of_process(name: str) -> int:
    return 1024 * int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1])
