"""Schools as clusters: what planted schools do to errors, how often intervals cover, and that everything knows them."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback

import setback as sb
from setback.analysis.ablation import effects
from setback.analysis.claims import cells, estimate
from setback.analysis.estimate import clusters, mean, over_schools
from setback.analysis.load import Results, load
from setback.analysis.paired import apart, summary
from setback.analysis.predictions import covariances, drawn_again, figures
from setback.analysis.slopes import within
from setback.analysis.worlds import verdict
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.experiments.twins.estimands import ESTIMANDS, columns
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster, SchoolClass

#: Schools, classes in each, and twins in each class.
SCHOOLS, CLASSES, TWINS = 20, 10, 4


# ---- known answers -------------------------------------------------------------------------------------------
def test_the_design_effect_of_planted_schools() -> None:
    """Schools at -a and a, classes at -b and b about them: both errors by hand, and their ratio."""
    a, b, j, k = 0.6, 0.8, 6, 4
    school, of = np.repeat(np.arange(j), k), np.tile(np.arange(k), j)
    value = a * (-1.0) ** school + b * (-1.0) ** of
    by_school, by_class = mean(value, school), mean(value, np.arange(j * k))
    assert by_school.se == pytest.approx(a / math.sqrt(j - 1)) and by_school.rooms == j
    assert by_class.se == pytest.approx(math.sqrt((a**2 + b**2) / (j * k - 1))) and by_class.rooms == j * k
    # of many schools 1 + (k - 1) rho, where rho = (between - b² / (k - 1)) / (between + b²)
    many = 1000
    value = np.tile(value, many)
    ratio = mean(value, np.repeat(np.arange(j * many), k)).se / mean(value, np.arange(j * k * many)).se
    rho = (a**2 - b**2 / (k - 1)) / (a**2 + b**2)
    assert ratio**2 == pytest.approx(1.0 + (k - 1) * rho, rel=1e-3)


def district(rng: np.random.Generator, repetitions: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Twins of many districts: values (repetition, twin) with mean .3 and half of their variance between schools."""
    shape = repetitions, SCHOOLS, CLASSES, TWINS
    value = 0.3 + rng.normal(size=shape[:2])[..., None, None] + rng.normal(scale=0.6, size=shape[:3])[..., None]
    value = value + rng.normal(scale=0.8, size=shape)
    school, of_class, _ = (part.ravel() for part in np.indices(shape[1:]))
    return value.reshape(repetitions, -1), school, school * CLASSES + of_class


def covered(of: Callable[[np.ndarray], Any], values: np.ndarray) -> float:
    """The share of repetitions whose interval holds .3."""
    found = [of(row) for row in values]
    return float(np.mean([one.low < 0.3 < one.high for one in found]))


def test_means_cover_as_often_as_they_say_with_schools_alone() -> None:
    """Of 1,000 districts .95 with schools as clusters; with classes hardly more than half: design effect 6."""
    values, school, of_class = district(np.random.default_rng(1), 1000)
    assert covered(lambda row: mean(row, school), values) == pytest.approx(0.95, abs=0.02)
    assert covered(lambda row: mean(row, of_class), values) < 0.65


def test_effects_of_twins_cover_as_often_as_they_say_with_schools_alone() -> None:
    """The same of bootstrap-t, in 400 districts."""
    values, school, of_class = district(np.random.default_rng(2), 400)
    who = pd.DataFrame({"class": of_class, "room": of_class, "seat": 0})

    def of(row: np.ndarray, **schools: np.ndarray) -> Any:
        return estimate(who.assign(margin_later=row, **schools), ESTIMANDS["Lambda_F"])

    assert covered(lambda row: of(row, school=school), values) == pytest.approx(0.95, abs=0.025)
    assert covered(of, values[:100]) < 0.7


# ---- everything that knows classes knows schools ---------------------------------------------------------------
RNG = np.random.default_rng(3)
ROOM = np.repeat(np.arange(24), 10)
#: Twins and students of 24 classes in 12 schools, 10 a class.
TABLE = pd.DataFrame(
    {
        "room": ROOM, "class": ROOM, "school": ROOM % 12, "seat": np.tile(np.arange(10), 24), "student": "s",
        "flip": "line", "policy": "a", "off": "nothing", "group": "none", "spared": True, "distance": 0.2,
        **{name: RNG.normal(0.3, 1.0, 240) + 0.5 * RNG.normal(size=12)[ROOM % 12] for name in columns()},
        "verdict": (ROOM % 2).astype(float),
    }
)  # fmt: skip


