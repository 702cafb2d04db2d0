"""The results as tables of words."""

import tomllib
from pathlib import Path

from benchmarks.goals import GOALS

#: Why goals are missed, and what was tried: name of a goal to a sentence or more.
REASONS = Path(__file__).with_name("missed.toml")
#: What stands for a reason on a machine where more is missed than on ours.
NO_REASON = "Missed on this machine; benchmarks/missed.toml has no reason yet."

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value):
    """A number with three digits, such as 0.0123 or 1.5·10⁻⁷."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    digits, exponent = f"{value:.1e}".split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    return power if digits == "1.0" else f"{digits}·{power}"


def rows(results):
    """Rows of the table, one a goal: task, quantity, measured, goal, met or not, peers and notes."""
    found = []
    for name, goal in GOALS.items():
        if name not in results["measured"]:  # only some of the tasks ran
            continue
        its = results["measured"][name]
        sign = "≥\N{NO-BREAK SPACE}" if goal.least else "≤\N{NO-BREAK SPACE}"
        if its["value"] is None:
            measured, met = "–", "not measured"
        else:
            measured = ("> " if its["beyond"] else "") + number(its["value"])
            met = "met" if goal.met(its["value"]) else "open" if its["beyond"] else "not met"
        said = [f"{peer} {number(value)}" for peer, value in its["peers"].items()]
        said = ", ".join(said) + ("; " if said and its["note"] else "") + its["note"]
        found.append((goal.task, goal.quantity, measured, sign + number(goal.bound), met, said))
    return found


def missed(results):
    """Return the names of the goals that are missed."""
    values = {name: results["measured"][name]["value"] for name in GOALS}
    return [name for name, value in values.items() if value is not None and not GOALS[name].met(value)]


def missed_rows(results):
    """Rows on what is missed: task, quantity, by how much, and why."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    values = {name: results["measured"][name]["value"] for name in missed(results)}
    return [
        (
            GOALS[name].task,
            GOALS[name].quantity,
            f"{number(value)}, not {number(GOALS[name].bound)}",
            reasons.get(name, NO_REASON),
        )
        for name, value in values.items()
    ]


def law_rows(results):
    """Rows on the growth of costs: what, with what, exponent with its standard error, range of sizes."""
    return [
        (
            law["what"],
            law["size"],
            f"{law['exponent']:.2f} ± {law['error']:.2f}",
            f"{law['sizes'][0]:,} to {law['sizes'][-1]:,}",
        )
        for law in results["laws"]
    ]


def time_rows(results):
    """Rows of seconds: race, contestant, CPU and wall time, how far its result was off."""
    return [
        (race, name, number(its["cpu"]), number(its["wall"]), number(its["differs"]))
        for race, contestants in results["times"].items()
        for name, its in contestants.items()
    ]


def summary(results):
    """Count the goals that are met."""
    met = [row[4] for row in rows(results)]
    return f"{met.count('met')} of {len(met)} goals are met, {met.count('not measured')} not measured."


def text(results):
    """Return the whole as plain text."""
    lines, last = [], None
    for task, quantity, measured, goal, met, said in rows(results):
        if task != last:
            lines += ["", task]
            last = task
        lines.append(f"    {quantity}: {measured} (goal {goal}, {met})" + (f"  [{said}]" if said else ""))
    lines += [
        f"\nCost of {what}: {size} from {span}, to the power {power}"
        for what, size, power, span in law_rows(results)
    ]
    return "\n".join([*lines, "", summary(results)])
