"""A notebook's cells in a sandbox that is filled anew when one kills it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from autograder.exercises import EXERCISES
from autograder.judging.limits import Limits
from autograder.judging.outputs import Collected
from autograder.judging.running import HANDLES_EACH, Clock, Run
from autograder.judging.sandbox import SandboxEnded, Warm

pytestmark = pytest.mark.xdist_group("sandbox")
DIE = "import os; os._exit(1)"


def cell(run: Run, code: str) -> str:
    collected = Collected(10_000)
    run.run_cell(code, collected)
    return "".join(o.get("text", "") or o.get("ename", "") for o in collected.outputs)


def name(run: Run, word: str) -> Any:
    return run.ask({"op": "name", "name": word}).message


def test_cells_before_a_killed_one_are_run_again_and_it_is_not(warm: Warm) -> None:
    with Run(warm, Limits(), {"f": b"abc"}, Clock(60)) as run:
        assert cell(run, "x = 1\nprint('first')") == "first\n"
        assert cell(run, "1/0") == "ZeroDivisionError"
        with pytest.raises(SandboxEnded) as caught:
            cell(run, f"x = 2; y = 3; open('f', 'w').write('changed'); {DIE}")
        assert caught.value.kind == "died"
        assert cell(run, "print(x, 'y' in globals(), open('f').read())") == "1 False abc\n"


def test_a_cell_that_ends_with_an_error_has_still_been_run(warm: Warm) -> None:
    with Run(warm, Limits(), {}, Clock(60)) as run:
        assert not run.run_cell("z = 5\n1/0", Collected(1000))
        with pytest.raises(SandboxEnded):
            cell(run, DIE)
        assert name(run, "z")["value"] == 5


def test_it_is_not_filled_for_ever(warm: Warm) -> None:
    with Run(warm, Limits(refills=2), {}, Clock(60)) as run:
        kinds = []
        for _ in range(5):
            with pytest.raises(SandboxEnded) as caught:
                cell(run, DIE)
            kinds.append(caught.value.kind)
        assert kinds == ["died", "died", "died", "refills", "refills"]
        assert "3 sandboxes" in caught.value.says


def test_the_calls_of_one_test_share_their_fate(warm: Warm) -> None:
    with Run(warm, Limits(call_seconds=0.2), {}, Clock(60)) as run:
        cell(run, "def f():\n    while True: pass\nx = 1")
        run.begin_test()
        handle = name(run, "f")["value"]["h"]
        with pytest.raises(SandboxEnded, match=r"0\.2 s") as first:
            run.ask({"op": "call", "h": handle, "args": [], "kwargs": {"d": []}})
        with pytest.raises(SandboxEnded) as second:
            name(run, "x")
        assert second.value is first.value
        run.begin_test()
        assert name(run, "x")["value"] == 1
        assert name(run, "f")["value"]["h"] == HANDLES_EACH


def test_a_handle_of_another_sandbox_is_gone(warm: Warm) -> None:
    with Run(warm, Limits(), {}, Clock(60)) as run:
        cell(run, "def f(): return 1")
        handle = name(run, "f")["value"]["h"]
        with pytest.raises(SandboxEnded):
            cell(run, DIE)
        cell(run, "def g(): return 2")
        assert name(run, "g")["value"]["h"] == HANDLES_EACH
        answer = run.ask({"op": "call", "h": handle, "args": [], "kwargs": {"d": []}}).message
        assert "is gone" in answer["raised"]["message"]


def test_the_clock() -> None:
    clock = Clock(0.05)
    assert clock.allow(0.001) == 0.001
    assert 0 < clock.allow(10) <= 0.05
    time.sleep(0.06)
    with pytest.raises(SandboxEnded) as caught:
        clock.allow(10)
    assert (caught.value.kind, caught.value.says) == (
        "submission_timeout",
        "was still running after the 0.05 s that a submission has",
    )


def test_a_submission_that_has_used_its_time(warm: Warm) -> None:
    with Run(warm, Limits(), {}, Clock(0.4)) as run:
        with pytest.raises(SandboxEnded) as caught:
            cell(run, "while True: pass")
        assert caught.value.kind == "timeout"
        with pytest.raises(SandboxEnded) as caught:
            cell(run, "x = 1")
        assert caught.value.kind == "submission_timeout"


def test_what_cells_reach_for_is_noted_once_each(warm: Warm) -> None:
    code = "try: open('/srv/secret')\nexcept OSError: pass"
    with Run(warm, Limits(), {}, Clock(60)) as run:
        cell(run, code)
        with pytest.raises(SandboxEnded):
            cell(run, DIE)
        cell(run, "1")
        assert run.seen == ["open /srv/secret"]


@pytest.mark.parametrize(
    "call",
    [
        "torch.conv2d(x, w)",
        "torch.mkldnn_convolution(x.to_mkldnn(), w, None, (0, 0), (1, 1), (1, 1), 1)",
        "torch.convolution(x.to_mkldnn(), w.to_mkldnn(), None, *P, False, (0, 0), 1)",
        "torch.ops.mkldnn._convolution_pointwise(x, w, None, *P, 1, 'none', [], '')",
        "torch.ops.mkldnn_prepacked.conv2d_prepack(w, None, *P, 1, [1, 2, 5, 5], 'none')",
    ],
)
def test_an_operator_is_off_in_every_library_and_layout(warm: Warm, call: str) -> None:
    first = "import torch\nx, w, P = torch.ones(1, 2, 5, 5), torch.ones(3, 2, 3, 3), "
    first += "((1, 1), (0, 0), (1, 1))\n"
    hidden = f"with torch._C.DisableTorchFunction():\n    y = {call}"
    with Run(warm, Limits(), {}, Clock(60), sorted(EXERCISES["conv2d"].guard.operators)) as run:
        assert cell(run, first) == ""
        collected = Collected(10_000)
        assert not run.run_cell(hidden, collected)
        assert "switched off" in str(collected.outputs)


@pytest.mark.parametrize("key", ["CPU", "CUDA", "Meta", "XLA", "AutogradOther"])
def test_an_operator_is_off_in_every_slot_of_the_dispatcher(warm: Warm, key: str) -> None:
    first = "import torch\nW, ids = torch.ones(3, 2), torch.tensor([0, 2])"
    hidden = f"K = torch._C.DispatchKeySet(torch._C.DispatchKey.{key})\n"
    hidden += "y = torch.ops.aten.embedding.default.redispatch(K, W, ids)"
    operators = sorted(EXERCISES["embedding"].guard.operators)
    with Run(warm, Limits(), {}, Clock(60), operators) as run:
        assert cell(run, first) == ""
        assert cell(run, hidden) != ""


def test_operators_are_switched_off_after_a_refill_too(warm: Warm) -> None:
    with Run(warm, Limits(), {}, Clock(60), ("sigmoid",)) as run:
        for _ in range(2):
            assert cell(run, "import torch; torch.sigmoid(torch.ones(1))") == "RuntimeError"
            with pytest.raises(SandboxEnded):
                cell(run, DIE)
