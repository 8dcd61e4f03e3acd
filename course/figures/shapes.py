"""Pictures of matrix shapes: a gate's products drawn to scale, and PyTorch's stacked weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.figures import wiring
from course.figures.style import COLOURS, ink, tint
from course.figures.wiring import Point

_MOST = 12
_GATES = (("i", "input"), ("f", "forget"), ("c", "candidate"), ("o", "output"))
_GREY = COLOURS["muted"]
_GAP = 1.2  # between the matrices and signs of a row


@dataclass(frozen=True)
class _Matrix:
    """A matrix to draw: name (mathtext), rows, columns, shape in letters, colour, what is lit.

    lit: 'row' the first row, 'column' the first column, 'element' where they meet.
    """

    name: str
    rows: int
    columns: int
    letters: str
    colour: str
    lit: str

    def is_lit(self, row: int, column: int) -> bool:
        first = {"row": row, "column": column, "element": max(row, column)}
        return first[self.lit] == 0


def gate_shapes(N: int = 3, D: int = 4, H: int = 5) -> Figure:
    """Draw the forget gate's two matrix products and the element-wise product, to scale.

    N samples, D inputs, H hidden units, each 1 to 12. Raises ValueError outside that.
    """
    _check_sizes("gate_shapes", N=N, D=D, H=H)
    forget, state, cell = COLOURS["forget"], COLOURS["hidden"], COLOURS["cell"]
    inner_d, inner_h = r"N, $\mathbf{D}$", r"N, $\mathbf{H}$"
    product: list[_Matrix | str] = [
        _Matrix("x_t", N, D, inner_d, COLOURS["x"], "row"),
        "@",
        _Matrix("U_f", D, H, r"$\mathbf{D}$, H", forget, "column"),
        "+",
        _Matrix("h_{t-1}", N, H, inner_h, state, "row"),
        "@",
        _Matrix("W_f", H, H, r"$\mathbf{H}$, H", forget, "column"),
        "=",
        _Matrix(r"\mathrm{sum}", N, H, "N, H", _GREY, "element"),
    ]
    pointwise: list[_Matrix | str] = [
        _Matrix("f_t", N, H, "N, H", forget, "element"),
        "∗",
        _Matrix("c_{t-1}", N, H, "N, H", cell, "element"),
        "=",
        _Matrix(r"f_t \ast c_{t-1}", N, H, "N, H", _GREY, "element"),
    ]
    scale = min(2.7, 60 / (D + 4 * H), 30 / max(N, D, H))
    high, low = max(N, D, H) * scale, N * scale
    fig, ax = wiring.canvas(100, high + low + 35)
    top = high + low + 32.5
    _heading(ax, top, "Matrix product @", "a row meets a column; the inner sizes are equal")
    _row(ax, product, low + 24 + high / 2, scale, high)
    _heading(ax, low + 13.5, "Element-wise product ∗", "each number meets the one in its own place")
    _row(ax, pointwise, 6.5 + low / 2, scale, low)
    return fig


def torch_weights(D: int = 4, H: int = 3) -> Figure:
    """Draw how the slides' eight matrices lie in `weight_ih_l0` and `weight_hh_l0`.

    D inputs, H hidden units, each 1 to 12. Raises ValueError outside that.
    """
    _check_sizes("torch_weights", D=D, H=H)
    scale = min(2.4, 33 / (4 * H + max(D, H)), 24 / max(D, H))
    tall = max(4 * H * scale, 12.0, max(D, H) * scale + 8)
    fig, ax = wiring.canvas(100, tall + 21)
    middle = 12.5 + tall / 2
    _stack(ax, (1.5, middle), _slides("U", D, H), "weight_ih_l0", scale)
    _stack(ax, (52, middle), _slides("W", H, H), "weight_hh_l0", scale)
    ax.plot([50.4, 50.4], [8.5, tall + 19], color="#D5DAE0", lw=1, ls="-")
    text = (
        "Each matrix is transposed: its dark column becomes a dark row.\n"
        "The four are stacked in PyTorch's order i, f, g, o. PyTorch's g is the slides' c."
    )
    wiring.label(ax, (50, 3.6), text, size=12)
    return fig


def _check_sizes(function: str, **sizes: int) -> None:
    for name, size in sizes.items():
        if not 1 <= size <= _MOST:
            raise ValueError(f"{function}: {name}={size} is not between 1 and {_MOST}")


def _heading(ax: Axes, y: float, title: str, explanation: str) -> None:
    wiring.label(ax, (3, y), title, size=14, ha="left", weight="bold")
    wiring.label(ax, (97, y), explanation, size=12, ha="right")


def _row(
    ax: Axes, items: Sequence[_Matrix | str], middle: float, scale: float, tall: float
) -> None:
    """Draw matrices and signs from left to right, centred, with their shapes on one level."""
    widths = [4.2 if isinstance(item, str) else max(item.columns * scale, 7.5) for item in items]
    left = (100 - sum(widths) - _GAP * (len(widths) - 1)) / 2
    for item, width in zip(items, widths, strict=True):
        centre = left + width / 2
        if isinstance(item, str):
            wiring.label(ax, (centre, middle), item, size=18)
        else:
            size = (item.columns * scale, item.rows * scale)
            _draw(ax, item, (centre - size[0] / 2, middle - size[1] / 2), scale)
            wiring.label(ax, (centre, middle + size[1] / 2 + 2.2), f"${item.name}$", size=15)
            wiring.label(ax, (centre, middle - tall / 2 - 3.6), _shape(item), size=11)
        left += width + _GAP


def _shape(matrix: _Matrix) -> str:
    return f"({matrix.letters})\n({matrix.rows}, {matrix.columns})"


def _draw(ax: Axes, matrix: _Matrix, corner: Point, scale: float) -> None:
    """Draw one matrix as a grid of its elements, the lit ones darker."""
    for row in range(matrix.rows):
        for column in range(matrix.columns):
            at = (corner[0] + column * scale, corner[1] + (matrix.rows - 1 - row) * scale)
            face = tint(matrix.colour, 0.65 if matrix.is_lit(row, column) else 0.12)
            ax.add_patch(Rectangle(at, scale, scale, fc=face, ec=matrix.colour, lw=0.8, zorder=3))
    size = (matrix.columns * scale, matrix.rows * scale)
    ax.add_patch(Rectangle(corner, *size, fill=False, ec=matrix.colour, lw=2.2, zorder=4))


def _slides(letter: str, rows: int, columns: int) -> list[_Matrix]:
    letters = "D, H" if letter == "U" else "H, H"
    return [
        _Matrix(f"{letter}_{gate}", rows, columns, letters, COLOURS[role], "column")
        for gate, role in _GATES
    ]


def _stack(ax: Axes, at: Point, parts: list[_Matrix], name: str, scale: float) -> None:
    """Draw the slides' four matrices on the left; PyTorch's one, with name, on the right."""
    rows, columns, letters = parts[0].rows, parts[0].columns, parts[0].letters
    left, middle = at
    slot = max(columns * scale + 0.7, 4.8)
    right, height = left + 43.5, 4 * columns * scale
    for index, part in enumerate(parts):
        centre = left + (index + 0.5) * slot
        corner = (centre - columns * scale / 2, middle - rows * scale / 2)
        _draw(ax, part, corner, scale)
        wiring.label(ax, (centre, corner[1] + rows * scale + 2.2), f"${part.name}$", size=14)
        bottom = middle + height / 2 - (index + 1) * columns * scale
        block = _Matrix("", columns, rows, "", part.colour, "row")
        _draw(ax, block, (right - rows * scale, bottom), scale)
        place = (right + 1, bottom + columns * scale / 2)
        size = 13 if columns * scale > 2.4 else 11
        wiring.label(ax, place, f"${'ifgo'[index]}$", size=size, ha="left", color=ink(part.colour))
    low = (left + 2 * slot, middle - rows * scale / 2 - 2)
    wiring.label(ax, low, f"four of ({letters}) = ({rows}, {columns})", size=11)
    arrow = [(left + 4 * slot + 0.8, middle), (right - rows * scale - 0.8, middle)]
    wiring.wire(ax, arrow, wiring.DARK)
    centre = min(right - rows * scale / 2, right - 6.5)
    title = (centre, middle + height / 2 + 4.6)
    wiring.label(ax, title, name, size=13, family="DejaVu Sans Mono", weight="bold")
    shape = f"(4H, {letters[0]}) = ({4 * columns}, {rows})"
    wiring.label(ax, (centre, middle + height / 2 + 1.9), shape, size=11)
