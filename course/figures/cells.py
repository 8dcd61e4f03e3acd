"""Diagrams of one recurrent cell: the plain RNN cell, and the LSTM cell lit part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures import wiring
from course.figures.style import COLOURS, ink
from course.figures.wiring import DARK, Point

PARTS = ("forget", "input", "candidate", "cell", "output", "hidden")
"""The parts of the LSTM cell that can be lit."""

VALUES = ("f", "i", "c_bar", "o", "c_prev", "c", "h")
"""The numbers that can be written beside the LSTM cell's wires."""

_EQUATIONS = {
    "forget": r"f_t = \sigma(x_t\,U_f + h_{t-1}\,W_f)",
    "input": r"i_t = \sigma(x_t\,U_i + h_{t-1}\,W_i)",
    "candidate": r"\bar{c}_t = \tanh(x_t\,U_c + h_{t-1}\,W_c)",
    "cell": r"c_t = f_t \ast c_{t-1} + i_t \ast \bar{c}_t",
    "output": r"o_t = \sigma(x_t\,U_o + h_{t-1}\,W_o)",
    "hidden": r"h_t = o_t \ast \tanh(c_t)",
}
_BUS, _ROW, _MEET, _TOP = 27.0, 35.0, 45.0, 53.0  # heights: inputs, layers, i ∗ c̄, cell state
_OUT = 41.0  # height of o ∗ tanh(c)
_F, _I, _C, _O, _H = 23.0, 37.0, 51.0, 65.0, 77.0  # columns: the four layers, the output
_ADD, _COPY, _JOIN = (_I + _C) / 2, 88.5, 17.6
COLUMNS = (_F, _I, _C, _O, _H, _ADD, _COPY, _JOIN)
"""Across: four layers, the output, the plus, the copy of h_t, where the inputs are joined."""
HEIGHTS = (_BUS, _ROW, _MEET, _TOP, _OUT)
"""Upwards: the inputs, the layers, i ∗ c̄, the cell state, o ∗ tanh(c)."""


def rnn_cell() -> Figure:
    """Draw a plain RNN cell: x_t and h_{t-1} concatenated, one tanh layer, h_t copied out."""
    fig, ax = wiring.canvas(100, 56)
    wiring.body(ax, 22, 21, 52, 25)
    state, bus, mid = COLOURS["hidden"], 27.0, 48.0
    wiring.wire(ax, [(8, bus), (30.6, bus)], state, lw=2.6, arrow=False)
    wiring.wire(ax, [(29, 17.2), (29, bus), (30.7, bus)], COLOURS["x"], lw=2.6, arrow=False)
    wiring.wire(ax, [(30.6, bus), (mid, bus), (mid, 33)], COLOURS["x"], lw=2.6)
    wiring.layer(ax, (mid, 36.2), "tanh", size=(11, 6.4), fontsize=15)
    wiring.wire(ax, [(mid, 39.4), (mid, 42.4), (62, 42.4), (62, bus), (94, bus)], state, lw=2.6)
    wiring.wire(ax, [(83, bus), (83, 49.5)], state, lw=2.6)
    wiring.node(ax, (83, bus), state)
    wiring.label(ax, (11, bus + 2.8), "$h_{t-1}$", size=16)
    wiring.label(ax, (91.5, bus + 2.8), "$h_t$", size=16)
    wiring.label(ax, (83, 52.3), "$h_t$", size=16)
    wiring.label(ax, (29, 14.9), "$x_t$", size=16)
    wiring.label(ax, (mid + 1.4, 29.8), "$U, W$", size=12, ha="left")
    wiring.label(ax, (59, 14.8), r"$h_t = \tanh(x_t\,U + h_{t-1}\,W)$", size=16)
    legend(ax, 4.2, ("layer", "transfer", "concatenate", "copy"))
    return fig


