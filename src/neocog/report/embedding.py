"""What is embedded in the page: pictures as JSON, and the policy that allows the page's own style and script only."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest

from markupsafe import Markup

from neocog.core.errors import plain
from neocog.figures.figure import Figure, Picture

_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Galleries:
    """All galleries of a page as JSON, and how many pictures had to be left out."""

    json: Markup
    shown: int
    left_out: int


def policy(style: str, script: str) -> str:
    """A content security policy: nothing is loaded, and only this style and this script count."""
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def as_json(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, whatever texts it holds."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))


def galleries(figures: Sequence[Figure], most_bytes: int) -> Galleries:
    """The figures' galleries within so many bytes; if that is too little, each loses its last pictures first."""
    named = {name: (figure.title, list(them)) for figure in figures for name, them in figure.galleries.items()}
    kept, images = _kept({name: them for name, (_, them) in named.items()}, most_bytes)
    left_out = sum(len(them) - len(kept[name]) for name, (_, them) in named.items())
    told = {
        plain(name): {
            "title": plain(title),
            "note": ""
            if len(kept[name]) == len(them)
            else f"{len(kept[name])} of {len(them)} images, to keep this file small.",
            "pictures": [[images[picture.png], plain(picture.caption)] for picture in kept[name]],
        }
        for name, (title, them) in named.items()
    }
    encoded = [b64encode(png).decode("ascii") for png in images]
    return Galleries(as_json({"galleries": told, "images": encoded}), sum(map(len, kept.values())), left_out)


def _kept(named: Mapping[str, Sequence[Picture]], most_bytes: int) -> tuple[dict[str, list[Picture]], dict[bytes, int]]:
    """The pictures that fit, the first of every gallery before the second of any; each image is stored once."""
    kept: dict[str, list[Picture]] = {name: [] for name in named}
    images: dict[bytes, int] = {}
    full: set[str] = set()
    used = 0
    for layer in zip_longest(*named.values()):
        for name, picture in zip(named, layer, strict=True):
            if picture is None or name in full:
                continue
            cost = 2 * len(picture.caption) + 20 + (0 if picture.png in images else 4 * len(picture.png) // 3 + 8)
            if used + cost > most_bytes:
                full.add(name)
                continue
            used += cost
            images.setdefault(picture.png, len(images))
            kept[name].append(picture)
    return kept, images


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
