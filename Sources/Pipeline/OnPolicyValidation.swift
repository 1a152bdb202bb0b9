// Refuses settings of on-policy distillation that cannot be.

import Distillation

extension RunConfiguration {
    func validateOnPolicy() throws(ConfigurationError) {
        try within(0...1, onPolicy.share, "onPolicy.share")
        try validate(onPolicy.sampling, "onPolicy.sampling")
        if let limit = onPolicy.maximumTokens { try atLeast(1, limit, "onPolicy.maximumTokens") }
        guard onPolicy.share == 0 || training.objective == .distillation else {
            throw .invalid(
                key: "onPolicy.share", value: "\(onPolicy.share)",
                expected: "0 unless training.objective is distillation: answers of the student need a teacher")
        }
    }
}
