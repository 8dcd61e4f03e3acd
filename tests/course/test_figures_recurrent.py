"""Diagrams of the five types, of the way back, and of a padded batch."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from course.figures.recurrent import (
    TYPES,
    architecture,
    bptt,
    concatenated,
    padded_batch,
    truncated,
)


def words(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text)]


def wires(fig: Figure) -> list[PathPatch]:
    return [patch for patch in fig.findobj(PathPatch) if not patch.get_fill()]


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_is_drawn_with_its_title(kind, misplaced) -> None:
    fig = architecture(kind)
    assert misplaced(fig) == []
    assert TYPES[kind][0] in words(fig)


@pytest.mark.parametrize(
    ("kind", "cells", "inputs", "outputs"),
    [
        ("one_to_one", 1, 1, 1),
        ("one_to_many", 4, 1, 4),
        ("many_to_one", 4, 4, 1),
        ("many_to_many", 4, 4, 4),
        ("encoder_decoder", 8, 4, 4),
    ],
)
def test_a_type_has_its_cells_inputs_and_outputs(kind, cells, inputs, outputs) -> None:
    texts = words(architecture(kind))
    assert texts.count("tanh") == cells
    assert sum(text.startswith("$x") for text in texts) == inputs
    assert sum(text.startswith("$y") for text in texts) == outputs
    assert ("0" in texts) == (kind == "encoder_decoder")


@pytest.mark.parametrize(
    ("kind", "inputs", "outputs"),
    [
        ("one_to_one", ["counts"], ["Hungarian"]),
        ("one_to_many", ["342"], ["three", "hundred", "and", "forty", "two", "<end>"]),
        ("many_to_one", list("saksassa"), ["Finnish"]),
        ("many_to_many", list("(()())()"), list("12121010")),
        ("encoder_decoder", ["5", "may", "2031"], ["2031", "-", "05", "-", "05"]),
    ],
)
def test_tokens_stand_in_the_boxes(kind, inputs, outputs, misplaced) -> None:
    fig = architecture(kind, inputs, outputs)
    assert misplaced(fig) == []
    texts = words(fig)
    for token in (*inputs, *outputs):
        assert token in texts


@pytest.mark.parametrize(
    ("kind", "inputs", "outputs", "says"),
    [
        ("many_to_few", None, None, "many_to_few"),
        ("one_to_one", ["a", "b"], None, "2 inputs"),
        ("many_to_many", ["a"], ["b", "c"], "1 inputs, 2 outputs"),
        ("many_to_one", list("a" * 9), None, "9 steps"),
    ],
)
def test_what_a_type_cannot_have_is_refused(kind, inputs, outputs, says) -> None:
    with pytest.raises(ValueError, match=says):
        architecture(kind, inputs, outputs)


@pytest.mark.parametrize("sizes", [(3, 2, 4), (1, 1, 1), (6, 6, 6), (2, 5, 3)])
def test_concatenated_shows_all_shapes(sizes, misplaced) -> None:
    fig = concatenated(*sizes)
    assert misplaced(fig) == []
    n, d, h = sizes
    assert f"(N, D+H) = ({n}, {d + h})" in words(fig)
    assert f"(D+H, H) = ({d + h}, {h})" in words(fig)


@pytest.mark.parametrize("size", [0, 7])
def test_concatenated_checks_its_sizes(size) -> None:
    with pytest.raises(ValueError, match=f"H={size}"):
        concatenated(H=size)


@pytest.mark.parametrize("steps", range(2, 6))
def test_bptt_adds_at_every_state(steps, misplaced) -> None:
    fig = bptt(steps)
    assert misplaced(fig) == []
    assert words(fig).count("+") == steps
    assert f"$L_{steps}$" in words(fig)


@pytest.mark.parametrize(("steps", "window"), [(8, 3), (10, 1), (6, 6), (2, 1), (9, 4)])
def test_the_gradient_is_cut_between_windows(steps, window, misplaced) -> None:
    fig = truncated(steps, window)
    assert misplaced(fig) == []
    cuts = (steps - 1) // window
    assert words(fig).count("cut") == cuts
    assert len(wires(fig)) == 2 * (steps - 1) - cuts


@pytest.mark.parametrize(("draw", "arguments"), [(bptt, (1,)), (bptt, (6,)), (truncated, (8, 9)),
                                                 (truncated, (1, 1)), (padded_batch, ([],)),
                                                 (padded_batch, (["a", ""],))])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(draw, arguments) -> None:
    with pytest.raises(ValueError, match=draw.__name__):
        draw(*arguments)


def test_a_padded_batch_shows_every_letter_and_length(misplaced) -> None:
    fig = padded_batch(["ruotsi", "peru"])
    assert misplaced(fig) == []
    texts = words(fig)
    assert [texts.count(sign) for sign in ("r", "u", "0")] == [2, 2, 2]
    assert {"6", "4"} <= set(texts)


@pytest.mark.parametrize("draw", [lambda: architecture("encoder_decoder"), bptt, truncated])
def test_wires_run_level_or_upright(draw) -> None:
    drawn = wires(draw())
    assert len(drawn) >= 5
    for patch in drawn:
        for a, b in pairwise(patch.get_path().vertices):
            assert min(abs(a - b)) < 1e-9, f"a slanting wire from {a} to {b}"
