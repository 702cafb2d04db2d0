"""How fast the package is, beside its peers and the machine's limits: ``python -m benchmarks [task ...]``.

Every ratio is taken within one run, in interleaved rounds on one thread. All tasks together write
``results.json``, which the book shows; some of them only print.
"""

from benchmarks import one_thread  # noqa: F401  isort: skip

import argparse
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

from benchmarks import machine, picture, report, results

TASKS = ("digits", "clusters", "mixtures", "profiles", "embedded", "paths", "cluster", "growth")
PICTURE = Path(__file__).resolve().parent.parent / "_build" / "benchmarks" / "work_precision.svg"


def main():
    """Run the tasks asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure infodyn beside its peers."
    )
    parser.add_argument("tasks", nargs="*", help=f"some of {', '.join(TASKS)}; all by default")
    asked = parser.parse_args().tasks
    if unknown := set(asked) - set(TASKS):
        parser.error(f"there is no task {', '.join(unknown)}; the tasks are {', '.join(TASKS)}")
    findings = []
    with tqdm(asked or TASKS, desc="benchmarks", unit="task") as bar:
        for name in bar:
            bar.set_postfix_str(name)
            findings.append(import_module(f"benchmarks.{name}").run())
    found = {"machine": machine.description()} | results.together(findings)
    print(report.text(found))
    if not asked:
        results.write(found)
        picture.draw(found, PICTURE)
        print(f"\nWritten: {results.PATH}, {PICTURE}")


if __name__ == "__main__":
    main()
