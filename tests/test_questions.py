"""Twenty Questions: closed forms, exact joint tables against the formulas, properties, bad input."""

from collections import Counter
from fractions import Fraction
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infodyn.questions import QuestionTree, binary_entropy, entropy_bits

EXACT = 1e-12


@st.composite
def priors(draw, n, uniform=None):
    """A uniform prior, or exact fractions with zeros allowed, or floats."""
    if draw(st.booleans()) if uniform is None else uniform:
        return None
    weights = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n).filter(any))
    fractions = [Fraction(w, sum(weights)) for w in weights]
    return [float(p) for p in fractions] if draw(st.booleans()) else fractions


@st.composite
def trees(draw, uniform=None):
    """An adaptive tree down to single elements, or a fixed list of questions that may leave entropy over."""
    n = draw(st.integers(1, 8))
    prior = draw(priors(n, uniform))
    if draw(st.booleans()):
        return QuestionTree.from_strategy(
            range(n), lambda left: left[: draw(st.integers(1, len(left) - 1))], prior
        )
    questions = [
        draw(st.lists(st.booleans(), min_size=n, max_size=n)).__getitem__
        for _ in range(draw(st.integers(0, 4)))
    ]
    return QuestionTree.from_questions(range(n), questions, prior)


def joint_table(tree, observe):
    """P(x* = element, what is observed of its answers), built from the prior alone."""
    table = Counter()
    for element, answers, p in zip(tree.elements, tree.answers, tree.prior, strict=True):
        table[element, observe(answers)] += p
    return table


def conditional_entropy(table):
    """H(first | second) of a joint table, from the definition."""
    second = Counter()
    for (_, seen), p in table.items():
        second[seen] += p
    return -sum(float(p) * log2(p / second[seen]) for (_, seen), p in table.items() if p)


def joint_entropies(tree):
    return np.array(
        [conditional_entropy(joint_table(tree, lambda a, j=j: a[:j])) for j in range(tree.depth + 1)]
    )


UNEVEN = QuestionTree("abcdefg", ["++", "+-+", "+--", "-+", "--+", "---+", "----"])
LOADED = QuestionTree(UNEVEN.elements, UNEVEN.answers, [0.4, 0.3, 0.1, 0.1, 0.05, 0.04, 0.01])


# Closed forms


@pytest.mark.parametrize("m", range(7))
def test_balanced_game_is_worth_one_bit_a_question(m):
    tree = QuestionTree.balanced(m)
    assert len(tree.elements) == 2**m
    np.testing.assert_array_equal(tree.entropies(), np.arange(m, -1, -1))
    np.testing.assert_array_equal(tree.rates(), np.ones(m))
    np.testing.assert_array_equal(tree.rates("difference"), np.ones(m))
    assert tree.expected_questions() == m


@pytest.mark.parametrize("n", [2, 3, 8, 33])
def test_asking_one_by_one(n):
    """After j refusals, of probability (n - j)/n, there are n - j left."""
    tree = QuestionTree.from_strategy(range(n), lambda left: left[:1])
    left = n - np.arange(n)
    np.testing.assert_allclose(tree.entropies(), left / n * np.log2(left), rtol=EXACT, atol=EXACT)
    expected = [(k / n) * (-(1 / k) * log2(1 / k) - (1 - 1 / k) * log2(1 - 1 / k)) for k in left[:-1]]
    np.testing.assert_allclose(tree.rates(), expected, rtol=EXACT)
    assert tree.expected_questions() == pytest.approx((n + 1) / 2 - 1 / n, rel=EXACT)


def test_binary_entropy_and_entropy_bits():
    assert binary_entropy(Fraction(1, 2)) == 1
    assert binary_entropy(0) == binary_entropy(1) == 0
    assert binary_entropy(1 / 4) == pytest.approx(2 - 3 / 4 * log2(3), rel=EXACT)
    assert entropy_bits([Fraction(1, 8)] * 8) == 3
    assert entropy_bits([1.0]) == 0
    np.testing.assert_allclose(
        entropy_bits([comb(4, k) / 16 for k in range(5)]), 4 - (8 * 2 + 6 * log2(6)) / 16, rtol=EXACT
    )


