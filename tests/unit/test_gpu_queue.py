"""parity.gpu_queue: who gets which GPU, and who has to wait."""

import itertools
import random

import pytest

from parity.gpu_queue import Run, choose

ROOM = 40000


def run(arrived: int = 1000, count: int = 1, on: str = "abcd", memory=None, per_gpu: int = 1, has: str = "") -> Run:
    return Run(arrived, arrived, f"run {arrived}", count, dict.fromkeys(on, ROOM), per_gpu, memory, tuple(has))


def test_free_gpus_are_taken_in_the_order_in_which_the_run_prefers_them():
    assert choose(run(on="abcd"), []) == ("a",)
    assert choose(run(on="cab"), []) == ("c",)
    assert choose(run(count=3, on="cabd"), [run(1, has="a")]) == ("c", "b", "d")


def test_all_or_none():
    assert choose(run(count=2, on="abc"), [run(1, has="a"), run(2, has="b")]) == ()
    assert choose(run(count=2, on="abc"), [run(1, has="b")]) == ("a", "c")


def test_a_gpu_is_shared_with_as_many_runs_as_all_of_them_allow():
    assert choose(run(on="a", per_gpu=3), [run(1, has="a", per_gpu=2)]) == ("a",)
    assert choose(run(on="a", per_gpu=3), [run(1, has="a", per_gpu=2), run(2, has="a", per_gpu=3)]) == ()
    assert choose(run(on="a", per_gpu=1), [run(1, has="a", per_gpu=9)]) == ()
    assert choose(run(on="a", per_gpu=9), [run(1, has="a", per_gpu=1)]) == ()


def test_a_gpu_is_shared_only_where_the_memory_of_all_fits():
    small, large = run(1, has="a", per_gpu=3, memory=10000), run(2, has="a", per_gpu=3, memory=25000)
    assert choose(run(on="a", per_gpu=3, memory=5000), [small, large]) == ("a",)
    assert choose(run(on="a", per_gpu=3, memory=5001), [small, large]) == ()


def test_a_run_that_does_not_say_its_memory_counts_as_an_equal_share():
    half = run(1, has="a", per_gpu=2)
    assert choose(run(on="a", per_gpu=2), [half]) == ("a",)
    assert choose(run(on="a", per_gpu=2, memory=ROOM / 2), [half]) == ("a",)
    assert choose(run(on="a", per_gpu=2, memory=ROOM / 2 + 1), [half]) == ()


def test_a_gpu_that_nobody_uses_suits_every_run():
    assert choose(run(on="a", per_gpu=2, memory=10 * ROOM), []) == ("a",)


def test_where_a_gpus_memory_is_unknown_only_the_number_of_runs_counts():
    holder = Run(1, 1, "", 1, {"a": None}, 2, 99999, ("a",))
    assert choose(Run(2, 2, "", 1, {"a": None}, 2, 99999), [holder]) == ("a",)


def test_the_emptiest_gpu_is_shared_first():
    others = [run(1, has="a", per_gpu=3), run(2, has="b", per_gpu=3), run(3, has="b", per_gpu=3)]
    assert choose(run(on="ba", per_gpu=3), others) == ("a",)
    assert choose(run(on="bac", per_gpu=3), others) == ("c",)
    memory = [run(1, has="a", per_gpu=2, memory=20000), run(2, has="b", per_gpu=2, memory=10000)]
    assert choose(run(on="ab", per_gpu=2, memory=5000), memory) == ("b",)
    # Runs share what computes, too: their number goes before their memory.
    two_small = [run(3, has="a", per_gpu=3, memory=10), run(4, has="a", per_gpu=3, memory=10)]
    one_large = run(1, has="b", per_gpu=3, memory=20000)
    assert choose(run(on="ab", per_gpu=3, memory=5), [*two_small, one_large]) == ("b",)
    assert choose(run(on="ab", per_gpu=3, memory=30000), [*two_small, one_large]) == ("a",)


def test_a_run_of_several_gpus_is_not_overtaken_while_they_become_free():
    waiting = run(5, count=2, on="ab")
    assert choose(run(6, on="ab"), [run(1, has="a"), waiting]) == ()
    assert choose(run(6, on="abc"), [run(1, has="a"), waiting]) == ("c",)
    # Nor those that came before it held up.
    assert choose(run(4, on="ab"), [run(1, has="a"), waiting]) == ("b",)


def test_a_run_of_much_memory_is_not_overtaken_by_small_ones():
    holder, waiting = run(1, has="a", per_gpu=9, memory=20000), run(5, on="a", per_gpu=9, memory=30000)
    assert choose(run(6, on="a", per_gpu=9, memory=100), [holder, waiting]) == ()
    assert choose(run(6, on="ab", per_gpu=9, memory=100), [holder, run(5, on="a", per_gpu=9, memory=30000)]) == ("b",)


def test_a_run_that_leaves_room_for_those_before_it_need_not_wait_for_them():
    # Run 5 needs both GPUs, and can share them: it waits for b, and run 6 on a is not in its way.
    waiting = run(5, count=2, on="ab", per_gpu=2, memory=10000)
    assert choose(run(6, on="a", per_gpu=2, memory=30000), [run(1, has="b"), waiting]) == ("a",)
    assert choose(run(6, on="a", per_gpu=2, memory=30001), [run(1, has="b"), waiting]) == ()


def test_who_waits_for_gpus_that_another_cannot_use_holds_up_nobody():
    assert choose(run(6, on="b"), [run(1, has="a"), run(5, on="a")]) == ("b",)


def test_a_free_gpu_is_left_to_the_run_before_which_can_take_it():
    assert choose(run(6, on="a"), [run(5, on="a")]) == ()
    assert choose(run(6, on="ab"), [run(5, on="ab")]) == ("b",)
    assert choose(run(6, on="a", per_gpu=2, memory=100), [run(5, on="a", per_gpu=2, memory=100)]) == ("a",)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_and_goes_no_gpu_is_given_too_often_and_every_run_gets_its_turn(seed):
    """Random runs on four GPUs, against the rules written down a second time; one that holds GPUs ends now and then."""
    chance = random.Random(seed)
    waiting, holding, served = [], [], 0
    for arrived in itertools.count():
        if arrived < 60:
            on = "".join(chance.sample("abcd", chance.randint(1, 4)))
            per_gpu, memory = chance.randint(1, 3), chance.choice([None, 10000, 25000, 90000])
            waiting.append(run(arrived, chance.randint(1, len(on)), on, memory, per_gpu))
        for candidate in chance.sample(waiting, len(waiting)):
            others = [*holding, *(other for other in waiting if other is not candidate)]
            if granted := choose(candidate, others):
                assert len(set(granted)) == candidate.count and set(granted) <= set(candidate.usable)
                waiting.remove(candidate)
                holding.append(Run(**vars(candidate) | {"granted": granted}))
                served += 1
        for gpu in "abcd":
            together = [holder for holder in holding if gpu in holder.granted]
            shares = [holder.memory_mb or ROOM / holder.runs_per_gpu for holder in together]
            assert len(together) <= 1 or len(together) <= min(holder.runs_per_gpu for holder in together)
            assert len(together) <= 1 or sum(shares) <= ROOM
        if holding and (arrived >= 60 or chance.random() < 0.5):
            holding.remove(chance.choice(holding))
        # Somebody computes as long as somebody waits: no two runs wait for each other.
        assert holding or not waiting or arrived < 60 or any(choose(r, [o for o in waiting if o is not r]) for r in waiting)
        if arrived >= 60 and not waiting:
            break
        assert arrived < 1000
    assert served == 60
