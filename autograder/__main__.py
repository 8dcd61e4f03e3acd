"""`python -m autograder` is the command `autograder`."""

from autograder.commands import app

if __name__ == "__main__":
    app(prog_name="autograder")
