"""Strips with one line of a machine-readable zone, as the recogniser gets them, from nothing but a seed.

A strip is made in three steps, each with the faults that belong to it: the line is printed (weight of the stroke, spread
or missing ink, dots, neighbouring lines), photographed at some resolution (perspective, background, what lies beside
the line, light, blur, noise, JPEG), and cut out 32 pixels high (place, scale, remaining rotation, resampling).

To look at some: python3 mrz/ocr/train/lines.py --out FILE.png
"""
import argparse
import functools
from dataclasses import dataclass

import cv2
import numpy as np

import glyphs
import printing
import surfaces
from glyphs import CAP, PITCH
from texts import random_line

HEIGHT = 32
# The narrowest pitch in a strip: the network answers every four pixels and needs two answers a character.
NARROWEST = 11.5
_CANVAS = 150  # height of a printed line with what of its neighbours a strip can show, in a field's pixels


@dataclass
class Print:
    """A printed line: ink 0..255 [_CANVAS, width], and in the same pixels its pitch and the middles of its characters."""

    ink: np.ndarray
    pitch: float
    places: np.ndarray


@dataclass
class Photo:
    """A photographed line: grey values, how much darker the ink is, and in pixels the height of a capital, the pitch,
    the columns of the characters' middles, and the row of the text's middle at each column."""

    grey: np.ndarray
    contrast: float
    capital: float
    pitch: float
    places: np.ndarray
    middle: np.ndarray


def random_strip(rng, length):
    """A strip (uint8 [HEIGHT, width]), its text of `length` characters, and the column of each character's middle."""
    text = random_line(rng, length)
    strip, places = cut_out(rng, photograph(rng, print_line(rng, text)))
    return strip, text, places


def normalised(strip):
    """The strip as the network wants it: float32, mean 0, deviation about 1."""
    strip = strip.astype(np.float32)
    return (strip - strip.mean()) / (strip.std() + 8)


# --- printing ---


def print_line(rng, text):
    """Print the text with its neighbours above, below, and rarely half a character at its ends."""
    cut = glyphs.random_cut(rng)
    pitch = PITCH * np.clip(rng.normal(1, 0.05), 0.88, 1.15)
    margins = np.minimum(rng.exponential(1.0, 2) + 0.1, 5) * pitch
    if rng.random() < 0.1:
        margins[rng.integers(2)] = rng.uniform(2, 10) * pitch
    jitter = abs(rng.normal(0, 0.8))
    # Half a character more at an end belongs to no line: the strip was cut too wide or the line goes on beyond a fold.
    torn = rng.random(2) < 0.05
    margins = np.where(torn, rng.uniform(0.15, 0.38, 2) * pitch, margins)
    before, after = (random_line(rng, 1) if is_torn else "" for is_torn in torn)
    distances = np.zeros((_CANVAS, round(margins.sum() + len(text) * pitch)), np.uint8)
    start = margins[0] - len(before) * pitch
    glyphs.compose(distances, before + text + after, cut, start, _CANVAS / 2, pitch, jitter, rng)
    _neighbours(rng, distances, cut, margins[0], len(text), pitch)
    return Print(_inked(rng, distances, pitch), pitch, margins[0] + (np.arange(len(text)) + 0.5) * pitch)


def _neighbours(rng, distances, cut, left, length, pitch):
    """Lines of the same zone above and below, as near as on documents (1.25 to 2.7 capitals) and in sight."""
    kind = rng.random()
    leading = CAP * rng.uniform(1.25, 1.9)
    start = left + rng.normal(0, 0.06) * pitch
    if kind < 0.4:
        glyphs.compose(distances, random_line(rng, length), cut, start, _CANVAS / 2 - leading, pitch, 0.5, rng)
    if 0.25 < kind < 0.65:
        glyphs.compose(distances, random_line(rng, length), cut, start, _CANVAS / 2 + leading, pitch, 0.5, rng)


def _inked(rng, distances, pitch):
    """Ink from distances: the weight of the stroke and how the printer laid it down."""
    height, width = distances.shape
    if rng.random() < 0.35:
        ragged = surfaces.clouds(rng, height, width, width / rng.uniform(3, 12)) * rng.uniform(3, 12)
        distances = np.clip(distances + ragged, 0, 255).astype(np.uint8)
    weight = np.clip(rng.normal(0.15, 0.7), -1.7, 2.2)
    ink = glyphs.ink(distances, weight, rng.uniform(1, 5))
    fault = rng.random()
    if fault < 0.14:
        return _worn(rng, ink)
    if fault < 0.22:
        return _dotted(rng, ink)
    if fault < 0.32:
        return _uneven(rng, ink, pitch)
    if fault < 0.36:
        return _doubled(rng, ink)
    if fault < 0.40:
        return _striped(rng, ink)
    return ink


