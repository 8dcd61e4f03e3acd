"""A computation graph with numbers: values forward, gradients back."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from course.figures.style import COLOURS, ink, new_figure, tint

__all__ = ["computation_graph"]


def computation_graph(
    places: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str, str]],
    values: Mapping[str, float],
    gradients: Mapping[str, float] | None = None,
    size: tuple[float, float] = (8.2, 3.2),
) -> Figure:
    """Draw nodes with their values, and, where they are given, the gradients that come back.

    places maps a node's name to where it stands, in inches; edges are (from, to, slope) with the
    slope as text, drawn beside the edge, clear of its line, where there are gradients. Raises
    KeyError where an edge names no node, or a node has no value.
    """
    figure = new_figure(*size)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]))
    ax.axis("off")
    for start, end, slope in edges:
        (x0, y0), (x1, y1) = places[start], places[end]
        ax.add_patch(
            FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=14, linewidth=1.6,
                            color="#555555", shrinkA=24, shrinkB=24)
        )  # fmt: skip
        if gradients is not None:
            _slope(ax, places[start], places[end], slope)
    for name, (x, y) in places.items():
        ax.add_patch(Circle((x, y), 0.3, facecolor=tint(COLOURS["output"], 0.2),
                            edgecolor=COLOURS["output"], linewidth=2))  # fmt: skip
        ax.text(x, y, name, ha="center", va="center", fontsize=13, color=ink(COLOURS["output"]))
        ax.text(x, y + 0.4, f"{values[name]:.4g}", ha="center", fontsize=11)
        if gradients is not None:
            ax.text(x, y - 0.55, f"{gradients[name]:.4g}", ha="center", fontsize=11,
                    color=ink(COLOURS["forget"]), fontweight="bold")  # fmt: skip
    return figure


def _slope(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    """Write an edge's slope above its middle, on the side to which the edge does not rise."""
    (x0, y0), (x1, y1) = start, end
    steep = (y1 - y0) / (x1 - x0) if x1 != x0 else 0.0
    align = "center" if abs(steep) < 0.1 else "right" if steep > 0 else "left"
    ax.text((x0 + x1) / 2, (y0 + y1) / 2 + 0.09, text, ha=align, va="bottom", fontsize=12.5,
            color=ink(COLOURS["forget"]))  # fmt: skip
