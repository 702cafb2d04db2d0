"""The figures of the chapter on phase transitions show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import EDM, FixedPoints, Magnetisations, merge_tree, plots, points


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([0.5, 1.0, 2.0])
THREE = FixedPoints(
    np.array([[-1.0], [0.0], [1.0]]), np.array([[-2.0], [1.0], [-2.0]]), np.array([1, 0, 1]) > 0
)
ONE = FixedPoints(np.array([[0.0]]), np.array([[-1.0]]), np.array([True]))


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


SHADE = T, np.array([0.0, 1.0]), np.array([[1.0, 2.0, 1.0], [4.0, 1.0, 1.0]])


def test_time_runs_from_noise_to_data_and_stability_is_filled():
    figure = plots.bifurcation_diagram({"a": (T, [THREE, ONE, ONE])}, {"a": SHADE}, {"a": [0.7]})
    (axes,) = figure.axes
    assert axes.get_xlim() == (2.0, 0.5)
    stable, unstable, critical = axes.lines
    np.testing.assert_array_equal(stable.get_data(), [[0.5, 0.5, 1, 2], [-1, 1, 0, 0]])
    np.testing.assert_array_equal(unstable.get_data(), [[0.5], [0]])
    assert unstable.get_markerfacecolor() == "white" != stable.get_markerfacecolor()
    assert critical.get_xdata()[0] == 0.7


def test_densities_are_scaled_to_their_top():
    figure = plots.bifurcation_diagram({"a": (T, [ONE] * 3)}, {"a": SHADE}, {"a": []})
    mesh = figure.axes[0].collections[0]
    np.testing.assert_array_equal(np.ravel(mesh.get_array()), [0.25, 1, 1, 1, 0.5, 1])


def test_rates_stand_below_the_fixed_points_in_units_of_their_peak():
    rates = {"one": (T, np.array([1.0, 4.0, 2.0])), "two": (T, np.array([1.0, 4.0, 5.0]))}
    top, bottom = plots.fork_and_rate(T, [THREE, THREE, ONE], 0.8, rates).axes
    stable, unstable, critical = top.lines
    np.testing.assert_array_equal(stable.get_data(), [[0.5, 0.5, 1, 1, 2], [-1, 1, -1, 1, 0]])
    np.testing.assert_array_equal(unstable.get_data(), [[0.5], [0]])  # one time in three
    np.testing.assert_array_equal(drawn(bottom)["one"], [T, [0.25, 1, 0.5]])
    np.testing.assert_array_equal(drawn(bottom)["two"], [T, [0.2, 0.8, 1]])
    first, second = bottom.lines[1], bottom.lines[3]
    assert [float(line.get_xdata()[0]) for line in (first, second)] == [1.0, 2.0]
    assert first.get_marker() != second.get_marker()
    assert top.get_xlim() == bottom.get_xlim() == (1.6, 0.1)
    assert critical.get_xdata()[0] == bottom.lines[-1].get_xdata()[0] == 0.8


@pytest.mark.parametrize(
    ("temperature", "field", "solutions"), [(1.2, 0.3, [0.7]), (0.5, 0.1, [-0.5, 0.0, 0.5])]
)
def test_the_line_meets_the_tanh_where_the_dots_are(temperature, field, solutions):
    stable = np.abs(solutions) > 0.2
    found = Magnetisations(np.array(solutions), stable)
    figure = plots.magnet(temperature, field, found, (T, T / 4), {"path": (T, T / 10)})
    left, right = figure.axes
    mu, values = drawn(left)["tanh"]
    np.testing.assert_allclose(values, np.tanh((mu + field) / temperature))
    line, dots = left.lines[0], left.lines[2:]
    assert (line.get_xy1(), line.get_slope()) == ((0, 0), 1)
    assert [dot.get_data() for dot in dots] == [([x], [x]) for x in solutions]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == list(~stable)
    np.testing.assert_array_equal(drawn(right)["path"], [T, T / 10])
    assert right.lines[-1].get_data() == ([temperature], [field])
    assert right.get_xlim() == (2.0, 0.0)


def test_energies_carry_their_minima():
    (axes,) = plots.energies(T, {"a": T**2}, {"a": ([1.0], [1.0])}).axes
    np.testing.assert_array_equal(drawn(axes)["a"], [T, T**2])
    np.testing.assert_array_equal(axes.lines[1].get_data(), [[1], [1]])


@pytest.mark.parametrize("t", [0.5, 0.7, 0.9])
def test_the_triangles_modes_stand_on_its_contours_and_on_its_energy(t):
    places = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.5]])
    found = FixedPoints(places, np.zeros((3, 2)), np.array([True, False, True]))
    side = np.linspace(-1, 1, 9)
    profile = side, side**2
    plane = -np.add.outer(side**2, side**2)
    counts = T, [3, 4, 1], (0.6, 0.9)
    figure = plots.modes_of_a_triangle(t, plane, (-1, 1, -1, 1), found, profile, counts)
    contours, energy, count = figure.axes
    np.testing.assert_array_equal(drawn(contours)["stable"], [[0, 1], [0, 0.5]])
    np.testing.assert_array_equal(drawn(contours)["unstable"], [[0.5], [0]])
    np.testing.assert_array_equal(energy.lines[0].get_data(), profile)
    np.testing.assert_array_equal(drawn(energy)["stable"], [[0], [0]])
    np.testing.assert_array_equal(drawn(energy)["unstable"], [[0.5], [0.25]])
    reached = t <= T
    np.testing.assert_array_equal(drawn(count)["stable"], [T[reached], np.array([3, 4, 1])[reached]])
    np.testing.assert_array_equal(np.ravel(count.lines[-1].get_data()), [t, 2])
    (window,) = count.patches
    assert (window.get_x(), window.get_width()) == pytest.approx((max(0.6, t), 0.9 - max(0.6, t)), abs=1e-12)
    assert count.xaxis_inverted()


def test_a_tree_has_a_joint_for_each_merger():
    linkage = np.array([[0.0, 1.0, 0.5, 2.0], [2.0, 3.0, 1.5, 3.0]])
    (axes,) = plots.decision_trees({"a": linkage}, {"a": list("xyz")}).axes
    tops = {path.vertices[:, 1].max() for lines in axes.collections for path in lines.get_paths()}
    assert tops == {0.5, 1.5}
    assert sorted(label.get_text() for label in axes.get_xticklabels()) == list("xyz")


@pytest.mark.parametrize("t", [0.3, 0.5, 2.0])
def test_each_point_is_tied_to_its_mode_and_the_tree_is_cut(t):
    linkage = np.array([[0.0, 1.0, 0.5, 2.0], [2.0, 3.0, 1.5, 3.0]])
    data = points([[0.0, 0.0], [1.0, 0.0], [3.0, 1.0]], [0.25, 0.5, 0.25])
    modes = np.array([[0.6, 0.1], [0.6, 0.1], [2.9, 1.0]])
    plane = T, np.array([0.0, 1.0]), np.array([[0.0, 1.0, 2.0], [1.0, 2.0, 9.0]])
    left, right = plots.merging(t, linkage, list("xyz"), data, plane, modes).axes
    assert left.lines[-1].get_ydata()[0] == t
    tops = {path.vertices[:, 1].max() for lines in left.collections for path in lines.get_paths()}
    assert tops == {0.5, 1.5}
    ties, squares, shared = right.lines[:6:2], right.lines[1:6:2], right.lines[6]
    for tie, square, place, mode in zip(ties, squares, data.means, modes, strict=True):
        np.testing.assert_array_equal(tie.get_data(), np.transpose([place, mode]))
        np.testing.assert_array_equal(np.ravel(square.get_data()), place)
    assert [square.get_markersize() ** 2 for square in squares] == pytest.approx([100, 200, 100])
    np.testing.assert_array_equal(shared.get_data(), [[0.6, 2.9], [0.1, 1.0]])
    assert [text.get_text() for text in right.texts] == list("xyz")


def test_the_order_parameter_is_drawn_with_its_limit():
    (axes,) = plots.order_parameter(T, {"$D = 3$": T / 4}, T / 5).axes
    np.testing.assert_array_equal(drawn(axes)["$D = 3$"], [T, T / 4])
    np.testing.assert_array_equal(drawn(axes)[r"$D\to\infty$"], [T, T / 5])
    assert axes.get_xlim() == (2.0, 0.5)


def test_the_divergence_is_the_sum_of_the_scaled_eigenvalues():
    eigenvalues = np.array([[1.0, -1.0], [0.5, -1.0], [-0.2, -0.1]])
    (axes,) = plots.divergence_and_spectrum({"a": (T, eigenvalues)}, {"a": 0.8}).axes
    lines = drawn(axes)
    np.testing.assert_allclose(lines[r"eigenvalues, $t^2\lambda_i$"][1], T**2 * eigenvalues[:, 0])
    np.testing.assert_allclose(lines[r"divergence, $t^2\,\nabla\cdot s$"][1], T**2 * eigenvalues.sum(axis=1))
    assert axes.lines[-1].get_xdata()[0] == 0.8


def test_shells_have_the_radius_of_the_noise():
    line = merge_tree(points([[-1.0], [1.0]]), EDM(), T)
    plane = merge_tree(points([[-1.0, 0.0], [1.0, 0.0]]), EDM(), T)
    left, right = plots.typical_shells(line, plane, np.zeros((4, 2)), (2.0, 0.5)).axes
    np.testing.assert_array_equal(left.lines[0].get_data(), [T, line.path(0)[:, 0]])
    circles = right.patches
    np.testing.assert_allclose([circle.radius for circle in circles], np.sqrt(2) * np.array([2, 0.5, 0.5]))
    np.testing.assert_allclose(circles[1].center, plane.path(0)[0])
