"""The plain values that cross between a check and a solution."""

from __future__ import annotations

import collections

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking import values
from autograder.checking.settle import settle
from tests.checking.toy import TOY, right, run


class Hostile:
    """Whatever it is asked, it raises."""

    shape = 3

    def __getattr__(self, name):
        raise RuntimeError(name)

    __iter__ = __len__ = __eq__ = __bool__ = __repr__ = __str__ = __hash__ = (  # type: ignore[assignment]
        lambda self, *_: (_ for _ in ()).throw(RuntimeError("no"))
    )


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=True),
    st.text(max_size=3),
    st.builds(torch.zeros, st.integers(0, 3)),
    st.builds(lambda n: torch.full((n,), float("nan")), st.integers(0, 2)),
    st.builds(np.ones, st.integers(0, 3)),
    st.just(object),
    st.just(torch.zeros(2, 2).to_sparse()),
    st.just(torch.zeros(3, 2, dtype=torch.complex64)),
    st.just(torch.zeros(3, 2, dtype=torch.bool)),
    st.just(torch.zeros(3, 2, device="meta")),
    st.just(torch.zeros(3, 2).to(torch.float8_e4m3fn)),
    st.just(torch.zeros(1).expand(10**6, 10**6)),
    st.builds(Hostile),
    st.just({1.5: 2, object: 3}),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from(["U_f", "W_f", 0]), inner, max_size=3),
    ),
    max_leaves=6,
)
PLAIN = st.recursive(
    st.one_of(st.integers(-3, 3), st.builds(torch.ones, st.integers(0, 3))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner)),
    max_leaves=6,
)


@given(PLAIN)
def test_a_copy_has_the_same_bits_and_other_storage(tree) -> None:
    copy = values.clone(tree)
    assert values.same_bits(tree, copy)
    for tensor in values.tensors(copy):
        tensor += 1
    assert values.same_bits(tree, copy) == (sum(t.numel() for t in values.tensors(tree)) == 0)


@given(TREES)
def test_whatever_a_solution_returns_a_check_answers(tree) -> None:
    result = run(lambda x, k: tree)
    assert not result.passed
    assert 0 <= result.score < result.max_score
    assert str(result)
    assert result._repr_mimebundle_()


@given(TREES)
def test_whatever_stands_beside_a_right_output_that_one_keeps_its_points(tree) -> None:
    result = run(lambda x, k: (right(x, k)[0], tree))
    assert result.outputs[0].passed
    assert result.score in (1, 2)  # half of two points where a promise is broken too


@given(st.integers(0, 2**31 - 1))
def test_a_right_answer_passes_and_misconceptions_are_told_apart_at_any_seed(seed) -> None:
    assert run(right, seed).passed
    for misconception in TOY.misconceptions:
        assert run(misconception.answer, seed).diagnoses == (misconception.name,)


def test_named_tuples_are_read_as_tuples() -> None:
    pair = collections.namedtuple("pair", "y total")
    assert run(lambda x, k: pair(*right(x, k))).passed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.zeros(2, 3), "tensor of shape (2, 3), float32"),
        (None, "None"),
        ((1, 2), "tuple of 2"),
        ({"U_f": 1}, "dict with keys 'U_f'"),
        ({}, "empty dict"),
        (values.take(settle(np.zeros(2)), "torch"), "numpy.ndarray of shape (2,)"),
        (settle(object()), "object"),
        (2.5, "float 2.5"),
    ],
)
def test_values_are_described_in_words(value, words) -> None:
    assert values.describe(value) == words


@pytest.mark.parametrize(
    ("value", "path", "says"),
    [
        (torch.zeros(1), (0,), "expected a tuple"),
        ((1,), (1,), "at least 2 values"),
        ([], ("U_f",), "expected a dict"),
        ({}, ("U_f",), "the key 'U_f' is missing"),
    ],
)
def test_a_missing_part_is_said(value, path, says) -> None:
    with pytest.raises(LookupError, match=says):
        values.follow(value, path)


def test_nan_is_the_same_as_nan_when_looking_for_changes() -> None:
    nan = torch.tensor([float("nan"), 1.0])
    assert values.same_bits(nan, nan.clone())
    assert not values.same_bits(nan, torch.zeros(2))
