"""Scenes at home: who does the housework, and whether an animal moves in."""

from __future__ import annotations

from .core import Talk, scene
from .pools import CITIES, DAYS, FIRST_NAMES, MONTHS, NUMBER_WORDS, RELATIVES, clock, money, two_different

# A chore as 'to ...' and as '...ing'.
CHORES = (
    ("wash the dishes", "washing the dishes"),
    ("clean the bathroom", "cleaning the bathroom"),
    ("take out the trash", "taking out the trash"),
    ("vacuum the living room", "vacuuming the living room"),
    ("do the laundry", "doing the laundry"),
    ("mop the kitchen floor", "mopping the kitchen floor"),
    ("do the grocery shopping", "doing the grocery shopping"),
    ("clean the windows", "cleaning the windows"),
    ("water the plants", "watering the plants"),
    ("iron the shirts", "ironing the shirts"),
    ("wipe the kitchen counters", "wiping the kitchen counters"),
    ("dust the shelves", "dusting the shelves"),
    ("empty the dishwasher", "emptying the dishwasher"),
    ("sweep the stairs", "sweeping the stairs"),
    ("change the bed sheets", "changing the bed sheets"),
    ("clean out the fridge", "cleaning out the fridge"),
)
HOUSEWORK_EXCUSES = (
    ("I've had exams all week", "has had exams all week"),
    ("I've been working late every night", "has been working late every night"),
    ("I honestly didn't notice how much you do", "didn't notice how much {A} does"),
    ("I thought you liked doing it", "thought {A} liked doing it"),
    ("I've had a cold since the weekend", "has had a cold since the weekend"),
    ("I was busy with the choir concert", "was busy with the choir concert"),
    ("I wanted to do everything on the weekend", "wanted to do everything on the weekend"),
    ("I've been on the road for my job", "has been on the road for the job"),
    ("I never learned how to do it properly", "never learned how to do it properly"),
    ("I completely lost track of the days", "completely lost track of the days"),
)
CHORE_DISLIKES = (
    ("I'm hopeless at that", "is hopeless at that"),
    ("my back hurts when I do that", "gets a sore back from that"),
    ("I'm never home early enough for that", "is never home early enough for that"),
    ("I really hate that job", "really hates that job"),
    ("the last time I tried, I broke something", "broke something the last time"),
    ("I always forget about that", "always forgets about that"),
)
TREATS = (
    "order a pizza",
    "watch a movie",
    "go out for ice cream",
    "make pancakes",
    "have a barbecue on the balcony",
    "go bowling",
    "bake some cookies",
    "get some Thai food",
    "play cards",
)
FORFEITS = (
    "buys dinner",
    "pays for the movie tickets",
    "makes breakfast on Sunday",
    "washes the car",
    "cooks for the whole weekend",
    "brings coffee for a whole week",
    "buys the next round of groceries",
    "does the ironing for a month",
)

# An animal with its article, and what kind it is.
ANIMALS = (
    ("a two-year-old terrier", "dog"),
    ("a shy gray cat", "cat"),
    ("a black kitten", "cat"),
    ("a white rabbit with long ears", "rabbit"),
    ("a three-legged cat", "cat"),
    ("a brown spaniel", "dog"),
    ("an old greyhound", "dog"),
    ("a fluffy puppy with big paws", "dog"),
    ("a ginger cat", "cat"),
    ("a spotted rabbit", "rabbit"),
    ("a small dog with a curly tail", "dog"),
    ("an elderly poodle", "dog"),
    ("a striped kitten", "cat"),
    ("a gray parrot", "parrot"),
    ("a green parakeet", "parakeet"),
)
SMALL_PETS = (
    "a hamster",
    "a goldfish",
    "a guinea pig",
    "a canary",
    "a tortoise",
    "a few tropical fish",
    "an aquarium",
    "a bird feeder",
)
PET_NAMES = (
    "Biscuit",
    "Pepper",
    "Mango",
    "Pickle",
    "Socks",
    "Waffle",
    "Cookie",
    "Ziggy",
    "Truffle",
    "Peanut",
    "Noodle",
    "Muffin",
    "Dizzy",
    "Captain",
    "Sunny",
    "Olive",
    "Bubbles",
    "Mochi",
)
PET_REASONS = (
    ("the house is so quiet since the children moved out", "the house is quiet without the children"),
    ("I work from home now anyway", "{A} works from home now"),
    ("I've wanted one ever since I was little", "{A} has always wanted one"),
    ("it would get us outdoors more often", "it would get them outdoors more often"),
    ("I saw its picture in the newspaper and fell in love", "{A} fell in love with a picture in the newspaper"),
    ("the shelter is full and they need help", "the shelter is full and needs help"),
    ("our neighbors have one and are so happy with it", "the neighbors are happy with theirs"),
    ("I'd like some company in the evenings", "{A} would like some company in the evenings"),
)
# What speaks against it, in the first and the third person, and the answer to that in both.
PET_WORRIES = (
    (
        "what about our vacations? Who would look after it?",
        "who would look after it during vacations",
        "My {R} has already offered to take it",
        "{A}'s {R} would take it then",
    ),
    (
        "you know the landlord. Are animals even allowed here?",
        "whether the landlord allows animals",
        "I phoned the landlord, and one animal is fine",
        "the landlord has agreed to one animal",
    ),
    (
        "think of the costs. Food and vet bills add up.",
        "the costs of food and the vet",
        "I've worked it out. It's about {M} a month, and I'd pay for it",
        "it would cost about {M} a month, which {A} would pay",
    ),
    (
        "who's going to clean up after it? Me, probably.",
        "who is going to clean up after it",
        "I'll do all of that, every single day",
        "{A} promises to clean up every day",
    ),
    (
        "I sneeze as soon as I see an animal, remember?",
        "sneezing when animals are around",
        "You could get tested by Dr. {N} first. Maybe it's only dust",
        "{B} could have a test done by Dr. {N} first",
    ),
    (
        "our apartment is so small. Where would it sleep?",
        "the small apartment and where it would sleep",
        "There's enough room in the hall, next to the {F}",
        "there is enough room in the hall",
    ),
    (
        "nobody is home until five. It would be lonely.",
        "leaving it alone until five",
        "I can come home at noon, and my {R} lives next door",
        "{A} can come home at noon",
    ),
)
HALL_FURNITURE = ("coat rack", "bookcase", "shoe cabinet", "radiator", "old piano", "big mirror")
HOMES = (
    "a house with a garden",
    "an apartment with a balcony",
    "an old farmhouse",
    "a small apartment near the park",
    "a quiet house by the lake",
    "a row house with a little yard",
    "a ground-floor apartment",
    "a cottage outside town",
    "a bright apartment downtown",
)
EXPERIENCES = (
    ("I grew up with animals", "grew up with animals"),
    ("I've never had a pet before", "has never had a pet before"),
    ("my last one lived to be sixteen", "had one before that lived to be sixteen"),
    ("I used to help at a vet's office", "used to help at a vet's office"),
    ("I often look after my neighbor's pets", "often looks after a neighbor's pets"),
    ("I've read every book about them", "has read every book about them"),
)
PET_NEEDS = (
    "needs company most of the day",
    "doesn't get along with small children",
    "is still afraid of loud noises",
    "has to take a pill every morning",
    "only eats special food",
    "needs a lot of exercise",
    "can't stay alone for long",
    "takes a while to trust people",
    "likes to chew on shoes and cables",
    "wakes up at five every morning",
)


