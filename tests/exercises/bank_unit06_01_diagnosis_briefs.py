"""Answers to `choose_architecture`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "choose_architecture"
Brief = dict[str, Any]


@bank.right(EXERCISE)
def questions(brief: Brief) -> str:
    if brief["needed_accuracy"] <= brief["linear_accuracy"]:
        return "linear"
    if brief["order_matters"]:
        if brief["all_at_once"]:
            return "attention"
        return "LSTM" if brief["steps_back"] > 20 else "RNN"
    return "CNN" if brief["neighbours_matter"] else "MLP"


@bank.right(EXERCISE)
def steps_back_for_order(brief: Brief) -> str:
    """Asks for steps in place of order."""
    enough = brief["linear_accuracy"] >= brief["needed_accuracy"]
    if enough or not brief["steps_back"]:
        return "linear" if enough else ["MLP", "CNN"][brief["neighbours_matter"]]
    short = brief["steps_back"] < 8
    return "attention" if brief["all_at_once"] else "RNN" if short else "LSTM"


@bank.right(EXERCISE)
def by_input_then_facts(brief: Brief) -> str:
    if brief["linear_accuracy"] - brief["needed_accuracy"] > -0.001:
        return "linear"
    if brief["input"] == "sequence":
        far = "LSTM" if brief["steps_back"] >= 30 else "RNN"
        return "attention" if brief["all_at_once"] else far
    if brief["input"] == "picture" and brief["neighbours_matter"]:
        return "CNN"
    return "MLP"


@bank.right(EXERCISE)
def scores(brief: Brief) -> str:
    """Adds up what speaks for each."""
    order, near = brief["order_matters"], brief["steps_back"] <= 12
    points = {
        "linear": 9 * (brief["linear_accuracy"] >= brief["needed_accuracy"]),
        "MLP": 1,
        "CNN": 2 * brief["neighbours_matter"],
        "RNN": 2 * order * (not brief["all_at_once"]) * near,
        "LSTM": 2 * order * (not brief["all_at_once"]) * (not near),
        "attention": 2 * order * brief["all_at_once"],
    }
    return max(points, key=lambda name: points[name])


def instead(**others: Any) -> Callable[[Brief], Any]:
    """The right answers, but for these."""
    return lambda brief: others.get(questions(brief), questions(brief))


def never_linear(brief: Brief) -> str:
    return questions({**brief, "linear_accuracy": 0.0})


bank.wrong_ones(
    EXERCISE,
    ("always_attention", "one_label_for_all", "The newest is the best.", lambda brief: "attention"),
    ("nothing", "wrong_form", "Forgets to return.", lambda brief: None),
    ("truth_value", "wrong_form", "Returns whether order matters.",
     lambda brief: brief["order_matters"]),
    ("small_letters", "unknown_label", "Writes all labels small.",
     lambda brief: questions(brief).lower()),
    ("gru", "unknown_label", "Takes a GRU for the short stream.", instead(RNN="GRU")),
    ("nothing_for_the_rest", "no_answer", "Leaves out the last return.", instead(MLP=None)),
    ("linear_not_asked", "linear_was_enough", "Never asks whether the simple thing is enough.",
     never_linear),
    ("few_examples", "linear_was_enough", "Takes few for fewer than a hundred.",
     lambda brief: "linear" if brief["examples"] < 100 else never_linear(brief)),
    ("tables_are_linear", "linear_is_not_enough", "A table is for a weighted sum.",
     lambda brief: "linear" if brief["input"] == "table" else questions(brief)),
    ("pictures_are_cnn", "neighbours_that_are_none", "A picture is for a CNN.",
     lambda brief: "CNN" if brief["input"] == "picture" else questions(brief)),
    ("pictures_are_mlp", "neighbours_overlooked", "An MLP reads digits well.", instead(CNN="MLP")),
    ("sequences_are_lstm", "linear_was_enough cost_overlooked narrow_place_overlooked",
     "A sequence is for an LSTM.",
     lambda brief: "LSTM" if brief["input"] == "sequence" else questions(brief)),
    ("lstm_for_streams", "cost_overlooked", "An LSTM can do what an RNN can.", instead(RNN="LSTM")),
    ("rnn_for_streams", "distance_overlooked", "An RNN reads sequences.", instead(LSTM="RNN")),
    ("limit_too_far", "distance_overlooked", "An RNN remembers a hundred steps.",
     lambda brief: "RNN" if questions(brief) == "LSTM" and brief["steps_back"] < 100
     else questions(brief)),
    ("attention_for_distance", "stream_overlooked", "A long memory is for attention.",
     instead(LSTM="attention")),
    ("lstm_for_texts", "narrow_place_overlooked", "Encoder and decoder, as in unit 4.",
     instead(attention="LSTM")),
    ("order_for_columns", "order_that_is_none", "Reads the columns one after another.",
     instead(MLP="RNN")),
    ("attention_for_columns", "more_than_needed", "Any column may meet any.",
     instead(MLP="attention")),
    ("bag_of_steps", "order_overlooked", "Flattens the steps.", instead(RNN="MLP", LSTM="MLP")),
    ("recurrent_pictures", "wrong_for_picture", "Reads a picture row by row.", instead(CNN="RNN")),
)  # fmt: skip


@bank.wrong(EXERCISE, "forbidden_call")
def asks_the_grader(brief: Brief) -> Any:
    """Asks the grader's own module."""
    from autograder.exercises._briefs import remembered

    return remembered(brief)


@bank.wrong(EXERCISE, "input_changed")
def takes_the_text_out(brief: Brief) -> Any:
    """Takes the text out of the dict, to look at the rest."""
    brief.pop("text")
    return questions(brief)
