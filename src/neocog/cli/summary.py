"""``neocog summary``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neocog.cli.data import asked, opened
from neocog.cli.output import Output, count, size
from neocog.cli.settings import only_data_settings
from neocog.cli.shared import DataFlags, OutputFlags, TaskFlag

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from neocog.core.shapes import Shape
    from neocog.measures.cost import LayerCost


def summary(
    network: Annotated[str, Parameter(help="A network, with options: resnet[depth=20].")],
    /,
    *,
    data: Annotated[str, Parameter(help="Whose items it takes.")] = "digits",
    draw: Annotated[str | None, Parameter(help="Draw the network into this file, an .svg.")] = None,
    task: TaskFlag = None,
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Layer by layer: output shape, parameters, multiply-adds, connections, receptive field, activation memory."""
    from neocog.core.catalogue import ANY_MODULE, Spec, find
    from neocog.core.options import parse
    from neocog.measures.cost import macs, parameters, profile
    from neocog.networks import NETWORKS

    out = Output(output)
    only_data_settings(reading.set)
    spec = Spec.parse(network)
    kind = find(spec.name, NETWORKS, "network", ANY_MODULE)
    options = parse(kind, spec.options, name=spec.name)
    named, task_kind = asked(data, task)
    _, looked_at = opened(data, task_kind, reading, out)
    made = task_kind.for_data(looked_at, task_kind.usual_descent, **named.options)
    gives = made.gives(looked_at)
    model = made.assemble(kind(looked_at.takes, gives, **options))
    layers = profile(model, looked_at.takes)
    drawn = None if draw is None else _drawn(draw, f"{spec} on {looked_at.name}", model, looked_at.takes)
    total = {"parameters": parameters(model), "macs": macs(model, looked_at.takes)}
    out.document(
        {
            "network": str(spec),
            "data": looked_at.name,
            "takes": str(looked_at.takes),
            "gives": gives.size,
            **total,
            "drawing": drawn,
            "layers": [asdict(layer) for layer in layers],
        }
    )
    out.say(f"{spec} on {looked_at.name}: {looked_at.takes} in, {gives} out")
    columns = ("layer", "kind", "output>", "parameters>", "MACs>", "connections>", "if dense>", "sees>", "activations>")
    out.table("", columns, [_row(layer) for layer in layers])
    out.say(f"{total['parameters']:,} parameters, {total['macs']:,} multiply-adds (MACs; about twice as many FLOPs).")
    out.say("`if dense`: the weights of a dense layer between the same two sizes. Sparse connectivity has fewer")
    out.say("connections than that, and weight sharing fewer parameters than connections.")
    out.say("`sees`: the side, in input pixels, of the square that a unit can see (its receptive field).")
    if drawn is not None:
        out.say(f"Drawn into {drawn}")


def _drawn(into: str, title: str, network: "nn.Module", takes: "Shape") -> "Path":
    """Draw the network into a file; gives its path."""
    from pathlib import Path

    from neocog.core.errors import UsageProblem
    from neocog.figures.standalone import save
    from neocog.report.network_figure import network_figure

    if Path(into).suffix.lower() != ".svg":
        raise UsageProblem(
            "draw-not-svg",
            f"the drawing is an SVG, and {into} does not end in .svg",
            where=f"--draw {into}",
            help=f"name it {Path(into).with_suffix('.svg')}",
        )
    return save(network_figure(title, network, takes), into)


def _row(layer: "LayerCost") -> tuple[str, ...]:
    return (
        layer.name,
        layer.kind,
        "x".join(map(str, layer.output)),
        count(layer.parameters),
        count(layer.macs),
        count(layer.connections) if layer.connections else "-",
        count(layer.dense_weights) if layer.dense_weights else "-",
        str(layer.receptive_field),
        size(layer.activation_bytes),
    )
