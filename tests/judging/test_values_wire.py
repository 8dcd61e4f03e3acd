from __future__ import annotations

import contextlib
import json
import math
import tracemalloc
from collections import Counter, OrderedDict, defaultdict
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.judging.values_wire import (
    ARRAY_DTYPES,
    DTYPES,
    CannotCrossError,
    Decoder,
    Encoder,
)
from autograder.judging.wire import WireError


def refuse(value: Any) -> Any:
    raise CannotCrossError(type(value).__name__)


def cross(value: Any) -> Any:
    encoder = Encoder(refuse)
    form = json.loads(json.dumps(encoder.encode(value), allow_nan=False))
    return Decoder(bytes(encoder.data), refuse).decode(form)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.tuples(inner, inner)
        | st.frozensets(KEYS, max_size=4).map(set)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_plain_values_cross_as_they_are(value: Any) -> None:
    assert repr(cross(value)) == repr(value) or cross(value) == value


def test_nan_and_infinity_cross() -> None:
    assert math.isnan(cross(math.nan))
    assert cross([math.inf, -math.inf]) == [math.inf, -math.inf]


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3)])
def test_tensors_cross_bit_for_bit(name: str, shape: tuple[int, ...]) -> None:
    tensor = (torch.arange(math.prod(shape)).reshape(shape) * 3 - 2).to(DTYPES[name])
    back = cross(tensor)
    assert back.dtype == tensor.dtype
    assert back.shape == tensor.shape
    assert torch.equal(back, tensor)