def _worn(rng, ink):
    """Ink missing in patches or in grains."""
    height, width = ink.shape
    patches = surfaces.clouds(rng, height, width, width / rng.choice([3, 6, 12, 30, 60]))
    kept = np.clip(rng.uniform(0.6, 1.5) + patches * rng.uniform(0.2, 0.8), rng.uniform(0, 0.5), 1)
    return (ink * kept).astype(np.uint8)


def _dotted(rng, ink):
    """Laser engraving or a matrix printer: the stroke is a lattice of dots."""
    height, width = ink.shape
    period = rng.uniform(2.5, 6.5)
    x = np.cos(np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / period))
    y = np.cos(np.arange(height, dtype=np.float32) * np.float32(2 * np.pi / period))
    kept = np.clip(rng.uniform(0.5, 1.2) + rng.uniform(0.3, 0.7) * (x[None, :] + y[:, None]), 0.1, 1)
    return (ink * kept).astype(np.uint8)


def _uneven(rng, ink, pitch):
    """Every character struck a little differently."""
    count = int(ink.shape[1] / pitch) + 2
    force = np.clip(1.1 - np.abs(rng.normal(0, rng.uniform(0.1, 0.35), count)), 0.35, 1)
    columns = np.interp(np.arange(ink.shape[1]), (np.arange(count) + 0.5) * pitch, force)
    return (ink * columns[None, :]).astype(np.uint8)


def _doubled(rng, ink):
    """A second, weaker print beside the first: a ghost, offset, or the shadow of laminate."""
    shift = np.float32([[1, 0, rng.uniform(-6, 6)], [0, 1, rng.uniform(-6, 6)]])
    ghost = cv2.warpAffine(ink, shift, ink.shape[::-1])
    return np.maximum(ink, (ghost * rng.uniform(0.15, 0.5)).astype(np.uint8))


def _striped(rng, ink):
    """Thin lines without ink: scratches, folds, a thermal head with dead dots."""
    height, width = ink.shape
    ink = ink.copy()
    for _ in range(rng.integers(1, 5)):
        y = rng.uniform(height * 0.3, height * 0.7)
        x0, x1 = np.sort(rng.uniform(0, width, 2)) if rng.random() < 0.5 else (0, width)
        ends = (int(x0), int(y)), (int(x1), int(y + rng.normal(0, 8)))
        cv2.line(ink, *ends, float(rng.uniform(0, 120)), int(rng.integers(1, 5)))
    return ink


# --- photographing ---


def photograph(rng, line):
    """Photograph a printed line: geometry, background, what is around it, light and the camera's faults."""
    capital = float(np.exp(rng.uniform(np.log(6.3), np.log(38))))
    squeeze = np.clip(rng.normal(0.97, 0.09), 0.76, 1.16)
    ink, columns, middle = _projected(rng, line, capital / CAP, squeeze)
    places = np.interp(line.places, columns, np.arange(len(columns)))
    base = rng.uniform(60, 252)
    contrast = min(base - 2, 20 + 200 * rng.beta(1.6, 1.8))
    pitch = line.pitch * squeeze * capital / CAP
    ground = _ground(rng, ink.shape, base, contrast, capital)
    photo = Photo(ground, contrast, capital, pitch, places, middle)
    _surround(rng, photo)
    alpha = ink.astype(np.float32) / 255
    photo.grey += alpha * (base - contrast - photo.grey)
    _overlay(rng, photo)
    photo.grey = _camera(rng, photo)
    return photo


