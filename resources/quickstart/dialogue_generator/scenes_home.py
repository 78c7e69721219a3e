"""Scenes of finding a home and keeping it in repair."""

from __future__ import annotations

from .core import Talk, scene
from .pools import DAYS, FIRST_NAMES, LAST_NAMES, MONTHS, clock, formal_name, money, two_different

STREETS = (
    "Maple Street",
    "Station Road",
    "Park Avenue",
    "Bridge Street",
    "Mill Lane",
    "Garden Road",
    "Church Street",
    "Harbour Street",
    "Elm Avenue",
    "Hill Road",
    "Market Square",
    "Orchard Lane",
    "River Street",
    "School Road",
    "Chestnut Drive",
    "Castle Street",
)
FLOORS = ("ground floor", "first floor", "second floor", "third floor", "fourth floor", "fifth floor", "sixth floor", "top floor")
MERITS = (
    "a balcony facing south",
    "a brand-new kitchen",
    "big windows and lots of light",
    "a fireplace that still works",
    "a view over the park",
    "wooden floors in every room",
    "a shared garden at the back",
    "a large bathroom with a bathtub",
    "a parking space in the yard",
    "a cellar for bicycles",
    "built-in wardrobes",
    "a washing machine already in place",
    "high ceilings",
    "a little roof terrace",
    "a storage room off the hall",
)
FLAWS = (
    ("it's rather noisy with all that traffic", "the noise of the traffic"),
    ("the kitchen is tiny", "the tiny kitchen"),
    ("it's quite dark in here", "the darkness of the rooms"),
    ("there's a damp patch on the ceiling", "a damp patch on the ceiling"),
    ("the bathroom looks very old", "the old bathroom"),
    ("the windows don't close properly", "windows that do not close properly"),
    ("it smells of cigarettes", "the smell of cigarettes"),
    ("the walls need some paint", "the walls, which need paint"),
    ("the second bedroom is very narrow", "the narrow second bedroom"),
    ("the carpet is full of stains", "the stained carpet"),
    ("I can hear the neighbours' television", "the sound of the neighbours' television"),
    ("it's pretty chilly in the living room", "the chilly living room"),
)
REMEDIES = {
    "the noise of the traffic": ("the landlord is putting in thicker windows", "thicker windows will be put in"),
    "the tiny kitchen": ("the landlord is going to take out that wall", "a wall will be taken out"),
    "the darkness of the rooms": ("the tree outside is going to be cut back", "the tree outside will be cut back"),
    "a damp patch on the ceiling": ("the pipe behind it is being repaired this week", "the pipe behind it is being repaired"),
    "the old bathroom": ("a new one is going in soon", "a new bathroom will be put in"),
    "windows that do not close properly": ("a carpenter is coming to fix them", "a carpenter will fix the windows"),
    "the smell of cigarettes": ("the rooms will all be cleaned and painted", "the rooms will be cleaned and painted"),
    "the walls, which need paint": ("the painters are booked for next week", "painters will come the following week"),
    "the narrow second bedroom": ("the landlord plans to move that wall", "the wall will be moved"),
    "the stained carpet": ("a new carpet has already been ordered", "a new carpet has been ordered"),
    "the sound of the neighbours' television": ("those neighbours are moving out soon", "the neighbours are moving out"),
    "the chilly living room": ("new radiators are going in soon", "new radiators will be put in"),
}
# Merits that a flat with this flaw, or on the ground floor, cannot have.
CLASHES = {
    "it's quite dark in here": ("big windows and lots of light", "a balcony facing south"),
    "the kitchen is tiny": ("a brand-new kitchen",),
    "the bathroom looks very old": ("a large bathroom with a bathtub",),
    "the carpet is full of stains": ("wooden floors in every room",),
    "it's pretty chilly in the living room": ("a fireplace that still works",),
    "the windows don't close properly": ("big windows and lots of light",),
}
HIGH_UP = ("a view over the park", "a little roof terrace", "a balcony facing south")
NEARBY = (
    "the underground station is five minutes away",
    "there's a bakery right downstairs",
    "the supermarket is across the street",
    "there are two good schools nearby",
    "the bus to the centre stops at the corner",
    "the park is just behind the house",
    "there's a swimming pool down the road",
    "the university is ten minutes by bike",
    "there's a doctor's surgery next door",
    "the library is around the corner",
    "the river path starts at the end of the street",
    "the weekly market is two minutes away",
)
PETS = ("a cat", "a small dog", "two cats", "an old dog", "a rabbit", "a parrot", "two guinea pigs", "an elderly cat")
PROBLEMS = (
    # what is said, what the summary says after "because", and the thing in two or three words
    ("the kitchen sink is blocked and the water won't go down", "the kitchen sink is blocked", "a blocked sink"),
    ("water is dripping through the bathroom ceiling", "water is dripping through the bathroom ceiling", "a dripping ceiling"),
    ("the toilet won't stop running", "the toilet keeps running", "a running toilet"),
    ("there's no hot water in the whole house", "there is no hot water", "a hot-water failure"),
    ("a pipe under the washbasin is leaking", "a pipe under the washbasin is leaking", "a leaking pipe"),
    ("the shower drain is completely clogged", "the shower drain is clogged", "a clogged drain"),
    ("the boiler is making a terrible banging noise", "the boiler is banging loudly", "a noisy boiler"),
    ("the tap in the bathtub drips day and night", "the bathtub tap keeps dripping", "a dripping tap"),
    ("the radiator in the bedroom is leaking", "the bedroom radiator is leaking", "a leaking radiator"),
    ("the dishwasher has flooded the kitchen floor", "the dishwasher has flooded the kitchen", "a flooded kitchen"),
    ("hardly any water comes out of the taps", "the water pressure is very low", "weak water pressure"),
    ("the outside pipe has burst in the frost", "an outside pipe has burst", "a burst pipe"),
)
URGENT = ("a dripping ceiling", "a burst pipe", "a flooded kitchen", "a leaking pipe")
LEAKS = (*URGENT, "a leaking radiator", "a dripping tap")
SINCE_TODAY = (
    "since last night",
    "since this morning",
    "for an hour",
    "for about three hours",
    "since noon",
    "since I got up",
    "for half an hour",
    "since I came home",
)
SINCE = (
    "since last night",
    "since this morning",
    "for two days",
    "since the weekend",
    "for a week",
    "since yesterday afternoon",
    "for about three hours",
    "since we came back from our holiday",
    "since the start of the month",
    "for three days now",
)
ADVICE_LEAK = (
    ("turn off the main valve", "turn off the main valve"),
    ("shut the water off at the meter", "shut the water off at the meter"),
    ("put a bucket under it and keep an eye on it", "put a bucket under it"),
    ("keep the water turned off", "keep the water turned off"),
    ("take a few photos of it for your insurance", "take photos for the insurance"),
    ("put some old towels on the floor", "put old towels on the floor"),
)
ADVICE = (
    ("leave it alone, without using any tools on it", "use no tools on it"),
    ("clear away anything that stands in front of it", "clear away the things in front of it"),
    ("have the key to the cellar ready", "have the key to the cellar ready"),
    ("find out where the main valve is", "find out where the main valve is"),
    ("take a photo and send it to me", "take a photo and send it"),
    ("write down the model, if you can find it", "write down the model"),
)
TRADES = ("Plumbing", "Plumbers", "Pipes and Heating", "Bathroom Services", "Water and Heating")


