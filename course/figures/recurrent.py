"""Diagrams of recurrent networks: the five architectural types, and how gradients walk back."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.figures import wiring
from course.figures.style import COLOURS, ink, tint
from course.figures.wiring import DARK, Point

__all__ = ["TYPES", "architecture", "bptt", "concatenated", "padded_batch", "truncated"]

#: Type to (title, what it does).
TYPES: Mapping[str, tuple[str, str]] = {
    "one_to_one": ("one to one", "a fixed input, a fixed output: no recurrence"),
    "one_to_many": ("one to many", "one input at the first step, an output at every step"),
    "many_to_one": ("many to one", "an input at every step, one output at the end"),
    "many_to_many": ("many to many, aligned", "an output for every input, at the same step"),
    "encoder_decoder": (
        "many to many, encoder and decoder",
        "first read everything, then write",
    ),
}

_X, _STATE, _OUT, _BACK = (COLOURS[role] for role in ("x", "hidden", "output", "forget"))
_GREY = COLOURS["muted"]
_LOW, _ROW, _HIGH = 5.0, 16.5, 28.0  # heights: inputs, cells, outputs
_MOST = 8


def architecture(
    kind: str, inputs: Sequence[str] | None = None, outputs: Sequence[str] | None = None
) -> Figure:
    """Draw one of the five architectural types, with tokens of its own in the boxes.

    kind: a key of `TYPES`. inputs, outputs: a text for every box; None draws x and y with their
    indices, four of each where there are many. Raises ValueError for another kind, for numbers of
    tokens that the kind cannot have, or for more than 8 steps.
    """
    if kind not in TYPES:
        raise ValueError(f"architecture: kind={kind!r} is none of {', '.join(TYPES)}")
    many_in = kind in ("many_to_one", "many_to_many", "encoder_decoder")
    many_out = kind in ("one_to_many", "many_to_many", "encoder_decoder")
    read = list(inputs or _named("x", 4 if many_in else 1))
    said = list(outputs or _named("y", 4 if many_out else 1))
    columns = _columns(kind, read, said)
    if not 1 <= len(columns) <= _MOST:
        raise ValueError(f"architecture: {len(columns)} steps; 1 to {_MOST} can be drawn")
    pitch = min(15.0, 93 / len(columns))
    first = 50 - pitch * (len(columns) - 1) / 2 + (1.5 if len(columns) > 1 else 0)
    fig, ax = wiring.canvas(100, 39)
    title, does = TYPES[kind]
    wiring.label(ax, (1.5, 36.6), title, size=14, ha="left", weight="bold")
    wiring.label(ax, (98.5, 36.6), does, size=12, ha="right")
    for number, (token, answer) in enumerate(columns):
        x = first + pitch * number
        decoder = kind == "encoder_decoder" and number >= len(read)
        _column(ax, x, pitch, token, answer, decoder)
        if kind != "one_to_one":
            half = _half(pitch)
            reach = min(pitch, 13.0) if number == 0 else pitch
            wiring.wire(ax, [(x - reach + half, _ROW), (x - half, _ROW)], _STATE, head=1.5)
        if decoder and number > len(read):
            _feed_back(ax, x - pitch, x, pitch)
    if kind == "encoder_decoder":
        ends = ((0, len(read) - 1, "encoder"), (len(read), len(columns) - 1, "decoder"))
        for begin, end, part in ends:
            wiring.label(ax, (first + pitch * (begin + end) / 2, 1.1), part, size=11)
    return fig


def _half(pitch: float) -> float:
    """Half the width of a cell: narrower where the cells stand close."""
    return min(8.4, pitch - 4.8) / 2


def _named(letter: str, count: int) -> list[str]:
    return [f"${letter}_{{{n}}}$" for n in range(1, count + 1)] if count > 1 else [f"${letter}$"]


def _columns(kind: str, read: list[str], said: list[str]) -> list[tuple[str | None, str | None]]:
    """What stands below and above each step; None where nothing does."""
    wanted = {
        "one_to_one": len(read) == len(said) == 1,
        "one_to_many": len(read) == 1,
        "many_to_one": len(said) == 1,
        "many_to_many": len(read) == len(said),
        "encoder_decoder": True,
    }
    if not wanted[kind]:
        raise ValueError(
            f"architecture: {kind} cannot have {len(read)} inputs, {len(said)} outputs"
        )
    if kind == "encoder_decoder":
        return [(token, None) for token in read] + [
            (None if place else "0", word) for place, word in enumerate(said)
        ]
    steps = max(len(read), len(said))
    ends = [*[None] * (steps - len(said)), *said]
    return list(zip([*read, *[None] * (steps - len(read))], ends, strict=True))


def _column(
    ax: Axes, x: float, pitch: float, token: str | None, answer: str | None, decoder: bool
) -> None:
    """Draw one step: its input below, its layer, its output above."""
    face = tint(COLOURS["candidate"], 0.35) if decoder else wiring.LAYER
    wiring.layer(ax, (x, _ROW), "tanh", size=(2 * _half(pitch), 6), fontsize=12, face=face)
    wide = min(pitch - 1.2, 12.0)
    if token is not None:
        _token(ax, (x, _LOW), token, _X, wide)
        wiring.wire(ax, [(x, _LOW + 2.4), (x, _ROW - 3)], _X)
    if answer is not None:
        _token(ax, (x, _HIGH), answer, _OUT, wide)
        wiring.wire(ax, [(x, _ROW + 3), (x, _HIGH - 2.4)], _STATE)


def _token(ax: Axes, at: Point, text: str, colour: str, wide: float) -> None:
    """Draw a box with a token; its letters get smaller if the token is long."""
    math = text.startswith("$")
    size = 14.0 if math else min(13.0, 9.2 * wide / max(len(text), 4) * 0.9)
    width = min(wide, 6.0 if math else max(5.0, 1.9 + 0.105 * size * len(text)))
    corner = (at[0] - width / 2, at[1] - 2.4)
    ax.add_patch(Rectangle(corner, width, 4.8, fc=tint(colour, 0.12), ec=colour, lw=1.6, zorder=5))
    style = {} if math else {"parse_math": False, "family": "DejaVu Sans Mono"}
    wiring.label(ax, at, text, size=max(size, 8.0), **style)


def _feed_back(ax: Axes, start: float, end: float, pitch: float) -> None:
    """Lead a decoder's output to the input of its next step, over the state's wire."""
    gap = start + _half(pitch) + 1.3
    path = [(start, _HIGH - 4.6), (gap, _HIGH - 4.6), (gap, _LOW), (end, _LOW), (end, _ROW - 3)]
    wiring.wire(ax, path, _OUT, lw=1.8)
    wiring.node(ax, (start, _HIGH - 4.6), _OUT)
    wiring.bridge(ax, (gap, _ROW), _STATE, lw=2.2, half=0.8)


def concatenated(N: int = 3, D: int = 2, H: int = 4) -> Figure:
    """Draw the two products of an RNN cell, and the one product that is the same, to scale.

    N samples, D inputs, H hidden units, each 1 to 6. Raises ValueError outside that.
    """
    for name, size in (("N", N), ("D", D), ("H", H)):
        if not 1 <= size <= 6:
            raise ValueError(f"concatenated: {name}={size} is not between 1 and 6")
    unit = 2.3
    low = max(N, D + H) * unit
    high = max(N, D, H) * unit
    fig, ax = wiring.canvas(100, low + high + 34)
    top, bottom = low + 21.5 + high / 2, 8 + low / 2
    x_part, u_part = ("x_t", N, D, _X), ("U", D, H, COLOURS["input"])
    h_part, w_part = (r"h_{t-1}", N, H, _STATE), ("W", H, H, COLOURS["candidate"])
    _heading(ax, low + high + 31.5, "Two products", "x meets U, h meets W, and the two are added")
    places = (22, 38, 56, 76)
    for x, part in zip(places, (x_part, u_part, h_part, w_part), strict=True):
        _grid(ax, (x, top), part, unit)
        _names(ax, x, top, part, unit)
    for x, sign in ((30, "@"), (47, "+"), (66, "@")):
        wiring.label(ax, (x, top), sign, size=18)
    _heading(ax, low + 13.2, "One product", "x and h side by side, U on top of W")
    left, right = 38.0, 68.0
    _grid(ax, (left - H * unit / 2, bottom), x_part, unit)
    _grid(ax, (left + D * unit / 2, bottom), h_part, unit)
    _grid(ax, (right, bottom + H * unit / 2), u_part, unit)
    _grid(ax, (right, bottom - D * unit / 2), w_part, unit)
    wiring.label(ax, (left, bottom + N * unit / 2 + 2), r"$[\,x_t,\ h_{t-1}\,]$", size=15)
    wiring.label(ax, (left, bottom - N * unit / 2 - 2.2), f"(N, D+H) = ({N}, {D + H})", size=11)
    wiring.label(ax, (54, bottom), "@", size=18)
    wiring.label(ax, (right + H * unit / 2 + 4, bottom), "$V$", size=15)
    wiring.label(ax, (right, 4.6), f"(D+H, H) = ({D + H}, {H})", size=11)
    return fig


def _heading(ax: Axes, y: float, title: str, explanation: str) -> None:
    wiring.label(ax, (3, y), title, size=14, ha="left", weight="bold")
    wiring.label(ax, (97, y), explanation, size=12, ha="right")


def _grid(ax: Axes, middle: Point, part: tuple[str, int, int, str], unit: float) -> None:
    """Draw a matrix as a grid of its elements, centred."""
    _, rows, columns, colour = part
    left, low = middle[0] - columns * unit / 2, middle[1] - rows * unit / 2
    for row in range(rows):
        for column in range(columns):
            at = (left + column * unit, low + row * unit)
            face = tint(colour, 0.28)
            ax.add_patch(Rectangle(at, unit, unit, fc=face, ec=colour, lw=0.8, zorder=3))
    size = (columns * unit, rows * unit)
    ax.add_patch(Rectangle((left, low), *size, fill=False, ec=colour, lw=2.2, zorder=4))


def _names(ax: Axes, x: float, y: float, part: tuple[str, int, int, str], unit: float) -> None:
    """Write a matrix's name above it, its shape below."""
    name, rows, columns, _ = part
    letters = {"x_t": "N, D", "U": "D, H", "h_{t-1}": "N, H", "W": "H, H"}[name]
    wiring.label(ax, (x, y + rows * unit / 2 + 2), f"${name}$", size=15)
    shape = f"({letters}) = ({rows}, {columns})"
    wiring.label(ax, (x, y - rows * unit / 2 - 2.2), shape, size=11)


