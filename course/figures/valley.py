"""Paths of several optimisers down one valley, and how high each of them is at every step."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.figures.style import COLOURS, ink, new_figure

__all__ = ["descents"]

Array = NDArray[np.float64]
_LOOKS = (("x", "-"), ("output", "--"), ("input", ":"), ("forget", "-."))


def descents(
    height: Callable[[Array], Array],
    paths: Mapping[str, Array],
    heights: Mapping[str, Mapping[str, Array]],
    bottom: tuple[float, float] = (0.0, 0.0),
    window: tuple[float, float] = (-4.2, 1.2),
) -> Figure:
    """Draw four paths on contours of height, and curves of height against the step.

    height maps places (..., 2) to (...); paths maps four names to places (steps + 1, 2), drawn on
    a square, `window` on either axis; heights maps the title of each of two panels to curves
    (steps + 1,) by the same names. Raises ValueError where there are not four and two.
    """
    if len(paths) != 4 or len(heights) != 2:
        raise ValueError(f"descents: {len(paths)} paths, {len(heights)} panels; it draws 4 and 2")
    figure = new_figure(8.2, 6.0)
    figure.set_layout_engine("constrained", hspace=0.08)
    grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 1.25))
    ticks = np.linspace(*window, 121)
    ground = height(np.stack(np.meshgrid(ticks, ticks), -1))
    looks = dict(zip(paths, _LOOKS, strict=True))
    for place, (name, path) in enumerate(paths.items()):
        ax = figure.add_subplot(grid[divmod(place, 2)])
        _contours(ax, ticks, ground)
        role, _ = looks[name]
        ax.plot(*path.T, "o-", ms=2.6, lw=1.1, color=COLOURS[role])
        ax.plot(*path[0], "s", ms=7, color="white", mec="k", mew=1.5)
        ax.plot(*bottom, "*", ms=14, color=COLOURS["candidate"], mec="k")
        ax.set_title(name, color=ink(COLOURS[role]), fontsize=12)
        ax.set(xlim=window, ylim=window, aspect="equal")
        ax.set(
            xlabel="first weight" if place > 1 else "", ylabel="" if place % 2 else "second weight"
        )
        ax.set(xticks=(-4, -2, 0), yticks=(-4, -2, 0))
    for row, (title, curves) in enumerate(heights.items()):
        ax = figure.add_subplot(grid[row, 2])
        for name, curve in curves.items():
            role, dash = looks[name]
            ax.semilogy(np.maximum(curve, 1e-9), ls=dash, lw=1.8, color=COLOURS[role], label=name)
        ax.set_title(title, fontsize=12)
        ax.set(xlabel="step" if row else "", ylabel="loss", ylim=(1e-7, 200))
        if row:
            ax.legend(fontsize=10, loc="lower left", borderaxespad=0)
    return figure


def _contours(ax: Axes, ticks: Array, ground: Array) -> None:
    levels = (0.1, 1, 5, 15, 40, 100, 200, 400)
    ax.contourf(ticks, ticks, ground**0.25, levels=24, cmap="cividis", alpha=0.35)
    ax.contour(ticks, ticks, ground, levels=levels, colors="#666666", linewidths=0.7)
