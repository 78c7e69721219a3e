"""From the runs' score files to estimates and contrasts, held against pandas, scipy and statsmodels on the same files."""

import gc
import io
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from parity.comparison import DETERMINISTIC, ONE_RUN, SEEDS, contrasts_table, estimates_table, read_study
from parity.config import load_schema
from parity.errors import InputError
from parity.results import PROTOCOLS, SCORE_COLUMNS, UNIT

pytestmark = pytest.mark.filterwarnings("error")

KINDS = {
    "zero_shot": "zero_shot",
    "full": "full",
    "full_long": "full",
    "lora": "peft",
    "ia3": "peft",
    "prefix": "peft",
    "lead": "baseline",
    "human": "baseline",
    "other": "predictions",
}
LEVELS = {"zero_shot": 30, "full": 46, "full_long": 47, "lora": 44, "ia3": 42, "prefix": 41, "lead": 35, "human": 60, "other": 45}
# Means that are told apart only by reading the right column.
OF_METRIC = np.linspace(0, -14, len(SCORE_COLUMNS))
WITHOUT_SEEDS = {"zero_shot", "lead", "human"}
N_SEEDS = {"zero_shot": 1, "full": 3, "lora": 4, "ia3": 2, "lead": 1, "human": 1, "other": 1}
CONTRAST = ["method", "reference", "metric"]
P_VALUES = ["p_holm", "p_noninferior", "p_equivalent", "p_noninferior_holm", "p_equivalent_holm"]


def config_of(*compare, **comparison):
    defaults = {key: block["default"] for key, block in load_schema("config")["properties"]["comparison"]["properties"].items()}
    settings = defaults | {"n_bootstrap": 100} | comparison
    return {"compare": list(compare), "methods": {name: {"kind": KINDS[name]} for name in compare}, "comparison": settings}


def made_up(n_seeds, n_dialogues=24, seed=0):
    """Points of each method, shape (seeds, dialogues, metrics), in which dialogues, seeds and their meeting all have a say."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, 5, (n_dialogues, 1))
    shape = (n_dialogues, len(SCORE_COLUMNS))
    points = {}
    for method, count in n_seeds.items():
        taste, luck = rng.normal(0, 2, shape), rng.normal(0, 0.8, (count, 1, shape[1]))
        points[method] = LEVELS[method] + OF_METRIC + difficulty + taste + luck + rng.normal(0, 3, (count, *shape))
    return {method: np.clip(values, 0, 100) for method, values in points.items()}


def on_all_metrics(scores):
    """Scores of shape (seeds, dialogues) as those of every metric."""
    return np.repeat(np.atleast_2d(np.asarray(scores, float))[:, :, None], len(SCORE_COLUMNS), axis=2)


def write_runs(folder, points, ids=None):
    """A file a run, as the rule score writes it: [(method, path)]."""
    runs = []
    for method, values in points.items():
        for number, scores in enumerate(values):
            path = folder / f"{method}-{number}.csv"
            table = pd.DataFrame(scores, columns=SCORE_COLUMNS)
            table.insert(0, "id", ids or [f"dialogue_{row}" for row in range(len(table))])
            table.to_csv(path, index=False)
            runs.append((method, path))
    return runs


def read(folder, points, deterministic=WITHOUT_SEEDS):
    return read_study(write_runs(folder, points), set(deterministic))


def contrasts_of(folder, points, deterministic=WITHOUT_SEEDS, **comparison):
    return contrasts_table(read(folder, points, deterministic), config_of(*points, **comparison)).set_index(CONTRAST)


def refusal(runs):
    with pytest.raises(InputError) as caught:
        read_study(runs, set())
    return str(caught.value)


@pytest.fixture(scope="module", autouse=True)
def nothing_imported_is_garbage():
    """statsmodels collects garbage at every adjustment, which takes most of these tests' time where much is imported."""
    gc.freeze()
    yield
    gc.unfreeze()


class FromFiles:
    """The same questions answered from the files with pandas and statsmodels."""

    def __init__(self, runs):
        tables = [pd.read_csv(path).assign(method=method, run=number) for number, (method, path) in enumerate(runs)]
        self.rows = pd.concat(tables)
        self.anovas = {}

    def scores(self, method, metric):
        """Runs as rows, dialogues as columns."""
        return self.rows[self.rows["method"] == method].pivot(index="run", columns="id", values=metric)

    def anova(self, method, metric):
        """Mean squares and degrees of freedom of runs, dialogues and the residual."""
        if (method, metric) not in self.anovas:
            rows = self.rows.loc[self.rows["method"] == method, ["run", "id", metric]].rename(columns={metric: "score"})
            self.anovas[method, metric] = anova_lm(ols("score ~ C(run) + C(id)", rows).fit())
        return self.anovas[method, metric]

    def estimate(self, metric, **weights):
        """Value, standard error and degrees of freedom of a weighted sum of means: dialogues paired, runs not."""
        scores = {method: self.scores(method, metric) for method in weights}
        by_dialogue = sum(weight * scores[method].mean() for method, weight in weights.items())
        from_dialogues = by_dialogue.sem() ** 2
        from_runs, shared, spread = 0.0, 0.0, from_dialogues**2 / (len(by_dialogue) - 1)
        for method, weight in weights.items():
            if len(scores[method]) > 1:
                anova = self.anova(method, metric)
                part = weight**2 * anova["mean_sq"] / scores[method].size
                from_runs, shared = from_runs + part["C(run)"], shared + part["Residual"]
                spread += part["C(run)"] ** 2 / anova["df"]["C(run)"] + part["Residual"] ** 2 / anova["df"]["Residual"]
        variance = max(from_runs + from_dialogues - shared, from_dialogues, from_runs)
        return by_dialogue.mean(), math.sqrt(variance), variance**2 / spread


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Seven methods with 3, 4, 2 and single runs; ia3's scores are coarse, so that ties occur."""
    points = made_up(N_SEEDS)
    points["ia3"], points["lead"] = points["ia3"].round(), points["lead"].round()
    return write_runs(tmp_path_factory.mktemp("runs"), points)


