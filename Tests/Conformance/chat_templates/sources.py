"""Where real chat templates come from: a GGUF file, and three PyPI packages that carry many.

llama.cpp keeps the templates of well-known models among its tests; its sources come with the source distribution of
`llama-cpp-python`. `unsloth` holds more as Python strings, `trl` as files, also such as mark what the assistant said. Only
the templates are kept, in the user's cache; nothing of these packages is installed or run.
"""

import ast
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

LLAMA_CPP = "llama-cpp-python==0.3.36"
UNSLOTH = "unsloth==2025.1.1"
TRL = "trl==1.16.0"

# Templates of the model families that Instill runs, and of models trained further from theirs: it must render them all.
SUPPORTED = re.compile(
    r"""(?x)
    (meta-llama-)?Llama-3.*  | NousResearch-Hermes-.*  | deepseek-ai-DeepSeek-R1-Distill-.*  | deepseek-ai_deepseek-coder.*
    | bofenghuang_vigogne.*  | TheBloke_FusionNet.*    | yandex_YandexGPT-5-Lite.*           | MiniCPM-3B-OpenHermes.*
    | mistralai.Mistral-.*   | Mistral-(Nemo|Large).*  | mlabonne_AlphaMonarch.*             | teknium_OpenHermes.*
    | Qwen-.*                | HuggingFaceTB-SmolLM.*  | google.gemma-(2|7b).*               | unsloth\ .*_template
    | trl\ (gemma3?|llama3(_[12])?|qwen2_5|qwen3|qwen3_instruct_2507|deepseek_r1_distill)(_training)? | .*\.gguf
    """
)


def cache() -> Path:
    base = os.environ.get("INSTILL_CACHE")
    if base is None:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "instill"
    return Path(base) / "chat-templates"


def download(requirement: str, folder: str, *options: str) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    subprocess.run([*pip, *options, requirement], check=True)
    return next(Path(folder).iterdir())


def from_llama_cpp() -> dict[str, str]:
    """The .jinja files, and the string literals of the C++ test."""
    templates = {}
    with tempfile.TemporaryDirectory() as folder:
        name = LLAMA_CPP.split("==")[0]
        with tarfile.open(download(LLAMA_CPP, folder, "--no-binary", name)) as archive:
            for member in archive:
                path = Path(member.name)
                if path.suffix == ".jinja" and path.parent.name == "templates":
                    templates[path.stem] = archive.extractfile(member).read().decode()
                elif path.name == "test-chat-template.cpp":
                    templates |= from_cpp(archive.extractfile(member).read().decode())
    return templates


def from_cpp(source: str) -> dict[str, str]:
    literal = r'"(?:[^"\\]|\\.)*"'
    entry = rf'/\* \.name= \*/ ({literal}),\s*/\* \.template_str=? \*/ (?:U8C\()?((?:{literal}\s*)+)'
    return {
        ast.literal_eval(name): ast.literal_eval(f"({template})")
        for name, template in re.findall(entry, source)
    }


def from_unsloth() -> dict[str, str]:
    """The string constants that a module assigns to names ending in `_template`."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(download(UNSLOTH, folder)) as archive:
            module = ast.parse(archive.read("unsloth/chat_templates.py").decode())
    return {
        f"unsloth {statement.targets[0].id}": statement.value.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id.endswith("_template")
        and isinstance(statement.value, ast.Constant)
        and "{%" in str(statement.value.value)
    }


def from_trl() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(download(TRL, folder)) as archive:
            names = [name for name in archive.namelist() if name.startswith("trl/chat_templates/") and name.endswith(".jinja")]
            return {f"trl {Path(name).stem}": archive.read(name).decode() for name in names}


def from_gguf(path: str) -> str:
    import gguf

    field = gguf.GGUFReader(path).fields["tokenizer.chat_template"]
    return bytes(field.parts[field.data[0]]).decode()


def kept(folder: Path, read) -> dict[str, str]:
    """What `read` gives, from `folder` the second time."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent))
        for name, template in read().items():
            (aside / (re.sub(r"[^\w. +-]", "_", name) + ".jinja")).write_text(template, newline="")
        aside.rename(folder)
    return {path.stem: path.open(newline="").read() for path in sorted(folder.glob("*.jinja"))}


def real_templates(gguf_path: str | None) -> dict[str, str]:
    """Real templates by name."""
    templates = kept(cache() / LLAMA_CPP, from_llama_cpp) | kept(cache() / UNSLOTH, from_unsloth) | kept(cache() / TRL, from_trl)
    if gguf_path:
        templates[Path(gguf_path).name] = from_gguf(gguf_path)
    return templates
