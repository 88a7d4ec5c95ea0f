"""The report: its numbers are those of its tables, names in it are harmless, and what cannot be reported is told."""

import io
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import said, setback

from setback.analysis import mediation, switch
from setback.analysis.by_world import Effect
from setback.analysis.figures import groups_figure, save
from setback.analysis.figures.style import symbols
from setback.analysis.groups import groups
from setback.analysis.load import Results, load
from setback.analysis.report import SECTIONS, Asked, check_reportable, sections
from setback.analysis.report.failing import breeds, teaches, teaches_over_worlds
from setback.analysis.report.opening import _procedural, leads
from setback.analysis.report.policies import apart, by_policy
from setback.analysis.report.section import Table, between, number, number_column, text_column
from setback.analysis.report.svg import inline
from setback.analysis.report.whom import groups_section
from setback.analysis.sensitivity import sensitivity
from setback.analysis.verdicts import reference
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.model.errors import InputError
from setback.model.parameters import Parameters
from setback.model.policies import Policy
from setback.model.rosters.roster import Roster, SchoolClass

EVIL = "<script>alert(1)</script> & {{ 7*7 }} <img src=x>?"
STUDY = """
[study]
name = "{name}"
question = "{question}"
seed = 3
[policies]
grading = {grading}
{more}
[rooms]
count = {rooms}
size = 12
weeks = 14
"""
TWINS = "[twins]\nshare = 0.3\n"
WORLDS = """
[worlds]
design = "sobol"
n = 8
vary = {{ level = [-1.0, 2.0], resilience_mean = true }}
[claim]
description = "Rank costs learning"
outcome = "learning"
policy = "curve"
against = "criterion"
direction = "{direction}"
beyond = 0.01
"""


class Page(HTMLParser):
    """What stands on a page: the texts of its elements by tag, the rows of its tables by name, its policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.tables, self.sentences, self.policy = list[str](), dict[str, list[list[str]]](), list[str](), ""
        self._table, self._open = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        given = dict(attrs)
        self.tags.append(tag)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(given["content"])
        if tag == "table":
            self._table = str(given["id"]).removeprefix("table-")
            self.tables[self._table] = []
        if tag == "tr" and self._table:
            self.tables[self._table].append([])
        if tag in ("th", "td"):
            self.tables[self._table][-1].append("")
        if tag in ("li", "p", "h1"):
            self.sentences.append("")
        self._open = tag if tag != "b" else self._open

    def handle_endtag(self, tag: str) -> None:
        """Note the end of one."""
        if tag == "table":
            self._table = ""
        self._open = "" if tag != "b" else self._open

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self._open in ("th", "td"):
            self.tables[self._table][-1][-1] += data
        elif self._open in ("li", "p", "h1"):
            self.sentences[-1] += data


def run(
    folder: Path,
    more: str = "",
    question: str = EVIL,
    grading: str = '["criterion", "curve", "mastery"]',
    rooms: int = 3,
) -> Path:
    """Run a small study, and give its folder."""
    text = STUDY.format(name="small", question=question, grading=grading, more=more, rooms=rooms)
    (folder / "small.toml").write_text(text)
    study = Study.read(str(folder / "small.toml")).replace(engine="vectorised")
    study.run(folder / "results", processes=1)
    return Path(str(folder_of(study, folder / "results")))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of eight worlds with a claim."""
    return run(tmp_path_factory.mktemp("worlds"), WORLDS.format(direction="below"))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one world with twins."""
    return run(tmp_path_factory.mktemp("one"), TWINS + "[parameters]\nknowledge_mean = -0.5\n")


def written(folder: Path, to: Path, **options: bool) -> tuple[Page, dict[str, pd.DataFrame]]:
    """Write a report with its tables, and read both."""
    load(folder).report(to / "report.html", to / "tables", new=False, **options)
    tables = {path.stem: pd.read_csv(path) for path in (to / "tables").glob("*.csv")}
    return Page((to / "report.html").read_text(encoding="utf-8")), tables


def numbers(text: str) -> list[float]:
    """Every number of a text, with the signs that are written for people."""
    return [float(found.replace("−", "-").replace(",", "")) for found in re.findall(r"[−-]?\d[\d,]*\.?\d*", text)]


@pytest.mark.parametrize("study", ["worlds", "one"])
def test_tables_of_the_page_are_those_of_the_files(study: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Means of the page's table are those of the CSV file and of the results, policy by policy."""
    folder = request.getfixturevalue(study)
    page, tables = written(folder, tmp_path)
    assert {*page.tables} == {*tables}
    truth = by_policy(load(folder), "learning")
    rows = {row[0]: row[1] for row in page.tables["outcomes"][1:]}
    assert [*rows] == [*truth.index] == [*tables["outcomes"]["policy"]]
    for policy, cell in rows.items():
        assert numbers(cell)[0] == round(truth[policy], 2)
    np.testing.assert_allclose(tables["outcomes"]["learning"], truth, rtol=1e-12)


