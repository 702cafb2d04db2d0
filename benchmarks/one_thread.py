"""One thread for everything: import this before NumPy, JAX or PyTorch.

OpenBLAS chooses its kernels by the processor: a choice set from outside (OPENBLAS_CORETYPE) is dropped.
"""

import os
import sys

if "numpy" in sys.modules:
    raise ImportError("benchmarks.one_thread must be imported before NumPy, which reads its settings once")

os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ |= {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
