"""Data that are read in blocks: the same numbers as in memory, whoever does the work and whatever happens."""

import os
import signal
import subprocess
import sys
import time
from functools import reduce
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster

import infodyn
from infodyn import EDM, VP, StreamedPoints, diffuse, points, reduction
from infodyn.parts import Queries, merge_parts, part_of

METHODS = [
    "logpdf",
    "score",
    "jacobian",
    "divergence",
    "posterior_mean",
    "posterior_cov",
    "posterior_variance",
    "class_entropy",
    "posterior_entropy",
]


@pytest.fixture
def mapped(tmp_path):
    """Return a function that writes an array to disk and maps it."""

    def write(array):
        np.save(tmp_path / "rows.npy", array)
        return np.load(tmp_path / "rows.npy", mmap_mode="r")

    return write


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(reduction, "ROWS", 37)


def cloud(number=300, dim=4, seed=0):
    return np.random.default_rng(seed).standard_normal((number, dim))


def assert_alike(found, expected, rtol=1e-12):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * np.abs(expected).max())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
@pytest.mark.parametrize("t", [0.05, 0.5, 5.0])
@pytest.mark.usefixtures("small_blocks")
def test_the_same_as_in_memory(mapped, method, process, t):
    rows, rng = cloud(), np.random.default_rng(1)
    weights = rng.dirichlet(np.full(len(rows), 0.3)) * (np.arange(len(rows)) // 37 != 2)  # one block has none
    weights /= weights.sum()
    known = diffuse(points(rows, weights), process, t)
    streamed = diffuse(points(mapped(rows), weights), process, t)
    x = np.concatenate([known.sample(20, rng), 3 * rng.standard_normal((4, 4))]).reshape(2, 12, 4)
    assert_alike(getattr(streamed, method)(x), getattr(known, method)(x))


@pytest.mark.usefixtures("small_blocks")
def test_small_variances_and_entropies_keep_their_digits(mapped):
    known, streamed = (diffuse(law, EDM(), 0.1) for law in (points(cloud()), points(mapped(cloud()))))
    x = known.sample(50, np.random.default_rng(1))
    variance = known.posterior_variance(x)
    counts = variance > 1e-20  # below that, points in memory are not told apart either
    assert variance[counts].min() < 1e-12 < variance.max()
    np.testing.assert_allclose(streamed.posterior_variance(x)[counts], variance[counts], rtol=1e-11)
    np.testing.assert_allclose(streamed.class_entropy(x)[counts], known.class_entropy(x)[counts], rtol=1e-11)


@pytest.mark.usefixtures("small_blocks")
def test_no_digit_is_lost_far_from_the_origin(mapped):
    rows = np.round(cloud() * 64) / 64  # a shift by 1e8 is then exact
    x = rows[:9] + 0.25
    here = diffuse(points(rows), EDM(), 0.5)
    far = diffuse(points(mapped(rows + 1e8)), EDM(), 0.5)
    for method in ("logpdf", "score", "posterior_variance", "class_entropy"):
        assert_alike(getattr(far, method)(x + 1e8), getattr(here, method)(x))


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_other_types_are_read_as_they_are(mapped, kind):
    rows = (cloud() * 3 + 9).astype(kind)
    x = rows[:5].astype(float) + 0.5
    assert_alike(
        diffuse(points(mapped(rows)), EDM(), 1.0).score(x), diffuse(points(rows), EDM(), 1.0).score(x)
    )


def test_passes_over_many_queries_and_none(mapped, monkeypatch):
    monkeypatch.setattr("infodyn.streamed.PASS", 40)
    known, streamed = (diffuse(law, EDM(), 0.7) for law in (points(cloud()), points(mapped(cloud()))))
    x = known.sample(23, np.random.default_rng(1))
    assert_alike(streamed.posterior_cov(x), known.posterior_cov(x))
    assert streamed.score(np.empty((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("t", [0.05, 0.5, 5.0])
def test_merging_is_commutative_and_associative(t):
    rows, rng = cloud(dim=3), np.random.default_rng(2)
    x = rows[:20] + t * rng.standard_normal((20, 3))
    moments = ("mean", "variance", "cov", "entropy")
    queries = Queries(x, 1.0, t, np.zeros(3), moments)
    parts = [part_of(rows[k::10], np.full(30, 1 / 300), queries) for k in range(10)]

    def merge(a, b):
        return merge_parts(a, b, queries)

    def flat(part):
        return [part.top, part.log_weight, part.rest, *(part.moments[name] for name in moments)]

    for a, b in zip(flat(merge(*parts[:2])), flat(merge(*parts[1::-1])), strict=True):
        np.testing.assert_array_equal(a, b)
    one = flat(reduce(merge, parts))
    for _ in range(20):
        heap = [parts[k] for k in rng.permutation(10)]
        while len(heap) > 1:
            heap.insert(rng.integers(len(heap)), merge(heap.pop(), heap.pop()))
        for a, b in zip(flat(heap[0]), one, strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=2e-15 * max(1, np.abs(b).max()))


def test_mean_and_samples(mapped):
    rows, rng = cloud(), np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(300))
    assert_alike(points(mapped(rows), weights).mean, weights @ rows)
    for law, p in ((points(mapped(rows), weights), weights), (points(mapped(rows)), np.full(300, 1 / 300))):
        drawn = law.sample(30000, rng)
        index = {row.tobytes(): k for k, row in enumerate(rows)}
        counts = np.bincount([index[row.tobytes()] for row in drawn], minlength=300)
        chi_square = np.sum((counts - 30000 * p) ** 2 / (30000 * p))
        assert abs(chi_square - 299) < 6 * np.sqrt(2 * 299)


AVERAGES = {
    "conditional_entropy": {},
    "mmse": {},
    "expected_score_norm": {},
    "expected_divergence": {},
    "marginal_entropy_rate": {},
    "effective_dimension": {},
    "entropy_variance": {},
    "class_entropy_variance": {},
    **{f"entropy_rate {route}": {"route": route} for route in ("posterior", "score", "fisher", "spectrum")},
}


@pytest.mark.parametrize("name", AVERAGES)
def test_averages_agree_with_those_in_memory(mapped, name):
    rows = cloud(number=20, dim=2)
    average = getattr(infodyn, name.split()[0])
    options = {"rng": np.random.default_rng(4), **AVERAGES[name]}
    found = average(points(mapped(rows)), VP(), [0.1, 0.5, 2.0], samples=2000, **options)
    known = average(points(rows), VP(), [0.1, 0.5, 2.0], **options)
    assert np.all(abs(found.value - known.value) <= 5 * np.hypot(found.error, known.error))
    assert np.all(found.error <= 0.1 * abs(known.value).max())


def test_the_mean_spectrum_agrees_with_that_in_memory(mapped):
    rows = cloud(number=20, dim=3) * [2.0, 1.0, 0.1]
    found = infodyn.fisher_spectrum(points(mapped(rows)), VP(), [0.1, 2.0], rng=np.random.default_rng(4))
    known = infodyn.fisher_spectrum(points(rows), VP(), [0.1, 2.0], samples=1 << 14)
    assert found.value.shape == (2, 3)
    assert np.all(abs(found.value - known.value) <= 4 * np.hypot(found.error, known.error))
    assert np.all(found.error <= 0.05)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("weights", [None, np.arange(300) / np.arange(300).sum()], ids=["alike", "weighted"])
def test_the_covariance_is_that_in_memory(mapped, weights):
    rows = np.sort(1e6 + cloud(), axis=0)  # blocks far apart, and far from 0
    law = points(mapped(rows), weights)
    assert_alike(law.covariance, np.cov(rows.T, aweights=weights, ddof=0), 1e-9)
    for process in (EDM(), VP()):
        in_memory = infodyn.speciation_time(points(rows, weights), process)
        assert infodyn.speciation_time(law, process) == pytest.approx(in_memory, rel=1e-9)


@pytest.mark.parametrize("name", ["mmse", "conditional_entropy", "entropy_variance"])
def test_what_no_sample_has_met_is_in_the_error(mapped, name):
    rows = np.array([[-1.0], [1.0]])
    found = getattr(infodyn, name)(points(mapped(rows)), EDM(), 0.25, samples=50)
    known = getattr(infodyn, name)(points(rows), EDM(), 0.25)
    assert found.value < known.value < found.value + found.error < 0.3


def test_paths_end_at_the_data(mapped):
    rows, rng = cloud(number=50, dim=2), np.random.default_rng(5)
    law, times = points(mapped(rows)), np.geomspace(10.0, 0.01, 30)
    x = diffuse(law, EDM(), 10.0).sample(6, rng)
    score = infodyn.score_of(law, EDM())
    flow = infodyn.probability_flow(score, EDM(), x, times)
    assert_alike(flow, infodyn.probability_flow(infodyn.score_of(points(rows), EDM()), EDM(), x, times), 1e-9)
    ends = infodyn.sample_reverse(score, EDM(), x, times, rng)[-1]
    assert np.linalg.norm(ends[:, None] - rows, axis=2).min(axis=1).max() < 0.06


def test_what_is_refused(mapped):
    law = points(mapped(cloud()))
    assert isinstance(law, StreamedPoints)
    with pytest.raises(TypeError, match="300 posterior probabilities are never there at once"):
        diffuse(law, EDM(), 1.0).weights([0.0] * 4)
    with pytest.raises(TypeError, match="needs the diffused law of a mixture or a sphere"):
        infodyn.fixed_points(diffuse(law, EDM(), 1.0))
    with pytest.raises(TypeError, match="with data in memory"):
        infodyn.fixed_points(diffuse(law, EDM(), 1.0))
    with pytest.raises(TypeError, match="critical_time needs points in memory, a mixture or a sphere"):
        infodyn.critical_time(law, EDM())
    with pytest.raises(TypeError, match="merge_tree needs points in memory or a mixture, got StreamedPoints"):
        infodyn.merge_tree(law, EDM(), [1.0, 2.0])
    with pytest.raises(ValueError, match="samples must be >= 2, got 1"):
        infodyn.mmse(law, EDM(), 1.0, samples=1)
    with pytest.raises(ValueError, match="weights must sum to 1"):
        points(mapped(cloud()), np.ones(300))
    with pytest.raises(ValueError, match=r"locations must have shape \(N, D\)"):
        points(mapped(cloud().ravel()))
    with pytest.raises(TypeError, match="locations must be real numbers, got complex128"):
        points(mapped(cloud() * 1j))
    known = da.from_array(cloud())
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        points(known[known[:, 0] > 0])


@pytest.mark.usefixtures("small_blocks")
def test_a_row_that_is_not_finite_is_named(mapped):
    rows = cloud()
    rows[222, 1] = np.inf
    for law in (points(mapped(rows)), points(da.from_array(rows, chunks=(100, 2)))):
        with pytest.raises(ValueError, match="row 222 is not; remove or replace it"):
            diffuse(law, EDM(), 1.0).score(np.zeros(4))


@pytest.fixture
def interrupted(monkeypatch):
    """Interrupt the work at its fifth block."""
    left, summary = iter(range(4)), reduction.summary

    def interrupting(*args):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return summary(*args)

    monkeypatch.setattr(reduction, "summary", interrupting)


@pytest.mark.parametrize("kind", ["map", "dask"])
@pytest.mark.usefixtures("small_blocks", "interrupted")
def test_an_interruption_says_what_was_done(mapped, kind):
    rows = mapped(cloud()) if kind == "map" else da.from_array(cloud(), chunks=(37, 4))
    message = "points 1 to 5 of 5: interrupted after 4 of 9 blocks of the data"
    with dask.config.set(scheduler="synchronous"), pytest.raises(KeyboardInterrupt, match=message):
        diffuse(points(rows), EDM(), 1.0).score(cloud()[:5])


@pytest.mark.usefixtures("small_blocks")
def test_progress_is_shown(mapped, monkeypatch):
    shown = []

    def bar(*args, **options):
        shown.append(tqdm(*args, **options, disable=False, file=open(os.devnull, "w")))  # noqa: SIM115
        return shown[-1]

    tqdm = reduction.tqdm
    monkeypatch.setattr(reduction, "tqdm", bar)
    diffuse(points(mapped(cloud())), EDM(), 1.0).score(cloud()[:5])
    diffuse(points(da.from_array(cloud(), chunks=(100, 4))), EDM(), 1.0).score(cloud()[:5])
    assert [(b.n, b.total) for b in shown] == [(9, 9), (3, 3)]
    for b in shown:
        b.fp.close()


LIMITED = """
import resource, sys
import numpy as np
from infodyn import EDM, diffuse, points
rows = np.memmap(sys.argv[1], dtype=float, mode="r", shape=(10 * (1 << 17), 64))
law = diffuse(points(rows), EDM(), 2.0)
used = int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (used + rows.nbytes // 10, used + rows.nbytes // 10))
if sys.argv[2] == "stream":
    print(law.logpdf(np.zeros((2, 64))).round(6).tolist())
else:
    np.array(rows)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limit on a process's own memory")
def test_memory_is_bounded_by_a_tenth_of_the_data(tmp_path):
    """The file is 640 MiB, and the process may take 64 MiB, of which OpenBLAS takes 32 for itself."""
    np.memmap(tmp_path / "rows", dtype=float, mode="w+", shape=(10 * (1 << 17), 64))  # zeros, no disk
    for what, ends_well in (("load", False), ("stream", True)):
        run = [sys.executable, "-c", LIMITED, tmp_path / "rows", what]
        done = subprocess.run(
            run, capture_output=True, text=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        )
        assert (done.returncode == 0) == ends_well, done.stderr
        assert ends_well or "MemoryError" in done.stderr
    expected = round(-32 * np.log(2 * np.pi * 4), 6)
    assert done.stdout == f"[{expected}, {expected}]\n"


# ---------------------------------------------------------------------- Dask


@pytest.fixture(scope="module")
def cluster():
    """Return the client of a cluster of two worker processes."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


CHUNK = 400


def chunk(number):
    return np.random.default_rng(number).standard_normal((CHUNK, 4))


def deadly_chunk(number, marker):
    """Return a chunk; the first worker that is asked for the fourth one dies."""
    if number == 3 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return chunk(number)


def chunks(make, *args, number=40):
    """Return a Dask array whose chunks a function makes, and the same in memory."""
    parts = [da.from_delayed(dask.delayed(make)(k, *args), (CHUNK, 4), float) for k in range(number)]
    return da.concatenate(parts), np.concatenate([chunk(k) for k in range(number)])


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_dask_without_a_cluster(scheduler):
    rows = cloud()
    known = diffuse(points(rows), EDM(), 0.5)
    streamed = diffuse(points(da.from_array(rows, chunks=(7, 3))), EDM(), 0.5)
    x = known.sample(5, np.random.default_rng(6))
    with dask.config.set(scheduler=scheduler):
        for method in METHODS:
            assert_alike(getattr(streamed, method)(x), getattr(known, method)(x))


def test_a_cluster_does_the_work(cluster):
    lazy, rows = chunks(chunk, number=18)
    weights = np.random.default_rng(7).dirichlet(np.ones(len(rows)))
    known, streamed = (diffuse(points(y, weights), VP(), 0.4) for y in (rows, lazy))
    x = known.sample(100, np.random.default_rng(8))
    for method in ("logpdf", "score", "posterior_cov", "posterior_variance", "class_entropy"):
        assert_alike(getattr(streamed, method)(x), getattr(known, method)(x))
    assert_alike(points(lazy, weights).mean, weights @ rows)
    drawn = points(lazy).sample(10, np.random.default_rng(9))
    assert np.all(np.any(np.all(drawn[:, None] == rows, axis=2), axis=1))


def test_a_worker_that_dies_is_survived(cluster, tmp_path):
    marker, before = tmp_path / "died", set(cluster.run(os.getpid).values())
    lazy, rows = chunks(deadly_chunk, str(marker))
    x = cloud(20, seed=10)
    streamed = diffuse(points(lazy), EDM(), 0.5).score(x)
    assert_alike(streamed, diffuse(points(rows), EDM(), 0.5).score(x))
    assert marker.exists()
    cluster.wait_for_workers(2)
    assert set(cluster.run(os.getpid).values()) != before


def test_an_interrupted_cluster_says_what_was_done_and_stops(cluster, monkeypatch):
    lazy, _ = chunks(chunk)
    law = diffuse(points(lazy), EDM(), 1.0)
    law.data.origin  # noqa: B018

    class Interrupted(reduction.tqdm):
        def update(self, n=1):
            super().update(n)
            counted.append(n)
            if len(counted) == 6:
                raise KeyboardInterrupt

    counted = []
    monkeypatch.setattr(reduction, "tqdm", Interrupted)
    with pytest.raises(KeyboardInterrupt, match="interrupted after 6 of 40 blocks of the data"):
        law.score(cloud(2000))
    for _ in range(100):  # releasing takes a moment
        if not cluster.futures:
            break
        time.sleep(0.1)
    assert not cluster.futures


def test_a_worker_s_error_comes_through(cluster):
    lazy, _ = chunks(chunk)
    broken = da.where(lazy == lazy[12300, 2], np.nan, lazy)
    with pytest.raises(ValueError, match="row 12300 is not; remove or replace it"):
        diffuse(points(broken), EDM(), 1.0).score(np.zeros(4))
