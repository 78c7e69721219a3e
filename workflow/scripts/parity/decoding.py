"""Greedy decoding in which finished summaries leave the batch. It is a `custom_generate` for transformers' generate()."""

from __future__ import annotations

from typing import Any

import torch
from transformers import EncoderDecoderCache, GenerationConfig, LogitsProcessorList, PreTrainedModel, StoppingCriteriaList
from transformers.modeling_outputs import BaseModelOutput

# Taking rows out copies the caches of those that stay: worth it once a fourth of them has ended.
SHARE_THAT_STAYS = 0.75


class GreedyDecoding:
    """What generate() would return for num_beams 1 without sampling, with less work for it.

    generate() goes on computing finished rows until the last one of a batch has ended, and lets them write padding.
    """

    def __init__(self):
        self._tokens = 0

    def take_tokens(self) -> int:
        """The tokens that were computed since this was last asked."""
        taken, self._tokens = self._tokens, 0
        return taken

    def __call__(
        self,
        model: PreTrainedModel,
        input_ids: torch.Tensor,
        logits_processor: LogitsProcessorList,
        stopping_criteria: StoppingCriteriaList,
        generation_config: GenerationConfig,
        synced_gpus: bool = False,
        **model_kwargs: Any,
    ) -> torch.Tensor:
        """
        Args:
            input_ids: batch x 1, the decoder's start; the other arguments are as generate() makes them.
        Returns:
            batch x tokens, the start included; what has ended sooner is filled up with pad_token_id.
        """
        rows = torch.arange(len(input_ids))
        length = stopping_criteria.max_length
        written = torch.full((len(input_ids), length), generation_config.pad_token_id, dtype=input_ids.dtype)
        going_on = torch.ones(len(input_ids), dtype=torch.bool)
        outputs = model._prefill(input_ids, generation_config, model_kwargs)
        while True:
            model_kwargs = model._update_model_kwargs_for_generation(outputs, model_kwargs, is_encoder_decoder=True)
            scores = logits_processor(input_ids, outputs.logits[:, -1].to(dtype=torch.float32, copy=True))
            del outputs
            self._tokens += len(input_ids)
            input_ids = torch.cat([input_ids, scores.argmax(-1, keepdim=True)], dim=-1)
            ended = stopping_criteria(input_ids, None).cpu()
            for row in (ended & going_on).nonzero()[:, 0].tolist():
                written[rows[row], : input_ids.shape[1]] = input_ids[row].cpu()
            going_on &= ~ended
            count = int(going_on.sum())
            if not count:
                return written[:, : input_ids.shape[1]]
            if count <= SHARE_THAT_STAYS * len(input_ids) and _can_shrink(model_kwargs):
                kept = going_on.nonzero()[:, 0]
                rows, going_on = rows[kept], going_on[kept]
                input_ids = input_ids[kept.to(input_ids.device)]
                model_kwargs = _rows_of(model_kwargs, kept.to(input_ids.device))
            step = model.prepare_inputs_for_generation(input_ids, next_sequence_length=1, **model_kwargs)
            outputs = model(**step, return_dict=True)


def _can_shrink(model_kwargs: dict[str, Any]) -> bool:
    return isinstance(model_kwargs.get("past_key_values"), EncoderDecoderCache)


def _rows_of(model_kwargs: dict[str, Any], kept: torch.Tensor) -> dict[str, Any]:
    """What is passed from token to token, for some of the rows. The cache is changed in place."""
    model_kwargs["past_key_values"].batch_select_indices(kept)
    found = dict(model_kwargs)
    found["encoder_outputs"] = BaseModelOutput(last_hidden_state=model_kwargs["encoder_outputs"].last_hidden_state[kept])
    for key in ("attention_mask", "decoder_attention_mask"):
        if found.get(key) is not None:
            found[key] = found[key][kept]
    return found
