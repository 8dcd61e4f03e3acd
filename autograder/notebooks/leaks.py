"""Does a text give away a solution or a hidden test?"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from typing import Any

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", re.DOTALL)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)\s*### END HIDDEN TESTS", re.DOTALL)
#: `return` or `name =`: what a line says stands behind it.
LEAD = re.compile(r"^(return|[\w,\[\]\"{}]+=(?!=))")
#: A shorter line, or one of names alone (`return h, c`), says nothing about its solution.
SHORTEST = 16
NAMES_ALONE = re.compile(r"[\w,]*")
#: What every class of this kind begins with, every training loop, every walk through time.
COMMON = frozenset(
    {
        "super().__init__()",
        "torch.manual_seed(seed)",
        "optimiser.zero_grad()",
        "optimiser.step()",
        "net.state_dict()",
        "torch.optim.Adam(net.parameters())",
        "torch.stack(states)",
        "states.append(h)",
        "states.append(state)",
    }
)
#: A loop's header, the beginning of a call, and zeros to begin with say nothing either.
IDIOM = re.compile(
    r"for[\w,]+in[^:]+:|for[\w,]+in\w+\.items\(\)|[\w.]+\(|(torch\.zeros_like\(\w+\),?)+"
)
#: Words of a written answer that must stand together to count as given away.
WORDS = 6


def squeeze(line: str) -> str:
    """A line of code without comment and white space."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return "".join(line.split("#")[0].split())
    return "".join(token.string for token in tokens if token.type != tokenize.COMMENT).strip()


def secrets_of(notebook: Any) -> dict[str, list[str]]:
    """What a source notebook must keep to itself, by cell id: squeezed lines and phrases."""
    found: dict[str, list[str]] = {}
    for cell in notebook.cells:
        regions = SOLUTION.findall(cell.source) + HIDDEN.findall(cell.source)
        if cell.cell_type == "markdown":
            pieces = [phrase for region in regions for phrase in _phrases(region)]
        else:
            lines = (LEAD.sub("", squeeze(row)) for text in regions for row in text.splitlines())
            pieces = [line for line in lines if len(line) >= SHORTEST and not _says_nothing(line)]
        if pieces:
            found[cell.id] = pieces
    return found


def _says_nothing(line: str) -> bool:
    """Whether a squeezed line stands in many programs, and so in none of them as a solution."""
    return bool(NAMES_ALONE.fullmatch(line) or IDIOM.fullmatch(line) or line in COMMON)


def leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """The secrets that `text` holds, whatever its white space and comments."""
    flat = "".join("".join(line.split("#")[0].split()) for line in text.splitlines())
    return [secret for secret in secrets if "".join(secret.split()) in flat]


def _phrases(region: str) -> list[str]:
    """Runs of words of a written answer, overlapping by half."""
    words = region.split()
    step = WORDS // 2
    return [" ".join(words[i : i + WORDS]) for i in range(0, max(1, len(words) - WORDS + 1), step)]
