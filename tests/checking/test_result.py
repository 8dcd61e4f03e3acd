"""A result is a number for nbgrader, a picture for a person, and plain data."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import nbformat
import pytest
import torch
from nbgrader.utils import determine_grade

from autograder.checking.result import MIME
from autograder.notebooks.results import result_from
from tests.checking import numpy_toy
from tests.checking.toy import TOY, right, run

HALF = run(lambda x, k: (k * x, torch.zeros_like(x[0])))
WRONG = run(TOY.misconceptions[1].answer)
RIGHT = run(right)


def _stub(x, k):
    raise NotImplementedError


class _Page(HTMLParser):
    """Checks that every element is closed, and collects tags and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(("result", "points"), [(RIGHT, 4), (HALF, 2), (WRONG, 0)])
def test_nbgrader_reads_the_number_as_partial_credit(result, points) -> None:
    bundle = result._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell(
        metadata={"nbgrader": {"grade": True, "solution": False, "points": 4, "grade_id": "t"}},
        outputs=[nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)],
    )
    assert determine_grade(cell) == (points, 4)


def test_a_third_of_a_point_never_exceeds_the_whole() -> None:
    thirds = tuple(TOY.outputs[:1]) * 3
    result = run(right, outputs=thirds, points=1)
    assert float(repr(result)) <= 1


def test_plain_data_survives_json() -> None:
    data = HALF._repr_mimebundle_()[MIME]
    assert json.loads(json.dumps(data))["diagnoses"] == ["different"]
    assert data["score"] == 2


@pytest.mark.parametrize("result", [RIGHT, HALF, WRONG, run(_stub)])
def test_the_html_is_well_formed_and_says_the_verdict_in_words(result) -> None:
    page = _Page(result._repr_mimebundle_()["text/html"])
    assert page.open == []
    word = "PASSED" if result.passed else "NOT STARTED" if result.not_started else "NOT YET"
    assert word in page.text
    assert str(result).startswith(word)
    for name in result.diagnoses:
        assert name in page.text
        assert name in str(result)


def test_what_student_code_says_cannot_become_markup() -> None:
    def answer(x, k):
        print("<script>alert(1)</script>")
        raise ValueError("<img src=x onerror=alert(1)>")

    html = run(answer)._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_yours_and_expected_stand_side_by_side() -> None:
    patch = HALF.outputs[1].patch
    assert patch is not None
    assert patch.got != patch.expected
    assert any(any(row) for row in patch.wrong)
    assert "yours" in str(HALF)
    assert "expected" in str(HALF)


def test_both_views_say_how_to_repeat_the_check() -> None:
    assert f"seed={WRONG.seed}" in WRONG._repr_mimebundle_()["text/html"]
    assert f"seed {WRONG.seed}" in str(WRONG)


def test_the_validate_button_is_told_why(monkeypatch, capsys) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    WRONG._repr_mimebundle_()
    assert "[not_scaled]" in capsys.readouterr().err
    RIGHT._repr_mimebundle_()
    assert capsys.readouterr().err == ""


def test_elsewhere_nothing_is_written_to_stderr(capsys) -> None:
    WRONG._repr_mimebundle_()
    assert capsys.readouterr().err == ""


def test_as_many_digits_are_shown_as_the_difference_needs() -> None:
    near = run(lambda x, k: (k * x * 1.000001, (k * x).sum(0)))
    line = near.outputs[0]
    assert line.patch is not None
    expected, got = line.says.rstrip(".").split("expected ")[1].split(", got ")
    assert expected != got
    cells = zip(line.patch.got[0], line.patch.expected[0], strict=True)
    digits = line.patch.digits(3)
    assert all(f"{a:.{digits}g}" != f"{b:.{digits}g}" for a, b in cells)
    assert (
        f"{line.patch.got[0][0]:.{line.patch.digits(4)}g}" in near._repr_mimebundle_()["text/html"]
    )


def test_a_line_that_nobody_looked_at_says_so() -> None:
    result = numpy_toy.run(numpy_toy.SHUFFLE, lambda x, rng: x[:1])
    assert [line.looked_at for line in result.outputs] == [True, False, False]
    assert "each row once: not looked at" in str(result)
    page = _Page(result._repr_mimebundle_()["text/html"])
    assert page.text.count("not looked at") == 2
    again = result_from(json.loads(json.dumps(result.to_dict())))
    assert again == result