def bptt(steps: int = 4) -> Figure:
    """Draw backpropagation through time: only the way back, from every loss to the weights.

    steps: 2 to 5. Raises ValueError outside that.
    """
    if not 2 <= steps <= 5:
        raise ValueError(f"bptt: steps={steps} is not between 2 and 5")
    pitch = 84 / steps
    fig, ax = wiring.canvas(100, 52)
    row, add, high, bus = 20.0, 31.0, 42.0, 8.0
    for number in range(steps):
        x, name = 14 + pitch * number, f"{number + 1}"
        _token(ax, (x, high), f"$L_{name}$", _BACK, 6)
        wiring.wire(ax, [(x, high - 2.4), (x, add + 2)], _BACK)
        wiring.operation(ax, (x, add), "+", _BACK)
        wiring.wire(ax, [(x, add - 2), (x, row + 3)], _BACK)
        wiring.layer(ax, (x, row), f"$h_{name}$", size=(8.4, 6), fontsize=15)
        wiring.wire(ax, [(x, row - 3), (x, bus + 1.6)], COLOURS["input"])
        left = (x - 4.2, row)
        if number:
            gap = x - pitch / 2
            wiring.wire(ax, [left, (gap, row), (gap, add), (x - pitch + 2, add)], _BACK)
        else:
            wiring.wire(ax, [left, (x - 11, row)], _BACK)
            wiring.label(ax, (x - 9.5, row + 2.8), "$dh_0$", size=13, color=ink(_BACK))
    last = 14 + pitch * (steps - 1)
    wiring.label(ax, (last + 1.2, 36.6), r"$\partial L_t/\partial h_t$", size=13, ha="left")
    wiring.label(ax, (last - pitch / 2 - 1, 25.5), r"$\times\, W^\top$", size=13, ha="right")
    wiring.label(ax, (last + 1.2, 26), r"$\ast\,(1-h_t^2)$", size=13, ha="left")
    green, size = COLOURS["input"], (last - 5.6, 3.8)
    bar = Rectangle((9.8, bus - 2.2), *size, fc=tint(green, 0.15), ec=green, lw=1.8, zorder=5)
    ax.add_patch(bar)
    text = "dU, dW, db: every step adds its share"
    wiring.label(ax, ((last + 14) / 2, bus - 0.3), text, size=12)
    wiring.label(ax, (50, 49.5), "the way back: two gradients meet at every state", size=13)
    return fig


