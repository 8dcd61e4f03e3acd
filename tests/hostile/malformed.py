"""HOSTILE.md, "Malformed", "Files", "Viewer", "Honest students": the catalogue."""

from __future__ import annotations

import json
import os
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.hostile.forging import answers, before
from tests.hostile.hostile_class import ASSIGNMENT, QUESTIONS, Attack, Submission

ALL = tuple(QUESTIONS)
CHECKS = ("forget_gate", "candidate")
PLAIN = ("square", "scaled", "Counter")


def raw(make):
    """Replaces the file of the notebook `checks`."""

    def change(submission: Submission) -> None:
        submission.raw["checks"] = make(json.dumps(submission.books["checks"]))

    return change


def edit(change):
    """Edits the JSON of the notebook `checks`."""

    def edited(text: str) -> bytes:
        book = json.loads(text)
        change(book)
        return json.dumps(book).encode()

    return raw(edited)


def cells(change):
    """Edits the list of its cells."""

    def edited(book) -> None:
        book["cells"] = change(book["cells"])

    return edit(edited)


def data_of(cell):
    return cell["metadata"].get("nbgrader", {})


def each(change):
    """Edits each cell in place."""

    def edited(book) -> None:
        for cell in book["cells"]:
            change(cell)

    return edit(edited)


def set_in_tests(**fields):
    return each(lambda c: data_of(c).update(fields) if data_of(c).get("grade") else None)


def test_source(text: str):
    return each(lambda c: c.update(source=text) if data_of(c).get("grade") else None)


def retype(kind: str):
    def change(cell) -> None:
        if data_of(cell).get("grade"):
            cell["cell_type"] = kind
            cell.pop("outputs", None)
            cell.pop("execution_count", None)

    return each(change)


