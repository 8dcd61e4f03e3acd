from collections.abc import Callable, Iterator
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

Misplaced = Callable[[Figure], list[str]]


@pytest.fixture
def misplaced() -> Misplaced:
    """A function that lists texts of a figure which overlap one another or leave the figure."""
    return _misplaced


@pytest.fixture
def default_style() -> Iterator[None]:
    """Put matplotlib's settings back after a test that changes them."""
    with mpl.rc_context():
        yield


def _misplaced(fig: Figure) -> list[str]:
    fig.draw_without_rendering()
    texts = [t for t in fig.findobj(Text) if t.get_visible() and t.get_text().strip()]
    boxes = [(text.get_text(), _box(text)) for text in texts]
    assert boxes, "the figure has no text"
    page = fig.bbox
    faults = [
        f"{text!r} leaves the figure"
        for text, (left, bottom, right, top) in boxes
        if left < 0 or bottom < 0 or right > page.width or top > page.height
    ]
    for (text, a), (other, b) in combinations(boxes, 2):
        wide = min(a[2], b[2]) - max(a[0], b[0])
        high = min(a[3], b[3]) - max(a[1], b[1])
        if wide > 0 and high > 0:
            faults.append(f"{text!r} overlaps {other!r} by {wide:.1f} x {high:.1f} pixels")
    return faults


def _box(text: Text) -> tuple[float, float, float, float]:
    """Left, bottom, right, top in pixels, with the plate behind the text if it has one."""
    plate = text.get_bbox_patch()
    left, bottom, right, top = (plate or text).get_window_extent().extents
    return float(left), float(bottom), float(right), float(top)
