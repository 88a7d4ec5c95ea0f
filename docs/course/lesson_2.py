# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 2: one class, two policies
#
# **Goals.** You can compare two policies with the same students and the same luck. You can keep three kinds of
# failing apart, and say for how many students a policy is better.
#
# **Time.** 60 to 90 minutes, of which the computer needs a few seconds.
#
# ## Reading
#
# "Failure" is one word for three things. A student makes a **practice error**. A test is **below criterion**.
# Somebody utters a **verdict**: failed. People who praise failure mostly mean the first: being wrong draws
# attention, and a near miss that is corrected is remembered well (Metcalfe 2017). People who warn of it mostly
# mean the third: a grade that counts and is compared changes how we see ourselves (Butler 1988).
#
# One of the texts behind this course asks what makes some failing a lesson and other failing just failing. A
# comment under it gives an answer. One learner wants to understand. Another one wants to get past a hurdle.
# Researchers call these learning goals and performance goals (Dweck & Leggett 1988). A grading policy can push
# towards the one or the other.
#
# In mastery learning a failed test is corrected and taken again (Kulik et al. 1990). In setback this is a
# **policy** like any other, and every policy meets the same students with the same luck. What differs is due to
# the policy alone.

# %%
import setback as sb
from setback.course import check

criterion = sb.simulate("criterion", rooms=40, seed=7)  # forty classes of 30
mastery = sb.simulate("mastery", rooms=40, seed=7)  # the same students, the same luck
effects = (mastery - criterion).summary()
print(effects.loc[["learning", "below_criterion_rate", "helpless"], ["first", "second", "difference", "low", "high"]])

# %% [markdown]
# Other classes would give another difference. `low` and `high` say between which two numbers it would mostly lie:
# this is the 95 % **interval**. Learning is measured in **SD**, standard deviations. Among students, one SD is
# the way from the middle to the best sixth.
#
# ## Exercise 2.1
# By how much do students learn more under mastery than under criterion (`learning`, in SD)?

# %%
answer = ...
check("2.1", answer)

# %% [markdown]
# ## Exercise 2.2
# Which three outcomes measure (i) errors at practice, (ii) tests below the fixed criterion, and (iii) failing
# grades that students are told of? Answer with a list of three names, in this order. (All names:
# `list(sb.OUTCOMES)`.)

# %%
answer = ...
check("2.2", answer)

# %% [markdown]
# ## Exercise 2.3
# Under the policy `narrative` a teacher writes comments and nobody is told a verdict. Which share of weeks do
# students spend below the criterion there (`below_criterion_rate`)? Forty classes, seed 7. (`….per_student()` is
# a table with one row a student.)

# %%
answer = ...
check("2.3", answer)

# %% [markdown]
# ## Exercise 2.4
# A mean hides people. For which share of the students is `learning` higher under mastery than under criterion?

# %%
answer = ...
check("2.4", answer)

# %% [markdown]
# ## Exercise 2.5
# Now spoil the comparison: other students. Take the mean `learning` under mastery with `seed=8` less that under
# criterion with seed 7. How large is the difference now?

# %%
answer = ...
check("2.5", answer)

# %% [markdown]
# ## Exercise 2.6
# Under which of `"criterion"`, `"curve"` and `"narrative"` are students helpless most of the time (`helpless`)?

# %%
answer = ...
check("2.6", answer)

# %% [markdown]
# ## To discuss
#
# Mastery costs the teacher time: look up `teacher_time` in the summary. Who should decide whether the gain is
# worth it, and what would they have to know that stands in no table here?
