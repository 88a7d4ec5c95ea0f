"""Rosters and seats: who sits in which room, what is known of them, and who is connected with whom."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from setback.model.chance import LIMIT, uniform
from setback.model.errors import InputError
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, REFERENCE_CLASSES, SMALLEST, Roster, SchoolClass
from setback.model.rosters.seats import FRIENDS, NETWORKS, ROW, Seats, connect
from setback.model.state import ROSTER, TRAITS

NAN = float("nan")
SLOT = {slot.name: k for k, slot in enumerate(ROSTER)}
SIZES = [2, 3, 4, 5, 6, 7, 12, 13, 25, 30, 60]


def school_class(name: str, size: int, **scores: list[float]) -> SchoolClass:
    """A class of students called after it."""
    students = tuple(f"{name}{i}" for i in range(size))
    return SchoolClass(name, students, {trait: np.array(score) for trait, score in scores.items()})


def three_classes(network: str = "friendship") -> Roster:
    """Classes of 3, 7 and 2 students; interest is known of the first but for one student, control of the last."""
    return Roster(
        [
            school_class("a", 3, interest=[0.5, NAN, -1.5]),
            school_class("b", 7),
            school_class("c", 2, control=[2.0, -2.0]),
        ],
        "three",
        network,
    )


def slot(seats: Seats, name: str) -> Any:
    """One slot of the roster's arrays, (seat, room)."""
    return seats.roster[SLOT[name]]


# ---- the roster --------------------------------------------------------------------------------------------
def test_the_synthetic_roster() -> None:
    """One class of 30 of whom nothing is known, which fills the reference number of rooms."""
    roster = Roster.synthetic()
    (everybody,) = roster.classes
    assert (CLASS_SIZE, REFERENCE_CLASSES) == (30, 1000)
    assert everybody.students == tuple(f"student-{i}" for i in range(1, 31))
    assert everybody.scores == {}
    assert roster.is_synthetic
    assert roster.default_rooms() == 1000
    assert (roster.name, roster.network, roster.notes) == ("reference", "friendship", ())
    assert repr(roster) == "Roster('reference', synthetic classes of 30)"


@pytest.mark.parametrize("size", [2, 60, np.int64(17)])
def test_synthetic_sizes(size: int) -> None:
    """The smallest and the largest class, and numpy's whole numbers."""
    roster = Roster.synthetic(size, "seating", "other")
    assert len(roster.classes[0].students) == size
    assert roster.seats([0], 0).roster.shape == (len(ROSTER), size, 1)
    assert (roster.name, roster.network) == ("other", "seating")


@pytest.mark.parametrize("size", [1, 0, -3, 61, 2.5, True, "30", NAN, None])
def test_bad_synthetic_sizes_are_refused(size: Any) -> None:
    """One sentence with the value and the range."""
    with pytest.raises(InputError) as error:
        Roster.synthetic(size)
    assert str(error.value) == f"class size is {size!r}; it needs a whole number from 2 to 60"


def test_a_roster_of_real_classes() -> None:
    """Every class fills one room, in order, and the room after the last is the first class again."""
    roster = three_classes()
    assert not roster.is_synthetic
    assert roster.default_rooms() == 3
    assert [roster.in_room(room).name for room in range(7)] == ["a", "b", "c", "a", "b", "c", "a"]
    assert repr(roster) == "Roster('three', 12 students in 3 classes)"
    assert Roster(roster.classes, "x", notes=["one", "two"]).notes == ("one", "two")


def test_class_sizes_at_the_limits() -> None:
    """Classes of 2 and of 60 are classes."""
    assert (SMALLEST, LARGEST) == (2, 60)
    roster = Roster([school_class("a", 2), school_class("b", 60)], "limits")
    assert [len(c.students) for c in roster.classes] == [2, 60]


@pytest.mark.parametrize(
    ("classes", "network", "message"),
    [
        ([], "friendship", "roster bad is empty; it needs at least one class of 2 students"),
        ([school_class("a", 0)], "friendship", "class a of roster bad has 0 students; a class needs at least 2"),
        (
            [school_class("a", 2), school_class("b", 1)],
            "friendship",
            "class b of roster bad has 1 student; a class needs at least 2 "
            '(small = "join" or "leave out" in [class] of a mapping)',
        ),
        (
            [school_class("a", 61)],
            "friendship",
            "class a of roster bad has 61 students, more than 60; "
            "deal them into classes with [class] deal = 25 in a mapping",
        ),
        (
            [school_class("a", 2, intrest=[0.0, 1.0])],
            "friendship",
            "unknown trait in class a of roster bad: 'intrest'; did you mean interest?",
        ),
        (
            [school_class("a", 3, interest=[0.0, 1.0])],
            "friendship",
            "class a of roster bad has 3 students and scores of shape (2,) for interest; "
            "it needs one score a student, NaN where missing",
        ),
        ([school_class("a", 2)], "friendships", "unknown network 'friendships'; did you mean friendship?"),
        ([school_class("a", 2)], "x", "unknown network 'x'; there are friendship, seating"),
    ],
    ids=["no class", "nobody", "one student", "61 students", "trait", "scores", "network", "far network"],
)
def test_bad_rosters_are_refused(classes: list[SchoolClass], network: str, message: str) -> None:
    """The sentence says which class, what is wrong with it, and what would be right."""
    with pytest.raises(InputError) as error:
        Roster(classes, "bad", network)
    assert str(error.value) == message


