"""``neocog datasets``."""

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags


def datasets(*, output: OutputFlags = OutputFlags()) -> None:
    """The built-in data sets; any folder, archive, CSV, npz or idx file of yours can be named instead."""
    from neocog.data.sets import DATASETS
    from neocog.tasks import TASKS

    out = Output(output)
    remotes = {name: known.remotes for name, known in DATASETS.items()}
    about: dict[str, tuple[str, list[str]]] = {}
    for task, kind in TASKS.items():
        for name, text in kind.family.known.items():
            about.setdefault(name, (text, []))[1].append(task)
    out.document(
        [
            {
                "data": name,
                "about": text,
                "tasks": tasks,
                "download": [
                    {"url": each.url, "bytes": each.size, "sha256": each.sha256} for each in remotes.get(name, ())
                ],
            }
            for name, (text, tasks) in about.items()
        ]
    )
    rows = [
        (name, text, ", ".join(tasks), _download(sum(each.size for each in remotes.get(name, ()))))
        for name, (text, tasks) in about.items()
    ]
    out.table("", ("data", "what it is", "tasks", "download>"), rows)
    out.say("Nothing is fetched unless you pass --download; --root FOLDER points to files that are there already.")


def _download(total: int) -> str:
    return size(total) if total else "none"
