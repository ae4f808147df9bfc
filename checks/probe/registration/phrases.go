package registration

import "strings"

// The phrases of registries, in lower case. They are searched for in the whole reply without line breaks, so none may
// occur in a disclaimer: "limit exceeded" may be here, "limit" may not.

// throttleTexts mean that the client sent too many queries.
var throttleTexts = []string{
	"limit exceeded", "limits exceeded", "limit has been exceeded", "limit is exceeded", "limit reached",
	"limit was reached",
	"limit has been reached", "quota exceeded", "quota has been exceeded", "quota reached", "exceeded the maximum",
	"exceeded your ",
	"you have exceeded", "you exceeded", "you've exceeded", "has exceeded the", "have exceeded this",
	"exceeded the established limit",
	"exceeded allowed", "exceeded the allowed", "exceeded maximum", "exceeded for your", "requests exceeded",
	"queries exceeded", "lookups exceeded",
	"rate exceeded", "excessive querying", "excessive queries", "excessive requests", "excessive usage",
	"still in grace period",
	"query limitation is", "too many requests", "too many queries", "too many connections", "too many simultaneous",
	"too many lookups",
	"too many attempts", "too many whois", "too many concurrent", "and will be replenished",
	"list of ip addresses that may have failed",
	"connection limit reached", "maximum query rate", "maximum number of requests", "maximum number of queries",
	"maximum queries per",
	"maximum requests per", "number of queries reached", "request per second allowed", "requests per second allowed",
	"access control limit",
	"daily limit reached", "limit controls", "number of allowed queries", "allotted number of", "please go away for",
	"try again in ",
	"interval is too short", "please wait for", "please wait at least", "please slow down", "slow down and try",
	"slow down your",
	"per client per time interval is restricted", "second time before starting another", "configured rate limit",
	"no further queries can be done",
	"you have been blacklisted", "has been blacklisted", "is blacklisted", "blacklisted:", "permanently block access",
	"allowed connection rate",
	"queries too quickly", "querying too", "query rate of ", "been rate limited", "are being rate limited",
	"you are rate limited",
	"rate-limited due", "rate limit for", "being throttled", "been throttled", "is throttled", "throttled by",
	"440 request denied",
	"exceeds the limit", "exceeds the maximum", "exceeds allowed", "exceeds maximum", "exceeded query limit",
	"wait before making another",
	"wait before querying again", "wait a moment and try again", "temporarily blocked due to", "превышен",
	"слишком много запросов",
	"límite de consultas", "limite de consultas", "limite de requêtes", "requêtes dépassé", "limite dépassée",
	"maximum allowed number", "maximum number of allowed",
	"slow down!", "abfragen erreicht", "abfragen überschritten", "anfragen überschritten", "abfragelimit",
	"limite di interrogazioni", "troppe interrogazioni",
	"te veel verzoeken", "te veel aanvragen", "te veel opvragingen", "för många frågor", "för många förfrågningar",
	"for mange forespørgsler", "for mange forespørsler",
	"for mange oppslag", "liian monta", "túl sok", "příliš mnoho dotazů", "prea multe", "sorgu limit",
	"çok fazla sorgu", "перевищено", "забагато запитів",
	"回数の制限", "制限を超え", "횟수를 초과", "조회 횟수", "查询次数已", "已超过限制", "过于频繁", "查詢次數", "quá nhiều", "trop de requêtes",
	"demasiadas consultas", "muitas consultas",
	"zu viele anfragen", "zu viele abfragen", "troppe richieste", "zbyt wiele", "przekroczono", "查询过于频繁", "查询太频繁",
	"超过查询", "查詢次數", "回数制限", "조회 제한",
}