@scene
def sharing_housework(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    (first, first_ing), (second, second_ing), (third, third_ing) = rng.sample(CHORES, 3)
    times = talk.pick(("three times", "four times", "five times", "every single time"))
    since = talk.pick(
        (
            "this month",
            "since we moved in",
            "in the last two weeks",
            f"since {talk.pick(DAYS)}",
            "since the holidays",
            f"since {talk.pick(MONTHS)}",
        )
    )
    since_told = since.replace("since we ", "since they ")
    excuse, excuse_told = talk.pick(HOUSEWORK_EXCUSES)
    named = talk.chance(0.5)
    name_a, name_b = two_different(rng, FIRST_NAMES)
    one, other = (name_a, name_b) if named else ("{A}", "{B}")
    call = f"{name_b}, " if named else ""
    reply = f", {name_a}" if named else ""
    talk.topic("sharing the housework", "household chores", "who does the chores", "housework at home")
    opening = (
        f"{call}can we talk about the housework for a minute? I've had to {first} {times} {since}.",
        f"{call}guess who had to {first} again? Me! That makes it {times} {since}."
        if times != "every single time"
        else f"{call}guess who had to {first} again? Me! It's been me every single time {since}.",
        f"{call}do you have a moment? I'm a bit annoyed, to be honest. I've ended up {first_ing} {times} {since}.",
        f"{call}I don't want to argue, but {first_ing} can't always be my job. I've done it {times} {since}.",
    )
    talk.say(a, *(words if named else words[0].upper() + words[1:] for words in opening))
    talk.say(
        b,
        f"I know, I'm sorry{reply}. {excuse}.",
        f"Oh{reply}, I'm sorry, you're right. It's just that {excuse}.",
        f"Well, {excuse}. I'm sorry I left it all to you{reply}.",
    )
    talk.note(
        f"{one} is annoyed about having to {first} so often. {other} apologizes and says {{B}} {excuse_told}.",
        f"{{A}} complains about always {first_ing}. {other}'s excuse is that {{B}} {excuse_told}.",
        f"{one} has had to {first} {times} {since_told}. {{B}} explains that {{B}} {excuse_told}.",
        f"{{A}} brings up the housework, since {first_ing} is always left to {{A}}. {other} says that {{B}} {excuse_told}.",
    )
    talk.fact(f"How often has {{A}} had to {first}?", times)
    course = talk.pick(("split", "split", "rota", "cleaner", "together"))
    if course in ("rota", "cleaner"):
        talk.say(
            a,
            "I understand, but it can't go on like this.",
            "Okay, but what are we going to do about it?",
            "Well, we have to find a solution.",
            "That may be true. Still, something has to change.",
        )
    gists: tuple[str, ...]
    if course == "split":
        talk.say(
            a,
            f"So let's split it up. You {second}, and I {third}. How does that sound?",
            f"How about a deal? From now on you {second} and I {third}.",
            f"I have a suggestion. I {third}, and you {second}.",
        )
        if talk.chance(0.5):
            dislike, dislike_told = talk.pick(CHORE_DISLIKES)
            talk.say(
                b,
                f"Hmm, not that one, please. {dislike[0].upper()}{dislike[1:]}. Could we swap?",
                f"Can we do it the other way round? You see, {dislike}.",
                f"To be honest, {dislike}. I'd rather {third}.",
            )
            talk.note(
                f"{one} suggests that {{B}} should {second}, but {{B}} {dislike_told}.",
                f"{{A}} offers to {third} if {other} will {second}, but {{B}} would like to swap.",
                f"{other} doesn't want to {second}, because {{B}} {dislike_told}.",
            )
            if talk.chance(0.6):
                talk.say(
                    a, "Fine with me. I actually find it relaxing.", "All right, let's swap then.", "Okay, I don't mind at all."
                )
                talk.say(
                    b,
                    f"Really? Great, then I'll {third}, and you {second}.",
                    f"You're an angel. So I {third} and you {second}.",
                    f"Deal! I {third}, you {second}, and nobody complains.",
                )
                talk.note(
                    f"{{A}} agrees to swap, so {other} will {third} and {{A}} will {second}.",
                    f"They exchange the two jobs. {{B}} is going to {third}.",
                    f"{one} doesn't mind and will {second}, while {{B}} will {third}.",
                )
                gists = (
                    "Two people share the housework and swap two jobs.",
                    f"Two people agree on who is {third_ing}.",
                    "An argument about chores ends with a swap.",
                )
            else:
                talk.say(
                    a,
                    "No way. I've done it for years. It's your turn now.",
                    "Sorry, but I don't like it any better than you do.",
                    "You always say that. No swapping this time.",
                )
                talk.say(
                    b,
                    f"Okay, okay. I'll {second} for a month, and then we'll change over.",
                    f"All right, I'll {second}, but only for a month.",
                    f"You win. I'll {second} for a month. After that, let's talk again.",
                )
                talk.note(
                    f"{{A}} refuses to swap, so {other} will {second} for a month.",
                    f"{one} won't change the plan, and {{B}} gives in for a month.",
                    f"In the end {{B}} accepts it and will {second}, at least for a month.",
                )
                talk.fact("For how long will it be done like this?", "a month")
                gists = (
                    "Someone takes over a disliked chore for a month.",
                    f"Two people argue about {second_ing}.",
                    "Housework is divided after some discussion.",
                )
        else:
            talk.say(
                b,
                "That's only fair. When do we start?",
                "I can live with that. Starting today?",
                "Sounds good to me. From when on?",
            )
            day = talk.pick(DAYS)
            talk.say(
                a,
                f"Let's start on {day}, then you still have time to get ready.",
                f"How about {day}? I won't lift a finger after that.",
                f"From {day} on. I'll write it on the calendar.",
            )
            talk.note(
                f"They agree that {{B}} will {second} and {{A}} will {third}, beginning on {day}.",
                f"From {day} on, {other} is going to {second}, while {one} is going to {third}.",
                f"{{B}} accepts the offer to {second} if {one} will {third}, starting on {day}.",
            )
            talk.fact("When do they start?", day)
            gists = (
                f"Two people will share the housework from {day} on.",
                "Two people divide the chores without a fight.",
                f"One of them will now {second}.",
            )
            talk.say(
                b,
                "Perfect. You'll be surprised how good I am at it.",
                "Done. You can count on me.",
                "Great, I'm glad we talked about it.",
            )
    elif course == "rota":
        talk.say(
            b,
            "What if we make a weekly plan and hang it on the fridge?",
            "Let's draw up a plan, with a different job for each of us every week.",
            "Maybe we need a proper plan on the wall, so nobody can forget anything.",
        )
        talk.say(
            a,
            f"Good idea. Would you {second} in the first week?",
            f"I'd like that. You could {second} first, and I'd {third}.",
            f"That might work. Then please {second} this week.",
        )
        willing = talk.chance(0.6)
        if willing:
            talk.say(
                b, "Sure, no problem. Put me down for that.", "Okay, I'll do that. Where's a pen?", "Yes, I'll get it over with."
            )
            talk.note(
                f"They want to make a weekly plan, and {other} will {second} first.",
                f"{{B}} suggests a plan for the chores and agrees to {second} in the first week.",
                f"{one} likes the idea of a plan, in which {{B}} has to {second} first.",
            )
        else:
            relative = talk.pick(RELATIVES)
            talk.say(
                b,
                f"This week is bad. My {relative} is in the hospital, and I visit every day.",
                f"Can I start a week later? My {relative} is moving, and I promised to help.",
                f"Not this week, please. My {relative} is visiting from {talk.pick(CITIES)}.",
            )
            talk.say(
                a,
                f"Oh, I see. Then I'll {second} this week, and you take the next.",
                f"That's different, of course. I'll {second} myself this time, and you'll do it next week.",
                f"All right, I'll {second} until then. You start next week.",
            )
            talk.note(
                f"They plan to take turns, but {other} can only begin next week because of a {relative}."
                if relative not in ("aunt", "uncle")
                else f"They plan to take turns, but {other} can only begin next week because of an {relative}.",
                f"{{B}} suggests a weekly plan. As {{B}} has no time, {{A}} will {second} this week.",
                f"{one} agrees to a plan and will {second} this week, since {{B}} is busy with family.",
            )
        forfeit = talk.pick(FORFEITS)
        asker, taker = (a, b) if willing else (b, a)
        ask_mark, take_mark = ("{A}", "{B}") if willing else ("{B}", "{A}")
        talk.say(
            asker,
            "And what happens if one of us forgets?",
            "But what if somebody doesn't stick to the plan?",
            "We'll need a penalty, though, won't we?",
        )
        talk.say(
            taker,
            f"Whoever forgets {forfeit}.",
            f"Easy. The one who forgets {forfeit}.",
            f"Then that person {forfeit}. That'll help!",
        )
        talk.say(asker, "Ha, I like it. Agreed!", "That's tough, but okay.", "Then I'd better set an alarm.")
        talk.note(
            f"{take_mark} proposes that whoever forgets a job {forfeit}, and {ask_mark} accepts.",
            f"As a penalty, the one who forgets {forfeit}.",
            f"They agree that anyone who doesn't keep to the plan {forfeit}.",
        )
        gists = (
            "Two people make a weekly plan for the chores.",
            "Two people plan to take turns with the housework.",
            f"Whoever forgets a chore {forfeit}.",
        )
    elif course == "cleaner":
        price, often = money(rng, 30, 120), talk.pick(("once a week", "every two weeks", "twice a month", "every Friday"))
        talk.say(
            b,
            f"Why don't we hire a cleaner? My colleague pays {price} for one who comes {often}.",
            f"We could get help. There's a nice cleaner in the building who comes {often} for {price}.",
            f"I've got an idea. For {price} somebody would come {often} and clean everything.",
        )
        talk.fact("How much would a cleaner cost?", price)
        talk.note(
            f"{other} suggests hiring a cleaner for {price}, who would come {often}.",
            f"{{B}}'s idea is to pay {price} to have somebody clean {often}.",
            f"To solve the problem, {{B}} would like to get a cleaner {often} for {price}.",
        )
        answer = talk.pick(("yes", "no", "trial"))
        if answer == "yes":
            talk.say(
                a,
                "If we share the cost, I'm all for it.",
                "Half each? Then yes, why not?",
                "I could pay half of that. Let's do it.",
            )
            talk.say(
                b,
                "Of course we'll share. I'll call tonight.",
                "Half each, that's fair. I'll arrange it.",
                "Sure, fifty-fifty. I'll get the number.",
            )
            talk.note(
                f"{{A}} agrees to share the cost, and {other} will arrange it.",
                f"{one} is in favor if each pays half, so {{B}} will take care of it.",
                "They decide to hire the cleaner and to pay half each.",
            )
            gists = (
                "Two people decide to pay for a cleaner.",
                "A cleaner will solve an argument about housework.",
                f"Someone will come to clean {often}.",
            )
        elif answer == "no":
            saving = talk.pick(
                (
                    "a new sofa",
                    "the summer vacation",
                    "a used car",
                    "the dentist",
                    "a washing machine",
                    "my evening course|an evening course",
                    "the winter heating",
                )
            )
            saving, _, saving_told = saving.partition("|")
            talk.say(
                a,
                f"That's too much. We need the money for {saving}.",
                f"I'd rather keep that for {saving}. It's cheaper to do it ourselves.",
                f"We can't afford it, not with {saving} to pay for.",
            )
            talk.say(
                b,
                f"Hmm, true. Then I'll {second} from now on. I promise.",
                f"You're right. Okay, leave it to me to {second}.",
                f"Fair point. In that case I'll {second} myself.",
            )
            talk.note(
                f"{one} finds that too expensive, because the money is needed for {saving_told or saving}.",
                f"{{A}} is against it on account of {saving_told or saving}, so {{B}} promises to {second}.",
                f"As {{A}} doesn't want to spend so much, {other} will {second} instead.",
            )
            gists = (
                "Two people decide that a cleaner is too expensive.",
                f"Someone promises to {second} from now on.",
                "There is no money for a cleaner.",
            )
        else:
            talk.say(
                a,
                "Hmm, strangers in the house? I'm not so sure about that.",
                "I don't know. It's quite a lot of money.",
                "Isn't that a bit lazy? I have my doubts.",
            )
            talk.say(
                b,
                "Let's just try it for a month.",
                "We could test it for a month and then decide.",
                "Give it a month. If you hate it, we'll stop.",
            )
            talk.say(
                a,
                "All right, one month, but not longer.",
                "Okay, a trial can't hurt.",
                "Fine. But then we'll talk about it again.",
            )
            talk.note(
                f"{one} has doubts but agrees to try it for a month.",
                "They will test it for a month, since {A} isn't sure.",
                f"{other} persuades {{A}}, who hesitates, to give it a month.",
            )
            talk.fact("How long is the trial?", "a month")
            gists = (
                "Two people will try a cleaner for a month.",
                "A cleaner will come for a trial month.",
                "Doubts about a cleaner lead to a trial.",
            )
    else:
        day, other_day = two_different(rng, DAYS)
        time, treat = clock(rng, 9, 17), talk.pick(TREATS)
        talk.say(
            a,
            f"What about doing it together on {day}? I'd {second} and you'd {third}.",
            f"Let's clean the whole place on {day}, both of us. You could {third} while I {second}.",
            f"If we both help on {day}, we'll be done fast. I'd {second}, and you'd {third}.",
        )
        moved = talk.chance(0.5)
        if moved:
            relative = talk.pick(RELATIVES)
            talk.say(
                b,
                f"On {day} I'm seeing my {relative}. Is {other_day} okay, too?",
                f"I promised my {relative} to come over on {day}. Could we do it on {other_day}?",
                f"Sorry, {day} is my {relative}'s birthday. How about {other_day}?",
            )
            talk.note(
                f"{one} wants to clean together on {day}, but {{B}} suggests {other_day} because of {{B}}'s {relative}.",
                f"{{A}} proposes to do the work together on {day}. {other} would prefer {other_day}.",
                f"On {day}, when {{A}} would like to clean up with {{B}}, {{B}} is busy with {{B}}'s {relative}.",
            )
            talk.say(
                a,
                f"Fine, {other_day} at {time} then. Don't be late.",
                f"Okay, let's say {other_day} at {time}.",
                f"No problem. {other_day}, at {time}, and no excuses!",
            )
            talk.say(
                b,
                f"I'll be there. And when we're finished, we could {treat}.",
                f"Promise. Afterwards let's {treat}, as a reward.",
                f"All right. And then let's {treat}. We'll have earned it.",
            )
            final = other_day
        else:
            talk.say(
                b,
                f"I'd like that. At what time on {day}?",
                "Good plan. It's more fun with two. What time?",
                "Okay, I'm in. When do you want to start?",
            )
            talk.note(
                f"{one} suggests doing everything together on {day}, and {{B}} agrees.",
                f"They are going to clean together on {day}. {one} will {second} and {other} will {third}.",
                f"{{B}} likes {{A}}'s idea to do the housework together on {day}.",
            )
            talk.say(
                a,
                f"At {time}, so that we have enough time.",
                f"Let's begin at {time}.",
                f"I'd say at {time}. I'll put on some music.",
            )
            talk.say(
                b,
                f"Sounds good. And when we're finished, we could {treat}.",
                f"That's okay for me. Afterwards let's {treat}, as a reward.",
                f"Fine. And then let's {treat}. We'll have earned it.",
            )
            final = day
        talk.fact("When will they do the housework together?", final)
        if talk.chance(0.6):
            talk.say(
                a,
                "Now you're talking! I'm looking forward to it already.",
                "Great idea. That'll keep me going.",
                "Only if everything shines! But yes, gladly.",
            )
            talk.note(
                f"They will start on {final} at {time} and {treat} afterwards.",
                f"They are going to meet for it at {time}, and {{A}} likes {other}'s idea to {treat} when they are done.",
                f"{one} and {other} arrange to begin at {time} on {final} and want to {treat} as a reward.",
            )
        else:
            talk.say(
                a,
                "Let's see how tired we are. I may just fall into bed.",
                "Hmm, I'll be too tired for that, I think. Another day, perhaps.",
                "Not on the same day, please. I want to go to bed early.",
            )
            talk.note(
                f"They will start on {final} at {time}, but {{A}} doesn't promise to {treat} afterwards.",
                f"{other} would like to {treat} when they are done at last, but {{A}} expects to be tired.",
                f"They arrange to begin at {time}. {one} isn't keen on {{B}}'s idea to {treat} after the work.",
            )
        gists = (
            f"Two people will clean their home together on {final}.",
            "Two people plan to do the housework together.",
            "A complaint about chores leads to a cleaning day.",
        )
    talk.gist(*gists)


@scene
def adopting_a_pet(talk: Talk) -> None:
    animal, kind = talk.pick(ANIMALS)
    if talk.chance(0.5):
        _pet_at_the_shelter(talk, animal, kind)
    else:
        _pet_at_home(talk, animal, kind)


def _pet_at_the_shelter(talk: Talk, animal: str, kind: str) -> None:
    """One who wants an animal (a) speaks to the shelter's keeper (b)."""
    rng, a, b = talk.rng, talk.a, talk.b
    pet, home, (experience, experience_told) = talk.pick(PET_NAMES), talk.pick(HOMES), talk.pick(EXPERIENCES)
    need, fee = talk.pick(PET_NEEDS), money(rng, 30, 240, 10)
    talk.topic(f"adopting a {kind}", "at the animal shelter", "choosing a pet", "adopting a pet")
    if talk.chance(0.5):
        talk.say(
            b,
            "Welcome to the shelter. Are you looking for a pet?",
            "Hello! Did any of our animals catch your eye?",
            "Hi there. Is this your first visit to the shelter?",
            "Good morning, have you come to see the animals?",
        )
        start = "Yes. "
    else:
        start = talk.pick(("Hello. ", "Excuse me. ", "Good morning. ", "Hi, are you in charge here? "))
    talk.say(
        a,
        f"{start}I saw {animal} on your website, and I'd like to adopt it.",
        f"{start}I'm interested in {animal} that I saw in the paper. It looked so lovely in the picture.",
        f"{start}I've come because of {animal} that you're looking for a home for.",
        f"{start}My family and I want to give {animal} a home. We saw one in your newsletter.",
    )
    talk.note(
        f"{{A}} comes to the animal shelter because of {animal}.",
        f"At the shelter, {{A}} tells {{B}} about wanting to adopt {animal}.",
        f"{{A}} would like to adopt {animal} from {{B}}'s shelter.",
        f"{{A}} is interested in {animal} and talks to {{B}} about adopting it.",
    )
    talk.say(
        b,
        f"Ah, you mean {pet}! Tell me a little about your home first.",
        f"That must be {pet}. May I ask how you live?",
        f"Oh, {pet} is a darling. What kind of home could you offer?",
    )
    talk.fact("What is the animal called?", pet)
    talk.say(
        a,
        f"I live in {home}, and {experience}.",
        f"Well, {experience}. And I have {home}.",
        f"I've got {home}. As for experience, {experience}.",
    )
    talk.note(
        f"{{A}} has {home} and {experience_told}.",
        f"Asked about the home for {pet}, {{A}} mentions {home}.",
        f"{{A}} tells {{B}} about living in {home}.",
        major=False,
    )
    course = talk.pick(("suits", "suits", "need", "need", "reserved"))
    if course == "reserved":
        talk.say(
            b,
            f"That sounds lovely. Unfortunately somebody reserved {pet} yesterday.",
            f"I'm so sorry, I've just seen that {pet} is already promised to a family.",
            f"Oh no, my list says that {pet} has been reserved since this morning.",
        )
        talk.note(
            f"{{B}} has to say that {pet} is already reserved.",
            f"Somebody else is going to get {pet}, as {{B}} finds out.",
            f"{{A}} cannot have {pet}, which has been promised to somebody else.",
        )
        new, new_kind = talk.pick([entry for entry in ANIMALS if entry[0] != animal])
        new_pet = talk.pick([name for name in PET_NAMES if name != pet])
        talk.say(
            a,
            "Oh, what a disappointment. Do you have any others?",
            "That's sad. I should have come sooner. Who else needs a home?",
            "I see. Well, good for them. Is there another one you'd suggest?",
        )
        talk.say(
            b,
            f"Do you want to meet {new_pet}? It's {new}.",
            f"There's {new_pet}. That's {new}, and nobody has asked about it yet.",
            f"What about {new_pet}? That's {new}, and a real sweetheart.",
        )
        if talk.chance(0.55):
            talk.say(
                a,
                "Oh, look at that face! I'm in love already.",
                "I hadn't thought of that, but why not? Let's go and see.",
                f"What a sweet name! Yes, I'd love to meet {new_pet}.",
            )
            talk.note(
                f"{{B}} offers {new} called {new_pet} instead, and {{A}} is delighted.",
                f"{{A}} is happy to meet {new_pet}, {new}, instead.",
                f"Instead, {{A}} takes an interest in {new_pet}, {new} that {{B}} suggests.",
            )
            talk.gist(
                f"A visitor meets another {new_kind} at the shelter."
                if new_kind == kind
                else f"A visitor wants a {kind} but meets a {new_kind}.",
                f"A shelter offers {new} instead.",
                "The animal a visitor wanted is already reserved.",
            )
        else:
            talk.say(
                a,
                f"Thank you, but I had my heart set on {pet}.",
                "No, I think I'd rather wait a while.",
                "Not today. Please put me on your list in case something changes.",
            )
            talk.say(
                b,
                f"I'll take your number. If {pet} is still free in a week, I'll call.",
                f"I understand. If the others say no to {pet}, you're the first I'll call.",
                f"All right. Should {pet} become free again, I'll call you.",
            )
            talk.note(
                f"{{A}} doesn't want {new_pet}, so {{B}} will call if {pet} becomes free.",
                f"{{B}} suggests {new_pet}, {new}, but {{A}} would rather wait.",
                f"{{A}} turns down {new_pet}. {{B}} promises to call in case {pet} is free again.",
            )
            talk.gist(
                "A visitor leaves the shelter without a pet.",
                f"Somebody else has already reserved the {kind}.",
                "A visitor turns down another animal and waits.",
            )
        return
    if course == "need":
        talk.say(
            b,
            f"Good. I should warn you, though. {pet} {need}.",
            f"I see. There's one thing you have to know. {pet} {need}.",
            f"That's nice. Only, {pet} {need}. Is that a problem?",
        )
        if talk.chance(0.4):
            talk.say(
                a,
                "Oh, I didn't know that. I'm not sure I can cope with it.",
                "Hmm. Honestly, that would be difficult for us.",
                "That's a pity. I don't think it would work out, then.",
            )
            day, other_way = talk.pick(DAYS), talk.chance(0.5)
            talk.note(
                f"{{B}} warns {{A}} that {pet} {need}, and {{A}} hesitates.",
                f"{{A}} isn't sure about {pet}, because {pet} {need}.",
                f"As {{A}} hears from {{B}}, {pet} {need}, which would be difficult.",
            )
            if other_way:
                talk.say(
                    b,
                    f"Why don't you take a walk with {pet} on {day} and see?"
                    if kind == "dog"
                    else f"Why don't you spend an hour with {pet} on {day} and see?",
                    f"You could come again on {day} and get to know {pet} better.",
                    f"Don't decide yet. Visit {pet} again on {day}, without any promise.",
                )
                talk.say(
                    a,
                    "That's a good idea. I'll bring my family.",
                    "All right, I'd like that.",
                    "Yes, let's do it that way. Thank you.",
                )
                talk.note(
                    f"{{A}} will come to see {pet} again on {day} before deciding.",
                    f"{{B}} suggests another visit on {day}, and {{A}} agrees.",
                    f"They agree that {{A}} should spend more time with {pet} on {day}.",
                )
                talk.gist(
                    f"A visitor will see a {kind} again before deciding.",
                    f"A visitor to the shelter comes back on {day}.",
                    f"Someone isn't sure about adopting a {kind}.",
                )
            else:
                talk.say(
                    b,
                    "It's good that you're honest. We'll find someone else.",
                    "Thank you for telling me. Better now than in a month.",
                    "I respect that. Not every animal fits every home.",
                )
                talk.say(
                    a,
                    "I'm sorry. Could I help with a donation at least?",
                    "I feel bad about it. May I leave some money for food?",
                    "Then let me do something else. Do you take donations?",
                )
                talk.say(
                    b,
                    "That would be wonderful. The box is at the door.",
                    "Of course, every little bit helps us.",
                    "Oh yes, thank you so much!",
                )
                talk.note(
                    f"{{A}} decides not to take {pet} but offers the shelter a donation.",
                    f"Instead of adopting {pet}, {{A}} wants to give some money, which {{B}} is glad to accept.",
                    f"{{A}} won't adopt {pet}. {{B}} is thankful for a donation, though.",
                )
                talk.gist(
                    f"A visitor decides against adopting a {kind}.",
                    "A visitor makes a donation instead of adopting.",
                    f"A {kind} at the shelter doesn't find a home yet.",
                )
            return
        talk.say(
            a,
            "That's all right. We have plenty of patience.",
            "I don't mind. I'll get used to it.",
            "I expected something like that. We'll manage.",
        )
        talk.note(
            f"{{B}} warns {{A}} that {pet} {need}, but {{A}} doesn't mind.",
            f"It is no problem for {{A}} that {pet} {need}.",
            f"{{A}} wants to adopt {pet} even though {pet} {need}.",
        )
        talk.say(
            b,
            f"Then I think you two will get along. The fee is {fee}, vaccinations included.",
            f"That's the right spirit! The adoption costs {fee}, which covers the vaccinations.",
            f"I'm glad to hear it. We ask for {fee}, and all vaccinations are done.",
        )
    else:
        talk.say(
            b,
            f"That sounds like just the right place. The fee is {fee}, vaccinations included.",
            f"Wonderful, {pet} will like that. The adoption costs {fee}, which covers the vaccinations.",
            f"I have a good feeling about this. We ask for {fee}, and all vaccinations are done.",
        )
    talk.fact("How much is the adoption fee?", fee)
    talk.say(
        a,
        f"That's fine. Can I take {pet} home today?",
        "I'm happy to pay that. When could we go home together?",
        f"No problem. How soon can {pet} move in?",
    )
    talk.note(
        f"{{B}} asks for a fee of {fee} for {pet}, which {{A}} will pay.",
        f"The adoption costs {fee}, and {{A}} would like to know when {pet} can leave the shelter.",
        f"{{A}} accepts the fee of {fee} and asks when {pet} can come home.",
    )
    if talk.chance(0.4):
        talk.say(
            b,
            f"Right away, if you like. I'll get you a bag of {pet}'s favorite food.",
            f"Today, if you have a few minutes for the papers. I'll pack some of {pet}'s toys.",
            f"This very minute, as soon as you've signed. {pet} even gets a blanket from us.",
        )
        talk.say(
            a,
            "Oh, I'm so excited. Thank you!",
            f"Really? Come on, {pet}, let's go home!",
            "That's wonderful. The children won't believe it.",
        )
        talk.note(
            f"{{A}} may take {pet} home on the same day and is very happy.",
            f"{{B}} lets {{A}} take {pet} along at once.",
            f"As soon as the papers are signed, {pet} goes home with {{A}}.",
        )
        talk.gist(
            f"A visitor adopts a {kind} from the shelter.",
            f"A {kind} finds a new home right away.",
            f"Someone pays {fee} and adopts a {kind}.",
        )
    else:
        day = talk.pick(DAYS)
        wait, wait_told = talk.pick(
            (
                ("the vet wants to see it once more", "the vet has to see it once more"),
                ("we always visit the new home first", "the shelter visits the new home first"),
                ("the papers take a few days", "the papers take a few days"),
                ("there's one more injection to come", "there is one more injection to come"),
            )
        )
        talk.say(
            b,
            f"On {day}. You see, {wait}.",
            f"I'm afraid you'll have to wait until {day}, because {wait}.",
            f"Not before {day}, since {wait}.",
        )
        talk.say(
            a,
            "That gives me time to buy everything we need.",
            "All right, I'll count the days.",
            "I can wait. I'll get a basket and some bowls until then.",
        )
        talk.note(
            f"{pet} can go home with {{A}} on {day}, because {wait_told}.",
            f"{{A}} has to wait until {day}, since {wait_told}.",
            f"{{B}} explains that {wait_told}, so {{A}} will get {pet} on {day}.",
        )
        talk.fact("Which day can the animal leave the shelter?", day)
        talk.gist(
            f"A visitor will get a {kind} from the shelter on {day}.",
            f"A {kind} will soon move to a new home.",
            f"Someone adopts a {kind} but has to wait.",
        )


def _pet_at_home(talk: Talk, animal: str, kind: str) -> None:
    """One (a) wants an animal, and the other (b), who lives with them, has doubts."""
    rng, a, b = talk.rng, talk.a, talk.b
    pet, shelter_day = talk.pick(PET_NAMES), talk.pick(DAYS)
    reason, reason_told = talk.pick([entry for entry in PET_REASONS if kind == "dog" or "outdoors" not in entry[0]])
    relative, cost, doctor = (
        talk.pick(RELATIVES[:4] + RELATIVES[6:10]),
        money(rng, 30, 95),
        talk.pick(("Evans", "Silva", "Patel", "Reed", "Lopez", "Young", "Hill")),
    )
    furniture = talk.pick(HALL_FURNITURE)

    def filled(words: str) -> str:
        return words.replace("{R}", relative).replace("{M}", cost).replace("{N}", doctor).replace("{F}", furniture)

    worry, worry_told, answer, answer_told = map(filled, talk.pick(PET_WORRIES))
    named = talk.chance(0.5)
    name_a, name_b = two_different(rng, FIRST_NAMES)
    one, other = (name_a, name_b) if named else ("{A}", "{B}")
    talk.topic(f"adopting a {kind}", "getting a pet", "a new family pet", f"plans for a {kind}")
    hello = f"{name_b}, " if named else ""
    opening = (
        f"{hello}what would you say if we adopted {animal}? The shelter has one, and {reason}.",
        f"{hello}promise not to laugh. I'd love to adopt {animal} from the shelter. You know, {reason}.",
        f"{hello}I've been thinking. Let's adopt {animal}! There's one at the shelter, and {reason}.",
        f"{hello}look at this photo from the shelter. It's {animal}. I'd like to adopt it, because {reason}.",
    )
    talk.say(a, *(words if named else words[0].upper() + words[1:] for words in opening))
    talk.note(
        f"{one} wants to adopt {animal} from the shelter, because {reason_told}.",
        f"{{A}} tells {other} about wanting {animal}, since {reason_told}.",
        f"{one} would like {{B}} to agree to adopting {animal}.",
        f"{{A}} suggests getting {animal} from the shelter and says that {reason_told}.",
    )
    talk.fact("Which animal is waiting at the shelter?", animal)
    call = f", {name_a}" if named else ""
    talk.say(
        b,
        f"A {kind}{call}? Well, {worry}",
        f"Oh{call}, I don't know. I mean, {worry}",
        f"Are you serious{call}? {worry[0].upper()}{worry[1:]}",
    )
    talk.say(a, f"I've thought of that. {answer}.", f"Don't worry. {answer}.", f"I knew you'd say that. {answer}.")
    talk.note(
        f"{other} is worried about {worry_told}, but {answer_told}.",
        f"When {{B}} brings up {worry_told}, {{A}} replies that {answer_told}.",
        f"{{B}}'s concern is {worry_told}. According to {one}, {answer_told}.",
    )
    course = talk.pick(("visit", "visit", "small", "foster", "later", "surprise"))
    if course == "visit":
        time = clock(rng, 10, 16)
        talk.say(
            b,
            "Hmm, you've really thought it through. I'd like to see it first.",
            "Okay, I'm not saying yes. But we could go and have a look.",
            "You're hard to resist. Let's at least pay it a visit.",
        )
        talk.say(
            a,
            f"The shelter is open on {shelter_day}. Shall we go at {time}?",
            f"Great! Let's drive there on {shelter_day} at {time}.",
            f"I hoped you'd say that. Are you free on {shelter_day} at {time}?",
        )
        talk.fact("When will they go to the shelter?", shelter_day)
        if talk.chance(0.5):
            talk.say(
                b,
                "Yes, that's fine. But nobody signs anything!",
                "All right. Just a look, okay?",
                "Okay, I'll come along. I'm a bit curious myself.",
            )
            talk.note(
                f"{other} wants to see it first, so they will visit the shelter on {shelter_day} at {time}.",
                f"{{B}} agrees to go to the shelter with {{A}} on {shelter_day}.",
                f"They are going to have a look at the {kind} on {shelter_day}, without deciding anything yet.",
            )
        else:
            talk.say(
                b,
                f"Yes. And if we take it, I get to choose the name. I like {pet}.",
                f"Fine. But it'll be called {pet}, that's my condition.",
                f"I am. And if it comes home with us, I want to call it {pet}.",
            )
            talk.say(a, f"{pet}? It's a deal!", f"{pet} it is. I can live with that.", f"Ha, {pet} is perfect!")
            talk.note(
                f"They will visit the shelter on {shelter_day}, and {other} wants to call the {kind} {pet}.",
                f"{{B}} agrees to go to the shelter on {shelter_day} and may choose the name {pet}.",
                f"On {shelter_day} they are going to see it. {one} accepts {{B}}'s wish to name it {pet}.",
            )
            talk.fact("Which name do they choose?", pet)
        talk.gist(
            f"Two people will go and see a {kind}.",
            f"Two people talk about adopting {animal}.",
            f"Two people plan a visit to the shelter on {shelter_day}.",
        )
    elif course == "small":
        small = talk.pick(SMALL_PETS)
        talk.say(
            b,
            f"It's still too much for us. How about {small} instead?",
            f"No, I'm sorry, I can't say yes to a {kind}. But I'd agree to {small}.",
            f"Let's start with something easier, {small}, for example.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "That's not quite the same. But it's a beginning.",
                "Well, better than nothing. All right.",
                "Hmm, okay. Maybe that's wiser for now.",
            )
            talk.say(
                b,
                f"Then let's get everything on {shelter_day}.",
                f"Good. We'll go and get what we need on {shelter_day}.",
                f"I'm glad. I have time on {shelter_day}, so we can take care of it then.",
            )
            talk.note(
                f"{other} suggests {small} instead, and {{A}} accepts.",
                f"Instead of a {kind}, they will have {small} and see to it on {shelter_day}.",
                f"{{B}} doesn't want a {kind} but agrees to {small}, which is all right with {one}.",
            )
            talk.gist(
                f"Two people agree to get {small} instead.",
                f"A wish for a {kind} ends in a compromise.",
                f"Someone wants a {kind} but has to make do.",
            )
        else:
            talk.say(
                a,
                f"No, thank you. For me it's a {kind} or nothing.",
                f"You can't be serious. I want a real {kind}.",
                "That's sweet of you, but it wouldn't be the same at all.",
            )
            talk.say(
                b,
                "Then we'd better wait a year or two.",
                "In that case the answer is no for now.",
                "Well, then I'm afraid we can't do it right now.",
            )
            talk.note(
                f"{{A}} doesn't want {small}, which {other} offers, so there will be no pet for now.",
                f"{other} would accept {small} but no {kind}, and {{A}} turns that down.",
                f"They cannot agree, as {one} isn't satisfied with {small}.",
            )
            talk.gist(
                f"Two people cannot agree on adopting a {kind}.",
                f"There will be no {kind} in the home for now.",
                f"A wish for a {kind} is not fulfilled.",
            )
    elif course == "foster":
        weeks = talk.pick(NUMBER_WORDS)
        talk.say(
            b,
            f"What if we only take it in for {weeks} weeks and see how it goes?",
            f"I've read that shelters let you try it for {weeks} weeks. Could we do that?",
            f"Let's be careful. We could look after it for {weeks} weeks first.",
        )
        talk.say(
            a,
            "You'd do that? That's a brilliant idea!",
            "Sure, as a test. You'll be in love with it by then.",
            "That's fair. Then we'll know if it works.",
        )
        talk.say(
            b,
            f"We'll see. Call the shelter on {shelter_day} and ask.",
            f"Maybe. Ask them about it on {shelter_day}, please.",
            f"Don't be too sure. But you may call them on {shelter_day}.",
        )
        talk.note(
            f"{other} suggests trying it for {weeks} weeks, and {{A}} will ask the shelter on {shelter_day}.",
            f"They want to take the {kind} for {weeks} weeks first and see how it goes.",
            f"{one} likes {{B}}'s idea of keeping it for {weeks} weeks as a test.",
        )
        talk.fact("For how long would they try it?", f"{weeks} weeks")
        talk.gist(
            f"Two people will try living with a {kind}.",
            f"Two people want a {kind} for {weeks} weeks first.",
            f"A {kind} may move in for a trial.",
        )
    elif course == "later":
        event, event_told = talk.pick(
            (
                ("we've moved", "they have moved"),
                ("the baby is born", "the baby is born"),
                ("my exams are over", "{B}'s exams are over"),
                ("we're back from vacation", "they are back from vacation"),
                ("the kitchen is finished", "the kitchen is finished"),
                ("I've changed jobs", "{B} has changed jobs"),
                ("the summer is over", "the summer is over"),
            )
        )
        talk.say(
            b,
            f"Maybe you're right. But not now. Let's wait until {event}.",
            f"I'm not against it. Only, I'd prefer to wait until {event}.",
            f"Ask me again when {event}. There's too much going on at the moment.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "But by then somebody else will have taken it!",
                "That's so long. It won't be there anymore.",
                "Oh, come on. Someone will snatch it away.",
            )
            talk.say(
                b,
                "Then there will be another one that needs us.",
                "There are always others waiting for a home.",
                "If so, it wasn't meant to be. We'll find another.",
            )
            talk.note(
                f"{other} wants to wait until {event_told}, though {{A}} is afraid the {kind} will be gone.",
                f"{{A}} fears that somebody else will take it if they wait until {event_told}, as {{B}} wishes.",
                f"{one} would rather not wait until {event_told}, but {other} says there will be others.",
            )
        else:
            talk.say(
                a,
                "Is that a promise? Then I'll be patient.",
                "Okay, I can wait that long. But then we'll do it!",
                "All right, that's reasonable. I'll remind you.",
            )
            talk.say(b, "You have my word.", "It's a promise.", "I'm sure you will. I promise, we'll talk about it then.")
            talk.note(
                f"{other} promises to come back to it when {event_told}, and {{A}} will be patient.",
                f"They put it off until {event_told}, which {one} accepts.",
                f"{{A}} agrees to wait until {event_told}, after {{B}} gives a promise.",
            )
        talk.gist(
            f"Two people put off adopting a {kind}.",
            f"Adopting a {kind} has to wait for now.",
            f"Someone would like a {kind} but has to wait.",
        )
    else:
        talk.say(
            b,
            "Why are you smiling like that? What have you done?",
            "Wait a minute. You haven't already said yes to them, have you?",
            "I know that look. Is there something you're not telling me?",
        )
        talk.say(
            a,
            f"Well, I sort of reserved it. We can pick it up on {shelter_day}.",
            f"Um, I may have signed the papers. It's ours from {shelter_day} on.",
            f"Don't be angry. They're keeping it for us until {shelter_day}.",
        )
        talk.note(
            f"{one} admits having already arranged it with the shelter for {shelter_day}.",
            f"It turns out that {{A}} has arranged it before asking {{B}}. The date is {shelter_day}.",
            f"{other} finds out that {{A}} has already made arrangements for {shelter_day}.",
        )
        talk.fact("Which day is agreed with the shelter?", shelter_day)
        if talk.chance(0.6):
            talk.say(
                b,
                f"You're impossible! All right, but I'm choosing the name. {pet}.",
                f"I should be mad at you. Okay, but we're calling it {pet}.",
                f"Unbelievable. Fine, on one condition. Its name will be {pet}.",
            )
            talk.say(
                a, "Whatever you want! You're the best.", "Done! I'll get the basket ready.", "Agreed. Thank you, thank you!"
            )
            talk.note(
                f"{{B}} gives in but wants to call the {kind} {pet}.",
                f"{other} agrees on condition that it is called {pet}.",
                f"In the end {{B}} accepts the {kind}, which will be named {pet}.",
            )
            talk.fact("What will the animal be called?", pet)
            talk.gist(
                f"A {kind} called {pet} will soon move in.",
                f"Someone is surprised with plans for a {kind}.",
                f"Two people will adopt a {kind} after all.",
            )
        else:
            talk.say(
                b,
                "You should have asked me first. Please cancel it.",
                "No, that's not how we do things. Call them and say no.",
                "That goes too far. We decide on this together or not at all.",
            )
            talk.say(
                a,
                "You're right, I'm sorry. I'll call them.",
                "I got carried away. Okay, I'll tell them.",
                "I understand. I'll phone them and explain.",
            )
            talk.note(
                "{B} isn't pleased, so {A} apologizes and will call the shelter.",
                f"{other} is upset about not being asked, and {one} will phone the shelter.",
                f"{{A}} has to tell the shelter no, because {other} doesn't accept it.",
            )
            talk.gist(
                f"Someone plans to adopt a {kind} without asking.",
                f"Two people disagree about adopting a {kind}.",
                f"The plan to adopt a {kind} is called off.",
            )
