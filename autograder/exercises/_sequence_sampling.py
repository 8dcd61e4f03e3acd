"""What must hold of ids drawn from logits: form, support, distribution, a generator that decides.

No draw is compared with another's. The ids of one call are counted and the counts compared with the
exact distribution by a likelihood-ratio test (G-test). Its threshold comes from a bound that holds
for every number of draws, so the false-alarm rate is a promise and not an approximation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.properties import Known, Property, Trial
from autograder.checking.recipes import Seeded
from autograder.checking.values import Inputs, describe
from autograder.exercises._sequence import draw_normal, draw_seed
from autograder.exercises._sequence_sampling_wrong import MODELS, Probabilities, exact

#: Rows i, i + GROUPS, i + 2 GROUPS, … of a case have the same logits.
GROUPS = 3
#: So often, at most, is a right answer called wrong for one count of ids: ten counts a check.
FALSE_ALARM = 1e-8
#: Of so many rows on, counts can tell one mistake from another.
ENOUGH = 300


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """Logits (N, V), a temperature of `percent` hundredths, the `k` largest (0: None), a generator.

    Where there is a `fixed` size, the logits are the same for every seed.
    """
    N, V, percent, k = (sizes[name] for name in ("N", "V", "percent", "k"))
    groups = min(N, GROUPS)
    if "fixed" in sizes:
        table = (torch.arange(groups * V).reshape(groups, V) * 2.4).sin().double()
    else:
        table = _spread(groups, V, g)
    logits = scale * table[torch.arange(N) % groups]
    generator = draw_seed(g)
    return {
        "logits": logits,
        "temperature": percent / 100,
        "top_k": k or None,
        "generator": generator,
    }


def _spread(groups: int, V: int, g: torch.Generator) -> Tensor:
    """Evenly spread logits in a random order, a little shaken: no two nearly alike."""
    order = torch.stack([torch.randperm(V, generator=g) for _ in range(groups)])
    shift = 0.5 * draw_normal(g, groups, 1)
    shaken = 0.2 * torch.rand(groups, V, dtype=torch.float64, generator=g)
    return 3.2 * (order - (V - 1) / 2) / V + shaken + shift


def _spec(N: int, V: int, percent: int, k: int, fixed: bool = False, **rest: object) -> CaseSpec:
    kind = str(rest.get("dtype", torch.float64)).removeprefix("torch.")
    large = ", large logits" if "scale" in rest else ""
    title = f"N={N}, V={V}, temperature={percent / 100:g}, top_k={k or None}, {kind}{large}"
    sizes = {"N": N, "V": V, "percent": percent, "k": k, **({"fixed": 2} if fixed else {})}
    return CaseSpec(sizes, title=title, **rest)  # type: ignore[arg-type]


def _fixed(N: int, V: int, percent: int) -> CaseSpec:
    return _spec(N, V, percent, 0, fixed=True)


#: A few rows; the same logits with two generators; cold, hot and neither; some ids only, one id
#: only, and all of them; one row; single precision; logits of some thousands.
CASES = (
    _spec(16, 5, 150, 0),
    _fixed(900, 6, 100),
    _fixed(900, 6, 100),
    _spec(900, 5, 50, 0),
    _spec(900, 4, 200, 0, dtype=torch.float32),
    _spec(900, 7, 220, 3),
    _spec(900, 6, 55, 4, dtype=torch.float32),
    _spec(40, 6, 90, 1),
    _spec(900, 5, 100, 5),
    _spec(1, 6, 70, 2),
    _spec(50, 4, 80, 3, scale=3000.0),
)


def torch_sample(
    logits: Tensor, temperature: float, top_k: int | None, generator: Seeded
) -> list[Tensor]:
    """`torch.multinomial` on the exact probabilities, twice with the same generator."""
    p, made = exact(logits, temperature, top_k), generator.make("torch")
    return [torch.multinomial(p, 1, generator=made).flatten() for _ in range(2)]


# --- the test -------------------------------------------------------------------------------------


def surprise(ids: Tensor, p: Tensor, groups: int) -> float:
    """Half of G: the sum over the groups' counts O of O ln(O / E); infinite for an impossible id.

    ids (N,) and p (N, V), whose rows i, i + groups, … are alike.
    """
    total = 0.0
    for group in range(groups):
        drawn = ids[group::groups]
        share = drawn.bincount(minlength=p.shape[1]).double() / len(drawn)
        total += len(drawn) * float(
            torch.special.xlogy(share, share / p[group]).nan_to_num(0).sum()
        )
    return total


def threshold(freedom: int, false_alarm: float = FALSE_ALARM) -> float:
    """The s that half of G exceeds with a probability of at most `false_alarm`.

    For `freedom` = sum of (ids - 1) over the groups. R. Agrawal, Finite-sample concentration of the
    multinomial in relative entropy, IEEE Transactions on Information Theory 66 (2020): half of G
    has a moment generating function no larger than that of a Gamma(freedom, 1) variable, for every
    number of draws. Chernoff's bound on it is exp(-s) (e s / freedom)^freedom for s > freedom.
    """
    low, high = float(max(freedom, 1)), 1000.0 + 10 * freedom
    for _ in range(60):
        middle = (low + high) / 2
        bound = -middle + freedom * (1 + math.log(middle / max(freedom, 1)))
        low, high = (low, middle) if bound < math.log(false_alarm) else (middle, high)
    return high


def _explains(model: Probabilities, trial: Trial) -> bool:
    """Whether the ids of a trial may well have been drawn from the probabilities of `model`."""
    found, freedom = _surprise(model, trial)
    return found <= threshold(freedom)


def _surprise(model: Probabilities, trial: Trial) -> tuple[float, int]:
    """The surprise at a trial's ids where `model` gives the probabilities; and its freedom."""
    logits, temperature, top_k = (trial.inputs[n] for n in ("logits", "temperature", "top_k"))
    p = model(logits.double(), temperature, top_k)
    groups = min(len(logits), GROUPS)
    freedom = sum(int((p[group] > 0).sum()) - 1 for group in range(groups))
    return surprise(trial.value, p, groups), freedom


