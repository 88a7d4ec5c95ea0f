"""A program of walks as one function over tiles of columns, told to a printer that knows a language.

A tile is as many columns as a vector has lanes; every value is a vector, one number per column. The function walks
tiles, weeks and seats, in this order. A printer offers vectors, loops and loads (`setback.model.engines.llvm`);
whatever the language, the operations and their order are these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from setback.model.engines.walks import END, GIVEN, Program, Rank, Walk
from setback.model.graph import WEEK
from setback.model.parameters import LEVER_NAMES
from setback.model.state import SLOTS, TALLY, Flip

#: Arrays that the function is given, one pointer each; its own memory first.
POINTERS = (
    "c", "g", "b", "roster", "params", "policy", "turned", "begins", "friends", "weight", "opening", "year",
    "students", "keep_seat", "keep_class", "traced_seat", "traced_class", "end_seat", "end_class", "measured",
)  # fmt: skip
#: Whole numbers that it is given: tiles, columns (a multiple of the lanes), seats, weeks, stages, slots to trace.
COUNTS = ("tiles", "n", "seats", "weeks", "stages", "keep_seats", "keep_classes")
END_OF_SEAT = tuple(name for name in END if SLOTS[name].of == "student")
END_OF_CLASS = tuple(name for name in END if SLOTS[name].of == "class")
Value = str
Whole = str | int


class Printer(Protocol):
    """What a language has to offer. Values are names; a place is an array and a position, counted in numbers."""

    lanes: int

    def number(self, x: float) -> Value:
        """Give a constant number in all lanes."""

    def truth(self, x: bool) -> Value:
        """Give a constant truth."""

    def bits(self, x: int) -> Value:
        """Give constant bits, 64 a lane."""

    def lane(self) -> Value:
        """Give the position of each lane, as bits."""

    def do(self, op: str, *args: Value) -> Value:
        """Do an operation of the graph."""

    def as_number(self, x: Whole) -> Value:
        """Give a whole number as a number in all lanes."""

    def times(self, x: Whole, y: Whole) -> Whole:
        """Multiply whole numbers."""

    def plus(self, x: Whole, y: Whole) -> Whole:
        """Add whole numbers."""

    def base(self, array: str, at: Whole) -> str:
        """Give the rest of an array from a position on."""

    def whole(self, array: str, at: Whole) -> Whole:
        """Read a whole number."""

    def load(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read as many numbers, bits or truths as there are lanes."""

    def spread(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read one number, or its bits, into all lanes."""

    def gather(self, array: str, at: Value) -> Value:
        """Read for each lane the number at a position of its own."""

    def store(self, value: Value, array: str, at: Whole) -> None:
        """Write as many numbers as there are lanes."""

    def begin(self, count: Whole, start: Sequence[Value] = ()) -> tuple[Whole, list[Value]]:
        """Begin a loop; give its counter, and the values that it carries on (and leaves behind)."""

    def end(self, new: Sequence[Value] = ()) -> None:
        """End it, with what it carries on to the next time round."""

    def begin_if(self, zero: Whole | None, truth: Value | None) -> None:
        """Begin what is done where a whole number is 0, or a truth holds in any lane."""

    def end_if(self) -> None:
        """End it."""


class Writer:
    """Tells a printer the function of a program.

    Attributes:
        rows: where each field, slot of the class and value that is kept lies in the rows of a tile.
        seat: vectors of a seat, by slot; `seen`: vectors of a seat that all see, the first of them who is there.
    """

    def __init__(self, program: Program, printer: Printer) -> None:
        self.program, self.e, self.g = program, printer, program.graph
        self.lanes, self.shared, self.held = printer.lanes, program.kind.shared, program.kind.held
        self.rows: dict[str | int, int] = {}
        self.seat = {name: k for k, name in enumerate(program.seat)}
        self.seen = {row: k + 1 for k, row in enumerate(program.shown)}
        self.have: dict[int, Value] = {}
        self.kept: set[int] = set()
        self.bases: dict[str, str] = {}
        self.tables = {"opening": "opening", "year": "year"}
        self.i: Whole = 0
        self.w: Whole = 0
        self._write()

    # ---- the function ------------------------------------------------------------------------------------------
    def _write(self) -> None:
        e, program = self.e, self.program
        tile, _ = e.begin("tiles")
        self.j = e.times(tile, self.lanes)
        self._begin_tile()
        self.w, _ = e.begin("weeks")
        self._move_levers()
        e.begin_if(self.w, None)
        for walk in program.opening:
            self._walk(walk)
        e.end_if()
        a_week = self._decisions("year") if not self.shared else e.times(self._decisions("year"), "seats")
        self.tables["year"] = e.base("year", e.times(self.w, a_week))
        for walk in program.week:
            self._walk(walk)
        self._trace()
        e.end()
        self._measure() if program.measured else self._end()
        e.end()

    def _begin_tile(self) -> None:
        """Set who is there, tallies at 0, the numbers of the column."""
        e, zero = self.e, self.e.number(0.0)
        tallies = [slot.name for slot in TALLY if slot.name in self.seat]
        self._scope()
        self.i, (total,) = e.begin("seats", [zero])
        here = self._of_room("roster", self.i)
        e.store(here, self._at_seat("g"), 0)
        for name in tallies:
            e.store(zero, self._at_seat("b"), self.seat[name] * self.lanes)
        e.end([e.do("add", total, here)])
        known = {"students": total, "share": e.do("div", e.number(1.0), total), "weeks": e.as_number("weeks")}
        for name in dict.fromkeys((*self.program.fields, "students")):
            record, _, field = name.partition(".")
            if record == "p":
                known[name] = self._column("params", self.program.kind.model.table.names.index(field))
            elif record == "flip":
                known[name] = self._column("turned", Flip._fields.index(field))
            if name in known:
                e.store(known[name], "c", self._row(name))
        for lever in {rank.lever for walk in self.program.walks for rank in walk.ranks if rank.lever}:
            stage, (most,) = e.begin("stages", [zero])
            e.end([e.do("max", most, self._lever(stage, lever))])
            e.store(most, "c", self._row(f"ever {lever}"))

    def _move_levers(self) -> None:
        """Set the levers when the year begins and when they change, and what follows from the numbers of a column."""
        e = self.e
        self._scope()
        now = e.as_number(self.w)
        stage, _ = e.begin("stages")
        begins = e.do("eq", self._column("begins", stage), now)
        e.begin_if(None, begins)
        for name in self.program.fields:
            if name.startswith("q."):
                row = self._row(name)
                e.store(e.do("where", begins, self._lever(stage, name[2:]), e.load("c", row)), "c", row)
        for node in self.program.once:
            self._keep(node)
        e.end_if()
        e.end()

    def _walk(self, walk: Walk) -> None:
        e, g, once = self.e, self.g, {*self.program.once}
        for rank in walk.ranks:
            self._rank(rank)
        # what the class does: read all, then write
        weekly = self.program.read_from(WEEK, [walk])
        self._scope(once)
        heads = [(name, self.value(node)) for name, node in walk.heads]
        overwritten = {name for name, _ in walk.heads}
        for node in weekly:
            self._keep(node)
        old = [n for n in walk.live if g.nodes[n][0] == "class" and g.nodes[n][1] in overwritten]
        before = {node: self.value(node) for node in old}
        for name, value in heads:
            e.store(value, "c", self._row(name))
        # what each student does
        self._scope({*once, *weekly}, before)
        sums = [name for act, name, _ in walk.acts if act == "mean"]
        self.i, totals = e.begin("seats", [e.number(0.0)] * len(sums))
        added = {}
        for act, name, node in walk.acts:
            value = self.value(node)
            if act == "mean":
                added[name] = e.do("add", totals[sums.index(name)], value)
            elif act == "show":
                e.store(value, self._at_seat("g"), self.seen[name] * self.lanes)
            else:
                for load in walk.live:  # the old value is read before it is overwritten
                    if g.nodes[load] == ("load", name, walk.number):
                        self.value(load)
                e.store(value, self._at_seat("b"), self.seat[name] * self.lanes)
        e.end([added[name] for name in sums])
        self._scope(once)
        for name, node in walk.means:
            self.have[g.leaf(WEEK, "class", f"sum of {name}", walk.number)] = totals[sums.index(name)]
            e.store(self.value(node), "c", self._row(name))

    def _rank(self, rank: Rank) -> None:
        """Give each seat the share of seats below it, as `setback.model.engines.block.rank`."""
        e, lanes, width = self.e, self.lanes, self._width("g")
        self._scope()
        guarded = rank.lever and rank.to not in self.held
        if guarded:  # where no column of the tile ranks anybody, all have stood alike since the opening
            e.begin_if(None, e.do("ne", e.load("c", self._row(f"ever {rank.lever}")), e.number(0.0)))
        self.i, _ = e.begin("seats")
        own = e.load(self._at_seat("b"), self.seat[rank.own] * lanes)
        k, (twice,) = e.begin("seats", [e.number(0.0)])
        other = e.base("g", e.times(k, width))
        there, theirs = e.load(other, 0), e.load(other, self.seen[rank.row] * lanes)
        below = e.do("where", e.do("lt", theirs, own), e.do("add", twice, there), twice)
        e.end([e.do("where", e.do("le", theirs, own), e.do("add", below, there), below)])
        mine = e.load(self._at_seat("g"), self.seen[rank.row] * lanes)
        itself = e.do("add", e.do("ind", e.do("lt", mine, own)), e.do("ind", e.do("le", mine, own)))
        twice = e.do("add", e.do("sub", twice, itself), e.number(1.0))
        share = e.do("div", e.do("mul", twice, e.number(0.5)), e.load("c", self._row("students")))
        if rank.to in self.held:
            held, holding = self._held(rank.to, "number"), self._held(rank.to, "truth")
            share = e.do("where", holding, held, share)
        e.store(share, self._at_seat("b"), self.seat[rank.to] * lanes)
        e.end()
        if guarded:
            e.end_if()

    def _trace(self) -> None:
        """Copy the slots that are asked for, which are many or none, to where the caller wants them."""
        if not self.program.kind.observed:
            return
        e = self.e
        k, _ = e.begin("keep_seats")
        at, row = e.plus(e.times(self.w, "keep_seats"), k), e.times(e.whole("keep_seat", k), self.lanes)
        i, _ = e.begin("seats")
        value = e.load("b", e.plus(e.times(i, self._width("b")), row))
        self._put(value, "traced_seat", e.plus(e.times(at, "seats"), i))
        e.end()
        e.end()
        k, _ = e.begin("keep_classes")
        at, row = e.plus(e.times(self.w, "keep_classes"), k), e.times(e.whole("keep_class", k), self.lanes)
        self._put(e.load("c", row), "traced_class", at)
        e.end()

    def _end(self) -> None:
        """Give every slot that there is at the end."""
        e = self.e
        self._scope()
        self.i, _ = e.begin("seats")
        for k, name in enumerate(END_OF_SEAT):
            value = e.load(self._at_seat("b"), self.seat[name] * self.lanes)
            self._put(value, "end_seat", e.plus(e.times(k, "seats"), self.i))
        e.end()
        for k, name in enumerate(END_OF_CLASS):
            self._put(e.load("c", self._row(name)), "end_class", k)

    def _measure(self) -> None:
        """Give the class mean of each outcome over the students of whom it is known."""
        e, zero, once, walk = self.e, self.e.number(0.0), {*self.program.once}, self.program.last
        weekly = self.program.read_from(WEEK, [walk])
        self._scope(once)
        for node in weekly:
            self._keep(node)
        self._scope({*once, *weekly})
        nodes = [node for pair in self.program.measured for node in pair]
        self.i, sums = e.begin("seats", [zero] * len(nodes))
        e.end([e.do("add", total, self.value(node)) for total, node in zip(sums, nodes)])
        for k, (total, known) in enumerate(zip(sums[::2], sums[1::2])):
            mean = e.do("div", total, e.do("max", known, e.number(1.0)))
            self._put(e.do("where", e.do("gt", known, zero), mean, e.number(float("nan"))), "measured", k)

    # ---- places ------------------------------------------------------------------------------------------------
    def _scope(self, kept: set[int] | None = None, have: dict[int, Value] | None = None) -> None:
        """Begin again: what is kept in rows is read from there, all else is made again."""
        self.kept, self.have, self.bases = kept or set(), dict(have or {}), {}

    def _row(self, name: str | int) -> int:
        return self.rows.setdefault(name, len(self.rows)) * self.lanes

    def _width(self, array: str) -> int:
        return (len(self.seat) if array == "b" else len(self.seen) + 1) * self.lanes

    def _decisions(self, table: str) -> int:
        return len(self.program.decisions[table != "opening"])

    def _at_seat(self, array: str) -> str:
        """Give the part of an array that belongs to the seat."""
        if array not in self.bases:
            width = self._width(array) if array in ("b", "g") else self._decisions(array)
            self.bases[array] = self.e.base(self.tables.get(array, array), self.e.times(self.i, width))
        return self.bases[array]

    def _column(self, array: str, row: Whole, of: str = "number") -> Value:
        """Give this tile's part of a row that is as long as the block is wide."""
        return self.e.load(array, self.e.plus(self.e.times(row, "n"), self.j), of)

    def _lever(self, stage: Whole, lever: str) -> Value:
        """A lever of this tile's policies in a stage of the year."""
        row = self.e.times(stage, len(LEVER_NAMES))
        return self._column("policy", self.e.plus(row, LEVER_NAMES.index(lever)))

    def _of_room(self, array: str, row: Whole) -> Value:
        """Give a number of the room: one for all columns, or one a column."""
        return self.e.spread(array, row) if self.shared else self._column(array, row)

    def _held(self, name: str, of: str) -> Value:
        rows, at = ("seats", self.i) if SLOTS[name].of == "student" else (1, 0)
        array = f"{'value' if of == 'number' else 'where'}{self.held.index(name)}"
        return self._column(array, self.e.plus(self.e.times(self.w, rows), at), of)

    def _put(self, value: Value, array: str, row: Whole) -> None:
        """Write a row of a result; 0 has no sign there, whichever operations were folded."""
        at = self.e.plus(self.e.times(row, "n"), self.j)
        self.e.store(self.e.do("add", value, self.e.number(0.0)), array, at)

    # ---- values ------------------------------------------------------------------------------------------------
    def value(self, node: int) -> Value:
        """Give the value of a node; it is made now if it is not there yet."""
        left = [node]
        while left:
            now = left[-1]
            missing = [] if now in self.kept else [p for p in self.g.parts(now) if p not in self.have]
            if now in self.have:
                left.pop()
            elif missing:
                left += reversed(missing)
            else:
                self.have[now] = self._fetch(now) if now in self.kept else self._make(now)
        return self.have[node]

    def _keep(self, node: int) -> None:
        """Keep a value in a row of its own; truths as 0 and 1."""
        value = self.value(node)
        self.e.store(self.e.do("ind", value) if self.g.is_truth(node) else value, "c", self._row(node))

    def _fetch(self, node: int) -> Value:
        value = self.e.load("c", self._row(node))
        return self.e.do("ne", value, self.e.number(0.0)) if self.g.is_truth(node) else value

    def _make(self, node: int) -> Value:
        e, (op, *args) = self.e, self.g.nodes[node]
        match op, args:
            case "const", [float(x)]:
                return e.number(x)
            case "truth", [bool(x)]:
                return e.truth(x)
            case "int", [int(x)]:
                return e.bits(x)
            case ("field", [str(name)]) | ("class", [str(name), _]):
                return e.load("c", self._row(name))
            case "load", [str(name), _] if name in GIVEN:
                return self._of_room("roster", e.plus(e.times(GIVEN.index(name), "seats"), self.i))
            case "load", [str(name), _]:
                return e.load(self._at_seat("b"), self.seat[name] * self.lanes)
            case "week", _:
                return e.as_number(self.w)
            case "luck", [str(table), int(k), who]:
                return e.spread(self._at_seat(table) if who == "each" else self.tables[table], k)
            case "student", [who]:
                return self._column("students", self.i if who == "each" else "seats", "bits")
            case "moment", [str(table), int(k)]:
                return e.spread(self.tables[table], k, "bits")
            case "weight", [int(k)]:
                return self._of_room("weight", e.plus(e.times(k, "seats"), self.i))
            case "friend", [int(row), int(k)]:
                return self._friend(self.seen[row] * self.lanes, k)
            case "held", [str(name)]:
                return self._held(name, "number")
            case "holding", [str(name)]:
                return self._held(name, "truth")
        return e.do(str(op), *(self.have[p] for p in self.g.parts(node)))

    def _friend(self, row: int, k: int) -> Value:
        e, at = self.e, self.e.plus(self.e.times(k, "seats"), self.i)
        if not self.shared:
            who = e.do("imul", self._column("friends", at, "bits"), e.bits(self._width("g")))
            return e.gather("g", e.do("iadd", who, e.do("iadd", e.lane(), e.bits(row))))
        if f"friend {k}" not in self.bases:
            self.bases[f"friend {k}"] = e.base("g", e.times(e.whole("friends", at), self._width("g")))
        return e.load(self.bases[f"friend {k}"], row)
