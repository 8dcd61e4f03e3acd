"""What is done with a capstone, an ablation, a model of a text, in the process that runs them.

Like every driver these hold no answer. A capstone trains and gives back a function, which is then
asked in several ways. An ablation is a runner of experiments: it is handed a learner that its judge
knows, so that every number it reports can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PROJECTS = ("digits", "names", "spaces")
ALONE = 64  # rows that are asked one by one
OWN = 300  # rows of the training data that are asked again
#: Random features of the learner that an ablation is handed, and what is left when it is ablated.
FEATURES, FEATURES_LEFT = 12, 3
Rows = NDArray[Any]
Predict = Callable[[Rows], Rows]


def capstone(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What a capstone makes of each project that it answers, by the project's name.

    `given`: for each project `x`, `y` and `x_new`; a `seed`; `few`, how many rows the seed is tried
    on. A project that is not answered raises NotImplementedError. Where none is answered the first
    error that is no NotImplementedError is raised, or else that.
    """
    found: dict[str, Any] = {}
    unwritten: Exception | None = None
    failed: Exception | None = None
    for project in PROJECTS:
        try:
            found[project] = _asked(solution, project, given)
        except NotImplementedError as error:
            unwritten = unwritten or error
        except Exception as error:
            failed = failed or error
    if not found:
        raise failed or unwritten or RuntimeError("no project was tried")
    return found


def _asked(solution: Callable[..., Any], project: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the trained function says to the new rows: together, again, in another order, alone.

    `own` is what it says to rows it was trained on. `few` holds what four trainings on few rows
    give: twice with the same seed, with another one, and ablated.
    """
    x, y, x_new = (given[project][name] for name in ("x", "y", "x_new"))
    seed, few = given["seed"], given["few"]
    predict = solution(project, x, y, seed, False)
    if not callable(predict):
        return {"predict": predict}
    answers = predict(x_new.clone())
    if not isinstance(answers, Tensor) or answers.shape != (len(x_new), *y.shape[1:]):
        return {"answers": answers}
    found = {
        "answers": _kept(answers),
        "again": _kept(predict(x_new.clone())),
        "turned": _kept(predict(x_new.flip(0))),
        "alone": _one_by_one(predict, x_new[:ALONE]),
        "own": _kept(predict(x[:OWN].clone())),
        "few": [],
    }
    for number, (one, ablated) in enumerate(
        ((seed, False), (seed, False), (seed + 1, False), (seed, True))
    ):
        torch.manual_seed(seed + 1000 + number)
        trained = solution(project, x[:few].clone(), y[:few].clone(), one, ablated)
        found["few"].append(_kept(trained(x_new.clone())) if callable(trained) else None)
    return found


def _kept(answers: Any) -> Any:
    """Answers on the CPU, where they are compared."""
    return answers.detach().cpu() if isinstance(answers, Tensor) else answers


def _one_by_one(predict: Callable[..., Any], rows: Tensor) -> Any:
    """What is said to each row alone, a list; the error's words where that fails."""
    try:
        return [_kept(predict(rows[place : place + 1].clone())) for place in range(len(rows))]
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]


def experiment(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What an ablation reports of `learner` on rows `x`, `y` and `x_new`, `y_new`, for `seeds`."""
    rows = (given[name] for name in ("x", "y", "x_new", "y_new"))
    return solution(learner, accuracy, *rows, given["seeds"])


def learner(x: Rows, y: Rows, seed: int, ablated: bool) -> Predict:
    """Nearest class mean in random features; ablated, most of the features are taken away.

    x (N, D) numbers, y (N,) labels. Returns a function that labels rows (M, D).
    """
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(x.shape[1] + 1, FEATURES))
    kept = weights[:, : FEATURES_LEFT if ablated else FEATURES]
    labels = np.unique(y)

    def features(rows: Rows) -> Rows:
        hidden: Rows = np.tanh(rows @ kept[:-1] + kept[-1])
        return hidden

    means = np.stack([features(x[y == label]).mean(0) for label in labels])

    def predict(rows: Rows) -> Rows:
        away = features(rows)[:, None] - means  # (M, classes, features)
        nearest: Rows = labels[(away**2).sum(-1).argmin(1)]
        return nearest

    return predict


def accuracy(answers: Rows, y: Rows) -> float:
    """The share of right answers. Raises ValueError where there is not one answer for each row."""
    if np.shape(answers) != np.shape(y):
        raise ValueError(f"{np.shape(answers)} answers for {np.shape(y)} rows")
    return float(np.mean(answers == y))


def train_model(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What a training function returns for `ids`, `n_symbols`, `updates` and `seed`.

    Returns `model`, and `again`: what `few` updates make with the same seed twice and then with
    another. PyTorch's own generator is in another state each time.
    """
    names = ("ids", "n_symbols", "updates", "seed", "few")
    ids, n_symbols, updates, seed, few = (given[name] for name in names)
    model = solution(ids, n_symbols, updates, seed)
    again: list[Any] = []
    if isinstance(model, Mapping):
        for number, one in enumerate((seed, seed, seed + 1)):
            torch.manual_seed(seed + 1000 + number)
            returned = solution(ids.clone(), n_symbols, few, one)
            again.append(_plain(returned) if isinstance(returned, Mapping) else None)
        model = _plain(model)
    return {"model": model, "again": again}


def _plain(model: Mapping[str, Any]) -> dict[str, Any]:
    """The weights without their history, each a copy: later training does not change them."""
    return {
        name: weight.detach().clone() if isinstance(weight, Tensor) else weight
        for name, weight in model.items()
    }
