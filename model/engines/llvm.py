"""A printer of kernels in LLVM's language, and the object code that llvmlite makes of its text.

The text is in explicit vectors, so that nothing is left to an optimiser: no pass runs over it, only the code generator.
Operations are as in IEEE 754, without any fast-math flag.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from setback.model.engines.kernel import COUNTS, POINTERS, Printer, Value, Whole, Writer
from setback.model.engines.walks import Program
from setback.model.errors import InputError

MISSING = 'the compiled engine needs llvmlite; install it with pip install "setback[fast]", or take --engine vectorised'
#: Results that are written past the cache: nothing reads them before the caller. They begin at a line of it.
STREAMED = ("traced_seat", "end_seat")
_ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARED = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une"}
_BITWISE = {
    "xor": "xor", "shr": "lshr", "sar": "ashr", "shl": "shl", "imul": "mul", "iadd": "add", "isub": "sub",
    "iand": "and", "ior": "or",
}  # fmt: skip
_CALLED = {"fma": "fma", "sqrt": "sqrt", "abs": "fabs", "floor": "floor"}


#: Numbers in a vector of the text: two registers of 512 bits, or four of 256. Measured as the fastest for each width of
#: registers, since chains of operations run side by side; fewer are up to twice as slow.
LANES = 16


class Machine(NamedTuple):
    """A processor as LLVM names it; whether it has vectors of 512 bits, and multiplies and adds in one operation."""

    cpu: str
    features: str
    wide: bool
    fused: bool


def binding() -> Any:
    """Give llvmlite's module, made ready.

    Raises:
        InputError: if llvmlite is not installed, or is too old.
    """
    try:
        import llvmlite.binding as llvm

        llvm.create_pass_builder  # noqa: B018
        _begin(llvm)
    except (ImportError, AttributeError, OSError):
        raise InputError(MISSING) from None
    return llvm


@cache
def _begin(llvm: Any) -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def compiler() -> dict[str, str]:
    """Give the versions of llvmlite and of LLVM."""
    llvm = binding()
    import llvmlite

    return {"llvmlite": str(llvmlite.__version__), "llvm": ".".join(map(str, llvm.llvm_version_info))}


@cache
def machine() -> Machine:
    """Give the processor of this computer."""
    llvm = binding()
    features = llvm.get_host_cpu_features()
    wide, fused = bool(features.get("avx512f") and features.get("avx512dq")), bool(features.get("fma"))
    arm = llvm.get_process_triple().startswith(("aarch64", "arm64"))
    return Machine(llvm.get_host_cpu_name(), features.flatten(), wide, fused or arm)


class Llvm:
    """A printer of LLVM's language; see `setback.model.engines.kernel.Printer`.

    Args:
        arrays: names of the pointers that the function is given; the first three are its own memory.
        on: the processor; where it does not multiply and add in one operation, that is two.
        lanes: numbers in a vector.
    """

    def __init__(self, arrays: Sequence[str], on: Machine, lanes: int = LANES) -> None:
        self.lanes, self.wide, self.fused = lanes, on.wide, on.fused
        self.arrays = tuple(arrays)
        self.v, self.i, self.m = f"<{lanes} x double>", f"<{lanes} x i64>", f"<{lanes} x i1>"
        self.lines: list[str] = []
        self.block, self.count = "entry", 0
        self.open: list[tuple[str, str, int, list[str]]] = []
        self.aligned = {f"%{name}" for name in self.arrays[:3]}
        self.called: set[str] = set()

    def text(self) -> str:
        """Give the whole module."""
        given = ", ".join([*(f"i64 %{name}" for name in COUNTS), *(f"ptr noalias %{name}" for name in self.arrays)])
        width = '"prefer-vector-width"="512" "min-legal-vector-width"="512"' if self.wide else ""
        body = "\n".join(["entry:", *self.lines, "  ret void"])
        return "\n".join(
            [f"define void @kernel({given}) nounwind {width} {{", body, "}", *sorted(self.called), "!0 = !{i32 1}", ""]
        )

    def _new(self, text: str) -> str:
        self.count += 1
        self.lines.append(f"  %v{self.count} = {text}")
        return f"%v{self.count}"

    def _call(self, name: str, *args: Value) -> Value:
        name = f"@llvm.{name}.v{self.lanes}f64"
        self.called.add(f"declare {self.v} {name}({', '.join([self.v] * len(args))})")
        return self._new(f"call {self.v} {name}({', '.join(f'{self.v} {a}' for a in args)})")

    # ---- constants and operations ------------------------------------------------------------------------------
    def number(self, x: float) -> Value:
        """Give a number in all lanes."""
        return f"splat (double 0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X})"

    def truth(self, x: bool) -> Value:
        """Give a truth in all lanes."""
        return f"splat (i1 {int(x)})"

    def bits(self, x: int) -> Value:
        """Give 64 bits in all lanes."""
        return f"splat (i64 {x})"

    def lane(self) -> Value:
        """Give the position of each lane."""
        return f"<{', '.join(f'i64 {k}' for k in range(self.lanes))}>"

    def do(self, op: str, *args: Value) -> Value:
        """Do an operation of the graph."""
        v, m = self.v, self.m
        if op in _ARITHMETIC:
            return self._new(f"{_ARITHMETIC[op]} {v} {args[0]}, {args[1]}")
        if op in _COMPARED:
            return self._new(f"fcmp {_COMPARED[op]} {v} {args[0]}, {args[1]}")
        if op in _BITWISE:
            return self._new(f"{_BITWISE[op]} {self.i} {args[0]}, {args[1]}")
        if op == "fma" and not self.fused:
            return self.do("add", self.do("mul", *args[:2]), args[2])
        if op in _CALLED:
            return self._call(_CALLED[op], *args)
        match op:
            case "neg":
                return self._new(f"fneg {v} {args[0]}")
            case "and" | "or":
                return self._new(f"{op} {m} {args[0]}, {args[1]}")
            case "not":
                return self._new(f"xor {m} {args[0]}, {self.truth(True)}")
            case "where":
                return self._new(f"select {m} {args[0]}, {v} {args[1]}, {v} {args[2]}")
            case "ind":
                return self.do("where", args[0], self.number(1.0), self.number(0.0))
            case "max" | "min":
                return self.do("where", self.do("gt" if op == "max" else "lt", *args), *args)
            case "bits":
                return self._new(f"bitcast {v} {args[0]} to {self.i}")
            case "number":
                return self._new(f"bitcast {self.i} {args[0]} to {v}")
            case "float":
                return self._new(f"sitofp {self.i} {args[0]} to {v}")
        raise AssertionError(op)

    # ---- whole numbers, places ---------------------------------------------------------------------------------
    def _whole(self, x: Whole) -> str:
        return str(x) if isinstance(x, int) or x.startswith("%") else f"%{x}"

    def times(self, x: Whole, y: Whole) -> Whole:
        """Multiply whole numbers."""
        if isinstance(x, int) and isinstance(y, int):
            return x * y
        if 0 in (x, y):
            return 0
        if 1 in (x, y):
            return y if x == 1 else x
        return self._new(f"mul i64 {self._whole(x)}, {self._whole(y)}")

    def plus(self, x: Whole, y: Whole) -> Whole:
        """Add whole numbers."""
        if isinstance(x, int) and isinstance(y, int):
            return x + y
        if 0 in (x, y):
            return y if x == 0 else x
        return self._new(f"add i64 {self._whole(x)}, {self._whole(y)}")

    def as_number(self, x: Whole) -> Value:
        """Give a whole number as a number in all lanes."""
        return self._spread(self._new(f"sitofp i64 {self._whole(x)} to double"), "double")

    def _spread(self, one: str, kind: str) -> Value:
        t = f"<{self.lanes} x {kind}>"
        first = self._new(f"insertelement {t} poison, {kind} {one}, i64 0")
        return self._new(f"shufflevector {t} {first}, {t} poison, <{self.lanes} x i32> zeroinitializer")

    def base(self, array: str, at: Whole) -> str:
        """Give the rest of an array from a position on."""
        name = self._at(array, at)
        if self._whole(array) in self.aligned:
            self.aligned.add(name)
        return name

    def _at(self, array: str, at: Whole, kind: str = "double") -> str:
        return self._whole(array) if at == 0 else self._new(
            f"getelementptr {kind}, ptr {self._whole(array)}, i64 {self._whole(at)}"
        )  # fmt: skip

    def whole(self, array: str, at: Whole) -> Whole:
        """Read a whole number."""
        return self._new(f"load i64, ptr {self._at(array, at)}")

    def _align(self, array: str) -> int:
        return 8 * self.lanes if self._whole(array) in self.aligned else 8

    def load(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read as many numbers, bits or truths as there are lanes."""
        if of == "truth":
            bytes_ = self._new(f"load <{self.lanes} x i8>, ptr {self._at(array, at, 'i8')}, align 1")
            return self._new(f"icmp ne <{self.lanes} x i8> {bytes_}, zeroinitializer")
        kind = self.v if of == "number" else self.i
        return self._new(f"load {kind}, ptr {self._at(array, at)}, align {self._align(array)}")

    def spread(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read one number, or its bits, into all lanes."""
        kind = "double" if of == "number" else "i64"
        return self._spread(self._new(f"load {kind}, ptr {self._at(array, at)}"), kind)

    def gather(self, array: str, at: Value) -> Value:
        """Read for each lane the number at a position of its own."""
        n, name = self.lanes, f"@llvm.masked.gather.v{self.lanes}f64.v{self.lanes}p0"
        self.called.add(f"declare {self.v} {name}(<{n} x ptr>, i32, {self.m}, {self.v})")
        places = self._new(f"getelementptr double, ptr {self._whole(array)}, {self.i} {at}")
        return self._new(
            f"call {self.v} {name}(<{n} x ptr> {places}, i32 8, {self.m} {self.truth(True)}, {self.v} poison)"
        )

    def store(self, value: Value, array: str, at: Whole) -> None:
        """Write as many numbers as there are lanes."""
        place = self._at(array, at)
        streamed = array in STREAMED
        align = 64 if streamed else self._align(array)
        past = ", !nontemporal !0" if streamed else ""
        self.lines.append(f"  store {self.v} {value}, ptr {place}, align {align}{past}")

    # ---- loops and conditions ----------------------------------------------------------------------------------
    def begin(self, count: Whole, start: Sequence[Value] = ()) -> tuple[Whole, list[Value]]:
        """Begin a loop; give its counter, and the values that it carries on (and leaves behind)."""
        self.count += 1
        name, before = f"loop{self.count}", self.block
        self.lines += [f"  br label %{name}", f"{name}:"]
        first = len(self.lines)
        # what comes round is filled in at the end of the loop
        carried = [
            self._new(f"phi i64 [ 0, %{before} ]"),
            *(self._new(f"phi {self.v} [ {x}, %{before} ]") for x in start),
        ]
        inside = self._new(f"icmp slt i64 {carried[0]}, {self._whole(count)}")
        self.lines += [f"  br i1 {inside}, label %{name}.body, label %{name}.end", f"{name}.body:"]
        self.block = f"{name}.body"
        self.open.append((name, carried[0], first, carried[1:]))
        return carried[0], carried[1:]

    def end(self, new: Sequence[Value] = ()) -> None:
        """End a loop, with what it carries on to the next time round."""
        name, counter, first, _ = self.open.pop()
        following = self._new(f"add nuw nsw i64 {counter}, 1")
        for k, value in enumerate((following, *new)):
            self.lines[first + k] += f", [ {value}, %{self.block} ]"
        self.lines += [f"  br label %{name}", f"{name}.end:"]
        self.block = f"{name}.end"

    def begin_if(self, zero: Whole | None, truth: Value | None) -> None:
        """Begin what is done where a whole number is 0, or a truth holds in any lane."""
        told = []
        if zero is not None:
            told.append(self._new(f"icmp eq i64 {self._whole(zero)}, 0"))
        if truth is not None:
            mask = self._new(f"bitcast {self.m} {truth} to i{self.lanes}")
            told.append(self._new(f"icmp ne i{self.lanes} {mask}, 0"))
        held = told[0] if len(told) == 1 else self._new(f"or i1 {told[0]}, {told[1]}")
        self.count += 1
        name = f"if{self.count}"
        self.lines += [f"  br i1 {held}, label %{name}, label %{name}.end", f"{name}:"]
        self.block = name
        self.open.append((name, "", 0, []))

    def end_if(self) -> None:
        """End it."""
        name = self.open.pop()[0]
        self.lines += [f"  br label %{name}.end", f"{name}.end:"]
        self.block = f"{name}.end"


class Written(NamedTuple):
    """A kernel as text, and what its caller has to know.

    Attributes:
        text: in LLVM's language.
        lanes: numbers in a vector.
        rows, seen, seats: vectors of memory: of a tile; of a seat that all see; of a seat.
        of_seat, of_class: in which of them a slot lies.
    """

    text: str
    lanes: int
    rows: int
    seen: int
    seats: int
    of_seat: dict[str, int]
    of_class: dict[str, int]


def write(program: Program, on: Machine) -> Written:
    """Print a program for a processor."""
    paths = [f"{part}{k}" for k in range(len(program.kind.held)) for part in ("value", "where")]
    printer = Llvm((*POINTERS, *paths), on)
    return written(program, printer, printer.text)


def written(program: Program, printer: Printer, text: Callable[[], str]) -> Written:
    """Tell a printer a program; its text, and what its caller has to know."""
    told = Writer(program, printer)
    of_class = {name: told.rows[name] for name in program.cls if name in told.rows}
    return Written(text(), printer.lanes, len(told.rows), len(told.seen) + 1, len(told.seat), told.seat, of_class)


def _target(llvm: Any, on: Machine) -> Any:
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(cpu=on.cpu, features=on.features, opt=2, codemodel="jitdefault", jit=True)


def compile_text(text: str, on: Machine, assembly: bool = False) -> Any:
    """Give the object code of a module, as bytes, or its assembly."""
    llvm = binding()
    module = llvm.parse_assembly(text)
    module.verify()
    target = _target(llvm, on)
    return target.emit_assembly(module) if assembly else bytes(target.emit_object(module))


def load_object(code: bytes, on: Machine, held: int) -> tuple[Callable[..., None], object]:
    """Give the function in an object, and what has to be kept as long as it is."""
    llvm = binding()
    module = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(module, _target(llvm, on))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    whole, pointers = [ctypes.c_int64] * len(COUNTS), [ctypes.c_void_p] * (len(POINTERS) + 2 * held)
    return ctypes.CFUNCTYPE(None, *whole, *pointers)(engine.get_function_address("kernel")), engine
