"""Diagrams of convolution, and of the networks made of it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course import figures

IMAGE = np.arange(24).reshape(4, 6)
KERNEL = np.array([[1, 0, -2], [0, 3, 0]])
RESULT = np.full((3, 4), 7)
LARGE = np.full((8, 8), 16), np.full((3, 3), -1), np.full((6, 6), -144)

DRAWINGS = pytest.mark.parametrize(
    "draw",
    [
        figures.geometry,
        figures.channel_sums,
        figures.receptive_fields,
        figures.lenet,
        figures.residual_block,
        lambda: figures.kernel_over_image(IMAGE, KERNEL, RESULT, (1, 2)),
        lambda: figures.kernel_over_image(*LARGE, (5, 0)),
    ],
    ids=["geometry", "channels", "receptive", "lenet", "residual", "kernel", "kernel-8"],
)  # fmt: skip


def words(fig) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


@DRAWINGS
def test_texts_stay_apart_and_inside_at_notebook_width(draw, misplaced) -> None:
    fig = draw()
    assert misplaced(fig) == []
    assert fig.get_figwidth() * fig.dpi == pytest.approx(900)


def test_the_arithmetic_is_that_of_the_place() -> None:
    result = RESULT.copy()
    result[1, 2] = -41
    texts = words(figures.kernel_over_image(IMAGE, KERNEL, result, (1, 2)))
    lines = [" ".join(text.split()) for text in texts if "·" in text]
    assert lines == ["8·1 + 9·0 + 10·(−2)", "+ 14·0 + 15·3 + 16·0"]
    assert "= −41" in texts


def test_the_kernel_is_framed_where_it_lies() -> None:
    def frame(at):
        fig = figures.kernel_over_image(IMAGE, KERNEL, RESULT, at)
        orange = to_rgba(figures.COLOURS["forget"])
        frames = [r for r in fig.axes[0].findobj(Rectangle) if not r.get_fill()]
        return next(r for r in frames if r.get_edgecolor() == orange)

    first, moved = frame((0, 0)), frame((1, 2))
    side = first.get_width() / 3
    assert moved.get_x() - first.get_x() == pytest.approx(2 * side)
    assert first.get_y() - moved.get_y() == pytest.approx(side)


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"give \(3, 4\) sums, not \(4, 6\)"):
        figures.kernel_over_image(IMAGE, KERNEL, IMAGE, (0, 0))


@pytest.mark.parametrize("at", [(3, 0), (0, 4), (-1, 0)])
def test_a_place_outside_the_result_is_refused(at) -> None:
    with pytest.raises(IndexError, match="no place"):
        figures.kernel_over_image(IMAGE, KERNEL, RESULT, at)


def test_the_cones_count_what_they_light() -> None:
    texts = words(figures.receptive_fields())
    assert [text for text in texts if text.isdigit()] == ["7", "5", "3", "1", "15", "7", "3", "1"]


def test_lenet_has_the_shapes_of_the_paper() -> None:
    shapes = [" ".join(text.split()) for text in words(figures.lenet())]
    maps = ["1 @ 32 × 32", "6 @ 28 × 28", "6 @ 14 × 14", "16 @ 10 × 10", "16 @ 5 × 5"]
    assert [shape for shape in shapes if "@" in shape] == maps
    assert {"120", "84", "10"} <= set(shapes)


def test_only_the_residual_block_adds() -> None:
    assert words(figures.residual_block()).count("+") == 1
