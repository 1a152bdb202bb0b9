// General instructions that ask for arithmetic, puzzles and code. Texts only.

extension GeneralInstructions {
    /// Small sums and puzzles.
    static let arithmetic = [
        "What is 17 times 6?",
        "A jacket costs 80 euros and is reduced by a quarter. What does it cost now?",
        "I have 3 bags with 12 marbles each and give away 7 marbles. How many are left? Show the steps.",
        "Convert 5 kilometres to metres.",
        "What comes next: 3, 6, 12, 24, …?",
        "A train needs 40 minutes for 60 kilometres. How fast is it in kilometres per hour?",
        "Which is larger, two thirds or three quarters? Explain how you know.",
        "A recipe for 4 people needs 300 grams of rice. How much is needed for 6 people?",
        "Add 128 and 394, and say whether the result is even or odd.",
        "What is the average of 4, 8 and 15?",
        "If today is Wednesday, which day is it in ten days?",
        "How many minutes are there in a day?",
        "A rectangle is 7 cm long and 4 cm wide. Give its area and its perimeter.",
        "Lena is twice as old as her brother, and together they are 27. How old is each of them?",
        "Solve for x: 3x + 5 = 26.",
        "Write 0.375 as a fraction in lowest terms.",
        "A shop sells pens in packs of 8. How many packs does a school need for 100 pupils?",
        "Round 3.14159 to two decimal places.",
        "Three friends share a bill of 54 euros, and one of them pays 6 euros more than each of the others. Who pays what?",
        "What is 15 percent of 60?",
        "I throw two dice. In how many ways can the sum be 7?",
        "Ben is taller than Eva, and Eva is taller than Max. Who is the shortest?",
        "Write the number forty-two in Roman numerals.",
    ]

    /// Programs and what is around them.
    static let code = [
        "Write a Python function that returns the largest number of a list without using max.",
        "What does this print? for i in range(3): print(i * 2)",
        "Write a SQL query that counts the orders of each customer in a table orders with a column customer_id.",
        "Explain the difference between a list and a dictionary in Python.",
        "Write a regular expression for dates like 2024-05-31 and explain its parts.",
        "Find the mistake: def add(a, b): retrun a + b",
        "Write a shell command that lists the five largest files of a folder.",
        "Write a function in JavaScript that reverses a string.",
        "What is a unit test, and what makes a good one?",
        "Write an HTML page with a heading, a paragraph and a link.",
        "Explain recursion with the example of counting down from five.",
        "Write a Swift function that tells whether a word is a palindrome.",
        "What is the difference between == and === in JavaScript?",
        "Write a Python program that asks for a name and greets the person.",
        "Turn this into a list comprehension: result = [] followed by for x in xs: if x > 0: result.append(x)",
        "Explain to a beginner what a variable is.",
        "Write a JSON object that describes a book with a title, two authors and a year.",
        "What does git commit do, in one or two sentences?",
        "Write a C function that computes the factorial of a number with a loop.",
        "Name three reasons why a program might be slower than expected.",
        "Write CSS that centres a box in the middle of the page.",
        "Write a Python function that counts the vowels of a text, with a short comment.",
    ]
}
