"""The sentences of a verdict, held against studies whose truth is known."""

import re
from functools import cache, partial

import numpy as np
import pytest
from made_up_studies import scores, study_of
from scipy import stats

from parity import power
from parity.stats import MethodScores, difference
from parity.verdict import best_method, contrast_findings, headline, retention_findings, verdict_page

ZERO_SHOT, FULL = scores(20, draw=1), scores(40, 3, seed_sd=0.5, draw=2)


def lora(mean, n_seeds=3, **deviations):
    return scores(mean, n_seeds, draw=3, **{"seed_sd": 0.5} | deviations)


def against_full(mean, **comparison):
    return study_of({"zero_shot": ZERO_SHOT, "full": FULL, "lora": lora(mean)}, **{"margin": 1.0} | comparison)


def where_seeds_are_the_limit(mean, margin=1.2):
    """Dialogues hardly differ in what they think of the two methods; seeds do."""
    few = {"own_sd": 0.3, "residual_sd": 1.0}
    return study_of({"full": scores(40, 3, seed_sd=0.5, draw=2, **few), "lora": lora(mean, **few)}, margin=margin)


CONSTANT = {"zero_shot": np.full((1, 9), 30.0), "full": np.full((3, 9), 30.0), "lora": np.full((2, 9), 30.0)}
ALIKE = {"seed_sd": 0.1, "own_sd": 0.4, "residual_sd": 1.0, "n_dialogues": 200}
FOUR = {
    "zero_shot": ZERO_SHOT,
    "full": FULL,
    "lora": lora(39.1),
    "ia3": scores(38.8, 3, seed_sd=0.3, draw=5),
    "prefix": scores(33, 3, seed_sd=0.3, draw=6),
}
STUDIES = {
    "better": partial(against_full, 45),
    "worse": partial(against_full, 38.6),
    "worse by more than the margin": partial(against_full, 34),
    "equivalent": lambda: study_of(
        {"zero_shot": scores(20, 1, 200, draw=1), "full": scores(40, 5, draw=2, **ALIKE), "lora": lora(39.9, 5, **ALIKE)},
        margin=1.0,
    ),
    "non-inferior": partial(against_full, 40.5),
    "unsettled": partial(where_seeds_are_the_limit, 39.5),
    "few dialogues": lambda: study_of(
        {"full": scores(40, 3, 20, 0.1, 6, draw=2), "lora": lora(39, n_dialogues=20, seed_sd=0.1, own_sd=6)}, margin=1.5
    ),
    "no margin": partial(against_full, 39.4, margin=None),
    "three contrasts": lambda: study_of(FOUR | {"ia3": scores(38.9, 3, seed_sd=0.3, draw=5)}, margin=1.0),
    "no contrast": partial(against_full, 39.1, contrasts=[]),
    "one method": lambda: study_of({"full": FULL}, margin=1.0),
    "only baselines": lambda: study_of({"lead": scores(30, draw=1), "human": scores(50, draw=2)}, margin=1.0),
    "single runs": lambda: study_of({"zero_shot": ZERO_SHOT, "full": scores(40, draw=2), "lora": scores(43, draw=3)}, margin=1.0),
    "one file": lambda: study_of(
        {"full": FULL, "lora": lora(39.4), "other": scores(45, draw=7)},
        margin=1.0,
        contrasts=[["other", "full"], ["lora", "full"]],
    ),
    "one dialogue": lambda: study_of({"zero_shot": ZERO_SHOT[:, :1], "full": FULL[:, :1], "lora": lora(39)[:, :1]}, margin=1.0),
    "same outputs": lambda: study_of({"full": FULL, "lora": FULL}, margin=1.0),
    "same deterministic outputs": lambda: study_of(
        {"lead": ZERO_SHOT, "human": ZERO_SHOT}, margin=1.0, contrasts=[["lead", "human"]]
    ),
    "constant": lambda: study_of(CONSTANT, margin=1.0),
    "only zeros": lambda: study_of({method: 0 * values for method, values in CONSTANT.items()}, margin=1.0),
    "no gain": lambda: study_of({"zero_shot": scores(39.9, draw=1), "full": FULL, "lora": lora(40.5)}, margin=1.0),
    "against another": lambda: study_of(FOUR, margin=1.0, contrasts=[["ia3", "lora"], ["lora", "zero_shot"]]),
    "deterministic": lambda: study_of(
        {"zero_shot": ZERO_SHOT, "lead": scores(20.5, draw=2)}, margin=1.0, contrasts=[["zero_shot", "lead"]]
    ),
    "everything": lambda: study_of({"everything": FULL, "lora_r_16": lora(39, 2, seed_sd=0.1)}, margin=0.5),
    "rouge2": partial(against_full, 39.4, primary_metric="rouge2"),
    "best reference": partial(against_full, 39.4, primary_metric="rouge1_max"),
}


