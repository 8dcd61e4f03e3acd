"""What is done with a solution, in the process that runs it, to get what a check compares.

Most solutions are called once. A generator is run to its end, an optimiser is stepped, a class is
made and used. A driver holds no answer: it may lie beside a student's code.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checking import project_drivers

Driver = Callable[[Callable[..., Any], dict[str, Any]], Any]
MOST_ITEMS = 1000
#: From so many paths through a graph on, a walk over each of them shows in seconds.
MANY_PATHS, LONGEST = 4000, 0.3


class MisuseError(TypeError):
    """The solution cannot be used as its exercise says; the message is for the student."""


def once(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What the solution returns for the inputs, in their order."""
    return solution(*given.values())


def collect(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """All that the solution yields, as a list; at most `MOST_ITEMS` of it."""
    returned = solution(*given.values())
    if returned is None:
        return None
    return list(itertools.islice(iter(returned), MOST_ITEMS))


def again(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What two calls return, the second with the generator as the first has left it: a list of two.

    Arrays are copied for the second call, so that a change in place does not reach it.
    """
    later = {name: _copy(value) for name, value in given.items()}
    return [solution(*given.values()), solution(*later.values())]


#: Stands where a solution gives back a dict that it was given, and not one of its own.
SAME_DICT = "the dict that was passed in"


def fresh(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What the solution returns, `SAME_DICT` in the place of each dict of the given ones in it.

    A dict that was written to stays: that is another mistake, and is seen elsewhere.
    """
    dicts = [(value, _written(value)) for value in given.values() if isinstance(value, dict)]
    returned = solution(*given.values())
    own = [value for value, before in dicts if _written(value) == before]

    def seen(value: Any) -> Any:
        return SAME_DICT if any(value is one for one in own) else value

    return tuple(map(seen, returned)) if type(returned) is tuple else seen(returned)


def _written(found: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """What changes when something is written to a dict, or to a tensor in it, be it the same."""
    return [(key, id(value), getattr(value, "_version", 0)) for key, value in found.items()]


def keyed(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What the solution returns, or "KeyError" where it raises one: that may be what is asked."""
    try:
        return solution(*given.values())
    except KeyError:
        return "KeyError"


def optimise(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """The params after each step of an optimiser: a list of dicts.

    `given`: `params` (dict of arrays), `grads` (a list of such dicts, one a step), `lr`, and
    `hyper`, a dict of hyperparameters that are passed by name.
    """
    params, path = given["params"], []
    state: Any = {}
    for grads in given["grads"]:
        returned = solution(params, grads, state, given["lr"], **given["hyper"])
        if returned is None:
            return None
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            kind = type(returned).__name__
            raise MisuseError(f"a step returns two things, (params, state); yours returns a {kind}")
        params, state = returned
        if not isinstance(params, Mapping):
            raise MisuseError(f"params is a dict; your step returns a {type(params).__name__}")
        path.append({name: _copy(value) for name, value in params.items()})
    return path


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    return value.copy() if isinstance(value, np.ndarray) else value


def graph(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """A scalar expression built with the class `solution`: its value, and the leaves' gradients.

    `given`: `leaves`, a list of numbers, and `program`, a list of steps `[operation, *operands]`.
    An operand is the number of a node (the leaves first, then a node for each step), or a list of
    one plain number. The last node is the result; `backward()` is called on it. Then, as in the
    next step of a training loop, the leaves' `.grad` is set to 0 and the expression is built anew
    from the same leaves: `again` is what their gradients are then, and `added` what they are when
    it was built once more, with nothing set to 0.

    Raises MisuseError where `backward()` takes the longer the more paths there are.
    """
    _try_paths(solution, given)
    leaves = [solution(number) for number in given["leaves"]]
    values, grads = _build(leaves, given["program"])
    for leaf in leaves:
        leaf.grad = 0.0
    _, again = _build(leaves, given["program"])
    _, added = _build(leaves, given["program"])
    return {"values": values, "grads": grads, "again": again, "added": added}


def _try_paths(solution: Callable[..., Any], given: dict[str, Any]) -> None:
    """Ends with an error, and soon, what would walk along each of a billion paths.

    Longer and longer beginnings of a program of many paths are tried, until one takes long.
    """
    paths, program = [1] * len(given["leaves"]), given["program"]
    for length, (_, *operands) in enumerate(program, 1):
        paths.append(sum(paths[one] for one in operands if not isinstance(one, list)))
        if paths[-1] > MANY_PATHS and all(_is_slow(solution, given, length) for _ in range(2)):
            raise MisuseError(
                f"on a graph of {len(program)} nodes backward() would not end: a node that is used "
                "twice is walked twice, and so are all below it"
            )


def _is_slow(solution: Callable[..., Any], given: dict[str, Any], length: int) -> bool:
    begun = time.perf_counter()
    _build([solution(number) for number in given["leaves"]], given["program"][:length])
    return time.perf_counter() - begun > LONGEST


def _build(leaves: list[Any], program: list[list[Any]]) -> tuple[Any, Any]:
    """The values of all nodes, and the leaves' gradients."""
    nodes = list(leaves)
    for operation, *operands in program:
        chosen = [one[0] if isinstance(one, list) else nodes[one] for one in operands]
        nodes.append(OPERATIONS[operation](*chosen))
    values = [_number(node.data, "data") for node in nodes]
    nodes[-1].backward()
    return np.array(values), np.array([_number(leaf.grad, "grad") for leaf in leaves])


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "exp": lambda a: a.exp(),
    "log": lambda a: a.log(),
    "tanh": lambda a: a.tanh(),
    "relu": lambda a: a.relu(),
}


def _number(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MisuseError(f"`.{name}` is a number; yours is a {type(value).__name__}") from None


def module(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """An `nn.Module` made, given known weights, run forward and backward.

    `given`: `sizes`, the arguments that make it; `x`, its input; `dy`, the gradient of its output;
    `seed`, from which each parameter is filled with normal numbers times `scale`. Returns the
    parameters' `names` and `shapes`, the output `y`, and their gradients, `grads`.

    With `x_new`, too: x's gradient, `dx`; the shapes of its `buffers`; and what it gives for
    `x_new` in evaluation mode, `y_new`. Its batch norms then keep the statistics of `x` alone.
    """
    net, twice = _filled(solution, given), "x_new" in given
    parameters = list(net.parameters())
    leaf = given["x"].clone().requires_grad_(twice)
    given["x"] = leaf.clone() if twice else given["x"]  # where a change in place will be seen
    net.train(given.get("training", True))
    found: dict[str, Any] = {
        "shapes": [list(parameter.shape) for parameter in parameters],
        "names": [name for name, _ in net.named_parameters()],
        "y": None,
        "grads": None,
    }
    try:
        found["y"] = y = net(given["x"])
    except RuntimeError:
        if twice or (parameters and not _hides_parameters(net)):
            raise
        # What `to` and `parameters()` do not find has another dtype or device: that is the mistake.
        return found
    if twice:
        found["buffers"] = [list(buffer.shape) for buffer in net.buffers()]
        with torch.no_grad():
            found["y_new"] = net.eval()(given["x_new"])
    if not _learns(y, given["dy"], parameters):
        return found
    wanted = [*parameters, leaf] if twice else parameters
    grads = torch.autograd.grad(y, wanted, given["dy"], allow_unused=True)
    found |= {"y": y.detach(), "grads": list(grads[: len(parameters)])}
    return found | {"dx": grads[-1]} if twice else found


def _filled(solution: Callable[..., Any], given: dict[str, Any]) -> torch.nn.Module:
    """The module, where the input is, with known parameters."""
    net, x = solution(*given["sizes"]), given["x"]
    if not isinstance(net, torch.nn.Module):
        raise MisuseError(f"your class is no nn.Module; it makes a {type(net).__name__}")
    net = net.to(device=x.device, dtype=x.dtype)
    parameters = list(net.parameters())
    for parameter, value in zip(
        parameters, fill(parameters, given["seed"], given["scale"]), strict=True
    ):
        with torch.no_grad():
            parameter.copy_(value)
    if "x_new" in given:
        for part in net.modules():
            if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
                part.momentum = 1.0  # so that a bias before it cancels in evaluation, too
    return net


def _learns(y: Any, dy: Tensor, parameters: Sequence[Tensor]) -> bool:
    """Whether `dy` can be sent back from `y` to parameters."""
    grown = isinstance(y, Tensor) and y.requires_grad and len(parameters) > 0
    return grown and y.shape == dy.shape


def learn(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What the solution returns, `returned`, and its loss's gradients by the weights `model`.

    The loss is the first of what is returned. `grads` is None where autograd cannot walk back from
    it: a plain number, or a tensor that was cut off. None where nothing is returned.
    """
    leaves = {name: value.clone().requires_grad_() for name, value in given["model"].items()}
    given["model"] = {name: leaf.clone() for name, leaf in leaves.items()}  # may change in place
    returned = solution(*given.values())
    loss = returned[0] if isinstance(returned, tuple | list) and returned else returned
    grads = None
    if isinstance(loss, Tensor) and loss.requires_grad:
        wanted = list(leaves.values())
        found = torch.autograd.grad(loss, wanted, torch.ones_like(loss), allow_unused=True)
        pairs = zip(leaves.items(), found, strict=True)
        grads = {name: leaf.new_zeros(leaf.shape) if one is None else one
                 for (name, leaf), one in pairs}  # fmt: skip
    return None if returned is None else {"returned": returned, "grads": grads}


def train(solution: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What a training function returns for `X`, `y`, `seed`, and for few rows with some seeds.

    `few`: how many rows. Returns `state`, and `again`: what it makes of the first rows with the
    same seed twice and then with another. PyTorch's own generator is in another state each time.
    """
    X, y, seed, few = (given[name] for name in ("X", "y", "seed", "few"))
    state = solution(X, y, seed)
    again = []
    if isinstance(state, Mapping):
        for number, one in enumerate((seed, seed, seed + 1)):
            torch.manual_seed(seed + 1000 + number)
            returned = solution(X[:few].clone(), y[:few].clone(), one)
            again.append(_copied(returned) if isinstance(returned, Mapping) else None)
    return {"state": state, "again": again}


def _copied(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copy(value) for name, value in state.items()}


def _hides_parameters(net: torch.nn.Module) -> bool:
    """Whether layers or parameters lie in a plain list or dict, where PyTorch does not see them."""
    seen = {id(part) for part in (*net.modules(), *net.parameters())}
    held = [value for name, value in vars(net).items() if not name.startswith("_")]
    pieces = [
        piece
        for value in held
        if isinstance(value, list | tuple | dict)
        for piece in (value.values() if isinstance(value, dict) else value)
    ]
    return any(
        isinstance(piece, torch.nn.Module | torch.nn.Parameter) and id(piece) not in seen
        for piece in pieces
    )


def fill(parameters: Sequence[Tensor], seed: int, scale: float) -> list[Tensor]:
    """Normal numbers times `scale` in the shape of each parameter.

    They depend on the seed and the shape alone, not on the order of the parameters, and a matrix
    gets the transpose of what its transpose gets: how a network keeps its weights is free.
    """
    return [_fill_one(parameter, seed, scale) for parameter in parameters]


def _fill_one(parameter: Tensor, seed: int, scale: float) -> Tensor:
    shape = list(parameter.shape)
    turned = len(shape) == 2 and shape[0] > shape[1]
    words = [seed, *(reversed(shape) if turned else shape)]
    state = np.random.SeedSequence(words).generate_state(1, np.uint64)[0]
    generator = torch.Generator().manual_seed(int(state >> np.uint64(1)))
    drawn = scale * torch.randn(words[1:], dtype=torch.float64, generator=generator)
    return (drawn.mT if turned else drawn).to(parameter)


DRIVERS: Mapping[str, Driver] = {
    "once": once,
    "collect": collect,
    "again": again,
    "fresh": fresh,
    "keyed": keyed,
    "optimise": optimise,
    "graph": graph,
    "module": module,
    "learn": learn,
    "train": train,
    "capstone": project_drivers.capstone,
    "experiment": project_drivers.experiment,
    "train_model": project_drivers.train_model,
}
