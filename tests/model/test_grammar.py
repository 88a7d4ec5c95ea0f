"""The grammar of the phases: what all engines can run is accepted, whatever is outside is refused with file, line and reason."""

import re
from collections.abc import Callable

import equations as mechanisms
import numpy as np
import pytest

from setback.model.arithmetic import PRIMITIVES, blend, clip, exp, indicator, log, logistic, maximum, where
from setback.model.grammar import Equation, Refused, check, fingerprint
from setback.model.week import KINDS, MODEL, OPENING, TALLY, WEEK, Model, Phase

phase = mechanisms.phase
GLOBAL = 0.5
helper = np.tanh


# fmt: off
def branch(control):
    if control > 0.5: return control
    return 0.0
def loop(control):
    for _ in range(3): control = control * 0.5
    return control
def conditional(control): return 1.0 if control > 0.5 else 0.0
def power(control): return control**2
def modulo(control): return control % 2.0
def floor_division(control): return control // 2.0
def global_number(control): return control * GLOBAL
def keyword(control): return clip(control, low=0.0, high=1.0)
def starred(control): return clip(*[control, 0.0, 1.0])
def other_function(control): return helper(control)
def method(control): return control.clip(0.0, 1.0)
def subscript(control): return control[0]
def chained(control): return indicator(0.2 < control < 0.8)
def boolean_sum(control): return (control > 0.2) + (control > 0.8)
def boolean_times_number(control): return (control > 0.2) * control
def words(control): return indicator(control > 0.2 and control < 0.8)
def number_as_truth(control): return where(control, 1.0, 0.0)
def truth_as_number(control): return exp(control > 0.5)
def gives_truth(control): return control > 0.5
def infinite(control): return control + 1e999
def huge(control): return control + 1e17
def text(control): return "high"
def truth(control): return True
def none(control): return None
def empty_return(control): return
def changes_kind(control):
    x = control
    x = control > 0.5
    return indicator(x)
def augmented(control):
    control += 1.0
    return control
def annotated(control):
    x: float = control
    return x
def attribute_assignment(control, p):
    p.drift_sd = control
    return control
def uneven(control):
    a, b = control, control, control
    return a + b
def nested(control):
    def inner(x): return x
    return inner(control)
def unknown_parameter(control, p): return control * p.drift_size
def unknown_lever(control, q): return control * q.stake
def renamed_record(control, p, q): return mechanisms.readiness(control, control, control, control, q)
def two_arguments_too_few(control): return maximum(control)
def call_with_too_few(control):
    return logistic(control, 1.0)
def itself(control): return itself(control)
def round_one(control): return round_two(control)
def round_two(control): return round_one(control)
def default_argument(control, half=0.5): return control * half
def variadic(*control): return control[0]
def keyword_only(*, control): return control
def decorated_body(control): return (lambda x: x)(control)
def comprehension(control): return sum([control for _ in range(2)])
def saturates_at_one(control): return indicator(clip(control, 0.0, 1.0) >= 1.0)
def saturates_at_zero(control):
    x = logistic(control)
    return indicator(x > 0.0)
def saturates_either_way(control): return indicator(-1.0 == -clip(control, 0.0, 1.0))
def no_return(control):
    x = control
def assert_first(control):
    assert control
    return control
def walrus(control): return (x := control)
# fmt: on

