"""``neocog networks``."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output, count
from neocog.cli.shared import OutputFlags

if TYPE_CHECKING:
    from collections.abc import Mapping


def networks(
    name: Annotated[str | None, Parameter(help="One network, with options: resnet-imagenet[depth=50].")] = None,
    /,
    *,
    cost: Annotated[
        bool, Parameter(help="Count parameters and multiply-adds at the size that each was published for.")
    ] = False,
    output: OutputFlags = OutputFlags(),
) -> None:
    """The networks there are, or all that is known of one; `neocog summary NAME` shows the layers."""
    out = Output(output)
    if name is None:
        _list(out, cost)
    else:
        _one(out, name)


def _list(out: Output, cost: bool) -> None:
    from neocog.networks import NETWORKS

    found = {name: {"network": name, **_facts(kind)} for name, kind in NETWORKS.items()}
    if cost:
        for name, kind in NETWORKS.items():
            found[name] |= _cost(kind, {})
    out.document(list(found.values()))
    columns = ["network", "year>", "home>", *(["parameters>", "MACs>"] if cost else ["smallest>"]), "idea", "source"]
    rows = []
    for each in found.values():
        numbers = [_number(each["parameters"]), _number(each["macs"])] if cost else [f"{each['smallest']} px"]
        home = f"{each['home']} px" if each["home"] else "-"
        rows.append((each["network"], str(each["year"]), home, *numbers, each["idea"], each["source"]))
    out.table("", columns, rows)
    if cost:
        out.say("Counted with default options for one item of the home size; auxiliary heads, which only training")
        out.say("uses, are left out. MACs are multiply-adds, about twice as many FLOPs.")
    else:
        out.say("`neocog networks --cost` counts parameters and multiply-adds; `neocog networks NAME` says all of one.")
    out.say("Any class of yours can be named too: --networks my_module:MyNet")


def _one(out: Output, name: str) -> None:
    from neocog.core.catalogue import ANY_MODULE, Spec, find
    from neocog.core.options import options_of, parse, show
    from neocog.networks import NETWORKS

    spec = Spec.parse(name)
    kind: Any = find(spec.name, NETWORKS, "network", ANY_MODULE)
    options = parse(kind, spec.options, name=spec.name)
    about = (getattr(kind, "__doc__", None) or "").split("\n\n    Raises:")[0]
    words = " ".join(about.split()).replace("``", "`")
    found = {"network": str(spec), **_facts(kind), **_cost(kind, options), "about": words}
    found["options"] = [
        {
            "option": option.name,
            "default": None if option.required else option.default,
            "allowed": str(option.rule or ""),
            "help": option.help,
        }
        for option in options_of(kind).values()
    ]
    out.document(found)
    out.say(f"{spec}: {found['idea']}" if found["idea"] else str(spec))
    for line in (words, f"{found['year']}: {found['source']}" if found["year"] else ""):
        if line:
            out.say()
            out.say(line)
    out.say()
    for label, key in LINES.items():
        if found[key]:
            out.say(f"{label}: {found[key]:,}" if isinstance(found[key], int) else f"{label}: {found[key]}")
    if found["options"]:
        table = [
            (option.name, "(needed)" if option.required else show(option.default), str(option.rule or ""), option.help)
            for option in options_of(kind).values()
        ]
        out.table("Options", ("option", "default", "allowed", "what it is"), table)


LINES = {
    "takes": "takes",
    "gives": "gives",
    "smallest image, in pixels": "smallest",
    "home": "at_home",
    "parameters": "parameters",
    "of which in auxiliary heads": "auxiliary",
    "multiply-adds (MACs)": "macs",
    "maps, and pixels per step in each": "strides",
    "published weights": "published",
}


def _facts(kind: Any) -> dict[str, Any]:
    from typing import get_type_hints

    facts = getattr(kind, "facts", None)
    hints = get_type_hints(kind.__init__)
    return {
        "idea": getattr(facts, "idea", ""),
        "year": getattr(facts, "year", None),
        "source": getattr(facts, "source", ""),
        "smallest": getattr(facts, "smallest", None),
        "home": getattr(facts, "home", None),
        "takes": getattr(hints.get("takes"), "__name__", "").lower(),
        "gives": getattr(hints.get("gives"), "__name__", "").lower(),
        "published": "torchvision's, under its names" if getattr(kind, "published", None) else "",
    }


def _cost(kind: Any, options: "Mapping[str, Any]") -> dict[str, Any]:
    """Parameters and multiply-adds at home, counted without making any weight; None where there is no home."""
    import torch

    from neocog.measures.cost import macs, parameters

    facts = getattr(kind, "facts", None)
    home = None if facts is None else facts.at_home
    if home is None:
        return {"parameters": None, "macs": None, "auxiliary": None, "at_home": None, "strides": None}
    takes, gives = home
    with torch.device("meta"):
        network: Any = kind(takes, gives, **options)
    helpers = getattr(network, "auxiliary", None)
    auxiliary = parameters(helpers) if isinstance(helpers, torch.nn.Module) else 0
    return {
        "parameters": parameters(network) - auxiliary,
        "macs": macs(network, takes),
        "auxiliary": auxiliary,
        "at_home": f"{takes} in, {gives} classes",
        "strides": ", ".join(f"{name} {stride}" for name, stride in network.strides.items()),
    }


def _number(value: int | None) -> str:
    return "-" if value is None else count(value)