@pytest.fixture(scope="module")
def study(runs):
    return read_study(runs, WITHOUT_SEEDS)


@pytest.fixture(scope="module")
def files(runs):
    return FromFiles(runs)


@pytest.fixture(scope="module")
def config():
    return config_of(*N_SEEDS, margin=1.5, contrasts=[["lora", "full"], ["full", "ia3"], ["zero_shot", "lead"]])


@pytest.fixture(scope="module")
def estimates(study, config):
    return estimates_table(study, config).set_index(["method", "metric"])


@pytest.fixture(scope="module")
def contrasts(study, config):
    return contrasts_table(study, config).set_index(CONTRAST)


# Reading


def test_scores_are_kept_by_metric_and_method_as_seeds_by_dialogues(tmp_path):
    points = made_up({"full": 3, "zero_shot": 1}, n_dialogues=5)
    study = read(tmp_path, points)
    assert list(study.scores) == list(SCORE_COLUMNS)
    for (column, metric), method in itertools.product(enumerate(SCORE_COLUMNS), points):
        assert study.scores[metric][method].values == pytest.approx(points[method][:, :, column], rel=1e-14)


def test_dialogues_in_another_order_are_aligned_by_their_ids_which_stay_text(tmp_path):
    ids = ["007", "7", "NA", "nan", "null", "1e5", "100000", "1.0", "1", 'a, "b"', " x", "x", "True", "é"]
    points = made_up({"full": 1, "lora": 2}, n_dialogues=len(ids))
    runs = write_runs(tmp_path, points, ids)
    for number, (_, path) in enumerate(runs[1:], 1):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table.sample(frac=1, random_state=number).to_csv(path, index=False)
    study = read_study(runs, set())
    for method in points:
        assert study.scores["rouge2"][method].values == pytest.approx(points[method][:, :, 1], rel=1e-14)


@pytest.mark.parametrize(("expected", "found"), [("007", "7"), ("1e5", "100000.0"), ("NA", ""), ("null", "nan"), ("1", "1.0")])
def test_ids_that_only_a_parser_takes_for_the_same_are_other_dialogues(tmp_path, expected, found):
    first = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=2), ["2", expected])
    second = write_runs(tmp_path, made_up({"lora": 1}, n_dialogues=2), ["2", found])
    message = refusal([*first, *second])
    assert f"lacks 1 of them: {expected}" in message
    assert f": {found}. Score" in message


def test_other_dialogues_are_refused_with_both_files_the_missing_ids_and_the_surplus_ones(tmp_path):
    first = write_runs(tmp_path, made_up({"full": 2}, n_dialogues=4), ["a", "b", "c", "d"])
    other = write_runs(tmp_path, made_up({"lora": 1}, n_dialogues=4), ["x", "b", "y", "d"])
    message = refusal([*first, *other])
    assert message.startswith(f"{other[0][1]}: its dialogues are not those of {first[0][1]}; it ")
    assert "lacks 2 of them: a, c; it holds 2 that are not there: x, y. " in message
    assert message.endswith("Score both runs on the same test set: delete both files and call snakemake")


@pytest.mark.parametrize(("ids", "said", "unsaid"), [("abc", "lacks 1 of them: d", "holds"), ("abcde", "holds 1", "lacks")])
def test_a_file_that_only_lacks_dialogues_or_only_has_more_is_refused_as_well(tmp_path, ids, said, unsaid):
    first = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=4), list("abcd"))
    other = write_runs(tmp_path, made_up({"lora": 1}, n_dialogues=len(ids)), list(ids))
    message = refusal([*first, *other]).replace(str(tmp_path), "")
    assert said in message
    assert unsaid not in message


@pytest.mark.parametrize(("count", "cut"), [(10, False), (11, True)])
def test_more_than_ten_missing_ids_are_counted_and_not_all_named(tmp_path, count, cut):
    common, lost = [f"in_both_{number}" for number in range(9)], [f"only_{number:02}" for number in range(count)]
    first = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=9 + count), [*lost, *common])
    other = write_runs(tmp_path, made_up({"lora": 1}, n_dialogues=9), common)
    message = refusal([*first, *other])
    assert f"lacks {count} of them: only_00, only_01" in message
    assert "only_09" in message
    assert "only_10" not in message
    assert (" ..." in message) is cut


def test_a_dialogue_that_stands_twice_is_refused_by_name(tmp_path):
    runs = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=4), ["a", "b", "c", "b"])
    assert refusal(runs) == (f"{runs[0][1]}: the dialogue b stands there twice. Delete this file; snakemake scores the run again")


@pytest.mark.parametrize("columns", [["id"], ["rouge1"], ["rougeL_max", "rougeLsum_max"]])
def test_missing_columns_are_named(tmp_path, columns):
    runs = write_runs(tmp_path, made_up({"full": 1, "lora": 1}))
    path = runs[1][1]
    pd.read_csv(path).drop(columns=columns).to_csv(path, index=False)
    assert refusal(runs).startswith(f"{path}: lacks the column(s) {', '.join(columns)}. Delete this file")