def truncated(steps: int = 8, window: int = 3) -> Figure:
    """Draw truncated BPTT: the state is handed on at every step, the gradient cut at windows.

    steps: 2 to 10; window: 1 to steps. Raises ValueError outside that.
    """
    if not 2 <= steps <= 10 or not 1 <= window <= steps:
        raise ValueError(f"truncated: steps={steps} must be 2 to 10, window={window} 1 to steps")
    pitch = 94 / steps
    fig, ax = wiring.canvas(100, 30)
    half, row = min(3.4, pitch / 2 - 1.4), 15.0
    for number in range(steps):
        x = 3 + pitch * (number + 0.5)
        wiring.layer(ax, (x, row), f"$h_{{{number + 1}}}$", size=(2 * half, 5), fontsize=13)
        if not number:
            continue
        before, end = x - pitch + half, x - half
        wiring.wire(ax, [(before, row + 1.2), (end, row + 1.2)], _STATE, lw=1.8, head=1.2)
        if number % window:
            wiring.wire(ax, [(end, row - 1.2), (before, row - 1.2)], _BACK, lw=1.8, head=1.2)
        else:
            middle = x - pitch / 2
            ax.plot([middle] * 2, [5.5, row - 0.6], color=DARK, lw=1.6, ls=(0, (3, 2)), zorder=7)
            wiring.label(ax, (middle, 3.6), "cut", size=12)
    wiring.label(ax, (3, 26), "the state goes on", size=12, ha="left", color=ink(_STATE))
    text = "the gradient stays within its window"
    wiring.label(ax, (97, 26), text, size=12, ha="right", color=ink(_BACK))
    for number in range(0, steps, window):
        count = min(window, steps - number)
        left = 3 + pitch * number + 0.6
        size = (pitch * count - 1.2, 9.5)
        ax.add_patch(Rectangle((left, row - 4.7), *size, fc=wiring.BODY, ec="#B8C0C8", lw=1.2))
        text = f"{count} step{'s' * (count > 1)}"
        wiring.label(ax, (left + size[0] / 2, row + 6.8), text, size=11)
    return fig


