"""Scenes for the locator: documents with and without a machine-readable zone, as cameras and scanners see them.

Every scene follows from its seed. It is a square grey picture together with what page.onnx has to answer on it: where
the cores of the zone's lines are, which way they read, and how high their capital letters are.

To look at some: python3 mrz/ocr/train/pages.py --out FOLDER
"""

import argparse
from dataclasses import dataclass

import cv2
import numpy as np

import documents
import surfaces

# The network answers on a grid of one point in every STRIDE pixels.
STRIDE = 4
# Heights of capital letters in the pictures, in pixels.
SMALLEST, LARGEST = 4.8, 32.0
# Half of the core's thickness in pixels is never less than this, so that each line meets the grid.
HALF_STRIDE = 2.05


@dataclass
class Scene:
    """A picture and the answers that are wanted, on the grid of the network's output.

    picture: uint8 [size, size]; core: bool [size/4, size/4]; sure: bool, false on the rim of a core where either
    answer is right; direction: float32 [2, ...], cosine and sine; height: float32, log2(capital height in pixels / 8).
    direction and height hold only where core is true.
    """

    picture: np.ndarray
    core: np.ndarray
    sure: np.ndarray
    direction: np.ndarray
    height: np.ndarray


class View:
    """How the sheet lies before the camera: for points of the picture on the network's grid, where they lie on it.

    x, y: float32 [size/4, size/4], pixels of the sheet; across, down: how fast y changes along the picture's axes.
    """

    def __init__(self, rng, size, side, reduction):
        """reduction is in pixels of the sheet per pixel of the picture; the middles of both coincide."""
        steps = np.arange(STRIDE / 2 - 0.5, size, STRIDE, dtype=np.float32) - size / 2
        x, y = np.meshgrid(steps, steps)
        tilt = rng.normal(0, 0.1 if rng.random() < 0.5 else 0.01, 2) / (size / 2)
        depth = np.clip(1 + tilt[0] * x + tilt[1] * y, 0.5, 2)
        angle = turn(rng)
        cos, sin = np.cos(angle) * reduction, np.sin(angle) * reduction
        wide, slant = rng.uniform(0.95, 1.05), rng.normal(0, 0.02)
        flat_x = (cos * x + sin * y) * wide / depth
        flat_y = (cos * y - sin * x) / depth
        bend = rng.uniform(0, 0.02) * size if rng.random() < 0.3 else 0
        bent = bend * np.sin(flat_x / (size * reduction) * rng.uniform(1, 5) + rng.uniform(0, 6))
        self.size = size
        self.x = (flat_x + slant * flat_y + side / 2).astype(np.float32)
        self.y = (flat_y + bent + side / 2).astype(np.float32)
        self.down, self.across = (change / STRIDE for change in np.gradient(self.y))

    def look(self, sheet):
        """Return what the camera sees of a layer of the sheet; beyond the sheet it is 0."""
        maps = [cv2.resize(m, (self.size, self.size), interpolation=cv2.INTER_LINEAR) for m in (self.x, self.y)]
        return cv2.remap(sheet, *maps, cv2.INTER_LINEAR)


def turn(rng):
    """Return the angle by which a document lies turned: often upright or nearly, as often by any angle."""
    kind = rng.random()
    if kind < 0.5:
        quarter = 0 if kind < 0.25 else rng.integers(1, 4)
        return np.radians(90 * quarter + rng.normal(0, 3))
    return rng.uniform(0, 2 * np.pi)


def answers(view, lines, cover):
    """Return core, sure, direction and height of a scene, as Scene describes them."""
    slope = np.hypot(view.across, view.down)
    core, rim = np.zeros(view.x.shape, bool), np.zeros(view.x.shape, bool)
    capital = np.ones(view.x.shape, np.float32)
    for line in lines:
        away = np.abs(view.y - line.middle)
        thick = np.maximum(line.capital / 4, HALF_STRIDE * slope)
        here = (away <= thick) & (view.x >= line.left) & (view.x <= line.right)
        more = line.capital * 0.6
        rim |= (away <= thick + 1.5 * slope) & (view.x >= line.left - more) & (view.x <= line.right + more)
        core |= here
        capital[here] = line.capital
    core &= cover
    direction = np.stack([view.down, -view.across]) / slope
    height = np.log2(capital / slope / 8)
    return core, core | ~rim, direction.astype(np.float32), height.astype(np.float32)


def thumb(rng, picture):
    """Lay a thumb on the picture, in place, and return where it is, as a mask from 0 to 1."""
    size = picture.shape[0]
    mask = np.zeros_like(picture)
    centre = tuple(int(v) for v in rng.uniform(0, size, 2))
    axes = tuple(int(v) for v in size * rng.uniform((0.04, 0.1), (0.12, 0.4)))
    cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.8, 4))
    skin = rng.uniform(50, 210) + surfaces.clouds(rng, size, size, 8) * 12
    picture += (skin - picture) * mask
    return mask


def scene(seed, size=384):
    """Return the scene that follows from a seed; size is the side of the picture in pixels, a multiple of 32."""
    rng = np.random.default_rng(seed)
    plan = documents.layout(rng)
    capital = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    reduction = rng.uniform(1.0, 1.25)
    scale, side = capital * reduction / plan.capital, int(size * 1.5 * reduction)
    sheet = documents.sheet_for(rng, plan, scale, side, size * reduction / scale)
    view = View(rng, size, side, reduction)
    cover = view.look(sheet.cover)
    around = surfaces.background(rng, size)
    if rng.random() < 0.3:
        around *= 1 - rng.uniform(0.2, 0.7) * cv2.GaussianBlur(cover, (0, 0), rng.uniform(2, 8))
    picture = around + cover * (view.look(sheet.paper) - around)
    middle = slice(STRIDE // 2, None, STRIDE)
    core, sure, direction, height = answers(view, sheet.lines, cover[middle, middle] > 0.5)
    if rng.random() < 0.06:
        covered = thumb(rng, picture)[middle, middle] > 0.1
        core, sure = core & ~covered, sure & ~covered
    return Scene(surfaces.camera(rng, picture, capital), core, sure, direction, height)


def paint(picture):
    """Return a scene as a colour picture: its cores red, their rims blue, a stroke along the direction."""
    size = picture.picture.shape[0]
    shown = cv2.cvtColor(picture.picture, cv2.COLOR_GRAY2BGR)
    for mask, channel in ((picture.core, 2), (~picture.sure, 0)):
        large = cv2.resize(mask.astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST) > 0
        shown[..., channel][large] = 255
    for row, column in np.argwhere(picture.core)[::40]:
        start = np.array([column, row]) * STRIDE + 2
        end = start + picture.direction[:, row, column] * 8 * 2.0 ** picture.height[row, column]
        cv2.line(shown, start.tolist(), np.int32(end).tolist(), (0, 200, 0), 1, cv2.LINE_AA)
    return shown


def main():
    """Write sheets of scenes, plain and with their answers, to be looked at."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--out", required=True, help="an existing folder")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--count", type=int, default=12, help="a multiple of 4")
    given = options.parse_args()
    scenes = [scene(given.seed + i) for i in range(given.count)]
    for name, draw_one in (("plain", lambda s: cv2.cvtColor(s.picture, cv2.COLOR_GRAY2BGR)), ("answers", paint)):
        shown = [draw_one(s) for s in scenes]
        rows = [np.hstack(shown[i : i + 4]) for i in range(0, len(shown), 4)]
        cv2.imwrite(f"{given.out}/{name}.png", np.vstack(rows))


if __name__ == "__main__":
    main()
