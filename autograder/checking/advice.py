"""What the error messages everyone meets mean here. The student's own line is shown beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.checking.handle import Raised


@dataclass(frozen=True)
class Advice:
    """A common error: its diagnosis name, how to know it, what it means and what to try."""

    name: str
    kinds: tuple[str, ...]
    pattern: str
    look: str


COMMON = (
    Advice(
        "elementwise_sizes_differ",
        ("RuntimeError", "ValueError"),
        r"must match the (existing )?size|could not be broadcast|could not broadcast",
        "`+`, `-` and `*` work element by element and need shapes that fit. A product of a matrix "
        "of weights with inputs (a star on the slides) is `@`. Is a size written as a number?",
    ),
    Advice(
        "sizes_do_not_fit",
        ("RuntimeError", "ValueError"),
        r"shapes cannot be multiplied|Input operand|not aligned|size mismatch|"
        r"inconsistent tensor size|expected input",
        "A matrix product `A @ B` needs as many columns in A as B has rows. Print the two shapes. "
        "Is one of them transposed or in the other's place, or is the product element-wise (`*`)?",
    ),
    Advice(
        "dtypes_differ",
        ("RuntimeError",),
        r"same dtype|scalar type",
        "A tensor you made has another dtype than the inputs. Make it from an input: "
        "`torch.zeros_like(h0)`, `x.new_zeros(...)`, or give `dtype=x.dtype`.",
    ),
    Advice(
        "wrong_device",
        ("RuntimeError",),
        r"same device|different devices",
        "A tensor you made lies on another device than the inputs. Give it `device=x.device`.",
    ),
    Advice(
        "no_probabilities",
        ("RuntimeError",),
        r"probability tensor contains|probability distribution|prob_dist",
        "`torch.multinomial` wants weights: none negative, infinite or NaN, and not all 0. Logits "
        "are none; a softmax makes probabilities of them.",
    ),
    Advice(
        "overwritten_in_place",
        ("RuntimeError",),
        r"modified by an inplace operation",
        "`+=` and what ends in `_` write over a tensor that the backward pass still needs. Make a "
        "new one: `out = out + x`.",
    ),
    Advice(
        "number_function_on_tensor",
        ("RuntimeError", "TypeError", "ValueError"),
        r"only one element tensors|elements cannot be converted to Scalar|be converted to "
        r"Python scalars",
        "A function for single numbers, from `math` perhaps, met an array: use the library's own, "
        "`torch.tanh`, `np.tanh`. To make one array of a list of arrays, use `stack`.",
    ),
    Advice(
        "list_where_dict",
        ("AttributeError",),
        r"'(list|tuple)' object has no attribute '(items|keys|values|get)'",
        "A list or a tuple came where you expected a dict. Ask which it is: "
        "`isinstance(params, dict)`.",
    ),
    Advice(
        "tuple_where_tensor",
        ("TypeError", "AttributeError"),
        r"but got (tuple|list)|'(tuple|list)' object has no attribute|not (tuple|list)$",
        "Several things arrived where one was wanted: the function you call returns a tuple. "
        "Unpack it, `first, second = ...`.",
    ),
    Advice(
        "int_or_pair",
        ("TypeError",),
        r"'int' object is not (subscriptable|iterable)|cannot unpack non-iterable int|"
        r"type 'int' has no len|'tuple' and 'int'|'int' and 'tuple'|to tuple$|"
        r"'tuple' object cannot be interpreted as an integer",
        "A whole number came where you expected a pair, or a pair where you expected a number. "
        "Where an argument may be either, make a pair of it first.",
    ),
    Advice(
        "operator_missing",
        ("TypeError",),
        r"unsupported operand type",
        "The operator does not know what to do with these two. Where a number stands on the left, "
        "Python asks the object on the right: `__radd__`, `__rsub__`, `__rmul__`, `__rtruediv__`, "
        "`__rpow__`.",
    ),
    Advice(
        "wrong_number_of_values",
        ("ValueError",),
        r"values to unpack",
        "`a, b = ...` needs exactly two values on its right. How many does the function return?",
    ),
    Advice(
        "nothing_to_stack",
        ("RuntimeError",),
        r"non-empty TensorList|at least one|need at least",
        "The list was empty when it was stacked. Is something appended at every step, and does "
        "the loop also run when there is one step only, T = 1?",
    ),
    Advice(
        "unknown_name",
        ("NameError",),
        r"is not defined",
        "Python does not know this name. Is it spelled correctly, is it one of your arguments, has "
        "the cell that defines it been run? Functions of a library need "
        "its prefix: `torch.sigmoid`, `np.exp`.",
    ),
    Advice(
        "missing_key",
        ("KeyError",),
        r".*",
        "There is no such key. The keys are {keys}.",
    ),
    Advice(
        "unknown_attribute",
        ("AttributeError",),
        r"'dict' object has no attribute",
        'A dict is read with brackets: `params["{key}"]`.',
    ),
    Advice(
        "none_used",
        ("AttributeError", "TypeError"),
        r"NoneType",
        "One of the values here is None. Does a function you call forget its `return`?",
    ),
    Advice(
        "unknown_attribute",
        ("AttributeError",),
        r"has no attribute",
        "There is no such name there. Functions of a library are in small "
        "letters: `torch.sigmoid`, `np.exp`.",
    ),
    Advice(
        "tensor_called",
        ("TypeError",),
        r"'Tensor' object is not callable",
        "A tensor stands where a function should. Is a `*` or a `@` missing before a bracket?",
    ),
    Advice(
        "name_before_value",
        ("UnboundLocalError",),
        r".*",
        "The name is used before the function gives it a value.",
    ),
    Advice(
        "endless_recursion",
        ("RecursionError",),
        r".*",
        "The function calls itself without end. Did a helper take the exercise's own name?",
    ),
    Advice(
        "index_too_large",
        ("IndexError",),
        r"out of (range|bounds)",
        "An index went past the end. Python counts from 0: the last of T steps is T - 1.",
    ),
)


def advise(raised: Raised, keys: Sequence[str] = ()) -> Advice | None:
    """What a common error means in this course, or None; `keys` are those of the inputs' dicts."""
    for advice in COMMON:
        if raised.kind in advice.kinds and re.search(advice.pattern, raised.message):
            example = keys[0] if keys else "key"
            listed = ", ".join(keys) or "those of the exercise's text"
            return replace(advice, look=advice.look.format(keys=listed, key=example))
    return None
