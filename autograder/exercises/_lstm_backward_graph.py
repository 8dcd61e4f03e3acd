"""The LSTM's graph with places in which autograd can be led astray: material of misconceptions.

Forward it is right everywhere. Going back, autograd gives its own gradients, except at the sites
that are named: there it is made to use another value than it would by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor

from autograder.exercises._lstm import Params
from autograder.exercises._lstm_backward import WithWeights, taken
from autograder.exercises._lstm_wrong_layer import torch_layer

#: A step's values by name: x_t h_prev c_prev z_f z_i z_c z_o f i c_bar o c_t tanh h_t, U_* W_*.
Values = Mapping[str, Tensor]
#: What a gradient is made with instead.
Seen = Callable[[Values], Tensor]
#: That, by the site. Sites: df dc_prev di dc_bar do dtanh (the other factor of a product), slope_f
#: slope_i slope_c slope_o slope_cell, dx_f dh_f dU_f dW_f ...
Sites = Mapping[str, Seen]
Pair = tuple[Tensor, Tensor]


def straight(value: Tensor, road: Tensor) -> Tensor:
    """`value`, through which the gradient goes as it would through `road`."""
    return value.detach() + (road - road.detach())


def slope_at(activation: Callable[[Tensor], Tensor], place: Tensor) -> Tensor:
    """Autograd's derivative of an element-wise function at `place`."""
    with torch.enable_grad():
        leaf = place.detach().clone().requires_grad_()
        return torch.autograd.grad(activation(leaf).sum(), leaf)[0]


class _Step:
    """The nodes of one step, with the sites at which it goes astray."""

    def __init__(self, nodes: dict[str, Tensor], sites: Sites) -> None:
        self.nodes, self.sites = nodes, sites
        self.values: Values = {}

    def astray(self, site: str) -> Tensor | None:
        """What the site's gradient is made with; None where nothing is changed."""
        return self.sites[site](self.values).detach() if site in self.sites else None

    def product(
        self, multiply: Callable[[Tensor, Tensor], Tensor], a: str, b: str, to_a: str, to_b: str
    ) -> Tensor:
        """Two nodes multiplied; `to_a` and `to_b` are the sites of their gradients."""
        left, right = self.nodes[a], self.nodes[b]
        for_a, for_b = self.astray(to_a), self.astray(to_b)
        if for_a is None and for_b is None:
            return multiply(left, right)
        road = multiply(left, right.detach() if for_a is None else for_a)
        road = road + multiply(left.detach() if for_b is None else for_b, right)
        return straight(multiply(left, right), road)

    def squashed(self, activation: Callable[[Tensor], Tensor], z: str, site: str) -> Tensor:
        """An activation of a node, with the slope that the site says."""
        slope = self.astray(site)
        value = activation(self.nodes[z])
        return value if slope is None else straight(value, self.nodes[z] * slope)


def gate_nodes(step: _Step, letter: str) -> None:
    """Adds one gate's z and value, from x_t, h_prev, U_ and W_."""
    mm, key = torch.mm, "c_bar" if letter == "c" else letter
    x = step.product(mm, "x_t", f"U_{letter}", f"dx_{letter}", f"dU_{letter}")
    h = step.product(mm, "h_prev", f"W_{letter}", f"dh_{letter}", f"dW_{letter}")
    step.nodes[f"z_{letter}"] = x + h
    activation = torch.tanh if letter == "c" else torch.sigmoid
    step.nodes[key] = step.squashed(activation, f"z_{letter}", f"slope_{letter}")


def cell_nodes(step: _Step) -> None:
    """Adds c_t, from f, c_prev, i, c_bar."""
    kept = step.product(torch.mul, "f", "c_prev", "df", "dc_prev")
    step.nodes["c_t"] = kept + step.product(torch.mul, "i", "c_bar", "di", "dc_bar")


def hidden_nodes(step: _Step) -> None:
    """Adds tanh and h_t, from o and c_t."""
    step.nodes["tanh"] = step.squashed(torch.tanh, "c_t", "slope_cell")
    step.nodes["h_t"] = step.product(torch.mul, "o", "tanh", "do", "dtanh")


