"""Answers to `concept_map`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "concept_map"
RIGHT = dict(
    zip(
        "ABCDEFGHIJKL",
        (
            "backpropagation", "learning rate", "overfitting", "dropout", "weight sharing",
            "receptive field", "skip connection", "backpropagation through time",
            "gradient clipping", "forget gate", "candidate", "softmax",
        ),
        strict=True,
    )
)  # fmt: skip


def filled(**others: Any) -> Callable[[list[str]], list[Any]]:
    """The map, but for these blanks."""
    words = {**RIGHT, **others}
    return lambda blanks: [words[blank] for blank in blanks]


@bank.right(EXERCISE)
def chain_of_ifs(blanks: list[str]) -> list[str]:
    found = []
    for blank in blanks:
        for letter, word in RIGHT.items():
            if blank == letter:
                found.append(word)
    return found


bank.right_ones(
    EXERCISE,
    dict_of_words=filled(),
    tuple_of_words=lambda blanks: tuple(RIGHT[blank] for blank in blanks),
    large_letters=lambda blanks: [RIGHT[blank].title() for blank in blanks],
    by_position=lambda blanks: [list(RIGHT.values())[ord(blank) - ord("A")] for blank in blanks],
)

bank.wrong_ones(
    EXERCISE,
    ("nothing", "wrong_form", "Forgets to return.", lambda blanks: None),
    ("one_string", "wrong_form", "Joins the words.",
     lambda blanks: ", ".join(RIGHT[blank] for blank in blanks)),
    ("generator", "wrong_form", "Returns a generator.",
     lambda blanks: (RIGHT[blank] for blank in blanks)),
    ("a_dict", "dict_returned", "Returns the dict.", lambda blanks: dict(RIGHT)),
    ("all_twelve", "wrong_number_of_words", "Returns all words, whatever is asked for.",
     lambda blanks: list(RIGHT.values())),
    ("alphabetical", "order_of_blanks_ignored", "Sorts the blanks first.",
     lambda blanks: [RIGHT[blank] for blank in sorted(blanks)]),
    ("as_many_from_the_front", "order_of_blanks_ignored", "Takes as many words as blanks.",
     lambda blanks: list(RIGHT.values())[: len(blanks)]),
    ("one_word", "one_word_for_all", "The same everywhere: a third of a point.",
     lambda blanks: ["softmax"] * len(blanks)),
    ("empty_ones", "blank_left_empty", "Leaves what is not known.", filled(G="", L="")),
    ("own_words", "not_in_the_list", "Says it in other words.", filled(E="parameter sharing")),
    ("misspelt", "not_in_the_list", "Misspells a word.", filled(F="receptiv field")),
    ("number", "not_in_the_list", "Returns a number.", filled(A=1)),
    ("gates_swapped", "revisit_blank_J", "Takes the input gate for the one that keeps.",
     filled(J="input gate")),
    ("candidate_for_gate", "revisit_blank_J revisit_blank_K", "Swaps two blanks of the LSTM.",
     filled(J="candidate", K="forget gate")),
    ("backward_passes", "revisit_blank_A revisit_blank_H", "Swaps the two walks back.",
     filled(A="backpropagation through time", H="backpropagation")),
    ("pooling", "revisit_blank_F", "What a unit sees is what is pooled.", filled(F="pooling")),
    ("decay_for_dropout", "revisit_blank_D", "Another cure of the same.",
     filled(D="weight decay")),
    ("underfitting", "revisit_blank_C", "The other one of the two.", filled(C="underfitting")),
    ("momentum", "revisit_blank_B", "Something of the optimiser's.", filled(B="momentum")),
    ("norm_for_skip", "revisit_blank_G", "The other cure for depth.", filled(G="batch norm")),
    ("nothing_fits", "revisit_blank_E revisit_blank_I revisit_blank_L", "Guesses three.",
     filled(E="padding", I="beam search", L="embedding")),
)  # fmt: skip


@bank.wrong(EXERCISE, "index_too_large")
def asks_for_all_of_them(blanks: list[str]) -> list[str]:
    """Takes it that there are always twelve."""
    return [RIGHT[blanks[number]] for number in range(12)]


@bank.wrong(EXERCISE, "forbidden_call")
def tries_all_words(blanks: list[str]) -> list[str]:
    """Tries the words against the seals."""
    import hashlib

    return [hashlib.sha256(blank.encode()).hexdigest() for blank in blanks]
