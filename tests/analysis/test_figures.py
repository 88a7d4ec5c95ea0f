"""What a figure shows, read back from its axes: every number, place, order, colour and label is that of the data."""

import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from setback.analysis.ablation import SHOWN
from setback.analysis.by_world import Effect
from setback.analysis.classes import Failing
from setback.analysis.discovery import discover
from setback.analysis.figures import (
    STATE_COLOURS,
    ablation_figure,
    claims_figure,
    class_figure,
    classroom_figure,
    contrast_figure,
    discovery_figure,
    map_figure,
    profile_figure,
    save,
    sensitivity_figure,
)
from setback.analysis.figures.figure import Figure as DrawnFigure
from setback.analysis.figures.style import COLOURS, axis
from setback.analysis.map import ClassMap, Grid, Map
from setback.analysis.sensitivity import Sensitivity
from setback.model.outcomes import EVENTS, STATES

NAN = float("nan")


# ---- reading a figure --------------------------------------------------------------------------------------------
def panels(figure: Figure) -> dict[tuple[int, int], Axes]:
    """The panels that are seen, by row and column."""
    placed = [(ax, ax.get_subplotspec()) for ax in figure.axes if ax.get_visible()]
    return {
        (spec.rowspan.start, spec.colspan.start): ax for ax, spec in placed if spec and ax.get_label() != "<colorbar>"
    }


def look(line: Line2D) -> tuple[str, str, str]:
    """What tells a line from others: colour, mark, dashes."""
    return to_hex(line.get_color()), str(line.get_marker()), str(line.get_linestyle())


def points(line: Line2D) -> list[tuple[float, float]]:
    """Where a line goes."""
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def legend(found: Legend) -> dict[str, Any]:
    """What a legend says, in its order: what stands beside each text."""
    return {text.get_text(): handle for text, handle in zip(found.get_texts(), found.legend_handles, strict=True)}


def ticks(axis: Any) -> dict[str, float]:
    """The labels along an axis and where they stand; none where a panel beside it has them."""
    labels = [label.get_text() for label in axis.get_ticklabels()]
    return dict(zip(labels, map(float, axis.get_ticklocs()), strict=True)) if labels else {}


def band(filled: Any) -> dict[float, tuple[float, float]]:
    """The lower and upper edge of a filled band, by x."""
    (path,) = filled.get_paths()
    edges: dict[float, list[float]] = {}
    for x, y in path.vertices:
        edges.setdefault(float(x), []).append(float(y))
    return {x: (min(ys), max(ys)) for x, ys in sorted(edges.items())}


def cells(mesh: QuadMesh) -> dict[tuple[float, ...], float]:
    """The values of a mesh by their cell: left, right, lower and upper edge; NaN where nothing is drawn."""
    corners, values = mesh.get_coordinates(), np.ma.filled(np.ma.asarray(mesh.get_array(), float), np.nan)
    found = {}
    for r, c in itertools.product(*(range(n - 1) for n in corners.shape[:2])):
        (left, lower), (right, upper) = corners[r, c].tolist(), corners[r + 1, c + 1].tolist()
        found[left, right, lower, upper] = float(values[r, c])
    return found


def same(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
    """The same keys, in whatever order, and numbers that are alike."""
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, nan_ok=True), key


def told_apart(handles: Iterable[Line2D]) -> None:
    """No two lines of a legend look alike."""
    looks = [(look(handle), to_hex(handle.get_markerfacecolor())) for handle in handles]
    assert len({*looks}) == len(looks)


def said(figure: Figure) -> str:
    """The heading of a figure."""
    return figure.get_suptitle().replace("\n", " ")


# ---- the two claims ----------------------------------------------------------------------------------------------
#: Three gradings, two lines and three sequences, and where the figure has to place each.
GRADINGS = ("criterion", "curve", "mastery")
LINES = {"fixed": 0, "accelerated+stakes=1": 1}
BESIDE = {"instruction-first": -0.28, "problem-first": 0.0, "mixed": 0.28}
#: What a row of panels is of: a flip and an estimand, from the top.
ROWS = (("line", "R_F"), ("label", "R_F"), ("practice", "V_F_unit"))


