"""An ablation's report, judged with a learner whose every score is known.

The runner is what is written; the learner is passed in (`project_drivers.learner`). So a table that
was made up, or measured on the wrong rows or with the wrong seeds, has other numbers than these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import Misconception, Output, Sizes
from autograder.checking.project_drivers import accuracy, learner
from autograder.checking.values import Inputs, Value, describe, follow

CLASSES = 3
Arms = tuple[Tensor, Tensor]


def draw_experiment(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """N rows of D numbers in clouds of three classes, M new ones, and S seeds."""
    centres = 1.2 * torch.randn(CLASSES, sizes["D"], generator=g, dtype=torch.float64)
    given: Inputs = {}
    for end, count in (("", sizes["N"]), ("_new", sizes["M"])):
        y = torch.arange(count)[torch.randperm(count, generator=g)] % CLASSES
        noise = torch.randn(count, sizes["D"], generator=g, dtype=torch.float64)
        given |= {f"x{end}": centres[y] + scale * noise, f"y{end}": y}
    while True:  # until not every seed gives the same difference: there would be no error to tell
        seeds = (1000 + torch.randperm(9000, generator=g)[: sizes["S"]]).tolist()
        whole, ablated = _arms((*given.values(), seeds))
        if len((whole - ablated).unique()) > 1:
            return {**given, "seeds": seeds}


# --- what a report holds ------------------------------------------------------------------------


def _numbers(name: str) -> Callable[[Inputs, Value], Tensor]:
    """A view of `report[name]`, which may be a list of numbers or an array."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        there = follow(value, (name,))
        if isinstance(there, list | tuple):
            if not all(_is_number(one) for one in there):
                raise LookupError(f"`{name}` holds {describe(there[0])}; a number a seed is asked")
            return torch.tensor([float(one) for one in there], dtype=torch.float64)
        if isinstance(there, Tensor):
            return there.double()
        if _is_number(there):
            return torch.tensor(float(there), dtype=torch.float64)
        several = name in ("whole", "ablated", "difference")
        asked = "a list or a NumPy array of S numbers" if several else "a number"
        raise LookupError(f"`{name}` is {describe(there)}; {asked} is asked for")

    return view


def _error(inputs: Inputs, value: Value) -> Tensor:
    """The standard error; unreadable where it is 0 because one difference stands for every seed."""
    error = _numbers("standard_error")(inputs, value)
    difference = _numbers("difference")(inputs, value) if "difference" in value else error
    if error.dim() == 0 and error == 0 and bool((difference != 0).all()):
        says = "`standard_error` is 0: every seed gives the same difference. Was it trained once?"
        raise UnreadableError("no_spread", says)
    return error


def _is_number(one: Any) -> bool:
    if isinstance(one, Tensor):
        return one.dim() == 0
    return isinstance(one, int | float) and not isinstance(one, bool)


def _seed_of(inputs: Inputs, index: tuple[int, ...]) -> str:
    return f"seed number {index[0]}"


OUTPUTS = (
    Output("whole", ("S",), view=_numbers("whole"), place=_seed_of),
    Output("ablated", ("S",), view=_numbers("ablated"), place=_seed_of),
    Output("difference", ("S",), view=_numbers("difference"), place=_seed_of),
    Output("mean", (), view=_numbers("mean")),
    Output("standard_error", (), view=_error, weight=2.0),
)

# --- the experiment -----------------------------------------------------------------------------


def _scores(
    given: tuple[Any, ...],
    seeds: Sequence[int],
    ablated: bool,
    learn_from: str = "",
    tried_on: str = "_new",
) -> Tensor:
    """The learner's score for each of `seeds`."""
    x, y, x_new, y_new = (one.numpy() for one in given[:4])
    rows = {"": (x, y), "_new": (x_new, y_new)}
    there = rows[tried_on]
    return torch.tensor(
        [accuracy(learner(*rows[learn_from], seed, ablated)(there[0]), there[1]) for seed in seeds],
        dtype=torch.float64,
    )


def _report(whole: Tensor, ablated: Tensor, **other: Tensor) -> dict[str, Tensor]:
    """The report on two rows of scores; `other` replaces some of it."""
    difference = whole - ablated
    deviation, mean = torch.std_mean(difference)
    error = deviation / len(difference) ** 0.5
    found = {"whole": whole, "ablated": ablated, "difference": difference}
    return {**found, "mean": mean, "standard_error": error, **other}


