"""Scenes at the bank, the doctor's, the library and the lost property office."""

from __future__ import annotations

from .core import Talk, scene
from .pools import CITIES, DAYS, LAST_NAMES, MONTHS, NUMBER_WORDS, RELATIVES, clock, money, two_different

# An account, why somebody wants it, and the same in the third person. CITY stands for a drawn city.
ACCOUNTS = (
    ("a checking account", "I've just moved here from CITY", "has just moved here from CITY"),
    ("a checking account", "I start my first job next week", "starts a first job next week"),
    ("a checking account", "I'm not happy with my old bank anymore", "is not happy with the old bank anymore"),
    ("a savings account", "I'm putting money aside for a trip to CITY", "is putting money aside for a trip to CITY"),
    ("a savings account", "I'm saving up for a used car", "is saving up for a used car"),
    ("a savings account", "I've finally decided to save for a house", "has finally decided to save for a house"),
    ("a savings account", "I got a little bonus at work", "got a little bonus at work"),
    ("a student account", "I've just started at the university here", "has just started at the university here"),
    ("a student account", "I came over from CITY to study", "came over from CITY to study"),
    ("a business account", "I'm opening a small bakery", "is opening a small bakery"),
    ("a business account", "I've begun to work as a freelance designer", "has begun to work as a freelance designer"),
    ("a joint account", "I'm getting married in MONTH", "is getting married in MONTH"),
    ("a joint account", "I'm moving in with my partner in MONTH", "is moving in with a partner in MONTH"),
)
IDENTITY_PAPERS = ("passport", "identity card", "driver's license", "residence permit")
ADDRESS_PAPERS = (
    "electricity bill",
    "rental contract",
    "phone bill",
    "water bill",
    "gas bill",
    "tax letter",
    "internet bill",
    "insurance letter",
)
ADDRESS_EXCUSES = (
    ("I left it on the kitchen table", "left it on the kitchen table"),
    ("I forgot it at home", "forgot it at home"),
    ("I must have packed it in a moving box", "must have packed it in a moving box"),
    ("I didn't know I'd need it", "didn't know it was needed"),
    ("I must have taken the wrong folder", "has taken the wrong folder"),
    ("I think it's still in my office drawer", "thinks it is still in an office drawer"),
    ("I only have an old one with my last address", "only has an old one with the last address"),
)

# What hurts, how it may have begun, what it is, what helps against it, and what the patient should do.
AILMENTS = (
    (
        "a sore throat",
        ("after a rock concert", "after a swim in the lake", "on a cold train ride"),
        "a mild throat infection",
        "throat tablets",
        ("drink plenty of warm tea", "rest your voice|rest the voice"),
    ),
    (
        "a bad cough",
        ("after a camping weekend", "after a walk in the rain", "on a flight home from CITY"),
        "a touch of bronchitis",
        "a cough syrup",
        ("breathe in some steam every evening", "stay out of the cold air"),
    ),
    (
        "a stiff neck",
        ("after a night on a friend's sofa", "after a long drive", "after a day at the computer"),
        "a tense muscle",
        "a warming cream",
        ("sleep on a flatter pillow", "do some gentle stretching"),
    ),
    (
        "a pain in my lower back|a pain in the lower back",
        ("after we moved some furniture|after moving some furniture", "after a day in the garden", "after a long drive"),
        "a strained muscle",
        "some mild painkillers",
        ("avoid heavy lifting", "take short walks instead of lying down"),
    ),
    (
        "itchy, watery eyes",
        ("after a picnic in the park", "when the neighbor cut the grass", "after a bike ride in the fields"),
        "hay fever",
        "some eye drops",
        ("keep the bedroom window closed", "wear sunglasses outdoors"),
    ),
    (
        "a headache every afternoon",
        ("after I changed jobs|after a change of job", "after a trip to CITY", "with the hot weather"),
        "eye strain",
        "some mild painkillers",
        ("take a break from the screen every hour", "drink much more water"),
    ),
    (
        "stomach cramps",
        ("after a seafood dinner", "on a trip to CITY", "after a very spicy curry"),
        "an upset stomach",
        "some stomach drops",
        ("eat nothing but toast and soup", "stay away from coffee"),
    ),
    (
        "a rash on my arm|a rash on one arm",
        ("after some work in the garden", "with a new washing powder", "after a hike in the woods"),
        "a skin allergy",
        "a soothing cream",
        ("wear loose cotton shirts", "stop scratching it"),
    ),
    (
        "a swollen knee",
        ("after a run in the park", "after a fall on the stairs", "after a game of tennis"),
        "a slight sprain",
        "a cooling gel",
        ("put some ice on it", "keep the leg up"),
    ),
    (
        "an aching wrist",
        ("after a weekend of painting walls", "after a badminton match", "after a week of typing"),
        "an irritated tendon",
        "an elastic bandage",
        ("keep the wrist still", "use the other hand for a while"),
    ),
    (
        "an earache",
        ("after a swimming lesson", "on a flight to CITY", "after a windy day at the beach"),
        "an ear infection",
        "some ear drops",
        ("keep the ear dry", "wear a warm hat outside"),
    ),
    (
        "trouble falling asleep",
        ("after I changed to the late shift|after changing to the late shift", "when the exams began", "after a trip to CITY"),
        "a case of stress",
        "a herbal sleeping tea",
        ("put the phone away after dinner", "take a walk before bed"),
    ),
)
EXTRA_SYMPTOMS = (
    ("I've lost my appetite", "has lost all appetite"),
    ("I feel tired all day long", "feels tired all day long"),
    ("I can't concentrate at work", "cannot concentrate at work"),
    ("I had to leave work early yesterday", "had to leave work early yesterday"),
    ("I've skipped my training twice", "has skipped training twice"),
    ("I get dizzy when I stand up too fast", "gets dizzy when standing up too fast"),
    ("I'm grumpy with everybody", "is grumpy with everybody"),
    ("I've hardly done any housework", "has hardly done any housework"),
)
DURATIONS = (
    "three days",
    "four days",
    "five days",
    "about a week",
    "ten days",
    "nearly two weeks",
    "more than two weeks",
    "a whole month",
)
PLANS = (
    "go hiking",
    "fly to CITY",
    "play in the football match",
    "go to a wedding",
    "help a friend move",
    "go to the swimming pool",
    "drive to CITY",
    "run the charity race",
    "dance at a party",
    "take the children to the zoo",
    "go on a bike tour",
)
TESTS = ("a blood test", "some lab tests", "a full checkup", "a few extra tests", "a long checkup")
ALLERGENS = ("aspirin", "penicillin", "lavender", "peppermint oil", "eucalyptus", "lactose", "chamomile", "ibuprofen")

TITLES = (
    "The Clockmaker of Elm Street",
    "A Small History of Bread",
    "Lanterns on the Harbor",
    "Cooking with Wild Herbs",
    "Letters to a Lighthouse",
    "How Bridges Stand Up",
    "The Orchard in Winter",
    "Bees for Beginners",
    "Seven Trains to Samarkand",
    "The Painter and the Fox",
    "Gardens on Balconies",
    "The Last Ferry Home",
    "Stars for City People",
    "A Village without Clocks",
    "Knots and Sails",
    "The Cartographer's Niece",
    "Understanding Clouds",
    "Murder at the Tea Room",
)
BOOK_USES = (
    "my book club|a book club",
    "a school project",
    "a long train ride",
    "my evening course|an evening course",
    "a rainy weekend",
    "an essay",
    "my holiday|a holiday",
    "a talk at work",
    "a reading group",
    "my bedtime reading|bedtime reading",
    "a class presentation",
    "my nephew's birthday week|a nephew's birthday week",
)
LIBRARY_SPOTS = (
    "on the second floor, next to the maps",
    "on the top floor, by the windows",
    "in the reading corner behind the stairs",
    "on the new arrivals table",
    "downstairs, across from the magazines",
    "on the third shelf from the left",
    "at the very back, beside the copy machine",
    "on the first floor, under the big clock",
    "in the round room, near the globe",
    "on the cart by the elevator",
)
BRANCHES = ("Mill Street", "Harbor Road", "Oak Park", "North Side", "Station Square", "Riverside", "College Hill", "Garden Lane")

