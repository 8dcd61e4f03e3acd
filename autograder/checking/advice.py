"""What the error messages everyone meets mean here. The student's own line is shown beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.checking.drivers import OPERATIONS
from autograder.checking.exercise import Exercise
from autograder.checking.handle import Raised
from autograder.checking.recipes import Formula
from autograder.checking.values import Inputs


@dataclass(frozen=True)
class Advice:
    """A common error: its diagnosis name, how to know it, what it means and what to try."""

    name: str
    kinds: tuple[str, ...]
    pattern: str
    look: str


COMMON = (
    Advice(
        "array_as_truth",
        ("ValueError", "RuntimeError"),
        r"truth value of an array|Boolean value of Tensor",
        "`max`, `min`, `if`, `and` and `or` ask for one yes or no, and an array has many. Entry by "
        "entry it is `np.maximum`, `np.minimum`, `np.where`, `&` and `|`.",
    ),
    Advice(
        "outside_the_domain",
        ("ValueError",),
        r"math domain error|expected a (positive|nonnegative)|expected argument value",
        "A function was asked for a value that it does not have: the log of a number that is not "
        "above 0, or the root of a negative one. Print what goes in.",
    ),
    Advice(
        "elementwise_sizes_differ",
        ("RuntimeError", "ValueError"),
        r"must match the (existing )?size|could not be broadcast|could not broadcast",
        "`+`, `-` and `*` work element by element and need shapes that fit. A product of a matrix "
        "of weights with inputs is `@`. A sum, mean or max over an axis drops it, unless "
        "`keepdims=True` is given. Is a size written as a number?",
    ),
    Advice(
        "joined_along_another_axis",
        ("RuntimeError",),
        r"Sizes of tensors must match except",
        "`torch.cat` joins along its first axis unless `dim=` names another; all other axes have "
        "to agree. Which axis of the two is to grow? Side by side is `dim=1`.",
    ),
    Advice(
        "classes_on_another_axis",
        ("RuntimeError", "ValueError"),
        r"Expected target size|Expected input batch_size|probabilities.*must be same size",
        "A cross-entropy looks for the classes on the second axis: logits (rows, classes), "
        "targets (rows,). `flatten(0, 1)` makes one axis of two.",
    ),
    Advice(
        "sliced_backwards",
        ("ValueError",),
        r"step must be greater than zero",
        "PyTorch has no slices that run backwards: `x.flip(0)` turns the first axis round.",
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
        "smaller_than_the_kernel",
        ("RuntimeError",),
        r"Kernel size can't be greater",
        "The picture that arrives is smaller than the kernel. Does a layer before it lack its "
        "padding, or is there a pooling too many?",
    ),
    Advice(
        "layers_not_found",
        ("RuntimeError",),
        r"Input type .*(weight|bias) type",
        "The layer has another dtype, or lies elsewhere, than its input. Is it an attribute of the "
        "module? Layers in a plain Python list are not found: `nn.ModuleList` holds them.",
    ),
    Advice(
        "window_empty",
        ("RuntimeError", "IndexError"),
        r"[Ee]xpected reduction dim",
        "A maximum over nothing: the window is empty, so it lies outside. Where does it begin, "
        "and is the padding there?",
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
        "`torch.multinomial` wants weights: none negative, infinite or NaN, and not all 0. Scores "
        "are no weights; their softmax is. If you have one: it makes NaN of a row of nothing but "
        "minus infinity (over the right axis?), and an `exp` by hand overflows.",
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
        "values_and_indices",
        ("AttributeError", "TypeError"),
        r"return_types|\b(max|min)\(\) received an invalid combination of arguments - "
        r"got \([^)]*tuple",
        "`max(dim)` and `min(dim)` take one axis and return values and indices: `.values` are the "
        "first of the two. `amax` and `amin` take several axes, and return the values alone.",
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
        "arithmetic_on_a_container",
        ("TypeError",),
        r"unsupported operand type.*'(dict|list|tuple)'|can't multiply sequence",
        "A dict, a list or a tuple has no arithmetic of its own: go through its entries, and "
        "calculate with each array in it. {dicts}",
    ),
    Advice(
        "operator_missing",
        ("TypeError",),
        r"unsupported operand type",
        "The operator does not know what to do with these two. Print the type of each.",
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
        "super_missing",
        ("AttributeError",),
        r"before Module.__init__\(\) call",
        "`super().__init__()` comes first in `__init__`, before any layer is made.",
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
        "no_such_axis",
        ("IndexError", "TypeError"),
        r"Dimension out of range|iteration over a 0-d (tensor|array)|"
        r"invalid index of a 0-dim tensor",
        "A tensor here has fewer axes than this line expects: print its shape. A single number "
        "has none, the shape ().",
    ),
    Advice(
        "index_too_large",
        ("IndexError",),
        r"out of (range|bounds)",
        "An index went past the end. Python counts from 0: of n entries, the last is n - 1.",
    ),
)


def advise(raised: Raised, exercise: Exercise, inputs: Inputs) -> Advice | None:
    """What an error means in this exercise, or what a common one means anywhere; or None."""
    special = (
        _nudged_in_one_axis(raised, inputs)
        or _axis_dropped(raised)
        or _shape_unpacked(raised)
        or _in_torch(raised, exercise, inputs)
        or _none_given(raised, inputs)
        or _state_at_first(raised, exercise, inputs)
        or _of_a_class(raised, exercise)
    )
    if special is not None:
        return special
    dicts = {
        name: list(map(str, value))
        for name, value in inputs.items()
        if isinstance(value, Mapping) and name != "hyper"
    }
    keys = [key for listed in dicts.values() for key in listed]
    for advice in COMMON:
        if raised.kind in advice.kinds and re.search(advice.pattern, raised.message):
            look = advice.look.format(
                keys=", ".join(sorted(set(keys))) or "those of the exercise's text",
                key=keys[0] if keys else "key",
                dicts=_are_dicts(list(dicts)),
            )
            return replace(advice, look=look.strip())
    return None


def _are_dicts(names: Sequence[str]) -> str:
    """`params` and `grads` are dicts; nothing where there are none."""
    words = " and ".join(f"`{name}`" for name in names)
    return "" if not names else f"{words} {'is a dict' if len(names) == 1 else 'are dicts'}."


def _nudged_in_one_axis(raised: Raised, inputs: Inputs) -> Advice | None:
    """Shapes that do not fit where a function f of an array x of several axes is asked."""
    if not isinstance(inputs.get("f"), Formula) or raised.kind not in ("ValueError", "IndexError"):
        return None
    x = inputs["x"]
    look = (
        f"x may have any number of axes, here {x.dim()}: what is added to it, what `f` is handed "
        "and what you return all have the shape of x. `np.ndindex(x.shape)` gives all indices."
    )
    return Advice("axes_of_x_forgotten", (), "", look) if x.dim() > 1 else None


def _axis_dropped(raised: Raised) -> Advice | None:
    """NumPy's complaint about two shapes of which one is the other without one of its axes."""
    found = re.search(r"broadcast together with shapes \(([\d,]*)\) \(([\d,]*)\)", raised.message)
    if found is None:
        return None
    shapes = [tuple(int(n) for n in text.split(",") if n) for text in found.groups()]
    short, long = sorted(shapes, key=len)
    kept = [axis for axis in range(len(long)) if long[:axis] + long[axis + 1 :] == short]
    if not kept:
        return None
    whole = (*long[: kept[0]], 1, *long[kept[0] + 1 :])
    return Advice(
        "axis_dropped",
        (),
        "",
        f"{short} is {long} without one of its axes. Did a sum, mean or max drop it? With "
        f"`keepdims=True` it stays, as {whole}, and the two fit.",
    )


