"""Diagrams of convolution: a kernel over an image, its geometry, channels, what a unit sees."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from course.figures import wiring
from course.figures.style import COLOURS, contrast, ink, tint
from course.figures.wiring import Point

__all__ = ["channel_sums", "geometry", "kernel_over_image", "receptive_fields"]

Array = NDArray[np.float64]
_KERNEL, _IMAGE, _RESULT = COLOURS["forget"], COLOURS["hidden"], COLOURS["output"]
_MONO = "DejaVu Sans Mono"


def kernel_over_image(
    image: ArrayLike, kernel: ArrayLike, result: ArrayLike, at: tuple[int, int]
) -> Figure:
    """Draw a kernel lying on an image, the sum it makes there, and where the sum goes.

    image (H, W), kernel (k, l), result (H - k + 1, W - l + 1), whole numbers; `at` is a row and a
    column of the result. Raises ValueError if the shapes do not belong together, IndexError for a
    place outside the result.
    """
    pixels, weights, sums = (np.asarray(a, dtype=float) for a in (image, kernel, result))
    _check_places(pixels, weights, sums, at)
    (row, column), (tall, wide) = at, weights.shape
    side, cell = min(4.6, 37 / max(pixels.shape)), 5.0
    room = 4.0 * tall + 3.5  # below the grids, for the arithmetic
    fig, ax = wiring.canvas(100, pixels.shape[0] * side + room + 7)
    middle = room + pixels.shape[0] * side / 2

    left, top = 2.0, middle + pixels.shape[0] * side / 2
    _numbers(ax, pixels, (left, top), side, "gray_r", (0, 1.6 * max(pixels.max(), 1)))
    _outline(ax, (left + column * side, top - row * side), (wide * side, tall * side), _KERNEL)
    _title(ax, (left + pixels.shape[1] * side / 2, top + 3), "image", wiring.DARK)

    left += pixels.shape[1] * side + 5
    top = middle + tall * cell / 2
    _numbers(ax, weights, (left, top), cell, None, (0, 1))
    _outline(ax, (left, top), (wide * cell, tall * cell), _KERNEL)
    _title(ax, (left + wide * cell / 2, top + 3), "kernel", _KERNEL)

    left += wide * cell + 1
    wiring.wire(ax, [(left, middle), (left + 4.5, middle)], wiring.DARK)
    left, top = left + 6, middle + sums.shape[0] * side / 2
    bound = max(float(np.abs(sums).max()), 1.0)
    _numbers(ax, sums, (left, top), side, "PuOr", (-bound, bound))
    _outline(ax, (left + column * side, top - row * side), (side, side), _RESULT)
    _title(ax, (left + sums.shape[1] * side / 2, top + 3), "result", _RESULT)

    under = pixels[row : row + tall, column : column + wide]
    _arithmetic(ax, under, weights, float(sums[at]), room - 3.5)
    return fig


def _check_places(pixels: Array, weights: Array, sums: Array, at: tuple[int, int]) -> None:
    fits = tuple(n - k + 1 for n, k in zip(pixels.shape, weights.shape, strict=True))
    if sums.shape != fits:
        raise ValueError(
            f"kernel_over_image: image {pixels.shape} and kernel {weights.shape} give {fits} "
            f"sums, not {sums.shape}"
        )
    if not all(0 <= place < n for place, n in zip(at, sums.shape, strict=True)):
        raise IndexError(f"kernel_over_image: {at} is no place of a result {sums.shape}")


def _numbers(
    ax: Axes, values: Array, top_left: Point, side: float, colours: str | None, span: Point
) -> None:
    """Write a grid of numbers, each on its colour, from the top left corner down."""
    palette = colormaps[colours] if colours else None
    longest = max(len(_sign(value)) for value in values.flat)
    size = 11 if longest < 4 else 9
    for (row, column), value in np.ndenumerate(values):
        corner = (top_left[0] + column * side, top_left[1] - (row + 1) * side)
        share = (value - span[0]) / (span[1] - span[0])
        face = palette(float(share))[:3] if palette else tint(_KERNEL, 0.15)
        ax.add_patch(Rectangle(corner, side, side, fc=face, ec="#B8C0C8", lw=0.8, zorder=3))
        dark = contrast("black", face) >= contrast("white", face)
        place = (corner[0] + side / 2, corner[1] + side / 2)
        wiring.label(ax, place, _sign(value), size=size, color="black" if dark else "white")


def _arithmetic(ax: Axes, under: Array, weights: Array, total: float, top: float) -> None:
    """Write the products, a line for each row of the kernel, and their sum."""
    for row, (pixels, factors) in enumerate(zip(under, weights, strict=True)):
        terms = [f"{_sign(p):>2}·{_bracketed(w):<4}" for p, w in zip(pixels, factors, strict=True)]
        text = ("  " if row == 0 else "+ ") + " + ".join(terms)
        style = {"ha": "left", "family": _MONO}
        wiring.label(ax, (3, top - 4 * row), text, size=13, **style)
    place = (48, top - 2 * (len(weights) - 1))
    wiring.label(
        ax, place, f"= {_sign(total)}", size=20, ha="left", color=ink(_RESULT), weight="bold"
    )


def _sign(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({_sign(value)})" if value < 0 else _sign(value)


def _outline(ax: Axes, top_left: Point, size: Point, colour: str, ls: str = "-") -> None:
    corner = (top_left[0], top_left[1] - size[1])
    ax.add_patch(Rectangle(corner, *size, fill=False, ec=colour, lw=2.6, ls=ls, zorder=6))


def _title(ax: Axes, at: Point, text: str, colour: str, size: float = 13) -> None:
    wiring.label(ax, at, text, size=size, weight="bold", color=ink(colour))


class _Case(NamedTuple):
    """One panel of `geometry`: how the kernel's taps lie, and how many outputs there are."""

    title: str
    says: str
    pad: int
    stride: int
    dilation: int
    outputs: int