def claimed() -> list[dict[str, Any]]:
    """An entry for each policy: numbers that are all different, one of them unknown, one without an interval."""
    found = []
    for k, (line, sequence, grading) in enumerate(itertools.product(LINES, BESIDE, GRADINGS)):
        beside = [*([] if line == "fixed" else [line]), *([] if sequence == "instruction-first" else [sequence])]
        entry: dict[str, Any] = {"policy": "+".join([grading, *beside]), "grading": grading, "sequence": sequence}
        entry |= {"pacing": line.partition("+")[0], "at": line}
        for row, (flip, estimand) in enumerate(ROWS):
            value = 100.0 * row + k
            spared: dict[str, Any] = {
                "value": value,
                "low": value - 1.25,
                "high": value + 1.5,
                "se": 0.7,
                "few": k % 4 == 1,
                "n": 9,
            }
            if k == 4:
                spared |= {"low": None, "high": None, "se": None} if row else {"value": None, "low": None, "high": None}
            inflicted = {"value": -9, "low": -9, "high": -9, "se": 1.0, "few": False, "n": 9}
            entry[flip] = {"spared": {estimand: spared}, "inflicted": {estimand: inflicted}}
        found.append(entry)
    return found


def test_claims_are_drawn_where_they_belong() -> None:
    """A panel a flip and grading, a line a pacing, marks side by side a sequence, each with its interval."""
    entries = claimed()
    figure = claims_figure(entries, "Some classes")
    axes = panels(figure)
    assert axes.keys() == {*itertools.product(range(3), range(3))}
    assert said(figure).startswith("Some classes ")
    by_name = legend(figure.legends[0])
    *sequences, hollow = by_name
    assert sequences == [*BESIDE] and hollow == "hollow: too few twins or classes to say anything"
    told_apart(by_name.values())
    assert to_hex(by_name[hollow].get_markerfacecolor()) == "#ffffff"
    for (row, column), ax in axes.items():
        (flip, estimand), grading = ROWS[row], GRADINGS[column]
        assert ax.get_title() == (grading if row == 0 else "")
        assert ax.get_ylim() == (1.5, -0.5), "the first line stands at the top"
        assert ticks(ax.yaxis) == (LINES if column == 0 else {})
        zero, *drawn = ax.lines
        assert points(zero) == [(0, 0), (0, 1)], "a vertical line at 0, from the bottom to the top"
        expected: list[Any] = []
        for entry in (entry for entry in entries if entry["grading"] == grading):
            found, y = entry[flip]["spared"][estimand], LINES[entry["at"]] + BESIDE[entry["sequence"]]
            colour, mark, _ = look(by_name[entry["sequence"]])
            if found["low"] is not None:
                expected.append(([(found["low"], y), (found["high"], y)], colour, "None"))
            if found["value"] is not None:
                filled = "#ffffff" if found["few"] else colour
                expected.append(([(found["value"], y)], colour, mark, filled))
        read = [
            (points(line), *look(line)[:2], *([to_hex(line.get_markerfacecolor())] if look(line)[1] != "None" else []))
            for line in drawn
        ]
        assert read == expected and (len(read) == 12 or (column == 1 and len(read) == 10 + (row > 0)))
        assert ax.get_xlim() == axes[row, 0].get_xlim(), "panels of one row have one scale"
        assert all(ax.get_xlim()[0] < x < ax.get_xlim()[1] for line in drawn for x, _ in points(line))
    below = [axes[at].get_xlabel().replace("\n", " ") for at in itertools.product(range(3), range(3))]
    assert [text for text in below if text] == [
        "being failed, $R_F$(9): further failures in nine weeks that one failure caused (failures)",
        "the verdict alone, $R_F$(9): further failures in nine weeks that one failure caused (failures)",
        "an error at practice, $V_F$: change of conceptual knowledge at the next unit test (SD)",
    ]
    assert [bool(text) for text in below] == [False, True, False] * 3


# ---- the map of many worlds --------------------------------------------------------------------------------------
def a_map(
    policies: Sequence[str],
    edges: Sequence[Any],
    mean: Any,
    reach: float = 0.1,
    against: str = "",
    bands: int = 0,
    worlds: Any = None,
    outcome: str = "learning",
) -> Map:
    """A map by hand, over level, retention and pace rate, with intervals as wide as that."""
    mean = np.asarray(mean, float)
    counts = np.where(np.isnan(mean), 0, 7) if worlds is None else np.asarray(worlds)
    grid = Grid(("level", "retention", "pace_rate")[: len(edges)], tuple(np.asarray(e, float) for e in edges), bands)
    return Map(grid, tuple(Effect(outcome, p, against) for p in policies), mean, mean - reach, mean + reach, counts)


def hatched(ax: Axes) -> set[tuple[float, float, float, float]]:
    """The cells that are hatched: left, right, lower and upper edge."""
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_hatch()]
    return {(b.get_x(), b.get_x() + b.get_width(), b.get_y(), b.get_y() + b.get_height()) for b in boxes}