def _known(trials: Sequence[Trial]) -> Known | None:
    """The known mistake that explains all trials, the best of them where several do."""
    large = [trial for trial in trials if len(trial.value) >= ENOUGH]
    if all(_one_id(trial.value) for trial in large if trial.inputs["top_k"] != 1) and not all(
        _explains(MODELS[0].model, trial) for trial in large
    ):
        return Known(
            "one_draw_for_all_rows",
            "All rows share one draw.",
            "Each row is a sequence of its own: draw one random number for each of the N rows.",
            "Rows with the same logits always got the same id.",
        )
    fitting = [one for one in MODELS if all(_explains(one.model, trial) for trial in large)]
    if not fitting:
        return None
    one = min(fitting, key=lambda one: sum(_surprise(one.model, trial)[0] for trial in large))
    return Known(one.name, one.says, one.look, _seen(trials))


def _one_id(ids: Tensor) -> bool:
    return all(len(ids[group::GROUPS].unique()) == 1 for group in range(GROUPS))


def _excess(trial: Trial) -> float:
    """How far the surprise at a trial's ids is above its threshold."""
    found, freedom = _surprise(exact, trial)
    return found - threshold(freedom)


def _seen(trials: Sequence[Trial]) -> str:
    """Of the trial that is worst: how often an id came, and how often it should."""
    trial = max(trials, key=_excess)
    logits, temperature, top_k = (trial.inputs[n] for n in ("logits", "temperature", "top_k"))
    groups = min(len(logits), GROUPS)
    p = exact(logits.double(), temperature, top_k)[:groups]
    shares = torch.stack(
        [ids.bincount(minlength=p.shape[1]) / len(ids)
         for ids in (trial.value[group::groups] for group in range(groups))]
    )  # fmt: skip
    row, id_ = divmod(int((shares - p).abs().argmax()), p.shape[1])
    return (
        f"With temperature {temperature:g} and top_k {top_k}, id {id_} should come in "
        f"{p[row, id_]:.1%} of all draws from the logits of row {row}; yours came in "
        f"{shares[row, id_]:.1%} of {len(trial.value[row::groups])}."
    )


# --- what must hold -------------------------------------------------------------------------------


def _of_first(
    fails: Callable[[Sequence[Trial]], str | Known | None],
) -> Callable[[Sequence[Trial]], str | Known | None]:
    """What `fails` says of the first of each trial's two draws."""
    return lambda trials: fails([Trial(one.inputs, one.value[0]) for one in trials])


