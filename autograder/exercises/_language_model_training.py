"""Judging a character model by the bits it needs for text that it has not seen.

Every check makes up a language: six words, one after another at random, with blanks between.
Its entropy is known, so the judge knows what pairs of characters leave over and how much of that
nobody can learn. Weights brought along are of no use. What comes back is a dict of weights; the
judge reads the text with them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Sizes
from autograder.checking.project_drivers import train_model
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.values import Inputs
from autograder.exercises import _lstm
from autograder.exercises._language_model import GATES, Model, read_out, swept

WORDS, LETTERS, WORD_LENGTHS = 6, 6, (3, 5)  # of a language; the blank is one symbol more
LENGTH, UNSEEN = 12_000, 4_000  # characters to train on, and of the stretch that follows them
UPDATES, FEW = 32, 2  # of one training, and of those that try the seed
LANES = 20
#: How much may be left of what pairs of characters leave over, and more than one gets to know.
BAR = 0.5
SAFE = 0.35
GOOD = 0.1  # a right loop leaves 0.02 to 0.06, one that keeps its old gradients 0.11 to 0.46
CLEARLY = 0.3  # bits; a model that does something else does it by more than this
SAME = 1e-4  # weights of two seeds differ by some 0.1
GUARD = dataclasses.replace(_lstm.GUARD, modules=(*_lstm.GUARD.modules, "course.experiments"))
#: A check draws one text; so many checks are remembered at least.
_MOST = 256
_UNSEEN: OrderedDict[bytes, Unseen] = OrderedDict()
_LAST: list[tuple[Trial, _Measured]] = []


@dataclasses.dataclass(frozen=True)
class Unseen:
    """What follows a text: ids (UNSEEN,) int64, and the entropy of their language, in bits."""

    ids: Tensor
    entropy: float


def language(g: torch.Generator) -> list[list[int]]:
    """The different words of a new language, which use all letters 1 to LETTERS; 0 is the blank."""
    shortest, longest = WORD_LENGTHS
    words: set[tuple[int, ...]] = set()
    while len({letter for word in words for letter in word}) < LETTERS:
        words.clear()
        while len(words) < WORDS:
            length = int(torch.randint(shortest, longest + 1, (1,), generator=g))
            words.add(tuple((torch.randint(LETTERS, (length,), generator=g) + 1).tolist()))
    return [list(word) for word in sorted(words)]


def entropy(words: Sequence[Sequence[int]]) -> float:
    """Bits per character that nobody can save: the choice of a word, shared by its characters."""
    return math.log2(len(words)) * len(words) / sum(len(word) + 1 for word in words)


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """`L` ids of a text in a new language, numbered anew; how many symbols there are; a seed."""
    words, length = language(g), sizes["L"] + UNSEEN
    most = length // (WORD_LENGTHS[0] + 1) + 1
    chosen = torch.randint(len(words), (most,), generator=g).tolist()
    text = torch.tensor([id_ for word in chosen for id_ in (*words[word], 0)])[:length]
    ids = torch.randperm(sizes["V"], generator=g)[text]
    given, unseen = ids[: sizes["L"]].clone(), ids[sizes["L"] :].clone()
    _UNSEEN[_digest(given)] = Unseen(unseen, entropy(words))
    while len(_UNSEEN) > _MOST:
        _UNSEEN.popitem(last=False)
    seed = int(torch.randint(2**31 - 2000, (1,), generator=g))
    return {"ids": given, "n_symbols": sizes["V"], "updates": UPDATES, "seed": seed, "few": FEW}


def _digest(ids: Tensor) -> bytes:
    return hashlib.sha256(ids.numpy().tobytes()).digest()


def unseen_after(ids: Tensor) -> Unseen:
    """The stretch that follows what was drawn in this process. Raises KeyError for other ids."""
    return _UNSEEN[_digest(ids)]


def bits(model: Model, ids: Tensor, ahead: int = 1) -> float:
    """Bits per character of guessing what comes `ahead`, read in lanes from zero states."""
    length, first = (len(ids) - 2) // LANES, max(0, -ahead)
    starts = (first, first + ahead)
    x, y = (ids[k : k + LANES * length].view(LANES, length).T for k in starts)
    plain = {name: model[name].detach().cpu().float() for name in _shapes(model, 0)}
    with torch.no_grad():
        return float(_nats(x, y, plain)) / math.log(2)


def _nats(x: Tensor, y: Tensor, model: Model) -> Tensor:
    """The mean loss where x (T, N) is read from zero states by PyTorch's own LSTM and y guessed."""
    h = swept(x, model)
    return functional.cross_entropy(read_out(h, model).flatten(0, 1), y.flatten())


