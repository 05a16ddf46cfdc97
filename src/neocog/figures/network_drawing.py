"""A network as a row of blocks drawn to scale, with shapes on the arrows between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import compact, count
from neocog.figures.svg import TEXT, clip, drawing, element, join, label, wrap

SLOT, ROW = 135.0, 268.0  # room of one block, its labels and the arrow behind it
IN_A_ROW = 9
LEFT, HEAD, FOOT = 20.0, 38.0, 48.0
MIDDLE = 132.0  # of the boxes, from the top of their row
TALLEST, FLATTEST = 104.0, 3.0
WIDEST, NARROWEST = 38.0, 5.0
LEAN = 0.17  # how far the depth of a box goes to the right and up, in parts of its height
LINEAR_UP_TO = 12  # times the smallest side; beyond that heights are logarithms
LEGEND = (
    "On the arrows: maps x height x width of what is passed on. Sees: the side of the square of input pixels that a "
    "unit depends on. MACs: multiply-adds."
)
COLOURS = {"input": "s6", "map": "s0", "pool": "s2", "vector": "s1"}


@dataclass(frozen=True)
class Block:
    """One box: what it is called, what it does, and the shape of what it gives for one item.

    ``look`` is "map", "pool" or "vector". ``times`` equal blocks stand one after the other; ``parameters`` and
    ``macs`` are those of all of them, and ``sees`` is the side, in input pixels, of what a unit of the last one sees
    ("all": everything, "" where that means nothing). ``inside`` names its layers.
    """

    name: str
    kind: str
    look: str
    shape: tuple[int, ...]
    sees: str = ""
    parameters: int = 0
    macs: int = 0
    times: int = 1
    inside: str = ""


@dataclass(frozen=True)
class Scale:
    """From sides and numbers of maps to heights and widths on paper."""

    side: int
    smallest: int
    maps: int
    units: int

    @property
    def linear(self) -> bool:
        """Whether heights are proportional to sides."""
        return self.side <= LINEAR_UP_TO * self.smallest

    def height(self, shape: Sequence[int]) -> float:
        """Of a box; a vector's is the logarithm of its length."""
        if len(shape) == 1:
            return max(FLATTEST, TALLEST * _share(shape[0], self.units))
        side = max(shape[1:])
        share = side / self.side if self.linear else _share(side, self.side)
        return max(FLATTEST, TALLEST * share)

    def width(self, shape: Sequence[int]) -> float:
        """Of a box: the logarithm of the number of maps."""
        return 8.0 if len(shape) == 1 else NARROWEST + (WIDEST - NARROWEST) * _share(shape[0], self.maps)

    @property
    def words(self) -> str:
        """The legend."""
        how = "" if self.linear else ", as a logarithm"
        return f"Height of a box: side of its maps{how}. Width: number of maps, as a logarithm. Columns are vectors."


