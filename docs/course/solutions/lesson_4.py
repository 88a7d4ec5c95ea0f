# %% [markdown]
# # Lesson 4, a solution

# %%
import setback as sb
from setback.course import check


def gain(outcome="learning", also="", world=None):
    """Give what struggling first adds to an outcome, with other parts or levers in both policies."""
    first, struggle = (
        sb.simulate(f"criterion+{sequence}{also}", world, rooms=40, seed=7).per_student()[outcome].mean()
        for sequence in ("instruction-first", "problem-first")
    )
    return struggle - first


check("4.1", gain())

# %%
check("4.2", gain("practice_error_rate"))

# %%
check("4.3", gain("learning_procedural"))

# %%
check("4.4", gain(world={"strength_preparation": 0}))

# %%
check("4.5", max([-1.5, -0.6, 0.5], key=lambda level: gain(also=f"+level={level}")))

# %%
check("4.6", gain(also="+rescue"))
