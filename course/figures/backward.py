"""The way back through one LSTM cell, drawn on the cell's own figure, part by part."""

from collections.abc import Mapping
from types import MappingProxyType

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures import wiring
from course.figures.cells import COLUMNS, HEIGHTS, grey_cell
from course.figures.style import COLOURS, ink
from course.figures.wiring import Point

PARTS = ("hidden", "readers", "cell", "layers", "inputs")
"""The parts of the way, in the order in which the gradient passes them."""

_F, _I, _C, _O, _H, _ADD, _COPY, _JOIN = COLUMNS
_BUS, _ROW, _MEET, _TOP, _OUT = HEIGHTS

_ROADS: Mapping[str, tuple[tuple[Point, ...], ...]] = {
    "hidden": (
        ((97, _BUS), (_H, _BUS), (_H, _OUT - 2)),
        ((_COPY, 62.5), (_COPY, _TOP + 1.5)),  # it passes behind the cell state
        ((_COPY, _TOP - 1.5), (_COPY, _BUS + 0.6)),
        ((_H - 2, _OUT), (_O, _OUT), (_O, _ROW + 3)),
        ((_H, _OUT + 2), (_H, _TOP)),
    ),
    "readers": (((97, _TOP), (_H, _TOP)), ((_H, _TOP), (_ADD + 2, _TOP))),
    "cell": (
        ((_ADD - 2, _TOP), (_F + 2, _TOP)),
        ((_F - 2, _TOP), (3, _TOP)),
        ((_F, _TOP - 2), (_F, _ROW + 3)),
        ((_ADD, _TOP - 2), (_ADD, _MEET + 2)),
        ((_ADD - 2, _MEET), (_I, _MEET), (_I, _ROW + 3)),
        ((_ADD + 2, _MEET), (_C, _MEET), (_C, _ROW + 3)),
    ),
    "layers": tuple(((x, _ROW - 3), (x, _BUS)) for x in (_F, _I, _C, _O)),
    "inputs": (((_O, _BUS), (_JOIN, _BUS), (3, _BUS)), ((_JOIN, _BUS), (16, _BUS), (16, 17.2))),
}
"""Where the gradient runs: every road ends where its arrow points."""

_NAMES: Mapping[str, tuple[tuple[str, Point], ...]] = {
    "hidden": (
        ("dh_t", (94, _BUS - 3.2)),
        ("do_t", (72.8, _OUT - 3.0)),
    ),
    "readers": (("dc_t", (94, _TOP - 3.2)), ("+", (_H, _TOP + 3.4))),
    "cell": (
        ("dc_{t-1}", (6.5, _TOP - 3.4)),
        ("df_t", (_F - 4.2, 44.2)),
        ("di_t", (_I - 4.2, 40.3)),
        (r"d\bar{c}_t", (_C + 4.2, 40.3)),
    ),
    "layers": tuple(
        (f"dU_{g},dW_{g}", (x + 5.4, _BUS - 3.2))
        for g, x in zip("fico", (_F, _I, _C, _O), strict=True)
    ),
    "inputs": (("dh_{t-1}", (6.5, _BUS - 3.4)), ("dx_t", (20.6, 17.6))),
}
"""The gradients by name, each beside the wire on which it runs."""

_EQUATIONS: Mapping[str, str] = {
    "hidden": r"1: back through  $h_t = o_t \ast \tanh(c_t)$",
    "readers": r"2: $c_t$ has two readers, $h_t$ and the next step",
    "cell": r"3: back through  $c_t = f_t \ast c_{t-1} + i_t \ast \bar{c}_t$",
    "layers": r"4: back through  $\sigma$, $\sigma$, tanh, $\sigma$  and their products",
    "inputs": r"5: $x_t$ and $h_{t-1}$ have four readers each",
}

ALT: Mapping[str, str] = MappingProxyType(
    {
        "hidden": "The LSTM cell in grey. Arrows run from h_t at the lower right into the product "
        "that made it, from there left and down to the output gate's layer, and up through "
        "tanh to the cell state.",
        "readers": "The same cell. A second arrow comes in along the cell state from the right; at "
        "the place where tanh branches off, the two meet and go on to the left together.",
        "cell": "The same cell. From the plus on the cell state arrows run left through the "
        "forget gate's product to c_{t-1}, down to the forget gate's layer, and down "
        "through the other product to the input gate's and the candidate's layers.",
        "layers": "The same cell. An arrow leaves each of the four layers downwards; beside each "
        "stand the gradients of its U and its W.",
        "inputs": "The same cell. The four arrows join on the line below the layers, which runs "
        "left to h_{t-1} and down to x_t.",
    }
)
"""What each part's picture shows, for those who cannot see it."""

TAKEAWAYS: Mapping[str, str] = MappingProxyType(
    {
        "hidden": "1. What arrives at the hidden state goes on to the output gate, and through "
        "tanh to the cell state.",
        "readers": "2. At the cell state two gradients arrive: through the hidden state, and from "
        "the next step. They are added.",
        "cell": "3. From the cell state it goes to four places. Only the forget gate lies on the "
        "way to the step before.",
        "layers": "4. Each layer is walked back through its squashing and its two products; "
        "its weights get their gradients here.",
        "inputs": "5. Four gradients come back to the input and four to the previous hidden "
        "state. Each four are added.",
    }
)
"""The sentence to remember of each part."""


def lstm_cell_flow(part: str) -> Figure:
    """Draw the cell in grey, what the gradient has passed in blue, and one part lit.

    part: one of PARTS. Raises ValueError for another.
    """
    if part not in PARTS:
        raise ValueError(f"lstm_cell_flow: part={part!r} is none of {', '.join(map(repr, PARTS))}")
    fig, ax = grey_cell()
    number = PARTS.index(part)
    for passed in PARTS[:number]:
        _draw(ax, passed, lit=False)
    _draw(ax, part, lit=True)
    wiring.label(ax, (55, 14.6), _EQUATIONS[part], size=15, color=ink(COLOURS["forget"]))
    return fig


def _draw(ax: Axes, part: str, *, lit: bool) -> None:
    colour, width = (COLOURS["forget"], 4.2) if lit else (COLOURS["output"], 2.6)
    for road in _ROADS[part]:
        arrow = road[-1] != (_COPY, _TOP + 1.5)
        wiring.wire(ax, road, colour, lw=width, arrow=arrow, zorder=4.2 if lit else 4.0)
    for name, at in _NAMES[part] if lit else ():
        wiring.pill(ax, at, f"${name}$", colour)
