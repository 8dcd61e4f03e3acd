"""Real data that needs no network: texts that lie beside this module, each with its licence."""

from pathlib import Path

__all__ = ["PYTHON_DOCS_LICENCE", "python_docs"]

PYTHON_DOCS_LICENCE = (
    "Text of the Python Language and Library Reference (repeats removed, quotation marks "
    "replaced), copyright © 2001 Python Software Foundation, used under the PSF License "
    "Agreement, version 2 (https://docs.python.org/3/license.html)."
)

_FOLDER = Path(__file__).parent / "data"


def python_docs(max_chars: int | None = None) -> str:
    """Return English text from Python's own reference manuals.

    The text is what ``help("class")``, ``help("import")`` and so on print in Python 3.11.7: the
    topics of ``pydoc_data.topics``, in alphabetical order of their names: chapters and sections of
    the Language Reference and of the Library Reference. A topic found mostly inside a longer one is
    left out (``class`` is), so that a held-out tail is really unseen. Typographic quotation marks
    are ASCII ones. It is a snapshot, so that numbers measured on it do not depend on the Python
    that runs; its licence lies beside it, in ``course/data/PYTHON_LICENSE.txt``.

    Args:
        max_chars: how many characters to return at most, counted from the start; ``None`` for the
            whole text (373,278).

    Returns:
        The text. ``PYTHON_DOCS_LICENCE`` is the credit that goes with it.

    Raises:
        ValueError: ``max_chars`` is less than 1.

    """
    if max_chars is not None and max_chars < 1:
        raise ValueError(f"python_docs: max_chars must be at least 1, got {max_chars}")
    return (_FOLDER / "python_topics.txt").read_text(encoding="utf-8")[:max_chars]
