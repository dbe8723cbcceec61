"""Trains the locator: a small network that finds the lines of machine-readable zones in a whole picture.

python3 mrz/ocr/train/locator.py --minutes 60 --out mrz/ocr/weights/page.onnx

Input `x` [1, 1, H, W] float32, H and W multiples of 32: the grey picture, (v - mean) / (deviation + 8) over all of it.
Output `y` [1, 4, H/4, W/4]: 0 the logit of "the core of a line is here" (the middle half of the height of its
characters, along the whole line), 1 and 2 cosine and sine of the reading direction (x right, y down), 3 log2 of the
height of a capital letter in pixels of the input, divided by 8. 1 to 3 hold only on cores.

It learns from nothing but the scenes of pages.py, which follow from their seeds.
"""

import argparse
import collections
import copy
import multiprocessing
import time

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

import pages
import printing

# Channels at a half, a quarter, ... of the picture.
CHANNELS = (8, 16, 32, 48, 64)
# Sides of the scenes in a batch, and how many fill one.
BATCHES = ((320, 6), (384, 4), (384, 4), (448, 3))
# The weights that are kept follow the weights that learn, by this much less than 1 a step.
FOLLOW = 0.998


def convolution(inputs, outputs, kernel=3, stride=1, groups=1):
    """Return a convolution with normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def separable(channels):
    """Return a convolution by channel and one across channels: cheap where the picture is large."""
    return nn.Sequential(convolution(channels, channels, groups=channels), convolution(channels, channels, 1))


class Surroundings(nn.Module):
    """Adds to every point what lies so many points away: the way of reading is often seen only further along a line."""

    def __init__(self, channels, distance):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, distance, dilation=distance, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        nn.init.zeros_(self.look[-1].weight)

    def forward(self, x):
        """Return the shape of x."""
        return x + self.look(x)


class Locator(nn.Module):
    """A U-Net that goes down to a thirty-second of the picture's sides and comes back to a quarter of them."""

    def __init__(self):
        super().__init__()
        half, *c = CHANNELS
        self.stem = nn.Sequential(convolution(1, half, 5, 2), convolution(half, c[0], 3, 2))
        steps = list(zip(c, c[1:]))
        self.down = nn.ModuleList(nn.Sequential(convolution(i, o, 3, 2), convolution(o, o)) for i, o in steps)
        self.deepest = convolution(c[-1], c[-1])
        self.around = nn.Sequential(Surroundings(c[-1], 2), Surroundings(c[-1], 4))
        self.project = nn.ModuleList(nn.Conv2d(o, i, 1) for i, o in steps)
        self.blend = nn.ModuleList([separable(c[0]), *(convolution(i, i) for i in c[1:-1])])
        self.answer = nn.Conv2d(c[0], 4, 1)

    def forward(self, x):
        """Return [N, 4, H/4, W/4] for [N, 1, H, W]."""
        levels = [self.stem(x)]
        for down in self.down:
            levels.append(down(levels[-1]))
        deep = self.around(self.deepest(levels.pop()))
        for level, project, blend in reversed(list(zip(levels, self.project, self.blend))):
            wide = functional.interpolate(project(deep), scale_factor=2, mode="nearest")
            deep = blend(functional.relu(wide + level))
        return self.answer(deep)


def normalised(picture):
    """Return a picture as the network wants it."""
    values = picture.astype(np.float32)
    return (values - values.mean()) / (values.std() + 8)


def batch(number, seed):
    """Return pictures [N, 1, S, S] and wanted answers [N, 5, S/4, S/4]: core, sure, cosine, sine, height."""
    size, count = BATCHES[number % len(BATCHES)]
    scenes = [pages.scene((seed, number, i), size) for i in range(count)]
    pictures = np.stack([normalised(s.picture)[None] for s in scenes])
    wanted = np.stack([np.stack([s.core, s.sure, *s.direction, s.height]).astype(np.float32) for s in scenes])
    return pictures, wanted


def produce(queue, seed):
    """Fill the queue with batches for ever."""
    cv2.setNumThreads(1)
    number = 0
    while True:
        queue.put(batch(number, seed))
        number += 1


