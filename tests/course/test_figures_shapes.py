from collections import Counter

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course import figures
from course.figures.style import tint


def outlines(fig: Figure) -> list[Rectangle]:
    return [r for r in fig.axes[0].findobj(Rectangle) if not r.get_fill()]


def elements(fig: Figure, role: str) -> int:
    """How many elements of matrices are drawn in the colour of a role."""
    edge = to_rgba(figures.COLOURS[role])
    drawn = [r for r in fig.axes[0].findobj(Rectangle) if r.get_fill()]
    return sum(to_rgba(r.get_edgecolor()) == edge for r in drawn)


def words(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


@pytest.mark.parametrize(
    ("N", "D", "H"), [(3, 4, 5), (1, 1, 1), (1, 12, 1), (12, 1, 12), (2, 1, 12), (12, 12, 12)]
)
def test_gate_shapes_to_scale_and_legible(N, D, H, misplaced):
    fig = figures.gate_shapes(N, D, H)
    assert misplaced(fig) == []
    assert fig.get_figwidth() * fig.dpi == pytest.approx(900)
    assert elements(fig, "x") == N * D
    assert elements(fig, "forget") == D * H + H * H + N * H
    assert elements(fig, "muted") == 2 * N * H
    boxes = outlines(fig)
    assert len(boxes) == 8
    unit = boxes[0].get_width() / D
    sizes = [(r.get_height() / unit, r.get_width() / unit) for r in boxes]
    product = [(N, D), (D, H), (N, H), (H, H), (N, H)]
    np.testing.assert_allclose(sizes, [*product, (N, H), (N, H), (N, H)])


def test_gate_shapes_writes_the_shapes():
    texts = words(figures.gate_shapes(N=3, D=4, H=5))
    found = Counter(text.splitlines()[-1] for text in texts if text)
    assert (found["(3, 4)"], found["(4, 5)"], found["(5, 5)"], found["(3, 5)"]) == (1, 1, 1, 5)
    assert texts.count("@") == 2
    assert texts.count("∗") == 1


@pytest.mark.parametrize(("D", "H"), [(4, 3), (1, 1), (12, 1), (1, 12), (12, 12), (5, 8)])
def test_torch_weights_are_stacked_in_torch_order(D, H, misplaced):
    fig = figures.torch_weights(D, H)
    assert misplaced(fig) == []
    for roles in ("input", "forget", "candidate", "output"):
        assert elements(fig, roles) == 2 * D * H + 2 * H * H
    boxes = outlines(fig)[:8]  # U_i, its block, U_f, its block, …
    blocks = [r for index, r in enumerate(boxes) if index % 2]
    order = [to_rgba(r.get_edgecolor()) for r in sorted(blocks, key=Rectangle.get_y, reverse=True)]
    gates = ("input", "forget", "candidate", "output")
    assert order == [to_rgba(figures.COLOURS[role]) for role in gates]
    part, block = boxes[0], boxes[1]
    assert part.get_width() * H == pytest.approx(block.get_height() * H)
    assert part.get_height() == pytest.approx(block.get_width())
    assert f"(4H, D) = ({4 * H}, {D})" in words(fig)
    assert {"weight_ih_l0", "weight_hh_l0"} <= set(words(fig))


def test_dark_column_becomes_dark_row():
    fig = figures.torch_weights(D=4, H=3)
    dark = to_rgba(tint(figures.COLOURS["forget"], 0.65))
    cells = [r for r in fig.axes[0].findobj(Rectangle) if to_rgba(r.get_facecolor()) == dark]
    spans = Counter(round(r.get_x(), 3) for r in cells)
    levels = Counter(round(r.get_y(), 3) for r in cells)
    assert sorted(spans.values())[-2:] == [3, 4]  # W_f's column (H,) and U_f's column (D,)
    assert max(levels.values()) >= 4  # a row of weight_ih_l0, D long


@pytest.mark.parametrize("size", [0, 13])
def test_sizes_are_checked(size):
    with pytest.raises(ValueError, match=f"gate_shapes: D={size}"):
        figures.gate_shapes(D=size)
    with pytest.raises(ValueError, match=f"torch_weights: H={size}"):
        figures.torch_weights(H=size)


def test_gate_curves_are_the_functions_and_their_slopes(misplaced):
    fig = figures.gate_curves()
    assert misplaced(fig) == []
    gate, squash = fig.axes
    for ax, peak, ends in ((gate, 0.25, (0, 1)), (squash, 1.0, (-1, 1))):
        curve, slope = (line for line in ax.lines if len(line.get_xdata()) > 100)
        assert (curve.get_ydata()[0], curve.get_ydata()[-1]) == pytest.approx(ends, abs=0.01)
        assert slope.get_ydata().max() == pytest.approx(peak, abs=1e-3)
        assert (curve.get_linestyle(), slope.get_linestyle()) == ("-", "--")
        assert [text.get_text() for text in ax.texts].count("saturated") == 2
