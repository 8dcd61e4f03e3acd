"""The progress map: every exercise of the course as a small square, filled where it is solved."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from course.figures.style import COLOURS, ink, new_figure, tint

if TYPE_CHECKING:
    from course.progress import Task, Unit

__all__ = ["progress_map"]

_SIDE, _GAP, _ROW = 0.155, 0.2, 0.62
_LEFT, _WIDTH = 0.35, 9.4


def progress_map(units: Sequence["Unit"]) -> Figure:
    """Draw a row for each unit: its exercises as squares, notebook by notebook.

    A square is filled where the check gave all points, half filled where it gave some or none; a
    written answer is a circle, half filled once something is written. On the right stand the
    points so far. Raises ValueError where there is no unit.
    """
    if not units:
        raise ValueError("progress_map: there is no unit to draw")
    height = _ROW * len(units) + 0.55
    figure = new_figure(_WIDTH, height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, _WIDTH), ylim=(0, height))
    ax.axis("off")
    for place, unit in enumerate(units):
        _unit(ax, unit, height - 0.3 - _ROW * place)
    _legend(ax)
    return figure


def _unit(ax: Axes, unit: "Unit", y: float) -> None:
    started = any(task.begun for each in unit.assignments for task in each.tasks)
    shade = ink(COLOURS["output"] if started else COLOURS["x"])
    ax.text(_LEFT - 0.2, y + 0.14, f"{unit.number} · {unit.title}", fontsize=11, color=shade,
            fontweight="bold", va="center")  # fmt: skip
    x = _LEFT
    for each in unit.assignments:
        for task in each.tasks:
            _task(ax, task, x, y - 0.16)
            x += _GAP
        x += 0.16
    ax.text(_WIDTH - 0.2, y - 0.14, f"{unit.earned:g} of {unit.points:g} points", fontsize=11,
            ha="right", va="center", color=shade)  # fmt: skip


def _task(ax: Axes, task: "Task", x: float, y: float) -> None:
    colour = COLOURS["input"] if task.passed else COLOURS["cell"] if task.begun else "#888888"
    amount = 1.0 if task.passed else 0.45 if task.begun else 0.0
    sign = (
        Circle((x, y), _SIDE / 2)
        if task.written
        else FancyBboxPatch((x - _SIDE / 2, y - _SIDE / 2), _SIDE, _SIDE,
                            boxstyle="round,pad=0,rounding_size=0.03")
    )  # fmt: skip
    sign.set(facecolor=tint(colour, amount), edgecolor=ink(colour), linewidth=1.1)
    ax.add_patch(sign)
    if task.passed:
        ax.plot([x - 0.04, x - 0.01, x + 0.045], [y, y - 0.035, y + 0.04], color="white", lw=1.6)


def _legend(ax: Axes) -> None:
    """What the signs mean, in a line at the bottom."""
    from course.progress import Task

    signs = (
        ("passed", Task("", 1, 1, False, True)),
        ("begun", Task("", 1, 0, False, True)),
        ("not begun", Task("", 1, None, False, False)),
        ("written answer, marked by a person", Task("", 1, None, True, False)),
    )
    x = _LEFT
    for text, task in signs:
        _task(ax, task, x, 0.17)
        ax.text(x + 0.16, 0.17, text, fontsize=11, va="center", color="#444444")
        x += 0.5 + 0.096 * len(text)
