"""Known wrong answers to one step back through an RNN: graphs and gradients perturbed."""

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
    slope_of_tanh,
    torch_step_back,
)

Slope = Callable[[Tensor], Tensor]

#: Name, what to say, where to look, and the slope that is used in tanh's place.
SLOPES: tuple[tuple[str, str, str, Slope], ...] = (
    ("tanh_slope_missing", "The gradient does not pass through tanh.",
     "First go back through tanh: multiply by its slope.", torch.ones_like),
    ("one_minus_h", "tanh's slope is taken to be 1 - h.",
     "The slope of tanh, from its value h: write down tanh' and put h in.", lambda h: 1 - h),
    ("slope_of_sigmoid", "The slope is a sigmoid's, h (1 - h).",
     "The step has a tanh in it. Its slope is another.", lambda h: h * (1 - h)),
    ("h_squared", "tanh's slope is taken to be h squared.",
     "Where h is near 0 tanh is steepest: its slope there is 1.", lambda h: h * h),
    ("one_plus_h_squared", "tanh's slope is taken to be 1 + h squared.",
     "tanh is nowhere steeper than 1.", lambda h: 1 + h * h),
    ("tanh_applied_again", "tanh's slope is taken at h; h is already a tanh.",
     "The slope is wanted at the sum z, and tanh(z) is h itself.",
     lambda h: slope_of_tanh(h.tanh())),
    ("slope_twice", "tanh's slope is multiplied in twice.", "Once for each step.",
     lambda h: slope_of_tanh(h) ** 2),
    ("root_of_slope", "tanh's slope is taken to be the root of 1 - h squared.",
     "That is a sine's and a cosine's affair.", lambda h: slope_of_tanh(h).sqrt()),
)  # fmt: skip
_PREVIOUS = "The state that this step produced is h_t; its slope is read from that."
_OUTER = "A gradient has the shape of what it belongs to: dW[i, j] belongs to W[i, j], which "
_OUTER += "leads from unit i of h_prev to unit j of the sum."
_MEAN = "Any mean belongs to the loss, and the gradient that arrives carries it already."


