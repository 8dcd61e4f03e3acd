"""Answers that let PyTorch do the work, by many roads; their numbers are right."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import torch
import torch.nn.functional as func
from torch import nn
from torch.nn.functional import conv2d as borrowed

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_01_convolution_layers import right
from tests.exercises.bank_unit03_01_convolution_windows import pair

bank = Bank()
FORBIDDEN = "forbidden_call"
ALIAS = torch.conv2d
PARTLY = functools.partial(torch.conv2d, groups=1)


def module(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    layer = nn.Conv2d(w.shape[1], len(w), w.shape[2:], s, p, d, bias=b is not None, dtype=x.dtype)
    layer.load_state_dict({"weight": w} if b is None else {"weight": w, "bias": b})
    return layer(x).detach()


def assistant(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    lists = [list(pair(one)) for one in (s, p, d)]
    return torch.ops.aten.convolution.default(x, w, b, *lists, False, [0, 0], 1)


def through_an_assistant(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    return assistant(x, w, b, s, p, d)


def imported(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    return importlib.import_module("torch.nn." + "functional").conv2d(x, w, b, s, p, d)


def imported_inside(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    from torch.nn import functional as quiet

    return quiet.conv2d(x, w, b, s, p, d)


def transposed_adjoint(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    if pair(s) != (1, 1):
        return right(x, w, b, s, p, d)
    full = torch.conv_transpose2d(x, w.transpose(0, 1).flip((2, 3)), dilation=d)
    (kh, kw), (pr, pc), (dr, dc) = w.shape[2:], pair(p), pair(d)
    rows, columns = dr * (kh - 1) - pr, dc * (kw - 1) - pc
    if rows < 0 or columns < 0:
        return right(x, w, b, s, p, d)
    y = full[:, :, rows : full.shape[2] - rows, columns : full.shape[3] - columns]
    return y if b is None else y + b[:, None, None]


def unfolded(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    y = w.flatten(1) @ func.unfold(x, tuple(w.shape[2:]), d, p, s)
    y = y.reshape(right(x, w, b, s, p, d).shape)
    return y if b is None else y + b[:, None, None]


bank.wrong_ones(
    "conv2d",
    ("module", FORBIDDEN, "The obvious way.", module),
    ("function", FORBIDDEN, "The function behind the module.",
     lambda x, w, b, s, p, d: func.conv2d(x, w, b, s, p, d)),
    ("torch_itself", FORBIDDEN, "The same under torch.",
     lambda x, w, b, s, p, d: torch.conv2d(x, w, b, s, p, d)),
    ("alias", FORBIDDEN, "An alias made in another cell.",
     lambda x, w, b, s, p, d: ALIAS(x, w, b, s, p, d)),
    ("borrowed", FORBIDDEN, "Imported under another name.",
     lambda x, w, b, s, p, d: borrowed(x, w, b, s, p, d)),
    ("partly", FORBIDDEN, "functools.partial.",
     lambda x, w, b, s, p, d: PARTLY(x, w, b, s, p, d)),
    ("by_getattr", FORBIDDEN, "A name put together.",
     lambda x, w, b, s, p, d: getattr(torch, "con" + "v2d")(x, w, b, s, p, d)),
    ("through_an_assistant", FORBIDDEN, "A helper, and torch.ops.", through_an_assistant),
    ("imported", FORBIDDEN, "importlib.", imported),
    ("imported_inside", FORBIDDEN, "An import inside.", imported_inside),
    ("evaluated", FORBIDDEN, "eval.",
     lambda x, w, b, s, p, d: eval(
         "torch.con" + "v2d(x, w, b, s, p, d)", {**globals(), **locals()})),
    ("transposed_adjoint", FORBIDDEN, "conv_transpose2d, turned round.", transposed_adjoint),
    ("unfolded", FORBIDDEN, "F.unfold does the windows.", unfolded),
    ("padded", FORBIDDEN, "F.pad does the border.",
     lambda x, w, b, s, p, d: right(
         func.pad(x, (pair(p)[1], pair(p)[1], pair(p)[0], pair(p)[0])), w, b, s, 0, d)),
)  # fmt: skip


def thrice(x: Any, k: Any, s: Any, p: Any) -> Any:
    return torch.ops.aten.im2col(x, *(list(pair(one)) for one in (k, 1, p, s)))


bank.wrong_ones(
    "im2col",
    ("function", FORBIDDEN, "F.unfold.", lambda x, k, s, p: func.unfold(x, k, 1, p, s)),
    ("module", FORBIDDEN, "nn.Unfold.", lambda x, k, s, p: nn.Unfold(k, 1, p, s)(x)),
    ("operator", FORBIDDEN, "torch.ops.aten.im2col.", thrice),
)  # fmt: skip
bank.wrong_ones(
    "pad2d",
    ("function", FORBIDDEN, "F.pad.",
     lambda x, p: func.pad(x, (pair(p)[1], pair(p)[1], pair(p)[0], pair(p)[0]))),
    ("constant_pad", FORBIDDEN, "The operator behind it.",
     lambda x, p: torch.constant_pad_nd(x, (pair(p)[1], pair(p)[1], pair(p)[0], pair(p)[0]))),
    ("module", FORBIDDEN, "nn.ZeroPad2d.",
     lambda x, p: nn.ZeroPad2d((pair(p)[1], pair(p)[1], pair(p)[0], pair(p)[0]))(x)),
)  # fmt: skip
bank.wrong_ones(
    "corr2d",
    ("function", FORBIDDEN, "F.conv2d on one image.",
     lambda x, k: func.conv2d(x[None, None], k[None, None])[0, 0]),
    ("sequence", FORBIDDEN, "conv1d, row by row.",
     lambda x, k: sum(torch.conv1d(x[i : i + len(x) - len(k) + 1, None], k[i][None, None])[:, 0]
                      for i in range(len(k)))),
)  # fmt: skip
bank.wrong_ones(
    "conv1d",
    ("function", FORBIDDEN, "F.conv1d.",
     lambda x, w, b, s, p: func.conv1d(x, w, b, s, p)),
    ("in_two", FORBIDDEN, "conv2d on one row.",
     lambda x, w, b, s, p: torch.conv2d(
         x[:, :, None], w[:, :, None], b, (1, s), (0, p))[:, :, 0]),
    ("module", FORBIDDEN, "nn.Conv1d's own forward.",
     lambda x, w, b, s, p: nn.Conv1d(1, 1, 1)._conv_forward(x, w, b)[:, :, :0].new_zeros(0)),
)  # fmt: skip


def conv2d(x: Any, w: Any, b: Any, s: Any, p: Any, d: Any) -> Any:
    return right(x, w, b, s, p, d)


def one_exercise_back(x: Any, w: Any, b: Any, s: Any, p: Any) -> Any:
    return conv2d(x, w, b, s, p, 1)


bank.wrong_ones(
    "conv2d_im2col",
    ("function", FORBIDDEN, "The whole by PyTorch.",
     lambda x, w, b, s, p: torch.conv2d(x, w, b, s, p)),
    ("own_layer", FORBIDDEN, "Calls exercise 5.", one_exercise_back),
    ("unfolded", FORBIDDEN, "Only the windows by PyTorch.",
     lambda x, w, b, s, p: unfolded(x, w, b, s, p, 1)),
)  # fmt: skip
bank.wrong_ones(
    "conv_as_matrix",
    ("of_unit_images", FORBIDDEN, "conv2d on pictures with a single 1.",
     lambda w, shape: torch.conv2d(
         torch.eye(shape[0] * shape[1], dtype=w.dtype).reshape(-1, 1, *shape), w[None, None]
     ).flatten(1).T),
)  # fmt: skip
bank.wrong_ones(
    "out_size",
    ("asked", FORBIDDEN, "Convolves and looks at the size.",
     lambda n, k, s, p, d: torch.conv1d(
         torch.ones(1, 1, n), torch.ones(1, 1, k), None, s, p, d).shape[2]),
)  # fmt: skip
