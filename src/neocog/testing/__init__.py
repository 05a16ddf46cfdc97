"""Conformance suites for tasks, networks, learners and sources, ours and those of others.

``check(build)`` holds whatever ``build`` makes to the laws that neocog's own classes keep.
"""

from neocog.testing.case import Build, Case, case
from neocog.testing.check import LAWS, check
from neocog.testing.laws import LawBroken

__all__ = ["LAWS", "Build", "Case", "LawBroken", "case", "check"]
