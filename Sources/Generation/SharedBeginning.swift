// What several prompts begin with, which is read once for all of them. Knows token ids, not text.

import LanguageModels
import Torch

/// How many tokens all prompts begin with, leaving each at least one of its own.
public func sharedLength(_ prompts: [[Int]]) -> Int {
    guard let first = prompts.first else { return 0 }
    return prompts.dropFirst().reduce(first.count - 1) { shared, prompt in
        let limit = min(shared, prompt.count - 1)
        return zip(first.prefix(limit), prompt).prefix { $0 == $1 }.count
    }
}

extension Decoder {
    /// What all prompts begin with, read; nil where that is nothing. Each prompt has a token or more of its own after it.
    func sharedPrefix(of prompts: [[Int]], adapter: LoRAAdapter?) throws(TorchError) -> SharedPrefix? {
        let shared = sharedLength(prompts)
        guard shared > 0 else { return nil }
        return try KeyValueCache.prefix(Array(prompts[0].prefix(shared)), decoder: self, adapter: adapter)
    }
}
