"""The report's pictures: what they draw is what the tables say, in the page's colours, and the same study gives the same bytes."""

import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from made_up_reports import POINTS, many, reported, without
from made_up_studies import scores
from markupsafe import Markup

from parity.comparison import StudyScores
from parity.comparison_pictures import contrasts_picture, means_picture, scores_picture, seeds_picture
from parity.cost_pictures import COSTS, cost_picture, cost_ticks, pareto_front, short_number
from parity.grid_pictures import MOST_BEHIND, curves_picture, length_groups, length_picture, thinned_curve
from parity.pictures import WIDTH, colours, fitting, inline_svg, write_picture
from parity.report import PICTURES, pictures_of
from parity.stats import MethodScores

STUDY = cache(reported)


def segments(axes):
    """Ends of the horizontal lines with an extent, from above."""
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) == 2 and len({*line.get_ydata()}) == 1]
    return [tuple(line.get_xdata()) for line in lines]


def dots(axes, marker):
    return [float(x) for line in axes.get_lines() if line.get_marker() == marker for x in line.get_xdata()]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_means_are_drawn_with_their_intervals_and_floors_and_ceiling_as_lines():
    study = STUDY()
    [axes] = means_picture(study).figure.axes
    rows = study.primary.loc[["full", "lora"]]
    assert dots(axes, "o") == pytest.approx(rows["mean"].tolist())
    assert segments(axes) == [pytest.approx(bounds) for bounds in zip(rows["low"], rows["high"], strict=True)]
    across = [line.get_xdata()[0] for line in axes.get_lines() if list(line.get_ydata()) == [0, 1]]
    assert across == pytest.approx(study.primary.loc[["human", "zero_shot", "lead"], "mean"].tolist())
    assert texts(axes)[0].startswith("full: 40.0 [")
    [legend] = means_picture(study).figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "human, ceiling: 55.0",
        "zero_shot, floor: 20.0",
        "lead, floor: 30.0",
    ]
    low, high = axes.get_xlim()
    assert low < 20 and high > 55


def test_every_seed_is_a_dot_at_its_runs_mean():
    study = STUDY()
    [axes] = seeds_picture(study).figure.axes
    assert dots(axes, "o") == pytest.approx([*study.of_metric["full"].seed_means, *study.of_metric["lora"].seed_means])
    assert dots(axes, "|") == pytest.approx([40, 39.4])


def test_after_looks_the_forest_plot_has_the_intervals_that_hold_at_all_of_them():
    study = STUDY()
    contrasts = study.contrasts.assign(looks_low=np.nan, looks_high=np.nan)
    contrasts.loc[contrasts["family"] == "confirmatory", ["looks_low", "looks_high"]] = (-7.25, 6.5)
    picture = contrasts_picture(without(study, contrasts=contrasts, look={"look": 2}))
    declared, others = picture.figure.axes
    assert segments(declared) == [(-7.25, 6.5)]
    assert segments(others) == segments(contrasts_picture(study).figure.axes[1])
    assert "hold at all looks" in picture.caption and "hold at all looks" not in contrasts_picture(study).caption


def test_the_forest_plot_holds_differences_intervals_and_the_declared_margin():
    study = STUDY()
    declared, others = contrasts_picture(study).figure.axes
    contrasts = study.contrasts[study.contrasts["metric"] == "rouge1"].set_index(["method", "reference"])
    found = contrasts.loc[("lora", "full")]
    assert dots(declared, "o") == [pytest.approx(found["difference"])]
    assert segments(declared) == [pytest.approx((found["low"], found["high"]))]
    dashed = [line.get_xdata()[0] for line in declared.get_lines() if line.get_linestyle() == "--"]
    assert dashed == [-1.0, 1.0]
    pairs = [(name, "full") for name in ("zero_shot", "lead", "human")]
    assert dots(others, "s") == pytest.approx([contrasts.loc[pair, "difference"] for pair in pairs])
    assert not [line for line in others.get_lines() if line.get_linestyle() == "--"]
    assert "declared margin of 1.0 point" in contrasts_picture(study).caption


