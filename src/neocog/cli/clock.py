"""When this command began: a budget in time counts from here, so the first module that is imported imports this one."""

from time import perf_counter

STARTED = perf_counter()
