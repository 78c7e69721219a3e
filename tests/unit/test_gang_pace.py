"""gang: auto: both ways of computing a gang's batches are tried in turn, and the faster is stayed with."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from test_gang import SEEDS, assert_same_run, losses, stopping
from test_gang import calm as calm
from test_gang import padded_alone as padded_alone
from test_gang import place_of as place_of

from parity import gang as gang_module
from parity import training
from parity.errors import Interrupted
from parity.gang import Gang
from parity.gang_pace import Pace

CPU = torch.device("cpu")


class Clock:
    """Seconds that pass only where something takes them."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def steps_of(pace: Pace, clock: Clock, seconds: dict[bool, list[float]], n_seeds: int = 4) -> list[bool]:
    """How each step was computed, where a step takes the next of `seconds` for its way."""
    ways = []
    left = {way: iter(each) for way, each in seconds.items()}
    for _ in range(sum(map(len, seconds.values()))):
        ways.append(pace.together)
        with pace.step(n_seeds, CPU):
            clock.now += next(left[pace.together])
    return ways


@pytest.mark.parametrize(("together", "one_by_one", "chosen"), [(2.0, 8.0, True), (8.0, 2.0, False), (4.0, 4.0, True)])
def test_the_faster_way_is_chosen(together, one_by_one, chosen, capsys):
    clock = Clock()
    pace = Pace(1, 2, clock)
    # The first of each, which takes long whatever the way, does not count.
    ways = steps_of(pace, clock, {True: [100.0, together, together], False: [1.0, one_by_one, one_by_one]})
    assert ways == [True, False, True, False, True, False]
    assert pace.together is chosen
    assert pace.record() == {
        "together": chosen,
        "seconds_together": together / 4,
        "seconds_one_by_one": one_by_one / 4,
        "steps_of_each": 2,
    }
    said = f"Seeds are trained {'together' if chosen else 'one by one'}: a step of a seed takes {together / 4 * 1000:.1f} ms together"
    assert capsys.readouterr().out.startswith(said)


def test_a_decision_stands(capsys):
    clock = Clock()
    pace = Pace(0, 1, clock)
    steps_of(pace, clock, {True: [2.0], False: [8.0]})
    found = pace.record()
    assert steps_of(pace, clock, {True: [900.0] * 5, False: []}) == [True] * 5
    assert pace.record() == found
    assert capsys.readouterr().out.count("\n") == 1


def test_before_a_decision_there_is_nothing_to_record():
    pace = Pace(1, 1)
    assert pace.record() is None
    with pace.step(2, CPU):
        pass
    assert pace.record() is None and not pace.is_decided


def test_a_step_that_fails_is_not_counted():
    clock = Clock()
    pace = Pace(0, 1, clock)
    with pytest.raises(RuntimeError), pace.step(2, CPU):
        raise RuntimeError("of a test")
    assert steps_of(pace, clock, {True: [1.0], False: [2.0]}) == [True, False]
    assert pace.record()["seconds_together"] == 0.25


@pytest.fixture
def sizes(monkeypatch) -> list[int]:
    """How many seeds' batches go through the base at a time, of each training batch."""
    seen = []
    computed = gang_module._losses

    def counted(asked, generators):
        if asked[0].trains:
            seen.append(len(asked))
        return computed(asked, generators)

    monkeypatch.setattr(gang_module, "_losses", counted)
    return seen


@pytest.mark.parametrize("slow_together", [False, True])
def test_seeds_are_the_same_runs_whichever_way_is_chosen(place_of, sizes, slow_together):
    alone, tried = place_of("alone"), place_of("tried")
    solo = [alone.run(seed) for seed in SEEDS]
    clock = Clock()
    pace = Pace(1, 2, clock)
    computed = gang_module._losses

    def taking_time(asked, generators):
        clock.now += 1.0 if len(asked) == 1 else 9.0 if slow_together else 0.5
        return computed(asked, generators)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gang_module, "_losses", taking_time)
        records = Gang(pace).train([partial(tried.run, seed) for seed in SEEDS])
    # Three steps each way, in turn, and the last three of nine as was found.
    one_by_one = [1, 1, 1]
    assert sizes == [3, *one_by_one] * 3 + (one_by_one * 3 if slow_together else [3] * 3)
    assert pace.record()["together"] is not slow_together
    for seed, record, ganged in zip(SEEDS, solo, records, strict=True):
        assert_same_run(record, ganged, alone.weights(seed), tried.weights(seed))


def test_a_gang_that_is_told_to_stop_while_it_tries_goes_on_and_tries_again(place_of, monkeypatch):
    alone, tried = place_of("alone"), place_of("tried")
    solo = [alone.run(seed) for seed in SEEDS]
    runs = [partial(tried.run, seed) for seed in SEEDS]
    with monkeypatch.context() as patch:
        patch.setattr(training, "GangedTrainer", stopping(1, 2))
        first = Pace(1, 2)
        assert [type(outcome) for outcome in Gang(first).train(runs)] == [Interrupted] * 3
    assert first.record() is None
    second = Pace(1, 1)
    records = Gang(second).train(runs)
    assert second.record() is not None
    for seed, record, ganged in zip(SEEDS, solo, records, strict=True):
        assert ganged["resumed"] == [{"step": 3}]
        assert_same_run(record, ganged, alone.weights(seed), tried.weights(seed))


@pytest.mark.usefixtures("padded_alone")
def test_with_dropout_seeds_that_are_computed_one_by_one_draw_as_alone(place_of, tiny_model):
    """Their rows are padded to no other seed's."""
    alone, tried = place_of("alone", model=tiny_model), place_of("tried", model=tiny_model)
    # Decided before the first step.
    pace = Pace(0, 0)
    pace.together = False
    records = Gang(pace).train([partial(tried.run, seed) for seed in SEEDS])
    for seed, record in zip(SEEDS, records, strict=True):
        assert losses(record) == pytest.approx(losses(alone.run(seed)), abs=1e-5)
