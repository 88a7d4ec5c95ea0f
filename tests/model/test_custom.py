"""A mechanism and a policy of one's own: from a file anywhere, in every engine, checked before they count."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from setback.analysis.load import load
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.model import custom, parameters
from setback.model.catalogue import mechanisms
from setback.model.engines import vectorised as engine
from setback.model.engines.block import columns
from setback.model.engines.mesa import Classroom
from setback.model.engines.mesa import run as mesa
from setback.model.errors import InputError
from setback.model.grammar import fingerprint
from setback.model.parameters import Parameters
from setback.model.policies import PARTS, Policy
from setback.model.rosters.roster import Roster
from setback.model.week import PHASES

GOOD = '''
import setback as sb
from setback.model.arithmetic import maximum

@sb.mechanism(after="update_affect", writes="affect", switch="humour", source="a thesis",
              parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")})
def laugh_it_off(affect, friends_effort, p):
    """Friends who work hard take the edge off a failure. Source: a thesis. Strength: humour; neutral: no relief."""
    return affect * (1.0 - p.strength_humour * p.humour_relief * maximum(friends_effort, 0.0))

sb.add_part("portfolio", "grading", "Collected work.", told=0.0, counted=0.0, information=0.9)
'''


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Nothing of one test is left for the next."""
    before = dict(PARTS)
    yield
    custom.forget_all()
    PARTS.clear()
    PARTS.update(before)


def written(folder: Path, text: str = GOOD, **changes: str) -> Path:
    """A file of one's own, with some of its words changed."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "mine.py"
    path.write_text(text)
    return path


def block(**changes: float):
    """A small class under two policies, with students who suffer."""
    world = Parameters({"affect_rise": 2.0, **changes})
    return columns(Roster.synthetic(9).seats([1], 2), [Policy("harmful"), Policy("portfolio+accelerated")], [world])


def test_it_works_in_all_engines_and_at_0_not_at_all(tmp_path: Path) -> None:
    """Mesa bit for bit, compiled within a billionth; with the switch at 0 the year is the model's own."""
    custom.load(written(tmp_path))
    without = engine.run(block(strength_humour=0.0), 8).end
    assert np.array_equal(without["affect"], engine.run(block(), 8, model=PHASES).end["affect"])
    here = engine.run(block(), 8, model=custom.whole_model()).end
    there = mesa(block(), 8, model=custom.whole_model()).end
    assert 0.0 < here["affect"].sum() < without["affect"].sum()
    assert all(np.array_equal(here[name], there[name]) for name in here)
    compiled = pytest.importorskip("setback.model.engines.compiled")
    fused = compiled.run(block(), 8, model=custom.whole_model()).end
    assert all(np.allclose(here[name], fused[name], rtol=0, atol=1e-9) for name in here)


def test_it_is_known_everywhere(tmp_path: Path) -> None:
    """The hash of the equations, the table, the lists, a classroom."""
    before = fingerprint(custom.whole_model())
    custom.load(written(tmp_path))
    assert fingerprint(custom.whole_model()) != before
    assert Parameters()["humour_relief"] == 0.2 and Parameters()["strength_humour"] == 1.0
    with pytest.raises(InputError, match=r"humour_relief is 2; it needs a number from 0 to 1 \(share per week\)"):
        Parameters(humour_relief=2)
    assert "strength_humour" in parameters.STRENGTHS and custom.names() == ("humour",)
    mine = {m.name: m for m in mechanisms(custom.whole_model())}["humour"]
    assert (mine.group, mine.equations, mine.sources) == ("one's own", ("laugh_it_off",), ("a thesis",))
    room = Classroom("portfolio", weeks=2).run()
    assert "laugh_it_off" in [phase.name for phase in room.phases.week]
    custom.forget("laugh_it_off")
    assert fingerprint(custom.whole_model()) == before and "humour_relief" not in Parameters()


def test_a_file_is_run_once_and_a_function_can_be_written_anew(tmp_path: Path) -> None:
    """Loading twice adds nothing; defining the function again, as in a notebook, takes the place of the first."""
    path = written(tmp_path)
    custom.load(path)
    custom.load(path)
    assert [phase.name for phase in custom.whole_model().week].count("laugh_it_off") == 1
    custom.FILES.clear()
    custom.load(written(tmp_path, **{"0.2, 0.0, 1.0": "0.5, 0.0, 1.0"}))
    assert Parameters()["humour_relief"] == 0.5 and len(custom.names()) == 1


