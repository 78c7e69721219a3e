"""The table for a paper: it compiles, fits a page, and sets apart only what the verdict supports."""

import re
import shutil
import subprocess

import numpy as np
import pytest
from made_up_studies import scores, study_of
from patience import PATIENCE_SECONDS

from parity.latex import escaped, latex_table
from parity.results import METRICS

ZERO_SHOT, FULL = scores(20, draw=1), scores(40, 3, seed_sd=0.5, draw=2)
LORA = scores(39.1, 3, seed_sd=0.5, draw=3)
CLOSE, WORSE = scores(40.13, 3, seed_sd=0.1, own_sd=1, draw=4), scores(33, 3, seed_sd=0.3, draw=5)


def rows_of(latex):
    """Cells of each method's line, and of the line of intervals below it, by the method's name as it is printed."""
    body = latex.split("\\midrule\n", 1)[1].split("\\bottomrule")[0]
    lines = [line.rsplit(r" \\", 1)[0] for line in body.splitlines() if line != r"\midrule"]
    found = {}
    for line in lines:
        name, *cells = [cell.strip() for cell in line.split("&")]
        if name:
            found[name] = (cells, [])
        else:
            list(found.values())[-1][1].extend(cells)
    return found


def caption(latex):
    [text] = re.findall(r"^\\caption\{(.*)\}$", latex, re.M)
    return text


@pytest.fixture(scope="module")
def study():
    return study_of(
        {
            "zero_shot": ZERO_SHOT,
            "full": FULL,
            "lora_r_16": CLOSE,
            "ia3": WORSE,
            "lead": scores(30, draw=6),
            "human": scores(60, draw=7),
        },
        margin=1.5,
    )


@pytest.fixture(scope="module")
def pdflatex(tmp_path_factory):
    """Compiles a table in a plain article; the log, without what the engine breaks over lines."""
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed here; the table's text is checked by the other tests")

    def compile(table):
        folder = tmp_path_factory.mktemp("latex")
        text = "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n\\input{table}\n\\end{document}\n"
        (folder / "article.tex").write_text(text, encoding="utf-8")
        (folder / "table.tex").write_text(table, encoding="utf-8")
        command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "article.tex"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stdout[-2000:]
        assert (folder / "article.pdf").stat().st_size > 1000
        return (folder / "article.log").read_text(encoding="latin-1")

    return compile


@pytest.mark.parametrize("primary", ["rouge1", "rougeLsum_max"])
def test_the_table_compiles_in_an_article_and_is_no_wider_than_its_text(study, pdflatex, primary):
    log = pdflatex(study_of(study.points, margin=1.5, primary_metric=primary).latex)
    assert "Overfull" not in log
    assert "Missing character" not in log


def test_odd_names_and_an_unbounded_share_compile_too(study, pdflatex):
    nothing = np.array([[0.0, 0.2, 0.0, 0.1, 0.0], [0.0, 0.0, 0.3, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.1]])
    made = study_of({"full": nothing, "lora": nothing[::-1] * 2, "other": nothing[:1]}, margin=1.0)
    latex = made.latex
    assert "[unbounded]" in latex
    log = pdflatex(latex.replace("lora", escaped(r"50 % of {a} & b_c #1 $x ~ ^ \d")))
    assert "Missing character" not in log


def test_every_method_has_a_line_of_means_and_one_of_intervals_in_the_configs_order(study):
    rows = rows_of(study.latex)
    assert list(rows) == ["zero\\_shot", "full", r"lora\_r\_16$^\dagger$", "ia3", "lead", "human"]
    of_metric = study.estimates.set_index(["method", "metric"])
    for (cells, intervals), method in zip(rows.values(), study.config["compare"], strict=True):
        means = [f"{of_metric.loc[(method, metric), 'mean']:.1f}" for metric in METRICS]
        assert [re.sub(r"\\textbf\{(.*)\}", r"\1", cell) for cell in cells[1:5]] == means
        for interval, metric in zip(intervals[1:], METRICS, strict=False):
            low, high = of_metric.loc[(method, metric), ["low", "high"]]
            assert interval == rf"{{\scriptsize [{low:.1f}, {high:.1f}]}}"
    assert rows["full"][0][5] == "100.0"
    assert rows["full"][1][5] == ""
    share = of_metric.loc[("ia3", "rouge1"), ["percent_of_full", "percent_of_full_low", "percent_of_full_high"]]
    assert rows["ia3"][0][5] == f"{share.iloc[0]:.1f}"
    assert rows["ia3"][1][5] == rf"{{\scriptsize [{share.iloc[1]:.1f}, {share.iloc[2]:.1f}]}}"


