# %% [markdown]
# # Lesson 2, a solution

# %%
import setback as sb
from setback.course import check

criterion = sb.simulate("criterion", rooms=40, seed=7)
mastery = sb.simulate("mastery", rooms=40, seed=7)

# %%
check("2.1", (mastery - criterion).summary().loc["learning", "difference"])

# %%
check("2.2", ["practice_error_rate", "below_criterion_rate", "failing_grade_told_rate"])

# %%
narrative = sb.simulate("narrative", rooms=40, seed=7)
check("2.3", narrative.per_student()["below_criterion_rate"].mean())

# %%
check("2.4", (mastery.per_student()["learning"] > criterion.per_student()["learning"]).mean())

# %%
others = sb.simulate("mastery", rooms=40, seed=8)
check("2.5", others.per_student()["learning"].mean() - criterion.per_student()["learning"].mean())

# %%
curve = sb.simulate("curve", rooms=40, seed=7)
helpless = {
    name: result.per_student()["helpless"].mean()
    for name, result in {"criterion": criterion, "curve": curve, "narrative": narrative}.items()
}
check("2.6", max(helpless, key=lambda name: helpless[name]))
