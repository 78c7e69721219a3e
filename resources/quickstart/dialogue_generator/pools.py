"""What scenes draw their facts from: names, times, sums of money and the like, in everyday English."""

from __future__ import annotations

import random

FIRST_NAMES = [
    "Alice",
    "Amir",
    "Anna",
    "Ben",
    "Carla",
    "Chen",
    "Clara",
    "Daniel",
    "David",
    "Diego",
    "Elena",
    "Ella",
    "Emma",
    "Eric",
    "Fatima",
    "Felix",
    "Frank",
    "George",
    "Grace",
    "Hannah",
    "Harry",
    "Helen",
    "Henry",
    "Hugo",
    "Ivan",
    "Jack",
    "James",
    "Jane",
    "Jenny",
    "Joe",
    "John",
    "Julia",
    "Karen",
    "Kate",
    "Kevin",
    "Laura",
    "Leo",
    "Lily",
    "Linda",
    "Lisa",
    "Lucas",
    "Lucy",
    "Luis",
    "Maria",
    "Mark",
    "Martin",
    "Mary",
    "Max",
    "Mia",
    "Mike",
    "Nancy",
    "Nina",
    "Noah",
    "Nora",
    "Oliver",
    "Omar",
    "Oscar",
    "Paul",
    "Peter",
    "Priya",
    "Rachel",
    "Robert",
    "Rosa",
    "Ruth",
    "Sam",
    "Sara",
    "Simon",
    "Sofia",
    "Steve",
    "Susan",
    "Tina",
    "Tom",
    "Victor",
    "Wendy",
    "Yuki",
    "Zoe",
]
LAST_NAMES = [
    "Adams",
    "Baker",
    "Bell",
    "Brown",
    "Carter",
    "Clark",
    "Cole",
    "Cooper",
    "Davis",
    "Evans",
    "Fisher",
    "Foster",
    "Garcia",
    "Gray",
    "Green",
    "Hall",
    "Harris",
    "Hill",
    "Hughes",
    "Jackson",
    "Johnson",
    "Jones",
    "Kelly",
    "King",
    "Lee",
    "Lewis",
    "Lopez",
    "Martin",
    "Miller",
    "Moore",
    "Morgan",
    "Murphy",
    "Nelson",
    "Parker",
    "Patel",
    "Perry",
    "Price",
    "Reed",
    "Roberts",
    "Rogers",
    "Ross",
    "Scott",
    "Shaw",
    "Silva",
    "Stone",
    "Taylor",
    "Turner",
    "Walker",
    "Ward",
    "Watson",
    "White",
    "Wilson",
    "Wood",
    "Wright",
    "Young",
]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
CITIES = [
    "Berlin",
    "Boston",
    "Cairo",
    "Chicago",
    "Dublin",
    "Geneva",
    "Lagos",
    "Lima",
    "Lisbon",
    "London",
    "Madrid",
    "Montreal",
    "Mumbai",
    "Nairobi",
    "Oslo",
    "Paris",
    "Prague",
    "Quito",
    "Rome",
    "Seattle",
    "Seoul",
    "Singapore",
    "Sydney",
    "Tokyo",
    "Toronto",
    "Vienna",
    "Zurich",
]
NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
RELATIVES = (
    "mother",
    "father",
    "sister",
    "brother",
    "wife",
    "husband",
    "cousin",
    "aunt",
    "uncle",
    "grandmother",
    "son",
    "daughter",
)


def money(rng: random.Random, low: int, high: int, step: int = 5) -> str:
    """A sum such as '45 dollars', a multiple of `step` between `low` and `high`."""
    return f"{rng.randrange(low, high + 1, step)} dollars"


def clock(rng: random.Random, first: int, last: int) -> str:
    """A time of day such as '3 o'clock' or 'half past 10', `first` and `last` being hours from 0 to 23."""
    hour = rng.randint(first, last)
    spoken = (hour - 1) % 12 + 1
    suffix = "am" if hour < 12 else "pm"
    return rng.choice(
        (f"{spoken} o'clock", f"half past {spoken}", f"{spoken}:15 {suffix}", f"{spoken}:45 {suffix}", f"{spoken} {suffix}")
    )


def two_different(rng: random.Random, pool) -> tuple:
    """Two different members of `pool`."""
    first, second = rng.sample(list(pool), 2)
    return first, second


def full_name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def formal_name(rng: random.Random) -> str:
    """A name such as 'Ms. Parker'."""
    return f"{rng.choice(('Mr.', 'Ms.', 'Mrs.', 'Dr.'))} {rng.choice(LAST_NAMES)}"
