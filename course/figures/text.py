"""Text coloured by a number per character: one unit over a passage, many units over a line."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from numpy.typing import ArrayLike, NDArray

from course.figures.style import contrast, new_figure

_MONO = "DejaVu Sans Mono"
_SIGNS = {"\n": "⏎", "\t": "⇥", "\r": "←", "\u00a0": " "}
_UNKNOWN = "□"  # for a character that the font lacks
_NAMES = {
    "f": "forget gate $f_t$",
    "i": "input gate $i_t$",
    "o": "output gate $o_t$",
    "c_bar": r"candidate $\bar{c}_t$",
    "c": "cell state $c_t$",
    "h": "hidden state $h_t$",
}
_WIDTH = 8.2  # inches: 900 pixels
_COLUMN = 0.112  # inches that a character of 11 points needs


def text_heatmap(
    text: str,
    values: Sequence[float],
    label: str,
    vmin: float = 0.0,
    vmax: float = 1.0,
    width: int = 64,
) -> Figure:
    """Draw a text with every character on a box coloured by its value.

    values: (len(text),), one number a character; label names them on the colour bar. Wraps at
    width columns and after each newline, drawn as ⏎. Colours are cividis, or purple to orange
    around 0 if vmin < 0; a value that is not finite stays white. Raises ValueError for an empty
    text, lengths that differ, vmin >= vmax or width < 1.
    """
    numbers = np.asarray(values, dtype=float)
    if not text or numbers.shape != (len(text),):
        raise ValueError(
            f"text_heatmap: text has {len(text)} characters, values have shape {numbers.shape}; "
            "give one value for every character of a text that is not empty"
        )
    if not vmin < vmax or width < 1:
        raise ValueError(
            f"text_heatmap: vmin={vmin}, vmax={vmax}, width={width}; "
            "vmin must be below vmax, and width at least 1"
        )
    places = _places(text, width)
    rows = places[-1][0] + 1
    inches = max(_WIDTH, _COLUMN * width + 0.1)
    size = float(np.clip(11 * 64 / width, 11, 15))
    colours = _colours(vmin, vmax)
    fig, ax, bar = _page(inches, rows * 0.0205 * size)
    ax.set(xlim=(0, max(width, 46)), ylim=(rows, 0))
    _write(ax, text, places, numbers, colours, size)
    middle = 0.0 if vmin < 0 < vmax else (vmin + vmax) / 2
    ticks = [vmin, (vmin + middle) / 2, middle, (middle + vmax) / 2, vmax]
    fig.colorbar(colours, cax=bar, orientation="horizontal", ticks=ticks)
    bar.set_xticklabels([_tick(tick) for tick in ticks])
    bar.set_xlabel(label, fontsize=12)
    bar.tick_params(labelsize=11)
    return fig


def gate_rows(text: str, gates: Mapping[str, ArrayLike], units: Sequence[int]) -> Figure:
    """Draw chosen units of each gate over a line of text, one panel per gate.

    gates: name ('f', 'i', 'o', 'c_bar', 'c', 'h', or another) to an array (T, H), T = len(text);
    about 60 characters fill a notebook's width. units: columns of the arrays to draw. Raises
    ValueError if text, gates or units are empty or a shape does not fit; IndexError for a unit
    that is not there.
    """
    chosen = list(units)
    if not text or not gates or not chosen:
        raise ValueError("gate_rows: text, gates and units must not be empty")
    panels = {name: _chosen(name, gate, text, chosen) for name, gate in gates.items()}
    left, right, above, below = 0.78, 0.7, 0.33, 0.27  # inches around a panel
    inches = max(_WIDTH, _COLUMN * len(text) + left + right)
    tall = 0.24 * len(chosen)
    pitch = above + tall + below
    height = pitch * len(panels) + 0.05
    fig = new_figure(inches, height)
    for index, (name, rows) in enumerate(panels.items()):
        bottom = height - (index + 1) * pitch + below
        span = (left / inches, bottom / height, (inches - left - right) / inches, tall / height)
        ax = fig.add_axes(span)
        bar = fig.add_axes((1 - (right - 0.08) / inches, span[1], 0.13 / inches, span[3]))
        _panel(ax, bar, text, rows, chosen)
        ax.set_title(_NAMES.get(name, name), fontsize=12, loc="left", pad=4)
    return fig


def _chosen(name: str, gate: ArrayLike, text: str, units: list[int]) -> NDArray[np.float64]:
    """Take the chosen units of a gate as rows, (len(units), T)."""
    array = np.asarray(gate, dtype=float)
    if array.ndim != 2 or len(array) != len(text):
        raise ValueError(
            f"gate_rows: {name!r} has shape {array.shape}; text has {len(text)} characters, "
            f"so ({len(text)}, H) is needed"
        )
    missing = [unit for unit in units if not 0 <= unit < array.shape[1]]
    if missing:
        raise IndexError(f"gate_rows: {name!r} has units 0 to {array.shape[1] - 1}, not {missing}")
    return array[:, units].T


def _panel(ax: Axes, bar: Axes, text: str, rows: NDArray[np.float64], units: list[int]) -> None:
    """One gate: a row a unit, the characters below, its colour bar at the right."""
    finite = rows[np.isfinite(rows)]
    most = max(1.0, float(np.abs(finite).max(initial=0)))
    colours = _colours(-most if finite.min(initial=0) < 0 else 0.0, most)
    _boxes(ax, rows, colours)
    ax.set(xlim=(0, len(text)), ylim=(len(units), 0))
    ax.set_yticks(np.arange(len(units)) + 0.5, [f"unit {unit}" for unit in units], fontsize=11)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    size = 11 if len(text) > 40 else 13
    for column, character in enumerate(text):
        style: dict[str, Any] = {
            "family": _MONO,
            "fontsize": size,
            "parse_math": False,
            "clip_on": False,
        }
        ax.annotate(
            _sign(character),
            (column + 0.5, len(units)),
            (0, -3),
            ha="center",
            va="top",
            textcoords="offset points",
            **style,
        )
    low, high = colours.norm.vmin, colours.norm.vmax
    ax.figure.colorbar(colours, cax=bar, ticks=[low, high] if low == 0 else [low, 0, high])
    bar.set_yticklabels([_tick(tick, 2) for tick in bar.get_yticks()], fontsize=11)


def _tick(value: float, figures: int = 3) -> str:
    return f"{value:.{figures}g}".replace("-", "−")


def _places(text: str, width: int) -> list[tuple[int, int]]:
    """Row and column of every character."""
    places, row, column = [], 0, 0
    for character in text:
        if column == width:
            row, column = row + 1, 0
        places.append((row, column))
        column += 1
        if character == "\n":
            row, column = row + 1, 0
    return places


def _page(inches: float, tall: float) -> tuple[Figure, Axes, Axes]:
    """Make a figure with room for text, tall inches of it, above a colour bar."""
    above, below = 0.08, 0.78
    height = above + tall + below
    fig = new_figure(inches, height)
    ax = fig.add_axes((0.05 / inches, below / height, 1 - 0.1 / inches, tall / height))
    ax.set_axis_off()
    bar = fig.add_axes((0.25, 0.52 / height, 0.5, 0.13 / height))
    return fig, ax, bar


def _write(
    ax: Axes,
    text: str,
    places: list[tuple[int, int]],
    numbers: NDArray[np.float64],
    colours: ScalarMappable,
    size: float,
) -> None:
    """Write every character on its box, in black or white, whichever reads better."""
    shape = (places[-1][0] + 1, max(column for _, column in places) + 1)
    grid = np.full(shape, np.nan)
    grid[tuple(np.transpose(places))] = numbers
    _boxes(ax, grid, colours)
    boxes = colours.to_rgba(np.where(np.isfinite(numbers), numbers, np.nan))
    for (row, column), character, box in zip(places, text, boxes, strict=True):
        paper = box[:3] if box[3] else (1.0, 1.0, 1.0)
        black = contrast("black", paper) >= contrast("white", paper)
        style: dict[str, Any] = {"family": _MONO, "fontsize": size, "parse_math": False}
        ax.text(
            column + 0.5,
            row + 0.54,
            _sign(character),
            ha="center",
            va="center_baseline",
            color="black" if black else "white",
            **style,
        )


def _colours(vmin: float, vmax: float) -> ScalarMappable:
    """Choose the colours of a range: cividis, or around 0 if the range goes below it."""
    norm = TwoSlopeNorm(0, vmin, vmax) if vmin < 0 < vmax else Normalize(vmin, vmax)
    return ScalarMappable(norm, "PuOr" if vmin < 0 else "cividis")


def _boxes(ax: Axes, grid: NDArray[np.float64], colours: ScalarMappable) -> None:
    """Colour a grid of numbers, white where a number is not finite."""
    norm: Any = colours.norm
    ax.pcolormesh(np.ma.masked_invalid(grid), cmap=colours.cmap, norm=norm)


@lru_cache(maxsize=4096)
def _sign(character: str) -> str:
    """Find how to draw a character: by a sign if it has no picture or is not in the font."""
    drawn = _SIGNS.get(character, character)
    known = drawn.isprintable() and get_font(findfont(_MONO)).get_char_index(ord(drawn))
    return drawn if known else _UNKNOWN
