"""Documents with and without a machine-readable zone, lying straight: pages of passports, visas, cards, letters.

Measures of documents and zones are those of ICAO Doc 9303 part 3, 4 (and parts 4 to 7), widened because real zones
keep to them loosely. All randomness comes from the generator that is handed in.
"""

from dataclasses import dataclass

import cv2
import numpy as np

import glyphs
import printing
import surfaces
from printing import pick

# Height of a capital letter in millimetres: ISO 1073-2, size I.
CAPITAL_MM = 2.45
WITHOUT_ZONE = 0.3


@dataclass
class Line:
    """A line of a zone on a sheet, in pixels of the sheet: its ends, its middle, the height of its capitals."""

    left: float
    right: float
    middle: float
    capital: float


class Sheet:
    """The part of a document that comes into the picture, lying straight, and what is printed on it.

    Everything is placed in millimetres from the document's top left corner; what falls outside the part is not drawn.
    """

    def __init__(self, rng, scale, side, left, top):
        """scale is in pixels per millimetre, side in pixels; left and top say where the part begins."""
        self.rng, self.scale, self.left, self.top = rng, scale, left, top
        self.paper = surfaces.tint(rng, side, side)
        self.cover = np.zeros((side, side), np.float32)
        self.lines = []

    def at(self, x, y):
        """Return the pixel of a place in millimetres."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def lay(self, x, y, width, height, corner):
        """Lay a document, or another leaf of it, with round corners."""
        (x0, y0), (x1, y1) = self.at(x, y), self.at(x + width, y + height)
        r = max(1.0, corner * self.scale)
        for (a, b), (c, d) in (((x0 + r, y0), (x1 - r, y1)), ((x0, y0 + r), (x1, y1 - r))):
            cv2.rectangle(self.cover, (round(a), round(b)), (round(c), round(d)), 1.0, -1)
        for centre in ((x0 + r, y0 + r), (x1 - r, y0 + r), (x0 + r, y1 - r), (x1 - r, y1 - r)):
            cv2.circle(self.cover, tuple(round(v) for v in centre), round(r), 1.0, -1)

    def stain(self, mask, x, y, level, opacity=1.0):
        """Print a mask with its top left corner at a pixel: the paper takes on the level where the mask is 1."""
        x, y = round(x), round(y)
        side = self.paper.shape[0]
        top, left = max(0, -y), max(0, -x)
        mask = mask[top : max(top, side - y), left : max(left, side - x)]
        if mask.size == 0:
            return
        y, x = y + top, x + left
        below = self.paper[y : y + mask.shape[0], x : x + mask.shape[1]]
        below += (level - below) * (mask * opacity)

    def visible(self, x, y, width, height):
        """Tell whether any of a rectangle in pixels lies on the part that is drawn."""
        side = self.paper.shape[0]
        return x < side and y < side and x + width > 0 and y + height > 0

    def write(self, text, path, x, y, capital, level, stretch=1.0):
        """Write text that begins at x, its capitals centred on y, if any of it can be seen."""
        px, py = self.at(x, y)
        height = capital * self.scale
        if not text or height < 1 or not self.visible(px, py - 2 * height, 2 * len(text) * height, 4 * height):
            return
        mask, centre = printing.text_mask(text, path, height, stretch)
        self.stain(mask, px, py - centre, level)


def worn(rng, mask):
    """Return the ink rubbed off in places."""
    if rng.random() < 0.15:
        height, width = mask.shape
        mask = mask * np.clip(0.8 + surfaces.clouds(rng, height, width, 20) * 0.4, 0.1, 1)
    return mask


def print_zone(sheet, plan, level):
    """Print the zone of a document as planned, and note its lines."""
    rng, scale = sheet.rng, sheet.scale
    cut = glyphs.random_cut(rng, foreign=0.08)
    ink = rng.uniform(0.7, 1) if rng.random() < 0.3 else 1.0
    for row, text in enumerate(plan.lines):
        left = plan.x + rng.normal(0, 0.1)
        x, y = sheet.at(left, plan.bottom - plan.spacing * (len(plan.lines) - 1 - row))
        mask, middle = printing.zone_mask(rng, text, cut, plan.capital * scale, plan.pitch * scale)
        sheet.stain(worn(rng, mask), x, y - middle, level, ink)
        sheet.lines.append(Line(x, x + mask.shape[1], y, plan.capital * scale))


def font(rng):
    """Return the font of a field: mostly ordinary, sometimes monospaced or OCR-B as in the zone."""
    kind = rng.random()
    return pick(rng, printing.OCR_B if kind < 0.1 else printing.MONO if kind < 0.25 else printing.LATIN)


def write_foreign(sheet, x, y, capital, level):
    """Write a few words in another script."""
    rng = sheet.rng
    path, first, last = pick(rng, printing.SCRIPTS)
    count = int(rng.integers(4, 18))
    text = "".join(" " if rng.random() < 0.12 else chr(int(rng.integers(first, last + 1))) for _ in range(count))
    sheet.write(text, path, x, y, capital, level)


def fields(sheet, x, y, width, height, level):
    """Fill a block with labels and values in one to three columns."""
    rng = sheet.rng
    columns = int(rng.integers(1, 4))
    row, size = rng.uniform(4, 9), rng.uniform(1.4, 3.4)
    value_font, label_font, stretch = font(rng), pick(rng, printing.LATIN), rng.uniform(0.8, 1.15)
    labels = rng.random() < 0.7
    for top in np.arange(y + row, y + height, row):
        for column in range(columns):
            if rng.random() < 0.12:
                continue
            left = x + column * width / columns
            longest = max(3, int(width / columns / size))
            if labels:
                sheet.write(pick(rng, printing.LABELS), label_font, left, top - row * 0.55, size * 0.45, level + 25)
            if rng.random() < 0.06:
                write_foreign(sheet, left, top, size, level)
            else:
                sheet.write(printing.phrase(rng, longest), value_font, left, top, size, level, stretch)


def furnish(sheet, x, y, width, height, level):
    """Fill a document's visual zone: header, portrait, fields, signature, barcode, stamps, words printed across."""
    rng = sheet.rng
    header = rng.uniform(2, 5)
    title = " ".join(printing.word(rng) for _ in range(int(rng.integers(1, 5))))
    ribbon = rng.random() < 0.2
    if ribbon:
        panel(sheet, x, y, width, header * 2.2, level, rng.uniform(0.4, 1))
    colour = rng.uniform(200, 255) if ribbon else level
    sheet.write(title, pick(rng, printing.LATIN), x + rng.uniform(2, width / 3), y + header * 1.3, header * 0.7, colour)
    left, right = x + 3, x + width - 2
    if rng.random() < 0.75:
        photo = min(height * 0.75, rng.uniform(24, 45))
        on_left = rng.random() < 0.7
        hang(sheet, left if on_left else right - photo * 0.78, y + header * 2.2, photo * 0.78, photo)
        left, right = (left + photo * 0.8 + 2, right) if on_left else (left, right - photo * 0.8 - 2)
    fields(sheet, left, y + header * 1.8, right - left, height - header * 1.8, level)
    for chance, decoration in ((0.5, sign), (0.3, code_bars), (0.3, stamp), (0.15, upright_number)):
        if rng.random() < chance:
            decoration(sheet, x + rng.uniform(0, 0.8) * width, y + rng.uniform(0.1, 0.9) * height, level)


