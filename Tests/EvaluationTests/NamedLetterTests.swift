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

    @Test(
        arguments: [
            ("The answer is B. Option A is incorrect, since it", 1), ("B. Option A says 4, which is wrong", 1),
            ("I choose C over option A", 2), ("B is correct. Option C would be too many", 1),
            ("Answer B: I eliminated option D first", 1), ("<answer>B</answer>", 1), ("\\boxed{\\text{B}}", 1),
            ("The correct letter is B.", 1), ("答案是B。", 1), ("Antwort: B", 1), ("La respuesta es B.", 1),
            ("Réponse : B", 1), ("La respuesta correcta es la B.", 1), ("答えはBです。", 1), ("정답은 C입니다.", 2), ("我选B", 1),
            ("A) a dog\nB) net\nC) 12\nOption B fits.", 1), ("Option A is close, but option C is right.", 2),
            ("Unlike option A, option D fits.", 3), ("Die richtige Antwort ist C.", 2),
            ("Option A cannot be right; I pick D.", 3), ("C. It is true, and A is wrong.", 2),
            ("Option B, not option A", 1), ("<answer>A dog</answer>", nil), ("Option A is wrong.", nil),
            ("The answer is A because B is wrong", 0), ("Option B (the protocol) is wrong. Option D it is", 3),
            ("答案：（C）", 2), ("C", 2), ("The answer is not A but C.", 2),
        ] as [(String, Int?)])
    func theAnswerIsAboveOptionsThatAreOnlyNamed(_ reply: String, _ option: Int?) {
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