@cache
def named(name):
    return STUDIES[name]()


def sections(study):
    """Bullets by heading, those above the first heading under 'Headlines', without intervals' numbers."""
    found = {}
    for part in re.split(r"^## ", "Headlines\n" + study.verdict_page, flags=re.M):
        title, text = part.split("\n", 1)
        found[title] = [without_intervals(line) for line in re.findall(r"^- (.*)$", text, re.M)]
    return found


def without_intervals(text):
    return re.sub(r" \[[^]]*\d[^]]*\]", "", text)


def sentence(study, section, part):
    [line] = [line for line in sections(study)[section] if part in line]
    return line


def numbers_table(study):
    lines = [line for line in study.verdict_page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


# What each truth reads like


def test_a_better_method_is_called_better_and_the_best():
    study = named("better")
    assert sections(study)["Headlines"] == ["**`lora` reaches 112.5 % of `full`'s ROUGE-1; better than `full`.**"]
    row = study.contrast("lora", "full")
    assert (
        f"- `lora` is better than `full`: 5.00 points [{row.low:.2f}, {row.high:.2f}] of ROUGE-1, p < 0.001.\n"
        in study.verdict_page
    )
    assert sections(study)["Established"][2:] == [
        "`lora` reaches 112.5 % of `full`'s ROUGE-1.",
        "`lora` reaches 125.0 % of the gain of `full` over `zero_shot`.",
        "`lora` is better than every other method on ROUGE-1 (after Holm over all pairs).",
    ]
    assert "Not established" not in sections(study)
    assert "What it would take" not in sections(study)


def test_a_worse_method_is_called_worse_and_is_not_blamed_for_more_than_is_shown():
    study = named("worse")
    assert sections(study)["Headlines"] == [
        "**`lora` keeps 96.5 % of `full`'s ROUGE-1; worse than `full`; not shown to be non-inferior at the declared margin of 1.0 point.**"
    ]
    row = study.contrast("lora", "full")
    assert (
        sentence(study, "Established", "worse than") == f"`lora` is worse than `full`: -1.40 points of ROUGE-1, p = {row.p:.3f}."
    )
    assert "1.0 point" not in sentence(study, "Established", "worse than")
    assert sections(study)["What it would take"] == [
        "To show that `lora` is non-inferior to `full`: no design, as the estimated loss is no smaller than the margin."
    ]
    assert "`full` is better than every other method on ROUGE-1 (after Holm over all pairs)." in sections(study)["Established"]


def test_a_method_that_is_worse_by_more_than_the_margin_is_said_to_be_and_leaves_nothing_open():
    study = named("worse by more than the margin")
    assert sections(study)["Headlines"] == [
        "**`lora` keeps 85.0 % of `full`'s ROUGE-1; worse than `full` by more than the declared margin of 1.0 point.**"
    ]
    assert sentence(study, "Established", "worse than").endswith(
        "p < 0.001. The loss is greater than the declared margin of 1.0 point."
    )
    assert "Not established" not in sections(study)
    assert "non-inferior to" not in study.verdict_page


def test_a_loss_beyond_the_margin_is_claimed_only_after_allowing_for_the_number_of_contrasts():
    """The 95 % interval ends just below -margin: enough for one contrast, not for one of three."""
    row = named("worse").contrast("lora", "full")
    margin = -float(row["high"]) - 0.01
    config = named("worse").config | {"comparison": named("worse").config["comparison"] | {"margin": margin}}
    for n_contrasts, is_claimed in ((1, True), (3, False)):
        text = " ".join(found.text for found in contrast_findings(row, n_contrasts, config))
        assert ("greater than the declared margin" in text) is is_claimed
        assert ("Whether `lora` is non-inferior" in text) is not is_claimed


def test_equivalent_methods_are_called_equivalent_and_the_better_one_stays_open():
    study = named("equivalent")
    [headline] = sections(study)["Headlines"]
    assert headline.startswith("**`lora` keeps 99.8 % of `full`'s ROUGE-1; equivalent within the declared margin of 1.0 point; ")
    assert "`lora` and `full` are equivalent within ±1.0 point: p < 0.001." in sections(study)["Established"]
    assert sentence(study, "Established", "non-inferior").startswith(
        "`lora` is non-inferior to `full` at the declared margin of 1.0 point"
    )
    row = study.contrast("lora", "full")
    assert (
        sentence(study, "Not established", "Which of")
        == f"Which of `lora` and `full` is better: the difference is -0.10 points of ROUGE-1, p = {row.p:.3f}."
    )
    assert sentence(study, "Not established", "the best") == (
        "Which method is the best: none has a higher ROUGE-1 than `full`, which is not shown to be better than `lora`."
    )


def test_a_non_inferior_method_is_not_called_equivalent():
    study = named("non-inferior")
    row = study.contrast("lora", "full")
    assert row["p_noninferior_holm"] <= 0.05 < row["p_equivalent_holm"]
    assert "; non-inferior at the declared margin of 1.0 point;" in sections(study)["Headlines"][0]
    bound = row.difference - stats.t.ppf(0.95, row.df) * row.se
    assert sentence(study, "Established", "non-inferior") == (
        "`lora` is non-inferior to `full` at the declared margin of 1.0 point: the one-sided lower 95 % bound of the difference is "
        f"{bound:.2f} points, p = {row.p_noninferior_holm:.3f}."
    )
    assert (
        sentence(study, "Not established", "equivalent")
        == f"Whether `lora` and `full` are equivalent within ±1.0 point: p = {row.p_equivalent_holm:.3f}."
    )
    assert "equivalent" not in "".join(sections(study)["Established"])


def test_the_one_sided_bound_lies_above_minus_the_margin_exactly_where_non_inferiority_is_shown():
    for name in ("non-inferior", "equivalent", "unsettled", "worse"):
        study = named(name)
        shown = study.contrast("lora", "full")["p_noninferior_holm"] <= 0.05
        [bound] = re.findall(r"lower 95 % bound of the difference is (-?[\d.]+) points", study.verdict_page)
        assert (float(bound) > -study.config["comparison"]["margin"]) is bool(shown), name


def test_where_nothing_is_settled_nothing_but_retention_is_established():
    study = named("unsettled")
    assert sections(study)["Established"] == ["`lora` keeps 98.8 % of `full`'s ROUGE-1."]
    assert [line.split(":")[0] for line in sections(study)["Not established"]] == [
        "Which of `lora` and `full` is better",
        "Whether `lora` is non-inferior to `full` at the declared margin of 1.2 points",
        "Whether `lora` and `full` are equivalent within ±1.2 points",
        "Which method is the best",
    ]


# What it would take


def needed(study, power_of, n_contrasts=1):
    """What power.need says of the made-up scores themselves."""
    of_metric = study.scores.scores[study.config["comparison"]["primary_metric"]]
    pair = of_metric["lora"], of_metric["full"]
    components = power.contrast_components(*pair, (False, False))
    return power.need(partial(power_of, alpha=0.05 / n_contrasts), components, pair[0].n_seeds, pair[0].n_dialogues, 0.8)


def questions(study):
    margin, true = study.config["comparison"]["margin"], study.contrast("lora", "full")["difference"]
    return {
        "which of `lora` and `full` is better": partial(power.power_of_difference, true),
        "that `lora` is non-inferior to `full`": partial(power.power_of_noninferiority, true, margin),
        "that `lora` and `full` are equivalent": partial(power.power_of_equivalence, true, margin),
    }


def test_the_seeds_that_would_settle_a_question_are_those_that_the_power_analysis_gives():
    study = named("unsettled")
    seeds = {}
    for question, power_of in questions(study).items():
        found = needed(study, power_of)
        assert (
            f"To show {question}: {found.seeds} seeds a method (now 3) with the same 60 dialogues."
            in sections(study)["What it would take"]
        )
        seeds[question] = found.seeds
    difference_seeds, parity_seeds, equivalence_seeds = seeds.values()
    assert 3 < parity_seeds < difference_seeds
    assert parity_seeds <= equivalence_seeds
    assert sections(study)["Headlines"][0].endswith(
        f"; {difference_seeds - 3} more seeds a method would settle which is better; "
        f"{parity_seeds - 3} more seeds a method would settle non-inferiority.**"
    )


@pytest.mark.parametrize(
    ("question", "is_shown"),
    [
        ("which of `lora` and `full` is better", lambda estimate: estimate.p_difference() <= 0.05),
        ("that `lora` is non-inferior to `full`", lambda estimate: estimate.p_noninferior(1.2) <= 0.05),
    ],
)
def test_a_study_with_as_many_seeds_as_the_verdict_names_finds_it_about_as_often_as_promised(question, is_shown):
    study = named("unsettled")
    [n_seeds] = re.findall(rf"To show {re.escape(question)}: (\d+) seeds a method", study.verdict_page)
    row = study.contrast("lora", "full")
    generator = np.random.default_rng(7)
    found = []
    for _ in range(400):
        own = generator.normal(0, row["sd_interaction"], 60)
        pair = [
            MethodScores(
                40
                + mean
                + generator.normal(0, row[f"sd_seed{column}"], (int(n_seeds), 1))
                + generator.normal(0, row[f"sd_residual{column}"], (int(n_seeds), 60))
            )
            for mean, column in ((row["difference"] + own, ""), (0.0, "_reference"))
        ]
        found.append(is_shown(difference(*pair)))
    assert 0.74 < np.mean(found) < 0.88


def test_where_dialogues_are_the_limit_no_number_of_seeds_is_promised():
    study = named("few dialogues")
    for question, power_of in questions(study).items():
        found = needed(study, power_of)
        assert found.seeds is None
        dialogues, seeds = found.dialogues
        assert (
            f"To show {question}: not even 200 seeds a method with the same 20 dialogues; "
            f"about {dialogues:,} dialogues with {seeds} seeds a method."
        ) in sections(study)["What it would take"]
    assert sections(study)["Headlines"][0].endswith("; more seeds alone would not settle which is better or non-inferiority.**")


def test_with_two_contrasts_the_seeds_are_those_for_half_of_the_error():
    alone = named("unsettled")
    study = study_of(alone.points | {"ia3": scores(39.4, 3, seed_sd=0.4, own_sd=0.3, residual_sd=1, draw=5)}, margin=1.2)
    for question, power_of in questions(study).items():
        found = needed(study, power_of, n_contrasts=2)
        assert found.seeds > needed(alone, power_of).seeds
        assert f"To show {question}: {found.seeds} seeds a method (now 3)" in sentence(study, "What it would take", question)


def test_more_dialogues_are_counted_with_the_seeds_that_the_richer_method_has():
    many = {"n_dialogues": 20, "seed_sd": 0.1, "own_sd": 6}
    study = study_of({"full": scores(40, 2, draw=2, **many), "lora": lora(39, 6, **many)})
    found = needed(study, questions(study)["which of `lora` and `full` is better"])
    assert found.dialogues[1] == 6
    assert f"about {found.dialogues[0]:,} dialogues with 6 seeds a method." in sections(study)["What it would take"][0]


def test_one_more_seed_is_one_more_seed():
    few = {"own_sd": 0.3, "residual_sd": 1.0}
    full = scores(40, 2, seed_sd=0.3, draw=2, **few)
    for mean in np.arange(39.5, 38, -0.05):
        study = study_of({"full": full, "lora": lora(mean, 2, **few | {"seed_sd": 0.3})})
        if needed(study, questions(study)["which of `lora` and `full` is better"]).seeds == 3:
            break
    assert sections(study)["Headlines"][0].endswith("; 1 more seed a method would settle which is better.**")
    assert "3 seeds a method (now 2) with the same 60 dialogues." in sections(study)["What it would take"][0]


def test_of_two_numbers_of_seeds_both_are_named_and_the_smaller_one_is_what_lacks():
    few = {"own_sd": 0.3, "residual_sd": 1.0}
    study = study_of({"full": scores(40, 2, seed_sd=0.4, draw=2, **few), "lora": lora(39, 12, **few | {"seed_sd": 0.4})})
    row = study.contrast("lora", "full")
    assert row["p"] > 0.05
    seeds = needed(study, questions(study)["which of `lora` and `full` is better"]).seeds
    assert 2 < seeds < 12
    assert sections(study)["What it would take"] == [
        f"To show which of `lora` and `full` is better: {seeds} seeds a method (now 12 and 2) with the same 60 dialogues."
    ]
    assert sections(study)["Headlines"][0].endswith(f"; {seeds} seeds a method would settle which is better.**")


def test_against_a_deterministic_method_only_the_other_ones_seeds_are_counted():
    few = {"own_sd": 0.3, "residual_sd": 1.0}
    study = study_of({"zero_shot": scores(40, own_sd=0.3, draw=2), "lora": lora(39.5, **few)}, contrasts=[["lora", "zero_shot"]])
    [line] = sections(study)["What it would take"]
    assert re.fullmatch(
        r"To show which of `lora` and `zero_shot` is better: \d+ seeds \(now 3\) with the same 60 dialogues\.", line
    )
    assert re.search(r"; \d+ more seeds would settle which is better\.\*\*$", sections(study)["Headlines"][0])


def test_between_deterministic_methods_only_dialogues_are_counted():
    study = named("deterministic")
    row = study.contrast("zero_shot", "lead")
    components, _ = power.from_columns(row)
    dialogues = power.dialogues_needed(partial(power.power_of_difference, row["difference"]), components, 0, 0.8)
    assert dialogues > 60
    assert (
        f"To show which of `zero_shot` and `lead` is better: about {dialogues} dialogues (now 60)."
        in sections(study)["What it would take"]
    )
    assert f"; about {dialogues} dialogues would settle which is better" in sections(study)["Headlines"][0]
    assert "seeds alone" not in study.verdict_page


def test_what_lies_just_within_the_margin_is_out_of_reach_and_what_lies_beyond_is_hopeless():
    study = against_full(39.0005)
    assert sentence(study, "What it would take", "non-inferior").endswith(
        ": not even 200 seeds a method and a million dialogues, as the estimated difference lies too close to the margin."
    )
    study = against_full(40.8, margin=0.6)
    assert sentence(study, "What it would take", "equivalent").endswith(
        ": no design, as the estimated difference is no smaller than the margin."
    )


def test_a_difference_that_the_design_should_have_found_asks_for_the_same_design_again():
    row = named("unsettled").contrast("lora", "full").copy()
    row[["sd_seed", "sd_seed_reference", "sd_residual", "sd_residual_reference", "sd_interaction"]] = 0.01
    remedies = [found.remedy for found in contrast_findings(row, 1, named("unsettled").config)]
    assert remedies[0] == "To show which of `lora` and `full` is better: this design once more; these runs happened to miss it."


def test_the_promise_names_the_declared_power_and_what_it_assumes():
    page = where_seeds_are_the_limit(39.5)
    ninety = study_of(page.points, margin=1.2, power=0.9)
    for study, promised in ((page, "80 %"), (ninety, "90 %")):
        assert (
            f"A design named here answers its question with a probability of {promised}, if the true difference and variances are the "
            "estimated ones"
        ) in study.verdict_page
    assert len({seeds for study in (page, ninety) for seeds in re.findall(r"better: (\d+) seeds", study.verdict_page)}) == 2


# Which questions are asked


def test_without_a_margin_nothing_is_said_of_parity_but_that_it_is_not_judged():
    page = named("no margin").verdict_page
    assert "no margin is declared, so parity is not judged" in page
    assert re.findall(r"non-inferior|equivalen|margin of|not to matter|within ±", page) == []
    assert page.count("parity") == 2
    assert "p above 0.05 is never evidence of parity" in page
    assert "p non-inferior" not in numbers_table(named("no margin"))[0]


def test_three_contrasts_are_adjusted_after_holm_which_may_change_a_verdict():
    study = named("three contrasts")
    alone = study_of(study.points, margin=1.0, contrasts=[["ia3", "full"]])
    row = study.contrast("ia3", "full")
    assert row["p"] <= 0.05 < row["p_holm"]
    assert (
        sentence(alone, "Established", "ia3` is worse than")
        == f"`ia3` is worse than `full`: -1.10 points of ROUGE-1, p = {row.p:.3f}."
    )
    assert (
        sentence(study, "Not established", "Which of `ia3`")
        == f"Which of `ia3` and `full` is better: the difference is -1.10 points of ROUGE-1, p = {row.p_holm:.3f} after Holm over 3 contrasts."
    )
    assert "Holm over" not in alone.verdict_page.replace("Holm over all pairs", "")
    assert (
        "adjusted after Holm over the 3 confirmatory contrasts; intervals and bounds are of one contrast each and not adjusted"
        in (study.verdict_page)
    )
    assert len(sections(study)["Headlines"]) == len(numbers_table(study)) == 3
    claims = [
        line for line in sections(study)["Established"] + sections(study)["Not established"] if "p = " in line or "p < " in line
    ]
    assert claims
    assert all("after Holm over 3 contrasts" in line for line in claims)


def test_confirmatory_contrasts_are_named_before_anything_is_said():
    page = named("three contrasts").verdict_page
    assert (
        "Confirmatory: `lora` against `full`, `ia3` against `full` and `prefix` against `full`; a loss of 1.0 point is declared"
        in page
    )
    assert page.index("Confirmatory:") < page.index("- **")


@pytest.mark.parametrize("name", ["no contrast", "only baselines", "one method"])
def test_without_a_contrast_nothing_is_confirmatory_and_there_are_no_headlines(name):
    page = named(name).verdict_page
    assert "Confirmatory: nothing, since no contrast is declared." in page
    assert "comparison.contrasts" in page
    assert "**`" not in page
    assert "## Established" not in page
    assert "## The numbers" not in page
    assert "What it would take" not in page
    assert ("Which method is the best" in page) is (name == "no contrast")


def test_a_contrast_with_another_method_than_full_is_given_in_points_and_not_as_a_share():
    study = named("against another")
    first, second = sections(study)["Headlines"]
    assert first.startswith("**`ia3` against `lora`: -0.30 points of ROUGE-1; not shown to be non-inferior")
    assert second == "**`lora` against `zero_shot`: 19.10 points of ROUGE-1; better than `zero_shot`.**"
    assert "keeps" not in study.verdict_page


def test_full_fine_tuning_may_have_another_name_and_zero_shot_may_be_missing():
    study = named("everything")
    assert sections(study)["Headlines"][0].startswith(
        "**`lora_r_16` keeps 97.5 % of `everything`'s ROUGE-1; worse than `everything`; "
    )
    assert "the gain of" not in study.verdict_page
    assert "zero_shot" not in study.verdict_page


@pytest.mark.parametrize(("name", "metric"), [("rouge2", "ROUGE-2"), ("best reference", "ROUGE-1 (best reference)")])
def test_another_primary_metric_is_named_in_every_verdict(name, metric):
    study = named(name)
    assert f"Primary metric: {metric}." in study.verdict_page
    assert sections(study)["Headlines"][0].startswith(f"**`lora` keeps 98.5 % of `full`'s {metric}; ")
    assert f"the difference is -0.60 points of {metric}, " in sentence(study, "Not established", "Which of")
    assert f"none has a higher {metric} than `full`" in sentence(study, "Not established", "the best")
    over = "the best of a dialogue's references" if name == "best reference" else "the mean over a dialogue's references"
    assert over in study.verdict_page
    assert study.verdict_page.count(metric.split(" ")[0]) == study.verdict_page.count(metric)


# Single runs, one dialogue, no variance


@pytest.mark.parametrize(("name", "methods"), [("single runs", "`lora`"), ("one file", "`other`")])
def test_every_sentence_about_a_single_run_says_that_it_speaks_of_these_runs_only(name, methods):
    study = named(name)
    found = sections(study)
    about = [line for title in ("Headlines", "Established", "Not established") for line in found[title] if methods in line]
    assert len(about) >= 4
    assert [line for line in about if "(these runs only)" not in line] == []
    assert numbers_table(study)[0]["Contrast"] == f"{methods.strip('`')} - full (these runs only)"


def test_the_limits_of_single_runs_are_spelled_out_with_the_right_number():
    assert sections(named("single runs"))["Limits"] == [
        "Of `full` and `lora` there is one run each: what is said of them holds for these runs on new dialogues and not for the methods, "
        "which another seed may move by more than any interval here shows."
    ]
    assert sections(named("one file"))["Limits"] == [
        "Of `other` there is one run: what is said of it holds for that run on new dialogues and not for the method, which another seed "
        "may move by more than any interval here shows."
    ]
    assert "Limits" not in sections(named("better"))


def test_methods_with_seeds_beside_a_single_run_keep_their_own_sentences():
    lines = [line for line in sections(named("one file"))["Established"] if line.startswith("`lora`")]
    assert lines == ["`lora` keeps 98.5 % of `full`'s ROUGE-1."]


@pytest.mark.parametrize("name", ["single runs", "one file"])
def test_a_single_run_is_never_the_best_method_however_far_ahead(name):
    study = named(name)
    best = "`lora`" if name == "single runs" else "`other`"
    assert "better than every other" not in study.verdict_page
    line = sentence(study, "Not established", "the best")
    assert line.startswith(
        f"Which method is the best: none has a higher ROUGE-1 than {best}, which is not shown to be better than "
    )
    assert "(these runs only)" in line


def test_a_single_run_that_settles_nothing_asks_for_a_second_seed_once():
    study = study_of({"full": scores(40, draw=2), "lora": scores(39.2, draw=3)}, margin=0.5)
    assert sections(study)["Headlines"] == [
        "**`lora` keeps 98.0 % of `full`'s ROUGE-1; worse than `full`; not shown to be non-inferior at the declared margin of 0.5 points; "
        "a second seed is needed to settle non-inferiority (these runs only).**"
    ]
    study = study_of({"full": scores(40, draw=2), "lora": scores(39.8, draw=3)}, margin=0.5)
    assert sections(study)["Headlines"][0].endswith(
        "; a second seed is needed to settle which is better and non-inferiority (these runs only).**"
    )
    assert "seeds a method" not in study.verdict_page
    assert sections(study)["What it would take"][0] == (
        "To show which of `lora` and `full` is better: a second run, with another seed, of every method that has one; one run says nothing "
        "about the next."
    )


def test_a_single_zero_shot_run_limits_the_sentence_about_the_gain_and_no_other():
    study = named("better")
    estimates = study.estimates[study.estimates["is_primary"]].set_index("method")
    estimates.loc["zero_shot", "chance"] = "one run"
    of_full, of_gain = retention_findings(study.contrast("lora", "full"), estimates, study.config)
    assert of_gain.text.endswith("of the gain of `full` over `zero_shot` (these runs only).")
    assert "these runs" not in of_full.text


def test_one_dialogue_gives_a_difference_and_no_claim_and_no_number_that_chance_would_need():
    study = named("one dialogue")
    gap = study.points["lora"].mean() - study.points["full"].mean()
    assert sections(study)["Headlines"] == [
        f"**`lora` against `full`: {gap:.2f} points of ROUGE-1; one test dialogue settles nothing.**"
    ]
    assert sections(study)["Not established"][0] == "Anything about `lora` and `full`: there is one test dialogue."
    assert sections(study)["What it would take"] == [
        "`lora` and `full`: test on two dialogues or more; one says nothing about the next."
    ]
    assert "Established" not in sections(study)
    [row] = numbers_table(study)
    missing = {"95 % interval", "Crossed bootstrap", "p (Holm)", "p non-inferior", "p equivalent", "Detectable"}
    assert {name for name, cell in row.items() if cell == "-"} == missing
    assert "[" not in "".join(row.values())


def test_methods_with_the_same_outputs_do_not_differ_and_no_design_would_show_that_they_do():
    for name, pair in (("same outputs", "`lora` and `full`"), ("same deterministic outputs", "`lead` and `human`")):
        study = named(name)
        assert "the difference is 0.00 points of ROUGE-1, p = 1.000." in sentence(study, "Not established", "Which of")
        assert sections(study)["What it would take"] == [
            f"To show which of {pair} is better: no design, as the estimated difference is zero."
        ]
        assert sentence(study, "Established", "equivalent").startswith(f"{pair} are equivalent within ±1.0 point: p ")


@pytest.mark.parametrize("name", ["constant", "only zeros"])
def test_scores_that_never_vary_are_equivalent_and_nobody_is_the_best(name):
    study = named(name)
    assert "equivalent within the declared margin of 1.0 point" in sections(study)["Headlines"][0]
    assert sentence(study, "Not established", "the best") == (
        "Which method is the best: none has a higher ROUGE-1 than `zero_shot`, which is not shown to be better than `full` or `lora`."
    )
    assert "the gain of" not in study.verdict_page
    assert ("keeps 100.0 % of `full`" in without_intervals(study.verdict_page)) is (name == "constant")


def test_a_difference_that_rounds_to_zero_has_no_sign():
    study = against_full(39.999)
    assert "the difference is 0.00 points" in sentence(study, "Not established", "Which of")
    assert numbers_table(study)[0]["Difference"] == "0.00"


def test_a_share_of_a_gain_that_could_be_zero_is_not_established_and_the_reason_is_given():
    study = named("no gain")
    assert sentence(study, "Not established", "What share") == (
        "What share of the gain of `full` over `zero_shot` `lora` keeps: the estimate is 600.0 %, but its 95 % interval is unbounded, "
        "because the gain of `full` over `zero_shot` is not distinguishable from zero."
    )
    assert [line for line in sections(study)["Established"] if "gain" in line] == []
    assert "`lora` reaches 101.2 % of `full`'s ROUGE-1." in sections(study)["Established"]


# The best method


def best_of(study):
    primary = study.config["comparison"]["primary_metric"]
    estimates = study.estimates[study.estimates["metric"] == primary].set_index("method")
    best, open_contrasts = best_method(estimates, study.contrasts, study.config)
    rivals = {name for pair in open_contrasts[["method", "reference"]].to_numpy() for name in pair} - {best}
    return best, rivals


def test_the_best_method_leaves_no_contrast_open_and_floors_and_ceiling_do_not_compete():
    points = {"zero_shot": ZERO_SHOT, "full": FULL, "lora": lora(45), "human": scores(60, draw=8), "lead": scores(44.9, draw=9)}
    study = study_of(points)
    assert best_of(study) == ("lora", set())
    assert (
        "`lora` is better than every other method on ROUGE-1 (after Holm over all pairs; floors and ceiling left out)."
        in (sections(study)["Established"])
    )
    close = study_of(points | {"ia3": scores(44.9, 3, seed_sd=0.5, draw=5)})
    assert sentence(close, "Not established", "the best") == (
        "Which method is the best, floors and ceiling left out: none has a higher ROUGE-1 than `lora`, which is not shown to be better "
        "than `ia3`."
    )


def test_the_best_method_is_open_against_those_that_are_not_far_enough_behind():
    assert best_of(named("three contrasts")) == ("full", {"lora", "ia3"})
    assert best_of(named("one file")) == ("other", {"lora", "full"})
    assert best_of(named("better")) == ("lora", set())


def test_being_the_best_allows_for_the_choice_among_all_pairs():
    """One contrast alone is significant, and as one of ten pairs it is not."""
    points = {
        "full": FULL,
        "lora": lora(38.7),
        "ia3": scores(30, 3, seed_sd=0.3, draw=5),
        "prefix": scores(38.6, 3, seed_sd=0.3, draw=6),
    }
    study = study_of(points | {"zero_shot": scores(38.55, draw=4)}, contrasts=[["lora", "full"]])
    row = study.contrast("lora", "full")
    assert row["p_holm"] <= 0.05 < row["p_holm_all_pairs"]
    assert best_of(study)[0] == "full"
    assert "lora" in best_of(study)[1]
    assert "`lora` is worse than `full`" in " ".join(sections(study)["Established"])
    assert "better than every other" not in study.verdict_page


def test_of_one_method_and_baselines_there_is_no_best():
    study = study_of({"full": FULL, "lead": scores(30, draw=1)})
    assert best_of(study) == (None, set())
    assert "the best" not in study.verdict_page


def test_the_best_method_is_found_on_the_primary_metric():
    study = named("rouge2")
    swapped = study.estimates.copy()
    swapped.loc[(swapped["method"] == "lora") & (swapped["metric"] == "rouge1"), "mean"] = 99
    page = verdict_page(swapped, study.contrasts, study.results, study.config)
    assert "none has a higher ROUGE-2 than `full`" in page


# All pages


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.filterwarnings("error")
def test_no_page_shows_a_missing_or_infinite_number_or_a_negative_zero(name):
    for page, text in named(name).pages.items():
        assert re.findall(r"\b(?:nan|NaN|None|NaT|inf|Infinity|True|False)\b|-0\.0+(?!\d)", text) == [], page


@pytest.mark.parametrize("name", STUDIES)
def test_every_page_names_estimand_unit_protocol_and_primary_metric(name):
    study = named(name)
    primary = {"rouge2": "ROUGE-2", "best reference": "ROUGE-1 (best reference)"}.get(name, "ROUGE-1")
    over = "best of a dialogue's references" if name == "best reference" else "mean over a dialogue's references"
    for page, text in study.pages.items():
        for part in ("trained again with new seeds and tested on new dialogues", over, f"Primary metric: {primary}"):
            assert part in text, (page, part)
        assert re.search(r"ROUGE F-measures? in points", text), page


@pytest.mark.parametrize("name", STUDIES)
def test_numbers_and_nouns_agree_on_every_page(name):
    counted = r"(?<![\d.,-])([\d,]*\d(?:\.\d+)?) (?:more |test )?(point|seed|dialogue|reference|contrast)(s?)\b"
    for page, text in named(name).pages.items():
        found = re.findall(counted, text)
        assert [words for words in found if (float(words[0].replace(",", "")) == 1) is bool(words[2])] == [], page
        assert "(s)" not in text, page
        assert "= <" not in text, page


@pytest.mark.parametrize("name", STUDIES)
def test_every_headline_and_finding_is_one_sentence_that_ends(name):
    for title, lines in sections(named(name)).items():
        for line in lines:
            assert line.endswith(".**" if title == "Headlines" else "."), line
            assert not re.search(r"  |\.\.|;;| ,|\(\)", line), line


def test_the_table_of_numbers_repeats_the_contrasts():
    study = named("three contrasts")
    for cells, (_, row) in zip(
        numbers_table(study), study.contrasts[study.contrasts["family"] == "confirmatory"].iterrows(), strict=True
    ):
        assert cells["Contrast"] == f"{row['method']} - {row['reference']}"
        assert cells["Seeds"] == "3 / 3"
        assert cells["Difference"] == f"{row['difference']:.2f}"
        assert cells["95 % interval"] == f"[{row['low']:.2f}, {row['high']:.2f}]"
        assert cells["Crossed bootstrap"] == f"[{row['bootstrap_low']:.2f}, {row['bootstrap_high']:.2f}]"
        for name, column in (
            ("p (Holm)", "p_holm"),
            ("p non-inferior", "p_noninferior_holm"),
            ("p equivalent", "p_equivalent_holm"),
        ):
            assert cells[name] == ("< 0.001" if row[column] < 0.001 else f"{row[column]:.3f}")
        assert cells["P(better)"].startswith(f"{row['probability_better']:.2f} [")
        assert cells["Detectable"] == f"{row['smallest_detectable_difference']:.2f}"


def test_a_method_without_seeds_has_a_dash_for_them_in_the_table_of_numbers():
    assert [row["Seeds"] for row in numbers_table(named("against another"))] == ["3 / 3", "3 / -"]
    assert [row["Seeds"] for row in numbers_table(named("one file"))] == ["1 / 3", "3 / 3"]


def test_a_headline_of_a_better_and_equivalent_method_says_both():
    study = named("equivalent")
    row = study.contrast("lora", "full").copy()
    row["difference"], row["p_holm"], row["p_equivalent_holm"] = 0.2, 0.01, 0.02
    estimates = study.estimates[study.estimates["is_primary"]].set_index("method")
    text = headline(row, [], estimates, study.config, 1)
    assert text.endswith("; better than `full`; equivalent within the declared margin of 1.0 point")


@pytest.mark.parametrize(("adjusted", "claim"), [(0.09, "; not shown to be non-inferior at"), (0.04, "; non-inferior at")])
def test_a_headline_rests_on_the_adjusted_p(adjusted, claim):
    study = named("non-inferior")
    row = study.contrast("lora", "full").copy()
    row["p_noninferior"], row["p_noninferior_holm"] = 0.03, adjusted
    estimates = study.estimates[study.estimates["is_primary"]].set_index("method")
    assert claim in headline(row, [], estimates, study.config, 3)