def test_a_column_that_is_not_needed_does_not_shift_the_scores(tmp_path):
    points = made_up({"full": 1})
    runs = write_runs(tmp_path, points)
    table = pd.read_csv(runs[0][1])
    table.insert(1, "note", "new")
    table[["note", *reversed(SCORE_COLUMNS), "id"]].to_csv(runs[0][1], index=False)
    assert read_study(runs, set()).scores["rouge2"]["full"].values == pytest.approx(points["full"][:, :, 1], rel=1e-14)


def test_a_file_without_dialogues_is_refused(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(",".join(("id", *SCORE_COLUMNS)) + "\n", encoding="utf-8")
    assert refusal([("full", path)]).startswith(f"{path}: holds no dialogue. ")


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    assert str(path) in refusal([("full", path)])


@pytest.mark.parametrize(
    "value",
    ["nan", "inf", "-inf", "-3", "250", "100.001", "-0.001", "twelve", "NA"],
)
def test_what_is_no_score_from_0_to_100_is_refused_by_file_metric_dialogue_and_value(tmp_path, value):
    runs = write_runs(tmp_path, made_up({"full": 2}, n_dialogues=3), ["a", "b", "c"])
    path = put_score(runs[1][1], "rougeL", 1, value)
    message = refusal(runs)
    assert message.startswith(f"{path}: rougeL of the dialogue b = {value}")
    assert message.endswith("is no score from 0 to 100. Delete this file; snakemake scores the run again")


def test_a_score_left_out_is_refused(tmp_path):
    runs = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=3), ["a", "b", "c"])
    put_score(runs[0][1], "rougeLsum_max", 2, "")
    assert "rougeLsum_max of the dialogue c = nothing" in refusal(runs)


@pytest.mark.parametrize("value", ["0", "100", "100.00000000000001", "-0.0"])
def test_the_ends_of_the_scale_are_scores(tmp_path, value):
    runs = write_runs(tmp_path, made_up({"full": 1}, n_dialogues=3))
    put_score(runs[0][1], "rouge1", 1, value)
    assert read_study(runs, set()).scores["rouge1"]["full"].values[0, 1] == pytest.approx(float(value))


def put_score(path, metric, row, text):
    table = pd.read_csv(path, dtype=str)
    table.loc[row, metric] = text
    table.to_csv(path, index=False)
    return path


# Chance and scope


def test_chance_is_seeds_or_one_run_or_none(study):
    assert study.chance == {
        "zero_shot": DETERMINISTIC,
        "full": SEEDS,
        "lora": SEEDS,
        "ia3": SEEDS,
        "lead": DETERMINISTIC,
        "human": DETERMINISTIC,
        "other": ONE_RUN,
    }


@pytest.mark.parametrize(
    ("method", "chance", "scope", "n_seeds"),
    [
        ("zero_shot", "deterministic", "new dialogues", 0),
        ("lora", "seeds", "new seeds and dialogues", 4),
        ("other", "one run", "these runs on new dialogues", 1),
    ],
)
def test_an_estimate_says_what_its_interval_speaks_of(estimates, method, chance, scope, n_seeds):
    rows = estimates.loc[method]
    assert (set(rows["chance"]), set(rows["scope"]), set(rows["n_seeds"])) == ({chance}, {scope}, {n_seeds})
    assert set(rows["n_dialogues"]) == {24}


@pytest.mark.parametrize(
    ("method", "reference", "scope", "n_seeds"),
    [
        ("lora", "full", "new seeds and dialogues", (4, 3)),
        ("zero_shot", "full", "new seeds and dialogues", (0, 3)),
        ("zero_shot", "lead", "new dialogues", (0, 0)),
        ("other", "full", "these runs on new dialogues", (1, 3)),
        ("other", "lead", "these runs on new dialogues", (1, 0)),
    ],
)
def test_a_contrast_speaks_of_no_more_than_both_methods_runs_do(contrasts, method, reference, scope, n_seeds):
    row = contrasts.loc[(method, reference, "rouge1")]
    assert (row["scope"], (row["n_seeds"], row["n_seeds_reference"]), row["n_dialogues"]) == (scope, n_seeds, 24)


def test_one_seed_gives_the_interval_of_this_run_on_new_dialogues(tmp_path):
    points = made_up({"full": 1, "lora": 1})
    study, config = read(tmp_path, points), config_of("full", "lora")
    row = estimates_table(study, config).set_index(["method", "metric"]).loc[("lora", "rouge1")]
    contrast = contrasts_table(study, config).set_index(CONTRAST).loc[("lora", "full", "rouge1")]
    scores = {method: values[0, :, 0] for method, values in points.items()}
    assert (row["chance"], row["scope"], contrast["scope"]) == ("one run", *["these runs on new dialogues"] * 2)
    assert row[["low", "high"]].tolist() == pytest.approx(stats.ttest_1samp(scores["lora"], 0).confidence_interval())
    assert contrast["p"] == pytest.approx(stats.ttest_rel(scores["lora"], scores["full"]).pvalue)
    assert row[["sd_seed_means", "sd_seed", "sd_residual", "intraclass_correlation"]].isna().all()
    assert contrast[["sd_seed", "sd_seed_cautious", "sd_interaction"]].isna().all()


# Estimates


def test_estimates_are_a_row_a_method_and_metric_in_the_configs_order(estimates, config):
    assert estimates.index.tolist() == list(itertools.product(config["compare"], SCORE_COLUMNS))
    assert estimates["kind"].to_dict() == {key: KINDS[key[0]] for key in estimates.index}


