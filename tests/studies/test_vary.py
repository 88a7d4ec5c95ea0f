"""What varies in a study: sets of numbers, single ones, and the assumed numbers of named policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from all_tasks import all_tasks
from command_line import said, setback

import setback as sb
from setback.experiments.studies.study import Study
from setback.experiments.studies.vary import numbers_of, ranges
from setback.experiments.studies.worlds import Range, Worlds, worlds
from setback.model.engines.block import columns
from setback.model.engines.registry import engine
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, OWN, Parameters
from setback.model.policies import PARTS, Policy, PolicyChange, as_policy, assumed_numbers
from setback.model.rosters.roster import Roster

HEAD = '[study]\nname = "mine"\n[policies]\nnamed = ["criterion", "curve", "high-pressure"]\n'
LHS = '[worlds]\ndesign = "lhs"\nn = 4\n'
UNCERTAIN = [r for r in OWN.rows if r.kind in ("student", "mechanism") and r.distribution != "fixed"]
GAINS = [*OWN.gains.values()]
#: What the policies of `HEAD` assume: stakes of the criterion and the curve, none of high-pressure, which states them.
ASSUMED = ["criterion.threat", "criterion.stakes", "criterion.information", "curve.threat", "curve.quota",
           "accelerated.level", "accelerated.pace"]  # fmt: skip


def read(folder: Path, text: str, head: str = HEAD) -> Study:
    """The study of a text."""
    (folder / "mine.toml").write_text(head + text)
    return Study.read(folder / "mine.toml")


def of(group: str) -> list[str]:
    """The uncertainties of a group of mechanisms, its gain first or last as the table has it."""
    gain = OWN.gains[group]
    return [r.name for r in UNCERTAIN if r.mechanism in OWN.groups[group] or r.name == gain]


# ---- sets of numbers ---------------------------------------------------------------------------------------
SETS: dict[str, list[str]] = {
    '"all"': [*(r.name for r in UNCERTAIN), *ASSUMED],
    '["students"]': [r.name for r in UNCERTAIN if r.kind == "student"],
    '"mechanisms"': [r.name for r in UNCERTAIN if r.kind == "mechanism"],
    '"gains"': GAINS,
    '"policies"': ASSUMED,
    '"group:threat"': of("threat"),
    '["group:motivational_memory", "group:motivational memory"]': of("motivational memory"),
    '["level", "gains", "curve.threat"]': ["level", *GAINS, "curve.threat"],
    '["lever:stakes", "expectancy_rate"]': ["stakes", "expectancy_rate"],
    '{ "group:threat" = true, gain_threat = [0.5, 1] }': of("threat"),
    '{ all = true, expectancy_rate = [0.1, 0.2] }': [*(r.name for r in UNCERTAIN), *ASSUMED],
    '{ threat = true }': ["threat"],
}  # fmt: skip


@pytest.mark.parametrize("vary", SETS)
def test_a_set_is_its_numbers(tmp_path: Path, vary: str) -> None:
    """Every uncertainty of it, each over its range in the table, none of what is fixed, a strength or a lever."""
    study = read(tmp_path, f"{LHS}vary = {vary}\n")
    assert sorted(study.worlds.names) == sorted(SETS[vary])
    assert study.worlds.table.shape == (4, len(SETS[vary]))


def test_a_number_that_is_named_has_its_own_range(tmp_path: Path) -> None:
    """In the table form a set and a narrower range stand side by side, in any order."""
    for vary in ("{ all = true, expectancy_rate = [0.1, 0.2] }", "{ expectancy_rate = [0.1, 0.2], all = true }"):
        found = {r.name: r for r in read(tmp_path, f"{LHS}vary = {vary}\n").worlds.ranges}
        assert (found["expectancy_rate"].low, found["expectancy_rate"].high) == (0.1, 0.2)
        assert found["gain_threat"] == Range("gain_threat", 0.0, 2.0)
        assert found["curve.threat"] == Range("curve.threat", 0.3, 0.9)


def test_a_set_leaves_out_what_the_study_sets(tmp_path: Path) -> None:
    """What stands in [parameters] stays; an assumed number whose lever varies gives way to it."""
    vary = "{ gains = true, policies = true, threat = true }"
    study = read(tmp_path, f"[parameters]\ngain_threat = 0.5\n{LHS}vary = {vary}\n")
    assert "gain_threat" not in study.worlds.names and study.parameters["gain_threat"] == 0.5
    assert [n for n in study.worlds.names if "." in n] == [n for n in ASSUMED if not n.endswith("threat")]


BAD: dict[str, tuple[str, str]] = {
    "misspelt set": ('"alll"', "unknown number to vary 'alll'; did you mean all"),
    "misspelt number": ('["expectancy_rat"]', "unknown number to vary 'expectancy_rat'; did you mean expectancy_rate"),
    "no such gain": ('["gain_treat"]', "unknown group of mechanisms 'treat'; did you mean threat?"),
    "no such group": ('["group:nobody"]', "unknown group of mechanisms 'nobody'; there are "),
    "no such group in a table": ('{ "group:treat" = true }', "unknown group of mechanisms 'treat'; did you mean thr"),
    "a group without its word": (
        '"motivational_memory"',
        "motivational_memory is a group of mechanisms; write group:motivational_memory",
    ),
    "both": (
        '["threat"]',
        "threat in worlds.vary is a policy lever and a group of mechanisms; write lever:threat or group:threat",
    ),
    "twice": ('["level", "level"]', "worlds.vary names level twice"),
    "a range of a set": ("{ gains = [0, 1] }", "worlds.vary.gains is [0, 1]; a set of numbers needs true, as each nu"),
    "no name": ("3", 'worlds.vary is 3; it needs "all", a list of names, or a table of names with ranges'),
    "no names": ("[1, 2]", 'worlds.vary is [1, 2]; it needs "all", a list of names, or a table'),
    "a gain out of its range": (
        "{ gain_threat = [0, 3] }",
        "parameter gain_threat is 3; it needs a number from 0 to 2 (multiple)",
    ),
    "the wrong way round": (
        "{ 'curve.threat' = [0.9, 0.4] }",
        "curve.threat varies from 0.9 to 0.4; the lower end must come first",
    ),
    "out of its range": (
        "{ 'curve.threat' = [0, 0.9] }",
        "policy lever curve.threat is 0; it needs a number from 0.3 to 0.9 (share)",
    ),
    "a part of no policy": (
        '["mastery.threat"]',
        "no policy of the study takes threat from its part mastery; what they assume is criterion.threat, ",
    ),
    "no such part": ('["curv.threat"]', "unknown part of a policy in curv.threat: 'curv'; did you mean curve"),
    "no such number of a part": (
        '["curve.thread"]',
        "curve.thread is no assumed number: curve assumes threat, quota; name another to vary",
    ),
    "not assumed": ('["rescue.rescue"]', "rescue.rescue is no assumed number: rescue assumes nothing; name another"),
    "the lever too": (
        '["curve.threat", "lever:threat"]',
        "threat varies in every policy, and curve.threat as well; take one of them away",
    ),
}  # fmt: skip
CLI = ("a part of no policy", "no such group", "a gain out of its range", "the wrong way round")


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_vary_is_refused(tmp_path: Path, name: str) -> None:
    """One sentence that says what would be right."""
    vary, message = BAD[name]
    with pytest.raises(InputError) as error:
        read(tmp_path, f"{LHS}vary = {vary}\n")
    assert str(error.value).startswith(f"study mine.toml: {message}")


@pytest.mark.parametrize("name", CLI)
def test_the_command_line_refuses_with_2(tmp_path: Path, name: str) -> None:
    """One sentence, exit code 2."""
    (tmp_path / "mine.toml").write_text(f"{HEAD}{LHS}vary = {BAD[name][0]}\n")
    assert said(setback("run", tmp_path / "mine.toml", "--dry-run")).startswith("study mine.toml: ")


def test_nothing_is_left_to_vary(tmp_path: Path) -> None:
    """A set of nothing, and a gain that is set and varies."""
    head = '[study]\nname = "mine"\n[policies]\nnamed = ["narrative+threat=0+stakes=0+information=1"]\n'
    with pytest.raises(InputError, match="nothing varies in policies: the study has no such number"):
        read(tmp_path, f'{LHS}vary = "policies"\n', head)
    with pytest.raises(InputError, match=r"gain_threat stands in \[parameters\] and varies as well"):
        read(tmp_path, f'[parameters]\ngain_threat = 1\n{LHS}vary = ["gain_threat"]\n')
    with pytest.raises(InputError, match="parameter gain_threat is 7"):
        read(tmp_path, "[parameters]\ngain_threat = 7\n")


# ---- assumed numbers of named policies ----------------------------------------------------------------------
POLICIES = (Policy("criterion"), Policy("curve"), Policy("ranking"), as_policy("curve+stakes=1 > mastery @ 4"),
            Policy("curve*0.25+mastery*0.75"))  # fmt: skip
NUMBERS = ("curve.threat", "criterion.stakes", "mastery.information", "style_mean", "level")


def study(**changes: Any) -> Study:
    """A small study whose policies take assumed numbers of the worlds."""
    table = numbers_of(POLICIES, OWN)
    varied = worlds("lhs", [Range.of(name, table=table) for name in NUMBERS], n=5, seed=2, table=table)
    base: dict[str, Any] = {
        "policies": POLICIES, "parameters": Parameters(skip_level=-1.5), "roster": Roster.synthetic(5), "rooms": 2,
        "weeks": 6, "seed": 11, "share": 0.0, "worlds": varied,
    }  # fmt: skip
    return Study(name="small", question="", **{**base, **changes})


def by_hand(policy: Policy | PolicyChange, numbers: dict[str, float]) -> Policy | PolicyChange:
    """The policy with the levers that it has in a world, said one by one."""
    curve, stakes, information = (numbers[name] for name in NUMBERS[:3])
    level = {"level": numbers["level"]}
    match policy.name:
        case "criterion":
            return Policy("criterion", stakes=stakes, **level)
        case "curve":
            return Policy("curve", threat=curve, stakes=stakes, **level)
        case "curve+stakes=1":
            return Policy("curve", threat=curve, stakes=1.0, **level)
        case "curve*0.25+mastery*0.75":
            mixed = {
                "threat": 0.25 * curve + 0.75 * 0.2,
                "stakes": 0.25 * stakes + 0.75 * 0.3,
                "information": 0.25 * 0.6 + 0.75 * information,
            }
            return Policy("curve*0.25+mastery*0.75", **mixed, **level)
    first = Policy("curve", threat=curve, stakes=1.0, **level)
    return PolicyChange(first, (4, Policy("mastery", information=information, **level)))


@pytest.mark.parametrize("name", ["vectorised", "mesa", "compiled"])
def test_every_policy_that_has_the_part_takes_the_number(name: str) -> None:
    """As said one by one: what a text or a preset states stays, mixtures take their share, changes stage by stage."""
    if name == "compiled":
        pytest.importorskip("llvmlite")
    plan = study(engine=name, rooms=1, keep=Keep(("learning", "below_criterion_rate")))
    found = all_tasks(plan)["outcomes"].astype({"policy": str}).set_index(["world", "policy"]).sort_index()
    run, seats = engine(name), plan.roster.seats([0], plan.seed)
    for world, row in enumerate(plan.worlds.table.tolist()):
        numbers = dict(zip(NUMBERS, row))
        for policy in POLICIES:
            parameters = plan.parameters.replace(style_mean=numbers["style_mean"])
            end = run(columns(seats, [by_hand(policy, numbers)], [parameters]), plan.weeks).end
            for outcome in plan.keep.outcomes:
                alone = OUTCOMES[outcome].of(end, plan.weeks).mean()
                assert found.loc[(world, policy.name), outcome] == pytest.approx(alone, abs=1e-9)
    assert found["learning"].xs("curve", level="policy").nunique() == 5


def test_twins_take_the_numbers_too() -> None:
    """A study with twins runs each world with the numbers of its policies."""
    plan = study(policies=(*POLICIES[:3], POLICIES[4]), weeks=20, rooms=1, share=0.2, keep=Keep(("learning",)))
    plain = plan.replace(share=0.0)
    with_twins, without = (all_tasks(one)["outcomes"].astype({"policy": str}) for one in (plan, plain))
    index = ["world", "policy", "room"]
    one, other = (frame.set_index(index).sort_index()["learning"] for frame in (with_twins, without))
    assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=1e-12)


def test_the_key_covers_what_is_assumed() -> None:
    """Other numbers of the worlds, or another policy that takes them, are filed elsewhere."""
    plan = study()
    narrow = plan.worlds.table.copy()
    narrow[:, 0] = 0.5
    moved = plan.replace(worlds=Worlds("file", plan.worlds.ranges, narrow))
    stated = plan.replace(policies=(*POLICIES[:4], Policy("curve*0.25+mastery*0.75+threat=0.325")))
    assert len({plan.key(), moved.key(), stated.key()}) == 3
    taken = plan.text()["assumed"]
    assert isinstance(taken, list)
    assert taken[1] == {"1": {"stakes": [[1.0, "criterion.stakes"]], "threat": [[1.0, "curve.threat"]]}}


def test_a_policy_that_states_it_is_another_policy(tmp_path: Path) -> None:
    """A curve and a curve whose threat is stated are apart where the threat of curves varies, whatever else does."""
    head = '[study]\nname = "mine"\n[policies]\nnamed = ["curve", "curve+threat=0.7"]\n'
    study = read(tmp_path, f'{LHS}vary = ["curve.threat", "level"]\n', head)
    assert len(study.policies) == 2
    with pytest.raises(InputError, match=r"no policy of the study takes threat from its part curve; what they"):
        study.replace(policies=study.policies[1:])


def test_results_have_the_numbers_as_columns(tmp_path: Path) -> None:
    """Design, summary, SALib's tables, figure and export name them like any other number that varies."""
    text = f'{LHS.replace("4", "24")}vary = ["curve.threat", "gain_threat"]\n[rooms]\ncount = 2\nsize = 4\nweeks = 4\n'
    (tmp_path / "mine.toml").write_text(HEAD + text)
    done = setback("run", tmp_path / "mine.toml", "--results", tmp_path / "results", "--engine", "vectorised")
    assert done.code == 0, done.err
    folder = next((tmp_path / "results" / "mine").iterdir())
    found = sb.load(folder)
    assert list(found.worlds) == ["curve.threat", "gain_threat"]
    assert found.worlds["curve.threat"].between(0.3, 0.9).all()
    assert {"curve.threat", "gain_threat"} <= {*found.design} and len(found.summary())
    salib = found.to_salib("learning", "curve")
    assert salib.problem["names"] == ["curve.threat", "gain_threat"] and np.shape(salib.X) == (24, 2)
    assert "curve.threat" in found.to_ema()[0]
    assert (folder / "worlds.png").exists()
    done = setback("export", folder, "--out", tmp_path / "mine.csv")
    assert done.code == 0 and "curve.threat" in (tmp_path / "mine.csv").read_text().splitlines()[0]