def hang(sheet, x, y, width, height):
    """Put a portrait on the sheet, measures in millimetres."""
    px, py = sheet.at(x, y)
    width, height = max(4, round(width * sheet.scale)), max(4, round(height * sheet.scale))
    if not sheet.visible(px, py, width, height):
        return
    small = min(1.0, 120 / height)
    rows, columns = max(4, round(height * small)), max(4, round(width * small))
    face = cv2.resize(surfaces.portrait(sheet.rng, rows, columns), (width, height))
    sheet.stain(np.ones((height, width), np.float32), px, py, fit(sheet, face, px, py), sheet.rng.uniform(0.6, 1))


def fit(sheet, patch, x, y):
    """Return the part of a patch at a pixel that lies on the sheet."""
    side = sheet.paper.shape[0]
    x, y = round(x), round(y)
    return patch[max(0, -y) : max(0, side - y), max(0, -x) : max(0, side - x)]


def sign(sheet, x, y, level):
    """Sign somewhere, over whatever is there."""
    width, height = round(sheet.rng.uniform(15, 40) * sheet.scale), round(sheet.rng.uniform(5, 14) * sheet.scale)
    px, py = sheet.at(x, y)
    if min(width, height) > 3 and sheet.visible(px, py, width, height):
        sheet.stain(surfaces.signature(sheet.rng, height, width), px, py, level, sheet.rng.uniform(0.5, 1))