def test_a_map_lies_as_its_cells_do() -> None:
    """The first number to the right, the second upwards, a panel a policy in their order, one scale for all."""
    policies = ["criterion", "curve", "mastery", "curve+accelerated", "curve+accelerated+problem-first+harsh+stakes=1"]
    edges = [np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 40.0, 80.0])]
    means = np.random.default_rng(1).permutation(30).reshape(5, 2, 3) + 7.5
    means[0, 0, 2] = means[4, 1, 0] = NAN
    figure = map_figure(a_map(policies, edges, means), "Small", ["pace_rate"])
    axes = panels(figure)
    assert [*axes] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)], "no empty panel"
    scale = (float(np.nanmin(means)), float(np.nanmax(means)))
    for ax, policy, values in zip(axes.values(), policies, means, strict=True):
        assert "".join(ax.get_title().split()) == policy
        assert all(len(line) <= 30 for line in ax.get_title().split("\n"))
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh) and mesh.get_clim() == scale and mesh.get_cmap().name == "cividis"
        same(
            cells(mesh),
            {
                (*edges[0][i : i + 2], *edges[1][j : j + 2]): values[i, j]
                for i, j in itertools.product(range(2), range(3))
            },
        )
        assert (*ax.get_xlim(), *ax.get_ylim()) == (0, 3, 10, 80)
        assert not hatched(ax), "where nothing lies on the other side of 0, no cell is marked"
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("level (logit)", "retention (share per unit)")
    *_, bar = figure.axes
    assert bar.get_ylabel() == "learning (SD)" and bar.get_ylim() == scale
    assert said(figure) == "Small; means over pace rate worlds in a cell: 0 to 7; white: no world"


def test_a_difference_has_0_in_the_middle_and_marks_what_is_not_sure() -> None:
    """One scale to both sides; the cells whose interval holds 0 are hatched, and no others; counts stand in cells."""
    edges, means = [[0.0, 1.0, 3.0], [10.0, 20.0, 40.0]], [[[0.5, 0.05], [-0.05, -0.3]], [[NAN, 0.2], [0.3, 0.11]]]
    worlds = [[[1, 2], [3, 4]], [[0, 6], [7, 8]]]
    figure = map_figure(a_map(["curve", "mastery"], edges, means, against="criterion", worlds=worlds), "Small")
    first, second = panels(figure).values()
    assert hatched(first) == {(0, 1, 20, 40), (1, 3, 10, 20)} and hatched(second) == set()
    for ax, counts in ((first, "1234"), (second, "678")):
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh) and mesh.get_clim() == (-0.5, 0.5)
        assert [text.get_text() for text in ax.texts] == [*counts]
    (text,) = (text for text in first.texts if text.get_text() == "2")
    assert text.get_position() == (0.5, 30.0), "the first number to the right, the second upwards"
    *_, bar = figure.axes
    assert bar.get_ylabel() == "learning less that of criterion (SD)"
    low, middle, high = (np.array(mpl.colormaps[mesh.get_cmap().name](at)[:3]) for at in (0.0, 0.5, 1.0))
    assert middle.min() > 0.9 and low[2] > low[0] and high[0] > high[2]
    assert "hatched: the 95 % interval does not leave out 0" in said(figure)


def test_bands_of_a_third_number_lie_beside_one_another() -> None:
    """A row a policy, a column a band, each with its limits in the number's own unit."""
    means = np.arange(16.0).reshape(2, 2, 2, 2)
    figure = map_figure(a_map(["curve", "mastery"], [[0, 1, 3], [10, 20, 40], [0, 0.5, 2]], means, bands=1), "Small")
    axes = panels(figure)
    assert [*axes] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for (row, column), ax in axes.items():
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh)
        assert cells(mesh)[0, 1, 20, 40] == means[row, 0, 1, column]
        assert ax.get_title() == f"{('curve', 'mastery')[row]}\npace rate {('0 to 0.5', '0.5 to 2')[column]}"


def test_a_map_of_which_nothing_is_known() -> None:
    """It is white, with a scale that says nothing."""
    figure = map_figure(a_map(["curve"], [[0.0, 1.0, 3.0], [10.0, 20.0]], np.full((1, 2, 1), NAN)), "")
    ((mesh,),) = (ax.collections for ax in panels(figure).values())
    assert isinstance(mesh, QuadMesh) and np.isnan([*cells(mesh).values()]).all() and mesh.get_clim() == (0, 1)
    figure.savefig(io.BytesIO())


