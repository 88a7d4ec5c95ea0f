"""The front of the report: what was asked, and the answer in five sentences."""

from __future__ import annotations

import pandas as pd

from setback.analysis.figures.style import words
from setback.analysis.load import Results
from setback.analysis.report import claim, failing
from setback.analysis.report.policies import (
    GIVEN_UP,
    ONE_POLICY,
    apart,
    by_policy,
    front_table,
    is_of_worlds,
    led_by,
)
from setback.analysis.report.section import Asked, Section, between, bracketed, lowered, many, named, number
from setback.analysis.verdicts import has_cycle, is_cycle_open, of_claims, of_one_fit

#: By what each of the five sentences is found.
HEADS = ("What was run", "What leads", "Who gives up", "What failing does", "How sure")


def question(results: Results) -> str:
    """Give the question of a study; its name where it states none."""
    return str(results.study["question"] or f"The study {results.study['name']}, which states no question")


def answer_section(asked: Asked) -> Section:
    """Give the answer in five sentences, and the means behind it."""
    results = asked.results
    points = (tried(results), leads(asked), given_up(asked), causes(results), sure(asked))
    title, tables = "The answer in five sentences", (front_table(results),)
    return Section("answer", title, points=points, heads=HEADS, tables=tables)


def tried(results: Results) -> str:
    """Say what was run."""
    study = results.study
    who = "simulated classes" if study["roster"].get("synthetic") else "classes with the students of the roster"
    policies = many(len(results.policies), "policy")
    was = "policy was" if len(results.policies) == 1 else "policies were"
    size = f"{many(int(study['rooms']), 'class').replace('class', 'simulated class')}"
    size = size if study["roster"].get("synthetic") else f"{study['rooms']:,} {who}"
    of = (
        f", in each of {len(results.worlds):,} worlds (a world is one set of values for what nobody knows exactly)"
        if is_of_worlds(results)
        else ""
    )
    same = "" if len(results.policies) == 1 else "the same "
    again = "" if len(results.policies) == 1 else ", always with the same students and the same luck"
    return f"{policies.split(' ')[0]} {was} tried in {same}{size} over {study['weeks']} weeks{of}{again}."


def leads(asked: Asked) -> str:
    """Say under which policy there is most of what the study is about, and by how much."""
    results, outcome = asked.results, led_by(asked.results)
    unit, order = results.unit(outcome), by_policy(results, outcome)
    if not len(order):
        return f"Nothing is known of {words(outcome)} under any policy."
    first, last = str(order.index[0]), str(order.index[-1])
    most = named(order.iloc[0], unit)
    if len(order) < 2:
        return f"Under {first}, {words(outcome)} is {most} on average. {ONE_POLICY}"
    said = f"In the model, {words(outcome)} is highest under {first} ({most} on average) and lowest under {last} ("
    said += f"{named(order.iloc[-1], unit)})"
    if outcome == "learning" and "learning_procedural" in results.study["keep"]["outcomes"]:
        said += _procedural(by_policy(results, "learning_procedural"), first, unit)
    if not is_of_worlds(results):
        differences = apart(results, outcome, first)
        row = differences[differences["policy"] == last].iloc[0]
        said += f", a difference of {named(-row['difference'], unit)}"
        said += bracketed(between(-row["high"], -row["low"], unit))
    elif asked.decision is not None:
        found = asked.decision
        first_of = found.policies.iloc[0]
        said += (
            f"; by {words(found.judge.name)}, {found.leader} falls behind the best policy of a world least, and is "
            f"best in {named(first_of['best'], 'share')} of the worlds"
        )
        if len(found.policies) > 2:
            next_of = found.policies.iloc[1]
            behind = named(next_of["regret"] - first_of["regret"], found.judge.unit)
            said += (
                f"; next comes {found.policies.index[1]}, {behind} behind it on average and best in "
                f"{named(next_of['best'], 'share')}"
            )
    return f"{said}."


