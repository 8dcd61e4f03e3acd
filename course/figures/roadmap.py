"""The course's two maps: how machines learn, and the architectures; lectures light their parts."""

from collections.abc import Collection, Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.figures.style import COLOURS, ink, new_figure, tint

__all__ = ["ARCHITECTURES", "LEARNING", "architecture_map", "learning_map"]

Place = tuple[float, float, float, float]

#: Box to (text, colour role, centre and size in inches).
LEARNING: Mapping[str, tuple[str, str, Place]] = {
    "supervised": ("supervised\nexamples with answers", "output", (1.45, 3.55, 2.3, 0.72)),
    "unsupervised": ("unsupervised\nexamples alone", "input", (4.1, 3.55, 2.3, 0.72)),
    "reinforcement": ("reinforcement\nacts, and rewards", "candidate", (6.75, 3.55, 2.3, 0.72)),
    "data": ("data", "x", (0.85, 1.95, 1.2, 0.7)),
    "model": ("model\nwith weights", "output", (2.6, 1.95, 1.45, 0.7)),
    "loss": ("loss\nhow wrong?", "forget", (4.4, 1.95, 1.35, 0.7)),
    "optimiser": ("optimiser\na step down", "input", (3.5, 0.62, 1.5, 0.7)),
    "evaluation": ("evaluation\non unseen data", "candidate", (6.85, 1.95, 1.85, 0.7)),
}
_LOOP = (("data", "model"), ("model", "loss"), ("loss", "optimiser"), ("optimiser", "model"),
         ("loss", "evaluation"))  # fmt: skip

#: Box to (name, what it assumes of its data, colour role).
ARCHITECTURES: Mapping[str, tuple[str, str, str]] = {
    "MLP": ("MLP", "nothing:\nany column may\nmatter to any", "output"),
    "CNN": ("CNN", "neighbours matter,\nand the same\neverywhere", "input"),
    "RNN": ("RNN", "order matters,\nand the same\nat every step", "forget"),
    "LSTM": ("LSTM, GRU", "order matters,\nalso over a\nlong distance", "cell"),
    "attention": ("attention", "any place may\nmatter to any;\norder is told", "candidate"),
}


def _box(ax: Axes, text: str, role: str, place: Place, lit: bool) -> None:
    x, y, width, height = place
    colour = COLOURS[role] if lit else COLOURS["muted"]
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=tint(colour, 0.22 if lit else 0.08),
            edgecolor=colour,
            linewidth=2.2 if lit else 1.2,
        )
    )
    first, _, rest = text.partition("\n")
    shade = ink(colour) if lit else ink(COLOURS["muted"])
    ax.text(x, y + (0.13 if rest else 0), first, ha="center", va="center", color=shade, fontsize=12,
            fontweight="bold" if lit else "normal")  # fmt: skip
    if rest:
        ax.text(x, y - 0.15, rest, ha="center", va="center", color=shade, fontsize=10)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=14,
            linewidth=1.6,
            color="#555555",
            connectionstyle=f"arc3,rad={bend}",
        )
    )


def _known(lit: Collection[str], boxes: Collection[str], name: str) -> Collection[str]:
    unknown = sorted(set(lit) - set(boxes))
    if unknown:
        raise ValueError(f"{name}: {unknown} are no boxes; there are {', '.join(boxes)}")
    return lit or boxes


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    figure = new_figure(width, height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return figure, ax


def learning_map(lit: Collection[str] = (), notes: Mapping[str, str] | None = None) -> Figure:
    """Draw how machines learn: three kinds, and the loop data, model, loss, optimiser, evaluation.

    lit names the boxes of `LEARNING` in full colour; the others are muted. All are lit if it is
    empty. notes are a few words beside boxes, by their names. Raises ValueError for a name that is
    no box.
    """
    chosen = _known(lit, LEARNING, "learning_map")
    notes = notes or {}
    _known(notes, LEARNING, "learning_map")
    figure, ax = _blank(8.2, 4.2)
    for name, (text, role, place) in LEARNING.items():
        _box(ax, text, role, place, name in chosen)
        if name in notes:
            x, y, _, height = place
            side = 1 if y == LEARNING["model"][2][1] else -1  # below the model there are arrows
            ax.text(x, y + side * (height / 2 + 0.08), notes[name], ha="center",
                    va="bottom" if side == 1 else "top", fontsize=10.5,
                    color=ink(COLOURS[role]))  # fmt: skip
    for start, end in _LOOP:
        (_, _, a), (_, _, b) = LEARNING[start], LEARNING[end]
        if a[1] == b[1]:
            _arrow(ax, (a[0] + a[2] / 2 + 0.05, a[1]), (b[0] - b[2] / 2 - 0.05, b[1]))
    _arrow(ax, (4.5, 1.55), (4.3, 0.72), bend=-0.3)
    _arrow(ax, (2.7, 0.72), (2.5, 1.55), bend=-0.3)
    ax.plot([0.3, 7.9], [2.85, 2.85], color="#bbbbbb", lw=1, ls=":")
    ax.text(0.3, 2.62, "the loop that all three share", fontsize=10, color="#555555")
    ax.text(5.55, 2.08, "trained", fontsize=10, color="#555555", ha="center")
    return figure


def architecture_map(lit: Collection[str] = ()) -> Figure:
    """Draw the road from the MLP to attention, with what each architecture assumes of its data.

    lit names the boxes of `ARCHITECTURES` in full colour; the others are muted. All are lit if it
    is empty. Raises ValueError for a name that is no box.
    """
    chosen = _known(lit, ARCHITECTURES, "architecture_map")
    figure, ax = _blank(8.2, 1.95)
    for place, (name, (title, assumes, role)) in enumerate(ARCHITECTURES.items()):
        x, on = 0.88 + 1.61 * place, name in chosen
        _box(ax, title, role, (x, 1.55, 1.34, 0.6), on)
        shade = ink(COLOURS[role]) if on else ink(COLOURS["muted"])
        ax.text(x, 1.12, assumes, ha="center", va="top", fontsize=10, color=shade, linespacing=1.35)
        if place:
            _arrow(ax, (x - 0.93, 1.55), (x - 0.69, 1.55))
    ax.text(0.21, 0.17, "what each one assumes of its data", fontsize=10, color="#555555")
    return figure
