"""Compares the operations of Torch with PyTorch's: random shapes, values and memory layouts, results and gradients.

Each operation is one line of OPERATIONS: how its inputs are drawn, and what PyTorch computes of them. Some inputs get
another shape on purpose: then both sides must refuse, or agree. `Probe torch` is the other side.
"""

import argparse
import json
import random
import subprocess
import sys

import torch
import torch.nn.functional as F

#: |ours - theirs| <= absolute + relative * |theirs|, by element type.
TOLERANCES = {"float64": (1e-12, 1e-13), "float32": (1e-5, 1e-6), "bfloat16": (1e-2, 4e-3)}


class Draw:
    """Random sizes and indices of one case."""

    def __init__(self, generator):
        self.random = generator
        self.integers, self.numbers = [], []

    def size(self, low=1, high=6):
        return self.random.randint(low, high)

    def shape(self, rank_low=1, rank_high=4):
        return [self.size() for _ in range(self.random.randint(rank_low, rank_high))]

    def integer(self, low, high):
        """A number that the operation is given as well."""
        self.integers.append(self.random.randint(low, high))
        return self.integers[-1]

    def dim(self, rank):
        return self.integer(-rank, rank - 1)

    def number(self, low=-2.0, high=2.0):
        self.numbers.append(self.random.uniform(low, high))
        return self.numbers[-1]

    def indices(self, shape, bound):
        count = torch.Size(shape).numel()
        return torch.tensor([self.random.randrange(bound) for _ in range(count)]).reshape(shape)

    def mask(self, shape, sure=False):
        drawn = torch.tensor([self.random.random() < 0.5 for _ in range(torch.Size(shape).numel())]).reshape(shape)
        if sure:
            drawn[..., 0] = True
        return drawn

    def broadcast(self, shape):
        """A shape that broadcasts to another."""
        return [1 if self.random.random() < 0.3 else size for size in shape[self.random.randint(0, len(shape)) :]]


def elementwise(function):
    def draw(d):
        shape = d.shape(0)
        return [shape, d.broadcast(shape)], function

    return draw


def unary(function):
    return lambda d: ([d.shape(0)], function)


def along(function):
    def draw(d):
        shape = d.shape()
        dim = d.dim(len(shape))
        return [shape], lambda x: function(x, dim)

    return draw


def with_number(function):
    def draw(d):
        number = d.number()
        return [d.shape(0)], lambda x: function(x, number)

    return draw


def draw_reduction(function):
    def draw(d):
        shape = d.shape()
        dim, keep = d.dim(len(shape)), d.integer(0, 1)
        return [shape], lambda x: function(x, dim, keepdim=bool(keep))

    return draw


def draw_masked_fill(d):
    shape, value = d.shape(), d.number()
    return [shape, d.mask(d.broadcast(shape))], lambda x, m: x.masked_fill(m, value)


def draw_matmul(d):
    batch, inner = d.shape(0, 2), d.size()
    return [[*batch, d.size(), inner], [*d.broadcast(batch), inner, d.size()]], torch.matmul


def draw_linear(d):
    width, out = d.size(1, 40), d.size(1, 40)
    return [[*d.shape(1, 3), width], [out, width]] + [[out]] * d.integer(0, 1), F.linear


def draw_embedding(d):
    rows = d.size()
    return [[rows, d.size()], d.indices(d.shape(), rows)], lambda w, i: F.embedding(i, w)


def draw_rms_norm(d):
    width, epsilon = d.size(1, 70), d.number(1e-6, 1e-3)
    return [[*d.shape(1, 3), width], [width]], lambda x, w: F.rms_norm(x, w.shape, w, epsilon)


def draw_layer_norm(d):
    width, epsilon = d.size(1, 70), d.number(1e-6, 1e-3)
    return [[*d.shape(1, 3), width], [width], [width]], lambda x, w, b: F.layer_norm(x, w.shape, w, b, epsilon)


def draw_attention(d):
    batch, shared, times, queries, keys = d.size(1, 3), d.size(1, 3), d.size(1, 3), d.size(), d.size()
    width, scale, style = d.size(1, 16), d.number(0.1, 1), d.integer(0, 3)
    shapes = [[batch, shared * times, queries, width]] + [[batch, shared, keys, width]] * 2
    masks = {2: [d.mask([queries, keys], sure=True)], 3: [[batch, 1, queries, keys]]}.get(style, [])

    def attention(q, k, v, mask=None):
        mask = None if mask is None else mask if mask.dtype == torch.bool else mask.detach()
        return F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=style == 1, scale=scale, enable_gqa=times > 1)

    return shapes + masks, attention


def draw_reshape(d):
    shape = d.shape(2, 4)
    d.integers += [shape[0] * shape[1], -1]
    return [shape], lambda x: x.reshape(d.integers)


def draw_expand(d):
    shape = d.shape()
    d.integers += [d.size(), *(d.size() if size == 1 else -1 for size in shape)]
    return [shape], lambda x: x.expand(d.integers)


