"""The command line: `autograder check`, `autograder doctor`, `autograder demo`."""

from autograder.commands.app import app

__all__ = ["app"]
