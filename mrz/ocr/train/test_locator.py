"""What the locator's training relies on. Run: python3 -m unittest discover mrz/ocr/train"""

import unittest

import numpy as np
import torch

import locator


class TestTurned(unittest.TestCase):
    def test_a_line_that_reads_to_the_right_reads_upwards_after_a_quarter_counter_clockwise(self):
        pictures, wanted = np.zeros((1, 1, 32, 32), np.float32), np.zeros((1, 5, 8, 8), np.float32)
        pictures[0, 0, 8, :16] = 1
        wanted[0, 0, 2, :4] = 1
        wanted[0, 2] = 1
        turned, answers = locator.turned(pictures, wanted, 1)
        self.assertTrue((turned[0, 0, 16:, 8] == 1).all())
        self.assertTrue((answers[0, 0, 4:, 2] == 1).all())
        np.testing.assert_array_equal(answers[0, 2:4, 4, 2], (0, -1))

    def test_four_quarters_change_nothing(self):
        rng = np.random.default_rng(0)
        wanted = rng.random((2, 5, 8, 8), np.float32)
        np.testing.assert_array_equal(locator.turned(np.zeros((2, 1, 32, 32)), wanted, 4)[1], wanted)


class TestLocator(unittest.TestCase):
    def test_the_answer_is_a_quarter_as_wide_and_high_for_any_multiple_of_32(self):
        net = locator.Locator().eval()
        for height, width in ((32, 32), (64, 160), (224, 96)):
            answer = net(torch.zeros(1, 1, height, width))
            self.assertEqual(tuple(answer.shape), (1, 4, height // 4, width // 4))

    def test_perfect_answers_cost_less_than_wrong_ones(self):
        wanted = torch.zeros(1, 5, 8, 8)
        wanted[:, 0, 3], wanted[:, 1], wanted[:, 2] = 1, 1, 1
        good = torch.stack([wanted[:, 0] * 20 - 10, *wanted[:, 2:].unbind(1)], 1)
        backwards = good * torch.tensor([1.0, -1, 1, 1]).view(1, 4, 1, 1)
        self.assertLess(locator.loss(good, wanted), locator.loss(backwards, wanted))
        self.assertLess(locator.loss(good, wanted), locator.loss(good * 0, wanted))


if __name__ == "__main__":
    unittest.main()
