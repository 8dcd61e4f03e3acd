"""The kernel explorer: slide a kernel over an image, watch the arithmetic of each place."""

from collections.abc import Mapping
from types import MappingProxyType

import ipywidgets
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from course import figures
from course.experiments.images import FILTERS
from course.widgets._explorer import STYLE, WIDE, Explorer, View

__all__ = ["KERNELS", "KernelExplorer"]

KERNELS: Mapping[str, torch.Tensor] = MappingProxyType(
    {name: FILTERS[name] for name in ("upright edges", "level edges", "outline")}
    | {
        "sum": torch.ones(3, 3),
        "one step": torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 0, 0]]),
    }
)
"""Name to a 3 by 3 kernel of whole numbers."""


class KernelExplorer(Explorer):
    """A row, a column and a kernel to choose; the drawing shows the sum the kernel makes there."""

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
        self.sliders = {}
        for name, place, size in zip(
            ("row", "column"), (row, column), self._image.shape, strict=True
        ):
            if not 0 <= place <= size - 3:
                raise ValueError(f"KernelExplorer: {name}={place} is not in 0 to {size - 3}")
            self.sliders[name] = ipywidgets.IntSlider(
                place, min=0, max=size - 3, description=name, style=STYLE, layout=WIDE
            )
        self.kernel = ipywidgets.Dropdown(
            options=list(KERNELS), value=kernel, description="kernel", style=STYLE
        )
        super().__init__([*self.sliders.values(), self.kernel])

    def view(self) -> View:
        """Lay the kernel down where the sliders say."""
        name = str(self.kernel.value)
        row, column = (int(slider.value) for slider in self.sliders.values())
        weights = KERNELS[name].double()
        pixels = torch.from_numpy(self._image)
        sums = torch.nn.functional.conv2d(pixels[None, None], weights[None, None])[0, 0].numpy()
        total = f"{sums[row, column]:g}".replace("-", "−")
        figure = figures.kernel_over_image(self._image, weights.numpy(), sums, (row, column))
        return View(
            f"row {row}, column {column}: the nine products add up to {total}",
            figure,
            f"The kernel {name} lies on the image at row {row}, column {column}; its nine products "
            f"add up to {total}.",
        )
