"""What the locator may rely on in the scenes that it learns from. Run: python3 -m unittest discover mrz/ocr/train"""

import unittest

import numpy as np

import documents
import glyphs
import pages
import printing

UPRIGHT = documents.Line(left=20, right=180, middle=100, capital=16)


class Straight:
    """A view straight from above: the picture is the sheet, turned by quarters counter-clockwise."""

    def __init__(self, size, quarters=0):
        steps = np.arange(1.5, size, pages.STRIDE, dtype=np.float32)
        x, y = np.meshgrid(steps, steps)
        self.x, self.y = np.rot90(x, quarters).copy(), np.rot90(y, quarters).copy()
        self.down, self.across = (change / pages.STRIDE for change in np.gradient(self.y))


def answers(view, lines=(UPRIGHT,)):
    """Return the answers on a sheet that covers the whole picture."""
    return pages.answers(view, list(lines), np.ones(view.x.shape, bool))


class TestAnswers(unittest.TestCase):
    def test_the_core_is_the_middle_half_of_the_characters_along_the_line(self):
        core = answers(Straight(200))[0]
        rows, columns = np.nonzero(core)
        self.assertEqual((rows.min(), rows.max()), (24, 25))
        self.assertEqual((columns.min(), columns.max()), (5, 44))

    def test_the_smallest_line_still_meets_the_grid_everywhere(self):
        for middle in np.arange(100, 104, 0.25):
            core = answers(Straight(200), [documents.Line(20, 180, middle, 5)])[0]
            self.assertTrue(core[:, 5:45].any(axis=0).all())

    def test_the_rim_of_a_core_is_not_asked_for(self):
        core, sure, _, _ = answers(Straight(200), [documents.Line(20, 180, 100, 22)])
        self.assertTrue(sure[core].all())
        self.assertFalse(sure[23, 20])
        self.assertTrue(sure[22, 20])

    def test_upright_text_reads_to_the_right_and_text_turned_counter_clockwise_upwards(self):
        for quarters, expected in enumerate(((1, 0), (0, -1), (-1, 0), (0, 1))):
            core, _, direction, _ = answers(Straight(200, quarters))
            self.assertTrue(core.any())
            np.testing.assert_allclose(direction[:, core].mean(axis=1), expected, atol=1e-3)

    def test_a_capital_letter_of_sixteen_pixels_is_one_octave_above_eight(self):
        core, _, _, height = answers(Straight(200))
        np.testing.assert_allclose(height[core], 1, atol=1e-3)


class TestScene(unittest.TestCase):
    def test_a_scene_follows_from_its_seed(self):
        first, again = pages.scene(7), pages.scene(7)
        np.testing.assert_array_equal(first.picture, again.picture)
        np.testing.assert_array_equal(first.core, again.core)
        self.assertFalse(np.array_equal(first.picture, pages.scene(8).picture))

    def test_pictures_and_answers_have_the_shapes_of_the_contract(self):
        scene = pages.scene(3, 320)
        self.assertEqual(scene.picture.shape, (320, 320))
        self.assertEqual(scene.picture.dtype, np.uint8)
        for part in (scene.core, scene.sure, scene.height):
            self.assertEqual(part.shape, (80, 80))
        self.assertEqual(scene.direction.shape, (2, 80, 80))

    def test_about_a_third_of_the_scenes_show_no_zone(self):
        empty = sum(not pages.scene(seed, 320).core.any() for seed in range(60))
        self.assertTrue(10 <= empty <= 30, empty)

    def test_directions_are_unit_vectors_and_heights_are_those_that_were_asked_for(self):
        for seed in range(30):
            scene = pages.scene(seed, 320)
            if not scene.core.any():
                continue
            length = np.hypot(*scene.direction[:, scene.core])
            np.testing.assert_allclose(length, 1, atol=1e-4)
            capital = 8 * 2.0 ** np.median(scene.height[scene.core])
            self.assertTrue(pages.SMALLEST * 0.75 < capital < pages.LARGEST * 1.25, capital)

    def test_a_zone_is_darker_than_its_paper_where_the_answers_say_it_is(self):
        rng = np.random.default_rng(1)
        sheet = documents.Sheet(rng, scale=6, side=700, left=0, top=0)
        plan = documents.Layout(125, 88, ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"], 6, 80, 2.45, 6.35, 2.54)
        before = sheet.paper.copy()
        documents.print_zone(sheet, plan, level=0)
        line = sheet.lines[0]
        self.assertAlmostEqual(line.right - line.left, 44 * 2.54 * 6, delta=1)
        top, bottom = round(line.middle - line.capital / 2), round(line.middle + line.capital / 2)
        inked = (before - sheet.paper) > 60
        self.assertGreater(inked[top:bottom, round(line.left) : round(line.right)].mean(), 0.1)
        inked[top - 3 : bottom + 3] = False
        self.assertFalse(inked.any())


class TestZoneMask(unittest.TestCase):
    def test_characters_stand_a_pitch_apart_with_their_capitals_in_the_middle(self):
        rng = np.random.default_rng(0)
        mask, middle = printing.zone_mask(rng, "IIIIIIIIII", glyphs.fields(glyphs.OCR_B[0]), capital=20, pitch=21)
        self.assertEqual(mask.shape[1], 210)
        rows = np.nonzero(mask.max(axis=1) > 0.5)[0]
        self.assertAlmostEqual(rows.mean(), middle, delta=1.5)
        self.assertAlmostEqual(len(rows), 20, delta=4)


if __name__ == "__main__":
    unittest.main()
