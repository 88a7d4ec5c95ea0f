"""The description of the model is true: its tables are those of the code, its lists name what is there."""

import re
from pathlib import Path

import pytest

from setback.experiments.evidence.measured import FACTS, TRIALS, rows_named
from setback.experiments.evidence.rows import facts, targets
from setback.experiments.studies.study import Study
from setback.model import odd
from setback.model.catalogue import catalogue, mechanisms
from setback.model.parameters import MECHANISM_GROUPS, OWN, ROWS, STRENGTHS, TABLE
from setback.model.policies import PARTS

TEXT = odd.ODD.read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]


def test_the_tables_are_current() -> None:
    """`python -m setback.model.odd` would change nothing."""
    assert odd.written(TEXT) == TEXT


@pytest.mark.parametrize("name", odd.TABLES)
def test_every_table_stands_once(name: str) -> None:
    """Between its marks, and with a row for everything."""
    assert TEXT.count(f"<!-- table: {name} -->") == 1


def test_a_table_that_is_not_current_is_seen() -> None:
    """A number changed by hand is written anew."""
    assert odd.written(TEXT.replace("| 0.8 |", "| 0.9 |")) == TEXT != TEXT.replace("| 0.8 |", "| 0.9 |")


def test_every_row_of_the_code_is_in_it() -> None:
    """Parameters, levers, parts and mechanisms."""
    for name in (*(row.name for row in TABLE if row.kind != "design"), *PARTS):
        assert f"`{name}`" in TEXT, name


def test_every_mechanism_has_a_group_an_equation_a_source_and_a_neutral_value() -> None:
    """And every strength is read by some equation."""
    found = mechanisms()
    assert [f"strength_{m.name}" for m in found] and {f"strength_{m.name}" for m in found} == {*STRENGTHS}
    for one in found:
        assert one.name in MECHANISM_GROUPS[one.group]
        assert one.equations and one.sources and one.neutral, one.name


# ---- the tables that are written by hand -----------------------------------------------------------------------
def by_hand(name: str) -> list[list[str]]:
    """The rows of a table between its marks, heads left out."""
    body = TEXT.partition(f"<!-- {name} -->")[2].partition(f"<!-- end {name} -->")[0]
    rows = [line.strip("| ").split(" | ") for line in body.strip().splitlines()]
    assert len(rows) > 2
    return rows[2:]


def test_every_row_of_the_evidence_is_of_one_pattern() -> None:
    """Measured as it is said, by a trial or in grade books; what the model cannot speak to is named below them."""
    patterns = [(row, measured) for _, rows, measured in by_hand("patterns") for row in rows.split(", ")]
    assert sorted(row for row, _ in patterns) == sorted(rows_named(["all"]))
    for sets, measured in ((TRIALS, "trials"), (FACTS, "books")):
        assert all(measured in said for row, said in patterns if row in rows_named([sets]))
    mute = {*targets(), *facts()} - {*rows_named(["all"])}
    said = TEXT.partition("<!-- end patterns -->")[2].partition("### I.ii")[0]
    assert {*re.findall(r"\b(\w\w+(?:-\w+)?) \(", said.partition("nothing to say of four rows")[2])} == mute


def test_the_other_rules_are_numbers_that_are_0() -> None:
    """Each stands in the equation that is named, and can be 1; at 0 it is the rule of the model."""
    reads = {row.name: row for row in catalogue()}
    text = odd.EQUATIONS.read_text(encoding="utf-8")
    for *_, number, phase in by_hand("rules"):
        row = ROWS[number.strip("`")]
        assert row.default == 0.0 and row.high >= 1.0 and phase.strip("`") in reads
        lines = text.partition(f"`{phase.strip('`')}`\n")[2].partition("\n### ")[0]
        assert number in lines or f"q.{row.name}" in lines


def test_what_rests_on_the_prior_alone_is_said_as_the_table_has_it() -> None:
    """A prior from zero begins there, one of both signs goes beyond; off is a default of 0; rows are rows."""
    for _, number, prior, default, _, moves in by_hand("prior only"):
        row = ROWS[number.strip("`")]
        assert {"from 0": row.low == 0.0, "both signs": row.low < 0.0 < row.high}[prior], number
        assert {"off": row.default == 0.0, "on": row.default != 0.0}[default], number
        assert {*re.findall(r"\b[A-Z]{2}\w*-?\w+", moves)} <= {*rows_named(["all"])}


def test_gains_are_named_where_they_multiply() -> None:
    """Each gained number has the symbol of its group's gain, no other has one; the levels have none."""
    body = TEXT.partition("<!-- table: parameters -->")[2].partition("<!-- end -->")[0]
    rows = [line.strip("|").split("|") for line in body.splitlines() if line.startswith("| `")]
    said = {row[0].strip(" `"): row[6].strip() for row in rows}
    gains = {one.name: ROWS[one.gain].symbol for one in OWN.gained}
    assert {name: symbol for name, symbol in said.items() if symbol} == gains
    assert {*OWN.gains.values()} == {one.gain for one in OWN.gained} and "levels" not in OWN.gains


def test_the_study_of_sensitivity_can_be_run(tmp_path: Path) -> None:
    """As it stands it is a Morris design over everything uncertain."""
    pytest.importorskip("SALib", reason="needs setback[sensitivity]")
    (block,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.S)
    file = tmp_path / "sensitivity.toml"
    file.write_text(block, encoding="utf-8")
    worlds = Study.read(file).worlds
    assert worlds.design == "morris" and len(worlds) % 20 == 0 and len(worlds) == 20 * (len(worlds.ranges) + 1)


def test_every_number_and_phase_that_the_prose_names_is_there() -> None:
    """A name in code quotes is a number, a slot, a phase, an outcome, a policy, a file or a command."""
    prose = re.sub(r"<!-- table.*?<!-- end -->|```.*?```", "", TEXT, flags=re.S)
    known = {*ROWS, *PARTS, *odd.OUTCOMES, *(s.name for s in (*odd.OPENED, *odd.STATE)), *(r.name for r in catalogue()),
             *(m.name for m in mechanisms())}  # fmt: skip
    elsewhere = {"for_whom", "morris", "INVALID"}
    names = {*re.findall(r"`(\w+)`", prose)} - elsewhere
    assert len(names) > 40 and names <= known, names - known
    for link in re.findall(r"\]\(([\w./]+)", prose):
        assert (ROOT / "model" / link).exists(), link
    for path in re.findall(r"`((?:model|docs|tests|experiments|benchmarks)/[\w./]*)`", prose):
        assert (ROOT / path).exists(), path
