"""A plain training on tokenised data with transformers' Trainer and LoRA, to its first step: what startup.py measures against.

python plain_training.py TOKENS MODEL OUT
"""

import sys

import evaluate
import torch
from datasets import load_from_disk
from peft import LoraConfig, TaskType, get_peft_model
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)

# Loaded, as a script that scores what it trains would.
assert evaluate.__version__


class SayFirstStep(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        print("step 1/", flush=True)


def main():
    tokens, folder, out = sys.argv[1:]
    torch.set_num_threads(1)
    data = load_from_disk(tokens)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    lora = LoraConfig(task_type=TaskType.SEQ_2_SEQ_LM, r=8, lora_alpha=16, target_modules=["q", "v"])
    model = get_peft_model(model, lora)
    arguments = Seq2SeqTrainingArguments(
        output_dir=out,
        per_device_train_batch_size=8,
        learning_rate=6e-3,
        max_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = Seq2SeqTrainer(
        model=model,
        args=arguments,
        train_dataset=data["train"].remove_columns("id"),
        eval_dataset=data["validation"].remove_columns("id"),
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=model),
        callbacks=[SayFirstStep()],
    )
    trainer.train()


if __name__ == "__main__":
    main()