def test_digest() -> None:
    """12 hexadecimal digits, the same for the same students, whatever the roster is called or noted to be."""
    digest = three_classes().digest()
    assert len(digest) == 12
    assert set(digest) <= set("0123456789abcdef")
    assert three_classes().digest() == digest
    assert Roster(three_classes().classes, "another name", notes=["a note"]).digest() == digest


A, B = school_class("a", 2, interest=[0.0, 1.0], control=[1.0, NAN]), school_class("b", 2)


@pytest.mark.parametrize(
    "other",
    [
        Roster([A, B], "r", "seating"),
        Roster([B, A], "r"),
        Roster([A], "r"),
        Roster([A._replace(name="c"), B], "r"),
        Roster([A._replace(students=("a1", "a0")), B], "r"),
        Roster([A._replace(scores={**A.scores, "interest": np.array([0.0, 1.0 + 2**-52])}), B], "r"),
        Roster([A._replace(scores={"interest": A.scores["control"], "control": A.scores["interest"]}), B], "r"),
        Roster([A._replace(scores={"interest": A.scores["interest"]}), B], "r"),
        Roster([A._replace(scores={"interest": A.scores["interest"], "expectancy": A.scores["control"]}), B], "r"),
        Roster([A._replace(scores={**A.scores, "control": np.array([1.0, 0.0])}), B], "r"),
    ],
    ids=["network", "order", "fewer", "class", "students", "score", "swapped", "dropped", "renamed", "missing"],
)
def test_digest_tells_rosters_apart(other: Roster) -> None:
    """Network, classes, their order, names, students, traits, scores and what is missing all count."""
    assert other.digest() != Roster([A, B], "r").digest()


def test_digest_does_not_depend_on_the_order_of_traits() -> None:
    """The same scores, named the other way round."""
    turned = A._replace(scores=dict(reversed(list(A.scores.items()))))
    assert list(turned.scores) != list(A.scores)
    assert Roster([turned], "r").digest() == Roster([A], "r").digest()


# ---- the arrays --------------------------------------------------------------------------------------------
def test_seats_of_a_synthetic_class() -> None:
    """Everybody is present and nothing is known."""
    seats = Roster.synthetic(5).seats([4, 9], seed=3, luck=2)
    assert seats.roster.shape == (len(ROSTER), 5, 2)
    assert seats.friends.shape == seats.weight.shape == (FRIENDS, 5, 2)
    assert seats.rooms.tolist() == [4, 9]
    assert (seats.seed, seats.luck) == (3, 2)
    assert (slot(seats, "present") == 1).all()
    for trait in TRAITS:
        assert not slot(seats, f"known_{trait}").any()
        assert not slot(seats, f"given_{trait}").any()


def test_seats_of_classes_of_unequal_size() -> None:
    """The largest class decides how many seats there are; beyond a class seats are empty, and 0 throughout."""
    seats = three_classes().seats(range(3), seed=0)
    assert seats.roster.shape == (len(ROSTER), 7, 3)
    assert slot(seats, "present").sum(0).tolist() == [3, 7, 2]
    assert (np.diff(slot(seats, "present"), axis=0) <= 0).all()
    assert (slot(seats, "seat") == np.arange(7)[:, None]).all()
    empty = slot(seats, "present") == 0
    for name in SLOT.keys() - {"seat"}:
        assert not slot(seats, name)[empty].any()
    assert not seats.friends[:, empty].any()
    assert not seats.weight[:, empty].any()


def test_known_and_missing_scores() -> None:
    """A missing score is not known and given as 0, where nobody reads it; the others stand as they are."""
    seats = three_classes().seats([0, 2], seed=0)
    assert slot(seats, "known_interest").T.tolist() == [[1, 0, 1], [0, 0, 0]]
    assert slot(seats, "given_interest").T.tolist() == [[0.5, 0, -1.5], [0, 0, 0]]
    assert slot(seats, "known_control").T.tolist() == [[0, 0, 0], [1, 1, 0]]
    assert slot(seats, "given_control").T.tolist() == [[0, 0, 0], [2, -2, 0]]


