from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.text import Text

from course import figures
from course.figures import backward
from course.figures.cells import grey_cell

LIT, PASSED = (to_rgba(figures.COLOURS[role]) for role in ("forget", "output"))


def pixels(fig):
    fig.canvas.draw()
    return np.asarray(fig.canvas.buffer_rgba()).copy()


def heads(fig, colour):
    return [p for p in fig.findobj(Polygon) if p.get_facecolor() == colour]


@pytest.mark.parametrize("part", backward.PARTS)
def test_texts_keep_apart_and_inside(part, misplaced):
    assert misplaced(backward.lstm_cell_flow(part)) == []


def test_each_part_lights_its_own_roads_and_keeps_those_before():
    lit, passed = [], []
    for part in backward.PARTS:
        fig = backward.lstm_cell_flow(part)
        lit.append(len(heads(fig, LIT)))
        passed.append(len(heads(fig, PASSED)))
    assert lit == [4, 2, 6, 4, 2]
    assert passed == [0, 4, 6, 12, 16], "all that was lit before"


def test_pictures_differ_and_keep_their_size():
    pictures = [pixels(backward.lstm_cell_flow(part)) for part in backward.PARTS]
    assert len({picture.shape for picture in pictures}) == 1
    assert not any(np.array_equal(a, b) for a, b in pairwise(pictures))


def test_the_gradient_of_every_value_is_named_once():
    texts = [t for part in backward.PARTS for t in backward.lstm_cell_flow(part).findobj(Text)]
    names = [text.get_text() for text in texts if text.get_bbox_patch()]
    values = {"dh_t", "do_t", "dc_t", "df_t", "di_t", r"d\bar{c}_t", "dc_{t-1}", "dh_{t-1}", "dx_t"}
    assert {f"${value}$" for value in values} <= set(names)
    assert {f"$dU_{g},dW_{g}$" for g in "fico"} <= set(names)
    assert len(names) == len(set(names))


def test_roads_run_level_or_upright():
    for patch in backward.lstm_cell_flow("inputs").findobj(PathPatch):
        if not patch.get_fill():
            for a, b in pairwise(patch.get_path().vertices):
                assert min(abs(a - b)) < 1e-9


def test_the_grey_cell_has_no_colour_and_no_arrows():
    fig, ax = grey_cell()
    assert ax.figure is fig
    colours = {to_rgba(figures.COLOURS[part]) for part in figures.cells.PARTS}
    assert not colours & {to_rgba(p.get_edgecolor()) for p in fig.findobj(Patch)}
    legend_heads = [p for p in fig.findobj(Polygon) if p.get_path().vertices[:, 1].max() > 10]
    assert legend_heads == []


def test_every_part_has_words():
    assert set(backward.ALT) == set(backward.TAKEAWAYS) == set(backward.PARTS)
    assert [t[0] for t in backward.TAKEAWAYS.values()] == list("12345")


@pytest.mark.parametrize("part", ["", "forget", "Hidden"])
def test_unknown_part_is_refused_by_name(part):
    with pytest.raises(
        ValueError, match="'hidden', 'readers', 'cell', 'layers', 'inputs'"
    ) as error:
        backward.lstm_cell_flow(part)
    assert repr(part) in str(error.value)
