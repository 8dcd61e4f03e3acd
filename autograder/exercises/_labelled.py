"""The labels of what was drawn for exercises that ask for a label, kept where only a check looks.

What a solution is given carries no label; the package holds no rule that finds one. A case is
remembered when it is drawn, in the process that checks.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict

from autograder.checking.values import Value

#: A check draws fewer than twenty cases; this many checks are remembered at least.
_MOST = 4096
_LABELS: OrderedDict[str, str] = OrderedDict()


def remember(drawn: Value, label: str) -> None:
    """Keep the label of `drawn`, plain data."""
    _LABELS[_digest(drawn)] = label
    while len(_LABELS) > _MOST:
        _LABELS.popitem(last=False)


def recall(drawn: Value) -> str:
    """The label of what was drawn here. Raises KeyError for what was not."""
    return _LABELS[_digest(drawn)]


def sealed(*words: str) -> str:
    """A digest that tells whether words are the right ones, and not which would be."""
    return hashlib.sha256("\n".join(("course", *words)).encode()).hexdigest()[:16]


def _digest(drawn: Value) -> str:
    return hashlib.sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()
