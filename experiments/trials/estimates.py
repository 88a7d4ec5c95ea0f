"""What a trial makes of its measures: the `[estimate]` of its file, read by the estimator that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.trials import estimators
from setback.experiments.trials.estimators import ESTIMATORS, Estimate, Values, jackknife
from setback.model.errors import InputError, number, shown, unknown
from setback.model.outcomes import NORMS


class Data(NamedTuple):
    """What was measured, a row a student; rows are the same students in all arms.

    Attributes:
        values: (student,) by arm and measure; NaN where a student is not measured.
        groups: (student,) booleans by arm and group.
        room: (student,) the class of each.
        reliability: of each measure.
    """

    values: Mapping[tuple[str, str], Values]
    groups: Mapping[tuple[str, str], NDArray[np.bool_]]
    room: NDArray[np.int64]
    reliability: Mapping[str, float]

    def select(self, those: NDArray[np.bool_]) -> Data:
        """Give some of the students, by (student,) booleans."""
        return self._replace(
            values={name: values[those] for name, values in self.values.items()},
            groups={name: group[those] for name, group in self.groups.items()},
            room=self.room[those],
        )


class Asked(NamedTuple):
    """What an estimator is asked, and of which data: the `[estimate]` of a trial."""

    spec: Mapping[str, Any]
    data: Data

    def __call__(self, measure: str, arm: str | None = None, who: str | None = None) -> Values:
        """Give a measure, (student,), in an arm and of a group; NaN for students who are not in it."""
        arm = self.spec["arm"] if arm is None else arm
        who = self.spec.get("who") if who is None else who
        values = self.data.values[arm, measure]
        return np.where(self.data.groups[arm, who], values, np.nan) if who else values

    def reliability(self, measure: str) -> float:
        """Give the reliability of a measure."""
        return self.data.reliability[measure]


def estimate(spec: Mapping[str, Any], data: Data) -> Estimate:
    """Give what a trial estimates, and its standard error over classes.

    Args:
        spec: the `[estimate]` of a trial, as `check_estimate` takes it.
        data: what was measured.

    Returns:
        The estimate, NaN where the measures do not give it; its delete-a-group jackknife error.
    """
    return jackknife(lambda those: figure(spec, data.select(those)), data.room)


def figure(spec: Mapping[str, Any], data: Data) -> float:
    """Give the estimate alone."""
    return float(_RULES[spec["by"]].make(Asked(spec, data)))


# ---- how each estimator is asked -----------------------------------------------------------------------------
def _contrast(asked: Asked) -> float:
    spec = asked.spec
    if "terms" in spec:
        parts = [
            (term["weight"], asked(term.get("of", spec.get("of")), term["arm"], term.get("who")))
            for term in spec["terms"]
        ]
    else:
        weights = (1.0,) if "arm" in spec else (1.0, -1.0)
        arms = [spec["arm"]] if "arm" in spec else spec["arms"]
        parts = [(weight, asked(spec["of"], arm)) for weight, arm in zip(weights, arms)]
    return estimators.mean_contrast(parts)


def _hedges_g(asked: Asked) -> float:
    spec = asked.spec
    treated, control = (asked(spec["of"], arm) for arm in spec["arms"])
    if (sd := spec.get("sd")) is None:
        return estimators.hedges_g(treated, control, asked.reliability(spec["of"]))
    return estimators.hedges_g(treated, control, sd=NORMS[sd] if isinstance(sd, str) else sd)


def _odds_ratio(asked: Asked) -> float:
    spec = asked.spec
    return estimators.odds_ratio(*(asked(spec["of"], arm) for arm in spec["arms"]))


def _ordering(asked: Asked) -> float:
    spec = asked.spec
    return estimators.ordering([estimators.mean_contrast([(1.0, asked(spec["of"], arm))]) for arm in spec["arms"]])


def _inverted_u(asked: Asked) -> float:
    """Give the vertex through the best arm and its neighbours: arms far from it would decide it otherwise."""
    spec = asked.spec
    x, y = (
        np.array([estimators.mean_contrast([(1.0, asked(spec[axis], arm))]) for arm in spec["arms"]]) for axis in "xy"
    )
    x, y = x[np.argsort(x)], y[np.argsort(x)]
    best = int(np.argmax(y))
    near = slice(best - 1, best + 2)
    return estimators.inverted_u(x[near], y[near]) if 0 < best < len(x) - 1 else np.nan


def _correlation(asked: Asked) -> float:
    spec = asked.spec
    x, y = spec["x"], spec["y"]
    return estimators.correlation(asked(x), asked(y), asked.reliability(x), asked.reliability(y))


def _regression(asked: Asked) -> float:
    spec = asked.spec
    on = {name: asked(name) for name in spec["on"]}
    shares = {name: asked.reliability(name) for name in on}
    return estimators.regression(asked(spec["y"]), on, spec["of"], shares, asked.reliability(spec["y"]))


def _cross_lag(asked: Asked) -> float:
    spec = asked.spec
    x, (before, after) = spec["x"], spec["y"]
    held = [asked(name) for name in spec.get("covariates", ())]
    of_x, of_y = map(asked.reliability, (x, before))
    return estimators.cross_lag(asked(x), asked(before), asked(after), of_x, of_y, held)


def _random_intercept(asked: Asked) -> float:
    spec = asked.spec
    x, y = (np.column_stack([asked(name) for name in spec[axis]]) for axis in "xy")
    return estimators.random_intercept_cross_lag(x, y, *(asked.reliability(spec[axis][0]) for axis in "xy"))


def _discontinuity(asked: Asked) -> float:
    spec = asked.spec
    return estimators.discontinuity(asked(spec["running"]), asked(spec["of"]), spec["at"], spec["bandwidth"])


def _asymmetry(asked: Asked) -> float:
    spec = asked.spec
    return estimators.asymmetry(asked(spec["error"]), asked(spec["change"]))


def _spread_ratio(asked: Asked) -> float:
    spec = asked.spec
    of, over = spec["of"], spec["over"]
    return estimators.spread_ratio(asked(of), asked(over), asked.reliability(of), asked.reliability(over))


def _intraclass(asked: Asked) -> float:
    of = asked.spec["of"]
    return estimators.intraclass(asked(of), asked.data.room, asked.reliability(of))


def _path(asked: Asked) -> float:
    spec = asked.spec
    return estimators.smallest_path([(asked(y), asked(x), [asked(c) for c in held]) for y, x, *held in spec["paths"]])


class _Rule(NamedTuple):
    """How the numbers of an estimator are found, and which keys it needs and may have beside ``by`` and ``who``."""

    make: Callable[[Asked], float]
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


_RULES: Mapping[str, _Rule] = {
    "contrast": _Rule(_contrast, (), ("arm", "arms", "of", "terms")),
    "hedges_g": _Rule(_hedges_g, ("arms", "of"), ("sd",)),
    "odds_ratio": _Rule(_odds_ratio, ("arms", "of")),
    "correlation": _Rule(_correlation, ("arm", "x", "y")),
    "regression": _Rule(_regression, ("arm", "y", "on", "of")),
    "cross_lag": _Rule(_cross_lag, ("arm", "x", "y"), ("covariates",)),
    "random_intercept_cross_lag": _Rule(_random_intercept, ("arm", "x", "y")),
    "discontinuity": _Rule(_discontinuity, ("arm", "running", "of", "at", "bandwidth")),
    "ordering": _Rule(_ordering, ("arms", "of")),
    "inverted_u": _Rule(_inverted_u, ("arms", "x", "y")),
    "asymmetry": _Rule(_asymmetry, ("arm", "error", "change")),
    "spread_ratio": _Rule(_spread_ratio, ("arm", "of", "over")),
    "intraclass": _Rule(_intraclass, ("arm", "of")),
    "path": _Rule(_path, ("arm", "paths")),
}
#: How many arms, and how many measures of each axis, an estimator takes; 0 for as many as there are.
_ARMS: Mapping[str, int] = {"contrast": 2, "hedges_g": 2, "odds_ratio": 2}
_WAVES: Mapping[str, Mapping[str, int]] = {"cross_lag": {"y": 2}, "random_intercept_cross_lag": {"x": 0, "y": 0}}
#: What a key must be: the name of an arm, of a measure, of a group, or a number.
_NAMES = ("arms", "on", "covariates")
#: Estimators that read no reliability: those of means, and of signs.
_UNREAD = ("odds_ratio", "ordering", "inverted_u", "discontinuity", "asymmetry", "contrast", "path")


def check_estimate(spec: Mapping[str, Any], arms: Sequence[str], measures: Sequence[str], who: Sequence[str]) -> None:
    """Check what a file says of its estimate.

    Args:
        spec: the table.
        arms: the names of the arms there are.
        measures: those of the measures.
        who: those of the groups.

    Raises:
        InputError: if the estimator is unknown, a key is missing or too much, a name is not there, or the arms of a
            contrast are one and the same.
    """
    by: str = spec.get("by", "")
    if not isinstance(by, str) or by not in _RULES:
        raise unknown("estimator", by, _RULES)
    rule = _RULES[by]
    keys = ("by", *rule.needs, *rule.may, "who")
    for key in spec:
        if key not in keys:
            raise unknown("key", f"estimate.{key}", [f"estimate.{k}" for k in keys])
    for key in rule.needs:
        if key not in spec:
            raise InputError(f"estimate.{key} is missing; {by} needs {', '.join(rule.needs)}")
    _check_names(spec, "estimate", arms, measures, who)
    if by == "contrast":
        _check_contrast(spec, arms, measures, who)
    if "arms" in spec:
        _check_apart(spec, _ARMS.get(by, 0))
    for axis, count in _WAVES.get(by, {}).items():
        waves = spec[axis]
        if not isinstance(waves, list) or (len(waves) != count if count else len(waves) < 3):
            raise InputError(f"estimate.{axis} is {shown(waves)}; {by} needs {count or '3 or more'} waves of a measure")
    if by == "random_intercept_cross_lag" and len(spec["x"]) != len(spec["y"]):
        raise InputError(
            f"estimate has {len(spec['x'])} waves of x and {len(spec['y'])} of y; it needs as many of both"
        )
    if by == "regression" and spec["of"] not in spec["on"]:
        raise unknown("predictor", spec["of"], spec["on"])


def check_reliabilities(spec: Mapping[str, Any], reliability: Mapping[str, float]) -> None:
    """Check that every reliability that a file states is read by its estimate.

    Args:
        spec: the table, as `check_estimate` has passed it.
        reliability: of each measure.

    Raises:
        InputError: if one is stated that would be ignored, or differs between the waves of a measure.
    """
    by = spec["by"]
    ignored = by in _UNREAD or (by == "hedges_g" and "sd" in spec)
    for name in reliability if ignored else spec.get("covariates", ()):
        if reliability[name] < 1.0:
            raise InputError(f"measures.{name}.reliability is not read by {by} as it stands; leave it out")
    for axis in _WAVES.get(by, {}):
        if len({reliability[name] for name in spec[axis]}) > 1:
            raise InputError(f"the waves of estimate.{axis} have several reliabilities; a measure has one")


def _check_names(
    table: Mapping[str, Any], where: str, arms: Sequence[str], measures: Sequence[str], who: Sequence[str]
) -> None:
    """Check every name and number of a table."""
    for key, value in table.items():
        if key in ("at", "bandwidth", "weight"):
            number(f"{where}.{key}", value, *((1e-9,) if key == "bandwidth" else ()))
        elif key == "sd":
            _check_ruler(value)
        elif key == "paths":
            _check_paths(value, measures)
        elif key not in ("by", "terms"):
            there, kind = (arms, "arm") if key in ("arm", "arms") else (who, "group") if key == "who" else (
                measures, "measure")  # fmt: skip
            is_list = isinstance(value, list)
            several = key in _NAMES or key in _WAVES.get(str(table.get("by")), {})
            if several != is_list or (not is_list and not isinstance(value, str)):
                needs = "a list of names" if several else "one name"
                raise InputError(f"{where}.{key} is {shown(value)}; it needs {needs}")
            for name in value if is_list else [value]:
                if not isinstance(name, str) or name not in there:
                    raise unknown(f"{kind} in {where}.{key}:", name, there)


def _check_ruler(value: object) -> None:
    if isinstance(value, str):
        if value not in NORMS:
            raise unknown("norm in estimate.sd:", value, NORMS)
    else:
        number("estimate.sd", value, 1e-9)


def _check_paths(value: object, measures: Sequence[str]) -> None:
    if not isinstance(value, list) or not value or not all(isinstance(p, list) and len(p) > 1 for p in value):
        raise InputError(f'estimate.paths is {shown(value)}; it needs lists as ["outcome", "predictor", "held", ...]')
    for path in value:
        for name in path:
            if not isinstance(name, str) or name not in measures:
                raise unknown("measure in estimate.paths:", name, measures)


def _check_apart(spec: Mapping[str, Any], count: int) -> None:
    arms = spec["arms"]
    if len(arms) < 2 or (count and len(arms) != count):
        raise InputError(f"estimate.arms is {shown(arms)}; {spec['by']} needs {count or '2 or more'} arms")
    if len({*arms}) < len(arms):
        raise InputError(f"estimate.arms is {shown(arms)}; an arm against itself shows nothing, name another")


def _check_contrast(spec: Mapping[str, Any], arms: Sequence[str], measures: Sequence[str], who: Sequence[str]) -> None:
    ways = [key for key in ("arm", "arms", "terms") if key in spec]
    if len(ways) != 1:
        raise InputError(f"estimate has {' and '.join(ways) or 'no arm'}; a contrast needs one of arm, arms and terms")
    if "terms" not in spec:
        if "of" not in spec:
            raise InputError("estimate.of is missing; a contrast needs a measure")
        return
    terms = spec["terms"]
    if not isinstance(terms, list) or not terms or not all(isinstance(term, dict) for term in terms):
        raise InputError(f"estimate.terms is {shown(terms)}; it needs tables with arm, weight and of")
    for k, term in enumerate(terms):
        where = f"estimate.terms.{k + 1}"
        for key in term:
            if key not in ("arm", "weight", "of", "who"):
                raise unknown("key", f"{where}.{key}", [f"{where}.{k}" for k in ("arm", "weight", "of", "who")])
        for key in ("arm", "weight", *(() if "of" in spec else ("of",))):
            if key not in term:
                raise InputError(f"{where}.{key} is missing; a term needs arm, weight and of")
        _check_names(term, where, arms, measures, who)


def unit(spec: Mapping[str, Any]) -> str:
    """Give the unit of an estimate."""
    return ESTIMATORS[spec["by"]].unit
