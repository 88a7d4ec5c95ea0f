# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 5: your own question
#
# **Goals.** You can write a **study**: a question, policies, what nobody knows, and a **claim** whose rule stands
# *before* the run. You can read its verdict, and say what it is a verdict on.
#
# **Time.** 60 to 90 minutes, of which the computer needs a few seconds.
#
# ## Reading
#
# The texts behind this course are sure of themselves. Failing is how we learn, says one. Failing is a vicious
# circle, says another. Look into your failures; be kind to yourself; change the school. Each may be right,
# somewhere, for somebody. A question that can be answered says for whom, under which policy, and by how much.
#
# People who look at results first and ask then will always find something. So write the rule down before: which
# **outcome**, which two policies, in which direction, and from which size on it would matter. The size is a
# choice of yours. As a help: a retake after a failed test added about half an SD in a review of mastery learning
# (Kulik et al. 1990), and feedback about as much (Wisniewski et al. 2020); in a model that is not fitted, take
# less.
#
# Most numbers of a model are not known. A study runs many **worlds**, each with other numbers from their ranges.
# The claim is *supported* where at least 95 % of the worlds bear it out, *refuted* where at most 5 % do, else
# *undecided*. A few rooms may be lucky ones. So the rule must also hold for what other rooms would show: in
# "70 % of 64 worlds (40 to 90 % by other rooms)" it is asked at 40 % and at 90 %, too.

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
print(study.claim)

# %% [markdown]
# ## Exercise 5.1
# How many classrooms will the study run? (Work it out, then ask `study.cost()`.)

# %%
answer = ...
check("5.1", answer)

# %% [markdown]
# **Before you run it:** write down what you expect, in a sentence, with a number. Then run it.

# %%
found = study.run(folder, processes=1)
print(found.conclusion())

# %% [markdown]
# ## Exercise 5.2
# In which share of the worlds does the claim hold?

# %%
answer = ...
check("5.2", answer)

# %% [markdown]
# ## Exercise 5.3
# What is the verdict: `"supported"`, `"refuted"` or `"undecided"`?

# %%
answer = ...
check("5.3", answer)

# %% [markdown]
# ## Exercise 5.4
# What is the mean effect over the worlds, in SD?

# %%
answer = ...
check("5.4", answer)

# %% [markdown]
# ## Exercise 5.5: your own
# Write a study file of your own; `setback new study my-question` gives you one with comments to start from, and
# docs/studies.md says what every key means. It needs a question, two policies or more, 16 worlds or more, and
# four rooms or more. It also needs a claim in words that names the other policy and a size. Answer with the path
# of the file.

# %%
answer = ...
check("5.5", answer)

# %% [markdown]
# ## The report
#
# One page: the question; why it matters, with a source; the claim and its rule; the verdict with its interval;
# one figure (`found.plot("figure.png")`); what the verdict does *not* say. It is one on this model in these
# worlds, never on schools.
#
# ## To discuss
#
# The claim above came out undecided. One classmate moves `beyond` from 0.05 to 0.01, another one takes 16 rooms
# instead of 4. Both get a verdict. What is wrong with the one, and what with the other? Is there a case in which
# nothing is?
