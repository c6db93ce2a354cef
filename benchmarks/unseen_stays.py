"""Texts for `unseen` of which nothing may go: look-alikes of values, and ordinary talk."""

from __future__ import annotations

LOOK_ALIKES = """
order no. [[d8]] shipped on 12/05/2026
your order [[U3]]-[[d7]] is on its way
tracking 1Z[[U3]][[d3]][[d10]]
DHL parcel JJD[[d16]]
request id [[uuid]] timed out
commit [[hex40]] broke it
see [[hex7]] and [[hex8]] in the log
sha256:[[hex64]]
md5 [[hex32]] of the file
ETag: "[[hex32]]"
trace_id=[[hex32]] span_id=[[hex16]]
build [[d2]].[[d1]].[[d4]].[[d3]] is out
upgraded from v1.[[d2]].[[d1]] to v2.[[d1]].[[d2]]
Chrome/1[[d2]].0.[[d4]].[[d2]] Safari/537.36
at 2026-0[[n1]]-1[[d1]]T0[[d1]]:14:22.[[d3]]Z
timestamp 17[[d8]]
epoch ms 17[[d11]]
it costs [[n3]],[[d3]].00 dollars or [[n2]].[[d3]],50 €
prices: 12.99, 24.50, 1[[d2]].00 and 2[[d2]].95
total [[n1]],[[d3]],[[d3]] users in 2025
between [[n2]] 000 000 and [[n2]] 500 000 visitors
ISBN 978-3-16-1484[[d2]]-0
ISBN 978[[d10]]
EAN 40[[d11]]
invoice [[d10]] from March
invoice INV-2026-[[d5]]
ticket #[[d7]] is still open
case number [[d8]]
the serial is [[U2]][[d4]][[U2]][[d3]]
SKU [[U3]]-[[d4]]-[[U2]]
flight LH[[d4]] at gate B[[d2]]
room [[n1]][[d2]] on floor [[n1]]
coordinates 52.[[d4]], 13.[[d4]]
lat=-33.[[d6]]&lng=151.[[d6]]
the score was 3-1, 2-2 and 4-0
from 1[[d3]] - 1[[d3]] - 300 we get a negative number
12345 * 67 = 829115
pages 120-134, 1998-2004
size 1920x1080, 300x250 and 16:9
RGB(12, 240, 33) and #ff[[hex4]]
port 5432, 8080 and 27017
0x7fff[[hex8]]
error code 0x80070[[d3]]
/usr/local/lib/python3.11/site-packages/x/y_[[d2]].py
s3://bucket-name/2026/01/1[[d1]]/part-000[[d2]].parquet
SELECT id, name FROM t WHERE n > [[d6]] LIMIT 100;
password = get_password()
password = os.environ["DB_PASSWORD"]
password: ${DB_PASSWORD}
api_key = "<your-api-key>"
API_KEY=${API_KEY}
export TOKEN=$TOKEN
token = "xxxxxxxxxxxxxxxxxxxxxxxx"
secret: {{ vault_secret }}
api_key: YOUR_API_KEY_HERE
Authorization: Bearer <token>
Authorization: Bearer $ACCESS_TOKEN
curl -H "X-Api-Key: {key}" https://api.example.org
password=********
PASSWORD=changeme
"password": "",
"password": null
const token = await getToken(user);
if (password.length < 8) throw new Error("too short");
def check(password: str, token: str | None = None) -> bool:
token_count=512 max_tokens: 2048
tokenizer = AutoTokenizer.from_pretrained(path)
primary key: customer_id, foreign key: order_id
key: value pairs and keyword arguments
@Override public void run()
@media (max-width: 600px)
pip install pandas==2.2.[[d1]] numpy>=1.26
npm i react@18.2.0 typescript@5.4
docker pull postgres:16.[[d1]]-alpine
image: registry/app@sha256:[[hex64]]
user@host is the usual form
the localhost address 127.0.0.1:3000
netmask 255.255.255.0
listening on 0.0.0.0:8000
:: and ::1
10:22:[[d2]] and 23:59:59
00:00:10.[[d3]] --> 00:00:14.000
the rating is 4.5/5 from 1,2[[d2]] reviews
seats 12A, 12B and 14C
model GT-[[d4]]X and iPhone 15
IMDb tt[[d7]], DOI 10.1000/xyz[[d3]]
arXiv:23[[d2]].[[d5]]
RFC 7231 and ISO 27001:2022
CVE-2024-[[d5]]
JIRA-[[d4]] is blocked by OPS-[[d3]]
version 10.0.[[d5]].[[d3]]
part number [[d3]]-[[d5]]-[[d2]]
weights 0.25, 0.5, 0.125, 0.0625
[0.12[[d4]], -0.98[[d4]], 0.44[[d4]]]
1 234 567 rows, 12 345 678 bytes
[[d2]] people, [[d2]] rooms, 3 nights
1, 2, 3, 4, 5, 6, 7, 8, 9, 10
2026-01-01,2026-01-02,2026-01-03
9[[d3]] Wh battery, 12 V, 3.3 V
the number [[nonluhn]] is just a counter
reference [[d4]]-[[d4]]-[[d4]]
gift voucher [[U4]]-[[U4]]-[[U4]]
meeting id 8[[d2]] [[d4]] [[d4]]
five six seven or eight of them, one two three go
we open at nine, close at five, at noon dot the i
it is at example point two of the list
conversation conv_[[hex16]]
pod web-7d9f8b[[hex4]]-x2x9z restarted
arn:aws:s3:::my-bucket/key
urn:uuid:[[uuid]]
base64 of an icon: iVBORw0KGgoAAAANSUhEUgAAAAUA
lorem_ipsum_dolor and camelCaseName
process_batch_01 and fetch_user_02(x)
GET /v1/users/[[d5]]/orders?page=2&sort=asc
https://example.org/blog/2026/03/how-to-[[d2]]
https://shop.example/p/[[d8]]?utm_source=mail
Street food on the main road, 5 minutes drive
10 Best Places to Eat in town
2 Days on the Road
the 3 Way Test and 7 Wonders
100 Years of Solitude, 12 Angry Men
at 5 Star Hotel Park
"""