def padded_batch(texts: Sequence[str]) -> Figure:
    """Draw texts of different lengths as one batch: letters, padding, each own last letter.

    texts: 1 to 8 of them, 1 to 20 characters each. Raises ValueError outside that.
    """
    if not 1 <= len(texts) <= 8 or not all(1 <= len(text) <= 20 for text in texts):
        raise ValueError("padded_batch: give 1 to 8 texts of 1 to 20 characters")
    steps = max(map(len, texts))
    unit = min(4.2, 78 / steps)
    fig, ax = wiring.canvas(100, 4.4 * len(texts) + 11)
    left = 50 - unit * steps / 2 - 3
    for number, text in enumerate(texts):
        low = 4.4 * (len(texts) - 1 - number) + 6
        for step in range(steps):
            own, last = step < len(text), step == len(text) - 1
            colour = _STATE if own else _GREY
            face = tint(colour, 0.3) if own else "#E6E6E6"
            corner, size = (left + unit * step + 0.2, low + 0.2), (unit - 0.4, 4.0)
            edge, width = (_BACK, 2.6) if last else (colour, 0.8)
            ax.add_patch(
                Rectangle(corner, *size, fc=face, ec=edge, lw=width, zorder=4 if last else 3)
            )
            letter = text[step] if own else "0"
            shade = DARK if own else ink(_GREY)
            style = {"family": "DejaVu Sans Mono", "color": shade, "parse_math": False}
            wiring.label(ax, (left + unit * (step + 0.5), low + 2.2), letter, size=12, **style)
        wiring.label(ax, (left + unit * steps + 2.5, low + 2.2), f"{len(text)}", size=12)
    top = 4.4 * len(texts) + 8.4
    wiring.label(ax, (left + unit * steps + 2.5, top), "length", size=11)
    wiring.label(ax, (left, top), "time →", size=11, ha="left")
    text = "orange frame: the row's own last letter; grey: padding, the mask is False there"
    wiring.label(ax, (50, 2.6), text, size=11)
    return fig
