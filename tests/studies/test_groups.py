"""Groups: planted effects are found where they were planted, parts make up the whole, and what cannot be is refused."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from all_tasks import all_tasks
from command_line import said, setback

import setback as sb
from setback.analysis.estimate import mean
from setback.analysis.groups import groups, most_apart, nobody
from setback.analysis.load import Results, load
from setback.cli import tables
from setback.experiments.simulate import simulate
from setback.experiments.studies.folder import tables_of
from setback.experiments.studies.groups import Grouping, measure, position, read_groups
from setback.experiments.studies.merge import merge
from setback.experiments.studies.parts import Part
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.experiments.studies.task import Task
from setback.experiments.studies.worlds import Range, worlds
from setback.model.arithmetic import indicator
from setback.model.errors import InputError
from setback.model.keep import Keep
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster, SchoolClass

GROUPS = {"resilience": 3, "knowledge": [0.25, 0.75], "position": 2}
VARIED = worlds("lhs", [Range.of("level")], n=3, seed=2)
#: Classes of two sizes in two schools, whose pupils carry a column with a blank in it.
REAL = Roster(
    [
        SchoolClass("1a", ("a", "b", "c"), {}, {"home": ("north", "south", "north")}, "Hill"),
        SchoolClass("1b", ("d", "e", "f", "g"), {}, {"home": ("south", " ", "north", "north")}, "Dale"),
        SchoolClass("1c", ("h", "i"), {}, {"home": ("south", "north")}, "Hill"),
    ],
    "real",
)


def study(**changes: Any) -> Study:
    """A small study with groups and something changed."""
    base: dict[str, Any] = {
        "name": "whom", "policies": (Policy("criterion"), Policy("curve")), "parameters": Parameters(),
        "roster": Roster.synthetic(8), "rooms": 5, "weeks": 6, "seed": 11, "share": 0.0, "worlds": VARIED,
        "keep": Keep(("learning", "helpless", "achievement_gap", "learned_after_failure")), "groups": GROUPS,
    }  # fmt: skip
    return Study(question="", **{**base, **changes})


def run(plan: Study, results: Path, **options: Any) -> Results:
    """Run a study in this process, and read it."""
    return load(run_study(plan.replace(engine="vectorised"), results, 1, say=lambda text: None, **options))


def files(found: Results) -> dict[str, bytes]:
    """The files of the tables."""
    folder = Path(str(found.folder))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}


# ---- who belongs where ---------------------------------------------------------------------------------------
def test_bands_by_hand() -> None:
    """A score is set against the normal quantiles of the cuts, a place against the classmates."""
    score = np.array([[-0.44, -3.0], [-0.42, 5.0], [0.42, 0.1], [0.44, 0.2]])
    here = np.array([[True, True], [True, True], [True, True], [True, False]])
    (thirds,) = read_groups({"resilience": 3})
    assert thirds.labels(REAL) == ("lowest third", "middle third", "highest third")
    of = thirds.of(REAL, np.array([0, 1]), {"resilience_score": score}, here)
    assert of.tolist() == [[0, 0], [1, 2], [1, 1], [2, -1]]  # the quantile of a third is -.4307
    (cut,) = read_groups({"position": [0.2, 0.9]})
    assert cut.labels(REAL) == ("0 to 20 %", "20 to 90 %", "90 to 100 %")
    places = position(score, here).T
    assert places[0].tolist() == [0.125, 0.375, 0.625, 0.875] and places[1, :3].tolist() == [1 / 6, 2.5 / 3, 0.5]
    assert cut.of(REAL, np.array([0, 1]), {"knowledge_score": score}, here).T.tolist() == [[0, 1, 1, 1], [0, 1, 1, -1]]


def test_columns_by_hand() -> None:
    """Each pupil of each room has the label that stands in the roster, whichever columns of a block the rooms are."""
    here = np.array([[1, 1, 1], [1, 1, 1], [1, 0, 1], [1, 0, 0]]) > 0
    rooms = np.array([1, 5, 3])  # rooms 3 and on seat the classes again
    home, school = Grouping("home"), Grouping("school")
    assert home.labels(REAL) == ("north", "south", "not stated") and school.labels(REAL) == ("Hill", "Dale")
    assert home.of(REAL, rooms, {}, here).T.tolist() == [[1, 2, 0, 0], [1, 0, -1, -1], [0, 1, 0, -1]]
    assert school.of(REAL, rooms, {}, here).T.tolist() == [[1] * 4, [0, 0, -1, -1], [0, 0, 0, -1]]


def test_measured_by_hand() -> None:
    """Means over those of whom an outcome is known, and how many they are; no row for a group without students."""
    of = np.array([[0, 1], [1, 1], [1, -1]])
    found = measure([of], [np.array([[1.0, 2.0], [3.0, 5.0], [np.nan, 9.0]])])
    rows = {(c, g): (n, m, k) for c, g, n, m, k in zip(*(x.tolist() for x in (
        found.column, found.group, found.students, found.means[0], found.known[0])))}  # fmt: skip
    assert rows == {(0, 0): (1, 1.0, 1), (0, 1): (2, 3.0, 1), (1, 1): (2, 3.5, 2)}


@pytest.mark.parametrize("engine", ["vectorised", "compiled"])
def test_groups_are_those_of_simulate(engine: str) -> None:
    """Row by row the mean over the students whose scores lie in the band, as simulate gives them one by one."""
    plan = study(engine=engine)
    found = all_tasks(plan)["groups"].astype({"policy": str, "by": str, "group": str})
    found = found[(found["by"] == "resilience") & (found["world"] == 1)].set_index(["policy", "group", "room"])
    level = float(VARIED.table[1, 0])
    for policy in plan.policies:
        students = simulate(Policy(policy.name, level=level), {}, plan.roster, 5, 11, 6, engine=engine).per_student()
        bands = pd.cut(
            students["resilience_score"],
            [-9, -0.4307273, 0.4307273, 9],
            labels=Grouping("x", (1 / 3, 2 / 3)).labels(REAL),
        )
        for (group, room), own in students.groupby([bands.astype(str), "room"]):
            row = found.loc[(policy.name, group, room)]
            assert row["students"] == len(own) and row["known_helpless"] == own["helpless"].notna().sum()
            assert row["learning"] == pytest.approx(own["learning"].mean(), abs=1e-12)
    assert len(found) == len(found.index.unique())


def test_groups_make_up_the_whole() -> None:
    """In every room of every world, in each grouping; what is of a class as a whole is of no group."""
    tables = {name: table.astype({"policy": str}) for name, table in all_tasks(study()).items()}
    rooms = tables["outcomes"].set_index(["world", "policy", "room"]).sort_index()
    for _, of in tables["groups"].groupby("by", observed=True):
        keys = [of["world"], of["policy"], of["room"]]
        assert (of.groupby(keys, observed=True)["students"].sum() == rooms["students"]).all()
        for name in ("learning", "helpless", "learned_after_failure"):
            total = (of[name].fillna(0) * of[f"known_{name}"]).groupby(keys, observed=True).sum()
            known = of[f"known_{name}"].groupby(keys, observed=True).sum()
            np.testing.assert_allclose(total / known.replace(0, np.nan), rooms[name], rtol=1e-12)
    assert "achievement_gap" in rooms and "achievement_gap" not in tables["groups"]
    one = tables["groups"].groupby(["world", "room", "by", "group"], observed=True)["students"].nunique()
    assert (one == 1).all(), "a group has other students under another policy"


def test_other_tables_stay_as_they_are() -> None:
    """Byte for byte; a study without groups has no table and no word of them."""
    with_groups, without = study(), study(groups=())
    assert "groups" not in without.text() and tables_of(without.text()) == ("outcomes",)
    assert tables_of(with_groups.text()) == ("outcomes", "groups") and with_groups.key() != without.key()
    pd.testing.assert_frame_equal(all_tasks(with_groups)["outcomes"], all_tasks(without)["outcomes"], check_exact=True)


def test_who_has_which_label_is_in_the_key() -> None:
    """What a roster carries decides nothing but groups."""
    other = Roster(
        [REAL.classes[0], REAL.classes[1], REAL.classes[2]._replace(carried={"home": ("north", "south")})], "real"
    )
    named = {"roster": REAL, "groups": {"home": True}}
    assert study(**named).key() != study(**named | {"roster": other}).key()
    assert study(roster=REAL, groups=()).key() == study(roster=other, groups=()).key()


# ---- planted effects -----------------------------------------------------------------------------------------
@sb.mechanism(
    "minutes",
    strength="planted",
    source="assumed",
    after="set_again",
    parameters={"planted_minutes": (100.0, -1000.0, 1000.0, "minutes", "Time for the half that is less resilient.")},
)
def help_one_half(minutes, resilience_score, p, q):
    """A teacher who is friendly has more time for those who are less resilient, and for nobody else."""
    return minutes + p.strength_planted * p.planted_minutes * q.friendly * indicator(resilience_score < 0.0)


def planted(amount: float, tmp_path: Path) -> pd.DataFrame:
    """What is found of a policy that gives one half so many minutes a week."""
    model = sb.MODEL.with_mechanism(help_one_half)
    plan = study(
        policies=(Policy("criterion"), Policy("criterion", friendly=1.0)), model=model, groups={"resilience": 2},
        keep=Keep(("teacher_time",)), parameters=model.parameters(planted_minutes=amount),
    )  # fmt: skip
    frame = run(plan, tmp_path / str(amount)).groups()
    return frame.set_index(["kind", "group", "policy"])


@pytest.mark.parametrize("amount", [200.0, -200.0])
def test_a_planted_subgroup_effect(amount: float, tmp_path: Path) -> None:
    """A policy that does something for the lower half alone: size, sign, and whose it is."""
    frame = planted(amount, tmp_path)
    effect, interaction = frame.loc["effect"], frame.loc["interaction"]
    lower, upper = (effect.loc[f"{half} half"].iloc[0] for half in ("lower", "upper"))
    assert lower["value"] == pytest.approx(amount, abs=3) and abs(upper["value"]) < 3
    (row,) = interaction.itertuples()
    assert row.value == pytest.approx(upper["value"] - lower["value"]) and row.less_group == "lower half"
    assert row.low < row.value < row.high and (row.high < 0) == (amount > 0) and row.above == (amount < 0)
    assert row.worlds == 3 and row.draws == 5


def frame_of(values: np.ndarray, size: np.ndarray) -> pd.DataFrame:
    """A table of groups: values and sizes (world, policy, room, group); every room a class."""
    world, policy, room, group = (at.ravel() for at in np.indices(values.shape))
    return pd.DataFrame({
        "world": world, "policy": np.array(["a", "b"])[policy], "room": room, "class": room, "by": "half",
        "group": np.array(["low", "high"])[group], "students": size.ravel(), "learning": values.ravel(),
        "known_learning": size.ravel(),
    }).query("students > 0")  # fmt: skip


def results_of(frame: pd.DataFrame, **changes: Any) -> Any:
    """Results with this table of groups, all in one part."""
    text = {
        "name": "made", "groups": [{"by": frame["by"].iloc[0], "labels": ["low", "high"]}], "claim": None, "share": 0.0,
        "keep": {"outcomes": ["learning"]}, "rooms": frame["room"].nunique(),
        "worlds": {"count": frame["world"].nunique()},
    }  # fmt: skip
    return SimpleNamespace(
        study={**text, **changes}, manifest=SimpleNamespace(tables=("outcomes", "groups")),
        policies=pd.DataFrame({"policy": ["a", "b"]}).set_index("policy"), policy_named=lambda name: name,
        in_parts=lambda table, columns: iter([frame.copy()]), twins=pd.DataFrame(),
    )  # fmt: skip


RNG = np.random.default_rng(5)
VALUES, SIZE = RNG.normal(size=(1, 2, 12, 2)), RNG.integers(1, 9, size=(1, 1, 12, 2)).repeat(2, 1)


def test_means_and_effects_by_hand() -> None:
    """Of one world: the ratio estimator over rooms of the paired differences, weighted by students."""
    frame = groups(results_of(frame_of(VALUES, SIZE))).set_index(["kind", "group", "policy"])
    for g, group in enumerate(("low", "high")):
        for kind, policy, values in (
            ("mean", "a", VALUES[0, 0, :, g]),
            ("effect", "b", VALUES[0, 1, :, g] - VALUES[0, 0, :, g]),
        ):
            row, own = frame.loc[(kind, group, policy)], mean(values, np.arange(12), SIZE[0, 0, :, g])
            assert [row["value"], row["low"], row["high"], row["se"]] == pytest.approx(
                [own.value, own.low, own.high, own.se]
            )
            assert row["students"] == SIZE[0, 0, :, g].sum() and row["draws"] == 12
    effects = frame.loc["effect"]["value"].to_numpy()
    assert frame.loc["interaction"]["value"].to_numpy() == pytest.approx([effects[1] - effects[0]])


def test_the_error_of_an_interaction_is_paired() -> None:
    """What a room does to both groups under both policies cancels out; what it does to one effect does not."""
    of_room, even = 3.0 * RNG.normal(size=(1, 1, 12, 1)), np.full((1, 2, 12, 2), 4)
    shared, own = np.zeros((1, 2, 12, 2)), np.zeros((1, 2, 12, 2))
    shared[:, 1] = of_room[:, 0] + np.array([0.2, 0.7])
    own[:, 1, :, 1] = of_room[:, 0, :, 0]
    row = groups(results_of(frame_of(shared + of_room, even))).query("kind == 'interaction'").iloc[0]
    assert [row["value"], row["se"]] == pytest.approx([0.5, 0.0], abs=1e-12)
    row = groups(results_of(frame_of(own + of_room, even))).query("kind == 'interaction'").iloc[0]
    assert row["se"] == pytest.approx(of_room.std(ddof=1) / math.sqrt(12))


def test_intervals_of_interactions_cover() -> None:
    """A planted interaction of .3, rooms that differ in it, groups of uneven size: 95 % of 400 studies of 12 rooms."""
    rng, held = np.random.default_rng(8), 0
    for _ in range(400):
        values = rng.normal(size=(1, 2, 12, 2)) + rng.normal(size=(1, 1, 12, 1))
        values[:, 1, :, 1] += 0.3 + 0.5 * rng.normal(size=12)
        size = rng.integers(5, 15, size=(1, 1, 12, 2)).repeat(2, 1)
        row = groups(results_of(frame_of(values, size))).query("kind == 'interaction'").iloc[0]
        held += row["low"] < 0.3 < row["high"]
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_schools_are_the_draws_of_groups_within_them() -> None:
    """Six schools of two classes count as six; of groups by school classes count, for a school is no draw of itself."""
    frame = frame_of(VALUES, SIZE).assign(school=lambda rows: rows["class"] // 2)
    found = groups(results_of(frame)).iloc[0]
    own = mean(VALUES[0, 0, :, 0], np.arange(12) // 2, SIZE[0, 0, :, 0])
    assert found["draws"] == 6 and [found["value"], found["low"]] == pytest.approx([own.value, own.low])
    assert groups(results_of(frame.assign(by="school"))).iloc[0]["draws"] == 12


def test_fewer_draws_count() -> None:
    """Of a group that sits in three rooms against one that sits in nine, three."""
    size = SIZE.copy()
    size[:, :, 3:, 0], size[:, :, :3, 1] = 0, 0
    frame = groups(results_of(frame_of(VALUES, size))).set_index("kind")
    gap = frame.loc["gap"].iloc[0]
    one, other = (
        mean(VALUES[0, 0, at, g], np.arange(12)[at], size[0, 0, at, g])
        for at, g in ((slice(3, 12), 1), (slice(0, 3), 0))
    )
    assert gap["value"] == pytest.approx(one.value - other.value) and gap["draws"] == 3
    assert gap["se"] == pytest.approx(math.sqrt(1.5 * (one.se**2 * 8 / 9 + other.se**2 * 2 / 3)))


def test_nobody_in_a_group() -> None:
    """In one of two worlds: known of the other, and said; in all: NaN, no student, and said."""
    values, size = VALUES.repeat(2, 0), SIZE.repeat(2, 0)
    size[1, ..., 1] = 0
    frame = groups(results_of(frame_of(values, size)))
    row = frame.query("kind == 'mean' and group == 'high'").iloc[0]
    assert row["worlds"] == 1 and row["value"] == pytest.approx(
        np.average(values[0, 0, :, 1], weights=size[0, 0, :, 1])
    )
    assert [text.split(";")[0] for text in nobody(frame, 2)] == ["nobody is in group high of half in 1 of 2 worlds"]
    size[..., 1] = 0
    frame = groups(results_of(frame_of(values, size)))
    row = frame.query("kind == 'interaction'").iloc[0]
    assert math.isnan(row["value"]) and row["students"] == 0 and row["worlds"] == 0
    assert nobody(frame, 2)[0].startswith("nobody is in group high of half in any world; ")
    assert nobody(groups(results_of(frame_of(VALUES, SIZE))), 1) == []


# ---- the store ------------------------------------------------------------------------------------------------
def test_merged_resumed_and_grown_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte that of a study that is run at once."""
    once = run(study(), tmp_path / "once")
    whole = files(once)
    assert any(name.startswith("groups/") for name in whole)
    for number in (1, 2):
        folder = run_study(
            study(engine="vectorised"), tmp_path / "parts", 1, part=Part(number, 2), say=lambda text: None
        )
    merge([folder])
    assert files(load(folder)) == whole
    # a file of groups that was edited, and a record that is gone
    name = sorted(name for name in whole if name.startswith("groups/"))[0]
    Path(str(once.folder), name).write_bytes(b"PAR1")
    assert not load(once.folder).state.is_finished
    assert files(run(study(), tmp_path / "once")) == whole
    small = study(rooms=3, policies=study().policies[1:], keep=Keep(("dropout", *study().keep.outcomes)))
    run(small, tmp_path / "grown")
    assert files(run(study(), tmp_path / "grown")) == whole
    counts = []
    from setback.experiments.studies import task as tasks

    real = tasks.run_cells

    def counted(plan: Study, one: Task, wanted: Any) -> Any:
        counts.append(int(wanted.sum()))
        return real(plan, one, wanted)

    monkeypatch.setattr(tasks, "run_cells", counted)
    run(study(groups={"resilience": 2}), tmp_path / "once")
    assert sum(counts) == 3 * 2 * 5, "cells told apart otherwise were taken over"


