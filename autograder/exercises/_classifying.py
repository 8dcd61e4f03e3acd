"""Sigmoid, softmax and their losses: PyTorch's answers, and known wrong ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.checking.recipes import Formula


def wrong(name: str, says: str, look: str, answer: Callable[..., Any]) -> Misconception:
    """A misconception in one line."""
    return Misconception(name, says, look, answer)


def _clipped_sigmoid(most: int, z: Tensor) -> Tensor:
    return torch.sigmoid(z.clamp(-most, most))


SIGMOID = (
    wrong("sign_missing", "This is the sigmoid of -z: it falls where it should rise.",
          "1 / (1 + exp(-z)): mind the minus.", lambda z: torch.sigmoid(-z)),
    wrong("overflows", "For large z exp(z) is infinite, and infinity over infinity is NaN.",
          "Write 1 / (1 + exp(-z)): there infinity stands below the bar alone, and gives 0.",
          lambda z: z.exp() / (1 + z.exp())),
    wrong("tanh_for_sigmoid", "This is tanh, between -1 and 1.", "Between 0 and 1.", torch.tanh),
    wrong("one_missing", "This is exp(z).", "1 / (1 + exp(-z)).", torch.exp),
    wrong("slope_for_value", "This is the sigmoid's slope.", "The value itself.",
          lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z))),
    *(wrong("clipped_coarsely", f"z was clipped to -{most} … {most}: near 0 the values are off.",
            "Clip at 500 and more, or not at all.", functools.partial(_clipped_sigmoid, most))
      for most in (5, 10, 15, 20)),
    wrong("half_for_scale", "This is the sigmoid of z / 2.", "Of z itself.",
          lambda z: torch.sigmoid(z / 2)),
    wrong("double_scale", "This is the sigmoid of 2 z.", "Of z itself.",
          lambda z: torch.sigmoid(2 * z)),
    wrong("hard", "This is a step: 0 or 1.", "A smooth one.", lambda z: (z > 0).to(z)),
    wrong("reciprocal_missing", "This is 1 + exp(-z).", "1 over it.",
          lambda z: torch.sigmoid(z).reciprocal()),
)  # fmt: skip


def torch_bce(z: Tensor, y: Tensor) -> Tensor:
    """`binary_cross_entropy_with_logits`, z and y (N,), y 0 or 1."""
    return functional.binary_cross_entropy_with_logits(z, y.to(z))


def _log_of_sigmoid(z: Tensor, y: Tensor, eps: float = 0.0) -> Tensor:
    """The textbook's formula: log of a sigmoid that may be exactly 0."""
    p, t = torch.sigmoid(z), y.to(z)
    return -(t * (p + eps).log() + (1 - t) * (1 - p + eps).log()).mean()


def _clipped(eps: float) -> Callable[..., Tensor]:
    return lambda z, y: functional.binary_cross_entropy(
        torch.sigmoid(z).clamp(eps, 1 - eps), y.to(z)
    )


