"""Looks at ever more seeds: what they answer, who gets more seeds, what is spent, and what cannot be had twice."""

import copy
import json
import math

import numpy as np
import pytest
from made_up_studies import scores, small_config, study_of

from parity.adaptive_seeds import (
    EQUIVALENCE,
    NONINFERIORITY,
    SUPERIORITY,
    counts_after,
    look_file,
    newest_look,
    planned_counts,
    seed_numbers,
)
from parity.comparison import contrasts_table
from parity.config import check_config, contrasts_of, runs_of, study_runs
from parity.errors import InputError
from parity.looks import ANSWERED, LEDGER, MAXIMUM, NO_USE, cautious_difference, next_counts, take_look
from parity.spending import nominal_levels, p_over_looks, spent
from parity.stats import MethodScores, difference
from parity.verdict import verdict_parts

SEEDS = {"until": "settled", "min": 3, "max": 8, "step": 2, "first": 1, "spending": "pocock"}
PLANNED = (3, 5, 7, 8)
WITH_SEEDS = ["full", "lora"]


def config_of(*asked, seeds=None, margin=1.0, **comparison):
    """A config of these questions, (method, reference, question) each."""
    questions = [{"contrast": [method, reference], "question": question} for method, reference, question in asked]
    made = study_of({"zero_shot": [[1, 2]], "full": [[1, 2]], "lora": [[1, 2]]}, margin=margin, questions=questions, **comparison)
    return made.config | {"seeds": SEEDS | (seeds or {})}


def seen(n_seeds=3, loss=0.0, seed_sd=0.2, **counts):
    """Scores of zero_shot, full and lora; lora is `loss` below full."""
    means = {"full": 40.0, "lora": 40.0 - loss}
    found = {
        name: MethodScores(scores(mean, counts.get(name, n_seeds), 200, seed_sd, draw=place))
        for place, (name, mean) in enumerate(means.items(), 1)
    }
    return {"zero_shot": MethodScores(scores(30.0, 1, 200, draw=9)), **found}


def digests(of_metric, salt=""):
    return {f"{name}/seed-{row}": f"{salt}{row}" for name, each in of_metric.items() for row in range(each.n_seeds)}


def look(number, of_metric, config, folder, salt=""):
    return take_look(number, of_metric, WITH_SEEDS, digests(of_metric, salt), config, folder)


NONINFERIOR = config_of(("lora", "full", NONINFERIORITY))


def test_looks_are_planned_from_min_to_max():
    assert planned_counts(SEEDS) == [3, 5, 7, 8]
    assert planned_counts(SEEDS | {"max": 7}) == [3, 5, 7]
    assert planned_counts(SEEDS | {"max": 3}) == [3]
    assert seed_numbers(SEEDS | {"first": 11}, 3) == [11, 12, 13]


def test_a_question_that_is_answered_ends_the_looks(tmp_path):
    record = look(1, seen(), NONINFERIOR, tmp_path)
    assert record["questions"][0]["answer"] == "non-inferior"
    assert (record["stopped"], record["next"], record["planned_looks"]) == (ANSWERED, None, 4)
    assert record["alpha_spent"] == pytest.approx(spent(0.05, 3 / 8, "pocock"))
    assert record["seeds"] == {"full": 3, "lora": 3}


def test_an_open_question_gets_more_seeds_and_at_the_maximum_no_more(tmp_path):
    for number, count in enumerate((3, 5, 7, 8), 1):
        record = look(number, seen(count, loss=1.0), NONINFERIOR, tmp_path)
        assert record["questions"][0]["answer"] is None
    assert (record["stopped"], record["next"]) == (MAXIMUM, None)
    assert look(3, seen(7, loss=1.0), NONINFERIOR, tmp_path)["next"] == {"full": 8, "lora": 8}


