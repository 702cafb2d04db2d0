"""How fast and how accurate the package is."""
