"""Train line.onnx, the network that reads one line of a machine-readable zone, on strips that lines.py makes up.

Contract of line.onnx (ONNX opset 11, read by OpenCV 4.6's dnn):
  x  float32 [N, 1, 32, W], W a multiple of 4: strips as lines.normalised makes them, zeros to the right
  y  float32 [N, 38, 1, W/4]: logits for connectionist temporal classification; class 0 is the blank,
     1 to 37 are 0-9, A-Z, <

Usage: python3 mrz/ocr/train/recogniser.py --minutes 60 --out mrz/ocr/weights/line.onnx
Strips, first weights and their order follow from --seed; how many of them are seen depends on --minutes and the machine.
Needs the Debian packages python3-torch, python3-onnx, python3-opencv, python3-pil and the fonts named in glyphs.py
and printing.py.
"""
import argparse
import copy
import math
import multiprocessing
import os
import signal
import sys
import time

import cv2
import numpy as np
import torch
from torch import nn

import lines
from glyphs import ALPHABET

CHARACTERS_IN_BATCH = 420
LENGTHS = (9, 12, 15, 18, 21, 24, 27, 30, 36, 44, 48)
HELD_OUT = (30, 36, 44)
LEARNING_RATE = 3e-3
WARM_UP = 0.03
STRIDE = 4  # columns of a strip to one answer
UNDECIDED = -100
EVALUATE_EVERY = 240  # seconds


def convolution(inputs, outputs, size, padding, groups=1):
    """Convolution, batch normalisation, rectifier."""
    layer = nn.Conv2d(inputs, outputs, size, padding=padding, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Sequential):
    """Layers whose answer is added to what they were given."""

    def forward(self, x):
        return x + super().forward(x)


