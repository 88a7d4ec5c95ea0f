"""How values show themselves in a terminal and in a notebook: short, whole, escaped; an error is one line."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import setback as sb
from setback.model.errors import InputError
from setback.model.notebook import MOST_ROWS, cell, html
from setback.model.outcomes import OUTCOMES
from setback.model.rosters.roster import SchoolClass

VOID = {"br", "img"}


class Tags(HTMLParser):
    """What is open, and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Open a tag."""
        assert tag in {"style", "div", "h4", "p", "table", "thead", "tbody", "tr", "th", "td"}, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what is no style."""
        if self.open[-1] != "style":
            self.text.append(data)


def text_of(value: Any) -> str:
    """What a notebook shows of a value; every tag is closed, and none but a few are there."""
    tags = Tags()
    tags.feed(value._repr_html_())
    tags.close()
    assert tags.open == []
    return "\n".join(tags.text)


@pytest.fixture(scope="module")
def result() -> sb.Result:
    """A small simulation."""
    return sb.simulate("curve+stakes=1", {"near_miss_slope": 0.25}, rooms=2, weeks=4, seed=3)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> sb.Results:
    """A small study with a claim that has been run."""
    text = (
        '[study]\nname = "shown"\nquestion = "Is <b> safe & sound?"\n[policies]\ngrading = ["criterion", "curve"]\n'
        '[worlds]\ndesign = "lhs"\nn = 3\n[worlds.vary]\nlevel = true\n[rooms]\ncount = 3\nsize = 4\nweeks = 3\n'
        '[claim]\ndescription = "a <i>claim</i>"\noutcome = "learning"\npolicy = "curve"\nagainst = "criterion"\n'
        'direction = "below"\nbeyond = 0.05\n'
    )
    folder = tmp_path_factory.mktemp("shown")
    (folder / "shown.toml").write_text(text)
    return sb.Study.read(folder / "shown.toml").run(folder / "results", processes=1)


def test_results_and_studies(results: sb.Results) -> None:
    """Size and state on one line; question, claim, policies and folder in a notebook, escaped."""
    size = "3 worlds, 2 policies, 3 rooms, 3 weeks, seed 0"
    assert repr(results) == f"Results('shown': {size}, finished; {results.folder})"
    shown = text_of(results)
    for part in ("Results: shown", "Is <b> safe & sound?", "claim: a <i>claim</i>", size, "curve", str(results.folder)):
        assert part in shown
    study = sb.Study.read("rigor")
    assert re.fullmatch(
        r"Study\('rigor': 20,000 worlds \(posterior\), 12 policies, 4 rooms, 36 weeks, seed 1\)", repr(study)
    )
    assert study.question in text_of(study) and "level" in text_of(study)


@pytest.mark.parametrize(
    ("count", "size", "simulated"),
    [(1, "1 world, 1 policy, 1 room", "1 classroom, 3 students, 3 weeks, seed 0"),
     (2, "2 worlds, 2 policies, 2 rooms", "2 classrooms, 6 students, 3 weeks, seed 0, mean of 2 years of luck")],
)  # fmt: skip
def test_one_is_told_from_several(tmp_path: Path, count: int, size: str, simulated: str) -> None:
    """In what a study, its results and a simulation say of their size."""
    policies = ", ".join(["'curve'", "'mastery'"][:count])
    (tmp_path / "small.toml").write_text(
        f'[study]\nname = "small"\n[policies]\ngrading = [{policies}]\n[rooms]\ncount = {count}\nsize = 3\nweeks = 3\n'
        f'[worlds]\ndesign = "lhs"\nn = {count}\nvary = {{ level = true }}\n'
    )
    study = sb.Study.read(tmp_path / "small.toml")
    assert repr(study) == f"Study('small': {size.replace('worlds', 'worlds (lhs)')}, 3 weeks, seed 0)"
    results = study.run(tmp_path / "results", processes=1)
    assert repr(results) == f"Results('small': {size}, 3 weeks, seed 0, finished; {results.folder})"
    result = sb.simulate("curve", rooms=count, weeks=3, replicates=count, roster=sb.Roster.synthetic(3))
    assert repr(result) == f"Result('curve': {simulated})"