def test_without_a_margin_none_is_drawn_and_none_is_spoken_of():
    picture = contrasts_picture(reported(margin=None))
    assert not [line for line in picture.figure.axes[0].get_lines() if line.get_linestyle() == "--"]
    assert "margin" not in picture.caption and not picture.figure.legends


def test_the_spread_of_scores_counts_every_dialogue():
    study = STUDY()
    [axes] = scores_picture(study).figure.axes
    assert [dots(axes, "D")[place] for place in range(5)] == pytest.approx(
        [np.median(study.of_metric[name].dialogue_means) for name in study.methods]
    )
    heights = np.array([patch.get_data().values - patch.get_data().baseline for patch in axes.patches])
    assert heights.max() == pytest.approx(0.5) and len(set(heights.sum(axis=1).round(9))) == 1


def test_a_cost_has_a_panel_where_it_is_known_with_its_front():
    study = STUDY()
    picture = cost_picture(study)
    known = [axes.get_xlabel() for axes in picture.figure.axes]
    assert known == [
        "trainable parameters",
        "MB on disk",
        "seconds of training",
        "kJ that the processors took",
        "hours of all its runs, until the verdict",
    ]
    [first, *_] = picture.figure.axes
    summary = study.summary.set_index("method")
    for name, marker in (("full", "s"), ("lora", "^")):
        [point] = [line for line in first.get_lines() if line.get_marker() == marker]
        assert point.get_xydata()[0] == pytest.approx((summary.loc[name, "trainable"], summary.loc[name, "rouge1_mean"]))
    assert "For trainable parameters: full." in picture.caption
    assert "gpu_energy_joules" in [cost.column for cost in COSTS]


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ({"a": (1, 10)}, ["a"]),
        ({"a": (1, 10), "b": (2, 9), "c": (3, 11)}, ["a", "c"]),
        ({"a": (2, 10), "b": (1, 10)}, ["b"]),
        ({"a": (1, 10), "b": (1, 12)}, ["b"]),
        ({"a": (1, 10), "b": (1, 10)}, ["a", "b"]),
    ],
    ids=["alone", "one is beaten", "as good for less", "better for as much", "equal ones"],
)
def test_the_pareto_front_holds_what_nothing_beats(points, front):
    assert pareto_front(points) == front


@pytest.mark.parametrize(("low", "high"), [(0.15, 20), (41, 52), (1e3, 9e8), (1, 1.6)])
def test_an_axis_of_costs_has_two_to_seven_round_numbers(low, high):
    ticks = cost_ticks(low, high)
    assert 2 <= len(ticks) <= 7 and all(low <= tick <= high for tick in ticks)
    assert [short_number(value) for value in (0.2, 50, 50_000, 4e6, 2e9)] == ["0.2", "50", "50k", "4M", "2G"]


def test_groups_of_like_length_hold_every_dialogue_once_and_never_split_a_length():
    lengths = np.array([5] * 30 + list(range(6, 36)))
    groups = length_groups(lengths)
    assert sorted(np.concatenate(groups)) == list(range(60)) and 2 <= len(groups) <= 5
    assert all(lengths[one].max() < lengths[two].min() for one, two in pairwise(groups))
    assert length_groups(np.arange(12)) == [] and len(length_groups(np.full(60, 7))) == 1


def test_quality_against_length_is_the_mean_of_the_groups_dialogues():
    study = STUDY()
    panels = length_picture(study).figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == study.methods
    groups = length_groups(study.lengths)
    [line] = [line for line in panels[1].get_lines() if line.get_marker() == "o"]
    assert line.get_ydata() == pytest.approx([study.of_metric["full"].values[:, group].mean() for group in groups])
    assert line.get_xdata() == pytest.approx([study.lengths[group].mean() for group in groups])


def test_curves_of_all_runs_are_drawn_and_long_ones_thinned():
    study = reported(points_a_curve=1000)
    panels = curves_picture(study).figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["full", "lora"]
    training = [line for axes in panels for line in axes.get_lines() if line.get_marker() == "None"]
    assert len(training) == 6 and all(len(line.get_xdata()) == 100 for line in training)
    assert "at most 100 points" in curves_picture(study).caption
    validation = [line for axes in panels for line in axes.get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata()[-1] for line in validation] == pytest.approx([0.91, 0.92, 0.93] * 2)
    assert thinned_curve(np.array([[1, 2], [3, 4], [5, 6], [7, 8.0]]), 2).tolist() == [[2, 3], [6, 7]]


