"""What `make test` says at its end, of runs as `swift test` prints them."""
import os
import subprocess
import tempfile
import unittest

from setup_fixture import PROJECT

LOG = """✘ Test bad() recorded an issue at T.swift:5:20: Expectation failed: (x → 1) == 2
➜ Test cuda() skipped: "no card here"
✔ Test good() passed after 2.500 seconds.
✘ Test bad() failed after 0.001 seconds with 1 issue.
✘ Test run with 3 tests in 0 suites failed after 2.501 seconds with 1 issue.
"""
XUNIT = """<testsuites><testsuite><testcase classname="Tests.A" name="bad()" time="0.001"><failure/></testcase>
<testcase classname="Tests.A" name="cuda()"><skipped>no card here</skipped></testcase>
<testcase classname="Tests.B" name="good()" time="2.5"/></testsuite></testsuites>"""


class Summary(unittest.TestCase):
    def summary(self, log, xunit=None):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("log", "xunit")]
            for path, text in zip(paths, (log, xunit)):
                if text is not None:
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
            command = [os.path.join(PROJECT, "scripts/test-summary"), *paths]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    def test_the_slowest_the_skipped_and_the_failures_then_the_runners_closing_line(self):
        lines = self.summary(LOG, XUNIT)
        slow = [line.split()[-1] for line in lines if " s  " in line]
        self.assertEqual(slow, ["Tests.B.good()", "Tests.A.bad()"])
        self.assertIn("Skipped: 1", lines)
        self.assertEqual(lines[-3:], [line for line in LOG.splitlines() if line.startswith("✘")])

    def test_a_run_that_was_killed_is_said_to_be_one(self):
        lines = self.summary("✔ Test good() passed after 2.500 seconds.\nerror: Exited with signal 9\n")
        self.assertEqual(lines[-2:], ["error: Exited with signal 9", "The tests did not run to their end: see above."])


if __name__ == "__main__":
    unittest.main()
