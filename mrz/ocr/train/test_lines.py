"""Tests of what the recogniser learns from. Run: /usr/bin/python3 -m unittest discover mrz/ocr/train"""
import unittest

import numpy as np

import glyphs
import lines
import recogniser
import texts


class Strips(unittest.TestCase):
    def test_the_same_seed_gives_the_same_strip(self):
        first, second = (lines.random_strip(np.random.default_rng(7), 30) for _ in range(2))
        np.testing.assert_array_equal(first[0], second[0])
        self.assertEqual(first[1], second[1])

    def test_every_strip_is_a_line_of_the_length_asked_for(self):
        rng = np.random.default_rng(8)
        for length in (9, 30, 44) * 10:
            strip, text, columns = lines.random_strip(rng, length)
            self.assertEqual((strip.dtype, strip.shape[0]), (np.uint8, 32))
            self.assertEqual((len(text), len(columns)), (length, length))
            self.assertLessEqual(set(text), set(glyphs.ALPHABET))
            self.assertTrue((0 < columns).all() and (columns < strip.shape[1]).all())
            self.assertGreater(np.diff(columns).min(), 2 * recogniser.STRIDE)

    def test_most_strips_show_something(self):
        rng = np.random.default_rng(9)
        deviations = [lines.random_strip(rng, 20)[0].std() for _ in range(50)]
        self.assertGreater(np.median(deviations), 15)

    def test_a_normalised_strip_is_centred_however_dark(self):
        strip = lines.normalised(lines.random_strip(np.random.default_rng(10), 20)[0])
        self.assertAlmostEqual(float(strip.mean()), 0, places=3)
        self.assertLess(float(strip.std()), 1)


class Answers(unittest.TestCase):
    def test_the_wanted_classes_spell_the_text(self):
        rng = np.random.default_rng(11)
        examples = [lines.random_strip(rng, 30) for _ in range(20)]
        _, classes, wanted = recogniser.stacked(examples)
        for row, text in zip(classes, wanted):
            logits = np.eye(38)[np.maximum(row, 0)].T
            self.assertEqual(recogniser.greedy(logits), text)

    def test_edits_are_counted_as_levenshtein_did(self):
        self.assertEqual(recogniser.edits("KITTEN", "SITTING"), 3)
        self.assertEqual(recogniser.edits("", "<<"), 2)
        self.assertEqual(recogniser.edits("ABC", "ABC"), 0)


class Zones(unittest.TestCase):
    def test_the_check_digit_is_that_of_doc_9303(self):
        self.assertEqual(texts.check_digit("L898902C3"), "6")
        self.assertEqual(texts.check_digit("D23145890"), "7")

    def test_zones_have_the_lengths_of_their_formats(self):
        rng = np.random.default_rng(12)
        seen = {tuple(len(line) for line in texts.random_zone(rng)) for _ in range(300)}
        self.assertEqual(seen, {(30, 30, 30), (36, 36), (44, 44), (9, 30, 30)})


if __name__ == "__main__":
    unittest.main()