def test_one_number_that_varies_makes_lines() -> None:
    """A line a policy through the middles of the cells; of forty policies no two look alike."""
    policies, edges = [f"policy {k}" for k in range(40)], np.array([0.0, 1.0, 3.0, 7.0])
    means = np.random.default_rng(2).random((40, 3))
    means[3, 1] = NAN
    figure = map_figure(a_map(policies, [edges], means, outcome="dropout"), "Small")
    (ax,) = figure.axes
    by_name = legend(figure.legends[0])
    assert [*by_name] == policies and [line.get_label() for line in ax.lines] == policies
    told_apart(by_name.values())
    for line, row in zip(ax.lines, means, strict=True):
        assert look(line) == look(by_name[str(line.get_label())])
        assert np.array(points(line)) == pytest.approx(np.stack([[0.5, 2.0, 5.0], row], 1), nan_ok=True)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("level (logit)", "dropout (share of students)")
    assert said(figure) == "Small", "nothing is averaged over, and a gap in a line is no white cell"
    few = map_figure(a_map(policies[:2], [edges], means[:2], reach=0.25), "Small")
    for filled, row in zip(few.axes[0].collections, means[:2], strict=True):
        assert band(filled) == {x: pytest.approx((y - 0.25, y + 0.25)) for x, y in zip((0.5, 2.0, 5.0), row)}


def test_the_classes_of_a_failure_lie_as_its_cells_do() -> None:
    """A cell has the colour, the letter and the share of its most frequent class, the paler the smaller it is."""
    grid = Grid(("level", "retention"), (np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 40.0])))
    share = np.array([[[[1, 0, 0, 0], [0, 0.6, 0.4, 0]], [[0.2, 0.1, 0.7, 0], [NAN] * 4]]])
    found = ClassMap(grid, Failing.at(), ("curve",), share, np.array([[[4, 5], [10, 0]]]))
    assert found.whole.loc["curve"].tolist() == pytest.approx([6 / 19, 4 / 19, 9 / 19, 0])
    figure = class_figure(found, "Small", ["pace_rate"])
    (ax,) = panels(figure).values()
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0.5, 15): "L 100", (0.5, 30): "C 60", (2, 15): "H 70",
    }  # fmt: skip
    boxes = {(p.get_x(), p.get_y(), p.get_width(), p.get_height()): p.get_facecolor()[:3] for p in ax.patches}
    assert boxes.keys() == {(0, 10, 1, 10), (0, 20, 1, 20), (1, 10, 2, 10)}
    handles = legend(figure.legends[0])
    assert [name.split("\n")[0] for name in handles] == [
        "L  learning", "C  costly learning", "H  harmless", "F  failing"
    ]  # fmt: skip
    full = [handle.get_facecolor()[:3] for handle in handles.values()]
    assert boxes[0, 10, 1, 10] == pytest.approx(full[0])
    assert boxes[0, 20, 1, 20] == pytest.approx([1 - 0.6 * (1 - part) for part in full[1]])


# ---- what separates: scenario discovery and sensitivities --------------------------------------------------------
def test_a_discovery_shows_its_trade_off_and_its_box() -> None:
    """Each box of the peeling at its coverage and density, limits over their ranges, worlds on their side."""
    rng = np.random.default_rng(1)
    worlds = pd.DataFrame({"level": rng.uniform(-1, 2, 400), "retention": rng.random(400)})
    cases = (worlds["level"] > 0.5) & (worlds["retention"] < 0.5)
    found = discover(worlds, cases)
    figure = discovery_figure(found, worlds, cases, "Where")
    trade_off, limits, scatter = (panels(figure)[0, k] for k in range(3))
    (dots,) = trade_off.collections
    assert np.asarray(dots.get_offsets()) == pytest.approx(found.trade_off[["coverage", "density"]].to_numpy())
    assert np.asarray(dots.get_array()).tolist() == found.trade_off["numbers"].tolist()
    (star,) = (line for line in trade_off.lines if line.get_marker() == "*")
    assert points(star) == [(found.fit.coverage, found.fit.density)]
    bars = [patch for patch in limits.patches if to_hex(patch.get_facecolor()) == to_hex(COLOURS[3])]
    for bar, one in zip(bars, found.conditions, strict=True):
        values = worlds[one.name]
        ends = [(float(np.clip(end, values.min(), values.max())) - values.min()) / np.ptp(values)
                for end in (one.low, one.high)]  # fmt: skip
        assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx(ends)
    names = [one.name for one in found.conditions]
    others, inside = (np.asarray(group.get_offsets()) for group in scatter.collections)
    assert len(others) == (~cases).sum() and len(inside) == cases.sum()
    assert sorted(inside.tolist()) == sorted(worlds.loc[cases, names].to_numpy().tolist())
    assert (scatter.get_xlabel(), scatter.get_ylabel()) == (axis(names[0]), axis(names[1]))


