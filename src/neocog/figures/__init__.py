"""Figures: arrays to inline SVG, the numbers behind it and the finding in words. No task is known here."""
