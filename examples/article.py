"""The article's SRCNN in one file: its reader, its network, its two learning rates, its loop and its PSNR.

`python examples/article.py` trains on T91 and scores on Set5. An epoch takes about 40 s. The script reaches the numbers
of `python train.py --exp baseline`. That command is several times faster.
"""

import argparse
import os
import warnings
from pathlib import Path

import cv2
import numpy as np

os.environ.setdefault("GLOG_minloglevel", "2")  # no remarks of Paddle's executor between ours
warnings.filterwarnings("ignore", module="paddle")  # nor about compilers, which this page does not need
import paddle  # noqa: E402

PATCH, STRIDE, BATCH = 33, 14, 16  # the article's; T91 has 21,910 such patches, so 1,370 batches
SHAPES = ((64, 1, 9, 9), (32, 64, 1, 1), (1, 32, 5, 5))  # 9-1-5: outputs, inputs, height and width of each layer
MARGIN = 6  # a valid convolution removes (size - 1) / 2 pixels at each border: 4 + 0 + 2
RATE, FACTORS = 1e-4, (1.0, 1.0, 0.1)  # 1e-5 for the last layer: the article's model often collapses with one rate
STD = 0.001  # of the first weights, as in the paper; biases begin at 0


def luma_images(folder):
    """Generate Y, on 0..255, of each .bmp; sort the names, because systems list them in different orders."""
    paths = sorted(Path(folder).glob("*.bmp"))
    if not paths:
        raise SystemExit(f"article.py: no .bmp image in {folder}: name a folder with --train-data or --val-data")
    for path in paths:
        image = cv2.imread(str(path))
        if image is None or min(image.shape[:2]) <= PATCH:
            raise SystemExit(f"article.py: {path} is no image of more than {PATCH}x{PATCH} pixels: remove it")
        yield cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)[:, :, 0]


def degrade(image):
    """Blur an image; the article also downscales each patch to 11x11, but never uses the result."""
    return cv2.GaussianBlur(image, (5, 5), 0)


def centre(image):
    """Cut off the border that the network loses; 21x21 pixels of a patch are left, its label."""
    return image[MARGIN:-MARGIN, MARGIN:-MARGIN]


def patch_reader(folder):
    """Make a reader: each call of it generates all pairs of input and label in the same order."""

    def read():
        for image in luma_images(folder):
            height, width = image.shape
            for j in range(0, height - PATCH, STRIDE):  # j + 33 < height: strictly, as the article prints it
                for i in range(0, width - PATCH, STRIDE):
                    patch = image[j : j + PATCH, i : i + PATCH]
                    yield degrade(patch), centre(patch)

    return read


def parameter(name, first, factor):
    """Declare a parameter by its first value; the factor multiplies the optimiser's rate for it alone."""
    attribute = paddle.ParamAttr(name, paddle.nn.initializer.Assign(first), learning_rate=factor)
    return paddle.static.create_parameter(first.shape, "float32", attr=attribute)


def network(x, weights):
    """Build valid convolutions, with ReLU after all but the last."""
    for layer, (weight, factor) in enumerate(zip(weights, FACTORS, strict=True), 1):
        filters = parameter(f"conv{layer}.weight", weight, factor)
        bias = parameter(f"conv{layer}.bias", np.zeros(len(weight), np.float32), factor)
        x = paddle.nn.functional.conv2d(x, filters, bias)
        if layer < len(weights):
            x = paddle.nn.functional.relu(x)
    return x


def build(seed):
    """Build a program that trains and one that restores; they share the parameters, by name."""
    rng = np.random.default_rng(seed)  # NumPy's, so that a seed means the same network in every version of Paddle
    weights = [rng.normal(0.0, STD, shape).astype(np.float32) for shape in SHAPES]
    startup, training, restoring = (paddle.static.Program() for _ in range(3))
    with paddle.static.program_guard(training, startup):
        x, label = (paddle.static.data(name, [None, 1, None, None], "float32") for name in ("x", "label"))
        loss = paddle.mean(paddle.square(network(x, weights) - label))
        paddle.optimizer.Adam(RATE).minimize(loss)
    with paddle.static.program_guard(restoring, paddle.static.Program()):
        output = network(paddle.static.data("x", [None, 1, None, None], "float32"), weights)
    return startup, training, restoring, output


def batch_of(images):
    """Stack images of one size as Paddle takes them: (count, 1, height, width) of float32."""
    return np.stack(images)[:, np.newaxis].astype(np.float32)


def psnr(error):
    """Return the PSNR of a mean squared error, in dB; white is 255."""
    return 10 * np.log10(255**2 / error)


def score(images, restore):
    """Score whole images: the mean of their PSNRs, and the PSNR of the mean of their squared errors."""
    errors = np.array([np.mean((restore(degrade(image)) - centre(image).astype(np.float64)) ** 2) for image in images])
    return f"{psnr(errors).mean():.2f} dB mean, {psnr(errors.mean()):.2f} dB pooled"


def train(read, images, epochs, seed):
    """Train on a reader's patches, without shuffling; print the PSNR of the restored images after each epoch."""
    startup, training, restoring, output = build(seed)
    executor = paddle.static.Executor()
    executor.run(startup)

    def restore(image):
        return executor.run(restoring, feed={"x": batch_of([image])}, fetch_list=[output])[0][0, 0]

    print(f"input: {score(images, centre)}")
    print(f"epoch 0: {score(images, restore)}", flush=True)
    for epoch in range(1, epochs + 1):
        for batch in paddle.batch(read, BATCH)():
            patches, labels = zip(*batch, strict=True)
            executor.run(training, feed={"x": batch_of(patches), "label": batch_of(labels)})
        print(f"epoch {epoch}: {score(images, restore)}", flush=True)


def default_folder(name):
    """Return where the commands look for a data set: ./data, or ../shared/datasets where that has it."""
    shared = Path("../shared/datasets", name)
    return shared if shared.is_dir() and not Path("data", name).is_dir() else Path("data", name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--train-data", default=default_folder("T91"), help="folder of .bmp images to train on")
    parser.add_argument("--val-data", default=default_folder("Set5"), help="folder of .bmp images to score on")
    parser.add_argument("--epochs", type=int, default=10, help="the output beats the input from the seventh on")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights")
    options = parser.parse_args()
    paddle.enable_static()
    train(patch_reader(options.train_data), list(luma_images(options.val_data)), options.epochs, options.seed)
