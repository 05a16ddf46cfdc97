"""DataChoice: which data, read and divided how; plain values only, so that it can be written into a TOML."""

from dataclasses import dataclass
from typing import Annotated

from neocog.core.rules import AtLeast, Between
from neocog.data.split import Split

GUESS, DUPLICATES = "guess", "duplicates"  # groups that are no column


@dataclass(frozen=True, kw_only=True)
class DataChoice:
    """Which data, read and divided how."""

    name: Annotated[str, "A built-in name, a folder, an archive, a table, arrays or idx files."] = "digits"
    size: Annotated[int | None, Between(4, 1024), "Pixels of the longer side; none: the median of the images."] = None
    root: Annotated[str | None, "Folder of a built-in set's files, or of the images that a table names."] = None
    path_column: Annotated[str | None, "Column of a table with the paths; none: guessed by its name."] = None
    label_column: Annotated[str | None, "Column of a table with the labels; none: guessed by its name."] = None
    group_column: Annotated[
        str | None,
        "Column whose equal values (a patient, a day) are never divided; or duplicates; or guess: what the names tell.",
    ] = None
    val: Annotated[float, Between(0, 0.9), "Fraction kept for choosing, where there is no validation part."] = 0.1
    test: Annotated[float, Between(0, 0.9), "Fraction kept for the final score, where there is no test part."] = 0.2
    split_seed: Annotated[int, AtLeast(0), "Which random split; independent of the seeds of the runs."] = 0
    per_class: Annotated[
        int | None,
        AtLeast(1),
        "Training images of each class, chosen by the split seed, more include fewer; none: all.",
    ] = None
    folds: Annotated[int | None, Between(2, 100), "Cross-validation: of how many folds one is the test part."] = None
    fold: Annotated[int | None, AtLeast(0), "Which fold is the test part, from 0."] = None
    repeat: Annotated[int, AtLeast(0), "Which division into folds, from 0."] = 0
    skip_bad: Annotated[bool, "Leave bad files and labels out, and report them, instead of stopping."] = False
    ignore_class: Annotated[tuple[str, ...], "Classes to leave out."] = ()
    permuted: Annotated[
        int | None, AtLeast(0), "A control: show the pixels of every image in one random order of this seed; none: no."
    ] = None
    shuffled: Annotated[
        int | None, AtLeast(0), "A control: deal the labels of train and val out anew by this seed; none: no."
    ] = None
    first_frame: Annotated[bool, "Take the first frame of images that hold several."] = False

    @property
    def split(self) -> Split:
        """How missing parts are made."""
        return Split(
            val=self.val,
            test=self.test,
            seed=self.split_seed,
            group=self.group_column,
            folds=self.folds,
            fold=self.fold,
            repeat=self.repeat,
        )