def test_weights_are_counts_for_a_uniform_prior():
    assert UNEVEN.weights == (1,) * 7
    assert UNEVEN.masses[2] == {"++": 1, "+-": 2, "-+": 1, "--": 3}
    assert [len(UNEVEN.survivors(a)) for a in UNEVEN.masses[2]] == [1, 2, 1, 3]


def test_float_and_exact_priors_agree():
    exact = QuestionTree("abc", ["+", "-+", "--"], [Fraction(1, 3)] * 3)
    floats = QuestionTree("abc", ["+", "-+", "--"], [1 / 3] * 3)
    assert exact == floats == QuestionTree("abc", ["+", "-+", "--"])
    assert QuestionTree("ab", ["+", "-"], np.array([0.25, 0.75])).weights == (1, 3)
    assert QuestionTree("ab", ["+", "-"], np.array([0, 1])).weights == (0, 1)


def test_plus_is_yes_and_answers_come_in_the_order_of_asking():
    questions = [lambda x: x >= 4, lambda x: x % 2 == 1]
    assert QuestionTree.from_questions([1, 4, 7], questions).answers == ("-+", "+-", "++")
    assert QuestionTree.from_strategy("abc", lambda left: left[:1]).answers == ("+", "-+", "--")
    assert QuestionTree.balanced(2).answers == ("--", "-+", "+-", "++")
    assert QuestionTree.huffman("abc", [0.2, 0.6, 0.2]).answers[1] == "+"


def test_elements_and_priors_are_kept_as_given():
    tree = QuestionTree(iter("ab"), iter(["+", "-"]), iter([Fraction(1, 10), Fraction(9, 10)]))
    assert (tree.elements, tree.answers) == (("a", "b"), ("+", "-"))
    assert tree.prior == (Fraction(1, 10), Fraction(9, 10))
    loaded = [Fraction(1, 7), Fraction(2, 7), Fraction(4, 7)]
    assert QuestionTree.from_questions("abc", [lambda e: e == "a"], loaded).prior == tuple(loaded)
    assert QuestionTree.from_strategy("abc", lambda left: left[:1], loaded).prior == tuple(loaded)


@given(st.data(), st.integers(1, 9))
def test_a_strategy_goes_on_down_to_single_elements(data, n):
    tree = QuestionTree.from_strategy(range(n), lambda left: left[: data.draw(st.integers(1, len(left) - 1))])
    assert len(set(tree.answers)) == n
    assert tree.entropies()[-1] == 0


def test_one_element_needs_no_question():
    tree = QuestionTree.from_strategy(["only"], lambda left: left)
    assert tree.answers == ("",)
    assert tree.depth == 0
    assert tree.entropies().tolist() == [0]
    assert tree.rates().shape == (0,)
    assert tree.lazy_law() == {"": 1}


def test_leftover_entropy_is_shown():
    tree = QuestionTree.from_questions(range(6), [lambda x: x < 3])
    assert tree.entropies()[-1] == pytest.approx(log2(3), rel=EXACT)
    assert repr(tree) == "QuestionTree(6 elements, at most 1 questions, 2.585 bits to find, 1.585 left over)"
    both = QuestionTree.from_questions(range(6), [lambda x: x < 3, lambda x: x % 3 == 0])
    assert repr(both) == "QuestionTree(6 elements, at most 2 questions, 2.585 bits to find, 0.6667 left over)"


# (1) and (2): the formulas against the exact joint table


@given(trees(uniform=True))
def test_1_mean_log2_of_the_count(tree):
    n = len(tree.elements)
    mean = [sum(log2(len(tree.survivors(a[:j]))) for a in tree.answers) / n for j in range(tree.depth + 1)]
    np.testing.assert_allclose(tree.entropies(), mean, atol=EXACT)


@given(trees())
def test_1_joint_table(tree):
    np.testing.assert_allclose(tree.entropies(), joint_entropies(tree), atol=EXACT)


@given(trees())
def test_1_mean_of_the_pathwise_entropies(tree):
    p = np.array(tree.prior, float)
    paths = tree.pathwise_entropies()
    assert np.isfinite(paths[p > 0]).all()
    np.testing.assert_allclose(tree.entropies(), p[p > 0] @ paths[p > 0], atol=EXACT)


def test_1_fails_for_a_loaded_prior():
    """E log2 N_j is not the conditional entropy when the secret is not uniform."""
    counts = np.array(
        [[len(LOADED.survivors(a[:j])) for j in range(LOADED.depth + 1)] for a in LOADED.answers]
    )
    naive = np.array(LOADED.prior, float) @ np.log2(counts)
    assert np.all(naive[:3] - LOADED.entropies()[:3] > 0.01)


