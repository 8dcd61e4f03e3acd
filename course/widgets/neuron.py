"""The neuron explorer: set two weights, a bias and an activation, watch one neuron's answer."""

from collections.abc import Callable, Mapping

import ipywidgets
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray

from course.figures.style import COLOURS, new_figure
from course.widgets._explorer import STYLE, WIDE, Explorer, View

__all__ = ["NeuronExplorer"]

Array = NDArray[np.float64]
_ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "step": lambda z: (z > 0).astype(float),
    "sigmoid": lambda z: np.asarray(torch.from_numpy(z).sigmoid()),
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
}
_EDGE: list[AbstractPathEffect] = [
    withStroke(linewidth=4.5, foreground="black")
]  # a white line that shows on white too


class NeuronExplorer(Explorer):
    """Three sliders and a choice above one neuron's response to two features of real data."""

    def __init__(
        self,
        points: Array,
        labels: Array,
        w1: float = 1.0,
        w2: float = 0.0,
        b: float = 0.0,
        features: tuple[str, str] = ("feature 1", "feature 2"),
        classes: tuple[str, str] = ("class 0", "class 1"),
    ):
        """Show points (N, 2) of two classes, labels (N,) 0 or 1.

        features names the two columns, classes the two labels, 0 first.

        Raises:
            ValueError: a weight or the bias is not in -4 to 4.

        """
        if max(abs(w1), abs(w2), abs(b)) > 4:
            raise ValueError(f"NeuronExplorer: {w1}, {w2}, {b} are not all in -4 to 4")
        self._points, self._labels = points, labels.astype(bool)
        self._features, self._classes = features, classes
        self.sliders = {
            name: ipywidgets.FloatSlider(
                value, min=-4.0, max=4.0, step=0.1, description=name, style=STYLE, layout=WIDE
            )
            for name, value in (("weight 1", w1), ("weight 2", w2), ("bias", b))
        }
        self.activation = ipywidgets.Dropdown(
            options=list(_ACTIVATIONS), value="sigmoid", description="activation", style=STYLE
        )
        super().__init__([*self.sliders.values(), self.activation])

    def _score(self, first: Array, second: Array) -> Array:
        w1, w2, b = (float(slider.value) for slider in self.sliders.values())
        return np.asarray(w1 * first + w2 * second + b)

    def view(self) -> View:
        """Ask the neuron about a grid of places."""
        said = self._score(*self._points.T) > 0
        share = float((said == self._labels).mean())
        set_to = ", ".join(f"{name} {slider.value:.1f}" for name, slider in self.sliders.items())
        return View(
            f"{share:.1%} on the right side of z = 0",
            self._figure(),
            f"One neuron with {set_to}, {self.activation.value}: {share:.1%} of the points lie on "
            f"the right side of its line, drawn over {' and '.join(self._features)}.",
        )

    def _figure(self) -> Figure:
        """Draw what the neuron answers, the line z = 0, and the points."""
        figure = new_figure(7.4, 4.5)
        ax = figure.add_axes((0.09, 0.13, 0.74, 0.76))
        low, high = self._points.min(0) - 0.3, self._points.max(0) + 0.3
        u, v = np.meshgrid(np.linspace(low[0], high[0], 80), np.linspace(low[1], high[1], 80))
        z = self._score(u, v)
        answer = _ACTIVATIONS[str(self.activation.value)](z)
        ground = ax.pcolormesh(u, v, answer, cmap="cividis", shading="auto", rasterized=True)
        bar = figure.colorbar(ground, cax=figure.add_axes((0.86, 0.13, 0.025, 0.76)))
        bar.set_label("the neuron's answer")
        looks = (("^", "forget", ~self._labels), ("o", "hidden", self._labels))
        for name, (marker, role, chosen) in zip(self._classes, looks, strict=True):
            ax.plot(*self._points[chosen].T, marker, ms=4.5, color=COLOURS[role], mec="k", mew=0.5,
                    label=name)  # fmt: skip
        line = Line2D([], [], color="white", lw=2.5, path_effects=_EDGE, label="z = 0")
        if z.min() < 0 < z.max():
            drawn = ax.contour(u, v, z, levels=[0.0], colors="white", linewidths=2.5)
            drawn.set_path_effects(_EDGE)
        ax.set(xlabel=self._features[0], ylabel=self._features[1])
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        handles = [*ax.get_legend_handles_labels()[0], line]
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
        return figure