@pytest.mark.parametrize(
    ("question", "loss", "answer"),
    [
        (SUPERIORITY, -1.5, "better"),
        (SUPERIORITY, 1.5, "worse"),
        (SUPERIORITY, 0.0, None),
        (NONINFERIORITY, 0.0, "non-inferior"),
        (NONINFERIORITY, -2.0, "non-inferior"),
        (NONINFERIORITY, 3.0, "inferior"),
        (EQUIVALENCE, 0.0, "equivalent"),
        (EQUIVALENCE, 3.0, "not equivalent"),
        (EQUIVALENCE, -3.0, "not equivalent"),
        (EQUIVALENCE, 0.9, None),
    ],
)
def test_each_question_has_its_answers(tmp_path, question, loss, answer):
    record = look(1, seen(loss=loss), config_of(("lora", "full", question)), tmp_path)
    assert record["questions"][0]["answer"] == answer


def test_p_is_adjusted_for_the_looks_and_then_for_the_questions(tmp_path):
    config = config_of(("lora", "full", NONINFERIORITY), ("lora", "full", SUPERIORITY))
    first, second = seen(3, loss=0.6), seen(5, loss=0.6)
    look(1, first, config, tmp_path)
    record = look(2, second, config, tmp_path)
    parity, better = record["questions"]
    alone = [float(cautious_difference(each["lora"], each["full"]).p_noninferior(1.0)) for each in (first, second)]
    assert parity["p"] == pytest.approx(alone[1])
    over = min(p_over_looks(alone[0], (3,), PLANNED, "pocock"), p_over_looks(alone[1], (3, 5), PLANNED, "pocock"))
    assert parity["p_looks"] == pytest.approx(over)
    least, most = sorted([parity["p_looks"], better["p_looks"]])
    assert sorted([parity["p_holm"], better["p_holm"]]) == pytest.approx([2 * least, max(2 * least, most)])


def test_what_was_shown_stays_shown(tmp_path):
    config = config_of(("lora", "full", NONINFERIORITY), ("lora", "full", SUPERIORITY))
    first = look(1, seen(3), config, tmp_path)["questions"][0]
    later = look(2, seen(5, loss=0.9), config, tmp_path)["questions"][0]
    assert first["answer"] == later["answer"] == "non-inferior"
    assert later["p"] > 0.05 >= later["p_holm"]


def test_a_look_that_is_taken_again_on_the_same_scores_is_the_same_look(tmp_path):
    record = look(1, seen(loss=0.8), NONINFERIOR, tmp_path)
    ledger = (tmp_path / LEDGER).read_bytes()
    assert look(1, seen(loss=0.8), NONINFERIOR, tmp_path) == record
    assert (tmp_path / LEDGER).read_bytes() == ledger


def test_a_look_at_other_scores_has_nothing_left_to_spend(tmp_path):
    assert look(1, seen(loss=0.9), NONINFERIOR, tmp_path)["questions"][0]["answer"] is None
    again = look(1, seen(loss=0.0), NONINFERIOR, tmp_path, salt="other ")
    assert (again["not_counted"], again["questions"][0]["answer"]) == (1, None)
    assert again["questions"][0]["p"] < 0.01 and again["questions"][0]["p_looks"] == 1.0
    later = look(2, seen(5), NONINFERIOR, tmp_path, salt="other ")
    expected = p_over_looks(
        float(cautious_difference(seen(5)["lora"], seen(5)["full"]).p_noninferior(1.0)), (3, 5), PLANNED, "pocock"
    )
    assert later["questions"][0]["p_looks"] == pytest.approx(expected)


def test_a_claim_does_not_outlive_the_scores_that_it_rests_on(tmp_path):
    assert look(1, seen(), NONINFERIOR, tmp_path)["questions"][0]["answer"] == "non-inferior"
    assert look(1, seen(), NONINFERIOR, tmp_path, salt="other ")["questions"][0]["answer"] is None


