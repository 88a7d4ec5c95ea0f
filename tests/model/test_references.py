"""Every source once: what is cited is there and cited for what it supports, each DOI looks like one."""

import re

import pytest
from equations import EQUATIONS

from setback.model.mechanism import declaration
from setback.model.parameters import TABLE
from setback.model.references import ASSUMED, FITTED, cite, references

SAID = [said for function in EQUATIONS.values() if (said := declaration(function))]
CITED = {key for one in (*TABLE, *SAID) for key in one.source.split("; ")} - {"", ASSUMED, FITTED}
#: What cites a source, by name: numbers and levers, equations.
NUMBERS = {row.name: row.source.split("; ") for row in TABLE}
CLAIMS = {name: said.source.split("; ") for name, function in EQUATIONS.items() if (said := declaration(function))}
#: Pairings that were wrong once: the source says nothing of these numbers and equations. "*" stands for everything.
WRONG = {
    "abramson-1978": "control_style effort_control control_gain control_loss",
    "butler-1988": "comparison_blame",
    "diener-dweck-1978": "easier_tasks_size choose_easier",  # it is about what follows a failure, not choice of tasks
    "embse-2018": "stakes pressure_capacity affect_rise effort_affect perform",
    "hedges-hedberg-2007": "class_share",  # schools, not classes
    "kapur-2016": "rescue responsive look_into_test test_preparation",
    "koedinger-2023": "knowledge_sd expectancy_mean rate_knowledge",
    "kornell-2009": "success_gain",  # wrong guesses, not right ones
    "kulik-1990": "mastery_share waiting",
    "kyndt-2013": "peer_norm follow_norm",  # cooperation, not norms
    "macnamara-burgoyne-2023": "mindset_shift mindset_control",
    "madigan-2019": "perfectionism_mean striving aspiration self_worth take_to_heart",
    "martin-marsh-2008": "engage_reserve buffer_control buffer fade_reserve reserve_restored skip_reserve",
    "neff-2005": "compassion affect_decay",
    "ryan-pintrich-1997": "skip_control submit drop_out",  # asking for help, not handing in or quitting
    "seery-2010": "reserve_spent",  # steeling, not depletion
    "steenbergen-hu-2016": "*",  # grouping and acceleration
    "talsma-2018": "expectancy_rate",
    "unit-test-reliability": "*",  # a convention of the tests, not a source
    "wilson-2019": "target best_challenge challenge_curvature",
}


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
    assert cite("lieder-2013; a thesis") == "Lieder et al. 2013, CogSci 35; a thesis"
    assert cite("butcher-2022") == "Butcher et al. 2022, NBER w30798"


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_pairing_does_not_come_back(key: str) -> None:
    """By number, lever or equation, each of which there is."""
    known = {**NUMBERS, **CLAIMS}
    names = known if WRONG[key] == "*" else WRONG[key].split()
    assert {*names} <= {*known}
    assert [name for name in names if key in known[name]] == []


def test_a_form_is_no_number() -> None:
    """What a source supports says first that it is the form, where no number may cite it, only equations."""
    forms = {key for key, one in references().items() if one.supports.startswith("the form")}
    assert {"weiner-1985", "deci-ryan-2000", "kapur-2016", "wilson-2019"} <= forms
    assert {name: sources for name, sources in NUMBERS.items() if forms & {*sources}} == {}


@pytest.mark.parametrize("key", references())
def test_one_finding_is_not_spent_on_many_numbers(key: str) -> None:
    """Three at most, levers and all."""
    assert len([name for name, sources in NUMBERS.items() if key in sources]) <= 3


def test_a_key_is_cited_as_one_and_once() -> None:
    """Keys and `assumed` are what a source consists of, each once; a number is assumed or has a source, never both."""
    for name, sources in {**NUMBERS, **CLAIMS}.items():
        assert len({*sources}) == len(sources), name
    assert [name for name, sources in NUMBERS.items() if ASSUMED in sources and len(sources) > 1] == []
