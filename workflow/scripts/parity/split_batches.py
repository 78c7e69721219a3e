"""A Trainer whose batch_size means the same however a batch is split, over processes and in time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from datasets import Dataset, concatenate_datasets
from torch.utils.data import BatchSampler, DataLoader, Sampler
from transformers import Seq2SeqTrainer
from transformers.trainer_utils import EvalLoopOutput

from .extent import lengths
from .ranks import Ranks
from .similar_lengths import EpochOrder, by_length
from .target_loss import has_plain_loss, is_target, target_loss
from .token_counts import IGNORED, TokenCounts


class SplitBatchTrainer(Seq2SeqTrainer):
    """Seq2SeqTrainer in which a batch has the loss and the gradient of the whole, in whatever parts it is computed.

    Two things of the Trainer's own are not so. It takes T5, BART and their kin for models that divide their loss by
    num_items_in_batch, since their forward takes any keyword: they give the mean over a part's own tokens, and with k parts
    the gradient would be k times too large. And where the last batch of an epoch does not fill all processes, it would be
    filled up with examples from the epoch's start, which a single process does not see.

    With dropout the parts draw other masks than the whole batch would: equal in kind, not in number.
    """

    def __init__(self, **arguments: Any):
        super().__init__(**arguments)
        self.ranks = Ranks()
        self.token_counts = TokenCounts()
        self.model_accepts_loss_kwargs = False
        self.loss_is_scaled_for_ga = True
        self._has_plain_loss = has_plain_loss(self.model)
        self._order: EpochOrder | None = None

    def get_batch_samples(self, epoch_iterator, num_batches, device) -> tuple[list, torch.Tensor | None]:
        """The parts of the next batch that are this process's, and the tokens to predict in the whole batch."""
        parts, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        tokens = torch.stack([is_target(part["labels"]).sum() for part in parts]).sum().to(device) if parts else None
        if tokens is not None and self.ranks.count > 1:
            tokens = self.accelerator.reduce(tokens, "sum")
        return parts, tokens

    def training_step(self, model, inputs, num_items_in_batch=None) -> torch.Tensor:
        self.token_counts.add_batch(inputs)
        return super().training_step(model, inputs, num_items_in_batch)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The mean over a part's tokens, times the part's share of the batch's tokens where these are given."""
        tokens = is_target(inputs["labels"]).sum()
        is_blank = inputs["labels"].shape[1] == 1 and not tokens
        if self._has_plain_loss:
            loss, outputs = target_loss(self.model, model, inputs, self.args.label_smoothing_factor)
        else:
            loss, outputs = super().compute_loss(model, inputs, return_outputs=True)
        if is_blank:
            # The mean over no token is not a number. This process takes part in the step, with a gradient of zero.
            loss = outputs["logits"].sum() * 0.0
        elif num_items_in_batch is not None:
            # DDP and FSDP take the mean of the processes' gradients; the batch's is their sum.
            loss = loss * (tokens / num_items_in_batch * self.ranks.count)
        return (loss, outputs) if return_outputs else loss

    def get_train_dataloader(self) -> DataLoader:
        size = self._train_batch_size * self.ranks.count
        strategy = self.args.train_sampling_strategy
        # Of a whole batch: where it is computed in parts, these are of similar lengths, too.
        whole = size * self.args.gradient_accumulation_steps
        self._order = EpochOrder(lengths(self.train_dataset), whole, strategy, self.args.data_seed)
        return self._dataloader(self.train_dataset, ShareOfBatches(self._order, self._train_batch_size, self.ranks))

    def get_eval_dataloader(self, eval_dataset=None) -> DataLoader:
        batches = by_length(lengths(self.eval_dataset), self.args.eval_batch_size)
        return self._dataloader(self.eval_dataset, EveryNthBatch(batches, len(self.eval_dataset), self.ranks))

    def evaluation_loop(
        self, dataloader, description, prediction_loss_only=None, ignore_keys=None, metric_key_prefix="eval"
    ) -> EvalLoopOutput:
        """The mean loss over all tokens to predict.

        The Trainer's own is the mean over batches, in which a few examples in the last one weigh as much as a full batch.
        """
        self.model_wrapped.eval()
        total, tokens = 0.0, 0
        for inputs in dataloader:
            loss, _, _ = self.prediction_step(self.model_wrapped, inputs, True)
            if count := is_target(inputs["labels"]).sum().item():
                total, tokens = total + loss.item() * count, tokens + count
            self.control = self.callback_handler.on_prediction_step(self.args, self.state, self.control)
        total, tokens = self.ranks.sums([total, tokens])
        return EvalLoopOutput(None, None, {f"{metric_key_prefix}_loss": total / tokens}, len(self.eval_dataset))

    def _run_epoch(self, *, epoch: int, **arguments: Any) -> None:
        self._order.set_epoch(epoch)
        super()._run_epoch(epoch=epoch, **arguments)

    @contextmanager
    def _defer_fsdp_gradient_reduction(self) -> Iterator[None]:
        # Kept back until a batch's last part, gradients would lie whole on every process: what FSDP is there to avoid.
        yield

    def _dataloader(self, data: Dataset, batches: Sampler[list[int]]) -> DataLoader:
        if self.ranks.count > 1:
            # An example without anything to predict, for a process that has none of its own.
            blank = Dataset.from_dict({"input_ids": [data[0]["input_ids"][:1]], "labels": [[IGNORED]]}, features=data.features)
            data = concatenate_datasets([data, blank])
        return DataLoader(
            data,
            batch_sampler=batches,
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )


class ShareOfBatches(Sampler[list[int]]):
    """Of each batch of `size` examples a process, one process's even share; [len(order)] where there is none left."""

    def __init__(self, order: Sampler[int], size: int, ranks: Ranks):
        self.batches = BatchSampler(order, size * ranks.count, drop_last=False)
        self.blank = len(order)
        self.ranks = ranks

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[list[int]]:
        for batch in self.batches:
            size = math.ceil(len(batch) / self.ranks.count)
            yield batch[self.ranks.index * size : (self.ranks.index + 1) * size] or [self.blank]


class EveryNthBatch(Sampler[list[int]]):
    """Of `batches`, every n-th for one of n processes; [blank] where others still have one."""

    def __init__(self, batches: list[list[int]], blank: int, ranks: Ranks):
        self.batches = batches
        self.blank = blank
        self.ranks = ranks

    def __len__(self) -> int:
        return math.ceil(len(self.batches) / self.ranks.count)

    def __iter__(self) -> Iterator[list[int]]:
        mine = self.batches[self.ranks.index :: self.ranks.count]
        yield from mine + [[self.blank]] * (len(self) - len(mine))
