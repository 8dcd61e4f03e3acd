"""`autograder check`, on notebooks that run in a kernel."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import Result

from autograder.notebooks import kernel
from tests.commands.cells import RIGHT, grading, solution, words, written

Save = Callable[..., Path]
Run = Callable[..., Result]

STUB = "def forget_gate(x_t, h_prev, U_f, W_f):\n    raise NotImplementedError"


def rows(run: Result) -> dict[str, str]:
    """The lines of the first table, by their first word."""
    lines = [line.split() for line in run.stdout.partition(" Total ")[0].splitlines()]
    return {line[0]: " ".join(line[1:]) for line in lines if line}


@pytest.mark.notebook
def test_right_answers_pass_and_the_file_stays_as_it_is(save: Save, run: Run) -> None:
    path = save(
        "renamed by me.ipynb",
        solution("forget_gate", RIGHT["forget_gate"]),
        solution("hidden_state", RIGHT["hidden_state"]),
        new_code_cell("open('ran-here.txt', 'w').close()"),
        new_code_cell(
            "open('test-ran.txt', 'w').close()", metadata=grading("test_x", grade=True, points=2)
        ),
        new_code_cell("open('plot-ran.txt', 'w').close()", metadata={"tags": ["skip-execution"]}),
        written("why", 3),
    )
    before = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    found = run("check", path, "--seed", 7)
    assert found.exit_code == 0, found.output
    assert rows(found)["forget_gate"] == "2 of 2 PASSED"
    assert rows(found)["hidden_state"] == "3 of 3 PASSED"
    assert "Total 5 of 5" in words(found.stdout)
    assert "1 written answer worth 3 points is marked by a person." in found.stdout
    assert "5 of 5 points, 2 of 2 exercises passed." in found.stdout
    assert "Seed 7" in found.stdout
    assert before == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
    assert sorted(p.name for p in path.parent.iterdir()) == ["ran-here.txt", path.name]


@pytest.mark.notebook
def test_every_kind_of_answer_that_is_not_right_is_told_apart(save: Save, run: Run) -> None:
    path = save(
        "mixed.ipynb",
        solution("forget_gate", RIGHT["forget_gate"].replace("sigmoid", "tanh")),
        solution("input_gate", "def my_gate(x):\n    pass\n\nno_such_name"),
        solution(
            "candidate", "def candidate(x_t, h_prev, U_c, W_c):\n    while True:\n        pass"
        ),
        solution("output_gate", "output_gate = 5\nwhile True:\n    print('x' * 99)"),
        solution("cell_state", STUB.replace("forget_gate", "cell_state")),
        solution("hidden_state", "def hidden_state(o_t, c_t):\n    return o_t * float('nan')"),
        solution(
            "torch_to_slides", "def torch_to_slides(a, b):\n    raise OSError('[red]\\x1b[2J')"
        ),
    )
    found = run("check", path, "--timeout", 2, "--device", "cpu")
    assert found.exit_code == 1, found.output
    table = rows(found)
    assert table["forget_gate"] == "0 of 2 NOT YET tanh_for_sigmoid"
    assert table["input_gate"] == "0 of 2 NOT FOUND"
    assert table["candidate"] == "0 of 2 DID NOT END"
    assert table["output_gate"] == "0 of 2 NOT A FUNCTION"
    assert table["cell_state"] == "0 of 3 NOT STARTED"
    assert table["hidden_state"] == "0 of 3 NOT YET not_finite"
    assert table["torch_to_slides"] == "0 of 2 NOT YET raised"
    said = words(found.stdout)
    assert "[tanh_for_sigmoid] You used tanh where the equation has sigmoid." in said
    assert "there was no function called input_gate" in said
    assert "Calling candidate did not end within 2 s" in said
    assert "Your code raised OSError" in said
    assert "[red]" in said
    assert "\x1b" not in found.stdout
    notes = said.partition("Cells that did not run to their end:")[2]
    assert "input_gate raised NameError: name 'no_such_name' is not defined" in notes
    assert "output_gate did not end within 2 s and was interrupted" in notes


@pytest.mark.notebook
def test_a_dead_kernel_and_a_deaf_one_are_given_up_in_a_sentence(
    save: Save, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "INTERRUPT_SECONDS", 0.3)
    monkeypatch.setattr(kernel, "PRELOAD", "pass")
    deaf = "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"
    died = save("died.ipynb", solution("forget_gate", "import os\nos._exit(3)"))
    stuck = save("stuck.ipynb", solution("forget_gate", deaf))
    found = run("check", died, stuck, "--timeout", 1)
    assert found.exit_code == 2, found.output
    said = words(found.stderr)
    assert "The kernel died while it ran cell forget_gate." in said
    assert "cell forget_gate ran for more than 1 s and cannot be interrupted" in said
    assert found.stdout == ""


@pytest.mark.notebook
def test_as_a_person_runs_it_and_one_bad_name_costs_only_itself(save: Save, tmp_path: Path) -> None:
    wrong = RIGHT["hidden_state"].replace("c_t.tanh()", "c_t * 3.5")
    path = save("wrong.ipynb", solution("hidden_state", wrong), written("a", 1), written("b", 2))
    call = [sys.executable, "-m", "autograder", "check", "gone.ipynb", path.name]
    found = subprocess.run(
        [*call, "--seed", "11", "--details"],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2, found.stderr
    assert words(found.stderr).startswith("Error: There is no file gone.ipynb.")
    assert "Traceback" not in found.stderr
    assert "2 written answers worth 3 points are marked by a person." in found.stdout
    assert "yours (* differs)" in found.stdout
    assert "0 of 3 points, 0 of 1 exercises passed." in found.stdout
    assert "seed 11" in found.stdout


@pytest.mark.notebook
def test_a_person_who_gives_up_is_not_told_of_a_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "PRELOAD", "pass")

    async def give_up() -> None:
        cells = new_notebook(cells=[new_code_cell("while True: pass")])
        async with kernel.Kernel(cells, tmp_path, timeout=60) as running:
            await asyncio.wait_for(running.run(0, "the loop"), timeout=0.5)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())


def test_help_is_quick_and_explains_every_option(run: Run) -> None:
    code = "import sys; from autograder.commands import app; print('torch' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "False"
    said = words(run("check", "--help").stdout)
    for option in ("--seed", "--timeout", "--device", "--details"):
        assert option in said
    assert "this is for your own work" in said


def test_a_kernel_that_jupyter_does_not_know(
    save: Save, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "KERNEL", "python99")
    found = run("check", save("a.ipynb", solution("forget_gate", STUB)))
    assert found.exit_code == 2
    assert "ipykernel install --sys-prefix --name python99" in words(found.stderr)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--seed", "-1"), "--seed"),
        (("--timeout", "0"), "--timeout"),
        (("--device", "tpu"), "'tpu' is not known here"),
    ],
)
def test_options_out_of_range(save: Save, run: Run, options: tuple[str, ...], says: str) -> None:
    found = run("check", save("a.ipynb", solution("forget_gate", STUB)), *options)
    assert found.exit_code == 2
    assert says in words(found.stderr)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_where_there_is_none(save: Save, run: Run) -> None:
    path = save("a.ipynb", solution("hidden_state", RIGHT["hidden_state"]))
    found = run("check", path, "--device", "cuda")
    assert found.exit_code == 2
    assert "PyTorch finds no CUDA device on this machine" in words(found.stderr)