def test_sentences_say_what_the_tables_say(one: Path, tmp_path: Path) -> None:
    """The best, the worst and the difference in words are those of the tables, with their signs."""
    page, tables = written(one, tmp_path)
    [sentence] = [text for text in page.sentences if "In the model, learning is highest under" in text]
    best, worst = tables["outcomes"]["policy"].iloc[[0, -1]]
    assert re.search(rf"highest under {best} .*lowest under {worst} ", sentence)
    of = tables["decision"].set_index("policy").loc[worst]
    most, least = tables["outcomes"]["learning"].iloc[[0, -1]]
    assert of["difference"] < 0.0 < -of["high"] < -of["low"]
    expected = [most, least, -of["difference"], -of["high"], -of["low"]]
    assert numbers(sentence) == [round(value, 2) for value in expected]


def test_a_verdict_in_words_is_that_of_the_table(worlds: Path, tmp_path: Path) -> None:
    """Shares of worlds, and of the opposite, are not swapped."""
    page, tables = written(worlds, tmp_path)
    [row] = tables["verdict"].to_dict("records")
    found = load(worlds).verdict()
    assert found is not None and (row["share"], row["opposite"]) == (found.share, found.opposite)
    [sentence, *_] = [text for text in page.sentences if text.startswith("The claim stated beforehand")]
    assert f"is {row['verdict']}:" in sentence
    shown = numbers(sentence)
    assert shown[0] == pytest.approx(100 * row["share"], abs=0.051) and shown[1] == 8
    assert shown[-1] == pytest.approx(100 * row["opposite"], abs=0.051)


def test_the_opposite_claim_turns_the_verdict(worlds: Path, tmp_path: Path) -> None:
    """What holds in the one direction is the opposite in the other."""
    other = load(run(tmp_path, WORLDS.format(direction="above"))).verdict()
    mine = load(worlds).verdict()
    assert mine is not None and other is not None
    assert (mine.share, mine.opposite) == (other.opposite, other.share)
    assert mine.share != mine.opposite


def test_a_difference_is_of_the_same_rooms(one: Path) -> None:
    """Each policy less the leader is the mean of differences room by room, and turns its sign with the leader."""
    results = load(one)
    there = apart(results, "learning", "mastery").set_index("policy")["difference"]
    back = apart(results, "learning", "curve").set_index("policy")["difference"]
    wide = results.rows.astype({"policy": str}).pivot(index="room", columns="policy", values="learning")
    assert there["curve"] == pytest.approx((wide["curve"] - wide["mastery"]).mean())
    assert there["curve"] == pytest.approx(-back["mastery"])


def test_a_failure_is_said_as_its_table_says(one: Path, tmp_path: Path) -> None:
    """The policy under which one failure causes most is the one with the highest figure."""
    page, tables = written(one, tmp_path)
    column = tables["failing"].set_index("policy")["line R_F value"].dropna()
    [sentence] = [text for text in page.sentences if text.startswith("Being failed breeds failing under")]
    most = f"one failure causes most further ones within nine weeks under {column.idxmax()}, "
    assert numbers(sentence[sentence.index(most) + len(most) :])[0] == round(column.max(), 2)


