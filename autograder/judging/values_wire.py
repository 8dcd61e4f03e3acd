"""Values as they cross the wire: numbers, strings, containers, arrays and tensors, by value.

What is none of these crosses as a handle, if the sender keeps one for it. `Encoder` makes a frame's
JSON and bytes of a value, `Decoder` a value of them; the decoder trusts nothing: dtypes are from a
list, shapes must fit the bytes that came, depth and number are limited.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.judging.wire import MOST_BYTES, WireError

DEEPEST = 40
MOST_ITEMS = 100_000
MOST_ELEMENTS = 10_000_000
#: Characters of all the strings of one frame together.
MOST_TEXT = 2**20
MOST_BITS = 4096
SAFE_INT = 2**53
#: What crosses as the dict that it is; its default or its order of ties does not.
DICTS = (dict, OrderedDict, defaultdict, Counter)

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64,
        torch.complex128, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32,
        torch.int64,
    )
}  # fmt: skip
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
ARRAY_DTYPES = {
    name: np.dtype(name)
    for name in (
        "float16", "float32", "float64", "complex64", "complex128", "bool", "uint8", "uint16",
        "uint32", "uint64", "int8", "int16", "int32", "int64",
    )
}  # fmt: skip


class CannotCrossError(TypeError):
    """A value that has no form on the wire, and no handle either."""


class Encoder:
    """Encodes the values of one frame; `data` then holds its bytes.

    `handle(value)` gives the JSON of a handle for what cannot cross by value, or raises
    CannotCrossError.
    """

    def __init__(self, handle: Callable[[Any], dict[str, Any]]) -> None:
        self.data = bytearray()
        self._handle = handle
        self._left = MOST_ITEMS
        self._text_left = MOST_TEXT

    def encode(self, value: Any, depth: int = DEEPEST) -> Any:
        """The JSON of `value`. Raises CannotCrossError."""
        kind = type(value)
        self._left -= 1
        if self._left < 0 or depth < 0:
            raise CannotCrossError("a structure too large or too deep to cross")
        if value is None or kind is bool:
            return value
        if kind is str:
            return self._encode_text(value)
        if kind is int:
            return self._encode_int(value)
        if kind is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if kind is list:
            return [self.encode(item, depth - 1) for item in value]
        return self._encode_more(value, kind, depth)

    def _encode_more(self, value: Any, kind: type, depth: int) -> dict[str, Any]:
        if kind is tuple or kind is torch.Size:
            return {"t": [self.encode(item, depth - 1) for item in value]}
        if kind in DICTS:
            pairs = value.items()
            return {"d": [[self.encode(k, depth - 1), self.encode(v, depth - 1)] for k, v in pairs]}
        if kind is set or kind is frozenset:
            return {"s": [self.encode(item, depth - 1) for item in value]}
        if kind is complex:
            return {"c": [self.encode(value.real), self.encode(value.imag)]}
        if kind is bytes or kind is bytearray:
            return {"b": self._add(value)}
        if kind is slice:
            return {
                "sl": [self.encode(p, depth - 1) for p in (value.start, value.stop, value.step)]
            }
        if kind is type(Ellipsis):
            return {"e": 1}
        if kind is Tensor or issubclass(kind, torch.nn.Parameter):
            return self._encode_tensor(value)
        if kind is torch.dtype and value in DTYPE_NAMES:
            return {"td": DTYPE_NAMES[value]}
        if kind is torch.device:
            return {"dev": str(value)}
        if kind is np.ndarray:
            return self._encode_array(value)
        if issubclass(kind, np.generic) and value.dtype.name in ARRAY_DTYPES:
            return self._encode_array(np.asarray(value)) | {"scalar": 1}
        return self._handle(value)

    def _encode_tensor(self, value: Tensor) -> dict[str, Any]:
        with torch._C.DisableTorchFunctionSubclass():
            plain = value.detach()
            name = DTYPE_NAMES.get(plain.dtype)
            if name is None or plain.is_nested or plain.is_quantized:
                raise CannotCrossError(f"a tensor of dtype {plain.dtype}")
            if plain.numel() > MOST_ELEMENTS:
                raise CannotCrossError(f"a tensor of shape {tuple(plain.shape)}")
            place = plain.device.type
            form: dict[str, Any] = {"x": name, "shape": list(plain.shape)}
            if value.requires_grad:
                form["grad"] = 1
            if place != "cpu":
                form["on"] = place
            if place == "meta":
                return form
            if plain.layout != torch.strided:
                plain = plain.to_dense()
            plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
            dense = plain.reshape(-1).view(torch.uint8)
            form["at"] = self._add(dense.numpy().tobytes() if dense.numel() else b"")
            return form

    def _encode_array(self, value: np.ndarray) -> dict[str, Any]:
        name = value.dtype.name
        if name not in ARRAY_DTYPES:
            return self._handle(value)
        if value.size > MOST_ELEMENTS:
            raise CannotCrossError(f"an array of shape {value.shape}")
        native = value.astype(ARRAY_DTYPES[name], copy=False)
        return {"n": name, "shape": list(value.shape), "at": self._add(native.tobytes())}

    def _encode_text(self, value: str) -> str:
        """A string as it is; with lone surrogates, which JSON's bytes cannot hold, replaced."""
        self._text_left -= len(value)
        if self._text_left < 0:
            raise CannotCrossError(f"strings of more than {MOST_TEXT} characters")
        return value.encode("utf-8", "replace").decode()

    def _encode_int(self, value: int) -> Any:
        if -SAFE_INT <= value <= SAFE_INT:
            return value
        if value.bit_length() > MOST_BITS:
            raise CannotCrossError(f"a number of {value.bit_length()} bits")
        return {"i": self._encode_text(hex(value))}

    def _add(self, piece: bytes | bytearray) -> list[int]:
        start = len(self.data)
        if start + len(piece) > MOST_BYTES:
            raise CannotCrossError(f"arrays of more than {MOST_BYTES // 2**20} MiB together")
        self.data += piece
        return [start, len(piece)]


