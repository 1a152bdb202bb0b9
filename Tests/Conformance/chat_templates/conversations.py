"""Conversations on which real templates are tried: usual ones, odd ones, and such as templates refuse."""

USER = {"role": "user", "content": "Who discovered the comet?"}
ASSISTANT = {"role": "assistant", "content": "  Ada Quill did, in 1911.\n"}
SYSTEM = {"role": "system", "content": "You answer briefly.\n\n"}
AGAIN = {"role": "user", "content": "And where?"}

TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Finds <things> & \"more\" in the café's index.",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "what to find"},
                "limit": {"type": "integer", "default": 5, "enum": [1, 5, 10]},
                "exact": {"type": "boolean"},
                "weights": {"type": "array", "items": {"type": "number"}},
            },
            "required": ["query"],
        },
        "return": {"type": "string", "description": "what was found"},
    },
}

CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [
        {
            "id": "call00001",
            "type": "function",
            "function": {"name": "look_up", "arguments": {"query": "comet", "limit": 1, "exact": True, "weights": [0.5, 1.0]}},
        }
    ],
}
CALLED = {"role": "tool", "name": "look_up", "tool_call_id": "call00001", "content": '{"found": ["Ada Quill"]}'}

CONVERSATIONS = {
    "one question": [USER],
    "with a system message": [SYSTEM, USER],
    "several turns": [SYSTEM, USER, ASSISTANT, AGAIN],
    "without a system message": [USER, ASSISTANT, AGAIN],
    "ends with an answer": [USER, ASSISTANT],
    "many turns": [SYSTEM] + [USER, ASSISTANT] * 20 + [AGAIN],
    "empty contents": [{"role": "system", "content": ""}, {"role": "user", "content": ""}],
    "white space": [{"role": "user", "content": " \t\n \u00a0\u2003x\u200b \r\n\x1f"}],
    "markup": [{"role": "user", "content": "<b>&amp; 'a' \"b\" {{ x }} {% raw %} {# #} \\n</b>"}],
    "unicode": [{"role": "user", "content": "Żółć 🧑‍🚀 e\u0301 ﬁ ǅ İ ΑΣ नमस्ते \U0010ffff"}, ASSISTANT, AGAIN],
    "very long": [{"role": "user", "content": "line of text, " * 20000}],
    "thinking": [
        USER,
        {"role": "assistant", "content": "<think>\nIt was 1911.\n</think>\n\nAda Quill."},
        AGAIN,
        {"role": "assistant", "content": "In Wick.", "reasoning_content": "The log says so."},
        USER,
    ],
    "assistant first": [ASSISTANT, USER],
    "two users": [USER, AGAIN],
    "unknown role": [{"role": "narrator", "content": "Once upon a time"}],
    "late system message": [USER, SYSTEM],
    "no messages": [],
    "no content": [{"role": "user"}],
    "content is none": [{"role": "user", "content": None}],
    "content in parts": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "image"}]}],
    "tool call": [USER, CALL, CALLED],
    "tool call, answered": [SYSTEM, USER, CALL, CALLED, ASSISTANT, AGAIN],
    "tool call as text": [
        USER,
        {**CALL, "tool_calls": [{"type": "function", "function": {"name": "look_up", "arguments": '{"query": "comet"}'}}]},
        CALLED,
    ],
}

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

SETTINGS = {
    "prompt": {**TOKENS, "add_generation_prompt": True, "tools": None, "documents": None},
    "no prompt": {**TOKENS, "add_generation_prompt": False, "tools": None, "documents": None},
    "bare": {},
    "tools": {**TOKENS, "add_generation_prompt": True, "tools": [TOOL], "documents": None},
    "two tools": {**TOKENS, "add_generation_prompt": True, "tools": [TOOL, TOOL], "enable_thinking": False},
    "documents": {
        **TOKENS,
        "add_generation_prompt": True,
        "documents": [{"title": "Log", "text": "Wick, 1911"}],
        "controls": [],
        "date_string": "1 Jan 2025",
        "enable_thinking": True,
    },
}
