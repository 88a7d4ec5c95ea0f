"""The compiled engine by itself: the same bits by any kernel, vectors in its loops, a cache that is not trusted."""

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from setback.benchmarks import agreement
from setback.model import chance, outcomes
from setback.model.engines import compiled, llvm
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, Run, columns
from setback.model.engines.kernel import COUNTS, POINTERS
from setback.model.engines.llvm import Machine
from setback.model.engines.walks import Kind, Program
from setback.model.errors import InputError
from setback.model.graph import SEAT, Graph
from setback.model.outcomes import OUTCOMES, Outcome, class_mean
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL

from .conftest import HOLDABLE, LIVELY, WRITTEN, paths

MakeBlock = Callable[..., Block]
X86 = platform.machine() in ("x86_64", "AMD64")


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, and nothing in memory."""
    monkeypatch.setenv("SETBACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SETBACK_CACHE_TOLD", raising=False)
    monkeypatch.setattr(compiled, "_ready", {})
    monkeypatch.setattr(compiled, "_seen", compiled.Counter())
    yield tmp_path / "cache"
    os.environ.pop("SETBACK_CACHE_TOLD", None)


def small(policy: str = "curve", count: int = 3) -> Block:
    """A few columns of one small room."""
    return columns(Roster.synthetic(6).seats([1], 2), [Policy(policy)] * count, [LIVELY])


def same(a: Run, b: Run) -> bool:
    """Whether every bit of two runs is the same, signs of zeros included."""
    pairs = [(x[name], y[name]) for x, y in ((a.end, b.end), (a.trace, b.trace)) for name in x]
    return all(x.tobytes() == y.tobytes() for x, y in pairs)


def compiled_function(op: str, *arguments: np.ndarray) -> np.ndarray:
    """What an operation of the graph gives, as machine code."""
    g, on = Graph(), llvm.machine()
    leaves = [g.leaf(SEAT, "student" if x.dtype == np.uint64 else "load", k) for k, x in enumerate(arguments)]
    root = g.draw(*leaves) if op == "draw" else g.op(op, *leaves)
    printer, values = llvm.Llvm(POINTERS, on), {}
    for node in g.live([root]):
        kind, *args = g.nodes[node]
        if node in leaves:
            values[node] = printer.load("c", llvm.LANES * args[0], "bits" if kind == "student" else "number")
        else:
            plain = {"const": printer.number, "int": printer.bits}
            values[node] = plain[kind](*args) if kind in plain else printer.do(kind, *(values[a] for a in args))
    printer.store(values[root], "c", llvm.LANES * len(arguments))
    call, alive = llvm.load_object(llvm.compile_text(printer.text(), on), on, 0)
    assert alive
    memory = compiled._aligned(llvm.LANES * 3)
    found = []
    for first in range(0, len(arguments[0]), llvm.LANES):
        for k, x in enumerate(arguments):
            memory[k * llvm.LANES : (k + 1) * llvm.LANES] = x[first : first + llvm.LANES].view(float)
        call(*[1] * len(COUNTS), *[memory.ctypes.data] * len(POINTERS))
        found.append(memory[len(arguments) * llvm.LANES :][: llvm.LANES].copy())
    return np.concatenate(found)


# ---- the same numbers ------------------------------------------------------------------------------------------
def test_exp_and_log() -> None:
    """Within two units in the last place of numpy's; 0, infinity and no number where numpy has them."""
    rng = np.random.default_rng(1)
    for op, x in (("exp", rng.uniform(-45, 45, 4096)), ("log", 10.0 ** rng.uniform(-16, 6, 4096))):
        expected = getattr(np, op)(x)
        assert (np.abs(compiled_function(op, x) - expected) <= 2 * np.spacing(np.abs(expected))).all()
    ends = np.array([-1e300, -1e4, -710.0, 0.0, -0.0, 711.0, 1e4, np.nan] * 2)
    expected = np.array([0.0, 0.0, 0.0, 1.0, 1.0, np.inf, np.inf, np.nan] * 2)
    assert np.array_equal(compiled_function("exp", ends), expected, equal_nan=True)
    ends = np.array([0.0, -0.0, -1.0, -np.inf, np.nan, 1.0, 1e-300, 2.0] * 2)
    with np.errstate(all="ignore"):
        expected = np.log(ends)
    assert np.allclose(compiled_function("log", ends), expected, rtol=1e-15, atol=0, equal_nan=True)


