"""The parts of the page, one per file, each with ``section(evidence)``."""
