"""What a failure causes by one thing at a time, against effects that were put into subgroups of a made table."""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from setback.analysis.breakdown import BY, breakdown, sentences
from setback.analysis.claims import estimate
from setback.analysis.figures import breakdown_figure
from setback.analysis.load import Results
from setback.analysis.report.breakdown import _ends
from setback.experiments.twins.estimands import ESTIMANDS
from setback.model.errors import InputError

THIRDS, HALVES = ("lowest third", "middle third", "highest third"), ("lower half", "upper half")
GROUPS = {"resilience": THIRDS, "attribution_style": HALVES}
FLIPS = ("line", "criterion", "label", "practice")
D = [f"d{h}" for h in range(1, 10)]
#: What was put in, in further failures: by part of each thing, in order, and for each unit ahead.
PLANTED: dict[str, tuple[float, ...]] = {
    "flip": (0.9, 0.6, 0.3, 0.0), "side": (0.0, -0.5), "depth": (0.2, 0.0, -0.1), "challenge": (0.0, 0.3, 0.9),
    "resilience": (0.4, 0.1, 0.0), "attribution_style": (0.0, 0.25),
}  # fmt: skip
AHEAD = 0.01 * np.arange(9.0, 0.0, -1.0)


def results(twins: pd.DataFrame, **study: Any) -> Any:
    """A finished study with these twins, read some worlds at a time."""

    def in_parts(name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        assert name == "twins"
        for _, rows in twins.groupby(twins["world"] // 3):
            yield rows[columns].reset_index(drop=True)

    about = {
        "name": "planted", "share": 0.6, "predictions": [], "flips": [*FLIPS], "estimands": [], "claim": None,
        "groups": [{"by": name, "labels": [*labels]} for name, labels in GROUPS.items()], **study,
    }  # fmt: skip
    policies = pd.DataFrame(index=pd.Index(["curve", "mastery"], name="policy"))
    made = SimpleNamespace(study=about, policies=policies, in_parts=in_parts, unfinished="", folder="results/planted")
    made.policy_named = partial(Results.policy_named, made)
    return made


def planted(n: int = 24_000, worlds: int = 8, seed: int = 1) -> pd.DataFrame:
    """Twins of two policies in which each thing moves the further failures by itself; the margin and knowledge, too."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"world": rng.integers(0, worlds, n), "class": rng.integers(0, 9, n)})
    frame["room"], frame["seat"] = frame["class"], rng.integers(0, 30, n)
    frame["policy"] = pd.Categorical(rng.choice(["curve", "mastery"], n))
    part = {thing: rng.integers(0, len(moves), n) for thing, moves in PLANTED.items()}
    frame["flip"], frame["spared"] = np.array(FLIPS, object)[part["flip"]], part["side"] == 0
    frame["distance"] = np.where(frame["spared"], -1.0, 1.0) * (part["depth"] + rng.uniform(0.01, 0.99, n)) / 3.0
    frame["challenge"] = part["challenge"] + rng.uniform(0.0, 0.99, n) - 1.5
    for name, labels in GROUPS.items():
        frame[f"group_{name}"] = pd.Categorical.from_codes(part[name], labels)
    moved = sum(np.array(PLANTED[thing])[of] for thing, of in part.items()) + (frame["policy"] == "mastery") * 2.0
    luck = 0.05 * rng.normal(size=worlds)[frame["world"]] + 0.05 * rng.normal(size=9)[frame["class"]]
    for h, name in enumerate(D):
        frame[name] = (moved + luck + 0.1 * rng.normal(size=n)) / 9.0 + AHEAD[h]
    frame["margin_later"], frame["unit_conceptual"] = -0.5 * moved, 0.1 * moved
    frame["year_conceptual"] = frame["unit_conceptual"].where(rng.random(n) < 0.9) + 1.0
    return frame


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """All of it, of both policies."""
    return breakdown(results(planted()))


@pytest.mark.parametrize("thing", PLANTED)
def test_effects_of_subgroups_come_back_in_their_places(found: pd.DataFrame, thing: str) -> None:
    """Each part differs from the first by what was put in, within its interval, and no other part has it."""
    for policy in ("curve", "mastery"):
        rows = found[(found["by"] == thing) & (found["policy"] == policy)]
        apart = rows[(rows["less"] != "") & (rows["estimand"] == "R_F")]
        truth = np.array(PLANTED[thing][1:]) - PLANTED[thing][0]
        assert apart["value"].to_numpy() == pytest.approx(truth, abs=0.08)
        assert ((apart["low"] < truth) & (truth < apart["high"])).mean() >= 0.5
        means = rows[(rows["less"] == "") & (rows["estimand"] == "R_F")]
        assert (means["value"].to_numpy() - means["value"].iloc[0])[1:] == pytest.approx(apart["value"].to_numpy())
        of = {name: rows[(rows["less"] != "") & (rows["estimand"] == name)]["value"].to_numpy() for name in
              ("Lambda_F", "V_F_unit")}  # fmt: skip
        assert of["Lambda_F"] == pytest.approx(-0.5 * truth, abs=0.04)
        assert of["V_F_unit"] == pytest.approx(0.1 * truth, abs=0.01)


def test_parts_are_in_order_and_of_being_failed_alone(found: pd.DataFrame) -> None:
    """By flip of spared twins, by side of the line, of all else the primary ones; of the challenge, where it is cut."""
    twins = planted()
    mine = twins[(twins["policy"] == "curve") & (twins["flip"] == "line") & twins["spared"]]
    rows = found[(found["policy"] == "curve") & (found["estimand"] == "R_F") & (found["less"] == "")]
    for thing in ("depth", "challenge", *GROUPS):
        assert rows[rows["by"] == thing]["twins"].sum() == len(mine), thing
    assert [rows[rows["by"] == thing]["twins"].iloc[0] for thing in ("side", "flip")] == [len(mine)] * 2
    assert list(rows[rows["by"] == "flip"]["group"]) == [*FLIPS]
    assert list(rows[rows["by"] == "resilience"]["group"]) == [*THIRDS]
    low, high = mine["challenge"].quantile([1 / 3, 2 / 3])
    said = list(rows[rows["by"] == "challenge"]["bounds"])
    assert said[0] == f"below {low:.2f} logit".replace("-", "−") and said[2] == f"above {high:.2f} logit".replace(
        "-", "−"
    )


def test_the_horizon_adds_up(found: pd.DataFrame) -> None:
    """R_F of the first h units is the sum of the first h means, and that of nine is R_F."""
    twins = planted()
    mine = twins[(twins["policy"] == "mastery") & (twins["flip"] == "line") & twins["spared"]]
    rows = found[(found["policy"] == "mastery") & (found["by"] == "horizon")]
    assert list(rows["group"]) == [str(h) for h in range(1, 10)] and {*rows["estimand"]} == {"R_F"}
    assert rows["value"].to_numpy() == pytest.approx(mine[D].mean().cumsum().to_numpy())


def test_swapped_bands_are_noticed(found: pd.DataFrame) -> None:
    """Two bands of resilience that change their names change their figures, and nothing else moves."""
    twins = planted()
    names = {"lowest third": "highest third", "highest third": "lowest third", "middle third": "middle third"}
    twins["group_resilience"] = twins["group_resilience"].astype(str).map(names)
    swapped = breakdown(results(twins))
    one, other = (x[(x["by"] == "resilience") & (x["less"] == "")]["value"].to_numpy().reshape(2, 4, 3)
                  for x in (found, swapped))  # fmt: skip
    assert other == pytest.approx(one[:, :, ::-1]) and not np.allclose(other, one)
    rest = found["by"] != "resilience"
    pd.testing.assert_frame_equal(found[rest], swapped[rest])


def test_one_world_has_the_intervals_of_twins() -> None:
    """By bootstrap-t over rooms, as everything that is said of one world."""
    twins = planted(3000, worlds=1)
    rows = breakdown(results(twins), ["attribution_style"], ["curve"])
    mine = twins[(twins["policy"] == "curve") & (twins["flip"] == "line") & twins["spared"]]
    mine = mine[mine["group_attribution_style"] == "upper half"]
    expected = estimate(mine, ESTIMANDS["R_F"])
    row = rows[(rows["group"] == "upper half") & (rows["less"] == "") & (rows["estimand"] == "R_F")].iloc[0]
    assert (row["value"], row["low"], row["high"]) == pytest.approx(expected[:3])
    apart = rows[(rows["less"] == "lower half") & (rows["estimand"] == "R_F")].iloc[0]
    assert apart["low"] < 0.25 < apart["high"] and apart["value"] == pytest.approx(0.25, abs=0.12)


def test_what_is_said_and_drawn(found: pd.DataFrame) -> None:
    """The ends and whether they differ; few twins are said to be few; a dot stands at each figure."""
    text = sentences(found)
    assert any(
        "under curve, by attribution style: leaning to effort" in said and "differs from the first by +0." in said
        for said in text
    )
    few = breakdown(results(planted(900)), ["resilience"], ["curve"])
    assert all("fewer than 30 twins" in said for said in sentences(few)) and few["few"].any()
    figure = breakdown_figure(found[found["policy"] == "curve"], "Small")
    values = found[(found["policy"] == "curve") & (found["less"] == "")]["value"]
    dots = [line.get_xdata()[0] for ax in figure.axes for line in ax.lines if line.get_marker() == "o"]
    assert sorted(dots) == pytest.approx(sorted(values))


def test_bad_input() -> None:
    """One sentence each."""
    for named, message in (
        ({"by": ["resiliance"]}, "unknown thing to tell the twins of planted apart by 'resiliance'; did you mean "),
        ({"flip": "cut"}, "unknown flip 'cut'; there are "),
        ({"policies": ["cruve"]}, "unknown policy of "),
    ):
        with pytest.raises(InputError, match=f"^{message}"):
            breakdown(results(planted(100)), **named)
    with pytest.raises(InputError, match=r"^R_F is an effect of a failure, and study planted has no twins"):
        breakdown(results(planted(100), share=0.0))
    assert BY[0] == "horizon"
    older = results(planted(100))
    older.in_parts = lambda name, columns: iter([planted(100)[[c for c in columns if c != "challenge"]]])
    with pytest.raises(
        InputError, match=r"^the twins of results/planted are of an earlier version, which did not keep "
    ):
        breakdown(older, by=["challenge"])

    def damaged(name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        raise InputError("results/planted/twins/00000.parquet holds no results that can be read; move it away")

    older.in_parts = damaged
    with pytest.raises(InputError, match=r"holds no results that can be read"):
        breakdown(older, by=["challenge"])


def test_the_last_part_is_the_last_one_whichever_is_known() -> None:
    """Of parts of which the first policy has no middle one, and of those of which nobody has the last."""
    rows = [
        (policy, "flip", part, "line", value, value - 0.1, value + 0.1)
        for policy, known in (("curve", (0.5, np.nan, 0.9)), ("mastery", (0.5, 0.4, -0.3)))
        for part, value in zip(FLIPS[1:], known)
    ]
    found = pd.DataFrame(rows, columns=["policy", "by", "group", "less", "value", "low", "high"]).assign(few=False)
    [row] = _ends(found.assign(estimand="R_F")).frame.to_dict("records")
    assert row["last"].startswith("an error at practice") and (row["more"], row["fewer"], row["untold"]) == (1, 1, 0)
    found.loc[found["group"] == "practice", "value"] = np.nan
    assert not len(_ends(found.assign(estimand="R_F")).frame)
