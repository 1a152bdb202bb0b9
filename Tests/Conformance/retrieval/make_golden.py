"""Prints the embeddings that SentenceEncoderTests expects: of the tiny encoder in Tests/TestSupport/TinyEncoder.swift, by
transformers' BertModel, the mean over tokens, and unit length.

    python3 Tests/Conformance/retrieval/make_golden.py

The weights follow the same formula as there.
"""

import torch
import transformers

TEXTS = {"kettle sing": [2, 57, 59, 3], "hi.": [2, 12, 39, 61, 3], "": [2, 3]}
CONFIG = transformers.BertConfig(vocab_size=64, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
                                 num_attention_heads=2, max_position_embeddings=32, layer_norm_eps=1e-12)

model = transformers.BertModel(CONFIG, add_pooling_layer=False).eval()
names = sorted(name for name, _ in model.named_parameters())
for name, parameter in model.named_parameters():
    place = names.index(name)
    one = 1 if name.endswith("LayerNorm.weight") else 0
    numbers = [one + ((i * 37 + place * 17 + 5) % 61 - 30) / 60 for i in range(parameter.numel())]
    parameter.data = torch.tensor(numbers).reshape(parameter.shape)
for text, ids in TEXTS.items():
    with torch.no_grad():
        mean = model(torch.tensor([ids])).last_hidden_state[0].mean(0)
    print(repr(text), [round(number, 6) for number in (mean / mean.norm()).tolist()])
