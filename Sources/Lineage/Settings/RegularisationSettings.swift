// What regularisation on instruction data can be told.


/// Settings of regularisation: while the student learns, it is held to what the base model says to instructions that have
/// nothing to do with the documents (paper, sections 2.5 and 4.6, Eq. 2). Both are without a document then; divergence and
/// temperature are the training's.
public struct RegularisationSettings: Codable, Sendable, Hashable {
    /// Share of each optimizer step's samples that are instructions; 0 for none. The paper's is 0.5.
    public var share = 0.0
    /// Instructions with replies (JSONL or JSON: chat messages, ShareGPT, Alpaca, Self-Instruct, prompts and completions); empty
    /// for general instructions that come with the program, with the base model's own replies.
    public var data = ""
    /// The most instructions that are used, drawn evenly from the data; nil for as many as training asks for.
    public var limit: Int?
    /// The most tokens of a sample, conversation and reply together, as Table 8 counts them: a reply that goes beyond is cut
    /// there, and a conversation that leaves no room for one is left out.
    public var maximumPromptTokens = 1024
    /// How the base model's own replies are drawn.
    public var sampling = SamplingSettings(temperature: 1)
    /// The most tokens of one of its own replies.
    public var maximumTokens = 256

    /// No regularisation.
    public init() {}

    /// Instructions in a full batch; 0 where there is no regularisation.
    public func perStep(batchSize: Int) -> Int { Int((share * Double(batchSize)).rounded()) }

    /// Instructions that a training on so many other samples asks for at most.
    public func wanted(samples: Int, training: TrainingSettings) -> Int {
        let perStep = perStep(batchSize: training.batchSize)
        let others = max(1, training.batchSize - perStep)
        return (samples + others - 1) / others * training.epochs * perStep
    }
}