// unavailableTexts mean that the server cannot answer now, or not this kind of query.
var unavailableTexts = []string{
	"temporarily unavailable", "service unavailable", "service is unavailable", "currently unavailable",
	"temporarily out of service",
	"is unavailable at", "not available at this time", "not available at the moment", "unavailable at this time",
	"currently not available",
	"temporarily not available", "server too busy", "server is too busy", "server is busy", "server busy",
	"system is busy", "try again later",
	"please try later", "please try again", "try your request again", "retry later", "under maintenance",
	"scheduled maintenance", "undergoing maintenance",
	"down for maintenance", "maintenance in progress", "system maintenance", "maintenance mode", "maintenance window",
	"internal server error",
	"internal error", "database error", "database is down", "database unavailable", "unable to connect",
	"could not connect", "cannot connect to",
	"can't connect to", "connect to whois server failed", "connection refused", "connection reset",
	"connection timed out", "i/o timeout",
	"query timed out", "request timed out", "lookup timed out", "could not be performed",
	"cannot be completed at this time",
	"could not be completed at this time", "unable to process your", "cannot process your", "unable to perform",
	"unable to complete",
	"an error occurred", "an error has occurred", "unexpected error", "system error", "fatal error",
	"whois service has been discontinued",
	"service has been shut down", "this service has been discontinued", "whois has been retired",
	"временно недоступ",
	"temporalmente no disponible", "servicio no disponible", "temporariamente indisponível", "service indisponible",
	"temporairement indisponible",
	"vorübergehend nicht", "temporaneamente non disponibile", "服务不可用", "系统维护", "系統維護",
}

// elsewhereTexts mean that the server does not have names of this ending.
var elsewhereTexts = []string{
	"this tld has no whois server", "no whois server is known", "no whois server found", "tld is not supported",
	"tld not supported", "not supported by this registry", "unsupported tld", "unsupported top level", "unknown tld",
	"unknown top level", "top level domain not supported", "zone is not supported", "zone not supported",
	"is not supported by this server", "not a supported tld", "don't have information about this tld",
	"is not served by this", "not authoritative for", "is not administered by", "is not managed by",
	"not delegated to this registry",
}

// deniedTexts mean that the server refuses to answer this client.
var deniedTexts = []string{
	"access denied", "access is denied", "access to this service is denied", "permission denied", "request denied",
	"query denied", "query refused",
	"request refused", "service is denied", "service denied", "requests of this client are not permitted",
	"requests from this",
	"queries are not permitted", "not permitted to query", "not permitted to access", "not permitted to use this",
	"ip address used to perform the query is not authori", "your ip address is not", "your ip is not",
	"your ip address has been", "your ip has been",
	"your ip address is blocked", "your ip is blocked", "ip address is blocked", "ip address blocked",
	"ip address is banned", "you have been banned",
	"you have been blocked", "has been banned", "access from your", "access has been blocked", "access has been denied",
	"access has been restricted",
	"access blocked", "no access allowed", "not allowed to query", "unauthorized access to this server",
	"connections from your", "доступ запрещ",
	"acceso denegado", "acesso negado", "accès refusé", "zugriff verweigert",
}

