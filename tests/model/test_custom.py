"""Custom mechanisms and policies: a value that a model takes, from a file or a cell, checked before it counts."""

import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from setback.analysis.load import load
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import run_study
from setback.model.catalogue import mechanisms
from setback.model.custom import files_of, from_files
from setback.model.engines import vectorised as engine
from setback.model.engines.block import Block, columns
from setback.model.engines.mesa import Classroom
from setback.model.engines.mesa import run as mesa
from setback.model.errors import InputError
from setback.model.grammar import fingerprint
from setback.model.mechanism import mechanism
from setback.model.parameters import TABLE, Parameters
from setback.model.policies import PARTS, Policy, part
from setback.model.rosters.roster import Roster
from setback.model.week import MODEL, Model

GOOD = '''
import setback as sb
from setback.model.arithmetic import maximum

@sb.mechanism("affect", after="update_affect", strength={"humour": "no relief"}, source="a thesis",
              parameters={"humour_relief": (0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")})
def laugh_it_off(affect, friends_effort, p):
    """Friends who work hard take the edge off a failure."""
    return affect * (1.0 - p.strength_humour * p.humour_relief * maximum(friends_effort, 0.0))

portfolio = sb.part("portfolio", "grading", "Collected work.", told=0.0, counted=0.0, information=0.9)
'''


