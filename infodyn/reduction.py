"""One result from many blocks of rows: in turn, or by whatever runs a Dask graph."""

from contextlib import contextmanager

import numpy as np
from tqdm import tqdm

#: Rows of the data that are worked on at once, and the numbers that they may hold.
ROWS, NUMBERS = 1 << 11, 1 << 21
#: Results of blocks that one task of a Dask graph merges.
FAN = 16


def blocks_of_rows(number, dim):
    """Slices of a table (number, dim) that are worked on at once."""
    rows = max(1, min(ROWS, NUMBERS // dim))
    return [slice(start, min(start + rows, number)) for start in range(0, number, rows)]


def summary(rows, weights, first, summarise, merge, shared):
    """Summarise rows, small parts of them at a time; None where they have no weight.

    Parameters
    ----------
    rows : array_like, shape (B, D)
        Rows of the data, of any real type.
    weights : float or ndarray, shape (B,)
        Their weights, or the weight of each.
    first : int
        The number of the first row.
    summarise : callable
        Takes rows (b, D) of floats, their positive weights (b,), and ``shared``; returns a result.
    merge : callable
        Takes two results and ``shared``; returns one.
    shared : object
        What both work with.
    """
    weights = np.broadcast_to(weights, len(rows))
    parts = (_part(rows, weights, first, b, summarise, shared) for b in blocks_of_rows(*rows.shape))
    return merged(parts, merge, shared)


def _part(rows, weights, first, part, summarise, shared):
    found, weights = np.asarray(rows[part], dtype=float), weights[part]
    if not np.isfinite(found).all():
        row = first + part.start + int(np.argmin(np.isfinite(found).all(axis=1)))
        raise ValueError(f"locations must be finite, but row {row} is not; remove or replace it")
    present = weights > 0
    if not present.all():
        found, weights = found[present], weights[present]
    return summarise(found, weights, shared) if len(weights) else None


def merged(results, merge, shared):
    """Merge results, of which None is one without weight."""
    total = None
    for result in results:
        if total is None or result is None:
            total = result if total is None else total
        else:
            total = merge(total, result, shared)
    return total


def in_turn(pieces, summarise, merge, shared, what):
    """Merge the summaries of pieces (rows, weights, first), one after the other."""

    def results():
        for piece in pieces:
            yield summary(*piece, summarise, merge, shared)
            step()

    with _progress(what, len(pieces)) as step:
        return merged(results(), merge, shared)


def by_dask(pieces, summarise, merge, shared, what):
    """Merge the summaries of pieces (delayed rows, weights, first) as a tree, with the scheduler in force.

    A distributed client computes again what a worker that dies takes with it.
    """
    import dask
    from dask.base import get_scheduler

    shared = dask.delayed(shared, traverse=False)
    leaves = [dask.delayed(summary)(*piece, summarise, merge, shared) for piece in pieces]
    tree = leaves
    while len(tree) > 1:
        groups = [tree[start : start + FAN] for start in range(0, len(tree), FAN)]
        tree = [dask.delayed(merged)(group, merge, shared) for group in groups]
    client = getattr(get_scheduler(), "__self__", None)  # the scheduler of a client is its method
    with _progress(what, len(leaves)) as step:
        if client is None:
            return _locally(tree[0], {leaf.key for leaf in leaves}, step)
        return _on_cluster(client, tree[0], leaves, step)


def _locally(total, keys, step):
    from dask.callbacks import Callback

    def done(key, *_):
        if key in keys:
            step()

    with Callback(posttask=done):
        return total.compute()


def _on_cluster(client, total, leaves, step):
    from distributed import as_completed

    *leaves, total = client.compute([*leaves, total])
    finished = as_completed(leaves)
    del leaves  # so that workers forget a leaf when it has been merged
    try:
        for leaf in finished:
            step()
            if leaf.status == "error":
                break
        return total.result()
    finally:
        finished.clear()
        total.release()


@contextmanager
def _progress(what, number):
    """Show how many blocks are done; say it when the work is interrupted."""
    done = 0
    with tqdm(total=number, desc=what, unit="block", delay=1.0, leave=False) as bar:

        def step():
            nonlocal done
            done += 1
            bar.update()

        try:
            yield step
        except KeyboardInterrupt:
            message = f"{what}: interrupted after {done} of {number} blocks of the data"
            raise KeyboardInterrupt(message) from None