def version3(text: str) -> bytes:
    sheet = []
    for cell in json.loads(text)["cells"]:
        code = cell["cell_type"] == "code"
        sheet.append(
            {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
            | ({"input": cell["source"], "language": "python"} if code else {})
            | ({} if code else {"source": cell["source"]})
        )
    return json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": sheet}]}).encode()


def doubled(found):
    return [copy for cell in found for copy in ([cell, cell] if data_of(cell) else [cell])]


MALFORMED = (
    Attack("truncated", raw(lambda t: t[: len(t) // 2].encode()), ALL, 9.0, "notebook_unreadable"),
    Attack("empty_file", raw(lambda t: b""), ALL, 9.0, "notebook_unreadable"),
    Attack("latin_1", raw(lambda t: t.replace("# Questions", "Fragen für").encode("latin-1")
                          + b"\xe9"), ALL, 9.0, "notebook_unreadable"),
    Attack("utf_16", raw(lambda t: t.encode("utf-16")), ALL, 9.0, "notebook_unreadable"),
    Attack("bom", raw(lambda t: b"\xef\xbb\xbf" + t.encode()), ALL),
    Attack("surrogates", each(lambda c: c.update(source=c["source"] + "\n# \ud800")), ALL),
    Attack("nesting", raw(lambda t: b"[" * 200_000), ALL, 9.0, "notebook_unreadable"),
    Attack("nested_metadata", edit(lambda b: b["metadata"].update(
        deep=json.loads("[" * 500 + "]" * 500))), ALL),
    Attack("huge_number", raw(lambda t: t.replace('"nbformat": 4', '"nbformat": ' + "9" * 5000)
                              .encode()), ALL, 9.0, "notebook_unreadable"),
    Attack("no_object", raw(lambda t: b"[1, 2]"), ALL, 9.0, "notebook_unreadable"),
    Attack("nbformat_3", raw(version3), ALL),
    Attack("nbformat_99", edit(lambda b: b.update(nbformat=99, nbformat_minor=-1)), ALL),
    Attack("cells_of_junk", cells(lambda c: [None, 7, "x", [], {}, {"cell_type": 9}, *c]), ALL),
    Attack("sources_of_junk", cells(lambda c: [*c, {"cell_type": "code", "source": {"a": 1},
                                               "metadata": [], "outputs": 3, "id": None}]), ALL),
    Attack("doubled", cells(doubled), ALL, incident="cell_duplicated"),
    Attack("doubled_first_wrong", cells(lambda c: [
        {**one, "source": "10.0"} for one in c if data_of(one).get("grade")] + c),
        CHECKS, incident="cell_duplicated"),
    Attack("schema_99", each(lambda c: data_of(c).update(schema_version=99)
                             if data_of(c) else None), ALL),
    Attack("schema_text", each(lambda c: data_of(c).update(schema_version="x", points=[])
                               if data_of(c) else None), ALL),
    Attack("tests_deleted", cells(lambda c: [x for x in c if not data_of(x).get("grade")]),
           CHECKS, incident="test_cell_missing"),
    Attack("tests_first", cells(lambda c: sorted(c, key=lambda x: not data_of(x).get("grade"))),
           ALL, incident="test_cell_moved"),
    Attack("reversed", cells(lambda c: c[:2] + c[:1:-1]), ALL),
    Attack("merged", cells(lambda c: [{**c[1], "source": "\n".join(x["source"] for x in c[1:]
           if not data_of(x).get("grade"))}]), ALL),
    Attack("split", answers(square="def square(number):\n    return number ** 2"), ALL),
    Attack("stripped", each(lambda c: c.update(metadata={})), ALL, incident="test_cell_missing"),
    Attack("points", set_in_tests(points=1000), ("forget_gate",), incident="points_changed"),
    Attack("points_text", set_in_tests(points="1e9"), ("forget_gate",), incident="points_changed"),
    Attack("test_edited", test_source("1000.0"), ("forget_gate",), incident="test_cell_edited"),
    Attack("test_to_markdown", retype("markdown"), ("forget_gate",), incident="type_changed"),
    Attack("test_to_raw", retype("raw"), ("forget_gate",), incident="type_changed"),
    Attack("test_to_solution", set_in_tests(solution=True, locked=False), ("forget_gate",),
           incident="metadata_changed"),
    Attack("test_to_task", set_in_tests(task=True, grade=False), ("forget_gate",)),
    Attack("test_skipped", each(lambda c: c["metadata"].update(tags=["skip-execution"])
           if data_of(c).get("grade") else None), ("forget_gate",), incident="test_cell_skipped"),
    Attack("hidden_marks", answers(square="### BEGIN HIDDEN TESTS\ndef square(number):\n    "
                                   "return number * number\n### END HIDDEN TESTS"),
           ("forget_gate",), 5.0),
    Attack("kernelspec", edit(lambda b: b["metadata"].update(kernelspec={
        "name": "bash", "display_name": "x", "argv": ["/bin/sh"]})), ALL),
    Attack("magics", before("%%bash\necho hello"), ALL),
    Attack("pip", before("!pip install nothing-here\n%pip install nothing-here"), ALL),
    Attack("run_and_load", before("%run nothing.py\n%load_ext nothing\n%autoreload 2"), ALL),
    Attack("system_magics", before("%cd /\n%env A=b\n%who\n%xdel x"), CHECKS),
    Attack("many_cells", cells(lambda c: c + [{"cell_type": "code", "source": "1"}] * 100_000),
           ALL, 9.0, "notebook_unreadable"),
    Attack("large", raw(lambda t: t.encode() + b" " * (40 * 2**20)), ALL, 9.0, "file_refused"),
    Attack("no_cells", edit(lambda b: b.update(cells=[])), (), 0.0),
    Attack("unknown_ids", each(lambda c: data_of(c).update(grade_id=["x"]) if data_of(c) else None),
           ALL),
)  # fmt: skip


def missing(submission: Submission) -> None:
    del submission.books["checks"]


def renamed(submission: Submission) -> None:
    submission.books["checks (1)"] = submission.books.pop("checks")


def extra(submission: Submission) -> None:
    submission.files["notes.ipynb"] = b"not a notebook"
    submission.files["data/numbers.csv"] = b"1,2\n"
    submission.first("print(open('data/numbers.csv').read())")


def link(target: str, name: str = "linked.txt"):
    def change(submission: Submission) -> None:
        submission.in_folder = lambda folder: (folder / name).symlink_to(folder.parents[2] / target)

    return change


def link_notebook(submission: Submission) -> None:
    def place(folder: Path) -> None:
        (folder / "checks.ipynb").unlink()
        (folder / "checks.ipynb").symlink_to(
            folder.parents[2] / "source" / ASSIGNMENT / "checks.ipynb"
        )

    submission.in_folder = place


def hard_link(submission: Submission) -> None:
    def place(folder: Path) -> None:
        os.link(folder.parents[2] / "gradebook.db", folder / "mine.db")

    submission.in_folder = place


def fifo(submission: Submission) -> None:
    submission.in_folder = lambda folder: os.mkfifo(folder / "pipe")


def modules(submission: Submission) -> None:
    for name in ("torch.py", "autograder.py", "conftest.py", "numpy/__init__.py", "random.py",
                 "sitecustomize.py", "x.pth"):  # fmt: skip
        submission.files[name] = b"raise SystemExit('mine')"
    submission.files["mine.py"] = b"def double(x): return 2 * x"
    submission.first("from mine import double\nassert double(2) == 4")


FILES = (
    Attack("missing", missing, ALL, 9.0, "notebook_missing"),
    Attack("renamed", renamed, ALL, incident="notebook_renamed"),
    Attack("extra_files", extra, ALL),
    Attack("link_to_source", link("source/walls/plain.ipynb"), ALL, incident="is a link"),
    Attack("link_to_folder", link("source", "folder"), ALL, incident="is a link"),
    Attack("link_for_notebook", link_notebook, ALL, 9.0, "is a link"),
    Attack("hard_link", hard_link, ALL, incident="hard link"),
    Attack("fifo", fifo, ALL, incident="no ordinary file"),
    Attack("modules", modules, ALL, incident="hides a module"),
)
SCRIPTS = (
    "<script>pwned()</script>", "<img src=x onerror='pwned()'>", "<svg onload='pwned()'></svg>",
    "<iframe src='javascript:pwned()'></iframe>", "<a href='javascript:pwned()'>x</a>",
    "<div style='position:fixed;z-index:9'>27/27</div>", "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=//evil'>", "<base href='//evil'>",
    "<form action='//evil'><button>x</button></form>",
)  # fmt: skip
SHOWS = (
    "from IPython.display import *\n"
    + "\n".join(f"display(HTML({script!r}))" for script in SCRIPTS)
    + """
display(Javascript("pwned()"))
display(SVG(data="<svg xmlns='http://www.w3.org/2000/svg'><script>pwned()</script></svg>"))
display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}, raw=True)
display({"application/vnd.autograder.result+json": {"score": 27}}, raw=True)
display(Latex(r"$\\href{javascript:pwned()}{x}$")); display(Markdown("[x](javascript:pwned())"))
"""
)


def texts(submission: Submission) -> None:
    for index, script in enumerate(
        (*SCRIPTS, "[x](javascript:pwned())", "[x](JaVa&#115;cript:pwned())")
    ):
        cell = new_markdown_cell(f"My answer {script}", id=f"text-{index}")
        submission.books["checks"].cells.append(cell)


def old_outputs(submission: Submission) -> None:
    html = {"text/html": "<script>pwned()</script>"}
    cell = new_code_cell("1", id="old", outputs=[new_output("display_data", html)])
    submission.books["checks"].cells.append(cell)


VIEWER = (
    Attack("shows_scripts", before(SHOWS), ALL),
    Attack("writes_scripts", texts, ALL, incident="output_cleaned"),
    Attack("old_outputs", old_outputs, ALL),
    Attack("raises_scripts", before("raise ValueError('<script>pwned()</script>')"), ALL),
)


def noisy(name: str) -> str:
    return f"""import sys, warnings
{QUESTIONS[name][1]}
_right = {name}
def {name}(*values):
    warnings.warn("noise"); print("noise"); print("noise", file=sys.stderr)
    return _right(*values)"""


def colab(submission: Submission) -> None:
    for book in submission.books.values():
        book.metadata = {"colab": {"name": "x", "provenance": []}, "accelerator": "GPU"}
        book.nbformat_minor = 0
        for cell in book.cells:
            cell.pop("id")
            cell.metadata["colab"] = {"base_uri": "https://example.org/"}
            cell.source = cell.source.splitlines(keepends=True)


def vs_code(submission: Submission) -> None:
    for book in submission.books.values():
        for cell in book.cells:
            cell.metadata["vscode"] = {"languageId": "python"}
            cell.metadata["id"] = "abc"


HONEST_WAYS = (
    Attack("warns", answers(candidate=noisy("candidate"), square=noisy("square")), ALL),
    Attack("progress", before("import sys, time\nfor i in range(50):\n"
                              "    print(f'\\r{i}', end='', file=sys.stderr)"), ALL),
    Attack("layouts", answers(candidate="""
def candidate(x_t, h_prev, U_c, W_c):
    return torch.tanh((U_c.T @ x_t.T + W_c.T @ h_prev.T)).T"""), ALL),
    Attack("unused_imports", before("import scipy_is_not_here"), ALL),
    Attack("extra_cells", before("x = [i for i in range(10)]\nx"), ALL),
    Attack("redefined_later", lambda s: s.last("def forget_gate(): pass\ncandidate = None"), ALL),
    Attack("plots", before("import matplotlib.pyplot as plt\n%matplotlib inline\n"
                           "plt.plot([1, 2]); plt.title('mine'); plt.show()"), ALL),
    Attack("timed", answers(square="%%time\n" + QUESTIONS["square"][1].replace("###", "#")), ALL),
    Attack("slow", before("import time; time.sleep(1.5)"), ALL),
    Attack("colab", colab, ALL),
    Attack("vs_code", vs_code, ALL),
    Attack("error_before", before("1 / 0"), ALL),
    Attack("sums_in_float", answers(square="def square(number): return float(number) ** 2"), ALL),
)  # fmt: skip
