// A Jinja template as chat models carry it: parsed once, rendered any number of times.

import Foundation

/// A template in the part of Jinja2 that chat templates use, set up as transformers sets it up: `trim_blocks` and
/// `lstrip_blocks` on, the immutable sandbox, `break` and `continue`, `raise_exception`, `strftime_now`, and a `tojson`
/// that does not escape HTML.
///
/// Reference: Jinja2 3.1 and `transformers.utils.chat_template_utils`. Differences, all of them errors here and not
/// other output: whole numbers are of 64 bits, loops are not recursive, and parts of Jinja that templates for chats do
/// not use (inheritance, imports, HTML filters) are refused when the template is parsed.
public struct Template: Sendable {
    private let statements: [TemplateStatement]
    private let limits: TemplateLimits

    /// Parses `source`.
    ///
    /// - Throws: ``TemplateError`` with the line, what stands there and what was expected or is supported.
    public init(_ source: String) throws(TemplateError) {
        try self.init(source, limits: TemplateLimits())
    }

    init(_ source: String, limits: TemplateLimits) throws(TemplateError) {
        statements = try TemplateParser.parse(source, limits: limits)
        self.limits = limits
    }

    /// The template's text for `context`.
    ///
    /// - Parameters:
    ///   - context: The variables that the template sees. Values that a rendering made mean nothing to another.
    ///   - now: The time that `strftime_now` tells.
    /// - Throws: ``TemplateError``, also for what the template itself refuses by `raise_exception`.
    public func render(_ context: [String: Value], now: Date = Date()) throws(TemplateError) -> String {
        try TemplateInterpreter(context: context, limits: limits, now: now).render(statements)
    }
}
