// A letter counts where it can mean nothing else; nothing is guessed.

import Testing

@testable import Evaluation

@Suite struct NamedLetterTests {
    private let options = ["a dog", "a network protocol", "12", "none of these"]

    @Test(
        arguments: [
            ("B", 1), ("b", 1), (" B.", 1), ("(B)", 1), ("**B**", 1), ("B) a network protocol", 1),
            ("B: because …", 1),
            ("B. a network protocol", 1), ("B a network protocol", 1), ("\"C\"", 2), ("$\\D$", 3), ("A\nbecause", 0),
            ("The answer is B", 1), ("The correct answer is (C).", 2), ("the answer is: **D**", 3), ("Answer: A", 0),
            ("Answer : C", 2), ("I choose option B because it fits", 1), ("The answer is A because dogs bark", 0),
            ("ANSWER: D", 3), ("It says A, but the answer is C", 2), ("The answer is A. No: the answer is B.", 1),
            ("b)", 1), ("(c)", 2), ("d.", 3), ("**b**", 1), ("Ｂ", 1), ("B。", 1), ("（C）", 2), ("\\boxed{D}", 3),
            ("C is correct.", 2),
            ("B is the right answer", 1), ("Not A but C", 2), ("Not (A), but (D).", 3),
            ("The answer is not A but C.", 2),
            ("Option B, not option A", 1), ("I choose C", 2), ("B, not A", 1), ("Answer: A (a dog)", 0),
            ("First I looked at option A. It is wrong.\nAnswer: D", 3), ("A. a dog", 0), ("A a dog, of course", 0),
        ] as [(String, Int?)])
    func lettersThatAreNamed(_ reply: String, _ option: Int?) {
        #expect(NamedLetter.option(in: reply, options: options) == option, "\(reply)")
    }

    @Test(arguments: [
        "", " ", "a dog", "It is a network protocol.", "A dog barks.", "A network protocol",
        "Answer: A network protocol",
        "I think that none fits.", "The answer is a dog.", "E", "Answer: E", "The answer is Z.", "Bees", "12", "DNS",
        "A or B", "A and B", "A, B", "A/C", "The answer is A or B.", "Answer: B and C", "Both (A) and (B)", "Not A",
        "A ship",
        "A ship sails.", "b ship", "A.M.", "answers B", "None of them.", "The best is B maybe",
    ])
    func repliesThatNameNone(_ reply: String) {
        #expect(NamedLetter.option(in: reply, options: options) == nil, "\(reply)")
    }

    @Test func theLetterOfAQuestionWithTenOptions() {
        let ten = (0..<10).map(String.init)
        #expect(NamedLetter.option(in: "Answer: J", options: ten) == 9)
        #expect(NamedLetter.option(in: "I am sure that it is the last.", options: ten) == nil)
        #expect(NamedLetter.option(in: "I.", options: ten) == 8)
    }
}