@pytest.mark.parametrize("measures", [("S1",), ("S1", "ST"), ("mu_star",)])
def test_sensitivities_lie_where_they_say(measures: tuple[str, ...]) -> None:
    """Values with their intervals, what decides most at the top; hollow where it is not told from 0."""
    table = pd.DataFrame({"number": ["level", "retention"]})
    for k, name in enumerate(measures):
        values = np.array([0.6, 0.01]) + k / 100
        table = table.assign(**{name: values, f"{name} low": values - 0.1, f"{name} high": values + 0.2,
                                f"{name} told": [True, False]})  # fmt: skip
    found = Sensitivity(table, measures, "a method", 99, Effect("learning", "curve", "criterion"), None)
    figure = sensitivity_figure([found, found._replace(effect=Effect("learning", "mastery"))], "Small")
    first, second = panels(figure).values()
    assert (first.get_title(), second.get_title()) == ("curve less criterion", "mastery")
    marks = [line for line in first.lines if line.get_marker() not in ("None", "")]
    spans = [line for line in first.lines[1:] if line.get_marker() in ("None", "")]
    assert [points(m)[0][0] for m in marks] == pytest.approx([x for name in measures for x in table[name]])
    expected = [[low, high] for name in measures for low, high in zip(table[f"{name} low"], table[f"{name} high"])]
    assert np.array([[x for x, _ in points(s)] for s in spans]) == pytest.approx(np.array(expected))
    assert [to_hex(m.get_markerfacecolor()) == "#ffffff" for m in marks] == [False, True] * len(measures)
    assert [label.get_text() for label in first.get_yticklabels()] == ["level", "retention"]
    assert all(abs(points(m)[0][1] - k % 2) < 0.5 for k, m in enumerate(marks)) and first.get_ylim() == (1.5, -0.5)


# ---- an ablation -------------------------------------------------------------------------------------------------
def test_an_ablation_is_drawn_row_by_row() -> None:
    """A panel an estimand on a scale of its own with 0 in the middle; rows from the top as they were switched off."""
    rows, columns = ["nothing", "all of grades", "feel_shame"], ["criterion", "curve"]
    values = {
        "R_F": [[0.5, -0.123], [NAN, 0.25], [-2.006, -0.001]],
        "V_F (practice)": [[0.01, 0.02], [0.0, -0.0], [0.03, 0.07]],
        "Lambda_F": [[0.0, 0.0], [0.0, NAN], [0.0, 0.0]],
    }
    reach = {"R_F": 2.006, "V_F (practice)": 0.07, "Lambda_F": 1.0}
    titles = ("$R_F$(9) of being failed (failures)", "$V_F$ of an error at practice (SD)",
              "$Λ_F$(9) of being failed (logit)")  # fmt: skip
    assert values.keys() < SHOWN.keys()
    figure = ablation_figure({name: pd.DataFrame(v, index=rows, columns=columns) for name, v in values.items()})
    axes = panels(figure)
    assert [*axes] == [(0, 0), (0, 1), (0, 2)] and len(figure.axes) == 3
    for ((_, place), ax), (name, table), title in zip(axes.items(), values.items(), titles, strict=True):
        (mesh,) = ax.collections
        assert isinstance(mesh, QuadMesh) and mesh.get_clim() == (-reach[name], reach[name])
        same(cells(mesh), {(c, c + 1, r, r + 1): table[r][c] for r, c in itertools.product(range(3), range(2))})
        assert ax.get_xlim() == (0, 2) and ax.get_ylim() == (3, 0), "the first row stands at the top"
        assert ticks(ax.xaxis) == {"criterion": 0.5, "curve": 1.5}
        assert ticks(ax.yaxis) == ({"nothing": 0.5, "all of grades": 1.5, "feel_shame": 2.5} if place == 0 else {})
        assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("", "switched off" if place == 0 else "", title)
        same(
            {(text.get_position()[1] - 0.5, text.get_position()[0] - 0.5): text.get_text() for text in ax.texts},
            {(r, c): f"{v:.2f}".replace("-0.00", "0.00") for r, row in enumerate(table) for c, v in enumerate(row)
             if v == v},
        )  # fmt: skip
    low, none, high = (np.array(mpl.colormaps[mesh.get_cmap().name](at)[:3]) for at in (0.0, 0.5, 1.0))
    assert none.min() > 0.9 and low[2] > low[0] and high[0] > high[2], "0 is white, below it bluish, above it reddish"
    assert "(spared twins); white: no twins" in said(figure)


