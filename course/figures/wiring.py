"""The parts that cell diagrams are drawn with: canvas, wires, layers, operations, labels.

Lengths are in canvas units: one unit is 9 pixels, so 100 units fill a notebook's 900 pixels.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from course.figures.style import DPI, new_figure, tint

UNIT = 9.0 / DPI
"""Inches per canvas unit."""

DARK = "#222222"
LAYER = "#FFF3B0"
OPERATION = "#FFFFFF"
BODY = "#F4F6F8"

Point = tuple[float, float]


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Make an empty white drawing of width by height units; y grows upwards."""
    fig = new_figure(width * UNIT, height * UNIT)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax


def label(ax: Axes, at: Point, text: str, *, size: float = 13, **style: Any) -> None:
    """Write text (mathtext between dollars), centred at a point unless style says otherwise."""
    options: dict[str, Any] = {"ha": "center", "va": "center", "family": "DejaVu Sans"}
    options |= {"math_fontfamily": "dejavusans", "color": DARK, "zorder": 8}
    ax.text(*at, text, fontsize=size, **(options | style))


def pill(ax: Axes, at: Point, text: str, colour: str, *, ha: str = "center") -> None:
    """Write a number on a small plate tinted with a colour."""
    plate = {"boxstyle": "round,pad=0.22", "fc": tint(colour, 0.18), "ec": colour, "lw": 1.2}
    options: dict[str, Any] = {"color": DARK, "family": "DejaVu Sans Mono", "zorder": 9}
    ax.text(*at, text, ha=ha, va="center", fontsize=11, bbox=plate, **options)


def rounded(points: Sequence[Point], radius: float) -> Path:
    """Join points by straight lines, with every corner rounded off."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [_towards(corner, before, radius), corner, _towards(corner, after, radius)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _towards(start: Point, end: Point, distance: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    share = min(distance, length / 2) / length
    return (start[0] + share * dx, start[1] + share * dy)


def wire(
    ax: Axes,
    points: Sequence[Point],
    colour: str,
    *,
    lw: float = 2.2,
    arrow: bool = True,
    radius: float = 1.6,
    head: float | None = None,
    zorder: float = 3,
) -> None:
    """Draw a wire through points, round at the corners, with an arrow of length head at its end."""
    points = list(points)
    if arrow:
        tip = points[-1]
        base = points[-1] = _towards(tip, points[-2], head or 0.85 + 0.3 * lw)
        nx, ny = (tip[1] - base[1]) * 0.48, (base[0] - tip[0]) * 0.48
        corners = [tip, (base[0] + nx, base[1] + ny), (base[0] - nx, base[1] - ny)]
        ax.add_patch(Polygon(corners, closed=True, fc=colour, ec="none", zorder=zorder + 0.1))
    path = rounded(points, radius)
    # snap=False: a line that turns and one that does not lie on the same pixels
    line = PathPatch(path, fill=False, ec=colour, lw=lw, capstyle="butt", snap=False, zorder=zorder)
    ax.add_patch(line)


def bridge(ax: Axes, at: Point, colour: str, *, lw: float, half: float = 1.3) -> None:
    """Carry a level wire over an upright one: the upright one shows a gap at the crossing."""
    for length, shade, width, level in (
        (half, "white", lw + 6, 3.8),
        (half + 0.3, colour, lw, 3.9),
    ):
        ends = [(at[0] - length, at[1]), (at[0] + length, at[1])]
        wire(ax, ends, shade, lw=width, arrow=False, zorder=level)


def body(ax: Axes, left: float, bottom: float, width: float, height: float) -> None:
    """Draw the rounded outline of a cell."""
    shape = FancyBboxPatch(
        (left + 1.5, bottom + 1.5),
        width - 3,
        height - 3,
        boxstyle="round,pad=1.5,rounding_size=2.5",
        fc=BODY,
        ec="#B8C0C8",
        lw=1.4,
        zorder=1,
    )
    ax.add_patch(shape)


def layer(
    ax: Axes,
    at: Point,
    text: str,
    colour: str = DARK,
    *,
    size: Point = (9, 6),
    fontsize: float = 14,
    lw: float = 1.8,
    face: str = LAYER,
    ink: str = DARK,
    weight: str = "normal",
) -> None:
    """Draw a neural-network layer: a box around the name of its activation."""
    corner = (at[0] - size[0] / 2, at[1] - size[1] / 2)
    ax.add_patch(Rectangle(corner, *size, fc=face, ec=colour, lw=lw, joinstyle="round", zorder=5))
    label(ax, at, text, size=fontsize, color=ink, weight=weight)


def operation(
    ax: Axes,
    at: Point,
    text: str,
    colour: str = DARK,
    *,
    size: Point = (4, 4),
    fontsize: float = 15,
    lw: float = 1.8,
    ink: str = DARK,
    weight: str = "normal",
) -> None:
    """Draw a pointwise operation: a circle (an ellipse for a long name) around its sign."""
    ax.add_patch(Ellipse(at, *size, fc=OPERATION, ec=colour, lw=lw, zorder=6))
    label(ax, at, text, size=fontsize, color=ink, weight=weight)


def node(ax: Axes, at: Point, colour: str, *, radius: float = 0.6) -> None:
    """Draw the dot where a wire is copied."""
    ax.add_patch(Ellipse(at, 2 * radius, 2 * radius, fc=colour, ec="none", zorder=4))
