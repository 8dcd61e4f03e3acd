"""A map of the course's concepts, with blanks to be filled from memory."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.figures.style import COLOURS, ink, new_figure, tint

__all__ = ["CONCEPT_LINKS", "concept_map"]

_WIDTH, _HEIGHT = 8.2, 8.0

#: Box to (text, colour role, centre, width). Blanks have one letter.
_BOXES: Mapping[str, tuple[str, str, tuple[float, float], float]] = {
    "loss": ("loss", "output", (0.95, 7.2), 1.5),
    "A": ("A", "output", (4.1, 7.2), 1.7),
    "B": ("B", "output", (7.15, 7.2), 1.7),
    "curves": ("training loss falls,\nheld-out loss rises", "output", (0.95, 6.1), 1.6),
    "C": ("C", "output", (4.1, 6.1), 1.7),
    "D": ("D", "output", (7.15, 6.1), 1.7),
    "MLP": ("MLP", "output", (0.95, 5.2), 1.5),
    "CNN": ("CNN", "input", (0.95, 4.25), 1.5),
    "E": ("E", "input", (4.1, 5.0), 1.7),
    "F": ("F", "input", (7.15, 4.25), 1.7),
    "G": ("G", "input", (4.1, 3.55), 1.7),
    "RNN": ("RNN", "forget", (0.95, 2.8), 1.5),
    "H": ("H", "forget", (4.1, 2.8), 1.7),
    "I": ("I", "forget", (7.15, 2.8), 1.7),
    "LSTM": ("LSTM", "cell", (0.95, 1.43), 1.5),
    "J": ("J", "cell", (4.1, 1.78), 1.7),
    "K": ("K", "cell", (4.1, 1.08), 1.7),
    "attention": ("attention", "candidate", (0.95, 0.06), 1.5),
    "L": ("L", "candidate", (4.1, 0.06), 1.7),
}

#: (from, to, what the arrow says, where that stands, or None: beside the middle of the arrow).
CONCEPT_LINKS: tuple[tuple[str, str, str, tuple[float, float]], ...] = (
    ("loss", "A", "all its slopes,\nin one walk back", (2.48, 7.25)),
    ("A", "B", "a slope times this\nis one step", (5.62, 7.25)),
    ("curves", "C", "this is called", (2.5, 6.15)),
    ("C", "D", "less of it, if units\nsleep at random", (5.62, 6.15)),
    ("MLP", "CNN", "", (0, 0)),
    ("CNN", "E", "one kernel for\nall places", (2.3, 4.8)),
    ("CNN", "F", "how much of the picture a unit depends on", (4.45, 4.3)),
    ("CNN", "G", "x also goes\nround the layers", (2.1, 3.38)),
    ("CNN", "RNN", "", (0, 0)),
    ("RNN", "H", "the gradient of the\nunrolled network", (2.48, 2.85)),
    ("H", "I", "its length is cut\nto a limit", (5.62, 2.85)),
    ("RNN", "LSTM", "", (0, 0)),
    ("LSTM", "J", "how much of the\ncell state is kept", (2.42, 1.74)),
    ("LSTM", "K", "what is proposed\nfor the cell state", (2.3, 0.7)),
    ("LSTM", "attention", "", (0, 0)),
    ("attention", "L", "scores to weights\nthat add up to 1", (2.48, 0.1)),
    ("J", "H", "near 1, it leaves this a way back", (5.3, 2.28)),
)


def concept_map(words: Mapping[str, str] | None = None) -> Figure:
    """Draw the map; `words` are written into the blanks, by their letters.

    Raises:
        KeyError: a letter is no blank of the map.

    """
    words = dict(words or {})
    unknown = [letter for letter in words if len(letter) != 1 or letter not in _BOXES]
    if unknown:
        raise KeyError(f"concept_map: no blank is called {unknown[0]!r}")
    figure = new_figure(_WIDTH, _HEIGHT)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, _WIDTH), ylim=(-0.3, _HEIGHT - 0.3))
    ax.axis("off")
    for start, end, says, place in CONCEPT_LINKS:
        _link(ax, start, end)
        if says:
            level = "bottom" if place[0] != 5.3 else "center"
            ax.text(*place, says, fontsize=10, ha="center", va=level, color="#333333",
                    linespacing=1.25, zorder=4,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3})  # fmt: skip
    for name in _BOXES:
        _box(ax, name, words.get(name))
    return figure


def _box(ax: Axes, name: str, word: str | None) -> None:
    text, role, (x, y), width = _BOXES[name]
    blank, colour, height = len(name) == 1, COLOURS[role], 0.52
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor="white" if blank else tint(colour, 0.22),
            edgecolor=colour,
            linewidth=2.0,
            linestyle=(0, (4, 2)) if blank else "-",
            zorder=3,
        )
    )
    if blank and word:
        text = f"{name}: {word}"
    size = 10 if "\n" in text or len(text) > 14 else 13 if blank and not word else 11.5
    if len(text) > 18 and "\n" not in text:  # two lines hold a long word
        head, _, tail = text.rpartition(" ")
        text, size = f"{head}\n{tail}", 10
    ax.text(x, y, text, ha="center", va="center", fontsize=size, color=ink(colour),
            fontweight="bold", zorder=5)  # fmt: skip


def _link(ax: Axes, start: str, end: str) -> None:
    (_, _, (x, y), width), (_, _, (to_x, to_y), to_width) = _BOXES[start], _BOXES[end]
    if abs(x - to_x) < 0.1:  # one above the other
        sign = 1 if to_y > y else -1
        first, last = (x, y + sign * 0.28), (to_x, to_y - sign * 0.3)
    else:
        first, last = (x + width / 2 + 0.03, y), (to_x - to_width / 2 - 0.03, to_y)
    ax.add_patch(
        FancyArrowPatch(first, last, arrowstyle="-|>", mutation_scale=13, linewidth=1.4,
                        color="#666666", shrinkA=0, shrinkB=0, zorder=2)
    )  # fmt: skip