def of_students(seed: int) -> pd.DataFrame:
    """Students with outcomes that their school has a part in."""
    rng = np.random.default_rng(seed)
    who = TABLE[["room", "class", "school", "student"]]
    return who.assign(**{name: rng.normal(size=240) + rng.normal(size=12)[ROOM % 12] for name in OUTCOMES})


FIRST, SECOND = of_students(4), of_students(5)


def paired(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """Ends of the paired effects."""
    return summary(change(FIRST), change(SECOND), 1)[["difference", "low", "high"]].to_numpy()


def estimates(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """An effect of twins."""
    return estimate(change(TABLE), ESTIMANDS["R_F"])


def differences(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """An effect under one policy less that under another."""
    other = TABLE.assign(**{f"d{h}": TABLE[f"d{h}"] * (h % 3) for h in range(1, 10)})
    return apart(change(TABLE), change(other), ESTIMANDS["R_F"])


def ablated(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """A row of an ablation."""
    return effects(change(TABLE)).loc[0, ["value", "low", "high"]].to_numpy(float)


def of_cells(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """An outcome and an effect of the table of claims."""
    rooms = FIRST.groupby(["room", "class", "school"], as_index=False)["learning"].mean()
    rooms = rooms.assign(policy="a", students=10)
    parts = pd.DataFrame({name: ["x"] for name in ("grading", "pacing", "sequence", "support", "climate")}, ["a"])
    (entry,) = cells(change(rooms), change(TABLE), parts)
    found = entry["outcomes"]["learning"], entry["line"]["spared"]["R_F"]
    return [one[name] for one in found for name in ("value", "low", "high", "rooms")]


def of_verdict(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """The error of a verdict from two worlds."""
    rooms = FIRST.groupby(["room", "class", "school"], as_index=False)["learning"].mean().assign(students=10)
    frame = pd.concat([rooms.assign(world=w, policy="a", learning=rooms["learning"] * (1 + w)) for w in range(2)])
    claim = {"outcome": "learning", "policy": "a", "against": None, "direction": "above", "beyond": 0.1}
    study = {
        "claim": {**claim, "supported": 0.95, "refuted": 0.05},
        "rooms": 24,
        "shared": True,
        "predictions": [],
        "evidence": {"rows": []},
        "roster": {"synthetic": False},
        "worlds": {"count": 2, "design": "grid"},
    }
    return verdict(SimpleNamespace(study=study, in_parts=lambda columns: iter([change(frame)])))[7:9]  # type: ignore[arg-type]


def arms() -> pd.DataFrame:
    """Rows of two arms of a prediction, room by room."""
    rows = [
        {"figure": f, "arm": arm, "coefficient": 1.0 - 2 * arm, "room": room, "school": room % 12,
         "weight": 1.0 + (room + arm) % 3, "value": math.sin(room + 5 * arm + len(f)) + (room % 12) ** 0.5, "world": 0}
        for f in ("x", "yy") for arm in range(2) for room in range(24)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def of_figures(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """Quick errors of figures of predictions."""
    return figures(change(arms()))[["value", "se", "low", "high", "rooms"]].to_numpy(float)


def again(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """The same by bootstrap."""
    return drawn_again(change(arms()).query("figure == 'x'"))


def together(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    """Covariances of two figures."""
    return covariances(change(arms()), ["world"], ["x", "yy"]).to_numpy()


@pytest.mark.parametrize(
    "of",
    [paired, estimates, differences, ablated, of_cells, of_verdict, of_figures, again, together],
    ids=lambda of: of.__name__,
)
def test_schools_are_the_draws_wherever_they_are_known(of: Callable[..., Any]) -> None:
    """The same as if each school were one class; without the column each class is one draw, which is not the same."""
    by_school = of(lambda frame: frame)
    draw = "room" if of in (of_figures, again, together) else "class"
    as_class = of(lambda frame: frame.assign(**{draw: frame["school"]}).drop(columns=["school"]))
    by_class = of(lambda frame: frame.drop(columns="school"))
    assert np.asarray(by_school, float) == pytest.approx(np.asarray(as_class, float), rel=1e-9)
    assert np.asarray(by_school, float) != pytest.approx(np.asarray(by_class, float), rel=1e-3)


def test_slopes_compare_classmates_and_draw_schools() -> None:
    """The slope is that within classes; its error adds up over the classes of a school before it is squared."""
    frame = FIRST.assign(trait=np.random.default_rng(6).normal(size=240))
    found, without = (within(one, "learning", ["trait"])["trait"] for one in (frame, frame.drop(columns="school")))
    apart_ = frame[["learning", "trait"]] - frame.groupby("class")[["learning", "trait"]].transform("mean")
    x = apart_["trait"] / apart_["trait"].std(ddof=0)
    slope = (x * apart_["learning"]).sum() / (x**2).sum()
    scores = (x * (apart_["learning"] - slope * x)).groupby(frame["school"]).sum()
    assert found.value == pytest.approx(slope) == pytest.approx(without.value)
    assert found.se == pytest.approx(math.sqrt(12 / 11 * (scores**2).sum()) / (x**2).sum())
    assert (found.rooms, without.rooms) == (12, 24) and found.se != pytest.approx(without.se, rel=1e-6)


def test_what_tables_do_not_share_is_no_cluster() -> None:
    """A school that one of two tables knows does not decide."""
    assert clusters(FIRST) == clusters(FIRST, SECOND) == "school"
    assert clusters(FIRST, SECOND.drop(columns="school")) == "class"
    assert clusters(FIRST[["room"]]) == "room"


def test_few_schools_are_said_to_be_few() -> None:
    """Below ten."""
    assert over_schools(1200) == "95 % over 1,200 schools, each with all its classes one draw."
    assert over_schools(10).endswith("one draw.") and over_schools(9).endswith(
        "intervals are wide, and of twins cover less often."
    )


# ---- results of a roster with schools ----------------------------------------------------------------------------
def roster(*schools: str) -> Roster:
    """Classes of six with some prior knowledge, one a school that is named."""
    names = tuple(f"s{i}" for i in range(6))
    level = {"prior_knowledge": np.linspace(-1.0, 1.0, 6)}
    return Roster([SchoolClass(f"c{k}", names, level, school=school) for k, school in enumerate(schools)], "planted")


PLAN = Study("small", "", (Policy("criterion"),), Parameters(), roster("n", "s", "n", "w"), 6, 14, 3, 0.5, "vectorised")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Four classes of three schools in six rooms: the last two are the first two again."""
    return load(run_study(PLAN, tmp_path_factory.mktemp("schools"), processes=1))


def test_tables_have_the_school_of_each_class(found: Results) -> None:
    """Behind the class, whole and in parts, and in the design; it is no outcome, and the files do not have it."""
    assert found.rows["class"].tolist() == [0, 1, 2, 3, 0, 1] and found.rows["school"].tolist() == [0, 1, 0, 2, 0, 1]
    assert list(found.rows)[3:5] == ["class", "school"]
    assert (found.twins["school"] == np.array([0, 1, 0, 2])[found.twins["class"]]).all() and len(found.twins) > 9
    (part, *_) = found.in_parts(columns=["world", "class", "room"])
    assert list(part) == ["world", "class", "school", "room"]
    assert next(found.in_parts(columns=["world"])).columns.tolist() == ["world"]
    assert "school" in found.design and "school" not in found.outcomes
    assert "school" not in found.dataset().schema.names


def test_claims_count_schools(found: Results) -> None:
    """And classes where schools are set aside, by the reader or by the study; its numbers stay."""
    outcome = found.claims()[0]["outcomes"]["learning"]
    aside = found.with_clusters("classes")
    other = aside.claims()[0]["outcomes"]["learning"]
    assert (found.schools, outcome["rooms"], aside.schools, other["rooms"]) == (3, 3, 0, 4)
    assert aside.with_clusters("schools").claims() == found.claims()
    assert outcome["value"] == other["value"] and outcome["se"] != other["se"]
    assert "school" not in aside.rows and "school" not in aside.design


def test_a_study_may_set_schools_aside(found: Results, tmp_path: Path) -> None:
    """With clusters = "classes", which is part of what it says."""
    plan = PLAN.replace(clusters="classes")
    assert plan.key() != PLAN.key()
    without = load(run_study(plan, tmp_path, processes=1))
    assert without.schools == 0 and "school" not in without.rows
    assert without.rows["learning"].tolist() == found.rows["learning"].tolist()
    with pytest.raises(InputError, match=r"^unknown clusters 'rooms'; there are schools, classes$"):
        PLAN.replace(clusters="rooms")
    with pytest.raises(InputError, match=r"^unknown clusters 'rooms'; there are schools, classes$"):
        found.with_clusters("rooms")


def test_one_school_leaves_classes_as_clusters(tmp_path: Path) -> None:
    """Also where only the rooms that are run lie in one."""
    plans = (
        PLAN.replace(roster=roster("n", "n", "n"), rooms=3, share=0),
        PLAN.replace(roster=roster("n", "n", "s"), rooms=2, share=0),
    )
    for plan in plans:
        one = load(run_study(plan, tmp_path, processes=1))
        assert one.schools == 0 and "school" not in one.rows
        assert one.claims()[0]["outcomes"]["learning"]["rooms"] == plan.rooms


def test_results_of_a_simulation_have_schools_too() -> None:
    """By student, and in what a contrast says; not where all rooms lie in one school."""
    here = roster("n", "n", "s", "s", "w", "w")
    a, b = (sb.simulate(policy, roster=here, weeks=4) for policy in ("criterion", "mastery"))
    frame = a.per_student()
    assert list(frame)[:4] == ["room", "class", "school", "student"]
    assert frame["school"].tolist() == [k for k in range(3) for _ in range(12)]
    assert "school" not in sb.simulate(roster=here, weeks=2, rooms=2).per_student()
    aside = [sb.simulate(policy, roster=roster(*6 * [""]), weeks=4) for policy in ("criterion", "mastery")]
    wide, narrow = ((two - one).summary().loc["learning"] for one, two in ((a, b), aside))
    assert wide["difference"] == narrow["difference"] and wide["high"] != pytest.approx(narrow["high"], rel=1e-3)


def test_the_manifest_says_no_name_of_a_school(found: Results) -> None:
    """Numbers stand in it, in the order of the classes."""
    about = json.loads((found.folder / "manifest.json").read_text())
    assert about["study"]["roster"]["schools"] == [0, 1, 0, 2]
    assert "schools" not in PLAN.replace(roster=roster("", "")).text()["roster"]  # type: ignore[operator]


# ---- what a person sees ------------------------------------------------------------------------------------------
STUDY = """
[study]
name = "district"
[policies]
grading = ["criterion"]
[rooms]
weeks = 4
roster = "pupils.csv"
mapping = "rules.toml"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A study over six classes of three schools, and the same with schools set aside."""
    rows = "".join(f"{i},{i % 3},{i % 6}\n" for i in range(36))
    (tmp_path / "pupils.csv").write_text("pupil,school,class\n" + rows)
    (tmp_path / "rules.toml").write_text('[student]\nid = "pupil"\n[class]\nid = "class"\nschool = "school"\n')
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "aside.toml").write_text(f'{STUDY}clusters = "classes"\n')
    (tmp_path / "wrong.toml").write_text(f'{STUDY}clusters = "towns"\n')
    return tmp_path


def test_a_run_says_over_how_many_schools(desk: Path) -> None:
    """Below the table; not where schools are set aside."""
    done = setback("run", desk / "study.toml", "--results", desk / "results", "--processes", "1")
    text = " ".join((done.out + done.err).split())
    assert done.code == 0 and over_schools(3) in text and "3 schools by school, each with its classes" in text
    other = setback("run", desk / "aside.toml", "--results", desk / "results", "--processes", "1")
    assert other.code == 0 and "95 % over" not in other.out + other.err


def test_a_comparison_says_over_how_many_schools(desk: Path) -> None:
    """Of the rooms that are run; not where they lie in one."""
    files = "--roster", desk / "pupils.csv", "--mapping", desk / "rules.toml", "--weeks", "2", "--replicates", "1"
    done, one = (setback("compare", "criterion", "mastery", *files, "--rooms", n) for n in ("2", "1"))
    assert over_schools(2) in " ".join((done.out + done.err).split())
    assert one.code == 0 and "95 % over" not in one.out + one.err


def test_clusters_that_there_are_not(desk: Path) -> None:
    """One sentence."""
    assert said(setback("run", desk / "wrong.toml", "--results", desk / "results")) == (
        "study wrong.toml: rooms.clusters is 'towns': input should be 'schools' or 'classes'"
    )
