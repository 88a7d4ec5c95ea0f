# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 1: one student, one year
#
# **Goals.** You can run a class week by week and look inside a student. You can read a student's diary, and say
# what the model takes a failure to be.
#
# **Time.** 60 to 90 minutes, of which the computer needs a few seconds.
#
# **How it works.** Run the cells from top to bottom. In an exercise, put your answer in place of the three dots
# and run the cell again. It says whether the answer is right. Where it is not, it gives a hint.
#
# ## Reading
#
# Teachers often say that a mistake is where learning begins. The brain notices an error within a fraction of a
# second, and attention turns to it (Gehring et al. 1993; Moser et al. 2011). One of the texts behind this course
# calls learning a round: attempt, fail, analyse, adjust, attempt again. It names the short cut as well: attempt,
# fail, give up.
#
# Another text doubts that children go the whole round. What matters, it says, is what a student *makes* of a
# failure. Students who have failed often think: I failed because I am not able, and when I passed, it was luck
# (Stipek, quoted by Kohn; Weiner 1985). A student who thinks so sees no use in trying.
#
# setback is a model of both. Each week a student meets a task, tries it, is taught, takes a test, and makes
# something of the result. It is a model, not a child: it shows what follows *if* these rules hold.

# %%
import setback as sb
from setback.course import check

room = sb.Classroom(policy="criterion", seed=7)  # a class of 30, a Mesa model
room.run(1)  # one week
student = room.students[6]  # Python counts from 0: this is student-7
print(student.name, [friend.name for friend in student.friends])

# %% [markdown]
# A student has states between 0 and 1. **Control** is how far one feels that effort makes a difference.
# **Effort** is how hard one tries. **Expectancy** is how likely one takes success to be. `setback list slots`
# names all of them. The glossary (docs/glossary.md) explains each in plain words, and with them every word that
# is printed in bold in a lesson.

# %%
for state in ("control", "effort", "expectancy", "affect", "grade"):
    print(state, round(getattr(student, state), 2))

# %% [markdown]
# ## Exercise 1.1
# What is the perceived control of student-7 after the first week, to two decimals?

# %%
answer = ...
check("1.1", answer)

# %% [markdown]
# ## Exercise 1.2
# Who in the class put in the most effort in the first week? Answer with the name, in quotes. (`room.students` can
# be gone through with `for`, and `max` has a `key`.)

# %%
answer = ...
check("1.2", answer)

# %% [markdown]
# ## The rest of the year
#
# The class keeps a record of every student and week.

# %%
room.run()  # to the end of the year
record = room.datacollector.get_agenttype_vars_dataframe(type(student)).reset_index()
seven = record[record["student"] == "student-7"].set_index("Step")  # the step is the week
print(seven[["effort", "practice_error", "below_criterion", "control"]].head(10).round(2))

# %% [markdown]
# ## Exercise 1.3
# In how many weeks did student-7 make an error at practice (`practice_error`)?

# %%
answer = ...
check("1.3", answer)

# %% [markdown]
# ## Exercise 1.4
# In which week was the control of student-7 lowest?

# %%
answer = ...
check("1.4", answer)

# %% [markdown]
# ## The diary
#
# The same year can be read as sentences. In a terminal: `setback watch --policy criterion --seed 7 --student
# student-7`.

# %%
from setback.watch import live_as  # noqa: E402

again = sb.Classroom(policy="criterion", seed=7)  # the same seed: the same students, the same luck
for week in live_as(again, seat=6):
    if week["week"] <= 3:
        print(f"Week {week['week']}:", *week["text"])

# %% [markdown]
# ## Exercise 1.5
# Find the first week in which the test of student-7 was below the criterion (`below_criterion` is 1). To which
# cause did the student give most of it: `"ability"`, `"effort"`, `"task"` or `"luck"`? (The columns are
# `to_ability` and so on.)

# %%
answer = ...
check("1.5", answer)

# %% [markdown]
# ## Exercise 1.6
# Change one thing. `sb.Classroom("criterion", {"affect_rise": 0}, seed=7)` is the same class, but a failure
# causes no shame. By how much is the mean control of the class at the end of the year higher than in the class
# above?

# %%
answer = ...
check("1.6", answer)

# %% [markdown]
# ## To discuss
#
# You have read a diary of somebody who does not exist. Which sentence in it could you check in a real classroom,
# and how? Which could nobody check? Is a model that says more than anybody can check a bad model?
