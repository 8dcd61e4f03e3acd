"""Dense layers, activations and dropout: PyTorch's answers and known wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.recipes import Seeded
from autograder.exercises._layers_torch import changed, gradients, reordered, wrong

# --- linear ---------------------------------------------------------------------------------------


def linear(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """`torch.nn.functional.linear` on x (N, D), w (D, M), b (M,)."""
    return functional.linear(x, w.T, b)


LINEAR_FORWARD = (
    wrong("bias_missing", "The bias is not added.", "x w + b.",
          lambda x, w, b: functional.linear(x, w.T)),
    wrong("bias_subtracted", "The bias is subtracted.", "x w + b.",
          lambda x, w, b: linear(x, w, -b)),
    wrong("bias_twice", "The bias is added twice.", "x w + b.",
          lambda x, w, b: linear(x, w, 2 * b)),
    wrong("weights_transposed", "w is transposed.", "Here w is (D, M): nothing to transpose.",
          lambda x, w, b: functional.linear(x, w, b)),
    wrong("relu_applied", "There is a ReLU around it.", "The layer is linear; the activation comes "
          "after it.", lambda x, w, b: linear(x, w, b).clamp(min=0)),
    wrong("mean_over_features", "The products are averaged over the features.",
          "A matrix product adds them.", lambda x, w, b: linear(x / x.shape[1], w, b)),
    wrong("bias_scaled_by_rows", "The bias is divided by the number of rows.", "x w + b.",
          lambda x, w, b: linear(x, w, b / len(x))),
)  # fmt: skip


def linear_gradients(dy: Tensor, x: Tensor, w: Tensor) -> tuple[Tensor, ...]:
    """Autograd's (dx, dw, db) of the linear layer; the bias's value does not matter."""
    return gradients(linear, dy, (x, w, w.new_zeros(w.shape[1])))


LINEAR_BACKWARD = (
    wrong("db_averaged", "db is a mean over the rows.",
          "Every row uses the same bias, so the rows' gradients are added.",
          changed(linear_gradients, 2, lambda db, dy, x, w: db / len(dy))),
    wrong("dw_averaged", "dw is divided by the number of rows.",
          "A mean belongs to the loss, and dy carries it already.",
          changed(linear_gradients, 1, lambda dw, dy, x, w: dw / len(dy))),
    wrong("averaged", "dw and db are divided by the number of rows.",
          "A mean belongs to the loss, and dy carries it already.",
          changed(changed(linear_gradients, 1, lambda dw, dy, x, w: dw / len(dy)), 2,
                  lambda db, dy, x, w: db / len(dy))),
    wrong("db_over_the_wrong_axis", "db adds up each row; each column was asked for.",
          "db has the bias's shape (M,): a sum over axis 0.",
          changed(linear_gradients, 2, lambda db, dy, x, w: dy.sum(1))),
    wrong("db_of_one_row", "db is dy's first row alone.", "Every row uses the bias.",
          changed(linear_gradients, 2, lambda db, dy, x, w: dy[0])),
    wrong("dw_transposed", "dw is transposed.", "A gradient has the shape of what it belongs to.",
          changed(linear_gradients, 1, lambda dw, dy, x, w: dw.T)),
    wrong("dx_with_w_untransposed", "dx was made with w as it is.",
          "Going back, w is used the other way: from M to D.",
          changed(linear_gradients, 0, lambda dx, dy, x, w: functional.linear(dy, w.T))),
    wrong("dw_from_dx", "dw was made from x and dx.", "x and dy meet in dw.",
          changed(linear_gradients, 1, lambda dw, dy, x, w: torch.mm(x.T, torch.mm(dy, w.T)))),
    wrong("negated", "All three have the wrong sign.", "No minus here: that is the optimiser's.",
          lambda dy, x, w: tuple(-part for part in linear_gradients(dy, x, w))),
    wrong("dx_is_dy_summed", "dx does not know w: dy's sum is spread over the features.",
          "dx = dy times w, transposed.",
          changed(linear_gradients, 0, lambda dx, dy, x, w: dy.sum(1, keepdim=True).expand_as(x))),
    wrong("order_changed", "dw came first, then dx.", "Return dx, dw, db.",
          reordered(linear_gradients, (1, 0, 2))),
)  # fmt: skip

# --- activations ----------------------------------------------------------------------------------


def relu_gradient(dy: Tensor, x: Tensor) -> Tensor:
    """Autograd through `torch.relu`."""
    return gradients(torch.relu, dy, (x,))[0]


RELU_BACKWARD = (
    wrong("mask_on_the_gradient", "The mask was made from dy.", "The ReLU was open where x > 0.",
          lambda dy, x: relu_gradient(dy, dy)),
    wrong("open_at_zero", "The gradient passes where x is exactly 0.",
          "PyTorch's slope at 0 is 0: x > 0, not x >= 0.", lambda dy, x: dy * (x >= 0)),
    wrong("mask_missing", "dy came back as it was.", "Where x was not above 0, nothing passes.",
          lambda dy, x: dy.clone()),
    wrong("mask_reversed", "The gradient passes where the ReLU was shut.", "x > 0.",
          lambda dy, x: dy - relu_gradient(dy, x)),
    wrong("relu_of_the_gradient", "The gradient itself went through a ReLU, after the mask.",
          "Negative gradients pass where the ReLU is open.",
          lambda dy, x: relu_gradient(dy, x).clamp(min=0)),
    wrong("mask_alone", "This is the mask; dy is not in it.", "dy times the mask.",
          lambda dy, x: relu_gradient(torch.ones_like(dy), x)),
    wrong("input_for_slope", "dy was multiplied with max(0, x).", "The slope is 1 or 0.",
          lambda dy, x: dy * torch.relu(x)),
    wrong("negated", "The sign is wrong.", "dy times the mask.",
          lambda dy, x: -relu_gradient(dy, x)),
    wrong("half_at_zero", "At exactly 0 the slope is taken as one half.",
          "PyTorch's slope at 0 is 0.", lambda dy, x: dy * ((x > 0) + 0.5 * (x == 0))),
)  # fmt: skip


def _from_output(activation: Callable[[Tensor], Tensor], inverse: Callable[[Tensor], Tensor]
                 ) -> Callable[[Tensor, Tensor], Tensor]:  # fmt: skip
    """Autograd through an activation, given what came out of it."""
    return lambda dy, y: gradients(activation, dy, (inverse(y),))[0]


tanh_gradient = _from_output(torch.tanh, torch.atanh)
sigmoid_gradient = _from_output(torch.sigmoid, torch.logit)
_OUT = "y is what came out of the activation: no second one around it."
TANH_BACKWARD = (
    wrong("activated_again", "tanh was applied to y, which is activated already.", _OUT,
          lambda dy, y: gradients(torch.tanh, dy, (y,))[0]),
    wrong("square_missing", "The slope used is 1 - y.", "1 - y².", lambda dy, y: dy * (1 - y)),
    wrong("input_for_output", "The slope used is 1 - atanh(y)²: the input's square.",
          "1 - y², with y the activated value.", lambda dy, y: dy * (1 - torch.atanh(y).square())),
    wrong("sigmoid_for_tanh", "This is the slope of the sigmoid, y (1 - y).", "tanh: 1 - y².",
          lambda dy, y: dy * (y - y.square())),
    wrong("brackets_missing", "dy was multiplied with 1 alone: `dy * 1 - y ** 2` is dy - y².",
          "A product comes before a difference: put the slope in brackets.",
          lambda dy, y: dy - y.square()),
    wrong("slope_missing", "dy came back as it was.", "dy times the slope 1 - y².",
          lambda dy, y: dy.clone()),
    wrong("slope_alone", "This is the slope; dy is not in it.", "dy times the slope.",
          lambda dy, y: tanh_gradient(torch.ones_like(dy), y)),
    wrong("plus_for_minus", "The slope used is 1 + y².", "1 - y².",
          lambda dy, y: dy * (1 + y.square())),
    wrong("activated", "dy was multiplied with y.", "dy times 1 - y².", lambda dy, y: dy * y),
    wrong("negated", "The sign is wrong.", "1 - y², not y² - 1.",
          lambda dy, y: -tanh_gradient(dy, y)),
    wrong("slope_rooted", "The slope used is the root of 1 - y².", "1 - y².",
          lambda dy, y: dy * (1 - y.square()).sqrt()),
)  # fmt: skip
SIGMOID_BACKWARD = (
    wrong("activated_again", "A sigmoid was applied to y, which is activated already.", _OUT,
          lambda dy, y: gradients(torch.sigmoid, dy, (y,))[0]),
    wrong("tanh_for_sigmoid", "This is the slope of tanh, 1 - y².", "sigmoid: y (1 - y).",
          lambda dy, y: dy * (1 - y.square())),
    wrong("one_minus_missing", "dy was multiplied with y alone.", "y (1 - y).",
          lambda dy, y: dy * y),
    wrong("output_missing", "dy was multiplied with 1 - y alone.", "y (1 - y).",
          lambda dy, y: dy * (1 - y)),
    wrong("slope_missing", "dy came back as it was.", "dy times y (1 - y).",
          lambda dy, y: dy.clone()),
    wrong("slope_alone", "This is the slope; dy is not in it.", "dy times the slope.",
          lambda dy, y: sigmoid_gradient(torch.ones_like(dy), y)),
    wrong("plus_for_minus", "The slope used is y (1 + y).", "y (1 - y).",
          lambda dy, y: dy * (y + y.square())),
    wrong("input_for_output", "The slope was made from the input, x (1 - x).",
          "y (1 - y), with y the activated value.",
          lambda dy, y: dy * y.logit() * (1 - y.logit())),
    wrong("negated", "The sign is wrong.", "y (1 - y).",
          lambda dy, y: -sigmoid_gradient(dy, y)),
    wrong("slope_squared", "The slope is squared.", "y (1 - y).",
          lambda dy, y: dy * (y - y.square()).square()),
)  # fmt: skip

# --- dropout --------------------------------------------------------------------------------------

ENOUGH = 5_000  # of this many numbers on, the share that is kept is judged
ERRORS = 6.0  # standard errors that a right answer's share may be off: it is, once in millions


def dropout(x: Tensor, p: float, rng: Seeded, training: bool) -> tuple[Tensor, Tensor]:
    """`torch.nn.functional.dropout` of ones is the mask, scaled; of x, with it, the output."""
    if not training:
        return functional.dropout(x, p, training=False), torch.ones_like(x)
    torch_state = torch.get_rng_state()
    torch.manual_seed(rng.seed)
    scaled = functional.dropout(torch.ones_like(x), p)
    torch.set_rng_state(torch_state)
    return x * scaled, (scaled > 0).to(x)


def _parts(trial: Trial) -> tuple[Tensor, Tensor, float]:
    y, mask = trial.value
    return y.double(), mask.double(), trial.inputs["p"]


def _form(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        value, shape = trial.value, tuple(trial.inputs["x"].shape)
        if value is None:
            return "Nothing came back. Is a `return` missing?"
        if not isinstance(value, list | tuple) or len(value) != 2:
            return "Two things are asked for: y and mask."
        wanted = value if trial.inputs["training"] else value[:1]
        for name, part in zip(("y", "mask"), wanted, strict=False):
            if not isinstance(part, Tensor) or tuple(part.shape) != shape:
                return f"`{name}` is no array of shape {shape}."
    return None


def _training(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.inputs["training"]]


def _live(trials: Sequence[Trial]) -> str | None:
    for trial in trials:
        if trial.inputs["training"]:
            continue
        if not torch.equal(trial.value[0].double(), trial.inputs["x"]):
            return "With `training=False`, y is not x."
    return None


def _no_mask(trials: Sequence[Trial]) -> str | Known | None:
    for trial in _training(trials):
        _, mask, p = _parts(trial)
        if bool(((mask == 0) | (mask == 1)).all()):
            continue
        if bool(((mask == 0) | (mask - 1 / (1 - p)).abs().lt(1e-9)).all()):
            return Known(
                "mask_scaled",
                "The mask is scaled by 1 / (1 - p); a mask of ones and zeros was asked for.",
                "Scale y, not the mask: dropout_backward scales once more.",
                "The mask holds 1 / (1 - p).",
            )
        return "The mask holds other numbers than 0 and 1."
    return None


def _shares(trials: Sequence[Trial]) -> list[tuple[float, float, int]]:
    """Of each large training case: the share that is kept, p, and how many draws it comes from.

    Where whole lines are dropped together, these are no more than the lines.
    """
    large = [trial for trial in _training(trials) if trial.inputs["x"].numel() >= ENOUGH]
    together = _patterned(trials) is not None
    return [
        (float(mask.mean()), p, min(mask.shape) if together else mask.numel())
        for mask, p in (_parts(trial)[1:] for trial in large)
    ]


def _share(trials: Sequence[Trial]) -> str | Known | None:
    """A share of n numbers, each kept with chance q, has the standard error sqrt(q (1 - q) / n)."""
    seen = _shares(trials)

    def near(chance: Callable[[float], float]) -> bool:
        return all(
            abs(kept - chance(p)) <= ERRORS * (p * (1 - p) / n) ** 0.5 for kept, p, n in seen
        )

    if near(lambda p: 1 - p):
        return None
    says = f"With p = {seen[0][1]:.2f}, {seen[0][0]:.1%} of the numbers are kept."
    if near(lambda p: p):
        return Known(
            "keep_and_drop_swapped",
            "p was taken as the chance to keep; it is the chance to drop.",
            "Kept where a uniform number is at least p, which happens with chance 1 - p.",
            says,
        )
    return says


def _relation(trials: Sequence[Trial]) -> str | Known | None:
    known = (
        (
            "not_scaled",
            "What is kept is not scaled up.",
            "y is x * mask / (1 - p): then its mean stays what it was, in training and after.",
            lambda p: 1.0,
        ),
        ("scaled_by_p", "What is kept is divided by p.", "Divide by 1 - p.", lambda p: 1 / p),
        (
            "scaled_down",
            "What is kept is multiplied by 1 - p.",
            "Divide by 1 - p.",
            lambda p: 1 - p,
        ),
        ("scaled_by_drop", "What is kept is multiplied by p.", "Divide by 1 - p.", lambda p: p),
    )

    def holds(factor: Callable[[float], float]) -> bool:
        return all(
            torch.allclose(y, trial.inputs["x"] * mask * factor(p), rtol=1e-9, atol=1e-12)
            for trial in _training(trials)
            for y, mask, p in [_parts(trial)]
        )

    if holds(lambda p: 1 / (1 - p)):
        return None
    for name, says, look, factor in known:
        if holds(factor):
            return Known(name, says, look, "y is not x * mask / (1 - p).")
    return "y is not x * mask / (1 - p)."


def _patterned(trials: Sequence[Trial]) -> str | None:
    for trial in _training(trials):
        mask = _parts(trial)[1]
        if mask.numel() < ENOUGH:
            continue
        rows, columns = (len({tuple(line) for line in m.tolist()}) for m in (mask, mask.T))
        if rows < len(mask) / 2 or columns < mask.shape[1] / 2:
            return "Whole rows or columns are dropped together."
    return None


def _same_mask(trials: Sequence[Trial]) -> str | None:
    first, second = (_parts(trial)[1] for trial in _training(trials)[:2])
    same = "Two different generators gave the same mask."
    return same if torch.equal(first, second) else None


DROPOUT_FORWARD: tuple[Property, ...] = (
    Property("y and mask", "wrong_form", "What came back is not y and mask.",
             "Two arrays of x's shape (in evaluation the mask is not looked at).", _form,
             needed=True),
    Property("evaluation leaves x alone", "live_in_evaluation",
             "In evaluation something is still dropped or scaled.",
             "`training=False`: y is x. That is what the scaling in training is for.", _live),
    Property("a mask of 0 and 1", "wrong_mask", "The mask is not made of zeros and ones.",
             "1 where a number is kept, 0 where it is dropped.", _no_mask, needed=True),
    Property("each number on its own", "dropped_together", "Numbers are dropped in whole lines.",
             "One random number for every number of x: the mask has x's shape.", _patterned),
    Property("the share that is kept", "wrong_share", "Too many or too few numbers are kept.",
             "Each number is dropped with chance p, on its own.", _share),
    Property("y = x * mask / (1 - p)", "y_does_not_fit_the_mask",
             "y is not x, masked and scaled.", "y is x * mask / (1 - p).", _relation, weight=2.0),
    Property("the generator decides", "generator_ignored",
             "The mask does not depend on the generator that is passed in.",
             "Use `rng` itself, not a generator or a seed of your own.", _same_mask),
)  # fmt: skip


def dropout_gradient(dy: Tensor, mask: Tensor, p: float) -> Tensor:
    """Autograd through x * mask / (1 - p)."""
    return gradients(lambda x: x * mask / (1 - p), dy, (dy,))[0]


def _redrawn(seed: int) -> Callable[..., Tensor]:
    """The mask of a generator of someone's own, with one of the seeds that everyone takes."""

    def answer(dy: Tensor, mask: Tensor, p: float) -> Tensor:
        drawn = np.random.default_rng(seed).random(tuple(dy.shape)) >= p
        return dropout_gradient(dy, torch.from_numpy(drawn).to(dy), p)

    return answer


