"""A posterior in a file: draws of all uncertain numbers of a model, each with a weight, that studies take worlds from.

The file is CSV in UTF-8. Its first line says what it was made for, its second names the columns, and each further line
is a draw::

    # setback posterior; model cycle; equations eda5f543a689ba89
    knowledge_sd,…,gain_threat,…,curve.threat,…,oulad.level,…,weight
    0.98213,…,1.1043,…,0.62117,…,-0.31205,…,0.0039062

The model is one of `setback.experiments.evidence.nulls.NULLS`; the numbers are those that it leaves open, no more and
no fewer (`setback.experiments.fit.space.Space`). A posterior says nothing of other equations, so it is refused there;
beside a custom mechanism, which was in no fit, it goes on saying what it says of all others.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from setback.experiments.evidence.nulls import NULLS, Null
from setback.experiments.fit.space import Array, Space
from setback.experiments.studies.tables import Bounds, read_numbers
from setback.model.errors import InputError, shown, unknown
from setback.model.grammar import fingerprint
from setback.model.place import Place
from setback.model.reading import opened
from setback.model.shipped import shipped
from setback.model.week import MODEL, Model
from setback.model.writing import write_text

FOLDER, STEM = shipped("setback.experiments") / "fit", "posterior-"
WEIGHT = "weight"
#: Significant digits that are written, and the most draws of a file.
DIGITS, MOST_DRAWS = 5, 100_000
FIRST_LINE = re.compile(r"# setback posterior; model ([\w-]{1,40}); equations ([0-9a-f]{16})")


class Posterior(NamedTuple):
    """Weighted draws of the uncertain numbers of a model.

    Attributes:
        model: what the model is called, a name of `NULLS`.
        equations: of what equations, as `setback.model.grammar.fingerprint` gives it.
        names: the numbers, in the order of the model's space.
        table: (draw, number).
        weights: (draw,), 0 or more, relative to one another.
        source: where it came from, in words; decides nothing.
    """

    model: str
    equations: str
    names: tuple[str, ...]
    table: Array
    weights: Array
    source: str = "a posterior"

    @classmethod
    def of(cls, space: Space, table: ArrayLike, weights: ArrayLike, model: Model = MODEL) -> Posterior:
        """Make a posterior of draws, (draw, number of the space), and their weights.

        Raises:
            InputError: if they are not as many as one another or as the space asks for, or one cannot be.
        """
        found = np.array(table, float), np.array(weights, float)
        made = cls(space.null.name, fingerprint(model), space.names, *found)
        if made.table.shape != (made.weights.size, len(made.names)) or made.weights.ndim != 1:
            said = f"a table of {made.table.shape} and weights of {made.weights.shape}"
            raise InputError(f"a posterior has {said}; it needs (draws, {len(made.names)}) and (draws,)")
        for row, column in zip(space.rows, made.table.T):
            wrong = ~((row.low <= column) & (column <= row.high))
            if wrong.any():
                said = f"{row.name} is {column[wrong][0]:g} in draw {wrong.argmax() + 1}"
                raise InputError(f"{said} of a posterior; it needs a number from {row.low:g} to {row.high:g}")
        if not (np.isfinite(made.weights) & (made.weights >= 0)).all():
            raise InputError("a weight of a posterior is below 0 or not finite; each needs a number of 0 or more")
        if not made.weights.any():
            raise InputError("a posterior has no draw with a weight above 0; it needs one or more")
        return made

    @property
    def null(self) -> Null:
        """Give the model."""
        return NULLS[self.model]

    @property
    def held(self) -> Mapping[str, float]:
        """Give the numbers that the model holds."""
        return self.null.held


def names() -> list[str]:
    """Name the posteriors that ship."""
    return sorted(path.stem.removeprefix(STEM) for path in FOLDER.glob(f"{STEM}*.csv"))


def write(path: Place, posterior: Posterior) -> None:
    """Write a posterior, with few significant digits, its weights as shares of 1; errors are those of `write_text`."""
    text = io.StringIO()
    text.write(f"# setback posterior; model {posterior.model}; equations {posterior.equations}\n")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([*posterior.names, WEIGHT])
    share = posterior.weights / posterior.weights.max()
    for row in np.column_stack([posterior.table, share / share.sum()]):
        lines.writerow([f"{value:.{DIGITS}g}" for value in row])
    write_text(path, text.getvalue())


def read(posterior: str | Path, model: Model = MODEL) -> Posterior:
    """Read a posterior by the name of a shipped one, as ``cycle``, or by the path of a CSV file.

    Args:
        posterior: the name, or a path, which ends in .csv.
        model: the model that takes worlds from it; of custom mechanisms no posterior knows, which its source says.

    Raises:
        InputError: no such posterior, or none of this form; one of other equations; a number that is missing, unknown
            or out of its range; weights that cannot be.
    """
    path = Path(posterior)
    if path.suffix != ".csv":
        if not (there := names()):
            raise InputError(f"no posterior {posterior} ships; name a file, as setback fit writes one")
        if str(posterior) not in there:
            raise unknown("posterior", str(posterior), there)
        path = FOLDER / f"{STEM}{posterior}.csv"
    what = f"posterior {posterior}"
    name, equations = _made_for(path, what)
    if name not in NULLS:
        raise unknown(f"model in the first line of {path.name}:", name, NULLS)
    if equations != (ours := fingerprint(MODEL)):
        raise InputError(f"{path.name} was made for equations {equations}, and these are {ours}; run setback fit again")
    space = Space.of(NULLS[name])

    def choose(columns: Sequence[str], draws: int) -> Bounds:
        _check_columns(path.name, columns, space, model)
        return {row.name: (row.low, row.high) for row in space.rows} | {WEIGHT: (0.0, math.inf)}

    found = read_numbers(path, what, choose, MOST_DRAWS, above=1)
    weights = found.pop(WEIGHT)
    added = ", ".join(one.__name__ for one in model.added)
    source = f"{path.name} (fitted without {added})" if added else path.name
    if not weights.any():
        raise InputError(f"{path.name}: the weight of every draw is 0; one or more need a weight above 0")
    return Posterior(name, equations, space.names, np.stack([*found.values()], 1), weights, source)


def _made_for(path: Path, what: str) -> tuple[str, str]:
    """Give the model and the equations that the first line of a file names."""
    with opened(path, what) as file:
        line = file.readline(200).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip()
    if not (found := FIRST_LINE.fullmatch(line)):
        begins = "# setback posterior; model NAME; equations HASH"
        raise InputError(f"{path.name} begins with {shown(line)}; a posterior begins with {begins!r}")
    return found[1], found[2]


def _check_columns(file: str, columns: Sequence[str], space: Space, model: Model) -> None:
    """Raise InputError where the columns of a file are not the numbers that are free, and their weight."""
    for name in columns:
        if name in (*space.names, WEIGHT):
            continue
        if name in space.null.held:
            raise InputError(f"{file}: {name} is held in the model {space.null.name}; take its column away")
        if name in model.table.by_name:
            raise InputError(f"{file}: {name} is no uncertain number of the model; take its column away")
        raise InputError(f"{file}: {unknown('column', name, (*space.names, WEIGHT))}")
    if missing := [name for name in (*space.names, WEIGHT) if name not in columns]:
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise InputError(f"{file} lacks {named}; a posterior has every uncertain number of its model, and weight")
