"""Flags that several verbs share, declared once."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Group, Parameter

NETWORKS_BY_DEFAULT = "linear,mlp,simple-cnn,lenet5,resnet"
TaskFlag = Annotated[str | None, Parameter(help="What is asked of DATA, with options; by default what DATA tells.")]
READING = Group("How DATA is read", sort_key=11)
LEARNING = Group("How networks are trained", sort_key=10)
SPEAKING = Group("How this command speaks", sort_key=12)
NoCache = Annotated[bool, Parameter(help="Keep no decoded images on disk.", group=READING, show_default=False)]


@Parameter(name="*", group=SPEAKING, show_default=False)
@dataclass(frozen=True, kw_only=True)
class OutputFlags:
    """How a command speaks."""

    json: Annotated[bool, Parameter(help="Print one JSON document, and nothing else, on the standard output.")] = False
    quiet: Annotated[bool, Parameter(help="No progress and no notes.")] = False
    debug: Annotated[bool, Parameter(help="Show a traceback when something goes wrong.")] = False


@Parameter(name="*", group=READING, show_default=False)
@dataclass(frozen=True, kw_only=True)
class DataFlags:
    """How DATA is read."""

    size: Annotated[int | None, Parameter(help="Longer side in pixels; images keep their proportions.")] = None
    root: Annotated[str | None, Parameter(help="Folder that holds the files of a built-in data set.")] = None
    download: Annotated[
        bool, Parameter(negative="--offline", help="Whether a built-in data set may be fetched from the network.")
    ] = False
    no_cache: NoCache = False
    skip_bad: Annotated[bool, Parameter(help="Leave out files that cannot be read, and count them.")] = False
    ignore_class: Annotated[tuple[str, ...], Parameter(help="Leave out this class; may be repeated.")] = ()
    split_by_group: Annotated[
        str | None,
        Parameter(help="Never divide copies of an image (duplicates), groups that names tell (guess), or a column's."),
    ] = None
    set: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            help="An option: network.depth=20, descent.rate=0.01, data.label_column=species; may be repeated.",
        ),
    ] = ()


@Parameter(name="*", group=LEARNING)
@dataclass(frozen=True, kw_only=True)
class LearnFlags:
    """How networks are trained, and to do what."""

    task: TaskFlag = None
    augment: Annotated[str, Parameter(help="none, default, or options such as rotation=15,shift=0.1.")] = "default"
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Parameter(help="Where to compute.")] = "auto"


@Parameter(name="*", show_default=False)
@dataclass(frozen=True, kw_only=True)
class TrustFlags:
    """Whose code a file may name."""

    allow_module: Annotated[
        tuple[str, ...], Parameter(help="A module of yours whose classes the run may name; may be repeated.")
    ] = ()
