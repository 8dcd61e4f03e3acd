"""The offline loaders: real text, each paragraph once, and clear errors."""

import re
import sys

import pytest

from course.datasets import PYTHON_DOCS_LICENCE, python_docs


def test_python_docs_is_a_long_english_text() -> None:
    text = python_docs()
    assert len(text) > 200_000
    words = re.findall(r"[a-z]+", text.lower())
    assert words.count("the") / len(words) > 0.03  # as in any English prose


def test_python_docs_is_cut_from_the_start() -> None:
    assert python_docs(1000) == python_docs()[:1000]
    assert len(python_docs(1)) == 1


def test_python_docs_holds_each_topic_once() -> None:
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", python_docs())]
    long = [p for p in paragraphs if len(p) >= 200]
    assert len(long) > 300
    assert len(long) - len(set(long)) <= len(long) // 100


def test_python_docs_has_keyboard_quotation_marks_only() -> None:
    assert not set("‘’“”–—…") & set(python_docs())
    assert '"' in python_docs(1000)


@pytest.mark.parametrize("max_chars", [0, -5])
def test_python_docs_rejects_a_length_below_one(max_chars: int) -> None:
    with pytest.raises(ValueError, match=f"got {max_chars}"):
        python_docs(max_chars)


def test_python_docs_says_what_to_do_without_the_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(ModuleNotFoundError, match="install a complete Python"):
        python_docs()


def test_the_licence_names_owner_and_terms() -> None:
    assert "Python Software Foundation" in PYTHON_DOCS_LICENCE
    assert "PSF License" in PYTHON_DOCS_LICENCE
    assert "Language and Library Reference" in PYTHON_DOCS_LICENCE
    assert "replaced" in PYTHON_DOCS_LICENCE  # a changed text has to say so
