"""scripts/bootstrap killed at random moments, and two of them at once: the cache is whole or not there."""
import os
import random
import time
import unittest

from setup_fixture import LIBTORCH, SetUpTest, digests

KILLS = 40 if os.environ.get("INSTILL_TEST_SCALE") == "full" else 6


class Interruption(SetUpTest):
    def test_killed_at_any_moment_it_leaves_nothing_that_looks_whole(self):
        began = time.monotonic()
        self.succeeds(INSTILL_CACHE=os.path.join(self.root, "reference"))
        duration = time.monotonic() - began
        reference = digests(os.path.join(self.root, "reference"))
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        for kill in range(KILLS):
            process = self.start()
            time.sleep(moments.uniform(0, duration))
            process.kill()
            process.wait()
            process.stdout.close()
            for name in {LIBTORCH, "smollm2-0.1.2"} & set(os.listdir(self.cache) if os.path.isdir(self.cache) else []):
                found = {os.path.join(name, path): sum for path, sum in digests(os.path.join(self.cache, name)).items()}
                expected = {path: sum for path, sum in reference.items() if path.startswith(name + "/")}
                self.assertEqual(found, expected, f"after kill {kill} with seed {seed}")
        self.succeeds()
        self.assertEqual(digests(self.cache), reference, f"seed {seed}")
        self.assertEqual(self.succeeds(), "")

    def test_two_clones_at_once_download_once(self):
        clones = [self.clone, self.new_clone("another clone")]
        started = [self.start(clone=clone) for clone in clones]
        outputs = [process.communicate(timeout=300)[0] for process in started]
        self.assertEqual([process.returncode for process in started], [0, 0], outputs)
        self.assertEqual("".join(outputs).count("downloading torch"), 1, outputs)
        for clone in clones:
            self.assertEqual(self.succeeds(clone=clone), "")

    def test_the_second_in_a_row_does_not_wait_for_the_children_of_a_killed_one(self):
        self.tool("python3", '[ "$2" != pip ] || [ "$3" != download ] || exec sleep 60; exit 0')
        process = self.start("model")
        while not os.path.isdir(self.cache) or len(os.listdir(self.cache)) < 2:
            time.sleep(0.01)
        time.sleep(0.2)
        process.kill()
        process.wait()
        process.stdout.close()
        os.remove(os.path.join(self.tools, "python3"))
        began = time.monotonic()
        self.assertNotIn("waiting", self.succeeds("model"))
        self.assertLess(time.monotonic() - began, 30)


if __name__ == "__main__":
    unittest.main()
