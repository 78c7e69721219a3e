"""Scenes among friends: the cinema, fitness, exam results, birthday presents and news of a wedding."""

from __future__ import annotations

from .core import Talk, scene
from .pools import CITIES, DAYS, FIRST_NAMES, MONTHS, clock, formal_name, money, two_different

# A title, what kind of film it is, that kind in the plural, and what it is about.
FILMS = (
    ("The Quiet Harbour", "a mystery", "mysteries", "a sailor who goes missing"),
    ("Seven Lemons", "a comedy", "comedies", "a family that runs a fruit stall"),
    ("Beyond the Red Moon", "a science fiction film", "science fiction films", "the first village in space"),
    ("Paper Kites", "a love story", "love stories", "two pen friends who finally meet"),
    ("The Bear Next Door", "a cartoon", "cartoons", "a bear who moves to the city"),
    ("Midnight at the Mill", "a thriller", "thrillers", "a night guard in an old mill"),
    ("Songs for Rosalind", "a musical", "musicals", "a street singer"),
    ("A Thousand Steps North", "a documentary", "documentaries", "two women who walk to the Arctic"),
    ("The Clockmaker's Secret", "a historical drama", "historical dramas", "a watchmaker in the old days"),
    ("Dust and Thunder", "a western", "westerns", "a sheriff who is afraid of horses"),
    ("Grandpa Goes Surfing", "a comedy", "comedies", "an old man who learns to surf"),
    ("The Silver Train", "an adventure film", "adventure films", "a race across the desert"),
    ("Room for One More", "a family drama", "family dramas", "a couple who take in four children"),
    ("Night of the Owl", "a detective film", "detective films", "a painting stolen from a museum"),
)
# Why somebody has no time one evening: as said, and as told.
EVENING_DUTIES = (
    ("I'm babysitting for my neighbours", "is babysitting for the neighbours"),
    ("I have to work the late shift", "has to work the late shift"),
    ("I've got choir practice", "has choir practice"),
    ("my parents are coming for dinner", "is having parents over for dinner"),
    ("I've got my Spanish class", "has a Spanish class"),
    ("I promised to drive my cousin to the airport", "has promised to drive a cousin to the airport"),
    ("I'm playing in a volleyball match", "is playing in a volleyball match"),
    ("I have a dinner with people from work", "has a dinner with people from work"),
    ("I'm helping my sister move house", "is helping a sister move house"),
    ("I have to finish a report", "has to finish a report"),
)
EXPENSES = (
    "a new washing machine",
    "a second-hand bike",
    "car repairs",
    "a plane ticket home",
    "new glasses",
    "a laptop for college",
    "a big vet bill",
    "a new mattress",
)
MEETING_SPOTS = (
    "outside the cinema",
    "at the bus stop on Park Road",
    "in front of the station",
    "at the coffee bar in the foyer",
    "by the fountain in the square",
    "at the ticket desk",
    "by the bookshop on the corner",
)