def test_a_verdict_and_a_cost(results: sb.Results) -> None:
    """What was found and what a run takes, in a line."""
    verdict = results.verdict()
    assert verdict is not None and repr(verdict).startswith(f"Verdict({verdict.verdict}: ")
    assert f"{100 * verdict.share:.0f} % of 3 worlds" in repr(verdict) and verdict.verdict in text_of(verdict)
    unknown = verdict._replace(worlds=0, verdict="unknown", mean=float("nan"), low=float("nan"))
    assert repr(unknown).startswith("Verdict(unknown: no world is known")
    cost = sb.Cost(1_000, 20, 4, 62.0, 2, "compiled", 3_000_000, 400_000_000)
    assert repr(cost) == f"Cost({cost.sentence()})" and cost.sentence() in text_of(cost)


def test_a_result_and_a_contrast(result: sb.Result) -> None:
    """Policy, size and what was changed; every outcome with its unit, and what differs."""
    assert repr(result) == "Result('curve+stakes=1': 2 classrooms, 60 students, 4 weeks, seed 3)"
    shown = text_of(result)
    assert all(name in shown and outcome.unit in shown for name, outcome in OUTCOMES.items())
    assert f"{result.per_student()['learning'].mean():,.3f}" in shown and "near_miss_slope=0.25" in shown
    other = sb.simulate("mastery", {"near_miss_slope": 0.5}, rooms=2, weeks=4, seed=3)
    contrast = other - result
    assert contrast.names == ("curve+stakes=1, near_miss_slope=0.25", "mastery, near_miss_slope=0.5")
    assert repr(contrast).startswith("Contrast('mastery, near_miss_slope=0.5' less 'curve+stakes=1, ")
    assert f"{contrast.summary()['difference']['learning']:,.3f}" in text_of(contrast)
    assert "better" not in text_of(contrast), "a column of which nothing is known"


def test_a_classroom_a_policy_parameters_and_a_roster() -> None:
    """A student a row; levers and parameters that differ; classes, whose names are escaped."""
    room = sb.Classroom("curve", roster=sb.Roster.synthetic(4), seed=2).run(3)
    assert repr(room) == "Classroom(4 students, room 0, seed 2, week 3 of 36)"
    assert text_of(room).count("student-") == 4 and f"{room.students[0].control:,.3f}" in text_of(room)
    policy = sb.Policy("curve+stakes=1")
    assert repr(policy) == "Policy('curve+stakes=1')" and "grading: curve" in text_of(policy)
    assert "stakes" in text_of(policy) and "consolidation" not in text_of(policy)
    parameters = sb.Parameters(near_miss_slope=0.25)
    assert repr(parameters) == "Parameters(near_miss_slope=0.25)" and "1 changed" in text_of(parameters)
    roster = sb.Roster([SchoolClass("<7b> & co", ("a", "b"), {})], "school")
    assert repr(roster) == "Roster('school', 2 students in 1 classes)" and "<7b> & co" in text_of(roster)


def test_figures_show_themselves(result: sb.Result, results: sb.Results, tmp_path: Path) -> None:
    """As a PNG, whatever the backend, and one that is read again."""
    room = sb.Classroom(roster=sb.Roster.synthetic(4)).run(2)
    for figure in (
        (result - sb.simulate("curve", {"near_miss_slope": 0.25}, rooms=2, weeks=4, seed=3)).plot(),
        results.plot(tmp_path / "map.png"),
        room.plot(),
    ):
        assert figure._repr_png_().startswith(b"\x89PNG") and repr(figure).startswith("Figure(")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_an_error_is_one_line() -> None:
    """Notebooks ask an exception for the lines of its traceback."""
    with pytest.raises(InputError) as error:
        sb.simulate("curv")
    assert error.value._render_traceback_() == ["InputError: unknown policy 'curv'; did you mean curve?"]


def test_tables() -> None:
    """Numbers at the right, everything escaped, a long one cut with what is left counted."""
    made = html("<t>", ["", "a & b"], [{"who": "<x>", "n": k} for k in range(MOST_ROWS + 5)])
    assert "&lt;t&gt;" in made and "a &amp; b" in made and "<p></p>" not in made and "<x>" not in made
    assert made.count("<tr>") == MOST_ROWS + 1 and "and 5 more" in made
    assert "<td class=n>0</td>" in made and "<td>&lt;x&gt;</td>" in made
    assert [cell(v) for v in (1234.5678, float("inf"), True, 12345, "x", -2.5e-7)] == [
        "1,234.568", "inf", "True", "12,345", "x", "-2.5e-07"
    ]  # fmt: skip
