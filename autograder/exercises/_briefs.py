"""Judging `choose_architecture`: briefs with drawn numbers and names, and what was overlooked."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.checking.exercise import Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.settle import Opaque
from autograder.checking.values import Inputs
from autograder.exercises._briefs_words import LOOK, OVERLOOKED, SITUATION, STORIES
from autograder.exercises._labelled import recall, remember, sealed

LABELS = ("linear", "MLP", "CNN", "RNN", "LSTM", "attention")
#: The kinds of brief in the order of the cases, each told in two ways.
KINDS = tuple(STORIES)
_SEALED = {
    "simple_table": "2f70e7336a88419f",
    "crossed_table": "cf5156d63453a364",
    "picture": "5b260197a693a3bf",
    "short_stream": "11cbb7346f0a2f90",
    "long_stream": "c055a1109ebcf18b",
    "whole_text": "bba021b0ee5559e5",
}
PLACES = ("Aberdeen", "Bergen", "Cork", "Dresden", "Elche", "Faro", "Graz", "Hull")


def label_of(kind: str) -> str:
    """The label that fits a kind of brief: the one that its seal fits."""
    return next(label for label in LABELS if sealed(kind, label) == _SEALED[kind])


def draw_brief(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A brief: the story with the number `brief`, with facts and a place of its own."""
    number = sizes["brief"] - 2
    kind = KINDS[number // 2]
    facts = _facts(kind, number % 2, g)
    story = STORIES[kind][number % 2]
    place = PLACES[_whole(g, 0, len(PLACES) - 1)]
    shown = {**facts, "needed": f"{facts['needed_accuracy']:.0%}",
             "tried": f"{facts['linear_accuracy']:.0%}", "place": place}  # fmt: skip
    brief = {"text": story.format(**shown), **facts}
    remember(brief, kind)
    return {"brief": brief}


def _whole(g: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (1,), generator=g))


def _facts(kind: str, told: int, g: torch.Generator) -> dict[str, Any]:
    """What is known: the first words of a story, as a dict."""
    needed = _whole(g, 80, 95)
    suffices = kind == "simple_table"
    tried = needed + _whole(g, 1, 3) if suffices else needed - _whole(g, 9, 25)
    facts: dict[str, Any] = {
        "input": "table",
        "examples": _whole(g, 200, 900) if suffices else _whole(g, 20, 90) * 1000,
        "numbers_each": _whole(g, 8, 30),
        "linear_accuracy": tried / 100,
        "needed_accuracy": needed / 100,
        "neighbours_matter": False,
        "order_matters": False,
        "steps_back": 0,
        "all_at_once": True,
    }
    if kind == "picture" or (kind == "crossed_table" and told == 1):
        side = 8 * _whole(g, 2, 8)
        facts |= {"input": "picture", "numbers_each": side**2}
        facts["neighbours_matter"] = kind == "picture"
    if kind in ("short_stream", "long_stream", "whole_text"):
        facts |= {"input": "sequence", "order_matters": True, "numbers_each": _whole(g, 3, 40)}
        far = {"short_stream": (2, 5), "long_stream": (40, 60), "whole_text": (40, 400)}[kind]
        facts["steps_back"] = _whole(g, *far)
        facts["all_at_once"] = kind == "whole_text"
    if suffices and told == 1:
        facts |= {"input": "sequence", "order_matters": True, "steps_back": _whole(g, 2, 60)}
    return facts


def remembered(brief: dict[str, Any]) -> str:
    """The label that fits a brief that was drawn here."""
    return label_of(recall(brief))


# --- what is wrong with the answers --------------------------------------------------------------


def form_fails(trials: Sequence[Trial]) -> str | Known | None:
    """What is wrong with the answers altogether."""
    answers = [trial.value for trial in trials]
    odd = next((a for a in answers if a is not None and not isinstance(a, str)), None)
    if isinstance(odd, Opaque) and "str" in odd.text:
        says = "A label came back as a NumPy string; a plain one is asked for."
        return Known("numpy_string", says, "`str(…)` makes it plain.", f"It was a {odd.text}.")
    if odd is not None:
        return 'A label is a string, such as `"MLP"`.'
    if all(answer is None for answer in answers):
        return "Your function returned nothing, for no brief. Is a `return` missing?"
    if len(set(answers)) == 1:
        says = "Every brief got the same architecture."
        look = "Does the first rule catch everything?"
        return Known("one_label_for_all", says, look, f"It was `{str(answers[0])[:40]}`.")
    return None


def _fails(kind: str) -> Callable[[Sequence[Trial]], Known | None]:
    def fails(trials: Sequence[Trial]) -> Known | None:
        right = label_of(kind)
        for number, trial in enumerate(trials):
            if KINDS[number // 2] == kind and trial.value != right:
                return _mistaken(kind, trial.value, trial.inputs["brief"])
        return None

    return fails


def _mistaken(kind: str, said: str | None, brief: dict[str, Any]) -> Known:
    story = f"The brief: {brief['text']}"
    if said is None:
        says = f"Your function returned nothing for {SITUATION[kind]}."
        return Known("no_answer", says, "After the last rule, return something.", story)
    if said not in LABELS:
        near = difflib.get_close_matches(said.lower(), [x.lower() for x in LABELS], n=1)
        meant = next((x for x in LABELS if near and x.lower() == near[0]), "")
        look = "The labels stand in the table." + (f" Did you mean `{meant}`?" if meant else "")
        says = "A label came back that is not in the list."
        return Known("unknown_label", says, look, f"`{said[:40]}` is none of the labels.")
    name, says = OVERLOOKED.get((kind, said), (f"wrong_for_{kind}", ""))
    return Known(
        name,
        says or f"For {SITUATION[kind]}, {said} is not what the course's measurements speak for.",
        LOOK[kind],
        f"You said `{said}`. {story}",
    )


PROPERTIES = (
    Property(
        "one of the labels",
        "wrong_form",
        "What came back is no label.",
        "Return one of the six labels, a string.",
        form_fails,
        weight=0.0,
        needed=True,
    ),
    *(
        Property(
            SITUATION[kind].removeprefix("a "),
            f"wrong_for_{kind}",
            f"Another architecture fits {SITUATION[kind]} better.",
            LOOK[kind],
            _fails(kind),
        )
        for kind in KINDS
    ),
)
