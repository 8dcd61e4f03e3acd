"""What must hold of a generated text: form, the distribution of every character, the generator.

No draw is compared with another's. PyTorch's LSTM reads what was generated and says how likely each
id was, given those before it; so do known mistakes. If the ids are e^18 times likelier or more
under one of these than under what is asked for, they were not drawn from what is asked for. The
ratio of the two likelihoods is a martingale with mean 1 for a right answer, so by Ville's
inequality a right answer is called wrong by one alternative at most once in e^18 times.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs, describe
from autograder.exercises._language_model import (
    Layer,
    Model,
    draw_ids,
    draw_model,
    draw_seed,
    hidden,
    read_out,
    swept,
    torch_lstm,
    zeros,
)
from autograder.exercises._language_model_loss import OF_THE_CELL, OF_THE_LOOP, cell_layer
from autograder.exercises._lstm import Params
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._lstm_wrong_layer import LAYER
from autograder.exercises._lstm_wrong_weights import Pair

#: A likelihood ratio of e^18, 66 million. There are fewer than 30 alternatives, so a right answer
#: is called wrong at most once in 2 million checks.
REFUTED = 18.0
#: The weights of a case are so large that what was read long ago still counts.
STRENGTH = {"E": 2.0, "W": 2.0, "U": 1.3, "V": 3.0, "d": 2.0, "b": 1.0}


def _spec(S: int, length: int, V: int, D: int, H: int, percent: int, **rest: object) -> CaseSpec:
    sizes = {"S": S, "length": length, "V": V, "D": D, "H": H, "percent": percent}
    return CaseSpec(sizes, **rest)  # type: ignore[arg-type]


def _fixed(S: int, V: int, D: int, H: int, percent: int, number: int) -> CaseSpec:
    sizes = {"S": S, "length": 24, "V": V, "D": D, "H": H, "percent": percent, "fixed": number}
    return CaseSpec(sizes, title=f"a start of {S}, 24 ids, V={V}, D={D}, H={H}, float64")


#: Hot, so that no two draws are alike; one model and start with two generators; one id; hot and
#: cold in turn. `fixed` models are chosen so that what was read long ago still shows.
CASES = (
    _spec(3, 16, 7, 4, 2, 400),
    *(_fixed(4, 6, 2, 5, 60, 135) for _ in range(2)),
    _spec(5, 1, 4, 3, 5, 70),
    _spec(1, 24, 8, 4, 5, 240, dtype=torch.float32),
    _spec(6, 24, 7, 3, 5, 30),
    _fixed(5, 8, 2, 6, 150, 36),
    _fixed(3, 7, 5, 4, 220, 93),
    _fixed(4, 9, 6, 5, 160, 91),
    _spec(2, 24, 9, 5, 7, 220, dtype=torch.float32),
    _spec(3, 24, 8, 5, 6, 280),
)


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A start (S,), a number of ids, a model, a temperature and a generator."""
    source = torch.Generator().manual_seed(sizes["fixed"]) if "fixed" in sizes else g
    model = draw_model(sizes, source)
    model["b_f"] = model["b_f"].abs() + 0.5
    return {
        "start": draw_ids(sizes["V"], source, sizes["S"]),
        "length": sizes["length"],
        "model": {name: STRENGTH[name[0]] * value for name, value in model.items()},
        "temperature": sizes["percent"] / 100,
        "generator": draw_seed(g),
    }


def torch_generate(
    start: Tensor, length: int, model: Model, temperature: float, generator: Seeded
) -> Tensor:
    """`torch.multinomial` on what PyTorch's LSTM makes of the start and of its own ids."""
    dice = generator.make("torch")
    h, c = hidden(start[:, None], zeros(model, 1), model)
    state, ids = (h[-1], c[-1]), []
    for _ in range(length):
        p = (read_out(state[0], model) / temperature).softmax(-1)  # (1, V)
        ids.append(torch.multinomial(p, 1, generator=dice)[:, 0])
        h, c = hidden(ids[-1][None], state, model)
        state = h[-1], c[-1]
    return torch.cat(ids)


