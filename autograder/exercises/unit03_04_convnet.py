"""Unit 3, notebook 04_convnet: how far a network sees, how much it holds, and one that reads."""

from __future__ import annotations

import torch

from autograder.checking.exercise import CaseSpec, Exercise, Output, Tolerance
from autograder.checking.guard import Guard
from autograder.checking.properties import Property
from autograder.exercises import (
    _convnet_block,
    _convnet_counting,
    _convnet_lenet,
    _convnet_training,
)

ASSIGNMENT, NOTEBOOK = "03_cnn", "04_convnet"
ARITHMETIC = Guard(
    modules=("torch",),
    says="This one is arithmetic on whole numbers: PyTorch's layers are what it is compared with.",
)
OWN_DATA = Guard(
    modules=("sklearn",),
    says="It learns from `X` and `y` alone: no data is loaded in it, and no ready-made model used.",
)

RECEPTIVE_FIELD = Exercise(
    name="receptive_field",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=2,
    arguments=("layers",),
    outputs=(Output("field", ()),),
    cases=tuple(
        CaseSpec({"L": L, "K": K}) for L, K in ((3, 5), (2, 4), (1, 6), (5, 3), (4, 7), (6, 4))
    ),
    draw=_convnet_counting.draw_chain,
    oracle=_convnet_counting.field_of,
    misconceptions=_convnet_counting.FIELDS,
    guard=ARITHMETIC,
    library="numpy",
)

PARAMETER_COUNT = Exercise(
    name="parameter_count",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("layers",),
    outputs=(Output("count", ()),),
    cases=tuple(CaseSpec({"L": L, "K": K}) for L, K in ((2, 5), (3, 4), (1, 3), (4, 6))),
    draw=_convnet_counting.draw_layers,
    oracle=_convnet_counting.count_parameters,
    misconceptions=_convnet_counting.COUNTS,
    guard=ARITHMETIC,
    library="numpy",
)


def _block(N: int, C: int, H: int, W: int, dtype: torch.dtype = torch.float64) -> CaseSpec:
    return CaseSpec({"N": N, "C": C, "H": H, "W": W}, dtype=dtype)


RESIDUAL_BLOCK = Exercise(
    name="ResidualBlock",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("channels",),
    outputs=_convnet_block.BLOCK_OUTPUTS,
    cases=(
        _block(2, 3, 5, 4),
        _block(3, 2, 4, 6),
        _block(1, 4, 3, 5),
        _block(4, 1, 2, 3),
        _block(3, 4, 5, 6, torch.float32),
    ),
    draw=_convnet_block.draw_block,
    oracle=_convnet_block.residual_block,
    misconceptions=_convnet_block.BLOCKS,
    #: float32: a batch norm divides by a deviation that may be small, and its gradient again.
    tolerances={
        torch.float64: Tolerance(rtol=1e-7, atol=1e-9),
        torch.float32: Tolerance(rtol=1e-3, atol=1e-3),
    },
    driver="module",
    drawn=("sizes", "x", "dy", "seed", "scale", "x_new"),
)

LENET = Exercise(
    name="LeNet",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("n_classes",),
    outputs=_convnet_lenet.LENET_OUTPUTS,
    cases=(
        CaseSpec({"N": 3, "M": 5}),
        CaseSpec({"N": 2, "M": 7}),
        CaseSpec({"N": 1, "M": 10}),
        CaseSpec({"N": 4, "M": 3}, dtype=torch.float32),
    ),
    draw=_convnet_lenet.draw_pictures,
    oracle=_convnet_lenet.lenet,
    misconceptions=_convnet_lenet.LENETS,
    driver="module",
    drawn=("sizes", "x", "dy", "seed", "scale"),
)

TRAIN_CONVNET = Exercise(
    name="train_convnet",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=3,
    arguments=("X", "y", "seed"),
    outputs=(),
    cases=(
        CaseSpec(
            {"N": _convnet_training.TRAINING, "H": 8},
            dtype=torch.float32,
            title=f"a call with {_convnet_training.TRAINING} rows, then three with the first "
            f"{_convnet_training.FEW}",
        ),
    )
    * _convnet_training.TRIES,
    draw=_convnet_training.draw_training,
    oracle=_convnet_training.torch_lenet,
    misconceptions=(),
    properties=(
        Property(
            "its form",
            "wrong_form",
            "What came back is no state_dict of LeNet(10).",
            "`net.state_dict()`: eight tensors by name, all finite.",
            _convnet_training.form_fails,
            needed=True,
        ),
        Property(
            "its seed",
            "seed_ignored",
            "The same seed does not give the same weights.",
            "`torch.manual_seed(seed)` before anything random: the first weights come before "
            "the shuffles.",
            _convnet_training.seed_fails,
        ),
        Property(
            "it learns",
            "not_trained",
            "The network has hardly learnt the very digits it was given.",
            "Plot the loss: does it fall? Are the gradients set to zero before each `backward()`, "
            "and is `step()` called, on this network's parameters? Are pictures and labels taken "
            "by the same rows? Is the rate too large, or are there too few steps?",
            _convnet_training.guesses,
            needed=True,
        ),
        Property(
            "97 % of unseen digits",
            "below_the_bar",
            "It has learnt, but not enough yet: the bar is 97 % of digits it has not seen.",
            "Train for longer, let the step size fall towards the end, smaller batches.",
            _convnet_training.misses_the_bar,
            weight=3.0,
            tells=_convnet_training.tells_how_many,
        ),
    ),
    driver="train",
    guard=OWN_DATA,
    drawn=("X", "y", "seed", "few"),
    repeats=False,
    enough=_convnet_training.enough,
)

EXERCISES = (RECEPTIVE_FIELD, PARAMETER_COUNT, RESIDUAL_BLOCK, LENET, TRAIN_CONVNET)
