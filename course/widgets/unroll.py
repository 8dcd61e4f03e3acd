"""The unroll explorer: step an RNN through a word, watch its state and what it would answer."""

import html
from collections.abc import Callable, Sequence

import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.figures.style import COLOURS, new_figure
from course.widgets._explorer import STYLE, WIDE, Explorer, View

__all__ = ["UnrollExplorer"]

Array = NDArray[np.float64]
Read = Callable[[str], tuple[Array, Array]]


class UnrollExplorer(Explorer):
    """A choice of words and a slider over the letters; the picture shows the state up to there."""

    def __init__(self, read: Read, texts: Sequence[str], answers: Sequence[str]):
        """Show how a network reads one of the texts; start at the end of the first.

        Args:
            read: gives for a text of T letters the states (T, H), each -1 to 1, and the share of
                every answer after each step, (T, O).
            texts: the words to choose from, each of one letter at least.
            answers: the names of the O answers.

        Raises:
            ValueError: there is no text, or an empty one.

        """
        if not texts or not all(texts):
            raise ValueError("UnrollExplorer: give at least one text, none of them empty")
        self._read, self._answers = read, list(answers)
        self.text = ipywidgets.Dropdown(
            options=list(texts), value=texts[0], description="word", style=STYLE
        )
        self.step = ipywidgets.IntSlider(
            len(texts[0]), 1, len(texts[0]), description="letters read", style=STYLE, layout=WIDE
        )
        self.text.observe(self._choose, names="value")  # before the picture is drawn
        super().__init__([self.text, self.step])

    def _choose(self, change: object = None) -> None:
        """Begin another word: its slider ends at its last letter."""
        self.step.max = len(self.text.value)
        self.step.value = len(self.text.value)

    def view(self) -> View:
        """Read the word up to the step."""
        text, step = str(self.text.value), min(int(self.step.value), len(self.text.value))
        states, shares = self._read(text)
        now = shares[step - 1]
        best = int(now.argmax())
        seen = f"{text[:step]}{'·' * (len(text) - step)}"
        said = ", ".join(f"{a} {s:.0%}" for a, s in zip(self._answers, now, strict=True))
        return View(
            f"after {step} of {len(text)} letters, “{html.escape(seen)}”: {self._answers[best]} "
            f"{now[best]:.0%}",
            self._figure(text, step, states, now),
            f"The state of an RNN after each of the first {step} letters of {text}, one column a "
            f"letter; it would answer: {said}.",
        )

    def _figure(self, text: str, step: int, states: Array, now: Array) -> Figure:
        """Draw the states up to the step beside the answers after it."""
        figure = new_figure(8.2, 3.6)
        left = figure.add_axes((0.08, 0.15, 0.52, 0.75))
        shown = np.where(np.arange(len(text)) < step, states.T, np.nan)  # (H, T)
        left.pcolormesh(shown, cmap="PuOr", vmin=-1, vmax=1)
        left.axvline(step, color=COLOURS["x"], lw=1.5, ls="--")
        left.set(yticks=[], ylabel=f"{states.shape[1]} units of $h_t$", xlim=(0, len(text)))
        left.set_xticks(np.arange(len(text)) + 0.5, [letter if letter != " " else "␣"
                                                     for letter in text])  # fmt: skip
        left.tick_params(length=0, labelsize=13)
        left.set_title("state: orange −1, white 0, purple +1", fontsize=12)
        right = figure.add_axes((0.74, 0.15, 0.24, 0.75))
        places = np.arange(len(now))[::-1]
        right.barh(places, now, color=COLOURS["output"])
        right.set(xlim=(0, 1), xticks=(0, 0.5, 1), yticks=places)
        right.set_yticklabels(self._answers)
        right.set_title("would answer", fontsize=12)
        return figure
