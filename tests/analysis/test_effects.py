"""Effects of a failure as outcomes: planted twins, rooms of unequal size, and what is refused."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from setback.analysis.claims import estimate
from setback.analysis.effects import counts, of_rooms
from setback.analysis.estimate import mean
from setback.analysis.load import Results, world_means
from setback.analysis.worlds import _effects, verdict
from setback.experiments.twins.effects import apart, check_made, effect, effects
from setback.experiments.twins.estimands import ESTIMANDS, columns
from setback.model.errors import InputError

R_F, STUDENTS = effect("R_F"), {0: 30, 1: 10, 2: 20}
assert R_F is not None


def rows(worlds: int = 1, policies: tuple[str, ...] = ("criterion",)) -> pd.DataFrame:
    """Three rooms of unequal size in each world under each policy."""
    return pd.DataFrame(
        [
            {"world": w, "policy": p, "room": room, "class": room, "students": n, "learning": 0.1}
            for w in range(worlds)
            for p in policies
            for room, n in STUDENTS.items()
        ]
    ).astype({"policy": "category"})


def planted(caused: dict[tuple[int, str, int], list[float]], flip: str = "line", spared: bool = True) -> pd.DataFrame:
    """One row a twin; by world, policy and room, the further failures of each, all in the first new unit."""
    made = []
    for (world, policy, room), values in caused.items():
        for seat, value in enumerate(values):
            row = {"world": world, "flip": flip, "policy": policy, "room": room, "class": room, "seat": seat}
            made.append({**row, "week": 5, "spared": spared, **dict.fromkeys(columns(), 0.0), "d1": value})
    return pd.DataFrame(made).astype({"policy": "category", "flip": "category"})


#: Four twins of which two failed again in the largest room, one that did not in the smallest: 2 of 5, and no mean of
#: what rooms say, which would be 1/4 or, by students, 3/8.
FIVE = {(0, "criterion", 0): [1.0, 1.0, 0.0, 0.0], (0, "criterion", 1): [0.0]}


def test_it_is_a_ratio_of_sums_over_rooms() -> None:
    """All twins of a world count alike, wherever they sit; a room without twins moves nothing."""
    part = rows()
    part["R_F"] = of_rooms(part, planted(FIVE), [R_F])["R_F"]
    assert world_means(part, ["R_F"])["R_F"].tolist() == [pytest.approx(2 / 5)]
    assert part.set_index("room")["R_F"][2] == pytest.approx(2 / 5)
    # room 0: (2 - 4 * .4) / 5 of all twins, told in its 30 of 60 students
    assert part.set_index("room")["R_F"][0] == pytest.approx(2 / 5 + 0.08 * 60 / 30)


@pytest.mark.parametrize("name", ["R_F", "R_F_stood", "S_F", "V_F_unit"])
def test_figure_and_error_are_those_of_the_estimates(name: str) -> None:
    """The mean over rooms of linearised values is the estimate, and their spread its standard error."""
    rng = np.random.default_rng(1)
    twins = planted({(0, "criterion", room): list(range(n)) for room, n in ((0, 9), (1, 4), (2, 6))})
    there = columns()
    twins[[*there]] = rng.normal(size=(len(twins), len(there)))
    twins["verdict"] = (rng.uniform(size=len(twins)) < 0.7) * 1.0
    twins.loc[2:5, "d9"] = np.nan
    part, row = rows(), ESTIMANDS[name]
    found, known = of_rooms(part, twins, [effect(name)]), estimate(twins, row)  # type: ignore[list-item]
    over_rooms = mean(found[name], part["room"], part["students"])
    assert (over_rooms.value, over_rooms.se) == pytest.approx((known.value, known.se))


def test_flips_and_sides_are_never_pooled() -> None:
    """Each name has its own twins."""
    both = [planted({(0, "criterion", 0): [1.0]}), planted({(0, "criterion", 0): [3.0]}, "label"),
            planted({(0, "criterion", 0): [5.0]}, spared=False)]  # fmt: skip
    names = [effect(name) for name in ("R_F", "R_F.label", "R_F.inflicted", "R_F.label.inflicted")]
    twins = pd.concat(both)
    found = of_rooms(rows(), twins, names)  # type: ignore[arg-type]
    assert found.iloc[0].tolist()[:3] == [1.0, 3.0, 5.0] and np.isnan(found.iloc[0, 3])
    assert counts(twins, names).iloc[0].tolist() == [1, 1, 1, 0]  # type: ignore[arg-type]


def test_names() -> None:
    """One name for one thing; symbols, and what is left out."""
    names = {
        "R_F": "R_F", "R_F.line": "R_F", "R_F.line.spared": "R_F", "Λ_F": "Lambda_F",
        "V_F.practice": "V_F_unit.practice", "S_F.label.inflicted": "S_F.label.inflicted",
    }  # fmt: skip
    for said, name in names.items():
        found = effect(said)
        assert found is not None and found.name == name
        assert effect(found.name) == found
    assert effect("learning") is None and effect("learning.q10") is None
    for wrong in ("R_F.lable", "R_F.spared.label", "R_F.", "R_F.label.practice"):
        with pytest.raises(InputError, match="unknown flip or side of R_F: "):
            effect(wrong)


STUDY: dict[str, Any] = {
    "name": "mine", "share": 0.5, "flips": ["line", "practice"], "estimands": [], "predictions": [], "rooms": 3,
    "keep": {"outcomes": ["learning"]}, "worlds": {"count": 4, "design": "lhs", "ranges": []}, "claim": None,
    "roster": {"synthetic": True}, "evidence": {"rows": []},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"share": 0.0}, "R_F", "R_F is an effect of a failure, and study mine has no twins; give it [twins] with"),
        (
            {},
            "R_F.label",
            "study mine has no twins of kind label for R_F.label; ask for R_F or R_F.practice, or",
        ),
        ({}, "R_1", "study mine has no R_1, for which years are run again; ask for it with estimands = "),
        ({"predictions": ["K1"]}, "R_F", "R_F is an effect of a failure, and a study of predictions keeps no twins"),
    ],
)
def test_what_a_study_does_not_have(changes: dict[str, Any], name: str, said: str) -> None:
    """One sentence, and what to do."""
    found = effect(name)
    assert found is not None
    with pytest.raises(InputError) as error:
        check_made(found, {**STUDY, **changes})
    assert str(error.value).startswith(said)
    check_made(R_F, STUDY)  # type: ignore[arg-type]
    assert not effects({**STUDY, "share": 0.0}) and R_F in effects(STUDY)


def test_a_difference_of_two_policies() -> None:
    """The first less the second; a hyphen in a name is none."""
    assert apart("mastery - high-pressure") == ("mastery", "high-pressure") and apart("high-pressure") is None
    for wrong, said in (("a - b - c", "is no difference of two policies"), ("a - ", "is no difference"),
                        ("a - a", "sets a policy against itself")):  # fmt: skip
        with pytest.raises(InputError, match=said):
            apart(wrong)


class Planted(Results):
    """Results whose tables are planted."""

    def __init__(self, part: pd.DataFrame, twins: pd.DataFrame, **changes: Any) -> None:
        super().__init__(None, None, SimpleNamespace(is_finished=True))  # type: ignore[arg-type]
        self.__dict__ |= {"part": part, "planted": twins, "text": {**STUDY, **changes}}
        names = list(dict.fromkeys(part["policy"].astype(str)))
        self.__dict__ |= {"policies": pd.DataFrame({"policy": names}).set_index("policy")}
        self.__dict__ |= {"worlds": pd.DataFrame({"level": np.arange(4.0)}, pd.Index(range(4), name="world"))}

    @property
    def study(self) -> Any:
        """Give the text of a study."""
        return self.__dict__["text"]

    def in_parts(self, name: str = "outcomes", columns: Any = None) -> Any:
        """Give everything at once."""
        if name == "twins":
            return iter([self.__dict__["planted"][[*columns]]])
        part = self.__dict__["part"]
        asked = [effect(c) for c in columns if c not in self._plain]
        return iter([pd.concat([part, of_rooms(part, self.__dict__["planted"], asked)], axis=1)[[*columns]]])  # type: ignore[arg-type]


@pytest.fixture
def found() -> Planted:
    """Four worlds: R_F of world w is w / 4 under mastery and 1 under criterion; in the last mastery has no twin."""
    caused = {(w, "mastery", room): [w / 4, w / 4] for w in range(3) for room in range(3)}
    caused |= {(w, "criterion", room): [0.5, 1.5] for w in range(4) for room in range(3)}
    ranges = [{"name": "level", "low": 0.0, "high": 3.0, "distribution": "uniform"}]
    return Planted(
        rows(4, ("criterion", "mastery")), planted(caused), worlds={"count": 4, "design": "lhs", "ranges": ranges}
    )


def test_of_worlds_and_their_sign(found: Planted) -> None:
    """The first policy less the second, world by world."""
    assert found.of_worlds("R_F", "mastery").tolist()[:3] == pytest.approx([0.0, 0.25, 0.5])
    less = found.of_worlds("R_F", "mastery - criterion")
    assert less.tolist()[:3] == pytest.approx([-1.0, -0.75, -0.5]) and np.isnan(less[3])
    assert found.of_worlds("R_F", "criterion - mastery").tolist()[:3] == pytest.approx([1.0, 0.75, 0.5])


def test_policies_are_judged_by_it(found: Planted) -> None:
    """The decision table takes an effect of a failure as it takes any outcome."""
    found.__dict__ |= {"manifest": SimpleNamespace(tables=("outcomes", "twins")), "unfinished": ""}
    found.__dict__ |= {"state": SimpleNamespace(failed=(), tasks=1, is_finished=True)}
    table = found.decision("R_F")
    assert table.leader == "mastery" and table.worlds == 3
    [row] = table.pairs[table.pairs["outcome"] == "R_F"].to_dict("records")
    assert row["difference"] == pytest.approx(-0.75) and row["unit"] == "failures"
    with pytest.raises(InputError, match=r"study mine has no twins of kind label for R_F\.label; ask for R_F or"):
        found.decision("R_F.label")
    with pytest.raises(InputError, match=r"V_F_unit has two weights; give it one"):
        found.decision(weights={"V_F": 1, "V_F_unit": -3})
    for column in ("students", "world"):  # which is no outcome
        with pytest.raises(InputError, match=f"unknown outcome that was kept '{column}'"):
            found.decision(weights={column: 1})


def test_what_is_not_known_is_refused_filled_or_left_out(found: Planted) -> None:
    """By a rule that is stated: never NaN for SALib and the workbench."""
    with pytest.raises(InputError) as error:
        found.to_salib("R_F", "mastery - criterion")
    assert str(error.value).startswith("R_F is not known in 1 of 4 worlds under mastery - criterion; take the mean of")
    filled = found.to_salib("R_F", "mastery - criterion", "mean")
    assert filled.Y.tolist() == pytest.approx([-1.0, -0.75, -0.5, -0.75]) and filled.X.ravel().tolist() == [
        0.0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0,
    ]  # fmt: skip
    left = found.to_salib("R_F", "mastery - criterion", "drop")
    assert left.Y.tolist() == pytest.approx([-1.0, -0.75, -0.5]) and left.X.shape == (3, 1)
    found.study["worlds"]["design"] = "saltelli"
    with pytest.raises(InputError, match="unknown way with what is not known 'drop'; there are refuse, mean"):
        found.to_salib("R_F", "mastery", "drop")
    with pytest.raises(InputError) as error:
        found.to_salib("R_F.practice", "mastery")
    assert str(error.value).startswith("R_F.practice is known in no world under mastery, as where nobody utters")


def test_to_ema(found: Planted) -> None:
    """One row an experiment; the mean of the worlds under the same policy, or no row at all."""
    for names in (["R_F"], ["learning", "R_F"]):
        with pytest.raises(InputError, match="R_F is not known in 1 of 4 worlds under mastery; "):
            found.to_ema(names)
    experiments, outcomes = found.to_ema(["learning", "R_F"], "mean")
    mine = (experiments["policy"] == "mastery").to_numpy()
    assert outcomes["R_F"][mine].tolist() == pytest.approx([0.0, 0.25, 0.5, 0.25])
    assert outcomes["R_F"][~mine].tolist() == pytest.approx([1.0] * 4)
    experiments, outcomes = found.to_ema(["R_F"], "drop")
    assert len(experiments) == len(outcomes["R_F"]) == 7
    assert np.isnan(found.to_ema(["R_F"], "keep")[1]["R_F"]).sum() == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the workbench asks of pandas
@pytest.mark.filterwarnings("ignore::ImportWarning")  # of what it could draw with
def test_the_real_workbench_takes_it(found: Planted, tmp_path: Any) -> None:
    """It saves and loads it; PRIM finds the worlds, and feature scoring the number that is behind them."""
    ema = pytest.importorskip("ema_workbench", reason="the EMA workbench comes with the extra ema")
    from ema_workbench.analysis import feature_scoring, prim

    experiments, outcomes = found.to_ema(["R_F"], "drop")
    ema.save_results((experiments, outcomes), str(tmp_path / "found.tar.gz"))
    x, y = ema.load_results(str(tmp_path / "found.tar.gz"))
    assert y["R_F"] == pytest.approx(outcomes["R_F"]) and x["policy"].astype(str).tolist() == [*experiments["policy"]]
    x = x.drop(columns=["scenario", "model"])
    box = prim.Prim(x, y["R_F"] > 0.6, threshold=0.8, mass_min=0.1).find_box()
    assert box.peeling_trajectory["density"].iloc[-1] == 1.0
    scores = feature_scoring.get_feature_scores_all(x, y)
    assert {*scores.index} == {"level", "policy"} and np.isfinite(scores.to_numpy()).all()


def test_a_claim_on_an_effect(found: Planted) -> None:
    """Its verdict is on the worlds in which it is known, and swapped policies turn it."""
    claim = {
        "outcome": "R_F", "policy": "mastery", "against": "criterion", "direction": "below", "beyond": 0.4,
        "description": "", "supported": 0.95, "refuted": 0.05,
    }  # fmt: skip
    found.study["claim"] = claim
    said = verdict(found)
    assert said is not None and (said.verdict, said.worlds, said.unit) == ("supported", 3, "failures")
    assert said.mean == pytest.approx(-0.75)
    found.study["claim"] = {**claim, "policy": "criterion", "against": "mastery"}
    turned = verdict(found)
    assert turned is not None and turned.verdict == "refuted" and turned.mean == pytest.approx(0.75)


def test_estimands_over_the_worlds(found: Planted) -> None:
    """Mean, lowest, highest, and how many twins stand behind it; few where a world has less than thirty."""
    table = found.estimands(["R_F"]).set_index("policy")
    assert table.loc["mastery", ["mean", "lowest", "highest"]].tolist() == pytest.approx([0.25, 0.0, 0.5])
    assert table.loc["criterion", "mean"] == pytest.approx(1.0) and table.loc["criterion", "worlds"] == 4
    assert table.loc["mastery", ["worlds", "twins", "fewest", "few"]].tolist() == [3, 18, 6, True]
    with pytest.raises(InputError, match="study mine has no twins; give it"):
        Planted(rows(4), planted(FIVE), share=0.0).estimands(["R_F"])
    with pytest.raises(InputError, match="study mine has no effects of a failure; twins give it"):
        Planted(rows(4), planted(FIVE), share=0.0).estimands()
    with pytest.raises(InputError, match="study mine has no effect of a failure in learning; "):
        found.estimands(["learning"])


def test_the_error_over_worlds_is_that_of_rooms() -> None:
    """A room that pulls R_F in every world pulls the mean over worlds."""
    caused = {(w, "criterion", room): [float(room), float(room)] for w in range(2) for room in range(3)}
    part = rows(2)
    part["R_F"] = of_rooms(part, planted(caused), [R_F])["R_F"]
    claim = {"outcome": "R_F", "policy": "criterion", "against": None}
    found = _effects(part, claim, 3)
    assert found.effect["R_F"].tolist() == pytest.approx([1.0, 1.0])
    assert found.variance["R_F"].tolist() == pytest.approx([1 / 3, 1 / 3]), "three rooms, 0, 1 and 2, of two twins each"
