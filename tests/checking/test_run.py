"""What a check finds, on a small exercise of the tests' own."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
import torch

from autograder.checking.exercise import CaseSpec, Misconception, Output
from tests.checking.toy import TOY, oracle, right, run


def test_a_right_answer_passes_with_all_points() -> None:
    result = run(right)
    assert (result.passed, result.score, result.max_score) == (True, 4, 4)
    assert result.diagnoses == ()
    assert result.cases == len(TOY.cases)


def test_a_list_is_as_good_as_a_tuple() -> None:
    assert run(lambda x, k: list(right(x, k))).passed


def test_other_memory_layouts_and_gradients_are_right() -> None:
    def answer(x, k):
        y = (k * x).mT.contiguous().mT.clone().requires_grad_()
        return y, y.sum(0)

    assert run(answer, guard=type(TOY.guard)()).passed


@pytest.mark.parametrize("misconception", TOY.misconceptions, ids=lambda m: m.name)
def test_each_misconception_is_named(misconception) -> None:
    result = run(misconception.answer)
    assert result.diagnoses == (misconception.name,)
    assert not result.passed


def test_a_right_output_keeps_its_points() -> None:
    result = run(lambda x, k: (k * x, torch.zeros_like(x[0])))
    assert result.score == 2
    assert [line.passed for line in result.outputs] == [True, False]


def test_weights_share_the_points() -> None:
    heavy = (TOY.outputs[0], type(TOY.outputs[0])("total", ("H",), (1,), weight=3))
    assert run(lambda x, k: (x, right(x, k)[1]), outputs=heavy).score == 3


def test_an_unknown_mistake_says_where_and_never_shows_inputs() -> None:
    result = run(lambda x, k: (k * x + 1e-3, right(x, k)[1]))
    assert result.diagnoses == ("different",)
    assert "batch row 0, unit 0" in result.outputs[0].says
    assert "6 of 6 elements differ" in result.outputs[0].says
    x = TOY.draw_cases(7)[0].inputs["x"]
    assert f"{x[0, 0].item():.4g}" not in str(result)


@pytest.mark.parametrize(
    ("answer", "diagnosis", "says"),
    [
        (lambda x, k: None, "nothing_returned", "Nothing came back"),
        (lambda x, k: (*right(x, k), x), "wrong_type", "You return 3 values; 2 are asked for"),
        (lambda x, k: (None, None), "nothing_returned", "is None"),
        (lambda x, k: k * x, "wrong_type", "You return one tensor of shape (3, 2)"),
        (lambda x, k: (k * x,), "wrong_type", "You return 1 value; 2 are asked for"),
        (lambda x, k: ((k * x).numpy(), (k * x).sum(0)), "wrong_type", "numpy.ndarray"),
        (lambda x, k: (3.0, (k * x).sum(0)), "wrong_type", "float 3.0"),
        (lambda x, k: (k * x[:1], (k * x).sum(0)), "wrong_shape", "yours has (1, 2)"),
        (lambda x, k: tuple(t.half() for t in right(x, k)), "wrong_dtype", "yours is float16"),
        (lambda x, k: (x / 0 * 0, right(x, k)[1]), "not_finite", "holds nan"),
        (lambda x, k: (x / 0, right(x, k)[1]), "not_finite", "holds inf"),
    ],
)
def test_what_is_plainly_wrong_is_said(answer, diagnosis, says) -> None:
    result = run(answer)
    assert result.diagnoses == (diagnosis,)
    assert says in str(result)
    assert result.score < result.max_score


def test_float32_answers_to_float64_inputs_are_told() -> None:
    result = run(lambda x, k: tuple(t.float() for t in right(x, k)))
    assert result.diagnoses == ("wrong_dtype",)
    assert "should be float64, as the inputs are; yours is float32" in str(result)


def test_the_stub_is_not_started() -> None:
    def stub(x, k):
        raise NotImplementedError

    result = run(stub)
    assert result.not_started
    assert result.score == 0


def test_an_exception_is_shown_with_the_students_line() -> None:
    def answer(x, k):
        return torch.zeros(3, 7) @ torch.zeros(3, 7)

    result = run(answer)
    assert result.diagnoses == ("sizes_do_not_fit",)
    assert "torch.zeros(3, 7) @ torch.zeros(3, 7)" in str(result)
    assert "as many columns in A as B has rows" in str(result)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (SystemExit(3), "raised"),
        (RecursionError("deep"), "endless_recursion"),
        (MemoryError(), "raised"),
        (KeyError("U"), "missing_key"),
        (NameError("name 'a' is not defined"), "unknown_name"),
    ],
)
def test_no_exception_of_a_solution_escapes(error, name) -> None:
    def answer(x, k):
        raise error

    result = run(answer)
    assert result.diagnoses == (name,)
    assert type(error).__name__ in result.findings[0].says


def test_a_changed_input_is_told_and_costs_half() -> None:
    def answer(x, k):
        x *= k
        return x, x.sum(0)

    result = run(answer)
    assert result.diagnoses == ("input_changed",)
    assert "`x`" in result.findings[0].says
    assert result.score == 2


def test_memory_between_calls_is_told() -> None:
    calls = []

    def answer(x, k):
        calls.append(1)
        return k * x, (k * x).sum(0) + (0.1 if len(calls) == 2 else 0)

    assert run(answer).diagnoses == ("not_repeatable",)


def test_a_list_that_grows_between_calls_is_told_as_memory() -> None:
    def answer(x, k, seen=[]):  # noqa: B006
        seen.append(k * x)
        return seen[-1], torch.cat(seen).sum(0)

    assert run(answer).diagnoses == ("not_repeatable",)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, k: (k * x + torch.zeros(1, x.shape[1], dtype=x.dtype), (k * x).sum(0)),
        lambda x, k: (torch.from_numpy(k * x.numpy()), (k * x).sum(0)),
        lambda x, k: (written_into(torch.zeros(x.shape, dtype=x.dtype), k * x), (k * x).sum(0)),
        lambda x, k: (torch.tensor((k * x).tolist(), dtype=x.dtype), (k * x).sum(0)),
        lambda x, k: (k * x, torch.tensor([float(one) for one in (k * x).sum(0)], dtype=x.dtype)),
    ],
    ids=[
        "made on the CPU",
        "through numpy",
        "written into a tensor on the CPU",
        "of a list",
        "of numbers",
    ],
)
def test_an_answer_tied_to_the_cpu_is_told_without_a_gpu(answer) -> None:
    result = run(answer)
    assert result.diagnoses == ("wrong_device",)
    assert result.score == 2


def written_into(target, value):
    target[:] = value
    return target


def test_looking_at_numbers_is_not_a_wrong_device() -> None:
    def answer(x, k):
        print(x.tolist(), x.cpu(), x.numpy(force=True))
        return right(x, k)

    assert run(answer).passed


def test_reading_a_number_is_not_a_wrong_device() -> None:
    def answer(x, k):
        if x.abs().max().item() > 1e6:
            raise ValueError("too large")
        return right(x, k)

    assert run(answer).passed


def test_numbers_put_where_the_inputs_are_are_no_wrong_device() -> None:
    def answer(x, k):
        y = x.new_tensor((k * x).tolist())
        return y, torch.tensor([one.item() for one in y.sum(0)], dtype=x.dtype, device=x.device)

    assert run(answer).passed


def test_what_raises_where_a_mistake_raises_is_not_that_mistake_if_it_differs_elsewhere() -> None:
    def known(x, k):
        if len(x) == 1:
            raise ValueError
        return 2 * k * x, (k * x).sum(0)

    def answer(x, k, by=1.0):
        if len(x) == 1:
            raise ValueError("one row")
        return by * k * x, (k * x).sum(0)

    mistakes = (Misconception("doubled", "doubled", "look", known),)
    assert run(answer, misconceptions=mistakes).diagnoses == ("raised",)
    same = run(lambda x, k: answer(x, k, 2.0), misconceptions=mistakes)
    assert same.diagnoses == ("doubled",)
    assert "raise ValueError" in str(same)  # the student's own line


def test_prints_and_warnings_are_kept_out_of_the_notebook_and_shown(capfd) -> None:
    def answer(x, k):
        print("hello from inside")
        warnings.warn("careful", stacklevel=1)
        return right(x, k)

    result = run(answer)
    assert result.passed
    assert "hello from inside" in result.printed
    assert "careful" in result.printed
    assert capfd.readouterr() == ("", "")


def test_equal_seeds_give_equal_results_and_other_seeds_other_cases() -> None:
    def wrong(x, k):
        return k * x + 1, right(x, k)[1]

    assert run(wrong, 3).to_dict() == run(wrong, 3).to_dict()
    assert run(wrong, 3).to_dict() != run(wrong, 4).to_dict()


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    expected = torch.randn(2)
    torch.manual_seed(1)
    run(right)
    assert torch.equal(torch.randn(2), expected)


def test_a_wrong_signature_is_told_without_a_call() -> None:
    result = run(lambda x: x)
    assert result.diagnoses == ("wrong_signature",)
    assert "(x, k)" in result.findings[0].says


def test_keyword_defaults_are_fine() -> None:
    assert run(lambda x, k, verbose=False: right(x, k)).passed


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_is_checked_too_where_there_is_one() -> None:
    result = run(right)
    assert {line.device: line.passed for line in result.devices} == {"CPU": True, "CUDA": True}


def test_the_oracle_is_its_own_right_answer() -> None:
    assert run(oracle).passed


def test_an_answer_that_calls_a_stub_is_told_which() -> None:
    def helper(x):
        raise NotImplementedError

    def answer(x, k):
        return helper(x)

    result = run(answer)
    assert result.diagnoses == ("calls_unwritten_function",)
    assert "Your `scale` calls `helper`, which is not written yet" in result.findings[0].says


def test_an_error_is_shown_with_the_sizes_of_its_case() -> None:
    def answer(x, k):
        return x[1], x[2]

    result = run(answer)
    assert result.diagnoses == ("index_too_large",)
    assert "Sizes of this case: N=1, H=4, float64." in result.findings[0].look


def test_one_thread_while_checking_and_as_many_as_before_afterwards() -> None:
    seen = []

    def answer(x, k):
        seen.append(torch.get_num_threads())
        return right(x, k)

    torch.set_num_threads(2)
    before = torch.backends.cuda.matmul.allow_tf32
    run(answer)
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2
    assert torch.backends.cuda.matmul.allow_tf32 == before


def test_single_precision_has_a_tolerance_of_its_own_and_not_a_wide_one() -> None:
    def off_by(share):
        def answer(x, k):
            y = k * x * (1 + share * (x.dtype == torch.float32))
            return y, y.sum(0)

        return answer

    assert run(off_by(1e-6)).passed
    assert not run(off_by(1e-3)).passed


def test_cases_of_equal_size_and_exercises_of_equal_cases_draw_other_numbers() -> None:
    first, *_, last = TOY.draw_cases(7)
    assert first.spec.sizes == last.spec.sizes
    assert not torch.equal(first.inputs["x"], last.inputs["x"])
    other = dataclasses.replace(TOY, name="other").draw_cases(7)
    assert not torch.equal(first.inputs["x"], other[0].inputs["x"])


def test_wrong_numbers_and_a_broken_promise_cost_both() -> None:
    def answer(x, k):
        x *= k
        return x, torch.zeros_like(x[0])

    result = run(answer)
    assert result.score == 1  # half of the two points of y
    assert "That costs half of the points." in result.findings[-1].says


def test_a_call_that_is_too_slow_earns_nothing_and_says_so() -> None:
    result = run(right, seconds=0.0)
    assert result.diagnoses == ("too_slow",)
    assert (result.passed, result.score) == (False, 0)
    assert "earns nothing" in str(result)


def test_of_two_that_explain_the_same_the_one_that_stops_there_is_told() -> None:
    more = Misconception("more", "", "", lambda x, k: (x * k + 1, (x * k).sum(0) + 1))
    less = Misconception("less", "", "", lambda x, k: (x * k, (x * k).sum(0) + 1))
    result = run(lambda x, k: (x * k - 5, (x * k).sum(0) + 1), misconceptions=(more, less))
    assert result.diagnoses == ("less",)


def test_the_device_is_tried_on_two_steps() -> None:
    walked = []

    def answer(x, k):
        if x.is_meta:
            walked.append(len(x))
        return right(x, k)

    sizes = ({"T": 5, "H": 2}, {"T": 1, "H": 9}, {"T": 4, "H": 1})
    draw = lambda sizes, scale, g: {  # noqa: E731
        "x": torch.randn(sizes["T"], sizes["H"], dtype=torch.float64, generator=g),
        "k": 2.5,
    }
    outputs = (Output("y", ("T", "H"), (0,)), Output("total", ("H",), (1,)))
    cases = tuple(map(CaseSpec, sizes))
    assert run(answer, cases=cases, draw=draw, outputs=outputs).passed
    assert walked == [2]
