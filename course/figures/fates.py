"""Where a formula gives way: what becomes of each input, along a line or over a plane."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from course.figures.style import COLOURS, new_figure

__all__ = ["FATES", "fate_bars", "fate_planes"]

Array = NDArray[np.float64]

#: Word of `course.experiments.floats.fate` to (colour role, hatch).
FATES: Mapping[str, tuple[str, str]] = {
    "right": ("input", ""),
    "wrong": ("cell", ".."),
    "zero": ("hidden", "//"),
    "inf": ("forget", "xx"),
    "nan": ("x", ""),
}


def fate_bars(z: Array, fates: Mapping[str, Sequence[str]]) -> Figure:
    """Draw one bar for each formula over the inputs z (N,), coloured by its fates, N words each.

    Raises KeyError for a word that is not in `FATES`, ValueError for a number of words other
    than N.
    """
    figure = new_figure(8.2, 1.25 + 0.5 * len(fates))
    figure.set_layout_engine("constrained")
    ax = figure.subplots()
    for row, words in enumerate(fates.values()):
        if len(words) != len(z):
            raise ValueError(f"fate_bars: {len(words)} fates for {len(z)} inputs")
        starts = [0, *(i for i in range(1, len(z)) if words[i] != words[i - 1]), len(z) - 1]
        for a, b in pairwise(starts):
            role, hatch = FATES[words[a]]
            ax.barh(row, z[b] - z[a], left=z[a], height=0.7, color=COLOURS[role], hatch=hatch,
                    edgecolor="white", linewidth=0)  # fmt: skip
    ax.set(yticks=range(len(fates)), yticklabels=list(fates), xlabel="z", xlim=(z[0], z[-1]))
    ax.tick_params(axis="y", labelsize=10)
    ax.invert_yaxis()
    _legend(figure, {word for words in fates.values() for word in words})
    return figure


def fate_planes(ticks: Array, fates: Mapping[str, Sequence[str]], names: tuple[str, str]) -> Figure:
    """Draw one square for each formula of two inputs, coloured by its fates, N * N words each.

    ticks (N,) are the values of either input; words run along the first input fastest. names are
    those of the inputs. Raises KeyError for a word that is not in `FATES`.
    """
    figure = new_figure(8.2, 3.75)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(1, len(fates), sharey=True, squeeze=False)[0]
    order = list(FATES)
    colours = ListedColormap([COLOURS[role] for role, _ in FATES.values()])
    for ax, (name, words) in zip(axes, fates.items(), strict=True):
        unknown = set(words) - set(order)
        if unknown:
            raise KeyError(*unknown)
        codes = np.array([order.index(word) for word in words]).reshape(len(ticks), len(ticks))
        ax.pcolormesh(ticks, ticks, codes, cmap=colours, vmin=-0.5, vmax=len(order) - 0.5)
        _hatch(ax, ticks, codes)
        ax.set_title(name, fontsize=11)
        ax.set(xlabel=names[0], aspect="equal")
    axes[0].set_ylabel(names[1])
    _legend(figure, {word for words in fates.values() for word in words})
    return figure


def _hatch(ax: Axes, ticks: Array, codes: NDArray[np.int_]) -> None:
    """Lay each fate's hatching over its places: colour alone must not tell them apart."""
    for code, (_, hatch) in enumerate(FATES.values()):
        here = (codes == code).astype(float)
        if hatch and here.any():
            drawn = ax.contourf(ticks, ticks, here, levels=[0.5, 1.5], colors="none",
                                hatches=[hatch])  # fmt: skip
            drawn.set_edgecolor("white")
            drawn.set_linewidth(0)


def _legend(figure: Figure, seen: set[str]) -> None:
    patches = [
        Patch(facecolor=COLOURS[role], hatch=hatch, edgecolor="white", linewidth=0, label=word)
        for word, (role, hatch) in FATES.items()
        if word in seen
    ]
    figure.legend(handles=patches, loc="outside upper center", ncols=len(patches), fontsize=11,
                  frameon=False)  # fmt: skip
