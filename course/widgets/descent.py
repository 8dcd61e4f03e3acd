"""The descent explorer: set the learning rate and the number of steps, watch the path."""

import base64
import io
from typing import Any

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from course.experiments.descent import loss_surface, walk
from course.figures.style import COLOURS, new_figure

__all__ = ["DescentExplorer"]

Array = NDArray[np.float64]
_RATES = tuple(round(rate, 2) for rate in np.arange(0.02, 1.14, 0.02))


class DescentExplorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Two sliders above a loss surface; the drawing shows gradient descent on it.

    Where no widget can be shown (a rendered notebook, no kernel), the drawing appears as a plain
    picture, for the numbers set last.
    """

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
        wide = {"width": "30em", "max_width": "100%"}
        style = {"description_width": "8em"}
        self.rate = ipywidgets.SelectionSlider(
            options=_RATES, value=lr, description="learning rate", style=style, layout=wide
        )
        self.steps = ipywidgets.IntSlider(
            steps, 1, 40, description="steps", style=style, layout=wide
        )
        self.result = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()  # an Image widget has no alternative text
        self._draw()
        for slider in (self.rate, self.steps):
            slider.observe(self._draw, names="value")
        super().__init__([self.rate, self.steps, self.result, self.picture])

    def _draw(self, change: object = None) -> None:
        """Walk again and redraw."""
        lr, steps = float(self.rate.value), int(self.steps.value)
        places, losses = walk(self._x, self._y, lr, steps, start=(-25.0, 40.0))
        self.result.value = f"<b>loss {losses[0]:.0f} → {losses[-1]:.4g}</b>"
        figure = new_figure(6.4, 4.0)
        ax = figure.add_axes((0.13, 0.16, 0.84, 0.8))
        ax.contour(self._slopes, self._biases, self._surface, levels=14, cmap="cividis")
        ax.plot(*places.T, "o-", color=COLOURS["forget"], ms=4, lw=1.5)
        ax.set(xlim=(-40, 110), ylim=(20, 280), xlabel="slope", ylabel="bias")
        png = io.BytesIO()
        figure.savefig(png, format="png")
        self.png = base64.b64encode(png.getvalue()).decode("ascii")
        width, _ = figure.get_size_inches() * figure.dpi
        self.picture.value = (
            f'<img src="data:image/png;base64,{self.png}" width="{width:.0f}" '
            f'style="max-width:100%" alt="{steps} steps of gradient descent with learning rate '
            f'{lr:.2f} on a loss surface: the loss goes from {losses[0]:.0f} to {losses[-1]:.4g}.">'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the drawing itself, for a reader that cannot show widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = self.png
        return bundle
