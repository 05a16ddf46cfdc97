"""What each peer is told; needs nothing but the standard library."""

import argparse

BATCH = 128
SEGMENT = 32
"""Steps between two looks at the clock: a multiple of 16, so that Keras can run 16 steps per call."""


def peer_arguments() -> argparse.Namespace:
    """The model, where the data are, how long to train, and the seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--root", required=True, help="folder that holds MNIST/raw with four plain idx files")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--steps", type=int, default=0, help="steps per epoch; 0 means all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--precision", default="")
    return parser.parse_args()
