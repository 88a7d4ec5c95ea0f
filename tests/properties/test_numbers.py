"""A number of numpy's is taken wherever a number may stand, and is Python's own from there on."""

import json
from typing import Any

import numpy as np
import pytest

import setback as sb
from setback.experiments.gradebook.export import gradebook
from setback.experiments.profile import profile
from setback.experiments.studies.study import Claim
from setback.experiments.studies.worlds import Range, Worlds, worlds
from setback.model.errors import InputError, number, whole
from setback.model.keep import Keep
from setback.model.policies import PolicyChange

PLAIN = sb.Study.read("rigor").replace(rooms=2, weeks=30)
KINDS = (np.int8, np.uint16, np.int64)


def text(study: Any) -> str:
    """All that decides the results, as JSON."""
    return json.dumps(study.text(), sort_keys=True)


PRESETS = {"seed": 3, "rooms": 4, "weeks": 20}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PRESETS)
def test_whole_numbers_of_a_study(name: str, kind: type) -> None:
    """The same study to the last byte."""
    value = PRESETS[name]
    study = PLAIN.replace(**{name: kind(value)})
    assert type(getattr(study, name)) is int
    assert text(study) == text(PLAIN.replace(**{name: value})) and study.key() == PLAIN.replace(**{name: value}).key()


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int64])
def test_every_other_number_of_a_study(kind: type) -> None:
    """Shares, bounds of a claim, the week of a change of policy, ranges, levers and parameters."""

    def study(one: Any, nineteen: Any) -> sb.Study:
        change = PolicyChange("harmful", (nineteen, "benign"))
        policies = (sb.Policy("curve", threat=one), sb.Policy(stakes=one), change)
        keep = Keep(("learning",), ("control",), one)
        claim = Claim("learning", policies[0].name, None, "above", one, "", one, 0 * one)
        ranges = (
            Range("peer_norm", 0 * one, one), Range.of("resilience_mean", 0 * one, one),
            Range("style_mean", one, one, values=(one,)),
        )  # fmt: skip
        return PLAIN.replace(
            policies=policies, keep=keep, claim=claim, share=0 * one, parameters=sb.Parameters(excuse_worth=one),
            worlds=Worlds("file", ranges, np.ones((1, 3))),
        )  # fmt: skip

    assert text(study(kind(1), np.int16(19))) == text(study(1.0, 19))


@pytest.mark.parametrize("kind", KINDS)
def test_simulations(kind: type) -> None:
    """Every number of a call, and what is kept of it."""
    plain, made = (
        sb.simulate(
            PolicyChange("curve", (n(3), "benign")), {"peer_norm": n(0)}, rooms=n(2), seed=n(3), weeks=n(4),
            replicates=n(2),
        )
        for n in (int, kind)
    )  # fmt: skip
    assert made.per_student().equals(plain.per_student())
    kept = (made.seed, made.weeks, made.replicates, made.policy.stages[1].week)
    assert kept == (3, 4, 2, 3) and {type(value) for value in kept} == {int}


@pytest.mark.parametrize("kind", KINDS)
def test_classrooms(kind: type) -> None:
    """Room, seed, luck, weeks, and the weeks of a run."""
    plain, made = (
        sb.Classroom(
            room=n(2), seed=n(3), luck=n(1), weeks=n(4), roster=sb.Roster.synthetic(n(9))
        )
        for n in (int, kind)
    )  # fmt: skip
    assert type(made.weeks) is int and type(made.block.seats.seed) is int and type(made.block.seats.luck) is int
    plain.run(), made.run(kind(4))
    assert made.students.to_frame().equals(plain.students.to_frame())


@pytest.mark.parametrize("kind", KINDS)
def test_the_rest_of_the_public_face(kind: type) -> None:
    """Rosters, parameters, policies, designs, grade books, profiles."""
    assert sb.Roster.synthetic(size=kind(20)).digest() == sb.Roster.synthetic(size=20).digest()
    assert {type(value) for value in sb.Parameters(peer_norm=kind(0)).values()} == {float}
    assert {type(value) for value in sb.Policy("curve", stakes=kind(1)).values()} == {float}
    assert sb.Policy(stakes=kind(1)) == sb.Policy(stakes=1) and json.loads(sb.Parameters(peer_norm=kind(0)).to_json())
    assert (
        worlds("sobol", [Range.of("peer_norm")], n=kind(4)).table == worlds("sobol", [Range.of("peer_norm")], n=4).table
    ).all()
    assert len(worlds("grid", [Range.of("peer_norm")], steps=kind(3))) == 3
    assert gradebook(rooms=kind(1), weeks=kind(3), seed=kind(2)).equals(gradebook(rooms=1, weeks=3, seed=2))
    years = [profile("curve", rooms=n(2), seed=n(1), weeks=n(14))["weeks"] for n in (int, kind)]
    assert years[0].equals(years[1])


@pytest.mark.parametrize("value", [np.bool_(True), np.float64("nan"), np.float32("inf"), np.array([1]), "1", None, 1j])
def test_what_is_no_number(value: Any) -> None:
    """Truth is none, nor is a text, an array, or what is infinite."""
    for call in (
        lambda: number("share", value, 0, 1), lambda: number("share", value), lambda: whole("seed", value, 0, 9),
        lambda: PLAIN.replace(seed=value), lambda: PLAIN.replace(share=value), lambda: sb.simulate(seed=value),
        lambda: PLAIN.replace(keep=Keep(share=value)), lambda: sb.Parameters(peer_norm=value),
        lambda: sb.Roster.synthetic(value), lambda: sb.Classroom(room=value), lambda: sb.Policy(stakes=value),
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"^[\w ]+ is .*; it needs a (whole |finite )?number"):
            call()


def test_what_a_number_needs() -> None:
    """The sentence names the bounds that there are."""
    for bounds, says in (
        ((0.0, 1.0, "share"), "x is 2; it needs a number from 0 to 1 (share)"),
        ((3.0,), "x is 2; it needs a finite number from 3"),
    ):
        with pytest.raises(InputError) as error:
            number("x", 2, *bounds)  # type: ignore[arg-type]
        assert str(error.value) == says