def test_all_lines_have_as_many_cells_as_the_table_has_columns(study):
    [columns] = re.findall(r"\\begin\{tabular\}\{(\w+)\}", study.latex)
    lines = [line for line in study.latex.splitlines() if line.endswith((r"\\", r"\\[2pt]"))]
    assert len(lines) == 1 + 2 * 6
    assert {line.count("&") for line in lines} == {len(columns) - 1}


def test_floors_and_ceiling_stand_below_a_rule(study):
    lines = study.latex.splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("lead")]
    assert lines[place - 1] == r"\midrule"
    assert study.latex.count(r"\midrule") == 2
    only = study_of({"lead": scores(30, draw=6), "human": scores(60, draw=7)}).latex
    assert only.count(r"\midrule") == 1


def test_seeds_are_counted_a_deterministic_method_has_a_dash_and_one_file_counts_one():
    made = study_of({"zero_shot": ZERO_SHOT, "full": FULL, "lora": LORA[:1], "other": scores(41, draw=8)})
    assert [cells[0] for cells, _ in rows_of(made.latex).values()] == ["--", "3", "1", "1"]


def test_the_best_method_is_bold_on_the_primary_metric_alone():
    made = study_of({"zero_shot": ZERO_SHOT, "full": FULL, "ia3": WORSE, "human": scores(60, draw=7)})
    assert re.findall(r"\\textbf\{([^}]*)\}", made.latex) == ["40.0"]
    assert rows_of(made.latex)["full"][0][1] == r"\textbf{40.0}"
    assert (
        "Bold: better than every other method on the primary metric, floors and ceiling left out (Holm over all pairs)."
        in made.latex
    )
    rouge2 = study_of(made.points, primary_metric="rouge2")
    assert rows_of(rouge2.latex)["full"][0][1:3] == ["80.0", r"\textbf{40.0}"]


@pytest.mark.parametrize(
    "points",
    [
        {"full": FULL, "lora": LORA, "ia3": WORSE},
        {"full": scores(40, draw=2), "lora": scores(30, draw=3)},
        {"full": FULL, "other": scores(60, draw=7)},
        {"full": FULL, "lead": scores(20, draw=6)},
        {"full": np.full((2, 6), 30.0), "lora": np.full((2, 6), 30.0)},
        {"full": FULL[:, :1], "lora": WORSE[:, :1]},
    ],
    ids=["a close second", "single runs", "one file ahead", "one method and a floor", "no variance", "one dialogue"],
)
def test_without_a_best_method_nothing_is_bold_and_the_caption_says_why(points):
    latex = study_of(points).latex
    assert r"\textbf" not in latex
    assert "No method is shown to be better than all others on the primary metric, so none is bold." in latex


def test_the_dagger_marks_exactly_the_non_inferior_and_the_caption_names_both_methods(study):
    daggered = [name for name in rows_of(study.latex) if r"\dagger" in name]
    shown = study.contrasts[(study.contrasts["family"] == "confirmatory") & (study.contrasts["p_noninferior_holm"] <= 0.05)]
    assert shown["method"].tolist() == ["lora_r_16"]
    assert daggered == [r"lora\_r\_16$^\dagger$"]
    assert caption(study.latex).count(r"\dagger") == 1
    assert r"$\dagger$: non-inferior at the declared margin of 1.5 points (after Holm): lora\_r\_16 to full." in caption(
        study.latex
    )


def test_a_method_that_is_non_inferior_to_one_of_two_references_is_so_to_that_one_only():
    points = {"full": FULL, "lora": CLOSE, "ia3": scores(45, 3, seed_sd=0.3, draw=5)}
    made = study_of(points, margin=1.5, contrasts=[["lora", "full"], ["lora", "ia3"]])
    assert caption(made.latex).endswith("(after Holm): lora to full.")
    assert [name for name in rows_of(made.latex) if r"\dagger" in name] == [r"lora$^\dagger$"]


