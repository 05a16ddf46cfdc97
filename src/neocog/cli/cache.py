"""``neocog cache``."""

import time
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags


def cache(
    *,
    clear: Annotated[bool, Parameter(help="Remove all decoded images; downloaded files stay.")] = False,
    output: OutputFlags = OutputFlags(),
) -> None:
    """Where decoded images are kept, how much that is, and how to clear it."""
    from neocog.data import cache as store

    out = Output(output)
    folder = store.cache_folder()
    freed = store.clear() if clear else 0
    entries = store.entries()
    out.document(
        {
            "folder": folder,
            "bytes": sum(entry.bytes for entry in entries),
            "freed": freed,
            "entries": [
                {"name": entry.name, "bytes": entry.bytes, "created": entry.created, "folder": entry.path}
                for entry in entries
            ],
        }
    )
    if clear:
        out.say(f"{size(freed)} freed.")
    out.say(f"{folder}: {len(entries)} entries, {size(sum(entry.bytes for entry in entries))}")
    if entries:
        rows = [(e.name, size(e.bytes), time.strftime("%Y-%m-%d %H:%M", time.localtime(e.created))) for e in entries]
        out.table("", ("data", "size>", "decoded"), rows)
        out.say("Clear it with `neocog cache --clear`; another place: set NEOCOG_CACHE.")