def draw_transpose(d):
    shape = d.shape(2)
    a, b = d.dim(len(shape)), d.dim(len(shape))
    return [shape], lambda x: x.transpose(a, b)


def draw_narrow(d):
    shape = d.shape()
    dim = d.integer(0, len(shape) - 1)
    start = d.integer(0, shape[dim] - 1)
    length = d.integer(0, shape[dim] - start)
    return [shape], lambda x: x.narrow(dim, start, length)


def draw_index_select(d):
    shape = d.shape()
    dim = d.dim(len(shape))
    return [shape, d.indices([d.size()], shape[dim])], lambda x, i: x.index_select(dim, i)


def draw_gather(d):
    shape = d.shape()
    dim = d.dim(len(shape))
    places = [d.random.randint(1, size) for size in shape]
    return [shape, d.indices(places, shape[dim])], lambda x, i: x.gather(dim, i)


def draw_concatenate(d):
    shape = d.shape()
    dim = d.dim(len(shape))
    shapes = [list(shape) for _ in range(d.size(1, 4))]
    for other in shapes:
        other[dim] = d.size()
    return shapes, lambda *xs: torch.cat(xs, dim)


def draw_top_k(d):
    shape = d.shape()
    dim = d.dim(len(shape))
    k = d.integer(1, shape[dim])
    return [shape], lambda x: x.topk(k, dim)


def draw_put(d):
    shape = d.shape(2, 3)
    # Every place once: which of two values wins is nobody's promise.
    places = d.random.sample(range(shape[0] * shape[1]), d.random.randint(1, shape[0] * shape[1]))
    rows, columns = torch.tensor(places) // shape[1], torch.tensor(places) % shape[1]

    def put(x, rows, columns, values):
        return x.detach().clone().index_put_((rows, columns), values.detach())

    return [shape, rows, columns, [len(places), *shape[2:]]], put


def draw_add_in_place(d):
    shape, scale = d.shape(), d.number()
    return [shape, d.broadcast(shape)], lambda a, b: a.detach().clone().add_(b.detach(), alpha=scale)


def draw_total_norm(d):
    shapes = [d.shape(0) for _ in range(d.size(1, 5))]
    return shapes, lambda *xs: torch.nn.utils.get_total_norm([x.detach() for x in xs]).double()


def draw_adamw(d):
    shape = d.shape()
    rate, decay = d.number(1e-4, 1e-1), d.number(0, 0.3)
    beta1, beta2, epsilon = d.number(0.5, 0.99), d.number(0.9, 0.9999), d.number(1e-9, 1e-5)

    def adamw(parameter, *gradients):
        parameter = parameter.detach().clone()
        optimizer = torch.optim.AdamW(
            [parameter], lr=rate, betas=(beta1, beta2), eps=epsilon, weight_decay=decay, fused=True)
        for gradient in gradients:
            parameter.grad = gradient.detach().contiguous()
            optimizer.step()
        state = optimizer.state[parameter]
        return parameter, state["exp_avg"], state["exp_avg_sq"]

    return [shape] * (1 + d.size(1, 4)), adamw


def draw_randn(d):
    shape = d.shape(0)
    d.integers += [d.random.getrandbits(32), *shape]
    return [], lambda: torch.randn(shape, generator=torch.Generator().manual_seed(d.integers[0]))


OPERATIONS = {
    "add": elementwise(torch.add),
    "sub": elementwise(torch.sub),
    "mul": elementwise(torch.mul),
    "div": elementwise(lambda a, b: a / (b * b + 1)),
    "less": elementwise(torch.lt),
    "add_number": with_number(torch.add),
    "mul_number": with_number(torch.mul),
    "neg": unary(torch.neg),
    "exp": unary(torch.exp),
    "cos": unary(torch.cos),
    "sin": unary(torch.sin),
    "silu": unary(F.silu),
    "gelu": unary(F.gelu),
    "sum_all": unary(torch.sum),
    "clone": unary(torch.clone),
    "to_float32": unary(lambda x: x.to(torch.float32)),
    "to_bfloat16": unary(lambda x: x.to(torch.bfloat16)),
    "is_finite": unary(lambda x: torch.isfinite(x).all()),
    "sum": draw_reduction(torch.sum),
    "maximum": draw_reduction(torch.amax),
    "cumulative_sum": along(torch.cumsum),
    "argmax": along(torch.argmax),
    "softmax": along(torch.softmax),
    "log_softmax": along(torch.log_softmax),
    "sorted_descending": along(lambda x, dim: torch.sort(x, dim=dim, descending=True, stable=True)),
    "unsqueeze": along(torch.unsqueeze),
    "top_k": draw_top_k,
    "masked_fill": draw_masked_fill,
    "matmul": draw_matmul,
    "linear": draw_linear,
    "embedding": draw_embedding,
    "rms_norm": draw_rms_norm,
    "layer_norm": draw_layer_norm,
    "attention": draw_attention,
    "reshape": draw_reshape,
    "expand": draw_expand,
    "transpose": draw_transpose,
    "narrow": draw_narrow,
    "index_select": draw_index_select,
    "gather": draw_gather,
    "concatenate": draw_concatenate,
    "put": draw_put,
    "add_in_place": draw_add_in_place,
    "total_norm": draw_total_norm,
    "adamw": draw_adamw,
    "randn": draw_randn,
}


