"""Train the same small networks with neocog and its peers, side by side, and print medians and ratios.

``python benchmarks/throughput.py --root FOLDER`` where FOLDER holds MNIST or Fashion-MNIST as idx files, plain or .gz.
Each peer is one script of ``peers/`` and runs in a virtual environment of its own, made with plain pip when missing.
"""

import argparse
import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BATCH, SEGMENT, IMAGES = 128, 32, 60_000
MODELS = ("mlp", "lenet5", "simple-cnn", "resnet8")
QUICK_STEPS = {"mlp": 192, "lenet5": 128, "simple-cnn": 96, "resnet8": 64}
CLOSE = 0.002
TCMALLOC = "/usr/lib/*/libtcmalloc_minimal.so.4"


@dataclass(frozen=True)
class Peer:
    """A script, the packages it needs (none: those of this Python), and how it is started."""

    script: str
    packages: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


PEERS = {
    "neocog": Peer("neocog_peer.py"),
    "neocog, fp32": Peer("neocog_peer.py", arguments=("--precision", "fp32")),
    "PyTorch": Peer("torch_peer.py"),
    "Lightning": Peer("lightning_peer.py", ("lightning", "torch", "torchvision")),
    "Keras, TensorFlow": Peer(
        "keras_peer.py", ("tensorflow-cpu", "keras"), environment={"KERAS_BACKEND": "tensorflow"}
    ),
    "Keras, TensorFlow, tuned": Peer(
        "keras_peer.py",
        ("tensorflow-cpu", "keras"),
        ("--tuned",),
        {"KERAS_BACKEND": "tensorflow", "LD_PRELOAD": "tcmalloc"},
    ),
    "Keras, JAX": Peer("keras_peer.py", ("jax", "keras"), environment={"KERAS_BACKEND": "jax"}),
}
FP32_ONLY = ("PyTorch", "Lightning", "Keras, TensorFlow", "Keras, TensorFlow, tuned", "Keras, JAX")


@dataclass(frozen=True)
class Result:
    """One process's images per second (best segment, median segment, last epoch) and its test accuracy."""

    best: float
    median: float
    epoch: float
    accuracy: float


