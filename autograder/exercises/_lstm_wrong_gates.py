"""Known wrong answers of the exercises on one gate, as perturbations of PyTorch's cell."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception
from autograder.exercises._lstm import torch_gate


def before_activation(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> Tensor:
    """What goes into a gate's activation (N, H)."""
    both = torch.cat([x_t, h_prev], 1), torch.cat([U, W], 0)
    return functional.linear(both[0], both[1].mT)


def _terms(x_t: Tensor, h_prev: Tensor, U: Tensor, W: Tensor) -> tuple[Tensor, Tensor]:
    return functional.linear(x_t, U.mT), functional.linear(h_prev, W.mT)


GateAnswer = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def gate_misconceptions(letter: str) -> tuple[Misconception, ...]:
    """The wrong answers of a gate's exercise; `letter` is f, i, c or o."""
    wrong: list[tuple[str, str, str, GateAnswer]] = [
        *_wrong_activations(letter),
        *_near_activations(letter),
        *_misapplied_activations(letter),
        *_wrong_places_of_activation(letter),
        *_wrong_terms(letter),
        *_wrong_sums(letter),
        *_wrong_combinations(letter),
    ]
    return tuple(
        Misconception(
            name,
            says.format(U=f"U_{letter}", W=f"W_{letter}"),
            look.format(U=f"U_{letter}", W=f"W_{letter}"),
            answer,
        )
        for name, says, look, answer in wrong
    )


def _why(letter: str) -> str:
    """Why the equation has the activation it has."""
    if letter == "c":
        return "The candidate is new content, which may be negative: tanh, between -1 and 1."
    return "A gate says how much passes, from 0 (nothing) to 1 (all): a sigmoid."


