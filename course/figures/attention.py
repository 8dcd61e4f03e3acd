"""Attention drawn: one step of a decoder that looks back, and where it looked for a whole text."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from course.figures import wiring
from course.figures.style import COLOURS, ink, new_figure, tint

__all__ = ["attention_heatmap", "attention_step"]

Array = NDArray[np.float64]

_X, _STATE, _OUT, _WEIGHT = (COLOURS[role] for role in ("x", "hidden", "output", "forget"))
_MIX = COLOURS["candidate"]
_TOKENS, _ROW, _SCORES, _BAR, _SUM = 3.6, 12.6, 22.4, 29.2, 44.5
_MOST = 8


def attention_step(
    tokens: Sequence[str], scores: Sequence[float], weights: Sequence[float], said: str
) -> Figure:
    """Draw one step of a decoder with attention, from the encoder's states to what it says.

    tokens: what the encoder read, 2 to 8 of them; scores and weights: a number for each. said: the
    answer of this step. Raises ValueError for other numbers of them, or weights that do not sum
    to 1.
    """
    if not 2 <= len(tokens) <= _MOST or not len(tokens) == len(scores) == len(weights):
        raise ValueError(
            f"attention_step: {len(tokens)} tokens, {len(scores)} scores, {len(weights)} weights"
        )
    if abs(sum(weights) - 1) > 1e-3:
        raise ValueError(f"attention_step: the weights sum to {sum(weights):.3f}, not to 1")
    fig, ax = wiring.canvas(100, 56)
    pitch = 62 / len(tokens)
    places = [10.5 + pitch * (number + 0.5) for number in range(len(tokens))]
    right = 84.0
    for name, y in (("read", _TOKENS), ("states", _ROW), ("scores", _SCORES), ("weights", _BAR)):
        wiring.label(ax, (0.8, y + (3.6 if name == "weights" else 0)), name, size=12, ha="left")
    for number, x in enumerate(places):
        last = number == len(tokens) - 1
        _column(ax, x, pitch, tokens[number], number + 1)
        wiring.label(ax, (x, _SCORES), f"{scores[number]:.1f}".replace("-", "−"), size=12)
        _weight(ax, x, weights[number], pitch)
        if not last:
            path = [(x + _half(pitch), _ROW), (places[number + 1] - _half(pitch), _ROW)]
            wiring.wire(ax, path, _STATE, lw=1.8, head=1.1)
    middle = (places[0] + places[-1]) / 2
    wiring.wire(ax, [(right, _ROW + 3), (right, _SCORES), (places[-1] + 4, _SCORES)], _OUT, lw=1.8)
    wiring.label(ax, (right + 1.4, _SCORES), r"$s_t \cdot h_j$", size=13, ha="left")
    wiring.label(ax, (places[-1] + pitch / 2 + 2.6, _BAR + 3.6), "softmax", size=12, ha="left")
    wiring.operation(ax, (middle, _SUM), "Σ", _MIX, size=(4.6, 4.6))
    for x in places:
        wiring.wire(ax, [(x, _BAR + 8.6), (x, _SUM), (middle + np.sign(x - middle) * 2.4, _SUM)]
                    if abs(x - middle) > 2.5 else [(x, _BAR + 8.6), (x, _SUM - 2.3)],
                    _MIX, lw=1.6, arrow=abs(x - middle) < 1.01 * pitch)  # fmt: skip
    _decoder(ax, right, middle, said)
    return fig


def _half(pitch: float) -> float:
    return min(6.4, pitch - 3.0) / 2


def _column(ax: Axes, x: float, pitch: float, token: str, number: int) -> None:
    """Draw a token and the encoder's state after it."""
    wide = min(pitch - 1.0, 12.0)
    size = min(12.0, 10.5 * wide / max(len(token), 3) / 1.05)
    box = Rectangle((x - wide / 2, _TOKENS - 2), wide, 4, fc=tint(_X, 0.1), ec=_X, lw=1.3, zorder=5)
    ax.add_patch(box)
    wiring.label(ax, (x, _TOKENS), token, size=max(size, 7.0), family="DejaVu Sans Mono")
    wiring.wire(ax, [(x, _TOKENS + 2), (x, _ROW - 2.6)], _X, lw=1.6, head=1.1)
    wiring.layer(ax, (x, _ROW), f"$h_{number}$", _STATE, size=(2 * _half(pitch), 5.2), fontsize=13,
                 face=tint(_STATE, 0.3))  # fmt: skip
    wiring.wire(ax, [(x, _ROW + 2.6), (x, _SCORES - 1.6)], _STATE, lw=1.4, head=1.1)