def pair_bits(ids: Tensor, unseen: Tensor, n_symbols: int) -> float:
    """Bits per character of unseen text, each guessed from the one before by counts in `ids`."""
    pairs = torch.bincount(ids[:-1] * n_symbols + ids[1:], minlength=n_symbols**2)
    counts = pairs.view(n_symbols, n_symbols).double() + 0.1
    chances = counts / counts.sum(1, keepdim=True)
    return float(-chances[unseen[:-1], unseen[1:]].log2().mean())


def count_bits(ids: Tensor, n_symbols: int) -> float:
    """Bits per character where only how often each one comes is known."""
    chances = torch.bincount(ids, minlength=n_symbols).double() / len(ids)
    return float(-(chances[ids]).log2().mean())


# --- its form -----------------------------------------------------------------------------------


def _shapes(model: Mapping[str, Any], n_symbols: int) -> dict[str, list[int]]:
    """The shapes that belong to this model's D and H."""
    D, H = model["U_f"].shape
    shapes = {"E": [n_symbols, D], "V": [H, n_symbols], "d": [n_symbols]}
    shapes |= {f"U_{gate}": [D, H] for gate in GATES} | {f"W_{gate}": [H, H] for gate in GATES}
    return shapes | {f"b_{gate}": [H] for gate in GATES}


def form_fails(trials: Sequence[Trial]) -> str | Known | None:
    """What is wrong with the form of what came back."""
    for trial in trials:
        problem = _form(trial.value["model"], int(trial.inputs["n_symbols"]))
        if problem is not None:
            return problem
    return None


def _form(model: Any, n_symbols: int) -> str | Known | None:
    if model is None:
        return "Nothing came back. Is a `return` missing?"
    if not isinstance(model, Mapping):
        return "A dict of weights is asked for: `model`, as `lstm_lm_loss` takes it."
    names = ("E", "V", "d", *(f"{letter}_{gate}" for letter in "UWb" for gate in GATES))
    missing = [name for name in names if name not in model]
    if missing:
        look = "The keys stand in the table: E, V, d, and U, W, b with f, i, c, o each."
        return Known("missing_key", f"The key `{missing[0]}` is missing.", look,
                     f"The keys are {', '.join(sorted(map(str, model))[:20])}.")  # fmt: skip
    for name in names:
        if not isinstance(model[name], Tensor) or not model[name].is_floating_point():
            return f"`{name}` is no tensor of real numbers."
        if not bool(model[name].isfinite().all()):
            return f"`{name}` holds NaN or infinity: did the training run away?"
    if model["U_f"].dim() != 2:
        return f"`U_f` should be (D, H); it is {tuple(model['U_f'].shape)}."
    for name, shape in _shapes(model, n_symbols).items():
        if list(model[name].shape) != shape:
            look = "Sizes: V is `n_symbols`; D and H are yours, the same in all weights."
            says = f"`{name}` has a shape that does not go with the others."
            seen = f"It is {tuple(model[name].shape)}; {tuple(shape)} would."
            return Known("shapes_differ", says, look, seen)
    return None


# --- its seed and its updates -------------------------------------------------------------------


def seed_fails(trials: Sequence[Trial]) -> str | Known | None:
    """Whether the same seed gives other weights, another one the same, or `few` updates many."""
    for trial in trials:
        first, again, other = trial.value["again"]
        if not _same(first, again):
            return "The same seed gave two different models."
        if _same(first, other):
            look = "The first weights should come from `seed`."
            return Known("seed_unused", "The seed makes no difference.", look,
                         "Two different seeds gave the same model.")  # fmt: skip
        beginning, few = trial.inputs["ids"][:UNSEEN], trial.inputs["few"]
        mine = bits(first, beginning)
        pairs = pair_bits(trial.inputs["ids"], beginning, int(trial.inputs["n_symbols"]))
        if mine < pairs:
            look = "Count each `step()`, and stop at `updates`, in the middle of the text, too."
            return Known("updates_ignored", f"Asked for {few} updates, it makes many more.", look,
                         f"It needs {mine:.2f} bits per character when it is asked for {few} "
                         f"updates. So few leave it above {pairs:.2f}.")  # fmt: skip
    return None