def test_unit_and_protocol_are_named_in_every_row(estimates, contrasts):
    for table in (estimates.reset_index(), contrasts.reset_index()):
        assert set(table["unit"]) == {UNIT}
        assert table["protocol"].tolist() == [PROTOCOLS[metric] for metric in table["metric"]]
    assert len(set(estimates["protocol"])) == 2


def test_means_and_intervals_are_those_worked_out_from_the_files(estimates, files):
    for (method, metric), row in estimates.iterrows():
        value, se, df = files.estimate(metric, **{method: 1})
        assert row[["mean", "se", "df"]].tolist() == pytest.approx([value, se, df]), (method, metric)
        assert row[["low", "high"]].tolist() == pytest.approx(stats.t.interval(0.95, df, value, se)), (method, metric)


def test_the_deviation_of_seed_means_is_taken_with_n_minus_1_and_missing_for_one_run(estimates, files):
    means = files.rows.groupby(["method", "run"])[list(SCORE_COLUMNS)].mean()
    expected = means.groupby("method").std().stack()
    for key, sd in estimates["sd_seed_means"].items():
        assert math.isnan(sd) if N_SEEDS[key[0]] == 1 else sd == pytest.approx(expected[key]), key


@pytest.mark.parametrize("metric", ["rouge1", "rougeL_max"])
@pytest.mark.parametrize("method", ["full", "lora", "ia3"])
def test_variance_components_follow_from_the_mean_squares(estimates, files, method, metric):
    squares = files.anova(method, metric)["mean_sq"]
    seed = max(squares["C(run)"] - squares["Residual"], 0) / 24
    dialogue = (squares["C(id)"] - squares["Residual"]) / N_SEEDS[method]
    row = estimates.loc[(method, metric)]
    found = row[["sd_seed", "sd_dialogue", "sd_residual"]].tolist()
    assert found == pytest.approx([math.sqrt(seed), math.sqrt(dialogue), math.sqrt(squares["Residual"])])
    assert row["intraclass_correlation"] == pytest.approx(dialogue / (seed + dialogue + squares["Residual"]))


def test_percent_of_full_is_the_ratio_of_means_with_fiellers_bounds(estimates, files):
    columns = ["percent_of_full", "percent_of_full_low", "percent_of_full_high"]
    assert estimates.loc["full", columns].to_numpy() == pytest.approx(100)
    for method, metric in itertools.product(["lora", "zero_shot", "other"], ["rouge1", "rougeLsum_max"]):
        row = estimates.loc[(method, metric)]
        share = files.rows.query("method == @method")[metric].mean() / files.rows.query("method == 'full'")[metric].mean()
        assert row["percent_of_full"] == pytest.approx(100 * share)
        df = files.estimate(metric, **{method: 1, "full": -share})[2]
        for bound in row[columns[1:]] / 100:
            value, se, _ = files.estimate(metric, **{method: 1, "full": -bound})
            assert abs(value / se) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-6)


def test_percent_of_gain_is_the_share_of_fulls_gain_over_zero_shot(estimates, files):
    columns = ["percent_of_gain", "percent_of_gain_low", "percent_of_gain_high"]
    assert estimates.loc["full", columns].to_numpy() == pytest.approx(100)
    assert estimates.loc["zero_shot", columns].isna().all(axis=None)
    mean = {method: files.scores(method, "rouge2").mean().mean() for method in N_SEEDS}
    share = (mean["lora"] - mean["zero_shot"]) / (mean["full"] - mean["zero_shot"])
    row = estimates.loc[("lora", "rouge2")]
    assert row["percent_of_gain"] == pytest.approx(100 * share)
    df = files.estimate("rouge2", lora=1, full=-share, zero_shot=share - 1)[2]
    for bound in row[columns[1:]] / 100:
        value, se, _ = files.estimate("rouge2", lora=1, full=-bound, zero_shot=bound - 1)
        assert abs(value / se) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-6)


def test_of_two_full_methods_the_first_compared_is_the_measure(tmp_path):
    study = read(
        tmp_path, {name: on_all_metrics([level] * 4) for name, level in {"full_long": 50, "full": 40, "lora": 30}.items()}
    )
    table = estimates_table(study, config_of("lora", "full_long", "full"))
    assert table.loc[table["metric"] == "rouge1", "percent_of_full"].tolist() == pytest.approx([60, 100, 80])


@pytest.mark.parametrize(
    ("compare", "missing"),
    [(("zero_shot", "lora"), ("full", "gain")), (("full", "lora"), ("gain",)), (("lora", "lead"), ("full", "gain"))],
)
def test_without_a_full_or_zero_shot_method_there_is_no_share_of_it(study, compare, missing):
    table = estimates_table(study, config_of(*compare))
    for share in ("full", "gain"):
        columns = [column for column in table if column.startswith(f"percent_of_{share}")]
        assert len(columns) == 3
        assert table[columns].isna().all(axis=None) == (share in missing)


@pytest.fixture(scope="module")
def without_gain(tmp_path_factory):
    """Full fine-tuning gains nothing that could be told from chance, so that no share of it has bounds."""
    rng = np.random.default_rng(5)
    points = {"zero_shot": rng.normal(40, 8, (1, 10)), "full": rng.normal(40.5, 8, (3, 10)), "lora": rng.normal(42, 8, (3, 10))}
    folder = tmp_path_factory.mktemp("without_gain")
    return read(folder, {method: on_all_metrics(scores) for method, scores in points.items()})


def test_infinite_bounds_survive_being_written_and_read_as_csv(without_gain):
    table = estimates_table(without_gain, config_of("zero_shot", "full", "lora"))
    row = table.query("method == 'lora' and metric == 'rouge1'").iloc[0]
    assert row[["percent_of_gain_low", "percent_of_gain_high"]].tolist() == [-math.inf, math.inf]
    assert math.isfinite(row["percent_of_gain"])
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(table.to_csv(index=False))), table)


