"""The rows of recorded runs, and the map with blanks."""

import pytest
from matplotlib.text import Text

from course.experiments.sabotage import load_runs
from course.figures.concepts import CONCEPT_LINKS, concept_map
from course.figures.runs import run_rows

RUNS = load_runs()


def _texts(figure) -> list[str]:
    found = [text.get_text() for text in figure.texts]
    return found + [text.get_text() for ax in figure.axes for text in ax.texts]


def test_a_row_has_four_plots_and_its_title() -> None:
    figure = run_rows(RUNS[:3], ["a", "b", "c"])
    assert len(figure.axes) == 12
    assert {"a", "b", "c"} <= set(_texts(figure))
    loss = figure.axes[0].lines
    assert list(loss[0].get_ydata()) == RUNS[0]["train_loss"]
    assert list(loss[1].get_ydata()) == RUNS[0]["validation_loss"]


def test_every_layer_has_its_gradient_in_the_picture() -> None:
    for number, run in enumerate(RUNS):
        axes = run_rows([run], [f"run {number}"]).axes
        assert len(axes[2].lines) == len(run["gradient_norm"][0])
        assert len(axes[3].lines) == len(run["zero_share"][0])


def test_a_gradient_of_nothing_is_drawn_too() -> None:
    dead = next(run for run in RUNS if max(run["zero_share"][-1]) > 0.99)
    heights = [y for line in run_rows([dead], ["dead"]).axes[2].lines for y in line.get_ydata()]
    assert min(heights) > 0


def test_lines_at_0_and_at_1_lie_within_the_plot() -> None:
    for axes in run_rows(RUNS[:1], ["a"]).axes[1::2]:
        low, high = axes.get_ylim()
        assert low < 0 < 1 < high


def test_nothing_is_smaller_than_the_text_around_the_picture() -> None:
    sizes = [text.get_fontsize() for text in run_rows(RUNS[:2], ["a", "b"]).findobj(Text)]
    assert min(sizes) >= 10


def test_a_diagnosis_is_marked_by_a_sign_and_not_only_by_colour() -> None:
    texts = _texts(run_rows(RUNS[:3], ["a", "b", "c"], [True, False, None]))
    assert {"✓ a", "✗ b", "c"} <= set(texts)


@pytest.mark.parametrize(("titles", "right"), [(["a"], None), (["a", "b"], [True])])
def test_titles_and_marks_must_be_as_many_as_runs(titles, right) -> None:
    with pytest.raises(ValueError, match="2 runs"):
        run_rows(RUNS[:2], titles, right)


def test_no_run_is_refused() -> None:
    with pytest.raises(ValueError, match="0 runs"):
        run_rows([], [])


def test_the_map_has_twelve_blanks_and_says_something_on_its_way_to_each(misplaced) -> None:
    figure = concept_map()
    assert {t for t in _texts(figure) if len(t) == 1} == set("ABCDEFGHIJKL")
    assert {end for _, end, says, _ in CONCEPT_LINKS if says} >= set("ABCDEFGHIJKL")
    assert misplaced(figure) == []


def test_words_are_written_into_the_blanks(misplaced) -> None:
    figure = concept_map({"A": "momentum", "K": "backpropagation through time"})
    assert "A: momentum" in _texts(figure)
    assert "K: backpropagation through\ntime" in _texts(figure)
    assert misplaced(figure) == []


def test_an_unknown_blank_is_refused() -> None:
    with pytest.raises(KeyError, match="Z"):
        concept_map({"Z": "pooling"})
