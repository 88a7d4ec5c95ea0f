# %% [markdown]
# # Lesson 5, a solution

# %%
from pathlib import Path
from tempfile import mkdtemp

import setback as sb
from setback.course import check

TEXT = """
[study]
name = "lesson-5"
question = "Do students learn more where failed work may be taken again?"
seed = 5
[policies]
grading = ["criterion", "mastery"]
[worlds]
design = "lhs"
n = 64
vary = { level = [-1, 1], resilience_mean = true, retake_gain = true }
[rooms]
count = 4
[keep]
outcomes = ["learning", "dropout"]
[claim]
description = "Students learn more with retakes"
outcome = "learning"
policy = "mastery"
against = "criterion"
direction = "above"
beyond = 0.05
"""
folder = Path(mkdtemp())
file = folder / "lesson-5.toml"
file.write_text(TEXT)
study = sb.Study.read(file)
check("5.1", study.cost(processes=1).classrooms)

# %%
found = study.run(folder, processes=1)
check("5.2", found.verdict().share)

# %%
check("5.3", found.verdict().verdict)

# %%
check("5.4", found.verdict().mean)

# %%
own = folder / "own.toml"
own.write_text("""
[study]
name = "own"
question = "Do fewer students stop for good where errors are welcome?"
[policies]
climate = ["plain", "error-friendly"]
[worlds]
design = "lhs"
n = 64
vary = "students"
[rooms]
count = 4
[claim]
description = "Where errors are welcome fewer students stop for good"
outcome = "dropout"
policy = "criterion+error-friendly"
against = "criterion"
direction = "below"
beyond = 0.01
""")
check("5.5", own)
