"""Sentences written for measuring the names layer, names in [[ ]]: every second one may be tuned on, the others not.

python -m benchmarks.names_sentences [--show]
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from goldworks.redaction import Document, Field, Redactor, load_redactor

POLICY = Path(__file__).resolve().parents[1] / "expectations" / "policies" / "redaction.yml"
_NAME = re.compile(r"\[\[(.+?)\]\]")

WITH_NAMES = """
Could you tell [[Aloisia]] that the parcel is at the neighbour's?
[[Aloisia]], can I pay the second half next month?
my flatmate [[ranveer]] can pick it up instead of me
Please put the booking under [[Oluwaseun Adeyemi]], two adults and a baby.
I talked to [[Bartholomew Finch]] on Tuesday and he promised a refund.
spoke with [[dimitri]] yesterday, he said it was shipped
The ticket was assigned to [[Ngozi Okafor]] but nobody wrote back.
Is [[Mr Hadjidakis]] still the branch manager?
Regards,\\n[[Philippa Wren-Lewis]]
Best wishes\\n[[Tomasz]]
Thanks a lot!\\n[[Mireille Castagnier]]
From: [[Jorge Ibáñez Valdés]]\\nSubject: broken zip
cc: [[Liselotte Brandt]], [[Henk Dijkstra]]
HELLO THIS IS [[GERALDINE POTTS]] AND MY ORDER IS LATE
[[KWAME MENSAH]] NEVER GOT THE CODE
it's for my daughter [[Saoirse]], she is seven
We named the account after our dog but it belongs to [[Xiu Ying Zhang]].
Did [[Fatoumata]] confirm the appointment for Friday?
the driver, some guy called [[Zbyszek]], left it in the rain
[[Anneke van der Meulen]] and [[Piet]] will both need a room.
I need to change the passenger from [[Hiroshi Tanabe]] to [[Kenji Tanabe]].
My name is [[Guadalupe Ontiveros]] and I have been waiting for an hour.
hi, [[priyanka]] here, quick question about my bill
this is [[Ahmet Yıldırım]] from the second floor
You can reach [[Siobhan]] at the office until five.
Send the invoice to [[Dr. Wilhelmina Krause]], please.
[[Mrs. Oyelaran]] lost her card on the bus.
Who is [[Prof. Lindqvist]] and why does he have my file?
The other tenant ([[Rasmus Bjerregaard]]) already signed.
Approved by: [[Chukwuemeka Eze]]
Name: [[Delphine Aubert]]
customer name - [[Marek Svoboda]]
{"full_name": "[[Ludmila Petrenko]]", "seats": 2}
<contact>[[Joaquim Teixeira]]</contact>
first_name,last_name,city\\n[[Imogen]],[[Hargreaves]],Leeds
employee | shift\\n[[Tariq Mahmood]] | night
[[Tariq]] swapped with [[Beatriz]] and [[Olaf]] on Sunday.
ask for [[Giuseppe]] when you get there
I'm [[Katarzyna Zielińska]], the one who called this morning.
I am [[Sipho]] and I want to close my account.
Signed on behalf of [[Eleanor Whitcombe]].
my boss [[hendrik]] wants a receipt with vat
Is it [[Svetlana]]'s or [[Irina]]'s turn to pay?
[[Emre]] says the link is dead.
[[Noor]] lives on the third floor and has no lift.
when does [[casey]] get back from leave?
The nurse, [[Adaeze]], took my blood pressure.
It was [[Thibault]] who broke it, not me.
Happy birthday [[Marguerite]]!
Goodbye [[Yannick]], talk soon.
Transfer 40 to [[Kofi]] and the rest to [[Esi]].
Pay [[Rowena Ashdown]] forty pounds from my current account.
Reminder: call [[Viktor Halász]] about the lease.
Notes from the call with [[Sunniva Haugen]]: she wants the blue one.
Uncle [[Desmond]] gave me the voucher.
the name on the card is [[r. castellanos]]
According to [[Ms Thorvaldsen]], the form is wrong.
[[Abdulrahman bin Khalid]] will collect the keys.
[[Maria del Carmen Fuentes]] has two surnames, fix the form.
[[J. K. Abernathy]] is listed as the beneficiary.
We have [[O'Shaughnessy]] down for nine o'clock.
[[Jean-Baptiste Moreau]] asked whether breakfast is included.
Our landlord [[Stelios Papadakis]] wants proof of payment.
reply to [[Wanjiru]] before lunch
[[Lakshmi Narayanan]] renewed her licence in May.
I bought the camera from [[Eduardo]] last spring.
@[[Yaroslav]] could you look at this?
Yesterday [[Phuong]] fixed the printer again.
The will names [[Constance]] and [[Leopold]] as heirs.
[[Zainab]] & [[Idris]] are getting married.
Kind regards, [[Agnieszka Wrona]]
Sincerely,\\n[[D. Rutherford]]
To whom it may concern, [[Peregrine Lockhart]] works here since 2015.
the reservation for [[tanaka]] party of five
Seat 14C is [[Bjarne]]'s.
[[Mehmet Öztürk]]: where is my refund?\\nAgent: one moment
Agent: Hello [[Rosalind]], how can I help?
please cancel [[Nomvula Dlamini]]'s subscription
Delivered to [[L. Vandenberghe]] at 10:14.
My husband's name is [[Caspian]], same address.
Witness: [[Harriet Oduya]]
Patient [[Ferdinand Maas]] was discharged on Monday.
Interviewer: [[Chloe Benoit]], candidate: [[Rajesh Iyer]]
we met [[Ingeborg]] in Lisbon and [[Matteo]] in Rome
meine Schwester [[Friederike]] holt das Paket ab
je m'appelle [[Clémence Roussel]]
me llamo [[Inmaculada Rueda]]
Меня зовут [[Светлана Морозова]]
我叫[[王小明]]，想查一下订单
私の名前は[[佐藤花子]]です
اسمي [[محمد العتيبي]]
"""

WITHOUT_NAMES = """
The Config file is missing from the build folder.
Passport number must have nine characters.
Please check the Gender field and press Continue.
I would like an Oat Latte and two Almond Croissants.
Can you play Bohemian Rhapsody in the Kitchen?
Monday works better than Thursday for Delivery.
Our flight leaves from Gatwick Airport at noon.
The Hilton was full, so we took the Marriott.
Next stop: Victoria Station.
Is Python faster than Java for this?
The Docker container restarts every minute.
We moved from Jenkins to GitHub Actions.
Kafka and Redis are both down.
Order 5512 contains one Beacon Lamp and a Fjord Tent.
Turn left at Baker Street, then right.
The University of Oslo published the report.
Paris in April is lovely.
Please Note: Refunds take five days.
WARNING: DO NOT SWITCH OFF
ERROR CONNECTION REFUSED BY HOST
IMPORTANT NOTICE FOR ALL PASSENGERS
Yes, that is correct.
Absolutely! Let me look that up.
Unfortunately the Premium Plan is sold out.
I recommend the Margherita Pizza or the Caesar Salad.
Try Peanut Butter with Strawberry Jam.
The Great Gatsby is on the second shelf.
Have you seen The Lion King?
Samsung Galaxy or Apple iPhone?
My Toyota Corolla needs new brakes.
The German translation is wrong.
Christmas is on a Wednesday.
The Supreme Court decided in June.
General Motors reported a loss.
Wells Fargo charged me twice.
Is Morgan Stanley hiring?
The Mississippi River floods in spring.
Mount Everest is very high.
Lake Geneva was cold.
Washington and Berlin disagree.
San Francisco is foggy, Los Angeles is not.
The New York Times wrote about it.
Add Vanilla Extract, then Baking Powder.
Double Espresso, no sugar.
She wore a Navy Blue Jacket.
Version 2.0 of the Release Notes
Payment Method: Visa ending in 1111
Shipping: Express
Status: Pending Review
Category: Home and Garden
The Thai Green Curry was too hot.
Open Settings, choose Privacy, press Reset.
Hey there, any news?
Hello again!
Dear customer, your parcel is late.
Dear Sir or Madam,
Thanks in advance for your help.
Good Morning, I need a hand.
Ok Google, what time is it?
Alexa, turn off the lights.
The Model S has a big screen.
Windows Update failed again.
Internet Explorer is gone.
Error: Invalid Token
Set Content-Type to JSON.
The function returns None.
class OrderService extends BaseService
SELECT Name FROM Customers
The Eiffel Tower closes at midnight.
Big Ben is silent today.
I study Economics and Political Science.
The Second World War ended in 1945.
He won the Nobel Prize.
Champions League tickets are sold out.
Real Madrid lost to Bayern Munich.
The Beatles and Pink Floyd
Harvard Business School is expensive.
hope this helps, will check later
mark it as read and may close it
may i grant access to the hunter plan
the rose garden opens in june
please bill me for the summer course
jack up the car before you change the wheel
The Terms and Conditions changed.
The Black Friday Sale starts soon.
My Account, My Orders, My Returns
Cold Brew Coffee Maker, Stainless Steel
Mountain Bike, size Large
Standard Room with Ocean View
Deluxe Suite, King Size Bed
Table of Contents
Chapter Three: The Long Winter
Act Two, Scene One
Room Service is not available.
Frequently Asked Questions
Our Loyalty Program has three tiers.
The Roman Empire fell slowly.
Vitamin C and Zinc help.
Type 2 Diabetes is common.
Covid cases are falling.
It rained all day in Copenhagen.
Lufthansa cancelled the Frankfurt flight.
"""


def lines(text: str) -> list[str]:
    """The sentences of a block; a written \\n is a line break."""
    return [line.replace("\\n", "\n") for line in text.strip().splitlines()]


def measured(redactor: Redactor, half: int) -> tuple[int, int, list[str], int, list[str]]:
    """Names caught, names, the misses, sentences without names, and those in which something was taken for one."""
    marked = lines(WITH_NAMES)[half::2]
    names = [name for line in marked for name in _NAME.findall(line)]
    missed: list[str] = []
    for line, redacted in zip(marked, _redacted(redactor, [_NAME.sub(r"\1", line) for line in marked]), strict=True):
        for name in _NAME.findall(line):
            last = name.split()[-1]
            if last in redacted:
                missed.append(f"{name!r} in {redacted!r}")
    plain = lines(WITHOUT_NAMES)[half::2]
    wrong = [f"{line!r} -> {done!r}" for line, done in zip(plain, _redacted(redactor, plain), strict=True) if "<PERSON" in done]
    return len(names) - len(missed), len(names), missed, len(plain), wrong


def _redacted(redactor: Redactor, texts: list[str]) -> list[str]:
    documents = [Document(str(index), (Field("m", "user", "text", text),)) for index, text in enumerate(texts)]
    return [document.fields[0].value for document in redactor.redact(documents)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print misses and false alarms")
    is_shown = parser.parse_args().show
    redactor = load_redactor(POLICY, b"\x03" * 32, "policy")
    for half, label in ((0, "tuned on"), (1, "held out")):
        caught, names, missed, plain, wrong = measured(redactor, half)
        print(
            f"{label}: names caught {caught} of {names} ({caught / names:.1%}); false alarms in {len(wrong)} of {plain} sentences"
        )
        if is_shown:
            print(*[f"  missed {one}" for one in missed], *[f"  false {one}" for one in wrong], sep="\n")


if __name__ == "__main__":
    main()
