# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 3: is it a vicious cycle?
#
# **Goals.** In many a grade book the same students fail again and again. You can say why this proves no vicious
# cycle, and what would prove one: the same week of the same student twice, once failed and once passed.
#
# **Time.** 60 to 90 minutes, of which the computer needs about half a minute.
#
# ## Reading
#
# The claim: failing teaches helplessness. A student who fails thinks *I am not able*, tries less, and fails
# again. It is worst where tasks are much too hard and the pressure is high. One of the texts behind this course
# calls it a vicious circle. It quotes Alfie Kohn and Deborah Stipek, and its author says that he sees it in every
# classroom.
#
# What does one see in a classroom? That those who failed last week fail this week. But that may have another
# reason. The same students may find the work hard every week, and failing may do nothing to them at all. A parent
# in another of the texts says it of her son: children differ in what they can bear. Both stories leave the same
# marks in the book.
#
# The theory of learned helplessness is about *causes* (Abramson, Seligman & Teasdale 1978), so the test must be
# about causes too. In a model one can do what no school can: run the same student-week twice, with the same luck
# in everything but one result. These are **twins**. They give `R_F(9)`, the **failure reproduction number**: how
# many more failures one failure caused in the nine weeks after it.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import setback as sb
from setback.course import DISPOSITION, check
from setback.experiments.gradebook.export import gradebook

book = gradebook("criterion", rooms=20, seed=3)  # what a school would keep of twenty classes
print(book[["student_id", "week", "kind", "passed"]].head(4))


def tests_of(book):
    """Give the tests in a grade book: failed is 1 where one was failed, before is 1 where the one before it was."""
    tests = book[book["kind"] == "assessment"].copy()
    tests["failed"] = 1 - tests["passed"]
    tests["before"] = tests.groupby("student_id")["failed"].shift()
    return tests


tests = tests_of(book)
print(tests[["student_id", "week", "failed", "before"]].head(4))

# %% [markdown]
# ## Exercise 3.1
# Of the tests that follow a *failed* test of the same student, which share is failed? And of those that follow a
# *passed* one? Answer with the first share less the second. (`tests[tests["before"] == 1]` are the rows of the
# first kind. `["failed"].mean()` after it gives the share.)

# %%
answer = ...
check("3.1", answer)

# %% [markdown]
# ## Another school
#
# `DISPOSITION` is a world in which a failure changes nothing: nobody loses control, tries less, or is ashamed.
# Students differ in what they know in September. They have better and worse months, too, but marks are not the
# reason.

# %%
print({name: value for name, value in DISPOSITION.items() if value})
other_book = gradebook("criterion", DISPOSITION, rooms=20, seed=3)

# %% [markdown]
# ## Exercise 3.2
# The same difference as in 3.1, in the other book.

# %%
answer = ...
check("3.2", answer)

# %% [markdown]
# ## Exercise 3.3
# Which of the two books, taken by itself, proves a vicious cycle: `"first"`, `"second"`, `"both"` or `"neither"`?

# %%
answer = ...
check("3.3", answer)

# %% [markdown]
# ## Twins
#
# A study is a text. This one turns a fifth of the results round that could have gone either way: `line` turns the
# result, `label` turns nothing but the verdict. `spared` are observed failures, each beside the pass that it
# might have been.


# %%
def twins(world: dict[str, float]) -> dict:
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
print(caused["line"]["spared"].keys())

# %% [markdown]
# ## Exercise 3.4
# How many further failures did a failure cause in the first world: `caused["line"]["spared"]["R_F"]["value"]`?
# Look at its `low` and `high` as well.

# %%
answer = ...
check("3.4", answer)

# %% [markdown]
# ## Exercise 3.5
# And in the world of dispositions?

# %%
answer = ...
check("3.5", answer)

# %% [markdown]
# ## Exercise 3.6
# Back in the first world: how many further failures did the *verdict alone* cause (`label`), where score and
# grade stay as they are?

# %%
answer = ...
check("3.6", answer)

# %% [markdown]
# ## To discuss
#
# A head teacher shows you the first book and says: "You see, failing breeds failing. We should stop giving
# marks." What do you answer, and what would you have to find out first? Would you answer the same if stopping
# cost nothing?
