"""The Mesa model: one classroom to look at, teach with and extend; students and a teacher walk the same phases.

The agents hold no arithmetic of the model: a `Student` owns one seat and calls the functions of the phases on its
own slice of the arrays, a `Teacher` acts once for the class. So this engine gives the same bits as the vectorised
one, whatever the order in which the students act.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import networkx as nx
import numpy as np
from mesa.agent import AgentSet
from mesa.discrete_space import FixedAgent, Network

from setback.model.chance import LIMIT
from setback.model.engines.block import (
    Array,
    Block,
    Held,
    Run,
    check_held,
    check_traced,
    check_world,
    columns,
    draw_luck,
    in_order,
    rank,
)
from setback.model.errors import InputError, shown, whole
from setback.model.keep import Keep
from setback.model.policies import Policy, PolicyChange
from setback.model.rosters.roster import Roster
from setback.model.state import OPENED, SLOTS, STATE, TALLY, Flip
from setback.model.week import LONGEST, MODEL, Model, Phase

if TYPE_CHECKING:
    import pandas as pd

    from setback.analysis.figures.figure import Figure

#: What the data collector records of each student every week, unless asked for something else.
COLLECTED = (
    "challenge", "submitted", "effort", "practice_error", "error_depth", "analysed", "test_margin", "score", "grade",
    "verdict", "below_criterion", "failing_grade_told",
    "to_ability", "to_effort", "to_task", "to_luck", "conceptual", "procedural", "expectancy", "control",
    "attribution_style",
    "interest", "reserve", "affect", "enrolled",
)  # fmt: skip


class Student(FixedAgent):
    """One student: a seat, a name, and every slot of the seat as a read-only attribute (``student.expectancy``)."""

    model: Classroom

    def __init__(self, model: Classroom, seat: int, name: str) -> None:
        super().__init__(model)
        self.at = slice(seat, seat + 1)
        self.name = name
        self.cell = model.network[seat]

    def __getattr__(self, name: str) -> float:
        slots = self.__dict__["model"].slots if "model" in self.__dict__ else {}
        if name not in slots or SLOTS[name].of != "student":
            raise AttributeError(f"a student has no {name!r}")
        return float(slots[name][self.at.start, 0])

    @property
    def friends(self) -> list[Student]:
        """Give the students whom this one is connected with."""
        return [agent for cell in self.cell.connections.values() for agent in cell.agents]

    def act(self, phase: Phase) -> None:
        """Take this student's part in one phase."""
        room, at = self.model, self.at
        if phase.kind == "peers":
            x, total = room.slots[phase.reads[0]], np.zeros((1, 1))
            for friend, weight in zip(room.block.seats.friends, room.block.seats.weight):
                total = total + weight[at] * x[friend[at, 0]]
            room.slots[phase.writes[0]][at] = total
            return
        luck = {phase.decision: room.luck[phase.decision][at]} if phase.decision else {}
        for name, value in phase.call(self.read, room.given, luck):
            room.slots[name][at] = value

    def read(self, name: str) -> Array:
        """Read a slot of this student's seat, or of the class, as an array (1, 1)."""
        slot = self.model.slots[name]
        return slot[self.at] if SLOTS[name].of == "student" else slot


class Teacher(mesa.Agent):
    """Acts once for the class: the policy, the mean of the class, its ranks."""

    model: Classroom

    def act(self, phase: Phase) -> None:
        """Take the teacher's part in one phase."""
        room = self.model
        if isinstance(phase.by, str):
            read = [room.slots[name] for name in phase.reads]
            if phase.kind == "mean":
                room.slots[phase.writes[0]][:] = in_order(read[0] * room.slots["present"]) * room.share
            else:
                room.slots[phase.writes[0]][:] = rank(read[0], read[1], room.slots["present"])
            return
        for name, value in phase.call(room.slots.__getitem__, room.given, room.luck):
            room.slots[name][:] = value


class Students(AgentSet):
    """The students of a classroom, as a Mesa AgentSet that has seats and can also be a table."""

    def __getitem__(self, seat: Any) -> Any:
        """Give the student of a seat, from 0, or those of a slice of seats; Mesa's own way of asking is to go."""
        return [*self][seat]

    def to_frame(self) -> pd.DataFrame:
        """Give one row per student: name, and every carried slot and tally as it is now."""
        import pandas as pd

        room = next(iter(self)).model
        names = [slot.name for slot in (*OPENED, *STATE, *TALLY) if slot.of == "student"]
        rows = {student.name: [getattr(student, name) for name in names] for student in self}
        return pd.DataFrame.from_dict(rows, "index", columns=names).rename_axis("student").assign(week=room.week)


