"""The report: one self-contained HTML file from a Comparison."""

from neocog.report.page import page, write

__all__ = ["page", "write"]
