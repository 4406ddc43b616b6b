"""Fashion-MNIST from its raw files to typed shards to a trained classifier, in one go.

    python fashion_mnist.py IDX_FOLDER SHARDS_FOLDER

`make demo` fetches the raw files and runs this.
"""

import argparse
import gzip
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import atdata

NAMES = (
    "t-shirt", "trousers", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
RAW_NAMES = {"train": "train", "test": "t10k"}
SHADES = np.array(list(" .:-=+*#%@"))
ACCURACY_WANTED = 0.75


@atdata.packable
class Fashion:
    """A piece of clothing: 28 x 28 grey values from 0 to 255, its class and the class's name."""

    image: NDArray
    label: int
    name: str


@atdata.packable
class Thumbnail:
    """The same piece, as text to look at."""

    art: str
    name: str


@atdata.lens
def thumbnail(piece: Fashion) -> Thumbnail:
    """Draw the image with one character for every two pixels, one above the other."""
    rows = piece.image.reshape(14, 2, 28).mean(axis=1)
    art = SHADES[(rows / 25.6).astype(int)]
    return Thumbnail(art="\n".join("".join(row) for row in art), name=piece.name)


def read_idx(path: Path) -> NDArray:
    """The array in a gzipped IDX file: a magic number whose last byte counts the dimensions."""
    data = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def read_split(folder: Path, split: str) -> Iterator[Fashion]:
    """The raw files of one split as typed samples."""
    stem = folder / RAW_NAMES[split]
    images = read_idx(Path(f"{stem}-images-idx3-ubyte.gz"))
    labels = read_idx(Path(f"{stem}-labels-idx1-ubyte.gz"))
    for image, label in zip(images, labels.tolist(), strict=True):
        yield Fashion(image=image, label=label, name=NAMES[label])


def write_shards(raw: Path, shards: Path) -> None:
    """Write both splits as shards of at most 10,000 samples."""
    shards.mkdir(parents=True, exist_ok=True)
    for split in RAW_NAMES:
        started = time.perf_counter()
        written = atdata.write_samples(
            read_split(raw, split), str(shards / f"{split}.tar"), maxcount=10_000
        )
        report_speed(f"wrote {split}", len(written), started)


def report_speed(what: str, samples: int, started: float) -> None:
    """One line: what was done, with how many samples, how fast."""
    seconds = time.perf_counter() - started
    speed = samples / seconds
    print(f"  {what:<28}{samples:>7,} samples {seconds:>7.2f} s {speed:>11,.0f} samples/s")


def show_splits(splits: atdata.DatasetDict) -> None:
    """What the folder holds: the splits were found from the names of the files."""
    for name, dataset in splits.items():
        sizes = [Path(shard).stat().st_size for shard in dataset.list_shards()]
        megabytes = sum(sizes) / 1e6
        print(f"  {name:<6}{len(dataset):>7,} samples {megabytes:>6.1f} MB, shards: {len(sizes)}")


class Classifier:
    """A network of one hidden layer, trained by gradient descent with momentum."""

    def __init__(self, inputs: int, hidden: int = 128, classes: int = 10, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        sizes = [(inputs, hidden), (hidden, classes)]
        self.weights = [random.normal(0, (2 / n) ** 0.5, (n, m)).astype("f4") for n, m in sizes]
        self.biases = [np.zeros(m, "f4") for _, m in sizes]
        self.momentum = [np.zeros_like(part) for part in self.weights + self.biases]

    def scores(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """The hidden layer's activations and a score for each class."""
        hidden = np.maximum(x @ self.weights[0] + self.biases[0], 0)
        return hidden, hidden @ self.weights[1] + self.biases[1]

    def learn(self, x: NDArray, labels: NDArray, rate: float = 0.05) -> None:
        """One step on one batch, down the gradient of the cross entropy."""
        hidden, scores = self.scores(x)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = chances / chances.sum(axis=1, keepdims=True)
        error[np.arange(len(labels)), labels] -= 1
        error /= len(labels)
        hidden_error = (error @ self.weights[1].T) * (hidden > 0)
        gradients = [x.T @ hidden_error, hidden.T @ error, hidden_error.sum(0), error.sum(0)]
        parts = self.weights + self.biases
        for part, momentum, gradient in zip(parts, self.momentum, gradients, strict=True):
            momentum *= 0.9
            momentum += gradient
            part -= rate * momentum


def pixels(images: NDArray) -> NDArray:
    """A batch of images as rows of numbers around zero."""
    return images.reshape(len(images), -1).astype("f4") / 255 - 0.3


def train(dataset: atdata.Dataset[Fashion]) -> Classifier:
    """One epoch over shuffled batches."""
    model = Classifier(inputs=28 * 28)
    started = time.perf_counter()
    for batch in dataset.shuffled(batch_size=64, seed=0):
        model.learn(pixels(batch.image), np.asarray(batch.label))
    report_speed("trained for one epoch", len(dataset), started)
    return model


def accuracy(model: Classifier, dataset: atdata.Dataset[Fashion]) -> float:
    """The share of a dataset that the model gets right."""
    right = 0
    for batch in dataset.ordered(batch_size=1000):
        _, scores = model.scores(pixels(batch.image))
        right += int((scores.argmax(axis=1) == np.asarray(batch.label)).sum())
    return right / len(dataset)


def read_shuffled(dataset: atdata.Dataset[Fashion]) -> None:
    """How fast the shuffled batches come when nobody trains on them."""
    started = time.perf_counter()
    samples = sum(len(batch.image) for batch in dataset.shuffled(batch_size=64, seed=0))
    report_speed("read in shuffled batches", samples, started)


def show_thumbnails(dataset: atdata.Dataset[Fashion], count: int = 3) -> None:
    """The first samples through the lens, side by side."""
    first = list(itertools.islice(dataset.as_type(Thumbnail).ordered(), count))
    for rows in zip(*(piece.art.splitlines() for piece in first), strict=True):
        print("  " + " ".join(row[1:-1] for row in rows).rstrip())
    print("  " + " ".join(piece.name.center(26) for piece in first).rstrip())


def main() -> int:
    """Write, load, train, test, look."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="folder of the four IDX files")
    parser.add_argument("shards", type=Path, help="folder to write the shards to")
    arguments = parser.parse_args()

    print("Writing typed shards")
    write_shards(arguments.raw, arguments.shards)
    print(f"\nLoading {arguments.shards}")
    splits = atdata.load_dataset(str(arguments.shards), Fashion)
    show_splits(splits)
    print("\nLearning")
    read_shuffled(splits["train"])
    model = train(splits["train"])
    reached = accuracy(model, splits["test"])
    print(f"  test accuracy {reached:.3f}")
    print("\nThe test split through a lens, Fashion -> Thumbnail")
    show_thumbnails(splits["test"])
    if reached < ACCURACY_WANTED:
        print(f"Expected an accuracy of at least {ACCURACY_WANTED}", file=sys.stderr)
    return int(reached < ACCURACY_WANTED)


if __name__ == "__main__":
    sys.exit(main())
