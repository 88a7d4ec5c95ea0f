"""The map over students against twins that were put in: means, intervals, classes, what is said and what is drawn."""

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from scipy import stats

from setback.analysis.classes import Failing
from setback.analysis.crossed import CrossedSums, Means
from setback.analysis.figures import student_map_figure
from setback.analysis.figures.map import CLASS_COLOURS
from setback.analysis.figures.student_map import colour_of
from setback.analysis.load import Results, load
from setback.analysis.report.students import counted
from setback.analysis.student_map import StudentMap, student_map
from setback.model.errors import InputError

THIRDS, HALVES = ("lowest third", "middle third", "highest third"), ("lower half", "upper half")
LABELS = {"knowledge": THIRDS, "resilience": THIRDS, "attribution_style": HALVES}
D = [f"d{h}" for h in range(1, 10)]


def results(twins: pd.DataFrame, part: int = 3, **study: Any) -> Any:
    """A finished study with these twins, read some worlds at a time."""

    def in_parts(name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        assert name == "twins"
        for _, rows in twins.groupby(twins["world"] // part):
            yield rows[columns].reset_index(drop=True)

    about = {
        "name": "planted", "share": 0.6, "predictions": [], "flips": ["line", "label"], "estimands": [],
        "groups": [{"by": name, "labels": [*labels]} for name, labels in LABELS.items()], **study,
    }  # fmt: skip
    policies = pd.DataFrame(index=pd.Index(["curve", "mastery"], name="policy"))
    made = SimpleNamespace(study=about, policies=policies, in_parts=in_parts, unfinished="", folder="results/planted")
    made.policy_named = partial(Results.policy_named, made)
    return made


def planted(n: int = 4000, seed: int = 1) -> pd.DataFrame:
    """Twins of two policies with luck of worlds and rooms, effects that differ in every cell, and others beside."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"world": rng.integers(0, 8, n), "class": rng.integers(0, 6, n)})
    frame["room"] = frame["class"]
    frame["policy"] = pd.Categorical(rng.choice(["curve", "mastery"], n))
    frame["flip"], frame["spared"] = rng.choice(["line", "label"], n), rng.random(n) < 0.7
    for name, labels in LABELS.items():
        frame[f"group_{name}"] = pd.Categorical(rng.choice(labels, n), categories=labels)
    world, room = rng.normal(size=8)[frame["world"]], rng.normal(size=6)[frame["class"]]
    place = sum(frame[f"group_{name}"].cat.codes * weight for name, weight in zip(LABELS, (1.0, 0.3, 0.1)))
    for h, name in enumerate(D):
        frame[name] = 0.1 * h * place + world + room + rng.normal(size=n)
    frame["unit_conceptual"] = -0.5 * place + 2.0 * world + room + rng.normal(size=n)
    frame["year_conceptual"] = frame["unit_conceptual"] + 5.0
    frame.loc[::50, "unit_conceptual"] = np.nan
    return frame


def refused(*args: Any, **named: Any) -> str:
    """The one sentence that is said."""
    with pytest.raises(InputError) as error:
        student_map(*args, **named)
    message = str(error.value)
    assert message.isprintable() and not message.endswith(".")
    return message


# ---- means and intervals ------------------------------------------------------------------------------------
def cell(twins: pd.DataFrame, policy: str, flip: str = "line", **groups: str) -> pd.DataFrame:
    """The spared twins of a group of students of which everything is known."""
    mine = twins[(twins["policy"] == policy) & (twins["flip"] == flip) & twins["spared"]]
    for name, label in groups.items():
        mine = mine[mine[f"group_{name}"] == label]
    return mine.dropna(subset="unit_conceptual")


def by_hand(value: pd.Series, twins: pd.DataFrame) -> tuple[float, float, float]:
    """The mean with the interval of both clusterings, written out: squares of sums of deviations by cluster."""
    off, n = value - value.mean(), len(value)

    def variance(*by: str) -> float:
        sums = [float(off.loc[rows.index].sum()) for _, rows in twins.groupby([*by])]
        return len(sums) / (len(sums) - 1) * sum(s * s for s in sums) / n**2

    world, room, both = variance("world"), variance("class"), variance("world", "class")
    draws = min(twins["world"].nunique(), twins["class"].nunique())
    reach = stats.t.ppf(0.975, draws - 1) * np.sqrt(max(world, room, world + room - both))
    return value.mean(), value.mean() - reach, value.mean() + reach


@pytest.mark.parametrize("flip", ["line", "label"])
@pytest.mark.parametrize("when", ["unit", "year"])
def test_each_cell_has_the_means_and_intervals_of_its_own_twins(flip: str, when: str) -> None:
    """Of one policy, one flip and the spared side, over all worlds together; R_F is the sum of nine columns."""
    twins = planted()
    twins["year_conceptual"] = twins["year_conceptual"].where(twins["unit_conceptual"].notna())
    found = student_map(results(twins), flip=flip, when=when)
    assert found.groupings == tuple(LABELS) and found.twins.shape == (2, 3, 3, 2)
    for p, policy in enumerate(found.policies):
        for at in itertools.product(range(3), range(3), range(2)):
            mine = cell(twins, policy, flip, **{n: LABELS[n][k] for n, k in zip(LABELS, at)})
            assert found.twins[(p, *at)] == len(mine)
            for means, value in ((found.further, mine[D].sum(axis=1)), (found.value, mine[f"{when}_conceptual"])):
                assert [part[(p, *at)] for part in means[:3]] == pytest.approx(by_hand(value, mine), rel=1e-9)
                assert means.worlds[(p, *at)] == mine["world"].nunique()


def test_groupings_lie_along_the_sides_that_were_asked_for() -> None:
    """Two of them are over the third; swapped, the map is the other way round; one policy is one panel."""
    data = results(planted())
    found = student_map(data, ["knowledge", "resilience"])
    other = student_map(data, ["resilience", "knowledge"])
    assert found.twins.shape == (2, 3, 3)
    assert found.further.mean == pytest.approx(other.further.mean.transpose(0, 2, 1))
    assert not np.allclose(found.further.mean[0], found.further.mean[0].T)
    whole = student_map(data)
    assert whole.twins.sum(-1).tolist() == found.twins.tolist()
    [alone] = student_map(data, policies=["mastery"]).twins
    assert alone.tolist() == whole.twins[1].tolist()
    row = found.table().query("policy == 'mastery' and knowledge == 'highest third' and resilience == 'lowest third'")
    assert row["R_F"].item() == found.further.mean[1, 2, 0] and row["V_F_unit"].item() == found.value.mean[1, 2, 0]
    assert row["twins"].item() == found.twins[1, 2, 0]


def test_schools_are_the_draws_but_not_of_what_is_told_apart_by_school() -> None:
    """Where they are known: classes of one school move together."""
    twins = planted()
    twins["school"] = twins["class"] // 2

    def with_schools(groups: list[dict[str, Any]]) -> Any:
        made = results(twins, groups=groups)
        parts = made.in_parts

        def in_parts(name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
            yield from parts(name, [*dict.fromkeys((*columns, "school"))])

        made.in_parts = in_parts
        return made

    known = results(twins).study["groups"]
    found = student_map(with_schools(known), ["knowledge", "resilience"])
    mine = cell(twins, "curve", knowledge="lowest third", resilience="lowest third")
    expected = by_hand(mine[D].sum(axis=1), mine.assign(**{"class": mine["school"]}))
    assert [part[0, 0, 0] for part in found.further[:3]] == pytest.approx(expected)
    twins["group_school"] = pd.Categorical(twins["school"].map(str))
    by_school = student_map(with_schools([known[0], {"by": "school", "labels": ["0", "1", "2"]}]))
    mine = cell(twins, "curve", knowledge="lowest third", school="0")
    assert [part[0, 0, 0] for part in by_school.further[:3]] == pytest.approx(by_hand(mine[D].sum(axis=1), mine))


def test_weights_are_those_of_rows_not_of_worlds() -> None:
    """Of three rows in one world and one in another the mean is that of four."""
    sums = CrossedSums(1)
    rows = pd.DataFrame({"world": [0, 0, 0, 1], "draw": [0, 0, 1, 1], "share": 1.0, "value": [1.0, 2.0, 3.0, 10.0]})
    sums.add(rows, np.zeros(4, int))
    found = sums.means()
    assert found.mean.item() == 4.0 and found.worlds.item() == 2
    # by world 2 · (36 + 36) / 16, by room 2 · (25 + 25) / 16, by both 1.5 · (25 + 1 + 36) / 16
    assert found.high.item() - 4.0 == pytest.approx(stats.t.ppf(0.975, 1) * np.sqrt((144 + 100 - 93) / 16))


# ---- classes, and how sure they are ------------------------------------------------------------------------
def a_map(further: Any, value: Any, reach: tuple[float, float], twins: Any) -> StudentMap:
    """A map of one policy over two groupings."""
    r, v, n = (np.array(x, float)[None] for x in (further, value, twins))
    known = np.full(r.shape, 5)
    labels = tuple(THIRDS[:k] if k != 2 else HALVES for k in r.shape[1:])
    return StudentMap(
        ("knowledge", "resilience"), labels, ("curve",), "line", Failing.at(),
        Means(r, r - reach[0], r + reach[0], known), Means(v, v - reach[1], v + reach[1], known), n.astype(int),
    )  # fmt: skip


def test_a_class_is_sure_where_all_four_corners_are_of_it() -> None:
    """And no cell of fewer than thirty twins has any."""
    # learning; learning, but further failures reach the mark; failing; failing, but knowledge reaches the mark;
    found = a_map([[0.0, 0.09], [0.3, 0.3]], [[0.1, 0.1], [0.0, 0.015]], (0.02, 0.01), [[30, 400], [400, 400]])
    assert found.classes.tolist() == [[[0, 0], [3, 3]]] and found.is_sure.tolist() == [[[True, False], [True, False]]]
    # harmless, but costs at one corner alone; harmless, and surely so
    found = a_map([[0.09, 0.0], [0.3, 0.3]], [[0.0, 0.0], [0.1, 0.1]], (0.02, 0.01), [[400, 400], [29, 30]])
    assert found.classes.tolist() == [[[2, 2], [-1, 1]]] and found.is_sure.tolist() == [[[False, True], [False, True]]]
    table = found.table()
    assert table["class"].tolist() == ["harmless", "harmless", "", "costly learning"]
    assert table["sure"].tolist() == [False, True, False, True]


def test_without_an_interval_nothing_is_sure() -> None:
    """As of one world with one room."""
    found = a_map([[0.0, 0.5]], [[0.1, 0.0]], (np.nan, np.nan), [[50, 50]])
    assert found.classes.tolist() == [[[0, 3]]] and not found.is_sure.any()


def test_what_is_said() -> None:
    """For whom a failure is what, by ranges of groups; how many are sure, and of how many nothing is known."""
    further = [[0.5, 0.5, 0.5], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]
    value = [[0.0, 0.0, 0.0], [0.0, 0.1, 0.1], [0.1, 0.1, 0.0]]
    twins = [[90, 90, 90], [90, 90, 90], [90, 90, 2]]
    [sentence] = a_map(further, value, (0.01, 0.01), twins).sentences()
    assert sentence == (
        "In the model, being failed under curve is failing for 4 of 9 groups of students, surely for 4 "
        "(knowledge lowest third; knowledge lowest third or middle third, resilience lowest third); "
        "learning for 4, surely for 4 (knowledge middle third, resilience middle third or highest third; "
        "knowledge highest third, resilience lowest third or middle third); of 1 there are fewer than 30 twins."
    )
    [few] = a_map([[0.5, 0.5]], [[0.0, 0.0]], (0.0, 0.0), [[29, 0]]).sentences()
    assert few == "In the model, what being failed does under curve is not known: fewer than 30 twins in every group."
    [nobody] = a_map([[np.nan]], [[np.nan]], (0.0, 0.0), [[0]]).sentences()
    assert nobody == "In the model, under curve nobody is a case of being failed."


def test_the_report_counts_groups_by_class() -> None:
    """All, and those that are sure, of those that can be judged."""
    found = a_map([[0.0, 0.09], [0.3, 0.3]], [[0.1, 0.1], [0.0, 0.0]], (0.02, 0.01), [[30, 400], [400, 4]])
    [row] = counted(found.table()).to_dict("records")
    assert row == {
        "policy": "curve", "judged": 3, "learning": 2, "learning sure": 1, "costly learning": 0,
        "costly learning sure": 0, "harmless": 0, "harmless sure": 0, "failing": 1, "failing sure": 1,
    }  # fmt: skip


# ---- what is drawn -----------------------------------------------------------------------------------------
def drawn(ax: Any) -> dict[tuple[float, float, float, float], str]:
    """The colour of each rectangle by its place and size."""
    boxes = [p for p in ax.patches if isinstance(p, Rectangle)]
    places = [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in boxes]
    return {tuple(np.round(at, 6).tolist()): to_hex(box.get_facecolor()) for at, box in zip(places, boxes)}


def test_cells_are_drawn_where_their_students_are() -> None:
    """Knowledge from high to low, resilience upwards; the colour of the class, pale where it is not sure."""
    further, value = [[0.5, 0.0], [0.0, 0.09], [0.0, 0.5]], [[-0.031, 0.0], [0.104, 0.1], [0.0, 0.1]]
    found = a_map(further, value, (0.02, 0.005), [[90, 90], [90, 90], [3, 90]])
    ax, *_ = student_map_figure(found, "Small").axes
    sure = [to_hex(colour) for colour in CLASS_COLOURS]
    assert drawn(ax) == {
        (2, 0, 1, 1): sure[3], (2, 1, 1, 1): sure[2], (1, 0, 1, 1): sure[0],
        (1, 1, 1, 1): to_hex(colour_of(0, False)), (0, 0, 1, 1): to_hex(colour_of(-1, False)), (0, 1, 1, 1): sure[1],
    }  # fmt: skip
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (2.5, 0.5): "failing\n+0.50 | −0.03", (2.5, 1.5): "harmless\n+0.00 | +0.00", (0.5, 0.5): "few",
        (1.5, 0.5): "learning\n+0.00 | +0.10", (1.5, 1.5): "learning ?\n+0.09 | +0.10",
        (0.5, 1.5): "costly learning\n+0.50 | +0.10",
    }  # fmt: skip
    assert [text.get_text() for text in ax.get_xticklabels()] == ["highest\nthird", "middle third", "lowest third"]
    assert len({*sure, to_hex(colour_of(0, False))}) == 5


def test_a_third_grouping_is_drawn_in_strips_from_the_top() -> None:
    """The first group of it above the second; a row a sequence, a column a grading."""
    twins = planted()
    found = student_map(results(twins))
    wide = student_map_figure(found, "")
    panel = drawn(wide.axes[0])
    assert {(x, y) for x, y, *_ in panel} == {(i, j / 2) for i in range(3) for j in range(6)}
    for k, low in ((0, 0.5), (1, 0.0)):
        kind, sure = int(found.classes[0, 2, 0, k]), bool(found.is_sure[0, 2, 0, k])
        assert panel[0, low, 1, 0.5] == to_hex(colour_of(kind, sure))
    parts = pd.DataFrame(
        {"grading": "curve", "pacing": "fixed", "sequence": ["instruction-first", "problem-first"]},
        index=["curve", "mastery"],
    )
    first, second = student_map_figure(found, "", parts).axes[:2]
    assert first.get_subplotspec().rowspan.start == 0 and second.get_subplotspec().rowspan.start == 1
    assert first.get_ylabel() == "instruction first" and second.get_ylabel() == "problem first"
    assert first.get_title() == "curve"


def test_a_policy_under_which_nobody_is_failed_says_so() -> None:
    """In place of cells."""
    nothing = a_map([[np.nan, np.nan]], [[np.nan, np.nan]], (0.0, 0.0), [[0, 0]])
    ax, *_ = student_map_figure(nothing, "").axes
    assert [text.get_text() for text in ax.texts] == ["no verdict,\nso nobody is failed"] and not ax.patches


# ---- what is refused ---------------------------------------------------------------------------------------
def test_what_there_is_no_map_of() -> None:
    """Each in one sentence."""
    twins = planted(100)
    data = results(twins)
    assert refused(data, ["knowlege", "resilience"]) == (
        "unknown grouping of planted 'knowlege'; did you mean knowledge?"
    )
    assert refused(data, ["knowledge"]).startswith("a map over students needs two or three groupings, not 1; planted")
    assert refused(data, ["knowledge", "knowledge"]).startswith("knowledge is named twice")
    assert refused(data, flip="lines") == "unknown flip 'lines'; did you mean line?"
    assert "no twins of kind practice" in refused(data, flip="practice")
    assert "has no twins" in refused(results(twins, share=0.0))
    assert "tells no groups of students apart" in refused(results(twins, groups=[]))
    alone = results(twins, groups=[{"by": "knowledge", "labels": [*THIRDS]}])
    assert refused(alone).endswith("planted has knowledge alone in [groups]")
    data.unfinished = "unfinished, 3 of 4 tasks"
    assert refused(data) == (
        "results/planted is unfinished, 3 of 4 tasks; finish it first: setback run goes on with it"
    )


STUDY = """
[study]
name = "whom"
[policies]
grading = ["criterion", "narrative"]
[rooms]
count = 3
size = 20
weeks = 20
[twins]
flips = ["line"]
share = 1.0
[groups]
knowledge = 2
attribution_style = 2
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small studies, one with twins and groups and one without."""
    desk = tmp_path_factory.mktemp("whom")
    (desk / "whom.toml").write_text(STUDY)
    (desk / "plain.toml").write_text(STUDY.split("[twins]")[0].replace("whom", "plain"))
    for name in ("whom", "plain"):
        done = setback("run", desk / f"{name}.toml", "--results", desk / "results", "--processes", "1")
        assert done.code == 0, done.err
    return desk / "results"


def test_the_verb_maps_students(ran: Path) -> None:
    """Sentences, the table of all twins, and two pictures; the study still checks out."""
    done = setback("map", "whom", "--results", ran)
    assert done.code == 0 and done.out.count("In the model,") == 2
    assert "In the model, under narrative nobody is a case of being failed." in done.out
    [folder] = (ran / "whom").iterdir()
    table = pd.read_csv(folder / "students.csv", keep_default_na=False)
    assert len(table) == 8 and (folder / "students.png").stat().st_size and (folder / "students.svg").stat().st_size
    loaded = load(folder).twins
    mine = loaded[(loaded["policy"] == "criterion") & loaded["spared"]]
    assert table["twins"].sum() == len(mine) > 0
    told = json.loads(
        setback("map", "whom", "--results", ran, "--json", "--x", "attribution_style", "--y", "knowledge").out
    )
    assert [*told["cells"][0]][:3] == ["policy", "attribution_style", "knowledge"]
    of = mine[(mine["group_attribution_style"] == "upper half") & (mine["group_knowledge"] == "lower half")]
    assert told["cells"][2]["R_F"] == pytest.approx(of[D].sum(axis=1).mean())
    assert not load(folder).state.foreign


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("plain", "a map over students needs twins and two groupings, and plain has not both; give it [twins]"),
        ("whom --x knowledge", "a map over students needs two or three groupings, not 1; whom has knowledge, "),
        ("whom --x knowledge --y level", "unknown grouping of whom 'level'; there are knowledge, attribution_style"),
        ("whom --outcome learning", "a map over students shows what a failure causes; leave --outcome and "),
        ("whom --flip label", "study whom has no twins of kind label for R_F.label; ask for R_F"),
        ("whom --x level", "a map over numbers needs two, and only level is named; name both with --x and --y"),
        ("whom --x level --y style_mean --flip line", "--flip is of a map over students; over numbers name an "),
        ("whom --classes week", "unknown time of --classes 'week'; there are unit, year"),
    ],
)
def test_what_the_verb_refuses(words: str, message: str, ran: Path) -> None:
    """In one sentence."""
    assert said(setback("map", *words.split(), "--results", ran)).startswith(message)
