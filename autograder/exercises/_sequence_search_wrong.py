"""Known wrong answers of greedy decoding and of beam search: the search by other rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._sequence_search import GREEDY_ONE, SEARCHES, Path, Rules, walk

Found = tuple[Tensor, Tensor]


def searched(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Found:
    """The reference: ids and the sum of their log-probabilities."""
    return _answer(log_probs, walk(log_probs, start, end, max_len, width))


def _answer(log_probs: Tensor, path: Path) -> Found:
    return _as_ids(path.ids), log_probs.new_tensor(path.score)


def _as_ids(ids: Sequence[int]) -> Tensor:
    return torch.tensor(list(ids), dtype=torch.int64)


def greedy(log_probs: Tensor, start: int, end: int, max_len: int) -> Tensor:
    """The reference: the likeliest next id, step by step."""
    return _as_ids(_greedy(log_probs, start, end, max_len))


def _greedy(log_probs: Tensor, start: int, end: int, max_len: int) -> list[int]:
    return list(walk(log_probs, start, end, max_len, 1).ids)


def _greedy_by(rules: Rules) -> Callable[..., Tensor]:
    return lambda table, start, end, max_len: _as_ids(
        walk(table, start, end, max_len, 1, rules).ids
    )


def _always_from_start(table: Tensor, start: int, end: int, max_len: int) -> Tensor:
    """The same row is read at each step."""
    return greedy(table[start].expand_as(table), start, end, max_len)


def _ids_with(change: Callable[[list[int], int, int, int], Any]) -> Callable[..., Any]:
    return lambda table, start, end, max_len: _as_ids(
        change(_greedy(table, start, end, max_len), start, end, max_len)
    )


def _end_appended(ids: list[int], start: int, end: int, max_len: int) -> list[int]:
    return ids if ids[-1] == end else [*ids, end]


def _padded(ids: list[int], start: int, end: int, max_len: int) -> list[int]:
    return ids + [end] * (max_len - len(ids))


def _end_made_impossible(table: Tensor, start: int, end: int, max_len: int) -> Tensor:
    other = table.clone()
    other[:, end] = float("-inf")
    return greedy(other, start, end, max_len)


def _no_repeats(table: Tensor, start: int, end: int, max_len: int) -> Tensor:
    """An id that has come may not come again."""
    ids = list[int]()
    other = table.clone()
    other[:, start] = float("-inf")
    while len(ids) < max_len and end not in ids and bool(other.isfinite().any()):
        step = _greedy(other, ids[-1] if ids else start, end, 1)[0]
        ids.append(step)
        other[:, step] = float("-inf")
    return _as_ids(ids)


def _second_best(table: Tensor, start: int, end: int, max_len: int) -> Tensor:
    other = table.clone().scatter(1, table.argmax(1, keepdim=True), float("-inf"))
    return greedy(other, start, end, max_len)


GREEDY = (
    Misconception(
        "end_does_not_stop", "Decoding goes on after `end` has come.",
        "Once `end` is appended, stop.", _greedy_by(Rules(ends=False)),
    ),
    Misconception(
        "start_included", "`start` stands among the ids.",
        "It was given; return what comes after it.",
        _ids_with(lambda ids, start, end, max_len: [start, *ids]),
    ),
    Misconception(
        "start_counts", "`start` stands among the ids, and counts towards max_len.",
        "It was given; return up to max_len ids that come after it.",
        _ids_with(lambda ids, start, end, max_len: [start, *ids][:max_len]),
    ),
    Misconception(
        "end_left_out", "`end` is left out of the ids.",
        "Where `end` comes, it is the last of the ids.",
        _ids_with(lambda ids, start, end, max_len: [i for i in ids if i != end]),
    ),
    Misconception(
        "end_appended_anyway", "`end` is appended where max_len cuts the path off.",
        "Only what was decoded is returned.", _ids_with(_end_appended),
    ),
    Misconception(
        "padded_to_max_len", "The ids are filled up to max_len.",
        "Return as many as were decoded.", _ids_with(_padded),
    ),
    Misconception(
        "one_step_too_many", "There is one id too many where max_len cuts the path off.",
        "max_len ids at most, `end` among them; `start` does not count.",
        _greedy_by(Rules(longer=1)),
    ),
    Misconception(
        "one_step_too_few", "There is one id too few where max_len cuts the path off.",
        "max_len ids at most; `start` does not count.", _greedy_by(Rules(longer=-1)),
    ),
    Misconception(
        "least_likely", "The least likely id is taken.",
        "The largest log-probability is the one nearest to 0.",
        _greedy_by(SEARCHES["worst_kept"]),
    ),
    Misconception(
        "second_best", "The second likeliest id is taken.", "`argmax` gives the likeliest.",
        _second_best,
    ),
    Misconception(
        "always_row_of_start", "The row of `start` is read at every step.",
        "The next row is that of the id just decoded.", _always_from_start,
    ),
    Misconception(
        "columns_read", "Columns of the table are read.",
        "Row i holds the log-probabilities of what follows i: `log_probs[i]`.",
        _greedy_by(Rules(turned=True)),
    ),
    Misconception(
        "end_never_taken", "`end` is never taken.", "It is an id like the others, until it comes.",
        _end_made_impossible,
    ),
    Misconception(
        "no_id_twice", "No id is taken twice.", "Nothing forbids an id to come again.", _no_repeats,
    ),
    Misconception(
        "last_id_alone", "Only the last id is returned.", "Collect every id in a list.",
        _ids_with(lambda ids, start, end, max_len: ids[-1:]),
    ),
    Misconception(
        "best_sequence", "This is the likeliest sequence; greedy decoding does not look ahead.",
        "Take the likeliest next id, whatever comes of it.",
        lambda table, start, end, max_len: searched(table, start, end, max_len, 5000)[0],
    ),
)  # fmt: skip


# --- beam search ----------------------------------------------------------------------------------

_SAYS: dict[str, tuple[str, str]] = {
    "width_ignored": (
        "This is greedy decoding: `width` makes no difference.",
        "Keep `width` hypotheses after each step, not one."),
    "probabilities_added": (
        "Probabilities are added.",
        "Along a path probabilities multiply: their logarithms, which the table holds, add up."),
    "finished_dropped": (
        "Hypotheses that have come to `end` are dropped.",
        "Keep them as they are: one of them may be the best."),
    "finished_forgotten": (
        "A finished hypothesis is lost at the step after.",
        "It stays a candidate, unchanged, at every later step."),
    "finished_extended": (
        "Hypotheses go on after `end`.", "What ends in `end` is not extended any more."),
    "finished_beside_the_beam": (
        "Finished hypotheses are set aside, and no longer ranked with the others.",
        "Finished ones and extensions are ranked together, and `width` of them all are kept."),
    "finished_beside_once": (
        "Finished hypotheses are set aside, and no longer ranked with the others.",
        "Finished ones and extensions are ranked together, and `width` of them all are kept."),
    "finished_never_leave": (
        "Finished hypotheses are set aside, and no longer ranked with the others.",
        "Finished ones and extensions are ranked together, and `width` of them all are kept."),
    "first_finished_returned": (
        "The search stops at the first hypothesis that is finished.",
        "A longer one may still be better: go on until all of the beam is finished, or max_len."),
    "stopped_at_the_first_end": (
        "The search stops as soon as one hypothesis of the beam is finished.",
        "Go on until all of the beam is finished, or max_len: the others may still win."),
    "one_extension_of_each": (
        "Each hypothesis hands on its best extension only.",
        "All extensions of all hypotheses are candidates; then the best `width` are kept."),
    "unfinished_preferred": (
        "An unfinished hypothesis is returned though a finished one scores higher.",
        "At the end the highest score of the whole beam counts, finished or not."),
    "finished_preferred": (
        "A finished hypothesis is returned though an unfinished one scores higher.",
        "At the end the highest score of the whole beam counts, finished or not."),
    "divided_by_length": (
        "Scores are divided by the length while hypotheses are ranked.",
        "Here a score is the plain sum of log-probabilities."),
    "chosen_by_score_per_length": (
        "The last choice is made by score per id.",
        "Here a score is the plain sum of log-probabilities."),
    "width_of_each": (
        "Every hypothesis keeps `width` extensions: the beam grows at every step.",
        "Choose the best `width` among all candidates together."),
    "one_step_too_many": (
        "There is one step too many.", "max_len ids at most; `start` does not count."),
    "one_step_too_few": (
        "There is one step too few.", "max_len ids at most; `start` does not count."),
    "columns_read": (
        "Columns of the table are read.",
        "Row i holds the log-probabilities of what follows i: `log_probs[i]`."),
    "last_step_alone": (
        "Only the last step's log-probability counts.",
        "An extension's score is its hypothesis' score plus the new log-probability."),
    "worst_kept": (
        "The lowest scores are kept.",
        "Log-probabilities are negative: the best is the one nearest to 0. `sorted` goes upwards."),
}  # fmt: skip


def _by(rules: Rules) -> Callable[..., Found]:
    def answer(table: Tensor, start: int, end: int, max_len: int, width: int) -> Found:
        return _answer(table, walk(table, start, end, max_len, width, rules))

    return answer


def _with(change: Callable[[Tensor, Tensor, int, int], Any]) -> Callable[..., Any]:
    return lambda table, start, end, max_len, width: change(
        *searched(table, start, end, max_len, width), start, end
    )


def _probabilities_scored(table: Tensor, start: int, end: int, max_len: int, width: int) -> Found:
    """Ranked by the sum of probabilities, though the score is returned as it should be."""
    path = walk(table, start, end, max_len, width, SEARCHES["probabilities_added"])
    before = [start, *path.ids[:-1]]
    return _as_ids(path.ids), table[before, list(path.ids)].sum()


def _normalised(rules: Rules) -> Callable[..., Found]:
    def answer(table: Tensor, start: int, end: int, max_len: int, width: int) -> Found:
        ids, score = _by(rules)(table, start, end, max_len, width)
        return ids, score / len(ids)

    return answer


def _emptied(table: Tensor, start: int, end: int, max_len: int, width: int) -> Found:
    """Finished hypotheses are forgotten until none is left to choose from, which raises."""
    path = walk(table, start, end, max_len, width, SEARCHES["finished_forgotten"])
    if path.done and len(path.ids) < max_len:
        raise IndexError("nothing is left in the beam")
    return _answer(table, path)


#: Two ways to the same mistake have one name.
_NAMES = {
    "chosen_by_score_per_length": "divided_by_length",
    "finished_beside_once": "finished_beside_the_beam",
    "stopped_at_the_first_end": "first_finished_returned",
    "finished_never_leave": "finished_beside_the_beam",
}
BEAM = (
    *(
        Misconception(_NAMES.get(name, name), *_SAYS[name], _by(rules))
        for name, rules in SEARCHES.items()
    ),
    Misconception("probabilities_added", *_SAYS["probabilities_added"], _probabilities_scored),
    Misconception(
        "finished_forgotten",
        "Finished hypotheses are lost at the step after; once all are finished, none is left.",
        _SAYS["finished_forgotten"][1], _emptied,
    ),
    Misconception(
        "best_of_all_steps", "The best hypothesis of all steps is returned: always the first id.",
        "Scores only fall as ids are added. Choose among what is in the beam at the end.",
        lambda table, start, end, max_len, width: searched(table, start, end, 1, width),
    ),
    Misconception(
        "divided_by_length", *_SAYS["divided_by_length"],
        _normalised(SEARCHES["divided_by_length"]),
    ),
    Misconception(
        "divided_by_length", *_SAYS["chosen_by_score_per_length"],
        _normalised(SEARCHES["chosen_by_score_per_length"]),
    ),
    Misconception(
        "score_per_id", "The score is divided by the number of ids.",
        "Here a score is the plain sum of log-probabilities.", _normalised(Rules()),
    ),
    Misconception(
        "score_negated", "The score has the wrong sign.",
        "A sum of log-probabilities is negative, or 0.",
        _with(lambda ids, score, start, end: (ids, -score)),
    ),
    Misconception(
        "score_is_a_probability", "The score is a probability; its logarithm is asked for.",
        "The sum of the log-probabilities, as it is.",
        _with(lambda ids, score, start, end: (ids, score.exp())),
    ),
    Misconception(
        "start_included", "`start` stands among the ids.",
        "It was given; return what comes after it.",
        _with(lambda ids, score, start, end: (_as_ids([start, *ids.tolist()]), score)),
    ),
    Misconception(
        "end_left_out", "`end` is left out of the ids.",
        "Where `end` comes, it is the last of the ids.",
        _with(lambda ids, score, start, end: (ids[ids != end], score)),
    ),
    Misconception(
        "last_id_alone", "Only the last id is returned.",
        "Each hypothesis carries all of its ids along.",
        _with(lambda ids, score, start, end: (ids[-1:], score)),
    ),
    Misconception(
        "greedy_score", "The ids are right; the score is that of greedy decoding.",
        "Return the score of the hypothesis that you return.",
        lambda table, start, end, max_len, width: (
            searched(table, start, end, max_len, width)[0],
            _by(GREEDY_ONE)(table, start, end, max_len, width)[1],
        ),
    ),
)  # fmt: skip
