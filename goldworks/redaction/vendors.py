"""Vendors and their keys: how each one's begin, and by which names they are assigned. Data for `credentials`."""

from __future__ import annotations

PREFIXED = (
    r"sk-(?:proj-|ant-(?:api|admin)[0-9]{2}-|or-v1-|svcacct-|None-|lf-)?[A-Za-z0-9_\-]{16,200}",
    r"(?:sk|pk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,120}",
    r"whsec_[A-Za-z0-9+/=]{16,120}",
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}",
    r"gh[pousr]_[A-Za-z0-9]{30,255}",
    r"github_pat_[A-Za-z0-9_]{30,255}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt|ptt|rtr)-[A-Za-z0-9_.\-]{16,300}",
    r"GR1348941[A-Za-z0-9_\-]{20}",
    r"_gitlab_session=[0-9a-z]{32}",
    r"xox[abeprs](?:\.xox[bp])?-(?:[0-9]-)?[0-9A-Za-z]{8,250}(?:-[A-Za-z0-9]{1,200}){1,8}",
    r"xapp-[0-9]-[A-Za-z0-9\-]{10,250}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,120}",
    r"[a-z0-9]{1,40}\.webhook\.office\.com/webhookb2/[A-Za-z0-9@\-/]{40,300}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]{8,22}/[A-Za-z0-9_\-]{40,90}",
    r"AIza[A-Za-z0-9_\-]{35}",
    r"ya29\.[A-Za-z0-9_\-]{20,300}",
    r"GOCSPX-[A-Za-z0-9_\-]{20,40}",
    r"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{30,64}",
    r"key-[0-9a-f]{32}",
    r"(?:sq0[a-z]{3}-|EAAA)[A-Za-z0-9_\-]{22,70}",
    r"npm_[A-Za-z0-9]{30,60}",
    r"pypi-[A-Za-z0-9_\-]{50,300}",
    r"rubygems_[0-9a-f]{40,64}",
    r"hf_[A-Za-z0-9]{30,50}",
    r"api_org_[A-Za-z]{30,40}",
    r"do[oprt]_v1_[0-9a-f]{60,70}",
    r"shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{30,40}",
    r"dapi[0-9a-f]{32}(?:-[0-9])?",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}",
    r"ops_eyJ[A-Za-z0-9+/_\-]{200,900}={0,3}",
    r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{6}-[A-Z0-9]{5}|[A-Z0-9]{11})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    r"hv[bsr]\.[A-Za-z0-9_\-]{24,320}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=\-]{60,70}",
    r"ATATT3[A-Za-z0-9_\-=]{180,200}",
    r"ATCTT3[A-Za-z0-9_\-=]{180,200}",
    r"lin_(?:api|oauth)_[A-Za-z0-9]{30,64}",
    r"ntn_[0-9]{8,14}[A-Za-z0-9]{30,40}",
    r"secret_[A-Za-z0-9]{40,50}",
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    r"pul-[0-9a-f]{40}",
    r"pplx-[A-Za-z0-9]{40,60}",
    r"gsk_[A-Za-z0-9]{40,60}",
    r"r8_[A-Za-z0-9]{36,40}",
    r"xai-[A-Za-z0-9]{60,90}",
    r"tgp_v1_[A-Za-z0-9_\-]{40,50}",
    r"nvapi-[A-Za-z0-9_\-]{60,80}",
    r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    r"(?:pk|sk)-lf-[0-9a-f\-]{36}",
    r"glc_[A-Za-z0-9+/]{32,400}={0,3}",
    r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}",
    r"eyJrIjoi[A-Za-z0-9]{60,400}={0,3}",
    r"NRAK-[A-Z0-9]{27}",
    r"NRJS-[0-9a-f]{19}",
    r"NRII-[A-Za-z0-9_\-]{32}",
    r"sntry[su]_[A-Za-z0-9+/=_]{40,200}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._\-]{40,60}",
    r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
    r"CLOJARS_[A-Za-z0-9]{60}",
    r"(?:EZ[AT]K)[A-Za-z0-9]{54}",
    r"FLW(?:PUBK|SECK)(?:_TEST|_LIVE)?-[A-Za-z0-9\-]{12,50}",
    r"fio-u-[A-Za-z0-9_\-=]{64}",
    r"shippo_(?:live|test)_[0-9a-f]{40}",
    r"sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}",
    r"slk_[0-9a-f]{64}",
    r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
    r"phc_[A-Za-z0-9]{40,50}",
    r"phx_[A-Za-z0-9]{40,50}",
    r"prefect[a-z]?_[A-Za-z0-9]{36}|pnu_[A-Za-z0-9]{36}",
    r"pscale_(?:pw|tkn|oauth)_[A-Za-z0-9=._\-]{32,64}",
    r"rdme_[a-z0-9]{70}",
    r"sl\.[A-Za-z0-9_\-]{130,150}",
    r"SK[0-9a-f]{32}",
    r"AC[0-9a-f]{32}",
    r"LTAI[A-Za-z0-9]{16,24}",
    r"AKID[A-Za-z0-9]{32}",
    r"(?:HRKU-AA)[A-Za-z0-9_\-]{58}",
    r"MII[A-Za-z0-9+/]{60,400}",
    r"p8e-[A-Za-z0-9]{32}",
    r"duffel_(?:test|live)_[A-Za-z0-9_\-=]{43}",
    r"(?:ico-[A-Za-z0-9]{32})",
    r"t1\.[A-Z0-9a-z_\-]{8,300}[=]{0,2}\.[A-Z0-9a-z_\-]{86}[=]{0,2}|AQVN[A-Za-z0-9_\-]{35,38}|YC[A-Za-z0-9_\-]{38}",
    r"cf(?:ut|at|k)_[A-Za-z0-9_\-]{36,60}",
    r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
    r"[A-Za-z0-9_~.\-]{3}[0-9]Q~[A-Za-z0-9_~.\-]{31,34}",
    r"ABSK[A-Za-z0-9+/]{100,280}={0,2}",
    r"bedrock-api-key-[A-Za-z0-9+/=]{16,300}",
    r"CMVT-[A-Za-z0-9_\-]{10,80}",
    r"sha256~[A-Za-z0-9_\-]{43}",
    r"oy2[a-z0-9]{43}",
    r"[0-9]{8,10}:A[A-Za-z0-9_\-]{34}",
    r"MT[A-Za-z0-9]{22,26}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,40}",
    r"IGQVJ[A-Za-z0-9_\-]{50,250}|EAA[MC][A-Za-z0-9]{80,250}",
    r"AKCp[A-Za-z0-9]{69}",
    r"s-s4t2(?:ud|af)-[0-9a-f]{64}",
    r"fo1_[A-Za-z0-9_\-]{43}|fm[12][ar]?_[A-Za-z0-9+/=,_]{60,2000}",
    r"API-[A-Z0-9]{26}",
    r"[0-9]{15,16}\|[A-Za-z0-9_\-]{27}",
)
"""One expression a kind of key that says by itself what it is."""