@given(trees())
def test_2_two_routes(tree):
    np.testing.assert_allclose(tree.rates("split"), tree.rates("difference"), atol=EXACT)
    np.testing.assert_allclose(tree.rates(), -np.diff(joint_entropies(tree)), atol=EXACT)


@given(trees())
def test_2_rates_are_between_zero_and_one_bit(tree):
    assert np.all(tree.rates() >= 0)
    assert np.all(tree.rates() <= 1 + EXACT)


@given(trees())
def test_2_rates_add_up_to_what_was_found(tree):
    total = entropy_bits(tree.prior) - tree.entropies()[-1]
    assert tree.rates().sum() == pytest.approx(total, abs=EXACT)


@given(trees())
def test_2_rate_is_the_conditional_entropy_of_the_answer(tree):
    """Chain rule: H(x*) = sum_j H(a_j | a_{<j}) + H(x* | all)."""
    for j, rate in enumerate(tree.rates(), start=1):
        pairs = Counter()
        for a, p in zip(tree.answers, tree.prior, strict=True):
            pairs[a[j - 1 : j], a[: j - 1]] += p
        assert rate == pytest.approx(conditional_entropy(pairs), abs=EXACT)


def test_2_one_bit_only_when_every_history_is_balanced():
    """Half of all elements say yes to the second question, yet each history splits 3 to 1."""
    lopsided = QuestionTree(range(8), ["++", "++", "++", "+-", "-+", "--", "--", "--"])
    assert sum(a[1] == "+" for a in lopsided.answers) == 4
    assert lopsided.rates()[0] == 1
    assert lopsided.rates()[1] == pytest.approx(binary_entropy(Fraction(1, 4)), rel=EXACT)


@given(trees(), st.randoms())
def test_order_of_the_elements_does_not_matter(tree, random):
    order = list(range(len(tree.elements)))
    random.shuffle(order)
    shuffled = QuestionTree(
        *([column[i] for i in order] for column in (tree.elements, tree.answers, tree.prior))
    )
    np.testing.assert_array_equal(shuffled.entropies(), tree.entropies())
    np.testing.assert_allclose(shuffled.rates(), tree.rates(), rtol=EXACT)
    assert shuffled.lazy_law() == tree.lazy_law()


@given(trees())
def test_renaming_yes_and_no_does_not_matter(tree):
    swap = str.maketrans("+-", "-+")
    renamed = QuestionTree(tree.elements, [a.translate(swap) for a in tree.answers], tree.prior)
    np.testing.assert_allclose(renamed.rates(), tree.rates(), atol=EXACT)


@given(trees(uniform=True))
def test_pathwise_uncertainty_never_rises_for_a_uniform_secret(tree):
    assert np.all(np.diff(tree.pathwise_entropies(), axis=1) <= EXACT)


def test_pathwise_uncertainty_can_rise_for_a_loaded_prior():
    tree = QuestionTree("abc", ["+", "-+", "--"], [Fraction(98, 100), Fraction(1, 100), Fraction(1, 100)])
    before, after = tree.pathwise_entropies()[1, :2]
    assert before < 0.17
    assert after == 1
    assert tree.entropies()[1] < tree.entropies()[0]


# (3): masking


@given(trees())
def test_3_masking_is_monotone(tree):
    assert np.all(np.diff(tree.masked_entropies()) >= -EXACT)
    assert tree.masked_entropies()[-1] == pytest.approx(entropy_bits(tree.prior), abs=EXACT)


@given(trees())
def test_3_joint_table_of_the_masked_states(tree):
    for j, entropy in enumerate(tree.masked_entropies()):
        state = dict(zip(tree.answers, tree.masked(j), strict=True))
        assert entropy == pytest.approx(conditional_entropy(joint_table(tree, state.get)), abs=EXACT)


@given(trees())
def test_3_marginal_and_conditional_entropy_share_the_prior(tree):
    """s_j is a function of the secret, so H(s_j) = H(x*) - H(x*|s_j) falls as masks are added."""
    for j, entropy in enumerate(tree.masked_entropies()):
        law = Counter()
        for state, p in zip(tree.masked(j), tree.prior, strict=True):
            law[state] += p
        assert entropy_bits(law.values()) + entropy == pytest.approx(entropy_bits(tree.prior), abs=EXACT)


