"""What breaks the system on purpose: `make faults`. One module a test of the plan, `dNN_what.py`, each with

    def run(full: bool, seed: int) -> Line

which does the counts of the plan when `full`, else a part of them, and says what it saw. Everything random comes from the
seed.

A full run longer than a night is continued in parts: `ONLY` names some of the tests, each of which is a process of its own, and
of those that last hours `PART=1/5` does every fifth turn, `PART=2/5` the next ones (tests.faults.lanes). One seed for all the
parts: their counts add up to the plan's. Another `SEED` makes other runs, whose counts may be added as well.

What is not here: the tests of single parts, which stand beside the packages they test.
"""