PROSE = """
Could you tell me how long the return window is for shoes that were on sale?
Of course! You can send them back within thirty days as long as the tags are still attached.
I forgot my password and the reset mail never arrives. What should I check?
Please look in your spam folder first; if it is not there, request a new link from the sign-in page.
The password must have at least twelve characters and one digit.
What is the difference between a token and a session cookie?
A token is signed by the server and carries its own claims, while a session cookie is only a key into a store.
My order arrived broken, the box was crushed on one corner.
I'm sorry to hear that. I have opened a claim with the carrier and will send a replacement today.
Is the blue one available in medium? And does it run small?
We have six left in medium, and most customers say it is true to size.
How do I reverse a list in Python without a copy?
Use list.reverse(), which works in place, or reversed() for an iterator.
Can I pay by card on delivery or only by bank transfer?
Both work, and you can also pay by phone through our partner.
Your card was declined by the bank, please call them on the number on the back.
My phone died, so I could not call you earlier.
Where is your store located? I will come by on Saturday at noon.
We are on the main street, next to the library, and open until seven.
Write a haiku about the sea in winter.
Grey waves fold and break, salt on the empty pier rails, one gull keeps the hour.
Summarise the article in three bullet points, please.
The study followed 4,200 adults for 12 years and found a small effect of 0.3 points.
I was born in the eighties and I still love that music.
My birthday is next week, do you have any gift ideas?
The passport office is closed on public holidays, so plan for two weeks.
You will need a valid passport and a proof of address to open an account.
The account is closed, and the account number is no longer in use.
What is an IBAN and where do I find it?
An IBAN is the international number of your bank account; you find it on your statement.
Your security code is the three digits on the back of the card, never share it.
The user name is not the same as the display name.
Login is required to see the prices.
The secret is to let the dough rest overnight.
The key is to start early and keep the pan hot.
His key was under the mat and the token of thanks was a cake.
Pass the salt, please, and pass: it is your turn.
Access to the building is at the back door.
Turn left on the second street, then drive for 10 minutes along the river road.
Take bus 42 from the square to the park, about 15 stops.
Set the oven to 180 degrees, bake for 25 minutes, and let it cool for 10.
For 4 servings: 250 g flour, 2 eggs, 500 ml milk, a pinch of salt.
The train leaves at 14:05 from platform 9 and arrives at 18:42.
The version is 3.2.1 and the build was made on 2026-03-01.
Between 2019 and 2023 sales grew by 12.5 % a year.
The login page returns an error: invalid credentials, please try again.
Try using a password manager and turning on two-factor authentication.
Add your API key to the environment and restart the service.
You should rotate the secret every ninety days and never commit it.
Set the Authorization header to Bearer followed by your token.
Das Passwort muss mindestens acht Zeichen lang sein.
Le mot de passe est obligatoire et doit être changé chaque année.
La contraseña es obligatoria para entrar.
Können Sie mir sagen, wann mein Paket ankommt?
Nous avons bien reçu votre demande et nous vous répondrons demain.
¿Me puede ayudar con la devolución de unos zapatos?
Het pakket is gisteren verzonden en komt morgen aan.
I would rate the hotel 4 out of 5, the pool was closed but the view was great.
It took us 3 hours to drive there, 2 of them in traffic on the ring road.
The user asked about street parking near the old court house.
"""
