"""nbgrader for this course: its folders are this folder's `source/`, `release/` and the rest."""

import os
import sys
from pathlib import Path

# nbgrader calls `alembic` by name to make its gradebook: find the one beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

from nbgrader.converters.autograde import Autograde

from autograder.classroom.autograde import JudgeCells

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# Only files of the assignment itself travel to students; never caches or checkpoints.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", ".DS_Store"]

# What a student finds in place of a solution. The checks know this error as "not started".
STUB = "raise NotImplementedError('write your answer in place of this line')"
c.ClearSolutions.code_stub = {"python": f"# YOUR CODE HERE\n{STUB}"}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

# Student code runs in a sandbox, tests in the judge: in place of nbgrader's one kernel for both.
steps = list(Autograde.autograde_preprocessors.default_args[0])
c.Autograde.autograde_preprocessors = [JudgeCells, *steps[1:]]
# Archives are unpacked within limits, and nothing of them outside their folder.
c.ZipCollectApp.extractor_plugin = "autograder.judging.collecting.SafeExtractor"
# A time in a file's name is read to the minute, whatever stands between its parts.
c.ZipCollectApp.collector_plugin = "autograder.judging.collecting.FileNames"
