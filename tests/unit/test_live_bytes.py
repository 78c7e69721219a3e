"""parity.live_bytes: bytes of living tensors are counted, the same on tensors without memory as on real ones."""

import pytest
import torch
import torch.nn.functional as F

from parity.live_bytes import MMAP_THRESHOLD, LiveBytes, Peak, gpu_kernels
from parity.models import load_model
from parity.skeletons import faked, load_skeleton


def test_what_is_freed_no_longer_counts_and_views_count_once():
    with LiveBytes() as live:
        kept = torch.zeros(1000)
        view = kept.view(10, 100)[1:]
        gone = torch.zeros(500)
        del gone
        again = torch.zeros(250)
    assert live.peak == Peak(6000, 6000, 0)
    live.forget_peak()
    assert live.peak == Peak(5000, 5000, 0)
    del again, view
    live.forget_peak()
    assert live.peak.all == 4000


def test_large_tensors_are_counted_apart_and_their_peak_may_be_at_another_time():
    large = MMAP_THRESHOLD // 4 + 1
    with LiveBytes() as live:
        first = torch.empty(large)
        del first
        second = torch.empty(1000)
    assert live.peak == Peak(4 * large, 4000, 4 * large)
    assert live.peak.beside(Peak(1, 9000, 2)) == Peak(4 * large, 9000, 4 * large)
    del second


def test_what_was_there_before_is_not_counted_although_operations_return_it():
    weight = torch.zeros(1000)
    with LiveBytes() as live:
        live.ignore([weight])
        weight.add_(1)
        result = weight + 1
    assert live.peak.all == result.nbytes


def step(model, live, autocast: bool) -> Peak:
    ids = torch.full((3, 20), 5)
    mask = torch.ones_like(ids)
    mask[0, -1] = 0
    with live, torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        loss = model.train()(input_ids=ids, attention_mask=mask, labels=torch.full((3, 8), 5)).loss
    with live:
        loss.backward()
    return live.peak


@pytest.mark.parametrize("autocast", [False, True], ids=["fp32", "bf16"])
def test_a_step_without_memory_takes_as_many_bytes_as_a_real_one(tiny_model, autocast):
    real = step(load_model(tiny_model), LiveBytes(), autocast)
    skeleton = load_skeleton(tiny_model)
    with faked(skeleton):
        counted = step(skeleton, LiveBytes(), autocast)
    assert counted.all == pytest.approx(real.all, rel=0.01)
    assert counted.small == pytest.approx(real.small, rel=0.01)
    # Weights' gradients and a loss at the least.
    assert counted.all > sum(parameter.nbytes for parameter in skeleton.parameters())


def attention(rows: int, tokens: int) -> Peak:
    heads = torch.nn.Parameter(torch.empty(rows, 4, tokens, 8))
    bias = torch.nn.Parameter(torch.empty(1, 4, tokens, tokens))
    with LiveBytes() as live:
        live.ignore([heads, bias])
        result = F.scaled_dot_product_attention(heads, heads, heads, attn_mask=bias, dropout_p=0.1)
        live.forget_peak()
        del result
    return live.peak


def test_attention_on_a_gpu_keeps_no_weights_of_every_pair_of_tokens(tiny_model):
    """The kernels run without memory and so without a GPU: what is tested is what they keep for the backward."""
    rows, tokens = 2, 512
    pairs = rows * 4 * tokens * tokens * 4
    with faked(load_skeleton(tiny_model)):
        on_cpu = attention(rows, tokens).all
        with gpu_kernels():
            on_gpu = attention(rows, tokens).all
    assert on_cpu > pairs
    assert on_gpu < pairs / 10


def test_under_autocast_a_gpu_computes_norms_in_fp32_and_afterwards_all_is_as_before(tiny_model):
    before = F.layer_norm, F.scaled_dot_product_attention
    values = torch.zeros(2, 4, dtype=torch.bfloat16)
    with gpu_kernels(), torch.autocast("cpu", torch.bfloat16):
        assert F.layer_norm(values, (4,)).dtype == torch.float32
    assert F.layer_norm(values, (4,)).dtype == torch.bfloat16
    assert (F.layer_norm, F.scaled_dot_product_attention) == before
