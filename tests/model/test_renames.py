"""Names that were given up: whoever types one is told the new one, and every new name is there."""

from pathlib import Path
from typing import Any

import pytest
from command_line import said, setback

from setback.experiments.scenes import Scene
from setback.experiments.studies.study import Study
from setback.model.errors import InputError, renames, unknown
from setback.model.keep import Keep
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import LEVER_NAMES, STRENGTHS, WORLD_NAMES, Parameters
from setback.model.policies import PARTS, Policy, read_part
from setback.model.state import SLOTS
from setback.model.week import MODEL

#: What there is of each kind that the model itself knows.
KNOWN = {
    "outcome": OUTCOMES,
    "slot": SLOTS,
    "parameter": WORLD_NAMES,
    "lever": LEVER_NAMES,
    "mechanism": tuple(name.removeprefix("strength_") for name in STRENGTHS),
    "equation": tuple(phase.name for phase in MODEL.week),
    "policy": PARTS,
}


@pytest.mark.parametrize("kind", KNOWN)
def test_old_names_are_gone_and_new_names_are_there(kind: str) -> None:
    """And an old name is refused with its new one, whatever is asked for."""
    for old, new in renames()[kind].items():
        old, new = old.replace("*", "affect"), new.replace("*", "affect")
        assert new in KNOWN[kind] and old not in KNOWN[kind]
        assert str(unknown(kind, old, KNOWN[kind])) == f"unknown {kind} {old!r}; it is called {new} now"


def test_where_people_meet_them() -> None:
    """Parameters, strengths, levers, policies, outcomes of a study."""
    for call, says in (
        (lambda: Parameters(near_miss=1.0), "parameter 'near_miss'; it is called near_miss_slope now"),
        (lambda: Parameters(switch_affect=0.0), "parameter 'switch_affect'; it is called strength_affect now"),
        (lambda: Parameters(switch_attribution_drift=0), "it is called strength_style_drift now"),
        (lambda: Policy(ready=0.5), "policy lever 'ready'; it is called mastery_share now"),
        (lambda: Policy("mastery-paced"), "policy 'mastery-paced'; it is called class-paced now"),
    ):
        with pytest.raises(InputError, match=says):
            call()
    with pytest.raises(InputError, match="study 'mid-year-switch'; it is called policy-change now"):
        Study.read("mid-year-switch")
    with pytest.raises(InputError, match="'failures'; it is called below_criterion_rate now"):
        Keep(outcomes=("failures",))


def test_a_new_name_of_another_kind_is_not_offered() -> None:
    """What was an outcome is no word for a parameter."""
    assert "it is called" not in str(unknown("parameter", "failures", WORLD_NAMES))


def test_an_old_option_is_told_its_new_name() -> None:
    """Where the verb has the new one."""
    assert said(setback("run", "claims", "--again")) == (
        "no such option: --again; it is called --rerun now; see setback run --help"
    )
    assert said(setback("profile", "--picture=a.png")).startswith("no such option: --picture; it is called --out now; ")
    assert "is called" not in said(setback("profile", "--again"))


STUDY = "[study]\nname = 'old'\n[policies]\ngrading = ['curve']\n"


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        (Study.read, STUDY + "[keep]\ntraces = []\n", "unknown key 'keep.traces'; it is called keep.students now"),
        (Study.read, STUDY + "[claim]\nsays = ''\n", "unknown key 'claim.says'; it is called claim.description now"),
        (
            Study.read,
            STUDY + "[worlds]\ndesign = 'lhs'\nvary = { level = { law = 'uniform' } }\n",
            "unknown key of worlds.vary.level 'law'; it is called distribution now",
        ),
        (read_part, "name = 'a'\ngroup = 'grading'\nsays = ''\n", "'says'; it is called description now"),
        (Scene.read, "[scenario]\ntitle = ''\n", "scenario is no key of a scene; it is called scene now"),
    ],
)
def test_an_old_key_of_a_file_is_told_its_new_name(read: Any, text: str, says: str, tmp_path: Path) -> None:
    """In studies, parts of policies and scenes."""
    (file := tmp_path / "old.toml").write_text(text)
    with pytest.raises(InputError) as error:
        read(file)
    assert str(error.value).endswith(says)
