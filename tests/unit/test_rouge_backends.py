"""parity.rouge_backends: both libraries, the metric module and rouge_score used plainly give the same bits."""

import itertools
import subprocess
import sys
from pathlib import Path

import evaluate
import pytest
from nltk.stem.porter import PorterStemmer
from project import ROOT
from rouge_score import rouge_scorer

from parity.baselines import baseline_predictions
from parity.data import load_split
from parity.errors import InputError
from parity.results import METRICS
from parity.rouge import score_dialogues
from parity.rouge_backends import PACKAGE, ROUGE_SCORE, ROUGE_SCORE_RS, require_backend, score_pairs

SCRIPTS = ROOT / "workflow/scripts"
BACKENDS = (ROUGE_SCORE, ROUGE_SCORE_RS)
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
AWKWARD = [
    "",
    " ",
    "\n",
    "\n\n \n",
    "...",
    "?!\n...",
    "a",
    "The cats were running, and the cat ran.",
    "The cats were running,\nand the cat ran.",
    "and the cat ran.\n\nThe cats were running,\n",
    "The cats\rwere\x0brunning\x0cand\u2028the\u2029cat\x85ran",
    "ran cat the and running were cats The",
    "THE CATS' 3.50 running2 x_y #Person1#: don't",
    "café naïve Straße ŒUVRE İstanbul \u017ftart Ångström Ⅷ ²",
    "Кошка бежит. 猫が走る。 القط يركض",
    "cat 😀 running 👩‍👩‍👧 ran\u200b\ufeffcats",
    "cat\ud800 running \udfffcats",
    "\x00cat\x00running",
    "is is is the the the cat cat was was",
    "generalizations oscillators relational conditional hopefulness sky skies dying ties agreed",
    " ".join(f"word{number % 97} running the" for number in range(60)),
    "\n".join(f"line {number} of cats running number{number % 7}" for number in range(12)),
]


def plainly(predictions: list[str], references: list[str]) -> dict[str, list[float]]:
    """rouge_score as its documentation uses it."""
    scorer = rouge_scorer.RougeScorer(METRICS, use_stemmer=True)
    scores = [scorer.score(reference, prediction) for prediction, reference in zip(predictions, references, strict=True)]
    return {metric: [100 * score[metric].fmeasure for score in scores] for metric in METRICS}


@pytest.fixture(scope="module")
def awkward() -> tuple[list[str], list[str]]:
    """Every awkward text against every one."""
    predictions, references = map(list, zip(*itertools.product(AWKWARD, AWKWARD), strict=True))
    return predictions, references


@pytest.fixture(scope="module")
def embedded() -> tuple[list[str], list[str]]:
    """The floor `lead` of the embedded test set against its references."""
    return lead_against_references(ROOT / "resources/quickstart/test.jsonl", 100)


def lead_against_references(path: Path, count: int) -> tuple[list[str], list[str]]:
    records = load_split(path, "test", COLUMNS)[:count]
    rows = baseline_predictions("lead", records, 3)
    pairs = [(row["prediction"], text) for row, record in zip(rows, records, strict=True) for text in record.references]
    predictions, references = map(list, zip(*pairs, strict=True))
    return predictions, references


@pytest.mark.parametrize("data", ["awkward", "embedded"])
def test_both_backends_give_the_bits_of_rouge_score_used_plainly(data, request):
    pairs = request.getfixturevalue(data)
    expected = plainly(*pairs)
    assert [score_pairs(*pairs, backend) for backend in BACKENDS] == [expected, expected]
    assert len(set(expected["rougeLsum"])) > 30


def test_both_backends_give_the_bits_of_rouge_score_on_the_real_dialogsum(dialogsum):
    predictions, references = lead_against_references(dialogsum / "dialogsum.test.jsonl", 100)
    assert len(references) == 300
    expected = plainly(predictions, references)
    assert [score_pairs(predictions, references, backend) for backend in BACKENDS] == [expected, expected]


def test_the_backends_agree_on_every_reference_of_the_real_dialogsum(dialogsum):
    records = load_split(dialogsum / "dialogsum.test.jsonl", "test", COLUMNS)
    pairs = [(record.references[index], record.references[index - 1]) for record in records for index in range(3)]
    predictions, references = map(list, zip(*pairs, strict=True))
    assert len(pairs) == 1500
    assert score_pairs(predictions, references, ROUGE_SCORE) == score_pairs(predictions, references, ROUGE_SCORE_RS)


def test_lsum_of_several_lines_is_not_taken_from_l(awkward):
    scores = score_pairs(*awkward)
    assert sum(a != b for a, b in zip(scores["rougeLsum"], scores["rougeL"], strict=True)) > 20


def test_the_metric_module_for_evaluate_gives_the_same_scores(embedded):
    metric = evaluate.load(str(SCRIPTS / "parity/metrics/rouge_points"), keep_in_memory=True)
    predictions, references = embedded
    assert metric.compute(predictions=predictions, references=references) == score_pairs(predictions, references)


def test_a_dialogues_scores_are_the_same_by_both(dialogsum):
    records = load_split(dialogsum / "dialogsum.test.jsonl", "test", COLUMNS)[:60]
    rows = baseline_predictions("human", records, None)
    assert score_dialogues(rows, records, ROUGE_SCORE).equals(score_dialogues(rows, records, ROUGE_SCORE_RS))


def test_no_word_is_stemmed_twice(embedded, monkeypatch):
    stemmed, stem = [], PorterStemmer.stem
    monkeypatch.setattr(PorterStemmer, "stem", lambda self, word: stemmed.append(word) or stem(self, word))
    score_pairs(*embedded)
    assert len(stemmed) == len(set(stemmed)) > 100


@pytest.mark.parametrize("backend", BACKENDS)
def test_as_many_predictions_as_references_are_needed(backend):
    with pytest.raises(ValueError, match="longer"):
        score_pairs(["one"], ["one", "two"], backend)
    assert score_pairs([], [], backend) == {metric: [] for metric in METRICS}


def test_a_backend_that_is_not_installed_is_refused_by_key_and_command(monkeypatch):
    # For Python's import system such a module is not there.
    monkeypatch.setitem(sys.modules, "rouge_score_rs", None)
    for ask in (
        lambda: require_backend("study.yaml: scoring.backend", ROUGE_SCORE_RS),
        lambda: score_pairs([], [], ROUGE_SCORE_RS),
    ):
        with pytest.raises(InputError, match=r"scoring\.backend = rouge_score_rs: it is not installed") as error:
            ask()
        assert f"pip install {PACKAGE}" in str(error.value)
    require_backend("study.yaml: scoring.backend", ROUGE_SCORE)
    assert score_pairs(["a"], ["a"])["rouge1"] == [100.0]


@pytest.mark.parametrize(("backend", "other"), [(ROUGE_SCORE, "rouge_score_rs"), (ROUGE_SCORE_RS, "nltk")])
def test_scoring_loads_no_model_library_and_nothing_of_the_other_backend(backend, other):
    code = (
        "import sys, score\n"
        "from parity.rouge_backends import score_pairs\n"
        f"assert score_pairs(['a'], ['a'], {backend!r})['rouge1'] == [100.0]\n"
        f"print([name for name in ('torch', 'transformers', 'datasets', 'evaluate', {other!r}) if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
