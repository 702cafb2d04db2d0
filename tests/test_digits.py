"""The digits page: its figures draw what they are given; class entropy by an independent route."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color
from scipy.special import entr, logsumexp
from sklearn.datasets import load_digits

from infodyn import EDM, Estimate, conditional_entropy, diffuse, plots, points
from infodyn.plots import COLORS

FEW, SAMPLES = 30, 3000


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


# ---------------------------------------------------------------------------- figures


def pixels(axes):
    """Return the picture that a panel shows."""
    (image,) = axes.get_images()
    return np.asarray(image.get_array())


def estimate(value, error):
    return Estimate(np.asarray(value, float), np.full(len(value), error))


def test_noisy_digits_draws_each_picture_in_its_place():
    noisy, means = np.arange(128.0).reshape(2, 64), np.linspace(0, 1, 128).reshape(2, 64)
    axes = plots.noisy_digits(noisy, means, ["early", "late"], ["a 3", "a 5"]).axes
    assert len(axes) == 4
    for shown, row in zip((axes[:2], axes[2:]), (noisy, means), strict=True):
        for panel, picture in zip(shown, row, strict=True):
            np.testing.assert_array_equal(pixels(panel), picture.reshape(8, 8))
    assert [panel.get_title() for panel in axes[:2]] == ["early", "late"]
    assert [panel.get_xlabel() for panel in axes[2:]] == ["a 3", "a 5"]
    assert axes[2].get_images()[0].get_clim() == (0, 1)


@pytest.mark.parametrize("now", [0.1, 1.0, 10.0])
def test_a_digits_posterior_is_drawn_with_its_open_bits(now):
    rng = np.random.default_rng(0)
    pictures, chances, t = rng.random((5, 64)), rng.random(10), np.array([0.1, 1.0, 10.0])
    bits = {"which picture": t, "which digit": t / 3}
    figure = plots.digit_posterior(
        pictures[0], pictures[1], pictures[2:], ["a", "b", "c"], chances, t, bits, now
    )
    *panels, left, right = figure.axes
    for panel, picture in zip(panels, pictures, strict=True):
        np.testing.assert_array_equal(pixels(panel), picture.reshape(8, 8))
    assert [panel.get_xlabel() for panel in panels] == ["noisy", "mean", "a", "b", "c"]
    assert [panel.get_images()[0].get_clim() for panel in panels[1:]] == [(0, 1)] * 4
    np.testing.assert_array_equal([bar.get_height() for bar in left.patches], chances)
    for curve, mark, values in zip(right.lines[::2], right.lines[1::2], bits.values(), strict=True):
        np.testing.assert_array_equal(curve.get_data(), [t, values])
        np.testing.assert_allclose(np.ravel(mark.get_data()), [now, values[t == now][0]])
    assert right.lines[0].get_linestyle() != right.lines[2].get_linestyle()


def test_a_digits_posterior_needs_a_caption_for_each_picture():
    t, stored = np.array([0.1, 1.0]), np.zeros((2, 64))
    with pytest.raises(ValueError, match="zip"):
        plots.digit_posterior(stored[0], stored[0], stored, ["a"], np.zeros(10), t, {}, 1.0)


@pytest.mark.parametrize("now", [0.1, 1.0, 10.0])
def test_confusion_names_what_is_read_for_what(now):
    table, t = np.diag(np.full(10, 0.8)), np.array([0.1, 1.0, 10.0])
    table[3, 9] = 0.2
    left, right = plots.confusion(table, t, t / 4, 1 - t / 10, now).axes
    np.testing.assert_array_equal(pixels(left), table)
    written = {(text.get_position(), text.get_text()) for text in left.texts}
    assert written == {((k, k), "80") for k in range(10)} | {((9, 3), "20")}
    for curve, mark, values in zip(right.lines[:2], right.lines[2:], (t / 4, 1 - t / 10), strict=True):
        np.testing.assert_array_equal(curve.get_data(), [t, values])
        np.testing.assert_allclose(np.ravel(mark.get_data()), [now, values[t == now][0]])


@pytest.mark.parametrize("now", [0.1, 1.0, 10.0])
def test_a_memoriser_is_drawn_beside_doing_nothing(now):
    pictures, t = np.random.default_rng(1).random((4, 64)), np.array([0.1, 1.0, 10.0])
    *panels, axes = plots.memoriser(pictures, t, t + 1, 64 * t**2, now).axes
    for panel, picture in zip(panels, pictures, strict=True):
        np.testing.assert_array_equal(pixels(panel), picture.reshape(8, 8))
        assert panel.get_images()[0].get_clim() == (0, 1)
    titles = ["new", f"noisy, $t = {now:g}$", "denoised", "stored"]
    assert [panel.get_title() for panel in panels] == titles
    memory, idle, mark = axes.lines
    np.testing.assert_array_equal(memory.get_data(), [t, t + 1])
    np.testing.assert_array_equal(idle.get_data(), [t, 64 * t**2])
    np.testing.assert_allclose(np.ravel(mark.get_data()), [now, now + 1])
    assert memory.get_linestyle() != idle.get_linestyle()
    assert axes.get_xscale() == axes.get_yscale() == "log"


def assert_bands(axes, t, curves, color):
    """Check lines, their labels and styles, and bands of two standard errors, in the order given."""
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert len({lines[name].get_linestyle() for name in curves}) == len(curves)
    assert len(axes.collections) == len(curves)
    for (name, (value, error)), band in zip(curves.items(), axes.collections, strict=True):
        np.testing.assert_array_equal(lines[name].get_xydata(), np.transpose([t, value]))
        assert same_color(lines[name].get_color(), COLORS[color])
        low, high = band.get_paths()[0].get_extents().intervaly
        assert low == pytest.approx(np.min(value - 2 * error))
        assert high == pytest.approx(np.max(value + 2 * error))


def uprights(axes):
    """Return where vertical lines stand."""
    return [line.get_xdata()[0] for line in axes.get_lines() if line.get_xdata()[0] == line.get_xdata()[1]]


def test_two_questions_draws_curves_bands_bound_and_marks():
    t, bound = np.array([0.1, 1.0, 10.0]), np.array([0.0, 0.5, 3.0])
    entropies = {"picture": estimate([0, 1, 4], 0.1), "digit": estimate([0, 0.5, 2], 0.05)}
    hits = {"picture": estimate([1, 0.5, 0], 0.01), "digit": estimate([1, 0.8, 0.1], 0.02)}
    top, bottom = plots.two_questions(t, entropies, hits, bound, {"picture": 0.7, "digit": 1.6}).axes
    assert_bands(top, t, entropies, "entropy")
    assert_bands(bottom, t, hits, "posterior")
    lines = {line.get_label(): line for line in top.get_lines()}
    np.testing.assert_array_equal(lines["Gaussian bound"].get_ydata(), bound)
    assert any(np.all(line.get_ydata() == np.log(2)) for line in top.get_lines())
    assert uprights(top) == uprights(bottom) == [0.7, 1.6]
    assert {"$t = 0.70$", "$t = 1.60$", "1 bit"} <= {text.get_text() for text in top.texts}
    assert top.get_xscale() == bottom.get_xscale() == "log"


def test_split_rate_draws_curves_bands_and_marks():
    t = np.array([0.1, 1.0, 10.0])
    rates = {"all": estimate([0, 5, 1], 0.2), "digit": estimate([0, 2, 0.4], 0.1)}
    (axes,) = plots.split_rate(t, rates, {"picture": 0.3}).axes
    assert_bands(axes, t, rates, "rate")
    assert uprights(axes) == [0.3]
    assert axes.get_xscale() == "log"


# ---------------------------------------------------------------------------- class entropy


@pytest.fixture(scope="module")
def few():
    """Return a few pictures and their labels."""
    digits = load_digits()
    return digits.data[:FEW] / 16, digits.target[:FEW]


def noisy_copies(images, t, seed):
    """Return indices of pictures, and noisy copies of them."""
    rng = np.random.default_rng(seed)
    k = rng.integers(len(images), size=SAMPLES)
    return k, images[k] + t * rng.standard_normal((SAMPLES, images.shape[1]))


def dense_log_posterior(images, x, t):
    """Log posterior weights from all differences, without the package."""
    square = np.array([((x - image) ** 2).sum(axis=1) for image in images]).T
    return -square / (2 * t**2) - logsumexp(-square / (2 * t**2), axis=1, keepdims=True)


def mean(values):
    return Estimate(values.mean(), values.std(ddof=1) / np.sqrt(len(values)))


def within_five_errors(left, right):
    return abs(left.value - right.value) <= 5 * np.hypot(left.error, right.error)


@pytest.mark.parametrize("t", [0.2, 0.5, 1.0, 4.0])
def test_class_entropy_by_brute_force(few, t):
    images, label = few
    law = diffuse(points(images), EDM(), t)
    one_hot = np.eye(10)[label]
    _, x = noisy_copies(images, t, seed=1)
    ours = entr(law.weights(x) @ one_hot).sum(axis=1)

    log_w = dense_log_posterior(images, x, t)
    log_P = np.array([logsumexp(log_w[:, label == c], axis=1) for c in range(10)]).T
    np.testing.assert_allclose(ours, -(np.exp(log_P) * log_P).sum(axis=1), rtol=1e-9, atol=1e-12)

    # Another unbiased estimator, with noise of its own: the surprise at the true label.
    k, x = noisy_copies(images, t, seed=2)
    log_w = dense_log_posterior(images, x, t)
    own = label[:, None] == label[k]
    surprise = mean(-np.array([logsumexp(log_w[i, own[:, i]]) for i in range(SAMPLES)]))
    assert within_five_errors(mean(ours), surprise)


@pytest.mark.parametrize("t", [0.5, 1.0, 4.0])
def test_conditional_entropy_by_brute_force(few, t):
    images, _ = few
    k, x = noisy_copies(images, t, seed=3)
    surprise = mean(-dense_log_posterior(images, x, t)[np.arange(SAMPLES), k])
    package = conditional_entropy(points(images), EDM(), t)
    assert within_five_errors(package, surprise)
    assert surprise.error < 0.05


@pytest.mark.parametrize("t", [0.6, 1.0, 2.0])
def test_rate_of_the_class_entropy_is_the_variance_between_classes(few, t):
    images, label = few
    k, x = noisy_copies(images, t, seed=4)
    w = diffuse(points(images), EDM(), t).weights(x)
    P = np.array([w[:, label == c].sum(axis=1) for c in range(10)]).T
    means = np.array([w[:, label == c] @ images[label == c] for c in range(10)]) / P.T[:, :, None]
    between = (P.T * ((means - w @ images) ** 2).sum(axis=2)).sum(axis=0) / t**2

    def surprise(s):
        log_w = dense_log_posterior(images, images[k] + s / t * (x - images[k]), s)
        return -np.log((np.exp(log_w) * (label == label[k][:, None])).sum(axis=1))

    step = 0.01
    slope = (surprise(t * np.exp(step)) - surprise(t * np.exp(-step))) / (2 * step)
    assert within_five_errors(mean(between), mean(slope))
    assert mean(slope).error < 0.2 * mean(slope).value
