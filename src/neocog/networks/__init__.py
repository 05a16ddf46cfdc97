"""The networks: one architecture per file, one line each in ``NETWORKS``."""

from neocog.networks.alexnet import AlexNet
from neocog.networks.autoencoder import Autoencoder
from neocog.networks.causal_cnn import CausalCNN
from neocog.networks.convnext import ConvNeXt
from neocog.networks.gan import GAN
from neocog.networks.googlenet import GoogLeNet
from neocog.networks.inception_v3 import InceptionV3
from neocog.networks.kmeans import KMeans
from neocog.networks.lenet5 import LeNet5
from neocog.networks.linear import Linear
from neocog.networks.locally_connected import LocallyConnectedNet
from neocog.networks.mlp import MLP
from neocog.networks.mobilenet_v2 import MobileNetV2
from neocog.networks.network import AbstractNetwork
from neocog.networks.recurrent import Recurrent
from neocog.networks.resnet import ResNet
from neocog.networks.resnet_imagenet import ResNetImageNet
from neocog.networks.simple_cnn import SimpleCNN
from neocog.networks.squeezenet import SqueezeNet
from neocog.networks.timm_network import TimmNetwork
from neocog.networks.vgg import VGG

NETWORKS: dict[str, type[AbstractNetwork]] = {
    "linear": Linear,
    "mlp": MLP,
    "simple-cnn": SimpleCNN,
    "lenet5": LeNet5,
    "resnet": ResNet,
    "alexnet": AlexNet,
    "vgg": VGG,
    "resnet-imagenet": ResNetImageNet,
    "squeezenet": SqueezeNet,
    "mobilenet-v2": MobileNetV2,
    "convnext": ConvNeXt,
    "googlenet": GoogLeNet,
    "inception-v3": InceptionV3,
    "locally-connected": LocallyConnectedNet,
    "timm": TimmNetwork,
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
    "VGG",
    "AlexNet",
    "Autoencoder",
    "CausalCNN",
    "ConvNeXt",
    "GoogLeNet",
    "InceptionV3",
    "KMeans",
    "LeNet5",
    "Linear",
    "LocallyConnectedNet",
    "MobileNetV2",
    "Recurrent",
    "ResNet",
    "ResNetImageNet",
    "SimpleCNN",
    "SqueezeNet",
    "TimmNetwork",
]
