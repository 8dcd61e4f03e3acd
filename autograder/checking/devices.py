"""On which devices a check runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import torch

VARIABLE = "AUTOGRADER_DEVICE"


def choose_devices(device: str | None = None) -> tuple[str, ...]:
    """The devices to check on: CPU, and CUDA too where there is one.

    `device`, or else the environment variable AUTOGRADER_DEVICE, asks for one only.
    Raises ValueError where that one is unknown or not on this machine.
    """
    asked = str(device or os.environ.get(VARIABLE) or "") or None
    cuda = torch.cuda.is_available()
    if asked is None:
        return ("cpu", "cuda") if cuda else ("cpu",)
    try:
        kind = torch.device(asked).type
    except RuntimeError:
        kind = "unknown"
    if kind not in ("cpu", "cuda"):
        raise ValueError(f"device {asked!r} is not known here: use 'cpu' or 'cuda'")
    if kind == "cuda" and not cuda:
        raise ValueError(
            f"device {asked!r} was asked for, but PyTorch finds no CUDA device on this machine: "
            f"ask for 'cpu', or for none (and unset {VARIABLE})"
        )
    return (asked,)


@contextlib.contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Full float32 precision on CUDA, and one thread on the CPU, while entered.

    TF32 would differ from the CPU at 1e-3. Several threads do nothing for matrices this small, and
    on a busy machine their waiting for one another makes a check fifty times slower.
    """
    matmul, cudnn = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    threads = torch.get_num_threads()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(1)
    here = torch.get_default_device().type == "cpu"
    try:
        with contextlib.nullcontext() if here else torch.device("cpu"):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = matmul
        torch.backends.cudnn.allow_tf32 = cudnn


def warm_up_meta() -> None:
    """Lets PyTorch import what its `meta` device needs: most of a second, once a process.

    Done when `check` is imported, so that the first check does not keep a student waiting.
    """
    empty = torch.empty(1, 1, device="meta")
    torch.sigmoid(empty @ empty + empty)