class Decoder:
    """Decodes the values of one frame.

    `handle(form)` makes what stands for a handle on this side.
    """

    def __init__(
        self, data: bytes | bytearray, handle: Callable[[dict[str, Any]], Any], device: bool = False
    ) -> None:
        self._data = data
        self._handle = handle
        self._device = device
        self._left = MOST_ITEMS
        self._unread = len(data)

    def decode(self, form: Any, depth: int = DEEPEST) -> Any:
        """The value that `form` stands for. Raises WireError where it stands for none."""
        self._left -= 1
        if self._left < 0 or depth < 0:
            raise WireError("a value too large or too deep")
        kind = type(form)
        if form is None or kind in (bool, int, float):
            return form
        if kind is str:
            return form[:MOST_TEXT]
        if kind is list:
            return [self.decode(item, depth - 1) for item in form]
        if kind is not dict:
            raise WireError("a form of no value")
        try:
            return self._decode_more(form, depth - 1)
        except WireError:
            raise
        except (TypeError, ValueError, KeyError, IndexError, OverflowError, RuntimeError):
            raise WireError("a form of no value") from None

    def _decode_more(self, form: dict[str, Any], depth: int) -> Any:
        for key, read in _READERS.items():
            if key in form:
                return read(self, form, depth)
        if "h" in form:
            return self._handle(form)
        raise WireError("a form of no value")

    def _items(self, items: Any, depth: int) -> list[Any]:
        if type(items) is not list:
            raise WireError("a form of no value")
        return [self.decode(item, depth) for item in items]

    def _complex(self, parts: Any, depth: int) -> complex:
        real, imaginary = self._items(parts, depth)
        return complex(float(real), float(imaginary))

    def _slice(self, parts: Any, depth: int) -> slice:
        start, stop, step = self._items(parts, depth)
        return slice(start, stop, step)

    def _pairs(self, pairs: Any, depth: int) -> dict[Any, Any]:
        if type(pairs) is not list or not all(type(pair) is list for pair in pairs):
            raise WireError("a form of no value")
        return {_plain(self.decode(k, depth)): self.decode(v, depth) for k, v in pairs}

    def _bytes(self, at: Any) -> memoryview:
        start, size = at
        if type(start) is not int or type(size) is not int or start < 0 or size < 0:
            raise WireError("bytes that are not there")
        self._unread -= size
        if start + size > len(self._data) or self._unread < 0:  # each byte is a part of one value
            raise WireError("bytes that are not there")
        return memoryview(self._data)[start : start + size]

    def _tensor(self, form: dict[str, Any]) -> Tensor:
        dtype = DTYPES[form["x"]]
        shape = _shape(form["shape"])
        if form.get("on") == "meta":
            return torch.empty(shape, dtype=dtype, device="meta")
        piece = self._bytes(form["at"])
        if len(piece) != math.prod(shape) * dtype.itemsize:
            raise WireError("a tensor whose bytes do not fit its shape")
        if not len(piece):
            tensor = torch.empty(shape, dtype=dtype)
        else:
            tensor = torch.frombuffer(bytearray(piece), dtype=dtype).reshape(shape)
        if self._device and form.get("on") == "cuda":
            tensor = tensor.to("cuda")
        if form.get("grad") and (dtype.is_floating_point or dtype.is_complex):
            tensor.requires_grad_(True)
        return tensor

    def _array(self, form: dict[str, Any]) -> Any:
        dtype = ARRAY_DTYPES[form["n"]]
        shape = _shape(form["shape"])
        piece = self._bytes(form["at"])
        if len(piece) != math.prod(shape) * dtype.itemsize:
            raise WireError("an array whose bytes do not fit its shape")
        array = np.frombuffer(bytearray(piece), dtype=dtype).reshape(shape)
        return array[()] if form.get("scalar") else array