def lstm_cell(lit: str | None = None, values: Mapping[str, float] | None = None) -> Figure:
    """Draw the LSTM cell of the slides, whole or with one part lit.

    lit: one of PARTS, drawn in its colour with its equation below and the rest in grey; None
    draws everything in its colour. values: numbers to write beside the wires, keyed as VALUES.
    Raises ValueError for another part or another key.
    """
    if lit is not None and lit not in PARTS:
        raise ValueError(f"lstm_cell: lit={lit!r} is none of None, {', '.join(map(repr, PARTS))}")
    numbers = dict(values or {})
    unknown = sorted(set(numbers) - set(VALUES))
    if unknown:
        raise ValueError(f"lstm_cell: values has {unknown}; keys are {', '.join(VALUES)}")
    fig, ax = wiring.canvas(100, 69)
    pen = _Pen(ax, lit, numbers)
    _wires(pen)
    _equation(pen)
    legend(ax, 4.2)
    return fig


def grey_cell() -> tuple[Figure, Axes]:
    """Draw the LSTM cell in grey, without arrow heads or equation, to draw on; also its axes."""
    fig, ax = wiring.canvas(100, 69)
    _wires(_Pen(ax, lit="", heads=False))
    legend(ax, 4.2)
    return fig, ax


def _wires(pen: "_Pen") -> None:
    """Draw the cell's body and all that is in it."""
    wiring.body(pen.ax, 12.5, 21.5, 71.5, 36)
    _inputs(pen)
    _gates(pen)
    _conveyor(pen)
    _output(pen)


@dataclass(frozen=True)
class _Pen:
    """Draws each piece in its own colour, in the lit part's colour, or in grey.

    Every piece names its role (its own colour) and the parts it belongs to.
    """

    ax: Axes
    lit: str | None
    numbers: Mapping[str, float] = field(default_factory=dict)
    heads: bool = True

    def colour(self, role: str, parts: tuple[str, ...]) -> str:
        if self.lit is None:
            return COLOURS[role]
        return COLOURS[self.lit if self.lit in parts else "muted"]

    def bold(self, parts: tuple[str, ...]) -> bool:
        return self.lit in parts

    def ink(self, parts: tuple[str, ...]) -> str:
        if self.lit is None:
            return DARK
        return ink(COLOURS[self.lit if self.lit in parts else "muted"])

    def wire(
        self,
        points: list[Point],
        role: str,
        parts: tuple[str, ...],
        lw: float = 2.4,
        arrow: bool = True,
    ) -> None:
        width, order = (lw + 1.4, 3.6) if self.bold(parts) else (lw, 3.0)
        colour, head = self.colour(role, parts), arrow and self.heads
        wiring.wire(self.ax, points, colour, lw=width, zorder=order, arrow=head)

    def layer(self, x: float, text: str, role: str) -> None:
        on = self.lit in (None, role)
        wiring.layer(
            self.ax,
            (x, _ROW),
            text,
            self.colour(role, (role,)),
            lw=3.2 if self.bold((role,)) else 2.2,
            face=wiring.LAYER if on else "#FFFFFF",
            ink=self.ink((role,)),
            weight="bold" if self.bold((role,)) else "normal",
        )

    def operation(
        self, at: Point, text: str, role: str, parts: tuple[str, ...], size: Point = (4, 4)
    ) -> None:
        wiring.operation(
            self.ax,
            at,
            text,
            self.colour(role, parts),
            size=size,
            fontsize=15 if len(text) == 1 else 12,
            lw=3.2 if self.bold(parts) else 2.2,
            ink=self.ink(parts),
            weight="bold" if self.bold(parts) else "normal",
        )

    def name(
        self, at: Point, text: str, parts: tuple[str, ...], size: float = 15, **how: str
    ) -> None:
        maths = bold(text) if self.bold(parts) else f"${text}$"
        wiring.label(self.ax, at, maths, size=size, color=self.ink(parts), **how)

    def number(
        self, key: str, at: Point, role: str, parts: tuple[str, ...], ha: str = "center"
    ) -> None:
        if key in self.numbers:
            text = format_number(self.numbers[key])
            wiring.pill(self.ax, at, text, self.colour(role, parts), ha=ha)


def bold(maths: str) -> str:
    """Turn a formula into bold mathtext: letters slanted, function names, signs, digits upright."""
    for upright in (r"\tanh", "(", ")", "1"):
        maths = maths.replace(upright, rf"\mathbf{{{upright.lstrip(chr(92))}}}")
    return rf"$\mathbfit{{{maths}}}$"