def test_a_map_over_everything_has_a_title_of_a_few_lines(tmp_path: Path) -> None:
    """It counts the numbers that it does not show."""
    (tmp_path / "mine.toml").write_text(f'{HEAD}{LHS}vary = "all"\n[rooms]\ncount = 2\nsize = 4\nweeks = 4\n')
    done = setback("run", tmp_path / "mine.toml", "--results", tmp_path / "results", "--engine", "vectorised")
    assert done.code == 0, done.err
    drawn = sb.load(next((tmp_path / "results" / "mine").iterdir())).plot()
    assert f"means over {len(UNCERTAIN) + len(ASSUMED) - 2} other numbers" in " ".join(drawn.get_suptitle().split())


def test_a_file_of_worlds_may_have_them(tmp_path: Path) -> None:
    """As columns of their name; a part that no policy of the study has is refused."""
    (tmp_path / "draws.csv").write_text("level,curve.threat\n0,0.4\n1,0.8\n")
    study = read(tmp_path, '[worlds]\ndesign = "file"\nfile = "draws.csv"\n')
    assert study.worlds.names == ("level", "curve.threat") and study.worlds.table[1, 1] == 0.8
    (tmp_path / "draws.csv").write_text("level,mastery.threat\n0,0.4\n1,0.5\n")
    with pytest.raises(InputError, match=r"draws\.csv: .*mastery\.threat"):
        read(tmp_path, '[worlds]\ndesign = "file"\nfile = "draws.csv"\n')


