"""The yardstick of the compiled engine: the same program of walks as C++ vectors, by the best compiler that is there.

Printed from the same graph as the engine's own kernels, so that what is compared is the code that comes of it. The
compiler may contract products and sums. For a benchmark alone: no held paths, no traces.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from setback.model.engines import compiled, llvm
from setback.model.engines.compiled import Kernel
from setback.model.engines.kernel import COUNTS, POINTERS, Value, Whole
from setback.model.engines.walks import Kind, Program

FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-fno-math-errno", "-fno-trapping-math", "-w",
         "-Wno-psabi", "-std=c++17", "-shared", "-fPIC")  # fmt: skip
HEAD = """
#include <stdint.h>
typedef double V __attribute__((vector_size(8 * L)));
typedef double W __attribute__((vector_size(8 * L), aligned(8)));
typedef int64_t I __attribute__((vector_size(8 * L)));
typedef int64_t J __attribute__((vector_size(8 * L), aligned(8)));
typedef uint64_t U __attribute__((vector_size(8 * L)));
#define EACH for (int l = 0; l < L; l++)
#define IN static inline __attribute__((always_inline))
IN V number(double x) { V v; EACH v[l] = x; return v; }
IN I bits(int64_t x) { I v; EACH v[l] = x; return v; }
IN I lane() { I v; EACH v[l] = l; return v; }
IN V root(V a) { V v; EACH v[l] = __builtin_sqrt(a[l]); return v; }
IN V size(V a) { V v; EACH v[l] = __builtin_fabs(a[l]); return v; }
IN V low(V a) { V v; EACH v[l] = __builtin_floor(a[l]); return v; }
IN V fused(V a, V b, V c) { V v; EACH v[l] = __builtin_fma(a[l], b[l], c[l]); return v; }
IN V gather(const double *p, I at) { V v; EACH v[l] = p[at[l]]; return v; }
IN bool any(I c) { int64_t found = 0; EACH found |= c[l]; return found != 0; }
"""
_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==",
    "ne": "!=", "and": "&", "or": "|", "xor": "^", "sar": ">>", "shl": "<<", "imul": "*", "iadd": "+", "isub": "-",
    "iand": "&", "ior": "|",
}  # fmt: skip
_NUMBERS = ("add", "sub", "mul", "div")
_CALLED = {"sqrt": "root", "abs": "size", "floor": "low", "fma": "fused"}


class Cpp:
    """A printer of C++; see `setback.model.engines.kernel.Printer`."""

    def __init__(self, lanes: int) -> None:
        self.lanes, self.lines, self.count = lanes, list[str](), 0
        self.open: list[list[Value]] = []

    def text(self) -> str:
        """Give the whole file."""
        given = ", ".join([*(f"long {name}" for name in COUNTS), *(f"double *__restrict {name}" for name in POINTERS)])
        body = [f'extern "C" void kernel({given}) {{', *self.lines, "}", ""]
        return "\n".join([f"#define L {self.lanes}", HEAD, *body])

    def _new(self, kind: str, text: str) -> str:
        self.count += 1
        self.lines.append(f"{kind} v{self.count} = {text};")
        return f"v{self.count}"

    def number(self, x: float) -> Value:
        """Give a number in all lanes."""
        return 'number(__builtin_nan(""))' if x != x else f"number({x!r})" if abs(x) < 1e300 else "number(1e999)"

    def truth(self, x: bool) -> Value:
        """Give a truth in all lanes."""
        return f"bits({-int(x)})"

    def bits(self, x: int) -> Value:
        """Give 64 bits in all lanes."""
        return f"bits({x}ULL)"

    def lane(self) -> Value:
        """Give the position of each lane."""
        return "lane()"

    def do(self, op: str, *args: Value) -> Value:
        """Do an operation of the graph."""
        x = args[0]
        if op in _INFIX:
            return self._new("V" if op in _NUMBERS else "I", f"{x} {_INFIX[op]} {args[1]}")
        if op in _CALLED:
            return self._new("V", f"{_CALLED[op]}({', '.join(args)})")
        match op:
            case "shr":
                return self._new("I", f"(I)((U){x} >> (U){args[1]})")
            case "neg":
                return self._new("V", f"-{x}")
            case "not":
                return self._new("I", f"~{x}")
            case "where":
                return self._new("V", f"{x} ? {args[1]} : {args[2]}")
            case "ind":
                return self._new("V", f"{x} ? number(1.0) : number(0.0)")
            case "max" | "min":
                return self._new("V", f"{x} {'>' if op == 'max' else '<'} {args[1]} ? {x} : {args[1]}")
            case "bits":
                return self._new("I", f"(I){x}")
            case "number":
                return self._new("V", f"(V){x}")
            case "float":
                return self._new("V", f"__builtin_convertvector({x}, V)")
        raise AssertionError(op)

    def as_number(self, x: Whole) -> Value:
        """Give a whole number as a number in all lanes."""
        return self._new("V", f"number((double){x})")

    def times(self, x: Whole, y: Whole) -> Whole:
        """Multiply whole numbers."""
        return x * y if isinstance(x, int) and isinstance(y, int) else f"({x} * {y})"

    def plus(self, x: Whole, y: Whole) -> Whole:
        """Add whole numbers."""
        return x + y if isinstance(x, int) and isinstance(y, int) else f"({x} + {y})"

    def base(self, array: str, at: Whole) -> str:
        """Give the rest of an array from a position on."""
        return self._new("double *", f"{array} + {at}")

    def whole(self, array: str, at: Whole) -> Whole:
        """Read a whole number."""
        return self._new("long", f"((int64_t *){array})[{at}]")

    def load(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read as many numbers or bits as there are lanes."""
        if of == "number":
            return self._new("V", f"*(W *)({array} + {at})")
        return self._new("I", f"*(J *)({array} + {at})")

    def spread(self, array: str, at: Whole, of: str = "number") -> Value:
        """Read one number, or its bits, into all lanes."""
        if of == "number":
            return self._new("V", f"number({array}[{at}])")
        return self._new("I", f"bits(((int64_t *){array})[{at}])")

    def gather(self, array: str, at: Value) -> Value:
        """Read for each lane the number at a position of its own."""
        return self._new("V", f"gather({array}, {at})")

    def store(self, value: Value, array: str, at: Whole) -> None:
        """Write as many numbers as there are lanes."""
        self.lines.append(f"*(W *)({array} + {at}) = {value};")

    def begin(self, count: Whole, start: Sequence[Value] = ()) -> tuple[Whole, list[Value]]:
        """Begin a loop; give its counter, and the values that it carries on (and leaves behind)."""
        carried = [self._new("V", x) for x in start]
        self.count += 1
        self.lines.append(f"for (long n{self.count} = 0; n{self.count} < {count}; n{self.count}++) {{")
        self.open.append(carried)
        return f"n{self.count}", carried

    def end(self, new: Sequence[Value] = ()) -> None:
        """End it, with what it carries on to the next time round."""
        self.lines += [f"{old} = {value};" for old, value in zip(self.open.pop(), new)]
        self.lines.append("}")

    def begin_if(self, zero: Whole | None, truth: Value | None) -> None:
        """Begin what is done where a whole number is 0, or a truth holds in any lane."""
        told = [f"{zero} == 0"] * (zero is not None) + [f"any({truth})"] * (truth is not None)
        self.lines.append(f"if ({' || '.join(told)}) {{")

    def end_if(self) -> None:
        """End it."""
        self.lines.append("}")


