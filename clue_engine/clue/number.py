"""Numbers of clues: the same clue keeps its number from scan to scan, and nobody can compute whose it is.

Comes in: clue_key, clue_claim, party, event_case, the numbers that were given before. Goes out: clue_numbered,
clue_home; after a scan number_given, number_key and number_home, which outlive it. A new number is a keyed hash of whom
the clue names first, his case and the direction. The key is a secret of the workspace: resident numbers can be tried
one by one, a hash alone hides nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.workspace import Workspace

_PACKAGE = "clue_engine.clue"
_DIGITS = 8
KEY_FILE = "CLUE_SITE_KEY_FILE"  # environment: a file with the office's own secret, for a workspace without numbers
SITE_KEY = "site.key"  # the same, lying in the workspace
TABLES = ("number_secret", "number_given", "number_key")
HOMES = "number_home"  # the household's number of each clue's number
FORMER = "number_former"  # numbers of a version that hashed the household's key, where one was carried over


def prepare_numbers(ws: Workspace) -> str:
    """The tables of numbers, empty where there are none, and the secret of the workspace."""
    if not ws.has_table("number_secret"):
        ws.con.execute("create table number_given (clue_id varchar, direction varchar, seq bigint, now_id varchar)")
        ws.con.execute(
            "create table number_key"
            " (key varchar, clue_id varchar, since integer, place integer, through boolean, known boolean)"
        )
        ws.con.execute("create table number_secret (secret varchar)")
        ws.con.execute("insert into number_secret values (?)", [own_key(ws.directory) or first_key(ws)])
    if not ws.has_table(HOMES):  # carried from a version that kept none
        ws.con.execute(f"create table {HOMES} (clue_id varchar, home_no varchar)")
    ((secret,),) = ws.rows("select secret from number_secret")
    return str(secret)


def first_key(ws: Workspace) -> str:
    """A secret for a workspace that has none: made of all parties and case numbers of its first scan.

    So the same inputs have the same numbers in every new workspace, in any order and encoding. Who holds a register or
    a list that was handed out cannot make it; who holds every case file needs no number to know who it is.
    """
    ((parties,),) = ws.rows("select string_agg(concat_ws(chr(31), name, id), chr(30) order by name, id) from party")
    ((cases,),) = ws.rows(
        "select string_agg(concat_ws(chr(31), case_no, unified_no), chr(30) order by case_no, unified_no)"
        " from event_case"
    )
    if not parties:
        return secrets.token_hex(32)
    return hashlib.sha256(f"clue number\0{parties}\0{cases}".encode()).hexdigest()


def own_key(directory: Path) -> str:
    """The office's own secret, if it keeps one; any bytes are one. Raises CE-U34 when a named file cannot be read."""
    named = os.environ.get(KEY_FILE, "").strip()
    path = directory / SITE_KEY if (directory / SITE_KEY).is_file() or not named else Path(named)
    if not path.is_file() and not named:
        return ""
    try:
        key = path.read_bytes().strip()
    except OSError:
        key = b""
    if not key:
        hint = f"检查环境变量 {KEY_FILE} 和工作区里的 {SITE_KEY}；不用自己的密钥时去掉它，程序会新生成"
        raise ClueError("CE-U34", "编号密钥读不出来，或是空的", place=str(path), hint=hint)
    try:
        return key.decode("utf-8-sig").strip()
    except UnicodeDecodeError:  # random bytes, or UTF-16 as some consoles write it
        return key.hex()


def give_numbers(ws: Workspace) -> None:
    """Write clue_numbered: each clue under the oldest number that one of its keys knows, else under a new one."""
    secret = prepare_numbers(ws)
    for name in ("clue_key.sql", "clue_claim.sql"):
        ws.run_sql_file(_PACKAGE, name, {"number_secret": secret})
    found = _found_again(ws)
    used = {str(number) for (number,) in ws.rows("select clue_id from number_given")}
    # of two clues with the same best key the one whose household comes first in any order of input
    for household_id, direction, prefix, key in ws.rows(
        "select k.household_id, k.direction, p.prefix, k.key from clue_key as k"
        " join clue_pack_direction as p on p.direction = k.direction"
        " join household as h on h.household_id = k.household_id where k.seq = 1 order by k.key, h.household_key"
    ):
        if (household_id, direction) not in found:
            found[household_id, direction] = _new_number(secret, prefix, key, used)
    rows = [(household_id, direction, number) for (household_id, direction), number in sorted(found.items())]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    ws.con.execute(
        "create or replace table clue_numbered as select unnest(?::bigint[]) as household_id,"
        " unnest(?::varchar[]) as direction, unnest(?::varchar[]) as clue_id",
        columns,
    )
    ws.run_sql_file(_PACKAGE, "clue_home.sql", {"number_secret": secret})


def _found_again(ws: Workspace) -> dict[tuple[int, str], str]:
    """Old numbers, the oldest first; of several clues that know one the surest takes it."""
    found: dict[tuple[int, str], str] = {}
    taken: set[str] = set()
    for household_id, direction, number in ws.rows(
        "select household_id, direction, clue_id from clue_claim order by number_seq, best, household_key"
    ):
        if number not in taken and (household_id, direction) not in found:
            found[household_id, direction] = number
            taken.add(number)
    return found


def _new_number(secret: str, prefix: str, key: str, used: set[str]) -> str:
    """A number that was never given before; ``used`` gets it."""
    turn = 0
    while True:
        digest = hmac.new(secret.encode(), f"{key}|{turn}".encode(), hashlib.sha256).hexdigest()
        number = f"{prefix}-{digest[:_DIGITS].upper()}"
        if number not in used:
            used.add(number)
            return number
        turn += 1


def remember_numbers(ws: Workspace) -> int:
    """Keep what the next scan needs to find the clues of this one again. Returns how many of them are listed anew."""
    new = "select count(*) from clue anti join number_given using (clue_id)"
    with ws.transaction():
        ((n_new,),) = ws.rows(new)
        ws.run_sql_file(_PACKAGE, "number.sql")
        ws.run_sql_file(_PACKAGE, "number_home.sql")
    return int(n_new)


def number_now(ws: Workspace, number: str) -> str:
    """The number under which a clue is listed now: itself, or the one that it was merged into."""
    asked = number.strip().upper()
    if ws.has_table(FORMER):
        own = f"select c.clue_id from clue as c join {FORMER} as f using (household_key, direction) where f.clue_id = ?"
        asked = next((str(found) for (found,) in ws.rows(own, [asked])), asked)
    if ws.has_table("number_given"):
        seen: set[str] = set()
        while asked not in seen:
            seen.add(asked)
            for (now,) in ws.rows("select now_id from number_given where clue_id = ? and now_id is not null", [asked]):
                asked = str(now)
    return asked