def along(channels, size=7):
    """A look along the line at little cost: each channel for itself, then all of them at each place."""
    return Residual(
        convolution(channels, channels, (1, size), (0, size // 2), groups=channels),
        convolution(channels, channels, 1, 0),
    )


def recogniser():
    """The network: 32 rows become one, four columns become one, and each answer sees about three characters
    to either side, which is what counting fillers and judging a zero by its neighbours takes."""
    return nn.Sequential(
        convolution(1, 16, 3, 1),
        nn.MaxPool2d(2),
        convolution(16, 32, 3, 1),
        nn.MaxPool2d(2),
        convolution(32, 64, 3, 1),
        Residual(convolution(64, 64, 3, 1)),
        nn.MaxPool2d((2, 1)),
        Residual(convolution(64, 64, 3, 1)),
        convolution(64, 128, (4, 3), (0, 1)),
        along(128),
        along(128),
        along(128),
        nn.Conv2d(128, 1 + len(ALPHABET), 1),
    )


def batch(seed, number):
    """Batch `number` of a seed: strips of one length of text, classes at each place, texts; see `stacked`."""
    rng = np.random.default_rng([seed, number])
    length = int(rng.choice(LENGTHS))
    return stacked([lines.random_strip(rng, length) for _ in range(round(CHARACTERS_IN_BATCH / length))])


def stacked(examples):
    """Examples as lines.random_strip gives them, in one batch: strips [N, 1, 32, W] with zeros to the right,
    classes [N, W/4], texts."""
    strips, texts, columns = zip(*examples)
    width = (max(strip.shape[1] for strip in strips) + STRIDE - 1) // STRIDE * STRIDE
    together = np.zeros((len(strips), 1, lines.HEIGHT, width), np.float32)
    for row, strip in zip(together, strips):
        row[0, :, : strip.shape[1]] = lines.normalised(strip)
    places = width // STRIDE
    return together, np.stack([classes(t, c, places) for t, c in zip(texts, columns)]), texts


def classes(text, columns, places):
    """What the network should answer at each place: the character in the middle of its space, the blank between
    two characters and where there is none, and UNDECIDED where either is right."""
    answers = np.full(places, 0, np.int64)
    pitch = np.diff(columns).mean()
    centres = STRIDE * np.arange(places) + (STRIDE - 1) / 2
    nearest = np.abs(centres[:, None] - columns[None, :]).argmin(1)
    away = np.abs(centres - columns[nearest]) / pitch
    answers[away < 0.36] = UNDECIDED
    middles = np.unique(np.concatenate([np.flatnonzero(away < 0.2), np.round(columns / STRIDE - 0.4).astype(int)]))
    middles = middles[(middles >= 0) & (middles < places)]
    answers[middles] = [ALPHABET.index(text[i]) + 1 for i in nearest[middles]]
    between = np.round((columns[1:] + columns[:-1]) / 2 / STRIDE - 0.4).astype(int)
    answers[np.clip(between, 0, places - 1)] = 0
    return answers


def produce(seed, queue):
    """Make batches for ever; runs in a process of its own."""
    cv2.setNumThreads(1)
    number = 0
    while True:
        queue.put(batch(seed, number))
        number += 1


def held_out(seed):
    """Strips that training never sees: a list of batches, one hundred lines for each length of a zone's lines."""
    batches = []
    for length in HELD_OUT:
        rng = np.random.default_rng([seed, 2**32, length])
        examples = sorted((lines.random_strip(rng, length) for _ in range(100)), key=lambda e: e[0].shape[1])
        batches += [stacked(examples[i : i + 10]) for i in range(0, len(examples), 10)]
    return batches


def greedy(logits):
    """The text of one strip by the best class at each place; logits [38, places]."""
    best = logits.argmax(0)
    return "".join(ALPHABET[c - 1] for i, c in enumerate(best) if c and (i == 0 or c != best[i - 1]))


def edits(a, b):
    """Insertions, deletions and substitutions that turn a into b (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


@torch.no_grad()
def evaluate(net, batches):
    """Errors per character, and the part of the lines that are read exactly, for each length."""
    net.eval()
    errors, characters, exact = 0, 0, {}
    for strips, _, texts in batches:
        for logits, text in zip(net(torch.from_numpy(strips)).squeeze(2).numpy(), texts):
            wrong = edits(greedy(logits), text)
            errors, characters = errors + wrong, characters + len(text)
            exact.setdefault(len(text), []).append(wrong == 0)
    return errors / characters, {length: float(np.mean(hits)) for length, hits in exact.items()}


class Average:
    """A running mean of a network's weights, which reads better than any single step of the training."""

    def __init__(self, net, decay=0.999):
        self.net, self.decay, self.steps = copy.deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def follow(self, net):
        """Move towards the network's present weights; faster in the beginning."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        for mean, value in zip(self.net.state_dict().values(), net.state_dict().values()):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def rate(progress):
    """The learning rate at `progress` 0..1: a short rise, then half a cosine."""
    if progress < WARM_UP:
        return LEARNING_RATE * (0.05 + 0.95 * progress / WARM_UP)
    return LEARNING_RATE * (0.005 + 0.995 * (1 + math.cos(math.pi * progress)) / 2)


def loss_of(answers, wanted, texts, progress):
    """How far the answers [N, 38, places] are from the texts.

    Where each character stands is known, and telling the network so saves it most of an hour's search; the loss by
    text alone, which leaves it free to say a character where it recognises it best, has the last word.
    """
    count, _, places = answers.shape
    by_text = nn.functional.ctc_loss(
        answers.permute(2, 0, 1).log_softmax(2),
        torch.tensor([ALPHABET.index(c) + 1 for text in texts for c in text]),
        torch.full((count,), places),
        torch.tensor([len(text) for text in texts]),
        zero_infinity=True,
    )
    by_place = nn.functional.cross_entropy(answers, torch.from_numpy(wanted), ignore_index=UNDECIDED)
    return by_text + 3 * (1 - progress) * by_place


def step(net, optimiser, content, progress, bfloat16):
    """One step down the loss of one batch; returns the loss."""
    strips, wanted, texts = content
    for group in optimiser.param_groups:
        group["lr"] = rate(progress)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        answers = net(torch.from_numpy(strips).to(memory_format=torch.channels_last)).squeeze(2)
    loss = loss_of(answers.float(), wanted, texts, progress)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimiser.step()
    return loss.item()


def export(net, path):
    """Write the network as ONNX in one go, after OpenCV has read it and answered as torch does."""
    example, draft = torch.randn(2, 1, lines.HEIGHT, 160), path + ".new"
    torch.onnx.export(
        copy.deepcopy(net).to(memory_format=torch.contiguous_format).eval(),
        example,
        draft,
        opset_version=11,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "n", 3: "w"}, "y": {0: "n", 3: "places"}},
    )
    reader = cv2.dnn.readNetFromONNX(draft)
    reader.setInput(example.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(reader.forward(), net(example).numpy(), atol=1e-3)
    os.replace(draft, path)


def train(options):
    """Train for the given minutes; whenever the held-out lines are read better than before, write the weights."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    net = recogniser().to(memory_format=torch.channels_last)
    average = Average(net)
    optimiser = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=0.01)
    queue = multiprocessing.Queue(12)
    producer = multiprocessing.Process(target=produce, args=(options.seed, queue), daemon=True)
    producer.start()
    # Only an orderly exit ends the producer too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    test = held_out(options.seed)
    start = evaluated = time.monotonic()
    best, smooth, steps = math.inf, None, 0
    while (progress := (time.monotonic() - start) / (60 * options.minutes)) < 1:
        loss = step(net.train(), optimiser, queue.get(), progress, options.bfloat16)
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        average.follow(net)
        steps += 1
        if steps % 100 == 0:
            print(f"{progress:6.1%} step {steps} loss {smooth:.4f}", flush=True)
        if time.monotonic() - evaluated > EVALUATE_EVERY:
            evaluated = time.monotonic()
            best = keep_better(average.net, test, best, options.out)
    producer.terminate()
    keep_better(average.net, test, best, options.out)


def keep_better(net, test, best, path):
    """Evaluate; export if better than the best errors so far; return the best."""
    errors, exact = evaluate(net, test)
    print(f"held out: {errors:.3%} of characters wrong, lines exact {exact}", flush=True)
    if errors < best:
        export(net, path)
    return min(errors, best)


def main():
    """Read the command line and train."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--bfloat16", action="store_true", help="faster on processors with AVX512-BF16")
    train(arguments.parse_args())


if __name__ == "__main__":
    main()
