import io
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.text import Text

from course import figures
from course.figures.cells import PARTS, VALUES, format_number
from course.figures.style import ink
from course.figures.wiring import rounded

NUMBERS = dict(zip(VALUES, (0.9, 0.2, -0.5, 0.7, 2.0, 1.7, 0.6548), strict=True))
LIT = [None, *PARTS]


def words(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


def edges(fig: Figure) -> set[tuple[float, ...]]:
    return {to_rgba(patch.get_edgecolor()) for patch in fig.findobj(Patch)}


def pixels(fig: Figure) -> np.ndarray:
    fig.canvas.draw()
    return np.asarray(fig.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("lit", LIT)
@pytest.mark.parametrize("values", [None, NUMBERS, dict.fromkeys(VALUES, -0.1234)])
def test_lstm_cell_texts_keep_apart_and_inside(lit, values, misplaced):
    assert misplaced(figures.lstm_cell(lit, values)) == []


@pytest.mark.parametrize("lit", PARTS)
def test_lit_part_is_in_its_colour_with_its_equation_and_the_rest_grey(lit):
    fig = figures.lstm_cell(lit)
    own, grey = figures.COLOURS[lit], figures.COLOURS["muted"]
    assert to_rgba(own) in edges(fig)
    assert to_rgba(grey) in edges(fig)
    others = {figures.COLOURS[part] for part in PARTS} - {own}
    assert not {to_rgba(colour) for colour in others} & edges(fig)
    equations = [t for t in fig.findobj(Text) if "=" in t.get_text()]
    assert len(equations) == 1
    assert equations[0].get_color() == ink(own)
    assert r"\mathbfit" in equations[0].get_text()


def test_whole_cell_shows_every_part_in_its_own_colour():
    fig = figures.lstm_cell()
    assert {to_rgba(figures.COLOURS[part]) for part in PARTS} <= edges(fig)
    assert to_rgba(figures.COLOURS["muted"]) not in edges(fig)


def test_each_lit_part_makes_a_different_picture():
    pictures = [pixels(figures.lstm_cell(lit)) for lit in LIT]
    assert all(not np.array_equal(a, b) for a, b in pairwise([*pictures, pictures[0]]))


def test_the_cell_keeps_its_size_when_relit():
    sizes = {tuple(figures.lstm_cell(lit).get_size_inches()) for lit in LIT}
    assert len(sizes) == 1
    assert sizes.pop()[0] * 110 == pytest.approx(900)


def test_four_layers_three_signs_and_four_weight_pairs_are_written():
    texts = words(figures.lstm_cell())
    assert texts.count("σ") == 3
    assert texts.count("tanh") == 2  # the candidate's layer, the operation on c_t
    assert texts.count("×") == 3
    assert texts.count("+") == 1
    assert {f"$U_{g},W_{g}$" for g in "fico"} <= set(texts)


def test_legend_names_the_five_symbols():
    texts = {text.replace("\n", " ") for text in words(figures.lstm_cell())}
    symbols = {"neural network layer", "pointwise operation", "transfer", "concatenate", "copy"}
    assert symbols <= texts


def test_values_are_written_beside_the_wires():
    assert {"0.90", "0.20", "−0.50", "0.70", "2.00", "1.70", "0.655"} <= set(
        words(figures.lstm_cell(values=NUMBERS))
    )
    assert "2.00" in words(figures.lstm_cell("cell", {"c_prev": 2}))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9, "0.90"), (-0.5, "−0.50"), (0.6548, "0.655"), (123.456, "123.5"), (-2e4, "−2.0e+04")],
)
def test_numbers_are_short(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize("lit", ["gate", "Forget", "", "c_bar"])
def test_unknown_part_is_refused_by_name(lit):
    with pytest.raises(
        ValueError, match="'forget', 'input', 'candidate', 'cell', 'output'"
    ) as error:
        figures.lstm_cell(lit)
    assert repr(lit) in str(error.value)


def test_unknown_value_is_refused_by_name():
    with pytest.raises(ValueError, match=r"c_t.*f, i, c_bar, o, c_prev, c, h"):
        figures.lstm_cell(values={"c_t": 1.0})


def test_rnn_cell_has_one_layer(misplaced):
    fig = figures.rnn_cell()
    assert misplaced(fig) == []
    assert words(fig).count("tanh") == 1


@pytest.mark.parametrize("steps", range(1, 9))
def test_unrolled_rnn_has_a_cell_a_step(steps, misplaced):
    fig = figures.rnn_unrolled(steps)
    assert misplaced(fig) == []
    assert words(fig).count("tanh") == steps + 1
    assert f"$x_{{{steps}}}$" in words(fig)


@pytest.mark.parametrize("steps", range(1, 9))
def test_chains_compare_one_layer_with_four(steps, misplaced):
    fig = figures.lstm_chain(steps)
    assert misplaced(fig) == []
    assert words(fig).count("σ") == 3 * steps
    assert words(fig).count("tanh") == 3 * steps  # RNN's layer, candidate's layer, operation
    assert words(fig).count("$x_{t}$") == 2


@pytest.mark.parametrize("draw", [figures.rnn_unrolled, figures.lstm_chain])
@pytest.mark.parametrize("steps", [0, -1, 9])
def test_number_of_steps_is_checked(draw, steps):
    with pytest.raises(ValueError, match=f"{draw.__name__}: steps={steps}"):
        draw(steps)


@pytest.mark.parametrize(
    "draw", [figures.rnn_cell, figures.rnn_unrolled, figures.lstm_cell, figures.lstm_chain]
)
def test_wires_run_level_or_upright(draw):
    wires = [patch for patch in draw().findobj(PathPatch) if not patch.get_fill()]
    assert len(wires) >= 5
    for patch in wires:
        for a, b in pairwise(patch.get_path().vertices):
            assert min(abs(a - b)) < 1e-9, f"a slanting wire from {a} to {b}"


@pytest.mark.parametrize("draw", [figures.lstm_cell, figures.rnn_cell])
def test_drawing_is_the_same_under_any_plot_style(draw, default_style):
    before = pixels(draw())
    figures.use_style()
    assert np.array_equal(before, pixels(draw()))


def test_corners_are_rounded_and_ends_kept():
    path = rounded([(0, 0), (10, 0), (10, 10)], 2)
    assert path.vertices.tolist() == [[0, 0], [8, 0], [10, 0], [10, 2], [10, 10]]


def test_figures_render_and_are_unknown_to_pyplot():
    import matplotlib.pyplot as plt

    for _ in range(25):  # pyplot warns of more than 20
        fig = figures.lstm_cell()
    picture = io.BytesIO()
    fig.savefig(picture)
    assert picture.getvalue().startswith(b"\x89PNG")
    assert plt.get_fignums() == []
    assert fig.findobj(Polygon), "no arrow heads"
