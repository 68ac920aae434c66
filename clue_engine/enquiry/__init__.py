"""Questions to a finished workspace: lists, one clue, comparison, review. Only decisions of people are ever written."""