@given(trees())
def test_3_masks_of_masks(tree):
    """s_{j+1} is a function of s_j alone: hide slot m - j and keep the rest."""
    m = tree.depth
    assert [s.rstrip("?") for s in tree.masked(0)] == list(tree.answers)
    for j in range(m):
        hidden = [s[: m - j - 1] + "?" * (j + 1) for s in tree.masked(j)]
        assert hidden == list(tree.masked(j + 1))
    assert set(tree.masked(m)) == {"?" * m}


# (4): the lazy oracle


@given(trees())
def test_4_kernel_is_bayes_reverse_of_masking(tree):
    """P(s_{j-1}, s_j) / P(s_j) from the joint law of two successive states, in exact fractions."""
    for j in range(1, tree.depth + 1):
        pairs, single = Counter(), Counter()
        for before, after, p in zip(tree.masked(j - 1), tree.masked(j), tree.prior, strict=True):
            pairs[before, after] += p
            single[after] += p
        for state in single:
            bayes = {b: p / single[state] for (b, a), p in pairs.items() if a == state and p}
            if bayes:
                assert tree.reverse_kernel(state) == bayes


@given(trees())
def test_4_law_of_the_lazy_oracle_is_the_prior(tree):
    honest = Counter()
    for state, p in zip(tree.masked(0), tree.prior, strict=True):
        honest[state] += p
    assert tree.lazy_law() == {state: p for state, p in honest.items() if p}


def test_4_uniform_kernel_counts_survivors():
    assert UNEVEN.reverse_kernel("????") == {"+???": Fraction(3, 7), "-???": Fraction(4, 7)}
    assert UNEVEN.reverse_kernel("-???") == {"-+??": Fraction(1, 4), "--??": Fraction(3, 4)}
    assert UNEVEN.reverse_kernel("++??") == {"++??": 1}
    assert UNEVEN.reverse_kernel("---+") == {"---+": 1}


def test_4_loaded_kernel_weighs_survivors():
    kernel = QuestionTree("abc", ["+", "-+", "--"], [0.5, 0.375, 0.125]).reverse_kernel("-?")
    assert kernel == {"-+": Fraction(3, 4), "--": Fraction(1, 4)}


@pytest.mark.parametrize("oracle", ["lazy_oracle", "honest_oracle"])
@pytest.mark.parametrize("tree", [UNEVEN, LOADED], ids=["uniform", "loaded"])
def test_4_sampled_games_within_five_standard_errors(tree, oracle):
    size = 20_000
    games = Counter(getattr(tree, oracle)(np.random.default_rng(4), size).tolist())
    assert set(games) <= set(tree.lazy_law())
    for state, p in tree.lazy_law().items():
        p = float(p)
        assert abs(games[state] / size - p) < 5 * (p * (1 - p) / size) ** 0.5


# Posterior


@given(trees())
def test_posterior_is_the_joint_table_conditioned(tree):
    for history in {
        a[:j] for a, p in zip(tree.answers, tree.prior, strict=True) if p for j in range(len(a) + 1)
    }:
        seen = joint_table(tree, lambda a, history=history: a.startswith(history))
        total = sum(p for (_, begins), p in seen.items() if begins)
        assert tree.posterior(history) == {e: p / total for (e, begins), p in seen.items() if begins}
        assert tree.posterior(history + "??") == tree.posterior(history)
        assert tuple(tree.posterior(history)) == tree.survivors(history)


# Huffman's tree


@given(st.integers(1, 8).flatmap(lambda n: priors(n, uniform=False)))
def test_huffman_is_within_one_question_of_the_entropy(prior):
    tree = QuestionTree.huffman(range(len(prior)), prior)
    assert tree.entropies()[-1] == 0
    excess = tree.expected_questions() - entropy_bits(prior)
    assert excess >= -EXACT
    assert excess < 1 if all(prior) else excess <= 1


@given(trees())
def test_huffman_beats_every_tree_that_identifies_the_secret(tree):
    if len(set(tree.answers)) == len(tree.answers):
        best = QuestionTree.huffman(tree.elements, tree.prior)
        assert best.expected_questions() <= tree.expected_questions() + EXACT