def test_chance_bit_for_bit() -> None:
    """The hash of an address is that of numpy."""
    rng = np.random.default_rng(2)
    student, moment = (rng.integers(0, 2**64, 4096, np.uint64) for _ in "ab")
    with np.errstate(over="ignore"):
        assert np.array_equal(compiled_function("draw", student, moment), chance.draw(student, moment))


def test_random_blocks() -> None:
    """Random worlds, policies, changes, flips, held paths, traces and a custom mechanism: within 1e-9, events equal."""
    found = agreement.measure(300_000, seed=3, count=24)
    assert found["student-weeks"] >= 300_000 and found["events"] > 100_000
    assert found["largest difference"] < 1e-9 and found["events apart"] == 0
    assert found["columns left out"] < 10


@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
@pytest.mark.parametrize(
    ("policy", "is_usual"),
    [("reference", True), ("curve+problem-first+retakes=0", True), ("mastery+class-paced", False), ("harmful", True)],
)
def test_a_kernel_of_its_own_gives_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, shared: bool, policy: str, is_usual: bool
) -> None:
    """Whether the levers that are 0 are left out or walked through: which of the two runs may depend on the past."""
    rooms = [1] if shared else list(range(19))
    block = columns(Roster.synthetic(9).seats(rooms, 2), [Policy(policy)] * 19, agreement_worlds(19))
    for keep in ((), WRITTEN):
        kind = Kind(MODEL, shared, (), compiled.idle_levers(block, MODEL), bool(keep))
        assert kind.idle
        monkeypatch.setattr(compiled, "_ready", {})
        monkeypatch.setattr(compiled, "_seen", compiled.Counter())
        monkeypatch.setattr(compiled, "load", lambda kind: None)
        whole = compiled.run(block, 12, keep)
        assert [key.idle for key in compiled._ready] == [compiled.seldom(MODEL) if is_usual else frozenset()]
        monkeypatch.setattr(compiled, "WORTH", 0)
        assert same(whole, compiled.run(block, 12, keep))
        assert kind in compiled._ready
        monkeypatch.undo()


def agreement_worlds(count: int) -> list[Parameters]:
    """Random worlds."""
    rng = np.random.default_rng(5)
    return [agreement.random_world(rng) for _ in range(count)]


@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
def test_any_number_of_columns(everything: MakeBlock, shared: bool) -> None:
    """A tile that is not full gives the bits of a full one."""
    block = everything(shared)
    hold = paths(block, 5, HOLDABLE)
    whole = compiled.run(block, 5, ("test_margin", "line", "present"), hold)
    for count in (1, 15, 16, 17):
        part = {name: p._replace(value=p.value[..., :count], where=p.where[..., :count]) for name, p in hold.items()}
        some = compiled.run(block.pick(slice(0, count)), 5, ("test_margin", "line", "present"), part)
        assert all(np.array_equal(some.end[name], whole.end[name][:, :count]) for name in whole.end)
        assert all(np.array_equal(some.trace[name], whole.trace[name][..., :count]) for name in whole.trace)


@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
def test_means_of_outcomes(everything: MakeBlock, shared: bool) -> None:
    """Every outcome's class mean, made inside, is that over the vectorised engine's students; some are of nobody."""
    block, weeks = everything(shared), 14
    end = engine.run(block, weeks).end
    here = block.seats.roster[0] > 0.5
    found = compiled.measure(block, weeks, list(OUTCOMES))
    assert found is not None and np.isnan(found).any()
    for k, (name, outcome) in enumerate(OUTCOMES.items()):
        expected = class_mean(np.where(here, outcome.of(end, weeks), np.nan))
        assert np.allclose(found[k], expected, rtol=0, atol=1e-9, equal_nan=True), name
    shorter = compiled.measure(block, 3, ["unit_test"])
    end = engine.run(block, 3).end
    expected = class_mean(np.where(here, OUTCOMES["unit_test"].of(end, 3), np.nan))
    assert shorter is not None and np.allclose(shorter[0], expected, rtol=0, atol=1e-9)


