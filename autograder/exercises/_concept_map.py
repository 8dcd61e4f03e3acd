"""Judging `concept_map`: words for blanks, known here by their seals alone."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from autograder.checking.exercise import Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.settle import Opaque
from autograder.checking.values import Inputs
from autograder.exercises._labelled import sealed

#: The words of the map and others; which belong where, and which nowhere, is for the student.
WORDS = (
    "attention mask", "backpropagation", "backpropagation through time", "batch norm",
    "beam search", "candidate", "dropout", "embedding", "forget gate", "gradient clipping",
    "input gate", "learning rate", "momentum", "output gate", "overfitting", "padding", "pooling",
    "receptive field", "skip connection", "softmax", "teacher forcing", "underfitting",
    "weight decay", "weight sharing",
)  # fmt: skip

#: Blank to its seal and to where the course speaks of it.
BLANKS: Mapping[str, tuple[str, str]] = {
    "A": ("f36b723a68e06994", "unit 2, section 3"),
    "B": ("4f29beb26d53e8b2", "unit 1, section 5"),
    "C": ("91764ab8e70bbbb0", "unit 1, section 8"),
    "D": ("fa880cd02feac499", "unit 2, section 8"),
    "E": ("a3237bbf8bfe9b75", "unit 3, section 4"),
    "F": ("bdc42eb253e94cc4", "unit 3, section 6"),
    "G": ("1d1e1f490f102ab4", "unit 3, section 9"),
    "H": ("5f60aa7ffdc56f85", "unit 4, section 7"),
    "I": ("927cf1264985309e", "unit 4, section 9"),
    "J": ("32ce91c58e5106bd", "unit 5, section 4"),
    "K": ("aa9569afe00eec73", "unit 5, section 4"),
    "L": ("7949670721bb78d5", "unit 1, section 7"),
}


def draw_blanks(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """`B` of the blanks in a drawn order."""
    order = torch.randperm(len(BLANKS), generator=g)[: sizes["B"]]
    return {"blanks": [list(BLANKS)[i] for i in order.tolist()]}


def fits(blank: str, word: str) -> bool:
    """Whether the word is the one that belongs there; small and large letters alike."""
    return sealed(blank, " ".join(word.lower().split())) == BLANKS[blank][0]


def tried(blanks: list[str]) -> list[str]:
    """Words that fit, found by trying all of them."""
    return [next(word for word in WORDS if fits(blank, word)) for blank in blanks]


# --- what is wrong with the answers --------------------------------------------------------------


def form_fails(trials: Sequence[Trial]) -> str | Known | None:
    """What is wrong with the form of the answers."""
    for trial in trials:
        blanks, words = trial.inputs["blanks"], trial.value
        if words is None:
            return "Nothing came back. Is a `return` missing?"
        if isinstance(words, str):
            return "One string came back: return a list, also for a single blank."
        if isinstance(words, Mapping):
            says = "A dict came back; a list is asked for, in the order of `blanks`."
            return Known("dict_returned", says, "Look each one up: `[… for blank in blanks]`.",
                         f"Its length is {len(words)}.")  # fmt: skip
        if not isinstance(words, list | tuple):
            kind = words.text if isinstance(words, Opaque) else type(words).__name__
            return f"A list of words is asked for; a {kind} came back."
        if len(words) != len(blanks):
            says = "There are not as many words as blanks."
            look = "One word for each blank that was asked for, in the same order."
            seen = f"{len(blanks)} blanks were asked for, {len(words)} words came back."
            return Known("wrong_number_of_words", says, look, seen)
    used = [word for trial in trials for word in trial.value]
    if len({str(word) for word in used}) == 1:
        says = "Every blank got the same word."
        return Known("one_word_for_all", says, "Each blank has a word of its own.",
                     f"It was `{str(used[0])[:40]}`.")  # fmt: skip
    return None


def order_fails(trials: Sequence[Trial]) -> str | None:
    """Whether the same blank got other words in another order of blanks."""
    whole = dict(zip(trials[0].inputs["blanks"], trials[0].value, strict=True))
    for trial in trials[1:]:
        for blank, word in zip(trial.inputs["blanks"], trial.value, strict=True):
            if word != whole[blank]:
                return f"Blank {blank} got `{str(whole[blank])[:30]}`, then `{str(word)[:30]}`."
    return None


def _fails(blank: str) -> Callable[[Sequence[Trial]], str | Known | None]:
    def fails(trials: Sequence[Trial]) -> str | Known | None:
        whole = dict(zip(trials[0].inputs["blanks"], trials[0].value, strict=True))
        word = whole[blank]
        if isinstance(word, str) and fits(blank, word):
            return None
        return _missed(blank, word, whole)

    return fails


def _missed(blank: str, word: Any, whole: Mapping[str, Any]) -> str | Known:
    if word is None or word == "":
        says, look = "A blank was left empty.", f"Read again: {BLANKS[blank][1]}."
        return Known("blank_left_empty", says, look, f"Blank {blank} is empty.")
    known = " ".join(word.lower().split()) if isinstance(word, str) else ""
    if known not in WORDS:
        near = difflib.get_close_matches(known, WORDS, n=1, cutoff=0.75)
        meant = f" Is it `{near[0]}`?" if near else ""
        says = "A word is not in the list."
        look = f"Copy the words as they stand in the list, `WORDS`.{meant}"
        return Known("not_in_the_list", says, look, f"Blank {blank} got `{str(word)[:40]}`.")
    twice = [other for other, same in whole.items() if same == word and other != blank]
    also = f" It stands at {', '.join(sorted(twice))} as well." if twice else ""
    return f"`{known}` does not belong at {blank}.{also}"


PROPERTIES = (
    Property(
        "a word for each blank",
        "wrong_form",
        "What came back is not one word for each blank.",
        "A list of strings, in the order of `blanks`.",
        form_fails,
        weight=0.0,
        needed=True,
    ),
    Property(
        "whatever the order",
        "order_of_blanks_ignored",
        "The words do not follow the order in which the blanks are asked for.",
        "Look each blank up by its letter. The second need not be B; there need not be twelve.",
        order_fails,
        weight=0.0,
        needed=True,
    ),
    *(
        Property(
            f"blank {blank}",
            f"revisit_blank_{blank}",
            f"Blank {blank} is something else.",
            f"Read again: {section}. Then read the sentence on the map from box to box.",
            _fails(blank),
        )
        for blank, (_, section) in BLANKS.items()
    ),
)
