"""The verbs, each with the place of its command and one line of help, and the page that shows them all."""

import shutil
import textwrap

import neocog

HELP = """\
Find out which neural network your images need, prove it, and see what it costs.

DATA is a built-in name (digits, mnist, cifar10 ...), a folder of class folders, a .zip or .tar of one, a CSV, an .npz \
or .npy, or an idx file. Other questions (boxes, texts, series, games ...): --task. Begin with: neocog compare digits"""

VERBS: dict[str, dict[str, tuple[str, str]]] = {
    "Find out": {
        "check": ("neocog.cli.check:check", "Look at DATA: what was found, and what each network will see."),
        "compare": ("neocog.cli.compare:compare", "Train several networks on DATA, and say which is better."),
        "report": ("neocog.cli.report:report", "Write the HTML report of a comparison, or of a run."),
    },
    "One network": {
        "train": ("neocog.cli.train:train", "Train one network on DATA."),
        "resume": ("neocog.cli.resume:resume", "Go on with an interrupted run, exactly where it was."),
        "reproduce": ("neocog.cli.reproduce:reproduce", "Train a run again: identical, or where it differs."),
        "evaluate": ("neocog.cli.evaluate:evaluate", "Score a saved run on new labelled DATA."),
        "predict": ("neocog.cli.predict:predict", "Answer with a saved run: the class of images, the next words ..."),
        "lr-find": ("neocog.cli.lr_find:lr_find", "Draw the loss against the learning rate (range test)."),
        "summary": ("neocog.cli.summary:summary", "Layer by layer: shapes, parameters, multiply-adds."),
    },
    "Look up": {
        "networks": ("neocog.cli.networks:networks", "The networks there are."),
        "datasets": ("neocog.cli.datasets:datasets", "The built-in data sets."),
        "options": ("neocog.cli.options:options", "The options of a network, a task or a part of training."),
        "cache": ("neocog.cli.cache:cache", "Where decoded images are kept, and how to clear them."),
        "doctor": ("neocog.cli.doctor:doctor", "Check this installation, and say how to mend it."),
    },
}
FLAGS = {
    "--help": "This page; `neocog VERB --help` shows the flags of a verb.",
    "--version": "The version.",
    "--install-completion": "Complete verbs and flags in bash, zsh or fish.",
}
NAMES = tuple(name for verbs in VERBS.values() for name in verbs)
VERSION = f"neocog {neocog.__version__}"


def front_page(width: int | None = None) -> str:
    """What ``neocog --help`` prints: made from the tables above, so that nothing needs to be imported for it."""
    width = min(100, width or shutil.get_terminal_size().columns)
    lines = ["Usage: neocog VERB [DATA] [--flag value ...]"]
    for paragraph in HELP.split("\n\n"):
        lines += ["", *textwrap.wrap(paragraph, width)]
    groups = {title: {name: help for name, (_, help) in verbs.items()} for title, verbs in VERBS.items()}
    for title, entries in (groups | {"Flags": FLAGS}).items():
        lines += ["", f"{title}:"]
        indent = 24 if title == "Flags" else 12
        for name, help in entries.items():
            first = f"  {name}".ljust(indent)
            lines += textwrap.wrap(help, width, initial_indent=first, subsequent_indent=" " * indent)
    return "\n".join(lines)