def test_twins_of_a_group(tmp_path: Path) -> None:
    """Twins say the groups of their student, so that effects of a failure are told apart; together they are all."""
    plan = study(share=0.5, weeks=15, flips=("criterion",), worlds=study().worlds, rooms=4, groups={"position": 2})
    found = run(plan, tmp_path)
    frame = found.groups(["V_F_unit"]).query("side == 'spared'").set_index(["kind", "group", "policy"])
    twins = found.twins[found.twins["spared"] & (found.twins["policy"] == "criterion")]
    for half, own in twins.groupby("group_position", observed=True):
        row = frame.loc[("mean", half, "criterion")]
        assert row["value"] == pytest.approx(own["unit_conceptual"].mean()) and row["unit"] == "SD"
    effect = frame.loc["effect"]["value"]
    assert frame.loc["interaction"]["value"].iloc[0] == pytest.approx(effect.iloc[1] - effect.iloc[0])
    assert frame.loc["effect"].loc["lower half"]["value"].iloc[0] == pytest.approx(
        frame.loc[("mean", "lower half", "curve"), "value"] - frame.loc[("mean", "lower half", "criterion"), "value"]
    )
    # who is in the lower half, by the room's own scores
    students = simulate("criterion", {}, plan.roster, 4, 11, 2).per_student()
    students["seat"] = students.groupby("room").cumcount()
    lower = students.groupby("room")["knowledge_score"].rank() <= 4
    of = twins.merge(students.assign(lower=lower)[["room", "seat", "lower"]], on=["room", "seat"])
    assert len(of) == len(twins) and (of["lower"] == (of["group_position"] == "lower half")).all()