# Contrasts


def test_contrasts_hold_every_pair_of_methods_once_on_every_metric(contrasts):
    for metric in SCORE_COLUMNS:
        pairs = contrasts.xs(metric, level="metric").index
        assert len(pairs) == 21
        assert {frozenset(pair) for pair in pairs} == set(map(frozenset, itertools.combinations(N_SEEDS, 2)))


def test_a_declared_contrast_keeps_its_direction_others_are_against_full_or_later_minus_earlier(contrasts):
    assert contrasts.xs("rouge2", level="metric").index.tolist() == [
        *[("lora", "full"), ("full", "ia3"), ("zero_shot", "lead")],
        ("zero_shot", "full"),
        ("lora", "zero_shot"),
        ("ia3", "zero_shot"),
        ("human", "zero_shot"),
        ("other", "zero_shot"),
        *[("lead", "full"), ("human", "full"), ("other", "full")],
        *[("ia3", "lora"), ("lead", "lora"), ("human", "lora"), ("other", "lora")],
        *[("lead", "ia3"), ("human", "ia3"), ("other", "ia3")],
        *[("human", "lead"), ("other", "lead"), ("other", "human")],
    ]


def test_a_second_full_method_is_no_reference_of_its_own(tmp_path):
    points = made_up({"lora": 2, "full": 2, "full_long": 2, "ia3": 2}, n_dialogues=4)
    pairs = contrasts_of(tmp_path, points).xs("rouge1", level="metric").index.tolist()
    assert pairs == [
        ("lora", "full"),
        ("ia3", "full"),
        ("full_long", "lora"),
        ("ia3", "lora"),
        ("full_long", "full"),
        ("ia3", "full_long"),
    ]


def test_differences_and_intervals_are_those_worked_out_from_the_files(contrasts, files):
    for (method, reference, metric), row in contrasts.iterrows():
        value, se, df = files.estimate(metric, **{method: 1, reference: -1})
        where = (method, reference, metric)
        assert row[["difference", "se", "df"]].tolist() == pytest.approx([value, se, df]), where
        assert row[["low", "high"]].tolist() == pytest.approx(stats.t.interval(0.95, df, value, se)), where
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(value / se), df)), where


def test_two_deterministic_methods_are_compared_by_the_paired_t_test(contrasts, files):
    lead, human = (files.scores(method, "rougeL").iloc[0] for method in ("lead", "human"))
    expected = stats.ttest_rel(human, lead)
    row = contrasts.loc[("human", "lead", "rougeL")]
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row[["low", "high"]].tolist() == pytest.approx(expected.confidence_interval())
    assert row["df"] == 23


def test_where_methods_differ_alike_on_every_dialogue_what_is_left_is_welchs_t_test_over_seeds(tmp_path):
    rng = np.random.default_rng(2)
    dialogues = rng.uniform(20, 60, 15)
    shifts = {"full": rng.normal(3, 1, 5), "lora": rng.normal(0, 2, 3)}
    points = {method: on_all_metrics(dialogues + shift[:, None]) for method, shift in shifts.items()}
    row = contrasts_of(tmp_path, points).loc[("lora", "full", "rouge1")]
    expected = stats.ttest_ind(shifts["lora"], shifts["full"], equal_var=False)
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row["df"] == pytest.approx(expected.df)
    assert row[["low", "high"]].tolist() == pytest.approx(expected.confidence_interval())


def test_a_contrast_is_confirmatory_where_it_is_declared_and_on_the_primary_metric(contrasts, config):
    confirmatory = contrasts.index[contrasts["family"] == "confirmatory"]
    assert confirmatory.tolist() == [(*pair, "rouge1") for pair in config["comparison"]["contrasts"]]
    assert (contrasts["family"] == "exploratory").sum() == 21 * 8 - 3


def test_an_exploratory_contrast_has_no_margin_and_no_adjusted_p(contrasts):
    exploratory = contrasts[contrasts["family"] == "exploratory"]
    assert exploratory[["margin", *P_VALUES]].isna().all(axis=None)
    assert exploratory[["p", "difference", "low", "high", "smallest_detectable_difference"]].notna().all(axis=None)
    confirmatory = contrasts[contrasts["family"] == "confirmatory"]
    assert confirmatory["margin"].tolist() == [1.5] * 3
    assert confirmatory[P_VALUES].notna().all(axis=None)


def test_parity_is_tested_against_the_margin(contrasts, files, config):
    for pair in config["comparison"]["contrasts"]:
        value, se, df = files.estimate("rouge1", **dict(zip(pair, (1, -1), strict=True)))
        row = contrasts.loc[(*pair, "rouge1")]
        above = stats.t.sf((value + 1.5) / se, df)
        assert row["p_noninferior"] == pytest.approx(above)
        assert row["p_equivalent"] == pytest.approx(max(above, stats.t.cdf((value - 1.5) / se, df)))


def test_without_a_margin_no_question_of_parity_is_answered(study, contrasts):
    table = contrasts_table(study, config_of(*N_SEEDS, contrasts=[["lora", "full"], ["full", "ia3"], ["zero_shot", "lead"]]))
    assert table[["margin", "p_noninferior", "p_equivalent", "p_noninferior_holm", "p_equivalent_holm"]].isna().all(axis=None)
    assert table["p_holm"].tolist() == pytest.approx(contrasts["p_holm"].tolist(), nan_ok=True)


