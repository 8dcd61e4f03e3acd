"""The cell explorer: set the gates of an LSTM by hand, watch its two states."""

import math

import ipywidgets

from course import figures
from course.widgets._explorer import STYLE, WIDE, Explorer, View

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


class CellExplorer(Explorer):
    """Five sliders above the LSTM cell; the drawing shows what c_t and h_t they make."""

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
                style=STYLE,
                layout=WIDE,
            )
            for name, (label, low, high) in _SLIDERS.items()
        }
        super().__init__(list(self.sliders.values()))

    def view(self) -> View:
        """Recompute c_t and h_t from the sliders."""
        values = {name: float(slider.value) for name, slider in self.sliders.items()}
        c, h = cell_step(values)
        figure = figures.lstm_cell(values=values | {"c": c, "h": h})
        alt = ", ".join(f"{label} {values[name]:.2f}" for name, (label, *_) in _SLIDERS.items())
        return View(
            f"c<sub>t</sub> = {c:.3f}, &nbsp; h<sub>t</sub> = {h:.3f}",
            figure,
            f"The LSTM cell with {alt}: c_t {c:.3f}, h_t {h:.3f}.",
        )
