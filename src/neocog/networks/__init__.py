"""The networks: one architecture per file, one line each in ``NETWORKS``."""

from neocog.networks.autoencoder import Autoencoder
from neocog.networks.causal_cnn import CausalCNN
from neocog.networks.gan import GAN
from neocog.networks.kmeans import KMeans
from neocog.networks.lenet5 import LeNet5
from neocog.networks.linear import Linear
from neocog.networks.mlp import MLP
from neocog.networks.network import AbstractNetwork
from neocog.networks.recurrent import Recurrent
from neocog.networks.resnet import ResNet
from neocog.networks.simple_cnn import SimpleCNN

NETWORKS: dict[str, type[AbstractNetwork]] = {
    "linear": Linear,
    "mlp": MLP,
    "simple-cnn": SimpleCNN,
    "lenet5": LeNet5,
    "resnet": ResNet,
    "gan": GAN,
    "kmeans": KMeans,
    "autoencoder": Autoencoder,
    "recurrent": Recurrent,
    "causal-cnn": CausalCNN,
}

__all__ = [
    "GAN",
    "MLP",
    "NETWORKS",
    "Autoencoder",
    "CausalCNN",
    "KMeans",
    "LeNet5",
    "Linear",
    "Recurrent",
    "ResNet",
    "SimpleCNN",
]
