"""Scenes of working life: applying, asking the boss, getting ready together, explaining oneself and lending a hand."""

from __future__ import annotations

from .core import Talk, scene
from .pools import CITIES, FIRST_NAMES, MONTHS, NUMBER_WORDS, clock, formal_name, money, two_different

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

# a post, and the kind of place that offers it
POSTS = (
    ("receptionist", "hotel"),
    ("shop assistant", "bookshop"),
    ("tour guide", "museum"),
    ("pastry cook", "restaurant"),
    ("bookkeeper", "furniture company"),
    ("librarian", "public library"),
    ("gardener", "garden centre"),
    ("driver", "delivery firm"),
    ("web designer", "travel agency"),
    ("swimming teacher", "sports centre"),
    ("lab assistant", "school"),
    ("sound technician", "theatre"),
    ("personal assistant", "law firm"),
    ("waiter", "cafe"),
    ("mechanic", "bicycle workshop"),
    ("sales manager", "tea company"),
)
OTHER_POSTS = ("storekeeper", "team leader", "cashier", "trainer", "night guard", "caretaker", "telephone operator", "cleaner")
FORMER_WORKPLACES = (
    "a small bakery",
    "a family hotel",
    "a large supermarket",
    "a car rental office",
    "an insurance company",
    "a toy factory",
    "a travel agency",
    "an art gallery",
    "a call centre",
    "a flower shop",
    "a private clinic",
    "a language school",
    "an airport cafe",
    "a printing house",
    "a city newspaper",
    "a furniture store",
)
AMBITIONS = (
    "work closer to home",
    "deal with people more",
    "learn something new",
    "have more regular hours",
    "take on more responsibility",
    "be part of a bigger team",
    "do something more creative",
    "get away from night shifts",
    "work with young people",
    "stop travelling so much",
)
STRENGTHS = (
    "staying calm under pressure",
    "keeping things in order",
    "explaining things simply",
    "remembering names and faces",
    "planning ahead",
    "working in a team",
    "solving problems quickly",
    "listening to complaints",
    "spotting mistakes",
    "cheering people up",
)
WEAKNESSES = (
    "getting up early",
    "saying no",
    "handing work over to others",
    "speaking in front of large groups",
    "being patient with slow computers",
    "keeping a tidy desk",
    "writing short emails",
    "remembering numbers",
)
SKILLS = (
    ("speak Spanish", "an evening class"),
    ("speak French", "a language course"),
    ("drive a van", "driving lessons"),
    ("use accounting software", "an online course"),
    ("give first aid", "a weekend course"),
    ("make spreadsheets", "a computer course"),
    ("take good photographs", "a photography class"),
    ("use sign language", "a beginners' class"),
    ("edit short videos", "a video workshop"),
    ("write in Chinese", "private lessons"),
)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


