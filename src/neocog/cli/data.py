"""DATA as the flags describe it, opened, and described in words."""

from typing import TYPE_CHECKING, Any

from neocog.cli.output import Output
from neocog.cli.settings import data_settings_from
from neocog.cli.shared import DataFlags
from neocog.core.catalogue import Spec

if TYPE_CHECKING:
    from neocog.data.family import AbstractData
    from neocog.tasks.task import AbstractTask

IMBALANCE = 10
FEW_TEST_ITEMS = 100


def asked(data: str | None, task: str | None) -> "tuple[Spec, type[AbstractTask[Any, Any]]]":
    """The task that the flags, or the name of the data, tell."""
    from neocog.core.catalogue import ANY_MODULE
    from neocog.runs.setup import task_for

    return task_for(data, task, ANY_MODULE)


def data_options(flags: DataFlags) -> dict[str, Any]:
    """The flags, and the texts of ``--set data.*``, as options of the data; what was not given is left out."""
    values: dict[str, Any] = {
        "size": flags.size,
        "root": flags.root,
        "skip_bad": flags.skip_bad,
        "ignore_class": flags.ignore_class,
        "group_column": flags.split_by_group,
    }
    given = {key: value for key, value in values.items() if value is not None and value is not False and value != ()}
    return {**given, **data_settings_from(flags.set)}


def opened(
    name: str, kind: "type[AbstractTask[Any, Any]]", flags: DataFlags, out: Output, device: str = "auto"
) -> "tuple[Any, AbstractData]":
    """The data, read, and the choice that led to them."""
    from neocog.runs.setup import open_data

    return open_data(
        kind,
        name,
        data_options(flags),
        device=device,
        download=flags.download,
        keep=not flags.no_cache,
        progress=out.progress(),
    )


def as_json(data: "AbstractData") -> dict[str, Any]:
    """What ``--json`` says of the data."""
    return {
        "name": data.name,
        "takes": str(data.takes),
        **data.details(),
        "classes": data.classes,
        "counts": data.counts(),
        "fingerprint": data.fingerprint,
        "skipped": data.skipped,
        "notes": data.notes,
        "warnings": warnings(data),
    }


def warnings(data: "AbstractData") -> list[str]:
    """What the person should know before trusting a score on these data."""
    found = []
    counts = data.counts()
    by_class = counts["train"]
    rare, common = min(by_class, key=lambda name: by_class[name]), max(by_class, key=lambda name: by_class[name])
    if by_class[common] >= IMBALANCE * by_class[rare]:
        found.append(
            f"the classes are unequal: {by_class[common]:,} training items of {common}, {by_class[rare]:,} of {rare}; "
            "look at the balanced accuracy too, or weigh classes with --set task.balance=true"
        )
    test = sum(counts["test"].values())
    if test < FEW_TEST_ITEMS:
        found.append(f"the test part has {test} items only: small differences cannot be told")
    return found