@scene
def viewing_a_flat(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    agent, tenant = f"{talk.pick(('Mr.', 'Ms.', 'Mrs.'))} {talk.pick(LAST_NAMES)}", talk.pick(FIRST_NAMES)
    bedrooms = talk.pick(("one bedroom", "two bedrooms", "three bedrooms", "two small bedrooms", "one large bedroom"))
    street, floor = talk.pick(STREETS), talk.pick(FLOORS)
    rent = money(rng, 600, 1900, 25)
    merit, other_merit = two_different(rng, MERITS)
    flaw, flaw_reported = talk.pick(FLAWS)
    while ("second bedroom" in flaw and "one" in bedrooms) or merit in CLASHES.get(flaw, ()):
        flaw, flaw_reported = talk.pick(FLAWS)
    if floor == "ground floor" and merit in HIGH_UP:
        floor = "top floor"
    nearby = talk.pick(NEARBY)
    month = talk.pick(MONTHS)
    day = talk.pick(DAYS)
    talk.topic("viewing a flat", "renting a flat", f"flat in {street}", "looking for a home", "flat for rent")
    if talk.chance(0.5):
        talk.say(
            b,
            f"Hello, you must be {tenant}. I'm {agent}, the letting agent. Did you find {street} all right?",
            f"Good morning, I'm {agent}. You're {tenant}, here to see the flat in {street}, aren't you?",
            f"{tenant}, is it? Nice to meet you, my name's {agent}. So this is the flat in {street} that you rang about.",
            f"Welcome to {street}, {tenant}. I'm {agent}, we spoke on the phone.",
        )
        talk.say(
            a,
            f"Yes, nice to meet you. The flat has {bedrooms}, is that right?",
            f"Yes, and thanks for making time for me. The advert says {bedrooms}, doesn't it?",
            f"Yes, pleased to meet you. I'm quite excited. So there's {bedrooms} in all?"
            if bedrooms.startswith("one")
            else f"Yes, pleased to meet you. I'm quite excited. So there are {bedrooms} in all?",
        )
        answer = talk.pick(("That's right.", "Exactly.", "Yes, indeed.", "Quite so."))
    else:
        talk.say(
            a,
            f"Good afternoon, are you {agent}? I'm {tenant}, I've come to see the flat in {street}, the one with {bedrooms}.",
            f"Hi, I'm {tenant}. You must be {agent}. I'm here about the flat in {street} with {bedrooms}.",
            f"Hello, {agent}? My name's {tenant}, and I have an appointment to see the flat with {bedrooms} in {street}.",
            f"{agent}? I'm {tenant}. I hope I'm not late, I couldn't find {street} at first. It's the flat with {bedrooms}, right?",
        )
        answer = talk.pick(("Yes, come in.", "Right on time, welcome.", "That's me, please follow me.", "Yes, nice to meet you."))
    talk.say(
        b,
        f"{answer} It's on the {floor}, and it has {merit}.",
        f"{answer} We're on the {floor} here. And the best thing? It has {merit}.",
        f"{answer} As you can see, it's on the {floor}. You'd also get {merit}.",
    )
    talk.note(
        f"{{B}} shows {{A}} a flat in {street} with {bedrooms} and {merit}.",
        f"{{A}} comes to see a flat on the {floor} with {bedrooms}.",
        f"{agent} shows {tenant} a flat on the {floor}, which has {merit}.",
        f"{{A}} looks at a flat in {street} that {{B}} has for rent. It has {bedrooms} and {merit}.",
    )
    talk.fact("On which floor is the flat?", floor)
    talk.fact("What does {B} praise about the flat?", merit)
    happy = talk.chance(0.6)
    if not happy:
        talk.say(a, f"That's nice, but {flaw}.", f"I like that. Only, {flaw}.", f"Hmm, I have to say, {flaw}.")
        remedy, remedy_reported = REMEDIES[flaw_reported]
        if talk.chance(0.5):
            talk.say(b, f"You're right, but {remedy}.", f"I know. Luckily, {remedy}.", f"Don't worry about that, {remedy}.")
            talk.note(
                f"{{A}} notices {flaw_reported}, but {{B}} says that {remedy_reported}.",
                f"{{A}} is bothered by {flaw_reported}, and {{B}} replies that {remedy_reported}.",
                f"About {flaw_reported}, {agent} reassures {tenant} that {remedy_reported}.",
            )
            worry = 0.3
        else:
            talk.say(
                b,
                "I can't deny that. It's the reason why the rent is so reasonable.",
                "That's true, I'm afraid, and it won't change. But look at the price.",
                "Yes, one gets used to it, people say. And it keeps the rent down.",
            )
            talk.note(
                f"{{A}} criticizes {flaw_reported}, and {{B}} admits it but points to the rent.",
                f"{{B}} cannot deny {flaw_reported} but mentions the low rent.",
                f"{tenant} does not like {flaw_reported}, which {agent} says keeps the rent down.",
            )
            worry = 0.7
        talk.say(
            a, "I see. So what is the rent exactly?", "And how much is it, then?", "All right. What would I have to pay a month?"
        )
    else:
        talk.say(
            a,
            "It's lovely! What's the neighbourhood like?",
            "Oh, I like it. And the area?",
            "Very nice. Is there anything useful around here?",
        )
        talk.say(
            b, f"Very pleasant. For example, {nearby}.", f"You'll like it, {nearby}.", f"You couldn't ask for more, {nearby}."
        )
        reported = nearby.replace("there's", "there is")
        talk.note(
            f"{{B}} praises the neighbourhood and says that {reported}.",
            f"{{A}} likes the flat and hears that {reported}.",
            f"Asked about the area, {agent} tells {tenant} that {reported}.",
            major=False,
        )
        worry = 0.25
        talk.say(
            a,
            "That's convenient. And the rent?",
            "Wonderful. How much would it be a month?",
            "Good to know. Now, what does it cost?",
        )
    deposit = talk.pick(("one month's", "two months'", "three months'"))
    talk.say(
        b,
        f"It's {rent} a month, and the deposit is {deposit} rent.",
        f"The rent is {rent}, plus {deposit} rent as a deposit.",
        f"The owner wants {rent} a month, with {deposit} rent as a deposit.",
    )
    talk.fact("How much is the rent?", rent)
    turn = talk.pick(("none", "haggle", "pet")) if happy else "none"
    if turn == "none":
        talk.note(
            f"The rent is {rent} a month, with a deposit of {deposit} rent.",
            f"{{B}} tells {{A}} that it costs {rent} a month.",
            f"{{A}} would have to pay {rent} a month and a deposit.",
        )
    elif turn == "haggle":
        less = money(rng, 25, 75, 25)
        talk.say(
            a,
            f"That's a little over my budget. Could it be {less} less?",
            f"Hmm, would the owner go down by {less}?",
            f"I'd hoped for {less} less. Is there any room to talk?",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "If you sign for two years, I'm sure that's possible.",
                "The owner would agree to that for a contract of two years.",
                "Yes, provided that you stay for at least two years.",
            )
            talk.note(
                f"The rent is {rent}, but {{A}} can get it for {less} less by signing for two years.",
                f"{{A}} asks for {less} off the rent of {rent}, and {{B}} agrees if {{A}} stays two years.",
                f"{agent} would lower the rent of {rent} by {less} for a contract of two years.",
            )
            worry -= 0.1
        else:
            talk.say(
                b,
                "I'm sorry, there are too many people interested.",
                "Not a chance, I'm afraid. I have six more viewings today.",
                "I asked already, but the owner won't move.",
            )
            talk.note(
                f"{{A}} asks for {less} off the rent of {rent}, but {{B}} says no.",
                f"{{B}} refuses to lower the rent of {rent} by {less}.",
                f"{tenant} finds {rent} a month too much, yet {agent} cannot make it cheaper.",
            )
            worry += 0.2
    else:
        pet = talk.pick(PETS)
        talk.say(
            a,
            f"I could manage that. Oh, and I've got {pet}. Is that allowed?",
            f"That's all right. One more thing: would {pet} be a problem?",
            f"Okay. And may I bring {pet}? That's important to me.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Not at all, the owner loves animals.",
                "That's fine, as long as the neighbours don't complain.",
                "Yes, of course. The last tenant had pets, too.",
            )
            talk.note(
                f"The rent is {rent} a month, and {{A}} may bring {pet}.",
                f"{{A}} would pay {rent} a month and is allowed to keep {pet} there.",
                f"{{B}} asks for {rent} a month and has nothing against {pet}.",
            )
            worry -= 0.1
        else:
            talk.say(
                b,
                "I'm afraid pets are against the house rules.",
                "Unfortunately the owner doesn't want any animals.",
                "No, I'm sorry. The contract doesn't allow pets.",
            )
            talk.note(
                f"The rent is {rent} a month, but {{A}} may not bring {pet}.",
                f"{{B}} asks for {rent} a month and says that {{A}} cannot bring {pet}.",
                f"{tenant} would like to bring {pet}, but pets are not allowed in the flat.",
            )
            talk.say(
                a,
                "What a shame. Then it's out of the question for me.",
                "Oh no. In that case I can't take it.",
                "That decides it, I'm afraid. I'll have to keep looking.",
            )
            talk.say(
                b,
                "I understand. I'll call you if I get something suitable.",
                "Too bad. I'll let you know about other flats.",
                "I see. I'll keep you in mind when another one comes up.",
            )
            talk.note(
                "{A} cannot take the flat, and {B} will think of {A} if another one comes up.",
                f"Therefore {tenant} does not want the flat and goes on looking.",
                "For this reason {A} decides against the flat, and {B} promises to get in touch about others.",
            )
            talk.gist(
                f"Someone cannot rent a flat because of {pet}.",
                "A flat is refused because pets are not allowed.",
                "A pet owner views a flat but cannot take it.",
            )
            return
    end = rng.random()
    if end < worry * 0.6:
        talk.say(
            a,
            "Thank you, but I don't think it's the right place for me.",
            "To be honest, I don't think I'll take it.",
            "It's a pity, but it's not quite what I'm looking for.",
        )
        talk.say(
            b,
            f"No hard feelings. I have another one with {other_merit}, shall I send you the details?",
            f"That's all right. Would you like to see another flat, with {other_merit}?",
            f"I see. I do have another one on my list, with {other_merit}. Are you interested?",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                f"Yes, please. I'd have time on {day}.",
                f"Sounds interesting. Could I see it on {day}?",
                f"That's more like it! I'm free on {day}.",
            )
            talk.note(
                f"{{A}} does not want the flat but is interested in another with {other_merit}.",
                f"{{A}} turns it down and would like to see a different flat on {day}.",
                f"{agent} mentions another flat with {other_merit}, which {tenant} wants to see on {day}.",
            )
            talk.gist(
                "Someone rejects a flat and asks about another one.",
                f"A flat seeker prefers to see another place on {day}.",
                f"A flat in {street} does not please a visitor.",
            )
        else:
            talk.say(
                a,
                "No, thanks. I think I'll stay where I am for now.",
                "That's kind, but I've another viewing this afternoon.",
                "Not at the moment, but thank you for your time.",
            )
            talk.note(
                f"{{A}} decides against the flat and does not want to see the one with {other_merit} either.",
                "{A} doesn't take the flat, and {B}'s offer of another one is declined as well.",
                f"{tenant} wants neither this flat nor the other one that {agent} mentions.",
            )
            talk.gist(
                "Someone views a flat and decides against it.",
                "A flat is shown to someone who does not want it.",
                "A letting agent fails to let a flat.",
            )
    elif end < worry * 0.6 + 0.3:
        talk.say(
            a,
            f"I'd like to sleep on it. Can I let you know by {day}?",
            f"I need to talk to my partner first. Is {day} early enough?",
            f"It's tempting, but I've got one more viewing. I'll call you by {day}, all right?",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Yes, I'll keep it for you until then.",
                "That's fine. I won't give it to anyone before that.",
                "Of course. You have first choice until then.",
            )
            talk.note(
                f"{{A}} will decide by {day}, and {{B}} keeps the flat until then.",
                f"{{A}} needs some time to think, so {{B}} will hold the flat until {day}.",
                f"{agent} agrees to reserve the flat until {day}, when {tenant} will decide.",
            )
        else:
            talk.say(
                b,
                "You can, but I can't promise it'll still be there.",
                "I have to warn you, it may be gone by then.",
                "Sure, though others want it, too. First come, first served.",
            )
            talk.note(
                f"{{A}} wants to decide by {day}, but {{B}} warns that the flat may be gone.",
                f"{{B}} cannot promise to keep the flat until {day}, when {{A}} will decide.",
                f"{tenant} asks for time until {day}, though {agent} may let the flat to others before.",
            )
        talk.say(
            a,
            "Understood. Thanks for showing me around.",
            "All right, you'll hear from me soon.",
            "I see. I'll make up my mind quickly, then.",
        )
        talk.note("With that, {A} ends the visit.", "{A} is going to let {B} know.", f"{tenant} understands this.", major=False)
        talk.gist(
            "Someone views a flat and wants time to decide.",
            f"A visitor will decide about a flat by {day}.",
            "A flat seeker asks for time to think.",
        )
    else:
        talk.say(
            a,
            f"You know what? I'll take it. Could I move in at the beginning of {month}?",
            f"I've seen enough, I want it. Is it free from {month}?",
            f"It feels like home already. When can I move in? {month} would suit me.",
        )
        if talk.chance(0.6):
            talk.say(
                b,
                f"Yes, {month} is fine. I'll get the contract ready for {day}.",
                f"No problem at all, {month} it is. Come and sign on {day}.",
                f"Perfect, the owner would like that. We can sign on {day}.",
            )
            talk.note(
                f"{{A}} decides to take the flat from {month} and can sign on {day}.",
                f"{{A}} wants the flat, and they will deal with the contract on {day}.",
                f"{tenant} is going to rent the flat from {month}, with the signing on {day}.",
            )
        else:
            later = MONTHS[(MONTHS.index(month) + 1) % 12]
            talk.say(
                b,
                f"The tenants stay until the end of {month}, so it'd have to be {later}.",
                f"It won't be empty until {later}, I'm afraid. Can you wait?",
                f"It'll be renovated in {month}. What about {later}?",
            )
            talk.say(
                a,
                "That's later than I hoped, but I can wait.",
                "A month more won't hurt. Agreed.",
                "Okay, then I'll stay with my brother until then.",
            )
            talk.note(
                f"{{A}} takes the flat but cannot move in before {later}.",
                f"{{A}} wants to have the flat from {month}, but has to wait until {later}.",
                f"Although {month} would suit {tenant} better, they agree on {later}.",
            )
        talk.gist(
            "Someone views a flat and decides to rent it.",
            f"Someone likes a flat on the {floor} and takes it.",
            f"A flat for {rent} a month finds a tenant.",
        )


@scene
def calling_a_plumber(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    customer = formal_name(rng)
    firm = f"{talk.pick(LAST_NAMES)} {talk.pick(TRADES)}"
    problem, reported, short = talk.pick(PROBLEMS)
    since = talk.pick(SINCE_TODAY if short in URGENT else SINCE)
    street = talk.pick(STREETS)
    house = rng.randint(2, 98)
    day, other_day = two_different(rng, DAYS)
    time = clock(rng, 8, 17)
    fee = money(rng, 40, 120)
    advice, advice_reported = talk.pick(ADVICE_LEAK if short in LEAKS else ADVICE)
    since_reported = (
        since.replace("we came back from our holiday", "{A} came back from holiday")
        .replace("since I", "since {A}")
        .removesuffix(" now")
    )
    by_name = talk.chance(0.6)
    own = f"This is {customer} from {street}. " if by_name else ""
    who = customer if by_name else "{A}"
    talk.topic("calling a plumber", short, "a plumbing problem", "repairs at home", "household emergency")
    if talk.chance(0.75):
        talk.say(
            b,
            f"{firm}, good morning.",
            f"Hello, {firm} here. What can I do for you?",
            f"This is {firm}. How can I help?",
            f"Good afternoon, you've reached {firm}.",
        )
        greeting = talk.pick(("Hello.", "Hi.", "Good day.", "Oh, thank goodness you're there."))
    else:
        talk.say(
            a,
            "Hello, is that the plumber?",
            f"Good morning, is this {firm}?",
            "Hi, do you do plumbing repairs?",
            "Hello, I got your number from a neighbour. Do you repair pipes and that sort of thing?",
        )
        talk.say(
            b,
            "Yes, we do all kinds of repairs. What's the trouble?",
            f"Yes, this is {firm}. How can I help you?",
            "You've come to the right place. What's wrong?",
            "Indeed. Tell me what's happened.",
        )
        greeting = talk.pick(("Well, it's like this.", "Thank goodness.", "Oh, good."))
    talk.say(
        a,
        f"{greeting} {own}I need help, {problem}. It's been like that {since}.",
        f"{greeting} {own}We've had trouble here {since}: {problem}.",
        f"{greeting} {own}I don't know what to do, because {problem}. It's been going on {since}.",
        f"{greeting} {own}Could somebody come and have a look? We've had this problem {since}: {problem}.",
    )
    talk.note(
        f"{{A}} calls a plumber because {reported}.",
        f"{who} phones {{B}} and says that {reported}.",
        f"{{A}} needs {{B}}'s help, as {reported}. It has been like that {since_reported}.",
        f"{{A}} asks {{B}} for help with {short}, a problem that {{A}} has had {since_reported}.",
    )
    talk.fact("How long has {A} had the problem?", since)
    course = talk.pick(
        ("today", "today", "self", "fee", "busy") if short in URGENT else ("today", "slot", "slot", "slot", "self", "fee", "busy")
    )
    if course == "self":
        trick, trick_reported = talk.pick(SELF_HELP[short])
        talk.say(
            b,
            f"Before I come over, try something for me. Could you {trick}?",
            f"Maybe you can save the money for a visit. Please {trick} and tell me what happens.",
            f"Let's see if we can fix it by phone. Would you {trick}?",
        )
        talk.say(
            a,
            "All right, hold on a second... Okay, I've done it.",
            "Wait, I'll take the phone with me. Right, that's done.",
            "I'll try. Just a moment... There we go.",
        )
        if talk.chance(0.5):
            talk.say(b, "And? Is it any better?", "What's happening now?", "Has anything changed?")
            talk.say(
                a,
                "That did the trick! You're a genius.",
                "Unbelievable, the problem's gone!",
                "Oh, it's fine now! What do I owe you?",
            )
            talk.note(
                f"{{B}} tells {{A}} to {trick_reported}, and that solves the problem.",
                f"On {{B}}'s advice to {trick_reported}, {{A}} solves the problem alone.",
                f"{{A}} follows {{B}}'s instructions to {trick_reported}, and nobody has to come.",
            )
            talk.say(
                b,
                "Nothing at all. Call me if it happens again.",
                "I'm glad. There's no charge for a phone call.",
                "Good. If it comes back, ring me and I'll drop by.",
            )
            talk.say(
                a,
                "That's so good of you. Thanks a million!",
                "That's so kind of you. Goodbye!",
                "I'll recommend you to everyone I know.",
            )
            talk.note(
                "{B} is happy to have helped by phone.",
                "{A} is very grateful to {B}.",
                f"{who} is delighted with {{B}}'s help.",
                major=False,
            )
            talk.gist(
                f"A plumber solves a problem with {short} by phone.",
                "A plumber's advice on the phone makes a visit unnecessary.",
                f"Someone with {short} gets help over the phone.",
            )
            return
        talk.say(b, "And? Is it any better?", "What's happening now?", "Has anything changed?")
        talk.say(
            a, "No, it's exactly the same as before.", "Nothing has changed, I'm afraid.", "Not at all. If anything, it's worse."
        )
        talk.note(
            f"{{B}} asks {{A}} to {trick_reported}, but it does not help.",
            f"{{A}} tries to {trick_reported} as {{B}} says, without success.",
            f"Although {{A}} follows {{B}}'s advice to {trick_reported}, the problem remains.",
        )
        talk.say(
            b,
            f"Then I'll come and see it on {day} at {time}.",
            f"In that case I'd better come over. Is {day} at {time} all right?",
            f"That needs a proper repair, then. I can be there on {day}, at {time}.",
        )
        talk.say(a, "Yes, that's fine. Thank you.", "Good, I'll be at home.", "That suits me. I'll be waiting for you.")
        talk.note(
            f"{{B}} will come on {day} at {time}.",
            f"They agree that {{B}} should visit {{A}} on {day}.",
            f"{who} expects {{B}} on {day} at {time}.",
        )
        talk.gist(
            f"A plumber will come because of {short}.",
            "A plumber's advice fails, so a visit is arranged.",
            f"A plumber is going to visit a customer on {day}.",
        )
        return
    if course == "today":
        hours = talk.pick(("half an hour", "an hour", "two hours", "three hours", "forty minutes", "ninety minutes"))
        talk.say(
            b,
            f"That sounds urgent. I can be with you in {hours}. What's the address?",
            f"Don't panic, I'm not far away. Give me {hours}. Where do you live?",
            f"You're lucky, somebody just cancelled. I'll be there in {hours}, if you tell me where.",
        )
        talk.say(
            a,
            f"It's {house} {street}. Please hurry!",
            f"I live at {house} {street}, with the green door.",
            f"That's great. The address is {house} {street}.",
        )
        talk.note(
            f"{{B}} will be at {house} {street} in {hours}.",
            f"{{A}} gives the address, {house} {street}, and {{B}} is going to arrive in {hours}.",
            f"{{B}} promises {who} to come in {hours}.",
        )
        talk.fact("How soon can {B} come?", hours)
        talk.say(
            b,
            f"Got it. Until then, please {advice}.",
            f"Okay. In the meantime, {advice}.",
            f"I'm on my way. And {advice}, will you?",
        )
        talk.say(a, "I'll do that straight away.", "Right, I hadn't thought of that.", "Okay, I'll see to it.")
        talk.note(
            f"{{B}} also tells {{A}} to {advice_reported} in the meantime.",
            f"Until then {{A}} should {advice_reported}, as {{B}} advises.",
            f"Before that, {{A}} agrees to {advice_reported}.",
        )
        talk.gist(
            f"A plumber comes the same day because of {short}.",
            "A plumber is asked for help and comes quickly.",
            f"A customer with {short} gets a plumber within {hours}.",
        )
        return
    if course == "busy":
        talk.say(
            b,
            f"I'd love to help, but we're booked up until {day}.",
            f"I'm sorry, all our people are out on jobs until {day}.",
            f"Oh dear. The earliest I could do is {day}.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "I can't wait that long. Do you know anybody else?",
                "That's too late for me. Could you recommend another plumber?",
                "Oh no, that's no use. Is there someone else I could ring?",
            )
            friend = f"{talk.pick(FIRST_NAMES)} {talk.pick(LAST_NAMES)}"
            talk.say(
                b,
                f"Try {friend}, who used to work with us. I'll text you the number.",
                f"You could call {friend}. I'll send you the number right away.",
                f"Yes, {friend} does emergency repairs. Let me send you the number.",
            )
            talk.fact("Whom does {B} recommend?", friend)
            talk.note(
                f"{{B}} is booked up until {day} and recommends {friend} instead.",
                f"As {{B}} has no time before {day}, {{A}} will get the number of {friend}.",
                f"{who} can't wait until {day}, so {{B}} passes on the number of {friend}.",
            )
            talk.say(
                a,
                "You're very kind. I'll call right now.",
                "Thank you, that's a great help.",
                "Perfect. I hope there's time today.",
            )
            talk.say(
                b,
                f"Good luck! And {advice}, just in case.",
                f"You're welcome. Meanwhile, {advice}.",
                f"No problem. Oh, and {advice}.",
            )
            talk.note(
                f"{{B}} also advises {{A}} to {advice_reported}.",
                f"For the time being {{A}} had better {advice_reported}, according to {{B}}.",
                f"Besides, {{A}} is told to {advice_reported}.",
                major=False,
            )
            talk.gist(
                "A busy plumber recommends someone else to a caller.",
                f"Someone with {short} is sent to another plumber.",
                "A plumber has no time and passes on a number.",
            )
            return
        talk.say(
            a,
            "Well, I suppose it can wait until then.",
            "All right, we'll have to live with it for now.",
            "If there's no other way, I'll wait.",
        )
        talk.say(
            b,
            f"Thank you. So it's {day} at {time}. The visit costs {fee}.",
            f"I'll put you down for {day} at {time}, then. We charge {fee} for coming out.",
            f"Good. {day}, {time}. It's {fee} for the visit, plus parts.",
        )
        talk.fact("How much does the visit cost?", fee)
        talk.note(
            f"{{B}} is booked up, so {{A}} has to wait until {day}.",
            f"{{A}} agrees to wait, and {{B}} will come on {day} at {time} for {fee}.",
            f"The earliest appointment is on {day} at {time}, and {who} accepts it.",
        )
        talk.say(
            a,
            "That's okay. Should I do anything until then?",
            "Fine. What should I do in the meantime?",
            "I've written it down. Can I do something myself?",
        )
        talk.say(b, f"Yes, {advice}.", f"Just {advice}.", f"Please {advice}. That's all you can do.")
        talk.note(
            f"Until then {{A}} should {advice_reported}, {{B}} says.",
            f"{{A}} is asked to {advice_reported} in the meantime.",
            f"{{B}} advises {{A}} to {advice_reported} before the visit.",
            major=False,
        )
        talk.gist(
            "Someone has to wait for a busy plumber.",
            f"A plumber will look at {short} on {day}.",
            f"A caller with {short} must wait until {day}.",
        )
        return
    if course == "slot":
        talk.say(
            b,
            f"I see. I could come by on {day} at {time}.",
            f"That shouldn't be hard to fix. How about {day} at {time}?",
            f"Let me look at my diary. {day} at {time} would be possible.",
        )
        if talk.chance(0.5):
            busy, busy_reported = talk.pick(
                (
                    ("I'm at work then", "{A} is at work then"),
                    ("I've got a doctor's appointment", "{A} has a doctor's appointment"),
                    ("we'll be away", "{A} will be away"),
                    ("I have to pick up the children", "{A} has to pick up the children"),
                    ("there's nobody at home then", "nobody is at home then"),
                    ("I have an exam", "{A} has an exam"),
                )
            )
            talk.say(
                a,
                f"Hmm, {busy}. Could you make it {other_day}?",
                f"That's difficult, {busy}. What about {other_day}?",
                f"I'd rather have {other_day}, because {busy}.",
            )
            if talk.chance(0.6):
                talk.say(
                    b,
                    f"{other_day} works as well, at the same time. It'll be {fee} for the visit.",
                    f"Okay, then {other_day} at {time}. There's a call-out fee of {fee}.",
                    f"That's possible. Let's say {other_day}, and the visit is {fee}.",
                )
                talk.note(
                    f"{{B}} offers {day}, but {busy_reported}, so they agree on {other_day}.",
                    f"They move the visit from {day} to {other_day} because {busy_reported}.",
                    f"{who} prefers {other_day}, and {{B}} can come then for {fee}.",
                )
                talk.fact("How much does the visit cost?", fee)
                talk.say(
                    a,
                    f"That's fine. The address is {house} {street}.",
                    f"Great. It's {house} {street}, second bell from the top.",
                    f"Agreed. You'll find us at {house} {street}.",
                )
            else:
                keeper = talk.pick(("neighbour", "landlady", "mother", "flatmate", "caretaker", "brother", "aunt", "son"))
                talk.say(
                    b,
                    f"I'm full on {other_day}, sorry. Could somebody else let me in?",
                    f"No, {other_day} is taken. Is there anyone with a key?",
                    f"Not on {other_day}, I'm afraid. Maybe someone could open the door for me?",
                )
                talk.say(
                    a,
                    f"I'll ask my {keeper} to be there. The address is {house} {street}.",
                    f"My {keeper} has a key and can let you in. It's {house} {street}.",
                    f"Yes, my {keeper} could do that. We're at {house} {street}.",
                )
                talk.note(
                    f"{{B}} can only come on {day}, so {{A}}'s {keeper} will open the door.",
                    f"As {busy_reported} and {{B}} has no time on {other_day}, {{A}}'s {keeper} will let {{B}} in.",
                    f"{{B}} will come on {day} at {time}, and the {keeper} of {who} is to be there.",
                )
                talk.fact("Who will let {B} in?", keeper)
                talk.say(
                    b,
                    "Perfect. I'll ring twice.",
                    "Good, that solves it. I'll bring everything I need.",
                    "All right, I've written it down.",
                )
                talk.say(
                    a,
                    "Thanks. I hope it won't take too long.",
                    "Great, I feel better already.",
                    "Thank you, I'm really relieved.",
                )
                talk.note(
                    "With that, everything is arranged.",
                    "{B} takes note of it, and the visit is settled.",
                    "They end the call once this is settled.",
                    major=False,
                )
                talk.gist(
                    f"A plumber will come on {day} because of {short}.",
                    f"A plumber is let in by a customer's {keeper}.",
                    "A customer and a plumber agree on a visit.",
                )
                return
        else:
            talk.say(
                a,
                f"Yes, please. I'm at {house} {street}.",
                f"That would be perfect. The address is {house} {street}.",
                f"{day} is good, I'll be at home all day. It's {house} {street}.",
            )
            talk.note(
                f"{{B}} will come to {house} {street} on {day} at {time}.",
                f"They arrange a visit on {day} at {time}, and {{A}} gives the address.",
                f"{who} accepts {{B}}'s offer to come on {day} at {time}.",
            )
        talk.say(
            b,
            f"Thank you. Until then, {advice}.",
            f"All right. It'd be good if you could {advice}.",
            f"Noted. And please, {advice}.",
        )
        talk.say(a, "I will. See you then.", "Okay, no problem. Goodbye.", "Sure, thanks for the tip.")
        talk.note(
            f"{{B}} asks {{A}} to {advice_reported} until then.",
            f"In the meantime {{A}} should {advice_reported}, according to {{B}}.",
            f"{{A}} promises to {advice_reported} before {{B}} comes.",
        )
        talk.gist(
            f"A plumber will come because of {short}.",
            "A customer and a plumber agree on an appointment.",
            f"Someone with {short} arranges a plumber's visit.",
        )
        return
    fee, evening = money(rng, 80, 200), clock(rng, 18, 21)
    talk.say(
        b,
        f"I can send someone today, but outside working hours it's {fee} just for coming.",
        f"We have an emergency service. It costs {fee} before any work is done.",
        f"Today is possible, for an emergency fee of {fee}.",
    )
    talk.fact("How much is the fee?", fee)
    if talk.chance(0.5):
        talk.say(
            a,
            "That's a lot, but I've no choice. Please send somebody.",
            "Ouch. Well, it has to be done.",
            "Hmm, my insurance will pay for it, I hope. Go ahead.",
        )
        talk.say(
            b,
            f"Good. {talk.pick(FIRST_NAMES)} will be with you at {evening}. Where should we come to?",
            f"All right, we'll be there at {evening}. What's the address, please?",
            f"Then expect us at {evening}. Could I have your address?",
        )
        talk.say(
            a,
            f"{house} {street}, on the left side.",
            f"It's {house} {street}. I'll leave the light on.",
            f"Come to {house} {street}, please.",
        )
        talk.note(
            f"{{A}} agrees to pay the emergency fee of {fee} for a visit at {evening}.",
            f"Although it costs {fee}, {{A}} wants somebody to come to {house} {street}.",
            f"{who} accepts the fee of {fee}, and somebody will come at {evening}.",
        )
        talk.say(
            b,
            f"Thank you. Before we come, {advice}.",
            f"Got that. And {advice} in the meantime, please.",
            f"All right. There's one thing you can do now: {advice}.",
        )
        talk.say(a, "Okay, I'll do it now. See you later.", "Sure, that's no problem.", "Right, I'll see to that.")
        talk.note(
            f"{{B}} tells {{A}} to {advice_reported} before the visit.",
            f"Before the visit {{A}} should {advice_reported}.",
            f"{{A}} agrees to {advice_reported} as well.",
            major=False,
        )
        talk.gist(
            f"A customer pays extra for help with {short}.",
            "Someone agrees to an expensive emergency visit.",
            f"An emergency plumber comes for {fee}.",
        )
        return
    talk.say(a, "That's too much. What if I wait?", "So much? Is it cheaper if I'm patient?", "Goodness. And if it isn't today?")
    if talk.chance(0.5):
        talk.say(
            b,
            f"On {day} at {time} there'd be no extra fee.",
            f"If you wait until {day}, {time}, you won't pay that.",
            f"Without the fee, I could do {day} at {time}.",
        )
        talk.say(
            a,
            f"Then let's do that. I can manage until {day}.",
            "I'd prefer that, then. Please write me down.",
            "Good, that's what I'll do.",
        )
        talk.note(
            f"{{A}} finds the emergency fee of {fee} too high and will wait until {day}.",
            f"To avoid a fee of {fee}, {{A}} makes an appointment for {day} at {time}.",
            f"{{B}} can come without the extra {fee} on {day}, and {who} chooses that.",
        )
        talk.say(
            b,
            f"Done. Until then, {advice}.",
            f"It's in the diary. Meanwhile, {advice}.",
            f"Very sensible. And {advice}, just to be on the safe side.",
        )
        talk.say(a, "Okay, I'll do that. Thanks for your patience.", "I will, thank you. Goodbye.", "Good idea. See you then.")
        talk.note(
            f"{{B}} advises {{A}} to {advice_reported}.",
            f"Meanwhile {{A}} should {advice_reported}, as {{B}} says.",
            f"{{A}} agrees to {advice_reported} as well.",
            major=False,
        )
        talk.gist(
            f"A customer waits until {day} to save {fee}.",
            "A caller finds an emergency plumber too expensive and waits.",
            f"A visit because of {short} is put off to save money.",
        )
    else:
        talk.say(
            b,
            f"Not before {day}, and it could get worse by then.",
            f"I've nothing else until {day}. I wouldn't wait that long.",
            f"The next free day is {day}, but that's a risk.",
        )
        helper = talk.pick(
            ("brother-in-law", "neighbour", "uncle", "cousin", "old friend", "father-in-law", "colleague", "nephew")
        )
        talk.say(
            a,
            f"Then I'll ask my {helper} to try it. Thanks anyway.",
            f"Hmm. My {helper} is good at these things, so that's my first choice.",
            f"In that case I'd rather call my {helper}, who knows a bit about pipes.",
        )
        talk.note(
            f"{{A}} does not want to pay {fee} and will ask {{A}}'s {helper} for help instead.",
            f"{who} thinks {fee} is too much and decides to do without {{B}}.",
            f"As {{B}} has no other time before {day}, {{A}} would rather turn to {{A}}'s {helper} than pay {fee}.",
        )
        talk.say(
            b, f"As you like. But do {advice}.", f"Fair enough. In any case, {advice}.", f"All right. Whatever you do, {advice}."
        )
        talk.note(
            f"{{B}} still advises {{A}} to {advice_reported}.",
            f"In any case {{A}} should {advice_reported}, {{B}} says.",
            f"{{B}} has nothing against it but tells {{A}} to {advice_reported}.",
            major=False,
        )
        talk.gist(
            "Someone finds a plumber's emergency fee too high.",
            f"A caller with {short} refuses a fee of {fee}.",
            "A caller would rather ask someone else than pay.",
        )


SELF_HELP = {
    "a blocked sink": (
        ("pour some hot water and baking soda into it", "pour in hot water and baking soda"),
        ("use a plunger on it a few times", "use a plunger"),
    ),
    "a dripping ceiling": (
        ("check whether the shower above is still on", "check the shower above"),
        ("close the valve on the floor above", "close the valve upstairs"),
    ),
    "a running toilet": (
        ("lift the lid of the tank and press down the float", "press down the float in the tank"),
        ("close the little tap behind it and open it again", "close and open the tap behind it"),
    ),
    "a hot-water failure": (
        ("press the reset button on the boiler", "press the reset button on the boiler"),
        ("switch the heating off and on again", "switch the heating off and on"),
    ),
    "a leaking pipe": (
        ("tighten the nut at the joint by hand", "tighten the nut at the joint"),
        ("turn the ring above the leak to the right", "turn the ring above the leak"),
    ),
    "a clogged drain": (
        ("take off the cover and pull out the hair", "pull the hair out of the drain"),
        ("pour some vinegar and baking soda into it", "pour in vinegar and baking soda"),
    ),
    "a noisy boiler": (
        ("press the reset button on the front", "press the reset button"),
        ("turn the temperature down a bit", "turn the temperature down"),
    ),
    "a dripping tap": (
        ("turn the handle hard to the right", "turn the handle hard to the right"),
        ("screw off the end and rinse out the filter", "rinse out the filter"),
    ),
    "a leaking radiator": (
        ("close the valve at the bottom", "close the valve at the bottom"),
        ("tighten the screw at the side", "tighten the screw at the side"),
    ),
    "a flooded kitchen": (
        ("check whether the hose at the back has slipped off", "check the hose at the back"),
        ("clean the filter at the bottom of the machine", "clean the filter of the machine"),
    ),
    "weak water pressure": (
        ("open the main tap in the cellar all the way", "open the main tap in the cellar"),
        ("unscrew the filters and rinse them", "rinse the filters"),
    ),
    "a burst pipe": (
        ("close the garden valve in the cellar", "close the garden valve in the cellar"),
        ("turn off the tap that leads outside", "turn off the tap that leads outside"),
    ),
}
