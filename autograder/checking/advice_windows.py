"""What errors mean where a text is cut into windows, and a state is carried over them."""

from __future__ import annotations

from autograder.checking.advice import Advice
from autograder.checking.exercise import Exercise
from autograder.checking.handle import Raised


def advise_windows(raised: Raised, exercise: Exercise) -> Advice | None:
    """Windows that do not fit; a state that is carried from one to the next with its history."""
    if exercise.driver == "collect" and "is invalid for input of size" in raised.message:
        look = (
            "The slice has not as many ids as the new shape. How long is a lane, where does it end?"
        )
        return Advice("reshape_does_not_fit", (), "", look)
    if exercise.driver != "train_model" or raised.kind != "RuntimeError":
        return None
    look = "The state still hangs on the window before: detach both parts of it in the loop."
    if "modified by an inplace operation" in raised.message:
        look = (
            "This backward pass walks back into the window before, whose weights `step()` has "
            "changed since: detach both parts of the state, and it needs no `retain_graph`. Or "
            "`+=`, or what ends in `_`, writes over a tensor of yours."
        )
    elif "backward through the graph a second time" not in raised.message:
        return None
    return Advice("state_not_detached", (), "", look)
