"""What the exercises on going back through a convolution share: guard, cases, PyTorch's answers.

https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html,
https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html and
https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.guard import Guard
from autograder.checking.values import Inputs
from autograder.exercises._layers_torch import gradients

#: An int, or a pair (rows, columns).
IntOrPair = int | tuple[int, int]
Shape = tuple[int, int, int, int]

#: Every kernel of PyTorch's that convolves, folds, pads or goes back; `Tensor.unfold` is none, nor
#: is `constant_pad_nd`: torch.fft calls it, and a Fourier transform is a right road.
_CLOSED = re.compile(
    r"conv(?!ert)|pool|im2col|col2im|(^|_)pad(?!_nd)(_|$)|upsample|pixel_(un)?shuffle|backward"
)
_TRANSFORMS = "vjp jvp grad grad_and_value jacrev jacfwd hessian linearize"
_KERNELS = {schema.name.split("::")[-1] for schema in torch._C._jit_get_all_schemas()}
GUARD = Guard(
    names=(
        *(f"torch.conv{way}{n}d" for way in ("", "_transpose") for n in (1, 2, 3)),
        "torch.convolution",
        "torch._convolution",
        "torch.constant_pad_nd",
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.Function",
        "torch.ops.aten.constant_pad_nd",
        # Not torch.func as a whole: `torch.vmap` is `torch.func.vmap`, and no way to a gradient.
        *(f"torch.func.{name}" for name in _TRANSFORMS.split()),
    ),
    modules=(
        "torch.nn",
        "torch._C._nn",
        "torch.autograd.functional",
        "torch.autograd.forward_ad",
        "torch._decomp",
        "torch._refs",
        "torch.ao",
        "torchvision",
    ),
    operators=frozenset(name for name in _KERNELS if _CLOSED.search(name))
    | {"unfold_backward", "backward", "grad", "requires_grad_", "fold", "vjp"}
    | {"_make_dual", "_unpack_dual", "_fw_primal"},
    says="Here you go back through the convolution yourself: torch.nn, torch.nn.functional, "
    "PyTorch's convolutions and folds, and autograd may not be called. Indexing, `einsum`, `@` "
    "and `Tensor.unfold` may.",
)

# --- what is drawn --------------------------------------------------------------------------------


def spec(
    letters: str,
    sizes: tuple[int, ...],
    stride: IntOrPair,
    padding: IntOrPair,
    dtype: torch.dtype = torch.float64,
    **more: int,
) -> CaseSpec:
    """A case: sizes by the `letters` in order, then the stride (sh, sw) and the padding (ph, pw).

    Where both numbers of a pair are the same, a solution is given an int.
    """
    named = dict(zip(letters.split(), sizes, strict=True))
    for letter, value in (("s", stride), ("p", padding)):
        rows, columns = (value, value) if isinstance(value, int) else value
        named |= {f"{letter}h": rows, f"{letter}w": columns}
    return CaseSpec(named | more, dtype)


def int_or_pair(sizes: Sizes, letter: str) -> IntOrPair:
    """The kernel (k), stride (s) or padding (p) of a case, as a solution is given it."""
    rows, columns = sizes[f"{letter}h"], sizes[f"{letter}w"]
    return rows if rows == columns else (rows, columns)


def both(value: IntOrPair) -> tuple[int, int]:
    """(rows, columns) of an int or a pair."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def normal(g: torch.Generator, *shape: int) -> Tensor:
    """Standard normal float64 numbers of this shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def draw_backward(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws dy (N, O, Ho, Wo), x (N, C, H, W), w (O, C, kh, kw), stride, padding."""
    x = normal(g, *(sizes[letter] for letter in ("N", "C", "H", "W")))
    w = normal(g, *(sizes[letter] for letter in ("O", "C", "kh", "kw")))
    stride, padding = int_or_pair(sizes, "s"), int_or_pair(sizes, "p")
    shape = functional.conv2d(x.to("meta"), w.to("meta"), None, stride, padding).shape
    return {"dy": normal(g, *shape), "x": x, "w": w, "stride": stride, "padding": padding}


