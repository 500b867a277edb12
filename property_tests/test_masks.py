"""Mask policies by hand, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import POLICIES, Masks
from spiritlevel.core.networks import averaging

NOTHING = np.zeros((1, 1, 4))


def rows(text: str, n: int, d: int, t: int = 1) -> list[str]:
    return ["".join(map(str, row)) for row in Masks(text).at(t, n, d, np.zeros((1, 1, d)))]


def test_policies_by_hand() -> None:
    assert rows("full", 2, 3) == ["111", "111"]
    assert rows("window:2", 4, 4) == ["1100", "0110", "0011", "1001"]
    assert rows("window:2", 2, 4) == ["1100", "0011"]
    assert rows("rolling:2", 2, 4, t=4) == ["1001", "0110"]
    assert rows("nested:1:1/2:1/16", 4, 4) == ["1111", "1100", "1000", "1111"]
    assert rows("segment:2:1", 3, 4) == ["1100", "1100", "0011"]
    assert rows("table:10:01", 2, 2) == ["10", "01"]


def test_magnitude_depends_on_the_model_of_each_replica() -> None:
    z = np.array([[[1.0, -3.0, 2.0, 0.0]], [[1.0, 1.0, 1.0, 1.0]]])
    held = Masks("magnitude:2").at(1, n=2, d=4, z=z)
    assert held[:, 0].tolist() == [[0, 1, 1, 0], [1, 1, 0, 0]]
    assert (held[:, 0] == held[:, 1]).all()
    assert not Masks("magnitude:2").steady
    assert Masks("window:2").steady


def test_equal_windows_cover_every_coordinate_equally() -> None:
    for size in range(1, 9):
        held = Masks(f"window:{size}").at(1, n=8, d=8, z=np.zeros((1, 1, 8)))
        assert (held.sum(axis=0) == size).all()


@pytest.mark.parametrize("example", POLICIES.values())
def test_every_example_is_read(example: str) -> None:
    assert Masks(example).text == example


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("windows:2", "mask policy"),
        ("window", "as in 'window:2'"),
        ("window:x", "masks 'window:x'"),
        ("window:1:2", "one size"),
        ("window:1/2", "whole numbers"),
        ("full:2", "as in 'full'"),
        ("nested:2", "capacities"),
        ("nested:0", "capacities"),
        ("table:10:2", "rows of equal length"),
        ("table:12", "of 0 and 1"),
    ],
)
def test_bad_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Masks(text)


@pytest.mark.parametrize("text", ["window:5", "segment:1:1", "table:10:01"])
def test_sizes_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="masks"):
        Masks(text).at(1, n=3, d=4, z=NOTHING)


def test_an_average_counts_what_travels() -> None:
    """By hand: 3 of 4 entries come up, and 5 floats go down to each of 2 clients."""
    net = Gossip(averaging(2))
    z = np.array([[[1.0, 5.0], [3.0, 7.0]]])
    assert net.average(z, np.array([[1, 1], [1, 0]]), down=5).tolist() == [[[2.0, 5.0]]]
    assert (net.traffic.rounds, net.traffic.messages, net.traffic.floats) == (1, 4, 13)


def test_an_average_over_nobody_is_zero_and_masks_may_differ_between_replicas() -> None:
    net = Gossip(averaging(2))
    z = np.array([[[1.0], [3.0]], [[5.0], [9.0]]])
    held = np.array([[[0], [0]], [[1], [0]]])
    assert net.average(z, held).ravel().tolist() == [0.0, 5.0]
