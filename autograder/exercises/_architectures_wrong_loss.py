"""PyTorch's cross-entropy over the places that count, with its gradient; and known wrong ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception, Sizes
from autograder.checking.values import Inputs
from autograder.exercises._architectures import draw_normal, draw_row_lengths

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
Answer = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def draw_loss(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draw logits (T, N, C), targets (T, N), mask (T, N).

    Flags: `holes`, the mask has gaps; `none`, nothing counts; `all`, everything does; `lifted`,
    logits around a thousand; `ruled_out`, some logits are -inf, never the target's; `wild`,
    padding holds -inf and inf.
    """
    T, N, C = (sizes[letter] for letter in "TNC")
    logits = scale * draw_normal(g, T, N, C)
    targets = torch.randint(0, C, (T, N), generator=g)
    mask = torch.arange(T)[:, None] < draw_row_lengths(sizes, g)
    if "holes" in sizes:
        mask = torch.rand(T, N, generator=g) < 0.6
        mask[0, 0], mask[-1, -1] = True, False
    if "none" in sizes:
        mask = torch.zeros_like(mask)
    if "all" in sizes:
        mask = torch.ones_like(mask)
    targets = torch.where(mask, targets, 0) if "holes" not in sizes else targets
    if "lifted" in sizes:
        logits = logits + 1000.0
    if "ruled_out" in sizes:
        logits.scatter_(2, (targets.unsqueeze(-1) + 1) % C, -torch.inf)
    if "wild" in sizes:
        kinds = torch.tensor([-torch.inf, torch.inf], dtype=logits.dtype)
        wild = kinds[torch.arange(N) % 2].expand(T, N)
        logits = torch.where(mask[..., None], logits, wild[..., None])
    return {"logits": logits, "targets": targets, "mask": mask}


