"""The persons of the bulk county as columns, sorted by household."""

import numpy as np
import pyarrow as pa

from . import places
from .bulk_columns import as_strings, digits, join, resident_ids
from .people import GIVEN_FEMALE, GIVEN_MALE, SURNAMES

RELATIONS = ("户主", "配偶", "之子", "之女", "之父", "之母")


class Population:
    """Columns of all persons of the registry."""

    def __init__(self, rng: np.random.Generator, households: int, persons: int) -> None:
        self.n_homes, self.n = households, persons
        extra = rng.integers(0, households, max(0, persons - households))
        self.home = np.sort(np.concatenate([np.arange(households), extra]))[:persons]
        first = np.r_[0, np.flatnonzero(np.diff(self.home)) + 1]
        self.position = np.arange(persons) - np.repeat(first, np.diff(np.r_[first, persons]))
        self.relation_index = np.minimum(self.position, 5)
        age = np.where(self.position < 2, rng.integers(28, 62, persons), rng.integers(1, 26, persons))
        self.age = np.where(self.position >= 4, rng.integers(60, 86, persons), age)
        self.male = rng.random(persons) < 0.51
        births = np.datetime64("2026-06-01") - (self.age * 365 + rng.integers(0, 364, persons)).astype("timedelta64[D]")
        self.ids, self.births = resident_ids(births, rng.permutation(persons), self.male)
        given = pa.array(list(GIVEN_MALE + GIVEN_FEMALE))
        shift = np.where(self.male, 0, len(GIVEN_MALE))
        self.names = join(
            pa.array(list(SURNAMES)).take(pa.array(rng.integers(0, len(SURNAMES), households)[self.home])),
            given.take(pa.array(shift + rng.integers(0, len(GIVEN_MALE), persons))),
            given.take(pa.array(shift + rng.integers(0, len(GIVEN_FEMALE), persons))),
        )
        per_village = -(-households // (len(places.TOWNS) * 9))
        village = np.arange(households) // per_village
        names = [f"{head}" for town in range(len(places.TOWNS)) for head in places.villages(town)]
        self.town = pa.array(list(places.TOWNS)).take(pa.array((village // 9)[self.home]))
        self.village = pa.array(names).take(pa.array(village[self.home]))
        codes = pa.array([places.village_code(v // 9, v % 9) for v in range(len(names))])
        serial = as_strings(digits(np.arange(households) % per_village + 1, 4 if per_village < 10000 else 6) + 48)
        self.home_no = join(codes.take(pa.array(village)), serial).take(pa.array(self.home))
        self.monitored = (rng.random(households) < 0.35)[self.home]
        self.open = (rng.random(households) < 0.45)[self.home]
        self.dibao = (rng.random(households) < 0.22)[self.home]
        self.income = rng.integers(4200, 26000, households)[self.home]
        self.size = np.bincount(self.home, minlength=households)[self.home]