@pytest.mark.parametrize(
    ("raw", "adjusted"),
    [("p", "p_holm"), *((f"p_{question}", f"p_{question}_holm") for question in ("noninferior", "equivalent"))],
)
def test_holms_adjustment_is_statsmodels_over_the_declared_contrasts(contrasts, raw, adjusted):
    family = contrasts[contrasts["family"] == "confirmatory"]
    assert family[adjusted].tolist() == pytest.approx(multipletests(family[raw], method="holm")[1])


def test_a_hand_made_family_is_adjusted_for_each_question_apart(tmp_path):
    """Differences that give p of 0.01, 0.04, 0.02, and 0.03, 0.005, 0.04 in the equivalence test; prefix is above full."""
    of_difference, of_equivalence, signs = (0.01, 0.04, 0.02), (0.03, 0.005, 0.04), (-1, -1, 1)
    noise = np.tile([1.0, -1.0], 10)
    points = {"full": np.full(20, 50.0)}
    for method, p, p_equivalent, sign in zip(("lora", "ia3", "prefix"), of_difference, of_equivalence, signs, strict=True):
        shift = stats.t.isf(p / 2, 19)
        se = 2.0 / (shift + stats.t.isf(p_equivalent, 19))
        points[method] = 50 + sign * shift * se + noise * se * math.sqrt(19)
    points = {method: on_all_metrics(scores) for method, scores in points.items()}
    table = contrasts_of(tmp_path, points, deterministic=points, margin=2.0).xs("rouge1", level="metric")
    family = table[table["family"] == "confirmatory"]
    assert family.index.tolist() == [("lora", "full"), ("ia3", "full"), ("prefix", "full")]
    assert family["p"].tolist() == pytest.approx([0.01, 0.04, 0.02])
    assert family["p_holm"].tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert family["p_equivalent"].tolist() == pytest.approx([0.03, 0.005, 0.04])
    assert family["p_equivalent_holm"].tolist() == pytest.approx([0.06, 0.015, 0.06])
    assert family["p_noninferior"].tolist()[:2] == pytest.approx([0.03, 0.005])
    assert family["p_noninferior"].iloc[2] < 1e-3
    assert family["p_noninferior_holm"].tolist()[:2] == pytest.approx([0.03, 0.01])


def test_all_pairs_are_adjusted_over_methods_that_are_no_baseline_on_the_primary_metric(contrasts):
    adjusted = contrasts["p_holm_all_pairs"].dropna()
    wanted = itertools.combinations(("zero_shot", "full", "lora", "ia3", "other"), 2)
    assert {frozenset(key[:2]) for key in adjusted.index} == set(map(frozenset, wanted))
    assert len(adjusted) == 10
    assert set(adjusted.index.get_level_values("metric")) == {"rouge1"}
    expected = multipletests(contrasts.loc[adjusted.index, "p"], method="holm")[1]
    assert adjusted.tolist() == pytest.approx(expected.tolist())


def test_baselines_may_be_contrasted(study):
    table = contrasts_table(study, config_of("full", "lead", "human", margin=1, contrasts=[["lead", "human"]])).set_index(
        CONTRAST
    )
    row = table.loc[("lead", "human", "rouge1")]
    assert (row["family"], row["p_holm"], row["margin"]) == ("confirmatory", row["p"], 1)
    assert row["p_noninferior_holm"] == row["p_noninferior"] > 0.5
    assert table["p_holm_all_pairs"].isna().all()


def test_without_declared_contrasts_every_peft_method_is_confirmed_against_the_first_full_one(study):
    table = contrasts_table(study, config_of("ia3", "lora", "full", "zero_shot"))
    family = table[table["family"] == "confirmatory"]
    assert family[CONTRAST].values.tolist() == [["ia3", "full", "rouge1"], ["lora", "full", "rouge1"]]


@pytest.mark.parametrize(("compare", "contrasts"), [(("lora", "ia3"), None), (("full", "lora"), [])])
def test_a_study_may_have_no_confirmatory_contrast(study, compare, contrasts):
    table = contrasts_table(study, config_of(*compare, margin=1, contrasts=contrasts))
    assert set(table["family"]) == {"exploratory"}
    assert table[["margin", *P_VALUES]].isna().all(axis=None)
    assert table["p_holm_all_pairs"].notna().sum() == 1


def test_one_method_alone_has_a_table_of_contrasts_without_rows(study, contrasts):
    table = contrasts_table(study, config_of("full", margin=1))
    assert table.empty
    assert list(table.columns) == list(contrasts.reset_index().columns)


@pytest.mark.parametrize("primary", ["rouge2", "rouge1_max"])
def test_another_metric_may_be_the_primary_one(study, files, primary):
    config = config_of("full", "lora", "ia3", "lead", primary_metric=primary, margin=2)
    estimates, contrasts = estimates_table(study, config), contrasts_table(study, config)
    assert set(estimates.loc[estimates["is_primary"], "metric"]) == {primary}
    assert estimates["is_primary"].sum() == 4
    family = contrasts[contrasts["family"] == "confirmatory"]
    assert set(family["metric"]) == set(contrasts.loc[contrasts["p_holm_all_pairs"].notna(), "metric"]) == {primary}
    expected = [files.estimate(primary, full=-1, **{method: 1})[0] for method in ("lora", "ia3")]
    assert family["difference"].tolist() == pytest.approx(expected)


