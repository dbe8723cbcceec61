"""What lies around, under and over a document: tables, security print, pictures, shadows, and a camera's faults.

Pictures are float32 arrays [height, width] of grey values from 0 to 255.
"""

import cv2
import numpy as np

from printing import pick


def clouds(rng, height, width, cells):
    """Return smooth noise of deviation about 1 with so many cells along the longer side."""
    longest = max(height, width)
    rows, columns = (max(2, round(cells * side / longest)) for side in (height, width))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def wave(rng, height, width, wavelength):
    """Return a sine of the wavelength in a random direction, its phase a little disturbed."""
    angle, phase = rng.uniform(0, 2 * np.pi, 2)
    x = np.arange(width, dtype=np.float32) * np.float32(np.cos(angle) * 2 * np.pi / wavelength)
    y = np.arange(height, dtype=np.float32) * np.float32(np.sin(angle) * 2 * np.pi / wavelength)
    disturbed = clouds(rng, height, width, 4) * np.float32(rng.uniform(0, 3))
    return np.sin(x[None, :] + y[:, None] + disturbed + np.float32(phase))


def flat(rng, size):
    """A plain table, a scanner's lid, or darkness."""
    level = pick(rng, (rng.uniform(0, 40), rng.uniform(30, 255), rng.uniform(220, 255)))
    return np.full((size, size), level, np.float32)


def shaded(rng, size):
    """A plain surface under uneven light."""
    return rng.uniform(30, 220) + clouds(rng, size, size, 2) * rng.uniform(5, 50)


def rough(rng, size):
    """Stone, paper, carpet: noise on several scales."""
    picture = np.full((size, size), rng.uniform(40, 210), np.float32)
    for cells in (4, 16, 60, size / 2):
        picture += clouds(rng, size, size, cells) * rng.uniform(0, 18)
    return picture


def wood(rng, size):
    """Grain along one direction."""
    grain = rng.standard_normal((size, 5)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), sigmaX=0.01, sigmaY=rng.uniform(0.6, 4))
    picture = rng.uniform(50, 190) + cv2.resize(grain, (size, size)) * rng.uniform(10, 45)
    return picture if rng.random() < 0.5 else np.ascontiguousarray(picture.T)


def cloth(rng, size):
    """A weave: two waves across each other."""
    period = rng.uniform(3, 14)
    woven = wave(rng, size, size, period) * wave(rng, size, size, period)
    return rng.uniform(50, 200) + woven * rng.uniform(5, 50)


def stripes(rng, size):
    """Stripes, boards, blinds, keys."""
    picture = rng.uniform(60, 190) + np.sign(wave(rng, size, size, rng.uniform(6, 80))) * rng.uniform(10, 70)
    if rng.random() < 0.4:
        picture += np.sign(wave(rng, size, size, rng.uniform(6, 80))) * rng.uniform(10, 50)
    return picture


