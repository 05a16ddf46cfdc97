"""BOXES: the family of images with boxes."""

from typing import Any

from neocog.core.errors import UsageProblem
from neocog.data.box_choice import BoxChoice
from neocog.data.box_data import BoxData, boxes_like
from neocog.data.box_open import BOX_SETS, open_boxes, open_labelled_boxes
from neocog.data.box_trees import claims_boxes
from neocog.data.family import Family


def _given(data: Any) -> BoxData:
    if isinstance(data, BoxData):
        return data
    raise UsageProblem(
        "data-kind",
        f"{type(data).__name__} is no images with boxes",
        help="give a name, a path, or a BoxData",
    )


def _claims(name: str) -> bool:
    return name in BOX_SETS or claims_boxes(name)


BOXES = Family(
    choice=BoxChoice,
    open=open_boxes,
    like=boxes_like,
    labelled=open_labelled_boxes,
    given=_given,
    claims=_claims,
    known=BOX_SETS,
)
