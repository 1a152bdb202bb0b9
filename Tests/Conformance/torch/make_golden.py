"""Writes Tests/TorchTests/GoldenValues.swift: what PyTorch computes, in float64, for the cases of the Torch unit tests.

    python3 Tests/Conformance/torch/make_golden.py

Run it after a change to the cases, here and in DifferentiableTests.swift. The inputs are sixteenths, so every dtype
holds them exactly.
"""

import pathlib
import textwrap

import torch
import torch.nn.functional as F

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "TorchTests" / "GoldenValues.swift"
HEADER = '''\
// Written by Tests/Conformance/torch/make_golden.py with PyTorch: a name, a shape and the numbers, row-major.

let goldenText = """
'''


def pattern(shape, k):
    """Input number k: different sixteenths between -30/16 and 30/16, for up to 61 elements."""
    count = torch.Size(shape).numel()
    return (((torch.arange(count) * 37 + k * 17 + 5) % 61 - 30).double() / 16).reshape(shape)


def attention(q, k, v, mask=None, causal=False):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, scale=0.5, enable_gqa=True)


MASK = torch.tensor([[True, False, True], [False, True, False]])
ATTENTION_MASK = torch.tensor([[True, True, False, False, True], [False, True, True, False, False],
                               [True, False, True, True, True]])
HEADS = [(1, 4, 3, 4), (1, 2, 5, 4), (1, 2, 5, 4)]

CASES = {
    "add": ([(2, 3), (2, 3)], lambda a, b: a + b),
    "add-broadcast": ([(2, 1, 3), (4, 1)], lambda a, b: a + b),
    "add-scalar-tensor": ([(2, 3), ()], lambda a, b: a + b),
    "sub-broadcast": ([(3,), (2, 3)], lambda a, b: a - b),
    "mul-broadcast": ([(2, 1, 3), (4, 1)], lambda a, b: a * b),
    "div": ([(2, 3), (3,)], lambda a, b: a / (b + 4)),
    "mul-number": ([(2, 3)], lambda a: a * -1.5),
    "neg": ([(2, 3)], lambda a: -a),
    "exp": ([(2, 3)], torch.exp),
    "exp-empty": ([(0, 3)], torch.exp),
    "exp-rank-0": ([()], torch.exp),
    "cos": ([(2, 3)], torch.cos),
    "sin": ([(2, 3)], torch.sin),
    "masked-fill": ([(2, 3)], lambda a: a.masked_fill(MASK, -5)),
    "sum": ([(2, 3)], lambda a: a.sum()),
    "sum-empty": ([(0, 3)], lambda a: a.sum(0)),
    "sum-dim": ([(2, 3, 4)], lambda a: a.sum(1)),
    "sum-keep": ([(2, 3)], lambda a: a.sum(-1, keepdim=True)),
    "maximum": ([(3, 4)], lambda a: a.amax(0)),
    "maximum-keep": ([(3, 4)], lambda a: a.amax(-1, keepdim=True)),
    "cumulative-sum": ([(3, 4)], lambda a: a.cumsum(1)),
    "matmul": ([(2, 3), (3, 4)], torch.matmul),
    "matmul-vector": ([(2, 3), (3,)], torch.matmul),
    "matmul-batched": ([(2, 1, 3, 4), (5, 4, 2)], torch.matmul),
    "matmul-empty": ([(2, 0), (0, 3)], torch.matmul),
    "reshaped": ([(2, 6)], lambda a: a.reshape(3, -1)),
    "expanded": ([(2, 1, 3)], lambda a: a.expand(2, 4, -1)),
    "transposed": ([(2, 3, 4)], lambda a: a.transpose(0, 2)),
    "unsqueezed": ([(2, 3)], lambda a: a.unsqueeze(-1)),
    "narrow": ([(3, 4)], lambda a: a.narrow(1, 1, 2)),
    "index-select": ([(3, 4)], lambda a: a.index_select(0, torch.tensor([2, 0, 2]))),
    "gather": ([(3, 4)], lambda a: a.gather(1, torch.tensor([[0, 2], [1, 1], [3, 0]]))),
    "concatenate": ([(2, 3), (4, 3)], lambda a, b: torch.cat([a, b], 0)),
    "concatenate-last": ([(2, 3), (2, 1)], lambda a, b: torch.cat([a, b], -1)),
    "top-k": ([(3, 4)], lambda a: a.topk(2, -1).values),
    "sorted-descending": ([(3, 4)], lambda a: a.sort(dim=0, descending=True, stable=True).values),
    "to": ([(2, 3)], lambda a: a.to(torch.float32) * 2),
    "clone": ([(2, 3)], lambda a: a.clone()),
    "contiguous": ([(2, 3)], lambda a: a.transpose(0, 1).contiguous()),
    "linear": ([(2, 5, 3), (4, 3)], F.linear),
    "linear-bias": ([(2, 5, 3), (4, 3), (4,)], F.linear),
    "embedding": ([(5, 3)], lambda w: F.embedding(torch.tensor([[0, 4], [4, 1]]), w)),
    "rms-norm": ([(2, 3, 4), (4,)], lambda x, w: F.rms_norm(x, (4,), w, 1e-5)),
    "layer-norm": ([(2, 3, 4), (4,), (4,)], lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-5)),
    "silu": ([(2, 3)], F.silu),
    "gelu": ([(2, 3)], F.gelu),
    "softmax": ([(3, 4)], lambda x: x.softmax(-1)),
    "softmax-first": ([(3, 4)], lambda x: x.softmax(0)),
    "log-softmax": ([(3, 4)], lambda x: x.log_softmax(-1)),
    "attention": (HEADS, attention),
    "attention-causal": (HEADS, lambda q, k, v: attention(q, k, v, causal=True)),
    "attention-masked": (HEADS, lambda q, k, v: attention(q, k, v, mask=ATTENTION_MASK)),
}


def golden():
    """Pairs of a name and a tensor."""
    for name, (shapes, function) in CASES.items():
        inputs = [pattern(shape, k).requires_grad_() for k, shape in enumerate(shapes)]
        output = function(*inputs)
        output.backward(pattern(output.shape, 7).to(output.dtype))
        yield f"{name}/out", output
        for k, value in enumerate(inputs):
            yield f"{name}/grad{k}", value.grad
    torch.manual_seed(42)
    yield "randn", torch.randn(5, 7)
    yield from adamw()


def adamw():
    """Three parameters after each of five steps whose gradients change."""
    parameters = [pattern(shape, k).float() for k, shape in enumerate([(3, 4), (5,), (2, 2)])]
    optimizer = torch.optim.AdamW(parameters, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)
    for step in range(5):
        for k, parameter in enumerate(parameters):
            parameter.grad = pattern(parameter.shape, k + step).float()
        optimizer.step()
        for k, parameter in enumerate(parameters):
            yield f"adamw/{step}/{k}", parameter
    for k, parameter in enumerate(parameters):
        yield f"adamw/first/{k}", optimizer.state[parameter]["exp_avg"]
        yield f"adamw/second/{k}", optimizer.state[parameter]["exp_avg_sq"]


def main():
    lines = []
    for name, tensor in golden():
        shape = "x".join(map(str, tensor.shape)) or "-"
        numbers = [repr(value) for value in tensor.detach().flatten().tolist()]
        lines += textwrap.wrap(" ".join([name, shape, *numbers]), 110, subsequent_indent="  ", break_on_hyphens=False)
    OUTPUT.write_text(HEADER + "".join(f"    {line}\n" for line in lines) + '    """\n')


if __name__ == "__main__":
    main()
