"""The two squashing functions of the LSTM, with their derivatives."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.figures.style import COLOURS, ink, new_figure, tint

_FLAT = 0.05  # a slope below this is marked as saturated
_GREY = COLOURS["muted"]


def gate_curves() -> Figure:
    """Plot σ and tanh with their derivatives over z in [-6, 6]; where they saturate is shaded."""
    fig = new_figure(8.2, 4.0)
    fig.set_layout_engine("constrained", wspace=0.06)
    z = torch.linspace(-6, 6, 601, dtype=torch.float64)
    left, right = fig.subplots(1, 2)
    _curve(left, z.numpy(), torch.sigmoid(z).numpy(), "σ", "black")
    left.set_title("σ gates: from 0 to 1", fontsize=13)
    left.set(ylim=(-0.06, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])
    _curve(right, z.numpy(), torch.tanh(z).numpy(), "tanh", COLOURS["candidate"])
    right.set_title("tanh writes: from −1 to 1", fontsize=13)
    right.set(ylim=(-1.12, 1.24), yticks=[-1, -0.5, 0, 0.5, 1])
    return fig


def _curve(
    ax: Axes, z: NDArray[np.float64], y: NDArray[np.float64], name: str, colour: str
) -> None:
    """One function, its slope dashed, the top of the slope and the flat ends marked."""
    slope = np.gradient(y, z)
    flat = float(np.abs(z[slope < _FLAT]).min())
    for low, high in ((-6.0, -flat), (flat, 6.0)):
        ax.axvspan(low, high, color=tint(_GREY, 0.22), lw=0)
        ax.text((low + high) / 2, 0.5, "saturated", fontsize=11, ha="center", va="center")
    ax.axhline(0, color=_GREY, lw=1, ls="-")
    ax.plot(z, y, color=colour, lw=2.6, ls="-", label=f"{name}(z)")
    ax.plot(z, slope, color=ink(_GREY), lw=2.2, ls="--", label=f"slope of {name}")
    peak = float(slope.max())
    ax.plot([0], [peak], "o", color=ink(_GREY), ms=6)
    ax.text(0.4, peak + 0.05, f"{peak:.2g}", fontsize=11, va="center")
    ax.set_xlabel(f"z   (shaded: slope below {_FLAT})", fontsize=12)
    ax.set_xlim(-6, 6)
    ax.tick_params(labelsize=11)
    ax.spines[["top", "right"]].set_visible(False)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2}
    ax.legend(fontsize=11, frameon=False, **place)
