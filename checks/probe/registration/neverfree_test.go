package registration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
)

// enemyReply is a reply made for these tests, and how it is read.
type enemyReply struct {
	name, domain, reply string
	want                State
	throttled           bool
}

// TestNeverFree: replies of registries that refuse, fail, reserve or have the name, in words of their own. None of
// them says that the name can be had.
func TestNeverFree(t *testing.T) {
	t.Parallel()
	for _, tt := range []enemyReply{
		// Limits, in many words; several go on with what would mean "free" by itself.
		{
			"german limit", "example.de",
			"Sie haben die maximale Anzahl von Abfragen erreicht.\nDomain example.de nicht gefunden.\n", Unknown, true,
		},
		{
			"german too many", "example.at",
			"Zu viele Anfragen von Ihrer IP-Adresse. Bitte versuchen Sie es später erneut.\n", Unknown, true,
		},
		{
			"french limit", "example.fr", "Nombre maximal de requêtes dépassé.\nAucun enregistrement trouvé\n", Unknown,
			true,
		},
		{"french too many", "example.re", "Trop de requêtes. Veuillez réessayer plus tard.\n", Unknown, true},
		{"spanish limit", "example.es", "Ha excedido el límite de consultas.\nDominio no encontrado\n", Unknown, true},
		{
			"spanish too many", "example.cl", "Demasiadas consultas desde su dirección IP, intente más tarde.\n",
			Unknown,
			true,
		},
		{
			"portuguese limit", "example.br", "% Limite de consultas excedido\n% No match for example.br\n", Unknown,
			true,
		},
		{
			"registro.br denied", "example.com.br",
			"% Query rate limit exceeded. Reduced information.\n\n% No match for domain\n", Unknown, true,
		},
		{"italian limit", "example.it", "Limite di interrogazioni superato. Riprovare più tardi.\n", Unknown, true},
		{"dutch limit", "example.nl", "example.nl: te veel verzoeken, probeer het later opnieuw\n", Unknown, true},
		{
			"polish limit", "example.pl",
			"Przekroczono limit zapytań. Spróbuj ponownie później.\nNo information available about domain name " +
				"example.pl in the Registry NASK database.\n", Unknown, true,
		},
		{"polish request limit", "example.pl", "request limit exceeded\n", Unknown, true},
		{
			"czech limit", "example.cz", "% Your connection limit exceeded. Please slow down and try again later.\n",
			Unknown, true,
		},
		{
			"hungarian limit", "example.hu", "Túl sok lekérdezés, próbálja később.\nNincs talalat / No match\n", Unknown,
			true,
		},
		{"swedish limit", "example.se", "# För många frågor från din adress, försök igen senare\n", Unknown, true},
		{"turkish limit", "example.com.tr", "Sorgu limitiniz aşıldı.\n", Unknown, true},
		{
			"russian too often", "example.ru",
			"Слишком много запросов с вашего адреса, повторите позже\nNo entries found for the selected source(s).\n",
			Unknown, true,
		},
		{
			"ukrainian limit", "example.ua", "% Перевищено ліміт запитів\n% No entries found for example.ua\n", Unknown,
			true,
		},
		{"japanese limit", "example.jp", "[ 検索回数の制限を超えました。しばらくしてから再度お試しください。 ]\n\nNo match!!\n", Unknown, true},
		{"korean limit", "example.kr", "조회 횟수를 초과하였습니다. 잠시 후 다시 시도하십시오.\n", Unknown, true},
		{"chinese limit", "example.cn", "查询过于频繁，请稍后再试\n", Unknown, true},
		{"chinese limit before none", "example.cn", "您的查询次数已超过限制。\nNo matching record.\n", Unknown, true},
		{
			"quota", "example.lt", "% Quota exceeded for 192.0.2.1\nDomain: example.lt\nStatus: available\n", Unknown,
			true,
		},
		{
			"daily limit", "example.ie",
			"You have reached the maximum allowed number of queries for today.\n% Not Registered - example.ie\n",
			Unknown, true,
		},
		{
			"per minute", "example.si", "% Too many queries per minute, please try again in 60 seconds.\n", Unknown,
			true,
		},
		{"slow down", "example.hr", "ERROR: Slow down!\n", Unknown, true},
		{
			"queries from your network", "example.lv",
			"You have been temporarily blocked because of too many queries from your network.\n", Unknown, true,
		},
		{"429 of a proxy", "example.org", "429 Too Many Requests\n", Unknown, true},
		{"throttled in one word", "example.net", "THROTTLED\nNo match for \"EXAMPLE.NET\".\n", Unknown, true},

		// Refusals and failures.
		{
			"not at this time", "example.zz", "Sorry, this information is not available at this time. example.zz\n",
			Unknown, false,
		},
		{"service not available", "example.zz", "Service not available\nNo match\n", Unknown, false},
		{"the service is free", "example.zz", "This service is free for personal use.\n", Unknown, false},
		{
			"no information now", "example.zz",
			"No information is currently available for example.zz, the system is under maintenance.\n", Unknown, false,
		},
		{
			"maintenance german", "example.de",
			"Wegen Wartungsarbeiten derzeit nicht verfügbar. example.de nicht gefunden\n", Unknown, false,
		},
		{
			"maintenance french", "example.fr", "Service en maintenance\n%% No entries found in the AFNIC Database.\n",
			Unknown, false,
		},
		{
			"database error", "example.ro",
			"% Internal error: database connection failed\n% No entries found for the selected source(s).\n", Unknown,
			false,
		},
		{
			"database timeout", "example.tz", "ERROR: timeout while querying the database\nNo entries found.\n", Unknown,
			false,
		},
		{
			"could not connect", "example.zz", "Could not connect to the registry database.\nObject not found\n",
			Unknown,
			false,
		},
		{"access denied", "example.gr", "Access denied.\n", Unknown, false},
		{
			"address not permitted", "example.es",
			"This IP address has not been authorised to query this service. example.es not found\n", Unknown, false,
		},
		{"blacklisted", "example.be", "Your IP has been blacklisted. Domain not found.\n", Unknown, true},
		{
			"html with 503", "example.com",
			"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\n<h1>Not found</h1>\n", Unknown, false,
		},
		{"html without a head", "example.com", "<p>Domain example.com not found</p>\n", Unknown, false},
		{"json", "example.com", "{\"error\":\"not found\",\"domain\":\"example.com\"}\n", Unknown, false},
		{"xml", "example.com", "<?xml version=\"1.0\"?><whois><status>available</status></whois>\n", Unknown, false},
		{
			"php", "example.com",
			"PHP Warning: mysqli_connect(): Connection refused in /var/www/whois.php on line 12\nNo match for " +
				"example.com\n", Unknown, false,
		},
		{"java", "example.com", "java.sql.SQLException: ORA-01017\nDomain not found\n", Unknown, false},
		{"unknown command", "example.com", "% Unknown command or invalid syntax\n", Unknown, false},
		{"invalid query", "example.com", "Invalid query: example.com\n", Unknown, false},
		{
			"malformed request", "example.is", "% ERROR:108: bad characters in input\n% No entries found\n", Unknown,
			false,
		},
		{"no whois at all", "example.gr", "This TLD has no whois server. Not found.\n", Unknown, false},
		{
			"only by the web", "example.vn",
			"This ending can be searched on the web only: https://vnnic.example/. Domain not found\n", Unknown, false,
		},
		{
			"another ending's server", "example.co", "Domain example.co is not served by this server. No match.\n",
			Unknown, false,
		},
		{
			"a thin registry's words before a referral", "example.tv",
			"No match for the registrar's data.\nWhois Server: whois.registrar.example\n", Unknown, false,
		},

		// Reserved, restricted, at a price, or free only on conditions.
		{"german reserved", "example.de", "Domain: example.de\nStatus: reserviert\n", Reserved, false},
		{"french reserved", "gouv.fr", "%% Le nom gouv.fr est réservé.\n", Reserved, false},
		{"spanish reserved", "gob.es", "El dominio gob.es está reservado.\n", Reserved, false},
		{"portuguese reserved", "gov.pt", "gov.pt - Reservado\n", Reserved, false},
		{"italian reserved", "roma.it", "Domain:             roma.it\nStatus:             RESERVED\n", Reserved, false},
		{"russian reserved", "example.ru", "Домен example.ru зарезервирован\n", Reserved, false},
		{"chinese reserved", "example.cn", "The domain name is reserved, can not be registered\n", Reserved, false},
		{
			"nothing found, but reserved", "example.ch",
			"We do not have an entry in our database matching your query.\n\nThe domain name example.ch is reserved.\n",
			Reserved, false,
		},
		{
			"not registered, but prohibited", "example.zz",
			"example.zz is not registered.\nexample.zz is prohibited by the registry's policy.\n", Reserved, false,
		},
		{
			"premium price", "gold.zz", "Domain gold.zz not found\nThis is a premium domain name, price on request.\n",
			Reserved, false,
		},
		{"auction", "gold.zz", "gold.zz not found\n\nThis name will be auctioned.\n", Unknown, false},
		{
			"trademark claims", "brand.zz", "brand.zz is available for registration subject to trademark claims.\n",
			Unknown, false,
		},
		{
			"landrush", "brand.zz", "No match for brand.zz.\nRegistrations are open to trademark holders only.\n",
			Unknown, false,
		},
		{
			"collision", "mail.zz", "Domain not found.\n\nThis name is blocked because of name collisions.\n", Reserved,
			false,
		},
		{
			"government only", "x.gov.zz", "x.gov.zz not found\n\nRegistration is restricted to government bodies.\n",
			Reserved, false,
		},
		{"may be available", "example.zz", "example.zz might be available. Check with a registrar.\n", Unknown, false},
		{"available soon", "example.zz", "example.zz will become available on 2030-01-01.\n", Unknown, false},
		{
			"available to buy from its owner", "example.com",
			"example.com is available for purchase from its current owner\n", Unknown, false,
		},
		{
			"being released", "example.se",
			"domain \"example.se\" not found.\n\nThe name is being released and cannot be registered until 2030-01-01.\n",
			Reserved, false,
		},

		// Names that somebody has, however little is said of it.
		{"not available to others", "example.zz", "example.zz is not available\n", Reserved, false},
		{"is already registered", "example.zz", "The domain example.zz is already registered.\n", Registered, false},
		{"has been registered", "example.hk", "The domain name example.hk has been registered.\n", Registered, false},
		{"taken", "example.zz", "example.zz: taken\n", Registered, false},
		{
			"status in a sentence", "example.tk",
			"Domain name:\n   EXAMPLE.TK is Active\n\nOwner contact:\n   Organization: Somebody\n", Registered, false,
		},
		{"whois privacy in place of data", "example.gt", "Dominio: example.gt\nEstado: Activo\n", Registered, false},
		{
			"suspended", "example.zz", "Domain Name: example.zz\nStatus: SUSPENDED\nRegistrar: Somebody\n", Registered,
			false,
		},
		{
			"pending delete", "example.com",
			"   Domain Name: EXAMPLE.COM\n   Domain Status: pendingDelete https://icann.org/epp#pendingDelete\n   " +
				"Domain Status: redemptionPeriod https://icann.org/epp#redemptionPeriod\n   Registrar: Example, Inc.\n",
			Registered, false,
		},
		{
			"a registrar that does not know it", "example.com",
			"Domain Name: EXAMPLE.COM\nRegistrar: Example, Inc.\nRegistrar WHOIS Server: whois.example.net\nCreation " +
				"Date: 2001-01-01T00:00:00Z\n\nThe queried object does not exist at this registrar: no match for " +
				"example.com\n", Registered, false,
		},
		{
			"free is a holder's name", "example.fr",
			"domain:                        example.fr\nstatus:                        ACTIVE\nholder-c:                " +
				"      FREE1234-FRNIC\nregistrar:                     FREE\ncreated:                       " +
				"2001-02-03T04:05:06Z\n", Registered, false,
		},
		{
			"available is a holder's name", "example.eu",
			"Domain: example.eu\nScript: LATIN\n\nRegistrant:\n        NOT DISCLOSED!\n        Visit www.eurid.eu for " +
				"the web-based WHOIS.\n\nTechnical:\n        Organisation: Available Hosting Ltd\n\nRegistrar:\n        " +
				"Name: No Match Domains\n        Website: https://not-found.example\n\nName servers:\n        " +
				"ns1.not-found.example\n", Registered, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply), false)
			if got.State == NotRegistered {
				t.Fatal("called free")
			}
			if got.State != tt.want || got.Throttled != tt.throttled {
				t.Errorf("%s (%s), throttled %v; want %s, %v", got.State, got.Reason, got.Throttled, tt.want, tt.throttled)
			}
			if got.Reason == "" && got.State != Registered {
				t.Error("no reason")
			}
			checkBounds(t, got)
			for _, end := range []string{"\r\n", "\n\n", "\r"} { // however the lines end
				if again := ReadWHOIS(tt.domain, []byte(strings.ReplaceAll(tt.reply, "\n", end)),
					false); again.State == NotRegistered {
					t.Errorf("called free with lines that end in %q", end)
				}
			}
		})
	}
}