WALLET_LOOKS = (
    "brown leather",
    "black leather",
    "red leather",
    "dark blue nylon",
    "gray canvas",
    "green cloth",
    "light brown suede",
    "yellow plastic",
    "striped cloth",
    "purple leather",
)
WALLET_PLACES = (
    "on the number 12 bus",
    "on the train from CITY",
    "at the swimming pool",
    "in the cinema on King Street",
    "at the farmers' market",
    "in a taxi",
    "in the museum cafe",
    "at the shopping mall",
    "on the ferry",
    "in the waiting room at the station",
    "at the football stadium",
    "on the number 7 tram",
    "in the park by the river",
    "at the airport",
)
WALLET_CONTENTS = (
    "a driver's license",
    "two bank cards",
    "a student card",
    "a gym card",
    "a bus pass",
    "a library card",
    "a photo of a cat",
    "an old lottery ticket",
    "a key card",
    "a few receipts",
    "some stamps",
    "a concert ticket",
    "a shopping list",
    "an insurance card",
)
FINDERS = (
    "a cleaner",
    "a schoolgirl",
    "an old gentleman",
    "a bus driver",
    "a tourist from CITY",
    "a young couple",
    "a security guard",
    "a student",
    "a lady with a dog",
    "a delivery man",
    "a waiter",
)
HIDING_PLACES = (
    "in the lining of my coat|in the lining of the coat",
    "at the bottom of my bag|at the bottom of the bag",
    "in my back pocket|in the back pocket",
    "inside my umbrella|inside the umbrella",
    "under my laptop|under the laptop",
    "between my newspapers|between some newspapers",
    "in my lunch box|in the lunch box",
    "in the hood of my jacket|in the hood of the jacket",
)
HOME_PLACES = (
    "on the kitchen table",
    "under the sofa",
    "next to the bathroom sink",
    "in the fruit bowl",
    "on top of the fridge",
    "in the laundry basket",
    "on the piano",
    "in the car",
)


def _both(words: str) -> tuple[str, str]:
    """The first-person and the third-person form of an entry such as 'my coat|the coat'."""
    said, _, told = words.partition("|")
    return said, told or said


