"""parity.similar_lengths: every example once an epoch, in batches of similar lengths that come in random order."""

from __future__ import annotations

import itertools
import random

import pytest

from parity.similar_lengths import EpochOrder, by_length


def lengths(count: int) -> list[tuple[int, int]]:
    draw = random.Random(5)
    return [(draw.randint(10, 500), draw.randint(5, 90)) for _ in range(count)]


def batches(order: list[int], size: int) -> list[list[int]]:
    return [order[at : at + size] for at in range(0, len(order), size)]


def padding(order: list[int], size: int, found: list[tuple[int, int]]) -> float:
    """The share of sources that is padding."""
    computed = sum(len(batch) * max(found[index][0] for index in batch) for batch in batches(order, size))
    return 1 - sum(source for source, _ in found) / computed


@pytest.mark.parametrize("strategy", ["random", "group_by_length"])
@pytest.mark.parametrize("count", [1, 7, 8, 103, 2000])
def test_every_example_comes_once_an_epoch(strategy, count):
    order = EpochOrder(lengths(count), 8, strategy, 1)
    assert len(order) == count
    for epoch in range(3):
        order.set_epoch(epoch)
        assert sorted(order) == list(range(count))


@pytest.mark.parametrize("strategy", ["random", "group_by_length"])
def test_the_order_follows_from_seed_and_epoch(strategy):
    first, same, other = (EpochOrder(lengths(300), 8, strategy, seed) for seed in (1, 1, 2))
    assert list(first) == list(first) == list(same)
    assert list(first) != list(other)
    epoch_0 = list(first)
    first.set_epoch(1)
    assert list(first) != epoch_0


def test_grouped_batches_hold_little_padding():
    found = lengths(2003)
    shuffled, grouped = (padding(list(EpochOrder(found, 8, name, 1)), 8, found) for name in ("random", "group_by_length"))
    assert shuffled > 0.3
    assert grouped < 0.05


def test_batches_do_not_come_in_the_order_of_their_lengths():
    found = lengths(2000)
    longest = [max(found[index][0] for index in batch) for batch in batches(list(EpochOrder(found, 8, "group_by_length", 1)), 8)]
    ups = sum(one < other for one, other in itertools.pairwise(longest))
    assert 0.4 < ups / len(longest) < 0.6


def test_who_shares_a_batch_changes_from_epoch_to_epoch():
    order = EpochOrder(lengths(160), 8, "group_by_length", 1)
    seen = []
    for epoch in (0, 1):
        order.set_epoch(epoch)
        seen.append({frozenset(batch) for batch in batches(list(order), 8)})
    assert len(seen[0] & seen[1]) < 5


def test_an_incomplete_batch_comes_last():
    found = lengths(43)
    order = list(EpochOrder(found, 8, "group_by_length", 3))
    for batch in batches(order, 8)[:-1]:
        assert [found[index] for index in batch] == sorted((found[index] for index in batch), reverse=True)
    assert len(batches(order, 8)[-1]) == 3


def test_batches_by_length_begin_with_the_longest():
    assert by_length([(1, 1), (3, 1), (2, 5), (2, 6)], 3) == [[1, 3, 2], [0]]