REFUSED: dict[Callable[..., object], str] = {
    branch: "one return at the end; write where(condition, this, that) in its place: if",
    loop: "one return at the end; write its steps one below the other: for",
    conditional: "not in the grammar; write where(condition, this, that) in its place", power: "not in the grammar", modulo: "not in the grammar",
    floor_division: "not in the grammar", global_number: "reads no global", keyword: "not in the grammar",
    starred: "arguments are written out", other_function: "calls only the functions", method: "not in the grammar",
    subscript: "not in the grammar", chained: "not in the grammar", boolean_sum: "a number is needed, this is a bool",
    boolean_times_number: "a number is needed, this is a bool", words: "not in the grammar",
    number_as_truth: "a bool is needed, this is a number", truth_as_number: "a number is needed, this is a bool",
    infinite: "a constant is finite", huge: "a constant is finite and below", text: "not in the grammar",
    truth: "not in the grammar", none: "not in the grammar", empty_return: "only assignments, and one return at the end",
    changes_kind: "a name stays a number or a bool", augmented: "only assignments, and one return at the end",
    annotated: "only assignments, and one return at the end", attribute_assignment: "only plain names are assigned",
    uneven: "the two sides do not match", nested: "only assignments, and one return at the end",
    unknown_parameter: "the record p has no such name", unknown_lever: "the record q has no such name",
    renamed_record: "not in the grammar", two_arguments_too_few: "needs 2 arguments",
    call_with_too_few: "logistic needs 1 arguments", itself: "may not call itself", round_one: "may not call itself",
    default_argument: "only a plain function with plain arguments", variadic: "only a plain function with plain arguments",
    keyword_only: "only a plain function with plain arguments", decorated_body: "not in the grammar",
    comprehension: "calls only the functions", saturates_at_one: "no threshold at the value where a number saturates",
    saturates_at_zero: "no threshold at the value where a number saturates",
    saturates_either_way: "no threshold at the value where a number saturates",
    no_return: "only assignments, and one return at the end", assert_first: "only assignments, and one return at the end",
    walrus: "not in the grammar",
}  # fmt: skip


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_what_is_outside_is_refused_with_file_line_and_reason(function: Callable[..., object]) -> None:
    """The message points at the line, names the function and the rule, and quotes what was written."""
    with pytest.raises(Refused) as refused:
        Equation(function, {})
    message = str(refused.value)
    place = re.match(r"test_grammar\.py:(\d+): (\w+): (.*)", message)
    assert place, message
    first = function.__code__.co_firstlineno
    assert first <= int(place[1]) <= first + 3
    assert REFUSED[function] in place[3], message


def test_a_function_that_gives_a_truth_writes_no_slot() -> None:
    """Slots are numbers."""
    with pytest.raises(Refused, match=r"phase gives_truth \(control\): writes 1 numbers"):
        check(with_phase(phase("each", "control", gives_truth)))


# fmt: off
def accepted(control, affect, p, q, week):
    """A docstring, tuples, negative numbers, whole numbers, every operator and every primitive."""
    a, b = -control, affect / 2
    high = (a < b) & ~(b >= 1.5) | (a == b)
    high = (a != 0.3) & high
    c = where(high, exp(-b), log(1.0 + b)) + indicator(high) - week * p.drift_sd
    return clip(c, 0.0, maximum(q.stakes, 0.5)) + blend(0.5, a, logistic(b))
def bound(control, number): return control * number
def reads_drift(drift): return drift
def two(control): return control, control
def of_the_class(class_level): return class_level
def with_u(control, u): return control * u
def with_u_and_z(control, u, z): return control * u * z
def too_late(test_margin): return test_margin
def no_such_slot(contrl): return contrl
# fmt: on


def with_phase(*phases: Phase, first: bool = True) -> Model:
    """The model with more phases at the beginning, or at the end, of the week."""
    return Model(OPENING, (*phases, *WEEK) if first else (*WEEK, *phases), TALLY)


def test_what_is_inside_is_accepted() -> None:
    """A function with everything the grammar has."""
    known = check(with_phase(phase("each", "control", accepted)))
    assert accepted in known and logistic in known


