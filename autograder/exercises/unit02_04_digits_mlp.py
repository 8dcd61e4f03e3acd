"""Unit 2, notebook 04_digits_mlp: a two-layer network by hand, trained, and then in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Output, Sizes, Tolerance
from autograder.checking.guard import Guard
from autograder.checking.properties import Property
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs
from autograder.exercises import _mlp_digits, _mlp_module, _mlp_wrong

ASSIGNMENT, NOTEBOOK = "02_deep_learning", "04_digits_mlp"
GUARD = Guard(
    modules=("torch", "sklearn", "scipy"),
    says="This one is written in NumPy: PyTorch and scikit-learn are what it is compared with.",
)

# --- the loss and its gradients -----------------------------------------------------------------


def _draw_mlp(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, D, H, C = (sizes[letter] for letter in "NDHC")

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=g)

    params = {"W1": normal(D, H), "b1": normal(H), "W2": normal(H, C), "b2": normal(C)}
    X, y = scale * normal(N, D), torch.randint(C, (N,), generator=g)
    if scale > 10:  # the unlikeliest class is the true one in every row but the last
        params["b2"] = params["b2"] + 1e3 * torch.arange(C)
        hidden = torch.relu(params["b1"] + X @ params["W1"])
        y[:-1] = (params["b2"] + hidden @ params["W2"]).argmin(1)[:-1]
    return {"params": params, "X": X, "y": y}


def _spec(N: int, D: int, H: int, C: int, scale: float = 1.0) -> CaseSpec:
    return CaseSpec({"N": N, "D": D, "H": H, "C": C}, scale=scale)


MLP_LOSS_AND_GRADS = Exercise(
    name="mlp_loss_and_grads",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=8,
    arguments=("params", "X", "y"),
    outputs=(
        Output("loss", (), (0,), weight=2.0),
        Output("dW1", ("D", "H"), (1, "W1"), weight=2.0, part="grads"),
        Output("db1", ("H",), (1, "b1"), weight=1.5, part="grads"),
        Output("dW2", ("H", "C"), (1, "W2"), weight=1.5, part="grads"),
        Output("db2", ("C",), (1, "b2"), weight=1.0, part="grads"),
    ),
    cases=(
        _spec(6, 4, 5, 3),
        _spec(3, 6, 2, 4),
        _spec(4, 4, 4, 4),
        _spec(1, 3, 5, 2),
        _spec(9, 2, 7, 5),
        _spec(5, 3, 6, 4, scale=500.0),
    ),
    draw=_draw_mlp,
    oracle=_mlp_wrong.torch_mlp,
    misconceptions=_mlp_wrong.MISCONCEPTIONS,
    guard=GUARD,
    #: Sums of a few dozen float64 terms: two right orders differ by some 1e-15 of them.
    tolerances={torch.float64: Tolerance(rtol=1e-10, atol=1e-10)},
    library="numpy",
)

# --- a trained network --------------------------------------------------------------------------


def _draw_training(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    X, y = _mlp_digits.training_part(sizes["N"], g)
    return {"X": X, "y": y, "rng": Seeded(int(torch.randint(2**31, (1,), generator=g)))}


TRAIN_MLP = Exercise(
    name="train_mlp",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("X", "y", "rng"),
    outputs=(),
    cases=(CaseSpec({"N": _mlp_digits.TRAINING, "D": 64}),) * _mlp_digits.TRIES,
    draw=_draw_training,
    oracle=_mlp_digits.scikit_learn_mlp,
    misconceptions=(),
    properties=(
        Property(
            "its form",
            "wrong_form",
            "What came back is no set of weights of this network.",
            "A dict with W1 (64, H), b1 (H,), W2 (H, 10) and b2 (10,), H as you like, all finite.",
            _mlp_digits.form_fails,
            needed=True,
        ),
        Property(
            "units that differ",
            "units_alike",
            "The hidden units are all alike, so the network has the use of one.",
            "Weights that start equal stay equal, zeros too: start from random ones.",
            _mlp_digits.alike,
        ),
        Property(
            "it learns",
            "not_trained",
            "The network reads fewer than half of the very digits that it was given.",
            "Plot the loss: does it fall? Too small or too large a step, a sign, too few epochs, "
            "rows without their labels?",
            _mlp_digits.guesses,
            needed=True,
        ),
        Property(
            "95 % of unseen digits",
            "below_the_bar",
            "It has learnt, but not enough yet: the bar is 95 % of digits it has not seen.",
            "Train for longer, try another step size, more hidden units, smaller batches. Other "
            "digits are used when it is marked: aim for 97 %.",
            _mlp_digits.misses_the_bar,
            weight=3.0,
        ),
    ),
    guard=GUARD,
    library="numpy",
    repeats=False,
    enough=_mlp_digits.enough,
    reference="scikit-learn",
)

# --- the same in PyTorch ------------------------------------------------------------------------

TORCH_MLP = Exercise(
    name="TorchMLP",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=5,
    arguments=("n_in", "n_hidden", "n_out"),
    outputs=_mlp_module.OUTPUTS,
    cases=(
        CaseSpec({"N": 3, "D": 4, "H": 6, "M": 2}),
        CaseSpec({"N": 5, "D": 7, "H": 3, "M": 4}),
        CaseSpec({"N": 1, "D": 2, "H": 5, "M": 3}),
        CaseSpec({"N": 6, "D": 5, "H": 8, "M": 3}, dtype=torch.float32),
    ),
    draw=_mlp_module.draw,
    oracle=_mlp_module.torch_module,
    misconceptions=_mlp_module.MISCONCEPTIONS,
    driver="module",
    drawn=("sizes", "x", "dy", "seed", "scale"),
)

EXERCISES = (MLP_LOSS_AND_GRADS, TRAIN_MLP, TORCH_MLP)