def test_the_dagger_rests_on_the_adjusted_p(study):
    adjusted_away = study.contrasts.assign(p_noninferior_holm=0.06, p_noninferior=0.02)
    assert r"\dagger" not in latex_table(study.estimates, adjusted_away, study.results, study.config)


def test_without_a_margin_or_where_none_is_non_inferior_there_is_no_dagger(study):
    assert r"\dagger" not in study_of(study.points).latex
    assert r"\dagger" not in study_of({"full": FULL, "ia3": WORSE}, margin=1.0).latex


def test_single_runs_are_named_in_the_caption_and_beside_their_dagger():
    single = {"zero_shot": ZERO_SHOT, "full": scores(40, draw=2), "lora_r_16": scores(40.2, draw=3)}
    text = caption(study_of(single, margin=1.0).latex)
    assert r"(after Holm): lora\_r\_16 to full (these runs only)." in text
    assert r"One run only: full, lora\_r\_16. The interval of such a method speaks of that run and not of the method." in text
    assert "One run" not in caption(study_of({"zero_shot": ZERO_SHOT, "full": FULL}).latex)


@pytest.mark.parametrize(("primary", "over"), [("rouge2", "mean over"), ("rouge1_max", "best of")])
def test_the_caption_names_test_set_protocol_estimand_and_primary_metric(study, primary, over):
    text = caption(study_of(study.points, primary_metric=primary).latex)
    name = {"rouge2": "ROUGE-2", "rouge1_max": "ROUGE-1 (best reference)"}[primary]
    for part in (
        "ROUGE F-measure in points on 60 test dialogues with 3 references each",
        f"the {over} a dialogue's references, then the mean over dialogues and seeds",
        r"95\,\% intervals",
        "Estimated: what a method scores on average when it is trained again with new seeds",
        f"Primary metric: {name}; the others are exploratory.",
    ):
        assert part in text


def test_a_table_with_the_best_reference_shows_all_metrics_by_that_protocol(study):
    made = study_of(study.points, primary_metric="rouge1_max")
    of_metric = made.estimates.set_index(["method", "metric"])["mean"]
    expected = [f"{of_metric.loc[('ia3', f'{metric}_max')]:.1f}" for metric in METRICS]
    assert rows_of(made.latex)["ia3"][0][1:5] == expected


def test_a_share_without_bounds_is_called_unbounded_and_explained_and_full_is_all_of_itself():
    nothing = np.array([[0.0, 0.2, 0.0, 0.1, 0.0], [0.0, 0.0, 0.3, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.1]])
    rows = rows_of((made := study_of({"full": nothing, "lora": nothing[::-1] * 2})).latex)
    assert rows["lora"][1][5] == r"{\scriptsize [unbounded]}"
    assert (rows["full"][0][5], rows["full"][1][5]) == ("100.0", "")
    assert "Unbounded: what the share is taken of is not distinguishable from zero" in caption(made.latex)
    assert "nbounded" not in study_of({"full": FULL, "lora": LORA}).latex


def test_a_bound_below_zero_has_a_minus_sign_and_one_that_rounds_to_zero_none():
    made = study_of({"full": np.array([[0.0, 0.0, 3.0], [0.0, 2.0, 1.0]]), "lead": np.array([[0.4, 0.5, 0.0]])})
    low = made.estimates.set_index(["method", "metric"])["low"]
    assert low["full", "rouge1"] < -0.05
    assert rf"[$-${-low['full', 'rouge1']:.1f}, " in made.latex
    table = made.estimates.copy()
    table.loc[table["method"] == "lead", "low"] = -0.04
    assert r"{\scriptsize [0.0, " in latex_table(table, made.contrasts, made.results, made.config)
    assert "-0." not in re.sub(r"\$-\$", "minus", latex_table(table, made.contrasts, made.results, made.config))


def test_without_full_fine_tuning_there_is_a_dash_for_the_share_of_it():
    rows = rows_of(study_of({"zero_shot": ZERO_SHOT, "lora": LORA}).latex)
    assert [cells[5] for cells, _ in rows.values()] == ["--", "--"]


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("lora_r_16", r"lora\_r\_16"),
        ("50 % & more #1", r"50 \% \& more \#1"),
        ("{a}$", r"\{a\}\$"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("a\\b", r"a\textbackslash{}b"),
    ],
)
def test_special_characters_are_escaped_once(text, latex):
    assert escaped(text) == latex