_CASES = (
    _Case("plain", "7 × 7 → 5 × 5", 0, 1, 1, 5),
    _Case("padding 1", "7 × 7 → 7 × 7", 1, 1, 1, 7),
    _Case("stride 2", "7 × 7 → 3 × 3", 0, 2, 1, 3),
    _Case("dilation 2", "7 × 7 → 3 × 3", 0, 1, 2, 3),
)


def geometry() -> Figure:
    """Draw a 3 by 3 kernel on a 7 by 7 image: plain, with padding, with a stride, dilated.

    After the pictures of Dumoulin and Visin (2016).
    """
    fig, ax = wiring.canvas(100, 55)
    for number, case in enumerate(_CASES):
        centre = 12.5 + 25 * number
        _title(ax, (centre, 52.5), case.title, wiring.DARK, size=14)
        wiring.label(ax, (centre, 49), case.says, size=12)
        _input_grid(ax, case, (centre, 36.2))
        wiring.wire(ax, [(centre, 25.2), (centre, 22.4)], wiring.DARK)
        _output_grid(ax, case, (centre, 13.4))
    second = ink(COLOURS["candidate"])
    wiring.label(
        ax, (49, 2), "solid: the first output and its inputs", ha="right", color=ink(_KERNEL)
    )
    wiring.label(ax, (52, 2), "dashed: the second, and where it looks", ha="left", color=second)
    return fig


_CELL = 2.3


def _input_grid(ax: Axes, case: _Case, centre: Point) -> None:
    count = 7 + 2 * case.pad
    left, top = centre[0] - count * _CELL / 2, centre[1] + count * _CELL / 2
    taps = {case.dilation * tap for tap in range(3)}
    for row in range(count):
        for column in range(count):
            inside = all(case.pad <= place < 7 + case.pad for place in (row, column))
            lit = row in taps and column in taps
            face = tint(_KERNEL, 0.5) if lit else tint(_IMAGE, 0.35) if inside else "#FFFFFF"
            _cell(ax, (left + column * _CELL, top - (row + 1) * _CELL), face, inside)
            if not inside:
                place = (left + (column + 0.5) * _CELL, top - (row + 0.5) * _CELL)
                wiring.label(ax, place, "0", size=10, color="#666666")
    size = ((2 * case.dilation + 1) * _CELL,) * 2
    _outline(ax, (left, top), size, _KERNEL)
    _outline(ax, (left + case.stride * _CELL, top), size, ink(COLOURS["candidate"]), "--")


def _output_grid(ax: Axes, case: _Case, centre: Point) -> None:
    left, top = centre[0] - case.outputs * _CELL / 2, centre[1] + case.outputs * _CELL / 2
    for row in range(case.outputs):
        for column in range(case.outputs):
            face = tint(_KERNEL, 0.5) if row == column == 0 else tint(_RESULT, 0.2)
            _cell(ax, (left + column * _CELL, top - (row + 1) * _CELL), face, True)
    _outline(ax, (left, top), (_CELL, _CELL), _KERNEL)
    _outline(ax, (left + _CELL, top), (_CELL, _CELL), ink(COLOURS["candidate"]), "--")


def _cell(ax: Axes, corner: Point, face: str, inside: bool, side: float = _CELL) -> None:
    edge, style = ("#8FA3B0", "-") if inside else ("#AAAAAA", ":")
    ax.add_patch(Rectangle(corner, side, side, fc=face, ec=edge, lw=0.8, ls=style, zorder=3))


def _sheet(
    ax: Axes, centre: Point, count: int, side: float, colour: str, zorder: float = 3
) -> None:
    """Draw a square grid of count by count cells around its centre."""
    size = count * side
    left, bottom = centre[0] - size / 2, centre[1] - size / 2
    square = Rectangle((left, bottom), size, size, fc=tint(colour, 0.25), ec=colour, lw=1.6)
    square.set_zorder(zorder)
    ax.add_patch(square)
    for line in range(1, count):
        for ends in (
            ([left + line * side] * 2, [bottom, bottom + size]),
            ([left, left + size], [bottom + line * side] * 2),
        ):
            ax.plot(*ends, color=colour, lw=0.6, ls="-", zorder=zorder + 0.1)


