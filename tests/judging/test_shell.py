"""Cells are read as IPython reads them, also where that takes a short way."""

from __future__ import annotations

import json

import pytest

from autograder.judging.sandbox import Warm
from tests.judging.test_sandbox import LIMITS, run, text

pytestmark = pytest.mark.xdist_group("sandbox")
CELLS = (
    "x = 1\ny = 2",
    "x = 1\ny = 2\n\n",
    "x = 1\r\ny = 2",
    "# only\n# remarks",
    "\n\nx = 1\ny = 2",
    "  # an indented remark\nif True:\n    x = 1",
    "  x = 1\n  y = 2",
    "%%time\nx = 1\ny = 2",
    "x = 5\n%matplotlib inline\ny = x % 3",
    "files = !ls\nlen(files)",
    "if True:\n    here = %pwd\nprint(here)",
    "x?\ny = 1",
    ">>> x = 1\n>>> y = 2",
    "In [1]: int\ny = 2",
    "In [1]: x = 1\nIn [2]: y = 2",
    "text = '''\n%time\n!ls\n'''\ny = 2",
    "import math; \\\nx = math.pi",
    "x = 1;\ny",
    "def broken(:\n    pass",
    "x = (1,\n    2)",
    "ls\npwd",
    "pwd",
    "x",
    "s = '\\d'\nt = 1",
    "s = '''\na\n   \nb'''\nprint(repr(s))",
    "text = '''\n>>> f(1)\n2\n'''",
    "def f():\n    return '''\n    >>> a\n    '''",
    "s = '''\nIn [1]: x\n'''",
    "x = '''\n...: hello\n'''",
    "# c\x0c!ls\nx = 1",
    "x = 1\ndef f():\n  return 1\n return 2",
)
WAITING = (
    "x = 1\ny = 2",
    "# async is a word\nx = 1",
    "print('await')\nx = 1",
    "import asyncio\nawait asyncio.sleep(0)",
    "async def f():\n    await g()\nx = 1",
    "async with a as b:\n    pass",
    "[x async for x in y]",
)
COMPARE = """
import json
from IPython.core.interactiveshell import InteractiveShell as Usual
shell = get_ipython()
for cell in json.loads({cells!r}):
    found = []
    for kind in (type(shell), Usual):
        try:
            changed = kind.transform_cell(shell, cell)
            waits = kind.should_run_async(shell, cell, transformed_cell=changed)
        except SyntaxError as error:
            changed, waits = repr(error), repr(error.__context__)
        found.append((changed, waits))
    print(found[0] == found[1] or (cell, found))
"""


@pytest.mark.parametrize("cells", [CELLS, WAITING], ids=["read", "waiting"])
def test_a_cell_is_what_ipython_makes_of_it(warm: Warm, cells) -> None:
    session = warm.spawn(LIMITS, {})
    said = text(session, COMPARE.format(cells=json.dumps(cells)))
    assert said.split("\n") == ["True"] * len(cells) + [""]
    session.end()


def test_a_transformation_of_the_students_own_counts(warm: Warm) -> None:
    session = warm.spawn(LIMITS, {})
    own = "lambda lines: [line.replace('seven', '7') for line in lines]"
    assert run(session, f"get_ipython().input_transformers_post.append({own})\nx = 1")[0]
    assert text(session, "x = seven\nprint(x)") == "7\n"
    session.end()


def test_a_future_import_holds_for_later_cells(warm: Warm) -> None:
    session = warm.spawn(LIMITS, {})
    assert run(session, "from __future__ import annotations\nx = 1")[0]
    assert text(session, "def f(x: Unknown): ...\nprint(f.__annotations__)") == (
        "{'x': 'Unknown'}\n"
    )
    session.end()


@pytest.mark.parametrize(
    ("cell", "name", "line"),
    [
        ("x = 1\ny = = 2\nz = 3", "SyntaxError", ", line 2"),
        ("x = 1\ndef f():\n  return 1\n return 2", "IndentationError", ":4"),
    ],
)
def test_a_mistake_is_shown_in_its_own_line(warm: Warm, cell, name, line) -> None:
    session = warm.spawn(LIMITS, {})
    ok, (error,) = run(session, cell)
    assert not ok
    shown = "".join(error.traceback)
    assert error.ename == name
    assert line in shown
    assert "shell.py" not in shown
    assert "another exception" not in shown
    session.end()


def test_a_warning_of_pythons_is_given_once(warm: Warm) -> None:
    session = warm.spawn(LIMITS, {})
    assert run(session, "import warnings\nwarnings.simplefilter('always')")[0]
    for more in ("", "%time u = 1\n"):
        ok, outputs = run(session, f"s = '\\d'\n{more}t = 1")
        assert ok
        said = "".join(output.text for output in outputs if output.name == "stderr")
        assert said.count("invalid escape sequence") == 1, said
    session.end()
