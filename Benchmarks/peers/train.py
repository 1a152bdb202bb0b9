"""Prompt distillation with transformers and peft.

    train.py plain|careful fp32|bf16 GGUF WORKLOAD STEPS BATCH RANK

plain    the loop of the paper's code: at every step the teacher reads the document, both models form logits over the whole
         vocabulary at every position, and rows are padded to the longest.
careful  what a Python user gets who takes care: the teacher's final states are made once, before the clock starts, and logits
         are formed at answer positions alone.
"""

import sys

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import kl_div, log_softmax
from torch.nn.utils.rnn import pad_sequence

from common import clock, finish, model, workload

style, kind, gguf, folder, steps, batch_size, rank = *sys.argv[1:5], *map(int, sys.argv[5:8])
TEMPERATURE, WARM_UP = 2.0, 1 if style == "plain" else 3
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]

torch.manual_seed(1)
samples = workload(folder)["samples"]
base = model(gguf, kind)
# Factors in the model's type: in float32 beside a bfloat16 model, peft would multiply them in float32, which is slower here.
student = get_peft_model(
    base, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS), autocast_adapter_dtype=False)
parameters = [p for p in student.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1, fused=True)
decoder, head = student.base_model.model.model, student.base_model.model.lm_head


def rows(prompts, answers):
    """Padded ids and mask; the last answer token predicts nothing, but the plain loop reads it all the same."""
    ids = [torch.tensor(p + a) for p, a in zip(prompts, answers)]
    return (pad_sequence(ids, batch_first=True),
            pad_sequence([torch.ones_like(i) for i in ids], batch_first=True))


def answer_places(prompts, answers):
    """Rows and columns of the positions that predict answer tokens."""
    where = [(r, len(p) - 1 + t) for r, (p, a) in enumerate(zip(prompts, answers)) for t in range(len(a))]
    return tuple(torch.tensor(w) for w in zip(*where))


def divergence(student_logits, teacher_logits, answers):
    """Forward KL, mean over a sample's tokens, then over samples."""
    weights = torch.tensor([1 / len(a) / len(answers) for a in answers for _ in a])
    q = log_softmax(student_logits.float() / TEMPERATURE, -1)
    p = log_softmax(teacher_logits.float() / TEMPERATURE, -1)
    return (kl_div(q, p, reduction="none", log_target=True).sum(-1) * weights).sum()


def plain_loss(batch):
    answers = [s["answer"] for s in batch]
    logits = []
    for key, is_teacher in (("teacherPrompt", True), ("studentPrompt", False)):
        prompts = [s[key] for s in batch]
        ids, mask = rows(prompts, answers)
        if is_teacher:
            with torch.no_grad(), student.disable_adapter():
                out = student(input_ids=ids, attention_mask=mask).logits
        else:
            out = student(input_ids=ids, attention_mask=mask).logits
        logits.append(out[answer_places(prompts, answers)])
    return divergence(logits[1], logits[0], answers)


def remember_teacher():
    with torch.no_grad(), student.disable_adapter():
        for sample in samples:
            ids, mask = rows([sample["teacherPrompt"]], [sample["answer"]])
            states = decoder(input_ids=ids, attention_mask=mask).last_hidden_state
            sample["states"] = states[answer_places([sample["teacherPrompt"]], [sample["answer"]])].clone()


def careful_loss(batch):
    answers, prompts = [s["answer"] for s in batch], [s["studentPrompt"] for s in batch]
    ids, mask = rows(prompts, answers)
    states = decoder(input_ids=ids, attention_mask=mask).last_hidden_state
    with torch.no_grad():
        teacher = torch.nn.functional.linear(torch.cat([s["states"] for s in batch]), head.base_layer.weight)
    return divergence(head(states[answer_places(prompts, answers)]), teacher, answers)


if style == "careful":
    remember_teacher()
order = [i for _ in range(1 + (steps + WARM_UP) * batch_size // len(samples)) for i in torch.randperm(len(samples)).tolist()]
losses, tokens = [], 0
for step in range(steps + WARM_UP):
    if step == WARM_UP:
        start, tokens = clock(), 0
    batch = [samples[i] for i in order[step * batch_size:(step + 1) * batch_size]]
    loss = (plain_loss if style == "plain" else careful_loss)(batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    tokens += sum(len(s["studentPrompt"]) + len(s["answer"]) - 1 for s in batch)
elapsed = clock() - start
finish(samples_per_second=steps * batch_size / elapsed, tokens_per_second=tokens / elapsed,
       seconds_per_step=elapsed / steps, first_loss=losses[0], last_loss=losses[-1])
