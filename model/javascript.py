"""The fourth engine: the phases of the model as plain JavaScript, translated from their syntax trees for a page.

`write` gives a script without imports, ``eval`` or ``Function`` that runs from any file under a strict content
security policy. It defines one frozen constant, ``SETBACK``::

    run = SETBACK.year({
      seed, room,              whole numbers from 0 to 2**53 - 1
      luck: 0,                 which year's luck the same students live through, from 0
      weeks: 36,               1 to 520
      at: weeks,               stop after so many weeks
      size: 30,                students, 2 to 60
      network: "friendship",   or "seating"
      scores: {trait: [..]},   standard scores of a roster, one a seat; null or NaN is drawn by chance
      parameters: {name: x},   changes against SETBACK.parameters
      policies: [{week: 0, levers: {name: x}}, {week: 17, levers: {..}}],
                               rows in force from that week (from 0) on; changes against SETBACK.levers
      flip: {seat, week, luck | label | practice: 1, depth},
      keep: false,             true keeps every slot of every week
    })                         only seed and room must be given; a name that there is not is an Error

    run.weeks, run.size        weeks lived, students
    run.end(slot, seat)        a slot when the last week is over; of a class slot the seat is left out
    run.opening(slot, seat)    the same before the first week
    run.value(slot, week, seat), run.state(week, seat)
                               when that week (from 0) is over; without `keep` only of the last week
    run.trace                  with `keep`: {slot: Float64Array}, student slots at [week * size + seat], class
                               slots at [week]; without it null
    run.friends                Int32Array, friend k (0 to 3) of a seat at [4 * seat + k], -1 where there is none
    run.outcome(name, seat)    one of setback.model.outcomes.OUTCOMES when the last week is over; NaN if unknown
    run.mean(name)             its mean over the students of whom it is known

    SETBACK.uniform(seed, decision, room, seat, week)   the uniform number at an address, equal to numpy's;
                               CLASS_SEAT (2**20) is the teacher's seat
    SETBACK.friends(network, size, room, seed)          as run.friends
    SETBACK.states(enrolled, idle, control, affect, expectancy)   number of the state, name in SETBACK.stateNames
    SETBACK.parameters, SETBACK.levers                  {name: default}, in the order of the table
    SETBACK.slots              {name: "student" | "class"}, all that a run can be asked for
    SETBACK.outcomes           {name: {unit, what}}
    SETBACK.decisions          {name: number in the address}
    SETBACK.traits, SETBACK.ruler, SETBACK.stateNames   names; SDs and thresholds; names
    SETBACK.fingerprint        of the equations, as `setback.model.grammar.fingerprint`
    SETBACK.selftest()         16 hexadecimal digits that are the same in every correct engine of JavaScript

A run is a copy; it stays as it is when another year is run.
"""

from __future__ import annotations

from setback.model.week import Model


def write(model: Model | None = None) -> str:
    """The script; see above.

    Args:
        model: the phases; by default the model's, and mechanisms of one's own.

    Raises:
        InputError: something outside the grammar, with file, line and reason.
    """
    raise NotImplementedError
