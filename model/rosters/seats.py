"""Where students sit and whom they name as friends: what a roster becomes in the arrays of a block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setback.model.chance import uniform
from setback.model.errors import unknown

#: How students are connected: named friends, or whoever sits next to them.
NETWORKS = ("friendship", "seating")
#: Classmates that a student names as friends; neighbours of a desk.
FRIENDS = 4
#: Desks in a row of the classroom.
ROW = 6


class Seats(NamedTuple):
    """Who sits where in R rooms: what the columns of a block may share.

    Attributes:
        rooms: (R,) room numbers, the rooms' part in every address of chance.
        roster: (slot of ROSTER, seat, R) what the roster gives; 0 on empty seats.
        friends: (friend, seat, R) seat numbers of each student's friends.
        weight: (friend, seat, R) 1 / number of friends, or 0.
        seed: the seed in every address of chance.
        luck: which year's luck the same students have; 0 is the first, replicates go on from there.
    """

    rooms: NDArray[np.int64]
    roster: NDArray[np.float64]
    friends: NDArray[np.int64]
    weight: NDArray[np.float64]
    seed: int
    luck: int = 0

    def pick(self, rooms: NDArray[np.int64] | slice | Sequence[int]) -> Seats:
        """Give some of the rooms, by position."""

        def some(a: NDArray[Any]) -> NDArray[Any]:
            return np.ascontiguousarray(a[..., rooms])

        return Seats(some(self.rooms), some(self.roster), some(self.friends), some(self.weight), self.seed, self.luck)


def connect(network: str, students: int, room: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Say whom each student of one class is connected with.

    ``friendship``: each student names up to four classmates, drawn by address, so that a class keeps its friends
    under every policy. ``seating``: the desks to the left, right, front and back in rows of six.

    Args:
        network: one of NETWORKS.
        students: how many sit in the class, at least 2.
        room: the room's number.
        seed: the seed in the address of chance.

    Returns:
        Seat numbers (FRIENDS, students), and weights 1 / number of friends, 0 beyond that number.

    Raises:
        InputError: an unknown network.
    """
    seats = np.arange(students)
    if network == "friendship":
        liking = uniform(seed, "friends", room, seats[:, None], seats)
        np.fill_diagonal(liking, 2.0)
        friends = np.argsort(liking, 1, kind="stable").T[:FRIENDS]
        named = np.ones(friends.shape, bool)[: students - 1]
        friends = friends[: len(named)]
    elif network == "seating":
        friends = np.stack([seats - 1, seats + 1, seats - ROW, seats + ROW])
        beside = friends // ROW == seats // ROW
        named = (friends >= 0) & (friends < students) & np.array([beside[0], beside[1], ~beside[2], ~beside[3]])
    else:
        raise unknown("network", network, NETWORKS)
    who, weight = np.zeros((FRIENDS, students), np.int64), np.zeros((FRIENDS, students))
    who[: len(friends)] = np.where(named, friends, 0)
    weight[: len(friends)] = named / np.maximum(named.sum(0), 1)
    return who, weight