# --- what known mistakes draw from ----------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """What a solution was given, in float64, and the ids that it gave."""

    start: Tensor
    model: Model
    temperature: float
    ids: Tensor

    @functools.cached_property
    def logits(self) -> Tensor:
        """PyTorch's logits (T, V) of every id drawn, each from all that was read before it."""
        return _after(_all)(self)

    @property
    def read(self) -> Tensor:
        """What has been read when the last id is drawn."""
        return torch.cat([self.start, self.ids[:-1]])

    @functools.cached_property
    def states(self) -> dict[Read, Tensor]:
        """The hidden states (T, H) on every way to read, from zeros: all ways side by side."""
        rows = [read(self) for read in WAYS]
        h = swept(pad_sequence(rows), self.model)  # what fills a row up comes after its end
        return {
            read: h[: len(row), k] for k, (read, row) in enumerate(zip(WAYS, rows, strict=True))
        }


Read = Callable[[Setting], Tensor]
Logits = Callable[[Setting], Tensor]
Sharpen = Callable[[Tensor, float], Tensor]
#: Ways to read a start and what was drawn, which known mistakes have.
WAYS: list[Read] = []


def _way(read: Read) -> Read:
    WAYS.append(read)
    return read


_all = _way(lambda s: s.read)
_drawn_alone = _way(lambda s: s.ids[:-1])
_drawn_twice = _way(lambda s: torch.cat([s.start, s.ids[:-1].repeat_interleave(2)]))
_rest_alone = _way(lambda s: torch.cat([s.start, s.ids[len(s.start) : -1]]))


def _after(read: Read) -> Logits:
    """The logits (T, V) of every id drawn, where this is read before the last of them."""
    return lambda s: read_out(s.states[read][-len(s.ids) :], s.model)


def _logits(layer: Layer = torch_lstm, cell: bool = False, biases: bool = True) -> Logits:
    """The logits (T, V) of every id drawn, each from all that was read before it.

    Read out from the cell state where `cell` is true.
    """

    def logits(s: Setting) -> Tensor:
        x = s.read[:, None]
        if layer is torch_lstm and not cell:
            shown = swept(x, s.model, biases)
        else:
            h, c = hidden(x, zeros(s.model, 1), s.model, layer, biases)
            shown = c if cell else h
        return read_out(shown[-len(s.ids) :, 0], s.model)

    return logits


def _softmax(z: Tensor, t: float) -> Tensor:
    return (z / t).softmax(-1)


@dataclass(frozen=True)
class Drawn:
    """A known mistake: its name, sentences for the student, and the probabilities it draws from."""

    name: str
    says: str
    look: str
    logits: Logits = operator.attrgetter("logits")
    sharpen: Sharpen = _softmax
    whole: Callable[[Setting], Tensor] | None = None

    def probabilities(self, s: Setting) -> Tensor:
        """(T, V), each row given the ids before it."""
        return self.whole(s) if self.whole else self.sharpen(self.logits(s), s.temperature)


EXACT = Drawn("", "", "")


def _argmax(z: Tensor, t: float) -> Tensor:
    return functional.one_hot(z.argmax(-1), z.shape[-1]).double()


def _likeliest(k: int) -> Sharpen:
    """The softmax over the k likeliest ids alone."""

    def sharpen(z: Tensor, t: float) -> Tensor:
        least = z.topk(min(k, z.shape[-1])).values[..., -1:]
        return (z / t).masked_fill(z < least, -torch.inf).softmax(-1)

    return sharpen