BCE = (
    wrong("sum_for_mean", "This is the sum over the rows.", "Divide by N.",
          lambda z, y: torch_bce(z, y) * len(y)),
    wrong("max_over_the_rows", "The largest z of all was taken where each row's max(z, 0) belongs: "
          "the 0 of `np.max(z, 0)` is an axis.", "Entry by entry: `np.maximum(z, 0)`.",
          lambda z, y: (z.amax() - z * y + functional.softplus(-z.abs())).mean()),
    wrong("size_missing", "exp(-z) was taken where exp(-|z|) belongs: it overflows for z far below "
          "0.", "The bars in the last term are the size of z: `np.abs(z)`.",
          lambda z, y: (z.clamp(min=0) - z * y + (-z).exp().log1p()).mean()),
    wrong("sign_in_the_exponent", "exp(|z|) was taken where exp(-|z|) belongs.",
          "The minus makes the exponent 0 or less: then no exp is above 1.",
          lambda z, y: (z.clamp(min=0) - z * y + z.abs().exp().log1p()).mean()),
    wrong("log_of_zero", "Where the sigmoid is exactly 0 or 1, its log is infinite, or 0 times "
          "infinity is NaN.", "Work with z: the loss is max(z, 0) - z y + log(1 + exp(-|z|)).",
          _log_of_sigmoid),
    wrong("log_padded", "Something small was added inside the log: the loss cannot grow past it.",
          "Work with z, then no log is ever of 0.", lambda z, y: _log_of_sigmoid(z, y, 1e-8)),
    wrong("log_padded", "Something small was added inside the log: the loss cannot grow past it.",
          "Work with z, then no log is ever of 0.", lambda z, y: _log_of_sigmoid(z, y, 1e-12)),
    *(wrong("log_padded", "The probabilities were kept away from 0 and 1: the loss cannot grow "
            "past it.", "Work with z, then no log is ever of 0.", _clipped(eps))
      for eps in (1e-7, 1e-15)),
    wrong("sigmoid_twice", "z went through a sigmoid before the loss, which has one inside.",
          "z are logits: use them as they are.", lambda z, y: torch_bce(torch.sigmoid(z), y)),
    wrong("negated", "The sign is wrong: a loss is never negative here.",
          "Minus the log of the probability of what is true.", lambda z, y: -torch_bce(z, y)),
    wrong("labels_exchanged", "0 and 1 are exchanged.", "y = 1 wants a large z.",
          lambda z, y: torch_bce(z, 1 - y)),
    wrong("only_ones", "Only rows with y = 1 count.", "Rows with y = 0 have their own term.",
          lambda z, y: (functional.softplus(-z) * y).mean()),
    wrong("only_zeros", "Only rows with y = 0 count.", "Rows with y = 1 have their own term.",
          lambda z, y: (functional.softplus(z) * (1 - y)).mean()),
    wrong("squared_error", "This is a squared error of the probabilities.",
          "Minus the log of the probability of what is true.",
          lambda z, y: functional.mse_loss(torch.sigmoid(z), y.to(z))),
    wrong("not_reduced", "These are the rows' losses; their mean was asked for.", "One number.",
          lambda z, y: functional.binary_cross_entropy_with_logits(z, y.to(z), reduction="none")),
    wrong("labels_of_both_signs", "The labels were read as -1 and 1.", "They are 0 and 1.",
          lambda z, y: functional.softplus(-z * y).mean()),
    wrong("base_two", "The log is to base 2.", "The natural one.",
          lambda z, y: torch_bce(z, y) / 0.6931471805599453),
)  # fmt: skip


def torch_log_softmax(z: Tensor) -> Tensor:
    """`log_softmax` over the last axis."""
    return functional.log_softmax(z, -1)


def _shifted(z: Tensor, shift: Tensor) -> Tensor:
    moved = z - shift
    return moved - moved.exp().sum(-1, keepdim=True).log()


LOG_SOFTMAX = (
    wrong("no_max_shift", "exp of a large z overflows.",
          "Subtract each row's largest z first: the softmax stays the same.",
          lambda z: _shifted(z, z.new_zeros(()))),
    wrong("no_max_shift", "exp of a large z overflows.",
          "Subtract each row's largest z first: the softmax stays the same.",
          lambda z: (z.exp() / z.exp().sum(-1, keepdim=True)).log()),
    wrong("mean_for_max", "Each row's mean was subtracted: exp of what is far above it overflows.",
          "Its largest: then no exp is above 1.",
          lambda z: _shifted(z, z.mean(-1, keepdim=True))),
    wrong("max_of_everything", "The largest z of all was subtracted: rows far below it underflow.",
          "Each row has its own largest.", lambda z: _shifted(z, z.max())),
    wrong("log_of_softmax", "The log was taken of the softmax, which can be exactly 0.",
          "Subtract the log of the sum; do not divide first.", lambda z: z.softmax(-1).log()),
    wrong("log_padded", "Something small was added inside the log.",
          "Subtract the log of the sum: then no log is of 0.",
          lambda z: (z.softmax(-1) + 1e-8).log()),
    wrong("log_padded", "Something small was added inside the log.",
          "Subtract the log of the sum: then no log is of 0.",
          lambda z: (z.softmax(-1) + 1e-12).log()),
    wrong("first_axis", "The softmax was taken over the first axis.",
          "Over the last: each row is one example.", lambda z: functional.log_softmax(z, 0)),
    wrong("second_axis", "The softmax was taken over axis 1, which is the last one only where "
          "there are two.", "`axis=-1` is the last, however many there are.",
          lambda z: functional.log_softmax(z, 1)),
    wrong("softmax_without_log", "This is the softmax; its log was asked for.",
          "z minus the log of the sum of exp(z).", lambda z: z.softmax(-1)),
    wrong("negated", "The sign is wrong.", "Logs of probabilities are never above 0.",
          lambda z: -torch_log_softmax(z)),
    wrong("over_everything", "The sum runs over all rows.", "Each row has its own sum.",
          lambda z: z - torch.logsumexp(z.flatten(), 0)),
    wrong("shift_not_undone", "The largest z was subtracted in one place and not in the other.",
          "Shift z once and use the shifted one everywhere.",
          lambda z: torch_log_softmax(z) - z.amax(-1, keepdim=True)),
    wrong("shift_not_undone", "The largest z was subtracted in one place and not in the other.",
          "Shift z once and use the shifted one everywhere.",
          lambda z: z - z.amax(-1, keepdim=True) - z.exp().sum(-1, keepdim=True).log()),
    wrong("shift_not_undone", "The largest z was subtracted in one place and not in the other.",
          "Shift z once and use the shifted one everywhere.",
          lambda z: torch_log_softmax(z) + z.amax(-1, keepdim=True)),
    wrong("shift_alone", "Only the largest z was subtracted.", "The log of the sum is missing.",
          lambda z: z - z.amax(-1, keepdim=True)),
)  # fmt: skip

