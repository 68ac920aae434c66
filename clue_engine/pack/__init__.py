"""The rule pack: read YAML as text with places, load, freeze. ``load.load_pack`` is the entry."""