# ---- as a person meets it ------------------------------------------------------------------------------------
TEXT = """
[study]
name = "whom"
[policies]
grading = ["criterion", "curve"]
[rooms]
count = 4
size = 6
weeks = 4
[keep]
outcomes = ["learning"]
[groups]
GROUPS
"""


def test_from_file_to_table(tmp_path: Path) -> None:
    """Printed, written beside the tables, drawn, and exported."""
    path = tmp_path / "whom.toml"
    path.write_text(TEXT.replace("GROUPS", "resilience = 3\nposition = [0.5]"))
    args = ("--results", tmp_path / "results", "--engine", "vectorised", "--processes", "1")
    done = setback("run", path, *args)
    assert done.code == 0 and "resilience: learning, SD" in done.out and "curve, less that" in done.out
    found = load(tmp_path / "results" / "whom")
    written = pd.read_csv(str(found.folder / "groups.csv"), keep_default_na=False)
    assert {*written["by"]} == {"resilience", "position"} and {*written["kind"]} == {
        "mean",
        "effect",
        "gap",
        "interaction",
    }
    assert (found.folder / "groups.png").exists() and found.state.foreign == ()
    out = tmp_path / "groups.csv"
    assert setback("export", found.folder, "--out", out, "--table", "groups").code == 0
    rows = pd.read_csv(out)
    assert len(rows) == len(found.table("groups")) and rows["students"].sum() == 2 * 2 * 4 * 6


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("resiliance = 3", "(a column of the roster takes true): 'resiliance'; did you mean resilience or diligence?"),
        ("resilience = true", "resilience in [groups] is a trait; say into how many bands, as in resilience = 3"),
        ("resilience = 1", "resilience in [groups] is 1; it needs 2 to 10 bands"),
        ("resilience = 2.5", "resilience in [groups] is 2.5; it needs a number of bands, cuts"),
        ("resilience = [0.5, 0.25]", "the cuts of resilience in [groups] are [0.5, 0.25]; they need to rise"),
        ("resilience = [0.5, 0.5]", "they need to rise, each above 0 and below 1"),
        ("resilience = [0, 0.5]", "they need to rise, each above 0 and below 1"),
        ("resilience = []", "has 0 cuts; it needs 1 to 9"),
        ("resilience = ['x']", "a cut of resilience in [groups] is 'x'; it needs a number from 0 to 1"),
        ("resilience = 'x'", "resilience in [groups] is 'x'; it needs a number of bands"),
        ("position = 10", "nobody is in group '10 to 20 %' of position in classes of at most 6 students; take wider"),
        ("school = true", "roster reference has no column 'school' for groups, nor any other; name it in [carry]"),
        ("school = 3", "unknown trait in [groups] (a column of the roster takes true): 'school'"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(asked: str, says: str, tmp_path: Path) -> None:
    """Is refused in a sentence that says what would be right, before anything runs."""
    path = tmp_path / "whom.toml"
    path.write_text(TEXT.replace("GROUPS", asked))
    assert says in said(setback("run", path, "--results", tmp_path / "results"))
    assert not (tmp_path / "results").exists()


def test_columns_that_cannot_be() -> None:
    """A column that is not there, says one thing, says too much, or a label of classes that are not run."""

    def why(**changes: Any) -> str:
        with pytest.raises(InputError) as error:
            study(roster=REAL, **changes)
        return str(error.value)

    assert why(groups={"hom": True}) == "unknown column of roster real for groups 'hom'; did you mean home?"
    assert why(groups={"school": True}, rooms=1).startswith(
        "nobody in the 1 rooms of the study is in group 'Dale' of column"
    )
    one = SchoolClass("x", ("a", "b"), {}, {"home": ("north", "north")})
    with pytest.raises(InputError, match="column home of roster r says 'north' of everybody"):
        study(roster=Roster([one], "r"), groups={"home": True})
    many = SchoolClass("x", tuple(map(str, range(21))), {}, {"id": tuple(map(str, range(21)))})
    with pytest.raises(InputError, match="column id of roster r has 21 labels; a column of groups may have 20"):
        study(roster=Roster([many], "r"), groups={"id": True})
    assert "groups are told apart by outcomes of students" in why(
        groups={"home": True}, keep=Keep(("achievement_gap",))
    )
    assert (
        why(groups=(Grouping("home"), Grouping("home"))) == "home stands twice among the groups; take one of them away"
    )


def test_what_cannot_be_asked_of_results(tmp_path: Path) -> None:
    """No groups, an outcome that is none of a student, another policy."""
    found = run(study(weeks=2, rooms=2), tmp_path)
    for ask, says in (
        ({"outcomes": ["achievement_gap"]}, "unknown outcome that was kept of groups 'achievement_gap'"),
        ({"outcomes": ["R_F"]}, "a study with [twins] has effects of a failure"),
        ({"by": "resilienc"}, "unknown grouping 'resilienc'; did you mean resilience?"),
        ({"against": "curv"}, "unknown policy of whom 'curv'; did you mean curve?"),
    ):
        with pytest.raises(InputError) as error:
            found.groups(**ask)  # type: ignore[arg-type]
        assert says in str(error.value)
    assert {*found.groups(["learning"], against="curve").query("kind == 'effect'")["policy"]} == {"criterion"}
    plain = run(study(groups=(), weeks=2, rooms=2), tmp_path)
    with pytest.raises(InputError, match=r"whom tells no groups apart; name some in \[groups\] of the study"):
        plain.groups()


def test_the_policies_that_are_shown_hold_the_best_and_the_worst() -> None:
    """Of twelve, whose effects differ between groups the more the further from the best, eight stand in the table."""
    rows = [
        {"kind": kind, "policy": f"p{k}", "value": value}
        for k in range(12)
        for kind, value in (("mean", 1.0 - k / 10), ("interaction", (-1) ** k * (k if k < 11 else 0.0)))
    ]
    assert most_apart(pd.DataFrame(rows)) == ["p0", "p5", "p6", "p7", "p8", "p9", "p10", "p11"]
    unknown = [{"kind": kind, "policy": "p12", "value": math.nan} for kind in ("mean", "interaction")]
    assert most_apart(pd.DataFrame([*rows, *unknown])) == most_apart(pd.DataFrame(rows))
    assert most_apart(pd.DataFrame(rows)[lambda frame: frame["kind"] == "mean"]) == [f"p{k}" for k in range(12)]


def test_groups_have_one_name_wherever_they_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Halves by attribution style are called in the terminal and in the report as the map calls them."""
    monkeypatch.chdir(tmp_path)
    run(study(groups={"attribution_style": 2, "knowledge": 3}), Path("results"))
    assert setback("report", "whom", "--out", "r.html").code == 0
    text = Path("r.html").read_text(encoding="utf-8")
    assert "leaning to helplessness" in text and "upper half" not in text and "highest third" in text
    tables.groups(load("results/whom").groups(["learning"]))
    shown = capsys.readouterr().out
    assert "leaning to effort" in shown and "upper half" not in shown
