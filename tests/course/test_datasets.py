"""The offline loaders: real text, each paragraph once, and clear errors."""

import hashlib
import re
from pathlib import Path

import pytest

from course import datasets
from course.datasets import PYTHON_DOCS_LICENCE, python_docs

SNAPSHOT = "a0fee5b198ddb3c7ab48a34d1d2b6b6f76c5af9976da9e0ee488a50e9d3788d5"


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


def test_python_docs_is_the_same_text_in_every_python() -> None:
    text = python_docs()
    assert len(text) == 373_278
    assert hashlib.sha256(text.encode()).hexdigest() == SNAPSHOT


def test_the_licence_lies_beside_the_text() -> None:
    licence = (Path(datasets.__file__).parent / "data" / "PYTHON_LICENSE.txt").read_text("utf-8")
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in licence
    assert "Copyright (c) 2001" in licence
    assert "Changes:" in licence  # section 3 asks for a summary of them


def test_the_licence_names_owner_and_terms() -> None:
    assert "Python Software Foundation" in PYTHON_DOCS_LICENCE
    assert "PSF License" in PYTHON_DOCS_LICENCE
    assert "Language and Library Reference" in PYTHON_DOCS_LICENCE
    assert "replaced" in PYTHON_DOCS_LICENCE  # a changed text has to say so
