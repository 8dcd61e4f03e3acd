"""A result as a person reads it in a notebook, in JupyterLab's light and dark themes.

Only inline styles: a notebook's output may be sanitised, and nbgrader's feedback page has no style
sheet of ours. Whatever a student's code said is escaped.
"""

from __future__ import annotations

import re
from html import escape

from autograder.checking.compare import Patch
from autograder.checking.result import Finding, OutputLine, Result
from autograder.checking.text_view import SEVERAL, points_worth, score_line, verdict

#: Okabe-Ito: told apart by people who do not tell red from green. Each with white text on it.
COLOURS = {"PASSED": "#00724f", "NOT YET": "#b34700", "NOT STARTED": "#5f6a72"}
MUTED = "opacity:.75;font-size:.92em"
# JupyterLab strips var() from what it does not trust: then the plain family holds.
MONO = "font-family:monospace;font-family:var(--jp-code-font-family,monospace);font-size:.92em"
CELL = f"padding:1px 8px;text-align:right;{MONO};border:none"


def to_html(result: Result) -> str:
    """The whole result as one block of HTML."""
    word = verdict(result)
    colour = COLOURS[word]
    parts = [_head(result, word, colour), _findings(result)]
    if not result.not_started:
        parts += [_outputs(result), _devices(result), _printed(result), _foot(result)]
    body = "".join(part for part in parts if part)
    return (
        f'<div role="status" aria-label="{escape(result.exercise)}: {word.lower()}" '
        f'style="border-left:6px solid {colour};padding:8px 14px;margin:4px 0;max-width:860px;'
        f'line-height:1.45;overflow-wrap:break-word">{body}</div>'
    )


def _prose(text: str) -> str:
    """Escaped text with `code` in backticks set as code."""
    return re.sub(r"`([^`]+)`", rf'<code style="{MONO}">\1</code>', escape(text))


def _head(result: Result, word: str, colour: str) -> str:
    mark = {"PASSED": "✓", "NOT YET": "✗"}.get(word, "○")
    return (
        f'<div><span style="background:{colour};color:#fff;padding:2px 9px;border-radius:3px;'
        f'font-weight:600">{mark} {word}</span>&ensp;'
        f'<b style="{MONO}">{escape(result.exercise)}</b>&ensp;{score_line(result)}</div>'
    )


def _findings(result: Result) -> str:
    if not result.findings:
        return ""
    several = len(result.findings) > 1
    lead = f"<div>{SEVERAL}</div>" if several else ""
    return f'<div style="margin-top:8px">{lead}{"".join(map(_finding, result.findings))}</div>'


def _finding(finding: Finding) -> str:
    look = f'<div style="margin-top:2px">{_prose(finding.look)}</div>' if finding.look else ""
    name = (
        f'<div style="{MUTED}">diagnosis: <code style="{MONO}">{escape(finding.name)}</code></div>'
    )
    return f'<div style="margin:4px 0"><b>{_prose(finding.says)}</b>{look}{name}</div>'


def _outputs(result: Result) -> str:
    shown = [line for line in result.outputs if len(result.outputs) > 1 or not line.passed]
    first = next((line.name for line in shown if line.patch is not None), "")
    return "".join(_output(line, line.name == first) for line in shown)


def _output(line: OutputLine, with_numbers: bool) -> str:
    word = "✓ right" if line.passed else ("✗ wrong" if line.looked_at else "○ not looked at")
    colour = COLOURS["PASSED" if line.passed else ("NOT YET" if line.looked_at else "NOT STARTED")]
    case = f' <span style="{MUTED}">({escape(line.case)})</span>' if line.case else ""
    says = f"<div>{_prose(line.says)}{case}</div>" if line.says else ""
    return (
        f'<div style="margin-top:8px"><code style="{MONO}">{escape(line.name)}</code> '
        f'<span style="border:1px solid {colour};border-radius:3px;padding:0 6px">{word}</span> '
        f"{points_worth(line.points)}{says}{_patch(line.patch if with_numbers else None)}</div>"
    )


def _patch(patch: Patch | None) -> str:
    if patch is None:
        return ""
    nothing = tuple(tuple(False for _ in row) for row in patch.wrong)
    digits = patch.digits(4)
    yours = _grid("yours (what differs is framed)", patch.got, patch.wrong, digits)
    want = _grid("expected", patch.expected, nothing, digits)
    return (
        f'<div style="display:flex;gap:12px 28px;flex-wrap:wrap;margin-top:4px">{yours}{want}</div>'
    )


def _grid(
    title: str,
    numbers: tuple[tuple[float, ...], ...],
    wrong: tuple[tuple[bool, ...], ...],
    digits: int,
) -> str:
    rows = "".join(
        "<tr style='background:none'>"
        + "".join(_number(number, bad, digits) for number, bad in zip(line, row, strict=True))
        + "</tr>"
        for line, row in zip(numbers, wrong, strict=True)
    )
    return (
        f'<div><div style="{MUTED}">{title}</div>'
        f'<table style="border-collapse:collapse;margin:0">{rows}</table></div>'
    )


def _number(value: float, wrong: bool, digits: int) -> str:
    outline = f";outline:1px solid {COLOURS['NOT YET']};outline-offset:-2px;font-weight:600"
    return f'<td style="{CELL}{outline if wrong else ""}">{value:.{digits}g}</td>'


def _devices(result: Result) -> str:
    words = {True: "✓", False: "✗", None: "–"}
    lines = " &ensp; ".join(
        f"{words[d.passed]} {d.device}: {escape(d.says)}" for d in result.devices
    )
    return f'<div style="margin-top:8px">{lines}</div>' if lines else ""


def _printed(result: Result) -> str:
    if not result.printed:
        return ""
    return (
        f'<details style="margin-top:6px"><summary>What your function printed</summary>'
        f'<pre style="{MONO};white-space:pre-wrap">{escape(result.printed)}</pre></details>'
    )


def _foot(result: Result) -> str:
    again = f"check.{result.exercise}({result.exercise}, seed={result.seed})"
    unit = "case" if result.cases == 1 else "cases"
    ran = f"{result.cases} {unit}, " if result.cases else ""
    return (
        f'<div style="{MUTED};margin-top:6px">{ran}seed {result.seed}: '
        f'<code style="{MONO}">{escape(again)}</code> repeats this.</div>'
    )
