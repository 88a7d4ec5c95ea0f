# %% [markdown]
# # Lesson 3, a solution

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import setback as sb
from setback.course import DISPOSITION, check
from setback.experiments.gradebook.export import gradebook


def persistence(book):
    """Give how much more often a failed test follows a failed one than a passed one."""
    tests = book[book["kind"] == "assessment"].copy()
    tests["failed"] = 1 - tests["passed"]
    before = tests.groupby("student_id")["failed"].shift()
    return tests[before == 1]["failed"].mean() - tests[before == 0]["failed"].mean()


check("3.1", persistence(gradebook("criterion", rooms=20, seed=3)))

# %%
check("3.2", persistence(gradebook("criterion", DISPOSITION, rooms=20, seed=3)))

# %%
check("3.3", "neither")


# %%
def twins(world):
    """Run the study of twins in a world; give what one failure caused."""
    numbers = "\n".join(f"{name} = {value}" for name, value in world.items())
    text = f"""
[study]
name = "twins"
seed = 3
[policies]
named = ["criterion"]
[parameters]
{numbers}
[rooms]
count = 12
[twins]
flips = ["line", "label"]
share = 0.2
"""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "twins.toml"
        file.write_text(text)
        return sb.Study.read(file).run(folder, processes=1).claims()[0]


caused = twins({})
check("3.4", caused["line"]["spared"]["R_F"]["value"])

# %%
check("3.5", twins(DISPOSITION)["line"]["spared"]["R_F"]["value"])

# %%
check("3.6", caused["label"]["spared"]["R_F"]["value"])
