"""Sample data of an invented county and the generator that makes it."""
