"""Every task of a study in this process, without a disk: what the tests of tasks and mechanisms compare."""

import pandas as pd
import pyarrow as pa

from setback.experiments.studies.study import Study
from setback.experiments.studies.task import Tasks, live


def all_tasks(study: Study) -> dict[str, pd.DataFrame]:
    """Give the tables of a study, rows in the order of tasks."""
    found = [live(study, task) for task in Tasks(study)]
    return {name: pa.concat_tables(tables[name] for tables in found).to_pandas() for name in found[0]}
