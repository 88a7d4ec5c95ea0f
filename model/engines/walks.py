"""The phases of a model as walks over the seats of a class: which operation is done in which walk, and what is kept.

A phase stands in the earliest walk in which what it reads is there: a mean, a rank or what friends do needs the walk
before to be over. What no later walk, no week to come and no result needs is left out, and so is a phase whose lever
is 0 in the whole block. Everything a printer needs to know is here; nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from setback.model.chance import normal_quantile
from setback.model.grammar import RECORDS, check
from setback.model.graph import COLUMN, SEAT, WEEK, Graph, Reader
from setback.model.outcomes import OUTCOMES
from setback.model.rosters.seats import FRIENDS
from setback.model.state import OPENED, ROSTER, SLOTS, STATE, TALLY
from setback.model.week import Model, Phase

END = tuple(slot.name for slot in (*OPENED, *STATE, *TALLY))
GIVEN = tuple(slot.name for slot in ROSTER)
#: Nodes that are made where they are needed, whatever their level.
ANYWHERE = ("const", "truth", "int", "field", "class", "moment")


class Unprintable(Exception):  # noqa: N818
    """An outcome does something that the graph has no operation for."""


class Kind(NamedTuple):
    """What a kernel is made for.

    Attributes:
        model: the phases.
        shared: whether all columns share one room.
        held: slots that are kept on a path.
        idle: levers of phases, fields of the flip and parameters among them, that are 0 in the whole block.
        observed: whether every slot can be traced.
        outcomes: the outcomes whose class means it gives; with none, every slot at the end.
    """

    model: Model
    shared: bool
    held: tuple[str, ...] = ()
    idle: frozenset[str] = frozenset()
    observed: bool = False
    outcomes: tuple[str, ...] = ()

    def at_work(self, phases: Iterable[Phase]) -> list[Phase]:
        """Give the phases that can change anything, as `setback.model.engines.block.Block.at_work`."""
        return [p for p in phases if p.lever not in self.idle or {*p.writes} & {*self.held}]

    @property
    def weekly(self) -> list[Phase]:
        """Give the phases of every week."""
        return self.at_work((*self.model.week, *self.model.tally))


class Rank(NamedTuple):
    """A rank: whose slot is ranked among which row that all show, and where the result goes."""

    own: str
    row: int
    to: str
    lever: str


@dataclass
class Walk:
    """One walk: ranks before it, then what the class does, then what each seat does, in order.

    Attributes:
        ranks: made before the walk.
        heads: (slot of the class, node).
        acts: ("write", slot, node), ("show", row, node) for friends and ranks, ("mean", slot, node).
        means: (slot of the class, node of its value), made from the sums when the walk is over.
        live: the nodes that are needed.
    """

    number: int
    ranks: list[Rank] = field(default_factory=list)
    heads: list[tuple[str, int]] = field(default_factory=list)
    acts: list[tuple[str, Any, int]] = field(default_factory=list)
    means: list[tuple[str, int]] = field(default_factory=list)
    live: list[int] = field(default_factory=list)


class Program:
    """All walks of a kind of kernel, over one graph.

    Attributes:
        opening, week: the walks of the opening and of each week.
        measured: (node, whether it is known) of each outcome, in a walk over what is there at the end.
        seat: rows of a seat that are kept between walks; `cls`: those of the class; `shown`: rows that all see.
        fields: parameters, levers and flips that are read.
        once: nodes of the column that others read.
        decisions: what chance decides, in the opening and in the week.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind, self.graph = kind, Graph()
        idle = frozenset(lever if "." in lever else f"q.{lever}" for lever in kind.idle)
        self.reader = Reader(self.graph, check(kind.model), idle)
        phases = kind.weekly
        opening = list(kind.model.opening)
        self.decisions = [[p.decision for p in part if p.decision] for part in (opening, phases)]
        self._over = [p for p in (*opening, *phases) if p.kind in ("peers", "rank")]
        self._walks = 0
        self.opening = self._in_walks(opening, True)
        self.week = self._in_walks(phases, False)
        last = Walk(self._next())
        self.measured = [self._outcome(name, last) for name in kind.outcomes]
        self.last = last
        self._settle()

    @property
    def walks(self) -> list[Walk]:
        """Give all walks, that over the end included."""
        return [*self.opening, *self.week, self.last]

    def _next(self) -> int:
        self._walks += 1
        return self._walks

    # ---- which phase in which walk -----------------------------------------------------------------------------
    def _in_walks(self, phases: Sequence[Phase], opening: bool) -> list[Walk]:
        stages, shows = _stages(phases), self._shows(phases)
        luck = {p.decision: k for k, p in enumerate(p for p in phases if p.decision)}
        parts: list[list[tuple[Phase, list[int]]]] = [[] for _ in range(max(stages) + 1)]
        for k, (phase, stage) in enumerate(zip(phases, stages)):
            parts[stage].append((phase, shows.get(k, [])))
        return [self._walk(part, luck, opening) for part in parts]

    def _shows(self, phases: Sequence[Phase]) -> dict[int, list[int]]:
        """Give, by position of a phase, the rows of what it writes that friends or ranks see.

        They see what was written last before they look; where that is last week's, what was written last of all.
        """
        shows: dict[int, list[int]] = {}
        for row, over in enumerate(self._over):
            writers = [k for k, p in enumerate(phases) if over.reads[-1] in p.writes]
            before = [k for k in writers if over in phases and k < phases.index(over)]
            if writers:
                shows.setdefault(max(before or writers), []).append(row)
        return shows

    def _walk(self, phases: Sequence[tuple[Phase, list[int]]], luck: dict[str, int], opening: bool) -> Walk:
        g, walk = self.graph, Walk(self._next())
        now: dict[str, int] = {}

        def read(name: str) -> int:
            if name not in now:
                now[name] = (
                    g.leaf(WEEK, "class", name, walk.number) if SLOTS[name].of == "class" else self._load(name, walk)
                )
            return now[name]

        def kept(name: str, node: int) -> int:
            if opening or name not in self.kind.held:
                return node
            level = SEAT if SLOTS[name].of == "student" else WEEK
            return g.op("where", g.leaf(level, "holding", name), g.leaf(level, "held", name), node)

        for phase, rows in phases:
            name = phase.writes[0]
            if phase.kind == "mean":
                walk.acts.append(("mean", name, g.op("mul", read(phase.reads[0]), read("present"))))
                total = g.leaf(WEEK, "class", f"sum of {name}", walk.number)
                walk.means.append((name, kept(name, g.op("mul", total, g.leaf(COLUMN, "field", "share")))))
            elif phase.kind == "rank":
                walk.ranks.append(Rank(phase.reads[0], self._over.index(phase), name, phase.lever))
            else:
                values = [self._friends(phase)] if phase.kind == "peers" else self._call(phase, read, luck, opening)
                for slot, value in zip(phase.writes, values):
                    now[slot] = kept(slot, value)
                    if phase.kind == "teacher":
                        walk.heads.append((slot, now[slot]))
                    else:
                        walk.acts.append(("write", slot, now[slot]))
            walk.acts += [("show", row, read(self._over[row].reads[-1])) for row in rows]
        last = {act[:2]: k for k, act in enumerate(walk.acts)}
        walk.acts = [act for k, act in enumerate(walk.acts) if last[act[:2]] == k]
        return walk

    def _load(self, name: str, walk: Walk) -> int:
        return self.graph.leaf(SEAT, "load", name, 0 if name in GIVEN else walk.number)

    def _call(self, phase: Phase, read: Callable[[str], int], luck: dict[str, int], opening: bool) -> list[int]:
        g, bound = self.graph, dict(phase.bind)
        given: list[int | str] = []
        for name in phase.reads:
            if name in bound:
                given.append(g.const(bound[name]))
            elif name in RECORDS:
                given.append(name)
            elif name in ("u", "z"):
                given.append(self._luck(luck[phase.decision], phase.kind, name, opening))
            else:
                given.append(g.leaf(WEEK, "week") if name == "week" else read(name))
        assert callable(phase.by)
        return self.reader.call(phase.by, given)

    def _luck(self, number: int, kind: str, letter: str, opening: bool) -> int:
        """Give a number of chance: from a table where all share a room, else the hash of its address."""
        g, level, table = self.graph, SEAT if kind == "each" else WEEK, "opening" if opening else "year"
        if self.kind.shared:
            return g.leaf(level, "luck", table, number, kind)
        u = g.draw(g.leaf(level, "student", kind), g.leaf(WEEK, "moment", table, number))
        return u if letter == "u" else self.reader.call(normal_quantile, [u])[0]

    def _friends(self, phase: Phase) -> int:
        g, row, total = self.graph, self._over.index(phase), self.graph.const(0.0)
        for k in range(FRIENDS):
            total = g.op("add", total, g.op("mul", g.leaf(SEAT, "weight", k), g.leaf(SEAT, "friend", row, k)))
        return total

    # ---- outcomes ----------------------------------------------------------------------------------------------
    def _outcome(self, name: str, walk: Walk) -> tuple[int, int]:
        g = self.graph

        class End(dict[str, "Symbol"]):
            def __missing__(_, slot: str) -> Symbol:  # noqa: N805
                is_class = SLOTS[slot].of == "class"
                return Symbol(g, g.leaf(WEEK, "class", slot, walk.number) if is_class else self._load(slot, walk))

        try:
            value = Symbol.of(g, OUTCOMES[name].of(End(), Symbol(g, g.leaf(COLUMN, "field", "weeks"))))  # type: ignore[arg-type]
        except Exception as error:  # whatever a custom outcome does with a number that is none
            raise Unprintable(name) from error
        known = g.op("lt", g.op("abs", value), g.const(np.inf))
        known = g.op("and", known, g.op("gt", self._load("present", walk), g.const(0.5)))
        return g.op("where", known, value, g.const(0.0)), g.op("ind", known)

    # ---- what is needed ----------------------------------------------------------------------------------------
    def _settle(self) -> None:
        """Find what has to be kept: what is measured or seen, and what that needs, until nothing is added."""
        g, kind = self.graph, self.kind
        written = {n for p in (*kind.model.opening, *kind.weekly) for n in p.writes}
        wanted = written | {*END} if kind.observed else set() if kind.outcomes else {*END}
        seat = {name for name in wanted if SLOTS[name].of == "student"}
        cls, shown = wanted - seat, set[int]()
        before = -1
        while before != len(seat) + len(cls) + len(shown):
            before = len(seat) + len(cls) + len(shown)
            for walk in self.walks:
                roots = [node for name, node in (*walk.heads, *walk.means) if name in cls]
                keep: dict[str, set[Any]] = {"write": seat, "mean": cls, "show": shown}
                roots += [node for act, name, node in walk.acts if name in keep[act]]
                roots += [node for pair in self.measured for node in pair] if walk is self.last else []
                walk.live = g.live(roots)
                for op, name in (g.nodes[node][:2] for node in walk.live if len(g.nodes[node]) > 1):
                    if op == "load" and name not in GIVEN:
                        seat.add(str(name))
                    elif op == "class" and name in SLOTS:
                        cls.add(str(name))
                    elif op == "friend":
                        assert isinstance(name, int)
                        shown.add(name)
                for rank in walk.ranks:
                    if rank.to in seat:
                        seat.add(rank.own)
                        shown.add(rank.row)
        for walk in self.walks:
            walk.heads = [(name, node) for name, node in walk.heads if name in cls]
            walk.means = [(name, node) for name, node in walk.means if name in cls]
            walk.acts = [act for act in walk.acts if act[1] in keep[act[0]]]
            walk.ranks = [rank for rank in walk.ranks if rank.to in seat]
        # carried from week to week first, what is only observed last
        order = [name for name in (*END, *SLOTS) if name not in GIVEN]
        self.seat = tuple(name for name in dict.fromkeys(order) if name in seat)
        self.cls = tuple(name for name in dict.fromkeys(order) if name in cls)
        self.shown = tuple(sorted(shown))
        live = {node for walk in self.walks for node in walk.live}
        self.fields = tuple(sorted({str(g.nodes[n][1]) for n in live if g.nodes[n][0] == "field"}))
        self.once = self.read_from(COLUMN, self.walks)

    def read_from(self, level: int, walks: Iterable[Walk]) -> list[int]:
        """Give the nodes of a level that nodes of a higher level, or results, of some walks read: they are kept."""
        g, found = self.graph, set[int]()
        for walk in walks:
            found.update(part for node in walk.live if g.level[node] > level for part in g.parts(node))
            found.update([node for _, node in walk.heads] + [node for *_, node in walk.acts])
            found.update(node for pair in self.measured for node in pair if walk is self.last)
        return sorted(node for node in found if g.level[node] == level and g.nodes[node][0] not in ANYWHERE)