def _projected(rng, line, scale, squeeze):
    """The ink seen by the camera; the printed x at each column; the row of the text's middle at each column."""
    height, width = line.ink.shape
    rows, columns = round(height * scale), round(width * scale * squeeze)
    t = np.linspace(-1, 1, columns, dtype=np.float32)
    v = (np.arange(rows, dtype=np.float32) - rows / 2) / scale
    # The line may rise by 3 degrees, and by less than half a capital of what a locator leaves of a long one.
    slope = np.clip(rng.normal(0, 0.018), -0.052, 0.052) if rng.random() < 0.6 else 0.0
    rise = np.clip(slope * width / 2, -0.8 * CAP, 0.8 * CAP)
    bow = rng.normal(0, 0.08) * CAP if rng.random() < 0.3 else 0.0
    bend = rise * t + bow * (t * t - 0.4) + (_swing(rng, t) if rng.random() < 0.1 else 0)
    keystone = rng.normal(0, 0.03) if rng.random() < 0.4 else 0.0
    taper = keystone + rng.normal(0, 0.01)
    slant = (rng.normal(0, 0.05) if rng.random() < 0.5 else 0.0) + rise / (width / 2)
    printed = width / 2 * (1 + t + taper * (t * t - 1))
    x = printed[None, :] + np.float32(slant) * v[:, None]
    y = height / 2 + v[:, None] * (1 + keystone * 2 * t[None, :]) - bend[None, :]
    ink = line.ink
    if scale < 0.8:
        ink = cv2.GaussianBlur(ink, (0, 0), 0.4 / scale)
    ink = cv2.remap(ink, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return ink, printed, rows / 2 + bend * scale


def _swing(rng, t):
    """A page that does not lie flat."""
    return rng.uniform(0, 0.12) * CAP * np.sin(rng.uniform(2, 7) * t + rng.uniform(0, 6))


def _ground(rng, shape, base, contrast, capital):
    """The paper: shades, security print, fine lines, letters, mostly weaker than the ink."""
    height, width = shape
    ground = np.full(shape, base, np.float32)
    strength = contrast * rng.choice([0.1, 0.2, 0.35])
    if rng.random() < 0.6:
        ground += surfaces.clouds(rng, height, width, rng.uniform(3, 12)) * rng.uniform(0, 0.5) * strength
    if rng.random() < 0.2:
        ground += surfaces.clouds(rng, height, width, width / rng.uniform(1.5, 5)) * rng.uniform(0.1, 0.6) * strength
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 4)):
            wave = surfaces.wave(rng, height, width, rng.uniform(0.12, 1.5) * capital)
            lines = np.maximum(wave - rng.uniform(-1, 0.8), 0)
            ground -= lines * rng.uniform(-0.3, 1) * strength
    if rng.random() < 0.2:
        for _ in range(rng.integers(1, 4)):
            _write(rng, ground, rng.uniform(-0.4, 1) * strength, capital * rng.uniform(0.2, 2.5), None)
    if rng.random() < 0.08:
        edge = surfaces.clouds(rng, height, width, 4) > rng.normal(0, 1)
        ground += edge * rng.uniform(-1, 1) * strength
    return ground


@functools.lru_cache(maxsize=1)
def _phrases():
    """Ordinary text in many fonts, drawn once because drawing is slow; capitals are 24 pixels high."""
    rng = np.random.default_rng(9303)
    return [printing.text_mask(printing.phrase(rng), font, 24)[0] for font in printing.LATIN for _ in range(20)]


def _write(rng, grey, darkness, capital, place):
    """Ordinary text drawn into the picture, in place: at (x, y) of its top left corner, or anywhere."""
    mask = _phrases()[rng.integers(len(_phrases()))]
    scale = max(capital, 3) / 24
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    mask = cv2.resize(mask, None, fx=scale * rng.uniform(0.8, 1.2), fy=scale, interpolation=way)
    height, width = grey.shape
    if place is None:
        place = rng.uniform(-mask.shape[1] / 2, width), rng.uniform(-mask.shape[0] / 2, height)
    _darken(grey, mask * darkness, round(place[0]), round(place[1]))


def _darken(grey, amount, x, y):
    """Subtract `amount` with its top left corner at (x, y), in place."""
    height, width = grey.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + amount.shape[1], width), min(y + amount.shape[0], height)
    if x0 < x1 and y0 < y1:
        grey[y0:y1, x0:x1] -= amount[y0 - y : y1 - y, x0 - x : x1 - x]


def _surround(rng, photo):
    """What is above, below, before and after the line, in place."""
    height, width = photo.grey.shape
    above, below = rng.random(2)
    gap = photo.capital * (0.5 + rng.uniform(0.12, 0.9))
    if above < 0.2:
        _row(rng, photo, photo.middle.min() - gap, -1)
    if below < 0.15:
        _row(rng, photo, photo.middle.max() + gap, 1)
    for side in (0, 1):
        start = photo.places[-1] + photo.pitch / 2 if side else photo.places[0] - photo.pitch / 2
        room = width - start if side else start
        gap = photo.pitch * rng.uniform(0.15, 1.5)
        if room > gap + 2 and rng.random() < 0.55:
            a, b = (start + gap, width) if side else (0, start - gap)
            _beside(rng, photo, round(a), round(b), side)