PHASE_FAULTS = [
    (phase("all", "control", reads_drift), "all is no kind of phase; there are each, teacher, mean, rank, peers"),
    (phase("each", "contrl", reads_drift), "unknown slot of phase reads_drift .* did you mean control"),
    (phase("each", "control", no_such_slot), "unknown slot of phase no_such_slot .*'contrl'; did you mean control"),
    (phase("each", "class_level", reads_drift), "class_level is a slot of the class, this phase writes the student's"),
    (phase("teacher", "control", of_the_class), "control is a slot of the student, this phase writes the class's"),
    (phase("teacher", "class_level", reads_drift), "the teacher reads slots of the class; drift is a student's"),
    (phase("each", "control", two), "writes 1 numbers, the function gives 2 values"),
    (phase("each", "control affect", reads_drift), "writes 2 numbers, the function gives 1 values"),
    (phase("each", "control", too_late), "reads test_margin before any phase has written it"),
    (phase("each", "control", with_u), "a decision goes with one of u and z"),
    (phase("each", "control", with_u_and_z, "absence"), "a decision goes with one of u and z"),
    (phase("each", "control", reads_drift, "absence"), "a decision goes with one of u and z"),
    (phase("each", "control", with_u, "absense"), "unknown decision of phase with_u .*; did you mean absence"),
    (phase("each", "control", with_u, "assess"), "decision 'assess' is used by two phases"),
    (phase("each", "control", reads_drift, number=1.0), "binds number, which the function does not read"),
    (phase("mean", "class_level", reads_drift), "mean reads a slot, not a function"),
    (phase("mean", "class_level", "class_level"), "mean reads 1 of the students' slots"),
    (phase("peers", "control", "control"), "peers writes another slot than it reads"),
    (phase("rank", "control", "drift"), "rank reads 2 of the students' slots"),
    (phase("each", "control", "drift"), "each reads 1 of the students' slots and writes one"),
    (
        phase("each", "test_margin", reads_drift, lever="retakes"),
        "what a lever may leave out changes slots that are there",
    ),
    (
        phase("each", "control", reads_drift, lever="retake"),
        "unknown lever of phase reads_drift .*; did you mean retakes",
    ),
    (
        phase("each", "control", reads_drift, lever="p.drift_slow"),
        "unknown lever of phase reads_drift .*; did you mean p.drift_slow_sd",
    ),
]


@pytest.mark.parametrize(
    ("bad", "message"), PHASE_FAULTS, ids=[f"{p.name}-{'-'.join(p.writes)}-{p.decision}" for p, _ in PHASE_FAULTS]
)
def test_phases_that_do_not_fit_are_refused(bad: Phase, message: str) -> None:
    """Kinds, slots, decisions, levers and constants have to fit together."""
    with (
        pytest.raises(Refused, match=message) if "unknown" not in message else pytest.raises(ValueError, match=message)
    ):
        check(with_phase(bad))


# fmt: off
def fill(control): return clip(control, 0.0, 1.0)
def read_full(control): return indicator(control >= 1.0)
# fmt: on


def test_saturation_is_followed_from_phase_to_phase() -> None:
    """A slot that one phase clips may not be compared with the clip's end by another."""
    check(with_phase(phase("each", "control", fill)))
    with pytest.raises(Refused, match="no threshold at the value where a number saturates"):
        check(with_phase(phase("each", "control", fill), phase("each", "affect", read_full)))


def test_two_functions_of_one_name_are_refused() -> None:
    """Engines bind functions by name."""

    def logistic(x):
        return x

    with pytest.raises(Refused, match="another function of the model has this name"):
        Equation(logistic, dict(check()))


def test_the_model_itself_is_inside() -> None:
    """All phases pass, and every kind of phase occurs."""
    known = check()
    assert {p.by for phases in MODEL for p in phases if callable(p.by)} <= set(known)
    assert {p.kind for phases in MODEL for p in phases} == set(KINDS)
    assert all(callable(primitive) for primitive in PRIMITIVES)


# fmt: off
def version_one(control, p): return control + 0.0 * p.drift_sd
def version_two(control, p): return control + 0.1 * p.drift_sd
# fmt: on


def test_the_fingerprint_changes_with_equations_and_with_nothing_else() -> None:
    """Another number, another order or another constant is another model; a docstring is not."""
    one = fingerprint(with_phase(phase("each", "control", version_one)))
    assert fingerprint() == fingerprint() != one
    assert fingerprint(with_phase(phase("each", "control", version_two))) != one
    assert fingerprint(with_phase(phase("each", "control", version_one), first=False)) != one
    bound_one = fingerprint(with_phase(phase("each", "control", bound, number=1.0)))
    assert fingerprint(with_phase(phase("each", "control", bound, number=2.0))) != bound_one
    version_one.__doc__ = "Another docstring."
    assert fingerprint(with_phase(phase("each", "control", version_one))) == one