def test_going_back_to_the_scores_of_the_first_look_finds_what_it_found(tmp_path):
    first = look(1, seen(), NONINFERIOR, tmp_path)
    look(1, seen(loss=0.5), NONINFERIOR, tmp_path, salt="other ")
    back = look(1, seen(), NONINFERIOR, tmp_path)
    assert back["questions"] == first["questions"] and back["not_counted"] == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"margin": 2.0}, "comparison.margin = 2.0"),
        ({"primary_metric": "rougeL"}, "comparison.primary_metric = rougeL"),
        ({"questions": [{"contrast": ["lora", "full"], "question": SUPERIORITY}]}, "comparison.questions"),
        ({"seeds": SEEDS | {"max": 9}}, "seeds = "),
    ],
)
def test_nothing_of_the_design_changes_after_the_first_look(tmp_path, change, named):
    look(1, seen(loss=0.9), NONINFERIOR, tmp_path)
    other = copy.deepcopy(NONINFERIOR)
    (other if "seeds" in change else other["comparison"]).update(change)
    with pytest.raises(InputError, match="at the first look, and 1 look was taken") as refused:
        look(2, seen(5), other, tmp_path)
    assert str(refused.value).startswith(named)


@pytest.mark.parametrize("content", ["", "[]\n", "{}\n", '{"design": 1}\n{"number": 1}\n', "\x00"])
def test_a_damaged_ledger_is_refused_and_left_as_it_is(tmp_path, content):
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_text(content)
    with pytest.raises(InputError, match="begin anew under another name"):
        look(1, seen(), NONINFERIOR, tmp_path)
    assert (tmp_path / LEDGER).read_text() == content


def test_the_method_whose_seeds_vary_most_gets_more():
    of_metric = seen() | {"lora": MethodScores(scores(40.0, 3, 200, seed_sd=2.0, draw=2))}
    question = {"contrast": ["lora", "full"], "answer": None}
    assert next_counts({"full": 3, "lora": 3}, 5, [question], of_metric) == {"full": 3, "lora": 5}
    assert next_counts({"full": 3, "lora": 3}, 5, [question], seen()) == {"full": 5, "lora": 5}


def test_only_methods_of_open_questions_get_more():
    open_one = {"contrast": ["full", "zero_shot"], "answer": None}
    settled = {"contrast": ["lora", "full"], "answer": "equivalent"}
    assert next_counts({"full": 3, "lora": 3}, 5, [open_one, settled], seen()) == {"full": 5, "lora": 3}


def test_a_method_that_was_left_behind_may_catch_up():
    of_metric = {
        "full": MethodScores(scores(40.0, 7, 200, seed_sd=0.1, draw=1)),
        "lora": MethodScores(scores(40.0, 3, 200, seed_sd=2.0, draw=2)),
    }
    question = {"contrast": ["lora", "full"], "answer": None}
    assert next_counts({"full": 7, "lora": 3}, 8, [question], of_metric) == {"full": 7, "lora": 8}


def test_where_no_seed_changes_anything_no_more_are_run(tmp_path):
    same = {name: MethodScores(np.repeat(each.values[:1], 3, axis=0)) for name, each in seen(loss=1.0).items()}
    record = look(1, same | {"zero_shot": seen()["zero_shot"]}, NONINFERIOR, tmp_path)
    assert (record["stopped"], record["next"]) == (NO_USE, None)


def test_one_dialogue_answers_nothing(tmp_path):
    one = {name: MethodScores(each.values[:, :1]) for name, each in seen().items()}
    record = look(1, one, NONINFERIOR, tmp_path)
    assert record["questions"][0]["answer"] is None
    assert record["questions"][0]["p"] == 1.0
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_the_interval_holds_at_all_looks(tmp_path):
    look(1, seen(loss=0.9), NONINFERIOR, tmp_path)
    record = look(2, seen(5, loss=0.9), NONINFERIOR, tmp_path)
    estimate = cautious_difference(seen(5, loss=0.9)["lora"], seen(5, loss=0.9)["full"])
    level = nominal_levels(0.025, (3, 5), PLANNED, "pocock")[1]
    low, high = estimate.interval(1 - 2 * level)
    assert record["questions"][0]["interval"] == pytest.approx([low, high])
    assert high - low > np.diff(estimate.interval())[0]


