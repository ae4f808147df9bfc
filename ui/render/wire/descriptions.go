package wire

import "domdoc/catalog"

// descriptions are the schema's descriptions by definition and property. They are a table, not struct tags, because a
// sentence does not fit on the line of its field.
var descriptions = map[string]string{
	"report.schemaVersion": "version of this format; names are added, never changed",
	"report.startedAt":     "when the run started",
	"report.shard":         "the part of the domains as 2/8, counted from 1; absent without --shard",
	"report.domains":       "one element per domain, in the order requested",
	"report.vantage":       "whether this machine can check domains; null if the run ended before that was known",
	"report.tenant":        "findings about the tenant as a whole; null without a service",
	"report.moreTenants":   "in a run over several profiles, the tenants after the first; otherwise absent",
	"report.tickets":       "what triage read; absent in other reports",
	"report.tookMs":        "duration of the run in milliseconds",
	"report.complete":      "whether all domains were checked, and all of their checks ended",
	"report.incomplete":    "why some domains were not checked; absent if all were",
	"report.all":           "the run was over all domains of the tenant, or its part of them; absent otherwise",
	"report.merged": "in the output of merge: the parts (--shard) that it has, and its reports that are " +
		"incomplete",

	"plan.schemaVersion": "version of this format; names are added, never changed",
	"plan.zone":          "the zone that changes",
	"plan.at":            "when the change is made",
	"plan.settled":       "when no resolver has an old answer any more; null if that is not known",
	"plan.records":       "the RRsets that change",
	"plan.domains":       "the domains that were diagnosed as they are and as they will be",
	"plan.refused":       "what the service would refuse, if these records were made through it",
	"plan.open":          "changes whose outcome the file does not say: they are not judged",
	"plan.notes":         "what was left out on purpose, and what may be meant otherwise",
	"plan.breaks":        "whether something would fail that does not fail today, or the service would refuse a record",
	"plan.complete":      "whether everything could be judged",

	"plan.certificates": "the certificates of the domains, then the one of --certificate-name",

	"plan.transfer": "the transfer to another registrar; null without --transfer",
	"plan.detach":   "the removal of the domain from the service; null without --detach",

	"plannedTransfer.known":        "whether the registry's data were read",
	"plannedTransfer.from":         "when the domain is old enough for a transfer; null if it is, or that is not known",
	"plannedTransfer.expiresAfter": "the end of the registration after the transfer; null if that is not known",
	"plannedTransfer.findings":     "root causes that refuse the transfer, or make it an outage",
	"plannedTransfer.unjudged":     "what could not be judged, and why",
	"plannedTransfer.steps":        "the steps in their order",

	"plannedDetach.left":     "records that stay in the DNS if nobody removes them",
	"plannedDetach.takeover": "whether others could use one of them",
	"plannedDetach.depends":  "what else of the tenant depends on the domain",
	"plannedDetach.unjudged": "what could not be looked up",
	"plannedDetach.steps":    "the steps in their order",

	"plannedLeft.takeover":     "whether others could use what the record leads to",
	"plannedLeft.why":          "what is wrong with the record if it stays",
	"plannedLeft.staysSeconds": "how long resolvers have the record once it is removed",

	"plannedCertificate.domain": "the domain in ASCII form; empty for --certificate-name",
	"plannedCertificate.request": "what the service says of it: over is a request that was not validated within 72 " +
		"hours",
	"plannedCertificate.expires": "when the issued certificate expires; null if none is, or that is not known",
	"plannedCertificate.issue":   "whether the authority would issue it, for all of its names",
	"plannedCertificate.renewal": "whether it would be renewed; none: there is no certificate to renew",
	"plannedCertificate.breaks":  "whether the change keeps it from being issued or renewed",

	"plannedCertified.validation": "whether the record that validates the name is known, so that it was judged",
	"plannedCertified.issue":      "whether the authority may issue for this name",

	"plannedAnswer.causes":  "root causes: what stands in the way, or why it could not be judged",
	"plannedAnswer.reasons": "the causes in words, conditions of a yes, and other reasons",

	"plan.move": "a move to another DNS host; null without --nameservers",

	"move.verdict": "of the move as it stands: fail if it breaks something, inconclusive if it could not be " +
		"compared",
	"move.compared":    "questions that both sets of servers answered",
	"move.allNames":    "whether the names of the zone are known from a zone file or a transfer",
	"move.unjudged":    "what could not be compared, and why",
	"move.differences": "RRsets that the new servers do not answer as the old ones; those that matter first",
	"move.steps":       "the steps in their order; empty if the zone could not be found",

	"moveServer.addr":   "address and port; empty if the host has no address",
	"moveServer.detail": "what the network said, or why there is no address; absent if the state says all",

	"moveDifference.matters": "whether something breaks that works today",
	"moveDifference.breaks":  "what breaks; absent if nothing does",
	"moveDifference.servers": "the new servers that answer like this; absent if all do",
	"moveDifference.why":     "explains the difference; absent if kind and values say all",

	"moveDNSSEC.means": "the state in words",
	"moveDNSSEC.ds":    "the DS records at the zone above",
	"moveDNSSEC.old":   "the keys at the servers of today",
	"moveDNSSEC.new":   "the keys at the new servers",

	"moveStep.at":          "when the step begins at the earliest",
	"moveStep.waitSeconds": "how long to wait before the next step once this one is done",
	"moveStep.until":       "when the next step may begin",
	"moveStep.why":         "the reason for the wait; absent without one",
	"moveStep.commands":    "show whether the step is done",
	"moveStep.expect":      "what the commands show then",

	"moveRecord.values": "the values that it should have; empty: it should not be there",
	"moveRecord.ttl":    "seconds; 0: as it is",

	"plannedRecord.before":    "the values today, sorted",
	"plannedRecord.after":     "the values after the change, sorted",
	"plannedRecord.ttlBefore": "seconds; null without records",
	"plannedRecord.ttlAfter":  "seconds; null without records",
	"plannedRecord.known":     "whether a server of the zone said what is there today",
	"plannedRecord.settles":   "how long resolvers may have the old answer; null if that is not known",
	"plannedRecord.cached":    "resolvers that were asked and have the old record",

	"cachedRecord.until": "when the resolver asks again",

	"plannedDomain.domain": "the name in ASCII form",
	"plannedDomain.cured":  "root causes of today that are gone",
	"plannedDomain.new":    "root causes that come",
	"plannedDomain.stays":  "root causes that are there before and after",
	"plannedDomain.checks": "the checks of the diagnosis after the change",

	"plannedVerdict.codes": "error codes of the service that are predicted, explained or reported",
	"plannedVerdict.roots": "root causes",

	"end.schemaVersion": "version of this format; only the last line of JSON lines has it",
	"end.startedAt":     "when the run started",
	"end.shard":         "the part of the domains as 2/8, counted from 1; absent without --shard",
	"end.vantage":       "whether this machine can check domains; null if the run ended before that was known",
	"end.tenant":        "findings about the tenant as a whole; null without a service",
	"end.moreTenants":   "in a run over several profiles, the tenants after the first; otherwise absent",
	"end.tickets":       "what triage read; absent in other reports",
	"end.tookMs":        "duration of the run in milliseconds",
	"end.complete":      "whether all domains were checked, and all of their checks ended",
	"end.incomplete":    "why some domains were not checked; absent if all were",
	"end.all":           "the run was over all domains of the tenant, or its part of them; absent otherwise",
	"end.merged":        "in the output of merge: the parts (--shard) that it has, and its reports that are incomplete",

	"mergedPart.shard":      "the part as 2/8, counted from 1; absent if it is no part",
	"mergedPart.tenant":     "the ids of its tenants; absent if they are not known",
	"mergedPart.incomplete": "the file and why it is incomplete; absent if it is complete",

	"ticket.number":       "the number of the ticket in the run, from 1",
	"ticket.file":         "the file that it is from; empty for stdin",
	"ticket.subject":      "the subject of the mail; empty if it is none",
	"ticket.domains":      "the domains that are diagnosed",
	"ticket.hosts":        "hosts that the ticket names, and the domain in the same zone that is diagnosed instead",
	"ticket.unclear":      "hosts that the ticket names, and the domains that they may stand for",
	"ticket.needsId":      "the id of a domain that cannot be looked up without a service; null if none is needed",
	"ticket.notDiagnosed": "domains that the ticket names and that are not diagnosed",
	"ticket.codes":        "codes of the service in the ticket",
	"ticket.noCodes":      "what is spelled like a code and is none",
	"ticket.messages":     "error messages of other software; domdoc explain MESSAGE explains one",
	"ticket.names":        "domain names in the ticket",
	"ticket.aside":        "domain names in signatures, disclaimers and links, and those of the support itself",
	"ticket.ids":          "the service's ids of domains in the ticket",
	"ticket.requestIds":   "request ids in the ticket",
	"ticket.says":         "what the ticket says, in sentences",
	"ticket.ask":          "the questions to its writer, if no domain is diagnosed",
	"said.words":          "the words for the code, if it is not spelled as one; else null",
	"said.hint": "the ticket only mentions the code: it has no time, path or request of an answer of the " +
		"service",
	"said.at":     "when the service reported it; null if the ticket does not say",
	"said.causes": "the causes that can lead to the code, the most frequent first",

	"summary.states": "domains by state: each is counted once, so that waiting and fail do not overlap",
	"summary.owners": "domains by who must act on what fails or warns: a domain counts once for each; who waits " +
		"counts " +
		"under wait",

	"tenant.profile":  "the profile used, in a run over several",
	"tenant.quota":    "null if the service does not report it",
	"tenant.wallet":   "null if the service does not report it",
	"tenant.findings": "tenant-wide findings: quota, wallet, token, incidents",
	"wallet.balance":  "a decimal number, as the service writes it",

	"domain.domain":        "the name in ASCII form, or the input as typed if it is not a domain name",
	"domain.unicode":       "the name for display",
	"domain.id":            "the service's id; empty if the service does not have the domain or was not queried",
	"domain.serviceStatus": "the status reported by the service; empty if there is none",
	"domain.verdict":       "the worst of: fail, then inconclusive (something could not be checked), warn, pass",
	"domain.state": "the verdict as shown everywhere: waiting if only time mends what fails or warns, not-checked " +
		"for " +
		"inconclusive; the values of --filter verdict",
	"domain.waitsUntil": "the latest time by which the domain recovers without any action; null if an action is " +
		"required or nothing is wrong",
	"domain.codes":       "service error codes: predicted by the root causes, or reported by the service",
	"domain.findings":    "root causes first, then their consequences",
	"domain.checks":      "the result of each check",
	"domain.facts":       "what was observed",
	"domain.propagation": "each expected record on every authoritative server and resolver",
	"domain.at":          "when the diagnosis started",
	"domain.tookMs":      "duration of the diagnosis in milliseconds",
	"domain.leftOut":     "root causes that --only or --skip removed from findings, and checks that could not judge",
	"leftOut.cause":      "the cause; empty for a check",
	"leftOut.check":      "a check that could not judge and has no finding; absent for a cause",
	"leftOut.ignored":    "the exception (--ignore) that accepts that the check could not judge; absent otherwise",
	"domain.interrupted": "true if the run ended before all checks did",
	"domain.inTickets":   "the tickets that are about the domain (triage)",
	"ticketRef.number":   "the number of the ticket in the input, from 1",
	"ticketRef.of":       "how many tickets the input has",
	"ticketRef.file":     "the file that has it; absent for standard input",
	"ticketRef.subject":  "the subject of the mail; absent without one",
	"ticketRef.text":     "the first line of its text",
	"domain.profile":     "the profile used, in a run over several",

	"code.state": "predicted: expected from the evidence; reported: reported by the service, but not supported by " +
		"the " +
		"evidence; explained: reported, and accounted for by the evidence",
	"code.causes":     "root causes that lead to the code",
	"code.resolution": "the resolution in the service's documentation",
	"code.reportedAt": "when the service reported it",
	"code.message":    "the service's message",
	"code.note":       "a note on a reported code that no finding accounts for",
	"code.hint": "only a ticket mentions the code: nothing shows that the service returned it; its state says " +
		"whether " +
		"the evidence accounts for it",

	"finding.cause":     "the stable id of the cause; see domdoc explain",
	"finding.rung":      "the step of the causal ladder that the cause belongs to",
	"finding.check":     "the check that found it: an id from checks, or vantage, tenant, incidents or subject",
	"finding.verdict":   "blocked: a consequence of the cause in blockedBy",
	"finding.state":     "the verdict as shown everywhere: waiting if only time mends it",
	"finding.who":       "the owner of the fix",
	"finding.predicts":  "the service error codes that it leads to",
	"finding.blockedBy": "the root cause of which this is a consequence; null for a root cause",
	"finding.incident": "the cause of the incident that accounts for the finding, so that the tenant need not act; " +
		"null if there is none",
	"finding.role":    "the role of the record concerned; null if the finding is not about a record",
	"finding.summary": "the finding in one sentence",
	"finding.why":     "what was observed and why it matters",
	"finding.eta":     "when the wait ends; null if waiting does not help",
	"eta.deadline":    "true if the wait ends there in vain, as that for a request which is given up then",
	"finding.args":    "the values used in the sentences; their names depend on the cause",
	"finding.refs":    "RFC sections and documents",
	"finding.alone": "infrastructure that other domains share and with which they were not compared, so that they " +
		"may have the same fault; absent if they were, or if it concerns only this domain",
	"finding.ignored": "the --ignore exception that excludes it; absent if it counts",
	"finding.known":   "the finding is also in the --baseline report; it does not affect the exit code",

	"fix.records": "the records to publish",
	"fix.deletes": "the records to delete in the same change; an empty value means every record of that " +
		"name and type",
	"fix.commands": "commands that verify the finding and the result: the authoritative servers first",
	"fix.after":    "commands for after the change: they query resolvers, which remember what does not exist yet",
	"fix.settles": "the longest time until the change is visible everywhere; null if that is unknown or " +
		"does not apply",
	"settles.withinSeconds": "upper bound in seconds",
	"settles.latest":        "when the change is visible everywhere, if it was made at the time of the diagnosis",
	"settles.reason":        "what determines the time",

	"record.host": "the content of a DNS panel's name field: the owner name relative to the zone, or @ for the " +
		"zone apex",
	"record.name":    "the full owner name, without the trailing dot",
	"record.type":    "the record type; ALIAS means the DNS host's feature for pointing the zone apex to another name",
	"record.ttl":     "in seconds",
	"record.zone":    "the zone to publish it in, without the trailing dot; null if unknown",
	"record.dnsHost": "the DNS host that serves the zone, if it can be identified by its name servers",

	"evidence.server": "the server queried: name (address:port)",
	"evidence.rcode":  "the DNS response code or the HTTP status; null without a response",
	"evidence.flags":  "header flags of a DNS response: aa, tc, rd, ra, ad, cd",
	"evidence.ede":    "the extended DNS error (RFC 8914); a hint, not proof",
	"evidence.repro":  "a command that repeats the query",
	"evidence.error":  "why there is no response",

	"check.reason": "why the check was skipped, blocked or inconclusive",
	"check.known":  "the check could not judge in the --baseline report either; it does not affect the exit code",
	"check.partly": "the check is inconclusive about a part, such as one of several resolvers; the rest was judged",

	"facts.certificates":    "the certificate presented at each address; null if none was requested",
	"registration.domain":   "the registrable name that was queried",
	"registration.statuses": "EPP statuses as written by RDAP (RFC 8056)",
	"registration.source":   "who says so; dns: the parent delegates a name that the registry's servers do not know",
	"registration.freeBy": "the sources that say that the name is not registered: rdap, whois, dns; absent if " +
		"one says otherwise",
	"registration.certainty": "how sure it is that the name is free: all three sources, two, or one; absent if it " +
		"is not",
	"registration.offer": "how the registry gives the name out: premium, auction, pre-order, sunrise, landrush, " +
		"claims, release-process; or what keeps it: redemption, pending-delete",
	"registration.phase":     "active, pending-create, grace, redemption, pending-restore or pending-delete",
	"registration.lifecycle": "dated events, in the order in which they happen",
	"stage.kind": "created, transferred, transfer-lock-ends, expires, out-of-dns, grace-ends, " +
		"redemption-ends, deleted, option-ends or free",
	"stage.from":          "the earliest moment that is meant",
	"stage.until":         "the latest moment that is meant; equal to from for an exact time",
	"stage.day":           "true if only the day is known",
	"stage.estimated":     "true if the date follows from the registry's rules, and the registry does not show it",
	"stage.source":        "where the rules of an estimate are published",
	"registration.reason": "why the state is unknown, or what the name is reserved for",
	"delegation.parentNS": "the name servers in the parent zone",
	"delegation.childNS":  "the name servers in the zone itself",
	"delegation.dnsHost":  "the DNS host that serves the zone, if it can be identified by its name servers",
	"certificate.reason":  "why no certificate was presented",
	"http.hops":           "number of requests up to the final response: 1 without a redirect",

	"row.expected": "the expected value; null if no value is expected",
	"cell.state": "error: the query failed; not-asked: the record is missing at its source; seen: no value is " +
		"expected",
	"cell.ede": "the extended DNS error of the response (RFC 8914), a hint",
	"cell.ttl": "in seconds; null without a response",

	"waited.why":   "why the condition was not met",
	"waited.asked": "number of diagnoses",
	"waited.until": "the latest time at which waiting alone would have been enough; null if unknown",
	"waited.fix":   "the causes that must be fixed first",
	"waited.apart": "causes and checks that keep the domain from the condition and that exceptions accept (--ignore)",
	"changed.leftOut": "root causes that --only or --skip removed, and checks that could not judge; absent if there " +
		"are none",
	"changed.next": "when the domain is checked again; null if nothing can change without an action",

	"propagation.propagation": "one element per name",

	"registrations.registrations": "one element per name, in the order in which they were done",
	"nameRegistration.name":       "the name in ASCII form",
	"nameRegistration.unicode":    "the name for display",
	"nameRegistration.domain":     "the registrable name that was looked up",
	"nameRegistration.state": "not-registered: the registry says so; unknown: it could not be checked, so the name " +
		"is " +
		"not known to be free",
	"nameRegistration.agree": "the sources that say so: rdap, whois, dns (the delegation); WHOIS is asked only if " +
		"RDAP " +
		"does not show a registration",
	"nameRegistration.certainty": "conclusive: a record or the delegation shows it, or all sources agree that the " +
		"name is free; likely: two sources do; hint: one does; null if unknown. A reserved name looks free in RDAP and " +
		"in the DNS",
	"nameRegistration.delegated": "whether the parent zone delegates the name, which then is not free; null if the " +
		"DNS " +
		"could not be queried",
	"nameRegistration.source": "who says so; dns: the delegation, of a name that the registry's servers do not " +
		"know, or say nothing about",
	"nameRegistration.registrarIanaId": "the id in IANA's list of registrars",
	"nameRegistration.statuses":        "EPP statuses as written by RDAP (RFC 8056)",
	"nameRegistration.nameservers":     "the name servers in the registry's record",
	"nameRegistration.phase": "where in its life a registration is: active, grace, redemption, pending-create, " +
		"pending-restore, pending-delete; null if it is not registered or not known",
	"nameRegistration.dates":  "the dates in the registry's record, and those that follow from the registry's rules",
	"nameRegistration.reason": "why the state is unknown, or what the name is reserved for",
	"nameRegistration.note":   "what the registry says against the delegation, which decides",
	"nameRegistration.throttled": "the registry refused because of too many questions; look the name up again " +
		"later",
	"nameRegistration.retryAfterSeconds": "when the registry may be asked again; null if it did not say",
	"nameRegistration.evidence":          "the questions and answers",
	"registrationDate.kind": "created, updated, transferred, transfer-lock-ends, expires, out-of-dns, grace-ends, " +
		"redemption-ends, deleted, free",
	"registrationDate.at":        "the date; of a day, its start in UTC or in the zone of the registry",
	"registrationDate.latest":    "the latest moment that the date can mean",
	"registrationDate.precision": "day: the registry gives a day, or a time without a zone",
	"registrationDate.estimated": "it follows from the registry's rules, and is not in its record",

	"codeDoc.http":       "the HTTP status it is sent with",
	"codeDoc.resolution": "the resolution in the service's documentation",
	"codeDoc.causes":     "the causes that can lead to it, most common first",

	"messageDoc.message": "as the software prints it",
	"messageDoc.product": "the software",
	"messageDoc.means":   "what the software means by it",
	"messageDoc.causes": "the causes that it points to, the likely ones first; empty if it says nothing about a " +
		"domain",
	"messageDoc.codes":  "the service error codes that these causes lead to, for a domain in use",
	"messageDoc.source": "the document of the software",
	"causeDoc.who":      "the possible owners of the fix",
	"causeDoc.predicts": "the service error codes that it can lead to",
	"causeDoc.noCode":   "why it leads to no code",
	"causeDoc.how":      "how it is detected",
	"causeDoc.confused": "what it is often confused with, and the difference",
	"causeDoc.alike":    "causes that it is confused with, in either direction, most common first",

	"doctor.verdict":      "whether this machine can check domains",
	"differences.domains": "the domains of both cases, including unchanged ones",
}

// enumerations are the values of the properties whose list does not fit in a struct tag.
var enumerations = map[string][]string{
	"finding.rung": rungs(),
	"certificate.state": {
		"valid", "default", "name-mismatch", "expired", "not-yet-valid", "untrusted", "handshake-fails", "unreachable",
		"not-tried",
	},
}

func rungs() []string {
	var names []string
	for _, r := range catalog.Rungs() {
		names = append(names, r.String())
	}
	return names
}
