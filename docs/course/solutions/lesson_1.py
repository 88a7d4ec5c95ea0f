# %% [markdown]
# # Lesson 1, a solution

# %%
import setback as sb
from setback.course import check

room = sb.Classroom(policy="criterion", seed=7)
room.run(1)
student = room.students[6]

# %%
check("1.1", round(student.control, 2))

# %%
check("1.2", max(room.students, key=lambda one: one.effort).name)

# %%
room.run()
record = room.datacollector.get_agenttype_vars_dataframe(type(student)).reset_index()
seven = record[record["student"] == "student-7"].set_index("Step")
check("1.3", seven["practice_error"].sum())

# %%
check("1.4", seven["control"].idxmin())

# %%
failed = seven[seven["below_criterion"] == 1].iloc[0]
check("1.5", max(["ability", "effort", "task", "luck"], key=lambda cause: failed[f"to_{cause}"]))

# %%
without = sb.Classroom("criterion", {"affect_rise": 0}, seed=7).run()
mean = [sum(one.control for one in year.students) / 30 for year in (room, without)]
check("1.6", mean[1] - mean[0])