def _shape_unpacked(raised: Raised) -> Advice | None:
    """A shape of more or fewer axes than there are names for."""
    if raised.kind != "ValueError" or "values to unpack" not in raised.message:
        return None
    if re.search(r"\.shape\b|\.size\(\)", raised.code) is None:
        return None
    look = "A shape has a number for each axis. How many axes has this tensor? Print its shape."
    return Advice("wrong_number_of_values", (), "", look)


#: What the line that raised may look like, and what that means of sizes that do not fit.
_LINES = (
    (r"\+=? *b\b(?!\[)", "Plain `+ b` lines b up with the last axis. If its axis is another one, "
     "give it axes of size 1 behind its own: `b[:, None]`."),
    (r"\bdy\[:,\s*:,\s*\w+,\s*\w+\]", "`dy[:, :, i, j]` has lost its last two axes; "
     "`dy[:, :, i, j, None, None]` keeps them, of size 1."),
    (r"\w ?: ?\w[^\]]*\+[^\]]*\]\s*\*|\*\s*\w+\[[^\]]*\w ?: ?\w[^\]]*\+", "A window and what it is "
     "multiplied with need the same shape. Print both: was the window cut with rows and columns "
     "exchanged, or does it hang over the end?"),
)  # fmt: skip
_EMPTY = (
    "One of the sizes is 0. `-0` is 0, so a slice `p:-p` is empty where p is 0: count from the "
    "front, `p : p + n`."
)
_ROW_OF_A_PICTURE = (
    "A linear layer reads one row of numbers for each picture, as many as it was made for. Do the "
    "convolutions keep the size (padding)? Does `flatten(1)` leave the pictures apart?"
)
_BELOW_ZERO = (
    "One of the sizes is 0. A slice that begins below 0 counts from the end, and may be empty. "
    "Work in the padded size, and cut at the end."
)