class Classroom(mesa.Model):
    """One class under one policy, week by week.

    >>> Classroom("curve", seed=7).run(weeks=2).week
    2

    Args:
        policy: a policy, or its text; it may change in mid-year.
        parameters: the world's numbers.
        roster: who sits in the class; a synthetic class where it is left out.
        room: which room of the roster.
        luck: which year's luck the same students have.
        seed: the seed in every address of chance; the same seed is the same luck under every policy. None draws one,
            which the attribute ``seed`` tells: so `mesa.batch_run` makes other rooms in each of its iterations
            (before Mesa 3.4 if it is asked to, with ``"seed": [None]`` among its parameters).
        weeks: the length of the year.
        flip: one outcome to turn round.
        hold: slots to keep on recorded paths, (week, seat, 1).
        shuffle: let the students act in a new order in every phase; changes no bit of the result.
        keep: what is kept: the data collector records its slots of ``students`` every week.
        model: the model, as with custom mechanisms.
        block: a block of one column, in place of the arguments up to ``flip``.

    Raises:
        InputError: an unknown policy, parameter, slot, or an address out of range.
    """

    def __init__(
        self,
        policy: Policy | PolicyChange | str = "reference",
        parameters: Mapping[str, float] | None = None,
        roster: Roster | None = None,
        room: int = 0,
        seed: int | None = 0,
        luck: int = 0,
        weeks: int = 36,
        flip: Flip = Flip(),  # noqa: B008
        hold: Mapping[str, Held] | None = None,
        shuffle: bool = False,
        keep: Keep = Keep(students=COLLECTED),  # noqa: B008, it is frozen
        model: Model = MODEL,
        block: Block | None = None,
    ) -> None:
        seed = secrets.randbits(32) if seed is None else seed
        seed, room = (whole(what, value, 0, LIMIT - 1) for what, value in (("seed", seed), ("room", room)))
        weeks, luck = whole("weeks", weeks, 1, LONGEST), whole("luck", luck, 0, 10_000)
        super().__init__(rng=seed)
        if block is None:
            self._policy = model.as_policy(policy, weeks)
            roster = roster or Roster.synthetic()
            block = columns(
                roster.seats([room], seed, luck),
                [self._policy],
                [model.parameters(parameters)],
                [flip],
            )
        self.block, self.seed, self._numbered = block, int(block.seats.seed), 0
        self.phases, self.weeks, self.week = model, weeks, 0
        self.hold, self.shuffle = hold or {}, shuffle
        check_world(self.block, model)
        check_held(self.hold, self.block, weeks, model)
        if not isinstance(keep, Keep):
            raise InputError(f"keep is {shown(keep)}; it needs a Keep, as in Keep(students=['control'])")
        check_traced(keep.students, model)
        self.slots, self.share = self.block.opened()
        for phase in (phase for phases in model for phase in phases):
            for name in phase.writes:
                rows = self.block.size if SLOTS[name].of == "student" else 1
                self.slots.setdefault(name, np.zeros((rows, 1)))
        names = roster.in_room(room).students if roster else ()
        self.network = Network(self._graph(), random=self.random)
        for seat in range(block.size):  # an empty seat is a student who is not present
            Student(self, seat, names[seat] if seat < len(names) else f"seat-{seat + 1}")
        self.teacher = Teacher(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: name for name in ("week", "class_failing_grade_seen", "share_enrolled", "seed")},
            # Mesa would make functions of names that cannot be pickled
            agenttype_reporters={
                Student: {"student": attrgetter("name"), **{name: attrgetter(name) for name in keep.students}}
            },
        )
        self.given: dict[str, object] = {"p": self.block.world(), "flip": self.block.turned()}
        self._walk(self.phases.opening, None)

    def register_agent(self, agent: mesa.Agent) -> None:
        """Number an agent of this class, from 1, and keep it."""
        super().register_agent(agent)
        # Mesa 3.3 counts in a table of all models, which would keep each of them for ever
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self._numbered += 1
        agent.unique_id = self._numbered

    def _graph(self) -> nx.DiGraph:
        seats = self.block.seats
        graph = nx.DiGraph()
        graph.add_nodes_from(range(self.block.size))
        for friend, weight in zip(seats.friends, seats.weight):
            graph.add_edges_from((i, int(friend[i, 0])) for i in range(self.block.size) if weight[i, 0] > 0)
        return graph

    @property
    def policy(self) -> Policy | PolicyChange:
        """The policy of the year; a classroom that is made of a block has none."""
        return self._policy

    @property
    def students(self) -> Students:
        """Give the students, in the order of their seats."""
        return Students(self.agents_by_type[Student], random=self.random)

    @property
    def class_failing_grade_seen(self) -> float:
        """Give the share of the class with a failing grade this week."""
        return float(self.slots["class_failing_grade_seen"][0, 0])

    @property
    def share_enrolled(self) -> float:
        """Give the share of the class still enrolled when the week ends."""
        return float(self.slots["enrolled"].mean())

    def step(self) -> None:
        """Run one week; with the last one of the year ``running`` ends."""
        self._walk((*self.phases.week, *self.phases.tally), self.week)
        self.week += 1
        self.running = self.week < self.weeks
        self.datacollector.collect(self)

    def run(self, weeks: int | None = None) -> Classroom:
        """Run some weeks, by default to the end of the year.

        Raises:
            InputError: if there are not so many weeks left of the year.
        """
        left = self.weeks - self.week
        for _ in range(left if weeks is None else whole("weeks", weeks, 0, left)):
            self.step()
        return self

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the weeks so far: scores, failures, effort, control and affect of every student that were kept.

        Args:
            path: also save the figure there (.png, .pdf, .svg).

        Raises:
            InputError: if no week has been run yet, or the figure cannot be saved there.
        """
        from setback.analysis.figures import classroom_figure, save

        if not self.week:
            raise InputError("no week has been run yet; run the classroom before it is drawn")
        frame = self.datacollector.get_agenttype_vars_dataframe(Student)
        figure = classroom_figure(frame, f"one class of {len(self.students)}")
        if path:
            save(figure, Path(path))
        return figure

    def _size(self) -> str:
        room = self.block.seats.rooms[0]
        return f"{len(self.students)} students, room {room}, seed {self.seed}, week {self.week} of {self.weeks}"

    def __repr__(self) -> str:
        return f"Classroom({self._size()})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        names = ("conceptual", "effort", "expectancy", "control", "affect", "enrolled")
        rows = [
            {"student": student.name, **{name: getattr(student, name) for name in names if name in self.slots}}
            for student in self.students
        ]
        return html("Classroom", [self._size()], rows)

    def _walk(self, phases: Sequence[Phase], week: int | None) -> None:
        self.given |= {"q": self.block.levers(week or 0), "week": np.float64(week or 0)}
        drawn = draw_luck(phases, self.block.seats, None if week is None else [week])
        self.luck = {name: numbers[0] for name, numbers in drawn.items()}
        for phase in phases:
            if phase.kind in ("each", "peers"):
                students = self.agents_by_type[Student]
                (students.shuffle_do if self.shuffle else students.do)("act", phase)
            else:
                self.teacher.act(phase)
            for name in phase.writes:
                if name in self.hold and week is not None:
                    path = self.hold[name]
                    self.slots[name] = np.where(path.where[week], path.value[week], self.slots[name])


def run(
    block: Block,
    weeks: int,
    keep: Sequence[str] = (),
    hold: Mapping[str, Held] | None = None,
    model: Model = MODEL,
    shuffle: bool = False,
) -> Run:
    """Run every column of a block as a classroom of its own; as `setback.model.engines.vectorised.run`, bit for bit."""
    hold = hold or {}
    rooms = []
    for j in range(block.columns):
        held = {name: Held(path.value[..., j : j + 1], path.where[..., j : j + 1]) for name, path in hold.items()}
        rooms.append(
            Classroom(
                block=block.pick(slice(j, j + 1)), weeks=weeks, hold=held, shuffle=shuffle, keep=Keep(), model=model
            )
        )
    check_traced(keep, model)
    trace: dict[str, list[Array]] = {name: [] for name in keep}
    for _ in range(weeks):
        for room in rooms:
            room.step()
        for name in keep:
            trace[name].append(np.concatenate([room.slots[name] for room in rooms], 1))
    end = {
        slot.name: np.concatenate([room.slots[slot.name] for room in rooms], 1) for slot in (*OPENED, *STATE, *TALLY)
    }
    return Run(end, {name: np.stack(values) for name, values in trace.items()})
