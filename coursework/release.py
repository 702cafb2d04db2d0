"""Write the student version: a zip of the assignments without solutions, and of the package that they use."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from coursework.course import SOURCE, Course, assignments

ROOT = Path(__file__).resolve().parent.parent
STAMP = (2026, 1, 1, 0, 0, 0)


def release(folder, source=SOURCE):
    """Write `infodyn-coursework.zip`.

    Parameters
    ----------
    folder : path
        Where it goes.
    source : path, optional
        The assignments.

    Returns
    -------
    pathlib.Path
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "infodyn-coursework.zip"
    with tempfile.TemporaryDirectory() as place:
        course = Course(place)
        course.release(assignments(source), source)
        wheel = _wheel(Path(place) / "wheel")
        files = {f"infodyn-coursework/{wheel.name}": wheel, "infodyn-coursework/README.md": STUDENTS}
        for path in sorted((course.root / "release").rglob("*")):
            if path.is_file():
                files[f"infodyn-coursework/{path.relative_to(course.root / 'release')}"] = path
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files.items():
                archive.writestr(zipfile.ZipInfo(name, STAMP), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


STUDENTS = Path(__file__).resolve().parent / "STUDENTS.md"


def _wheel(folder):
    """Build the package's wheel from what it holds now."""
    copy = folder / "infodyn-source"
    copy.mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "infodyn", copy / "infodyn", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, copy], check=True)
    return next(folder.glob("*.whl"))