@given(trees())
def test_no_tree_asks_fewer_questions_than_the_bits_it_finds(tree):
    found = entropy_bits(tree.prior) - tree.entropies()[-1]
    assert tree.expected_questions() >= found - EXACT


# Bad input


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], []), ValueError, "empty set of elements"),
        ((["a", "a"], ["+", "-"]), ValueError, "element 'a' comes twice"),
        (([["a"]], [""]), TypeError, "cannot be hashed"),
        ((["a", "b"], ["+"]), ValueError, "1 strings of answers for 2 elements"),
        ((["a", "b"], [True, False]), TypeError, "write them as '\\+' and '-'"),
        ((["a", "b"], ["y", "n"]), ValueError, "something else than"),
        ((["a", "b"], ["X+", "-"]), ValueError, "something else than"),
        ((["a", "b"], ["+", "+-"]), ValueError, "one game ends and another goes on"),
        ((["a", "b"], ["+", "-"], [1]), ValueError, "1 probabilities for 2 elements"),
        ((["a", "b"], ["+", "-"], [2, 2]), ValueError, "sum to 4, not 1; divide by its sum"),
        ((["a", "b"], ["+", "-"], [1.5, -0.5]), ValueError, "probability -0.5; each must be finite and >= 0"),
        ((["a", "b"], ["+", "-"], [float("nan"), 1]), ValueError, "probability nan"),
        ((["a", "b"], ["+", "-"], [float("inf"), 1]), ValueError, "probability inf"),
        ((["a", "b"], ["+", "-"], ["1/2", "1/2"]), TypeError, "not a real number"),
        ((["a", "b"], ["+", "-"], [0.5, 0.5 + 1e-6]), ValueError, "divide by its sum"),
    ],
)
def test_bad_trees(arguments, error, message):
    with pytest.raises(error, match=message):
        QuestionTree(*arguments)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: QuestionTree.from_questions("ab", [{"a": True}.get]), TypeError, "answered None for 'b'"),
        (lambda: QuestionTree.from_questions("ab", [lambda e: 1]), TypeError, "must answer True or False"),
        (lambda: QuestionTree.from_strategy("ab", lambda left: ()), ValueError, "neither none nor all"),
        (
            lambda: QuestionTree.from_strategy("ab", lambda left: left),
            ValueError,
            r"survivors \('a', 'b'\); ret",
        ),
        (lambda: QuestionTree.from_strategy("ab", lambda left: "z"), ValueError, "some of the survivors"),
        (lambda: QuestionTree.huffman("ab", [0.2, 0.2]), ValueError, "divide by its sum"),
        (lambda: QuestionTree.huffman([], []), ValueError, "empty set"),
        (lambda: QuestionTree.balanced(-1), ValueError, "whole number of questions"),
        (lambda: QuestionTree.balanced(1.5), ValueError, "whole number of questions"),
        (lambda: UNEVEN.rates("guess"), ValueError, "choose 'split' or 'difference'"),
        (lambda: UNEVEN.masked(5), ValueError, "whole number from 0 to 4"),
        (lambda: UNEVEN.masked(1.0), ValueError, "whole number from 0 to 4"),
        (lambda: UNEVEN.posterior("+++"), ValueError, "no element of positive probability"),
        (lambda: UNEVEN.posterior("?+"), ValueError, "then masks"),
        (lambda: UNEVEN.posterior("X+"), ValueError, "then masks"),
        (lambda: UNEVEN.posterior("+X"), ValueError, "then masks"),
        (lambda: UNEVEN.survivors(3), TypeError, "pass a str"),
        (lambda: UNEVEN.reverse_kernel("+"), ValueError, "a state has 4 slots"),
        (lambda: UNEVEN.reverse_kernel("+++?"), ValueError, "never reached"),
        (lambda: UNEVEN.lazy_oracle(0, 5), TypeError, "rng must be a numpy.random.Generator"),
        (
            lambda: UNEVEN.honest_oracle(np.random.default_rng(0), 0),
            ValueError,
            "^size must be a whole number",
        ),
        (lambda: UNEVEN.lazy_oracle(np.random.default_rng(0), 0), ValueError, "^size must be a whole number"),
        (lambda: binary_entropy(1.1), ValueError, "finite and >= 0"),
        (lambda: entropy_bits([]), ValueError, "sum to 0"),
    ],
)
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
