"""The sliders and the picture that follows them."""

import base64
import math

import pytest

from course.widgets import CellExplorer, cell_step

GIVEN = {"f": 0.9, "i": 0.2, "o": 0.7, "c_bar": 0.5, "c_prev": 2.0}


def test_one_step_in_numbers() -> None:
    assert cell_step(GIVEN) == pytest.approx((1.9, 0.7 * math.tanh(1.9)))


def test_the_sliders_start_where_they_are_told() -> None:
    explorer = CellExplorer(**GIVEN)
    assert {name: slider.value for name, slider in explorer.sliders.items()} == GIVEN
    assert "= 1.900" in explorer.result.value
    assert "= 0.669" in explorer.result.value


def test_moving_a_slider_changes_numbers_and_picture() -> None:
    explorer = CellExplorer(**GIVEN)
    before = explorer.picture.value
    explorer.sliders["f"].value = 0.0
    assert "= 0.100" in explorer.result.value
    assert explorer.picture.value != before


def test_a_reader_without_widgets_gets_the_same_picture() -> None:
    explorer = CellExplorer(o=0.25)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    picture = base64.b64decode(bundle["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert base64.b64encode(picture).decode() in explorer.picture.value


@pytest.mark.parametrize("start", [{"f": 1.5}, {"c_bar": -2.0}, {"speed": 1.0}])
def test_a_value_no_slider_can_take_is_refused(start: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(start))):
        CellExplorer(**start)
