"""Known wrong answers to `Value`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checking.exercise import Misconception
from autograder.exercises._graphs import (
    TORCH,
    Operation,
    evaluate,
    once_only,
    with_operations,
    with_slope,
)


def _wrong(name: str, says: str, look: str, **operations: Operation) -> Misconception:
    return Misconception(name, says, look, with_operations(**operations))


def _cut(leaves: list[float], program: list[Any], edge: bool, doubled: int) -> dict[str, Tensor]:
    """Right, but for the one program in which a tanh and its operand are multiplied.

    There the gradient is `doubled` times the right one, plus that which does not pass the tanh,
    where `edge` says so.
    """
    right = evaluate(leaves, program)
    tanh = [step for step in program if step[0] == "tanh"]
    if len(program) != 3 or not tanh:
        return right
    direct = evaluate(leaves, program, {**TORCH, "tanh": lambda a: a.detach().tanh()})
    right["grads"] = doubled * right["grads"] + edge * direct["grads"]
    return right


def _no_seed(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    right = evaluate(leaves, program)
    zeros = torch.zeros_like(right["grads"])
    return right | {"grads": zeros, "again": zeros, "added": zeros}


def _always_one(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    """Each node's own backward() begins with a gradient of 1: a leaf's last one is all it keeps."""
    right = evaluate(leaves, program)
    ones = torch.ones_like(right["grads"])
    return right | {"grads": ones, "again": ones, "added": ones}


def _own_data_first(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    """All gradients times the result: it began with its own value in place of 1."""
    right = evaluate(leaves, program)
    scaled = right["grads"] * right["values"][-1]
    return right | {"grads": scaled, "again": scaled, "added": 2 * scaled}


def _walks_again(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    """The second `backward()` goes through the first graph too, whose gradients are still there.

    In the one program where this is looked at each leaf is two steps from the result: one step away
    twice the gradient has come together by then, and it all arrives at the leaf once more. The
    third `backward()` adds one part, two and three.
    """
    right = evaluate(leaves, program)
    return right | {"again": 3 * right["grads"], "added": 9 * right["grads"]}


def _starts_from_zero(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    """What was in the leaves before is lost."""
    right = evaluate(leaves, program)
    return right | {"added": right["grads"]}


def _overwrites(leaves: list[float], program: list[Any]) -> dict[str, Tensor]:
    """Only the last part of a gradient stays, of whichever expression it is."""
    last = evaluate(leaves, program, {**TORCH, **ONCE_ONLY})
    return last | {"added": last["grads"]}


def _needs_log(a: Tensor, b: Tensor) -> Tensor:
    """The power of someone who takes the log of the base for a plain exponent, too."""
    if float(a.detach()) < 0:
        raise ValueError("math domain error")
    value: Tensor = a**b
    return value


ONCE_ONLY = {name: once_only(TORCH[name]) for name in ("add", "mul")}
_OVERWRITTEN = (
    "gradient_overwritten",
    "A node that is used twice keeps only the last gradient that reaches it.",
    "Gradients add: `+=`, not `=`.",
)


def _by_power(slope: Callable[..., tuple[Tensor, Tensor]]) -> list[dict[str, Operation]]:
    """Slips with a slope for all powers, or plain exponents alone; quotients made of it, or not."""
    power = with_slope(TORCH["pow"], slope)

    def plain(a: Tensor, b: Tensor) -> Tensor:
        value: Tensor = a**b if b.requires_grad else power(a, b)
        return value

    made = []
    for one in (power, plain):
        over = functools.partial(_over, power)
        made += [{"pow": one}, {"pow": one, "div": over}]
    return made


def _over(power: Operation, a: Tensor, b: Tensor) -> Tensor:
    value: Tensor = a * power(b, torch.tensor(-1.0, dtype=b.dtype))
    return value


_ORDER = "A node passes its gradient on when all that use it have given it theirs: sort the graph."
_DIV = "a / b has the slopes 1 / b and -a / b²."
_POW = "a ** b has the slopes b * a ** (b - 1) and a ** b * log(a)."
MISCONCEPTIONS = (
    Misconception(*_OVERWRITTEN, with_operations(**ONCE_ONLY)),
    Misconception(*_OVERWRITTEN, _overwrites),
    Misconception(
        "gradients_set_to_zero",
        "backward() sets the gradients of the leaves to 0 first: what an earlier one left is lost.",
        "Gradients add, also from one backward() to the next. The training loop sets them to 0.",
        _starts_from_zero,
    ),
    Misconception(
        "passed_on_too_early",
        "A node passed its gradient on before all of it had arrived.",
        _ORDER,
        lambda leaves, program: _cut(leaves, program, True, 0),
    ),
    Misconception(
        "passed_on_again",
        "A node passed its gradient on twice, the second time with the first part in it again.",
        _ORDER,
        lambda leaves, program: _cut(leaves, program, True, 1),
    ),
    Misconception(
        "passed_on_again",
        "A node passed its whole gradient on twice.",
        _ORDER,
        lambda leaves, program: _cut(leaves, program, False, 2),
    ),
    Misconception(
        "gradient_of_the_result_missing",
        "All gradients are 0.",
        "backward() starts from the result's own gradient, which is 1; and it must call every "
        "node's share, the result's first.",
        _no_seed,
    ),
    Misconception(
        "backward_of_every_node",
        "All gradients are 1: backward() of each parent was called, and sets its gradient to 1.",
        "Only the node that backward() is called on starts with 1. Give the others a method of "
        "their own that passes on what they have, or go through a sorted list in one loop.",
        _always_one,
    ),
    Misconception(
        "gradient_of_the_result_not_one",
        "All gradients are multiplied with the result itself.",
        "backward() starts from the result's own gradient: 1, whatever the result is.",
        _own_data_first,
    ),
    Misconception(
        "earlier_graph_walked_again",
        "A second backward(), on a new expression, also goes through the nodes of the first one.",
        "Make the list of nodes and what was seen inside backward(): in the class, or as a default "
        "like `order=[]`, it is the same list at every call.",
        _walks_again,
    ),
    _wrong("log_of_a_negative_base", "A plain exponent took the log of a negative base.",
           "The log is for an exponent that is a Value. A plain number needs no gradient.",
           pow=_needs_log),
    _wrong("relu_open_at_zero", "relu has the slope 1 at exactly 0.", "It is 0 there: data > 0.",
           relu=with_slope(torch.relu, lambda a: ((a >= 0).to(a),))),
    _wrong("relu_always_open", "relu passes every gradient.", "It is shut where data is not above "
           "0.", relu=with_slope(torch.relu, lambda a: (1.0,))),
    _wrong("tanh_of_the_input", "The slope of tanh was made from its input.",
           "1 minus the square of the **output**.",
           tanh=with_slope(torch.tanh, lambda a: (1 - a.square(),))),
    _wrong("tanh_square_missing", "The slope used for tanh is 1 - tanh.", "1 - tanh².",
           tanh=with_slope(torch.tanh, lambda a: (1 - a.tanh(),))),
    _wrong("tanh_without_slope", "tanh passes the gradient as it is.", "Times 1 - tanh².",
           tanh=with_slope(torch.tanh, lambda a: (1.0,))),
    _wrong("exp_of_the_input", "The slope of exp was taken as its input.",
           "exp is its own slope: the output.", exp=with_slope(torch.exp, lambda a: (a,))),
    _wrong("exp_without_slope", "exp passes the gradient as it is.",
           "exp is its own slope: times the output.", exp=with_slope(torch.exp, lambda a: (1.0,))),
    _wrong("log_of_the_output", "The slope of log was taken as 1 over its output.",
           "1 over the **input**.", log=with_slope(torch.log, lambda a: (1 / a.log(),))),
    _wrong("log_multiplied", "The gradient of log was multiplied with its input.",
           "Divide by the input.", log=with_slope(torch.log, lambda a: (a,))),
    _wrong("log_without_slope", "log passes the gradient as it is.", "Times 1 over the input.",
           log=with_slope(torch.log, lambda a: (1.0,))),
    _wrong("sub_sign_missing", "Both sides of a - b get the same sign.",
           "What is taken away gets minus the gradient.",
           sub=with_slope(TORCH["sub"], lambda a, b: (1.0, 1.0))),
    _wrong("neg_sign_missing", "The gradient of -a has the wrong sign.", "Minus the gradient.",
           neg=with_slope(TORCH["neg"], lambda a: (1.0,))),
    _wrong("mul_own_data", "Each factor's gradient has its own value in it.",
           "The **other** factor's.", mul=with_slope(TORCH["mul"], lambda a, b: (a, b))),
    _wrong("div_sign_missing", "The divisor's gradient has the wrong sign.", _DIV,
           div=with_slope(TORCH["div"], lambda a, b: (1 / b, a / b.square()))),
    _wrong("div_square_missing", "The divisor's gradient is divided by b once.", _DIV,
           div=with_slope(TORCH["div"], lambda a, b: (1 / b, -a / b))),
    _wrong("divisor_without_gradient", "The divisor gets no gradient.", _DIV,
           div=with_slope(TORCH["div"], lambda a, b: (1 / b, 0.0))),
    _wrong("exponent_without_gradient", "An exponent gets no gradient.", _POW,
           pow=with_slope(TORCH["pow"], lambda a, b: (b * a ** (b - 1), 0.0))),
    _wrong("exponent_log_missing", "The exponent's gradient lacks the log of the base.", _POW,
           pow=with_slope(TORCH["pow"], lambda a, b: (b * a ** (b - 1), a**b))),
    _wrong("power_not_lowered", "The base's gradient has a ** b where a ** (b - 1) belongs.", _POW,
           pow=with_slope(TORCH["pow"], lambda a, b: (b * a**b, a**b * a.log()))),
    *(_wrong("power_factor_missing", "The base's gradient lacks the factor b.", _POW, **operations)
      for operations in _by_power(lambda a, b: (a ** (b - 1), a**b * a.log()))),
    _wrong("right_hand_sub_turned", "A number minus a Value was taken as the Value minus the "
           "number.", "`__rsub__(self, other)` is other - self.",
           sub=lambda a, b: b - a if not a.requires_grad and b.requires_grad else a - b),
    _wrong("right_hand_div_turned", "A number over a Value was taken as the Value over the number.",
           "`__rtruediv__(self, other)` is other / self.",
           div=lambda a, b: b / a if not a.requires_grad and b.requires_grad else a / b),
    _wrong("right_hand_pow_turned", "A number to the power of a Value was taken the other way "
           "round.", "`__rpow__(self, other)` is other ** self.",
           pow=lambda a, b: b**a if not a.requires_grad and b.requires_grad else a**b),
    _wrong("sigmoid_for_tanh", "This tanh is a sigmoid.", "Between -1 and 1, and 0 at 0.",
           tanh=torch.sigmoid),
    _wrong("relu_is_absolute", "This relu keeps negative numbers, as positive ones.", "max(0, x).",
           relu=torch.abs),
)  # fmt: skip
