"""Recorded training runs side by side: a row each, with losses, accuracies, gradients, zeros."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course.figures.style import COLOURS, ink, new_figure

__all__ = ["run_rows"]

Run = Mapping[str, Any]

_TRAIN: dict[str, Any] = {"color": COLOURS["output"], "ls": "-", "lw": 2.0}
_VALIDATION: dict[str, Any] = {"color": COLOURS["forget"], "ls": "--", "lw": 2.0}
_GUESS: dict[str, Any] = {"color": "#555555", "ls": ":", "lw": 1.3}
_FIRST: dict[str, Any] = {"color": COLOURS["input"], "ls": "-", "lw": 2.0}
_LAST: dict[str, Any] = {"color": COLOURS["candidate"], "ls": "--", "lw": 2.0}
_BETWEEN: dict[str, Any] = {"color": COLOURS["muted"], "ls": "-", "lw": 0.8}
_LOWEST = 1e-9  # a gradient that is smaller is drawn here: 0 has no place on a logarithmic axis
_ROW = 1.32  # inches
_SHARES = (-0.06, 1.08)  # room for lines at 0 and at 1
_COLUMNS = ("loss", "accuracy", "gradient norm", "zeros in hidden layers")


def run_rows(
    runs: Sequence[Run], titles: Sequence[str], right: Sequence[bool | None] | None = None
) -> Figure:
    """Draw a row of four plots for each run, under its title.

    Args:
        runs: dicts with what was recorded: `train_loss`, `validation_loss`, `train_accuracy`,
            `validation_accuracy`, one number an epoch; `gradient_norm` and `zero_share`, one list
            an epoch, with a number for each layer; `fresh_accuracy`, `feature_std`, `n_classes`.
        titles: one for each run.
        right: whether the title of a run is right, for a mark beside it; None: no mark.

    Raises:
        ValueError: there is no run, or there are not as many titles, or marks, as runs.

    """
    marks = [None] * len(runs) if right is None else list(right)
    if not runs or len(titles) != len(runs) or len(marks) != len(runs):
        raise ValueError(f"run_rows: {len(runs)} runs, {len(titles)} titles, {len(marks)} marks")
    top, longest = 0.82, max(len(run["train_loss"]) for run in runs)
    height = top + _ROW * len(runs) + 0.35
    figure = new_figure(8.2, height)
    for row, (run, title, mark) in enumerate(zip(runs, titles, marks, strict=True)):
        bottom = height - top - _ROW * (row + 1) + 0.22
        _title(figure, title, run, mark, (bottom + _ROW - 0.34) / height)
        for column, draw in enumerate((_losses, _accuracies, _gradients, _zeros)):
            place = (
                (0.62 + 1.98 * column) / 8.2,
                bottom / height,
                1.45 / 8.2,
                (_ROW - 0.46) / height,
            )
            ax = figure.add_axes(place)
            draw(ax, run)
            ax.tick_params(labelsize=10, length=2)
            ax.spines[["top", "right"]].set_visible(False)
            ax.set(xlim=(0, longest), xticks=range(0, longest + 1, 10))
            if row < len(runs) - 1:
                ax.set_xticklabels([])
            if row == 0:
                ax.set_title(_COLUMNS[column], fontsize=11, pad=31)
    _legend(figure)
    figure.text(0.5, 0.06 / height, "epochs", ha="center", va="bottom", fontsize=11)
    return figure


def _title(figure: Figure, title: str, run: Run, mark: bool | None, y: float) -> None:
    spread = [s for s in run["feature_std"] if s > 0]
    colour = "#000000"
    if mark is not None:
        colour = ink(COLOURS["input"] if mark else COLOURS["forget"])
        title = f"{'✓' if mark else '✗'} {title}"
    figure.text(0.62 / 8.2, y, title, fontsize=11, fontweight="bold", color=colour, va="bottom")
    facts = f"{run['n_classes']} classes, feature_std {min(spread):.2g} to {max(spread):.3g}"
    figure.text(0.99, y, facts, fontsize=10, color="#444444", ha="right", va="bottom")


def _epochs(run: Run) -> range:
    return range(1, len(run["train_loss"]) + 1)


def _losses(ax: Axes, run: Run) -> None:
    """Both losses, logarithmic, and what guessing costs."""
    ax.semilogy(_epochs(run), run["train_loss"], **_TRAIN)
    ax.semilogy(_epochs(run), run["validation_loss"], **_VALIDATION)
    classes = run["n_classes"]
    ax.axhline(math.log(classes), **_GUESS)
    values = [*run["train_loss"], *run["validation_loss"]]
    low, high = min(values), max(values)
    ax.set_ylim(min(low * 0.7, 0.1), max(high * 1.5, 10))
    ax.minorticks_off()


def _accuracies(ax: Axes, run: Run) -> None:
    ax.plot(_epochs(run), run["train_accuracy"], **_TRAIN)
    ax.plot(_epochs(run), run["validation_accuracy"], **_VALIDATION)
    ax.axhline(1 / run["n_classes"], **_GUESS)
    ax.plot([len(run["train_loss"])], [run["fresh_accuracy"]], "D", color="black", ms=5,
            clip_on=False)  # fmt: skip
    ax.set(ylim=_SHARES, yticks=[0, 0.5, 1])


def _gradients(ax: Axes, run: Run) -> None:
    """Every layer's gradient norm, logarithmic: the first and the last one in colour."""
    layers = list(zip(*run["gradient_norm"], strict=True))
    for number, norms in enumerate(layers):
        look = _FIRST if number == 0 else _LAST if number == len(layers) - 1 else _BETWEEN
        ax.semilogy(_epochs(run), [max(norm, _LOWEST) for norm in norms], **look)
    drawn = [max(norm, _LOWEST) for norms in layers for norm in norms]
    ax.set_ylim(min(*drawn, 0.05) / 2, max(*drawn, 5) * 2)
    ax.minorticks_off()


def _zeros(ax: Axes, run: Run) -> None:
    layers = list(zip(*run["zero_share"], strict=True))
    for number, shares in enumerate(layers):
        alone = len(layers) == 1
        look = _FIRST if number == 0 else _LAST if number == len(layers) - 1 else _BETWEEN
        ax.plot(_epochs(run), shares, **(_FIRST if alone else look), clip_on=False)
    ax.set(ylim=_SHARES, yticks=[0, 0.5, 1])


def _legend(figure: Figure) -> None:
    """What the lines are, above all rows."""
    entries = (
        ("training", _TRAIN), ("validation", _VALIDATION), ("guessing", _GUESS),
        ("first layer", _FIRST), ("last layer", _LAST), ("between", _BETWEEN),
    )  # fmt: skip
    handles = [Line2D([], [], label=name, **look) for name, look in entries]
    handles.insert(3, Line2D([], [], ls="", marker="D", color="black", ms=5, label="fresh rows"))
    figure.legend(handles=handles, loc="upper center", ncols=7, fontsize=10, frameon=False,
                  handlelength=1.7, columnspacing=0.9, borderaxespad=0.1)  # fmt: skip