def _slope_of_previous(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    return Road(slope=lambda h: slope_of_tanh(h_prev)[None]).step(dh_t, x_t, h_prev, h_t, U, W)


def _slope_without_bias(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    """The sum made anew, but b is no argument."""
    linear = torch.nn.functional.linear
    made = (linear(x_t, U.mT) + linear(h_prev, W.mT)).tanh()
    return Road(slope=lambda h: slope_of_tanh(made)[None]).step(dh_t, x_t, h_prev, h_t, U, W)


def _slope_after_product(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    right = torch_step_back(dh_t, x_t, h_prev, h_t, U, W)
    flat = Road(slope=torch.ones_like).step(dh_t, x_t, h_prev, h_t, U, W)
    return (right[DX], flat[DH0] * slope_of_tanh(h_t), *right[DU:])


def _averaged(places: tuple[int, ...]) -> Callable[..., Gradients]:
    def answer(dh_t: Tensor, *rest: Tensor) -> Gradients:
        found = torch_step_back(dh_t, *rest)
        return tuple(g / len(dh_t) if i in places else g for i, g in enumerate(found))

    return answer


def _new_state(h_prev: Tensor, h: Tensor) -> Tensor:
    return h


def _straight_on(dh_t: Tensor, *rest: Tensor) -> Gradients:
    found = torch_step_back(dh_t, *rest)
    return (found[DX], found[DH0] + dh_t, *found[DU:])


def _dx_per_example(
    dh_t: Tensor, x_t: Tensor, h_prev: Tensor, h_t: Tensor, U: Tensor, W: Tensor
) -> Gradients:
    shares = [
        torch_step_back(*(v[n : n + 1] for v in (dh_t, x_t, h_prev, h_t)), U, W)
        for n in range(len(x_t))
    ]
    last = shares[-1]
    right = torch_step_back(dh_t, x_t, h_prev, h_t, U, W)
    return (*right[:DU], *last[DU:])


def _bias_per_example(dh_t: Tensor, *rest: Tensor) -> Gradients:
    identity = Road(through=lambda W: torch.eye(len(W)).to(W)).step(dh_t, *rest)
    return (*torch_step_back(dh_t, *rest)[:DB], identity[DH0])


def _bias_of_upstream(dh_t: Tensor, *rest: Tensor) -> Gradients:
    return (*torch_step_back(dh_t, *rest)[:DB], dh_t.sum(0))


def _negative(grads: Gradients) -> Gradients:
    return tuple(-g for g in grads)


STEP_BACK = (
    *(wrong(name, says, look, Road(slope=slope).step) for name, says, look, slope in SLOPES),
    wrong("slope_of_previous_state", "tanh's slope is taken from h_prev.", _PREVIOUS,
          _slope_of_previous),
    wrong("slope_without_bias", "tanh's slope is taken at x_t U + h_prev W, where b is missing.",
          "No need to make the sum again: the slope can be read from h_t.", _slope_without_bias),
    wrong("slope_after_product", "In dh_prev tanh's slope is multiplied in after W; it comes "
          "before.", "Walk back in the opposite order: tanh came last, so it is first now.",
          _slope_after_product),
    wrong("w_not_transposed", "dh_prev goes through W; it should go through its transpose.",
          "Forward, `h_prev @ W`. Going back the arrows of W are walked the other way.",
          Road(through=lambda W: W.mT).step),
    wrong("w_left_out", "dh_prev has not gone back through W.",
          "h_prev reached the sum through W, so its gradient comes back through W.",
          Road(through=lambda W: torch.eye(len(W)).to(W)).step),
    wrong("dw_from_new_state", "dW is made with h_t; it should be made with h_prev.",
          "What was multiplied by W in this step?", Road(previous=_new_state).step),
    wrong("dw_transposed", "dW is transposed: it fits, and its rows are columns.", _OUTER,
          changed(torch_step_back, DW, lambda g, *rest: g.mT)),
    wrong("du_transposed", "dU is transposed.", "A gradient has the shape of what it belongs to.",
          changed(torch_step_back, DU, lambda g, *rest: g.mT)),
    wrong("du_and_dw_transposed", "dU and dW are transposed.",
          "A gradient has the shape of what it belongs to.",
          lambda *i: tuple(g.mT if n in (DU, DW) else g
                           for n, g in enumerate(torch_step_back(*i)))),
    wrong("averaged_over_batch", "dU, dW and db are means over the batch; sums were asked for.",
          _MEAN, _averaged((DU, DW, DB))),
    wrong("bias_averaged", "db is a mean over the batch; a sum was asked for.", _MEAN,
          _averaged((DB,))),
    wrong("db_not_summed", "db has a row for each example; one bias serves them all.",
          "b (H,) was added to every row: which axis has to go?", _bias_per_example),
    wrong("db_of_upstream", "db is added up from dh_t; tanh lies between.",
          "The bias is inside the tanh.", _bias_of_upstream),
    wrong("last_example_only", "dU, dW and db hold only the last example's share.",
          "The weights serve all examples: in a loop over them, `+=`.", _dx_per_example),
    wrong("straight_on", "dh_t is also added to dh_prev as it is.",
          "h_prev reached the new state by one road only, through W and tanh.", _straight_on),
    wrong("sign_wrong", "All gradients have the wrong sign.",
          "A gradient points uphill. The minus belongs to the step that an optimiser makes.",
          lambda *inputs: _negative(torch_step_back(*inputs))),
    wrong("dx_and_dh_swapped", "dx_t and dh_prev have changed places.",
          "The order is dx_t, dh_prev, dU, dW, db.", reordered(torch_step_back, (1, 0, 2, 3, 4))),
    wrong("weights_swapped", "dU and dW have changed places.",
          "The order is dx_t, dh_prev, dU, dW, db.", reordered(torch_step_back, (0, 1, 3, 2, 4))),
    wrong("weights_first", "The gradients of the weights come first; they come last.",
          "The order is dx_t, dh_prev, dU, dW, db.", reordered(torch_step_back, (2, 3, 4, 0, 1))),
)  # fmt: skip
