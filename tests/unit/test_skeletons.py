"""parity.skeletons: a model without its weights' memory is the model in all that can be counted, and damage is still found."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BartConfig, BartForConditionalGeneration

from parity.errors import InputError
from parity.models import load_model
from parity.skeletons import NeedsValues, faked, load_skeleton, without_values


@pytest.fixture
def copy(tiny_model, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def shapes(model: torch.nn.Module) -> dict:
    """Every parameter by all names that it has: shared ones have several."""
    named = model.named_parameters(remove_duplicate=False)
    return {name: (tuple(tensor.shape), tensor.dtype, tensor.requires_grad) for name, tensor in named}


def ties(model: torch.nn.Module) -> set[frozenset[str]]:
    names: dict[int, set[str]] = {}
    for name, tensor in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(tensor), set()).add(name)
    return {frozenset(group) for group in names.values() if len(group) > 1}


def outcome(load, folder) -> tuple | str:
    try:
        model = load(str(folder))
    except InputError as error:
        return str(error)
    return shapes(model), ties(model)


def rewrite(folder: Path, change) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def set_config(folder: Path, **changes) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


DAMAGES = {
    "none": lambda folder: None,
    "cut off": lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-100]),
    "no header": lambda folder: (folder / "model.safetensors").write_bytes(b"12345"),
    "a tensor missing": lambda folder: rewrite(folder, lambda it: it.pop("encoder.block.0.layer.0.SelfAttention.q.weight")),
    "other sizes": lambda folder: set_config(folder, d_ff=128),
    "more layers": lambda folder: set_config(folder, num_layers=3),
    # Two tensors that the config ties lie there with other values, or with the same.
    "an untied head": lambda folder: set_config(folder, tie_word_embeddings=True),
    "a head stored twice": lambda folder: (
        set_config(folder, tie_word_embeddings=True),
        rewrite(folder, lambda it: it.update({"lm_head.weight": it["shared.weight"].clone()})),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_skeleton_is_what_loading_the_weights_gives_or_is_refused_in_the_same_words(copy, damage):
    damage(copy)
    assert outcome(load_skeleton, copy) == outcome(load_model, copy)


def test_a_missing_part_of_the_weights_is_found(tiny_model, tmp_path):
    load_model(tiny_model).save_pretrained(tmp_path, max_shard_size="20KB")
    assert outcome(load_skeleton, tmp_path) == outcome(load_model, tmp_path)
    sorted(tmp_path.glob("model-*.safetensors"))[1].unlink()
    assert "cannot be loaded" in outcome(load_skeleton, tmp_path)


def test_a_tied_head_stays_tied_without_values(tmp_path):
    sizes = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    BartForConditionalGeneration(BartConfig(vocab_size=40, d_model=16, **sizes, **heads)).save_pretrained(tmp_path)
    skeleton = load_skeleton(str(tmp_path))
    before = ties(skeleton)
    faked(skeleton)
    assert any("lm_head.weight" in group for group in before)
    assert ties(skeleton) == before == ties(load_model(str(tmp_path)))


def test_a_skeleton_has_no_values_and_once_faked_computes_shapes(tiny_model):
    skeleton = load_skeleton(tiny_model)
    assert {parameter.device.type for parameter in skeleton.parameters()} == {"meta"}
    with faked(skeleton):
        logits = skeleton(input_ids=torch.ones(3, 7, dtype=torch.long), labels=torch.ones(3, 5, dtype=torch.long)).logits
    assert logits.shape == (3, 5, skeleton.config.vocab_size)
    assert logits.device.type == "cpu"


def test_what_asks_for_a_value_is_told_from_other_errors(tiny_model):
    skeleton = load_skeleton(tiny_model)
    mode = faked(skeleton)
    with pytest.raises(NeedsValues), without_values(), mode:
        skeleton.shared.weight.sum().item()
    with pytest.raises(RuntimeError, match="reduction dim"), without_values(), mode:
        skeleton.shared.weight @ torch.ones(3, 3)
