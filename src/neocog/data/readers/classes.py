"""The one class map, taken from train, and what can be wrong with labels."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.data.readers.findings import UNCHANGED, Findings

FEWEST_PER_CLASS = 3
FEWEST = 6


def class_order(name: str) -> tuple[int, int, str]:
    """A sorting key: numeric names first and by number, then the others by their letters."""
    numeric = name.isascii() and name.isdigit() and len(name) < 19
    return (0, int(name), name) if numeric else (1, 0, name)


def class_map(labels: Sequence[str], parts: Sequence[str]) -> tuple[str, ...]:
    """The classes of train (and of what is not assigned yet), in order."""
    return tuple(sorted({label for label, part in zip(labels, parts) if part in ("train", "")}, key=class_order))


def check_ignored(ignored: Iterable[str], labels: Collection[str]) -> None:
    """Raise ``labels-ignored-unknown`` where a class to ignore does not exist."""
    known = set(labels)
    missing = [name for name in ignored if name not in known]
    if missing:
        meant = near(missing[0], known)
        raise UsageProblem(
            "labels-ignored-unknown",
            f"there is no class `{missing[0]}` to ignore",
            where=[f"{name}   known: {', '.join(sorted(known)[:20])}" for name in missing],
            help=f"did you mean `--ignore-class {meant}`?" if meant else "name a class that exists",
        )


def check_classes(
    labels: Sequence[str],
    parts: Sequence[str],
    classes: Sequence[str],
    findings: Findings,
    *,
    folders: bool = False,
    one_class: bool = False,
) -> None:
    """Gather what is wrong with the labels: unknown, twin, single (unless one will do) and tiny classes, too few."""
    known = set(classes)
    for part in ("val", "test"):
        strange = Counter(label for label, p in zip(labels, parts) if p == part and label not in known)
        if strange:
            findings.add_problem(_unknown(part, strange, classes, folders))
    for twins in _twins(classes):
        findings.add("labels-case-twins", " and ".join(f"`{name}`" for name in twins))
    counts = Counter(label for label in labels if label in known)
    present = [name for name in classes if counts[name]]
    if len(present) == 1 and not one_class:
        findings.add("labels-single-class", f"{present[0]} ({counts[present[0]]:,} images)")
    small = [name for name in present if counts[name] < FEWEST_PER_CLASS]
    for name in small:
        findings.add("labels-class-too-small", name, f"{counts[name]} images")
    if sum(counts.values()) < FEWEST and not small:
        findings.add("data-too-few", f"{sum(counts.values())} images")


def _unknown(part: str, strange: Counter[str], classes: Sequence[str], folders: bool) -> DataProblem:
    names = sorted(strange, key=class_order)
    meant = near(names[0], classes)
    shown = [f"{part}/{name}/" if folders else f"{part}: {name}" for name in names]
    where = [f"{place} ({strange[name]:,} images)" for place, name in zip(shown, names)]
    known = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
    change = "rename the folder" if folders else "mend the label"
    subject = "a class" if len(names) == 1 else f"{len(names)} classes"
    return DataProblem(
        "labels-unknown-class",
        f"the {part} set has {subject} that the model never saw",
        where=[f"{where[0]}   known: {known}", *where[1:]],
        note=UNCHANGED,
        help=(f"did you mean `{meant}`? " if meant else "") + f"{change}, or pass --ignore-class {names[0]}",
    )


def _twins(classes: Sequence[str]) -> list[list[str]]:
    alike: dict[str, list[str]] = {}
    for name in classes:
        folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        alike.setdefault(folded, []).append(name)
    return [names for names in alike.values() if len(names) > 1]
