"""Ordinary printing and machine-readable text as masks of ink.

A mask is a float32 array [height, width] from 0 (paper) to 1 (full ink). Text is drawn with the fonts of the Debian
packages fonts-ocr-b, fonts-dejavu-core, fonts-dejavu-extra, fonts-liberation2 and fonts-noto-core.
"""

import functools
import os

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts"
OCR_B = [f"{FONTS}/opentype/ocr-b/OCRB.otf", f"{FONTS}/opentype/ocr-b/OCRBS.otf"]
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
# Below this many pixels hinting would draw letters that no camera sees: they are drawn larger and shrunk.
SMALLEST = 18


@functools.lru_cache(maxsize=512)
def face(path, size):
    """Return the font of a file at a whole size in pixels, and the height of its capitals in pixels."""
    font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
    box = font.getbbox("H")
    return font, max(1, box[3] - box[1])


def every_font():
    """Return every font file that the scenes may use, to be checked once before a long run."""
    return OCR_B + MONO + LATIN + [path for path, _, _ in SCRIPTS]


def missing_fonts():
    """Return the font files that are not installed."""
    return [path for path in every_font() if not os.path.exists(path)]


def text_mask(text, path, capital, stretch=1.0):
    """Return the ink of a line of text, trimmed to its box, and the row of the capitals' centre.

    capital is the height of a capital letter in pixels (any positive number), stretch widens the line.
    """
    _, unit = face(path, 100)
    size = int(min(160, max(SMALLEST, np.ceil(capital * 100 / unit))))
    font, drawn = face(path, size)
    left, top, right, bottom = font.getbbox(text)
    upper, lower = font.getbbox("H")[1::2]
    top, bottom = min(top, upper), max(bottom, lower)
    page = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(page).text((-left, -top), text, font=font, fill=255)
    scale = capital / drawn
    width, height = page.width * scale * stretch, page.height * scale
    mask = np.asarray(page, np.float32) / 255
    shrunk = scale < 1 or stretch < 1
    mask = cv2.resize(
        mask,
        (max(1, round(width)), max(1, round(height))),
        interpolation=cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR,
    )
    return mask, ((upper + lower) / 2 - top) * scale


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


def code(rng, longest=44):
    """Return a line of a program or a listing: monospaced, with arrows and brackets, yet no zone."""
    parts = ("<<", ">>", "->", "();", "{", "}", "==", "<=", "<a>", "</p>", " = ", "[0]", "//", "::", "#")
    text = ""
    while len(text) < longest:
        text += pick(rng, parts) if rng.random() < 0.4 else word(rng, 8).lower() + pick(rng, (" ", "_", "."))
    return text[: int(rng.integers(8, longest + 1))]


def names(rng):
    """Return the names as line 1 of a passport gives them, without the filling at the end."""
    primary = "<".join(word(rng, 12) for _ in range(int(rng.integers(1, 3))))
    given = "<".join(word(rng) for _ in range(int(rng.integers(1, 4))))
    return primary if rng.random() < 0.06 else primary + "<<" + given


def fill(text, length):
    """Return the text with fillers, or cut, to the length of a line."""
    return text[:length].ljust(length, "<")


def filled(rng, length):
    """Return optional data: nothing, a number, or a number with fillers on both sides."""
    kind = rng.random()
    text = "" if kind < 0.45 else letters(rng, int(rng.integers(1, length + 1)), DIGITS + ("" if kind < 0.8 else LETTERS))
    return fill(text, length)


def person_data(rng):
    """Return birth date, sex, expiry date with their check digits: 15 characters."""
    birth = letters(rng, 7, DIGITS) if rng.random() < 0.9 else letters(rng, 4, DIGITS) + "<<" + letters(rng, 1, DIGITS)
    return birth + pick(rng, "FMFMFM<X") + letters(rng, 7, DIGITS)


def document_number(rng):
    """Return nine characters and their check digit."""
    length = int(rng.integers(6, 10))
    text = letters(rng, int(rng.integers(0, 3))) + letters(rng, length, DIGITS)
    if rng.random() < 0.2:
        text = letters(rng, length, DIGITS + LETTERS)
    return fill(text, 9) + letters(rng, 1, DIGITS)


def head(rng, code_letters):
    """Return document code and issuing state."""
    return pick(rng, code_letters) + pick(rng, ("<", "<", "<", "D", "C", "P", "A", "M")) + fill(
        letters(rng, 3) if rng.random() < 0.9 else "D", 3
    )


def long_zone(rng, length):
    """Return the two lines of a passport, a visa or a card in the format TD2."""
    second = document_number(rng) + fill(letters(rng, 3), 3) + person_data(rng)
    rest = length - len(second)
    return [
        fill(head(rng, "PPPPVVIAC") + names(rng), length),
        second + filled(rng, rest - 2) + letters(rng, 1, DIGITS + "<") + letters(rng, 1, DIGITS),
    ]


def card_zone(rng):
    """Return the three lines of a card in the format TD1."""
    birth = person_data(rng)
    return [
        head(rng, "IIIIAC") + document_number(rng) + filled(rng, 15),
        birth + letters(rng, 3) + filled(rng, 11) + letters(rng, 1, DIGITS),
        fill(names(rng), 30),
    ]


def zone_text(rng):
    """Return the lines of a machine-readable zone of one of the formats in use."""
    kind = rng.random()
    if kind < 0.42:
        return long_zone(rng, 44)
    if kind < 0.56:
        return long_zone(rng, 36)
    if kind < 0.9:
        return card_zone(rng)
    if kind < 0.95:
        return [fill(letters(rng, 3) + letters(rng, 4, DIGITS), 9), *card_zone(rng)[:1], fill(names(rng), 30)]
    return [fill(head(rng, "DIC") + letters(rng, int(rng.integers(8, 18)), DIGITS + LETTERS), 30)]


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