def loss(answer, wanted):
    """Return the loss of answers: cross entropy and overlap for cores, distance for direction and height on them."""
    core, sure = wanted[:, 0], wanted[:, 1]
    entropy = functional.binary_cross_entropy_with_logits(answer[:, 0], core, reduction="none") * sure
    worst = entropy.flatten().topk(entropy.numel() // 50).values.mean()
    chance = torch.sigmoid(answer[:, 0]) * sure
    overlap = 1 - (2 * (chance * core).sum() + 1) / (chance.sum() + core.sum() + 1)
    points = core.sum() + 1
    away = functional.smooth_l1_loss(answer[:, 1:4], wanted[:, 2:5], reduction="none", beta=0.1).sum(1)
    return entropy.mean() * 4 + worst * 0.25 + overlap + (away * core).sum() / points


def rate(peak, done):
    """Return the learning rate when so much of the time is done, 0 to 1: a short rise, then half a cosine."""
    return peak * min(1.0, done / 0.03 + 0.05) * (0.5 + 0.5 * np.cos(np.pi * min(1.0, done)))


def follow(kept, net, share):
    """Move the kept weights and statistics towards those of the net."""
    with torch.no_grad():
        for mine, theirs in zip(kept.state_dict().values(), net.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - share)


def turned(pictures, wanted, quarters):
    """Return a batch turned counter-clockwise by so many quarters, and the directions with it."""
    pictures, wanted = (np.rot90(part, quarters, (2, 3)).copy() for part in (pictures, wanted))
    for _ in range(quarters):
        wanted[:, 2], wanted[:, 3] = wanted[:, 3].copy(), -wanted[:, 2]
    return pictures, wanted


def batches(queue):
    """Yield every batch of the queue four times, turned by each quarter, because scenes cost more than learning.

    The four are not yielded in a row: between them come those of the three batches before and after.
    """
    recent = collections.deque(maxlen=4)
    while True:
        recent.append(queue.get())
        for quarters, (pictures, wanted) in enumerate(recent):
            turn = turned(pictures, wanted, quarters)
            yield [torch.from_numpy(part).contiguous(memory_format=torch.channels_last) for part in turn]


def learn(net, optimiser, pictures, wanted):
    """Take one step and return the loss before it. Convolutions are done in bfloat16, which is three times as fast."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer = net(pictures)
    value = loss(answer.float(), wanted)
    optimiser.zero_grad()
    value.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 2.0)
    optimiser.step()
    return value.item()


def train(net, queue, minutes, peak, checkpoint):
    """Train for so many minutes on the batches of a queue and return the averaged network.

    peak is the highest learning rate; the checkpoint, if any, is written every minute.
    """
    kept = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), peak, weight_decay=1e-3)
    start, mean, shown = time.monotonic(), 0.0, 0.0
    for step, (pictures, wanted) in enumerate(batches(queue), 1):
        if (passed := (time.monotonic() - start) / 60) >= minutes:
            return kept
        for group in optimiser.param_groups:
            group["lr"] = rate(peak, passed / minutes)
        value = learn(net, optimiser, pictures, wanted)
        follow(kept, net, min(FOLLOW, step / (step + 10)))
        mean += (value - mean) * max(0.01, 1 / step)
        if passed - shown >= 1:
            shown = passed
            print(f"{passed:.0f} min, step {step}, loss {mean:.3f}", flush=True)
            if checkpoint:
                torch.save(kept.state_dict(), checkpoint)


def export(net, path):
    """Write the network as ONNX, opset 11, with free height and width."""
    free = {"x": {2: "height", 3: "width"}, "y": {2: "rows", 3: "columns"}}
    sample = torch.zeros(1, 1, 64, 64)
    net = net.to(memory_format=torch.contiguous_format).eval()
    torch.onnx.export(net, sample, path, opset_version=11, input_names=["x"], output_names=["y"], dynamic_axes=free)


def main():
    """Train and write the locator."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--rate", type=float, default=2.5e-3, help="the highest learning rate")
    options.add_argument("--seed", type=int, default=9303)
    options.add_argument("--out", required=True, help="the ONNX file")
    options.add_argument("--checkpoint", help="a file that is written every minute")
    options.add_argument("--resume", help="a checkpoint to start from")
    given = options.parse_args()
    if missing := printing.missing_fonts():
        raise SystemExit(f"fonts are missing, install their packages: {missing}")
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    net = Locator().to(memory_format=torch.channels_last)
    if given.resume:
        net.load_state_dict(torch.load(given.resume))
    queue = multiprocessing.Queue(8)
    multiprocessing.Process(target=produce, args=(queue, given.seed), daemon=True).start()
    export(train(net, queue, given.minutes, given.rate, given.checkpoint), given.out)


if __name__ == "__main__":
    main()
