// The settings of retrieval.

/// How documents are found for a question.
public enum RetrievalMethod: String, SettingChoice {
    /// Okapi BM25 over the model's own tokens.
    case bm25
    /// Embeddings by an encoder on this machine.
    case embeddings
    /// Embeddings by an OpenAI-compatible endpoint.
    case endpoint
}

/// In which words retrieved documents are put before a question.
public enum RetrievalPrompt: String, SettingChoice {
    /// The paper's evaluation: the documents, then the question as such (section 4.1).
    case passages
    /// The teacher's, as questions are asked with their own documents: a distilled model has learnt from them.
    case teacher
}

/// The default number of documents is the paper's (Appendix D).
public struct RetrievalSettings: SettingsSection {
    public var methods: [RetrievalMethod] = []
    public var prompts: [RetrievalPrompt] = [.passages]
    public var topK = 7
    public var embedder = ""
    public var endpoint = EndpointSettings()

    public static let settings: [Setting<Self>] = [
        Setting(\.methods, "How documents are found for held-out questions; each method is a condition.", rows: .never),
        Setting(\.prompts, "In which words they are put before the question; each is a condition.", rows: .never),
        Setting(\.topK, "Documents that a question is given, as far as they fit the model's context.", .atLeast(1)),
        .path(\.embedder, "The encoder of method embeddings: a Hugging Face BERT folder."),
        Setting(\.endpoint, "The endpoint of method endpoint; the paper has OpenAI's text-embedding-3-small."),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        guard Set(methods).count == methods.count else { throw invalid(\.methods, "each name once") }
        guard Set(prompts).count == prompts.count else { throw invalid(\.prompts, "each name once") }
        if !methods.isEmpty, prompts.isEmpty { throw missing(\.prompts) }
        if methods.contains(.embeddings), embedder.isEmpty { throw missing(\.embedder) }
        guard methods.contains(.endpoint) else { return }
        if endpoint.baseURL.isEmpty { throw missing(\.endpoint.baseURL) }
        if endpoint.model.isEmpty { throw missing(\.endpoint.model) }
    }
}