# ---- the profile of a year ---------------------------------------------------------------------------------------
def a_profile(shift: float, events: list[str]) -> dict[str, pd.DataFrame]:
    """The frames of a profile by hand: three weeks, four numbers of failures, some kinds of week."""
    week = np.array([1, 2, 3])
    quantiles = {f"q{q}": q / 100 * np.array([0.5, NAN, 0.9]) + shift for q in (10, 25, 50, 75, 90)}
    shares = dict(zip(STATES, np.array([[5, 4, 1], [3, 3, 2], [1, 1, 3], [1, 0, 3], [0, 2, 1]]) / 10))
    after = [
        {"event": event, "week": h, "change": shift + 0.01 * EVENTS.index(event) * (h + 1), "n": 9}
        for event in events
        for h in (-1, 0, 4)
    ]
    return {
        "weeks": pd.DataFrame({"week": week, **quantiles, **shares}),
        "failures": pd.DataFrame({"failures": range(4), "share": np.array([0.4, 0.3, 0.1, 0.2]) - shift}),
        "after": pd.DataFrame(after, columns=["event", "week", "change", "n"]),
        "beliefs": pd.DataFrame(
            {
                "week": [12, 12, 30, 30], "low": [0.0, 0.5, 0.0, 0.5],
                "expectancy": np.array([2, 8, 3, 7]) / 10 + shift,
                "control": np.array([4, 6, 5, 5]) / 10 - shift,
            }
        ),
        "lags": pd.DataFrame({"lag": [1, 2], "scores": [0.8, 0.7 - shift], "handing_in": [0.2, -0.1 - shift]}),
        "explained": pd.DataFrame({"week": week, "scores": [0.6, NAN, 0.5 + shift], "knowledge": [0.9, 0.8, 0.7]}),
    }  # fmt: skip


def test_a_profile_shows_each_frame() -> None:
    """A row a policy: bands and median of scores, bars of failures, states from well to ill, kinds of week."""
    told, untold = EVENTS[3], EVENTS[2]
    profiles = {
        "criterion+fixed": a_profile(0.0, [EVENTS[0], told, EVENTS[4]]),
        "curve": a_profile(0.05, [EVENTS[1], untold, EVENTS[4]]),
    }
    figure = profile_figure(profiles)
    axes = panels(figure)
    assert [*axes] == [*itertools.product(range(4), range(4))]
    states, events = map(legend, figure.legends)
    assert [*states] == [*STATES] and {*events} == {*EVENTS}
    told_apart(events.values())
    for row, (name, frames) in enumerate(profiles.items()):
        weeks, failures, after = frames["weeks"], frames["failures"], frames["after"]
        scores, counts, shares, moves = (axes[row, column] for column in range(4))
        # scores: the outer band behind, paler than the inner; no band in a week without work
        outer, inner = scores.collections
        assert outer.get_alpha() < inner.get_alpha()
        for filled, low, high in ((outer, "q10", "q90"), (inner, "q25", "q75")):
            read = [vertex for path in filled.get_paths() for vertex in path.vertices.tolist()]
            assert {x for x, _ in read} == {1.0, 3.0}
            for at in (0, 2):
                ys = [y for x, y in read if x == at + 1]
                assert (min(ys), max(ys)) == pytest.approx((weeks[low][at], weeks[high][at]))
        median, criterion = scores.lines
        assert {to_hex(filled.get_facecolor()[0]) for filled in (outer, inner)} == {look(median)[0]}
        assert np.array(points(median)) == pytest.approx(weeks[["week", "q50"]].to_numpy(), nan_ok=True)
        assert points(criterion) == [(0, 0.5), (1, 0.5)] and look(criterion)[2] == ":"
        assert scores.get_ylim() == (0, 1)
        assert scores.get_ylabel() == f"{name.replace('+', ' + ')}\nscore (share)"
        # failures: a bar around each number, in per cent
        bars = [(bar.get_x(), bar.get_width(), bar.get_y(), bar.get_height()) for bar in counts.patches]
        assert bars == [pytest.approx((k - 0.5, 1.0, 0.0, 100 * share)) for k, share in enumerate(failures["share"])]
        # states: one on top of the other, in per cent, each in its colour of the legend
        under = np.zeros(3)
        for state, filled in zip(STATES, shares.collections, strict=True):
            above = under + 100 * weeks[state].to_numpy()
            same(band(filled), {x: (a, b) for x, a, b in zip((1.0, 2.0, 3.0), under, above)})
            under = above
            colour = to_hex(filled.get_facecolor()[0])
            assert colour == STATE_COLOURS[state] == to_hex(states[state].get_facecolor())
            assert filled.get_hatch() == states[state].get_hatch()
        assert shares.get_ylim() == (0, 100)
        # kinds of week: each by its name, whichever of them another policy has
        *drawn, zero = moves.lines
        assert [line.get_label() for line in drawn] == list(dict.fromkeys(after["event"]))
        for line in drawn:
            mine = after.loc[after["event"] == line.get_label(), ["week", "change"]]
            assert np.array(points(line)) == pytest.approx(mine.to_numpy())
            assert look(line) == look(events[str(line.get_label())])
        assert points(zero) == [(0, 0), (0, 1)] and look(zero)[2] == ":"
        assert list(moves.get_xticks()) == [-3, 0, 3, 6, 9]
        assert [ax.get_ylabel().replace("\n", " ") for ax in (counts, shares, moves)] == [
            "students (%)", "students (%)", "change of expectancy (probability)",
        ]  # fmt: skip
    tops = ("Scores handed in", "Failed weeks (ii) per student", "State of the students", "Expectancy around a week")
    feet = ("week", "failed weeks", "week", "weeks since that week")
    for column, (top, foot) in enumerate(zip(tops, feet, strict=True)):
        assert axes[0, column].get_title().startswith(top) and axes[1, column].get_xlabel().split("\n")[0] == foot
        assert axes[1, column].get_title() == axes[0, column].get_xlabel() == ""
        one_scale(axes[0, column], axes[1, column])


