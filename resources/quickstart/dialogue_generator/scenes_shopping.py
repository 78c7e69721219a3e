"""Scenes of buying, selling and returning things."""

from __future__ import annotations

from types import SimpleNamespace

from .core import Talk, scene
from .pools import CITIES, DAYS, FIRST_NAMES, MONTHS, NUMBER_WORDS, RELATIVES, clock, full_name, money, two_different

# How a thing is referred to; boots and the like come as a pair.
SINGULAR = SimpleNamespace(
    it="it",
    them="it",
    its="it's",
    be="is",
    it_was="it was",
    it_costs="it costs",
    it_fits="it fits",
    do_not="does not",
    this="this",
    this_one="this one",
    one="one",
    kind="one",
    new="a new one",
    another="another one",
)
PLURAL = SimpleNamespace(
    it="they",
    them="them",
    its="they're",
    be="are",
    it_was="they were",
    it_costs="they cost",
    it_fits="they fit",
    do_not="do not",
    this="these",
    this_one="this pair",
    one="a pair",
    kind="pair",
    new="a new pair",
    another="another pair",
)

# Article, noun, plural or not, sizes, lowest and highest price, kind of use.
SHIRT_SIZES = ("small", "medium", "large", "extra large")
NUMBER_SIZES = ("36", "38", "40", "42", "44")
SHOE_SIZES = ("6", "7", "8", "9", "10", "11")
CLOTHES = (
    ("a", "jacket", False, SHIRT_SIZES, 60, 180, "any"),
    ("a", "sweater", False, SHIRT_SIZES, 30, 110, "any"),
    ("a", "raincoat", False, SHIRT_SIZES, 40, 150, "outdoors"),
    ("a", "dress", False, NUMBER_SIZES, 50, 220, "smart"),
    ("a", "suit", False, NUMBER_SIZES, 120, 390, "smart"),
    ("a", "winter coat", False, SHIRT_SIZES, 90, 280, "outdoors"),
    ("a", "cotton shirt", False, SHIRT_SIZES, 20, 90, "smart"),
    ("a", "blazer", False, NUMBER_SIZES, 70, 210, "smart"),
    ("a", "cardigan", False, SHIRT_SIZES, 30, 120, "any"),
    ("a", "fleece", False, SHIRT_SIZES, 30, 110, "outdoors"),
    ("a", "long skirt", False, NUMBER_SIZES, 30, 120, "smart"),
    ("some", "boots", True, SHOE_SIZES, 70, 240, "outdoors"),
    ("some", "leather shoes", True, SHOE_SIZES, 60, 230, "smart"),
    ("some", "jeans", True, NUMBER_SIZES, 40, 130, "any"),
    ("some", "linen trousers", True, NUMBER_SIZES, 40, 140, "smart"),
    ("some", "hiking trousers", True, NUMBER_SIZES, 50, 150, "outdoors"),
    ("some", "sneakers", True, SHOE_SIZES, 50, 180, "any"),
)
COLOURS = ("blue", "black", "grey", "red", "green", "brown", "white", "dark purple", "navy", "beige", "burgundy", "light blue")
SHOP_EXTRAS = (
    "a matching belt",
    "a pair of wool socks",
    "a silk scarf",
    "a warm hat",
    "a pair of gloves",
    "a bottle of waterproof spray",
    "a small clothes brush",
    "a leather purse",
)
STREETS = (
    "Mill Street",
    "Oak Avenue",
    "Station Road",
    "Park Lane",
    "Bridge Street",
    "Hill Road",
    "Garden Street",
    "Maple Drive",
    "Harbor Street",
    "Church Lane",
    "Chestnut Avenue",
    "King Street",
    "River Road",
    "Market Square",
    "Willow Lane",
    "Castle Street",
)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _occasion(talk: Talk, use: str) -> str:
    """What clothes are bought for, such as 'a wedding in May'."""
    day, month, city = talk.pick(DAYS), talk.pick(MONTHS), talk.pick(CITIES)
    smart = (
        f"a wedding in {month}",
        f"a job interview on {day}",
        f"an office party on {day}",
        f"a conference in {city}",
        f"a school reunion in {month}",
        f"a birthday dinner on {day}",
        f"a concert on {day}",
        f"a graduation in {month}",
    )
    outdoors = (
        f"a walking tour in {month}",
        f"a weekend near {city}",
        f"a trip to the mountains in {month}",
        f"a picnic on {day}",
        f"a boat trip on {day}",
        f"a family holiday in {city}",
        f"a school outing on {day}",
        f"a camping trip in {month}",
    )
    return talk.pick({"smart": smart, "outdoors": outdoors, "any": smart[3:7] + outdoors}[use])


