"""Text to ids, ids to lanes: what is drawn, the reference, and the wrong answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import CaseSpec, Misconception, Sizes
from autograder.checking.values import Inputs, Value, describe
from autograder.exercises._language_model import draw_ids

FLOAT32 = torch.float32

# --- encode ---------------------------------------------------------------------------------------

#: A capital beside its small letter, a space, the end of a line, and letters beyond ASCII.
LETTERS = 'aAeE \n"(_zß°é7'
UNKNOWN = "q→"


def _text(L: int, V: int, title: str, unknown: int = 0, **rest: Any) -> CaseSpec:
    sizes = {"L": L, "V": V} | ({"unknown": unknown} if unknown else {})
    return CaseSpec(sizes, title=title, **rest)


ENCODE_CASES = (
    _text(17, 8, "17 characters, a vocab of 8"),
    _text(9, 14, "9 characters, a vocab of 14"),
    _text(1, 5, "one character, a vocab of 5", dtype=FLOAT32),
    _text(0, 4, "an empty text, a vocab of 4"),
    _text(11, 6, "a text with a character that vocab lacks", unknown=5),
    _text(7, 5, "a text whose last character vocab lacks", unknown=7),
)
KNOWN_CASES, UNKNOWN_CASES = (0, 1, 2, 3), (4, 5)


def draw_text(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A text, and a vocab whose ids follow neither its own order nor the alphabet's."""
    L, V, unknown = sizes["L"], sizes["V"], sizes.get("unknown", 0)
    letters = [LETTERS[i] for i in torch.randperm(len(LETTERS), generator=g)[:V].tolist()]
    vocab = dict(zip(letters, torch.randperm(V, generator=g).tolist(), strict=True))
    text = "".join(letters[i] for i in draw_ids(V, g, L).tolist())
    if len(LETTERS) == V:  # white space first and inside, a capital, and none of these last
        text = f" {text[1:3]}A{text[4:6]}\n{text[7:-1]}z"
    if unknown:
        stranger = UNKNOWN[int(torch.randint(len(UNKNOWN), (1,), generator=g))]
        text = text[: unknown - 1] + stranger + text[unknown:]
    return {"text": text, "vocab": vocab}


def torch_encode(text: str, vocab: Mapping[str, int]) -> Any:
    """A tensor of what the vocab holds; "KeyError" where it lacks a character, as the driver says.

    Made through the characters' code points: a table of ids, indexed by PyTorch.
    """
    table = torch.full((0x110000,), -1)
    table[[ord(letter) for letter in vocab]] = torch.tensor(list(vocab.values()))
    ids = table[torch.tensor([ord(letter) for letter in text], dtype=torch.int64)]
    return "KeyError" if bool((ids < 0).any()) else ids


def known_ids(inputs: Inputs, value: Value) -> Tensor:
    """What came back for a text whose characters the vocab holds."""
    if value == "KeyError" and isinstance(value, str):
        says = "A KeyError came, though every character of this text is a key of vocab."
        raise UnreadableError("known_character_refused", says)
    ids: Tensor = value
    return ids


def refused(inputs: Inputs, value: Value) -> Tensor:
    """1 where a KeyError came of a text with an unknown character."""
    if isinstance(value, str) and value == "KeyError":
        return torch.tensor(1)
    if isinstance(value, Tensor) and value.dim() == 1 and len(value) == len(inputs["text"]) - 1:
        name, what = "unknown_skipped", "is left out without a word"
    elif isinstance(value, Tensor) and value.shape == (len(inputs["text"]),):
        name, what = "unknown_given_an_id", "gets an id all the same"
    else:
        name, what = "unknown_accepted", f"is not refused: back came {describe(value)}"
    says = (
        f"A character that vocab lacks {what}. It should be a KeyError, which is what `vocab[c]` "
        "raises: a wrong id would be found only when the model talks nonsense."
    )
    raise UnreadableError(name, says)


