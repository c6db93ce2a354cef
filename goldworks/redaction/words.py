"""Lists of English words that the names layer and the name cues need. Words only; the rules stand where they are used."""

from __future__ import annotations

NO_NAMES = frozenset(
    "a able about actually afraid after again agent all almost already also always am american an and any anyone around as "
    "asking assistant at available aware away back bad based be because been before being booked bot both busy but by "
    "calling can certain chatgpt check client coming confused correct curious currently customer december did do does doing "
    "done down due each either else english ever every everybody everyone excited familiar february feeling fine first "
    "flexible folks for free french friday friend friends from full fully german getting glad god going got great had happy "
    "has have having he hello help her here hi him his home hoping hungry i if in interested into is it italian its january "
    "july just kind late leaving less like located looking lost madam made making many maybe me more most much my name near "
    "next no not nothing november now october of off ok okay on only open or other our out over planning please pleased "
    "pretty quite ready really right running same saturday searching seeing september set she should shown sick since sir "
    "so some someone something sorry spanish still stuck sunday support sure taking talking team than thank thanks that the "
    "their them then there these they thinking this those thursday tired to today tomorrow tonight too traveling travelling "
    "trying tuesday unable under unsure until up us used user using very visiting waiting wanting was we wednesday well "
    "what when where which while who why with without wondering working would wrong yes yet you your".split()
)
"""What follows "I am" or "hi" without being a name."""

STARTERS = frozenset(
    "absolutely add additionally allow alright although another anything appear are aren't ask awesome become begin believe "
    "between bring build buy bye call can't certainly change confirm confirming consider continue cool could create cut "
    "decide definitely didn't die doesn't don't during eight everything expect fall feel finally find five follow four "
    "furthermore get give go goodbye grow happen hear here's hey how however i'd i'll i'm i're i've include isn't it's keep "
    "kill know last lead learn leave let let's lets live lose make meet might moreover move must need nine nope note offer "
    "once overall own pass pay perfect play provide pull put raise reach read remain remember report require run second see "
    "seem sell send serve seven shall show sit six sounds speak spend stand stay stop such suggest take tell ten that's "
    "there's think third three through took try two understand unfortunately use wait walk want watch welcome were what's "
    "whom whose win within work write yeah yep you're".split()
)
"""More words that stand with a capital at the start of a sentence and are no names."""

NAMES_AND_WORDS = frozenset(
    "april art asia august austin autumn baker bell best bill black bond booth boston bright brooklyn brown bush carolina "
    "carter case cash chad chance charlotte chase chelsea chicago china christian church cliff close cook cooper cotton "
    "crane cross cuba curry daisy dale dallas dawn day dean dear denver dick don drake drew earl early east eve faith "
    "farmer fern field fish fisher florence flowers ford fox frank gale garden gates gene georgia glen gold golden good "
    "grace grant gray green grey guest guy hall hand head heather hill holiday holly hope house houston hunter india iron "
    "israel ivy jack jasmine jean jewel jordan joy june justice king knight lake lamb lance land lane law lily little lois "
    "london long lord lou love loving madison main major man mann march mark marks marsh marshall mason max may mayor mercy "
    "miles miller mills misty monday moon moss music new nice nick noble norm north novak ocean oh olive one opal order "
    "orlando pace page paige paris parish park parks pat pearl penny peter phoenix piper poppy porter power price prince "
    "ram ray reed reid rice rich rivers rob robin rocky rod rose rusty sage sandy savannah self serena sharp shields short "
    "silver singer skip sky small snow song south spring star steel sterling stone storm stormy strong sue summer swift "
    "sydney taylor temple trip van victor victoria violet virginia wade walker wall ward waters way wayne weeks wells west "
    "white will wise wolf wood woods wren york young".split()
)
"""Names that are ordinary words, months or cities as well: in lower case they are not taken for the name."""
