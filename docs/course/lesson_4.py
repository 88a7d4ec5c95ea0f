# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 4: struggling first
#
# **Goals.** Students may struggle with a problem before they are taught. You can say what this gains and what it
# costs, by which mechanism it works in the model, and when it does not work.
#
# **Time.** 60 to 90 minutes, of which the computer needs a few seconds.
#
# ## Reading
#
# Most lessons explain first and let students practise then. Productive failure turns this round: students try a
# problem that they cannot solve yet, and are taught after it (Kapur 2016). Over many studies they learn more of
# the *concepts*; what they learn of the *procedures* is about the same (Sinha & Kapur 2021). The struggle
# prepares the mind: it brings up what one knows and shows what is missing.
#
# One of the texts behind this course asks adults not to step in at the first sign of struggle. It also sets
# conditions: the struggle must be safe and supported, and good feedback must follow. Another of them asks back:
# why praise the struggle, and not those who build the lesson anew?
#
# Kapur names a condition as well: the teaching has to *build on* what the students tried. In setback this is a
# **lever**, a number of the policy: `consolidation`.

# %%
import setback as sb
from setback.course import check

first = sb.simulate("criterion+instruction-first", rooms=40, seed=7)
struggle = sb.simulate("criterion+problem-first", rooms=40, seed=7)
effects = (struggle - first).summary()
rows = ["learning", "learning_procedural", "practice_error_rate", "helpless"]
print(effects.loc[rows, ["first", "second", "difference"]])

# %% [markdown]
# ## Exercise 4.1
# By how much do students learn more of the concepts (`learning`, in SD) where the problem comes first?

# %%
answer = ...
check("4.1", answer)

# %% [markdown]
# ## Exercise 4.2
# By how much does the share of weeks with an error at practice rise (`practice_error_rate`)?

# %%
answer = ...
check("4.2", answer)

# %% [markdown]
# ## Exercise 4.3
# And procedures (`learning_procedural`)? Mind the sign.

# %%
answer = ...
check("4.3", answer)

# %% [markdown]
# ## Through which mechanism?
#
# Each **mechanism** has a **strength** from 0 (off) to 1. That of preparation is `strength_preparation`.
#
# ## Exercise 4.4
# What is the difference of 4.1 where preparation is off, under both policies?

# %%
answer = ...
check("4.4", answer)

# %% [markdown]
# ## When does it help most? A small map
#
# `level` says how hard the unit is, in **logits**: at -1.5 most students could do it, at 0.5 few. A lever is set
# in the text of a policy: `"criterion+problem-first+level=0.5"`.
#
# ## Exercise 4.5
# At which of the levels -1.5, -0.6 and 0.5 is the gain in `learning` from struggling first largest?

# %%
answer = ...
check("4.5", answer)

# %% [markdown]
# ## Exercise 4.6
# A teacher who steps in at the first sign of struggle is the part `rescue`. What is the gain in `learning` from
# struggling first where the teacher does so, under both policies?

# %%
answer = ...
check("4.6", answer)

# %% [markdown]
# ## To discuss
#
# In this model struggling first makes students fail at practice three times as often. They feel it little, since
# nobody grades practice. In which classrooms that you know would that be true? What would you change first: the
# lesson, or what an error means there?
