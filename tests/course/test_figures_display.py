import base64
from collections.abc import Callable
from html.parser import HTMLParser

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course import figures
from course.figures.style import contrast, ink, tint

ALT = 'A curve <b>"falling"</b> & flat'
TAKEAWAY = "It's < 1 & > 0 </figcaption><script>alert(1)</script>"


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[str] = []
        self.picture: dict[str, str | None] = {}
        self.caption = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.picture = dict(attrs)

    def handle_data(self, data):
        self.caption += data


Shown = Callable[..., list[dict[str, str]]]


@pytest.fixture
def shown(monkeypatch) -> Shown:
    """Show a figure and return the bundles that the notebook would get."""

    def show(fig, alt=ALT, takeaway=TAKEAWAY):
        bundles: list[dict[str, str]] = []

        def display(bundle, *, raw):
            assert raw
            bundles.append(bundle)

        monkeypatch.setattr("course.figures.display.display", display)
        figures.show(fig, alt, takeaway)
        return bundles

    return show


def test_show_gives_one_html_figure_with_alt_and_caption_escaped(shown):
    outputs = shown(figures.rnn_cell())
    assert len(outputs) == 1
    page = Page()
    page.feed(outputs[0]["text/html"])
    assert page.tags == ["figure", "img", "figcaption"]
    assert page.picture["alt"] == ALT
    assert page.caption == TAKEAWAY
    assert "image/png" not in outputs[0]
    assert ALT in outputs[0]["text/plain"]
    assert TAKEAWAY in outputs[0]["text/plain"]


def test_picture_is_a_sharp_png_at_the_figures_own_size(shown):
    page = Page()
    page.feed(shown(figures.rnn_cell())[0]["text/html"])
    kind, data = (page.picture["src"] or "").split(",")
    assert kind == "data:image/png;base64"
    png = base64.b64decode(data, validate=True)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 1800
    assert page.picture["width"] == "900"
    assert "max-width:100%" in (page.picture["style"] or "")


def test_caption_takes_the_colour_of_the_theme(shown):
    html = shown(figures.rnn_cell())[0]["text/html"]
    assert "color:var(--jp-content-font-color1,inherit)" in html


def test_a_pyplot_figure_is_closed_so_that_it_is_not_shown_twice(shown):
    fig, ax = plt.subplots()
    ax.plot([0, 1])
    assert len(shown(fig)) == 1
    assert plt.get_fignums() == []


@pytest.mark.parametrize(("alt", "takeaway"), [("", "x"), ("x", ""), (" \n", "x"), ("x", "\t")])
def test_show_asks_for_both_sentences(alt, takeaway):
    with pytest.raises(ValueError, match=("takeaway" if alt == "x" else "alt") + " is empty"):
        figures.show(figures.rnn_cell(), alt, takeaway)


def test_style_is_legible_and_cycles_lines_as_well_as_colours(default_style):
    figures.use_style()
    sizes = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    assert all(mpl.rcParams[size] >= 11 for size in sizes)
    assert mpl.rcParams["figure.facecolor"] == mpl.rcParams["savefig.facecolor"] == "white"
    assert not mpl.rcParams["axes.spines.top"]
    assert not mpl.rcParams["axes.spines.right"]
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()
    assert len(set(cycle["color"])) == len(set(cycle["linestyle"])) == 7
    assert set(cycle["color"]) < set(figures.COLOURS.values())


def test_common_plots_draw_under_the_style(default_style, shown):
    figures.use_style()
    fig, axes = plt.subplots(2, 3)
    x = np.linspace(0, 1, 9)
    axes[0, 0].plot(x, np.outer(x, np.arange(7)), label=list("abcdefg"))
    axes[0, 0].legend()
    axes[0, 1].bar(x, x, 0.1)
    axes[0, 2].hist(x)
    axes[1, 0].fill_between(x, x, 0)
    axes[1, 1].scatter(x, x)
    axes[1, 2].errorbar(x, x, x / 9)
    styles = {str(line.get_linestyle()) for line in axes[0, 0].lines}
    assert len({line.get_color() for line in axes[0, 0].lines}) == 7
    assert len(styles) >= 4  # dash patterns given as tuples read as '--'
    assert len(shown(fig)) == 1


def test_colours_are_okabe_and_ito():
    roles = {"forget", "input", "candidate", "output", "cell", "hidden", "x", "muted"}
    assert set(figures.COLOURS) == roles
    palette = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"}
    assert {colour for role, colour in figures.COLOURS.items() if role != "muted"} == palette
    with pytest.raises(TypeError):
        figures.COLOURS["forget"] = "red"  # type: ignore[index]


@pytest.mark.parametrize("role", list(figures.COLOURS))
def test_ink_reads_on_white_and_keeps_what_already_does(role):
    colour = figures.COLOURS[role]
    assert contrast(ink(colour), "white") >= 4.5
    if contrast(colour, "white") >= 4.5:
        assert ink(colour).upper() == colour.upper()
    assert tint(colour, 0) == "#ffffff"
    assert tint(colour, 1).upper() == colour.upper()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3.2e-15, "3 × 10⁻¹⁵"),
        (-2e-7, "−2 × 10⁻⁷"),
        (5.6e14, "6 × 10¹⁴"),
        (0.18, "0.2"),
        (612, "600"),
        (0, "0"),
    ],
)
def test_a_number_in_a_caption_is_written_as_in_a_book(value, written):
    assert figures.scientific(value) == written


def test_a_caption_has_minus_signs_and_keeps_its_hyphens(shown):
    caption = "From -0.70 to +1 (-2), at -.5: one-hot, 2034-01-06, 1e-3, 5-7."
    page = Page()
    page.feed(shown(figures.rnn_cell(), takeaway=caption)[0]["text/html"])
    assert page.caption == "From −0.70 to +1 (−2), at −.5: one-hot, 2034-01-06, 1e-3, 5-7."