def _in_torch(raised: Raised, exercise: Exercise, inputs: Inputs) -> Advice | None:
    """What common errors mean where tensors are PyTorch's."""
    if exercise.library != "torch":
        return None
    if re.search(r"Boolean value of Tensor", raised.message):
        look = (
            "`if`, `and` and `or` ask for one yes or no, and a tensor has many. Whether it was "
            "given at all: `if b is not None`. Entry by entry: `torch.maximum`, `torch.where`."
        )
        return Advice("array_as_truth", (), "", look)
    pictures = exercise.driver == "module" and getattr(inputs.get("x"), "ndim", 0) == 4
    if pictures and "shapes cannot be multiplied" in raised.message:
        return Advice("sizes_do_not_fit", (), "", _ROW_OF_A_PICTURE)
    common = next(advice for advice in COMMON if advice.name == "elementwise_sizes_differ")
    if raised.kind not in common.kinds or not re.search(common.pattern, raised.message):
        return None
    if re.search(r"(tensor|tensor a|tensor b) \(0\)", raised.message):
        padding = inputs.get("padding", 0)
        none = 0 in padding if isinstance(padding, Sequence) else padding == 0
        return replace(common, look=_EMPTY if none else _BELOW_ZERO)
    # A product element by element, and a sum before a `@`, fail before `+ b` is reached.
    plain = re.search(r"(?<!\*)\*(?!\*)|\([^()]*\+[^()]*\)\s*@", raised.code) is None
    lines = _LINES if plain else _LINES[1:]
    found = next((look for line, look in lines if re.search(line, raised.code)), None)
    return None if found is None else replace(common, look=found)


def _none_given(raised: Raised, inputs: Inputs) -> Advice | None:
    """A None that may be the one that was passed in."""
    given = [f"`{name}`" for name, value in inputs.items() if value is None]
    if not given or raised.kind not in ("TypeError", "AttributeError"):
        return None
    if "NoneType" not in raised.message:
        return None
    look = f"{' and '.join(given)} may be None, and is here: what is to be done then?"
    return Advice("none_used", (), "", look)


def _state_at_first(raised: Raised, exercise: Exercise, inputs: Inputs) -> Advice | None:
    """A key that the params have, or the state should have had, before the first step."""
    if exercise.driver != "optimise" or raised.kind != "KeyError":
        return None
    if raised.message.strip("'\"") not in inputs["params"] and "state" not in raised.code:
        return None
    return Advice(
        "state_empty_at_first",
        (),
        "",
        "The state is `{}` before the first step: `state.get(name, 0.0)` gives 0 where nothing is "
        "kept yet.",
    )


def _of_a_class(raised: Raised, exercise: Exercise) -> Advice | None:
    """What is missing in a class that the exercise asks for, or came in the place of its object."""
    if exercise.driver != "graph":
        return None
    if raised.kind == "MisuseError" and "would not end" in raised.message:
        look = "Let every node pass its gradient on once, when all of it is there: sort the graph."
        return Advice("every_path_walked", (), "", look)
    if raised.kind == "TypeError" and "unsupported operand" in raised.message:
        return Advice(
            "operator_missing",
            (),
            "",
            f"Your {exercise.name} lacks this operator. Where a number stands on the left, Python "
            "asks the object on the right: `__radd__`, `__rsub__`, `__rmul__`, `__rtruediv__`, "
            "`__rpow__`.",
        )
    found = re.search(r"'([\w.]+)' object has no attribute '(\w+)'", raised.message)
    if raised.kind != "AttributeError" or found is None:
        return None
    owner, attribute = found.groups()
    if owner in {"int", "float", "numpy.float64"}:
        look = f"A plain number came: turn it into a {exercise.name} first."
        return Advice("number_not_wrapped", (), "", look)
    if attribute in {*OPERATIONS, "backward"}:
        look = f"Your {exercise.name} has no method `{attribute}` yet: write it."
        return Advice("method_missing", (), "", look)
    look = f"Nothing is kept under this name yet: set `self.{attribute}` in `__init__`."
    return Advice("attribute_not_set", (), "", look)
