"""EQUATIONS.md is the code: it is current, and each line, read back, gives what the function gives."""

import dataclasses
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from setback.model import mathematics, odd
from setback.model.arithmetic import absolute, exp, floor, indicator, maximum, sqrt, square, where
from setback.model.equations import readiness
from setback.model.grammar import RECORDS, Equation, check
from setback.model.mechanism import mechanism
from setback.model.parameters import ROWS
from setback.model.week import MODEL, call

TEXT = odd.EQUATIONS.read_text(encoding="utf-8")
KNOWN = check()
PHASES = [phase for phases in MODEL for phase in phases]
HEADS = re.findall(r"^### (\d+)\. `(\w+)`", TEXT, flags=re.M)


# ---- the file --------------------------------------------------------------------------------------------------
def test_the_file_is_current() -> None:
    """`python -m setback.model.odd` would change nothing."""
    assert mathematics.page() == TEXT


def test_every_phase_has_its_number() -> None:
    """In the order of the engines, none left out."""
    names = [phase.writes[0] if isinstance(phase.by, str) else phase.name for phase in PHASES]
    assert [(str(number), name) for number, name in enumerate(names, 1)] == HEADS


def test_every_function_stands_once_before_what_reads_it() -> None:
    """With the first sentence of its docstring, its sources, and every parameter that it reads by symbol and name."""
    for function, equation in KNOWN.items():
        heads = re.findall(rf"^### (?:\d+\.|The function) `{function.__name__}`$", TEXT, flags=re.M)
        assert len(heads) == 1, function.__name__
        assert equation.says and equation.says.splitlines()[0] in TEXT
    for row in ROWS.values():
        if row.kind in ("student", "mechanism") and not row.name.startswith("gain_"):
            assert f"`{row.symbol}` is `{row.name}`" in TEXT, row.name
    assert TEXT.index("The function `readiness`") < TEXT.index("`set_task`")


@mechanism("pressure", kind="teacher", strength={"pressure": "none"}, source="assumed")
def press(p, q):  # type: ignore[no-untyped-def]
    """Stakes above those of the reference policy press on the student, stakes below them give relief."""
    return p.strength_pressure * (q.stakes + 0.5)


def test_a_changed_sign_is_seen() -> None:
    """The text of a model in which one sign is another is another text, in that line alone."""
    week = tuple(call(press) if phase.by is readiness.press else phase for phase in MODEL.week)
    changed = mathematics.page(dataclasses.replace(MODEL, week=week)).splitlines()
    lines = [line for line in changed if line not in TEXT.splitlines()]
    assert "pressure ← s_pressure · (q.stakes − 0.5)" in TEXT and "pressure ← s_pressure · (q.stakes + 0.5)" in lines


def test_what_is_said_of_a_phase() -> None:
    """Its line, symbols, source, neutral value, chance, lever; what is taken over the class; what is called again."""
    assert (
        """### 34. `wander_slowly`

Readiness has a slow drift as well, over months rather than weeks.

```text
slow_drift ← wandering(slow_drift, s_drift · σ_D*, φ_D*, z)
```

- Symbols: `φ_D*` is `drift_slow_memory`, `σ_D*` is `drift_slow_sd`.
- Source: assumed.
- At strength 0: `drift`, no drift.
- Chance: the decision `slow-drift`.
- Changes nothing where `drift_slow_sd` is 0.
"""
        in TEXT
    )
    assert "\nclass_level ← z\n```\n\n- Once a class.\n" in TEXT
    assert "\nclass_enrolled ← the mean of enrolled over all occupied seats of the class\n" in TEXT
    assert "\nseat_rank ← the share of the class whose ranking_margin_seen lies below the own ranking_margin," in TEXT
    assert "\nfriends_effort ← the mean of effort over the student's friends\n" in TEXT
    first = re.search(r"### (\d+)\. `retake`\n", TEXT)
    assert first and f"`retake`, as in {first[1]}\n\n- Writes `conceptual`, `procedural`, `grade`, `verdict`" in TEXT
    assert "- Here number = 1.\n- Chance: the decision `retake-1`.\n- Changes nothing where `q.retakes` is 0.\n" in TEXT


# ---- the lines -------------------------------------------------------------------------------------------------
def every_sign(x, y, seat, p, q, flip):  # type: ignore[no-untyped-def]
    """Use what the grammar has."""
    a = -x * (y - 2.0) / (x + 1.0) - (x - (y - 0.5))
    b = square(a - 0.25) + square(y) * sqrt(absolute(x)) + floor(y / 2.0)
    c = where((x >= y) & (seat == flip.seat), p.affect_rise, indicator(x <= 0.000001) * q.threat)
    return exp(-b) * maximum(c, p.strength_affect), c, c


