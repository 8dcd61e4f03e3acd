"""Colours and plot style: Okabe-Ito, readable at notebook width, on light and dark themes."""

from collections.abc import Mapping
from types import MappingProxyType

import matplotlib as mpl
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

DPI = 110
"""Dots per inch of every figure: 8.2 inches are 900 pixels."""

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "forget": "#D55E00",
        "input": "#009E73",
        "candidate": "#CC79A7",
        "output": "#0072B2",
        "cell": "#E69F00",
        "hidden": "#56B4E9",
        "x": "#000000",
        "muted": "#999999",
    }
)
"""Role to colour (Okabe and Ito, 2008). Use `ink` to write text in one of them."""

_CYCLE = ("output", "forget", "input", "candidate", "cell", "hidden", "x")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))


def use_style() -> None:
    """Set matplotlib's defaults for the course: size, colour and line cycle, white background."""
    mpl.rcParams.update(
        {
            "figure.dpi": DPI,
            "figure.figsize": (8.2, 4.0),
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "font.family": "DejaVu Sans",
            "font.size": 12,
            "mathtext.fontset": "dejavusans",
            "axes.facecolor": "white",
            "axes.titlesize": 13,
            "axes.labelsize": 12,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=[COLOURS[role] for role in _CYCLE])
            + cycler(linestyle=list(_DASHES)),
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "legend.fontsize": 11,
            "legend.frameon": False,
            "lines.linewidth": 2.2,
            "image.cmap": "cividis",
        }
    )


def new_figure(width: float, height: float) -> Figure:
    """Make an empty white figure of width by height inches that pyplot does not know of."""
    fig = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(fig)
    fig.set_layout_engine("none")
    return fig


def luminance(colour: ColorType) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2])


def contrast(first: ColorType, second: ColorType) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def tint(colour: ColorType, amount: float) -> str:
    """Mix a colour into white: amount 0 is white, 1 the colour itself."""
    return str(to_hex([1 - amount * (1 - channel) for channel in to_rgb(colour)]))


def ink(colour: ColorType) -> str:
    """Darken a colour just enough to be read as text on white (contrast at least 4.5)."""
    red, green, blue = to_rgb(colour)
    shade = 1.0
    while contrast((red * shade, green * shade, blue * shade), "white") < 4.5:
        shade -= 0.02
    return str(to_hex((red * shade, green * shade, blue * shade)))