class Made(NamedTuple):
    """A kernel by a compiler: its name, lanes, and seconds of compilation."""

    compiler: str
    lanes: int
    seconds: float
    kernel: Kernel


def compilers() -> dict[str, list[str]]:
    """Give the C++ compilers that there are, by name, with the command of each."""
    found = {}
    if importlib.util.find_spec("ziglang"):
        found["clang"] = [sys.executable, "-m", "ziglang", "c++"]
    elif command := shutil.which("clang++"):
        found["clang"] = [command]
    if command := shutil.which("g++"):
        found["g++"] = [command]
    return found


def make(kind: Kind, compiler: str, lanes: int, folder: Path) -> Made:
    """Compile a kind of kernel; its library is written into a folder."""
    printer = Cpp(lanes)
    written = llvm.written(Program(kind), printer, printer.text)
    source = folder / f"kernel_{len(list(folder.iterdir()))}.cpp"
    source.write_text(written.text)
    begun = time.perf_counter()
    subprocess.run([*compilers()[compiler], *FLAGS, "-o", str(source.with_suffix(".so")), str(source)], check=True)
    seconds = time.perf_counter() - begun
    library = ctypes.CDLL(str(source.with_suffix(".so")))
    call = library.kernel
    call.restype, call.argtypes = None, [ctypes.c_long] * len(COUNTS) + [ctypes.c_void_p] * len(POINTERS)
    layout = {name: value for name, value in written._asdict().items() if name != "text"}
    return Made(compiler, lanes, seconds, Kernel(kind, call, layout, compiled.decisions(kind), library))


def all_made(kind: Kind) -> list[Made]:
    """Compile a kind of kernel by every compiler, with 8 lanes: with 16 they all keep vectors in memory."""
    folder = Path(tempfile.mkdtemp(prefix="setback-bench-"))
    try:
        return [make(kind, compiler, 8, folder) for compiler in compilers()]
    finally:
        shutil.rmtree(folder)
