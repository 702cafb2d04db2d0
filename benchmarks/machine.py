"""What the figures were measured on."""

import datetime
import os
import platform
from importlib import metadata
from pathlib import Path

from threadpoolctl import threadpool_info

#: Packages whose versions are stated.
PACKAGES = ("infodyn", "numpy", "scipy", "scikit-learn", "jax", "jaxlib", "torch", "dask", "distributed")


def description():
    """Return what is to be known about the machine, a name and a value each."""
    blas = [
        f"{pool['internal_api']} {pool['version']}, kernels {pool.get('architecture', 'unknown')}, "
        f"{pool['num_threads']} thread"
        for pool in threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    ]
    return {
        "Date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "Processor": processor(),
        "Cores": os.cpu_count(),
        "System": f"{platform.system()} {platform.machine()}",
        "BLAS of NumPy": "; ".join(blas),
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def processor():
    """Return the model of the processor, with its numbers where the system tells them."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor()
    lines = (line.partition(":") for line in path.read_text().splitlines())
    told = {name.strip(): value.strip() for name, _, value in lines}
    numbers = ", ".join(f"{name} {told[name]}" for name in ("cpu family", "model", "cpu MHz") if name in told)
    return f"{told.get('model name', platform.machine())} ({numbers})"
