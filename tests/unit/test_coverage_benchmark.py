"""benchmarks/coverage.py: its studies have the truth they claim, its numbers repeat, and a wrong interval fails it."""

import gc
import importlib.util
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.results import SCORE_COLUMNS
from parity.stats import Estimate, Ratio, linear_estimate, variance_components

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks/coverage.py"


@pytest.fixture(scope="module")
def benchmark():
    # Loaded by its path: the name belongs to a package that measures what tests run.
    spec = importlib.util.spec_from_file_location("coverage_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    path = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path
    del sys.modules[spec.name]


@pytest.fixture
def in_this_process(benchmark, monkeypatch):
    """The command line without other processes, which would not see what a test changes."""

    class Pool:
        map = staticmethod(map)

        def __init__(self, *_, **__):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(benchmark, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(benchmark, "BOOTSTRAP_DRAWS", 50)
    # What the command line sets is set back.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    gc.freeze()
    yield
    gc.unfreeze()


def section(benchmark, number, cells=None):
    """A section, of which only the first cells are kept."""
    found = next(one for one in benchmark.all_sections() if one.number == number)
    return replace(found, cells=dict(list(found.cells.items())[:cells]))


def halved(function):
    """The function with intervals of half their width."""

    def broken(*arguments):
        found = function(*arguments)
        if isinstance(found, Ratio):
            return Ratio(found.value, (found.low + found.value) / 2, (found.high + found.value) / 2)
        return Estimate(found.value, found.se / 2, found.df)

    return broken


def test_two_processes_print_the_same_page_as_one(benchmark, in_this_process, capsys):
    arguments = ["--sections", "3", "4", "--repetitions", "20"]
    apart = subprocess.run([sys.executable, SCRIPT, *arguments, "--processes", "2"], capture_output=True, text=True, cwd=ROOT)
    assert apart.returncode == 0, apart.stderr
    assert benchmark.main(arguments) == 0
    # The bootstrap, which these sections do not use, has fewer draws here.
    assert apart.stdout.replace("1000 draws", "50 draws") == capsys.readouterr().out
    assert "## 3. Tests at a margin of 1 point" in apart.stdout
    assert "20 repetitions a cell, 80 in sections 3, 4 and 7; seed 1" in apart.stdout


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(benchmark, monkeypatch):
    monkeypatch.setattr(benchmark, "BOOTSTRAP_DRAWS", 50)
    of_differences = section(benchmark, 1, cells=2)
    first, again, other = (benchmark.run_section(of_differences, 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_cell_keeps_its_numbers_when_other_cells_and_sections_go(benchmark):
    both = benchmark.run_section(section(benchmark, 3, cells=2), 20, 1)
    alone = benchmark.run_section(section(benchmark, 3, cells=1), 20, 1)
    label = next(iter(alone["non-inferiority"]))
    assert both["non-inferiority"][label][0] == alone["non-inferiority"][label][0] > 0


def test_every_cell_counts_its_own_studies_and_all_of_them(benchmark):
    drawn = []

    def experiment(study, generator):
        drawn.append((study, generator.random()))
        return {"held": (study, 10 * study), "rejected": (float(len(drawn) % 2), math.nan)}

    made_up = benchmark.Section(9, "", "", {"never": 0.0, "always": 1.0}, experiment, factor=2)
    table = benchmark.run_section(made_up, 70, 1)
    assert table["held"] == {"never": (0, 0), "always": (100, 10)}
    assert table["rejected"]["never"][0] == 50
    # 140 studies a cell, in chunks that do not divide them, each with draws of its own.
    assert [study for study, _ in drawn] == [0.0] * 140 + [1.0] * 140
    assert len({value for _, value in drawn}) == 280


@pytest.mark.parametrize(
    ("number", "name", "row"),
    [
        (1, "difference", "two-way t"),
        (3, "difference", "non-inferiority"),
        (4, "difference", "Holm, all three nulls true"),
        (5, "ratio", "share of full's gain"),
        (7, "difference", "difference"),
        (7, "ratio", "ratio of means"),
    ],
)
def test_an_interval_of_half_the_width_breaks_a_promise_that_the_librarys_keeps(
    benchmark, in_this_process, monkeypatch, capsys, number, name, row
):
    # In section 7 the studies from n-gram counts, of which each takes longest, and four times as many.
    repetitions = {1: 150, 5: 150, 7: 40}.get(number, 60)
    chosen = section(benchmark, number, cells=2)
    monkeypatch.setattr(benchmark, "all_sections", lambda study: [chosen])
    arguments = ["--sections", str(number), "--repetitions", str(repetitions)]
    assert benchmark.main(arguments) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(benchmark, name, halved(getattr(benchmark, name)))
    assert benchmark.main(arguments) == 1
    message = capsys.readouterr().err
    for label in chosen.cells:
        assert f"{row} in the cell {label} is " in message


def test_limits_are_wider_for_few_repetitions_and_never_narrower_than_promised(benchmark):
    held = benchmark.DIFFERENCE_HOLDS
    assert held.limits(1500) == held.limits(6000) == (93, 97)
    assert held.limits(375) == (91, 99)
    assert benchmark.ERROR_RATE.limits(1500) == (-math.inf, 5.7)
    assert benchmark.RETENTION_HOLDS.limits(1500) == (93, math.inf)


def test_a_percentage_just_outside_its_limits_is_reported_with_section_cell_and_limits(benchmark):
    chosen = section(benchmark, 1, cells=2)
    one, two = chosen.cells
    table = {"two-way t": {one: (93.0, 1.0), two: (92.9, 1.0)}}
    (message,) = benchmark.broken_promises(chosen, table, 1500)
    assert message == f"Section 1, Difference of two methods: two-way t in the cell {two} is 92.9 %, outside 93.0 to 97.0 %"


def test_fiellers_interval_is_unbounded_in_most_studies_with_a_weak_denominator_and_holds_the_truth(benchmark):
    retention = section(benchmark, 5)
    cells = {label: study for label, study in retention.cells.items() if "5 seeds, SD 0.35" in label}
    table = benchmark.run_section(replace(retention, cells=cells), 60, 1)
    usual, weak = cells
    unbounded = table["share of full's gain: unbounded"]
    assert unbounded[usual][0] == 0
    assert unbounded[weak][0] > 60
    assert table["share of full's gain"][weak][0] >= unbounded[weak][0]
    assert "(∞)" in benchmark.page(retention, table)


def test_normal_scores_have_the_components_they_are_made_with(benchmark):
    simulated = sys.modules["simulated_scores"]
    study = simulated.NormalStudy((simulated.Method(40, 400, 0.8), simulated.Method(39, 0)), 4000)
    seeded, deterministic = study.draw(np.random.default_rng(1))
    found = variance_components(seeded)
    assert math.sqrt(found.seed) == pytest.approx(0.8, rel=0.15)
    assert math.sqrt(found.dialogue) == pytest.approx(math.hypot(8, 3.3), rel=0.05)
    assert math.sqrt(found.residual) == pytest.approx(4.6, rel=0.01)
    assert deterministic.values.shape == (1, 4000)
    # Dialogues are shared, the rest is not.
    shared = np.cov(seeded.dialogue_means, deterministic.dialogue_means)[0, 1]
    assert math.sqrt(shared) == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("part", [0, 1])
def test_scores_from_counts_have_the_true_means_and_the_seed_sd_that_are_claimed(benchmark, part):
    chosen = [one for one in benchmark.all_sections() if one.number == 7][part]
    study = replace(next(iter(chosen.cells.values())), n_seeds=300, seed_sd=0.8, n_dialogues=3000)
    for scores, mean in zip(study.draw(np.random.default_rng(part)), study.means, strict=True):
        estimate = linear_estimate([(1, scores)])
        assert abs(estimate.value - mean) < 4 * estimate.se
        assert estimate.se < mean / 20
        assert math.sqrt(variance_components(scores).seed) == pytest.approx(0.8, rel=0.2)
        assert scores.values.min() >= 0
        assert scores.values.max() <= 100
    assert ((scores.values == 0).mean() > 0.3) == (part == 1)


@pytest.fixture(scope="module")
def real_study(tmp_path_factory):
    """A finished study as results/ holds it: full with three seeds, and lora with two and lower scores."""
    folder = tmp_path_factory.mktemp("results") / "finished"
    generator = np.random.default_rng(5)
    for method, seeds, scale in (("full", 3, 8.0), ("lora", 2, 7.0)):
        for seed in range(1, seeds + 1):
            path = folder / method / f"seed-{seed}/scores.csv"
            path.parent.mkdir(parents=True)
            columns = {metric: np.minimum(generator.gamma(2, scale, 60), 100) for metric in SCORE_COLUMNS}
            pd.DataFrame({"id": [f"test_{row}" for row in range(60)]} | columns).to_csv(path, index=False)
    return folder


def test_real_scores_drawn_again_are_new_dialogues_with_scores_of_the_real_seeds(benchmark, real_study):
    simulated = sys.modules["simulated_scores"]
    lower, higher = simulated.real_scores(real_study, ("full", "lora"), "rouge2")
    file = pd.read_csv(real_study / "lora/seed-2/scores.csv")
    assert lower.shape == (2, 60)
    assert higher.shape == (3, 60)
    assert lower[1] == pytest.approx(file["rouge2"].to_numpy())

    exact = simulated.ResampledStudy((lower, higher), n_seeds=4, seed_sd=0.0, n_dialogues=2000)
    drawn = exact.draw(np.random.default_rng(2))
    of_dialogue = {value: column for scores in (lower, higher) for column, values in enumerate(scores.T) for value in values}
    columns = [np.vectorize(of_dialogue.get)(scores.values) for scores in drawn]
    # Every seed and both methods see the same dialogues, and each dialogue's score is one of its own.
    assert all((rows == columns[0][0]).all() for rows in columns)
    assert set(np.unique(columns[0])) == set(range(60))

    study = simulated.ResampledStudy((lower, higher), n_seeds=400, seed_sd=0.8, n_dialogues=2000)
    for scores, mean in zip(study.draw(np.random.default_rng(3)), study.means, strict=True):
        estimate = linear_estimate([(1, scores)])
        assert abs(estimate.value - mean) < 4 * estimate.se
        assert math.sqrt(variance_components(scores).seed) == pytest.approx(0.8, rel=0.15)


def test_a_finished_study_adds_a_table_a_metric_in_which_the_first_method_is_the_lower(benchmark, real_study):
    added = benchmark.all_sections(real_study)[len(benchmark.all_sections()) :]
    assert [one.title.split(": ")[1] for one in added] == [
        f"{metric} of finished, drawn again" for metric in ("rouge1", "rouge2", "rougeL")
    ]
    assert len({(one.number, one.part) for one in benchmark.all_sections(real_study)}) == len(benchmark.all_sections(real_study))
    for one in added:
        for study in one.cells.values():
            assert study.means[0] < study.means[1]
    table = benchmark.run_section(replace(added[0], cells=dict(list(added[0].cells.items())[:1])), 5, 1)
    assert set(table) == {"difference", "ratio of means", "non-inferiority, type I error"}
