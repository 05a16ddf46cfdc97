"""Cyclopts' usage errors in our own form."""

from typing import Literal, get_args, get_origin

from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)

from neocog.cli.verbs import FLAGS, NAMES
from neocog.core.errors import UsageProblem
from neocog.core.options import near


def usage_problem(error: CycloptsError) -> UsageProblem:
    """What was wrong with the command line, with a near match and the verb's help command."""
    verb = " ".join(error.command_chain or ())
    look_up = f"`neocog {verb} --help`" if verb else "`neocog --help`"
    if isinstance(error, UnknownCommandError):
        return _unknown_verb((error.unused_tokens or [""])[0])
    if isinstance(error, UnknownOptionError):
        return _unknown_flag(error, verb, look_up)
    if isinstance(error, CoercionError):
        flag = _flag(error)
        value = error.token.value if error.token else ""
        return UsageProblem(
            "flag-value",
            f"{flag} cannot be `{value}`",
            where=f"neocog {verb}: {flag} {value}",
            help=f"{_wanted(error)}; see {look_up}",
        )
    if isinstance(error, MissingArgumentError):
        return UsageProblem(
            "argument-missing", f"{_flag(error)} needs a value", where=f"neocog {verb}", help=f"see {look_up}"
        )
    if isinstance(error, UnusedCliTokensError):
        extra = (error.unused_tokens or [""])[0]
        return UsageProblem(
            "argument-unexpected",
            f"`{extra}` is one argument too many",
            where=f"neocog {verb}: {extra}",
            help=f"put names with spaces into quotes, and write options with --; see {look_up}",
        )
    if isinstance(error, ValidationError):
        return UsageProblem("flag-value", str(error), where=f"neocog {verb}", help=f"see {look_up}")
    return UsageProblem("usage", str(error), where=f"neocog {verb}", help=f"see {look_up}")


def _unknown_verb(word: str) -> UsageProblem:
    meant = near(word, FLAGS if word.startswith("-") else NAMES)
    looks_like_data = not meant and any(sign in word for sign in "/\\.")
    return UsageProblem(
        "verb-unknown",
        f"neocog has no command `{word}`",
        where=f"neocog {word}   known: {', '.join(NAMES)}",
        help=f"did you mean `neocog {meant}`?"
        if meant
        else f"did you mean `neocog compare {word}`?"
        if looks_like_data
        else "see `neocog --help`",
    )


def _unknown_flag(error: UnknownOptionError, verb: str, look_up: str) -> UsageProblem:
    flag = (error.token.keyword or error.token.value).split("=", 1)[0]
    known = [name for argument in error.argument_collection if argument.parse for name in argument.names]
    meant = near(flag, known)
    return UsageProblem(
        "flag-unknown",
        f"neocog {verb} has no flag `{flag}`" if verb else f"neocog has no flag `{flag}`",
        where=f"neocog {verb}: {flag}",
        help=f"did you mean `{meant}`?" if meant else f"see {look_up}; options of a network go through --set",
    )


def _flag(error: CoercionError | MissingArgumentError) -> str:
    if isinstance(error, CoercionError) and error.token and error.token.keyword:
        return error.token.keyword
    if error.argument is None:
        return "a value"
    return error.argument.name if error.argument.field_info.is_keyword_only else error.argument.name.lstrip("-").upper()


def _wanted(error: CoercionError) -> str:
    if get_origin(error.target_type) is Literal:
        choices = [str(choice) for choice in get_args(error.target_type)]
        meant = near(error.token.value if error.token else "", choices)
        return f"{f'did you mean `{meant}`? ' if meant else ''}give one of {', '.join(choices)}"
    words = {int: "a whole number", float: "a number", bool: "true or false"}
    return f"give {words.get(error.target_type, 'another value')}" if error.target_type else "give another value"
