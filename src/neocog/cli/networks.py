"""``neocog networks``."""

from neocog.cli.output import Output
from neocog.cli.shared import OutputFlags


def networks(*, output: OutputFlags = OutputFlags()) -> None:
    """The networks there are; `neocog options NAME` shows what can be set, `neocog summary NAME` the layers."""
    from neocog.networks import NETWORKS

    out = Output(output)
    facts = {name: kind.facts for name, kind in NETWORKS.items()}
    out.document(
        [
            {
                "network": name,
                "idea": fact.idea,
                "year": fact.year,
                "source": fact.source,
                "smallest": fact.smallest,
            }
            for name, fact in facts.items()
        ]
    )
    rows = [(name, fact.idea, str(fact.year), f"{fact.smallest} px", fact.source) for name, fact in facts.items()]
    out.table("", ("network", "idea", "year>", "smallest>", "source"), rows)
    out.say("Any class of yours can be named too: --networks my_module:MyNet")
