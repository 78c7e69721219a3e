"""Pictures: what they draw, and that the same plan gives the same bytes."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from made_up_studies import scores, study_of

from parity.plots import plan_figure, save_figure

POINTS = {
    "zero_shot": scores(20, draw=1),
    "full": scores(40, 3, seed_sd=0.5, draw=2),
    "lora": scores(39.4, 3, seed_sd=0.6, draw=3),
    "ia3": scores(38.8, 3, seed_sd=0.3, draw=5),
    "lead": scores(30, draw=6),
}


@cache
def plan(*contrasts, **comparison):
    chosen = [list(pair.split("-")) for pair in contrasts]
    study = study_of(POINTS, **{"margin": 1.0, "contrasts": chosen} | comparison)
    return study.plan, study.config


def texts(panel):
    return [text.get_text() for text in panel.get_legend().get_texts()]


def drawn(panel):
    """Lines with points, without the wanted difference and what stands in the legend alone."""
    return [line for line in panel.get_lines() if len(line.get_xdata()) > 2]


@pytest.mark.parametrize(
    "contrasts", [["lora-full"], ["lora-full", "ia3-full", "ia3-lora"], ["zero_shot-lead", "lora-zero_shot"]]
)
def test_there_is_a_panel_a_contrast_in_order_with_its_name(contrasts):
    figure = plan_figure(*plan(*contrasts))
    assert [panel.get_title(loc="left") for panel in figure.axes] == [pair.replace("-", " against ") for pair in contrasts]
    assert figure.get_figheight() == pytest.approx(len(contrasts) * plan_figure(*plan("lora-full")).get_figheight())


def test_a_panel_draws_the_detectable_difference_of_every_design():
    table, config = plan("lora-full")
    [panel] = plan_figure(table, config).axes
    lines = drawn(panel)
    assert len(lines) == 2 * 5
    for line, (n_dialogues, assumption) in zip(
        lines, [(n, name) for n in (30, 60, 120, 240, 600) for name in ("as estimated", "cautious")], strict=True
    ):
        rows = table[(table["n_dialogues"] == n_dialogues) & (table["assumption"] == assumption)]
        np.testing.assert_allclose(line.get_xydata(), rows[["n_seeds", "smallest_detectable_difference"]])
        assert line.get_linestyle() == {"as estimated": "-", "cautious": ":"}[assumption]
    assert len({line.get_color() for line in lines}) == 5


def test_a_panel_says_what_it_shows():
    [panel] = plan_figure(*plan("lora-full", primary_metric="rouge1_max", difference=0.5)).axes
    assert panel.get_xlabel() == "seeds a method"
    assert panel.get_ylabel() == "detectable difference, points of\nROUGE-1, best reference"
    assert texts(panel) == [
        *(f"{n} dialogues" for n in (30, 60, 120, 240, 600)),
        "wanted: 0.5 points",
        "cautious seed variance",
    ]
    [wanted] = [line for line in panel.get_lines() if line.get_label().startswith("wanted")]
    assert list(wanted.get_ydata()) == [0.5, 0.5]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["2", "3", "5", "10", "20", "50"]


def test_methods_without_seeds_are_drawn_against_dialogues():
    table, config = plan("zero_shot-lead")
    [panel] = plan_figure(table, config).axes
    [line] = drawn(panel)
    np.testing.assert_allclose(line.get_xydata(), table[["n_dialogues", "smallest_detectable_difference"]])
    assert panel.get_xlabel() == "test dialogues"
    assert texts(panel) == ["wanted: 1.0 point"]


def test_numbers_of_dialogues_have_their_thousands_set_apart():
    points = {"lead": scores(30, 1, 2000, draw=1), "human": scores(31, 1, 2000, draw=2)}
    study = study_of(points, contrasts=[["lead", "human"]])
    [panel] = plan_figure(study.plan, study.config).axes
    assert [label.get_text() for label in panel.get_xticklabels()] == ["1,000", "2,000", "4,000", "8,000", "20,000"]


@pytest.mark.parametrize("scale", [0.001, 0.02, 1, 15])
def test_the_axis_of_differences_has_labelled_ticks_at_every_scale(scale):
    table, config = plan("lora-full")
    scaled = table.assign(smallest_detectable_difference=scale * table["smallest_detectable_difference"])
    [panel] = plan_figure(scaled, config | {"comparison": config["comparison"] | {"difference": scale}}).axes
    low, high = panel.get_ylim()
    inside = [label.get_text() for label in panel.get_yticklabels() if low <= label.get_position()[1] <= high]
    assert len(inside) >= 2
    assert all(float(text) > 0 for text in inside)


def test_what_never_varies_is_said_and_not_drawn():
    study = study_of({"full": np.full((2, 9), 30.0), "lora": np.full((2, 9), 30.0)})
    [panel] = plan_figure(study.plan, study.config).axes
    assert [text.get_text() for text in panel.texts] == ["Nothing varies: every design shows every difference."]
    assert drawn(panel) == []


@pytest.mark.parametrize("contrasts", [[], [["lora", "full"]]], ids=["no contrast", "single runs"])
def test_an_empty_plan_is_a_picture_that_refers_to_the_page(contrasts, tmp_path):
    study = study_of({name: values[:1] for name, values in POINTS.items()}, contrasts=contrasts)
    assert study.plan.empty
    figure = plan_figure(study.plan, study.config)
    assert figure.axes == []
    assert [text.get_text() for text in figure.texts] == ["No contrast to plan for: see plan.md"]
    save_figure(figure, tmp_path / "plan.svg")
    assert (tmp_path / "plan.svg").stat().st_size > 500


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
@pytest.mark.parametrize("contrasts", [["lora-full", "zero_shot-lead"], []], ids=["two panels", "empty"])
def test_the_same_plan_gives_the_same_bytes_and_another_plan_others(tmp_path, contrasts, ending, start):
    table, config = plan(*contrasts)
    for name in ("one", "two"):
        save_figure(plan_figure(table, config), tmp_path / f"{name}.{ending}")
    first = (tmp_path / f"one.{ending}").read_bytes()
    assert first.startswith(start)
    assert first == (tmp_path / f"two.{ending}").read_bytes()
    save_figure(plan_figure(*plan("ia3-full")), tmp_path / f"other.{ending}")
    assert first != (tmp_path / f"other.{ending}").read_bytes()


def test_a_picture_holds_no_date_and_no_programs_name(tmp_path):
    figure = plan_figure(*plan("lora-full"))
    for ending in ("png", "svg"):
        save_figure(figure, tmp_path / f"plan.{ending}")
    assert b"Software" not in (tmp_path / "plan.png").read_bytes()
    assert "<dc:date>" not in (tmp_path / "plan.svg").read_text(encoding="utf-8")


def test_a_plan_read_back_from_its_file_draws_the_same(tmp_path):
    table, config = plan("lora-full", "zero_shot-lead")
    table.to_csv(tmp_path / "plan.csv", index=False)
    before, after = (
        [line.get_xydata() for panel in plan_figure(read, config).axes for line in drawn(panel)]
        for read in (table, pd.read_csv(tmp_path / "plan.csv"))
    )
    assert len(before) == 11
    for one, two in zip(before, after, strict=True):
        np.testing.assert_allclose(one, two)