def _wrong_activations(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    right, other = ("tanh", "sigmoid") if letter == "c" else ("sigmoid", "tanh")
    why = _why(letter)
    exchanged = "f" if letter == "c" else "c"
    z = before_activation
    return [
        (
            f"{other}_for_{right}",
            f"You used {other} where the equation has {right}.",
            why,
            lambda *a: torch_gate(exchanged, *a),
        ),
        (
            "no_activation",
            f"The sum is right, but {right} was not applied to it.",
            why,
            lambda *a: z(*a),
        ),
        (
            f"relu_for_{right}",
            f"You used ReLU where the equation has {right}.",
            why,
            lambda *a: z(*a).clamp(min=0),
        ),
        (
            f"softmax_for_{right}",
            f"You used softmax where the equation has {right}.",
            "Each unit opens by itself; a softmax makes the units share one whole between them.",
            lambda *a: z(*a).softmax(1),
        ),
    ]


def _near_activations(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    """Functions that look like the right one."""
    right = "tanh" if letter == "c" else "sigmoid"
    why, z = _why(letter), before_activation
    return [
        (
            "hard_activation",
            f"You used a piecewise linear stand-in for {right}.",
            f"Use `torch.{right}`: the exact curve.",
            lambda *a: (
                functional.hardtanh(z(*a)) if letter == "c" else functional.hardsigmoid(z(*a))
            ),
        ),
        (
            "hard_activation",
            f"You cut the sum off instead of applying {right}.",
            f"Use `torch.{right}`: the exact curve.",
            lambda *a: z(*a).clamp(-1 if letter == "c" else 0, 1),
        ),
        (
            "activation_rescaled",
            "This is tanh of half the sum, or, which is the same, a stretched sigmoid."
            if letter == "c"
            else "This is the sigmoid of twice the sum, or, which is the same, a tanh moved up.",
            f"Apply `torch.{right}` to the whole sum, as it is.",
            lambda *a: 2 * z(*a).sigmoid() - 1 if letter == "c" else (z(*a).tanh() + 1) / 2,
        ),
        (
            "both_activations",
            f"Both functions were applied, one after the other; the equation has {right} alone.",
            why,
            lambda *a: z(*a).sigmoid().tanh() if letter == "c" else z(*a).tanh().sigmoid(),
        ),
        (
            "tan_for_tanh",
            "This is the tangent, `tan`; an h is missing, or it is the wrong function.",
            why,
            lambda *a: z(*a).tan(),
        ),
        (
            "arc_tangent",
            f"This is the arc tangent, not {right}.",
            why,
            lambda *a: z(*a).atan(),
        ),
    ]


def _misapplied_activations(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    """The right function, applied in the wrong way."""
    right, act = ("tanh", torch.tanh) if letter == "c" else ("sigmoid", torch.sigmoid)
    fraction: Callable[[Tensor], Tensor] = (
        (lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()))
        if letter == "c"
        else (lambda z: z.exp() / (1 + z.exp()))
    )
    z = before_activation
    return [
        (
            "activation_twice",
            f"{right} was applied twice.",
            "Apply it once, to the sum of the two products.",
            lambda *a: act(act(z(*a))),
        ),
        *(
            (
                "logarithm_of_activation",
                f"This is the logarithm of {right}.",
                f"`torch.{right}` itself; its logarithm belongs to loss functions.",
                answer,
            )
            for answer in (
                lambda *a: act(z(*a)).log(),
                lambda *a: functional.logsigmoid(z(*a)),
            )
        ),
        (
            "gate_rounded",
            "The gate was rounded to 0 or 1.",
            "A gate may stand half open: leave the sigmoid's value as it is.",
            lambda *a: act(z(*a)).round(),
        ),
        (
            "activation_overflow",
            f"{right} written with exp overflows: NaN where its argument is large.",
            f"Use `torch.{right}`, which is safe for any argument.",
            lambda *a: fraction(z(*a)),
        ),
        (
            "complement",
            f"You returned 1 minus the {right}.",
            "1 is everything kept, 0 nothing: the slides' equation has no `1 -` in it.",
            lambda *a: 1 - act(z(*a)),
        ),
    ]


def _wrong_places_of_activation(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    right, act = ("tanh", torch.tanh) if letter == "c" else ("sigmoid", torch.sigmoid)
    z = before_activation
    return [
        (
            "activation_per_term",
            f"{right} was applied to each product, and then they were added.",
            "Add the two products first; the activation takes the sum.",
            lambda *a: sum(map(act, _terms(*a)), torch.zeros(())),
        ),
        (
            "activation_on_input_term",
            f"{right} covers only the input's product; the state's was added outside it.",
            "Check the brackets: the activation takes the sum of both products.",
            lambda *a: act(_terms(*a)[0]).add(_terms(*a)[1]),
        ),
        (
            "activation_on_previous_term",
            f"{right} covers only the state's product; the input's was added outside it.",
            "Check the brackets: the activation takes the sum of both products.",
            lambda *a: act(_terms(*a)[1]).add(_terms(*a)[0]),
        ),
        (
            "bias_added",
            "1 was added before the activation: a bias. The slides' equations have none.",
            "A bias of 1 on the forget gate can help training (lecture, section 7). Not here.",
            lambda *a: act(z(*a) + 1),
        ),
    ]


def _wrong_terms(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    act = torch.tanh if letter == "c" else torch.sigmoid
    nothing = torch.zeros_like

    def gate(*a: Tensor) -> Tensor:
        return torch_gate(letter, *a)

    return [
        (
            "previous_state_missing",
            "The previous state's product with {W} is missing.",
            "Two products are added: the input's with {U} and h_prev's with {W}.",
            lambda x, h, U, W: gate(x, nothing(h), U, W),
        ),
        (
            "input_missing",
            "The input's product with {U} is missing.",
            "Two products are added: x_t's with {U} and the state's with {W}.",
            lambda x, h, U, W: gate(nothing(x), h, U, W),
        ),
        (
            "previous_weights_transposed",
            "{W} is transposed.",
            "Rows are examples here: h_prev (N, H) stands left, {W} (H, H) right, as it is.",
            lambda x, h, U, W: gate(x, h, U, W.mT),
        ),
        (
            "input_weights_transposed",
            "{U} is transposed.",
            "Rows are examples here: x_t (N, D) stands left, {U} (D, H) right, as it is.",
            lambda x, h, U, W: gate(x, h, U.mT, W),
        ),
        (
            "weights_transposed",
            "{U} and {W} are both transposed.",
            "Rows are examples here: x_t (N, D) times {U} (D, H), h_prev (N, H) times {W} (H, H).",
            lambda x, h, U, W: gate(x, h, U.mT, W.mT),
        ),
        (
            "concatenated_crosswise",
            "The two concatenations are in different orders: x_t meets a part of {W}.",
            "With [x_t, h_prev] side by side, {U} must stand above {W}.",
            lambda x, h, U, W: act(torch.cat([x, h], 1).mm(torch.cat([W, U], 0))),
        ),
        (
            "concatenated_crosswise",
            "The two concatenations are in different orders: h_prev meets a part of {U}.",
            "With [h_prev, x_t] side by side, {W} must stand above {U}.",
            lambda x, h, U, W: act(torch.cat([h, x], 1).mm(torch.cat([U, W], 0))),
        ),
    ]


def _wrong_sums(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    act = torch.tanh if letter == "c" else torch.sigmoid

    def gate(*a: Tensor) -> Tensor:
        return torch_gate(letter, *a)

    return [
        (
            "weights_swapped",
            "{U} and {W} have changed places.",
            "{U} (D, H) multiplies the input x_t (N, D); {W} (H, H) the state h_prev (N, H).",
            lambda x, h, U, W: gate(x, h, W, U),
        ),
        *(
            (
                "elementwise_for_matrix_product",
                "You multiplied element by element where the equation has a matrix product.",
                "The slides write a star between an input and a weight matrix: that star is `@`.",
                answer,
            )
            for answer in (
                lambda x, h, U, W: act(torch.mul(x, U).add(torch.mul(h, W))),
                lambda x, h, U, W: act(torch.mul(x, U).add(h.mm(W))),
                lambda x, h, U, W: act(torch.mul(h, W).add(x.mm(U))),
            )
        ),
        (
            "previous_weights_missing",
            "The previous state is added as it is: its product with {W} is missing.",
            "h_prev is multiplied by {W} (H, H) before it is added.",
            lambda x, h, U, W: act(x.mm(U).add(h)),
        ),
        (
            "one_weight_twice",
            "{U} is used for both products; h_prev has {W}.",
            "x_t goes with {U}, h_prev with {W}.",
            lambda x, h, U, W: gate(x, h, U, U),
        ),
        (
            "one_weight_twice",
            "{W} is used for both products; x_t has {U}.",
            "x_t goes with {U}, h_prev with {W}.",
            lambda x, h, U, W: gate(x, h, W, W),
        ),
    ]


def _wrong_combinations(letter: str) -> list[tuple[str, str, str, GateAnswer]]:
    act = torch.tanh if letter == "c" else torch.sigmoid

    def gate(*a: Tensor) -> Tensor:
        return torch_gate(letter, *a)

    return [
        (
            "activations_multiplied",
            "Each product went through the activation, and the two results were multiplied.",
            "Add the two products; the activation takes the sum.",
            lambda x, h, U, W: act(x.mm(U)).mul(act(h.mm(W))),
        ),
        (
            "negated",
            "The sign is wrong: this is minus the right answer.",
            "There is no minus in the equation.",
            lambda *a: gate(*a).neg(),
        ),
        (
            "terms_subtracted",
            "The state's product is subtracted; it should be added.",
            "The sum of the two products goes into the activation.",
            lambda x, h, U, W: gate(x, -h, U, W),
        ),
        (
            "terms_multiplied",
            "The two products are multiplied; they should be added.",
            "The sum of the two products goes into the activation.",
            lambda *a: act(torch.mul(*_terms(*a))),
        ),
    ]