Pair = tuple[Tensor, Tensor]


def torch_cross_entropy(z: Tensor, y: Tensor, loss: Any = functional.cross_entropy) -> Pair:
    """`cross_entropy` and its gradient, z (N, C), y (N,) whole numbers."""
    leaf = z.clone().requires_grad_()
    value = loss(leaf, y)
    return value.detach(), torch.autograd.grad(value, leaf)[0]


def _both(shown: Callable[..., Tensor], derived: Callable[..., Tensor]) -> Callable[..., Pair]:
    """One loss's value with another one's gradient."""
    return lambda z, y: (shown(z, y), torch_cross_entropy(z, y, derived)[1])


def _sum(z: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(z, y, reduction="sum")


def _over_classes(z: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(z, y) / z.shape[1]


def _no_one_hot(z: Tensor, y: Tensor) -> Tensor:
    return torch.logsumexp(z, 1).mean()


def _of_softmax(z: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(z.softmax(1), y)


def _unshifted(z: Tensor, y: Tensor) -> Tensor:
    return functional.nll_loss((z.exp() / z.exp().sum(1, keepdim=True)).log(), y)


def _divided_first(z: Tensor, y: Tensor) -> Tensor:
    return functional.nll_loss(z.softmax(1).log(), y)


def _one_shift(z: Tensor, y: Tensor) -> Tensor:
    return functional.nll_loss(_shifted(z, z.max()), y)


def _whole_columns(z: Tensor, y: Tensor) -> Pair:
    """`dz[:, y] -= 1`: 1 from the columns of all labels, in every row, once each."""
    loss, dz = torch_cross_entropy(z, y)
    n, one_hot = len(y), functional.one_hot(y, z.shape[1]).to(z)
    return loss, dz + one_hot / n - one_hot.amax(0) / n


def _columns_in_the_loss(derived: Callable[..., Pair], z: Tensor, y: Tensor) -> Pair:
    """`-log_p[:, y].mean()`: the columns of all labels, in every row."""
    return -torch_log_softmax(z)[:, y].mean(), derived(z, y)[1]


def _logs_in_dz(z: Tensor, y: Tensor) -> Pair:
    log_p = torch_log_softmax(z)
    return functional.nll_loss(log_p, y), (log_p - functional.one_hot(y, z.shape[1])) / len(y)


def _pair(log_p: Tensor, y: Tensor) -> Pair:
    """Loss and right-looking gradient of log-probabilities that were got in another way."""
    return functional.nll_loss(log_p, y), (log_p.exp() - functional.one_hot(y, log_p.shape[1])) / (
        len(y)
    )


def _shifted_pair(z: Tensor, y: Tensor) -> Pair:
    return _pair(_shifted(z, z.max()), y)


def _first_axis_pair(z: Tensor, y: Tensor) -> Pair:
    return _pair(functional.log_softmax(z, 0), y)


_ONE_HOT = "Softmax minus one-hot, over N."
CROSS_ENTROPY = (
    wrong("sum_for_mean", "Loss and gradient are sums over the rows.", "Means: divide by N.",
          lambda z, y: torch_cross_entropy(z, y, _sum)),
    wrong("gradient_not_averaged", "The gradient is not divided by N.",
          "The loss is a mean, and its gradient with it.", _both(functional.cross_entropy, _sum)),
    wrong("loss_not_averaged", "The loss is a sum; the gradient is the mean's.", "Divide by N.",
          _both(_sum, functional.cross_entropy)),
    wrong("mean_over_everything", "The loss is a mean over all N C places of the one-hot product; "
          "only one in each row counts.", "Add up each row first, or pick the label's place; then "
          "the mean over the N rows.", _both(_over_classes, functional.cross_entropy)),
    wrong("one_hot_missing", "The minus one at the label is missing in the gradient.", _ONE_HOT,
          _both(functional.cross_entropy, _no_one_hot)),
    wrong("softmax_twice", "z went through a softmax before the loss, which has one inside.",
          "z are logits: use them as they are.",
          lambda z, y: torch_cross_entropy(z, y, _of_softmax)),
    wrong("whole_columns", "1 was subtracted in whole columns: `dz[:, y] -= 1`.",
          "One place in each row: `dz[np.arange(N), y] -= 1`.", _whole_columns),
    *(wrong("whole_columns", "Whole columns of the log-probabilities were averaged: `log_p[:, y]`.",
            "One place in each row: `log_p[np.arange(N), y]`.",
            functools.partial(_columns_in_the_loss, derived))
      for derived in (torch_cross_entropy, _whole_columns)),
    wrong("logs_in_the_gradient", "dz was made from log-probabilities.",
          "Softmax minus one-hot: the softmax is exp of the log-softmax.", _logs_in_dz),
    wrong("no_max_shift", "exp of a large z overflows, and inf / inf is NaN.",
          "Subtract each row's largest z first.",
          lambda z, y: torch_cross_entropy(z, y, _unshifted)),
    wrong("no_max_shift", "exp of a large z overflows, and inf / inf is NaN.",
          "Subtract each row's largest z first.",
          _both(_unshifted, functional.cross_entropy)),
    wrong("max_of_everything", "The largest z of all was subtracted: rows far below it underflow.",
          "Each row has its own largest.", lambda z, y: torch_cross_entropy(z, y, _one_shift)),
    wrong("max_of_everything", "The largest z of all was subtracted: rows far below it underflow.",
          "Each row has its own largest.", _shifted_pair),
    wrong("log_of_softmax", "The log was taken of the softmax, which can be exactly 0.",
          "Use your log_softmax.", _both(_divided_first, functional.cross_entropy)),
    wrong("first_axis", "The softmax was taken over the first axis.",
          "Over the classes: each row is one example.", _first_axis_pair),
    wrong("log_padded", "Something small was added inside the log.",
          "Use your log_softmax.",
          _both(lambda z, y: functional.nll_loss((z.softmax(1) + 1e-8).log(), y),
                functional.cross_entropy)),
    wrong("log_padded", "Something small was added inside the log.",
          "Use your log_softmax.",
          _both(lambda z, y: functional.nll_loss((z.softmax(1) + 1e-12).log(), y),
                functional.cross_entropy)),
    wrong("gradient_negated", "The gradient has the wrong sign.", _ONE_HOT,
          lambda z, y: (torch_cross_entropy(z, y)[0], -torch_cross_entropy(z, y)[1])),
    wrong("loss_negated", "The loss has the wrong sign.", "Minus the log of the probability.",
          lambda z, y: (-torch_cross_entropy(z, y)[0], torch_cross_entropy(z, y)[1])),
    wrong("divided_by_classes", "The gradient is divided by C.", "By N, the rows.",
          lambda z, y: (torch_cross_entropy(z, y)[0],
                        torch_cross_entropy(z, y)[1] * len(y) / z.shape[1])),
    wrong("softmax_for_gradient", "dz is the softmax itself.", _ONE_HOT,
          lambda z, y: (torch_cross_entropy(z, y)[0], z.softmax(1))),
    wrong("order_changed", "dz came before the loss.", "Return loss, dz.",
          lambda z, y: torch_cross_entropy(z, y)[::-1]),
)  # fmt: skip

# --- gradients by nudging -----------------------------------------------------------------------


def torch_difference(f: Formula, x: Tensor, h: float) -> Tensor:
    """Central differences of f, evaluated by PyTorch in float64."""
    return _differences(f, x, lambda g, step: (g(step) - g(-step)) / (2 * h), h)


def _differences(
    f: Formula, x: Tensor, quotient: Callable[..., Tensor], h: float, step: float | None = None
) -> Tensor:
    function, out = f.make("torch"), torch.zeros_like(x)
    for index in range(x.numel()):
        nudge = torch.zeros_like(x)
        nudge.view(-1)[index] = 1.0

        def moved(by: float, nudge: Tensor = nudge) -> Tensor:
            return torch.as_tensor(function(x + by * nudge))

        out.view(-1)[index] = quotient(moved, h if step is None else step)
    return out


def _difference(quotient: Callable[..., Any]) -> Callable[..., Tensor]:
    """An answer with another quotient: quotient(g, h), g the function of the nudge alone."""
    return lambda f, x, h: _differences(f, x, lambda g, step: quotient(g, h), h)


def _all_at_once(f: Formula, x: Tensor, h: float) -> Tensor:
    function = f.make("torch")
    return torch.as_tensor((function(x + h) - function(x - h)) / (2 * h)).expand(x.shape).clone()


def _left_standing(f: Formula, x: Tensor, h: float) -> Tensor:
    """Each nudge stays: x is never set back."""
    function, out, now = f.make("torch"), torch.zeros_like(x), x.clone()
    for index in range(x.numel()):
        up, down = now.clone(), now.clone()
        up.view(-1)[index] += h
        down.view(-1)[index] -= h
        out.view(-1)[index] = (function(up) - function(down)) / (2 * h)
        now.view(-1)[index] -= h
    return out


def _whole_rows(f: Formula, x: Tensor, h: float) -> Tensor:
    function, out = f.make("torch"), torch.zeros_like(x)
    for row in range(len(x)):
        nudge = torch.zeros_like(x)
        nudge[row] = h
        out[row] = torch.as_tensor((function(x + nudge) - function(x - nudge)) / (2 * h))
    return out


NUMERICAL_GRADIENT = (
    wrong("forward_difference", "This is the forward difference, (f(x + h) - f(x)) / h.",
          "Look to both sides: its error shrinks with h², the forward one's with h.",
          _difference(lambda g, h: (g(h) - g(0.0)) / h)),
    wrong("backward_difference", "This is the backward difference, (f(x) - f(x - h)) / h.",
          "Look to both sides.", _difference(lambda g, h: (g(0.0) - g(-h)) / h)),
    wrong("two_missing", "The difference was divided by h; it spans 2 h.", "Over 2 h.",
          _difference(lambda g, h: (g(h) - g(-h)) / h)),
    wrong("not_divided", "The difference was not divided.", "Over 2 h.",
          _difference(lambda g, h: g(h) - g(-h))),
    wrong("half_steps", "The steps are h / 2 to either side.", "A whole h to either side.",
          _difference(lambda g, h: (g(h / 2) - g(-h / 2)) / h)),
    wrong("brackets_missing", "The difference was divided by 2 and multiplied with h: `/ 2 * h`.",
          "A division and a product are worked off from the left: put `(2 * h)` in brackets.",
          _difference(lambda g, h: (g(h) - g(-h)) / 2 * h)),
    wrong("two_alone", "The difference was divided by 2 alone.", "Over 2 h.",
          _difference(lambda g, h: (g(h) - g(-h)) / 2)),
    wrong("negated", "The sign is wrong.", "f(x + h) minus f(x - h).",
          _difference(lambda g, h: (g(-h) - g(h)) / (2 * h))),
    wrong("all_at_once", "All of x was nudged at once.", "One entry at a time.", _all_at_once),
    wrong("double_steps", "The steps are 2 h to either side.", "h to either side.",
          _difference(lambda g, h: (g(2 * h) - g(-2 * h)) / (4 * h))),
    wrong("h_not_used", "The steps are not h: another step, or the exact slope, gives this.",
          "f(x + h) and f(x - h), with the h that is passed in.",
          lambda f, x, h: _differences(f, x, lambda g, s: (g(s) - g(-s)) / (2 * s), h, 1e-5)),
    wrong("whole_rows", "Whole rows of x were nudged at once.",
          "One entry at a time, along every axis.", _whole_rows),
    wrong("nudge_left_standing", "An entry was nudged and not set back before the next one.",
          "Put the old value back.", _left_standing),
)  # fmt: skip


def _at_the_difference(a: Tensor, b: Tensor) -> Tensor:
    place = (a - b).abs().argmax()
    size = (a.abs() + b.abs()).flatten()[place]
    return (a - b).abs().flatten()[place] / size.clamp(min=1e-8)


RELATIVE_ERROR = (
    wrong("absolute", "This is the largest difference, divided by nothing.",
          "Over the largest |a| + |b|.", lambda a, b: (a - b).abs().amax()),
    wrong("mean_for_max", "The differences were averaged.", "The largest one.",
          lambda a, b: (a - b).abs().mean() / (a.abs() + b.abs()).amax().clamp(min=1e-8)),
    wrong("place_by_place", "Each difference was divided by its own |a| + |b|.",
          "One largest difference, over one largest size: a tiny entry must not decide.",
          lambda a, b: ((a - b).abs() / (a.abs() + b.abs()).clamp(min=1e-8)).amax()),
    wrong("only_a", "The size is that of a alone.", "|a| + |b|.",
          lambda a, b: (a - b).abs().amax() / a.abs().amax().clamp(min=1e-8)),
    wrong("only_b", "The size is that of b alone.", "|a| + |b|.",
          lambda a, b: (a - b).abs().amax() / b.abs().amax().clamp(min=1e-8)),
    wrong("larger_for_sum", "The size is the larger of |a| and |b|; their sum was asked for.",
          "|a| + |b|.", lambda a, b: (a - b).abs().amax()
          / torch.maximum(a.abs(), b.abs()).amax().clamp(min=1e-8)),
    wrong("signs_kept", "The largest of a - b was taken with its sign.", "Of |a - b|.",
          lambda a, b: (a - b).amax() / (a.abs() + b.abs()).amax().clamp(min=1e-8)),
    wrong("largest_apart", "The largest |a| and the largest |b| were added; they may lie apart.",
          "Add place by place first: the largest |a| + |b|.",
          lambda a, b: (a - b).abs().amax()
          / (a.abs().amax() + b.abs().amax()).clamp(min=1e-8)),
    wrong("size_at_the_difference", "The size is that at the place of the largest difference.",
          "The two maxima are taken separately.", _at_the_difference),
    wrong("floor_missing", "The floor of 1e-8 is missing: two tiny arrays look far apart.",
          "max(1e-8, …).", lambda a, b: (a - b).abs().amax() / (a.abs() + b.abs()).amax()),
    wrong("floor_added", "1e-8 was added to the size.", "The larger of the two: max(1e-8, …).",
          lambda a, b: (a - b).abs().amax() / ((a.abs() + b.abs()).amax() + 1e-8)),
    wrong("sum_of_signed", "The size is that of a + b, where signs cancel.", "|a| + |b|.",
          lambda a, b: (a - b).abs().amax() / (a + b).abs().amax().clamp(min=1e-8)),
    wrong("norms", "Euclidean norms were taken.", "Largest entries.",
          lambda a, b: (a - b).norm() / (a.norm() + b.norm()).clamp(min=1e-8)),
)  # fmt: skip


def torch_relative_error(a: Tensor, b: Tensor) -> Tensor:
    """Max |a - b| over max(1e-8, max |a| + max |b| place by place), by `torch.linalg` norms."""
    largest = torch.linalg.vector_norm(a.abs() + b.abs(), float("inf"))
    return torch.linalg.vector_norm(a - b, float("inf")) / largest.clamp(min=1e-8)
