"""Answers to `encode` and `stream_batches`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
LONG = torch.int64


def _tensor(numbers: Any) -> Tensor:
    return torch.tensor(list(numbers), dtype=LONG)


def _loop(text: str, vocab: dict[str, int]) -> Tensor:
    ids = torch.zeros(len(text), dtype=LONG)
    for place, character in enumerate(text):
        ids[place] = vocab[character]
    return ids


def _own_error(text: str, vocab: dict[str, int]) -> Tensor:
    for character in text:
        if character not in vocab:
            raise KeyError(f"unknown: {character!r}")
    return _tensor(vocab.get(character) for character in text)


bank.right_ones(
    "encode",
    comprehension=lambda text, vocab: torch.tensor([vocab[c] for c in text], dtype=LONG),
    mapped=lambda text, vocab: torch.tensor(list(map(vocab.__getitem__, text)), dtype=LONG),
    long_tensor=lambda text, vocab: torch.LongTensor([vocab[c] for c in text]),
    converted=lambda text, vocab: torch.tensor([vocab[c] for c in text]).long(),
    through_numpy=lambda text, vocab: torch.from_numpy(np.array([vocab[c] for c in text], "i8")),
    loop=_loop,
    own_error=_own_error,
)
bank.wrong_ones(
    "encode",
    ("default_dtype", "wrong_dtype", "Leaves the dtype to torch.",
     lambda text, vocab: torch.tensor([vocab[c] for c in text])),
    ("floats", "wrong_dtype", "Networks want floats.",
     lambda text, vocab: torch.tensor([float(vocab[c]) for c in text])),
    ("small_ints", "wrong_dtype", "int32 is enough for 96 characters.",
     lambda text, vocab: torch.tensor([vocab[c] for c in text], dtype=torch.int32)),
    ("a_list", "wrong_type", "A list of ids.", lambda text, vocab: [vocab[c] for c in text]),
    ("an_array", "wrong_type", "NumPy, as in unit 1.",
     lambda text, vocab: np.array([vocab[c] for c in text])),
    ("skipped", "unknown_skipped", "Leaves out what it does not know.",
     lambda text, vocab: _tensor(vocab[c] for c in text if c in vocab)),
    ("zero_for_unknown", "unknown_given_an_id", "0 for what it does not know.",
     lambda text, vocab: _tensor(vocab.get(c, 0) for c in text)),
    ("minus_one_for_unknown", "unknown_given_an_id", "-1 for what it does not know.",
     lambda text, vocab: _tensor(vocab.get(c, -1) for c in text)),
    ("a_new_id", "unknown_given_an_id", "A number of its own for the unknown.",
     lambda text, vocab: _tensor(vocab.get(c, len(vocab)) for c in text)),
    ("stops_at_unknown", "unknown_accepted", "Returns what it has so far.",
     lambda text, vocab: _tensor(
         vocab[c] for c in itertools.takewhile(vocab.__contains__, text))
     if any(c not in vocab for c in text[:-1]) else
     (None if any(c not in vocab for c in text) else _tensor(vocab[c] for c in text))),
    ("none_for_unknown", "nothing_returned", "Returns None instead of an error.",
     lambda text, vocab: _tensor(vocab[c] for c in text) if set(text) <= set(vocab) else None),
    ("empty_for_unknown", "unknown_accepted", "Returns nothing at all of such a text.",
     lambda text, vocab: _tensor(vocab[c] for c in text if set(text) <= set(vocab))),
    ("code_points", "code_points", "ord is a number for each character.",
     lambda text, vocab: _tensor(map(ord, text))),
    ("sorted_places", "position_in_alphabet", "vocab is surely sorted.",
     lambda text, vocab: _tensor(
         {c: i for i, c in enumerate(sorted(vocab))}[c] for c in text)),
    ("dict_places", "position_in_vocab", "The keys in their order.",
     lambda text, vocab: _tensor({c: i for i, c in enumerate(vocab)}[c] for c in text)),
    ("own_numbers", "own_vocab", "Makes its own vocabulary from the text.",
     lambda text, vocab: _tensor(sorted(set(text)).index(c) for c in text)),
    ("first_seen_numbers", "own_vocab", "Numbers them as they come.",
     lambda text, vocab: _tensor(list(dict.fromkeys(text)).index(c) for c in text)),
    ("from_one", "counted_from_one", "0 is for padding.",
     lambda text, vocab: _tensor(vocab[c] + 1 for c in text)),
    ("backwards", "reversed", "Reverses the text, as in seq2seq.",
     lambda text, vocab: _tensor(vocab[c] for c in reversed(text))),
    ("a_set", "each_character_once", "Each character once.",
     lambda text, vocab: _tensor(vocab[c] for c in dict.fromkeys(text))),
    ("words", "white_space_lost", "Splits at spaces and joins again.",
     lambda text, vocab: _tensor(vocab[c] for c in "".join(text.split()))),
    ("stripped", "space_stripped", "Cleans the text.",
     lambda text, vocab: _tensor(vocab[c] for c in text.strip())),
    ("lines", "line_ends_lost", "Reads it line by line.",
     lambda text, vocab: _tensor(vocab[c] for line in text.split("\n") for c in line)),
    ("lower", "capitals_lowered", "Lowers where it can.",
     lambda text, vocab: _tensor(vocab[c.lower() if c.lower() in vocab else c] for c in text)),
    ("lowered_all", "known_character_refused", "Lowers all; capitals' small letters are unknown.",
     lambda text, vocab: _tensor(
         vocab[c.lower() if c.isalpha() and c.isupper() else c + c] for c in text)),
    ("one_hot_rows", "one_hot", "One-hot vectors for the network.",
     lambda text, vocab: nn.functional.one_hot(_tensor(vocab[c] for c in text), len(vocab))),
    ("a_row", "extra_axis", "A batch of one.",
     lambda text, vocab: _tensor(vocab[c] for c in text)[None]),
    ("a_column", "extra_axis", "Time first, batch of one.",
     lambda text, vocab: _tensor(vocab[c] for c in text)[:, None]),
    ("values_of_vocab", "vocab_returned", "Takes the dict's values.",
     lambda text, vocab: _tensor(vocab.values())),
    ("prints", "nothing_returned", "Prints the ids.",
     lambda text, vocab: print([vocab[c] for c in text])),
    ("one_too_few", "wrong_shape", "Leaves the last character for y.",
     lambda text, vocab: _tensor(vocab[c] for c in text)[:-1]),
)  # fmt: skip


@wrong("encode", "input_changed")
def grows_the_vocab(text: str, vocab: dict[str, int]) -> Tensor:
    """Gives an unknown character an id of its own, in vocab itself, then raises all the same."""
    if text:
        vocab.setdefault("\0", len(vocab))
    return _tensor(vocab[c] for c in text)


# --- stream_batches -------------------------------------------------------------------------------

S = "stream_batches"


def _lanes(ids: Tensor, B: int, shift: int = 0) -> Tensor:
    M = (len(ids) - 1) // B
    return ids[shift : shift + B * M].reshape(B, M).T


@right(S)
def slices(ids: Tensor, batch_size: int, steps: int) -> Any:
    x, y = _lanes(ids, batch_size), _lanes(ids, batch_size, 1)
    for k in range(len(x) // steps):
        yield x[k * steps : (k + 1) * steps], y[k * steps : (k + 1) * steps]


@right(S)
def a_list_of_lists(ids: Tensor, batch_size: int, steps: int) -> Any:
    x, y = _lanes(ids, batch_size), _lanes(ids, batch_size, 1)
    out = []
    start = 0
    while start + steps <= len(x):
        out.append([x[start : start + steps].clone(), y[start : start + steps].contiguous()])
        start += steps
    print("windows", len(out))
    return out


@right(S)
def element_by_element(ids: Tensor, batch_size: int, steps: int) -> Any:
    M = (len(ids) - 1) // batch_size
    for w in range(M // steps):
        x = ids.new_zeros(steps, batch_size)
        y = torch.zeros_like(x)
        for t in range(steps):
            for n in range(batch_size):
                x[t, n] = ids[n * M + w * steps + t]
                y[t, n] = ids[n * M + w * steps + t + 1]
        yield x, y


@right(S)
def indexed(ids: Tensor, batch_size: int, steps: int) -> Any:
    M = (len(ids) - 1) // batch_size
    lane = torch.arange(batch_size, device=ids.device) * M
    time = torch.arange(steps, device=ids.device)[:, None]
    for start in range(0, M // steps * steps, steps):
        yield ids[start + time + lane], ids[start + time + lane + 1]


@right(S)
def stacked_lanes(ids: Tensor, batch_size: int, steps: int) -> Any:
    M = (len(ids) - 1) // batch_size
    lanes = torch.stack([ids[n * M : n * M + M + 1] for n in range(batch_size)], dim=1)  # (M+1, B)
    for start in range(0, M, steps):
        piece = lanes[start : start + steps + 1]
        if len(piece) == steps + 1:
            yield piece[:-1], piece[1:]


@right(S)
def split_and_zip(ids: Tensor, batch_size: int, steps: int) -> Any:
    pieces = zip(_lanes(ids, batch_size).split(steps), _lanes(ids, batch_size, 1).split(steps),
                 strict=True)  # fmt: skip
    return ((x, y) for x, y in pieces if len(x) == steps)


def _cut(x: Tensor, y: Tensor, steps: int, stride: int | None = None) -> Any:
    starts = range(0, len(x) - steps + 1, max(1, stride or steps))
    return [(x[k : k + steps], y[k : k + steps]) for k in starts]


def _both(ids: Tensor, B: int) -> tuple[Tensor, Tensor]:
    return _lanes(ids, B), _lanes(ids, B, 1)


def _shape(ids: Tensor, B: int, shift: int) -> Tensor:
    M = (len(ids) - 1) // B
    return ids[shift : shift + B * M].reshape(M, B)


bank.wrong_ones(
    S,
    ("not_shifted", "y_is_x", "An autoencoder.",
     lambda ids, B, S: _cut(_lanes(ids, B), _lanes(ids, B), S)),
    ("target_first", "x_and_y_swapped", "(y, x).",
     lambda ids, B, S: _cut(_lanes(ids, B, 1), _lanes(ids, B), S)),
    ("reshaped_to_time_first", "lanes_interleaved", "reshape(M, B) has the right shape.",
     lambda ids, B, S: _cut(_shape(ids, B, 0), _shape(ids, B, 1), S)),
    ("rows_are_lanes", "batch_first", "Forgets to turn it round.",
     lambda ids, B, S: [(x.T, y.T) for x, y in _cut(*_both(ids, B), S)]),
    ("short_window", "tail_kept", "split keeps the rest.",
     lambda ids, B, S: list(zip(_lanes(ids, B).split(S), _lanes(ids, B, 1).split(S),
                                strict=True))),
    ("range_to_the_end", "tail_kept", "range(0, M, steps).",
     lambda ids, B, S: [(x[k:k + S], y[k:k + S]) for x, y in [_both(ids, B)]
                        for k in range(0, len(x), S)]),
    ("overlap", "windows_overlap", "The next window starts with the last step of this one.",
     lambda ids, B, S: _cut(*_both(ids, B), S, S - 1)),
    ("sliding", "windows_slide", "All windows there are.",
     lambda ids, B, S: _cut(*_both(ids, B), S, 1)),
    ("gap", "step_between_windows", "Windows of steps + 1 ids, one after another.",
     lambda ids, B, S: _cut(*_both(ids, B), S, S + 1)),
    ("next_lane", "y_of_the_next_lane", "Shifts along the batch.",
     lambda ids, B, S: _cut(_lanes(ids, B), _lanes(ids, B).roll(-1, 1), S)),
    ("rolled_lanes", "y_wraps_in_its_lane", "roll for the shift.",
     lambda ids, B, S: _cut(_lanes(ids, B), _lanes(ids, B).roll(-1, 0), S)),
    ("rolled_windows", "y_wraps_in_its_window", "roll, window by window.",
     lambda ids, B, S: [(x, x.roll(-1, 0)) for x, _ in _cut(*_both(ids, B), S)]),
    ("two_ahead", "y_two_ahead", "Shifts twice.",
     lambda ids, B, S: _cut(_lanes(ids, B), _lanes(ids.roll(-2), B), S)),
    ("behind", "y_one_behind", "roll(1).",
     lambda ids, B, S: _cut(_lanes(ids, B), _lanes(ids.roll(1), B), S)),
    ("block_after_block", "lanes_start_anew", "A batch is B windows in a row.",
     lambda ids, B, S: [(ids[k:k + B * S].view(B, S).T, ids[k + 1:k + 1 + B * S].view(B, S).T)
                        for k in range(0, len(ids) - B * S, B * S)]),
    ("lanes_too_long", "reshape_does_not_fit", "L // batch_size, and y one place on.",
     lambda ids, B, S: (lambda M: _cut(*(ids[k:k + B * M].reshape(B, M).T for k in (0, 1)), S))(
         len(ids) // B)),
    ("lanes_with_own_targets", "lanes_of_l_over_b", "Lanes of L // B, then x and y from each.",
     lambda ids, B, S: (lambda z: _cut(z[:-1], z[1:], S))(
         ids[:len(ids) // B * B].view(B, -1).T)),
    ("lanes_cut_short", "last_window_lost", "Lanes of M ids, y from inside the lane.",
     lambda ids, B, S: (lambda z: _cut(z[:-1], z[1:], S))(_lanes(ids, B))),
    ("swapped_sizes", "batch_size_and_steps_swapped", "(steps, batch_size) as in the shape.",
     lambda ids, B, S: _cut(*_both(ids, S), B)),
    ("one_window_less", "last_window_lost", "Counts M // steps - 1 windows.",
     lambda ids, B, S: _cut(*_both(ids, B), S)[:-1]),
    ("range_too_short", "last_window_lost", "range(0, M - steps, steps).",
     lambda ids, B, S: [(x[k:k + S], y[k:k + S]) for x, y in [_both(ids, B)]
                        for k in range(0, len(x) - S, S)]),
    ("lanes_of_whole_windows", "lanes_cut_to_whole_windows", "Drops the tail first.",
     lambda ids, B, S: (lambda M: _cut(*(ids[k:k + B * M].reshape(B, M).T for k in (0, 1)), S)
                        if M else [])((len(ids) - 1) // (B * S) * S)),
    ("first_only", "first_window_only", "return in the loop.",
     lambda ids, B, S: _cut(*_both(ids, B), S)[:1]),
    ("from_the_end", "windows_reversed", "pop() takes from the end.",
     lambda ids, B, S: _cut(*_both(ids, B), S)[::-1]),
    ("last_target", "last_target_only", "One guess a window.",
     lambda ids, B, S: [(x, y[-1:]) for x, y in _cut(*_both(ids, B), S)]),
    ("for_cross_entropy", "flattened", "Flat, as the loss wants it.",
     lambda ids, B, S: [(x.flatten(), y.flatten()) for x, y in _cut(*_both(ids, B), S)]),
    ("without_first", "first_id_skipped", "Starts at ids[1].",
     lambda ids, B, S: _cut(_lanes(ids, B, 1), _lanes(ids.roll(-2), B), S)),
    ("same_lane", "one_lane_repeated", "expand for the batch.",
     lambda ids, B, S: _cut(*(z[:, :1].expand_as(z) for z in _both(ids, B)), S)),
    ("padded", "tail_padded", "Fills up with zeros.",
     lambda ids, B, S: [(nn.functional.pad(x, (0, 0, 0, S - len(x))),
                         nn.functional.pad(y, (0, 0, 0, S - len(y))))
                        for x, y in zip(_lanes(ids, B).split(S), _lanes(ids, B, 1).split(S),
                                        strict=True)]),
    ("only_x", "not_pairs", "y is x one later anyway.",
     lambda ids, B, S: [x for x, _ in _cut(*_both(ids, B), S)]),
    ("three_things", "not_pairs", "The window's number, too.",
     lambda ids, B, S: [(k, x, y) for k, (x, y) in enumerate(_cut(*_both(ids, B), S))]),
    ("lists", "wrong_type", "Lists of ids.",
     lambda ids, B, S: [(x.tolist(), y.tolist()) for x, y in _cut(*_both(ids, B), S)]),
    ("floats_again", "wrong_dtype", "Floats.",
     lambda ids, B, S: [(x.double(), y.double()) for x, y in _cut(*_both(ids, B), S)]),
    ("nothing", "nothing_returned", "Forgets to yield.",
     lambda ids, B, S: _cut(*_both(ids, B), S) and None),
    ("on_the_cpu", "wrong_device", "Through NumPy's index arrays.",
     lambda ids, B, S: _cut(*(torch.zeros(z.shape, dtype=LONG).copy_(z)
                              if z.device.type != "meta" else torch.zeros(z.shape, dtype=LONG)
                              for z in _both(ids, B)), S)),
)  # fmt: skip


@wrong(S, "input_changed")
def shuffled_in_place(ids: Tensor, batch_size: int, steps: int) -> Any:
    """Shifts the text itself, and back again, nearly."""
    windows = [(x.clone(), y.clone()) for x, y in _cut(*_both(ids, batch_size), steps)]
    ids[-1] = 0
    ids[0] += 1
    return windows


@bank.wrong_with_memory(S, "not_repeatable")
def goes_on_where_it_stopped() -> Any:
    """Keeps an offset between epochs."""
    calls: list[int] = []

    def stream(ids: Tensor, batch_size: int, steps: int) -> Any:
        calls.append(1)
        return _cut(*_both(ids.roll(len(calls) - 1), batch_size), steps)

    return stream