def test_degrees_of_freedom_allow_for_seeds_that_happen_to_lie_close_together():
    lucky = MethodScores(scores(40.0, 3, 200, seed_sd=0.02, draw=1)), MethodScores(scores(39.0, 3, 200, seed_sd=0.02, draw=2))
    plain, cautious = difference(*lucky), cautious_difference(*lucky)
    assert (cautious.value, cautious.se) == (plain.value, plain.se)
    assert cautious.df < plain.df
    # Where the seeds decide by all appearances, they had decided already, and without seeds nothing changes.
    wild = MethodScores(scores(40.0, 3, 200, seed_sd=3.0, draw=1)), MethodScores(scores(39.0, 3, 200, seed_sd=3.0, draw=2))
    assert cautious_difference(*wild).df == pytest.approx(difference(*wild).df, rel=0.05)
    alone = MethodScores(scores(40.0, 1, 200, draw=1)), MethodScores(scores(39.0, 1, 200, draw=2))
    assert cautious_difference(*alone).df == pytest.approx(difference(*alone).df)
    one_dialogue = [MethodScores(each.values[:, :1]) for each in lucky]
    assert math.isnan(cautious_difference(*one_dialogue).df)


def test_runs_follow_the_looks(tmp_path):
    config = config_of(("lora", "full", NONINFERIORITY), seeds={"first": 5})
    config["methods"] = {
        "zero_shot": {"kind": "zero_shot"},
        "full": {"kind": "full", "train": {}},
        "lora": {"kind": "peft", "peft": {}},
    }
    config |= {"train": {}, "generation": {}}

    def seeds(method, runs):
        return [run.seed for run in runs if run.method == method]

    assert newest_look(tmp_path) is None
    assert seeds("lora", study_runs(config, tmp_path)) == [5, 6, 7]
    for number, following in ((1, {"full": 3, "lora": 5}), (2, {"full": 7, "lora": 5})):
        look_file(tmp_path, number).parent.mkdir(exist_ok=True)
        look_file(tmp_path, number).write_text(json.dumps({"look": number, "next": following, "seeds": {}}))
    assert counts_after(newest_look(tmp_path)) == {"full": 7, "lora": 5}
    runs = study_runs(config, tmp_path)
    assert (len(seeds("full", runs)), len(seeds("lora", runs)), seeds("zero_shot", runs)) == (7, 5, [0])
    # A look that ended the looks, with files of later ones from before.
    look_file(tmp_path, 1).write_text(json.dumps({"look": 1, "next": None, "seeds": {"full": 3, "lora": 3}}))
    assert len(seeds("full", study_runs(config, tmp_path))) == 3
    assert contrasts_of(config) == [("lora", "full")]
    assert len(runs_of(config, {})) == 7


@pytest.fixture
def verdict_of(tmp_path_factory):
    """The verdict after some looks at a study with this loss and these questions, and the table of contrasts."""

    def made(loss, *asked, looks=1):
        config, folder = config_of(*asked), tmp_path_factory.mktemp("study")
        for number in range(1, looks + 1):
            of_metric = seen(planned_counts(SEEDS)[number - 1], loss=loss)
            record = look(number, of_metric, config, folder)
        study = study_of({name: each.values for name, each in of_metric.items()}, **config["comparison"])
        contrasts = contrasts_table(study.scores, config, record)
        return "\n\n".join(verdict_parts(study.estimates, contrasts, config, None, record)), contrasts

    return made


def test_the_verdict_says_how_many_looks_there_were_and_what_was_spent(verdict_of):
    text, _ = verdict_of(0.0, ("lora", "full", NONINFERIORITY), ("lora", "full", SUPERIORITY), looks=2)
    assert "2 looks of at most 4 were taken, and 3.65 of the 5 % of error spent" in text
    assert "`lora` is non-inferior to `full` at the declared margin of 1.0 point: the difference is" in text
    assert "over all looks and 2 questions" in text
    assert "the best of all is not judged" in text


def test_the_verdict_answers_only_what_was_asked(verdict_of):
    text, contrasts = verdict_of(0.0, ("lora", "full", SUPERIORITY))
    sentences = text.split("## The numbers")[0]
    assert "non-inferior" not in sentences and "equivalent" not in sentences
    row = contrasts[contrasts["family"] == "confirmatory"].iloc[0]
    assert math.isnan(row["p_noninferior_holm"]) and math.isnan(row["p_holm_all_pairs"]) and not math.isnan(row["p_holm"])
    text, _ = verdict_of(0.0, ("lora", "full", EQUIVALENCE))
    assert "`lora` and `full` are equivalent within ±1.0 point" in text and "better than" not in text


