"""Ordinary printing and machine-readable text as masks of ink.

A mask is a float32 array [height, width] from 0 (paper) to 1 (full ink). Text is drawn with the fonts of the Debian
packages fonts-ocr-b, fonts-dejavu-core, fonts-dejavu-extra, fonts-liberation2 and fonts-noto-core.
"""

import functools
import os

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import glyphs
import texts

FONTS = "/usr/share/fonts"
OCR_B = list(glyphs.OCR_B)
MONO = [
    f"{FONTS}/truetype/{name}.ttf"
    for name in (
        "dejavu/DejaVuSansMono",
        "dejavu/DejaVuSansMono-Bold",
        "liberation2/LiberationMono-Regular",
        "liberation2/LiberationMono-Bold",
    )
]
LATIN = [
    f"{FONTS}/truetype/{name}.ttf"
    for name in (
        "dejavu/DejaVuSans",
        "dejavu/DejaVuSans-Bold",
        "dejavu/DejaVuSansCondensed",
        "dejavu/DejaVuSansCondensed-Bold",
        "dejavu/DejaVuSerif",
        "dejavu/DejaVuSerif-Bold",
        "liberation2/LiberationSans-Regular",
        "liberation2/LiberationSans-Bold",
        "liberation2/LiberationSans-Italic",
        "liberation2/LiberationSerif-Regular",
        "liberation2/LiberationSerif-Bold",
        "liberation2/LiberationSerif-Italic",
        "noto/NotoSans-Regular",
        "noto/NotoSans-Bold",
        "noto/NotoSans-Italic",
        "noto/NotoSerif-Regular",
        "noto/NotoSerif-Bold",
    )
]
# Other scripts: the font and the code points that its letters are drawn from.
SCRIPTS = [
    (f"{FONTS}/truetype/dejavu/DejaVuSans.ttf", 0x410, 0x44F),
    (f"{FONTS}/truetype/dejavu/DejaVuSans-Bold.ttf", 0x391, 0x3C9),
    (f"{FONTS}/truetype/noto/NotoNaskhArabic-Regular.ttf", 0x627, 0x64A),
    (f"{FONTS}/truetype/noto/NotoSansHebrew-Bold.ttf", 0x5D0, 0x5EA),
    (f"{FONTS}/truetype/noto/NotoSansDevanagari-Regular.ttf", 0x905, 0x939),
    (f"{FONTS}/truetype/noto/NotoSansThai-Regular.ttf", 0xE01, 0xE2E),
    (f"{FONTS}/truetype/noto/NotoSansGeorgian-Bold.ttf", 0x10D0, 0x10F0),
    (f"{FONTS}/truetype/noto/NotoSansArmenian-Regular.ttf", 0x531, 0x556),
]
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# What the printing beside a field says.
LABELS = (
    "Surname / Nom", "Given names / Prénoms", "Nationality", "Nationalité / Nationality", "Date of birth", "Sex / Sexe",
    "Place of birth", "Date of issue", "Date of expiry / Date d'expiration", "Authority", "Document No.", "Type",
    "Passport No. / N° du passeport", "Code of State", "Personal No.", "Holder's signature", "Residence", "Height",
    "Name / Apellidos", "Geburtsdatum / Date of birth", "Staatsangehörigkeit", "Gültig bis / Valid until", "Remarks",
    "Colour of eyes", "Number of entries", "Duration of stay", "Valid for", "From", "Until", "Fecha de nacimiento",
    "Domicilio", "Data di nascita", "Cognome", "Wzrost / Height", "Organ wydający", "Дата рождения", "Фамилия",
    "Пол / Sex", "Ημερομηνία γέννησης", "ISSUED AT", "ISSUING AUTHORITY", "THIS CARD IS THE PROPERTY OF", "SIGNATURE",
)
# Text is drawn in one of these sizes and shrunk: at small sizes hinting would draw letters that no camera sees.
SIZES = (18, 27, 40, 60, 90, 135)


@functools.lru_cache(maxsize=512)
def face(path, size):
    """Return the font of a file at a whole size in pixels, and the first and last row of its capitals."""
    font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
    return font, *font.getbbox("H")[1::2]


def every_font():
    """Return every font file that the scenes may use, to be checked once before a long run."""
    return OCR_B + MONO + LATIN + [path for path, _, _ in SCRIPTS]


def missing_fonts():
    """Return the font files that are not installed."""
    return [path for path in every_font() if not os.path.exists(path)]