def _procedural(order: pd.Series, first: str, unit: str) -> str:
    """Say under which other policy there is most of procedural knowledge; nothing where it is the same one."""
    if not len(order) or (most := str(order.index[0])) == first:
        return ""
    return (
        f", while of procedural knowledge there is most under {most} ({named(order.iloc[0], unit)}, "
        f"{named(order.get(first), unit)} under {first})"
    )


def given_up(asked: Asked) -> str:
    """Say under which policy fewest students give up, what that takes of the teacher, and what it rests on."""
    results = asked.results
    kept = results.study["keep"]["outcomes"]
    outcome = next((name for name in GIVEN_UP if name in kept), "")
    if not outcome:
        return "The study kept no outcome that says how many students give up; [keep] outcomes names them."
    order = by_policy(results, outcome)
    if not len(order):
        return f"Of how many students are {words(outcome)} nothing is known."
    least = str(order.index[-1])
    fewest, most = (named(order.iloc[at], results.unit(outcome)) for at in (-1, 0))
    stopped = ""
    if outcome == "helpless_or_stopped" and "dropout" in kept:
        each = [named(x, results.unit("dropout")) for x in by_policy(results, "dropout")[order.index]]
        stopped = f" ({each[-1]} having stopped)" if fewest != most or len({*each}) == 1 else ""
    if fewest == most:
        under = "every policy" if len(order) > 1 else least
        return f"Under {under}, {fewest} of the students end the year {_ended(outcome)}{stopped}."
    highest = str(order.index[0])
    said = (
        f"Fewest students end the year {_ended(outcome)} under {least}, {fewest}{stopped}, most under {highest}, {most}"
    )
    if is_cycle_open(results.study, asked.verdicts) and has_cycle(results.study):
        said += "; this difference rests on the cycle, and in worlds fitted without one there is none"
    if "teacher_time" in kept:
        time = by_policy(results, "teacher_time")
        said += (
            f"; of the teacher's time outside lessons {least} takes {number(time[least], 'minutes')} minutes per "
            f"student and week, {highest} {number(time[highest], 'minutes')}"
        )
    return f"{said}."


def _ended(outcome: str) -> str:
    return {"dropout": "having left for good", "helpless_or_stopped": "helpless or having stopped"}.get(
        outcome, words(outcome)
    )


def causes(results: Results) -> str:
    """Say whether failing breeds failing and whether it teaches."""
    if not len(results.twins):
        return failing.NO_TWINS
    if is_of_worlds(results):
        found = failing.of_worlds(results)
        texts = failing.breeds_over_worlds(found), failing.teaches_over_worlds(found)
    else:
        entries = results.claims()
        texts = failing.breeds(entries), failing.teaches(entries)
    said = [text for text in texts if text]
    if not said:
        return "Under none of these policies is there a failure to be turned round."
    return "; ".join([said[0].removesuffix("."), *map(lowered, said[1:])]) + "."


def sure(asked: Asked) -> str:
    """Say how sure it is: the verdicts on the claims, and of what all of it is said."""
    results = asked.results
    found = results.verdict()
    is_open = is_cycle_open(results.study, asked.verdicts)
    if found is not None:
        said = claim.sentence(found, results.study["claim"], is_open)
    elif asked.verdicts is not None and is_of_worlds(results):
        said = "; ".join(text.removesuffix(".") for text in of_claims(asked.verdicts))
    elif is_of_worlds(results):
        said = "No claim was stated beforehand, so nothing was put to the test."
    else:
        said = (
            "All of it holds for one set of values of what nobody knows exactly; a study with [worlds] says how far it "
            "holds for others."
        )
    other = of_one_fit(results.study, asked.verdicts)
    rest = (
        f"but {lowered(other)}" if other else "",
        "all of it is said of the model, and is no evidence about schools by itself",
    )
    return "; ".join(filter(None, (said.removesuffix("."), *rest))) + "."
