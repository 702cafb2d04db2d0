"""Twenty Questions: trees of yes/no questions, their entropies in bits, masking, the lazy oracle."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import fsum, gcd, isfinite, lcm, log2
from numbers import Rational, Real

import numpy as np

from infodyn._validate import count, generator


def entropy_bits(probabilities):
    r"""Shannon's entropy :math:`-\sum_i p_i \log_2 p_i`, in bits.

    Parameters
    ----------
    probabilities : iterable of float or Fraction
        Non-negative numbers of sum 1.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        When an entry is not a probability, or the sum is not 1.

    Examples
    --------
    >>> entropy_bits([1 / 2, 1 / 4, 1 / 4])
    1.5
    """
    return _bits(map(float, _exact(probabilities)))


def binary_entropy(p):
    r"""Entropy of a yes/no answer, :math:`h_b(p) = -p \log_2 p - (1 - p) \log_2 (1 - p)`, in bits.

    Parameters
    ----------
    p : float or Fraction
        The probability of "yes".

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        When `p` is not a number between 0 and 1.

    Examples
    --------
    >>> binary_entropy(1 / 2), binary_entropy(0)
    (1.0, 0.0)
    """
    return entropy_bits([p, 1 - p])


@dataclass(frozen=True, repr=False)
class QuestionTree:
    r"""Yes/no questions about a secret :math:`x^*` in a finite set :math:`\Omega`.

    A tree is the table of its answers. Two elements whose answers agree so far are asked the same next
    question; that question may depend on the answers, and a game may end before the others.
    Elements with one string of answers stay undistinguished.

    Parameters
    ----------
    elements : iterable of hashable
        The set :math:`\Omega`, of size n.
    answers : iterable of str
        For each element its answers, ``+`` for yes and ``-`` for no, in the order of asking.
    prior : iterable of float or Fraction, optional
        :math:`P(x^* = \omega)`, of sum 1; uniform when absent. Kept as exact fractions.

    Raises
    ------
    TypeError
        When an element cannot be hashed, a string of answers is not a ``str``, or a probability is not real.
    ValueError
        When the set is empty or repeats an element, the lengths differ, an answer is neither ``+`` nor ``-``,
        a game both ends and goes on after the same answers, or the prior is not a probability.

    Notes
    -----
    With m the length of the longest game, the *state* :math:`s_j` of equation (3) is a string of m slots
    whose last j answers are masked by ``?``. Slots that are never asked stay ``?``.

    References
    ----------
    Stancevic and Ambrogioni (2026), Section 2, equations (1)-(4).

    Examples
    --------
    >>> tree = QuestionTree(["cat", "dog", "eel"], ["+", "-+", "--"])
    >>> tree
    QuestionTree(3 elements, at most 2 questions, 1.585 bits to find, 0 left over)
    >>> tree.survivors("-")
    ('dog', 'eel')
    """

    elements: tuple
    answers: tuple[str, ...]
    prior: tuple[Fraction, ...] = None

    def __post_init__(self):
        elements, answers = _distinct(self.elements), tuple(self.answers)
        _check_answers(answers, len(elements))
        object.__setattr__(self, "elements", elements)
        object.__setattr__(self, "answers", answers)
        object.__setattr__(self, "prior", _prior(self.prior, len(elements)))

    def __repr__(self):
        first, last = self.entropies()[[0, -1]]
        return (
            f"QuestionTree({len(self.elements)} elements, at most {self.depth} questions, "
            f"{first:.4g} bits to find, {last:.4g} left over)"
        )

    @classmethod
    def from_questions(cls, elements, questions, prior=None):
        """Ask a fixed list of questions, all of them whatever the answers.

        Parameters
        ----------
        elements : iterable of hashable
            The set.
        questions : iterable of callable
            Each takes an element and answers True or False.
        prior : iterable of float or Fraction, optional
            Uniform when absent.

        Returns
        -------
        QuestionTree

        Raises
        ------
        TypeError
            When a question does not answer True or False for some element.

        Examples
        --------
        >>> QuestionTree.from_questions(range(4), [lambda x: x >= 2, lambda x: x % 2 == 1]).answers
        ('--', '-+', '+-', '++')
        """
        elements, questions = _distinct(elements), tuple(questions)
        return cls(elements, ["".join(_sign(question, e) for question in questions) for e in elements], prior)

    @classmethod
    def from_strategy(cls, elements, ask, prior=None):
        """Ask adaptively: each question depends on who is still possible, down to single elements.

        Parameters
        ----------
        elements : iterable of hashable
            The set.
        ask : callable
            Takes the tuple of survivors (two or more) and returns those for whom the answer is yes.
        prior : iterable of float or Fraction, optional
            Uniform when absent.

        Returns
        -------
        QuestionTree

        Raises
        ------
        ValueError
            When a question does not split the survivors in two.

        Examples
        --------
        >>> QuestionTree.from_strategy("abc", lambda survivors: survivors[:1]).answers
        ('+', '-+', '--')
        """
        elements = _distinct(elements)
        answers = dict.fromkeys(elements, "")
        groups = [elements]
        while groups:
            survivors = groups.pop()
            if len(survivors) == 1:
                continue
            yes = set(ask(survivors))
            if not (yes and yes < set(survivors)):
                raise ValueError(
                    f"the strategy answered {sorted(yes, key=repr)!r} for the survivors {survivors!r}; "
                    "return some of the survivors, neither none nor all of them"
                )
            for e in survivors:
                answers[e] += "+" if e in yes else "-"
            groups += [tuple(e for e in survivors if e in yes), tuple(e for e in survivors if e not in yes)]
        return cls(elements, answers.values(), prior)

    @classmethod
    def balanced(cls, m):
        r"""Play the perfect game: each of m questions halves the :math:`2^m` numbers left.

        Parameters
        ----------
        m : int
            The number of questions; question j asks for the j-th binary digit.

        Returns
        -------
        QuestionTree

        Raises
        ------
        ValueError
            When `m` is not a whole number >= 0.

        Examples
        --------
        >>> QuestionTree.balanced(3).rates()
        array([1., 1., 1.])
        """
        if not isinstance(m, (int, np.integer)) or m < 0:
            raise ValueError(
                f"balanced needs a whole number of questions >= 0, got {m!r}; pass an int such as 3"
            )
        strings = [""]
        for _ in range(m):
            strings = [s + sign for s in strings for sign in "-+"]
        return cls(range(2**m), strings)

    @classmethod
    def huffman(cls, elements, prior):
        r"""Ask the least expected number of questions, between :math:`H` and :math:`H + 1`.

        Parameters
        ----------
        elements : iterable of hashable
            The set.
        prior : iterable of float or Fraction
            :math:`P(x^* = \omega)`.

        Returns
        -------
        QuestionTree

        References
        ----------
        Huffman (1952).

        Examples
        --------
        >>> QuestionTree.huffman("abc", [0.5, 0.25, 0.25]).expected_questions()
        1.5
        """
        elements = _distinct(elements)
        prior = _prior(prior, len(elements))
        answers = [""] * len(elements)
        heap = [(p, i, [i]) for i, p in enumerate(prior)]
        heapq.heapify(heap)
        for order in range(len(elements), 2 * len(elements) - 1):
            (p, _, rarer), (q, _, other) = heapq.heappop(heap), heapq.heappop(heap)
            for sign, group in (("-", rarer), ("+", other)):
                for i in group:
                    answers[i] = sign + answers[i]
            heapq.heappush(heap, (p + q, order, rarer + other))
        return cls(elements, answers, prior)

    @cached_property
    def depth(self):
        """The number m of questions of the longest game."""
        return max(map(len, self.answers))

    @cached_property
    def weights(self):
        """The prior in smallest whole numbers, one an element; all 1 when it is uniform."""
        scale = lcm(*{p.denominator for p in self.prior})
        whole = [p.numerator * (scale // p.denominator) for p in self.prior]
        common = gcd(*set(whole))
        return tuple(w // common for w in whole)

    @cached_property
    def masses(self):
        """For j = 0, ..., m the weight of the survivors of each possible history of j answers.

        With a uniform prior ``masses[j][history]`` is the count :math:`N_j`. A game that is over keeps its
        history.
        """
        last = defaultdict(int)
        for history, weight in zip(self.answers, self.weights, strict=True):
            if weight:
                last[history] += weight
        levels = [dict(last)]
        for j in range(self.depth - 1, -1, -1):
            shorter = defaultdict(int)
            for history, mass in levels[-1].items():
                shorter[history[:j]] += mass
            levels.append(dict(shorter))
        return tuple(levels[::-1])

    def survivors(self, history):
        """List the elements compatible with the answers in `history` (masks at its end are ignored)."""
        history = _history(history)
        return tuple(e for e, a in zip(self.elements, self.answers, strict=True) if a.startswith(history))

    def posterior(self, history):
        r"""Bayes: :math:`P(x^* = \omega \mid a_{1:j})` of each survivor, exactly.

        Parameters
        ----------
        history : str
            The answers so far; masks at its end are ignored.

        Returns
        -------
        dict
            Survivor to Fraction.

        Raises
        ------
        ValueError
            When no game of positive probability begins with these answers.

        Examples
        --------
        >>> QuestionTree("abc", ["+", "-+", "--"], [0.5, 0.375, 0.125]).posterior("-")
        {'b': Fraction(3, 4), 'c': Fraction(1, 4)}
        """
        history = _history(history)
        table = zip(self.elements, self.answers, self.weights, strict=True)
        weights = {e: w for e, a, w in table if a.startswith(history)}
        if not (total := sum(weights.values())):
            raise ValueError(f"no element of positive probability answers {history!r}; see tree.answers")
        return {e: Fraction(w, total) for e, w in weights.items()}

    def entropies(self):
        r"""Equation (1): :math:`H(x^* \mid a_{1:j})` for j = 0, ..., m, in bits.

        With a uniform prior it is :math:`E \log_2 N_j`, the mean over the games. With weights w it is
        :math:`E \log_2 M_j - E \log_2 w(x^*)`, with :math:`M_j` the weight of the survivors.

        Returns
        -------
        ndarray, shape (m + 1,)

        Examples
        --------
        >>> QuestionTree("abcd", ["+", "-+", "--+", "---"]).entropies().round(4)
        array([2.    , 1.1887, 0.5   , 0.    ])
        """
        of_weights = self._mean_log2(self.weights)
        return np.array([self._mean_log2(level.values()) - of_weights for level in self.masses])

    def pathwise_entropies(self):
        r"""Follow the uncertainty along each game, :math:`H(p(\cdot \mid a_{1:j}))`, in bits.

        With a uniform prior it is :math:`\log_2 N_j`. The mean over the prior is :meth:`entropies`.

        Returns
        -------
        ndarray, shape (n, m + 1)
            One row an element, as if it were the secret; NaN once its answers have probability 0.

        Examples
        --------
        >>> QuestionTree("abc", ["+", "-+", "--"]).pathwise_entropies().round(3)
        array([[1.585, 0.   , 0.   ],
               [1.585, 1.   , 0.   ],
               [1.585, 1.   , 0.   ]])
        """
        bits = {a: entropy_bits(self.posterior(a).values()) for level in self.masses for a in level}
        return np.array([[bits.get(a[:j], np.nan) for j in range(self.depth + 1)] for a in self.answers])

    def rates(self, route="split"):
        r"""Equation (2): the bits gained by question j = 1, ..., m on average.

        Parameters
        ----------
        route : {"split", "difference"}
            ``"split"``: :math:`E\, h_b(N_j^+ / N_{j-1})`, the mean entropy of the answer at each history;
            ``"difference"``: :math:`H_{j-1} - H_j`.

        Returns
        -------
        ndarray, shape (m,)
            Between 0 and 1; a game that is over counts as 0.

        Raises
        ------
        ValueError
            When the route is unknown.

        Examples
        --------
        >>> QuestionTree("abcd", ["+", "-+", "--+", "---"]).rates().round(4)
        array([0.8113, 0.6887, 0.5   ])
        """
        if route == "difference":
            return -np.diff(self.entropies())
        if route != "split":
            raise ValueError(f"unknown route {route!r}; choose 'split' or 'difference'")
        return np.array([self._answer_entropy(before, after) for before, after in pairwise(self.masses)])

    def expected_questions(self):
        """Return the mean number of questions until a game is over, under the prior."""
        return float(sum(p * len(answers) for p, answers in zip(self.prior, self.answers, strict=True)))

    def masked(self, j):
        """Equation (3): the state :math:`s_j` of each element, its last j slots masked.

        Parameters
        ----------
        j : int
            The number of masked slots, 0 to m.

        Returns
        -------
        tuple of str
            One state of m slots an element.

        Raises
        ------
        ValueError
            When `j` is not between 0 and m.

        Examples
        --------
        >>> QuestionTree.balanced(2).masked(1)
        ('-?', '-?', '+?', '+?')
        """
        if not isinstance(j, (int, np.integer)) or not 0 <= j <= self.depth:
            raise ValueError(
                f"cannot mask {j!r} slots of {self.depth}; pass a whole number from 0 to {self.depth}"
            )
        return tuple(answers[: self.depth - j].ljust(self.depth, "?") for answers in self.answers)

    def masked_entropies(self):
        r""":math:`H(x^* \mid s_j)` for j = 0, ..., m masked slots, in bits.

        The state :math:`s_j` tells what the answers :math:`a_{1:m-j}` tell.
        """
        return self.entropies()[::-1]

    def reverse_kernel(self, state):
        r"""Equation (4): the law of :math:`s_{j-1}` given :math:`s_j`, exactly.

        The first masked slot becomes ``+`` or ``-`` with probability :math:`N^\pm / (N^+ + N^-)`,
        in general the share of the prior's weight. A game that is over stays as it is.

        Parameters
        ----------
        state : str
            m slots: answers, then masks.

        Returns
        -------
        dict
            State to Fraction, of sum 1.

        Raises
        ------
        ValueError
            When the state has not m slots or is never reached.

        Examples
        --------
        >>> QuestionTree("abc", ["+", "-+", "--"]).reverse_kernel("??")
        {'+?': Fraction(1, 3), '-?': Fraction(2, 3)}
        """
        history = _history(state)
        j, m = len(history), self.depth
        if len(state) != m or history not in self.masses[j]:
            raise ValueError(f"state {state!r} is never reached; a state has {m} slots, see tree.masked(j)")
        mass = self.masses[j][history]
        after = self.masses[j + 1] if j < m else {}
        signs = {
            (history + a).ljust(m, "?"): Fraction(after[history + a], mass)
            for a in "+-"
            if history + a in after
        }
        return signs or {state: Fraction(1)}

    def lazy_law(self):
        """Return the law of the game when a lazy oracle answers by (4), exactly: :math:`s_0` to Fraction."""
        law = {"?" * self.depth: Fraction(1)}
        for _ in range(self.depth):
            law = {s: p * q for state, p in law.items() for s, q in self.reverse_kernel(state).items()}
        return law

    def lazy_oracle(self, rng, size):
        """Play games in which no secret was chosen: each answer is drawn from (4).

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        size : int
            The number of games.

        Returns
        -------
        ndarray of str, shape (size,)
            The final state :math:`s_0` of each game, which holds its whole history.

        Raises
        ------
        TypeError, ValueError
            When `rng` is not a Generator, or `size` not a whole number >= 1.

        Examples
        --------
        >>> QuestionTree.balanced(2).lazy_oracle(np.random.default_rng(0), 3).shape
        (3,)
        """
        rng, size = generator(rng), count("size", size)
        states = np.full(size, "?" * self.depth)
        for _ in range(self.depth):
            for state in np.unique(states):
                here = states == state
                following, chances = zip(*self.reverse_kernel(str(state)).items(), strict=True)
                states[here] = rng.choice(following, here.sum(), p=[float(p) for p in chances])
        return states

    def honest_oracle(self, rng, size):
        """Play games whose secret is drawn first, from the prior; otherwise as :meth:`lazy_oracle`."""
        rng, size = generator(rng), count("size", size)
        secrets = rng.choice(len(self.elements), size, p=[float(p) for p in self.prior])
        return np.array(self.masked(0))[secrets]

    def _answer_entropy(self, before, after):
        """Average the entropy of the answer over the histories before it."""
        total = sum(self.weights)
        shares = {
            a: (after.get(a + "+", 0) / mass, after.get(a + "-", 0) / mass) for a, mass in before.items()
        }
        return fsum(mass / total * _bits(shares[a]) for a, mass in before.items())

    def _mean_log2(self, masses):
        total = sum(self.weights)
        return fsum(mass / total * log2(mass) for mass in masses if mass)


def _bits(probabilities):
    return -fsum(p * log2(p) for p in probabilities if p > 0) or 0.0


def _distinct(elements):
    elements = tuple(elements)
    if not elements:
        raise ValueError("got an empty set of elements; pass at least one")
    seen = set()
    for e in elements:
        try:
            repeated = e in seen
        except TypeError as error:
            raise TypeError(f"element {e!r} cannot be hashed; use a str, number or tuple") from error
        if repeated:
            raise ValueError(
                f"element {e!r} comes twice; name each element once and add up its probabilities"
            )
        seen.add(e)
    return elements


def _check_answers(answers, n):
    if len(answers) != n:
        raise ValueError(
            f"got {len(answers)} strings of answers for {n} elements; pass one string an element"
        )
    for string in answers:
        if not isinstance(string, str):
            raise TypeError(f"answers {string!r} are not a str; write them as '+' and '-', such as '+-+'")
        if string.strip("+-"):
            raise ValueError(
                f"answers {string!r} hold something else than '+' and '-'; write yes as '+' and no as '-'"
            )
    # In sorted order a string that begins others stands right before one of them.
    for shorter, longer in pairwise(sorted(set(answers))):
        if longer.startswith(shorter):
            raise ValueError(
                f"after the answers {shorter!r} one game ends and another goes on ({longer!r}); "
                "ask every element with the same answers the same next question"
            )


def _sign(question, element):
    answer = question(element)
    if not isinstance(answer, (bool, np.bool_)):
        raise TypeError(
            f"a question answered {answer!r} for {element!r}; it must answer True or False for each element"
        )
    return "+" if answer else "-"


def _history(state):
    if not isinstance(state, str):
        raise TypeError(f"got the answers {state!r}; pass a str such as '+-' or '+-??'")
    history = state.rstrip("?")
    if history.strip("+-"):
        raise ValueError(f"got the answers {state!r}; expected '+' and '-', then masks '?'")
    return history


def _prior(prior, n):
    if prior is None:
        return (Fraction(1, n),) * n
    prior = _exact(prior)
    if len(prior) != n:
        raise ValueError(f"got {len(prior)} probabilities for {n} elements; pass one probability an element")
    return prior


def _exact(probabilities):
    """Probabilities as fractions of sum exactly 1; floats are taken at their exact binary value."""
    exact = []
    for p in probabilities:
        if not isinstance(p, Real):
            raise TypeError(f"probability {p!r} is not a real number; pass floats or Fractions")
        if not isfinite(p) or p < 0:
            raise ValueError(f"got the probability {p!r}; each must be finite and >= 0")
        exact.append(
            Fraction(int(p.numerator), int(p.denominator)) if isinstance(p, Rational) else Fraction(float(p))
        )
    total = sum(exact)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"the probabilities sum to {float(total):.12g}, not 1; divide by its sum")
    return tuple(p / total for p in exact)
