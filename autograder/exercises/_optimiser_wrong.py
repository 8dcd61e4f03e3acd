"""Known wrong answers to the optimisers' exercises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autograder.checking.exercise import Misconception
from autograder.exercises._optimiser_walks import (
    HeavySlip,
    Slip,
    Walk,
    adaptive,
    heavy,
    untouched,
)

ADAM_DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
DECAY = {"weight_decay": 0.01}
ADAPTIVE: tuple[tuple[str, str, str, Slip], ...] = (
    (
        "climbs",
        "The step goes up the gradient.",
        "Minus the learning rate times …: the gradient points uphill.",
        Slip(up=-1.0),
    ),
    (
        "epsilon_inside_the_root",
        "Epsilon stands inside the root.",
        "PyTorch takes the root first and adds epsilon to it.",
        Slip(eps="inside"),
    ),
    (
        "epsilon_missing",
        "Epsilon is not added.",
        "Add it to the root: without it a gradient of 0 is divided by 0.",
        Slip(eps="missing"),
    ),
    *(
        (
            "epsilon_outside_the_fraction",
            "Epsilon was added to the whole fraction, not to what the gradient is divided by.",
            "A quotient comes before a sum: put the root plus epsilon in brackets.",
            Slip(eps=where),
        )
        for where in ("on_the_step", "on_the_quotient")
    ),
    (
        "epsilon_missing",
        "The eps that is passed in is not used: 1e-8 stands in its place.",
        "Use the argument; if a function of yours takes the step, pass it on.",
        Slip(ignores=("eps",)),
    ),
    (
        "hyperparameters_ignored",
        "The hyperparameters that are passed in change nothing.",
        "Use the arguments, not numbers of your own; if a function of yours takes the step, pass "
        "them on to it.",
        Slip(ignores=("beta1", "beta2", "eps")),
    ),
    (
        "hyperparameters_ignored",
        "What is passed in as the weight of the old average changes nothing.",
        "Use the arguments, not numbers of your own; if a function of yours takes the step, pass "
        "them on to it.",
        Slip(ignores=("beta1", "beta2")),
    ),
    (
        "one_state_for_all",
        "All params share one state: each goes on from what the last of them left there.",
        "Every key of params needs an average of its own, kept under its name.",
        Slip(shares=True),
    ),
    (
        "root_missing",
        "The gradient was divided by the mean square; its root belongs there.",
        "A gradient over its own typical size: take the root of the mean of the squares.",
        Slip(roots=False),
    ),
    (
        "gradient_not_squared",
        "The second average is of the gradient, not of its square.",
        "Square the gradient before it is averaged: a size has no sign.",
        Slip(squares=False),
    ),
    (
        "size_for_square",
        "The second average is of |g|, not of g².",
        "Square the gradient before it is averaged; the root comes afterwards.",
        Slip(sizes=True),
    ),
)
BOTH_AVERAGES: tuple[tuple[str, str, str, Slip], ...] = (
    (
        "no_bias_correction",
        "The two averages are used as they are, though they started from 0.",
        "After t steps they are too small by the factors 1 - beta1**t and 1 - beta2**t.",
        Slip(corrects=(False, False)),
    ),
    (
        "first_average_not_corrected",
        "The average of g is not corrected; that of g² is.",
        "Both started from 0, so both are corrected, each with its own beta.",
        Slip(corrects=(False, True)),
    ),
    (
        "second_average_not_corrected",
        "The average of g² is not corrected; that of g is.",
        "Both started from 0, so both are corrected, each with its own beta.",
        Slip(corrects=(True, False)),
    ),
    (
        "counts_from_zero",
        "The steps are counted from 0, and 1 - beta**0 is 0: the first step divides by it.",
        "The first step is t = 1: count before you correct.",
        Slip(first_count=0),
    ),
    (
        "counts_every_param",
        "The count goes up with every param, not with every step.",
        "Count once a step, before the loop over the params.",
        Slip(counts_params=True),
    ),
    (
        "beta_times_t",
        "The correction has beta * t, a product; it is a power.",
        "1 - beta**t.",
        Slip(multiplies_count=True),
    ),
    (
        "corrected_average_kept",
        "The corrected averages were put into the state, and are corrected again at the next step.",
        "Keep the averages as they are; the corrected ones are for this step only.",
        Slip(keeps_corrected=True),
    ),
    (
        "epsilon_before_the_correction",
        "Epsilon is added to the root of the uncorrected average.",
        "Correct first, then take the root, then add epsilon. (The paper's short form has another "
        "epsilon.)",
        Slip(eps="uncorrected"),
    ),
    (
        "counts_one_too_many",
        "The steps are counted one too far: the first one is corrected as if it were the second.",
        "The first step is t = 1.",
        Slip(first_count=2),
    ),
    (
        "does_not_count",
        "Every step is corrected as if it were the first.",
        "Keep t in the state, and return the state with it.",
        Slip(counts=False),
    ),
    (
        "betas_swapped",
        "beta1 and beta2 are exchanged.",
        "beta1 (0.9) belongs to the average of g, beta2 (0.999) to that of g².",
        Slip(swapped=True),
    ),
    (
        "state_lost",
        "The averages start anew at every step.",
        "Put them into the state that you return; the next step gets it back.",
        Slip(keeps=(False, False)),
    ),
    (
        "state_lost",
        "The averages and the count start anew at every step.",
        "Put them into the state that you return; the next step gets it back.",
        Slip(keeps=(False, False), counts=False),
    ),
    (
        "first_average_lost",
        "The average of g starts anew at every step.",
        "Both averages belong into the state that you return.",
        Slip(keeps=(False, True)),
    ),
    (
        "second_average_lost",
        "The average of g² starts anew at every step.",
        "Both averages belong into the state that you return.",
        Slip(keeps=(True, False)),
    ),
    (
        "sum_for_average",
        "The new gradient enters the first average with weight 1.",
        "An average weighs the new with 1 - beta1.",
        Slip(dampens=(False, True)),
    ),
    (
        "squares_summed",
        "The new square enters the second average with weight 1.",
        "An average weighs the new with 1 - beta2.",
        Slip(dampens=(True, False)),
    ),
    (
        "weights_of_the_averages_exchanged",
        "Old and new are exchanged in the averages.",
        "beta weighs the old value, 1 - beta the new one.",
        Slip(exchanged=True),
    ),
    (
        "old_averages_used",
        "The step uses the averages from before this gradient.",
        "First take the gradient into the averages, then step.",
        Slip(old_moments=True),
    ),
)
NOT_MOVED = Misconception(
    "nothing_moves",
    "The params come back as they were.",
    "Return the new ones.",
    untouched,
)


def _named(
    rows: tuple[tuple[str, str, str, Slip], ...], make: Callable[[Slip], Callable[..., Walk]]
) -> tuple[Misconception, ...]:
    return tuple(Misconception(name, says, look, make(slip)) for name, says, look, slip in rows)


ADAM = (
    *_named((*ADAPTIVE, *BOTH_AVERAGES), lambda slip: adaptive(slip, ADAM_DEFAULTS)),
    NOT_MOVED,
)
_DECAYS: tuple[tuple[str, str, str, Slip], ...] = (
    (
        "l2_for_decay",
        "The decay was added to the gradient: that is L2 regularisation, Adam's own weight_decay.",
        "AdamW shrinks the params themselves; the averages never see the decay.",
        Slip(decay="l2"),
    ),
    (
        "decay_without_lr",
        "The decay is not multiplied by the learning rate.",
        "Each step shrinks the params by lr * weight_decay of themselves.",
        Slip(decay="without_lr"),
    ),
    (
        "decay_after_the_step",
        "The params were shrunk after the step; PyTorch shrinks them before.",
        "Shrink what came in, then subtract Adam's step.",
        Slip(decay="after"),
    ),
    (
        "decay_missing",
        "This is Adam: nothing decays.",
        "weight_decay is 0.01 unless it is given.",
        Slip(decay="none"),
    ),
    (
        "decay_grows",
        "The params grow where they should shrink.",
        "times (1 - lr * weight_decay).",
        Slip(decay="grows"),
    ),
    (
        "hyperparameters_ignored",
        "The hyperparameters that are passed in change nothing.",
        "Use the arguments, not numbers of your own; if a function of yours takes the step, pass "
        "them on to it.",
        Slip(ignores=("beta1", "beta2", "eps", "weight_decay")),
    ),
    (
        "hyperparameters_ignored",
        "The weight_decay that is passed in changes nothing.",
        "Use the argument, not a number of your own.",
        Slip(ignores=("weight_decay",)),
    ),
    (
        "decayed_twice",
        "The params decay, and the decay is in the gradient as well.",
        "AdamW shrinks the params themselves; the averages never see the decay.",
        Slip(decay="both"),
    ),
    (
        "matrices_alone_decay",
        "Only the matrices decay; torch.optim.AdamW shrinks all that it is given.",
        "Every key of params, whatever its shape.",
        Slip(decay="matrices"),
    ),
)
_NO_DECAY_BY_DEFAULT = Misconception(
    "no_decay_by_default",
    "Without a weight_decay given, nothing decays; torch.optim's default for AdamW is 0.01.",
    "`weight_decay: float = 0.01`.",
    adaptive(Slip(), ADAM_DEFAULTS | {"weight_decay": 0.0}),
)
ADAMW = (
    *_named(
        (*ADAPTIVE, *BOTH_AVERAGES, *_DECAYS), lambda slip: adaptive(slip, ADAM_DEFAULTS | DECAY)
    ),
    _NO_DECAY_BY_DEFAULT,
    NOT_MOVED,
)

_RMS: tuple[tuple[str, str, str, Slip], ...] = (
    *ADAPTIVE,
    (
        "weights_of_the_average_exchanged",
        "Old and new are exchanged in the average.",
        "alpha weighs the old value, 1 - alpha the new square.",
        Slip(exchanged=True),
    ),
    (
        "squares_summed",
        "The new square enters with weight 1.",
        "An average weighs the new square with 1 - alpha.",
        Slip(dampens=(True, False)),
    ),
    (
        "state_lost",
        "The average starts anew at every step.",
        "Put it into the state that you return; the next step gets it back.",
        Slip(keeps=(True, False)),
    ),
    (
        "starts_from_the_first_square",
        "The average starts from the first g², not from 0.",
        "v is 0 before the first step, which then makes it (1 - alpha) g².",
        Slip(starts_full=True),
    ),
    (
        "old_average_used",
        "The step is divided by the average from before this gradient.",
        "First take the new square into the average, then step.",
        Slip(old_moments=True),
    ),
    (
        "bias_corrected",
        "The average was corrected for its start from 0, as Adam does; RMSprop does not.",
        "Use the average as it is.",
        Slip(corrects=(False, True)),
    ),
)


def _rms(slip: Slip, alpha: float = 0.99) -> Callable[..., Walk]:
    """RMSprop's slip: no average of g (beta1 = 0), and no correction but where it is the slip."""
    plain = slip if slip.corrects != (True, True) else replace(slip, corrects=(False, False))
    defaults = {"beta1": 0.0, "beta2": alpha, "eps": 1e-8}
    return adaptive(plain, defaults, {"alpha": "beta2"})


