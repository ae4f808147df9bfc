package change

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// tfChange is one resource of a plan. before and after are its attributes; empty for null.
func tfChange(address, actions, before, after, more string) string {
	object := func(s string) string {
		if s == "" {
			return "null"
		}
		return "{" + s + "}"
	}
	kind := address[strings.LastIndexByte(address[:strings.LastIndexByte(address, '.')], '.')+
		1 : strings.LastIndexByte(address, '.')]
	return fmt.Sprintf(
		`{"address":%q,"mode":"managed","type":%q,"name":"x","provider_name":"registry.terraform.io/x/y",`+
			`"change":{"actions":[%s],"before":%s,"after":%s%s}}`, address, kind, actions, object(before), object(after),
		more)
}

func tfPlan(changes ...string) string {
	return `{"format_version":"1.2","terraform_version":"1.13.5","variables":{"token":{"value":"S3CRET"}},` +
		`"planned_values":{"outputs":{"o":{"sensitive":true,"value":"S3CRET"}},"root_module":{"resources":[{"address":` +
		`"aws_db_instance.d","type":"aws_db_instance","values":{"password":"S3CRET"}}],"child_modules":[{"resources":[` +
		`{"type":"aws_route53_zone","values":{"zone_id":"ZOTHER","name":"other.org","comment":"S3CRET"}}]}]}},` +
		"\"resource_changes\":[\n" + strings.Join(changes, ",\n") + "\n],\"prior_state\":{\"format_version\":\"1.0\"," +
		`"values":{"root_module":{"resources":[{"mode":"data","type":"aws_route53_zone","values":{"zone_id":"Z1",` +
		`"id":"Z1","name":"example.com."}}]}}},"configuration":{"provider_config":{"aws":{"expressions":{"secret_key":` +
		`{"constant_value":"S3CRET"}}}}}}`
}

