"""What a unit of a character model responds to: measured against properties of the text.

The idea of reading single cells of a character model is from Karpathy, Johnson and Fei-Fei (2015).
"""

import re
from dataclasses import dataclass

import numpy as np
import torch

__all__ = [
    "UnitChoice",
    "busiest_paragraph",
    "chance_level",
    "choose_unit",
    "correlations",
    "text_signals",
    "top_places",
]


def text_signals(text: str) -> dict[str, np.ndarray]:
    """Compute properties of a text that take memory to know, character by character.

    Returns:
        Name to (len(text),) float64. Each value describes the text up to and including that
        character: characters since the line began, 1 inside double quotes, 1 inside round
        brackets, 1 on an indented line, characters since the word began (0 between words). Quotes
        and brackets are forgotten at an empty line.

    """
    names = (
        "position in line",
        "inside quotes",
        "inside brackets",
        "indented line",
        "position in word",
    )
    rows = []
    column = depth = word = 0
    quoted = indented = False
    before = "\n"
    for character in text:
        if before == "\n":
            column, indented = 0, character == " "
            if character == "\n":
                quoted, depth = False, 0
        quoted ^= character == '"'
        depth = max(0, depth + (character == "(") - (character == ")"))
        word = word + 1 if character.isalnum() or character == "_" else 0
        rows.append((column, quoted, depth > 0, indented, word))
        column += 1
        before = character
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(names)).T
    return dict(zip(names, columns, strict=True))


def correlations(cells: torch.Tensor, signal: np.ndarray) -> np.ndarray:
    """Pearson correlation of every unit with a signal: (T, H) and (T,) in, (H,) out.

    Several signals, (K, T), give (K, H). A unit or a signal that never changes has correlation 0.
    """
    units = cells.double().numpy()
    units = units - units.mean(axis=0)
    centred = signal - signal.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred**2).sum(axis=-1)[..., None] * (units**2).sum(axis=0))
    products = centred @ units
    return np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)


def chance_level(cells: torch.Tensor, signal: np.ndarray, shifts: int = 100) -> float:
    """Measure how well the best of all units follows a signal that says nothing about them.

    The signal is turned cyclically against the text, by ``shifts`` distances spread evenly over
    it, and at each the largest absolute correlation of any unit is noted. The signal keeps its own
    rhythm that way, which makes luck likelier than shuffling it would.

    Args:
        cells: a quantity of every unit at every character, (T, H).
        signal: (T,), T > shifts.
        shifts: how many distances are tried.

    Returns:
        The value that 95 % of the distances stay below.

    Raises:
        ValueError: the text is not longer than ``shifts``.

    """
    if len(signal) <= shifts:
        raise ValueError(f"chance_level: {shifts} shifts of a signal of {len(signal)} values")
    distances = np.linspace(0, len(signal), shifts + 2).astype(int)[1:-1]
    turned = np.stack([np.roll(signal, distance) for distance in distances])  # (shifts, T)
    best = np.abs(correlations(cells, turned)).max(axis=-1)  # (shifts,)
    return float(np.quantile(best, 0.95))


@dataclass(frozen=True)
class UnitChoice:
    """The unit that follows a signal most closely, and how closely it still does elsewhere."""

    signal: str
    unit: int
    chosen_on: float  # correlation on the part of the text the unit was chosen on
    confirmed_on: float  # correlation of the same unit on the rest


def choose_unit(cells: torch.Tensor, text: str, signal: str) -> UnitChoice:
    """Choose the unit with the largest absolute correlation on the first half of a text.

    Of many units some follow any signal by chance. The second half, which had no say in the
    choice, shows what is left.

    Args:
        cells: a quantity of every unit at every character, (len(text), H).
        text: the characters.
        signal: a name from ``text_signals``.

    Raises:
        ValueError: the lengths differ.
        KeyError: there is no such signal.

    """
    if len(cells) != len(text):
        raise ValueError(f"choose_unit: {len(cells)} rows of cells, {len(text)} characters")
    values = text_signals(text)[signal]
    half = len(text) // 2
    first = correlations(cells[:half], values[:half])
    unit = int(np.abs(first).argmax())
    second = correlations(cells[half:, unit : unit + 1], values[half:])
    return UnitChoice(signal, unit, float(first[unit]), float(second[0]))


def top_places(values: torch.Tensor, count: int, apart: int) -> list[int]:
    """Find the places of a text where one unit is largest.

    Args:
        values: the unit at every character, (T,).
        count: how many places at most.
        apart: no two places are closer than this, and none is within it of the start.

    Returns:
        Positions in the text, the one with the largest value first.

    """
    chosen: list[int] = []
    for place in values.argsort(descending=True, stable=True).tolist():
        if place >= apart and all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
        if len(chosen) == count:
            break
    return chosen


def busiest_paragraph(text: str, signal: str, shortest: int = 200, longest: int = 420) -> slice:
    """Find the paragraph in the second half of a text in which a signal changes most often.

    Args:
        text: the characters.
        signal: a name from ``text_signals``.
        shortest: characters a paragraph must have.
        longest: characters it may have.

    Returns:
        Where the paragraph is: ``text[busiest_paragraph(...)]`` is it.

    Raises:
        ValueError: no paragraph has a fitting length.

    """
    changes = np.abs(np.diff(text_signals(text)[signal], prepend=0.0)) > 0
    best: tuple[int, slice] | None = None
    for match in re.finditer(r"(?:.+\n?)+", text[len(text) // 2 :]):
        start, stop = (len(text) // 2 + offset for offset in match.span())
        if shortest <= stop - start <= longest:
            count = int(changes[start:stop].sum())
            if best is None or count > best[0]:
                best = (count, slice(start, stop))
    if best is None:
        raise ValueError(f"busiest_paragraph: none of {shortest} to {longest} characters")
    return best[1]
