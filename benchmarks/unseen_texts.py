"""Texts for `unseen`: sentences, forms, logs and code around `[[TYPE]]`."""

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