def _form(trials: Sequence[Trial]) -> str | Known | None:
    for trial in trials:
        N, V = trial.inputs["logits"].shape
        value = trial.value
        if value is None:
            return "Nothing came back. Is a `return` missing?"
        if not isinstance(value, Tensor):
            return f"A tensor of N ids is asked for; yours is {describe(value)}."
        if tuple(value.shape) == (N, V):
            return Known(
                "probabilities_returned", "What came back has a number for every id.",
                "Draw: one id for each row.", f"It should have shape ({N},), not ({N}, {V}).",
            )  # fmt: skip
        if tuple(value.shape) == (N, 1):
            return Known(
                "column_returned", "The ids stand in a column, (N, 1).",
                "`torch.multinomial` draws several for each row; take the one column: `[:, 0]`.",
                f"It should have shape ({N},), not ({N}, 1).",
            )  # fmt: skip
        if tuple(value.shape) != (N,):
            one = "" if N > 1 else " Mind `squeeze()`: it drops the rows' axis where N = 1."
            return f"It should have shape ({N},); yours has {tuple(value.shape)}.{one}"
        if value.dtype == torch.int32:
            return Known(
                "int32_for_int64", "The ids are int32; int64 is asked for.",
                "int64 is what torch makes by itself: `.int()` makes int32, `.long()` int64.",
                "Ids are int64; yours are int32.",
            )  # fmt: skip
        if value.dtype != torch.int64:
            kind = str(value.dtype).removeprefix("torch.")
            return f"Ids are whole numbers, int64; yours are {kind}."
        if bool((value < 0).any() or (value >= V).any()):
            return (
                f"Ids lie between 0 and V - 1 = {V - 1}; yours go from {int(value.min())} to "
                + (f"{int(value.max())}.")
            )
    return None


def _wrong_counts(
    among: Callable[[Trial], bool],
) -> Callable[[Sequence[Trial]], str | Known | None]:
    def fails(trials: Sequence[Trial]) -> str | Known | None:
        chosen = [trial for trial in trials if among(trial)]
        found, freedom = map(sum, zip(*(_surprise(exact, one) for one in chosen), strict=True))
        if found <= threshold(freedom) and all(_explains(exact, trial) for trial in chosen):
            return None  # in each case, and in all of them together
        return _known(trials) or _seen(chosen)

    return fails


def _always_the_same(trials: Sequence[Trial]) -> str | Known | None:
    """Two right draws of 900 ids are equal less often than once in 10^100 times."""
    one, other = (trial.value for trial in trials if _is_fixed(trial))
    if _one_id(one[0]):
        return None  # always the same id: its distribution is wrong, and says so
    if torch.equal(one[0], other[0]):
        return "The same logits with two different generators gave the same ids."
    if any(torch.equal(*draws) for draws in (one, other)):
        return Known(
            "generator_not_advanced",
            "The generator that is passed in does not move on: a second draw is the first again.",
            "Hand `generator` itself to what draws. One that you make from its seed, or seed "
            "again, starts from the beginning at every call.",
            "Two draws in a row with one generator gave the same ids.",
        )
    return None


def _is_fixed(trial: Trial) -> bool:
    """Whether a trial is one of the two with the same logits."""
    return (*trial.inputs["logits"].shape, trial.inputs["temperature"]) == (900, 6, 1.0)


PROPERTIES = (
    Property(
        "one id a row",
        "wrong_form",
        "What came back is not one id for each row.",
        "A tensor of shape (N,), int64, each entry from 0 to V - 1.",
        _of_first(_form),
        needed=True,
    ),
    Property(
        "distribution",
        "wrong_distribution",
        "The ids do not come as often as they should.",
        "The probabilities of a row are softmax(logits / temperature).",
        _of_first(_wrong_counts(lambda trial: trial.inputs["top_k"] is None)),
        weight=3.0,
    ),
    Property(
        "top_k",
        "wrong_top_k",
        "With top_k, ids are drawn that should not be, or not as often as they should.",
        "Only the k largest logits of each row stay; their probabilities add up to 1 again.",
        _of_first(_wrong_counts(lambda trial: trial.inputs["top_k"] is not None)),
        weight=3.0,
    ),
    Property(
        "the generator decides",
        "generator_ignored",
        "The draw does not depend on the generator that is passed in.",
        "Use `generator` itself, not a seed or a generator of your own.",
        _always_the_same,
    ),
)
