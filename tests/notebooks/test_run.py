"""Solved assignments run top to bottom in a kernel; lectures do in tests/browser.

Their graded test cells do not: both graders run those, with the hidden cases, in test_assignments.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from jupyter_client.provisioning import local_provisioner
from nbclient import NotebookClient

from autograder.checking.result import MIME
from autograder.notebooks.cells import is_test
from tests.conftest import ROOT
from tests.warm_commands import launch_kernel

SOURCES = sorted(ROOT.glob("source/*/*.ipynb"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _run(path: Path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not is_test(cell)]
    # Cells that only draw or train are skipped when marking, and run here.
    client = NotebookClient(
        notebook, timeout=120, skip_cells_with_tag="", resources={"metadata": {"path": path.parent}}
    )
    return client.execute()


def _outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.notebook
@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_solved_assignment_runs_and_every_check_passes(path, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # threads of a busy machine wait for each other
    monkeypatch.setattr(local_provisioner, "launch_kernel", launch_kernel)
    notebook = _run(path)
    results = [o.data[MIME] for o in _outputs(notebook) if MIME in o.get("data", {})]
    assert results
    assert [(r["exercise"], r["diagnoses"]) for r in results if not r["passed"]] == []
    assert not [o.text for o in _outputs(notebook) if o.get("name") == "stderr"]
    shown = [o.get("data", {}) for o in _outputs(notebook)]
    pictures = [d for d in shown if "image/png" in d or "<figure" in d.get("text/html", "")]
    assert pictures, "an assignment ends in something worth looking at"
