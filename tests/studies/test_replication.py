"""The comparison of a published model: docs/replication.md says what its study and its example give."""

import re
from pathlib import Path

import pytest

import setback as sb
from setback.analysis.load import Results

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "replication.md").read_text(encoding="utf-8")
SAFE = "group-problem-first+error-friendly"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The study as it ships."""
    return sb.Study.read("vulic-2024").run(tmp_path_factory.mktemp("results"), processes=1)


def higher(found: Results, policy: str, outcome: str) -> float:
    """In which share of the worlds an outcome is higher than where students are taught first."""
    means = found.outcomes[outcome].groupby(level=["world", "policy"]).mean().unstack("policy")
    return float((means[policy] > means["criterion"]).mean())


def test_the_verdict_is_the_one_on_the_page(found: Results) -> None:
    """Word by word."""
    [quoted] = re.findall(r"^> (.*)$", PAGE, re.M)
    assert f" is undecided: {quoted}, beyond the limit" in found.conclusion()


def test_struggling_first_in_safety_teaches_more_in_nearly_all_worlds_and_the_order_alone_in_most(
    found: Results,
) -> None:
    """The direction that the paper reports, and how far it is one of the order."""
    [said] = re.findall(r"The order alone raises learning in (\d+) % of these worlds", PAGE)
    assert higher(found, SAFE, "learning") > 0.95
    assert f"{higher(found, 'problem-first', 'learning'):.0%}" == f"{said}%"


def test_the_example_prints_what_stands_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    [printed] = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    exec(compile(code, "replication.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_what_the_page_says_of_its_figures() -> None:
    """Gains everywhere but where nothing prepares; a gap closes in an ordinary class in safety alone."""
    [printed] = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    row = re.compile(r"(.{17})(\S+) +(\S+) +(-?[\d.]+) -> (-?[\d.]+) +([+-][\d.]+) ± ([\d.]+)")
    figures = {
        (world.strip(), policy, outcome): (float(first), float(second), float(difference), float(half))
        for world, policy, outcome, first, second, difference, half in row.findall(printed)
    }
    assert len(figures) == 12
    for world in ("as it is", "weaker class"):
        for policy in ("problem-first", SAFE):
            _, _, gain, half = figures[world, policy, "learning"]
            assert gain > half
    _, _, gain, half = figures["nothing prepares", "problem-first", "learning"]
    assert gain < -half
    for world in ("as it is", "nothing prepares"):
        _, _, apart, half = figures[world, SAFE, "achievement_gap"]
        assert apart < -half
    apart, prepared = (figures[world, SAFE, "achievement_gap"] for world in ("as it is", "nothing prepares"))
    assert abs(apart[2] - prepared[2]) < apart[3]
    for key in (("as it is", "problem-first"), ("weaker class", "problem-first"), ("weaker class", SAFE)):
        _, _, apart, half = figures[*key, "achievement_gap"]
        assert apart > half
    # a weaker class in safety against an ordinary one that is taught first, and what each gains by the change
    weaker, ordinary = (figures[world, SAFE, "learning"] for world in ("weaker class", "as it is"))
    assert 1.4 < weaker[1] / ordinary[0] < 1.6
    assert weaker[2] - ordinary[2] > max(weaker[3], ordinary[3])