@pytest.mark.parametrize("study", ["worlds", "one"])
def test_names_are_harmless(study: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A question with a script in it is text; nothing of the page is asked for, run or styled in line."""
    page, _ = written(request.getfixturevalue(study), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert EVIL in page.sentences
    assert not {"script", "img", "link", "iframe", "object", "form"} & {*page.tags}
    assert " style=" not in text and "http://" not in re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", text)
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in page.policy
    identifiers = re.findall(r'\bid="([^"]+)"', text)
    assert len(identifiers) == len({*identifiers})
    assert load(request.getfixturevalue(study)).manifest.key in text


def test_what_a_study_cannot_say_is_said(tmp_path: Path) -> None:
    """Of one policy in one world without twins every section stands there, with a reason and what would give it."""
    found = sections(Asked(load(run(tmp_path, grading='["criterion"]'))))
    assert len(found) == len(SECTIONS) and len({part.name for part in found}) == len(found)
    absent = {part.name: part.absent for part in found if part.absent}
    assert {
        "decision",
        "failing",
        "breakdown",
        "verdicts",
        "map",
        "separates",
        "groups",
        "sensitivity",
        "robustness",
        "evidence",
    } == {*absent}
    assert all(text.endswith(".") and len(text) > 60 for text in absent.values())
    assert all(part.absent or part.text or part.points for part in found)


@pytest.mark.parametrize(
    ("design", "n", "text"),
    [
        ("sobol", 128, "How much of what differs between worlds in learning of curve less criterion"),
        ("saltelli", 32, "In how much of what differs between worlds in learning of curve less criterion"),
        ("morris", 64, "How far learning of curve less criterion"),
    ],
)
def test_which_numbers_decide_is_said_of_every_design(tmp_path: Path, design: str, n: int, text: str) -> None:
    """The text is that of the measure, and rows, leader and worlds are those of the estimate."""
    more = WORLDS.format(direction="below").replace("n = 8", f"n = {n}").replace('"sobol"', f'"{design}"')
    folder = run(tmp_path, more, grading='["curve", "criterion"]')
    section = next(part for part in sections(Asked(load(folder))) if part.name == "sensitivity")
    found = sensitivity(load(folder), Effect("learning", "curve", "criterion"))
    assert section.text[0].startswith(text) and f"{found.worlds} worlds" in section.text[-1]
    assert ("drawing paths anew" in section.text[-1]) == (design == "morris")
    assert section.tables[0].frame.equals(found.table) and found.table["number"][0] in section.text[1]


def test_a_page_shows_as_many_numbers_as_it_has_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest; the file has all."""
    monkeypatch.setattr("setback.analysis.report.worlds.NUMBERS", 1)
    folder = run(
        tmp_path, WORLDS.format(direction="below").replace("n = 8", "n = 128"), grading='["curve", "criterion"]'
    )
    [table] = next(part for part in sections(Asked(load(folder))) if part.name == "sensitivity").tables
    assert len(table.cells) == 1 and "the 1 that decide less are in the CSV file" in table.caption
    assert len(pd.read_csv(io.StringIO(table.csv()))) == 2


def test_effects_by_group_stand_side_by_side(tmp_path: Path) -> None:
    """Each group in its own column or row, with a star where its effect differs by more than luck from the first's."""
    asked = Asked(load(run(tmp_path, "[groups]\nknowledge = 3\nresilience = 6\n", rooms=40)))
    found = groups(asked.results, ["learning"])
    rows = found.set_index(["by", "kind", "policy", "group"])
    section = groups_section(asked)
    few, many = section.tables
    of_few = {(cells[0], column.head): cell for cells in few.cells for column, cell in zip(few.columns, cells)}
    of_many = {(policy, group): cell for policy, group, cell in many.cells}
    leader = by_policy(asked.results, "learning").index[0]
    assert section.text[1].startswith(f"Of {leader} less ")
    for by in ("knowledge", "resilience"):
        mine = found[(found["by"] == by) & (found["kind"] == "effect") & (found["policy"] == leader)]
        values = mine["value"].iloc[[0, -1]]
        assert all(f"{number(value, 'SD', signed=True)} SD (" in section.text[1] for value in values)
    stars = 0
    for (by, cells), table in zip((("knowledge", of_few), ("resilience", of_many)), section.tables):
        for policy in ("curve", "mastery"):
            for group in asked.results.study["groups"][by == "resilience"]["labels"]:
                row = rows.loc[by, "effect", policy, group]
                told = False
                if (by, "interaction", policy, group) in rows.index:
                    apart = rows.loc[by, "interaction", policy, group]
                    told = bool(apart["low"] > 0.0 or apart["high"] < 0.0)
                stars += told
                shown = cells.pop((policy, group))
                assert shown.startswith(number(row["value"], "SD", signed=True)) and shown.endswith("*") == told
                assert between(row["low"], row["high"], "SD") in shown
        assert {head for _, head in cells} <= {"policy"}
        kept = pd.read_csv(io.StringIO(table.csv()), keep_default_na=False)
        assert kept["value"].tolist() == found[found["by"] == by]["value"].tolist() and {*kept["unit"]} == {"SD"}
    assert [policy for policy, *_ in many.cells] == ["curve"] * 6 + ["mastery"] * 6
    assert 0 < stars < 14 and f"more than luck in {stars} of 14 comparisons" in section.text[2]
    [picture] = section.pictures
    assert [ax.get_title() for ax in picture.figure.axes] == ["knowledge", "resilience"]
    of_knowledge = found[found["by"] == "knowledge"]
    five = groups_figure(pd.concat([of_knowledge.assign(by=f"trait {k}") for k in range(5)]), "")
    places = [ax.get_subplotspec() for ax in five.axes if ax.get_visible()]
    assert [(place.rowspan.start, place.colspan.start) for place in places] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert all(ax.xaxis.get_tick_params()["labelbottom"] for ax in five.axes if ax.get_visible())


@pytest.mark.parametrize("bands", [2, 6])
def test_one_policy_has_its_groups(tmp_path: Path, bands: int) -> None:
    """Where nothing is compared, the outcome itself is shown by group, and nothing is said to differ."""
    asked = Asked(load(run(tmp_path, f"[groups]\nknowledge = {bands}\n", grading='["criterion"]')))
    section = groups_section(asked)
    means = groups(asked.results, ["learning"]).query("kind == 'mean'").set_index("group")["value"]
    [table] = section.tables
    shown = [cells[-1] for cells in table.cells] if bands == 6 else table.cells[0][1:]
    assert section.text == ("The study has one policy: learning within each group under it.",)
    assert [cell.split(" (")[0] for cell in shown] == [number(mean, "SD") for mean in means]
    assert "less" not in table.caption and "*" not in table.caption and "effect" not in {c.head for c in table.columns}


def test_groups_of_a_roster_may_have_any_name(tmp_path: Path) -> None:
    """Of columns and of labels: none is a formula, a folder or left out, and each is called what it is called."""
    labels = (r"$\frac$", "_hidden", "x:", "north_a", "north a", "<b>")
    students = tuple(f"s{k}" for k in range(24))
    roster = Roster([SchoolClass("1a", students, {}, {"home/school": labels * 4, "$5": ("a", "b") * 12}, "")], "real")
    plan = Study(
        name="odd", question="Is $5 $enough?", policies=(Policy("criterion"), Policy("curve")), roster=roster, rooms=2,
        seed=1, parameters=Parameters(), weeks=6, share=0.0, groups={"home/school": True, "$5": True},
    )  # fmt: skip
    results = load(run_study(plan.replace(engine="vectorised"), tmp_path / "results", 1, say=lambda text: None))
    page, files = tmp_path / "report.html", tmp_path / "tables"
    results.report(page, files)
    seen = Page(page.read_text(encoding="utf-8"))
    assert [group for _, group, _ in seen.tables["groups-1"][1:]] == list(labels)
    assert seen.tables["groups-2"][0] == ["policy", "a", "b"]
    kept = pd.read_csv(files / "groups-1.csv", keep_default_na=False)
    assert {*kept["by"]} == {"home/school"} and len({*kept["group"]}) == 6
    [picture] = groups_section(Asked(results)).pictures
    first, second = picture.figure.axes
    assert [text.get_text() for text in first.get_legend().get_texts()] == list(labels)
    assert (first.get_title(), second.get_title()) == ("home/school", "$5")
    first.set_xlabel(symbols("R_F (9)"))
    save(picture.figure, tmp_path / "odd.svg")
    drawn = (tmp_path / "odd.svg").read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in drawn for name in (r"$\frac$", "_hidden", "$5", "$R_F$ (9)"))
    assert first.xaxis.label.get_parse_math() and not second.title.get_parse_math()


