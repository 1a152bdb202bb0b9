// Thoughts in the text of a reply: the forms that models write, and texts that only speak of them.

import Testing

@testable import Tokenizers

struct ThoughtsTests {
    @Test(arguments: [
        "<think>So it was then.</think>\n\nIn 1912.",
        "\n <think>\n\n</think>\n\nIn 1912.\n",
        "<THINK>So.</think>In 1912.",
        "<think>It quotes `</think>` and goes on.</think>\n\nIn 1912.",
        "<think>It opens <think> as well.</think>\n\nIn 1912.",
        "<think>a</think>\n<think>b</think> In 1912.",
        "<think time=\"3\">So.</think>\nIn 1912.",
        "<thinking>So.</thinking>\n\nIn 1912.",
        "<thought>So.</thought>In 1912.",
        "<reasoning>So.</reasoning>\nIn 1912.",
        "<seed:think>So.</seed:think>In 1912.",
        "[THINK]So.[/THINK]In 1912.",
        "◁think▷So.◁/think▷In 1912.",
        "<|START_THINKING|>So.<|END_THINKING|><|START_RESPONSE|>In 1912.<|END_RESPONSE|>",
        "<|begin_of_thought|>\nSo.\n<|end_of_thought|>\n\n<|begin_of_solution|>\nIn 1912.\n<|end_of_solution|>",
        "<think>\nSo.\n</think>\n<answer>\nIn 1912.\n</answer>",
        "<think>\nSo.\n</think>\n<answer>\nIn 1912.",
        "<|channel>thought\nSo.\n<channel|>In 1912.",
        "<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>In 1912.<|return|>",
        "<|start|>assistant<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>In 1912.",
        "<|channel|>final<|message|>In 1912.",
        "analysisThe user asks for a year.assistantfinalIn 1912.",
        "\u{200B}<think>So.</think>In 1912.", "\u{FEFF}\n<think>So.</think>In 1912.",
        "<|inner_prefix|>So.<|inner_suffix|>In 1912.",
        "Here is my thought process:\n\nIt says so.\n\nHere is my response:\n\nIn 1912.",
        "<details type=\"reasoning\" done=\"true\">\nSo.\n</details>\nIn 1912.",
        "Sure!\n<think>\nSo.\n</think>\nIn 1912.",
    ])
    func aThoughtBeforeTheReplyIsTakenOff(reply: String) {
        let (text, isOpen) = Thoughts.removed(from: reply)
        #expect(text == "In 1912." && !isOpen)
    }

    @Test(arguments: [
        "It opened then, so that is it.\n</think>\n\nIn 1912.",
        "The tag `<think>` is not asked for.</think>\n\nIn 1912.",
        "That is the year</think>In 1912.",
        "</think>\n\nIn 1912.",
        "So it was. </thinking> In 1912.",
        "So.[/THINK]In 1912.",
    ])
    func aThoughtThatTheTemplateBeganIsTakenOff(reply: String) {
        let (text, isOpen) = Thoughts.removed(from: reply)
        #expect(text == "In 1912." && !isOpen)
    }

    @Test(arguments: [
        "<think>", "<think>\nSo it was", " <thinking>So.", "<think>It says `</think>` and", "[THINK]So.",
        "<|channel|>analysis<|message|>So.", "analysisThe user asks", "<think>a</think><think>b",
    ])
    func aReplyThatEndsInsideAThoughtIsNone(reply: String) {
        let (text, isOpen) = Thoughts.removed(from: reply)
        #expect(text.isEmpty && isOpen)
    }

    @Test(arguments: [
        "In 1912.", "", "\n In 1912. ", "Qwen3 writes <think> before its reply.",
        "Qwen3 writes <think>, then </think>\nand then its reply.", "The tag `</think>` ends a thought.",
        "`<think>` begins a thought.", "It ends with \"</think>\".", "A thought ends with the </think> tag.",
        "<question>What does </think> end?</question>", "<question>Which tag ends a thought, </think>?</question>",
        "Like this:\n```\nso\n</think>\nyes\n```\nThat is all.",
        "analysis of the text", "Analysis of it", "(</think>) ends it.",
        "<answer>In 1912.</answer>", "The element is <reason code=\"1\">old</reason>\nand no other.",
        "<thinker>Rodin</thinker>", "<think> is the tag that opens a thought.",
        "The record ends with\n</reason>\nwhich the loader needs.", "It ends with\n</reasoning>\nand no more.",
        "Write:\n```\n<think>\nso\n</think>\n```\nand run it.",
    ])
    func aReplyWithoutThoughtsStaysAsItIs(reply: String) {
        let (text, isOpen) = Thoughts.removed(from: reply)
        #expect(text == reply && !isOpen)
    }

    @Test(
        arguments: [
            ("User: hi\n<think>\n", "<think>"), ("<think effort=\"low\">", "<think effort=\"low\">"),
            ("…[THINK]", "[THINK]"),
            ("<|inner_prefix|>", "<|inner_prefix|>"), ("<think>a</think>\n", nil), ("a < b and so >", nil),
            ("<thinker>", nil),
        ] as [(String, String?)])
    func whatAPromptBeganIsKnownWithItsEnd(prompt: String, opening: String?) {
        #expect(Thoughts.opened(atEndOf: prompt)?.opening == opening)
    }

    @Test func tagsThatWereAskedForAreKept() {
        let reply = "<reasoning>It says so.</reasoning>\n<grade>true</grade>"
        #expect(Thoughts.removed(from: reply, keeping: ["reasoning"]).text == reply)
        #expect(Thoughts.removed(from: "<think>Hm.</think>" + reply, keeping: ["reasoning"]).text == reply)
    }
}
