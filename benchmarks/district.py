"""A district: 50,000 pupils in classes in schools under forty policies, from a file through the command line.

The pupils are made up. Their scores of the year before vary between schools, between classes of a school and between
pupils of a class as mathematics in the classes of project STAR did (rows ST-01Km and ST-02K of the evidence on grade
books: .29 between classes, .15 of it between classes of one school). A file of them and its mapping are written to a
folder that is gone afterwards; ``setback run`` reads them, and what its intervals say with schools and with classes as
clusters is set side by side. ``python -m setback.benchmarks.district --help`` says what can be changed.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from setback.experiments.studies.study import STUDIES, Study
from setback.model.engines.registry import AUTO
from setback.model.outcomes import CLUSTERS, OUTCOMES
from setback.model.rosters.roster import Roster
from setback.model.writing import write_text

#: Shares of the variance of scores: between schools, and between classes of one school.
BETWEEN_SCHOOLS, BETWEEN_CLASSES = 0.2922 - 0.1495, 0.1495
MAPPING = """
[student]
id = "pupil"
[class]
id = ["school", "class"]
school = "school"
[traits.prior_knowledge]
columns = ["score"]
"""


def write_district(folder: Path, schools: int, classes: int, pupils: int, seed: int = 0) -> tuple[Path, Path]:
    """Write the file of a district, one row a pupil, and its mapping.

    Args:
        folder: where they are written.
        schools: how many schools,
        classes: how many classes in each,
        pupils: and how many pupils in each of these.
        seed: the seed of the scores.
    """
    rng = np.random.default_rng(seed)
    shape = schools, classes, pupils
    within = 1.0 - BETWEEN_SCHOOLS - BETWEEN_CLASSES
    score = 500.0 + 50.0 * (
        BETWEEN_SCHOOLS**0.5 * rng.normal(size=(schools, 1, 1))
        + BETWEEN_CLASSES**0.5 * rng.normal(size=(schools, classes, 1))
        + within**0.5 * rng.normal(size=shape)
    )
    at = zip(*(part.ravel().tolist() for part in np.indices(shape)), score.ravel().tolist())
    rows = [f"p{i},school-{s + 1},{c + 1},{x:.1f}\n" for i, (s, c, _, x) in enumerate(at)]
    file, mapping = folder / "pupils.csv", folder / "district.toml"
    write_text(file, "pupil,school,class,score\n" + "".join(rows))
    write_text(mapping, MAPPING)
    return file, mapping


def run(folder: Path, file: Path, mapping: Path, share: float, processes: int | None) -> Study:
    """Run the policies of the study of both claims over the district, with a share of twins, and print what it took.

    Returns:
        The study; its results lie in the folder ``results``.
    """
    study = folder / "policies.toml"
    text = (STUDIES / "claims.toml").read_text(encoding="utf-8")
    write_text(study, text.replace('name = "claims"', 'name = "district"').replace("share = 0.2", f"share = {share}"))
    command = [sys.executable, "-m", "setback", "run", str(study), "--roster", str(file), "--mapping", str(mapping)]
    command += ["--results", str(folder / "results"), *(["--processes", str(processes)] if processes else [])]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"setback run, share of twins {share:g}: {time.perf_counter() - began:.0f} s, report and all")
    print(f"peak memory of its largest process {peak:,.0f} MB")
    print(*(line for line in done.stderr.splitlines() + done.stdout.splitlines() if "95 % over" in line), sep="\n")
    plan = Study.read(study)
    roster = Roster.read(file, mapping)
    return plan.replace(roster=roster, rooms=roster.default_rooms(), engine=AUTO)


def compare(plan: Study, results: Path) -> None:
    """Print how wide the intervals are with each kind of clusters, and how long reading and estimating them took."""
    found, entries = plan.run(results), {}
    for clusters in CLUSTERS:
        began = time.perf_counter()
        entries[clusters] = found.with_clusters(clusters).claims()
        print(f"reading and estimating, {clusters} as clusters: {time.perf_counter() - began:.1f} s")
    print("\nhalf of the width of the 95 % interval of an outcome, median over policies:")
    for name in (name for name in OUTCOMES if name in entries[CLUSTERS[0]][0]["outcomes"]):
        _print_widths(name, {of: [entry["outcomes"][name] for entry in made] for of, made in entries.items()})
    for flip in (flip for flip in ("line", "practice") if any(flip in entry for entry in entries[CLUSTERS[0]])):
        for name in ("R_F", "V_F_unit"):
            figures = {of: [entry[flip]["spared"][name] for entry in made] for of, made in entries.items()}
            _print_widths(f"{flip}, spared: {name}", figures)


def _print_widths(name: str, figures: dict[str, list[dict[str, float | None]]]) -> None:
    def half(row: dict[str, float | None]) -> float:
        low, high = row["low"], row["high"]
        return np.nan if low is None or high is None else (high - low) / 2.0

    widths = {of: np.array([half(row) for row in rows], np.float64) for of, rows in figures.items()}
    schools, classes = (widths[of] for of in CLUSTERS)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = schools / classes
    if np.isfinite(ratio).any():
        said = f"schools {np.nanmedian(schools):.4f}  classes {np.nanmedian(classes):.4f}"
        print(f"  {name:34s} {said}  {np.nanmedian(ratio):.2f} times as wide")


def main() -> None:
    """Make the district, read it, run it, compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--schools", type=int, default=100, help="how many schools")
    parser.add_argument("--classes", type=int, default=20, help="classes of each school")
    parser.add_argument("--pupils", type=int, default=25, help="pupils of each class")
    parser.add_argument("--share", type=float, default=0.0, help="share of the eligible student-weeks that get a twin")
    parser.add_argument("--processes", type=int, help="how many run at once; by default one a processor")
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        file, mapping = write_district(folder, asked.schools, asked.classes, asked.pupils)
        began = time.perf_counter()
        roster = Roster.read(file, mapping)
        print(f"{roster!r}, {file.stat().st_size / 1e6:.1f} MB, read in {time.perf_counter() - began:.2f} s")
        compare(run(folder, file, mapping, asked.share, asked.processes), folder / "results")


if __name__ == "__main__":
    main()