def _summed(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """PyTorch's sum over the places that count; 0 where there are none."""
    return functional.cross_entropy(logits[mask], targets[mask], reduction="sum")


def _count(mask: Tensor) -> Tensor:
    return mask.count_nonzero().clamp(min=1)


def _mean(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _summed(logits, targets, mask) / _count(mask)


def by_autograd(loss: Loss, slope: Loss | None = None) -> Answer:
    """A loss and autograd's gradient, of another loss where `slope` is given."""

    def answer(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        leaf = logits.detach().clone().requires_grad_()
        value = (slope or loss)(leaf, targets, mask)
        (dlogits,) = torch.autograd.grad(value, leaf)
        return loss(logits, targets, mask).detach(), dlogits

    return answer


torch_masked_cross_entropy = by_autograd(_mean)


def _everything(loss: Loss) -> Loss:
    """A loss to which padding counts too."""
    return lambda logits, targets, mask: loss(logits, targets, torch.ones_like(mask))


def _padding_too(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _summed(logits, targets, mask) / mask.numel()


def _only_counted(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return functional.cross_entropy(logits[mask], targets[mask])  # nan where nothing counts


def _per_sequence(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    columns = [
        _mean(logits[:, n : n + 1], targets[:, n : n + 1], mask[:, n : n + 1])
        for n in range(mask.shape[1])
    ]
    return torch.stack(columns).mean()


def _per_step(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    steps = [_mean(logits[t], targets[t], mask[t]) for t in range(len(mask))]
    return torch.stack(steps).mean()


def _per_batch(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _summed(logits, targets, mask) / mask.shape[1]


def _per_time(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _summed(logits, targets, mask) / mask.shape[0]


def _shifted(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _mean(logits[:-1], targets[1:], mask[1:])


def _logits_masked(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _everything(_summed)(logits * mask[..., None], targets, mask) / _count(mask)


def _logits_chosen(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    flat = torch.where(mask[..., None], logits, torch.zeros_like(logits))
    return _everything(_summed)(flat, targets, mask) / _count(mask)


def _all_over_count(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _everything(_summed)(logits, targets, mask) / _count(mask)


def _twice(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return _mean(logits.softmax(-1), targets, mask)


def _along(axis: int) -> Loss:
    """Normalised over another axis than the classes'; PyTorch's own loss of what that gives."""

    def loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        shares = logits.log_softmax(axis)[mask]
        return functional.nll_loss(shares, targets[mask], reduction="sum") / _count(mask)

    return loss


def _of_probabilities(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    logs = logits[mask].softmax(-1).log()
    return functional.nll_loss(logs, targets[mask], reduction="sum") / _count(mask)


def _smoothed(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    logs = (logits[mask].softmax(-1) + 1e-8).log()
    return functional.nll_loss(logs, targets[mask], reduction="sum") / _count(mask)


def _unshifted(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    shares = logits.exp() / logits.exp().sum(-1, keepdim=True)
    return functional.nll_loss(shares[mask].log(), targets[mask], reduction="sum") / _count(mask)


def _times_one_hot(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    hot = functional.one_hot(targets[mask], logits.shape[-1])
    return -(hot * logits[mask].log_softmax(-1)).sum() / _count(mask)


def _times_mask(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (each * mask.flatten()).sum() / _count(mask)


def _right_loss_but(change: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> Answer:
    """The right loss; its gradient changed: (dlogits, logits, targets, mask)."""

    def answer(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        loss, dlogits = torch_masked_cross_entropy(logits, targets, mask)
        return loss, change(dlogits, logits, targets, mask)

    return answer


def _right_gradient_but(loss: Loss) -> Answer:
    return by_autograd(loss, _mean)


def _wild_gradient(dlogits: Tensor, logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """What is left of softmax in padding when it is multiplied by 0."""
    return torch.where(mask[..., None], dlogits, logits.softmax(-1) * 0)


def _each(
    name: str, says: str, look: str, loss: Loss, of_gradient: tuple[str, str, str] | None = None
) -> tuple[Misconception, ...]:
    """A wrong loss with its own gradient, with the right one, and the right loss with its.

    The last has a name and sentences of its own where `of_gradient` gives them.
    """
    return (
        Misconception(name, says, look, by_autograd(loss)),
        Misconception(name, says, look, _right_gradient_but(loss)),
        Misconception(*(of_gradient or (name, says, look)), by_autograd(_mean, loss)),
    )


def _one_hot_guessed(loss: Loss) -> Answer:
    """`one_hot` without C: it raises where no target, padding or not, is the last class.

    Where all targets are 0, its one class fits any number of them.
    """

    def answer(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        if int(targets.max()) + 1 not in (1, logits.shape[-1]):
            raise RuntimeError("the size of tensor a must match the size of tensor b")
        return by_autograd(loss, _mean)(logits, targets, mask)

    return answer


def _divided_by_nothing(dlogits: Tensor, *rest: Tensor) -> Tensor:
    return dlogits if bool(rest[-1].any()) else dlogits * torch.nan


def _overflown(dlogits: Tensor, *rest: Tensor) -> Tensor:
    return torch.where(by_autograd(_unshifted)(*rest)[1].isnan(), torch.nan, dlogits)


#: Ways to a loss that is not finite in some case, each with what to say; the first two exclude
#: each other.
_LOSS_SLIPS: tuple[tuple[str, Loss], ...] = (
    ("the logarithm of a softmax that is 0", _of_probabilities),
    ("exp of a large logit overflows", _unshifted),
    ("0 times the logarithm of 0, where a logit is -inf", _times_one_hot),
    ("padding that holds inf is multiplied by 0", _times_mask),
    ("0 divided by 0, where nothing counts", _only_counted),
)
_SLOPE_SLIPS: tuple[tuple[str, Callable[..., Tensor]], ...] = (
    ("exp of a large logit overflows", _overflown),
    ("padding that holds inf is multiplied by 0", _wild_gradient),
    ("0 divided by 0, where nothing counts", _divided_by_nothing),
)


def _with_all(slips: tuple[Loss, ...]) -> Loss:
    """The right loss where all these are finite, else nan."""

    def loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        values = [slip(logits, targets, mask).isfinite() for slip in slips]
        right = _mean(logits, targets, mask)
        return torch.where(torch.stack(values).all(), right, torch.nan)

    return loss


def _after_all(changes: tuple[Callable[..., Tensor], ...]) -> Answer:
    def change(dlogits: Tensor, *rest: Tensor) -> Tensor:
        for one in changes:
            dlogits = one(dlogits, *rest)
        return dlogits

    return _right_loss_but(change)


def _several() -> tuple[Misconception, ...]:
    """Two or more of the slips at once, in the loss or in the gradient."""
    name, look = "several_ways_to_nan", "Look at them one at a time; the recap lists the cases."
    found = []
    for count in (2, 3, 4):
        for slips in itertools.combinations(_LOSS_SLIPS, count):
            if slips[:2] != _LOSS_SLIPS[:2]:
                says = f"The loss is not finite, in several ways: {_joined(slips)}."
                answer = _right_gradient_but(_with_all(tuple(slip for _, slip in slips)))
                found.append(Misconception(name, says, look, answer))
        for changes in itertools.combinations(_SLOPE_SLIPS, count):
            says = f"The gradient is not finite, in several ways: {_joined(changes)}."
            answer = _after_all(tuple(change for _, change in changes))
            found.append(Misconception(name, says, look, answer))
    return tuple(found)


def _joined(slips: tuple[tuple[str, object], ...]) -> str:
    return "; ".join(says for says, _ in slips)


_MEAN = "It is a mean over the places that count: divide by how many of them there are."
_UNMASKED = "The loss does not look at padding, so at padding its gradient, dlogits, is 0."
_FINITE = "How are softmax and its logarithm computed so that no exp overflows and no 0 is logged?"
MASKED_CROSS_ENTROPY: tuple[Misconception, ...] = (
    *_several(),
    *_each("pads_counted", "The mask is not looked at: padding counts like everything else.",
           "Only places where the mask is True count.", _everything(_mean),
           ("gradient_not_masked", "The gradient is not masked, and it is divided by all T x N "
            "places.", _UNMASKED)),
    *_each("mean_over_the_padding_too",
           "The sum over the places that count is divided by all T x N places.", _MEAN,
           _padding_too),
    Misconception("summed_not_averaged", "Loss and gradient are sums, not means.", _MEAN,
                  by_autograd(_summed)),
    Misconception("summed_not_averaged", "The loss is a sum, not a mean.", _MEAN,
                  _right_gradient_but(_summed)),
    Misconception("gradient_not_divided", "The gradient is not divided by the number of places "
                  "that count.", "The loss is a mean, so its gradient has the same divisor.",
                  by_autograd(_mean, _summed)),
    Misconception("averaged_per_sequence", "Every sequence is averaged by itself, then the "
                  "averages: a short sequence's places weigh more.", _MEAN,
                  by_autograd(_per_sequence)),
    *_each("averaged_per_step", "Every step is averaged by itself, then the averages: places "
           "at steps that few rows reach weigh more.", _MEAN, _per_step),
    *_each("divided_by_the_batch", "The sum is divided by the number of rows N.", _MEAN,
           _per_batch),
    *_each("divided_by_the_steps", "The sum is divided by the number of steps T.", _MEAN,
           _per_time),
    *_each("mask_inverted", "Just the places where the mask is False are counted.",
           "The mask is True where a place counts.",
           lambda logits, targets, mask: _mean(logits, targets, ~mask)),
    Misconception("targets_shifted_again", "Targets are moved by one step against the logits.",
                  "targets[t] belongs to logits[t]: whoever made the targets has shifted them.",
                  by_autograd(_shifted)),
    *(Misconception("logits_multiplied_by_mask", "Logits outside the mask are set to 0 and then "
                    "counted: each adds log C.", "A logit of 0 is not nothing. Mask the losses.",
                    by_autograd(loss)) for loss in (_logits_masked, _logits_chosen)),
    *_each("padding_in_the_sum", "Padding is in the sum, though not in the number it is divided "
           "by.", "Only places where the mask is True count, above and below the line.",
           _all_over_count, ("gradient_not_masked", "The gradient is not masked.", _UNMASKED)),
    *(Misconception("one_hot_guesses", "`one_hot` guesses the number of classes from the largest "
                    "target, and here that is not C - 1.", "Give it C: "
                    "`one_hot(targets, logits.shape[-1])`.", _one_hot_guessed(loss))
      for loss in (_mean, _times_one_hot)),
    *_each("softmax_before_cross_entropy", "Softmax is taken twice.",
           "Logits are what comes before softmax, and log-softmax has one in it.", _twice),
    *_each("softmax_over_the_batch", "Softmax runs over the rows of the batch.",
           "The classes are the last axis.", _along(1)),
    *_each("softmax_over_time", "Softmax runs over the steps.",
           "The classes are the last axis.", _along(0)),
    Misconception("log_of_softmax", "The logarithm of a softmax that is 0 is taken: inf.",
                  _FINITE, _right_gradient_but(_of_probabilities)),
    Misconception("log_of_softmax", "A small number is added before the logarithm: the loss is "
                  "wrong where the model is sure and wrong.", _FINITE,
                  _right_gradient_but(_smoothed)),
    Misconception("exp_overflows", "exp of a large logit overflows.", _FINITE,
                  by_autograd(_unshifted)),
    Misconception("exp_overflows", "exp of a large logit overflows.", _FINITE,
                  _right_gradient_but(_unshifted)),
    Misconception("zero_times_infinity", "A logit of -inf makes the loss nan: 0 times inf.",
                  "Choose the target's number by its index; don't multiply the others by 0.",
                  _right_gradient_but(_times_one_hot)),
    Misconception("masked_by_multiplying", "Padding that holds inf is multiplied by 0: nan.",
                  "Choose what counts, by `torch.where` or by indexing.",
                  lambda *a: (_times_mask(*a), _right_loss_but(_wild_gradient)(*a)[1])),
    Misconception("masked_by_multiplying", "Padding that holds inf is multiplied by 0: nan.",
                  "Choose what counts, by `torch.where` or by indexing.",
                  _right_gradient_but(_times_mask)),
    Misconception("masked_by_multiplying", "Padding that holds inf is multiplied by 0: nan.",
                  "Choose what counts, by `torch.where` or by indexing.",
                  _right_loss_but(_wild_gradient)),
    Misconception("nothing_counted_nan", "Where nothing counts, 0 is divided by 0: nan.",
                  "Nothing counted: the loss is 0 and so is its gradient.",
                  lambda *a: (_only_counted(*a), torch_masked_cross_entropy(*a)[1]
                              + (0 if bool(a[2].any()) else torch.nan))),
    Misconception("nothing_counted_nan", "Where nothing counts, 0 is divided by 0: nan.",
                  "Nothing counted: the loss is 0 and so is its gradient.",
                  _right_gradient_but(_only_counted)),
    Misconception("target_not_subtracted", "The gradient is softmax alone: nothing pulls the "
                  "target up.", "Each place's gradient adds up to 0 over the classes.",
                  by_autograd(_mean, lambda logits, targets, mask:
                              logits[mask].logsumexp(-1).sum() / _count(mask))),
    Misconception("mask_on_half_the_gradient", "The mask is put on softmax but not on the target "
                  "that is subtracted.", "What does not count has gradient 0 in every class.",
                  _right_loss_but(lambda dlogits, logits, targets, mask: dlogits
                                  - ~mask[..., None] / _count(mask)
                                  * functional.one_hot(targets, logits.shape[-1]))),
    Misconception("sign_flipped", "Loss and gradient have the wrong sign.",
                  "A loss falls as the target's probability grows.",
                  by_autograd(lambda *a: -_mean(*a))),
    Misconception("sign_flipped", "The loss has the wrong sign.",
                  "A loss falls as the target's probability grows.",
                  _right_gradient_but(lambda *a: -_mean(*a))),
    Misconception("sign_flipped", "The gradient has the wrong sign.",
                  "Uphill for the loss is away from the target.",
                  _right_loss_but(lambda dlogits, *rest: -dlogits)),
    Misconception("counted_places_only", "The gradient has a row for each place that counts, and "
                  "none for the others.", "dlogits has the shape of logits, with zeros where "
                  "nothing counts.",
                  _right_loss_but(lambda dlogits, logits, targets, mask: dlogits[mask])),
    Misconception("gradient_left_zero", "The gradient is zeros everywhere.",
                  "What an index with a mask gives is a copy; assign into the tensor itself.",
                  _right_loss_but(lambda dlogits, *rest: torch.zeros_like(dlogits))),
)  # fmt: skip
