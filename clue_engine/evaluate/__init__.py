"""Evaluate: facts -> hits, holds, witnesses, missing facts (``station``); one household explained (``explain``)."""