def code_bars(sheet, x, y, level):
    """Print a barcode."""
    wide = sheet.rng.uniform(10, 50)
    width, height = round(wide * sheet.scale), round(sheet.rng.uniform(3, min(wide, 15)) * sheet.scale)
    px, py = sheet.at(x, y)
    if min(width, height) > 3 and sheet.visible(px, py, width, height):
        sheet.stain(surfaces.barcode(sheet.rng, height, width), px, py, level)


def stamp(sheet, x, y, level):
    """Stamp a word in a frame, at an angle, over whatever is there."""
    rng = sheet.rng
    text = pick(rng, (printing.word(rng), printing.date(rng), "SPECIMEN", "VOID"))
    mask, _ = printing.text_mask(text, pick(rng, printing.LATIN), max(3, rng.uniform(2, 9) * sheet.scale))
    mask = np.pad(mask, max(2, round(sheet.scale)))
    if rng.random() < 0.5:
        cv2.rectangle(mask, (1, 1), (mask.shape[1] - 2, mask.shape[0] - 2), 1.0, max(1, round(sheet.scale * 0.4)))
    height, width = mask.shape
    room = int(np.hypot(height, width))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-60, 60), 1)
    turn[:, 2] += (room - width) / 2, (room - height) / 2
    px, py = sheet.at(x, y)
    turned = cv2.warpAffine(mask, turn, (room, room))
    sheet.stain(turned, px - room / 2, py - room / 2, level + 40, rng.uniform(0.3, 0.9))


def upright_number(sheet, x, y, level):
    """Print a number upwards along the edge, as if punched."""
    mask, _ = printing.text_mask(printing.number(sheet.rng), font(sheet.rng), max(3, sheet.scale * 2.6))
    px, py = sheet.at(x, y)
    sheet.stain(np.ascontiguousarray(np.rot90(mask)), px, py - mask.shape[1] / 2, level)


def print_lookalikes(sheet, x, width, bottom, level):
    """Print one to four lines that are no zone where one might be."""
    rng = sheet.rng
    capital, spacing = rng.uniform(1.6, 3), rng.uniform(4, 7)
    for row in range(int(rng.integers(1, 5))):
        if row == 0 or rng.random() < 0.8:
            text, fonts = printing.lookalike(rng)
            path = pick(rng, fonts)
        sheet.write(text, path, x + rng.uniform(2, width * 0.2), bottom - row * spacing, capital, level)


@dataclass
class Layout:
    """A document: its measures in millimetres and, if it has a zone, its lines and where they stand."""

    width: float
    height: float
    lines: list
    x: float
    bottom: float
    capital: float
    spacing: float
    pitch: float


def layout(rng):
    """Return a document by the zone it bears: ID-1, ID-2, ID-3 or a visa."""
    lines = printing.zone_text(rng)
    longest = len(lines[-1])
    width, height = {30: (85.6, 54.0), 36: (105.0, 74.0), 44: (125.0, 88.0)}[longest]
    capital = CAPITAL_MM * rng.uniform(0.88, 1.12)
    pitch = min(2.54 * rng.uniform(0.9, 1.12), (width - 2) / longest)
    spacing = max(1.55 * capital, rng.uniform(1.6, 3.0) * CAPITAL_MM)
    x = (width - pitch * longest) * rng.uniform(0.1, 0.9)
    bottom = height - rng.uniform(2.5, 10)
    if rng.random() < WITHOUT_ZONE:
        lines = []
    return Layout(width, height, lines, x, bottom, capital, spacing, pitch)


def paragraphs(sheet, width, height, level):
    """Fill a whole leaf with running text or a listing in one font: letters, forms, books, programs."""
    rng = sheet.rng
    path, listing = font(rng), rng.random() < 0.3
    size = rng.uniform(1.2, 3)
    row, indent = size * rng.uniform(1.5, 2.6), rng.uniform(1, 12)
    for y in np.arange(3, height, row):
        if rng.random() < 0.1:
            continue
        text = printing.code(rng) if listing else printing.running(rng, int((width - indent) / size * 1.2))
        sheet.write(text, path, indent, y, size, level)


