"""The bank of a fit: what luck does, which rows a model can speak to, and rounds from end to end, on a small scale."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from toy_fits import line, scale, space, unscaled, worlds

from setback.experiments.evidence.effects import EFFECTS_OF_FAILING
from setback.experiments.evidence.measured import measured
from setback.experiments.evidence.nulls import NULLS
from setback.experiments.fit import bank, rounds
from setback.experiments.fit.emulator import Emulator
from setback.experiments.fit.likelihood import Scale
from setback.experiments.fit.rounds import Plan, Worlds, contexts_of, filled, scale_of, speaks_to, unknown
from setback.experiments.fit.space import Space
from setback.experiments.trials.run import World
from setback.model.week import MODEL

ROWS = ("PF1", "PF4a", "OU-01a")
SPACE = space("gain_threat", "knowledge_sd")


def of_rounds() -> Worlds:
    """Three worlds of a prior, three of a first round, two of which were run again, and one of a second."""
    on_scale = np.array(
        [[9, 9, 9], [9, 9, 9], [9, 9, 9], [1.0, 2.0, 0.0], [0.0, 1.0, np.nan], [5, 5, 5], [7, 7, 7]], float
    )
    luck = np.concatenate([on_scale[3:5], [[0.0, 2.0, np.nan], [2.0, 1.0, 3.0]]])
    found = worlds(SPACE, np.zeros((7, 2)), unscaled(on_scale, ROWS))
    return found._replace(round=np.array([0, 0, 0, 1, 1, 1, 2]), luck=unscaled(luck, ROWS))


def test_what_luck_does() -> None:
    """Half of the mean square between the same worlds in two sets of classes; nothing where no world gives both."""
    assert of_rounds().by_luck(scale(ROWS)) == pytest.approx([(1 + 4) / 2 / 2, 0.0, 0.0])


def test_what_is_not_known() -> None:
    """What is left open less luck, as variances, but a share of it at least; all of it before luck was measured."""
    made = line(ROWS, np.ones((2, 3)), np.zeros(3))._replace(rows=ROWS)
    found = unknown(made._replace(open_=np.array([2.0, 0.5, 1.0])), of_rounds(), scale(ROWS))
    assert found == pytest.approx([np.sqrt(4.0 - 1.25), 0.5, 1.0])
    small = made._replace(open_=np.ones(3))
    assert unknown(small, of_rounds(), scale(ROWS))[0] == pytest.approx(0.2), "luck alone"
    before = of_rounds()
    assert unknown(small, before._replace(luck=before.luck.iloc[:0]), scale(ROWS)).tolist() == [1.0, 1.0, 1.0]


def test_rows_a_model_can_speak_to() -> None:
    """Most worlds of its prior give a figure, not all the same; later rounds do not count."""
    figures = pd.DataFrame(
        {
            "PF1": [0.1, 0.2, 0.3, 0.4, np.nan, np.nan], "PF2": [0.1, np.nan, np.nan, np.nan, 0.3, 0.4],
            "PF4a": [0.0, 0.0, 0.0, 0.0, 1.0, 2.0], "OU-01a": [0.1, 0.3, np.nan, np.nan, 0.1, 0.1],
        }
    )  # fmt: skip
    found = worlds(SPACE, np.zeros((6, 2)), figures)._replace(round=np.array([0, 0, 0, 0, 1, 1]))
    assert speaks_to(found) == ("PF1", "OU-01a")
    rare = worlds(SPACE, np.zeros((9, 2)), pd.DataFrame({"TR10": [0.0] * 8 + [4.0], "TR1": [0.7] * 9}))
    assert speaks_to(rare) == ("TR10",), "most worlds may say the same"
    assert contexts_of(["PF1", "OU-01a", "R_F", "R_F.oulad"]) == {
        "PF1": "", "OU-01a": "oulad", "R_F": "", "R_F.oulad": "oulad",
    }  # fmt: skip


def test_signs_are_measured_in_the_spread_of_the_prior_or_of_another_model() -> None:
    """Rows are the model's own either way."""
    figures = pd.DataFrame({"PF4a": [-1.0, 1.0, 50.0], "PF1": [0.1, 0.2, 9.0], "ERR5a": [0.0, 4.0, 9.0]})
    found = worlds(SPACE, np.zeros((3, 2)), figures)._replace(round=np.array([0, 0, 1]))
    own = scale_of(found)
    assert own.rows == ("PF4a", "PF1", "ERR5a") and own.units == pytest.approx([1.0 / 1.349, 1.0, 2.0 / 1.349])
    other = scale_of(found, Scale(("ERR5a", "GR1a"), np.array([7.0, 3.0])))
    assert other.rows == own.rows and other.units == pytest.approx([1.0 / 1.349, 1.0, 7.0])


