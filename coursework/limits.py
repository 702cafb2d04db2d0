"""What one submission may use."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission; every one of them is enforced from outside the student's code.

    Parameters
    ----------
    cell_seconds : float
        Time for one cell, or for one call of a student's function by a test.
    total_seconds : float
        Time for the whole submission, and its processor time.
    memory : int
        Bytes that all its processes may hold together.
    output : int
        Bytes of output that are kept of one cell.
    message : int
        Bytes of one reply; a process that sends more is ended.
    disk : int
        Bytes that it may write.
    processes : int
        Processes and threads at one time.
    submission : int
        Bytes of a notebook that is read at all.
    """

    cell_seconds: float = 60.0
    total_seconds: float = 600.0
    memory: int = 2048 * MEGABYTE
    output: int = MEGABYTE // 4
    message: int = 16 * MEGABYTE
    disk: int = 64 * MEGABYTE
    processes: int = 64
    submission: int = 20 * MEGABYTE
