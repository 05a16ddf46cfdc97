"""Idiomatic PyTorch: torchvision's MNIST, a DataLoader with two workers, and the loop of the official tutorial."""

import json
import time

import torch
from arguments import SEGMENT, peer_arguments
from torch import nn
from torch.utils.data import DataLoader
from torch_models import MODELS
from torchvision import datasets, transforms


def main() -> None:
    """Train, and print one line of JSON."""
    chosen = peer_arguments()
    torch.manual_seed(chosen.seed)
    prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train = datasets.MNIST(chosen.root, train=True, transform=prepare)
    test = datasets.MNIST(chosen.root, train=False, transform=prepare)
    loader = DataLoader(train, batch_size=128, shuffle=True, num_workers=2)
    model = MODELS[chosen.model]()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    epochs, segments = [], []
    for _ in range(chosen.epochs):
        model.train()
        began = mark = time.perf_counter()
        for step, (images, labels) in enumerate(loader, 1):
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            if step % SEGMENT == 0:
                now = time.perf_counter()
                segments.append(now - mark)
                mark = now
            if step == chosen.steps:
                break
        epochs.append(time.perf_counter() - began)
    model.eval()
    right = 0
    with torch.no_grad():
        for images, labels in DataLoader(test, batch_size=1000, num_workers=2):
            right += int((model(images).argmax(1) == labels).sum())
    print(json.dumps({"epochs": epochs, "segments": segments, "accuracy": right / len(test)}))


if __name__ == "__main__":
    main()