// reservedTexts mean that the name is not registered, but not freely available either.
var reservedTexts = []string{
	"est réservé", "nom réservé", "está reservado", "é reservado", "è riservato", "ist reserviert", "ist gesperrt",
	"is gereserveerd", "jest zarezerwowana", "зарезервирован",
	"予約ドメイン", "예약된 도메인", "保留域名", "保留的域名",
	"reserved by the registry", "reserved by registry", "reserved by afilias", "name is reserved", "names is reserved",
	"domain is reserved",
	"domain reserved", "name reserved", "label is reserved", "string is reserved", "has been reserved",
	"been reserved for", "temporarily reserved",
	"reserved domain", "reserved name", "reserved for the registry", "registry reserved", "registry-reserved",
	"is a reserved",
	"permanently reserved", "on a restricted list", "on the reserved list", "on the reserved names list",
	"on the list of reserved",
	"list of reserved names", "on the blocked list", "prohibited string", "prohibited name",
	"prohibited from registration", "prohibited domain",
	"object is blocked", "name is blocked", "domain is blocked", "label is blocked", "domain blocked", "name blocked",
	"blocked name",
	"blocked domain", "blocked by", "blocked for registration", "blocked from registration", "blocked due to",
	"registration of this domain is restricted", "registration of this name is restricted",
	"registration is restricted", "domain is restricted",
	"name is restricted", "restricted domain", "restricted name", "requested domain name is restricted",
	"protected by a dpml",
	"dpml brand protection", "dpml block", "brand protection policy", "globalblock", "adultblock", "uni eps",
	"protected marks list",
	"name collision", "not available for registration", "not available for second level registration",
	"not available for general registration",
	"unavailable for registration", "cannot be registered", "can not be registered", "can't be registered",
	"could not be registered",
	"may not be registered", "not be registered online", "not registrable", "not registerable",
	"not eligible for registration",
	"registration is forbidden", "registration forbidden", "forbidden name", "forbidden domain",
	"forbidden from registration",
	"registration is not allowed", "registration not allowed", "registration is not permitted",
	"registration prohibited",
	"registration is prohibited", "restricted from registration", "no registration status listed",
	"not open for registration",
	"not allowed for registration", "not allowed for this domain category", "not permitted for registration",
	"is not allowed to be registered",
	"excluded from registration", "premium domain", "premium name", "platinum domain", "platinum name", "is a premium",
	"premium price",
	"premium pricing", "not available or is reserved", "is not available because", "stop list", "stop-list",
	"in the sunrise", "sunrise period",
	"subject to auction", "pending auction", "is in auction", "available at auction", "up for auction",
	"being auctioned", "sold at auction", "sold by auction", "disputed domain",
	"available for pre-order", "available for preorder", "open for pre-order", "for pre-order only",
	"available for pre-registration", "for pre-registration only", "in the landrush", "landrush period",
	"landrush phase", "sunrise phase", "early access phase", "early access period", "limited registration period",
	"release process: ", "release-process: ", "in the release process", "processo de liberação",
	"allocation token required", "registry hold",
	"withheld by", "зарезервирован", "запрещен", "запрещён", "заблокирован", "reservado", "bloqueado", "réservé par",
	"nom réservé",
	"domaine réservé", "domaine interdit", "nom de domaine interdit", "ist reserviert", "domain reserviert",
	"nicht registrierbar", "riservato",
	"non assegnabile", "zastrzeżon", "zablokowan", "rezerve ", "kısıtlı", "保留域名", "禁止注册", "限制注册", "不可注册", "不能注册", "保留字",
	"予約ドメイン", "등록할 수 없",
	"등록이 제한",
}

// hedges cast doubt on a statement that a name is free. They are searched for in short paragraphs only, not in terms
// of use.
var hedges = []string{
	"reserved", "blocked", "restricted", "premium", "prohibited", "forbidden", "not available", "unavailable",
	"not be registered", "denied",
	"refused", "too many", "exceeded", "quota", "try again", "temporarily", "maintenance", "too busy", "suspended",
	"quarantine", "redemption",
	"pending delete", "pending release", "will be available", "not allowed", "not permitted", "invalid", "illegal",
	"malformed", "timed out",
	"timeout", "auction", "already registered", "is registered", "has been registered", "not supported", "collision",
}

// rightsReserved are the copyright notices of registries. Their "reserved" is no word about a name.
var rightsReserved = []string{
	"rights reserved", "rights are reserved", "rights restricted", "rights are restricted", "restricted rights",
	"droits réservés", "droits sont réservés", "rechte vorbehalten", "derechos reservados", "direitos reservados",
	"diritti riservati", "diritti sono riservati", "prawa zastrzeżone", "права защищены", "права зарезервированы",
	"права захищені", "rechten voorbehouden", "rättigheter förbehålln", "rättigheter förbehålles",
	"rettigheter forbeholdt", "rettigheder forbeholdes", "oikeudet pidätetään", "práva vyhrazena", "práva vyhradené",
	"jog fenntartva", "drepturile rezervate", "prava pridržana", "pravice pridržane", "hakları saklıdır",
	"保留所有权利", "保留一切权利", "版权所有", "版權所有", "無断転載", "모든 권리 보유", "무단전재", "무단 전재",
}

// withoutRights puts another word in place of the copyright notices in a text in lower case.
func withoutRights(low, in string) string {
	for _, r := range rightsReserved {
		if strings.Contains(low, r) {
			low = strings.ReplaceAll(low, r, in)
		}
	}
	return low
}

// hedgeExceptions are removed from a paragraph before it is searched for hedges.
var hedgeExceptions = []string{
	"invalid query or domain name not known",
}

// legalese marks paragraphs of terms of use, however short.
var legalese = []string{
	"whois database", "prior written", "terms of", "terms and", "you agree", "the data ",
	"repackag", "copyright", "advertis", "the information",
}