BAD = {
    "a branch": ({"affect * (1.0 - p.strength_humour": "affect * (1.0 if affect > 0.5 else 0.0 - p.strength_humour"},
                 "mine.py:9: laugh_it_off: not in the grammar"),
    "an unknown slot": ({"(affect, friends_effort, p)": "(affect, friends_efort, p)",
                         "maximum(friends_effort, 0.0)": "maximum(friends_efort, 0.0)"}, "friends_effort"),
    "an unknown slot to write": ({'writes="affect"': 'writes="afect"'}, "affect"),
    "no source": ({'source="a thesis"': 'source=" "'}, "names no source"),
    "no such equation": ({'after="update_affect"': 'after="update_afect"'}, "update_affect"),
    "no switch": ({"p.strength_humour * p.humour_relief": "p.humour_relief"}, "does not read p.strength_humour"),
    "infinite": ({"(0.2, 0.0, 1.0,": "(0.2, 0.0, float('inf'),"}, "humour_relief is inf; it needs a finite number"),
    "no three numbers": ({'(0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")': "0.2"},
                         "(default, low, high)"),
    "a word of the ablation": ({'switch="humour"': 'switch="nothing"'}, "a word of the ablation"),
    "the end of the program": ({"import setback as sb": "import setback as sb; raise SystemExit(3)"},
                               "mine.py:2: SystemExit"),
    "what is no Exception": ({"import setback as sb": "import setback as sb; raise BaseException('out')"},
                             "mine.py:2: BaseException: out"),
    "an error that has no words": (
        {"import setback as sb": "import setback as sb\nclass Odd(Exception):\n    __str__ = None\nraise Odd"},
        "mine.py:5: Odd"),
    "a switch that leaves something": ({"p.strength_humour * p.humour": "(0.5 + p.strength_humour) * p.humour"},
                                       "although its switch is at 0; blend with p.strength_humour"),
    "NaN": ({"affect * (1.0 -": "affect / (1.0 - p.strength_humour) * (1.0 -"}, "infinite or no number"),
    "a name that is taken": ({'"humour_relief": (': '"buffer": (', "p.humour_relief": "p.buffer"},
                             "buffer is in the table"),
    "a default out of range": ({"(0.2, 0.0, 1.0,": "(2.0, 0.0, 1.0,"}, "low <= default <= high"),
    "no Python": ({"import setback as sb": "import setback as as"}, "mine.py:2: invalid syntax"),
    "an error of its own": ({"import setback as sb": "import setback as sb; 1 / 0"}, "mine.py:2: ZeroDivisionError"),
    "a policy that is there": ({'"portfolio", "grading"': '"curve", "grading"'},
                               "a policy named curve is there already"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused_leaves_nothing_behind(tmp_path: Path, case: str) -> None:
    """One sentence with the place, and the model is as it was."""
    changes, said = BAD[case]
    before, table = fingerprint(custom.whole_model()), parameters.TABLE
    with pytest.raises(InputError) as refused:
        custom.load(written(tmp_path, **changes))
    message = str(refused.value)
    assert said in message and "\n" not in message
    if case != "a policy that is there":  # its mechanism stood before the fault
        assert fingerprint(custom.whole_model()) == before and table == parameters.TABLE


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a file of another kind."""
    (tmp_path / "data.csv").write_text("a,b\n")
    for name, says in (("none.py", "cannot be read"), ("", "is no Python file"), ("data.csv", "is no Python file")):
        with pytest.raises(InputError, match=f"^--with {tmp_path / name} {says}"):
            custom.load(tmp_path / name)


TWO = (
    GOOD
    + '''

@sb.mechanism(after="laugh_it_off", writes="affect", switch="irony", source="another thesis")
def smile(affect, p):
    """A smile after the laugh."""
    return affect * (1.0 - 0.1 * p.strength_irony)
'''
)


def test_one_that_stands_after_another(tmp_path: Path) -> None:
    """The first can be written anew, as in a notebook, and cannot be taken out while the second stands after it."""
    custom.load(written(tmp_path, TWO))
    (tmp_path / "again").mkdir()
    custom.load(written(tmp_path / "again", GOOD, **{"0.2, 0.0, 1.0": "0.5, 0.0, 1.0"}))
    week = [phase.name for phase in custom.whole_model().week]
    assert week.index("smile") == week.index("laugh_it_off") + 1 and Parameters()["humour_relief"] == 0.5
    with pytest.raises(InputError, match="forget smile first"):
        custom.forget("laugh_it_off")
    custom.forget("smile")
    custom.forget("laugh_it_off")
    assert custom.whole_model() == PHASES


def test_what_no_file_brought_stays_in_this_process(tmp_path: Path) -> None:
    """Another process would not know it, and leave it out in silence."""

    @custom.mechanism(after="update_affect", writes="affect", switch="calm", source="assumed")
    def calm_down(affect, p):
        return affect * (1.0 - p.strength_calm)

    assert not custom.all_from_files()
    study = Study.read("ablation").replace(rooms=2, share=0.0, weeks=6)
    alone, two = (load(run_study(study, tmp_path / str(n), processes=n)).outcomes for n in (1, 2))
    assert alone.equals(two)
    assert alone["affect"].iloc[0] == 0.0


def test_everything_is_forgotten(tmp_path: Path) -> None:
    """The model and its table are as they were, and the same file can be loaded again."""
    before = (custom.whole_model(), parameters.TABLE, custom.names(), list(custom.FILES))
    file = written(tmp_path)
    for _ in range(2):
        custom.load(file)
        assert custom.names() == ("humour",) and len(custom.whole_model().week) == len(before[0].week) + 1
        custom.forget_all()
        assert (custom.whole_model(), parameters.TABLE, custom.names(), custom.FILES) == before


def test_what_a_mechanism_calls_may_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a notebook, where a helper is defined again without the mechanism: it is another study."""
    file = written(tmp_path)
    file.write_text(
        file.read_text()
        + """

def relief(x):
    return x * 0.5


@sb.mechanism(after="update_affect", writes="affect", switch="calls", source="assumed")
def call_relief(affect, p):
    return affect * (1.0 - p.strength_calls) + p.strength_calls * relief(affect)
"""
    )
    custom.load(file)
    study = Study.read("claims")
    before = study.key()
    assert study.key() == before
    function = next(one.phase.by for one in custom._own.values() if one.phase.name == "call_relief")
    other = tmp_path / "other.py"
    other.write_text("def relief(x):\n    return x * 0.25\n")
    made: dict[str, object] = {}
    exec(compile(other.read_text(), str(other), "exec"), made)
    monkeypatch.setitem(function.__globals__, "relief", made["relief"])  # type: ignore[union-attr]
    assert study.key() != before
