"""What a whole comparison costs beyond its training steps: wall-clock of the command over the sum of its steps.

python benchmarks/compare_overhead.py [DATA] [further flags of neocog compare]
"""

import json
import subprocess
import sys
import tempfile
from time import perf_counter

GOAL = 1.25


def main(arguments: list[str]) -> int:
    """Run one timed comparison and print the ratio; 1 if it misses the goal."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "neocog", "compare", *arguments, "--json", "--into", f"{folder}/c"]
        begun = perf_counter()
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        wall = perf_counter() - begun
    found = json.loads(done.stdout)
    steps = sum(row["train_seconds"] * len(row["per_seed"]) for row in found["leaderboard"])
    print(f"whole command {wall:.1f} s, training steps {steps:.1f} s: {wall / steps:.2f}x (goal: at most {GOAL}x)")
    return int(wall / steps > GOAL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["digits", "--budget", "90s"]))
