// What retrieval can be told.


/// How documents are found for a question.
public enum RetrievalMethod: String, Codable, Sendable, Hashable, CaseIterable {
    /// Okapi BM25 over the model's own tokens.
    case bm25
    /// Embeddings by an encoder on this machine.
    case embeddings
    /// Embeddings by an OpenAI-compatible endpoint.
    case endpoint
}

/// In which words retrieved documents are put before a question.
public enum RetrievalPrompt: String, Codable, Sendable, Hashable, CaseIterable {
    /// The paper's evaluation: the documents, then the question as such (section 4.1).
    case passages
    /// The teacher's, as questions are asked with their own documents: a distilled model has learnt from them.
    case teacher
}

/// Settings of retrieval. The default number of documents is the paper's (Appendix D).
public struct RetrievalSettings: Codable, Sendable, Hashable {
    /// The methods by which held-out questions are asked besides closed-book and with their documents.
    public var methods: [RetrievalMethod] = []
    /// The words in which what they find is put to the model; each is a column of its own in tables.
    public var prompts: [RetrievalPrompt] = [.passages]
    /// Documents that a question is given, as far as they fit the model's context.
    public var topK = 7
    /// The encoder of `embeddings`: a Hugging Face folder with a BERT model, such as a sentence-transformers one.
    public var embedder = ""
    /// The endpoint of `endpoint`. The paper uses text-embedding-3-small of https://api.openai.com/v1.
    public var endpoint = EndpointSettings(baseURL: "", model: "")

    /// The defaults.
    public init() {}
}