def _encoded(change: Callable[[str, Mapping[str, int]], Any]) -> Callable[..., Any]:
    def answer(text: str, vocab: Mapping[str, int]) -> Any:
        right = torch_encode(text, vocab)
        return right if isinstance(right, str) else change(text, vocab)

    return answer


def _ids(numbers: Any) -> Tensor:
    return torch.tensor(list(numbers), dtype=torch.int64)


def _through(table: Callable[[str, Mapping[str, int]], Any]) -> Callable[..., Any]:
    return _encoded(lambda text, vocab: _ids(list(table(text, vocab)).index(c) for c in text))


def _lower(text: str, vocab: Mapping[str, int]) -> Any:
    return torch_encode("".join(c.lower() if c.lower() in vocab else c for c in text), vocab)


_LOOK = "The id of a character c is vocab[c]."
ENCODE: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("position_in_vocab", "You return the place of each character in the dict.", _LOOK,
         _through(lambda text, vocab: vocab)),
        ("position_in_alphabet", "You return the place of each character in sorted order.", _LOOK,
         _through(lambda text, vocab: sorted(vocab))),
        ("own_vocab", "You number the characters of the text; the numbers stand in vocab.", _LOOK,
         _through(lambda text, vocab: sorted(set(text)))),
        ("own_vocab", "You number the characters as they first come; the numbers stand in vocab.",
         _LOOK, _through(lambda text, vocab: dict.fromkeys(text))),
        ("code_points", "You return the characters' code points, `ord(c)`.", _LOOK,
         _encoded(lambda text, vocab: _ids(map(ord, text)))),
        ("counted_from_one", "Every id is one too large.", "Ids are what vocab says, 0 among them.",
         _encoded(lambda text, vocab: torch_encode(text, vocab) + 1)),
        ("reversed", "The ids are in reversed order.", "ids[0] belongs to text[0].",
         _encoded(lambda text, vocab: torch_encode(text[::-1], vocab))),
        ("each_character_once", "Each character of the text comes once.",
         "As many ids as the text has characters: do not use `set`.",
         _encoded(lambda text, vocab: torch_encode("".join(dict.fromkeys(text)), vocab))),
        ("capitals_lowered", "Capitals are treated as small letters.",
         "'A' and 'a' are two characters.", _encoded(_lower)),
        ("space_stripped", "Spaces or line ends at the ends of the text are lost.",
         "White space is text: no `strip`.",
         _encoded(lambda text, vocab: torch_encode(text.strip(), vocab))),
        ("white_space_lost", "Spaces and line ends are lost.", "White space is text: no `split`.",
         _encoded(lambda text, vocab: torch_encode("".join(text.split()), vocab))),
        ("line_ends_lost", "The ends of lines are lost.", "'\\n' is a character like others.",
         _encoded(lambda text, vocab: torch_encode(text.replace("\n", ""), vocab))),
        ("vocab_returned", "You return the ids of vocab itself, not of the text.",
         "One id for each character of text.",
         _encoded(lambda text, vocab: _ids(vocab.values()))),
        ("one_hot", "You return a row of zeros and a one for each character.",
         "One whole number for each character.",
         _encoded(lambda text, vocab: torch.nn.functional.one_hot(
             torch_encode(text, vocab), len(vocab)))),
        ("extra_axis", "There is an axis too many.", "A tensor of shape (len(text),).",
         _encoded(lambda text, vocab: torch_encode(text, vocab)[None])),
        ("extra_axis", "There is an axis too many.", "A tensor of shape (len(text),).",
         _encoded(lambda text, vocab: torch_encode(text, vocab)[:, None])),
    )
)  # fmt: skip

# --- stream_batches -------------------------------------------------------------------------------

Pieces = list[tuple[Tensor, Tensor]]