def test_a_part_in_a_file_states_its_ranges(tmp_path: Path) -> None:
    """Its assumed numbers vary under its own name."""
    (tmp_path / "portfolio.toml").write_text(
        'name = "portfolio"\ngroup = "grading"\ndescription = "Collected work."\n'
        "[levers]\ncounted = 0\nthreat = { value = 0.4, low = 0.1, high = 0.6 }\n"
    )
    head = '[study]\nname = "mine"\n[policies]\ngrading = ["criterion", "portfolio.toml"]\n'
    study = read(tmp_path, f'{LHS}vary = ["portfolio.threat"]\n', head)
    assert study.worlds.ranges == (Range("portfolio.threat", 0.1, 0.6),)
    assert [*assumed_numbers(study.policies)] == [
        "criterion.threat", "criterion.stakes", "criterion.information", "portfolio.threat"
    ]  # fmt: skip


def test_defaults_change_no_bit() -> None:
    """At the values of the parts every policy is what it is without worlds."""
    for name in (*PARTS, "harmful", "benign", "coverage*0.3+ranking*0.2+learning*0.5", "mastery*0.1+curve*0.9"):
        policy = Policy(name)
        assert policy.at({n: row.default for n, row in assumed_numbers([policy]).items()}) == policy, name
    rows = {n: np.array([row.low, row.high]) for n, row in assumed_numbers(POLICIES).items()}
    for policy in (Policy("coverage*0.3+ranking*0.2+learning*0.5"), Policy("mastery*0.1+curve*0.9")):
        for lever, value in policy.at(rows).items():
            low, high = OWN.by_name[lever].low, OWN.by_name[lever].high
            assert ((low <= np.asarray(value)) & (np.asarray(value) <= high)).all()
    assert {*LEVER_NAMES} == {*Policy().at({})}


def test_ranges_by_hand() -> None:
    """The reader of `vary` takes what TOML gives."""
    table = numbers_of([Policy("curve")], OWN)
    assert ranges(["gains"], [GAINS[0]], table, PARTS)[0].name == GAINS[1]
    assert ranges({}, [], table, PARTS) == []
