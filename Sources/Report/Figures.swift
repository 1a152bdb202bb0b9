// The shares of right answers, and their paired differences, from the grades of single replies. Knows no files.

import Statistics

extension ComparisonReport {
    struct Figures {
        let methods: [String]
        let conditions: [String]
        let graders: [String]
        let questions: [Question]
        let evaluations: [Evaluation]

        /// The methods under the conditions that they were asked under, condition by condition.
        private var entries: [Entry] {
            let asked = Set(evaluations.map { Entry(method: $0.method, condition: $0.condition) })
            return conditions.flatMap { condition in
                methods.map { Entry(method: $0, condition: condition) }.filter(asked.contains)
            }
        }

        private func evaluations(_ entry: Entry) -> [Evaluation] {
            evaluations.filter { $0.method == entry.method && $0.condition == entry.condition }
        }

        // MARK: - Shares

        func accuracies() -> [Accuracy] {
            let names = Set(questions.compactMap(\.dataset)).sorted()
            let datasets: [String?] = [nil] + (names.count > 1 ? names : [])
            return graders.flatMap { grader in
                datasets.flatMap { dataset in
                    entries.compactMap { accuracy($0, grader, dataset) }
                }
            }
        }

        private func accuracy(_ entry: Entry, _ grader: String, _ dataset: String?) -> Accuracy? {
            let places = questions.indices.filter { dataset == nil || questions[$0].dataset == dataset }
            let replies = evaluations(entry).map { evaluation in
                places.compactMap { evaluation.replies[$0] }.filter { $0.outcomes[grader] != nil }
            }.filter { !$0.isEmpty }
            let outcomes = replies.map { $0.compactMap { $0.outcomes[grader] } }
            let seeds = outcomes.map { outcomes in
                Proportion(correct: outcomes.filter { $0 == .correct }.count, total: outcomes.count)
            }
            guard let share = Self.share(seeds) else { return nil }
            return Accuracy(
                method: entry.method, condition: entry.condition, grader: grader, dataset: dataset,
                share: share, ofSeeds: seeds.map(\.fraction), questions: outcomes.map(\.count).max() ?? 0,
                unparsed: outcomes.joined().filter { $0 == .unparsed }.count,
                repeating: replies.joined().count { $0.repeats == true },
                words: Self.meanWords(replies.flatMap { $0 }))
        }

        private static func share(_ seeds: [Proportion]) -> Estimate? {
            guard let mean = SeedMean(seeds.map(\.fraction)) else { return nil }
            // One seed says nothing of others, but its questions say something of other questions.
            let interval = mean.interval ?? seeds[0].interval
            return Estimate(mean.mean, low: max(0, interval.lowerBound), high: min(1, interval.upperBound))
        }

        private static func meanWords(_ replies: [Reply]) -> Double {
            let words = replies.reduce(0) { $0 + $1.text.split(whereSeparator: \.isWhitespace).count }
            return Double(words) / Double(max(1, replies.count))
        }

        // MARK: - Differences

        func differences() -> [PairedDifference] {
            let entries = entries
            let resamples = resamples(pairs: graders.count * entries.count * (entries.count - 1) / 2)
            return graders.flatMap { grader in
                let byEntry = entries.map { shares($0, grader) }
                return entries.indices.flatMap { second in
                    entries.indices.dropFirst(second + 1).compactMap { first in
                        difference(entries[first], byEntry[first], entries[second], byEntry[second], grader, resamples)
                    }
                }
            }
        }

        /// As many as are usual, and fewer where there are so many pairs that a report would take long.
        private func resamples(pairs: Int) -> Int {
            min(10_000, max(1_000, 500_000_000 / max(1, pairs * questions.count)))
        }

        /// For each question the share of seeds that answered it rightly; nil where none was asked.
        private func shares(_ entry: Entry, _ grader: String) -> [Double?] {
            let evaluations = evaluations(entry)
            return questions.indices.map { place in
                let outcomes = evaluations.compactMap { $0.replies[place]?.outcomes[grader] }
                guard !outcomes.isEmpty else { return nil }
                return Proportion(correct: outcomes.filter { $0 == .correct }.count, total: outcomes.count).fraction
            }
        }

        private func difference(
            _ first: Entry, _ ofFirst: [Double?], _ second: Entry, _ ofSecond: [Double?], _ grader: String,
            _ resamples: Int
        ) -> PairedDifference? {
            let paired = zip(ofFirst, ofSecond).compactMap { first, second in
                first.flatMap { first in second.map { (first, $0) } }
            }
            guard paired.count > 1,
                let compared = try? PairedBootstrap(
                    [paired.map(\.0)], against: [paired.map(\.1)], resamples: resamples, seed: 1)
            else { return nil }
            return PairedDifference(
                first: first, second: second, grader: grader,
                difference: Estimate(
                    compared.difference, low: compared.interval.lowerBound, high: compared.interval.upperBound),
                shareNotBetter: compared.shareNotBetter, questions: paired.count)
        }
    }
}
