"""Scenes of eating out and eating in: restaurants, cafes and dinners with friends."""

from __future__ import annotations

from .core import Talk, scene
from .pools import DAYS, FIRST_NAMES, LAST_NAMES, clock, full_name, money, two_different

RESTAURANTS = (
    "the Copper Pot",
    "the Green Lantern",
    "Casa Lucia",
    "the Harbour Grill",
    "the Old Mill",
    "Bella Notte",
    "the Blue Door",
    "the Golden Fig",
    "Saffron House",
    "the Lemon Tree",
    "the Corner Table",
    "River Kitchen",
    "the Red Onion",
    "Little Athens",
)
# What is said, and how the summary reports it.
OCCASIONS = (
    ("our wedding anniversary", "a wedding anniversary"),
    ("my mother's birthday", "{A}'s mother's birthday"),
    ("a family reunion", "a family reunion"),
    ("my sister's graduation", "{A}'s sister's graduation"),
    ("a colleague's farewell", "a colleague's farewell"),
    ("my parents' visit", "a visit from {A}'s parents"),
    ("our team dinner", "a team dinner"),
    ("my birthday", "{A}'s birthday"),
    ("a reunion with old school friends", "a reunion with old school friends"),
    ("my daughter's engagement", "{A}'s daughter's engagement"),
    ("my father's retirement", "{A}'s father's retirement"),
    ("a dinner with some clients", "a dinner with clients"),
)
SEATS = (
    "a table by the window",
    "a table on the terrace",
    "a quiet corner",
    "a table near the fireplace",
    "a table with a view of the river",
    "a round table",
    "a booth at the back",
    "a table in the garden",
    "a table away from the kitchen",
    "a table close to the piano",
)
DIETS = (
    "vegan",
    "vegetarian",
    "allergic to nuts",
    "allergic to shellfish",
    "on a gluten-free diet",
    "not allowed any dairy",
    "allergic to eggs",
    "off sugar at the moment",
)
DRINKS = (
    "cappuccino",
    "flat white",
    "latte",
    "hot chocolate",
    "mint tea",
    "black coffee",
    "iced tea",
    "green tea",
    "chai latte",
    "mocha",
    "lemon tea",
    "decaf latte",
)
SNACKS = (
    "an almond croissant",
    "a blueberry muffin",
    "a slice of carrot cake",
    "a cheese toastie",
    "a cinnamon roll",
    "a tuna sandwich",
    "an apple turnover",
    "a slice of banana bread",
    "a chocolate brownie",
    "a scone with jam",
    "an egg and cress sandwich",
    "a bowl of tomato soup",
    "a lemon tart",
    "a ham and cheese bagel",
    "an oat cookie",
    "a slice of cheesecake",
)
MILKS = ("oat milk", "soy milk", "almond milk", "skimmed milk", "coconut milk", "lactose-free milk")
PLACES_TO_SIT = (
    "by the window",
    "out on the patio",
    "upstairs",
    "in the corner",
    "near the bookshelf",
    "next to the radiator",
    "at the long table",
)
DINNER_REASONS = (
    ("my new job", "{A}'s new job"),
    ("the end of my exams", "the end of {A}'s exams"),
    ("our new kitchen", "their new kitchen"),
    ("my driving licence", "{A}'s driving licence"),
    ("the first day of the holidays", "the first day of the holidays"),
    ("my promotion", "{A}'s promotion"),
    ("your birthday", "{B}'s birthday"),
    ("the new year", "the new year"),
    ("the end of the building work", "the end of the building work"),
    ("our new flat", "their new flat"),
    ("your first book", "{B}'s first book"),
    ("the end of the winter", "the end of the winter"),
)
MAINS = (
    "roast chicken",
    "a big lasagne",
    "a fish curry",
    "mushroom risotto",
    "beef stew",
    "a Moroccan lamb dish",
    "homemade pizza",
    "a seafood paella",
    "stuffed peppers",
    "salmon with potatoes",
    "spaghetti and meatballs",
    "a Thai noodle dish",
    "duck with red cabbage",
    "tacos",
)
MEATLESS = (
    "a vegetable curry",
    "a spinach pie",
    "an aubergine bake",
    "pumpkin soup and fresh bread",
    "a chickpea stew",
    "mushroom tacos",
    "a big lentil salad",
    "potato gnocchi with sage",
)
DESSERTS = (
    "apple crumble",
    "chocolate mousse",
    "a lemon tart",
    "fruit salad",
    "tiramisu",
    "cheesecake",
    "a plum cake",
    "rice pudding",
    "a berry trifle",
    "pancakes with ice cream",
)
CHORES = (
    "clean the bathroom",
    "do the shopping",
    "tidy the living room",
    "borrow some chairs from the neighbours",
    "set the table",
    "choose the music",
    "buy the candles and flowers",
    "chill the drinks",
)
DISHES = (
    "steak",
    "lamb curry",
    "grilled salmon",
    "mushroom soup",
    "chicken pie",
    "seafood pasta",
    "vegetable lasagne",
    "roast duck",
    "beef burger",
    "onion soup",
    "pork chop",
    "fish stew",
)
COLD_DISHES = (
    ("gazpacho", "it's a cold tomato soup from Spain"),
    ("beetroot soup", "in summer we serve it chilled"),
    ("noodle salad", "it's served cold with a sesame dressing"),
    ("vitello tonnato", "it's cold sliced veal with a tuna sauce"),
    ("cucumber soup", "it's meant to be eaten ice cold"),
    ("rice noodle bowl", "it's a cold dish with fresh herbs"),
    ("smoked trout", "it's always served cold with horseradish"),
    ("pea and mint soup", "our chef serves it chilled"),
)
FAULTS = (
    "stone cold",
    "far too salty",
    "burnt on one side",
    "still raw in the middle",
    "swimming in oil",
    "much too spicy",
    "overcooked and dry",
    "barely warm",
)
FREE_TREATS = (
    "a free dessert",
    "a coffee on the house",
    "a free glass of wine",
    "a free starter",
    "a cheese plate at no charge",
    "a round of drinks on us",
)
TREATS_REPORTED = {
    "a round of drinks on us": "a free round of drinks",
    "a coffee on the house": "a free coffee",
    "a cheese plate at no charge": "a free cheese plate",
}