def channel_sums() -> Figure:
    """Draw how three input channels become one map, a sum of three, and O kernels give O maps."""
    fig, ax = wiring.canvas(100, 56)
    colours = (COLOURS["forget"], COLOURS["input"], COLOURS["output"])
    heights, meet = (42.5, 28.0, 13.5), (55.0, 28.0)
    for number, (colour, y) in enumerate(zip(colours, heights, strict=True), 1):
        _sheet(ax, (9, y), 5, 2.2, colour)
        wiring.label(ax, (19, y), "⋆", size=20)
        _sheet(ax, (26.5, y), 3, 2.2, colour)
        wiring.wire(ax, [(31.5, y), (35.5, y)], wiring.DARK)
        _sheet(ax, (40.5, y), 3, 2.2, colour)
        wiring.label(ax, (9, y - 7.2), f"channel {number}", size=11)
        if number == 2:
            wiring.wire(ax, [(45.5, y), (meet[0] - 2.2, y)], wiring.DARK)
        else:
            edge = meet[1] + (2.2 if y > meet[1] else -2.2)
            wiring.wire(ax, [(45.5, y), (meet[0], y), (meet[0], edge)], wiring.DARK)
    wiring.operation(ax, meet, "+")
    wiring.wire(ax, [(meet[0] + 2.2, meet[1]), (62.5, meet[1])], wiring.DARK)
    wiring.label(ax, (59.4, meet[1] + 2.4), "+ b", size=12)
    _sheet(ax, (68, meet[1]), 3, 2.6, COLOURS["x"])
    wiring.label(ax, (68, meet[1] - 6.4), "one map", size=11)
    for back in (3, 2, 1, 0):
        centre = (86 + 1.5 * back, meet[1] + 1.5 * back)
        _sheet(ax, centre, 3, 2.6, COLOURS["x"], 3 + 0.5 * (3 - back))
    wiring.label(ax, (77.2, meet[1]), "…", size=18)
    wiring.label(ax, (88, meet[1] - 6.4), "O kernels:\nO maps", size=11, va="top")
    for x, text in ((9, "x\n(C, H, W)"), (25.5, "one kernel\n(C, kh, kw)"), (42.5, "C maps\n"),
                    (86, "y\n(O, H′, W′)")):  # fmt: skip
        wiring.label(ax, (x, 52.3), text, size=12, weight="bold", linespacing=1.3)
    wiring.label(ax, (60, 3.2), "w (O, C, kh, kw)        b (O,)", size=13, family=_MONO)
    return fig


#: Layer, from the input up: cells, distance of their centres, centre of the first, cells lit.
_Rows = Sequence[tuple[int, int, int, tuple[int, int]]]
_NARROW: _Rows = ((15, 1, 0, (4, 11)), (13, 1, 1, (4, 9)), (11, 1, 2, (4, 7)), (9, 1, 3, (4, 5)))
_WIDE: _Rows = ((15, 1, 0, (0, 15)), (7, 2, 1, (0, 7)), (3, 4, 3, (0, 3)), (1, 8, 7, (0, 1)))


def receptive_fields() -> Figure:
    """Draw what one unit sees through three layers of 3-wide kernels: stride 1, and stride 2."""
    fig, ax = wiring.canvas(100, 50)
    for level, name in enumerate(("input", "layer 1", "layer 2", "layer 3")):
        wiring.label(ax, (1, 7.5 + 11 * level), name, size=12, ha="left")
    for left, title, rows in ((10, "stride 1", _NARROW), (56, "stride 2", _WIDE)):
        _title(ax, (left + 19.5, 46.5), f"three layers, {title}", wiring.DARK, size=14)
        _cone(ax, left, rows)
    wiring.label(ax, (50, 1.8), "lit: all that the one unit at the top depends on, and how many")
    return fig


def _cone(ax: Axes, left: float, rows: _Rows) -> None:
    side, step, bottom = 2.0, 2.6, 7.5
    for level, (count, gap, start, (low, high)) in enumerate(rows):
        y = bottom + 11 * level
        for cell in range(count):
            x = left + step * (start + gap * cell) + step / 2
            lit = low <= cell < high
            face = tint(_KERNEL if level else _IMAGE, 0.75) if lit else "#FFFFFF"
            _cell(ax, (x - side / 2, y - side / 2), face, True, side)
            if lit and level:
                below = rows[level - 1][1]
                for tap in (-1, 0, 1):
                    end = (x + tap * below * step, y - 11 + side / 2)
                    ax.plot([x, end[0]], [y - side / 2, end[1]], color=_KERNEL, lw=0.9, ls="-")
        place = (left + 15 * step + 1, y)
        wiring.label(ax, place, str(high - low), size=14, ha="left", weight="bold")
