"""The kernel explorer: slide a kernel over an image, watch the arithmetic of each place."""

import base64
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import ipywidgets
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from course import figures
from course.experiments.images import FILTERS

__all__ = ["KERNELS", "KernelExplorer"]

KERNELS: Mapping[str, torch.Tensor] = MappingProxyType(
    {name: FILTERS[name] for name in ("upright edges", "level edges", "outline")}
    | {
        "sum": torch.ones(3, 3),
        "one step": torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 0, 0]]),
    }
)
"""Name to a 3 by 3 kernel of whole numbers."""


class KernelExplorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A row, a column and a kernel to choose; the drawing shows the sum the kernel makes there.

    Where no widget can be shown (a rendered notebook, no kernel), the drawing appears as a plain
    picture, for the place set last.
    """

    def __init__(
        self, image: ArrayLike, kernel: str = "upright edges", row: int = 1, column: int = 1
    ):
        """Show an image (H, W) of whole numbers, H and W from 3 to 10.

        Raises:
            ValueError: the image has another shape, no kernel has this name, or the row or the
                column is outside the result, (H - 2, W - 2).

        """
        self._image: NDArray[np.float64] = np.asarray(image, dtype=float)
        if self._image.ndim != 2 or not all(3 <= n <= 10 for n in self._image.shape):
            raise ValueError(f"KernelExplorer: {self._image.shape} is not (H, W), each 3 to 10")
        if kernel not in KERNELS:
            raise ValueError(f"KernelExplorer: {kernel!r} is none of {', '.join(KERNELS)}")
        style, wide = {"description_width": "8em"}, {"width": "30em", "max_width": "100%"}
        self.sliders = {}
        for name, place, size in zip(
            ("row", "column"), (row, column), self._image.shape, strict=True
        ):
            if not 0 <= place <= size - 3:
                raise ValueError(f"KernelExplorer: {name}={place} is not in 0 to {size - 3}")
            self.sliders[name] = ipywidgets.IntSlider(
                place, min=0, max=size - 3, description=name, style=style, layout=wide
            )
        self.kernel = ipywidgets.Dropdown(
            options=list(KERNELS), value=kernel, description="kernel", style=style
        )
        self.result = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()  # an Image widget has no alternative text
        self._draw()
        for control in (*self.sliders.values(), self.kernel):
            control.observe(self._draw, names="value")
        super().__init__([*self.sliders.values(), self.kernel, self.result, self.picture])

    def _draw(self, change: object = None) -> None:
        """Lay the kernel down where the sliders say and redraw."""
        name = str(self.kernel.value)
        row, column = (int(slider.value) for slider in self.sliders.values())
        weights = KERNELS[name].double()
        pixels = torch.from_numpy(self._image)
        sums = torch.nn.functional.conv2d(pixels[None, None], weights[None, None])[0, 0].numpy()
        total = f"{sums[row, column]:g}".replace("-", "−")
        self.result.value = (
            f"<b>row {row}, column {column}: the nine products add up to {total}</b>"
        )
        figure = figures.kernel_over_image(self._image, weights.numpy(), sums, (row, column))
        png = io.BytesIO()
        figure.savefig(png, format="png")
        self.png = base64.b64encode(png.getvalue()).decode("ascii")
        width, _ = figure.get_size_inches() * figure.dpi
        self.picture.value = (
            f'<img src="data:image/png;base64,{self.png}" width="{width:.0f}" '
            f'style="max-width:100%" alt="The kernel {name} lies on the image at row {row}, column '
            f'{column}; its nine products add up to {total}.">'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the drawing itself, for a reader that cannot show widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = self.png
        return bundle
