"""widened: how many maps or units a layer has in a network that is narrower or wider than the published one."""

WIDTH_HELP = "Multiplies the maps and units of every layer; 1 is the published network."


def widened(count: int, width: float, multiple: int = 1) -> int:
    """``count`` times ``width``, to the nearest multiple, at least one of them, and never more than a tenth below.

    Source: the width multiplier of Howard et al. 2017, arXiv 1704.04861, section 3.3; the rounding is that of the
    published code of MobileNetV2, which keeps multiples of 8.
    """
    wanted = count * width
    nearest = max(multiple, int(wanted + multiple / 2) // multiple * multiple)
    return nearest + multiple if nearest < 0.9 * wanted else nearest
