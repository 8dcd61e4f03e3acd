"""Known wrong answers to truncated backpropagation through time: other cuts, other sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.exercises._layers_torch import changed, reordered, wrong
from autograder.exercises._rnn_backward import DU, Gradients, Road, torch_back, torch_truncated
from autograder.exercises._rnn_wrong_bptt import ROADS

Connected = Callable[[int, int, int], bool]
Answer = Callable[..., Gradients]


def _cut(connected: Connected) -> Answer:
    """(dU, dW, db) where step t hands on to t - 1 if `connected(t, k, T)`."""

    def answer(*inputs: Any) -> Gradients:
        *given, k = inputs
        T = len(given[0])
        road = Road(feeds=lambda t: (t - 1,) if t > 0 and connected(t, k, T) else ())
        return road.walk(*given)[DU:]

    return answer


def _previous(start: Callable[[Tensor], Tensor]) -> Answer:
    """Each window's first step is taken to start from `start(h0)`."""

    def answer(*inputs: Any) -> Gradients:
        k = inputs[-1]

        def restarted(h0: Tensor, h: Tensor) -> Tensor:
            before = torch.cat([h0[None], h[:-1]])
            before[k::k] = start(h0)
            return before

        return Road(previous=restarted).truncated(*inputs)

    return answer


def _only(kept: Callable[[int, int], Sequence[int]]) -> Answer:
    """Only what arrives at the steps in `kept(T, k)` is walked back, within its window."""

    def answer(dh: Tensor, *rest: Any) -> Gradients:
        mask = torch.zeros(len(dh), 1, 1, dtype=dh.dtype)
        mask[list(kept(len(dh), rest[-1]))] = 1
        return torch_truncated(dh * mask, *rest)

    return answer


def _one_step_late(first: Callable[[Tensor, Tensor], Tensor]) -> Answer:
    """Each window after the first is taken to start from the state after its own first step."""

    def answer(*inputs: Any) -> Gradients:
        k = inputs[-1]

        def shifted(h0: Tensor, h: Tensor) -> Tensor:
            before = torch.cat([h0[None], h[:-1]])
            before[k::k] = h[k::k]
            before[0] = first(h0, h)
            return before

        return Road(previous=shifted).truncated(*inputs)

    return answer


def _last_steps(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
) -> Gradients:
    """One walk back from the last step, k steps long."""
    first = max(0, len(x) - k)
    start = h0 if first == 0 else h[first - 1]
    return torch_back(dh[first:], x[first:], start, h[first:], U, W)[DU:]


def _sliding(
    dh: Tensor, x: Tensor, h0: Tensor, h: Tensor, U: Tensor, W: Tensor, k: int
) -> Gradients:
    """Each step's dh walks back through the k last steps, wherever the windows lie."""
    parts = []
    for t in range(len(x)):
        first = max(0, t - k + 1)
        start = h0 if first == 0 else h[first - 1]
        mine = torch.zeros_like(dh[first : t + 1])
        mine[-1] = dh[t]
        parts.append(torch_back(mine, x[first : t + 1], start, h[first : t + 1], U, W)[DU:])
    return tuple(sum(shares[1:], shares[0]) for shares in zip(*parts, strict=True))


def _divided(by: Callable[[int, int, int], int]) -> Answer:
    def answer(dh: Tensor, *rest: Any) -> Gradients:
        T, N, _ = dh.shape
        return tuple(g / by(T, N, rest[-1]) for g in torch_truncated(dh, *rest))

    return answer


