"""Answers to masked_cross_entropy: each is a right loss and a right gradient with one slip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.exercises.answer_bank import Bank

bank = Bank()
right = bank.right
EXERCISE = "masked_cross_entropy"
Function = Callable[..., Any]


def one_hot(targets: Tensor, logits: Tensor) -> Tensor:
    classes = torch.arange(logits.shape[-1], device=logits.device)
    return (targets[..., None] == classes).to(logits.dtype)


def counted(mask: Tensor) -> Tensor:
    return mask.sum().clamp(min=1)


def each_place(logits: Tensor, targets: Tensor, axis: int = -1) -> Tensor:
    return -logits.log_softmax(axis).gather(-1, targets[..., None])[..., 0]


def pulls(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.softmax(-1) - one_hot(targets, logits)


def loss_of(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, each_place(logits, targets), 0.0).sum() / counted(mask)


def slope_of(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask[..., None], pulls(logits, targets), 0.0) / counted(mask)


def both(loss: Function = loss_of, slope: Function = slope_of) -> Function:
    return lambda logits, targets, mask: (
        loss(logits, targets, mask), slope(logits, targets, mask)
    )  # fmt: skip


def over(divisor: Callable[[Tensor], Any]) -> tuple[Function, Function]:
    """The right sums, divided by something else."""
    return (
        lambda lo, t, m: loss_of(lo, t, m) * counted(m) / divisor(m),
        lambda lo, t, m: slope_of(lo, t, m) * counted(m) / divisor(m),
    )


def everything(function: Function) -> Function:
    return lambda logits, targets, mask: function(logits, targets, torch.ones_like(mask))


def softmax_by_hand(logits: Tensor) -> Tensor:
    return logits.exp() / logits.exp().sum(-1, keepdim=True)


def overflowing_loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    p = softmax_by_hand(logits).gather(-1, targets[..., None])[..., 0]
    return torch.where(mask, -p.log(), 0.0).sum() / counted(mask)


def overflowing_slope(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    pull = softmax_by_hand(logits) - one_hot(targets, logits)
    return torch.where(mask[..., None], pull, 0.0) / counted(mask)


def log_of_softmax(small: float) -> Function:
    def loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        p = logits.softmax(-1).gather(-1, targets[..., None])[..., 0]
        return torch.where(mask, -(p + small).log(), 0.0).sum() / counted(mask)

    return loss


def axis_slope(axis: int) -> Function:
    """What autograd would give for log_softmax along another axis, by hand."""

    def slope(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
        wanted = one_hot(targets, logits) * mask[..., None]
        pull = logits.softmax(axis) * wanted.sum(axis, keepdim=True) - wanted
        return pull / counted(mask)

    return slope


def axis_loss(axis: int) -> Function:
    return lambda lo, t, m: (each_place(lo, t, axis)[m]).sum() / counted(m)


def hot_loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    each = -(one_hot(targets, logits) * logits.log_softmax(-1)).sum(-1)
    return torch.where(mask, each, 0.0).sum() / counted(mask)


def multiplied_loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return (each_place(logits, targets) * mask).sum() / counted(mask)


def multiplied_slope(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return pulls(logits, targets) * mask[..., None] / counted(mask)


def per_sequence(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    times = mask.sum(0).clamp(min=1)  # (N,)
    each = torch.where(mask, each_place(logits, targets), 0.0)
    slope = torch.where(mask[..., None], pulls(logits, targets), 0.0)
    return (each.sum(0) / times).mean(), slope / times[:, None] / mask.shape[1]


def per_step(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    rows = mask.sum(1).clamp(min=1)  # (T,)
    each = torch.where(mask, each_place(logits, targets), 0.0)
    slope = torch.where(mask[..., None], pulls(logits, targets), 0.0)
    return (each.sum(1) / rows).mean(), slope / rows[:, None, None] / len(mask)


def shifted(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    inner = (logits[:-1], targets[1:], mask[1:])
    slope = torch.zeros_like(logits)
    slope[:-1] = slope_of(*inner)
    return loss_of(*inner), slope


def masked_logits(logits: Tensor, targets: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    flat = logits * mask[..., None]
    slope = pulls(flat, targets) * mask[..., None] / counted(mask)
    return each_place(flat, targets).sum() / counted(mask), slope


def half_masked(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    p = torch.where(mask[..., None], logits.softmax(-1), 0.0)
    return (p - one_hot(targets, logits)) / counted(mask)


def only_softmax(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask[..., None], logits.softmax(-1), 0.0) / counted(mask)


bank.wrong_ones(
    EXERCISE,
    ("no_mask", "pads_counted", "Forgets the mask.", both(everything(loss_of),
                                                          everything(slope_of))),
    ("no_mask_in_the_loss", "pads_counted", "The mask is for the gradient.",
     both(everything(loss_of))),
    ("no_mask_in_the_gradient", "gradient_not_masked", "The mask is for the loss.",
     both(slope=everything(slope_of))),
    ("mean_of_all", "mean_over_the_padding_too", "torch.where(...).mean().",
     both(*over(lambda m: m.numel()))),
    ("mean_of_all_in_the_loss", "mean_over_the_padding_too", "The same in the loss only.",
     both(over(lambda m: m.numel())[0])),
    ("mean_of_all_in_the_gradient", "mean_over_the_padding_too", "T times N in the gradient.",
     both(slope=over(lambda m: m.numel())[1])),
    ("sums", "summed_not_averaged", "Adds up and stops.", both(*over(lambda m: 1))),
    ("sum_in_the_loss", "summed_not_averaged", "Divides the gradient only.",
     both(over(lambda m: 1)[0])),
    ("p_minus_y", "gradient_not_divided", "Softmax minus one-hot, from memory.",
     both(slope=over(lambda m: 1)[1])),
    ("sequence_by_sequence", "averaged_per_sequence", "Every sequence is worth the same.",
     per_sequence),
    ("step_by_step", "averaged_per_step", "A mean loss for each step, in a loop.", per_step),
    ("step_by_step_in_the_loss", "averaged_per_step", "The same, and the gradient from the recap.",
     both(lambda *a: per_step(*a)[0])),
    ("over_n", "divided_by_the_batch", "Means are over the batch.",
     both(*over(lambda m: m.shape[1]))),
    ("over_n_in_the_gradient", "divided_by_the_batch", "dlogits / N, as in unit 1.",
     both(slope=over(lambda m: m.shape[1])[1])),
    ("over_t", "divided_by_the_steps", "len(logits) is the number of rows.",
     both(*over(len))),
    ("padding_mask", "mask_inverted", "True means padding, as in attention layers.",
     lambda lo, t, m: (loss_of(lo, t, ~m), slope_of(lo, t, ~m))),
    ("shifts", "targets_shifted_again", "The next token is the target, so shift.", shifted),
    ("silences_logits", "logits_multiplied_by_mask", "Zero logits are no logits.",
     masked_logits),
    ("where_around_logits", "logits_multiplied_by_mask", "The same with where.",
     lambda lo, t, m: masked_logits(torch.where(m[..., None], lo, 0.0), t, m)),
    ("guessed_classes", "one_hot_guesses", "functional.one_hot(targets).",
     both(slope=lambda lo, t, m: torch.where(
         m[..., None], lo.softmax(-1) - functional.one_hot(t), 0.0) / counted(m))),
    ("unmasked_sum", "padding_in_the_sum", "Masks only what it divides by.",
     lambda lo, t, m: (each_place(lo, t).sum() / counted(m), pulls(lo, t) / counted(m))),
    ("unmasked_gradient", "gradient_not_masked", "The loss is masked, the gradient isn't.",
     both(slope=lambda lo, t, m: pulls(lo, t) / counted(m))),
    ("twice", "softmax_before_cross_entropy", "Probabilities into log_softmax.",
     both(lambda lo, t, m: loss_of(lo.softmax(-1), t, m))),
    ("over_rows", "softmax_over_the_batch", "dim=1, as for (N, C).",
     both(axis_loss(1), axis_slope(1))),
    ("over_rows_in_the_loss", "softmax_over_the_batch", "dim=1 in one place.",
     both(axis_loss(1))),
    ("over_steps_in_the_loss", "softmax_over_time", "dim=0 in one place.", both(axis_loss(0))),
    ("log_softmax_by_hand", "log_of_softmax", "log(softmax(x)) is log_softmax(x).",
     both(log_of_softmax(0.0))),
    ("epsilon", "log_of_softmax", "Adds 1e-8 against log(0).", both(log_of_softmax(1e-8))),
    ("exponentials", "exp_overflows", "The formula as it stands.",
     both(overflowing_loss, overflowing_slope)),
    ("exponentials_in_the_loss", "exp_overflows", "The formula in the loss.",
     both(overflowing_loss)),
    ("one_hot_sum", "zero_times_infinity", "-(y * log p).sum().", both(hot_loss)),
    ("times_mask", "masked_by_multiplying", "* mask.", both(multiplied_loss, multiplied_slope)),
    ("times_mask_in_the_loss", "masked_by_multiplying", "* mask.", both(multiplied_loss)),
    ("times_mask_in_the_gradient", "masked_by_multiplying", "* mask.",
     both(slope=multiplied_slope)),
    ("divides_by_nothing", "nothing_counted_nan", "mask.sum() may be 0.",
     both(*over(lambda m: m.sum()))),
    ("mean_of_the_chosen", "nothing_counted_nan", "each[mask].mean().",
     both(lambda lo, t, m: each_place(lo, t)[m].mean())),
    ("no_target", "target_not_subtracted", "The gradient of softmax is softmax.",
     both(slope=only_softmax)),
    ("half", "mask_on_half_the_gradient", "Masks p and then subtracts the one-hot.",
     both(slope=half_masked)),
    ("log_p", "sign_flipped", "The mean of log p.",
     both(lambda *a: -loss_of(*a), lambda *a: -slope_of(*a))),
    ("log_p_in_the_loss", "sign_flipped", "The mean of log p.", both(lambda *a: -loss_of(*a))),
    ("y_minus_p", "sign_flipped", "one-hot minus softmax.",
     both(slope=lambda *a: -slope_of(*a))),
    ("all_naive", "several_ways_to_nan", "The first thing that comes to mind.",
     both(lambda lo, t, m: (each_place(lo, t) * m).sum() / m.sum(),
          lambda lo, t, m: pulls(lo, t) * m[..., None] / m.sum())),
    ("naive_to_the_end", "several_ways_to_nan", "One-hot, log, softmax, mask, all as on paper.",
     both(lambda lo, t, m: -((one_hot(t, lo) * lo.softmax(-1).log()).sum(-1) * m).sum() / m.sum(),
          slope_of)),
    ("naive_exponentials", "several_ways_to_nan", "Softmax by hand and * mask.",
     both(lambda lo, t, m: (-softmax_by_hand(lo).gather(-1, t[..., None])[..., 0].log()
                            * m).sum() / m.sum(),
          lambda lo, t, m: (softmax_by_hand(lo) - one_hot(t, lo)) * m[..., None] / m.sum())),
    ("chosen_but_naive", "several_ways_to_nan", "Indexes with the mask, and logs a softmax.",
     both(lambda lo, t, m: -lo[m].softmax(-1).log().gather(-1, t[m][:, None]).mean())),
    ("of_the_chosen", "counted_places_only", "Doesn't put the gradient back in its place.",
     both(slope=lambda lo, t, m: slope_of(lo, t, m)[m])),
    ("into_a_copy", "gradient_left_zero", "dlogits[mask].add_(...) writes into a copy.",
     both(slope=lambda lo, t, m: torch.zeros_like(lo))),
    ("loss_alone", "wrong_type", "Returns the loss only.", loss_of),
    ("float64_always", "wrong_dtype", "A one-hot of float64.",
     both(slope=lambda *a: slope_of(*a).double())),
)  # fmt: skip


@right(EXERCISE)
def chosen_by_index(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    dlogits = torch.zeros_like(logits)
    count = int(mask.sum())
    if count == 0:
        return logits.new_zeros(()), dlogits
    log_p, wanted = logits[mask].log_softmax(-1), targets[mask]
    rows = torch.arange(count)
    pull = log_p.exp()
    pull[rows, wanted] -= 1
    dlogits[mask] = pull / count
    return -log_p[rows, wanted].mean(), dlogits


@right(EXERCISE)
def by_logsumexp(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    clean = torch.where(mask[..., None], logits, torch.zeros_like(logits))
    level = clean.logsumexp(-1, keepdim=True)
    each = level[..., 0] - clean.gather(-1, targets[..., None])[..., 0]
    pull = (clean - level).exp() - one_hot(targets, clean)
    count = mask.sum().clamp(min=1)
    return (each * mask).sum() / count, pull * mask[..., None] / count


@right(EXERCISE)
def by_hand_with_shift(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    clean = logits.masked_fill(~mask[..., None], 0.0)
    low = clean - clean.max(-1, keepdim=True).values
    p = low.exp() / low.exp().sum(-1, keepdim=True)
    log_p = low - low.exp().sum(-1, keepdim=True).log()
    hot = one_hot(targets, clean)
    each = -torch.where(hot.bool(), log_p, 0.0).sum(-1)
    count = max(1, int(mask.sum()))
    return (each * mask).sum() / count, (p - hot) * mask[..., None] / count


@right(EXERCISE)
def place_by_place(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    loss, dlogits = logits.new_zeros(()), torch.zeros_like(logits)
    count = mask.sum().clamp(min=1)
    for t in range(logits.shape[0]):
        for n in range(logits.shape[1]):
            if mask[t, n]:
                log_p = logits[t, n].log_softmax(0)
                loss = loss - log_p[targets[t, n]] / count
                dlogits[t, n] = log_p.exp() / count
                dlogits[t, n, targets[t, n]] -= 1 / count
    return loss, dlogits


@right(EXERCISE)
def plain_number(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    return loss_of(logits, targets, mask).item(), slope_of(logits, targets, mask)


bank.right_ones(EXERCISE, with_where=both(), as_a_list=lambda *a: list(both()(*a)))
