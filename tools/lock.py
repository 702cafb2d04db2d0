"""Renew requirements.lock: resolve the extras in a fresh environment and write down what came."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "book,coursework,dev,scale"
HEADER = f"# Exact versions of infodyn[{EXTRAS}] with all they need. Written by `make lock`.\n"


def main():
    """Write requirements.lock."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "bin", "python")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--upgrade", "setuptools", f"{ROOT}[{EXTRAS}]"], check=True)
        frozen = subprocess.run([*pip, "freeze", "--all"], check=True, capture_output=True, text=True).stdout
    exact = [line for line in frozen.splitlines() if not line.startswith(("pip==", "infodyn "))]
    (ROOT / "requirements.lock").write_text(HEADER + "\n".join(exact) + "\n")


if __name__ == "__main__":
    main()