func TestTerraform(t *testing.T) {
	t.Parallel()
	const create, update, destroy, replace = `"create"`, `"update"`, `"delete"`, `"delete","create"`
	const a1 = `"type":"A","ttl":300,"records":["192.0.2.1"],"zone_id":"Z1"`
	for name, tt := range map[string]struct {
		changes []string
		want    string
		notes   []string
	}{
		"records of modules": {
			changes: []string{
				tfChange("module.a.module.b.aws_route53_record.r", create, "",
					`"name":"shop","alias":[],"set_identifier":null,`+
						`"multivalue_answer_routing_policy":null,"weighted_routing_policy":[],`+a1,
					`,"after_unknown":{"id":true,`+
						`"fqdn":true,"records":[false]},"after_sensitive":{"records":[false],"alias":[]}`),
				tfChange("aws_route53_record.r", create, "", `"name":"example.com",`+a1, ""),
				tfChange("aws_route53_record.r", create, "", `"name":"",`+strings.Replace(a1, `"A"`, `"AAAA"`, 1), ""),
			},
			want: "",
		},
		"kept, read, forgotten": {
			changes: []string{
				tfChange("aws_route53_record.r", `"no-op"`, `"name":"shop",`+a1, `"name":"shop",`+a1, ""),
				tfChange("aws_route53_record.f", `"forget"`, `"name":"shop",`+a1, "", ""),
				tfChange("google_dns_record_set.g", create, "", `"name":"x"`, ""),
			},
			notes: []string{
				"aws_route53_record.f is only forgotten by Terraform; the record stays", "google_dns_record_set are left out",
				"the plan changes no record of example.com",
			},
		},
		"replaced, updated, deleted": {
			changes: []string{
				tfChange("aws_route53_record.a", replace, `"name":"old",`+a1, `"name":"new",`+a1, ""),
				tfChange("aws_route53_record.b", update, `"name":"b",`+a1, `"name":"b",`+strings.Replace(a1, "300", "60", 1),
					""),
				tfChange("aws_route53_record.c", destroy, `"name":"c.example.com",`+a1, "", ""),
				tfChange("aws_route53_record.d", `"create","delete"`, `"name":"d",`+a1, `"name":"d",`+a1, ""),
			},
			want: `remove old.example.com A
replace new.example.com A 300: 192.0.2.1
replace b.example.com A 60: 192.0.2.1
remove c.example.com A
remove d.example.com A
replace d.example.com A 300: 192.0.2.1`,
		},
		"TXT, an asterisk, an alias, a policy": {
			changes: []string{
				tfChange("aws_route53_record.t", create, "",
					`"name":"t","type":"TXT","ttl":60,"records":["a;b","c\"\"d"],"zone_id":"Z1"`, ""),
				tfChange("aws_route53_record.w", create, "", `"name":"\\052",`+a1, ""),
				tfChange("aws_route53_record.l", create, "",
					`"name":"l","type":"A","records":null,"ttl":null,"zone_id":"Z1",`+
						`"alias":[{"name":"d1.cloudfront.net","zone_id":"Z2","evaluate_target_health":false}]`, ""),
				tfChange("aws_route53_record.p", create, "", `"name":"p","set_identifier":"x","weighted_routing_policy":`+
					`[{"weight":1}],`+a1, ""),
			},
			want: `replace t.example.com TXT 60: "a;b" | "c" "d"
replace *.example.com A 300: 192.0.2.1
replace l.example.com A alias d1.cloudfront.net
open p.example.com: ` + oneOfSeveral,
			notes: []string{"l.example.com is an alias", "p.example.com A: Route 53 answers"},
		},
		"known only after apply, sensitive": {
			changes: []string{
				tfChange("aws_route53_record.u", create, "", `"name":"u","type":"A","ttl":60,"zone_id":"Z1"`,
					`,"after_unknown":{"records":true}`),
				tfChange("aws_route53_record.v", create, "",
					`"name":"v","type":"A","zone_id":"Z1","alias":[{"zone_id":"Z2"}]`,
					`,"after_unknown":{"alias":[{"name":true}]}`),
				tfChange("aws_route53_record.s", create, "",
					`"name":"s","type":"TXT","ttl":60,"records":["S3CRET"],"zone_id":"Z1"`,
					`,"after_sensitive":{"records":true}`),
				tfChange("aws_route53_record.n", create, "", `"type":"A","ttl":60,"zone_id":"Z1"`,
					`,"after_unknown":{"name":true}`),
				tfChange("aws_route53_record.m", update, `"name":"S3CRET","type":"A"`, `"name":"S3CRET",`+a1,
					`,"after_sensitive":true`),
				tfChange("cloudflare_dns_record.c", update, `"name":"c.example.com","type":"TXT","content":"S3CRET","ttl":60`,
					`"name":"c.example.com","type":"TXT","content":"S3CRET","ttl":60`,
					`,"before_sensitive":{"content":true},"after_sensitive":{"content":true}`),
			},
			want: `open u.example.com: the value of aws_route53_record.u is known only after apply
open v.example.com: the value of aws_route53_record.v is known only after apply
open s.example.com: the value of aws_route53_record.s is sensitive and is not read
open: the name of aws_route53_record.n is sensitive or known only after apply
open: the name of aws_route53_record.m is sensitive or known only after apply
open c.example.com: the value of cloudflare_dns_record.c is sensitive and is not read
open c.example.com: the value of cloudflare_dns_record.c is sensitive and is not read`,
			notes: []string{"_record.u", "_record.v", "_record.s", "_record.n", "_record.m", "_record.c"},
		},
		"replaced by what is known only after apply": {
			changes: []string{
				tfChange("aws_route53_record.a", replace, `"name":"a",`+a1, `"name":"a","type":"A","ttl":300,"zone_id":"Z1"`,
					`,"after_unknown":{"records":true}`),
				tfChange("aws_route53_record.b", replace, `"name":"b",`+a1, `"name":"c","type":"A","ttl":300,"zone_id":"Z1"`,
					`,"after_unknown":{"records":true}`),
				tfChange("aws_route53_record.d", replace, `"name":"d",`+a1, `"type":"A","ttl":300,"zone_id":"Z1"`,
					`,"after_unknown":{"name":true}`),
			},
			want: `remove b.example.com A
open a.example.com: the value of aws_route53_record.a is known only after apply
open c.example.com: the value of aws_route53_record.b is known only after apply
open: the name of aws_route53_record.d is sensitive or known only after apply
open d.example.com: the name or type of aws_route53_record.d, which replaces it, is not known`,
			notes: []string{"_record.a", "_record.b", "_record.d", "which replaces it"},
		},
		"a secret that stands in another attribute as well": {
			changes: []string{
				tfChange("cloudflare_record.f", create, "",
					`"name":"f","type":"TXT","ttl":300,"content":"S3CRET","value":"S3CRET","zone_id":"CF"`,
					`,"after_sensitive":{"value":true}`),
				tfChange("cloudflare_record.g", create, "",
					`"name":"g","type":"A","ttl":300,"content":"S3CRET","value":"S3CRET","zone_id":"CF"`,
					`,"after_sensitive":{"value":true}`),
				tfChange("cloudflare_dns_record.h", create, "",
					`"name":"h","type":"CAA","ttl":300,"content":"0 issue \"S3CRET\"","data":null,"zone_id":"CF"`,
					`,"after_sensitive":{"data":{"value":true}}`),
				tfChange("cloudflare_dns_record.i", create, "",
					`"name":"i.example.com","type":"TXT","ttl":300,"content":"open","comment":"S3CRET","zone_id":"CF"`,
					`,"after_sensitive":{"comment":true}`),
			},
			want: `add i.example.com TXT 300: "open"
open f.example.com: the value of cloudflare_record.f is sensitive and is not read
open g.example.com: the value of cloudflare_record.g is sensitive and is not read
open h.example.com: the value of cloudflare_dns_record.h is sensitive and is not read`,
			notes: []string{"_record.f", "_record.g", "_record.h"},
		},
		"Cloudflare": {
			changes: []string{
				tfChange("cloudflare_record.a", create, "", `"name":"a","type":"CNAME","ttl":1,"value":"d1.cloudfront.net",`+
					`"proxied":true,"zone_id":"CF","data":[]`, `,"after_unknown":{"content":true,"hostname":true}`),
				tfChange("cloudflare_record.b", destroy,
					`"name":"b","hostname":"b.example.com","type":"A","content":"192.0.2.1",`+
						`"value":"192.0.2.1","zone_id":"CF"`, "", ""),
				tfChange("cloudflare_dns_record.m", update,
					`"name":"example.com","type":"MX","priority":10,"content":"m1.example.net",`+
						`"ttl":300,"zone_id":"CF"`, `"name":"example.com","type":"MX","priority":20,"content":"m1.example.net",`+
						`"ttl":300,"zone_id":"CF"`, ""),
				tfChange("cloudflare_dns_record.c", create, "",
					`"name":"@","type":"CAA","ttl":300,"data":{"flags":{"type":"string",`+
						`"value":"0"},"tag":"issue","value":"amazon.com","port":null},"zone_id":"CF"`,
					`,"after_unknown":{"content":true}`),
				tfChange("cloudflare_record.s", create, "",
					`"name":"_s._tcp","type":"SRV","data":[{"priority":1,"weight":2,"port":443,`+
						`"target":"t.example.net","name":"x"}],"zone_id":"CF"`,
					`,"after_unknown":{"ttl":true,"content":true,"value":true}`),
				tfChange("cloudflare_dns_record.t", create, "",
					`"name":"t.example.com","type":"TXT","ttl":300,"zone_id":"CF",`+
						`"content":"\"v=spf1 -all\""`, ""),
				tfChange("cloudflare_dns_record.x", create, "",
					`"name":"x.example.com","type":"TXT","ttl":300,"zone_id":"CF",`+
						`"content":"v=DKIM1; k=rsa"`, ""),
			},
			want: `add a.example.com CNAME 300 proxied: d1.cloudfront.net.
remove b.example.com A: 192.0.2.1
remove example.com MX: 10 m1.example.net.
add example.com MX 300: 20 m1.example.net.
add example.com CAA 300: 0 issue "amazon.com"
add _s._tcp.example.com SRV: 1 2 443 t.example.net.
add t.example.com TXT 300: "v=spf1 -all"
add x.example.com TXT 300: "v=DKIM1; k=rsa"`,
			notes: []string{"a TTL of 1 is Cloudflare's automatic one", "a.example.com is proxied by Cloudflare"},
		},
		"another zone beside": {
			changes: []string{
				tfChange("aws_route53_record.a", create, "", `"name":"a",`+a1, ""),
				tfChange("aws_route53_record.b", create, "", `"name":"b",`+strings.Replace(a1, `"Z1"`, `"ZOTHER"`, 1), ""),
				tfChange("aws_route53_record.c", create, "", `"name":"c",`+strings.Replace(a1, `"Z1"`, `"ZNEW"`, 1), ""),
			},
			want: "replace a.example.com A 300: 192.0.2.1\nopen: the plan does not say which zone aws_route53_record.c " +
				"is in",
			notes: []string{
				"records of other zones in the plan are left out, such as b.other.org",
				"which zone aws_route53_record.c is in",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := tfPlan(tt.changes...)
			s, err := Read("plan.json", []byte(plan), "example.com", false)
			if name == "records of modules" {
				wantMistakes(t, s, err,
					`plan.json:4:234: aws_route53_record.r: "192.0.2.1": an AAAA record takes an IPv6 address`)
				s, err = Read("plan.json", []byte(strings.ReplaceAll(plan, "AAAA", "A")), "example.com", false)
				tt.want = "replace shop.example.com A 300: 192.0.2.1\nreplace example.com A 300: 192.0.2.1"
				tt.notes = []string{"the A record of example.com is there twice"}
			}
			compare(t, s, err, tt.want)
			if err != nil {
				return
			}
			wantNotes(t, s, tt.notes...)
			holds(t, s, "example.com")
			if text := fmt.Sprintf("%+v %s", s, must(json.Marshal(s))); strings.Contains(text, "S3CRET") {
				t.Errorf("a private value of the plan is in the set: %s", text)
			}
		})
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestTerraformMistakes(t *testing.T) {
	t.Parallel()
	other := tfChange("aws_route53_record.o", `"create"`, "", `"name":"o","type":"A","ttl":1,"records":["192.0.2.1"],`+
		`"zone_id":"ZOTHER"`, "")
	for text, want := range map[string]string{
		tfPlan(other): "p:2:1: o.other.org is not in the zone example.com, and the plan changes no record that is",
		`{"format_version":"2.0","resource_changes":[]}`: `p:1:19: the version "2.0" of the plan's format is not known`,
		`{"format_version":"1.0","values":{"root_module":{"resources":[{"values":{"password":"S3CRET"}}]}}}`: //
		"p: the JSON has " +
			"no resource_changes: it is a state, or the plan of an empty configuration; give the output of terraform " +
			"show " +
			"-json FILE for a file of terraform plan -out=FILE",
		tfPlan(tfChange("aws_route53_record.o", `"create"`, "", `"name":"a..b","type":"A","zone_id":"Z1"`, ""))://
		`p:2:1: aws_route53_record.o: "a..b" has a dot at its beginning or two dots in a row`,
		tfPlan(tfChange("aws_route53_record.o", `"create"`, "", `"name":"a","type":"Q","zone_id":"Z1"`, ""))://
		`p:2:207: aws_route53_record.o: "Q" is not a type of records`,
		`{"format_version":"1.0","resource_changes":[{"address":"S3CRET` + "\x01" + `"}]}`://
		"p:1:56: this is not valid JSON\nand maybe more",
		`{"prior_state":{"values":{"root_module":` + strings.Repeat(`{"child_modules":[`, 100_000)://
		"p:1:1841: the JSON is nested too deeply\nand maybe more",
		`{"secret":"S3CRET"}`: "p:1:1: the JSON is none of these: " + kinds,
	} {
		s, err := Read("p", []byte(text), "example.com", false)
		wantMistakes(t, s, err, want)
		if err != nil && strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("a private value is in the error: %v", err)
		}
	}
	s, err := Read("p", []byte(tfPlan(other)), "", false) // the plan's only zone
	compare(t, s, err, "replace o.other.org A 1: 192.0.2.1")
	if s != nil && s.Zone != "other.org" {
		t.Errorf("the zone is %q", s.Zone)
	}
}