@scene
def opening_bank_account(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    account, why, why_told = talk.pick(ACCOUNTS)
    city, month = talk.pick(CITIES), talk.pick(MONTHS)
    why, why_told = (words.replace("CITY", city).replace("MONTH", month) for words in (why, why_told))
    identity, address = talk.pick(IDENTITY_PAPERS), talk.pick(ADDRESS_PAPERS)
    deposit = money(rng, 10, 250, 10)
    kind = account.removeprefix("a ")
    talk.topic("opening a bank account", f"a new {kind}", "at the bank", "a bank customer's questions")
    if talk.chance(0.6):
        talk.say(
            b,
            "Good morning. What can I do for you?",
            "Hello, please take a seat. How can I help?",
            "Next, please. Good afternoon!",
            "Hi there, thanks for waiting. What brings you in?",
            "Welcome to the bank. Do you have an appointment, or did you just drop in?",
        )
    talk.say(
        a,
        f"I'd like to open {account}, please. {why[0].upper()}{why[1:]}.",
        f"Hi. {why[0].upper()}{why[1:]}, so I think I need {account}.",
        f"Um, this is the first time I've been to this bank. {why[0].upper()}{why[1:]}, and I was told I should open {account}.",
        f"Could you help me set up {account}? You see, {why}.",
    )
    talk.note(
        f"{{A}} {why_told} and wants to open {account}.",
        f"{{A}} comes to {{B}}'s bank to open {account}, because {{A}} {why_told}.",
        f"{{B}} serves {{A}}, who {why_told} and needs {account}.",
        f"{{A}} asks {{B}} to help set up {account} and explains that {{A}} {why_told}.",
    )
    talk.say(b, "Of course, that won't take long.", "Sure, I can help you with that.", "No problem at all.")
    talk.say(
        b,
        f"I'll need your {identity} and, as proof of your address, your latest {address}. And you have to pay in at least {deposit}.",
        f"Did you bring your {identity} and {'an' if address[0] in 'aeiou' else 'a'} {address} with your address on it? The first deposit is {deposit}, by the way.",
        f"There are just two papers I have to see, your {identity} and your {address}. You also need {deposit} to start the account.",
    )
    talk.fact("How much has to be paid in at first?", deposit)
    need = (
        f"{{B}} needs the {identity}, the {address} and a first deposit of {deposit}.",
        f"{{B}} asks to see the {identity} and the {address}, and says that {deposit} must be paid in.",
        f"To open the account, {{A}} has to show two papers, the {identity} and the {address}, and pay in {deposit}.",
    )
    opened = True
    papers = talk.pick(("complete", "complete", "phone", "missing"))
    if papers == "complete":
        talk.say(
            a,
            "I have both right here. And I can pay that in cash.",
            "Here you are, and here's the money too.",
            "Luckily I brought everything. Will a transfer do for the money?",
        )
        talk.say(
            b,
            "Perfect. Just give me a minute to type this in.",
            "Wonderful, you're well prepared. That makes it easy.",
            "That's fine. I'll make copies and give them right back.",
        )
        talk.note(
            f"{{A}} has brought the {identity} and the {address} that {{B}} asks for, and can pay the {deposit}.",
            f"{{B}} needs two papers, the {identity} and the {address}, and a deposit of {deposit}, and {{A}} has everything.",
            f"{{A}} gives {{B}} the {identity} and the {address} and will pay in the {deposit} required.",
        )
    else:
        excuse, excuse_told = talk.pick(ADDRESS_EXCUSES)
        talk.say(
            a,
            f"Oh no. I've got my {identity}, but not the {address}. {excuse}.",
            f"Hmm, here's my {identity}. As for the {address}, {excuse}, I'm sorry to say.",
            f"The {identity} is no problem. But the {address}, well, {excuse}.",
        )
        if papers == "phone":
            talk.note(*need, major=False)
            talk.say(
                b,
                "Could you perhaps find a copy on your phone?",
                "A picture or an e-mail copy would do, if you have one.",
                "Don't worry, I can also accept it as a file on your phone.",
            )
            talk.say(
                a,
                "Wait a second. Yes, here it is, from last month!",
                "Let me search my e-mails. Got it! Shall I forward it to you?",
                "Good idea. Look, this one should be all right.",
            )
            talk.note(
                f"{{A}} hasn't got the {address} along, but {{B}} accepts a copy on the phone.",
                f"The {address} is missing, so {{A}} finds a copy on the phone for {{B}} instead.",
                f"As for the {address}, {{A}} {excuse_told}, but {{B}} accepts a phone copy.",
            )
            talk.say(
                b,
                "That's good enough for me. Now we can go ahead.",
                "Great, this is all I need, so let's fill in the form.",
                "Excellent. I'll print that out and add it to your file.",
            )
        else:
            opened = False
            talk.say(
                b,
                f"I'm sorry, but I can't open the account without the {address}. The rules are strict.",
                f"In that case you'd have to come back, I'm afraid. We really need the {address}.",
                f"Hmm, without the {address} my hands are tied. It's the law.",
            )
            talk.note(
                f"{{A}} only has the {identity}, and {{B}} cannot open the account without the {address}.",
                f"{{B}} refuses to open the account because {{A}} hasn't brought the {address}.",
                f"Since the {address} is missing, {{B}} says {{A}} has to come back.",
            )
            day, other = two_different(rng, DAYS[:5])
            time = clock(rng, 9, 15)
            if talk.chance(0.5):
                talk.say(
                    a,
                    f"I see. Could I come in again on {day}?",
                    f"That's a pity. Are you open on {day}?",
                    f"All right. Would {day} be possible?",
                )
                talk.say(
                    b,
                    f"Sure, come at {time} and ask for me.",
                    f"Yes, I'm free at {time}. I'll write it down.",
                    f"That works. Let's say at {time}, then you won't have to wait.",
                )
                talk.note(
                    f"{{A}} will come back on {day} at {time}.",
                    f"They arrange a new appointment for {day} at {time}.",
                    f"{{B}} makes an appointment for {{A}} on {day} at {time}.",
                )
                talk.fact(f"What time should the customer come on {day}?", time)
                talk.gist(
                    f"A customer must return on {day} to open {account}.",
                    "A paper is missing, so opening the account has to wait.",
                    "A bank customer gets a second appointment for a new account.",
                )
            else:
                talk.say(
                    a,
                    "What a shame. Can't I simply do the rest online?",
                    "I'd rather not take another day off. Is there no other way?",
                    "Hmm, I live quite far away. Could I send it to you somehow?",
                )
                talk.say(
                    b,
                    f"You can. Upload the {address} on our website by {other}, and we'll do the rest.",
                    f"Yes, if you upload the {address} on our website before {other}, you needn't come again.",
                    f"Actually, there is. Our website lets you upload the {address}. Just do it no later than {other}.",
                )
                talk.say(
                    a,
                    "That's a relief. I'll do it tonight.",
                    "Oh, that's much easier. Thanks a lot.",
                    "Good, I can manage that from home.",
                )
                talk.note(
                    f"{{B}} allows {{A}} to upload the {address} on the bank's website by {other}.",
                    f"{{A}} doesn't have to return but can upload the {address} on the website by {other}.",
                    f"Instead of coming again, {{A}} will hand in the {address} through the website before {other} is over.",
                )
                talk.gist(
                    f"A customer will finish opening {account} online.",
                    "A missing paper can be sent to the bank online.",
                    "A bank clerk explains how to hand in a missing paper.",
                )
    if not opened:
        return
    # What comes up while the clerk fills in the form.
    if papers == "phone":
        talk.say(
            a,
            "Thank you. When will I get my card?",
            "Great. And how soon can I expect the card?",
            "I'm glad that's settled. How long does the card take?",
            "You're very flexible! Will I get a card as well?",
        )
    else:
        talk.say(
            a,
            "Before you go on, what does the account cost per month?",
            "May I ask about the monthly fee?",
            "One question, though. Is the account free?",
        )
        fee, percent = rng.randint(2, 9), rng.randint(1, 4)
        if talk.chance(0.45):
            talk.say(
                b,
                "It's completely free for the first year.",
                "There's no fee at all during the first year.",
                "You pay nothing in the first year.",
            )
            talk.note(
                "{B} tells {A} that the account is free for the first year.",
                "There is no monthly fee in the first year, as {B} explains.",
                "{A} asks about the fee and hears that the first year costs nothing.",
            )
            talk.say(
                a,
                "That's good to hear. When will I get my card?",
                "Excellent! And how soon can I expect the card?",
                "I like that. How long does the card take?",
            )
        else:
            talk.say(
                b,
                f"It's {fee} dollars a month, cards included.",
                f"We charge {fee} dollars a month, but that covers everything.",
                f"It's only {fee} dollars a month, and you get {percent} percent back when you pay by card.",
            )
            talk.fact("What does the account cost?", f"{fee} dollars a month")
            if talk.chance(0.35):
                talk.say(
                    a,
                    "Oh, that adds up over the years. I'd like to compare some other banks first.",
                    f"Honestly, I didn't expect that. My {talk.pick(RELATIVES)}'s bank charges nothing. I'd better think it over.",
                    "Hmm, I hadn't reckoned with a fee. Let's stop here for today, if you don't mind.",
                )
                talk.say(
                    b,
                    "I understand. Take this leaflet with you, and come back anytime.",
                    "That's quite all right. Here's my card in case you change your mind.",
                    "As you wish. The offer stays open until the end of the month.",
                )
                talk.note(
                    f"The account costs {fee} dollars a month, so {{A}} decides not to open it yet.",
                    f"Because of the fee of {fee} dollars a month, {{A}} would rather wait than open the account now.",
                    f"{{A}} hesitates at the fee of {fee} dollars a month and doesn't open the account for now.",
                )
                talk.gist(
                    "A customer decides against a new account because of the fee.",
                    f"Someone asks about {account} but finds it too expensive.",
                    "A monthly fee keeps a customer from opening an account.",
                )
                return
            talk.note(
                f"{{B}} explains that the fee is {fee} dollars a month.",
                f"When {{A}} asks about the fee, {{B}} says it is {fee} dollars a month.",
                f"The account will cost {{A}} {fee} dollars a month, as {{B}} explains.",
            )
            talk.say(
                a,
                "I can live with that. When do I get my card?",
                "All right, that's reasonable. And the card, when will it arrive?",
                "Okay, fair enough. How long do I have to wait for the card?",
            )
    days = talk.pick(NUMBER_WORDS)
    talk.say(
        b,
        f"It'll be in your mailbox in {days} days. Please sign here, and the account is yours.",
        f"We'll send it to you within {days} days. All I need now is your signature. Congratulations on your new account!",
        f"That takes {days} days. If you sign at the bottom, we're done.",
    )
    talk.say(
        a,
        "There you go. Thank you for your help.",
        "Great, that was quicker than I thought. Thanks!",
        "Done. Thanks, you've been very kind.",
    )
    talk.note(
        f"{{A}} signs for the new account and will get the card in {days} days.",
        f"The account is opened, and the card will reach {{A}} in {days} days.",
        f"{{A}} will receive the card in {days} days and thanks {{B}} after everything is settled.",
    )
    talk.fact("How long does the card take?", f"{days} days")
    talk.gist(
        f"A customer opens {account} at the bank.",
        f"A bank clerk helps somebody to open {account}.",
        "Someone gets a new bank account without much trouble.",
    )


@scene
def visiting_the_doctor(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    ailment, triggers, cause, remedy, advices = talk.pick(AILMENTS)
    city = talk.pick(CITIES)
    ailment, ailment_told = _both(ailment)
    trigger, trigger_told = _both(talk.pick(triggers).replace("CITY", city))
    advice, advice_told = _both(talk.pick(advices))
    duration, extra = talk.pick(DURATIONS), talk.pick(EXTRA_SYMPTOMS)
    named = talk.chance(0.55)
    patient, doctor = two_different(rng, LAST_NAMES)
    patient, doctor = f"{talk.pick(('Mr.', 'Ms.', 'Mrs.'))} {patient}", f"Dr. {doctor}"
    who, healer = (patient, doctor) if named else ("{A}", "{B}")
    talk.topic("seeing a doctor", "a doctor's visit", "a health problem", "medical advice")
    if named:
        talk.say(
            b,
            f"Good morning, {patient}. What seems to be the trouble?",
            f"Come in, {patient}, and have a seat. How are you feeling?",
            f"Hello, {patient}. I haven't seen you for a while. What's wrong?",
            f"Ah, {patient}! What can I do for you today?",
        )
        hello = talk.pick(
            (
                f"Thanks for seeing me, {doctor}.",
                f"Hello, {doctor}.",
                f"Well, {doctor}, I've been better.",
                f"Good to see you, {doctor}, though I'd rather be at home.",
            )
        )
    else:
        hello = talk.pick(
            (
                "Hello, doctor.",
                "Well, not too good, to be honest.",
                "Thank you for fitting me in.",
                "Hi. I hope I'm not wasting your time.",
            )
        )
        if talk.chance(0.6) or hello.startswith("Well"):
            talk.say(
                b,
                "Good afternoon. What's bothering you?",
                "Please come in. How are you today?",
                "Hello there. What brings you to see me?",
                "Take a seat, please. What's the matter?",
            )
    talk.say(a, hello)
    talk.say(
        a,
        f"I've had {ailment} for {duration} now. It started {trigger}.",
        f"You see, it began {trigger}. I've had {ailment} for {duration}, and it just won't go away.",
        f"For {duration} I've had {ailment}. I think it came on {trigger}.",
    )
    talk.fact("How long has the patient had the problem?", duration)
    talk.note(
        f"{who} has had {ailment_told} for {duration}.",
        f"{{A}} goes to see the doctor and complains of {ailment_told}, which began {trigger_told}.",
        f"{{A}} tells {healer} about {ailment_told}. It all began {trigger_told}.",
        f"It began {trigger_told}, and for {duration} {who} has had {ailment_told}.",
    )
    if talk.chance(0.5):
        talk.say(
            b,
            "I see. Any fever, or anything else I should know about?",
            "Hmm. Have you noticed anything besides that, like a fever?",
            "That doesn't sound pleasant. Is there anything else, a fever perhaps?",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                f"No fever, but {extra[0]}.",
                f"My temperature is fine. But, well, {extra[0]}.",
                f"I don't think I have a fever. Only, {extra[0]}.",
            )
            talk.note(
                f"{{A}} has no fever but {extra[1]}.",
                f"Besides, {who} {extra[1]}, though there is no fever.",
                f"When {healer} asks about a fever, {{A}} says no, but {extra[1]}.",
                major=False,
            )
        else:
            talk.say(
                a,
                "No, apart from that I feel all right.",
                "Not that I know of. I'm eating and sleeping as usual.",
                "No, nothing. Otherwise I'm as fit as ever.",
            )
            talk.note(
                "{A} has no fever and feels well apart from that.",
                f"There is no fever or anything else that {who} has noticed.",
                f"{{A}} tells {healer} that there are no other complaints, not even a fever.",
                major=False,
            )
        talk.say(
            b,
            "Let me have a quick look at you.",
            "All right, let me examine you for a moment.",
            "Thanks, that helps me. I'll just check you over.",
        )
    else:
        talk.say(
            b,
            "Let's have a look. Please sit up straight for me.",
            "Hmm, I'd better take a closer look at that. Hold still, please.",
            "Oh dear. Let me examine you first.",
        )
        talk.say(
            a,
            "It's a bit uncomfortable. Is it serious?",
            "All right. Do I need to worry?",
            "Sure. I hope it's nothing bad.",
            "Like this? Okay. What do you think it is?",
        )
    course = talk.pick(("remedy", "remedy", "test", "rest"))
    if course == "remedy":
        times, days = (
            talk.pick(("twice a day", "three times a day", "every evening", "every morning", "once a day")),
            talk.pick(NUMBER_WORDS),
        )
        talk.say(
            b,
            f"It's {cause}, I'd say. I'll prescribe {remedy}, to be used {times} for {days} days. And please {advice}.",
            f"Well, it looks like {cause}. Here's a prescription for {remedy}. Use it {times} for {days} days, and {advice} if you can.",
            f"No need to worry, it's {cause}. {remedy[0].upper()}{remedy[1:]}, {times}, for {days} days should do the trick. Try to {advice}, too.",
        )
        talk.note(
            f"{healer} thinks it is {cause} and prescribes {remedy} for {days} days.",
            f"{{B}} finds {cause} and tells {{A}} to use {remedy} {times}.",
            f"According to {healer}, it is {cause}, and {who} should use {remedy} and {advice_told}.",
        )
        talk.fact("What does the doctor think it is?", cause)
        if talk.chance(0.5):
            allergen = talk.pick(ALLERGENS)
            talk.say(
                a,
                f"I should mention that I'm allergic to {allergen}.",
                f"Is there any {allergen} in that? I can't have it.",
                f"Just a second. I react badly to {allergen}. Would that be a problem?",
            )
            if talk.chance(0.5):
                talk.say(
                    b,
                    f"Thank you for telling me. Then I'll choose another brand without {allergen}.",
                    f"Ah, that's important. I'll write down a different brand that has no {allergen} in it.",
                    f"Good that you say so. This one has {allergen} in it, so let's take another brand.",
                )
                talk.note(
                    f"{{A}} cannot have {allergen}, so {healer} chooses another brand.",
                    f"Because {who} doesn't tolerate {allergen}, {{B}} changes the prescription to a different brand.",
                    f"{healer} picks a brand without {allergen}, as it is bad for {{A}}.",
                )
            else:
                talk.say(
                    b,
                    f"Don't worry, there's no {allergen} in it at all.",
                    f"I've just checked the label. It's free of {allergen}, so you're safe.",
                    f"Not with this one. It doesn't contain any {allergen}.",
                )
                talk.note(
                    f"{{A}} cannot have {allergen}, but {healer} says there is none in it.",
                    f"{who} is worried about {allergen}, which the medicine doesn't contain.",
                    f"{healer} assures {{A}}, who reacts badly to it, that there is no {allergen} in the medicine.",
                )
        gists = (
            f"A doctor prescribes {remedy} for a patient.",
            f"A patient is told that it is {cause}.",
            f"A doctor treats a patient for {cause}.",
        )
    elif course == "test":
        test, (day, other), time = talk.pick(TESTS), two_different(rng, DAYS[:5]), clock(rng, 8, 16)
        talk.say(
            b,
            f"I can't be sure what it is. I'd like you to have {test}. Can you come on {day} at {time}?",
            f"It's probably harmless, but to be on the safe side, let's do {test}. How about {day} at {time}?",
            f"Hmm, I want to know more before I give you anything. We should do {test} on {day} at {time}.",
        )
        talk.note(
            f"{healer} is not sure yet and wants {{A}} to have {test}.",
            f"{{B}} suggests {test} on {day} at {time} to find out more.",
            f"To be certain, {healer} would like to do {test} on {day}.",
        )
        moved = talk.chance(0.5)
        if moved:
            talk.say(
                a,
                f"I'm working all day on {day}. Would {other} be possible?",
                f"Oh, {day} is difficult for me. Could we make it {other}?",
                f"I'm afraid I can't get away on {day}. What about {other} instead?",
            )
            talk.say(
                b,
                f"Yes, {other} is fine. Same time. And {advice} until then.",
                f"All right, then {other}, at the same time. In the meantime, {advice}.",
                f"Let me check. Yes, we can move it to {other}. Until then, {advice}, please.",
            )
            talk.note(
                f"Since {{A}} cannot come on {day}, they move it to {other}.",
                f"{who} isn't free on {day}, so {healer} agrees to {other}.",
                f"{{A}} asks for {other} instead of {day}, and {{B}} agrees.",
            )
        else:
            talk.say(
                a,
                "Yes, I can make it. Do I have to do anything before that?",
                "That suits me. Is there something I can do until then?",
                "Fine with me. What should I do in the meantime?",
            )
            talk.say(
                b,
                f"Just {advice}. Apart from that, live as usual.",
                f"Yes, {advice}. That usually helps a little.",
                f"Nothing special, but {advice}, please.",
            )
            talk.note(
                f"{{A}} agrees to come on {day}, and until then should {advice_told}.",
                f"{who} can make it on {day} and is told to {advice_told} in the meantime.",
                f"{healer} advises {{A}}, who will come for it on {day}, to {advice_told}.",
            )
        final = other if moved else day
        talk.fact("Which day will the test take place?", final)
        gists = (
            f"A doctor wants a patient to have {test}.",
            f"A patient will have {test} on {final}.",
            "A doctor cannot tell yet what is wrong.",
        )
    else:
        talk.say(
            b,
            f"Good news, it's only {cause}. You don't need any medicine. Just {advice}.",
            f"It's {cause}, nothing worse. If you {advice}, it'll pass without medicine.",
            f"I think it's {cause}. I wouldn't take anything for it. Simply {advice} for a few days.",
        )
        talk.note(
            f"{healer} says it is only {cause} and {{A}} needs no medicine.",
            f"{{B}} finds nothing worse than {cause} and advises {who} to {advice_told}.",
            f"Instead of medicine, {healer} tells {{A}} to {advice_told}, as it is just {cause}.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "Are you sure? I was hoping for something that works faster.",
                "Couldn't you give me anything at all? It's really annoying.",
                "Honestly, I'd feel better with something from the pharmacy.",
            )
            talk.say(
                b,
                f"Well, if you insist, {remedy} can't hurt. Ask at the pharmacy.",
                f"All right, then get {remedy} at the pharmacy. But don't overdo it.",
                f"If it makes you feel better, try {remedy}. You can get that without a prescription.",
            )
            talk.note(
                f"{{A}} insists on getting something, so {healer} suggests {remedy}.",
                f"As {who} isn't satisfied with that, {{B}} recommends {remedy}.",
                f"{healer} finally tells {{A}}, who would like something more, to try {remedy}.",
            )
        gists = (
            f"A patient only has {cause} according to the doctor.",
            "A doctor finds nothing serious wrong with a patient.",
            f"A patient hears that it is only {cause}.",
        )
    plan, plan_day = (
        talk.pick(PLANS).replace("CITY", talk.pick([c for c in CITIES if c != city])),
        talk.pick(("Saturday", "Sunday", "Friday night", "the weekend")),
    )
    if talk.chance(0.6) and course != "test":
        talk.say(
            a,
            f"One more thing. Can I still {plan} on {plan_day}?",
            f"I was planning to {plan} on {plan_day}. Is that all right?",
            f"And what if I {plan} on {plan_day}? Would that be okay?",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "I'd rather you didn't. Give your body some rest.",
                "Better not. It's too early for that, I'm afraid.",
                "No, please stay at home this time.",
            )
            talk.say(
                a,
                "What a pity. But I'll do as you say.",
                "Oh well, health comes first, I suppose.",
                "I was afraid you'd say that. All right, then.",
            )
            talk.note(
                f"{{A}} hoped to {plan} on {plan_day}, but {healer} is against it.",
                f"{healer} advises {{A}} not to {plan} on {plan_day}.",
                f"{who} will have to give up the plan to {plan} on {plan_day}.",
            )
        else:
            talk.say(
                b,
                "If you feel better by then, why not? Just take it easy.",
                "Yes, as long as you don't tire yourself out.",
                "I don't see why not, but stop if you feel unwell.",
            )
            talk.say(
                a,
                "Great, that's what I wanted to hear. Thanks!",
                "I'll be careful, I promise. Thank you.",
                "That's a relief. I've been looking forward to it.",
            )
            talk.note(
                f"{healer} allows {{A}} to {plan} on {plan_day}, if it isn't too much.",
                f"{{A}} may still {plan} on {plan_day} but should be careful.",
                f"{who} asks about the plan to {plan} on {plan_day}, and {{B}} has nothing against it.",
            )
    else:
        talk.say(
            a,
            "Okay. And if it gets worse?",
            "I'll do that. Should I call you if it doesn't help?",
            "Thanks a lot. Do you want to see me again?",
        )
        back = talk.pick(NUMBER_WORDS)
        talk.say(
            b,
            f"Call me if it isn't better in {back} days. Get well soon!",
            f"If you don't feel any change after {back} days, give us a ring.",
            f"Let's wait {back} days. If it still bothers you then, just phone the office.",
        )
        talk.note(
            f"{{A}} should call if it is not better after {back} days.",
            f"{healer} asks {{A}} to phone if there is no improvement within {back} days.",
            f"If it still isn't better in {back} days, {who} is supposed to get in touch.",
        )
    talk.gist(*gists)


@scene
def borrowing_library_book(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    title, second = two_different(rng, TITLES)
    use, use_told = _both(talk.pick(BOOK_USES))
    course = talk.pick(("there", "there", "lent", "lent", "inhouse"))
    talk.topic("borrowing a book", "at the library", "library loan", "looking for a book")
    if course != "there" or talk.chance(0.4):
        talk.say(
            b,
            "Hello, can I help you find something?",
            "Good morning! You look a little lost. May I help?",
            "Hi, are you looking for a particular book?",
            "Good afternoon. What are you after?",
        )
    talk.say(
        a,
        f"Excuse me, do you have {title}? I'd like it for {use}.",
        f"Hi. I've been searching for {title} but can't find it anywhere. I need it for {use}.",
        f"I'm trying to find a book called {title}. It's for {use}.",
        f"I hope you can help me. Is {title} in the library? I want to borrow it for {use}.",
    )
    talk.fact("Which book is the reader looking for?", title)
    talk.note(
        f"{{A}} is looking for the book {title}, which is for {use_told}.",
        f"{{A}} would like to borrow {title} from the library for {use_told}.",
        f"For {use_told}, {{A}} wants a book called {title} and asks {{B}} about it.",
        f"{{A}} asks {{B}} whether the library has {title}.",
    )
    talk.say(
        b,
        "One moment, I'll look it up in the computer.",
        "Let me check the catalog for you.",
        "Ah, that one is popular. Let me see.",
    )
    taken = ""
    if course == "there":
        spot = talk.pick(LIBRARY_SPOTS)
        talk.say(
            b,
            f"You're lucky, it's in. You'll find it {spot}.",
            f"Yes, we have one copy, {spot}.",
            f"Somebody brought it back this morning. It should be {spot}.",
        )
        talk.note(
            f"{{B}} finds out that the book is there, {spot}.",
            f"The book is available, and {{B}} tells {{A}} to look {spot}.",
            f"According to {{B}}, {{A}} can find it {spot}.",
        )
        talk.say(
            a,
            "Oh, I walked right past it! Okay, I've got it. Can I take it home?",
            "Thanks. Give me a second. Yes, here it is! I'd like to check it out.",
            "Perfect. Found it! So what do I do now?",
        )
        taken = title
    elif course == "lent":
        day = talk.pick(DAYS[:6])
        talk.say(
            b,
            f"I'm sorry, it's out on loan until {day}.",
            f"Oh, what a pity. Another reader has it, and it's due back on {day}.",
            f"Unfortunately somebody has borrowed it. We expect it back on {day}.",
        )
        talk.note(
            f"{{B}} says the book is on loan until {day}.",
            f"Another reader has the book, which {{B}} expects back on {day}.",
            f"{{A}} learns that the book is lent out and will not be back before {day}.",
        )
        talk.fact("When is the book due back?", day)
        if talk.chance(0.5):
            talk.say(
                a,
                "Could you keep it for me when it comes back?",
                "That's okay, I can wait. May I reserve it?",
                "Hmm. Can you put my name on the list, then?",
            )
            way = talk.pick(("a text message", "an e-mail", "a phone call", "a postcard", "a message in the library app"))
            if talk.chance(0.4):
                ahead = talk.pick(NUMBER_WORDS)
                talk.say(
                    b,
                    f"I can, but there are {ahead} people ahead of you. It may take weeks.",
                    f"Sure. I must warn you, though, {ahead} people are already waiting.",
                    f"Of course, but {ahead} people have asked for it before you.",
                )
                talk.say(
                    a,
                    "Oh, that's far too long. Forget it. I'll buy a copy instead.",
                    "That many? Then I'd better look for a cheap one in the bookshop.",
                    "Goodness! No, thanks, in that case I'll just buy it.",
                )
                talk.note(
                    f"Since {ahead} people are waiting for it, {{A}} prefers to buy the book.",
                    f"{{A}} wants to reserve it but gives up, as there are {ahead} people on the list.",
                    f"{{B}} mentions the {ahead} people who are ahead, so {{A}} will get a copy in a shop.",
                )
                talk.gist(
                    f"A reader will buy {title} instead.",
                    "A library book has too long a waiting list.",
                    "The book a reader wants is lent out.",
                )
                return
            talk.say(
                b,
                f"Certainly. You'll get {way} as soon as it's here.",
                f"Done. We'll send you {way} when it's back." if "call" not in way else f"Done. You'll get {way} when it's back.",
                f"No problem, I've put you down. Just wait for {way} from us.",
            )
            talk.say(
                a,
                "Wonderful. How long will you hold it for me?",
                "Great. And how much time do I have to pick it up?",
                "Thank you. Do I have to come on the same day?",
            )
            hold = talk.pick(NUMBER_WORDS[1:])
            talk.say(
                b,
                f"We keep it at the desk for {hold} days.",
                f"You have {hold} days to collect it. After that it goes to the next person.",
                f"Take your time, it'll wait here for {hold} days.",
            )
            talk.note(
                f"{{A}} reserves it, will be told by {way.split(' ', 1)[1]}, and then has {hold} days to collect it.",
                f"{{B}} puts {{A}} on the list. The library will hold the book for {hold} days.",
                f"{{A}} will get {way} when the book is back, and it will be kept for {hold} days.",
            )
            talk.gist(
                f"A reader reserves {title} at the library.",
                "A librarian reserves a book that is on loan.",
                "A reader has to wait for a book.",
            )
            return
        talk.say(
            a,
            "Oh, that's too late for me. Is there anything similar?",
            "I can't wait that long, I'm afraid. What else could you recommend?",
            "That won't work, sadly. Do you know another book like it?",
        )
        talk.say(
            b,
            f"Try {second}. Many people tell me it's even better.",
            f"How about {second}? I read it last winter and loved it.",
            f"If I were you, I'd take {second}. We have it right here.",
        )
        if talk.chance(0.3):
            talk.say(
                a,
                "I've read that one already. Thanks, I'll try another library.",
                "Hmm, that isn't really what I need. I'll ask my friends for it instead.",
                "No, I'd rather stick to the first one. I'll look for it elsewhere.",
            )
            talk.note(
                f"{{B}} recommends {second} instead, but {{A}} doesn't want it.",
                f"{{A}} cannot wait and turns down {second}, which {{B}} suggests.",
                f"{{A}} isn't interested in {second} and will try to find the first book somewhere else.",
            )
            talk.gist(
                "A reader leaves the library without a book.",
                f"A reader cannot get {title} at the library.",
                "A librarian recommends another book without success.",
            )
            return
        talk.say(
            a, "Really? Then I'll give it a try.", "That sounds interesting. I'll take it.", "Why not? The cover looks nice, too."
        )
        talk.note(
            f"{{A}} cannot wait, so {{B}} recommends {second}, and {{A}} will try it.",
            f"{{B}} suggests {second} instead, and {{A}} decides to borrow that.",
            f"As it would be too late, {{A}} takes {second} on {{B}}'s recommendation.",
        )
        taken = second
    else:
        talk.say(
            b,
            "We have it, but only for the reading room. You can't take it home.",
            "It's here, though I'm not allowed to lend it. It has to stay in the reading room.",
            "There's one copy, and it doesn't leave the reading room, I'm sorry.",
        )
        talk.note(
            "{B} says the book may only be read in the reading room.",
            "The library has the book, but {A} cannot take it out of the reading room.",
            "{A} hears from {B} that the book must stay in the reading room.",
        )
        branch, day, pages = talk.pick(BRANCHES), talk.pick(DAYS[:5]), rng.randint(5, 40)
        if talk.chance(0.5):
            talk.say(
                a,
                "Is there another branch that lends it?",
                "That's a shame. Does any other library in town have it?",
                "Hmm, I'd much rather read it at home. Is there no other copy?",
            )
            talk.say(
                b,
                f"Yes, our {branch} branch does. They can send it over by {day}.",
                f"Let me look. The {branch} branch has one to lend, and it could be here by {day}.",
                f"There's one at the {branch} branch. If I order it now, you'll have it by {day}.",
            )
            talk.say(
                a,
                "Please do that. I'll come back then.",
                "That would be lovely, thank you.",
                "Perfect, that's early enough for me.",
            )
            talk.note(
                f"{{B}} will have another copy sent from the {branch} branch by {day}.",
                f"{{A}} agrees to get the copy of the {branch} branch, which will arrive by {day}.",
                f"The {branch} branch can lend a copy, so {{A}} will have the book by {day}.",
            )
            talk.fact("Which branch has a copy to lend?", branch)
            talk.gist(
                "A library orders a book from another branch.",
                f"A reader will get {title} by {day}.",
                "A reader asks for a book that cannot leave.",
            )
        else:
            cents = talk.pick((5, 10, 15, 20, 25))
            talk.say(
                a,
                f"May I at least copy some of it? I only need {pages} pages.",
                f"Could I make copies, then? It's just {pages} pages that I need.",
                f"I see. Then can I copy a chapter? It's about {pages} pages long.",
            )
            talk.say(
                b,
                f"Sure, the machine by the door costs {cents} cents a page.",
                f"That's allowed. It's {cents} cents a page, and you can pay me afterwards.",
                f"Yes, go ahead. We charge {cents} cents a page.",
            )
            talk.say(
                a,
                "Good, that solves my problem.",
                "That's cheap enough. Thank you very much.",
                "All right. Could you change a bill for me, please?",
            )
            talk.note(
                f"{{A}} is allowed to copy {pages} pages at {cents} cents each.",
                f"{{B}} lets {{A}} copy the {pages} pages, for {cents} cents a page.",
                f"Instead of borrowing it, {{A}} will copy {pages} pages and pay {cents} cents for each.",
            )
            talk.fact("What does a copy cost?", f"{cents} cents a page")
            talk.gist(
                "A reader copies some pages of a library book.",
                f"A reader may not take {title} home.",
                "A book cannot leave the library, so a reader copies it.",
            )
        return
    # The loan itself.
    weeks = talk.pick(NUMBER_WORDS[:5])
    card = talk.pick(("good", "good", "none", "late")) if course == "there" else "good"
    if card == "good":
        talk.say(b, "May I have your library card?", "I just need to scan your card.", "Do you have your card with you?")
        talk.say(
            a,
            "Here you are. How long can I keep it?",
            "Sure, here. When do I have to return it?",
            "Yes, it's in my pocket. So when is the book due?",
        )
    elif card == "none":
        fee = money(rng, 2, 12, 1)
        talk.say(
            b,
            "Do you have a library card?",
            "Do you have a card already? I need it for the loan.",
            "You have one of our library cards, don't you?",
        )
        talk.say(
            a,
            "No, I'm new here. Can I get a card today?",
            "Not yet, I'm afraid. Is it complicated to join?",
            "I don't have one. I only moved to town last month.",
        )
        talk.say(
            b,
            f"You can join right now. It costs {fee} a year.",
            f"That's quickly done. A card is {fee} a year. Please fill this in.",
            f"Then let's make you a member. It's {fee} a year, and I need your address.",
        )
        talk.note(
            f"{{A}} has no card yet, and {{B}} explains that one costs {fee} a year.",
            f"Because {{A}} isn't a member, {{B}} offers a card for {fee} a year.",
            f"{{A}} needs a library card first, which is {fee} a year.",
        )
        talk.fact("What does a library card cost?", f"{fee} a year")
        talk.say(
            a,
            "That's fine. Here's the form. How long may I keep the book?",
            "I'm happy to pay that. And when is the book due back?",
            "Okay, let's do it. For how long can I have the book?",
        )
    else:
        fine = money(rng, 2, 15, 1)
        talk.say(
            b,
            "Your card, please. Oh, wait. There's a book you haven't returned on time.",
            "Thank you for the card. Hmm, the computer says you have an overdue book.",
            "Let me scan your card. Oh, I see there's still a fine for a late book.",
        )
        talk.say(
            a,
            "Really? I'm so sorry, I completely forgot.",
            "Oh, how embarrassing! What do I owe you?",
            "Oh dear, is that so? I thought I had settled that.",
        )
        talk.say(
            b,
            f"It's {fine}. Once you've paid, you can borrow again.",
            f"It happens to everyone. The fine is {fine}.",
            f"I have to ask you for {fine} before I can lend you anything.",
        )
        talk.note(
            f"{{A}} must pay a fine of {fine} for another book.",
            f"{{B}} discovers that {{A}} was late with another book and owes {fine}.",
            f"Because of an earlier book that was late, {{A}} has to pay {fine}.",
        )
        talk.fact("How high is the fine?", fine)
        talk.say(
            a,
            "Here's the money. And how long can I keep this one?",
            "No problem, I'll pay by card. When is this one due?",
            "Fair enough, here you go. I'll be on time with this one. When must it be back?",
        )
    talk.say(b, f"You can have it for {weeks} weeks.", f"It's due in {weeks} weeks.", f"The loan is for {weeks} weeks.")
    if len(talk.facts) < 3:
        talk.fact("How long may the reader keep the book?", f"{weeks} weeks")
    if talk.chance(0.5):
        talk.say(
            b,
            "And if nobody else wants it, you can extend that online.",
            "You can renew it once on our website.",
            "If you need longer, just renew it online.",
        )
        talk.note(
            f"{{A}} may keep {taken} for {weeks} weeks and can renew it online.",
            f"{{B}} lends {{A}} {taken} for {weeks} weeks, which can be extended online.",
            f"The loan of {taken} is for {weeks} weeks, with a chance to renew it on the website.",
        )
    else:
        talk.say(a, "Could I renew it if I'm a slow reader?", "What if I don't finish it in time?", "Can I extend that later?")
        talk.say(
            b,
            "Not this one, sorry. Too many people want it.",
            "I'm afraid not, there's always someone waiting for it.",
            "No, new books can't be renewed.",
        )
        talk.note(
            f"{{A}} can keep {taken} for {weeks} weeks but cannot renew it.",
            f"{{B}} lends {{A}} {taken} for {weeks} weeks and no longer.",
            f"The loan of {taken} is for {weeks} weeks, and {{B}} says it cannot be extended.",
        )
    talk.gist(
        f"A reader borrows {taken} from the library.",
        "A librarian helps a reader to borrow a book.",
        f"Someone borrows a library book for {weeks} weeks.",
    )


@scene
def reporting_a_lost_wallet(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    look, place = talk.pick(WALLET_LOOKS), talk.pick(WALLET_PLACES).replace("CITY", talk.pick(CITIES))
    when = talk.pick(
        (
            "this morning",
            "last night",
            "yesterday afternoon",
            "about two hours ago",
            "around noon",
            f"on {talk.pick(DAYS)}",
            "yesterday evening",
            "an hour ago",
        )
    )
    first, second = two_different(rng, WALLET_CONTENTS)
    cash = money(rng, 15, 160)
    course = talk.pick(("found", "found", "found", "missing", "missing", "missing", "pocket", "home"))
    talk.topic("a lost wallet", "lost property", "reporting a loss", "a missing wallet")
    if talk.chance(0.55):
        talk.say(
            b,
            "Lost property office, good morning.",
            "Hello, how can I help you?",
            "Good afternoon. You look worried. Have you lost something?",
            "Yes, please? What can I do for you?",
        )
    talk.say(
        a,
        f"I've lost my wallet. I think I left it {place} {when}.",
        f"Hi, I hope you can help me. My wallet is gone! I last had it {place} {when}.",
        f"Excuse me, has anyone handed in a wallet? I lost mine {place} {when}.",
        f"I'm here about a wallet. It must have dropped out of my bag {place} {when}.",
    )
    talk.note(
        f"{{A}} lost a wallet {place} {when} and asks {{B}} for help.",
        f"{{A}} reports to {{B}} that a wallet got lost {place} {when}.",
        f"{{A}} comes to {{B}} about a wallet that went missing {place}.",
        f"{{A}}'s wallet is gone. {{A}} last had it {place} {when}.",
    )
    talk.say(
        b,
        "Oh dear. Can you describe it?",
        "I'm sorry to hear that. What does it look like?",
        "Don't panic yet. Tell me what it looks like and what was in it.",
        "Let me take down the details. What kind of wallet is it?",
    )
    talk.say(
        a,
        f"It's a {look} wallet with {cash}, {first} and {second} in it.",
        f"A {look} one. There was {cash} in it, and also {first} and {second}.",
        f"Well, it's {look}, not very big. I had {first}, {second} and {cash} inside.",
    )
    talk.fact("How much money was in the wallet?", cash)
    talk.fact("What does the wallet look like?", look)
    talk.note(
        f"{{A}} describes it as a {look} wallet with {cash} in it.",
        f"It is a {look} wallet which holds {first}, {second} and {cash}.",
        f"{{A}} tells {{B}} that the wallet is {look} and contains {cash} as well as {first}.",
    )
    if course == "found":
        finder = talk.pick(FINDERS).replace("CITY", talk.pick(CITIES))
        talk.say(
            b,
            f"Just a moment. I think {finder} brought in something like that. Is this it?",
            f"Well, you're in luck. Look what {finder} handed in!",
            f"Hold on. Yes, {finder} found one like that. Here, is it yours?",
        )
        complete = talk.chance(0.55)
        if complete:
            talk.say(
                a,
                "Yes, that's the one! And everything is still there. I can't believe it.",
                "Oh, thank goodness! Let me see. Nothing is missing!",
                "That's mine! It's all there, even the money.",
            )
            talk.note(
                f"{finder[0].upper()}{finder[1:]} has brought the wallet in, and nothing is missing.",
                f"{{B}} gives back the wallet that {finder} found, with everything still in it.",
                f"{{A}} is happy that the wallet was handed in complete by {finder}.",
            )
        else:
            talk.say(
                a,
                "Yes, it is! But wait, the cash isn't there anymore.",
                "That's it! Oh, what a shame. All the money is gone.",
                "It's mine, yes. Hmm, only the cash is missing. Everything else is there.",
            )
            talk.note(
                f"{finder[0].upper()}{finder[1:]} has brought the wallet in, but the {cash} that were in it are gone.",
                f"{{B}} has the wallet, which {finder} found, but {{A}} notices that the cash is missing.",
                "{A} gets the wallet back from {B}, though without the money.",
            )
        ending = talk.pick(("reward", "thanks", "fee") if complete else ("report", "letgo", "fee"))
        if ending == "reward":
            reward = money(rng, 5, 30)
            talk.say(
                b,
                "I'm glad. Please sign here before you take it.",
                "How nice! There are still honest people.",
                "Good. I only need to see some proof that it's you.",
            )
            talk.say(
                a,
                f"Sure. I'd like to leave {reward} for the finder as a reward.",
                f"Of course. And could you pass on {reward} to the finder, please?",
                f"Gladly. Can I leave {reward} here to thank the finder?",
            )
            talk.say(
                b,
                "That's very kind. I'll see to it.",
                "What a nice idea! I have the address, so that's easy.",
                "Certainly. That will be a happy surprise.",
            )
            talk.note(
                f"{{A}} leaves {reward} as a reward for the finder.",
                f"Out of gratitude {{A}} gives {{B}} {reward} for the finder.",
                f"{{B}} will pass on a reward of {reward} from {{A}}.",
            )
        elif ending == "thanks":
            talk.say(
                b,
                "How lovely. Would you like to leave a message for the finder?",
                "I'm happy for you. You can thank the finder, if you like. We have a phone number.",
                "Well, not everyone is so honest. Do you want to get in touch with the finder?",
            )
            if talk.chance(0.5):
                talk.say(
                    a,
                    "Yes, I'd love to call and say thank you.",
                    "Definitely. I'll phone as soon as I'm home.",
                    "Oh yes, please write the number down. I want to call.",
                )
                talk.note(
                    "{A} wants to call the finder to say thanks.",
                    "{A} is going to thank the finder on the phone.",
                    "With {B}'s help, {A} can get in touch with the finder and will phone.",
                )
            else:
                talk.say(
                    a,
                    "I'm a bit shy. Could you pass on my thanks?",
                    "I'm in a hurry, but please say thank you for me.",
                    "Would you do that for me? I have to catch a train.",
                )
                talk.say(b, "Sure, I'll do that.", "Of course, leave it to me.", "With pleasure.")
                talk.note(
                    "{B} will thank the finder in {A}'s name.",
                    "{A} asks {B} to pass on thanks to the finder, and {B} agrees.",
                    "{B} agrees to say thank you to the finder for {A}.",
                )
        elif ending == "fee":
            fee = money(rng, 2, 12, 1)
            talk.say(
                b,
                f"Then please sign here. There's a storage fee of {fee}, I'm afraid.",
                f"Well, at least you have it again. Before you go, I must charge you {fee} for the storage.",
                f"All right, I'll take it off my list. Our storage fee is {fee}.",
            )
            talk.say(
                a,
                "Fine, I'm just glad to have it back.",
                "Oh, I didn't expect that. But okay, rules are rules.",
                "No problem. Can I pay by phone?",
            )
            talk.note(
                f"{{A}} has to pay a storage fee of {fee} and accepts it.",
                f"{{B}} charges {fee} for the storage, which {{A}} will pay.",
                f"{{A}} agrees to pay {{B}} {fee} for keeping the wallet.",
            )
            talk.fact("How high is the storage fee?", fee)
        elif ending == "report":
            talk.say(
                b,
                "That's annoying. You could report it to the police.",
                "I'm sorry. Do you want to make a report about the cash?",
                "Oh no. If I were you, I'd tell the police about it.",
            )
            talk.say(
                a,
                "Yes, I'll do that right away.",
                "You're right. Where's the nearest police station?",
                "I think I will. Even if it doesn't help much.",
            )
            talk.note(
                "{B} advises {A} to report the stolen money, and {A} will do it.",
                "{A} is going to report the missing cash, as {B} suggests.",
                "Because of the missing cash, {A} follows {B}'s advice and will make a report.",
            )
        else:
            talk.say(
                b,
                "I'm sorry about that. Do you want to report it to the police?",
                "What a pity. You could make a report, of course.",
                "That's a shame. Should I call the police for you?",
            )
            talk.say(
                a,
                "No, it's not worth the trouble. The cards matter more to me.",
                "Never mind. I'm just happy to have the rest back.",
                "Oh, leave it. Perhaps someone needed it more than I did.",
            )
            talk.note(
                "{A} doesn't want to report the missing money.",
                "{B} suggests a report to the police, but {A} thinks it isn't worth it.",
                "{A} decides to forget about the cash and not go to the police.",
            )
        talk.gist(
            "A lost wallet has been handed in.",
            "Someone gets a lost wallet back.",
            f"A {look} wallet finds its way back." if complete else "A wallet comes back without the money.",
        )
        return
    if course in ("pocket", "home"):
        if course == "pocket":
            spot, spot_told = _both(talk.pick(HIDING_PLACES))
            talk.say(
                b,
                "And you've looked through all your things?",
                "Are you quite sure it isn't somewhere on you?",
                "Have you checked everything you're carrying?",
            )
            talk.say(
                a,
                f"Twice! Well, let me try again. Oh no. It's {spot}!",
                f"Of course I have. Wait, what's this {spot}? It's my wallet!",
                f"I think so. Hang on, there's something {spot}. Oh, how silly of me, there it is!",
            )
            talk.note(
                f"When {{B}} asks, {{A}} looks again and finds the wallet {spot_told}.",
                f"{{A}} discovers the wallet {spot_told} after all.",
                f"It turns out that the wallet is {spot_told}, to {{A}}'s surprise.",
            )
        else:
            relative, spot = talk.pick(RELATIVES), talk.pick(HOME_PLACES)
            talk.say(
                b,
                "Nothing like that has come in so far. Should we fill in a form?",
                "Let me look at the list. No, I don't see it here.",
                "I haven't seen one like that. Could it be at home?",
            )
            talk.say(
                a,
                f"Wait, my phone. It's a message from my {relative}. My wallet is {spot}!",
                f"One second, my {relative} is calling. Really? It was {spot} all the time!",
                f"Hmm. Oh, my {relative} has just sent me a photo. That's my wallet, {spot}!",
            )
            talk.note(
                f"{{A}} hears from {{A}}'s {relative} that the wallet is {spot}.",
                f"While they talk, {{A}}'s {relative} lets {{A}} know that the wallet is {spot}.",
                f"{{B}} hasn't got the wallet, but then {{A}}'s {relative} finds it {spot}.",
            )
            talk.fact("Where does the wallet turn up?", spot)
        talk.say(
            b,
            "Ha, that happens more often than you think!",
            "Well, that's the best way for a case to end.",
            "Then we won't need any form. Problem solved!",
        )
        talk.say(
            a,
            "I'm so sorry for wasting your time.",
            "Please excuse me. This is really embarrassing.",
            "I feel terrible for bothering you with this.",
        )
        talk.say(
            b, "Not at all. I'm happy for you.", "Don't worry about it. Have a nice day!", "Oh, it made me smile. Take care!"
        )
        talk.note(
            "{A} is sorry for troubling {B}, who doesn't mind at all.",
            "{A} apologizes to {B}, who takes it with good humor.",
            "{B} is friendly about it when {A} feels embarrassed and says sorry.",
        )
        talk.gist(
            "A lost wallet turns out not to be lost.",
            "Someone reports a wallet lost and then finds it.",
            "The search for a wallet ends with a surprise.",
        )
        return
    talk.say(
        b,
        "I'm afraid nothing like that has been handed in.",
        "Let me check. No, I don't have it here, sorry.",
        "Hmm, I don't see it on our shelves, unfortunately.",
    )
    blocked = talk.chance(0.5)
    if "two bank cards" in (first, second):
        talk.say(
            b, "Have you had your cards blocked?", "Did you call your bank about the cards?", "You've told the bank, haven't you?"
        )
        if blocked:
            talk.say(
                a, "Yes, that was the first thing I did.", "I have, right after I noticed.", "Yes, luckily that was quickly done."
            )
            talk.note(
                "{B} doesn't have the wallet, and {A} has already told the bank about the cards.",
                "The wallet hasn't been handed in. {A} has had the bank cards blocked.",
                "{B} cannot find it. At least {A} has already taken care of the bank cards.",
            )
        else:
            talk.say(
                a, "Oh no, I haven't even thought of that!", "Not yet. I was too upset.", "I haven't. I'd better do it at once."
            )
            talk.note(
                "{B} doesn't have the wallet and reminds {A} to have the bank cards blocked.",
                "The wallet hasn't been handed in, and {A} hasn't had the bank cards blocked yet.",
                "{B} cannot find it and asks about the bank cards, which {A} hasn't taken care of.",
            )
    else:
        talk.say(
            a,
            "Oh no. What should I do now?",
            "That's bad news. I was really hoping you'd have it.",
            "I was afraid so. Is there any hope?",
        )
        talk.note(
            "{B} has to tell {A} that the wallet hasn't been handed in.",
            "The wallet isn't there, as {B} finds out, and {A} is disappointed.",
            "{B} does not have the wallet, which is bad news for {A}.",
        )
    number = f"555-{rng.randint(1000, 9999)}"
    talk.say(
        b,
        "Please give me your phone number, and I'll call you if it turns up.",
        "Let's fill in this form. What number can we reach you at?",
        "Most things arrive here after a day or two. How can I reach you?",
    )
    talk.say(
        a,
        f"My number is {number}. I'm at home most evenings.",
        f"You can reach me at {number}, at any time.",
        f"Sure, it's {number}. Please call even if it's late.",
    )
    talk.note(
        f"{{A}} leaves the phone number {number}, so that {{B}} can call.",
        f"{{B}} will phone {{A}} at {number} if the wallet turns up.",
        f"{{A}} can be reached at {number}, should the wallet be found.",
    )
    talk.fact("What is the phone number?", number)
    if talk.chance(0.6) and not any(word in place for word in ("bus", "train", "taxi", "ferry", "tram", "airport")):
        talk.say(
            b,
            "Fine. Did you go back and look around yourself?",
            "Thanks. Have you asked anyone there about it?",
            "Got it. And have you been back to look for it?",
        )
        talk.say(
            a,
            "Not yet. I'll do that on my way home.",
            "No, but that's a good idea. I'll try right now.",
            "I haven't had time, but I'll go there today.",
        )
        talk.note(
            "{A} is also going to look for it there again.",
            "{B}'s question makes {A} decide to go back and ask there, too.",
            "{A} hasn't been back yet but will go there today.",
            major=False,
        )
    else:
        day = talk.pick(DAYS[:5])
        talk.say(
            b,
            f"All right. If you hear nothing, come by again on {day}.",
            f"Thank you. New things always come in on {day}, so try again then.",
            f"Okay, I've noted that. On {day} we get a delivery from the other offices. Come then if you can.",
        )
        talk.say(
            a,
            "I will. Thank you for your trouble.",
            "Good, I'll be here. Let's keep our fingers crossed.",
            "Thanks. I just hope somebody honest finds it.",
        )
        talk.note(
            f"{{B}} tells {{A}} to come again on {day}.",
            f"{{A}} is supposed to try again on {day}, as {{B}} suggests.",
            f"On {day} {{A}} should ask {{B}} about the wallet once more.",
            major=False,
        )
    talk.gist(
        "A lost wallet has not been handed in yet.",
        f"Someone reports the loss of a {look} wallet.",
        "The search for a lost wallet goes on.",
    )
