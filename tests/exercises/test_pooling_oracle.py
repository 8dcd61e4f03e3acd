"""PyTorch's pools do what the pooling exercises say of them; finite differences agree."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from autograder.checking.guard import Tracer
from autograder.exercises import EXERCISES, _pooling

BACKWARD = [EXERCISES["max_pool2d_backward"], EXERCISES["avg_pool2d_backward"]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("seed", range(20))
def test_pytorch_sends_a_tie_to_the_first_row_by_row(seed, layout, dtype) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 3, (2, 3, 7, 8), generator=g).to(dtype)
    kh, kw = torch.randint(1, 5, (2,), generator=g).tolist()
    sh, sw = torch.randint(1, 4, (2,), generator=g).tolist()
    places = functional.max_pool2d(
        x.contiguous(memory_format=layout), (kh, kw), (sh, sw), (kh // 2, kw // 2),
        return_indices=True,
    )[1]  # fmt: skip
    windows = _pooling.unfolded(x, (kh, kw), (sh, sw), (kh // 2, kw // 2)).flatten(-2)
    first = torch.tensor([int((w == w.max()).nonzero()[0]) for w in windows.flatten(0, -2)])
    first = first.view(places.shape)
    rows = torch.arange(places.shape[2])[:, None] * sh + first // kw - kh // 2
    columns = torch.arange(places.shape[3]) * sw + first % kw - kw // 2
    assert torch.equal(places, rows * 8 + columns)


@pytest.mark.parametrize("exercise", BACKWARD, ids=lambda e: e.name)
def test_finite_differences_agree_with_the_oracle(exercise) -> None:
    pool = _pooling.max_pool if exercise is BACKWARD[0] else _pooling.avg_pool
    for case in exercise.draw_cases(8):
        if "ties" in case.spec.sizes and pool is _pooling.max_pool:
            continue  # a maximum has no slope there
        if case.inputs["x"].abs().max() > 1e6:
            continue  # a step that small is lost there
        dy, x, *where = case.inputs.values()
        direction = torch.randn(
            x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(0)
        )  # fmt: skip
        h = 1e-7
        change = (pool(x + h * direction, *where) - pool(x - h * direction, *where)) / (2 * h)
        slope = (exercise.oracle(dy, x, *where) * direction).sum()
        assert float((dy * change).sum()) == pytest.approx(float(slope), rel=1e-5, abs=1e-6)


def test_cases_hold_what_makes_mistakes_visible() -> None:
    cases = EXERCISES["max_pool2d_backward"].draw_cases(3)
    pairs = [tuple(map(_pooling.pair, list(case.inputs.values())[2:])) for case in cases]
    assert any(k[0] > s[0] or k[1] > s[1] for k, s, _ in pairs), "overlap"
    assert any(k[0] < s[0] or k[1] < s[1] for k, s, _ in pairs), "gaps"
    assert any(k[0] != k[1] for k, _, _ in pairs)
    assert any(s[0] != s[1] for _, s, _ in pairs)
    assert any(p[0] != p[1] for _, _, p in pairs)
    assert any(k == (1, 1) for k, _, _ in pairs)
    assert {type(case.inputs["kernel"]) for case in cases} == {int, tuple}
    assert {type(case.inputs["stride"]) for case in cases} == {int, tuple}
    assert {type(case.inputs["padding"]) for case in cases} == {int, tuple}
    negative = [case.inputs for case in cases if bool((case.inputs["x"] < 0).all())]
    assert any(max(_pooling.pair(given["padding"])) for given in negative)
    tied = [_pooling.unfolded(*list(case.inputs.values())[1:]).flatten(-2) for case in cases]
    assert any(bool(((w == w.amax(-1, keepdim=True)).sum(-1) > 1).any()) for w in tied)


@pytest.mark.parametrize("guard", [_pooling.GUARD, _pooling.BACKWARD_GUARD])
def test_the_guard_lets_tensors_be_cut_and_put_together(guard) -> None:
    x = torch.arange(48.0).view(1, 3, 4, 4)
    with Tracer(guard) as tracer, torch.no_grad():
        windows = x.unfold(2, 2, 2).unfold(3, 2, 2)
        place = windows.flatten(-2).argmax(-1, keepdim=True)
        torch.zeros_like(windows.flatten(-2)).scatter_add_(-1, place, torch.ones(1, 3, 2, 2, 1))
        torch.einsum("nchw,c->nchw", x, torch.ones(3)).as_strided((2, 2), (1, 1))
        torch.zeros(8).index_add_(0, torch.tensor([0, 0]), torch.ones(2))
        torch.zeros(8).index_put_((torch.tensor([1, 1]),), torch.ones(2), accumulate=True)
        torch.var_mean(x, (0, 2, 3)), x.amax((2, 3)), x.new_full((2, 2), -torch.inf)
        torch.matmul(x, x), x.flatten(0, 1).bmm(x.flatten(0, 1)), torch.stack([x, x])
    assert tracer.seen == []
