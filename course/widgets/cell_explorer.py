"""The cell explorer: set the gates of an LSTM by hand, watch its two states."""

import base64
import io
import math
from typing import Any

import ipywidgets

from course import figures

__all__ = ["CellExplorer", "cell_step"]

_START = {"f": 0.9, "i": 0.2, "o": 0.7, "c_bar": 0.5, "c_prev": 2.0}
_SLIDERS = {
    "f": ("forget gate f", 0.0, 1.0),
    "i": ("input gate i", 0.0, 1.0),
    "c_bar": ("candidate c̄", -1.0, 1.0),
    "o": ("output gate o", 0.0, 1.0),
    "c_prev": ("old cell state c", -3.0, 3.0),
}


def cell_step(values: dict[str, float]) -> tuple[float, float]:
    """Work out one unit of an LSTM for one step, in plain numbers.

    Args:
        values: ``f``, ``i``, ``o``, ``c_bar`` and ``c_prev``.

    Returns:
        The new cell state and the new hidden state.

    """
    kept = values["f"] * values["c_prev"]
    written = values["i"] * values["c_bar"]
    return kept + written, values["o"] * math.tanh(kept + written)


class CellExplorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Five sliders above the LSTM cell; the drawing shows what c_t and h_t they make.

    Where no widget can be shown (a rendered notebook, no kernel), the drawing appears as a plain
    picture, for the numbers set last.
    """

    def __init__(self, **start: float):
        """Start from the given values of f, i, o, c_bar and c_prev.

        Raises:
            ValueError: another name, or a value its slider cannot take.

        """
        values = _START | start
        if unknown := sorted(set(values) - set(_SLIDERS)):
            raise ValueError(f"CellExplorer: {unknown} are none of {', '.join(_SLIDERS)}")
        for name, (_, low, high) in _SLIDERS.items():
            if not low <= values[name] <= high:
                raise ValueError(f"CellExplorer: {name}={values[name]} is not in {low} to {high}")
        self.sliders = {
            name: ipywidgets.FloatSlider(
                value=values[name],
                min=low,
                max=high,
                step=0.05,
                description=label,
                readout_format=".2f",
                style={"description_width": "8em"},
                layout={"width": "30em", "max_width": "100%"},
            )
            for name, (label, low, high) in _SLIDERS.items()
        }
        self.result = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()  # an Image widget has no alternative text
        self._draw()
        for slider in self.sliders.values():
            slider.observe(self._draw, names="value")
        super().__init__([*self.sliders.values(), self.result, self.picture])

    def _draw(self, change: object = None) -> None:
        """Recompute c_t and h_t from the sliders and redraw the cell."""
        values = {name: float(slider.value) for name, slider in self.sliders.items()}
        c, h = cell_step(values)
        self.result.value = f"<b>c<sub>t</sub> = {c:.3f}, &nbsp; h<sub>t</sub> = {h:.3f}</b>"
        figure = figures.lstm_cell(values=values | {"c": c, "h": h})
        png = io.BytesIO()
        figure.savefig(png, format="png")
        width, _ = figure.get_size_inches() * figure.dpi
        self.png = base64.b64encode(png.getvalue()).decode("ascii")
        alt = ", ".join(f"{label} {values[name]:.2f}" for name, (label, *_) in _SLIDERS.items())
        self.picture.value = (
            f'<img src="data:image/png;base64,{self.png}" width="{width:.0f}" '
            f'style="max-width:100%" alt="The LSTM cell with {alt}: c_t {c:.3f}, h_t {h:.3f}.">'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the drawing itself, for a reader that cannot show widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = self.png
        return bundle