def _shape(shape: Any) -> list[int]:
    if type(shape) is not list or len(shape) > 32:
        raise WireError("a shape that is none")
    for size in shape:
        if type(size) is not int or not 0 <= size <= 2**40:
            raise WireError("a shape that is none")
    if math.prod(shape) > MOST_ELEMENTS:
        raise WireError("an array too large")
    return shape


def _integer(form: dict[str, Any]) -> int:
    text = form["i"]
    if type(text) is not str or len(text) > MOST_BITS // 4 + 3:
        raise WireError("a number too large")
    return int(text, 16)


def _plain(key: Any) -> Any:
    """A dictionary's key or a set's member: only what hashes by our own code."""
    if type(key) is tuple:
        return tuple(_plain(part) for part in key)
    if key is None or type(key) in (str, int, float, bool, complex, bytes):
        return key
    if isinstance(key, np.generic | torch.dtype | torch.device):
        return key
    raise WireError("a key that cannot cross")


_READERS: dict[str, Callable[[Decoder, dict[str, Any], int], Any]] = {
    "x": lambda d, form, depth: d._tensor(form),
    "t": lambda d, form, depth: tuple(d._items(form["t"], depth)),
    "d": lambda d, form, depth: d._pairs(form["d"], depth),
    "n": lambda d, form, depth: d._array(form),
    "f": lambda d, form, depth: {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[form["f"]],
    "i": lambda d, form, depth: _integer(form),
    "s": lambda d, form, depth: {_plain(item) for item in d._items(form["s"], depth)},
    "c": lambda d, form, depth: d._complex(form["c"], depth),
    "b": lambda d, form, depth: bytes(d._bytes(form["b"])),
    "sl": lambda d, form, depth: d._slice(form["sl"], depth),
    "e": lambda d, form, depth: Ellipsis,
    "td": lambda d, form, depth: DTYPES[form["td"]],
    "dev": lambda d, form, depth: torch.device(form["dev"]),
}
