"""torchvision's ImageFolder and a DataLoader with two workers: images to 224 pixels, epoch by epoch."""

import json
import sys
import time

from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def main() -> None:
    """Read the folder as often as asked, and print one line of JSON."""
    folder, epochs = sys.argv[1], int(sys.argv[2])
    prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
    loader = DataLoader(datasets.ImageFolder(folder, prepare), batch_size=32, shuffle=True, num_workers=2)
    seconds, images = [], 0
    for _ in range(epochs):
        began, images = time.perf_counter(), 0
        for batch, _labels in loader:
            images += len(batch)
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"images": images, "seconds": seconds}))


if __name__ == "__main__":
    main()