@pytest.mark.parametrize("name", ARRAY_DTYPES)
def test_arrays_and_their_numbers_cross(name: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(name)[:, ::2]
    back = cross(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    back[:] = 0  # it is one's own
    number = cross(array[0, 1])
    assert type(number) is type(array[0, 1])
    assert number == array[0, 1]


def test_tensors_of_other_kinds() -> None:
    weights = torch.nn.Parameter(torch.ones(2))
    assert cross(weights).requires_grad
    assert torch.equal(cross(torch.arange(6.0).reshape(2, 3).T), torch.arange(6.0).reshape(2, 3).T)
    assert cross(torch.empty(2, 3, device="meta")).device.type == "meta"
    assert cross((torch.float32, torch.Size([2]))) == (torch.float32, (2,))
    tied = weights * 2
    assert not cross(tied.detach()).requires_grad


def test_other_layouts_cross_as_what_they_hold() -> None:
    complex_row = torch.tensor([1 + 2j, 3 - 4j])
    for tensor in (
        complex_row.conj(),
        complex_row.conj().imag,
        torch.arange(12).reshape(3, 4)[::2, 1::2],
        torch.ones(1).expand(3, 2),
        torch.eye(3).to_sparse(),
        torch.tensor([-0.0, math.inf]),
    ):
        back = cross(tensor)
        assert back.is_contiguous()
        assert torch.equal(back, tensor.to_dense() if tensor.is_sparse else tensor)
    assert cross(torch.ones(2, requires_grad=True) * 2).requires_grad
    assert cross(torch.tensor(math.nan)).isnan()
    assert cross(np.arange(3, dtype=">i4")).tolist() == [0, 1, 2]
    np.testing.assert_array_equal(cross(np.arange(6).reshape(2, 3).T), np.arange(6).reshape(2, 3).T)
    assert cross(np.float32("nan")).dtype == np.float32


def test_dicts_of_the_standard_library_cross_as_dicts() -> None:
    for value in (Counter("abca"), defaultdict(int, a=1), OrderedDict(b=1, a=2)):
        back = cross(value)
        assert type(back) is dict
        assert back == value


def test_the_rest_that_crosses() -> None:
    for value in (slice(1, None, 2), ..., b"\x00\xff", torch.bfloat16, torch.device("cpu"), 1j):
        assert cross(value) == value
    assert cross("\ud800!") == "?!"
    assert cross(bytearray(b"ab")) == b"ab"


def test_one_frame_holds_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotCrossError, match="strings"):
        cross(["x" * 600_000] * 2)
    monkeypatch.setattr("autograder.judging.values_wire.MOST_BYTES", 1000)
    assert len(cross([bytes(500), np.zeros(60)])) == 2
    with pytest.raises(CannotCrossError, match="arrays"):
        cross([bytes(500), np.zeros(63)])


@pytest.mark.parametrize(
    "form",
    [
        {"x": "float64", "shape": [2**40] * 32, "at": [0, 0]},
        {"x": "float64", "shape": [0, 2**40, 2**40], "at": [0, 0]},
        {"n": "float64", "shape": [2**40, 0, 2**40], "at": [0, 0]},
        {"t": [{"b": [0, 2**27]}] * 90_000},
        [[{"x": "int8", "shape": [10**7], "on": "meta"}] * 10] * 1000,
    ],
    ids=["huge", "empty tensor", "empty array", "bytes", "meta"],
)
def test_shapes_and_lengths_take_no_memory(form: Any) -> None:
    tracemalloc.start()
    with contextlib.suppress(WireError):
        Decoder(b"12345678", refuse).decode(form)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20 * 2**20


def test_a_value_is_no_view_of_the_frame() -> None:
    data = bytearray(b"12345678")
    Decoder(data, refuse).decode({"x": "uint8", "shape": [8], "at": [0, 8]}).zero_()
    assert data == b"12345678"


def test_the_same_bytes_are_not_given_out_again_and_again() -> None:
    """Else a frame of some MiB would fill the judge's memory."""
    one = {"n": "uint8", "shape": [4], "at": [0, 4]}
    assert Decoder(bytearray(8), refuse).decode([one, one])[1].sum() == 0
    with pytest.raises(WireError):
        Decoder(bytearray(8), refuse).decode([one, one, one])


@pytest.mark.parametrize("value", [10**2000, "x" * 2**21, object(), lambda: 1, np.array(["a"])])
def test_what_cannot_cross_says_so(value: Any) -> None:
    with pytest.raises(CannotCrossError):
        cross(value)


def test_structures_without_end_are_cut_short() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(CannotCrossError):
        cross(loop)
    with pytest.raises(CannotCrossError):
        cross(list(range(200_000)))


deep: Any = []
for _ in range(300):
    deep = [deep]
FORGED = [
    {"x": "float64", "shape": [2], "at": [0, 8]},
    {"x": "float64", "shape": [1], "at": [-8, 8]},
    {"x": "float64", "shape": [1], "at": [8, 8]},
    {"x": "float64", "shape": [1], "at": [0, -8]},
    {"x": "float64", "shape": [2**40, 2**40], "at": [0, 8]},
    {"x": "float64", "shape": [2**62, 0], "at": [0, 0]},
    {"x": "float64", "shape": [-1], "at": [0, 8]},
    {"x": "float64", "shape": [True], "at": [0, 8]},
    {"x": "float64", "shape": [1.0], "at": [0, 8]},
    {"x": "float64", "shape": "1", "at": [0, 8]},
    {"x": "float64", "shape": [1] * 40, "at": [0, 8]},
    {"x": "quint8", "shape": [1], "at": [0, 8]},
    {"x": ["float64"], "shape": [1], "at": [0, 8]},
    {"x": "float64", "shape": [1]},
    {"x": "float64", "shape": [10**7 * 2], "on": "meta"},
    {"n": "object", "shape": [1], "at": [0, 8]},
    {"n": "float64", "shape": [1], "at": "08"},
    {"d": {"ab": 1}}, {"d": ["ab"]}, {"d": [[{"h": 1}, 1]]}, {"s": [{"h": 1}]}, {"b": [0]},
    {"c": [10**400, 0]}, {"c": [{"h": 1}, 0]}, {"s": {"a": 1}}, {"b": {"a": 1, "b": 2}},
    {"b": [0, True]}, {"b": [2**70, 1]}, {"f": []}, {"td": []}, {"dev": "cpu:-3"}, {"dev": []},
    {"n": "float64", "shape": [1], "at": [1, 8]}, {"x": "int8", "shape": None, "at": [0, 8]},
    {"t": 5}, {"t": {"a": 1}}, {"d": [[1]]}, {"d": [[[], 1]]}, {"d": 3}, {"s": [[1]]}, {"f": "1"},
    {"i": "0x" + "f" * 10_000}, {"i": "zz"}, {"i": 3}, {"c": [1]}, {"b": [0, 99]}, {"td": "x"},
    {"dev": "nowhere"}, {"sl": [1]}, {}, {"unknown": 1}, deep, list(range(150_000)),
]  # fmt: skip


@pytest.mark.parametrize("form", FORGED, ids=lambda form: str(form)[:40])
def test_forged_forms_are_refused(form: Any) -> None:
    with pytest.raises(WireError):
        Decoder(b"12345678", lambda form: object()).decode(form)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["x", "n", "t", "d", "s", "f", "i", "c", "b", "sl", "td", "dev", "h",
                             "shape", "at", "on", "grad", "scalar"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)  # fmt: skip


@given(JSON)
def test_any_json_is_a_value_or_refused(form: Any) -> None:
    handle = object()
    with contextlib.suppress(WireError):  # and nothing else is ever raised
        value = Decoder(b"12345678", lambda form: handle).decode(form)
        assert isinstance(form, dict) or type(value) is type(form)
