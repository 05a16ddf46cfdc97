"""What a policy did, in pictures: a strip and a film of an episode, and the returns of all."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image as Pillow

from neocog.figures.axes import Axis
from neocog.figures.contact_sheet import contact_sheet
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.figures.numbers import decimal, percent
from neocog.figures.png import visible
from neocog.tasks.task import Samples

Frame = tuple[UInt8[np.ndarray, "h w c"], float]
_COLUMNS = 6
_MOST_FRAMES = 300  # of a film; longer episodes are thinned
_MILLISECONDS = 80


def strip(frames: Sequence[Frame], most: int) -> bytes:
    """Frames at even distances as one PNG, each with its move and the return so far; the last one always."""
    rows = np.unique(np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int))
    labels = [f"{row}: {frames[row][1]:g}" for row in rows]
    return contact_sheet([frames[row][0] for row in rows], labels, columns=_COLUMNS, title="move: return so far")


def film(frames: Sequence[Frame]) -> bytes:
    """All frames as a GIF that begins anew after a pause."""
    thinned = frames[:: -(-len(frames) // _MOST_FRAMES)]
    pictures = [Pillow.fromarray(visible(pixels)) for pixels, _ in thinned]
    buffer = BytesIO()
    times = [_MILLISECONDS] * (len(pictures) - 1) + [10 * _MILLISECONDS]
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0)
    return buffer.getvalue()


def control_figures(samples: Samples) -> list[Figure]:
    """The returns of the episodes of each network, from the worst to the best, one line per run."""
    drawn = []
    for label, runs in samples.records.items():
        ordered = [np.sort(run["returns"]).tolist() for run in runs]
        drawn.append(Curve(label, [(_shares(len(each)), each) for each in ordered]))
    if all(len(run["returns"]) < 2 for runs in samples.records.values() for run in runs):
        return []
    across = Axis("share of the episodes, the worst first", percent, within=(0.0, 1.0))
    return [curves("returns", "How evenly each network plays", drawn, across, Axis("return", decimal))]


def _shares(count: int) -> list[float]:
    return np.linspace(0.0, 1.0, count).tolist()
