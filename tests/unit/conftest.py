"""What the unit tests share: a tiny encoder-decoder in a folder of its own, and a few made-up dialogues."""

import os
import sys

# Read by the libraries when they are imported: no unit test may wait for the internet.
os.environ["HF_HUB_OFFLINE"] = "1"
# What a GPU of this machine does is for make gpu-check to see; those of the tests are made up.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
# One test file a core: threads of two processes on two cores only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import pytest

from parity.data import Record

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
PROMPT = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "

NAMES = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gil", "Hal")
THINGS = ("a red bicycle", "two tickets", "the blue lamp", "some fresh bread", "an old map")
PLACES = ("the market", "a small shop", "the station", "her uncle's garage")


def made_up_record(number: int, references: int = 1) -> Record:
    """A dialogue and summaries of their own for every `number`; the later a dialogue, the longer."""
    name, thing, place = NAMES[number % 8], THINGS[number % 5], PLACES[number % 4]
    lines = [
        f"#Person1#: {name}, where did you find {thing}?",
        f"#Person2#: I bought it at {place} for {number + 3} dollars.",
        *(f"#Person1#: Number {extra} was sold out, so I waited." for extra in range(number % 6)),
    ]
    texts = (f"{name} bought {thing} at {place}.", f"{name} tells where {thing} came from.", f"It was bought at {place}.")
    return Record(f"made_up_{number}", "\n".join(lines), texts[:references])


@pytest.fixture(scope="session")
def splits() -> dict[str, list[Record]]:
    """Twelve, four and five dialogues; a test dialogue has three references."""
    return {
        "train": [made_up_record(number) for number in range(12)],
        "validation": [made_up_record(number) for number in range(12, 16)],
        "test": [made_up_record(number, references=3) for number in range(16, 21)],
    }


@pytest.fixture(scope="session")
def tiny_tokenizer(splits):
    from tiny import train_tokenizer

    records = [record for split in splits.values() for record in split]
    return train_tokenizer(text for r in records for text in (r.dialogue, *r.references))


@pytest.fixture(scope="session")
def tiny_model(tiny_tokenizer, tmp_path_factory) -> str:
    """The folder of an encoder-decoder of FLAN-T5's architecture with random weights and an output head of its own."""
    import torch
    from tiny import make_model

    # Sums in one order, and no threads that wait for each other on a busy machine.
    torch.set_num_threads(1)
    model = make_model(vocab_size=len(tiny_tokenizer))
    folder = tmp_path_factory.mktemp("tiny") / "model"
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def tokens(splits, tiny_model):
    """The made-up dialogues as the rule prepare would tokenise them."""
    from parity.tokens import load_tokenizer, tokenise

    return tokenise(splits, load_tokenizer(tiny_model), PROMPT, 160, 32)[0]


@pytest.fixture(scope="session")
def dialogsum() -> Path:
    """The folder of the real DialogSum."""
    folder = SHARED / "dialogsum"
    if not folder.is_dir():
        pytest.skip("the real DialogSum is not here (../shared/data/dialogsum)")
    return folder


@pytest.fixture(scope="session")
def t5_tokenizer() -> str:
    """The folder of T5's own tokenizer."""
    folder = SHARED / "t5_tokenizer"
    if not folder.is_dir():
        pytest.skip("T5's tokenizer is not here (../shared/data/t5_tokenizer)")
    return str(folder)


@pytest.fixture(scope="session")
def shape(splits, tmp_path_factory):
    """shape(name) is the folder of a tiny checkpoint of another family; see tests/shapes.py."""
    from functools import cache

    from shapes import make_shape

    texts = [text for records in splits.values() for r in records for text in (r.dialogue, *r.references)]
    folder = tmp_path_factory.mktemp("shapes")
    return cache(lambda name: str(make_shape(name, folder / name, texts)))


@pytest.fixture(autouse=True)
def one_thread():
    """Whatever a test or a fixture sets: a training in another number of threads gives other bytes."""
    _one_thread()
    yield
    _one_thread()


def _one_thread() -> None:
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
