"""What a study file of a learner's lacks, in plain words: a question, what varies, a claim stated before the run."""

from __future__ import annotations

from pathlib import Path

from setback.experiments.studies.study import Study

#: From how many worlds and rooms on a study can decide anything worth writing about.
WORLDS, ROOMS = 16, 4
#: The question of the file that one starts from: it is still to be asked.
UNASKED = "What do you want to know?"


def missing(path: str | Path) -> list[str]:
    """Give what a study file lacks, a clause each; nothing where it can be handed in.

    Raises:
        InputError: if the file cannot be read as a study.
    """
    study = Study.read(path)
    found = []
    if study.question.strip() in ("", UNASKED):
        found.append('there is no question; write one in words, as in question = "For whom …?" under [study]')
    if len(study.policies) < 2:
        found.append("there is one policy only; name another one to compare it with under [policies]")
    if len(study.worlds) < WORLDS:
        found.append(f"there are fewer than {WORLDS} worlds; let what nobody knows vary, under [worlds]")
    if study.rooms < ROOMS:
        found.append(f"there are fewer than {ROOMS} rooms; their luck would decide: set count under [rooms]")
    if study.claim is None:
        found.append("there is no [claim]; write down before the run what you expect, and by how much")
    else:
        if not study.claim.description.strip():
            found.append('the claim is not said in words; add description = "…" under [claim]')
        if study.claim.against is None:
            found.append('the claim compares nothing; name the other policy under [claim], as in against = "criterion"')
        if study.claim.beyond == 0:
            found.append("the claim has no size; say under [claim] beyond = … from where on it would matter")
    return found