def test_probability_better_counts_pairs_of_runs_on_each_dialogue_a_tie_one_half(contrasts, files):
    for method, reference in (("lora", "full"), ("full", "ia3"), ("lead", "ia3"), ("human", "lead")):
        ours, theirs = files.scores(method, "rouge1"), files.scores(reference, "rouge1")
        wins = [
            (one > other).mean() + (one == other).mean() / 2
            for (_, one), (_, other) in itertools.product(ours.iterrows(), theirs.iterrows())
        ]
        row = contrasts.loc[(method, reference, "rouge1")]
        assert row["probability_better"] == pytest.approx(np.mean(wins))
        assert 0 <= row["probability_better_low"] <= row["probability_better"] <= row["probability_better_high"] <= 1


@pytest.mark.parametrize(("sign", "value", "bounds"), [(1, 0.95, (None, 1)), (-1, 0.05, (0, None))])
def test_bounds_of_a_probability_end_at_0_and_1(tmp_path, sign, value, bounds):
    full = np.linspace(30, 50, 10)
    points = {"full": on_all_metrics(full), "lora": on_all_metrics(full + sign * np.minimum(np.arange(10), 1))}
    row = contrasts_of(tmp_path, points, deterministic=points).loc[("lora", "full", "rouge1")]
    by_hand = stats.ttest_1samp(np.where(np.arange(10) == 0, 0.5, (sign + 1) / 2), 0).confidence_interval()
    assert row["probability_better"] == pytest.approx(value)
    expected = [bound if end is None else end for bound, end in zip(by_hand, bounds, strict=True)]
    assert row[["probability_better_low", "probability_better_high"]].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("power", [0.8, 0.95])
def test_the_smallest_detectable_difference_is_what_statsmodels_finds_for_a_paired_test(study, files, power):
    row = contrasts_table(study, config_of("lead", "human", power=power)).set_index(CONTRAST).loc[("human", "lead", "rouge2")]
    gap = files.scores("human", "rouge2").iloc[0] - files.scores("lead", "rouge2").iloc[0]
    effect = TTestPower().solve_power(nobs=24, alpha=0.05, power=power)
    assert row["smallest_detectable_difference"] == pytest.approx(effect * gap.std(), rel=2e-3)


def test_a_contrast_shows_the_deviations_that_a_plan_needs(contrasts, estimates, files):
    row = contrasts.loc[("lora", "full", "rouge2")]
    for column, method in (("", "lora"), ("_reference", "full")):
        own = estimates.loc[(method, "rouge2")]
        assert row[[f"sd_seed{column}", f"sd_residual{column}"]].tolist() == pytest.approx(
            own[["sd_seed", "sd_residual"]].tolist()
        )
        freedom = N_SEEDS[method] - 1
        limit = own["sd_seed_means"] ** 2 * freedom / stats.chi2.ppf(0.2, freedom) - own["sd_residual"] ** 2 / 24
        assert row[f"sd_seed{column}_cautious"] == pytest.approx(math.sqrt(limit))
    gap = files.scores("lora", "rouge2").mean() - files.scores("full", "rouge2").mean()
    assert row["sd_interaction"] ** 2 == pytest.approx(
        gap.var() - row["sd_residual"] ** 2 / 4 - row["sd_residual_reference"] ** 2 / 3
    )
    fixed = contrasts.loc[("zero_shot", "full", "rouge2")]
    assert fixed[["sd_seed", "sd_residual", "sd_seed_cautious"]].tolist() == [0, 0, 0]
    assert fixed["sd_residual_reference"] == row["sd_residual_reference"]
    assert contrasts.loc[("other", "full", "rouge2")].filter(like="sd_").isna().all()


# What chance does, and what it does not


def test_the_same_runs_give_the_same_bytes_twice(runs, config):
    pages = [
        [table(read_study(runs, WITHOUT_SEEDS), config).to_csv(index=False) for table in (estimates_table, contrasts_table)]
        for _ in range(2)
    ]
    assert pages[0] == pages[1]


def test_another_bootstrap_seed_moves_the_bootstraps_bounds_alone(study, contrasts, config):
    other = config | {"comparison": config["comparison"] | {"bootstrap_seed": 1}}
    table = contrasts_table(study, other).set_index(CONTRAST)
    bounds = ["bootstrap_low", "bootstrap_high"]
    pd.testing.assert_frame_equal(table.drop(columns=bounds), contrasts.drop(columns=bounds))
    assert (table[bounds] != contrasts[bounds]).all(axis=None)


@pytest.fixture(scope="module")
def turned_round(runs, contrasts, config):
    """Each pair's row with `compare` in reverse order, the row it had before, and -1 where its direction is the other one."""
    names = config["compare"][::-1]
    reordered = sorted(runs, key=lambda run: names.index(run[0]))
    table = contrasts_table(read_study(reordered, WITHOUT_SEEDS), config | {"compare": names}).set_index(CONTRAST)
    pairs = []
    for (method, reference, metric), row in table.iterrows():
        same = (method, reference, metric) in contrasts.index
        before = contrasts.loc[(method, reference, metric) if same else (reference, method, metric)]
        pairs.append((row, before, 1 if same else -1))
    assert {sign for _, _, sign in pairs} == {1, -1}
    return pairs


def test_the_order_of_methods_changes_nothing_but_the_direction(turned_round):
    unsigned = ["se", "df", "p", "smallest_detectable_difference", "p_holm_all_pairs", "sd_interaction", "margin", *P_VALUES]
    for row, before, sign in turned_round:
        assert (row["family"], row["scope"]) == (before["family"], before["scope"])
        assert row[unsigned].tolist() == pytest.approx(before[unsigned].tolist(), nan_ok=True)
        assert row["difference"] == pytest.approx(sign * before["difference"])
        assert sorted(row[["low", "high"]]) == pytest.approx(sorted(sign * before[["low", "high"]]))
        assert row["probability_better"] - 0.5 == pytest.approx(sign * (before["probability_better"] - 0.5))