def test_nobody_in_the_first_group(tmp_path: Path) -> None:
    """Is said, and of what cannot be compared nothing is counted."""
    asked = Asked(load(run(tmp_path, "[groups]\nknowledge = [0.0001, 0.5]\n")))
    section = groups_section(asked)
    [table] = section.tables
    assert {cells[1] for cells in table.cells} == {"–"} and "*" not in table.caption
    text = " ".join(section.text)
    assert "in 0 of 0 comparisons" in text and "nobody is in group" in text.lower()


def test_worlds_of_a_fit_say_what_varies_besides_and_what_rests_on_the_cycle(tmp_path: Path) -> None:
    """A number of no fit is named with its range; that policies differ in who gives up is not said without a caveat."""
    for model, more in (("cycle", "vary = { level = [-1.0, 1.5] }"), ("no-cycle", "")):
        (tmp_path / model).mkdir()
        drawn = f'[worlds]\ndesign = "posterior"\nposterior = "{model}"\nn = 4\n{more}\n'
        asked = Asked(load(run(tmp_path / model, drawn)), verdicts=reference())
        text = " ".join(str(said) for part in sections(asked) for said in (*part.text, *part.points))
        assert ("Besides these vary level from -1 to 1.5: no evidence" in text) == (model == "cycle"), text
        assert ("this difference rests on the cycle" in text) == (model == "cycle")
        assert ("worlds fitted with one go with the published evidence" in text) == (model == "no-cycle")
        assert ("Under every policy, " in text) == (model == "no-cycle"), "without a cycle as many give up under each"
        assert "having stopped)" in text
        assert not re.search(r"Fewest students end .*?, (\d+\.\d\s%).*?, most under [^,]+, \1", text)


