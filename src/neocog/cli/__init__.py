"""The command line: one command per file, each imported when it is called."""

from neocog.cli import clock as clock