def written(folder: Path, text: str = GOOD, **changes: str) -> Path:
    """A file with a custom mechanism, with some of its words changed."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "mine.py"
    path.write_text(text)
    return path


def block(model: Model, **changes: float) -> Block:
    """A small class under two policies, with students who suffer."""
    world = model.parameters({"affect_rise": 2.0, **changes})
    policies = [model.policy("harmful"), model.policy("narrative+accelerated")]
    return columns(Roster.synthetic(9).seats([1], 2), policies, [world])


def test_it_works_in_all_engines_and_at_0_not_at_all(tmp_path: Path) -> None:
    """Mesa bit for bit, compiled within a billionth; at strength 0 the year is that of the model that ships."""
    mine = MODEL.with_file(written(tmp_path))
    without = engine.run(block(mine, strength_humour=0.0), 8, model=mine).end
    assert np.array_equal(without["affect"], engine.run(block(MODEL), 8).end["affect"])
    here, there = (run(block(mine), 8, model=mine).end for run in (engine.run, mesa))
    assert 0.0 < here["affect"].sum() < without["affect"].sum()
    assert all(np.array_equal(here[name], there[name]) for name in here)
    compiled = pytest.importorskip("setback.model.engines.compiled")
    fused = compiled.run(block(mine), 8, model=mine).end
    assert all(np.allclose(here[name], fused[name], rtol=0, atol=1e-9) for name in here)


def test_a_block_of_another_model_is_refused(tmp_path: Path) -> None:
    """Numbers would be read in another order, or be missing."""
    mine = MODEL.with_file(written(tmp_path))
    for of, model in ((MODEL, mine), (mine, MODEL)):
        for run in (engine.run, mesa):
            with pytest.raises(InputError, match=r"other parameters \(humour_relief, strength_humour\) than the model"):
                run(block(of), 2, model=model)


def test_the_model_knows_it_and_nothing_else_does(tmp_path: Path) -> None:
    """The hash of the equations, the table, the lists, a classroom: of this model, while the one that ships stays."""
    table, parts, equations = TABLE, dict(PARTS), fingerprint()
    mine = MODEL.with_file(written(tmp_path))
    assert fingerprint(mine) != equations == fingerprint(MODEL)
    assert mine.parameters()["humour_relief"] == 0.2 and mine.parameters()["strength_humour"] == 1.0
    with pytest.raises(InputError, match=r"humour_relief is 2; it needs a number from 0 to 1 \(share per week\)"):
        mine.parameters(humour_relief=2)
    with pytest.raises(InputError, match="unknown parameter 'humour_relief'"):
        Parameters(humour_relief=0.1)
    assert "strength_humour" in mine.table.strengths and mine.table.groups["custom"] == ("humour",)
    one = {m.name: m for m in mechanisms(mine)}["humour"]
    assert one == ("humour", "custom", ("laugh_it_off",), ("a thesis",), ("no relief",))
    room = Classroom("portfolio", weeks=2, model=mine).run()
    assert "laugh_it_off" in [phase.name for phase in room.phases.week]
    assert mine.policy("portfolio")["information"] == 0.9
    with pytest.raises(InputError, match="unknown policy 'portfolio'"):
        Policy("portfolio")
    assert table is TABLE and parts == PARTS and "laugh_it_off" not in [phase.name for phase in MODEL.week]


def test_a_file_that_is_loaded_again(tmp_path: Path) -> None:
    """The same text adds nothing; another text takes the place of the first, with all that it brought."""
    mine = MODEL.with_file(written(tmp_path, TWO))
    assert mine.with_file(tmp_path / "mine.py") is mine
    other = mine.with_file(written(tmp_path, **{"0.2, 0.0, 1.0": "0.5, 0.0, 1.0"}))
    assert [phase.name for phase in other.week].count("laugh_it_off") == 1 and len(other.files or ()) == 1
    assert other.parameters()["humour_relief"] == 0.5 and mine.parameters()["humour_relief"] == 0.2
    assert other.table.groups["custom"] == ("humour",) and [f.__name__ for f in other.added] == ["laugh_it_off"]


BAD = {
    "a branch": ({"affect * (1.0 - p.strength_humour": "affect * (1.0 if affect > 0.5 else 0.0 - p.strength_humour"},
                 "mine.py:9: laugh_it_off: not in the grammar; write where("),
    "an unknown slot": ({"(affect, friends_effort, p)": "(affect, friends_efort, p)",
                         "maximum(friends_effort, 0.0)": "maximum(friends_efort, 0.0)"}, "friends_effort"),
    "an unknown slot to write": ({'mechanism("affect"': 'mechanism("afect"'}, "affect"),
    "no source": ({'source="a thesis"': 'source=" "'}, "names no source"),
    "no such equation": ({'after="update_affect"': 'after="update_afect"'}, "update_affect"),
    "no strength": ({'strength={"humour": "no relief"}': "strength={}"}, "names no strength"),
    "a strength that is not read": ({"p.strength_humour * p.humour_relief": "p.humour_relief"},
                                    "does not read p.strength_humour"),
    "infinite": ({"(0.2, 0.0, 1.0,": "(0.2, 0.0, float('inf'),"}, "humour_relief is inf; it needs a finite number"),
    "no three numbers": ({'(0.2, 0.0, 1.0, "share per week", "Friends take the edge off.")': "0.2"},
                         "(default, low, high)"),
    "a word of the ablation": ({'{"humour": "no relief"}': '"nothing"'}, "a word of the ablation"),
    "the end of the program": ({"import setback as sb": "import setback as sb; raise SystemExit(3)"},
                               "mine.py:2: SystemExit"),
    "what is no Exception": ({"import setback as sb": "import setback as sb; raise BaseException('out')"},
                             "mine.py:2: BaseException: out"),
    "an error that has no words": (
        {"import setback as sb": "import setback as sb\nclass Odd(Exception):\n    __str__ = None\nraise Odd"},
        "mine.py:5: Odd"),
    "a strength that leaves something": ({"p.strength_humour * p.humour": "(0.5 + p.strength_humour) * p.humour"},
                                         "although its strength is 0; blend with p.strength_humour"),
    "NaN": ({"affect * (1.0 -": "affect / (1.0 - p.strength_humour) * (1.0 -"},
            "infinite or no number (NaN) within 36 weeks; keep what it divides by away from 0"),
    "a name that is taken": ({'"humour_relief": (': '"buffer": (', "p.humour_relief": "p.buffer"},
                             "buffer is in the table"),
    "a strength that is taken": ({'{"humour": "no relief"}': '"affect"'}, "strength_affect is in the table"),
    "a default out of range": ({"(0.2, 0.0, 1.0,": "(2.0, 0.0, 1.0,"}, "low <= default <= high"),
    "no name for a number": ({'"humour_relief": (': '"Humour": ('}, "'Humour' is no name for a strength or number"),
    "no Python": ({"import setback as sb": "import setback as as"}, "mine.py:2: invalid syntax"),
    "an error of its own": ({"import setback as sb": "import setback as sb; 1 / 0"}, "mine.py:2: ZeroDivisionError"),
    "a policy that is there": ({'"portfolio", "grading"': '"curve", "grading"'},
                               "a policy named curve is there already"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused_says_so_in_one_sentence(tmp_path: Path, case: str) -> None:
    """With the place, or the name of the mechanism."""
    changes, said = BAD[case]
    with pytest.raises(InputError) as refused:
        MODEL.with_file(written(tmp_path, **changes))
    message = str(refused.value)
    assert said in message and "\n" not in message


def test_what_is_no_file_and_what_declares_nothing_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a file of another kind; a plain function, a part without a name."""
    (tmp_path / "data.csv").write_text("a,b\n")
    for name, says in (("none.py", "cannot be read"), ("", "is no Python file"), ("data.csv", "is no Python file")):
        with pytest.raises(InputError, match=f"^--with {tmp_path / name} {says}"):
            MODEL.with_file(tmp_path / name)
    with pytest.raises(InputError, match="declares no mechanism"):
        MODEL.with_mechanism(written)
    for no_part in (PARTS["curve"], "portfolio"):
        with pytest.raises(InputError, match="is no part of a policy"):
            MODEL.with_part(no_part)  # type: ignore[arg-type]


