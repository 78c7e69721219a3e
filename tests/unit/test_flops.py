"""parity.flops: a model's own products of matrices, held against a count by hand at FLAN-T5-small's shape."""

from contextlib import nullcontext

import pytest
import torch
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, TaskType, get_peft_model
from test_memory import block
from tiny import make_model
from transformers import T5Config, T5ForConditionalGeneration

from parity.examination import examine
from parity.extent import Extent
from parity.flops import count_flops, generation_flops, matmul_flops, step_flops, training_flops
from parity.models import load_model
from parity.probes import without_memory
from parity.skeletons import faked
from parity.token_counts import SUMS
from parity.traced_steps import Subject

# google/flan-t5-small's config.json.
LAYERS, WIDTH, INNER, FEED_FORWARD, VOCABULARY = 8, 512, 6 * 64, 1024, 32128


def t5_small(layers: int = LAYERS) -> Subject:
    config = T5Config(
        vocab_size=VOCABULARY,
        d_model=WIDTH,
        d_kv=64,
        d_ff=FEED_FORWARD,
        num_layers=layers,
        num_decoder_layers=layers,
        num_heads=6,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        decoder_start_token_id=0,
    )
    with torch.device("meta"):
        model = T5ForConditionalGeneration(config)
    return Subject(model, faked(model))


def by_hand(source: int, target: int, layers: int = LAYERS) -> int:
    """2 for each number that a product multiplies and adds: projections, attention's scores and sums, feed-forward, head."""
    projections = 4 * WIDTH * INNER
    dense = 3 * WIDTH * FEED_FORWARD
    encoder = layers * (source * (projections + dense) + 2 * source**2 * INNER)
    own = target * projections + 2 * target**2 * INNER
    cross = (2 * target + 2 * source) * WIDTH * INNER + 2 * target * source * INNER
    decoder = layers * (own + cross + target * dense)
    return 2 * (encoder + decoder + target * WIDTH * VOCABULARY)


def sums_of(*examples: tuple[int, int], steps: int = 1) -> dict:
    lengths = [(1, source, target, source**2, source * target, target**2) for source, target in examples]
    return dict(zip(SUMS, (steps, *map(sum, zip(*lengths, strict=True))), strict=True))


def test_flan_t5_smalls_flops_are_those_counted_by_hand():
    # Forward once, and twice as much backward: for the inputs, and for the weights.
    assert step_flops(t5_small(), (320, 50), 1, trains=True) == (by_hand(320, 50), 2 * by_hand(320, 50))


def test_the_factors_give_the_flops_of_any_examples():
    factors = count_flops(t5_small(1), (320, 50), trains=True)
    examples = [(320, 50), (17, 3), (1, 1)]
    forward = sum(by_hand(*example, layers=1) for example in examples)
    assert training_flops({"forward": factors["forward"]}, sums_of(*examples)) == forward
    assert training_flops(factors, sums_of(*examples)) == 3 * forward


def test_written_tokens_cost_what_a_cache_leaves_of_them():
    factors = count_flops(t5_small(1), (32, 8), trains=False)
    assert list(factors) == ["forward"]
    at_once = training_flops(factors, sums_of((30, 6)))
    # With a cache no token looks at those that come after it: 15 pairs of 36 fall away, in scores and in sums.
    assert generation_flops(factors, sums_of((30, 6)), 1) == at_once - 2 * 2 * 15 * INNER
    reading = training_flops(factors, sums_of((30, 0)))
    writing = generation_flops(factors, sums_of((30, 6)), 1) - reading
    assert generation_flops(factors, sums_of((30, 6)), 4) == reading + 4 * writing


ADAPTERS = {
    "lora": LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=4, target_modules=["q", "v"]),
    "dora": LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=4, target_modules=["q", "v"], use_dora=True),
    "ia3": IA3Config(task_type=TaskType.SEQ_2_SEQ_LM),
    "prompt": PromptTuningConfig(task_type=TaskType.SEQ_2_SEQ_LM, num_virtual_tokens=5),
    "prefix": PrefixTuningConfig(
        task_type=TaskType.SEQ_2_SEQ_LM, num_virtual_tokens=5, num_layers=1, token_dim=32, num_attention_heads=4
    ),
}


