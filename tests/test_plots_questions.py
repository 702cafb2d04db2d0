"""The widgets' figures of the chapter on Twenty Questions show what they are given."""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import QuestionTree, plots

ANSWERS = ["++", "+-", "-+", "--"]
TREE = QuestionTree("abcd", ANSWERS)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(axes):
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("yes", [1, 4, 15])
def test_the_blue_area_is_what_a_question_leaves(yes):
    left, right = plots.split(16, yes).axes
    whole, *parts = left.patches
    assert whole.get_height() == 4
    left_over = sum(bar.get_width() * bar.get_height() for bar in parts)
    worth = right.lines[1].get_ydata()[0]
    assert 4 - left_over == pytest.approx(worth)
    assert right.lines[1].get_xdata()[0] == yes / 16
    assert [bar.get_x() for bar in parts] == [0, yes / 16]
    assert texts(left) == [f"yes: {yes}", f"no: {16 - yes}"]
    np.testing.assert_allclose(np.interp(yes / 16, *right.lines[0].get_data()), worth, atol=2e-3)


@pytest.mark.parametrize(("heard", "chances"), [(0, [0.25] * 4), (1, [0, 0, 0.5, 0.5]), (2, [0, 0, 1, 0])])
def test_a_game_shows_its_record_the_posterior_and_the_bits(heard, chances):
    left, right, below = plots.one_game(TREE, "-+", heard, secret="c").axes
    assert [bar.get_width() for bar in right.patches] == chances
    assert texts(right) == ["the secret"]
    assert right.texts[0].get_position()[1] == 2
    slots = [text for text in texts(left) if len(text) == 1]
    states = ["??", "−?", "−+"][: heard + 1]
    assert "".join(slots) == "".join(states)
    odds = ["− with probability 1/2", "+ with probability 1/2"][:heard]
    assert [text for text in texts(left) if len(text) > 1] == [*odds, f"{4 // 2**heard} possible"]
    mean, game = below.lines
    np.testing.assert_array_equal(mean.get_data(), [[0, 1, 2], [2, 1, 0]])
    np.testing.assert_array_equal(game.get_data(), [range(heard + 1), [2, 1, 0][: heard + 1]])


def test_a_lucky_answer_takes_more_bits_than_the_mean():
    tree = QuestionTree("abcd", ["+", "-+", "--+", "---"])
    *_, below = plots.one_game(tree, "+??", 3).axes
    mean, game = below.lines
    np.testing.assert_allclose(mean.get_ydata(), tree.entropies())
    np.testing.assert_array_equal(game.get_ydata(), [2, 0, 0, 0])


def test_frames_of_long_and_short_games_have_the_same_axes():
    one_by_one = QuestionTree("abcd", ["+", "-+", "--+", "---"])
    short, long = plots.one_game(TREE, "-+", 2), plots.one_game(one_by_one, "---", 3)
    for first, second in zip(short.axes, long.axes, strict=True):
        assert (first.get_xlim(), first.get_ylim()) == (second.get_xlim(), second.get_ylim())


def test_without_a_secret_none_is_shown():
    assert texts(plots.one_game(TREE, "-+", 1).axes[1]) == []


@pytest.mark.parametrize("now", [0.2, 0.5, 0.8])
def test_trees_are_drawn_in_proportion_and_their_costs_at_the_share(now):
    prior = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), Fraction(1, 8)]
    tree, huffman = QuestionTree("abcd", ANSWERS, prior), QuestionTree.huffman("abcd", prior)
    shares, bits = np.array([0.2, 0.5, 0.8]), np.array([1.0, 0.5, 0.2])
    costs = {"one": np.array([2.0, 2.0, 2.0]), "two": np.array([1.9, 1.5, 1.2])}
    figure = plots.loaded_secret(now, {"one": tree, "two": huffman}, shares, costs, bits)
    first, second, curves = figure.axes
    assert [bar.get_width() for bar in first.patches] == [1, 0.75, 0.25, 0.5, 0.25, 0.125, 0.125]
    assert [first.get_title(), second.get_title()] == ["one", "two"]
    assert sorted(bar.get_width() for bar in second.patches if bar.get_y() < 1 < bar.get_y() + 1) == [
        0.5,
        0.5,
    ]
    drawn = [line.get_data() for line in curves.lines]
    for number, values in enumerate([*costs.values(), bits]):
        np.testing.assert_array_equal(drawn[2 * number], [shares, values])
        np.testing.assert_allclose(np.ravel(drawn[2 * number + 1]), [now, values[shares == now][0]])
