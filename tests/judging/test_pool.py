"""A pool of judges: jobs go in, verdicts and failures come out, and nothing stays behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judging import pool
from autograder.judging.isolation import NoIsolationError
from autograder.judging.judge import Job, Judged, Terms
from autograder.judging.plan import AssignmentPlan
from autograder.judging.pool import Failure, close_warm, judge_job, local_pool, warm_process

EMPTY = AssignmentPlan("tiny", ())


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_warm()


def job(folder: Path, student: str = "ada") -> Job:
    return Job(student, folder, EMPTY, Terms(1))


def test_a_job_gives_a_verdict(tmp_path: Path) -> None:
    judged = judge_job(job(tmp_path), "none")
    assert isinstance(judged, Judged)
    assert (judged.verdict.student, judged.verdict.notebooks) == ("ada", ())


def test_what_the_judge_cannot_deal_with_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: Job, warm: object) -> Judged:
        raise LookupError(f"no {job.student}")

    monkeypatch.setattr(pool, "judge_submission", fail)
    failure = judge_job(job(tmp_path), "none")
    assert isinstance(failure, Failure)
    assert failure.student == "ada"
    assert not failure.no_isolation
    assert failure.says.startswith("LookupError: no ada (test_pool.py, line ")


def test_no_walls_is_a_failure_of_its_own_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: Job, warm: object) -> Judged:
        raise NoIsolationError("no bubblewrap")

    monkeypatch.setattr(pool, "judge_submission", fail)
    assert judge_job(job(tmp_path), "none") == Failure("ada", "no bubblewrap", True)


def test_one_warm_process_for_each_isolation() -> None:
    first = warm_process("none")
    assert warm_process("none") is first
    assert warm_process("bubblewrap") is not first
    close_warm()
    assert warm_process("none") is not first


def test_a_local_pool_works_and_leaves_no_process(tmp_path: Path) -> None:
    with local_pool(2) as workers:
        futures = [workers.submit(judge_job, job(tmp_path, name), "none") for name in "abc"]
        assert [future.result(60).verdict.student for future in futures] == ["a", "b", "c"]
        pids = list(workers._processes)  # type: ignore[attr-defined]
    assert pids
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
