"""The data of the three closing projects: real, offline, and hard enough to need some care.

Moved digits (pictures), the language of a name (short sequences), lost spaces (aligned sequences).
Each comes as one pair of tensors, x and y; splitting it is a part of the work.
"""

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from course.datasets import PYTHON_DOCS_LICENCE, python_docs
from course.sequences import CLDR_LICENCE, LANGUAGES, names

__all__ = [
    "CANVAS",
    "CREDITS",
    "LETTERS",
    "LONGEST",
    "PER_LANGUAGE",
    "PROJECTS",
    "TRAINING",
    "WINDOW",
    "load",
    "plain_features",
    "read_letters",
    "score",
]

PROJECTS = ("digits", "names", "spaces")
CANVAS = 14  # rows and columns of the paper a digit is put on
LONGEST = 16  # letters of a name, filled up with 0
PER_LANGUAGE = 320
WINDOW = 60  # letters of a piece of text
LETTERS = ".abcdefghijklmnopqrstuvwxyz "
"""The letter of each id: 0 is the filling, 1 to 26 are a to z, 27 is a space within a name."""

TRAINING: Mapping[str, int] = MappingProxyType({"digits": 1000, "names": 1320, "spaces": 2000})
"""So many rows of each project are there to learn from; the others are to be judged by."""

CREDITS: Mapping[str, str] = MappingProxyType(
    {
        "digits": "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, UCI "
        "Machine Learning Repository, CC BY 4.0, in 8 x 8 pixels through scikit-learn; moved, and "
        "noise added, by this course. Written by 13 people; collected at Bogazici University, "
        "Istanbul.",
        "names": f"{CLDR_LICENCE} Accents taken off.",
        "spaces": f"{PYTHON_DOCS_LICENCE} Small letters only, spaces taken out.",
    }
)
"""Whose the rows are, under which licence, and what was changed."""

_NOISE = 0.2
_LEVELS = 256  # grey values are whole multiples of 1/256: exact in every precision


def load(project: str) -> tuple[Tensor, Tensor]:
    """Load all rows of a project.

    Returns:
        x and y. ``digits``: x (1797, 1, 14, 14) float32 from 0 to 1, y (1797,) the digits.
        ``names``: x (1920, 16) letters as ids, filled up with 0, y (1920,) numbers of
        ``course.sequences.LANGUAGES``. ``spaces``: x (N, 60) letters as ids, y (N, 60) which is 1
        where a word begins and else 0. All but the pictures is int64.

    Raises:
        ValueError: there is no such project.

    """
    if project not in _LOADERS:
        raise ValueError(f"load: {project!r} is none of {', '.join(PROJECTS)}")
    x, y = _LOADERS[project]()
    return x.clone(), y.clone()


def score(project: str, answers: Tensor, y: Tensor) -> float:
    """Say how good answers are, from 0 to 1; answers and y have the same shape.

    ``digits`` and ``names``: the share of right ones. ``spaces``: F1 of the places where a word
    begins, 2 TP / (2 TP + FP + FN): four of five letters begin no word, so that always saying no is
    right four times of five, and useless.

    Raises:
        ValueError: the shapes differ, or there is no such project.

    """
    if project not in PROJECTS:
        raise ValueError(f"score: {project!r} is none of {', '.join(PROJECTS)}")
    if answers.shape != y.shape:
        raise ValueError(f"score: answers {tuple(answers.shape)}, but y {tuple(y.shape)}")
    if project != "spaces":
        return float((answers == y).double().mean())
    said, true = answers == 1, y == 1
    both = int(said.sum()) + int(true.sum())
    return 2 * int((said & true).sum()) / both if both else 1.0


def plain_features(project: str, x: Tensor) -> Tensor:
    """Turn rows into the features of a linear model, one row of them for each answer.

    ``digits``: the pixels. ``names``: how often each letter occurs. ``spaces``: which letter stands
    at the place itself, which at the two places before it and after it. All float32.

    Raises:
        ValueError: there is no such project.

    """
    if project not in PROJECTS:
        raise ValueError(f"plain_features: {project!r} is none of {', '.join(PROJECTS)}")
    if project == "digits":
        return x.flatten(1)
    one_hot = torch.eye(len(LETTERS))[x]
    if project == "names":
        return one_hot[..., 1:].sum(1)
    around = nn.functional.pad(x, (2, 2))
    near = [torch.eye(len(LETTERS))[around[:, k : k + x.shape[1]]] for k in range(5)]
    return torch.cat(near, -1).flatten(0, 1)


def read_letters(ids: Tensor) -> str:
    """Write ids (T,) as text, without the filling."""
    return "".join(LETTERS[number] for number in ids.tolist() if number)


@functools.cache
def _moved_digits() -> tuple[Tensor, Tensor]:
    """Scikit-learn's digits, each put somewhere on a sheet with grey noise all over it."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pictures = torch.from_numpy(digits.images).float() / 16  # (1797, 8, 8)
    generator = torch.Generator().manual_seed(6)
    count, size = len(pictures), pictures.shape[-1]
    sheets = torch.zeros(count, CANVAS, CANVAS)
    corners = torch.randint(CANVAS - size + 1, (count, 2), generator=generator).tolist()
    for sheet, picture, (row, column) in zip(sheets, pictures, corners, strict=True):
        sheet[row : row + size, column : column + size] = picture
    noise = torch.randn(sheets.shape, generator=generator)
    grey = (sheets + _NOISE * noise).clamp(0, 1).mul(_LEVELS).round() / _LEVELS
    return grey[:, None], torch.from_numpy(digits.target).long()


@functools.cache
def _named_languages() -> tuple[Tensor, Tensor]:
    """Names of countries and languages in six languages, as ids, and the language of each."""
    chosen = names(per_language=PER_LANGUAGE, seed=6)
    x = torch.zeros(len(chosen), LONGEST, dtype=torch.int64)
    for row, name in zip(x, chosen, strict=True):
        row[: len(name.text)] = _ids(name.text)
    return x, torch.tensor([LANGUAGES.index(name.language) for name in chosen])


@functools.cache
def _joined_words() -> tuple[Tensor, Tensor]:
    """Pieces of Python's documentation without its spaces, each once, and where words begin."""
    words = [word for word in python_docs().lower().split() if re.fullmatch(r"[a-z]+[.,;:]?", word)]
    words = [word.rstrip(".,;:") for word in words]
    x = _ids("".join(words))
    begins = torch.zeros(len(x), dtype=torch.int64)
    lengths = torch.tensor([len(word) for word in words])
    begins[lengths.cumsum(0)[:-1]] = 1
    begins[0] = 1
    pieces = len(x) // WINDOW
    x, begins = (row[: pieces * WINDOW].view(pieces, WINDOW) for row in (x, begins))
    first = {tuple(row): place for place, row in reversed(list(enumerate(x.tolist())))}
    kept = sorted(first.values())
    return x[kept], begins[kept]


def _ids(text: str) -> Tensor:
    return torch.tensor([LETTERS.index(letter) for letter in text])


_LOADERS = {"digits": _moved_digits, "names": _named_languages, "spaces": _joined_words}
