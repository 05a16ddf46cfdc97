"""Data sets known by name; a new one is a file and a line here."""

from neocog.data.sets.cifar import CIFAR10, CIFAR100
from neocog.data.sets.digits import DIGITS
from neocog.data.sets.known import AbstractKnownSet
from neocog.data.sets.mnist import FASHION_MNIST, KMNIST, MNIST

DATASETS: dict[str, AbstractKnownSet] = {
    "digits": DIGITS,
    "mnist": MNIST,
    "fashion-mnist": FASHION_MNIST,
    "kmnist": KMNIST,
    "cifar10": CIFAR10,
    "cifar100": CIFAR100,
}
