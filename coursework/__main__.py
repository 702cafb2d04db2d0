"""The commands behind `make coursework` and `make grade`."""

import argparse
import sys
from pathlib import Path

from coursework.grade import grade
from coursework.limits import MEGABYTE, Limits
from coursework.load import load
from coursework.release import release


def main():
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m coursework")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("release", help="write the student version as a zip")
    make.add_argument("folder", type=Path)
    mark = commands.add_parser("grade", help="grade a folder of submissions")
    mark.add_argument("submissions", type=Path)
    mark.add_argument("--into", type=Path, help="where the marks go; next to the submissions when absent")
    mark.add_argument("--trusted", action="store_true", help="also where submissions cannot be locked in")
    mark.add_argument("--jobs", type=int, help="how many at the same time")
    standard = Limits()
    mark.add_argument("--cell-seconds", type=float, default=standard.cell_seconds, help="for one cell")
    mark.add_argument("--total-seconds", type=float, default=standard.total_seconds, help="for one notebook")
    mark.add_argument("--megabytes", type=int, default=standard.memory // MEGABYTE, help="for one notebook")
    commands.add_parser("load", help="grade two hundred submissions, state time and memory")
    given = parser.parse_args()
    try:
        if given.command == "release":
            print(f"\nFor the students: {release(given.folder)}")
            return 0
        if given.command == "load":
            load()
            return 0
        folder = given.submissions
        root = given.into or folder.resolve().with_name(folder.resolve().name + "-graded")
        memory = given.megabytes * MEGABYTE
        limits = Limits(cell_seconds=given.cell_seconds, total_seconds=given.total_seconds, memory=memory)
        records = grade(folder, root, limits=limits, trusted=given.trusted, jobs=given.jobs)
    except (ValueError, PermissionError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    remarked = [record for record in records if record["notes"]]
    for record in remarked:
        print(f"{record['student']}, {record['assignment']}: {'; '.join(record['notes'])}")
    by_hand = sum(any(mark["by_hand"] for mark in record["marks"]) for record in records)
    failed = [record for record in records if record["status"] == "failed"]
    print(
        f"\n{len(records)} graded, {len(remarked)} with remarks, {by_hand} with answers to be marked by hand."
    )
    print(f"Marks:    {root / 'marks.csv'}\nFeedback: {root / 'feedback'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