def main() -> None:
    """Run the rounds and print what came out."""
    chosen = arguments()
    peers = {name: PEERS[name] for name in (chosen.only or PEERS)}
    pythons = {name: python_for(peer, chosen.peers) for name, peer in peers.items()}
    results: dict[str, dict[str, list[Result]]] = {model: {name: [] for name in peers} for model in chosen.models}
    with tempfile.TemporaryDirectory() as folder:
        lay_out(chosen.root, Path(folder))
        for turn in range(chosen.rounds):
            for model in chosen.models:
                for name, peer in peers.items():
                    result = run(peer, pythons[name], model, folder, turn, chosen.quick)
                    results[model][name].append(result)
                    print(
                        f"round {turn + 1}  {model:11s} {name:26s} {result.best:9,.0f}/s", file=sys.stderr, flush=True
                    )
    report = summary(results, chosen.quick)
    print(shown(report))
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(report, indent=1))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("NEOCOG_TEST_DATA")
    parser.add_argument("--root", type=Path, default=Path(data) / "mnist" if data else None, required=not data)
    parser.add_argument(
        "--peers", type=Path, default=Path.home() / ".cache" / "neocog-peers", help="their environments"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--only", nargs="+", choices=PEERS, help="some of the peers")
    parser.add_argument("--quick", action="store_true", help="short epochs: throughput only, accuracy says nothing")
    parser.add_argument("--json", help="write everything to this file")
    return parser.parse_args()


def python_for(peer: Peer, folder: Path) -> str:
    """The Python that has the peer's packages; its environment is made when it is missing."""
    if not peer.packages:
        return sys.executable
    home = folder / peer.packages[0].removesuffix("-cpu")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if not ready.exists():
        print(f"making {home} with {', '.join(peer.packages)} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *peer.packages], check=True)
        ready.touch()
    return str(python)


def lay_out(root: Path, folder: Path) -> None:
    """Plain idx files where torchvision looks for them; all peers read these."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "t10k"):
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
            name = f"{part}-{kind}"
            if (root / name).exists():
                shutil.copy(root / name, raw / name)
            else:
                with gzip.open(root / f"{name}.gz") as packed:
                    (raw / name).write_bytes(packed.read())


def run(peer: Peer, python: str, model: str, root: str, seed: int, quick: bool) -> Result:
    """One peer trains one model for two epochs in a process of its own."""
    command = [python, str(HERE / "peers" / peer.script), "--model", model, "--root", root, "--seed", str(seed)]
    command += [*peer.arguments, *(["--steps", str(QUICK_STEPS[model])] if quick else [])]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **peer.environment}
    if environment.get("LD_PRELOAD") == "tcmalloc":
        found = sorted(Path("/").glob(TCMALLOC[1:]))
        environment["LD_PRELOAD"] = str(found[0]) if found else ""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"{peer.script} {model} failed:\n{done.stderr[-3000:]}")
    told = json.loads(lines[-1])
    images = BATCH * (QUICK_STEPS[model] if quick else IMAGES // BATCH)
    segments = [BATCH * SEGMENT / seconds for seconds in told["segments"]]
    return Result(max(segments), statistics.median(segments), images / told["epochs"][-1], told["accuracy"])


def summary(results: dict[str, dict[str, list[Result]]], quick: bool) -> dict[str, Any]:
    """Medians over rounds, and ratios of neocog to each peer."""
    models = {}
    for model, peers in results.items():
        rates = {name: statistics.median(result.best for result in found) for name, found in peers.items()}
        epochs = {name: statistics.median(result.epoch for result in found) for name, found in peers.items()}
        right = {name: statistics.mean(result.accuracy for result in found) for name, found in peers.items()}
        models[model] = {
            "images_per_second": rates,
            "images_per_second_epoch": epochs,
            "ratios": {name: rates["neocog"] / rate for name, rate in rates.items() if "neocog" in rates},
            "ratios_fp32": {
                n: rates["neocog, fp32"] / rates[n] for n in FP32_ONLY if n in rates and "neocog, fp32" in rates
            },
            "accuracy": right,
            "accuracy_of_each_round": {name: [result.accuracy for result in found] for name, found in peers.items()},
        }
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, {platform.system()}"
    return {"date": time.strftime("%Y-%m-%d"), "machine": machine, "quick": quick, "models": models}


def shown(report: dict[str, Any]) -> str:
    """Tables for a person."""
    lines = [f"{report['date']}, {report['machine']}; batch {BATCH}, Adam 1e-3; medians of the best segments", ""]
    for model, found in report["models"].items():
        lines += [f"{model}", f"  {'':26s} {'images/s':>9s} {'by epoch':>9s} {'neocog is':>10s} {'accuracy':>9s}"]
        for name, rate in found["images_per_second"].items():
            ratio = f"{found['ratios'][name]:9.2f}x" if name in found["ratios"] else ""
            epoch = found["images_per_second_epoch"][name]
            lines.append(f"  {name:26s} {rate:9,.0f} {epoch:9,.0f} {ratio:>10s} {found['accuracy'][name]:9.4f}")
        pairs = ", ".join(f"{name} {ratio:.2f}x" for name, ratio in found["ratios_fp32"].items())
        lines += [f"  fp32 against fp32: {pairs}"] if pairs else []
        lines += [] if report["quick"] else accuracy_lines(found["accuracy"])
        lines.append("")
    return "\n".join(lines)


def accuracy_lines(accuracy: dict[str, float]) -> list[str]:
    """Whether two epochs of neocog are as good as two epochs of each peer."""
    ours = accuracy.get("neocog")
    if ours is None:
        return []
    lines = []
    for name, theirs in accuracy.items():
        if not name.startswith("neocog"):
            word = "within 0.2 points" if abs(ours - theirs) <= CLOSE else "better" if ours > theirs else "WORSE"
            lines.append(f"  accuracy after two epochs: {100 * ours:.2f} % against {name} {100 * theirs:.2f} %: {word}")
    return lines


if __name__ == "__main__":
    main()