def _arms(given: tuple[Any, ...], **how: Any) -> Arms:
    return _scores(given, given[4], False, **how), _scores(given, given[4], True, **how)


def oracle(*given: Any) -> dict[str, Tensor]:
    """The report that is right."""
    return _report(*_arms(given))


# --- and how it goes wrong ----------------------------------------------------------------------


def _on_training_rows(*given: Any) -> Value:
    return _report(*_arms(given, tried_on=""))


def _learnt_from_new_rows(*given: Any) -> Value:
    return _report(*_arms(given, learn_from="_new"))


def _swapped(*given: Any) -> Value:
    return _report(*reversed(_arms(given)))


def _both_whole(*given: Any) -> Value:
    whole, _ = _arms(given)
    return _report(whole, whole.clone())


def _both_ablated(*given: Any) -> Value:
    _, ablated = _arms(given)
    return _report(ablated, ablated.clone())


def _unpaired(other: Callable[[Sequence[int]], Sequence[int]]) -> Callable[..., Value]:
    """The ablated model is trained with other seeds than the whole one."""

    def answer(*given: Any) -> Value:
        return _report(_scores(given, given[4], False), _scores(given, other(given[4]), True))

    return answer


def _with_seeds(other: Callable[[Sequence[int]], Sequence[int]]) -> Callable[..., Value]:
    """Both are trained with other seeds than those given."""

    def answer(*given: Any) -> Value:
        seeds = other(given[4])
        return _report(_scores(given, seeds, False), _scores(given, seeds, True))

    return answer


def _sorted(*given: Any) -> Value:
    whole, ablated = _arms(given)
    return _report(whole.sort().values, ablated.sort().values)


def _in_per_cent(*given: Any) -> Value:
    whole, ablated = _arms(given)
    return _report(100 * whole, 100 * ablated)


def _changed(change: Callable[[Tensor, Tensor], Mapping[str, Tensor]]) -> Callable[..., Value]:
    """The scores are right, and something made of them is not."""

    def answer(*given: Any) -> Value:
        whole, ablated = _arms(given)
        return _report(whole, ablated, **change(whole, ablated))

    return answer


def _backwards(whole: Tensor, ablated: Tensor) -> dict[str, Tensor]:
    return {"difference": ablated - whole, "mean": (ablated - whole).mean()}


def _sizes_only(whole: Tensor, ablated: Tensor) -> dict[str, Tensor]:
    away = (whole - ablated).abs()
    return {
        "difference": away,
        "mean": away.mean(),
        "standard_error": away.std() / len(away) ** 0.5,
    }


def _both_errors(whole: Tensor, ablated: Tensor) -> dict[str, Tensor]:
    return {"standard_error": ((whole.var() + ablated.var()) / len(whole)).sqrt()}


def _other_error(of: Callable[[Tensor], Tensor]) -> Callable[..., Value]:
    """The standard error is made of the differences in another way."""
    return _changed(lambda whole, ablated: {"standard_error": of(whole - ablated)})


def _mean(of: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Value]:
    return _changed(lambda whole, ablated: {"mean": of(whole, ablated)})


_HELD_OUT = "Train on `x` and `y`; ask for `x_new`, and score the answers against `y_new`."
_PAIRS = "One loop over `seeds`; in it both models are trained with that seed."
_ROOT = "The deviation says how far one seed lies from another; the mean of S of them is surer."

