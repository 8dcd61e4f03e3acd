"""Judging `diagnose`: runs spoilt anew for every check, and what each label was taken for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder.checking.exercise import Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.settle import Opaque
from autograder.checking.values import Inputs
from autograder.exercises._diagnosis_words import LOOK, PAIRS, WORDS
from autograder.exercises._labelled import recall, remember

HEALTHY = "healthy"
#: The sabotages in the order of the cases, then the runs that nothing was done to.
SABOTAGED = tuple(name for name in WORDS if name != HEALTHY)
CONTROLS = ("dense", "deep", "recurrent", "table")
KINDS = (*SABOTAGED, *CONTROLS)
#: What stands below an error that an answer raised.
A_RUN = (
    "one of fourteen runs; a gradient's norm may be 0, and `gradient_norm` and `zero_share` hold a "
    "list for each epoch"
)
LABELS = (*SABOTAGED, HEALTHY)


def label_of(kind: str) -> str:
    """The label of a kind of run: a sabotage's own name, or `healthy`."""
    return kind if kind in SABOTAGED else HEALTHY


def draw_run(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A run of the kind with the number `run`, trained anew."""
    from course.experiments.sabotage import make_run  # it loads scikit-learn: slow

    kind = KINDS[sizes["run"] - 2]
    run = make_run(kind, int(torch.randint(2**31, (1,), generator=g)))
    remember(run, label_of(kind))
    return {"run": run}


def remembered(run: dict[str, Any]) -> str:
    """The label of a run that was drawn here: who spoilt it knows it."""
    return recall(run)


# --- what is wrong with the answers --------------------------------------------------------------


def form_fails(trials: Sequence[Trial]) -> str | Known | None:
    """What is wrong with the answers altogether."""
    answers = [trial.value for trial in trials]
    odd = next((a for a in answers if a is not None and not isinstance(a, str)), None)
    if isinstance(odd, Opaque) and "str" in odd.text:
        says = "A label came back as a NumPy string; a plain one is asked for."
        return Known("numpy_string", says, "`str(…)` makes it plain.", f"It was a {odd.text}.")
    if isinstance(odd, bool):
        return "Your function answers True or False: return the label itself."
    if odd is not None:
        return 'A label is a string, such as `"healthy"`.'
    if all(answer is None for answer in answers):
        return "Your function returned nothing, for no run. Is a `return` missing?"
    if len(set(answers)) == 1:
        says = "Every run got the same label."
        look = "Does the first rule catch everything? Print what it compares for two runs."
        return Known("one_label_for_all", says, look, f"It was `{str(answers[0])[:40]}`.")
    return None


def _fails(label: str) -> Callable[[Sequence[Trial]], str | Known | None]:
    """What the runs of this label were taken for, where that is something else."""

    def fails(trials: Sequence[Trial]) -> Known | None:
        missed = [
            (kind, trial.value)
            for kind, trial in zip(KINDS, trials, strict=True)
            if label_of(kind) == label and trial.value != label
        ]
        if not missed:
            return None
        kind, said = missed[0]
        return _mistaken(label, kind, said)

    return fails


def _mistaken(label: str, kind: str, said: str | None) -> Known:
    """What a run of this label was taken for, and where to look."""
    of = WORDS[label] if label != HEALTHY else f"a healthy run ({CONTROL_WORDS[kind]})"
    if said is None:
        says = f"Your function returned nothing for {of}."
        look = f"After the last rule, return something for what is left. {LOOK[label]}"
        return Known("no_answer", says, look, "None came back.")
    if said not in LABELS:
        near = difflib.get_close_matches(said, LABELS, n=1)
        meant = f" Did you mean `{near[0]}`?" if near else ""
        says = "A label came back that is not in the list."
        return Known("unknown_label", says, f"The labels stand in the table.{meant}",
                     f"`{said[:40]}` is none of the labels.")  # fmt: skip
    seen = f"You said `{said}`."
    look = PAIRS.get((label, said), LOOK[label])
    if label == HEALTHY:
        says = f"{of[0].upper()}{of[1:]} was taken for {WORDS[said]}."
        return Known(f"saw_{said}_in_a_healthy_run", says, look, seen)
    if said == HEALTHY:
        return Known(f"missed_{label}", f"{of[0].upper()}{of[1:]} was called healthy.", look, seen)
    says = f"{of[0].upper()}{of[1:]} was taken for {WORDS[said]}."
    return Known(f"took_{label}_for_{said}", says, look, seen)


CONTROL_WORDS = {
    "dense": "one or two hidden layers",
    "deep": "a deep network with first weights of the right size",
    "recurrent": "a recurrent network whose gradient is clipped",
    "table": "a table with two classes, standardised",
}

PROPERTIES = (
    Property(
        "one of the labels",
        "wrong_form",
        "What came back is no label.",
        "Return one of the labels in the table, a string.",
        form_fails,
        weight=0.0,
        needed=True,
    ),
    *(
        Property(
            label,
            f"missed_{label}",
            f"{WORDS[label]} was not recognised.",
            LOOK[label],
            _fails(label),
            weight=2.0 if label == HEALTHY else 3.0,
        )
        for label in LABELS
    ),
)
