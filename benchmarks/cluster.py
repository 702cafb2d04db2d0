"""A data set that Dask holds in blocks, on two workers, beside one process that holds it whole."""

from time import process_time

import numpy as np

from benchmarks.measure import Contestant, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, diffuse, points

NUMBER, DIM, BLOCK, QUERIES, ROUNDS = 1_000_000, 64, 62_500, 200, 3
#: A time at which all points matter.
TIME = 3.0


def block(number, shape):
    """One block of the data."""
    return np.random.default_rng(number).standard_normal(shape)


def with_dask(y, x, t):
    """The score as it is written down for arrays of Dask."""
    import dask.array as da

    logits = (da.dot(x, y.T) - (y * y).sum(axis=1) / 2) / t**2
    odds = da.exp(logits - logits.max(axis=1, keepdims=True))
    return ((da.dot(odds, y) / odds.sum(axis=1, keepdims=True) - x) / t**2).compute()


def run():
    """Measure the CPU time of all processes together."""
    import dask.array as da
    from dask import delayed
    from distributed import Client, LocalCluster, wait

    numbers, shape = range(NUMBER // BLOCK), (BLOCK, DIM)
    law = points(np.concatenate([block(number, shape) for number in numbers]))
    x = diffuse(law, EDM(), TIME).sample(QUERIES, np.random.default_rng(1))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as here,
        Client(here) as client,
    ):
        parts = [da.from_delayed(delayed(block)(number, shape), shape, float) for number in numbers]
        blocks = da.concatenate(parts).persist()
        wait(blocks)

        def all_processes():
            return process_time() + sum(client.run(process_time).values())

        times = race(
            "cluster",
            {
                "one process": Contestant(lambda: diffuse(law, EDM(), TIME).score(x)),
                "two workers": Contestant(lambda: diffuse(points(blocks), EDM(), TIME).score(x)),
                "dask.array": Contestant(lambda: with_dask(blocks, x, TIME)),
            },
            ROUNDS,
            all_processes,
        )
    one, two, peer = times.values()
    return Findings(
        {
            "cluster/time": Measured(two.cpu / one.cpu, {"dask.array": peer.cpu / one.cpu}),
            "cluster/error": Measured(two.differs, {"dask.array": peer.differs}),
        },
        {"cluster": times},
    )