def in_memory(tensor, strided):
    """A copy, on request with gaps between the elements: the layout chooses the kernel."""
    return torch.stack([tensor, tensor], -1)[..., 0] if strided else tensor.clone()


def packed(tensor, strided):
    name = str(tensor.dtype).removeprefix("torch.")
    numbers = (tensor.to(torch.int64) if tensor.dtype == torch.bool else tensor).flatten().tolist()
    return {"dtype": name, "shape": list(tensor.shape), "values": numbers, "strided": strided}


def unpacked(array):
    values = torch.tensor(array["values"], dtype=torch.float64)
    return values.to(getattr(torch, array["dtype"])).reshape(array["shape"])


def make_case(name, dtype, seed):
    """The request for the probe, and a function that gives PyTorch's answer: results and gradients, or None."""
    generator = random.Random(f"{name} {dtype} {seed}")
    draw = Draw(generator)
    described, function = OPERATIONS[name](draw)
    if seed % 6 == 5 and described and name not in ("attention", "adamw"):
        wrong = generator.randrange(len(described))
        if not torch.is_tensor(described[wrong]):
            described[wrong] = draw.shape(0)
    torch.manual_seed(generator.getrandbits(63))
    inputs = [x if torch.is_tensor(x) else torch.randn(x, dtype=torch.float64).to(getattr(torch, dtype))
              for x in described]
    upstream_seed = generator.getrandbits(63)
    strided = [generator.random() < 0.5 for _ in inputs]

    def reference():
        leaves = [in_memory(x, gaps).requires_grad_(x.is_floating_point()) for x, gaps in zip(inputs, strided)]
        try:
            result = function(*leaves)
        except (RuntimeError, IndexError, ValueError):
            return None
        results = [result] if torch.is_tensor(result) else list(result)
        if not results[0].requires_grad:
            return [r.detach() for r in results], None, []
        torch.manual_seed(upstream_seed)
        upstream = torch.randn(results[0].shape, dtype=torch.float64).to(results[0].dtype)
        results[0].backward(upstream)
        return [r.detach() for r in results], upstream, [x.grad for x in leaves]

    answer = reference()
    request = {"operation": name, "integers": draw.integers, "numbers": draw.numbers,
               "inputs": [packed(x, gaps) for x, gaps in zip(inputs, strided)]}
    if answer and answer[1] is not None:
        request["upstream"] = packed(answer[1], False)
    return request, answer


def difference(ours, theirs, dtype):
    """How far apart two tensors are, as a share of the tolerance; infinite where they are different things."""
    ours = unpacked(ours)
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return float("inf")
    relative, absolute = TOLERANCES[dtype]
    distance = (ours.double() - theirs.double()).abs() / (absolute + relative * theirs.double().abs())
    return distance.max().item() if distance.numel() else 0.0


def disagreement(answer, reply, dtype):
    """None where both agree so exactly; else a share of the tolerance, or infinity."""
    if answer is None or "error" in reply:
        return 0.0 if answer is None and "error" in reply else float("inf")
    results, _, gradients = answer
    pairs = list(zip(reply["results"], results, strict=True))
    for ours, theirs in zip(reply["gradients"], gradients, strict=True) if gradients else []:
        if (ours is None) != (theirs is None):
            return float("inf")
        if ours is not None:
            pairs.append((ours, theirs))
    return max(difference(ours, theirs, dtype) for ours, theirs in pairs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=12, help="of every operation and element type")
    options = parser.parse_args()

    cases = [(name, dtype, seed, *make_case(name, dtype, seed))
             for name in OPERATIONS for dtype in TOLERANCES for seed in range(options.cases)]
    lines = "".join(json.dumps(request) + "\n" for _, _, _, request, _ in cases)
    replies = subprocess.run([options.probe, "torch"], input=lines, capture_output=True, text=True, check=True).stdout
    replies = [json.loads(line) for line in replies.splitlines()]
    largest, wrong, refused = 0.0, 0, 0
    for (name, dtype, seed, request, answer), reply in zip(cases, replies, strict=True):
        share = disagreement(answer, reply, dtype)
        refused += answer is None
        largest = max(largest, share)
        if not share <= 1:
            wrong += 1
            shapes = [x["shape"] for x in request["inputs"]]
            print(f"{name} {dtype} case {seed} {shapes} {request['integers']}: {share:.3g} tolerances apart",
                  reply.get("error", ""))
    print(f"{len(cases)} cases of {len(OPERATIONS)} operations ({refused} refused by both), {wrong} disagree; "
          f"largest difference {largest:.3g} of the tolerance")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