def _alone(trial: Trial) -> float:
    """Bits per character of knowing only how often each one comes in the text's beginning."""
    return count_bits(trial.inputs["ids"][:UNSEEN], int(trial.inputs["n_symbols"]))


def _same(a: Model, b: Model) -> bool:
    return all(
        a[name].shape == b[name].shape and bool(torch.allclose(a[name], b[name], rtol=0, atol=SAME))
        for name in a
    )


# --- what it has learnt -------------------------------------------------------------------------


def _exchanged(model: Model, one: str, other: str) -> dict[str, Tensor]:
    """The model with the weights of two gates under each other's names."""
    turned = {one: other, other: one}
    return {
        name: model[name[:-1] + turned.get(name[-1], name[-1])] if name[1:2] == "_" else value
        for name, value in model.items()
    }


#: Name, sentence, where to look, and the bits of a model that makes this mistake.
_MISTAKES: tuple[tuple[str, str, str, Callable[[Model, Tensor], float]], ...] = (
    ("target_not_shifted", "It guesses the character that it has just read.",
     "The target is one ahead: `stream_batches` gives x and y, in this order.",
     lambda model, ids: bits(model, ids, 0)),
    ("target_shifted_again", "It guesses the character after the next one.",
     "The y of `stream_batches` is one ahead already.", lambda model, ids: bits(model, ids, 2)),
    ("text_reversed", "It guesses the text from its end to its beginning.",
     "Time goes along the first axis of x, from 0 on.",
     lambda model, ids: bits(model, ids.flip(0))),
    ("x_and_y_swapped", "It reads y and guesses x, a character that it has read already.",
     "`stream_batches` yields (x, y), and `lstm_lm_loss` takes them in this order.",
     lambda model, ids: bits(model, ids, -1)),
    ("gates_exchanged", "It is a good model once two gates change places.",
     "Is each weight put back under its own name, f, i, c, o?",
     lambda model, ids: min(bits(_exchanged(model, a, b), ids)
                            for a, b in ("fi", "fo", "fc", "io", "ic", "co"))),
)  # fmt: skip


def guesses(trials: Sequence[Trial]) -> str | Known | None:
    """Whether a model has hardly learnt the text that it was trained on, and why."""
    for trial in trials:
        if _reaches(trial):
            continue
        model, ids = trial.value["model"], trial.inputs["ids"][:UNSEEN]
        mine = bits(model, ids)
        seen = f"{mine:.2f} bits per character on the text that it was trained on."
        alone, symbols = _alone(trial), int(trial.inputs["n_symbols"])
        for name, says, look, other in _MISTAKES:
            if other(model, ids) < min(mine - CLEARLY, alone):
                return Known(name, says, look, seen)
        if mine > math.log2(symbols) + CLEARLY:
            return Known("worse_than_nothing", "It is worse than a model that knows nothing: it is "
                         "sure of wrong characters.", "Did the training run away (the rate, the "
                         "sign)? Does it see the whole text? Does lane n of y belong to lane n "
                         "of x?", f"{seen} Characters that are all alike need "
                         f"{math.log2(symbols):.2f}.")  # fmt: skip
        if mine > alone - 0.1:
            return f"{seen} How often each character comes gives {alone:.2f} already."
    return None


@dataclasses.dataclass(frozen=True)
class _Measured:
    """Bits per character on the unseen stretch: the model's, those of pairs, the entropy."""

    model: float
    pairs: float
    least: float

    @property
    def bar(self) -> float:
        return self.least + BAR * (self.pairs - self.least)

    @property
    def left(self) -> float:
        """How much is left of what pairs leave over and one can know: 1 as pairs, 0 nothing."""
        return (self.model - self.least) / (self.pairs - self.least)

    def __str__(self) -> str:
        return (
            f"Pairs of characters need {self.pairs:.2f}, whoever knows the language "
            f"{self.least:.2f}; the bar is {self.bar:.2f}."
        )


