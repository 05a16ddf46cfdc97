"""What every other part stands on: problems, options, shapes, batches, sources and random streams."""