@scene
def inviting_to_the_cinema(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    (title, kind, kinds, about), (other_title, other_kind, _, _) = two_different(rng, FILMS)
    day, new_day = two_different(rng, DAYS)
    name, friend = two_different(rng, FIRST_NAMES)
    time, spot = clock(rng, 17, 20), talk.pick(MEETING_SPOTS)
    course = talk.pick(("free", "busy", "seen", "genre", "money"))
    named = talk.chance(0.4)
    if named:
        talk.say(
            a,
            f"Hi, {name}. There's something I'd like to ask you.",
            f"Hello, {name}! I've been trying to reach you since lunch.",
            f"{name}, I'm glad I've caught you.",
            f"Oh, hey, {name}. I was hoping to run into you.",
        )
        talk.say(
            b,
            "Hi! I've just got a short break. What's up?",
            "Hello there. You sound as if you had a plan.",
            "Oh, hello. I'm a little tired, but fine. What is it?",
            "Hey! Nice to hear from you. What's going on?",
        )
    elif course in ("busy", "seen") or talk.chance(0.4):
        talk.say(
            b,
            "You've been on your phone all through lunch. Anything interesting?",
            "You look very pleased with yourself. What's going on?",
            "Got any plans for the next few days?",
            "So, are you doing anything fun this week?",
        )
    who = name if named else "{B}"
    talk.say(
        a,
        f"They're showing {title} on {day} evening. It's {kind} about {about}. Would you like to come with me?",
        f"I'd really like to see {title}, you know, {kind} about {about}. How about going together on {day} evening?",
        f"Are you free on {day} evening? {title} is on at the cinema. It's {kind} about {about}, and I don't want to go alone.",
        f"Let's go to the cinema on {day} evening! There's this film called {title}. It's {kind} about {about}.",
    )
    talk.fact("Which film does {A} want to see?", title)
    talk.note(
        f"{{A}} invites {who} to see {title}, {kind} about {about}, on {day} evening.",
        f"{{A}} wants to go to the cinema with {who} on {day} evening to watch {kind} called {title}.",
        f"On {day} evening {title} is on at the cinema, and {{A}} asks {who} to come along.",
        f"{{A}} suggests watching {title} together with {{B}} on {day}.",
    )
    talk.topic(
        "going to the cinema",
        f"watching {title}" if len(title.split()) < 4 else "watching a film",
        "a cinema invitation",
        "plans for the evening",
    )
    going, film, when = True, title, day
    if course == "free":
        talk.say(
            b,
            f"I'd love to! I read a good review of it. Could {friend} come along, too?",
            f"Count me in. I saw a good review of it in the paper. Oh, and would you mind if {friend} joined us?",
            f"Great idea, it got such a good review. Hmm, {friend} is staying with me, though. Can we bring a third person?",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "Of course, the more the merrier.",
                "Sure, why not? I'll get three tickets, then.",
                "By all means. It'll be fun with three of us.",
            )
            talk.note(
                f"{{B}} accepts gladly and asks to bring {friend} along, which is fine with {{A}}.",
                f"{{B}} has read a good review and will come, and {friend} may join them.",
                f"{{B}} likes the idea, and they agree that {friend} can come, too.",
            )
        else:
            talk.say(
                a,
                "I'm sorry, but I've got a voucher for just two seats.",
                "Ah, that's difficult. It's almost sold out, and I could only get two seats.",
                "Any other time, yes. But I've already booked, and it's only two seats.",
            )
            talk.note(
                f"{{B}} would like to bring {friend}, but {{A}} has only two seats.",
                f"{{B}} accepts and asks if {friend} can come, but there are just two seats.",
                f"{{B}} is happy to come, though {{A}} has no seat for {friend}.",
            )
        talk.say(
            b,
            "I see. Then tell me where and when we'll meet.",
            "All right, good to know. And what time does it start?",
            "Okay, no problem. So when do I have to be there?",
        )
    elif course == "busy":
        said, told = talk.pick(EVENING_DUTIES)
        talk.say(
            b,
            f"Oh, what a shame. On {day} {said}. Could we make it {new_day} instead?",
            f"I'd love to, but {said} that evening. Would {new_day} suit you?",
            f"Hmm, {day} is no good, because {said}. What about {new_day}?",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                f"{new_day} is fine, too. Actually, it's even better for me.",
                f"Let me check. Yes, they show it on {new_day} as well.",
                f"Sure, I've got nothing on that {new_day}.",
            )
            talk.note(
                f"{{B}} {told} on {day}, so they agree on {new_day} instead.",
                f"They put it off to {new_day} because {{B}} {told} that evening.",
                f"Since {{B}} can't come on {day}, {{A}} agrees to go on {new_day}.",
            )
            when = new_day
            talk.say(
                b,
                "Perfect. Where do we meet?",
                "Thanks for being so flexible. When should I be there?",
                "Great, I'm looking forward to it already. What time does it start?",
            )
        else:
            going = False
            talk.say(
                a,
                f"I can't on {new_day}, I'm afraid. And {day} is the last night they're showing it.",
                f"Oh dear. {day} is the very last showing, and I'm away on {new_day}.",
                f"That won't work. I'm out of town on {new_day}, and after {day} it's not on any more.",
            )
            talk.note(
                f"{{B}} {told} on {day}, and {{A}} has no time on {new_day}.",
                f"{{B}} can't come because {{B}} {told}, and {new_day} doesn't suit {{A}}.",
                f"They find no day, as {{B}} is busy on {day} and {{A}} is not free on {new_day}.",
            )
    elif course == "seen":
        talk.say(
            b,
            f"I've already seen that one with {friend}, sorry. But {other_title} looks good. It's {other_kind}.",
            f"Oh no, {friend} took me to it last week! Why don't we watch {other_title}? That's {other_kind}, I think.",
            f"It's a nice film, but I went to see it with {friend} just recently. Could we try {other_title} instead? It's {other_kind}.",
        )
        if talk.chance(0.6):
            film = other_title
            talk.say(
                a,
                f"Why not? I've heard good things about {other_title}.",
                f"{other_title}? Fine, that was my second choice anyway.",
                f"All right, {other_title} it is. I'm easy to please.",
            )
            talk.note(
                f"{{B}} has seen it with {friend} already, so they choose {other_title} instead.",
                f"Because {{B}} knows the film, they will watch {other_title}, {other_kind}.",
                f"{{B}} proposes {other_title}, having already seen the other film, and {{A}} agrees.",
            )
            talk.say(
                b,
                "Lovely. When and where shall we meet?",
                "You're a star. What time should I be there?",
                "Good. Then tell me when you want to meet.",
            )
        else:
            going = False
            talk.say(
                a,
                f"Hmm, {other_title} isn't really my cup of tea, to be honest.",
                f"Thanks, but I've got my heart set on {title}.",
                f"No, sorry, I really don't care for {other_title}.",
            )
            talk.note(
                f"{{B}} has already seen it with {friend} and suggests {other_title}, but {{A}} isn't interested.",
                f"{{B}} knows the film already, and {{A}} doesn't want to see {other_title} instead.",
                f"{{A}} turns down {other_title}, which {{B}} proposes after having seen the first film with {friend}.",
            )
    elif course == "genre":
        talk.say(
            b,
            f"To be honest, I don't enjoy {kinds}. I always fall asleep halfway through.",
            f"Oh, I don't know. I usually fall asleep when I watch {kinds}.",
            f"You know me, {kinds} send me straight to sleep.",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                f"This one's different, I promise. Even {friend} loved it, and nobody is harder to please.",
                f"Give it a try! {friend} felt the same and then loved every minute of it.",
                f"That's what {friend} said, too, and then couldn't stop talking about how good it was.",
            )
            talk.say(
                b,
                "Well, if that's so, I'll give it a chance. When do we meet?",
                "Really? All right, you've talked me into it. What time?",
                "Okay, okay, I'll come. But you'll have to wake me if I snore! So when is it?",
            )
            talk.note(
                f"{{B}} doesn't like {kinds} but gives in because {friend} enjoyed this one.",
                f"{{B}} usually falls asleep during {kinds}, but {{A}} talks {{B}} into coming.",
                f"Although {kinds} make {{B}} sleepy, {{B}} is persuaded when {{A}} says {friend} loved it.",
            )
        else:
            going = False
            talk.say(
                a,
                "Not even this once? I'd buy the popcorn.",
                "Come on, I'll pay for the popcorn!",
                "Oh, please. You can have all my popcorn.",
            )
            talk.say(
                b,
                "That's sweet, but no. I'd only spoil it for you.",
                "No, really, popcorn won't save me. Thanks for asking, though.",
                "You're kind, but I'd rather not. Don't be cross.",
            )
            talk.note(
                f"{{B}} refuses because {kinds} always send {{B}} to sleep, even when {{A}} offers popcorn.",
                f"{{B}} doesn't enjoy {kinds} and can't be won over with popcorn.",
                f"{{A}} tries to win {{B}} over with popcorn, but {{B}} finds {kinds} too dull and declines.",
            )
    else:
        expense = talk.pick(EXPENSES)
        talk.say(
            b,
            f"I'd like to, but I'm a bit short of money this month. I've had to pay for {expense}.",
            f"Hmm, I really have to watch my money at the moment, because I just paid for {expense}.",
            f"It sounds fun, but after paying for {expense} there's not much left in my purse.",
        )
        talk.say(
            a,
            "Don't worry, I'll treat you. I just got a bonus.",
            "Then let it be my treat! I got a bonus last week.",
            "Oh, I'll pay for both of us. I've just had a bonus.",
        )
        if talk.chance(0.65):
            treat = talk.pick(("the popcorn", "the drinks", "the ice cream", "the bus fare", "a coffee afterwards"))
            talk.say(
                b,
                f"Are you sure? Then I'll get {treat}. When do we meet?",
                f"That's so generous! But let me pay for {treat}. What time is it?",
                f"Only if I may pay for {treat}. So when should I be there?",
            )
            talk.note(
                f"{{B}} is short of money after paying for {expense}, so {{A}} will pay for the tickets and {{B}} for {treat}.",
                f"{{A}} offers to treat {{B}}, who has spent a lot on {expense} and will pay for {treat}.",
                f"Since {{B}} had to pay for {expense}, {{A}} buys the tickets, while {{B}} takes care of {treat}.",
            )
        else:
            going = False
            talk.say(
                b,
                "No, no, I can't accept that. You've paid for me twice already.",
                "You're too kind, but you paid last time. It wouldn't feel right.",
                "Thank you, but I don't want you to pay for me again.",
            )
            talk.note(
                f"{{B}} has little money left after paying for {expense} and won't let {{A}} pay.",
                f"{{A}} offers to pay, but {{B}}, who has spent a lot on {expense}, turns the offer down.",
                f"{{B}} declines because of the cost of {expense} and doesn't accept a treat from {{A}}.",
            )
    if going:
        early = talk.pick(("ten minutes", "a quarter of an hour", "twenty minutes", "half an hour"))
        talk.say(
            a,
            f"It starts at {time}, so let's meet {spot} {early} before that.",
            f"The film begins at {time}. I'll be {spot} {early} earlier.",
            f"I'd say we meet {spot}, {early} before the film. It starts at {time}.",
        )
        talk.fact("When does the film start?", time)
        talk.say(
            b,
            f"Got it. See you on {when}!",
            f"Perfect, I'll be there. Till {when}, then.",
            f"Fine, I've written it down. I can't wait for {when}.",
            f"Great. I'll see you on {when}, and I won't be late, I promise.",
        )
        talk.note(
            f"They will meet {spot} {early} before the film starts at {time}.",
            f"The film starts at {time}, and {{A}} and {{B}} arrange to meet {spot}.",
            f"{{A}} tells {{B}} to be {spot} {early} before {time}.",
            f"They arrange to meet {spot} on {when}.",
        )
        talk.gist(
            f"Two friends arrange to see {film} on {when}.",
            f"Friends plan a cinema visit on {when} evening.",
            "Two people make plans to watch a film together.",
        )
    else:
        plan = talk.pick(
            (
                "have lunch together",
                "go for a walk",
                "have a coffee",
                "cook something together",
                "play table tennis",
                "visit the new art museum",
            )
        )
        if b == talk.utterances[-1][0]:
            talk.say(
                a,
                f"Fair enough. Shall we {plan} some other day, then?",
                f"All right, I'll ask somebody else. But let's {plan} soon.",
                f"No hard feelings. Maybe we can {plan} next week?",
            )
            talk.say(
                b,
                "Yes, I'd like that very much.",
                "That's a lovely idea. I'll call you.",
                "With pleasure! Just let me know when.",
            )
            talk.note(
                f"{{A}} isn't offended and suggests that they {plan} another time, and {{B}} agrees.",
                f"Instead they would like to {plan} some other time.",
                f"{{B}} is pleased when {{A}} proposes to {plan} some other day.",
            )
        else:
            talk.say(
                b,
                f"What a pity. Then why don't we {plan} next week?",
                f"Never mind. Let's {plan} next week instead.",
                f"Well, go and enjoy it without me. But next week we should {plan}.",
            )
            talk.say(
                a,
                "Good idea, I'll give you a call.",
                "Yes, let's do that. I'll ring you.",
                "I'd love that. I'll call you to fix a day.",
            )
            talk.note(
                f"{{B}} suggests that they {plan} next week, and {{A}} will call.",
                f"They won't see a film together but plan to {plan} next week.",
                f"{{A}} likes {{B}}'s idea to {plan} next week instead.",
            )
        talk.gist(
            f"A friend does not accept an invitation to see {title}.",
            "Two friends cannot agree on a visit to the cinema.",
            f"Two friends will {plan} instead.",
        )


# What somebody trains for, and what brought it about.
FITNESS_GOALS = (
    "run a charity race",
    "hike in the mountains",
    "keep up with my children",
    "sleep better",
    "lose a few pounds",
    "get rid of my back pain",
    "cycle along the coast with my club",
    "feel less tired",
    "get stronger before the ski season",
    "swim a mile",
    "join the office football team",
    "climb the stairs without a rest",
)
HABITS = (
    "sit at a desk all day",
    "drive to work every morning",
    "spend most evenings on the sofa",
    "hardly ever leave the house at weekends",
    "stopped training two years ago",
    "always take the lift",
    "work long shifts in an office",
    "play video games after work",
)
# An activity as an -ing form, and what may stand against it: as said, and as told.
ACTIVITIES = (
    ("jogging", "my knees hurt when I run", "{A}'s knees hurt when running"),
    ("swimming", "the pool is on the other side of town", "the pool is on the other side of town"),
    ("lifting weights", "the gym costs too much for me", "the gym costs too much for {A}"),
    ("cycling to work", "there's so much traffic on my way", "there is so much traffic on the way"),
    ("doing yoga", "I'm as stiff as a board", "{A} is very stiff"),
    ("skipping rope", "my neighbours downstairs would complain", "the neighbours downstairs would complain"),
    ("rowing", "I haven't got a rowing machine", "{A} hasn't got a rowing machine"),
    ("going to a dance class", "I've got two left feet", "{A} is a clumsy dancer"),
    ("running up stairs", "I get dizzy so easily", "{A} easily gets dizzy"),
    ("playing tennis", "I don't know anybody who plays", "{A} doesn't know anybody who plays"),
)
GENTLE_ACTIVITIES = (
    "brisk walking",
    "stretching at home",
    "water aerobics",
    "riding an exercise bike",
    "an evening walk",
    "a class for beginners",
    "Tai Chi in the park",
    "a home exercise video",
)
FOOD_TIPS = (
    "drink more water",
    "eat a proper breakfast",
    "cut down on sugar",
    "go to bed before eleven",
    "eat more vegetables",
    "leave out the sweet drinks",
    "have a light dinner",
    "take a short walk after lunch",
)


@scene
def giving_fitness_advice(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    goal, habit = talk.pick(FITNESS_GOALS), talk.pick(HABITS)
    activity, objection, objection_told = talk.pick(ACTIVITIES)
    gentle, tip, next_day = talk.pick(GENTLE_ACTIVITIES), talk.pick(FOOD_TIPS), talk.pick(DAYS)
    times, minutes = talk.pick(("twice", "three times", "four times")), talk.pick((15, 20, 25, 30, 40, 45))
    goal_told = (
        goal.replace("my back pain", "back pain").replace("my children", "the children").replace("with my club", "with a club")
    )
    habit_verb, _, habit_rest = habit.partition(" ")
    told_verb = {
        "sit": "sits",
        "drive": "drives",
        "spend": "spends",
        "hardly": "hardly",
        "stopped": "stopped",
        "always": "always",
        "work": "works",
        "play": "plays",
    }[habit_verb]
    habit_told = f"{told_verb} {habit_rest}".replace("hardly ever leave", "hardly ever leaves").replace(
        "always take", "always takes"
    )
    talk.topic("fitness advice", "getting into shape", "plans for exercise", "a healthier life")
    named = talk.chance(0.4)
    who = "{B}"
    if named:
        who = formal_name(rng).replace("Dr.", "Ms.")
        talk.say(
            a,
            f"Excuse me, {who}, you're a trainer here, aren't you? May I ask you something?",
            f"Hello, {who}. They told me at the desk that you give advice to beginners.",
            f"Good morning, {who}. Could I have a word with you about training?",
            f"Hi, {who}. Sorry to bother you, but I could do with some help from a trainer.",
        )
        talk.say(
            b,
            "Yes, go ahead. What would you like to know?",
            "That's what I'm here for. What's on your mind?",
            "No problem at all, take a seat. How can I help?",
        )
    elif talk.chance(0.5):
        talk.say(
            b,
            "You look worn out. Is everything all right?",
            "Wow, you're quite out of breath. Did you run here?",
            "Hey, you wanted to ask me something?",
            "What's that long sigh about?",
        )
    talk.say(
        a,
        f"I'd like to {goal}, but I {habit}. Where should I start?",
        f"You know a lot about sport, don't you? I {habit}, and now I want to {goal}.",
        f"I'm in poor shape, I'm afraid. I {habit}. And I so much want to {goal}! What would you do?",
        f"It's time I did something for my body. I want to {goal}, only I {habit}. Any ideas?",
    )
    talk.note(
        f"{{A}} asks {who} for advice because {{A}} wants to {goal_told}.",
        f"{{A}} would like to {goal_told} but {habit_told}.",
        f"{{A}}, who {habit_told}, hopes to {goal_told} and turns to {who} for ideas.",
        f"{{A}} tells {{B}} about wanting to {goal_told}, although {{A}} {habit_told}.",
    )
    talk.say(
        b,
        f"Good for you! I'd try {activity}, {times} a week, for about {minutes} minutes.",
        f"If I were you, I'd begin with {activity}. {minutes} minutes are enough, {times} a week.",
        f"That's easier than you think. How about {activity}, say, {minutes} minutes, {times} a week?",
    )
    talk.fact("What does {B} first advise?", activity)
    talk.fact("How long should {A} exercise each time?", f"{minutes} minutes")
    plan, asks = activity, False
    if talk.chance(0.55):
        talk.say(
            a,
            f"Hmm, I'm not sure. You see, {objection}.",
            f"I thought of that, too, but {objection}.",
            f"That's the trouble, though: {objection}.",
        )
        talk.note(
            f"{{B}} recommends {activity}, but {objection_told}.",
            f"{{B}} suggests {activity} for {minutes} minutes {times} a week, yet {{A}} has doubts, as {objection_told}.",
            f"{{A}} isn't convinced by {activity}, since {objection_told}.",
        )
        talk.say(
            b,
            f"I see. Then {gentle} would be better for you. It's easy, and it costs next to nothing.",
            f"Oh, in that case I'd go for {gentle}. Anybody can do that.",
            f"No problem. Plenty of people get fit with {gentle} instead.",
        )
        plan = gentle
        if talk.chance(0.7):
            accepted = True
            talk.say(
                a,
                "That I can manage, I think.",
                "Oh, that sounds much more like me.",
                "Right, I can't find an excuse for that one!",
            )
            talk.note(
                f"So {{B}} proposes {gentle} instead, and {{A}} likes the idea.",
                f"{{A}} is happy with {{B}}'s other idea, {gentle}.",
                f"{{A}} thinks that {gentle}, which {{B}} recommends instead, can be managed.",
            )
        else:
            accepted = False
            talk.say(
                a,
                "Honestly, that sounds a bit boring. Let me think about it.",
                "Hmm, I don't know. I'd get bored after a week, so I'd better think it over.",
                "Isn't that rather boring? I'll have to sleep on it.",
            )
            talk.note(
                f"{{B}} then mentions {gentle}, but {{A}} finds it boring and wants to think about it.",
                f"{{A}} fears that {gentle}, {{B}}'s other idea, is boring and doesn't decide yet.",
                f"{{A}} needs time to consider {gentle} because it seems boring.",
            )
    else:
        accepted = True
        talk.say(
            a,
            "I used to like that at school, actually. Is it really enough?",
            "Really? That doesn't sound too hard. And that's enough?",
            "Okay, that's less than I feared. But will it be enough?",
        )
        talk.say(
            b,
            "For the first month, yes. After that you can do a little more.",
            "It's plenty for the first month. Then you can slowly add more.",
            "Absolutely, for the first month. Just don't overdo it.",
        )
        talk.note(
            f"{{B}} recommends {activity} {times} a week for {minutes} minutes, which is enough in the first month.",
            f"{{B}} advises {{A}} to start with {activity} {times} a week.",
            f"According to {who}, {activity} for {minutes} minutes, {times} a week, will do for the first month.",
        )
        asks = talk.chance(0.5)
        if asks:
            talk.say(
                a, "Good. Is there anything else I should change?", "And what about the rest of the day?", "Fine. Any other tips?"
            )
    if asks or (a == talk.utterances[-1][0] and talk.chance(0.75)):
        talk.say(
            b,
            f"One more thing: {tip}. It makes a huge difference.",
            f"And try to {tip}. You'll notice it soon.",
            f"You should also {tip}, if you can. It really helps.",
        )
        if accepted:
            talk.say(
                a,
                "I'll do my best, but that's the hard part for me.",
                "Oh dear, that will be harder than the exercise!",
                "Hmm, that's my weak point. But I'll try.",
            )
        else:
            talk.say(
                a, "That much I can do, I suppose.", "Well, I can start with that, at least.", "Okay, that part is easy enough."
            )
        talk.note(
            f"{{B}} also tells {{A}} to {tip}.",
            f"Besides, {{A}} should {tip}, {{B}} says.",
            f"Another piece of advice from {{B}} is to {tip}.",
            major=False,
        )
    if accepted:
        ending = talk.pick(("together", "alone", "card"))
        if talk.utterances[-1][0] == b:
            talk.say(a, "Thanks, I feel better about it already.", "That sounds good to me.", "Great, now I only have to begin.")
        if ending == "together":
            talk.say(
                b,
                f"Shall I come along the first time? I'm free on {next_day}.",
                f"If you like, we can do it together on {next_day}.",
                f"You know what? I'll join you on {next_day}, so that you don't give up.",
            )
            talk.say(
                a,
                f"Would you? That's so kind. {next_day}, then!",
                "I'd be so grateful. It's much easier with company.",
                "Oh yes, please! With you there I can't back out.",
            )
            talk.note(
                f"{{B}} offers to join {{A}} on {next_day}, and {{A}} gladly accepts.",
                f"They will start together on {next_day}.",
                f"{{A}} is grateful that {{B}} will come along on {next_day}.",
            )
            talk.gist(
                f"Someone gets fitness advice and will start on {next_day} in company.",
                f"An adviser recommends {plan} and offers to join in.",
                "Two people talk about exercise and decide to train together.",
            )
        elif ending == "alone":
            talk.say(
                b,
                "So when are you going to begin?",
                "Don't put it off too long. When will you start?",
                "Then there's only one question left. When's the first day?",
            )
            talk.say(
                a,
                f"On {next_day}, first thing in the morning. I've made up my mind.",
                f"I'll start on {next_day}, before breakfast. No more excuses!",
                f"Next {next_day} in the morning. And I'll tell everybody, so I have to do it.",
            )
            talk.note(
                f"{{A}} decides to start on {next_day} morning.",
                f"Asked about the first day, {{A}} says it will be {next_day}.",
                f"{{A}} promises {{B}} to begin in the morning on {next_day}.",
            )
            talk.gist(
                f"Someone asks for fitness advice and will start on {next_day}.",
                f"A person who wants to get fit chooses {plan}.",
                "A person gets useful advice about exercise and health.",
            )
        else:
            talk.say(
                b,
                "Write down every session on a card. And see a doctor first if you feel any pain.",
                "Keep a record of each session, and if anything hurts, ask a doctor.",
                "It helps to note down every session. But go to a doctor if something hurts.",
            )
            talk.say(
                a,
                "I will. Thank you so much for your time.",
                "Good point. Thanks a lot, you've really helped me.",
                "All right, I'll keep that in mind. Thanks!",
            )
            talk.note(
                "{B} advises {A} to record every session and to see a doctor in case of pain.",
                "{A} thanks {B} and will keep a record of the training.",
                "{A} should write down each session and ask a doctor if anything hurts.",
            )
            talk.gist(
                "Someone receives advice on how to become fit.",
                f"A beginner learns that {plan} is a good start.",
                "A beginner gets advice about training and thanks the adviser.",
            )
    else:
        talk.say(
            b,
            f"Take your time, but don't wait forever. I'll ask you again on {next_day}.",
            f"Fine, but I'll check on you on {next_day}!",
            f"That's all right. Just tell me on {next_day} what you've decided.",
        )
        talk.say(
            a, "Deal. You'll have my answer by then.", "All right, by then I'll know.", "Okay, you'll hear from me, I promise."
        )
        talk.note(
            f"{{A}} will give {{B}} an answer on {next_day}.",
            f"{{A}} promises to have decided by {next_day}.",
            f"They will speak about it again on {next_day}, when {{A}} has made up {{A}}'s mind.",
        )
        talk.gist(
            "Someone asks for fitness advice but hesitates to follow it.",
            f"A person is not yet sure about {plan}.",
            "A person wants to get fit but cannot decide how.",
        )


SUBJECTS = (
    "maths",
    "history",
    "chemistry",
    "biology",
    "physics",
    "French",
    "geography",
    "economics",
    "statistics",
    "music theory",
    "law",
    "Latin",
    "computer science",
    "psychology",
)
STUDY_AIDS = (
    "a private tutor",
    "old exam papers",
    "a study group",
    "flash cards",
    "an online course",
    "a friend's notes",
    "a good textbook",
    "recorded lectures",
)
CELEBRATIONS = (
    "go out for pizza",
    "have a barbecue in the garden",
    "go bowling",
    "eat at the new Indian restaurant",
    "throw a little party",
    "take a boat out on the lake",
    "get the biggest ice cream in town",
    "spend a day at the beach",
)
HARD_PARTS = (
    "the last question",
    "the essay",
    "the practical part",
    "the question on page four",
    "the very first task",
    "the multiple choice section",
    "the long text on page two",
    "the second half",
)


@scene
def talking_about_exam_results(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    subject, other_subject = two_different(rng, SUBJECTS)
    hard, aid = talk.pick(HARD_PARTS), talk.pick(STUDY_AIDS)
    day, name = talk.pick(DAYS), talk.pick(FIRST_NAMES)
    course = talk.pick(("good", "good", "scraped", "failed", "failed", "mistake"))
    score = {
        "good": rng.randint(82, 98),
        "scraped": rng.randint(51, 55),
        "failed": rng.randint(31, 47),
        "mistake": rng.randint(6, 17),
    }[course]
    talk.topic("exam results", f"the {subject} exam", f"{subject} results", "news from school")
    named = talk.chance(0.4)
    who = name if named else "{B}"
    if named:
        talk.say(
            a,
            f"{name}, have you heard? The results are out!",
            f"Hi, {name}. They've sent out the exam results.",
            f"Oh, {name}, there you are! We've got our results.",
            f"Hello, {name}. Guess what came in the post today? The results!",
        )
        talk.say(
            b,
            "At last! And? How was it?",
            "I've been in class all day. So, how did you do?",
            "Really? Tell me, I'm all ears.",
            "Oh! Is it good news or bad news?",
        )
    else:
        talk.say(
            b,
            f"So, how did your {subject} exam go? Have they told you yet?",
            f"Didn't you get your {subject} results today?",
            f"You've been staring at that letter for ages. Is it about {subject}?",
            f"I heard the {subject} results are out. How did you do?",
        )
    if course == "good":
        talk.say(
            a,
            f"I got {score} percent in {subject}! I still can't believe it, because I thought {hard} was a disaster.",
            f"You won't believe it. {score} percent in {subject}! And I was sure I'd messed up {hard}.",
            f"It's {score} percent for {subject}. I'm over the moon! I was so worried about {hard}.",
        )
        talk.note(
            f"{{A}} is delighted to have got {score} percent in {subject}.",
            f"{{A}} tells {who} about scoring {score} percent in the {subject} exam.",
            f"Although {{A}} was worried about {hard}, {{A}} has got {score} percent in {subject}.",
            f"{{A}} can hardly believe the {subject} result of {score} percent.",
        )
        talk.say(
            b,
            "Congratulations! You've earned it. How did you prepare?",
            "That's brilliant, well done! What's your secret?",
            "Wow, I'm so proud of you! How on earth did you do it?",
        )
        talk.say(
            a,
            f"I used {aid}, and I studied a little every day.",
            f"Mostly with {aid}. And I sat down for an hour every day.",
            f"It was {aid} that saved me. And studying every single day, of course.",
        )
        talk.note(
            f"{{A}} studied every day with the help of {aid}.",
            f"{{B}} asks how {{A}} did it, and {{A}} mentions {aid}.",
            f"{{A}}'s secret was {aid} and studying daily.",
            major=talk.chance(0.5),
        )
        party = talk.pick(CELEBRATIONS)
        talk.say(
            b,
            f"This calls for a celebration. Let's {party} on {day}!",
            f"We have to celebrate that. Shall we {party} on {day}?",
            f"How about we {party} on {day}? My treat, to celebrate.",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                f"With pleasure! I'll be free all day on {day}.",
                "I'd love to. That's just what I need now.",
                "What a great idea! I'll tell the others.",
            )
            talk.note(
                f"{{B}} suggests that they {party} on {day}, and {{A}} is happy to.",
                f"They will {party} on {day} to celebrate.",
                f"{{A}} accepts {{B}}'s idea to {party} on {day}.",
            )
            talk.gist(
                f"Two people are happy about a good {subject} result.",
                f"A student does very well in {subject} and will celebrate.",
                f"Someone shares the good news of {score} percent in {subject}.",
            )
        else:
            talk.say(
                a,
                f"I wish I could, but my {other_subject} exam is the day after. Can we wait until that's over?",
                f"Not yet, please. I've still got {other_subject} to study for. Let's do it after that exam.",
                f"That's sweet of you, but first I have to get through my {other_subject} exam. Afterwards, okay?",
            )
            talk.say(b, "Of course, it can wait.", "Sure, first things first.", "You're right. Good luck with that one, then!")
            talk.note(
                f"{{B}} wants to {party} on {day}, but {{A}} asks to wait until after the {other_subject} exam.",
                f"They put off the celebration, as {{A}} has to study for {other_subject}.",
                f"Because of another exam, in {other_subject}, they will celebrate later.",
            )
            talk.gist(
                f"A student does well in {subject} but cannot celebrate yet.",
                f"Two people talk about a very good {subject} result.",
                f"Someone with {score} percent in {subject} has another exam coming.",
            )
    elif course == "scraped":
        talk.say(
            a,
            f"I passed {subject}, but only just. {score} percent, and you need 50.",
            f"Well, {score} percent in {subject}. The pass mark is 50, so it was really close.",
            f"I've got {score} percent in {subject}. It's a pass, because 50 is enough, but I'd hoped for more.",
        )
        talk.say(
            b,
            "A pass is a pass! What went wrong, though?",
            "Still, you made it. Was it so difficult?",
            "Never mind, you're through. What was the trouble?",
        )
        talk.say(
            a,
            f"I lost too much time on {hard}.",
            f"I got stuck on {hard} and ran out of time.",
            f"It was {hard}. It took me so long that I had to rush the rest.",
        )
        talk.note(
            f"{{A}} has only just passed {subject}, with {score} percent, after losing time on {hard}.",
            f"{{A}} tells {who} that {{A}} got {score} percent in {subject}, where 50 is enough to pass.",
            f"With {score} percent {{A}} narrowly passes the {subject} exam.",
            f"{{A}} gets a bare pass in {subject}, since {hard} took too long.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Why don't you ask to take it again for a better mark?",
                "You could sit it once more and improve your mark, couldn't you?",
                "Have you thought of taking it again to get a higher mark?",
            )
            if talk.chance(0.5):
                talk.say(
                    a,
                    f"Actually, yes. I'll get {aid} and try again in spring.",
                    f"I've thought of that. With {aid} I might do much better in spring.",
                    f"Maybe I should. I'd use {aid} this time. The next date is in spring.",
                )
                talk.say(
                    b, "That's the spirit!", "I'm sure it will go better then.", "Good for you. I'll keep my fingers crossed."
                )
                talk.note(
                    f"{{B}} suggests taking the exam again, and {{A}} thinks of doing so in spring, using {aid}.",
                    f"{{A}} may try for a better mark in spring with {aid}.",
                    f"Encouraged by {{B}}, {{A}} considers another attempt in spring with the help of {aid}.",
                )
                talk.gist(
                    f"A student barely passes {subject} and may try again.",
                    f"Two people talk about a narrow pass in {subject}.",
                    f"Someone is not quite happy with {score} percent in {subject}.",
                )
            else:
                talk.say(
                    a,
                    f"No way! I never want to see {subject} again.",
                    f"Not for anything in the world. I'm done with {subject}.",
                    f"Oh, please, no. I'm just glad to be rid of {subject}.",
                )
                talk.say(
                    b,
                    "I can understand that. Then enjoy your free time!",
                    "Fair enough. Let's forget about it.",
                    "All right, all right, I won't mention it again.",
                )
                talk.note(
                    f"{{B}} suggests taking the exam again, but {{A}} is glad to be done with {subject}.",
                    "{A} doesn't want to repeat the exam for a higher mark.",
                    f"{{A}} rejects {{B}}'s idea of trying for a better mark in {subject}.",
                )
                talk.gist(
                    f"A student barely passes {subject} and leaves it at that.",
                    f"Two people talk about a narrow pass in {subject}.",
                    f"Someone is glad to be done with {subject}.",
                )
        else:
            own = rng.randint(56, 79)
            if named:
                talk.say(
                    b,
                    f"Well, if it helps, I just looked up mine. It's {own} percent, and I studied for weeks.",
                    f"I've found mine on my phone just now. {own} percent, after weeks of work!",
                    f"Let me check mine. Oh, only {own} percent. And I worked for weeks!",
                )
            else:
                talk.say(
                    b,
                    f"Well, when I took it last year, I got {own} percent, and I studied for weeks.",
                    f"Last year I had {own} percent myself, after weeks of work.",
                    f"If it helps, I only got {own} percent last year. And I worked for weeks!",
                )
            talk.say(
                a,
                "Then I shouldn't complain. I only studied for three days.",
                "Oh, that does make me feel better. I hardly studied for three days.",
                "Weeks? I did it in three days. So I can't really complain!",
            )
            talk.note(
                f"{{B}} got {own} percent after weeks of work, which comforts {{A}}, who studied for only three days.",
                f"{{A}} feels better on hearing that {{B}} worked for weeks and got {own} percent.",
                f"{{A}} stops complaining, because {{B}} needed weeks of study to get {own} percent.",
            )
            talk.gist(
                f"Two people compare their results in {subject}.",
                f"A student barely passes {subject} but cannot complain.",
                f"Someone passes {subject} with very little study.",
            )
    elif course == "failed":
        talk.say(
            a,
            f"I failed {subject}. Only {score} percent. I just couldn't do {hard}.",
            f"Don't ask. {score} percent in {subject}, so I failed. {hard.capitalize()} was too much for me.",
            f"It's bad, I'm afraid. I've got {score} percent in {subject}, and that's a fail. I left out {hard} completely.",
        )
        talk.note(
            f"{{A}} has failed {subject} with {score} percent.",
            f"{{A}} tells {who} about failing the {subject} exam because of {hard}.",
            f"{{A}} is sad to have got just {score} percent in {subject}, which isn't enough to pass.",
            f"With only {score} percent, {{A}} has not passed the {subject} exam.",
        )
        talk.say(
            b,
            "Oh, I'm so sorry. Is there a second chance?",
            "That's hard luck. Can you take it again?",
            "Poor you! But surely you can repeat it?",
        )
        month = talk.pick(MONTHS)
        talk.say(
            a,
            f"Yes, in {month}. But I don't know how I'll ever learn all that.",
            f"There's another date in {month}. I'm afraid I'll fail again, though.",
            f"I can try again in {month}, but honestly, I've lost heart.",
        )
        talk.fact("When can {A} take the exam again?", f"in {month}")
        if talk.chance(0.5):
            talk.say(
                b,
                f"I'll help you. Let's sit down together every {day}.",
                f"Then we'll study together. I've got time every {day}.",
                f"Don't give up! Come over every {day}, and I'll explain things to you.",
            )
            if talk.chance(0.7):
                talk.say(
                    a,
                    "You'd do that for me? Thank you so much!",
                    "Really? That takes a weight off my mind.",
                    "That would be wonderful. I owe you one.",
                )
                talk.note(
                    f"{{A}} can repeat the exam in {month}, and {{B}} will help {{A}} study every {day}.",
                    f"{{B}} offers help every {day} so that {{A}} can pass in {month}.",
                    f"{{A}} gratefully accepts {{B}}'s help, every {day}, for a second attempt in {month}.",
                )
                talk.gist(
                    f"A student fails {subject} and gets help from a friend.",
                    f"Two people will study {subject} together.",
                    f"Someone offers to help a friend who failed {subject}.",
                )
            else:
                talk.say(
                    a,
                    f"That's nice of you, but I work every {day}. I'd better look for {aid}.",
                    f"Thanks, but {day} is when I work. I think I'll try {aid}.",
                    f"I'm touched, but every {day} I have to work. Maybe {aid} will do.",
                )
                talk.note(
                    f"{{B}} offers to study with {{A}} every {day}, but {{A}} works then and will try {aid}.",
                    f"As {{A}} works every {day}, {{A}} can't accept {{B}}'s help and thinks of {aid}.",
                    f"{{A}} hopes to manage the second attempt in {month} with {aid}, having no time on {day} for {{B}}'s help.",
                )
                talk.gist(
                    f"A student who failed {subject} looks for a way to study.",
                    f"A friend offers help after a failed {subject} exam.",
                    f"Someone fails {subject} but can try again in {month}.",
                )
        else:
            talk.say(
                b,
                f"I failed {other_subject} once, too. What helped me was {aid}.",
                f"You know, I failed {other_subject} once. Then I tried {aid}, and it worked.",
                f"Chin up! I once failed {other_subject}, and with {aid} I passed the second time.",
            )
            talk.say(
                a,
                f"You failed {other_subject}? I had no idea. That gives me some hope.",
                "Really, you? Then maybe I'm not so stupid after all.",
                "I'd never have thought so. All right, I'll give it a try.",
            )
            talk.note(
                f"{{B}} once failed {other_subject} and recommends {aid} for {{A}}'s second attempt in {month}.",
                f"{{B}} encourages {{A}}, who can try again in {month}, by telling about failing {other_subject}.",
                f"{{A}} may repeat the exam in {month} and takes heart from {{B}}'s story of failing {other_subject}.",
            )
            talk.gist(
                f"A friend comforts a student who failed {subject}.",
                f"A student failed {subject} but finds new hope.",
                f"Someone recommends {aid} after a failed exam.",
            )
    else:
        right = 100 - score
        talk.say(
            a,
            f"It says I've got {score} percent in {subject}. That can't be right! I answered everything, even {hard}.",
            f"They gave me {score} percent in {subject}, and I don't understand it. I found it easy, even {hard}.",
            f"{score} percent in {subject}! There must be some mistake. I was so sure about everything, even {hard}.",
        )
        talk.say(
            b,
            "That's strange. You're usually so good at it. Show me the letter.",
            "That doesn't sound like you at all. May I have a look at the letter?",
            "You? Impossible. Let me see the letter.",
        )
        talk.note(
            f"{{A}} doesn't understand a result of just {score} percent in {subject}.",
            f"{{A}} believes there is a mistake in the {subject} result of {score} percent.",
            f"{{A}} complains to {who} about getting {score} percent in {subject}, having felt so confident.",
        )
        if talk.chance(0.5):
            talk.say(
                a, "Here. What do you think?", "Here it is. I've read it ten times.", "There you are. Do you see anything odd?"
            )
            talk.say(
                b,
                f"Look, you've turned it around! That's the share of wrong answers. You got {right} percent.",
                f"Wait a second, this is the number of mistakes. Your result is down here, {right} percent!",
                f"You silly thing! That's what you got wrong. You've scored {right} percent.",
            )
            talk.say(
                a,
                "Oh my goodness, how embarrassing! And what a relief!",
                "Really? Oh, I'm so relieved! I've been crying all morning for nothing.",
                "Is it? I could hug you! I must have been too nervous to read.",
            )
            talk.note(
                f"{{B}} finds out that {{A}} misread the letter and really got {right} percent, to {{A}}'s relief.",
                f"{{A}} is relieved because the true result, as {{B}} discovers, is {right} percent.",
                f"Reading it again, {{B}} sees that {{A}} has scored {right} percent, and {{A}} feels relieved.",
            )
            talk.gist(
                f"A student misreads a very good {subject} result.",
                "Someone learns that an exam went well after all.",
                f"A bad {subject} result turns out to be a good one.",
            )
        else:
            talk.say(
                a,
                "Here. Look at the name, it's mine, but is that my student number?",
                "See for yourself. Is that really my student number?",
                "Take a look. Something's odd about the student number, isn't it?",
            )
            talk.say(
                b,
                "It isn't! They've mixed you up with somebody else. Call the office right away.",
                "No, it's wrong. They must have mixed up two people. You should ring the office.",
                "You're right, that's a different number. It's a mix-up, so phone the office at once.",
            )
            fixed = talk.chance(0.5)
            if fixed:
                talk.say(
                    a,
                    f"Good idea, they're open till {talk.pick(('four', 'five', 'six'))}. I'll call them now.",
                    "I'm dialing already. I hope somebody answers.",
                    "Yes, I'll do it this minute. Where's my phone?",
                )
                talk.note(
                    "The student number is wrong, so {A} follows {B}'s advice and calls the office at once.",
                    "{B} notices that the results have been mixed up, and {A} will phone the office right away.",
                    "As the letter shows a wrong student number, {A} is going to call the office immediately.",
                )
            else:
                talk.say(
                    a,
                    f"They're closed until {day}. I'll have to wait, I guess.",
                    f"I tried, but nobody's there before {day}. So I must be patient.",
                    f"The office doesn't open again until {day}. That's a long wait!",
                )
                talk.note(
                    f"The student number is wrong, but the office is closed until {day}, so {{A}} has to wait.",
                    f"{{B}} thinks the results were mixed up, yet {{A}} can't reach the office before {day}.",
                    f"{{B}} tells {{A}} to call the office about the mix-up, which isn't possible until {day}.",
                )
            talk.gist(
                f"A student's {subject} result was mixed up with another's.",
                "Two people discover a mix-up in an exam result.",
                "A wrong student number explains a bad exam result.",
            )
    talk.fact(
        "What percentage did {A} read in the result?" if course == "mistake" else "What result did {A} get?", f"{score} percent"
    )


# Somebody with a birthday, as a relative of the speaker, and the pronouns: she, her.
BIRTHDAY_PEOPLE = (
    ("mother", "she", "her"),
    ("father", "he", "him"),
    ("sister", "she", "her"),
    ("brother", "he", "him"),
    ("aunt", "she", "her"),
    ("uncle", "he", "him"),
    ("grandmother", "she", "her"),
    ("grandfather", "he", "him"),
    ("niece", "she", "her"),
    ("nephew", "he", "him"),
)
# A hobby, and three presents that go with it.
HOBBIES = (
    ("gardening", "a set of flower pots", "a good pair of garden scissors", "a book about roses"),
    ("cooking", "a cast-iron pan", "a cooking course", "a big spice box"),
    ("hiking", "a warm hat", "a new backpack", "a thermos flask"),
    ("painting", "a box of watercolours", "an easel", "a ticket for the modern art museum"),
    ("music", "a concert ticket", "a pair of headphones", "a record player"),
    ("reading", "a detective novel", "a reading lamp", "a book token"),
    ("photography", "a photo album", "a camera bag", "a small tripod"),
    ("knitting", "a basket of fine wool", "a set of wooden needles", "a book of patterns"),
    ("cycling", "a cycling jersey", "a bright bike lamp", "a tool kit"),
    ("chess", "a wooden chess set", "a chess clock", "a book on famous games"),
    ("bird watching", "a pair of binoculars", "a bird feeder", "a bird calendar"),
    ("baking", "a cake stand", "a set of baking tins", "a kitchen scale"),
)


@scene
def choosing_a_birthday_present(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    relative, he, him = talk.pick(BIRTHDAY_PEOPLE)
    hobby, *presents = talk.pick(HOBBIES)
    rng.shuffle(presents)
    first, second, third = presents
    day, budget = talk.pick(DAYS), money(rng, 20, 90)
    name, trouble = talk.pick(FIRST_NAMES), talk.pick(("has", "last_year", "none", "dear"))
    whose = "his" if he == "he" else "her"
    talk.topic(
        "a birthday present",
        f"a present for a {relative}" if relative[0] not in "au" else f"a present for an {relative}",
        "choosing a gift",
        "birthday shopping",
    )
    named = talk.chance(0.4)
    who = name if named else "{B}"
    if named:
        talk.say(
            a,
            f"{name}, can I ask you for some advice?",
            f"Have you got a moment, {name}? I need a good idea.",
            f"Hi, {name}. You're good at choosing presents, aren't you?",
            f"Help me, {name}, I'm getting desperate!",
        )
        talk.say(b, "Sure. What's it about?", "Of course. What's the problem?", "I'll do what I can. Tell me.")
    elif trouble == "none" or talk.chance(0.5):
        talk.say(
            b,
            "You've been looking at that website for an hour. What do you need?",
            "What are you thinking about so hard?",
            "Why are you staring at that shop window?",
            "You look lost. Can I help you with anything?",
        )
    talk.say(
        a,
        f"It's my {relative}'s birthday on {day}, and I have no idea what to get {him}. All I know is that {he} loves {hobby}.",
        f"I need a present for my {relative}. {he.capitalize()} loves {hobby}, and the birthday is on {day} already!",
        f"On {day} it's my {relative}'s birthday. {he.capitalize()} loves {hobby}, but what do you give to somebody who has everything?",
        f"My {relative} has a birthday on {day}, and I still don't have a present. I only know {he} loves {hobby}.",
    )
    talk.fact("What does {A}'s " + relative + " love?", hobby)
    talk.note(
        f"{{A}} needs a present for {{A}}'s {relative}, who loves {hobby} and has a birthday on {day}.",
        f"{{A}}'s {relative} has a birthday on {day}, and {{A}} doesn't know what to give {him}.",
        f"{{A}} asks for {who}'s help with a birthday present for a {relative} who loves {hobby}.".replace(
            "a aunt", "an aunt"
        ).replace("a uncle", "an uncle"),
        f"{{A}} is looking for something for {{A}}'s {relative}'s birthday on {day}.",
    )
    talk.say(b, f"How about {first}?", f"That's easy. What about {first}?", f"Well, {he}'d surely be happy with {first}.")
    chosen = first
    if trouble == "none":
        talk.say(
            a,
            "Oh, that's a brilliant idea! Why didn't I think of that?",
            "You're a genius. That's perfect!",
            f"Yes! {he.capitalize()} mentioned something like that only last week.",
        )
        talk.note(
            f"{{B}} suggests {first}, and {{A}} likes the idea very much.",
            f"{{A}} is delighted with {{B}}'s idea of {first}.",
            f"{{B}} comes up with {first}, which {{A}} thinks is just right.",
        )
    else:
        if trouble == "has":
            talk.say(
                a,
                f"{he.capitalize()}'s already got that.",
                f"I thought of it, too, but {he}'s got that at home.",
                f"No, {he} bought that for {whose} own use not long ago.",
            )
            why = f"{{A}}'s {relative} already has that"
        elif trouble == "last_year":
            talk.say(
                a,
                f"That's what I gave {him} last year, I'm afraid.",
                "Hmm, I can't. It was last year's present!",
                f"Funny you should say that. Last year I gave {him} exactly that.",
            )
            why = "it was last year's present"
        else:
            high = int(budget.split()[0]) + talk.pick((15, 20, 30, 45, 60))
            talk.say(
                a,
                f"I saw that in town, and it costs {high} dollars. I only want to spend {budget}.",
                f"The good ones are {high} dollars, I've looked. And I've set aside just {budget}.",
                f"Too dear, I'm afraid. It's {high} dollars, and I can only afford {budget}.",
            )
            why = f"{high} dollars is too much for {{A}}"
        talk.say(
            b,
            f"I see. Then {second} might be just the thing.",
            f"Okay, next idea. Buy {him} {second}!",
            f"Hmm, let me think. What would {he} say to {second}?",
        )
        if talk.chance(0.6):
            chosen = second
            talk.say(
                a,
                f"Now that's something {he} really needs. Let's do that.",
                f"Oh yes, {he}'d love that! It's decided.",
                "That's much better. Thank you, that's it!",
            )
            talk.note(
                f"{{B}} proposes {first}, but {why}, so they settle on {second}.",
                f"{first.capitalize()} is {{B}}'s first idea, but {why}. {{A}} then decides on {second}.",
                f"{{A}} turns down {first} because {why}, but likes {{B}}'s next idea, {second}.",
            )
        else:
            talk.say(
                a,
                f"That's a bit dull for a birthday. Wait, I've got it. What about {third}?",
                f"Hmm, not very exciting. But you've made me think of something. I could get {third}!",
                f"No, that's too ordinary. Hold on, I think I'll take {third}.",
            )
            talk.say(
                b,
                "Even better! Go for it.",
                "Oh, that's really nice. I wish somebody would give me that.",
                "There you go! You didn't even need me.",
            )
            chosen = third
            talk.note(
                f"{{B}} suggests {first} and {second}, but {{A}} has a better idea and chooses {third}.",
                f"{{A}} doesn't want {first} or {second} and thinks of {third}.",
                f"After turning down two of {{B}}'s ideas, {{A}} wants to get {third}.",
            )
    ending = talk.pick(("share", "shop", "late", "cake"))
    if ending == "share":
        share = money(rng, 10, 40)
        speaker = a if talk.utterances[-1][0] == b else b
        if speaker == a:
            talk.say(
                a,
                f"Would you like to join in? With {share} from you I could buy a really nice one.",
                f"Do you want to share the present? You'd pay {share}, and I'd pay the rest.",
                f"We could give it together, if you put in {share}. What do you think?",
            )
        else:
            talk.say(
                b,
                f"May I join in? I'd gladly pay {share} of it.",
                f"Let's give it together. I'll put in {share}, if you like.",
                f"Shall we share it? I could give you {share}.",
            )
        if talk.chance(0.6):
            if speaker == a:
                talk.say(
                    b,
                    "Sure, I don't have anything yet anyway.",
                    "Good idea, that saves me a trip to the shops.",
                    f"Gladly. I like your {relative} so much.",
                )
            else:
                talk.say(
                    a,
                    "Would you? That'd be a great help.",
                    "Lovely, then it's from both of us!",
                    f"Oh, {he}'ll be so pleased that you thought of {him}.",
                )
            talk.note(
                f"They will give it together, and {{B}} will pay {share}.",
                f"{{A}} asks {{B}} for {share} of the price, and {{B}} agrees."
                if speaker == a
                else f"{{B}} offers to pay {share} of the price, which {{A}} accepts.",
                f"{{B}} is going to pay {share} towards the present.",
            )
        else:
            if speaker == a:
                talk.say(
                    b,
                    "I'd like to, but I've bought something already.",
                    "Sorry, I've got a present at home, all wrapped up.",
                    f"That's kind, but I've already found something for {him}.",
                )
                talk.note(
                    f"{{A}} asks {{B}} to pay {share} and share the present, but {{B}} has bought one already.",
                    "{B} doesn't want to share, having already got another present.",
                    f"{{B}} can't join in with {share}, since {{B}} has something else for {him}.",
                )
            else:
                talk.say(
                    a,
                    "That's sweet of you, but I'd like it to be from me alone.",
                    "Thanks, but this year I want to pay for it all by myself.",
                    f"No, thank you. It's a special birthday, so I want to give it to {him} on my own.",
                )
                talk.note(
                    f"{{B}} offers to pay {share}, but {{A}} wants to give the present alone.",
                    f"{{A}} would rather not share the present, though {{B}} offers {share}.",
                    f"{{A}} turns down {{B}}'s {share}, as the present shall come from {{A}} only.",
                )
    elif ending == "shop":
        shop = talk.pick(
            (
                "the department store on Main Street",
                "the little shop by the station",
                "the market hall",
                "the shopping centre",
                "the shop opposite the library",
                "the new store near the bridge",
            )
        )
        time = clock(rng, 9, 17)
        if talk.utterances[-1][0] == a:
            talk.say(b, f"They have nice ones at {shop}.", f"Try {shop}. They have a big choice.", f"I'd go to {shop} for that.")
            talk.say(
                a,
                f"Would you come with me? I'm going at {time} tomorrow.",
                f"Could you go there with me at {time} tomorrow?",
                f"Then let's go together. Is {time} tomorrow all right?",
            )
        else:
            talk.say(
                a,
                f"I'll go to {shop} at {time} tomorrow. Will you come with me?",
                f"Could you come to {shop} with me? Say, at {time} tomorrow?",
                f"I think {shop} sells that. Would you go there with me at {time} tomorrow?",
            )
        if talk.chance(0.55):
            talk.say(
                b,
                "Yes, I need a few things myself.",
                "Sure, I'd like to look around there anyway.",
                "All right, I'll pick you up.",
            )
            talk.note(
                f"They will go to {shop} together at {time} the next day.",
                f"{{B}} agrees to come along to {shop} tomorrow at {time}.",
                f"{{A}} asks {{B}} to go to {shop} tomorrow, and {{B}} says yes.",
            )
        else:
            talk.say(
                b,
                "I can't, I'm at work then. But you'll find it easily.",
                "Sorry, I have to work at that time. You'll manage without me!",
                "Oh, that's in the middle of my shift at work. You'll have to go alone.",
            )
            talk.note(
                f"{{A}} wants to go to {shop} at {time} the next day, but {{B}} has to work.",
                f"{{B}} can't come to {shop} tomorrow because of work, so {{A}} must go alone.",
                f"{{A}} has to go to {shop} without {{B}}, who is at work tomorrow at {time}.",
            )
    elif ending == "late":
        if talk.utterances[-1][0] == b:
            talk.say(
                a,
                "I'll order it on the internet tonight.",
                "Good, I'll look for it online later.",
                "Fine, then I'll just order it on the web.",
            )
        talk.say(
            b,
            f"If you buy it online, it won't arrive before {day}. Orders take a week at the moment.",
            f"Don't order it online, though. It takes a week, and {day} is much sooner.",
            f"Just remember that online orders are slow. A week, they say, so it won't be here by {day}.",
        )
        backup = talk.pick(
            (
                "give a card with a picture of it",
                "bring flowers and hand over the present later",
                "drive into town this afternoon",
                "pay extra for express delivery",
            )
        )
        talk.say(
            a,
            f"Oh no, you're right! Then I'd better {backup}.",
            f"I hadn't thought of that. I'll {backup}, I suppose.",
            f"A week? Well, in that case I'll {backup}.",
        )
        talk.note(
            f"{{B}} warns that an online order takes a week, so {{A}} will {backup}.",
            f"As the delivery wouldn't come before {day}, {{A}} plans to {backup}.",
            f"{{A}} decides to {backup} because ordering takes too long.",
        )
    else:
        cake = talk.pick(
            (
                "a chocolate cake",
                "a lemon cake",
                "an apple pie",
                "a carrot cake",
                "a strawberry cake",
                "a cheesecake",
                "a walnut cake",
            )
        )
        if talk.utterances[-1][0] == a:
            talk.say(
                b,
                f"And shall I bake {cake} to go with it?",
                f"I could make {cake} as well, if you like.",
                f"What about {cake}? I'd be happy to bake one.",
            )
            if talk.chance(0.6):
                talk.say(
                    a,
                    f"You're an angel! {he.capitalize()} has a sweet tooth, like me.",
                    "Yes, please! Nobody bakes like you.",
                    "Oh, would you? Then I've got nothing left to worry about.",
                )
                outcome = "and {A} is thankful"
            else:
                talk.say(
                    a,
                    "Thanks, but the cake's already ordered.",
                    "That's nice of you, but we've ordered a cake at the bakery.",
                    "No need, thank you. The baker is bringing one.",
                )
                outcome = "but a cake is already ordered"
        else:
            talk.say(
                a,
                f"Thanks! Could you bake {cake} for the party, too?",
                f"And would you make {cake} as well? Yours are the best.",
                f"One more favour. Would you bake {cake} for {him}?",
            )
            if talk.chance(0.6):
                talk.say(b, "With pleasure. How many guests are there?", "Of course, I love baking.", "Yes, leave it to me.")
                outcome = "and {A} is thankful"
            else:
                talk.say(
                    b,
                    "I'd love to, but my oven's broken.",
                    "I'm sorry, my oven stopped working yesterday.",
                    "Not this time, I'm afraid. My oven has to be repaired.",
                )
                outcome = "oven"
        if outcome == "oven":
            talk.note(
                f"{{A}} asks {{B}} to bake {cake}, but {{B}}'s oven is broken.",
                f"{{B}} cannot bake {cake} for the birthday because the oven doesn't work.",
                f"{{A}} would like {cake} as well, which {{B}} can't bake without a working oven.",
            )
        elif outcome.startswith("and"):
            talk.note(
                f"{{B}} will also bake {cake} for the birthday.",
                f"They agree that {{B}} makes {cake} to go with the present.",
                f"Besides, {{A}} can count on {{B}} to bake {cake}.",
            )
        else:
            talk.note(
                f"{{B}} offers to bake {cake}, {outcome}.",
                f"{{A}} doesn't need {cake} from {{B}}, since one has been ordered.",
                f"{{A}} declines {{B}}'s offer of {cake}, because a baker will take care of that.",
            )
    talk.gist(
        f"Two people look for a present for someone who loves {hobby}.",
        f"Someone decides to give a relative {chosen}.",
        f"A friend helps to choose a birthday present for {'an' if relative[0] in 'au' else 'a'} {relative}.",
    )


# How a couple met: in the past tense, after "they".
MEETING_STORIES = (
    "met at a bus stop in the rain",
    "sat next to each other in a cooking class",
    "got stuck in a lift together",
    "danced together at a street party",
    "met while walking their dogs",
    "shared a taxi by mistake",
    "started work at the same library",
    "met at a chess tournament",
    "joined the same choir",
    "got lost on the same hike",
    "met on a night train",
    "reached for the same umbrella in a shop",
)
VENUES = (
    "in a small village church",
    "on a farm",
    "at the town hall",
    "on a boat",
    "in the botanical garden",
    "at a hotel by the lake",
    "in a castle",
    "on the beach",
    "in their own garden",
    "in a mountain hut",
)
GIFTS = (
    "a picnic basket",
    "a coffee machine",
    "a painting",
    "a set of plates",
    "a weekend in the mountains",
    "a tandem bicycle",
    "a tree for the garden",
    "a photo book",
    "a garden bench",
    "a dinner for two",
)
# What a friend may be asked to do: after "to", and as an -ing form.
WEDDING_TASKS = (
    ("take the photos", "taking the photos"),
    ("play the piano", "playing the piano"),
    ("bake the cake", "baking the cake"),
    ("give a speech", "giving a speech"),
    ("decorate the tables", "decorating the tables"),
    ("drive the couple", "driving the couple"),
    ("choose the music", "choosing the music"),
    ("look after the children", "looking after the children"),
)


@scene
def news_of_a_wedding(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    bride, groom, name = rng.sample(list(FIRST_NAMES), 3)
    couple = f"{bride} and {groom}"
    story, venue, month = talk.pick(MEETING_STORIES), talk.pick(VENUES), talk.pick(MONTHS)
    gift, city = talk.pick(GIFTS), talk.pick(CITIES)
    talk.topic("news of a wedding", "a wedding of friends", "two friends getting married", f"{couple}'s wedding")
    named = talk.chance(0.4)
    who = name if named else "{B}"
    if named:
        talk.say(
            a,
            f"{name}, sit down. I've got wonderful news.",
            f"Hello, {name}! You'll never guess what I've just heard.",
            f"Oh, {name}, I've been dying to tell you something!",
            f"Good morning, {name}. There's something you have to hear.",
        )
        talk.say(
            b,
            "What is it? Don't keep me waiting!",
            "You sound so excited. What's happened?",
            "You're all smiles. Tell me!",
            "I've only just come in. Why, is there any news?",
        )
    elif talk.chance(0.4):
        talk.say(
            b,
            "Why are you smiling like that?",
            "Who was that on the phone? You sounded so excited.",
            "Is there anything new? You look so happy.",
            "What a pretty envelope. Who's it from?",
        )
    talk.say(
        a,
        f"{couple} are getting married! It's going to be in {month}, {venue}.",
        f"I've just heard from {couple}. They're getting married in {month}, {venue}!",
        f"Imagine, {couple} are getting married! They've just invited me. It'll be {venue} in {month}.",
        f"There's going to be a wedding. {couple} are getting married {venue}, in {month}!",
    )
    talk.fact("Who is getting married?", couple)
    talk.fact("In which month is the wedding?", month)
    talk.note(
        f"{{A}} tells {who} that {couple} are getting married in {month}.",
        f"{{A}} has happy news: {couple} will have their wedding {venue} in {month}.",
        f"{who} learns from {{A}} about the wedding of {couple}, which will be {venue}.",
        f"According to {{A}}, {couple} will marry {venue} in {month}.",
    )
    if talk.chance(0.5):
        talk.say(
            b,
            "No! I didn't even know they were a couple. How did they meet?",
            "Really? I thought they were just friends! How did that start?",
            "What a surprise! I had no idea they were together. How did they get to know each other?",
        )
        talk.say(
            a,
            f"It's a lovely story. They {story}.",
            f"You won't believe it. They {story}, and that was that.",
            f"They {story}, as {bride} told me. Isn't that sweet?",
        )
        talk.note(
            f"{{B}} is surprised, and {{A}} explains that the two {story}.",
            f"{{B}} didn't know they were a couple and hears that they {story}.",
            f"{{A}} tells the surprised {{B}} how it began: the couple {story}.",
        )
    else:
        talk.say(
            b,
            f"I'm so happy for them! And I knew it. They've been inseparable since they {story}.",
            f"At last! Ever since they {story}, I've been waiting for this.",
            f"How lovely! I'm not surprised at all. I could tell from the day they {story}.",
        )
        talk.say(
            a,
            "You always notice such things first.",
            "You've got a good eye. I had no clue!",
            "You might have told me! I was completely surprised.",
        )
        talk.note(
            f"{{B}} isn't surprised and has expected it since the two {story}.",
            f"{{B}} is glad and has seen it coming from the time when they {story}.",
            f"{{B}} is happy for the couple, who {story}, and says it was to be expected.",
        )
    invited = talk.pick(("going", "away", "small"))
    talk.say(b, "Are they having a big party?", "Is it going to be a large wedding?", "And will there be lots of guests?")
    if invited == "small":
        guests = talk.pick((8, 10, 12, 14, 16, 18))
        talk.say(
            a,
            f"No, just {guests} guests. But they'll have a picnic for all their friends when they're back from {city}.",
            f"Only {guests} guests, they say. After the honeymoon in {city} there'll be a picnic for all friends, though.",
            f"It's a tiny one, with {guests} guests. But everybody's invited to a picnic after their trip to {city}.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "A picnic sounds perfect. I'll bring my famous potato salad.",
                "Oh, that's even nicer! I'll make a potato salad for it.",
                "Good, then I won't need a new suit. Just tell them I'm bringing potato salad.",
            )
            talk.note(
                f"The wedding will have only {guests} guests, but {{B}} will bring potato salad to a picnic after the trip to {city}.",
                f"There will be a picnic for all friends after the trip to {city}, and {{B}} offers to make potato salad.",
                f"As just {guests} guests are invited, {{B}} looks forward to the picnic afterwards and promises potato salad.",
            )
        else:
            talk.say(
                b,
                "I understand, but it's a little sad. I'd have loved to see them say yes.",
                "Oh, that's a pity. I'd have liked to be there on the day.",
                "Well, it's their day. Still, I'm a bit disappointed.",
            )
            talk.say(
                a,
                "I'll be there, and I'll take lots of pictures for you.",
                "I know. I'll film it for you, as I'm one of the lucky few.",
                "They've asked me to come. I'll send you pictures of every minute, I promise.",
            )
            talk.note(
                f"With only {guests} guests it is a small wedding, and {{B}} is a little disappointed.",
                f"{{B}} is sorry to miss the small wedding of {guests} guests, but there will be a picnic after the trip to {city}.",
                f"{{A}}, who will be one of the {guests} guests, promises pictures or a film to {{B}}, who isn't invited.",
            )
    else:
        guests = talk.pick((60, 70, 80, 90, 100, 120, 150))
        talk.say(
            a,
            f"Yes, with {guests} guests. And you're invited as well!",
            f"Oh yes, about {guests} guests, and you're one of them.",
            f"They've asked {guests} guests, you and me included.",
        )
        if invited == "away":
            talk.say(
                b,
                f"Oh dear, I'm in {city} all {month} for work. I can't come!",
                f"In {month}? That's when I have to work in {city}. What bad luck!",
                f"But I'll be in {city} then! My company is sending me there for all of {month}.",
            )
            if talk.chance(0.5):
                talk.say(
                    a,
                    "Couldn't you fly back for one weekend?",
                    "Ask your boss for a few days off. It's only once!",
                    "Surely they'd give you two days off for a wedding?",
                )
                talk.say(
                    b,
                    "You're right. I'll talk to my boss tomorrow.",
                    "Maybe I can. I'll ask my boss first thing tomorrow.",
                    "It's worth a try. I'll see what my boss says.",
                )
                talk.note(
                    f"{{B}} has to work in {city} in {month} but will ask the boss for time off to attend.",
                    f"{{B}} is invited, but will be in {city}, so {{A}} advises asking for a few days off.",
                    f"{{A}} persuades {{B}}, who must be in {city} in {month}, to speak to the boss.",
                )
            else:
                talk.say(
                    a,
                    "What a pity! They'll be sad to hear that.",
                    "Oh no! It won't be the same without you.",
                    "That's a shame. I was hoping we'd go together.",
                )
                talk.say(
                    b,
                    "I'll call them tonight and congratulate them.",
                    "I'll ring them this evening to wish them well.",
                    "I'm sad, too. At least I'll phone them tonight to congratulate them.",
                )
                talk.note(
                    f"{{B}} is invited but can't come because of work in {city}, and will call the couple tonight.",
                    f"As {{B}} must work in {city} in {month}, {{B}} will miss the wedding and congratulate by phone.",
                    f"{{A}} is sorry that {{B}} will be in {city} during the wedding.",
                )
        elif talk.chance(0.5):
            task, tasking = talk.pick(WEDDING_TASKS)
            talk.say(
                b,
                f"Wonderful, I'll be there! Can I help? I could {task}.",
                f"I wouldn't miss it for the world. Do you think they'd let me {task}?",
                f"Count me in! Maybe I can {task} for them?",
            )
            if talk.chance(0.55):
                talk.say(
                    a,
                    f"{groom} would be thrilled. They've been looking for somebody.",
                    "They'd love that! They were just wondering who could do it.",
                    f"I'm sure you can. {bride} said they still needed somebody for that.",
                )
                talk.note(
                    f"{{B}} will be among the {guests} guests and offers to {task}, which {{A}} thinks is welcome.",
                    f"{{B}} is happy to go and would like to help by {tasking}, and somebody is still needed for that.",
                    f"{{A}} believes the couple will be glad to have {{B}} {task}.",
                )
            else:
                talk.say(
                    a,
                    f"I'm afraid {groom}'s cousin is doing that. Just come and enjoy yourself!",
                    f"That's kind, but {groom}'s cousin has already promised to. You can simply have fun.",
                    f"Sorry, {groom}'s cousin was faster. You'll just have to be a guest and enjoy it.",
                )
                talk.note(
                    f"{{B}} will go and offers to {task}, but {groom}'s cousin is doing that.",
                    f"{{B}} can't help by {tasking}, since a cousin of {groom} takes care of it.",
                    f"{{A}} says {{B}} should just enjoy the party with {guests} guests, because {groom}'s cousin will {task}.",
                )
        else:
            talk.say(
                b,
                f"Lovely! We need a present, then. What about {gift}?",
                f"I can't wait! Shall we give them {gift} together?",
                f"Great, I'll come! Do you think they'd like {gift}?",
            )
            if talk.chance(0.6):
                talk.say(
                    a,
                    "Perfect, that's just their taste. Let's share the cost.",
                    "They'd love it. We can split the cost.",
                    "What a great idea! I'll pay half of it.",
                )
                talk.note(
                    f"{{B}} will go to the wedding of {guests} guests, and they will share the cost of {gift} as a present.",
                    f"{{B}} proposes {gift} as a wedding present, and they'll share the cost.",
                    f"They agree to give the couple {gift} and divide the cost.",
                )
            else:
                talk.say(
                    a,
                    "They don't want any presents, just a little money for charity.",
                    "That's sweet, but they've asked for money for charity instead of presents.",
                    "Well, it says on the invitation that they'd rather have money given to charity.",
                )
                talk.say(
                    b,
                    "How generous of them! I'll do that, of course.",
                    "That's just like them. I'll gladly give something.",
                    "What a good idea! I'll send something today.",
                )
                talk.note(
                    f"{{B}} thinks of {gift} as a present, but the couple would rather have money for charity.",
                    f"Instead of giving {gift}, {{B}} will give money to charity, as the couple wish.",
                    "{A} explains that the couple want gifts to charity instead of presents, and {B} will give something.",
                )
    if invited == "going" and talk.chance(0.4):
        speaker, mark = (a, "{A}") if talk.utterances[-1][0] == b else (b, "{B}")
        talk.say(
            speaker,
            "I'm so touched, I could cry right now.",
            "Oh, I've got tears in my eyes already.",
            "I'm so happy for them that I could cry.",
        )
        other = b if speaker == a else a
        talk.say(other, "Here, have a tissue!", "You always cry at happy things.", "Me, too. We'd better buy tissues.")
        talk.note(
            f"{mark} is almost in tears with joy.",
            f"The news touches {mark} so much that tears are near.",
            f"{mark} is close to crying for joy.",
            major=False,
        )
    end = {
        "going": f"A friend looks forward to the wedding of {couple}.",
        "away": "A friend has to work at the time of a wedding.",
        "small": f"{couple} are planning a small wedding.",
    }[invited]
    talk.gist(f"Two people talk about the wedding of {couple}.", end, f"Someone brings the news that {couple} will marry.")
