"""``neocog``: run a command, and turn whatever goes wrong into words and an exit code."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from neocog.cli.verbs import VERSION, front_page
from neocog.core.errors import Problem, plain

OUR_FAULT = 70
PIPE_CLOSED = 128 + 13


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled as Ctrl-C is, so that work is saved, but with an exit code of its own."""


def main() -> None:
    """The entry point: leaves the process with the exit code of RELIABILITY's list."""
    from neocog.cli.allocator import keep_memory

    signal.signal(signal.SIGTERM, _terminate)
    if not is_front_page(sys.argv[1:]):
        keep_memory()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes but ``SystemExit`` of a broken interpreter."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    flags = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        _dispatch(arguments)
        sys.stdout.flush()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    except Problem as problem:
        return _report(problem, problem, flags)
    except Exception as fault:
        return _report(_our_fault(fault), fault, flags)


def is_front_page(arguments: Sequence[str]) -> bool:
    """Whether only help or the version is asked for, for which nothing needs to be imported."""
    return list(arguments) in ([], ["--help"], ["-h"], ["--version"])


def _dispatch(arguments: Sequence[str]) -> None:
    if is_front_page(arguments):
        print(VERSION if arguments and arguments[0] == "--version" else front_page())
        return
    from cyclopts.exceptions import CycloptsError

    from neocog.cli.app import build
    from neocog.cli.problems import usage_problem

    try:
        build()(list(arguments), exit_on_error=False, print_error=False, help_on_error=False)
    except CycloptsError as error:
        raise usage_problem(error) from error


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    """What was interrupted may know its signal and how to go on."""
    number = getattr(interrupt, "signal", signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT)
    help = getattr(interrupt, "help", "")
    print(f"stopped: {help}" if help else "stopped", file=sys.stderr)
    return 128 + int(number)


def _our_fault(fault: Exception) -> Problem:
    words = " ".join(str(fault).split())[:300]
    return Problem(
        "our-fault",
        f"neocog failed where it should not: {type(fault).__name__}{': ' if words else ''}{words}",
        note="this is our fault, not yours; what was saved before is still there",
        help="run it again with --debug: it then prints where it failed, which a report of this fault needs",
    )


def _report(problem: Problem, cause: Exception, flags: Sequence[str]) -> int:
    if "--debug" in flags or os.environ.get("NEOCOG_DEBUG") == "1":
        import traceback

        print(plain("".join(traceback.format_exception(cause))), file=sys.stderr)
    text = json.dumps(problem.as_json()) if "--json" in flags else str(problem)
    print(text, file=sys.stderr)
    return problem.exit_code