MISCONCEPTIONS = (
    Misconception(
        "scored_on_training_rows",
        "The scores are those of the rows that the models were trained on.",
        _HELD_OUT,
        _on_training_rows,
    ),
    Misconception(
        "trained_on_new_rows",
        "The models were trained on the new rows, on which they are scored.",
        _HELD_OUT,
        _learnt_from_new_rows,
    ),
    Misconception(
        "arms_swapped",
        "What is called whole was ablated, and the other way round.",
        "`train(x, y, seed, False)` is the whole model.",
        _swapped,
    ),
    Misconception(
        "nothing_ablated",
        "Both columns hold the same model: what was taken away?",
        "One of the two calls has True as its last argument.",
        _both_whole,
    ),
    Misconception(
        "nothing_ablated",
        "Both columns hold the ablated model.",
        "One of the two calls has False as its last argument.",
        _both_ablated,
    ),
    *(
        Misconception(
            "seeds_not_paired",
            "The ablated model is trained with other seeds than the whole one.",
            _PAIRS,
            _unpaired(other),
        )
        for other in (
            lambda seeds: [seed + 1 for seed in seeds],
            lambda seeds: [seed + len(seeds) for seed in seeds],
            lambda seeds: list(reversed(seeds)),
            lambda seeds: [seeds[0]] * len(seeds),
        )
    ),
    *(
        Misconception(
            "own_seeds",
            "The models were trained with other seeds than those in `seeds`.",
            "`seeds` is a list of numbers: go over the numbers themselves, not over their places.",
            _with_seeds(other),
        )
        for other in (
            lambda seeds: list(range(len(seeds))),
            lambda seeds: list(range(1, len(seeds) + 1)),
        )
    ),
    *(
        Misconception(
            "one_seed_for_all",
            "Every row has the same seed, so the seeds tell nothing.",
            _PAIRS,
            _with_seeds(other),
        )
        for other in (
            lambda seeds: [seeds[0]] * len(seeds),
            lambda seeds: [seeds[-1]] * len(seeds),
            lambda seeds: [0] * len(seeds),
        )
    ),
    Misconception(
        "scores_sorted",
        "The scores were sorted, each column by itself: row by row they no longer belong together.",
        "Leave them in the order of `seeds`.",
        _sorted,
    ),
    Misconception(
        "in_per_cent",
        "Everything is a hundred times too large: per cent.",
        "Leave the scores as `score` gives them.",
        _in_per_cent,
    ),
    Misconception(
        "difference_backwards",
        "The difference has the wrong sign.",
        "Whole minus ablated: above 0 where the part that was taken away was of use.",
        _changed(_backwards),
    ),
    Misconception(
        "difference_without_sign",
        "The differences lost their signs: where the ablated model was better, that was hidden.",
        "Whole minus ablated, with its sign.",
        _changed(_sizes_only),
    ),
    Misconception(
        "errors_not_paired",
        "The standard error treats the two columns as if they had nothing to do with each other.",
        "Each seed gives one difference. It is the spread of those differences that counts.",
        _changed(_both_errors),
    ),
    Misconception(
        "divided_by_s",
        "The squares were divided by S, not by S − 1.",
        "NumPy divides by S unless it is told otherwise: `ddof`.",
        _other_error(lambda d: d.std(correction=0) / len(d) ** 0.5),
    ),
    Misconception(
        "deviation_for_error",
        "This is the standard deviation, not the standard error of the mean.",
        _ROOT,
        _other_error(lambda d: d.std()),
    ),
    Misconception(
        "deviation_for_error",
        "This is the standard deviation (over S), not the standard error of the mean.",
        _ROOT,
        _other_error(lambda d: d.std(correction=0)),
    ),
    Misconception(
        "variance_for_error",
        "A root is missing: this is a variance.",
        "The variance of the mean is the variance over S; its root is the standard error.",
        _other_error(lambda d: d.var() / len(d)),
    ),
    Misconception(
        "root_of_s_missing",
        "The deviation was divided by S, not by its root.",
        "The variance of the mean is the variance over S; take the root of both.",
        _other_error(lambda d: d.std() / len(d)),
    ),
    Misconception(
        "error_of_one_column",
        "This is the standard error of the whole model's scores.",
        "What is reported is the mean difference; its error is made of the differences.",
        _changed(lambda w, a: {"standard_error": w.std() / len(w) ** 0.5}),
    ),
    Misconception(
        "median_for_mean",
        "This is the median of the differences.",
        "The mean is asked for.",
        _mean(lambda w, a: (w - a).quantile(0.5)),
    ),
    Misconception(
        "best_for_mean",
        "This is the best whole model less the best ablated one.",
        "The best of several seeds is luck. The mean over the seeds is asked for.",
        _mean(lambda w, a: w.max() - a.max()),
    ),
    Misconception(
        "best_for_mean",
        "This is the largest difference of all seeds.",
        "The best of several seeds is luck. The mean over the seeds is asked for.",
        _mean(lambda w, a: (w - a).max()),
    ),
    Misconception(
        "mean_of_whole",
        "This is the mean of the whole model's scores.",
        "The mean of the differences is asked for.",
        _mean(lambda w, a: w.mean()),
    ),
)
