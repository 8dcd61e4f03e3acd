"""The attention explorer: step through what a network writes, watch where it looks."""

import html
from collections.abc import Callable, Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.figures.style import COLOURS, new_figure, tint
from course.widgets._explorer import STYLE, WIDE, Explorer, View

__all__ = ["AttentionExplorer"]

Array = NDArray[np.float64]
Look = Callable[[str], tuple[Sequence[str], str, Array]]


class AttentionExplorer(Explorer):
    """A choice of texts and a slider over what is written; lines show where the network looks."""

    def __init__(self, look: Look, texts: Sequence[str]):
        """Show how a network writes the answer to one of the texts; start at its last character.

        Args:
            look: gives for a text its T tokens, the S characters that the network writes, and the
                weights (S, T), each row summing to 1.
            texts: the texts to choose from.

        Raises:
            ValueError: there is no text, or an empty one.

        """
        if not texts or not all(texts):
            raise ValueError("AttentionExplorer: give at least one text, none of them empty")
        self._look = look
        steps = len(look(texts[0])[1])
        self.text = ipywidgets.Dropdown(
            options=list(texts), value=texts[0], description="read", style=STYLE
        )
        self.step = ipywidgets.IntSlider(
            steps, 1, steps, description="character", style=STYLE, layout=WIDE
        )
        super().__init__([self.text, self.step])

    def view(self) -> View:
        """Look from one written character at all tokens."""
        text, step = str(self.text.value), int(self.step.value)
        tokens, written, weights = self._look(text)
        now = weights[step - 1]
        best = int(now.argmax())
        shares = ", ".join(f"{t} {w:.0%}" for t, w in zip(tokens, now, strict=True))
        return View(
            f"character {step} of {len(written)}, “{html.escape(written[step - 1])}”: looks most "
            f"at “{html.escape(tokens[best])}” ({now[best]:.0%})",
            self._figure(tokens, written, weights, step),
            f"Reading {text}, the network writes {written}. At character {step} its weights are: "
            f"{shares}.",
        )

    def _figure(self, tokens: Sequence[str], written: str, weights: Array, step: int) -> Figure:
        """Draw tokens below, characters above, and a line for every weight of one character."""
        figure = new_figure(8.2, 3.3)
        ax = figure.add_axes((0.01, 0.02, 0.98, 0.96))
        ax.set(xlim=(0, 100), ylim=(0, 36))
        ax.axis("off")
        below = 100 * (np.arange(len(tokens)) + 0.5) / len(tokens)
        above = 10 + 80 * (np.arange(len(written)) + 0.5) / len(written)
        for place, weight in zip(below, weights[step - 1], strict=True):
            ax.plot([above[step - 1], place], [27.2, 11.4], color=COLOURS["forget"], ls="-",
                    lw=0.4 + 7 * weight, alpha=0.25 + 0.75 * float(weight))  # fmt: skip
            ax.text(place, 3.4, f"{weight:.2f}", ha="center", va="center", fontsize=11)
        for place, token in zip(below, tokens, strict=True):
            _boxed(ax, place, 8.6, token, COLOURS["x"], lit=False)
        for number, (place, sign) in enumerate(zip(above, written, strict=True), 1):
            _boxed(ax, place, 30, sign, COLOURS["output"], lit=number == step)
        return figure


def _boxed(ax: Axes, x: float, y: float, text: str, colour: str, *, lit: bool) -> None:
    plate = {"boxstyle": "round,pad=0.3", "fc": tint(colour, 0.35 if lit else 0.08), "ec": colour,
             "lw": 2.6 if lit else 1.0}  # fmt: skip
    ax.text(x, y, text, ha="center", va="center", fontsize=12, family="DejaVu Sans Mono",
            bbox=plate, zorder=5)  # fmt: skip
