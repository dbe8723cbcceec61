"""Letter forms of the machine-readable zone, as distance fields.

ICAO Doc 9303 part 3, 4.4 prescribes OCR-B, size 1 (ISO 1073-2), one character every 2.54 mm. A glyph is kept
as its signed distance to the outline instead of a picture: a heavier or lighter stroke, spread ink and ragged
edges are then a change of threshold, and that is a table look-up. Fonts come from the Debian packages fonts-ocr-b,
fonts-dejavu-core, fonts-liberation2 and fonts-noto-core.
"""
import functools

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
CAP = 44  # height of a capital letter in a field, in pixels
CELL = 72  # height of a field; the capitals stand in its middle
PITCH = 46  # distance of two characters of OCR-B in a field's pixels
LEVELS = 16  # grey levels of a field in each pixel of distance; 128 is the outline, above is ink

_OVERSAMPLING = 4
_OPENTYPE = "/usr/share/fonts/opentype/ocr-b/"
_TRUETYPE = "/usr/share/fonts/truetype/"
OCR_B = (_OPENTYPE + "OCRB.otf", _OPENTYPE + "OCRBS.otf")
# Documents exist whose zone is set in whatever the printer had; these keep the reader from insisting on OCR-B.
FOREIGN = (
    _TRUETYPE + "dejavu/DejaVuSansMono.ttf",
    _TRUETYPE + "liberation2/LiberationMono-Regular.ttf",
    _TRUETYPE + "liberation2/LiberationMono-Bold.ttf",
    _TRUETYPE + "dejavu/DejaVuSansMono-Bold.ttf",
    _TRUETYPE + "dejavu/DejaVuSans.ttf",
    _TRUETYPE + "liberation2/LiberationSans-Regular.ttf",
    _TRUETYPE + "noto/NotoSans-Regular.ttf",
)


@functools.lru_cache(maxsize=None)
def fields(path):
    """The distance fields of one font: a dict of character to uint8 array (CELL, width about PITCH + 16)."""
    size = 100
    top, bottom = ImageFont.truetype(path, size).getbbox("H", anchor="ls")[1::2]
    font = ImageFont.truetype(path, round(size * CAP * _OVERSAMPLING / (bottom - top)))
    # A proportional font is set at the pitch of its digits, a little wider.
    monospaced = font.getlength("I") == font.getlength("M")
    pitch = font.getlength("0") * (1 if monospaced else 1.15)
    return {c: _field(font, c, pitch) for c in ALPHABET}


def _field(font, character, pitch):
    """One character's distance field; its pitch becomes that of OCR-B, and what is wider is squeezed."""
    natural = font.getlength(character)
    squeeze = PITCH * _OVERSAMPLING / max(pitch, natural)
    height, width = CELL * _OVERSAMPLING, (PITCH + 16) * _OVERSAMPLING
    picture = Image.new("L", (round(width / squeeze), height), 0)
    baseline = (CELL + CAP) / 2 * _OVERSAMPLING
    left = (picture.width - natural) / 2
    ImageDraw.Draw(picture).text((left, baseline), character, font=font, fill=255, anchor="ls")
    shape = cv2.resize(np.asarray(picture), (width, height)) > 127
    inside = cv2.distanceTransform(shape.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~shape).astype(np.uint8), cv2.DIST_L2, 5)
    distance = cv2.resize(inside - outside, (PITCH + 16, CELL), interpolation=cv2.INTER_AREA) / _OVERSAMPLING
    return np.clip(128 + LEVELS * distance, 0, 255).astype(np.uint8)


def random_cut(rng, foreign=0.08):
    """The letter forms of one document: fields as `fields` gives them, some characters narrowed or widened.

    Foundries agree least on how round and how wide zero and O are, so those two vary for themselves; zero
    stays the wider one, as in every cut of OCR-B.
    """
    if rng.random() < foreign:
        return fields(FOREIGN[rng.integers(len(FOREIGN))])
    cut = dict(fields(OCR_B[rng.integers(len(OCR_B))]))
    if rng.random() < 0.5:
        zero = rng.uniform(0.92, 1.06)
        cut["0"] = _widened(cut["0"], zero)
        cut["O"] = _widened(cut["O"], min(zero, rng.uniform(0.92, 1.1)))
    if rng.random() < 0.3:
        for c in rng.choice(list(ALPHABET[10:36]), 6, replace=False):
            cut[c] = _widened(cut[c], rng.uniform(0.9, 1.08))
    return cut


def _widened(field, factor):
    width = field.shape[1]
    matrix = np.float32([[factor, 0, (1 - factor) * (width - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(field, matrix, (width, CELL), borderMode=cv2.BORDER_REPLICATE)


def compose(canvas, text, cut, left, middle, pitch, jitter, rng):
    """Set `text` into `canvas`, a uint8 distance field, in place.

    left: x of the left edge of the first character's space; middle: y of the capitals' middle; pitch: distance
    of two characters; jitter: standard deviation of each character's place; all in pixels. What does not fit is cut.
    """
    places = rng.normal(0, jitter, (len(text), 2))
    for i, character in enumerate(text):
        field = cut[character]
        x = round(left + (i + 0.5) * pitch - field.shape[1] / 2 + places[i, 0])
        y = round(middle - CELL / 2 + places[i, 1])
        _maximum(canvas, field, x, y)


def _maximum(canvas, field, x, y):
    """Merge a field into the canvas at (x, y): the union of two shapes is the larger of their distances."""
    height, width = canvas.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + field.shape[1], width), min(y + field.shape[0], height)
    if x0 < x1 and y0 < y1:
        part = canvas[y0:y1, x0:x1]
        np.maximum(part, field[y0 - y : y1 - y, x0 - x : x1 - x], out=part)


def ink(distances, weight, softness):
    """Coverage 0..255 from a distance field: `weight` pixels of stroke added on each side (may be negative),
    an edge `softness` pixels wide."""
    distance = (np.arange(256) - 128) / LEVELS + weight
    table = np.clip(255 * (distance / softness + 0.5), 0, 255).astype(np.uint8)
    return cv2.LUT(distances, table)