def _whole(step: _Step) -> None:
    for letter in "fico":
        gate_nodes(step, letter)
    cell_nodes(step)
    hidden_nodes(step)


def graph(build: Callable[[_Step], None], given: Values, sites: Sites) -> dict[str, Tensor]:
    """All nodes that `build` makes of the `given` ones."""
    step = _Step(dict(given), sites)
    if sites:
        with torch.no_grad():
            plain = _Step(dict(given), {})
            build(plain)
        step.values = plain.nodes
    build(step)
    return step.nodes


def of_part(
    build: Callable[[_Step], None], names: Iterable[str], out: str
) -> Callable[[Sites], Callable[..., tuple[Tensor, ...]]]:
    """Answers of a part of the step: the gradients at `names`, with the sites changed."""
    keys = tuple(names)

    def changed(sites: Sites) -> Callable[..., tuple[Tensor, ...]]:
        def answer(arriving: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
            leaves = [value.detach().clone().requires_grad_() for value in inputs]
            made = graph(build, dict(zip(keys, leaves, strict=True)), sites)[out]
            return torch.autograd.grad(made, leaves, arriving)

        return answer

    return changed


def step_nodes(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params, sites: Sites
               ) -> dict[str, Tensor]:  # fmt: skip
    """All nodes of a whole step."""
    return graph(_whole, {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev, **params}, sites)


def of_cell(sites: Sites, at: tuple[str, str] = ("h_t", "c_t")) -> Callable[..., WithWeights]:
    """lstm_cell_backward with the sites changed, dh_t and dc_t arriving at the nodes `at`."""

    def answer(dh_t: Tensor, dc_t: Tensor, x_t: Tensor, h_prev: Tensor, c_prev: Tensor,
    params: Params
               ) -> WithWeights:  # fmt: skip
        def forward(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
            nodes = step_nodes(x_t, h_prev, c_prev, params, sites)
            return nodes[at[0]], nodes[at[1]]

        return taken(forward, (dh_t, dc_t), (x_t, h_prev, c_prev), params)

    return answer


def through_time(
    sites: Sites | None = None,
    *,
    order: Callable[[int], Iterable[int]] = range,
    before: Callable[..., Pair] | None = None,
    carry: Callable[[Tensor, Tensor, Tensor, Tensor], Pair] = lambda h, c, h_road, c_road: (h, c),
    upstream: Callable[[Tensor], Tensor] = lambda dh: dh,
    live: Callable[[int, int], bool] = lambda t, T: True,
    seen: Callable[[Values], Tensor] = lambda nodes: nodes["h_t"],
) -> Callable[..., WithWeights]:
    """lstm_backward gone astray.

    sites: of every step. order: of the steps in the graph (autograd walks it from its end).
    before(h_before, c_before, h, c): the states that each step starts from instead. carry(h, c,
    h_road, c_road): by which roads the states go on. upstream(dh): what arrives. live(t, T): at
    which steps the weights count. seen(nodes): where the upstream gradient arrives.
    """

    def answer(dh: Tensor, x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> WithWeights:
        def forward(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> tuple[Tensor]:
            return (_chain(x, h0, c0, params),)

        return taken(forward, (upstream(dh),), (x, h0, c0), params)

    def _chain(x: Tensor, h0: Tensor, c0: Tensor, params: Params) -> Tensor:
        frozen = {name: weight.detach() for name, weight in params.items()}
        h, c = (s.detach() for s in torch_layer(x.detach(), h0.detach(), c0.detach(), frozen))
        starts: Pair = (
            torch.cat([h0[None], h[:-1]]).detach(),
            torch.cat([c0[None], c[:-1]]).detach(),
        )
        if before is not None:
            starts = before(*starts, h, c)
        hs, h_road, c_road = list(h), h0, c0
        for t in order(len(x)):
            states = straight(starts[0][t], h_road), straight(starts[1][t], c_road)
            weights = params if live(t, len(x)) else frozen
            nodes = step_nodes(x[t], *states, weights, sites or {})
            hs[t] = seen(nodes)
            h_road, c_road = carry(nodes["h_t"], nodes["c_t"], h_road, c_road)
        return torch.stack(hs)

    return answer