def test_worlds_about_an_optimum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between it and the prior: about it all of them together lean its way, and none leaves its range."""
    where = space("gain_threat", "knowledge_sd", "gain_peers")
    best = where.values(np.array([[0.9, 0.1, 0.5]]))[0]
    says = ", ".join(f'"{name}": {value}' for name, value in zip(where.names, best))
    (tmp_path / "optimum-cycle.json").write_text('{"numbers": {' + says + "}}")
    monkeypatch.setattr(bank, "OPTIMA", tmp_path)
    found = bank.near_optimum(where, 4000)
    assert found is not None and found.shape == (4000, 3)
    shares = where.shares(found)
    assert ((shares >= 0) & (shares <= 1)).all()
    at = ndtri(shares)
    # what is kept is uniform from 0.33 to 1, of a coordinate of 1.2816: 0.665 of it on average, 0.48 in squares
    assert at.mean(0) == pytest.approx([0.665 * 1.2816, -0.665 * 1.2816, 0.0], abs=0.05)
    away = 0.52 + 1.2816**2 * (0.48 - 0.665**2)
    assert at.var(0) == pytest.approx([away, away, 0.52], abs=0.05)
    assert bank.near_optimum(space("gain_threat", null="no-cycle"), 10) is None


def test_the_latest_round_says_what_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """By weights, and those that were proposed count more; where the prior is asked about, all count alike."""
    seen: list[object] = []

    def learnt(shares, figures, names, rows, counts, weights) -> Emulator:  # type: ignore[no-untyped-def]
        seen.extend([counts, weights])
        return line(ROWS, np.ones((2, 3)), np.zeros(3))

    monkeypatch.setattr(rounds, "learnt", learnt)
    found = of_rounds()
    rounds.emulator_of(found, scale(ROWS))
    rounds.emulator_of(found._replace(round=np.zeros(7, np.int64)), scale(ROWS))
    rounds.emulator_of(found, scale(ROWS), on=0)
    counts, weights, *rest = (np.array(one).tolist() for one in seen)
    assert counts == [1, 1, 1, 3, 3, 3, 3] and weights == [0, 0, 0, 0, 0, 0, 1]
    assert rest == [[1] * 7, [1] * 7, [1] * 7, [1, 1, 1, 0, 0, 0, 0]]


# ---- from end to end ---------------------------------------------------------------------------------------
PLAN = Plan(cubes=1, rounds=2, each=8, effects=2, again=4)


def test_a_bank_is_filled_in_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds of the prior, then those about an optimum, then those proposed; no world is run twice."""
    monkeypatch.setattr(bank, "CUBE", 24)
    monkeypatch.setattr(bank, "ROOMS", 2)
    monkeypatch.setattr(bank, "MOST", 1)
    whole = Space.of(NULLS["cycle"])
    done: list[int] = []
    said: list[str] = []
    found = filled(whole, PLAN, tmp_path, processes=1, progress=done.append, say=said.append)
    assert found.round.tolist() == [0] * 24 + [1] * 8 + [2] * 8 and len(found.luck) == 8
    assert sum(done) == 24 + 2 * 8 + 3 * PLAN.effects + 4
    assert [sentence.partition(": ")[2] for sentence in said] == [
        "24 worlds of the prior", "round 1 of 2, 8 worlds about the best that was searched for",
        "round 2 of 2, 8 worlds proposed by the fit so far",
    ]  # fmt: skip
    assert found.shares.shape == (40, len(whole.names)) and ((found.shares >= 0) & (found.shares <= 1)).all()
    # a Latin hypercube: each of 24 steps of every number once
    assert (np.sort((found.shares[:24] * 24).astype(int), 0) == np.arange(24)[:, None]).all()
    near = bank.near_optimum(whole, 8)
    assert near is not None and found.shares[24:32] == pytest.approx(whole.shares(near))
    assert found.effects.notna().any(axis=1).tolist() == ([True] * 2 + [False] * 22) + ([True] * 2 + [False] * 6) * 2
    assert list(found.effects.columns) == [*EFFECTS_OF_FAILING]
    # in other classes the same worlds say something else, but not much
    assert found.luck.iloc[:4].equals(found.figures.iloc[24:28].reset_index(drop=True))
    apart = (found.luck.iloc[:4] - found.luck.iloc[4:].reset_index(drop=True)).abs()
    assert (apart.max() > 0).mean() > 0.9
    # figures stand beside their worlds
    table = whole.values(found.shares[-8:])
    studies = bank.of_prior(whole, 1), *(bank.proposed(whole, table, number) for number in (1, 2))
    for number, first, world in ((0, 0, 7), (2, 32, 35)):
        values = dict(zip(whole.names, whole.values(found.shares[world : world + 1])[0]))
        own = {name: value for name, value in values.items() if name in MODEL.table.names}
        room = int(studies[number].seating.first(world - first))
        at = World(MODEL.parameters(own), values, "compiled")
        figures = measured(("PF1", "OU-01a"), at, range(room, room + 2), bank.SEED + number)
        assert found.figures.loc[world, ["PF1", "OU-01a"]].to_dict() == pytest.approx(figures, rel=1e-4)

    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    same = filled(whole, PLAN, tmp_path, processes=1)
    assert same.figures.equals(found.figures) and (same.shares == found.shares).all() and same.luck.equals(found.luck)
    assert same.effects.equals(found.effects)
    assert files == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}, "nothing is run"
