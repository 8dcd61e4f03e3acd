"""What every explorer is: controls above a line of numbers and a picture that follows them."""

import base64
import html
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import ipywidgets
from matplotlib.figure import Figure

__all__ = ["STYLE", "WIDE", "Explorer", "View"]

#: The room that a control's name takes, and that a slider takes.
STYLE = {"description_width": "8em"}
WIDE = {"width": "30em", "max_width": "100%"}


class View(NamedTuple):
    """What an explorer shows: numbers as HTML, the figure, and the figure in words (plain text)."""

    numbers: str
    figure: Figure
    alt: str


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Controls, and below them the numbers and the picture that `view` makes of their values.

    Where no widget can be shown (a rendered notebook, no kernel), the picture appears as a plain
    one, for the values set last.
    """

    def __init__(self, controls: Sequence[ipywidgets.DOMWidget]):
        """Draw, and draw again whenever one of the controls changes."""
        self.result = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()  # an Image widget has no alternative text
        self._controls = tuple(controls)
        self._shown: tuple[object, ...] | None = None
        self.draw()
        for control in controls:
            control.observe(self.draw, names="value")
        super().__init__([*controls, self.result, self.picture])

    def view(self) -> View:
        """What the controls' values come to."""
        raise NotImplementedError

    def draw(self, change: object = None) -> None:
        """Show the view of the controls as they stand now, unless it is what is shown."""
        values = tuple(control.value for control in self._controls)
        if values == self._shown:
            return
        self._shown = values
        numbers, figure, alt = self.view()
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=2 * figure.dpi)  # crisp on dense screens too
        self.png = base64.b64encode(png.getvalue()).decode("ascii")
        width, _ = figure.get_size_inches() * figure.dpi
        self.result.value = f"<b>{numbers}</b>"
        self.picture.value = (
            f'<img src="data:image/png;base64,{self.png}" width="{width:.0f}" '
            f'style="max-width:100%" alt="{html.escape(alt)}">'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the drawing itself, for a reader that cannot show widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = self.png
        return bundle