def _measured(trial: Trial) -> _Measured:
    """What an answer reaches: measured once, though several properties ask for it."""
    if not _LAST or _LAST[0][0] is not trial:
        _LAST[:] = [(trial, _measure(trial))]
    return _LAST[0][1]


def _measure(trial: Trial) -> _Measured:
    ids = trial.inputs["ids"]
    unseen = unseen_after(ids)
    pairs = pair_bits(ids, unseen.ids, int(trial.inputs["n_symbols"]))
    return _Measured(bits(trial.value["model"], unseen.ids), pairs, unseen.entropy)


def _reaches(trial: Trial) -> bool:
    found = _measured(trial)
    return found.model <= found.bar


def misses_the_bar(trials: Sequence[Trial]) -> str | None:
    """Whether a model is hardly better than pairs of characters, or worse."""
    for trial in trials:
        if not _reaches(trial):
            found = _measured(trial)
            own = bits(trial.value["model"], trial.inputs["ids"][:UNSEEN])
            mine = f"{found.model:.2f} bits per character on unseen text, {own:.2f} on its own."
            return f"{mine} {found}"
    return None


def tells_the_bits(trials: Sequence[Trial]) -> str:
    """The bits on unseen text, of the trial that is nearest to its bar."""
    found = max(map(_measured, trials), key=lambda each: each.left)
    near = "" if found.left <= SAFE else " That is close: in another language it may be missed."
    good = "" if found.left <= GOOD else (
        " A good loop gets nearly to the second number: are the old gradients set to zero, is "
        "the rate near 0.02, if it is Adam's?"
    )  # fmt: skip
    return f"{found.model:.2f} bits per character on unseen text. {found}{near}{good}"


PROPERTIES = (
    Property(
        "its form",
        "wrong_form",
        "What came back is no model.",
        "The dict that `lstm_lm_loss` takes: fifteen tensors by name, all finite.",
        form_fails,
        needed=True,
    ),
    Property(
        "its seed and its updates",
        "seed_ignored",
        "The same seed does not give the same weights.",
        "The first weights, and whatever else is drawn, should come from `seed`.",
        seed_fails,
    ),
    Property(
        "it learns",
        "not_trained",
        "It knows hardly more of its own text than how often each character comes.",
        "Plot the loss: does it fall? Are the gradients set to zero, is `step()` called, is the "
        "rate neither far too small nor far too large? Does lane n of y belong to lane n of x?",
        guesses,
        needed=True,
    ),
    Property(
        "bits on unseen text",
        "below_the_bar",
        "It has learnt, but not enough yet.",
        "Count the updates that it makes: they should be `updates`, over the whole text. Is each "
        "step's guess in the loss? Then the rate: near 0.02 for Adam, gradients clipped at 1.",
        misses_the_bar,
        weight=3.0,
        tells=tells_the_bits,
    ),
)


# --- PyTorch's own ------------------------------------------------------------------------------


def _trained(ids: Tensor, n_symbols: int, updates: int, seed: int) -> dict[str, Tensor]:
    """A model after so many updates of Adam through PyTorch's LSTM, windows drawn at random."""
    g = torch.Generator().manual_seed(seed)
    D, H, steps, lanes = 16, 64, 10, 48
    width: dict[str, Tensor] = {"U_f": torch.empty(D, H)}
    model = {}
    for name, shape in _shapes(width, n_symbols).items():
        model[name] = (torch.rand(*shape, generator=g) - 0.5) * 2 / H**0.5
    model["b_f"] = model["b_f"] + 1
    for weight in model.values():
        weight.requires_grad_()
    optimiser = torch.optim.Adam(model.values(), lr=0.02)
    for _ in range(updates):
        starts = torch.randint(len(ids) - steps - 1, (lanes,), generator=g)
        window = ids[starts[:, None] + torch.arange(steps + 1)].T
        loss = _nats(window[:-1], window[1:], model)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.values(), 1.0)
        optimiser.step()
    return {name: weight.detach() for name, weight in model.items()}


def torch_trained(ids: Tensor, n_symbols: int, updates: int, seed: int, few: int) -> Any:
    """A model trained by PyTorch, as the driver gives it."""
    given = {"ids": ids, "n_symbols": n_symbols, "updates": updates, "seed": seed, "few": few}
    return train_model(_trained, given)
