"""Scenes of travelling: tickets, hotels, directions, luggage, holiday plans and rented cars."""

from __future__ import annotations

from .core import Talk, scene
from .pools import CITIES, DAYS, FIRST_NAMES, LAST_NAMES, MONTHS, NUMBER_WORDS, RELATIVES, clock, money, two_different

STATIONS = (
    "Bristol",
    "York",
    "Milan",
    "Lyon",
    "Munich",
    "Vienna",
    "Boston",
    "Portland",
    "Chicago",
    "Edinburgh",
    "Osaka",
    "Busan",
    "Delhi",
    "Prague",
    "Madrid",
    "Turin",
    "Zurich",
    "Warsaw",
    "Cardiff",
    "Ghent",
)
JUNCTIONS = (
    "Ashfield",
    "Kingsbridge",
    "Millbrook",
    "Northgate",
    "Oakham",
    "Redhill",
    "Stonebury",
    "Westford",
    "Elmwood",
    "Fairview",
    "Hillsdale",
    "Lakeview",
)
EVENTS = (
    "a wedding",
    "a job interview",
    "a concert",
    "a conference",
    "a birthday party",
    "a football match",
    "a trade fair",
    "a family reunion",
    "a class reunion",
    "a business meeting",
    "a chess tournament",
    "a housewarming party",
)
TICKETS = (
    ("a single ticket", "it"),
    ("a return ticket", "it"),
    ("two single tickets", "them"),
    ("two return tickets", "them"),
    ("three return tickets", "them"),
    ("four single tickets", "them"),
)
RAIL_CARDS = ("student card", "senior rail card", "youth card", "family rail card", "company travel card", "season pass")
ROOMS = ("a single room", "a double room", "a twin room", "a family room", "a studio", "a small suite")
ROOM_WISHES = (
    "a room with a view of the sea",
    "a quiet room at the back",
    "a room on a high floor",
    "a room with a bathtub",
    "a room with a balcony",
    "a room near the lift",
    "a room away from the street",
    "a room on the ground floor",
    "a room that looks onto the garden",
)
HOTELS = (
    "the Park Hotel",
    "the Station Hotel",
    "the Grand Hotel",
    "the Harbour Inn",
    "the Old Mill Hotel",
    "the Garden Inn",
    "the Bridge Hotel",
    "the Lakeside Hotel",
)
PLACES = (
    "the science museum",
    "the old town hall",
    "the central library",
    "the botanical garden",
    "the main post office",
    "the covered market",
    "the bus station",
    "the opera house",
    "the swimming pool",
    "the tourist office",
    "the art gallery",
    "the castle",
    "the concert hall",
    "the city zoo",
)
MOVABLE = (
    "the science museum",
    "the central library",
    "the main post office",
    "the tourist office",
    "the art gallery",
    "the toy museum",
    "the music school",
    "the language school",
)
VISITED = (
    "the science museum",
    "the art gallery",
    "the castle",
    "the botanical garden",
    "the old town hall",
    "the covered market",
    "the toy museum",
    "the railway museum",
    "the town museum",
)
STREETS = (
    "Mill Street",
    "Park Avenue",
    "Church Road",
    "Station Road",
    "King Street",
    "Harbour Lane",
    "Garden Road",
    "Bridge Street",
    "Queen's Road",
    "Market Street",
    "Oak Avenue",
    "Victoria Road",
)
LANDMARKS = (
    "the pharmacy",
    "the big church",
    "the petrol station",
    "the cinema",
    "the bakery",
    "the fountain",
    "the bank",
    "the fire station",
    "the primary school",
    "the flower shop",
    "the bookshop",
    "the playground",
)
BAGS = (
    "a black suitcase",
    "a red suitcase",
    "a large grey backpack",
    "a green sports bag",
    "a silver hard-shell case",
    "a brown leather bag",
    "a dark blue suitcase",
    "an orange backpack",
    "an old canvas bag",
    "a purple trolley case",
)
BAG_MARKS = (
    "a yellow ribbon on the handle",
    "a dog sticker on the side",
    "a broken zip on the front pocket",
    "a white name tag",
    "a rainbow strap around it",
    "one missing wheel",
    "a small flag sewn on the top",
    "a big scratch on the back",
    "a red scarf tied to the handle",
)
BAG_CONTENTS = (
    "my suit for an interview",
    "all my warm clothes",
    "my walking boots",
    "the presents for my family",
    "my notes for a talk",
    "my camera equipment",
    "my running shoes for the race",
    "my wedding outfit",
    "my work laptop",
    "my swimming things",
)
HOLIDAYS = (
    ("Portugal", "surfing"),
    ("the Scottish Highlands", "hill walking"),
    ("Croatia", "sailing"),
    ("the Greek islands", "snorkelling"),
    ("northern Spain", "trying the food"),
    ("the Black Forest", "cycling"),
    ("Iceland", "bathing in hot springs"),
    ("Morocco", "exploring the markets"),
    ("Vietnam", "a cooking course"),
    ("the Norwegian fjords", "kayaking"),
    ("Sicily", "climbing the volcano"),
    ("Costa Rica", "watching birds"),
    ("the Lake District", "long walks"),
    ("Japan", "visiting temples"),
    ("Slovenia", "rafting"),
    ("Ireland", "listening to folk music"),
    ("the Austrian Alps", "mountain hiking"),
    ("Kenya", "going on safari"),
)
LODGINGS = (
    "a holiday flat",
    "a campsite",
    "a small guesthouse",
    "a youth hostel",
    "a cottage",
    "a hotel with a pool",
    "a bed and breakfast",
    "a farmhouse",
)
CARS = (
    "a small hatchback",
    "an estate car",
    "a minivan",
    "an automatic saloon",
    "a convertible",
    "an electric car",
    "a seven-seater",
    "a pickup truck",
    "a hybrid",
    "a sports car",
    "an off-road car",
    "a compact city car",
)
DRIVES = (
    "drive along the coast",
    "visit some relatives in the country",
    "go camping with friends",
    "see a few clients out of town",
    "take the family to the mountains",
    "get to a wedding",
    "tour the national park",
    "visit some vineyards",
    "look at a house in the suburbs",
    "go to a music festival",
)