def test_a_held_slot_under_a_lever_that_is_0() -> None:
    """What is held reaches as far as in numpy, which leaves out the phases of a lever that is 0 in the whole block."""
    block = columns(Roster.synthetic(9).seats([1], 2), [Policy("criterion")] * 5, agreement_worlds(5))
    hold = paths(block, 6, ["shared", "ready"])
    a, b = (run(block, 6, WRITTEN, hold) for run in (engine.run, compiled.run))
    assert agreement.compare(a, b)[0] < 1e-9 and b.trace["shared"].any()


def test_an_outcome_that_is_more_than_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left to who has a number for each student: no number is made up."""
    more = {
        "middle": Outcome("share", "", lambda s, weeks: np.median(s["affect"], 0)),
        "branch": Outcome("share", "", lambda s, weeks: s["affect"] if s["affect"] > 1.0 else s["control"]),
    }
    for module in (compiled, outcomes, sys.modules["setback.model.engines.walks"]):
        monkeypatch.setattr(module, "OUTCOMES", {**OUTCOMES, **more})
    assert compiled.measure(small(), 3, ["affect", "middle"]) is None
    assert compiled.measure(small(), 3, ["branch"]) is None
    assert compiled.measure(small(), 3, ["affect"]) is not None


# ---- processors ------------------------------------------------------------------------------------------------
#: Processors by the width of their vectors, the registers that hold them, and the feature without which they are none.
PROCESSORS = {
    "512 bits": (Machine("skylake-avx512", "", True, True), "zmm", "+avx512vl"),
    "256 bits": (Machine("haswell", "", False, True), "ymm", "+avx2"),
    "128 bits": (Machine("x86-64", "", False, False), "xmm", "+sse2"),
}


@pytest.mark.skipif(not X86, reason="reads the assembly of x86 alone")
@pytest.mark.parametrize("shared", [True, False], ids=["one room", "a room each"])
@pytest.mark.parametrize("width", PROCESSORS)
def test_the_loops_hold_vectors(width: str, shared: bool) -> None:
    """All arithmetic is in the widest vectors that there are: a code generator falls to scalars in silence."""
    on, register, _ = PROCESSORS[width]
    text = llvm.write(Program(Kind(MODEL, shared)), on).text
    lines = llvm.compile_text(text, on, assembly=True).splitlines()
    arithmetic = [
        line for line in lines if re.match(r"\tv?(add|sub|mul|div|sqrt|max|min|fn?m(add|sub)\w*)[ps]d\t", line)
    ]
    inside = [line for line in arithmetic if register in line]
    assert len(arithmetic) > 1500 and len(inside) == len(arithmetic)
    assert not [line for line in lines if re.match(r"\tv?(add|sub|mul|div|sqrt|fm\w*)sd\t", line)]


@pytest.mark.skipif(not X86, reason="runs code of x86")
@pytest.mark.parametrize("width", PROCESSORS)
def test_any_processor(everything: MakeBlock, apart: Path, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    """Wide vectors or narrow ones: the same bits where multiplying and adding is one operation, else within 1e-9."""
    here = llvm.machine()
    on, _, feature = PROCESSORS[width]
    if feature not in here.features.split(","):
        pytest.skip("this processor has no such vectors")
    block = everything(shared=False)
    usual = compiled.run(block, 6, WRITTEN)
    monkeypatch.setattr(llvm, "machine", lambda: on)
    monkeypatch.setattr(compiled, "_ready", {})
    other = compiled.run(block, 6, WRITTEN)
    assert on.fused != here.fused or same(usual, other)
    worst, _, differing, _ = agreement.compare(engine.run(block, 6, WRITTEN), other)
    assert worst < 1e-9 and differing == 0


# ---- the cache -------------------------------------------------------------------------------------------------
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing in memory, as in a new process."""
    monkeypatch.setattr(compiled, "_ready", {})
    monkeypatch.setattr(compiled, "_seen", compiled.Counter())


