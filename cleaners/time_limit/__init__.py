"""Clean within a time limit: in a child process, which a page may hang or kill without harm to its caller."""
