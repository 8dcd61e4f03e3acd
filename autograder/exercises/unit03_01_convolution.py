"""Unit 3, notebook 01_convolution: sizes, borders, sliding a kernel, columns, and the matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Exercise, Output, Sizes
from autograder.checking.values import Inputs
from autograder.exercises import _conv_columns, _conv_layers, _conv_windows
from autograder.exercises._cnn import GUARD, GUARD_PADDING, draw_normal, int_or_pair

ASSIGNMENT, NOTEBOOK = "03_cnn", "01_convolution"
FLOAT32 = torch.float32


def _exercise(name: str, points: float, arguments: str, axes: tuple[str, ...], **rest: Any
              ) -> Exercise:  # fmt: skip
    """An exercise of this notebook; the last name in `arguments` is what it returns."""
    *names, output = arguments.split()
    return Exercise(
        name=name,
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        points=points,
        arguments=tuple(names),
        outputs=(Output(output, axes, number=not axes),),
        **{"guard": GUARD, **rest},
    )


def _specs(letters: str, *rows: tuple[int, ...]) -> tuple[CaseSpec, ...]:
    """Cases by their sizes; every third is in single precision."""
    return tuple(
        CaseSpec(
            dict(zip(letters.split(), row, strict=True)),
            dtype=FLOAT32 if number % 3 == 2 else torch.float64,
        )
        for number, row in enumerate(rows)
    )


# --- sizes ----------------------------------------------------------------------------------------


def _draw_size(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A length n at which `over` pixels are left behind the last window, drawn windows long."""
    k, s, p, d = (sizes[name] for name in ("k", "stride", "padding", "dilation"))
    steps = int(torch.randint(8, 60, (1,), generator=g))
    n = steps * s + sizes["left_over"] + d * (k - 1) + 1 - 2 * p
    return {"n": n, "k": k, "stride": s, "padding": p, "dilation": d}


#: `left_over` is what the division leaves: 0, a half of the stride, less and more than that.
SIZE_CASES = _specs(
    "k stride padding dilation left_over",
    (5, 4, 2, 3, 0),
    (3, 1, 1, 1, 0),
    (3, 2, 0, 1, 1),
    (4, 3, 1, 2, 2),
    (1, 1, 0, 1, 0),
    (2, 5, 3, 4, 2),
    (6, 4, 1, 1, 3),
    (7, 6, 5, 2, 1),
)

# --- what the image exercises are given -----------------------------------------------------------


def _settings(sizes: Sizes, *kinds: str) -> Inputs:
    """Kernel, stride, padding and dilation, each as an int or a pair."""
    names = {"kernel": "kh kw", "stride": "sh sw", "padding": "ph pw", "dilation": "dh dw"}
    return {kind: int_or_pair(sizes, *names[kind].split()) for kind in kinds}


def _draw_image(sizes: Sizes, g: torch.Generator) -> Tensor:
    return draw_normal(g, *(sizes[letter] for letter in "NCHW"))


def _draw_bias(sizes: Sizes, g: torch.Generator) -> Tensor | None:
    return draw_normal(g, sizes["O"]) if sizes["bias"] else None


