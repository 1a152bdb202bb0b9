// General instructions for users without instruction data: the base model's own replies to them are what the student is held
// to while it learns. Written for this project; about nothing in particular, so that nothing of a document or a test is in
// them. The texts are in the files beside this one, by kind.

/// Instructions that ship with the program.
public enum GeneralInstructions {
    /// All of them, each one user's turn, in an order that mixes the kinds: any stretch of it is varied.
    public static let all: [Instruction] = {
        let kinds = [explanations, advice, writing, lists, rewriting, reading, arithmetic, code, translation, talk]
        let longest = kinds.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in
            kinds.compactMap { place < $0.count ? Instruction($0[place]) : nil }
        }
    }()
}