// TestUnknownSentenceRefutesFree puts a sentence that nobody has seen before into the public replies that say "free":
// what is not known for what it is may be a limit, a reserve or a fault, and the name is not free any more.
func TestUnknownSentenceRefutesFree(t *testing.T) {
	t.Parallel()
	sentences := []string{
		"Questo nome e in attesa di assegnazione.", "Ta nazwa oczekuje na przydział.",
		"Diese Auskunft gilt nur für Mitglieder.", "Esta respuesta no es definitiva.",
		"この応答は確定していません。", "本域名等待审核", "이 이름은 심사 중입니다", "Ответ неокончательный", "This reply is provisional.", "xyzzy",
		"Only for holders of a mark.",
		"ORA-12541: no listener", "Next round: 2031.", "Ask again tomorrow", "1 of 3 mirrors answered",
	}
	dir := filepath.Join(moduleDir(t, "github.com/likexian/whois-parser"), "testdata", "notfound")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("the samples are not there: ", err)
	}
	replies := 0
	for _, e := range sandboxtest.UnderRace(t, entries) {
		_, domain, found := strings.Cut(e.Name(), "_")
		if !found {
			continue
		}
		reply, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if ReadWHOIS(domain, reply, false).State != NotRegistered {
			continue
		}
		replies++
		for _, s := range sentences {
			for where, text := range map[string]string{
				"before": s + "\n\n" + string(reply),
				"after":  string(reply) + "\n\n" + s + "\n",
			} {
				if got := ReadWHOIS(domain, []byte(text), false); got.State == NotRegistered {
					t.Errorf("%s is called free with %q %s it", e.Name(), s, where)
				}
			}
		}
	}
	if replies < 80 && !sandboxtest.Race { // the others are reserved names and limits
		t.Errorf("only %d replies were tried", replies)
	}
}
