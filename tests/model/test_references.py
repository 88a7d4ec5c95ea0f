"""Every source once: each key that is cited is there, each reference is cited, each DOI looks like one."""

import re

import pytest
from equations import EQUATIONS

from setback.model.mechanism import declaration
from setback.model.parameters import TABLE
from setback.model.references import ASSUMED, cite, references

SAID = [said for function in EQUATIONS.values() if (said := declaration(function))]
CITED = {key for one in (*TABLE, *SAID) for key in one.source.split("; ")} - {"", ASSUMED}


def test_what_is_cited_is_there_and_what_is_there_is_cited() -> None:
    """By the parameters and the equations."""
    assert {*references()} == CITED


@pytest.mark.parametrize("key", references())
def test_a_reference_is_complete(key: str) -> None:
    """An author, what it supports, a year or another way to find it; a DOI that looks like one, in one entry alone."""
    one = references()[key]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) and one.author and one.supports
    assert re.fullmatch(r"(1[89]|20)\d\d|preprint|", one.year) and isinstance(one.seen, bool)
    assert not one.doi or re.fullmatch(r"10\.\d{4,9}/\S+", one.doi)
    assert not (one.doi and one.number) and (one.year or not one.doi)
    assert not one.doi or [other.doi for other in references().values()].count(one.doi) == 1


def test_a_citation_is_what_people_know() -> None:
    """Author, year and DOI; what is no key stays as it is."""
    assert cite("weiner-1985") == "Weiner 1985, doi:10.1037/0033-295X.92.4.548"
    assert cite("lieder-2013; a thesis") == "Lieder et al. 2013; a thesis"
    assert cite("butcher-2022") == "Butcher et al. 2022, NBER w30798"