def test_a_kernel_is_made_once(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process finds it in the cache, with its hash and all that it was made from."""
    first = compiled.run(small(), 4)
    (file,) = apart.iterdir()
    said, _, content = file.read_bytes().partition(b"\n")
    assert said.decode() == hashlib.sha256(content).hexdigest()
    forget(monkeypatch)
    monkeypatch.setattr(compiled, "make", None)
    assert same(first, compiled.run(small(), 4))


def damaged(content: bytes) -> bytes:
    """One bit of the code is another."""
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


def of_another(content: bytes) -> bytes:
    """Whole, and made from something else."""
    rest = content.partition(b"\n")[2].replace(b'"cpu": "', b'"cpu": "x', 1)
    return hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


@pytest.mark.parametrize(
    "spoil", [damaged, of_another, lambda content: content[:5000], lambda content: b"", lambda content: b"{}\n" * 9]
)
def test_a_kernel_that_is_damaged_or_foreign_is_made_again(
    apart: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]
) -> None:
    """It is never run; the one made in its place is whole."""
    first = compiled.run(small(), 4)
    (file,) = apart.iterdir()
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))
    forget(monkeypatch)
    assert same(first, compiled.run(small(), 4))
    assert file.read_bytes() == whole


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_code_of_somebody_else_is_not_run(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that others write to may hold anything under the right name."""
    compiled.run(small(), 4)
    forget(monkeypatch)
    kind = Kind(MODEL, True, idle=compiled.seldom(MODEL))
    assert compiled.load(kind) is not None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    (file,) = apart.iterdir()
    if file.stat().st_uid == 0:  # what is the system's own is trusted
        monkeypatch.setattr(Path, "stat", lambda self, **_: os.stat_result((0o100644, 0, 0, 1, 77, 0, 9, 0, 0, 0)))
    assert compiled.load(kind) is None


@pytest.mark.parametrize("place", ["/proc/nowhere", "a file"])
def test_a_cache_that_cannot_be_is_said_once(
    apart: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """The numbers are the same, one line on the error stream says what is the matter."""
    first = compiled.run(small(), 4)
    forget(monkeypatch)
    if place == "a file":
        (apart.parent / "taken").write_text("")
        place = str(apart.parent / "taken")
    monkeypatch.setenv("SETBACK_CACHE", place)
    assert same(first, compiled.run(small(), 4))
    compiled.run(small(), 4, ["affect"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "kernels cannot be kept" in said[0] and place in said[0]


@pytest.mark.parametrize("missing", ["llvmlite", "llvmlite.binding"])
def test_without_llvmlite(apart: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """One sentence that says what to install, and which engine needs nothing."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(llvm, "machine", llvm.machine.__wrapped__)
    with pytest.raises(
        InputError, match=r"needs llvmlite; install it with pip install .*, or take --engine vectorised"
    ):
        compiled.run(small(), 4)


def test_another_process_gives_the_same_bytes(apart: Path) -> None:
    """A kernel from the cache, in a process of its own."""
    code = (
        "import hashlib; from setback.model.engines import compiled; from setback.model.engines.block import columns;"
        "from setback.model.parameters import Parameters; from setback.model.policies import Policy;"
        "from setback.model.rosters.roster import Roster;"
        "end = compiled.run(columns(Roster.synthetic(9).seats([1, 2], 2), [Policy()] * 2, [Parameters()]), 9).end;"
        "print(hashlib.sha256(b''.join(end[name].tobytes() for name in sorted(end))).hexdigest())"
    )
    said = {subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout for _ in range(2)}
    assert len(said) == 1
