// What follows a Korean noun within one written word: particles, the copula, and the verb that makes a noun an action. Knows
// syllables, not sentences.

enum KoreanEndings {
    /// Whether the syllables behind a noun are endings, up to three of them, so that the noun is the word itself: 부산에서는 is 부산,
    /// 부산물 is something else.
    static func isEnding(_ syllables: Substring, most: Int = 3) -> Bool {
        if syllables.isEmpty { return true }
        guard most > 0 else { return false }
        return (1...min(5, syllables.count)).contains { length in
            all.contains(String(syllables.prefix(length)))
                && isEnding(syllables.dropFirst(length), most: most - 1)
        }
    }

    private static let all: Set<String> = Set(
        """
        은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 한테 로 으로 와 과 랑 이랑 하고 도 만 까지 부터 마다 보다 처럼 같이 나 이나 라 이라 라고 \
        이라고 라는 이라는 란 이란 이다 다 입니다 이었다 였다 이었습니다 였습니다 예요 이에요 이며 며 이고 고 인 이자 으로서 로서 으로써 로써 조차 마저 \
        밖에 뿐 대로 만큼 요 이요 야 이야 여 이여 씨 님 들 쯤 하다 했다 하였다 했습니다 한다 합니다 하는 한 하여 해 되었다 됐다 되었습니다 \
        된다 됩니다 되는 된
        """.split(separator: " ").map(String.init))
}
