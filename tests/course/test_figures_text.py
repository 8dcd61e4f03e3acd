import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course import figures
from course.figures.style import contrast

TEXT = 'def area(r):\n\t"""Cost in $a$ and $b$."""\n    return 3.14 * r ** 2\n\n' + "x" * 70
RNG = np.random.default_rng(5)
VALUES = RNG.random(len(TEXT))


def drawn(fig: Figure) -> list[tuple[str, float, float]]:
    fig.canvas.draw()
    return [(t.get_text(), *t.get_position()) for t in fig.axes[0].texts]


def test_one_box_a_character_wrapped_at_width_and_at_newlines():
    fig = figures.text_heatmap("ab\ncdefg", np.linspace(0, 1, 8), "unit 3", width=4)
    characters = drawn(fig)
    assert [c for c, _, _ in characters] == ["a", "b", "⏎", "c", "d", "e", "f", "g"]
    assert [int(y) for _, _, y in characters] == [0, 0, 0, 1, 1, 1, 1, 2]
    assert [x for _, x, _ in characters] == [0.5, 1.5, 2.5, 0.5, 1.5, 2.5, 3.5, 0.5]
    grid = fig.axes[0].collections[0].get_array()
    assert grid.count() == 8  # the other boxes stay empty
    np.testing.assert_allclose(grid.compressed(), np.linspace(0, 1, 8))
    assert fig.axes[1].get_xlabel() == "unit 3"


@pytest.mark.parametrize("text", ["a" * 64, "a" * 63 + "\n", "a" * 65, "\n", "z", "a\n\n"])
def test_rows_at_the_edges(text):
    characters = drawn(figures.text_heatmap(text, [0.5] * len(text), "f"))
    assert len(characters) == len(text)
    assert max(int(y) for _, _, y in characters) == {65: 1, 3: 1}.get(len(text), 0)


def test_texts_stay_inside(misplaced):
    fig = figures.text_heatmap(TEXT, VALUES, "forget gate")
    assert not [fault for fault in misplaced(fig) if "leaves" in fault]
    assert fig.get_figwidth() * fig.dpi == pytest.approx(900, abs=3)


@pytest.mark.parametrize(("vmin", "vmax", "name"), [(0, 1, "cividis"), (-2, 1, "PuOr")])
def test_every_character_reads_on_its_box(vmin, vmax, name):
    values = np.linspace(vmin - 0.5, vmax + 0.5, len(TEXT))
    fig = figures.text_heatmap(TEXT, values, "c", vmin=vmin, vmax=vmax)
    mesh = fig.axes[0].collections[0]
    assert mesh.get_cmap().name == name
    for text, value in zip(fig.axes[0].texts, values, strict=True):
        assert contrast(text.get_color(), mesh.to_rgba(value)[:3]) >= 4.5


def test_zero_is_neutral_when_values_go_below_it():
    mesh = figures.text_heatmap("ab", [0, 1], "c", vmin=-3, vmax=1).axes[0].collections[0]
    assert min(to_rgb(mesh.to_rgba(0.0)[:3])) > 0.95


def test_heatmap_takes_tensors_missing_values_and_strange_characters():
    text = "a\u4e2d\u00e9\r\u0007\U0001f600"
    values = torch.tensor([0.1, 0.2, float("nan"), 0.4, float("inf"), 0.6])
    assert [c for c, _, _ in drawn(figures.text_heatmap(text, values, "f"))] == list("a□é←□□")


@pytest.mark.parametrize(
    ("text", "values", "how"),
    [
        ("abc", [0.1, 0.2], {}),
        ("abc", [[0.1, 0.2, 0.3]], {}),
        ("", [], {}),
        ("ab", [0, 1], {"vmin": 1.0}),
        ("ab", [0, 1], {"width": 0}),
    ],
)
def test_heatmap_refuses_what_it_cannot_draw(text, values, how):
    with pytest.raises(ValueError, match="text_heatmap"):
        figures.text_heatmap(text, values, "f", **how)


def test_heatmap_says_both_lengths():
    with pytest.raises(ValueError, match=r"3 characters.*\(2,\)"):
        figures.text_heatmap("abc", [0.1, 0.2], "f")


def test_gate_rows_draw_the_chosen_units(misplaced):
    text = "if $x$:\n\treturn 1"
    gate, cell = RNG.random((len(text), 6)), RNG.normal(0, 2, (len(text), 6))
    fig = figures.gate_rows(text, {"f": gate, "c": torch.from_numpy(cell)}, [4, 1])
    assert misplaced(fig) == []
    panels = [ax for ax in fig.axes if ax.get_title(loc="left")]
    assert [ax.get_title(loc="left") for ax in panels] == ["forget gate $f_t$", "cell state $c_t$"]
    for ax, array, name in zip(panels, (gate, cell), ("cividis", "PuOr"), strict=True):
        mesh = ax.collections[0]
        np.testing.assert_allclose(mesh.get_array(), array[:, [4, 1]].T)
        assert mesh.get_cmap().name == name
        assert [tick.get_text() for tick in ax.get_yticklabels()] == ["unit 4", "unit 1"]
        assert "".join(note.get_text() for note in ax.texts) == "if $x$:⏎⇥return 1"
    low, high = panels[1].collections[0].get_clim()
    assert -low == high == pytest.approx(np.abs(cell[:, [4, 1]]).max())
    assert panels[0].collections[0].get_clim() == (0, 1)


def test_sixty_characters_fit_a_notebook(misplaced):
    gates = {name: RNG.random((60, 200)) for name in ("f", "i", "o", "mine_$")}
    fig = figures.gate_rows("m" * 60, gates, [7, 128, 199])
    assert misplaced(fig) == []
    assert fig.get_figwidth() * fig.dpi <= 905


@pytest.mark.parametrize(
    ("text", "gates", "units"),
    [
        ("abc", {"f": np.zeros((2, 4))}, [0]),
        ("abc", {"f": np.zeros(3)}, [0]),
        ("abc", {}, [0]),
        ("abc", {"f": np.zeros((3, 4))}, []),
        ("", {"f": np.zeros((0, 4))}, [0]),
    ],
)
def test_gate_rows_refuse_shapes_that_do_not_fit(text, gates, units):
    with pytest.raises(ValueError, match="gate_rows"):
        figures.gate_rows(text, gates, units)


@pytest.mark.parametrize("unit", [4, -1])
def test_gate_rows_name_a_missing_unit(unit):
    with pytest.raises(IndexError, match=rf"'f' has units 0 to 3, not \[{unit}\]"):
        figures.gate_rows("abc", {"f": np.zeros((3, 4))}, [0, unit])