def _alone(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Pair:
    """Every id read from a state of zeros."""
    T = len(x)
    h, c = torch_lstm(x.transpose(0, 1), h0.expand(T, -1), c0.expand(T, -1), params)
    return h.transpose(0, 1), c.transpose(0, 1)


def _start_counted(s: Setting) -> Tensor:
    """The start first, as part of the length."""
    S, V = len(s.start), len(s.model["d"])
    certain = functional.one_hot(s.start, V).double()[: len(s.ids)]
    if len(s.ids) <= S:
        return certain
    rest = read_out(s.states[_rest_alone][S - 1 :], s.model)
    return torch.cat([certain, _softmax(rest, s.temperature)])


def _start_only(s: Setting) -> Tensor:
    return _softmax(s.logits[:1], s.temperature).expand(len(s.ids), -1)


def _start_not_read(s: Setting) -> Tensor:
    first = read_out(zeros(s.model, 1)[0], s.model)
    return _softmax(torch.cat([first, _after_drawn(s)]), s.temperature)


def _after_drawn(s: Setting) -> Tensor:
    """The logits (T - 1, V) where only what was drawn is read, from zeros."""
    return read_out(s.states[_drawn_alone], s.model)


def _normed(weights: Tensor) -> Tensor:
    return weights / weights.sum(-1, keepdim=True)


def _of_the_lstm(name: str) -> tuple[Drawn, ...]:
    cells = [(m, cell_layer(m.answer)) for m in CELL if m.name == name]
    layers: list[tuple[object, Layer]] = [(m, m.answer) for m in LAYER if m.name == name]
    return tuple(
        Drawn(m.name, m.says, m.look, _logits(layer=layer))  # type: ignore[attr-defined]
        for m, layer in cells or layers
    )


_TEMPERATURE = "The probabilities are softmax(logits / temperature): hot is flat, cold is steep."
_READ = "Read all of start, in order, from a state of zeros; then read each id that you draw."
KNOWN: tuple[Drawn, ...] = (
    Drawn("temperature_multiplied", "The logits are multiplied by the temperature.", _TEMPERATURE,
          sharpen=lambda z, t: (z * t).softmax(-1)),
    Drawn("temperature_ignored", "The temperature makes no difference.",
          f"{_TEMPERATURE} Dividing probabilities does nothing: only their ratios count.",
          sharpen=lambda z, t: z.softmax(-1)),
    Drawn("temperature_twice", "The logits are divided by the temperature twice.", _TEMPERATURE,
          sharpen=lambda z, t: (z / t**2).softmax(-1)),
    Drawn("always_the_likeliest", "Always the likeliest id comes: nothing is drawn.",
          "`torch.multinomial(p, 1, generator=generator)` draws.", sharpen=_argmax),
    *(Drawn("unlikely_ids_left_out", f"Only the {k} likeliest ids ever come.",
            "No top-k is asked for here: every id has its chance.", sharpen=_likeliest(k))
      for k in (2, 3)),
    Drawn("all_alike", "All ids come equally often.", _TEMPERATURE,
          sharpen=lambda z, t: torch.full_like(z, 1 / z.shape[-1])),
    Drawn("softmax_twice", "The softmax is taken twice.",
          "`torch.multinomial` takes probabilities.",
          sharpen=lambda z, t: (z / t).softmax(-1).softmax(-1)),
    Drawn("softmax_twice", "The temperature divides probabilities, and a softmax follows.",
          _TEMPERATURE, sharpen=lambda z, t: (z.softmax(-1) / t).softmax(-1)),
    Drawn("sign_flipped", "The likeliest ids come least often: a sign is wrong.", _TEMPERATURE,
          sharpen=lambda z, t: (-z / t).softmax(-1)),
    Drawn("logits_as_probabilities", "Logits are used as if they were probabilities.",
          "A softmax makes probabilities of logits.",
          sharpen=lambda z, t: _normed(z.clamp(min=1e-9))),
    Drawn("logits_as_probabilities", "Sizes of logits are used as if they were probabilities.",
          "A softmax makes probabilities of logits.",
          sharpen=lambda z, t: _normed(z.abs())),
    Drawn("start_not_read", "The start is not read: the text begins from nothing.", _READ,
          whole=_start_not_read),
    Drawn("last_of_start_only", "Of the start only the last id is read.", _READ,
          _after(_way(lambda s: s.read[len(s.start) - 1 :]))),
    Drawn("first_of_start_only", "Of the start only the first id is read.", _READ,
          _after(_way(lambda s: torch.cat([s.start[:1], s.ids[:-1]])))),
    Drawn("start_reversed", "The start is read from its end.", _READ,
          _after(_way(lambda s: torch.cat([s.start.flip(0), s.ids[:-1]])))),
    Drawn("last_of_start_twice", "The last id of the start is read twice.",
          "Once the start is read, its last logits give the first id: draw before you read on.",
          _after(_way(lambda s: torch.cat([s.start, s.start[-1:], s.ids[:-1]])))),
    Drawn("own_ids_not_read", "What was drawn is not read: every id comes after the start alone.",
          "Each id that you draw is the next step's input.", whole=_start_only),
    Drawn("own_ids_not_read", "The last id of start is read again and again, not what was drawn.",
          "Each id that you draw is the next step's input.",
          _after(_way(lambda s: torch.cat([s.start, s.start[-1:].expand(len(s.ids) - 1)])))),
    Drawn("own_ids_read_twice", "Each id that is drawn is read twice.", _READ,
          whole=lambda s: _every_other(s)),
    Drawn("state_reset", "Every id is read from a state of zeros: the model has no memory.",
          "The state goes on from one id to the next.", _logits(layer=_alone)),
    Drawn("state_reset_after_start", "The state starts from zeros again once the start is read.",
          "The state goes on from the start to what is drawn.", whole=lambda s: _after_start(s)),
    Drawn("cell_read_out", "The logits are made from c; they should be made from h.",
          "logits = h V + d.", _logits(cell=True)),
    Drawn("lstm_biases_missing", "The gates' biases b_* are not added.", "x U + h W + b.",
          _logits(biases=False)),
    Drawn("read_out_bias_missing", "The read-out's bias d is not added.", "logits = h V + d.",
          lambda s: EXACT.logits(s) - s.model["d"]),
    Drawn("start_counted", "The start comes first, and counts as part of the length.",
          "`length` new ids are asked for, without the start.", whole=_start_counted),
)  # fmt: skip
#: So many of them are quick to try.
FEW = len(KNOWN)
#: From a state of zeros, these are others under another name.
TWINS = {"states_not_carried", "carry_missing", "previous_state_missing", "tanh_stored_in_cell"}
KNOWN += tuple(
    one for name in (*OF_THE_LOOP, *OF_THE_CELL) if name not in TWINS for one in _of_the_lstm(name)
)


def _every_other(s: Setting) -> Tensor:
    """Start once, every drawn id twice."""
    h = s.states[_drawn_twice][len(s.start) - 1 :: 2]
    return _softmax(read_out(h, s.model), s.temperature)


def _after_start(s: Setting) -> Tensor:
    return _softmax(torch.cat([s.logits[:1], _after_drawn(s)]), s.temperature)


def _learnt(s: Setting) -> Tensor:
    """Probabilities that know nothing of the model, only how often ids came so far."""
    V = len(s.model["d"])
    seen = functional.one_hot(s.ids, V).double().cumsum(0)
    before = torch.cat([seen.new_zeros(1, V), seen[:-1]]) + 0.5
    return before / before.sum(-1, keepdim=True)


def _learnt_after_each(s: Setting) -> Tensor:
    """The same for each id before."""
    V = len(s.model["d"])
    counts, rows, last = torch.full((V, V), 0.5, dtype=torch.float64), [], int(s.start[-1])
    for id_ in s.ids.tolist():
        rows.append(counts[last] / counts[last].sum())
        counts[last, id_] += 1
        last = id_
    return torch.stack(rows)


def _of_any(drawn: Callable[[Setting], Tensor]) -> Drawn:
    return Drawn("wrong_distribution", "", "", whole=drawn)


#: What an answer is tested against; the mistakes inside the LSTM, which take longer, name it only.
SCREEN = (*KNOWN[:FEW], _of_any(_learnt), _of_any(_learnt_after_each))

# --- what must hold -------------------------------------------------------------------------------


def _setting(trial: Trial) -> Setting:
    given = trial.inputs
    model = {name: value.double() for name, value in given["model"].items()}
    return Setting(given["start"], model, given["temperature"], trial.value.long())


def _likelihood(drawn: Drawn, settings: Sequence[Setting]) -> float:
    """The logarithm of the probability of all ids."""
    rows = [drawn.probabilities(s).gather(1, s.ids[:, None]) for s in settings]
    return float(torch.cat(rows).log().sum())


def _form(trials: Sequence[Trial]) -> str | Known | None:
    return next((found for found in map(_form_of, trials) if found is not None), None)


def _form_of(trial: Trial) -> str | Known | None:
    start, length, value = (*(trial.inputs[name] for name in ("start", "length")), trial.value)
    V = len(trial.inputs["model"]["d"])
    if value is None:
        return "Nothing came back. Is a `return` missing?"
    if not isinstance(value, Tensor):
        return f"A tensor of ids is asked for; yours is {describe(value)}."
    if value.dim() != 1:
        seen = f"It should have shape ({length},), not {tuple(value.shape)}."
        look = "A draw of one id has the shape (1,) or (1, 1): `torch.cat`, `[0]` or `.view(-1)`."
        return Known("extra_axis", "The ids have an axis too many.", look, seen)
    S = len(start)
    if len(value) == S + length and torch.equal(value[:S].double(), start.double()):
        seen = f"{S} ids of start and {length} new ones came back."
        return Known("start_included", "What comes back begins with the start.",
                     "Only the `length` new ids are asked for.", seen)  # fmt: skip
    if len(value) != length:
        return f"{length} ids are asked for; yours are {len(value)}."
    if value.dtype not in (torch.int64, torch.int32):
        kind = str(value.dtype).removeprefix("torch.")
        return f"Ids are whole numbers, int64; yours are {kind}."
    if bool((value < 0).any() or (value >= V).any()):
        low, high = int(value.min()), int(value.max())
        return f"Ids lie between 0 and V - 1 = {V - 1}; yours go from {low} to {high}."
    return None


def _wrong_odds(trials: Sequence[Trial]) -> str | Known | None:
    settings = [_setting(trial) for trial in trials]
    exact = _likelihood(EXACT, settings)
    unnamed = max(_likelihood(one, settings) for one in SCREEN)
    if unnamed - exact <= REFUTED:
        return None
    score, one = max(((_likelihood(one, settings), one) for one in KNOWN), key=lambda pair: pair[0])
    if unnamed - score > REFUTED / 2 or score - exact <= REFUTED / 2:
        return "Ids come that the model would hardly give in this order."
    seen = "Of all known ways to draw, this one fits your ids best, and by far."
    return Known(one.name, one.says, one.look, seen)


def _always_the_same(trials: Sequence[Trial]) -> str | Known | None:
    """Right draws of 24 ids are equal less often than once in a billion times."""
    pair = [trial.value for trial in trials[1:3]]
    if not torch.equal(*pair) or _wrong_odds(trials):
        return None
    return "The same model and start with two different generators gave the same ids."


PROPERTIES = (
    Property("form", "wrong_form", "What came back is not `length` ids.",
             "A tensor of shape (length,), int64, each entry from 0 to V - 1.", _form, needed=True),
    Property("distribution", "wrong_distribution", "The ids are not drawn as they should be.",
             "Each from softmax(logits / temperature), after all that was read before it.",
             _wrong_odds, weight=4.0),
    Property("the generator decides", "generator_ignored",
             "The ids do not depend on the generator that is passed in.",
             "Use `generator` itself, not a seed or a generator of your own.", _always_the_same),
)  # fmt: skip
