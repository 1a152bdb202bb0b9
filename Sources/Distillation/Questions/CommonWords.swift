// Words of which texts of a language are full, by which its texts are told from those of others. Not all languages are here: one
// that is not should be near none of these, or beside its nearest.

enum CommonWords {
    /// What a text has of a language's words.
    struct Best {
        /// nil where another language has nearly as many.
        let name: String?
        let count: Int
        /// How many different ones.
        let distinct: Int
    }

    /// The language of which a text has the most; nil where it has words of none.
    static func best(of languages: [String: Set<Substring>], in words: [Substring]) -> Best? {
        let found = languages.map { name, common in (name: name, words: words.filter(common.contains)) }
            .sorted { ($1.words.count, $0.name) < ($0.words.count, $1.name) }
        guard let first = found.first, !first.words.isEmpty else { return nil }
        let isAlone = found.dropFirst().allSatisfy { 20 * $0.words.count < 17 * first.words.count }
        return Best(
            name: isAlone ? first.name : nil, count: first.words.count, distinct: Set(first.words).count)
    }

    private static func words(_ text: String) -> Set<Substring> { Set(text.split(whereSeparator: \.isWhitespace)) }

    static let english = words(
        """
        the of and to in is was that for with as on by at from are it be which were an has have had its this not or but their \
        they his he her she you we will can been when who what there if more than would
        """)

    /// But for the English ones. Letters alone, which tables are full of, are no words here.
    static let latin: [String: Set<Substring>] = [
        "Afrikaans": "die en van nie dat vir met wat hy sy op te aan ook sal kan deur na sy ’n het hulle maar",
        "Catalan":
            "els les amb per una del dels que és la el en al són ha als més també però aquest aquesta seva seu fou",
        "Croatian": "je su se na za od da koji koja koje ili ali nije bio bila kao što iz po kroz biti sa te",
        "Czech":
            "na se je že do to pro ve jako za by byl byla které který která jsou po od také jeho při nebo ale jen až",
        "Danish":
            "og at det er en til på som af med den de ikke der et han var sig fra ved kan men nu efter hun blev siden også",
        "Dutch":
            """
        de het een en van dat op te zijn met voor niet die aan er om ook als bij door naar uit werd wordt dan nog heeft \
        deze over worden maar hij zij haar hun
        """,
        "Estonian": "ja on ei et see oli ta kui ka mis oma või aga ning kes olid pärast tema selle kuid veel",
        "Finnish":
            "ja on ei se että oli hän mutta ovat joka kun niin myös tai sen sekä ole kuin sitä jo vain olivat hänen",
        "French":
            """
        le la les de des et est un une en du dans qui que pour par sur au avec il elle pas plus sont ce cette aux ne se \
        son sa ses ont été mais ou leur nous vous être fait comme depuis
        """,
        "German":
            """
        der die das und ist den von zu mit sich des auf für nicht dem ein eine als auch wird im sie er werden aus bei \
        einer nach hat sind war wurde oder durch um am einen zum zur über noch nur wie aber seine ihre haben wenn
        """,
        "Hungarian":
            "az és hogy nem egy van volt ez azt meg csak mint de ha már vagy még ki el szerint után amely között",
        "Icelandic":
            "og að er til sem af við með fyrir ekki það var um en hann hún þeir frá eru hefur því þá sér eftir",
        "Indonesian":
            "yang dan di dengan untuk dari pada ini itu adalah dalam tidak akan oleh juga sebagai ke atau bisa karena",
        "Italian":
            """
        il lo la gli le di che un una per con non del della dei delle nel nella si da al alla sono come più anche ma suo \
        sua fu stato ha dal dalla degli questo questa
        """,
        "Norwegian":
            "og at det er en til på som av med den de ikke et han var seg fra ved kan men nå etter hun ble siden også",
        "Polish":
            "na do się nie jest to że od jak za po dla przez ale był była tym które który która są przy oraz lub tylko jego",
        "Portuguese":
            """
        os as de que em um uma do da dos das no na nos nas para com por não se ao mais como foi sua seu também pelo pela \
        são ou entre quando muito já está
        """,
        "Romanian":
            "și în de la cu nu pe este un din că care pentru mai sau au fost ca prin după sunt lui ale cea cel dar",
        "Slovak":
            "na sa je že do to pre vo ako za by bol bola bolo ktoré ktorý ktorá sú po od aj jeho pri alebo ale len až",
        "Slovene": "je na se za da so ki pri ali tudi kot bil bila od po iz ne pa bi še ter bilo lahko",
        "Spanish":
            """
        el la los las de en que es un una por con para del se su al lo como más fue sus no pero entre cuando este esta \
        son ha también desde hasta está muy sobre donde sin
        """,
        "Swedish":
            "och att det som en på är av för med till den har de inte om ett han sig från vid så kan men nu där efter hon blev",
        "Turkish":
            "ve bir bu da de için ile olarak çok daha olan gibi en sonra kadar ise olduğu tarafından var ne değil ya veya",
        "Vietnamese":
            "và của là có được trong cho một các với không những người này đã từ khi đến ở cũng về như năm ra",
    ].mapValues { words($0).subtracting(english) }

    static let cyrillic = [
        "Belarusian": "і ў не на што з па як гэта але для ад быў была было ён яна яны яго яе да ці або таксама які",
        "Bulgarian": "и в не на че с по как това от но за е са беше той тя те го се към или също който през да",
        "Macedonian": "и во не на дека со по како тоа од но за е се беше тој таа тие го кон или исто кој низ да",
        "Russian": "и в не на что с по как это из но для от был была было он она они его её к у же или также который",
        "Serbian": "и у не на да је су се са од за као али био била било он она они који која је или такође због",
        "Ukrainian": "і в не на що з та як це із але для від був була було він вона вони його її до у є або також який",
    ].mapValues(words)

    static let arabic = [
        "Arabic": "في من على إلى أن التي الذي هذا هذه عن مع كان كانت ما لا هو هي ذلك بعد قبل بين قد",
        "Persian": "و در به از که این را با است برای آن یک بود شد می تا بر خود هم نیز شده کرد",
        "Urdu": "کے کی میں اور ہے سے کا کو نے پر یہ وہ ہیں اس تھا ایک بھی نہیں جو تھی",
    ].mapValues(words)
}
