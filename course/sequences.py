"""Sequences for the five kinds of recurrent network; all of them need no network connection.

A number and its English words, names of one language or another, brackets and their depth, a date
as it is said and as ISO 8601 writes it.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date

import numpy as np
from babel import Locale
from babel.dates import format_date

__all__ = [
    "CLDR_LICENCE",
    "LANGUAGES",
    "Name",
    "brackets",
    "dates",
    "depth",
    "names",
    "number_words",
    "plain_letters",
]

CLDR_LICENCE = (
    "Names of countries and languages: Unicode Common Locale Data Repository, copyright © "
    "1991-present Unicode, Inc., under the Unicode License v3 (https://www.unicode.org/license.txt),"
    " through the Python package Babel."
)

LANGUAGES = ("en", "fi", "hu", "it", "pl", "tr")
"""English, Finnish, Hungarian, Italian, Polish, Turkish: all written in Latin letters."""

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SPOKEN = ("d MMMM yyyy", "MMMM d, yyyy", "d MMM yyyy", "EEEE d MMMM yyyy")
# Letters that are not a plain letter with a mark on it.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "’": "'"})


@dataclass(frozen=True)
class Name:
    """A country or a language as one language calls it: in plain letters; the locale's code."""

    text: str
    language: str


def number_words(n: int) -> list[str]:
    """Say a number in British English: 342 is ``["three", "hundred", "and", "forty", "two"]``.

    Raises:
        ValueError: n is not a whole number from 0 to 999.

    """
    if n not in range(1000):
        raise ValueError(f"number_words: {n} is not a whole number from 0 to 999")
    hundreds, rest = divmod(int(n), 100)
    words = [_ONES[hundreds], "hundred"] if hundreds else []
    if hundreds and rest:
        words.append("and")
    if rest >= 20:
        words += [_TENS[rest // 10 - 2], *([_ONES[rest % 10]] if rest % 10 else [])]
    elif rest or not hundreds:
        words.append(_ONES[rest])
    return words


def plain_letters(text: str) -> str:
    """Write a text in small letters without accents: "Ausztrália" becomes "ausztralia"."""
    apart = unicodedata.normalize("NFD", text.lower().translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def names(
    languages: tuple[str, ...] = LANGUAGES, per_language: int = 300, seed: int = 0
) -> list[Name]:
    """Collect names of countries and languages, in random order, as many of each language.

    Accents are taken off: with them a single letter would often tell the language. A name is left
    out if it is longer than 16 characters, has other characters than a to z and spaces, or is the
    same in two of the languages. ``CLDR_LICENCE`` is the credit that goes with them.

    Args:
        languages: Babel's locale codes.
        per_language: how many names of each language.
        seed: fixes which names, and their order.

    Raises:
        ValueError: a language has fewer names than asked for.

    """
    found = {language: _latin_names(language) for language in languages}
    rng = np.random.default_rng(seed)
    chosen = []
    for language, texts in found.items():
        others = set().union(*(found[other] for other in languages if other != language))
        own = sorted(texts - others)
        if len(own) < per_language:
            raise ValueError(f"names: {language} has {len(own)} names, not {per_language}")
        picks = rng.permutation(len(own))[:per_language]
        chosen += [Name(own[pick], language) for pick in picks]
    return [chosen[place] for place in rng.permutation(len(chosen))]


def _latin_names(language: str) -> set[str]:
    """Names in plain letters a to z and spaces, 3 to 16 characters."""
    locale = Locale(language)
    texts = {plain_letters(text) for text in (*locale.territories.values(),
                                              *locale.languages.values())}  # fmt: skip
    letters = set("abcdefghijklmnopqrstuvwxyz ")
    return {text for text in texts if 3 <= len(text) <= 16 and set(text) <= letters}


def brackets(length: int, rng: np.random.Generator, deepest: int = 8) -> str:
    """Draw brackets at random: never more closed than opened, never deeper than `deepest`.

    They need not all be closed at the end. Raises ValueError if length or deepest is below 1.
    """
    if min(length, deepest) < 1:
        raise ValueError(f"brackets: length={length} and deepest={deepest} must be at least 1")
    text, level = "", 0
    for _ in range(length):
        opens = level == 0 or (level < deepest and rng.random() < 0.5)
        text, level = text + "()"[not opens], level + (1 if opens else -1)
    return text


def depth(text: str) -> list[int]:
    """Count how many brackets are open after each character of a text.

    Raises:
        ValueError: a character is no round bracket, or one closes that was never opened.

    """
    levels, level = [], 0
    for place, character in enumerate(text):
        if character not in "()":
            raise ValueError(f"depth: {character!r} at {place} is no bracket")
        level += 1 if character == "(" else -1
        if level < 0:
            raise ValueError(f"depth: the bracket at {place} closes nothing")
        levels.append(level)
    return levels


def dates(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Draw dates from 1950 to 2049, each as it is said in English and in ISO 8601.

    Returns:
        pairs such as ``("21 november 2026", "2026-11-21")``; what is said comes in four forms.

    """
    first, last = date(1950, 1, 1).toordinal(), date(2050, 1, 1).toordinal()
    days, forms = rng.integers(first, last, size=count), rng.integers(len(_SPOKEN), size=count)
    pairs = []
    for number, form in zip(days.tolist(), forms.tolist(), strict=True):
        day = date.fromordinal(number)
        pairs.append((format_date(day, _SPOKEN[form], locale="en_GB").lower(), day.isoformat()))
    return pairs
