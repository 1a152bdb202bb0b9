// A Jinja template as chat models carry it: parsed once, rendered any number of times. Knows no chat, model or tokenizer.
//
// What is supported is what the chat templates of the model families use that Instill runs, and what is next to it:
//
//   tags         if/elif/else, for (with `if`, `else` and tuple targets), set (names, namespace attributes, blocks), macro,
//                generation, break, continue; comments; white space control by `-` and `+`
//   expressions  literals, lists, tuples, dictionaries with text keys, attributes, items, slices, calls, inline if,
//                and/or/not, one comparison, in, is, `+ - * % ~`
//   loop         index, index0, first, last, previtem, nextitem
//   names        see ``Filter``, ``ValueTest``, ``Method`` and ``Function``
//
// Counted in 56 templates of Llama, Mistral, Qwen2, Qwen3, SmolLM and Gemma models and of models trained further from them
// (Tests/Conformance/chat_templates/sources.py): for, if and `+` stand in all 56, `==` in 54, set in 44, `is defined` in 27,
// raise_exception in 26, tojson in 23, slices in 20, trim in 19, length in 15, `is none` in 14, `%` in 12, namespace in 11,
// split in 7, generation in 7, items in 6, strip in 6, and each of join, string, list, reject, selectattr, macro, startswith,
// endswith, slices with a step, previtem, nextitem, strftime_now, default, range and replace in one to four.

import Foundation

/// A template in the part of Jinja2 that chat templates use, set up as transformers sets it up: `trim_blocks` and
/// `lstrip_blocks` on, the immutable sandbox, `break` and `continue`, `raise_exception`, `strftime_now`, and a `tojson`
/// that does not escape HTML.
///
/// Reference: Jinja2 3.1 and `transformers.utils.chat_template_utils`. What is left out is refused with an error, most of
/// it when the template is parsed.
public struct Template: Sendable {
    private let statements: [Statement]
    private let limits: Limits

    /// - Throws: ``TemplateError`` with the line, what stands there and what was expected or is supported.
    public init(_ source: String) throws(TemplateError) {
        try self.init(source, limits: Limits())
    }

    init(_ source: String, limits: Limits) throws(TemplateError) {
        statements = try Parser.parse(source, limits: limits)
        self.limits = limits
    }

    /// - Parameters:
    ///   - context: The variables that the template sees.
    ///   - now: The time that `strftime_now` tells.
    /// - Returns: What the template writes; of it is `given` what the context gave as such.
    /// - Throws: ``TemplateError``, also for what the template itself refuses by `raise_exception`.
    public func render(_ context: [String: Value], now: Date = Date()) throws(TemplateError) -> Text {
        try Interpreter(context: context, limits: limits, now: now).render(statements)
    }
}

/// The bounds within which templates are read and rendered. Real templates stay far below all of them.
struct Limits: Sendable {
    /// Nesting of parentheses, of statements, and of the values that they build.
    var nesting = 50
    /// Expressions in one tag, each part of a larger one counted.
    var expressions = 2_000
    /// Nested evaluations while rendering, macro calls included. As this and the other two stand, a stack of 512 KiB
    /// suffices.
    var recursion = 200
    /// Total work of one rendering.
    var steps = 10_000_000
    /// UTF-8 bytes of one text, and of everything written.
    var textBytes = 64 << 20
    /// Elements of one range; the value of Jinja's sandbox.
    var range = 100_000
}
