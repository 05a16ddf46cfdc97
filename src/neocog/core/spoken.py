"""What people call things that have another name here: `resnet50` is ``resnet-imagenet[depth=50]``."""

import re
from collections.abc import Container

SPOKEN: tuple[tuple[str, str], ...] = (  # a whole name in small letters without - _ . and spaces -> what it is here
    (r"(?:resnet|resnetimagenet)v?1?5?(18|34|50|101|152)(?:v15)?", "resnet-imagenet[depth={}]"),
    (r"(?:resnet|resnetcifar)(8|14|20|26|32|38|44|56|62|68|74|80|86|92|98|104|110)", "resnet[depth={}]"),
    (r"(?:plain|plainnet|plainresnet)(8|14|20|26|32|44|56|110)", "resnet[depth={},shortcut=none]"),
    (r"(?:plain|plainnet|plainresnet)(18|34|50|101|152)", "resnet-imagenet[depth={},shortcut=none]"),
    (r"vgg(?:net)?(11|13|16|19)", "vgg[depth={}]"),
    (r"vgg(?:net)?(11|13|16|19)bn", "vgg[depth={},norm=true]"),
    (r"vggnet", "vgg"),
    (r"lenet51998|lenet1998", "lenet5[variant=1998]"),
    (r"lenet", "lenet5"),
    (r"inceptionv1|inception1", "googlenet"),
    (r"inception3?|inceptionnet|inceptionv3", "inception-v3"),
    (r"mobilenet2?|mobilenetv2", "mobilenet-v2"),
    (r"squeezenet(?:v)?10", "squeezenet[version=1.0]"),
    (r"squeezenet(?:v)?11", "squeezenet[version=1.1]"),
    (r"convnext(tiny|small|base)", "convnext[size={}]"),
    (r"locallyconnectednet|localnet|untiedcnn", "locally-connected"),
    (r"cnn|convnet", "simple-cnn"),
    (r"ann|dnn|fcn|perceptron|multilayerperceptron", "mlp"),
    (r"logistic|logisticregression|softmax", "linear"),
    (r"(lstm|gru)", "recurrent[cell={}]"),
    (r"rnn", "recurrent"),
    (r"tcn|wavenet", "causal-cnn"),
)


def spoken(name: str, known: Container[str]) -> str | None:
    """What a name that people use is called here, with its options; None where nothing known is meant."""
    folded = re.sub(r"[-_. ]", "", name.lower())
    for pattern, here in SPOKEN:
        match = re.fullmatch(pattern, folded)
        if match and here.partition("[")[0] in known:
            return here.format(*match.groups())
    return None
