"""How to cite setback, and what names the results of a study once and for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from setback.model.place import Place
from setback.model.shipped import version

#: What CITATION.cff says too; a test compares them.
TITLE = "setback: an agent-based simulation of classroom failure dynamics"
AUTHORS = "the setback authors"
LICENSE = "MIT"


def citation() -> dict[str, Any]:
    """Give what a citation of the software needs, as plain data."""
    return {"authors": AUTHORS, "title": TITLE, "version": version(), "license": LICENSE, "type": "software"}


def of_results(folder: str | Place) -> dict[str, Any]:
    """Give what names the results in a folder: study, key, size, seed, and the versions that made them.

    Raises:
        InputError: if there are no results in it.
    """
    from setback.analysis.load import load

    found = load(folder)
    study, manifest = found.study, found.manifest
    return {
        "study": study["name"], "question": study["question"], "key": manifest.key,
        "policies": len(study["policies"]), "worlds": study["worlds"]["count"], "rooms": study["rooms"],
        "weeks": study["weeks"], "seed": study["seed"], "engine": manifest.engine, "state": str(found.state),
        "versions": {name: manifest.versions[name] for name in ("setback", "numpy") if name in manifest.versions},
        "written": manifest.written,
    }  # fmt: skip


def sentences(found: Mapping[str, Any]) -> Iterator[str]:
    """Write a citation for people: one line, an entry for BibTeX, and a line about results where there are some."""
    yield f"{found['authors']}. {found['title']} (version {found['version']}) [computer software]. {found['license']}."
    yield ""
    yield "@software{setback,"
    yield f"  author = {{{{{found['authors']}}}}},"
    yield f"  title = {{{found['title']}}},"
    yield f"  version = {{{found['version']}}},"
    yield f"  license = {{{found['license']}}},"
    yield "}"
    if results := found.get("results"):
        made = ", ".join(f"{name} {number or 'unknown'}" for name, number in results["versions"].items())
        words = (("policies", "policy"), ("worlds", "world"), ("rooms", "classroom"))
        size = ", ".join(_many(results[name], word) for name, word in words)
        yield ""
        yield f"Results: study {results['study']}, key {results['key']} ({size}, {results['weeks']} weeks,"
        yield f"seed {results['seed']}, {results['engine']} engine; {results['state']}), made with {made}."


def _many(count: int, thing: str) -> str:
    things = thing.removesuffix("y") + "ies" if thing.endswith("y") else thing + "s"
    return f"{count:,} {thing if count == 1 else things}"
