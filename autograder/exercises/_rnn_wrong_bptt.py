"""Known wrong answers to backpropagation through time: graphs and gradients perturbed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.exercises._layers_torch import changed, reordered, wrong
from autograder.exercises._rnn_backward import (
    DB,
    DH0,
    DU,
    DW,
    DX,
    Gradients,
    Road,
    before_each_step,
    slope_of_tanh,
    torch_back,
)
from autograder.exercises._rnn_wrong_step_back import SLOPES

Answer = Callable[..., Gradients]


def _arriving(change: Callable[[Tensor], Tensor]) -> Answer:
    """Autograd's, for another dh."""
    return lambda dh, *rest: torch_back(change(dh), *rest)


def _only_last(dh: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(dh[:-1]), dh[-1:]])


def _divided(places: tuple[int, ...], by: Callable[[Tensor], int]) -> Answer:
    def answer(dh: Tensor, *rest: Tensor) -> Gradients:
        found = torch_back(dh, *rest)
        return tuple(g / by(dh) if i in places else g for i, g in enumerate(found))

    return answer


def _share_of(step: int) -> Answer:
    """dU, dW and db of one step alone, the way back itself unbroken."""

    def answer(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Gradients:
        T = len(x)
        rest = (T - 1,) if step < 0 else (0,)
        keep = torch.zeros(T, 1, 1, dtype=x.dtype)
        keep[list(rest)] = 1
        whole = Road().walk(dh, x, h0, h, U, W)
        shares = Road(previous=lambda h0, h: before_each_step(h0, h) * keep).walk(
            dh, x * keep, h0, h, U, W
        )
        return (whole[DX], whole[DH0], shares[DU], shares[DW], _bias_of(step, dh, x, h0, h, U, W))

    return answer


def _bias_of(step: int, *inputs: Tensor) -> Tensor:
    """The bias's share of one step: what arrives at an input that stands beside it."""
    return _before_tanh(*inputs)[step].sum(0)


def _before_tanh(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """What arrives before each tanh, (T, N, H): dx of an input of H features through identity."""
    H = W.shape[0]
    unit = torch.eye(H, dtype=W.dtype)
    return Road().walk(dh, x.new_zeros(*x.shape[:2], H), h0, h, unit, W)[DX]


def _share_of_steps(keep: Callable[[int], list[int]]) -> Answer:
    """dU, dW and db of some steps; dx is zero elsewhere, and dh0 if step 0 is left out."""

    def answer(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor) -> Gradients:
        seen = keep(len(x))
        dz = _before_tanh(dh, x, h0, h, U, W)
        mask = torch.zeros(len(x), 1, 1, dtype=x.dtype)
        mask[seen] = 1
        dx, dh0, dU, dW, db = _from_each_step(dz * mask, x, h0, h, U, W)
        if 0 not in seen:
            dh0 = _from_each_step(dz[1:], x[1:], h[0], h[1:], U, W)[DH0] if len(x) > 1 else 0 * dh0
        return dx, dh0, dU, dW, db

    return answer


def _from_each_step(
    dz: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """All five from what arrives before each tanh: steps that nothing connects."""
    flat = Road(slope=torch.ones_like, feeds=lambda t: (-1,) if t == 0 else ())
    return flat.walk(dz, x, h0, h, U, W)


def _all_but_last(dh: Tensor, *rest: Tensor) -> Gradients:
    """The loop starts one step too early, so what arrives at the last state is never seen."""
    x, h0, h, U, W = rest
    if len(x) == 1:
        return tuple(torch.zeros_like(v) for v in (x, h0, U, W, W[0]))
    dx, *others = torch_back(*(v[:-1] for v in (dh, x)), h0, h[:-1], U, W)
    return (torch.cat([dx, torch.zeros_like(dx[:1])]), *others)


def _walks_forwards(dh: Tensor, *rest: Tensor) -> Gradients:
    """The steps are visited from the first on: what is carried goes to later ones."""
    road = Road(feeds=lambda t: (t + 1,), order=lambda T: range(T - 1, -1, -1))
    dx, _, dU, dW, db = road.walk(dh, *rest)
    x, h0, h, U, W = rest
    unit = torch.eye(len(W), dtype=W.dtype)
    dz = road.walk(dh, x.new_zeros(*x.shape[:2], len(W)), h0, h, unit, W)[DX]
    dh0 = _from_each_step(dz[-1:], x[-1:], h0, h[-1:], U, W)[DH0]
    return dx, dh0, dU, dW, db


def _one_step_back_only(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """What is carried on holds only the next step's own dh, not what was carried to there."""
    alone = Road(feeds=lambda t: (-1,) if t == 0 else ())
    unit = torch.eye(len(W), dtype=W.dtype)
    none = x.new_zeros(*x.shape[:2], len(W))
    own = alone.walk(dh, none, h0, h, unit, W)[DX]  # before each tanh, nothing carried
    carried = torch.cat([_through_w(own[1:], W), torch.zeros_like(dh[:1])])
    found = alone.walk(dh + carried, x, h0, h, U, W)
    return (found[DX], _through_w(own[:1], W)[0], *found[DU:])


def _through_w(dz: Tensor, W: Tensor) -> Tensor:
    return torch.nn.functional.linear(dz, W)


def _slope_missing_on_weights(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """The way back is right; dx, dU, dW and db are made with what arrives at the states."""
    arrived = _before_tanh(dh, x, h0, h, U, W) / slope_of_tanh(h)
    dx, _, *weights = _from_each_step(arrived, x, h0, h, U, W)
    return (dx, torch_back(dh, x, h0, h, U, W)[DH0], *weights)


def _slope_without_bias(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """Every sum made anew, but b is no argument."""
    linear = torch.nn.functional.linear
    made = (linear(x, U.mT) + linear(before_each_step(h0, h), W.mT)).tanh()
    return Road(slope=lambda h: slope_of_tanh(made)).walk(dh, x, h0, h, U, W)


def _dh0_short(dh: Tensor, *rest: Tensor) -> Gradients:
    """What arrives at h[0], not yet gone back through the first step."""
    x, h0, h, U, W = rest
    found = torch_back(dh, *rest)
    later = (
        torch_back(dh[1:], x[1:], h[0], h[1:], U, W)[DH0] if len(x) > 1 else torch.zeros_like(h0)
    )
    return (found[DX], dh[0] + later, *found[DU:])


def _dh0_without_own(dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor
                     ) -> Gradients:  # fmt: skip
    found = torch_back(dh, x, h0, h, U, W)
    later = torch_back(dh[1:], x[1:], h[0], h[1:], U, W)[DH0] if len(x) > 1 else 0 * found[DH0]
    return (found[DX], later, *found[DU:])


def _wrapped(h0: Tensor, h: Tensor) -> Tensor:
    """h[t - 1] with Python's h[-1] at the first step."""
    return h.roll(1, 0)


def _zero_start(h0: Tensor, h: Tensor) -> Tensor:
    return before_each_step(torch.zeros_like(h0), h)


_CARRY = "h[t] was used twice: it came out at step t, and it went into step t + 1. Two roads lead "
_CARRY += "back to it, and what arrives on both is added."
_PLUS = "U, W and b served every step: what comes from each step is added, `+=`."
_MEAN = "Any mean belongs to the loss, and dh carries it already."
_ORDER = "The order is dx, dh0, dU, dW, db."

#: What also concerns dU, dW and db when the way back is cut.
ROADS: tuple[tuple[str, str, str, Road], ...] = (
    *((name, says, look, Road(slope=slope)) for name, says, look, slope in SLOPES),
    ("slope_missing_on_carry", "What is carried to the earlier step has not passed tanh.",
     "The way from h[t] to h[t - 1] goes back through tanh, then through W.",
     Road(on_carry=False)),
    ("w_not_transposed", "What is carried goes back through W; it should be W's transpose.",
     "Forward, `h[t - 1] @ W`. Going back the arrows of W are walked the other way.",
     Road(through=lambda W: W.mT)),
    ("w_left_out", "What is carried has not gone back through W.",
     "h[t - 1] reached step t through W.", Road(through=lambda W: torch.eye(len(W)).to(W))),
    ("carry_piles_up", "What is carried grows: older shares stay in it.",
     "At each step what is carried is made anew (`=`); it is the weights' gradients that grow.",
     Road(feeds=lambda t: range(-1, t))),
    ("dw_from_new_state", "dW is made with h[t]; it should be made with the state before.",
     "What was multiplied by W at step t?", Road(previous=lambda h0, h: h)),
    ("dw_wraps_around", "At the first step dW is made with h[-1], which is the last state.",
     "In Python -1 is the last entry. Before the first step the state was h0.",
     Road(previous=_wrapped)),
    ("h0_left_out", "At the first step dW is made with zeros; the state there was h0.",
     "Each step's previous state: h0, h[0], ... h[T - 2].", Road(previous=_zero_start)),
    ("h0_at_every_step", "dW is made with h0 at every step.",
     "Each step's previous state: h0, h[0], ... h[T - 2].",
     Road(previous=lambda h0, h: h0.expand_as(h))),
)  # fmt: skip


def _slope_on_carry_only(dh: Tensor, *rest: Tensor) -> Gradients:
    """With dz = dh + carry * slope."""
    h = rest[2]
    return torch_back(dh / slope_of_tanh(h), *rest)


def _slope_on_dh_only(dh: Tensor, *rest: Tensor) -> Gradients:
    """With dz = dh * slope + carry."""
    h = rest[2]
    return Road(slope=torch.ones_like).walk(dh * slope_of_tanh(h), *rest)


BPTT = (
    *(wrong(name, says, look, road.walk) for name, says, look, road in ROADS),
    wrong("gradient_not_carried", "Nothing is carried on: each step is walked back by itself.",
          _CARRY, Road(feeds=lambda t: (-1,) if t == 0 else ()).walk),
    wrong("upstream_only_at_last", "Only the last step's dh is used.", _CARRY,
          _arriving(_only_last)),
    wrong("slope_without_bias", "tanh's slope is taken at x_t U + h_prev W, where b is missing.",
          "No need to make the sums again: the slope can be read from h[t].", _slope_without_bias),
    wrong("slope_missing_on_weights",
          "What arrives at a state goes on to the weights or to x without passing tanh.",
          "U, W, b and x are inside the tanh: all of them are fed with dz.",
          _slope_missing_on_weights),
    *(wrong("parentheses_missing", f"Only {which} passes tanh.",
            "First the sum of what arrives, dh[t] and what is carried; then all of it times the "
            "slope: mind the parentheses.", answer)
      for which, answer in (("what is carried", _slope_on_carry_only),
                            ("dh", _slope_on_dh_only))),
    wrong("carried_one_step_only", "What is carried goes one step back and no further.",
          "Carry on all that arrived at h[t], the carried part too.", _one_step_back_only),
    wrong("walks_forwards", "The loop goes from the first step to the last.",
          "Backwards: `range(T - 1, -1, -1)` or `reversed(range(T))`.", _walks_forwards),
    wrong("dh_reversed", "dh is read in the wrong order.", "dh[t] belongs to h[t].",
          _arriving(lambda dh: dh.flip(0))),
    wrong("first_step_left_out", "The first step is never walked back.",
          "`range(T - 1, 0, -1)` ends at 1. `range(T - 1, -1, -1)` ends at 0.",
          _share_of_steps(lambda T: list(range(1, T)))),
    wrong("last_step_left_out", "The last step is never walked back.",
          "Begin at T - 1, which is the last of T steps.", _all_but_last),
    *(wrong("overwritten", f"dU, dW and db hold the {which} step's share only.", _PLUS,
            _share_of(step)) for which, step in (("first", 0), ("last", -1))),
    wrong("mean_over_time", "dU, dW and db are divided by T.", f"{_PLUS} {_MEAN}",
          _divided((DU, DW, DB), len)),
    wrong("averaged_over_batch", "dU, dW and db are divided by N.", _MEAN,
          _divided((DU, DW, DB), lambda dh: dh.shape[1])),
    wrong("mean_over_time_and_batch", "dU, dW and db are divided by T and by N.", _MEAN,
          _divided((DU, DW, DB), lambda dh: dh.shape[0] * dh.shape[1])),
    wrong("db_averaged", "db is a mean over time and batch; a sum was asked for.", _MEAN,
          _divided((DB,), lambda dh: dh.shape[0] * dh.shape[1])),
    wrong("db_of_upstream", "db is added up from dh; tanh and the later steps lie between.",
          "The bias is inside each tanh.",
          changed(torch_back, DB, lambda g, dh, *rest: dh.sum((0, 1)))),
    wrong("db_not_summed", "db is summed over time only; one bias serves the batch too.",
          "b has one axis, (H,).",
          changed(torch_back, DB, lambda g, *inputs: _before_tanh(*inputs).sum(0))),
    wrong("dh0_missing", "dh0 is all zeros.",
          "What is left over when the first step has been walked back belongs to h0.",
          changed(torch_back, DH0, lambda g, *rest: torch.zeros_like(g))),
    wrong("dh0_one_step_short", "dh0 is what arrives at h[0]; one more step lies between.",
          "Walk back through the first step as well, then it is dh0.", _dh0_short),
    wrong("dh0_one_step_short", "dh0 is what was carried to h[0]; one more step lies between.",
          "Walk back through the first step as well, then it is dh0.", _dh0_without_own),
    wrong("dx_reversed", "dx is in reversed order.",
          "You walk from the end: write into dx[t], or turn the list round before you stack it.",
          changed(torch_back, DX, lambda g, *rest: g.flip(0))),
    wrong("dx_batch_first", "dx is (N, T, D); time comes first here.", "x is (T, N, D), so is dx.",
          changed(torch_back, DX, lambda g, *rest: g.transpose(0, 1))),
    wrong("dw_transposed", "dW is transposed: it fits, and its rows are columns.",
          "dW[i, j] belongs to W[i, j], which leads from unit i to unit j.",
          changed(torch_back, DW, lambda g, *rest: g.mT)),
    wrong("du_transposed", "dU is transposed.", "A gradient has the shape of what it belongs to.",
          changed(torch_back, DU, lambda g, *rest: g.mT)),
    wrong("sign_wrong", "All gradients have the wrong sign.",
          "A gradient points uphill. The minus belongs to the step that an optimiser makes.",
          _arriving(torch.neg)),
    wrong("weights_swapped", "dU and dW have changed places.", _ORDER,
          reordered(torch_back, (0, 1, 3, 2, 4))),
    wrong("dx_and_dh0_swapped", "dx and dh0 have changed places.", _ORDER,
          reordered(torch_back, (1, 0, 2, 3, 4))),
    wrong("weights_first", "The gradients of the weights come first; they come last.", _ORDER,
          reordered(torch_back, (2, 3, 4, 0, 1))),
)  # fmt: skip