def _weight(ax: Axes, x: float, weight: float, pitch: float) -> None:
    """Draw a weight as a bar, 7 units high if it were 1, with its number below."""
    wide = min(4.4, pitch - 2.4)
    for height, face in ((7.0, "white"), (7 * weight, _WEIGHT)):
        corner = (x - wide / 2, _BAR + 1)
        ax.add_patch(Rectangle(corner, wide, height, fc=face, ec=_WEIGHT, lw=0.9, zorder=4))
    wiring.label(ax, (x, _BAR - 1), f"{weight:.2f}", size=11, color=ink(_WEIGHT))
    wiring.wire(ax, [(x, _SCORES + 1.5), (x, _BAR - 2.6)], _WEIGHT, lw=1.2, head=0.9)


def _decoder(ax: Axes, right: float, middle: float, said: str) -> None:
    """Draw the decoder's state, and the read-out of both."""
    wiring.wire(ax, [(72.5, _ROW), (right - 4, _ROW)], _STATE, lw=1.8, head=1.1)
    wiring.layer(ax, (right, _ROW), "$s_t$", _OUT, size=(8, 6), fontsize=15, face=tint(_OUT, 0.25))
    wiring.label(ax, (right, _TOKENS + 0.4), "decoder", size=12)
    out = 94.5
    wiring.wire(ax, [(right + 4, _ROW), (out, _ROW), (out, _SUM - 2.6)], _OUT, lw=1.8)
    wiring.wire(ax, [(middle, _SUM + 2.3), (middle, 51), (74, 51), (74, _SUM), (out - 5.2, _SUM)],
                _MIX, lw=2.2)  # fmt: skip
    wiring.label(ax, (71.5, 53.4), "$m_t$, the mixture", size=13, color=ink(_MIX), ha="right")
    wiring.layer(ax, (out, _SUM), "read\nout", size=(9.4, 5.2), fontsize=10)
    wiring.wire(ax, [(out, _SUM + 2.6), (out, 50.2)], _OUT, lw=1.8, head=1.1)
    wiring.label(ax, (out, 52.8), f"“{said}”", size=14, color=ink(_OUT), weight="bold")


def attention_heatmap(read: Sequence[str], written: str, weights: Array) -> Figure:
    """Draw the weights (S, T) of S written characters on T tokens, a row for each character.

    The largest of each row is written into it. Raises ValueError if the weights have another shape.
    """
    if weights.shape != (len(written), len(read)):
        raise ValueError(
            f"attention_heatmap: weights {weights.shape}, not ({len(written)}, {len(read)})"
        )
    figure = new_figure(8.2, 0.36 * len(written) + 1.1)
    figure.set_layout_engine("constrained")
    ax = figure.subplots()
    shown = ax.imshow(weights, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(read)), list(read))
    ax.set_yticks(range(len(written)), list(written))
    ax.tick_params(length=0, labelsize=12)
    ax.xaxis.tick_top()
    ax.set(ylabel="written, downwards", title="read →")
    for row, largest in enumerate(weights.argmax(1)):
        share = weights[row, largest]
        ax.text(largest, row, f"{share:.2f}", ha="center", va="center", fontsize=11,
                color="black" if share > 0.6 else "white")  # fmt: skip
    figure.colorbar(shown, ax=ax, label="weight", shrink=0.9)
    return figure
