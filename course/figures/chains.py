"""Diagrams of a recurrent cell repeated in time: the RNN unrolled, RNN and LSTM chains."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures import wiring
from course.figures.style import COLOURS

_MOST = 8
_X, _STATE, _CELL = COLOURS["x"], COLOURS["hidden"], COLOURS["cell"]
_PITCH, _WIDTH, _MARGIN = 31.6, 27.6, 3.8  # of a chain's cells, in canvas units
_COPY = _WIDTH + 1.7  # where h is copied upwards, from a cell's left edge


def rnn_unrolled(steps: int = 4) -> Figure:
    """Draw an RNN with its loop, and the same cell unrolled over time.

    steps: cells drawn, 1 to 8. Raises ValueError outside that.
    """
    _check_steps("rnn_unrolled", steps)
    pitch, first, row = 16.5, 34.0, 19.5
    fig, ax = wiring.canvas(max(100, first + pitch * steps), 37)
    _loop(ax, 10.5, row)
    wiring.label(ax, (23, row), "=", size=24)
    wiring.wire(ax, [(first - 6, row), (first, row)], _STATE)
    wiring.label(ax, (first - 4, row + 2.6), "$h_0$", size=15)
    for step in range(steps):
        left = first + pitch * step
        reach = pitch if step < steps - 1 else pitch - 11 + 9
        _plain(ax, left, row, str(step + 1))
        wiring.wire(ax, [(left + 10, row), (left + reach, row)], _STATE)
    text = "one set of weights $U, W$, used again at every step"
    wiring.label(ax, (first, 2.2), text, size=12, ha="left")
    return fig


def lstm_chain(steps: int = 3) -> Figure:
    """Draw an RNN chain (one layer in a cell) above an LSTM chain (four layers in a cell).

    steps: cells in each chain, 1 to 8. Raises ValueError outside that.
    """
    _check_steps("lstm_chain", steps)
    width = _MARGIN + _PITCH * steps + 1.4
    fig, ax = wiring.canvas(max(width, 42), 79)
    rnn, lstm = 51.5, 7.5
    for y, title in (
        (76.8, "RNN: one layer in each cell"),
        (42.2, "LSTM: four layers in each cell"),
    ):
        wiring.label(ax, (0.8, y), title, size=13, ha="left", weight="bold")
    for step in range(steps):
        left, name = _MARGIN + _PITCH * step, _index(step, steps)
        end = width - 0.4 if step == steps - 1 else None
        _rnn_link(ax, left, rnn, name, end)
        _lstm_link(ax, left, lstm, name, end)
    for y, colour, lw in ((rnn + 3, _STATE, 2.2), (lstm + 3, _STATE, 2.2), (lstm + 21, _CELL, 3.6)):
        wiring.wire(ax, [(0.8, y), (_MARGIN, y)], colour, lw=lw, arrow=False)
    return fig


def _check_steps(function: str, steps: int) -> None:
    if not 1 <= steps <= _MOST:
        raise ValueError(f"{function}: steps={steps} is not between 1 and {_MOST}")


def _index(step: int, steps: int) -> str:
    """Find the time index of a cell, with t in the middle of the chain."""
    offset = step - (steps - 1) // 2
    return "t" if offset == 0 else f"t{offset:+d}"


def _plain(ax: Axes, left: float, row: float, name: str) -> None:
    """Draw an RNN cell as a box with its layer; x below, h above."""
    wiring.body(ax, left, row - 5, 10, 10)
    wiring.layer(ax, (left + 5, row), "tanh", size=(7, 4.8), fontsize=12)
    wiring.wire(ax, [(left + 5, row - 10.8), (left + 5, row - 2.4)], _X)
    wiring.wire(ax, [(left + 5, row + 2.4), (left + 5, row + 11)], _STATE)
    wiring.label(ax, (left + 5, row - 12.8), f"$x_{{{name}}}$", size=15)
    wiring.label(ax, (left + 5, row + 13.6), f"$h_{{{name}}}$", size=15)


def _loop(ax: Axes, centre: float, row: float) -> None:
    """Draw the folded RNN: its state leaves at the top and comes back at the side."""
    _plain(ax, centre - 5, row, "t")
    path = [(centre, row + 7.5), (centre + 8.5, row + 7.5), (centre + 8.5, row), (centre + 5, row)]
    wiring.wire(ax, path, _STATE)
    wiring.node(ax, (centre, row + 7.5), _STATE)


def _entrance(ax: Axes, left: float, row: float, name: str, layer: float, below: float) -> None:
    """Concatenate h from the left with x from below, and lead both to a layer."""
    bus, join = row + 3, left + 2.9
    wiring.wire(ax, [(left - 0.2, bus), (join, bus)], _STATE, arrow=False)
    wiring.wire(
        ax,
        [(left + 1.7, row - 3.4), (left + 1.7, bus), (join + 0.1, bus)],
        _X,
        arrow=False,
        radius=1.2,
    )
    wiring.wire(ax, [(join, bus), (layer, bus), (layer, below)], _X, radius=1.2)
    wiring.label(ax, (left + 1.7, row - 5.2), f"$x_{{{name}}}$", size=13)


def _exit(ax: Axes, left: float, bus: float, height: float, name: str, end: float | None) -> None:
    """Copy h upwards and lead it to the next cell, or to the end of the chain."""
    out = left + _COPY
    wiring.wire(ax, [(out, bus), (end or left + _PITCH, bus)], _STATE, arrow=end is not None)
    wiring.wire(ax, [(out, bus), (out, height)], _STATE)
    wiring.node(ax, (out, bus), _STATE)
    wiring.label(ax, (out, height + 2), f"$h_{{{name}}}$", size=13, ha="center")


def _rnn_link(ax: Axes, left: float, row: float, name: str, end: float | None) -> None:
    """Draw one cell of the RNN chain, with its wires to the next."""
    bus, middle = row + 3, left + 12.5
    wiring.body(ax, left, row, _WIDTH, 16.5)
    _entrance(ax, left, row, name, middle, row + 6)
    wiring.layer(ax, (middle, row + 8.2), "tanh", size=(6, 4.4), fontsize=12)
    turn = row + 13.2
    out = [(middle, row + 10.4), (middle, turn), (left + 20, turn), (left + 20, bus)]
    wiring.wire(ax, [*out, (left + _COPY, bus)], _STATE, arrow=False)
    _exit(ax, left, bus, row + 19.6, name, end)


def _lstm_link(ax: Axes, left: float, row: float, name: str, end: float | None) -> None:
    """Draw one cell of the LSTM chain, with its wires to the next."""
    bus, top, layers = row + 3, row + 21, row + 8.2
    at = {
        "forget": left + 4.9,
        "input": left + 10.3,
        "candidate": left + 15.7,
        "output": left + 21.1,
    }
    wiring.body(ax, left, row, _WIDTH, 24.5)
    _entrance(ax, left, row, name, at["output"], layers - 2.2)
    for role, x in at.items():
        text = "tanh" if role == "candidate" else "σ"
        wiring.layer(ax, (x, layers), text, COLOURS[role], size=(4.9, 4.4), fontsize=11)
        if role != "output":
            wiring.wire(ax, [(x, bus), (x, layers - 2.2)], _X)
    wiring.wire(
        ax, [(left - 0.2, top), (end or left + _PITCH, top)], _CELL, lw=3.6, arrow=end is not None
    )
    _lstm_operations(ax, left + 24.7, row, at)
    wiring.wire(
        ax,
        [(left + 24.7, row + 11.2), (left + 24.7, bus), (left + _COPY, bus)],
        _STATE,
        arrow=False,
        radius=1.2,
    )
    _exit(ax, left, bus, row + 27.8, name, end)
    wiring.bridge(ax, (left + _COPY, top), _CELL, lw=3.6, half=0.9)


def _lstm_operations(ax: Axes, out: float, row: float, at: dict[str, float]) -> None:
    """Draw the wires above the layers, and the pointwise operations they lead to."""
    above, gate, meet, top = row + 10.4, row + 12.6, row + 15.2, row + 21
    add = (at["input"] + at["candidate"]) / 2
    wiring.wire(ax, [(at["forget"], above), (at["forget"], top - 1.4)], COLOURS["forget"], head=1.3)
    for role, side in (("input", -1.4), ("candidate", 1.4)):
        path = [(at[role], above), (at[role], meet), (add + side, meet)]
        wiring.wire(ax, path, COLOURS[role], radius=0.8, head=0.9)
    wiring.wire(ax, [(add, meet), (add, top - 1.4)], _CELL, head=1.3)
    path = [(at["output"], above), (at["output"], gate), (out - 1.4, gate)]
    wiring.wire(ax, path, COLOURS["output"], radius=0.8, head=0.9)
    wiring.wire(ax, [(out, top), (out, gate + 1.4)], _CELL, head=1.0)
    signs = (((at["forget"], top), "×"), ((add, top), "+"), ((add, meet), "×"), ((out, gate), "×"))
    for place, sign in signs:
        wiring.operation(ax, place, sign, size=(2.8, 2.8), fontsize=12, lw=1.5)
    wiring.operation(ax, (out, row + 17.2), "tanh", size=(5.4, 3), fontsize=11, lw=1.5)
