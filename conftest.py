"""What every test runs under, those in the notebooks and docstrings included."""

import os

import matplotlib as mpl
from hypothesis import settings

os.environ["TQDM_DISABLE"] = "1"  # progress bars stay out of the notebooks' outputs
mpl.use("agg")
# Two chapters' tests must not fail by chance, nor because the machine is busy.
settings.register_profile("infodyn", derandomize=True, deadline=None, database=None)
settings.load_profile("infodyn")