TWO = (
    GOOD
    + '''

@sb.mechanism("affect", after="laugh_it_off", strength="irony", source="another thesis")
def smile(affect, p):
    """A smile after the laugh."""
    return affect * (1.0 - 0.1 * p.strength_irony)
'''
)


def test_one_that_stands_after_another_and_a_cell_that_is_run_again(tmp_path: Path) -> None:
    """The first is defined again, as in a notebook: it keeps its place, and the second stays after it."""
    mine = MODEL.with_file(written(tmp_path, TWO))
    assert {m.name: m.neutral for m in mechanisms(mine)}["irony"] == ("what was there",)
    cell = _module(tmp_path, TWO.replace("0.2, 0.0, 1.0", "0.5, 0.0, 1.0"))
    for _ in range(2):
        mine = mine.with_mechanism(cell.laugh_it_off).with_part(cell.portfolio)
    week = [phase.name for phase in mine.week]
    assert week.index("smile") == week.index("laugh_it_off") + 1 and week.count("laugh_it_off") == 1
    assert mine.parameters()["humour_relief"] == 0.5 and mine.table.groups["custom"] == ("humour", "irony")
    with pytest.raises(InputError, match="equation after which smile is to run"):
        MODEL.with_mechanism(cell.smile)


def _module(folder: Path, text: str):
    """A module whose source can be read, as that of a cell."""
    path = folder / "cell.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("a_cell", path)
    assert spec is not None and spec.loader is not None
    sys.modules["a_cell"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_another_process_makes_it_again_from_its_files(tmp_path: Path) -> None:
    """A model is pickled as the files that bring it; where one is not as it was, it is refused."""
    assert pickle.loads(pickle.dumps(MODEL)) is MODEL
    mine = MODEL.with_file(written(tmp_path))
    packed = pickle.dumps(mine)
    assert len(packed) < 1000 and pickle.loads(packed) == mine != MODEL
    from_files.cache_clear()
    written(tmp_path, TWO)
    with pytest.raises(InputError, match=r"lacks .*mine\.py as it was; it must lie at the same path"):
        pickle.loads(packed)


def test_what_no_file_brought_stays_in_this_process(tmp_path: Path) -> None:
    """Another process could not make it again, and would leave it out in silence."""

    @mechanism("affect", after="update_affect", strength="calm", source="assumed")
    def calm_down(affect, p):
        return affect * (1.0 - p.strength_calm)

    mine = MODEL.with_mechanism(calm_down)
    assert mine.files is None
    with pytest.raises(InputError, match="put it into a file"):
        files_of(mine)
    with pytest.raises(InputError, match="put it into a file"):
        pickle.dumps(mine)
    study = Study.read("ablation", mine).replace(rooms=2, share=0.0, weeks=6)
    alone, two = (load(run_study(study, tmp_path / str(n), processes=n)).outcomes for n in (1, 2))
    assert alone.equals(two)
    assert alone["affect"].iloc[0] == 0.0


def test_a_study_keeps_its_model_in_every_worker(tmp_path: Path) -> None:
    """Two processes give the tables of one, and other ones than without the mechanism."""
    mine = MODEL.with_file(written(tmp_path))
    study = Study.read("ablation", mine).replace(rooms=2, share=0.0, weeks=6)
    plain = Study.read("ablation").replace(rooms=2, share=0.0, weeks=6)
    assert study.key() != plain.key()
    one, two, without = (
        load(run_study(s, tmp_path / f"{k}", processes=n)).outcomes
        for k, (s, n) in enumerate([(study, 1), (study, 2), (plain, 1)])
    )
    assert one.equals(two) and one["affect"].mean() < without["affect"].mean()


def test_what_a_mechanism_calls_may_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a notebook, where a helper is defined again without the mechanism: it is another study."""
    text = """

def relief(x):
    return x * 0.5


@sb.mechanism("affect", after="update_affect", strength="calls", source="assumed")
def call_relief(affect, p):
    return affect * (1.0 - p.strength_calls) + p.strength_calls * relief(affect)
"""
    study = Study.read("claims", MODEL.with_file(written(tmp_path, GOOD + text)))
    before = study.key()
    assert study.key() == before
    function = study.model.added[-1]
    other = tmp_path / "other.py"
    other.write_text("def relief(x):\n    return x * 0.25\n")
    made: dict[str, object] = {}
    exec(compile(other.read_text(), str(other), "exec"), made)
    monkeypatch.setitem(function.__globals__, "relief", made["relief"])  # type: ignore[attr-defined]
    assert study.key() != before


def test_the_hash_is_of_what_runs_whatever_is_edited_later(tmp_path: Path) -> None:
    """A model in a notebook outlives the text of its file: its hash stays that of the functions that it runs."""
    mine = MODEL.with_file(written(tmp_path))
    before = Study.read("rigor", mine).key()
    written(tmp_path, **{"p.strength_humour * p.humour_relief": "p.strength_humour * 0.5 * p.humour_relief"})
    assert fingerprint(mine) != fingerprint(MODEL.with_file(tmp_path / "mine.py"))
    assert Study.read("rigor", mine).key() == before


def test_what_a_file_said_before_goes(tmp_path: Path) -> None:
    """Its mechanisms under another name, and its parts; also where something was made in the program as well."""

    @mechanism("affect", after="update_affect", strength="calm", source="assumed")
    def calm(affect, p):  # type: ignore[no-untyped-def]
        return affect * (1.0 - 0.1 * p.strength_calm)

    for model in (MODEL, MODEL.with_mechanism(calm)):
        one = model.with_file(written(tmp_path))
        assert "portfolio" in one.parts
        two = one.with_file(written(tmp_path, laugh_it_off="smile_it_off", portfolio="collection"))
        assert "collection" in two.parts and (model is not MODEL or "portfolio" not in two.parts)
        assert [function.__name__ for function in two.added][-1] == "smile_it_off"
        assert "laugh_it_off" not in {phase.name for phase in two.week}


def test_a_pickle_keeps_the_parts(tmp_path: Path) -> None:
    """Those of the files, and others."""
    mine = MODEL.with_file(written(tmp_path)).with_part(part("mine", "climate", "Mine.", compassion=0.5))
    assert pickle.loads(pickle.dumps(mine)).parts == mine.parts