def _row(rng, photo, y, direction):
    """Another row of print or the edge of a surface, ending at row y; direction -1 above, 1 below."""
    height, width = photo.grey.shape
    kind = rng.random()
    y = round(y)
    if kind < 0.5:
        capital = photo.capital * rng.uniform(0.35, 1.1)
        top = y - capital * 1.1 if direction < 0 else y
        for x in np.arange(rng.uniform(-0.3, 0.5) * width, width, width / rng.uniform(1, 4)):
            _write(rng, photo.grey, photo.contrast * rng.uniform(0.4, 1.1), capital, (x, top))
        return
    part = slice(0, max(y, 0)) if direction < 0 else slice(min(max(y, 0), height), height)
    if kind < 0.8:
        photo.grey[part] = rng.uniform(0, 255) + 0.2 * photo.grey[part]
    else:
        thick = max(1, round(photo.capital * rng.uniform(0.05, 0.2)))
        photo.grey[max(y, 0) : max(y, 0) + thick] -= photo.contrast * rng.uniform(0.2, 1)


def _beside(rng, photo, a, b, side):
    """Columns a..b beside the line: a page's edge, a table, a portrait, bars, a rule or other text, in place."""
    part = photo.grey[:, max(a, 0) : b]
    height, width = part.shape
    if height < 2 or width < 2:
        return
    kind = rng.random()
    if kind < 0.35:
        part[:] = rng.choice([rng.uniform(0, 40), rng.uniform(0, 255)]) + part * rng.uniform(0, 0.3)
        part += surfaces.clouds(rng, height, width, 8) * rng.uniform(0, 15)
    elif kind < 0.5:
        part += surfaces.clouds(rng, height, width, rng.uniform(2, 10)) * rng.uniform(10, 70)
    elif kind < 0.6:
        part -= surfaces.barcode(rng, height, width) * photo.contrast
    elif kind < 0.75:
        thick = max(1, round(photo.capital * rng.uniform(0.05, 0.2)))
        x = 0 if side else max(width - thick, 0)
        part[:, x : x + thick] -= photo.contrast * rng.uniform(0.2, 1)
    else:
        for _ in range(rng.integers(1, 4)):
            capital = photo.capital * rng.choice([rng.uniform(0.3, 0.7), rng.uniform(1.3, 2)])
            _write(rng, part, photo.contrast * rng.uniform(0.3, 1), capital, None)


def _overlay(rng, photo):
    """What lies over the ink, in place: stamps, pen strokes, threads, dirt."""
    height, width = photo.grey.shape
    if rng.random() < 0.08:
        _write(rng, photo.grey, photo.contrast * rng.uniform(-0.2, 0.35), photo.capital * rng.uniform(0.8, 3), None)
    if rng.random() < 0.1:
        layer = photo.grey.copy()
        for _ in range(rng.integers(1, 4)):
            ends = (rng.uniform(-0.2, 1.2, (2, 2)) * (width, height)).astype(int)
            thick = max(1, round(photo.capital * rng.uniform(0.03, 0.25)))
            cv2.line(layer, ends[0].tolist(), ends[1].tolist(), float(rng.uniform(0, 255)), thick, cv2.LINE_AA)
        photo.grey += (layer - photo.grey) * rng.uniform(0.15, 0.6)
    if rng.random() < 0.06:
        for _ in range(rng.integers(1, 8)):
            centre = (rng.random(2) * (width, height)).astype(int).tolist()
            radius = max(1, round(photo.capital * rng.uniform(0.02, 0.12)))
            cv2.circle(photo.grey, centre, radius, float(rng.uniform(0, 255)), -1, cv2.LINE_AA)