def test_infinite_scores_are_not_known() -> None:
    """Infinity never reaches the equations of the model."""
    seats = Roster([school_class("a", 3, interest=[float("inf"), 1.0, -float("inf")])], "one").seats([0], seed=0)
    assert slot(seats, "known_interest")[:, 0].tolist() == [0, 1, 0]
    assert slot(seats, "given_interest")[:, 0].tolist() == [0, 1, 0]


@pytest.mark.parametrize("trait", TRAITS)
def test_every_trait_reaches_its_slots(trait: str) -> None:
    """What the roster gives of one trait stands in that trait's slots and no other."""
    seats = Roster([school_class("a", 2, **{trait: [1.25, -0.5]})], "one").seats([0], seed=0)
    assert slot(seats, f"given_{trait}")[:, 0].tolist() == [1.25, -0.5]
    assert slot(seats, f"known_{trait}")[:, 0].tolist() == [1, 1]
    for other in TRAITS.keys() - {trait}:
        assert not slot(seats, f"known_{other}").any()


def test_rooms_start_again_with_other_luck() -> None:
    """After the last class the first sits in the next room: the same students, and other friends by chance."""
    seats = three_classes().seats(range(6), seed=0)
    assert (seats.roster[..., :3] == seats.roster[..., 3:]).all()
    assert seats.rooms.tolist() == [0, 1, 2, 3, 4, 5]
    assert (seats.friends[:, :, 1] != seats.friends[:, :, 4]).any()
    assert (seats.weight[..., :3] == seats.weight[..., 3:]).all()


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_students_and_friends_in_every_block(network: str) -> None:
    """A room asked for alone, in another order or beside larger classes has the same students and friends."""
    roster = three_classes(network)
    together = roster.seats(range(6), seed=5)
    for block in ([2], [5, 0], [4, 3, 2, 1]):
        here = roster.seats(block, seed=5)
        n = here.roster.shape[1]
        assert (here.roster == together.roster[:, :n, block]).all()
        assert (here.friends == together.friends[:, :n, block]).all()
        assert (here.weight == together.weight[:, :n, block]).all()


def test_friends_depend_on_seed_and_room_and_not_on_luck() -> None:
    """Replicates are the same students with the same friends; another seed or room has others."""
    roster = Roster.synthetic(12)
    seats = roster.seats([0, 1], seed=1)
    assert (roster.seats([0, 1], seed=1, luck=7).friends == seats.friends).all()
    assert (roster.seats([0, 1], seed=2).friends != seats.friends).any()
    assert (seats.friends[..., 0] != seats.friends[..., 1]).any()


def test_pick_takes_rooms_by_position() -> None:
    """Some rooms of a block are what the roster gives for those rooms, whether named by list, array or slice."""
    roster = Roster([school_class("a", 4, interest=[0.0, 1.0, NAN, 3.0]), school_class("b", 4)], "two")
    seats = roster.seats([8, 3, 5, 0], seed=1, luck=4)
    for chosen, rooms in (([1, 3], [3, 0]), (np.array([2, 0]), [5, 8]), (slice(1, 3), [3, 5])):
        picked, alone = seats.pick(chosen), roster.seats(rooms, seed=1, luck=4)
        for a, b in zip(picked[:4], alone[:4], strict=True):
            assert a.dtype == b.dtype
            assert (a == b).all()
            assert a.flags.c_contiguous
        assert (picked.seed, picked.luck) == (1, 4)


@pytest.mark.parametrize(
    ("rooms", "seed", "what"),
    [([-1], 0, "room"), ([0, LIMIT], 0, "room"), ([0.5], 0, "room"), ([0], -1, "seed"), ([0], LIMIT, "seed")],
)
@pytest.mark.parametrize("network", NETWORKS)
def test_rooms_and_seeds_out_of_range_are_refused(rooms: list[Any], seed: int, what: str, network: str) -> None:
    """One sentence with the value and the range."""
    with pytest.raises(InputError, match=rf"^{what} is .*; it needs a whole number from 0 to"):
        Roster.synthetic(2, network).seats(rooms, seed)


def test_the_last_room_and_seed() -> None:
    """Rooms and seeds reach to 2**53 - 1."""
    seats = Roster.synthetic(3).seats([LIMIT - 1], LIMIT - 1)
    assert seats.rooms.tolist() == [LIMIT - 1]