def draw_cols(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws cols (N, C kh kw, L), x_shape (N, C, H, W), kernel, stride, padding."""
    shape = tuple(sizes[letter] for letter in ("N", "C", "H", "W"))
    kernel, stride, padding = (int_or_pair(sizes, letter) for letter in "ksp")
    flat = functional.unfold(torch.empty(shape, device="meta"), kernel, 1, padding, stride)
    cols = normal(g, *flat.shape)
    return {"cols": cols, "x_shape": shape, "kernel": kernel, "stride": stride, "padding": padding}


def draw_transpose(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Draws x (N, C_in, H, W), w (C_in, C_out, kh, kw), b (C_out,) or None, stride, padding."""
    x = normal(g, *(sizes[letter] for letter in ("N", "C_in", "H", "W")))
    w = normal(g, *(sizes[letter] for letter in ("C_in", "C_out", "kh", "kw")))
    b = normal(g, sizes["C_out"]) if sizes["bias"] else None
    stride, padding = int_or_pair(sizes, "s"), int_or_pair(sizes, "p")
    return {"x": x, "w": w, "b": b, "stride": stride, "padding": padding}


# --- PyTorch's answers ----------------------------------------------------------------------------


def torch_backward(
    dy: Tensor, x: Tensor, w: Tensor, stride: IntOrPair, padding: IntOrPair
) -> tuple[Tensor, ...]:
    """Autograd's (dx, dw, db) through `torch.nn.functional.conv2d`."""
    return gradients(
        lambda x, w, b: functional.conv2d(x, w, b, stride, padding),
        dy,
        (x, w, w.new_zeros(w.shape[0])),
    )


def torch_fold(
    cols: Tensor, x_shape: Shape, kernel: IntOrPair, stride: IntOrPair, padding: IntOrPair
) -> Tensor:
    """`torch.nn.functional.fold`, (N, C, H, W)."""
    return functional.fold(cols, tuple(x_shape[2:]), kernel, 1, padding, stride)


def torch_transpose(
    x: Tensor, w: Tensor, b: Tensor | None, stride: IntOrPair, padding: IntOrPair
) -> Tensor:
    """`torch.nn.functional.conv_transpose2d`, (N, C_out, Ho, Wo)."""
    return functional.conv_transpose2d(x, w, b, stride, padding)


# --- ways to go wrong that the three share --------------------------------------------------------


def last_one_wins(
    kernel: tuple[int, int], place: Callable[[Tensor], tuple[Tensor, Tensor]], last_first: bool
) -> Tensor:
    """What `=` leaves where `+=` was meant.

    `place(mask)` gives what the kernel positions in `mask` (kh, kw) alone contribute, and how
    often they touch each element. Who loops over the positions leaves the last of them; who loops
    over the windows leaves the last window, which is the first position (`last_first`).
    """
    places = list(itertools.product(range(kernel[0]), range(kernel[1])))
    result: Tensor | None = None
    for i, j in reversed(places) if last_first else places:
        mask = torch.zeros(kernel)
        mask[i, j] = 1
        piece, touched = place(mask)
        result = piece if result is None else torch.where(touched > 0, piece, result)
    assert result is not None
    return result


def framed(padding: IntOrPair) -> tuple[int, int, int, int]:
    """`torch.nn.functional.pad`'s argument for this padding on all four sides."""
    rows, columns = both(padding)
    return (columns, columns, rows, rows)


def stripped(padding: IntOrPair) -> tuple[int, int, int, int]:
    """The argument that takes this padding off again."""
    left, right, top, bottom = framed(padding)
    return (-left, -right, -top, -bottom)


def cut_from_the_end(padded: Tensor, padding: IntOrPair) -> Tensor:
    """What is left where the padding p is taken off as `p:-p`: nothing where it is 0."""
    rows, columns = both(padding)
    return padded[:, :, slice(rows, -rows), slice(columns, -columns)]


def wrapped_round(padded: Tensor, padding: IntOrPair, size: tuple[int, int]) -> Tensor:
    """The middle of `padded`; what lies before it was added at its end, as x[-1] is."""
    for axis, border, length in zip((2, 3), both(padding), size, strict=True):
        if border > length:
            raise IndexError("a negative index beyond the beginning")
        before = padded.narrow(axis, 0, border)
        padded = padded.narrow(axis, border, length).clone()
        padded.narrow(axis, length - border, border).add_(before)
    return padded


#: Its name, and what is said of it.
WRAPPED_ROUND = (
    "negative_index_wraps",
    "What falls outside, above or to the left, came in again at the other end.",
    "A negative index counts from the end in Python: -1 is the last row. Places outside are "
    "dropped, those below 0 too. Easiest: work in the padded size, and cut at the end.",
)
#: Its name, and what is said of it.
CUT_TO_NOTHING = (
    "padding_zero_cuts_all",
    "Where the padding is 0, nothing is left.",
    "`-0` is 0, so the slice `p:-p` is empty there: count from the front.",
)


def only_ints(*values: IntOrPair) -> None:
    """Raises TypeError for a pair, as code does that computes with it."""
    if any(not isinstance(value, int) for value in values):
        raise TypeError("a pair where a number was expected")


def only_pairs(*values: IntOrPair) -> None:
    """Raises TypeError for an int, as code does that unpacks it."""
    if any(isinstance(value, int) for value in values):
        raise TypeError("a number where a pair was expected")