DROPOUT_BACKWARD: tuple[Misconception, ...] = (
    wrong("not_scaled", "The gradient is masked, but not scaled.",
          "Forward divided by 1 - p, so backward does.", lambda dy, mask, p: dy * mask),
    *(wrong("mask_drawn_anew", "A mask was drawn anew: what is dropped is not what was dropped on "
            "the way forward.", "The mask is passed in: use it.", _redrawn(seed))
      for seed in (0, 1, 42, 123)),
    wrong("mask_missing", "The gradient is scaled, but not masked.",
          "Nothing comes back through what was dropped.", lambda dy, mask, p: dy / (1 - p)),
    wrong("untouched", "dy came back as it was.", "Masked and scaled, as on the way forward.",
          lambda dy, mask, p: dy.clone()),
    wrong("keep_and_drop_swapped", "p was taken as the chance to keep.", "Divide by 1 - p.",
          lambda dy, mask, p: dy * mask / p),
    wrong("mask_reversed", "The gradient passes where numbers were dropped.",
          "The mask is 1 where a number was kept.", lambda dy, mask, p: dy * (1 - mask) / (1 - p)),
    wrong("scaled_down", "The gradient is multiplied by 1 - p.", "Divide by 1 - p.",
          lambda dy, mask, p: dy * mask * (1 - p)),
    wrong("scaled_twice", "The gradient is divided by 1 - p twice.",
          "The mask is not scaled: once is right.", lambda dy, mask, p: dy * mask / (1 - p) ** 2),
    wrong("mask_alone", "dy is not in it.", "dy times the mask, over 1 - p.",
          lambda dy, mask, p: mask / (1 - p)),
)  # fmt: skip
