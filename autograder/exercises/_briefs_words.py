"""Stories of `choose_architecture`, and what somebody overlooks who chooses otherwise."""

from __future__ import annotations

from collections.abc import Mapping

#: A kind of brief, told in two ways.
STORIES: Mapping[str, tuple[str, str]] = {
    "simple_table": (
        "A clinic in {place} has {examples} patients, with {numbers_each} blood values each, and "
        "wants to know who should come back. {needed} right are asked for. A weighted sum of the "
        "columns, tried first, has {tried} on held-out patients.",
        "A brewery in {place} takes {numbers_each} measurements an hour and keeps the last "
        "{steps_back} hours of {examples} brews. Which ones will turn sour? {needed} right are "
        "asked for; a weighted sum of all those numbers has {tried} on held-out brews.",
    ),
    "crossed_table": (
        "An insurer in {place} has {examples} claims with {numbers_each} columns that stand in no "
        "order. What one column means depends on others: a weighted sum stays at {tried} on "
        "held-out claims, and {needed} are asked for.",
        "For reasons of secrecy a laboratory in {place} shuffles the {numbers_each} pixels of its "
        "{examples} pictures, all of them in the same way, before anybody sees them. A weighted "
        "sum reads {tried} of held-out ones; {needed} are asked for.",
    ),
    "picture": (
        "A camera at a belt in {place} has taken {examples} pictures of {numbers_each} pixels. A "
        "scratch may lie anywhere. A weighted sum of the pixels finds {tried} of held-out "
        "scratches; {needed} are asked for.",
        "The port of {place} has {examples} radar maps of {numbers_each} cells. Ships look alike "
        "wherever they are. A weighted sum of the cells has {tried} on held-out maps, {needed} "
        "are asked for.",
    ),
    "short_stream": (
        "A chip in a pump in {place} reads {numbers_each} values a step and must say at once, at "
        "every step, whether something is wrong. That shows in the last {steps_back} steps, in "
        "their order. Memory is scarce: every weight costs. {examples} recordings; a weighted sum "
        "of one step has {tried}, {needed} are asked for.",
        "A hearing aid from {place} has to tell consonants as they are spoken, from {numbers_each} "
        "numbers a step and no more than {steps_back} steps back. The battery is small, so the "
        "fewest weights win. {examples} recordings; a weighted sum of one step has {tried}, "
        "{needed} are asked for.",
    ),
    "long_stream": (
        "A drill near {place} sends {numbers_each} values a step, for days. What it meets now "
        "depends on a mark that came up to {steps_back} steps ago, with much that does not matter "
        "in between. The answer is due at every step, and no past step is kept. {examples} "
        "recordings; a weighted sum of one step has {tried}, {needed} are asked for.",
        "A controller in {place} watches a bus line: {numbers_each} numbers a step. A signal that "
        "was set up to {steps_back} steps ago counts until the next one is set. It answers at "
        "every step and can store a state of fixed size, no more. {examples} recordings; a "
        "weighted sum of one step has {tried}, {needed} are asked for.",
    ),
    "whole_text": (
        "A publisher in {place} translates recipes. The whole recipe is there before the first "
        "word is due, and each word may hang on any other, up to {steps_back} places away, in "
        "another order. {examples} pairs, {numbers_each} numbers a word; a weighted sum gets "
        "{tried} of the words, {needed} are asked for.",
        "An archive in {place} wants names and dates out of letters, written anew in a fixed form. "
        "A letter lies there as a whole; what is needed next may stand anywhere in it, up to "
        "{steps_back} places away. {examples} letters, {numbers_each} numbers a sign; a weighted "
        "sum gets {tried} of the signs, {needed} are asked for.",
    ),
}

SITUATION: Mapping[str, str] = {
    "simple_table": "a task that a weighted sum already does",
    "crossed_table": "columns without neighbours or order",
    "picture": "a picture whose neighbouring pixels belong together",
    "short_stream": "a stream with a short memory, on a small machine",
    "long_stream": "a stream with a long memory",
    "whole_text": "a text that lies there as a whole",
}

LOOK: Mapping[str, str] = {
    "simple_table": "Compare `linear_accuracy` with `needed_accuracy`, before anything else. Unit "
    "1, section 8.",
    "crossed_table": "Ask `neighbours_matter` and `order_matters`, not only `input`. Unit 2, "
    "sections 1 and 2; unit 3, section 11.",
    "picture": "`neighbours_matter`: unit 3, sections 1 and 4.",
    "short_stream": "`steps_back` and what a weight costs: unit 4, section 12, and unit 5, section "
    "9, where the parameters are counted.",
    "long_stream": "`steps_back` and `all_at_once`: unit 4, section 12, and unit 5, section 1.",
    "whole_text": "`all_at_once` and `steps_back`: unit 4, section 5.5; unit 6, sections 3, 4.",
}

_MORE = "More was built than is needed: a weighted sum has what was asked for."
_ORDER = "The order of the steps carries the answer, and this has no notion of order."
_NEIGHBOURS = "Neighbouring pixels belong together, and this knows nothing of neighbours."
_NONE = "It looks for neighbours that belong together; here there are none."
_NO_ORDER = "It reads in an order, and here there is none."
_TOO_LITTLE = "A weighted sum was tried: it does not reach what is asked for."
_KEPT = "It looks back at every step there was, and here no past step is kept."

#: (kind of brief, what was said): the name of what was overlooked, and a sentence.
OVERLOOKED: Mapping[tuple[str, str], tuple[str, str]] = {
    **{("simple_table", said): ("linear_was_enough", _MORE)
       for said in ("MLP", "CNN", "RNN", "LSTM", "attention")},
    **{(kind, "linear"): ("linear_is_not_enough", _TOO_LITTLE)
       for kind in ("crossed_table", "picture", "short_stream", "long_stream", "whole_text")},
    ("crossed_table", "CNN"): ("neighbours_that_are_none", _NONE),
    **{("crossed_table", said): ("order_that_is_none", _NO_ORDER) for said in ("RNN", "LSTM")},
    ("crossed_table", "attention"): (
        "more_than_needed",
        "No sequence of places is here; a dense layer already lets any column meet any other.",
    ),
    ("picture", "MLP"): ("neighbours_overlooked", _NEIGHBOURS),
    **{(kind, said): ("order_overlooked", _ORDER)
       for kind in ("short_stream", "long_stream", "whole_text") for said in ("MLP", "CNN")},
    ("short_stream", "LSTM"): (
        "cost_overlooked",
        "It would do, at four times the weights; nothing that lies so near needs them.",
    ),
    ("long_stream", "RNN"): (
        "distance_overlooked",
        "From so far back the plain cell learns nothing: unit 4 measured it, step by step.",
    ),
    **{(kind, "attention"): ("stream_overlooked", _KEPT)
       for kind in ("short_stream", "long_stream")},
    **{("whole_text", said): (
        "narrow_place_overlooked",
        "What was read has to fit into a single state of fixed size before it writes.",
    ) for said in ("RNN", "LSTM")},
}  # fmt: skip
