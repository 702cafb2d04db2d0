"""Graded assignments: student versions from one source, and their grading (see GUIDE.md)."""
