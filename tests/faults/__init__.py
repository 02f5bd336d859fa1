"""What breaks the system on purpose: `make faults`. One module a test of the plan, `dNN_what.py`, each with

    def run(full: bool, seed: int) -> Line

which does the counts of the plan when `full`, else a part of them, and says what it saw. Everything random comes from the
seed. What is not here: the tests of single parts, which stand beside the packages they test.
"""
