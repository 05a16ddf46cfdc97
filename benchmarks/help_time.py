"""Print how long `neocog --help` takes, from start to exit: the median of seven."""

import statistics
import subprocess
import sys
import time

RUNS = 7
GOAL = 0.35


def seconds(arguments: list[str]) -> float:
    """One start, as a person meets it."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "neocog", *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure the front page and the help of one verb."""
    for arguments in (["--help"], ["compare", "--help"]):
        median = statistics.median(seconds(arguments) for _ in range(RUNS))
        print(f"neocog {' '.join(arguments)}: {median:.3f} s (median of {RUNS}; goal {GOAL} s)")


if __name__ == "__main__":
    main()
