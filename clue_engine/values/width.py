"""Columns that a text takes on a terminal: a Chinese character takes two."""

from __future__ import annotations

import unicodedata


def character_width(character: str) -> int:
    """2 for wide and full-width characters, 0 for combining and control ones."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else sum(character_width(c) for c in text)
