"""A result in plain text, for a terminal and for nbgrader's Validate button."""

from __future__ import annotations

from autograder.checking.compare import Patch
from autograder.checking.result import Result

SEVERAL = "More than one thing to look at. Each of these fits what you return:"
VERDICTS = {True: "PASSED", False: "NOT YET"}


def verdict(result: Result) -> str:
    """`PASSED`, `NOT YET` or `NOT STARTED`: what colour alone must not say."""
    return "NOT STARTED" if result.not_started else VERDICTS[result.passed]


def points(value: float) -> str:
    """Points without needless zeros: `2`, `1.5`, `0.33`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def points_worth(value: float) -> str:
    """`1 point`, `1.5 points`."""
    shown = points(value)
    return f"{shown} point" if shown == "1" else f"{shown} points"


def score_line(result: Result) -> str:
    """`1.5 of 2 points`."""
    return f"{points(result.score)} of {points_worth(result.max_score)}"


def to_text(result: Result) -> str:
    """The whole result, a few short lines."""
    lines = [f"{verdict(result)}  {result.exercise}  {score_line(result)}"]
    if len(result.findings) > 1:
        lines.append(SEVERAL)
    for finding in result.findings:
        lines += [f"  [{finding.name}] {finding.says}"]
        lines += [f"    {finding.look}"] if finding.look else []
    shown = False  # one corner of numbers is enough
    for line in result.outputs if not result.not_started else ():
        if len(result.outputs) > 1 or not line.passed:
            word = "right" if line.passed else ("wrong" if line.looked_at else "not looked at")
            lines.append(
                f"  {line.name}: {word}, {points_worth(line.points)}. {line.says}".rstrip()
            )
        if line.patch is not None and not shown:
            lines += _patch_lines(line.patch)
            shown = True
    if result.devices and not result.not_started:
        lines.append("  " + "; ".join(f"{d.device}: {d.says}" for d in result.devices))
    if result.printed:
        lines += ["  It printed:"] + [f"    {text}" for text in result.printed.splitlines()[:20]]
    if not result.not_started:
        lines.append(f"  seed {result.seed}")
    return "\n".join(lines)


def _patch_lines(patch: Patch) -> list[str]:
    """Yours and expected side by side; a star marks what differs."""
    digits = patch.digits(3)
    cell = digits + 7  # a sign, 0.000 and a space
    width = (cell + 1) * len(patch.got[0])
    lines = [f"    {'yours (* differs)':<{width}}   expected"]
    for got, want, wrong in zip(patch.got, patch.expected, patch.wrong, strict=True):
        yours = "".join(
            f"{g:{cell}.{digits}g}{'*' if w else ' '}" for g, w in zip(got, wrong, strict=True)
        )
        lines.append(f"    {yours} |" + "".join(f"{value:{cell}.{digits}g}" for value in want))
    return lines
