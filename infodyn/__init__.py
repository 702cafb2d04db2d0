"""The exact information dynamics of generative diffusion."""

from infodyn import checks
from infodyn.branches import critical_time
from infodyn.checks import check
from infodyn.curieweiss import Magnetisations, curie_weiss, spinodal_field
from infodyn.diffused import Diffused, diffuse
from infodyn.distributions import DataLaw, GaussianMixture, Sphere, points
from infodyn.dynamics import (
    lyapunov_exponents,
    probability_flow,
    sample_reverse,
    score_of,
    stretching_rates,
)
from infodyn.estimates import Estimate
from infodyn.fixedpoints import FixedPoints, fixed_points
from infodyn.geometry import effective_dimension, fisher_matrix, fisher_spectrum
from infodyn.information import (
    conditional_entropy,
    entropy_rate,
    expected_divergence,
    expected_score_norm,
    marginal_entropy_rate,
    mmse,
)
from infodyn.mergetree import MergeTree, merge_tree
from infodyn.pathwise import (
    class_entropy_variance,
    effective_snr,
    entropy_variance,
    pathwise_entropy,
    speciation_time,
    variance_profile,
)
from infodyn.processes import EDM, VE, VP, Process
from infodyn.profile import EntropyProfile, entropy_profile
from infodyn.questions import QuestionTree, binary_entropy, entropy_bits
from infodyn.streams import StreamedPoints

__all__ = [
    "EDM",
    "VE",
    "VP",
    "DataLaw",
    "Diffused",
    "EntropyProfile",
    "Estimate",
    "FixedPoints",
    "GaussianMixture",
    "Magnetisations",
    "MergeTree",
    "Process",
    "QuestionTree",
    "Sphere",
    "StreamedPoints",
    "binary_entropy",
    "check",
    "checks",
    "class_entropy_variance",
    "conditional_entropy",
    "critical_time",
    "curie_weiss",
    "diffuse",
    "effective_dimension",
    "effective_snr",
    "entropy_bits",
    "entropy_profile",
    "entropy_rate",
    "entropy_variance",
    "expected_divergence",
    "expected_score_norm",
    "fisher_matrix",
    "fisher_spectrum",
    "fixed_points",
    "lyapunov_exponents",
    "marginal_entropy_rate",
    "merge_tree",
    "mmse",
    "pathwise_entropy",
    "points",
    "probability_flow",
    "sample_reverse",
    "score_of",
    "speciation_time",
    "spinodal_field",
    "stretching_rates",
    "variance_profile",
]
