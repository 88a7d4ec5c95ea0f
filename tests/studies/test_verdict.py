"""Verdicts on stated claims, against effects that are known because they were put in."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from setback.analysis.worlds import Verdict, luck, summary, verdict

CLAIM: dict[str, Any] = {
    "outcome": "learning", "policy": "curve", "against": "criterion", "direction": "above", "beyond": 0.1,
    "description": "", "supported": 0.95, "refuted": 0.05,
}  # fmt: skip


def results(
    effects: Any,
    luck: float = 0.0,
    rooms: int = 4,
    common: Any = 0.0,
    asked: int | None = None,
    part: int = 40,
    seed: int = 1,
    block: int | None = None,
    **claim: Any,
) -> Any:
    """Results in which a policy has these effects, one a world, and each room some luck on top.

    Args:
        effects: of ``curve`` over ``criterion`` in each world.
        luck: SD of what a room does to the effect in one world alone.
        rooms: of each world, the same in all.
        common: what each room does to the effect in every world that has it, (room,), or (world, room).
        asked: how many worlds the study has; by default these.
        part: worlds that are read at a time.
        seed: decides the luck.
        block: how many worlds have the same rooms; by default all.
        **claim: what the claim says otherwise.
    """
    effects, rng = np.asarray(effects, float), np.random.default_rng(seed)
    n = len(effects)
    base = np.tile(rng.normal(size=rooms), (n, 1))  # how good a room is in every world, under both policies
    values = np.stack([base, base + effects[:, None] + common + luck * rng.normal(size=(n, rooms))])
    world, policy, room = (a.ravel() for a in np.meshgrid(range(n), range(2), range(rooms), indexing="ij"))
    frame = pd.DataFrame(
        {
            "world": world, "policy": np.array(["criterion", "curve"])[policy], "room": room, "class": room,
            "students": 30, "learning": values[policy, world, room],
        }
    ).astype({"policy": "category"})  # fmt: skip
    if block:
        frame["room"] += frame["world"] // block * 1000
        frame["class"] = frame["room"]
    return of(frame, asked or n, part, {**CLAIM, **claim}, "lhs" if block else "grid")


def of(
    frame: pd.DataFrame, asked: int, part: int = 40, claim: dict[str, Any] | None = None, design: str = "grid"
) -> Any:
    """What is read of a study with these rows."""

    def in_parts(name: str = "outcomes", columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        for _, rows in frame.groupby(frame["world"] // part):
            yield rows.reset_index(drop=True)[[*(columns or frame.columns)]]

    about = {
        "claim": claim, "worlds": {"count": asked, "ranges": [{"name": "level"}], "design": design},
        "rooms": int(frame.groupby("world")["room"].nunique().max()), "keep": {"outcomes": ["learning"]},
        "shared": False, "predictions": [], "evidence": {"rows": []}, "roster": {"synthetic": True},
    }  # fmt: skip
    policies = pd.DataFrame(index=pd.Index(["criterion", "curve"], name="policy"))
    return SimpleNamespace(study=about, in_parts=in_parts, policies=policies)


def judged(*args: Any, **named: Any) -> Verdict:
    """The verdict on such results."""
    found = verdict(results(*args, **named))
    assert found is not None
    return found


# ---- what is decided ---------------------------------------------------------------------------------------
def test_a_study_without_a_claim() -> None:
    """It has no verdict."""
    loaded = results([0.2])
    loaded.study["claim"] = None
    assert verdict(loaded) is None


@pytest.mark.parametrize(
    ("beyond", "word"),
    [(100, "supported"), (95, "supported"), (94, "undecided"), (6, "undecided"), (5, "refuted"), (0, "refuted")],
)  # fmt: skip
def test_the_share_of_worlds_decides(beyond: int, word: str) -> None:
    """Supported from 95 of 100 worlds beyond the limit, refuted up to 5."""
    found = judged([0.15] * beyond + [0.1 - 1e-9] * (100 - beyond))
    assert (found.verdict, found.share, found.opposite) == (word, beyond / 100, 0.0)
    assert (found.worlds, found.asked) == (100, 100)


@pytest.mark.parametrize("direction", ["above", "below"])
def test_the_limit_itself_is_not_beyond_it(direction: str) -> None:
    """Policies that do the same in every world do nothing, whatever the direction: no world counts."""
    found = judged([0.0] * 20, beyond=0.0, direction=direction)
    assert (found.verdict, found.halved, found.doubled) == ("refuted",) * 3
    assert (found.share, found.low, found.high, found.opposite) == (0.0,) * 4


def test_thresholds_are_the_claims() -> None:
    """Four of five worlds are enough where the study says so beforehand."""
    effects = [0.2] * 80 + [0.0] * 20
    assert judged(effects).verdict == "undecided"
    assert judged(effects, supported=0.8).verdict == "supported"
    assert judged(effects, refuted=0.8, supported=0.99).verdict == "refuted"


def test_direction() -> None:
    """Below is the mirror image of above, and the other side is counted as well."""
    effects = np.concatenate([np.full(70, 0.3), np.full(20, -0.3), np.zeros(10)])
    up, down = judged(effects), judged(effects, direction="below")
    mirrored = judged(-effects, direction="below")
    assert (up.share, up.opposite) == (0.7, 0.2) == (mirrored.share, mirrored.opposite)
    assert (down.share, down.opposite) == (0.2, 0.7)
    assert mirrored.mean == pytest.approx(-up.mean, abs=1e-12)
    assert judged(-effects[:70], direction="below").verdict == "supported"


def test_half_and_twice_the_limit() -> None:
    """How much hangs on where it was drawn."""
    found = judged([0.15] * 100)
    assert (found.halved, found.verdict, found.doubled) == ("supported", "supported", "refuted")
    found = judged([0.06] * 100)
    assert (found.halved, found.verdict, found.doubled) == ("supported", "refuted", "refuted")
    found = judged([0.3] * 50 + [0.15] * 50)
    assert (found.halved, found.verdict, found.doubled) == ("supported", "supported", "undecided")


def test_against_nothing() -> None:
    """A claim about one policy counts its own values."""
    loaded = results([0.2] * 30, rooms=60, against=None, beyond=0.0)
    of_rooms = pd.concat(loaded.in_parts()).query("policy == 'curve' and world == 0")["learning"]
    found = verdict(loaded)
    assert found is not None and found.mean == pytest.approx(of_rooms.mean(), abs=1e-12)
    assert found.error == pytest.approx(of_rooms.std() / np.sqrt(60), rel=1e-9), "rooms differ by an SD of 1"
    assert found.spread == pytest.approx(0.0, abs=1e-6)


# ---- luck --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("spread", "luck", "rooms"), [(0.2, 0.6, 4), (0.2, 0.6, 25), (0.05, 0.1, 2), (0.5, 0.1, 4)])
def test_luck_is_taken_out(spread: float, luck: float, rooms: int) -> None:
    """The spread that was put in comes out, and the share of worlds that it means, however few the rooms."""
    n, mean, limit = 4000, 0.1, 0.2
    effects = mean + spread * np.random.default_rng(5).normal(size=n)
    found = judged(effects, luck, rooms, part=500, beyond=limit)
    naive = np.sqrt(spread**2 + luck**2 / rooms)
    # a sampling error of four SDs in what is not luck
    assert found.spread == pytest.approx(spread, abs=4 * naive**2 / spread / np.sqrt(2 * n))
    assert found.error < 5 * luck / np.sqrt(rooms * n), "luck of one world alone is gone in the mean of all"
    assert found.mean == pytest.approx(mean, abs=4 * naive / np.sqrt(n))
    assert found.share == pytest.approx(norm.sf(limit, mean, spread), abs=0.025)
    if luck / np.sqrt(rooms) > spread:
        assert abs(norm.sf(limit, mean, naive) - found.share) > 0.05, "luck would not have mattered"


def test_nothing_but_luck() -> None:
    """Worlds that differ by luck alone are all the same: the claim is decided by their mean."""
    found = judged(np.full(400, 0.25), luck=0.2, part=100)
    assert found.spread < 0.04 and found.verdict == "supported"


def test_what_rooms_do_in_every_world() -> None:
    """It is the error of the mean, no spread between worlds; a claim that other rooms could turn is undecided."""
    common = np.array([0.06, -0.02, 0.1, 0.02])
    found = judged(np.full(50, 0.1), common=common, part=20)
    assert found.mean == pytest.approx(0.1 + common.mean(), abs=1e-12)
    assert found.error == pytest.approx(common.std(ddof=1) / 2, abs=1e-12) and found.spread < 1e-6
    assert (found.share, found.low, found.high, found.verdict) == (1.0, 0.0, 1.0, "undecided")
    assert "in 100 % of 50 worlds (0 to 100 % by other rooms)" in found.sentence(CLAIM)
    # an error of .0258 is to be .02, so four rooms are to be (.0258 / .02)² times as many
    assert "more than a fifth of the limit, which would need about 7 rooms." in found.sentence(CLAIM)
    assert judged(np.full(50, 0.15), common=common / 10).verdict == "supported"


def test_a_verdict_is_seldom_owed_to_the_rooms() -> None:
    """Half of the worlds lie beyond the limit in truth: by whatever four rooms, at most one verdict in twenty or so."""
    effects = 0.1 + 0.02 * norm.ppf((np.arange(40) + 0.5) / 40)
    rng = np.random.default_rng(3)
    found = [judged(effects, 0.05, common=rng.normal(scale=0.1, size=4), seed=k).verdict for k in range(150)]
    # the chance of more than 14 of 150 is below 1 % where each is 1 in 20
    assert 150 - found.count("undecided") <= 14


def test_one_room() -> None:
    """What other rooms would say is not known, so nothing is decided."""
    found = judged([0.25, 0.35, 0.45], rooms=1)
    assert np.isnan([found.error, found.low, found.high]).all() and found.spread == pytest.approx(0.1, abs=1e-12)
    assert (found.share, found.verdict) == (1.0, "undecided")
    assert found.sentence(CLAIM).endswith("One room does not say what other rooms would: take several.")


def test_rooms_of_one_class_are_one_draw() -> None:
    """The same students again tell less than others: luck is estimated between classes."""
    rng = np.random.default_rng(2)
    n, rooms = 500, 6
    of_class = 0.3 * rng.normal(size=3)
    loaded = results(np.zeros(n), rooms=rooms, part=100)
    frame = pd.concat(loaded.in_parts(), ignore_index=True)
    frame["class"] = frame["room"] % 3
    frame["learning"] += np.where(frame["policy"] == "curve", of_class[frame["class"]], 0.0)
    found = verdict(of(frame, n, 100, CLAIM))
    assert found is not None and found.error == pytest.approx(of_class.std(ddof=1) / np.sqrt(3), rel=1e-9)


def test_large_classes_count_more() -> None:
    """The effect of a world is a mean over students."""
    loaded = results([0.0, 0.0])
    frame = pd.concat(loaded.in_parts(), ignore_index=True).astype({"policy": str})
    frame["students"] = np.where(frame["room"] == 0, 30, 10)
    frame["learning"] = np.where((frame["policy"] == "curve") & (frame["room"] == 0), 1.0, 0.0)
    found = verdict(of(frame, 2, claim=CLAIM))
    assert found is not None and found.mean == pytest.approx(0.5, abs=1e-12)


# ---- rooms of their own ------------------------------------------------------------------------------------
def test_luck_by_hand() -> None:
    """Two blocks, of two worlds with two rooms and of one world with three."""
    effect, variance, block = [0.1, 0.3, 0.6], [0.04, 0.02, 0.05], [0, 0, 9]
    pulls, of_block = [0.2, -0.2, 0.1, 0.2, -0.3], [0, 0, 9, 9, 9]
    found = luck(effect, variance, block, pulls, of_block)
    first, second = 2 * (0.1**2 + 0.1**2), 3 / 2 * (0.1**2 + 0.2**2 + 0.3**2)  # k / (k - 1) · squares of pulls
    mean = [4 / 9 * first, 1 / 9 * second]  # shares of the worlds, squared
    assert found.error == pytest.approx(np.sqrt(sum(mean)))
    parts = [4 / 9 / 2, 1 / 9 / 3]  # what each block adds to the variance where rooms differ alike in both
    assert found.freedom == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 1 + parts[1] ** 2 / 2))
    assert found.noise == 0.0  # the variance in single worlds is less than that of blocks
    assert found.between == pytest.approx((2 / 3 * first + 1 / 3 * second - sum(mean)) * 3 / 2)
    quiet = luck(effect, [0.14, 0.12, 0.15], block, pulls, of_block)
    assert quiet.noise == pytest.approx(0.41 / 3 - (2 / 3 * first + 1 / 3 * second))
    assert quiet[:2] == found[:2] and quiet.between == found.between


@pytest.mark.parametrize(("blocks", "rooms", "of_worlds"), [(1, 4, 0.2), (4, 2, 0.2), (8, 4, 0.2), (12, 1, 0.0)])
def test_the_interval_covers_what_it_says(blocks: int, rooms: int, of_worlds: float) -> None:
    """The mean over the worlds of the study, with planted components: worlds, rooms of blocks, and noise of cells."""
    n, of_rooms, of_cells, rng = 24, 0.1, 0.15, np.random.default_rng(8)
    inside, errors, spreads = 0, [], []
    for _ in range(600):
        true = 0.1 + of_worlds * rng.normal(size=(blocks, n, 1))
        cell = true + of_rooms * rng.normal(size=(blocks, 1, rooms)) + of_cells * rng.normal(size=(blocks, n, rooms))
        effect = cell.mean(2)
        pulls = (cell - effect[:, :, None]) / rooms
        one = np.square(pulls).sum(2) * rooms / (rooms - 1) if rooms > 1 else np.full((blocks, n), np.nan)
        block = np.repeat(np.arange(blocks), n)
        found = luck(effect.ravel(), one.ravel(), block, pulls.sum(1).ravel(), np.repeat(np.arange(blocks), rooms))
        inside += abs(effect.mean() - true.mean()) < t.ppf(0.975, found.freedom) * found.error
        errors.append(found.error**2)
        spreads.append(np.var(effect, ddof=1) - found.noise - found.between)
    assert 0.925 < inside / 600 < 0.97, "two and a half standard errors of 600 intervals"
    assert np.mean(errors) == pytest.approx((of_rooms**2 + of_cells**2 / n) / (blocks * rooms), rel=0.1)
    if rooms > 1:  # with a single room noise cannot be told from worlds
        assert np.mean(spreads) == pytest.approx(of_worlds**2, rel=0.05)
    assert found.freedom == pytest.approx(blocks * (rooms - 1) if rooms > 1 else blocks - 1)


def test_rooms_of_blocks_are_seen_by_their_worlds_alone() -> None:
    """Each room is one draw of its block: read in parts, and in the words of the verdict."""
    common = np.array([[0.06, -0.02], [0.1, 0.02], [-0.04, 0.0]])
    found = judged(np.full(30, 0.1), common=np.repeat(common, 10, 0), rooms=2, block=10, part=4)
    within = np.square((common[:, 0] - common[:, 1]) / 2)
    assert found.mean == pytest.approx(0.1 + common.mean(), abs=1e-12)
    assert found.error == pytest.approx(np.sqrt(within.sum()) / 3, rel=1e-9)
    assert found.spread < np.sqrt(np.var(common.mean(1))), "what rooms do is no spread of worlds"
    ends = found.mean + np.array([-1, 1]) * t.ppf(0.975, 3) * found.error
    assert (found.low, found.high) == (float(ends[0] > 0.1), float(ends[1] > 0.1)) == (0.0, 1.0)


def test_one_room_in_each_block_is_enough() -> None:
    """Blocks say what other rooms would."""
    common = np.repeat([[0.06], [-0.02], [0.1], [0.02]], 5, 0)
    found = judged(np.full(20, 0.1), common=common, rooms=1, block=5)
    assert found.error == pytest.approx(np.std(np.unique(common), ddof=1) / 2, rel=1e-9) and found.spread < 1e-6
    assert "does not say what other rooms" not in found.sentence(CLAIM)
    each = judged(np.linspace(0.0, 0.3, 20), rooms=1, block=1)
    assert each.spread == pytest.approx(np.std(np.linspace(0.0, 0.3, 20), ddof=1)), "luck or not, nobody knows"


def test_how_many_worlds_and_rooms_a_fifth_of_the_limit_needs() -> None:
    """The error falls with the root of the rooms, and of the blocks of 256 worlds that have their own."""
    common = np.repeat([[0.08, -0.08], [-0.08, 0.08]], 256, 0)
    found = judged(np.full(512, 0.15), common=common, rooms=2, block=256, part=300)
    assert found.error == pytest.approx(0.08 / np.sqrt(2), rel=1e-9)  # .02 is asked for: eight times less, squared
    assert (found.rooms_needed, found.worlds_needed) == (16, 8 * 2 * 256)
    said = "more than a fifth of the limit, which would need about 4,096 worlds (or 16 rooms in each)."
    assert said in found.sentence(CLAIM)
    less = judged(np.full(512, 0.15), common=common / 8, rooms=2, block=256)
    assert (less.rooms_needed, less.worlds_needed) == (1, 256) and "would need" not in less.sentence(CLAIM)
    shared = judged(np.full(512, 0.15), common=common[0], rooms=2)
    assert shared.rooms_needed == 32 and np.isnan(shared.worlds_needed)
    none = judged(np.full(512, 0.15), common=common, rooms=2, block=256, beyond=0.0)
    assert np.isnan([none.rooms_needed, none.worlds_needed]).all()


# ---- what is not known -------------------------------------------------------------------------------------
def test_not_finished() -> None:
    """The worlds that are there are judged, and how many are missing is said."""
    found = judged([0.2] * 30, asked=40)
    assert (found.verdict, found.worlds, found.asked) == ("supported", 30, 40)
    assert "30 of 40 worlds" in found.sentence(CLAIM)
    assert "40 of" not in judged([0.2] * 40).sentence(CLAIM)


def test_a_world_of_which_one_room_is_there() -> None:
    """It is not mixed with whole ones."""
    loaded = results(0.1 + np.zeros(400), luck=0.2, part=50)
    frame = pd.concat(loaded.in_parts(), ignore_index=True)
    found = verdict(of(frame[(frame["world"] < 399) | (frame["room"] == 0)], 400, 50, CLAIM))
    assert found is not None and found.spread < 0.04 and found.worlds == 399


def test_values_that_are_not_known() -> None:
    """A room without a value counts neither for the effect nor for luck; a world without any is left out."""
    loaded = results(np.linspace(0, 0.4, 60), luck=0.1, rooms=6)
    frame = pd.concat(loaded.in_parts(), ignore_index=True)
    gone = frame["room"] >= 4
    some = verdict(
        of(frame.assign(learning=frame["learning"].mask(gone & (frame["policy"] == "curve"))), 60, claim=CLAIM)
    )
    none = verdict(of(frame[~gone], 60, claim=CLAIM))
    assert some is not None and none is not None
    for name in ("share", "low", "high", "mean", "error", "spread"):
        assert getattr(some, name) == pytest.approx(getattr(none, name), abs=1e-12), name
    lost = verdict(of(frame.assign(learning=frame["learning"].mask(frame["world"] < 10)), 60, claim=CLAIM))
    assert lost is not None and lost.worlds == 50 and "50 of 60 worlds" in lost.sentence(CLAIM)


def test_one_class_in_each_world() -> None:
    """Nothing is known of luck, though several classes are: the verdict is that of one room, without an error."""
    loaded = results(np.linspace(0, 0.4, 40), luck=0.1, rooms=2)
    frame = pd.concat(loaded.in_parts(), ignore_index=True)
    known = frame["room"] == frame["world"] % 2
    found = verdict(of(frame.assign(learning=frame["learning"].where(known)), 40, claim=CLAIM))
    table = frame[known].set_index(["world", "policy"])["learning"].unstack()
    effects = table["curve"] - table["criterion"]
    assert found is not None and (found.worlds, found.share) == (40, (effects > 0.1).mean())
    assert (found.mean, found.spread) == pytest.approx((effects.mean(), effects.std()), abs=1e-12)
    assert np.isnan([found.low, found.high, found.error]).all() and found.verdict == "undecided"
    assert "±" not in found.sentence(CLAIM) and "does not say what other rooms would" in found.sentence(CLAIM)


def test_nothing_is_known() -> None:
    """No world, no verdict but that."""
    loaded = results([0.2] * 5)
    frame = pd.concat(loaded.in_parts(), ignore_index=True).assign(learning=np.nan)
    found = verdict(of(frame, 5, claim=CLAIM))
    assert found is not None and (found.verdict, found.worlds, found.asked) == ("unknown", 0, 5)
    assert np.isnan(found.share) and "none of 5 worlds" in found.sentence(CLAIM)


def test_one_world() -> None:
    """It has no spread, and decides by itself."""
    found = judged([0.2])
    assert (found.verdict, found.share, found.spread) == ("supported", 1.0, 0.0)


# ---- in words ----------------------------------------------------------------------------------------------
def test_the_sentence() -> None:
    """What was claimed, what came of it, and how sure one may be; all of it said of the model."""
    text = judged([0.3] * 75 + [-0.3] * 25).sentence({**CLAIM, "description": "Rank teaches"})
    assert text.startswith(
        'In the model, "Rank teaches" is undecided: learning under curve less that under criterion lies '
    )
    assert "above 0.1 SD in 75 % of 100 worlds (75 to 75 % by other rooms), beyond the limit on the other" in text
    assert "side in 25 %. Mean +0.150 ± 0.000, spread between worlds 0.261." in text
    assert "With half the limit undecided, with twice the limit undecided." in text and "more rooms" not in text
    assert text.endswith("Supported it would be from 95 % of worlds on, refuted up to 5 %, whatever the rooms.")
    near = judged([0.3] * 949 + [-0.3] * 51).sentence(CLAIM)
    assert "is undecided" in near and "in 94.9 % of 1,000 worlds" in near  # not as if it were 95
    nearer = judged([0.3] * 1945 + [-0.3] * 103).sentence(CLAIM)
    assert "in 94.97 % of 2,048 worlds" in nearer
    assert "in 95 % of 100 worlds" in judged([0.3] * 95 + [-0.3] * 5).sentence(CLAIM)
    assert "Supported it would be" not in judged([0.3] * 9).sentence(CLAIM)
    below = {**CLAIM, "direction": "below", "against": None}
    assert '"learning under curve" is' in judged([0.3] * 9).sentence(below)
    assert "lies below -0.1 SD in" in judged([0.3] * 9).sentence(below)
    assert "lies below 0 SD in" in judged([0.3] * 9).sentence({**below, "beyond": 0.0})
    assert "in 100 % of 1 world" in judged([0.3]).sentence(CLAIM) and "of 1 worlds" not in judged([0.3]).sentence(CLAIM)


# ---- summaries ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", [1, 7, 1000])
def test_summary(part: int) -> None:
    """Mean, spread and extremes over the worlds, whatever is read at a time."""
    loaded = results(np.linspace(-1, 1, 41), part=part)
    frame = pd.concat(loaded.in_parts(), ignore_index=True)
    frame.loc[frame["world"] == 3, "learning"] = np.nan
    frame.loc[(frame["world"] == 4) & (frame["room"] > 0), "learning"] = np.nan
    values = frame.groupby(["policy", "world"], observed=True)["learning"].mean()
    found = summary(of(frame, 41, part)).set_index("policy")
    for policy in ("criterion", "curve"):
        mine, row = values[policy].dropna(), found.loc[policy]
        expected = [mine.mean(), mine.std(), mine.min(), mine.max()]
        assert row[["mean", "spread", "lowest", "highest"]].tolist() == pytest.approx(expected, abs=1e-12)
        assert (row["worlds"], row["unit"], row["outcome"]) == (40, "SD", "learning")


def test_summary_of_what_is_not_known() -> None:
    """No number is made up."""
    frame = pd.concat(results([0.1]).in_parts()).assign(learning=np.nan)
    found = summary(of(frame, 1))
    assert found[["mean", "spread", "lowest", "highest"]].isna().all().all() and found["worlds"].tolist() == [0, 0]
    one = summary(results([0.1]))
    assert one["spread"].isna().all() and (one["mean"] == one["lowest"]).all()


def test_every_field_of_a_verdict() -> None:
    """Against sums one after the other: unequal classes, two of which come twice, and a policy that is compared."""
    frame = pd.concat(results(np.linspace(-1, 0.9, 9), luck=0.2, rooms=5).in_parts(), ignore_index=True)
    frame["class"], frame["students"] = frame["room"] % 3, np.array([4, 9, 20, 4, 9])[frame["room"]]
    frame["learning"] += np.where(frame["policy"] == "curve", np.array([0.2, -0.1, 0.05])[frame["class"]], 0.0)
    table = frame.astype({"policy": str}).set_index(["world", "policy", "room"])["learning"]
    size, mean, variance = [4, 9, 20, 4, 9], [], []
    pulls = np.zeros((9, 3))
    for world in range(9):
        apart = [table[world, "curve", room] - table[world, "criterion", room] for room in range(5)]
        mean.append(sum(a * n for a, n in zip(apart, size)) / 46)
        for room in range(5):
            pulls[world, room % 3] += size[room] * (apart[room] - mean[world]) / 46
        variance.append(3 / 2 * sum(pulls[world] ** 2))
    error = np.sqrt(3 / 2 * sum(pulls.mean(0) ** 2))
    noise = sum(variance) / 9 - error**2
    centre, total = sum(mean) / 9, np.var(mean, ddof=1)
    settled = [centre + np.sqrt((total - noise) / total) * (value - centre) for value in mean]
    reach = 0.95 * np.sqrt(2 / 0.0975) * error  # Student's t, two degrees of freedom
    for direction, sign in (("above", 1), ("below", -1)):
        found = verdict(of(frame, 12, 2, {**CLAIM, "direction": direction, "beyond": 0.25}))
        assert found is not None
        ends = [
            sorted(sum(sign * (value + moved) > limit for value in settled) / 9 for moved in (-reach, reach))
            for limit in (0.25, 0.125, 0.5)
        ]
        words = ["supported" if low >= 0.95 else "refuted" if high <= 0.05 else "undecided" for low, high in ends]
        assert found._asdict() == {
            "verdict": words[0],
            "share": sum(sign * value > 0.25 for value in settled) / 9,
            "low": ends[0][0],
            "high": ends[0][1],
            "opposite": sum(-sign * value > 0.25 for value in settled) / 9,
            "halved": words[1],
            "doubled": words[2],
            "mean": pytest.approx(centre, rel=1e-9),
            "error": pytest.approx(error, rel=1e-9),
            "spread": pytest.approx(np.sqrt(total - noise), rel=1e-9),
            "worlds": 9,
            "asked": 12,
            "rooms_needed": np.ceil(5 * (error / 0.05) ** 2),
            "worlds_needed": pytest.approx(np.nan, nan_ok=True),
            "unit": "SD",
        }
        assert 0 <= found.low < found.share < found.high <= 1
