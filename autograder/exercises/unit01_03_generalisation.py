"""Unit 1, notebook 03_generalisation: splitting, standardising, counting, folding."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Misconception, Output, Sizes
from autograder.checking.guard import Guard
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs
from autograder.exercises import _folding, _scaling, _splitting

ASSIGNMENT, NOTEBOOK = "01_machine_learning", "03_generalisation"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: scikit-learn and PyTorch are what it is compared with.",
)


def _seeded(g: torch.Generator) -> Seeded:
    return Seeded(int(torch.randint(2**31, (1,), generator=g)))


def _normal(g: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=g)


# --- a split ------------------------------------------------------------------------------------


def _draw_split(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, D, percent = sizes["N"], sizes["D"], sizes["percent"]
    X, y = _normal(g, N, D), _normal(g, N)
    return {"X": X, "y": y, "test_fraction": percent / 100, "rng": _seeded(g)}


TRAIN_TEST_SPLIT = Exercise(
    name="train_test_split",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("X", "y", "test_fraction", "rng"),
    outputs=(),
    #: The first two differ in nothing but their numbers and their generator.
    cases=tuple(
        CaseSpec(
            {"N": N, "D": D, "percent": percent},
            title=f"N={N}, D={D}, test_fraction={percent / 100:g}",
        )
        for N, D, percent in ((40, 3, 25), (40, 3, 25), (31, 4, 20), (57, 2, 40), (10, 1, 30))
    ),
    draw=_draw_split,
    oracle=_splitting.scikit_learn_split,
    misconceptions=(),
    properties=_splitting.PROPERTIES,
    guard=GUARD,
    library="numpy",
    reference="scikit-learn",
)

# --- one scale ----------------------------------------------------------------------------------


def _draw_scaling(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Columns of different place and spread; the last one of X_train is constant."""
    N, M, D = sizes["N"], sizes["M"], sizes["D"]
    spread = 1 + 3 * torch.rand(D, dtype=torch.float64, generator=g)
    place = 5 * _normal(g, D)
    X_train, X_test = _normal(g, N, D) * spread + place, _normal(g, M, D) * spread + place
    # Quarters add up exactly, so that the spread of the constant column is exactly 0. Of the tenths
    # those are taken whose mean is rounded, so that NumPy's spread is 1e-17 or so.
    parts = sizes.get("parts", 4)
    numbers = [k / parts for k in range(1, 40)]
    constants = [number for number in numbers if (np.full(N, number).std() > 0) == (parts > 4)]
    X_train[:, -1] = constants[int(torch.randint(len(constants), (1,), generator=g))]
    return {"X_train": X_train, "X_test": X_test}


STANDARDISE = Exercise(
    name="standardise",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("X_train", "X_test"),
    outputs=(
        Output("X_train", ("N", "D"), (0,), weight=1.0, cases=(0, 1, 2, 3, 4)),
        Output("X_test", ("N", "D"), (1,), weight=1.5, cases=(0, 1, 2, 3, 4)),
        Output(
            "a constant that is rounded",
            ("N", "D"),
            weight=0.5,
            view=_scaling.both,
            cases=(5,),
            place=_scaling.in_both,
        ),
    ),
    cases=(
        *(
            CaseSpec({"N": N, "M": M, "D": D})
            for N, M, D in ((7, 4, 3), (5, 9, 2), (6, 6, 6), (1, 3, 4), (12, 1, 5))
        ),
        CaseSpec(
            {"N": 7, "M": 4, "D": 3, "parts": 10},
            title="7 training rows, and in their last column a number such as 0.1 seven times",
        ),
    ),
    draw=_draw_scaling,
    oracle=_scaling.scikit_learn_scaling,
    misconceptions=_scaling.MISCONCEPTIONS,
    guard=GUARD,
    library="numpy",
    reference="scikit-learn",
)

# --- counts -------------------------------------------------------------------------------------