@scene
def job_interview(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    post, place = talk.pick(POSTS)
    former, ambition, years = talk.pick(FORMER_WORKPLACES), talk.pick(AMBITIONS), talk.pick(NUMBER_WORDS)
    named = talk.chance(0.45)
    name = talk.pick(FIRST_NAMES)
    who = name if named else "{B}"
    talk.topic("a job interview", "a job application", f"a new {post}", f"a {place} job", "looking for a job")
    if named:
        talk.say(
            a,
            f"Come in, please. You must be {name}.",
            f"Good morning, {name}. Did you find us all right?",
            f"Hello, {name}, it's nice to meet you. Have a seat.",
            f"Ah, {name}, right on time. Please sit down.",
        )
        talk.say(
            b,
            "Thank you. I've been looking forward to this.",
            "Yes, hello. Thanks for inviting me.",
            "Thanks. I'm a little nervous, to be honest.",
        )
    elif talk.chance(0.5):
        talk.say(
            b,
            "Hello, I'm here about the job in your advertisement.",
            "Good afternoon. I have an interview with you today.",
            "Excuse me, am I in the right room for the interview?",
        )
    talk.say(
        a,
        f"So, you'd like to work as a {post} at our {place}. What have you done so far?",
        f"Our {place} is looking for a {post}, as you know. Tell me a bit about yourself.",
        f"Let's start, shall we? You've applied to be a {post} at our {place}. What's your background?",
        f"I see you want to join our {place} as a {post}. Have you got any experience?",
    )
    talk.say(
        b,
        f"Well, I worked at {former} for {years} years, and I enjoyed it. Now I'd like to {ambition}.",
        f"I've been at {former} for {years} years. It's a good place, but I want to {ambition}.",
        f"I spent {years} years at {former}, where I learned a lot. I'm looking for a change because I want to {ambition}.",
    )
    talk.note(
        f"{who} has an interview at a {place} for a job as a {post} after {years} years at {former}.",
        f"{{A}} interviews {{B}} for the post of {post}, and {{B}} talks about {years} years of work at {former}.",
        f"{{B}} applies to work as a {post} and tells {{A}} about wanting to {ambition}.",
        f"After {years} years at {former}, {who} would like to {ambition} and applies for a job as a {post}.",
    )
    talk.fact("How long did {B} work at the other place?", f"{years} years")
    talk.fact("Where did {B} get experience?", former)
    middle = talk.pick(("skill", "strength", "weakness", "reason"))
    if middle == "skill":
        skill, course = talk.pick(SKILLS)
        talk.say(
            a,
            f"I see. We also need somebody who can {skill}. Would that be you?",
            f"Good. And can you {skill}? It would come in handy here.",
            f"That sounds useful. Are you able to {skill} as well?",
        )
        if talk.chance(0.45):
            talk.say(
                b,
                "Yes, I've been doing that in my free time for years.",
                "Oh yes, I've had plenty of practice with that.",
                "Sure, that's no problem. I learned it when I was a student.",
            )
            talk.note(
                f"{{B}} assures {{A}} that it's no problem to {skill}.",
                f"Asked about it, {who} claims to be able to {skill}.",
                f"{{A}} needs a person who can {skill}, and {who} has experience with that.",
            )
        else:
            talk.say(
                b,
                f"Not yet, I'm afraid, but I've signed up for {course}.",
                f"Um, no, I can't. I'm starting {course} soon, though.",
                f"That's my weak point. But I'm about to begin {course}.",
            )
            talk.note(
                f"{{B}} can't {skill} yet but is going to take {course}.",
                f"{{A}} wants somebody who can {skill}, and {{B}} plans to learn it through {course}.",
                f"To be able to {skill}, {who} will soon begin {course}.",
            )
    elif middle == "strength":
        strength = talk.pick(STRENGTHS)
        talk.say(
            a,
            "Interesting. What would you say you're really good at?",
            "And what's your greatest strength?",
            "Right. Why should we take you and not somebody else?",
        )
        talk.say(
            b,
            f"I think I'm good at {strength}. My old boss always said so.",
            f"People tell me I'm quite good at {strength}.",
            f"Hmm, I'd say {strength}. It's something that comes naturally to me.",
        )
        talk.note(
            f"{{B}} names {strength} as a strength.",
            f"When {{A}} asks about strengths, {{B}} mentions {strength}.",
            f"According to {who}, {strength} is no problem at all.",
            major=False,
        )
    elif middle == "weakness":
        weakness = talk.pick(WEAKNESSES)
        talk.say(
            a,
            "Now the question nobody likes. What do you find difficult?",
            "And is there anything you're not so good at?",
            "Let me ask you something else. What's your biggest weakness?",
        )
        talk.say(
            b,
            f"Honestly? I'm not very good at {weakness}, but I'm working on it.",
            f"Ha, I was afraid you'd ask. I have trouble with {weakness}.",
            f"Well, {weakness} doesn't come easily to me. I'm getting better, though.",
        )
        talk.note(
            f"{{B}} admits to having trouble with {weakness}.",
            f"{{A}} asks about weak points, and {who} mentions {weakness}.",
            f"Talking about weaknesses, {{B}} says that {weakness} is hard.",
            major=False,
        )
    if talk.chance(0.5) or middle == "reason":
        subject = talk.pick(("pay", "holidays", "start"))
        if subject == "pay":
            pay = money(rng, 1800, 4200, 50)
            talk.say(
                a,
                "Do you have any questions for me?",
                "Is there anything you'd like to know about the job?",
                "Now it's your turn. What would you like to ask?",
            )
            talk.say(
                b,
                "Could you tell me what the job pays?",
                "Yes, may I ask about the salary?",
                "Just one thing. How much would I earn?",
            )
            talk.say(
                a,
                f"It's {pay} a month to begin with.",
                f"We pay {pay} a month in the first year.",
                f"You'd start at {pay} a month, plus a small bonus at the end of the year.",
            )
            talk.note(
                f"The pay is {pay} a month.",
                f"{{B}} asks about the salary and learns that it is {pay} a month.",
                f"{{A}} explains that they pay {pay} a month.",
                major=False,
            )
            talk.fact("How much does the job pay a month?", pay)
        elif subject == "holidays":
            weeks = talk.pick(("four weeks", "five weeks", "six weeks", "24 days", "28 days", "30 days"))
            talk.say(a, "What would you like to know from us?", "Any questions so far?", "Is there something you'd like to ask?")
            talk.say(
                b, "How much holiday would I get?", "Yes, what about holidays?", "I was wondering how much time off there is."
            )
            talk.say(
                a,
                f"You'd have {weeks} a year, like everybody here.",
                f"Everyone gets {weeks} of paid leave a year.",
                f"It's {weeks} a year. You can choose them freely outside the busy season.",
            )
            talk.note(
                f"{{A}} tells {who} that the job comes with {weeks} of holiday a year.",
                f"{{B}} wants to know about time off and hears it is {weeks} a year.",
                f"There are {weeks} of holiday a year.",
                major=False,
            )
            talk.fact("How much holiday does the job offer a year?", weeks)
        else:
            month = talk.pick(MONTHS)
            talk.say(
                a, "When could you start?", "If we took you, how soon could you begin?", "And when would you be free to start?"
            )
            talk.say(
                b,
                f"I could start in {month}. I have to give notice first.",
                f"Not before {month}, because I still have a contract.",
                f"At the beginning of {month}, if that suits you.",
            )
            talk.say(a, "That would be fine with us.", "All right, that's not a problem.", "Good, we're in no great hurry.")
            talk.note(
                f"{{B}} can begin in {month}, which suits {{A}}.",
                f"{{A}} doesn't mind that {who} is not free until {month}.",
                f"They also speak about the starting date, and {{B}} suggests {month}.",
                major=False,
            )
            talk.fact("When can {B} start?", month)
        if subject == "start":
            talk.say(
                b,
                "Oh good, that's a relief.",
                "Thank you, that's very generous of you.",
                "Great, then I can finish my work there properly.",
            )
        else:
            talk.say(b, "I see. That sounds good to me.", "Great, thanks. That's clear.", "Perfect, that answers my question.")
    ending = talk.pick(("offer", "think", "second", "wait", "weekends", "other"))
    day = talk.pick(WEEKDAYS)
    if ending == "offer":
        talk.say(
            a,
            "You know what? I don't need to see anyone else. The job is yours if you want it.",
            "I like your attitude. We'd be glad to have you here, so the job is yours.",
            "Well, I've made up my mind. I'd like to offer you the job.",
        )
        talk.say(
            b,
            "Really? I'd love to take it. Thank you so much!",
            "Wow, that was quick. Yes, of course I'll take it!",
            "That's wonderful news. I accept, with pleasure.",
        )
        talk.note(
            "{A} offers {B} the job, and {B} is happy to take it.",
            f"{who} gets the job at once and accepts it gladly.",
            "In the end {B} is given the job and says yes.",
        )
        talk.gist(
            f"A {place} hires a new {post} after an interview.",
            f"An applicant gets a job as a {post}.",
            "A job interview ends with an offer that is accepted.",
        )
    elif ending == "think":
        talk.say(
            a,
            "I'd be happy to offer you the job right away.",
            "You're just the person we need. Would you like the job?",
            "As far as I'm concerned, the job is yours.",
        )
        talk.say(
            b,
            f"Thank you! May I think about it until {day}?",
            f"That's great. Could I give you my answer on {day}, though?",
            f"I'm very pleased, but I'd like to talk to my family first. Is {day} early enough?",
        )
        talk.say(a, "Of course, just give me a call.", "Sure, take your time.", "That's fine. I'll wait to hear from you.")
        talk.note(
            f"{{A}} offers the job to {{B}}, who wants to think it over until {day}.",
            f"{who} is offered the job but wants to answer later, on {day}.",
            f"{{B}} gets an offer from {{A}} and asks for time until {day} to decide.",
        )
        talk.gist(
            "An applicant is offered a job and asks for time.",
            f"Someone may soon work as a {post}.",
            "A job interview ends with an offer to think about.",
        )
    elif ending == "second":
        time = clock(rng, 9, 16)
        talk.say(
            a,
            f"I'd like you to meet our director. Can you come back on {day} at {time}?",
            f"So far, so good. Could you come to a second interview on {day} at {time}?",
            f"The next step would be a short test of your skills. Are you free on {day} at {time}?",
        )
        if talk.chance(0.6):
            talk.say(
                b,
                "Yes, that suits me well. I'll be there.",
                "Certainly, I'll write it down right now.",
                "No problem, I'm free all that day.",
            )
            talk.note(
                f"{{A}} invites {{B}} to come again on {day} at {time}, and {{B}} agrees.",
                f"{who} will return on {day} at {time} for the next step.",
                f"They arrange to meet a second time on {day} at {time}.",
            )
        else:
            other = talk.pick([d for d in WEEKDAYS if d != day])
            talk.say(
                b,
                f"I'm sorry, I'm busy then. Would {other} be possible?",
                f"Oh dear, that's difficult for me. Could we make it {other}?",
                f"I have another appointment at that time. What about {other}?",
            )
            talk.say(a, "Yes, that works too. Same time, then.", "All right, let's do that.", "Let me check. Yes, that's fine.")
            talk.note(
                f"{{A}} suggests a second meeting on {day}, but {{B}} is busy, so they choose {other}.",
                f"Since {who} isn't free on {day}, the next meeting will be on {other}.",
                f"{{B}} has to come back and prefers {other} to {day}.",
            )
        talk.gist(
            f"An applicant for a job as a {post} is invited again.",
            "A job interview leads to a second meeting.",
            f"A {place} wants to see an applicant again.",
        )
    elif ending == "wait":
        talk.say(
            a,
            f"Thank you, that's all for now. We have a few more people to see, but you'll hear from us by {day}.",
            f"Well, I've enjoyed our talk. I'll phone you by {day} at the latest.",
            f"We'll decide soon. Expect an email from us by {day}.",
        )
        talk.say(
            b,
            "Thanks for your time. I hope to hear good news.",
            "Good, I'll keep my fingers crossed.",
            "Thank you very much. Have a nice day.",
        )
        talk.note(
            f"{{A}} doesn't decide yet and promises {{B}} news by {day}.",
            f"{who} will hear from {{A}} by {day}.",
            f"{{B}} has to wait, as the answer will only come by {day}.",
        )
        talk.gist(
            f"An applicant for a job as a {post} must wait.",
            "A job interview ends without a decision.",
            f"Someone hopes to become a {post} and has an interview.",
        )
        if len(talk.facts) < 3:
            talk.fact("By which day will {B} get an answer?", day)
    elif ending == "weekends":
        talk.say(
            a,
            "There's one thing I should mention. You'd have to work two weekends a month.",
            "One more point. We're open every weekend, and everyone takes a turn.",
            "I have to warn you, though. This job includes weekend work.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Oh, I didn't know that. I look after my children at weekends, so I'm afraid it won't work.",
                "That's a pity. I can't leave my children alone at weekends, so I'll have to say no.",
                "Weekends? Sorry, that's when I'm at home with my children. Then it's not for me.",
            )
            talk.say(
                a,
                "I understand. Thank you for being honest.",
                "That's too bad, but thanks for coming.",
                "What a shame. I wish you good luck.",
            )
            talk.note(
                "{B} gives up the job because it includes weekend work, which is when {B} looks after the children.",
                f"Because of the children, {who} can't work at weekends and turns the job down.",
                "{A} mentions weekend work, so {B} is no longer interested.",
            )
            talk.gist(
                "An applicant turns down a job because of weekend work.",
                f"Weekend work stops someone from becoming a {post}.",
                "A job interview fails because of weekend work.",
            )
        else:
            talk.say(
                b,
                "That's all right, I'd rather have my days off during the week anyway.",
                "I don't mind. I'm used to that from before.",
                "No problem at all. My weekends are usually quiet.",
            )
            talk.say(
                a,
                "Then I think we have a deal. Welcome to the team!",
                "Excellent. In that case, the job is yours.",
                "That's what I wanted to hear. We'd like to have you.",
            )
            talk.note(
                "{B} has no problem with weekend work and gets the job.",
                f"Since {who} doesn't mind working at weekends, {{A}} offers the job.",
                "{A} says there is weekend work and, as {B} accepts that, offers {B} the job.",
            )
            talk.gist(
                f"An applicant becomes a {post} and works some weekends.",
                "Someone agrees to weekend work and gets a job.",
                f"A {place} finds a new {post} for weekends too.",
            )
    else:
        other_post = talk.pick(OTHER_POSTS)
        talk.say(
            a,
            f"I have to tell you something. The post was filled this morning, but we also need a {other_post}. Would that interest you?",
            f"To be honest, I see you in a different role. We're also looking for a {other_post}. What do you think?",
            f"Have you ever thought of being a {other_post}? I'm asking because I believe that would suit you better here.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "That's a surprise, but yes, I'd like to try it.",
                "Why not? It sounds exciting, actually.",
                "I hadn't thought of that. Yes, I'd be interested.",
            )
            talk.note(
                f"{{A}} surprises {{B}} by offering work as a {other_post} instead, and {{B}} is interested.",
                f"{who} likes the idea of becoming a {other_post} instead.",
                f"Instead of the post of {post}, {{A}} proposes that of {other_post}, which {{B}} would like to try.",
            )
            talk.gist(
                f"An applicant agrees to work as a {other_post} instead.",
                "A job interview leads to a different job.",
                f"Someone applies as a {post} but finds another role.",
            )
        else:
            talk.say(
                b,
                "That's kind of you, but I don't think it's for me.",
                "Hmm, no, I'm afraid that's not what I'm looking for.",
                "Thank you, but I'd rather keep looking for what I really want.",
            )
            talk.note(
                f"{{A}} suggests the job of {other_post} instead, but {{B}} doesn't want it.",
                f"{who} refuses when {{A}} proposes working as a {other_post}.",
                f"{{B}} has no interest in being a {other_post}, which {{A}} proposes instead.",
            )
            talk.gist(
                f"An applicant refuses to work as a {other_post} instead.",
                "A job interview ends without an agreement.",
                f"Someone wants to be a {post} and nothing else.",
            )


# Reasons for leave. MY is the speaker's; the flag says whether the thing can wait for another day.
SHORT_REASONS = (
    ("MY sister is moving house and needs a hand", False),
    ("MY parents are arriving from abroad", False),
    ("MY daughter is singing in a school concert", False),
    ("MY son has an appointment with the eye doctor", True),
    ("MY car has to go to the garage", True),
    ("the plumber is coming to fix the boiler", True),
    ("MY grandmother is turning ninety", False),
    ("MY driving test is on that day", False),
    ("MY new kitchen is being delivered", True),
    ("MY brother is having a small operation", False),
    ("MY passport has to be renewed at the town hall", True),
    ("the bank wants to see me about a loan", True),
    ("MY dog has to see the vet", True),
    ("MY best friend is graduating from university", False),
    ("the landlord is going to replace the windows", True),
)
LONG_REASONS = (
    ("MY cousin is getting married in CITY", False),
    ("MY mother is coming out of hospital and needs some help", False),
    ("MY family wants to go camping", True),
    ("MY flat is being painted", True),
    ("MY brother has invited me to CITY", True),
    ("MY choir is giving two concerts in CITY", False),
    ("MY wisdom teeth have to come out", True),
    ("MY husband and I want to visit CITY", True),
    ("MY wife and I would like to see CITY", True),
    ("MY evening school has its final exams", False),
    ("MY sister has just had a baby", True),
    ("MY old school friends are meeting in CITY", False),
)
BUSY_REASONS = (
    "we're counting the whole stock",
    "the inspectors are coming",
    "two people are already away",
    "our biggest client is visiting",
    "the new computers are being installed",
    "the trade fair starts",
    "we're moving to the second floor",
    "half the team is at a training course",
    "the yearly accounts are due",
    "the head office is sending visitors",
)
OPEN_WORK = (
    "the monthly figures",
    "the new price list",
    "the customer survey",
    "the order for the school",
    "the spring catalogue",
    "the staff rota",
    "the invoices for last month",
    "the offer for the hospital",
    "the website texts",
    "the safety checklist",
)


def _leave_reason(talk: Talk, reasons) -> tuple[str, str, bool]:
    """A reason as its speaker {A} says it and as others report it, and whether the thing can be put off."""
    reason, movable = talk.pick(reasons)
    reason = reason.replace("CITY", talk.pick(CITIES))
    told = reason.replace("MY husband and I want", "{A} and {A}'s husband want").replace(
        "MY wife and I would", "{A} and {A}'s wife would"
    )
    told = told.replace("MY", "{A}'s").replace(" me ", " {A} ")
    return reason.replace("MY", "my"), told, movable


@scene
def asking_for_leave(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    short = talk.chance(0.55)
    day, other = two_different(rng, WEEKDAYS)
    said, told, movable = _leave_reason(talk, SHORT_REASONS if short else LONG_REASONS)
    leave = f"{day} off" if short else f"{talk.pick(('three', 'four', 'five', 'six', 'eight', 'ten'))} days off from {day}"
    named = talk.chance(0.45)
    boss = formal_name(rng)
    chief = boss if named else "{B}"
    talk.topic("asking for leave", "time off work", f"taking {day} off" if short else "a few days off", "a request for leave")
    if named:
        talk.say(
            a,
            f"Excuse me, {boss}, do you have a minute?",
            f"{boss}, may I come in for a moment?",
            f"Good morning, {boss}. Could I ask you something?",
            f"Sorry to bother you, {boss}. Is this a good time?",
        )
        talk.say(b, "Of course. What's on your mind?", "Sure, come in. What is it?", "Yes, as long as it's quick. Go ahead.")
    elif talk.chance(0.4):
        talk.say(
            b,
            "You look as if you wanted to ask me something.",
            "Did you want to see me?",
            "Hi there. You wrote that you needed to talk to me?",
        )
    talk.say(
        a,
        f"I'd like to take {leave}, if possible. You see, {said}.",
        f"Would it be all right if I took {leave}? The thing is, {said}.",
        f"I was hoping to get {leave}, because {said}.",
        f"Um, it's about my holidays. I need {leave}, as {said}.",
    )
    talk.note(
        f"{{A}} asks {chief} for {leave} because {told}.",
        f"{{A}} needs {leave}, as {told}.",
        f"{{A}} would like to take {leave} and explains that {told}.",
        f"As {told}, {{A}} wants to have {leave}.",
    )
    talk.fact("What does {A} ask for?", leave)
    before = talk.pick(("known", "phone", "kind", "known", "phone", "kind", "none" if named else "known"))
    if before == "known":
        when = talk.pick(("last night", "yesterday", "this morning", "on the way to work", "an hour ago", "over the weekend"))
        talk.say(
            b,
            "I wish you had told me before. Why do I only hear about it now?",
            "That's rather sudden, isn't it?",
            "Couldn't you have asked me a bit earlier?",
        )
        talk.say(
            a,
            f"I'm sorry, but I only found out for certain {when}. It was a surprise to me too.",
            f"I know, and I apologize. The date was only settled {when}.",
            f"Nothing was sure until now. I only got the final word {when}.",
        )
        talk.note(
            f"{{A}} couldn't ask earlier, as it only became certain {when}.",
            f"{chief} finds it sudden, but {{A}} has only known for certain since then: {when}."
            if when == "an hour ago"
            else f"{chief} finds that rather late, but {{A}} didn't know for certain until {when}."
            if when in ("last night", "yesterday", "this morning")
            else f"{chief} finds that rather late, and {{A}} explains that it was settled {when}.",
            f"{{A}} says it was only settled {when}, which is why the request comes so late.",
            major=False,
        )
    elif before == "phone":
        talk.say(
            b,
            "If something goes wrong here, could we at least call you?",
            "I see. Would you be able to answer your phone during that time?",
            "Just in case of an emergency, can we reach you by phone?",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                "Sure, I'll have my phone with me all the time. You can call me whenever you like.",
                "Yes, of course. Ring me if you can't find something, I don't mind.",
                "No problem at all. I can even look at my emails in the evening.",
            )
            talk.note(
                "{A} doesn't mind being called during that time.",
                f"{{A}} assures {chief} that it's possible to get in touch by phone.",
                "{B} wants to be able to call, which is no problem for {A}.",
                major=False,
            )
        else:
            talk.say(
                a,
                "Honestly, I'd rather not be disturbed. I'll leave clear notes for everybody.",
                "I'm afraid that'll be difficult, but I'll write down everything that matters.",
                "Probably not. I'll leave a list on my desk with all the important things.",
            )
            talk.note(
                "{A} can't easily be called but will leave written information.",
                f"Instead of answering calls, {{A}} is going to leave notes, as {chief} is told.",
                "{B} would like to be able to call, but {A} prefers to leave everything in writing.",
                major=False,
            )
    elif before == "kind":
        kind = talk.pick(("as paid holiday", "as unpaid leave", "in return for my overtime"))
        told_kind = kind.replace("my", "some")
        talk.say(
            b,
            "Do you want it as holiday, or how shall I put it down?",
            "Okay. And what do I write on the list, holiday or something else?",
            "How do you want me to count that? As holiday?",
        )
        talk.say(
            a,
            f"I'd like to have it {kind}, if you don't mind.",
            f"I thought I could take it {kind}. Would that be all right?",
            f"If it's the same to you, {kind}.",
        )
        talk.note(
            f"{{A}} would like to have it {told_kind}.",
            f"When {{B}} asks how to count it, {{A}} wants it {told_kind}.",
            f"{chief} is to put it down {told_kind}."
            if "overtime" not in kind
            else f"{chief} learns that {{A}} wants it {told_kind}.",
            major=False,
        )
    course = talk.pick(("granted", "work", "cover", "conflict", "conflict", "conflict"))
    if course == "granted":
        left = rng.randint(5, 19)
        talk.say(
            b,
            "Let me look at the calendar. Yes, nothing speaks against it.",
            "I don't see why not. It's quiet at the moment.",
            "That should be fine. Nobody else is away then.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "Great! Do you happen to know how many days I have left this year?",
                "Thank you. How much leave will I have after that, by the way?",
                "That's a relief. Are there many days left for me after that?",
            )
            if talk.chance(0.6):
                talk.say(
                    b,
                    f"You'll still have {left} days. Don't forget to fill in the form.",
                    f"According to the list, {left} days. Just hand in the form, please.",
                    f"It'll be {left} days, so there's plenty. I only need the form from you.",
                )
                talk.note(
                    f"{chief} agrees, tells {{A}} that {left} days will remain and wants the form.",
                    f"{{B}} has no objection; {{A}} will have {left} days left and must hand in the form.",
                    f"The leave is approved, {left} days remain, and {{A}} should fill in the form.",
                )
                talk.fact("How many days of leave will {A} have left?", f"{left} days")
            else:
                talk.say(
                    b,
                    "None, I'm afraid. These are your last ones until January.",
                    "Oh, I've just seen it. After that there's nothing left until January.",
                    "Not a single one. You'll have to wait until January for more.",
                )
                talk.note(
                    f"{chief} agrees, but after that {{A}} will have no more leave until January.",
                    "{B} approves it and warns {A} that nothing will be left until January.",
                    "{A} gets the time off but will then have to wait until January for more leave.",
                )
        else:
            deadline = talk.pick([d for d in WEEKDAYS if d != day])
            talk.say(
                a,
                "Thank you so much. Is there anything I have to sign?",
                "Wonderful. Do I need to fill in a form?",
                "That's very kind. What do I have to do now?",
            )
            talk.say(
                b,
                f"Just send me the form by {deadline}.",
                f"Put the form on my desk by {deadline}, please. That's all.",
                f"There's a form on the staff page. I need it by {deadline}.",
            )
            talk.note(
                f"{chief} agrees and wants {{A}} to hand in a form by {deadline}.",
                f"{{B}} grants the leave, and {{A}} has to fill in a form by {deadline}.",
                f"It's no problem for {{B}}, as long as {{A}} hands in the form by {deadline}.",
            )
            talk.fact("By when does {B} want the form?", deadline)
        talk.say(a, "All right. Thank you for understanding.", "Got it. I really appreciate it.", "Okay, thank you very much.")
        talk.note(
            f"{{A}} thanks {chief} for the kind answer.",
            "{A} is grateful to {B} for making it so easy.",
            "At the end {A} is happy and says thank you to {B}.",
            major=False,
        )
        talk.gist(
            "An employee asks for leave and gets it.",
            "A boss gives an employee time off without any problem.",
            "Someone at work is allowed to take time off.",
        )
    elif course == "work":
        task = talk.pick(OPEN_WORK)
        talk.say(
            b,
            f"In principle, yes. But what about {task}? That can't wait.",
            f"Hmm. Have you finished {task}?",
            f"Before I say yes, how far have you got with {task}?",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "It's all done. I put everything on the server last night.",
                "Don't worry, I finished that yesterday evening.",
                "That's already finished. It's been in your mailbox since last night.",
            )
            talk.say(
                b,
                "Oh, that's impressive! Then of course you can go.",
                "Already? Well, then you've earned your time off.",
                "I'm surprised, it was a lot of work. All right, you can have it.",
            )
            talk.note(
                f"{{B}} asks about {task}, but {{A}} has already finished it, so {{B}} agrees.",
                f"Since the work on {task} is done, {chief} gives {{A}} the time off.",
                f"{{A}} has completed {task} and therefore gets permission from {{B}}.",
            )
            talk.gist(
                "An employee's work is done, so leave is granted.",
                "An employee gets time off after finishing a task.",
                "A boss is surprised and allows time off.",
            )
        else:
            talk.say(
                a,
                "Not quite. I'd need about two more days.",
                "I'm afraid there's still some work to do.",
                "Almost. The last part is missing.",
            )
            talk.say(
                b,
                "Finish that first, and then you can go with a clear conscience.",
                "Then let's say you can have it if that's done before you leave.",
                "I'll say yes on one condition. It has to be ready before you go.",
            )
            talk.note(
                f"{chief} allows it only if {{A}} finishes {task} first.",
                f"{{B}} agrees on condition that {{A}} completes {task} before the leave.",
                f"Because {{A}} is not done with {task} yet, {{B}} wants that finished before {{A}} goes.",
            )
            if talk.chance(0.6):
                talk.say(
                    a,
                    "That's fair. I'll stay longer this week to get it done.",
                    "Agreed. I'll work late tonight and tomorrow.",
                    "No problem, I'll put in some extra hours.",
                )
                talk.note(
                    "{A} accepts and will work longer hours.",
                    "{A} promises to do some overtime.",
                    "That seems fair to {A}, who is ready to stay late.",
                )
            else:
                helper = talk.pick(FIRST_NAMES)
                talk.say(
                    a,
                    f"Can I ask {helper} to help me with it?",
                    f"That'll be tight. Could {helper} give me a hand?",
                    f"Would you mind if {helper} did a part of it?",
                )
                talk.say(
                    b, "Not at all, that's a good idea.", "If there's time for it, why not?", "Fine, as long as it gets done."
                )
                talk.note(
                    f"{{A}} wants {helper} to help, and {{B}} doesn't mind.",
                    f"{{B}} lets {{A}} get help from {helper}.",
                    f"To manage it, {{A}} may work with {helper}.",
                )
            talk.gist(
                "An employee must finish a task before taking leave.",
                "A boss allows leave on one condition.",
                "Someone gets time off if the work gets done.",
            )
    elif course == "cover":
        helper, second = two_different(rng, FIRST_NAMES)
        talk.say(
            b,
            "And who's going to answer your phone?",
            "I have nothing against it, but who'll do your work?",
            "Is there somebody who can stand in for you?",
        )
        talk.say(
            a,
            f"I've already asked {helper}, who'll take over for me.",
            f"{helper} has promised to look after everything.",
            f"I talked to {helper} this morning. We'd swap shifts.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Very good, you've thought of everything. It's a yes from me.",
                "Then it's settled. I'll put it in the calendar.",
                "That's what I like to hear. You can have it, then.",
            )
            talk.note(
                f"{{B}} wants to know who will stand in, and as {helper} will, {{B}} agrees.",
                f"{helper} is going to take over {{A}}'s work, so {chief} says yes.",
                f"{{A}} has found a stand-in, {helper}, and gets permission.",
            )
            talk.gist(
                "An employee finds a stand-in and gets time off.",
                f"{helper} will fill in for a colleague on leave.",
                "A boss agrees to leave because a colleague helps.",
            )
        else:
            talk.say(
                b,
                f"Are you sure? {helper} is on holiday at that time too.",
                f"But {helper} is going to be away as well, didn't you know?",
                f"That won't work. I've just given {helper} time off then, too.",
            )
            talk.note(
                f"{{A}} wants {helper} to take over, but {helper} will be away too.",
                f"{{B}} points out that {helper} can't stand in because of time off at the same time.",
                f"The plan that {helper} takes over {{A}}'s work doesn't work, as {{B}} explains.",
            )
            talk.say(
                a,
                f"Oh no, I had no idea. Then I'll ask {second}.",
                f"Really? That's awkward. Maybe {second} could do it.",
                f"Oops. Well, what about {second}?",
            )
            talk.say(
                b,
                f"Good. If {second} agrees, you can go.",
                f"Fine by me. As soon as {second} says yes, it's all right.",
                f"Talk to {second}, and then let me know.",
            )
            talk.note(
                f"{{A}} will ask {second} instead, which is fine with {chief}.",
                f"Now {{A}} hopes that {second} can step in, and {{B}} has nothing against it.",
                f"Everything depends on {second}, whom {{A}} is going to ask.",
            )
            talk.gist(
                "An employee needs another stand-in before taking leave.",
                "A colleague can't stand in, so another is asked.",
                "Someone wants time off but must find a stand-in.",
            )
    else:
        busy = talk.pick(BUSY_REASONS)
        told_busy = busy.replace("we're", "they're").replace("our biggest", "their biggest")
        when = "on that day" if short else "that week"
        talk.say(
            b,
            f"That's difficult. You know that {busy} {when}.",
            f"Oh dear. Of all times! I'm afraid {busy} {when}.",
            f"I'd like to say yes, but {busy} {when}. I need you here.",
        )
        why = f"{told_busy} {when}"
        agreed = True
        answer = (
            talk.pick(("later", "half", "home", "exception", "refused"))
            if movable
            else talk.pick(("half", "home", "exception", "exception", "refused"))
        )
        if answer == "half" and not short:
            answer = "fewer"
        elif answer == "home" and short:
            answer = "half"
        if answer == "later":
            talk.say(
                a,
                f"I see. Could I do it the week after, on {other}?"
                if short
                else f"I see. Could I go the week after, from {other}?",
                f"Right, I forgot. Would {other} of the following week be better?",
                f"Well, it isn't urgent. What about the following {other}?",
            )
            agreed = talk.chance(0.7)
            if agreed:
                talk.say(
                    b,
                    "That's much better. I'll write it down.",
                    "Yes, that would help me a lot. Thanks.",
                    "Good, then it's no problem at all.",
                )
                talk.note(
                    f"{chief} can't agree because {why}, so {{A}} moves it to {other} of the week after.",
                    f"Since {why}, {{A}} suggests the following {other}, and {{B}} agrees.",
                    f"They put it off to {other} of the next week, because {why}.",
                )
                talk.gist(
                    "An employee puts off some leave to suit the boss.",
                    "Time off is moved to another week.",
                    "A boss and an employee agree on a later date.",
                )
            else:
                talk.say(
                    b,
                    "I can't promise that yet. Ask me again in a few days.",
                    "Maybe. I'll have to see how busy we are by then.",
                    "Possibly, but let me talk to the others first.",
                )
                talk.note(
                    f"{{B}} refuses because {why} and can't promise {{A}} the following {other} either.",
                    f"Because {why}, {{A}} proposes the following {other}, but {chief} doesn't decide yet.",
                    f"{{A}} would wait until {other} of the week after, as {why}, but gets no clear answer.",
                )
                talk.gist(
                    "An employee asks for leave without a clear answer.",
                    "A boss can't decide about an employee's leave yet.",
                    "Someone asks for time off and has to wait.",
                )
        elif answer == "half":
            hour = talk.pick(("eleven", "noon", "one", "two", "three"))
            talk.say(
                a,
                "Could I at least leave early?",
                "What if I came in for the first half of the day?",
                "Then would a few hours in the afternoon be possible?",
            )
            talk.say(
                b,
                f"Yes, I can let you go at {hour}. Would that help?",
                f"We could do that. You may leave at {hour}.",
                f"All right, work until {hour}, and then you're free.",
            )
            talk.note(
                f"{{B}} can't spare {{A}} the whole day because {why}, but {{A}} may leave at {hour}.",
                f"As {why}, {chief} only lets {{A}} go at {hour}.",
                f"{{A}} has to work until {hour} on {day}, since {why}.",
            )
            talk.fact("At what hour may {A} leave?", hour)
            talk.gist(
                "An employee gets only part of a day off.",
                f"Someone may leave work at {hour}.",
                "A boss and an employee agree on half a day.",
            )
        elif answer == "fewer":
            fewer = talk.pick(("one day", "two days"))
            talk.say(
                a,
                "Could I get at least a part of it?",
                "Isn't there any way? Even a shorter break would help.",
                "Then maybe a little less?",
            )
            talk.say(
                b,
                f"I can give you {fewer}, but that's the limit.",
                f"Let's make it {fewer}. I can't do more.",
                f"Well, {fewer} would be possible.",
            )
            talk.note(
                f"{{B}} allows only {fewer}, because {why}.",
                f"As {why}, {{A}} gets no more than {fewer}.",
                f"{{A}} is given {fewer} and not more, since {why}, as {chief} says.",
            )
            talk.fact("How much time does {B} give {A} instead?", fewer)
            talk.gist(
                "An employee gets a shorter leave than hoped.",
                "A boss allows only part of the leave.",
                f"Someone is given {fewer} off instead of more.",
            )
        elif answer == "home":
            talk.say(
                a,
                "Hmm. What if I did some work on my laptop and stayed online?",
                "Could I work with my laptop while I'm away?",
                "Would it help if I took the laptop along?",
            )
            talk.say(
                b,
                "That might work, if you answer your emails.",
                "Okay, but please keep your phone on.",
                "Good idea. Then I can reach you if something comes up.",
            )
            talk.note(
                f"{chief} hesitates because {why} but agrees when {{A}} offers to work from a distance.",
                f"Since {why}, {{A}} will be away but keep working and be reachable.",
                f"{{B}} needs {{A}} because {why}, so {{A}} is going to work remotely.",
            )
            talk.gist(
                "An employee will work while being away.",
                "Instead of real leave, someone will work remotely.",
                "A boss lets an employee work from another place.",
            )
        elif answer == "exception":
            talk.say(
                a,
                "I know, but it's very important to me. I can't change the date."
                if not movable
                else "I know, but I've already put it off twice.",
                "Please, I'd make up for it. I'd even work on two Saturdays.",
                "I understand. Still, I'd be so grateful if you found a way.",
            )
            talk.say(
                b,
                "All right, I'll make an exception. We'll manage somehow.",
                "Well, you've never let us down. Go ahead, then.",
                "Okay, okay. I'll call in somebody from the other office.",
            )
            talk.note(
                f"At first {{B}} says no because {why}, but then gives in.",
                f"Although {why}, {chief} finally lets {{A}} go.",
                f"{{A}} begs {{B}}, who makes an exception even though {why}.",
            )
            talk.gist(
                "A boss makes an exception and allows leave.",
                "An employee asks twice and gets time off.",
                "After some doubt, a boss lets an employee go.",
            )
        else:
            talk.say(a, "So there's no chance at all?", "Is that your last word?", "Isn't there anything we could do?")
            talk.say(
                b,
                "I'm really sorry, but this time I have to say no.",
                "Not this time, I'm afraid. I can't run the place alone.",
                "I wish I could, but it's impossible.",
            )
            talk.note(
                f"{chief} refuses because {why}.",
                f"{{A}} doesn't get the time off, since {why}.",
                f"As {why}, {{B}} can't spare {{A}} and says no.",
            )
            talk.gist(
                "An employee asks for leave, but the boss refuses.",
                "Someone doesn't get time off because work is busy.",
                "A boss can't spare an employee at a busy time.",
            )
        if answer == "refused":
            talk.say(
                a,
                "That's a pity, but I understand.",
                "Oh well. It was worth asking.",
                "I see. I'll have to explain that at home, then.",
            )
            talk.note(
                "{A} is disappointed but accepts it.",
                "{A} takes the answer calmly.",
                "There is nothing {A} can do about it.",
                major=False,
            )
        else:
            if agreed:
                talk.say(
                    a,
                    "Okay. Thanks for finding a solution with me.",
                    "Thank you, I really appreciate that.",
                    "Great, that's a load off my mind. Thanks for being so flexible.",
                )
                talk.note(
                    f"{{A}} thanks {chief} for the solution.",
                    "{A} is thankful and happy with that answer.",
                    "That is all right with {A}, who says thank you.",
                    major=False,
                )
            else:
                talk.say(
                    a,
                    "All right, I'll come back to you about it.",
                    "Okay, then I'll wait a little.",
                    "Fine, there's no hurry. I'll ask again.",
                )
                talk.note(
                    "{A} doesn't mind waiting for an answer.",
                    "It's no problem for {A} to come back to it later.",
                    "{A} isn't in a hurry and accepts that.",
                    major=False,
                )


MEETINGS = (
    "the sales meeting",
    "the budget meeting",
    "the meeting with the architects",
    "the parents' meeting",
    "the board meeting",
    "the meeting with the bank",
    "the yearly staff meeting",
    "the meeting with the new supplier",
    "the safety meeting",
    "the planning meeting",
    "the meeting about the office party",
    "the meeting with the town council",
    "the kick-off meeting",
    "the meeting about the new website",
)
TASKS = (
    "print the handouts",
    "finish the slides",
    "send out the agenda",
    "order coffee and sandwiches",
    "collect last month's figures",
    "write the name cards",
    "set up the projector",
    "look for a parking space for the guests",
    "draw up a list of questions",
    "put the chairs in a circle",
    "buy some fruit and water",
    "ask the director for a short speech",
    "update the price list",
    "prepare the sample products",
)
ROOMS = (
    "the blue room",
    "the library",
    "room 12",
    "room 204",
    "the conference room",
    "the small hall",
    "the glass room",
    "the training room",
    "room 31",
    "the room on the top floor",
    "the canteen",
    "the garden room",
)
DIETS = (
    ("is allergic to nuts", "a cake without nuts"),
    ("doesn't eat meat", "some cheese rolls"),
    ("can't drink milk", "oat milk"),
    ("doesn't drink coffee", "some green tea"),
    ("eats no eggs", "fruit salad"),
    ("can't eat bread", "some rice crackers"),
    ("is on a diet", "a light salad"),
)
GEAR = ("the projector", "the big screen", "the microphone", "the coffee machine", "the colour printer", "the video camera")
LENDERS = (
    "the design team",
    "the accounts department",
    "the school next door",
    "the marketing people",
    "the hotel across the street",
    "the second floor",
)


@scene
def preparing_a_meeting(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    meeting, room = talk.pick(MEETINGS), talk.pick(ROOMS)
    day, time = talk.pick(WEEKDAYS), clock(rng, 9, 16)
    first, second = two_different(rng, TASKS)
    named = talk.chance(0.35)
    name = talk.pick(FIRST_NAMES)
    helper = name if named else "{B}"
    call = f", {name}" if named else ""
    talk.topic(
        "preparing a meeting",
        meeting if len(meeting.split()) < 5 else "a coming meeting",
        "sharing the work",
        "plans for a meeting",
    )
    asked_first = talk.chance(0.35)
    if asked_first:
        talk.say(
            b,
            "You look stressed. Is something wrong?",
            "Why are you running around like that?",
            "Hey, what are all those papers for?",
        )
        talk.say(
            a,
            f"It's {meeting}. It's on {day} at {time}, and nothing is ready{call}!",
            f"Well, {meeting} is on {day} at {time}, and I'm far behind. Could you help me{call}?",
            f"They're making me organise {meeting} on {day} at {time}. I could use a hand{call}.",
        )
        talk.say(
            b,
            "Don't worry, I'll help you.",
            "Calm down, we'll manage that together.",
            "I've got some time. Let's do it as a team.",
        )
    else:
        talk.say(
            a,
            f"Do you have a moment{call}? We need to talk about {meeting}. It's on {day} at {time}.",
            f"Have you heard{call}? We're supposed to organise {meeting} on {day} at {time}.",
            f"Hi{call}. I've got to prepare {meeting}, and it starts at {time} on {day}. Would you help me?",
            f"Listen{call}, I'm in charge of {meeting} on {day} at {time}, and there's a lot to do.",
        )
        talk.say(
            b, "Sure, I'm happy to help. What's first?", "Okay, let's see what needs doing.", "No problem. Where shall we begin?"
        )
    talk.note(
        f"{{A}} and {helper} get ready for {meeting}, which takes place on {day} at {time}.",
        f"{{A}} tells {{B}} about {meeting} on {day} at {time}, and {{B}} is willing to help.",
        f"{{B}} offers {{A}} some help, since there is a lot to prepare for {meeting} on {day}.",
        f"{_capital(meeting)} is on {day} at {time}, so {{A}} needs help from {helper}.",
    )
    talk.fact("At what time is the meeting planned?", time)
    talk.say(
        a,
        f"I'd like you to {first}. I'll {second} myself.",
        f"Could you {first}? Then I can {second}.",
        f"Let's split it up. You {first}, and I {second}.",
        f"How about this? I {second}, while you {first}.",
    )
    division = talk.pick(("agree", "agree", "swap", "time") if asked_first else ("agree", "agree", "swap", "done", "time"))
    if division == "agree":
        talk.say(
            b,
            "All right, consider it done.",
            "Okay, I can do that this afternoon.",
            "Fine with me. I'll start right after lunch.",
        )
        talk.note(
            f"{{A}} is going to {second}, and {{B}} will {first}.",
            f"They share the work: {{B}} has to {first} while {{A}} will {second}.",
            f"{helper} agrees to {first}, so that {{A}} has time to {second}.",
        )
    elif division == "swap":
        talk.say(
            b,
            "Can we do it the other way round? I'm hopeless at that.",
            "Honestly, I'd rather swap. Your job would suit me better.",
            "Would you mind if we swapped? I had to do that last time.",
        )
        if talk.chance(0.6):
            talk.say(a, "If you like. I don't mind either way.", "Sure, let's swap, then.", "Good idea, I prefer that anyway.")
            talk.note(
                f"{{B}} wants to swap jobs, so {{A}} will {first} and {{B}} will {second}.",
                f"{{A}} is going to {first} instead of {{B}}, who would rather {second}.",
                f"They exchange their jobs; now it's {helper} who has to {second}.",
            )
        else:
            talk.say(
                a,
                "Sorry, but I've already started with mine.",
                "I'd rather not. I'm only halfway through it, and it's complicated.",
                "No, please. I'm in the middle of it already.",
            )
            talk.say(
                b, "Oh, all right. I'll do my best.", "Okay then, but don't expect too much.", "Fair enough. I'll manage somehow."
            )
            talk.note(
                f"{{B}} would like to swap jobs, but {{A}} doesn't want to, so {{B}} will {first}.",
                f"{{A}} refuses to exchange jobs and will {second}, leaving the other one to {{B}}.",
                f"Although {helper} would prefer to {second}, {{A}} has already begun with that.",
            )
    elif division == "done":
        talk.say(
            b,
            "Actually, I did my part yesterday. I knew you'd ask.",
            "Surprise! My part was finished an hour ago.",
            "You won't believe it, but mine is already done.",
        )
        talk.say(
            a, "Really? You're an angel!", "Wow, thanks. That saves us a lot of trouble.", "That's fantastic. I owe you a coffee."
        )
        talk.note(
            f"{{A}} wants {{B}} to {first}, but {{B}} has already done that.",
            f"To {{A}}'s surprise, {helper} doesn't need to {first} any more because it is done.",
            f"{{A}} only has to {second}, as {{B}} has taken care of the rest in advance.",
        )
    else:
        colleague = talk.pick([n for n in FIRST_NAMES if n != name])
        talk.say(
            b,
            f"I'm afraid I won't have time for that. Why don't you ask {colleague}?",
            f"That's too much for me this week, but {colleague} could do it.",
            f"I can't, I'm at the dentist's this afternoon. Maybe {colleague} is free.",
        )
        talk.say(
            a, "Okay, I'll ask right away.", "Right, that's an idea. I'll find out.", "Good thinking. I'll send a message now."
        )
        talk.note(
            f"{{B}} has no time to {first}, so {{A}} will ask {colleague}.",
            f"{helper} suggests asking {colleague} to {first}.",
            f"{{A}} will turn to {colleague} because {{B}} can't {first}.",
        )
    if talk.utterances[-1][0] == b:
        talk.say(
            a,
            "Great. Is there anything else we should think of?",
            "Thanks a lot. Can you think of anything I've missed?",
            "Good. What have I forgotten?",
            "You're the best. Any other thoughts?",
        )
    trouble = talk.pick(("room", "moved", "diet", "gear", "guests", "gear"))
    if trouble == "room":
        new_room = talk.pick([r for r in ROOMS if r != room])
        talk.say(
            b,
            f"And where will it be? I saw that {room} is already taken.",
            f"By the way, have you booked {room}? I think it's taken.",
            f"There's one problem. Somebody else has got {room} at that time.",
        )
        talk.say(
            a,
            f"Oh no! Then let's take {new_room}.",
            f"Really? We'd better move to {new_room}, then.",
            f"You're right, I forgot. I'll book {new_room} instead.",
        )
        talk.note(
            f"As {room} is taken, they will use {new_room}.",
            f"{{B}} points out that {room} isn't free, and {{A}} chooses {new_room} instead.",
            f"The meeting will be held in {new_room}, because {room} is not available.",
        )
        talk.fact("Where will the meeting be held?", new_room)
        talk.gist(
            "Two colleagues prepare a meeting and change the room.",
            f"A meeting has to move to {new_room}.",
            "Colleagues plan a meeting and find another room.",
        )
    elif trouble == "moved":
        new_day = talk.pick([d for d in WEEKDAYS if d != day])
        source = talk.pick(("the director", "the secretary", "one of the guests", "the head office"))
        talk.say(
            b,
            f"Wait, I've just got a message from {source}. It's been moved to {new_day}!",
            f"Hang on. There's an email from {source} that says it'll be on {new_day}.",
            f"Hold on a second. According to {source}, we're meeting on {new_day} now.",
        )
        early = WEEKDAYS.index(new_day) < WEEKDAYS.index(day)
        if early:
            talk.say(
                a,
                "What? Then we have even less time. We'd better stay late tonight.",
                "Oh dear, that's sooner than I thought. Let's work late today.",
                "Earlier? That means overtime for us tonight.",
            )
            talk.note(
                f"{_capital(source)} brings the meeting forward to {new_day}, so they have to work late.",
                f"The two learn from {source} that the meeting will already be on {new_day}, which means overtime.",
                f"Because of a message from {source}, they have less time: the meeting is now on {new_day}.",
            )
            talk.gist(
                "A meeting is brought forward while colleagues prepare it.",
                "Two colleagues suddenly have less time for a meeting.",
                "Colleagues must work late to prepare a meeting.",
            )
        else:
            talk.say(
                a,
                "Thank goodness! That gives us more time.",
                "What a relief. Now we needn't hurry.",
                "Great, then we can take it easy today.",
            )
            talk.note(
                f"{_capital(source)} puts the meeting off to {new_day}, and {{A}} is relieved.",
                f"They learn from {source} that the meeting will not be before {new_day}, so there is more time.",
                f"A message from {source} says that the meeting is now on {new_day}, to the relief of {{A}}.",
            )
            talk.gist(
                "A meeting is put off while colleagues prepare it.",
                "Two colleagues get more time to prepare a meeting.",
                "Colleagues are relieved that a meeting is later.",
            )
        talk.fact("On which day will the meeting be now?", new_day)
    elif trouble == "diet":
        guest = formal_name(rng)
        diet, food = talk.pick(DIETS)
        talk.say(
            b,
            f"Don't forget that {guest} {diet}.",
            f"Oh, and we need to think of {guest}, who {diet}.",
            f"One more thing. I remember that {guest} {diet}.",
        )
        talk.say(
            a,
            f"Good point. Let's get {food} as well.",
            f"I'm glad you said that. I'll ask for {food}.",
            f"Oh, I had no idea! We should have {food}, then.",
        )
        talk.note(
            f"{{B}} remembers that {guest} {diet}, so they will have {food}.",
            f"Because {guest} {diet}, {{A}} thinks of {food}.",
            f"They are going to get {food} for {guest}, who {diet}.",
        )
        talk.fact("What will they get for the guest?", food)
        talk.gist(
            "Two colleagues prepare a meeting and think of a guest.",
            "Colleagues plan a meeting and the food for a guest.",
            f"A meeting is planned, with {food} for one guest.",
        )
    elif trouble == "gear":
        gear, lender = talk.pick(GEAR), talk.pick(LENDERS)
        talk.say(
            b,
            f"Remember that {gear} is broken? It gave up last week.",
            f"I tried {gear} this morning, and it's broken.",
            f"There's bad news, though. Something is wrong with {gear}, it's broken.",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                f"Then we'll have to borrow one from {lender}.",
                f"Oh no. Perhaps we can borrow one from {lender}.",
                f"Not again! I'll see if {lender} can lend us one.",
            )
            talk.note(
                f"{{B}} is worried about {gear}, and {{A}} wants to borrow another from {lender}.",
                f"There is a problem with {gear}, so {{A}} hopes to get one from {lender}.",
                f"{{A}} plans to turn to {lender} for help, as there is trouble with {gear}.",
            )
        else:
            talk.say(
                a,
                "I called a technician about that. It'll be repaired in time.",
                "It's all right, somebody is coming to fix it tomorrow.",
                "I know, but the repair service has promised to come today.",
            )
            talk.note(
                f"{{B}} mentions that {gear} is broken, but {{A}} has arranged a repair.",
                f"{{A}} calms {{B}} down, since somebody will take care of {gear}.",
                f"There was some trouble with {gear}, which is going to be repaired.",
            )
        talk.gist(
            f"Two colleagues prepare a meeting and discuss {gear}.",
            "Colleagues plan a meeting despite a broken machine.",
            "Preparing a meeting, colleagues have a technical problem.",
        )
    else:
        number = rng.randint(9, 30)
        more = number + rng.randint(3, 9)
        talk.say(
            b,
            f"Will {number} chairs be enough? I couldn't find any more.",
            f"Do we have enough seats? There are only {number}.",
            f"I've put out {number} chairs. Is that enough?",
        )
        if talk.chance(0.65):
            lender = talk.pick(
                ("the canteen", "the room next door", "the cellar", "the kitchen", "the reception", "the training room")
            )
            talk.say(
                a,
                f"No, we expect {more} people. Let's get some more from {lender}.",
                f"We need {more}, actually. There should be some in {lender}.",
                f"I'm afraid not, {more} guests have said yes. We can take some from {lender}.",
            )
            talk.note(
                f"There are {number} chairs but {more} are needed, so they will get more from {lender}.",
                f"{{A}} expects {more} people and wants to fetch more chairs from {lender}.",
                f"{{B}} has only {number} chairs; the missing ones can come from {lender}.",
            )
        else:
            fewer = number - rng.randint(1, 5)
            talk.say(
                a,
                f"That's plenty. Only {fewer} people have said yes.",
                f"Yes, don't worry. We're just {fewer} people this time.",
                f"More than enough, since {fewer} guests are on my list.",
            )
            talk.note(
                f"With {number} chairs for {fewer} people, there are enough seats.",
                f"{{B}} asks whether {number} chairs will do, and {{A}} says yes, as {fewer} people are coming.",
                f"{{A}} isn't worried about the seats, since only {fewer} people will come.",
            )
            talk.fact("How many people are expected?", str(fewer))
        talk.gist(
            "Two colleagues prepare a meeting and count the chairs.",
            "Colleagues share the work before a meeting.",
            "A meeting is planned, and seats are checked.",
        )
    if talk.chance(0.5):
        place = talk.pick(("in my office", "in the hall", "in the kitchen", "over lunch", "at my desk", "after work"))
        told_place = place.replace("my office", "{B}'s office").replace("my desk", "{B}'s desk")
        talk.say(
            b,
            f"Shall we practise the whole thing once, {place}?",
            f"I think we should go through everything again {place}.",
            f"Why don't we meet again {place} and check the details?",
        )
        if talk.chance(0.6):
            talk.say(
                a,
                "Yes, let's do that tomorrow.",
                "Good idea, I'd feel better then.",
                "Please, yes. I don't want any more surprises.",
            )
            talk.note(
                f"They want to go over everything once more {told_place}.",
                f"{{B}} suggests a last check {told_place}, and {{A}} likes the idea.",
                f"{{A}} agrees to {{B}}'s idea of checking it all again {told_place}.",
            )
        else:
            talk.say(
                a,
                "I don't think that's necessary. We've done this so often.",
                "Sorry, I won't find the time for that.",
                "Better not. I have three other jobs waiting.",
            )
            talk.note(
                f"{{B}} would like to go over it all again {told_place}, but {{A}} says no.",
                f"{{A}} doesn't want another check {told_place}.",
                f"{{B}}'s idea of a last check {told_place} is turned down.",
            )
    else:
        talk.say(b, "All right. What else is on the list?", "Okay. Have we forgotten anything?", "Right. Is that everything?")
        talk.say(
            a,
            "I think that's all. Thanks for your help!",
            "No, that's it. I'm so glad you're here.",
            "That's everything. Thank you, I couldn't do it alone.",
        )
        talk.note(
            f"{{A}} is thankful for {helper}'s help.",
            "{A} thanks {B} for helping.",
            "Nothing else is left on the list, and {A} thanks {B}.",
            major=False,
        )


REPORTS = (
    "sales report",
    "travel report",
    "yearly report",
    "report on the customer survey",
    "accident report",
    "lab report",
    "energy report",
    "report on the trade fair",
    "monthly report",
    "project report",
    "report on the new branch",
    "quality report",
    "training report",
    "stock report",
)
DELAYS = (
    ("my computer crashed and I lost half of it", "a computer crash destroyed half of it"),
    ("I was in bed with the flu for three days", "{B} was in bed with the flu"),
    ("our office abroad sent me the wrong figures", "the office abroad sent {B} the wrong figures"),
    ("two customers called every hour with complaints", "two customers kept calling with complaints"),
    ("the internet was down all afternoon", "the internet was down all afternoon"),
    ("I found a big mistake in the tables", "{B} found a big mistake in the tables"),
    ("I got the dates mixed up", "{B} got the dates mixed up"),
    ("I had to stand in for a sick colleague", "{B} had to stand in for a sick colleague"),
    ("the accounts department never answered my questions", "the accounts department never answered {B}'s questions"),
    ("my son broke his arm and I was at the hospital", "{B}'s son broke his arm"),
    ("the laboratory hasn't sent the results yet", "the laboratory hasn't sent the results yet"),
    ("it took me ages to find the old files", "it took {B} ages to find the old files"),
    ("the translation wasn't ready in time", "the translation wasn't ready in time"),
    ("I forgot to save the last version", "{B} forgot to save the last version"),
)
READERS = (
    "the director",
    "the head office",
    "the board",
    "the client",
    "the bank",
    "the auditors",
    "the investors",
    "the mayor's office",
    "our partners",
)
PARTS = (
    "the summary",
    "the last chapter",
    "the charts",
    "the conclusion",
    "the list of costs",
    "the map",
    "the photographs",
    "the second half",
    "the introduction",
)


@scene
def explaining_a_late_report(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    report, reader = talk.pick(REPORTS), talk.pick(READERS)
    told_reader = reader.replace("our partners", "their partners")
    due, new = two_different(rng, WEEKDAYS)
    part = talk.pick(PARTS)
    named = talk.chance(0.4)
    name, helper, checker = rng.sample(FIRST_NAMES, 3)
    author = name if named else "{B}"
    call = f"{name}, " if named else ""
    where = talk.pick(("on my desk", "in my mailbox", "in the folder", "on the server"))
    talk.topic(
        "a late report",
        f"the {report}" if len(report.split()) < 3 else "a missing report",
        "a missed deadline",
        "waiting for a report",
    )
    talk.fact("When was the report due?", due)
    confessing = not named and talk.chance(0.35)
    surprise = not confessing and talk.chance(0.25)
    if confessing:
        said, told = talk.pick(DELAYS)
        talk.say(
            b,
            f"I have to tell you something. The {report} isn't ready yet.",
            f"Do you have a minute? It's about the {report}. It's going to be late.",
            f"Please don't be angry, but I haven't finished the {report}.",
            f"I'm sorry, I couldn't get the {report} done in time.",
        )
        talk.say(
            a,
            f"But it was due on {due}! What happened?",
            f"Oh no. You knew that I needed it on {due}. Why is that?",
            f"How come? We agreed on {due}, didn't we?",
        )
        talk.say(
            b,
            f"I know, and I'm sorry. The thing is, {said}.",
            f"Well, {said}. I should have told you before.",
            f"It's just that {said}. It was a terrible week.",
        )
        talk.note(
            f"{{B}} admits to {{A}} that the {report}, due on {due}, is late because {told}.",
            f"{{B}} hasn't finished the {report} that {{A}} needed on {due}, as {told}.",
            f"The {report} was due on {due}, but {{B}} apologizes to {{A}} for not having it ready.",
            f"{{B}} explains to {{A}} why the {report} isn't ready: {told}.",
        )
    else:
        talk.say(
            a,
            _capital(f"{call}where's the {report}? It was due on {due}."),
            f"{call}I've been waiting for the {report} since {due}. What's going on?",
            _capital(f"{call}I looked {where}, but I can't find the {report}. We said {due}, didn't we?"),
            _capital(f"{call}may I ask what happened to the {report}? You promised it for {due}."),
        )
        if surprise:
            mistake = talk.pick(("spam", "address", "folder", "print"))
            if mistake == "print":
                talk.say(
                    b,
                    f"The {report}? But that was finished on {due}, and I passed it on at once.",
                    f"That's strange. I handed it in on {due}, before lunch.",
                    f"I don't understand. I had it ready on {due}, as we agreed, and gave it away.",
                )
            else:
                talk.say(
                    b,
                    f"The {report}? But I sent it to you on {due}.",
                    f"That's strange. I handed it in on {due}, before lunch.",
                    f"I don't understand. I finished it on {due} and sent it off.",
                )
            talk.note(
                f"{{A}} can't find the {report}, although {{B}} says it went out on {due}.",
                f"{{A}} asks {author} about the {report}, which was due on {due}, but {{B}} claims to have handed it in then.",
                f"{author} is surprised that {{A}} doesn't have the {report} that was finished on {due}.",
                f"The {report} should have been there on {due}; {{B}} is sure of having handed it in.",
            )
            talk.say(
                a,
                f"But I need it for {reader} today!",
                f"But I can't go to {reader} without it this afternoon.",
                f"It's for {reader}, so it's really urgent.",
            )
            if mistake == "spam":
                talk.say(
                    a,
                    "Well, I never got it. Let me check again.",
                    "I haven't seen anything. Wait, I'll look once more.",
                    "Are you sure? Just a second.",
                )
                talk.say(b, "Could it be in your spam folder?", "Have you looked among the spam?", "Try the spam folder, please.")
                talk.say(
                    a,
                    "Oh, there it is! I'm so sorry, I shouldn't have blamed you.",
                    "You're right, here it is. How embarrassing! I apologize.",
                    "Yes, I've found it. Please forgive me for being so sharp.",
                )
                talk.note(
                    "{A} finds it in the spam folder and apologizes.",
                    f"It turns out to be among the spam, so {{A}} says sorry to {author}.",
                    "{B} makes {A} look through the spam, where the report is, and {A} is sorry.",
                )
                talk.gist(
                    "A missing report turns up in the spam folder.",
                    "A boss misses a report that was there all along.",
                    "A boss apologizes after finding a report among the spam.",
                )
            elif mistake == "address":
                talk.say(
                    a,
                    "Not to me. Could you check where you sent it?",
                    "It never reached me. What address did you use?",
                    "Then show me. Who did you send it to?",
                )
                talk.say(
                    b,
                    f"Let me see. Oh no, I sent it to {helper} by mistake!",
                    f"One moment. Oops, it went to {helper} and not to you.",
                    f"Hmm, that's embarrassing. I picked {helper}'s address.",
                )
                talk.say(
                    a,
                    "Well, that can happen. Send it to me now, please.",
                    "I see. Then just forward it to me.",
                    "All right, no harm done. Let me have it right away.",
                )
                talk.note(
                    f"By mistake, {author} sent it to {helper}, so {{A}} wants to get it now.",
                    f"{{B}} discovers that the report went to {helper} and has to send it again.",
                    f"It went to {helper}'s address, and {{A}} asks {{B}} to send it now.",
                )
                talk.gist(
                    f"A report goes to {helper} by mistake.",
                    "A boss misses a report that went to someone else.",
                    "A wrong address explains why a report is missing.",
                )
            elif mistake == "folder":
                talk.say(
                    a,
                    "Where did you put it? I can't see it anywhere.",
                    "Really? I've been looking for it all morning.",
                    "Then it must have disappeared.",
                )
                talk.say(
                    b,
                    f"It's in the new folder that {helper} made last week.",
                    f"We use another folder now. {helper} wrote to everyone about it.",
                    f"It's in the new folder. Didn't {helper} tell you?",
                )
                talk.say(
                    a,
                    "Nobody told me that! Okay, now I can see it. Thanks.",
                    "Oh, that's news to me. Yes, there it is. Sorry for the fuss.",
                    "I must have missed that. Right, I've got it. Well done.",
                )
                talk.note(
                    f"The report is in a new folder made by or announced by {helper}, which {{A}} didn't know about.",
                    "{A} finds it in the new folder after {B} explains where it is.",
                    "{A} hasn't heard of the new folder, but now has the report.",
                )
                talk.gist(
                    "A missing report is found in a new folder.",
                    "A boss looks for a report in the wrong folder.",
                    "Someone didn't know where the new reports are kept.",
                )
            else:
                talk.say(a, "On paper or by email?", "How did you send it?", "And how? I've got nothing here.")
                talk.say(
                    b,
                    f"I gave a printed copy to {helper}, who wanted to bring it to you.",
                    f"I printed it, and {helper} took it to your office.",
                    f"{helper} has the printed copy and was going to pass it on.",
                )
                talk.say(
                    a,
                    f"Ah, {helper} has been off sick since then. Could you print another one?",
                    f"But {helper} is on a business trip! Please print it again.",
                    f"I see. {helper} isn't in today, so I need another copy.",
                )
                talk.say(
                    b,
                    "Of course, you'll have it in five minutes.",
                    "Sure, I'll go to the printer right away.",
                    "No problem, I'll do it immediately.",
                )
                talk.note(
                    f"{{B}} gave the printed copy to {helper}, who isn't there, so {{B}} will print another.",
                    f"As {helper} has the paper and is away, {author} is going to print it once more.",
                    f"{{A}} needs a new copy because the first one was left with {helper}.",
                )
                talk.gist(
                    f"A printed report got stuck with {helper}.",
                    "A report is missing, and a new copy is printed.",
                    "A colleague's absence explains why a report is missing.",
                )
            if mistake == "print":
                talk.say(
                    a,
                    "Thank you. I need it for a meeting.",
                    "Good. Next time, please send it by email too.",
                    "Perfect, that's quick enough.",
                )
            else:
                talk.say(
                    b,
                    "It's all right, don't worry about it."
                    if mistake != "address"
                    else "I'm doing it right now. Sorry about that.",
                    "No problem, these things happen."
                    if mistake != "address"
                    else "Of course. There, it should be with you now.",
                    "I'm just glad it's cleared up." if mistake != "address" else "Done. I'll be more careful next time.",
                )
            talk.note(
                "The matter is settled without bad feelings.",
                "Neither of them is angry about it any more.",
                "The two of them clear up the matter in a friendly way.",
                major=False,
            )
            return
        said, told = talk.pick(DELAYS)
        talk.say(
            b,
            f"I'm really sorry. It's late because {said}.",
            f"I know, I know. Unfortunately, {said}.",
            f"I wanted to talk to you about that. You see, {said}.",
        )
        talk.note(
            f"{{A}} wants to see the {report}, but it's late because {told}.",
            f"{author} tells {{A}} that the {report} is late, as {told}.",
            f"{{A}} asks {author} about the {report}, and it isn't ready, since {told}.",
            f"The {report} was due on {due}, but {told}, so {{B}} couldn't finish it.",
        )
    before = talk.pick(("told", "time", "silent", "told", "time", "silent", "none"))
    if before == "told":
        talk.say(
            a,
            f"Does {checker} know about it? That's who has to check it.",
            f"And what about {checker}, who's supposed to check it? Did you explain it?",
            f"Have you spoken to {checker}, who has to check it afterwards?",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Yes, I called right away, and it's all right.",
                "I did, and it's no problem on that side. There's enough other work to do.",
                "Of course. We had a talk about it, and nobody was angry with me.",
            )
            talk.note(
                f"{{B}} has already talked to {checker}, who is going to check the report.",
                f"{checker}, who has to check the report, knows about the delay.",
                f"The delay is no news to {checker}, as {author} tells {{A}}.",
                major=False,
            )
        else:
            talk.say(
                b,
                "No, not yet. I wanted to talk to you first.",
                "Oh, I forgot about that completely. I'll do it after this.",
                "Not so far. I was hoping that you could do that for me.",
            )
            talk.note(
                f"{{B}} hasn't told {checker} about it yet, who is supposed to check the report.",
                f"{checker} has to check the report but doesn't know about the delay yet.",
                f"So far, {author} hasn't spoken to {checker} about the delay.",
                major=False,
            )
    elif before == "time":
        span = talk.pick(("two weeks", "three weeks", "ten days", "a whole month", "eight days", "six weeks"))
        talk.say(
            a,
            "Tell me, how long have you been working on it?",
            "I thought it was almost done. How long has it taken you up to now?",
            "Hmm. How much time have you spent on it so far?",
        )
        talk.say(
            b,
            f"It's been {span} now. It turned out to be bigger than we expected.",
            f"I've been at it for {span}, with hardly a break.",
            f"It must be {span} by now, and I've never had such a difficult one.",
        )
        talk.note(
            f"{{B}} has been working on it for {span}.",
            f"When {{A}} asks how long it has taken so far, the answer is {span}.",
            f"{author} has already spent {span} on the report.",
            major=False,
        )
        talk.fact("How long has {B} been working on the report?", span)
    elif before == "silent":
        talk.say(
            a,
            "Why didn't you come to me when the trouble began?",
            "You could have said something earlier, you know.",
            "I wish I had known that a few days ago. My door is always open.",
        )
        talk.say(
            b,
            "I really thought I could still manage it on my own.",
            "I didn't want to bother you. I hoped to catch up at the weekend.",
            "You're right. I was too proud to ask for help, I suppose.",
        )
        talk.note(
            "{A} would have liked to know about the trouble earlier.",
            f"{author} didn't speak to {{A}} about the problem before.",
            "{A} asks why {B} said nothing about it until now.",
            major=False,
        )
    reaction = talk.pick(("deadline", "deadline", "part", "helper", "angry", "relaxed"))
    if reaction == "deadline":
        talk.say(
            a,
            f"I see. But {reader} can't wait for ever. Can I have it by {new}?",
            f"Well, that can happen. Still, I need it for {reader}. Will {new} be possible?",
            f"Well, what's done is done. Get it to me by {new}, please, because {reader} will ask for it.",
        )
        answer = talk.pick(("yes", "yes", "longer", "refused"))
        if answer == "yes":
            talk.say(
                b,
                "Yes, I promise. You can rely on me.",
                "That's fine. I'll work on nothing else.",
                "I can do that, even if I have to stay late.",
            )
            talk.say(a, "All right, I trust you.", "Good. Then we'll forget about it.", "Great, but no more delays, please.")
            talk.note(
                f"{{A}} sets {new} as the new deadline because of {told_reader}, and {{B}} agrees.",
                f"{author} promises to hand it in by {new}.",
                f"They agree on {new}, as {told_reader} must not be kept waiting.",
            )
            talk.gist(
                "A report is late and gets a new deadline.",
                "A worker apologizes and promises a report soon.",
                f"A late report has to be ready by {new}.",
            )
        else:
            talk.say(
                b,
                "Hmm, that's very tight. Could I have one more day?",
                "To be honest, I'd need another day for that.",
                f"I'm not sure I can do it. The day after would be safer, because {part} will take a while.",
            )
            if answer == "longer":
                talk.say(
                    a,
                    "Okay, one more day. But that's the very last one.",
                    "All right, I can explain that. One day, no longer.",
                    "Well, take that day, but it must be perfect then.",
                )
                talk.note(
                    f"{{A}} wants it by {new} for {told_reader}, but {{B}} gets one more day.",
                    f"{author} asks for a day longer than {new}, and {{A}} allows it.",
                    f"Since {new} is too early for {{B}}, {{A}} gives one day more.",
                )
                talk.gist(
                    "A late report gets one more day than planned.",
                    "A worker asks for more time and gets it.",
                    "A boss gives an extra day for a late report.",
                )
            else:
                talk.say(
                    a,
                    f"No, I'm sorry. It's {new} or never.",
                    f"I can't do that. I need it by {new}, full stop.",
                    f"That's impossible. On {new} it has to go out.",
                )
                talk.say(
                    b, "Then I'll work through the evening.", "Understood. I'll find a way.", "Okay, I'll cancel my other plans."
                )
                talk.note(
                    f"{{B}} asks for an extra day, but {{A}} insists on {new} because of {told_reader}.",
                    f"{{A}} refuses to give more time than until {new}, so {author} has to hurry.",
                    f"It has to be done by {new}; {{B}} would like one day more but doesn't get it.",
                )
                talk.gist(
                    "A boss refuses to wait longer for a late report.",
                    "A worker asks in vain for an extra day.",
                    f"A late report must be finished by {new}.",
                )
            if answer == "longer":
                talk.say(b, "Thank you, I won't let you down.", "That's a big help. Thanks.", "Great, I'll get right to it.")
            else:
                talk.say(a, "I appreciate that.", "Thanks, that's the spirit.", "I knew I could count on you.")
            talk.note(
                "{B} is going to do everything to keep to that.",
                "{A} and {B} part on good terms.",
                "In the end they both sound content.",
                major=False,
            )
        talk.fact("Which day does {A} name as the new deadline?", new)
    elif reaction == "part":
        talk.say(a, "How much of it is done?", "Is there anything you can show me now?", "So what do you have at the moment?")
        talk.say(
            b,
            f"Everything except {part}.",
            f"It's nearly finished. Only {part} is missing."
            if part not in ("the charts", "the photographs")
            else f"It's nearly finished. Only {part} are missing.",
            f"All of it, apart from {part}.",
        )
        talk.note(
            f"Only {part} must still be added.",
            f"{{B}} has done everything except {part}.",
            f"According to {author}, {part} can't be shown yet, but the rest can.",
            major=False,
        )
        if talk.chance(0.55):
            talk.say(
                a,
                f"Then give me that now. I'll send it to {reader} as it is.",
                f"That's good enough for {reader}. Let me have it as it is.",
                f"Fine, I'll take it the way it is. I'll explain the rest to {reader}.",
            )
            talk.say(
                b,
                "Okay, it'll be with you in a minute. I'm so relieved.",
                "Really? Thank you, I'll send it straight away.",
                "All right. I'll bring you the rest as soon as I can.",
            )
            talk.note(
                f"{{A}} wants the unfinished report at once for {told_reader}, and {{B}} will hand it over.",
                f"For {told_reader}, the report without {part} is good enough, so {{A}} takes it as it is.",
                f"{author} is to give {{A}} the report now, even without {part}.",
            )
            talk.gist(
                "A late report is handed in without one part.",
                "A boss accepts a report that isn't finished.",
                "A boss takes an unfinished report.",
            )
        else:
            evening = clock(rng, 15, 18)
            talk.say(
                a,
                f"I can't give {reader} half a report. Finish it by {evening} today.",
                f"No, {reader} will want to see the whole thing. You've got until {evening} today.",
                f"Without that it's useless for {reader}. I'll wait until {evening} today, no longer.",
            )
            talk.say(
                b,
                "I'll get back to work at once.",
                "That's enough time. Thank you for waiting.",
                "Okay, I'll skip my coffee break, then.",
            )
            talk.note(
                f"{{A}} gives {author} until {evening} to complete it for {told_reader}.",
                f"Without {part} it's of no use for {told_reader}, so {{B}} must finish by {evening}.",
                f"{{B}} has to add {part} by {evening} the same day.",
            )
            talk.fact("Until what time does {A} wait?", evening)
            talk.gist(
                "A worker must finish a late report today.",
                "A boss doesn't accept an unfinished report.",
                "Someone has a few hours left for a report.",
            )
    elif reaction == "helper":
        talk.say(
            a,
            f"Let's see what we can do. Shall I ask {helper} to help you?",
            f"That's too much for one person. Why don't you let {helper} help you?",
            f"I understand. Would it go faster if {helper} joined you?",
        )
        if talk.chance(0.6):
            talk.say(
                b,
                f"Oh yes, please. {helper} could do {part}.",
                f"That would be great. I'd give {part} to {helper}.",
                f"Definitely. Then {helper} can look after {part}.",
            )
            talk.say(
                a,
                f"Good. Together you'll be done by {new}.",
                f"Then I expect it on {new}, for {reader}.",
                f"Fine. {new} is the day, then. Don't forget that {reader} will read it.",
            )
            talk.note(
                f"{{A}} suggests that {helper} help, and {{B}} is glad to hand over {part}.",
                f"{helper} will do {part}, so the report can be ready on {new}.",
                f"With {helper} taking care of {part}, {{A}} expects the report by {new}.",
            )
            talk.gist(
                f"{helper} will help with a late report.",
                "A worker gets help with a late report.",
                "A boss finds a helper for a late report.",
            )
            talk.fact("Who will help {B}?", helper)
        else:
            talk.say(
                b,
                f"That's kind, but {helper} doesn't know the subject. I'd rather do it alone.",
                f"Thanks, but explaining it all to {helper} would take even longer.",
                f"No, thank you. {helper} is busy enough, and I'm nearly there.",
            )
            talk.say(
                a,
                f"As you like. But then I want it on {new}.",
                f"Okay, your choice. It has to be here on {new}, though.",
                f"If you say so. The new deadline is {new}.",
            )
            talk.note(
                f"{{A}} offers {helper}'s help, but {{B}} prefers to do it alone and has until {new}.",
                f"{author} doesn't want help from {helper}, so {{A}} asks for the report on {new}.",
                f"Without {helper}, {{B}} has to get it done by {new}.",
            )
            talk.gist(
                "A worker refuses help with a late report.",
                f"A late report has to be ready on {new}.",
                "A boss offers help, but it isn't wanted.",
            )
            talk.fact("What is the new deadline?", new)
        talk.say(b, "All right, I'll see to it.", "Yes, you can count on that.", "Okay, I'll make sure of it.")
        talk.note("{B} promises to see to it.", "{B} says yes to that.", "That is fine with {B}.", major=False)
    elif reaction == "angry":
        talk.say(
            a,
            "This is the third time this year. I'm quite disappointed.",
            "You can't go on like that. It was late last time too.",
            "I'm afraid that's not good enough. I'm not happy about this at all.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                f"You're right, and I apologize. I'll plan better, and you'll have it on {new}.",
                f"I know it looks bad. It'll be there on {new}, I give you my word.",
                f"I feel awful about it. Let me bring it to you on {new}.",
            )
            talk.say(
                a,
                "I hope so. Please tell me earlier if there's a problem.",
                "Fine, but next time let me know in advance.",
                "Okay. Just warn me earlier when something goes wrong.",
            )
            talk.note(
                f"{{A}} is annoyed; {{B}} apologizes, promises the report for {new} and is told to give earlier warning.",
                f"{author} says sorry to the unhappy {{A}}, who will get the report on {new}.",
                f"The delay upsets {{A}}, but {{B}} is going to deliver on {new}.",
            )
            talk.gist(
                "A boss is unhappy about a late report.",
                f"A worker apologizes and promises a report for {new}.",
                "Someone gets into trouble over a late report.",
            )
            talk.fact("When will the report be ready?", new)
        else:
            talk.say(
                b,
                "I'm sorry, but I've got far too much work at the moment.",
                "I understand that. But since the last change I've been doing two jobs.",
                "I can see that. The trouble is, I have more work than I can manage.",
            )
            talk.say(
                a,
                "Hmm, I wasn't aware of that. Let's talk about it over lunch.",
                "Is it that bad? Then we should go through your tasks together.",
                "Really? In that case we need to share the work differently.",
            )
            talk.say(b, "That would be a great help.", "Thank you for listening to me.", "I'd be very glad if we could do that.")
            talk.note(
                "{A} is annoyed until {B} complains of too much work; then {A} wants to do something about it.",
                f"When {{A}} complains, {author} mentions having too much to do, and {{A}} shows understanding.",
                "{B} has too much work, which {A} didn't know and wants to discuss.",
            )
            talk.gist(
                "A late report shows that someone has too much work.",
                "A boss learns that a worker has too much work.",
                "A worker with too much to do is late.",
            )
    else:
        reason = talk.pick(("away", "cancelled", "own"))
        if reason == "away":
            talk.say(
                a,
                f"Never mind. I heard today that {reader} won't need it before {new} anyway.",
                f"You're lucky. The date has changed, and {reader} will look at it on {new}.",
                f"It's not so bad. It's enough for {reader} if it's there on {new}.",
            )
            wordings = (
                f"{{A}} isn't angry, because {told_reader} won't need it before {new}.",
                f"Luckily for {author}, it's early enough for {told_reader} on {new}.",
                f"It turns out that there is time until {new}, since that is when {told_reader} will want it.",
            )
            talk.fact("On which day is the report needed?", new)
        elif reason == "cancelled":
            talk.say(
                a,
                f"Don't worry. The meeting with {reader} has been cancelled.",
                f"As it happens, the talk with {reader} has been called off. So it's fine.",
                f"Relax. We aren't meeting {reader} this month after all.",
            )
            wordings = (
                f"{{A}} doesn't mind, as they won't be meeting {told_reader} soon.",
                f"Luckily for {author}, the meeting with {told_reader} is off.",
                f"There is no hurry, because {{A}} won't see {told_reader} as planned.",
            )
        else:
            talk.say(
                a,
                f"Between you and me, mine is late too. I'll ask {reader} for more time.",
                f"To be honest, I haven't finished mine either. Let me call {reader} and ask for more time.",
                f"I can't complain. Mine isn't done either, so I'll have to ask {reader} for more time.",
            )
            wordings = (
                f"{{A}} is late as well and will ask {told_reader} for more time.",
                f"As {{A}} is no better than {author}, {told_reader} will be asked to wait.",
                f"It turns out that {{A}}'s own report isn't ready, so {{A}} needs more time from {told_reader}.",
            )
        talk.say(
            b, "Phew! I was really worried.", "That's a weight off my mind.", "Oh, thank goodness. I hardly slept last night."
        )
        talk.note(*wordings)
        talk.say(
            a,
            "Still, finish it as soon as you can.",
            "But don't leave it until the last minute again.",
            "Take your time and do it well.",
        )
        talk.say(
            b,
            f"I will. I only have to check {part}.",
            f"Sure, I'm working on {part} right now.",
            f"Of course. There's just {part} to go through.",
        )
        talk.note(
            f"{{B}} only has to deal with {part}.",
            f"{{B}} still needs to look after {part}.",
            f"What remains for {author} is {part}.",
            major=False,
        )
        talk.gist(
            "A late report turns out to be no problem.",
            "A worker is relieved because a late report can wait.",
            "A boss is not angry about a late report.",
        )


# what the newcomer can't do, what to do, what goes wrong, who can help, whether a colleague can do it instead, and
# whether there might be a rule against doing it oneself
PROBLEMS = (
    ("print on both sides", "press the green button twice", "there's paper stuck inside", "the caretaker", True, False),
    (
        "log in to the mail program",
        "type the number on the back of the badge",
        "it says the password is wrong",
        "the computer desk",
        False,
        False,
    ),
    ("open the side door", "hold the badge against the grey box", "the light stays red", "the security desk", True, True),
    (
        "use the coffee machine",
        "fill in water and press the middle button",
        "it only makes a strange noise",
        "the kitchen team",
        False,
        True,
    ),
    (
        "put a call through",
        "press the star and then the extension",
        "the line goes dead every time",
        "the telephone service",
        True,
        False,
    ),
    (
        "book a meeting room",
        "click on the calendar and choose a free slot",
        "the calendar stays empty",
        "the computer desk",
        True,
        True,
    ),
    (
        "scan a contract",
        "put the page face down and press start",
        "the scanner doesn't react at all",
        "the repair service",
        True,
        False,
    ),
    ("fill in the travel form", "leave the first page empty", "it won't let me save it", "the accounts office", False, False),
    ("find the customer files", "open the drive called archive", "it says I have no permission", "the computer desk", True, True),
    ("change the heating", "turn the little wheel under the window", "the wheel is broken off", "the caretaker", False, True),
    ("join the video call", "click on the link in the invitation", "I can't hear a thing", "the video team", False, False),
    (
        "record my working hours",
        "touch the clock by the entrance with the badge",
        "the clock doesn't know my badge",
        "the staff office",
        False,
        False,
    ),
    (
        "send a parcel",
        "put a yellow label on it and leave it at reception",
        "there are no yellow labels left",
        "the post room",
        True,
        True,
    ),
    ("lock the cupboard", "lift the door a little and turn the key", "the key won't move", "the caretaker", False, False),
)
DEPARTMENTS = (
    "sales",
    "accounts",
    "marketing",
    "the workshop",
    "the design team",
    "customer service",
    "the legal team",
    "the warehouse",
    "the press office",
    "research",
)
DISHES = (
    "noodle soup",
    "fish and chips",
    "vegetable curry",
    "pizza",
    "dumplings",
    "lentil stew",
    "pancakes",
    "chicken salad",
    "tacos",
    "baked potatoes",
    "lasagne",
)
LUNCH_PLACES = (
    "the canteen",
    "the noodle bar",
    "the park",
    "the bakery on the corner",
    "the little place by the river",
    "the market hall",
    "the Italian place",
    "the roof terrace",
)
ENGAGEMENTS = (
    "a training course",
    "a safety talk",
    "a meeting with the boss",
    "a doctor's appointment",
    "a welcome tour",
    "an interview for the staff magazine",
    "a phone call with the bank",
)


@scene
def helping_new_colleague(talk: Talk) -> None:
    rng, a, b = talk.rng, talk.a, talk.b
    task, hint, failure, helper, doable, ruled = talk.pick(PROBLEMS)
    told_task, told_failure = (
        task.replace("my ", "the "),
        failure.replace("I can't", "{A} can't").replace("I have", "{A} has").replace("my", "{A}'s").replace("let me", "let {A}"),
    )
    department = talk.pick(DEPARTMENTS)
    started = talk.pick(("today", "yesterday", "on Monday", "this week", "two days ago", "last week", "a week ago"))
    named = talk.chance(0.5)
    name, other_name = two_different(rng, FIRST_NAMES)
    new = name if named else "{A}"
    old = other_name if named else "{B}"
    talk.topic("a new colleague", "help at work", "first days at work", "asking a colleague")
    intro = f"I'm {name}. I" if named else "I"
    if talk.chance(0.4):
        talk.say(
            b,
            "Hi there, you look a bit lost.",
            "Hello. Is everything all right?",
            "Hey, can I help you with something?",
            "You've been standing here for a while. Do you need a hand?",
        )
        talk.say(
            a,
            f"Oh, hello. {intro} started in {department} {started}. I don't know how to {task}.",
            f"Oh, I could do with some help. {intro} joined {department} {started}, and I'm trying to {task}.",
            f"Thanks for asking. {intro} only began in {department} {started}. How do you {task} here?",
        )
    else:
        talk.say(
            a,
            f"Excuse me, {intro} started in {department} {started}. Could you show me how to {task}?",
            f"Sorry to interrupt you. {intro} joined {department} {started}, and I have no idea how to {task}.",
            f"Hello, {intro} began in {department} {started}. I've been trying to {task}, but I can't do it.",
            f"Hi, can I ask you something? {intro} started in {department} {started}, and nobody has told me how to {task}.",
        )
    called = f"I'm {other_name}. " if named else ""
    talk.say(
        b,
        f"Welcome! {called}It's easy. You just {hint}.",
        f"Nice to meet you. {called}Look, all you have to do is {hint}.",
        f"Oh, everyone asks that at first. {called}The trick is simple, you {hint}.",
    )
    talk.note(
        f"{new} is new in {department} and can't {told_task}, so {{B}} explains how to do it.",
        f"{{A}}, who started in {department} {started}, wants to {told_task}, and {old} says what to do.",
        f"{old} tells {{A}}, who is new in {department}, to {hint}.",
        f"As a new colleague, {new} doesn't know how to {told_task} and asks {old} for help.",
    )
    talk.fact("Where does {A} work?", department)
    result = talk.pick(("works", "fails", "fails", "old" if ruled else "note", "note"))
    if result == "works":
        talk.say(
            a,
            "Let me try. Oh, it works! Thank you.",
            "Like this? Great, that was simple.",
            "Okay. Yes, now it's working. I feel a bit silly.",
        )
        talk.say(
            b,
            "See? You'll get used to it.",
            "Well done. It took me much longer.",
            "Perfect. Don't worry, I had the same trouble.",
        )
        talk.note(
            "{A} tries it with success.", f"Thanks to {old}, it works at once.", "{A} follows the advice and has no more trouble."
        )
        talk.gist(
            "A new colleague gets help and learns something.",
            f"A newcomer in {department} is helped by a colleague.",
            "A colleague shows a newcomer how something works.",
        )
    elif result == "fails":
        talk.say(
            a,
            f"I've tried that already, but {failure}.",
            f"I wanted to do that, but {failure}.",
            f"Hmm, that's just the problem. {_capital(failure)}.",
        )
        if not doable or talk.chance(0.3):
            extension = rng.randint(110, 989)
            talk.say(
                b,
                f"That's odd. Then call {helper}. The number is {extension}.",
                f"Oh, in that case only {helper} can help you. Dial {extension}.",
                f"Then something is wrong with it. I'd ring {helper} on {extension}.",
            )
            talk.note(
                f"It doesn't work because {told_failure}, so {{B}} tells {{A}} to call {helper} on {extension}.",
                f"Since {told_failure}, {new} should ring {helper} on {extension}.",
                f"{old} gives {{A}} the number of {helper}, {extension}, because {told_failure}.",
            )
            talk.fact("What number can {A} call?", str(extension))
            talk.say(
                a, "Okay, I'll do that. Thanks a lot.", "Good to know. I'll call them now.", "Thanks, I'll write the number down."
            )
            talk.say(b, "You're welcome. They're very friendly.", "Any time. That's what we're here for.", "Don't mention it.")
            talk.note(
                f"{{A}} is going to call {helper}.",
                "{A} says thanks and will make the call.",
                "{A} wants to phone them.",
                major=False,
            )
            talk.gist(
                f"A newcomer has to call {helper}.",
                "A new colleague's problem needs someone else's help.",
                "A colleague gives a newcomer a useful number.",
            )
        else:
            talk.say(
                b,
                "Strange. Leave it, I'll do it for you this time.",
                "Let me do it for you, then. It's quicker.",
                "Oh dear. Well, I can take care of it for you today.",
            )
            talk.say(a, "Really? That's so nice of you.", "Thank you! I owe you one.", "Are you sure? That would be wonderful.")
            talk.note(
                f"As {told_failure}, {{B}} offers to do it for {{A}}.",
                f"It doesn't work, since {told_failure}, but {old} will do it for {{A}}.",
                f"{{A}} complains that {told_failure}, and gladly lets {{B}} do it.",
            )
            talk.say(
                b,
                "It's nothing. Somebody did the same for me once.",
                f"No trouble at all. I'll tell {helper} about it later.",
                "Don't worry, we all help each other here.",
            )
            talk.say(a, "What a nice place to work!", "I'm glad I met you.", "I think I'm going to like it here.")
            talk.note(
                "{A} is pleased with the new workplace.",
                "{A} feels welcome there.",
                "That makes {A} happy to be there.",
                major=False,
            )
            talk.gist(
                "A colleague does a job for a newcomer.",
                "Something doesn't work, but a colleague helps a newcomer.",
                f"A newcomer in {department} gets friendly help.",
            )
    elif result == "old":
        talk.say(
            a,
            f"Really? But there's a notice that says {helper} has to do it.",
            f"But I was told that only {helper} is allowed to do that.",
            f"Are you sure? The new rules say that {helper} must do it.",
        )
        if talk.chance(0.5):
            talk.say(
                b,
                "Oh, that must be new. Then forget what I said.",
                "You're right, I haven't read that yet. Sorry!",
                "Is that so? Then you know more than I do.",
            )
            talk.say(
                a,
                f"No problem. I'll ask {helper}, then.",
                f"Never mind. Then I'll go to {helper}.",
                f"It's fine. I'll get in touch with {helper}.",
            )
            talk.note(
                f"{{A}} points out that only {helper} may do it now, and {{B}} didn't know that.",
                f"{old} isn't up to date: it's a matter for {helper}, whom {{A}} will ask.",
                f"Under a rule that is new to {{B}}, {new} has to ask {helper}.",
            )
            talk.gist(
                "A newcomer knows a rule better than a colleague.",
                "A colleague's advice to a newcomer is out of date.",
                f"A newcomer will ask {helper} for help.",
            )
        else:
            talk.say(
                b,
                "That's an old rule. Nobody follows it any more.",
                "Don't believe that. We've all been doing it ourselves for years.",
                "That was last year. Now everyone may do it.",
            )
            talk.say(
                a,
                "Good, then I'll do it myself.",
                "Oh, that makes it easier. I'll try it.",
                "That's nice to hear. I'll give it a go.",
            )
            talk.note(
                f"{{A}} thinks it's a matter for {helper}, but {{B}} says that is no longer so.",
                f"According to {old}, the rule about {helper} is out of date, and {{A}} will do it alone.",
                f"{{A}} doesn't need {helper} for it, as {{B}} makes clear.",
            )
            talk.gist(
                "A newcomer learns that a rule is out of date.",
                "A colleague clears up a newcomer's question.",
                "A newcomer may do something without asking anyone.",
            )
    else:
        talk.say(
            a,
            "Could you say that again, a little slower?",
            "Wait, I'd better write that down.",
            "Sorry, there's so much to remember. Once more, please?",
        )
        if talk.chance(0.5):
            page = rng.randint(3, 48)
            talk.say(
                b,
                f"It's all in the staff handbook, on page {page}.",
                f"I know an easier way. Just look at page {page} of the handbook.",
                f"Do you have the handbook? You'll find it on page {page}.",
            )
            talk.note(
                f"As it's a lot to remember, {{B}} points to page {page} of the handbook.",
                f"{new} can read about it on page {page} of the handbook.",
                f"{old} mentions the handbook, where it is explained on page {page}.",
            )
            talk.fact("Where is it explained in the handbook?", f"page {page}")
        else:
            talk.say(
                b,
                "I'll send you a short list with all the steps.",
                "You know what? I'll make a list and send it to you.",
                "I've got a better idea. I'll send you the steps in a list.",
            )
            talk.note(
                "As it's a lot to remember, {B} will send {A} a list.",
                f"{new} is going to get a list with the steps.",
                f"{old} promises a list of the steps, since {{A}} can't keep it all in mind.",
            )
        talk.say(a, "Thank you, that'll help me a lot.", "That's perfect, thanks.", "Great, then I can look it up any time.")
        talk.gist(
            "A newcomer can't remember everything and gets help.",
            f"A newcomer in {department} is given some help.",
            "A colleague helps a newcomer with written instructions.",
        )
    speaker_is_a = talk.utterances[-1][0] == a
    if not speaker_is_a:
        talk.say(a, "I still have so much to learn here.", "You've saved my day, honestly.", "Everybody is so patient with me.")
    social = talk.pick(("lunch", "lunch", "origin", "tip"))
    if social == "lunch":
        place, dish, engagement = talk.pick(LUNCH_PLACES), talk.pick(DISHES), talk.pick(ENGAGEMENTS)
        talk.say(
            b,
            f"By the way, some of us are having lunch at {place}. Do you want to come?",
            f"Are you hungry? Come and have lunch with me at {place}.",
            f"Would you like to have lunch with us at {place}?",
        )
        answer = talk.pick(("yes", "no", "later"))
        if answer == "yes":
            talk.say(
                a,
                f"I'd love to. I'm dying for some {dish}.",
                f"Yes, very much. I hope they have {dish}.",
                f"Thank you, with pleasure. Could I get some {dish} there?",
            )
            talk.say(
                b,
                "Let's go, then. It's on me.",
                "I'm sure you can. I'll pay, as it's your first time.",
                "We'll see. You're my guest today.",
            )
            talk.note(
                f"{{B}} invites {new} to lunch at {place}, and {{A}} accepts.",
                f"They will have lunch at {place}, where {{A}} would like {dish}.",
                f"{{A}} is happy to go to lunch at {place}, and {old} will pay.",
            )
        elif answer == "no":
            talk.say(
                a,
                f"I'd love to, but I've got {engagement}.",
                f"That's a pity, I have {engagement} at lunchtime.",
                f"Not today, I'm afraid. There's {engagement} waiting for me.",
            )
            talk.say(b, "No problem, another time, then.", "All right. You know where to find me.", "Too bad. Good luck with it!")
            talk.note(
                f"{{B}} invites {{A}} to lunch at {place}, but {{A}} has {engagement}.",
                f"Because of {engagement}, {new} can't join {{B}} for lunch.",
                f"{new} has to turn down lunch at {place} on account of {engagement}.",
            )
        else:
            day = talk.pick(WEEKDAYS)
            talk.say(
                a,
                f"Today I've got {engagement}. Would {day} be all right?",
                f"Could we do that on {day}? Today there's {engagement}.",
                f"I can't because of {engagement}, but I'm free on {day}.",
            )
            talk.say(b, "Sure, let's do that.", "Good, I'll pick you up at your desk.", "Fine, that suits me.")
            talk.note(
                f"{{A}} can't come to lunch at {place} because of {engagement}, so they choose {day}.",
                f"{old} invites {{A}} to lunch at {place}, and they put it off to {day}.",
                f"They are going to have lunch together on {day}, as {new} has {engagement} today.",
            )
            talk.fact("On which day will they have lunch?", day)
    elif social == "origin":
        city, second = two_different(rng, CITIES)
        talk.say(
            b,
            "You've got a nice accent. Where are you from?",
            "And where did you live before?",
            "Are you from around here, by the way?",
        )
        if talk.chance(0.55):
            talk.say(
                a,
                f"I grew up in {city}.",
                f"I'm from {city}, actually.",
                f"I was born in {city} and lived there until last month.",
            )
            talk.say(
                b,
                "No way! That's my home town too.",
                "You're kidding! I come from the same place. What a small world!",
                "What a coincidence! I was born there as well.",
            )
            talk.note(
                f"It turns out that both of them come from {city}.",
                f"{{B}} is surprised to hear that {new} is from {city} too.",
                f"They discover that they share the same home town, {city}.",
            )
        else:
            talk.say(
                a,
                f"I come from {city}, but I studied in {second}.",
                f"Originally from {city}. Later I went to university in {second}.",
                f"I grew up in {city} and studied in {second}.",
            )
            talk.say(
                b,
                f"How interesting! I've always wanted to see {city}.",
                f"Oh, {city} must be lovely. I've never been there.",
                f"Really? I know {city} only from pictures. You must tell me more.",
            )
            talk.note(
                f"{{A}} is from {city} and studied in {second}.",
                f"{{B}}, who has never seen {city}, learns that {new} comes from there.",
                f"{old} is interested to hear that {{A}} comes from {city}.",
            )
        talk.fact("What city does {A} come from?", city)
    else:
        crowded = talk.pick(("12", "half past 12", "12:15", "1 o'clock", "half past 11", "12:30"))
        talk.say(
            b,
            f"One last tip. Go to the canteen before {crowded}, otherwise you'll wait for ages.",
            f"And if you want a seat in the canteen, be there before {crowded}.",
            f"Oh, and eat before {crowded}. After that the canteen is packed.",
        )
        if talk.chance(0.5):
            talk.say(
                a,
                "Good to know. I hate eating in a hurry.",
                "Thanks, I'll keep that in mind.",
                "That explains the long queue I saw.",
            )
            talk.note(
                f"{old} advises {{A}} to be in the canteen before {crowded}.",
                f"{{B}} also says that the canteen gets crowded, so {new} should go before {crowded}.",
                f"{{A}} gets the tip to eat before {crowded}.",
            )
        else:
            talk.say(
                a,
                "Thanks, but I bring my own sandwiches.",
                "I usually eat at my desk, but thank you.",
                "I don't eat lunch, to be honest. Thanks anyway.",
            )
            talk.note(
                f"{{B}} tells {{A}} to be in the canteen before {crowded}, but {{A}} doesn't eat there.",
                f"{old}'s tip to go to the canteen before {crowded} is of no use to {{A}}.",
                f"{new} doesn't need the canteen, which {{B}} says is best before {crowded}.",
            )
        talk.fact("Before what time should {A} go to the canteen?", crowded)
