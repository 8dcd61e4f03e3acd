"""Pictures to look at and to move: a photograph, hand-made filters, shifted and shuffled digits."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from sklearn.datasets import load_sample_image
from torch import Tensor, nn

from course.experiments.training import Digits, digits

__all__ = [
    "FILTERS",
    "PHOTOGRAPH_CREDIT",
    "framed_digits",
    "photograph",
    "shift_error",
    "shifted",
    "shuffled",
]

Operation = Callable[[Tensor], Tensor]

PHOTOGRAPH_CREDIT = "Photograph: danielbuechele on Flickr, CC BY 2.0; in grey, cropped."
"""What to print below `photograph`, which is `china.jpg` of scikit-learn's sample images."""

FILTERS: Mapping[str, Tensor] = MappingProxyType(
    {
        "blur": torch.full((3, 3), 1 / 9),
        "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        "upright edges": torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        "level edges": torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
        "outline": torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    }
)
"""Name to a 3 by 3 kernel, float32; the two kinds of edges are Sobel's."""


def photograph(height: int = 240, width: int = 360) -> Tensor:
    """Load a photograph of a Chinese temple in grey, (1, 1, height, width), float32 in 0 to 1.

    The crop begins 100 rows from the top. Raises ValueError for a size the photograph lacks.
    """
    if not (1 <= height <= 327 and 1 <= width <= 640):
        raise ValueError(f"photograph: {height} by {width} does not fit into 327 by 640")
    colours = torch.tensor(load_sample_image("china.jpg"), dtype=torch.float32) / 255
    grey = colours @ torch.tensor([0.299, 0.587, 0.114])  # the luma weights of ITU-R BT.601
    return grey[100 : 100 + height, :width][None, None].contiguous()


def framed_digits(margin: int, n_train: int = 1200, seed: int = 0) -> Digits:
    """Scikit-learn's digits as pictures (N, 1, S, S), S = 8 + 2 margin, in a frame of background.

    With a margin of m, a digit can be moved m pixels and nothing of it is lost. Raises ValueError
    for a margin below 0.
    """
    if margin < 0:
        raise ValueError(f"framed_digits: margin must be at least 0, got {margin}")
    flat = digits(n_train, seed)
    background = float(flat.x.min())

    def framed(x: Tensor) -> Tensor:
        return nn.functional.pad(x.view(-1, 1, 8, 8), (margin,) * 4, value=background)

    return Digits(framed(flat.x), flat.y, framed(flat.x_unseen), flat.y_unseen)


def shifted(x: Tensor, right: int, down: int = 0) -> Tensor:
    """Move pictures (..., H, W); what leaves at one side comes in at the other."""
    return torch.roll(x, (down, right), (-2, -1))


def shuffled(data: Digits, seed: int) -> Digits:
    """Put the pixels of pictures (N, 1, H, W) into a new order, the same for every picture."""
    height, width = data.x.shape[-2:]
    order = torch.randperm(height * width, generator=torch.Generator().manual_seed(seed))

    def moved(x: Tensor) -> Tensor:
        return x.flatten(2)[..., order].view_as(x)

    return Digits(moved(data.x), data.y, moved(data.x_unseen), data.y_unseen)


def shift_error(operation: Operation, x: Tensor, right: int, stride: int) -> float:
    """How far is `operation` after a shift from a shift after `operation`?

    x (1, C, H, W) is moved `right` pixels before the operation; its outputs, `stride` times
    smaller, by the nearest whole numbers of pixels, and the better one counts. Returns the root
    mean square of the difference over the standard deviation of the outputs: 0 is equivariance.
    """
    with torch.no_grad():
        before, after = operation(shifted(x, right)), operation(x)
        places = {right // stride, -(-right // stride)}
        errors = [(before - shifted(after, place)).square().mean().sqrt() for place in places]
        return float(min(errors) / after.std())