def test_the_report_counts_what_is_listed(one: Path) -> None:
    """The numbers that it calls assumed are those that the command it names shows."""
    listed = json.loads(setback("list", "parameters", "--json").out)
    assumed = sum(row["source"] == "assumed" for row in listed)
    text = " ".join(str(said) for part in sections(Asked(load(one))) for said in (*part.text, *part.points))
    assert f"Of the {len(listed)} numbers of a world, {assumed} are assumed" in text


def test_five_sentences(one: Path, worlds: Path) -> None:
    """The answer has five sentences, each one."""
    for folder in (one, worlds):
        answer = sections(Asked(load(folder)), summary=True)
        assert len(answer) == 1 and len(answer[0].points) == 5
        assert all(text.endswith(".") and ". " not in text for text in answer[0].points)


def test_what_leads_in_the_one_knowledge_and_not_in_the_other() -> None:
    """Both numbers of the other knowledge are said; nothing where one policy leads in both."""
    order = pd.Series({"mastery": 0.72, "problem-first": 0.45})
    said = " ".join(_procedural(order, "problem-first", "SD").split())
    assert said == (
        ", while of procedural knowledge there is most under mastery (0.72 SD, 0.45 SD under problem-first)"
    )
    assert _procedural(order, "mastery", "SD") == "" == _procedural(order[:0], "mastery", "SD")
    assert "(0.72\N{NO-BREAK SPACE}SD, –" in _procedural(order[:1], "problem-first", "SD"), (
        "nothing is known of it there"
    )


