"""The arithmetic that an equation may use, and the few compositions that all equations share.

An equation takes its functions from here, so that every engine can put its own in their place: numpy's on whole
blocks, compiled ones on single numbers, JavaScript's in a page. `PRIMITIVES` is the complete list.
"""

import numpy as np
from numpy import absolute, exp, floor, log, maximum, minimum, sqrt, square, where


def indicator(condition):
    """1.0 where the condition holds, else 0.0 (ten times as fast as ``where`` on unpredictable conditions)."""
    return condition.astype(np.float64)


def clip(x, low, high):
    """``x`` kept between two numbers (numpy's own takes half the time of a minimum of a maximum)."""
    return np.clip(x, low, high)


def blend(strength, neutral, full):
    """A mixture: ``neutral`` at strength 0, ``full`` at strength 1, both to the last bit."""
    if np.ndim(strength) == 0 and strength == 1.0:
        return full
    return (1.0 - strength) * neutral + strength * full


#: Everything an equation may call besides other equations, with its number of arguments.
PRIMITIVES = {
    exp: 1, log: 1, sqrt: 1, square: 1, absolute: 1, floor: 1, indicator: 1,
    maximum: 2, minimum: 2, where: 3, clip: 3, blend: 3,
}  # fmt: skip


def logistic(x):
    """A logit as a probability: 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


def correlated(r, parent, z):
    """A standard score that correlates r with its parent; z is a standard normal number of its own."""
    return r * parent + sqrt(1.0 - r * r) * z
