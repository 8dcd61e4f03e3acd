"""The descent explorer: set the learning rate and the number of steps, watch the path."""

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from course.experiments.descent import loss_surface, walk
from course.figures.style import COLOURS, new_figure
from course.widgets._explorer import STYLE, WIDE, Explorer, View

__all__ = ["DescentExplorer"]

Array = NDArray[np.float64]
_RATES = tuple(round(rate, 2) for rate in np.arange(0.02, 1.14, 0.02))


class DescentExplorer(Explorer):
    """Two sliders above a loss surface; the drawing shows gradient descent on it."""

    def __init__(self, x: Array, y: Array, lr: float = 0.3, steps: int = 12):
        """Descend on the mean squared error of a line through x and y, (N,) each.

        Raises:
            ValueError: lr is not one of the slider's, 0.02 to 1.12, or steps not in 1 to 40.

        """
        if lr not in _RATES or not 1 <= steps <= 40:
            raise ValueError(f"DescentExplorer: lr={lr} is not in 0.02 to 1.12, or steps={steps} "
                             "not in 1 to 40")  # fmt: skip
        self._x, self._y = x, y
        self._slopes, self._biases = np.linspace(-40, 110, 60), np.linspace(20, 280, 60)
        self._surface = loss_surface(x, y, self._slopes, self._biases)
        self.rate = ipywidgets.SelectionSlider(
            options=_RATES, value=lr, description="learning rate", style=STYLE, layout=WIDE
        )
        self.steps = ipywidgets.IntSlider(
            steps, 1, 40, description="steps", style=STYLE, layout=WIDE
        )
        super().__init__([self.rate, self.steps])

    def view(self) -> View:
        """Walk again."""
        lr, steps = float(self.rate.value), int(self.steps.value)
        places, losses = walk(self._x, self._y, lr, steps, start=(-25.0, 40.0))
        figure = new_figure(6.4, 4.0)
        ax = figure.add_axes((0.13, 0.16, 0.84, 0.8))
        ax.contour(self._slopes, self._biases, self._surface, levels=14, cmap="cividis")
        ax.plot(*places.T, "o-", color=COLOURS["forget"], ms=4, lw=1.5)
        ax.set(xlim=(-40, 110), ylim=(20, 280), xlabel="slope", ylabel="bias")
        return View(
            f"loss {losses[0]:.0f} → {losses[-1]:.4g}",
            figure,
            f"{steps} steps of gradient descent with learning rate {lr:.2f} on a loss surface: the "
            f"loss goes from {losses[0]:.0f} to {losses[-1]:.4g}.",
        )