// freeStatuses are the values of a status field of a name that is not registered.
var freeStatuses = map[string]bool{
	"free": true, "available": true, "notregistered": true, "unregistered": true, "noobjectfound": true,
	"objectnotfound": true, "notfound": true,
	"domainnotfound": true, "nomatch": true, "nomatchfound": true, "220available": true,
	"availableforregistration": true, "doesnotexist": true,
	"notexist": true, "nonexistent": true, "noentriesfound": true, "nodatafound": true, "nosuchdomain": true,
	"domainavailable":   true,
	"domainisavailable": true, "notregisteredyet": true, "domainnotregistered": true, "disponible": true,
	"disponível": true, "disponivel": true,
	"libre": true, "livre": true, "libero": true, "frei": true, "noregistrado": true, "nãoregistrado": true,
	"naoregistrado": true, "свободен": true,
	"свободно": true, "wolna": true, "volná": true, "未注册": true,
}

// reservedStatuses are the values of a status field of a name that is not available.
var reservedStatuses = map[string]bool{
	"reserved": true, "blocked": true, "forbidden": true, "notallowed": true, "restricted": true, "prohibited": true,
	"premium":      true,
	"unassignable": true, "unavailable": true, "withdrawn": true, "excluded": true, "disallowed": true,
	"bookblocked": true, "notregistrable": true,
	"reservedname": true, "reserveddomain": true, "reserveddomainname": true, "registrationprohibited": true,
	"notavailableforregistration": true,
	"disputed":                    true, "banned": true, "reservado": true, "bloqueado": true, "réservé": true,
	"interdit":   true,
	"reserviert": true, "riservato": true,
	"zastrzeżona": true, "atauction": true, "auction": true,
}

// whoisSentences are the beginnings of lines that hold a field without a colon.
var whoisSentences = []struct{ start, key string }{
	{"record created on ", "created"},
	{"domain record activated on ", "created"},
	{"domain created on ", "created"},
	{"created on ", "created"},
	{"registered on ", "created"},
	{"domain registered on ", "created"},
	{"record expires on ", "expires"},
	{"record will expire on ", "expires"},
	{"domain expires on ", "expires"},
	{"expires on ", "expires"},
	{"record last updated on ", "last updated"},
	{"domain last updated on ", "last updated"},
	{"last modified on ", "last updated"},
}

// dayFirstTLDs are registries that write 03/04/2020 or 03-04-2020 for the third of April; monthFirstTLDs for the
// fourth of March. Elsewhere such a date is left out.
var (
	dayFirstTLDs = []string{
		"hk", "pt", "fr", "es", "br", "il", "im", "tn", "dz", "ma", "lu", "bg", "gr", "pf", "nc",
		"sn", "ci", "be", "mx", "ar", "cl", "pe", "uy", "uk", "sg", "au", "nz", "ie", "it", "in", "za", "gg", "je", "my",
	}
	monthFirstTLDs = []string{"tk", "ml", "ga", "cf", "gq"}
)

