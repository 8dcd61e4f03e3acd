"""Show a figure in a notebook with its alternative text and its take-away sentence."""

import base64
import html
import io
import re

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

_HYPHEN = re.compile(r"(?<![\w.)\]-])-(?=\.?\d)")
"""The sign of a number as Python writes it."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHARPNESS = 2  # image pixels per CSS pixel: crisp on dense screens too


def scientific(value: float) -> str:
    """Write a number for a caption with one digit that counts: 3 × 10⁻¹⁵, but 0.2 and 600."""
    digit, exponent = f"{value:.0e}".split("e")
    if -4 <= int(exponent) <= 3:
        return f"{float(f'{value:.0e}'):g}".replace("-", "−")
    return f"{digit} × 10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")


def show(fig: Figure, alt: str, takeaway: str) -> None:
    """Display a figure as one HTML output, then close it.

    alt says what is drawn, for those who cannot see it; takeaway is the sentence to remember,
    printed as the caption, with minus signs. Both are plain text. Raises ValueError if either is
    empty.
    """
    for name, sentence in (("alt", alt), ("takeaway", takeaway)):
        if not sentence.strip():
            raise ValueError(f"show: {name} is empty; write one sentence")
    takeaway = _HYPHEN.sub("−", takeaway)
    bundle = {"text/html": _html(fig, alt, takeaway), "text/plain": f"[figure: {alt}]\n{takeaway}"}
    plt.close(fig)
    display(bundle, raw=True)


def _html(fig: Figure, alt: str, takeaway: str) -> str:
    picture = io.BytesIO()
    fig.savefig(picture, format="png", dpi=_SHARPNESS * fig.dpi)
    source = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode("ascii")
    width = round(fig.get_figwidth() * fig.dpi)
    return (
        f'<figure style="margin:0.8em 0;max-width:{width}px">'
        f'<img src="{source}" alt="{html.escape(alt)}" width="{width}" '
        'style="display:block;max-width:100%;height:auto;background:#fff;border-radius:4px">'
        '<figcaption style="margin-top:0.5em;line-height:1.45;'
        'color:var(--jp-content-font-color1,inherit)">'
        f"{html.escape(takeaway)}</figcaption></figure>"
    )
