"""parity.label_smoothing: PEFT's prompts train with label smoothing too, and the loss is the smoothed one."""

import pytest
import torch
from test_training import DEFAULTS

from parity.checkpoints import Checkpoints
from parity.label_smoothing import prompt_loss
from parity.methods import build_method, load_trained
from parity.tokens import load_tokenizer, tokenise
from parity.training import train_run

PEFT = {
    "prefix": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4},
    "prompt": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4},
    "p_tuning": {"peft_type": "P_TUNING", "num_virtual_tokens": 4},
    "lora": {"peft_type": "LORA", "r": 2},
}
SMOOTHING = 0.2
TRAIN = DEFAULTS | {
    "learning_rate": 1e-2,
    "batch_size": 1,
    "eval_batch_size": 1,
    "max_steps": 1,
    "label_smoothing_factor": SMOOTHING,
    "logging_steps": 1,
}


def smoothed(model, row) -> float:
    """(1 - e) times the negative log-likelihood, and e times its mean over the vocabulary, per token."""
    with torch.no_grad():
        outputs = model.eval()(input_ids=torch.tensor([row["input_ids"]]), labels=torch.tensor([row["labels"]]))
    log_likelihood = outputs.logits[0].log_softmax(-1)
    right = log_likelihood[range(len(row["labels"])), row["labels"]]
    return -((1 - SMOOTHING) * right + SMOOTHING * log_likelihood.mean(-1)).mean().item()


@pytest.mark.parametrize("family", ["t5", "bart", "pegasus", "longt5_global"])
@pytest.mark.parametrize("method", PEFT)
def test_the_loss_is_the_smoothed_one(shape, splits, tmp_path, family, method):
    folder, block = shape(family), {"kind": "peft", "peft": PEFT[method]}
    tokenizer = load_tokenizer(folder)
    data, _ = tokenise(splits, tokenizer, "{dialogue}", 100, 32)
    data["validation"] = data["validation"].select([0])
    checkpoints = Checkpoints(str(tmp_path / "checkpoints"), "study", method, 3, "key")
    record = train_run(method, 3, block | {"train": TRAIN}, folder, tokenizer, data, tmp_path / "model", checkpoints, 0)

    trained = load_trained(folder, str(tmp_path / "model"), "peft")
    assert record["eval_loss"][0]["eval_loss"] == pytest.approx(smoothed(trained, data["validation"][0]), rel=1e-4)


def test_only_prompts_with_smoothing_get_a_loss_of_their_own(shape):
    prompt = build_method("prompt", {"kind": "peft", "peft": PEFT["prompt"]}, shape("t5"))
    lora = build_method("lora", {"kind": "peft", "peft": PEFT["lora"]}, shape("t5"))
    assert prompt_loss(prompt, SMOOTHING) is not None
    assert prompt_loss(prompt, 0) is None
    assert prompt_loss(lora, SMOOTHING) is None
    assert prompt_loss(build_method("full", {"kind": "full"}, shape("t5")), SMOOTHING) is None
