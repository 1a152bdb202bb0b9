// SQuAD's JSON, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), which Squadshifts shares. Shape only.

/// A file in SQuAD's format.
struct SQuAD: Decodable {
    struct Article: Decodable {
        let title: String?
        let paragraphs: [Paragraph]
    }

    struct Paragraph: Decodable {
        let context: String
        let qas: [Item]?
    }

    struct Item: Decodable {
        let id: String?
        let question: String
        let answers: [Gold]?
    }

    struct Gold: Decodable {
        let text: String
    }

    let data: [Article]
}
