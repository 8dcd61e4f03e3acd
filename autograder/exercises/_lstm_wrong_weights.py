"""Known wrong answers of the LSTM step that come from weights in the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from autograder.exercises._lstm import WEIGHTS, Params, torch_cell

Pair = tuple[Tensor, Tensor]
CellAnswer = Callable[[Tensor, Tensor, Tensor, Params], Pair]
Entry = tuple[str, str, str, CellAnswer]
LETTERS = {"f": "forget gate", "i": "input gate", "c": "candidate", "o": "output gate"}
OWN_WEIGHTS = "Check that each gate is computed with its own U and W, and used in its own place."


def with_weights(change: Callable[[Params], dict[str, Tensor]]) -> CellAnswer:
    """PyTorch's cell with other weights."""
    return lambda x_t, h_prev, c_prev, params: torch_cell(x_t, h_prev, c_prev, change(params))


def exchange(a: str, b: str) -> Callable[[Params], dict[str, Tensor]]:
    """The weights of two gates exchanged."""
    return _renamed({f"{k}_{x}": f"{k}_{y}" for k in "UW" for x, y in ((a, b), (b, a))})


def _renamed(names: Mapping[str, str]) -> Callable[[Params], dict[str, Tensor]]:
    """Weights read under another name where `names` has one."""
    return lambda params: {name: params[names.get(name, name)] for name in params}


def swapped_weights() -> list[Entry]:
    """U and W exchanged in all gates, or in one."""

    def swap(gates: str) -> CellAnswer:
        names = {f"{k}_{g}": f"{m}_{g}" for g in gates for k, m in ("UW", "WU")}
        return with_weights(_renamed(names))

    look = "U_* (D, H) multiplies x_t (N, D); W_* (H, H) multiplies h_prev (N, H)."
    return [
        ("weights_swapped", "The U_* and the W_* have changed places.", look, swap("fico")),
        *(
            ("weights_swapped", f"U_{g} and W_{g} have changed places: {what}.", look, swap(g))
            for g, what in LETTERS.items()
        ),
    ]


def borrowed_weights() -> list[Entry]:
    """One gate computed with another's U, W, or both: a line copied and not quite changed."""
    found: list[Entry] = []
    for gate, what in LETTERS.items():
        for lender in LETTERS:
            for kinds in ("UW", "U", "W") if lender != gate else ():
                names = {f"{k}_{gate}": f"{k}_{lender}" for k in kinds}
                borrowed = " and ".join(names.values())
                found.append(
                    (
                        "weights_of_another_gate",
                        f"The {what} is computed with another gate's {borrowed}.",
                        "Was a line copied and one letter left as it was? " + OWN_WEIGHTS,
                        with_weights(_renamed(names)),
                    )
                )
    return found


def weights_by_position() -> list[Entry]:
    """The weights taken in the dict's order, or in the alphabet's, as if it were f, i, c, o."""
    says = "The weights are taken by their position in the dict; its order is not promised."
    look = 'Take each by its name: params["U_f"].'
    return [
        (
            "keys_by_position",
            says,
            look,
            with_weights(lambda p: dict(zip(WEIGHTS, p.values(), strict=True))),
        ),
        (
            "keys_by_position",
            says,
            look,
            with_weights(lambda p: {n: p[k] for n, k in zip(WEIGHTS, sorted(p), strict=True)}),
        ),
    ]
