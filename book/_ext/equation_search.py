"""The search finds an equation of the paper by its number."""

from typing import ClassVar

from sphinx.domains import Domain, ObjType


class Equations(Domain):
    """What the search knows of equations: their numbers, and where they stand."""

    name = "equations"
    label = "Equation"
    object_types: ClassVar = {"equation": ObjType("of the paper")}

    def get_objects(self):
        """Return each target ``eq-19`` as an object that is called 19; exact names come first."""
        targets = self.env.get_domain("std").anonlabels
        for target, (page, anchor) in targets.items():
            number = target.removeprefix("eq-")
            if number.isdigit() and target != number:
                yield number, number, "equation", page, anchor, 0


def setup(app):
    """Add the domain."""
    app.add_domain(Equations)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
