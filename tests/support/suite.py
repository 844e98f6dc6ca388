# SPDX-License-Identifier: BSD-2-Clause
"""How a Python test program of this tree runs and reports.

The last line is "N passed, M failed", the exit code is 0 only when M is 0. A skipped test counts as
failed: what cannot be shown here is not shown.
"""

import sys
import time
import unittest


class _Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        seconds = time.monotonic() - self.started
        if seconds > 5:
            print(f"    {test.id().removeprefix('__main__.')}: {seconds:.1f} s", file=sys.stderr)


def main(attempts=1):
    """Runs the tests of the calling program; arguments select by a part of the name.

    attempts: how often everything is run, at most, until all of it passes.
    """
    while True:
        attempts -= 1
        passed, failed = _run()
        if not failed or not attempts:
            break
        print(f"{failed} failed; once more", file=sys.stderr, flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def _run():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
    chosen = unittest.TestSuite(
        t for t in _flat(suite) if not wanted or any(w in t.id() for w in wanted))
    runner = unittest.TextTestRunner(verbosity=2 if "-v" in sys.argv else 0, resultclass=_Result,
                                     buffer="-v" not in sys.argv)
    result = runner.run(chosen)
    # By test, however many of its rows went wrong. A failure in setUpClass has no test of its own and
    # counts all the same.
    wrong = [t for t, _ in result.failures + result.errors + result.skipped]
    failed = len({getattr(t, "test_case", t).id() for t in wrong + result.unexpectedSuccesses})
    passed = max(0, result.testsRun - failed)
    if not result.testsRun:
        failed = max(failed, 1)
    sys.stdout.flush()
    return passed, failed


def _flat(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _flat(item)
        else:
            yield item


def rows(table, name=lambda row: row[0]):
    """Class decorator: one test method per row of a table, each calling `self.check(row)`."""

    def decorate(cls):
        for number, row in enumerate(table):
            def method(self, row=row):
                self.check(row)
            label = "".join(c if c.isalnum() else "_" for c in str(name(row)))
            setattr(cls, f"test_{number:03}_{label}", method)
        return cls

    return decorate
