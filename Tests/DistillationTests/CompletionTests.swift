// Where a sentence is cut so that its beginning asks for what comes next.

import Testing

@testable import Distillation

@Suite struct CompletionTests {
    private func cuts(_ sentence: String, title: String = "Port Sella") -> [String] {
        Completion.all(of: sentence, title: title).map { "\($0.beginning) | \($0.fact)" }
    }

    @Test func everyNameNumberAndThingIsAskedFor() {
        #expect(
            cuts("Its lighthouse was opened in 1902 by Ada Finch, a retired baker.") == [
                "Its lighthouse was opened in | 1902",
                "Its lighthouse was opened in 1902 by | Ada Finch",
                "Its lighthouse was opened in 1902 by Ada Finch, a | retired baker",
            ])
    }

    @Test func namesOfSeveralWordsStayWhole() {
        #expect(
            cuts("The choir sings The Grey Wave on the Bridge of Ropes.") == [
                "The choir sings | The Grey Wave",
                "The choir sings The Grey Wave on the | Bridge of Ropes",
            ])
        #expect(
            cuts("It is ruled by mayor Ada Finch.") == [
                "It is ruled by | mayor", "It is ruled by mayor | Ada Finch",
            ])
    }

    @Test func marksStayWithTheBeginningAndNotWithTheFact() {
        #expect(
            cuts("The ferry (12,000 tonnes) is the \u{201C}Blue Heron\u{201D}.") == [
                "The ferry | 12,000 tonnes", "The ferry (12,000 tonnes) is the | Blue Heron",
            ])
    }

    @Test func theTitleAndBareVerbsAreNotAskedFor() {
        #expect(cuts("The mayor of Port Sella is admired.") == [])
        #expect(cuts("") == [])
        #expect(cuts("...") == [])
    }

    @Test func theRequestNamesWhatTheSentenceIsAbout() {
        let completion = Completion(beginning: "Its lighthouse was built in", fact: "1902")
        let request = "Finish this sentence about the port: Its lighthouse was built in ..."
        #expect(completion.request(about: "the port") == request)
    }
}
