"""The style of all figures and how they are saved: colours that everybody can tell apart, labels with units.

A label is made from the row of what it names, so that a figure says no unit of its own.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import matplotlib as mpl
import seaborn as sns

from setback.analysis.figures.figure import Figure
from setback.experiments.twins.effects import effect
from setback.experiments.twins.estimands import Estimand
from setback.model.errors import InputError
from setback.model.outcomes import OUTCOMES
from setback.model.parameters import ROWS
from setback.model.place import Place
from setback.model.state import SLOTS
from setback.model.writing import check, written

#: Okabe & Ito's colours, told apart by everybody.
COLOURS = sns.color_palette("colorblind")
STYLE: Any = {**sns.axes_style("whitegrid"), "axes.titlesize": 10, "axes.labelsize": 9, "font.size": 9}
MARKERS = "osD^v"


def words(name: str) -> str:
    """Give a name as people read it.

    >>> words("failing_grade_told_rate")
    'failing grade told rate'
    """
    return name.replace("_", " ")


def axis(name: str, unit: str = "", of: str = "") -> str:
    """Give the label of an axis: an outcome, an effect, a parameter, a lever or a slot.

    >>> axis("achievement_gap")
    'achievement gap (SD apart)'
    >>> axis("curve.threat")
    'threat of curve (share)'
    >>> axis("V_F.practice")
    '$V_F$ of an error at practice (SD)'

    Args:
        name: what is shown; a name that no table has is given as it is.
        unit: what it is shown in, where that is not the unit of the table.
        of: what stands between name and unit, such as what it is compared with.
    """
    for table in (OUTCOMES, ROWS, SLOTS):
        if name in table:
            return f"{words(name)}{of} ({unit or table[name].unit})"
    part, _, lever = name.partition(".")
    if (found := effect(name)) is not None:
        return symbols(f"{found.title}{of} ({unit or found.unit})")
    if lever in ROWS:  # an assumed number of a part of a policy
        return f"{words(lever)} of {words(part)}{of} ({unit or ROWS[lever].unit})"
    return f"{words(name)}{of} ({unit})" if unit else words(name) + of


def of_estimand(row: Estimand, width: int = 48) -> str:
    """Give the label of an estimand: symbol, what it is, unit; in lines of so many letters."""
    return symbols(textwrap.fill(f"{row.symbol}: {row.label} ({row.unit})", width))


def symbols(text: str) -> str:
    """Set the symbols of estimands in a text as formulae: R_F is R with an index F, d_h is d with an index h.

    >>> symbols("R_F(9) and Λ_F(9)")
    '$R_F$(9) and $Λ_F$(9)'
    """
    return re.sub(r"\b(\w)_([Fh1A])\b", r"$\1_\2$", text)


def of_class(slot: str) -> str:
    """Give the label of the class mean of a slot: of what is 0 or 1, the share of students.

    >>> of_class("enrolled"), of_class("affect")
    ('enrolled (share of students)', 'affect (points)')
    """
    return axis(slot, "share of students" if SLOTS[slot].unit == "0 or 1" else SLOTS[slot].unit)


def check_picture(path: Place) -> str:
    """Give the kind of a picture, before it is drawn.

    Raises:
        InputError: its name ends with no kind that there is, or it cannot be written there.
    """
    if path.suffix not in (".png", ".pdf", ".svg"):
        raise InputError(f"a picture is drawn to .png, .pdf or .svg; {path.name} is none of them")
    check(path)
    return path.suffix[1:]


def save(figure: Figure, path: Place, key: str = "") -> None:
    """Save a figure; it carries the hash of its study in its metadata, and no time: the same figure, the same bytes.

    Raises:
        InputError: a picture cannot be written there.
        StopError: the disk is full.
    """
    kind = check_picture(path)
    said = f"setback results {key}" if key else None
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": "setback", "Description": said} if key else {},
        "svg": {"Date": None, "Description": said},
        "pdf": {"CreationDate": None, "Subject": said},
    }
    with written(path) as file, mpl.rc_context({"svg.hashsalt": "setback"}):
        figure.savefig(file, format=kind, dpi=150, metadata=metadata[kind])
