"""Define the targets: each module here has a `check`, which raises for bytes that make its part of Winnow do wrong.

To add one, add a file, and inputs to begin with in `seeds/<its name>/`. An input that holds several things has one a line
at its beginning: `check` splits them off with `first_line`.
"""
