// General instructions that ask for texts to be written, changed, read and translated. Texts only; the passages in them are
// invented.

extension GeneralInstructions {
    static let writing = [
        "Write a short poem about an empty railway station at night.",
        "Write a friendly message to colleagues that the coffee machine is broken until Thursday.",
        "Write the first paragraph of a story that begins with a door nobody has seen before.",
        "Write a letter to a library asking for longer opening hours.",
        "Write a haiku about the first snow.",
        "Describe the smell of a market in four sentences.",
        "Write a birthday card for an uncle who loves fishing.",
        "Write a dialogue between a pencil and an eraser, six lines long.",
        "Write a notice for the hallway: a grey scarf was found on the stairs.",
        "Tell a bedtime story of about a hundred words about a snail who wants to see the sea.",
        "Write a product description for an umbrella that folds to the size of a phone.",
        "Write an apology to a customer whose parcel came a week late.",
        "Write a limerick about a cook who cannot taste salt.",
        "Write a paragraph that argues for more trees in city streets.",
        "Write the text of an invitation to a neighbourhood picnic, with day, time and what to bring.",
        "Describe a lighthouse to someone who has never seen one.",
        "Write a diary entry of a shop assistant on the busiest day of the year.",
        "Write a reference for a gardener who has worked for you for three summers.",
        "Write two sentences that would make someone want to read a book about clocks.",
        "Write a short speech in which a teacher says goodbye to a class.",
        "Write a complaint to a hotel about noise from a building site, firm but polite.",
        "Write a tongue twister with the letter M.",
    ]

    /// Texts that are given and to be changed.
    static let rewriting = [
        "Make this sentence more polite: Send me the file now.",
        "Rewrite in the past tense: She opens the window, looks out and waves to the postman.",
        "Correct the mistakes: Their going to there house becaus its raining.",
        "Shorten this to at most eight words: We would like to inform you that the meeting has been cancelled.",
        "Rewrite so that a child understands it: The vessel was rendered inoperable by adverse conditions.",
        "Turn this into a question: The museum is closed on Mondays.",
        "Rewrite in the passive voice: The wind broke the fence during the night.",
        "Say the same more formally: Hey, can't make it tonight, sorry!",
        "Replace every adjective by its opposite: It was a dark, cold morning in a quiet old town.",
        "Put a comma where one is needed: Before we eat Grandma wants to say a few words.",
        "Make one sentence of these: The dog barked. The cat ran away. Nobody was home.",
        "Rewrite without the word very: It was a very hot day and we were very tired.",
        "Turn these notes into a paragraph: moved to the coast, small flat, seagulls, new job at the harbour, happy.",
        "Rewrite as indirect speech: \"I will call you when I arrive,\" said Tom.",
        "Make this sound more enthusiastic: The food was fine and the room was clean.",
        "Write this in capital letters: please close the gate.",
        "Remove everything that is not needed: In my personal opinion, I think that it is basically a good idea.",
        "Put the words in alphabetical order: walnut, apricot, quince, fig, cherry.",
        "Turn this statement into a headline: A goat walked into the town hall of a village and ate a map.",
    ]

    /// Passages to be summarised, sorted and questioned.
    static let reading = [
        """
        Sum up in one sentence: The ferry was to leave at eight. Fog came in from the west, and the captain waited until \
        ten before she gave the signal. Nobody on board complained; most of them had seen the rocks at low tide.
        """,
        """
        What is the writer's mood in this message? "The heating is broken again. Third time this month. I have stopped \
        taking my coat off."
        """,
        """
        List the names of people in this text: When Ada came in, Mr Brand was already talking to the two Lindgren \
        sisters, while Paul looked for his glasses.
        """,
        """
        Give this text a title: Every spring the children of our street paint stones and hide them in the park. Whoever \
        finds one may keep it or hide it somewhere else.
        """,
        """
        Is this review positive or negative? Answer with one word. "I wanted to like the chair, but after an hour my \
        back knew better."
        """,
        """
        Which three facts does the text give about the shop? "The shop on the corner opens at seven, sells bread and \
        newspapers, and has belonged to the same family for sixty years."
        """,
        """
        Summarise in two sentences: A baker in a mountain village noticed that his dough rose more slowly in winter. \
        He moved the bowls closer to the oven, then onto it, and finally slept beside them to turn them at night. In \
        March he bought a thermometer. It told him that the cellar, which he had always avoided, was the warmest room.
        """,
        """
        Does the second sentence follow from the first? Explain briefly. "All tickets for the boat are sold. Anna, who \
        wanted to travel on it, has no ticket."
        """,
        """
        Sort these into animals, tools and clothes: hammer, otter, scarf, pliers, sparrow, glove, saw, boot.
        """,
        """
        What should the reader do after this e-mail? "Dear all, the car park will be painted on Friday. Please leave \
        your cars in Mill Lane that day. We are sorry for the trouble. The office."
        """,
        """
        Find the contradiction: The old cinema has been empty since it burned down in June. Every Saturday in August we \
        bought our popcorn there.
        """,
        """
        Turn the text into three bullet points: Our club meets on Tuesdays in the school hall. Beginners are welcome at \
        six, everybody else comes at seven. Bring shoes with light soles.
        """,
        """
        Write two questions that this text answers: The bridge was built of oak because there was no stone nearby. It \
        carried carts for ninety years and was then replaced by one of steel.
        """,
        """
        Which word does not fit with the others, and why? Violin, trumpet, cello, viola.
        """,
        """
        Extract the date, the time and the place as JSON: "See you on 3 May at half past four in front of the town hall!"
        """,
        """
        Who speaks here, and to whom, as far as one can tell? "Two more laps and then you may drink. Keep your elbows in, \
        Jonas!"
        """,
        """
        Complete the story with one sentence: The old clockmaker had repaired every clock in town but his own. On the day \
        it stopped,
        """,
        """
        Explain what the proverb means and when one would say it: Many hands make light work.
        """,
    ]

    static let translation = [
        "Translate into French: Where is the nearest pharmacy?",
        "Translate into German: I would like a table for two by the window.",
        "Translate into Spanish: The train leaves in twenty minutes from platform four.",
        "Translate into English: Il fait beau aujourd'hui, allons à la plage.",
        "Translate into English: Der Schlüssel liegt unter der Matte neben der Tür.",
        "Translate into English: ¿Podrías ayudarme a llevar estas cajas?",
        "How do you say thank you in six different languages?",
        "Translate into Italian: My grandmother makes the best soup in the village.",
        "What does the Latin expression carpe diem mean, and how is it used today?",
        "Translate into Portuguese: We will be late because of the traffic.",
        "Give three English expressions for being very tired, from formal to informal.",
        "Translate this into simple English for a learner: She was reluctant to disclose her whereabouts.",
        "Erkläre in zwei Sätzen, warum man vor dem Kochen die Hände waschen soll.",
        "Écris une phrase avec les mots « jardin », « pluie » et « sourire ».",
        "Escribe un mensaje corto para felicitar a una amiga por su nuevo trabajo.",
        "What is the difference between the British and the American meaning of the word pants?",
        "Scrivi tre consigli per chi visita una grande città per la prima volta.",
        "Translate into Dutch: Can you tell me what time the shop closes?",
    ]
}
