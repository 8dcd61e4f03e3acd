"""Real data that needs no network: each loader reads something Python already brings along."""

import re

__all__ = ["PYTHON_DOCS_LICENCE", "python_docs"]

PYTHON_DOCS_LICENCE = (
    "Text of the Python Language and Library Reference (repeats removed, quotation marks "
    "replaced), copyright © 2001 Python Software Foundation, used under the PSF License "
    "Agreement, version 2 (https://docs.python.org/3/license.html)."
)

# The documentation sets some quotation marks and dashes as typography; a keyboard has one of each.
_TYPEWRITER = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "."})
_SHORTEST_QUOTATION = 40  # characters: a shorter paragraph that recurs is a phrase, not a copy


def python_docs(max_chars: int | None = None) -> str:
    """Return English text from the reference manuals that come with every Python.

    The text is what ``help("class")``, ``help("import")`` and so on print: the topics of
    ``pydoc_data.topics``, in alphabetical order of their names: chapters and sections of the
    Language Reference and of the Library Reference. A topic found mostly inside a longer one is
    left out (``class`` is), so that a held-out tail is really unseen. Typographic quotation marks
    become ASCII ones.
    Each Python release words a few paragraphs differently: numbers measured on this text move a
    little with it.

    Args:
        max_chars: how many characters to return at most, counted from the start; ``None`` for the
            whole text (roughly 370,000).

    Returns:
        The text. ``PYTHON_DOCS_LICENCE`` is the credit that goes with it.

    Raises:
        ValueError: ``max_chars`` is less than 1.
        ModuleNotFoundError: this Python was installed without its help topics.

    """
    if max_chars is not None and max_chars < 1:
        raise ValueError(f"python_docs: max_chars must be at least 1, got {max_chars}")
    try:
        from pydoc_data.topics import topics
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "python_docs: this Python has no pydoc_data.topics, the text behind help(). "
            "Some minimal installations leave it out; install a complete Python."
        ) from error
    text = "\n\n".join(topics[name].strip() for name in _distinct(topics))
    return text.translate(_TYPEWRITER)[:max_chars]


def _distinct(topics: dict[str, str]) -> list[str]:
    """Names, sorted, of the topics that are not mostly quoted from a longer one."""
    seen: set[str] = set()
    kept = []
    for name in sorted(topics, key=lambda name: (-len(topics[name]), name)):
        # A quoted section may be indented differently: compare the words alone.
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", topics[name])]
        repeated = sum(len(paragraph) for paragraph in paragraphs if paragraph in seen)
        if 2 * repeated > sum(len(paragraph) for paragraph in paragraphs):
            continue
        kept.append(name)
        seen.update(part for part in paragraphs if len(part) >= _SHORTEST_QUOTATION)
    return sorted(kept)