@scene
def buying_clothes(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    article, noun, plural, sizes, low, high, use = talk.pick(CLOTHES)
    word = PLURAL if plural else SINGULAR
    colour, other_colour = two_different(rng, COLOURS)
    plain, item = f"{article} {noun}", f"{article} {colour} {noun}"
    size, price, occasion = f"size {talk.pick(sizes)}", money(rng, low, high), _occasion(talk, use)
    day = talk.pick([day for day in DAYS[:6] if day not in occasion])
    talk.topic(f"buying {plain}", "clothes shopping", f"{colour} {noun}", "at the clothes shop")
    talk.fact("What size does {A} take?", size)

    if talk.chance(0.6):
        talk.say(
            b,
            "Good morning, can I help you with anything?",
            "Hello there. Are you looking for something special?",
            "Hi, welcome in. What are you shopping for today?",
            "Good afternoon. Is anyone helping you yet?",
            "Hello, what can I show you?",
        )
    talk.say(
        a,
        f"Hi. I'm looking for {plain} for {occasion}, preferably in {colour}. I take {size}.",
        f"Hello. I need {item} for {occasion}. Do you have anything in {size}?",
        f"Hi, I'd like to see {plain} in {colour}, please. I need {word.them} for {occasion}, and I'm usually {size}.",
        f"Well, there's {occasion} coming up, and I've got nothing to wear. I was thinking of {item} in {size}.",
        f"I hope you can help me. I want {item} in {size}, and {word.it} should be right for {occasion}.",
    )
    talk.note(
        f"{{A}} is looking for {item} in {size} for {occasion}.",
        f"{{A}} wants to buy {plain} in {colour} to wear for {occasion}.",
        f"{{A}} goes shopping because of {occasion} and asks {{B}} for {item}.",
        f"There's {occasion} coming up, so {{A}} needs {item} in {size}.",
    )

    course = rng.random()
    if course < 0.45:
        talk.say(
            b,
            f"We've just got some new ones in. Here, {word.this_one} is {size}, and {word.its} {price}.",
            f"Let me check the rack. Yes, you're lucky, there's {word.one} left in {size} for {price}.",
            f"Sure, how about {word.this_one}? It's {size}, and the price is {price}.",
            f"Hmm, {size}, let me see. Ah, here we are. That would be {price}.",
        )
        talk.fact(f"How much would {{A}} pay for the {noun} without a discount?", price)
        if talk.chance(0.5):
            if _haggle(talk, noun, price):
                bought = True
                talk.say(
                    a, "All right, you've convinced me.", "Good, then we have a deal.", "Well, I can live with that. I'm happy."
                )
            else:
                bought = talk.chance(0.45)
                if bought:
                    talk.say(
                        a,
                        f"Well, I like {word.them} too much to walk away. I'll pay the full price.",
                        f"Never mind. I'll take {word.them} anyway, {word.its} just what I wanted.",
                        f"Oh, all right. {_capital(word.its)} still worth it, so wrap {word.them} up, please.",
                    )
                else:
                    talk.say(
                        a,
                        "Then I'd better look around a little more. Thanks for your time.",
                        "In that case I'll leave it for now and try the shop next door.",
                        "Oh well, that's over my budget. I'll keep looking.",
                    )
        else:
            talk.say(
                a,
                f"Nice, and the price is fine. May I try {word.them} on?",
                f"Lovely. Where can I try {word.them} on?",
                f"{_capital(word.this)} would go with everything I own! Can I try {word.them} on?",
            )
            talk.say(
                b,
                "Of course, the fitting room is over there, behind the coats.",
                "Sure, go ahead. There's a mirror right behind you.",
                "Please do. The second door on the left is free.",
            )
            talk.note(
                f"{{B}} has {word.one} in {size} for {price}, and {{A}} asks to try {word.them} on.",
                f"{{B}} finds the right size at {price} and lets {{A}} try {word.them} on.",
                f"The {noun} {{B}} offers would cost {price}. {{A}} wants to try {word.them} on first.",
            )
            bought = _fitting(talk, noun, word)
        if bought:
            shown = item
    elif course < 0.75:
        talk.say(
            b,
            f"I'm sorry, {colour} is sold out in your size. I do have {word.one} in {other_colour} for {price}, though.",
            f"Hmm, that's a popular color, so we've run out. But look, {word.this_one} in {other_colour} is only {price}.",
            f"In {size} I've only got {other_colour} at the moment, I'm afraid. {_capital(word.its)} {price}.",
        )
        talk.fact(f"In which color does {{B}} have the {noun}?", other_colour)
        if talk.chance(0.6):
            talk.say(
                a,
                f"Oh, {other_colour}? I'd never have thought of that, but it looks nice. Can I try {word.them} on?",
                f"Actually, {other_colour} might suit me even better. Let me try {word.them} on.",
                f"Well, why not? I've got too much {colour} at home already. Is there a fitting room?",
            )
            talk.say(
                b,
                "There is one right around the corner. Take your time.",
                "Yes, the fitting rooms are at the back, next to the stairs.",
                "Go right ahead, the first fitting room is free.",
            )
            talk.note(
                f"{{B}} has no {colour} ones left, so {{A}} tries {word.one} in {other_colour} for {price}.",
                f"As {colour} is sold out, {{B}} suggests {other_colour}, and {{A}} is willing to try {word.them} on.",
                f"{{A}} tries on the {other_colour} {noun} because {{B}} cannot offer {word.them} in {colour}.",
            )
            bought = _fitting(talk, noun, word)
            if bought:
                shown = f"{article} {other_colour} {noun}"
        else:
            talk.say(
                a,
                f"No, I'm sorry, it really has to be {colour}. Nothing else goes with my bag.",
                f"Thanks, but {other_colour} makes me look pale. I'd rather stay with {colour}.",
                f"Hmm, not {other_colour}, please. My whole family is going to wear {colour}.",
            )
            talk.note(
                f"{{B}} only has {word.one} in {other_colour}, but {{A}} insists on {colour}.",
                f"{{B}} offers {other_colour} because {colour} is sold out. {{A}} doesn't want that color.",
                f"{{A}} turns down {{B}}'s suggestion of {other_colour} and would rather have {colour}.",
            )
            _order(talk, noun, word, item, day)
            return
    else:
        talk.say(
            b,
            f"We do carry {word.them} in {colour}, for {price}, but {size} is out of stock just now.",
            f"Oh, what a pity. I sold the last {colour} {word.kind} in {size} an hour ago. {_capital(word.it_was)} {price}.",
            f"I've got every size in {colour} except {size}, I'm sorry to say. {_capital(word.it_costs)} {price}.",
        )
        talk.say(
            a,
            "Oh no, really? I came all the way across town.",
            "That's a shame. Is there nothing you can do?",
            "Just my luck! Any chance of getting more?",
        )
        talk.note(
            f"{{B}} tells {{A}} that {size} is out of stock.",
            f"The {noun} {{A}} wants cannot be had in {size} at the moment.",
            f"{{A}} is disappointed to hear that {{B}}'s shop has nothing left in {size}.",
        )
        _order(talk, noun, word, item, day)
        return

    if not bought:
        closing = talk.utterances[-1][0] == a
        talk.note(
            f"In the end {{A}} leaves without buying the {noun}.",
            f"{{A}} decides against the {noun} in the shop.",
            f"So {{A}} doesn't take the {noun} after all.",
        )
        if closing:
            talk.say(
                b, "I understand. Come back any time.", "That's all right. Thanks for coming in.", "No problem. Have a good day."
            )
        talk.gist(
            f"A customer looks at {plain} but buys nothing.",
            f"Someone tries to find {plain} without success.",
            f"Shopping for {plain} ends without a purchase.",
        )
        return
    talk.gist(
        f"A customer buys {shown}.",
        f"Someone goes shopping for {plain} and is successful.",
        f"A shop assistant sells a customer {shown}.",
    )
    if talk.chance(0.5):
        extra = talk.pick(SHOP_EXTRAS)
        talk.say(
            b,
            f"Wonderful. Would you like {extra} as well? There's a special offer this week.",
            f"Great choice! We also have {extra} at half price, if you're interested.",
            f"I'm glad. Can I tempt you with {extra} to go with that?",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "Oh, that's handy. Yes, put it in the bag, please.",
                "Good idea, I'll have that too.",
                "Hmm, go on then. I could do with that.",
            )
            talk.note(
                f"{{A}} buys the {noun} and {extra} as well.",
                f"Besides the {noun}, {{B}} also sells {{A}} {extra}.",
                f"{{A}} takes the {noun} and accepts {{B}}'s offer of {extra}.",
            )
        else:
            talk.say(
                a,
                "No, thank you. That's all for today.",
                "Not this time, I've spent enough already.",
                "That's kind, but I don't need anything else.",
            )
            talk.note(
                f"{{A}} buys the {noun} but doesn't want {extra}.",
                f"{{A}} takes only the {noun} and refuses {extra}.",
                f"{{B}} also suggests {extra}, but {{A}} will just have the {noun}.",
            )
    else:
        cash = talk.chance(0.35)
        talk.say(
            b,
            "Lovely. How would you like to pay?",
            "Very good. Cash or card?",
            "Great, come over to the register, please. Will that be cash or card?",
        )
        if cash:
            talk.say(
                a,
                "In cash. And could I have the receipt in the bag?",
                "Cash, please. Here you are.",
                "I'll pay cash, I've just been to the bank.",
            )
            talk.note(
                f"{{A}} buys the {noun} and pays in cash.",
                f"The {noun} {word.be} sold to {{A}}, who pays {{B}} cash.",
                f"{{A}} decides to take the {noun} and uses cash.",
            )
        else:
            talk.say(
                a,
                "By card, please, if that's all right.",
                "Card, please. I never carry any cash.",
                "I'll use my card. No bag, thanks.",
            )
            talk.note(
                f"{{A}} buys the {noun} and pays by card.",
                f"The {noun} {word.be} sold to {{A}}, who uses a card to pay.",
                f"{{A}} decides to take the {noun} and hands {{B}} a card.",
            )


def _haggle(talk: Talk, noun: str, price: str) -> bool:
    """The customer asks for a lower price; whether it was granted."""
    a, b = talk.a, talk.b
    talk.say(
        a,
        "That's more than I wanted to spend. Could you do any better?",
        "Hmm, it's a bit expensive, isn't it? Is there a discount?",
        "Oh, I didn't expect to pay so much. Can you come down a little?",
    )
    if talk.chance(0.55):
        percent = talk.pick((5, 10, 12, 15, 20, 25))
        talk.say(
            b,
            f"I can take {percent} percent off, but no more than that.",
            f"Since it's the end of the season, you can have {percent} percent off.",
            f"If you sign up for our newsletter, I'm allowed to give you {percent} percent off.",
        )
        talk.fact("How much of a discount does {B} give?", f"{percent} percent")
        talk.note(
            f"{{A}} finds {price} too expensive, so {{B}} offers a discount of {percent} percent.",
            f"{{B}} is ready to take {percent} percent off the price of {price}.",
            f"{{B}} asks for {price} but agrees to {percent} percent off.",
        )
        return True
    talk.say(
        b,
        "I'm afraid our prices are fixed. They're the same in all our shops.",
        "Sorry, I'm not allowed to change the price. I only work here.",
        "I wish I could, but the sale ended yesterday.",
    )
    talk.note(
        f"{{A}} asks for a discount on the price of {price}, but {{B}} refuses.",
        f"The {noun} would cost {price}, and {{B}} cannot give a discount.",
        f"{{B}} doesn't lower the price of {price} although {{A}} thinks it's high.",
    )
    return False


def _fitting(talk: Talk, noun: str, word: SimpleNamespace) -> bool:
    """The customer comes back from the fitting room; whether the thing will be bought."""
    a, b = talk.a, talk.b
    course = talk.rng.random()
    if course < 0.4:
        talk.say(
            a,
            f"{_capital(word.it_fits)} perfectly, as if made for me. I'll take {word.them}.",
            f"What do you think? I love {word.them}, and {word.its} so comfortable! I'm having {word.them}.",
            f"{_capital(word.its)} just right, even when I sit down. I'd like to buy {word.them}.",
        )
        return True
    if course < 0.6:
        talk.say(
            a,
            f"Well, I'm not sure. Somehow I don't look like myself. I think I'll leave {word.them}.",
            f"Hmm, {word.it} just {word.do_not} suit me. Thank you anyway.",
            f"To be honest, I look ten years older in {word.them}. I won't take {word.them}.",
        )
        return False
    problem, other = talk.pick((("too tight", "bigger"), ("too loose", "smaller")))
    talk.say(
        a,
        f"Oh dear, {word.its} {problem}. Have you got a {other} size?",
        f"I'm afraid {word.its} {problem} on me. Could I have the next {other} size?",
        f"No, {word.its} {problem}, look. I'd need a {other} size.",
    )
    if talk.chance(0.55):
        talk.say(
            b,
            "Let me look. Yes, here you are, this should be better.",
            "One moment, please. There, try this instead.",
            "I thought so. I've already brought it for you.",
        )
        talk.note(
            f"{_capital(word.its)} {problem} at first, but {{B}} brings a {other} size.",
            f"Because {word.its} {problem}, {{A}} asks for a {other} size, which {{B}} has.",
            f"{{B}} gets {{A}} a {other} size since the first {word.kind} is {problem}.",
        )
        talk.say(
            a,
            f"Ah, that's much better. I'll take {word.them}.",
            "Perfect, what a difference! This is the right size.",
            f"Yes, now {word.it_fits}. I'm buying {word.them}.",
        )
        return True
    talk.say(
        b,
        f"That was the last {word.kind} we had, I'm sorry.",
        f"I'm afraid that's the only {other} size I don't have.",
        f"Unfortunately, there's no {other} size left in the shop.",
    )
    talk.note(
        f"The {noun} {word.be} {problem}, and {{B}} has no {other} size.",
        f"{{A}} finds that {word.its} {problem}, but there isn't a {other} size.",
        f"{{A}} would need a {other} size, which {{B}} doesn't have.",
    )
    talk.say(
        a,
        "That's too bad. I'll try somewhere else, then.",
        "What a pity. Well, thanks for your help.",
        "Oh, well. Perhaps I'll have more luck another time.",
    )
    return False


def _order(talk: Talk, noun: str, word: SimpleNamespace, item: str, day: str) -> None:
    """The shop offers to get the thing from elsewhere; ends the dialogue of buying clothes."""
    a, b = talk.a, talk.b
    street = talk.pick(STREETS)
    first = item.split()[0]
    if talk.chance(0.35):
        talk.say(
            b,
            f"Let me call our other shop on {street}. Yes, they still have {word.one} in your size.",
            f"According to the computer, our shop on {street} has {word.one}. You could go there.",
            f"You could try our branch on {street}. It shows {word.one} in stock.",
        )
        talk.fact("Where is the other shop?", street)
        if talk.chance(0.6):
            talk.say(
                a,
                "That's not far. Could you ask them to put it aside for me?",
                "Oh, great. I'll walk over there right now.",
                "Perfect, I pass there on my way home.",
            )
            talk.note(
                f"{{B}} sends {{A}} to the shop on {street}, and {{A}} will go there.",
                f"{{A}} is going to get the {noun} from the other shop on {street}.",
                f"The branch on {street} still has {word.one}, so {{A}} will try there.",
            )
            talk.say(
                b,
                "Good, I'll let them know that you're coming.",
                "I'll tell my colleague to expect you.",
                "Fine. They're open until seven.",
            )
            talk.gist(
                f"A customer is sent to another shop for {item}.",
                f"Another branch has the {noun} a customer wants.",
                f"A shop assistant finds {item} in another branch.",
            )
        else:
            talk.say(
                a,
                "Oh, that's too far for me today. I'll look online instead.",
                "No, I don't have a car. I think I'll order online.",
                "Hmm, I can't get there before they close. I'll search the internet tonight.",
            )
            talk.note(
                f"{{B}} recommends the shop on {street}, but {{A}} prefers to look online.",
                f"{{A}} won't go to the branch on {street} and will search the internet.",
                f"Instead of going to {street}, {{A}} will look for the {noun} online.",
            )
            talk.say(
                b,
                "I understand. Good luck, and come back soon.",
                "Sure, I hope you find what you want.",
                "No problem. Have a nice day.",
            )
            talk.gist(
                f"A customer does not get {first} {noun} in the shop.",
                f"Someone decides to look for {first} {noun} online.",
                f"A shop cannot offer {item} to a customer.",
            )
        return
    talk.say(
        b,
        f"I could order {word.them} for you. The delivery would be here by {day}.",
        f"Our warehouse has more. If I order today, you can pick {word.them} up on {day}.",
        f"How about this? I'll have {word.them} sent over, and {word.its} yours on {day}.",
    )
    talk.fact("When could the order be in the shop?", day)
    if talk.chance(0.6):
        name = talk.pick(FIRST_NAMES)
        talk.say(
            a,
            f"{day} is soon enough. Please do that. My name is {name}.",
            f"Oh, that would be great. Put it under the name of {name}.",
            f"Yes, please order {word.them}. I'm {name}, and this is my phone number.",
        )
        talk.note(
            f"{{B}} will order the {noun}, and {name} can get {word.them} on {day}.",
            f"{{A}} has {{B}} order the {noun} and will get {word.them} on {day}.",
            f"{{A}} accepts {{B}}'s offer to order the {noun}, which should arrive by {day}.",
        )
        talk.say(
            b,
            f"Thank you, {name}. We'll send you a message.",
            "Great, I've noted that. You don't have to pay anything yet.",
            "Done! I'll call you the minute the box comes in.",
        )
        talk.gist(
            f"A customer has {first} {noun} ordered at a shop.",
            f"A shop orders {item} for a customer.",
            f"Someone orders {item} after finding none.",
        )
    else:
        talk.say(
            a,
            f"Hmm, {day} is too late for me. I'll have to try another shop.",
            f"No, I can't wait until {day}. Thank you, though.",
            f"I'd rather not wait until {day}. I'll see what other shops have.",
        )
        talk.note(
            f"{{B}} could get the {noun} by {day}, but {{A}} doesn't want to wait.",
            f"{{A}} refuses to have {word.them} ordered because {day} is too late.",
            f"{{B}} offers to order {word.them} for {day}. {{A}} thinks that's too late and leaves.",
        )
        talk.say(
            b,
            "I understand. I'm sorry we couldn't help.",
            "Of course. Good luck with your search.",
            "That's a pity. I hope you find one.",
        )
        talk.gist(
            f"A customer cannot get {item} in time.",
            f"A shop is out of the {noun} a customer wants.",
            f"Someone tries to buy {item} without success.",
        )


# Article and noun, plural or not, faults for which the shop is to blame, and (fault, its harmless cause) or None.
GOODS = (
    (
        "a",
        "kettle",
        False,
        ("it leaks from the bottom", "it doesn't switch off when the water boils", "the handle gets burning hot"),
        None,
    ),
    (
        "a",
        "toaster",
        False,
        ("it burns everything on one side", "the lever won't stay down", "it smells of smoke"),
        ("it won't get warm", "the little lever on the back is set to zero"),
    ),
    (
        "a",
        "desk lamp",
        False,
        ("it flickers all the time", "the arm won't stay up", "the switch gets stuck"),
        ("it won't light up", "the bulb isn't screwed in tightly"),
    ),
    (
        "a",
        "vacuum cleaner",
        False,
        ("it shuts down after five minutes", "the hose has a split in it", "it's as loud as a plane"),
        ("it doesn't pick up any dust", "the filter is still wrapped in plastic"),
    ),
    (
        "a",
        "blender",
        False,
        ("the lid doesn't close", "it leaks at the bottom", "the blades have come loose"),
        ("it won't start", "the jug isn't locked into its base"),
    ),
    ("a", "backpack", False, ("the zipper is broken", "one of the straps has come off", "the rain gets in"), None),
    ("a", "suitcase", False, ("one of the wheels has come off", "the handle is stuck", "the lock jams"), None),
    (
        "a",
        "coffee machine",
        False,
        ("it drips all over the table", "the coffee comes out cold", "it stops in the middle of a cup"),
        ("no water comes through", "the tank isn't pushed in all the way"),
    ),
    (
        "a",
        "hair dryer",
        False,
        ("it turns itself off after a minute", "it makes a terrible noise", "it smells of burning"),
        ("it only blows cold air", "the cold air button is pressed in"),
    ),
    (
        "a",
        "digital radio",
        False,
        ("it loses every station after a while", "the display is cracked", "the volume keeps jumping up"),
        ("it makes no sound", "there's a plug left in the headphone socket"),
    ),
    (
        "a",
        "printer",
        False,
        ("it crumples the paper", "it prints everything in pink", "it doesn't find the network"),
        ("it refuses to print", "there's still a strip of tape on the cartridge"),
    ),
    (
        "a",
        "kitchen scale",
        False,
        ("it shows a different weight each time", "the glass is cracked", "two of the buttons don't work"),
        ("the display stays blank", "the battery is in the wrong way round"),
    ),
    (
        "some",
        "headphones",
        True,
        ("there's no sound on the left side", "the battery is empty after ten minutes", "the cable has come loose"),
        None,
    ),
    (
        "some",
        "walking shoes",
        True,
        ("the left sole is coming off", "the color rubs off on everything", "the seams have opened"),
        None,
    ),
    ("some", "speakers", True, ("they crackle at any volume", "one of them is silent", "the remote control does nothing"), None),
    (
        "some",
        "rubber boots",
        True,
        ("the right one lets in water", "there's a crack in the heel", "the lining has come out"),
        None,
    ),
)
BOUGHT_LATELY = (
    "last Monday",
    "last Friday",
    "last Saturday",
    "yesterday",
    "three days ago",
    "four days ago",
    "a week ago",
    "two weeks ago",
    "ten days ago",
    "last weekend",
    "on Tuesday",
    "on Thursday",
)
BOUGHT_LONG_AGO = (
    "two months ago",
    "three months ago",
    "four months ago",
    "half a year ago",
    "seven months ago",
    "eight months ago",
    "ten weeks ago",
)


@scene
def returning_faulty_goods(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    article, noun, plural, faults, mistake = talk.pick(GOODS)
    word = PLURAL if plural else SINGULAR
    course = rng.random()
    if course < 0.3 and not mistake:
        course = 0.3 + rng.random() * 0.7
    late = 0.3 <= course < 0.48
    fault = mistake[0] if course < 0.3 else talk.pick(faults)
    bought = talk.pick(BOUGHT_LONG_AGO if late else BOUGHT_LATELY)
    price = money(rng, 24, 89, 1)
    day = talk.pick(DAYS[:6])
    talk.topic(f"faulty {noun}", f"returning {article} {noun}", "complaint in a shop", "customer service")
    talk.fact(f"When did {{A}} buy the {noun}?", bought)

    if talk.chance(0.5):
        talk.say(
            b,
            "Good morning. Let me know if I can be of any help.",
            "Customer service, good afternoon. What seems to be the problem?",
            "Hello, who's next? How can I help?",
            "Hi there. Do you want to return something?",
        )
    talk.say(
        a,
        f"Hello. I bought {word.this} {noun} here {bought}, and now {fault}. I'm not happy with that.",
        f"Hi, it's about {word.this} {noun}. I got {word.them} here {bought}, and I'm sorry to say that {fault}.",
        f"I'd like to bring back {word.this} {noun}, please. I bought {word.them} {bought}, but {fault}.",
        f"Excuse me, I have a complaint about {word.this} {noun}. I bought {word.them} {bought}, and {fault}.",
        f"Look, I bought {word.this} {noun} in your shop {bought}. Well, {fault}, so I can't use {word.them}.",
    )
    talk.note(
        f"{{A}} bought {article} {noun} {bought} and complains that {fault}.",
        f"{{A}} comes back to the shop with {article} {noun} because {fault}.",
        f"{{A}} tells {{B}} that there is a problem with the {noun} bought {bought}: {fault}.",
        f"{{A}} shows {{B}} {article} {noun} from the shop and says that {fault}.",
    )

    if course < 0.3:
        _harmless(talk, noun, mistake[1])
        return
    if late:
        _too_late(talk, article, noun, word, bought, day)
        return

    talk.say(
        b,
        "Oh, I'm sorry about that. Do you have the receipt with you?",
        "That shouldn't happen, of course. May I see the receipt?",
        "I do apologize. Could you show me the receipt, please?",
    )
    if talk.chance(0.45):
        talk.say(
            a,
            f"No, I must have thrown it away. I paid {price} by card, if that helps.",
            f"I can't find it anywhere, I'm afraid. But I paid {price} with my card.",
            f"Um, I lost it. I can show you the {price} on my bank statement, though.",
        )
        talk.say(
            b,
            f"That will do. I can see the {price} in our system.",
            "All right, your bank record is enough for us.",
            "Let me check. Yes, here's the payment. That's fine.",
        )
        talk.note(
            f"{{A}} has no receipt, but {{B}} accepts the card payment of {price} as proof.",
            f"Although {{A}} lost the receipt, the payment of {price} is enough for {{B}}.",
            f"{{A}} cannot show a receipt and refers to the {price} paid by card, which {{B}} accepts.",
            major=False,
        )
    else:
        talk.say(
            a,
            f"Yes, here it is. I paid {price}.",
            f"Of course, I kept it. It was {price}, as you can see.",
            f"Here you are. It says {price}, and the date is at the top.",
        )
        talk.say(b, "Thank you, that's all I need.", "Great, everything's in order.", "Good, that makes things easy.")
        talk.note(
            f"{{A}} shows {{B}} the receipt for {price}.",
            f"{{B}} checks the receipt, which says {price}.",
            f"{{A}} has kept the receipt and paid {price}.",
            major=False,
        )
    talk.fact(f"How much did {{A}} pay for the {noun}?", price)

    if talk.chance(0.5):
        talk.say(
            a,
            "So can I have my money back? I don't want another one.",
            f"What I'd like is a refund, please. I don't trust {word.them} any more.",
            "Fine. I'd prefer to get a refund, to be honest.",
        )
        if talk.chance(0.55):
            talk.say(
                b,
                f"Certainly. You'll have the {price} back on your account by {day}.",
                f"No problem at all. I'll send the {price} back to you, and it should arrive by {day}.",
                f"Sure. It takes a little while, but by {day} you'll see the {price} on your account.",
            )
            talk.note(
                f"{{A}} asks for a refund, and {{B}} says the {price} will be on the account by {day}.",
                f"{{B}} agrees to pay back {price}, which {{A}} should have by {day}.",
                f"{{A}} will get the full price of {price} back by {day}.",
            )
            talk.gist(
                f"A customer gets a refund for faulty {noun}." if plural else f"A customer gets a refund for a faulty {noun}.",
                f"A shop agrees to take back {article} {noun}.",
                f"Someone returns {article} {noun} and will be paid back.",
            )
            talk.say(
                a,
                "Thank you, that's very fair.",
                "Great, I didn't expect it to be so easy.",
                "Perfect. Thanks for sorting it out.",
            )
        else:
            talk.say(
                b,
                "I'm afraid we don't give cash back. What I can offer is a voucher for the same amount.",
                f"Sorry, refunds aren't possible on sale goods. You may have a voucher for {price}, though.",
                "I can't do that, I'm sorry. But I could give you a voucher for the full price.",
            )
            if talk.chance(0.5):
                wish = talk.pick(
                    (
                        "some towels",
                        "a frying pan",
                        "a new lamp for the hall",
                        "a birthday present",
                        "a set of glasses",
                        "a garden chair",
                        "a tent",
                        "a football for my son",
                    )
                )
                seen = wish.replace(" for my son", "")
                talk.say(
                    a,
                    f"Hmm, all right. I need {wish} anyway.",
                    f"Well, that's better than nothing. I could use it for {wish}.",
                    f"OK, I suppose I can get {wish} with it.",
                )
                talk.note(
                    f"{{B}} cannot give a refund but offers a voucher, which {{A}} will use for {seen}.",
                    "{A} wants the money back but agrees to take a voucher instead.",
                    f"Instead of a refund, {{A}} accepts a voucher and thinks of buying {seen}.",
                )
                talk.gist(
                    f"A customer gets a voucher for returned {noun}."
                    if plural
                    else f"A customer gets a voucher for a faulty {noun}.",
                    "A shop gives a voucher instead of a refund.",
                    f"Someone returns {article} {noun} and accepts a voucher.",
                )
                talk.say(
                    b,
                    "Here you are. It's good for two years.",
                    "Very well, I'll print it for you right away.",
                    "Thanks for understanding. Just sign here.",
                )
            else:
                talk.say(
                    a,
                    "A voucher is no use to me. I'd like to speak to the manager.",
                    "No, I want my money, not a voucher. May I talk to your manager?",
                    "I'm sorry, but I won't accept a voucher. Is the manager here?",
                )
                talk.say(
                    b,
                    f"The manager will be back on {day}. Shall I ask her to call you?",
                    f"She isn't in today, but she can phone you on {day}.",
                    f"Of course, but she's out until {day}. I'll have her ring you then.",
                )
                talk.note(
                    f"{{A}} refuses a voucher and asks for the manager, who will be available on {day}.",
                    "{B} offers only a voucher, so {A} wants to talk to the manager.",
                    f"As {{A}} insists on a refund instead of a voucher, the manager is to call on {day}.",
                )
                talk.gist(
                    f"A customer is refused a refund for {article} {noun}.",
                    f"A complaint about {article} {noun} goes to the manager.",
                    f"Someone with faulty {noun} demands to see the manager."
                    if plural
                    else f"Someone with a faulty {noun} demands to see the manager.",
                )
                talk.say(
                    a,
                    "Yes, please. I'll leave you my number.",
                    "All right, I'll wait for her call.",
                    "OK, but I hope she really does.",
                )
    else:
        talk.say(
            a,
            f"Could you give me {word.new} instead? I really need {word.them}.",
            f"I'd just like to exchange {word.them} for {word.one} that works.",
            f"Can I swap {word.them}? I do like the {noun} otherwise.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                f"Of course. I'll get you {word.new} and test {word.them} right here.",
                f"Sure, we've got plenty. Here's {word.new}, straight from the box.",
                f"Gladly. Just a second, here's {word.another} from the shelf.",
            )
            talk.note(
                f"{{A}} would like to exchange the {noun}, and {{B}} does it at once.",
                f"{{B}} gives {{A}} a new {word.kind} in exchange.",
                f"At {{A}}'s request, {{B}} replaces the {noun} straight away.",
            )
            talk.gist(
                f"A customer exchanges faulty {noun} in a shop." if plural else f"A customer exchanges a faulty {noun}.",
                f"A shop replaces {article} {noun} that had a fault.",
                f"Someone brings back {article} {noun} for exchange.",
            )
            talk.say(
                a,
                "Thank you, that was quick.",
                "Wonderful. I hope I won't be back with this, too!",
                "Great service. Have a nice day.",
            )
        else:
            talk.say(
                b,
                f"I'm sorry, we've sold out. The next delivery comes on {day}.",
                f"We're out of stock until {day}, unfortunately.",
                f"There are none left, I'm afraid, but we expect more on {day}.",
            )
            talk.fact("When will the shop have more?", day)
            if talk.chance(0.55):
                talk.say(
                    a,
                    f"Then I'll come by on {day}. Please keep {word.one} for me.",
                    f"That's OK, I can wait until {day}. Could you put {word.one} aside?",
                    f"{day} is all right. Would you reserve {word.one} for me?",
                )
                talk.note(
                    f"The {noun} {word.be} sold out, so {{A}} will wait for a new {word.kind} until {day}.",
                    f"{{A}} asks for a replacement and has {{B}} reserve {word.one} for {day}.",
                    f"{{B}} expects more on {day}, and {{A}} will come back then to exchange the {noun}.",
                )
                talk.gist(
                    f"A customer must wait to exchange {article} {noun}.",
                    f"A replacement for {article} {noun} has to be awaited.",
                    f"Someone will get new {noun} after the next delivery."
                    if plural
                    else f"Someone will get a new {noun} after the next delivery.",
                )
                talk.say(
                    b, "I'll write your name on the box.", "Will do. We open at nine.", "Of course. Thanks for being so patient."
                )
            else:
                talk.say(
                    a,
                    f"I can't wait until {day}. Do you have a different brand?",
                    "Hmm, that's too long. What about another make?",
                    "Oh, I need it sooner. Is there anything similar?",
                )
                extra = money(rng, 10, 40)
                talk.say(
                    b,
                    f"There's a better model here. It's {extra} more, but I'll let you have it without paying the difference.",
                    f"Yes, this model. Normally it's {extra} more, but you needn't pay that.",
                    f"I have this one for {extra} more. You know what? Take it, it's on us.",
                )
                talk.note(
                    f"As the {noun} {word.be} sold out until {day}, {{B}} gives {{A}} a model worth {extra} more without charge.",
                    f"{{A}} cannot wait until {day} for an exchange and gets a better model at no extra cost.",
                    f"{{B}} has no more in stock and lets {{A}} have another model that usually costs {extra} more.",
                )
                talk.gist(
                    f"A customer gets a better model for faulty {noun}."
                    if plural
                    else f"A customer gets a better model for a faulty {noun}.",
                    f"A shop replaces {article} {noun} with a better model.",
                    "A complaint in a shop has a happy end.",
                )
                talk.say(
                    a,
                    "That's very generous. I'm a happy customer again!",
                    "Wow, really? Thank you so much.",
                    "Oh, I wasn't expecting that. Thanks a lot!",
                )


def _harmless(talk: Talk, noun: str, cause: str) -> None:
    """The shop assistant finds that the thing is in order."""
    a, b = talk.a, talk.b
    talk.say(
        b,
        "That's strange. May I have a look at it?",
        "Hmm, let me see. I'd like to check something first.",
        "Oh, that's unusual for this model. Can I take a quick look?",
    )
    talk.say(
        a,
        "Please do. I've tried everything I could think of.",
        "Go ahead, but I don't think it can be fixed.",
        "Sure. My whole family has had a go at it already.",
    )
    talk.say(
        b,
        f"Ah, I see what it is. Look here, {cause}. There, now it works.",
        f"Well, here's the answer: {cause}. Let me fix that, and off it goes.",
        f"I've found it. You see, {cause}. I've put that right, so try it now.",
    )
    talk.note(
        f"{{B}} examines the {noun}, finds that {cause}, and puts it right.",
        f"{{B}} discovers that {cause} and gets the {noun} working.",
        f"It turns out that {cause}, which {{B}} can fix at once.",
    )
    if talk.chance(0.6):
        talk.say(
            a,
            "Oh dear, how embarrassing! I'm so sorry for the trouble.",
            "Really? I feel so silly now. I should have read the instructions.",
            "Is that all? I can't believe I didn't notice. I do apologize.",
        )
        talk.say(
            b,
            "Don't worry, it happens at least once a week.",
            "No need to be sorry. I did the same with mine.",
            "It's nothing. The instructions aren't very clear, I know.",
        )
        talk.note(
            "{A} is embarrassed, but {B} says it doesn't matter.",
            "{A} feels bad about having troubled {B}, who is very understanding.",
            "{B} comforts {A}, who finds the mistake embarrassing.",
        )
        talk.say(
            a,
            "Thank you. I'll take it home again, then.",
            "You're very kind. Have a good day.",
            "Thanks. My family will have a good laugh.",
        )
    else:
        talk.say(
            a,
            "Oh, I see. Still, I'd rather give it back. Is that possible?",
            "Well, thanks, but I don't really like it anyway. Could I return it?",
            "Right. To be honest, I'd still like to return it, if I may.",
        )
        talk.say(
            b,
            "I'm sorry, but it isn't faulty, and it's been used. I can't take it back.",
            "Not when it's been used, I'm afraid, since there's nothing wrong with it.",
            "Sorry, we can't take back used goods that work.",
        )
        talk.note(
            f"{{A}} still wants to return the {noun}, but {{B}} cannot take back used goods that work.",
            f"{{B}} refuses to take the {noun} back because it has been used and isn't faulty.",
            f"Since the {noun} has been used and works, {{A}} isn't allowed to return it.",
        )
        talk.say(
            a,
            "All right, I'll keep it, then.",
            "Fair enough. Perhaps my sister would like it.",
            "I understand. Thanks for fixing it, anyway.",
        )
    talk.gist(
        f"A complaint about a {noun} turns out to be a mistake.",
        f"A shop assistant gets a customer's {noun} working.",
        f"A customer's {noun} proves not to be faulty.",
    )


def _too_late(talk: Talk, article: str, noun: str, word: SimpleNamespace, bought: str, day: str) -> None:
    """The time for returns is over, and only a repair is possible."""
    a, b = talk.a, talk.b
    limit = talk.pick(("two weeks", "twenty days", "thirty days", "four weeks"))
    talk.say(
        b,
        f"Oh, {bought}? I'm afraid we only take things back within {limit}.",
        f"I'm sorry, but if you bought {word.them} {bought}, it's too late for a refund. The limit is {limit}.",
        f"Let me check. {_capital(bought)}, you said? Returns are possible for {limit} only, unfortunately.",
    )
    talk.fact("How long does the shop take things back?", limit)
    talk.say(
        a,
        f"But I hardly used {word.them}! Can't you make an exception?",
        "That can't be right. Isn't there a guarantee?",
        f"Oh no. And what am I supposed to do with {word.them} now?",
    )
    talk.note(
        f"{{B}} explains that things can be returned within {limit} only.",
        f"{{A}} is too late for a refund because the shop's limit is {limit}.",
        f"As more than {limit} have passed, {{B}} cannot take the {noun} back.",
    )
    if talk.chance(0.4):
        cost = money(talk.rng, 10, 30)
        talk.say(
            b,
            f"We could repair {word.them}, but you'd have to pay {cost} for the work.",
            f"The repair shop upstairs can look at {word.them} for {cost}.",
            f"What I can offer is a repair. It would cost you {cost}.",
        )
        talk.fact("How much would the repair cost?", cost)
        if talk.chance(0.5):
            talk.say(
                a,
                f"{cost}? Well, that's cheaper than buying a new {word.kind}. Please do it.",
                "All right, I suppose I don't have a choice. Go ahead.",
                f"OK, let's do that. I'd hate to throw {word.them} away.",
            )
            talk.say(
                b,
                f"Good. You can collect {word.them} on {day}.",
                f"Fine, come back on {day}, please.",
                f"Thank you. It should be done by {day}.",
            )
            talk.note(
                f"{{A}} agrees to have the {noun} repaired for {cost} by {day}.",
                f"{{B}} offers a repair for {cost}, and {{A}} accepts it.",
                f"{{A}} will pay {cost} for a repair, which should be finished by {day}.",
            )
            talk.gist(
                f"A customer pays to have {article} {noun} repaired.",
                "A customer is too late for a refund.",
                f"Someone returns too late but gets {article} {noun} repaired.",
            )
        else:
            talk.say(
                a,
                f"{cost}! No, thank you. I'll ask a friend to fix {word.them}.",
                "That's too much for me. A friend of mine can do it for free.",
                "I'm not paying for that. I have a friend who repairs things.",
            )
            talk.note(
                f"{{B}} offers a repair for {cost}, but {{A}} would rather ask a friend.",
                f"{{A}} doesn't want to pay {cost} for a repair and will turn to a friend.",
                f"A repair would cost {cost}, which {{A}} refuses. A friend can do it instead.",
            )
            talk.say(
                b,
                "As you like. I'm sorry I can't do more for you.",
                "I understand. I hope your friend can fix it.",
                "That's all right. Good luck with it.",
            )
            talk.gist(
                f"A shop refuses to take back {article} {noun}.",
                "A customer is too late for a refund.",
                f"Someone fails to return {article} {noun}.",
            )
    else:
        talk.say(
            b,
            f"There is a one-year guarantee. We'll send {word.them} in, and the repair is free.",
            "Well, you've still got the guarantee, so the repair is free of charge.",
            f"You're right, there's the guarantee. The factory will mend {word.them} at no cost.",
        )
        talk.say(
            a,
            "I see. And how long does that take?",
            "OK, that's something. When would it be done?",
            "Good to know. How long would I have to wait?",
        )
        talk.say(
            b,
            f"Until {day} of next week, I'd say. We'll send you a message.",
            f"Everything should be back on {day} next week.",
            f"Normally about a week, so let's say {day} next week.",
        )
        talk.note(
            f"The {noun} will be repaired free of charge under the guarantee by {day} of next week.",
            f"{{B}} tells {{A}} that the guarantee covers the repair, which should be done by {day} next week.",
            f"Because of the guarantee, {{A}} can have the {noun} repaired for free and get {word.them} back next week.",
        )
        talk.say(
            a,
            "All right. Then I'll leave everything here with you.",
            "That's fine with me. Thank you.",
            "OK, I can manage without for a week.",
        )
        talk.gist(
            f"A customer has {article} {noun} repaired under guarantee.",
            "A customer is too late for a refund but gets a repair.",
            f"A shop arranges a free repair of {article} {noun}.",
        )


BIKES = (
    "mountain bike",
    "racing bike",
    "city bike",
    "folding bike",
    "touring bike",
    "gravel bike",
    "cargo bike",
    "trekking bike",
    "Dutch bike",
    "seven-speed bike",
    "commuter bike",
)
# Why the seller sells: as the seller says it and as told of the seller.
BIKE_REASONS = (
    ("I've bought an electric one", "has bought an electric one"),
    ("I take the bus to work now", "takes the bus to work now"),
    ("I need the space in the garage", "needs the space in the garage"),
    ("I've got two other bikes", "has got two other bikes"),
    ("I'm saving up for a car", "is saving up for a car"),
    ("I hardly have time to ride any more", "hardly has time to ride any more"),
    ("I work from home these days", "works from home these days"),
    ("I won a new one in a contest", "won a new one in a contest"),
    ("I've gone back to running", "has gone back to running"),
    ("I don't have a place to keep it", "doesn't have a place to keep it"),
    ("I got a new one for my birthday", "got a new one for a birthday"),
    ("I'm paying for a long trip abroad", "is paying for a long trip abroad"),
    ("I've been having trouble with my back", "has been having back trouble"),
)
# What is wrong with the bike: as a clause and as a thing that it has.
BIKE_FLAWS = (
    ("there's a long scratch on the frame", "a long scratch on the frame"),
    ("the brake pads are worn", "worn brake pads"),
    ("the back tire needs replacing", "a back tire that needs replacing"),
    ("the chain is a little rusty", "a slightly rusty chain"),
    ("the front light is broken", "a broken front light"),
    ("the saddle has a small tear", "a small tear in the saddle"),
    ("one of the pedals squeaks", "a squeaky pedal"),
    ("the gears slip now and then", "gears that slip now and then"),
    ("the kickstand is bent", "a bent kickstand"),
    ("the rear mudguard rattles", "a rattling rear mudguard"),
    ("the paint is coming off in places", "paint that is coming off in places"),
    ("the lock holder is missing", "no holder for the lock"),
)
# Why a buyer hesitates: as the buyer says it and as told of the buyer.
BIKE_DOUBTS = (
    ("my workshop would charge me a fortune to fix that", "the repair would cost a fortune"),
    ("I wanted something without any faults", "a bike without any faults would be better"),
    ("I know nothing about repairs", "repairing it would be too difficult"),
    ("I have to ride twenty miles a day", "it must be good enough for twenty miles a day"),
    ("it's for my daughter, and she's very picky", "it's for a daughter who is very picky"),
    ("it's a present, so it should be perfect", "it's meant as a perfect present"),
    ("I'd hoped for a newer one", "a newer one would be better"),
    ("my father thinks we should buy from a shop", "{B}'s father would rather buy from a shop"),
    ("I've got another one to look at tomorrow", "there is another one to look at tomorrow"),
)
BIKE_EXTRAS = (
    "a good lock",
    "a helmet",
    "a basket",
    "a set of lights",
    "an air pump",
    "a pair of saddlebags",
    "a child seat",
    "a phone holder",
    "a repair kit",
    "a water bottle",
)
# Why the bike must stay for now: as the buyer says it and as told of the buyer.
PICK_UP_REASONS = (
    ("I don't have that much cash on me", "{B} doesn't have enough cash now"),
    ("I have to borrow my brother's van first", "{B} has to borrow a van first"),
    ("it won't fit into my car", "it doesn't fit into {B}'s car"),
    ("I didn't bring my helmet", "{B} hasn't brought a helmet"),
    ("I'm on my way to work", "{B} is on the way to work"),
    ("I've got to meet a friend downtown now", "{B} has to meet a friend now"),
    ("I need to make room in my basement", "{B} needs to make room in the basement"),
    ("it looks like a storm is coming", "a storm seems to be coming"),
)
MEETING_PLACES = (
    "in front of the library",
    "outside the train station",
    "at the sports center",
    "by the fountain in the park",
    "at the school gate",
    "in front of the supermarket",
    "at the post office",
    "outside the town hall",
)


@scene
def selling_second_hand_bike(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    kind, colour = talk.pick(BIKES), talk.pick(COLOURS)
    reason, their_reason = talk.pick(BIKE_REASONS)
    if talk.chance(0.15):
        city = talk.pick(CITIES)
        reason, their_reason = f"I'm moving to {city} next month", f"is moving to {city} next month"
    flaw, flawed = talk.pick(BIKE_FLAWS)
    years = f"{talk.pick(NUMBER_WORDS)} years old"
    asked = rng.randrange(120, 341, 10)
    cut = talk.pick((20, 30, 40, 50))
    price, offer, middle = f"{asked} dollars", f"{asked - cut} dollars", f"{asked - cut // 2} dollars"
    day, time, place = talk.pick(DAYS), clock(rng, 9, 18), talk.pick(MEETING_PLACES)
    seller, buyer = two_different(rng, FIRST_NAMES)
    by_phone = talk.chance(0.5)
    named = talk.chance(0.5)
    talk.topic("second-hand bike sale", f"selling a {kind}", "buying a used bike", f"used {kind}")
    first_note: tuple[str, ...]
    if by_phone:
        hello = (
            f"Hello, {seller}? My name is {buyer}."
            if named
            else talk.pick(("Hello, good evening.", "Hi there.", "Good morning."))
        )
        talk.say(
            b,
            f"{hello} I'm calling about your ad for the {colour} {kind}. Is it still for sale?",
            f"{hello} I saw online that you're selling a {colour} {kind}. Is it still to be had?",
            f"{hello} It's about the {colour} {kind} in the paper. I hope it isn't gone. Is it still there?",
            f"{hello} A friend told me that you have a {colour} {kind} to sell. Is it still available?",
        )
        talk.say(
            a,
            f"Yes, it is. It's {years}, and I'm asking {price}.",
            f"It is, you're the first to call. I'd like {price} for it, and it's {years}.",
            f"Sure, it's here in my hall. It's {years}, and the price is {price}.",
        )
        first_note = (
            f"{{B}} calls {{A}} about a {colour} {kind} for sale, which costs {price}.",
            f"{{B}} phones to ask whether {{A}} still has the {colour} {kind}. It's {years} and costs {price}.",
            f"{{A}} has a {colour} {kind} for {price}, and {{B}} is interested in it.",
            f"{{A}} tells {{B}} on the phone that the {kind} is {years} and still for sale at {price}.",
        )
    else:
        hello = (
            f"Hi, you must be {buyer}. I'm {seller}."
            if named
            else talk.pick(("Hello, come in.", "Hi, you found the house.", "Good morning. Nice to meet you."))
        )
        talk.say(
            a,
            f"{hello} So this is the {colour} {kind}. It's {years}.",
            f"{hello} The {colour} {kind} is over here by the wall. It's {years}, but it doesn't look it.",
            f"{hello} Well, here's the {colour} {kind} from the ad. It's {years} now.",
            f"{hello} Let me bring out the {colour} {kind} for you. I should say that it's {years}.",
        )
        talk.say(
            b,
            "Oh, it looks even nicer than in the pictures. How much do you want for it?",
            "Thanks for having me. Hmm, very pretty. What's the price again?",
            "It's just the kind I've been looking for! And what does it cost?",
        )
        talk.say(a, f"I'm asking {price}.", f"I was thinking of {price}.", f"It's {price}, as I wrote in the ad.")
        first_note = (
            f"{{A}} shows {{B}} a {colour} {kind} that is for sale at {price}.",
            f"{{B}} comes to see {{A}}'s {colour} {kind}, which is {years} and costs {price}.",
            f"{{A}} wants {price} for a {colour} {kind}, and {{B}} has come to look at it.",
            f"{{B}} likes the {colour} {kind} and hears that {{A}} asks {price} for it.",
        )
    if named:
        first_note += (f"{buyer} is interested in {seller}'s {colour} {kind}, which is offered at {price}.",)
    talk.note(*first_note)
    talk.fact("How old is the bike?", years)
    talk.fact("How much does {A} ask for the bike?", price)

    if talk.chance(0.4):
        talk.say(
            b, "May I ask why you're selling it?", "And why do you want to get rid of it?", "I see. Don't you need it any more?"
        )
        talk.say(
            a,
            f"Well, {reason}, and I'd rather see somebody use it.",
            f"It's simple: {reason}.",
            f"Oh, {reason}. I'll miss it, though.",
        )
        talk.note(
            f"{{A}} is selling the bike because {{A}} {their_reason}.",
            f"Asked for the reason, {{A}} says that {{A}} {their_reason}.",
            f"{{B}} learns that {{A}} {their_reason} and therefore sells the bike.",
            major=False,
        )
    talk.say(
        b,
        "And is it in good shape? Is there anything I should know?",
        "What about its condition? Does everything work?",
        "Tell me honestly, is anything wrong with it?",
    )
    talk.say(
        a,
        f"It rides very well, but {flaw}.",
        f"To be honest, {flaw}. Everything else is fine.",
        f"Hmm, the only thing is that {flaw}.",
    )
    talk.note(
        f"{{A}} admits that the bike has {flawed}.",
        f"{{B}} asks about the condition of the bike and is told that {flaw}.",
        f"The bike is all right, {{A}} says, except that it has {flawed}.",
    )

    course = rng.random()
    if course < 0.14:
        talk.say(
            b,
            "I don't mind that. I'd like to have it.",
            "That's no problem for me. I'll buy it.",
            "I can deal with that. So, can I have it?",
        )
        talk.say(
            a,
            f"The thing is, I've promised it to somebody who is coming on {day}. If he changes his mind, it's yours.",
            f"Well, another buyer has reserved it until {day}. I'll let you know if he doesn't come.",
            f"I have to be fair: a neighbor asked first, and he'll decide by {day}. You'd be next.",
        )
        talk.note(
            f"{{B}} wants the bike, but someone else has the first choice until {day}.",
            f"{{A}} has to wait for another buyer until {day} before selling to {{B}}.",
            f"Another person was first, so {{B}} can only have the bike if that person drops out on {day}.",
        )
        talk.say(
            b,
            "OK, please call me either way.",
            "I see. I'll keep my fingers crossed, then.",
            "Fair enough. You have my number, right?",
        )
        talk.gist(
            "A used bike is already promised to another buyer.",
            f"Someone has to wait for a used {kind}.",
            "A buyer is second in line for a bike.",
        )
        return
    if course < 0.3:
        why = talk.pick(BIKE_DOUBTS)
        talk.say(
            b,
            f"Hmm, I'm sorry, but {why[0]}. I don't think it's right for me.",
            f"Oh, I see. You know, {why[0]}, so I'd better not take it.",
            f"Well, thanks for being honest. I'll pass, because {why[0]}.",
        )
        talk.say(
            a,
            f"What if I gave it to you for {offer}?",
            f"Would you change your mind at {offer}?",
            f"I could let it go for {offer}. How does that sound?",
        )
        if talk.chance(0.5):
            talk.say(
                b, "No, thanks, it isn't about the money.", "That's nice of you, but no.", "Thank you, but I'll keep looking."
            )
            talk.note(
                f"{{B}} doesn't want the bike because {why[1]}, not even for {offer}.",
                f"Although {{A}} goes down to {offer}, {{B}} declines, saying that {why[1]}.",
                f"{{A}} offers the bike for {offer}, but {{B}} still refuses since {why[1]}.",
            )
            talk.say(
                a,
                "No hard feelings. Good luck with your search.",
                "That's all right. Somebody else will like it.",
                "I understand. Thanks for your interest.",
            )
            talk.gist(
                "A used bike does not find a buyer.",
                f"Someone decides not to buy a used {kind}.",
                f"A {kind} for sale does not suit the buyer.",
            )
            return
        talk.say(
            b,
            f"For {offer}? That changes things. All right, I'll have it.",
            f"Well, at {offer} I can't say no.",
            f"{_capital(offer)}? OK, then I'll buy it.",
        )
        talk.note(
            f"{{B}} hesitates because {why[1]}, but buys the bike when {{A}} goes down to {offer}.",
            f"With a new price of {offer}, {{A}} persuades {{B}}, who first says that {why[1]}.",
            f"After {{A}} lowers the price to {offer}, {{B}} takes the bike in spite of some doubts.",
        )
        final = offer
    elif course < 0.45:
        talk.say(
            b,
            "That doesn't bother me. I think your price is fair.",
            "Oh, I can fix that myself. I'll pay what you ask.",
            "I don't mind at all. The price is OK with me.",
        )
        talk.note(
            f"{{B}} doesn't mind and is willing to pay the full {price}.",
            f"{{B}} finds the price of {price} fair and takes the bike.",
            f"Without any bargaining, {{B}} agrees to buy the bike for {price}.",
        )
        final = price
    else:
        talk.say(
            b,
            f"I'll have to spend some money on that. Would you take {offer}?",
            f"In that case, how about {offer}?",
            f"Hmm. I could give you {offer}, then.",
        )
        if course < 0.6:
            talk.say(
                a,
                "Well, I want it to go to a good home. Agreed.",
                "All right, since you asked so nicely.",
                "OK, you've got yourself a bike.",
            )
            talk.say(
                b,
                "Oh, thank you! I didn't think you'd say yes.",
                "Great, I'm really pleased.",
                "That's very kind of you. It's a deal, then.",
            )
            talk.note(
                f"{{B}} offers {offer} instead of {price}, and {{A}} accepts.",
                f"They agree on {offer}, which is less than {{A}} first wanted for the bike.",
                f"{{A}} is ready to sell the bike to {{B}} for {offer}.",
            )
            final = offer
        elif course < 0.75:
            talk.say(
                a,
                f"That's a bit low. Let's meet in the middle and say {middle}.",
                f"I can't go that far down. What about {middle}?",
                f"Hmm, make it {middle}, and we have a deal.",
            )
            talk.say(
                b, f"OK, {middle} it is.", f"{_capital(middle)}, fine. I'm happy with that.", "Deal. I won't argue any more."
            )
            talk.note(
                f"{{B}} offers {offer}, and they settle on {middle} in the end.",
                f"After some bargaining, {{A}} and {{B}} agree on {middle}.",
                f"{{A}} finds {offer} too low, so {{B}} will pay {middle}.",
            )
            final = middle
        elif course < 0.88:
            extra = talk.pick(BIKE_EXTRAS)
            talk.say(
                a,
                f"No, I'd like to stay at {price}. But you can have {extra} as well, for free.",
                f"I can't do that, sorry. What if I add {extra} and we keep the price?",
                f"The price isn't going to change, but I'd throw in {extra}.",
            )
            talk.say(
                b,
                f"Oh, I need {extra} anyway. All right!",
                "That's a good offer. I'll take it.",
                "Really? Then I won't complain. It's a deal.",
            )
            talk.note(
                f"{{A}} doesn't lower the price but adds {extra}, and {{B}} agrees.",
                f"Instead of a discount, {{B}} gets {extra} with the bike.",
                f"{{B}} offers {offer}, but in the end pays the full price and receives {extra} for free.",
            )
            final = price
        else:
            talk.say(
                a,
                f"Sorry, I've had two other calls today. It's {price} or nothing.",
                "No, I know what it's worth. I won't go below my price.",
                f"I'm afraid not. I'll wait until somebody pays {price}.",
            )
            talk.note(
                f"{{B}} offers {offer}, but {{A}} insists on {price}.",
                f"{{A}} refuses to sell the bike for {offer}.",
                f"{{A}} isn't ready to go below {price}, although {{B}} bargains.",
            )
            talk.say(
                b,
                "Then I'm out, I'm afraid. I can't spend that much.",
                "That's too bad. It's more than I've got.",
                "I understand, but that's over my limit. Thanks anyway.",
            )
            talk.say(
                a,
                "No problem. Call me if you change your mind.",
                "That's fine. I hope you find another one.",
                "OK, all the best to you.",
            )
            talk.note(
                "{B} doesn't buy the bike because it's too expensive.",
                "As this is more than {B} can spend, the sale falls through.",
                "The bike costs too much for {B}, so they don't come to an agreement.",
            )
            talk.gist(
                "A buyer and a seller cannot agree about a bike.",
                f"A used {kind} is too expensive for a buyer.",
                "Bargaining for a used bike fails.",
            )
            return
    talk.gist(
        f"Someone sells a used {kind} for {final}.",
        f"A {colour} {kind} changes hands after a talk.",
        f"Two people agree on the sale of a {kind}.",
    )
    if by_phone:
        talk.say(
            a,
            f"Great. Shall we meet {place} on {day} at {time}?",
            f"Wonderful. I could bring it on {day} at {time}. Let's meet {place}.",
            f"Good. Can you be {place} on {day}, say, at {time}?",
        )
        talk.say(
            b,
            "Sure, I'll bring the money in cash.",
            "That suits me fine. I'll have the cash with me.",
            "OK, no problem. I'll pay cash, of course.",
        )
        talk.note(
            f"They will meet {place} on {day} at {time}, and {{B}} will pay cash.",
            f"{{A}} will hand over the bike on {day} at {time} {place}.",
            f"{{B}} is to bring the cash when they meet {place} on {day} at {time}.",
        )
        talk.fact("When will they meet?", day)
        return
    talk.say(
        a,
        "Great. Do you want to take it with you now?",
        "Good. Are you going to ride it home?",
        "Fine. Would you like to have it right away?",
    )
    if talk.chance(0.45):
        talk.say(
            b,
            "Yes, here's the money. I'll ride it home.",
            "Of course. I've got the cash here, so I can ride home on it.",
            "Sure, I came by bus so that I could ride it back. Here's the cash.",
        )
        talk.note(
            "{B} pays at once and rides the bike home.",
            "{A} gets the money right away, and {B} goes home on the bike.",
            "{B} hands over the cash and takes the bike along.",
        )
        talk.say(a, "Enjoy it, and ride carefully!", "Thank you. Have fun with it.", "Thanks, and take care on the road.")
        return
    problem, told = talk.pick(PICK_UP_REASONS)
    talk.say(
        b,
        f"Not yet, because {problem}. Can I pick it up on {day} at {time}?",
        f"I'd love to, but {problem}. Would {day} at {time} be OK?",
        f"Sorry, {problem}. I could come back on {day} at {time}.",
    )
    talk.say(
        a, "That's fine. I'll be at home.", "Sure, I'll have it ready for you.", "No problem. I won't sell it to anybody else."
    )
    talk.note(
        f"{{B}} will pick up the bike on {day} at {time} because {told}.",
        f"As {told}, {{B}} cannot take the bike along and will come back on {day} at {time}.",
        f"{{A}} will keep the bike for {{B}} until {day}, since {told}.",
    )
    talk.fact("When does {B} want to pick up the bike?", day)


# Flowers, all plural.
FLOWERS = (
    "red roses",
    "white roses",
    "white lilies",
    "yellow tulips",
    "pink carnations",
    "sunflowers",
    "purple irises",
    "white daisies",
    "pink peonies",
    "daffodils",
    "orange gerberas",
    "blue anemones",
    "pink tulips",
    "yellow roses",
    "freesias",
    "dahlias",
)
QUANTITIES = ("a dozen", "fifteen", "two dozen", "twenty", "thirty", "a big bunch of", "a small bunch of", "a basket of")
FLOWER_PEOPLE = (*RELATIVES, "neighbor", "boss", "best friend", "teacher", "colleague", "roommate", "niece", "nephew", "coach")
FLOWER_EVENTS = (
    "birthday",
    "birthday",
    "farewell party",
    "housewarming",
    "garden party",
    "piano recital",
    "art exhibition",
    "book launch",
    "graduation",
    "award ceremony",
    "welcome-home party",
    "engagement party",
)
FLOWER_SHOPS = (
    "Green Leaf Flowers",
    "the Rose Corner",
    "Petals and More",
    "Sunny Blooms",
    "the Tulip House",
    "Wild Meadow Florist",
    "the Flower Basket",
    "Daisy Lane Flowers",
    "Bloom and Bow",
    "the Little Garden",
)
CARD_WORDS = (
    "Congratulations",
    "With all my love",
    "Have a wonderful day",
    "Thinking of you",
    "We're proud of you",
    "All the best from everyone at home",
    "Enjoy your big day",
    "Thank you for everything",
    "Best wishes",
    "To the best in the world",
)
FLOWER_EXTRAS = (
    "a glass vase",
    "a box of chocolates",
    "a balloon",
    "a small teddy bear",
    "a bottle of champagne",
    "a scented candle",
    "a jar of honey",
    "a tin of cookies",
)


@scene
def ordering_flowers_by_phone(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    caller, shop = full_name(rng), talk.pick(FLOWER_SHOPS)
    flowers = talk.pick(FLOWERS)
    other = talk.pick([other for other in FLOWERS if other.split()[-1] != flowers.split()[-1]])
    quantity, person, event = talk.pick(QUANTITIES), talk.pick(FLOWER_PEOPLE), talk.pick(FLOWER_EVENTS)
    day, other_day = two_different(rng, DAYS)
    price = money(rng, 30, 95)
    talk.topic(
        "ordering flowers",
        "flowers by phone",
        f"flowers for a {event}" if event[0] not in "aeiou" else f"flowers for an {event}",
        f"order of {flowers}",
    )

    if talk.chance(0.3):
        talk.say(
            a,
            f"Hello, is that {shop}? My name is {caller}.",
            f"Hi, {caller} here. Have I reached {shop}?",
            f"Good afternoon, this is {caller}. Am I speaking to {shop}?",
            f"Hello, I'm trying to reach {shop}. My name's {caller}.",
        )
        talk.say(
            b,
            "Yes, that's right. What can I do for you?",
            "Yes, it's the right number. How can I help you?",
            "Yes, hello. Would you like to place an order?",
        )
        hello = ""
    else:
        talk.say(
            b,
            f"Good morning, {shop}. What can I do for you?",
            f"Hello, {shop}, how can I help you?",
            f"Thanks for calling {shop}. Do you want to order something?",
            f"Good afternoon, you've reached {shop}. How may I help?",
        )
        hello = talk.pick((f"Hello, my name is {caller}. ", f"Hi, this is {caller}. ", f"Good day, {caller} speaking. "))
    talk.say(
        a,
        f"{hello}I'd like to have {quantity} {flowers} delivered on {day}, for my {person}'s {event}.",
        f"{hello}It's my {person}'s {event} on {day}, and I want to send {quantity} {flowers}.",
        f"{hello}Could you deliver {quantity} {flowers} on {day}? They're for my {person}'s {event}.",
        f"{hello}My {person}'s {event} is on {day}, and I can't be there. So I'm thinking of {quantity} {flowers}.",
    )
    talk.note(
        f"{{A}} calls a flower shop to order {quantity} {flowers} for {day}.",
        f"{caller} wants to have {quantity} {flowers} sent for the {event} of {{A}}'s {person} on {day}.",
        f"{{A}} would like {{B}} to deliver {quantity} {flowers} because of {{A}}'s {person}'s {event}.",
        f"It's {{A}}'s {person}'s {event} on {day}, so {{A}} wants to order {flowers} by phone.",
        f"{caller} phones {{B}}'s flower shop and asks for {quantity} {flowers}.",
    )
    talk.fact("Who is calling the flower shop?", caller)

    course = rng.random()
    if course < 0.5:
        talk.say(
            b,
            f"What a lovely idea. That comes to {price}, delivery included.",
            f"With pleasure. We got fresh ones this morning. It would be {price} with delivery.",
            f"Certainly. Let me see, together with the delivery, that's {price}.",
        )
        talk.fact("How much does {B} ask for the flowers at first?", price)
        if talk.chance(0.35):
            cheaper = f"{int(price.split()[0]) - talk.pick((6, 8, 10, 12, 15))} dollars"
            talk.say(
                a,
                "Oh, I didn't think it would be that much. Is there a cheaper way?",
                "Hmm, that's over my budget. Can we do something about it?",
                f"{price}? I wanted to spend a little less, to be honest.",
            )
            talk.say(
                b,
                f"I could mix in some green and make it {cheaper}.",
                f"If we use fewer flowers and more leaves, it's {cheaper}.",
                f"How about a slightly smaller arrangement for {cheaper}?",
            )
            talk.note(
                f"{{A}} thinks {price} is too much, so {{B}} suggests a simpler arrangement for {cheaper}.",
                f"The price of {price} is over {{A}}'s budget, and {{B}} finds a way to make it {cheaper}.",
                f"{{B}} first asks for {price} but can do it for {cheaper} with fewer flowers.",
            )
            talk.say(
                a, "Yes, that sounds much better.", "Perfect, let's do it like that.", "Good. I'm sure it will look nice, too."
            )
        else:
            talk.say(a, "That's fine with me.", "Good, I thought it would be more.", "All right, that's within my budget.")
            talk.note(
                f"{{B}} says it costs {price} with delivery, and {{A}} agrees.",
                f"The order comes to {price} including delivery, which suits {{A}}.",
                f"{{A}} is happy with the price of {price} for flowers and delivery.",
            )
    elif course < 0.75:
        talk.say(
            b,
            f"I'm sorry, we don't have any {flowers} this week. May I suggest {other} for {price}?",
            f"Oh, I'm afraid the {flowers} have all gone. The {other} are beautiful now, and they'd be {price}.",
            f"Hmm, {flowers} are hard to get at the moment. I could do {other} for {price}.",
        )
        talk.fact("Which flowers does the florist suggest instead?", other)
        talk.say(
            a,
            f"Oh, {other} are nice, too. Let's take those.",
            f"Why not? My {person} likes {other} as well.",
            f"Well, if that's so, then {other} it is.",
        )
        talk.note(
            f"{{B}} has no {flowers} and suggests {other} for {price}, which {{A}} accepts.",
            f"As there are no {flowers}, {{A}} agrees to have {other} instead.",
            f"{{A}} has to change the order and chooses {other} on {{B}}'s advice.",
            f"{caller} takes {other} for {price} because the shop doesn't have {flowers}.",
        )
        flowers = other
    else:
        talk.say(
            b,
            f"I'm so sorry, but there are no {flowers} to be had. Would {other} be all right?",
            f"Unfortunately, our {flowers} didn't come in this week. Do you like {other}?",
            f"We've run out of {flowers}, I'm afraid. How about {other}?",
        )
        talk.say(
            a,
            f"No, my {person} is allergic to those. Do you have anything else?",
            f"I'd rather not. My {person} can't stand the smell of {other}.",
            f"Hmm, {other} were what I sent last time. What else is there?",
        )
        if talk.chance(0.6):
            talk.say(
                b,
                f"Then let me make a colorful mixed bouquet for {price}.",
                f"I could put together a mixed bouquet of spring flowers for {price}.",
                f"Our mixed bouquet for {price} is very popular.",
            )
            talk.say(
                a,
                "That's a wonderful idea. Please do that.",
                "Oh, yes, that would be just right.",
                "All right, I'll trust your good taste.",
            )
            talk.note(
                f"{{A}} doesn't want {other} instead and settles on a mixed bouquet for {price}.",
                f"{{B}} has no {flowers}. In the end, {{A}} orders a mixed bouquet that costs {price}.",
                f"After turning down {other}, {{A}} agrees to a mixed bouquet.",
            )
            flowers = "a mixed bouquet"
        else:
            talk.say(
                b,
                "Not much, I'm afraid. There was a big wedding here yesterday.",
                "Very little today. The truck from the market had an accident.",
                "To tell the truth, the shop is almost empty. We had a run of orders.",
            )
            talk.note(
                f"{{B}} has run out of {flowers} and has little else, and {{A}} doesn't want {other}.",
                f"{{A}} doesn't care for {other}, the only thing that {{B}} suggests in place of {flowers}.",
                f"There are no {flowers}, and {{A}} turns down {{B}}'s suggestion of {other}.",
            )
            talk.say(
                a,
                "I see. Then I'd better try another shop.",
                "What a pity. I'll have to call somebody else.",
                "OK, I'll ask at the florist's near my office, then.",
            )
            talk.say(
                b,
                "I understand. I'm sorry we couldn't help you this time.",
                "Of course. I hope you find what you're looking for.",
                "That's fine. Please think of us next time.",
            )
            talk.note(
                "{A} will try to get the flowers from another florist.",
                "So {A} decides to ask somewhere else, and {B} understands.",
                f"{caller} doesn't place an order and will turn to a different shop.",
            )
            talk.gist(
                "A flower shop cannot take an order by phone.",
                "A caller does not get the flowers asked for.",
                f"Someone calls a florist about {flowers} in vain.",
            )
            return

    talk.gist(
        f"Someone orders flowers for {'an' if person[0] in 'aeiou' else 'a'} {person}'s {event}.",
        f"A florist takes an order for {flowers}.",
        "A caller orders flowers from a shop.",
    )
    delivery = rng.random()
    number, street = rng.randint(2, 98), talk.pick(STREETS)
    address = f"{number} {street}"
    if delivery < 0.5:
        time = clock(rng, 9, 16)
        talk.say(
            b,
            "Great. Where should we take the flowers, and when?",
            "Good. Could I have the address and the time, please?",
            "Lovely. What's the address, and what time suits you?",
        )
        talk.say(
            a,
            f"It's {address}. Please come around {time}.",
            f"To {address}, at {time} if possible.",
            f"The address is {address}, and {time} would be best.",
        )
        talk.note(
            f"The flowers should be delivered to {address} at about {time}.",
            f"{{A}} gives the address, {address}, and asks for delivery around {time}.",
            f"{{B}} is to bring the flowers to {address} at about {time}.",
        )
        talk.fact("Where should the flowers be delivered?", address)
    else:
        talk.say(
            b,
            f"Now, about {day}. I'm sorry, but all our delivery slots are taken.",
            f"There's one problem: our driver is off on {day}.",
            f"Just a moment, I see that we can't deliver on {day}. The van is being repaired.",
        )
        if delivery < 0.75:
            time = clock(rng, 9, 17)
            talk.say(
                a,
                f"Then I'll collect the flowers myself. Can I come at {time} on {day}?",
                f"That's all right, I could pick them up on {day} at {time}."
                if flowers != "a mixed bouquet"
                else f"That's all right, I could pick it up on {day} at {time}.",
                f"Oh. Well, what if I come by on {day} at {time} and get everything myself?",
            )
            talk.say(
                b,
                "Sure, we'll have everything ready.",
                "Of course. Thank you for understanding.",
                "That would be perfect. I'll keep it all in the cool room.",
            )
            talk.note(
                f"As {{B}} cannot deliver on {day}, {{A}} will collect the flowers at {time}.",
                f"There's no delivery on {day}, so {{A}} is going to pick up the flowers in person.",
                f"{{A}} decides to fetch the flowers at {time} on {day} because the shop cannot bring them.",
                f"{caller} will come to the shop on {day} at {time}, since delivery isn't possible.",
            )
        elif delivery < 0.9:
            talk.say(
                a,
                f"Oh dear. And what about {other_day}?",
                f"Could you do it on {other_day} instead?",
                f"Hmm, {other_day} would also be OK, I suppose. Is that possible?",
            )
            talk.say(
                b,
                f"Yes, {other_day} is no problem at all. Where to?",
                f"{other_day} works. What's the address?",
                f"Let me look. {other_day} is free. May I have the address?",
            )
            talk.say(
                a,
                f"It's {address}, the house with the green door.",
                f"{address}, please. The bell is on the left.",
                f"Please send them to {address}." if flowers != "a mixed bouquet" else f"Please send it to {address}.",
            )
            talk.note(
                f"{{B}} cannot deliver on {day}, so the flowers will go to {address} on {other_day}.",
                f"The delivery to {address} is moved from {day} to {other_day}.",
                f"{{A}} accepts {other_day} for the delivery because {day} isn't possible.",
            )
            talk.fact("On which day will the flowers be delivered?", other_day)
        else:
            talk.say(
                a,
                f"But it must be {day}! Is there really no way?",
                f"Oh no. It's no use on any other day than {day}.",
                f"That's terrible. I was counting on {day}.",
            )
            talk.say(
                b,
                "Well, I live around there. I'll take them with me after work."
                if flowers != "a mixed bouquet"
                else "Well, I live around there. I'll take it with me after work.",
                "You know what? I'll take everything there myself when we've closed.",
                "Don't worry. I'll bring everything over myself in the evening.",
            )
            talk.note(
                f"The shop has no delivery on {day}, but {{B}} will bring the flowers personally.",
                f"Because {{A}} insists on {day}, {{B}} kindly offers to bring the flowers after work.",
                f"{{B}} promises to take the flowers there in person as {{A}} needs them on {day}.",
            )
    last = talk.utterances[-1][0]
    if last == a and len(talk.utterances) < 11 and talk.chance(0.7):
        if talk.chance(0.55):
            words = talk.pick(CARD_WORDS)
            talk.say(
                b, "Would you like to add a card?", "And what shall I write on the card?", "Is there a message to go with it?"
            )
            talk.say(a, f'Please write "{words}".', f'Just put "{words}", please.', f'Let me think. How about "{words}"?')
            talk.note(
                f'The card that comes with the flowers will say "{words}".',
                f'{{A}} wants the words "{words}" on the card.',
                f'{{B}} will write "{words}" on a card for {{A}}.',
                major=False,
            )
        else:
            extra = talk.pick(FLOWER_EXTRAS)
            talk.say(
                b,
                f"Can I interest you in {extra} to go with that?",
                f"Would you like to add {extra}?",
                f"Many people order {extra} as well. How about you?",
            )
            if talk.chance(0.5):
                talk.say(a, "Oh, yes, that's a nice touch.", "Good thinking. Please add that.", "Why not? Yes, put it in.")
                talk.note(
                    f"{{A}} agrees to add {extra} to the order.",
                    f"{{B}} will also send {extra} with the flowers.",
                    f"{{A}} likes the idea of {extra} as well.",
                    major=False,
                )
            else:
                talk.say(
                    a,
                    "No, thank you. The flowers will do.",
                    "Thanks, but I'd like to keep it simple.",
                    "No, that won't be necessary.",
                )
                talk.note(
                    f"{{A}} doesn't want to add {extra} to the flowers.",
                    f"{{B}} also offers {extra}, but {{A}} declines.",
                    f"{{A}} thinks that {extra} won't be necessary.",
                    major=False,
                )
    if talk.utterances[-1][0] == a:
        talk.say(
            b,
            f"Thank you for your order, {caller.split()[0]}.",
            "Everything is written down. Thanks for your call.",
            "Very good. You can pay online, I'll send you a link.",
        )
    else:
        talk.say(a, "Thank you so much. Goodbye.", "Great, I'm very grateful. Bye.", "That's wonderful. Have a nice day.")