def format_number(value: float) -> str:
    """Write a number in two decimals where that is exact, else in three; short if it is large."""
    value = float(value)
    if abs(value) >= 100:
        text = f"{value:.1f}" if abs(value) < 1000 else f"{value:.1e}"
    elif abs(value - round(value, 2)) < 5e-7:
        text = f"{value:.2f}"
    else:
        text = f"{value:.3f}"
    return text.replace("-", "−")


def _inputs(pen: _Pen) -> None:
    """Draw x_t and h_{t-1}, concatenated on the bus that feeds the four layers."""
    gates = ("forget", "input", "candidate", "output")
    reach = dict(zip(gates, (_F, _I, _C, _O), strict=True))
    join = _JOIN
    pen.wire([(3, _BUS), (join, _BUS)], "hidden", gates, arrow=False)
    pen.wire([(16, 17.2), (16, _BUS), (join + 0.1, _BUS)], "x", gates, arrow=False)
    pen.wire([(join, _BUS), (_O, _BUS), (_O, _ROW - 3)], "x", ("output",))
    for role in gates[:3]:
        pen.wire([(reach[role], _BUS), (reach[role], _ROW - 3)], "x", (role,))
        wiring.node(pen.ax, (reach[role], _BUS), pen.colour("x", (role,)))
        if pen.lit == role:
            pen.wire([(join, _BUS), (reach[role], _BUS)], "x", (role,), arrow=False)
    pen.name((6.5, _BUS + 2.6), "h_{t-1}", gates)
    pen.name((16, 15.0), "x_t", gates)


def _gates(pen: _Pen) -> None:
    """Draw the four layers with their weights, and the wires that leave them."""
    columns = [("forget", "f", _F, "σ"), ("input", "i", _I, "σ")]
    columns += [("candidate", "c", _C, "tanh"), ("output", "o", _O, "σ")]
    for role, letter, x, activation in columns:
        pen.layer(x, activation, role)
        pen.name((x + 1.2, _BUS + 2.5), f"U_{letter},W_{letter}", (role,), size=12.5, ha="left")
    top = _ROW + 3
    pen.wire([(_F, top), (_F, _TOP - 2)], "forget", ("forget", "cell"))
    pen.wire([(_I, top), (_I, _MEET), (_ADD - 2, _MEET)], "input", ("input", "cell"))
    pen.wire([(_C, top), (_C, _MEET), (_ADD + 2, _MEET)], "candidate", ("candidate", "cell"))
    pen.wire([(_O, top), (_O, _OUT), (_H - 2, _OUT)], "output", ("output", "hidden"))
    pen.name((_F + 1.2, 47.6), "f_t", ("forget", "cell"), ha="left")
    pen.name((_I - 1.2, 43.6), "i_t", ("input", "cell"), ha="right")
    pen.name((_C + 1.2, 43.6), r"\bar{c}_t", ("candidate", "cell"), ha="left")
    pen.name((68, _OUT + 2.4), "o_t", ("output", "hidden"))
    pen.number("f", (_F + 1.7, 44.2), "forget", ("forget", "cell"), ha="left")
    pen.number("i", (_I - 1.7, 40.3), "input", ("input", "cell"), ha="right")
    pen.number("c_bar", (_C + 1.7, 40.3), "candidate", ("candidate", "cell"), ha="left")
    pen.number("o", (68, _OUT + 5.7), "output", ("output", "hidden"))


def _conveyor(pen: _Pen) -> None:
    """Draw the cell state: forget a part of it, add to it, hand it on."""
    pen.wire([(3, _TOP), (97, _TOP)], "cell", ("cell",), lw=4.5)
    thick = 5.9 if pen.bold(("cell",)) else 4.5
    wiring.bridge(pen.ax, (_COPY, _TOP), pen.colour("cell", ("cell",)), lw=thick)
    pen.wire([(_ADD, _MEET + 2), (_ADD, _TOP - 2)], "cell", ("cell",))
    pen.operation((_F, _TOP), "×", "cell", ("cell",))
    pen.operation((_ADD, _TOP), "+", "cell", ("cell",))
    pen.operation((_ADD, _MEET), "×", "cell", ("cell",))
    pen.name((6.5, _TOP + 3), "c_{t-1}", ("cell",))
    pen.name((94, _TOP + 3), "c_t", ("cell", "hidden"))
    pen.number("c_prev", (6.5, _TOP - 3.2), "cell", ("cell",))
    pen.number("c", (94, _TOP - 3.2), "cell", ("cell", "hidden"))


