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


def test_time_runs_from_noise_to_data_and_stability_is_filled():
    figure = plots.bifurcation_diagram({"a": (T, [THREE, ONE, ONE])}, critical={"a": [0.7]})
    (axes,) = figure.axes
    assert axes.get_xlim() == (2.0, 0.5)
    stable, unstable = axes.lines[:2]
    np.testing.assert_array_equal(stable.get_data(), [[0.5, 0.5], [-1, 1]])
    np.testing.assert_array_equal(unstable.get_data(), [[0.5], [0]])
    assert unstable.get_markerfacecolor() == "white" != stable.get_markerfacecolor()
    assert axes.lines[-1].get_xdata()[0] == 0.7


def test_densities_are_scaled_to_their_top():
    density = np.array([[1.0, 2.0, 1.0], [4.0, 1.0, 1.0]])
    figure = plots.bifurcation_diagram({"a": (T, [ONE] * 3)}, {"a": (T, np.array([0.0, 1.0]), density)})
    mesh = figure.axes[0].collections[0]
    np.testing.assert_array_equal(np.ravel(mesh.get_array()), [0.25, 1, 1, 1, 0.5, 1])


def test_the_line_meets_the_tanh_where_the_dots_are():
    found = Magnetisations(np.array([-0.5, 0.0, 0.5]), np.array([True, False, True]))
    figure = plots.magnet({"x": (0.5, 0.1, found)}, (T, T / 4), {"path": (T, T / 10)})
    left, right = figure.axes
    mu, values = drawn(left)["x"]
    np.testing.assert_allclose(values, np.tanh((mu + 0.1) / 0.5))
    dots = left.lines[2:]
    assert [line.get_xdata()[0] for line in dots] == [-0.5, 0, 0.5]
    assert [line.get_markerfacecolor() == "white" for line in dots] == [False, True, False]
    np.testing.assert_array_equal(drawn(right)["path"], [T, T / 10])
    assert right.get_xlim() == (2.0, 0.0)


def test_energies_carry_their_minima():
    (axes,) = plots.energies(T, {"a": T**2}, {"a": ([1.0], [1.0])}).axes
    np.testing.assert_array_equal(drawn(axes)["a"], [T, T**2])
    np.testing.assert_array_equal(axes.lines[1].get_data(), [[1], [1]])


def test_the_triangles_modes_stand_on_its_contours():
    found = FixedPoints(np.array([[0.0, 0.0], [1.0, 0.5]]), np.zeros((2, 2)), np.array([True, False]))
    side = np.linspace(-1, 1, 9)
    field = -np.add.outer(side**2, side**2)
    figure = plots.modes_of_a_triangle({0.7: field}, (-1, 1, -1, 1), {0.7: found}, (T, [3, 4, 1], (0.6, 0.9)))
    contours, count = figure.axes
    np.testing.assert_array_equal(drawn(contours)["stable"].ravel(), [0, 0])
    np.testing.assert_array_equal(drawn(contours)["unstable"].ravel(), [1, 0.5])
    assert contours.get_title() == "$t = 0.7$"
    np.testing.assert_array_equal(count.lines[0].get_data(), [T, [3, 4, 1]])
    assert count.get_xlim() == (2.0, 0.5)


def test_a_tree_has_a_joint_for_each_merger():
    linkage = np.array([[0.0, 1.0, 0.5, 2.0], [2.0, 3.0, 1.5, 3.0]])
    (axes,) = plots.decision_trees({"a": linkage}, {"a": list("xyz")}).axes
    tops = {path.vertices[:, 1].max() for lines in axes.collections for path in lines.get_paths()}
    assert tops == {0.5, 1.5}
    assert sorted(label.get_text() for label in axes.get_xticklabels()) == list("xyz")


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
