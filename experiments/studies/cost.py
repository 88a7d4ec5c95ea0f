"""A short calibration says what a study will take: student-weeks, time on this machine, room on the disk and memory.

A part of the study is run, its time and its tables are measured, and both are scaled to the whole.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from typing import NamedTuple

from setback.experiments.studies.study import Study, with_engine, years
from setback.experiments.studies.task import Task, Tasks, live
from setback.experiments.studies.workers import StartError, pool, so_many

#: Student-weeks, with those of the twins, from which a run asks to be confirmed: ten minutes of two processors or so.
ASK_BEYOND = 12_000_000_000
#: Seconds of calibration that are enough.
ENOUGH = 3.0
#: What a second process adds to the speed of the first: measured on two cores.
SHARED = 0.9
#: Seconds that a worker takes to start, and that the tables and the picture take when all is done.
START, REPORT = 3.0, 4.0
#: Bytes of manifest, summary and picture.
BESIDE = 600_000


class Cost(NamedTuple):
    """Says what a study will take.

    Attributes:
        student_weeks: student-weeks of the observed years; twins come on top.
        classrooms: policies × worlds × rooms.
        tasks: into how many tasks it is cut.
        seconds: of wall time.
        processes: with so many processes.
        engine: and this engine.
        disk: bytes of results.
        memory: bytes at the peak, all processes together.
    """

    student_weeks: int
    classrooms: int
    tasks: int
    seconds: float
    processes: int
    engine: str
    disk: int
    memory: int

    def __repr__(self) -> str:
        return f"Cost({self.sentence()})"

    def _repr_html_(self) -> str:
        from setback.model.notebook import html

        return html("Cost", [self.sentence()])

    def sentence(self) -> str:
        """Say the cost in words."""
        many = "1 process" if self.processes == 1 else f"{self.processes} processes"
        return (
            f"{self.classrooms:,} classrooms in {self.tasks:,} tasks, {self.student_weeks:,} student-weeks besides "
            f"twins: about {duration(self.seconds)} with {many} and the {self.engine} engine, "
            f"{self.disk / 1e6:,.0f} MB of results, {self.memory / 1e6:,.0f} MB of memory"
        )


def duration(seconds: float) -> str:
    """Say seconds in words: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def cost(study: Study, processes: int | None = None) -> Cost:
    """Estimate what a study will take.

    Args:
        study: the study; its engine may be ``auto``.
        processes: how many run at once; by default one a processor.

    Raises:
        InputError: if that is no number of processes.
    """
    study, most = with_engine(study), so_many(processes)
    tasks = Tasks(study)
    most = min(most, len(tasks))
    measured = _measured_by_a_worker(study) if most > 1 and study.model.files is not None else None
    memory = 0 if measured is None else _peak() + most * measured.memory
    if measured is None:
        most, measured = 1, calibrate(study)
        memory = measured.memory
    classrooms = len(study.policies) * len(study.worlds) * study.rooms
    scale = classrooms / measured.classrooms
    seconds = measured.seconds * scale / (1 + (most - 1) * SHARED) + (START if most > 1 else 0.0) + REPORT
    disk = int(measured.disk * scale) + BESIDE
    return Cost(years(study), classrooms, len(tasks), seconds, most, study.engine, disk, memory)


class Measured(NamedTuple):
    """Says what running a part of a study took: classrooms, seconds, bytes on the disk, bytes of memory at the peak."""

    classrooms: int
    seconds: float
    disk: int
    memory: int


def calibrate(study: Study) -> Measured:
    """Run some tasks from all over a study, for some seconds."""
    tasks = Tasks(study)
    few = study.with_policies(study.policies[:1]) if study.predictions else study
    live(few, Task(0, range(1), range(1)))  # imports, the kernel from its cache, the first pages of memory
    begun, done, disk, number = time.perf_counter(), 0, 0, 0
    while number < len(tasks) and (done == 0 or time.perf_counter() - begun < ENOUGH):
        size, classrooms = _a_part(study, tasks[number * 7919 % len(tasks)])
        done, disk, number = done + classrooms, disk + size, number + 1
    return Measured(done, time.perf_counter() - begun, disk, _peak())


def _measured_by_a_worker(study: Study) -> Measured | None:
    """Calibrate in a process of its own, as the memory of this one says little; None where none can be started."""
    live(study, Task(0, range(1), range(1)))  # a kernel that is not in the cache is compiled now
    with contextlib.suppress(StartError), pool(study, 1) as worker:
        return worker.submit(_calibrate_here).result()
    return None


def _calibrate_here() -> Measured:
    from setback.experiments.studies import workers

    return calibrate(workers._given)


def _a_part(study: Study, task: Task) -> tuple[int, int]:
    """Run a task, or some policies or one world of it where it is a long one: bytes of its tables, classrooms run."""
    if study.evidence:  # the trials of a world take seconds, and one world says what all do
        task = task._replace(worlds=task.worlds[:1])
    step = max(1, len(study.policies) * len(task.worlds) * len(task.rooms) // 2048)
    few = study.policies[:: min(step, len(study.policies))]
    part = study if len(few) == len(study.policies) else study.with_policies(few)
    tables = live(part, task)
    return sum(_bytes(table) for table in tables.values()), len(few) * len(task.worlds) * len(task.rooms)


def _bytes(table: object) -> int:
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", write_page_checksum=True)
    return file.tell()


def _peak() -> int:
    """Give the most bytes of memory that this process has held."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 400_000_000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