def test_the_verdict_says_a_loss_beyond_the_margin(verdict_of):
    text, _ = verdict_of(3.0, ("lora", "full", NONINFERIORITY))
    assert "`lora` is worse than `full` by more than the declared margin of 1.0 point" in text
    assert "## Not established\n\n- Whether `lora`" not in text


def test_the_verdict_of_an_open_question_says_what_it_would_take(verdict_of):
    text, _ = verdict_of(0.8, ("lora", "full", EQUIVALENCE), looks=3)
    assert "not shown to be equivalent within" in text
    assert "To show that `lora` and `full` are equivalent:" in text


def test_tables_of_other_studies_have_no_columns_of_looks(verdict_of):
    made = study_of({"full": scores(40, 3), "lora": scores(39, 3, draw=1)}, margin=1.0)
    assert not {"looks_low", "p_beyond"}.intersection(made.contrasts)
    assert {"looks_low", "looks_high", "p_beyond"} <= set(verdict_of(0.0, ("lora", "full", SUPERIORITY))[1])


def changed(**changes):
    comparison = {"margin": 1.0, "questions": [asked("lora", "full", "equivalence")]}
    comparison |= {key: changes.pop(key) for key in ("margin", "questions", "contrasts") if key in changes}
    adaptive = {
        "seeds": {"until": "settled", "max": 10},
        "compare": ["zero_shot", "full", "lora", "lead"],
        "comparison": comparison,
    }
    return small_config(**(adaptive | changes))


def test_a_block_of_seeds_is_filled_in():
    config = changed()
    check_config(config, "study.yaml")
    assert config["seeds"] == {
        "until": "settled",
        "min": 3,
        "max": 10,
        "step": 2,
        "first": 1,
        "spending": "obrien_fleming",
    }


def asked(method, reference, question="superiority"):
    return {"contrast": [method, reference], "question": question}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"questions": None}, "seeds.until = settled: there is no question to settle"),
        ({"seeds": {"until": "settled", "min": 5, "max": 4}}, "seeds.max = 4: is below seeds.min = 5"),
        ({"seeds": {"until": "settled"}}, "seeds lacks max"),
        ({"seeds": {"until": "bored", "max": 4}}, "seeds.until"),
        ({"seeds": {"until": "settled", "min": 1, "max": 4}}, "seeds.min = 1"),
        ({"seeds": {"until": "settled", "max": 4, "stop": 2}}, "seeds.stop = 2: unknown key, did you mean step"),
        ({"seeds": {"until": "settled", "max": 4, "spending": "all"}}, "seeds.spending"),
        ({"seeds": [1, 2]}, "comparison.questions: these seeds are counted beforehand"),
        ({"seeds": 3}, "seeds = 3"),
        ({"margin": None}, "comparison.margin is not set"),
        ({"contrasts": [["lora", "full"]]}, "comparison.contrasts: the questions name the contrasts already"),
        ({"questions": []}, "comparison.questions"),
        ({"questions": [asked("lora", "ful")]}, "ful is not in compare. Did you mean full?"),
        ({"questions": [asked("lora", "lora")]}, "a method cannot be contrasted with itself"),
        ({"questions": [asked("lora", "full"), asked("full", "lora")]}, "this is asked already"),
        ({"questions": [asked("lora", "full", "parity")]}, "parity"),
        ({"questions": [asked("zero_shot", "lead")]}, "no further seed of zero_shot and lead can be run"),
        (
            {"compare": ["full", "other", "zero_shot"], "questions": [asked("other", "zero_shot")]},
            "no further seed of other and zero_shot can be run",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(changes, message):
    with pytest.raises(InputError) as refused:
        check_config(changed(**changes), "study.yaml")
    assert message in str(refused.value)


def test_a_method_without_seeds_may_stand_on_one_side():
    check_config(changed(questions=[asked("lora", "zero_shot"), asked("full", "lead")]), "study.yaml")
