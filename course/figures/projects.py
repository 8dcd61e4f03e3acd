"""Pictures of the closing projects: rows, an ablation seed by seed, the worst mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from course.figures.style import COLOURS, ink, new_figure, tint
from course.projects import LETTERS, read_letters

__all__ = ["ablation_pairs", "confusion", "letter_profile", "marked_letters", "sheets"]

_BLUE, _RED, _GREY = COLOURS["output"], COLOURS["forget"], COLOURS["muted"]
_ROWS = 8  # pieces of text that are drawn at most


def sheets(pictures: Tensor, titles: Sequence[str], columns: int = 10) -> Figure:
    """Draw pictures (N, 1, H, W), ink dark, each under its title.

    Raises ValueError if there is not one title for each.
    """
    if len(titles) != len(pictures):
        raise ValueError(f"sheets: {len(titles)} titles for {len(pictures)} pictures")
    rows = -(-len(pictures) // columns)
    fig = new_figure(8.2, 0.15 + 1.05 * rows)
    fig.set_layout_engine("constrained")
    axes = fig.subplots(rows, columns, squeeze=False).flatten()
    for ax in axes:
        ax.set_axis_off()
    for ax, picture, title in zip(axes, pictures, titles, strict=False):
        ax.imshow(picture[0].numpy(), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(title, fontsize=12, pad=3)
    return fig


def letter_profile(x: Tensor, y: Tensor, classes: Sequence[str]) -> Figure:
    """Draw how often each letter comes in the names (N, T) of each class, in per cent."""
    shares = np.zeros((len(classes), 26))
    for number in range(len(classes)):
        letters = x[y == number]
        counts = np.bincount(letters[letters > 0].numpy(), minlength=len(LETTERS))[1:27]
        shares[number] = 100 * counts / counts.sum()
    fig = new_figure(8.2, 2.9)
    fig.set_layout_engine("constrained")
    ax = fig.subplots()
    picture = ax.imshow(shares, cmap="cividis", aspect="auto")
    ax.set_xticks(range(26), list(LETTERS[1:27]), fontsize=12)
    ax.set_yticks(range(len(classes)), list(classes), fontsize=12)
    fig.colorbar(picture, ax=ax, label="per cent of its letters", fraction=0.05, pad=0.01)
    return fig


def marked_letters(x: Tensor, y: Tensor, said: Tensor | None = None) -> Figure:
    """Write pieces of text (N, T), a bar before each letter at which a word begins (y is 1).

    Where `said` (N, T) is given, places that are found are blue, places that are missed are orange
    and below, places that are made up are purple and above, so that they differ by more than their
    colour. Raises ValueError for more than 8 pieces.
    """
    if len(x) > _ROWS:
        raise ValueError(f"marked_letters: {len(x)} pieces; {_ROWS} fit")
    fig = new_figure(8.2, 0.35 + 0.42 * len(x))
    ax = fig.add_axes((0.01, 0.0, 0.98, 1.0))
    ax.set_axis_off()
    ax.set(xlim=(-0.5, x.shape[1]), ylim=(len(x) - 0.5, -0.8))
    for row, ids in enumerate(x):
        for place, letter in enumerate(read_letters(ids)):
            ax.text(
                place + 0.5, row, letter, ha="center", va="center", fontsize=11, family="monospace"
            )
        for place, begins in enumerate(y[row].tolist()):
            says = begins if said is None else int(said[row, place])
            if begins and says:
                ax.plot([place, place], [row - 0.3, row + 0.3], color=_BLUE, lw=1.8, ls="-")
            elif begins:
                ax.plot([place, place], [row + 0.05, row + 0.48], color=_RED, lw=3.2, ls="-")
            elif says:
                ax.plot(
                    [place, place],
                    [row - 0.48, row - 0.05],
                    color=ink(COLOURS["candidate"]),
                    lw=3.2,
                    ls="-",
                )
    return fig


def ablation_pairs(report: Mapping[str, Any], names: tuple[str, str], what: str) -> Figure:
    """Draw the scores of two models, a line for each seed, and their differences with their mean.

    report: `whole`, `ablated` and `difference`, a number for each seed; `mean` and
    `standard_error`, that of the mean difference. The bar beside the mean is two standard errors
    long on either side. what: the score's name. Raises ValueError if the rows differ in length.
    """
    whole, ablated, difference = (
        np.asarray(report[name], dtype=float) for name in ("whole", "ablated", "difference")
    )
    if not len(whole) == len(ablated) == len(difference):
        raise ValueError(
            f"ablation_pairs: {len(whole)}, {len(ablated)} and {len(difference)} numbers; pairs"
        )
    fig = new_figure(8.2, 3.6)
    fig.set_layout_engine("constrained")
    left, right = fig.subplots(1, 2, width_ratios=(1.2, 1))
    for first, second in zip(whole, ablated, strict=True):
        left.plot([0, 1], [first, second], color=_GREY, lw=1.3, ls="-", zorder=1)
    left.plot([0] * len(whole), whole, "o", color=_BLUE, ms=8)
    left.plot([1] * len(ablated), ablated, "s", color=_RED, ms=8)
    left.set_xticks([0, 1], list(names), fontsize=12)
    left.set(xlim=(-0.35, 1.35), ylabel=what)
    left.set_title("each line is one seed", fontsize=13)
    _differences(right, difference, float(report["mean"]), float(report["standard_error"]))
    for ax in (left, right):
        ax.tick_params(labelsize=11)
        ax.spines[["top", "right"]].set_visible(False)
    return fig


def _differences(ax: Axes, difference: NDArray[np.float64], mean: float, error: float) -> None:
    across = np.linspace(-0.12, 0.12, len(difference))
    ax.axhline(0, color="black", lw=1, ls=":")
    ax.plot(across, difference, "D", color=tint(_GREY, 0.9), ms=7, mec=ink(_GREY))
    ax.errorbar(
        [0.5], [mean], [2 * error], fmt="o", color="black", ls="none", ms=8, capsize=6, lw=2
    )
    ax.set_xticks([0, 0.5], ["each seed", "mean ± 2 errors"], fontsize=12)
    ax.set_xlim(-0.3, 0.85)
    ax.set_title("whole minus ablated", fontsize=13)


def confusion(y: Tensor, said: Tensor, classes: Sequence[str]) -> Figure:
    """Draw how often each class (a row) is taken for each (a column), in per cent of the row."""
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (y.numpy(), said.numpy()), 1)
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    fig = new_figure(5.6, 4.4)
    fig.set_layout_engine("constrained")
    ax = fig.subplots()
    ax.imshow(shares, cmap="cividis", vmin=0, vmax=100)
    for (row, column), share in np.ndenumerate(shares):
        colour = "black" if share > 55 else "white"
        ax.text(column, row, f"{share:.0f}", ha="center", va="center", color=colour, fontsize=11)
    ax.set_xticks(range(len(classes)), list(classes), fontsize=11)
    ax.set_yticks(range(len(classes)), list(classes), fontsize=11)
    ax.set(xlabel="said", ylabel="true")
    return fig
