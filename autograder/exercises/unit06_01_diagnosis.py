"""Unit 6, notebook 01_diagnosis: what went wrong, what to choose, and what hangs together."""

from __future__ import annotations

from autograder.checking.exercise import CaseSpec, Exercise
from autograder.checking.guard import Guard
from autograder.exercises import _briefs, _concept_map, _diagnosis

ASSIGNMENT, NOTEBOOK = "06_closing", "01_diagnosis"

DIAGNOSE = Exercise(
    name="diagnose",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=8,
    arguments=("run",),
    outputs=(),
    cases=tuple(
        CaseSpec({"run": number + 2, "runs": 99}, title=_diagnosis.A_RUN)
        for number in range(len(_diagnosis.KINDS))
    ),
    draw=_diagnosis.draw_run,
    oracle=_diagnosis.remembered,
    misconceptions=(),
    properties=_diagnosis.PROPERTIES,
    guard=Guard(
        modules=("course.experiments", "sklearn"),
        says="A diagnosis is read off the run: nothing is trained, and nobody who made the runs is "
        "asked.",
    ),
    library="numpy",
    shuffled=True,
    reference="whoever spoilt the run",
)

CHOOSE_ARCHITECTURE = Exercise(
    name="choose_architecture",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("brief",),
    outputs=(),
    cases=tuple(
        CaseSpec({"brief": number + 2, "briefs": 99}, title="one of twelve briefs")
        for number in range(2 * len(_briefs.KINDS))
    ),
    draw=_briefs.draw_brief,
    oracle=_briefs.remembered,
    misconceptions=(),
    properties=_briefs.PROPERTIES,
    shuffled=True,
    guard=Guard(
        modules=("hashlib", "course.experiments"),
        says="The facts of the brief decide: nothing else is asked.",
    ),
    library="numpy",
    reference="the course",
)

CONCEPT_MAP = Exercise(
    name="concept_map",
    assignment=ASSIGNMENT,
    notebook=NOTEBOOK,
    points=4,
    arguments=("blanks",),
    outputs=(),
    cases=tuple(
        CaseSpec(
            {"B": many, "W": len(_concept_map.WORDS)},
            title=f"{many} of the blanks",
        )
        for many in (len(_concept_map.BLANKS), 5, 2)
    ),
    draw=_concept_map.draw_blanks,
    oracle=_concept_map.tried,
    misconceptions=(),
    properties=_concept_map.PROPERTIES,
    guard=Guard(
        modules=("hashlib",),
        says="The words come out of your memory, not out of trying them.",
    ),
    library="numpy",
    reference="the course",
)

EXERCISES = (DIAGNOSE, CHOOSE_ARCHITECTURE, CONCEPT_MAP)