def test_every_sign() -> None:
    """What is written of each form of the grammar; equal results are written together."""
    assert mathematics.formulas(Equation(every_sign, {}), ("one", "two", "three")) == [
        "a = −x · (y − 2) / (x + 1) − (x − (y − 0.5))",
        "b = (a − 0.25)² + y² · √(|x|) + ⌊y / 2⌋",
        "c = λ_A if (x ≥ y) and (seat = flip.seat) else [x ≤ 0.000001] · q.threat",
        "one ← exp(−b) · max(c, s_affect)",
        "two, three ← c",
    ]


def test_symbols_are_no_other_name() -> None:
    """Each symbol says one parameter, and nothing that a line calls a slot or a name of its own."""
    symbols = [row.symbol for row in ROWS.values() if row.kind in ("student", "mechanism")]
    assert len(symbols) == len({*symbols})
    for equation in KNOWN.values():
        assert not {*symbols} & {*equation.names}


class Given(dict[str, float]):
    """A record of numbers by name, each made when it is first asked for."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def __missing__(self, name: str) -> float:
        self[name] = np.float64(self.rng.uniform(0.05, 0.95))
        return self[name]

    __getattr__ = dict.__getitem__


SYMBOLS = {row.symbol: row.name for row in ROWS.values() if row.kind in ("student", "mechanism")}
SYMBOL = re.compile(
    r"(?<![\w.])(" + "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True)) + r")(?!\w)"
)


def read_back(line: str) -> tuple[str, str]:
    """What a line gives a name to, and its right side as Python for single numbers."""
    names, _, right = re.split(r" (=|←) ", line, maxsplit=1)
    for mark, python in (("[", "float("), ("]", ")"), ("⌊", "floor("), ("⌋", ")"), ("²", "**2"), ("√", "sqrt")):
        right = right.replace(mark, python)
    for mark, python in (("−", "-"), ("·", "*"), ("≥", ">="), ("≤", "<="), (" = ", " == ")):
        right = right.replace(mark, python)
    right = SYMBOL.sub(lambda m: f"p.{SYMBOLS[m[1]]}", right)
    return names, re.sub(r"(?<![\w.])s_(\w+)", r"p.strength_\1", right)


def unfolded(lines: list[str]) -> Iterator[str]:
    """The lines, each whole."""
    yield from "\n".join(lines).replace("\n    ", " ").split("\n")


def clipped(x: float, low: float, high: float) -> float:
    """A number kept between two."""
    return min(max(x, low), high)


FUNCTIONS: dict[str, Any] = {
    "exp": math.exp, "sqrt": math.sqrt, "floor": math.floor, "max": max, "min": min, "float": float, "clip": clipped,
    "blend": lambda s, neutral, full: (1.0 - s) * neutral + s * full,
}  # fmt: skip


def function_of(equation: Equation, space: dict[str, Any]) -> Any:
    """The function that its lines say, or its value where it has no arguments."""
    *steps, last = map(read_back, unfolded(mathematics.formulas(equation)))
    names = re.findall(r"\w+", last[0])[1:]

    def function(*given: float) -> Any:
        found = dict(zip(names, given, strict=True))
        for name, right in steps:
            found[name] = eval(right, space, found)
        return eval(last[1], space, found)

    return function if names else function()


@pytest.mark.parametrize("seed", range(3))
def test_read_back_a_line_gives_what_the_function_gives(seed: int) -> None:
    """By a reader of its own, for single numbers: no bracket, sign or symbol is lost on the way."""
    rng = np.random.default_rng(seed)
    records = {name: Given(rng) for name in RECORDS}
    space: dict[str, Any] = {**FUNCTIONS, **records}
    for one in KNOWN.values():
        if not isinstance(one.gives, tuple):
            space[one.function.__name__] = function_of(one, space)
    for function, equation in KNOWN.items():
        arguments = {name: np.float64(rng.uniform(0.05, 0.95)) for name in equation.arguments if name not in RECORDS}
        given = [{**records, **arguments}[name] for name in equation.arguments]
        expected = np.ravel(function(*given))
        slots, found = [f"slot_{k}" for k in range(expected.size)], dict(arguments)
        for names, right in map(read_back, unfolded(mathematics.formulas(equation, slots))):
            value = eval(right, space, found)
            many = names.strip("()").split(", ")
            found |= dict(zip(many, value)) if names.startswith("(") else dict.fromkeys(many, value)
        np.testing.assert_allclose([found[slot] for slot in slots], expected, rtol=1e-9, err_msg=function.__name__)
