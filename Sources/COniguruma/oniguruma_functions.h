// Oniguruma as Swift needs it: its encoding and syntax are C macros and mutable globals, which Swift cannot name
// safely. Knows nothing of tokenizers; a pattern is compiled with the engine's default syntax, a text is UTF-8.

#ifndef INSTILL_ONIGURUMA_FUNCTIONS_H
#define INSTILL_ONIGURUMA_FUNCTIONS_H

#include <oniguruma.h>
#include <stddef.h>

/// Prepares the engine for UTF-8. To be called once, before anything else.
static inline int instill_onig_initialize(void) {
    OnigEncoding encodings[1] = {ONIG_ENCODING_UTF8};
    return onig_initialize(encodings, 1);
}

/// Compiles a pattern. On failure returns a negative code and writes its wording, a C string, to `message`.
static inline int instill_onig_compile(
    const OnigUChar *pattern, int length, regex_t **compiled, OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN]
) {
    OnigErrorInfo information;
    int code = onig_new(
        compiled, pattern, pattern + length, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &information
    );
    if (code != ONIG_NORMAL) {
        message[onig_error_code_to_str(message, code, &information)] = 0;
    }
    return code;
}

/// Bytes matched at `at`, or ONIG_MISMATCH, or another negative code when the engine gave up.
static inline int instill_onig_match(
    regex_t *compiled, const OnigUChar *text, const OnigUChar *end, const OnigUChar *at
) {
    return onig_match(compiled, text, end, at, NULL, ONIG_OPTION_NONE);
}

/// Where in `text` the first match at or after `from` begins, or ONIG_MISMATCH, or another negative code.
static inline int instill_onig_search(
    regex_t *compiled, const OnigUChar *text, const OnigUChar *end, const OnigUChar *from
) {
    return onig_search(compiled, text, end, from, end, NULL, ONIG_OPTION_NONE);
}

#endif
