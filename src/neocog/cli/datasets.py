"""``neocog datasets``."""

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags


def datasets(*, output: OutputFlags = OutputFlags()) -> None:
    """The built-in data sets; any folder, archive, CSV, npz or idx file of yours can be named instead."""
    from neocog.data.sets import DATASETS

    out = Output(output)
    out.document(
        [
            {
                "data": name,
                "about": known.about,
                "download": [{"url": each.url, "bytes": each.size, "sha256": each.sha256} for each in known.remotes],
            }
            for name, known in DATASETS.items()
        ]
    )
    rows = [
        (name, known.about, _download(sum(each.size for each in known.remotes))) for name, known in DATASETS.items()
    ]
    out.table("", ("data", "what it is", "download>"), rows)
    out.say("Nothing is fetched unless you pass --download; --root FOLDER points to files that are there already.")


def _download(total: int) -> str:
    return size(total) if total else "none"
