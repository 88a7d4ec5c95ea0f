"""An emulator says at once what figures a world would have, learnt from the worlds of a bank.

A small neural network for each part of the evidence (the trials; each context of grade books; the effects of a failure)
reads the shares of the prior at which the numbers lie that this part depends on, and gives the figures on the scales of
their rows. What it leaves open, its own error and the luck of so few classes, is measured on worlds that it did not
learn from, and goes into the likelihood. Networks of scikit-learn, which keeps them well and weighs little; its
gradient, which the sampler needs, is a product of its layers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.experiments.gradebook.contexts import CONTEXTS

Array = NDArray[np.float64]
#: Layers are of single precision, which is twice as fast and leaves open far less than luck does.
Single = NDArray[np.float32]

#: Units in the two hidden layers, penalty on their weights, worlds that move them at a time, and passes through all.
HIDDEN, PENALTY, BATCH, PASSES = (96, 96), 3.0, 128, 400
#: Every so many-th world is not learnt from, but says what is left open.
HELD_BACK = 8
#: Shares of a prior are uniform; as inputs they have mean 0 and variance 1.
SPREAD = np.sqrt(12.0)


class Network(NamedTuple):
    """One network: a part of the numbers in, a part of the figures out.

    Attributes:
        reads: positions of the numbers that it reads.
        gives: positions of the figures that it gives.
        layers: weights and biases, the last one linear.
        open_: (figure,) the standard deviation of what it leaves open.
    """

    reads: NDArray[np.int64]
    gives: NDArray[np.int64]
    layers: tuple[tuple[Single, Single], ...]
    open_: Array

    def __call__(self, shares: Array) -> Array:
        """Give the figures of worlds, (world, figure), from the shares of all numbers (world, number)."""
        return self.forward(shares)[-1].astype(np.float64)

    def slopes(self, values: Sequence[Single], slope: Array) -> Array:
        """Turn slopes on the figures into slopes on the shares of the numbers that it reads."""
        pulled = slope.astype(np.float32)
        for k in range(len(self.layers) - 1, -1, -1):
            pulled = pulled @ self.layers[k][0].T
            if k > 0:
                pulled = pulled * (1.0 - values[k] ** 2)
        return pulled.astype(np.float64) * SPREAD

    def forward(self, shares: Array) -> list[Single]:
        """Give the values of all layers, inputs first and figures last."""
        values = [((shares[:, self.reads] - 0.5) * SPREAD).astype(np.float32)]
        for weights, biases in self.layers[:-1]:
            values.append(np.tanh(values[-1] @ weights + biases))
        weights, biases = self.layers[-1]
        return [*values, values[-1] @ weights + biases]


class Emulator(NamedTuple):
    """All networks of a model.

    Attributes:
        rows: names of the figures.
        networks: each gives some of them.
    """

    rows: tuple[str, ...]
    networks: tuple[Network, ...]

    @property
    def open_(self) -> Array:
        """Give what is left open of each figure, (figure,)."""
        found = np.zeros(len(self.rows))
        for network in self.networks:
            found[network.gives] = network.open_
        return found

    def figures(self, shares: Array) -> Array:
        """Give the figures of worlds, (world, figure)."""
        found = np.full((len(shares), len(self.rows)), np.nan)
        for network in self.networks:
            found[:, network.gives] = network(shares)
        return found

    def with_slopes(self, shares: Array) -> tuple[Array, list[list[Single]]]:
        """Give the figures, and what `pulled` needs."""
        found, all_values = np.full((len(shares), len(self.rows)), np.nan), []
        for network in self.networks:
            values = network.forward(shares)
            found[:, network.gives] = values[-1].astype(np.float64)
            all_values.append(values)
        return found, all_values

    def pulled(self, all_values: Sequence[Sequence[Single]], slope: Array, numbers: int) -> Array:
        """Give slopes on the shares, (world, number), of slopes on the figures (world, figure)."""
        found = np.zeros((len(slope), numbers))
        for network, values in zip(self.networks, all_values):
            found[:, network.reads] += network.slopes(values, slope[:, network.gives])
        return found


def parts(names: Sequence[str], rows: Mapping[str, str]) -> list[tuple[list[int], list[int]]]:
    """Say which numbers each part of the evidence reads: those of the world, and those of its context.

    Args:
        names: of the numbers.
        rows: the context of each figure, "" for trials, which know no contexts.

    Returns:
        Positions of numbers and of figures, a pair a part.
    """
    of = [name.partition(".")[0] if "." in name else "" for name in names]
    found = []
    for context in dict.fromkeys(rows.values()):
        reads = [k for k, one in enumerate(of) if one == context or one not in CONTEXTS]
        found.append((reads, [k for k, one in enumerate(rows.values()) if one == context]))
    return found


def learnt(
    shares: Array,
    figures: Array,
    names: Sequence[str],
    rows: Mapping[str, str],
    weights: Array | None = None,
    seed: int = 0,
) -> Emulator:
    """Learn an emulator from worlds.

    Args:
        shares: (world, number) of the prior, from 0 to 1.
        figures: (world, figure) on the scales of their rows; NaN where a world does not give one.
        names: of the numbers.
        rows: the context of each figure, by its row.
        weights: (world,) how much what is left open in a world counts; alike by default.
        seed: of the networks' beginnings.
    """
    weights = np.ones(len(shares)) if weights is None else weights
    made = []
    for reads, gives in parts(names, rows):
        made.append(_network(shares[:, reads], figures[:, gives], weights, reads, gives, seed))
    return Emulator(tuple(rows), tuple(made))


def _network(shares: Array, figures: Array, weights: Array, reads: list[int], gives: list[int], seed: int) -> Network:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor
    from threadpoolctl import threadpool_limits

    known = np.isfinite(figures)
    mean = np.where(known.any(0), np.nanmean(np.where(known.any(0), figures, 0.0), 0), 0.0)
    spread = np.where(known.any(0), np.nanstd(np.where(known.any(0), figures, 0.0), 0), 0.0)
    spread = np.where(spread > 0.0, spread, 1.0)
    wanted = np.where(known, (figures - mean) / spread, 0.0)  # what is not known says nothing, at the mean
    back = np.arange(len(shares)) % HELD_BACK == 0
    network = MLPRegressor(
        hidden_layer_sizes=HIDDEN, activation="tanh", alpha=PENALTY, batch_size=min(BATCH, max(1, len(shares) // 2)),
        max_iter=PASSES, early_stopping=True, validation_fraction=0.1, n_iter_no_change=12, tol=1e-5,
        learning_rate_init=2e-3, random_state=seed,
    )  # fmt: skip
    # layers this small are learnt ten times faster by one thread than by several
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size`")  # of banks smaller than a batch
        network.fit((shares[~back] - 0.5) * SPREAD, wanted[~back].squeeze())
    layers = [*zip(network.coefs_, network.intercepts_)]
    layers[-1] = (layers[-1][0] * spread, layers[-1][1] * spread + mean)
    single = tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in layers)
    made = Network(np.array(reads), np.array(gives), single, np.zeros(len(gives)))
    at = np.zeros((int(back.sum()), max(reads) + 1))
    at[:, reads] = shares[back]
    off = np.where(known[back], (figures[back] - made(at)) ** 2, 0.0)
    count = (known[back] * weights[back, None]).sum(0)
    # of a figure that no such world gives all is open
    open_ = np.sqrt(np.where(count > 0.0, (off * weights[back, None]).sum(0) / np.maximum(count, 1e-12), spread**2))
    return made._replace(open_=open_)
