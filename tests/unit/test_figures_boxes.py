from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from neocog.figures.boxes import COLOURS, MISSED, RIGHT, WRONG, Drawn, png_with_boxes, with_boxes
from neocog.figures.png import to_png


def pixels(png: bytes) -> np.ndarray:
    with Pillow.open(BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def colour(kind: str) -> np.ndarray:
    return np.array([int(COLOURS[kind][place : place + 2], 16) for place in (1, 3, 5)])


def test_lines_are_drawn_at_the_edges_enlarged() -> None:
    drawn = pixels(with_boxes(np.zeros((100, 160, 1), np.uint8), [Drawn((20, 30, 60, 80), kind=RIGHT)]))
    assert drawn.shape == (200, 320, 3)
    y, x = np.nonzero((drawn == colour(RIGHT)).all(axis=2))
    assert (x.min(), y.min(), x.max(), y.max()) == (40, 60, 120, 160)


def test_kinds_differ_without_colour() -> None:
    shares = {}
    for kind in (RIGHT, MISSED, WRONG):
        drawn = pixels(with_boxes(np.zeros((320, 320, 1), np.uint8), [Drawn((20, 20, 300, 300), kind=kind)]))
        shares[kind] = (drawn[20, 20:300] == colour(kind)).all(axis=1).mean()
    assert shares[RIGHT] == 1
    assert 0.45 < shares[MISSED] < 0.65 and 0.3 < shares[WRONG] < 0.5


def test_a_box_beyond_the_picture_and_words_from_outside_do_no_harm() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    with_boxes(image, [Drawn((-50, -50, 500, 500), "\x1b[31m" + "long " * 40), Drawn((5, 5, 5, 5), "")])


def test_a_png_is_taken_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    boxes = [Drawn((5, 6, 20, 30), "a", WRONG)]
    assert np.array_equal(pixels(png_with_boxes(to_png(image), boxes)), pixels(with_boxes(image, boxes)))
