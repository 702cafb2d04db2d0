"""Score, Jacobian and divergence of a mixture of eight Gaussians with full covariances."""

import numpy as np

from benchmarks.measure import Contestant, bare, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, GaussianMixture, diffuse

NUMBER, DIM, QUERIES, ROUNDS, TIME = 8, 64, 10_000, 5, 0.7
#: Queries of automatic differentiation, whose time is scaled.
PART, FEW = 500, 25


def data(number=NUMBER, dim=DIM):
    """A mixture whose components overlap."""
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((number, dim, dim)) / np.sqrt(dim)
    covariances = factors @ factors.swapaxes(1, 2) + 0.1 * np.eye(dim)
    return GaussianMixture(np.full(number, 1 / number), rng.normal(0, 0.2, (number, dim)), covariances)


def derivatives(law, x, t=TIME):
    """What is measured."""
    diffused = diffuse(law, EDM(), t)
    return diffused.score(x), diffused.jacobian(x), diffused.divergence(x)


def products(number, dim, queries):
    """The matrix products: precisions by residuals, the mean precision, and the spread of the scores."""
    return [(number, queries, dim, dim), (queries, number, dim * dim), (queries, dim, number, dim)]


def factors_of(law, t=TIME):
    """What a user of automatic differentiation prepares: means, whitening matrices, log weights."""
    whiten = np.linalg.inv(np.linalg.cholesky(law.covariances + t**2 * np.eye(law.dim)))
    logs = np.log(law.weights) + np.log(np.einsum("kdd->kd", whiten)).sum(axis=1)
    return law.means, whiten, logs


def with_jax(law):
    """JAX's Hessian of the log density, its gradient beside it, and the closed form, all compiled."""
    import jax
    import jax.numpy as jnp

    means, whiten, logs = map(jnp.asarray, factors_of(law))
    precisions = jnp.einsum("kij,kil->kjl", whiten, whiten)

    def log_density(x):
        return jax.nn.logsumexp(logs - jnp.sum(jnp.einsum("kij,kj->ki", whiten, x - means) ** 2, axis=1) / 2)

    @jax.jit
    def differentiated(x):
        jacobian = jax.vmap(jax.hessian(log_density))(x)
        return jax.vmap(jax.grad(log_density))(x), jacobian, jnp.trace(jacobian, axis1=1, axis2=2)

    @jax.jit
    def closed(x):
        scores = jnp.einsum("kij,kmj->mki", precisions, means[:, None] - x)
        joint = logs + jnp.einsum("mki,kmi->mk", scores, x - means[:, None]) / 2
        w = jax.nn.softmax(joint, axis=1)
        score = jnp.einsum("mk,mki->mi", w, scores)
        gaps = scores - score[:, None]
        jacobian = jnp.einsum("mki,mkj->mij", w[:, :, None] * gaps, gaps)
        jacobian -= (w @ precisions.reshape(len(w[0]), -1)).reshape(jacobian.shape)
        return score, jacobian, jnp.trace(jacobian, axis1=1, axis2=2)

    return {"JAX Hessian": jax_waits(differentiated), "JAX closed form": jax_waits(closed)}


def jax_waits(function):
    """Wait for all results, and leave them where they are."""
    return lambda x: tuple(result.block_until_ready() for result in function(x))


def with_torch(law):
    """The Hessian of torch.func."""
    import torch

    torch.set_num_threads(1)
    means, whiten, logs = map(torch.tensor, factors_of(law))

    def log_density(x):
        z = torch.einsum("kij,kj->ki", whiten, x - means)
        return torch.logsumexp(logs - (z**2).sum(1) / 2, dim=0)

    gradient = torch.func.vmap(torch.func.grad(log_density))
    hessian = torch.func.vmap(torch.func.hessian(log_density))

    def differentiated(x):
        x = torch.from_numpy(x)
        jacobian = hessian(x)
        return gradient(x).numpy(), jacobian.numpy(), torch.einsum("mii->m", jacobian).numpy()

    return differentiated


def run():
    """Measure; automatic differentiation runs on fewer points."""
    law = data()
    x = diffuse(law, EDM(), TIME).sample(QUERIES, np.random.default_rng(1))
    jax, torch = with_jax(law), with_torch(law)
    contestants = {
        "infodyn": Contestant(lambda: derivatives(law, x)),
        "JAX closed form": Contestant(lambda: jax["JAX closed form"](x)),
        "JAX Hessian": Contestant(lambda: jax["JAX Hessian"](x[:PART]), PART / QUERIES),
        "torch.func Hessian": Contestant(lambda: torch(x[:FEW]), FEW / QUERIES),
        "limit": Contestant(bare(products(NUMBER, DIM, QUERIES), (QUERIES, NUMBER))),
    }
    times = race("mixture", contestants, ROUNDS, steady=True)
    seconds = {name: its.cpu for name, its in times.items()}
    ours, limit = seconds.pop("infodyn"), seconds.pop("limit")
    scaled = (
        f"JAX's Hessian on {PART}, torch.func's on {FEW} of the points, scaled; each time the second of two "
        "runs, whose results of 328 MB find their memory there"
    )
    return Findings(
        {
            "mixture/limit": Measured(ours / limit, {k: v / limit for k, v in seconds.items()}, scaled),
            "mixture/hessian": Measured(
                seconds.pop("JAX Hessian") / ours, {k: v / ours for k, v in seconds.items()}, scaled
            ),
        },
        {"mixture": times},
    )
