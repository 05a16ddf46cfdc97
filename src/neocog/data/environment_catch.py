"""Catch: a falling pixel, and a paddle to catch it with."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

from neocog.core.seeds import stream, uniforms
from neocog.core.shapes import Image
from neocog.data.environment_data import AbstractEnvironments, Moved

HEIGHT, WIDTH = 10, 5
_SIDE = 24  # pixels of a field in a picture
_KEY = stream(0, "catch")
_APART = 6700417  # between the streams of one copy's episodes


class Catch(AbstractEnvironments):
    """A ball falls one row per move from a random column of the top row; a paddle moves along the bottom row.

    The paddle begins in the middle and goes left, stays, or goes right. When the ball has reached the bottom row, after
    nine moves, the reward is 1 where the paddle is under it, else -1, and the episode is over; before it is 0. The
    observation is the board: 1 at ball and paddle, 0 elsewhere.

    Source: the environment "catch" of bsuite (Osband et al. 2020, arXiv 1908.03568), after Mnih et al. 2014,
    arXiv 1406.6247. Written anew, for many copies at once; the columns are drawn from our own streams.
    """

    takes = Image(1, HEIGHT, WIDTH)
    actions = ("left", "stay", "right")

    def restart(self, seeds: Sequence[int]) -> Float[np.ndarray, "n *axes"]:
        """Every ball at the top, every paddle in the middle."""
        self._seeds = torch.tensor(list(seeds), dtype=torch.int64)
        self._episodes = torch.zeros_like(self._seeds)
        self._row = np.zeros(len(self._seeds), np.int64)
        self._column = self._drawn()
        self._paddle = np.full(len(self._seeds), WIDTH // 2)
        return self._board()

    def move(self, actions: Int[np.ndarray, "n"]) -> Moved:
        """Paddles move, balls fall."""
        self._paddle = np.clip(self._paddle + actions - 1, 0, WIDTH - 1)
        self._row = self._row + 1
        ended = self._row == HEIGHT - 1
        rewards = np.where(ended, np.where(self._paddle == self._column, 1.0, -1.0), 0.0).astype(np.float32)
        finals = self._board()
        if ended.any():
            self._episodes += torch.from_numpy(ended)
            self._row = np.where(ended, 0, self._row)
            self._column = np.where(ended, self._drawn(), self._column)
            self._paddle = np.where(ended, WIDTH // 2, self._paddle)
        return Moved(self._board() if ended.any() else finals, rewards, ended, np.zeros_like(ended), finals)

    def picture(self) -> UInt8[np.ndarray, "h w c"] | None:
        """The first board, enlarged: the paddle darker than the ball."""
        board = np.full((HEIGHT, WIDTH), 24, np.uint8)
        board[HEIGHT - 1, self._paddle[0]] = 150
        board[self._row[0], self._column[0]] = 250
        return np.repeat(np.repeat(board, _SIDE, 0), _SIDE, 1)[..., None]

    def _drawn(self) -> Int[np.ndarray, "n"]:
        draws = uniforms(_KEY, self._seeds + _APART * self._episodes, 1)[:, 0]
        return (draws * WIDTH).long().clamp(max=WIDTH - 1).numpy()

    def _board(self) -> Float[np.ndarray, "n *axes"]:
        boards = np.zeros((len(self._row), 1, HEIGHT, WIDTH), np.float32)
        copies = np.arange(len(self._row))
        boards[copies, 0, self._row, self._column] = 1.0
        boards[copies, 0, HEIGHT - 1, self._paddle] = 1.0
        return boards
