"""Right answers to the four gates, as differently written as students write them."""

from __future__ import annotations

import logging
import math
import sys
import warnings

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
right = bank.right


@right("forget_gate", "input_gate", "output_gate")
def plain(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return torch.sigmoid(x_t @ U + h_prev @ W)


@right("forget_gate", "input_gate", "output_gate")
def einsum_gate(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    z = torch.einsum("nd,dh->nh", x_t, U) + torch.einsum("nk,kh->nh", h_prev, W)
    return z.sigmoid()


@right("forget_gate", "input_gate", "output_gate")
def concatenated(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return torch.sigmoid(torch.cat([h_prev, x_t], dim=1) @ torch.cat([W, U], dim=0))


@right("forget_gate", "input_gate", "output_gate")
def row_by_row(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    rows = [torch.sigmoid(x @ U + h @ W) for x, h in zip(x_t, h_prev, strict=True)]
    return torch.stack(rows)


@right("forget_gate")
def element_by_element(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    f_t = torch.empty_like(h_prev)
    for n in range(h_prev.shape[0]):
        for k in range(h_prev.shape[1]):
            f_t[n, k] = torch.sigmoid((x_t[n] * U[:, k]).sum() + (h_prev[n] * W[:, k]).sum())
    return f_t


@right("forget_gate", "input_gate", "output_gate")
def two_linears(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return F.sigmoid(F.linear(x_t, U.T) + F.linear(h_prev, W.T))


@right("forget_gate", "output_gate")
def addmm_in_place(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return torch.addmm(x_t.mm(U), h_prev, W).sigmoid_()


@right("forget_gate", "input_gate")
def by_hand_without_overflow(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    z = x_t @ U + h_prev @ W
    e = torch.exp(-z.abs())
    return torch.where(z >= 0, 1 / (1 + e), e / (1 + e))


@right("forget_gate", "input_gate")
def one_over_one_plus(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    z = x_t @ U + h_prev @ W
    return 1 / (1 + torch.exp(-z))


@right("forget_gate")
def half_a_tanh(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return (torch.tanh((x_t @ U + h_prev @ W) / 2) + 1) / 2


@right("forget_gate")
def columns_turned_back(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """The result is a non-contiguous view."""
    return torch.sigmoid(U.T @ x_t.T + W.T @ h_prev.T).T


def _noisy_sigmoid(z: Tensor) -> Tensor:
    print("z is", tuple(z.shape), z.dtype)
    print("a line for the log", file=sys.stderr)
    logging.getLogger("student").warning("about to squash")
    return torch.sigmoid(z)


@right("forget_gate", "input_gate")
def prints_and_logs(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    return _noisy_sigmoid(x_t @ U + h_prev @ W)


@right("forget_gate")
def warns(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    warnings.warn("this gate has no bias", UserWarning, stacklevel=2)
    return torch.sigmoid(x_t @ U + h_prev @ W)


@right("forget_gate", "output_gate")
def wants_gradients(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    U = nn.Parameter(U.clone())
    W = nn.Parameter(W.clone())
    return torch.sigmoid(x_t @ U + h_prev @ W)


@right("forget_gate")
def layers_given_the_weights(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    D, H = U.shape
    on_input = nn.Linear(D, H, bias=False, dtype=U.dtype, device=U.device)
    on_state = nn.Linear(H, H, bias=False, dtype=U.dtype, device=U.device)
    with torch.no_grad():
        on_input.weight.copy_(U.T)
        on_state.weight.copy_(W.T)
    return nn.Sigmoid()(on_input(x_t) + on_state(h_prev))


@right("forget_gate")
@torch.no_grad()
def decorated(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    z = torch.zeros_like(h_prev)
    z += x_t @ U
    z += h_prev @ W
    return torch.special.expit(z)


@right("forget_gate")
def mentions_lstm(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """The same as the second quarter of nn.LSTMCell; torch.lstm_cell does it fused."""
    # nn.LSTM(D, H) keeps this gate in rows H:2H
    note = "not nn.LSTM"
    return torch.sigmoid(x_t @ U + h_prev @ W) if note else h_prev


@right("forget_gate")
def keyword_arguments(x_t: Tensor, h_prev: Tensor, U_f: Tensor, W_f: Tensor) -> Tensor:
    on_input = torch.matmul(input=x_t, other=U_f)
    return torch.sigmoid(input=torch.add(input=on_input, other=torch.mm(h_prev, mat2=W_f)))


@right("input_gate")
def calls_another_gate(x_t: Tensor, h_prev: Tensor, U_i: Tensor, W_i: Tensor) -> Tensor:
    return plain(x_t, h_prev, U_i, W_i)


@right("output_gate")
def written_into_a_buffer(x_t: Tensor, h_prev: Tensor, U_o: Tensor, W_o: Tensor) -> Tensor:
    o_t = h_prev.new_empty(x_t.size(0), U_o.size(-1))
    torch.sigmoid(torch.baddbmm((x_t @ U_o)[None], h_prev[None], W_o[None]).squeeze(0), out=o_t)
    return o_t


@right("candidate")
def plain_candidate(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    return torch.tanh(x_t @ U_c + h_prev @ W_c)


@right("candidate")
def einsum_candidate(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    both, weights = torch.cat((x_t, h_prev), -1), torch.vstack((U_c, W_c))
    return torch.einsum("ij,jk", both, weights).tanh()


@right("candidate")
def stretched_sigmoid(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    return 2 * torch.sigmoid(2 * (x_t @ U_c + h_prev @ W_c)) - 1


@right("candidate")
def tanh_by_hand_without_overflow(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    z = x_t @ U_c + h_prev @ W_c
    e = torch.exp(-2 * torch.abs(z))
    return torch.sign(z) * (1 - e) / (1 + e)


@right("candidate")
def candidate_row_by_row(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    c_bar = torch.zeros_like(h_prev)
    for n, (x, h) in enumerate(zip(x_t, h_prev, strict=True)):
        c_bar[n] = torch.tanh(U_c.T @ x + W_c.T.mv(h))
    return c_bar


@right("candidate")
def sine_over_cosine(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    z = (x_t @ U_c).add_(h_prev @ W_c)
    return torch.where(z.abs() < math.log(1e8), z.sinh() / z.cosh(), z.sgn())


@right("candidate")
def mapped_over_the_batch(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    one_row = lambda x, h: (x @ U_c + h @ W_c).tanh()  # noqa: E731
    return torch.vmap(one_row)(x_t, h_prev)


@right("candidate")
def column_major_result(x_t: Tensor, h_prev: Tensor, U_c: Tensor, W_c: Tensor) -> Tensor:
    columns = torch.tanh(F.linear(U_c.T, x_t) + F.linear(W_c.T, h_prev))  # (H, N)
    return columns.transpose(0, 1)
