"""A kernel that slides over an image, and the picture that follows it."""

import base64

import numpy as np
import pytest

from course.widgets.kernel import KERNELS, KernelExplorer

IMAGE = np.arange(30).reshape(5, 6)


def test_the_sum_is_that_of_the_place() -> None:
    explorer = KernelExplorer(IMAGE, kernel="sum", row=2, column=3)
    assert f"row 2, column 3: the nine products add up to {IMAGE[2:5, 3:6].sum()}<" in (
        explorer.result.value
    )


def test_the_kernel_is_not_flipped() -> None:
    explorer = KernelExplorer(IMAGE, kernel="one step", row=0, column=0)
    assert f"add up to {IMAGE[1, 2]}<" in explorer.result.value


def test_moving_a_slider_changes_numbers_and_picture() -> None:
    explorer = KernelExplorer(IMAGE, kernel="sum")
    before = explorer.result.value, explorer.picture.value
    explorer.sliders["row"].value = 0
    assert "row 0, column 1" in explorer.result.value
    assert explorer.picture.value != before[1]
    explorer.kernel.value = "upright edges"
    assert "add up to 8<" in explorer.result.value  # a ramp: 2 more at each of 1, 2, 1 rows


def test_the_sliders_reach_every_place_of_the_result() -> None:
    explorer = KernelExplorer(IMAGE)
    assert [(s.min, s.max) for s in explorer.sliders.values()] == [(0, 2), (0, 3)]


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_whole_numbers(name) -> None:
    assert KERNELS[name].shape == (3, 3)
    assert bool((KERNELS[name] == KERNELS[name].round()).all())


def test_a_reader_without_widgets_gets_the_same_picture() -> None:
    explorer = KernelExplorer(IMAGE)
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    picture = base64.b64decode(data["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert data["image/png"] in explorer.picture.value


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ({"kernel": "emboss"}, "emboss"),
        ({"row": 3}, "row=3 is not in 0 to 2"),
        ({"column": -1}, "column=-1"),
        ({"image": np.zeros((11, 5))}, "each 3 to 10"),
        ({"image": np.zeros(5)}, "each 3 to 10"),
    ],
)
def test_what_cannot_be_shown_is_refused(start, says) -> None:
    with pytest.raises(ValueError, match=says):
        KernelExplorer(**({"image": IMAGE} | start))
