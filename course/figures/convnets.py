"""Diagrams of convolutional networks: LeNet-5 with its shapes, and the residual block."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.figures import wiring
from course.figures.style import COLOURS, ink, tint
from course.figures.wiring import Point

__all__ = ["lenet", "residual_block"]

#: Left edge of a stack of maps, how many are drawn, side of a map, its shape, its colour role.
_MAPS = (
    (2.0, 1, 15.0, "1 @\n32 × 32", "x"),
    (19.5, 4, 13.0, "6 @\n28 × 28", "input"),
    (38.0, 4, 7.5, "6 @\n14 × 14", "cell"),
    (50.5, 6, 5.5, "16 @\n10 × 10", "input"),
    (63.5, 6, 3.4, "16 @\n5 × 5", "cell"),
)
_VECTORS = ((76.5, 22.0, "120"), (84.5, 17.0, "84"), (92.5, 7.0, "10"))
_STEPS = (
    (18.0, "convolve\n5 × 5", "input"),
    (34.5, "pool", "cell"),
    (46.5, "convolve\n5 × 5", "input"),
    (60.5, "pool", "cell"),
    (72.3, "convolve\n5 × 5", "input"),
    (86.5, "dense", "output"),
)


def lenet() -> Figure:
    """Draw LeNet-5 (LeCun et al., 1998): the shapes of its layers, from 32 by 32 to ten scores."""
    fig, ax = wiring.canvas(100, 41)
    middle = 24.0
    for left, count, side, shape, role in _MAPS:
        _stack(ax, (left, middle), count, side, COLOURS[role])
        width = side + 0.9 * (count - 1)
        wiring.label(ax, (left + width / 2, 9.2), shape, size=11)
    for left, tall, text in _VECTORS:
        corner = (left, middle - tall / 2)
        ax.add_patch(Rectangle(corner, 2.2, tall, fc=tint(COLOURS["output"], 0.25),
                               ec=COLOURS["output"], lw=1.6))  # fmt: skip
        wiring.label(ax, (left + 1.1, 9.2), text, size=11)
    for x, text, role in _STEPS:
        wiring.label(ax, (x, 3.9), text, size=11, color=ink(COLOURS[role]), weight="bold")
    for start, end in ((73.3, 76), (79.3, 84), (87.3, 92)):
        wiring.wire(ax, [(start, middle), (end, middle)], "#555555", lw=1.6)
    wiring.label(ax, (28, 38.5), "small kernels, ever more maps, ever smaller", size=12)
    wiring.label(ax, (85, 38.5), "then an MLP", size=12)
    return fig


def _stack(ax: Axes, at: Point, count: int, side: float, colour: str) -> None:
    """Draw maps one behind the other, the first in front at the lower left."""
    for back in reversed(range(count)):
        shift = 0.9 * back
        corner = (at[0] + shift, at[1] - side / 2 + shift - 0.45 * (count - 1))
        face = tint(colour, 0.25)
        ax.add_patch(
            Rectangle(corner, side, side, fc=face, ec=colour, lw=1.3, zorder=4 - 0.1 * back)
        )


def residual_block() -> Figure:
    """Draw two layers as a plain block and as a residual block (He et al., 2015)."""
    fig, ax = wiring.canvas(100, 50)
    _block(ax, 20, skip=False)
    _block(ax, 64, skip=True)
    return fig


def _block(ax: Axes, x: float, *, skip: bool) -> None:
    blue, orange = COLOURS["output"], COLOURS["forget"]
    title = "residual: y = ReLU(x + F(x))" if skip else "plain: y = ReLU(F(x))"
    wiring.label(ax, (x + (4 if skip else 0), 47.3), title, size=14, weight="bold")
    wiring.label(ax, (x, 42.8), "$x$", size=16)
    for start, end in ((41, 36.8), (32.2, 30), (26.4, 24.2), (19.6, 13.8 if skip else 9.2)):
        wiring.wire(ax, [(x, start), (x, end)], wiring.DARK)
    for y, text, size in ((34.5, "convolution, batch norm", (29, 4.6)), (28.2, "ReLU", (9, 3.6)),
                          (21.9, "convolution, batch norm", (29, 4.6))):  # fmt: skip
        face = wiring.LAYER if size[0] > 9 else "#FFFFFF"
        wiring.layer(ax, (x, y), text, blue, size=size, fontsize=12, face=face)
    if skip:
        path = [(x, 39.4), (x + 18, 39.4), (x + 18, 11.8), (x + 2.2, 11.8)]
        wiring.wire(ax, path, orange, lw=3)
        wiring.node(ax, (x, 39.4), orange, radius=0.8)
        wiring.operation(ax, (x, 11.8), "+", orange)
        wiring.wire(ax, [(x, 9.8), (x, 8.6)], wiring.DARK, arrow=False)
        wiring.label(
            ax, (x + 19, 25.6), "the skip:\nx, unchanged", size=12, ha="left", color=ink(orange)
        )
        wiring.label(ax, (x - 10, 28.2), "$F(x)$", size=14, ha="right")
    wiring.layer(ax, (x, 7), "ReLU", blue, size=(9, 3.6), fontsize=12, face="#FFFFFF")
    wiring.wire(ax, [(x, 5.2), (x, 2.2)], wiring.DARK)
    wiring.label(ax, (x + 2.2, 2.6), "$y$", size=16, ha="left")