@scene
def buying_train_ticket(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    city, change = talk.pick(STATIONS), talk.pick(JUNCTIONS)
    tickets, them = talk.pick(TICKETS)
    event = talk.pick(EVENTS if them == "it" else [e for e in EVENTS if e not in ("a job interview", "a business meeting")])
    day = talk.pick((*DAYS, "tomorrow", "tomorrow"))
    morning = talk.chance(0.5)
    half = "morning" if morning else "afternoon"
    part = f"{day} {half}"
    told_part = f"the next {half}" if day == "tomorrow" else part
    early = clock(rng, 7, 8) if morning else clock(rng, 12, 14)
    late = clock(rng, 10, 11) if morning else clock(rng, 16, 17)
    price = money(rng, 20, 190)
    talk.topic("buying train tickets", f"a train to {city}", "at the ticket office", f"travelling to {city}")
    greeted = talk.chance(0.5)
    if greeted:
        talk.say(
            b,
            "Good morning. Where would you like to go?",
            "Next, please. How can I help you?",
            "Hello, what can I do for you?",
            "Hi there. Ticket or information?",
        )
    talk.say(
        a,
        f"I'd like {tickets} to {city} for {part}, please. It's for {event}.",
        f"Hi, I need {tickets} to {city}, please, for {part}. I'm going to {event} there.",
        f"Um, can I still get {tickets} to {city} for {part}? There's {event} I can't miss.",
        f"I've got to be at {event} in {city}, so I want {tickets} for {part}.",
    )
    if not greeted:
        talk.say(
            b,
            "Certainly. Are you taking a bike or anything large?",
            "No problem. Do you have much luggage?",
            "Let me look that up. Any big bags with you?",
        )
        talk.say(a, "No, just a small rucksack.", "Only this little bag, nothing else.", "Not really, I travel light.")
    talk.note(
        f"{{A}} wants {tickets} to {city} for {told_part}.",
        f"{{A}} is going to {event} in {city} and asks {{B}} for {tickets}.",
        f"Because of {event}, {{A}} needs to take a train to {city} {'' if day == 'tomorrow' else 'on '}{told_part}.",
        f"At the station, {{A}} asks for {tickets} to {city}.",
    )
    talk.fact("Where does {A} want to go by train?", city)
    course = talk.pick(("free", "free", "full", "works"))
    bought, leaving = True, early
    if course == "free":
        talk.say(
            b,
            f"Let me check. There's a direct train at {early}, and that comes to {price}.",
            f"Sure. The fastest one leaves at {early}. You'd pay {price}.",
            f"You're in luck, there are still seats on the train at {early}. The fare is {price} in total.",
        )
        talk.fact(
            "How much does {A} have to pay for the trip?" if tickets.startswith("a ") else "How much do the tickets cost?", price
        )
        if talk.chance(0.5):
            card, percent = talk.pick(RAIL_CARDS), talk.pick((10, 15, 20, 25, 30))
            talk.say(
                a,
                f"I have a {card}. Does it make any difference?",
                f"Oh, that's a lot. Do I get anything off with my {card}?",
                f"Is there a discount with this {card}?",
            )
            if talk.chance(0.5):
                talk.say(
                    b,
                    f"Yes, it does help. It gives you {percent} percent off.",
                    f"May I see it? Right, that's {percent} percent less, then.",
                    f"Of course. I'll take {percent} percent off the fare.",
                )
                talk.note(
                    f"{{B}} finds a train at {early} for {price} and takes {percent} percent off thanks to the {card}.",
                    f"The fare is {price}, but {{A}} gets {percent} percent off with a {card}.",
                    f"{{A}} shows a {card}, which lowers the price of {price} by {percent} percent.",
                )
            else:
                talk.say(
                    b,
                    f"I'm sorry, this {card} ran out last month.",
                    f"Hmm, I'm afraid your {card} isn't valid any more. It expired last month.",
                    f"Unfortunately not. Look at the date, your {card} expired last month.",
                )
                talk.note(
                    f"{{B}} offers a train at {early} for {price} but cannot give a discount because the {card} has expired.",
                    f"{{A}} hopes to save money on the fare of {price}, but the {card} is out of date.",
                    f"The train at {early} costs {price}, and {{A}}'s expired {card} doesn't help.",
                )
        else:
            coach = talk.pick(NUMBER_WORDS)
            talk.say(
                a,
                "Good. Could I sit by the window, if possible?",
                "That'd be perfect. Are there any window seats left?",
                "Fine by me. I'd love to be next to the window, though.",
            )
            if talk.chance(0.5):
                talk.say(
                    b,
                    f"No problem, I can put you by the window in coach {coach}.",
                    f"Yes, I see a window seat free in coach {coach}.",
                    f"Let me look... yes, coach {coach} still has space by the window.",
                )
                talk.note(
                    f"{{B}} suggests the train at {early} for {price} and finds a window seat in coach {coach}.",
                    f"{{A}} can travel at {early} and sit by the window in coach {coach}.",
                    f"There is a train at {early} that costs {price}, with a window seat for {{A}} in coach {coach}.",
                )
            else:
                talk.say(
                    b,
                    f"Sorry, there are only aisle seats left in coach {coach}.",
                    f"I'm afraid the window seats are all gone. There's an aisle seat in coach {coach}.",
                    f"Too late for that, I'm sorry. I only have the aisle in coach {coach}.",
                )
                talk.note(
                    f"{{B}} suggests the train at {early} for {price}, but only aisle seats are left.",
                    f"{{A}} asks for a window seat on the train at {early}, but {{B}} only has the aisle.",
                    f"The train at {early} costs {price} and has no more window seats for {{A}}.",
                )
    elif course == "full":
        talk.say(
            b,
            f"Oh, I'm afraid the train at {early} is completely full. The next one with seats goes at {late}, for {price}.",
            f"Let me see. The one at {early} is sold out, sorry. I could offer you {late} instead, for {price}.",
            f"Sorry, nothing left at {early}. There's space at {late}, though, and you'd pay {price}.",
        )
        talk.note(
            f"{{B}} says the train at {early} is full and offers one at {late} for {price}.",
            f"There are no seats at {early}, but {{A}} could leave at {late} for {price}.",
            f"{{A}} learns that the earlier train is sold out and the one at {late} costs {price}.",
        )
        talk.fact("When does the train with free seats leave?", late)
        reaction = talk.pick(("take", "first", "leave"))
        if reaction == "take":
            leaving = late
            talk.say(
                a,
                "Well, that still gets me there in time.",
                "Okay, then I'll sleep a bit longer at home.",
                "It's later than I hoped, but it'll do.",
            )
        elif reaction == "first":
            extra = money(rng, 10, 60)
            talk.say(
                a,
                f"That's too late for me. Is there nothing in first class at {early}?",
                f"I really need the one at {early}. What about first class?",
                f"Hmm, I can't be that late. Could I go first class at {early}?",
            )
            talk.say(
                b,
                f"Actually, yes. That would be {extra} more.",
                f"There is, as it happens. You'd pay an extra {extra}.",
                f"Yes, first class has room, but add {extra} to the price.",
            )
            talk.note(
                f"{{A}} can't travel later, and {{B}} finds room in first class at {early} for {extra} more.",
                f"As {late} is too late, {{A}} asks for first class at {early}, which costs {extra} extra.",
                f"{{B}} still has first-class room at {early}, for an additional {extra}.",
            )
        else:
            bought = False
            talk.say(
                a,
                "That's no use to me, I'd miss the beginning. I'd better take the coach.",
                "Oh no, I'd arrive too late. In that case I'll go by coach.",
                "I can't get there that late. I suppose I'll try the coach instead.",
            )
            talk.say(
                b,
                "I understand. The coaches leave from across the square.",
                "I'm sorry about that. You'll find the coaches right across the square.",
                "Fair enough. Just cross the square, that's where the coaches stop.",
            )
            talk.say(
                a,
                "Thanks for telling me. Have a nice day.",
                "Good to know. Thank you anyway.",
                "All right, I'll hurry over there. Bye.",
            )
            talk.note(
                "{A} doesn't buy anything, as the later train is no use, and will go by coach.",
                "Since that is too late, {A} decides to take a coach from across the square.",
                "{A} would be late by train and leaves to find a coach on the other side of the square.",
            )
    else:
        minutes = talk.pick((20, 30, 40, 45, 50, 60))
        talk.say(
            b,
            f"There are works on the line, I'm afraid. You'd leave at {early}, change to a bus in {change}, and it takes {minutes} minutes longer.",
            f"Just so you know, they're repairing the track. You can go at {early}, but there's a bus from {change}, so allow {minutes} minutes more.",
            f"I have to warn you, the line's being repaired. The train at {early} only runs to {change}, then it's a bus, and you lose {minutes} minutes.",
        )
        talk.note(
            f"{{B}} warns that because of work on the line {{A}} must change to a bus in {change}.",
            f"The line is being repaired, so the trip takes {minutes} minutes longer, partly by bus from {change}.",
            f"{{A}} is told that the train at {early} goes only as far as {change}, where a bus takes over.",
        )
        talk.fact("Where does {A} have to change to a bus?", change)
        bought = talk.chance(0.6)
        if bought:
            talk.say(
                a,
                "What a pity. Well, I have time. How much is it?",
                "Oh dear, with my luggage? Never mind. And the price?",
                "I can live with that. What does it cost?",
            )
            talk.say(
                b,
                f"Because of the works it's only {price}.",
                f"It's a bit cheaper than usual, {price}.",
                f"They've lowered the fare to {price} for the trouble.",
            )
            talk.note(
                f"{{A}} accepts the delay and hears that the price has come down to {price}.",
                f"{{A}} doesn't mind, and {{B}} says the fare is cheaper than usual, at {price}.",
                f"{{B}} asks for only {price} on account of the inconvenience, which {{A}} puts up with.",
                major=False,
            )
        else:
            relative = talk.pick(RELATIVES)
            talk.say(
                a,
                f"A bus? No, thanks. I'll ask my {relative} to drive me.",
                f"That sounds like a nightmare. My {relative} will have to give me a lift.",
                f"Oh, then I'd rather not. Maybe my {relative} can take me by car.",
            )
            talk.say(
                b,
                "I can't blame you. Have a good trip.",
                "That's probably easier. All the best.",
                "Of course. Sorry about the trouble.",
            )
            talk.note(
                f"{{A}} doesn't like the idea and will ask {{A}}'s {relative} for a lift.",
                f"{{A}} buys nothing and would rather be driven by {{A}}'s {relative}.",
                f"Instead of taking a bus, {{A}} hopes to go in the {relative}'s car.",
            )
            talk.say(a, "Thanks anyway. Goodbye.", "Never mind. Thanks for telling me.", "No problem. At least I know now.")
    if bought:
        platform = rng.randint(1, 18)
        if talk.utterances[-1][0] == a:
            talk.say(
                a,
                f"I'll take {them}. Can I pay by card?",
                f"Give me {tickets}, then. Do you take cards?",
                f"I'll have {them}, please. Here's my bank card.",
            )
        else:
            talk.say(
                a,
                f"Okay, I'll take {them}. Can I pay by card?",
                f"All right, I'll have {them}. Do you take cards?",
                f"Okay, then I'd like {them}, please. Here's my bank card.",
            )
        if talk.chance(0.6):
            talk.say(
                b,
                f"Sure, just hold it here. Your train goes from platform {platform}.",
                f"Yes, that's fine. Be on platform {platform} a little early, please.",
                f"Thank you, all done. It leaves from platform {platform}.",
            )
            talk.say(a, "Great, thanks for your help.", "Thank you. Bye.", f"Platform {platform}, got it. Thanks a lot.")
            talk.note(
                f"{{A}} takes the train at {leaving}, pays by card and is told to go to platform {platform}.",
                f"{{A}} buys {tickets} by card and will leave at {leaving} from platform {platform}.",
                f"Having sold {{A}} {tickets} for {leaving}, {{B}} gives the number of the platform, which is {platform}.",
            )
            talk.fact("Which platform does the train leave from?", f"platform {platform}")
        else:
            talk.say(
                b,
                "Sorry, the card machine has broken down. It's cash only today.",
                "I'm afraid it's cash only. Our card machine is out of order.",
                "Not right now, the card machine isn't working. Only cash, sorry.",
            )
            if talk.chance(0.5):
                talk.say(
                    a,
                    "Luckily I've been to the bank. Here you are.",
                    "Oh, let me count. Yes, I've just enough on me.",
                    "No problem, I have some notes here somewhere. There you go.",
                )
                talk.note(
                    f"{{A}} decides to go at {leaving} and pays in cash, as the card machine is broken.",
                    f"{{A}} has to use cash for {tickets} since cards can't be read.",
                    f"The card machine is out of order, so {{A}} buys {tickets} with cash.",
                )
            else:
                talk.say(
                    a,
                    f"I haven't got any. Could you hold {them} while I find a cash machine?",
                    f"Oh no, my wallet's empty. Can you keep {them} for me until I've been to a cash machine?",
                    f"Then I need a cash machine first. Will you put {them} aside for me?",
                )
                talk.say(
                    b,
                    "Yes, I can do that for ten minutes. There's one by the entrance.",
                    "Certainly, but only for ten minutes. Try the one by the entrance.",
                    "For ten minutes, yes. You'll see a machine by the entrance.",
                )
                talk.note(
                    f"{{B}} can't take cards and keeps {tickets} for ten minutes while {{A}} gets cash.",
                    "{A} has no cash, so {B} will wait ten minutes and points out a machine by the entrance.",
                    "Because only cash is accepted, {A} goes to the cash machine by the entrance first.",
                )
        if tickets.startswith("a "):
            talk.gist(
                f"A passenger asks for {tickets} to {city}.",
                f"A traveller wants to catch the train at {leaving} to {city}.",
                f"Someone is at the station getting a ticket to {city}.",
            )
        else:
            talk.gist(
                f"A passenger asks for {tickets} to {city}.",
                f"A traveller wants {tickets} for a trip to {city}.",
                f"Someone is at the station getting tickets to {city}.",
            )
    else:
        talk.gist(
            f"A traveller decides against taking the train to {city}.",
            f"Someone asks about a train to {city} but buys nothing.",
            f"A passenger finds no suitable train to {city}.",
        )


@scene
def checking_into_hotel(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    title, last = talk.pick(("Mr.", "Ms.", "Mrs.", "Dr.")), talk.pick(LAST_NAMES)
    name = f"{title} {last}"
    room, nights = talk.pick(ROOMS), talk.pick(NUMBER_WORDS)
    course = talk.pick(("found", "found", "missing", "late"))
    hello = "Good afternoon" if course == "late" else "Good evening"
    number = rng.randint(1, 6) * 100 + rng.randint(1, 30)
    hotel = talk.pick(HOTELS)
    talk.topic("checking into a hotel", "arriving at a hotel", "a hotel stay", "at the reception desk")
    if talk.chance(0.6):
        talk.say(
            b,
            f"{hello} and welcome to {hotel}. What can I do for you?",
            "Hello. Are you checking in?",
            f"Welcome to {hotel}. I hope you had a good trip.",
            f"{hello}. How may I help you?",
        )
        talk.say(
            a,
            f"Hi. I've booked {room} for {nights} nights, under {last}.",
            f"I'd like to check in, please. The name's {last}. It should be {room} for {nights} nights.",
            f"Hello, there should be {room} in the name of {last}, for {nights} nights.",
        )
    else:
        talk.say(
            a,
            f"{hello}. I've reserved {room} for {nights} nights. My name is {last}.",
            f"Hi, I'm checking in. It's {room} for {nights} nights, and the name is {last}.",
            f"Hello. At last, what a journey! I've booked {room} under {last}, for {nights} nights.",
            f"Excuse me, is this where I check in? I have a booking for {room}, {nights} nights, name of {last}.",
        )
    talk.note(
        f"{{A}} arrives at a hotel and has booked {room} for {nights} nights.",
        f"{{A}} tells {{B}} about a booking under the name of {last} for {nights} nights.",
        f"{name} wants to check in and expects {room} for {nights} nights.",
        f"{{A}} has come to check in, having reserved {room} in the name of {last}.",
    )
    talk.fact("How many nights does {A} want to stay?", f"{nights} nights")
    staying = True
    if course == "found":
        wish = talk.pick(ROOM_WISHES)
        talk.say(
            b,
            f"Yes, {name}, here you are. I've put you in room {number}.",
            f"Let me look... {name}, yes, I have it. You're in room {number}.",
            f"Thank you, {name}. Everything's ready, it's room {number}.",
        )
        talk.say(
            a,
            f"Thanks. Would it be possible to have {wish}?",
            f"Um, one question. I was hoping for {wish}.",
            f"Wonderful. I don't suppose you have {wish}?",
        )
        answer = talk.pick(("yes", "extra", "no"))
        other = number + 40
        if answer == "yes":
            talk.say(
                b,
                f"Let me see. Yes, I can give you room {other} instead.",
                f"Sure, that's easily done. You can have room {other}, then.",
                f"You're lucky, room {other} has just become free.",
            )
            talk.note(
                f"{{A}} asks for {wish}, and {{B}} offers room {other}.",
                f"{{B}} has prepared room {number} but can change it to {other}, as the guest would like {wish}.",
                f"{name} would prefer {wish} and is given room {other} instead of {number}.",
            )
            talk.say(
                a, "That's so kind of you, thanks.", "Perfect, I really appreciate it.", "Oh, fantastic. Thank you very much."
            )
        elif answer == "extra":
            fee = money(rng, 10, 60)
            talk.say(
                b,
                f"We do have one, but it costs {fee} more a night.",
                f"I could arrange that for an extra {fee} per night.",
                f"There's one left, at {fee} more for each night.",
            )
            talk.note(
                f"{{A}} would like {wish}, which costs {fee} more per night.",
                f"{{B}} can offer {wish}, but for an extra {fee} a night.",
                f"When {name} asks for {wish}, {{B}} says it is {fee} more each night.",
            )
            talk.fact("How much more per night would the other room cost?", fee)
            if talk.chance(0.5):
                talk.say(
                    a,
                    "Well, I'm on holiday, so why not? I'll take it.",
                    "That's all right with me. Let's do that.",
                    "Okay, it's worth it. Please change it.",
                )
                talk.say(
                    b,
                    "Very good, I'll change the booking right away.",
                    "Lovely. Just a second, I'll put it in the system.",
                    "With pleasure. I'm changing it now.",
                )
                talk.note(
                    f"{{A}} agrees to pay the extra {fee}, and {{B}} changes the booking.",
                    f"{name} accepts the higher price and gets the better room.",
                    "{A} finds it worth the money, so {B} changes the room.",
                )
            else:
                talk.say(
                    a,
                    f"No, that's too much for me. Room {number} will do.",
                    f"Hmm, I'd rather save the money. I'll stay with room {number}.",
                    f"Not at that price, sorry. Let's keep room {number}.",
                )
                talk.say(
                    b,
                    "Of course, as you wish.",
                    "No problem at all. It's a nice room, too.",
                    "Certainly. You'll like that one as well.",
                )
                talk.note(
                    f"{{A}} doesn't want to pay more and keeps room {number}.",
                    f"{name} finds that too expensive and stays with room {number}.",
                    f"Because of the price, {{A}} is content with room {number}.",
                )
            talk.say(a, "Thanks for your help.", "Good, thank you.", "Great. Now I just want to lie down.")
        else:
            talk.say(
                b,
                "I'm so sorry, but the hotel is fully booked this week.",
                "I wish I could, but every room is taken, I'm afraid. We're fully booked.",
                "Unfortunately not. There's a conference in town and we're fully booked.",
            )
            talk.note(
                f"{{A}} asks for {wish}, but the hotel is fully booked.",
                f"{{B}} gives {{A}} room {number} and can't offer {wish}, as nothing else is free.",
                f"{name} hopes for {wish} but has to take room {number}.",
            )
            talk.say(
                a,
                "Never mind, it was just an idea.",
                "Oh well. I'll be out most of the day anyway.",
                "That's a pity, but I understand.",
            )
    elif course == "missing":
        talk.say(
            b,
            f"That's strange. I can't find anything under {last}. When did you book?",
            f"I'm sorry, there's no {last} in our system. Are you sure it was for today?",
            f"Hmm, {last}... I don't see you on my list, I'm afraid.",
        )
        outcome = talk.pick(("company", "wrong", "month"))
        if outcome == "company":
            talk.say(
                a,
                "Perhaps my company made the booking in its own name. Could you look there?",
                "Wait, my office arranged it. It may be under the company's name.",
                "Oh, maybe it's in the name of my company. My office booked it.",
            )
            talk.say(
                b,
                f"Ah yes, there it is. Sorry about that, {name}. You're in room {number}.",
                f"That's it! I have room {number} for you, {name}.",
                f"Got it, {name}. Your company has paid already, and it's room {number}.",
            )
            talk.note(
                "{B} can't find the booking at first, because it was made in the name of {A}'s company.",
                f"The booking turns up under the name of the company, and {{A}} gets room {number}.",
                f"After some searching, {{B}} finds the company's booking and gives {name} room {number}.",
            )
            talk.say(
                a,
                "What a relief! I was getting worried.",
                "Thank goodness for that. I'm really tired.",
                "Great. I thought I'd have to sleep in the car.",
            )
        elif outcome == "wrong":
            others = [h for h in HOTELS if h != hotel]
            right = talk.pick(others)
            talk.say(
                a,
                f"Here's the confirmation on my phone. Oh, wait. It says {right}.",
                f"Let me check my email... oh no, I've booked {right}!",
                f"That can't be. I have the confirmation here for... oh, {right}. How embarrassing.",
            )
            talk.say(
                b,
                "That happens a lot. It's only five minutes from here, just down the road.",
                "Don't worry, it's very close. You can walk there in five minutes.",
                "No harm done. It's five minutes on foot, on the same street.",
            )
            talk.note(
                f"{{B}} finds no booking, and {{A}} realises that it was made at {right}.",
                f"{{A}} has come to the wrong hotel by mistake, as the room is at {right}, five minutes away.",
                f"The confirmation shows that {{A}}'s room is at {right}, which {{B}} says is five minutes away.",
            )
            staying = False
        else:
            first, second = two_different(rng, MONTHS)
            talk.say(
                a,
                f"Of course I am. I booked it online in {first}. Please look again.",
                f"I did it on your website back in {first}. Could you try again?",
                f"But I got an email from you in {first}. Would you mind checking once more?",
            )
            talk.say(
                b,
                f"Oh, I see. The booking was entered for {second} by mistake.",
                f"Here we are. Somehow it's been put down for {second}, {name}.",
                f"Right, I've found you, {name}, but it says {second}.",
            )
            talk.note(
                f"{{B}} can't find the booking at first, as it has been entered for {second}.",
                f"It turns out that the reservation from {first} is down for the wrong month, {second}.",
                f"{{A}} made the booking in {first}, but {{B}} finds it under {second}.",
            )
            if talk.chance(0.6):
                talk.say(
                    a,
                    "Oh no. Have you got anything at all for tonight?",
                    "That's terrible. What can we do now?",
                    "But I need a bed tonight! Can you help me?",
                )
                talk.say(
                    b,
                    f"Don't worry, room {number} is free, and I'll give you the same price.",
                    f"Yes, you can have room {number} for the same price.",
                    f"We'll sort it out. I'll move you to room {number}, at the same price.",
                )
                talk.note(
                    f"{{B}} solves the problem with room {number} at the same price.",
                    f"Luckily room {number} is free, and {{A}} gets it without paying more.",
                    f"{{A}} still needs a bed for the night, so {{B}} offers room {number} at no extra cost.",
                )
                talk.say(
                    a,
                    "You've saved my evening, thank you.",
                    "Phew, that's good to hear.",
                    "Thanks a million. I was close to tears.",
                )
            else:
                staying = False
                talk.say(
                    a,
                    "Oh no. Have you got anything at all for tonight?",
                    "That's terrible. Is there another room?",
                    "But I need a bed tonight! Can you help me?",
                )
                right = talk.pick([h for h in HOTELS if h != hotel])
                talk.say(
                    b,
                    f"We're full, I'm sorry. I'll ring {right} and get you a room there.",
                    f"Not here, but I can call {right} and book you in. We'll pay for the taxi.",
                    f"Sadly not, but our friends at {right} have space. Shall I call them?",
                )
                talk.note(
                    f"{{B}} has no free room and suggests calling {right} for one.",
                    f"Since this hotel is full, {{B}} wants to find {{A}} a room at {right}.",
                    f"{{A}} needs a room for the night, but {{B}} can only offer to phone {right}.",
                )
    else:
        ready = clock(rng, 15, 17)
        talk.say(
            b,
            f"Welcome, {name}. I'm sorry, but your room won't be ready until {ready}.",
            f"I've found your booking, {name}, but they're still cleaning. It'll be ready at {ready}.",
            f"You're early, {name}. The room isn't free before {ready}, I'm afraid.",
        )
        talk.note(
            f"{{B}} finds the booking, but the room won't be ready before {ready}.",
            f"{name} has to wait, as the room is only free from {ready}.",
            f"{{A}} learns that the room can't be used before {ready}.",
        )
        talk.fact("When will the room be ready?", ready)
        if talk.chance(0.5):
            plan = talk.pick(
                (
                    "go for a walk in the old town",
                    "have lunch somewhere",
                    "look round the shops",
                    "visit a museum",
                    "sit in the park for a while",
                    "get a coffee round the corner",
                )
            )
            talk.say(
                a,
                f"That's all right. Can I leave my bags here and {plan}?",
                f"Okay, then I'll {plan}. Would you look after my luggage?",
                f"I see. I might {plan} until then. Where can I put my suitcase?",
            )
            talk.say(
                b,
                f"Yes, we'll lock it all away for you. You'll have room {number} later.",
                f"Just leave everything with me. Later you'll be in room {number}.",
                f"I'll keep it behind the desk. Your room's going to be {number}.",
            )
            talk.note(
                f"{{A}} leaves the luggage at reception and is going to {plan}.",
                f"Meanwhile {name} will {plan}, and {{B}} looks after the luggage.",
                f"{{A}} decides to {plan}, and {{B}} keeps the bags.",
            )
        else:
            talk.say(
                a,
                "Oh, really? I've been travelling all night and I'm exhausted.",
                "That's a problem. I have an online meeting in twenty minutes.",
                "But I've got a small child with me who needs a nap.",
            )
            talk.say(
                b,
                f"In that case I'll give you {number}. It's a better room, and you won't pay more.",
                f"I understand. Take room {number}, it's free now and larger. There's no extra charge.",
                f"Let me help you. I can put you in {number}, one of our best rooms, at no extra cost.",
            )
            talk.note(
                f"{{A}} can't wait, so {{B}} gives the guest a better room, number {number}, at no extra cost.",
                f"{name} needs a room at once and gets a better one, {number}, for the same price.",
                f"As waiting is difficult for {{A}}, {{B}} offers {number}, a better room, without charging more.",
            )
        talk.say(a, "That's very kind of you.", "Oh, brilliant, thank you.", "You're a star, thanks.")
    if staying:
        opens = talk.pick(("half past 6", "7 o'clock", "6 o'clock", "half past 7", "8 o'clock"))
        leave = talk.pick(("10 o'clock", "11 o'clock", "noon", "half past 10", "half past 11"))
        if talk.chance(0.5):
            talk.say(a, "When is breakfast?", "By the way, when do you serve breakfast?", "And what time can I get breakfast?")
            talk.say(
                b,
                f"From {opens}, in the room behind the bar. Enjoy your stay.",
                f"It starts at {opens}, and there's fresh bread every day. Have a good rest.",
                f"We serve it from {opens}. If you need anything, just call me.",
            )
            talk.note(
                f"{{B}} tells {{A}} that breakfast starts at {opens}.",
                f"Breakfast is served from {opens}.",
                f"{{A}} also asks about breakfast, which begins at {opens}.",
                major=False,
            )
            talk.fact("When does breakfast start?", opens)
        else:
            talk.say(
                a, "And when do I have to check out?", "What time must I be out on the last day?", "Oh, and when's checkout?"
            )
            talk.say(
                b,
                f"By {leave}, please. Just drop the key in the box.",
                f"You can stay until {leave}. Enjoy your time here.",
                f"At {leave}, but tell us if you need a little longer.",
            )
            talk.note(
                f"{{B}} says {{A}} has to check out by {leave}.",
                f"{{A}} also asks about checkout, which is at {leave}.",
                f"The room must be left by {leave} on the last day.",
                major=False,
            )
            talk.fact("When does {A} have to check out?", leave)
        talk.gist(
            f"A guest checks into a hotel for {nights} nights.",
            f"A receptionist finds a room for a guest named {last}.",
            f"Someone named {last} arrives at a hotel and gets a room.",
        )
    else:
        if outcome == "wrong":
            talk.say(a, "Thank you.", "What a relief.", "Okay, that isn't far.")
        else:
            talk.say(a, "All right, thank you.", "Okay, please do that.", "Yes, that would help.")
        if talk.chance(0.5):
            talk.say(
                a,
                "Could you call me a taxi? My suitcase is heavy.",
                "I think I'll need a taxi with all these bags.",
                "But I can't carry my bags any further, so could I get a taxi?",
            )
            talk.say(
                b,
                "Sure, one will be at the door in a moment.",
                "I'll phone for one right now. Take a seat, please.",
                "Of course. It won't take long.",
            )
            talk.note(
                "{A} asks for a taxi, and {B} will call one.",
                "{B} is going to get a taxi for {A}.",
                "As {A} would like a taxi, {B} arranges it.",
            )
        else:
            talk.say(
                a,
                "I'll go there on foot, I need some fresh air.",
                "I can walk, if you show me the way.",
                "I'm tired, but I'll walk over there now.",
            )
            talk.say(
                b,
                "Here's a little map. You can't miss it.",
                "Take this map of the area, I've marked it for you.",
                "Let me give you a map. Good night.",
            )
            talk.note(
                "{A} will walk there, and {B} hands over a map.",
                "{B} gives {A} a map for the walk to the other hotel.",
                "With a map from {B}, {A} sets off on foot.",
            )
        talk.gist(
            "A guest has to go to another hotel.",
            f"A traveller called {last} can't get a room at this hotel.",
            "A receptionist sends a guest to a different hotel nearby.",
        )


@scene
def asking_for_directions(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    course = talk.pick(("walk", "walk", "bus", "stranger", "moved", "closed"))
    place = talk.pick({"moved": MOVABLE, "closed": VISITED}.get(course, PLACES))
    nearby = talk.pick([p for p in VISITED if p != place])
    first, second = two_different(rng, STREETS)
    mark = talk.pick(LANDMARKS)
    turn = talk.pick(("left", "right"))
    minutes = talk.pick(("five", "six", "eight", "ten", "twelve", "fifteen"))
    friend, time = talk.pick(RELATIVES), clock(rng, 9, 17)
    meeting = course != "closed" and talk.chance(0.6)
    why = (
        f"I'm meeting my {friend} there at {time}"
        if meeting
        else talk.pick(
            (
                "I've never been here before",
                "My phone's dead",
                "The map on my phone makes no sense",
                "I think I've been walking in circles",
                "I only arrived this morning",
            )
        )
    )
    talk.topic("asking the way", place, "lost in town", "asking for directions")
    talk.say(
        a,
        f"Excuse me, could you tell me how to get to {place}? {why}.",
        f"Sorry to bother you. I'm looking for {place}. {why}.",
        f"Hello, do you know where {place} is? {why}.",
        f"Pardon me, am I anywhere near {place}? {why}.",
    )
    if meeting:
        talk.note(
            f"{{A}} is looking for {place} to meet {{A}}'s {friend} at {time}.",
            f"{{A}} asks {{B}} the way to {place}, where {{A}} is meeting a relative at {time}.",
            f"{{A}} has to be at {place} at {time} and asks {{B}} for help.",
            f"Before meeting {{A}}'s {friend}, {{A}} has to find {place}.",
        )
        talk.fact("When does {A} have to be there?", time)
    else:
        talk.fact("What place is {A} looking for?", place)
        talk.note(
            f"{{A}} is looking for {place} and stops {{B}} in the street.",
            f"{{A}} asks {{B}} the way to {place}.",
            f"{{A}} wants to go to {place} but doesn't know where it is.",
            f"Unable to find {place}, {{A}} turns to {{B}} for help.",
        )
    goal, arrives, known, twist = place, True, True, ""
    if course == "bus":
        line, stop = rng.randint(2, 88), talk.pick(LANDMARKS)
        talk.say(
            b,
            f"Oh, that's quite far. You'd better take bus {line} from {stop}.",
            f"It's on the other side of town, I'm afraid. Bus {line} goes there, from the stop by {stop}.",
            f"You could walk, but it's a long way. Bus {line} is easier. It stops near {stop}.",
        )
        talk.note(
            f"{{B}} thinks it is too far to walk and recommends bus {line}.",
            f"As it is a long way, {{B}} advises {{A}} to take bus {line} from the stop near {stop}.",
            f"{{B}} explains that bus {line}, which stops near {stop}, is the best way to get there.",
        )
        talk.fact("Which bus goes there?", str(line))
        if talk.chance(0.55):
            every = talk.pick((5, 8, 10, 12, 15, 20))
            talk.say(
                a,
                "All right. Do the buses come often?",
                "Okay, I'll do that. Is it a long wait?",
                "Fine, the bus it is. How often does it run?",
            )
            talk.say(
                b,
                f"Every {every} minutes. You can pay the driver.",
                f"There's one every {every} minutes, so don't worry.",
                f"They run every {every} minutes at this time of day.",
            )
            talk.note(
                f"{{A}} will take the bus, which runs every {every} minutes.",
                f"{{A}} follows the advice and hears that there's a bus every {every} minutes.",
                f"{{B}} says the buses come every {every} minutes, and {{A}} decides to take one.",
            )
            known = False
        else:
            talk.say(
                a,
                "I've been sitting all day, so I'd really rather walk.",
                "Thanks, but I'd like to see the town. Can I go on foot?",
                "Buses make me sick. Isn't there a way to walk?",
            )
            minutes = talk.pick(("thirty", "forty", "fifty"))
            talk.say(
                b,
                f"Sure. Follow {first} to {mark}, then turn {turn}. It'll take about {minutes} minutes.",
                f"Well, go along {first} as far as {mark} and turn {turn}. You'll need {minutes} minutes or so.",
                f"If you like. It's straight down {first}, then {turn} at {mark}, maybe {minutes} minutes in all.",
            )
            talk.note(
                f"{{A}} prefers to walk, so {{B}} describes the way along {first}, which takes about {minutes} minutes.",
                f"{{A}} doesn't want to take the bus and will go on foot, turning {turn} at {mark}.",
                f"For a walk of around {minutes} minutes, {{B}} sends {{A}} down {first} to {mark}.",
            )
            known = False
    elif course == "stranger":
        talk.say(
            b,
            "I'm sorry, I'm only visiting, too.",
            "Oh, I'm afraid I don't live here. I'm a tourist myself.",
            "You're asking the wrong person. It's my first day in this town.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "I see. You've got a map on your phone, though, haven't you?",
                "Oh, right. Could you perhaps look it up for me?",
                "Never mind. Or do you happen to have a map?",
            )
            talk.say(
                b,
                f"Good idea, wait a second. It says down {first}, then {turn} at {mark}. {minutes.capitalize()} minutes on foot.",
                f"Let me see... here. You walk along {first} and go {turn} at {mark}. {minutes.capitalize()} minutes, it says.",
                f"Yes, let's have a look. Take {first} to {mark} and turn {turn}. {minutes.capitalize()} minutes away.",
            )
            talk.note(
                f"{{B}} is a visitor too, but looks at a map and says to turn {turn} at {mark}.",
                f"Though new in town, {{B}} checks a map and sends {{A}} along {first} to {mark}.",
                f"{{B}} doesn't know the town either and finds the way along {first} on a map.",
            )
            known = False
        else:
            arrives = known = False
            talk.say(
                a,
                "Oh, what a pity. Is there anyone I could ask?",
                "No problem. I'll try somebody else, then.",
                "Haha, then we're both lost. Who could help us?",
            )
            talk.say(
                b,
                f"The people in the shop next to {mark} seemed friendly. Try them.",
                f"Why not ask the police officer standing by {mark}?",
                f"There's an information desk over by {mark}. They should know.",
            )
            talk.note(
                f"{{B}} is a stranger in town as well and tells {{A}} to ask near {mark}.",
                f"{{B}} can't help, being only a visitor, but suggests asking somebody by {mark}.",
                f"Since {{B}} doesn't know the town, {{A}} is advised to find help near {mark}.",
            )
            talk.say(
                a,
                "All right, I'll go and do that. Enjoy your holiday!",
                "I'll ask there. Thanks, and have a nice stay.",
                "That's worth a try. Thank you all the same.",
            )
            talk.say(b, "Good luck! I hope you find it.", "You're welcome. I'm sure you'll get there.", "Sure. Take care!")
            talk.note(
                "{A} takes the advice and will ask there.",
                "{A} thanks {B} and is going to try that.",
                "Following the suggestion, {A} goes to ask there.",
            )
    elif course == "moved":
        talk.say(
            b,
            f"You're in the wrong place, I'm afraid. It moved to {second} last year.",
            f"It used to be right here, but last year it moved to {second}.",
            f"Ah, lots of people look for it here. It's been on {second} since last year.",
        )
        talk.say(
            a,
            f"Really? That's news to me. How do I get to {second}?",
            f"Oh no, I had no idea. And where's {second}?",
            f"No wonder I couldn't find it! Is {second} far?",
        )
        talk.note(
            f"{{B}} tells {{A}} that it moved to {second} last year.",
            f"{{A}} is surprised to hear that {place} is now on {second}.",
            f"It has been on {second} since last year, as {{B}} explains.",
        )
        talk.fact("Which street has it moved to?", second)
    elif course == "closed":
        day = talk.pick(DAYS)
        talk.say(
            b,
            f"I know it well, but today's {day}, and it's always closed on {day}s.",
            f"Oh, you won't have much luck there. It isn't open on {day}s like today.",
            f"Hmm, it's {day} today. I'm sure it's shut on {day}s.",
        )
        if talk.chance(0.5):
            goal = nearby
            talk.say(
                a,
                f"What a shame! Is {nearby} open? I could go there instead.",
                f"Oh, I didn't know. Then how about {nearby}? I wanted to see that as well.",
                f"That's bad luck. I'll go to {nearby}, then. Which way is it?",
            )
            talk.note(
                f"{{B}} says it is closed on {day}s, so {{A}} wants to go to {nearby} instead.",
                f"As {place} doesn't open on {day}s, {{A}} asks about {nearby}.",
                f"Hearing that it is shut on {day}s, {{A}} thinks of {nearby} instead.",
            )
        else:
            talk.say(
                a,
                "I don't need to go in, I only want to see it from the outside.",
                "That doesn't matter. I'd just like to take some pictures from the outside.",
                "Oh well, I was only going to look at it from the outside, so that's fine.",
            )
            talk.note(
                f"{{B}} warns that it is closed on {day}s, but {{A}} only wants to see it from the outside.",
                f"{{A}} doesn't mind that it isn't open on {day}s and wants to look from the outside.",
                f"Though {place} is shut on {day}s, {{A}} is content to see the outside.",
            )
        talk.fact("On which day is it closed?", day)
    if known:
        talk.say(
            b,
            f"Go down {first} until you see {mark}, then turn {turn}. It's {minutes} minutes on foot.",
            f"That's easy. Walk along {first} as far as {mark} and turn {turn}. You'll be there in {minutes} minutes.",
            f"Take {first} and turn {turn} at {mark}. You can't miss it, it's only {minutes} minutes.",
        )
        talk.fact("How long does it take on foot?", f"{minutes} minutes")
        twist = talk.pick(("repeat", "company", "plain"))
        if twist == "repeat":
            wrong = "right" if turn == "left" else "left"
            talk.say(
                a,
                f"So it's down {first} and then {wrong}?",
                f"Wait, let me repeat that. {first}, and then I turn {wrong}?",
                f"Okay, along {first}, and {wrong} at the end. Is that correct?",
            )
            talk.say(
                b,
                f"No, {turn}, at {mark}.",
                f"Almost! It's {turn} when you get to {mark}.",
                f"Not quite. You want to go {turn} at {mark}.",
            )
            talk.note(
                f"{{B}} sends {{A}} down {first} and corrects {{A}} about the turn, which is {turn} at {mark}.",
                f"{{A}} gets the way wrong at first, and {{B}} repeats that the turn at {mark} is to the {turn}.",
                f"{{B}} describes a walk of {minutes} minutes along {first} and has to repeat the {turn} turn.",
            )
        elif twist == "company":
            talk.say(
                a,
                f"{first}... I'm hopeless with directions, to be honest.",
                "Oh dear, I'll never remember that.",
                "I hope I won't get lost again. I'm terrible at this.",
            )
            talk.say(
                b,
                "You know what? I'm going that way, so come along with me.",
                "I'll walk with you, then. It's on my way home.",
                "Let me take you there. I have nothing else to do right now.",
            )
            talk.note(
                f"{{B}} explains how to get to {goal} by way of {first} and then offers to come along.",
                "As {A} is bad at finding the way, {B} decides to walk there too.",
                f"After describing the way past {mark}, {{B}} offers to take {{A}} there.",
            )
        else:
            talk.say(
                a,
                f"Down {first}, then {turn}. That sounds simple.",
                f"Great, I should be able to find that. {turn.capitalize()} at {mark}.",
                f"Only {minutes} minutes? Wonderful, I have plenty of time, then.",
            )
            talk.note(
                f"{{B}} tells {{A}} to go down {first} and turn {turn} at {mark}.",
                f"{{A}} should follow {first} and turn {turn} at {mark}, which takes {minutes} minutes.",
                f"It is {minutes} minutes on foot along {first}, and {{A}} finds the way simple.",
            )
    if arrives:
        if talk.utterances[-1][0] == a:
            talk.say(
                b,
                "Exactly. Anything else you need?",
                "That's right. Can I help you with anything else?",
                "Yes, and do enjoy your day here.",
            )
        snack = talk.pick(
            ("a good cup of coffee", "a quick lunch", "some ice cream", "a sandwich", "fresh juice", "a piece of cake")
        )
        street = talk.pick([s for s in STREETS if s not in (first, second)])
        if twist == "company" and talk.chance(0.6):
            talk.say(
                a,
                "Would you really? That's so kind of you.",
                "Oh, that would be wonderful. I'd be glad of the company.",
                "If you don't mind, I'd love that.",
            )
            talk.say(
                b,
                "It's this way, let's go.",
                "Not at all. Come on, we'll cross here.",
                "It's nothing. Let's start walking, then.",
            )
            talk.note(
                "{A} gladly accepts, and they set off.",
                "{B} takes {A} there on foot.",
                "{A} is grateful to have {B}'s company on the way.",
                major=course == "walk",
            )
        elif twist == "company" or (course != "stranger" and talk.chance(0.6)):
            talk.say(
                a,
                f"That's so helpful. Oh, and is there somewhere to get {snack}?",
                f"Thanks! One more thing. Where can I get {snack} around here?",
                f"You're very kind. Do you also know a place for {snack}?",
            )
            if talk.chance(0.7):
                talk.say(
                    b,
                    f"Try the little cafe on {street}. It's my favourite.",
                    f"I always go to the cafe on {street}. They're really friendly.",
                    f"There's a lovely cafe on {street}, and it isn't expensive.",
                )
                talk.note(
                    f"{{B}} also recommends a cafe on {street} for {snack}.",
                    f"For {snack}, {{B}} suggests a cafe on {street}.",
                    f"{{A}} also wants {snack} and hears about a cafe on {street}.",
                    major=course == "walk",
                )
            else:
                talk.say(
                    b,
                    "Not around here, no. Everything is being rebuilt.",
                    "Sorry, I never eat out, so I couldn't tell you.",
                    "I'm afraid the only cafe has just closed down.",
                )
                talk.note(
                    f"{{A}} also asks where to get {snack}, but {{B}} can't recommend anything.",
                    f"{{B}} knows no place for {snack}.",
                    f"When {{A}} asks about {snack}, {{B}} has no suggestion.",
                    major=course == "walk",
                )
        else:
            talk.say(
                a,
                "I think I can manage now. Thank you so much.",
                "Thanks a lot, you've been a great help.",
                "That's very kind of you. Have a nice day.",
            )
            talk.say(b, "You're welcome. Bye!", "My pleasure. Have a good one.", "No trouble at all. Enjoy yourself!")
            talk.note(
                "{A} is grateful for {B}'s help.",
                "{A} thanks {B} for the help.",
                f"{{A}} now knows how to get to {goal} and says thanks.",
                major=course == "walk",
            )
        if goal == place:
            talk.gist(
                f"Someone asks a passer-by the way to {place}.",
                f"A passer-by helps someone find {place}.",
                f"A visitor finds out how to get to {place}.",
            )
        else:
            talk.gist(
                f"Someone learns that {place} is closed today.",
                f"A visitor changes plans and goes to {nearby}.",
                f"A passer-by explains the way to {nearby}.",
            )
    else:
        talk.gist(
            f"Someone looking for {place} asks another visitor.",
            f"A tourist can't say where {place} is.",
            f"Two visitors don't know the way to {place}.",
        )


@scene
def lost_luggage_at_airport(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    origin, elsewhere = two_different(rng, CITIES)
    bag, mark, content = talk.pick(BAGS), talk.pick(BAG_MARKS), talk.pick(BAG_CONTENTS)
    noun = bag.split(" ", 1)[1]
    short = noun.split()[-1]
    content_told = content.replace("my ", "{A}'s ", 1)
    last = talk.pick(LAST_NAMES)
    hotel = talk.pick(HOTELS)
    named = talk.chance(0.5)
    title = talk.pick(("Mr.", "Ms."))
    told = f"{title} {last}" if named else "{A}"
    talk.topic("lost luggage", "a missing bag", "at the airport", f"a lost {short}")
    if talk.chance(0.4):
        talk.say(
            b,
            "Baggage service, hello. What seems to be the problem?",
            "Good evening. You look worried. Can I help?",
            "Hi there. Is something missing?",
            "Hello. Did your luggage not arrive?",
        )
    talk.say(
        a,
        f"My luggage hasn't turned up. I came in from {origin}, and I've been waiting for an hour.",
        f"I've just flown in from {origin}, and my luggage isn't on the belt.",
        f"Everyone else from the {origin} flight has left, but there's no sign of my luggage.",
        f"I think you've lost my luggage. I was on the flight from {origin}.",
    )
    if named:
        talk.say(
            b,
            "I'm sorry to hear that. What's your name, and what does it look like?",
            "Oh dear. Please give me your name and describe it for me.",
            "Let's find it together. May I have your name, and what kind of bag is it?",
        )
        talk.say(
            a,
            f"I'm {last}. It's {bag} with {mark}.",
            f"The name's {last}. I had {bag}, and it has {mark}.",
            f"It's {last}. And it's {bag}, you can tell it by {mark}.",
        )
        talk.say(b, f"Thank you, {title} {last}.", f"All right, {title} {last}.", f"Got that, {title} {last}.")
    else:
        talk.say(
            b,
            "I'm sorry to hear that. Could you describe it?",
            "Don't worry, most bags turn up again. What does yours look like?",
            "Oh dear, let's see what we can do. What kind of bag is it?",
        )
        talk.say(
            a,
            f"It's {bag} with {mark}.",
            f"I had {bag}. It has {mark}, so it's easy to spot.",
            f"Well, it's {bag}, and you can tell it by {mark}.",
        )
        talk.say(b, "Thank you.", "Okay, I've written that down.", "Good, that helps.")
    # The clerk's next words join this utterance, so the first note stands after them.
    course = talk.pick(("elsewhere", "elsewhere", "unknown", "taken", "belt"))
    first = (
        f"{told} has arrived from {origin}, but the luggage, {bag}, hasn't.",
        f"{{A}} has flown in from {origin} and tells {{B}} that {bag} is missing.",
        f"After a flight from {origin}, {{A}} can't find the luggage with {content_told}.",
        f"{{A}} reports {bag} as lost and tells {{B}} that it has {mark}.",
    )
    if course != "unknown":
        talk.fact("Where has {A} flown in from?", origin)
    talk.fact("What does {A}'s luggage look like?", bag)
    if course == "elsewhere":
        talk.say(
            b,
            f"My computer says the {short} is still in {elsewhere}.",
            f"Ah, here we are. It was sent to {elsewhere} by mistake.",
            f"I've found it in the system, but it's in {elsewhere}, I'm afraid.",
        )
        talk.say(
            a,
            f"In {elsewhere}? But I've got {content} in there!",
            f"Oh no. I need {content}. How could that happen?",
            f"You can't be serious. I've packed {content} in it.",
        )
        talk.note(
            f"{told} has arrived from {origin}, but the luggage, {bag}, is in {elsewhere}.",
            f"{{A}} is missing {bag} after a flight from {origin}, and {{B}} finds out that it is in {elsewhere}.",
            f"{{A}} reports the loss of {bag}, which is in {elsewhere} with {content_told}.",
            f"{{B}} tells {{A}} that the luggage with {content_told} is in {elsewhere}.",
        )
        when = talk.pick(("tomorrow morning", "tomorrow afternoon", "tonight", "tomorrow evening", "the day after tomorrow"))
        talk.say(
            b,
            f"I know, and I apologise. There'll be a flight with it, so it should be here {when}.",
            f"I'm really sorry. They're putting it on the next plane, and we'll have it {when}.",
            f"It won't be long, I promise. It's going to arrive {when}.",
        )
        talk.fact("When will the luggage arrive?", when)
        whens = {
            "tonight": "that night",
            "tomorrow morning": "the next morning",
            "tomorrow afternoon": "the next afternoon",
            "tomorrow evening": "the next evening",
            "the day after tomorrow": "in two days",
        }[when]
        if talk.chance(0.6):
            talk.say(
                a,
                f"Can you bring it to {hotel}? I'm staying there all week.",
                f"Then please send it to {hotel}. I can't come back out here.",
                f"Would you deliver it to {hotel}? That's where I'll be.",
            )
            talk.say(
                b,
                "Yes, of course, and it won't cost you anything.",
                "Certainly. Our driver will take it there free of charge.",
                "Sure, I'll note that down. We pay for the delivery.",
            )
            talk.note(
                f"{{B}} says it will arrive {whens} and be taken to {hotel} for free.",
                f"It should come {whens}, and {{B}} agrees to deliver it to {hotel}.",
                f"{told} asks to have it brought to {hotel} when it arrives {whens}, and {{B}} agrees.",
            )
            talk.gist(
                f"A traveller's {noun} will be delivered to a hotel.",
                f"An airline finds a missing {short} in the wrong city.",
                f"A passenger's luggage arrives late and goes to {hotel}.",
            )
        else:
            talk.say(
                a,
                "Fine. I live close by, so I'll pick it up myself.",
                "I'd rather come and get it, if that's all right.",
                "Okay, then I'll drive out here and collect it.",
            )
            talk.say(
                b,
                "That's fine, just bring your passport.",
                "Good. Please don't forget your passport.",
                "As you like. We'll need to see your passport.",
            )
            talk.note(
                f"It will arrive {whens}, and {told} is going to collect it in person.",
                f"{{B}} expects it {whens} and asks {{A}} to bring a passport when collecting it.",
                f"{{A}} wants to pick it up at the airport when it comes {whens}, and needs a passport for that.",
            )
            talk.gist(
                f"A traveller will come back for a missing {short}.",
                f"A passenger's {noun} is still on its way.",
                "A passenger's luggage comes on a later flight.",
            )
    elif course == "unknown":
        talk.say(
            b,
            "Hmm, I can't see it anywhere in the system yet.",
            "Unfortunately, the computer doesn't know where it is.",
            "It's odd, but there's no trace of it at the moment.",
        )
        talk.say(
            a,
            f"That's awful. I've packed {content} in it. What happens now?",
            f"What shall I do? I've got {content} in there.",
            f"Oh no, and I need {content}. So what now?",
        )
        talk.note(*first)
        days = talk.pick(("two", "three", "four", "five"))
        talk.say(
            b,
            f"Please fill in this form. We'll search for it and phone you within {days} days.",
            f"If you complete this form, we'll call you within {days} days, whatever happens.",
            f"Just write everything on this form. You'll get a call within {days} days.",
        )
        talk.note(
            "{B} doesn't know where it is and asks {A} to fill in a form.",
            f"As it can't be found yet, {told} should fill in a form and will get a call within {days} days.",
            f"{{B}} finds no trace of it and promises to call {{A}} within {days} days.",
        )
        talk.fact("When will {A} get a call?", f"within {days} days")
        talk.say(
            a,
            "And until then? I've got nothing to wear.",
            "That's a long time without clean clothes.",
            "But I don't even have a toothbrush!",
        )
        amount = money(rng, 40, 200, 10)
        if talk.chance(0.6):
            talk.say(
                b,
                f"Buy what you need and keep the receipts. We'll pay you back up to {amount}.",
                f"The airline covers up to {amount} for that. Just send us the receipts.",
                f"You can spend up to {amount} on essentials. We'll refund it if you have the receipts.",
            )
            talk.say(
                a, "Well, that's something at least.", "Okay, that sounds reasonable.", "All right, then I'm off to the shops."
            )
            talk.note(
                f"{{B}} says {{A}} can buy essentials for up to {amount} and get the money back.",
                f"The airline will pay up to {amount} for what {{A}} needs until then.",
                f"Until it is found, {{A}} may spend up to {amount} and should keep the receipts.",
            )
            talk.fact("How much will the airline pay back at most?", amount)
        else:
            talk.say(
                b,
                "I can only give you this overnight bag with the basics, I'm afraid.",
                "Here's an overnight bag from us. I'm not allowed to do more than that.",
                "The best I can offer is this overnight bag. It has a toothbrush and a T-shirt.",
            )
            if talk.chance(0.5):
                talk.say(
                    a,
                    "That's not good enough. I'm going to write to the airline.",
                    "Is that all? I want to complain in writing.",
                    "I'm not happy with that. I'll send the airline a complaint.",
                )
                talk.note(
                    "{B} can only offer an overnight bag, and {A} is going to complain to the airline.",
                    "{A} isn't content with the overnight bag and plans to complain in writing.",
                    "Given only an overnight bag, {A} wants to write a complaint.",
                )
            else:
                talk.say(
                    a,
                    "Oh well, it'll get me through the night. Thanks.",
                    "That's better than nothing, I suppose. Thank you.",
                    "Okay, it isn't your fault. I'll manage.",
                )
                talk.note(
                    "{B} gives {A} an overnight bag, which will have to do.",
                    "{A} accepts an overnight bag for the time being.",
                    "For now, {A} makes do with an overnight bag from {B}.",
                )
        talk.gist(
            f"An airline can't find a passenger's {noun}.",
            "A traveller has to wait for news of lost luggage.",
            f"A passenger reports a missing {noun}.",
        )
    elif course == "taken":
        talk.say(
            b,
            f"That's funny. Someone has just called about {bag}. They took the wrong one by mistake.",
            f"Wait a moment. A passenger rang to say they'd picked up {bag} that isn't theirs.",
            f"I may have good news. Another passenger went off with {bag} and has just phoned us.",
        )
        talk.say(
            a,
            f"Really? I hope they haven't opened it. I've got {content} in there.",
            f"Does that mean it's mine? I need {content}.",
            f"What luck! I've packed {content} in it.",
        )
        talk.note(*first)
        minutes = talk.pick((20, 30, 40, 45, 60, 90))
        talk.say(
            b,
            f"They're on the way back and should be here in {minutes} minutes. Can you wait?",
            f"It'll be back here in {minutes} minutes, if you don't mind waiting.",
            f"They've promised to return it in {minutes} minutes. Would you like to wait?",
        )
        talk.note(
            f"{{B}} explains that another passenger took it by mistake and will bring it back in {minutes} minutes.",
            f"Someone else went off with it, but it should be back in {minutes} minutes.",
            f"{told} learns that it was taken by another passenger, who is returning it in {minutes} minutes.",
        )
        talk.fact("How soon will the luggage be back?", f"in {minutes} minutes")
        if talk.chance(0.6):
            talk.say(
                a,
                "Yes, I'll wait. Is there a cafe somewhere?",
                "No problem, I'm not in a hurry. I could do with a coffee.",
                "Sure. I'll get myself a coffee in the meantime.",
            )
            talk.say(
                b,
                f"There's a cafe by exit {talk.pick('ABCDE')}. I'll call you.",
                "Take this voucher for the cafe, it's on us.",
                "The cafe upstairs is nice. I'll let you know when it's here.",
            )
            talk.note(
                "{A} decides to wait at a cafe.",
                "{A} has time and will spend it at a cafe.",
                "In the meantime, {A} is going to a cafe.",
            )
        else:
            talk.say(
                a,
                f"No, I have a taxi waiting. Please send it to {hotel}.",
                f"I can't, I'm late already. Could it go to {hotel}?",
                f"I'd rather not. Can you have it brought to {hotel}?",
            )
            talk.say(
                b,
                "Of course, we'll do that this evening.",
                "Yes, you'll have it this evening.",
                "No problem. It'll be there this evening.",
            )
            talk.note(
                f"{{A}} can't wait and has it sent to {hotel}.",
                f"{{A}} doesn't want to stay, so {{B}} will have it delivered to {hotel} that evening.",
                f"Instead of waiting, {told} asks for it to be sent to {hotel}.",
            )
        talk.gist(
            f"Another passenger has taken someone's {noun} by mistake.",
            f"A traveller's missing {short} is coming back soon.",
            "A passenger's bag was picked up by somebody else.",
        )
    else:
        belt, other = rng.randint(1, 5), rng.randint(6, 12)
        talk.say(
            b,
            "Which belt were you waiting at?",
            "Where exactly have you been waiting, by the way?",
            "And which belt did you go to?",
        )
        talk.say(
            a,
            f"Belt {belt}, like everybody else. I really need {content}.",
            f"I was standing at belt {belt} all the time. I've got {content} in there.",
            f"At belt {belt}, of course. I've packed {content}, you know.",
        )
        talk.note(*first)
        talk.say(
            b,
            f"I see. The rest of that flight was moved to belt {other}. Have you looked there?",
            f"Ah, that explains it. Half of the bags came out on belt {other}.",
            f"They changed it, I'm afraid. Please try belt {other}, right behind you.",
        )
        talk.fact("Which belt is the luggage on?", f"belt {other}")
        if talk.chance(0.6):
            talk.say(
                a,
                f"Oh! Yes, I can see my {short} from here. How silly of me.",
                f"Oh, there's my {short}, going round all alone! I feel so stupid.",
                f"You're right, that's my {short} over there! Sorry for the trouble.",
            )
            talk.say(
                b,
                "Not at all, the announcement was very quiet.",
                "Don't be sorry, it happens every day.",
                "I'm just glad you've got it back.",
            )
            talk.note(
                f"{{B}} sends {{A}} to belt {other}, where the {short} is.",
                f"{{A}} waited at belt {belt}, while the {short} was on belt {other}, as {{B}} explains.",
                f"{told} sees the {short} on belt {other}, thanks to {{B}}.",
            )
            talk.gist(
                f"A traveller finds a missing {short} on another belt.",
                "A passenger has waited at the wrong belt.",
                f"Someone gets {bag} back at the airport.",
            )
        else:
            talk.say(
                a,
                f"I see it, but... oh no, my {short} is torn open at the side!",
                f"There it is! But look, the side of my {short} is torn.",
                f"Yes, that's mine. Oh, but somebody has torn my {short} at the side.",
            )
            talk.say(
                b,
                "I'm terribly sorry. Take a photo, and we'll pay for the repair.",
                "That shouldn't have happened. Send us a photo, and the airline pays for the repair.",
                "Oh, that looks bad. If you give us a photo, we'll cover the repair.",
            )
            talk.note(
                f"The {short} is on belt {other} but torn, and {{B}} says the airline will pay for the repair.",
                f"{told} finds the {short} torn on belt {other} and is asked for a photo of the damage.",
                f"{{A}} gets the {short} back from belt {other} with a torn side, which the airline will have repaired.",
            )
            talk.gist(
                f"A traveller gets a {short} back, but it is torn.",
                "A passenger's bag is found damaged at the airport.",
                f"An airline will pay for repairing a torn {short}.",
            )
    if talk.utterances[-1][0] == b:
        if course == "elsewhere":
            talk.say(a, "Thanks for your help.", "I hope it works out. Thank you.", "Okay, let's hope for the best.")
        else:
            talk.say(
                a,
                "Thanks. You've been very helpful.",
                "That's good. Thank you very much.",
                "Well, thank you for sorting this out.",
            )


@scene
def planning_a_holiday(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    (one, doing_one), (two, doing_two) = two_different(rng, HOLIDAYS)
    month, later = two_different(rng, MONTHS)
    lodging, lodging_two = two_different(rng, LODGINGS)
    name_b = talk.pick(FIRST_NAMES)
    named = talk.chance(0.6)
    hey = f"{name_b}, " if named else ""
    told_b = name_b if named else "{B}"
    talk.topic("planning a holiday", "holiday plans", f"a trip in {month}", "choosing a holiday destination")
    talk.say(
        a,
        f"{hey}{'have' if named else 'Have'} you thought about our holiday yet? I'd love to go to {one} in {month}.",
        f"{'Hey ' + hey if named else 'Hey, '}we should finally plan our trip. How about {one} in {month}?",
        f"{'Listen, ' + hey if named else 'Listen, '}I've had an idea for our holiday in {month}. Let's go to {one}!",
        f"{'So, ' + hey if named else 'So, '}what do you say to {one} for our holiday in {month}?",
    )
    talk.say(
        b,
        "That sounds interesting. What would we do there?",
        "Oh, tell me more. What's there to do?",
        "Hmm, why not? But what can you do there?",
    )
    talk.say(
        a,
        f"I was thinking of {doing_one}, mostly.",
        f"Well, {doing_one}, for one thing. And lots of sleep.",
        f"They say it's the best place for {doing_one}.",
    )
    talk.note(
        f"{{A}} suggests a holiday in {one} in {month}.",
        f"{{A}} would like to go to {one} in {month} and is thinking of {doing_one}.",
        f"{{A}} asks {told_b} to go to {one} together in {month}.",
        f"{{A}} and {told_b} talk about their holiday, and {{A}} proposes {one} for {month}.",
    )
    talk.fact("Where does {A} want to go on holiday?", one)
    course = talk.pick(("likes", "time", "objects", "objects"))
    place, when, settled = one, month, True
    if course == "likes":
        talk.say(
            b,
            "I'm in! That's just my kind of thing.",
            "Oh, that'd be wonderful. Count me in.",
            "You know what? That's exactly what I need.",
        )
        talk.say(
            a,
            "Great! I knew you'd like it. Where should we stay?",
            "Fantastic. Then let's talk about where to sleep.",
            "I'm so glad. What about somewhere to stay?",
        )
        talk.note(
            f"{told_b} loves the idea of {one}.",
            f"{{B}} agrees at once to travel to {one}.",
            "{B} is happy with the plan and wants to come.",
        )
        speaker, partner = b, a
    elif course == "time":
        trouble = talk.pick(
            (
                "I have an exam",
                "my boss needs me",
                "I'm moving house",
                "my sister is getting married",
                "I'm starting a new job",
                "we have visitors at home",
            )
        )
        told_trouble = {
            "I have an exam": "of an exam",
            "my boss needs me": "{B} is needed at work",
            "I'm moving house": "{B} is moving house",
            "my sister is getting married": "{B}'s sister is getting married",
            "I'm starting a new job": "{B} is starting a new job",
            "we have visitors at home": "{B} is having visitors",
        }[trouble]
        talk.say(
            b,
            f"I like it, but {trouble} in {month}. Could we make it {later}?",
            f"The place is great, but {month} is bad, because {trouble} then. What about {later}?",
            f"Sounds lovely, only {trouble} in {month}. Would {later} work for you?",
        )
        talk.note(
            f"{told_b} likes the idea but would rather go in {later}.",
            f"{{B}} can't travel in {month} because {told_trouble}.",
            f"Because {told_trouble}, {{B}} asks to go in {later}.",
        )
        if talk.chance(0.6):
            when = later
            talk.say(
                a,
                f"{later} is fine. I can change my leave.",
                f"Sure, let's say {later}. It may even be cheaper.",
                f"All right, {later}, then. I'm not in a hurry.",
            )
            talk.say(
                b,
                "Thanks, you're an angel. Shall we look for somewhere to stay?",
                "Oh, great. So, where do we want to stay?",
                "Perfect. Now we need somewhere to sleep.",
            )
            talk.note(
                f"{{A}} agrees to move the trip to {later}.",
                f"They put the holiday off to {later}."
                if MONTHS.index(later) > MONTHS.index(month)
                else f"They change the time of the holiday to {later}.",
                f"For {{A}}, {later} is fine as well.",
            )
            speaker, partner = a, b
        else:
            shorter = talk.pick(("a long weekend", "five days", "four days", "three days"))
            talk.say(
                a,
                f"I can't get any time off in {later}. What about just {shorter} in {month}?",
                f"{later} is impossible for me, we're too busy at work. Could you manage {shorter} in {month}?",
                f"Sorry, I have to work right through {later}. Maybe {shorter} in {month} would be possible?",
            )
            talk.say(
                b,
                f"Yes, I think I can do {shorter}. Better than nothing! Where would we stay?",
                f"{shorter.capitalize()}? I could manage that. And where would we stay?",
                f"Okay, {shorter} should be all right. So where shall we stay?",
            )
            talk.note(
                f"As {{A}} has to work in {later}, they settle on {shorter} in {month}.",
                f"{{A}} isn't free in {later}, so they plan only {shorter} in {month}.",
                f"{told_b} agrees to a shorter trip of just {shorter} in {month}.",
            )
            speaker, partner = a, b
    else:
        why, reason = talk.pick(
            (
                ("it's much too expensive", "it is too expensive"),
                ("my cousin was disappointed by it", "{B}'s cousin was disappointed by it"),
                ("it's always so crowded", "it is too crowded"),
                ("I was there only last year", "{B} was there the year before"),
                (f"I'm not keen on {doing_one}", f"{{B}} is not keen on {doing_one}"),
            )
        )
        talk.say(
            b,
            f"I don't know, {why}. I'd prefer {two}, for {doing_two}.",
            f"To be honest, {why}. Couldn't we go to {two}? I was thinking of {doing_two}.",
            f"Hmm, {why}. What about {two}? I've always dreamed of {doing_two} there.",
        )
        talk.note(
            f"{{B}} doesn't want to go to {one}, since {reason}, and suggests {two}.",
            f"{told_b} would prefer {two}, thinking of {doing_two}.",
            f"As {reason}, {{B}} proposes {two} instead.",
        )
        talk.fact("What place does {B} suggest instead?", two)
        outcome = talk.pick(("two", "both", "open", "one"))
        if outcome == "two":
            place = two
            talk.say(
                a,
                f"Oh, that's even better! I'd love to see {two}.",
                f"All right, you win. {two[0].upper() + two[1:]} it is.",
                f"Well, I've never been to {two}. Let's do it.",
            )
            talk.say(
                b,
                "Hooray! And what about somewhere to stay?",
                "You won't regret it. Where should we stay, then?",
                "I'm so happy! Now, where do we sleep?",
            )
            talk.note(
                f"{{A}} agrees to go to {two}.",
                f"They decide on {two} for their holiday.",
                f"{{A}} likes the suggestion, so they choose {two}.",
            )
            speaker, partner = a, b
        elif outcome == "one":
            promise = talk.pick(
                (
                    "I'll pay for your flight",
                    "I'll do all the planning",
                    "I'll carry your bags",
                    "you can choose next year",
                    "I'll cook every evening",
                )
            )
            told_promise = {
                "I'll pay for your flight": "to pay for the flight",
                "I'll do all the planning": "to do all the planning",
                "I'll carry your bags": "to carry the bags",
                "you can choose next year": "that {B} can choose the next year",
                "I'll cook every evening": "to cook every evening",
            }[promise]
            talk.say(
                a,
                f"Please! If you come to {one}, {promise}.",
                f"Let's make a deal. We go to {one}, and {promise}.",
                f"How about this? We go to {one} now, and {promise}.",
            )
            talk.say(
                b,
                "Okay, that's an offer I can't refuse. Where do we stay?",
                "Haha, you've talked me into it. And where would we stay?",
                "Deal! I'll remember that. So, where will we stay?",
            )
            talk.note(
                f"{{A}} promises {told_promise}, and {told_b} agrees to {one} after all.",
                f"{{B}} gives in when {{A}} promises {told_promise}.",
                f"They will go to {one}, as {{A}} promises {told_promise}.",
            )
            speaker, partner = a, b
        elif outcome == "both":
            friend = talk.pick(RELATIVES)
            settled = False
            talk.say(
                a,
                f"Hmm, that's not for me. Perhaps we should travel separately this time. I could ask my {friend}.",
                f"I really have my heart set on it. Maybe I'll go with my {friend}, and you do your own thing.",
                f"We'll never agree, will we? I'll see if my {friend} wants to come with me, then.",
            )
            talk.say(
                b,
                f"That's fine with me. I'll send you a postcard from {two}.",
                f"No hard feelings. I'll go to {two} on my own.",
                f"Honestly, good idea. I'm off to {two}, and we'll swap pictures afterwards.",
            )
            talk.note(
                f"They can't agree, so {{A}} will ask the {friend} to come along, and {{B}} will go to {two}.",
                f"{{A}} wants to travel with {{A}}'s {friend} instead, while {told_b} goes to {two}.",
                f"In the end they plan separate trips, and {{B}} is going to {two}.",
            )
        else:
            day = talk.pick(DAYS)
            settled = False
            talk.say(
                a,
                f"I'm not sure. Let's both look at prices and decide on {day}.",
                f"Well, they both sound good. Why don't we sleep on it and talk again on {day}?",
                f"That's a hard choice. Could we decide on {day}, when we've read a bit more?",
            )
            talk.say(
                b,
                f"Good plan. I'll come over on {day} with a guidebook.",
                f"Okay, {day} it is. I'll make us some dinner.",
                f"Fine, let's meet on {day}. I'll collect some information.",
            )
            talk.note(
                f"They can't decide yet and will talk about it again on {day}.",
                f"{{A}} isn't sure, so they put off the decision until {day}.",
                f"{{A}} and {told_b} are going to choose between the two places on {day}.",
            )
            talk.fact("When will they decide?", day)
    if settled:
        price = money(rng, 15, 45) if lodging in ("a campsite", "a youth hostel") else money(rng, 45, 140)
        talk.say(
            speaker,
            f"I've seen {lodging} for {price} a night.",
            f"There's {lodging} on the internet for {price} a night, with good reviews.",
            f"A colleague recommended {lodging}. It was {price} a night.",
        )
        talk.fact("How much would the place to stay cost?", f"{price} a night")
        who, other = ("{A}", told_b) if speaker == a else (told_b, "{A}")
        agreed = talk.chance(0.55)
        if agreed:
            talk.say(
                partner,
                "That sounds just right. Let's book it before it's gone.",
                "For that price? Let's take it!",
                "Oh, I like that. We should book soon.",
            )
            talk.note(
                f"{who} has found {lodging} for {price} a night, and they want to book it.",
                f"They decide on {lodging}, which costs {price} a night.",
                f"{other} likes the idea of {lodging} for {price} a night.",
            )
        else:
            talk.say(
                partner,
                f"I'd feel happier with {lodging_two}, to be honest.",
                f"Oh, couldn't we find {lodging_two} instead?",
                f"Hmm, I don't fancy that. I'd prefer {lodging_two}, if you don't mind.",
            )
            talk.note(
                f"{who} suggests {lodging} for {price} a night, but {other} prefers {lodging_two}.",
                f"{other} doesn't like the sound of {lodging} and asks for {lodging_two}.",
                f"While {who} has found {lodging}, {other} would rather have {lodging_two}.",
            )
        task = talk.pick(
            (
                "book the flights",
                "check the trains",
                "look for flights",
                "ask the neighbours to feed the cat",
                "buy a guidebook",
                "renew the passports",
                "tell the office",
                "find out about insurance",
            )
        )
        if agreed:
            talk.say(
                speaker,
                f"I'm glad you like it. I'll {task} this week.",
                f"Right, let's do that. And I'll {task} this week.",
                f"Good. This week I'm also going to {task}.",
            )
        else:
            talk.say(
                speaker,
                f"All right, we can look for that. I'll {task} this week.",
                f"Okay, no problem. I'll {task} this week, anyway.",
                f"Fair enough, that's fine with me. This week I'm going to {task}.",
            )
        talk.say(
            partner, "Great, I'm looking forward to it already.", "Thanks! I can't wait.", "Wonderful. I'll start packing, haha."
        )
        talk.note(
            f"{who} will {task} that week.",
            f"{who} offers to {task}, and {other} is looking forward to the trip.",
            f"The next step for {who} is to {task}.",
            major=False,
        )
        talk.gist(
            f"Two people plan a holiday in {place} in {when}.",
            f"Two people agree to go to {place} together.",
            f"Two people choose {place} for their holiday.",
        )
    else:
        if outcome == "open":
            talk.say(
                a,
                "Perfect. I'm sure we'll find something.",
                "Great. It'll be a good trip either way.",
                "Lovely. It's fun just to think about it.",
            )
            talk.say(b, "Exactly. See you then!", "I think so, too. I can't wait.", "Absolutely. I'm excited already.")
        else:
            talk.say(
                a,
                "Good. I'm glad we've talked about it.",
                "Okay. It's good that we've been honest.",
                "Great. It's nothing to fall out about.",
            )
            talk.say(
                b,
                "True. Now, how about a coffee?",
                "No need to argue over a holiday, right?",
                "Exactly. We just have different tastes, that's all.",
            )
        if outcome == "both":
            talk.gist(
                f"Two people can't agree on {one} or {two}.",
                "Two people decide to spend their holidays apart.",
                "Two people have different wishes for their holiday.",
            )
        else:
            talk.gist(
                f"Two people can't choose between {one} and {two}.",
                f"Two people discuss {one} and {two} for a holiday.",
                "Two people put off a decision about their holiday.",
            )


def ask_licence(talk: Talk) -> None:
    """The clerk wants to see the licence."""
    talk.say(
        talk.b,
        "Good. May I see your driving licence?",
        "Lovely. I'll need your driving licence, please.",
        "All right. Could you show me your licence?",
    )


@scene
def renting_a_car(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    car, other_car = two_different(rng, CARS)
    days, trip = talk.pick(NUMBER_WORDS), talk.pick(DRIVES)
    price = money(rng, 30, 120)
    day = talk.pick(DAYS)
    noun = car.split(" ", 1)[1]
    talk.topic("renting a car", "at the car rental", "hiring a car", f"{noun} rental")
    if talk.chance(0.5):
        talk.say(
            b,
            "Good morning. Do you have a booking with us?",
            "Hi, welcome. What can I do for you?",
            "Hello. Are you collecting a car?",
            "Good afternoon. Looking for a car?",
        )
        talk.say(
            a,
            f"I haven't booked, but I need {car} for {days} days, from {day}. I want to {trip}.",
            f"I'd like to hire {car} for {days} days, please, starting on {day}. The plan is to {trip}.",
            f"I hope you can help. I want to {trip}, so I need {car} for {days} days, from {day} on.",
        )
    else:
        talk.say(
            a,
            f"Hello, I'd like to rent {car} for {days} days, starting on {day}. I'm going to {trip}.",
            f"Hi. Have you got {car} for {days} days, from {day}? We want to {trip}.",
            f"Good morning. I'm planning to {trip} and need {car} from {day}, for {days} days.",
            f"Excuse me, is it possible to hire {car} here for {days} days? I'd like to {trip}, starting {day}.",
        )
    talk.note(
        f"{{A}} wants to rent {car} for {days} days.",
        f"{{A}} would like to {trip} and asks {{B}} about renting {car}.",
        f"{{A}} needs {car} from {day} to {trip}.",
        f"At the car rental, {{A}} asks for {car} for {days} days, starting on {day}.",
    )
    talk.fact("How long does {A} need the car?", f"{days} days")
    final, rented, extra = car, True, False
    course = talk.pick(("free", "free", "other"))
    if course == "free":
        talk.say(
            b,
            f"Let me have a look. Yes, we have one for {price} a day.",
            f"That's possible. It'll be {price} a day.",
            f"You're in luck, there's one left. It costs {price} a day.",
        )
        talk.fact("How much does the car cost?", f"{price} a day")
        if talk.chance(0.4):
            extra = True
            percent = talk.pick((5, 10, 15, 20))
            talk.say(
                a,
                "That's a bit steep. Is there any discount?",
                "Ouch. Can't you make it a little cheaper?",
                "Hmm, could you do something about the price?",
            )
            less = talk.chance(0.5)
            if less:
                talk.say(
                    b,
                    f"If you pay now, I can take off {percent} percent.",
                    f"Well, I could give you {percent} percent off for paying now.",
                    f"There's a discount of {percent} percent if you pay now.",
                )
            else:
                talk.say(
                    b,
                    "I'm afraid not, it's high season.",
                    "Not at the moment. It's high season, you see.",
                    "Sorry, there are no discounts in high season.",
                )
            talk.say(a, "Okay, I'll have it.", "Fine, I need a car, so let's do it.", "I see. Well, I'll take it.")
            ask_licence(talk)
            if less:
                talk.note(
                    f"It costs {price} a day, but {{A}} gets {percent} percent off for paying at once.",
                    f"{{A}} finds {price} a day expensive and takes the car when {{B}} offers {percent} percent off.",
                    f"{{B}} has one for {price} a day and is willing to take off {percent} percent, so {{A}} agrees.",
                )
            else:
                talk.note(
                    f"{{B}} has one for {price} a day without any discount, and {{A}} takes it.",
                    f"{{A}} tries to get a better price than {price} a day, but {{B}} refuses because it is high season.",
                    f"As it is high season, {{A}} has to accept the full {price} a day.",
                )
        else:
            talk.say(
                a,
                "That's less than I expected. I'll take it.",
                "Great, that fits my budget. I'll have it.",
                "Okay, that's fine with me. Let's do it.",
            )
            ask_licence(talk)
            talk.note(
                f"{{B}} has one for {price} a day, and {{A}} is happy with that.",
                f"{{A}} agrees to pay {price} a day and is asked for a driving licence.",
                f"For {price} a day {{A}} decides to take the car.",
            )
    else:
        new = money(rng, 30, 120)
        talk.say(
            b,
            f"Sorry, all of those are out. I could give you {other_car} for {new} a day.",
            f"I'm afraid we have none left for that day. How about {other_car} at {new} a day?",
            f"Hmm, they're all booked. The only one here is {other_car}, for {new} a day.",
        )
        talk.note(
            f"{{B}} doesn't have one free and offers {other_car} for {new} a day.",
            f"As there is none left, {{A}} is offered {other_car} instead, at {new} a day.",
            f"{{B}} can only offer {other_car}, which costs {new} a day.",
        )
        talk.fact("What car does {B} offer instead?", other_car)
        if talk.chance(0.65):
            final = other_car
            noun = other_car.split(" ", 1)[1]
            extra = True
            talk.say(
                a,
                "Well, why not? I've never driven one of those.",
                "It isn't what I wanted, but it'll do.",
                "Okay, I'm not too particular about cars.",
            )
            ask_licence(talk)
            talk.note(
                f"{{A}} accepts {other_car}, and {{B}} asks for the driving licence.",
                f"{{A}} is willing to drive {other_car} instead.",
                f"Although it isn't the car {{A}} asked for, {{A}} is content with {other_car}.",
            )
        else:
            rented = False
            talk.say(
                a,
                f"No, that's no good. It has to be {car}.",
                f"That won't work for us, I really need {car}.",
                f"Hmm, I'd rather try somewhere else. I do want {car}.",
            )
            rival = talk.pick(STREETS)
            talk.say(
                b,
                f"I understand. There's another company on {rival}. They may have one.",
                f"Then try the office on {rival}. They've got a lot of cars.",
                f"Fair enough. You could ask at the garage on {rival}, they rent cars, too.",
            )
            talk.say(
                a,
                "Thanks for the tip. I'll walk over there now.",
                f"On {rival}? I'll give it a go. Thank you.",
                "That's kind of you. I'll see if they can help.",
            )
            talk.say(
                b,
                "You're welcome. Come back if you don't find anything.",
                "Good luck. I hope it works out.",
                "No problem. Have a nice trip!",
            )
            talk.note(
                f"{{A}} insists on {car}, so {{B}} sends the customer to another place on {rival}.",
                f"{{A}} refuses and will try another place on {rival} that {{B}} recommends.",
                f"That is no use to {{A}}, who is going to ask on {rival} instead.",
            )
            talk.gist(
                f"A customer can't get {car} here.",
                f"A car rental has no {noun} for a customer.",
                "Someone wants to rent a car but goes elsewhere.",
            )
    if rented:
        licence = talk.pick(("fine", "fine", "hotel", "expired", "fine" if extra else "young"))
        if licence == "hotel":
            closing = clock(rng, 17, 19)
            talk.say(
                a,
                "Oh no, I must have left it at my hotel.",
                "Hmm, it's not in my wallet. It must be at the hotel.",
                "Just a second... oh dear, I think it's still in my hotel room.",
            )
            talk.say(
                b,
                f"I can't give you the car without it, but we're open until {closing}.",
                f"Then please go and get it. I'll be here until {closing}.",
                f"We need to see it, I'm afraid. If you're back by {closing}, I'll keep the car for you.",
            )
            talk.say(
                a,
                "Thank you. I'll be back in half an hour.",
                "Of course. I'll take a taxi and be quick.",
                "Fine, I'll run and fetch it.",
            )
            talk.note(
                f"{{A}} has left the driving licence at a hotel and will fetch it before {closing}.",
                f"{{B}} needs to see the licence, so {{A}} goes back to the hotel for it and must return by {closing}.",
                f"Before getting the {noun}, {{A}} has to bring the licence from the hotel by {closing}.",
            )
            talk.gist(
                f"A customer rents {final} but has forgotten the licence.",
                "Someone must fetch a driving licence to rent a car.",
                "A customer goes back to the hotel for a licence.",
            )
        elif licence == "expired":
            relative = talk.pick(RELATIVES)
            talk.say(a, "Sure, here it is.", "Yes, here you are.", "There you go.")
            talk.say(
                b,
                "I'm sorry, this one expired last month. I can't let you drive.",
                "Oh, look at the date. It expired last month, so you're not allowed to drive.",
                "Hmm, that's a problem. It expired last month, and I can't give you a car with it.",
            )
            if talk.chance(0.6):
                talk.say(
                    a,
                    f"What if my {relative} drives? We're travelling together.",
                    f"I didn't notice! But my {relative} has a licence. Would that work?",
                    f"Oh dear. My {relative} is coming with me. Could we put the car in that name?",
                )
                talk.say(
                    b,
                    "Yes, that's fine, but I need to see you both at the desk.",
                    "That would be all right. Just come back together.",
                    "Of course. Please come here together and we'll do the papers.",
                )
                talk.note(
                    f"{{A}}'s licence has expired, so {{A}}'s {relative} will be the driver.",
                    f"{{B}} can't accept an expired licence but agrees to let the {relative} drive.",
                    f"As {{A}} isn't allowed to drive, they agree that {{A}}'s {relative} can do it and must come along.",
                )
                talk.gist(
                    f"A customer's {relative} will drive the rented car.",
                    "A customer's driving licence has expired.",
                    f"Someone rents {final} for a relative to drive.",
                )
            else:
                talk.say(
                    a,
                    "What a mess. Then I'll have to go by train.",
                    "Oh no, I had no idea! I suppose I'll take the train.",
                    "That's my own fault. Well, there are trains, too.",
                )
                talk.say(
                    b,
                    "I'm sorry. Renew it and come back another time.",
                    "What a pity. The station's just down the road.",
                    "Sorry about that. I hope you have a good trip anyway.",
                )
                talk.note(
                    "{B} can't rent {A} a car because the licence has expired, so {A} will take the train.",
                    "{A}'s licence ran out last month, and {A} has to travel by train.",
                    "With an expired licence, {A} doesn't get a car and thinks of the train instead.",
                )
                talk.gist(
                    "A customer can't rent a car with an expired licence.",
                    "Someone has to take the train instead of a car.",
                    f"An old licence keeps someone from renting {final}.",
                )
        else:
            fee, cover, deposit = money(rng, 5, 30), money(rng, 5, 35), money(rng, 100, 600, 50)
            if licence == "young":
                extra = True
                age = talk.pick((21, 22, 23, 24))
                talk.say(
                    a,
                    f"Here it is. I'm {age}, is that a problem?",
                    f"Sure. I'm only {age}, by the way.",
                    f"There you are. I've just turned {age}.",
                )
                talk.say(
                    b,
                    f"That's allowed, but young drivers pay {fee} more per day.",
                    f"That's all right, but there's an extra {fee} per day for drivers under 25.",
                    f"Then I have to charge {fee} more per day, I'm afraid. It's because of your age.",
                )
                talk.note(
                    f"As {{A}} is only {age}, there is an extra charge of {fee} a day.",
                    f"{{B}} has to ask for {fee} more per day because {{A}} is {age}.",
                    f"{{A}} is {age} and must pay {fee} more each day as a young driver.",
                )
                talk.say(
                    a,
                    "I expected that. And is insurance included?",
                    "Oh well. What about insurance?",
                    "Fine, I've been told about that. Do I need more insurance?",
                )
            else:
                talk.say(
                    a,
                    "Here you are. Is insurance included?",
                    "Sure, here it is. And what about insurance?",
                    "Of course, there you go. Do I need any extra insurance?",
                )
            talk.say(
                b,
                f"The basic one is included. Full cover is {cover} a day on top.",
                f"You have basic insurance. For {cover} more a day you'd be fully covered.",
                f"There's a basic one. I'd advise full cover, though, at {cover} a day.",
            )
            talk.fact("How much is full insurance?", cover)
            full = talk.chance(0.5)
            if full:
                talk.say(
                    a,
                    "I'll have that, then. I don't want any worries.",
                    "Yes, please. Better safe than sorry.",
                    "Okay, add it. The roads are busy here.",
                )
            else:
                talk.say(
                    a,
                    "No, thanks. The basic one is enough for me.",
                    "I'll do without that. I'm a careful driver.",
                    "That's too much. I'll stick with basic.",
                )
            if extra:
                talk.say(
                    b,
                    "All right. Here are the keys, and have a safe trip.",
                    "That's fine. It's the one right outside, here's your key.",
                    "Very well. Please sign here, and then it's all yours.",
                )
            if full:
                talk.note(
                    f"{{A}} shows the licence and takes full insurance for {cover} a day."
                    if licence == "fine"
                    else f"{{A}} decides to have full insurance for {cover} a day.",
                    f"{{A}} pays {cover} a day more in order to be fully insured.",
                    f"{{B}} explains the insurance, and {{A}} wants full cover at {cover} a day.",
                )
            else:
                talk.note(
                    f"{{B}} offers full insurance for {cover} a day, but {{A}} doesn't want it.",
                    f"{{A}} turns down full cover at {cover} a day.",
                    f"Basic insurance is enough for {{A}}, who won't pay {cover} a day more.",
                )
            if extra:
                pass
            elif talk.chance(0.5):
                town = talk.pick(STATIONS)
                back = money(rng, 30, 150, 10)
                talk.say(
                    b,
                    f"As you like. There's also a deposit of {deposit}.",
                    f"Fine. We'll hold {deposit} on your card as a deposit.",
                    f"Okay. And I need a deposit of {deposit}.",
                )
                talk.say(
                    a,
                    f"Sure. Can I leave the car in {town} at the end?",
                    f"No problem. Would it be possible to return it in {town}?",
                    f"That's fine. I'd like to drop it off in {town}, if I may.",
                )
                if talk.chance(0.6):
                    talk.say(
                        b,
                        f"Yes, for {back} extra. Here are the keys.",
                        f"You can, but that's {back} more. Here's the key.",
                        f"We have an office there. It's {back} on top.",
                    )
                    talk.note(
                        f"{{A}} may return the car in {town} for an extra {back}.",
                        f"{{B}} wants a deposit of {deposit} and {back} more for returning the car in {town}.",
                        f"For {back} more, {{A}} can drop the car off in {town}.",
                    )
                else:
                    talk.say(
                        b,
                        "I'm sorry, we have no office there. It must come back here.",
                        "Unfortunately not. You have to bring it back to us here.",
                        "No, that isn't possible. Please bring it back here.",
                    )
                    talk.note(
                        f"{{A}} would like to return the car in {town}, but {{B}} needs it back here.",
                        f"{{B}} asks for a deposit of {deposit} and can't let {{A}} leave the car in {town}.",
                        f"Leaving the car in {town} isn't possible, so {{A}} has to bring it back.",
                    )
            else:
                talk.say(
                    b,
                    f"That's up to you. I need a deposit of {deposit}, and please return it with a full tank.",
                    f"All right. There's a deposit of {deposit}, and we'd like it back with a full tank.",
                    f"Okay. The deposit is {deposit}. Don't forget to bring it back with a full tank.",
                )
                talk.say(
                    a,
                    "I'll remember that. Where's the car?",
                    "Understood. Can I have the keys now?",
                    "Sure, no problem. Where do I sign?",
                )
                talk.note(
                    f"{{A}} has to pay a deposit of {deposit} and return the car with a full tank.",
                    f"{{B}} asks for a deposit of {deposit} and wants the tank to be full in the end.",
                    f"There is a deposit of {deposit}, and the tank must be full when {{A}} comes back.",
                    major=False,
                )
            talk.gist(
                f"A customer rents {final} for {days} days.",
                f"Someone hires {final} at a car rental.",
                f"A traveller gets {final} for {days} days.",
            )
