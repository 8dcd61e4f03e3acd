"""The last lecture's drawings: which architecture for which data, and where to go from here."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.figures import wiring
from course.figures.roadmap import ARCHITECTURES
from course.figures.style import COLOURS, ink, tint

__all__ = ["ONWARD", "QUESTIONS", "choice_map", "onward_map"]

#: Box of `ARCHITECTURES` to the question that leads to it when the ones above it were not.
QUESTIONS: Mapping[str, str] = {
    "MLP": "columns of a table,\nin no order?",
    "CNN": "neighbours on a grid or\nin a row, same everywhere?",
    "RNN": "order, over a\nfew steps?",
    "LSTM": "order, over many steps,\none at a time?",
    "attention": "all of it there at once,\nany place may matter?",
}

#: (a box of the maps, colour role) to two fields, each a name and where to begin.
ONWARD: Mapping[tuple[str, str], tuple[tuple[str, str], tuple[str, str]]] = {
    ("attention", "candidate"): (
        ("Transformers", "many heads, no recurrence:\nVaswani et al. 2017"),
        ("language models", "train a tiny one:\nnanoGPT"),
    ),
    ("CNN", "input"): (
        ("detection, segmentation", "a mask, not a name:\nU-Net 2015"),
        ("graph networks", "neighbours without a grid:\nKipf and Welling 2017"),
    ),
    ("RNN, LSTM", "cell"): (
        ("speech, time series", "connectionist temporal\nclassification: Graves 2006"),
        ("state-space models", "recurrence in parallel:\nS4 2022, Mamba 2023"),
    ),
    ("unsupervised", "input"): (
        ("self-supervised learning", "the data is its own answer:\nSimCLR 2020"),
        ("diffusion models", "pictures out of noise:\nHo et al. 2020"),
    ),
    ("reinforcement", "candidate"): (
        ("agents", "Sutton and Barto,\nthe book, 2018"),
        ("learning from preferences", "Christiano et al. 2017"),
    ),
    ("evaluation", "candidate"): (
        ("shift, fairness, doubt", "model cards: Mitchell\net al. 2019"),
        ("interpretability", "what does a unit do?\ncircuits: Olah et al. 2020"),
    ),
}


def _plate(ax: Axes, left: float, middle: float, size: tuple[float, float], colour: str) -> None:
    """Draw a rounded box from its left edge."""
    ax.add_patch(
        FancyBboxPatch(
            (left, middle - size[1] / 2),
            *size,
            boxstyle="round,pad=0,rounding_size=1.1",
            facecolor=tint(colour, 0.16),
            edgecolor=colour,
            linewidth=1.8,
            zorder=4,
        )
    )


def choice_map(evidence: Mapping[str, str]) -> Figure:
    """Draw which question about the data leads to which architecture, and what was measured.

    evidence: for each box of `ARCHITECTURES` one or two lines, written beside it. Raises ValueError
    if a box has none, or a name is no box.
    """
    if set(evidence) != set(QUESTIONS):
        raise ValueError(f"choice_map: give evidence for {', '.join(QUESTIONS)}")
    step = 11.0
    height = step * len(QUESTIONS) + 6
    fig, ax = wiring.canvas(100, height)
    for x, text in (
        (15.5, "ask of your data"),
        (47, "begin with"),
        (58.5, "measured in the course"),
    ):
        wiring.label(ax, (x, height - 2.4), text, size=12, weight="bold",
                     ha="left" if x > 50 else "center")  # fmt: skip
    for number, (name, question) in enumerate(QUESTIONS.items()):
        y = height - 10 - step * number
        title, _, role = ARCHITECTURES[name]
        colour = COLOURS[role]
        _plate(ax, 1.0, y, (29, 7.4), COLOURS["muted"])
        wiring.label(ax, (15.5, y), question, size=11.5)
        wiring.wire(ax, [(30, y), (38.7, y)], wiring.DARK, lw=1.6, head=1.4)
        wiring.label(ax, (34.3, y + 1.6), "yes", size=11)
        _plate(ax, 38.7, y, (16.6, 6.4), colour)
        wiring.label(ax, (47, y), title, size=13, weight="bold", color=ink(colour))
        wiring.label(ax, (57, y), evidence[name], size=11, ha="left", linespacing=1.35)
        if number < len(QUESTIONS) - 1:
            wiring.wire(
                ax, [(15.5, y - 3.7), (15.5, y - step + 3.7)], wiring.DARK, lw=1.6, head=1.2
            )
            wiring.label(ax, (17.2, y - step / 2 + 0.3), "no", size=11, ha="left")
    return fig


def onward_map() -> Figure:
    """Draw where the course's boxes lead: for each of six, two fields and where to begin."""
    step = 10.4
    height = step * len(ONWARD) + 5.5
    fig, ax = wiring.canvas(100, height)
    for x, text in ((11, "on the maps"), (62, "where it leads, and a place to begin")):
        wiring.label(ax, (x, height - 2.2), text, size=12, weight="bold")
    for number, ((known, role), fields) in enumerate(ONWARD.items()):
        y, colour = height - 9.6 - step * number, COLOURS[role]
        _plate(ax, 1, y, (20, 6), colour)
        wiring.label(ax, (11, y), known, size=12.5, weight="bold", color=ink(colour))
        for left, (field, begin) in zip((25.5, 63), fields, strict=True):
            _plate(ax, left, y, (36, 9.2), colour)
            wiring.label(ax, (left + 18, y + 2.5), field, size=12, weight="bold")
            wiring.label(ax, (left + 18, y - 1.6), begin, size=10.5, linespacing=1.2)
        wiring.wire(ax, [(21, y), (25.5, y)], colour, lw=1.8, head=1.4)
    return fig