def _output(pen: _Pen) -> None:
    """Draw the hidden state: what the output gate lets out of tanh(c_t), to the right and up."""
    part = ("hidden",)
    pen.wire([(_H, _TOP), (_H, _OUT + 2)], "cell", part)
    wiring.node(pen.ax, (_H, _TOP), pen.colour("cell", part), radius=0.7)
    pen.operation((_H, 47.4), "tanh", "cell", part, size=(8, 4))
    pen.operation((_H, _OUT), "×", "hidden", part)
    pen.wire([(_H, _OUT - 2), (_H, _BUS), (97, _BUS)], "hidden", part)
    pen.wire([(_COPY, _BUS), (_COPY, 62.5)], "hidden", part)
    wiring.node(pen.ax, (_COPY, _BUS), pen.colour("hidden", part))
    pen.name((94, _BUS + 2.6), "h_t", part)
    pen.name((_COPY, 65), "h_t", part)
    pen.number("h", (94, _BUS - 3.2), "hidden", part)


def _equation(pen: _Pen) -> None:
    if pen.lit is None:
        both = rf"${_EQUATIONS['cell']}$      ${_EQUATIONS['hidden']}$"
        wiring.label(pen.ax, (52, 14.8), both, size=15)
    else:
        text = bold(_EQUATIONS[pen.lit])
        wiring.label(pen.ax, (52, 14.8), text, size=17, color=ink(COLOURS[pen.lit]))


_LEGEND = {
    "layer": ("neural network\nlayer", 22.5),
    "operation": ("pointwise\noperation", 19.0),
    "transfer": ("transfer", 18.0),
    "concatenate": ("concatenate", 21.0),
    "copy": ("copy", 12.5),
}


def legend(ax: Axes, y: float, symbols: tuple[str, ...] = tuple(_LEGEND)) -> None:
    """Draw the strip that explains the slides' five symbols, centred at height y."""
    left, right = ax.get_xlim()
    x = (left + right - sum(_LEGEND[symbol][1] for symbol in symbols)) / 2
    line = "#D5DAE0"
    ax.plot([left + 3, right - 3], [y + 3.8, y + 3.8], color=line, lw=1, ls="-", zorder=1)
    for symbol in symbols:
        text, width = _LEGEND[symbol]
        _symbol(ax, symbol, x, y)
        wiring.label(ax, (x + 6.2, y), text, size=11, ha="left", linespacing=1.15)
        x += width


def _symbol(ax: Axes, symbol: str, x: float, y: float) -> None:
    if symbol == "layer":
        wiring.layer(ax, (x + 2.6, y), "", size=(4.6, 3.4), lw=1.6)
    elif symbol == "operation":
        wiring.operation(ax, (x + 3.4, y), "", size=(3.4, 3.4), lw=1.6)
    elif symbol == "transfer":
        wiring.wire(ax, [(x, y), (x + 5.2, y)], DARK, lw=2)
    elif symbol == "concatenate":
        wiring.wire(ax, [(x, y + 1.6), (x + 2.2, y + 1.6), (x + 2.2, y), (x + 5.2, y)], DARK, lw=2)
        wiring.wire(ax, [(x, y - 1.6), (x + 2.2, y - 1.6), (x + 2.2, y)], DARK, lw=2, arrow=False)
    else:
        wiring.wire(ax, [(x, y), (x + 2.4, y), (x + 2.4, y + 1.6), (x + 5.2, y + 1.6)], DARK, lw=2)
        wiring.wire(ax, [(x, y), (x + 2.4, y), (x + 2.4, y - 1.6), (x + 5.2, y - 1.6)], DARK, lw=2)
