"""The clue ledger: what became of each clue. It outlives runs, folders and versions, and knows numbers only."""

from clue_engine.ledger.events import LABELS as LABELS
from clue_engine.ledger.events import Event as Event
from clue_engine.ledger.standing import Standing as Standing
from clue_engine.ledger.standing import standings as standings
from clue_engine.ledger.store import Ledger as Ledger
