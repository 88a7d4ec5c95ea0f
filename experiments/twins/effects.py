"""What a failure causes as an outcome of a study: estimand, flip and side have one name, ``R_F.label.inflicted``.

Left out, the flip is ``line`` (being failed, by luck at the policy's own line) and the side ``spared`` (the effect on
the treated): ``R_F``, ``V_F.practice``, ``R_F.inflicted``. The symbols of estimands stand for their names, ``Λ_F`` for
``Lambda_F`` and ``V_F`` for ``V_F_unit``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from setback.experiments.twins.estimands import AVERAGED, ESTIMANDS, HORIZON, TURNED, Estimand, made
from setback.model.errors import InputError, shown, unknown

#: What a name says where it says nothing of the flip and of the side.
FLIP, SIDE = "line", "spared"
#: Estimands by their names, and by their symbols.
_NAMED: Mapping[str, str] = {row.symbol.removesuffix(f"({HORIZON})"): name for name, row in ESTIMANDS.items()} | {
    name: name for name in ESTIMANDS
}


class Effect(NamedTuple):
    """An estimand, by which kind of flip, and on which side."""

    row: Estimand
    flip: str = FLIP
    side: str = SIDE

    @property
    def name(self) -> str:
        """Give the one name that tables have.

        >>> Effect(ESTIMANDS["R_F"], "label").name
        'R_F.label'
        """
        said = [self.row.name, *([self.flip] if self.flip != FLIP else []), *([self.side] if self.side != SIDE else [])]
        return ".".join(said)

    @property
    def unit(self) -> str:
        """Give its unit."""
        return self.row.unit

    @property
    def title(self) -> str:
        """Say what it is, without the unit: ``R_F(9) of being failed``."""
        return f"{self.row.symbol} of {TURNED[self.flip]}" + (f", {self.side}" if self.side != SIDE else "")


def effect(name: str) -> Effect | None:
    """Read the name of an effect; None where it begins with no estimand.

    >>> effect("V_F.practice") == Effect(ESTIMANDS["V_F_unit"], "practice")
    True

    Raises:
        InputError: if what follows the estimand is not a kind of flip, a side, or one after the other.
    """
    first, *more = name.split(".")
    if first not in _NAMED:
        return None
    flip = more.pop(0) if more and more[0] in TURNED else FLIP
    side = more.pop(0) if more and more[0] in AVERAGED else SIDE
    if more:
        raise unknown(f"flip or side of {first}:", more[0], (*TURNED, *AVERAGED))
    return Effect(ESTIMANDS[_NAMED[first]], flip, side)


def effects(study: Mapping[str, Any]) -> list[Effect]:
    """Give every effect that the twins of a study have; `study` is its text."""
    if not has_twins(study):
        return []
    rows, flips = made(study["estimands"]), [flip for flip in TURNED if flip in study["flips"]]
    return [Effect(row, flip, side) for flip in flips for side in AVERAGED for row in rows]


def has_twins(study: Mapping[str, Any]) -> bool:
    """Say whether a study has a table of twins; `study` is its text."""
    return study["share"] > 0 and not study["predictions"]


def check_made(found: Effect, study: Mapping[str, Any]) -> None:
    """Refuse an effect that the twins of a study do not have; `study` is its text.

    Raises:
        InputError: if there are no twins, none of that kind, or the estimand was not asked for.
    """
    name, flips = found.name, study["flips"]
    if study["predictions"]:
        raise InputError(
            f"{name} is an effect of a failure, and a study of predictions keeps no twins; ask another one"
        )
    if not study["share"] > 0:
        raise InputError(
            f"{name} is an effect of a failure, and study {study['name']} has no twins; give it [twins] with a share, "
            "as in share = 0.05"
        )
    if found.flip not in flips:
        others = [found._replace(flip=flip).name for flip in flips]
        raise InputError(
            f"study {study['name']} has no twins of kind {found.flip} for {name}; ask for {' or '.join(others)}, or "
            f"name {found.flip} in [twins] flips"
        )
    if found.row not in made(study["estimands"]):
        raise InputError(
            f"study {study['name']} has no {found.row.name}, for which years are run again; ask for it with "
            f'estimands = ["{found.row.name}"] in [twins]'
        )


def apart(policy: str) -> tuple[str, str] | None:
    """Read a difference of two policies, ``"mastery - criterion"``: the first less the second; None where it is none.

    Raises:
        InputError: if it says more or less than two policies, or one of them twice.
    """
    if " - " not in policy:
        return None
    words: Sequence[str] = [word.strip() for word in policy.split(" - ")]
    if len(words) != 2 or not all(words):
        raise InputError(f"{shown(policy)} is no difference of two policies; write it as in 'mastery - criterion'")
    if words[0] == words[1]:
        raise InputError(f"{shown(policy)} sets a policy against itself, which is 0 everywhere; name another policy")
    return words[0], words[1]
