"""What stands in machine-readable zones: realistic zones by ICAO Doc 9303 parts 3 to 7, and text by chance.

A reader trained on realistic zones alone learns that digits follow digits and reads a printed O as zero; text by
chance makes it look at the shape.
"""
from glyphs import ALPHABET

LETTERS = ALPHABET[10:36]
DIGITS = ALPHABET[:10]
LOOKALIKES = ("0ODQ", "1I7L", "8B36", "5S", "2Z7", "G6C", "K<X", "VYU", "MNWH", "PRF", "CG0O", "4A9", "0O<", "EF<")
_VOWELS = "AAAEEEIIOOUY"
_CONSONANTS = "BCDFGHJKLLMMNNNPQRRRSSSTTTVWXZ"
_STATES = "UTO D<< FRA GBR USA CAN AUS POL CZE NOR SWE FIN EST LVA LTU UKR TUR SYR AFG IRN IRQ CHN IND VNM BRA QAT OMN".split()


def check_digit(text):
    """The check digit of Doc 9303 part 3, 4.9: weights 7, 3, 1; letters from A = 10; the filler counts nothing."""
    values = (0 if c == "<" else ALPHABET.index(c) for c in text)
    return str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)


def random_zone(rng):
    """A realistic zone: a list of lines of TD1, TD2, TD3, MRV-A, MRV-B, the French identity card or the Swiss driving licence."""
    return rng.choice([_td1, _td1, _td2, _td3, _td3, _mrv, _france, _switzerland])(rng)


def random_line(rng, length):
    """A line of exactly `length` characters: half of the time cut from a realistic zone, else by chance."""
    if rng.random() < 0.45:
        lines = random_zone(rng)
        line = lines[rng.integers(len(lines))]
        while len(line) < length:
            line += "<" * int(rng.integers(0, 3)) + lines[rng.integers(len(lines))]
        start = int(rng.choice([0, len(line) - length, rng.integers(len(line) - length + 1)]))
        return line[start : start + length]
    text = ""
    while len(text) < length:
        text += _fragment(rng)
    return text[:length]


def _fragment(rng):
    """A few characters of one kind: fillers, letters, digits, both, everything, or ones easily taken for another."""
    count = int(rng.integers(1, 10))
    kind = rng.random()
    if kind < 0.22:
        return "<" * int(rng.integers(1, 16))
    if kind < 0.30:
        return _pick(rng, ALPHABET, 1) * int(rng.integers(2, 6))
    if kind < 0.48:
        return _pick(rng, LETTERS, count)
    if kind < 0.66:
        return _pick(rng, DIGITS, count)
    if kind < 0.82:
        return _pick(rng, LOOKALIKES[rng.integers(len(LOOKALIKES))], count)
    return _pick(rng, ALPHABET, count)


def _pick(rng, alphabet, count):
    return "".join(alphabet[i] for i in rng.integers(len(alphabet), size=count))


def _name(rng):
    syllables = (_pick(rng, _CONSONANTS, 1) + _pick(rng, _VOWELS, 1) for _ in range(rng.integers(1, 5)))
    return "".join(syllables) + (_pick(rng, _CONSONANTS, 1) if rng.random() < 0.5 else "")


def _names(rng, length):
    """Primary and secondary identifier, filled or truncated to `length`."""
    parts = ["<".join(_name(rng) for _ in range(rng.integers(1, 4))) for _ in range(2)]
    return _filled("<<".join(parts), length)


def _filled(text, length):
    return text[:length].ljust(length, "<")


def _state(rng):
    return _STATES[rng.integers(len(_STATES))]


def _date(rng):
    day = f"{rng.integers(100):02}{rng.integers(1, 13):02}{rng.integers(1, 29):02}"
    return day[:2] + "<<<<" if rng.random() < 0.02 else day


def _number(rng, length=9):
    """A document number: digits with letters before, between, or none; padded to `length`."""
    head = _pick(rng, LETTERS, int(rng.integers(0, 4)))
    body = _pick(rng, DIGITS if rng.random() < 0.75 else ALPHABET[:36], int(rng.integers(4, 10)))
    return _filled(head + body, length)


def _optional(rng, length):
    return _filled("" if rng.random() < 0.5 else _number(rng, min(length, int(rng.integers(5, 16)))), length)


def _sex(rng):
    return "FM<X"[int(rng.choice([0, 1, 2, 3], p=[0.46, 0.46, 0.05, 0.03]))]


def _dates(rng):
    """Birth, its digit, sex, expiry, its digit: positions 1-15 of TD1's middle line and TD2's and TD3's 14-28."""
    birth, expiry = _date(rng), _date(rng)
    return birth + check_digit(birth) + _sex(rng) + expiry + check_digit(expiry)


def _kind(rng, first):
    return first + ("<" if rng.random() < 0.6 else _pick(rng, LETTERS, 1))


def _td1(rng):
    number = _number(rng)
    first = _kind(rng, _pick(rng, "IAC", 1)) + _state(rng) + number + check_digit(number) + _optional(rng, 15)
    second = _dates(rng) + _state(rng) + _optional(rng, 11)
    composite = check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return [first, second + composite, _names(rng, 30)]


def _two_lines(rng, kind, width, optional, composite):
    number = _number(rng)
    first = kind + _state(rng) + _names(rng, width - 5)
    second = number + check_digit(number) + _state(rng) + _dates(rng) + _optional(rng, optional)
    if composite:
        second += check_digit(second[0:10] + second[13:20] + second[21:])
    return [first, second]


def _td2(rng):
    return _two_lines(rng, _kind(rng, _pick(rng, "IAC", 1)), 36, 7, True)


def _td3(rng):
    first, second = _two_lines(rng, _kind(rng, "P"), 44, 14, False)
    personal = second[28:42]
    second += "<" if personal == "<" * 14 else check_digit(personal)
    return [first, second + check_digit(second[0:10] + second[13:20] + second[21:43])]


def _mrv(rng):
    width, optional = (44, 16) if rng.random() < 0.5 else (36, 8)
    return _two_lines(rng, _kind(rng, "V"), width, optional, False)


def _france(rng):
    first = "IDFRA" + _filled(_name(rng), 25) + _pick(rng, DIGITS, 6)
    number = _pick(rng, DIGITS, 12)
    second = number + check_digit(number) + _filled(_name(rng) + "<<" + _name(rng), 14)
    birth = _date(rng)
    second += birth + check_digit(birth) + _sex(rng)
    return [first, second + check_digit(first + second)]


def _switzerland(rng):
    number = _pick(rng, LETTERS, 3) + _pick(rng, DIGITS, 3) + _pick(rng, LETTERS, 1) + "<<"
    second = "FACHE" + _pick(rng, DIGITS, 12) + "<<" + _date(rng) + "<" * 5
    return [number, second, _names(rng, 30)]