def one_scale(upper: Axes, lower: Axes) -> None:
    """Policies have one scale, and its numbers stand below the last."""
    for what in ("get_xlim", "get_ylim"):
        assert getattr(upper, what)() == getattr(lower, what)()
    assert not any(label.get_visible() for label in upper.get_xticklabels())
    assert all(label.get_visible() for label in lower.get_xticklabels())


def test_a_profile_shows_what_goes_on_beneath() -> None:
    """In a second block, a row a policy: beliefs at two weeks, likeness of weeks, what opening knowledge explains."""
    profiles = {"criterion+fixed": a_profile(0.0, [*EVENTS]), "curve": a_profile(0.05, [*EVENTS])}
    axes = panels(profile_figure(profiles))
    for row, (name, frames) in enumerate(profiles.items(), 2):
        for column, belief in enumerate(("expectancy", "control")):
            early, late = axes[row, column].patches
            assert early.get_fill() and not late.get_fill() and look_of(early) != look_of(late)
            for drawn, week in ((early, 12), (late, 30)):
                bands = frames["beliefs"].query(f"week == {week}")
                values, edges, _ = drawn.get_data()
                assert values == pytest.approx(100 * bands[belief].to_numpy()) and [*edges] == [0.0, 0.5, 1.0]
                assert drawn.get_label() == f"end of week {week}"
        for column, frame, along, names, times in (
            (2, "lags", "lag", ("scores", "handing_in"), 1),
            (3, "explained", "week", ("scores", "knowledge"), 100),
        ):
            *curves, zero = axes[row, column].lines
            for line, one in zip(curves, names, strict=True):
                expected = frames[frame][[along, one]].to_numpy() * [1, times]
                assert np.array(points(line)) == pytest.approx(expected, nan_ok=True)
            assert look(curves[0])[:2] != look(curves[1])[:2] and points(zero) == [(0, 0), (1, 0)]
        shown = name.replace("+", " + ")
        assert axes[row, 0].get_ylabel() == f"{shown}\nstudents still enrolled (%)"
        assert axes[row, 2].get_ylabel() == "correlation" and axes[row, 3].get_ylabel() == "variance explained (%)"
    says = (
        ["end of week 12", "end of week 30"], ["end of week 12", "end of week 30"], ["scores", "handing in"],
        ["of scores handed in", "of knowledge at the test"],
    )  # fmt: skip
    for column, (words, foot) in enumerate(
        zip(says, ("expectancy (probability)", "control (share)", "weeks apart", "week"), strict=True)
    ):
        assert [*legend(axes[2, column].get_legend())] == words and axes[3, column].get_legend() is None
        assert axes[2, column].get_title() and axes[3, column].get_title() == axes[2, column].get_xlabel() == ""
        assert axes[3, column].get_xlabel() == foot
        one_scale(axes[2, column], axes[3, column])


def look_of(drawn: Any) -> str:
    """The colour of the edge of what is drawn."""
    return to_hex(drawn.get_edgecolor())


def test_states_grow_darker_from_well_to_ill() -> None:
    """In the order of their numbers, so that a print without colours can be read."""
    grey = [float(np.dot(to_rgb(STATE_COLOURS[state]), (0.299, 0.587, 0.114))) for state in STATES]
    assert grey == sorted(grey, reverse=True) and len({*grey}) == len(STATES)


# ---- two policies side by side, and one class --------------------------------------------------------------------
SLOTS = {
    "below_criterion": "below criterion (share of students)", "effort": "effort (share)",
    "expectancy": "expectancy (probability)", "control": "control (share)", "affect": "affect (points)",
    "enrolled": "enrolled (share of students)",
}  # fmt: skip


