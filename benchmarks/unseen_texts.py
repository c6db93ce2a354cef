"""Texts for `unseen`: sentences, forms, logs and code around `[[TYPE]]`, look-alikes, and ordinary talk that must stay."""

from __future__ import annotations

TEMPLATES = r"""
Sure thing, shoot the confirmation over to [[EMAIL]] whenever you get a sec
You'll find me under [[EMAIL]], it's my work inbox
From: Support Desk\nTo: [[EMAIL]]\nSubject: Re: parcel
kindly cc ([[EMAIL]]) on everything going forward!
2026-02-11T08:14:02Z WARN mailer bounced rcpt=[[EMAIL]] code=550
INSERT INTO subscribers (id, mail, plan) VALUES (881, '[[EMAIL]]', 'pro');
<contact><mail>[[EMAIL]]</mail><lang>de</lang></contact>
mailto:[[EMAIL]]?subject=Hello
git log: Author: dev <[[EMAIL]]> fixed the build
the account is registered to [[EMAIL]]. why can't I log in?
bitte an [[EMAIL]] schicken, danke
mi correo es [[EMAIL]] y no me llega nada
notify:\n  recipients:\n    - [[EMAIL]]\n  when: failure
https://news.example/unsubscribe?m=[[EMAIL]]&l=4
ping [[EMAIL]] or just reply here
;[[EMAIL]];active;2;EUR
json: {"to": ["[[EMAIL]]"], "template": "welcome"}
json: {"note": "customer asked us to write to [[EMAIL]] instead"}
You can get hold of me on [[PHONE]] most evenings
Tel.: [[PHONE]]\nFax: on request
give my husband a ring, he's at [[PHONE]]
WhatsApp me: [[PHONE]]
my new mobile is [[PHONE]], please update the records
Rückruf bitte unter [[PHONE]], am besten vormittags
Telefonnummer [[PHONE]] (privat)
mon numéro de téléphone est le [[PHONE]]
llámame al [[PHONE]] cuando puedas
il mio cellulare è [[PHONE]], grazie
mijn telefoonnummer is [[PHONE]]
proszę dzwonić pod numer [[PHONE]]
ligue para [[PHONE]] depois das seis
nå mig på telefon [[PHONE]]
sms.gateway: sent to=[[PHONE]] parts=1 status=DELIVERED
<a href="tel:[[PHONE]]">Call us</a>
id,customer_phone,city\n44,[[PHONE]],Lyon
BEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=CELL:[[PHONE]]\nEND:VCARD
contact number on file – [[PHONE]] – is that still right?
Best,\nMira\nHead of Logistics | M: [[PHONE]] | www.example.org
json: {"lead": {"mobile_phone": "[[PHONE]]", "source": "web"}}
json: {"body": "Texted [[PHONE]] twice, no answer."}
the courier should phone [[PHONE_ODD]] on arrival
reach me by phone at [[PHONE_ODD]] after work
Handy: [[PHONE_ODD]]
her cell number's [[PHONE_ODD]], she's expecting you
phone no. [[PHONE_ODD]]
tél. [[PHONE_ODD]]
call back [[PHONE_ODD]] asap
text [[PHONE_ODD]] when the table is ready
Social Security Number ....... [[SSN]]
my social is [[SSN]], do you need anything else
SSN# [[SSN]] as printed on the W-2
applicant ssn=[[SSN]] verified=false
for the background check: SSN [[SSN]]
taxpayer's social security no: [[SSN]]
"ssn": "[[SSN]]", "state": "OH"
json: {"applicant": {"ssn": "[[SSN]]", "income": 52000}}
He gave his soc sec number, [[SSN]], over chat
charge it to [[CARD]] please, exp 04/29
Visa [[CARD]] 07/28
the card I used was [[CARD]]
Kreditkarte [[CARD]] gültig bis 03/30
ma carte bancaire [[CARD]] a été débitée deux fois
tarjeta [[CARD]] caducada?
pan=[[CARD]] auth=approved mcc=5411
payment.card.number: "[[CARD]]"
I see a double charge on [[CARD]]
<PaymentMethod type="card">[[CARD]]</PaymentMethod>
json: {"payment": {"cardNumber": "[[CARD]]", "brand": "visa"}}
json: {"transcript": "so the long number is [[CARD]] and the date is 11/27"}
credit card number [[CARD_WRONG]] gets declined
my debit card: [[CARD_WRONG]]
card no [[CARD_WRONG]] is not accepted
refund to [[IBAN]] please
IBAN: [[IBAN]] BIC: COBADEFFXXX
please wire the deposit to account [[IBAN]]
Bankverbindung [[IBAN]], Kontoinhaber wie oben
mon RIB: [[IBAN]]
debtor_iban = '[[IBAN]]'
<IBAN>[[IBAN]]</IBAN>
sepa export;[[IBAN]];129,90;EUR
json: {"beneficiary": {"iban": "[[IBAN]]", "amount": 120.5}}
json: {"memo": "customer says the money should go to [[IBAN]]"}
the IBAN [[IBAN_WRONG]] is refused by your form
iban given: [[IBAN_WRONG]]
my IBAN, [[IBAN_WRONG]], worked last year
sshd[4122]: Failed password for root from [[IPV4]] port 51122 ssh2
[[IPV4]] - - [10/Oct/2026:13:55:36 +0000] "GET /cart HTTP/1.1" 200 512
X-Forwarded-For: [[IPV4]]
my router shows [[IPV4]] as the WAN side
curl http://[[IPV4]]:8080/health
Host prod-db\n  HostName [[IPV4]]\n  User deploy
allow from [[IPV4]]/32
the login came from [[IPV4]], that wasn't me
nameserver [[IPV4]]
json: {"event": "login", "sourceIp": "[[IPV4]]", "ok": true}
json: {"log": "blocked [[IPV4]] after 5 attempts"}
ping6 [[IPV6]]
client address [[IPV6]] opened the session
listen [[[IPV6]]]:443 ssl;
AAAA 300 [[IPV6]]
json: {"peer": "[[IPV6]]"}
wlan0 HWaddr [[MAC]]
the printer's MAC is [[MAC]]
dhcp lease for [[MAC]] renewed
ether [[MAC]] txqueuelen 1000
json: {"device": {"mac": "[[MAC]]", "model": "AX55"}}
Please deliver it to [[ADDRESS]] instead
My place is at [[ADDRESS]], second bell from the top
We've moved! New address: [[ADDRESS]]
ship to:\n[[ADDRESS]]\nground floor
technician booked for [[ADDRESS]] on Friday
I live at [[ADDRESS]] with two cats
pickup: [[ADDRESS]]; dropoff: airport
The invoice still says [[ADDRESS]] but that's the old one
Wohnhaft: [[ADDRESS]]
domicile: [[ADDRESS]]
json: {"shipTo": {"street": "[[ADDRESS]]", "country": "XX"}}
json: {"comment": "leave with neighbour at [[ADDRESS]]"}
Adresse de livraison : [[ADDRESS_FULL]]
Send the replacement to [[ADDRESS_FULL]]
billing address [[ADDRESS_FULL]]
my zip is [[POSTAL]]
postcode: [[POSTAL]]
PLZ [[POSTAL]]
code postal [[POSTAL]]
CAP [[POSTAL]]
kod pocztowy [[POSTAL]]
CEP: [[POSTAL]]
código postal [[POSTAL]]
delivery to postal code [[POSTAL]] possible?
postnummer [[POSTAL]]
json: {"shipping": {"postalCode": "[[POSTAL]]", "method": "std"}}
I was born [[DOB]] so I should be eligible
DOB [[DOB]]
D.O.B.: [[DOB]]
date of birth - [[DOB]]
patient, female, b. [[DOB]]
my birthday is [[DOB]]
birthdate=[[DOB]]&newsletter=1
<birthDate>[[DOB]]</birthDate>
Her date of birth? It's [[DOB]].
json: {"passenger": {"birthDate": "[[DOB]]", "seat": "12A"}}
geboren am [[DOB_LOCAL]] in einer kleinen Stadt
Geburtsdatum: [[DOB_LOCAL]]
né le [[DOB_LOCAL]]
date de naissance : [[DOB_LOCAL]]
fecha de nacimiento [[DOB_LOCAL]]
nací el [[DOB_LOCAL]]
data di nascita: [[DOB_LOCAL]]
geboortedatum [[DOB_LOCAL]]
data de nascimento [[DOB_LOCAL]]
data urodzenia: [[DOB_LOCAL]]
travelling on passport [[PASSPORT]]
Passport No: [[PASSPORT]]
Reisepass [[PASSPORT]], gültig bis 2031
my passport number's [[PASSPORT]]
numéro de passeport [[PASSPORT]]
pasaporte [[PASSPORT]]
pax doc=passport num=[[PASSPORT]] nat=NL
json: {"traveller": {"passportNumber": "[[PASSPORT]]", "expiry": "2031-04-01"}}
my national ID is [[NATIONAL_ID]]
ID number: [[NATIONAL_ID]]
tax id [[NATIONAL_ID]]
identification no. [[NATIONAL_ID]]
citizen id=[[NATIONAL_ID]] status=ok
the id card says [[NATIONAL_ID]]
here's my tax number: [[NATIONAL_ID]]
json: {"person": {"nationalId": "[[NATIONAL_ID]]", "country": "XX"}}
driver's license [[LICENCE]]
driving licence number is [[LICENCE]]
DL# [[LICENCE]] issued in 2019
license no: [[LICENCE]] (class B)
account number [[ACCOUNT]]
my bank account is [[ACCOUNT]]
acct no. [[ACCOUNT]]
Sort code 20-14-53, account no [[ACCOUNT]]
my username is [[USERNAME]]
login: [[USERNAME]]
user=[[USERNAME]] action=reset
follow me on insta @[[USERNAME]]
my handle is [[USERNAME]] there
you can find me as [[USERNAME]] on GitHub
ssh [[USERNAME]]@build.example.org
Telegram: @[[USERNAME]]
/home/[[USERNAME]]/.ssh/config
C:\\Users\\[[USERNAME]]\\Documents\\cv.docx
json: {"profile": {"userName": "[[USERNAME]]", "karma": 4}}
our token leaked: [[VENDOR]]
why does this fail?\n\nclient = Client("[[VENDOR]]")
export SERVICE_KEY=[[VENDOR]]
I pasted [[VENDOR]] into the wrong window
headers = {"X-Api-Key": "[[VENDOR]]"}
token: [[VENDOR]]  # rotate me
--token [[VENDOR]] \\
DEBUG auth using [[VENDOR]]
here you go [[VENDOR]] it expires soon
<add key="ApiKey" value="[[VENDOR]]" />
json: {"config": {"integration": "[[VENDOR]]"}}
json: {"stdout": "Logged in with [[VENDOR]] - done."}
the key for staging is [[VENDOR]].
const k = '[[VENDOR]]';
my password is [[PASSWORD]]
the pw is [[PASSWORD]] if you need to get in
Password: [[PASSWORD]]
pwd [[PASSWORD]] doesn't work either
it keeps rejecting my password ([[PASSWORD]])
I set the password to [[PASSWORD]] yesterday
login with admin and [[PASSWORD]] as the password
try logging in using the password [[PASSWORD]]
user: admin / pass: [[PASSWORD]]
wifi key is [[PASSWORD]]
the code for the wifi: [[PASSWORD]]
my passphrase: [[PASSWORD]]
credentials are bob / [[PASSWORD]]
use [[PASSWORD]] as password
password for the portal was [[PASSWORD]] last time
I changed my password from [[PASSWORD]] to something else
mein Passwort lautet [[PASSWORD]]
Kennwort: [[PASSWORD]]
mon mot de passe est [[PASSWORD]]
mi contraseña es [[PASSWORD]]
la mia password è [[PASSWORD]]
mijn wachtwoord is [[PASSWORD]]
minha senha é [[PASSWORD]]
moje hasło to [[PASSWORD]]
mitt lösenord är [[PASSWORD]]
temp password -> [[PASSWORD]]
DATABASE_PASSWORD=[[PASSWORD]]
spring.mail.password=[[PASSWORD]]
db:\n  user: app\n  password: [[PASSWORD]]
"passwd" : "[[PASSWORD]]",
<password>[[PASSWORD]]</password>
conn = connect(host="h", user="app", password="[[PASSWORD]]")
Server=tcp:db;Database=shop;User Id=app;Password=[[PASSWORD]];Encrypt=True
CREATE USER app WITH PASSWORD '[[PASSWORD]]';
CREATE USER 'app'@'%' IDENTIFIED BY '[[PASSWORD]]';
ALTER ROLE report PASSWORD '[[PASSWORD]]'
mysql -u root -p[[PASSWORD]] shop < dump.sql
mysqldump --password=[[PASSWORD]] shop
sshpass -p '[[PASSWORD]]' ssh deploy@host
PGPASSWORD='[[PASSWORD]]' psql -h db
machine api.example.org login ops password [[PASSWORD]]
docker login -u ci -p [[PASSWORD]] registry.example.org
redis-cli -h cache -a [[PASSWORD]] ping
net use Z: \\\\files\\team /user:ops [[PASSWORD]]
curl -u ops:[[PASSWORD]] https://api.example.org/v1
amqp://worker:[[PASSWORD]]@queue:5672/vhost
mongodb+srv://app:[[PASSWORD]]@cluster0.abc.mongodb.net/shop
jdbc:postgresql://db/shop?user=app&password=[[PASSWORD]]
ftp://anna:[[PASSWORD]]@files.example.org/in
rediss://:[[PASSWORD]]@cache.example.org:6380
$env:DB_PWD = "[[PASSWORD]]"
set PASS=[[PASSWORD]]
json: {"connection": {"user": "app", "password": "[[PASSWORD]]"}}
json: {"name": "DB_PASSWORD", "value": "[[PASSWORD]]"}
json: {"cmd": "mysql -uroot -p'[[PASSWORD]]' -e 'show tables'"}
API_KEY=[[RANDOM_SECRET]]
client_secret: [[RANDOM_SECRET]]
SECRET_KEY = '[[RANDOM_SECRET]]'
auth_token=[[RANDOM_SECRET]]
Authorization: Bearer [[RANDOM_SECRET]]
x-api-key: [[RANDOM_SECRET]]
https://api.example.org/v2/items?api_key=[[RANDOM_SECRET]]&page=2
https://app.example.org/reset-password?token=[[RANDOM_SECRET]]
https://files.example.org/get?id=3&signature=[[RANDOM_SECRET]]
Cookie: theme=dark; session_id=[[RANDOM_SECRET]]
Set-Cookie: sid=[[RANDOM_SECRET]]; HttpOnly
git clone https://[[RANDOM_SECRET]]@git.example.org/team/repo.git
DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=[[RANDOM_SECRET]];EndpointSuffix=core.windows.net
Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=[[RANDOM_SECRET]]
the api key is [[RANDOM_SECRET]]
our webhook secret: [[RANDOM_SECRET]]
aws_secret_access_key = [[RANDOM_SECRET]]
//registry.npmjs.org/:_authToken=[[RANDOM_SECRET]]
PrivateKey = [[RANDOM_SECRET]]
encryption key [[RANDOM_SECRET]]
"accessToken": "[[RANDOM_SECRET]]"
jwtSecret: '[[RANDOM_SECRET]]'
const apiKey = "[[RANDOM_SECRET]]";
ENV GITHUB_TOKEN [[RANDOM_SECRET]]
json: {"auth": {"apiKey": "[[RANDOM_SECRET]]"}}
json: {"headers": {"X-Auth-Token": "[[RANDOM_SECRET]]"}}
DD_API_KEY=[[HEX_SECRET]]
"api_key": "[[HEX_SECRET]]"
the api token is [[HEX_SECRET]]
auth: { token: "[[HEX_SECRET]]" }
apikey [[HEX_SECRET]] stopped working
bearer [[JWT]]
id_token=[[JWT]]
session: [[JWT]]
admin:[[BCRYPT]]
password_hash = [[BCRYPT]]
root:[[SHADOW]]:19700:0:99999:7:::
my pin is [[PIN]]
PIN: [[PIN]]
the verification code is [[PIN]]
security code [[PIN]]
your one-time code: [[PIN]]
I typed [[PIN]] as my pin
OTP [[PIN]] expired
"""

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
