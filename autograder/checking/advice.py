"""What the error messages everyone meets mean here. The student's own line is shown beside them."""

from __future__ import annotations

import re

from autograder.checking.handle import Raised

#: (error type, pattern in its message, what it means and what to try)
COMMON: tuple[tuple[str, str, str], ...] = (
    (
        "RuntimeError",
        r"shapes cannot be multiplied|size mismatch|inconsistent tensor size|expected .* to be",
        "A matrix product needs the inner sizes to agree: (N, D) @ (D, H) or (N, H) @ (H, H). "
        "U_* goes with the input x_t, W_* with the previous state h_prev; neither is transposed.",
    ),
    (
        "RuntimeError",
        r"must match the size of tensor",
        "An element-wise operation met two different shapes. The slides' star between an input "
        "and a weight matrix is the matrix product, `@` in PyTorch; `*` is element by element.",
    ),
    (
        "RuntimeError",
        r"same dtype|expected scalar type|dtype",
        "A tensor you made has another dtype than the inputs. Make it from an input: "
        "`torch.zeros_like(h0)`, `x.new_zeros(...)`, or give `dtype=x.dtype`.",
    ),
    (
        "RuntimeError",
        r"same device|different devices",
        "A tensor you made lies on another device than the inputs. Give it `device=x.device`.",
    ),
    (
        "NameError",
        r"is not defined",
        "Python does not know this name. Has the cell that defines it been run? Is it spelt so?",
    ),
    (
        "KeyError",
        r".*",
        "There is no such key. The keys of `params` are U_f, U_i, U_c, U_o, W_f, W_i, W_c, W_o.",
    ),
    (
        "UnboundLocalError",
        r".*",
        "The name is used before the function gives it a value.",
    ),
    (
        "RecursionError",
        r".*",
        "The function calls itself without end. Did a helper take the exercise's own name?",
    ),
)


def advise(raised: Raised) -> str:
    """What a common error means in this course, or an empty string."""
    for kind, pattern, advice in COMMON:
        if raised.kind == kind and re.search(pattern, raised.message):
            return advice
    return ""
