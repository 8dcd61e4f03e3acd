"""The maps of the course."""

from __future__ import annotations

import numpy as np
import pytest

from course.figures import roadmap

MAPS = pytest.mark.parametrize(
    ("draw", "boxes"),
    [
        (roadmap.learning_map, roadmap.LEARNING),
        (roadmap.architecture_map, roadmap.ARCHITECTURES),
    ],
)


def _pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


@MAPS
def test_all_boxes_are_lit_unless_some_are_named(draw, boxes) -> None:
    assert np.array_equal(_pixels(draw()), _pixels(draw(tuple(boxes))))


@MAPS
def test_each_box_can_be_lit_alone(draw, boxes) -> None:
    pictures = [_pixels(draw((name,))) for name in boxes]
    assert all(not np.array_equal(a, b) for i, a in enumerate(pictures) for b in pictures[:i])


@MAPS
def test_every_text_lies_inside_the_picture(draw, boxes) -> None:
    figure = draw()
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert 0 <= box.x0 < box.x1 <= width, text.get_text()
        assert 0 <= box.y0 < box.y1 <= height, text.get_text()


@MAPS
def test_a_box_that_is_none_is_named(draw, boxes) -> None:
    with pytest.raises(ValueError, match=r"\['GAN'\] are no boxes; there are"):
        draw(("GAN",))


def test_notes_stand_beside_their_boxes(misplaced) -> None:
    notes = {"model": "sections 1, 2, 4–6", "optimiser": "sections 3 and 7"}
    figure = roadmap.learning_map(("model",), notes)
    assert misplaced(figure) == []
    assert set(notes.values()) <= {text.get_text() for text in figure.axes[0].texts}
    with pytest.raises(ValueError, match=r"\['GAN'\] are no boxes"):
        roadmap.learning_map(notes={"GAN": "never"})
