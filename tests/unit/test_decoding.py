"""parity.decoding: what generate() gives, with finished rows out of the batch."""

from __future__ import annotations

import pytest
import torch
from shapes import FAMILIES

from parity.decoding import GreedyDecoding
from parity.generation import generation_config
from parity.models import load_model

# Of the tiny model.
EOS = 1
GREEDY = {"max_new_tokens": 24, "num_beams": 1, "do_sample": False}


def inputs(vocabulary: int) -> dict[str, torch.Tensor]:
    ids = torch.randint(5, vocabulary, (12, 14), generator=torch.Generator().manual_seed(2))
    mask = torch.ones_like(ids)
    for row in range(12):
        mask[row, 14 - row :] = 0
    return {"input_ids": ids, "attention_mask": mask}


def ends_here_and_there(input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """A processor by which a row ends at a place that follows from its own tokens."""
    ending = (input_ids * torch.arange(1, input_ids.shape[1] + 1)).sum(1) % 7 == 3
    scores[ending, EOS] = 1e4
    return scores


@pytest.mark.parametrize("settings", [
    {},
    {"min_new_tokens": 6},
    {"no_repeat_ngram_size": 2},
    {"repetition_penalty": 1.3},
])  # fmt: skip
@pytest.mark.parametrize("family", FAMILIES)
def test_the_tokens_are_those_of_generate(shape, family, settings):
    model = load_model(shape(family)).eval()
    config = generation_config(model, GREEDY | settings)
    given = inputs(model.config.vocab_size)
    expected = model.generate(**given, generation_config=config)
    found = model.generate(**given, generation_config=config, custom_generate=GreedyDecoding())
    assert torch.equal(found, expected)


def test_finished_rows_leave_the_batch(tiny_model, monkeypatch):
    model = load_model(tiny_model).eval()
    config, given = (
        generation_config(model, GREEDY),
        inputs(model.config.vocab_size) | {"logits_processor": [ends_here_and_there]},
    )
    expected = model.generate(**given, generation_config=config)
    lengths = {(row == EOS).nonzero()[0, 0].item() if (row == EOS).any() else 0 for row in expected}
    assert len(lengths) > 3
    sizes = []
    decoder = model.decoder.forward

    def watched(*arguments, **named):
        sizes.append(len(named["input_ids"]))
        return decoder(*arguments, **named)

    monkeypatch.setattr(model.decoder, "forward", watched)
    decoding = GreedyDecoding()
    found = model.generate(**given, generation_config=config, custom_generate=decoding)
    assert torch.equal(found, expected)
    assert decoding.take_tokens() == sum(sizes)
    assert decoding.take_tokens() == 0
    assert sizes[0] == 12 and sizes[-1] < 9
    assert sizes == sorted(sizes, reverse=True)
