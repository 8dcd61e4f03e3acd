"""Training runs that were spoilt on purpose, one way each, with what a careful person records.

Small networks on scikit-learn's digits (Alpaydin and Kaynak, 1998) and its breast cancer table
(Wolberg, Street and Mangasarian, 1993). `python -m course.experiments.sabotage` makes the ten runs
that lie in `course/data/sabotaged_runs.json` again.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sklearn.datasets import load_breast_cancer, load_digits
from torch import Tensor, nn

__all__ = [
    "CONTROLS",
    "SABOTAGES",
    "Run",
    "labels_of_runs",
    "load_runs",
    "make_run",
    "recorded_runs",
]

Run = dict[str, Any]
"""What was recorded of one run, in plain numbers and lists: the notebook has a table of them."""

RECORDED = Path(__file__).parent.parent / "data" / "sabotaged_runs.json"
RECORDED_SEED = 4
FRESH = 400


@dataclass(frozen=True)
class Table:
    """Rows x (N, D) float64 with labels y (N,): training, validation, and fresh ones."""

    x: Tensor
    y: Tensor
    x_validation: Tensor
    y_validation: Tensor
    x_fresh: Tensor
    y_fresh: Tensor
    n_classes: int


@dataclass(frozen=True)
class Plan:
    """How a run is trained: its table and network, and what its optimiser does."""

    table: Table
    net: nn.Module
    rate: float
    epochs: int
    adam: bool = False
    clip: float | None = None
    zeroed: bool = True
    batch: int = 50


# --- the data -----------------------------------------------------------------------------------


@functools.cache
def _rows(source: str) -> tuple[Tensor, Tensor]:
    data = load_digits() if source == "digits" else load_breast_cancer()
    return torch.from_numpy(data.data).double(), torch.from_numpy(data.target).long()


def _table(
    g: torch.Generator,
    n_train: int,
    source: str = "digits",
    standardised: bool = True,
    leaked: bool = False,
    shuffled: bool = False,
) -> Table:
    """Draw a table; `leaked`: half of the training rows are the validation rows."""
    x, y = _rows(source)
    order = torch.randperm(len(x), generator=g)
    x, y = x[order], y[order]
    n_fresh = FRESH if source == "digits" else 150
    n_validation = n_train // 2 if leaked else n_fresh
    first = 0 if leaked else n_train
    train, rest = slice(0, n_train), slice(n_train if leaked else n_train + n_validation, None)
    validation = slice(first, first + n_validation)
    if standardised:
        spread = x[train].std(0, correction=0)
        x = (x - x[train].mean(0)) / torch.where(spread > 0, spread, 1.0)
    labels = y[train]
    if shuffled:
        labels = labels[torch.randperm(n_train, generator=g)]
    return Table(
        x[train], labels, x[validation], y[validation], x[rest][:n_fresh], y[rest][:n_fresh],
        int(y.max()) + 1,
    )  # fmt: skip


# --- the networks -------------------------------------------------------------------------------


class Recurrent(nn.Module):
    """Reads the 64 pixels of a picture in so many steps, (N, 64) to (N, 10)."""

    def __init__(self, steps: int, width: int, radius: float) -> None:
        super().__init__()
        self.steps = steps
        self.cell = nn.RNN(64 // steps, width)
        self.head = nn.Linear(width, 10)
        nn.init.orthogonal_(self.cell.all_weights[0][1], gain=radius)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """The states of all steps, as the one hidden layer."""
        sequence = x.view(len(x), self.steps, -1).transpose(0, 1)  # (T, N, D)
        return [self.cell(sequence)[0]]

    def forward(self, x: Tensor) -> Tensor:
        """Logits from the last state."""
        logits: Tensor = self.head(self.hidden(x)[0][-1])
        return logits


class Dense(nn.Module):
    """Dense layers with one activation between them."""

    def __init__(self, widths: list[int], activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        pairs = itertools.pairwise(widths)
        self.linears = [nn.Linear(a, b) for a, b in pairs]
        self.layers = nn.ModuleList(self.linears)
        self.activation = activation
        if activation is torch.relu:
            for layer in self.linears:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """The activations of every hidden layer."""
        found = []
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        logits: Tensor = self.layers[-1](x)
        return logits


# --- training, and what is recorded --------------------------------------------------------------


def _train(plan: Plan, g: torch.Generator) -> Run:
    """Train as planned; everything is recorded at the end of an epoch."""
    table, net = plan.table, plan.net
    parameters = list(net.parameters())
    make = torch.optim.Adam if plan.adam else torch.optim.SGD
    optimiser = make(parameters, lr=plan.rate)
    weights = [p for p in parameters if p.dim() == 2]
    run: Run = {name: [] for name in _CURVES}
    run["n_classes"] = table.n_classes
    run["feature_std"] = [_short(s) for s in table.x.std(0, correction=0).tolist()]
    for _ in range(plan.epochs):
        loudest = [0.0] * len(weights)
        for rows in torch.randperm(len(table.x), generator=g).split(plan.batch):
            if plan.zeroed:
                optimiser.zero_grad()
            nn.functional.cross_entropy(net(table.x[rows]), table.y[rows]).backward()
            if plan.clip is not None:
                nn.utils.clip_grad_norm_(parameters, plan.clip)
            norms = [float(w.grad.norm()) for w in weights if w.grad is not None]
            loudest = [max(pair) for pair in zip(loudest, norms, strict=True)]
            optimiser.step()
        run["gradient_norm"].append([_short(norm) for norm in loudest])
        _record(run, net, table)
    with torch.no_grad():
        right = (net(table.x_fresh).argmax(1) == table.y_fresh).double().mean()
    run["fresh_accuracy"] = _short(float(right))
    return run


_CURVES = (
    "train_loss", "validation_loss", "train_accuracy", "validation_accuracy", "gradient_norm",
    "zero_share",
)  # fmt: skip


def _record(run: Run, net: Any, table: Table) -> None:
    with torch.no_grad():
        for name, x, y in (
            ("train", table.x, table.y),
            ("validation", table.x_validation, table.y_validation),
        ):
            logits = net(x)
            run[f"{name}_loss"].append(_short(float(nn.functional.cross_entropy(logits, y))))
            right = (logits.argmax(1) == y).double().mean()
            run[f"{name}_accuracy"].append(_short(float(right)))
        shares = [_short(float((h == 0).double().mean())) for h in net.hidden(table.x)]
    run["zero_share"].append(shares)


def _short(number: float) -> float:
    """Four digits are enough to look at."""
    return float(f"{number:.4g}")


# --- the runs -----------------------------------------------------------------------------------


def _between(g: torch.Generator, low: float, high: float) -> float:
    """A number from `low` to `high`, evenly on a logarithmic scale."""
    return float(low * (high / low) ** float(torch.rand(1, dtype=torch.float64, generator=g)))


def _whole(g: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (1,), generator=g))


def _dense(g: torch.Generator, depth: int, activation: Any, n_in: int = 64, out: int = 10) -> Dense:
    width = _whole(g, 28, 44)
    return Dense([n_in, *[width] * depth, out], activation)


def _healthy_dense(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 1, 2), torch.relu)
    table, rate = _table(g, _whole(g, 380, 480)), _between(g, 0.03, 0.05)
    return Plan(table, net, rate, _whole(g, 22, 30), clip=2.0)


def _healthy_deep(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 4, 5), torch.relu)
    return Plan(_table(g, _whole(g, 600, 700)), net, _between(g, 0.02, 0.03), _whole(g, 14, 18))


def _healthy_recurrent(g: torch.Generator) -> Plan:
    net = Recurrent(16, _whole(g, 28, 44), 1.0)
    return Plan(_table(g, _whole(g, 420, 500)), net, 0.3, _whole(g, 12, 14), clip=0.5)


def _healthy_table(g: torch.Generator) -> Plan:
    net = _dense(g, 1, torch.tanh, 30, 2)
    table = _table(g, _whole(g, 200, 250), "cancer")
    return Plan(table, net, _between(g, 0.03, 0.06), _whole(g, 22, 30))


def _rate_too_large(g: torch.Generator) -> Plan:
    net = _dense(g, 2, torch.tanh)
    return Plan(_table(g, _whole(g, 320, 400)), net, _between(g, 90.0, 150.0), _whole(g, 14, 18))


def _rate_too_small(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 1, 2), torch.relu)
    table = _table(g, _whole(g, 200, 300))
    return Plan(table, net, _between(g, 1e-5, 5e-5), _whole(g, 22, 30))


def _overfitting(g: torch.Generator) -> Plan:
    net = _dense(g, 2, torch.relu)
    table = _table(g, _whole(g, 28, 36))
    return Plan(table, net, _between(g, 0.01, 0.02), _whole(g, 34, 42), adam=True, batch=12)


def _dead_relus(g: torch.Generator) -> Plan:
    depth = _whole(g, 2, 3)
    net = _dense(g, depth, torch.relu)
    nn.init.constant_(net.linears[_whole(g, 0, depth - 1)].bias, -_between(g, 8.0, 12.0))
    return Plan(_table(g, _whole(g, 200, 300)), net, _between(g, 0.04, 0.08), _whole(g, 22, 30))


def _vanishing(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 5, 7), torch.sigmoid)
    return Plan(_table(g, _whole(g, 200, 300)), net, _between(g, 0.04, 0.08), _whole(g, 22, 30))


def _exploding(g: torch.Generator) -> Plan:
    net = Recurrent(32, _whole(g, 28, 44), _between(g, 5.0, 6.0))
    return Plan(_table(g, _whole(g, 120, 150)), net, _between(g, 0.04, 0.08), _whole(g, 14, 18))


def _labels_shuffled(g: torch.Generator) -> Plan:
    net = _dense(g, 2, torch.relu)
    table = _table(g, _whole(g, 100, 150), shuffled=True)
    return Plan(table, net, _between(g, 0.005, 0.01), _whole(g, 36, 44), adam=True)


def _not_standardised(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 1, 2), torch.tanh, 30, 2)
    table = _table(g, _whole(g, 200, 250), "cancer", standardised=False)
    return Plan(table, net, _between(g, 0.04, 0.08), _whole(g, 22, 30))


def _not_zeroed(g: torch.Generator) -> Plan:
    net = _dense(g, _whole(g, 1, 2), torch.tanh)
    table = _table(g, _whole(g, 200, 300))
    return Plan(table, net, _between(g, 0.02, 0.04), _whole(g, 22, 30), zeroed=False)


def _leaked(g: torch.Generator) -> Plan:
    net = _dense(g, 1, torch.relu)
    table = _table(g, _whole(g, 50, 64), leaked=True)
    return Plan(table, net, _between(g, 0.08, 0.12), _whole(g, 36, 44), batch=25)


SABOTAGES: Mapping[str, Callable[[torch.Generator], Plan]] = {
    "rate_too_large": _rate_too_large,
    "rate_too_small": _rate_too_small,
    "overfitting": _overfitting,
    "dead_relus": _dead_relus,
    "vanishing_gradients": _vanishing,
    "exploding_gradients": _exploding,
    "labels_shuffled": _labels_shuffled,
    "inputs_not_standardised": _not_standardised,
    "gradients_not_zeroed": _not_zeroed,
    "validation_leaked": _leaked,
}
"""Label to what spoils a run; each draws its sizes, rate and epochs anew."""

CONTROLS: Mapping[str, Callable[[torch.Generator], Plan]] = {
    "dense": _healthy_dense,
    "deep": _healthy_deep,
    "recurrent": _healthy_recurrent,
    "table": _healthy_table,
}
"""Runs that nothing was done to, in the shapes that the spoilt ones have."""


@functools.lru_cache(maxsize=256)
def _made(name: str, seed: int) -> str:
    g = torch.Generator().manual_seed(seed)
    make = SABOTAGES[name] if name in SABOTAGES else CONTROLS[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # first weights are drawn from the global generator
        plan = make(g)
        plan.net.double()
        return json.dumps(_train(plan, g))


def make_run(name: str, seed: int) -> Run:
    """Train one run anew: `name` is a key of `SABOTAGES` or of `CONTROLS`.

    Raises:
        KeyError: there is no such run.

    """
    run: Run = json.loads(_made(name, seed))
    return run


def load_runs() -> list[Run]:
    """Return the ten runs of the notebook, one of each sabotage, in an order that says nothing."""
    runs: list[Run] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return runs


def labels_of_runs() -> list[str]:
    """Return what was done to the runs of `load_runs`, in their order."""
    names = list(SABOTAGES)
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(RECORDED_SEED))
    return [names[i] for i in order.tolist()]


def recorded_runs() -> list[Run]:
    """Train the ten runs of the notebook again: what `load_runs` returns, but for rounding."""
    return [make_run(name, RECORDED_SEED) for name in labels_of_runs()]


def main() -> None:
    """Write the ten runs where `load_runs` finds them."""
    rows = ",\n".join(json.dumps(run) for run in recorded_runs())
    RECORDED.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