# ---- the networks ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("network", NETWORKS)
def test_networks_are_sound(network: str, size: int) -> None:
    """Friends sit in the class, nobody twice and nobody with themselves; weights are even and add up to 1."""
    friends, weight = connect(network, size, 3, 1)
    assert friends.shape == weight.shape == (FRIENDS, size)
    assert friends.dtype == np.int64
    named = weight > 0
    for student in range(size):
        mine = friends[named[:, student], student].tolist()
        assert mine
        assert len(set(mine)) == len(mine)
        assert student not in mine
        assert set(mine) <= set(range(size))
        assert weight[:, student].tolist() == [1 / len(mine) if named[k, student] else 0 for k in range(FRIENDS)]
    assert not friends[~named].any()
    assert weight.sum(0) == pytest.approx(np.ones(size), abs=1e-15)


@pytest.mark.parametrize("network", NETWORKS)
def test_weights_of_a_block(network: str) -> None:
    """In the arrays of a block weights add up to 1 for every student and to 0 for every empty seat."""
    seats = three_classes(network).seats(range(3), seed=0)
    assert seats.weight.sum(0) == pytest.approx(slot(seats, "present"), abs=1e-15)
    sizes = np.array([3, 7, 2])
    assert (seats.friends < sizes).all()
    assert ((seats.friends != np.arange(7)[:, None]) | (seats.weight == 0)).all()


@pytest.mark.parametrize(("size", "expected"), [(2, 1), (3, 2), (4, 3), (5, 4), (6, 4), (60, 4)])
def test_number_of_friends(size: int, expected: int) -> None:
    """Each student names four classmates, or all where there are fewer."""
    _, weight = connect("friendship", size, 0, 0)
    assert (weight > 0).sum(0).tolist() == [expected] * size


def test_friends_are_drawn_by_address() -> None:
    """A student names the classmates with the lowest draws at the address of room, student and classmate."""
    friends, _ = connect("friendship", 9, room=11, seed=5)
    for student in range(9):
        classmates = [mate for mate in range(9) if mate != student]
        draws = {mate: float(uniform(5, "friends", 11, student, mate)) for mate in classmates}
        assert friends[:, student].tolist() == sorted(classmates, key=draws.__getitem__)[:4]


def test_friends_are_drawn_evenly() -> None:
    """Over 500 rooms every classmate is named as often as any other, within 5 standard deviations."""
    rooms, size = 500, 10
    counts = np.zeros((size, size))
    for room in range(rooms):
        friends, _ = connect("friendship", size, room, 0)
        np.add.at(counts, (np.arange(size), friends), 1)
    share = FRIENDS / (size - 1)
    assert not np.diag(counts).any()
    others = counts[~np.eye(size, dtype=bool)]
    z = (others - rooms * share) / np.sqrt(rooms * share * (1 - share))
    assert np.abs(z).max() < 5
    assert 0.8 < z.std() < 1.2


def test_friendship_need_not_be_returned() -> None:
    """A student names friends without asking: a friendship is returned as often as chance has it."""
    returned = 0
    for room in range(300):
        friends, _ = connect("friendship", 30, room, 0)
        names = np.zeros((30, 30), bool)
        names[np.arange(30), friends] = True
        returned += int((names & names.T).sum())
    share = returned / (300 * 30 * FRIENDS)
    assert share == pytest.approx(FRIENDS / 29, abs=0.01)


@pytest.mark.parametrize("size", SIZES)
def test_desks_are_neighbours_both_ways(size: int) -> None:
    """In rows of six the neighbours are the desks to the left, right, front and back, worked out one by one."""
    friends, weight = connect("seating", size, 0, 0)
    beside = {i: set(friends[weight[:, i] > 0, i].tolist()) for i in range(size)}
    expected: dict[int, set[int]] = {i: set() for i in range(size)}
    rows = [list(range(first, min(first + ROW, size))) for first in range(0, size, ROW)]
    pairs = [pair for row in rows for pair in pairwise(row)]
    pairs += [pair for front, back in pairwise(rows) for pair in zip(front, back, strict=False)]
    for i, j in pairs:
        expected[i].add(j)
        expected[j].add(i)
    assert ROW == 6
    assert beside == expected


def test_desks_have_nothing_to_do_with_chance() -> None:
    """Neighbours are the same in every room and under every seed."""
    first, second = connect("seating", 20, 0, 0), connect("seating", 20, 9, 4)
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()


def test_an_unknown_network_is_refused() -> None:
    """The nearest name is offered."""
    with pytest.raises(InputError, match=r"^unknown network 'seatings'; did you mean seating\?$"):
        connect("seatings", 10, 0, 0)