def _draw_pad2d(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    return {"x": _draw_image(sizes, g), **_settings(sizes, "padding")}


PAD_CASES = _specs(
    "N C H W ph pw",
    (2, 3, 5, 4, 1, 6),
    (1, 1, 3, 3, 2, 2),
    (2, 3, 6, 4, 2, 2),
    (3, 2, 4, 5, 0, 1),
    (2, 2, 5, 3, 3, 0),
    (1, 4, 3, 6, 1, 2),
)


def _draw_corr2d(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    x = draw_normal(g, sizes["H"], sizes["W"])
    return {"x": x, "k": draw_normal(g, sizes["kh"], sizes["kw"])}


PLANE_CASES = _specs(
    "H W kh kw",
    (6, 7, 3, 2),
    (5, 5, 3, 3),
    (8, 5, 2, 4),
    (4, 7, 1, 3),
    (4, 4, 4, 4),
    (7, 6, 4, 3),
    (3, 4, 1, 1),
)


def _draw_conv1d(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    N, C, L = (sizes[letter] for letter in "NCL")
    x, w = draw_normal(g, N, C, L), draw_normal(g, sizes["O"], C, sizes["k"])
    settings = {name: sizes[name] for name in ("stride", "padding")}
    return {"x": x, "w": w, "b": _draw_bias(sizes, g), **settings}


LINE_CASES = _specs(
    "N C O L k stride padding bias",
    (2, 3, 5, 8, 4, 1, 0, 1),
    (3, 2, 4, 9, 3, 2, 1, 1),
    (2, 4, 3, 8, 2, 3, 3, 1),
    (1, 1, 1, 5, 1, 1, 0, 0),
    (2, 3, 3, 7, 3, 2, 2, 0),
    (1, 2, 4, 6, 3, 1, 0, 1),
    (2, 2, 2, 7, 5, 1, 2, 1),
)


def _draw_conv2d(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    x = _draw_image(sizes, g)
    w = draw_normal(g, *(sizes[name] for name in ("O", "C", "kh", "kw")))
    settings = _settings(sizes, "stride", "padding", "dilation")
    return {"x": x, "w": w, "b": _draw_bias(sizes, g), **settings}


#: Every size another; pairs and ints; windows that leave a rest; filters as many as channels; an
#: output as wide as there are filters (a bias added along the width fits there); 1 by 1.
CONV_CASES = _specs(
    "N C O H W kh kw sh sw ph pw dh dw bias",
    (2, 3, 5, 7, 8, 4, 6, 1, 1, 1, 0, 1, 1, 1),
    (1, 2, 3, 8, 6, 3, 2, 2, 1, 1, 2, 1, 2, 1),
    (2, 2, 2, 6, 7, 3, 3, 2, 2, 1, 1, 1, 1, 0),
    (2, 2, 3, 7, 8, 2, 3, 2, 3, 2, 1, 3, 2, 1),
    (1, 3, 4, 3, 4, 1, 1, 1, 1, 0, 0, 1, 1, 1),
    (1, 2, 2, 7, 7, 3, 3, 1, 1, 2, 2, 2, 2, 1),
    (1, 1, 1, 5, 5, 2, 3, 1, 2, 0, 1, 1, 1, 1),
)


def _draw_im2col(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    return {"x": _draw_image(sizes, g), **_settings(sizes, "kernel", "stride", "padding")}


COLUMN_CASES = _specs(
    "N C H W kh kw sh sw ph pw",
    (2, 3, 5, 7, 4, 6, 1, 1, 1, 0),
    (1, 2, 7, 5, 3, 2, 2, 1, 1, 2),
    (2, 2, 6, 7, 3, 3, 2, 2, 1, 1),
    (2, 3, 5, 8, 2, 3, 2, 3, 2, 1),
    (3, 1, 5, 4, 2, 3, 1, 2, 0, 1),
    (1, 3, 4, 3, 1, 1, 1, 1, 0, 0),
    (2, 2, 6, 5, 2, 2, 2, 2, 1, 1),
)


def _draw_conv2d_im2col(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    x = _draw_image(sizes, g)
    w = draw_normal(g, *(sizes[name] for name in ("O", "C", "kh", "kw")))
    return {"x": x, "w": w, "b": _draw_bias(sizes, g), **_settings(sizes, "stride", "padding")}


UNDILATED_CASES = _specs(
    "N C O H W kh kw sh sw ph pw bias",
    (2, 3, 5, 7, 8, 4, 6, 1, 1, 1, 0, 1),
    (1, 2, 3, 8, 6, 3, 2, 2, 1, 1, 2, 1),
    (2, 2, 2, 6, 7, 3, 3, 2, 2, 1, 1, 0),
    (2, 2, 3, 7, 8, 2, 3, 2, 3, 2, 1, 1),
    (1, 3, 4, 3, 4, 1, 1, 1, 1, 0, 0, 1),
    (1, 1, 1, 5, 6, 3, 2, 1, 2, 0, 0, 1),
)


def _draw_conv_as_matrix(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    w = draw_normal(g, sizes["kh"], sizes["kw"])
    return {"w": w, "in_shape": (sizes["H"], sizes["W"])}


IMAGES = ("N", "O", "H_out", "W_out")
EXERCISES = (
    _exercise(
        "out_size", 2, "n k stride padding dilation size", (),
        cases=SIZE_CASES,
        draw=_draw_size,
        oracle=_conv_windows.out_size,
        misconceptions=_conv_windows.OUT_SIZE,
    ),
    _exercise(
        "pad2d", 2, "x padding padded", ("N", "C_in", "H_out", "W_out"),
        cases=PAD_CASES,
        draw=_draw_pad2d,
        oracle=_conv_windows.pad2d,
        misconceptions=_conv_windows.PAD2D,
        guard=GUARD_PADDING,
    ),
    _exercise(
        "corr2d", 3, "x k y", ("H_out", "W_out"),
        cases=PLANE_CASES,
        draw=_draw_corr2d,
        oracle=_conv_windows.corr2d,
        misconceptions=_conv_windows.CORR2D,
    ),
    _exercise(
        "conv1d", 3, "x w b stride padding y", ("N", "O", "L_out"),
        cases=LINE_CASES,
        draw=_draw_conv1d,
        oracle=_conv_layers.conv1d,
        misconceptions=_conv_layers.CONV1D,
    ),
    _exercise(
        "conv2d", 6, "x w b stride padding dilation y", IMAGES,
        cases=CONV_CASES,
        draw=_draw_conv2d,
        oracle=_conv_layers.conv2d,
        misconceptions=_conv_layers.CONV2D,
    ),
    _exercise(
        "im2col", 4, "x kernel stride padding columns", ("N", "C kh kw", "L"),
        cases=COLUMN_CASES,
        draw=_draw_im2col,
        oracle=_conv_columns.im2col,
        misconceptions=_conv_columns.IM2COL,
    ),
    _exercise(
        "conv2d_im2col", 3, "x w b stride padding y", IMAGES,
        cases=UNDILATED_CASES,
        draw=_draw_conv2d_im2col,
        oracle=_conv_layers.conv2d_undilated,
        misconceptions=_conv_layers.CONV2D_IM2COL,
        guard=replace(GUARD, own=("conv2d", "conv1d", "corr2d")),
    ),
    _exercise(
        "conv_as_matrix", 4, "w in_shape A", ("H_out W_out", "H W"),
        cases=PLANE_CASES,
        draw=_draw_conv_as_matrix,
        oracle=_conv_columns.conv_as_matrix,
        misconceptions=_conv_columns.CONV_AS_MATRIX,
    ),
)  # fmt: skip
