"""The engines as asv reads benchmarks: classes with `setup`, parameters and methods that are timed."""

import subprocess
import sys

from setback.benchmarks.bench import COLUMNS, WEEKS, blocks
from setback.model.engines import compiled
from setback.model.engines import vectorised as engine
from setback.model.policies import as_policy


class TimeEngines:
    """A year of 512 columns by the vectorised and the compiled engine."""

    params = (["reference", "curve+problem-first", "mastery", "high-pressure"], ["one room", f"{COLUMNS} rooms"])
    param_names = ("policy", "block")

    def setup(self, policy: str, block: str) -> None:
        """Make the block, and the kernel of its own."""
        self.block = blocks(as_policy(policy))[block]
        self.kernel = compiled.ready(compiled.own_kind(self.block))

    def time_vectorised(self, policy: str, block: str) -> None:
        """Time the vectorised engine."""
        engine.run(self.block, WEEKS)

    def time_compiled(self, policy: str, block: str) -> None:
        """Time the compiled engine."""
        compiled.call(self.kernel, self.block, WEEKS)


class TimeStart:
    """What a person waits for before anything runs."""

    def time_import(self) -> None:
        """Time a Python that imports the compiled engine and asks for the processor."""
        code = "from setback.model.engines import compiled; compiled.llvm.machine()"
        subprocess.run([sys.executable, "-c", code], check=True)