@scene
def booking_restaurant_table(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    place = talk.pick(RESTAURANTS)
    capital = place[0].upper() + place[1:]
    guests = talk.pick(("three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"))
    day, other_day = two_different(rng, DAYS)
    when = f"{talk.pick(('this', 'next'))} {day}"
    early, late = clock(rng, 18, 19), clock(rng, 20, 21)
    time, other_time = talk.pick(((early, late), (late, early)))
    direction = "later" if time == early else "earlier"
    occasion, reported = talk.pick(OCCASIONS)
    name = full_name(rng)
    last = name.split()[1]
    talk.topic(
        "booking a table", "a restaurant reservation", f"a table for {guests}", "dinner at a restaurant", "planning a meal out"
    )
    if talk.chance(0.75):
        talk.say(
            b,
            f"Good afternoon, {place}. How can I help you?",
            f"Hello, you've reached {place}. What can I do for you?",
            f"{capital}, good morning! Would you like to make a booking?",
            f"Thanks for calling {place}. How may I help?",
        )
        opening = talk.pick(("Hello.", "Hi there.", "Yes, hello.", "Good day."))
    else:
        talk.say(
            a,
            f"Hello, is that {place}?",
            f"Hi, am I speaking to {place}?",
            f"Good morning. Is this {place}?",
            f"Hello, I hope I've got the right number for {place}.",
        )
        talk.say(b, "Yes, it is. How can I help?", "That's us. What can I do for you?", "Indeed it is. Are you calling to book?")
        opening = talk.pick(("Good.", "Lovely.", "Yes, well.", "Great."))
    talk.say(
        a,
        f"{opening} I'd like to book a table for {guests} {when} at {time}. It's for {occasion}.",
        f"{opening} Do you still have a table for {guests} {when}? We were hoping to come at {time}, for {occasion}.",
        f"{opening} It's about {occasion}. There'll be {guests} of us, {when} at {time}, if you can fit us in.",
        f"{opening} Could I reserve a table {when}, around {time}? We're a group of {guests}, and it's for {occasion}.",
    )
    talk.note(
        f"{{A}} wants to book a table for {guests} at {place} {when} at {time}.",
        f"{{A}} phones {place} to reserve a table for {guests} for {reported}.",
        f"{{A}} asks {{B}} whether there is a table for {guests} people {when} at {time}.",
        f"For {reported}, {{A}} would like to have dinner with a group of {guests} {when}.",
    )
    talk.fact("For how many people does {A} want a table?", guests)
    talk.fact("What is the occasion for the dinner?", occasion)
    course = talk.pick(("free", "free", "shift", "shift", "full"))
    booked = True
    if course == "free":
        talk.say(
            b,
            f"Let me have a look. Yes, {time} is no problem at all. What name shall I put down?",
            "One second, please. You're lucky, somebody has just cancelled. Who is the booking for?",
            f"A table for {guests}... yes, we can manage that. May I have your name?",
        )
    elif course == "shift":
        talk.say(
            b,
            f"Hmm, {time} is already full, I'm afraid. I could offer you {other_time} instead.",
            f"I'm sorry, we've nothing left at {time}. Would {other_time} work for you?",
            f"Let me check. Oh dear, we're packed at {time}, but there's a table at {other_time}.",
        )
        answer = talk.pick(("accept", "day", "refuse"))
        if answer == "accept":
            talk.say(
                a,
                f"Well, that's a bit {direction} than I wanted, but all right, we'll take it.",
                "Yes, I think that should be fine. Everybody can be flexible.",
                "Let me think. Yes, go ahead, we'll manage.",
            )
            talk.note(
                f"There is no table left at {time}, so {{A}} takes one at {other_time}.",
                f"{{B}} can only offer {other_time}, and {{A}} agrees to come {direction}.",
                f"As {time} is fully booked, they settle on {other_time} instead.",
                f"{{A}} accepts a table at {other_time}, which is {direction} than planned.",
            )
            time = other_time
            talk.say(
                b,
                "Wonderful. And the name, please?",
                "Great. Could you tell me your name?",
                "Perfect. Who shall I make it out to?",
            )
        elif answer == "day":
            talk.say(
                a,
                f"No, that won't work with the children. What about {other_day}, at the same time?",
                f"That's too {'late' if direction == 'later' else 'early'} for us. Could we come on {other_day} at {time} instead?",
                f"Hmm, not really. We could also do {other_day}, if that's any easier.",
            )
            talk.note(
                f"{{B}} only has a table at {other_time}, so {{A}} asks about {other_day} instead.",
                f"{{A}} does not like the offer of {other_time} and suggests moving the dinner to {other_day}.",
                f"Since {time} is full and {other_time} does not suit {{A}}, they consider {other_day}.",
            )
            when = f"on {other_day}"
            talk.say(
                b,
                f"{other_day} is much quieter. You can have {time} then. What's the name?",
                f"Yes, on {other_day} I can give you {time}. Under which name?",
                f"Let me see, {other_day} at {time}... that works. Whose name shall I write?",
            )
        else:
            booked = False
            talk.say(
                a,
                f"No, {other_time} is no good, our babysitter can't do that. I'll try somewhere else, thanks.",
                f"What a pity. Half of us can't make {other_time}. I suppose I'll have to look for another restaurant.",
                f"Oh, that's too {'late' if direction == 'later' else 'early'} for my guests. Never mind, I'll ask at another place.",
            )
            talk.note(
                f"{{B}} offers {other_time} because {time} is full, but {{A}} refuses and will try another restaurant.",
                f"{{A}} turns down the table at {other_time} and decides to look elsewhere.",
                f"Nothing is free at {time} and {other_time} does not suit {{A}}, so no table is booked.",
            )
    else:
        talk.say(
            b,
            "I'm terribly sorry, but we're fully booked that evening. I can put you on the waiting list, though.",
            "Oh, I'm afraid we haven't a single seat left that night. Shall I add you to the waiting list?",
            f"That's a difficult one. We have a private party {when}, so it's full. There is a waiting list, if you like.",
        )
        booked = False
        if talk.chance(0.55):
            talk.say(
                a,
                f"Yes, please do. The name is {name}, and you can call me any time.",
                f"That would be kind. It's {name}. You'll see my number there, won't you?",
                f"Better than nothing, I guess. Put down {name}, please.",
            )
            talk.note(
                f"The restaurant is full, so {{A}} goes on the waiting list under the name of {last}.",
                f"{{B}} has no table left but puts {name} on the waiting list.",
                "As every table is taken that evening, {A} agrees to be added to the waiting list.",
            )
            talk.say(
                b,
                "Done. We'll ring you as soon as somebody cancels.",
                "Thank you. If anything comes free, you'll be the first to hear from us.",
                "All right, I've noted it. We'll phone you the moment there's a cancellation.",
            )
            talk.say(
                a,
                "Great, I'll keep my fingers crossed.",
                "Thanks, let's hope for the best.",
                "Lovely. I'll wait for your call, then.",
            )
            talk.note(
                "{B} will call {A} if somebody cancels.",
                "{A} hopes to hear from {B} in case a table becomes free.",
                f"{{B}} promises to ring {last} as soon as there is a cancellation.",
                major=False,
            )
            talk.gist(
                "A caller is put on a restaurant's waiting list.",
                "A restaurant is full, so a caller joins the waiting list.",
                f"A group of {guests} has to wait for a free table.",
            )
            return
        talk.say(
            a,
            "No, thank you, I need to know for certain. I'll ring another place.",
            "That's too risky with so many guests. I'd better find another restaurant.",
            "Hmm, I don't want to leave it to chance. Thanks, but I'll look elsewhere.",
        )
        talk.note(
            "The restaurant is fully booked, and {A} does not want to go on the waiting list.",
            "{B} offers a place on the waiting list, but {A} prefers to find another restaurant.",
            "As there is no table left, {A} decides to try somewhere else.",
        )
    if not booked:
        talk.say(
            b,
            "I understand. I hope you find something nice.",
            "Of course. I'm sorry we couldn't help this time.",
            "That's a shame. Do try us again, on weekdays it's easier.",
        )
        talk.say(a, "Thanks anyway. Goodbye.", "No problem. Maybe another time.", "I certainly will. Have a nice day.")
        talk.note(
            "{B} is sorry that it did not work out.",
            "They end the call politely without a reservation.",
            "{B} regrets this, and {A} says goodbye without having booked.",
            major=False,
        )
        talk.gist(
            "A caller fails to get a table at a restaurant.",
            f"A group of {guests} cannot get the table it wanted.",
            "Someone calls a restaurant but makes no reservation.",
        )
        return
    talk.say(
        a,
        f"It's {name}. {last} is the family name.",
        f"{name}, please.",
        f"Please write {last}. My first name is {name.split()[0]}.",
    )
    extra = talk.pick(("seat", "diet", "cake", "none"))
    if extra == "none":
        talk.say(
            b,
            f"Thank you. So that's {guests} people at {time}. We hold tables for fifteen minutes.",
            f"Got it. A table for {guests} at {time}. If you're running late, please give us a ring.",
            f"Right, {time} for {guests}. Please let us know a day ahead if anything changes.",
        )
        talk.note(
            f"{{B}} books the table for {time} under the name of {last}.",
            f"{name} gets a table for {guests} at {time}.",
            f"{{B}} takes down the name of {last} and confirms the reservation for {time}.",
        )
        talk.say(a, "I'll do that. Thank you very much.", "Perfect, thanks for your help.", "Understood. See you then!")
    else:
        talk.note(
            f"{{B}} reserves the table for {time} in the name of {last}.",
            f"{name} gets a table for {guests} {when} at {time}.",
            f"{{A}} is given a table for {time} and leaves the name {last}.",
        )
        talk.say(
            b,
            "All right, I've got that. Is there anything else we should know?",
            "Thank you. Any special wishes?",
            "Noted. Can I do anything more for you?",
        )
        if extra == "seat":
            seat = talk.pick(SEATS)
            talk.say(
                a,
                f"Would it be possible to have {seat}?",
                f"Yes, we'd love {seat}, if you have one.",
                f"Just one thing: could you give us {seat}?",
            )
            if talk.chance(0.5):
                talk.say(
                    b,
                    "Certainly, I'll keep one free for you.",
                    "No problem, I'll write that down right now.",
                    "With pleasure. It's the nicest spot we have.",
                )
                talk.note(
                    f"{{A}} would like {seat}, and {{B}} agrees.",
                    f"{{B}} also promises {{A}} {seat}.",
                    f"At {last}'s request, {{B}} arranges {seat}.",
                )
            else:
                talk.say(
                    b,
                    "I can't promise that, but I'll try my best.",
                    "Those are given out on the night, so I can't guarantee it. I'll make a note, though.",
                    "It depends on who comes first, I'm afraid. We'll see what we can do.",
                )
                talk.note(
                    f"{{A}} asks for {seat}, but {{B}} cannot guarantee it.",
                    f"{{B}} will try to give {{A}} {seat} without promising anything.",
                    f"Whether {last} gets {seat} remains uncertain.",
                )
        elif extra == "diet":
            diet = talk.pick(DIETS)
            talk.say(
                a,
                f"Yes, one of my guests is {diet}. Is that a problem?",
                f"I should mention that one of us is {diet}. Can your kitchen handle that?",
                f"Actually, one person in our group is {diet}. Will there be something on the menu?",
            )
            talk.say(
                b,
                "Not at all, our chef is used to that. I'll let the kitchen know.",
                "Don't worry, we have several dishes for that. I'll pass it on to the chef.",
                "Thanks for telling me. The kitchen will prepare something special.",
            )
            talk.note(
                f"{{A}} mentions that one guest is {diet}, and {{B}} will inform the kitchen.",
                f"{{B}} assures {{A}} that a guest who is {diet} will be taken care of.",
                f"As one of the group is {diet}, {{B}} will tell the chef.",
            )
        else:
            fee = money(rng, 10, 40)
            talk.say(
                a,
                "May we bring our own cake?",
                "Would you mind if we brought a cake for dessert?",
                "Is it all right to bring a homemade cake along?",
            )
            if talk.chance(0.6):
                talk.say(
                    b,
                    f"You may, but we charge {fee} for plates and service.",
                    f"Yes, for a fee of {fee} we'll store it and cut it for you.",
                    f"Sure. There's just a small charge of {fee} for that.",
                )
                talk.fact("How much does it cost to bring a cake?", fee)
                talk.note(
                    f"{{B}} allows {{A}} to bring a cake for a fee of {fee}.",
                    f"{{A}} may bring a cake, which costs {fee} extra.",
                    f"Bringing their own cake is possible, but {{B}} charges {fee}.",
                )
            else:
                talk.say(
                    b,
                    "I'm sorry, we don't allow food from outside. But our baker can make you one.",
                    "Unfortunately that's against our rules. We could bake one for you, though.",
                    "I'm afraid not. We'd be glad to make a cake for you instead.",
                )
                talk.note(
                    "{A} may not bring a cake, but {B} says the restaurant can make one.",
                    "{B} doesn't allow {A} to bring a cake and offers one from the restaurant instead.",
                    "As guests cannot bring their own cake, {B} suggests that the restaurant bakes one.",
                )
        talk.say(
            a, "That's very helpful. See you then!", "Good to know. Thank you, goodbye.", "All right, thanks a lot for your help."
        )
    talk.gist(
        f"A caller reserves a restaurant table for {guests} people.",
        f"A table for {guests} is booked at {place}.",
        "Someone books a restaurant table over the phone.",
    )


@scene
def ordering_in_cafe(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    size = talk.pick(("small", "medium", "large"))
    drink = talk.pick(DRINKS)
    order = f"a {size} {drink}"
    snack, other_snack = two_different(rng, SNACKS)
    takeaway = talk.chance(0.45)
    price = f"{rng.randint(6, 14)}.{talk.pick(('20', '30', '40', '50', '60', '75', '80', '90'))} dollars"
    talk.topic(
        "ordering in a cafe",
        f"ordering a {drink}" if drink != "iced tea" else "ordering iced tea",
        "coffee shop order",
        "drinks and snacks",
        "at the counter",
    )
    if talk.chance(0.75):
        talk.say(
            b,
            "Good morning! What can I get you?",
            "Hi there, are you ready to order?",
            "Next, please. What would you like today?",
            "Hello, sorry about the wait. What can I bring you?",
        )
    talk.say(
        a,
        f"Hi, I'd like {order} and {snack}, please.",
        f"Could I have {order}, please? Oh, and {snack} as well, I haven't had breakfast.",
        f"Let me think... I'll take {snack} and {order}.",
        f"I need {order} to wake me up. And {snack} looks tempting, so add that too.",
        f"Hello. Can I get {order}, and maybe {snack} to go with it?",
    )
    talk.note(
        f"{{A}} orders {order} and {snack}.",
        f"In a cafe, {{A}} asks {{B}} for {order} with {snack}.",
        f"{{A}} would like to have {snack} and {order}.",
        f"{{B}} takes {{A}}'s order, which is {order} and {snack}.",
    )
    trouble = talk.pick(("sold out", "milk", "wait", "none"))
    milky = drink in ("cappuccino", "flat white", "latte", "hot chocolate", "chai latte", "mocha", "decaf latte")
    if trouble == "milk" and not milky:
        trouble = "wait"
    if trouble == "sold out":
        bare = snack.split(" ", 1)[1]
        talk.say(
            b,
            f"I'm sorry, the last {bare} went ten minutes ago. How about {other_snack}?",
            f"Oh, we've just run out of that. But I can recommend {other_snack}.",
            f"Sorry, somebody just bought the last {bare}. There's {other_snack}, though, if you like.",
        )
        if talk.chance(0.55):
            talk.say(
                a, "Sounds just as good. Yes, please.", "Why not? I'll try that.", "Oh well, all right, I'll have that instead."
            )
            talk.note(
                f"{{A}} can't have {snack}, so {{A}} takes {other_snack} instead.",
                f"Since the last {bare} is gone, {{B}} suggests {other_snack}, and {{A}} agrees.",
                f"The last {bare} has been sold, and {{B}} talks {{A}} into {other_snack}.",
            )
        else:
            talk.say(
                a,
                "No, thanks. Just the drink, then.",
                "Hmm, I don't fancy that. I'll leave it at the drink.",
                "That's not really my thing. Only the drink, please.",
            )
            talk.note(
                f"The last {bare} is gone, so {{A}} only takes the {drink}.",
                f"{{B}} offers {other_snack} instead, but {{A}} refuses and wants only the drink.",
                f"{{A}} turns down {other_snack} and stays with the {drink}.",
            )
    elif trouble == "milk":
        milk, other_milk = two_different(rng, MILKS)
        talk.say(
            b,
            "Sure. Is ordinary milk all right?",
            "No problem. What kind of milk would you like?",
            "Of course. Normal milk, or one of the others?",
        )
        if talk.chance(0.5):
            talk.say(
                a, f"With {milk}, please, if you have it.", f"Could you make it with {milk}?", f"I'd rather have {milk}, please."
            )
            talk.say(
                b,
                f"Yes, we do {milk}. It's fifty cents extra, though.",
                f"Sure, {milk} costs fifty cents more. Is that okay?",
                f"I can do {milk} for another fifty cents.",
            )
            talk.note(
                f"{{A}} asks for {milk}, which costs fifty cents more.",
                f"{{A}} wants the {drink} with {milk}, and {{B}} adds fifty cents.",
                f"{{B}} can make the {drink} with {milk} for fifty cents extra.",
            )
            talk.say(a, "That's fine with me.", "Yes, no problem.", "Sure, it's worth it.")
        else:
            talk.say(
                a,
                f"I usually take {milk}. Do you have any?",
                f"Have you got {milk}? I like it so much better.",
                f"Only {milk} for me, please.",
            )
            talk.say(
                b,
                f"We've run out of {milk}, sorry. There's {other_milk}, if that helps.",
                f"The {milk} hasn't been delivered today. Would {other_milk} do?",
                f"Ah, I used up the {milk} this morning. Can I offer you {other_milk}?",
            )
            talk.note(
                f"{{A}} wants {milk} in the {drink}, but {{B}} only has {other_milk}.",
                f"There is no {milk} left, so {{B}} offers {other_milk}.",
                f"{{B}} suggests {other_milk} because {{A}}'s usual {milk} has run out.",
            )
            talk.say(a, "Yes, I'll give it a try.", "That's okay, I like that too.", "Sure, as long as it isn't too sweet.")
    elif trouble == "wait":
        minutes = talk.pick(("five", "eight", "ten", "fifteen", "twenty"))
        reason = talk.pick(
            (
                "our coffee machine is being cleaned",
                "I'm on my own this morning",
                "there's a big order ahead of you",
                "the oven is still warming up",
                "my colleague is late",
                "the water is just heating up",
            )
        )
        talk.say(
            b,
            f"Of course, but it'll take about {minutes} minutes, because {reason}.",
            f"You may have to wait {minutes} minutes. I'm afraid {reason}.",
            f"Just so you know, {reason}, so it could be {minutes} minutes.",
        )
        talk.say(
            a,
            "That's all right, I'm not in a hurry.",
            "No worries. I've got a book with me.",
            "Fine, I'll check my messages in the meantime.",
        )
        reported = {
            "I'm on my own this morning": "{B} is working alone",
            "our coffee machine is being cleaned": "the coffee machine is being cleaned",
            "there's a big order ahead of you": "there is a big order first",
            "my colleague is late": "{B}'s colleague is late",
        }.get(reason, reason.replace("the water is just heating", "the water is still heating"))
        talk.note(
            f"{{B}} says it will take about {minutes} minutes because {reported}, and {{A}} does not mind.",
            f"{{A}} has to wait {minutes} minutes but isn't in a hurry.",
            f"As {reported}, {{A}} agrees to wait for {minutes} minutes.",
        )
        talk.fact("How long does {A} have to wait?", f"{minutes} minutes")
    talk.say(
        b,
        "Is that for here or to go?",
        "Are you having it here, or is it to take away?",
        "Will you be sitting in, or is that to go?",
    )
    if takeaway:
        talk.say(
            a,
            "To go, please. I've got a train to catch.",
            "I'll take it with me, I'm on my way to work.",
            "To take away, please. Could I have a paper bag?",
        )
        talk.note("{A} wants to take it away.", "{A} tells {B} that the order is to go.", "It is a takeaway order.", major=False)
    else:
        spot = talk.pick(PLACES_TO_SIT)
        talk.say(
            a,
            f"For here, please. Is it okay if I sit {spot}?",
            f"I'm staying. I'll find a seat {spot}, I think.",
            f"Here, please. I'd like to sit {spot}, if nobody minds.",
        )
        talk.note(
            f"{{A}} wants to have it there and sit {spot}.",
            f"{{A}} is staying in the cafe and would like a seat {spot}.",
            f"It is not to take away, as {{A}} prefers to sit {spot}.",
            major=False,
        )
    payment = talk.pick(("card", "broken", "stamp", "short"))
    talk.say(
        b,
        f"Sure. That'll be {price}, please.",
        f"Great. That comes to {price} altogether.",
        f"No problem. So that's {price} in all.",
    )
    talk.fact("How much does {A}'s order cost?", price)
    if payment == "card":
        talk.say(a, "Here's my card. And keep a dollar as a tip.", "I'll pay by card, please.", "Can I pay with my phone?")
        talk.say(
            b,
            "Perfect, it's gone through. I'll call you when it's ready.",
            "Yes, just hold it here. Thank you!",
            "That's fine. Here's your receipt.",
        )
        talk.note(
            f"{{A}} pays {price} without cash.",
            f"The bill of {price} is settled at once.",
            f"{{B}} charges {price}, and {{A}} pays for the order.",
        )
        talk.gist(
            f"A customer orders {order} in a cafe.",
            "A cafe customer orders something and pays for it.",
            f"Someone pays {price} in a cafe.",
        )
    elif payment == "broken":
        if talk.chance(0.5):
            talk.say(a, "Do you take cards?", "May I pay by card?", "Here, can I use my card?")
            talk.say(
                b,
                "Sorry, the card machine is down today. It's cash only.",
                "I'm afraid our card reader isn't working, so we only take cash.",
                "Not today, the machine broke this morning. Do you have cash?",
            )
            talk.say(
                a,
                "Luckily I've got a twenty somewhere. Here you are.",
                "Oh, let me check my pockets. Yes, here's a twenty.",
                "I think so. There you go, keep the change.",
            )
            talk.note(
                f"The card machine is out of order, so {{A}} pays the {price} in cash.",
                f"{{A}} would rather use a card, but {{B}} can only accept cash for the {price}.",
                f"{{A}} has to pay {price} in cash because cards do not work that day.",
            )
            talk.gist(
                "A customer has to pay for a cafe order in cash.",
                f"Someone orders {order} and pays cash.",
                "A broken card machine makes a cafe customer use cash.",
            )
        else:
            talk.say(a, "By card, please.", "Can I pay by card? I never carry cash.", "I'll use my card, if I may.")
            talk.say(
                b,
                "The machine isn't working, I'm sorry. There's a bank across the street, though.",
                "Oh no, the card reader is broken. You could get cash at the station next door.",
                "It's cash only today, the machine is down. The nearest bank is just around the corner.",
            )
            talk.say(
                a,
                "Okay, I'll be back in a minute with the money.",
                "All right, I'll run over. Please keep my order for me.",
                "Fine, I'll go and get some. Don't give it to anyone else!",
            )
            talk.note(
                f"As cards are not accepted, {{A}} goes to get {price} in cash.",
                f"{{A}} has no cash for the {price} and will come back with some.",
                f"The card machine is broken, so {{A}} leaves to fetch cash before paying {price}.",
            )
            talk.gist(
                "A customer must fetch cash to pay in a cafe.",
                "A cafe's broken card machine sends a customer for cash.",
                f"Someone orders {order} but has no cash.",
            )
    elif payment == "stamp":
        talk.say(
            a,
            "I've got a loyalty card, too. Could you stamp it?",
            "Here's my loyalty card. Do I get a stamp?",
            "Wait, could you put a stamp on my loyalty card?",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Let me see. Oh, it's full, so your drink is free today!",
                "Look, you've got ten stamps already. The drink is on us!",
                "Congratulations, that's the tenth one. You don't have to pay for the drink.",
            )
            talk.say(
                a, "Really? That's made my day!", "What a nice surprise, thank you!", "Oh, I hadn't even noticed. Wonderful!"
            )
            talk.note(
                f"The order costs {price}, but {{A}}'s loyalty card is full and the drink is free.",
                f"{{A}} is happy to hear that the {drink} is free thanks to a full loyalty card.",
                f"{{B}} asks for {price} at first, then sees {{A}}'s full loyalty card and makes the drink free.",
            )
            talk.gist(
                "A loyal cafe customer gets a free drink.",
                f"A full loyalty card earns a customer a free {drink}.",
                "A cafe customer is surprised by a free drink.",
            )
        else:
            left = talk.pick(("two", "three", "four", "five", "six"))
            talk.say(
                b,
                f"Of course. Only {left} more stamps and you'll get a free drink.",
                f"There you are. You need another {left} for a free one.",
                f"Done. Just {left} to go, then the next drink is on us.",
            )
            talk.say(
                a,
                "Then I'll be back soon. Thanks!",
                "Great, I'll see you tomorrow, then.",
                "I'd better keep drinking coffee, then.",
            )
            talk.note(
                f"The order costs {price}, and {{A}} still needs {left} more stamps for a free drink.",
                f"{{B}} asks for {price}, stamps {{A}}'s loyalty card and says {left} more are needed.",
                f"With {left} more stamps, {{A}} will get a free drink.",
            )
            talk.gist(
                "A cafe customer collects a stamp on a loyalty card.",
                f"A customer orders {order} and gets a stamp.",
                f"Someone needs {left} more stamps for a free drink.",
            )
    else:
        talk.say(
            a,
            "Oh no, I've left my wallet at the office.",
            "Hmm, where's my purse? I must have left it at home.",
            "This is embarrassing, I can't find my wallet anywhere.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Don't worry, you can pay tomorrow. I know your face by now.",
                "Never mind, just bring it next time. You're here every day, after all.",
                "It's fine. You're a regular, so pay me whenever you come in.",
            )
            talk.say(
                a,
                "That's so kind. I'll bring it first thing in the morning.",
                "You're a star. I promise I won't forget!",
                "Thank you so much, I really appreciate that.",
            )
            talk.note(
                f"{{A}} has no wallet, so {{B}} lets {{A}} pay the {price} later.",
                f"{{B}} trusts {{A}}, who has forgotten the wallet, to pay {price} another time.",
                f"Without a wallet, {{A}} can't pay {price}, but {{B}} knows {{A}} and is happy to wait.",
            )
            talk.gist(
                "A cafe lets a forgetful customer pay later.",
                "A customer without a wallet may pay another time.",
                f"Someone orders {order} but has forgotten the wallet.",
            )
        else:
            talk.say(
                b,
                "Shall I put your order aside for you?",
                "I can keep everything here for a while, if you like.",
                "I'm afraid I can't give it away for nothing. Do you want me to keep it for you?",
            )
            talk.say(
                a,
                "Please do. I'll be back in ten minutes.",
                "Yes, please. I'm only round the corner, so give me ten minutes.",
                "That'd be great. It'll take me ten minutes to fetch the money.",
            )
            talk.note(
                f"{{A}} cannot pay the {price} without the wallet and will be back in ten minutes.",
                "{A} has left the wallet somewhere and needs ten minutes to return with money.",
                f"As {{A}} can't find the wallet, {{A}} promises to come back and pay {price} in ten minutes.",
            )
            talk.gist(
                "A cafe customer has forgotten the wallet and must return.",
                f"Someone orders {order} but cannot pay yet.",
                "A customer leaves a cafe to fetch some money.",
            )


@scene
def planning_a_dinner_party(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    first, second, guest, other_guest = rng.sample(FIRST_NAMES, 4)
    day, other_day = two_different(rng, DAYS)
    number = talk.pick(("four", "five", "six", "seven", "eight", "nine", "ten"))
    reason, reported = talk.pick(DINNER_REASONS)
    main, meatless, dessert = talk.pick(MAINS), talk.pick(MEATLESS), talk.pick(DESSERTS)
    chore, other_chore = two_different(rng, CHORES)
    talk.say(
        a,
        f"{second}, what do you think about having some people over for dinner on {day}? We could celebrate {reason}.",
        f"I've got an idea, {second}. Let's invite some friends on {day} and celebrate {reason} properly.",
        f"Listen, {second}, we haven't cooked for anyone in ages. How about a dinner party on {day}, to celebrate {reason}?",
        f"Hey {second}, are you free on {day}? I'd love to cook for our friends and drink to {reason}.",
    )
    if talk.chance(0.55):
        talk.say(
            b,
            f"I like that, {first}. How many people were you thinking of?",
            f"Good idea, {first}! Who do you want to ask?",
            f"Oh yes, {first}, it's about time. How big should it be?",
        )
        talk.say(
            a,
            f"Maybe {number} guests, with {guest} and {other_guest}, of course.",
            f"Not too many. I'd say {number} people, and {guest} and {other_guest} have to be there.",
            f"Well, {guest}, {other_guest} and a few others, so {number} people in all.",
        )
        talk.note(
            f"{{A}} suggests a dinner party on {day} with {number} guests to celebrate {reported}.",
            f"{{A}} and {{B}} want to invite {guest}, {other_guest} and others to dinner.",
            f"{first} would like to cook for {number} friends on {day}, and {second} likes the idea.",
            f"To celebrate {reported}, {{A}} plans to have {number} people over on {day}.",
        )
        talk.fact("How many people does {A} want to invite?", number)
    else:
        talk.say(
            b,
            f"Hmm, {day} is bad, {first}. I've got my {talk.pick(('evening class', 'choir practice', 'dance course', 'football training', 'night shift', 'Spanish lesson'))}. Would {other_day} be all right?",
            f"I can't on {day}, {first}, my {talk.pick(('parents are', 'boss is', 'aunt is', 'old flatmate is'))} in town. What about {other_day}?",
            f"Love the idea, {first}, but {day} won't work for me. Let's make it {other_day}, shall we?",
        )
        talk.say(
            a,
            f"Sure, {other_day} is even better, then I have more time to prepare.",
            f"No problem. {other_day} it is. I hope {guest} and {other_guest} can make it.",
            f"Okay, let's say {other_day}. I'll ask {guest} and {other_guest} tonight.",
        )
        talk.note(
            f"{{A}} proposes a dinner party to celebrate {reported}, and they move it from {day} to {other_day}.",
            f"As {{B}} is not free on {day}, they will have the dinner party on {other_day}.",
            f"{first} wants to have friends over on {day}, but {second} asks for {other_day} instead.",
            f"{{A}} and {{B}} agree to have guests on {other_day} because {day} does not suit {{B}}.",
        )
        day = other_day
    talk.topic("planning a dinner party", "a dinner with friends", f"dinner on {day}", "inviting guests", "menu for a party")
    talk.fact("On which day will they have the dinner?", day)
    menu = talk.pick(("agree", "diet", "caterer", "allergy"))
    if menu == "agree":
        talk.say(
            b,
            "What shall we cook? Something easy, please.",
            "And the food? I hope you don't want five courses.",
            "Have you thought about the menu yet?",
        )
        talk.say(
            a,
            f"I could make {main}, and {dessert} for dessert.",
            f"How about {main}? And {dessert} afterwards.",
            f"I'm thinking of {main}, and then {dessert}.",
        )
        talk.say(
            b,
            "Mmm, my mouth is watering already.",
            "Perfect, everyone will like that.",
            "That sounds delicious, and not too much work.",
        )
        talk.note(
            f"{{A}} will make {main} and {dessert}, which {{B}} likes.",
            f"They agree on {main}, followed by {dessert}.",
            f"{second} is happy with {first}'s plan to serve {main} and {dessert}.",
        )
    elif menu == "diet":
        talk.say(
            b,
            f"Good. And what are we going to eat? Don't forget that {guest} is a vegetarian.",
            f"Fine. Just remember, {guest} has stopped eating meat and fish.",
            f"Great. Only, what will {guest} eat? No meat and no fish, you know.",
        )
        talk.say(
            a,
            f"Oh, I'd completely forgotten! How about {meatless}, then? I'll make it myself.",
            f"You're right. Then I'll make {meatless} for everyone.",
            f"True. In that case, let's have {meatless}. Everybody likes that.",
        )
        talk.note(
            f"Because {guest} does not eat meat, {{A}} will make {meatless}.",
            f"{{B}} reminds {{A}} that {guest} is a vegetarian, and they settle on {meatless}.",
            f"{{A}} is going to serve {meatless} so that {guest} can eat it as well.",
        )
        talk.fact("What will they eat?", meatless)
        talk.say(b, f"Wonderful, {guest} will be pleased.", "Excellent. One problem less.", "Yes, let's do that.")
        talk.note("{B} is pleased with that.", f"{second} likes this solution.", "{B} agrees with {A}'s choice.", major=False)
    elif menu == "caterer":
        cost = money(rng, 60, 200, 10)
        talk.say(
            b,
            "Honestly, I don't feel like cooking for so many. Couldn't we order something?",
            "That's a lot of cooking, though. Why don't we get the food delivered?",
            "Must we cook, with our tiny oven? We could order from that place downtown.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                f"It would cost about {cost}, but you're right, it's less stress. Let's do it.",
                f"I looked it up once, it's around {cost}. Okay, why not? Then we can enjoy the evening.",
                f"Well, for {cost} we'd have no dishes to wash. I'm convinced.",
            )
            talk.fact("How much would it cost to order the food?", cost)
            talk.note(
                f"{{B}} doesn't want to cook, and {{A}} agrees to order food for about {cost}.",
                f"They decide to have the food delivered, although it costs around {cost}.",
                f"{second} persuades {first} to spend about {cost} on ordered food.",
            )
        else:
            talk.say(
                a,
                f"For {cost}? That's too expensive. I'll cook {main} myself, don't worry.",
                f"They'd want {cost} for that! No, I'd rather make {main}.",
                f"No way, we'd pay {cost}. Leave it to me, I'll do {main}.",
            )
            talk.fact("How much would it cost to order the food?", cost)
            talk.note(
                f"{{B}} would like to order food, but {{A}} finds {cost} too much and will make {main}.",
                f"{{A}} refuses to spend {cost} on ordered food and decides to cook {main}.",
                f"Instead of ordering for {cost}, as {second} suggests, {first} is going to make {main}.",
            )
        talk.say(b, "All right, I trust you with that.", "Good, that's settled, then.", "Okay, you're the boss.")
        talk.note(
            "{B} is fine with that.",
            "With that, the question of the food is settled.",
            f"{second} raises no objection.",
            major=False,
        )
    else:
        food = talk.pick(("nuts", "shellfish", "eggs", "garlic", "mushrooms", "strawberries", "sesame", "celery"))
        talk.say(
            b,
            f"Wait, isn't {other_guest} allergic to something? Was it {food}?",
            f"We should be careful with the food. I believe {other_guest} can't have {food}.",
            f"One thing, though: I think {other_guest} gets ill from {food}.",
        )
        talk.say(
            a,
            f"I'm not sure. I'll call {other_guest} and ask before we plan anything.",
            f"I think so, but I'd better ring {other_guest} and find out.",
            f"Good point. Let me phone {other_guest} first, and then we'll choose the dishes.",
        )
        talk.note(
            f"{{B}} thinks that {other_guest} is allergic to {food}, so {{A}} will call to find out.",
            f"{{A}} wants to ask {other_guest} about an allergy to {food} before they plan the menu.",
            f"Since {other_guest} may not be able to eat {food}, {first} is going to phone and check.",
        )
        talk.say(
            b,
            "Yes, better safe than sorry.",
            "Do that. Then we can make a shopping list.",
            "Good, the menu can wait until tomorrow.",
        )
        talk.note(
            "{B} agrees that this is wise.",
            f"{second} finds that a good idea.",
            "{B} supports {A}'s plan to ask first.",
            major=False,
        )
    talk.say(
        a,
        f"Could you {chore}? I'll {other_chore}.",
        f"Then let's share the work. You {chore}, and I'll {other_chore}, okay?",
        f"Would you {chore} before they come? I can {other_chore}.",
    )
    if talk.chance(0.6):
        talk.say(b, "Sure, consider it done.", "Fair enough, I'll take care of it.", "With pleasure. That's the easy part.")
        talk.note(
            f"{{B}} will {chore}, while {{A}} will {other_chore}.",
            f"They share the work: {{B}} is to {chore} and {{A}} to {other_chore}.",
            f"{first} promises to {other_chore}, and {second} agrees to {chore}.",
        )
        talk.gist(
            "Two people plan a dinner party for their friends.",
            f"Two people prepare a dinner party on {day}.",
            f"{first} and {second} discuss guests, food and chores.",
        )
    else:
        talk.say(
            b,
            "Can we swap? I'd much rather do your part.",
            "Hmm, you always get the nice jobs. Let's do it the other way round.",
            "I don't mind helping, but I'd prefer to trade with you.",
        )
        talk.say(a, "Fine by me, we'll swap.", "Okay, okay, you win.", "All right, as long as everything gets done.")
        talk.note(
            f"{{B}} would rather {other_chore}, so {{A}} will {chore}.",
            f"They swap tasks, and now {{A}} is to {chore} and {{B}} to {other_chore}.",
            f"{second} asks to trade chores, so {first} agrees to {chore}.",
        )
        talk.gist(
            "Two people plan a dinner party and swap chores.",
            f"Two people arrange a dinner party on {day}.",
            f"{first} and {second} discuss a dinner for their friends.",
        )


@scene
def complaining_about_a_meal(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    dish, other_dish = two_different(rng, DISHES)
    article = "an" if dish[0] in "aeiou" else "a"
    minutes = talk.pick(("ten", "fifteen", "twenty", "twenty-five", "thirty"))
    discount = talk.pick(("ten", "fifteen", "twenty", "twenty-five", "thirty"))
    treat = talk.pick(FREE_TREATS)
    treat_reported = TREATS_REPORTED.get(treat, treat)
    talk.topic(
        "complaining about food", "a restaurant complaint", "trouble with dinner", "an unhappy guest", "service in a restaurant"
    )
    politely = talk.pick(
        (
            "Excuse me, waiter.",
            "Sorry to bother you.",
            "Excuse me, could I have a word?",
            "Hello, could you come over for a moment?",
            "Pardon me.",
        )
    )
    opened = talk.chance(0.4)
    if not opened and talk.chance(0.7):
        talk.say(a, politely, "Excuse me, please.", "Excuse me, do you have a minute?", "Hello? Could I talk to you, please?")
        talk.say(
            b,
            "Of course, what can I do for you?",
            "Yes, certainly. Is anything wrong?",
            "Yes? Can I bring you something?",
            "I'm coming. How can I help?",
        )
        politely = talk.pick(
            ("It's about my order.", "Well, it's like this.", "I have a little problem.", "There's something you should know.")
        )
    if opened:
        talk.say(
            b,
            "Is everything all right with your meal?",
            "Are you enjoying your dinner?",
            "Good evening again. Does everything taste good?",
            "May I ask if you like your food?",
        )
        politely = talk.pick(
            ("To be honest, no.", "Not really, I'm sorry to say.", "Well, since you ask, there's a problem.", "I'm afraid not.")
        )
    problem = talk.pick(("fault", "fault", "wrong", "late", "cold by nature", "bill"))
    if problem == "fault":
        fault = talk.pick(FAULTS)
        while (
            (fault in ("still raw in the middle", "burnt on one side") and "soup" in dish)
            or (fault == "overcooked and dry" and ("soup" in dish or "stew" in dish))
            or (fault == "burnt on one side" and ("stew" in dish or "curry" in dish))
        ):
            fault = talk.pick(FAULTS)
        talk.say(
            a,
            f"{politely} This {dish} is {fault}. I can't eat it like that.",
            f"{politely} I ordered the {dish}, and it's {fault}.",
            f"{politely} I don't like to complain, but my {dish} is {fault}.",
            f"{politely} There's something wrong with the {dish}. It's {fault}!",
        )
        talk.say(
            b,
            "Oh, I'm terribly sorry about that.",
            "I do apologise. That shouldn't have happened.",
            "I'm so sorry. The kitchen is very busy tonight.",
        )
        talk.note(
            f"{{A}} complains that the {dish} is {fault}.",
            f"{{A}} is unhappy with the {dish} because it is {fault}, and {{B}} apologizes.",
            f"{{B}} is sorry to hear that {{A}}'s {dish} is {fault}.",
            f"{{A}} tells {{B}} that something is wrong with the {dish}, which is {fault}.",
        )
        talk.fact(f"What is wrong with {{A}}'s {dish}?", fault)
        solution = talk.pick(("again", "other", "manager"))
        if solution == "again":
            talk.say(a, "Could you bring me another one?", "Well, can you do anything about it?", "So what can we do now?")
            talk.say(
                b,
                f"Of course. A fresh one will take about {minutes} minutes, and you'll get {treat}.",
                f"We'll make you a fresh one in {minutes} minutes, with {treat} while you wait.",
                f"The kitchen can have a new one ready in {minutes} minutes. And I'd like to offer you {treat}.",
            )
            if talk.chance(0.55):
                talk.say(
                    a,
                    "That's very kind. I'll wait, then.",
                    "All right, that seems fair.",
                    "Thank you, I appreciate that. No hurry.",
                )
                talk.note(
                    f"{{B}} offers a new one in {minutes} minutes and {treat_reported}, and {{A}} accepts.",
                    f"{{A}} agrees to wait {minutes} minutes for a fresh one and gets {treat_reported}.",
                    f"To make up for it, {{B}} will bring a new {dish} and {treat_reported}.",
                )
                talk.gist(
                    f"A guest complains about {article} {dish} and gets another.",
                    "A restaurant replaces a guest's bad meal.",
                    "A dissatisfied guest is offered a fresh dish.",
                )
            else:
                talk.say(
                    a,
                    f"I don't have another {minutes} minutes. Please take it off the bill.",
                    "No, our film starts soon. Just don't charge me for it, please.",
                    "Thanks, but I've lost my appetite. I'd rather not pay for it.",
                )
                talk.say(
                    b,
                    "That's only fair. I'll remove it at once.",
                    "Certainly, you won't have to pay for it.",
                    "I understand. I'll take it off your bill.",
                )
                talk.note(
                    f"{{A}} doesn't want to wait {minutes} minutes for a new one, so {{B}} takes it off the bill.",
                    f"{{A}} turns down a fresh one and {treat_reported}, and does not have to pay for the {dish}.",
                    f"{{B}} offers a new {dish}, but {{A}} would rather not be charged, and {{B}} agrees.",
                )
                talk.gist(
                    f"A guest need not pay for a bad {dish}.",
                    "A restaurant takes a spoiled dish off the bill.",
                    "A guest complains and refuses to wait for another dish.",
                )
        elif solution == "other":
            talk.say(a, "It's a pity, I was looking forward to it.", "Well, what do you suggest?", "And what happens now?")
            talk.say(
                b,
                "Shall I bring you a fresh one, or would you prefer something else?",
                "You can have a new one, or choose anything else from the menu.",
                "Would you like a new one or a different dish?",
            )
            talk.say(
                a,
                f"I'd rather have the {other_dish}, if that's possible.",
                f"Something else, please. Maybe the {other_dish}.",
                f"Then I'll try the {other_dish} this time.",
            )
            talk.note(
                f"{{A}} would like to have the {other_dish} instead.",
                f"{{B}} offers something else, and {{A}} chooses the {other_dish}.",
                f"Given the choice, {{A}} changes to the {other_dish}.",
            )
            if talk.chance(0.5):
                talk.say(
                    b,
                    f"Right away. And there's {treat} for your trouble.",
                    f"Good choice. You'll also get {treat}, as an apology.",
                    f"I'll tell the chef. May I offer you {treat} in the meantime?",
                )
                talk.say(a, "Oh, how nice. Thank you.", "That's kind, I won't say no.", "Lovely. Then all is forgiven.")
                talk.note(
                    f"{{B}} also offers {{A}} {treat_reported}.",
                    f"As an apology, {{A}} gets {treat_reported} too.",
                    f"{{A}} is pleased with {treat_reported} from {{B}}.",
                )
            else:
                talk.say(
                    b,
                    f"I'm sorry, I've just heard that it's sold out. How about {treat} and your money back?",
                    f"Oh, we have none of that left. Let me give you your money back, and {treat}.",
                    f"That's finished for today, unfortunately. I'll refund you, and you'll have {treat}.",
                )
                talk.say(
                    a,
                    "Well, all right. That's decent of you.",
                    "What an evening! But okay, thank you.",
                    "Fine, that'll have to do.",
                )
                talk.note(
                    f"As the {other_dish} has run out, {{B}} gives {{A}} the money back and {treat_reported}.",
                    f"There is none of it left, so {{A}} accepts a refund with {treat_reported}.",
                    f"{{B}} cannot serve that and offers a refund and {treat_reported} instead, which {{A}} takes.",
                )
            talk.gist(
                f"A guest is unhappy with {article} {dish}.",
                "A guest complains and asks for a different dish.",
                f"A restaurant makes up for a bad {dish}.",
            )
        else:
            manager = f"{talk.pick(('Mr.', 'Ms.', 'Mrs.'))} {talk.pick(LAST_NAMES)}"
            talk.say(
                a,
                "Sorry isn't enough. This happened last week, too. I'd like to see the manager.",
                "It's the second time this month. May I speak to the manager?",
                "I come here often, and it's getting worse. Is the manager here?",
            )
            talk.say(
                b,
                f"Of course. {manager} is in the office, I'll fetch the manager right away.",
                f"I understand. I'll ask {manager}, our manager, to come to your table.",
                f"Certainly. Our manager is {manager}. Just a moment, please.",
            )
            talk.note(
                f"It is not the first time, so {{A}} asks for the manager, {manager}.",
                f"{{A}} insists on seeing the manager, and {{B}} goes to get {manager}.",
                f"As it has happened before, {{B}} will call {manager}, who manages the restaurant.",
            )
            talk.fact("Who is the manager of the restaurant?", manager)
            talk.say(a, "Thank you. I hope we can sort this out.", "Good, I'll wait here.", "I'd appreciate it.")
            talk.say(
                b,
                f"In any case, you'll get {discount} percent off your bill.",
                f"And I can already promise you {discount} percent off tonight.",
                f"Whatever happens, I'll take {discount} percent off for you.",
            )
            talk.note(
                f"{{B}} also promises {{A}} {discount} percent off the bill.",
                f"Besides, {{A}} will get a discount of {discount} percent.",
                f"{{A}} waits, and {{B}} offers {discount} percent off in any case.",
            )
            talk.gist(
                "An annoyed guest asks to see the restaurant's manager.",
                f"A guest complains about {article} {dish} to the staff.",
                f"A guest with a bad {dish} gets a discount.",
            )
    elif problem == "wrong":
        talk.say(
            a,
            f"{politely} I ordered the {dish}, but this is the {other_dish}.",
            f"{politely} I think there's been a mix-up. I've got the {other_dish}, and I asked for the {dish}.",
            f"{politely} You've brought me the {other_dish}. Mine was the {dish}.",
            f"{politely} Is this the {other_dish}? I'm quite sure I said the {dish}.",
        )
        talk.note(
            f"{{A}} ordered the {dish} but has been served the {other_dish}.",
            f"{{A}} tells {{B}} that the {other_dish} is not what {{A}} ordered.",
            f"Instead of the {dish}, {{A}} has got the {other_dish}, and points this out to {{B}}.",
            f"{{A}} complains of having received the {other_dish} by mistake.",
        )
        talk.fact("What did {A} order?", dish)
        if talk.chance(0.5):
            table = talk.pick(
                (
                    "the next table",
                    "the table by the window",
                    "the family in the corner",
                    "the couple behind you",
                    "the gentleman over there",
                    "the lady by the door",
                )
            )
            talk.say(
                b,
                f"Oh, I see what happened. That's for {table}. I'm so sorry!",
                f"Let me check. Yes, I've swapped your plate with one for {table}. My mistake!",
                f"You're right, that should have gone to {table}. I do apologise.",
            )
            talk.say(
                a,
                "No harm done, I haven't touched it.",
                "Don't worry, these things happen.",
                "That's all right. I hope they haven't started eating mine!",
            )
            behind = table.replace("behind you", "behind {A}")
            talk.note(
                f"{{B}} realizes that the plate was meant for {behind} and apologizes.",
                f"The food should have gone to {behind}, and {{A}} takes it with good humour.",
                f"{{B}} has mixed up the orders of {{A}} and {behind}, but {{A}} does not mind.",
            )
            talk.say(
                b,
                f"I'll bring you the {dish} in a second.",
                f"Thank you for being so patient. Your {dish} is on its way.",
                f"You're very kind. Here comes your {dish}.",
            )
            talk.say(a, "Great, I'm starving.", "Thanks, I can't wait to try it.", "Perfect, thank you.")
            talk.note(
                f"{{A}} will get the {dish} right away.",
                "{B} brings the right dish to {A} at once.",
                f"{{A}} is glad that the {dish} is coming.",
                major=False,
            )
            talk.gist(
                "A waiter mixes up two guests' dishes.",
                f"A guest gets the wrong dish instead of {article} {dish}.",
                "A mix-up in a restaurant is quickly cleared up.",
            )
        else:
            talk.say(
                b,
                f"I'm sorry. A new one would take {minutes} minutes. Or would you keep this one at half price?",
                f"Oh dear, I misheard you. You can keep it for half the price, or wait {minutes} minutes for yours.",
                f"My apologies! I can change it in {minutes} minutes, or you keep that one and pay half.",
            )
            talk.fact("How long would it take to bring the right dish?", f"{minutes} minutes")
            if talk.chance(0.5):
                talk.say(
                    a,
                    "Half price? It does smell good. I'll keep it.",
                    "Actually, it looks quite tasty. All right, I'll have this one.",
                    "I'm too hungry to wait. Leave it here, please.",
                )
                talk.note(
                    f"{{A}} decides to keep the {other_dish} at half price.",
                    f"{{B}} offers it for half the price, so {{A}} will eat the {other_dish} after all.",
                    f"Rather than wait {minutes} minutes, {{A}} accepts the {other_dish} for half the price.",
                )
                talk.gist(
                    "A guest keeps the wrong dish at half price.",
                    "A restaurant serves the wrong dish and lowers the price.",
                    f"A guest wanted {article} {dish} but accepts something else.",
                )
            else:
                talk.say(
                    a,
                    f"I'd rather wait. I came here for the {dish}.",
                    f"Thanks, but I've been looking forward to the {dish} all day. I'll wait.",
                    f"No, please change it. I really want the {dish}.",
                )
                talk.note(
                    f"{{A}} prefers to wait {minutes} minutes for the {dish}.",
                    f"{{A}} refuses to keep the dish at half price, and {{B}} will exchange it in {minutes} minutes.",
                    f"Although {{B}} offers half price, {{A}} would rather wait for the {dish}.",
                )
                talk.gist(
                    f"A guest waits for the right dish, {article} {dish}.",
                    "A restaurant serves a guest the wrong dish.",
                    "A guest insists on getting the dish that was ordered.",
                )
            talk.say(
                b,
                "Of course. I'm really sorry for the mistake.",
                "Very well. Thank you for being so patient.",
                "As you wish. I'll see to it immediately.",
            )
            talk.say(
                a, "It's fine, it can happen to anyone.", "Don't worry about it.", "No problem. Could I have some water as well?"
            )
            talk.note(
                "{A} takes it well.",
                "{A} stays friendly about the mistake.",
                "{B} is polite about it, and {A} is not angry.",
                major=False,
            )
    elif problem == "late":
        waited = talk.pick(
            ("forty minutes", "almost an hour", "fifty minutes", "more than half an hour", "an hour", "three quarters of an hour")
        )
        reason = talk.pick(
            (
                "one of our cooks is ill",
                "a large group arrived without a booking",
                "the oven broke down",
                "a new waiter lost your order",
                "our computer stopped working",
                "half of the staff are stuck in traffic",
            )
        )
        reported = (
            reason.replace("our cooks", "the cooks").replace("our computer", "the computer").replace("your order", "{A}'s order")
        )
        if opened:
            talk.say(
                a,
                f"I'd tell you if I had any! I've been waiting {waited} for my {dish}.",
                f"What food? My {dish} still hasn't come, after {waited}.",
                f"I can't say, because I'm still waiting for the {dish}. It's been {waited}.",
                f"Well, there isn't any yet. I ordered the {dish}, and that was {waited} ago.",
            )
        else:
            talk.say(
                a,
                f"{politely} We've been waiting {waited} for our food. I ordered the {dish}.",
                f"{politely} Where is my {dish}? It's been {waited} now.",
                f"{politely} I asked for the {dish}, and that was {waited} ago!",
                f"{politely} We've been sitting here for {waited}, and there's still no sign of my {dish}.",
            )
        talk.say(
            b,
            f"I'm very sorry. You see, {reason}.",
            f"I can only apologise. I'm afraid {reason}.",
            f"Please forgive us. It's because {reason}.",
        )
        talk.note(
            f"{{A}} has been waiting {waited} for the {dish}, because {reported}.",
            f"{{A}} complains about waiting {waited}, and {{B}} explains that {reported}.",
            f"{{B}} apologizes to {{A}}, who has waited {waited} for the {dish}.",
            f"After {waited}, {{A}}'s {dish} still has not come.",
        )
        talk.fact(f"How long has {{A}} been waiting for the {dish}?", waited)
        if talk.chance(0.5):
            talk.say(
                a,
                "I see. How much longer will it be?",
                "That's bad luck, but I'm hungry. When will it come?",
                "All right, but can you tell me when I'll get it?",
            )
            talk.say(
                b,
                f"No more than {talk.pick(('five', 'eight', 'ten'))} minutes, I promise. And you'll get {treat}.",
                f"It's being plated right now. Please accept {treat} from us.",
                f"Very soon. Meanwhile, let me bring you {treat}.",
            )
            talk.say(
                a,
                "Okay, that's a nice gesture.",
                "Well, then I'll be patient a little longer.",
                "Thank you. I hope it's worth the wait.",
            )
            talk.note(
                f"{{B}} offers {treat_reported}, and {{A}} agrees to wait a little longer.",
                f"{{B}} says the food will come soon and makes up for it with {treat_reported}.",
                f"{{A}} is calmed by the promise of {treat_reported} and will wait.",
            )
            talk.gist(
                f"A guest has waited {waited} for {article} {dish}.",
                "A hungry guest complains about the slow service.",
                "A restaurant makes up for a long wait.",
            )
        else:
            talk.say(
                a,
                "I'm sorry, but we can't wait any longer. Just bring us the bill for the drinks.",
                "That's too long for us. We'll pay for the drinks and go.",
                "I understand, but we have to leave now. Could we pay for our drinks?",
            )
            talk.say(
                b,
                f"The drinks are free, of course. And here's a voucher for {discount} percent off next time.",
                f"You needn't pay for them. I'd also like to give you a voucher for {discount} percent.",
                f"Forget the drinks, they're on us. Please take this voucher for {discount} percent off.",
            )
            talk.note(
                f"{{A}} wants to leave, and {{B}} gives free drinks and a voucher for {discount} percent.",
                "{A} doesn't want to wait any longer, so {B} doesn't charge for the drinks.",
                f"As {{A}} is leaving, {{B}} hands over a voucher for {discount} percent to make up for it.",
            )
            talk.say(
                a,
                "That's decent of you. Maybe we'll try again.",
                "Thanks. We'll come back on a quieter day.",
                "I appreciate it. Good night.",
            )
            talk.note("{A} thanks {B} for it.", "{A} appreciates the gesture.", "{A} takes it kindly.", major=False)
            talk.gist(
                "A guest leaves a restaurant after waiting too long.",
                f"A guest waits {waited} for dinner in vain.",
                "A restaurant's slow service makes a guest leave.",
            )
    elif problem == "cold by nature":
        cold, explanation = talk.pick(COLD_DISHES)
        talk.say(
            a,
            f"{politely} My {cold} is completely cold.",
            f"{politely} Could you warm this up? The {cold} is cold.",
            f"{politely} I've just tasted the {cold}, and there's no heat in it at all.",
            f"{politely} Someone must have forgotten to heat the {cold}.",
        )
        talk.note(
            f"{{A}} complains that the {cold} is cold.",
            f"{{A}} expects the {cold} to be hot and speaks to {{B}}.",
            f"{{A}} is not satisfied with the {cold}, because it isn't warm.",
            f"{{A}} is surprised that the {cold} is cold and tells {{B}} so.",
        )
        talk.fact("Which dish does {A} complain about?", cold)
        talk.say(
            b,
            f"Actually, it's supposed to be that way: {explanation}.",
            f"Oh, I should have told you, {explanation}.",
            f"That's how it's meant to be, you know. I mean, {explanation}.",
        )
        if talk.chance(0.5):
            talk.say(
                a, "Really? How embarrassing, I had no idea.", "Oh! Now I feel silly.", "Is that so? I've never had it before."
            )
            talk.say(
                b,
                "No need to worry, many guests ask. Do you want to try it?",
                "It happens all the time. Give it a chance, it's very refreshing.",
                "Not at all. I'd be happy to bring you something warm instead.",
            )
            talk.say(
                a,
                "No, no, I'll eat it. It does taste good.",
                "I'll stay with this one. It's an adventure!",
                "Thanks, but I'll give it another try.",
            )
            talk.note(
                "{B} explains that the dish is served cold, and {A} decides to eat it.",
                f"It turns out that {cold} is a cold dish, so {{A}} keeps it after all.",
                "{A} learns that it is meant to be cold and is willing to try it.",
            )
            talk.gist(
                f"A guest learns that {cold} is served cold.",
                "A guest's complaint turns out to be a misunderstanding.",
                "A waiter explains a cold dish to a guest.",
            )
        else:
            talk.say(
                a,
                "I see, but I really wanted something warm.",
                "Well, the menu should say so. I don't like cold food.",
                "Hmm, that isn't for me, I'm afraid.",
            )
            talk.note(
                "{B} explains that it is a cold dish, but {A} does not want it.",
                f"Although {{B}} says that {cold} is served cold, {{A}} would prefer a warm meal.",
                "{A} hears that the dish is meant to be cold and still isn't happy with it.",
            )
            talk.say(
                b,
                f"Then let me exchange it. The {dish} is hot and ready.",
                f"No problem, I'll swap it for the {dish}, if you like.",
                f"In that case, may I offer you the {dish} instead?",
            )
            talk.say(a, "Yes, please. That's very obliging of you.", "Oh, that would be perfect.", "Thank you, I'd love that.")
            talk.note(
                f"{{B}} will bring {{A}} the {dish} instead.",
                f"{{A}} gladly takes the {dish} in exchange.",
                f"They agree to exchange it for the {dish}.",
            )
            talk.gist(
                f"A guest exchanges a cold dish for {article} {dish}.",
                "A guest does not like a dish that is cold.",
                "A waiter exchanges a dish that a guest dislikes.",
            )
    else:
        extra = money(rng, 9, 26, 1)
        item = talk.pick(
            (
                "a bottle of wine",
                "a cheese plate",
                "two desserts",
                "a plate of oysters",
                "three coffees",
                "a side salad",
                "a jug of lemonade",
                "two starters",
            )
        )
        politely = "The food was fine, but there's a mistake in the bill." if opened else politely
        talk.say(
            a,
            f"{politely} You've charged me {extra} for {item}, and I never had that.",
            f"{politely} I only had the {dish}, so why am I paying {extra} for {item}?",
            f"{politely} It says {item} here, for {extra}, but that wasn't on my table.",
            f"{politely} I've found {item} for {extra} on the bill. I didn't order that.",
        )
        talk.note(
            f"{{A}} believes there is a mistake in the bill, which lists {item} for {extra}.",
            f"{{A}} says the bill lists {item} that {{A}} did not have.",
            f"{{A}} complains about an extra {extra} on the bill for {item}.",
            f"According to {{A}}, the bill is wrong, because it includes {item} for {extra}.",
        )
        talk.fact(f"How much was charged for {item}?", extra)
        if talk.chance(0.55):
            talk.say(
                b,
                "May I see? Oh, that belongs to another table. I'm very sorry.",
                "Let me look. You're right, somebody typed in the wrong table number.",
                "Goodness, you're right. That's my fault, I mixed up the tables.",
            )
            talk.say(
                a,
                "No problem, just correct it, please.",
                "I thought so. Could you print a new one?",
                "It can happen. So how much is it now?",
            )
            talk.say(
                b,
                f"I've taken off the {extra}. And there's {treat} for you.",
                f"Here's the new bill, {extra} less. We'd also like to give you {treat}.",
                f"It's {extra} less now. Please accept {treat} as well.",
            )
            talk.note(
                f"{{B}} admits the mistake, takes off the {extra} and offers {treat_reported}.",
                "The item belongs to another table, so {B} corrects the bill.",
                f"{{B}} confused two tables, and {{A}} now pays {extra} less.",
            )
            talk.say(
                a,
                "Fine, thank you for your help.",
                "All right. I'm glad I looked at it closely.",
                "Good. Thanks for dealing with it so quickly.",
            )
            talk.say(b, "It's the least we could do.", "Thank you for telling us.", "Of course. I do hope you'll come again.")
            talk.gist(
                "A mistake in a restaurant bill is corrected.",
                f"A guest is wrongly charged {extra} in a restaurant.",
                "A waiter corrects a guest's bill.",
            )
        else:
            friend = talk.pick(("friend", "son", "daughter", "brother", "sister", "colleague", "cousin", "husband", "wife"))
            talk.say(
                b,
                f"I believe your {friend} ordered that while you were on the phone.",
                f"Didn't your {friend} ask for it at the bar earlier?",
                f"Your {friend} had it before you came. I served it myself.",
            )
            talk.say(
                a,
                "Oh, really? I didn't know. Then I apologise.",
                "Is that right? I'm so sorry, I wasn't aware of it.",
                "Ah, that explains it. Please excuse me.",
            )
            talk.note(
                f"{{B}} explains that {{A}}'s {friend} ordered it, and {{A}} apologizes.",
                f"It turns out that {{A}}'s {friend} had it, so the bill is correct.",
                f"{{A}} is sorry after hearing from {{B}} that it was the {friend}'s order.",
            )
            talk.say(
                b,
                "No trouble at all. It's easy to lose track.",
                "Don't mention it. It's always good to check.",
                "Please don't worry. Will you pay by card?",
            )
            talk.say(
                a,
                "I'll pay everything together, then.",
                "Here's my card. And thanks for explaining.",
                f"All right, I'll settle it. My {friend} owes me one!",
            )
            talk.note(
                "In the end {A} pays the bill.", "{A} is willing to pay after all.", "{A} settles the whole bill.", major=False
            )
            talk.say(
                b,
                "Thank you very much. Have a lovely evening.",
                "Thanks. I hope to see you again soon.",
                "That's kind of you. Get home safely.",
            )
            talk.gist(
                "A guest questions a bill that proves correct.",
                f"A guest did not know what the {friend} had ordered.",
                "A guest wrongly complains about a restaurant bill.",
            )
    if problem == "cold by nature":
        talk.say(
            b,
            "Wonderful. Just call me if there's anything else.",
            "My pleasure. Enjoy your meal!",
            "I'm glad to hear it. Have a lovely evening.",
        )
    elif len(talk.utterances) < 7 and problem != "bill":
        if talk.utterances[-1][0] == a:
            talk.say(
                b,
                "Thank you for your understanding. I hope you enjoy the rest of your evening.",
                "I'm glad we could settle it. And once again, I'm sorry.",
                "Thank you for being so nice about it. It really won't happen again.",
            )
        else:
            talk.say(
                a,
                "Fine, thank you for your help.",
                "All right. I'm glad I said something.",
                "Good. Thanks for dealing with it so quickly.",
            )
            talk.say(b, "It's the least we could do.", "Thank you for telling us.", "Of course, and once again, I'm sorry.")