def panel(sheet, x, y, width, height, level, opacity):
    """Print a plain rectangle, measures in millimetres."""
    (left, top), (right, bottom) = sheet.at(x, y), sheet.at(x + width, y + height)
    size = max(1, round(bottom - top)), max(1, round(right - left))
    if sheet.visible(left, top, *size[::-1]):
        sheet.stain(np.ones(size, np.float32), left, top, level, opacity)


def second_leaf(sheet, plan, corner, level):
    """Lay the other page, or the other side of the card, above or below."""
    above, gap = sheet.rng.random() < 0.8, pick(sheet.rng, (0.0, 3.0))
    y = -plan.height - gap if above else plan.height + gap
    sheet.lay(0, y, plan.width, plan.height, corner)
    furnish(sheet, 0, y, plan.width, plan.height - 3, level)


def draw(sheet, plan):
    """Draw a document as planned, sometimes with a second leaf or card beside it."""
    rng = sheet.rng
    corner, dark = pick(rng, (0.2, 3.2)), rng.random() < 0.08
    level = rng.uniform(150, 250) if dark else rng.uniform(0, 110)
    if dark:
        sheet.paper *= rng.uniform(0.1, 0.5)
    if rng.random() < 0.3:
        second_leaf(sheet, plan, corner, level)
    sheet.lay(0, 0, plan.width, plan.height, corner)
    if not plan.lines and rng.random() < 0.2:
        paragraphs(sheet, plan.width, plan.height, level)
        return
    top = plan.bottom - plan.spacing * len(plan.lines) if plan.lines else plan.height - 3
    if dark or rng.random() < 0.5:
        edge = top + rng.uniform(-1, 1)
        opacity = 0.95 if dark else rng.uniform(0.3, 1)
        panel(sheet, 0, edge, plan.width, plan.height - edge, rng.uniform(190, 255), opacity)
    infrared = rng.random() < 0.1
    furnish(sheet, 0, 0, plan.width, top - 1, rng.uniform(150, 220) if infrared else level)
    if plan.lines:
        print_zone(sheet, plan, rng.uniform(0, 90) if rng.random() < 0.85 else rng.uniform(90, 160))
    elif rng.random() < 0.6:
        print_lookalikes(sheet, 0, plan.width, plan.bottom, rng.uniform(0, 110))
    disturb(sheet, plan, top)


def disturb(sheet, plan, top):
    """Put below, around and over the zone what does not belong to it."""
    rng = sheet.rng
    level = rng.uniform(0, 110)
    if rng.random() < 0.1:
        small = printing.phrase(rng, 40)
        sheet.write(small, font(rng), rng.uniform(0, plan.width / 2), plan.height - 1.5, rng.uniform(0.8, 2), level)
    if rng.random() < 0.05:
        corners = (sheet.at(1, top + 1), sheet.at(plan.width - 1, plan.bottom + 3))
        first, last = (tuple(round(v) for v in corner) for corner in corners)
        cv2.rectangle(sheet.paper, first, last, level, max(1, round(sheet.scale * 0.4)))
    if rng.random() < 0.06:
        stamp(sheet, rng.uniform(0, plan.width), plan.bottom, level)


def focus(rng, plan, reach):
    """Return the place in millimetres that the picture's middle shows: mostly near the zone when not all is seen."""
    if plan.lines and reach < plan.width and rng.random() < 0.72:
        x = rng.uniform(plan.x, plan.width - plan.x)
        return x, plan.bottom - rng.uniform(-0.3, 0.45) * reach
    return rng.uniform(0.2, 0.8) * plan.width, rng.uniform(0.2, 0.9) * plan.height


def sheet_for(rng, plan, scale, side, reach):
    """Return the sheet of a document with everything on it; rarely there is no document at all.

    scale is in pixels per millimetre, side in pixels; reach is how much of the document is seen, in millimetres.
    """
    x, y = focus(rng, plan, reach)
    half = side / scale / 2
    sheet = Sheet(rng, scale, side, x - half, y - half)
    if plan.lines or rng.random() < 0.9:
        draw(sheet, plan)
    return sheet