def _draw_counts(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Labels with a class that never comes, predictions that are right half of the time."""
    N, C = sizes["N"], sizes["C"]
    y = torch.randint(max(C - 1, 1), (N,), generator=g)
    guess = torch.randint(C, (N,), generator=g)
    right = torch.rand(N, generator=g) < 0.5
    return {"y": y, "y_hat": torch.where(right, y, guess), "n_classes": C}


def _counted(y: Tensor, y_hat: Tensor, n_classes: int) -> Tensor:
    from sklearn.metrics import confusion_matrix

    if not len(y):
        return torch.zeros(n_classes, n_classes, dtype=torch.int64)
    labels = list(range(n_classes))
    return torch.from_numpy(confusion_matrix(y.numpy(), y_hat.numpy(), labels=labels)).long()


def _of_pair(inputs: Inputs, index: tuple[int, ...]) -> str:
    return f"class {index[0]} taken for class {index[1]}"


CONFUSION_MATRIX = Exercise(
    name="confusion_matrix",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("y", "y_hat", "n_classes"),
    outputs=(Output("counts", ("C", "C"), place=_of_pair),),
    cases=tuple(CaseSpec({"N": N, "C": C}) for N, C in ((40, 3), (60, 5), (25, 4), (9, 2), (1, 3))),
    draw=_draw_counts,
    oracle=_counted,
    misconceptions=(
        Misconception(
            "transposed",
            "Rows and columns are exchanged.",
            "A row is a true class, a column a predicted one.",
            lambda y, y_hat, n: _counted(y, y_hat, n).T,
        ),
        Misconception(
            "repeats_counted_once",
            "A pair of classes that comes several times is counted once.",
            "`counts[y, y_hat] += 1` reads each place once and writes it once: `np.add.at`, a loop "
            "or `np.bincount` count every row.",
            lambda y, y_hat, n: _counted(y, y_hat, n).clamp(max=1),
        ),
        Misconception(
            "shares_for_counts",
            "These are shares of each row; counts were asked for.",
            "Leave the division by the row's sum out.",
            lambda y, y_hat, n: _shares(_counted(y, y_hat, n), 1),
        ),
        Misconception(
            "shares_for_counts",
            "These are shares of each row; counts were asked for.",
            "Leave the division by the row's sum out: a class that never comes makes it 0.",
            lambda y, y_hat, n: _shares(_counted(y, y_hat, n), 1, least=0),
        ),
        Misconception(
            "shares_of_everything",
            "These are shares of all rows; counts were asked for.",
            "Leave the division by N out.",
            lambda y, y_hat, n: _counted(y, y_hat, n) / len(y),
        ),
        Misconception(
            "only_right_ones",
            "Only the right answers are counted: everything beside the diagonal is 0.",
            "What is taken for what is the point of the matrix: count every pair.",
            lambda y, y_hat, n: _counted(y, y_hat, n).diag().diag(),
        ),
        Misconception(
            "only_mistakes",
            "Only the mistakes are counted: the diagonal is 0.",
            "Right answers are pairs, too: (3, 3) belongs on the diagonal.",
            lambda y, y_hat, n: _without_diagonal(_counted(y, y_hat, n)),
        ),
        Misconception(
            "one_too_many",
            "Every place counts one too many.",
            "Start from zeros.",
            lambda y, y_hat, n: _counted(y, y_hat, n) + 1,
        ),
        Misconception(
            "last_row_left_out",
            "The last row of the data is not counted.",
            "`range(N)` ends at N - 1 already.",
            lambda y, y_hat, n: _counted(y[:-1], y_hat[:-1], n),
        ),
        Misconception(
            "labels_from_one",
            "Labels are read as 1, 2, 3, …: every count stands one place too early.",
            "The classes are 0 … n_classes - 1; they are the indices.",
            lambda y, y_hat, n: _counted(y, y_hat, n).roll((-1, -1), (0, 1)),
        ),
        Misconception(
            "predictions_against_themselves",
            "The predictions were counted against themselves.",
            "One index comes from y, the other from y_hat.",
            lambda y, y_hat, n: _counted(y_hat, y_hat, n),
        ),
        Misconception(
            "labels_against_themselves",
            "The true labels were counted against themselves.",
            "One index comes from y, the other from y_hat.",
            lambda y, y_hat, n: _counted(y, y, n),
        ),
    ),
    guard=GUARD,
    library="numpy",
    reference="scikit-learn",
)


def _shares(counts: Tensor, dim: int, least: int = 1) -> Tensor:
    return counts / counts.sum(dim, keepdim=True).clamp(min=least)


def _without_diagonal(counts: Tensor) -> Tensor:
    return counts - counts.diag().diag()


# --- folds --------------------------------------------------------------------------------------

K_FOLD = Exercise(
    name="k_fold",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("n", "k", "rng"),
    outputs=(),
    cases=tuple(
        CaseSpec({"n": n, "k": k})
        for n, k in ((40, 5), (40, 5), (23, 4), (9, 4), (17, 3), (12, 12))
    ),
    draw=lambda sizes, scale, g: {"n": sizes["n"], "k": sizes["k"], "rng": _seeded(g)},
    oracle=_folding.scikit_learn_folds,
    misconceptions=(),
    properties=_folding.PROPERTIES,
    guard=GUARD,
    library="numpy",
    driver="collect",
    reference="scikit-learn",
)

EXERCISES = (TRAIN_TEST_SPLIT, STANDARDISE, CONFUSION_MATRIX, K_FOLD)