def test_the_leader_leads(worlds: Path) -> None:
    """In several worlds the sentence names the decision table's leader and its share of worlds."""
    asked = Asked(load(worlds))
    assert asked.decision is not None
    first, second = (row for _, row in asked.decision.policies[:2].iterrows())
    said = leads(asked)
    assert asked.decision.leader in said and f"next comes {second.name}, " in said
    behind = round(second["regret"] - first["regret"], 2)
    assert numbers(said)[-3:] == [round(100 * first["best"], 1), behind, round(100 * second["best"], 1)]


def test_a_summary_is_the_front_alone(one: Path, tmp_path: Path) -> None:
    """A page with the answer and its table."""
    page, tables = written(one, tmp_path, summary=True)
    assert [*page.tables] == [*tables] == ["front"]


def test_the_same_results_give_the_same_bytes(one: Path, tmp_path: Path) -> None:
    """A report holds no time of its own."""
    for name in ("a.html", "b.html"):
        load(one).report(tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


# ---- bad input ---------------------------------------------------------------------------------------------
def test_unfinished_failed_and_damaged_results(one: Path) -> None:
    """Each is refused in a sentence that says what to do."""
    results = load(one)
    done = results.state.done

    def refused(**changes: object) -> str:
        state = results.state.__class__(**{**results.state.__dict__, **changes})
        with pytest.raises(InputError) as error:
            check_reportable(Results(results.folder, results.manifest, state))
        return str(error.value)

    assert "the same setback run goes on with it" in refused(done=done[:-1])
    assert "--retry-failed" in refused(done=done[:-1], failed=(done[-1],))
    assert "makes them anew" in refused(done=done[:-1], damaged=("outcomes/00000.parquet",))


def test_a_study_that_was_edited(one: Path) -> None:
    """Its text is not that of the results: it says so, and what to run."""
    file, results = one.parents[2] / "small.toml", one.parents[1]
    text = file.read_text()
    other = file.with_name("edited.toml")
    other.write_text(text.replace("seed = 3", "seed = 4"))
    message = said(setback("report", other, "--results", results))
    assert "as it stands was not run" in message and one.name in message and f"setback run {other}" in message


def test_folders_without_results(tmp_path: Path) -> None:
    """A name that was not run, and a folder of something else."""
    assert "no-such" in said(setback("report", "no-such", "--results", tmp_path))
    (tmp_path / "empty").mkdir()
    assert "holds no results" in said(setback("report", tmp_path / "empty"))


def test_a_place_that_cannot_be_written(one: Path, tmp_path: Path) -> None:
    """Nothing is left there, and no table without its report."""
    (tmp_path / "file").write_text("")
    assert "cannot be written" in said(setback("report", one, "--out", tmp_path / "file" / "report.html"))
    message = said(setback("report", one, "--out", tmp_path / "r.html", "--tables", tmp_path / "file"))
    assert "cannot be written" in message
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_report_that_is_there_is_kept(one: Path, tmp_path: Path) -> None:
    """Unless it is to be written over."""
    out = tmp_path / "report.html"
    out.write_text("mine")
    assert "is there already" in said(setback("report", one, "--out", out))
    assert out.read_text() == "mine"
    assert setback("report", one, "--out", out, "--force").code == 0
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["there.html", "x" * 300 + ".html", "none/report.html"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_run(tmp_path: Path, name: str) -> None:
    """And not after hours of work."""
    (tmp_path / "there.html").write_text("mine")
    done = setback("report", "rigor", "--out", tmp_path / name, "--results", tmp_path / "results")
    assert done.code == 2 and len(done.err.splitlines()) <= 4 and "Traceback" not in done.err
    assert not (tmp_path / "results").exists() and (tmp_path / "there.html").read_text() == "mine"


def test_where_an_error_teaches_over_worlds() -> None:
    """The policy where it teaches most, and how many ranges lie above and below 0; few twins say nothing."""
    rows = [("criterion", 0.1, 0.05, 0.15, False), ("curve", -0.2, -0.3, -0.1, False),
            ("mastery", 0.02, -0.1, 0.1, False), ("narrative", 9.0, 8.0, 10.0, True)]  # fmt: skip
    found = pd.DataFrame(rows, columns=["policy", "mean", "low", "high", "few"])
    text = " ".join(teaches_over_worlds(found.assign(estimand="V_F_unit.practice", spread=0.04)).split())
    assert text == (
        "An error at practice teaches under 1 of 3 policies; one changes knowledge at the next test most under "
        "criterion, by +0.100 SD (0.050 to 0.150), worlds differ by 0.040 SD; it costs knowledge under 1 and the 95 % "
        "range holds 0 under 1."
    )
    assert teaches_over_worlds(found.assign(estimand="R_F")) == ""


def test_where_nothing_breeds_and_nobody_is_failed() -> None:
    """It is not said that it does most somewhere; nobody who is told of no verdict is called failed."""
    none = {"value": -0.02, "low": -0.05, "high": -0.01}
    under = {"policy": "narrative", "criterion": {"spared": {"R_F": none}}, "practice": {"spared": {"V_F_unit": none}}}
    text = " ".join(breeds([under]).split())
    assert text == (
        "Falling short breeds failing under none of 1 policy; one failure causes most further ones within nine weeks "
        "under narrative, −0.02 (−0.05 to −0.01); it makes them fewer under 1."
    )
    assert "teaches under none of 1 policy" in teaches([under]) and "it costs knowledge under 1." in teaches([under])


def test_bars_are_as_long_as_numbers_are_large() -> None:
    """From 0 to the largest of the column; none where a number lies below 0, or where nothing is drawn."""
    frame = pd.DataFrame({"policy": ["a", "b", "c"], "more": [2.0, 8.0, math.nan], "less": [-1.0, 1.0, 3.0]})
    columns = (text_column("policy"), number_column("more", "more", is_drawn=True),
               number_column("less", "less", is_drawn=True), number_column("more", "bare"))  # fmt: skip
    lengths = [[bar for _, _, bar in row] for row in Table("t", "", frame, columns).rows]
    assert lengths == [[None, 25.0, None, None], [None, 100.0, None, None], [None, None, None, None]]


def test_the_front_table_draws_what_it_says(worlds: Path) -> None:
    """The policy with the longest bar has the largest number."""
    [front] = sections(Asked(load(worlds)), summary=True)[0].tables
    drawn = 0
    for column in range(1, len(front.columns)):
        bars = {bar: numbers(text) for _, text, bar in (row[column] for row in front.rows) if bar is not None}
        assert not bars or bars[100.0] == max(bars.values())
        drawn += bool(bars)
    assert drawn > 2


def test_the_ways_of_a_failure_are_those_that_ship(worlds: Path) -> None:
    """Each share in the table is that of the file, and the shares of an effect add up to what the receivers carry."""
    asked = Asked(load(worlds), verdicts=reference())
    [found] = [part for part in sections(asked) if part.name == "ways"]
    parts, after = (table.cells for table in found.tables)
    shipped = mediation.reference()
    assert [numbers(row[2])[0] for row in parts] == [round(value, 3) + 0.0 for value in shipped["value"]]
    for symbol in dict.fromkeys(row[0] for row in parts):
        mine = [row for row in parts if row[0] == symbol]
        named = [row for row in mine if row[1] not in ("in all", "past all receivers") and "frozen" not in row[1]]
        carried = sum(numbers(row[2])[0] for row in mine if row in named or row[1] == "past all receivers")
        assert len(named) == 6 and carried == pytest.approx(numbers(mine[0][2])[0], abs=0.005)
    trapped = switch.reference().query("figure == 'trapped'")["value"]
    [row] = [cells for cells in after if cells[0] == "trapped"]
    assert [numbers(cell)[0] for cell in row[1:3]] == [round(100.0 * value, 1) for value in trapped]


def test_a_figure_has_no_style(one: Path) -> None:
    """What matplotlib writes as a style is an attribute, and letters are text."""
    from setback.analysis.figures import claims_figure

    text = inline(claims_figure(load(one).claims(), ""), "fig", "a <figure>", "0a1b")
    assert not re.search(r"[\s<]style\b", text) and "setback results 0a1b" in text and "criterion</text>" in text
    assert 'aria-label="a &lt;figure&gt;"' in text
    assert io.StringIO(text).read().startswith("<svg")