def _stages(phases: Sequence[Phase]) -> list[int]:
    """Give for each phase the earliest walk in which it can stand.

    What a phase overwrites has been read, and written, before: within a walk in the order of the phases.
    """
    made: dict[str, int] = {}
    used: dict[str, int] = {}
    stages: list[int] = []
    for k, p in enumerate(phases):
        over = p.kind in ("peers", "rank")
        stage = max([0, *(made.get(n, 0) for n in p.reads)]) + over
        before = p.kind == "rank"  # it is made before its walk, and what reads the old one walks earlier
        stage = max([stage, *(max(used.get(n, -1), made.get(n, -1)) + before for n in p.writes)])
        stages.append(stage)
        for n in p.reads:
            # who looks at others wants to see last week's until all have looked
            last_weeks = over and n == p.reads[-1] and not any(n in q.writes for q in phases[:k])
            used[n] = max(used.get(n, 0), stage + last_weeks)
        for n in p.writes:
            made[n] = stage + (p.kind == "mean")
    return stages


class Symbol(NDArrayOperatorsMixin):
    """A number or truth of the graph that numpy's functions work on, so that an outcome can be read by calling it."""

    def __init__(self, graph: Graph, node: int) -> None:
        self.graph, self.node = graph, node

    @classmethod
    def of(cls, graph: Graph, value: Any) -> int:
        """Give the node of a symbol, or of a plain number."""
        if isinstance(value, cls):
            return value.node
        if isinstance(value, int | float | np.floating | np.integer):
            return graph.const(float(value))
        raise TypeError(type(value).__name__)

    def __bool__(self) -> bool:
        raise TypeError("not known before the kernel runs")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("no array of plain numbers")

    def astype(self, kind: type) -> Symbol:
        """Give a truth as a number."""
        return Symbol(self.graph, self.graph.op("ind", self.node))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Do what the graph has an operation for."""
        if method != "__call__" or options or ufunc not in _UFUNCS:
            return NotImplemented
        return self._do(_UFUNCS[ufunc], inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Do ``where`` and ``isin``."""
        if function is np.where and len(args) == 3:
            return self._do("where", args)
        if function is np.isin and not options:
            found: Any = self._do("eq", (args[0], args[1][0]))
            for value in args[1][1:]:
                found = found | self._do("eq", (args[0], value))
            return found
        return NotImplemented

    def _do(self, op: str, inputs: Sequence[Any]) -> Symbol:
        g = self.graph
        nodes = [Symbol.of(g, value) for value in inputs]
        if op not in ("and", "or", "not"):  # a truth that is calculated with is 0 or 1
            first = 1 if op == "where" else 0
            nodes[first:] = [g.op("ind", n) if g.is_truth(n) else n for n in nodes[first:]]
        return Symbol(g, g.op(op, *nodes))


_UFUNCS: dict[np.ufunc, str] = {
    np.add: "add", np.subtract: "sub", np.multiply: "mul", np.true_divide: "div", np.negative: "neg",
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq", np.not_equal: "ne",
    np.bitwise_and: "and", np.bitwise_or: "or", np.invert: "not", np.maximum: "max", np.minimum: "min",
    np.exp: "exp", np.log: "log", np.sqrt: "sqrt", np.absolute: "abs", np.floor: "floor", np.square: "square",
}  # fmt: skip
