"""The command line; one thin module per group of commands."""


def main() -> None:
    """Entry point of ``clue-engine``. Imports nothing before it is called."""
    from clue_engine.cli.app import main as run

    run()
