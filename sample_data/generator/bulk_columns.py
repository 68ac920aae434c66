"""Whole columns of text at a time (numpy, pyarrow): words, numbers, resident IDs. For the bulk county only."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import places
from .people import CHECK_DIGITS, WEIGHTS

Table = dict[str, pa.Array]


def text(values: np.ndarray) -> pa.Array:
    """Numbers as text."""
    return pc.cast(pa.array(values), pa.string())


def pick(
    rng: np.random.Generator, words: tuple[str, ...] | str, size: int, weights: tuple[float, ...] = ()
) -> pa.Array:
    """A random word per row."""
    share = np.array(weights) / sum(weights) if weights else None
    return pa.array(list(words)).take(pa.array(rng.choice(len(words), size, p=share)))


def join(*parts: pa.Array | str) -> pa.Array:
    """Concatenate text columns and constants row by row."""
    return pc.binary_join_element_wise(*parts, "")


def digits(values: np.ndarray, width: int) -> np.ndarray:
    """Decimal digits of non-negative numbers as a matrix."""
    return (values[:, None] // 10 ** np.arange(width - 1, -1, -1)) % 10


def as_strings(matrix: np.ndarray) -> pa.Array:
    """A matrix of ASCII codes as fixed-width text."""
    width = matrix.shape[1]
    flat = np.ascontiguousarray(matrix.astype(np.uint8))
    offsets = np.arange(0, len(flat) * width + 1, width, dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(flat.tobytes())]
    return pa.Array.from_buffers(pa.large_string(), len(flat), buffers).cast(pa.string())


def resident_ids(birth_day: np.ndarray, serial: np.ndarray, male: np.ndarray) -> tuple[pa.Array, pa.Array]:
    """18-digit IDs (odd = male) with check digit, and the birth dates in them. birth_day: datetime64[D]."""
    months = birth_day.astype("datetime64[M]")
    year = birth_day.astype("datetime64[Y]").astype(int) + 1970
    month = months.astype(int) % 12 + 1
    day = (birth_day - months).astype(int) + 1
    code = np.full(len(year), int(places.CODE)) + (serial // 499) % 9  # nine codes, so that numbers do not run out
    first17 = np.hstack(
        [
            digits(code, 6),
            digits(year * 10000 + month * 100 + day, 8),
            digits(serial % 499 * 2 + np.where(male, 1, 2), 3),
        ]
    )
    check = np.frombuffer(CHECK_DIGITS.encode(), np.uint8)[(first17 @ np.array(WEIGHTS)) % 11]
    numbers = as_strings(np.hstack([first17 + 48, check[:, None]]))
    return numbers, as_strings(first17[:, 6:14] + 48)


def either(mask: np.ndarray, yes: pa.Array | str, no: pa.Array | str) -> pa.Array:
    return pc.if_else(pa.array(mask), yes, no)


def same(word: str, size: int) -> pa.Array:
    return pa.array([word]).take(pa.array(np.zeros(size, dtype=np.int64)))