ODD = {
    "one method": {"points": {"lora": POINTS["lora"]}},
    "one seed each": {"points": {name: values[:1] for name, values in POINTS.items()}},
    "no seeds at all": {"points": {name: POINTS[name] for name in ("zero_shot", "lead", "human")}},
    "another system alone": {"points": {"other": scores(30)}},
    "one dialogue": {"points": {name: values[:, :1] for name, values in POINTS.items()}},
    "nothing varies": {"points": {"full": np.full((2, 30), 30.0), "lora": np.full((2, 30), 30.0)}},
    "zeros": {"points": {"full": np.zeros((1, 30)), "lead": np.zeros((1, 30))}},
}


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("odd", ODD)
def test_every_study_has_all_pictures_or_a_reason_why_not(odd):
    pictures = pictures_of(reported(**ODD[odd]))
    assert len(pictures) == len(PICTURES)
    for picture in pictures.values():
        assert picture.caption.endswith(".")
        if picture.figure:
            assert inline_svg(picture).startswith("<svg")
    if odd == "one method":
        assert pictures["contrasts"].figure is None and "one method" in pictures["contrasts"].caption
    if odd == "no seeds at all":
        assert pictures["seeds"].figure is None and pictures["curves"].figure is None


def test_an_inline_picture_has_the_pages_colours_text_and_ids_of_its_own():
    ids = []
    for picture in pictures_of(STUDY()).values():
        svg = inline_svg(picture)
        assert isinstance(svg, Markup)
        assert f'viewBox="0 0 {WIDTH} ' in svg and 'role="img"' in svg and f'aria-label="{picture.title}"' in svg
        assert "var(--ink)" in svg and not re.search(r"#[0-9a-f]{6}\b", svg.replace("#000000", ""))
        assert "font-family" not in svg and "<metadata" not in svg and "<style" not in svg
        found = re.findall(r' id="([^"]+)"', svg)
        assert {name.split("-")[0] for name in found} <= {picture.name}
        assert {*re.findall(r'xlink:href="#([^"]+)"', svg), *re.findall(r"url\(#([^)]+)\)", svg)} == set(found)
        ids += found
    assert len(set(ids)) == len(ids) > 10


def test_no_two_colours_of_the_page_are_one():
    assert len(set(colours().values())) == len(colours()) > 15


def test_files_for_papers_are_the_same_bytes_again_and_on_white(tmp_path):
    for folder in ("one", "two"):
        write_picture(contrasts_picture(STUDY()), tmp_path / folder)
    for name in ("contrasts.svg", "contrasts.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    svg = (tmp_path / "one/contrasts.svg").read_text(encoding="utf-8")
    assert 'style="fill: #ffffff"' in svg and "var(" not in svg and "<dc:date>" not in svg


def test_a_picture_with_nothing_to_draw_is_a_file_that_says_so(tmp_path):
    picture = contrasts_picture(reported(**ODD["one method"]))
    write_picture(picture, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contrasts.png", "contrasts.svg"]


def test_a_large_study_has_small_pictures():
    pictures = pictures_of(reported(**many(12, 8), points_a_curve=300))
    sizes = {name: len(inline_svg(picture)) for name, picture in pictures.items()}
    assert sum(sizes.values()) < 1_500_000, sizes


def test_the_panels_of_many_methods_have_as_many_lines_behind_them_as_those_of_twenty():
    small = reported(**many(2, 1))
    names = [f"method_{number}" for number in range(45)]
    values = {name: MethodScores(scores(30 + number, draw=number)) for number, name in enumerate(names)}
    study = without(small, config=small.config | {"compare": names}, scores=StudyScores({small.metric: values}, {}))
    picture = length_picture(study)
    assert {len(axes.lines) for axes in picture.figure.axes} == {MOST_BEHIND + 1}
    assert "20 methods from the lowest mean to the highest in grey" in picture.caption
    assert "the other methods in grey" in length_picture(small).caption


def test_long_names_lose_their_middle():
    assert fitting("short", 10) == "short"
    assert fitting("abcdefghijklmnop", 9) == "abcd…mnop"