def _stream(L: int, B: int, S: int, V: int = 60, dtype: torch.dtype = torch.float64) -> CaseSpec:
    short = (L - 1) // B < S
    title = f"{L} ids, batch_size {B}, steps {S}" + (": no window fits" if short else "")
    return CaseSpec({"L": L, "B": B, "S": S, "V": V}, dtype, title=title)


#: A tail in every lane, and ids left over; lanes that fill their windows; L a multiple of B, where
#: L // B is one too many; one window; one lane; one step; no window at all.
STREAM_CASES = (
    _stream(51, 4, 5),
    _stream(41, 4, 5, V=9),
    _stream(48, 4, 3, dtype=FLOAT32),
    _stream(23, 3, 7),
    _stream(30, 1, 4),
    _stream(20, 6, 1),
    _stream(9, 4, 3),
)


def draw_stream(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Ids, a number of lanes and a length of windows."""
    ids = draw_ids(sizes["V"], g, sizes["L"])
    return {"ids": ids, "batch_size": sizes["B"], "steps": sizes["S"]}


def _lanes(ids: Tensor, B: int, M: int, ahead: int) -> Tensor:
    """B lanes of M contiguous ids, side by side, (M, B); what lies beyond the end comes from 0."""
    return ids.roll(-ahead).as_strided((M, B), (1, M))


def _windows(x: Tensor, y: Tensor, S: int, stride: int | None = None) -> Pieces:
    """Windows of S steps, and no short one."""
    pieces = zip(x.unfold(0, S, stride or S), y.unfold(0, S, stride or S), strict=True)
    return [(a.mT, b.mT) for a, b in pieces]


def torch_stream(ids: Tensor, batch_size: int, steps: int, ahead: int = 1) -> Pieces:
    """PyTorch's `unfold` over the lanes."""
    M = (ids.numel() - 1) // batch_size
    if steps > M:
        return []
    x, y = (_lanes(ids, batch_size, M, k) for k in (0, ahead))
    return _windows(x, y, steps)


def pieces(value: Value) -> Pieces:
    """The pairs that were yielded. Raises UnreadableError where they are none."""
    if not isinstance(value, list):
        raise LookupError(f"expected windows, got {describe(value)}")
    for item in value:
        if not isinstance(item, list | tuple) or len(item) != 2:
            says = f"Each item is a pair, (x, y); one of yours is {describe(item)}."
            raise UnreadableError("not_pairs", says)
        for part in item:
            if not isinstance(part, Tensor):
                says = f"x and y are tensors of ids; one of yours is {describe(part)}."
                raise UnreadableError("wrong_type", says)
            if part.dim() == 0:
                says = "x and y are tensors (steps, batch_size); one of yours is a single number."
                raise UnreadableError("wrong_shape", says)
    return [tuple(item) for item in value]


def joined(place: int) -> Callable[[Inputs, Value], Tensor]:
    """A view of all x (0), or all y (1), one window below another: (steps in all, batch_size)."""

    def view(inputs: Inputs, value: Value) -> Tensor:
        parts = [item[place] for item in pieces(value)]
        if not parts:
            return inputs["ids"].new_zeros(0, inputs["batch_size"])
        if len({part.shape[1:] for part in parts}) > 1:
            raise UnreadableError("wrong_shape", "The windows do not all have the same lanes.")
        return torch.cat(parts)

    return view


def lengths(inputs: Inputs, value: Value) -> Tensor:
    """The number of steps of each window."""
    parts = [x for x, _ in pieces(value)]
    device = parts[0].device if parts else "cpu"
    return torch.tensor([len(x) for x in parts], dtype=torch.int64, device=device)


def _perturbed(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Callable[..., Pieces]:
    """All lanes changed, (M, B) each, before they are cut."""

    def answer(ids: Tensor, B: int, S: int) -> Pieces:
        M = (len(ids) - 1) // B
        return _windows(*change(_lanes(ids, B, M, 0), _lanes(ids, B, M, 1)), S) if M >= S else []

    return answer


def _each(change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Callable[..., Pieces]:
    """Every window changed."""
    return lambda ids, B, S: [change(x, y) for x, y in torch_stream(ids, B, S)]


def _interleaved(ids: Tensor, B: int, S: int) -> Pieces:
    M = (len(ids) - 1) // B
    x, y = (ids[k : k + B * M].unflatten(0, (M, B)) for k in (0, 1))
    return _windows(x, y, S) if M >= S else []


def _block_by_block(ids: Tensor, B: int, S: int) -> Pieces:
    count = (len(ids) - 1) // (B * S)
    x, y = (ids[k : k + count * B * S].unflatten(0, (count, B, S)) for k in (0, 1))
    return [(a.mT, b.mT) for a, b in zip(x, y, strict=True)]


def _tail_kept(ids: Tensor, B: int, S: int) -> Pieces:
    M = (len(ids) - 1) // B
    x, y = _lanes(ids, B, M, 0), _lanes(ids, B, M, 1)
    return list(zip(x.split(S), y.split(S), strict=True))


def _tail_padded(ids: Tensor, B: int, S: int) -> Pieces:
    M = (len(ids) - 1) // B
    x, y = (torch.nn.functional.pad(_lanes(ids, B, M, k), (0, 0, 0, -M % S)) for k in (0, 1))
    return list(zip(x.split(S), y.split(S), strict=True))


def _overlapping(stride: Callable[[int], int]) -> Callable[..., Pieces]:
    def answer(ids: Tensor, B: int, S: int) -> Pieces:
        M = (len(ids) - 1) // B
        x, y = _lanes(ids, B, M, 0), _lanes(ids, B, M, 1)
        return _windows(x, y, S, max(1, stride(S))) if M >= S else []

    return answer


def _lanes_of_l_over_b(ids: Tensor, B: int, S: int) -> Pieces:
    lanes = _lanes(ids, B, len(ids) // B, 0)
    return _windows(lanes[:-1], lanes[1:], S) if len(lanes) > S else []


def _lane_for_itself(ids: Tensor, B: int, S: int) -> Pieces:
    lanes = _lanes(ids, B, (len(ids) - 1) // B, 0)
    return _windows(lanes[:-1], lanes[1:], S) if len(lanes) > S else []


def _whole_windows_only(ids: Tensor, B: int, S: int) -> Pieces:
    M = (len(ids) - 1) // B // S * S
    return _windows(_lanes(ids, B, M, 0), _lanes(ids, B, M, 1), S) if M else []


def _reversed(pieces: Pieces) -> Pieces:
    return list(itertools.islice(reversed(pieces), len(pieces)))


_AHEAD = "y is one ahead of x in the text: y[t] is what follows x[t]."
_LANE = "Lane n holds the ids from n M on, one below another: down a column, it is text."
_M = "Lanes have M = (L - 1) // batch_size ids; the - 1 leaves an id for the last y."
STREAM: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, answer)
    for name, says, look, answer in (
        ("y_is_x", "y is x: the target is not shifted.", _AHEAD, _each(lambda x, y: (x, x))),
        ("x_and_y_swapped", "x and y have changed places.", _AHEAD, _each(lambda x, y: (y, x))),
        ("y_two_ahead", "y is two ahead of x.", _AHEAD,
         lambda ids, B, S: torch_stream(ids, B, S, 2)),
        ("y_one_behind", "y is one behind x.", _AHEAD,
         lambda ids, B, S: torch_stream(ids, B, S, -1)),
        ("y_wraps_in_its_window", "The last y of a window is the window's first x.",
         "`roll` brings the first to the end. Shift before you cut.",
         _each(lambda x, y: (x, x.roll(-1, 0)))),
        ("y_wraps_in_its_lane", "The last y of a lane is the lane's first x.",
         "`roll` brings the first to the end. The id after a lane's last is in the text.",
         _perturbed(lambda x, y: (x, x.roll(-1, 0)))),
        ("y_of_the_next_lane", "y is the x of the next lane.",
         "One ahead in time, not in the batch: down, not to the right.",
         _perturbed(lambda x, y: (x, x.roll(-1, 1)))),
        ("lanes_interleaved", "Neighbours in the text stand side by side, in different lanes.",
         _LANE, _interleaved),
        ("lanes_start_anew", "Lanes do not go on from one window to the next.",
         f"{_LANE} The next window goes on where this one ended, in every lane.",
         _block_by_block),
        ("batch_first", "The windows are (batch_size, steps).",
         "Time first: (steps, batch_size).", _each(lambda x, y: (x.mT, y.mT))),
        ("batch_size_and_steps_swapped", "batch_size and steps have changed places.",
         "The order of the arguments is (ids, batch_size, steps).",
         lambda ids, B, S: torch_stream(ids, S, B)),
        ("tail_kept", "A short window at the end is yielded, too.",
         "All windows have `steps` steps; what is left over is dropped.", _tail_kept),
        ("tail_padded", "The last window is filled up with zeros.",
         "0 is a character. A short tail is dropped.", _tail_padded),
        ("windows_overlap", "Windows overlap by one step.",
         "The next window starts `steps` further on.", _overlapping(lambda S: S - 1)),
        ("windows_slide", "Each window starts one step after the one before.",
         "The next window starts `steps` further on.", _overlapping(lambda S: 1)),
        ("step_between_windows", "A step is left out between windows.",
         "The next window starts `steps` further on, where y left off.",
         _overlapping(lambda S: S + 1)),
        ("last_window_lost", "A last window that just fits into its lane is missing.",
         "Its start is M - steps: `range` stops one short of the end that you give it. Or are your "
         "lanes one id too short? The y of a lane's last x is the next lane's first id.",
         _lane_for_itself),
        ("lanes_cut_to_whole_windows", "Lanes are cut to whole windows before they are laid side "
         "by side: each but the first starts too early in the text.",
         f"{_M} Only then is a short tail dropped, in every lane.", _whole_windows_only),
        ("lanes_of_l_over_b", "Lanes have L // batch_size ids, of which x never gets the last.",
         _M, _lanes_of_l_over_b),
        ("first_id_skipped", "The first id is never read.", "x starts at ids[0].",
         lambda ids, B, S: [(y, z) for (_, y), (_, z) in zip(
             torch_stream(ids, B, S), torch_stream(ids, B, S, 2), strict=True)]),
        ("first_window_only", "Only the first window comes.",
         "Is there a `return` inside the loop? `yield` goes on.",
         lambda ids, B, S: torch_stream(ids, B, S)[:1]),
        ("last_window_lost", "The last whole window is missing.",
         "A window that just fits is a window: look at the end of your range.",
         lambda ids, B, S: torch_stream(ids, B, S)[:-1]),
        ("windows_reversed", "The windows come in reversed order.",
         "The state is carried from one window to the next: text order.",
         lambda ids, B, S: _reversed(torch_stream(ids, B, S))),
        ("one_step_more", "Windows hold steps + 1 ids.",
         "x and y have `steps` rows each.",
         lambda ids, B, S: [(torch.cat([x, y[-1:]]), torch.cat([x, y[-1:]]))
                            for x, y in torch_stream(ids, B, S)]),
        ("one_lane_repeated", "All lanes hold the same ids.", _LANE,
         _perturbed(lambda x, y: (x[:, :1].expand_as(x), y[:, :1].expand_as(y)))),
        ("last_target_only", "y holds the last target of each window alone.",
         "Every step guesses: y has the shape of x.", _each(lambda x, y: (x, y[-1:]))),
        ("flattened", "x and y are flattened.", "(steps, batch_size), each.",
         _each(lambda x, y: (x.flatten(), y.flatten()))),
    )
)  # fmt: skip
