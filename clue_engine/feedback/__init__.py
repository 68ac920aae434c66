"""What offices send back: returned lists are read, each answer is found its clue, and kept in the ledger."""