def test_a_contrast_shows_means_and_quarters() -> None:
    """Of each slot the mean over classes, and the middle half of them, of the one policy and of the other."""
    rooms = np.array([0.0, 1.0, 2.0, 7.0])  # mean 2.5, quarters at 0.75 and 3.25
    both = []
    for policy in (1, 100):
        rows = [
            {"room": room, "week": week, **{slot: policy * week * (k + 1) * value for k, slot in enumerate(SLOTS)}}
            for (room, value), week in itertools.product(enumerate(rooms), (1, 2))
        ]
        both.append(pd.DataFrame(rows).sample(frac=1.0, random_state=1))
    figure = contrast_figure(*both, "criterion", "curve")
    axes = panels(figure)
    assert [*axes] == [*itertools.product(range(2), range(3))]
    by_name = legend(figure.legends[0])
    assert [*by_name] == ["criterion", "curve"]
    for k, (((row, _), ax), (_, label)) in enumerate(zip(axes.items(), SLOTS.items(), strict=True)):
        assert ax.get_title() == label and ax.get_xlabel() == ("week" if row else "")
        for line, filled, name, policy in zip(ax.lines, ax.collections, by_name, (1, 100), strict=True):
            size = policy * (k + 1)
            assert points(line) == [(1, 2.5 * size), (2, 5.0 * size)] and look(line) == look(by_name[name])
            same(band(filled), {week: (0.75 * week * size, 3.25 * week * size) for week in (1.0, 2.0)})
            assert to_hex(filled.get_facecolor()[0]) == look(line)[0]
        one, other = map(look, ax.lines)
        assert one[0] != other[0] and one[2] != other[2], "told apart without colours, too"


def test_a_class_shows_every_student_and_their_mean() -> None:
    """A thin line a student, week by week, and a thick one for the mean of those who are there."""
    at = pd.MultiIndex.from_product([[1, 2], [7, 8, 9]], names=["Step", "AgentID"])
    slots = ("score", "effort", "expectancy", "control", "affect", "conceptual")
    frame = pd.DataFrame({slot: np.array([1.0, 2.0, 6.0, 5.0, NAN, 7.0]) * (k + 1) for k, slot in enumerate(slots)}, at)
    figure = classroom_figure(frame[::-1].sort_index(level=1).drop(columns="control"), "class 3")
    axes = panels(figure)
    drawn = [slot for slot in slots if slot != "control"]
    titles = ("score (share)", "effort (share)", "expectancy (probability)", "affect (points)", "conceptual (logit)")
    for ax, slot, title in zip(axes.values(), drawn, titles):
        assert ax.get_title() == title
        size = slots.index(slot) + 1
        *students, mean = ax.lines
        read = np.array([points(line) for line in students]) / [1, size]
        assert read == pytest.approx(
            np.array([[[1, 1], [2, 5]], [[1, 2], [2, NAN]], [[1, 6], [2, 7]]], float), nan_ok=True
        )
        assert points(mean) == [(1, 3.0 * size), (2, 6.0 * size)]
        assert mean.get_linewidth() > students[0].get_linewidth() > 0 and look(mean)[0] != look(students[0])[0]
    assert [ax.get_xlabel() for ax in axes.values()] == ["", "", "", "week", "week", "week"]
    assert said(figure) == "class 3; thin: each student, thick: the class mean"


# ---- all of them -------------------------------------------------------------------------------------------------
def test_a_figure_grows_with_what_is_in_it() -> None:
    """However many policies or mechanisms there are: nothing is squeezed into the page of a few."""

    def least(figure: Figure, rows: int = 1) -> float:
        figure.savefig(io.BytesIO())
        return min(ax.get_position().height * figure.get_figheight() / rows for ax in panels(figure).values())

    edges = [np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 40.0])]
    for count in (1, 3, 9):
        names = [f"policy {k}" for k in range(count)]
        assert least(profile_figure({name: a_profile(0.0, [*EVENTS]) for name in names})) > 2.0
        maps = map_figure(a_map(names, edges, np.ones((count, 2, 2))), "")
        assert least(maps) > 2.0
        table = pd.DataFrame({"curve": np.ones(count)}, index=names)
        assert least(ablation_figure({"R_F": table}), rows=count) > 0.2


# ---- what is saved -----------------------------------------------------------------------------------------------
def test_a_picture_names_its_results(tmp_path: Path) -> None:
    """Its hash and the program, in its metadata; a picture of nothing that is kept names no results."""
    for name, key, named in (("a.png", "abc", {"Software": "setback", "Description": "setback results abc"}),
                             ("b.png", "", {})):  # fmt: skip
        save(DrawnFigure(), tmp_path / name, key)
        with Image.open(tmp_path / name) as picture:
            assert named.items() <= picture.info.items() and ("Description" in picture.info) == bool(key)
        for kind in ("svg", "pdf"):
            save(DrawnFigure(), other := (tmp_path / name).with_suffix(f".{kind}"), key)
            content = other.read_bytes()
            assert (b"setback results abc" in content) == bool(key)
            save(DrawnFigure(), other, key)
            assert other.read_bytes() == content, "the same figure, the same bytes"