def network_drawing(key: str, title: str, takes: tuple[int, ...], blocks: Sequence[Block]) -> Figure:
    """The blocks from left to right, in as many rows as they need.

    Args:
        key: unique name on the page.
        title: the network's name and what it is drawn for.
        takes: the shape of one item.
        blocks: in the order in which they run.
    """
    first = Block("input", "", "input", takes)
    every = [first, *blocks]
    scale = _scale([block.shape for block in every])
    rows = -(-len(every) // IN_A_ROW)
    in_a_row = -(-len(every) // rows)
    wide = LEFT + IN_A_ROW * SLOT
    parts = [label(title, LEFT, 20, kind="strong", room=wide - 2 * LEFT)]
    for place, block in enumerate(every):
        row, column = divmod(place, in_a_row)
        parts += _drawn(block, LEFT + column * SLOT, HEAD + row * ROW, scale, goes_on=column == 0 and row > 0)
    low = HEAD + rows * ROW
    parts.append(label(scale.words, LEFT, low + 12, kind="quiet"))
    parts.append(label(LEGEND, LEFT, low + 28, kind="quiet"))
    alt = _alt(title, takes, blocks)
    picture = drawing(*parts, height=low + FOOT, alt=alt, width=wide)
    return Figure(key, title, picture, alt, _table(blocks))


def _drawn(block: Block, left: float, top: float, scale: Scale, *, goes_on: bool) -> list[Markup]:
    """Labels, box and arrow of one block; one that goes on from the row above begins with an arrow too."""
    tall, wide = scale.height(block.shape), scale.width(block.shape)
    flat = len(block.shape) < 3
    lean = 0.0 if flat else LEAN * tall
    middle = top + MIDDLE
    behind = 4.0 if block.times > 1 else 0.0
    end = left + wide + lean + behind
    room = SLOT - 10
    parts = [label(block.name, left, top + 14, kind="strong", room=room)]
    kind = block.kind.replace(", step ", ", step\u00a0")
    parts += [label(line, left, top + 30 + 15 * n, room=room) for n, line in enumerate(wrap(kind, room, 2))]
    title = element("title", f"{block.name}: {block.kind}" + (f" ({block.inside})" if block.inside else ""))
    boxes = [_box(left + behind, middle - behind, wide, tall, lean)] if behind else []
    boxes.append(_box(left, middle, wide, tall, lean))
    parts.append(element("g", title, *boxes, class_=COLOURS[block.look]))
    parts += [_arrow(left - 16, left - 4, middle)] if goes_on else []
    parts.append(_arrow(end + 4, left + SLOT - 6, middle))
    words = "x".join(map(str, block.shape))
    parts.append(label(words, (end + left + SLOT) / 2 - 2, middle - 7, anchor="middle", kind="tick halo"))
    if block.times > 1:
        parts.append(label(f"x {block.times}", left, middle + tall / 2 + 17, kind="strong"))
    facts = [
        f"sees {block.sees}" if block.sees else "",
        f"{compact(block.parameters)} parameters" if block.parameters else "",
        f"{compact(block.macs)} MACs" if block.macs else "",
    ]
    lines = [fact for fact in facts if fact]
    parts += [label(line, left, top + 220 + 15 * n, kind="quiet", room=room) for n, line in enumerate(lines)]
    return parts


def _box(left: float, middle: float, wide: float, tall: float, lean: float) -> Markup:
    """A cuboid whose front is maps x side; its depth leans to the right."""
    top, right = middle - tall / 2, left + wide
    ends = [(right, top), (right + lean, top - lean / 2), (right + lean, top + tall - lean / 2), (right, top + tall)]
    lid = [(left, top), (left + lean, top - lean / 2), (right + lean, top - lean / 2), (right, top)]
    faces = [] if lean == 0 else [_face(ends), _face(lid)]
    paper = element("rect", class_="ground", x=left, y=top, width=wide, height=tall)
    return join([*faces, paper, element("rect", class_="bar", x=left, y=top, width=wide, height=tall)])


def _face(corners: Sequence[tuple[float, float]]) -> Markup:
    where = " ".join(f"{x:.2f},{y:.2f}" for x, y in corners)
    return join([element("polygon", class_="ground", points=where), element("polygon", class_="face", points=where)])


def _arrow(start: float, end: float, y: float) -> Markup:
    head = f"{end:.2f},{y:.2f} {end - 6:.2f},{y - 3.5:.2f} {end - 6:.2f},{y + 3.5:.2f}"
    line = element("line", class_="zero", x1=start, y1=y, x2=max(start, end - 5), y2=y)
    return join([line, element("polygon", class_="tip", points=head)])


def _scale(shapes: Sequence[tuple[int, ...]]) -> Scale:
    maps = [shape for shape in shapes if len(shape) > 1]
    sides = [max(shape[1:]) for shape in maps]
    beyond = [side for side in sides if side > 1]
    return Scale(
        side=max(sides, default=1),
        smallest=min(beyond, default=1),
        maps=max((shape[0] for shape in maps), default=1),
        units=max((shape[0] for shape in shapes if len(shape) == 1), default=1),
    )


def _share(number: int, largest: int) -> float:
    return math.log2(1 + number) / math.log2(1 + max(1, largest))


def _alt(title: str, takes: tuple[int, ...], blocks: Sequence[Block]) -> str:
    said = []
    for block in blocks:
        times = f"{block.times} x " if block.times > 1 else ""
        sees = f", sees {block.sees}" if block.sees else ""
        what = f"{block.name}, {block.kind}" if block.kind and block.kind != block.name else block.name
        said.append(f"{times}{what}: {'x'.join(map(str, block.shape))}{sees}")
    total = sum(block.parameters for block in blocks)
    return clip(f"{title}: {'x'.join(map(str, takes))} in; {'; '.join(said)}. {count(total)} parameters.", 4000 * TEXT)


def _table(blocks: Sequence[Block]) -> Table:
    columns = ("block", "kind", "times", "output", "sees", "parameters", "multiply-adds", "layers")
    rows = [
        (
            block.name,
            block.kind,
            str(block.times),
            "x".join(map(str, block.shape)),
            block.sees,
            count(block.parameters),
            count(block.macs),
            block.inside,
        )
        for block in blocks
    ]
    return Table(columns, rows)
