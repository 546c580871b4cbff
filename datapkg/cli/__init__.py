"""The command line, one module per group of commands: they parse, call and print.

In      the arguments of a process, its environment, the clock, the terminal and the current folder; no other room reads
        these, but that api takes `working` for the repository around the current folder.
Out     text for people, JSON, CSV and reports for programs, and an exit code: 0 fine, 1 findings, 2 a mistake of the
        caller, 3 tables without claims in bulk that are wrong.

Promises  `--help` and `--version` load nothing; a command loads only what its group needs; nothing of ours ends in a
traceback that a caller can bring about.
"""