@functools.lru_cache(maxsize=4096)
def drawn(text, path, size):
    """Return a line of text as a uint8 mask that begins at its first column, with size // 4 rows above the font's."""
    font = face(path, size)[0]
    page = Image.new("L", (int(font.getlength(text)) + 2, size + 2 * (size // 4)), 0)
    ImageDraw.Draw(page).text((0, size // 4), text, font=font, fill=255)
    return np.asarray(page)


def text_mask(text, path, capital, stretch=1.0):
    """Return the ink of a line of text and the row of its capitals' centre.

    capital is the height of a capital letter in pixels (any positive number), stretch widens the line.
    """
    _, upper, lower = face(path, SIZES[-1])
    wanted = capital * SIZES[-1] / (lower - upper)
    size = next((size for size in SIZES if size >= wanted), SIZES[-1])
    _, upper, lower = face(path, size)
    scale = capital / (lower - upper)
    page = drawn(text, path, size)
    wide, high = max(1, round(page.shape[1] * scale * stretch)), max(1, round(page.shape[0] * scale))
    mask = cv2.resize(page, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return mask, ((upper + lower) / 2 + size // 4) * scale


def pick(rng, items):
    """Return one of the items."""
    return items[int(rng.integers(len(items)))]


def letters(rng, count, alphabet=LETTERS):
    """Return so many characters of an alphabet."""
    return "".join(alphabet[i] for i in rng.integers(len(alphabet), size=count))


def word(rng, longest=10):
    """Return a word that can be spoken, in capitals."""
    pairs = int(rng.integers(1, longest // 2 + 1))
    spoken = "".join(pick(rng, "BCDFGHKLMNPRSTVWZ") + pick(rng, "AEIOUY") for _ in range(pairs))
    return spoken + (pick(rng, "NRSTLK") if rng.random() < 0.5 else "")


def date(rng):
    """Return a date as documents print it in the visual zone."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1940, 2040)
    kind = rng.integers(4)
    if kind == 0:
        return f"{day:02}.{month:02}.{year}"
    if kind == 1:
        return f"{day:02} {pick(rng, ('JAN', 'MAR/MAR', 'AUG/AOUT', 'DEC'))} {year}"
    if kind == 2:
        return f"{day:02}/{month:02}/{year % 100:02}"
    return f"{day:02} {month:02} {year}"


def number(rng):
    """Return a document number, account number or the like as it stands in the visual zone."""
    kind = rng.integers(5)
    if kind == 0:
        return letters(rng, int(rng.integers(1, 3))) + letters(rng, int(rng.integers(5, 9)), DIGITS)
    if kind == 1:
        return letters(rng, int(rng.integers(6, 20)), DIGITS)
    if kind == 2:
        return " ".join(letters(rng, 4, DIGITS) for _ in range(int(rng.integers(2, 6))))
    if kind == 3:
        return pick(rng, "ABDEFX") + letters(rng, 8, DIGITS + "CFGHJKLMNPRTVWXYZ")
    return letters(rng, 3, DIGITS) + "-" + letters(rng, 3, DIGITS) + "-" + letters(rng, 3, DIGITS)


def phrase(rng, longest=30):
    """Return ordinary text: words, dates and numbers, in capitals or in small letters."""
    kind = rng.random()
    if kind < 0.15:
        return date(rng)
    if kind < 0.3:
        return number(rng)
    text = word(rng)
    while len(text) < longest and rng.random() < 0.55:
        text += pick(rng, (" ", " ", " ", "/", "-", ", ")) + word(rng)
    if rng.random() < 0.5:
        text = text.title() if rng.random() < 0.6 else text.lower()
    return text[:longest]


def running(rng, length):
    """Return so many characters of running text."""
    text = word(rng).title()
    while len(text) < length:
        text += pick(rng, (" ", " ", " ", ", ", ". ")) + word(rng).lower()
    return text[:length]


def code(rng, longest=44):
    """Return a line of a program or a listing: monospaced, with arrows and brackets, yet no zone."""
    parts = ("<<", ">>", "->", "();", "{", "}", "==", "<=", "<a>", "</p>", " = ", "[0]", "//", "::", "#")
    text = ""
    while len(text) < longest:
        text += pick(rng, parts) if rng.random() < 0.4 else word(rng, 8).lower() + pick(rng, (" ", "_", "."))
    return text[: int(rng.integers(8, longest + 1))]


def zone_text(rng):
    """Return the lines of a machine-readable zone, rarely a single line as some licences bear it."""
    if rng.random() < 0.95:
        return texts.random_zone(rng)
    return [texts.random_line(rng, 25) + "<<<<<"]


def zone_mask(rng, text, cut, capital, pitch):
    """Return the ink of a line of a zone and the row of its middle; its characters stand from end to end of the mask.

    cut: as glyphs.random_cut gives it; capital and pitch: the height of its capitals and the distance of its
    characters in pixels.
    """
    scale = capital / glyphs.CAP
    step = pitch / scale
    canvas = np.zeros((glyphs.CELL, round(step * len(text))), np.uint8)
    glyphs.compose(canvas, text, cut, 0, glyphs.CELL / 2, step, rng.uniform(0, 0.8), rng)
    mask = glyphs.ink(canvas, rng.normal(0, 0.8), rng.uniform(1, 4)).astype(np.float32) / 255
    size = max(1, round(pitch * len(text))), max(1, round(glyphs.CELL * scale))
    mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return mask, size[1] / 2


def lookalike(rng):
    """Return a line that a careless eye takes for a machine-readable zone, and the fonts that it is printed in."""
    kind = rng.integers(7)
    length = int(rng.integers(12, 44))
    if kind == 0:
        return pick(rng, "<>-=_.*#/:X") * length, OCR_B + MONO + LATIN
    if kind == 1:
        return code(rng), MONO
    if kind == 2:
        return letters(rng, length, DIGITS), OCR_B + MONO
    if kind == 3:
        slip = letters(rng, 13, DIGITS) + ">" + letters(rng, 16, DIGITS) + "+ " + letters(rng, 9, DIGITS) + ">"
        return slip, OCR_B
    if kind == 4:
        return " ".join(word(rng) for _ in range(5))[:length], OCR_B + MONO
    if kind == 5:
        return " ".join(number(rng) for _ in range(3))[:length], OCR_B + MONO
    return " ".join(pick(rng, (">>>", "<<<", ">>", "«", "»", "->")) for _ in range(length // 4)), LATIN + MONO
