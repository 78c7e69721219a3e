"""The memory that a job asks for: what was estimated, but no more than the site allows and a node has.

An estimate beyond that is said before the job is submitted; what no GPU there can hold is not submitted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .cluster import Cluster, number, request_of, suitable_nodes

# Resources that profiles set from profiles/site.yaml: MB of the largest node to use, and of one GPU (0: not known).
LIMIT, GPU_LIMIT = "max_mem_mb", "max_gpu_mem_mb"
# Resources that the rules estimate: MB of the machine, of each GPU, and of each GPU if a batch is split as far as can be.
ASKED, GPU_ASKED, GPU_LEAST = "mem_mb", "gpu_mem_mb", "least_gpu_mem_mb"
LESS_HOST = "Fewer processes (gpus_per_run) and, for kind peft, quantization need less"
LESS_GPU = "gradient_checkpointing: true, more gradient_accumulation_steps and a smaller max_source_length need less"
LESS_WEIGHTS = "fsdp: true with more gpus_per_run, another kind (peft) and, for kind peft, quantization need less"


def limit_mb(resources: Mapping[str, Any], here: Cluster) -> int | None:
    """The most that a job whose memory is estimated may ask for; None for others, which ask for what somebody wrote."""
    set_by_site = number(resources.get(LIMIT))
    if not set_by_site:
        return None
    nodes = suitable_nodes(here, request_of(resources))
    return min([set_by_site, *([max(node.mem_mb for node in nodes)] if nodes else [])])


def limited(resources: Mapping[str, Any], here: Cluster) -> dict[str, Any]:
    """A job's resources as it asks for them."""
    limit, asked = limit_mb(resources, here), number(resources.get(ASKED))
    return dict(resources.items()) | ({ASKED: min(limit, asked)} if limit else {})


def within_limit(call: str, limit: int | None) -> str:
    """An sbatch call that asks for no more memory than `limit`."""
    if limit is None:
        return call
    return re.sub(r" --mem (\d+)", lambda found: f" --mem {min(int(found[1]), limit)}", call, count=1)


def beyond_limits(resources: Mapping[str, Any], here: Cluster) -> list[str]:
    """What of a job's estimate is beyond the limits, in sentences, and what helps."""
    found = []
    asked, limit = number(resources.get(ASKED)), limit_mb(resources, here)
    if limit is not None and asked > limit:
        found.append(f"an estimated {asked} MB of memory, of which {limit} are asked for: no node has more. {LESS_HOST}")
    gpu_asked, gpu_limit = number(resources.get(GPU_ASKED)), number(resources.get(GPU_LIMIT))
    if gpu_limit and gpu_asked > gpu_limit:
        found.append(f"an estimated {gpu_asked} MB of a GPU, which has {gpu_limit}: batches will be split. {LESS_GPU}")
    return found


def hopeless(resources: Mapping[str, Any]) -> str:
    """Why a job cannot run on the site's GPUs, and what helps; empty where it can, or where that is not known."""
    least, limit = number(resources.get(GPU_LEAST)), number(resources.get(GPU_LIMIT))
    if not limit or least <= limit:
        return ""
    return f"weights, gradients and optimiser alone take {least} MB of a GPU, which has {limit}. {LESS_WEIGHTS}"