def adapted(name: str) -> Subject:
    with torch.device("meta"):
        model = get_peft_model(make_model(vocab_size=64, num_layers=1, num_decoder_layers=1), ADAPTERS[name])
    return Subject(model, faked(model))


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_is_found_holds_at_other_lengths_and_batches(name):
    subject = adapted(name)
    factors = count_flops(subject, (48, 20), trains=True)
    found = [training_flops({"": part}, sums_of(*[(31, 7)] * 5)) for part in factors.values()]
    assert found == list(step_flops(subject, (31, 7), 5, trains=True))


def test_an_adapter_needs_no_gradients_of_the_frozen_weights():
    model = make_model(vocab_size=64, num_layers=1, num_decoder_layers=1)
    full = sum(step_flops(Subject(model, nullcontext()), (48, 20), 2, trains=True))
    assert model.training is False and {parameter.grad for parameter in model.parameters()} == {None}
    for name in ADAPTERS:
        forward, backward = step_flops(adapted(name), (48, 20), 2, trains=True)
        assert 0.2 * forward < backward < 1.5 * forward, name
        assert forward + backward < full, name


def test_weight_products_are_counted_once_a_step():
    """DoRA makes the norm of whole weights out of its two matrices, however many examples there are."""
    lora, dora = (count_flops(adapted(name), (48, 20), trains=True)["forward"] for name in ("lora", "dora"))
    assert (lora["step"], lora["example"]) == (0, 0)
    assert dora["step"] > 0
    assert {name: dora[name] for name in SUMS[1:]} == {name: lora[name] for name in SUMS[1:]}


def test_below_the_lowest_adapter_there_is_no_backward():
    """A prefix is keys and values of the decoder alone."""
    backward = count_flops(adapted("prefix"), (48, 20), trains=True)["backward"]
    assert (backward["source_squared"], backward["source"]) == (0, 0)
    assert backward["target_squared"] > 0 and backward["source_target"] > 0


def test_virtual_tokens_cost_though_they_are_no_tokens_of_the_data():
    assert count_flops(adapted("prompt"), (48, 20), trains=False)["forward"]["example"] > 0


def test_real_weights_count_as_those_without_memory(tiny_model):
    real, without = Subject(load_model(tiny_model), nullcontext()), without_memory("full", {"kind": "full"}, tiny_model)
    assert count_flops(real, (48, 20), trains=True) == count_flops(without, (48, 20), trains=True)


@pytest.mark.parametrize("family", ["bart", "longt5_global"])
def test_other_families_are_counted(shape, family):
    subject = without_memory("full", {"kind": "full"}, shape(family))
    found = training_flops(count_flops(subject, (24, 12), trains=False), sums_of((24, 12)))
    expected, _ = step_flops(subject, (24, 12), 1, trains=False)
    assert found == pytest.approx(expected, rel=0.2 if "long" in family else 1e-6)
    assert subject.model.config._attn_implementation == load_model(shape(family)).config._attn_implementation


def test_the_check_says_it_of_a_method(tiny_model, tokens):
    found = examine("mine", block(), tiny_model, tokens)["flops"]
    subject = without_memory("mine", {"kind": "full"}, tiny_model)
    assert found == count_flops(subject, Extent.of(tokens).train, trains=True)


def test_where_memory_is_short_the_product_is_a_smaller_one(monkeypatch):
    def product(device, dtype, size):
        if size > 16:
            raise torch.OutOfMemoryError
        return 2.0

    monkeypatch.setattr("parity.flops._product_seconds", product)
    assert matmul_flops("fp32", 64) == 16**3


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_plain_product_is_measured_and_draws_nothing(precision, monkeypatch):
    monkeypatch.setattr("parity.flops.MEASURING_SECONDS", 0.0)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    # No processor does fewer, or more.
    assert 1e6 < matmul_flops(precision, 64) < 1e15
    assert torch.equal(torch.rand(1), expected)
