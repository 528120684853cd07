"""Bad files, each next to the lines it deserves. A new check for a mistake adds the mistake here."""

# ruff: noqa: E501  a line of output is one line here too, for it is looked up by eye
from __future__ import annotations

PRODUCTS = """\
products:
  - id: sia
    components:
      - id: web
        checks:
          - {id: home, kind: http, url: "https://a.example.com/"}
"""
"""Six good lines: what is added after them begins in line 7."""


def check(keys: str) -> str:
    """The good lines with more keys in their one check, which stands in line 6."""
    return PRODUCTS.replace("}\n", f", {keys}}}\n")


def product(keys: str) -> str:
    """One product in line 2."""
    return f"products:\n  - {{id: p, {keys}}}\n"


MISTAKES: dict[str, tuple[str, list[str]]] = {
    "an empty file": (
        "",
        ["1:1: (file): the file is empty; the least there must be is `products:` with one product"],
    ),
    "a list at the top": (
        "- a\n",
        ["1:1: (file): the file holds no keys; the least there must be is `products:` with one product"],
    ),
    "a quote that is never closed": (
        'site: {name: "abc\n',
        ["1:14: (file): the quote that opens here is never closed; close it with the same quote"],
    ),
    "a tab for indentation": (
        "site:\n\tname: x\n",
        ["2:1: (file): a tab stands where spaces belong; indent with spaces"],
    ),
    "a colon inside a plain text": (
        "site: a: b\n",
        [
            "1:8: (file): this is not YAML: mapping values are not allowed in this context; put the text in quotes if it holds `: `, or check the indentation"
        ],
    ),
    "a list never closed": (
        "references: [a, b\n",
        ["2:1: (file): this is not YAML: did not find expected ',' or ']'; close the list with `]`"],
    ),
    "a second document": (
        "products: []\n---\nx: 1\n",
        ["2:1: (file): a second document begins here; write one document in a file"],
    ),
    "a control character": (
        "site: {name: a\x07b}\n",
        ["1:15: (file): the character U+0007 is not allowed in YAML; remove it"],
    ),
    "a tag": (
        PRODUCTS + "site: {name: !!python/object:os.system x}\n",
        [
            "7:8: site.name: the tag 'tag:yaml.org,2002:python/object:os.system' means nothing here; remove it: every value is read as text"
        ],
    ),
    "an alias inside its own anchor": (
        "products: &a [*a]\n",
        ["1:15: (file): the alias *a stands inside its own anchor; write the value out"],
    ),
    "a key that is a list": (
        "? [a, b]\n: c\n",
        ["1:3: (file): a list, a mapping or an alias stands where a key belongs; write the key as plain text"],
    ),
    "the same key twice": (
        PRODUCTS + "site: {name: a, name: b}\n",
        ["7:17: site.name: the key is there twice, first in line 7; keep one of them"],
    ),
    "a key without a value": (
        PRODUCTS + "data:\n",
        ["7:1: data: has no value; write one, or remove the key"],
    ),
    "no products": (
        "site: {name: a}\n",
        ["1:1: products: is missing; add it"],
    ),
    "an empty list of products": (
        "products: []\n",
        ["1:11: products: the list is empty; give it at least one entry"],
    ),
    "products that are a text": (
        "products: none\n",
        ["1:11: products: this is not a list; write entries that begin with `- `, or [a, b]"],
    ),
    "an unknown key at the top": (
        PRODUCTS + "notifiy: {}\n",
        [
            "7:1: notifiy: is not a known key; did you mean notify? known here: site, commitment, locations, products, references, people, notify, smtp, server, egress, resolvers, data and 2 more"
        ],
    ),
    "an unknown key of the site": (
        PRODUCTS + "site: {langauges: [en]}\n",
        ["7:8: site.langauges: is not a known key; did you mean languages? known here: name, url, languages, timezone"],
    ),
    "an unknown language": (
        PRODUCTS + "site: {languages: [en, de]}\n",
        ["7:24: site.languages.2: 'de' is not known here; write en or fr"],
    ),
    "a time zone that is none": (
        PRODUCTS + "site: {timezone: Europe/Atlantis}\n",
        ["7:18: site.timezone: 'Europe/Atlantis' is no time zone; write an IANA name such as Europe/London"],
    ),
    "a site address without scheme": (
        PRODUCTS + "site: {url: status.example.com}\n",
        ["7:13: site.url: 'status.example.com' is no web address; write it with http:// or https://"],
    ),
    "a name with a line break": (
        PRODUCTS + 'site: {name: "a\\nb"}\n',
        ["7:14: site.name: it holds a line break or a control character; write one line"],
    ),
    "an empty name": (
        PRODUCTS + 'site: {name: ""}\n',
        ["7:14: site.name: the text is empty; write one, or remove the key"],
    ),
    "an availability above 100": (
        PRODUCTS + "commitment: {availability: 101}\n",
        ["7:28: commitment.availability: '101' is no availability; write a percentage below 100 such as 99.99"],
    ),
    "an availability with a sign": (
        PRODUCTS + "commitment: {availability: 99.9%}\n",
        ["7:28: commitment.availability: '99.9%' is no availability; write a percentage below 100 such as 99.99"],
    ),
    "a treatment that is none": (
        PRODUCTS + "commitment: {maintenance: ignored}\n",
        ["7:27: commitment.maintenance: 'ignored' is not known here; write counted, excluded or up"],
    ),
    "a notice without unit": (
        PRODUCTS + "commitment: {maintenance: {notice: 5}}\n",
        ["7:36: commitment.maintenance.notice: '5' is not a duration; write a number and a unit: 250ms, 30s, 5m, 8h or 7d"],
    ),
    "a weight above one": (
        PRODUCTS + "commitment: {degraded: 1.5}\n",
        [
            "7:24: commitment.degraded: '1.5' is no weight; write up, down, or a number from 0 to 1 such as 0.3, with at most three decimals"
        ],
    ),
    "a weight that is no number": (
        PRODUCTS + "commitment: {degraded: nan}\n",
        [
            "7:24: commitment.degraded: 'nan' is no weight; write up, down, or a number from 0 to 1 such as 0.3, with at most three decimals"
        ],
    ),
    "days that are none": (
        PRODUCTS + "commitment: {support_hours: {days: weekdays}}\n",
        ["7:36: commitment.support_hours.days: 'weekdays' are no days; write mon-fri, or one day such as sat"],
    ),
    "a time of day that is none": (
        PRODUCTS + 'commitment: {support_hours: {from: "25:00"}}\n',
        ["7:36: commitment.support_hours.from: '25:00' is no time of day; write 00:00 to 24:00 in quotes"],
    ),
    "hours that close before they open": (
        PRODUCTS + 'commitment: {support_hours: {from: "18:00", to: "09:00"}}\n',
        ["7:49: commitment.support_hours.to: support closes before it opens; write a later time, at most 24:00"],
    ),
    "holidays of nowhere": (
        PRODUCTS + "commitment: {support_hours: {holidays: XX}}\n",
        [
            "7:40: commitment.support_hours.holidays: the holidays of 'XX' are not known; write a country and perhaps its part: GB-ENG, FR, DE-BY"
        ],
    ),
    "a severity that is none": (
        PRODUCTS + "commitment: {response: {critcal: {within: 1h, clock: always}}}\n",
        ["7:25: commitment.response.critcal: 'critcal' is not known here; write minor, medium, severe or critical"],
    ),
    "a clock that is none": (
        PRODUCTS + "commitment: {response: {critical: {within: 1h, clock: business}}}\n",
        ["7:55: commitment.response.critical.clock: 'business' is not known here; write always, support_hours or civil"],
    ),
    "a response without clock": (
        PRODUCTS + "commitment: {response: {critical: {within: 1h}}}\n",
        ["7:35: commitment.response.critical.clock: is missing; add it"],
    ),
    "a civil clock in hours": (
        PRODUCTS + "commitment: {response: {minor: {within: 36h, clock: civil}}}\n",
        ["7:41: commitment.response.minor.within: the civil clock counts whole days; write a time such as 1h; for clock civil, 7d"],
    ),
    "an id with capitals": (
        PRODUCTS + "locations: [{id: Paris}]\n",
        ["7:18: locations.Paris.id: 'Paris' is no id; write lower-case letters, digits and hyphens, at most 63"],
    ),
    "a location twice": (
        PRODUCTS + "locations: [{id: a}, {id: a}]\n",
        ["7:27: locations.a.id: 'a' is there twice; give each its own"],
    ),
    "a product twice": (
        "products:\n  - {id: p, components: [{id: a, checks: [{id: c, kind: icmp, host: h}]}]}\n  - {id: p, components: [{id: a, checks: [{id: c, kind: icmp, host: h}]}]}\n",
        ["3:10: products.p.id: 'p' is there twice; give each its own"],
    ),
    "a check twice": (
        "products:\n  - id: p\n    components:\n      - id: a\n        checks:\n          - {id: c, kind: icmp, host: h}\n          - {id: c, kind: icmp, host: h}\n",
        ["7:18: products.p.components.a.checks.c.id: 'c' is there twice; give each its own"],
    ),
    "a day that does not exist": (
        product("since: 2026-02-30, components: [{id: a, checks: [{id: c, kind: icmp, host: h}]}]"),
        ["2:20: products.p.since: '2026-02-30' is no date; write it like 2026-01-01"],
    ),
    "a component without checks": (
        product("components: [{id: a}]"),
        ["2:26: products.p.components.a.checks: is missing; add it"],
    ),
    "a component with an empty list of checks": (
        product("components: [{id: a, checks: []}]"),
        ["2:42: products.p.components.a.checks: the list is empty; give it at least one entry"],
    ),
    "a check without kind": (
        product("components: [{id: a, checks: [{id: c, host: h}]}]"),
        ["2:43: products.p.components.a.checks.c.kind: is missing; add it"],
    ),
    "a kind that is none": (
        product("components: [{id: a, checks: [{id: c, kind: htpp, url: h}]}]"),
        [
            "2:57: products.p.components.a.checks.c.kind: 'htpp' is no kind; did you mean http? known here: http, tcp, tls, dns, icmp"
        ],
    ),
    "a check without url": (
        product("components: [{id: a, checks: [{id: c, kind: http}]}]"),
        ["2:43: products.p.components.a.checks.c.url: is missing; add it"],
    ),
    "an unknown key of a check": (
        check("tiemout: 5s"),
        [
            "6:67: products.sia.components.web.checks.home.tiemout: is not a known key; did you mean timeout? known here: url, method, headers, body, auth, redirects, verify, family, expect, id, kind, name and 5 more"
        ],
    ),
    "an unknown key of what is expected": (
        check("expect: {statsu: [200]}"),
        [
            "6:76: products.sia.components.web.checks.home.expect.statsu: is not a known key; did you mean status? known here: status, body, body_not, regex, json, headers, degraded_unless, latency, certificate"
        ],
    ),
    "an unknown key of confirm": (
        check("confirm: {failurs: 2}"),
        [
            "6:77: products.sia.components.web.checks.home.confirm.failurs: is not a known key; did you mean failures? known here: failures, recoveries, recheck, locations"
        ],
    ),
    "an interval that is no duration": (
        check("every: often"),
        [
            "6:74: products.sia.components.web.checks.home.every: 'often' is not a duration; write a number and a unit: 250ms, 30s, 5m, 8h or 7d"
        ],
    ),
    "an interval below a second": (
        check("every: 500ms, timeout: 100ms"),
        ["6:74: products.sia.components.web.checks.home.every: checks more often than once a second are not run; write 1s or more"],
    ),
    "a timeout longer than the interval": (
        check("every: 20s, timeout: 30s"),
        [
            "6:88: products.sia.components.web.checks.home.timeout: the timeout is not shorter than the interval; write less than 20s"
        ],
    ),
    "a timeout of nothing": (
        check("timeout: 0s"),
        ["6:76: products.sia.components.web.checks.home.timeout: the check would have no time; write a timeout such as 5s"],
    ),
    "an endless interval": (
        check("every: 99999999999999999999d"),
        [
            "6:74: products.sia.components.web.checks.home.every: '99999999999999999999d' is longer than a hundred years; write a shorter one"
        ],
    ),
    "a recheck after the next check": (
        check("every: 10s, confirm: {recheck: 30s}"),
        [
            "6:88: products.sia.components.web.checks.home.confirm: the re-check comes later than the next check; write a recheck of at most 10s"
        ],
    ),
    "more agreeing locations than there are": (
        check("confirm: {locations: 3}"),
        ["6:76: products.sia.components.web.checks.home.confirm: 3 locations cannot agree, there are 1; ask for fewer"],
    ),
    "no failures to confirm": (
        check("confirm: {failures: 0}"),
        ["6:87: products.sia.components.web.checks.home.confirm.failures: '0' is out of range; write at least 1"],
    ),
    "failures in words": (
        check("confirm: {failures: two}"),
        ["6:87: products.sia.components.web.checks.home.confirm.failures: 'two' is not a whole number; write digits"],
    ),
    "a location that leads nowhere": (
        check("locations: [pariss]") + "locations: [{id: local}, {id: paris}]\n",
        [
            "6:79: products.sia.components.web.checks.home.locations.1: there is no location 'pariss'; did you mean paris? known here: local, paris"
        ],
    ),
    "a latency that is no duration": (
        check("expect: {latency: fast}"),
        [
            "6:85: products.sia.components.web.checks.home.expect.latency: 'fast' is not a duration; write a number and a unit: 250ms, 30s, 5m, 8h or 7d"
        ],
    ),
    "an unknown key of what only degrades": (
        check("expect: {degraded_unless: {latency: 2s}}"),
        [
            "6:94: products.sia.components.web.checks.home.expect.degraded_unless.latency: is not a known key; known here: status, body, body_not, regex, json, headers"
        ],
    ),
    "nothing that would degrade": (
        check("expect: {degraded_unless: {}}"),
        [
            "6:93: products.sia.components.web.checks.home.expect.degraded_unless: nothing is asked for; give one of status, body, body_not, regex, json or headers"
        ],
    ),
    "a regular expression that is none": (
        check('expect: {regex: "(unclosed"}'),
        [
            "6:75: products.sia.components.web.checks.home.expect: regex is not a regular expression that re2 knows (missing ): (unclosed); look-around and back-references are not"
        ],
    ),
    "a url without host": (
        product("components: [{id: a, checks: [{id: c, kind: http, url: ftp://x}]}]"),
        ["2:43: products.p.components.a.checks.c: the URL's scheme is ftp; it must be http or https"],
    ),
    "a port out of range": (
        product("components: [{id: a, checks: [{id: c, kind: tcp, host: h, port: 70000}]}]"),
        ["2:43: products.p.components.a.checks.c: 70000 is not a port; it must lie between 1 and 65535"],
    ),
    "verify that is neither": (
        check("verify: perhaps"),
        ["6:75: products.sia.components.web.checks.home.verify: 'perhaps' is neither yes nor no; write true or false"],
    ),
    "a reference without scheme": (
        PRODUCTS + "references: [example.org]\n",
        ["7:14: references.1: 'example.org' cannot be reached; write https://www.example.org/ or tcp://192.0.2.1:53"],
    ),
    "a person whose channel leads nowhere": (
        PRODUCTS + "people: [{id: ops1, name: Ops, channels: [ops-mial]}]\nnotify: {channels: {ops-mail: {kind: console}}}\n",
        ["7:43: people.ops1.channels.1: there is no channel 'ops-mial'; did you mean ops-mail? known here: ops-mail"],
    ),
    "a channel without kind": (
        PRODUCTS + "notify: {channels: {hook: {url: https://h.example.com}}}\n",
        ["7:27: notify.channels.hook: has no kind; add kind: webhook, email, apprise or console"],
    ),
    "a channel of an unknown kind": (
        PRODUCTS + "notify: {channels: {hook: {kind: slack}}}\n",
        ["7:34: notify.channels.hook.kind: 'slack' is not known here; write webhook, email, apprise, console"],
    ),
    "an unknown key of a channel": (
        PRODUCTS + "notify: {channels: {hook: {kind: webhook, url: https://h.example.com, secrte: x}}}\n",
        ["7:71: notify.channels.hook.secrte: is not a known key; did you mean secret? known here: language, kind, url, secret"],
    ),
    "a webhook that is no address": (
        PRODUCTS + "notify: {channels: {hook: {kind: webhook, url: h.example.com}}}\n",
        ["7:48: notify.channels.hook.url: this is no web address; write it with http:// or https://"],
    ),
    "an empty secret": (
        PRODUCTS + 'notify: {channels: {hook: {kind: webhook, url: https://h.example.com, secret: ""}}}\n',
        ["7:79: notify.channels.hook.secret: it is empty; give it a value, or remove the key"],
    ),
    "a mail address that is none": (
        PRODUCTS + "notify: {channels: {m: {kind: email, to: [ops]}}}\nsmtp: {host: mail.example.com, sender: a@example.com}\n",
        ["7:43: notify.channels.m.to.1: 'ops' is no mail address; write one such as ops@example.com"],
    ),
    "mail without a server": (
        PRODUCTS + "notify: {channels: {m: {kind: email, to: [ops@example.com]}}}\n",
        ["7:24: notify.channels.m: it sends mail, but there is no mail server; add smtp: {host: ..., sender: ...}"],
    ),
    "an apprise address that is none": (
        PRODUCTS + "notify: {channels: {p: {kind: apprise, url: nothing}}}\n",
        ["7:45: notify.channels.p.url: this is no apprise address; write service://... as its manual says"],
    ),
    "on-call without a rota": (
        PRODUCTS + "notify: {channels: {t: {kind: console}}, escalation: {critical: [{notify: [t, on-call]}]}}\n",
        [
            "7:79: notify.escalation.critical.1.notify.2: `on-call` means nobody, for there is no rota; add notify.rota, or name a channel or a person"
        ],
    ),
    "an escalation to nobody known": (
        PRODUCTS + "notify: {channels: {term: {kind: console}}, escalation: {critical: [{notify: [trem]}]}}\n",
        ["7:79: notify.escalation.critical.1.notify.1: there is no channel or person 'trem'; did you mean term? known here: term"],
    ),
    "budget alerts that nobody hears": (
        PRODUCTS + "notify: {budget: {left: [30m]}}\n",
        ["7:18: notify.budget: nobody would be told; name a channel or a person under page or ticket"],
    ),
    "budget alerts to nobody known": (
        PRODUCTS + "notify: {channels: {term: {kind: console}}, budget: {page: on-call, ticket: [trem]}}\n",
        [
            "7:60: notify.budget.page: `on-call` means nobody, for there is no rota; add notify.rota, or name a channel or a person",
            "7:78: notify.budget.ticket.1: there is no channel or person 'trem'; did you mean term? known here: term",
        ],
    ),
    "an operator who is not there": (
        PRODUCTS + "notify: {operator: [bea]}\n",
        ["7:21: notify.operator.1: there is no channel or person 'bea'; none is defined"],
    ),
    "an escalation of an unknown severity": (
        PRODUCTS + "notify: {channels: {t: {kind: console}}, escalation: {fatal: [{notify: [t]}]}}\n",
        ["7:55: notify.escalation.fatal: 'fatal' is not known here; write minor, medium, severe or critical"],
    ),
    "a rota of a person who is not there": (
        PRODUCTS + "notify: {rota: [{name: first, people: [bea]}]}\n",
        ["7:40: notify.rota.first.people.1: there is no person 'bea'; none is defined"],
    ),
    "a rota of half days": (
        PRODUCTS + "people: [{id: bea, name: Bea}]\nnotify: {rota: [{name: first, people: [bea], every: 36h}]}\n",
        ["8:53: notify.rota.first.every: a turn is not a number of whole days; write days, such as 1d or 7d"],
    ),
    "a handover that is none": (
        PRODUCTS + "people: [{id: bea, name: Bea}]\nnotify: {rota: [{name: first, people: [bea], handover: monday}]}\n",
        ["8:56: notify.rota.first.handover: 'monday' is no handover; write a day and a time such as mon 09:00"],
    ),
    "a person and a channel of one name": (
        PRODUCTS + "people: [{id: bea, name: Bea}]\nnotify: {channels: {bea: {kind: console}}}\n",
        ["8:26: notify.channels.bea: a person has that name too; give the channel another name"],
    ),
    "a mail server without sender": (
        PRODUCTS + "smtp: {host: mail.example.com}\n",
        ["7:7: smtp.sender: is missing; add it"],
    ),
    "a mail port out of range": (
        PRODUCTS + "smtp: {host: mail.example.com, sender: a@example.com, port: 0}\n",
        ["7:61: smtp.port: '0' is out of range; write at least 1"],
    ),
    "a door without port": (
        PRODUCTS + "server: {public: 127.0.0.1}\n",
        ["7:18: server.public: '127.0.0.1' is no address; write host:port such as 127.0.0.1:8080 or [::1]:8080"],
    ),
    "two doors on one address": (
        PRODUCTS + "server: {public: 127.0.0.1:8080, staff: 127.0.0.1:8080}\n",
        ["7:41: server.staff: the public and the staff door share one address; give each its own port"],
    ),
    "a host name with a scheme": (
        PRODUCTS + "server: {hosts: [https://status.example.com]}\n",
        [
            "7:18: server.hosts.1: 'https://status.example.com' is no host name; write it without scheme, port or path: status.example.com"
        ],
    ),
    "a proxy that is no network": (
        PRODUCTS + "server: {trusted_proxies: [proxy]}\n",
        ["7:28: server.trusted_proxies.1: 'proxy' is no network; write it like 10.20.0.0/16"],
    ),
    "egress to no network": (
        PRODUCTS + "egress: {allow: [10.0.0.0/99]}\n",
        ["7:18: egress.allow.1: '10.0.0.0/99' is no network; write it like 10.20.0.0/16"],
    ),
    "a resolver by name": (
        PRODUCTS + "resolvers: [dns.example.com]\n",
        ["7:13: resolvers.1: 'dns.example.com' is no resolver; write an address such as 9.9.9.9, 9.9.9.9:53 or [2620:fe::fe]:53"],
    ),
    "a credit above everything": (
        PRODUCTS + "commitment: {credits: [{below: 99.9, percent: 101}]}\n",
        ["7:47: commitment.credits.1.percent: '101' is no share; write a percentage above 0 and up to 100 such as 10"],
    ),
    "a credit without a percentage": (
        PRODUCTS + "commitment:\n  credits:\n    - {below: 99.9}\n",
        ["9:7: commitment.credits.1.percent: is missing; add it"],
    ),
    "a credit although the target is met": (
        PRODUCTS + "commitment: {availability: 99.9, credits: [{below: 99.95, percent: 10}]}\n",
        ["7:52: commitment.credits.1.below: below 99.95 the target of 99.9 can still be met; write 99.9 or less"],
    ),
    "a step of the credits twice": (
        PRODUCTS + "commitment:\n  credits:\n    - {below: 99.9, percent: 10}\n    - {below: 99.90, percent: 20}\n",
        ["10:15: commitment.credits.2.below: the step below 99.90 is there twice; keep one of them"],
    ),
    "a smaller credit for less": (
        PRODUCTS + "commitment:\n  credits:\n    - {below: 99, percent: 10}\n    - {below: 99.9, percent: 10}\n",
        [
            "9:28: commitment.credits.1.percent: less availability earns no more than the 10 % below 99.9; write a larger percentage, or remove the step"
        ],
    ),
    "a retention of hours": (
        PRODUCTS + "retention: {results: 6h}\n",
        ["7:22: retention.results: results may still arrive this late; keep them for 8d or more"],
    ),
    "a database that is not known": (
        PRODUCTS + "storage: mysql://x/y\n",
        [
            "7:10: storage: this is no database that is known; write sqlite+aiosqlite:///data/uptimed.db or postgresql+asyncpg://user@host/name"
        ],
    ),
    "a variable that is not set": (
        PRODUCTS + 'site: {name: "${UPTIMED_TEST_UNSET}"}\n',
        ["7:14: site.name: the environment variable UPTIMED_TEST_UNSET is not set; set it, or write the value here"],
    ),
    "a file that is not there": (
        PRODUCTS + 'site: {name: "${file:/nonexistent/secret}"}\n',
        [
            "7:14: site.name: the file /nonexistent/secret cannot be read (No such file or directory); check the path and who may read it"
        ],
    ),
    "a reference that is none": (
        PRODUCTS + 'site: {name: "${not a name}"}\n',
        ["7:14: site.name: '${not a name}' is not a reference; write ${NAME} or ${file:/path/of/a/file}"],
    ),
    "a former name that is no path": (
        check("was: Old_Name"),
        [
            "6:72: products.sia.components.web.checks.home.was: 'Old_Name' is no path of old; write the ids that it had, such as shop/web/home"
        ],
    ),
    "a former name of something else": (
        check("was: shop/web"),
        [
            "6:72: products.sia.components.web.checks.home.was: 'shop/web' cannot have been sia/web/home; write a path such as shop/web/home"
        ],
    ),
    "a former name that is still there": (
        check("was: sia/web/side") + '          - {id: side, kind: http, url: "https://b.example.com/"}\n',
        [
            "6:72: products.sia.components.web.checks.home.was: 'sia/web/side' is the name of something else in this file; let only one of them have it"
        ],
    ),
}