def _windows(T: int, k: int) -> int:
    return -(-T // k)


def _ends_of_windows(T: int, k: int) -> list[int]:
    return sorted({*range(k - 1, T, k), T - 1})


_START = "Windows are counted from t = 0: the first holds steps 0 ... k - 1."
_SUM = "The windows' gradients are added up, `+=`, as those of the steps are."

TRUNCATED = (
    *(wrong(name, says, f"{look} (Inside a window.)", dataclasses.replace(road).truncated)
      for name, says, look, road in ROADS),
    wrong("never_cut", "The gradient is never cut: this is the whole of BPTT.",
          "At the first step of each window nothing is carried further back.",
          _cut(lambda t, k, T: True)),
    wrong("cut_at_every_step", "The gradient is cut at every step.",
          "Within a window it is carried as before.", _cut(lambda t, k, T: False)),
    wrong("boundary_one_step_early", "Every cut lies one step too early.", _START,
          _cut(lambda t, k, T: (t + 1) % k != 0)),
    wrong("boundary_one_step_late", "Every cut lies one step too late: the first window "
          "has k + 1 steps.", _START,
          _cut(lambda t, k, T: (t - 1) % k != 0 or t == 1)),
    wrong("boundary_one_step_late",
          "What is carried is dropped before a window's first step has received it.",
          "Walk back through the window's first step too, and drop what it hands on.",
          _cut(lambda t, k, T: (t - 1) % k != 0)),
    wrong("windows_too_long", "The windows have k + 1 steps.", _START,
          _cut(lambda t, k, T: t % (k + 1) != 0)),
    wrong("windows_too_short", "The windows have k - 1 steps.", _START,
          _cut(lambda t, k, T: k > 1 and t % (k - 1) != 0)),
    wrong("counted_from_the_end", "The windows are counted from the end.",
          f"{_START} The last one may be short.", _cut(lambda t, k, T: (T - t) % k != 0)),
    wrong("only_first_cut", "Only the first boundary is cut.", "There is one every k steps.",
          _cut(lambda t, k, T: t != k)),
    wrong("k_windows", "The sequence is cut into k windows; k is how long one is.", _START,
          _cut(lambda t, k, T: t % max(1, -(-T // k)) != 0)),
    wrong("sliding_windows", "Each step's dh walks back k steps from where it stands.",
          "Here the windows do not overlap: the cuts are the same for every step.", _sliding),
    wrong("last_steps_only", "Only the last k steps are walked back.", _SUM, _last_steps),
    wrong("last_window_only", "Only the last window is walked back.", _SUM,
          _only(lambda T, k: range((T - 1) // k * k, T))),
    wrong("first_window_only", "Only the first window's share is left.",
          f"{_SUM} Or are the later slices empty? `x[first : first + k]`.",
          _only(lambda T, k: range(min(k, T)))),
    wrong("short_window_dropped", "The last, short window is left out.",
          "T need not be a multiple of k. A slice that runs over the end is simply shorter.",
          _only(lambda T, k: range(T // k * k))),
    wrong("upstream_only_at_window_ends", "Of dh only the last step of each window is used.",
          "dh[t] arrives at every step.",
          _only(lambda T, k: _ends_of_windows(T, k))),
    wrong("upstream_only_at_last", "Only the last step's dh is used.",
          "dh[t] arrives at every step.", _only(lambda T, k: range(T - 1, T))),
    wrong("windows_start_from_h0", "Each window is taken to start from h0.",
          "Only the gradient is cut: the states run on, and h[k - 1] is where step k starts.",
          _previous(lambda h0: h0)),
    wrong("windows_start_from_zeros", "Each window is taken to start from zeros.",
          "Only the gradient is cut: the states run on, and h[k - 1] is where step k starts.",
          _previous(torch.zeros_like)),
    *(wrong("windows_start_one_step_late",
            "A window is taken to start from the state after its own first step.",
            "Step k starts from what step k - 1 left behind: h[k - 1].", _one_step_late(first))
      for first in (lambda h0, h: h0, lambda h0, h: h[0])),
    wrong("mean_over_windows", "The sum is divided by the number of windows.", _SUM,
          _divided(lambda T, N, k: _windows(T, k))),
    wrong("mean_over_time", "The sum is divided by T.", _SUM, _divided(lambda T, N, k: T)),
    wrong("divided_by_k", "The sum is divided by k.", _SUM, _divided(lambda T, N, k: k)),
    wrong("averaged_over_batch", "The sum is divided by N.", _SUM,
          _divided(lambda T, N, k: N)),
    wrong("dw_transposed", "dW is transposed: it fits, and its rows are columns.",
          "dW[i, j] belongs to W[i, j], which leads from unit i to unit j.",
          changed(torch_truncated, 1, lambda g, *rest: g.mT)),
    wrong("weights_swapped", "dU and dW have changed places.", "The order is dU, dW, db.",
          reordered(torch_truncated, (1, 0, 2))),
)  # fmt: skip