def _camera(rng, photo):
    """The photo through lens, sensor and file: uint8."""
    grey = photo.grey
    if rng.random() < 0.35:
        grey = surfaces.light(rng, grey)
    grey = _blurred(rng, np.ascontiguousarray(grey), photo.capital)
    if rng.random() < 0.06:
        grey = grey + surfaces.wave(rng, *grey.shape, rng.uniform(2, 5)) * photo.contrast * rng.uniform(0.03, 0.2)
    if rng.random() < 0.6:
        grain = rng.standard_normal(grey.shape, np.float32)
        grain *= min(rng.exponential(0.07), 0.3) * photo.contrast
        grey = grey + (cv2.GaussianBlur(grain, (3, 3), 0) if rng.random() < 0.3 else grain)
    if rng.random() < 0.2:
        radius = max(0.5, photo.capital * rng.uniform(0.04, 0.1))
        grey = grey + (grey - cv2.GaussianBlur(grey, (0, 0), radius)) * rng.uniform(0.5, 2.5)
    grey = np.clip(grey, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        gamma = 255 * (np.arange(256) / 255) ** rng.uniform(0.5, 2)
        grey = cv2.LUT(grey, gamma.astype(np.uint8))
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(22, 95))]
        grey = cv2.imdecode(cv2.imencode(".jpg", grey, quality)[1], cv2.IMREAD_GRAYSCALE)
    return 255 - grey if rng.random() < 0.03 else grey


def _blurred(rng, grey, capital):
    """Out of focus or in motion, as far as a patient eye can still read."""
    kind = rng.random()
    # Few pixels to a character are blur enough.
    limit = 0.13 * capital - 0.25
    if kind < 0.5 and limit > 0.3:
        return cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, limit))
    if kind < 0.6 and capital > 10:
        length = max(2, round(capital * rng.uniform(0.08, 0.28)))
        kernel = np.zeros((length, length), np.float32)
        ends = rng.integers(0, length, 2)
        cv2.line(kernel, (int(ends[0]), 0), (int(ends[1]), length - 1), 1.0)
        return cv2.filter2D(grey, -1, (kernel if rng.random() < 0.5 else kernel.T) / kernel.sum())
    return grey


# --- cutting out ---


def cut_out(rng, photo):
    """Cut the strip: 32 rows, capitals 40 to 75 % of them, somewhere near the middle; also its characters' columns."""
    height, width = photo.grey.shape
    capital = HEIGHT * (0.40 + 0.35 * rng.beta(2, 2.2))
    capital = min(max(capital, NARROWEST * photo.capital / photo.pitch), 0.75 * HEIGHT)
    ratio = capital / photo.capital
    stretch = max(1.0, NARROWEST / (photo.pitch * ratio))
    columns = max(8, round(width * ratio * stretch))
    slope, offset = _followed(rng, photo, ratio)
    to_x = width / columns
    top = photo.middle.mean() - slope * width / 2 - (HEIGHT / 2 + offset) / ratio
    matrix = np.float32([[to_x, 0, 0], [slope * to_x, 1 / ratio, top]])
    grey = photo.grey
    if ratio < 0.7 and rng.random() < 0.75:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.35 / ratio)
    way = cv2.INTER_CUBIC if rng.random() < 0.4 else cv2.INTER_LINEAR
    border = cv2.BORDER_REPLICATE if rng.random() < 0.7 else cv2.BORDER_CONSTANT
    strip = cv2.warpAffine(grey, matrix, (columns, HEIGHT), flags=way | cv2.WARP_INVERSE_MAP, borderMode=border)
    return strip, photo.places / to_x


def _followed(rng, photo, ratio):
    """How a locator follows the line: the slope it takes out, and by how many rows of the strip it misses the middle.

    Of the line's rise it leaves nothing, a part or all, but the text stays in the strip.
    """
    columns = np.arange(len(photo.middle))
    slope = np.polyfit(columns, photo.middle, 1)[0]
    room = max(0.0, (HEIGHT - photo.capital * ratio) / 2 - 1)
    rise = abs(slope) * len(columns) / 2 * ratio
    left = min(rise * rng.choice([0.0, 0.3, 1.0], p=[0.5, 0.3, 0.2]), room)
    offset = np.clip(rng.normal(0, 0.35), -1, 1) * (room - left)
    return slope * (1 - left / rise) if rise > 0 else 0.0, offset


def main():
    """Write a sheet of strips to look at."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--length", type=int, default=30)
    options = arguments.parse_args()
    rng = np.random.default_rng(options.seed)
    strips = [random_strip(rng, options.length)[0] for _ in range(40)]
    width = max(s.shape[1] for s in strips)
    cv2.imwrite(options.out, np.vstack([np.pad(s, ((0, 3), (0, width - s.shape[1]))) for s in strips]))


if __name__ == "__main__":
    main()
