"""Log-likelihoods of the options of multiple-choice questions against transformers, in float32, on the default model: the
letter after the question and its options, and the words, per token, after the bare question; and the same with an adapter.

The reference renders the chat template, tokenizes and runs the model itself, one sequence at a time; only the messages are
taken from here.

    compare.py PROBE GGUF
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model

PROBE, GGUF = sys.argv[1], Path(sys.argv[2]).resolve()
BOUND = 2e-3
QUESTIONS = [
    dict(question="Which of these animals lays eggs?", choices=["a cow", "a hen", "a whale", "a bat"], answer=1),
    dict(question="What is 7 + 5?", choices=["10", "11", "12", "13"], answer="C"),
    dict(question="Which word means the opposite of “narrow”?", options=["broad", "thin", "slim"], answer=0,
         category="words"),
    dict(question="A brick has a mass of 2 kg. What do five of them weigh?\nTake g = 10 m/s².",
         options=["100 N", "10 N", "1 kN", "20 N", "50 N", "5 N", "2 N", "200 N", "0 N", "1 N"], answer_index=0, answer="A"),
    dict(question="Which is a colour?", choices=["blue", "seven", "quickly", "table; or a chair of\nthe same kind"], answer=0),
]


def ours(folder, adapter=None):
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(q) + "\n" for q in QUESTIONS))
    out = subprocess.run([PROBE, "multiple-choice", str(GGUF), str(path), *([str(adapter)] if adapter else [])],
                         check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def log_probs(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].double().log_softmax(-1)


def theirs(model, tokenizer, line):
    def prompt(messages):
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    asked = prompt(line["prompt"])
    after = log_probs(model, asked)[-1]
    letters = [after[tokenizer(chr(65 + i), add_special_tokens=False)["input_ids"]].sum().item()
               for i in range(len(line["options"]))]
    bare, words = prompt(line["bare"]), []
    for option in line["options"]:
        own = tokenizer(option, add_special_tokens=False)["input_ids"]
        scores = log_probs(model, bare + own)
        words.append(sum(scores[len(bare) - 1 + i, t].item() for i, t in enumerate(own)) / len(own))
    return letters, words


def compare(name, model, tokenizer, lines):
    worst, failures = 0.0, 0
    for line in lines:
        for kind, own, other in zip(("letters", "words"), (line["letters"], line["words"]), theirs(model, tokenizer, line)):
            difference = max(abs(a - b) for a, b in zip(own, other))
            same = own.index(max(own)) == other.index(max(other))
            worst = max(worst, difference)
            if difference > BOUND or not same or len(own) != len(other):
                failures += 1
                print(f"{name}, {kind}: {own} against {other}")
    print(f"{name}: largest difference {worst:.1e} (at most {BOUND:.0e})")
    return worst, failures


tokenizer = transformers.AutoTokenizer.from_pretrained(str(GGUF.parent), gguf_file=GGUF.name)
model = transformers.AutoModelForCausalLM.from_pretrained(
    str(GGUF.parent), gguf_file=GGUF.name, dtype=torch.float32, attn_implementation="eager").eval()
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    lines = ours(folder)
    assert [line["answer"] for line in lines] == [1, 2, 0, 0, 0]
    results = [compare("the default model", model, tokenizer, lines)]
    torch.manual_seed(2)
    # The head's weights are tied to the embedding, which peft warns of: the pair is on the head alone here as there.
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]
    adapted = get_peft_model(model, LoraConfig(r=4, lora_alpha=2, target_modules=targets, init_lora_weights=False))
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data.mul_(0.2)
    adapted.save_pretrained(folder / "adapter", save_embedding_layers=False)
    lines = ours(folder, folder / "adapter")
    results.append(compare("with an adapter, its head's pair included", adapted.eval(), tokenizer, lines))
failures = sum(failed for _, failed in results)
print(f"{2 * len(QUESTIONS)} questions by letters and words, with and without an adapter, largest difference "
      f"{max(worst for worst, _ in results):.1e}, {failures} failures")
sys.exit(failures != 0)