// whoisKeys has the meaning of keys, as normaliseKey returns them.
var whoisKeys = map[string]whoisKey{
	"domain name": keyDomain, "domain": keyDomain, "domainname": keyDomain, "nom de domaine": keyDomain,
	"dominio":           keyDomain,
	"nombre de dominio": keyDomain, "nome de domínio": keyDomain, "nome de dominio": keyDomain,
	"nome do domínio": keyDomain, "domena": keyDomain,
	"домен": keyDomain, "доменное имя": keyDomain, "域名": keyDomain, "域名名称": keyDomain, "網域名稱": keyDomain,
	"도메인이름": keyDomain, "ドメイン名": keyDomain,
	"internationalized domain name": keyDomain, "idn": keyDomain, "ascii": keyDomain, "full domain": keyDomain,
	"complete domain name": keyDomain,
	"domain asked":         keyDomain, "query": keyDomain, "fqdn": keyDomain, "domain id name": keyDomain,
	"domain (ascii)": keyDomain, "ace": keyDomain,
	"domain ace": keyDomain, "alan adı": keyDomain, "domain information": keyDomain,

	"creation date": keyCreated, "created": keyCreated, "created on": keyCreated, "created date": keyCreated,
	"created at": keyCreated,
	"registered": keyCreated, "registered on": keyCreated, "registered date": keyCreated, "registered at": keyCreated,
	"registration date": keyCreated, "registration time": keyCreated, "domain registration date": keyCreated,
	"domain created":    keyCreated,
	"domain registered": keyCreated, "record created": keyCreated, "record created on": keyCreated,
	"domain name commencement date": keyCreated,
	"commencement date":             keyCreated, "activation date": keyCreated, "activation": keyCreated,
	"activated":               keyCreated,
	"activated on":            keyCreated,
	"first registration date": keyCreated, "date of registration": keyCreated, "date registered": keyCreated,
	"domain record activated": keyCreated,
	"entry created":           keyCreated, "assigned": keyCreated, "reg date": keyCreated, "regdate": keyCreated,
	"registration":       keyCreated,
	"registration start": keyCreated, "domain creation date": keyCreated, "insert date": keyCreated,
	"domain dateregistered": keyCreated,
	"登録年月日":                 keyCreated, "등록일": keyCreated, "注册时间": keyCreated, "注册日期": keyCreated, "註冊日期": keyCreated,
	"data de registo":  keyCreated,
	"data de registro": keyCreated, "data de criação": keyCreated, "fecha de creacion": keyCreated,
	"fecha de creación": keyCreated,
	"fecha de registro": keyCreated, "date de creation": keyCreated, "date de création": keyCreated,
	"дата регистрации": keyCreated,
	"kayıt tarihi":     keyCreated,

	"registry expiry date": keyExpires, "expiry date": keyExpires, "expiration date": keyExpires, "expires": keyExpires,
	"expires on": keyExpires,
	"expire":     keyExpires, "expire date": keyExpires, "expires at": keyExpires, "expires date": keyExpires,
	"expiration":      keyExpires,
	"expiration time": keyExpires, "expiry": keyExpires, "domain expiration date": keyExpires,
	"domain expires": keyExpires, "paid till": keyExpires,
	"valid until": keyExpires, "validity": keyExpires, "validity date": keyExpires, "valid to": keyExpires,
	"valid till":   keyExpires,
	"renewal date": keyExpires, "record expires on": keyExpires, "record expires": keyExpires,
	"record expired":        keyExpires,
	"record will expire on": keyExpires, "exp date": keyExpires, "date of expiration": keyExpires,
	"domain expiry date":     keyExpires,
	"domain datebilleduntil": keyExpires, "billed until": keyExpires, "expired": keyExpires,
	"registered until": keyExpires, "paid until": keyExpires,
	"next renewal": keyExpires, "renewal": keyExpires, "有効期限": keyExpires, "사용 종료일": keyExpires, "过期时间": keyExpires,
	"到期时间":              keyExpires,
	"到期日期":              keyExpires,
	"data de expiração": keyExpires, "data de expiracao": keyExpires, "fecha de vencimiento": keyExpires,
	"fecha de expiracion": keyExpires,
	"fecha de expiración": keyExpires, "date d'expiration": keyExpires, "дата окончания": keyExpires,

	"registrar registration expiration date": keyRegistrarExpires, "registrar expiration date": keyRegistrarExpires,

	"updated date": keyUpdated, "updated": keyUpdated, "updated on": keyUpdated, "last updated": keyUpdated,
	"last updated on": keyUpdated,
	"last update":     keyUpdated, "last updated date": keyUpdated, "last modified": keyUpdated, "modified": keyUpdated,
	"modified date": keyUpdated,
	"changed":       keyUpdated, "modification date": keyUpdated, "last modification": keyUpdated,
	"last changed": keyUpdated,
	"last change":  keyUpdated,
	"update date":  keyUpdated, "domain datelastmodified": keyUpdated, "record last updated on": keyUpdated,
	"record last updated":  keyUpdated,
	"record last modified": keyUpdated, "ultima actualizacion": keyUpdated, "última actualización": keyUpdated,
	"domain record last updated": keyUpdated, "lastmod": keyUpdated, "last edited": keyUpdated,
	"entry updated": keyUpdated,
	"date modified": keyUpdated, "last update date": keyUpdated, "最終更新": keyUpdated, "최근 정보 변경일": keyUpdated,

	"transfer date": keyTransferred, "last transferred date": keyTransferred, "transferred": keyTransferred,
	"transferred on":   keyTransferred,
	"last transferred": keyTransferred, "last transfer date": keyTransferred, "transferred date": keyTransferred,
	"date transferred": keyTransferred,

	"registrar": keyRegistrar, "registrar name": keyRegistrar, "sponsoring registrar": keyRegistrar,
	"registrar organization": keyRegistrar,
	"registrar organisation": keyRegistrar, "sponsoring registrar organization": keyRegistrar,
	"current registar":  keyRegistrar,
	"current registrar": keyRegistrar, "registration service provider": keyRegistrar, "registered by": keyRegistrar,
	"authorized agency": keyRegistrar, "authorised registrar": keyRegistrar, "registrar company": keyRegistrar,
	"domain registrar":    keyRegistrar,
	"registrar of record": keyRegistrar, "등록대행자": keyRegistrar, "注册服务机构": keyRegistrar, "所属注册服务机构": keyRegistrar,
	"registrador":        keyRegistrar,
	"agente registrador": keyRegistrar, "registraire": keyRegistrar, "bureau d'enregistrement": keyRegistrar,
	"регистратор":  keyRegistrar,
	"regisztrátor": keyRegistrar,

	"registrar iana id": keyRegistrarIANA, "sponsoring registrar iana id": keyRegistrarIANA,
	"iana id": keyRegistrarIANA,

	"name server": keyNameserver, "name servers": keyNameserver, "nameserver": keyNameserver,
	"nameservers": keyNameserver, "nserver": keyNameserver,
	"nservers": keyNameserver, "ns": keyNameserver, "dns": keyNameserver, "domain name servers": keyNameserver,
	"domain name server": keyNameserver,
	"domain nameservers": keyNameserver, "domain nameserver": keyNameserver,
	"domain servers in listed order": keyNameserver,
	"domain servers":                 keyNameserver, "nameservers in the listed order": keyNameserver,
	"nameserver in listed order":  keyNameserver,
	"nameservers in listed order": keyNameserver, "name servers information": keyNameserver,
	"name servers in the listed order": keyNameserver,
	"name servers in listed order":     keyNameserver, "domain server": keyNameserver,
	"servidor de nombres de dominio": keyNameserver,
	"nameserver information":         keyNameserver, "name server information": keyNameserver,
	"primary server":   keyNameserver,
	"secondary server": keyNameserver, "primary name server": keyNameserver, "secondary name server": keyNameserver,
	"primary nameserver": keyNameserver, "secondary nameserver": keyNameserver, "host name": keyNameserver,
	"hostname": keyNameserver,
	"servers":  keyNameserver, "dns server": keyNameserver, "dns servers": keyNameserver, "ns name": keyNameserver,
	"primary dns":   keyNameserver,
	"secondary dns": keyNameserver, "dns servers in listed order": keyNameserver, "name server name": keyNameserver,
	"domain host": keyNameserver,
	"ネームサーバ":      keyNameserver, "호스트이름": keyNameserver, "域名服务器": keyNameserver, "servidor dns": keyNameserver,
	"servidores dns":       keyNameserver,
	"servidores de nombre": keyNameserver, "servidor de nomes": keyNameserver, "serveur de noms": keyNameserver,
	"serveurs de noms": keyNameserver,
	"nserv":            keyNameserver,

	"domain status": keyStatus, "status": keyStatus, "state": keyStatus, "registration status": keyStatus,
	"registry status": keyStatus,
	"eppstatus":       keyStatus, "epp status": keyStatus, "flags": keyStatus, "query status": keyStatus,
	"estado":      keyStatus,
	"statut":      keyStatus,
	"lock status": keyStatus, "domain state": keyStatus, "reg status": keyStatus, "domaintype": keyStatus,
	"estatus del dominio": keyStatus,
	"estado del dominio":  keyStatus, "transfer status": keyStatus, "stato": keyStatus, "状態": keyStatus,
	"ロック状態": keyStatus, "域名状态": keyStatus,
	"статус": keyStatus, "domain name status": keyStatus, "availability": keyStatus, "current status": keyStatus,
	"situação": keyStatus,
	"durum":    keyStatus, "staat": keyStatus, "stav": keyStatus,

	"hold": keyHold, "on hold": keyHold, "onhold": keyHold, "domain hold": keyHold, "registry hold": keyHold,
	"server hold": keyHold, "suspended": keyHold, "frozen": keyHold, "domain suspended": keyHold, "disabled": keyHold,
	"freeze": keyHold, "serverhold": keyHold, "admin hold": keyHold, "administrative hold": keyHold,
	"registryhold": keyHold, "legal hold": keyHold, "dispute hold": keyHold,
	"registrar hold": keyClientHold, "client hold": keyClientHold, "clienthold": keyClientHold,
	"registrarhold": keyClientHold,
	"in dns":        keyDelegated, "active in dns": keyDelegated, "in the zone": keyDelegated,
	"delegated": keyDelegated, "published": keyDelegated, "in zone": keyDelegated, "zone published": keyDelegated,

	"deactivation date": keySuspends, "deactdate": keySuspends, "date to deactivate": keySuspends,
	"outzone": keySuspends, "suspension date": keySuspends, "suspend date": keySuspends,
	"option expiration date": keyOption,
	"delete":                 keyDeletes, "delete date": keyDeletes, "deletion date": keyDeletes,
	"date to delete":          keyDeletes,
	"scheduled deletion date": keyDeletes, "purge date": keyDeletes, "deletes on": keyDeletes,
	"free date": keyReleases, "date to release": keyReleases, "release date": keyReleases, "drop date": keyReleases,
	"date out of quarantine": keyReleases, "out of quarantine": keyReleases, "quarantine until": keyReleases,
	"available from": keyReleases, "to be released on": keyReleases, "date of release": keyReleases,

	"message": keyMessage, "result": keyMessage, "reply": keyMessage, "answer": keyMessage, "response": keyMessage,
	"available": keyMessage,
	"info":      keyMessage, "reason": keyMessage, "notice": keyMessage,

	"registrant": keyHolder, "registrant name": keyHolder, "registrant organization": keyHolder,
	"registrant organisation": keyHolder,
	"registrant id":           keyHolder, "holder": keyHolder, "holder c": keyHolder, "domain holder": keyHolder,
	"owner": keyHolder, "owner c": keyHolder,
	"owner name": keyHolder, "registrant c": keyHolder, "registrant contact": keyHolder, "titular": keyHolder,
	"titulaire":               keyHolder,
	"registrant contact name": keyHolder, "登録者名": keyHolder, "등록인": keyHolder, "注册者": keyHolder, "注册人": keyHolder,
	"registrant email":   keyHolder,
	"registry domain id": keyHolder, "registry registrant id": keyHolder, "domain owner": keyHolder,
	"eligibility name": keyHolder,
	"admin c":          keyHolder, "roid": keyHolder, "domain id": keyHolder, "sponsoring organisation": keyHolder,

	"dnssec": keyDNSSEC, "dns sec": keyDNSSEC, "dnssec signed": keyDNSSEC, "signed": keyDNSSEC,
	"domain signed": keyDNSSEC, "secure dns": keyDNSSEC,
	"dnssec status": keyDNSSEC, "ds rdata": keyDNSSEC, "dsrecord": keyDNSSEC, "ds record": keyDNSSEC,
	"dnssec ds data":   keyDNSSEC,
	"dnssec ds record": keyDNSSEC, "ds data": keyDNSSEC, "ds key tag": keyDNSSEC, "ds key tag 1": keyDNSSEC,
	"ds created 1": keyDNSSEC,
	"keyset":       keyDNSSEC, "signing key": keyDNSSEC, "dnskey": keyDNSSEC, "keys": keyDNSSEC, "keytag": keyDNSSEC,
	"dsdata":   keyDNSSEC,
	"dns keys": keyDNSSEC, "署名鍵": keyDNSSEC,

	"registrar whois server": keyReferral, "whois server": keyReferral, "registrar whois": keyReferral,
	"refer":          keyReferral,
	"referralserver": keyReferral, "referral server": keyReferral, "whois": keyReferral,
}