KEYED = (
    r"(?:api|app|application|access|secret|private|auth|encryption|encrypt|signing|account|client|consumer|service|server|"
    r"master|licen[cs]e|deploy|write|read|"
    r"shared|storage|subscription|session|ssh|admin|root|web|integration|ingest|license|live|test|prod|functions?|host|"
    r"hmac|jwt|aes|gpg|pgp|rsa|aws|"
    r"openai|stripe|maps|google|azure|gcp|github|sonar|sentry|twilio)"
)
"""Words that make a `key` a secret."""

VENDORS = (
    r"adafruit|adobe|airtable|algolia|alibaba|artifactory|asana|atlassian|beamer|bitbucket|bittrex|cloudflare|codecov|"
    r"cohere|coinbase|"
    r"confluent|contentful|datadog|dd_|defined|discord|droneci|dropbox|etsy|facebook|fastly|finicity|finnhub|flickr|"
    r"freemius|freshbooks|"
    r"gitter|gocardless|heroku|hubspot|infracost|intercom|jfrog|jira|kraken|kucoin|launchdarkly|linear|linkedin|lob|"
    r"looker|mailchimp|"
    r"mailgun|mapbox|mattermost|messagebird|microsoft|mistral|netlify|newrelic|new[-_]relic|nytimes|okta|openai|opsgenie|"
    r"plaid|postmark|"
    r"privateai|rapidapi|sendbird|sendgrid|sentry|shopify|sidekiq|snyk|sonar|squarespace|stripe|sumologic|sumo[_\- ]|telegram|"
    r"travis|trello|twilio|"
    r"twitch|twitter|typeform|vercel|weights|yandex|zendesk|bundle_(?:enterprise|gems)"
)
"""Vendors whose keys are known only by the name that they are assigned to."""
