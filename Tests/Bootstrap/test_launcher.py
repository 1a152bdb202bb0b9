"""The launcher of a clone, and the same as the head of the one file that `make dist` makes: which libtorch it chooses, what it
unpacks, and what it says where it cannot. Knows nothing of what the program does: stand-ins print how they were started."""
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "scripts")
PROGRAM = b"#!/bin/sh\necho \"$LD_LIBRARY_PATH\"\nfor word; do echo \"$word\"; done\n"
NO_ARCHIVE = "archive='' archive_bytes=''"


class LauncherTest(unittest.TestCase):
    def setUp(self):
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="instill launcher "))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.tools, self.cache = self.path("tools"), self.path("cache")
        os.mkdir(self.tools)
        self.python_has(None)
        self.environment = {"PATH": f"{self.tools}:/usr/bin:/bin", "HOME": self.root, "INSTILL_CACHE": self.cache}

    def path(self, *names):
        return os.path.join(self.root, *names)

    def write(self, data, *names, mode=0o644):
        path = self.path(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, mode)
        return path

    def libtorch(self, *names, version="2.11.0+cu130"):
        for library in ["libtorch_cpu.so", "libc10.so"]:
            self.write(b"", *names, "lib", library)
        self.write(f"__version__ = '{version}'\n".encode(), *names, "version.py")
        return self.path(*names)

    def python_has(self, folder):
        self.write(f"#!/bin/sh\necho '{folder or ''}'\n".encode(), "tools", "python3", mode=0o755)

    def start(self, launcher, *arguments, **environment):
        return subprocess.run([launcher, *arguments], env={**self.environment, **environment}, capture_output=True, text=True)

    def chooses(self, libtorch, launcher, *arguments, passes=(), **environment):
        done = self.start(launcher, *arguments, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        path, *words = done.stdout.splitlines()
        self.assertEqual(path.split(":")[0], f"{libtorch}/lib")
        self.assertEqual(words, list(passes))
        return path

    def refuses(self, saying, launcher, *arguments, **environment):
        done = self.start(launcher, *arguments, **environment)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertTrue(done.stderr.startswith("instill: "), done.stderr)
        for words in saying:
            self.assertIn(words, done.stderr)


class CloneTests(LauncherTest):
    def setUp(self):
        super().setUp()
        self.launcher = self.path("a clone/scripts/instill")
        os.makedirs(os.path.dirname(self.launcher))
        shutil.copy(os.path.join(SCRIPTS, "instill"), self.launcher)
        self.write(PROGRAM, "a clone/.build/release/instill", mode=0o755)
        self.own = self.libtorch("a clone/.deps/libtorch")

    def test_its_own_libtorch_and_all_arguments(self):
        words = ["run", "--output", "a folder", "", "*"]
        self.chooses(self.own, self.launcher, *words, passes=words)

    def test_another_libtorch_by_option_or_environment(self):
        other, third = self.libtorch("other torch"), self.libtorch("third")
        self.chooses(other, self.launcher, "run", "--libtorch", other, "x", passes=["run", "x"], LIBTORCH=third)
        self.chooses(other, self.launcher, f"--libtorch={other}", "run", passes=["run"])
        self.chooses(third, self.launcher, "run", passes=["run"], LIBTORCH=third)

    def test_what_is_no_libtorch_of_this_version_is_refused(self):
        self.refuses(["nowhere", "libtorch_cpu.so", "2.11"], self.launcher, "--libtorch", "nowhere")
        self.refuses(["is not torch 2.11", "2.6"], self.launcher, LIBTORCH=self.libtorch("old", version="2.6.0"))
        self.refuses(["--libtorch needs a folder"], self.launcher, "run", "--libtorch")

    def test_a_clone_without_a_program(self):
        os.remove(self.path("a clone/.build/release/instill"))
        self.refuses(["make build"], self.launcher)


class OneFileTests(LauncherTest):
    def setUp(self):
        super().setUp()
        self.file = self.make(PROGRAM)

    def make(self, program):
        """As scripts/dist puts it together."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, data in [("instill", program), ("lib/libonig.so.5", b"\n" * 100_000)]:
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(data), 0o755
                archive.addfile(member, io.BytesIO(data))
        data = packed.getvalue()
        with open(os.path.join(SCRIPTS, "instill")) as file:
            head = file.read()
        self.assertIn(f"\n{NO_ARCHIVE}\n", head)
        head = head.replace(NO_ARCHIVE, f"archive='{hashlib.sha256(data).hexdigest()}' archive_bytes='{len(data)}'")
        return self.write(head.encode() + data, "bin", "instill", mode=0o755)

    def test_it_unpacks_itself_once(self):
        torch = self.libtorch("torch")
        for _ in range(2):
            libraries = self.chooses(torch, self.file, "run", "--libtorch", torch, passes=["run"]).split(":")[1]
            self.assertEqual(os.listdir(libraries), ["libonig.so.5"])
            self.assertEqual(len(os.listdir(self.cache)), 1)

    def test_another_program_has_another_place(self):
        torch = self.libtorch("torch")
        self.chooses(torch, self.file, LIBTORCH=torch)
        self.chooses(torch, self.make(PROGRAM + b"echo more\n"), LIBTORCH=torch, passes=["more"])
        self.assertEqual(len(os.listdir(self.cache)), 2)

    def test_it_finds_the_torch_of_python_then_that_of_the_cache(self):
        cached = self.libtorch("cache", f"libtorch-2.11.0-{os.uname().machine}")
        self.chooses(cached, self.file)
        self.python_has(self.libtorch("old", version="2.6.0"))
        self.chooses(cached, self.file)
        installed = self.libtorch("site packages/torch")
        self.python_has(installed)
        self.chooses(installed, self.file)

    def test_without_any_torch_it_says_what_to_do(self):
        self.refuses(["no torch 2.11 was found", "pip install torch==2.11.0", "--libtorch", "LIBTORCH"], self.file, "doctor")
        self.python_has(self.libtorch("old", version="2.6.0"))
        self.refuses([f"{self.path('old')} is not the 2.11"], self.file, "doctor")

    def test_a_damaged_file_is_refused_and_leaves_nothing(self):
        with open(self.file, "r+b") as file:
            file.seek(-20, os.SEEK_END)
            file.write(b"damage")
        self.refuses(["is damaged"], self.file, LIBTORCH=self.libtorch("torch"))
        self.assertEqual(os.listdir(self.cache), [])

    def test_a_cache_that_cannot_be_written(self):
        self.write(b"", "a file")
        self.refuses(["cannot be written", "INSTILL_CACHE"], self.file, INSTILL_CACHE=self.path("a file"))