RMSPROP = (
    *_named(_RMS, _rms),
    Misconception(
        "another_alpha_by_default",
        "Without an alpha given, this uses 0.9; torch.optim's default is 0.99.",
        "`alpha: float = 0.99`.",
        _rms(Slip(), 0.9),
    ),
    NOT_MOVED,
)

_HEAVY = tuple(
    Misconception(name, says, look, heavy(slip))
    for name, says, look, slip in (
        (
            "momentum_missing",
            "This is plain SGD: the velocity of the steps before is not there.",
            "Each step adds momentum times the old velocity to the gradient.",
            HeavySlip(keeps=False),
        ),
        (
            "dampened",
            "The gradient enters with weight 1 - momentum, as in an average.",
            "PyTorch's velocity is momentum times the old one plus the whole gradient.",
            HeavySlip(dampens=True),
        ),
        (
            "looks_ahead",
            "This is Nesterov's momentum.",
            "The plain form steps along the new velocity itself.",
            HeavySlip(looks_ahead=True),
        ),
        (
            "old_velocity_used",
            "The step follows the velocity from before this gradient.",
            "First make the new velocity, then step along it.",
            HeavySlip(old=True),
        ),
        (
            "climbs",
            "The step goes up the gradient.",
            "Minus the learning rate times the velocity.",
            HeavySlip(up=-1.0),
        ),
        (
            "learning_rate_twice",
            "The learning rate is multiplied in twice.",
            "Once: in the velocity or in the step, not in both.",
            HeavySlip(squares_lr=True),
        ),
        (
            "momentum_by_default",
            "Without a momentum given, this uses 0.9; torch.optim's default is 0.",
            "`momentum: float = 0.0`.",
            HeavySlip(default=0.9),
        ),
        (
            "hyperparameters_ignored",
            "Whatever momentum is passed in, this uses 0.9.",
            "Use the argument `momentum`.",
            HeavySlip(fixed=0.9),
        ),
        (
            "one_state_for_all",
            "All params share one velocity: each goes on from the one that the last of them left.",
            "Every key of params needs a velocity of its own, kept under its name.",
            HeavySlip(shares=True),
        ),
        (
            "momentum_twice",
            "The old velocity is multiplied by momentum twice.",
            "Once, when the new velocity is made.",
            HeavySlip(squares_momentum=True),
        ),
    )
)
MOMENTUM = (*_HEAVY, NOT_MOVED)