def things(rng, size):
    """A picture of things: overlapping shapes with soft or hard edges."""
    picture = shaded(rng, size)
    for _ in range(int(rng.integers(3, 25))):
        centre = [int(v) for v in rng.integers(0, size, 2)]
        axes = [int(v) for v in rng.integers(4, max(5, size // 3), 2)]
        level = float(rng.uniform(0, 255))
        if rng.random() < 0.5:
            cv2.ellipse(picture, centre, axes, float(rng.uniform(0, 180)), 0, 360, level, -1)
        else:
            box = cv2.boxPoints((tuple(map(float, centre)), tuple(map(float, axes)), float(rng.uniform(0, 90))))
            cv2.fillPoly(picture, [np.intp(box)], level)
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 6))


def background(rng, size):
    """Return a square picture of what a document may lie on."""
    kind = pick(rng, (flat, flat, shaded, rough, wood, cloth, stripes, things, things))
    return np.clip(kind(rng, size), 0, 255).astype(np.float32)


def guilloche(rng, paper):
    """Draw bundles of fine curved lines on the paper, in place."""
    height, width = paper.shape
    base = np.linspace(0, 1, 50)
    for _ in range(int(rng.integers(1, 3))):
        level = float(np.clip(paper.mean() + rng.uniform(-70, 25), 0, 255))
        waves, swing, along = rng.uniform(0.5, 12), rng.uniform(2, 40), rng.random() < 0.6
        span, across = (width, height) if along else (height, width)
        offset = np.arange(-40, across + 40, rng.uniform(5, 18))[:, None]
        y = offset + swing * np.sin(2 * np.pi * waves * base + offset * 0.02)
        x = np.broadcast_to(base * span, y.shape)
        curves = np.stack([x, y] if along else [y, x], 2)
        cv2.polylines(paper, list(np.int32(curves * 8)), False, level, 1, cv2.LINE_AA, 3)


def tint(rng, height, width):
    """Return the paper of a document before anything is printed on it."""
    paper = np.full((height, width), rng.uniform(150, 250), np.float32)
    if rng.random() < 0.7:
        paper += clouds(rng, height, width, rng.uniform(2, 6)) * rng.uniform(2, 22)
    if rng.random() < 0.3:
        paper += wave(rng, height, width, rng.uniform(3, 40)) * rng.uniform(3, 25)
    paper = np.clip(paper, 0, 255)
    if rng.random() < 0.5:
        guilloche(rng, paper)
    return paper


def portrait(rng, height, width):
    """Return a picture that is light and dark where a portrait is: background, shoulders, hair, face, eyes, mouth."""
    picture = np.full((height, width), rng.uniform(120, 240), np.float32)
    middle, scale = width / 2 * rng.uniform(0.9, 1.1), width
    skin, hair = float(rng.uniform(90, 220)), float(rng.uniform(10, 170))
    parts = [
        ((middle, height * 1.02), (scale * 0.5, height * 0.28), float(rng.uniform(10, 200))),
        ((middle, height * 0.45), (scale * 0.36, height * rng.uniform(0.36, 0.5)), hair),
        ((middle, height * 0.5), (scale * 0.26, height * 0.28), skin),
        ((middle - scale * 0.1, height * 0.45), (scale * 0.05, height * 0.02), skin * 0.4),
        ((middle + scale * 0.1, height * 0.45), (scale * 0.05, height * 0.02), skin * 0.4),
        ((middle, height * 0.64), (scale * 0.09, height * 0.02), skin * 0.6),
    ]
    for centre, axes, level in parts:
        shape = tuple(max(1, int(v)) for v in axes)
        cv2.ellipse(picture, tuple(int(v) for v in centre), shape, 0, 0, 360, level, -1)
    picture = cv2.GaussianBlur(picture, (0, 0), max(0.5, width / 60))
    return picture + clouds(rng, height, width, 20) * rng.uniform(2, 12)


def barcode(rng, height, width):
    """Return the ink of a barcode of bars, or of a stacked or two-dimensional one."""
    module = max(1, int(rng.integers(1, 4)))
    rows = 1 if rng.random() < 0.5 else max(1, height // (module * int(rng.integers(1, 4))))
    cells = (rng.random((rows, max(2, width // module))) < 0.5).astype(np.float32)
    return cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)


def signature(rng, height, width):
    """Return the ink of something written by hand."""
    count = int(rng.integers(6, 26))
    x = np.linspace(0.05, 0.95, count) * width + rng.normal(0, width * 0.03, count)
    y = height * rng.uniform(0.1, 0.9, count)
    fine = np.linspace(0, count - 1, count * 8)
    points = np.stack([np.interp(fine, np.arange(count), v) for v in (x, y)])
    kernel = np.ones(7) / 7
    smooth = np.stack([np.convolve(v, kernel, "valid") for v in points], 1)
    ink = np.zeros((height, width), np.float32)
    cv2.polylines(ink, [np.int32(smooth * 8)], False, 1.0, max(1, round(height / 25)), cv2.LINE_AA, 3)
    return ink


def light(rng, picture):
    """Return the picture under uneven light, with the edge of a shadow, or with glare."""
    height, width = picture.shape
    if rng.random() < 0.6:
        picture = picture * (1 + clouds(rng, height, width, 2) * rng.uniform(0, 0.18))
    if rng.random() < 0.2:
        edge = clouds(rng, height, width, 2) + rng.normal(0, 0.5)
        shadow = 1 / (1 + np.exp(-np.clip(edge * rng.uniform(3, 40), -30, 30)))
        picture = picture * (1 - shadow * rng.uniform(0.2, 0.65))
    if rng.random() < 0.12:
        y, x = np.ogrid[:height, :width]
        cy, cx, spread = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(15, 90)
        spot = np.exp(-((y - cy) ** 2 / rng.uniform(0.2, 1) + (x - cx) ** 2) / (2 * spread**2))
        picture = picture + spot * rng.uniform(40, 220)
    return np.clip(picture, 0, 255).astype(np.float32)


def blurred(rng, picture, capital):
    """Return the picture out of focus, moved, or scaled up from few pixels, so that its text can still be read."""
    height, width = picture.shape
    kind = rng.random()
    if kind < 0.3:
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.13 * capital))
    if kind < 0.4:
        length = max(2, int(rng.uniform(0.1, 0.35) * capital))
        kernel = np.zeros((length, length), np.float32)
        ends = rng.integers(0, length, 4)
        cv2.line(kernel, (int(ends[0]), 0), (int(ends[1]), length - 1), 1.0)
        return cv2.filter2D(picture, -1, kernel / kernel.sum())
    if kind < 0.65 and capital > 6.5:
        few = max(5.5 / capital, rng.uniform(0.3, 0.9))
        small = cv2.resize(picture, None, fx=few, fy=few, interpolation=cv2.INTER_AREA)
        way = pick(rng, (cv2.INTER_LINEAR, cv2.INTER_CUBIC))
        return cv2.resize(small, (width, height), interpolation=way)
    return picture


def camera(rng, picture, capital):
    """Return the 8-bit picture that a camera or scanner gives: light, blur, contrast, noise, JPEG."""
    picture = blurred(rng, light(rng, picture), capital)
    if rng.random() < 0.5:
        gamma = rng.uniform(0.6, 1.7)
        picture = 255 * (np.clip(picture, 0, 255) / 255) ** gamma
    if rng.random() < 0.4:
        picture = rng.uniform(0, 60) + picture * rng.uniform(0.4, 1.0)
    if rng.random() < 0.5:
        noise = rng.standard_normal(picture.shape, np.float32)
        picture = picture + noise * pick(rng, (1.5, 3, 5, 8, 14))
    if rng.random() < 0.03:
        picture = 255 - picture
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(20, 92))
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        picture = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return picture