def test_the_order_of_methods_does_not_change_the_bootstrap(turned_round):
    for row, before, sign in turned_round:
        bounds = ["bootstrap_low", "bootstrap_high"]
        assert sorted(row[bounds]) == pytest.approx(sorted(sign * before[bounds]))


def test_the_bootstraps_interval_lies_near_the_t_interval(tmp_path):
    points = made_up({"full": 8, "lora": 8, "zero_shot": 1}, n_dialogues=250, seed=3)
    table = contrasts_of(tmp_path, points, n_bootstrap=1500)
    reach = (table["high"] - table["low"]) / 2
    for end in ("low", "high"):
        gap = (table[f"bootstrap_{end}"] - table[end]) / reach
        assert gap.abs().max() < 0.25
        assert gap.abs().min() > 0
    assert (table["bootstrap_low"] < table["difference"]).all()
    assert (table["difference"] < table["bootstrap_high"]).all()


# Data without variety


def test_one_dialogue_gives_values_and_no_intervals(tmp_path):
    points = made_up({"zero_shot": 1, "full": 2, "lora": 3}, n_dialogues=1)
    study, config = read(tmp_path, points), config_of(*points, margin=1)
    estimate = estimates_table(study, config).set_index(["method", "metric"]).loc[("lora", "rouge1")]
    contrast = contrasts_table(study, config).set_index(CONTRAST).loc[("lora", "full", "rouge1")]
    mean = {method: values[:, 0, 0].mean() for method, values in points.items()}
    assert estimate["mean"] == pytest.approx(mean["lora"])
    assert estimate["percent_of_full"] == pytest.approx(100 * mean["lora"] / mean["full"])
    assert contrast["difference"] == pytest.approx(mean["lora"] - mean["full"])
    assert estimate[["low", "high", "se", "percent_of_full_low", "percent_of_gain_high"]].isna().all()
    assert contrast[["low", "high", "se", "df", "p", *P_VALUES, "smallest_detectable_difference"]].isna().all()


@pytest.mark.parametrize("level", [0, 30, 30.1])
def test_a_metric_that_never_varies_gives_intervals_without_width_and_no_missing_number(tmp_path, level):
    points = {method: np.full((count, 7, 8), float(level)) for method, count in {"zero_shot": 1, "full": 2, "lora": 3}.items()}
    study, config = read(tmp_path, points), config_of(*points, margin=1)
    estimate = estimates_table(study, config).set_index(["method", "metric"]).loc[("lora", "rouge1")]
    contrast = contrasts_table(study, config).set_index(CONTRAST).loc[("lora", "full", "rouge1")]
    without_ratio = {f"percent_of_{share}{end}" for share in ("full", "gain") for end in ("", "_low", "_high")}
    if level:
        without_ratio -= {column for column in without_ratio if "full" in column}
        assert estimate[["percent_of_full", "percent_of_full_low", "percent_of_full_high"]].tolist() == pytest.approx([100] * 3)
    assert set(estimate.index[estimate.isna()]) == {"intraclass_correlation", *without_ratio}
    assert estimate[["mean", "low", "high"]].tolist() == pytest.approx([level] * 3)
    assert not contrast.isna().any()
    zeros = [
        "difference",
        "low",
        "high",
        "bootstrap_low",
        "bootstrap_high",
        "se",
        "smallest_detectable_difference",
        "p_equivalent",
    ]
    assert contrast[zeros].tolist() == pytest.approx([0] * len(zeros), abs=1e-12)
    assert contrast[["p", "p_holm", "probability_better"]].tolist() == [1, 1, 0.5]


def test_a_difference_without_any_variance_is_certain(tmp_path):
    points = {"full": np.full((2, 5, 8), 40.0), "lora": np.full((3, 5, 8), 30.0)}
    row = contrasts_of(tmp_path, points, margin=2).loc[("lora", "full", "rouge1")]
    assert row[["difference", "low", "high", "bootstrap_low", "bootstrap_high"]].tolist() == pytest.approx([-10] * 5)
    assert row[["p", "p_holm", "p_noninferior", "p_equivalent_holm", "probability_better"]].tolist() == [0, 0, 1, 1, 0]


def test_two_deterministic_methods_with_the_same_outputs_do_not_differ(tmp_path):
    lead = made_up({"lead": 1})["lead"]
    row = contrasts_of(tmp_path, {"lead": lead, "human": lead}, contrasts=[["human", "lead"]]).loc[("human", "lead", "rouge1")]
    same = ["difference", "low", "high", "bootstrap_low", "bootstrap_high", "se"]
    assert row[same].tolist() == [0] * len(same)
    assert row[["p", "p_holm", "p_holm_all_pairs", "probability_better"]].tolist() == pytest.approx(
        [1, 1, math.nan, 0.5], nan_ok=True
    )


def test_two_methods_with_the_same_outputs_keep_the_chance_of_their_seeds(tmp_path):
    """Seeds are not paired: that both methods had the same luck today says nothing about the next time."""
    full = made_up({"full": 3})["full"]
    row = contrasts_of(tmp_path, {"full": full, "lora": full}).loc[("lora", "full", "rouge1")]
    assert (row["difference"], row["p"]) == (0, 1)
    assert row["probability_better"] == pytest.approx(0.5)
    assert row["se"] == pytest.approx(math.sqrt(2 * full[:, :, 0].mean(axis=1).var(ddof=1) / 3))
    assert row["low"] < 0 < row["high"]
    assert row["bootstrap_low"] < 0 < row["bootstrap_high"]
